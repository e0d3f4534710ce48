#pragma once

#include "../api/command_line.hpp"
#include "../system/path.hpp"

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

/// A command line that can't be understood; `what()` says why.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// The actions that an option goes with, as a set; and what else is said of it.
constexpr unsigned set_of(Action action) { return 1u << static_cast<unsigned>(action); }

inline constexpr unsigned for_all = 0xFFFF;
inline constexpr unsigned for_make = set_of(Action::make);
inline constexpr unsigned for_ensure = set_of(Action::ensure);
inline constexpr unsigned for_making = for_make | for_ensure | set_of(Action::check);
inline constexpr unsigned for_listing = set_of(Action::list_pythons);
inline constexpr unsigned mark_reference = 1u << 16;  ///< of what was shortened, it is meant
inline constexpr unsigned mark_needs_text = 1u << 17; ///< its value can't be empty
inline constexpr unsigned mark_action = 1u << 18;     ///< says what is done

struct OptionSpec {
  std::string_view name, value, help;
  void (*apply)(CommandLine&, const std::string&);
  unsigned marks;
  char letter = 0; ///< `r`: it is also `-r`
};

VENV_INLINE std::chrono::seconds seconds_of(const std::string& value) {
  const bool is_number =
      !value.empty() && value.size() < 10 && value.find_first_not_of("0123456789") == value.npos;
  if (!is_number) throw UsageError("--lock-timeout needs a whole number of seconds");
  return std::chrono::seconds(std::stol(value));
}

/// What may be built: pip's `:all:`, or names of packages.
VENV_INLINE void set_only_binary(Requirements& wanted, const std::string& value) {
  if (value == ":all:") wanted.only_binary = true;
  else wanted.pip_arguments.push_back("--only-binary=" + value);
}

VENV_INLINE LinkMode link_mode_of(const std::string& value) {
  if (value == "copy") return LinkMode::copy;
  if (value == "clone") return LinkMode::clone;
  if (value == "hardlink") return LinkMode::hardlink;
  if (value == "symlink") return LinkMode::symlink;
  throw UsageError("--link-mode needs one of copy, clone, hardlink, symlink");
}

inline constexpr OptionSpec option_specs[] = {
    {"--system-site-packages", "", "also see the base Python's site-packages",
     [](CommandLine& c, const std::string&) { c.options.system_site_packages = true; },
     for_making | mark_reference},
    {"--symlinks", "", "link to the base interpreter (the default but on Windows)",
     [](CommandLine& c, const std::string&) { c.options.symlinks = true; },
     for_making | mark_reference},
    {"--copies", "",
     "copy the base interpreter (the default on Windows); not together with\n--symlinks",
     [](CommandLine& c, const std::string&) { c.options.symlinks = false; },
     for_making | mark_reference},
    {"--clear", "", "empty an existing ENV_DIR first",
     [](CommandLine& c, const std::string&) { c.options.clear = true; }, for_make | mark_reference},
    {"--upgrade", "",
     "fit an existing environment to its base Python, upgraded in place:\n"
     "the one that its pyvenv.cfg names, unless --python says another;\n"
     "not together with --clear",
     [](CommandLine& c, const std::string&) { c.options.upgrade = true; },
     for_make | mark_reference},
    {"--without-pip", "", "leave pip out (it is installed by default)",
     [](CommandLine& c, const std::string&) { c.options.with_pip = false; },
     for_making | mark_reference},
    {"--prompt", "PROMPT",
     "what the shell shows when active (else ENV_DIR's last name; \".\": the\n"
     "working directory's)",
     [](CommandLine& c, const std::string& value) { c.options.prompt = value; },
     for_making | mark_reference},
    {"--upgrade-deps", "", "then upgrade pip from the package index",
     [](CommandLine& c, const std::string&) { c.options.upgrade_deps = true; },
     for_make | mark_reference},
    {"--without-scm-ignore-files", "",
     "write no .gitignore, and no CACHEDIR.TAG, by which backups leave the\n"
     "environment out",
     [](CommandLine& c, const std::string&) { c.options.scm_ignore_files.clear(); },
     for_making | mark_reference},
    {"--python", "REQUEST",
     "base Python: a path, a command, or a version such as 3.12, >=3.10,\n"
     "3.13t, pypy3.10 (else $VENV_HPP_PYTHON, else .python-version,\n"
     "else the first on PATH)",
     [](CommandLine& c, const std::string& value) {
       if (value.empty()) throw UsageError("--python needs a request, and it is empty");
       c.options.python = value;
     },
     for_making | for_listing},
    {"--no-python-version", "", "read no .python-version",
     [](CommandLine& c, const std::string&) { c.version_file = false; }, for_making | for_listing},
    {"--requirement", "FILE", "then install what a requirements file names; may be repeated",
     [](CommandLine& c, const std::string& value) {
       c.options.requirements.files.push_back(path_of(value));
     },
     for_making | mark_needs_text, 'r'},
    {"--constraint", "FILE", "in the versions that a constraints file allows; may be repeated",
     [](CommandLine& c, const std::string& value) {
       c.options.requirements.constraints.push_back(path_of(value));
     },
     for_making | mark_needs_text, 'c'},
    {"--wheel-dir", "DIR", "look for wheels in a directory, too; may be repeated",
     [](CommandLine& c, const std::string& value) {
       c.options.requirements.wheel_dirs.push_back(path_of(value));
     },
     for_making | mark_needs_text},
    {"--offline", "", "ask no package index: only what --wheel-dir holds is installed",
     [](CommandLine& c, const std::string&) { c.options.requirements.offline = true; }, for_making},
    {"--require-hashes", "", "install only what a hash is given for",
     [](CommandLine& c, const std::string&) { c.options.requirements.require_hashes = true; },
     for_making},
    {"--only-binary", "NAMES",
     "install these packages (or \":all:\") from wheels alone; may be repeated",
     [](CommandLine& c, const std::string& value) {
       set_only_binary(c.options.requirements, value);
     },
     for_making | mark_needs_text},
    {"--only-pip", "", "have pip install what could be laid out without it, too",
     [](CommandLine& c, const std::string&) { c.options.requirements.only_pip = true; },
     for_making},
    {"--ensure", "", "do nothing when ENV_DIR is what is asked for; else make or mend it",
     [](CommandLine& c, const std::string&) { c.action = Action::ensure; },
     for_ensure | mark_action},
    {"--reinstall", "",
     "with --ensure or --check: what was installed for another minor\n"
     "version of Python is wanted for this one, too",
     [](CommandLine& c, const std::string&) { c.options.reinstall = true; },
     for_ensure | set_of(Action::check)},
    {"--stamp", "FILE",
     "with --ensure: an empty file that is written anew when something\n"
     "changed, or when it is missing",
     [](CommandLine& c, const std::string& value) { c.stamp = value; },
     for_ensure | mark_needs_text},
    {"--depfile", "FILE", "with --stamp: write on which files it depends, for make and Ninja",
     [](CommandLine& c, const std::string& value) { c.depfile = value; },
     for_ensure | mark_needs_text},
    {"--lock-timeout", "SECONDS", "with --ensure or --remove: how long others are waited for (300)",
     [](CommandLine& c, const std::string& value) { c.options.lock_timeout = seconds_of(value); },
     for_ensure | set_of(Action::remove)},
    {"--check", "",
     "say what is wrong with ENV_DIR, start and change nothing, and end:\n"
     "0: nothing, 3: --ensure would change it, 4: it is broken",
     [](CommandLine& c, const std::string&) { c.action = Action::check; },
     set_of(Action::check) | mark_action},
    {"--info", "", "say what ENV_DIR is, its Python and what is installed, and end",
     [](CommandLine& c, const std::string&) { c.action = Action::info; },
     set_of(Action::info) | mark_action},
    {"--environments", "",
     "say which environments lie in a folder, given as ENV_DIR: whose, which\n"
     "Python, when used, how large, what is wrong; and end",
     [](CommandLine& c, const std::string&) { c.action = Action::list; },
     set_of(Action::list) | mark_action},
    {"--run", "",
     "run a program in ENV_DIR: --run ENV_DIR -- PROGRAM [ARGUMENT ...];\n"
     "\"python\" is its Python",
     [](CommandLine& c, const std::string&) { c.action = Action::run; },
     set_of(Action::run) | mark_action},
    {"--activate", "SHELL",
     "print the command that activates ENV_DIR in a shell (\"auto\": the one\n"
     "in use), and end",
     [](CommandLine& c, const std::string& value) {
       c.action = Action::activate;
       c.shell = value;
     },
     set_of(Action::activate) | mark_action},
    {"--remove", "", "delete ENV_DIR, if it is an environment",
     [](CommandLine& c, const std::string&) { c.action = Action::remove; },
     set_of(Action::remove) | mark_action},
    {"--uninstall", "NAME",
     "remove an installed package from ENV_DIR, without pip; may be repeated",
     [](CommandLine& c, const std::string& value) {
       c.action = Action::uninstall;
       c.names.push_back(value);
     },
     set_of(Action::uninstall) | mark_action | mark_needs_text},
    {"--list-pythons", "", "print which Pythons are found (that --python asks for), and end",
     [](CommandLine& c, const std::string&) { c.action = Action::list_pythons; },
     for_listing | mark_action},
    {"--json", "", "print what is said as JSON; while something is made, one object a line",
     [](CommandLine& c, const std::string&) { c.json = true; },
     for_making | set_of(Action::info) | set_of(Action::list) | for_listing},
    {"--owner", "NAME", "whose ENV_DIR is, for --environments",
     [](CommandLine& c, const std::string& value) { c.options.owner = value; },
     for_making | mark_needs_text},
    {"--relocatable", "",
     "scripts and programs find ENV_DIR from where they lie, also those that\n"
     "its pip installs later, so that it can be moved or copied",
     [](CommandLine& c, const std::string&) { c.options.relocatable = true; }, for_making},
    {"--force", "", "with --clear: also a directory that is no environment",
     [](CommandLine& c, const std::string&) { c.options.force = true; }, for_make},
    {"--durable", "", "all reaches the disk before the environment is one",
     [](CommandLine& c, const std::string&) { c.options.durable = true; }, for_making},
    {"--no-compile-bytecode", "", "leave pip, and packages from wheels at hand, uncompiled",
     [](CommandLine& c, const std::string&) { c.options.compile_bytecode = false; }, for_making},
    {"--pip-wheel-dir", "DIR", "where pip's wheel (and setuptools') is looked for first",
     [](CommandLine& c, const std::string& value) { c.options.pip_wheel_dir = path_of(value); },
     for_making},
    {"--link-mode", "MODE",
     "share installed files with other environments: \"hardlink\", \"clone\" or\n"
     "\"symlink\" (\"copy\": the default)",
     [](CommandLine& c, const std::string& value) { c.options.link_mode = link_mode_of(value); },
     for_making},
    {"--no-cache", "", "remember nothing, and use nothing remembered",
     [](CommandLine& c, const std::string&) { c.options.cache = false; }, for_all},
    {"--read-only-cache", "DIR",
     "also look in a cache that others filled, such as an image's; may be\n"
     "repeated",
     [](CommandLine& c, const std::string& value) {
       c.options.read_only_caches.push_back(path_of(value));
     },
     for_all | mark_needs_text},
    {"--quiet", "", "say nothing but errors; of this and --verbose the last counts",
     [](CommandLine& c, const std::string&) {
       c.quiet = true;
       c.verbose = false;
     },
     for_all},
    {"--verbose", "", "say each step",
     [](CommandLine& c, const std::string&) {
       c.verbose = true;
       c.quiet = false;
     },
     for_all},
    {"--version", "", "print this program's version and end",
     [](CommandLine& c, const std::string&) { c.action = Action::print_version; }, for_all},
    {"--help", "", "print this text and end",
     [](CommandLine& c, const std::string&) { c.action = Action::print_help; },
     for_all | mark_reference, 'h'},
};

VENV_DETAIL_END
