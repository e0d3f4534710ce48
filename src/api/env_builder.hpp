#pragma once

#include "context.hpp"
#include "error.hpp"
#include "options.hpp"

#include <filesystem>
#include <optional>
#include <string>

VENV_BEGIN

/// Makes environments; a base class whose steps can be overridden, as in the reference. One builder
/// can make any number of environments, from several threads at once if overrides allow it.
///
/// (`VENV_INLINE` stands for `inline`, or for nothing: see `VENV_HEADER_ONLY`. Without it every file
/// that includes this header would compile all of it into its virtual table.)
class VENV_API EnvBuilder {
public:
  explicit EnvBuilder(Options options = {});
  virtual ~EnvBuilder() = default;

  /// Makes an environment in `env_dir` (absolute, or relative to the working directory), an existing
  /// directory being re-used, and returns its context.
  ///
  /// Calls, in this order: `ensure_directories`, `create_scm_ignore_file`, `create_configuration`,
  /// `setup_python`, `setup_pip` (`with_pip`), `setup_scripts` and `post_setup` (not for `upgrade`),
  /// `create_configuration` again (`system_site_packages`), `upgrade_dependencies` (`upgrade_deps`).
  ///
  /// Throws `Error`; then what this call made is gone again and what it replaced is back (but for
  /// what `clear` deleted). Killed at any moment it leaves a directory without `pyvenv.cfg`, or a
  /// working environment. Another process making the same one is waited for.
  VENV_INLINE virtual Context create(const std::filesystem::path& env_dir);

  /// Creates the directory and those inside it that don't exist, after clearing it for `clear`, and
  /// returns the context that the other steps are given.
  VENV_INLINE virtual Context ensure_directories(const std::filesystem::path& env_dir);
  /// Writes the configuration (PEP 405) to `context.cfg_path`. Only `create` puts it in its place
  /// then: whoever calls the steps one by one is left with `pyvenv.cfg.new`, to be renamed.
  VENV_INLINE virtual void create_configuration(Context& context);
  /// Links or copies the interpreter, under all its names.
  VENV_INLINE virtual void setup_python(Context& context);
  /// Installs pip, as `ensurepip --upgrade --default-pip` does.
  VENV_INLINE virtual void setup_pip(Context& context);
  /// Installs the activation scripts.
  VENV_INLINE virtual void setup_scripts(Context& context);
  /// Does nothing; for overriding. The environment is complete and its Python can be run.
  VENV_INLINE virtual void post_setup(Context& context);
  /// Upgrades pip (and setuptools below Python 3.12) from the package index, by running pip.
  VENV_INLINE virtual void upgrade_dependencies(Context& context);

  /// Copies `path/common` and `path/posix` (`path/nt` on Windows), folders inside them included, to
  /// `context.bin_path`, with the placeholders replaced (see `replace_variables`); modes are kept.
  /// A file that is no UTF-8 is left out with a warning. Source: reference, "install_scripts".
  VENV_INLINE virtual void install_scripts(Context& context, const std::filesystem::path& path);
  /// `text` of the script `file_name` with `__VENV_DIR__`, `__VENV_NAME__`, `__VENV_PROMPT__`,
  /// `__VENV_BIN_NAME__` and `__VENV_PYTHON__` replaced in one pass, each quoted as the script's
  /// language wants it (by the file's name). Nothing where that language cannot express a value.
  [[nodiscard]] VENV_INLINE virtual std::optional<std::string>
  replace_variables(const std::string& text, const std::string& file_name, const Context& context);
  /// Calls `create_git_ignore_file` for "git". Override it for other SCMs; it is called for each name
  /// in `Options::scm_ignore_files`, in lower case, and refuses one that it doesn't know.
  VENV_INLINE virtual void create_scm_ignore_file(const std::string& scm, Context& context);
  /// Writes `.gitignore` so that Git ignores all of the environment; one that is there is kept.
  VENV_INLINE virtual void create_git_ignore_file(Context& context);

  [[nodiscard]] const Options& options() const noexcept { return options_; }

protected:
  /// Passes a line to `Options::report`.
  void report(Report kind, const std::string& line) const;

private:
  void build(Context& context);
  void commit(Context& context);

  Options options_;
};

/// Makes an environment: `EnvBuilder(options).create(env_dir)`.
VENV_API Context create(const std::filesystem::path& env_dir, const Options& options = {});

/// The same without throwing: nothing, and `error` set, where it fails. Only `std::bad_alloc` passes,
/// and what `Options::report` throws that is no `Error`.
[[nodiscard]] VENV_API std::optional<Context>
create(const std::filesystem::path& env_dir, const Options& options, std::optional<Error>& error);

VENV_END
