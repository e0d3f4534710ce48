#pragma once

#include "../base/number.hpp"
#include "path.hpp"
#include "pipe.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <ctime>
#include <optional>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

/// The same file under a number above those that a child's own are put on.
VENV_INLINE Handle above_standard(int fd, const fs::path& program) {
  Handle low(fd);
  if (fd < 0 || fd > 2) return low;
  Handle high(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!high) throw io_error("make a pipe for", program, last_error());
  return high;
}

VENV_INLINE Pipe make_pipe(const fs::path& program) {
  int ends[2];
#if defined(__APPLE__) // no pipe2: a fork elsewhere in between may inherit them
  const bool made = ::pipe(ends) == 0;
  for (const int end : ends)
    if (made) ::fcntl(end, F_SETFD, FD_CLOEXEC);
#else
  const bool made = ::pipe2(ends, O_CLOEXEC) == 0;
#endif
  if (!made) throw io_error("make a pipe for", program, last_error());
  Handle read(ends[0]), write(ends[1]); // both closed, whatever fails
  Pipe pipe;
  pipe.read = above_standard(number_as<int>(read.release()), program);
  pipe.write = above_standard(number_as<int>(write.release()), program);
  return pipe;
}

VENV_INLINE Handle open_empty(const fs::path& program) {
  Handle null =
      above_standard(::open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), program);
  struct stat status{};
  if (null && ::fstat(fd_of(null), &status) == 0 && S_ISCHR(status.st_mode)) return null;
  return make_pipe(program).read; // its other end is closed
}

VENV_INLINE Handle own_input(const fs::path& program) {
  Handle own(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
  return own ? std::move(own) : open_empty(program);
}

VENV_INLINE void make_nonblocking(const Handle& handle, const fs::path& program) {
  const int flags = ::fcntl(fd_of(handle), F_GETFL);
  if (flags < 0 || ::fcntl(fd_of(handle), F_SETFL, flags | O_NONBLOCK) < 0)
    throw io_error("make a pipe for", program, last_error());
}

VENV_INLINE std::optional<std::size_t> read_now(const Handle& handle, char* buffer,
                                                std::size_t size) {
  for (;;) {
    const ssize_t got = ::read(fd_of(handle), buffer, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::nullopt;
    if (errno != EINTR) return 0; // nothing more will come
  }
}

/// SIGPIPE, which writing to a pipe that nobody reads brings about, doesn't reach this thread.
class PipeSignalGuard {
public:
  PipeSignalGuard() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t waiting;
    sigemptyset(&waiting);
    ::sigpending(&waiting);
    was_waiting_ = sigismember(&waiting, SIGPIPE) == 1;
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~PipeSignalGuard() {
    if (!was_waiting_) take_signal();
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  PipeSignalGuard(const PipeSignalGuard&) = delete;
  PipeSignalGuard& operator=(const PipeSignalGuard&) = delete;

private:
  void take_signal() {
#if defined(__APPLE__) // no sigtimedwait
    sigset_t waiting;
    sigemptyset(&waiting);
    int signal = 0;
    if (::sigpending(&waiting) == 0 && sigismember(&waiting, SIGPIPE) == 1)
      ::sigwait(&pipe_, &signal);
#else
    const timespec now{};
    while (::sigtimedwait(&pipe_, nullptr, &now) < 0 && errno == EINTR) {
    }
#endif
  }
  sigset_t pipe_{}, before_{};
  bool was_waiting_ = false;
};

VENV_INLINE std::optional<std::size_t> write_now(const Handle& handle, std::string_view bytes) {
  const PipeSignalGuard guard;
  for (;;) {
    const ssize_t written = ::write(fd_of(handle), bytes.data(), bytes.size());
    if (written >= 0) return static_cast<std::size_t>(written);
    if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
    if (errno != EINTR) return std::nullopt;
  }
}

VENV_INLINE Readiness wait_until_ready(const ChildEnds& ends, int milliseconds) {
  std::array<pollfd, 4> polled{{{fd_of(*ends.out), POLLIN, 0},
                                {fd_of(*ends.err), POLLIN, 0},
                                {fd_of(*ends.in), POLLOUT, 0},
                                {number_as<int>(ends.end), POLLIN, 0}}};
  if (::poll(polled.data(), polled.size(), milliseconds) <= 0) return {};
  return {polled[0].revents != 0, polled[1].revents != 0, polled[2].revents != 0};
}

VENV_DETAIL_END
