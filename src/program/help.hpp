#pragma once

#include "../api/command_line.hpp"
#include "arguments.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

VENV_DETAIL_BEGIN

VENV_INLINE std::string usage_text(const std::string& program) {
  return "usage: " + program + " [options] ENV_DIR [ENV_DIR ...]\n";
}

/// One entry of `--help`: a name, and lines beside it.
VENV_INLINE std::string help_entry(const std::string& name, const std::string& help) {
  constexpr std::size_t column = 30;
  std::string text = "  " + name;
  text.resize((std::max)(column, text.size() + 2), ' ');
  for (const char c : help) text += c == '\n' ? '\n' + std::string(column, ' ') : std::string(1, c);
  return text + '\n';
}

/// How an option is spelled: `--requirement, -r FILE`.
VENV_INLINE std::string spelling_of(const ProgramOption& option) {
  std::string text(option.name);
  if (option.letter) (text += ", -") += option.letter;
  if (!option.value.empty()) (text += ' ') += option.value;
  return text;
}

VENV_INLINE std::string help_text(const Program& program) {
  std::string text =
      usage_text(program.name) + "       " + program.name +
      " --run ENV_DIR -- PROGRAM [ARGUMENT ...]\n"
      "\nMakes Python virtual environments in one or more directories, and uses them.\n\n"
      "arguments:\n" +
      help_entry("ENV_DIR", "a directory, a new one or one that is there; what lies in it "
                            "stays\nunless --clear is given") +
      "\noptions:\n";
  for (const ProgramOption& option : known_options(program.options))
    text += help_entry(spelling_of(option), std::string(option.help));
  return text +
         "\nAn environment is then activated, in sh, bash or zsh by\n\n"
         "    . ENV_DIR/bin/activate\n\n"
         "and in other shells by activate.fish, activate.csh, Activate.ps1, activate.bat,\n"
         "activate.nu, activate.xsh or activate.elv beside it; on a terminal this program\n"
         "prints the command for the shell in use. An option may be shortened to what begins\n"
         "no other one, or no other of python -m venv's. Exit code: 0; 1 on failure; 2 for a\n"
         "wrong command line; with --run the program's, 127 when there is none, 126 when it\n"
         "can't be started.\n";
}

VENV_DETAIL_END
