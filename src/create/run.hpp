#pragma once

#include "../api/error.hpp"
#include "../api/process.hpp"
#include "../base/error.hpp"
#include "../base/function_ref.hpp"
#include "../system/platform.hpp"
#include "../system/process.hpp"
#include "../system/status.hpp"
#include "../system/variables.hpp"
#include "../text/utf8.hpp"
#include "teller.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// Cuts what comes in pieces into lines.
class LineSplitter {
public:
  using Take = FunctionRef<void(std::string_view)>;
  void add(std::string_view piece, const Take& take) {
    rest_ += piece;
    std::size_t start = 0;
    for (std::size_t end; (end = rest_.find('\n', start)) != rest_.npos; start = end + 1)
      take(without_return(std::string_view(rest_).substr(start, end - start)));
    rest_.erase(0, start);
  }
  void finish(const Take& take) {
    if (!rest_.empty()) take(without_return(rest_));
    rest_.clear();
  }

private:
  static std::string_view without_return(std::string_view line) {
    return line.substr(0, line.size() - (!line.empty() && line.back() == '\r'));
  }
  std::string rest_{};
};

/// The variables that every child in the environment gets, and those that it doesn't. `path`: the
/// folders in which programs are looked for elsewhere.
VENV_INLINE Changes environment_changes(const Context& context, const std::string& path) {
  Changes changes{
      {"VIRTUAL_ENV", text_of(context.env_dir)},
      {"VIRTUAL_ENV_PROMPT", context.prompt.empty() ? context.env_name : context.prompt},
      {"PIP_USER", "0"}, // `user = true` in a pip.conf
      {"PATH", text_of(context.bin_path) + (path.empty() ? "" : search_path_separator + path)}};
  for (const char* name : {"PYTHONHOME", "PYTHONPATH", "PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__",
                           "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON"})
    changes.push_back({name, std::nullopt});
  return changes;
}

/// Those of one child. A later change of a variable is the one that counts.
VENV_INLINE Changes variables_of(const Context& context, const RunOptions& options) {
  Changes changes = environment_changes(context, search_path());
  if (options.on_line || options.on_output)
    for (const auto& [name, value] :
         {std::pair("PYTHONUNBUFFERED", "1"), std::pair("PYTHONIOENCODING", "utf-8")})
      if (!variable(name)) changes.push_back({name, value});
  if (options.installs)
    for (const char* name : {"PYTHONNOUSERSITE", "PIP_NO_INPUT", "PIP_DISABLE_PIP_VERSION_CHECK"})
      changes.push_back({name, "1"});
  changes.insert(changes.end(), options.variables.begin(), options.variables.end());
  return changes;
}

/// Refuses a Python that would not be the environment's: without `pyvenv.cfg` it is the base Python.
VENV_INLINE void refuse_base_python(const Context& context) {
  const auto [end, rest] = std::mismatch(context.env_dir.begin(), context.env_dir.end(),
                                         context.env_exec_cmd.begin(), context.env_exec_cmd.end());
  const fs::path cfg = context.env_dir / "pyvenv.cfg";
  if (context.env_dir.empty() || end != context.env_dir.end() ||
      followed_status_of(cfg).kind == FileKind::file)
    return;
  Error error(ErrorCode::not_an_environment,
              quoted(context.env_dir) + " has no pyvenv.cfg: its Python would be the base Python");
  error.at("run the environment's Python").on(cfg);
  throw error;
}

/// The program that `name` means in the environment.
VENV_INLINE fs::path program_in(const Context& context, const std::string& name) {
  fs::path program = path_of(name);
  if (name == "python" && !context.env_exec_cmd.empty()) return context.env_exec_cmd;
  if (program.has_parent_path() || program.empty()) return program;
  fs::path own = context.bin_path / path_of(name + std::string(executable_suffix));
  if (is_executable(own)) return own;
  const std::string path = search_path();
  for (const std::string_view folder : split(path, search_path_separator)) {
    const fs::path found = path_of(folder) / path_of(name + std::string(executable_suffix));
    if (is_whole(found) && followed_status_of(found).kind == FileKind::file && is_executable(found))
      return found;
  }
  Error error(ErrorCode::io, "cannot start '" + printable(name) +
                                 "': there is no such program in " + quoted(context.bin_path) +
                                 " or on PATH");
  error.at("start").on(own);
  throw error;
}

/// What a child prints, as far as it is kept.
class KeptOutput {
public:
  explicit KeptOutput(RunOutput kind) : kind_(kind) {}
  void add(Stream stream, std::string_view piece) {
    std::string& text = kind_ == RunOutput::apart && stream == Stream::err ? err_ : out_;
    text += piece;
    if (kind_ == RunOutput::none && text.size() > 2 * least) text.erase(0, text.size() - least);
  }
  void give(RunResult& result) {
    if (kind_ == RunOutput::none) return;
    result.out = std::move(out_);
    result.err = std::move(err_);
  }
  std::string all() const { return out_ + err_; }

private:
  static constexpr std::size_t least = 1u << 20; ///< for an error, when it isn't given back
  RunOutput kind_;
  std::string out_{}, err_{};
};

VENV_INLINE std::string how_it_ended(const RunResult& result, const RunOptions& options) {
  if (result.timed_out)
    return "took longer than " + std::to_string(options.timeout.count()) + " ms";
  if (result.cancelled) return "was cancelled";
  if (!result.is_status_known)
    return "ended, and the system does not tell how: this process gave its status away";
  if (result.signal) return "was ended by signal " + std::to_string(result.signal);
  return "exited with " + std::to_string(result.exit_code);
}

VENV_INLINE Error failed_run(const Command& command, const RunResult& result,
                             const RunOptions& options, std::string output) {
  std::string shown = text_of(command.program);
  for (const std::string& argument : command.arguments) shown += ' ' + argument;
  const ErrorCode code = result.cancelled ? ErrorCode::interrupted : ErrorCode::command_failed;
  Error error(code, printable(shown) + ' ' + how_it_ended(result, options));
  error.at("run a program in the environment").on(command.program).printed(std::move(output));
  if (result.is_status_known && !result.signal && !result.timed_out && !result.cancelled)
    error.exited_with(result.exit_code);
  return error;
}

VENV_INLINE Command command_in(const Context& context, const std::string& program,
                               const std::vector<std::string>& arguments,
                               const RunOptions& options) {
  Command command;
  command.program = program_in(context, program);
  command.arguments = arguments;
  command.environment = variables_of(context, options);
  command.cwd = options.cwd;
  command.timeout = options.timeout;
  command.grace = options.grace;
  command.input = options.reads;
  command.input_text = options.input;
  command.descriptors = options.descriptors;
  command.output_limit = 0;
  command.stop =
      std::make_shared<Teller>(options.on_event, nullptr, options.is_cancelled)->stop_request();
  return command;
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE RunResult run_program(const Context& context, const std::string& program,
                                  const std::vector<std::string>& arguments,
                                  const RunOptions& options) {
  using namespace detail;
  refuse_base_python(context);
  const Command command = command_in(context, program, arguments, options);
  KeptOutput kept(options.output);
  std::array<LineSplitter, 2> lines;
  const auto take_line = [&options](Stream stream) {
    return [&options, stream](std::string_view line) {
      if (options.on_line) options.on_line(stream, line);
    };
  };
  const ExitStatus status = run_command(command, [&](Stream stream, std::string_view piece) {
    kept.add(stream, piece);
    if (options.on_output) options.on_output(stream, piece);
    if (options.on_line) lines[stream == Stream::err].add(piece, take_line(stream));
  });
  lines[0].finish(take_line(Stream::out));
  lines[1].finish(take_line(Stream::err));
  RunResult result;
  result.exit_code = status.code;
  result.signal = status.signal;
  result.is_status_known = status.is_known;
  result.timed_out = status.timed_out;
  result.cancelled = status.cancelled;
  if (!result.succeeded() && options.throws) throw failed_run(command, result, options, kept.all());
  kept.give(result);
  return result;
}

VENV_INLINE std::string run(const Context& context, const std::vector<std::string>& arguments,
                            const RunOptions& options) {
  return run_program(context, "python", arguments, options).out;
}

VENV_END
