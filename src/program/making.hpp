#pragma once

#include "../api/command_line.hpp"
#include "../api/ensure.hpp"
#include "../python/rejections.hpp"
#include "../system/path.hpp"
#include "../use/ensure.hpp"
#include "../use/install.hpp"
#include "activation_hint.hpp"
#include "json.hpp"
#include "stamping.hpp"
#include "telling.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>

VENV_DETAIL_BEGIN

VENV_INLINE std::unique_ptr<EnvBuilder> builder_of(const Program& program, const Options& options) {
  std::unique_ptr<EnvBuilder> own = program.make_builder ? program.make_builder(options) : nullptr;
  return own ? std::move(own) : std::make_unique<EnvBuilder>(options);
}

/// Installs what is asked for.
VENV_INLINE void install_requirements(const fs::path& env_dir, const EnsureOptions& options) {
  if (is_empty(options.requirements)) return;
  RunOptions run;
  run.on_event = options.on_event;
  run.is_cancelled = options.is_cancelled;
  run.variables = options.child_variables;
  Environment::open(env_dir).install(options.requirements, run, options);
}

/// The last event of a directory: what became of it.
VENV_INLINE JsonObject result_of(const Environment& environment, bool changed) {
  return JsonObject()
      .add("event", json_string("result"))
      .add("directory", json_string(text_of(environment.directory())))
      .add("changed", json_bool(changed))
      .add("python", json_string(text_of(environment.python())))
      .add("version", json_string(environment.version().text()));
}

VENV_INLINE std::string activation_hint(const fs::path& scripts) {
  return "\nActivate it: " + activation_command(scripts) + '\n';
}

VENV_INLINE int make_environments(CommandLine& line, const Program& program) {
  EnsureOptions& options = line.options;
  if (options.upgrade && options.clear)
    throw Error(ErrorCode::invalid_argument, "--upgrade and --clear exclude each other");
  const char* end = is_empty(options.requirements) ? "...\n" : "\n";
  return while_telling(line, end, [&](const auto& tell) {
    const std::unique_ptr<EnvBuilder> builder = builder_of(program, options);
    for (const std::string& env_dir : line.env_dirs) {
      const Context context = builder->create(path_of(env_dir));
      install_requirements(context.env_dir, options);
      const std::string origin =
          options.python_origin.empty() ? "" : ", by " + options.python_origin;
      const auto text = [&] {
        return "Made " + quoted(context.env_dir) + " with " + describe(context.python) + " (" +
               text_of(context.executable) + origin + ')' + activation_hint(context.bin_path);
      };
      tell(text, [&] { return result_of(Environment::open(context.env_dir), true); });
    }
    return 0;
  });
}

VENV_INLINE int ensure_environments(CommandLine& line) {
  if (!line.stamp.empty()) refuse_as_stamp(path_of(line.stamp));
  return while_telling(line, "\n", [&](const auto& tell) {
    bool changed = false;
    for (const std::string& env_dir : line.env_dirs) {
      const EnsureResult result = ensure(path_of(env_dir), line.options);
      changed = changed || result.changed;
      const Environment& environment = result.environment;
      const auto text = [&] {
        return (result.changed ? "Made " : "Nothing to do for ") + quoted(environment.directory()) +
               ", which has Python " + environment.version().text() +
               activation_hint(environment.scripts());
      };
      tell(text, [&] { return result_of(environment, result.changed); });
    }
    write_stamps(line, changed);
    return 0;
  });
}

VENV_DETAIL_END
