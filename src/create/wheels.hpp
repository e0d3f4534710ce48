#pragma once

#include "../api/interpreter.hpp"
#include "../api/options.hpp"
#include "../package/specifier.hpp"
#include "../package/wheel.hpp"
#include "../package/wheel_name.hpp"
#include "../system/file.hpp"
#include "../system/tree.hpp"
#include "../system/mapped_file.hpp"
#include "../base/order.hpp"
#include "../python/request.hpp"

#include <algorithm>
#include <optional>
#include <string>
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
  const PackageVersion version = package_version(python);
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
  for (const fs::path& entry : names_in_if_readable(directory)) {
    auto name = parse_wheel_name(text_of(entry));
    if (!name || normalized_name(name->distribution) != project || !name->is_universal()) continue;
    if (followed_status_of(directory / entry).kind != FileKind::file) continue;
    found.push_back({std::move(*name), directory / entry});
  }
  sort_by(found, [](const FoundWheel& a, const FoundWheel& b) { return a.is_before(b); });
  const bool own = directory == bundled_directory(python);
  for (const FoundWheel& wheel : found)
    if (own || is_for(python, wheel.path)) return wheel.path;
  return std::nullopt;
}

/// What `ensurepip` would install: pip, and below Python 3.12 setuptools.
VENV_INLINE std::vector<std::string> bundled_projects(const Interpreter& python) {
  if (python.version < std::array<int, 3>{3, 12, 0}) return {"setuptools", "pip"};
  return {"pip"};
}

/// The wheels to install, one of each project, or none where not all were found; where they were looked
/// for, in this order; and which was not found.
struct WheelSearch {
  std::vector<fs::path> directories{}, wheels{};
  std::string missing{};
};

/// Where wheels are looked for, in this order: where the caller says; what the Python bundles; where it
/// was built to take them from (Fedora, Debian); Debian's folder for Debian's own Python, which older
/// ones don't say. Another Python never gets that: its pip need not run there.
VENV_INLINE std::vector<fs::path> wheel_directories(const Interpreter& python,
                                                    const Options& options) {
  std::vector<fs::path> directories;
  if (!options.pip_wheel_dir.empty()) directories.push_back(absolute_path(options.pip_wheel_dir));
  directories.push_back(bundled_directory(python));
  if (!python.wheel_pkg_dir.empty()) directories.push_back(python.wheel_pkg_dir);
  const fs::path debian = "/usr/share/python-wheels";
  if (python.base_prefix == "/usr" && python.wheel_pkg_dir.empty()) directories.push_back(debian);
  return directories;
}

/// The first directory that has a wheel of a project for this Python decides; each project is looked
/// for by itself.
VENV_INLINE WheelSearch find_wheels(const Interpreter& python, const Options& options) {
  WheelSearch search;
  search.directories = wheel_directories(python, options);
  for (const std::string& project : bundled_projects(python)) {
    std::optional<fs::path> wheel;
    for (std::size_t i = 0; !wheel && i < search.directories.size(); ++i)
      wheel = newest_wheel(search.directories[i], project, python);
    if (!wheel) {
      search.wheels.clear();
      search.missing = project;
      return search;
    }
    search.wheels.push_back(*wheel);
  }
  return search;
}

VENV_DETAIL_END
