#pragma once

#include "../config.hpp"

#include <string>
#include <vector>

VENV_DETAIL_BEGIN

// The contract of ancestors.posix.hpp and ancestors.windows.hpp.

/// The names of the programs that run above this process, its parent first. A program that Python
/// or .NET runs is named as its script or module is. Empty when the system doesn't say.
std::vector<std::string> ancestor_names();

VENV_DETAIL_END

#if defined(_WIN32)
#include "ancestors.windows.hpp"
#else
#include "ancestors.posix.hpp"
#endif
