#pragma once

#include "../base/hex.hpp"
#include "beside.hpp"

#include <atomic>
#include <cstdint>
#include <ctime>
#include <string>

#include <unistd.h>

VENV_DETAIL_BEGIN

/// What tells this process from one that had its number before, as PID 1 of every container has.
VENV_INLINE std::uint64_t process_mark() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000000000u +
         static_cast<std::uint64_t>(now.tv_nsec);
}

VENV_INLINE fs::path name_beside(const fs::path& path) {
  static std::atomic<unsigned> count{0};
  static const std::string mark = hexadecimal(process_mark());
  return with_suffix(path, std::string(left_over_mark) + std::to_string(::getpid()) + '-' + mark +
                               '-' + std::to_string(count++));
}

VENV_DETAIL_END
