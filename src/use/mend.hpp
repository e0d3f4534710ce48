#pragma once

#include "../api/check.hpp"
#include "../create/directories.hpp"
#include "../create/env_builder.hpp"
#include "../create/installed.hpp"
#include "../create/recorded.hpp"
#include "../create/relocatable.hpp"
#include "../create/session.hpp"
#include "../create/wheels.hpp"
#include "../python/links.hpp"
#include "../text/launcher.hpp"
#include "../text/script_head.hpp"
#include "check_packages.hpp"
#include "check_scripts.hpp"
#include "environment.hpp"
#include "missing.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

VENV_DETAIL_BEGIN

VENV_INLINE bool has_code(const std::vector<Problem>& problems, ProblemCode code) {
  return std::any_of(problems.begin(), problems.end(),
                     [code](const Problem& problem) { return problem.code == code; });
}

/// The request for the Python that an environment has, while nothing else is asked for: its base, else
/// one of its minor version; empty when there is none.
VENV_INLINE std::string request_that_keeps(const Context& context, const Options& options) {
  for (const fs::path& program : base_candidates(context))
    if (is_program(program)) return text_of(program);
  std::string minor = context.python.version.minor_text();
  try {
    if (context.python.version[0] == 0) return {};
    (void)find_interpreter(minor, options);
    return minor;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted) throw;
    return {};
  }
}

/// The options by which an environment is made again as it was, except for what is asked for.
/// `telling` are the same with the callbacks for a search.
VENV_INLINE EnsureOptions options_that_keep(const State& state, const Context& context,
                                            EnsureOptions options, const Options& telling) {
  if (!state.is_environment || options.clear) return options;
  const bool has_interpreter =
      std::any_of(state.scripts.begin(), state.scripts.end(),
                  [](const ScriptsEntry& entry) { return is_interpreter_name(entry.name); });
  const auto is_linked = [](const ScriptsEntry& entry) {
    return is_interpreter_name(entry.name) && is_whole(path_of(entry.target));
  };
  const auto is_own = [](const ScriptsEntry& entry) { // a copy, or a wrapper
    return is_interpreter_name(entry.name) && entry.kind == FileKind::file;
  };
  if (has_interpreter) // of links to a link that is gone, the others are left
    options.symlinks = std::any_of(state.scripts.begin(), state.scripts.end(), is_linked) ||
                       std::none_of(state.scripts.begin(), state.scripts.end(), is_own);
  if (options.python.empty()) options.python = request_that_keeps(context, telling);
  if (!options.prompt && value_of(state.cfg, "prompt")) options.prompt = context.prompt;
  const std::string owner = value_of(state.cfg, owner_key).value_or("");
  if (options.owner.empty() && is_owner_name(owner)) options.owner = owner;
  const fs::path pip = context.lib_path / "pip";
  options.with_pip = options.with_pip || status_of(pip).kind != FileKind::missing ||
                     !installed_in(context.lib_path, "pip").empty();
  return options;
}

/// Takes away what the base Python brings and is damaged, so that it is laid out anew.
VENV_INLINE void remove_damaged(const Context& context, const std::vector<Problem>& problems,
                                Transaction& transaction) {
  if (!has_code(problems, ProblemCode::pip_damaged) &&
      !has_code(problems, ProblemCode::package_damaged))
    return;
  for (const std::string& project : bundled_projects(context.python))
    for (const Installed& installed : installed_in(context.lib_path, project)) {
      remove_installed(installed, transaction);
      transaction.remove(installed.dist_info);
    }
}

/// Gives programs that ran by a Python of this environment that is gone, or by that of the directory
/// from which it was moved, the first line for the Python that is there now; in a relocatable one, all
/// that ran by its Python.
VENV_INLINE void mend_programs(const Context& context, const fs::path& former, Session& session) {
  Rewritten rewritten;
  const bool relocatable = is_relocatable(session);
  for (const RunByPython& script :
       scripts_run_by_python(read_state(context.env_dir), context.bin_path)) {
    const fs::path folder = script.interpreter.parent_path();
    const bool is_gone = known_followed_status_of(script.interpreter).kind == FileKind::missing;
    const bool was_here = !former.empty() && folder == former / context.bin_name;
    const bool is_changed = relocatable && can_be_relocatable(script);
    if (!was_here && !(folder == context.bin_path && (is_gone || is_changed))) continue;
    fs::path own = context.bin_path / script.interpreter.filename();
    if (followed_status_of(own).kind != FileKind::file) own = context.env_exe;
    const std::string text = read_file(script.path);
    if (const auto head = script_head(text)) {
      const std::string rest = text.substr(head->size);
      rewritten[script.path] =
          is_changed ? relocatable_program(rest) : shebang_for(text_of(own)) + rest;
    } else if (const auto line = interpreter_line(text)) {
      rewritten[script.path] =
          text.substr(0, line->begin) + launcher_shebang(text_of(own)) + text.substr(line->end);
    }
  }
  for (const auto& [path, text] : rewritten)
    session.transaction().write(path, text, known_status_of(path).mode);
  correct_records(context.lib_path, rewritten, session.transaction());
}

VENV_DETAIL_END
