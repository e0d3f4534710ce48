#pragma once

#include "../base/ascii.hpp"
#include "../base/error.hpp"
#include "../system/file.hpp"
#include "../system/platform.hpp"
#include "../system/tree.hpp"
#include "../text/layout.hpp"
#include "../text/names.hpp"
#include "../text/pyvenv_cfg.hpp"
#include "journal.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

VENV_DETAIL_BEGIN

/// The configuration that is being written: until it becomes `pyvenv.cfg`, the directory is a
/// half-made environment. In a directory that was made for it, it is the only mark of that.
inline constexpr char staged_cfg[] = "pyvenv.cfg.new";

/// A name in the scripts' directory.
struct ScriptsEntry {
  std::string name{};
  FileKind kind = FileKind::missing;     ///< of the entry itself
  FileKind leads_to = FileKind::missing; ///< of what a link leads to
  std::string target{};                  ///< of a link, as it is spelled
  bool is_script = false; ///< a file that begins with `#!`, if it has an interpreter's name
};

/// A library directory of some Python: `lib/python3.12`.
struct LibraryDirectory {
  std::string name;                    ///< `python3.12`
  fs::path site_packages;              ///< absolute
  std::vector<std::string> dist_infos; ///< names of its `.dist-info` directories
};

/// What lies in a directory, read once: all that `create` decides by. Reading starts nothing and
/// changes nothing.
struct State {
  FileKind kind = FileKind::missing;   ///< of the directory, links followed
  bool is_link = false;                ///< the directory is reached by a link
  bool is_empty = true;                ///< nothing lies in it (a volume's `lost+found` aside)
  bool is_environment = false;         ///< `pyvenv.cfg` is there
  bool is_half_made = false;           ///< a killed run left it, or it lost its configuration
  bool has_journal = false;            ///< a killed run's changes are to be taken back or finished
  PyvenvCfg cfg{};                     ///< empty where there is none that can be read
  std::error_code cfg_refused{};       ///< why it could not be read, though it is there
  std::vector<ScriptsEntry> scripts{}; ///< what has an interpreter's or a script's name
  std::vector<LibraryDirectory> libraries{};
  fs::path own_python{}; ///< an interpreter that is no environment's; empty: none

  /// Whether an environment was here, whole or not, so that its parts are ours to replace.
  bool was_environment() const { return is_environment || is_half_made; }
};

/// Whether nothing lies in `dir` but what an environment that was never finished consists of: empty
/// directories and ignore files.
VENV_INLINE bool holds_only_beginnings(const fs::path& dir, int depth = 0) {
  if (depth > 6) return false; // deeper than any layout
  for (const fs::path& name : names_in_if_any(dir)) {
    const std::string text = text_of(name);
    const bool ours = depth == 0 && (text == ".gitignore" || text == "CACHEDIR.TAG" ||
                                     text == "lib64" || text == "lost+found");
    if (ours || is_left_over(text)) continue;
    if (status_of(dir / name).kind != FileKind::directory ||
        !holds_only_beginnings(dir / name, depth + 1))
      return false;
  }
  return true;
}

/// Whether a file begins with `#!`. One that can't be read does not.
VENV_INLINE bool begins_with_shebang(const fs::path& path) {
  try {
    return read_start(path, 2) == "#!";
  } catch (const Error&) {
    return false;
  }
}

/// Throws where this user may not list them: another Python's would stay beside what is new.
VENV_INLINE std::vector<ScriptsEntry> read_scripts(const fs::path& bin) {
  std::vector<ScriptsEntry> entries;
  for (const fs::path& name : names_in_if_there(bin)) {
    ScriptsEntry entry;
    entry.name = text_of(name);
    entry.kind = known_status_of(bin / name).kind;
    entry.leads_to = entry.kind;
    if (entry.kind == FileKind::link) {
      entry.leads_to = known_followed_status_of(bin / name).kind;
      entry.target = text_of(link_target(bin / name));
    }
    if (entry.kind == FileKind::file && is_interpreter_name(entry.name))
      entry.is_script = begins_with_shebang(bin / name);
    entries.push_back(std::move(entry));
  }
  return entries;
}

/// The library directories of every Python that has one here, on any platform.
VENV_INLINE std::vector<LibraryDirectory> read_libraries(const fs::path& env_dir) {
  std::vector<LibraryDirectory> libraries;
  const auto add = [&](const std::string& name, const fs::path& site_packages) {
    if (known_followed_status_of(site_packages).kind != FileKind::directory) return;
    LibraryDirectory library{name, site_packages, {}};
    for (const fs::path& entry : names_in_if_any(site_packages))
      if (entry.extension() == ".dist-info") library.dist_infos.push_back(text_of(entry));
    libraries.push_back(std::move(library));
  };
  for (const fs::path& name : names_in_if_any(env_dir / "lib"))
    if (is_interpreter_name(text_of(name)))
      add(text_of(name), env_dir / "lib" / name / "site-packages");
  if (this_os == Os::windows) add("Lib", env_dir / "Lib" / "site-packages");
  return libraries;
}

/// The standard library of a Python that is installed in `env_dir`: its `os.py`, a file or a link.
/// Empty where there is none.
VENV_INLINE fs::path find_own_library(const fs::path& env_dir) {
  for (const fs::path& name : names_in_if_any(env_dir / "lib")) {
    const fs::path landmark = env_dir / "lib" / name / "os.py";
    if (is_interpreter_name(text_of(name)) && status_of(landmark).kind != FileKind::missing)
      return landmark;
  }
  return {};
}

/// Whether an environment lost its configuration: its activation script is there, and an interpreter
/// that isn't installed here. Old virtualenvs have links to a library.
VENV_INLINE bool has_lost_configuration(const fs::path& env_dir,
                                        const std::vector<ScriptsEntry>& scripts) {
  bool has_script = false, has_link = false, has_copy = false;
  for (const ScriptsEntry& entry : scripts) {
    const bool is_interpreter = is_interpreter_name(entry.name);
    has_script = has_script || (entry.name == "activate" && entry.kind == FileKind::file);
    has_link = has_link || (is_interpreter && entry.kind == FileKind::link);
    has_copy = has_copy || (is_interpreter && entry.kind == FileKind::file && !entry.is_script);
  }
  if (!has_script || !(has_link || has_copy)) return false;
  const fs::path library = find_own_library(env_dir);
  return library.empty() || (has_link && status_of(library).kind == FileKind::link);
}

/// An interpreter of the directory's own: it is the prefix of a Python, no environment.
VENV_INLINE fs::path find_own_python(const fs::path& env_dir, const State& state) {
  if (state.was_environment()) return {};
  for (const ScriptsEntry& entry : state.scripts)
    if (entry.kind == FileKind::file && !entry.is_script && is_interpreter_name(entry.name))
      return env_dir / bin_of(this_os) / path_of(entry.name);
  for (const fs::path& landmark : {env_dir / "python.exe", env_dir / "Lib" / "os.py"})
    if (this_os == Os::windows && status_of(landmark).kind == FileKind::file) return landmark;
  const fs::path library = find_own_library(env_dir);
  return status_of(library).kind == FileKind::file ? library : fs::path();
}

/// Whether nothing lies in a directory. One that this user may not list counts as full, one that another
/// run has just removed as empty.
VENV_INLINE bool is_known_empty(const fs::path& dir) {
  try {
    const std::vector<fs::path> names = names_in(dir);
    return std::all_of(names.begin(), names.end(),
                       [](const fs::path& name) { return name == "lost+found"; });
  } catch (const Error& error) {
    if (error.system_error() == std::errc::permission_denied) return false;
    if (error.system_error() == std::errc::no_such_file_or_directory) return true;
    throw;
  }
}

/// What `pyvenv.cfg` says. One that this user may not read (then `refused` says so), that another process
/// has just taken away, or that is none, names nothing.
VENV_INLINE PyvenvCfg read_configuration(const fs::path& cfg, std::error_code* refused = nullptr) {
  try {
    return parse_pyvenv_cfg(read_file(cfg));
  } catch (const Error& error) {
    const std::error_code reason = error.system_error();
    const bool is_refused = reason == std::errc::permission_denied;
    if (reason && !is_refused && reason != std::errc::no_such_file_or_directory &&
        reason != std::errc::file_too_large)
      throw;
    if (is_refused && refused != nullptr) *refused = reason;
    return {};
  }
}

/// Refuses to upgrade by a `pyvenv.cfg` that could not be read: what it says would be lost.
VENV_INLINE void refuse_unread(const fs::path& env_dir, const State& state) {
  if (state.cfg_refused) throw io_error("read", env_dir / "pyvenv.cfg", state.cfg_refused);
}

/// Reads what lies in `env_dir` (absolute). Throws Error (`io`) when the system fails: who takes that
/// for nothing there would overwrite or delete what is.
VENV_INLINE State read_state(const fs::path& env_dir) {
  State state;
  const FileKind itself = known_status_of(env_dir).kind;
  state.is_link = itself == FileKind::link;
  state.kind = state.is_link ? known_followed_status_of(env_dir).kind : itself;
  if (state.kind != FileKind::directory) return state;
  state.is_empty = is_known_empty(env_dir);
  if (state.is_empty) return state;
  state.is_environment = known_kind_behind(env_dir / "pyvenv.cfg") == FileKind::file;
  state.has_journal = known_status_of(env_dir / journal_name).kind == FileKind::directory;
  state.scripts = read_scripts(env_dir / bin_of(this_os));
  state.is_half_made = state.has_journal ||
                       (!state.is_environment && has_lost_configuration(env_dir, state.scripts)) ||
                       known_status_of(env_dir / staged_cfg).kind == FileKind::file ||
                       (!state.is_environment && holds_only_beginnings(env_dir));
  if (state.is_environment)
    state.cfg = read_configuration(env_dir / "pyvenv.cfg", &state.cfg_refused);
  state.libraries = read_libraries(env_dir);
  state.own_python = find_own_python(env_dir, state);
  return state;
}

VENV_DETAIL_END
