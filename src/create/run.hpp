#pragma once

#include "../base/error.hpp"
#include "../api/process.hpp"
#include "../system/process.hpp"
#include "../text/utf8.hpp"
#include "../base/function_ref.hpp"

#include <array>
#include <string>
#include <string_view>
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
  std::string rest_;
};

VENV_INLINE Changes environment_changes(const Context& context) {
  Changes changes{{"VIRTUAL_ENV", text_of(context.env_dir)}};
  for (const char* name : {"PYTHONHOME", "PYTHONPATH", "PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__",
                           "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_PYTHON"})
    changes.push_back({name, std::nullopt});
  return changes;
}

VENV_INLINE void refuse_cut_arguments(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments)
    if (argument.find('\0') != argument.npos)
      throw Error(ErrorCode::invalid_argument,
                  "the argument '" + printable(argument) + "' contains a NUL character")
          .at("run the environment's Python");
}

VENV_INLINE std::string how_it_ended(const ExitStatus& exit, const RunOptions& options) {
  if (exit.timed_out) return "took longer than " + std::to_string(options.timeout.count()) + " ms";
  if (exit.signal) return "was ended by signal " + std::to_string(exit.signal);
  return "exited with " + std::to_string(exit.code);
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE std::string run(const Context& context, const std::vector<std::string>& arguments,
                            const RunOptions& options) {
  using namespace detail;
  refuse_cut_arguments(arguments);
  std::string output;
  std::array<LineSplitter, 2> lines;
  const Command command{context.env_exec_cmd, arguments, environment_changes(context),
                        options.cwd.empty() ? context.env_dir : options.cwd, options.timeout};
  const auto take_line = [&options](Stream stream) {
    return [&options, stream](std::string_view line) {
      if (options.on_line) options.on_line(stream, line);
    };
  };
  const ExitStatus exit = run_command(command, [&](Stream stream, std::string_view piece) {
    output += piece;
    lines[stream == Stream::err].add(piece, take_line(stream));
  });
  lines[0].finish(take_line(Stream::out));
  lines[1].finish(take_line(Stream::err));
  if (exit.code == 0 && !exit.timed_out) return output;
  std::string shown = text_of(context.env_exe);
  for (const std::string& argument : arguments) shown += ' ' + argument;
  Error error(ErrorCode::command_failed, printable(shown) + ' ' + how_it_ended(exit, options));
  error.at("run the environment's Python").on(context.env_exec_cmd).printed(std::move(output));
  if (!exit.signal && !exit.timed_out) error.exited_with(exit.code);
  throw error;
}

VENV_END
