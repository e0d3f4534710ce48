#pragma once

#include "environment.hpp"
#include "options.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

VENV_BEGIN

/// What is wrong with an environment, in kinds that a program can tell apart. Stable: values are only
/// ever added.
enum class VENV_API ProblemCode {
  no_environment = 1,  ///< there is none
  half_made,           ///< a run that was killed left it so
  configuration_wrong, ///< `pyvenv.cfg` can't be read, lacks something, or says what is not true
  interpreter_missing, ///< a name of its Python isn't there
  interpreter_gone,    ///< what a name of its Python leads to is gone, or its standard library is
  interpreter_damaged, ///< it is there and can't be run, or is not what its base is
  other_version,       ///< its Python has another minor version than `pyvenv.cfg` says
  base_upgraded,   ///< its base was upgraded in place, to another release of the same minor version
  library_missing, ///< there is no directory for packages, or what leads there leads nowhere
  other_library,   ///< packages for another minor version lie in it
  moved,           ///< it was made for another directory
  script_missing,  ///< an activation script isn't there
  script_changed,  ///< an activation script is not as this header would write it
  script_elsewhere,     ///< a program runs by a Python that is not the environment's, or is gone
  pip_missing,          ///< there is no pip, and it is asked for
  pip_damaged,          ///< pip's files are not those that its RECORD lists
  package_damaged,      ///< the same of another package, or what describes it can't be read
  other_python,         ///< its Python is not the one that is asked for
  other_options,        ///< it was made by other options than those that are asked for
  requirement_missing,  ///< something that is required isn't installed, or not in that version
  requirements_changed, ///< the requirements are not those that it was made for
};

/// The code as a word: `no-environment`, `half-made` …
[[nodiscard]] VENV_API std::string name_of(ProblemCode code);

/// How much a problem matters.
enum class VENV_API ProblemLevel {
  note,   ///< it works as it is, and `ensure` would change nothing
  change, ///< it works, but is not as it is asked for
  broken, ///< something of it doesn't work
};

/// Something that is wrong with an environment.
struct VENV_API Problem {
  ProblemCode code = ProblemCode::no_environment; ///< what it is, for a program
  ProblemLevel level = ProblemLevel::broken;      ///< how much it matters
  std::filesystem::path path{};                   ///< the file or directory concerned
  std::string what{};                             ///< one plain line
  std::string remedy{};                           ///< what mends it, one plain line
  bool is_mended_in_place = true;                 ///< without losing a package
};

/// What is done with an environment whose requirements have changed.
enum class VENV_API RequirementsChange {
  install,  ///< what is missing is installed; what is not required any more stays
  recreate, ///< it is made anew, so that nothing but what is required is in it
};

/// What an environment has to be: the options that it is made by, and what is to be installed in it.
struct VENV_API EnsureOptions : Options {
  EnsureOptions() = default;
  /// These, with no requirements.
  EnsureOptions(Options options) : Options(std::move(options)) {}

  /// What is to be installed. When that takes pip (see `Requirements`), the environment gets it too.
  Requirements requirements{};
  /// What was installed for another minor version of Python, and is missing for this one, is required too, in
  /// the versions that it had; not what came from a path or a URL.
  bool reinstall = false;
  RequirementsChange when_changed = RequirementsChange::install; ///< what is done then
  /// `ensure` looks at everything that `check` looks at, also when nothing seems to have changed.
  bool thorough = false;
  /// How long `ensure` waits for others that make the same environment.
  std::chrono::milliseconds lock_timeout = std::chrono::minutes(5);
};

/// What is wrong with the environment in `dir` (as `Environment::open` takes it), the worst first;
/// empty: nothing. It starts no process and changes nothing.
///
/// Of the options `python`, `with_pip`, `system_site_packages`, `relocatable`, `prompt`, `owner` and
/// `requirements` say what is asked for. A Python that is asked for by a path or a command's name is compared by its file. Errors:
/// what is wrong with `requirements` themselves (`io`, `invalid_argument`).
[[nodiscard]] VENV_API std::vector<Problem> check(const std::filesystem::path& dir,
                                                  const EnsureOptions& options);
/// The same when nothing is asked for but that it works.
[[nodiscard]] VENV_API std::vector<Problem> check(const std::filesystem::path& dir);

VENV_END
