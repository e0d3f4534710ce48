#pragma once

#include "api/interpreter.hpp"
#include "base/hex.hpp"
#include "support_files.hpp"
#include "system/file.hpp"
#include "text/layout.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace support {

/// A Python as it says itself that it is, the system that it runs on, and what its own `venv` makes.
struct Fixture {
  const char* name;
  venv::detail::Os os;
  venv::Interpreter python;
  std::string executable, include, purelib, platlib;
  bool lib64;
  std::vector<std::string> aliases; ///< beside `executable`
};

inline venv::Interpreter interpreter(const char* executable, const char* real, const char* stdlib,
                                     venv::Version version) {
  venv::Interpreter python;
  python.executable = python.base_executable = executable;
  python.real_executable = real;
  python.stdlib = stdlib;
  python.base_prefix = python.stdlib.parent_path().parent_path();
  python.version = version;
  python.implementation = "cpython";
  python.implementation_version = version.text();
  python.platform = "linux";
  python.os_name = "posix";
  python.machine = "x86_64";
  python.cache_tag = "cpython-3" + std::to_string(version[1]);
  python.magic = std::string("\xF3\x0D\x0D\x0A", 4);
  return python;
}

inline venv::Interpreter on(const char* platform, const char* machine, venv::Interpreter python) {
  python.platform = platform;
  python.machine = machine;
  if (std::string_view(platform) == "win32") python.os_name = "nt";
  return python;
}

/// The layouts that people have, most of which can't be installed where the tests run. Debian's and
/// PyPy's say what Debian 12's answered, but for `magic`; the others follow the places that their
/// packages' documentation names.
inline std::vector<Fixture> fixtures() {
  using venv::detail::Os;
  constexpr Os linux_os = Os::linux_or_other;
  const std::string pithon = "\xF0\x9D\x9C\x8Bthon";
  std::vector<Fixture> all;
  const auto add = [&all](Fixture fixture) { all.push_back(std::move(fixture)); };

  venv::Interpreter python =
      interpreter("/usr/bin/python3", "/usr/bin/python3.11", "/usr/lib/python3.11", {3, 11, 2});
  python.wheel_pkg_dir = "/usr/share/python-wheels/";
  add({"Debian",
       linux_os,
       python,
       "python3",
       "include/python3.11",
       "lib/python3.11/site-packages",
       "lib/python3.11/site-packages",
       true,
       {"python", "python3", "python3.11"}});

  python =
      interpreter("/usr/bin/python3.13", "/usr/bin/python3.13", "/usr/lib/python3.13", {3, 13, 1});
  add({"deadsnakes",
       linux_os,
       python,
       "python3.13",
       "include/python3.13",
       "lib/python3.13/site-packages",
       "lib/python3.13/site-packages",
       true,
       {"python", "python3", "python3.13"}});

  python =
      interpreter("/usr/bin/python3", "/usr/bin/python3.12", "/usr/lib64/python3.12", {3, 12, 8});
  python.platlibdir = "lib64";
  python.wheel_pkg_dir = "/usr/share/python-wheels";
  add({"Fedora",
       linux_os,
       python,
       "python3",
       "include/python3.12",
       "lib/python3.12/site-packages",
       "lib64/python3.12/site-packages",
       true,
       {"python", "python3", "python3.12"}});

  python.version = {3, 15, 0};
  python.stdlib = "/usr/lib64/python3.15";
  python.prerelease = "b1";
  add({"Fedora, 3.15",
       linux_os,
       python,
       "python3",
       "include",
       "lib/python3.15/site-packages",
       "lib64/python3.15/site-packages",
       false,
       {"python", "python3", "python3.15"}});

  python = interpreter("/home/u/.nix-profile/bin/python3",
                       "/nix/store/0c9s-python3-3.12.8/bin/python3.12",
                       "/nix/store/0c9s-python3-3.12.8/lib/python3.12", {3, 12, 8});
  add({"nix",
       linux_os,
       python,
       "python3",
       "include/python3.12",
       "lib/python3.12/site-packages",
       "lib/python3.12/site-packages",
       true,
       {"python", "python3", "python3.12"}});

  python = on("darwin", "arm64",
              interpreter("/opt/homebrew/opt/python@3.12/bin/python3.12",
                          "/opt/homebrew/Cellar/python@3.12/3.12.8/Frameworks/Python.framework/"
                          "Versions/3.12/bin/python3.12",
                          "/opt/homebrew/opt/python@3.12/Frameworks/Python.framework/Versions/3.12/"
                          "lib/python3.12",
                          {3, 12, 8}));
  add({"Homebrew",
       Os::macos,
       python,
       "python3.12",
       "include/python3.12",
       "lib/python3.12/site-packages",
       "lib/python3.12/site-packages",
       false,
       {"python", "python3", "python3.12"}});

  python = on("darwin", "x86_64",
              interpreter("/Library/Frameworks/Python.framework/Versions/3.14/bin/python3.14",
                          "/Library/Frameworks/Python.framework/Versions/3.14/bin/python3.14",
                          "/Library/Frameworks/Python.framework/Versions/3.14/lib/python3.14",
                          {3, 14, 2}));
  add({"framework",
       Os::macos,
       python,
       "python3.14",
       "include",
       "lib/python3.14/site-packages",
       "lib/python3.14/site-packages",
       false,
       {"python", "python3", "python3.14", pithon}});

  python =
      on("win32", "AMD64",
         interpreter(
             "C:/Program Files/WindowsApps/PythonSoftwareFoundation.Python.3.12/python3.12.exe",
             "C:/Program Files/WindowsApps/PythonSoftwareFoundation.Python.3.12/python3.12.exe",
             "C:/Program Files/WindowsApps/PythonSoftwareFoundation.Python.3.12/Lib", {3, 12, 8}));
  add({"Store",
       Os::windows,
       python,
       "python.exe",
       "Include",
       "Lib/site-packages",
       "Lib/site-packages",
       false,
       {}});

  python = interpreter("/opt/graalpy/bin/graalpy", "/opt/graalpy/bin/graalpy",
                       "/opt/graalpy/lib/python3.11", {3, 11, 7});
  python.implementation = "graalpy";
  python.implementation_version = "24.1.1";
  python.cache_tag = "graalpy241-311";
  add({"GraalPy",
       linux_os,
       python,
       "graalpy",
       "include/python3.11",
       "lib/python3.11/site-packages",
       "lib/python3.11/site-packages",
       true,
       {"python", "python3", "python3.11"}});

  python = interpreter("/usr/bin/pypy3", "/usr/bin/pypy3.9-c", "/usr/lib/pypy3.9", {3, 9, 16});
  python.implementation = "pypy";
  python.implementation_version = "7.3.11";
  python.cache_tag = "pypy39";
  add({"PyPy",
       linux_os,
       python,
       "pypy3",
       "include",
       "lib/pypy3.9/site-packages",
       "lib/pypy3.9/site-packages",
       true,
       {"python", "python3", "python3.9", "pypy", "pypy3"}});

  python = interpreter("/home/u/miniconda3/envs/x/bin/python",
                       "/home/u/miniconda3/envs/x/bin/python3.10",
                       "/home/u/miniconda3/envs/x/lib/python3.10", {3, 10, 14});
  add({"conda",
       linux_os,
       python,
       "python",
       "include",
       "lib/python3.10/site-packages",
       "lib/python3.10/site-packages",
       true,
       {"python", "python3", "python3.10"}});

  python = interpreter("/opt/python/cp313-cp313t/bin/python3.13t",
                       "/opt/python/cp313-cp313t/bin/python3.13t",
                       "/opt/python/cp313-cp313t/lib/python3.13t", {3, 13, 1});
  python.free_threaded = true;
  add({"free-threaded",
       linux_os,
       python,
       "python3.13t",
       "include/python3.13t",
       "lib/python3.13t/site-packages",
       "lib/python3.13t/site-packages",
       true,
       {"python", "python3", "python3.13"}});

  python = interpreter("/usr/bin/python3.12d", "/usr/bin/python3.12d", "/usr/lib/python3.12",
                       {3, 12, 8});
  python.debug = true;
  add({"debug",
       linux_os,
       python,
       "python3.12d",
       "include/python3.12d",
       "lib/python3.12/site-packages",
       "lib/python3.12/site-packages",
       true,
       {"python", "python3", "python3.12"}});

  python = interpreter(
      "/home/u/.local/share/uv/python/cpython-3.14.0-linux-x86_64-gnu/bin/python3.14",
      "/home/u/.local/share/uv/python/cpython-3.14.0-linux-x86_64-gnu/bin/python3.14",
      "/home/u/.local/share/uv/python/cpython-3.14.0-linux-x86_64-gnu/lib/python3.14", {3, 14, 0});
  python.filesystem_encoding = "iso8859-1";
  add({"standalone, in a Latin-1 locale",
       linux_os,
       python,
       "python3.14",
       "include",
       "lib/python3.14/site-packages",
       "lib/python3.14/site-packages",
       true,
       {"python", "python3", "python3.14"}});
  return all;
}

/// What decides the layout of a fixture.
inline venv::detail::LayoutKey key_of(const Fixture& fixture) {
  const venv::Interpreter& python = fixture.python;
  venv::detail::LayoutKey key;
  key.os = fixture.os;
  key.implementation = python.implementation;
  key.version = python.version;
  key.is_64bit = python.is_64bit;
  key.free_threaded = python.free_threaded;
  key.debug = python.debug;
  key.platlibdir = python.platlibdir;
  key.utf8_names = python.filesystem_encoding == "utf-8";
  key.executable_name = python.base_executable.filename().string();
  return key;
}

/// A script at `path` that answers the probe as this Python would, but for the path of its executable;
/// after what `before` does.
inline void stand_in(const fs::path& path, const venv::Interpreter& python,
                     const std::string& before = ":") {
  std::string magic;
  for (const char byte : python.magic)
    magic += venv::detail::hexadecimal(static_cast<unsigned char>(byte)).substr(14);
  const auto truth = [](bool value) { return value ? "1" : "0"; };
  std::string answer;
  const auto add = [&answer](const char* key, const std::string& value) {
    answer += std::string(key) + '=' + value + "\\000";
  };
  add("version", python.version.text());
  add("prerelease", python.prerelease);
  add("implementation", python.implementation.name());
  add("implementation_version", python.implementation_version);
  add("cache_tag", python.cache_tag);
  add("platform", python.platform);
  add("os_name", python.os_name);
  add("machine", python.machine);
  add("base_prefix", python.base_prefix.string());
  add("stdlib", python.stdlib.string());
  add("platlibdir", python.platlibdir);
  add("filesystem_encoding", python.filesystem_encoding);
  add("wheel_pkg_dir", python.wheel_pkg_dir.string());
  add("magic", magic);
  add("64bit", truth(python.is_64bit));
  add("free_threaded", truth(python.free_threaded));
  add("debug", truth(python.debug));
  add("runs_itself", "1");
  put(path, "#!/bin/sh\n" + before + "\nprintf '\\000venv.hpp probe 3\\000" + answer +
                "executable=%s\\000base_executable=%s\\000end\\000' \"$0\" \"$0\"\n");
  venv::detail::make_executable(path);
}

} // namespace support
