#pragma once

#include "handle.hpp"
#include "path.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

VENV_DETAIL_BEGIN

/// This process's ends of a child's pipes, and what tells of its end (-1: nothing does).
struct ChildEnds {
  const Handle* out;
  const Handle* err;
  const Handle* in;
  std::intptr_t end;
};

/// Which of them something can be done with.
struct Readiness {
  bool out = false, err = false, in = false;
};

/// Two ends of a pipe; what is written to one is read from the other.
struct Pipe {
  Handle read{}, write{};
};

// The contract of pipe.posix.hpp and pipe.windows.hpp. Functions throw Error (`io`), which names the
// program that the pipe is for.

/// A pipe that children don't inherit, its numbers not those of the standard files.
Pipe make_pipe(const fs::path& program);
/// A file that has no bytes and takes none: the null device, or an empty pipe when there is no usable
/// one, as while an image is built.
Handle open_empty(const fs::path& program);
/// The same file as a process has for its standard input; empty when it is closed.
Handle own_input(const fs::path& program);

/// Has reading from and writing to the handle return at once.
void make_nonblocking(const Handle& handle, const fs::path& program);
/// Reads what is there into `buffer`: its size; 0 at the end; nothing when there is nothing now.
std::optional<std::size_t> read_now(const Handle& handle, char* buffer, std::size_t size);
/// Writes what there is room for and returns its size; nothing when nobody reads any more. No signal
/// comes of that.
std::optional<std::size_t> write_now(const Handle& handle, std::string_view bytes);
/// Waits until there is something to read or to write, the child has ended, or the time is over.
Readiness wait_until_ready(const ChildEnds& ends, int milliseconds);

VENV_DETAIL_END

#if defined(_WIN32)
#include "pipe.windows.hpp"
#else
#include "pipe.posix.hpp"
#endif
