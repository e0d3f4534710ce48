#pragma once

#include "../api/command_line.hpp"
#include "../api/ensure.hpp"
#include "../python/rejections.hpp"
#include "../system/path.hpp"
#include "../system/terminal.hpp"
#include "../use/ensure.hpp"
#include "../use/install.hpp"
#include "activation_hint.hpp"
#include "output.hpp"
#include "stamping.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

VENV_DETAIL_BEGIN

/// Whether somebody wants to read what was done.
VENV_INLINE bool is_talkative(const CommandLine& line) {
  return !line.quiet && (line.verbose || stderr_is_terminal());
}

VENV_INLINE std::unique_ptr<EnvBuilder> builder_of(const Program& program, const Options& options) {
  std::unique_ptr<EnvBuilder> own = program.make_builder ? program.make_builder(options) : nullptr;
  return own ? std::move(own) : std::make_unique<EnvBuilder>(options);
}

/// Has steps and warnings said; `end` stands behind a step.
VENV_INLINE void report_to_stderr(CommandLine& line, const char* end) {
  if (line.quiet) return;
  const bool steps = is_talkative(line);
  line.options.report = [steps, end](Report kind, const std::string& said) {
    if (kind == Report::warning) print(stderr, "Warning: " + said + '\n');
    else if (steps) print(stderr, said + end);
  };
}

/// Installs what is asked for.
VENV_INLINE void install_requirements(const fs::path& env_dir, const EnsureOptions& options) {
  if (is_empty(options.requirements)) return;
  RunOptions run;
  run.is_cancelled = options.is_cancelled;
  run.variables = options.child_variables;
  run.on_line = [&options](Stream, std::string_view said) {
    if (options.report) options.report(Report::progress, std::string(said));
  };
  Environment::open(env_dir).install(options.requirements, run);
}

VENV_INLINE int make_environments(CommandLine& line, const Program& program) {
  EnsureOptions& options = line.options;
  if (options.upgrade && options.clear)
    throw Error(ErrorCode::invalid_argument, "--upgrade and --clear exclude each other");
  report_to_stderr(line, is_empty(options.requirements) ? "...\n" : "\n");
  const std::unique_ptr<EnvBuilder> builder = builder_of(program, options);
  for (const std::string& env_dir : line.env_dirs) {
    const Context context = builder->create(path_of(env_dir));
    install_requirements(context.env_dir, options);
    if (is_talkative(line))
      print(stderr, "Made " + quoted(context.env_dir) + " with " + describe(context.python) + " (" +
                        text_of(context.executable) +
                        (options.python_origin.empty() ? "" : ", by " + options.python_origin) +
                        ")\nActivate it: " + activation_command(context.bin_path) + '\n');
  }
  return 0;
}

VENV_INLINE int ensure_environments(CommandLine& line) {
  report_to_stderr(line, "\n");
  if (!line.stamp.empty()) refuse_as_stamp(path_of(line.stamp));
  bool changed = false;
  for (const std::string& env_dir : line.env_dirs) {
    const EnsureResult result = ensure(path_of(env_dir), line.options);
    changed = changed || result.changed;
    const Environment& environment = result.environment;
    if (is_talkative(line))
      print(stderr, (result.changed ? "Made " : "Nothing to do for ") +
                        quoted(environment.directory()) + ", which has Python " +
                        environment.version().text() +
                        "\nActivate it: " + activation_command(environment.scripts()) + '\n');
  }
  write_stamps(line, changed);
  return 0;
}

VENV_DETAIL_END
