#pragma once

#include "../api/command_line.hpp"
#include "../api/options.hpp"
#include "../system/path.hpp"
#include "../system/platform.hpp"
#include "../text/utf8.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

VENV_DETAIL_BEGIN

/// A command line that can't be understood; `what()` says why.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct OptionSpec {
  std::string_view name, value, help;
  void (*apply)(CommandLine&, const std::string&);
  bool is_reference = false; ///< one of the reference's: of what was shortened, it is meant
};

inline constexpr OptionSpec option_specs[] = {
    {"--system-site-packages", "", "also see the base Python's site-packages",
     [](CommandLine& c, const std::string&) { c.options.system_site_packages = true; }, true},
    {"--symlinks", "", "link to the base interpreter (the default but on Windows)",
     [](CommandLine& c, const std::string&) { c.options.symlinks = true; }, true},
    {"--copies", "",
     "copy the base interpreter (the default on Windows); not together with\n--symlinks",
     [](CommandLine& c, const std::string&) { c.options.symlinks = false; }, true},
    {"--clear", "", "empty an existing ENV_DIR first",
     [](CommandLine& c, const std::string&) { c.options.clear = true; }, true},
    {"--upgrade", "",
     "fit an existing environment to its base Python, upgraded in place:\n"
     "the one that its pyvenv.cfg names, unless --python says another;\n"
     "not together with --clear",
     [](CommandLine& c, const std::string&) { c.options.upgrade = true; }, true},
    {"--without-pip", "", "leave pip out (it is installed by default)",
     [](CommandLine& c, const std::string&) { c.options.with_pip = false; }, true},
    {"--prompt", "PROMPT",
     "what the shell shows when active (else ENV_DIR's last name; \".\": the\n"
     "working directory's)",
     [](CommandLine& c, const std::string& value) { c.options.prompt = value; }, true},
    {"--upgrade-deps", "", "then upgrade pip from the package index",
     [](CommandLine& c, const std::string&) { c.options.upgrade_deps = true; }, true},
    {"--without-scm-ignore-files", "",
     "write no .gitignore, and no CACHEDIR.TAG, by which backups leave the\n"
     "environment out",
     [](CommandLine& c, const std::string&) { c.options.scm_ignore_files.clear(); }, true},
    {"--python", "REQUEST",
     "base Python: a path, a command, or a version such as 3.12, >=3.10,\n"
     "3.13t, pypy3.10 (else $VENV_HPP_PYTHON, else .python-version,\n"
     "else the first on PATH)",
     [](CommandLine& c, const std::string& value) {
       if (value.empty()) throw UsageError("--python needs a request, and it is empty");
       c.options.python = value;
     }},
    {"--no-python-version", "", "read no .python-version",
     [](CommandLine& c, const std::string&) { c.version_file = false; }},
    {"--list-pythons", "", "print which Pythons are found (that --python asks for), and end",
     [](CommandLine& c, const std::string&) { c.list_pythons = true; }},
    {"--json", "", "with --list-pythons: as JSON",
     [](CommandLine& c, const std::string&) { c.json = true; }},
    {"--force", "", "with --clear: also a directory that is no environment",
     [](CommandLine& c, const std::string&) { c.options.force = true; }},
    {"--durable", "", "all reaches the disk before the environment is one",
     [](CommandLine& c, const std::string&) { c.options.durable = true; }},
    {"--no-compile-bytecode", "", "leave pip uncompiled",
     [](CommandLine& c, const std::string&) { c.options.compile_bytecode = false; }},
    {"--pip-wheel-dir", "DIR", "where pip's wheel (and setuptools') is looked for first",
     [](CommandLine& c, const std::string& value) { c.options.pip_wheel_dir = path_of(value); }},
    {"--no-cache", "", "remember nothing, and use nothing remembered",
     [](CommandLine& c, const std::string&) { c.options.cache = false; }},
    {"--quiet", "", "say nothing but errors; of this and --verbose the last counts",
     [](CommandLine& c, const std::string&) {
       c.quiet = true;
       c.verbose = false;
     }},
    {"--verbose", "", "say each step",
     [](CommandLine& c, const std::string&) {
       c.verbose = true;
       c.quiet = false;
     }},
    {"--version", "", "print this program's version and end",
     [](CommandLine& c, const std::string&) { c.version = true; }},
    {"--help", "", "print this text and end",
     [](CommandLine& c, const std::string&) { c.help = true; }, true},
};

/// An option that can be given: the program's, or one of its user's own.
struct ProgramOption {
  std::string name{}, value{}, help{};
  bool is_reference = false;
  std::function<void(CommandLine&, const std::string&)> apply{};
};

VENV_INLINE std::vector<ProgramOption> known_options(const std::vector<OwnOption>& own) {
  std::vector<ProgramOption> options;
  for (const OwnOption& option : own)
    options.push_back({option.name, option.value, option.help, false,
                       [&option](CommandLine&, const std::string& value) {
                         if (option.apply) option.apply(value);
                       }});
  for (const OptionSpec& spec : option_specs) {
    const auto is_same = [&spec](const OwnOption& option) { return option.name == spec.name; };
    if (std::none_of(own.begin(), own.end(), is_same))
      options.push_back({std::string(spec.name), std::string(spec.value), std::string(spec.help),
                         spec.is_reference, spec.apply});
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
/// directories.
class ArgumentParser {
public:
  explicit ArgumentParser(const std::vector<OwnOption>& own) : options_(known_options(own)) {}
  /// Throws UsageError.
  CommandLine parse(const std::vector<std::string>& words);

private:
  const ProgramOption& option_named(const std::string& name) const;
  bool is_option(const std::string& word) const;
  bool apply_option(const std::string& argument, const std::string* next);
  bool was_given(std::string_view name) const {
    return std::find(given_.begin(), given_.end(), name) != given_.end();
  }

  std::vector<ProgramOption> options_;
  std::vector<std::string> given_{};
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
  const auto is_reference = [](const ProgramOption* option) { return option->is_reference; };
  if (std::count_if(matches.begin(), matches.end(), is_reference) == 1)
    return **std::find_if(matches.begin(), matches.end(), is_reference);
  std::string names;
  for (const ProgramOption* match : matches) names += (names.empty() ? "" : ", ") + match->name;
  throw UsageError("ambiguous option " + printable(name) + ": it could be " + names);
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

/// Applies one option; `next` is the argument behind it, if there is one. Returns whether that was
/// the option's value.
VENV_INLINE bool ArgumentParser::apply_option(const std::string& argument,
                                              const std::string* next) {
  const std::size_t equals = argument.find('=');
  const ProgramOption& option = option_named(argument.substr(0, equals));
  given_.push_back(option.name);
  const bool has_value = equals != argument.npos, takes_next = !option.value.empty() && !has_value;
  if (option.value.empty() && has_value) throw UsageError(option.name + " takes no value");
  if (takes_next && (!next || is_option(*next)))
    throw UsageError(option.name + " needs a value: " + option.value);
  option.apply(line_, takes_next ? *next : has_value ? argument.substr(equals + 1) : "");
  return takes_next;
}

VENV_INLINE CommandLine ArgumentParser::parse(const std::vector<std::string>& words) {
  line_.options.with_pip = true;
  line_.options.symlinks = this_os != Os::windows;
  line_.options.scm_ignore_files = {"git"};
  bool only_directories = false;
  for (auto word = words.begin(); word != words.end(); ++word) {
    const std::string* next = word + 1 == words.end() ? nullptr : &word[1];
    if (only_directories || !is_option(*word)) line_.env_dirs.push_back(*word);
    else if (*word == "--") only_directories = true;
    else if (*word == "-h") line_.help = true;
    else if (apply_option(*word, next)) ++word;
  }
  if (line_.help || line_.version || line_.list_pythons) return line_;
  if (line_.json) throw UsageError("--json goes with --list-pythons alone");
  if (was_given("--symlinks") && was_given("--copies"))
    throw UsageError("--symlinks and --copies exclude each other");
  if (line_.env_dirs.empty()) throw UsageError("ENV_DIR is missing");
  return line_;
}

VENV_INLINE std::string usage_text(const std::string& program) {
  return "usage: " + program + " [options] ENV_DIR [ENV_DIR ...]\n";
}

/// One entry of `--help`: a name, and lines beside it.
VENV_INLINE std::string help_entry(const std::string& name, const std::string& help) {
  constexpr std::size_t column = 30;
  std::string text = "  " + name;
  text.resize((std::max)(column, text.size() + 1), ' ');
  for (const char c : help) text += c == '\n' ? '\n' + std::string(column, ' ') : std::string(1, c);
  return text + '\n';
}

VENV_INLINE std::string help_text(const Program& program) {
  std::string text =
      usage_text(program.name) +
      "\nMakes Python virtual environments in one or more directories.\n\n"
      "arguments:\n" +
      help_entry("ENV_DIR", "a directory, a new one or one that is there; what lies in it "
                            "stays\nunless --clear is given") +
      "\noptions:\n";
  for (const ProgramOption& option : known_options(program.options))
    text += help_entry(option.name + (option.value.empty() ? "" : ' ' + option.value), option.help);
  text += help_entry("-h", "the same as --help");
  return text +
         "\nAn environment is then activated, in sh, bash or zsh by\n\n"
         "    . ENV_DIR/bin/activate\n\n"
         "and in other shells by activate.fish, activate.csh, Activate.ps1, activate.bat,\n"
         "activate.nu, activate.xsh or activate.elv beside it; on a terminal this program\n"
         "prints the command for the shell in use. An option may be shortened to what begins\n"
         "no other one, or no other of python -m venv's. Exit code: 0; 1 on failure; 2 for a\n"
         "wrong command line.\n";
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
