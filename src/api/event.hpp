#pragma once

#include "../config.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

VENV_BEGIN

/// What is told of. Values are only added, here and in the two below.
enum class VENV_API EventKind {
  phase,   ///< another part of the work begins: `Event::phase`
  note,    ///< what is done, or why
  warning, ///< something is otherwise than asked, or will not last: `Event::warning` says what
  command, ///< a program was started: `Event::arguments`
  package, ///< a package's turn has come: `Event::package`, the `number`-th of `count`
  output,  ///< a line that pip printed
  waiting, ///< somebody else holds the environment: `Event::holder`, for `elapsed`; again each second
  running, ///< the phase, or a program, has gone on for `elapsed`, and for a second nothing else was told
};

/// The parts of the work.
enum class VENV_API Phase {
  none = 0,    ///< outside of all, as what `run` starts is
  looking,     ///< `ensure` looks at what is there
  python,      ///< a base Python is looked for and asked
  directories, ///< directories are made, or emptied
  interpreter, ///< the environment gets its Python
  pip,         ///< it gets its pip
  scripts,     ///< it gets its activation scripts
  upgrade,     ///< pip is upgraded from the package index
  packages,    ///< packages are installed
};

/// What a warning is about.
enum class VENV_API WarningCode {
  other = 0,       ///< a subclass's own, or none of these
  no_links,        ///< a copy is what would be a link
  kept_file,       ///< a file that is no interpreter stays under the name of one
  script_left_out, ///< a script isn't installed: it is no text, or its language can't express a value
  pip_wheel_bad,   ///< pip's wheel can't be used, and ensurepip runs
  old_python,      ///< the base is older than the Pythons whose environments are compared
  fleeting_base,   ///< the base is likely to go before the environment does
  other_minor,     ///< packages for another minor version of Python are there, and not seen
  shared_file,     ///< two packages have the same file
  left_over,       ///< what was replaced could not be deleted
  not_shared,      ///< files are copies that were to be shared (`Options::link_mode`)
  not_put_back,    ///< after an error, what was there before could not all be put back
  redirected,      ///< the system has put the environment elsewhere than it was asked for
};

/// Something that happens while an environment is made or packages are installed. What a kind doesn't have
/// is empty.
struct VENV_API Event {
  EventKind kind = EventKind::note;         ///< what happens
  std::string text{};                       ///< one plain line for people, never empty
  Phase phase = Phase::none;                ///< the one in which it happens
  WarningCode warning = WarningCode::other; ///< of `warning`: which one
  std::vector<std::string> arguments{};     ///< of `command`: the program, and its arguments
  std::string package{}; ///< of `package`: the name, and the version when it is known
  ///@{
  /// Of `package`: which one of how many; 0 when it isn't known.
  std::size_t number = 0, count = 0;
  ///@}
  std::string holder{};                 ///< of `waiting`: who, as far as the system tells
  std::filesystem::path path{};         ///< of `waiting`: what is held
  std::chrono::milliseconds elapsed{0}; ///< of `waiting` and `running`
};

///@{
/// The kind, the phase, the code as a word: `phase`, `packages`, `fleeting-base` …
[[nodiscard]] VENV_API std::string name_of(EventKind kind);
[[nodiscard]] VENV_API std::string name_of(Phase phase);
[[nodiscard]] VENV_API std::string name_of(WarningCode code);
///@}

VENV_END
