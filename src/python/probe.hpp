#pragma once

#include "../base/error.hpp"
#include "../api/interpreter.hpp"
#include "../system/process.hpp"
#include "../base/ascii.hpp"
#include "../base/hex.hpp"
#include "../text/utf8.hpp"
#include "../text/version.hpp"
#include "scripts/embedded.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

VENV_DETAIL_BEGIN

/// How long an interpreter may take to say what it is.
inline constexpr std::chrono::seconds probe_timeout{10};

VENV_INLINE Error unusable(const fs::path& python, const std::string& why) {
  Error error(ErrorCode::python_unusable, quoted(python) + ' ' + why);
  error.at("ask the interpreter").on(python);
  return error;
}

/// The first line of what a child printed, short enough for a message.
VENV_INLINE std::string first_line(std::string_view output) {
  const std::string_view text = strip(output);
  return printable(text.substr(0, std::min<std::size_t>(text.find('\n'), 200)));
}

VENV_INLINE std::array<int, 3> release_of(std::string_view text) {
  const auto request = parse_version_request(text);
  return request && request->parts == 3 ? request->release : std::array<int, 3>{};
}

/// The fields of the answer, whatever a wrapper may have printed around them; empty where there is
/// no whole answer.
VENV_INLINE std::vector<std::string> fields_of_answer(const std::string& output) {
  constexpr std::string_view begin("\0venv.hpp probe 1\0", 18), end("\0end\0", 5);
  const std::size_t from = output.find(begin), to = output.rfind(end);
  if (from == output.npos || to == output.npos || to < from + begin.size() - 1) return {};
  const std::size_t first = from + begin.size();
  const auto parts = split(std::string_view(output).substr(first, to - first), '\0');
  return {parts.begin(), parts.end()};
}

/// How many fields an answer has: those of the script, and the real path of the executable.
inline constexpr std::size_t probe_fields = 14;

/// The field that says where the standard library lies.
VENV_INLINE fs::path stdlib_field(const std::vector<std::string>& fields) {
  return path_of(fields[7]);
}

/// Whether the file that was run is the interpreter, and not a wrapper that uses its own name for it.
VENV_INLINE bool runs_itself(const std::vector<std::string>& fields) { return fields[12] == "1"; }

VENV_INLINE Interpreter to_interpreter(const std::vector<std::string>& fields) {
  auto field = fields.begin();
  Interpreter python;
  python.version = release_of(*field++);
  python.implementation = *field++;
  python.cache_tag = *field++;
  python.platform = *field++;
  python.executable = path_of(*field++);
  python.base_executable = path_of(*field++);
  python.base_prefix = path_of(*field++);
  python.stdlib = path_of(*field++);
  python.magic = from_hex(*field++);
  python.is_64bit = *field++ == "1";
  python.free_threaded = *field++ == "1";
  python.debug = *field++ == "1";
  python.real_executable = path_of(fields.back());
  return python;
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
  error.at("ask the interpreter").on(python).advise("Name a newer one with --python.");
  return error;
}

/// What a Python says to `-V`, which every version knows.
VENV_INLINE std::string version_line(const fs::path& python) {
  std::string output;
  run_command({python, {"-V"}, without_steering(), {}, probe_timeout},
              [&output](Stream, std::string_view piece) { output += piece; });
  return first_line(output);
}

[[noreturn]] VENV_INLINE void reject_answer(const fs::path& python, const ExitStatus& exit,
                                            const std::string& output, const std::string& errors) {
  if (exit.timed_out)
    throw unusable(python, "did not answer within " + std::to_string(probe_timeout.count()) + " s");
  if (errors.find("Unknown option: -I") != errors.npos) {
    std::string version = version_line(python);
    if (version.substr(0, 7) == "Python ") throw too_old(python, version.substr(7));
  }
  if (exit.signal) throw unusable(python, "was ended by signal " + std::to_string(exit.signal));
  const std::string said = first_line(errors.empty() ? output : errors);
  const std::string detail = said.empty() ? "" : ": " + said;
  if (exit.code)
    throw unusable(python, "exits with " + std::to_string(exit.code) + detail)
        .exited_with(exit.code);
  throw unusable(python, "does not answer as Python does" + detail);
}

VENV_INLINE void refuse_unrunnable(const fs::path& python) {
  const Status status = followed_status_of(python);
  if (status.kind == FileKind::missing && status_of(python).kind == FileKind::link)
    throw unusable(python, "is a link to nothing");
  if (status.kind == FileKind::missing)
    throw Error(ErrorCode::python_not_found, quoted(python) + " does not exist").on(python);
  if (status.kind == FileKind::directory)
    throw unusable(python, "is a directory, not an interpreter");
  if (!is_executable(python)) throw unusable(python, "is not executable");
}

/// Runs `python` once and returns the fields of its answer. Errors: see `find_interpreter`.
VENV_INLINE std::vector<std::string> ask(const fs::path& python) {
  refuse_unrunnable(python);
  std::string output, errors;
  const Command command{
      python, {"-I", "-S", "-c", std::string(script_probe)}, without_steering(), {}, probe_timeout};
  const auto keep = [&](Stream stream, std::string_view piece) {
    std::string& kept = stream == Stream::out ? output : errors;
    if (kept.size() < 1u << 20) kept += piece;
  };
  ExitStatus exit;
  try {
    exit = run_command(command, keep);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted) throw;
    throw unusable(python, "cannot be run: " + std::string(error.what()))
        .caused_by(error.system_error());
  }
  std::vector<std::string> fields = fields_of_answer(output);
  if (fields.size() == 1) throw too_old(python, fields[0]);
  if (fields.size() != probe_fields - 1) reject_answer(python, exit, output, errors);
  if (release_of(fields[0]) < std::array<int, 3>{3, 6, 0}) throw too_old(python, fields[0]);
  if (fields[4].empty()) throw unusable(python, "does not know its own path");
  std::error_code failed;
  fields.push_back(text_of(fs::canonical(path_of(fields[4]), failed)));
  if (failed) throw io_error("resolve", path_of(fields[4]), failed);
  return fields;
}

VENV_DETAIL_END
