#pragma once

#include "path.hpp"

VENV_DETAIL_BEGIN

// The contract of win32.windows.hpp: what the Windows files share. There is no other.

VENV_DETAIL_END

#if defined(_WIN32)
#include "win32.windows.hpp"
#endif
