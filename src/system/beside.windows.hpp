#pragma once

#include "../base/hex.hpp"
#include "beside.hpp"
#include "win32.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

VENV_DETAIL_BEGIN

/// What tells this process from one that had its number before.
VENV_INLINE std::uint64_t process_mark() {
  FILETIME now{};
  ::GetSystemTimeAsFileTime(&now);
  return std::uint64_t{now.dwHighDateTime} << 32 | now.dwLowDateTime;
}

VENV_INLINE fs::path name_beside(const fs::path& path) {
  static std::atomic<unsigned> count{0};
  static const std::string mark = hexadecimal(process_mark());
  constexpr std::size_t longest_name = 255; // in units of UTF-16
  const std::wstring suffix =
      wide_of(std::string(left_over_mark) + std::to_string(::GetCurrentProcessId()) + '-' + mark +
              '-' + std::to_string(count++));
  const std::wstring name = path.filename().native();
  if (name.size() + suffix.size() <= longest_name) return path.native() + suffix;
  return path.parent_path() / (name.substr(0, longest_name - suffix.size()) + suffix);
}

VENV_DETAIL_END
