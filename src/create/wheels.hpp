#pragma once

#include "../api/interpreter.hpp"
#include "../api/options.hpp"
#include "../package/specifier.hpp"
#include "../package/wheel.hpp"
#include "../package/wheel_name.hpp"
#include "../system/file.hpp"
#include "../system/process.hpp"
#include "../system/mapped_file.hpp"
#include "../base/order.hpp"
#include "../python/probe.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// Where a Python has the wheels that it bundles.
VENV_INLINE fs::path bundled_directory(const Interpreter& python) {
  return python.stdlib / "ensurepip" / "_bundled";
}

/// Whether a wheel is for this Python by its `Requires-Python`. One that can't be read is taken:
/// what installs it says what is wrong.
VENV_INLINE bool is_for(const Interpreter& python, const fs::path& wheel) {
  PackageVersion version;
  for (const int number : python.version)
    version.release.push_back(static_cast<std::uint64_t>(number));
  while (!version.release.empty() && version.release.back() == 0) version.release.pop_back();
  try {
    const MappedFile bytes(wheel);
    return specifier_allows(Wheel(bytes.bytes(), text_of(wheel.filename())).requires_python(),
                            version);
  } catch (const Error&) {
    return true;
  }
}

/// A wheel that lies in a directory.
struct FoundWheel {
  WheelName name;
  fs::path path;

  /// The order in which wheels are tried; the file's name decides between equals.
  bool is_before(const FoundWheel& other) const {
    if (other.name.parsed_version < name.parsed_version) return true;
    if (name.parsed_version < other.name.parsed_version) return false;
    if (is_earlier_build(other.name.build, name.build)) return true;
    return !is_earlier_build(name.build, other.name.build) && path < other.path;
  }
};

/// The newest wheel of `project` in `directory` that is for this Python. What the Python itself
/// bundles is not opened: it is for it.
VENV_INLINE std::optional<fs::path>
newest_wheel(const fs::path& directory, const std::string& project, const Interpreter& python) {
  std::vector<FoundWheel> found;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(directory, failed)) {
    auto name = parse_wheel_name(text_of(entry.path().filename()));
    if (!name || normalized_name(name->distribution) != project || !name->is_universal()) continue;
    if (followed_status_of(entry.path()).kind != FileKind::file) continue;
    found.push_back({std::move(*name), entry.path()});
  }
  sort_by(found, [](const FoundWheel& a, const FoundWheel& b) { return a.is_before(b); });
  const bool own = directory == bundled_directory(python);
  for (const FoundWheel& wheel : found)
    if (own || is_for(python, wheel.path)) return wheel.path;
  return std::nullopt;
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
  std::vector<fs::path> directories{}, wheels{};
};

/// The first directory that has a wheel of a project for this Python decides; each project is looked
/// for by itself. The directory that the Python was configured with comes last: asking for it takes a
/// Python start, and where it is set (Fedora, Debian) it is `/usr/share/python-wheels`.
VENV_INLINE WheelSearch find_wheels(const Interpreter& python, const Options& options) {
  WheelSearch search;
  if (!options.pip_wheel_dir.empty())
    search.directories.push_back(absolute_path(options.pip_wheel_dir));
  search.directories.push_back(bundled_directory(python));
  search.directories.push_back("/usr/share/python-wheels");
  bool asked = false;
  for (const std::string& project : bundled_projects(python)) {
    std::optional<fs::path> wheel;
    for (std::size_t i = 0; !wheel && i < search.directories.size(); ++i) {
      wheel = newest_wheel(search.directories[i], project, python);
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
