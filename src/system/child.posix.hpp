#pragma once

#include "child.hpp"
#include "child_start.hpp"
#include "file.hpp"
#include "pipe.hpp"
#include "variables.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif

VENV_DETAIL_BEGIN

/// `NAME=value` lines for a child: this process's own, changed.
VENV_INLINE std::vector<std::string> changed_environment(const Changes& changes) {
  std::vector<std::string> lines;
  for (const auto& own : all_variables()) {
    const auto same = [&own](const auto& change) { return change.first == own.first; };
    if (std::none_of(changes.begin(), changes.end(), same))
      lines.push_back(own.first + '=' + own.second);
  }
  for (auto change = changes.begin(); change != changes.end(); ++change) {
    const auto same = [&](const auto& later) { return later.first == change->first; };
    const bool last = std::none_of(change + 1, changes.end(), same);
    if (last && change->second) lines.push_back(change->first + '=' + *change->second);
  }
  return lines;
}

VENV_INLINE std::vector<char*> pointers_to(std::vector<std::string>& lines) {
  std::vector<char*> pointers;
  for (std::string& line : lines) pointers.push_back(line.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// No signal reaches this thread, and those that it starts, for as long as this lives.
class BlockedSignals {
public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

private:
  sigset_t before_{};
};

VENV_INLINE Error start_error(const Command& command, const ChildNews& news) {
  const std::error_code reason(news.value, std::generic_category());
  if (news.event == ChildEvent::no_cwd) return io_error("enter", command.cwd, reason);
  if (news.event == ChildEvent::no_files)
    return io_error("connect input and output of", command.program, reason);
  return io_error("start", command.program, reason);
}

struct Child::Parts {
  Parts(const Command& run, ChildFiles ends)
      : command(run), files(std::move(ends)), argument_texts(run.arguments),
        environment_texts(changed_environment(run.environment)) {
    argument_texts.insert(argument_texts.begin(), run.program.native());
    arguments = pointers_to(argument_texts);
    environment = pointers_to(environment_texts);
    plan.program = command.program.c_str();
    plan.arguments = arguments.data();
    plan.environment = environment.data();
    plan.cwd = command.cwd.empty() ? nullptr : command.cwd.c_str();
    plan.files[0] = fd_of(files.in);
    plan.files[1] = fd_of(files.out);
    plan.files[2] = fd_of(files.err);
    plan.news = fd_of(news.write);
    plan.release = fd_of(release.read);
    plan.descriptors = command.descriptors.data();
    plan.descriptor_count = command.descriptors.size();
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  ~Parts() {
    if (process > 0 && !ended) kill(SIGKILL);
    if (watching.joinable()) {
      release_child();
    } else if (process > 0) {
      while (::waitpid(process, nullptr, 0) < 0 && errno == EINTR) {
      }
    }
  }

  /// Lets the watcher forget the child, and go. The pipe's end says so too where no byte can be written;
  /// a byte does where a copy of this process, made by the host, holds the pipe.
  void release_child() {
    tell(fd_of(release.write), ChildEvent::exited, 0);
    release.write.close();
    watching.join();
  }

  /// False when there is no room for a thread and two processes.
  bool start_watching() {
#if defined(__linux__)
    try {
      const BlockedSignals blocked;
      watching = std::thread([this] { start_watched(plan); });
    } catch (const std::system_error&) {
      return false;
    }
    while (process == 0 && !ended) {
      ChildNews item{};
      if (::read(fd_of(news.read), &item, sizeof item) != sizeof item) continue;
      if (item.event == ChildEvent::no_process || item.event == ChildEvent::lost) {
        release_child();
        news = make_pipe(
            command.program); // the last word of the watcher's thread may be in the old one
        plan.news = fd_of(news.write);
        return false;
      }
      take(item);
    }
    return true;
#else
    return false;
#endif
  }

  void start_directly() {
    {
      const BlockedSignals blocked;
      process = start_process(plan);
      if (process < 0) throw start_error(command, {ChildEvent::no_process, errno});
    }
    ::setpgid(process, process); // whoever is first, it or we
    news.write.close();
#if defined(__linux__)
    end = Handle(::syscall(SYS_pidfd_open, process, 0u));
    take_news();
#else
    ChildNews item{};
    if (::read(fd_of(news.read), &item, sizeof item) == sizeof item) take(item);
#endif
  }

  void take(const ChildNews& item) {
    switch (item.event) {
    case ChildEvent::started: process = item.value; return;
    case ChildEvent::exited: return finish(item.value, 0);
    case ChildEvent::signaled: return finish(128 + item.value, item.value);
    case ChildEvent::lost: return lose();
    default: throw start_error(command, item);
    }
  }

  /// All that is told by now.
  void take_news() {
    pollfd polled{fd_of(news.read), POLLIN, 0};
    ChildNews item{};
    while (!ended && ::poll(&polled, 1, 0) > 0 && (polled.revents & POLLIN) != 0 &&
           ::read(polled.fd, &item, sizeof item) == sizeof item)
      take(item);
  }

  void look() {
    take_news();
    if (ended || watching.joinable()) return;
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(process), &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
      if (errno == ECHILD) lose();
    } else if (info.si_pid == process) {
      take(news_of(info));
    }
  }

  void finish(int code, int signal) {
    if (ended) return;
    ended = ExitStatus();
    ended->code = code;
    ended->signal = signal;
  }
  void lose() {
    if (ended) return;
    finish(255, 0);
    ended->is_known = false;
  }
  void kill(int signal) const {
    // One whose status is lost may have given its number away.
    if (process > 0 && (!ended || ended->is_known)) ::kill(-process, signal);
  }

  const Command& command;
  ChildFiles files;
  std::vector<std::string> argument_texts, environment_texts;
  std::vector<char*> arguments{}, environment{};
  Pipe news = make_pipe(command.program), release = make_pipe(command.program);
  ChildPlan plan{};
  std::thread watching{};
  pid_t process = 0;
  Handle end{}; ///< becomes readable at the end of a child that is not watched
  std::optional<ExitStatus> ended{};
};

VENV_INLINE Child::Child(const Command& command, ChildFiles files)
    : parts_(std::make_unique<Parts>(command, std::move(files))) {
  if (!parts_->start_watching()) parts_->start_directly();
  parts_->files = ChildFiles();
}

VENV_INLINE Child::~Child() = default;

VENV_INLINE void Child::ask_to_end() noexcept { parts_->kill(SIGTERM); }

VENV_INLINE void Child::kill() noexcept { parts_->kill(SIGKILL); }

VENV_INLINE std::optional<ExitStatus> Child::status() {
  parts_->look();
  return parts_->ended;
}

VENV_INLINE std::chrono::nanoseconds Child::processor_time() const {
  timespec time{};
#if defined(__linux__)
  clockid_t clock{};
  if (parts_->process > 0 && ::clock_getcpuclockid(parts_->process, &clock) == 0 &&
      ::clock_gettime(clock, &time) != 0)
    time = timespec();
#endif
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

VENV_INLINE bool Child::is_ready_to_run() const {
#if defined(__linux__)
  try {
    const std::string text =
        read_start("/proc/" + std::to_string(parts_->process) + "/stat", std::size_t{256});
    const std::size_t name_end =
        text.rfind(") "); // the name may have any bytes but no more than 15
    return name_end != text.npos && text.size() > name_end + 2 && text[name_end + 2] == 'R';
  } catch (const Error&) {
    return false;
  }
#else
  return false;
#endif
}

VENV_INLINE std::intptr_t Child::end_handle() const {
  return parts_->watching.joinable() ? parts_->news.read.get() : parts_->end.get();
}

VENV_DETAIL_END
