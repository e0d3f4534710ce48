#pragma once

#include "../api/context.hpp"
#include "../api/options.hpp"
#include "../system/platform.hpp"
#include "../system/process.hpp"
#include "../system/variables.hpp"
#include "../text/utf8.hpp"
#include "undo.hpp"

#include <array>
#include <string>
#include <system_error>
#include <vector>

VENV_DETAIL_BEGIN

inline constexpr char staged_cfg[] = "pyvenv.cfg.new";

/// A newline would add keys to the configuration.
VENV_INLINE void refuse_bad_prompt(const std::string& prompt) {
  const bool lines = prompt.find_first_of(std::string_view("\n\r\0", 3)) != prompt.npos;
  if (lines || !is_utf8(prompt))
    throw Error(ErrorCode::invalid_argument,
                "the prompt '" + printable(prompt) + "' " +
                    (lines ? "contains a line break" : "is not valid UTF-8"));
}

VENV_INLINE Error refused(const fs::path& env_dir, const std::string& why) {
  Error error(ErrorCode::invalid_argument, "'" + printable(text_of(env_dir)) + "' " + why);
  error.at("check the directory's name").on(env_dir);
  return error;
}

/// Refuses names that no environment can have, before anything is touched.
VENV_INLINE void refuse_bad_name(const fs::path& env_dir) {
  const std::string text = text_of(env_dir);
  if (text.empty()) throw refused(env_dir, "is no directory: the name is empty");
  if (!is_utf8(text)) throw refused(env_dir, "is not valid UTF-8");
  if (has_control_character(text)) throw refused(env_dir, "contains a control character");
}

/// The same for the absolute path: the scripts' directory goes on `PATH`.
VENV_INLINE void refuse_bad_path(const fs::path& env_dir) {
  refuse_bad_name(env_dir);
  const char separator = search_path_separator;
  if (text_of(env_dir.relative_path()).find(separator) != std::string::npos)
    throw refused(env_dir, std::string("contains the PATH separator '") + separator + "'");
}

/// Whether `dir` is left of an environment that was never finished: nothing lies in it but empty
/// directories, ignore files, and perhaps a configuration that did not become valid.
VENV_INLINE bool is_half_made(const fs::path& dir) {
  if (status_of(dir / staged_cfg).kind == FileKind::file) return true;
  std::error_code failed;
  for (fs::recursive_directory_iterator entry(dir, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const std::string name = text_of(entry->path().lexically_relative(dir));
    const bool empty_so_far = status_of(entry->path()).kind == FileKind::directory;
    const bool ours = name == ".gitignore" || name == "CACHEDIR.TAG" || name == "lib64";
    if (!empty_so_far && !ours && !is_left_over(name)) return false;
  }
  return !failed;
}

VENV_INLINE bool is_environment(const fs::path& dir) {
  return followed_status_of(dir / "pyvenv.cfg").kind == FileKind::file;
}

/// Whether `inner` lies below `outer`; both resolved.
VENV_INLINE bool lies_below(const fs::path& inner, const fs::path& outer) {
  const fs::path way = inner.lexically_relative(outer);
  return !way.empty() && way != "." && *way.begin() != "..";
}

VENV_INLINE void refuse_unsafe_clear(const fs::path& env_dir, bool force) {
  std::error_code failed;
  const fs::path real = fs::canonical(env_dir, failed);
  const auto refuse = [&](const std::string& why) {
    Error error(ErrorCode::not_an_environment, "refusing to clear " + quoted(env_dir) + ": " + why);
    error.at("clear the directory").on(env_dir);
    return error;
  };
  if (failed) throw io_error("resolve", env_dir, failed);
  if (real == real.root_path()) throw refuse("it is the root of the file system");
  for (const fs::path& home : {path_of(variable("HOME").value_or("")),
                               path_of(variable("USERPROFILE").value_or("")), account_home()}) {
    const fs::path real_home = fs::canonical(home, failed);
    if (failed || real_home == real_home.root_path()) continue;
    if (fs::equivalent(real_home, real, failed)) throw refuse("it is the home directory");
    if (lies_below(real_home, real)) throw refuse("the home directory lies in it");
  }
  if (force) return;
  const std::string how = "--force (Options::force) clears it all the same.";
  const fs::path cwd = fs::current_path(failed);
  if (lies_below(cwd, real)) throw refuse("the working directory lies in it").advise(how);
  if (!is_environment(env_dir) && !is_half_made(env_dir))
    throw refuse("it is not empty and no environment").advise(how);
}

/// Removes all entries of a directory, not the directory: it may be a mount, or a link's target.
/// `pyvenv.cfg` becomes the staged one first, which goes last: what is left at any moment is no
/// environment, but a half-made one, which the next run may clear.
VENV_INLINE void clear_directory(const fs::path& env_dir, bool force) {
  refuse_unsafe_clear(env_dir, force);
  std::error_code failed;
  const fs::path cfg = env_dir / "pyvenv.cfg", staged = env_dir / staged_cfg;
  if (status_of(cfg).kind == FileKind::file)
    fs::rename(cfg, staged, failed); // else it goes like the rest
  failed.clear();
  std::vector<fs::path> entries{cfg};
  for (const auto& entry : fs::directory_iterator(env_dir, failed))
    if (entry.path() != staged) entries.push_back(entry.path());
  entries.push_back(staged);
  for (auto entry = entries.begin(); entry != entries.end() && !failed; ++entry) {
    fs::remove_all(*entry, failed);
    if (failed) throw io_error("remove", *entry, failed);
  }
  if (failed) throw io_error("list", env_dir, failed);
}

VENV_INLINE LayoutKey layout_key(const Interpreter& python) {
  LayoutKey key;
  key.os = this_os;
  key.implementation = python.implementation;
  key.version = python.version;
  key.is_64bit = python.is_64bit;
  key.free_threaded = python.free_threaded;
  key.debug = python.debug;
  key.platlibdir = python.platlibdir;
  key.utf8_names = python.filesystem_encoding == "utf-8";
  key.executable_name = text_of(python.base_executable.filename());
  return key;
}

/// Whether `program`, or a link on the way from it to its file, lies in `dir`; with `below` also in a
/// directory inside it.
VENV_INLINE bool leads_through(fs::path program, const fs::path& dir, bool below) {
  std::error_code failed;
  const fs::path real = fs::canonical(dir, failed);
  for (int links = 0; links < 40 && !failed; ++links) { // as many as Linux follows
    const fs::path folder = fs::canonical(program.parent_path(), failed);
    if (failed) return false;
    if (fs::equivalent(folder, real, failed) || (below && lies_below(folder, real))) return true;
    if (status_of(program).kind != FileKind::link) return false;
    program = folder / fs::read_symlink(program, failed);
  }
  return false;
}

/// Refuses to make an environment where the base Python itself lies: it would be replaced by a link
/// to itself, or cleared.
VENV_INLINE void refuse_base_prefix(const fs::path& env_dir, const Interpreter& python,
                                    bool clear) {
  const fs::path bin = env_dir / layout_of(layout_key(python)).bin;
  if (leads_through(python.base_executable, clear ? env_dir : bin, clear))
    throw refused(env_dir, "holds the base Python " + quoted(python.base_executable) + " itself");
}

/// Makes the directories above `dir` that are missing.
VENV_INLINE void make_parents(const fs::path& dir, Undo& undo) {
  std::vector<fs::path> missing;
  for (fs::path path = dir.parent_path();
       status_of(path).kind == FileKind::missing && path.has_relative_path(); path = path.parent_path())
    missing.push_back(path);
  for (auto path = missing.rbegin(); path != missing.rend(); ++path)
    if (make_directory(*path)) undo.made_above(*path);
}

/// Makes `dir` and the directories above it that are missing.
VENV_INLINE void make_directories(const fs::path& dir, Undo& undo) {
  make_parents(dir, undo);
  if (make_directory(dir)) undo.made(dir);
}

/// The context of an environment in `env_dir` (absolute); nothing on disk is looked at.
VENV_INLINE Context context_for(const fs::path& env_dir, const Interpreter& python,
                                const std::optional<std::string>& prompt) {
  const Layout layout = layout_of(layout_key(python));
  Context context;
  context.env_dir = env_dir;
  context.env_name = text_of(env_dir.filename());
  context.prompt = prompt.value_or(context.env_name);
  context.executable = python.base_executable;
  context.python_dir = python.base_executable.parent_path();
  context.python_exe = layout.executable;
  context.inc_path = (env_dir / path_of(layout.include)).make_preferred();
  context.lib_path = (env_dir / path_of(layout.purelib)).make_preferred();
  context.platlib_path = (env_dir / path_of(layout.platlib)).make_preferred();
  context.bin_path = env_dir / layout.bin;
  context.bin_name = layout.bin;
  context.env_exe = context.bin_path / path_of(layout.executable);
  context.env_exec_cmd = context.env_exe;
  context.cfg_path = env_dir / staged_cfg;
  context.python = python;
  context.undo = std::make_shared<Undo>();
  return context;
}

VENV_DETAIL_END
