#pragma once

#include "../config.hpp"

#include <array>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

enum class Os { linux_or_other, macos, windows };

/// What decides the names and places inside an environment.
struct LayoutKey {
  Os os = Os::linux_or_other;
  std::string implementation = "cpython"; ///< `sys.implementation.name`
  std::array<int, 3> version{};           ///< of the language: `sys.version_info[:3]`
  bool is_64bit = true;                   ///< `sys.maxsize > 2**32`
  bool free_threaded = false;             ///< built without the GIL (PEP 703)
  bool debug = false;                     ///< built with `--with-pydebug`
  std::string executable_name{};          ///< base name of the base executable
};

/// Names and relative paths (with `/`), as the base Python's own `venv` would choose them.
struct Layout {
  std::string bin{};                  ///< `Scripts` on Windows, else `bin`
  std::string include{};              ///< `include/python3.13`
  std::string purelib{};              ///< `lib/python3.13/site-packages`
  bool lib64 = false;                 ///< whether `lib64` links to `lib`
  std::string executable{};           ///< the interpreter's own name in `bin`
  std::vector<std::string> aliases{}; ///< other names for it
};

/// Source: `sysconfig`'s scheme `venv` (since 3.11; plain names before), `EnvBuilder.setup_python`.
VENV_INLINE Layout layout_of(const LayoutKey& key) {
  const auto& version = key.version;
  const auto since = [&](int minor) {
    return std::pair(version[0], version[1]) >= std::pair(3, minor);
  };
  const std::string release = std::to_string(version[0]) + '.' + std::to_string(version[1]);
  const bool pypy = key.implementation == "pypy";
  Layout layout;
  if (key.os == Os::windows) {
    const std::string name = std::string("python") + (key.debug ? "_d" : "");
    layout.bin = "Scripts";
    layout.include = "Include";
    layout.purelib = "Lib/site-packages";
    layout.executable = name + ".exe";
    return layout;
  }
  const std::string thread = key.free_threaded ? "t" : "";
  layout.bin = "bin";
  layout.include = "include";
  if (since(11)) {
    layout.include += pypy ? "/pypy" : "/python";
    layout.include += release + thread + (key.debug ? "d" : "");
  }
  layout.purelib = (pypy ? "lib/pypy" : "lib/python") + release + thread + "/site-packages";
  layout.lib64 = key.is_64bit && key.os != Os::macos;
  layout.executable = key.executable_name;
  layout.aliases = {"python", "python3"};
  if (since(9)) layout.aliases.push_back("python" + release);
  if (version[0] == 3 && version[1] == 14)
    layout.aliases.push_back("\xF0\x9D\x9C\x8Bthon"); // gh-119535
  if (pypy) layout.aliases.insert(layout.aliases.end(), {"pypy", "pypy3"});
  if (pypy && since(10)) layout.aliases.push_back("pypy" + release);
  return layout;
}

VENV_DETAIL_END
