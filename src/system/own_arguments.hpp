#pragma once

#include "../config.hpp"

#include <string>
#include <vector>

VENV_DETAIL_BEGIN

// The contract of own_arguments.posix.hpp and own_arguments.windows.hpp.

/// What `main` was given, in UTF-8 on Windows, where it gets what is left of the command line in an
/// older encoding; the bytes themselves elsewhere.
std::vector<std::string> own_arguments(int argc, const char* const* argv);

VENV_DETAIL_END

#if defined(_WIN32)
#include "own_arguments.windows.hpp"
#else
#include "own_arguments.posix.hpp"
#endif
