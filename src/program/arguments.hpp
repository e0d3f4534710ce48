#pragma once

#include "../api/command_line.hpp"
#include "../system/path.hpp"
#include "../system/platform.hpp"
#include "../text/utf8.hpp"
#include "activation_hint.hpp"
#include "options.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

VENV_DETAIL_BEGIN

/// An option that can be given: the program's, or one of its user's own.
struct ProgramOption {
  std::string_view name{}, value{}, help{};
  const OwnOption* own = nullptr;
  void (*apply)(CommandLine&, const std::string&) = nullptr; ///< null: `own` has it
  unsigned marks = for_all;
  char letter = 0;
  bool is(unsigned mark) const { return (marks & mark) != 0; }
};

/// Those of the user's come first, and take the place of ours with the same name.
VENV_INLINE std::vector<ProgramOption> known_options(const std::vector<OwnOption>& own) {
  std::vector<ProgramOption> options;
  for (const OwnOption& option : own)
    options.push_back({option.name, option.value, option.help, &option});
  for (const OptionSpec& spec : option_specs) {
    const auto is_same = [&spec](const OwnOption& option) { return option.name == spec.name; };
    if (std::none_of(own.begin(), own.end(), is_same))
      options.push_back(
          {spec.name, spec.value, spec.help, nullptr, spec.apply, spec.marks, spec.letter});
  }
  return options;
}

/// Whether `word` is a negative number, as argparse sees it.
VENV_INLINE bool is_negative_number(const std::string& word) {
  std::string digits = word.substr(1);
  if (const std::size_t dot = digits.find('.'); dot != digits.npos) digits.erase(dot, 1);
  return !digits.empty() && word.front() == '-' && word.back() != '.' &&
         digits.find_first_not_of("0123456789") == digits.npos;
}

/// Reads a command line as the reference's does: options anywhere, unambiguous beginnings of their
/// names, `--name=value` or `--name value`, the last of a repeated one, all behind `--` being
/// directories. Beyond it, some options have a letter: `-r value`, `-rvalue`.
class ArgumentParser {
public:
  explicit ArgumentParser(const std::vector<OwnOption>& own) : options_(known_options(own)) {}
  /// Throws UsageError.
  CommandLine parse(const std::vector<std::string>& words);

private:
  const ProgramOption& option_named(const std::string& name) const;
  const ProgramOption* option_lettered(const std::string& word) const;
  bool is_option(const std::string& word) const;
  bool apply_option(const std::string& argument, const std::string* next);
  void apply_value(const ProgramOption& option, const std::string& value);
  std::string names_of(unsigned actions) const;
  void check_options() const;
  void take_directories(std::size_t directories);
  bool was_given(std::string_view name) const {
    return std::any_of(given_.begin(), given_.end(),
                       [name](const ProgramOption* option) { return option->name == name; });
  }

  std::vector<ProgramOption> options_;
  std::vector<const ProgramOption*> given_{};
  CommandLine line_{};
};

/// The option that `name` spells or unambiguously begins. The reference's own win: what a script
/// shortens for the reference must not become ambiguous by our additions.
VENV_INLINE const ProgramOption& ArgumentParser::option_named(const std::string& name) const {
  std::vector<const ProgramOption*> matches;
  for (const ProgramOption& option : options_) {
    if (option.name == name) return option;
    if (name.size() > 2 && option.name.compare(0, name.size(), name) == 0)
      matches.push_back(&option);
  }
  if (matches.empty()) throw UsageError("unrecognized option " + printable(name));
  if (matches.size() == 1) return *matches.front();
  const auto is_of_reference = [](const ProgramOption* option) {
    return option->is(mark_reference);
  };
  if (std::count_if(matches.begin(), matches.end(), is_of_reference) == 1)
    return **std::find_if(matches.begin(), matches.end(), is_of_reference);
  std::string names;
  for (const ProgramOption* match : matches) (names += names.empty() ? "" : ", ") += match->name;
  throw UsageError("ambiguous option " + printable(name) + ": it could be " + names);
}

/// The option whose letter `word` begins with; null if there is none.
VENV_INLINE const ProgramOption* ArgumentParser::option_lettered(const std::string& word) const {
  if (word.size() < 2 || word.front() != '-') return nullptr;
  for (const ProgramOption& option : options_)
    if (option.letter != 0 && option.letter == word[1]) return &option;
  return nullptr;
}

/// Whether `word` is an option, as argparse tells them apart: what spells or begins one, and else
/// what begins with a dash, but no negative number and nothing with a space in it.
VENV_INLINE bool ArgumentParser::is_option(const std::string& word) const {
  if (word.size() < 2 || word.front() != '-') return false;
  if (word[1] == 'h') return true;
  const std::string name = word.substr(0, word.find('='));
  for (const ProgramOption& option : options_)
    if (name.size() > 1 && option.name.compare(0, name.size(), name) == 0) return true;
  return word.find(' ') == word.npos && !is_negative_number(word);
}

VENV_INLINE void ArgumentParser::apply_value(const ProgramOption& option,
                                             const std::string& value) {
  if (value.empty() && option.is(mark_needs_text))
    throw UsageError(std::string(option.name) + " needs a value, and it is empty");
  if (option.apply) option.apply(line_, value);
  else if (option.own->apply) option.own->apply(value);
}

/// Applies one option; `next` is the argument behind it, if there is one. Returns whether that was
/// the option's value.
VENV_INLINE bool ArgumentParser::apply_option(const std::string& argument,
                                              const std::string* next) {
  const ProgramOption* lettered = option_lettered(argument);
  const std::size_t equals = lettered ? 2 : argument.find('=');
  const ProgramOption& option = lettered ? *lettered : option_named(argument.substr(0, equals));
  given_.push_back(&option);
  const std::string name(option.name);
  const bool has_value = equals < argument.size();
  if (option.value.empty() && has_value) {
    if (lettered) throw UsageError("unrecognized option " + printable(argument));
    throw UsageError(name + " takes no value");
  }
  if (has_value) {
    apply_value(option, argument.substr(equals + (argument[equals] == '=')));
    return false;
  }
  const bool takes_next = !option.value.empty();
  if (takes_next && (!next || is_option(*next)))
    throw UsageError(name + " needs a value: " + std::string(option.value));
  apply_value(option, takes_next ? *next : std::string());
  return takes_next;
}

/// The options that ask for these actions: `--check, --info`.
VENV_INLINE std::string ArgumentParser::names_of(unsigned actions) const {
  std::string names;
  for (const ProgramOption& option : options_)
    if (option.is(mark_action) && option.is(actions & for_all))
      (names += names.empty() ? "" : ", ") += option.name;
  return names;
}

/// Refuses options that don't go together.
VENV_INLINE void ArgumentParser::check_options() const {
  const unsigned action = set_of(line_.action);
  for (const ProgramOption* option : given_) {
    const std::string name(option->name);
    if (!option->is(action))
      throw UsageError(line_.action == Action::make
                           ? name + " goes with " + names_of(option->marks)
                           : names_of(action) + " and " + name + " exclude each other");
  }
  const bool knows_shell =
      line_.shell.empty() || line_.shell == "auto" || activation_form_of(line_.shell) != nullptr;
  if (!knows_shell)
    throw UsageError(
        "--activate knows bash, zsh, ksh, sh, fish, csh, tcsh, pwsh, cmd, nu, xonsh and "
        "elvish, not " +
        printable(line_.shell));
  if (!line_.depfile.empty() && line_.stamp.empty())
    throw UsageError("--depfile goes with --stamp");
  if (was_given("--symlinks") && was_given("--copies"))
    throw UsageError("--symlinks and --copies exclude each other");
  const Options& options = line_.options;
  if (line_.action == Action::make && !line_.options.requirements.files.empty() &&
      !options.with_pip && !options.system_site_packages)
    throw UsageError("--without-pip and --requirement exclude each other");
}

/// Refuses directories that are missing or too many; takes what is to be run from behind the first
/// `directories` of them.
VENV_INLINE void ArgumentParser::take_directories(std::size_t directories) {
  std::vector<std::string>& env_dirs = line_.env_dirs;
  if (line_.action == Action::run) {
    const auto end = env_dirs.begin() + static_cast<std::ptrdiff_t>(directories);
    line_.command.assign(end, env_dirs.end());
    env_dirs.erase(end, env_dirs.end());
  }
  if (env_dirs.empty()) throw UsageError("ENV_DIR is missing");
  const unsigned of_one = set_of(Action::info) | set_of(Action::run) | set_of(Action::activate);
  if (env_dirs.size() > 1 && (set_of(line_.action) & of_one) != 0)
    throw UsageError(names_of(set_of(line_.action)) + " takes one ENV_DIR");
  if (line_.action == Action::run && line_.command.empty())
    throw UsageError("--run needs a program: --run ENV_DIR -- PROGRAM [ARGUMENT ...]");
}

VENV_INLINE CommandLine ArgumentParser::parse(const std::vector<std::string>& words) {
  line_.options.with_pip = true;
  line_.options.symlinks = this_os != Os::windows;
  line_.options.scm_ignore_files = {"git"};
  std::optional<std::size_t> before_dashes; // how many directories
  for (auto word = words.begin(); word != words.end(); ++word) {
    const std::string* next = word + 1 == words.end() ? nullptr : &word[1];
    if (before_dashes || (!is_option(*word) && !option_lettered(*word)))
      line_.env_dirs.push_back(*word);
    else if (*word == "--") before_dashes = line_.env_dirs.size();
    else if (apply_option(*word, next)) ++word;
  }
  if (was_given("--version")) line_.action = Action::print_version;
  if (was_given("--help")) line_.action = Action::print_help;
  if (line_.action == Action::print_version || line_.action == Action::print_help) return line_;
  check_options();
  Requirements& wanted = line_.options.requirements;
  if (wanted.files.empty() && !line_.options.reinstall)
    wanted = {}; // how nothing is installed means nothing
  if (line_.action != Action::list_pythons)
    take_directories(before_dashes.value_or(line_.env_dirs.size()));
  return line_;
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE std::optional<CommandLine> parse_arguments(const std::vector<std::string>& words,
                                                       std::string& error,
                                                       const std::vector<OwnOption>& own) {
  error.clear();
  try {
    return detail::ArgumentParser(own).parse(words);
  } catch (const detail::UsageError& failure) {
    error = failure.what();
    return std::nullopt;
  }
}

VENV_END
