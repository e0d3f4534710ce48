#pragma once

#include "../base/ascii.hpp"
#include "path.hpp"

#include <cstddef>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

/// In the names of files that are being written: one that no user chooses, as what killed runs left
/// is found by it and removed.
inline constexpr std::string_view left_over_mark = ".venv.hpp-";

/// Whether `name` is what `name_beside` makes: a file that a killed run was writing. Behind the mark
/// stand a process, what tells it from others of that number (not in older versions), and a number.
VENV_INLINE bool is_left_over(const std::string& name) {
  const std::size_t mark = name.rfind(left_over_mark);
  if (mark == name.npos) return false;
  const auto parts = split(std::string_view(name).substr(mark + left_over_mark.size()), '-');
  const auto has_only = [](std::string_view text, std::string_view digits) {
    return !text.empty() && text.find_first_not_of(digits) == text.npos;
  };
  return (parts.size() == 2 || parts.size() == 3) && has_only(parts.front(), "0123456789") &&
         has_only(parts[1], "0123456789abcdef") && has_only(parts.back(), "0123456789");
}

/// `path` with `suffix` behind its name, which is cut where that would be longer than file systems take.
VENV_INLINE fs::path with_suffix(const fs::path& path, const std::string& suffix) {
  constexpr std::size_t longest = 255; // in bytes; on Windows in units of UTF-16
  const fs::path::string_type name = path.filename().native(), end = path_of(suffix).native();
  if (name.size() + end.size() <= longest) return path.native() + end;
  return path.parent_path() / (name.substr(0, longest - end.size()) + end);
}

// The contract of beside.posix.hpp and beside.windows.hpp.

/// A name beside `path` that no other thread or process uses, this one started again included;
/// `is_left_over` knows it.
fs::path name_beside(const fs::path& path);

VENV_DETAIL_END

#if defined(_WIN32)
#include "beside.windows.hpp"
#else
#include "beside.posix.hpp"
#endif
