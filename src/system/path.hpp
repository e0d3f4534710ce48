#pragma once

#include "../base/error.hpp"
#include "../text/encoding.hpp"
#include "../text/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

VENV_DETAIL_BEGIN

namespace fs = std::filesystem;

/// UTF-8 of a path's UTF-16; a lone surrogate, which a name may have, becomes U+FFFD. Not by
/// std::filesystem, whose narrow texts are in an encoding of the system's before C++20.
template <class Unit> std::string utf8_of_units(const std::basic_string<Unit>& units) {
  std::string text;
  for (std::size_t i = 0; i < units.size(); ++i) {
    auto c = static_cast<char32_t>(units[i]);
    const auto next = i + 1 < units.size() ? static_cast<char32_t>(units[i + 1]) : char32_t{0};
    if (c >= 0xD800 && c < 0xDC00 && next >= 0xDC00 && next < 0xE000) {
      c = 0x10000 + ((c - 0xD800) << 10) + (next - 0xDC00);
      ++i;
    }
    append_utf8(text, c >= 0xD800 && c < 0xE000 ? 0xFFFD : c);
  }
  return text;
}

/// The other way round; what is no UTF-8 becomes U+FFFD.
template <class Unit> std::basic_string<Unit> units_of_utf8(std::string_view text) {
  std::basic_string<Unit> units;
  while (!text.empty()) {
    char32_t c = decode(text);
    if (c == not_utf8) c = 0xFFFD;
    if (c >= 0x10000) units += static_cast<Unit>(0xD800 + ((c - 0x10000) >> 10));
    units += static_cast<Unit>(c >= 0x10000 ? 0xDC00 + (c & 0x3FF) : c);
  }
  return units;
}

/// A path as UTF-8 text, with the platform's own separators.
VENV_INLINE std::string text_of(const fs::path& path) {
  if constexpr (std::is_same_v<fs::path::value_type, char>) return path.string();
  else return utf8_of_units(path.native());
}

/// The path that UTF-8 `text` spells.
VENV_INLINE fs::path path_of(std::string_view text) {
  if constexpr (std::is_same_v<fs::path::value_type, char>) return fs::path(text);
  else return fs::path(units_of_utf8<fs::path::value_type>(text));
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

/// Whether `absolute_path` would leave a path as it is. To take one apart costs more than to ask for its
/// status.
VENV_INLINE bool is_absolute_and_folded(std::string_view path) {
  const std::string text = std::string(path) + '/';
  return text.front() == '/' && text.find("//") == text.npos && text.find("/./") == text.npos &&
         text.find("/../") == text.npos;
}
constexpr bool is_absolute_and_folded(std::wstring_view) { return false; } // of Windows: not known

/// Where that ends which names another machine and what it shares (`\\server\share`); 0 when a path begins
/// otherwise. Windows alone has such paths, and not each std::filesystem for it knows them.
constexpr std::size_t end_of_share(std::string_view) { return 0; }
constexpr std::size_t end_of_share(std::wstring_view text) {
  constexpr std::wstring_view separators = L"\\/";
  if (text.size() < 3 || text.substr(0, 2).find_first_not_of(separators) != text.npos) return 0;
  const std::size_t server = text.find_first_of(separators, 2);
  const std::size_t share = text.find_first_not_of(separators, server);
  if (server == 2) return 0;
  return (std::min)(text.find_first_of(separators, share), text.size());
}

/// Without what lifts the limit of paths' lengths (`\\?\`), which few programs take.
VENV_INLINE std::string without_long_prefix(std::string text) { return text; }
VENV_INLINE std::wstring without_long_prefix(std::wstring text) {
  if (text.compare(0, 8, L"\\\\?\\UNC\\") == 0) return L"\\\\" + text.substr(8);
  if (text.compare(0, 4, L"\\\\?\\") == 0 && text.find(L':') == 5) return text.substr(4);
  return text;
}

/// Whether a path leads to the same from every directory.
VENV_INLINE bool is_whole(const fs::path& path) {
  return path.is_absolute() || end_of_share(path.native()) != 0;
}

/// Whether a path is the root of a disk, or all that another machine shares under one name.
VENV_INLINE bool is_root(const fs::path& path) {
  const auto& text = path.native();
  const std::size_t end = end_of_share(text);
  return path == path.root_path() || (end != 0 && !fs::path(text.substr(end)).has_relative_path());
}

/// `.` and `..` folded by the letter.
VENV_INLINE fs::path normal_path(const fs::path& path) {
  const auto& text = path.native();
  const std::size_t end = end_of_share(text);
  if (end == 0) return path.lexically_normal();
  return fs::path(text.substr(0, end) + fs::path(text.substr(end)).lexically_normal().native());
}

/// `path` made absolute as the reference does (`os.path.abspath`): `.` and `..` folded by the letter,
/// links left alone, no separator at the end.
VENV_INLINE fs::path absolute_path(const fs::path& path) {
  if (is_absolute_and_folded(path.native())) return path;
  std::error_code failed;
  fs::path result(without_long_prefix(fs::path(path).make_preferred().native()));
  if (!is_whole(result)) result = fs::current_path(failed) / result;
  if (failed) throw io_error("find the working directory for", path, failed);
  result = normal_path(result).make_preferred();
  return result.has_filename() ? result : result.parent_path();
}

VENV_DETAIL_END
