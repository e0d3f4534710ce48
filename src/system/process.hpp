#pragma once

#include "../base/function_ref.hpp"
#include "command.hpp"

#include <string_view>

VENV_DETAIL_BEGIN

// The contract of process.posix.hpp and process.windows.hpp.

/// Runs a program to its end. `on_output` is called with pieces of output as they come, from this
/// thread; when it throws, the child is killed.
///
/// - The child inherits no descriptor but its three and those that `command` names. It leads a process
///   group of its own. When this process dies it is asked to end, where the system can do that.
/// - When its time is over (`busy_timeout`, if it has printed something or works: its processor time
///   grows, which Linux tells), when it is to stop or when it prints too much, it is asked to end
///   (SIGTERM), and after `grace` killed with all that it started.
/// - It is over when the child itself has ended, though others that it started keep its output open.
/// - Its status is right whatever this process does with SIGCHLD and whoever waits for its children.
/// - It costs the same in a process of any size. When the system has no room for a process now, it is
///   tried again: while others of this process run, and for `patience` more.
///
/// Throws Error (`io`), which says what failed, when the child can't be started, and Error
/// (`invalid_argument`) for an argument or variable that no process can be given.
ExitStatus run_command(const Command& command,
                       FunctionRef<void(Stream, std::string_view)> on_output);

VENV_DETAIL_END

#if defined(_WIN32)
#error "venv.hpp does not run on Windows yet"
#else
#include "process.posix.hpp"
#endif
