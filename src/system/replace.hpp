#pragma once

#include "../api/environment.hpp"

VENV_DETAIL_BEGIN

// The contract of replace.posix.hpp and replace.windows.hpp. For the program only.

/// Makes this process the program that `command` names: same number, same descriptors, what was ignored
/// stays ignored. Where a process can't become another program (Windows), that runs as a child with this
/// one's standard files, and its exit code is returned. Throws Error (`io`) when it can't be started.
int replace_process(const RunCommand& command);

VENV_DETAIL_END

#if defined(_WIN32)
#include "replace.windows.hpp"
#else
#include "replace.posix.hpp"
#endif
