#pragma once

#include "child_start.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <ctime>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

VENV_DETAIL_BEGIN

/// What the processes between this one and a child tell it.
enum class ChildEvent : int {
  started,
  exited,
  signaled,
  lost,
  no_process,
  no_files,
  no_cwd,
  no_program
};

struct ChildNews {
  ChildEvent event;
  int value; ///< the process, the exit code, the signal, or the system's reason
};

/// All that a child is started by, prepared before: between its start and its program it may share
/// this process's memory, where only calls that are safe in a signal handler are allowed.
struct ChildPlan {
  const char* program = nullptr;
  char** arguments = nullptr;
  char** environment = nullptr;
  const char* cwd = nullptr; ///< null: this process's own
  int files[3] = {-1, -1, -1};
  int news = -1;    ///< what happens is written to
  int release = -1; ///< a byte, or its end, says that the child may be forgotten
  const int* descriptors = nullptr;
  std::size_t descriptor_count = 0;
};

/// False when it could not be told.
VENV_INLINE bool tell(int news, ChildEvent event, int value) {
  const ChildNews item{event, value};
  for (;;) {
    const ssize_t written = ::write(news, &item, sizeof item);
    if (written >= 0 || errno != EINTR) return written >= 0;
  }
}

[[noreturn]] VENV_INLINE void tell_and_exit(int news, ChildEvent event, int value) {
  tell(news, event, value);
  ::_exit(127);
}

/// Has the descriptors from `first` to `last` closed by `execve`, or now.
VENV_INLINE void shut_descriptors(unsigned first, unsigned last, bool now) {
  if (first > last) return;
#if defined(__linux__) && defined(SYS_close_range)
  constexpr unsigned on_exec = 4; // CLOSE_RANGE_CLOEXEC
  if (::syscall(SYS_close_range, first, last, now ? 0u : on_exec) == 0) return;
#endif
  rlimit limit{}; // an older kernel, or another system
  const bool known = ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536;
  const unsigned end = known ? static_cast<unsigned>(limit.rlim_cur) : 65536;
  for (unsigned each = first; each <= last && each < end; ++each) {
    const int fd = static_cast<int>(each);
    if (now) ::close(fd);
    else ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
}

/// Handlers of the host must not run in the child, nor does it ignore what would make its own calls
/// fail. What the user had ignored (nohup) stays so.
VENV_INLINE void reset_signals() {
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction action{};
    if (::sigaction(signal, nullptr, &action) != 0) continue;
    const bool ignored = (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_IGN;
    const bool harmful = signal == SIGPIPE || signal == SIGXFSZ || signal == SIGCHLD;
    if (ignored && !harmful) continue;
    if ((action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_DFL) continue;
    action = {};
    action.sa_handler = SIG_DFL;
    ::sigaction(signal, &action, nullptr);
  }
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Makes this process, a copy of `parent` or one that shares its memory, the program.
[[noreturn]] VENV_INLINE void become_program(const ChildPlan& plan, pid_t parent) {
  ::setpgid(0, 0);
#if defined(__linux__)
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);
#else
  (void)parent;
#endif
  for (int fd = 0; fd < 3; ++fd) {
    const bool put = plan.files[fd] == fd ? ::fcntl(fd, F_SETFD, 0) >= 0 || errno == EBADF
                                          : ::dup2(plan.files[fd], fd) >= 0;
    if (!put) tell_and_exit(plan.news, ChildEvent::no_files, errno);
  }
  shut_descriptors(3, ~0u, false);
  for (std::size_t i = 0; i < plan.descriptor_count; ++i) ::fcntl(plan.descriptors[i], F_SETFD, 0);
  if (plan.cwd && ::chdir(plan.cwd) != 0) tell_and_exit(plan.news, ChildEvent::no_cwd, errno);
  reset_signals();
  ::execve(plan.program, plan.arguments, plan.environment);
  tell_and_exit(plan.news, ChildEvent::no_program, errno);
}

/// Starts a child of the calling process; -1 as `fork` does. The memory is shared until the program
/// is there, so that it costs the same whatever the size of the host.
VENV_INLINE pid_t start_process(const ChildPlan& plan) {
  const pid_t parent = ::getpid();
#if defined(__linux__)
  const pid_t child = ::vfork(); // NOLINT: posix_spawn can't do what is done before
#else
  const pid_t child = ::fork();
#endif
  if (child == 0) become_program(plan, parent);
  return child;
}

VENV_INLINE ChildNews news_of(const siginfo_t& info) {
  return {info.si_code == CLD_EXITED ? ChildEvent::exited : ChildEvent::signaled, info.si_status};
}

#if defined(__linux__)
/// Waits until the child has ended. When the host is gone, the child is asked to end, with all that it
/// started: one that goes on alone writes into what the next run mends. All signals are blocked.
VENV_INLINE ChildNews end_of(pid_t child, pid_t host) {
  sigset_t awaited;
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGCHLD);
  sigaddset(&awaited, SIGTERM); // when the host has ended; or from somebody, and means nothing
  constexpr timespec grace{1, 0};
  bool is_alone = false;
  for (siginfo_t info{};; info = {}) {
    const bool told =
        ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT | WNOHANG) == 0;
    if (told && info.si_pid == child) {
      if (is_alone) ::kill(-child, SIGKILL);
      return news_of(info);
    }
    const int signal = ::sigtimedwait(&awaited, nullptr, is_alone ? &grace : nullptr);
    if (signal < 0 && errno == EAGAIN) ::kill(-child, SIGKILL);
    if (is_alone || ::getppid() == host) continue;
    is_alone = true;
    ::kill(-child, SIGTERM);
  }
}

/// Starts a child as `start_process` does, and returns when it is its program or can't be: where `vfork`
/// is no more than `fork` (qemu's user mode, ThreadSanitizer) that comes back before.
VENV_INLINE pid_t start_and_await(const ChildPlan& plan) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return start_process(plan);
  const int* const named = plan.descriptors;
  const int* const last = named + plan.descriptor_count;
  // A caller may name a descriptor that is not open. The child would have ours under that number.
  const bool is_named = std::find(named, last, ends[1]) != last;
  if (is_named) ::close(ends[1]);
  const pid_t child = start_process(plan);
  const int reason = errno;
  if (!is_named) ::close(ends[1]);
  char byte = 0;
  while (child > 0 && ::read(ends[0], &byte, 1) < 0 && errno == EINTR) {
  }
  ::close(ends[0]);
  errno = reason;
  return child;
}

/// What a watcher does, a process between this one and the child: it waits for the child, as only a
/// parent can, and tells how it ended. Whoever waits for all children of the host, or ignores SIGCHLD,
/// can take away the watcher's status but not the child's. The child stays in the system, so that its
/// number is nobody else's, until it is released.
[[noreturn]] VENV_INLINE void watch_child(const ChildPlan& plan, pid_t host) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != host) ::_exit(127);
  struct sigaction action{};
  action.sa_handler = SIG_DFL;
  ::sigaction(SIGCHLD, &action, nullptr);
  const pid_t child = start_and_await(plan);
  if (child < 0) tell_and_exit(plan.news, ChildEvent::no_process, errno);
  // It would keep the host's files open, and its locks.
  const auto news = static_cast<unsigned>(plan.news), release = static_cast<unsigned>(plan.release);
  const unsigned first = news < release ? news : release, second = news < release ? release : news;
  shut_descriptors(0, first - 1, true); // a pipe is none of the standard files
  shut_descriptors(first + 1, second - 1, true);
  shut_descriptors(second + 1, ~0u, true);
  tell(plan.news, ChildEvent::started, child);
  const ChildNews end = end_of(child, host);
  if (!tell(plan.news, end.event, end.value)) ::_exit(127); // that it is lost is told then
  char byte = 0;
  while (::read(plan.release, &byte, 1) < 0 && errno == EINTR) {
  }
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  ::_exit(0);
}

// AddressSanitizer keeps one place for the address that `vfork` returns to: within one there can be no
// other.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool can_nest_vfork = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool can_nest_vfork = false;
#else
inline constexpr bool can_nest_vfork = true;
#endif
#else
inline constexpr bool can_nest_vfork = true;
#endif

/// Starts a child and the process that watches it. Returns when both have ended: the thread that calls
/// it lends them its stack.
VENV_INLINE void start_watched(const ChildPlan& plan) {
  const pid_t host = ::getpid();
  const pid_t watcher = can_nest_vfork ? ::vfork() : ::fork(); // NOLINT: as above
  if (watcher == 0) watch_child(plan, host);
  if (watcher < 0) {
    tell(plan.news, ChildEvent::no_process, errno);
    return;
  }
  while (::waitpid(watcher, nullptr, 0) < 0 && errno == EINTR) { // or the host has done so
  }
  tell(plan.news, ChildEvent::lost, 0); // nobody reads it when the watcher has told the end
}
#endif

VENV_DETAIL_END
