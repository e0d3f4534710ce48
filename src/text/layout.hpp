#pragma once

#include "../api/version.hpp"

#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

enum class Os { linux_or_other, macos, windows };

/// What decides the names and places inside an environment.
struct LayoutKey {
  Os os = Os::linux_or_other;
  Implementation implementation = "cpython";
  Version version{};              ///< of the language: `sys.version_info[:3]`
  bool is_64bit = true;           ///< `sys.maxsize > 2**32`
  bool free_threaded = false;     ///< built without the GIL (PEP 703)
  bool debug = false;             ///< built with `--with-pydebug`
  std::string platlibdir = "lib"; ///< `sys.platlibdir`
  bool utf8_names = true;         ///< whether the file-system encoding is UTF-8
  std::string executable_name{};  ///< base name of the base executable
};

/// Names and relative paths (with `/`), as the base Python's own `venv` would choose them.
struct Layout {
  std::string bin{};                  ///< `Scripts` on Windows, else `bin`
  std::string include{};              ///< `include/python3.13`
  std::string purelib{};              ///< `lib/python3.13/site-packages`
  std::string platlib{};              ///< the same, or `lib64/python3.13/site-packages`
  bool lib64 = false;                 ///< whether `lib64` links to `lib`
  std::string executable{};           ///< the interpreter's own name in `bin`
  std::vector<std::string> aliases{}; ///< other names for it
};

/// The folder of programs in an environment.
constexpr std::string_view bin_of(Os os) { return os == Os::windows ? "Scripts" : "bin"; }

/// Whether `version` is 3.`minor` or newer.
VENV_INLINE bool is_since(const Version& version, int minor) {
  return version >= Version(3, minor);
}

/// `python3.13t`: what a library directory is called.
VENV_INLINE std::string library_name(const LayoutKey& key) {
  const bool pypy = key.implementation == "pypy";
  return (pypy ? "pypy" : "python") + key.version.minor_text() + (key.free_threaded ? "t" : "");
}

/// Where C headers go: 3.11 to 3.13 took the folder of `sysconfig`'s scheme `venv`.
VENV_INLINE std::string include_of(const LayoutKey& key) {
  if (!is_since(key.version, 11) || is_since(key.version, 14)) return "include";
  return "include/" + library_name(key) + (key.debug ? "d" : "");
}

/// The names in `bin` beside that of the base executable. A PyPy has one of its own without a
/// version, never one with it.
VENV_INLINE std::vector<std::string> aliases_of(const LayoutKey& key) {
  std::vector<std::string> aliases{"python", "python3"};
  if (is_since(key.version, 9)) aliases.push_back("python" + key.version.minor_text());
  const bool pithon = is_since(key.version, 14) && !is_since(key.version, 15);
  if (pithon && key.utf8_names) aliases.push_back("\xF0\x9D\x9C\x8Bthon"); // gh-119535
  if (key.implementation == "pypy") aliases.insert(aliases.end(), {"pypy", "pypy3"});
  return aliases;
}

/// Source: `sysconfig`'s scheme `venv` (since 3.11; plain names before), `EnvBuilder.setup_python`.
VENV_INLINE Layout layout_of(const LayoutKey& key) {
  Layout layout;
  if (key.os == Os::windows) {
    layout.bin = bin_of(key.os);
    layout.include = "Include";
    layout.purelib = layout.platlib = "Lib/site-packages";
    layout.executable = key.debug ? "python_d.exe" : "python.exe";
    return layout;
  }
  layout.bin = bin_of(key.os);
  layout.include = include_of(key);
  const std::string site_packages = '/' + library_name(key) + "/site-packages";
  layout.purelib = "lib" + site_packages;
  layout.platlib = (is_since(key.version, 9) ? key.platlibdir : "lib") + site_packages;
  layout.lib64 = key.is_64bit && key.os != Os::macos && !is_since(key.version, 15);
  layout.executable = key.executable_name;
  layout.aliases = aliases_of(key);
  return layout;
}

VENV_DETAIL_END
