#pragma once

#include "../base/function_ref.hpp"
#include "child.hpp"
#include "command.hpp"
#include "handle.hpp"
#include "pipe.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

using ProcessClock = std::chrono::steady_clock;

/// Refuses what would be cut at a NUL, and variables that no process can have.
VENV_INLINE void refuse_impossible(const Command& command) {
  const auto refuse = [&command](const std::string& what) {
    Error error(ErrorCode::invalid_argument, what);
    error.at("start a program").on(command.program);
    return error;
  };
  const auto has_nul = [](std::string_view text) { return text.find('\0') != text.npos; };
  for (const std::string& argument : command.arguments)
    if (has_nul(argument))
      throw refuse("the argument '" + printable(argument) + "' contains a NUL character");
  for (const auto& [name, value] : command.environment) {
    if (name.empty() || has_nul(name) || name.find('=') != name.npos)
      throw refuse("'" + printable(name) + "' is no name of an environment variable");
    if (value && has_nul(*value))
      throw refuse("the value of the variable '" + printable(name) + "' contains a NUL character");
  }
}

/// When a child that runs has to be asked to end, and when it is killed.
class ChildDeadline {
public:
  explicit ChildDeadline(const Command& command) : command_(command) {
    if (command.timeout.count() <= 0) return;
    const auto now = ProcessClock::now();
    end_ = now + command.timeout;
    last_end_ = now + command.busy_timeout;
  }

  /// Asks the child to end when `status` says why it has to.
  void enforce(Child& child, ExitStatus& status, std::uint64_t printed) {
    const auto now = ProcessClock::now();
    if (!asked_) {
      if (now >= end_ && end_ < last_end_) prolong(child, printed);
      status.timed_out = now >= end_;
      status.was_busy = status.timed_out && end_ == last_end_;
      status.cancelled = command_.stop.is_made();
      status.printed_too_much = command_.output_limit != 0 && printed > command_.output_limit;
      if (!status.timed_out && !status.cancelled && !status.printed_too_much) return;
      asked_ = true;
      child.ask_to_end();
      end_ = now + command_.grace;
    } else if (now >= end_) {
      child.kill();
    }
  }
  bool has_asked() const { return asked_; }

  /// How many milliseconds may pass until `enforce` is called again.
  int wait() const {
    using std::chrono::milliseconds;
    const auto left = std::chrono::ceil<milliseconds>(end_ - ProcessClock::now());
    return static_cast<int>(std::clamp<long long>(left.count(), 1, 50)); // whoever stops is heard
  }

private:
  /// Gives a child that has printed something all that is left, one that has worked since the last
  /// look a little more. What waits in vain uses less than a hundredth of its time, and isn't ready to
  /// run; on a machine with more to do than it can, what works may use no more.
  void prolong(const Child& child, std::uint64_t printed) {
    const auto used = child.processor_time();
    const auto slice = (std::min)(command_.timeout, std::chrono::milliseconds(1000));
    const bool works = used - used_ >= slice / 100 || child.is_ready_to_run();
    used_ = used;
    if (printed != 0) end_ = last_end_;
    else if (works) end_ = (std::min)(end_ + slice, last_end_);
  }

  const Command& command_;
  ProcessClock::time_point end_ = (ProcessClock::time_point::max)() - std::chrono::hours(1);
  ProcessClock::time_point last_end_{};
  std::chrono::nanoseconds used_{0};
  bool asked_ = false;
};

/// A child's three pipes, this process's ends: all that comes is passed on, what is to be read is
/// written, whatever the order in which the child does both.
class Conversation {
public:
  using Take = FunctionRef<void(Stream, std::string_view)>;
  Conversation(const Command& command, const Take& take)
      : take_(take),
        input_(command.input == RunInput::text ? command.input_text : std::string_view()),
        buffer_(new char[buffer_size]) {}

  /// Opens the pipes and returns the child's ends.
  ChildFiles open(const Command& command) {
    ChildFiles files;
    for (Handle* end : {&files.out, &files.err}) {
      Pipe pipe = make_pipe(command.program);
      make_nonblocking(pipe.read, command.program);
      (end == &files.out ? out_ : err_) = std::move(pipe.read);
      *end = std::move(pipe.write);
    }
    if (command.input == RunInput::text) {
      Pipe pipe = make_pipe(command.program);
      make_nonblocking(pipe.write, command.program);
      in_ = std::move(pipe.write);
      files.in = std::move(pipe.read);
    } else {
      files.in = command.input == RunInput::inherited ? own_input(command.program)
                                                      : open_empty(command.program);
    }
    return files;
  }

  /// Waits until something can be done, or `wait` milliseconds, and does it.
  void proceed(std::intptr_t end, int wait) {
    const Readiness ready = wait_until_ready({&out_, &err_, &in_, end}, wait);
    if (ready.out) take_from(out_, Stream::out);
    if (ready.err) take_from(err_, Stream::err);
    if (ready.in) give();
  }

  /// Takes all that the child has left in its pipes.
  void drain() {
    while (out_ && take_from(out_, Stream::out)) {
    }
    while (err_ && take_from(err_, Stream::err)) {
    }
  }

  std::uint64_t printed() const { return printed_; }

private:
  static constexpr std::size_t buffer_size = 65536;

  /// Whether there was something.
  bool take_from(Handle& from, Stream stream) {
    const std::optional<std::size_t> size = read_now(from, buffer_.get(), buffer_size);
    if (size == std::size_t{0}) from.close();
    if (size.value_or(0) == 0) return false;
    printed_ += *size;
    take_(stream, {buffer_.get(), *size});
    return true;
  }

  void give() {
    const std::optional<std::size_t> size = write_now(in_, input_.substr(0, buffer_size));
    input_.remove_prefix(size.value_or(input_.size()));
    if (input_.empty()) in_.close();
  }

  Take take_;
  std::string_view input_;
  std::unique_ptr<char[]> buffer_;
  Handle in_{}, out_{}, err_{};
  std::uint64_t printed_ = 0;
};

/// A child that runs; counted, since the next one to end makes room for another.
class RunningChild {
public:
  RunningChild() { ++count(); }
  ~RunningChild() { --count(); }
  RunningChild(const RunningChild&) = delete;
  RunningChild& operator=(const RunningChild&) = delete;
  static std::atomic<int>& count() {
    static std::atomic<int> running{0};
    return running;
  }
};

/// Starts a child. When the system has no room for it now, it is tried again: as long as others of this
/// process run, and for `patience` more. So it is while the program is open for writing: one that another
/// thread starts at this moment has what this one wrote open until it is a program of its own.
VENV_INLINE std::unique_ptr<Child> start_patiently(const Command& command,
                                                   Conversation& conversation) {
  using std::chrono::milliseconds;
  auto end = ProcessClock::now() + command.patience;
  for (milliseconds pause(10);; pause = (std::min)(2 * pause, milliseconds(500))) {
    try {
      return std::make_unique<Child>(command, conversation.open(command));
    } catch (const Error& error) {
      const std::error_code reason = error.system_error();
      const bool is_for_now = reason == std::errc::resource_unavailable_try_again ||
                              reason == std::errc::text_file_busy;
      if (RunningChild::count() > 0) end = ProcessClock::now() + command.patience;
      if (!is_for_now || ProcessClock::now() >= end) throw;
    }
    command.stop.throw_if_made();
    std::this_thread::sleep_for(pause);
  }
}

/// Runs a program to its end. `on_output` is called with pieces of output as they come, from this
/// thread; when it throws, the child is killed.
///
/// - The child inherits no descriptor but its three and those that `command` names. It leads a process
///   group of its own. When this process dies it is asked to end, where the system can do that.
/// - When its time is over (`busy_timeout`, if it has printed something or works: its processor time
///   grows, which Linux and Windows tell), when it is to stop or when it prints too much, it is asked to end
///   (SIGTERM), and after `grace` killed with all that it started.
/// - It is over when the child itself has ended, though others that it started keep its output open.
/// - Its status is right whatever this process does with SIGCHLD and whoever waits for its children.
/// - It costs the same in a process of any size. When the system has no room for a process now, it is
///   tried again: while others of this process run, and for `patience` more.
///
/// Throws Error (`io`), which says what failed, when the child can't be started, and Error
/// (`invalid_argument`) for an argument or variable that no process can be given.
VENV_INLINE ExitStatus run_command(const Command& command,
                                   FunctionRef<void(Stream, std::string_view)> on_output) {
  refuse_impossible(command);
  Conversation conversation(command, on_output);
  const std::unique_ptr<Child> child = start_patiently(command, conversation);
  const RunningChild running;
  if (command.stop.wants_starts()) {
    std::vector<std::string> arguments{text_of(command.program)};
    arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
    command.stop.tell_start(arguments);
  }
  ChildDeadline deadline(command);
  ExitStatus why;
  std::optional<ExitStatus> status;
  for (int pause = 1; !(status = child->status()); pause = (std::min)(2 * pause, 50)) {
    deadline.enforce(*child, why, conversation.printed());
    const bool told = child->end_handle() >= 0;
    conversation.proceed(child->end_handle(),
                         told ? deadline.wait() : (std::min)(pause, deadline.wait()));
  }
  if (deadline.has_asked()) child->kill(); // what it started may not have listened
  conversation.drain();
  status->timed_out = why.timed_out;
  status->was_busy = why.was_busy;
  status->cancelled = why.cancelled;
  status->printed_too_much = why.printed_too_much;
  return *status;
}

VENV_DETAIL_END
