#pragma once

#include "platform.hpp"
#include "win32.hpp"

#include <cstddef>
#include <string_view>

VENV_DETAIL_BEGIN

inline constexpr Os this_os = Os::windows;
inline constexpr char search_path_separator = ';';
inline constexpr std::string_view executable_suffix = ".exe";
inline constexpr std::string_view scripts_folder = "nt";

VENV_INLINE std::size_t allowed_processors() {
  DWORD_PTR allowed = 0, all = 0;
  if (::GetProcessAffinityMask(::GetCurrentProcess(), &allowed, &all) == 0) return 0;
  std::size_t count = 0;
  for (; allowed != 0; allowed &= allowed - 1) ++count;
  return count;
}

VENV_DETAIL_END
