#pragma once

#include "../config.hpp"
#include "options.hpp"
#include "version.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

VENV_BEGIN

/// Where a Python was found, in the order of the search (docs/pythons.md).
enum class VENV_API PythonSource {
  given,       ///< the request names it: a path, or a directory that it lies in
  search_path, ///< on `PATH`; a shim of pyenv there stands for the Python behind it
  pyenv,       ///< `$PYENV_ROOT/versions`, else `~/.pyenv/versions`
  uv,          ///< `$UV_PYTHON_INSTALL_DIR`, else uv's data directory
  asdf,        ///< `$ASDF_DATA_DIR/installs/python`
  mise,        ///< `$MISE_DATA_DIR/installs/python`
  rye,         ///< `$RYE_HOME/py`
  hatch,       ///< `$HATCH_DATA_DIR/pythons`
  conda,       ///< the active environment, those of conda, mamba and micromamba, their bases
  opt_python,  ///< `/opt/python`, as in the images that wheels are built in
  homebrew,    ///< Homebrew's `opt`
  framework,   ///< macOS's frameworks
  registry,    ///< the Windows registry (PEP 514)
};

/// The source's name for people: `PATH`, `pyenv`, `/opt/python` …
[[nodiscard]] VENV_API std::string name_of(PythonSource source);

/// What a base Python says of itself when asked once (`python -I -S`). Paths are absolute and
/// spelled as Python spells them, links unresolved, but for `real_executable`.
struct VENV_API Interpreter {
  std::filesystem::path executable{};        ///< `sys.executable`, as it was started
  std::filesystem::path base_executable{};   ///< what environments link to: outside of any
  std::filesystem::path real_executable{};   ///< `os.path.realpath(sys.executable)`
  std::filesystem::path base_prefix{};       ///< `sys.base_prefix`
  std::filesystem::path stdlib{};            ///< where the standard library's modules lie
  Implementation implementation{};           ///< `sys.implementation.name`
  Version version{};                         ///< `sys.version_info[:3]`
  std::string platform{};                    ///< `sys.platform`
  std::string cache_tag{};                   ///< `sys.implementation.cache_tag`: `cpython-313`
  std::string magic{};                       ///< `importlib.util.MAGIC_NUMBER`, 4 bytes
  bool is_64bit = true;                      ///< `sys.maxsize > 2**32`
  bool free_threaded = false;                ///< built without the GIL (PEP 703)
  bool debug = false;                        ///< built with `--with-pydebug`
  std::string prerelease{};                  ///< `a1`, `b2`, `rc1`; empty for a final release
  std::string implementation_version{};      ///< of the implementation itself: `7.3.11` for a PyPy
  std::string platlibdir = "lib";            ///< `sys.platlibdir`: `lib64` on Fedora
  std::string filesystem_encoding = "utf-8"; ///< `sys.getfilesystemencoding()`
  std::filesystem::path
      wheel_pkg_dir{};            ///< where it was built to take pip's wheel from, if anywhere
  std::string abi_flags{};        ///< `sys.abiflags`: `t`, `d`
  std::string extension_suffix{}; ///< of extension modules: `.cpython-313-x86_64-linux-gnu.so`
  /// Where its build says that `Python.h` and its library lie; see `Environment::embed`.
  std::filesystem::path include_dir{}, library{};
  std::string machine{};                     ///< `platform.machine()`: `x86_64`, `arm64`
  std::string os_name{};                     ///< `os.name`: `posix`
  PythonSource source = PythonSource::given; ///< where it was found
};

/// The version with what comes behind the numbers: `3.13.0t`, `3.15.0a1`.
[[nodiscard]] VENV_API std::string full_version(const Interpreter& python);

/// A Python that was found, and what came of it.
struct VENV_API FoundPython {
  std::filesystem::path executable{};              ///< what was found
  PythonSource source = PythonSource::search_path; ///< where
  std::optional<Interpreter> interpreter{};        ///< nothing where it could not be asked
  std::string rejected{}; ///< why it doesn't fit the request; empty where it does
};

/// Finds the interpreter that `request` means and asks it what it is, or remembers what it said
/// (`Options::cache`). Of the options, those that name the cache count, `python_timeout`,
/// `python_busy_timeout`, `child_variables` and `is_cancelled`.
///
/// A path (also of an installation's or an environment's directory), a command's name (looked up on
/// `PATH`), or a version or a range of versions (PEP 440), with or without an implementation: `3`,
/// `3.12`, `3.12.1`, `3.13t`, `3.14d`, `3.12-64`, `>=3.10,<3.13`, `==3.12.*`, `~=3.11`, `cpython`,
/// `cpython@3.12`, `cp313`, `pypy3.10`, `graalpy`. Empty: the first `python3` or `python` on `PATH`,
/// else the first Python that is found anywhere. docs/pythons.md has the order of the search.
///
/// Changes nothing on disk but the cache. Errors: `invalid_argument` for what is no request and no
/// command, `python_not_found`, `python_unusable`, `python_unsupported`, `python_gone`; the hint
/// lists what was tried.
[[nodiscard]] VENV_API Interpreter find_interpreter(const std::string& request = {},
                                                    const Options& options = {});

/// All Pythons that can be found, in the order of the search, each once, however many names it has;
/// those that don't fit the request, or can't be used, with the reason. Up to eight are asked at once.
[[nodiscard]] VENV_API std::vector<FoundPython> find_interpreters(const std::string& request = {},
                                                                  const Options& options = {});

VENV_END
