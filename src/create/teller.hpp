#pragma once

#include "../api/event.hpp"
#include "../api/options.hpp"
#include "../system/command.hpp"
#include "../system/lock.hpp"
#include "../system/stop.hpp"
#include "../text/utf8.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

VENV_BEGIN

VENV_INLINE std::string name_of(EventKind kind) {
  switch (kind) {
  case EventKind::phase: return "phase";
  case EventKind::warning: return "warning";
  case EventKind::command: return "command";
  case EventKind::package: return "package";
  case EventKind::output: return "output";
  case EventKind::waiting: return "waiting";
  case EventKind::running: return "running";
  case EventKind::note:
  default: return "note";
  }
}

VENV_INLINE std::string name_of(Phase phase) {
  switch (phase) {
  case Phase::looking: return "looking";
  case Phase::python: return "python";
  case Phase::directories: return "directories";
  case Phase::interpreter: return "interpreter";
  case Phase::pip: return "pip";
  case Phase::scripts: return "scripts";
  case Phase::upgrade: return "upgrade";
  case Phase::packages: return "packages";
  case Phase::none:
  default: return "none";
  }
}

VENV_INLINE std::string name_of(WarningCode code) {
  switch (code) {
  case WarningCode::no_links: return "no-links";
  case WarningCode::kept_file: return "kept-file";
  case WarningCode::script_left_out: return "script-left-out";
  case WarningCode::pip_wheel_bad: return "pip-wheel-bad";
  case WarningCode::old_python: return "old-python";
  case WarningCode::fleeting_base: return "fleeting-base";
  case WarningCode::other_minor: return "other-minor";
  case WarningCode::shared_file: return "shared-file";
  case WarningCode::left_over: return "left-over";
  case WarningCode::not_shared: return "not-shared";
  case WarningCode::not_put_back: return "not-put-back";
  case WarningCode::redirected: return "redirected";
  case WarningCode::other:
  default: return "other";
  }
}

VENV_END

VENV_DETAIL_BEGIN

/// The phase for people.
VENV_INLINE std::string text_of(Phase phase) {
  switch (phase) {
  case Phase::looking: return "looking at the environment";
  case Phase::python: return "looking for the base Python";
  case Phase::directories: return "making directories";
  case Phase::interpreter: return "setting up Python";
  case Phase::pip: return "installing pip";
  case Phase::scripts: return "writing scripts";
  case Phase::upgrade: return "upgrading pip";
  case Phase::packages: return "installing packages";
  case Phase::none:
  default: return "working";
  }
}

/// A command in one line, which ends where it gets long or a second line begins.
VENV_INLINE std::string text_of(const std::vector<std::string>& arguments) {
  constexpr std::size_t longest = 100;
  std::string text;
  for (const std::string& argument : arguments) text += (text.empty() ? "" : " ") + argument;
  const std::size_t end = (std::min)(text.find('\n'), longest);
  return printable(text.substr(0, end)) + (end < text.size() ? "..." : "");
}

VENV_INLINE Event line_event(Report kind, const std::string& line) {
  Event event;
  event.kind = kind == Report::warning ? EventKind::warning : EventKind::note;
  event.text = line;
  return event;
}

VENV_INLINE Event warning_event(WarningCode code, const std::string& line) {
  Event event = line_event(Report::warning, line);
  event.warning = code;
  return event;
}

VENV_INLINE Event output_event(std::string_view line) {
  Event event;
  event.kind = EventKind::output;
  event.text = std::string(line);
  return event;
}

VENV_INLINE Event package_event(std::string package, std::size_t number, std::size_t count) {
  Event event;
  event.kind = EventKind::package;
  event.text =
      package + (count ? " (" + std::to_string(number) + " of " + std::to_string(count) + ')'
                       : std::string());
  event.package = std::move(package);
  event.number = number;
  event.count = count;
  return event;
}

/// What is called when a program is started.
VENV_INLINE StopRequest::Started tell_started(const std::function<void(const Event&)>& on_event) {
  if (!on_event) return {};
  return [on_event](const std::vector<std::string>& arguments) {
    Event event;
    event.kind = EventKind::command;
    event.text = text_of(arguments);
    event.arguments = arguments;
    on_event(event);
  };
}

/// Tells a caller what one call does, and asks whether it is to stop: both on the thread that it was made
/// on and no other. What another thread tells waits until this one is asked or tells something.
///
/// One can stand before another: an event that has a phase already keeps it.
class Teller : public std::enable_shared_from_this<Teller> {
public:
  Teller(std::function<void(const Event&)> on_event,
         std::function<void(Report, const std::string&)> report, std::function<bool()> is_cancelled)
      : on_event_(std::move(on_event)), report_(std::move(report)),
        is_cancelled_(std::move(is_cancelled)) {}
  explicit Teller(const Options& options)
      : Teller(options.on_event, options.report, options.is_cancelled) {}

  void tell(Event event) {
    if (std::this_thread::get_id() != thread_) {
      const std::lock_guard<std::mutex> lock(mutex_);
      return others_.push_back(std::move(event));
    }
    tell_others();
    deliver(std::move(event));
  }
  void begin(Phase phase) {
    phase_ = phase;
    Event event;
    event.kind = EventKind::phase;
    event.text = text_of(phase);
    tell(std::move(event));
  }

  /// Who else holds a directory, while that is waited for.
  void wait_for(const std::string& holder, const fs::path& dir) {
    Event event;
    event.kind = EventKind::waiting;
    event.text = "waiting for " + holder + ", which makes " + quoted(dir);
    event.holder = holder;
    event.path = dir;
    tell(std::move(event));
  }
  /// The wait is over.
  void end_wait() {
    if (activity_.kind == EventKind::waiting) set_activity(line_event({}, text_of(phase_)));
  }

  /// What is to be asked, at least every 50 ms, while something is waited for: tells what others told, and
  /// each second that the work goes on. Empty when nobody is there.
  std::function<bool()> pulse() {
    if (!on_event_) return is_cancelled_;
    return [self = shared_from_this()] { return self->ask(); };
  }
  std::function<void(const Event&)> event_callback() {
    if (!on_event_) return {};
    return [self = shared_from_this()](const Event& event) { self->tell(event); };
  }
  /// How a call that tells is asked to stop.
  StopRequest stop_request() { return StopRequest(pulse(), tell_started(event_callback())); }
  /// How long a directory is waited for.
  LockWait lock_wait(const fs::path& dir, std::chrono::milliseconds limit,
                     const StopRequest& stop) {
    LockWait wait;
    wait.limit = limit;
    wait.stop = stop;
    wait.on_wait = [self = shared_from_this(), dir](const std::string& holder) {
      self->wait_for(holder, dir);
    };
    return wait;
  }
  /// The same options, with callbacks that lead here, for what has no teller of its own.
  Options options_through(Options options) {
    options.on_event = event_callback();
    options.report = [self = shared_from_this()](Report kind, const std::string& line) {
      self->tell(line_event(kind, line));
    };
    options.is_cancelled = pulse();
    return options;
  }

private:
  using Clock = std::chrono::steady_clock;
  /// A little less than the second that is promised.
  static constexpr std::chrono::milliseconds interval{900};

  bool ask() {
    tell_others();
    const Clock::time_point now = Clock::now();
    if (now - told_ >= interval) {
      Event event = activity_;
      if (event.kind != EventKind::waiting) event.kind = EventKind::running;
      event.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - since_);
      deliver(std::move(event));
    }
    return is_cancelled_ && is_cancelled_();
  }
  void tell_others() {
    std::vector<Event> events;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      events.swap(others_);
    }
    for (Event& event : events) deliver(std::move(event));
  }
  void deliver(Event event) {
    const bool has_phase = phase_ != Phase::none;
    if (event.phase == Phase::none) event.phase = phase_;
    if (event.kind == EventKind::running && has_phase) event.text = activity_.text; // it says more
    const bool begins = event.elapsed.count() == 0;
    if (event.kind == EventKind::phase || (event.kind == EventKind::waiting && begins) ||
        (event.kind == EventKind::command && !has_phase))
      set_activity(event);
    told_ = Clock::now();
    if (on_event_) on_event_(event);
    if (report_) tell_line(event);
  }
  void set_activity(Event event) {
    since_ = Clock::now();
    activity_ = std::move(event);
  }
  void tell_line(const Event& event) const {
    switch (event.kind) {
    case EventKind::warning: return report_(Report::warning, event.text);
    case EventKind::waiting:
      if (event.elapsed.count() == 0) report_(Report::progress, event.text);
      return;
    case EventKind::note:
    case EventKind::output: return report_(Report::progress, event.text);
    default: return;
    }
  }

  std::function<void(const Event&)> on_event_;
  std::function<void(Report, const std::string&)> report_;
  std::function<bool()> is_cancelled_;
  std::thread::id thread_ = std::this_thread::get_id();
  std::mutex mutex_{};
  std::vector<Event> others_{}; ///< that other threads told
  Phase phase_ = Phase::none;
  Event activity_ = line_event({}, text_of(Phase::none)); ///< what goes on, since when
  Clock::time_point since_ = Clock::now(), told_ = since_;
};

VENV_DETAIL_END
