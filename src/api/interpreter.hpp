#pragma once

#include "../config.hpp"

#include <array>
#include <filesystem>
#include <string>

VENV_BEGIN

/// What a base Python says of itself when asked once (`python -I -S`). Paths are absolute and
/// spelled as Python spells them, links unresolved, but for `real_executable`.
struct VENV_API Interpreter {
  std::filesystem::path executable{};      ///< `sys.executable`, as it was started
  std::filesystem::path base_executable{}; ///< `sys._base_executable`: outside of any environment
  std::filesystem::path real_executable{}; ///< `os.path.realpath(sys.executable)`
  std::filesystem::path base_prefix{};     ///< `sys.base_prefix`
  std::filesystem::path stdlib{};          ///< where the standard library's modules lie
  std::string implementation{};            ///< `sys.implementation.name`, such as `cpython`
  std::array<int, 3> version{};            ///< `sys.version_info[:3]`
  std::string platform{};                  ///< `sys.platform`
  std::string cache_tag{};    ///< `sys.implementation.cache_tag`, such as `cpython-313`
  std::string magic{};        ///< `importlib.util.MAGIC_NUMBER`, 4 bytes
  bool is_64bit = true;       ///< `sys.maxsize > 2**32`
  bool free_threaded = false; ///< built without the GIL (PEP 703)
  bool debug = false;         ///< built with `--with-pydebug`
};

/// Finds the interpreter that `request` means and asks it what it is.
///
/// A path, a command's name (looked up on `PATH`), or a version: `3`, `3.12`, `3.12.1`, `3.13t`,
/// `>=3.10`, `pypy3.10` (searched on `PATH`, then in pyenv's `versions`). Empty: the first `python3`
/// or `python` on `PATH`. Changes nothing on disk. Errors: `python_not_found`, `python_unusable`,
/// `python_unsupported`; the hint lists what was tried.
[[nodiscard]] VENV_API Interpreter find_interpreter(const std::string& request = {});

VENV_END
