#pragma once

#include "platform.hpp"

#include <cstddef>
#include <string_view>

VENV_DETAIL_BEGIN

inline constexpr Os this_os = Os::windows;
inline constexpr char search_path_separator = ';';
inline constexpr std::string_view executable_suffix = ".exe";
inline constexpr std::string_view scripts_folder = "nt";

VENV_INLINE std::size_t allowed_processors() { return 0; }

VENV_DETAIL_END
