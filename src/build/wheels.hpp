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
#include <vector>

VENV_DETAIL_BEGIN

/// The newest wheel of `project` in `directory`, by its name.
VENV_INLINE std::optional<fs::path> newest_wheel(const fs::path& directory, const std::string& project) {
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
  const Command command{python.base_executable,
                  {"-I", "-S", "-c",
                   "import os, sysconfig\n"
                   "os.write(1, os.fsencode(sysconfig.get_config_var('WHEEL_PKG_DIR') or ''))"},
                  without_steering(), {}, probe_timeout};
  std::string output;
  const auto keep = [&output](Stream stream, std::string_view piece) {
    if (stream == Stream::out) output += piece;
  };
  return run_command(command, keep).code == 0 ? path_of(output) : fs::path();
}

/// Where wheels are looked for, in this order; the last only if all before have none.
struct WheelSearch {
  std::vector<fs::path> directories;
  std::vector<fs::path> wheels; ///< one of each project, or empty: not all were found together

  bool look_in(const fs::path& directory, const std::vector<std::string>& projects) {
    if (directory.empty()) return false;
    directories.push_back(directory);
    std::vector<fs::path> found;
    for (const std::string& project : projects)
      if (const auto wheel = newest_wheel(directory, project)) found.push_back(*wheel);
    if (found.size() != projects.size()) return false;
    wheels = std::move(found);
    return true;
  }
};

/// What `ensurepip` would install: pip, and below Python 3.12 setuptools.
VENV_INLINE std::vector<std::string> bundled_projects(const Interpreter& python) {
  if (python.version < std::array<int, 3>{3, 12, 0}) return {"setuptools", "pip"};
  return {"pip"};
}

VENV_INLINE WheelSearch find_wheels(const Interpreter& python, const Options& options) {
  WheelSearch search;
  const std::vector<std::string> projects = bundled_projects(python);
  if (search.look_in(options.pip_wheel_dir.empty() ? fs::path() : absolute_path(options.pip_wheel_dir),
                     projects) ||
      search.look_in(python.stdlib / "ensurepip" / "_bundled", projects) ||
      search.look_in("/usr/share/python-wheels", projects))
    return search;
  search.look_in(wheel_package_directory(python), projects);
  return search;
}

VENV_DETAIL_END
