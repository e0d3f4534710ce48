#pragma once

#include "../base/hex.hpp"
#include "beside.hpp"
#include "win32.hpp"

#include <atomic>
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
  return with_suffix(path, std::string(left_over_mark) + std::to_string(::GetCurrentProcessId()) +
                               '-' + mark + '-' + std::to_string(count++));
}

VENV_DETAIL_END
