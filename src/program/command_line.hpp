#pragma once

#include "../api/command_line.hpp"
#include "../system/own_arguments.hpp"
#include "arguments.hpp"
#include "checking.hpp"
#include "choose_python.hpp"
#include "color.hpp"
#include "describing.hpp"
#include "help.hpp"
#include "interruption.hpp"
#include "list_pythons.hpp"
#include "listing.hpp"
#include "making.hpp"
#include "output.hpp"
#include "using.hpp"

#include <exception>
#include <optional>
#include <string>
#include <vector>

VENV_DETAIL_BEGIN

VENV_INLINE std::string version_text() {
  return dotted({VENV_VERSION_MAJOR, VENV_VERSION_MINOR, VENV_VERSION_PATCH});
}

/// Does what the line asks for. Only what needs a base Python chooses one.
VENV_INLINE int act(CommandLine& line, const Program& program) {
  switch (line.action) {
  case Action::info: return describe_environment(line);
  case Action::list: return list_environments(line);
  case Action::activate: return print_activation(line);
  case Action::remove: return remove_environments(line);
  case Action::uninstall: return uninstall_packages(line);
  default: break;
  }
  choose_python(line.options, line.version_file && line.action != Action::list_pythons);
  switch (line.action) {
  case Action::ensure: return ensure_environments(line);
  case Action::check: return check_environments(line);
  case Action::list_pythons: {
    const auto [text, any] = list_pythons(line.options, line.json);
    return print_result(text) || !any;
  }
  case Action::make:
  default: return make_environments(line, program);
  }
}

VENV_INLINE int run_program(const std::vector<std::string>& words, const Program& program) {
  try {
    std::string error;
    std::optional<CommandLine> line = parse_arguments(words, error, program.options);
    if (line && line->action == Action::ensure && program.make_builder) {
      error = "--ensure doesn't do what " + program.name + " does besides";
      line.reset();
    }
    if (!line) {
      print(stderr, usage_text(program.name) + program.name + ": error: " + error + '\n');
      return 2;
    }
    if (line->action == Action::print_help) {
      const std::string text = help_text(program);
      return print_result(wants_colors(false) ? in_colors(text) : text);
    }
    if (line->action == Action::print_version)
      return print_result("venv.hpp " + version_text() + '\n');
    if (line->action == Action::run) return run_in_environment(*line); // which hears signals itself
    const InterruptGuard guard(note_interruption);
    line->options.is_cancelled = [] { return interruption.signal != 0; };
    return act(*line, program);
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
