#pragma once

#include "../api/command_line.hpp"
#include "../api/event.hpp"
#include "../system/path.hpp"
#include "../system/terminal.hpp"
#include "../text/utf8.hpp"
#include "../use/pip_failure.hpp"
#include "json.hpp"
#include "output.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

VENV_DETAIL_BEGIN

/// Whether somebody wants to read what was done.
VENV_INLINE bool is_talkative(const CommandLine& line) {
  return !line.quiet && (line.verbose || stderr_is_terminal());
}

/// The line at the end of a terminal that says what goes on, and how long. It is written over, and gone
/// when this is.
class ProgressLine {
public:
  explicit ProgressLine(bool is_shown) : is_shown_(is_shown) {}
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine() { clear(); }

  void show(const Event& event) {
    if (!is_shown_) return;
    constexpr std::size_t widest = 60; // a line that is broken can't be written over
    const std::string what =
        event.text.size() > widest ? event.text.substr(0, widest) + "..." : event.text;
    const auto seconds = std::chrono::round<std::chrono::seconds>(event.elapsed).count();
    const std::string text = printable(what) + " (" + std::to_string(seconds) + " s)";
    const std::size_t rest = size_ > text.size() ? size_ - text.size() : 0;
    print(stderr, '\r' + text + std::string(rest, ' '));
    size_ = text.size();
  }
  void clear() {
    if (size_ != 0) print(stderr, '\r' + std::string(size_, ' ') + '\r');
    size_ = 0;
  }

private:
  bool is_shown_;
  std::size_t size_ = 0;
};

/// One event as an object in one line: what its kind has.
VENV_INLINE std::string json_of(const Event& event) {
  JsonObject object;
  object.add("event", json_string(name_of(event.kind)))
      .add("phase", json_string(name_of(event.phase)))
      .add("text", json_string(event.text));
  if (event.kind == EventKind::warning) object.add("code", json_string(name_of(event.warning)));
  if (event.kind == EventKind::command) {
    std::string arguments;
    for (const std::string& argument : event.arguments)
      arguments += (arguments.empty() ? "" : ", ") + json_string(argument);
    object.add("arguments", '[' + arguments + ']');
  }
  if (event.kind == EventKind::package)
    object.add("package", json_string(event.package))
        .add("number", std::to_string(event.number))
        .add("count", std::to_string(event.count));
  if (event.kind == EventKind::waiting)
    object.add("holder", json_string(event.holder)).add("path", json_string(text_of(event.path)));
  if (event.kind == EventKind::waiting || event.kind == EventKind::running)
    object.add("elapsed_ms", std::to_string(event.elapsed.count()));
  return object.text() + '\n';
}

VENV_INLINE std::string json_of(const Error& error) {
  const PipReport pip = pip_failure(error);
  JsonObject object;
  object.add("event", json_string("error"))
      .add("code", json_string(name_of(error.code())))
      .add("text", json_string(error.what()))
      .add("hint", json_string_or_null(hint_of(error)))
      .add("path", json_string_or_null(text_of(error.path())))
      .add("output", json_string_or_null(error.output()))
      .add("exit_code", error.exit_code() ? std::to_string(*error.exit_code()) : "null");
  if (pip.failure != PipFailure::unknown)
    object.add("pip_failure", json_string(name_of(pip.failure)))
        .add("package", json_string_or_null(pip.package));
  return object.text() + '\n';
}

/// One line of JSON on standard output. Where nobody can read it the call ends.
VENV_INLINE void print_json(const std::string& json) {
  if (!print(stdout, json)) throw Error(ErrorCode::io, "cannot write to standard output");
}

/// What tells people on standard error; `end` stands behind a note.
VENV_INLINE std::shared_ptr<ProgressLine> tell_people(CommandLine& line, const char* end) {
  if (line.quiet) return std::make_shared<ProgressLine>(false);
  const bool steps = is_talkative(line);
  auto progress = std::make_shared<ProgressLine>(steps && stderr_is_terminal());
  line.options.on_event = [progress, steps, end](const Event& event) {
    if (event.elapsed.count() != 0) return progress->show(event);
    const bool is_step = event.kind == EventKind::note || event.kind == EventKind::output ||
                         event.kind == EventKind::waiting;
    if (event.kind != EventKind::warning && !(is_step && steps)) return;
    progress->clear();
    print(stderr,
          event.kind == EventKind::warning ? "Warning: " + event.text + '\n' : event.text + end);
  };
  return progress;
}

/// Does `work` while its events are told as the line asks; `end` stands behind a note for people. `work`
/// is given a function that tells a result. It takes two functions, of which it calls the one that is
/// needed: the text for people costs a walk through the processes above, to find the user's shell.
template <class Work> int while_telling(CommandLine& line, const char* end, Work work) {
  if (line.json) {
    line.options.on_event = [](const Event& event) { print_json(json_of(event)); };
    try {
      return work([](const auto&, const auto& result) { print_json(result().text() + '\n'); });
    } catch (const Error& error) {
      print(stdout, json_of(error)); // and to people as always
      throw;
    }
  }
  const auto progress = tell_people(line, end);
  return work([&line, progress](const auto& text, const auto&) {
    progress->clear();
    if (is_talkative(line)) print(stderr, text());
  });
}

VENV_DETAIL_END
