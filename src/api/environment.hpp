#pragma once

#include "distribution.hpp"
#include "error.hpp"
#include "options.hpp"
#include "process.hpp"
#include "version.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

VENV_BEGIN

/// What `Environment::run` would start, for a host that starts programs in its own way.
struct VENV_API RunCommand {
  std::filesystem::path program{};                ///< its file
  std::vector<std::string> arguments{};           ///< without the program's own name
  std::map<std::string, std::string> variables{}; ///< all that the child has
  std::filesystem::path cwd{};                    ///< empty: the working directory of who starts it
  /// `NAME=value`, one for each variable.
  [[nodiscard]] VENV_INLINE std::vector<std::string> variable_lines() const;
};

/// What is to be installed, and from where. Relative paths begin at the working directory.
///
/// When `wheel_dirs` hold all that is needed, wheels that fit are laid out as pip would, without running
/// it: of each project the newest that meets what is required, an index is not asked for newer ones. In
/// every other case pip does the whole (docs/packages.md).
struct VENV_API Requirements {
  std::vector<std::filesystem::path> files{};       ///< requirements files (`-r`)
  std::vector<std::filesystem::path> constraints{}; ///< constraints files (`-c`)
  std::vector<std::string> packages{};              ///< in the form of PEP 508: `flask>=3`
  std::vector<std::filesystem::path> wheel_dirs{};  ///< directories of wheels (`--find-links`)
  bool offline = false;        ///< asks no index: only what `wheel_dirs` hold (`--no-index`)
  bool require_hashes = false; ///< takes only what a hash is given for
  bool only_binary = false;    ///< builds nothing
  std::string index{};         ///< the index instead of PyPI; empty: what pip is configured for
  std::vector<std::string> pip_arguments{}; ///< further ones of `pip install`, which runs then
  bool only_pip = false;                    ///< pip installs also what could be laid out without it
};

struct Embedding;

/// An environment that exists. It is opened by reading its `pyvenv.cfg` and looking at some names: no
/// process is started, and nothing is changed. A copy costs nothing, and shares what was read then.
class VENV_API Environment {
public:
  /// The environment that `place` means: its directory, its folder of scripts, the path of an
  /// interpreter in that, or a file `.venv` that leads to it (PEP 832, a draft). Errors:
  /// `not_an_environment` when there is no `pyvenv.cfg`, `io` when it can't be read.
  [[nodiscard]] VENV_INLINE static Environment open(const std::filesystem::path& place);
  /// The same without throwing: nothing, and `error` set, when it fails.
  [[nodiscard]] VENV_INLINE static std::optional<Environment>
  open(const std::filesystem::path& place, std::optional<Error>& error);
  /// The environment that is active in this process: the one that `VIRTUAL_ENV` names. Errors: as
  /// `open`; `not_an_environment` also when it isn't set.
  [[nodiscard]] VENV_INLINE static Environment active();

  /// The environment's own directory, absolute; links in it are kept as they are.
  [[nodiscard]] VENV_INLINE const std::filesystem::path& directory() const noexcept;
  /// Its Python. Whether that still starts is what `check` tells.
  [[nodiscard]] VENV_INLINE const std::filesystem::path& python() const noexcept;
  /// The version that `pyvenv.cfg` names; one that names none: what its library is named by.
  [[nodiscard]] VENV_INLINE const Version& version() const noexcept;
  /// `cpython`, unless its files say otherwise.
  [[nodiscard]] VENV_INLINE const Implementation& implementation() const noexcept;
  /// The folder of its programs.
  [[nodiscard]] VENV_INLINE const std::filesystem::path& scripts() const noexcept;
  /// Where packages are installed (purelib).
  [[nodiscard]] VENV_INLINE const std::filesystem::path& site_packages() const noexcept;
  /// Where packages with compiled modules are installed; in most environments the same.
  [[nodiscard]] VENV_INLINE const std::filesystem::path& platlib() const noexcept;
  /// What a shell shows when it is active.
  [[nodiscard]] VENV_INLINE const std::string& prompt() const noexcept;
  /// Whose it is: `Options::owner` when it was made; empty: nobody's.
  [[nodiscard]] VENV_INLINE const std::string& owner() const noexcept;
  /// Whether the base Python's packages are seen, too.
  [[nodiscard]] VENV_INLINE bool has_system_site_packages() const noexcept;
  /// Whether its directory can be moved or copied: see `Options::relocatable`.
  [[nodiscard]] VENV_INLINE bool is_relocatable() const noexcept;

  /// The path of one of its programs: `program("pytest")`. Nothing when it has none of that name that
  /// can be run.
  [[nodiscard]] VENV_INLINE std::optional<std::filesystem::path>
  program(const std::string& name) const;

  /// The variables that a child in it gets when this process's own are the others'; see
  /// `run_program`.
  [[nodiscard]] VENV_INLINE std::map<std::string, std::string> variables() const;
  /// The same, made of `others`.
  [[nodiscard]] VENV_INLINE std::map<std::string, std::string>
  variables(const std::map<std::string, std::string>& others) const;

  /// Runs a program to its end in it, as `run_program` does.
  VENV_INLINE RunResult run(const std::string& program, const std::vector<std::string>& arguments,
                            const RunOptions& options = {}) const;
  /// The same without throwing: nothing, and `error` set, when it couldn't be started or, with
  /// `RunOptions::throws`, didn't succeed. What a callback throws passes.
  VENV_INLINE std::optional<RunResult> run(const std::string& program,
                                           const std::vector<std::string>& arguments,
                                           const RunOptions& options,
                                           std::optional<Error>& error) const;
  /// What `run` would start. Of the options, `cwd`, `variables`, `installs` count, and whether there
  /// is an `on_line` or `on_output`. Errors: as `run`, before anything is started.
  [[nodiscard]] VENV_INLINE RunCommand command(const std::string& program,
                                               const std::vector<std::string>& arguments,
                                               const RunOptions& options = {}) const;

  /// Installs packages, while no other process installs or makes it: nothing when all are there, from
  /// `Requirements::wheel_dirs` when these hold what is missing, else by running its pip. What was
  /// installed, or what pip printed, is in the result; `RunOptions::on_line` is told why pip is run
  /// (`Stream::err`). Of `laying`, those options count that say what is remembered and how it comes from
  /// there (`cache`, `cache_dir`, `read_only_caches`, `link_mode`), and `compile_bytecode`.
  ///
  /// What is laid out without pip is there whole or not at all, also after a kill; older versions are
  /// removed by their RECORD. Errors: `pip_unavailable`, with the reason, when it needs pip and has none;
  /// `bad_archive` for a wheel that is damaged, lies about its files, or would write outside the
  /// environment; `command_failed`; `busy` when another process holds it for five minutes;
  /// `invalid_argument`.
  VENV_INLINE RunResult install(const Requirements& requirements, const RunOptions& options = {},
                                const Options& laying = {}) const;
  /// What `install` would start. Whoever starts it holds no lock.
  [[nodiscard]] VENV_INLINE RunCommand install_command(const Requirements& requirements,
                                                       const RunOptions& options = {}) const;

  /// Removes packages by their RECORD: the files that it lists, the bytecode of its modules, directories
  /// that are empty then. All of them go or, when it fails or is killed, none. What other packages
  /// require is not looked at. Errors, before anything is changed: `invalid_argument` for what isn't
  /// installed in it, or was without a RECORD; `bad_archive` when a RECORD names what lies outside of the
  /// environment, or one of its own files; `busy`, `io`; `interrupted` when `options.is_cancelled` says so
  /// while others are waited for. No more of the options counts.
  VENV_INLINE void uninstall(const std::vector<std::string>& names,
                             const RunOptions& options = {}) const;

  /// What is installed, in the order of `sys.path`: in it and, with `has_system_site_packages`, for the
  /// base Python; the user's own packages are left out. Nothing is started. What can't be read whole is
  /// told as such, in `Distribution::damage`.
  [[nodiscard]] VENV_INLINE std::vector<Distribution> distributions() const;

  /// What of `requirements` isn't there, followed through what is installed to the end: what it
  /// requires itself, with extras and markers; empty: all is. A path or a URL is met by what was
  /// installed from there. The base Python is asked once what markers ask, and remembered; of the
  /// options those of `find_interpreter` count. Errors: as those of `find_interpreter`; `io` and
  /// `invalid_argument`, with file and line, for files that can't be read.
  [[nodiscard]] VENV_INLINE std::vector<Missing> missing(const Requirements& requirements,
                                                         const Options& options = {}) const;
  /// The same for some packages: `missing({"flask>=3"})`.
  [[nodiscard]] VENV_INLINE std::vector<Missing> missing(const std::vector<std::string>& packages,
                                                         const Options& options = {}) const;

  /// What a program needs that embeds its Python: see `configure`, which is there when `Python.h` was included
  /// before. The base Python is asked once, and remembered; of the options those of `find_interpreter` count.
  /// Errors: as those of `find_interpreter`.
  [[nodiscard]] VENV_INLINE Embedding embed(const Options& options = {}) const;

  /// What all its files take, in bytes; one that has several names counts once. What links lead to
  /// is not its own.
  [[nodiscard]] VENV_INLINE std::uint64_t size() const;

  /// Deletes it: see `remove_environment`.
  VENV_INLINE void remove() const;

private:
  struct Detail;
  explicit Environment(std::shared_ptr<const Detail> detail) : detail_(std::move(detail)) {}
  std::shared_ptr<const Detail> detail_;
};

/// Deletes an environment, also one that is half made, with its directory, while no other process makes
/// it. It is moved aside in one step first, so that at no moment a part of it is taken for an
/// environment, and no link is followed. What a killed run left in it is taken back before; what one that
/// removed it left beside it is deleted by the next call that makes, changes or removes one there.
///
/// Refused before anything is touched (`not_an_environment`): what is no environment, or a link to one;
/// the root, the home directory and those above it; one in which the working directory lies, something
/// is mounted, or something lies that this user may not delete. Other errors: `busy` when another
/// process holds it longer than `wait`, `io`, which names what could not be deleted and where the rest
/// lies.
VENV_API void remove_environment(const std::filesystem::path& env_dir,
                                 std::chrono::milliseconds wait = std::chrono::minutes(5));
/// The same without throwing: whether it did, else `error` is set.
VENV_API bool remove_environment(const std::filesystem::path& env_dir, std::optional<Error>& error,
                                 std::chrono::milliseconds wait = std::chrono::minutes(5));

VENV_END
