#pragma once

#include "../base/ascii.hpp"
#include "handle.hpp"
#include "interruption.hpp"
#include "process.hpp"
#include "variables.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

VENV_DETAIL_BEGIN

/// `NAME=value` lines for a child: this process's own, changed.
VENV_INLINE std::vector<std::string> changed_environment(const Changes& changes) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : all_variables()) {
    const auto same = [&name = name](const auto& change) { return change.first == name; };
    if (std::none_of(changes.begin(), changes.end(), same)) lines.push_back(name + '=' + value);
  }
  for (const auto& [name, value] : changes)
    if (value) lines.push_back(name + '=' + *value);
  return lines;
}

VENV_INLINE std::vector<char*> pointers_to(std::vector<std::string>& lines) {
  std::vector<char*> pointers;
  for (std::string& line : lines) pointers.push_back(line.data());
  pointers.push_back(nullptr);
  return pointers;
}

struct Pipe {
  Handle read, write;
};

/// The same file under a number above those that a child's own are put on.
VENV_INLINE Handle above_standard(int fd) {
  Handle low(fd);
  if (fd < 0 || fd > 2) return low;
  return Handle(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

VENV_INLINE Pipe make_pipe() {
  int ends[2];
  // Not O_CLOEXEC at once, as macOS has no pipe2: a fork elsewhere in between may inherit them.
#if defined(__linux__)
  const bool made = ::pipe2(ends, O_CLOEXEC) == 0;
#else
  const bool made = ::pipe(ends) == 0;
#endif
  if (!made) throw io_error("make a pipe for", "a child process", last_error());
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  return {above_standard(ends[0]), above_standard(ends[1])};
}

/// What the child does between fork and exec: only async-signal-safe calls.
[[noreturn]] VENV_INLINE void become(const char* program, char** arguments, char** environment,
                                     const char* cwd, const std::array<int, 4>& fds, pid_t parent) {
  ::setpgid(0, 0);
#if defined(__linux__)
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);
#else
  (void)parent;
#endif
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int signal : {SIGPIPE, SIGXFSZ}) ::signal(signal, SIG_DFL);
  int failed[2] = {0, 0}; // the system's reason, and whether it is of the working directory
  if (::dup2(fds[0], 0) >= 0 && ::dup2(fds[1], 1) >= 0 && ::dup2(fds[2], 2) >= 0) {
    failed[1] = cwd && ::chdir(cwd) != 0;
    if (!failed[1]) ::execve(program, arguments, environment);
  }
  failed[0] = errno;
  const auto told = ::write(fds[3], failed, sizeof failed);
  ::_exit(told > 0 ? 127 : 126);
}

/// When a child's time is over: after its timeout, or a second after this process was asked to end,
/// which its children are told (some don't listen).
class Deadline {
public:
  explicit Deadline(std::chrono::milliseconds timeout)
      : end_(timeout.count() > 0 ? Clock::now() + timeout : Clock::time_point::max()) {}
  /// How many milliseconds to wait before asking again; 0 when the time is over.
  int left() {
    const auto now = Clock::now();
    if (interruption.signal && !std::exchange(interrupted_, true))
      end_ = std::min(end_, now + std::chrono::seconds(1));
    if (now >= end_) return 0;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - now);
    return static_cast<int>(std::min<long long>(left.count() + 1, 500));
  }

private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point end_;
  bool interrupted_ = false;
};

/// Passes on what comes from both pipes until both end or the time is over; false for the latter.
VENV_INLINE bool drain(Deadline& deadline, FunctionRef<void(Stream, std::string_view)> on_output,
                       Handle& out, Handle& err) {
  std::array<char, 65536> piece;
  while (out || err) {
    const int wait = deadline.left();
    if (wait == 0) return false;
    std::array<pollfd, 2> polled{{{fd_of(out), POLLIN, 0}, {fd_of(err), POLLIN, 0}}};
    if (::poll(polled.data(), polled.size(), wait) < 0 && errno != EINTR) return true;
    for (Handle* from : {&out, &err}) {
      const pollfd& ready = polled[from == &out ? 0 : 1];
      if (!*from || ready.revents == 0) continue;
      const ssize_t size = ::read(fd_of(*from), piece.data(), piece.size());
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) from->close();
      else
        on_output(from == &out ? Stream::out : Stream::err,
                  {piece.data(), static_cast<std::size_t>(size)});
    }
  }
  return true;
}

/// Whether a child, which may have closed its outputs long before, ends in time.
VENV_INLINE bool ends(pid_t child, Deadline& deadline) {
  using std::chrono::microseconds; // it mostly ends at once: a millisecond would be felt
  for (microseconds pause(50);; pause = std::min(2 * pause, microseconds(50000))) {
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        info.si_pid == child)
      return true;
    if (deadline.left() == 0) return false;
    std::this_thread::sleep_for(pause);
  }
}

VENV_INLINE int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return 0;
  return status;
}

/// Kills the group of a child that is still to be waited for, however this scope is left.
class ChildGroup {
public:
  explicit ChildGroup(pid_t leader) : leader_(leader) {
    ::setpgid(leader, leader);
    replace_child(0, leader);
  }
  ~ChildGroup() {
    if (leader_ <= 0) return;
    ::kill(-leader_, SIGKILL);
    wait();
  }
  void kill() { ::kill(-leader_, SIGKILL); }
  int wait() {
    const pid_t leader = std::exchange(leader_, 0);
    const int status = wait_for(leader);
    replace_child(leader, 0);
    return status;
  }

private:
  pid_t leader_;
};

VENV_INLINE ExitStatus run_command(const Command& command,
                             FunctionRef<void(Stream, std::string_view)> on_output) {
  std::vector<std::string> argument_texts{command.program.native()};
  argument_texts.insert(argument_texts.end(), command.arguments.begin(), command.arguments.end());
  std::vector<std::string> environment_texts = changed_environment(command.environment);
  std::vector<char*> arguments = pointers_to(argument_texts);
  std::vector<char*> environment = pointers_to(environment_texts);
  Handle empty = above_standard(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  Pipe out = make_pipe(), err = make_pipe(), failure = make_pipe();
  const char* cwd = command.cwd.empty() ? nullptr : command.cwd.c_str();
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) throw io_error("start", command.program, last_error());
  if (child == 0)
    become(command.program.c_str(), arguments.data(), environment.data(), cwd,
           {fd_of(empty), fd_of(out.write), fd_of(err.write), fd_of(failure.write)}, parent);
  ChildGroup group(child);
  for (Pipe* pipe : {&out, &err, &failure}) pipe->write.close();
  int failed[2] = {0, 0};
  if (::read(fd_of(failure.read), failed, sizeof failed) == sizeof failed)
    throw io_error(failed[1] ? "enter" : "start", failed[1] ? command.cwd : command.program,
                   {failed[0], std::generic_category()});
  throw_if_interrupted();
  ExitStatus exit;
  Deadline deadline(command.timeout);
  exit.timed_out = !drain(deadline, on_output, out.read, err.read) || !ends(child, deadline);
  if (exit.timed_out) group.kill();
  const int status = group.wait();
  throw_if_interrupted();
  exit.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  exit.code = exit.signal ? 128 + exit.signal : WEXITSTATUS(status);
  return exit;
}

VENV_DETAIL_END
