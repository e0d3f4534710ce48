#pragma once

#include "../base/error.hpp"
#include "../text/utf8.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

VENV_DETAIL_BEGIN

namespace fs = std::filesystem;

/// A path as UTF-8 text, with the platform's own separators.
VENV_INLINE std::string text_of(const fs::path& path) {
  if constexpr (std::is_same_v<fs::path::value_type, char>) {
    return path.string();
  } else {
    const auto text = path.u8string(); // std::u8string since C++20
    return std::string(text.begin(), text.end());
  }
}

/// The path that UTF-8 `text` spells.
VENV_INLINE fs::path path_of(std::string_view text) {
  if constexpr (std::is_same_v<fs::path::value_type, char>) {
    return fs::path(text);
  } else {
    using Unit = decltype(fs::path().u8string())::value_type;
    return fs::path(std::basic_string<Unit>(text.begin(), text.end()));
  }
}

/// `'path'` for a message.
VENV_INLINE std::string quoted(const fs::path& path) {
  return "'" + printable(text_of(path)) + "'";
}

/// The error for a system call on `path` that failed with `code`: "cannot <doing> 'path': <why>".
VENV_INLINE Error io_error(const std::string& doing, const fs::path& path, std::error_code code) {
  Error error(ErrorCode::io, "cannot " + doing + ' ' + quoted(path) + ": " + code.message());
  error.at(doing).on(path).caused_by(code);
  return error;
}

/// `path` made absolute as the reference does (`os.path.abspath`): `.` and `..` folded by the letter,
/// links left alone, no separator at the end.
VENV_INLINE fs::path absolute_path(const fs::path& path) {
  std::error_code failed;
  fs::path result = path.is_absolute() ? path : fs::current_path(failed) / path;
  if (failed) throw io_error("find the working directory for", path, failed);
  result = result.lexically_normal();
  return result.has_filename() ? result : result.parent_path();
}

VENV_DETAIL_END
