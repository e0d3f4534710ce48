#pragma once

#include "../create/relocatable.hpp"
#include "../create/scripts.hpp"
#include "../package/script_program.hpp"
#include "../system/file.hpp"
#include "../system/platform.hpp"
#include "../text/names.hpp"
#include "../text/script_head.hpp"
#include "../text/template.hpp"
#include "problems.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// A program in the scripts' directory that runs by an interpreter.
struct RunByPython {
  fs::path path{};
  fs::path interpreter{};
};

/// The interpreter of a script, which on Windows may be a program; empty when it names none.
VENV_INLINE fs::path interpreter_of_script(const fs::path& path) {
  if (const auto head = script_head(read_start(path, 4096))) return path_of(head->interpreter);
  if (this_os == Os::windows && folded(text_of(path.extension())) == ".exe")
    if (const auto line = interpreter_line(read_file(path))) return path_of(line->interpreter);
  return {};
}

/// Those that a Python runs, by its name.
VENV_INLINE std::vector<RunByPython> scripts_run_by_python(const State& state,
                                                           const fs::path& bin) {
  std::vector<RunByPython> scripts;
  for (const ScriptsEntry& entry : state.scripts) {
    if (entry.kind != FileKind::file || is_reserved_name(entry.name)) continue;
    const fs::path path = bin / path_of(entry.name);
    try {
      const fs::path interpreter = interpreter_of_script(path);
      if (is_whole(interpreter) && is_interpreter_name(text_of(interpreter.filename())))
        scripts.push_back({path, interpreter});
    } catch (const Error&) {
      // One that can't be read is told with its package.
    }
  }
  return scripts;
}

/// Whether such a program could find the Python beside itself. One that is too large to be read as a whole (an
/// application in one file) stays as it is.
VENV_INLINE bool can_be_relocatable(const RunByPython& script) {
  const auto text = try_read_file(script.path);
  return text && can_be_relocatable(*text);
}

/// Whether a folder is that of an environment's scripts, as far as its path tells.
VENV_INLINE bool is_scripts_folder(const fs::path& folder) {
  return folder.filename() == bin_of(this_os) &&
         followed_status_of(folder.parent_path() / "pyvenv.cfg").kind == FileKind::file;
}

/// Where a blank lies in `text`, at `from` or behind it, that a whole path follows.
VENV_INLINE std::size_t blank_before_path(const std::string& text, std::size_t from) {
  for (std::size_t at = text.find(' ', from); at != text.npos; at = text.find(' ', at + 1))
    if (is_whole(path_of(text.substr(at + 1)))) return at;
  return text.npos;
}

/// The directories for which an environment was made, as its programs and `pyvenv.cfg` tell.
VENV_INLINE std::vector<fs::path> directories_named(const State& state, const Context& context) {
  std::vector<fs::path> directories;
  for (const RunByPython& script : scripts_run_by_python(state, context.bin_path)) {
    const fs::path folder = script.interpreter.parent_path();
    const bool is_gone = followed_status_of(script.interpreter).kind == FileKind::missing;
    if (folder.filename() == context.bin_name && (is_gone || is_scripts_folder(folder)))
      directories.push_back(folder.parent_path());
  }
  if (says_relocatable(state.cfg)) return directories; // it may have been moved since
  // Nothing is escaped there: a path may hold anything, the end of one that is known is looked for.
  const std::string command = value_of(state.cfg, "command").value_or("");
  const std::string own = text_of(context.env_dir);
  if (command.size() > own.size() &&
      command.compare(command.size() - own.size(), own.size(), own) == 0)
    directories.push_back(context.env_dir);
  else
    for (std::size_t at = blank_before_path(command, 0), next = 0; at != command.npos; at = next) {
      const fs::path dir = path_of(command.substr(at + 1));
      if (is_same_file(dir, context.env_dir)) return {dir};
      next = blank_before_path(command, at + 1);
      if (next == command.npos) directories.push_back(dir);
    }
  return directories;
}

/// The directory for which an environment was made that has been moved; empty when it wasn't.
VENV_INLINE fs::path former_directory(const State& state, const Context& context) {
  for (const fs::path& dir : directories_named(state, context))
    if (dir != context.env_dir && !is_same_file(dir, context.env_dir)) return dir;
  return {};
}

/// The context of the environment by the path that it was made by, which a link may lead to.
VENV_INLINE Context context_as_made(const State& state, const Context& context) {
  for (const fs::path& dir : directories_named(state, context))
    if (dir == context.env_dir || is_same_file(dir, context.env_dir))
      return context_of(dir, state.cfg);
  return context;
}

/// Looks at the programs that a Python runs: it has to be the environment's.
VENV_INLINE void check_programs(Checkup& checkup) {
  const Context& context = checkup.context;
  const fs::path former = former_directory(checkup.state, context);
  if (!former.empty())
    checkup.add(ProblemCode::moved, ProblemLevel::broken, context.env_dir,
                "made for " + quoted(former) + ", and lies in " + quoted(context.env_dir));
  const bool relocatable = says_relocatable(checkup.state.cfg);
  for (const RunByPython& script : scripts_run_by_python(checkup.state, context.bin_path)) {
    const fs::path folder = script.interpreter.parent_path();
    if (relocatable && can_be_relocatable(script))
      checkup.add(ProblemCode::script_changed, ProblemLevel::change, script.path,
                  quoted(script.path) + " names its Python by " + quoted(script.interpreter) +
                      ", and can't be moved");
    const bool is_own = folder == context.bin_path || is_same_file(folder, context.bin_path);
    const bool is_there = followed_status_of(script.interpreter).kind == FileKind::file;
    if ((is_own && is_there) || folder == former / context.bin_name) continue;
    if (is_there && !is_scripts_folder(folder)) continue; // somebody's choice
    checkup.add(ProblemCode::script_elsewhere, ProblemLevel::broken, script.path,
                quoted(script.path) + " runs by " + quoted(script.interpreter) +
                    (is_there ? ", of another environment" : ", which is gone"));
  }
}

/// Whether the activation scripts are this header's: no other maker has these two.
VENV_INLINE bool has_our_scripts(const State& state) {
  return std::any_of(state.scripts.begin(), state.scripts.end(), [](const ScriptsEntry& entry) {
    return entry.name == "activate.elv" || entry.name == "activate.xsh";
  });
}

/// The names that the interpreter may have that an activation script names.
VENV_INLINE std::vector<std::string> interpreter_names(const State& state) {
  std::vector<std::string> names;
  for (const ScriptsEntry& entry : state.scripts)
    if (is_interpreter_name(entry.name)) names.push_back(entry.name);
  return names;
}

/// Whether a script is as this header writes it here.
VENV_INLINE bool is_as_written(Context context, const State& state, const Script& script,
                               const std::string& text) {
  for (const std::string& name : interpreter_names(state)) {
    context.env_exe = context.bin_path / path_of(name);
    Script written = script;
    if (says_relocatable(state.cfg))
      make_relocatable(written, value_of(state.cfg, "prompt").has_value());
    auto expected =
        replace_variables(written.text, variables_of(context), shell_of(script.name, script.text));
    if (!expected) return true; // nothing is written then
    if (path_of(script.name).extension() == ".bat") expected = with_crlf(*expected);
    if (*expected == text) return true;
  }
  return false;
}

/// Looks at the files by which pip writes programs that can be moved; other makers have none.
VENV_INLINE void check_pip_hook(Checkup& checkup) {
  if (!says_relocatable(checkup.state.cfg) || !has_our_scripts(checkup.state)) return;
  const std::pair<const char*, std::string> files[] = {{start_file, std::string(script_at_start)},
                                                       {start_module, start_module_text()}};
  for (const auto& [name, text] : files) {
    const fs::path path = checkup.context.lib_path / name;
    if (try_read_file(path) != text)
      checkup.add(ProblemCode::script_changed, ProblemLevel::change, path,
                  quoted(path) +
                      " is not as it would be written: what pip installs can't be moved");
  }
}

/// Looks at the activation scripts; at those of other makers only whether the one for `sh` is there.
VENV_INLINE void check_activation(Checkup& checkup) {
  const fs::path bin = checkup.context.bin_path;
  const bool ours = has_our_scripts(checkup.state);
  const Context made = context_as_made(checkup.state, checkup.context);
  for (const Script& script : default_scripts().scripts) {
    if (!ours && script.name != "activate") continue;
    const fs::path path = bin / path_of(script.name);
    const auto text = try_read_file(path);
    if (!text)
      checkup.add(ProblemCode::script_missing, ProblemLevel::broken, path,
                  quoted(path) + (followed_status_of(path).kind == FileKind::missing
                                      ? " is missing"
                                      : " can't be read"));
    else if (ours && !checkup.has(ProblemCode::moved) &&
             !is_as_written(made, checkup.state, script, *text))
      checkup.add(ProblemCode::script_changed, ProblemLevel::change, path,
                  quoted(path) + " is not as it would be written");
  }
}

VENV_DETAIL_END
