#pragma once

#include "platform.hpp"

#include <cstddef>
#include <string_view>

#include <sys/utsname.h>
#if defined(__linux__)
#include <sched.h>
#endif

VENV_DETAIL_BEGIN

#if defined(__APPLE__)
inline constexpr Os this_os = Os::macos;
#else
inline constexpr Os this_os = Os::linux_or_other;
#endif
inline constexpr char search_path_separator = ':';
inline constexpr std::string_view executable_suffix;
inline constexpr std::string_view scripts_folder = "posix";

VENV_INLINE std::size_t allowed_processors() {
#if defined(__linux__)
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
    return static_cast<std::size_t>(CPU_COUNT(&allowed));
  }
#endif
  return 0;
}

VENV_INLINE SystemNames system_names() {
  utsname names{};
  if (::uname(&names) < 0) return {};
  return {names.sysname, names.release, names.version, names.machine};
}

VENV_DETAIL_END
