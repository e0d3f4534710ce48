#pragma once

#include "../api/command_line.hpp"
#include "../api/environment.hpp"
#include "../system/path.hpp"
#include "../system/replace.hpp"
#include "../system/status.hpp"
#include "../text/utf8.hpp"
#include "../use/environment.hpp"
#include "../use/remove.hpp"
#include "../use/uninstall.hpp"
#include "activation_hint.hpp"
#include "interruption.hpp"
#include "making.hpp"
#include "output.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <system_error>
#include <vector>

VENV_DETAIL_BEGIN

/// Becomes the program, with the exit codes of `env` and shells where it can't: 127 when there is none, 126
/// when it can't be started.
VENV_INLINE int run_in_environment(const CommandLine& line) {
  const Environment environment = Environment::open(path_of(line.env_dirs.front()));
  const std::string& name = line.command.front();
  RunCommand command;
  try {
    command = environment.command(name, {line.command.begin() + 1, line.command.end()});
  } catch (const Error& error) {
    print_error(error);
    return error.step() == "start" ? 127 : 1;
  }
  try {
    return replace_process(command);
  } catch (const Error& error) {
    print_error(error);
    return followed_status_of(command.program).kind == FileKind::missing ? 127 : 126;
  }
}

/// Prints the command that activates the environment in the shell that is named.
VENV_INLINE int print_activation(const CommandLine& line) {
  const Environment environment = Environment::open(path_of(line.env_dirs.front()));
  const bool is_found = line.shell.empty() || line.shell == "auto";
  const ActivationForm& form =
      is_found ? form_in_use() : *activation_form_of(line.shell); // it was looked at when read
  const fs::path script = environment.scripts() / path_of(form.script);
  if (followed_status_of(script).kind != FileKind::file)
    throw Error(ErrorCode::io, quoted(environment.directory()) + " has no script for this shell: " +
                                   quoted(script) + " is missing")
        .at("activate")
        .on(script);
  const auto command = activation_command(form, text_of(script));
  if (!command)
    throw Error(ErrorCode::invalid_argument,
                quoted(script) + " can't be written in the language of this shell")
        .at("activate")
        .on(script);
  return print_result(directory_told(form, environment.directory()) + *command + '\n');
}

/// Waits in short pieces, as a signal is to end it.
VENV_INLINE void remove_patiently(const fs::path& env_dir, std::chrono::milliseconds limit) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds piece(200);
  const auto end = Clock::now() + limit;
  for (;;) try {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
      return remove_environment(env_dir, std::clamp(left, std::chrono::milliseconds(0), piece));
    } catch (const Error& error) {
      if (interruption.signal != 0) throw Error(ErrorCode::interrupted, "interrupted");
      if (error.code() != ErrorCode::busy || Clock::now() >= end) throw;
    }
}

VENV_INLINE int uninstall_packages(const CommandLine& line) {
  RunOptions options;
  options.is_cancelled = line.options.is_cancelled;
  std::string names;
  for (const std::string& name : line.names)
    (names += names.empty() ? "" : ", ") += printable(name);
  for (const std::string& env_dir : line.env_dirs) {
    const Environment environment = Environment::open(path_of(env_dir));
    environment.uninstall(line.names, options);
    if (is_talkative(line))
      print(stderr, "Removed " + names + " from " + quoted(environment.directory()) + '\n');
  }
  return 0;
}

VENV_INLINE int remove_environments(const CommandLine& line) {
  for (const std::string& env_dir : line.env_dirs) {
    const fs::path dir = absolute_path(path_of(env_dir));
    if (interruption.signal != 0) throw Error(ErrorCode::interrupted, "interrupted");
    remove_patiently(path_of(env_dir), line.options.lock_timeout);
    if (is_talkative(line)) print(stderr, "Removed " + quoted(dir) + '\n');
  }
  return 0;
}

VENV_DETAIL_END
