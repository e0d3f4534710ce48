#pragma once

#include "../api/context.hpp"
#include "../system/file.hpp"
#include "../system/new_file.hpp"
#include "../system/process.hpp"
#include "../base/function_ref.hpp"
#include "../text/pyvenv_cfg.hpp"
#include "../text/version.hpp"
#include "directories.hpp"
#include "../python/probe.hpp"
#include "undo.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

VENV_DETAIL_BEGIN

using Warn = FunctionRef<void(const std::string&)>;

/// Whether `name` is one that some Python's environment gives its interpreter: `python`, `python3`,
/// `python3.12`, `python3.13t`, the same with `pypy`.
VENV_INLINE bool is_interpreter_name(std::string_view name) {
  if (!take_prefix(name, "python") && !take_prefix(name, "pypy")) return false;
  if (name.empty()) return true;
  const auto version = parse_release_name(name);
  return version && version->parts <= 2;
}

/// Removes names of another Python from the scripts' directory.
VENV_INLINE void remove_stale_names(const Context& context, const std::vector<std::string>& names) {
  std::error_code failed;
  std::vector<fs::path> stale;
  for (const auto& entry : fs::directory_iterator(context.bin_path, failed)) {
    const std::string name = text_of(entry.path().filename());
    if (is_interpreter_name(name) && std::find(names.begin(), names.end(), name) == names.end())
      stale.push_back(entry.path());
  }
  for (const fs::path& path : stale) {
    context.undo->before(path);
    remove_file(path);
  }
}

/// A configuration that speaks of another Python is taken away before the interpreter changes, so
/// that at no moment it lies.
VENV_INLINE void retire_configuration(const Context& context) {
  const fs::path path = context.env_dir / "pyvenv.cfg";
  if (status_of(path).kind == FileKind::missing) return;
  context.undo->before(path);
  if (is_environment(context.env_dir)) {
    const PyvenvCfg cfg = parse_pyvenv_cfg(read_file(path));
    if (home_of(cfg) == text_of(context.python_dir) &&
        value_of(cfg, "version") == dotted(context.python.version))
      return;
  }
  remove_file(path);
}

/// Whether a program, of these bytes, finds its shared libraries from where it lies itself.
VENV_INLINE bool has_relative_libraries(const std::string& bytes) {
  for (const char* origin : {"$ORIGIN", "${ORIGIN}", "@executable_path", "@loader_path"})
    if (bytes.find(origin) != bytes.npos) return true;
  return false;
}

/// Whether the loader finds all that the interpreter needs: `-V` wants nothing else.
VENV_INLINE bool starts(const fs::path& python) {
  const ExitStatus exit = run_command({python, {"-V"}, without_steering(), {}, probe_timeout},
                                [](Stream, std::string_view) {});
  return exit.code == 0 && !exit.timed_out;
}

/// A copied interpreter whose own library isn't found from its new place gets a copy of that too.
VENV_INLINE void make_copy_start(const Context& context) {
  const std::string program = read_file(context.env_exe);
  if (!has_relative_libraries(program) || starts(context.env_exe)) return;
  std::error_code failed;
  const fs::path base = context.python.real_executable.parent_path().parent_path();
  for (const auto& entry : fs::directory_iterator(base / "lib", failed)) {
    const std::string name = text_of(entry.path().filename());
    const bool needed = program.find('/' + name + '\0') != program.npos ||
                        program.find(std::string(1, '\0') + name + '\0') != program.npos;
    if (!needed || followed_status_of(entry.path()).kind != FileKind::file) continue;
    context.undo->before(context.env_dir / "lib" / name);
    copy_file(entry.path(), context.env_dir / "lib" / name, 0755);
  }
  if (starts(context.env_exe)) return;
  throw Error(ErrorCode::python_unusable,
              quoted(context.executable) +
                  " does not start when copied: it needs libraries beside it")
      .at("copy the interpreter")
      .on(context.env_exe)
      .advise("Link it instead: --symlinks (Options::symlinks).");
}

/// Links the environment's interpreter to the base's absolute path and the other names to it; where
/// links are not wanted or not to be had, all are copies.
VENV_INLINE void place_interpreter(const Context& context, const std::vector<std::string>& aliases,
                                   bool symlinks, const Warn& warn) {
  bool copied = false;
  const auto place = [&](const fs::path& target, const fs::path& path) {
    context.undo->before(path);
    if (symlinks && make_link(target, path)) return;
    if (symlinks) warn("no links here: " + quoted(path) + " is a copy");
    copy_file(context.executable, path, 0755);
    copied = true;
  };
  place(context.executable, context.env_exe);
  for (const std::string& alias : aliases)
    if (alias != context.python_exe)
      place(context.env_exe.filename(), context.bin_path / path_of(alias));
  if (copied) make_copy_start(context);
}

VENV_INLINE void install_python(const Context& context, bool symlinks, const Warn& warn) {
  std::vector<std::string> names = layout_of(layout_key(context.python)).aliases;
  const bool reused = !context.undo->is_ours(context.bin_path);
  if (reused) retire_configuration(context);
  place_interpreter(context, names, symlinks, warn);
  names.push_back(context.python_exe);
  if (reused) remove_stale_names(context, names);
}

VENV_DETAIL_END
