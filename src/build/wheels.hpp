#pragma once

#include "../api/interpreter.hpp"
#include "../api/options.hpp"
#include "../archive/wheel_name.hpp"
#include "../system/file.hpp"
#include "../system/process.hpp"
#include "probe.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// The newest wheel of `project` in `directory`, by its name.
VENV_INLINE std::optional<fs::path> newest_wheel(const fs::path& directory,
                                                 const std::string& project) {
  std::optional<fs::path> newest;
  std::optional<PackageVersion> version;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(directory, failed)) {
    const auto name = parse_wheel_name(text_of(entry.path().filename()));
    if (!name || normalized_name(name->distribution) != project || !name->is_universal()) continue;
    if (version && !(*version < name->parsed_version)) continue;
    version = name->parsed_version;
    newest = entry.path();
  }
  return newest;
}

/// The directory that this Python was configured to take wheels from (Fedora), which only it knows.
VENV_INLINE fs::path wheel_package_directory(const Interpreter& python) {
  const Command command{
      python.base_executable,
      {"-I", "-S", "-c",
       "import os, sysconfig\n"
       "os.write(1, os.fsencode(sysconfig.get_config_var('WHEEL_PKG_DIR') or ''))"},
      without_steering(),
      {},
      probe_timeout};
  std::string output;
  const auto keep = [&output](Stream stream, std::string_view piece) {
    if (stream == Stream::out) output += piece;
  };
  return run_command(command, keep).code == 0 ? path_of(output) : fs::path();
}

/// What `ensurepip` would install: pip, and below Python 3.12 setuptools.
VENV_INLINE std::vector<std::string> bundled_projects(const Interpreter& python) {
  if (python.version < std::array<int, 3>{3, 12, 0}) return {"setuptools", "pip"};
  return {"pip"};
}

/// The wheels to install, one of each project, or none where not all were found; and where they were
/// looked for, in this order.
struct WheelSearch {
  std::vector<fs::path> directories, wheels;
};

/// The first directory that has a wheel of a project decides; each project is looked for by itself.
VENV_INLINE WheelSearch find_wheels(const Interpreter& python, const Options& options) {
  WheelSearch search;
  if (!options.pip_wheel_dir.empty())
    search.directories.push_back(absolute_path(options.pip_wheel_dir));
  search.directories.push_back(python.stdlib / "ensurepip" / "_bundled");
  search.directories.push_back("/usr/share/python-wheels");
  bool asked = false;
  for (const std::string& project : bundled_projects(python)) {
    std::optional<fs::path> wheel;
    for (std::size_t i = 0; !wheel && i < search.directories.size(); ++i) {
      wheel = newest_wheel(search.directories[i], project);
      const bool last = i + 1 == search.directories.size();
      if (wheel || !last || std::exchange(asked, true)) continue;
      if (const fs::path own = wheel_package_directory(python); !own.empty())
        search.directories.push_back(own);
    }
    if (!wheel) return search.wheels.clear(), search;
    search.wheels.push_back(*wheel);
  }
  return search;
}

VENV_DETAIL_END
