#pragma once

#include "child.hpp"
#include "replace.hpp"

#include <string>
#include <vector>

#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE int replace_process(const RunCommand& command) {
  std::vector<std::string> arguments = command.arguments;
  arguments.insert(arguments.begin(), command.program.native());
  std::vector<std::string> variables = command.variable_lines();
  if (!command.cwd.empty() && ::chdir(command.cwd.c_str()) != 0)
    throw io_error("enter", command.cwd, last_error());
  ::execve(command.program.c_str(), pointers_to(arguments).data(), pointers_to(variables).data());
  throw io_error("start", command.program, last_error());
}

VENV_DETAIL_END
