#pragma once

#include "handle.hpp"
#include "path.hpp"
#include "pipe.hpp"
#include "win32.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

VENV_DETAIL_BEGIN

inline constexpr DWORD pipe_size = 65536;

VENV_INLINE Pipe make_pipe(const fs::path& program) {
  HANDLE read = nullptr, write = nullptr;
  if (::CreatePipe(&read, &write, nullptr, pipe_size) == 0)
    throw io_error("make a pipe for", program, last_error());
  Pipe pipe;
  pipe.read = handle_from(read);
  pipe.write = handle_from(write);
  return pipe;
}

VENV_INLINE Handle open_empty(const fs::path& program) {
  Handle null = handle_from(::CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE, share_all, nullptr,
                                          OPEN_EXISTING, 0, nullptr));
  return null ? std::move(null) : make_pipe(program).read; // its other end is closed
}

VENV_INLINE Handle own_input(const fs::path& program) {
  const HANDLE self = ::GetCurrentProcess(), input = ::GetStdHandle(STD_INPUT_HANDLE);
  HANDLE copy = nullptr;
  if (!input || input == INVALID_HANDLE_VALUE ||
      ::DuplicateHandle(self, input, self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS) == 0)
    return open_empty(program);
  return handle_from(copy);
}

/// Reading never waits anyway: it is asked first what is there.
VENV_INLINE void make_nonblocking(const Handle& handle, const fs::path&) {
  DWORD mode = PIPE_READMODE_BYTE | PIPE_NOWAIT;
  ::SetNamedPipeHandleState(handle_of(handle), &mode, nullptr, nullptr);
}

VENV_INLINE std::optional<std::size_t> read_now(const Handle& handle, char* buffer,
                                                std::size_t size) {
  DWORD there = 0, got = 0;
  if (::PeekNamedPipe(handle_of(handle), nullptr, 0, nullptr, &there, nullptr) == 0)
    return 0; // nothing more will come
  if (there == 0) return std::nullopt;
  const auto wanted = static_cast<DWORD>((std::min)(size, std::size_t{there}));
  return ::ReadFile(handle_of(handle), buffer, wanted, &got, nullptr) != 0 ? got : std::size_t{0};
}

VENV_INLINE std::optional<std::size_t> write_now(const Handle& handle, std::string_view bytes) {
  // What there is no room for is written in part by some systems, not at all by others.
  for (std::size_t size = (std::min)(bytes.size(), std::size_t{pipe_size} / 2);; size /= 2) {
    DWORD written = 0;
    if (::WriteFile(handle_of(handle), bytes.data(), static_cast<DWORD>(size), &written, nullptr) ==
        0)
      return std::nullopt;
    if (written > 0 || size <= 1) return written;
  }
}

VENV_INLINE Readiness wait_until_ready(const ChildEnds& ends, int milliseconds) {
  const ULONGLONG end = ::GetTickCount64() + static_cast<ULONGLONG>(milliseconds);
  const auto has_news = [](const Handle* pipe) {
    DWORD there = 0;
    return *pipe && (::PeekNamedPipe(handle_of(*pipe), nullptr, 0, nullptr, &there, nullptr) == 0 ||
                     there > 0);
  };
  for (DWORD pause = 1;; pause = (std::min)(2 * pause, DWORD{8})) {
    const Readiness ready{has_news(ends.out), has_news(ends.err), static_cast<bool>(*ends.in)};
    if (ready.out || ready.err) return ready;
    // Pipes can't be waited for; the child's end can.
    const bool ended = ::WaitForSingleObject(handle_of(ends.end), pause) == WAIT_OBJECT_0;
    if (ended || ready.in || ::GetTickCount64() >= end) return ready;
  }
}

VENV_DETAIL_END
