#pragma once

#include "../api/options.hpp"
#include "../base/error.hpp"
#include "../system/process.hpp"
#include "../base/ascii.hpp"
#include "../text/utf8.hpp"
#include "../system/tree.hpp"
#include "probe_answer.hpp"
#include "scripts/embedded.hpp"

#include <algorithm>
#include <cstddef>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// How an interpreter is run to be asked something.
struct ProbeOptions {
  std::chrono::milliseconds timeout{std::chrono::seconds(10)}; ///< 0: it may take any time
  std::chrono::milliseconds busy_timeout{std::chrono::seconds(60)};
  StopRequest stop{};
  Changes variables{}; ///< a caller's own, after what is taken out for all
  std::chrono::milliseconds patience{std::chrono::seconds(10)}; ///< see `Command`
};

VENV_INLINE ProbeOptions probe_options(const Options& options, StopRequest stop) {
  ProbeOptions asking;
  asking.timeout = options.python_timeout;
  asking.busy_timeout = options.python_busy_timeout;
  asking.stop = std::move(stop);
  asking.variables = options.child_variables;
  return asking;
}

VENV_INLINE Error unusable(const fs::path& python, const std::string& why) {
  Error error(ErrorCode::python_unusable, quoted(python) + ' ' + why);
  error.at("ask the interpreter").on(python);
  return error;
}

/// The last line of what a child printed, where a traceback says why, short enough for a message.
VENV_INLINE std::string last_line(std::string_view output) {
  const std::string_view text = strip(output);
  return printable(text.substr(text.rfind('\n') + 1).substr(0, 200));
}

/// The first line of what a child printed, short enough for a message.
VENV_INLINE std::string first_line(std::string_view output) {
  const std::string_view text = strip(output);
  return printable(text.substr(0, (std::min<std::size_t>)(text.find('\n'), 200)));
}

/// Why a Python does not start, as it says itself: a fatal error comes below its configuration.
VENV_INLINE std::string fault_line(std::string_view output) {
  const std::size_t fatal = output.find("Fatal Python error: ");
  return first_line(fatal == output.npos ? output : output.substr(fatal));
}

/// Settings that would make a Python answer for another one. Python 3.11 and newer heed
/// PYTHONEXECUTABLE even when isolated (-I).
VENV_INLINE Changes without_steering() {
  return {{"PYTHONHOME", {}},
          {"PYTHONPATH", {}},
          {"PYTHONEXECUTABLE", {}},
          {"__PYVENV_LAUNCHER__", {}}};
}

VENV_INLINE Error too_old(const fs::path& python, const std::string& version) {
  Error error(ErrorCode::python_unsupported,
              quoted(python) + " is Python " + version +
                  "; environments can be made of Python 3.6 and newer");
  error.at("ask the interpreter").on(python).advise("Ask for a newer one.");
  return error;
}

/// More of a child's output than this is not kept.
inline constexpr std::size_t kept_output = 1u << 20;

/// Runs a Python to its end. Throws Error (`interrupted`) when it was stopped.
VENV_INLINE ExitStatus run_python(const fs::path& python, std::vector<std::string> arguments,
                                  const ProbeOptions& options,
                                  FunctionRef<void(Stream, std::string_view)> on_output) {
  Command command{python, std::move(arguments), without_steering(), {}, options.timeout};
  command.environment.insert(command.environment.end(), options.variables.begin(),
                             options.variables.end());
  command.busy_timeout = options.busy_timeout;
  command.stop = options.stop;
  command.patience = options.patience;
  const ExitStatus exit = run_command(command, on_output);
  options.stop.throw_if_made();
  return exit;
}

/// What a Python says to `-V`, which every version knows.
VENV_INLINE std::string version_line(const fs::path& python, const ProbeOptions& options) {
  std::string output;
  run_python(python, {"-V"}, options, [&output](Stream, std::string_view piece) {
    output += piece.substr(0, kept_output - (std::min)(kept_output, output.size()));
  });
  return first_line(output);
}

/// What came of running the probe.
struct ProbeRun {
  ExitStatus exit{};
  std::string output{}, errors{};
};

/// `10 s`, `1500 ms`.
VENV_INLINE std::string duration_text(std::chrono::milliseconds time) {
  const auto count = time.count();
  return count % 1000 ? std::to_string(count) + " ms" : std::to_string(count / 1000) + " s";
}

[[noreturn]] VENV_INLINE void reject_answer(const fs::path& python, const ProbeRun& run,
                                            const ProbeOptions& options) {
  const auto& [exit, output, errors] = run;
  if (exit.timed_out)
    throw unusable(python,
                   "did not answer within " +
                       duration_text(exit.was_busy ? options.busy_timeout : options.timeout));
  if (errors.find("Unknown option: -I") != errors.npos) {
    std::string version = version_line(python, options);
    if (version.substr(0, 7) == "Python ") throw too_old(python, version.substr(7));
  }
  if (exit.signal) throw unusable(python, "was ended by signal " + std::to_string(exit.signal));
  const std::string said = fault_line(errors.empty() ? output : errors);
  const std::string detail = said.empty() ? "" : ": " + said;
  if (exit.code) throw unusable(python, "exits with " + std::to_string(exit.code) + detail);
  throw unusable(python, "does not answer as Python does" + detail);
}

VENV_INLINE Error gone(const fs::path& python) {
  Error error(ErrorCode::python_gone, quoted(python) + " is a link to nothing: " +
                                          quoted(link_target(python)) + " is gone");
  error.at("ask the interpreter").on(python);
  return error;
}

VENV_INLINE void refuse_unrunnable(const fs::path& python) {
  const FileStatus status = followed_status_of(python);
  if (status.kind == FileKind::missing && status_of(python).kind == FileKind::link)
    throw gone(python);
  if (status.kind == FileKind::missing)
    throw Error(ErrorCode::python_not_found, quoted(python) + " does not exist").on(python);
  if (status.kind == FileKind::directory)
    throw unusable(python, "is a directory, not an interpreter");
  if (!is_executable(python)) throw unusable(python, "is not executable");
}

VENV_INLINE ProbeRun run_probe(const fs::path& python, const ProbeOptions& options) {
  ProbeRun run;
  try {
    run.exit = run_python(python, {"-I", "-S", "-c", std::string(script_probe)}, options,
                          [&run](Stream stream, std::string_view piece) {
                            std::string& kept = stream == Stream::out ? run.output : run.errors;
                            if (kept.size() < kept_output) kept += piece;
                          });
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted) throw;
    throw unusable(python, "cannot be run: " + std::string(error.what()));
  }
  return run;
}

/// Runs `python` once and returns its answer, with the real path of the executable added. Errors: see
/// `find_interpreter`.
VENV_INLINE ProbeAnswer ask(const fs::path& python, const ProbeOptions& options = {}) {
  refuse_unrunnable(python);
  const ProbeRun run = run_probe(python, options);
  auto answer = find_answer(run.output);
  if (!answer) reject_answer(python, run, options);
  if (version_in(*answer) < Version(3, 6)) throw too_old(python, answer->value("version"));
  if (answer->value("executable").empty()) throw unusable(python, "does not know its own path");
  if (!is_whole(*answer)) reject_answer(python, run, options);
  const fs::path executable = answer->path("executable");
  const auto real = resolved(executable);
  if (!real)
    throw unusable(python, "says that it is " + quoted(executable) + ", which leads nowhere");
  answer->set("real_executable", text_of(*real));
  return *answer;
}

VENV_DETAIL_END
