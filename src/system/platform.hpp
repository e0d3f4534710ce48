#pragma once

#include "../text/layout.hpp"

#include <string_view>

VENV_DETAIL_BEGIN

// The contract of platform.posix.hpp and platform.windows.hpp: `this_os`, `search_path_separator`,
// `executable_suffix`, `scripts_folder` (the name that `install_scripts` knows the platform by), `allowed_processors()`.

VENV_DETAIL_END

#if defined(_WIN32)
#include "platform.windows.hpp"
#else
#include "platform.posix.hpp"
#endif
