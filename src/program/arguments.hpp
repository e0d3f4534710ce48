#pragma once

#include "../api/options.hpp"
#include "../system/path.hpp"
#include "../system/platform.hpp"
#include "../text/utf8.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

VENV_DETAIL_BEGIN

/// What a command line asks for.
struct Arguments {
  Options options{};
  std::vector<std::string> env_dirs{};
  bool help = false, version = false, quiet = false, verbose = false;
  bool list_pythons = false, json = false, version_file = true;
};

/// A command line that can't be understood; `what()` says why.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct OptionSpec {
  std::string_view name, value, help;
  void (*apply)(Arguments&, const std::string&);
};

inline constexpr OptionSpec option_specs[] = {
    {"--system-site-packages", "", "also see the base Python's site-packages",
     [](Arguments& a, const std::string&) { a.options.system_site_packages = true; }},
    {"--symlinks", "", "link to the base interpreter (the default but on Windows)",
     [](Arguments& a, const std::string&) { a.options.symlinks = true; }},
    {"--copies", "", "copy the base interpreter (the default on Windows)",
     [](Arguments& a, const std::string&) { a.options.symlinks = false; }},
    {"--clear", "", "empty an existing ENV_DIR first",
     [](Arguments& a, const std::string&) { a.options.clear = true; }},
    {"--upgrade", "", "fit an existing environment to a base Python upgraded in place",
     [](Arguments& a, const std::string&) { a.options.upgrade = true; }},
    {"--without-pip", "", "leave pip out (it is installed by default)",
     [](Arguments& a, const std::string&) { a.options.with_pip = false; }},
    {"--prompt", "PROMPT", "what the shell shows when active (\".\": this directory's name)",
     [](Arguments& a, const std::string& value) { a.options.prompt = value; }},
    {"--upgrade-deps", "", "then upgrade pip from the package index",
     [](Arguments& a, const std::string&) { a.options.upgrade_deps = true; }},
    {"--without-scm-ignore-files", "", "write no .gitignore",
     [](Arguments& a, const std::string&) { a.options.scm_ignore_files.clear(); }},
    {"--python", "REQUEST",
     "base Python: a path, a command, or a version such as 3.12, >=3.10,\n"
     "3.13t, pypy3.10 (else $VENV_HPP_PYTHON, else .python-version,\n"
     "else the first on PATH)",
     [](Arguments& a, const std::string& value) {
       if (value.empty()) throw UsageError("--python needs a request, and it is empty");
       a.options.python = value;
     }},
    {"--no-python-version", "", "read no .python-version",
     [](Arguments& a, const std::string&) { a.version_file = false; }},
    {"--list-pythons", "", "print which Pythons are found (that --python asks for), and end",
     [](Arguments& a, const std::string&) { a.list_pythons = true; }},
    {"--json", "", "with --list-pythons: as JSON",
     [](Arguments& a, const std::string&) { a.json = true; }},
    {"--force", "", "with --clear: also a directory that is no environment",
     [](Arguments& a, const std::string&) { a.options.force = true; }},
    {"--no-compile-bytecode", "", "leave pip uncompiled",
     [](Arguments& a, const std::string&) { a.options.compile_bytecode = false; }},
    {"--pip-wheel-dir", "DIR", "where pip's wheel (and setuptools') is looked for first",
     [](Arguments& a, const std::string& value) { a.options.pip_wheel_dir = path_of(value); }},
    {"--no-cache", "", "remember nothing, and use nothing remembered",
     [](Arguments& a, const std::string&) { a.options.cache = false; }},
    {"--quiet", "", "say nothing but errors",
     [](Arguments& a, const std::string&) { a.quiet = true; }},
    {"--verbose", "", "say each step", [](Arguments& a, const std::string&) { a.verbose = true; }},
    {"--version", "", "print this program's version and end",
     [](Arguments& a, const std::string&) { a.version = true; }},
    {"--help", "", "print this text and end (-h)",
     [](Arguments& a, const std::string&) { a.help = true; }},
};

/// The option that `name` spells or unambiguously begins.
VENV_INLINE const OptionSpec& option_named(const std::string& name) {
  const OptionSpec* match = nullptr;
  std::string matches;
  for (const OptionSpec& spec : option_specs) {
    if (spec.name == name) return spec;
    if (spec.name.substr(0, name.size()) != name || name.size() <= 2) continue;
    matches += (match ? ", " : "") + std::string(spec.name);
    match = &spec;
  }
  if (!match) throw UsageError("unrecognized option " + printable(name));
  if (matches == match->name) return *match;
  throw UsageError("ambiguous option " + printable(name) + ": it could be " + matches);
}

/// Whether `word` is a negative number, as argparse sees it.
VENV_INLINE bool is_negative_number(const std::string& word) {
  std::string digits = word.substr(1);
  if (const std::size_t dot = digits.find('.'); dot != digits.npos) digits.erase(dot, 1);
  return !digits.empty() && word.front() == '-' && word.back() != '.' &&
         digits.find_first_not_of("0123456789") == digits.npos;
}

/// Whether `word` is an option, as argparse tells them apart: what spells or begins one, and else
/// what begins with a dash, but no negative number and nothing with a space in it.
VENV_INLINE bool is_option(const std::string& word) {
  if (word.size() < 2 || word.front() != '-') return false;
  if (word[1] == 'h') return true;
  const std::string name = word.substr(0, word.find('='));
  for (const OptionSpec& spec : option_specs)
    if (name.size() > 1 && spec.name.substr(0, name.size()) == name) return true;
  return word.find(' ') == word.npos && !is_negative_number(word);
}

/// Applies one option; `next` is the argument behind it, if there is one. Returns whether that was
/// the option's value.
VENV_INLINE bool apply_option(Arguments& arguments, const std::string& argument,
                              const std::string* next) {
  const std::size_t equals = argument.find('=');
  const OptionSpec& spec = option_named(argument.substr(0, equals));
  const std::string name(spec.name);
  if (spec.value.empty() && equals != argument.npos) throw UsageError(name + " takes no value");
  if (spec.value.empty()) return spec.apply(arguments, {}), false;
  if (equals != argument.npos) return spec.apply(arguments, argument.substr(equals + 1)), false;
  if (!next || is_option(*next))
    throw UsageError(name + " needs a value: " + std::string(spec.value));
  return spec.apply(arguments, *next), true;
}

/// Reads a command line as the reference's does: options anywhere, unambiguous beginnings of their
/// names, `--name=value` or `--name value`, the last of a repeated one, all behind `--` being
/// directories. Throws UsageError.
VENV_INLINE Arguments parse_arguments(const std::vector<std::string>& words) {
  Arguments arguments;
  arguments.options.with_pip = true;
  arguments.options.symlinks = this_os != Os::windows;
  arguments.options.scm_ignore_files = {"git"};
  bool symlinks = false, copies = false, only_directories = false;
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (only_directories || !is_option(*word)) arguments.env_dirs.push_back(*word);
    else if (*word == "--") only_directories = true;
    else if (*word == "-h") arguments.help = true;
    else {
      const std::string* next = word + 1 == words.end() ? nullptr : &word[1];
      if (apply_option(arguments, *word, next)) ++word;
      else if (word->find('=') == word->npos) {
        symlinks |= option_named(*word).name == "--symlinks";
        copies |= option_named(*word).name == "--copies";
      }
    }
  }
  if (arguments.help || arguments.version || arguments.list_pythons) return arguments;
  if (symlinks && copies) throw UsageError("--symlinks and --copies exclude each other");
  if (arguments.env_dirs.empty()) throw UsageError("ENV_DIR is missing");
  return arguments;
}

VENV_INLINE std::string usage_text() { return "usage: venv [options] ENV_DIR [ENV_DIR ...]\n"; }

VENV_INLINE std::string help_text() {
  std::string text =
      usage_text() +
      "\nMakes Python virtual environments in one or more directories.\n\noptions:\n";
  constexpr std::size_t column = 30;
  for (const OptionSpec& spec : option_specs) {
    std::string line = "  " + std::string(spec.name);
    if (!spec.value.empty()) line += ' ' + std::string(spec.value);
    line.resize((std::max)(column, line.size() + 1), ' ');
    for (const char c : spec.help)
      line += c == '\n' ? '\n' + std::string(column, ' ') : std::string(1, c);
    text += line + '\n';
  }
  return text + "\nIt can then be activated, e.g. by `source ENV_DIR/bin/activate`.\n"
                "ENV_DIR is an existing directory's or a new one's name; what lies in an existing\n"
                "one stays unless --clear is given. Exit code: 0; 1 on failure; 2 for a wrong\n"
                "command line.\n";
}

VENV_DETAIL_END
