#pragma once

#include "../config.hpp"

VENV_DETAIL_BEGIN

// The contract of child_start.posix.hpp. There is no other: elsewhere a process is started by one
// call.

VENV_DETAIL_END

#if !defined(_WIN32)
#include "child_start.posix.hpp"
#endif
