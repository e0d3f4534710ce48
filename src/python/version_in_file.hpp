#pragma once

#include "../base/error.hpp"
#include "../system/file.hpp"
#include "../system/mapped_file.hpp"
#include "../system/tree.hpp"
#include "../text/python_name.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

// Which version a Python is, without running it.

/// A release with its pre-release part, as it stands in a program between two NULs.
VENV_INLINE std::optional<std::string> embedded_version(std::string_view bytes,
                                                        const Version& minor) {
  const std::string begin = '\0' + minor.minor_text() + '.';
  for (std::size_t at = bytes.find(begin); at != bytes.npos; at = bytes.find(begin, at + 1)) {
    const std::string_view text = bytes.substr(at + 1, 16);
    const std::size_t end = text.find('\0');
    if (end == text.npos || end < begin.size()) continue;
    const std::string_view version = text.substr(0, end);
    if (version.find_first_not_of("0123456789.abrc+") == version.npos)
      return std::string(version.substr(0, version.find('+')));
  }
  return std::nullopt;
}

/// The same of a file; nothing when it can't be read.
VENV_INLINE std::optional<std::string> version_in_program(const fs::path& path,
                                                          const Version& minor) {
  constexpr std::uint64_t largest = std::uint64_t{1} << 28;
  const FileStatus status = followed_status_of(path);
  if (status.kind != FileKind::file || status.size > largest) return std::nullopt;
  try {
    const MappedFile file(path);
    return embedded_version(file.bytes(), minor);
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// What Python's header `patchlevel.h` says; nothing when there is none.
VENV_INLINE std::optional<std::string> version_in_header(const fs::path& header) {
  constexpr std::string_view mark = "#define PY_VERSION";
  try {
    const std::string text = read_file(header, 1u << 16);
    const std::size_t open = text.find('"', text.find(mark));
    const std::size_t close = text.find('"', open + 1);
    if (text.find(mark) == text.npos || close == text.npos) return std::nullopt;
    const std::string version = text.substr(open + 1, close - open - 1);
    return version.substr(0, version.find('+'));
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// The whole version of the CPython whose file is `real` and whose minor version is known: what its
/// headers, its program or its shared library say; nothing when none of them does.
VENV_INLINE std::optional<std::string> version_of_file(const fs::path& real, const Version& minor) {
  const fs::path prefix = real.parent_path().parent_path();
  const std::string name = "python" + minor.minor_text();
  for (const char* build : {"", "t", "d", "td"})
    if (auto version =
            version_in_header(prefix / "include" / path_of(name + build) / "patchlevel.h"))
      return version;
  if (auto version = version_in_program(real, minor)) return version;
  for (const fs::path& library : names_in_if_readable(prefix / "lib"))
    if (text_of(library).compare(0, 3 + name.size(), "lib" + name) == 0)
      if (auto version = version_in_program(prefix / "lib" / library, minor)) return version;
  return std::nullopt;
}

/// The minor version of the Python whose file is `real`: what its name tells, else the only standard
/// library beside it; zeros when neither tells.
VENV_INLINE Version minor_of_file(const fs::path& real) {
  const auto named = parse_command_name(text_of(real.filename()));
  if (named && named->release.parts == 2) return named->release.release;
  Version minor;
  for (const char* lib : {"lib", "lib64"}) {
    const fs::path folder = real.parent_path().parent_path() / lib;
    for (const fs::path& name : names_in_if_readable(folder)) {
      const auto library = parse_command_name(text_of(name));
      if (!library || library->release.parts != 2) continue;
      if (followed_status_of(folder / name / "os.py").kind != FileKind::file) continue;
      if (minor[0] != 0 && minor != library->release.release) return {};
      minor = library->release.release;
    }
  }
  return minor;
}

VENV_DETAIL_END
