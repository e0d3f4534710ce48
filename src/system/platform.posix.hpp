#pragma once

#include "../text/layout.hpp"

#include <string_view>

VENV_DETAIL_BEGIN

#if defined(__APPLE__)
inline constexpr Os this_os = Os::macos;
#else
inline constexpr Os this_os = Os::linux_or_other;
#endif
inline constexpr char search_path_separator = ':';
inline constexpr std::string_view executable_suffix;
inline constexpr std::string_view scripts_folder = "posix";

VENV_DETAIL_END
