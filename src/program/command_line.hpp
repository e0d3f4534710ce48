#pragma once

#include "../api/command_line.hpp"
#include "../api/env_builder.hpp"
#include "../system/own_arguments.hpp"
#include "../system/path.hpp"
#include "../system/platform.hpp"
#include "../system/process.hpp"
#include "../system/variables.hpp"
#include "../system/terminal.hpp"
#include "activation_hint.hpp"
#include "arguments.hpp"
#include "choose_python.hpp"
#include "interruption.hpp"
#include "list_pythons.hpp"
#include "../create/configuration.hpp"
#include "../python/discovery.hpp"
#include "../create/env_builder.hpp"

#include <cstddef>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// Writes all of it, or says that it could not (a full disk, a closed pipe).
VENV_INLINE bool print(std::FILE* stream, const std::string& text) {
  if (write_to_terminal(stream == stderr, text)) return true;
  return std::fwrite(text.data(), 1, text.size(), stream) == text.size() &&
         std::fflush(stream) == 0;
}

VENV_INLINE int print_result(const std::string& text) {
  if (print(stdout, text)) return 0;
  print(stderr, "Error: cannot write to standard output\n");
  return 1;
}

/// The hint for a user of the program: the library's speaks of the fields of `Options`.
VENV_INLINE std::string hint_of(const Error& error) {
  constexpr std::pair<std::string_view, std::string_view> options[] = {
      {"Options::with_pip = false", "--without-pip"},
      {"Options::pip_wheel_dir", "--pip-wheel-dir"},
      {"Options::symlinks", "--symlinks"},
      {"Options::python", "--python"},
      {"Options::force", "--force"},
  };
  std::string hint = error.hint();
  for (const auto& [field, option] : options)
    if (const std::size_t at = hint.find(field); at != std::string::npos)
      hint.replace(at, field.size(), option);
  const bool of_system = text_of(error.path()).rfind("/usr/lib/python3", 0) == 0;
  if (error.code() == ErrorCode::pip_unavailable && of_system)
    hint = "On Debian and Ubuntu: apt install python3-venv. " + hint;
  return hint;
}

VENV_INLINE int print_error(const Error& error) {
  std::string text = error.output();
  if (!text.empty() && text.back() != '\n') text += '\n';
  text += "Error: " + std::string(error.what()) + '\n';
  if (const std::string hint = hint_of(error); !hint.empty()) text += "Hint: " + hint + '\n';
  print(stderr, text);
  return 1;
}

VENV_INLINE void print_summary(const Context& context, const std::string& origin) {
  print(stderr, "Made " + quoted(context.env_dir) + " with " + describe(context.python) + " (" +
                    text_of(context.executable) + (origin.empty() ? "" : ", by " + origin) + ")\n" +
                    "Activate it: " + activation_command(context.bin_path) + '\n');
}

VENV_INLINE std::string version_text() {
  return dotted({VENV_VERSION_MAJOR, VENV_VERSION_MINOR, VENV_VERSION_PATCH});
}

VENV_INLINE std::unique_ptr<EnvBuilder> builder_of(const Program& program, const Options& options) {
  std::unique_ptr<EnvBuilder> own = program.make_builder ? program.make_builder(options) : nullptr;
  return own ? std::move(own) : std::make_unique<EnvBuilder>(options);
}

VENV_INLINE int make_environments(CommandLine& line, const Program& program) {
  Options& options = line.options;
  if (options.upgrade && options.clear)
    throw Error(ErrorCode::invalid_argument, "--upgrade and --clear exclude each other");
  const bool terminal = stderr_is_terminal();
  options.report = [&line, terminal](Report kind, const std::string& said) {
    if (line.quiet) return;
    if (kind == Report::warning) print(stderr, "Warning: " + said + '\n');
    else if (terminal || line.verbose) print(stderr, said + "...\n");
  };
  const std::unique_ptr<EnvBuilder> builder = builder_of(program, options);
  for (const std::string& env_dir : line.env_dirs) {
    const Context context = builder->create(path_of(env_dir));
    if ((terminal || line.verbose) && !line.quiet) print_summary(context, options.python_origin);
  }
  return 0;
}

VENV_INLINE int run_program(const std::vector<std::string>& words, const Program& program) {
  try {
    std::string error;
    std::optional<CommandLine> line = parse_arguments(words, error, program.options);
    if (!line) {
      print(stderr, usage_text(program.name) + program.name + ": error: " + error + '\n');
      return 2;
    }
    if (line->help) return print_result(help_text(program));
    if (line->version) return print_result("venv.hpp " + version_text() + '\n');
    const InterruptGuard guard(note_interruption);
    line->options.is_cancelled = [] { return interruption.signal != 0; };
    choose_python(line->options, line->version_file && !line->list_pythons);
    if (line->list_pythons) {
      const auto [text, any] = list_pythons(line->options, line->json);
      return print_result(text) || !any;
    }
    return make_environments(*line, program);
  } catch (const Error& error) {
    const int signal = interruption.signal;
    if (error.code() == ErrorCode::interrupted && signal) InterruptGuard::die(signal);
    return print_error(error);
  } catch (const std::exception& error) {
    return print_error(Error(ErrorCode::io, error.what()));
  }
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE int main(int argc, const char* const* argv) { return main(argc, argv, Program()); }

VENV_INLINE int main(int argc, const char* const* argv, const Program& program) {
  std::vector<std::string> words = detail::own_arguments(argc, argv);
  if (!words.empty()) words.erase(words.begin());
  return detail::run_program(words, program);
}

VENV_END
