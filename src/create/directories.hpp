#pragma once

#include "../api/context.hpp"
#include "../api/options.hpp"
#include "../python/links.hpp"
#include "../system/file.hpp"
#include "../system/platform.hpp"
#include "../system/tree.hpp"
#include "../system/variables.hpp"
#include "../text/layout.hpp"
#include "../text/utf8.hpp"
#include "state.hpp"

#include <optional>
#include <string>
#include <vector>

VENV_DETAIL_BEGIN

/// A newline would add keys to the configuration.
VENV_INLINE void refuse_bad_prompt(const std::string& prompt) {
  const bool lines = prompt.find_first_of(std::string_view("\n\r\0", 3)) != prompt.npos;
  if (lines || !is_utf8(prompt))
    throw Error(ErrorCode::invalid_argument,
                "the prompt '" + printable(prompt) + "' " +
                    (lines ? "contains a line break" : "is not valid UTF-8"));
}

/// Whether `pyvenv.cfg` can say whose an environment is: on its line, without spaces around it.
VENV_INLINE bool is_owner_name(const std::string& owner) {
  return is_utf8(owner) && !has_control_character(owner) && strip(owner) == owner;
}

VENV_INLINE void refuse_bad_owner(const std::string& owner) {
  if (!is_owner_name(owner))
    throw Error(ErrorCode::invalid_argument,
                "the owner '" + printable(owner) + "' is no plain line of UTF-8");
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

/// Refuses what is no directory.
VENV_INLINE void refuse_bad_directory(const fs::path& env_dir, const State& state) {
  if (state.kind != FileKind::missing && state.kind != FileKind::directory)
    throw refused(env_dir, "is not a directory");
}

/// Refuses the prefix of a Python, which is no environment.
VENV_INLINE void refuse_prefix(const fs::path& env_dir, const State& state) {
  if (!state.own_python.empty())
    throw refused(env_dir, "is where a Python is installed: it holds " + quoted(state.own_python));
}

/// Whether `inner` lies below `outer`; both resolved.
VENV_INLINE bool lies_below(const fs::path& inner, const fs::path& outer) {
  const fs::path way = inner.lexically_relative(outer);
  return !way.empty() && way != "." && *way.begin() != "..";
}

/// What is refused when what lies in a directory is to go.
enum class Emptying { clear, remove };

VENV_INLINE Error refused_to_empty(const fs::path& env_dir, const std::string& why, Emptying how) {
  const std::string verb = how == Emptying::clear ? "clear" : "remove";
  Error error(ErrorCode::not_an_environment,
              "refusing to " + verb + ' ' + quoted(env_dir) + ": " + why);
  error.at(verb + " the directory").on(env_dir);
  return error;
}

/// Refuses to clear what is never to be cleared. Whether another directory is an environment is only
/// known once it is locked: another run may be making one.
VENV_INLINE void refuse_dangerous_clear(const fs::path& env_dir, Emptying how = Emptying::clear) {
  const auto real = resolved(env_dir);
  if (!real && known_status_of(env_dir).kind == FileKind::missing) return; // removed meanwhile
  if (!real) throw io_error("resolve", env_dir, std::make_error_code(std::errc::io_error));
  if (is_root(*real) || is_root(env_dir))
    throw refused_to_empty(env_dir, "it is the root of the file system", how);
  for (const fs::path& home : {path_of(variable("HOME").value_or("")),
                               path_of(variable("USERPROFILE").value_or("")), account_home()}) {
    const auto real_home = home.empty() ? std::nullopt : resolved(home);
    if (!real_home || is_root(*real_home)) continue;
    if (is_same_file(*real_home, *real))
      throw refused_to_empty(env_dir, "it is the home directory", how);
    if (is_within(*real_home, *real))
      throw refused_to_empty(env_dir, "the home directory lies in it", how);
  }
}

/// The same, and without `force` what is no environment.
VENV_INLINE void refuse_unsafe_clear(const fs::path& env_dir, const State& state, bool force,
                                     Emptying how) {
  refuse_dangerous_clear(env_dir, how);
  if (force) return;
  const std::string hint =
      how == Emptying::clear ? "Options::force clears it all the same." : std::string();
  const std::string what_it_is = state.is_empty ? "it is" : "it is not empty and";
  const auto real = resolved(env_dir);
  if (real && lies_below(working_directory(), *real))
    throw refused_to_empty(env_dir, "the working directory lies in it", how).advise(hint);
  if (!state.was_environment())
    throw refused_to_empty(env_dir, what_it_is + " no environment", how).advise(hint);
}

/// Refuses to clear what can't be emptied whole: before anything is touched, by the name of the first
/// entry that this user can't remove.
VENV_INLINE void refuse_half_clear(const fs::path& env_dir, const fs::path& directory,
                                   Emptying how) {
  const auto names = [&] {
    try {
      return names_in(directory);
    } catch (const Error& error) {
      throw refused_to_empty(env_dir, error.what(), how).caused_by(error.system_error());
    }
  }();
  if (!names.empty() && !may_change_entries(directory))
    throw refused_to_empty(
        env_dir, quoted(directory / names.front()) + " can't be removed: Permission denied", how);
  const bool is_top = directory == env_dir;
  for (const fs::path& name : names) {
    const fs::path entry = directory / name;
    if (is_top && name == "lost+found") continue;
    const EntryMarks marks = marks_of(entry);
    if (marks.is_immutable)
      throw refused_to_empty(env_dir, quoted(entry) + " can't be removed: it is immutable", how);
    if (marks.kind != FileKind::directory) continue;
    if (is_top && !may_change_entries(entry)) // it is to be moved
      throw refused_to_empty(env_dir, quoted(entry) + " can't be moved: Permission denied", how);
    refuse_half_clear(env_dir, entry, how);
  }
}

/// All that is refused before a directory is cleared, or removed.
VENV_INLINE void refuse_clear(const fs::path& env_dir, const State& state, bool force,
                              Emptying how = Emptying::clear) {
  refuse_unsafe_clear(env_dir, state, force, how);
  if (const auto mount = mount_point_below(env_dir))
    throw refused_to_empty(env_dir, "something is mounted at " + quoted(*mount), how);
  refuse_half_clear(env_dir, env_dir, how);
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
  const auto real = resolved(dir);
  for (int links = 0; links < 40 && real; ++links) { // as many as Linux follows
    const auto folder = resolved(program.parent_path());
    if (!folder) return false;
    if (is_same_file(*folder, *real) || (below && lies_below(*folder, *real))) return true;
    if (status_of(program).kind != FileKind::link) return false;
    program = *folder / link_target(program);
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
  context.cfg_path = env_dir / "pyvenv.cfg";
  context.python = python;
  return context;
}

/// Shows what iCloud and others have hidden because it lies below a name that begins with a dot (`.venv`):
/// from 3.13 on Python takes no notice of `.pth` files that are hidden.
VENV_INLINE void show_path_files(const Context& context) {
  if (this_os == Os::linux_or_other) return;
  for (const fs::path& name : names_in_if_readable(context.lib_path))
    if (name.extension() == ".pth") show_file(context.lib_path / name);
}

VENV_DETAIL_END
