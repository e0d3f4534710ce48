#pragma once

#include "check.hpp"
#include "env_builder.hpp"
#include "options.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

VENV_BEGIN

/// What a command line asks the program to do.
enum class VENV_API Action {
  make,          ///< makes environments, and installs what `options.requirements` say
  ensure,        ///< sees to it that they are what is asked for
  check,         ///< says what is wrong with them
  info,          ///< says what one is
  list,          ///< says which lie in folders: `env_dirs`
  remove,        ///< deletes them
  uninstall,     ///< removes the packages `names` from them
  run,           ///< runs `command` in one
  activate,      ///< prints the command that activates one
  list_pythons,  ///< prints which Pythons are found
  print_version, ///< prints this program's version
  print_help,    ///< prints which options there are
};

/// What the words of a command line ask for.
struct VENV_API CommandLine {
  Action action = Action::make; ///< what is done
  EnsureOptions options{};      ///< with the program's defaults: pip, links, `.gitignore`
  /// Never empty, unless `action` is one of the last three; one with `info`, `run`, `activate`.
  std::vector<std::string> env_dirs{};
  std::vector<std::string> command{}; ///< with `run`: a program and its arguments
  std::vector<std::string> names{};   ///< with `uninstall`
  std::string shell{};                ///< with `activate`; empty or `auto`: the one in use
  ///@{
  /// With `ensure`, for make and Ninja: a file that is written when something changed, and one that says
  /// what it depends on; as they were typed.
  std::string stamp{}, depfile{};
  ///@}
  bool json = false; ///< with `make`, `ensure`, `check`, `info`, `list`, `list_pythons`
  ///@{
  /// The last that was given; never both.
  bool quiet = false, verbose = false;
  ///@}
  bool version_file = true; ///< `.python-version` is read
};

/// An option of a program's own beside those of `venv`. One with the same name takes that one's place.
struct VENV_API OwnOption {
  std::string name{};  ///< `--no-setuptools`
  std::string value{}; ///< what `--help` calls its value; empty: it takes none
  std::string help{};  ///< lines for `--help`
  /// Called each time it is given, with its value.
  std::function<void(const std::string& value)> apply{};
};

/// A program like `venv` with a builder of its own, which `--ensure` doesn't go with.
struct VENV_API Program {
  std::string name = "venv";        ///< in messages
  std::vector<OwnOption> options{}; ///< its own
  /// The builder of all directories; null, or where it returns null: `EnvBuilder`.
  std::function<std::unique_ptr<EnvBuilder>(const Options&)> make_builder{};
};

/// Reads a command line as the reference's program does, and prints nothing: `words` without the
/// program's name. Options may stand anywhere, be shortened (one of the reference's wins) and repeated
/// (the last counts, but for those that name what is installed); all behind `--` are directories, or with
/// `--run` the program and its arguments. Returns nothing, and says in `error` why, for what can't be
/// understood.
[[nodiscard]] VENV_API std::optional<CommandLine>
parse_arguments(const std::vector<std::string>& words, std::string& error,
                const std::vector<OwnOption>& own = {});

/// The whole command-line program: `int main(int argc, char** argv) { return venv::main(argc, argv); }`
///
/// The reference's options and their defaults for the platform, and those that `--help` names
/// besides. Returns 0, 1 (with `Error: …` and perhaps `Hint: …` on stderr), or 2 for a command line
/// that cannot be understood; with `--check` 3 or 4 for what is wrong, with `--run` what the program
/// returns (on POSIX this process becomes that program). The only function here that prints or reads `VENV_HPP_PYTHON`,
/// `VENV_HPP_NO_CACHE` and `.python-version`.
VENV_API int main(int argc, const char* const* argv);

/// The same for a program with options and a builder of its own.
VENV_API int main(int argc, const char* const* argv, const Program& program);

VENV_END
