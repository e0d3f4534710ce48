#pragma once

#include "context.hpp"
#include "error.hpp"
#include "options.hpp"
#include "script_set.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

VENV_BEGIN

/// Makes environments; a base class whose steps can be overridden, as in the reference. One builder
/// can make any number of environments, from several threads at once if overrides allow it.
///
/// In a subclass, hooks see what the reference promises them: from the return of `create_configuration`
/// on `pyvenv.cfg` lies in its place, from the return of `setup_python` on `env_exec_cmd` is the
/// environment's Python, after `setup_pip` pip is there. (By the dynamic type; without RTTI every
/// builder counts as one.) A builder that is no subclass puts `pyvenv.cfg` in its place last of all.
///
/// Each step can also be called alone, on a `Context` that `ensure_directories` returned or that a
/// program filled; it is then complete in itself: what it made is taken back if it fails.
///
/// (`VENV_INLINE` stands for `inline`, or for nothing: see `VENV_HEADER_ONLY`. Without it every file
/// that includes this header would compile all of it into its virtual table.)
class VENV_API EnvBuilder {
public:
  /// Errors: `invalid_argument` for options that exclude each other. A prompt of "." is the name of the
  /// directory that is the working one now.
  explicit EnvBuilder(Options options = {});
  virtual ~EnvBuilder() = default;

  /// Makes an environment in `env_dir` (absolute, or relative to the working directory), an existing
  /// directory being re-used, and returns its context. A file named `.venv` with another path in it is
  /// followed (PEP 832, a draft), once, and never written.
  ///
  /// Calls, in this order: `ensure_directories`, `create_scm_ignore_file`, `create_configuration`,
  /// `setup_python`, `setup_pip` (`with_pip`), `setup_scripts` and `post_setup` (not for `upgrade`),
  /// `create_configuration` again (`system_site_packages`), `upgrade_dependencies` (`upgrade_deps`).
  ///
  /// Throws `Error`; then what this call made is gone again, and what it replaced or cleared is back as
  /// it was. Killed at any moment it leaves a directory without `pyvenv.cfg`, a working environment, or
  /// a journal by which the next call takes back or finishes what was begun. Another process or thread
  /// making the same one is waited for, and `Options::report` is told.
  VENV_INLINE virtual Context create(const std::filesystem::path& env_dir);

  /// Creates the directory and those inside it that don't exist, after clearing it for `clear`, and
  /// returns the context that the other steps are given.
  VENV_INLINE virtual Context ensure_directories(const std::filesystem::path& env_dir);
  /// Writes `pyvenv.cfg` (PEP 405).
  VENV_INLINE virtual void create_configuration(Context& context);
  /// Links or copies the interpreter, under all its names. A file of the user's own under one of them
  /// (a wrapper script) stays, with a warning.
  VENV_INLINE virtual void setup_python(Context& context);
  /// Installs pip, as `ensurepip --upgrade --default-pip` does. The reference's `_setup_pip`.
  VENV_INLINE virtual void setup_pip(Context& context);
  /// Installs the activation scripts, by `install_scripts`.
  VENV_INLINE virtual void setup_scripts(Context& context);
  /// Does nothing; for overriding. The environment is complete and its Python can be run.
  VENV_INLINE virtual void post_setup(Context& context);
  /// Upgrades `core_venv_deps` from the package index, by running pip.
  VENV_INLINE virtual void upgrade_dependencies(Context& context);
  /// What `upgrade_dependencies` upgrades: pip, and setuptools below Python 3.12. The reference's
  /// `CORE_VENV_DEPS`.
  [[nodiscard]] VENV_INLINE virtual std::vector<std::string> core_venv_deps(const Context& context);

  /// Installs scripts in `context.bin_path` with their placeholders replaced (see `replace_variables`)
  /// and their modes. Takes a list, which an override can read and change, or a folder: `path/common`
  /// and `path/posix` (`path/nt` on Windows). Called by `setup_scripts` for the activation scripts.
  /// Source: reference, "install_scripts".
  VENV_INLINE virtual void install_scripts(Context& context, const ScriptSet& scripts);
  /// `text` of the script `file_name` with `__VENV_DIR__`, `__VENV_NAME__`, `__VENV_PROMPT__`,
  /// `__VENV_BIN_NAME__` and `__VENV_PYTHON__` replaced in one pass, each quoted as the script's
  /// language wants it: by the file's suffix, then by its `#!` line; what neither tells is taken for sh.
  /// Nothing (and a warning) where that language cannot express a value; an override that returns
  /// nothing leaves the script out.
  [[nodiscard]] VENV_INLINE virtual std::optional<std::string>
  replace_variables(const std::string& text, const std::string& file_name, const Context& context);
  /// Calls `create_git_ignore_file` for "git". Override it for other SCMs (the reference's
  /// `create_{scm}_ignore_file`); it is called once for each name in `Options::scm_ignore_files`, in
  /// lower case, and refuses one that it doesn't know.
  VENV_INLINE virtual void create_scm_ignore_file(const std::string& scm, Context& context);
  /// Writes `.gitignore` so that Git ignores all of the environment; one that is there is kept.
  VENV_INLINE virtual void create_git_ignore_file(Context& context);

  /// Links `dst` to `src` (`symlinks`), or copies it; where a link can't be, copies it with a warning.
  /// `relative_symlinks_ok`: links by the name alone, if both lie in the same directory. Called by
  /// `setup_python` for each name of the interpreter.
  VENV_INLINE virtual void symlink_or_copy(const std::filesystem::path& src,
                                           const std::filesystem::path& dst,
                                           bool relative_symlinks_ok = false);
  /// Removes all that lies in the directory, not the directory; see `Options::clear` for what is
  /// refused. Within `create` it comes back if that fails.
  VENV_INLINE virtual void clear_directory(const std::filesystem::path& path);

  /// The options that this builder was made with.
  [[nodiscard]] const Options& options() const noexcept { return options_; }

protected:
  /// The options of the `create` that is running on this thread, which a hook can change for the steps
  /// that follow: neither other calls nor other threads see that. Outside of `create` the builder's own.
  [[nodiscard]] VENV_INLINE Options& current_options();
  /// Tells a note, or a warning of the code `other`: an event, and a line for `Options::report`.
  void report(Report kind, const std::string& line) const;

private:
  void build(Context& context, bool shows_early);

  Options options_;
  std::optional<std::string> prompt_{}; ///< as it is shown: "." is resolved
};

/// Makes an environment: `EnvBuilder(options).create(env_dir)`.
VENV_API Context create(const std::filesystem::path& env_dir, const Options& options = {});

/// The same without throwing: nothing, and `error` set, where it fails. Only `std::bad_alloc` passes,
/// and what a callback throws that is no `Error`.
[[nodiscard]] VENV_API std::optional<Context>
create(const std::filesystem::path& env_dir, const Options& options, std::optional<Error>& error);

VENV_END
