#pragma once

#include "../config.hpp"
#include "event.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

VENV_BEGIN

/// What a line says while an environment is made. `warning`: something is otherwise than asked.
enum class VENV_API Report { progress, warning };

/// How the files of pip, and of packages from wheels at hand, come into an environment from where they
/// are remembered. All but `copy` are tried, and copies made where the file system refuses.
enum class VENV_API LinkMode {
  copy, ///< files of its own
  /// Files of its own that share their place on the disk until one is written (btrfs, xfs, APFS).
  clone,
  /// The remembered files under further names: an edit in one environment reaches all.
  hardlink,
  /// Links to the remembered files: the environment needs `cache_dir`, and only its user can use it.
  symlink
};

/// The keyword arguments of `EnvBuilder`, with the reference's names and defaults; below the line,
/// what this header adds. Source: reference, "API".
struct VENV_API Options {
  /// The base Python's site-packages are visible in the environment.
  bool system_site_packages = false;
  /// Deletes the contents of an existing directory first. Never `/`, never the home directory (of
  /// `HOME` and of the account) or one above it; a directory that is no environment or lies above
  /// the working directory needs `force`.
  bool clear = false;
  /// Links to the base interpreter instead of a copy.
  bool symlinks = false;
  /// Only refreshes an existing environment for a base Python that was upgraded in place.
  bool upgrade = false;
  /// Installs the pip that the base Python bundles, unless there is a newer one already.
  bool with_pip = false;
  /// What a shell shows once the environment is active; the directory's name where not given, the
  /// working directory's name for ".".
  std::optional<std::string> prompt{};
  /// Then upgrades pip (and setuptools below Python 3.12) from the package index.
  bool upgrade_deps = false;
  /// Source control managers that are to ignore the environment; "git" is the one known. Where there
  /// is one, backups are told by a `CACHEDIR.TAG` as well. `create` leaves both out of a directory that
  /// holds something else than an environment.
  std::vector<std::string> scm_ignore_files{};

  // ---- beyond the reference ----

  /// Which base interpreter: see `find_interpreter`.
  std::string python{};
  /// Whose the environment is, in one line, for `environments_in`: the key `owner` of `pyvenv.cfg`, after the
  /// reference's. Empty: nobody's; `ensure` keeps the one that it has.
  std::string owner{};
  /// The environment's scripts and programs find it from where they lie, so that its directory can be moved
  /// or copied; so do programs that its pip installs later. `pyvenv.cfg` says `relocatable = true`, after the
  /// reference's keys. Its base Python stays where it is. With `upgrade` it has no effect. See
  /// docs/relocatable.md.
  bool relocatable = false;
  /// With `clear`: also a directory that is no environment.
  bool force = false;
  /// Compiles pip to bytecode, as the reference does, and packages from wheels at hand, as pip does;
  /// `false` leaves that to their first use.
  bool compile_bytecode = true;
  /// A directory in which pip's wheel (and setuptools') is looked for first. The newest that is for
  /// this Python is taken.
  std::filesystem::path pip_wheel_dir{};
  /// Remembers interpreters and installed wheels in `cache_dir`; `false` neither reads nor writes it.
  bool cache = true;
  /// Empty: `$XDG_CACHE_HOME/venv.hpp`, else `~/.cache/venv.hpp` (`%LOCALAPPDATA%` on Windows).
  std::filesystem::path cache_dir{};
  /// Caches that others have filled, such as an image's, in which what `cache_dir` doesn't hold is looked for.
  /// Never written. Used only where nobody but this user and root can have written it.
  std::vector<std::filesystem::path> read_only_caches{};
  /// How installed files come from what is remembered. Other modes than `copy` save disk and time for who makes many
  /// environments; what is written by an installer later is never shared.
  LinkMode link_mode = LinkMode::copy;
  /// Called with one line of text at a time, without a newline, on the thread that makes the
  /// environment: the events that are notes, warnings, pip's output, and the first that tells of a wait.
  /// Nothing is ever printed otherwise.
  std::function<void(Report, const std::string&)> report{};
  /// Called with each event, before `report` is told of it, always on the thread that calls `create`,
  /// `ensure` or a step. While something is waited for (a program, another process), at least one comes
  /// each second. It may throw: the call ends as with any error, what it made is taken away again, and the
  /// exception passes, unless it is an `Error` while a Python is asked, which is told as `interrupted`.
  std::function<void(const Event&)> on_event{};
  /// Asked between steps and, at least every 50 ms, while something is waited for, on the thread that makes
  /// the environment; `true` ends the call with `ErrorCode::interrupted`, and what it made is taken away
  /// again. To stop from `on_event` or from another thread, let it read a `std::atomic<bool>` that is set
  /// there.
  std::function<bool()> is_cancelled{};
  /// Files and directories reach the disk before `pyvenv.cfg` does, so that a power cut leaves no
  /// environment or a whole one. Costs what the disk costs: see docs/reliability.md.
  bool durable = false;
  /// What gave `python` its value, for messages: an option, a variable, a file. May be empty.
  std::string python_origin{};
  /// How long a Python may take to say what it is; 0: any time.
  std::chrono::milliseconds python_timeout{10000};
  /// How long one may take that by then has printed something or goes on working, as its processor
  /// time tells (on Linux): GraalPy on a JVM takes seconds, and more on a busy machine.
  std::chrono::milliseconds python_busy_timeout{60000};
  /// Variables to set, or to take out, for every child that is started: a Python that is asked, pip.
  /// For a host whose own would mislead them, such as an AppImage's `LD_LIBRARY_PATH`.
  std::vector<std::pair<std::string, std::optional<std::string>>> child_variables{};
};

VENV_END
