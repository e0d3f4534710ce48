// venv.hpp 0.1.0: Python virtual environments from C++17, without starting Python.
// SPDX-License-Identifier: MIT (the text is at the end)
//
// Generated from src/ by tools/amalgamate.py. Do not edit: change src/ and run it again.
//
//   #include "venv.hpp"
//
//   int main() {
//     venv::Options options;  // EnvBuilder's keyword arguments
//     options.with_pip = true;
//     options.symlinks = true;
//     venv::create(".venv", options);
//   }
//
// Contents, with the line where each begins:
//
//     187  config.hpp
//     316  api/error.hpp
//     384  api/version.hpp
//     444  api/distribution.hpp
//     498  api/options.hpp
//     568  api/interpreter.hpp
//     653  api/context.hpp
//     697  api/process.hpp
//     785  api/environment.hpp
//     928  api/pip_failure.hpp
//     965  api/check.hpp
//    1048  api/ensure.hpp
//    1084  api/script_set.hpp
//    1119  api/env_builder.hpp
//    1233  api/command_line.hpp
//    1335  base/error.hpp
//    1400  base/ascii.hpp
//    1438  base/function_ref.hpp
//    1466  base/order.hpp
//    1494  base/bytes.hpp
//    1529  base/checksum.hpp
//    1557  base/fields.hpp
//    1614  base/hex.hpp
//    1639  base/number.hpp
//    1651  text/utf8.hpp
//    1725  text/encoding.hpp
//    1859  text/unprintable.hpp
//    1957  text/repr.hpp
//    2005  text/version.hpp
//    2072  text/python_name.hpp
//    2143  text/pyvenv_cfg.hpp
//    2189  text/layout.hpp
//    2273  text/names.hpp
//    2329  text/quote.hpp
//    2497  text/template.hpp
//    2674  text/launcher.hpp
//    2769  text/script_head.hpp
//    2827  archive/crc32.hpp
//    2869  archive/stored_zip.hpp
//    2901  archive/sha256.hpp
//    3032  archive/huffman.hpp
//    3218  archive/bit_reader.hpp
//    3280  archive/inflate.hpp
//    3623  archive/zip_names.hpp
//    3717  archive/zip.hpp
//    3937  package/version.hpp
//    4154  package/specifier.hpp
//    4329  package/project_name.hpp
//    4359  package/python_string.hpp
//    4423  package/marker.hpp
//    4667  package/requirement.hpp
//    4777  package/requirements_text.hpp
//    4915  package/requirements_file.hpp
//    5233  package/metadata.hpp
//    5354  package/direct_url.hpp
//    5491  package/wheel_name.hpp
//    5556  package/tags.hpp
//    5815  package/entry_points.hpp
//    5908  package/record.hpp
//    5978  package/script_program.hpp
//    6021  package/wheel.hpp
//    6195  package/distributions.hpp
//    6413  package/missing.hpp
//    6561  scripts/embedded.hpp
//    7742  system/path.hpp
//    7812  system/win32.hpp
//    7979  system/platform.hpp
//    8078  system/stop.hpp
//    8118  system/handle.hpp
//    8240  system/status.hpp
//    8589  system/beside.hpp
//    8668  system/file.hpp
//    9121  system/metadata.hpp
//    9293  system/new_file.hpp
//    9540  system/appended_file.hpp
//    9608  system/folder.hpp
//   10006  system/tree.hpp
//   10382  system/durable.hpp
//   10435  system/lock.hpp
//   10751  system/trust.hpp
//   10962  system/mapped_file.hpp
//   11137  system/registry.hpp
//   11225  system/variables.hpp
//   11374  system/own_arguments.hpp
//   11439  system/workers.hpp
//   11506  system/command.hpp
//   11553  system/pipe.hpp
//   11792  system/child_start.hpp
//   12017  system/child.hpp
//   12527  system/process.hpp
//   12754  system/replace.hpp
//   12833  system/terminal.hpp
//   12969  system/ancestors.hpp
//   13056  cache/pack.hpp
//   13237  cache/answer.hpp
//   13278  cache/cache.hpp
//   13444  python/probe_answer.hpp
//   13548  python/probe.hpp
//   13715  python/links.hpp
//   13764  python/version_in_file.hpp
//   13851  python/home.hpp
//   13965  python/base.hpp
//   14071  python/remembered_probe.hpp
//   14163  python/request.hpp
//   14347  python/candidate.hpp
//   14413  python/pyenv.hpp
//   14542  python/search_path.hpp
//   14619  python/registered.hpp
//   14655  python/installations.hpp
//   14857  python/rejections.hpp
//   14921  python/search.hpp
//   15047  python/discovery.hpp
//   15243  python/version_file.hpp
//   15283  python/redirect.hpp
//   15321  python/marker_values.hpp
//   15345  create/journal.hpp
//   15582  create/state.hpp
//   15772  create/entry.hpp
//   15794  create/transaction.hpp
//   16052  create/changes.hpp
//   16221  create/session.hpp
//   16382  create/plan.hpp
//   16454  create/plan_windows.hpp
//   16583  create/directories.hpp
//   16777  create/configuration.hpp
//   16837  create/base.hpp
//   16987  create/run.hpp
//   17181  create/interpreter.hpp
//   17315  create/interpreter_windows.hpp
//   17383  create/scripts.hpp
//   17475  create/wheels.hpp
//   17575  create/staging.hpp
//   17934  create/installed.hpp
//   18045  create/distribution.hpp
//   18189  create/pip.hpp
//   18476  create/unreachable.hpp
//   18514  create/step.hpp
//   18607  create/env_builder.hpp
//   18855  use/environment.hpp
//   19165  use/install.hpp
//   19247  use/pip_failure.hpp
//   19359  use/distributions.hpp
//   19441  use/missing.hpp
//   19610  use/stamp.hpp
//   19722  use/problems.hpp
//   19771  use/check_python.hpp
//   20029  use/check_scripts.hpp
//   20184  use/check_packages.hpp
//   20386  use/check.hpp
//   20509  use/mend.hpp
//   20591  use/ensure.hpp
//   20713  use/remove.hpp
//   20775  program/interruption.hpp
//   20791  program/options.hpp
//   20980  program/activation_hint.hpp
//   21062  program/arguments.hpp
//   21293  program/help.hpp
//   21342  program/output.hpp
//   21420  program/json.hpp
//   21471  program/choose_python.hpp
//   21506  program/list_pythons.hpp
//   21565  program/stamping.hpp
//   21646  program/making.hpp
//   21720  program/checking.hpp
//   21769  program/describing.hpp
//   21861  program/using.hpp
//   21932  program/command_line.hpp
//   22005  undef.hpp

// ---- src/config.hpp -----------------------------------------------------------------------------

/// The version of this header (semantic versioning); CMake reads it from here.
#define VENV_VERSION_MAJOR 0
#define VENV_VERSION_MINOR 1
#define VENV_VERSION_PATCH 0

/// 1 (the default): include and use. 0: this is declarations only; define it so everywhere, and
/// VENV_IMPLEMENTATION in the one translation unit that is to hold the functions.
#ifndef VENV_HEADER_ONLY
#define VENV_HEADER_ONLY 1
#endif

/// What marks the public classes and functions. By default a shared library that uses this header
/// exports nothing of it, and another library may use another version. A library that hands these
/// classes on to others, or lets `Error` out, is compiled with this as `__declspec(dllexport)` or
/// `__attribute__((visibility("default")))`; those who use it are compiled with the same.
#ifndef VENV_API
#define VENV_API VENV_HIDDEN
#endif

// Code for a program exports nothing anyway. Hidden types would only make g++ warn there, of a
// class of the program that holds or extends one.
#if defined(__PIC__) && !defined(__PIE__) && !defined(_WIN32)
#define VENV_HIDDEN __attribute__((visibility("hidden")))
#else
#define VENV_HIDDEN
#endif

// This project's own tests define it, so that the functions are compiled once for all their files.
#ifndef VENV_INLINE
#if VENV_HEADER_ONLY
#define VENV_INLINE inline
#else
#define VENV_INLINE
#endif
#endif

#if defined(_MSVC_LANG) ? _MSVC_LANG < 201703L : __cplusplus < 201703L
#error "venv.hpp needs C++17: compile with -std=c++17 (or /std:c++17) or newer"
#define VENV_REFUSED
#elif defined(__wasm__)
#error "venv.hpp does not work on WebAssembly: no process can be started there"
#define VENV_REFUSED
#elif defined(__ANDROID__)
#error                                                                                             \
    "venv.hpp does not work on Android: there are no hard links, and no /bin/sh for long first lines"
#define VENV_REFUSED
#elif (VENV_HEADER_ONLY || defined(VENV_IMPLEMENTATION)) && !defined(__cpp_exceptions) &&          \
    !defined(_CPPUNWIND)
#error                                                                                             \
    "venv.hpp needs exceptions: enable them, or define VENV_HEADER_ONLY as 0 and compile VENV_IMPLEMENTATION elsewhere"
#define VENV_REFUSED
#endif

// The inline namespace keeps apart what may meet in one process: two vendored versions, and the two
// modes. tools/amalgamate.py compares its name with the version above.
#if VENV_HEADER_ONLY
#define VENV_ABI v0_1_0
#else
#define VENV_ABI v0_1_0_compiled
#endif
#define VENV_BEGIN                                                                                 \
  namespace venv {                                                                                 \
  inline namespace VENV_HIDDEN VENV_ABI {
#define VENV_END                                                                                   \
  }                                                                                                \
  }
#define VENV_DETAIL_BEGIN                                                                          \
  VENV_BEGIN                                                                                       \
  namespace detail {
#define VENV_DETAIL_END                                                                            \
  }                                                                                                \
  VENV_END

#if !defined(VENV_HPP) && !defined(VENV_REFUSED)
VENV_DETAIL_BEGIN

/// Whether `text` begins with `venv::`.
constexpr bool begins_with_venv(const char* text) {
  const char* const wanted = "venv::";
  for (int i = 0; i < 6; ++i)
    if (text[i] != wanted[i]) return false; // also where `text` ends
  return true;
}

/// Whether a function's full name, after its return type, has `venv` as its outermost namespace.
constexpr bool is_outermost(const char* name) {
  const char* first = name;
  for (; *name != ':' && *name != '\0'; ++name)
    if (*name == ' ') first = name + 1;
  return begins_with_venv(first) &&
         !begins_with_venv(first + 6); // the other namespace is `venv` too
}

constexpr bool is_included_at_top_level() {
#if defined(_MSC_VER)
  return is_outermost(__FUNCSIG__);
#else
  return is_outermost(__PRETTY_FUNCTION__);
#endif
}

static_assert(is_included_at_top_level(),
              "venv.hpp is included inside a namespace: include it before the namespace begins");

VENV_DETAIL_END
#endif

#if !defined(VENV_HPP) && !defined(VENV_REFUSED)
#define VENV_HPP

#include <array>        // a release's three numbers
#include <chrono>       // timeouts
#include <cstddef>      // std::size_t
#include <cstdint>      // numbers of a known size
#include <filesystem>   // paths
#include <functional>   // callbacks
#include <map>          // variables
#include <memory>       // what copies of an error share
#include <optional>     // a prompt that may not be given
#include <stdexcept>    // the base of Error
#include <string>       // text
#include <string_view>  // lines of output
#include <system_error> // the system's reasons
#include <type_traits>  // what may be converted
#include <utility>      // std::move
#include <vector>       // arguments

// ---- src/api/error.hpp --------------------------------------------------------------------------

VENV_BEGIN

/// What went wrong, in the few kinds that a caller can tell apart and act on. Stable: values are
/// only ever added.
enum class VENV_API ErrorCode {
  invalid_argument = 1, ///< a path or option that is refused before anything is touched
  python_not_found,     ///< no base interpreter fits the request
  python_unusable,      ///< not executable, not Python, hangs, crashes, or prints garbage
  python_unsupported,   ///< a Python, but not one that environments can be made of
  not_an_environment,   ///< `clear` would delete what is no environment
  io,                   ///< a system call failed
  command_failed,       ///< a child process (ensurepip, pip) failed; see `Error::output()`
  pip_unavailable,      ///< no wheel of pip and no ensurepip
  bad_archive,          ///< a zip file, wheel or cache entry is damaged or hostile
  busy,                 ///< another process holds the environment for too long
  interrupted,          ///< `is_cancelled` said so, or a signal came (in `venv::main`)
  python_gone,          ///< an interpreter's link leads to nothing: what it named was removed
};

/// The one exception of this header. `what()` is a single line without a trailing full stop or
/// newline; what to do about it stands apart, in `hint()`.
///
/// A copy shares the detail, which never changes: copying allocates nothing, never throws, and may be
/// done in another thread. This class is append-only: later versions add members, but none is
/// taken away or means something else, and its size stays.
class VENV_API Error : public std::runtime_error {
public:
  VENV_INLINE Error(ErrorCode code, const std::string& message);
  Error(const Error&) noexcept = default; // moving copies, so that what was moved from stays whole
  Error& operator=(const Error&) noexcept = default;
  ~Error() override = default;

  /// The kind of failure.
  [[nodiscard]] ErrorCode code() const noexcept { return code_; }
  /// What was being done, such as "link the interpreter"; empty where the message says it all.
  [[nodiscard]] VENV_INLINE const std::string& step() const noexcept;
  /// The file or directory concerned; empty where there is none.
  [[nodiscard]] VENV_INLINE const std::filesystem::path& path() const noexcept;
  /// What the user can do, one sentence or more; may be empty.
  [[nodiscard]] VENV_INLINE const std::string& hint() const noexcept;
  /// What a failed child process printed (stdout and stderr, in order); else empty.
  [[nodiscard]] VENV_INLINE const std::string& output() const noexcept;
  /// Why a system call failed, to be compared with `std::errc`; false where none did.
  [[nodiscard]] VENV_INLINE std::error_code system_error() const noexcept;
  /// What a failed child process exited with; nothing where it was ended by a signal or took too
  /// long, or where none was started.
  [[nodiscard]] VENV_INLINE std::optional<int> exit_code() const noexcept;

  /// The same error with the detail added, for whoever throws. Copies made before don't change.
  VENV_INLINE Error& at(std::string step);
  VENV_INLINE Error& on(std::filesystem::path path);
  VENV_INLINE Error& advise(std::string hint);
  VENV_INLINE Error& printed(std::string output);
  VENV_INLINE Error& caused_by(std::error_code system_error);
  VENV_INLINE Error& exited_with(int exit_code);

private:
  struct Detail;
  VENV_INLINE Detail& renew();

  ErrorCode code_;
  std::shared_ptr<const Detail> detail_;
};

VENV_END

// ---- src/api/version.hpp ------------------------------------------------------------------------

VENV_BEGIN

/// A release of Python: `3.13.0`. It compares with other ones, and with an array of three numbers.
struct Version {
  std::array<int, 3> numbers{};

  constexpr Version() = default;
  constexpr Version(int first, int second, int third = 0) : numbers{first, second, third} {}
  constexpr Version(const std::array<int, 3>& three) : numbers(three) {}

  constexpr int operator[](std::size_t index) const { return numbers[index]; }
  [[nodiscard]] constexpr const int* begin() const { return numbers.data(); }
  [[nodiscard]] constexpr const int* end() const { return numbers.data() + numbers.size(); }
  /// `3.13.0`.
  [[nodiscard]] std::string text() const { return minor_text() + '.' + std::to_string(numbers[2]); }
  /// `3.13`: what a library directory is named by.
  [[nodiscard]] std::string minor_text() const {
    return std::to_string(numbers[0]) + '.' + std::to_string(numbers[1]);
  }

  friend bool operator==(const Version& a, const Version& b) { return a.numbers == b.numbers; }
  friend bool operator!=(const Version& a, const Version& b) { return a.numbers != b.numbers; }
  friend bool operator<(const Version& a, const Version& b) { return a.numbers < b.numbers; }
  friend bool operator>(const Version& a, const Version& b) { return a.numbers > b.numbers; }
  friend bool operator<=(const Version& a, const Version& b) { return a.numbers <= b.numbers; }
  friend bool operator>=(const Version& a, const Version& b) { return a.numbers >= b.numbers; }
};

/// An implementation of Python, by the name that it has in `sys.implementation.name`.
class Implementation {
public:
  Implementation() = default;
  Implementation(std::string name) : name_(std::move(name)) {}
  Implementation(const char* name) : name_(name) {}

  /// `cpython`, `pypy`, `graalpy` …; empty where it isn't known.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// The name as its makers write it: `CPython`, `PyPy`, `GraalPy`.
  [[nodiscard]] std::string display_name() const {
    return name_ == "cpython"   ? "CPython"
           : name_ == "pypy"    ? "PyPy"
           : name_ == "graalpy" ? "GraalPy"
                                : name_;
  }
  /// What its commands and folders begin with: `python`, `pypy`, `graalpy`.
  [[nodiscard]] std::string command_name() const { return name_ == "cpython" ? "python" : name_; }

  friend bool operator==(const Implementation& a, const Implementation& b) {
    return a.name_ == b.name_;
  }
  friend bool operator!=(const Implementation& a, const Implementation& b) { return !(a == b); }

private:
  std::string name_{};
};

VENV_END

// ---- src/api/distribution.hpp -------------------------------------------------------------------

VENV_BEGIN

/// A file of an installed distribution, as its RECORD has it.
struct DistributionFile {
  std::string path; ///< relative to `Distribution::directory`, with `/`; may lead out of it
  std::string hash; ///< such as `sha256=...`; empty: RECORD has none
  std::string size; ///< in bytes; empty: RECORD has none
};

/// A distribution that is installed in a directory of packages. What it says of itself is given as it
/// stands there: who acts on it must not trust it.
struct Distribution {
  std::string name{};            ///< as its metadata spells it
  std::string normalized_name{}; ///< lower case, one dash for each run of `-`, `_` and `.`
  std::string version{};         ///< as its metadata spells it
  std::vector<std::string> requirements{}; ///< `Requires-Dist`, in the form of PEP 508
  std::vector<std::string> extras{};       ///< the names that it offers (`Provides-Extra`)
  std::string requires_python{};           ///< the Pythons that it is for; empty: all
  std::string installer{};                 ///< what installed it, such as `pip`; empty: not known
  bool is_requested = false;               ///< it was asked for, not brought by another (PEP 376)
  std::string direct_url{}; ///< from where it was installed, if from no index (PEP 610)
  bool is_editable = false; ///< it is imported from its source tree
  std::string project{};    ///< that tree, for an `.egg-link`; else empty
  bool has_record = false;  ///< `files` is known
  std::vector<DistributionFile> files{}; ///< everything that was installed
  std::filesystem::path directory{};     ///< in which it lies
  std::string metadata{}; ///< the name there of what describes it: `demo-1.0.dist-info`
  /// What is wrong with it, one plain line; empty: nothing. One without a name and a version that can
  /// be read counts as not installed.
  std::string damage{};
};

/// A requirement that what is installed does not meet.
struct Missing {
  enum class Reason {
    absent,        ///< it isn't installed
    other_version, ///< it is, in a version that is not allowed
    other_source,  ///< it is, but not from the URL that is required
    unreadable,    ///< the requirement can't be read or can't be decided
  };

  Reason reason = Reason::absent;
  std::string requirement{}; ///< such as `flask[async]>=3`, without its marker
  std::string
      required_by{};  ///< a distribution and its version, or a file and a line; empty: the caller
  std::string name{}; ///< the project that is required, in its normal form
  std::string installed{}; ///< the version that is there; empty: none
  std::string detail{};    ///< what can't be read; empty for the other reasons
};

VENV_END

// ---- src/api/options.hpp ------------------------------------------------------------------------

VENV_BEGIN

/// What is said while an environment is made. `warning`: it was made otherwise than asked.
enum class VENV_API Report { progress, warning };

/// The keyword arguments of `EnvBuilder`, with the reference's names and defaults; below the line,
/// what this header adds. Source: reference, "API".
struct VENV_API Options {
  /// The base Python's site-packages are visible in the environment.
  bool system_site_packages = false;
  /// Deletes the contents of an existing directory first. Never `/`, never the home directory (of
  /// `HOME` and of the account) or one above it; a directory that is no environment or lies above
  /// the working directory needs `force`.
  bool clear = false;
  /// Links to the base interpreter instead of a copy.
  bool symlinks = false;
  /// Only refreshes an existing environment for a base Python that was upgraded in place.
  bool upgrade = false;
  /// Installs the pip that the base Python bundles, unless there is a newer one already.
  bool with_pip = false;
  /// What a shell shows once the environment is active; the directory's name where not given, the
  /// working directory's name for ".".
  std::optional<std::string> prompt{};
  /// Then upgrades pip (and setuptools below Python 3.12) from the package index.
  bool upgrade_deps = false;
  /// Source control managers that are to ignore the environment; "git" is the one known. Where there
  /// is one, backups are told by a `CACHEDIR.TAG` as well. `create` leaves both out of a directory that
  /// holds something else than an environment.
  std::vector<std::string> scm_ignore_files{};

  // ---- beyond the reference ----

  /// Which base interpreter: see `find_interpreter`.
  std::string python{};
  /// With `clear`: also a directory that is no environment.
  bool force = false;
  /// Compiles pip to bytecode, as the reference does; `false` leaves that to pip's first use.
  bool compile_bytecode = true;
  /// A directory in which pip's wheel (and setuptools') is looked for first. The newest that is for
  /// this Python is taken.
  std::filesystem::path pip_wheel_dir{};
  /// Remembers interpreters and installed pips in `cache_dir`; `false` neither reads nor writes it.
  bool cache = true;
  /// Empty: `$XDG_CACHE_HOME/venv.hpp`, else `~/.cache/venv.hpp` (`%LOCALAPPDATA%` on Windows).
  std::filesystem::path cache_dir{};
  /// Called with one line of text at a time, without a newline, on the thread that makes the
  /// environment. Nothing is ever printed otherwise.
  std::function<void(Report, const std::string&)> report{};
  /// Asked between steps and while something is waited for, on the thread that makes the environment;
  /// `true` ends the call with `ErrorCode::interrupted`, and what it made is taken away again.
  std::function<bool()> is_cancelled{};
  /// Files and directories reach the disk before `pyvenv.cfg` does, so that a power cut leaves no
  /// environment or a whole one. Costs what the disk costs: see docs/reliability.md.
  bool durable = false;
  /// What gave `python` its value, for messages: an option, a variable, a file. May be empty.
  std::string python_origin{};
  /// How long a Python may take to say what it is; 0: any time.
  std::chrono::milliseconds python_timeout{10000};
  /// How long one may take that by then has printed something or goes on working, as its processor
  /// time tells (on Linux): GraalPy on a JVM takes seconds, and more on a busy machine.
  std::chrono::milliseconds python_busy_timeout{60000};
  /// Variables to set, or to take out, for every child that is started: a Python that is asked, pip.
  /// For a host whose own would mislead them, such as an AppImage's `LD_LIBRARY_PATH`.
  std::vector<std::pair<std::string, std::optional<std::string>>> child_variables{};
};

VENV_END

// ---- src/api/interpreter.hpp --------------------------------------------------------------------

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
      wheel_pkg_dir{};   ///< where it was built to take pip's wheel from, if anywhere
  std::string machine{}; ///< `platform.machine()`: `x86_64`, `arm64`
  std::string os_name{}; ///< `os.name`: `posix`
  PythonSource source = PythonSource::given; ///< where it was found
};

/// The version with what comes behind the numbers: `3.13.0t`, `3.15.0a1`.
[[nodiscard]] VENV_API std::string full_version(const Interpreter& python);

/// A Python that was found, and what came of it.
struct VENV_API FoundPython {
  std::filesystem::path executable{};
  PythonSource source = PythonSource::search_path;
  std::optional<Interpreter> interpreter{}; ///< nothing where it could not be asked
  std::string rejected{};                   ///< why it doesn't fit the request; empty where it does
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

// ---- src/api/context.hpp ------------------------------------------------------------------------

VENV_BEGIN

/// The paths and names of the environment being made, for hooks. All attributes of the reference's
/// context object, with the same meaning; paths are absolute.
///
/// It holds attributes and nothing else: it can be copied, kept, or filled by a program that calls the
/// steps itself. What a builder of one's own wants to remember from one hook to the next belongs into
/// members of that builder. A struct derived from this one can't be returned from a hook: its own part
/// would be cut off, so the compiler refuses it.
struct VENV_API Context {
  std::filesystem::path env_dir{};      ///< the environment
  std::string env_name{};               ///< its last path segment
  std::string prompt{};                 ///< what activation scripts show, without parentheses
  std::filesystem::path executable{};   ///< the base interpreter, outside of any environment
  std::filesystem::path python_dir{};   ///< its directory
  std::string python_exe{};             ///< its name in `bin_path`
  std::filesystem::path inc_path{};     ///< where C headers belong
  std::filesystem::path lib_path{};     ///< purelib: `lib/python3.13/site-packages`
  std::filesystem::path platlib_path{}; ///< platlib: the same directory in nearly every layout
  std::filesystem::path bin_path{};     ///< the scripts' directory
  std::string bin_name{};               ///< `bin`, or `Scripts` on Windows
  std::filesystem::path env_exe{};      ///< the environment's interpreter
  std::filesystem::path env_exec_cmd{}; ///< what to run it by, file-system redirections considered
  std::filesystem::path cfg_path{};     ///< `pyvenv.cfg` in `env_dir`
  /// What the base interpreter says of itself. Where a program left it empty, steps that need it ask
  /// `executable`.
  Interpreter python{};

  Context() = default;
  Context(const Context&) = default;
  Context(Context&&) = default;
  Context& operator=(const Context&) = default;
  Context& operator=(Context&&) = default;
  ~Context() = default;
  template <class Derived,
            class = std::enable_if_t<std::is_base_of_v<Context, std::decay_t<Derived>> &&
                                     !std::is_same_v<Context, std::decay_t<Derived>>>>
  Context(Derived&&) = delete;
};

VENV_END

// ---- src/api/process.hpp ------------------------------------------------------------------------

VENV_BEGIN

/// Which of a child's two outputs.
enum class VENV_API Stream { out, err };

/// What a child reads: nothing, `RunOptions::input`, or what this process would read.
enum class VENV_API RunInput { empty, text, inherited };

/// Which output of a child is given back: both outputs in the order in which they came, each one
/// apart, or none.
enum class VENV_API RunOutput { together, apart, none };

/// How a child runs.
struct VENV_API RunOptions {
  /// Called for each line as it comes, without its newline, from the calling thread. When it throws,
  /// the child is killed and the exception passed on.
  std::function<void(Stream, std::string_view)> on_line{};
  /// Working directory; this process's own when empty.
  std::filesystem::path cwd{};
  /// After this the child is asked to end; 0: no limit.
  std::chrono::milliseconds timeout{0};
  /// How long a child that was asked to end has until it is killed, with all that it started.
  std::chrono::milliseconds grace{1000};
  /// Asked at least every 50 ms, from the calling thread: true asks the child to end.
  std::function<bool()> is_cancelled{};
  /// Called with each piece of output as it comes, such as a progress bar's.
  std::function<void(Stream, std::string_view)> on_output{};
  RunOutput output = RunOutput::together;
  RunInput reads = RunInput::empty;
  /// What the child reads with `RunInput::text`.
  std::string input{};
  /// Variables to set, or to take out, after all that is set for the environment.
  std::vector<std::pair<std::string, std::optional<std::string>>> variables{};
  /// The child installs packages: pip asks nothing, looks for no newer pip, and nothing of the user's
  /// own site-packages counts as installed.
  bool installs = false;
  /// Descriptors of this process that the child gets, under the same numbers. It gets no other.
  std::vector<int> descriptors{};
  /// Error (`command_failed`) when the child doesn't succeed; `false`: `RunResult` tells.
  bool throws = true;
};

/// How a child ended, and what it printed.
struct VENV_API RunResult {
  int exit_code = 0; ///< 128 + the signal when one ended it, 255 when the system lost its status
  int signal = 0;    ///< the signal that ended it, else 0
  bool is_status_known = true;
  bool timed_out = false;
  bool cancelled = false;
  std::string out{}; ///< both outputs with `RunOutput::together`
  std::string err{}; ///< with `RunOutput::apart`
  /// Whether it came to its end by itself, with exit code 0.
  [[nodiscard]] bool succeeded() const {
    return is_status_known && exit_code == 0 && !timed_out && !cancelled;
  }
};

/// Runs a program to its end in the environment: `run_program(context, "pytest", {"-q"})`. A name
/// without a separator is looked for among the environment's programs, then where this process looks
/// for programs; "python" is the environment's Python.
///
/// Arguments are passed as they are, no shell is involved. The child gets this process's variables
/// with `VIRTUAL_ENV` and `VIRTUAL_ENV_PROMPT` set, the environment's programs first on `PATH`, `PIP_USER=0`, and without what
/// would steer it elsewhere: `PYTHONHOME`, `PYTHONPATH`, `PYTHONEXECUTABLE`, `__PYVENV_LAUNCHER__`,
/// `PIP_TARGET`, `PIP_PREFIX`, `PIP_ROOT`, `PIP_PYTHON`. With `on_line` or `on_output` it also gets
/// `PYTHONUNBUFFERED=1` and `PYTHONIOENCODING=utf-8`, unless they are set, so that what it prints
/// arrives as it comes. No other descriptor of this process reaches it. Its exit code is right
/// whatever this process does with SIGCHLD, and its start costs the same in a process of any size.
///
/// It is over when the child itself has ended, though others that it started may still keep its
/// output open. Errors: `command_failed` (with the output, at most its last MiB when it isn't given
/// back) as `RunOptions::throws` says; `io` when it cannot be started or its working directory cannot
/// be entered; `invalid_argument` for an argument or variable with a NUL character, at which it would
/// be cut; `not_an_environment` when `pyvenv.cfg` is missing, as the environment's Python would then
/// be the base Python, and what it installs would change that.
VENV_API RunResult run_program(const Context& context, const std::string& program,
                               const std::vector<std::string>& arguments,
                               const RunOptions& options = {});

/// Runs the environment's Python as `run_program` does: `run(context, {"-m", "pip", "--version"})`.
/// Returns what it printed (`RunResult::out`).
VENV_API std::string run(const Context& context, const std::vector<std::string>& arguments,
                         const RunOptions& options = {});

VENV_END

// ---- src/api/environment.hpp --------------------------------------------------------------------

VENV_BEGIN

/// What `Environment::run` would start, for a host that starts programs in its own way.
struct VENV_API RunCommand {
  std::filesystem::path program{};
  std::vector<std::string> arguments{};           ///< without the program's own name
  std::map<std::string, std::string> variables{}; ///< all that the child has
  std::filesystem::path cwd{};                    ///< empty: the working directory of who starts it
  /// `NAME=value`, one for each variable.
  [[nodiscard]] VENV_INLINE std::vector<std::string> variable_lines() const;
};

/// What is to be installed by pip, and from where. Relative paths begin at the working directory.
struct VENV_API Requirements {
  std::vector<std::filesystem::path> files{};       ///< requirements files (`-r`)
  std::vector<std::filesystem::path> constraints{}; ///< constraints files (`-c`)
  std::vector<std::string> packages{};              ///< in the form of PEP 508: `flask>=3`
  std::vector<std::filesystem::path> wheel_dirs{};  ///< directories of wheels (`--find-links`)
  bool offline = false;        ///< asks no index: only what `wheel_dirs` hold (`--no-index`)
  bool require_hashes = false; ///< takes only what a hash is given for
  bool only_binary = false;    ///< builds nothing
  std::string index{};         ///< the index instead of PyPI; empty: what pip is configured for
  std::vector<std::string> pip_arguments{}; ///< further ones of `pip install`
};

/// An environment that exists. It is opened by reading its `pyvenv.cfg` and looking at some names: no
/// process is started, and nothing is changed. A copy costs nothing, and shares what was read then.
class VENV_API Environment {
public:
  /// The environment that `place` means: its directory, its folder of scripts, the path of an
  /// interpreter in that, or a file `.venv` that leads to it (PEP 832, a draft). Errors:
  /// `not_an_environment` when there is no `pyvenv.cfg`, `io` when it can't be read.
  [[nodiscard]] VENV_INLINE static Environment open(const std::filesystem::path& place);
  /// The same without throwing: nothing, and `error` set, when it fails.
  [[nodiscard]] VENV_INLINE static std::optional<Environment>
  open(const std::filesystem::path& place, std::optional<Error>& error);
  /// The environment that is active in this process: the one that `VIRTUAL_ENV` names. Errors: as
  /// `open`; `not_an_environment` also when it isn't set.
  [[nodiscard]] VENV_INLINE static Environment active();

  /// The environment's own directory, absolute; links in it are kept as they are.
  [[nodiscard]] VENV_INLINE const std::filesystem::path& directory() const noexcept;
  /// Its Python. Whether that still starts is what `check` tells.
  [[nodiscard]] VENV_INLINE const std::filesystem::path& python() const noexcept;
  /// The version that `pyvenv.cfg` names; one that names none: what its library is named by.
  [[nodiscard]] VENV_INLINE const Version& version() const noexcept;
  /// `cpython`, unless its files say otherwise.
  [[nodiscard]] VENV_INLINE const Implementation& implementation() const noexcept;
  /// The folder of its programs.
  [[nodiscard]] VENV_INLINE const std::filesystem::path& scripts() const noexcept;
  /// Where packages are installed (purelib).
  [[nodiscard]] VENV_INLINE const std::filesystem::path& site_packages() const noexcept;
  /// Where packages with compiled modules are installed; in most environments the same.
  [[nodiscard]] VENV_INLINE const std::filesystem::path& platlib() const noexcept;
  /// What a shell shows when it is active.
  [[nodiscard]] VENV_INLINE const std::string& prompt() const noexcept;
  /// Whether the base Python's packages are seen, too.
  [[nodiscard]] VENV_INLINE bool has_system_site_packages() const noexcept;

  /// The path of one of its programs: `program("pytest")`. Nothing when it has none of that name that
  /// can be run.
  [[nodiscard]] VENV_INLINE std::optional<std::filesystem::path>
  program(const std::string& name) const;

  /// The variables that a child in it gets when this process's own are the others'; see
  /// `run_program`.
  [[nodiscard]] VENV_INLINE std::map<std::string, std::string> variables() const;
  /// The same, made of `others`.
  [[nodiscard]] VENV_INLINE std::map<std::string, std::string>
  variables(const std::map<std::string, std::string>& others) const;

  /// Runs a program to its end in it, as `run_program` does.
  VENV_INLINE RunResult run(const std::string& program, const std::vector<std::string>& arguments,
                            const RunOptions& options = {}) const;
  /// The same without throwing: nothing, and `error` set, when it couldn't be started or, with
  /// `RunOptions::throws`, didn't succeed. What a callback throws passes.
  VENV_INLINE std::optional<RunResult> run(const std::string& program,
                                           const std::vector<std::string>& arguments,
                                           const RunOptions& options,
                                           std::optional<Error>& error) const;
  /// What `run` would start. Of the options, `cwd`, `variables`, `installs` count, and whether there
  /// is an `on_line` or `on_output`. Errors: as `run`, before anything is started.
  [[nodiscard]] VENV_INLINE RunCommand command(const std::string& program,
                                               const std::vector<std::string>& arguments,
                                               const RunOptions& options = {}) const;

  /// Installs packages by running its pip, while no other process installs or makes it. What pip
  /// printed is in the result. Errors: `pip_unavailable` when it has no pip, `command_failed`, `busy`
  /// when another process holds it for five minutes, `invalid_argument`.
  VENV_INLINE RunResult install(const Requirements& requirements,
                                const RunOptions& options = {}) const;
  /// What `install` would start. Whoever starts it holds no lock.
  [[nodiscard]] VENV_INLINE RunCommand install_command(const Requirements& requirements,
                                                       const RunOptions& options = {}) const;

  /// What is installed, in the order of `sys.path`: in it and, with `has_system_site_packages`, for the
  /// base Python; the user's own packages are left out. Nothing is started. What can't be read whole is
  /// told as such, in `Distribution::damage`.
  [[nodiscard]] VENV_INLINE std::vector<Distribution> distributions() const;

  /// What of `requirements` isn't there, followed through what is installed to the end: what it
  /// requires itself, with extras and markers; empty: all is. A path or a URL is met by what was
  /// installed from there. The base Python is asked once what markers ask, and remembered; of the
  /// options those of `find_interpreter` count. Errors: as those of `find_interpreter`; `io` and
  /// `invalid_argument`, with file and line, for files that can't be read.
  [[nodiscard]] VENV_INLINE std::vector<Missing> missing(const Requirements& requirements,
                                                         const Options& options = {}) const;
  /// The same for some packages: `missing({"flask>=3"})`.
  [[nodiscard]] VENV_INLINE std::vector<Missing> missing(const std::vector<std::string>& packages,
                                                         const Options& options = {}) const;

  /// What all its files take, in bytes; one that has several names counts once. What links lead to
  /// is not its own.
  [[nodiscard]] VENV_INLINE std::uint64_t size() const;

  /// Deletes it: see `remove_environment`.
  VENV_INLINE void remove() const;

private:
  struct Detail;
  explicit Environment(std::shared_ptr<const Detail> detail) : detail_(std::move(detail)) {}
  std::shared_ptr<const Detail> detail_;
};

/// Deletes an environment, also one that is half made, with its directory, while no other process makes
/// it. It is moved aside in one step first, so that at no moment a part of it is taken for an
/// environment, and no link is followed.
///
/// Refused before anything is touched (`not_an_environment`): what is no environment, or a link to one;
/// the root, the home directory and those above it; one in which the working directory lies, something
/// is mounted, or something lies that this user may not delete. Other errors: `busy` when another
/// process holds it longer than `wait`, `io`, which names what could not be deleted and where the rest
/// lies.
VENV_API void remove_environment(const std::filesystem::path& env_dir,
                                 std::chrono::milliseconds wait = std::chrono::minutes(5));
/// The same without throwing: whether it did, else `error` is set.
VENV_API bool remove_environment(const std::filesystem::path& env_dir, std::optional<Error>& error,
                                 std::chrono::milliseconds wait = std::chrono::minutes(5));

VENV_END

// ---- src/api/pip_failure.hpp --------------------------------------------------------------------

VENV_BEGIN

/// Why pip could not install something, in the kinds that a program can act on. Values are only added.
enum class VENV_API PipFailure {
  unknown = 0,     ///< what pip said is none of these
  not_found,       ///< there is no such package where pip looked, or none for this platform
  no_such_version, ///< there is, in other versions
  other_python,    ///< it is for other versions of Python
  unreachable,     ///< the index can't be reached
  hash,            ///< a hash is missing, or the file has another one
  conflict,        ///< what is required excludes each other
  no_compiler,     ///< it would have to be compiled, and there is no compiler
  not_built,       ///< building it from its sources failed
  no_space,        ///< the disk is full
  denied,          ///< a file may not be written or read
};

/// Why pip failed, and the package by the name that pip told; empty where it told none. With
/// `conflict` the packages, as pip lists them.
struct VENV_API PipReport {
  PipFailure failure = PipFailure::unknown;
  std::string package{};
};

/// Reads what a failed pip printed: `Error::output()` of a `command_failed`, or what a RunResult has of
/// it. Knows the words of pip 9 to 26, in English, which is all that it speaks.
[[nodiscard]] VENV_API PipReport pip_failure(std::string_view output);
/// The same of an error; `unknown` for one of another kind.
[[nodiscard]] VENV_API PipReport pip_failure(const Error& error);

/// The failure as a word: `not-found`, `no-such-version` …
[[nodiscard]] VENV_API std::string name_of(PipFailure failure);

VENV_END

// ---- src/api/check.hpp --------------------------------------------------------------------------

VENV_BEGIN

/// What is wrong with an environment, in kinds that a program can tell apart. Stable: values are only
/// ever added.
enum class VENV_API ProblemCode {
  no_environment = 1,  ///< there is none
  half_made,           ///< a run that was killed left it so
  configuration_wrong, ///< `pyvenv.cfg` can't be read, lacks something, or says what is not true
  interpreter_missing, ///< a name of its Python isn't there
  interpreter_gone,    ///< what a name of its Python leads to is gone, or its standard library is
  interpreter_damaged, ///< it is there and can't be run, or is not what its base is
  other_version,       ///< its Python has another minor version than `pyvenv.cfg` says
  base_upgraded,   ///< its base was upgraded in place, to another release of the same minor version
  library_missing, ///< there is no directory for packages, or what leads there leads nowhere
  other_library,   ///< packages for another minor version lie in it
  moved,           ///< it was made for another directory
  script_missing,  ///< an activation script isn't there
  script_changed,  ///< an activation script is not as this header would write it
  script_elsewhere,     ///< a program runs by a Python that is not the environment's, or is gone
  pip_missing,          ///< there is no pip, and it is asked for
  pip_damaged,          ///< pip's files are not those that its RECORD lists
  package_damaged,      ///< the same of another package, or what describes it can't be read
  other_python,         ///< its Python is not the one that is asked for
  other_options,        ///< it was made by other options than those that are asked for
  requirement_missing,  ///< something that is required isn't installed, or not in that version
  requirements_changed, ///< the requirements are not those that it was made for
};

/// The code as a word: `no-environment`, `half-made` …
[[nodiscard]] VENV_API std::string name_of(ProblemCode code);

/// How much a problem matters.
enum class VENV_API ProblemLevel {
  note,   ///< it works as it is, and `ensure` would change nothing
  change, ///< it works, but is not as it is asked for
  broken, ///< something of it doesn't work
};

/// Something that is wrong with an environment.
struct VENV_API Problem {
  ProblemCode code = ProblemCode::no_environment;
  ProblemLevel level = ProblemLevel::broken;
  std::filesystem::path path{};   ///< the file or directory concerned
  std::string what{};             ///< one plain line
  std::string remedy{};           ///< what mends it, one plain line
  bool is_mended_in_place = true; ///< without losing a package
};

/// What is done with an environment whose requirements have changed.
enum class VENV_API RequirementsChange {
  install,  ///< what is missing is installed; what is not required any more stays
  recreate, ///< it is made anew, so that nothing but what is required is in it
};

/// What an environment has to be: the options that it is made by, and what is to be installed in it.
struct VENV_API EnsureOptions : Options {
  EnsureOptions() = default;
  EnsureOptions(Options options) : Options(std::move(options)) {}

  /// What is to be installed. When something is missing, the environment gets pip too.
  Requirements requirements{};
  RequirementsChange when_changed = RequirementsChange::install;
  /// `ensure` looks at everything that `check` looks at, also when nothing seems to have changed.
  bool thorough = false;
  /// How long `ensure` waits for others that make the same environment.
  std::chrono::milliseconds lock_timeout = std::chrono::minutes(5);
};

/// What is wrong with the environment in `dir` (as `Environment::open` takes it), the worst first;
/// empty: nothing. It starts no process and changes nothing.
///
/// Of the options `python`, `with_pip`, `system_site_packages`, `prompt` and `requirements` say what is
/// asked for. A Python that is asked for by a path or a command's name is compared by its file. Errors:
/// what is wrong with `requirements` themselves (`io`, `invalid_argument`).
[[nodiscard]] VENV_API std::vector<Problem> check(const std::filesystem::path& dir,
                                                  const EnsureOptions& options);
/// The same when nothing is asked for but that it works.
[[nodiscard]] VENV_API std::vector<Problem> check(const std::filesystem::path& dir);

VENV_END

// ---- src/api/ensure.hpp -------------------------------------------------------------------------

VENV_BEGIN

/// What came of `ensure`.
struct VENV_API EnsureResult {
  Environment environment;
  bool changed = false;           ///< whether anything was done
  std::vector<Problem> reasons{}; ///< why: what was wrong before, notes left out
  std::string output{};           ///< what pip printed when it ran
};

/// Makes the environment in `dir` what `options` ask for, and returns it: at once when it is so already,
/// else it is created, completed, repaired or updated, under one lock from the first look to the last
/// installed file. Any number of processes may call it for the same directory.
///
/// What `check` finds is mended without losing a package: links, `pyvenv.cfg`, scripts, programs that
/// ran by a Python that is gone, after a move too, and a damaged pip. An environment keeps its own base
/// Python, its prompt, and links or copies, unless something else is asked for; when its base is gone,
/// another one of the same minor version is looked for first. Packages for another minor version stay
/// where they are, unseen, and `Options::report` is told their names.
///
/// What it knows of an environment that is as it should be lies in a file there: nothing to do is known
/// by the times of files then. What only bytes would tell (a file of pip that was changed) is seen with
/// `EnsureOptions::thorough`.
///
/// Requirements are installed by its pip when one is missing. When that fails, the environment stays, and
/// the next call tries again. Errors: as `create`, `check` and `Environment::install`; `busy` after
/// `EnsureOptions::lock_timeout`. `Options::clear` makes it anew each time, `Options::upgrade` is refused.
VENV_API EnsureResult ensure(const std::filesystem::path& dir, const EnsureOptions& options = {});
/// The same without throwing: nothing, and `error` set, when it fails.
[[nodiscard]] VENV_API std::optional<EnsureResult>
ensure(const std::filesystem::path& dir, const EnsureOptions& options, std::optional<Error>& error);

VENV_END

// ---- src/api/script_set.hpp ---------------------------------------------------------------------

VENV_BEGIN

/// A script to be installed in an environment's scripts' directory.
struct VENV_API Script {
  std::string name{}; ///< below the scripts' directory, with `/`
  std::string text{}; ///< with its placeholders; see `EnvBuilder::replace_variables`
  std::uint32_t mode = 0644;
  /// The file that it comes from, whose times it keeps when no placeholder is in it; empty: none.
  std::filesystem::path source{};
  bool is_text = true; ///< false: copied as it is (`.exe` and `.pdb`, as in the reference)
};

/// Scripts to be installed: those that this header carries, or those of a folder.
struct VENV_API ScriptSet {
  std::vector<Script> scripts{};
  std::vector<std::filesystem::path> left_out{}; ///< files of the folder that are no UTF-8 text

  ScriptSet() = default;
  /// The files of `folder/common` and `folder/posix` (`folder/nt` on Windows), folders inside them
  /// included, in the order of their names. Error (`io`) where one can't be read, such as a link to
  /// nothing. Source: reference, "install_scripts".
  VENV_INLINE ScriptSet(const std::filesystem::path& folder);

  /// The script of that name, or null.
  [[nodiscard]] const Script* find(const std::string& name) const {
    for (const Script& script : scripts)
      if (script.name == name) return &script;
    return nullptr;
  }
};

VENV_END

// ---- src/api/env_builder.hpp --------------------------------------------------------------------

VENV_BEGIN

/// Makes environments; a base class whose steps can be overridden, as in the reference. One builder
/// can make any number of environments, from several threads at once if overrides allow it.
///
/// In a subclass, hooks see what the reference promises them: from the return of `create_configuration`
/// on `pyvenv.cfg` lies in its place, from the return of `setup_python` on `env_exec_cmd` is the
/// environment's Python, after `setup_pip` pip is there. (By the dynamic type; without RTTI every
/// builder counts as one.) A builder that is no subclass puts `pyvenv.cfg` in its place last of all.
///
/// Each step can also be called alone, on a `Context` that `ensure_directories` returned or that a
/// program filled; it is then complete in itself: what it made is taken back if it fails.
///
/// (`VENV_INLINE` stands for `inline`, or for nothing: see `VENV_HEADER_ONLY`. Without it every file
/// that includes this header would compile all of it into its virtual table.)
class VENV_API EnvBuilder {
public:
  /// Errors: `invalid_argument` for options that exclude each other. A prompt of "." is the name of the
  /// directory that is the working one now.
  explicit EnvBuilder(Options options = {});
  virtual ~EnvBuilder() = default;

  /// Makes an environment in `env_dir` (absolute, or relative to the working directory), an existing
  /// directory being re-used, and returns its context. A file named `.venv` with another path in it is
  /// followed (PEP 832, a draft), once, and never written.
  ///
  /// Calls, in this order: `ensure_directories`, `create_scm_ignore_file`, `create_configuration`,
  /// `setup_python`, `setup_pip` (`with_pip`), `setup_scripts` and `post_setup` (not for `upgrade`),
  /// `create_configuration` again (`system_site_packages`), `upgrade_dependencies` (`upgrade_deps`).
  ///
  /// Throws `Error`; then what this call made is gone again, and what it replaced or cleared is back as
  /// it was. Killed at any moment it leaves a directory without `pyvenv.cfg`, a working environment, or
  /// a journal by which the next call takes back or finishes what was begun. Another process or thread
  /// making the same one is waited for, and `Options::report` is told.
  VENV_INLINE virtual Context create(const std::filesystem::path& env_dir);

  /// Creates the directory and those inside it that don't exist, after clearing it for `clear`, and
  /// returns the context that the other steps are given.
  VENV_INLINE virtual Context ensure_directories(const std::filesystem::path& env_dir);
  /// Writes `pyvenv.cfg` (PEP 405).
  VENV_INLINE virtual void create_configuration(Context& context);
  /// Links or copies the interpreter, under all its names. A file of the user's own under one of them
  /// (a wrapper script) stays, with a warning.
  VENV_INLINE virtual void setup_python(Context& context);
  /// Installs pip, as `ensurepip --upgrade --default-pip` does. The reference's `_setup_pip`.
  VENV_INLINE virtual void setup_pip(Context& context);
  /// Installs the activation scripts, by `install_scripts`.
  VENV_INLINE virtual void setup_scripts(Context& context);
  /// Does nothing; for overriding. The environment is complete and its Python can be run.
  VENV_INLINE virtual void post_setup(Context& context);
  /// Upgrades `core_venv_deps` from the package index, by running pip.
  VENV_INLINE virtual void upgrade_dependencies(Context& context);
  /// What `upgrade_dependencies` upgrades: pip, and setuptools below Python 3.12. The reference's
  /// `CORE_VENV_DEPS`.
  [[nodiscard]] VENV_INLINE virtual std::vector<std::string> core_venv_deps(const Context& context);

  /// Installs scripts in `context.bin_path` with their placeholders replaced (see `replace_variables`)
  /// and their modes. Takes a list, which an override can read and change, or a folder: `path/common`
  /// and `path/posix` (`path/nt` on Windows). Called by `setup_scripts` for the activation scripts.
  /// Source: reference, "install_scripts".
  VENV_INLINE virtual void install_scripts(Context& context, const ScriptSet& scripts);
  /// `text` of the script `file_name` with `__VENV_DIR__`, `__VENV_NAME__`, `__VENV_PROMPT__`,
  /// `__VENV_BIN_NAME__` and `__VENV_PYTHON__` replaced in one pass, each quoted as the script's
  /// language wants it: by the file's suffix, then by its `#!` line; what neither tells is taken for sh.
  /// Nothing (and a warning) where that language cannot express a value; an override that returns
  /// nothing leaves the script out.
  [[nodiscard]] VENV_INLINE virtual std::optional<std::string>
  replace_variables(const std::string& text, const std::string& file_name, const Context& context);
  /// Calls `create_git_ignore_file` for "git". Override it for other SCMs (the reference's
  /// `create_{scm}_ignore_file`); it is called once for each name in `Options::scm_ignore_files`, in
  /// lower case, and refuses one that it doesn't know.
  VENV_INLINE virtual void create_scm_ignore_file(const std::string& scm, Context& context);
  /// Writes `.gitignore` so that Git ignores all of the environment; one that is there is kept.
  VENV_INLINE virtual void create_git_ignore_file(Context& context);

  /// Links `dst` to `src` (`symlinks`), or copies it; where a link can't be, copies it with a warning.
  /// `relative_symlinks_ok`: links by the name alone, if both lie in the same directory. Called by
  /// `setup_python` for each name of the interpreter.
  VENV_INLINE virtual void symlink_or_copy(const std::filesystem::path& src,
                                           const std::filesystem::path& dst,
                                           bool relative_symlinks_ok = false);
  /// Removes all that lies in the directory, not the directory; see `Options::clear` for what is
  /// refused. Within `create` it comes back if that fails.
  VENV_INLINE virtual void clear_directory(const std::filesystem::path& path);

  /// The options that this builder was made with.
  [[nodiscard]] const Options& options() const noexcept { return options_; }

protected:
  /// The options of the `create` that is running on this thread, which a hook can change for the steps
  /// that follow: neither other calls nor other threads see that. Outside of `create` the builder's own.
  [[nodiscard]] VENV_INLINE Options& current_options();
  /// Passes a line to `Options::report`.
  void report(Report kind, const std::string& line) const;

private:
  void build(Context& context, bool shows_early);

  Options options_;
  std::optional<std::string> prompt_{}; ///< as it is shown: "." is resolved
};

/// Makes an environment: `EnvBuilder(options).create(env_dir)`.
VENV_API Context create(const std::filesystem::path& env_dir, const Options& options = {});

/// The same without throwing: nothing, and `error` set, where it fails. Only `std::bad_alloc` passes,
/// and what `Options::report` throws that is no `Error`.
[[nodiscard]] VENV_API std::optional<Context>
create(const std::filesystem::path& env_dir, const Options& options, std::optional<Error>& error);

VENV_END

// ---- src/api/command_line.hpp -------------------------------------------------------------------

VENV_BEGIN

/// What a command line asks the program to do.
enum class VENV_API Action {
  make,          ///< makes environments, and installs what `options.requirements` say
  ensure,        ///< sees to it that they are what is asked for
  check,         ///< says what is wrong with them
  info,          ///< says what one is
  remove,        ///< deletes them
  run,           ///< runs `command` in one
  activate,      ///< prints the command that activates one
  list_pythons,  ///< prints which Pythons are found
  print_version, ///< prints this program's version
  print_help,    ///< prints which options there are
};

/// What the words of a command line ask for.
struct VENV_API CommandLine {
  Action action = Action::make;
  EnsureOptions options{}; ///< with the program's defaults: pip, links, `.gitignore`
  /// Never empty, unless `action` is one of the last three; one with `info`, `run`, `activate`.
  std::vector<std::string> env_dirs{};
  std::vector<std::string> command{}; ///< with `run`: a program and its arguments
  std::string shell{};                ///< with `activate`; empty or `auto`: the one in use
  /// With `ensure`, for make and Ninja: a file that is written when something changed, and one that says
  /// what it depends on; as they were typed.
  std::string stamp{}, depfile{};
  bool json = false;                   ///< with `check`, `info`, `list_pythons`
  bool quiet = false, verbose = false; ///< the last that was given; never both
  bool version_file = true;            ///< `.python-version` is read
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
  std::string name = "venv"; ///< in messages
  std::vector<OwnOption> options{};
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

#endif // VENV_HPP

// =================================================================================================
// The implementation: nothing below is for users.
// =================================================================================================

#if (VENV_HEADER_ONLY || defined(VENV_IMPLEMENTATION)) && !defined(VENV_HPP_IMPLEMENTED) && \
    !defined(VENV_REFUSED)
#define VENV_HPP_IMPLEMENTED

#include <algorithm>          // searching and sorting
#include <atomic>             // names that no two threads use
#include <cerrno>             // why a system call failed
#include <climits>            // a number that was not given
#include <condition_variable> // waiting for workers
#include <csignal>            // ending a child
#include <cstdio>             // what the program prints
#include <cstdlib>            // environment variables
#include <cstring>            // memcpy
#include <ctime>              // what tells processes apart
#include <exception>          // handing errors between workers
#include <initializer_list>   // pieces of a file
#include <iterator>           // ends of arrays
#include <mutex>              // one error at a time
#include <thread>             // workers, and waiting for a lock
#include <tuple>              // what is compared by several things
#include <typeinfo>           // whether a builder is a subclass

// ---- src/base/error.hpp -------------------------------------------------------------------------

VENV_BEGIN

/// What is known besides the message. It is not changed once another error may share it.
struct Error::Detail {
  std::string step{};
  std::filesystem::path path{};
  std::string hint{};
  std::string output{};
  std::error_code system_error{};
  std::optional<int> exit_code{};
};

VENV_INLINE Error::Error(ErrorCode code, const std::string& message)
    : std::runtime_error(message), code_(code), detail_(std::make_shared<const Detail>()) {}

VENV_INLINE const std::string& Error::step() const noexcept { return detail_->step; }
VENV_INLINE const std::filesystem::path& Error::path() const noexcept { return detail_->path; }
VENV_INLINE const std::string& Error::hint() const noexcept { return detail_->hint; }
VENV_INLINE const std::string& Error::output() const noexcept { return detail_->output; }
VENV_INLINE std::error_code Error::system_error() const noexcept { return detail_->system_error; }
VENV_INLINE std::optional<int> Error::exit_code() const noexcept { return detail_->exit_code; }

/// A detail of this error's own, to be changed at once: whether the old one is shared cannot be
/// known while other threads copy.
VENV_INLINE Error::Detail& Error::renew() {
  auto own = std::make_shared<Detail>(*detail_);
  Detail& detail = *own;
  detail_ = std::move(own);
  return detail;
}

VENV_INLINE Error& Error::at(std::string step) {
  renew().step = std::move(step);
  return *this;
}

VENV_INLINE Error& Error::on(std::filesystem::path path) {
  renew().path = std::move(path);
  return *this;
}

VENV_INLINE Error& Error::advise(std::string hint) {
  renew().hint = std::move(hint);
  return *this;
}

VENV_INLINE Error& Error::printed(std::string output) {
  renew().output = std::move(output);
  return *this;
}

VENV_INLINE Error& Error::caused_by(std::error_code system_error) {
  renew().system_error = system_error;
  return *this;
}

VENV_INLINE Error& Error::exited_with(int exit_code) {
  renew().exit_code = exit_code;
  return *this;
}

VENV_END

// ---- src/base/ascii.hpp -------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// `text` without blanks around it.
VENV_INLINE std::string_view strip(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

constexpr char fold_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// `text` with the letters A to Z as a to z.
VENV_INLINE std::string folded(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = fold_case(c);
  return result;
}

/// The parts of `text` between separators; one more than there are of these.
VENV_INLINE std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t end; (end = text.find(separator)) != text.npos; text.remove_prefix(end + 1))
    parts.push_back(text.substr(0, end));
  parts.push_back(text);
  return parts;
}

VENV_INLINE bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

VENV_DETAIL_END

// ---- src/base/function_ref.hpp ------------------------------------------------------------------

VENV_DETAIL_BEGIN

template <class Signature> class FunctionRef;

/// Something to call, as a parameter: it refers to what the caller has, so it must not be kept.
/// Where `std::function` would do too, this compiles in a fraction of the time.
template <class Result, class... Arguments> class FunctionRef<Result(Arguments...)> {
public:
  template <class Callable,
            class = std::enable_if_t<!std::is_same_v<std::decay_t<Callable>, FunctionRef>>>
  FunctionRef(const Callable& callable)
      : callable_(&callable), call_([](const void* object, Arguments... arguments) -> Result {
          return (*static_cast<const Callable*>(object))(std::forward<Arguments>(arguments)...);
        }) {}

  Result operator()(Arguments... arguments) const {
    return call_(callable_, std::forward<Arguments>(arguments)...);
  }

private:
  const void* callable_;
  Result (*call_)(const void*, Arguments...);
};

VENV_DETAIL_END

// ---- src/base/order.hpp -------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// The numbers 0 to `count - 1` in the order that `before` says; equal ones in their own.
VENV_INLINE std::vector<std::size_t> order_of(std::size_t count,
                                              FunctionRef<bool(std::size_t, std::size_t)> before) {
  std::vector<std::size_t> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&before](std::size_t a, std::size_t b) {
    return before(a, b) || (a < b && !before(b, a));
  });
  return order;
}

/// Sorts by `before`; equal items keep their order. `std::sort` itself, compiled for each type anew, is a large part of what it
/// costs to include this header; here it is compiled once.
template <class T, class Before> void sort_by(std::vector<T>& items, Before before) {
  const std::vector<std::size_t> order = order_of(
      items.size(), [&](std::size_t a, std::size_t b) { return before(items[a], items[b]); });
  std::vector<T> sorted;
  sorted.reserve(items.size());
  for (const std::size_t i : order) sorted.push_back(std::move(items[i]));
  items = std::move(sorted);
}

VENV_DETAIL_END

// ---- src/base/bytes.hpp -------------------------------------------------------------------------

VENV_DETAIL_BEGIN

// Numbers out of bytes, whatever the processor's byte order and alignment. Compilers turn each of
// these into one load (and a byte swap where needed).

constexpr std::uint32_t load_le16(const unsigned char* p) {
  return static_cast<std::uint32_t>(p[0] | p[1] << 8);
}

constexpr std::uint32_t load_le32(const unsigned char* p) {
  return static_cast<std::uint32_t>(p[0]) | static_cast<std::uint32_t>(p[1]) << 8 |
         static_cast<std::uint32_t>(p[2]) << 16 | static_cast<std::uint32_t>(p[3]) << 24;
}

constexpr std::uint64_t load_le64(const unsigned char* p) {
  return static_cast<std::uint64_t>(p[0]) | static_cast<std::uint64_t>(p[1]) << 8 |
         static_cast<std::uint64_t>(p[2]) << 16 | static_cast<std::uint64_t>(p[3]) << 24 |
         static_cast<std::uint64_t>(p[4]) << 32 | static_cast<std::uint64_t>(p[5]) << 40 |
         static_cast<std::uint64_t>(p[6]) << 48 | static_cast<std::uint64_t>(p[7]) << 56;
}

constexpr std::uint32_t load_be32(const unsigned char* p) {
  return static_cast<std::uint32_t>(p[0]) << 24 | static_cast<std::uint32_t>(p[1]) << 16 |
         static_cast<std::uint32_t>(p[2]) << 8 | static_cast<std::uint32_t>(p[3]);
}

/// `char` as the bytes that it holds.
VENV_INLINE const unsigned char* as_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

VENV_DETAIL_END

// ---- src/base/checksum.hpp ----------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// A checksum of 64 bits that runs as fast as memory is read: four lanes of 64-bit multiply and
/// rotate. It finds damage; whoever could forge it could write the file in the first place.
VENV_INLINE std::uint64_t checksum(std::string_view bytes) {
  constexpr std::uint64_t odd = 0x9E3779B97F4A7C15;
  std::uint64_t lanes[4] = {odd, odd * 3, odd * 5, odd * 7};
  const auto mix = [](std::uint64_t lane, std::uint64_t word) {
    lane ^= word * odd; // spread first: else one bit here would undo one of the word before
    return (lane << 29 | lane >> 35) * 0xD6E8FEB86659FD93;
  };
  const std::uint64_t size = bytes.size();
  for (; bytes.size() >= 32; bytes.remove_prefix(32))
    for (std::size_t i = 0; i < 4; ++i)
      lanes[i] = mix(lanes[i], load_le64(as_bytes(bytes) + 8 * i));
  char rest[32] = {};
  std::memcpy(rest, bytes.data(), bytes.size());
  for (std::size_t i = 0; i < 4; ++i)
    lanes[i] = mix(lanes[i], load_le64(as_bytes({rest, 32}) + 8 * i));
  std::uint64_t sum = size;
  for (const std::uint64_t lane : lanes) sum = mix(sum ^ (sum >> 32), lane);
  return sum ^ (sum >> 32);
}

VENV_DETAIL_END

// ---- src/base/fields.hpp ------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Fields behind one another, each with its length.
class FieldWriter {
public:
  void number(std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) bytes_ += static_cast<char>(value >> shift & 0xFF);
  }
  void text(std::string_view value) {
    number(value.size());
    bytes_ += value;
  }
  const std::string& bytes() const { return bytes_; }

private:
  std::string bytes_{};
};

/// Reads what FieldWriter wrote; anything that is not there makes it fail for good.
class FieldReader {
public:
  explicit FieldReader(std::string_view bytes) : rest_(bytes) {}
  std::uint64_t number() {
    if (rest_.size() < 8) return fail(), 0;
    const std::uint64_t value = load_le64(as_bytes(rest_));
    rest_.remove_prefix(8);
    return value;
  }
  std::string text() {
    const std::uint64_t size = number();
    if (size > rest_.size()) return fail(), std::string();
    std::string value(rest_.substr(0, static_cast<std::size_t>(size)));
    rest_.remove_prefix(value.size());
    return value;
  }
  /// How many things of at least `size` bytes follow.
  std::size_t count(std::size_t size) {
    const std::uint64_t value = number();
    if (value > rest_.size() / size) return fail(), 0;
    return static_cast<std::size_t>(value);
  }
  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty(); }

private:
  void fail() {
    failed_ = true;
    rest_ = {};
  }
  std::string_view rest_;
  bool failed_ = false;
};

VENV_DETAIL_END

// ---- src/base/hex.hpp ---------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// All 16 digits of a number, lower case.
VENV_INLINE std::string hexadecimal(std::uint64_t value) {
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[value >> shift & 15];
  return text;
}

/// The bytes that `text` spells in hexadecimal digits; nothing where it spells none.
VENV_INLINE std::string from_hex(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const std::size_t high = digits.find(text[i]), low = digits.find(text[i + 1]);
    if (high == digits.npos || low == digits.npos) return {};
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

VENV_DETAIL_END

// ---- src/base/number.hpp ------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// `value`, which the caller knows to fit, as a number of another type. A plain cast is useless on
/// the platforms where both types are the same, and compilers warn of it there.
template <class To, class From> constexpr To number_as(From value) {
  return static_cast<To>(value);
}

VENV_DETAIL_END

// ---- src/text/utf8.hpp --------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// What `decode` gives for bytes that are no UTF-8.
inline constexpr char32_t not_utf8 = 0xFFFFFFFF;

/// The number of bytes that `lead` announces, 0 where it cannot begin a character.
constexpr std::size_t utf8_length(unsigned char lead) {
  return lead < 0x80   ? 1
         : lead < 0xC2 ? 0
         : lead < 0xE0 ? 2
         : lead < 0xF0 ? 3
         : lead < 0xF5 ? 4
                       : 0;
}

/// Takes the first character off `text`; `not_utf8` (and one byte taken) where it is ill-formed:
/// overlong, a surrogate, beyond U+10FFFF or cut (RFC 3629).
VENV_INLINE char32_t decode(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = utf8_length(lead);
  auto bad = [&text] { return text.remove_prefix(1), not_utf8; };
  if (length == 0 || length > text.size()) return bad();
  char32_t value = length == 1 ? lead : lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return bad();
    value = value << 6 | (next & 0x3Fu);
  }
  constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < smallest[length] || value > 0x10FFFF || surrogate) return bad();
  text.remove_prefix(length);
  return value;
}

VENV_INLINE bool is_utf8(std::string_view text) {
  while (!text.empty())
    if (decode(text) == not_utf8) return false;
  return true;
}

/// Whether a C0 or C1 control character or DEL is in `text`.
VENV_INLINE bool has_control_character(std::string_view text) {
  while (!text.empty()) {
    const char32_t c = decode(text);
    if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return true;
  }
  return false;
}

/// `text` as a message may show it: control characters and bad bytes as `\xNN`.
VENV_INLINE std::string printable(std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string shown;
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t c = decode(text);
    const std::string_view bytes = before.substr(0, before.size() - text.size());
    if (c != not_utf8 && c >= 0x20 && !(c >= 0x7F && c < 0xA0)) {
      shown += bytes;
      continue;
    }
    for (const char byte : bytes) {
      const auto value = static_cast<unsigned char>(byte);
      shown += {'\\', 'x', digits[value >> 4], digits[value & 15]};
    }
  }
  return shown;
}

VENV_DETAIL_END

// ---- src/text/encoding.hpp ----------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Whether it is a character's number: no surrogate, and none beyond the last.
constexpr bool is_scalar(char32_t c) { return c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF); }

VENV_INLINE void append_utf8(std::string& text, char32_t c) {
  const auto add = [&text](char32_t byte) { text += static_cast<char>(byte); };
  if (c < 0x80) return add(c);
  if (c < 0x800) {
    add(0xC0 | c >> 6);
  } else if (c < 0x10000) {
    add(0xE0 | c >> 12);
    add(0x80 | (c >> 6 & 0x3F));
  } else {
    add(0xF0 | c >> 18);
    add(0x80 | (c >> 12 & 0x3F));
    add(0x80 | (c >> 6 & 0x3F));
  }
  add(0x80 | (c & 0x3F));
}

enum class Encoding { utf8, ascii, latin1, windows1252, utf16_le, utf16_be, utf32_le, utf32_be };

/// The encoding that Python knows under that name, of any case; nothing when it is none of ours.
VENV_INLINE std::optional<Encoding> encoding_named(std::string_view name) {
  std::string key = folded(name);
  for (char& c : key)
    if (c == '_' || c == ' ') c = '-';
  struct Row {
    std::string_view name;
    Encoding encoding;
  };
  constexpr Row rows[] = {
      {"utf-8", Encoding::utf8},
      {"utf8", Encoding::utf8},
      {"u8", Encoding::utf8},
      {"utf-8-sig", Encoding::utf8},
      {"ascii", Encoding::ascii},
      {"us-ascii", Encoding::ascii},
      {"latin-1", Encoding::latin1},
      {"latin1", Encoding::latin1},
      {"l1", Encoding::latin1},
      {"iso-8859-1", Encoding::latin1},
      {"iso8859-1", Encoding::latin1},
      {"8859", Encoding::latin1},
      {"cp1252", Encoding::windows1252},
      {"windows-1252", Encoding::windows1252},
      {"1252", Encoding::windows1252},
      {"utf-16-le", Encoding::utf16_le},
      {"utf-16-be", Encoding::utf16_be},
      {"utf-32-le", Encoding::utf32_le},
      {"utf-32-be", Encoding::utf32_be},
  };
  for (const Row& row : rows)
    if (key == row.name) return row.encoding;
  return std::nullopt;
}

/// Units of `size` bytes as characters, with UTF-16's pairs put together; nothing when there is half
/// a unit, half a pair or no character.
VENV_INLINE std::optional<std::string> from_wide(std::string_view bytes, std::size_t size,
                                                 bool little_endian) {
  if (bytes.size() % size != 0) return std::nullopt;
  const auto take_unit = [&] {
    char32_t unit = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const auto byte = static_cast<unsigned char>(bytes[little_endian ? size - 1 - i : i]);
      unit = unit << 8 | byte;
    }
    bytes.remove_prefix(size);
    return unit;
  };
  std::string text;
  while (!bytes.empty()) {
    char32_t c = take_unit();
    if (size == 2 && c >= 0xD800 && c < 0xDC00 && !bytes.empty()) {
      const char32_t low = take_unit();
      if (low < 0xDC00 || low > 0xDFFF) return std::nullopt;
      c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    }
    if (!is_scalar(c)) return std::nullopt;
    append_utf8(text, c);
  }
  return text;
}

/// Windows-1252 is Latin-1 except for these; 0: none.
inline constexpr char16_t windows1252_controls[] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

VENV_INLINE std::optional<std::string> from_single_bytes(std::string_view bytes,
                                                         Encoding encoding) {
  std::string text;
  for (const char byte : bytes) {
    char32_t c = static_cast<unsigned char>(byte);
    if (encoding == Encoding::ascii && c >= 0x80) return std::nullopt;
    if (encoding == Encoding::windows1252 && c >= 0x80 && c < 0xA0) {
      c = windows1252_controls[c - 0x80];
      if (c == 0) return std::nullopt;
    }
    append_utf8(text, c);
  }
  return text;
}

/// The bytes as UTF-8, or nothing when they are not of that encoding.
VENV_INLINE std::optional<std::string> to_utf8(std::string_view bytes, Encoding encoding) {
  switch (encoding) {
  case Encoding::utf8: return is_utf8(bytes) ? std::optional(std::string(bytes)) : std::nullopt;
  case Encoding::utf16_le: return from_wide(bytes, 2, true);
  case Encoding::utf16_be: return from_wide(bytes, 2, false);
  case Encoding::utf32_le: return from_wide(bytes, 4, true);
  case Encoding::utf32_be: return from_wide(bytes, 4, false);
  default: return from_single_bytes(bytes, encoding);
  }
}

/// Takes the mark off that says in which Unicode form the bytes are.
VENV_INLINE std::optional<Encoding> take_byte_order_mark(std::string_view& bytes) {
  using namespace std::string_view_literals;
  if (take_prefix(bytes, "\xEF\xBB\xBF"sv)) return Encoding::utf8;
  if (take_prefix(bytes, "\xFF\xFE\0\0"sv)) return Encoding::utf32_le; // before UTF-16's FF FE
  if (take_prefix(bytes, "\0\0\xFE\xFF"sv)) return Encoding::utf32_be;
  if (take_prefix(bytes, "\xFF\xFE"sv)) return Encoding::utf16_le;
  if (take_prefix(bytes, "\xFE\xFF"sv)) return Encoding::utf16_be;
  return std::nullopt;
}

VENV_DETAIL_END

// ---- src/text/unprintable.hpp -------------------------------------------------------------------

VENV_DETAIL_BEGIN

// Generated by tools/make_unprintable.py from Unicode 15.1.0: str.isprintable() is false for
// these (categories Cc, Cf, Cn, Co, Cs, Zl, Zp, and Zs but the space). Pairs of a gap since the end
// of the range before and a length.
// clang-format off
inline constexpr std::uint32_t unprintable_runs[] = {
    0x80, 0x21, 0xc, 0x1, 0x2ca, 0x2, 0x6, 0x4, 0x7, 0x1, 0x1, 0x1, 0x14, 0x1, 0x18d, 0x1,
    0x26, 0x2, 0x32, 0x2, 0x3, 0x1, 0x37, 0x8, 0x1b, 0x4, 0x6, 0x11, 0x16, 0x1, 0xc0, 0x1,
    0x30, 0x2, 0x3b, 0x2, 0x65, 0xe, 0x3b, 0x2, 0x31, 0x2, 0xf, 0x1, 0x1c, 0x2, 0x1, 0x1, 0xb, 0x5,
    0x1f, 0x9, 0x4a, 0x1, 0xa1, 0x1, 0x8, 0x2, 0x2, 0x2, 0x16, 0x1, 0x7, 0x1, 0x1, 0x3, 0x4, 0x2,
    0x9, 0x2, 0x2, 0x2, 0x4, 0x8, 0x1, 0x4, 0x2, 0x1, 0x5, 0x2, 0x19, 0x2, 0x3, 0x1, 0x6, 0x4,
    0x2, 0x2, 0x16, 0x1, 0x7, 0x1, 0x2, 0x1, 0x2, 0x1, 0x2, 0x2, 0x1, 0x1, 0x5, 0x4, 0x2, 0x2,
    0x3, 0x3, 0x1, 0x7, 0x4, 0x1, 0x1, 0x7, 0x11, 0xa, 0x3, 0x1, 0x9, 0x1, 0x3, 0x1, 0x16, 0x1,
    0x7, 0x1, 0x2, 0x1, 0x5, 0x2, 0xa, 0x1, 0x3, 0x1, 0x3, 0x2, 0x1, 0xf, 0x4, 0x2, 0xc, 0x7,
    0x7, 0x1, 0x3, 0x1, 0x8, 0x2, 0x2, 0x2, 0x16, 0x1, 0x7, 0x1, 0x2, 0x1, 0x5, 0x2, 0x9, 0x2,
    0x2, 0x2, 0x3, 0x7, 0x3, 0x4, 0x2, 0x1, 0x5, 0x2, 0x12, 0xa, 0x2, 0x1, 0x6, 0x3, 0x3, 0x1,
    0x4, 0x3, 0x2, 0x1, 0x1, 0x1, 0x2, 0x3, 0x2, 0x3, 0x3, 0x3, 0xc, 0x4, 0x5, 0x3, 0x3, 0x1,
    0x4, 0x2, 0x1, 0x6, 0x1, 0xe, 0x15, 0x5, 0xd, 0x1, 0x3, 0x1, 0x17, 0x1, 0x10, 0x2, 0x9, 0x1,
    0x3, 0x1, 0x4, 0x7, 0x2, 0x1, 0x3, 0x2, 0x1, 0x2, 0x4, 0x2, 0xa, 0x7, 0x16, 0x1, 0x3, 0x1,
    0x17, 0x1, 0xa, 0x1, 0x5, 0x2, 0x9, 0x1, 0x3, 0x1, 0x4, 0x7, 0x2, 0x6, 0x2, 0x1, 0x4, 0x2,
    0xa, 0x1, 0x3, 0xc, 0xd, 0x1, 0x3, 0x1, 0x33, 0x1, 0x3, 0x1, 0x6, 0x4, 0x10, 0x2, 0x1a, 0x1,
    0x3, 0x1, 0x12, 0x3, 0x18, 0x1, 0x9, 0x1, 0x1, 0x2, 0x7, 0x3, 0x1, 0x4, 0x6, 0x1, 0x1, 0x1,
    0x8, 0x6, 0xa, 0x2, 0x3, 0xc, 0x3a, 0x4, 0x1d, 0x25, 0x2, 0x1, 0x1, 0x1, 0x5, 0x1, 0x18, 0x1,
    0x1, 0x1, 0x17, 0x2, 0x5, 0x1, 0x1, 0x1, 0x7, 0x1, 0xa, 0x2, 0x4, 0x20, 0x48, 0x1, 0x24, 0x4,
    0x27, 0x1, 0x24, 0x1, 0xf, 0x1, 0xd, 0x25, 0xc6, 0x1, 0x1, 0x5, 0x1, 0x2, 0x179, 0x1, 0x4, 0x2,
    0x7, 0x1, 0x1, 0x1, 0x4, 0x2, 0x29, 0x1, 0x4, 0x2, 0x21, 0x1, 0x4, 0x2, 0x7, 0x1, 0x1, 0x1,
    0x4, 0x2, 0xf, 0x1, 0x39, 0x1, 0x4, 0x2, 0x43, 0x2, 0x20, 0x3, 0x1a, 0x6, 0x56, 0x2, 0x6, 0x2,
    0x280, 0x1, 0x1c, 0x3, 0x59, 0x7, 0x16, 0x9, 0x18, 0x9, 0x14, 0xc, 0xd, 0x1, 0x3, 0x1,
    0x2, 0xc, 0x5e, 0x2, 0xa, 0x6, 0xa, 0x6, 0xe, 0x1, 0xb, 0x6, 0x59, 0x7, 0x2b, 0x5, 0x46, 0xa,
    0x1f, 0x1, 0xc, 0x4, 0xc, 0x4, 0x1, 0x3, 0x2a, 0x2, 0x5, 0xb, 0x2c, 0x4, 0x1a, 0x6, 0xb, 0x3,
    0x3e, 0x2, 0x41, 0x1, 0x1d, 0x2, 0xb, 0x6, 0xa, 0x6, 0xe, 0x2, 0x1f, 0x31, 0x4d, 0x3,
    0x2f, 0x1, 0x74, 0x8, 0x3c, 0x3, 0xf, 0x3, 0x3c, 0x7, 0x2b, 0x2, 0xb, 0x8, 0x2b, 0x5,
    0x216, 0x2, 0x6, 0x2, 0x26, 0x2, 0x6, 0x2, 0x8, 0x1, 0x1, 0x1, 0x1, 0x1, 0x1, 0x1, 0x1f, 0x2,
    0x35, 0x1, 0xf, 0x1, 0xe, 0x2, 0x6, 0x1, 0x13, 0x2, 0x3, 0x1, 0x9, 0x11, 0x18, 0x8, 0x2f, 0x11,
    0x2, 0x2, 0x1b, 0x1, 0xd, 0x3, 0x21, 0xf, 0x21, 0xf, 0x8c, 0x4, 0x297, 0x19, 0xb, 0x15,
    0x714, 0x2, 0x20, 0x1, 0x15d, 0x5, 0x2d, 0x1, 0x1, 0x5, 0x1, 0x2, 0x38, 0x7, 0x2, 0xe,
    0x18, 0x9, 0x7, 0x1, 0x7, 0x1, 0x7, 0x1, 0x7, 0x1, 0x7, 0x1, 0x7, 0x1, 0x7, 0x1, 0x7, 0x1,
    0x7e, 0x22, 0x1a, 0x1, 0x59, 0xc, 0xd6, 0x1a, 0x10, 0x1, 0x3f, 0x1, 0x56, 0x2, 0x67, 0x5,
    0x2b, 0x1, 0x5e, 0x1, 0x54, 0xb, 0x30, 0x1, 0x726d, 0x3, 0x37, 0x9, 0x15c, 0x14, 0xb8, 0x8,
    0xcb, 0x5, 0x2, 0x1, 0x1, 0x1, 0x5, 0x18, 0x3b, 0x3, 0xa, 0x6, 0x38, 0x8, 0x46, 0x8, 0xc, 0x6,
    0x74, 0xb, 0x1e, 0x3, 0x4e, 0x1, 0xb, 0x4, 0x21, 0x1, 0x37, 0x9, 0xe, 0x2, 0xa, 0x2,
    0x67, 0x18, 0x1c, 0xa, 0x6, 0x2, 0x6, 0x2, 0x6, 0x9, 0x7, 0x1, 0x7, 0x1, 0x3c, 0x4, 0x7e, 0x2,
    0xa, 0x6, 0x2ba4, 0xc, 0x17, 0x4, 0x31, 0x2104, 0x16e, 0x2, 0x6a, 0x26, 0x7, 0xc, 0x5, 0x5,
    0x1a, 0x1, 0x5, 0x1, 0x1, 0x1, 0x2, 0x1, 0x2, 0x1, 0x7d, 0x10, 0x1bd, 0x2, 0x36, 0x7,
    0x1, 0x20, 0x2a, 0x6, 0x33, 0x1, 0x13, 0x1, 0x4, 0x4, 0x5, 0x1, 0x87, 0x4, 0xbe, 0x3, 0x6, 0x2,
    0x6, 0x2, 0x6, 0x2, 0x3, 0x3, 0x7, 0x1, 0x7, 0xd, 0x2, 0x2, 0xc, 0x1, 0x1a, 0x1, 0x13, 0x1,
    0x2, 0x1, 0xf, 0x2, 0xe, 0x22, 0x7b, 0x5, 0x3, 0x4, 0x2d, 0x3, 0x58, 0x1, 0xd, 0x3, 0x1, 0x2f,
    0x2e, 0x82, 0x1d, 0x3, 0x31, 0xf, 0x1c, 0x4, 0x24, 0x9, 0x1e, 0x5, 0x2b, 0x5, 0x1e, 0x1,
    0x25, 0x4, 0xe, 0x2a, 0x9e, 0x2, 0xa, 0x6, 0x24, 0x4, 0x24, 0x4, 0x28, 0x8, 0x34, 0xb,
    0xc, 0x1, 0xf, 0x1, 0x7, 0x1, 0x2, 0x1, 0xb, 0x1, 0xf, 0x1, 0x7, 0x1, 0x2, 0x43, 0x137, 0x9,
    0x16, 0xa, 0x8, 0x18, 0x6, 0x1, 0x2a, 0x1, 0x9, 0x45, 0x6, 0x2, 0x1, 0x1, 0x2c, 0x1, 0x2, 0x3,
    0x1, 0x2, 0x17, 0x1, 0x48, 0x8, 0x9, 0x30, 0x13, 0x1, 0x2, 0x5, 0x21, 0x3, 0x1b, 0x5,
    0x1, 0x40, 0x38, 0x4, 0x14, 0x2, 0x32, 0x1, 0x2, 0x5, 0x8, 0x1, 0x3, 0x1, 0x1d, 0x2, 0x3, 0x4,
    0xa, 0x7, 0x9, 0x7, 0x40, 0x20, 0x27, 0x4, 0xc, 0x9, 0x36, 0x3, 0x1d, 0x2, 0x1b, 0x5,
    0x1a, 0x7, 0x4, 0xc, 0x7, 0x50, 0x49, 0x37, 0x33, 0xd, 0x33, 0x7, 0x2e, 0x8, 0xa, 0x126,
    0x1f, 0x1, 0x2a, 0x1, 0x3, 0x2, 0x2, 0x4b, 0x2b, 0x8, 0x2a, 0x16, 0x1a, 0x26, 0x1c, 0x14,
    0x17, 0x9, 0x4e, 0x4, 0x24, 0x9, 0x3e, 0x1, 0x5, 0xd, 0x19, 0x7, 0xa, 0x6, 0x35, 0x1,
    0x12, 0x8, 0x27, 0x9, 0x60, 0x1, 0x14, 0xb, 0x12, 0x1, 0x2f, 0x3e, 0x7, 0x1, 0x1, 0x1,
    0x4, 0x1, 0xf, 0x1, 0xb, 0x6, 0x3b, 0x5, 0xa, 0x6, 0x4, 0x1, 0x8, 0x2, 0x2, 0x2, 0x16, 0x1,
    0x7, 0x1, 0x2, 0x1, 0x5, 0x1, 0xa, 0x2, 0x2, 0x2, 0x3, 0x2, 0x1, 0x6, 0x1, 0x5, 0x7, 0x2,
    0x7, 0x3, 0x5, 0x8b, 0x5c, 0x1, 0x5, 0x1e, 0x48, 0x8, 0xa, 0xa6, 0x36, 0x2, 0x26, 0x22,
    0x45, 0xb, 0xa, 0x6, 0xd, 0x13, 0x3a, 0x6, 0xa, 0x36, 0x1b, 0x2, 0xf, 0x4, 0x17, 0xb9,
    0x3c, 0x64, 0x53, 0xc, 0x8, 0x2, 0x1, 0x2, 0x8, 0x1, 0x2, 0x1, 0x1e, 0x1, 0x2, 0x2, 0xc, 0x9,
    0xa, 0x46, 0x8, 0x2, 0x2e, 0x2, 0xb, 0x1b, 0x48, 0x8, 0x53, 0xd, 0x49, 0x7, 0xa, 0xf6,
    0x9, 0x1, 0x2d, 0x1, 0xe, 0xa, 0x1d, 0x3, 0x20, 0x2, 0x16, 0x1, 0xe, 0x49, 0x7, 0x1, 0x2, 0x1,
    0x2c, 0x3, 0x1, 0x1, 0x2, 0x1, 0x9, 0x8, 0xa, 0x6, 0x6, 0x1, 0x2, 0x1, 0x25, 0x1, 0x2, 0x1,
    0x6, 0x7, 0xa, 0x136, 0x19, 0x7, 0x11, 0x1, 0x29, 0x3, 0x1c, 0x56, 0x1, 0xf, 0x32, 0xd,
    0x39b, 0x66, 0x6f, 0x1, 0x5, 0xb, 0xc4, 0xa4c, 0x63, 0xd, 0x430, 0x10, 0x16, 0xfaa,
    0x247, 0x21b9, 0x239, 0x7, 0x1f, 0x1, 0xa, 0x4, 0x51, 0x1, 0xa, 0x6, 0x1e, 0x2, 0x6, 0xa,
    0x46, 0xa, 0xa, 0x1, 0x7, 0x1, 0x15, 0x5, 0x13, 0x2b0, 0x5b, 0x65, 0x4b, 0x4, 0x39, 0x7,
    0x11, 0x40, 0x5, 0xb, 0x2, 0xe, 0x17f8, 0x8, 0x4d6, 0x2a, 0x9, 0x22e7, 0x4, 0x1, 0x7, 0x1,
    0x2, 0x1, 0x123, 0xf, 0x1, 0x1d, 0x3, 0x2, 0x1, 0xe, 0x4, 0x8, 0x18c, 0x904, 0x6b, 0x5,
    0xd, 0x3, 0x9, 0x7, 0xa, 0x2, 0x4, 0x1260, 0x2e, 0x2, 0x17, 0x9, 0x74, 0x3c, 0xf6, 0xa,
    0x27, 0x2, 0x4a, 0x8, 0x70, 0x15, 0x46, 0x7a, 0x14, 0xc, 0x14, 0xc, 0x57, 0x9, 0x19, 0x87,
    0x55, 0x1, 0x47, 0x1, 0x2, 0x2, 0x1, 0x2, 0x2, 0x2, 0x4, 0x1, 0xc, 0x1, 0x1, 0x1, 0x7, 0x1,
    0x41, 0x1, 0x4, 0x2, 0x8, 0x1, 0x7, 0x1, 0x1c, 0x1, 0x4, 0x1, 0x5, 0x1, 0x1, 0x3, 0x7, 0x1,
    0x154, 0x2, 0x124, 0x2, 0x2be, 0xf, 0x5, 0x1, 0xf, 0x450, 0x1f, 0x6, 0x6, 0xd5, 0x7, 0x1,
    0x11, 0x2, 0x7, 0x1, 0x2, 0x1, 0x5, 0x5, 0x3e, 0x21, 0x1, 0x70, 0x2d, 0x3, 0xe, 0x2, 0xa, 0x4,
    0x2, 0x140, 0x1f, 0x11, 0x3a, 0x5, 0x1, 0x1d0, 0x2a, 0x2e6, 0x7, 0x1, 0x4, 0x1, 0x2, 0x1,
    0xf, 0x1, 0xc5, 0x2, 0x10, 0x29, 0x4c, 0x4, 0xa, 0x4, 0x2, 0x311, 0x44, 0x4c, 0x3d, 0xc2,
    0x4, 0x1, 0x1b, 0x1, 0x2, 0x1, 0x1, 0x2, 0x1, 0x1, 0xa, 0x1, 0x4, 0x1, 0x1, 0x1, 0x1, 0x6,
    0x1, 0x4, 0x1, 0x1, 0x1, 0x1, 0x1, 0x1, 0x3, 0x1, 0x2, 0x1, 0x1, 0x2, 0x1, 0x1, 0x1, 0x1,
    0x1, 0x1, 0x1, 0x1, 0x1, 0x1, 0x2, 0x1, 0x1, 0x2, 0x4, 0x1, 0x7, 0x1, 0x4, 0x1, 0x4, 0x1,
    0x1, 0x1, 0xa, 0x1, 0x11, 0x5, 0x3, 0x1, 0x5, 0x1, 0x11, 0x34, 0x2, 0x10e, 0x2c, 0x4,
    0x64, 0xc, 0xf, 0x2, 0xf, 0x1, 0xf, 0x1, 0x25, 0xa, 0xae, 0x38, 0x1d, 0xd, 0x2c, 0x4, 0x9, 0x7,
    0x2, 0xe, 0x6, 0x9a, 0x3d8, 0x4, 0x11, 0x3, 0xd, 0x3, 0x77, 0x4, 0x5f, 0x6, 0xc, 0x4, 0x1, 0xf,
    0xc, 0x4, 0x38, 0x8, 0xa, 0x6, 0x28, 0x8, 0x1e, 0x2, 0x2, 0x4e, 0x154, 0xc, 0xe, 0x2, 0xd, 0x3,
    0x9, 0x7, 0x2e, 0x1, 0x7, 0x8, 0xe, 0x4, 0x9, 0x7, 0x9, 0x7, 0x93, 0x1, 0x37, 0x25, 0xa, 0x406,
    0xa6e0, 0x20, 0x103a, 0x6, 0xde, 0x2, 0x1682, 0xe, 0x1d31, 0xf, 0x26e, 0x9a2, 0x21e, 0x5e2,
    0x134b, 0x5, 0x1060, 0xadd50, 0xf0, 0x2fe10,
};
// clang-format on

VENV_DETAIL_END

// ---- src/text/repr.hpp --------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Whether Python's `str.isprintable()` is true for the character.
VENV_INLINE bool is_printable(char32_t c) {
  if (c < 0x7F) return c >= 0x20;
  if (c < 0xA0) return false;
  char32_t end = 0;
  for (std::size_t i = 0; i < sizeof unprintable_runs / sizeof *unprintable_runs; i += 2) {
    const char32_t start = end + unprintable_runs[i];
    if (c < start) return true;
    end = start + unprintable_runs[i + 1];
    if (c < end) return false;
  }
  return true;
}

VENV_INLINE void append_escape(std::string& text, char32_t c) {
  const int digits = c <= 0xFF ? 2 : c <= 0xFFFF ? 4 : 8;
  text += digits == 2 ? "\\x" : digits == 4 ? "\\u" : "\\U";
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
    text += "0123456789abcdef"[c >> shift & 15];
}

/// Python's `repr()` of a string, as CPython 3.13 writes it: single quotes unless only they occur
/// inside; escapes for what `isprintable()` denies. Bytes that are no UTF-8 appear as the lone
/// surrogates that `os.fsdecode` makes of them (PEP 383).
VENV_INLINE std::string repr(std::string_view text) {
  const bool single = text.find('\'') == text.npos || text.find('"') != text.npos;
  const char32_t quote = single ? '\'' : '"';
  std::string result(1, static_cast<char>(quote));
  while (!text.empty()) {
    const std::string_view before = text;
    char32_t c = decode(text);
    if (c == not_utf8) c = 0xDC00 + static_cast<unsigned char>(before.front());
    if (c == quote || c == '\\') (result += '\\') += static_cast<char>(c);
    else if (c == '\n') result += "\\n";
    else if (c == '\r') result += "\\r";
    else if (c == '\t') result += "\\t";
    else if (is_printable(c)) result += before.substr(0, before.size() - text.size());
    else append_escape(result, c);
  }
  return result += static_cast<char>(quote);
}

VENV_DETAIL_END

// ---- src/text/version.hpp -----------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// `3.12.1`.
VENV_INLINE std::string dotted(const Version& version) { return version.text(); }

VENV_INLINE bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes a number of at most 4 digits off `text`.
VENV_INLINE std::optional<int> take_number(std::string_view& text) {
  int value = 0;
  std::size_t count = 0;
  while (count < text.size() && count < 5 && is_digit(text[count]))
    value = value * 10 + (text[count++] - '0');
  if (count == 0 || count > 4) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

/// The first one, two or three numbers of a release, and the letters that builds are told apart by:
/// `3`, `3.12`, `3.13.0t`, `3.14td`.
struct ReleaseName {
  Version release{};     ///< zeros where no number was given
  std::size_t parts = 0; ///< how many were
  bool free_threaded = false, debug = false;
};

/// Takes a release's name off the front of `text`; nothing (and nothing taken) where there is none.
/// One number of two or three digits means two, as in `cp313`.
VENV_INLINE std::optional<ReleaseName> take_release_name(std::string_view& text) {
  std::string_view rest = text;
  ReleaseName name;
  const std::size_t digits = (std::min)(rest.find_first_not_of("0123456789"), rest.size());
  const auto first = take_number(rest);
  if (!first) return std::nullopt;
  name.release.numbers[name.parts++] = *first;
  if (digits > 1 && digits < 4) {
    const int power = digits == 2 ? 10 : 100;
    name.release = {*first / power, *first % power};
    name.parts = 2;
  }
  while (name.parts < 3 && rest.size() > 1 && rest[0] == '.' && is_digit(rest[1])) {
    rest.remove_prefix(1);
    const auto number = take_number(rest);
    if (!number) return std::nullopt;
    name.release.numbers[name.parts++] = *number;
  }
  for (bool more = true; more;) {
    const bool threads = !name.free_threaded && take_prefix(rest, "t");
    const bool debug = !threads && !name.debug && take_prefix(rest, "d");
    name.free_threaded |= threads;
    name.debug |= debug;
    more = threads || debug;
  }
  text = rest;
  return name;
}

/// The release that all of `text` names.
VENV_INLINE std::optional<ReleaseName> parse_release_name(std::string_view text) {
  const auto name = take_release_name(text);
  return text.empty() ? name : std::nullopt;
}

VENV_DETAIL_END

// ---- src/text/python_name.hpp -------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// What a name says of a Python: as much as it tells, `parts` of the release being 0 where it tells
/// no version.
struct PythonName {
  Implementation implementation{};
  ReleaseName release{};
};

/// Takes the name of an implementation off lower-case `text`: the spellings that commands, folders,
/// tags and other tools use. Nothing (and nothing taken) where it begins with none.
VENV_INLINE std::optional<Implementation> take_implementation(std::string_view& text) {
  constexpr struct {
    std::string_view spelling;
    const char* name;
  } spellings[] = {
      {"cpython", "cpython"}, {"python", "cpython"}, {"pypy", "pypy"}, {"graalpython", "graalpy"},
      {"graalpy", "graalpy"}, {"cp", "cpython"},     {"pp", "pypy"}};
  for (const auto& [spelling, name] : spellings) {
    const bool is_tag = spelling.size() == 2; // one that a version must follow
    if (is_tag && !(text.size() > 2 && is_digit(text[2]))) continue;
    if (take_prefix(text, spelling)) return Implementation(name);
  }
  return std::nullopt;
}

/// What the name of a command says: `python`, `python3`, `python3.13t`, `pypy3.10`, `graalpy`. Nothing
/// where it is no interpreter's, or that of another Python than 3.
VENV_INLINE std::optional<PythonName> parse_command_name(std::string_view text) {
  PythonName name;
  const bool is_short = text.substr(0, 2) == "cp" || text.substr(0, 2) == "pp";
  const auto implementation = is_short ? std::nullopt : take_implementation(text);
  if (!implementation) return std::nullopt;
  name.implementation = *implementation;
  if (text.empty()) return name;
  const std::size_t digits = text.find_first_not_of("0123456789");
  const auto release = parse_release_name(text);
  if (!release || release->release[0] != 3 || release->parts > 2) return std::nullopt;
  if (release->parts == 2 && digits == text.npos) return std::nullopt; // python311
  name.release = *release;
  return name;
}

/// What the name of an installation's folder says: `3.12.1`, `3.14-dev`, `3.13t-dev`,
/// `pypy3.11-7.3.20`, `cpython-3.13.0+freethreaded-linux-x86_64-gnu`, `cp313-cp313t`. Names that tell
/// no version, or another product's (`miniconda3-4.7.12`, `graalpy-24.1.1`), give none.
VENV_INLINE PythonName parse_installation_name(std::string_view spelled) {
  const std::string lower = folded(spelled);
  std::string_view text = lower;
  PythonName name;
  const auto implementation = take_implementation(text);
  if (implementation) name.implementation = *implementation;
  if (implementation == Implementation("graalpy")) return name;
  while (take_prefix(text, "-") || take_prefix(text, "@")) continue;
  const auto release = take_release_name(text);
  if (!release || release->release[0] > 3) return name;
  constexpr std::string_view separators = "-+_.abr"; // the last three begin a pre-release
  if (!text.empty() && separators.find(text.front()) == separators.npos) return name;
  name.release = *release;
  name.release.free_threaded |=
      text.find("freethreaded") != text.npos ||
      (text.size() > 1 && text.back() == 't' && is_digit(text[text.size() - 2]));
  name.release.debug |= text.find("+debug") != text.npos;
  if (!implementation) name.implementation = "cpython";
  return name;
}

VENV_DETAIL_END

// ---- src/text/pyvenv_cfg.hpp --------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// `pyvenv.cfg` (PEP 405): keys and values in the order in which they stand.
using PyvenvCfg = std::vector<std::pair<std::string, std::string>>;

/// Reads as `site.py` does: a line counts if it has an equals sign; the key is what stands before
/// the first one, in lower case; blanks around both are dropped; everything else is passed over.
VENV_INLINE PyvenvCfg parse_pyvenv_cfg(std::string_view text) {
  PyvenvCfg cfg;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of("\r\n");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    const std::size_t equals = line.find('=');
    if (equals == line.npos) continue;
    cfg.push_back(
        {folded(strip(line.substr(0, equals))), std::string(strip(line.substr(equals + 1)))});
  }
  return cfg;
}

/// The value of `key`, of its last line where it stands more than once (the one `site.py` obeys).
VENV_INLINE std::optional<std::string> value_of(const PyvenvCfg& cfg, std::string_view key) {
  for (auto line = cfg.rbegin(); line != cfg.rend(); ++line)
    if (line->first == key) return line->second;
  return std::nullopt;
}

/// `home`, which the interpreter itself reads: of its first line.
VENV_INLINE std::optional<std::string> home_of(const PyvenvCfg& cfg) {
  for (const auto& [key, value] : cfg)
    if (key == "home") return value;
  return std::nullopt;
}

/// One `key = value` line each, LF at every end, on every platform.
VENV_INLINE std::string format_pyvenv_cfg(const PyvenvCfg& cfg) {
  std::string text;
  for (const auto& [key, value] : cfg) text += key + " = " + value + '\n';
  return text;
}

VENV_DETAIL_END

// ---- src/text/layout.hpp ------------------------------------------------------------------------

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

// ---- src/text/names.hpp -------------------------------------------------------------------------

VENV_DETAIL_BEGIN

// Which names in a scripts' directory belong to whom: one rule for the wheel that brings a script, the
// interpreter that has a name, and the directory that is cleaned.

/// A program's name without the suffix by which Windows and shells know that it is one, lower case.
VENV_INLINE std::string program_stem(std::string_view name) {
  std::string text = folded(name);
  for (const std::string_view suffix : {".exe", ".bat", ".cmd", ".com", ".ps1"})
    if (text.size() > suffix.size() && text.compare(text.size() - 4, 4, suffix) == 0)
      text.resize(text.size() - 4);
  return text;
}

/// Whether `name` is one that some Python's environment gives its interpreter: `python`, `python3`,
/// `python3.12`, `python3.13t`, `pythonw.exe`, the same with `pypy` and `graalpy`; also 3.14's
/// `𝜋thon`. A version, and the letters of a build (t: free-threaded, d: debug, m, u; w: no console).
VENV_INLINE bool is_interpreter_name(std::string_view name) {
  const std::string text = program_stem(name);
  if (text == "\xF0\x9D\x9C\x8Bthon") return true;
  for (const std::string_view interpreter : {"python", "pypy", "graalpy"}) {
    if (text.compare(0, interpreter.size(), interpreter) != 0) continue;
    const std::string_view rest = std::string_view(text).substr(interpreter.size());
    if (rest.empty()) return true;
    if (rest.find_first_not_of("0123456789.-_tdmuw") == rest.npos && rest.back() != '.')
      return true;
  }
  return false;
}

/// Whether `name` is that of an activation script of ours or of another maker's, in any shell.
VENV_INLINE bool is_activation_name(std::string_view name) {
  const std::string text = folded(name);
  const std::string stem = text.substr(0, text.find_first_of("._"));
  return stem == "activate" || stem == "deactivate";
}

/// Whether a script of that name would take the place of what makes the environment one.
VENV_INLINE bool is_reserved_name(std::string_view name) {
  const std::string text = program_stem(name);
  return is_interpreter_name(name) || is_activation_name(name) || text == "pyvenv.cfg" ||
         text == "py" || text == "pyw";
}

/// Whether `name` is one that pip's (and old setuptools') console scripts have: `pip`, `pip3.12`.
VENV_INLINE bool is_pip_name(std::string_view name) {
  const std::string text = program_stem(name);
  std::string_view rest = text;
  return (take_prefix(rest, "pip") || take_prefix(rest, "easy_install")) &&
         rest.find_first_not_of("0123456789.-") == rest.npos;
}

VENV_DETAIL_END

// ---- src/text/quote.hpp -------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// The languages that activation scripts are written in.
enum class Shell {
  posix, ///< sh, dash, bash, zsh, ksh, mksh, busybox: one rule that all of them read alike
  fish,
  csh, ///< csh and tcsh
  powershell,
  cmd,
  nushell,
  xonsh,
  elvish,
  python
};

/// Whether a shell takes these characters as they are, in every place where a word may stand.
/// `=`, `%` and `~` are not among them: zsh, fish and cmd give them a meaning. `more` are further
/// characters to allow.
VENV_INLINE bool is_plain_word(std::string_view text, std::string_view more = {}) {
  const auto plain = [more](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_@+:,./-").find(c) != std::string_view::npos ||
           more.find(c) != std::string_view::npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), plain);
}

/// The text between two `mark`s, with `before` in front of each of the `special` characters.
VENV_INLINE std::string enclose(std::string_view text, char mark, std::string_view special,
                                char before) {
  std::string out(1, mark);
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += before;
    out += c;
  }
  return out += mark;
}

/// 'single quotes', in which nothing has a meaning but their end; a quote is `'\''`.
VENV_INLINE std::string quote_posix(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += "'\\'";
    out += c;
  }
  return out += '\'';
}

/// 'single quotes', in which fish reads `\'` and `\\`, and nothing else.
VENV_INLINE std::string quote_fish(std::string_view text) {
  return enclose(text, '\'', "'\\", '\\');
}

/// A backslash before each special character, not quotation marks: inside them csh still looks for
/// history (`!`, or what $histchars says), and tcsh's $backslash_quote changes the rules. Only what
/// is not ASCII is put in 'single quotes': bare, csh takes the last byte of "à" for a space. A
/// newline has no form that both shells read.
VENV_INLINE std::optional<std::string> quote_csh(std::string_view text) {
  if (text.empty()) return "''";
  std::string out;
  bool quoted = false;
  for (const char c : text) {
    if (c == '\n') return std::nullopt;
    const bool ascii = static_cast<unsigned char>(c) < 0x80;
    if (ascii == quoted) out += '\'';
    quoted = !ascii;
    if (ascii && !is_plain_word({&c, 1})) out += '\\';
    out += c;
  }
  return quoted ? out + '\'' : out;
}

/// 'single quotes', in which a quote is doubled. What is not ASCII is joined by number, in
/// parentheses: Windows PowerShell 5.1 reads a file without a byte order mark in the machine's old
/// code page, and PowerShell takes typographic quotes for quotes.
VENV_INLINE std::string quote_powershell(std::string_view text) {
  std::string out = "'";
  const auto add_unit = [&](char32_t unit) {
    out += "'+[char]0x";
    for (int shift = 12; shift >= 0; shift -= 4) out += "0123456789ABCDEF"[unit >> shift & 15U];
    out += "+'";
  };
  bool joined = false;
  while (!text.empty()) {
    const char32_t c = decode(text);
    if (c >= 0x20 && c < 0x7f) {
      out += c == U'\'' ? "''" : std::string(1, static_cast<char>(c));
      continue;
    }
    joined = true;
    if (c >= 0x10000) add_unit(0xd800 + ((c - 0x10000) >> 10));
    add_unit(c >= 0x10000 ? 0xdc00 + ((c - 0x10000) & 0x3ffU) : c);
  }
  out += '\'';
  return joined ? '(' + out + ')' : out;
}

/// The text as it stands between the double quotes of `set "NAME=text"` in a batch file: `%` is
/// doubled. A double quote can't be written there (nor be part of a Windows path), nor can a
/// control character. Delayed expansion, which gives `!` a meaning, must be off.
VENV_INLINE std::optional<std::string> quote_cmd(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || static_cast<unsigned char>(c) < 0x20) return std::nullopt;
    if (c == '%') out += c;
    out += c;
  }
  return out;
}

/// "double quotes", in which nushell reads backslash escapes but no variables. A quote goes by its
/// number: nushell takes `"a\"=b"` for a variable and its value.
VENV_INLINE std::string quote_nushell(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\\') out += c;
    if (c == '"') out += "\\u{22}";
    else out += c;
  }
  return out += '"';
}

/// 'single quotes', in which elvish gives a meaning to nothing but a quote, which is doubled.
VENV_INLINE std::string quote_elvish(std::string_view text) {
  return enclose(text, '\'', "'", '\'');
}

/// A string literal of Python, which is xonsh's too where Python is expected (after `=`, in a
/// call; in a command's arguments xonsh would expand `$` in it).
VENV_INLINE std::string quote_python(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out += "\\x";
      out += "0123456789abcdef"[byte >> 4];
      out += "0123456789abcdef"[byte & 15U];
      continue;
    }
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out += '\'';
}

/// The text as a literal of the shell's language, which reads back as exactly this text wherever
/// the language takes a string; nothing in it is expanded or run. nullopt: the language can't
/// represent it; nor can any represent NUL or what is not UTF-8.
VENV_INLINE std::optional<std::string> quote(Shell shell, std::string_view text) {
  if (!is_utf8(text) || text.find('\0') != std::string_view::npos) return std::nullopt;
  switch (shell) {
  case Shell::posix: return quote_posix(text);
  case Shell::fish: return quote_fish(text);
  case Shell::csh: return quote_csh(text);
  case Shell::powershell: return quote_powershell(text);
  case Shell::cmd: return quote_cmd(text);
  case Shell::nushell: return quote_nushell(text);
  case Shell::elvish: return quote_elvish(text);
  case Shell::xonsh:
  case Shell::python: return quote_python(text);
  default: return std::nullopt;
  }
}

VENV_DETAIL_END

// ---- src/text/template.hpp ----------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// What the placeholders of a script stand for: `__VENV_DIR__`, `__VENV_NAME__`,
/// `__VENV_PROMPT__`, `__VENV_BIN_NAME__`, `__VENV_PYTHON__`. The prompt is the bare one, without
/// parentheses (as since Python 3.12).
struct ScriptVariables {
  std::string dir, name, prompt, bin_name, python;
};

/// The language that a program's name stands for: `bash`, `python3.12`.
VENV_INLINE std::optional<Shell> shell_of_program(std::string_view name) {
  const std::string_view plain = name.substr(0, name.find_first_of("0123456789."));
  const struct {
    std::string_view names;
    Shell shell;
  } known[] = {
      {" sh bash dash ash zsh ksh mksh busybox activate ", Shell::posix},
      {" fish ", Shell::fish},
      {" csh tcsh ", Shell::csh},
      {" ps powershell pwsh psm ", Shell::powershell},
      {" bat cmd ", Shell::cmd},
      {" nu ", Shell::nushell},
      {" xsh xonsh ", Shell::xonsh},
      {" elv elvish ", Shell::elvish},
      {" py pyw python pypy __VENV_PYTHON__ ", Shell::python},
  };
  const std::string word = ' ' + std::string(plain) + ' ';
  for (const auto& row : known)
    if (word.size() > 2 && row.names.find(word) != std::string_view::npos) return row.shell;
  return std::nullopt;
}

/// The language of a script: by its name's extension, by its name, else by the program that its
/// `#!` line names. nullopt where none of them says.
VENV_INLINE std::optional<Shell> shell_of(std::string_view file_name, std::string_view text = {}) {
  std::string extension(file_name.substr(file_name.rfind('.') + 1)); // the whole name if no dot
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (const auto shell = shell_of_program(extension)) return shell;
  if (text.substr(0, 2) != "#!") return std::nullopt;
  std::string_view line = text.substr(2, text.find_first_of("\r\n") - 2);
  while (!line.empty()) { // "#!/usr/bin/env -S python3 -I": the first word that names a language
    line.remove_prefix((std::min)(line.find_first_not_of(" \t"), line.size()));
    const std::string_view word = line.substr(0, line.find_first_of(" \t"));
    line.remove_prefix(word.size());
    if (const auto shell = shell_of_program(word.substr(word.rfind('/') + 1))) return shell;
  }
  return std::nullopt;
}

/// The quotation mark that is open at the end of `line`, the part of a line before a placeholder;
/// 0 where none is.
VENV_INLINE char open_quote(std::string_view line, Shell shell) {
  const bool escapes = shell != Shell::cmd && shell != Shell::powershell;
  const bool always = shell == Shell::fish || shell == Shell::python || shell == Shell::xonsh;
  const std::string_view marks = shell == Shell::cmd ? "\"" : "\"'";
  char open = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\\' && escapes && (open != '\'' || always)) {
      ++i;
    } else if (open ? c == open : marks.find(c) != std::string_view::npos) {
      open = open ? char{} : c;
    } else if (c == '#' && !open && shell != Shell::cmd && line.find_first_not_of(" \t") == i) {
      return 0; // a comment: an apostrophe in it opens nothing
    }
  }
  return open;
}

/// The value inside quotation marks of an unknown language, which stay: as it is, with a backslash
/// before what would end or change the text in most languages (JSON, TOML, C). nullopt for a line break.
VENV_INLINE std::optional<std::string> in_unknown_quotes(const std::string& value, char open) {
  std::string escaped;
  for (const char c : value) {
    if (c == '\n' || c == '\r' || c == '\0') return std::nullopt;
    if (c == '\\' || c == open) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

/// The value for a placeholder that stands between `before` (from the start of its line) and
/// `after`. Takes the quotation marks directly around it away, see replace_variables().
VENV_INLINE std::optional<std::string> replacement(Shell shell, const std::string& value,
                                                   std::string& before, std::string_view& after) {
  const char open = open_quote(before, shell);
  if (shell == Shell::cmd) {
    const bool runs = value.find_first_of("&|<>^()!\"%;,=") != std::string::npos;
    return open || !runs ? quote(shell, value) : std::nullopt;
  }
  const bool takes_bare_words = shell == Shell::posix || shell == Shell::fish ||
                                shell == Shell::csh || shell == Shell::elvish;
  const std::string_view plain_in_quotes = shell == Shell::powershell ? " =~\\()" : " =~";
  if (open ? is_plain_word(value, plain_in_quotes) : takes_bare_words && is_plain_word(value))
    return value;
  if (open) {
    if (before.back() != open || after.empty() || after.front() != open) return std::nullopt;
    before.pop_back();
    after.remove_prefix(1);
  }
  return quote(shell, value);
}

/// The value in a file of unknown language, inside the quotation marks `open` or outside of any (0).
VENV_INLINE std::optional<std::string> unknown_replacement(const std::string& value, char open) {
  if (open) return in_unknown_quotes(value, open);
  return is_plain_word(value) ? value : quote(Shell::posix, value);
}

/// `text` with its placeholders replaced, in a single pass (a value that looks like a placeholder
/// stays), each by a literal of the shell's language that reads back as the value:
///
/// 1. On a first line that begins with `#!` the value is inserted as it is.
/// 2. A value that needs no quoting (letters, digits, `_@+:,./-`; inside quotation marks also a
///    space, `=` and `~`, and in PowerShell backslashes and parentheses) is inserted bare where the
///    language takes a bare word: not in Python, xonsh, nushell, PowerShell outside of quotes.
/// 3. Else it is quoted, and quotation marks directly around the placeholder are taken away:
///    `DIR="__VENV_DIR__"` and `DIR=__VENV_DIR__` are the same.
/// 4. In a batch file it must stand between double quotes (`set "DIR=__VENV_DIR__"`) if it has a
///    character that means something there.
///
/// A file of unknown language (`a.json`) is quoted as for sh, as Python does, but for a placeholder
/// inside quotation marks: those stay, and the value between them is as it is, with a backslash before
/// a backslash and before such a mark. nullopt where a placeholder
/// that is used can't be represented: quote() can't, or it stands inside a longer quoted text
/// (`"__VENV_DIR__/x"`) and has a character that might mean something there.
VENV_INLINE std::optional<std::string> replace_variables(std::string_view text,
                                                         const ScriptVariables& variables,
                                                         std::optional<Shell> shell) {
  const struct {
    std::string_view name;
    const std::string& value;
  } known[] = {{"__VENV_DIR__", variables.dir},
               {"__VENV_NAME__", variables.name},
               {"__VENV_PROMPT__", variables.prompt},
               {"__VENV_BIN_NAME__", variables.bin_name},
               {"__VENV_PYTHON__", variables.python}};
  const std::size_t interpreter_line =
      text.substr(0, 2) == "#!" ? (std::min)(text.find('\n'), text.size()) : 0;
  std::string out;
  std::size_t line = 0; // where the current line starts in `out`
  const std::size_t size = text.size();
  while (!text.empty()) {
    const std::size_t next = (std::min)(text.find("__VENV_"), text.size());
    const std::size_t end = text.substr(0, next).rfind('\n');
    if (end != text.npos) line = out.size() + end + 1;
    out += text.substr(0, next);
    text.remove_prefix(next);
    if (text.empty()) break;
    const std::size_t position = size - text.size();
    const auto* found = std::find_if(std::begin(known), std::end(known), [&](const auto& row) {
      return text.substr(0, row.name.size()) == row.name;
    });
    if (found == std::end(known)) {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    text.remove_prefix(found->name.size());
    if (position < interpreter_line) {
      out += found->value;
      continue;
    }
    std::string before = out.substr(line);
    const auto value = shell ? replacement(*shell, found->value, before, text)
                             : unknown_replacement(found->value, open_quote(before, Shell::python));
    if (!value) return std::nullopt;
    out.replace(line, std::string::npos, before + *value);
  }
  return out;
}

VENV_DETAIL_END

// ---- src/text/launcher.hpp ----------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// The longest first line that a kernel reads whole, "#!" and newline included (Linux before 5.1;
/// what distlib goes by).
inline constexpr std::size_t longest_shebang = 127;

/// A word of `sh` in double quotes that Python can also read inside `'''…'''`, where only `\"` and
/// `\\` are escapes that it knows and three quotes would end the string.
VENV_INLINE std::string quoted_for_both(std::string_view text) {
  std::string word = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') (word += '\\') += c;
    else if (c == '$' || c == '`') ((word += "\"'") += c) += "'\"";
    else if (c == '\'') word += "'\"\"";
    else word += c;
  }
  return word + '"';
}

/// The lines that make a script run by `interpreter`: a shebang, or where the kernel would split or
/// cut that, the form for `sh` that pip and distlib use.
VENV_INLINE std::string shebang_for(const std::string& interpreter) {
  const bool simple = interpreter.find_first_of(" \t") == interpreter.npos &&
                      interpreter.size() + 3 <= longest_shebang;
  if (simple) return "#!" + interpreter + '\n';
  const bool plain = interpreter.find_first_of(" \t\"'\\$`&;|<>()*?[]#~!{}") == interpreter.npos;
  return "#!/bin/sh\n'''exec' " + (plain ? interpreter : quoted_for_both(interpreter)) +
         " \"$0\" \"$@\"\n' '''\n";
}

/// The text between the first pair of triple quotes behind `marker` in Python source.
VENV_INLINE std::optional<std::string_view> triple_quoted(std::string_view source,
                                                          std::string_view marker) {
  const std::size_t begin = source.find(marker);
  if (begin == source.npos) return std::nullopt;
  source.remove_prefix(begin + marker.size());
  const std::size_t open = (std::min)(source.find("'''"), source.find("\"\"\""));
  if (open == source.npos || open > 200) return std::nullopt;
  const std::string_view quotes = source.substr(open, 3);
  const std::size_t close = source.find(quotes, open + 3);
  if (close == source.npos) return std::nullopt;
  return source.substr(open + 3, close - open - 3);
}

/// What `textwrap.dedent` makes of a text whose first line is its least indented one.
VENV_INLINE std::string dedented(std::string_view text) {
  if (text.substr(0, 2) == "\\\n") text.remove_prefix(2);
  const std::size_t margin = (std::min)(text.find_first_not_of(' '), text.size());
  std::string result;
  const std::vector<std::string_view> lines = split(text, '\n');
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool blank = lines[i].find_first_not_of(' ') == std::string_view::npos;
    result += blank ? std::string_view() : lines[i].substr((std::min)(margin, lines[i].size()));
    if (i + 1 < lines.size()) result += '\n';
  }
  return result;
}

/// The text of a console script below its shebang, with `%(module)s`, `%(import_name)s` and
/// `%(func)s`: what this pip itself would write, as its sources say (pip has one of its own since
/// 25.1, before it was distlib's). Nothing where they don't say it in a way that is known.
VENV_INLINE std::optional<std::string> script_template(std::string_view pip_wheel_source,
                                                       std::string_view distlib_scripts_source) {
  std::optional<std::string> text;
  if (const auto own = triple_quoted(pip_wheel_source, "script_template = textwrap.dedent("))
    text = dedented(*own);
  else if (const auto distlib = triple_quoted(distlib_scripts_source, "\nSCRIPT_TEMPLATE = "))
    text = std::string(*distlib);
  if (!text || text->find("%(func)s") == text->npos || text->find("%(module)s") == text->npos)
    return std::nullopt;
  return text;
}

/// `text % values` as Python has it: each `%(name)s` of `values` replaced, and `%%` by `%`.
VENV_INLINE std::string
fill_template(std::string text, const std::vector<std::pair<std::string, std::string>>& values) {
  for (std::size_t at = 0; (at = text.find('%', at)) != text.npos;) {
    std::size_t size = text.compare(at, 2, "%%") == 0 ? 2 : 1;
    std::string_view filled = "%"; // also a lone one: it stays
    for (const auto& [name, value] : values) {
      const std::string mark = "%(" + name + ")s";
      if (text.compare(at, mark.size(), mark) != 0) continue;
      size = mark.size();
      filled = value;
    }
    text.replace(at, size, filled);
    at += filled.size();
  }
  return text;
}

VENV_DETAIL_END

// ---- src/text/script_head.hpp -------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// The first word of `text`, as `sh` reads it: quotes of both kinds, backslashes; nothing when it
/// has to be worked out (`$`, a backtick) or a quote isn't closed.
VENV_INLINE std::optional<std::string> first_sh_word(std::string_view text) {
  std::string word;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\'') {
      if (c == '\'') quote = 0;
      else word += c;
    } else if (c == '$' || c == '`') {
      return std::nullopt;
    } else if (c == '\\') {
      if (++i == text.size()) return std::nullopt;
      const bool escapes = quote == 0 || std::string_view("\"\\$`").find(text[i]) != text.npos;
      if (!escapes) word += c;
      word += text[i];
    } else if (c == '"' || (c == '\'' && quote == 0)) {
      quote = quote == 0 ? c : '\0';
    } else if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      return word;
    } else {
      word += c;
    }
  }
  return quote == 0 ? std::optional(word) : std::nullopt;
}

/// The lines of a script that say by which interpreter it runs.
struct ScriptHead {
  std::string interpreter{}; ///< as it is spelled
  std::size_t size = 0;      ///< of the lines, their ends included
};

/// Reads what `shebang_for` writes: a `#!` line, or the form for `sh`. Nothing when a text begins with
/// neither, or finds its interpreter itself (a relocatable script).
VENV_INLINE std::optional<ScriptHead> script_head(std::string_view text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  if (!take_prefix(line, "#!") || end == text.npos) return std::nullopt;
  constexpr std::string_view exec = "'''exec' ";
  if (strip(line) != "/bin/sh" || text.substr(end + 1, exec.size()) != exec) {
    const std::string_view program = strip(line);
    return ScriptHead{std::string(program.substr(0, program.find_first_of(" \t"))), end + 1};
  }
  constexpr std::string_view close = "\n' '''\n";
  const std::size_t closed = text.find(close, end);
  auto word = first_sh_word(text.substr(end + 1 + exec.size()));
  if (closed == text.npos || !word) return std::nullopt;
  return ScriptHead{std::move(*word), closed + close.size()};
}

VENV_DETAIL_END

// ---- src/archive/crc32.hpp ----------------------------------------------------------------------

VENV_DETAIL_BEGIN

using Crc32Tables = std::array<std::array<std::uint32_t, 256>, 8>;

/// Table 0 is the classic one, a byte's effect on the remainder; table k is that of the same byte
/// with k zero bytes after it, so that eight bytes can be looked up independently of each other.
VENV_INLINE Crc32Tables make_crc32_tables() {
  Crc32Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0u);
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < 8; ++k)
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 0xFF];
    }
  return tables;
}

/// The CRC-32 of zip files (ISO 3309, ITU-T V.42; APPNOTE 4.4.7). Pass the previous result as
/// `crc` to go on with the next piece.
VENV_INLINE std::uint32_t crc32(std::string_view bytes, std::uint32_t crc = 0) {
  static const Crc32Tables t = make_crc32_tables(); // as a constant it costs every includer time
  const auto* p = as_bytes(bytes);
  std::size_t n = bytes.size();
  crc = ~crc;
  for (; n >= 8; n -= 8, p += 8) {
    const std::uint64_t word = load_le64(p) ^ crc;
    crc = t[7][word & 0xFF] ^ t[6][word >> 8 & 0xFF] ^ t[5][word >> 16 & 0xFF] ^
          t[4][word >> 24 & 0xFF] ^ t[3][word >> 32 & 0xFF] ^ t[2][word >> 40 & 0xFF] ^
          t[1][word >> 48 & 0xFF] ^ t[0][number_as<std::size_t>(word >> 56)];
  }
  for (; n > 0; --n, ++p) crc = (crc >> 8) ^ t[0][(crc ^ *p) & 0xFF];
  return ~crc;
}

VENV_DETAIL_END

// ---- src/archive/stored_zip.hpp -----------------------------------------------------------------

VENV_DETAIL_BEGIN

/// The lowest `bytes` bytes of a number, the last first.
VENV_INLINE std::string little_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (; bytes > 0; --bytes, value >>= 8) text += static_cast<char>(value & 0xFF);
  return text;
}

/// A zip file of one file, stored as it is, whose time is the earliest that there can be. The numbers
/// are those of PKWARE's APPNOTE.TXT 6.3; as Python's `zipfile` writes it on Windows.
VENV_INLINE std::string stored_zip(std::string_view name, std::string_view bytes) {
  const auto size = little_endian(bytes.size(), 4);
  // 4.4.3 to 4.4.11: version 2.0, no flags, stored, 1980-01-01, CRC, sizes, lengths
  const std::string fields = little_endian(20, 2) + little_endian(0, 4) + little_endian(0, 2) +
                             little_endian(0x21, 2) + little_endian(crc32(bytes), 4) + size + size +
                             little_endian(name.size(), 2) + little_endian(0, 2);
  const std::string local = "PK\3\4" + fields + std::string(name) + std::string(bytes);
  // 4.3.12: made by version 2.0 for FAT; no comment, disk or internal attributes; mode 0600; at 0
  const std::string central = "PK\1\2" + little_endian(20, 2) + fields + little_endian(0, 6) +
                              little_endian(0600u << 16, 4) + little_endian(0, 4) +
                              std::string(name);
  // 4.3.16
  return local + central + "PK\5\6" + little_endian(0, 4) + little_endian(1, 2) +
         little_endian(1, 2) + little_endian(central.size(), 4) + little_endian(local.size(), 4) +
         little_endian(0, 2);
}

VENV_DETAIL_END

// ---- src/archive/sha256.hpp ---------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// FIPS 180-4, 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first
/// 64 primes.
inline constexpr std::uint32_t sha256_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

constexpr std::uint32_t rotate_right(std::uint32_t x, int n) { return x >> n | x << (32 - n); }

/// FIPS 180-4, 6.2.2, step 3, with the eight working variables named in turn by the caller
/// instead of moved; `k_plus_w` is the round's constant plus its word of the message schedule.
constexpr void sha256_round(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t& d,
                            std::uint32_t e, std::uint32_t f, std::uint32_t g, std::uint32_t& h,
                            std::uint32_t k_plus_w) {
  const std::uint32_t sum1 = rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25);
  const std::uint32_t sum0 = rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22);
  h += sum1 + (g ^ (e & (f ^ g))) + k_plus_w; // Ch
  d += h;
  h += sum0 + ((a & b) + (c & (a ^ b))); // Maj: no bit is set in both terms
}

/// SHA-256 (FIPS 180-4).
class Sha256 {
public:
  /// Adds `bytes` to the message.
  void update(std::string_view bytes);
  /// The digest of all that was added; the object is used up.
  std::array<std::uint8_t, 32> finish();

private:
  void block(const unsigned char* bytes);

  std::uint32_t state_[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                             0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}; // 5.3.3
  std::uint64_t size_ = 0;
  unsigned char pending_[64] = {};
};

/// FIPS 180-4, 6.2.2, for one block of 64 bytes.
VENV_INLINE void Sha256::block(const unsigned char* bytes) {
  std::uint32_t w[16];
  for (std::size_t i = 0; i < 16; ++i) w[i] = load_be32(bytes + 4 * i);
  std::uint32_t a = state_[0], b = state_[1], c = state_[2], d = state_[3];
  std::uint32_t e = state_[4], f = state_[5], g = state_[6], h = state_[7];
  for (std::size_t t = 0; t < 64; t += 16) {
    const std::uint32_t* k = sha256_constants + t;
    const auto word = [&w, t](std::size_t i) {
      if (t == 0) return w[i];
      const std::uint32_t w15 = w[(i + 1) & 15], w2 = w[(i + 14) & 15];
      const std::uint32_t sigma0 = rotate_right(w15, 7) ^ rotate_right(w15, 18) ^ w15 >> 3;
      const std::uint32_t sigma1 = rotate_right(w2, 17) ^ rotate_right(w2, 19) ^ w2 >> 10;
      return w[i] += sigma1 + w[(i + 9) & 15] + sigma0;
    };
    for (std::size_t i = 0; i < 16; i += 8) {
      sha256_round(a, b, c, d, e, f, g, h, k[i] + word(i));
      sha256_round(h, a, b, c, d, e, f, g, k[i + 1] + word(i + 1));
      sha256_round(g, h, a, b, c, d, e, f, k[i + 2] + word(i + 2));
      sha256_round(f, g, h, a, b, c, d, e, k[i + 3] + word(i + 3));
      sha256_round(e, f, g, h, a, b, c, d, k[i + 4] + word(i + 4));
      sha256_round(d, e, f, g, h, a, b, c, k[i + 5] + word(i + 5));
      sha256_round(c, d, e, f, g, h, a, b, k[i + 6] + word(i + 6));
      sha256_round(b, c, d, e, f, g, h, a, k[i + 7] + word(i + 7));
    }
  }
  const std::uint32_t out[8] = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < 8; ++i) state_[i] += out[i];
}

VENV_INLINE void Sha256::update(std::string_view bytes) {
  const unsigned char* p = as_bytes(bytes);
  std::size_t n = bytes.size();
  const std::size_t filled = size_ % 64;
  size_ += n;
  if (filled > 0) {
    const std::size_t take = n < 64 - filled ? n : 64 - filled;
    if (take > 0) std::memcpy(pending_ + filled, p, take);
    if (filled + take < 64) return;
    block(pending_);
    p += take;
    n -= take;
  }
  for (; n >= 64; n -= 64, p += 64) block(p);
  if (n > 0) std::memcpy(pending_, p, n);
}

VENV_INLINE std::array<std::uint8_t, 32> Sha256::finish() {
  // 5.1.1: a 1 bit, zeros, and the message's length in bits, up to a whole block.
  const std::uint64_t bits = size_ * 8;
  char padding[72] = {'\x80'};
  const std::size_t zeros = (55 - size_ % 64 + 64) % 64;
  for (std::size_t i = 0; i < 8; ++i)
    padding[1 + zeros + i] = static_cast<char>(bits >> (56 - 8 * i) & 0xFF);
  update({padding, 1 + zeros + 8});
  std::array<std::uint8_t, 32> digest{};
  for (std::size_t i = 0; i < 32; ++i)
    digest[i] = static_cast<std::uint8_t>(state_[i / 4] >> (24 - 8 * (i % 4)) & 0xFF);
  return digest;
}

VENV_INLINE std::array<std::uint8_t, 32> sha256(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

/// The way RECORD writes a file's hash: `sha256=` and the digest in URL-safe base64 without
/// padding (binary distribution format, "Signed wheel files"; RFC 4648, section 5).
VENV_INLINE std::string record_hash(std::string_view bytes) {
  constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const std::array<std::uint8_t, 32> digest = sha256(bytes);
  std::string text = "sha256=";
  unsigned buffer = 0, bits = 0;
  for (const std::uint8_t byte : digest) {
    buffer = (buffer << 8 | byte) & 0xFFFF;
    bits += 8;
    for (; bits >= 6; bits -= 6) text += alphabet[buffer >> (bits - 6) & 63];
  }
  return text += alphabet[buffer << (6 - bits) & 63];
}

VENV_DETAIL_END

// ---- src/archive/huffman.hpp --------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// What a decode table says about the next bits of the input, packed so that the common cases
/// take one test and no further look-up:
///
///     bit  31      a literal
///     bits 16..30  its byte; or the base of a length or distance; or where a subtable begins
///     bit  15      none of those is meant: a subtable, the end of the block, or an invalid code
///     bits 13, 14  which of the latter: the end of the block, a subtable
///     bits 8..11   bits of the code word
///     bits 0..5    bits to take from the input: the code word and the extra bits after it
///
/// Of a subtable, bits 8..11 are how many bits index it, and bits 0..5 how many come before those.
using HuffmanEntry = std::uint32_t;

inline constexpr HuffmanEntry huffman_literal = 1u << 31;
inline constexpr HuffmanEntry huffman_exception = 1u << 15;
inline constexpr HuffmanEntry huffman_subtable = huffman_exception | 1u << 14;
inline constexpr HuffmanEntry huffman_end_of_block = huffman_exception | 1u << 13;
inline constexpr HuffmanEntry huffman_invalid = huffman_exception;

constexpr std::uint32_t huffman_value(HuffmanEntry entry) { return entry >> 16 & 0x7FFF; }
constexpr unsigned huffman_total_bits(HuffmanEntry entry) { return entry & 63; }
constexpr unsigned huffman_code_bits(HuffmanEntry entry) { return entry >> 8 & 15; }

/// RFC 1951, 3.2.5: the literal/length alphabet, as entries without their code words. 286 and 287
/// "will never actually occur in the compressed data".
constexpr std::array<HuffmanEntry, 288> make_litlen_symbols() {
  std::array<HuffmanEntry, 288> symbols{};
  for (std::uint32_t i = 0; i < 256; ++i) symbols[i] = huffman_literal | i << 16;
  symbols[256] = huffman_end_of_block;
  std::uint32_t length = 3;
  for (std::uint32_t i = 0; i < 28; ++i) {
    const std::uint32_t extra_bits = i < 8 ? 0 : i / 4 - 1;
    symbols[257 + i] = length << 16 | extra_bits;
    length += 1u << extra_bits;
  }
  symbols[285] = 258u << 16;
  symbols[286] = symbols[287] = huffman_invalid;
  return symbols;
}

/// RFC 1951, 3.2.5: the distance alphabet, likewise.
constexpr std::array<HuffmanEntry, 32> make_distance_symbols() {
  std::array<HuffmanEntry, 32> symbols{};
  std::uint32_t distance = 1;
  for (std::uint32_t i = 0; i < 30; ++i) {
    const std::uint32_t extra_bits = i < 4 ? 0 : i / 2 - 1;
    symbols[i] = distance << 16 | extra_bits;
    distance += 1u << extra_bits;
  }
  symbols[30] = symbols[31] = huffman_invalid;
  return symbols;
}

/// RFC 1951, 3.2.7: the alphabet of code lengths; 16, 17, 18 are followed by 2, 3, 7 bits, which
/// whoever reads them takes.
constexpr std::array<HuffmanEntry, 19> make_length_symbols() {
  std::array<HuffmanEntry, 19> symbols{};
  for (std::uint32_t i = 0; i < 19; ++i) symbols[i] = i << 16;
  return symbols;
}

/// A byte's bits in the opposite order.
constexpr std::array<std::uint8_t, 256> make_reversed_bytes() {
  std::array<std::uint8_t, 256> reversed{};
  for (unsigned i = 0; i < 256; ++i)
    for (unsigned bit = 0; bit < 8; ++bit)
      if ((i >> bit & 1) != 0) reversed[i] = static_cast<std::uint8_t>(reversed[i] | 0x80 >> bit);
  return reversed;
}

inline constexpr auto litlen_symbols = make_litlen_symbols();
inline constexpr auto distance_symbols = make_distance_symbols();
inline constexpr auto length_symbols = make_length_symbols();
inline constexpr auto reversed_bytes = make_reversed_bytes();

/// 16 bits in the opposite order: a code word that is written from the top bit down (3.1.1)
/// becomes an index into a table that is looked up by the lowest bits of the input.
constexpr std::size_t reverse16(std::uint32_t bits) {
  return static_cast<std::size_t>(reversed_bytes[bits & 0xFF] << 8 |
                                  reversed_bytes[bits >> 8 & 0xFF]);
}

/// A decode table: 2^bits entries that are indexed by the next bits of the input, then the
/// subtables for longer code words. `Capacity` is for the worst code of the alphabet.
template <unsigned MaxBits, std::size_t Capacity> struct HuffmanTable {
  static constexpr unsigned max_bits = MaxBits;
  static constexpr std::size_t capacity = Capacity;
  unsigned bits;
  HuffmanEntry entries[Capacity];

  /// Leaves the entries alone, which a defaulted constructor sets to zero when it is called by `{}`:
  /// building fills what decoding can reach.
  HuffmanTable() : bits(0) {}
};

/// How many code words there are of each length, and the symbols in the order of their code
/// words.
struct HuffmanCode {
  std::uint16_t counts[16] = {};
  std::uint16_t symbols[320];
  unsigned longest = 0;
  std::int32_t unused = 1; ///< code space left over, in code words of the longest length
};

/// RFC 1951, 3.2.2, steps 1 and 2. `unused` is negative where lengths ask for more than there is.
VENV_INLINE void sort_code(HuffmanCode& code, const std::uint8_t* lengths, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) ++code.counts[lengths[i]];
  std::uint16_t offsets[16];
  unsigned next = 0;
  for (unsigned length = 0; length < 16; ++length) {
    offsets[length] = static_cast<std::uint16_t>(next);
    next += code.counts[length];
    if (length > 0 && code.counts[length] > 0) code.longest = length;
  }
  for (unsigned length = 1; length <= code.longest && code.unused >= 0; ++length)
    code.unused = code.unused * 2 - code.counts[length];
  for (std::size_t i = 0; i < count; ++i)
    code.symbols[offsets[lengths[i]]++] = static_cast<std::uint16_t>(i);
}

/// Fills the entries for the code words longer than `bits`, from `code_word` (left-aligned in 16
/// bits) on. False where the table is too small, which no complete code of the alphabet needs.
VENV_INLINE bool fill_subtables(HuffmanEntry* entries, unsigned bits, std::size_t capacity,
                                const HuffmanCode& code, const std::uint16_t* sorted,
                                std::uint32_t code_word, const HuffmanEntry* symbols) {
  const std::size_t mask = (std::size_t{1} << bits) - 1;
  std::size_t prefix = mask + 1, start = 0, next = mask + 1, size = 0;
  for (unsigned length = bits + 1; length <= code.longest; ++length)
    for (unsigned left = code.counts[length]; left > 0; --left, code_word += 0x10000u >> length) {
      const std::size_t reversed = reverse16(code_word);
      if ((reversed & mask) != prefix) {
        prefix = reversed & mask;
        unsigned subtable_bits = length - bits;
        for (std::uint32_t used = left; used < 1u << subtable_bits;)
          used = used * 2 + code.counts[bits + ++subtable_bits];
        size = std::size_t{1} << subtable_bits;
        start = next;
        next += size;
        if (next > capacity) return false;
        entries[prefix] =
            number_as<HuffmanEntry>(start) << 16 | huffman_subtable | subtable_bits << 8 | bits;
      }
      const HuffmanEntry entry = symbols[*sorted++] + length * 0x101;
      for (std::size_t i = reversed >> bits; i < size; i += std::size_t{1} << (length - bits))
        entries[start + i] = entry;
    }
  return true;
}

/// Builds the table for the code whose code words have `lengths` (0: none). False for an
/// over-subscribed code, and for an incomplete one unless `single` allows a code of one code word
/// of one bit, or of none: RFC 1951, 3.2.7, has that for distances, and zlib takes it elsewhere
/// too.
template <unsigned MaxBits, std::size_t Capacity>
bool build_table(HuffmanTable<MaxBits, Capacity>& table, const std::uint8_t* lengths,
                 std::size_t count, const HuffmanEntry* symbols, bool single) {
  HuffmanCode code;
  sort_code(code, lengths, count);
  const std::uint16_t* sorted = code.symbols + code.counts[0];
  HuffmanEntry* entries = table.entries;
  if (code.unused != 0) {
    if (code.unused < 0 || !single || code.longest > 1) return false;
    table.bits = 1;
    entries[0] = entries[1] = huffman_invalid | 0x101;
    if (code.longest == 1) entries[0] = symbols[*sorted] + 0x101;
    return true;
  }
  table.bits = code.longest < MaxBits ? code.longest : MaxBits;
  // The first 2^n entries are right for all code words of up to n bits; two copies of them are
  // the start for n + 1.
  std::uint32_t code_word = 0;
  for (unsigned length = 1; length <= table.bits; ++length) {
    const std::size_t half = std::size_t{1} << (length - 1);
    if (code_word > 0) std::memcpy(entries + half, entries, half * sizeof *entries);
    for (unsigned left = code.counts[length]; left > 0; --left, code_word += 0x10000u >> length)
      entries[reverse16(code_word)] = symbols[*sorted++] + length * 0x101;
  }
  return fill_subtables(entries, table.bits, Capacity, code, sorted, code_word, symbols);
}

VENV_DETAIL_END

// ---- src/archive/bit_reader.hpp -----------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Masks of the lowest n bits. Looked up, since shifting by a variable costs more on processors
/// that keep the amount in one certain register.
constexpr std::array<std::uint32_t, 32> make_low_bits() {
  std::array<std::uint32_t, 32> masks{};
  for (std::size_t n = 1; n < 32; ++n) masks[n] = masks[n - 1] << 1 | 1;
  return masks;
}

inline constexpr auto low_bits = make_low_bits();

/// The input as a stream of bits, lowest first (RFC 1951, 3.1.1). `buffer` holds the next `left`
/// bits; those above are either zero or what follows in the input, so that filling up again writes
/// the same over them.
struct BitReader {
  const unsigned char* in;
  const unsigned char* end;
  std::uint64_t buffer = 0;
  unsigned left = 0; ///< after `skip_fast`, only its lowest six bits count

  /// At least 56 bits; eight bytes of input must be there.
  void refill_fast() {
    buffer |= load_le64(in) << (left & 63);
    in += (63 - left) >> 3 & 7;
    left |= 56;
  }
  /// At least 56 bits, or all that there are.
  void refill() {
    if (end - in >= 8) return refill_fast();
    for (; left < 56 && in < end; left += 8) buffer |= std::uint64_t{*in++} << left;
  }
  void skip(unsigned bits) {
    buffer >>= bits;
    left -= bits;
  }
  /// Skips the bits of an entry, without a mask to keep the rest of it out of `left`.
  void skip_fast(HuffmanEntry entry) {
    buffer >>= entry & 63;
    left -= entry;
  }
  /// What an entry stands for: its value plus the extra bits after its code word.
  std::uint32_t value(HuffmanEntry entry) const {
    const std::uint32_t all = static_cast<std::uint32_t>(buffer) & low_bits[entry & 31];
    return huffman_value(entry) + (all >> huffman_code_bits(entry));
  }
  /// The entry for the next bits, given what the first table has for them.
  HuffmanEntry look_further(const HuffmanEntry* entries, HuffmanEntry entry) const {
    const std::uint64_t rest = buffer >> huffman_total_bits(entry);
    return entries[huffman_value(entry) + (rest & low_bits[huffman_code_bits(entry)])];
  }
  template <class Table> HuffmanEntry look_up(const Table& table) const {
    const HuffmanEntry entry = table.entries[buffer & low_bits[table.bits]];
    const bool subtable = (entry & huffman_subtable) == huffman_subtable;
    return subtable ? look_further(table.entries, entry) : entry;
  }
};

VENV_DETAIL_END

// ---- src/archive/inflate.hpp --------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// How inflating ended.
enum class InflateStatus {
  ok,
  truncated,    ///< the input ends before the last block does
  trailing,     ///< the input goes on after the last block
  bad_block,    ///< a block type or header that RFC 1951 doesn't have
  bad_code,     ///< an impossible Huffman code, or a code word that it doesn't have
  bad_distance, ///< a match that begins before the output does
  too_long,     ///< more output than announced
  too_short,    ///< less output than announced
};

/// The status as the end of a sentence about the stream.
VENV_INLINE const char* inflate_message(InflateStatus status) {
  switch (status) {
  case InflateStatus::ok: return "is well";
  case InflateStatus::truncated: return "is cut off";
  case InflateStatus::trailing: return "has data after its end";
  case InflateStatus::bad_block: return "has a bad block header";
  case InflateStatus::bad_code: return "has a bad Huffman code";
  case InflateStatus::bad_distance: return "refers to data before its start";
  case InflateStatus::too_long: return "is longer than announced";
  case InflateStatus::too_short: return "is shorter than announced";
  default: return "is damaged";
  }
}

/// The bytes that `copy_match` may write after the match.
inline constexpr std::ptrdiff_t match_slack = 40;

VENV_INLINE void copy8(unsigned char* to, const unsigned char* from) {
  std::uint64_t word;
  std::memcpy(&word, from, 8);
  std::memcpy(to, &word, 8);
}

/// Repeats `length` bytes from `distance` back (RFC 1951, 3.2.3: the two may overlap), eight at a
/// time and 32 at least, since most matches are shorter and a loop would be mispredicted.
VENV_INLINE void copy_match(unsigned char* out, std::size_t distance, std::size_t length) {
  unsigned char* const end = out + length;
  const unsigned char* from = out - distance;
  if (distance < 8) {
    // Write the period until it is eight bytes or more, then copy from a multiple of it back.
    constexpr unsigned char multiples[8] = {0, 8, 8, 9, 8, 10, 12, 14};
    for (int i = 0; i < 8; ++i) out[i] = from[i];
    out += 8;
    from = out - multiples[distance];
  }
  copy8(out, from);
  copy8(out + 8, from + 8);
  copy8(out + 16, from + 16);
  copy8(out + 24, from + 24);
  for (out += 32, from += 32; out < end; out += 8, from += 8) copy8(out, from);
}

// Capacities: the most entries that any complete code of 288 (32) symbols can need with tables of
// 11 (8) bits, as zlib's examples/enough.c counts them.
using LitlenTable = HuffmanTable<11, 2342>;
using DistanceTable = HuffmanTable<8, 402>;

/// What the fast loop works on. It is copied into a local object whose address goes nowhere, so
/// that compilers can keep all of it in registers, whatever the output's bytes are written over.
struct FastState {
  BitReader bits;
  unsigned char* out;
  const HuffmanEntry* litlens;
  const HuffmanEntry* distances;
  std::uint64_t litlen_mask, distance_mask;

  HuffmanEntry next() const { return litlens[bits.buffer & litlen_mask]; }
  /// Writes the literal that `entry` is, if it is one, and looks up the next entry.
  bool literal(HuffmanEntry& entry) {
    if ((entry & huffman_literal) == 0) return false;
    bits.skip_fast(entry);
    *out++ = static_cast<unsigned char>(entry >> 16);
    entry = next();
    return true;
  }
};

/// RFC 1951, decompression of a whole stream into a buffer of a size that is known before.
class Inflater {
public:
  Inflater(std::string_view compressed, char* out, std::size_t out_size)
      : bits_{as_bytes(compressed), as_bytes(compressed) + compressed.size()},
        begin_(reinterpret_cast<unsigned char*>(out)), out_(begin_), end_(begin_ + out_size) {}

  InflateStatus run();

private:
  InflateStatus block(unsigned type);
  InflateStatus stored();
  void fixed_codes();
  InflateStatus dynamic_codes();
  InflateStatus code_lengths(std::uint8_t* lengths, std::size_t count);
  InflateStatus compressed();
  InflateStatus decode_fast();
  InflateStatus decode();
  InflateStatus decode_match(HuffmanEntry entry);

  // Room that a round of the fast loop can need: three refills; two literals and a match.
  static constexpr std::ptrdiff_t fast_input = 32;
  static constexpr std::ptrdiff_t fast_output = 2 + 258 + match_slack;

  BitReader bits_;
  unsigned char* begin_;
  unsigned char* out_;
  unsigned char* end_;
  LitlenTable litlen_{};
  DistanceTable distance_{};
  HuffmanTable<7, 128> lengths_{};
};

/// RFC 1951, 3.2.3: blocks until the one whose BFINAL is set.
VENV_INLINE InflateStatus Inflater::run() {
  for (bool final = false; !final;) {
    bits_.refill();
    if (bits_.left < 3) return InflateStatus::truncated;
    final = (bits_.buffer & 1) != 0;
    const unsigned type = static_cast<unsigned>(bits_.buffer >> 1 & 3);
    bits_.skip(3);
    const InflateStatus status = block(type);
    if (status != InflateStatus::ok) return status;
  }
  if (bits_.left / 8 > 0 || bits_.in < bits_.end) return InflateStatus::trailing;
  return out_ == end_ ? InflateStatus::ok : InflateStatus::too_short;
}

VENV_INLINE InflateStatus Inflater::block(unsigned type) {
  if (type == 0) return stored();
  if (type == 3) return InflateStatus::bad_block;
  if (type == 1) {
    fixed_codes();
    return compressed();
  }
  const InflateStatus status = dynamic_codes();
  return status == InflateStatus::ok ? compressed() : status;
}

/// RFC 1951, 3.2.4: LEN, its complement NLEN, and that many bytes, from the next byte on.
VENV_INLINE InflateStatus Inflater::stored() {
  bits_.in -= bits_.left / 8;
  bits_.buffer = 0;
  bits_.left = 0;
  if (bits_.end - bits_.in < 4) return InflateStatus::truncated;
  const std::size_t length = load_le16(bits_.in);
  if (length != (load_le16(bits_.in + 2) ^ 0xFFFF)) return InflateStatus::bad_block;
  bits_.in += 4;
  if (length > static_cast<std::size_t>(bits_.end - bits_.in)) return InflateStatus::truncated;
  if (length > static_cast<std::size_t>(end_ - out_)) return InflateStatus::too_long;
  if (length > 0) std::memcpy(out_, bits_.in, length);
  bits_.in += length;
  out_ += length;
  return InflateStatus::ok;
}

/// RFC 1951, 3.2.6.
VENV_INLINE void Inflater::fixed_codes() {
  std::uint8_t lengths[288];
  std::memset(lengths, 8, 144);
  std::memset(lengths + 144, 9, 112);
  std::memset(lengths + 256, 7, 24);
  std::memset(lengths + 280, 8, 8);
  build_table(litlen_, lengths, 288, litlen_symbols.data(), false);
  std::memset(lengths, 5, 32);
  build_table(distance_, lengths, 32, distance_symbols.data(), false);
}

/// RFC 1951, 3.2.7: how many code lengths there are, the code that they are written in, then
/// they.
VENV_INLINE InflateStatus Inflater::dynamic_codes() {
  constexpr unsigned char order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                       11, 4,  12, 3, 13, 2, 14, 1, 15};
  bits_.refill();
  if (bits_.left < 14) return InflateStatus::truncated;
  const std::size_t litlens = (bits_.buffer & 31) + 257;
  const std::size_t distances = (bits_.buffer >> 5 & 31) + 1;
  const std::size_t lengths_of_lengths = (bits_.buffer >> 10 & 15) + 4;
  if (litlens > 286 || distances > 30) return InflateStatus::bad_block;
  bits_.skip(14);

  std::uint8_t lengths[286 + 30];
  std::memset(lengths, 0, 19);
  for (std::size_t i = 0; i < lengths_of_lengths; ++i) {
    if (bits_.left < 3) bits_.refill();
    if (bits_.left < 3) return InflateStatus::truncated;
    lengths[order[i]] = static_cast<std::uint8_t>(bits_.buffer & 7);
    bits_.skip(3);
  }
  if (!build_table(lengths_, lengths, 19, length_symbols.data(), false))
    return InflateStatus::bad_code;
  const InflateStatus status = code_lengths(lengths, litlens + distances);
  if (status != InflateStatus::ok) return status;
  // A code without the end of the block needs no check: such a block ends in one of the errors.
  return build_table(litlen_, lengths, litlens, litlen_symbols.data(), true) &&
                 build_table(distance_, lengths + litlens, distances, distance_symbols.data(), true)
             ? InflateStatus::ok
             : InflateStatus::bad_code;
}

/// RFC 1951, 3.2.7: 0 to 15 are lengths, 16 repeats the one before 3 to 6 times, 17 and 18 are
/// runs of 3 to 10 and 11 to 138 zeros.
VENV_INLINE InflateStatus Inflater::code_lengths(std::uint8_t* lengths, std::size_t count) {
  for (std::size_t i = 0; i < count;) {
    if (bits_.left < 14) bits_.refill();
    const HuffmanEntry entry = bits_.look_up(lengths_);
    const std::uint32_t symbol = huffman_value(entry);
    const unsigned extra_bits = symbol < 16 ? 0 : symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
    if (huffman_total_bits(entry) + extra_bits > bits_.left) return InflateStatus::truncated;
    bits_.skip(huffman_total_bits(entry));
    if (symbol < 16) {
      lengths[i++] = static_cast<std::uint8_t>(symbol);
      continue;
    }
    if (symbol == 16 && i == 0) return InflateStatus::bad_code;
    const std::size_t run =
        number_as<std::size_t>(bits_.buffer & low_bits[extra_bits]) + (symbol == 18 ? 11u : 3u);
    bits_.skip(extra_bits);
    if (run > count - i) return InflateStatus::bad_code;
    std::memset(lengths + i, symbol == 16 ? lengths[i - 1] : 0, run);
    i += run;
  }
  return InflateStatus::ok;
}

/// RFC 1951, 3.2.3: the symbols of one block. The fast loop does most; what it leaves, the end of
/// the block included, is for the one that looks at every step.
VENV_INLINE InflateStatus Inflater::compressed() {
  if (end_ - out_ > fast_output && bits_.end - bits_.in > fast_input) {
    const InflateStatus status = decode_fast();
    if (status != InflateStatus::ok) return status;
  }
  return decode();
}

/// Symbols until a buffer is nearly at its end, or one comes that is neither literal nor length.
///
/// A round takes from the 56 bits of a refill two literals (2 * 11 bits), or one and a length
/// (11 + 15 + 5), then from at least 39 a distance (15 + 13), and leaves the 11 bits to look up the
/// next.
VENV_INLINE InflateStatus Inflater::decode_fast() {
  FastState s{bits_,
              out_,
              litlen_.entries,
              distance_.entries,
              low_bits[litlen_.bits],
              low_bits[distance_.bits]};
  const unsigned char* const begin = begin_;
  const unsigned char* const last_in = bits_.end - fast_input;
  const unsigned char* const last_out = end_ - fast_output;
  s.bits.refill_fast();
  HuffmanEntry entry = s.next();
  do {
    if (s.literal(entry) && s.literal(entry)) {
      s.bits.refill_fast();
      continue;
    }
    if ((entry & huffman_exception) != 0) {
      if ((entry & huffman_subtable) == huffman_subtable)
        entry = s.bits.look_further(s.litlens, entry);
      if (s.literal(entry)) {
        s.bits.refill_fast();
        continue;
      }
      if ((entry & huffman_exception) != 0) break;
    }
    const std::size_t length = s.bits.value(entry);
    s.bits.skip_fast(entry);
    if ((s.bits.left & 63) < 15 + 13 + 11) s.bits.refill_fast();
    entry = s.distances[s.bits.buffer & s.distance_mask];
    if ((entry & huffman_exception) != 0) {
      if ((entry & huffman_subtable) == huffman_subtable)
        entry = s.bits.look_further(s.distances, entry);
      if ((entry & huffman_exception) != 0) return InflateStatus::bad_code;
    }
    const std::size_t distance = s.bits.value(entry);
    s.bits.skip_fast(entry);
    if (distance > static_cast<std::size_t>(s.out - begin)) return InflateStatus::bad_distance;
    entry = s.next(); // before the copy, which needs not wait for it
    s.bits.refill_fast();
    copy_match(s.out, distance, length);
    s.out += length;
  } while (s.bits.in <= last_in && s.out <= last_out);
  bits_ = {s.bits.in, s.bits.end, s.bits.buffer, s.bits.left & 63};
  out_ = s.out;
  return InflateStatus::ok;
}

/// One symbol at a time, never beyond either buffer.
VENV_INLINE InflateStatus Inflater::decode() {
  for (;;) {
    bits_.refill();
    const HuffmanEntry entry = bits_.look_up(litlen_);
    if (huffman_total_bits(entry) > bits_.left) return InflateStatus::truncated;
    if ((entry & huffman_literal) != 0) {
      if (out_ == end_) return InflateStatus::too_long;
      *out_++ = static_cast<unsigned char>(entry >> 16);
      bits_.skip(huffman_total_bits(entry));
    } else if ((entry & huffman_exception) != 0) {
      bits_.skip(huffman_total_bits(entry));
      const bool ended = (entry & huffman_end_of_block) == huffman_end_of_block;
      return ended ? InflateStatus::ok : InflateStatus::bad_code;
    } else {
      const InflateStatus status = decode_match(entry);
      if (status != InflateStatus::ok) return status;
    }
  }
}

/// The match whose length `entry` begins with; its 48 bits at most are in the buffer if they are in
/// the input.
VENV_INLINE InflateStatus Inflater::decode_match(HuffmanEntry entry) {
  const std::size_t length = bits_.value(entry);
  bits_.skip(huffman_total_bits(entry));
  entry = bits_.look_up(distance_);
  if (huffman_total_bits(entry) > bits_.left) return InflateStatus::truncated;
  if ((entry & huffman_exception) != 0) return InflateStatus::bad_code;
  const std::size_t distance = bits_.value(entry);
  bits_.skip(huffman_total_bits(entry));
  if (distance > static_cast<std::size_t>(out_ - begin_)) return InflateStatus::bad_distance;
  if (length > static_cast<std::size_t>(end_ - out_)) return InflateStatus::too_long;
  if (static_cast<std::size_t>(end_ - out_) >= length + match_slack) {
    copy_match(out_, distance, length);
    out_ += length;
  } else {
    for (unsigned char* const stop = out_ + length; out_ < stop; ++out_) *out_ = *(out_ - distance);
  }
  return InflateStatus::ok;
}

/// Decompresses all of `compressed` (RFC 1951) into the `out_size` bytes at `out`; `ok` only
/// where both end exactly together. Nothing outside of the two is read or written. On failure the
/// output is undefined.
VENV_INLINE InflateStatus inflate(std::string_view compressed, char* out, std::size_t out_size) {
  return Inflater(compressed, out, out_size).run();
}

VENV_DETAIL_END

// ---- src/archive/zip_names.hpp ------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// An untrusted name for a message: in quotes, cut to a length that can be read, and with
/// anything but printable ASCII shown as `?`.
VENV_INLINE std::string printable_name(std::string_view name) {
  std::string text = "'";
  for (const char c : name.substr(0, 200)) text += c >= ' ' && c <= '~' ? c : '?';
  return text += name.size() > 200 ? "...'" : "'";
}

/// Whether Windows takes this component of a path for a device, whatever its extension: CON, PRN,
/// AUX, NUL, COM0 to COM9, LPT0 to LPT9 ("Naming Files, Paths, and Namespaces").
VENV_INLINE bool is_device_name(std::string_view component) {
  const std::string stem = folded(component.substr(0, component.find('.')));
  if (stem == "con" || stem == "prn" || stem == "aux" || stem == "nul") return true;
  return stem.size() == 4 && (stem.compare(0, 3, "com") == 0 || stem.compare(0, 3, "lpt") == 0) &&
         stem[3] >= '0' && stem[3] <= '9';
}

/// Why a component can't be a file's name on every system alike, or null.
VENV_INLINE const char* component_fault(std::string_view component) {
  if (component.empty()) return "has an empty component";
  if (component == "." || component == "..") return "has a . or .. in it";
  if (component.back() == '.' || component.back() == ' ')
    return "has a component that ends in a dot or a space";
  if (component.size() > 255) return "has a component of more than 255 bytes";
  return is_device_name(component) ? "has the name of a Windows device in it" : nullptr;
}

/// Why an entry must not have this name, or null. Names that are not plain ASCII are refused:
/// whether two of those are the same file depends on the file system's own case and normal forms,
/// and no wheel that this header installs has any.
VENV_INLINE const char* name_fault(std::string_view name) {
  if (name.empty()) return "has no name";
  if (name.front() == '/') return "is an absolute path";
  for (const char c : name) {
    if (c < ' ' || c > '~') return "has a control or non-ASCII character in its name";
    if (c == '\\') return "has a backslash in its name";
    if (c == ':') return "has a colon (a drive letter) in its name";
    if (c == '<' || c == '>' || c == '"' || c == '|' || c == '?' || c == '*')
      return "has a character in its name that Windows doesn't allow";
  }
  if (name.size() > 1024) return "has too long a name";
  if (name.back() == '/') name.remove_suffix(1);
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = (std::min)(name.find('/', begin), name.size());
    if (const char* fault = component_fault(name.substr(begin, end - begin))) return fault;
    begin = end + 1;
  }
  return nullptr;
}

VENV_INLINE void check_name(std::string_view name) {
  if (const char* fault = name_fault(name))
    throw Error(ErrorCode::bad_archive, "zip entry " + printable_name(name) + ' ' + fault);
}

/// A file, or a directory that is named or implied by what lies in it.
struct ZipPath {
  std::string folded;
  std::string_view name;
  bool is_directory;
};

/// Refuses names of which two would be one file on a file system that ignores case, or one both a
/// file and a directory.
VENV_INLINE void check_names(const std::vector<std::string_view>& names) {
  std::vector<ZipPath> paths;
  std::string_view previous;
  for (const std::string_view name : names) {
    // Directories shared with the entry before are already there.
    const auto differ = std::mismatch(name.begin(), name.end(), previous.begin(), previous.end());
    std::size_t from = static_cast<std::size_t>(differ.first - name.begin());
    for (std::size_t slash = name.find('/', from); slash != name.npos;
         slash = name.find('/', from)) {
      paths.push_back({folded(name.substr(0, slash)), name.substr(0, slash), true});
      from = slash + 1;
    }
    if (name.back() != '/') paths.push_back({folded(name), name, false});
    previous = name;
  }
  sort_by(paths, [](const ZipPath& a, const ZipPath& b) { return a.folded < b.folded; });
  for (std::size_t i = 1; i < paths.size(); ++i) {
    const ZipPath &a = paths[i - 1], &b = paths[i];
    if (a.folded == b.folded && !(a.is_directory && b.is_directory && a.name == b.name))
      throw Error(ErrorCode::bad_archive, "zip entries " + printable_name(a.name) + " and " +
                                              printable_name(b.name) + " are the same path");
  }
}

VENV_DETAIL_END

// ---- src/archive/zip.hpp ------------------------------------------------------------------------

VENV_DETAIL_BEGIN

// Section numbers are those of PKWARE's APPNOTE.TXT 6.3.

inline constexpr unsigned zip_stored = 0;
inline constexpr unsigned zip_deflated = 8;

/// A file or directory of an archive, checked. `name` and `data` point into the archive's bytes.
struct ZipEntry {
  std::string_view name{}; ///< with `/`; a directory's ends in one
  std::string_view data{}; ///< as it lies in the archive, compressed or not
  unsigned method = zip_stored;
  std::uint32_t crc = 0;
  std::size_t size = 0;   ///< uncompressed
  std::uint32_t mode = 0; ///< st_mode where the archive has it (the upper half of 4.4.15), or 0

  bool is_directory() const { return name.back() == '/'; }
};

/// What an archive may ask for. The defaults are many times what the wheels of pip and setuptools
/// need (532 entries, 7.3 MB, 0.3 MB, 17 to 1).
struct ZipLimits {
  std::size_t entries = 20000;
  std::size_t total_size = std::size_t{256} << 20;
  std::size_t entry_size = std::size_t{16} << 20;
  std::size_t ratio = 200; ///< for entries over `ratio_free_size`
  std::size_t ratio_free_size = std::size_t{64} << 10;
};

/// A zip file that is wholly in memory, or mapped. Everything that can be checked without
/// inflating is checked before the constructor returns, and nothing is guessed: an archive that
/// two readers could understand differently is refused. All functions throw
/// `ErrorCode::bad_archive`. The const ones may be called by several threads at once.
class ZipArchive {
public:
  explicit ZipArchive(std::string_view bytes, const ZipLimits& limits = {});

  const std::vector<ZipEntry>& entries() const { return entries_; }
  /// The entry of that name, or null.
  const ZipEntry* find(std::string_view name) const;

private:
  struct Directory {
    std::size_t offset, size, count;
  };
  Directory find_directory() const;
  std::size_t read_header(std::size_t offset, std::size_t end);
  void check_sizes(const ZipEntry& entry);
  void check_local_header(ZipEntry& entry, std::size_t offset, std::size_t compressed_size,
                          unsigned flags);
  void check_overlaps();

  const unsigned char* at(std::size_t offset) const { return as_bytes(bytes_) + offset; }

  std::string_view bytes_;
  ZipLimits limits_;
  std::vector<ZipEntry> entries_{};
  std::vector<std::pair<std::size_t, std::size_t>> ranges_{}; ///< of local headers with their data
  std::size_t total_size_ = 0;
  std::size_t directory_offset_ = 0;
};

[[noreturn]] VENV_INLINE void bad_zip(const std::string& message) {
  throw Error(ErrorCode::bad_archive, message);
}

[[noreturn]] VENV_INLINE void bad_zip_entry(std::string_view name, const std::string& message) {
  bad_zip("zip entry " + printable_name(name) + ' ' + message);
}

VENV_INLINE ZipArchive::ZipArchive(std::string_view bytes, const ZipLimits& limits)
    : bytes_(bytes), limits_(limits) {
  const Directory directory = find_directory();
  if (directory.count > limits_.entries) bad_zip("zip file has too many entries");
  directory_offset_ = directory.offset;
  entries_.reserve(directory.count);
  std::size_t offset = directory.offset;
  const std::size_t end = directory.offset + directory.size;
  for (std::size_t i = 0; i < directory.count; ++i) offset = read_header(offset, end);
  if (offset != end) bad_zip("zip file's central directory is longer than its entries");
  check_overlaps();
  std::vector<std::string_view> names;
  for (const ZipEntry& entry : entries_) names.push_back(entry.name);
  check_names(names);
}

/// 4.3.16: the end record, which must be the last thing of the file, with the central directory
/// directly before it.
VENV_INLINE ZipArchive::Directory ZipArchive::find_directory() const {
  constexpr std::size_t fixed = 22, longest_comment = 0xFFFF;
  if (bytes_.size() < fixed) bad_zip("not a zip file: too short");
  const std::size_t end = bytes_.rfind(std::string_view("PK\5\6", 4), bytes_.size() - fixed);
  if (end == std::string_view::npos || bytes_.size() - end > fixed + longest_comment)
    bad_zip("not a zip file, or one that is cut off: no end record");
  const unsigned char* record = at(end);
  if (end + fixed + load_le16(record + 20) != bytes_.size())
    bad_zip("zip file is cut off, or something is appended to it");
  const Directory directory{load_le32(record + 16), load_le32(record + 12), load_le16(record + 10)};
  if ((end >= 20 && bytes_.substr(end - 20, 4) == std::string_view("PK\6\7", 4)) ||
      directory.count == 0xFFFF || directory.offset == 0xFFFFFFFF || directory.size == 0xFFFFFFFF)
    bad_zip("zip64 files are not supported");
  if (load_le16(record + 4) != 0 || load_le16(record + 6) != 0 ||
      load_le16(record + 8) != directory.count)
    bad_zip("zip files of several parts are not supported");
  if (directory.size > end || directory.offset != end - directory.size)
    bad_zip("zip file's central directory is not where its end record says");
  return directory;
}

/// 4.3.12: the central directory's header at `offset`; gives the offset of the next.
VENV_INLINE std::size_t ZipArchive::read_header(std::size_t offset, std::size_t end) {
  constexpr std::size_t fixed = 46;
  const unsigned char* header = at(offset);
  if (end - offset < fixed || load_le32(header) != 0x02014b50)
    bad_zip("zip file's central directory is damaged");
  const std::size_t name_size = load_le16(header + 28), extra_size = load_le16(header + 30);
  const std::size_t size = fixed + name_size + extra_size + load_le16(header + 32);
  if (end - offset < size) bad_zip("zip file's central directory is damaged");
  ZipEntry entry;
  entry.name = bytes_.substr(offset + fixed, name_size);
  check_name(entry.name);
  const unsigned flags = load_le16(header + 8);
  entry.method = load_le16(header + 10);
  entry.crc = load_le32(header + 16);
  entry.size = load_le32(header + 24);
  entry.mode = load_le32(header + 38) >> 16;
  const std::size_t compressed_size = load_le32(header + 20), local = load_le32(header + 42);
  // 4.4.4: encrypted (0), patch data (5), strong encryption (6), masked headers (13).
  if ((flags & 0x2061) != 0) bad_zip_entry(entry.name, "is encrypted or a patch");
  if (entry.method != zip_stored && entry.method != zip_deflated)
    bad_zip_entry(entry.name, "has compression method " + std::to_string(entry.method) +
                                  ", which is not supported");
  if (compressed_size == 0xFFFFFFFF || entry.size == 0xFFFFFFFF || local == 0xFFFFFFFF)
    bad_zip_entry(entry.name, "needs zip64, which is not supported");
  if (load_le16(header + 34) != 0) bad_zip_entry(entry.name, "is in another part");
  check_local_header(entry, local, compressed_size, flags);
  check_sizes(entry);
  entries_.push_back(entry);
  return offset + size;
}

/// 4.3.7: the local header must say the same as the central directory's, apart from the sizes and
/// the CRC where bit 3 puts them after the data.
VENV_INLINE void ZipArchive::check_local_header(ZipEntry& entry, std::size_t offset,
                                                std::size_t compressed_size, unsigned flags) {
  constexpr std::size_t fixed = 30;
  if (offset > directory_offset_ || directory_offset_ - offset < fixed ||
      load_le32(at(offset)) != 0x04034b50)
    bad_zip_entry(entry.name, "is not where the central directory says");
  const unsigned char* header = at(offset);
  const std::size_t name_size = load_le16(header + 26);
  const std::size_t before_data = fixed + name_size + load_le16(header + 28);
  const bool later = (flags & 8) != 0;
  const auto agrees = [later](std::uint32_t local, std::size_t central) {
    return local == central || (later && local == 0);
  };
  if (load_le16(header + 6) != flags || load_le16(header + 8) != entry.method ||
      !agrees(load_le32(header + 14), entry.crc) ||
      !agrees(load_le32(header + 18), compressed_size) ||
      !agrees(load_le32(header + 22), entry.size) ||
      bytes_.substr(offset + fixed, name_size) != entry.name)
    bad_zip_entry(entry.name, "has a header that disagrees with the central directory");
  const std::size_t room = directory_offset_ - offset;
  if (room < before_data || room - before_data < compressed_size)
    bad_zip_entry(entry.name, "goes beyond the end of the data");
  entry.data = bytes_.substr(offset + before_data, compressed_size);
  ranges_.emplace_back(offset, offset + before_data + compressed_size);
}

/// Kinds and sizes that are refused before anything is inflated.
VENV_INLINE void ZipArchive::check_sizes(const ZipEntry& entry) {
  constexpr std::uint32_t format = 0170000, regular = 0100000, directory = 0040000;
  const std::uint32_t kind = entry.mode & format;
  if (kind != 0 && kind != (entry.is_directory() ? directory : regular))
    bad_zip_entry(entry.name, "is a link or a special file");
  if (entry.is_directory() && entry.size != 0)
    bad_zip_entry(entry.name, "is a directory with data");
  if (entry.method == zip_stored && entry.size != entry.data.size())
    bad_zip_entry(entry.name, "is stored with two different sizes");
  if (entry.size > limits_.entry_size) bad_zip_entry(entry.name, "is too big");
  if (entry.size > limits_.ratio_free_size && entry.size / limits_.ratio > entry.data.size())
    bad_zip_entry(entry.name, "is compressed beyond reason");
  total_size_ += entry.size;
  if (total_size_ > limits_.total_size) bad_zip("zip file is too big when unpacked");
}

VENV_INLINE void ZipArchive::check_overlaps() {
  sort_by(ranges_, [](const auto& a, const auto& b) { return a < b; });
  for (std::size_t i = 1; i < ranges_.size(); ++i)
    if (ranges_[i].first < ranges_[i - 1].second) bad_zip("zip file has overlapping entries");
}

VENV_INLINE const ZipEntry* ZipArchive::find(std::string_view name) const {
  for (const ZipEntry& entry : entries_)
    if (entry.name == name) return &entry;
  return nullptr;
}

/// Unpacks `entry` into the `entry.size` bytes at `out` and verifies its CRC.
VENV_INLINE void read_entry(const ZipEntry& entry, char* out) {
  if (entry.method == zip_stored) {
    std::copy(entry.data.begin(), entry.data.end(), out);
  } else {
    const InflateStatus status = inflate(entry.data, out, entry.size);
    if (status != InflateStatus::ok) bad_zip_entry(entry.name, inflate_message(status));
  }
  if (crc32({out, entry.size}) != entry.crc)
    bad_zip_entry(entry.name, "has a wrong checksum (CRC-32)");
}

VENV_INLINE std::string read_entry(const ZipEntry& entry) {
  std::string text(entry.size, '\0');
  read_entry(entry, text.data());
  return text;
}

VENV_DETAIL_END

// ---- src/package/version.hpp --------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// What a release is before it is final, in the order in which they come.
enum class Phase { alpha = 1, beta, candidate, final_release };

/// A distribution's version (PEP 440). Two spellings of one version are equal.
struct PackageVersion {
  std::uint64_t epoch = 0;
  std::vector<std::uint64_t> release{}; ///< as written; zeros at the end don't count in comparisons
  Phase phase = Phase::final_release;
  std::uint64_t phase_number = 0;
  std::uint64_t post = 0;         ///< 0: none, else one more than its number
  std::uint64_t dev = UINT64_MAX; ///< that: none
  std::string local{};            ///< the label in its normal form; empty: none

  bool has_dev() const { return dev != UINT64_MAX; }
  /// Whether it is none that is installed without being asked for (`a`, `b`, `rc`, `dev`).
  bool is_prerelease() const { return has_dev() || phase != Phase::final_release; }
  /// The number at that place of the release; 0 behind its end.
  std::uint64_t number(std::size_t place) const {
    return place < release.size() ? release[place] : 0;
  }
};

constexpr int order_of_numbers(std::uint64_t a, std::uint64_t b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/// Below 0, 0 or above 0, as the first `places` numbers of `a`'s release come before `b`'s, are the
/// same, or come after.
VENV_INLINE int compare_releases(const PackageVersion& a, const PackageVersion& b,
                                 std::size_t places) {
  for (std::size_t i = 0; i < places; ++i)
    if (a.number(i) != b.number(i)) return order_of_numbers(a.number(i), b.number(i));
  return 0;
}

/// The order of two local labels: segment by segment, words before numbers, none before any.
VENV_INLINE int compare_locals(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return static_cast<int>(b.empty()) - static_cast<int>(a.empty());
  const auto is_number = [](std::string_view text) {
    return text.find_first_not_of("0123456789") == text.npos;
  };
  const std::vector<std::string_view> left = split(a, '.'), right = split(b, '.');
  for (std::size_t i = 0; i < (std::min)(left.size(), right.size()); ++i) {
    const bool numbers = is_number(left[i]);
    if (numbers != is_number(right[i])) return numbers ? 1 : -1;
    // A number in its normal form is greater when it is longer.
    if (numbers && left[i].size() != right[i].size())
      return left[i].size() < right[i].size() ? -1 : 1;
    if (const int order = left[i].compare(right[i])) return order;
  }
  return order_of_numbers(left.size(), right.size());
}

/// The order of two versions without their local labels.
VENV_INLINE int compare_public(const PackageVersion& a, const PackageVersion& b) {
  // `1.0.dev1` comes before `1.0a1`, which comes before `1.0a1.post1.dev1`.
  const auto rank = [](const PackageVersion& version) {
    const bool only_dev =
        version.phase == Phase::final_release && version.post == 0 && version.has_dev();
    return only_dev ? 0U : static_cast<unsigned>(version.phase);
  };
  if (const int order = order_of_numbers(a.epoch, b.epoch)) return order;
  if (const int order = compare_releases(a, b, (std::max)(a.release.size(), b.release.size())))
    return order;
  if (const int order = order_of_numbers(rank(a), rank(b))) return order;
  if (const int order = order_of_numbers(a.phase_number, b.phase_number)) return order;
  if (const int order = order_of_numbers(a.post, b.post)) return order;
  return order_of_numbers(a.dev, b.dev);
}

VENV_INLINE int compare_versions(const PackageVersion& a, const PackageVersion& b) {
  const int order = compare_public(a, b);
  return order != 0 ? order : compare_locals(a.local, b.local);
}

VENV_INLINE bool operator==(const PackageVersion& a, const PackageVersion& b) {
  return compare_versions(a, b) == 0;
}
VENV_INLINE bool operator<(const PackageVersion& a, const PackageVersion& b) {
  return compare_versions(a, b) < 0;
}

/// The normal form, as tools write it: `1!2.0rc1.post2.dev3+ubuntu.1`.
VENV_INLINE std::string version_text(const PackageVersion& version) {
  std::string text = version.epoch == 0 ? "" : std::to_string(version.epoch) + '!';
  for (std::size_t i = 0; i < version.release.size(); ++i)
    text += (i == 0 ? "" : ".") + std::to_string(version.release[i]);
  constexpr const char* phases[] = {"", "a", "b", "rc"};
  if (version.phase != Phase::final_release)
    text += phases[static_cast<int>(version.phase)] + std::to_string(version.phase_number);
  if (version.post != 0) text += ".post" + std::to_string(version.post - 1);
  if (version.has_dev()) text += ".dev" + std::to_string(version.dev);
  return version.local.empty() ? text : text + '+' + version.local;
}

/// Reads a version in any of the spellings of PEP 440, appendix B, from lower-case text.
class PackageVersionParser {
public:
  explicit PackageVersionParser(std::string_view text) : rest_(text) {}

  std::optional<PackageVersion> parse() {
    take_prefix(rest_, "v");
    const bool well = release() && phase() && post() && dev() && local() && rest_.empty();
    return well ? std::optional(version_) : std::nullopt;
  }

private:
  static bool is_number(char c) { return c >= '0' && c <= '9'; }
  bool at_number(std::size_t place = 0) const {
    return rest_.size() > place && is_number(rest_[place]);
  }
  void take_separator() {
    if (!rest_.empty() && (rest_[0] == '.' || rest_[0] == '-' || rest_[0] == '_'))
      rest_.remove_prefix(1);
  }
  /// A number of at most 18 digits behind its leading zeros: what nobody writes is no version here.
  bool number(std::uint64_t& value) {
    std::size_t digits = 0;
    const bool well = at_number();
    for (value = 0; at_number() && digits < 19; rest_.remove_prefix(1)) {
      value = value * 10 + static_cast<std::uint64_t>(rest_[0] - '0');
      digits += value != 0;
    }
    return well && digits < 19;
  }
  /// `[-_.]?(word|...)[-_.]?[0-9]*`: which word; none (and nothing taken) is the list's size.
  std::size_t label(std::initializer_list<std::string_view> words, std::uint64_t& value,
                    bool& well) {
    const std::string_view before = rest_;
    take_separator();
    std::size_t which = 0;
    for (const std::string_view word : words) {
      if (take_prefix(rest_, word)) {
        take_separator();
        value = 0;
        well = !at_number() || number(value);
        return which;
      }
      ++which;
    }
    rest_ = before;
    return which;
  }

  bool release() {
    std::uint64_t value = 0;
    if (!number(value)) return false;
    if (take_prefix(rest_, "!")) {
      version_.epoch = value;
      if (!number(value)) return false;
    }
    version_.release.push_back(value);
    while (!rest_.empty() && rest_[0] == '.' && at_number(1)) {
      rest_.remove_prefix(1);
      if (!number(value)) return false;
      version_.release.push_back(value);
    }
    return true;
  }
  bool phase() {
    constexpr Phase phases[] = {Phase::alpha,     Phase::alpha,     Phase::beta,
                                Phase::beta,      Phase::candidate, Phase::candidate,
                                Phase::candidate, Phase::candidate, Phase::final_release};
    bool well = true;
    version_.phase = phases[label({"alpha", "a", "beta", "b", "preview", "pre", "rc", "c"},
                                  version_.phase_number, well)];
    return well;
  }
  bool post() {
    bool well = true;
    std::uint64_t value = 0;
    if (!rest_.empty() && rest_[0] == '-' && at_number(1)) {
      rest_.remove_prefix(1);
      well = number(value);
      version_.post = value + 1;
    } else if (label({"post", "rev", "r"}, value, well) < 3) {
      version_.post = value + 1;
    }
    return well;
  }
  bool dev() {
    bool well = true;
    std::uint64_t value = 0;
    if (label({"dev"}, value, well) == 0) version_.dev = value;
    return well;
  }
  /// Segments of letters and digits; a hash may be a number of any length.
  bool local() {
    if (!take_prefix(rest_, "+")) return true;
    do {
      std::size_t n = 0;
      while (n < rest_.size() && (is_number(rest_[n]) || (rest_[n] >= 'a' && rest_[n] <= 'z'))) ++n;
      std::string_view segment = rest_.substr(0, n);
      if (n == 0) return false;
      rest_.remove_prefix(n);
      if (std::all_of(segment.begin(), segment.end(), is_number))
        segment.remove_prefix((std::min)(segment.find_first_not_of('0'), segment.size() - 1));
      version_.local += (version_.local.empty() ? "" : ".") + std::string(segment);
    } while (take_prefix(rest_, ".") || take_prefix(rest_, "-") || take_prefix(rest_, "_"));
    return true;
  }

  std::string_view rest_;
  PackageVersion version_{};
};

/// The version that `text` says, or nothing when PEP 440 has no such version.
VENV_INLINE std::optional<PackageVersion> parse_package_version(std::string_view text) {
  return PackageVersionParser(folded(strip(text))).parse();
}

VENV_DETAIL_END

// ---- src/package/specifier.hpp ------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// How a clause compares: `===` `==` `!=` `<=` `>=` `~=` `<` `>`.
enum class VersionOperator {
  identical,
  equal,
  not_equal,
  at_most,
  at_least,
  compatible,
  less,
  greater,
};

/// The operators as they are written, in that order: none begins with one behind it.
inline constexpr std::string_view version_operators[] = {
    "===", "==", "!=", "<=", ">=", "~=", "<", ">"};

/// One clause of a version specifier: `>=3.8`, `==1.*`.
struct SpecifierClause {
  VersionOperator op = VersionOperator::equal;
  std::string operand{};    ///< as written, `.*` included
  PackageVersion version{}; ///< what it says; of no meaning for `===`
  bool is_prefix = false;   ///< it ends in `.*`
};

/// A version specifier (PEP 440, "Version specifiers"); without a clause it allows everything.
struct VersionSpecifier {
  std::vector<SpecifierClause> clauses{};
};

/// The clause that `text` spells, or nothing when it is none.
VENV_INLINE std::optional<SpecifierClause> parse_clause(std::string_view text) {
  SpecifierClause clause;
  const auto* const op = std::find_if(
      std::begin(version_operators), std::end(version_operators),
      [text](std::string_view candidate) { return text.substr(0, candidate.size()) == candidate; });
  if (op == std::end(version_operators)) return std::nullopt;
  clause.op = static_cast<VersionOperator>(op - std::begin(version_operators));
  text.remove_prefix(op->size());
  const std::string_view operand = strip(text);
  const bool ends_with_blank = operand.data() + operand.size() != text.data() + text.size();
  if (operand.empty() || ends_with_blank || operand.find_first_of(" \t\r\n\v\f;)") != operand.npos)
    return std::nullopt;
  clause.operand = operand;
  if (clause.op == VersionOperator::identical) return clause;
  const bool exact = clause.op == VersionOperator::equal || clause.op == VersionOperator::not_equal;
  clause.is_prefix = operand.size() > 2 && operand.substr(operand.size() - 2) == ".*";
  auto version =
      parse_package_version(operand.substr(0, operand.size() - (clause.is_prefix ? 2 : 0)));
  if (!version || (!exact && (clause.is_prefix || !version->local.empty()))) return std::nullopt;
  const bool only_release =
      !version->is_prerelease() && version->post == 0 && version->local.empty();
  if (clause.is_prefix && !only_release) return std::nullopt;
  if (clause.op == VersionOperator::compatible && version->release.size() < 2) return std::nullopt;
  clause.version = std::move(*version);
  return clause;
}

/// The specifier that `text` spells, clauses with commas between them; nothing when it is none.
VENV_INLINE std::optional<VersionSpecifier> parse_specifier(std::string_view text) {
  VersionSpecifier specifier;
  for (const std::string_view part : split(text, ',')) {
    if (strip(part).empty()) continue;
    auto clause = parse_clause(strip(part));
    if (!clause) return std::nullopt;
    specifier.clauses.push_back(std::move(*clause));
  }
  return specifier;
}

VENV_INLINE std::string clause_text(const SpecifierClause& clause) {
  return std::string(version_operators[static_cast<int>(clause.op)]) + clause.operand;
}

/// The clauses in their order, with commas and no blanks.
VENV_INLINE std::string specifier_text(const VersionSpecifier& specifier) {
  std::string text;
  for (const SpecifierClause& clause : specifier.clauses)
    text += (text.empty() ? "" : ",") + clause_text(clause);
  return text;
}

/// Whether `version` is one of the release that `wanted` begins, `places` numbers long.
VENV_INLINE bool begins_alike(const PackageVersion& version, const PackageVersion& wanted,
                              std::size_t places) {
  return version.epoch == wanted.epoch && compare_releases(version, wanted, places) == 0;
}

/// `>`: later, and neither a local variant nor, when `wanted` is no post-release itself, a
/// post-release of what is named.
VENV_INLINE bool is_above(const PackageVersion& version, const PackageVersion& wanted) {
  if (compare_public(version, wanted) <= 0) return false;
  if (wanted.has_dev() || wanted.post != 0) return true;
  const std::size_t places = (std::max)(version.release.size(), wanted.release.size());
  return version.post == 0 || !begins_alike(version, wanted, places) ||
         version.phase != wanted.phase || version.phase_number != wanted.phase_number;
}

/// `<`: earlier, and no pre-release of what is named, except when that is one itself.
VENV_INLINE bool is_below(const PackageVersion& version, PackageVersion wanted) {
  if (!wanted.is_prerelease()) wanted.dev = 0;
  return version < wanted;
}

VENV_INLINE bool is_equal(const PackageVersion& version, const SpecifierClause& clause) {
  const PackageVersion& wanted = clause.version;
  if (clause.is_prefix) return begins_alike(version, wanted, wanted.release.size());
  return wanted.local.empty() ? compare_public(version, wanted) == 0 : version == wanted;
}

/// Whether a clause allows a version, pre-releases included. `text` is what `===` compares: the
/// version as whoever calls has it.
VENV_INLINE bool clause_allows(const SpecifierClause& clause, const PackageVersion& version,
                               std::string_view text) {
  const PackageVersion& wanted = clause.version;
  switch (clause.op) {
  case VersionOperator::identical: return folded(text) == folded(clause.operand);
  case VersionOperator::equal: return is_equal(version, clause);
  case VersionOperator::not_equal: return !is_equal(version, clause);
  case VersionOperator::at_most: return compare_public(version, wanted) <= 0;
  case VersionOperator::at_least: return !(version < wanted);
  case VersionOperator::compatible:
    return !(version < wanted) && begins_alike(version, wanted, wanted.release.size() - 1);
  case VersionOperator::less: return is_below(version, wanted);
  case VersionOperator::greater: return is_above(version, wanted);
  default: return false;
  }
}

/// Whether every clause allows a version. Pre-releases are allowed: one that is there was asked for.
VENV_INLINE bool specifier_allows(const VersionSpecifier& specifier,
                                  const PackageVersion& version) {
  const std::string text = version_text(version);
  return std::all_of(
      specifier.clauses.begin(), specifier.clauses.end(),
      [&](const SpecifierClause& clause) { return clause_allows(clause, version, text); });
}

/// The same for a specifier that is still text, such as `Requires-Python`; one that can't be read
/// allows none.
VENV_INLINE bool specifier_allows(std::string_view specifier, const PackageVersion& version) {
  const auto parsed = parse_specifier(specifier);
  return parsed && specifier_allows(*parsed, version);
}

/// Whether a specifier asks for pre-releases by naming one ("Handling of pre-releases").
VENV_INLINE bool asks_for_prereleases(const VersionSpecifier& specifier) {
  return std::any_of(specifier.clauses.begin(), specifier.clauses.end(),
                     [](const SpecifierClause& clause) {
                       if (clause.op == VersionOperator::not_equal) return false;
                       if (clause.op != VersionOperator::identical)
                         return clause.version.is_prerelease();
                       const auto version = parse_package_version(clause.operand);
                       return version && version->is_prerelease();
                     });
}

/// Of `versions` the indices of those that may be chosen: what the specifier allows, and pre-releases
/// only when it asks for them or when there is nothing else.
VENV_INLINE std::vector<std::size_t> choose_versions(const VersionSpecifier& specifier,
                                                     const std::vector<PackageVersion>& versions) {
  std::vector<std::size_t> releases, all;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    if (!specifier_allows(specifier, versions[i])) continue;
    all.push_back(i);
    if (!versions[i].is_prerelease()) releases.push_back(i);
  }
  return releases.empty() || asks_for_prereleases(specifier) ? all : releases;
}

VENV_DETAIL_END

// ---- src/package/project_name.hpp ---------------------------------------------------------------

VENV_DETAIL_BEGIN

constexpr bool is_letter_or_digit(char c) {
  return (fold_case(c) >= 'a' && fold_case(c) <= 'z') || (c >= '0' && c <= '9');
}

/// A project's name as two spellings of it are compared: lower case, and each run of `-`, `_`,
/// `.` one dash ("Names and normalization"). An extra's name, too.
VENV_INLINE std::string normalized_name(std::string_view name) {
  std::string text;
  for (const char c : name) {
    const bool separator = c == '-' || c == '_' || c == '.';
    if (!separator) text += fold_case(c);
    else if (text.empty() || text.back() != '-') text += '-';
  }
  return text;
}

/// Whether a project can be called so: letters, digits, `-`, `_`, `.`, with a letter or digit at
/// both ends.
VENV_INLINE bool is_project_name(std::string_view name) {
  for (const char c : name)
    if (!is_letter_or_digit(c) && c != '-' && c != '_' && c != '.') return false;
  return !name.empty() && is_letter_or_digit(name.front()) && is_letter_or_digit(name.back());
}

VENV_DETAIL_END

// ---- src/package/python_string.hpp --------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Takes at most `most` digits of that base off `text`.
VENV_INLINE std::size_t take_digits(std::string_view& text, char32_t base, std::size_t most,
                                    char32_t& value) {
  std::size_t n = 0;
  for (value = 0; n < most && n < text.size(); ++n) {
    const char c = text[n];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : 16;
    if (static_cast<char32_t>(digit) >= base) break;
    value = value * base + static_cast<char32_t>(digit);
  }
  text.remove_prefix(n);
  return n;
}

/// Takes one escape (behind its backslash) off `text` and adds what it means.
VENV_INLINE bool take_escape(std::string_view& text, std::string& out) {
  constexpr std::string_view letters = "\\'\"abfnrtv", means = "\\'\"\a\b\f\n\r\t\v";
  if (text.empty()) return false;
  const char c = text[0];
  char32_t value = 0;
  if (c >= '0' && c <= '7') {
    take_digits(text, 8, 3, value);
    append_utf8(out, value);
    return true;
  }
  if (const std::size_t at = letters.find(c); at != letters.npos) {
    text.remove_prefix(1);
    out += means[at];
    return true;
  }
  if (c == '\n') return text.remove_prefix(1), true; // the line goes on
  const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  if (digits == 0) { // it stands for itself, except \N, which names a character
    out += '\\';
    return c != 'N';
  }
  text.remove_prefix(1);
  if (take_digits(text, 16, digits, value) != digits || !is_scalar(value)) return false;
  append_utf8(out, value);
  return true;
}

/// What Python reads between two quotes; nothing when it reads none: a line end, a bad escape.
VENV_INLINE std::optional<std::string> python_string(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const char c = text[0];
    if (c == '\n' || c == '\r' || c == '\0') return std::nullopt;
    text.remove_prefix(1);
    if (c != '\\') out += c;
    else if (!take_escape(text, out)) return std::nullopt;
  }
  return out;
}

VENV_DETAIL_END

// ---- src/package/marker.hpp ---------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// What environment markers ask of a Python and its system (PEP 508, "Environment Markers").
struct MarkerValues {
  std::string implementation_name{}, implementation_version{}, os_name{}, platform_machine{},
      platform_python_implementation{}, platform_release{}, platform_system{}, platform_version{},
      python_full_version{}, python_version{}, sys_platform{};
};

/// A name of these, and where its value is.
struct MarkerName {
  std::string_view name;
  std::string MarkerValues::* value;
  bool is_version; ///< compared by PEP 440 when what it is compared with is a version
};

inline constexpr MarkerName marker_names[] = {
    {"implementation_name", &MarkerValues::implementation_name, false},
    {"implementation_version", &MarkerValues::implementation_version, true},
    {"os_name", &MarkerValues::os_name, false},
    {"platform_machine", &MarkerValues::platform_machine, false},
    {"platform_python_implementation", &MarkerValues::platform_python_implementation, false},
    {"platform_release", &MarkerValues::platform_release, true},
    {"platform_system", &MarkerValues::platform_system, false},
    {"platform_version", &MarkerValues::platform_version, false},
    {"python_full_version", &MarkerValues::python_full_version, true},
    {"python_version", &MarkerValues::python_version, true},
    {"sys_platform", &MarkerValues::sys_platform, false},
};

/// One side of a comparison: a name, in its usual spelling, or a text.
struct MarkerOperand {
  std::string text{};
  bool is_name = false;
};

/// A step of a marker in the order in which it is worked out: a comparison gives a truth, `and` and
/// `or` make one of the last two.
struct MarkerStep {
  enum class Kind { compare, both, either } kind = Kind::compare;
  std::string op{};
  MarkerOperand left{}, right{};
};

/// An environment marker; without a step it is true everywhere.
struct Marker {
  std::vector<MarkerStep> steps{};
};

[[noreturn]] VENV_INLINE void bad_requirement(std::string_view text, const std::string& message) {
  throw Error(ErrorCode::invalid_argument, "requirement '" + printable(text) + "' " + message);
}

/// Reads markers. `rest` is what is left to read of `whole`, which messages show.
class MarkerParser {
public:
  MarkerParser(std::string_view whole, std::string_view rest) : whole_(whole), rest_(rest) {}

  Marker parse() {
    either(0);
    if (!rest_.empty()) fail("has something behind its marker: '" + printable(rest_) + "'");
    return std::move(marker_);
  }

private:
  [[noreturn]] void fail(const std::string& message) const { bad_requirement(whole_, message); }
  void skip_blanks() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t')) rest_.remove_prefix(1);
  }
  static bool is_word(char c) {
    return is_letter_or_digit(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
  }
  /// The word that follows, dots among it.
  std::string_view word() const {
    std::size_t n = 0;
    while (n < rest_.size() && (is_word(rest_[n]) || rest_[n] == '.')) ++n;
    while (n > 0 && rest_[n - 1] == '.') --n;
    return rest_.substr(0, n);
  }
  bool take_word(std::string_view wanted) {
    if (rest_.substr(0, wanted.size()) != wanted) return false;
    if (rest_.size() > wanted.size() && is_word(rest_[wanted.size()])) return false;
    rest_.remove_prefix(wanted.size());
    return true;
  }
  void add(MarkerStep::Kind kind) {
    marker_.steps.emplace_back();
    marker_.steps.back().kind = kind;
  }

  void either(int depth) {
    both(depth);
    while (take_word("or")) {
      both(depth);
      add(MarkerStep::Kind::either);
    }
  }
  void both(int depth) {
    one(depth);
    while (take_word("and")) {
      one(depth);
      add(MarkerStep::Kind::both);
    }
  }
  void one(int depth) {
    skip_blanks();
    if (take_prefix(rest_, "(")) {
      if (depth == 200) fail("has a marker with too many parentheses");
      either(depth + 1);
      if (!take_prefix(rest_, ")")) fail("has a marker whose parenthesis isn't closed");
    } else {
      comparison();
    }
    skip_blanks();
  }
  void comparison() {
    MarkerStep step;
    step.left = operand();
    skip_blanks();
    step.op = op();
    skip_blanks();
    step.right = operand();
    const auto normalize = [](const MarkerOperand& name, MarkerOperand& text) {
      if (name.is_name && name.text == "extra" && !text.is_name)
        text.text = normalized_name(text.text);
    };
    normalize(step.left, step.right);
    normalize(step.right, step.left);
    marker_.steps.push_back(std::move(step));
  }
  std::string op() {
    if (take_word("in")) return "in";
    if (take_word("not")) {
      const std::size_t before = rest_.size();
      skip_blanks();
      if (rest_.size() == before || !take_word("in")) fail("has 'not' without 'in' in its marker");
      return "not in";
    }
    for (const std::string_view candidate : version_operators)
      if (take_prefix(rest_, candidate)) return std::string(candidate);
    fail("has a marker that compares by none of <= < != == >= > ~= === in 'not in'");
  }
  MarkerOperand operand() {
    if (!rest_.empty() && (rest_[0] == '"' || rest_[0] == '\'')) {
      const std::size_t end = rest_.find(rest_[0], 1);
      if (end == rest_.npos) fail("has a marker whose quote isn't closed");
      auto text = python_string(rest_.substr(1, end - 1));
      if (!text) fail("has a text in its marker that Python can't read");
      rest_.remove_prefix(end + 1);
      return {std::move(*text), false};
    }
    const std::string_view name = word();
    MarkerOperand operand{usual_name(name), true};
    rest_.remove_prefix(name.size());
    return operand;
  }
  /// PEP 345 wrote `os.name`; the names of lock files (PEP 751) are names too.
  std::string usual_name(std::string_view name) const {
    if (name == "python_implementation" || name == "platform.python_implementation")
      return "platform_python_implementation";
    for (const std::string_view dotted :
         {"os.name", "sys.platform", "platform.version", "platform.machine"})
      if (name == dotted) return std::string(name).replace(name.find('.'), 1, "_");
    for (const MarkerName& known : marker_names)
      if (name == known.name) return std::string(name);
    for (const std::string_view other : {"extra", "extras", "dependency_groups"})
      if (name == other) return std::string(name);
    fail("has a marker with neither a name nor a quoted text at '" +
         printable(rest_.substr(0, 20)) + "'");
  }

  std::string_view whole_, rest_;
  Marker marker_{};
};

/// Throws `ErrorCode::invalid_argument`.
VENV_INLINE Marker parse_marker(std::string_view text) { return MarkerParser(text, text).parse(); }

/// A comparison of two texts. Throws when PEP 508 gives it no meaning.
VENV_INLINE bool compare_marker_texts(const std::string& left, const std::string& op,
                                      const std::string& right) {
  if (op == "in") return right.find(left) != right.npos;
  if (op == "not in") return right.find(left) == right.npos;
  if (op == "==" || op == "<=" || op == ">=") return left == right;
  if (op == "!=") return left != right;
  if (op == "<" || op == ">") return false;
  throw Error(ErrorCode::invalid_argument, "marker compares '" + printable(left) + "' with '" +
                                               printable(right) + "' by " + op +
                                               ", which takes versions");
}

/// The value of a name, and whether it is compared as a version.
VENV_INLINE std::pair<std::string, bool>
marker_value(std::string_view name, const MarkerValues& values, const std::string& extra) {
  if (name == "extra") return {extra, false};
  for (const MarkerName& known : marker_names) {
    if (name != known.name) continue;
    std::string value = values.*known.value;
    // A Python built from between two tags calls itself `3.14.0+`.
    if (name == "python_full_version" && !value.empty() && value.back() == '+') value += "local";
    return {std::move(value), known.is_version};
  }
  throw Error(ErrorCode::invalid_argument,
              "marker asks for '" + printable(name) + "', which has no value here");
}

VENV_INLINE bool compare_by_marker(const MarkerStep& step, const MarkerValues& values,
                                   const std::string& extra) {
  const MarkerOperand& name = step.left.is_name ? step.left : step.right;
  auto [value, is_version] = marker_value(name.text, values, extra);
  const std::string& left = step.left.is_name ? value : step.left.text;
  const std::string& right = step.left.is_name ? step.right.text : value;
  if (is_version) {
    if (const auto clause = parse_clause(strip(step.op + right))) {
      if (clause->op == VersionOperator::identical) return folded(left) == folded(clause->operand);
      const auto version = parse_package_version(left);
      return version && clause_allows(*clause, *version, left);
    }
  }
  return compare_marker_texts(left, step.op, right);
}

/// Whether a marker holds for these values and one extra, in its normal form (empty: none is asked
/// for). Throws `ErrorCode::invalid_argument` when it compares what can't be compared.
VENV_INLINE bool marker_allows(const Marker& marker, const MarkerValues& values,
                               const std::string& extra) {
  std::vector<char> truths;
  for (const MarkerStep& step : marker.steps) {
    if (step.kind == MarkerStep::Kind::compare) {
      truths.push_back(compare_by_marker(step, values, extra) ? 1 : 0);
      continue;
    }
    const bool last = truths.back() != 0;
    truths.pop_back();
    const bool before = truths.back() != 0;
    truths.back() = (step.kind == MarkerStep::Kind::both ? before && last : before || last) ? 1 : 0;
  }
  return truths.empty() || truths.back() != 0;
}

VENV_DETAIL_END

// ---- src/package/requirement.hpp ----------------------------------------------------------------

VENV_DETAIL_BEGIN

/// What is required (PEP 508): `name[extra]>=1; python_version < "3.9"`, `name @ https://...`.
struct Requirement {
  std::string name{};                ///< as written
  std::vector<std::string> extras{}; ///< in their normal form, sorted, each once
  VersionSpecifier specifier{};
  std::string url{}; ///< empty: none
  Marker marker{};
};

/// Reads a requirement.
class RequirementParser {
public:
  explicit RequirementParser(std::string_view text) : whole_(text), rest_(text) {}

  Requirement parse() {
    skip_blanks();
    requirement_.name = identifier();
    if (requirement_.name.empty()) fail("doesn't begin with a project's name");
    skip_blanks();
    if (take_prefix(rest_, "[")) extras();
    if (take_prefix(rest_, "@")) url();
    else specifier();
    skip_blanks();
    if (take_prefix(rest_, ";")) requirement_.marker = MarkerParser(whole_, rest_).parse();
    else if (!rest_.empty()) fail("has something that can't be read: '" + printable(rest_) + "'");
    return std::move(requirement_);
  }

private:
  [[noreturn]] void fail(const std::string& message) const { bad_requirement(whole_, message); }
  static std::string_view strip_blanks(std::string_view text) {
    const std::size_t first = (std::min)(text.find_first_not_of(" \t"), text.size());
    return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
  }
  void skip_blanks() {
    rest_.remove_prefix((std::min)(rest_.find_first_not_of(" \t"), rest_.size()));
  }
  std::string identifier() {
    std::size_t n = 0;
    while (n < rest_.size() && (is_letter_or_digit(rest_[n]) ||
                                (n > 0 && (rest_[n] == '.' || rest_[n] == '-' || rest_[n] == '_'))))
      ++n;
    while (n > 0 && (rest_[n - 1] == '.' || rest_[n - 1] == '-')) --n;
    std::string text(rest_.substr(0, n));
    rest_.remove_prefix(n);
    return text;
  }
  void extras() {
    std::vector<std::string>& extras = requirement_.extras;
    skip_blanks();
    while (!take_prefix(rest_, "]")) {
      if (!extras.empty() && !take_prefix(rest_, ",")) fail("has extras without commas or a ']'");
      skip_blanks();
      extras.push_back(normalized_name(identifier()));
      if (extras.back().empty()) fail("has an extra without a name");
      skip_blanks();
    }
    std::sort(extras.begin(), extras.end());
    extras.erase(std::unique(extras.begin(), extras.end()), extras.end());
    skip_blanks();
  }
  void url() {
    skip_blanks();
    const std::size_t end = (std::min)(rest_.find_first_of(" \t\r\n\v\f"), rest_.size());
    requirement_.url = rest_.substr(0, end);
    if (requirement_.url.empty()) fail("has no URL behind its '@'");
    rest_.remove_prefix(end);
  }
  void specifier() {
    const bool in_parentheses = take_prefix(rest_, "(");
    const std::size_t end = (std::min)(rest_.find_first_of(";)"), rest_.size());
    const std::string_view text = strip_blanks(rest_.substr(0, end));
    rest_.remove_prefix(end);
    if (in_parentheses && !take_prefix(rest_, ")")) fail("has a parenthesis that isn't closed");
    if (text.empty()) return;
    const std::vector<std::string_view> parts = split(text, ',');
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::string_view part = strip_blanks(parts[i]);
      if (part.empty() && i > 0 && i + 1 == parts.size()) break; // a comma at the end
      auto clause = parse_clause(part);
      if (!clause) fail("has a version specifier that can't be read: '" + printable(part) + "'");
      requirement_.specifier.clauses.push_back(std::move(*clause));
    }
  }

  std::string_view whole_, rest_;
  Requirement requirement_{};
};

/// Throws `ErrorCode::invalid_argument` with the text and what is wrong with it.
VENV_INLINE Requirement parse_requirement(std::string_view text) {
  return RequirementParser(text).parse();
}

/// `name[extras]specifier` or `name[extras] @ URL`, without the marker: what a message shows.
VENV_INLINE std::string requirement_text(const Requirement& requirement) {
  std::string text = requirement.name;
  for (std::size_t i = 0; i < requirement.extras.size(); ++i)
    text += (i == 0 ? "[" : ",") + requirement.extras[i];
  if (!requirement.extras.empty()) text += ']';
  if (!requirement.url.empty()) return text + " @ " + requirement.url;
  return text + specifier_text(requirement.specifier);
}

VENV_DETAIL_END

// ---- src/package/requirements_text.hpp ----------------------------------------------------------

VENV_DETAIL_BEGIN

/// The encoding that a comment in the first two lines names (PEP 263), or nothing. Throws when it
/// isn't known.
VENV_INLINE std::optional<Encoding> declared_encoding(std::string_view bytes,
                                                      const std::string& file) {
  for (int line_number = 0; line_number < 2 && !bytes.empty(); ++line_number) {
    const std::size_t end = (std::min)(bytes.find('\n'), bytes.size());
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix((std::min)(end + 1, bytes.size()));
    if (line.empty() || line[0] != '#') continue;
    for (std::size_t at = line.find("coding"); at != line.npos; at = line.find("coding", at + 1)) {
      std::string_view rest = line.substr(at + 6);
      if (rest.empty() || (rest[0] != ':' && rest[0] != '=')) continue;
      rest = strip(rest.substr(1));
      std::size_t n = 0;
      while (n < rest.size() && ((fold_case(rest[n]) >= 'a' && fold_case(rest[n]) <= 'z') ||
                                 std::string_view("0123456789-_.").find(rest[n]) != rest.npos))
        ++n;
      if (n == 0) continue;
      if (const auto encoding = encoding_named(rest.substr(0, n))) return encoding;
      throw Error(ErrorCode::invalid_argument,
                  "requirements file '" + printable(file) + "' says that its encoding is '" +
                      printable(rest.substr(0, n)) + "', which can't be read here")
          .advise("Write it in UTF-8.");
    }
  }
  return std::nullopt;
}

/// A requirements file's bytes as UTF-8: by its byte order mark, by its PEP 263 comment, else as it
/// is. Throws `ErrorCode::invalid_argument` when that is not what the bytes are.
VENV_INLINE std::string decode_requirements(std::string_view bytes, const std::string& file) {
  std::optional<Encoding> encoding = take_byte_order_mark(bytes);
  if (!encoding) encoding = declared_encoding(bytes, file);
  auto text = to_utf8(bytes, encoding.value_or(Encoding::utf8));
  if (!text)
    throw Error(ErrorCode::invalid_argument,
                "requirements file '" + printable(file) + "' is not " +
                    (encoding ? "in the encoding that it says" : "UTF-8"))
        .advise(
            "Write it in UTF-8, or name its encoding in the first line: # -*- coding: latin-1 -*-");
  return std::move(*text);
}

/// A line of a requirements file, those that continue it included, without comments.
struct LogicalLine {
  std::size_t number = 0; ///< of its first line, from 1 on
  std::string text;
};

/// The length of the line end at the beginning of `text`, as Python's `str.splitlines` has them; 0
/// when there is none.
VENV_INLINE std::size_t line_end_length(std::string_view text) {
  if (text.substr(0, 2) == "\r\n") return 2;
  const char c = text[0];
  if ((c >= '\n' && c <= '\r') || (c >= '\x1C' && c <= '\x1E')) return 1;
  if (text.substr(0, 2) == "\xC2\x85") return 2;
  return text.substr(0, 3) == "\xE2\x80\xA8" || text.substr(0, 3) == "\xE2\x80\xA9" ? 3 : 0;
}

VENV_INLINE std::vector<std::string_view> physical_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = line_end_length(text.substr(i));
    i += (std::max<std::size_t>)(length, 1);
    if (length == 0) continue;
    lines.push_back(text.substr(begin, i - length - begin));
    begin = i;
  }
  if (begin < text.size()) lines.push_back(text.substr(begin));
  return lines;
}

/// The line up to a `#` at its beginning or behind a blank.
VENV_INLINE std::string_view without_comment(std::string_view line) {
  for (std::size_t at = line.find('#'); at != line.npos; at = line.find('#', at + 1))
    if (at == 0 || strip(line.substr(at - 1, 1)).empty()) return line.substr(0, at);
  return line;
}

/// `${NAME}` replaced by the variable's value; what isn't set stays.
VENV_INLINE std::string with_variables(std::string_view line,
                                       FunctionRef<std::string(const std::string&)> variable) {
  std::string result;
  for (std::size_t at; (at = line.find("${")) != line.npos;) {
    std::size_t end = at + 2;
    while (end < line.size() && ((line[end] >= 'A' && line[end] <= 'Z') ||
                                 (line[end] >= '0' && line[end] <= '9') || line[end] == '_'))
      ++end;
    const bool is_name = end > at + 2 && end < line.size() && line[end] == '}';
    const std::string value =
        is_name ? variable(std::string(line.substr(at + 2, end - at - 2))) : "";
    const std::size_t taken = is_name ? end + 1 : at + 2;
    result += line.substr(0, at);
    result += value.empty() ? line.substr(at, taken - at) : std::string_view(value);
    line.remove_prefix(taken);
  }
  return result.append(line);
}

/// The lines as pip sees them: a `\` at a line's end continues it, except that a line of nothing but
/// a comment ends what it continues.
VENV_INLINE std::vector<LogicalLine>
logical_lines(std::string_view text, FunctionRef<std::string(const std::string&)> variable) {
  std::vector<LogicalLine> lines;
  std::string joined;
  std::size_t number = 0, first = 0;
  const auto finish = [&] {
    const std::string_view content = strip(without_comment(joined));
    if (!content.empty()) lines.push_back({first, with_variables(content, variable)});
    joined.clear();
    first = 0;
  };
  for (const std::string_view line : physical_lines(text)) {
    ++number;
    if (first == 0) first = number;
    const bool is_comment = !strip(line).empty() && strip(line)[0] == '#';
    if (is_comment) joined += ' '; // so that it is one for the joined line too
    const bool continues = !is_comment && !line.empty() && line.back() == '\\';
    if (continues) {
      const std::size_t begin = (std::min)(line.find_first_not_of('\\'), line.size());
      const std::size_t end = line.find_last_not_of('\\') + 1;
      joined += line.substr(begin, (std::max)(begin, end) - begin);
    } else {
      joined += line;
      finish();
    }
  }
  finish();
  return lines;
}

VENV_DETAIL_END

// ---- src/package/requirements_file.hpp ----------------------------------------------------------

VENV_DETAIL_BEGIN

/// Where a line of a requirements file stands.
struct LinePlace {
  std::string file{};
  std::size_t number = 0;
};

VENV_INLINE std::string place_text(const LinePlace& place) {
  return place.file + ':' + std::to_string(place.number);
}

/// What one line requires.
struct RequiredLine {
  std::string text{}; ///< a requirement (PEP 508), a path or a URL, as written
  bool is_editable = false;
  bool is_constraint = false;          ///< it comes from a file that `-c` named
  std::vector<std::string> hashes{};   ///< `sha256:...`
  std::vector<std::string> settings{}; ///< `--config-settings`
  LinePlace place{};
};

/// An option on a line of its own.
struct FileOption {
  std::string name; ///< the long one: `--index-url`
  std::string value;
  LinePlace place;
};

/// What a requirements file says, those that it names included.
struct RequirementsFile {
  std::vector<RequiredLine> lines{};
  std::vector<FileOption> options{};
  std::vector<std::string> files{}; ///< all that were read, in their order, each once
};

/// From where a requirements file's text comes.
struct RequirementsSource {
  /// The bytes of a file; throws what the caller of `read_requirements` is to get.
  FunctionRef<std::string(const std::string& file)> read;
  /// An environment variable's value; empty when it isn't set.
  FunctionRef<std::string(const std::string& name)> variable;
  Os os = Os::linux_or_other; ///< on Windows `\` separates the parts of a path, too
};

/// An option that may stand in a requirements file.
struct KnownOption {
  std::string_view name;
  char letter; ///< 0: none
  bool has_value;
};

inline constexpr KnownOption requirements_options[] = {
    {"--index-url", 'i', true},
    {"--pypi-url", 0, true},
    {"--extra-index-url", 0, true},
    {"--no-index", 0, false},
    {"--constraint", 'c', true},
    {"--requirement", 'r', true},
    {"--editable", 'e', true},
    {"--find-links", 'f', true},
    {"--no-binary", 0, true},
    {"--only-binary", 0, true},
    {"--prefer-binary", 0, false},
    {"--require-hashes", 0, false},
    {"--no-require-hashes", 0, false},
    {"--pre", 0, false},
    {"--all-releases", 0, true},
    {"--only-final", 0, true},
    {"--trusted-host", 0, true},
    {"--use-feature", 0, true},
    {"--hash", 0, true},
    {"--config-settings", 'C', true},
    {"--global-option", 0, true}, // of older pips
};

/// The words of a line, split as a POSIX shell would. Nothing when a quote isn't closed.
VENV_INLINE std::optional<std::vector<std::string>> shell_words(std::string_view text) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == 0 && (c == ' ' || c == '\t' || c == '\r' || c == '\n')) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (quote != 0 && c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'') {
      if (++i == text.size()) return std::nullopt;
      const bool escapes = quote == 0 || text[i] == '"' || text[i] == '\\';
      if (!escapes) words.back() += c;
      words.back() += text[i];
    } else {
      words.back() += c;
    }
  }
  return quote == 0 ? std::optional(std::move(words)) : std::nullopt;
}

VENV_INLINE bool is_url_reference(std::string_view text) {
  for (const std::string_view scheme : {"http:", "https:", "file:"})
    if (text.substr(0, scheme.size()) == scheme) return true;
  return false;
}

/// `name`, which a file names, as a path from where that file's own path starts; `.` and `..` folded
/// by the letter, so that a file has one name.
VENV_INLINE std::string beside(const std::string& file, std::string_view name, Os os) {
  if (is_url_reference(name)) return std::string(name);
  const std::string_view separators = os == Os::windows ? "/\\" : "/";
  const auto is_separator = [separators](char c) { return separators.find(c) != separators.npos; };
  const bool has_drive = os == Os::windows && name.size() > 1 && name[1] == ':';
  const std::size_t slash = file.find_last_of(separators);
  std::string path(name);
  if (!name.empty() && !is_separator(name[0]) && !has_drive && slash != file.npos)
    path = file.substr(0, slash + 1) + path;
  if (is_url_reference(path)) return path;
  std::string result(path.substr(0, !path.empty() && is_separator(path[0]) ? 1 : 0));
  std::vector<std::string> parts;
  for (std::size_t begin = result.size(); begin < path.size();) {
    const std::size_t end = (std::min)(path.find_first_of(separators, begin), path.size());
    std::string part = path.substr(begin, end - begin);
    begin = end + 1;
    if (part.empty() || part == ".") continue;
    const bool goes_up = part == "..";
    if (goes_up && parts.empty() && !result.empty()) continue; // the root is its own parent
    if (goes_up && !parts.empty() && parts.back() != "..") parts.pop_back();
    else parts.push_back(std::move(part));
  }
  for (std::size_t i = 0; i < parts.size(); ++i) result += (i == 0 ? "" : "/") + parts[i];
  return result;
}

/// Reads a requirements file and those that it names.
class RequirementsReader {
public:
  explicit RequirementsReader(const RequirementsSource& source) : source_(source) {}

  RequirementsFile read(const std::string& file, bool is_constraint) {
    read_file(file, is_constraint);
    return std::move(result_);
  }

private:
  [[noreturn]] static void fail(const LinePlace& place, const std::string& message) {
    throw Error(ErrorCode::invalid_argument, printable(place_text(place)) + ": " + message);
  }
  void read_file(const std::string& file, bool is_constraint) {
    if (++reads_ > 10000)
      throw Error(ErrorCode::invalid_argument,
                  "requirements files name one another too often, last '" + printable(file) + "'");
    open_.push_back(beside({}, file, source_.os));
    const std::string text = decode_requirements(source_.read(file), file);
    if (std::find(result_.files.begin(), result_.files.end(), file) == result_.files.end())
      result_.files.push_back(file);
    for (const LogicalLine& line : logical_lines(text, source_.variable))
      read_line(line.text, {file, line.number}, is_constraint);
    open_.pop_back();
  }
  /// What is required stands first; the first word with a dash begins the options.
  void read_line(std::string_view line, const LinePlace& place, bool is_constraint) {
    std::size_t begin = 0;
    while (begin < line.size() && line[begin] != '-')
      begin = (std::min)(line.find(' ', begin), line.size() - 1) + 1;
    const std::string_view required = strip(line.substr(0, begin));
    std::vector<FileOption> options = read_options(line.substr(begin), place);
    const auto editable =
        std::find_if(options.begin(), options.end(),
                     [](const FileOption& option) { return option.name == "--editable"; });
    if (!required.empty() || editable != options.end()) {
      add_required(required.empty() ? editable->value : std::string(required), options,
                   {{}, editable != options.end(), is_constraint, {}, {}, place});
    } else if (!read_nested(options, place)) {
      for (FileOption& option : options)
        if (option.name != "--hash" && option.name != "--config-settings")
          result_.options.push_back(std::move(option));
    }
  }
  void add_required(std::string text, const std::vector<FileOption>& options, RequiredLine line) {
    line.text = std::move(text);
    for (const FileOption& option : options) {
      if (option.name == "--hash" && !line.is_editable) line.hashes.push_back(option.value);
      if (option.name == "--config-settings") line.settings.push_back(option.value);
    }
    result_.lines.push_back(std::move(line));
  }
  /// Reads the file that `-r` or else `-c` names, if one does.
  bool read_nested(const std::vector<FileOption>& options, const LinePlace& place) {
    for (const std::string_view name : {"--requirement", "--constraint"})
      for (const FileOption& option : options) {
        if (option.name != name) continue;
        const std::string file = beside(place.file, option.value, source_.os);
        if (std::find(open_.begin(), open_.end(), file) != open_.end())
          fail(place, "'" + printable(file) + "' names itself, directly or through others");
        if (open_.size() > 100) fail(place, "too many files that name one another");
        read_file(file, name == "--constraint");
        return true;
      }
    return false;
  }

  std::vector<FileOption> read_options(std::string_view text, const LinePlace& place) const {
    const auto words = shell_words(text);
    if (!words) fail(place, "a quote isn't closed: '" + printable(text) + "'");
    std::vector<FileOption> options;
    for (auto word = words->begin(); word != words->end(); ++word) {
      if (*word == "--") break;
      if (word->size() < 2 || word->front() != '-') continue; // pip takes no notice of it either
      const bool is_long = word->compare(0, 2, "--") == 0;
      const std::size_t equals = is_long ? word->find('=') : word->npos;
      const KnownOption& known = find_option(word->substr(0, is_long ? equals : 2), place);
      std::optional<std::string> value;
      if (equals != word->npos) value = word->substr(equals + 1);
      if (!is_long && word->size() > 2) value = word->substr(2);
      if (!known.has_value && value) fail(place, std::string(known.name) + " takes no value");
      if (known.has_value && !value) {
        if (++word == words->end()) fail(place, std::string(known.name) + " needs a value");
        value = *word;
      }
      const std::string_view name = known.name == "--pypi-url" ? "--index-url" : known.name;
      options.push_back({std::string(name), value.value_or(""), place});
      check_value(options.back());
    }
    return options;
  }
  /// The option of that name, or the only one that begins with it.
  static const KnownOption& find_option(const std::string& name, const LinePlace& place) {
    const KnownOption* found = nullptr;
    for (const KnownOption& option : requirements_options) {
      const bool is_letter = option.letter != 0 && name == std::string("-") + option.letter;
      if (is_letter || option.name == name) return option;
      if (name.size() < 3 || option.name.substr(0, name.size()) != name) continue;
      if (found != nullptr) fail(place, "option '" + printable(name) + "' is ambiguous");
      found = &option;
    }
    if (found == nullptr) fail(place, "no option '" + printable(name) + "' in requirements files");
    return *found;
  }
  static void check_value(const FileOption& option) {
    const std::string& value = option.value;
    for (const std::string_view list :
         {"--no-binary", "--only-binary", "--all-releases", "--only-final"})
      if (option.name == list && value.substr(0, 1) == "-")
        fail(option.place, option.name + " needs a value");
    if (option.name != "--hash") return;
    const std::string algorithm = value.substr(0, value.find(':'));
    if (algorithm.size() == value.size())
      fail(option.place, "--hash takes an algorithm and a hash: sha256:...");
    if (algorithm != "sha256" && algorithm != "sha384" && algorithm != "sha512")
      fail(option.place,
           "--hash takes sha256, sha384 or sha512, not '" + printable(algorithm) + "'");
  }

  const RequirementsSource& source_;
  RequirementsFile result_{};
  std::size_t reads_ = 0;           ///< two files that name one another's are soon very many
  std::vector<std::string> open_{}; ///< the files that are being read, the outermost first
};

/// What pip would read in `file` and in the files that it names with `-r` and `-c`, which lie beside
/// it. Throws `ErrorCode::invalid_argument` with file and line, also for a file that names itself.
VENV_INLINE RequirementsFile read_requirements(const std::string& file,
                                               const RequirementsSource& source,
                                               bool is_constraint = false) {
  return RequirementsReader(source).read(file, is_constraint);
}

/// What the text of a line is.
enum class RequiredKind {
  named, ///< a requirement by PEP 508, also `name @ URL`
  url,
  path,
};

VENV_INLINE bool ends_with_any(std::string_view text,
                               std::initializer_list<std::string_view> endings) {
  for (const std::string_view ending : endings)
    if (text.size() >= ending.size() && text.substr(text.size() - ending.size()) == ending)
      return true;
  return false;
}

/// As pip tells them apart when the files that are named exist.
VENV_INLINE RequiredKind kind_of(const RequiredLine& line, Os os) {
  const std::size_t colon = (std::min)(line.text.find(':'), line.text.size());
  const std::string scheme = folded(std::string_view(line.text).substr(0, colon));
  for (const std::string_view known : {"http", "https", "file", "ftp"})
    if (colon < line.text.size() && scheme == known) return RequiredKind::url;
  for (const std::string_view vcs : {"git", "hg", "svn", "bzr"})
    if (colon < line.text.size() && scheme.size() > vcs.size() + 1 &&
        scheme.compare(0, vcs.size(), vcs) == 0 && scheme[vcs.size()] == '+')
      return RequiredKind::url;
  const std::string_view text = strip(std::string_view(line.text).substr(0, line.text.find(';')));
  const auto looks_like_path = [os](std::string_view part) {
    return part.substr(0, 1) == "." ||
           part.find_first_of(os == Os::windows ? "/\\" : "/") != part.npos;
  };
  const std::size_t at = text.find('@');
  if (at != text.npos && !looks_like_path(text.substr(0, at))) return RequiredKind::named;
  const bool has_extras = !text.empty() && text.back() == ']';
  const std::string_view bare = text.substr(0, has_extras ? text.rfind('[') : text.npos);
  const bool is_archive =
      ends_with_any(folded(bare), {".zip", ".whl", ".tar.bz2", ".tbz", ".tar.gz", ".tgz", ".tar",
                                   ".tar.xz", ".txz", ".tlz", ".tar.lz", ".tar.lzma"});
  return line.is_editable || looks_like_path(text) || is_archive ? RequiredKind::path
                                                                 : RequiredKind::named;
}

VENV_DETAIL_END

// ---- src/package/metadata.hpp -------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Takes the first line off `text`, whatever ends it, without its end.
VENV_INLINE std::string_view take_line(std::string_view& text) {
  const std::size_t end = (std::min)(text.find_first_of("\r\n"), text.size());
  const std::string_view line = text.substr(0, end);
  const bool both = text.substr(end, 2) == "\r\n";
  text.remove_prefix((std::min)(end + (both ? 2 : 1), text.size()));
  return line;
}

/// The length of the header's name at the beginning of a line, or npos when it is no header. One
/// without a name is passed over.
VENV_INLINE std::size_t header_name_length(std::string_view line) {
  const std::size_t colon = line.find(':');
  for (std::size_t i = 0; colon != line.npos && i < colon; ++i)
    if (line[i] <= ' ' || line[i] == '\x7F' || static_cast<unsigned char>(line[i]) >= 0x80)
      return line.npos;
  return colon;
}

/// Calls `each` with the name and value of every header (METADATA, PKG-INFO, WHEEL) before the body,
/// as Python's email module reads them. A line that begins with a blank continues the one before;
/// the two are one line then.
VENV_INLINE void for_each_header(std::string_view text,
                                 FunctionRef<void(std::string_view, const std::string&)> each) {
  take_prefix(text, "\xEF\xBB\xBF");
  std::string_view name;
  std::string value;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (!line.empty() && (line[0] == ' ' || line[0] == '\t')) {
      const std::string_view more = strip(line);
      value.append(value.empty() || more.empty() ? "" : " ").append(more);
      continue;
    }
    const std::size_t length = header_name_length(line);
    if (length == line.npos) break; // an empty line, or one of the body without it
    if (!name.empty()) each(name, value);
    name = line.substr(0, length);
    value = strip(line.substr(length + 1));
  }
  if (!name.empty()) each(name, value);
}

/// The value of the first header of that name, of any case, or nothing.
VENV_INLINE std::string header_value(std::string_view text, std::string_view name) {
  std::string found;
  bool is_found = false;
  for_each_header(text, [&](std::string_view header, const std::string& value) {
    if (is_found || folded(header) != folded(name)) return;
    found = value;
    is_found = true;
  });
  return found;
}

/// What a distribution says of itself ("Core metadata specifications"), as far as it is needed.
struct Metadata {
  std::string name{}, version{}, requires_python{};
  std::vector<std::string> requirements{}; ///< `Requires-Dist`
  std::vector<std::string> extras{};       ///< `Provides-Extra`, as written
};

VENV_INLINE Metadata parse_metadata(std::string_view text) {
  Metadata metadata;
  // Of a header that is there twice the first counts, also when it is empty.
  struct Field {
    std::string_view name;
    std::string& value;
    bool is_known = false;
  };
  Field fields[] = {{"name", metadata.name},
                    {"version", metadata.version},
                    {"requires-python", metadata.requires_python}};
  for_each_header(text, [&](std::string_view header, const std::string& value) {
    const std::string name = folded(header);
    for (Field& field : fields)
      if (name == field.name && !std::exchange(field.is_known, true)) field.value = value;
    if (name == "requires-dist") metadata.requirements.push_back(value);
    else if (name == "provides-extra") metadata.extras.push_back(value);
  });
  return metadata;
}

/// The marker for a section of `requires.txt`, `extra:condition`, either of which may be missing.
VENV_INLINE std::string section_marker(std::string_view section) {
  const std::size_t colon = (std::min)(section.find(':'), section.size());
  const std::string_view extra = strip(section.substr(0, colon));
  std::string condition(strip(section.substr((std::min)(colon + 1, section.size()))));
  if (extra.empty()) return condition;
  const std::string of_extra = "extra == \"" + std::string(extra) + '"';
  return condition.empty() ? of_extra : '(' + condition + ") and " + of_extra;
}

/// Adds what setuptools' `requires.txt` of an `.egg-info` directory says, as `Requires-Dist` and
/// `Provides-Extra` would say it.
VENV_INLINE void add_egg_requirements(std::string_view text, Metadata& metadata) {
  std::string marker;
  while (!text.empty()) {
    const std::string_view line = strip(take_line(text));
    if (line.empty() || line[0] == '#') continue;
    if (line.front() == '[' && line.back() == ']') {
      const std::string_view section = line.substr(1, line.size() - 2);
      const std::string extra(strip(section.substr(0, section.find(':'))));
      if (!extra.empty() &&
          std::find(metadata.extras.begin(), metadata.extras.end(), extra) == metadata.extras.end())
        metadata.extras.push_back(extra);
      marker = section_marker(section);
      continue;
    }
    std::string requirement(line);
    if (!marker.empty()) requirement += (line.find('@') == line.npos ? "; " : " ; ") + marker;
    metadata.requirements.push_back(std::move(requirement));
  }
}

VENV_DETAIL_END

// ---- src/package/direct_url.hpp -----------------------------------------------------------------

VENV_DETAIL_BEGIN

/// A value of a JSON document: the keys on the way to it with dots between them, and its text.
struct JsonField {
  std::string path, value;
  bool is_text = false; ///< else a number, `true`, `false` or `null`
};

/// Reads a JSON document (RFC 8259) into its scalar values.
class JsonReader {
public:
  explicit JsonReader(std::string_view text) : rest_(text) {}

  /// Nothing when the text is no JSON, or is nested deeper than 32.
  std::optional<std::vector<JsonField>> read() {
    take_prefix(rest_, "\xEF\xBB\xBF");
    if (!value({}, 0)) return std::nullopt;
    skip_blanks();
    return rest_.empty() ? std::optional(std::move(fields_)) : std::nullopt;
  }

private:
  void skip_blanks() {
    while (!rest_.empty() && std::string_view(" \t\r\n").find(rest_[0]) != std::string_view::npos)
      rest_.remove_prefix(1);
  }
  bool take(std::string_view token) {
    skip_blanks();
    return take_prefix(rest_, token);
  }
  bool value(const std::string& path, int depth) {
    if (depth > 32) return false;
    if (take("{")) return members(path, depth);
    if (take("[")) return elements(path, depth);
    if (take("\"")) {
      auto found = text();
      if (found) fields_.push_back({path, std::move(*found), true});
      return found.has_value();
    }
    std::size_t n = 0;
    while (n < rest_.size() && (is_word(rest_[n]))) ++n;
    fields_.push_back({path, std::string(rest_.substr(0, n)), false});
    rest_.remove_prefix(n);
    return is_scalar_text(fields_.back().value);
  }
  static bool is_word(char c) {
    return (fold_case(c) >= 'a' && fold_case(c) <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '+' || c == '.';
  }
  static bool is_scalar_text(const std::string& text) {
    if (text == "true" || text == "false" || text == "null") return true;
    const std::size_t first = text.find_first_of("0123456789");
    return first <= 1 && (first == 0 || text[0] == '-') &&
           text.find_first_not_of("0123456789+-.eE") == text.npos;
  }
  bool members(const std::string& path, int depth) {
    if (take("}")) return true;
    do {
      if (!take("\"")) return false;
      const auto key = text();
      if (!key || !take(":")) return false;
      if (!value(path.empty() ? *key : path + '.' + *key, depth + 1)) return false;
    } while (take(","));
    return take("}");
  }
  bool elements(const std::string& path, int depth) {
    if (take("]")) return true;
    do {
      if (!value(path, depth + 1)) return false;
    } while (take(","));
    return take("]");
  }
  /// What follows a quote, up to the next, which is taken.
  std::optional<std::string> text() {
    std::string out;
    while (!rest_.empty()) {
      const char c = rest_[0];
      if (static_cast<unsigned char>(c) < 0x20) return std::nullopt;
      rest_.remove_prefix(1);
      if (c == '"') return out;
      if (c != '\\') out += c;
      else if (!escape(out)) return std::nullopt;
    }
    return std::nullopt;
  }
  bool escape(std::string& out) {
    constexpr std::string_view letters = "\"\\/bfnrt", means = "\"\\/\b\f\n\r\t";
    if (rest_.empty()) return false;
    const char c = rest_[0];
    rest_.remove_prefix(1);
    if (const std::size_t at = letters.find(c); at != letters.npos) {
      out += means[at];
      return true;
    }
    char32_t high = 0, low = 0;
    if (c != 'u' || take_digits(rest_, 16, 4, high) != 4) return false;
    if (high >= 0xD800 && high < 0xDC00) { // a pair of surrogates is one character
      if (!take_prefix(rest_, "\\u") || take_digits(rest_, 16, 4, low) != 4) return false;
      if (low < 0xDC00 || low > 0xDFFF) return false;
      high = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    }
    if (!is_scalar(high)) return false;
    append_utf8(out, high);
    return true;
  }

  std::string_view rest_;
  std::vector<JsonField> fields_{};
};

/// From where a distribution was installed ("Direct URL data structure").
struct DirectUrl {
  std::string url{}, vcs{}, commit{}, subdirectory{};
  bool editable = false;
};

/// Nothing when it can't be read or names no URL.
VENV_INLINE std::optional<DirectUrl> parse_direct_url(std::string_view text) {
  const auto fields = JsonReader(text).read();
  if (!fields) return std::nullopt;
  DirectUrl direct;
  for (const JsonField& field : *fields) {
    if (field.path == "dir_info.editable")
      direct.editable = !field.is_text && field.value == "true";
    if (!field.is_text) continue;
    if (field.path == "url") direct.url = field.value;
    if (field.path == "subdirectory") direct.subdirectory = field.value;
    if (field.path == "vcs_info.vcs") direct.vcs = field.value;
    if (field.path == "vcs_info.commit_id") direct.commit = field.value;
  }
  return direct.url.empty() ? std::nullopt : std::optional(std::move(direct));
}

VENV_DETAIL_END

// ---- src/package/wheel_name.hpp -----------------------------------------------------------------

VENV_DETAIL_BEGIN

/// The parts of a wheel's file name ("Binary distribution format", "File name convention").
struct WheelName {
  std::string distribution{}, version{}, build{}, python_tag{}, abi_tag{}, platform_tag{};
  PackageVersion parsed_version{};

  /// Whether any Python 3 on any system can use it: `py3-none-any`, also among others
  /// (`py2.py3`).
  bool is_universal() const {
    const std::string tags = '.' + python_tag + '.';
    return tags.find(".py3.") != tags.npos && abi_tag == "none" && platform_tag == "any";
  }
};

/// Whether a part of a file name is a tag, or several with dots between them ("Compressed tag sets").
VENV_INLINE bool is_tag_set(std::string_view text, bool are_identifiers) {
  for (const std::string_view tag : split(text, '.'))
    if (tag.empty() || (are_identifiers && tag[0] >= '0' && tag[0] <= '9')) return false;
  return true;
}

/// `{distribution}-{version}(-{build})?-{python}-{abi}-{platform}.whl`, or nothing where
/// `file_name` (without directories) isn't like that.
VENV_INLINE std::optional<WheelName> parse_wheel_name(std::string_view file_name) {
  constexpr std::string_view suffix = ".whl";
  const auto allowed = [](char c) {
    return (fold_case(c) >= 'a' && fold_case(c) <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || c == '+' || c == '!';
  };
  if (file_name.size() <= suffix.size() ||
      file_name.substr(file_name.size() - suffix.size()) != suffix ||
      !std::all_of(file_name.begin(), file_name.end(), allowed))
    return std::nullopt;
  file_name.remove_suffix(suffix.size());
  const std::vector<std::string_view> parts = split(file_name, '-');
  const std::size_t n = parts.size();
  if ((n != 5 && n != 6) || std::find(parts.begin(), parts.end(), "") != parts.end())
    return std::nullopt;
  if (parts[0].find("__") != file_name.npos || !is_tag_set(parts[n - 3], true) ||
      !is_tag_set(parts[n - 2], false) || !is_tag_set(parts[n - 1], false))
    return std::nullopt;
  const std::string build(n == 6 ? parts[2] : "");
  if (n == 6 && (build[0] < '0' || build[0] > '9')) return std::nullopt;
  const auto version = parse_package_version(parts[1]);
  if (!version) return std::nullopt;
  const auto part = [&parts](std::size_t i) { return std::string(parts[i]); };
  return WheelName{part(0), part(1), build, part(n - 3), part(n - 2), part(n - 1), *version};
}

/// Whether build tag `a` comes before `b`: none, then by the number in front, then by the rest.
VENV_INLINE bool is_earlier_build(std::string_view a, std::string_view b) {
  const auto key = [](std::string_view tag) {
    const std::size_t end = (std::min)(tag.find_first_not_of("0123456789"), tag.size());
    std::string_view number = tag.substr(0, end);
    number.remove_prefix((std::min)(number.find_first_not_of('0'), number.size()));
    return std::make_tuple(!tag.empty(), number.size(), number, tag.substr(end));
  };
  return key(a) < key(b);
}

VENV_DETAIL_END

// ---- src/package/tags.hpp -----------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// What a Python says of itself, as far as it decides which wheels it can use (PEP 425).
struct TagFacts {
  std::string implementation = "cpython"; ///< `sys.implementation.name`
  std::array<int, 2> version{};           ///< `sys.version_info[:2]`
  bool is_64bit = true;
  bool free_threaded = false;   ///< `Py_GIL_DISABLED`
  bool debug = false;           ///< `Py_DEBUG`
  bool pymalloc = true;         ///< `WITH_PYMALLOC`, which is in the tag below Python 3.8
  std::string extension_suffix; ///< `EXT_SUFFIX`, such as `.pypy310-pp73-x86_64-linux-gnu.so`
  std::string version_nodot;    ///< `py_version_nodot`, when it isn't the version's two numbers
  std::string platform;         ///< `sysconfig.get_platform()`, such as `linux-x86_64`
  std::array<int, 2> glibc{};   ///< 0.0: none
  std::array<int, 2> musl{};    ///< 0.0: none
  bool is_manylinux_abi = true; ///< on 32 bits: the executable's ABI is i686's, or hard-float ARM's
  std::array<int, 2> mac{};     ///< macOS's own version
  std::string mac_machine;      ///< `platform.machine()` there: `arm64`, `x86_64`
};

/// A tag that a Python takes.
struct Tag {
  std::string python, abi, platform;
};

VENV_INLINE bool operator==(const Tag& a, const Tag& b) {
  return a.python == b.python && a.abi == b.abi && a.platform == b.platform;
}

VENV_INLINE std::string tag_text(const Tag& tag) {
  return tag.python + '-' + tag.abi + '-' + tag.platform;
}

/// Text as it can stand in a tag.
VENV_INLINE std::string tag_spelling(std::string_view text) {
  std::string result = folded(text);
  for (char& c : result)
    if (c == '.' || c == '-' || c == ' ') c = '_';
  return result;
}

/// The binary formats that a macOS of that version runs on that machine, the machine's own first.
VENV_INLINE std::vector<std::string> mac_formats(std::array<int, 2> version,
                                                 const std::string& machine) {
  using Version = std::array<int, 2>;
  std::vector<std::string> formats{machine};
  const auto add = [&formats](std::initializer_list<const char*> more) {
    formats.insert(formats.end(), more.begin(), more.end());
  };
  if (machine == "x86_64" || machine == "i386") {
    if (version < Version{10, 4}) return {};
    if (machine == "x86_64") add({"intel", "fat64", "fat3"});
    else add({"intel", "fat3", "fat"});
  } else if (machine == "ppc64") {
    if (version > Version{10, 5} || version < Version{10, 4}) return {};
    add({"fat64"});
  } else if (machine == "ppc") {
    if (version > Version{10, 6}) return {};
    add({"fat3", "fat"});
  }
  if (machine == "arm64" || machine == "x86_64") add({"universal2"});
  for (const char* known : {"x86_64", "i386", "ppc64", "ppc", "intel"})
    if (machine == known) add({"universal"});
  return formats;
}

/// macOS's platforms, newest first. Its yearly release was the second number up to 10.16, since then
/// it is the first.
VENV_INLINE std::vector<std::string> mac_platforms(const TagFacts& facts) {
  std::string machine = facts.mac_machine;
  if (!facts.is_64bit) machine = machine.substr(0, 3) == "ppc" ? "ppc" : "i386";
  std::vector<std::string> platforms;
  const auto add = [&](int major, int minor, const std::vector<std::string>& formats) {
    for (const std::string& format : formats)
      platforms.push_back("macosx_" + std::to_string(major) + '_' + std::to_string(minor) + '_' +
                          format);
  };
  const bool is_ten = facts.mac[0] == 10;
  for (int major = facts.mac[0]; major > 10; --major)
    add(major, 0, mac_formats({major, 0}, machine));
  for (int minor = is_ten ? facts.mac[1] : 16; minor >= (is_ten ? 0 : 4); --minor) {
    // No processor but x86_64 had a macOS 10 in common with 11; `universal2` holds both.
    const bool all = is_ten || machine == "x86_64";
    add(10, minor,
        all ? mac_formats({10, minor}, machine) : std::vector<std::string>{"universal2"});
  }
  return facts.mac[0] < 10 ? std::vector<std::string>() : platforms;
}

/// The last minor version of glibc that a Linux of that kind was made for, down to which wheels are
/// taken (PEP 513, 599, 600), and the names that three of them had before PEP 600.
VENV_INLINE void add_manylinux(const TagFacts& facts, const std::string& machine,
                               bool has_old_glibc, std::vector<std::string>& platforms) {
  for (int major = facts.glibc[0]; major >= 2; --major) {
    const int oldest = major > 2 ? 0 : has_old_glibc ? 5 : 17;
    const int newest = major == facts.glibc[0] ? facts.glibc[1] : 50; // as if there were a glibc 3
    for (int minor = newest; minor >= oldest; --minor) {
      platforms.push_back("manylinux_" + std::to_string(major) + '_' + std::to_string(minor) + '_' +
                          machine);
      const char* const old_name = major != 2    ? nullptr
                                   : minor == 17 ? "manylinux2014_"
                                   : minor == 12 ? "manylinux2010_"
                                   : minor == 5  ? "manylinux1_"
                                                 : nullptr;
      if (old_name != nullptr) platforms.push_back(old_name + machine);
    }
  }
}

VENV_INLINE std::vector<std::string> linux_platforms(const TagFacts& facts) {
  std::string platform = tag_spelling(facts.platform);
  if (!facts.is_64bit && platform == "linux_x86_64") platform = "linux_i686";
  if (!facts.is_64bit && platform == "linux_aarch64") platform = "linux_armv8l";
  const std::string machine = platform.substr(std::string_view("linux_").size());
  std::vector<std::string> machines{machine}, platforms;
  if (machine == "armv8l") machines.push_back("armv7l");
  for (const std::string& one : machines) platforms.push_back("linux_" + one);
  bool has_abi = machines.back() == "armv7l" || machine == "i686";
  if (has_abi) has_abi = facts.is_manylinux_abi;
  for (const char* known :
       {"x86_64", "aarch64", "ppc64", "ppc64le", "s390x", "loongarch64", "riscv64"})
    has_abi = has_abi || machine == known;
  if (has_abi && facts.glibc[0] >= 2)
    for (const std::string& one : machines)
      add_manylinux(facts, one, machine == "x86_64" || machine == "i686", platforms);
  if (facts.musl[0] > 0)
    for (const std::string& one : machines)
      for (int minor = facts.musl[1]; minor >= 0; --minor)
        platforms.push_back("musllinux_" + std::to_string(facts.musl[0]) + '_' +
                            std::to_string(minor) + '_' + one);
  return platforms;
}

/// The platforms whose wheels a Python takes, the fittest first.
VENV_INLINE std::vector<std::string> platforms_of(const TagFacts& facts) {
  const std::string platform = tag_spelling(facts.platform);
  if (platform.substr(0, 7) == "macosx_") return mac_platforms(facts);
  if (platform.substr(0, 6) == "linux_") return linux_platforms(facts);
  return {platform};
}

/// CPython's ABIs, its own first. A debug build takes a usual build's extensions since 3.8.
VENV_INLINE std::vector<std::string> cpython_abis(const TagFacts& facts,
                                                  const std::string& python) {
  const std::string threads =
      facts.free_threaded && facts.version >= std::array<int, 2>{3, 13} ? "t" : "";
  const bool is_old = facts.version < std::array<int, 2>{3, 8};
  const std::string debug = facts.debug ? "d" : "", pymalloc = is_old && facts.pymalloc ? "m" : "";
  std::vector<std::string> abis{python + threads + debug + pymalloc};
  if (!is_old && facts.debug) abis.push_back(python + threads);
  return abis;
}

/// Another implementation's ABI, which the suffix of its extensions names; empty when it names none.
VENV_INLINE std::string generic_abi(const std::string& extension_suffix) {
  const std::vector<std::string_view> parts = split(extension_suffix, '.');
  if (parts.size() < 3 || !parts[0].empty()) return {};
  const std::vector<std::string_view> words = split(parts[1], '-');
  const auto begins = [&](std::string_view start) {
    return parts[1].substr(0, start.size()) == start;
  };
  if (begins("cpython")) return words.size() < 2 ? std::string() : "cp" + tag_spelling(words[1]);
  if (begins("cp")) return tag_spelling(words[0]);
  const std::size_t kept = begins("pypy") ? 2 : begins("graalpy") ? 3 : words.size();
  std::string abi;
  for (std::size_t i = 0; i < (std::min)(kept, words.size()); ++i)
    abi += (i == 0 ? "" : "_") + tag_spelling(words[i]);
  return abi;
}

/// Collects tags in the order in which a Python prefers them.
class TagList {
public:
  explicit TagList(const TagFacts& facts) : facts_(facts), platforms_(platforms_of(facts)) {}

  std::vector<Tag> list() {
    const std::string short_name = facts_.implementation == "cpython" ? "cp"
                                   : facts_.implementation == "pypy"  ? "pp"
                                                                      : facts_.implementation;
    const std::string digits =
        facts_.version_nodot.empty() ? nodot(facts_.version[1]) : facts_.version_nodot;
    if (short_name == "cp") add_cpython();
    else add_generic(short_name + digits);
    add_any(short_name == "cp" ? "cp" + digits : short_name == "pp" ? "pp3" : std::string());
    return std::move(tags_);
  }

private:
  std::string nodot(int minor) const {
    return std::to_string(facts_.version[0]) + std::to_string(minor);
  }
  void add(const std::string& python, const std::string& abi) {
    for (const std::string& platform : platforms_) tags_.push_back({python, abi, platform});
  }
  void add_cpython() {
    const std::string python = "cp" + nodot(facts_.version[1]);
    const std::vector<std::string> abis = cpython_abis(facts_, python);
    const bool threads = abis[0].find('t') != abis[0].npos;
    const std::string stable_abi = threads ? "abi3t" : "abi3"; // PEP 384, PEP 803
    for (const std::string& abi : abis) add(python, abi);
    add(python, stable_abi);
    add(python, "none");
    for (int minor = facts_.version[1] - 1; minor >= 2; --minor)
      add("cp" + nodot(minor), stable_abi);
  }
  void add_generic(const std::string& python) {
    if (const std::string abi = generic_abi(facts_.extension_suffix); !abi.empty())
      add(python, abi);
    add(python, "none");
  }
  void add_any(const std::string& python) {
    std::vector<std::string> pythons{"py" + nodot(facts_.version[1]),
                                     "py" + std::to_string(facts_.version[0])};
    for (int minor = facts_.version[1] - 1; minor >= 0; --minor)
      pythons.push_back("py" + nodot(minor));
    for (const std::string& one : pythons) add(one, "none");
    if (!python.empty()) tags_.push_back({python, "none", "any"});
    for (const std::string& one : pythons) tags_.push_back({one, "none", "any"});
  }

  const TagFacts& facts_;
  std::vector<std::string> platforms_;
  std::vector<Tag> tags_{};
};

/// Every tag that a Python takes, the fittest first.
VENV_INLINE std::vector<Tag> supported_tags(const TagFacts& facts) { return TagList(facts).list(); }

/// Whether `tag` is among the tags of a compressed set: `py2.py3`.
VENV_INLINE bool tag_set_has(std::string_view set, std::string_view tag) {
  for (const std::string_view one : split(set, '.'))
    if (one.size() == tag.size() && folded(one) == tag) return true;
  return false;
}

/// At which place of a Python's list a wheel's best tag is; nothing when it is for others.
VENV_INLINE std::optional<std::size_t> tag_rank(const WheelName& wheel,
                                                const std::vector<Tag>& supported) {
  for (std::size_t i = 0; i < supported.size(); ++i)
    if (tag_set_has(wheel.python_tag, supported[i].python) &&
        tag_set_has(wheel.abi_tag, supported[i].abi) &&
        tag_set_has(wheel.platform_tag, supported[i].platform))
      return i;
  return std::nullopt;
}

/// Whether wheel `a` is to be taken rather than `b` of the same project: the newer version, then the
/// fitter tag, then the later build. Ranks are those of `tag_rank`.
VENV_INLINE bool is_better_wheel(const WheelName& a, std::size_t rank_of_a, const WheelName& b,
                                 std::size_t rank_of_b) {
  if (const int order = compare_versions(a.parsed_version, b.parsed_version)) return order > 0;
  if (rank_of_a != rank_of_b) return rank_of_a < rank_of_b;
  return is_earlier_build(b.build, a.build);
}

VENV_DETAIL_END

// ---- src/package/entry_points.hpp ---------------------------------------------------------------

VENV_DETAIL_BEGIN

/// A script to make: `name` calls `attribute` (which may have dots) of `module`.
struct EntryPoint {
  std::string name{}, module{}, attribute{};
};

/// What `entry_points.txt` wants in the scripts' directory.
struct Scripts {
  std::vector<EntryPoint> console{}, gui{};
};

/// Identifiers with dots between them: `pip._internal.cli.main`. Python has identifiers beyond
/// ASCII too; a script that is written into other files does without.
VENV_INLINE bool is_dotted_name(std::string_view text) {
  bool at_start = true;
  for (const char c : text) {
    const bool letter = (fold_case(c) >= 'a' && fold_case(c) <= 'z') || c == '_';
    const bool digit = c >= '0' && c <= '9';
    if (at_start ? !letter : !letter && !digit && c != '.') return false;
    at_start = c == '.';
  }
  return !at_start;
}

/// Why a script must not have this name, or null.
VENV_INLINE const char* script_name_fault(std::string_view name) {
  const auto allowed = [](char c) {
    return (fold_case(c) >= 'a' && fold_case(c) <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  if (name.empty() || !std::all_of(name.begin(), name.end(), allowed))
    return "is not letters, digits, dots, dashes and underscores";
  if (name.front() == '.' || name.front() == '-') return "begins with a dot or a dash";
  if (component_fault(name) != nullptr) return "is no file's name on every system";
  return is_reserved_name(name) ? "would replace a file of the environment's own" : nullptr;
}

/// `name = module:attribute [extras]` ("Entry points specification"); the extras are left out.
VENV_INLINE EntryPoint parse_entry_point(std::string_view line) {
  const std::size_t equals = line.find('=');
  const std::string_view name = strip(line.substr(0, equals));
  const auto bad = [name](const std::string& what) {
    return Error(ErrorCode::bad_archive, "entry point " + printable_name(name) + ' ' + what);
  };
  if (equals == line.npos) throw bad("has no '='");
  std::string_view object = strip(line.substr(equals + 1));
  if (!object.empty() && object.back() == ']')
    object = strip(object.substr(0, (std::min)(object.find('['), object.size())));
  const std::size_t colon = object.find(':');
  if (colon == object.npos) throw bad("names no function");
  EntryPoint entry{std::string(name), std::string(strip(object.substr(0, colon))),
                   std::string(strip(object.substr(colon + 1)))};
  if (const char* fault = script_name_fault(name)) throw bad(fault);
  if (!is_dotted_name(entry.module) || !is_dotted_name(entry.attribute))
    throw bad("doesn't name a module and a function");
  return entry;
}

/// The console and GUI scripts of an `entry_points.txt`, read as importlib.metadata reads it:
/// lines stripped, empty ones and those with `#` first skipped, sections in brackets; other
/// sections are not looked at. Throws `ErrorCode::bad_archive`.
VENV_INLINE Scripts parse_entry_points(std::string_view text) {
  Scripts scripts;
  std::vector<EntryPoint>* section = nullptr;
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = (std::min)(text.find('\n', begin), text.size());
    const std::string_view line = strip(text.substr(begin, end - begin));
    begin = end + 1;
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[' && line.back() == ']') {
      const std::string_view name = line.substr(1, line.size() - 2);
      section = name == "console_scripts" ? &scripts.console
                : name == "gui_scripts"   ? &scripts.gui
                                          : nullptr;
    } else if (section != nullptr) {
      section->push_back(parse_entry_point(line));
      names.push_back(folded(section->back().name));
    }
  }
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end())
    throw Error(ErrorCode::bad_archive,
                "entry point " + printable_name(*twice) + " is there twice");
  return scripts;
}

VENV_DETAIL_END

// ---- src/package/record.hpp ---------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// A line of RECORD ("Recording installed projects"): hash and size may be empty.
struct RecordRow {
  std::string path{}, hash{}, size{};
};

/// A field of a line of comma-separated values, from `at` on, which is left at what ends it.
/// Quotes are as Python's csv module writes them: around the whole field, doubled within.
VENV_INLINE std::string csv_field(std::string_view text, std::size_t& at) {
  std::string field;
  if (at == text.size() || text[at] != '"') {
    const std::size_t end = (std::min)(text.find_first_of(",\r\n", at), text.size());
    field = text.substr(at, end - at);
    at = end;
    return field;
  }
  for (++at;;) {
    const std::size_t quote = text.find('"', at);
    if (quote == text.npos) throw Error(ErrorCode::bad_archive, "RECORD has an unclosed quote");
    field += text.substr(at, quote - at);
    at = quote + 1;
    if (at == text.size() || text[at] != '"') return field;
    field += '"';
    ++at;
  }
}

/// The rows of a RECORD. Throws `ErrorCode::bad_archive` for what is not three fields a line.
VENV_INLINE std::vector<RecordRow> parse_record(std::string_view text) {
  std::vector<RecordRow> rows;
  const auto expect = [text](std::size_t& at, char c) {
    if (at == text.size() || text[at] != c)
      throw Error(ErrorCode::bad_archive, "RECORD has a line that is not path, hash and size");
    ++at;
  };
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\n' || text[at] == '\r') {
      ++at; // an empty line, or the second half of a line end
      continue;
    }
    RecordRow row;
    row.path = csv_field(text, at);
    expect(at, ',');
    row.hash = csv_field(text, at);
    expect(at, ',');
    row.size = csv_field(text, at);
    if (at < text.size() && text[at] != '\r') expect(at, '\n');
    rows.push_back(std::move(row));
  }
  return rows;
}

VENV_INLINE std::string format_csv_field(std::string_view field) {
  if (field.find_first_of(",\"\r\n") == field.npos) return std::string(field);
  std::string quoted = "\"";
  for (const char c : field) quoted.append(c == '"' ? 2 : 1, c);
  return quoted += '"';
}

/// The line for a row, without a line end, as Python's csv module writes it.
VENV_INLINE std::string format_record_row(const RecordRow& row) {
  return format_csv_field(row.path) + ',' + format_csv_field(row.hash) + ',' +
         format_csv_field(row.size);
}

VENV_DETAIL_END

// ---- src/package/script_program.hpp -------------------------------------------------------------

VENV_DETAIL_BEGIN

// Scripts on Windows are programs: a launcher that distlib brings, a line that names the interpreter,
// and a zip file with the script. The launcher finds the other two behind itself.

/// What a program of Windows is for, by its beginning (PE format, "COFF File Header"); 0 when it is none.
VENV_INLINE std::uint32_t machine_of_program(std::string_view bytes) {
  constexpr std::size_t place_of_header = 0x3C;
  if (bytes.size() < place_of_header + 4 || bytes.substr(0, 2) != "MZ") return 0;
  const std::size_t header = load_le32(as_bytes(bytes) + place_of_header);
  if (header > bytes.size() || bytes.size() - header < 6) return 0;
  if (bytes.substr(header, 4) != std::string_view("PE\0\0", 4)) return 0;
  return load_le16(as_bytes(bytes) + header + 4);
}

/// The name of distlib's launcher for a console program on such a machine: `t64.exe`.
VENV_INLINE std::string launcher_name(std::uint32_t machine) {
  constexpr std::uint32_t arm64 = 0xAA64, i386 = 0x14C;
  return machine == arm64 ? "t64-arm.exe" : machine == i386 ? "t32.exe" : "t64.exe";
}

/// The line by which a launcher finds the interpreter.
VENV_INLINE std::string launcher_shebang(const std::string& interpreter) {
  const bool plain = interpreter.find(' ') == interpreter.npos;
  return plain ? "#!" + interpreter + '\n' : "#!\"" + interpreter + "\"\n";
}

/// A console script as a program. `text` is the script's without a shebang.
VENV_INLINE std::string script_program(std::string_view launcher, const std::string& interpreter,
                                       std::string_view text) {
  return std::string(launcher) + launcher_shebang(interpreter) + stored_zip("__main__.py", text);
}

/// Whether `program` is a script that runs by `interpreter`.
VENV_INLINE bool is_script_program_of(std::string_view program, const std::string& interpreter) {
  const std::string line = launcher_shebang(interpreter) + "PK\3\4";
  return program.substr(0, 2) == "MZ" && program.rfind(line) != program.npos;
}

VENV_DETAIL_END

// ---- src/package/wheel.hpp ----------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// A file of a wheel and what RECORD says of it.
struct WheelFile {
  ZipEntry entry;
  std::string hash; ///< `sha256=...`; empty for RECORD itself and its signatures
};

[[noreturn]] VENV_INLINE void bad_wheel(const std::string& message) {
  throw Error(ErrorCode::bad_archive, "wheel " + message);
}

/// Unpacks `file` into the `file.entry.size` bytes at `out`, and verifies its CRC and the hash
/// that RECORD has of it. May be called by several threads at once.
VENV_INLINE void read_verified(const WheelFile& file, char* out) {
  read_entry(file.entry, out);
  if (!file.hash.empty() && record_hash({out, file.entry.size}) != file.hash)
    bad_wheel("file " + printable_name(file.entry.name) + " is not what RECORD says (SHA-256)");
}

VENV_INLINE std::string read_verified(const WheelFile& file) {
  std::string text(file.entry.size, '\0');
  read_verified(file, text.data());
  return text;
}

/// A wheel ("Binary distribution format"), all of it untrusted: when the constructor returns, the
/// archive, the metadata and RECORD agree with each other and with the file's name; the contents
/// of the other files are verified as they are read, by `read_verified`. Throws
/// `ErrorCode::bad_archive`. Refers to `bytes`, which must outlive it.
class Wheel {
public:
  Wheel(std::string_view bytes, std::string_view file_name, const ZipLimits& limits = {});

  const WheelName& name() const { return name_; }
  /// The directory `{name}-{version}.dist-info`, without a slash.
  const std::string& dist_info() const { return dist_info_; }
  /// Whether the files belong into purelib rather than platlib.
  bool root_is_purelib() const { return root_is_purelib_; }
  /// The specifier of the Pythons that it is for (see `specifier_allows`), or empty: all.
  const std::string& requires_python() const { return requires_python_; }
  const Scripts& scripts() const { return scripts_; }
  /// All files, RECORD among them, sorted by name.
  const std::vector<WheelFile>& files() const { return files_; }
  /// The file of that name, or null.
  const WheelFile* find(std::string_view name) const;

private:
  void find_dist_info(const ZipArchive& archive);
  void match_record();
  void read_wheel_file();
  void read_metadata();
  std::string metadata(std::string_view name) const;

  WheelName name_{};
  std::string dist_info_{};
  bool root_is_purelib_ = true;
  std::string requires_python_{};
  Scripts scripts_{};
  std::vector<WheelFile> files_{};
};

VENV_INLINE Wheel::Wheel(std::string_view bytes, std::string_view file_name,
                         const ZipLimits& limits) {
  auto name = parse_wheel_name(file_name);
  if (!name) bad_wheel("has a file name that is none of a wheel: " + printable_name(file_name));
  name_ = std::move(*name);
  if (!name_.is_universal()) bad_wheel("is not for every Python 3 (py3-none-any)");
  const ZipArchive archive(bytes, limits);
  find_dist_info(archive);
  for (const ZipEntry& entry : archive.entries())
    if (!entry.is_directory()) files_.push_back({entry, {}});
  sort_by(files_,
          [](const WheelFile& a, const WheelFile& b) { return a.entry.name < b.entry.name; });
  match_record();
  read_wheel_file();
  read_metadata();
  if (find(dist_info_ + "/entry_points.txt") != nullptr)
    scripts_ = parse_entry_points(metadata("entry_points.txt"));
}

VENV_INLINE const WheelFile* Wheel::find(std::string_view name) const {
  const auto found = std::lower_bound(
      files_.begin(), files_.end(), name,
      [](const WheelFile& file, std::string_view wanted) { return file.entry.name < wanted; });
  return found != files_.end() && found->entry.name == name ? &*found : nullptr;
}

/// A file of the `.dist-info` directory, which must be there.
VENV_INLINE std::string Wheel::metadata(std::string_view name) const {
  const WheelFile* file = find(dist_info_ + '/' + std::string(name));
  if (file == nullptr) bad_wheel("has no " + std::string(name));
  return read_verified(*file);
}

/// Whether `name-version` is this wheel's, in whatever spelling.
VENV_INLINE bool is_same_release(const WheelName& wheel, std::string_view name,
                                 std::string_view version) {
  return normalized_name(name) == normalized_name(wheel.distribution) &&
         parse_package_version(version) == wheel.parsed_version;
}

VENV_INLINE void Wheel::find_dist_info(const ZipArchive& archive) {
  constexpr std::string_view suffix = ".dist-info", data_suffix = ".data";
  const auto ends_with = [](std::string_view text, std::string_view end) {
    return text.size() > end.size() && folded(text.substr(text.size() - end.size())) == end;
  };
  for (const ZipEntry& entry : archive.entries()) {
    const std::size_t slash = entry.name.find('/');
    if (slash == entry.name.npos) continue;
    const std::string_view top = entry.name.substr(0, slash);
    if (ends_with(top, data_suffix))
      bad_wheel("has a directory " + printable_name(top) + ", which is not supported");
    if (!ends_with(top, suffix) || top == dist_info_) continue;
    if (!dist_info_.empty()) bad_wheel("has more than one .dist-info directory");
    dist_info_ = top;
  }
  if (dist_info_.empty()) bad_wheel("has no .dist-info directory");
  const std::string_view stem =
      std::string_view(dist_info_).substr(0, dist_info_.size() - suffix.size());
  const std::size_t dash = stem.find('-');
  if (dash == stem.npos || !is_same_release(name_, stem.substr(0, dash), stem.substr(dash + 1)))
    bad_wheel("has a directory " + printable_name(dist_info_) + " that isn't its own");
}

/// RECORD must have each file once with its hash and size, and no other; but not its own hash,
/// nor its signatures.
VENV_INLINE void Wheel::match_record() {
  const std::string record_path = dist_info_ + "/RECORD";
  std::vector<RecordRow> rows = parse_record(metadata("RECORD"));
  sort_by(rows, [](const RecordRow& a, const RecordRow& b) { return a.path < b.path; });
  auto row = rows.begin();
  for (WheelFile& file : files_) {
    const std::string_view name = file.entry.name;
    const bool is_signature = name == record_path + ".jws" || name == record_path + ".p7s";
    if (row != rows.end() && row->path < name) break; // a row without a file
    if (row == rows.end() || row->path != name) {
      if (is_signature || name == record_path) continue;
      bad_wheel("file " + printable_name(name) + " is not in RECORD");
    }
    if (!is_signature && name != record_path) {
      if (row->hash.compare(0, 7, "sha256=") != 0)
        bad_wheel("file " + printable_name(name) + " has no SHA-256 in RECORD");
      if (!row->size.empty() && row->size != std::to_string(file.entry.size))
        bad_wheel("file " + printable_name(name) + " has another size than in RECORD");
      file.hash = std::move(row->hash);
    }
    ++row;
  }
  if (row != rows.end())
    bad_wheel("has no file " + printable_name(row->path) + ", or has it once, but RECORD has it");
}

VENV_INLINE void Wheel::read_wheel_file() {
  const std::string text = metadata("WHEEL");
  const std::string version = header_value(text, "Wheel-Version");
  if (version.substr(0, version.find('.')) != "1")
    bad_wheel("has a format that is not supported: Wheel-Version " + printable_name(version));
  const std::string purelib = folded(header_value(text, "Root-Is-Purelib"));
  if (purelib != "true" && purelib != "false") bad_wheel("doesn't say whether Root-Is-Purelib");
  root_is_purelib_ = purelib == "true";
}

VENV_INLINE void Wheel::read_metadata() {
  const std::string text = metadata("METADATA");
  if (!is_same_release(name_, header_value(text, "Name"), header_value(text, "Version")))
    bad_wheel("has a name or version in METADATA that its file name doesn't");
  requires_python_ = header_value(text, "Requires-Python");
}

VENV_DETAIL_END

// ---- src/package/distributions.hpp --------------------------------------------------------------

VENV_DETAIL_BEGIN

/// How a directory of packages is looked into. Paths are UTF-8, with `/`; a relative one begins at
/// that directory.
struct PackagesSource {
  /// The names in a directory, in any order; none when it can't be listed.
  FunctionRef<std::vector<std::string>(const std::string& directory)> list;
  /// A file's bytes; nothing when there is no such file.
  FunctionRef<std::optional<std::string>(const std::string& file)> read;
  bool with_files = true; ///< whether RECORD is read, too
};

/// Takes `ending` off `text`, if it ends so and is longer.
VENV_INLINE bool take_ending(std::string_view& text, std::string_view ending) {
  if (text.size() <= ending.size() || text.substr(text.size() - ending.size()) != ending)
    return false;
  text.remove_suffix(ending.size());
  return true;
}

VENV_INLINE std::string leading_line(std::string_view text) {
  return std::string(strip(take_line(text)));
}

/// Notes what is wrong, unless something is already.
VENV_INLINE void note_damage(Distribution& distribution, std::string what) {
  if (distribution.damage.empty()) distribution.damage = std::move(what);
}

/// Reads the distributions of one directory.
class DistributionReader {
public:
  DistributionReader(std::filesystem::path directory, const PackagesSource& source)
      : directory_(std::move(directory)), source_(source) {}

  std::vector<Distribution> read() {
    std::vector<std::string> names = source_.list("");
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) read_entry(name);
    mark_doubles();
    return std::move(found_);
  }

private:
  void read_entry(const std::string& name) {
    std::string_view stem = name;
    if (take_ending(stem, ".dist-info")) read_dist_info(name, stem);
    else if (take_ending(stem, ".egg-info")) read_egg_info(name, stem, name);
    else if (take_ending(stem, ".egg")) read_egg(name, stem);
    else if (take_ending(stem, ".egg-link")) read_egg_link(name);
  }
  Distribution& add(const std::string& entry) {
    found_.emplace_back();
    found_.back().directory = directory_;
    found_.back().metadata = entry;
    return found_.back();
  }

  void read_dist_info(const std::string& entry, std::string_view stem) {
    Distribution& distribution = add(entry);
    if (stem[0] == '~') // pip renames what it takes away so
      return note_damage(distribution, "is left over from an installation that was interrupted");
    const auto text = source_.read(entry + "/METADATA");
    if (!text) return note_damage(distribution, "has no METADATA");
    describe(distribution, parse_metadata(*text));
    if (!is_spelled(distribution, stem))
      note_damage(distribution, "lies under another name or version than METADATA says");
    if (const auto installer = source_.read(entry + "/INSTALLER"))
      distribution.installer = leading_line(*installer);
    distribution.is_requested = source_.read(entry + "/REQUESTED").has_value();
    read_direct_url(distribution, entry + "/direct_url.json");
    if (source_.with_files) read_record(distribution, entry + "/RECORD");
  }

  /// setuptools' and distutils' older form: a directory with PKG-INFO, or that file itself.
  void read_egg_info(const std::string& path, std::string_view stem, const std::string& entry) {
    Distribution& distribution = add(entry);
    if (stem[0] == '~')
      return note_damage(distribution, "is left over from an installation that was interrupted");
    const auto in_directory = source_.read(path + "/PKG-INFO");
    const auto text = in_directory ? in_directory : source_.read(path);
    if (!text) return note_damage(distribution, "has no PKG-INFO");
    Metadata metadata = parse_metadata(*text);
    if (const auto more = in_directory && metadata.requirements.empty()
                              ? source_.read(path + "/requires.txt")
                              : std::nullopt)
      add_egg_requirements(*more, metadata);
    describe(distribution, std::move(metadata));
    if (const auto installer = source_.read(path + "/INSTALLER"))
      distribution.installer = leading_line(*installer);
    if (source_.with_files) read_installed_files(distribution, path);
  }
  /// An egg that is a directory; a zipped one is only named.
  void read_egg(const std::string& entry, std::string_view stem) {
    if (!source_.read(entry + "/EGG-INFO/PKG-INFO"))
      return note_damage(add(entry), "has no EGG-INFO/PKG-INFO that can be read");
    read_egg_info(entry + "/EGG-INFO", stem, entry);
  }
  /// `setup.py develop`: the first line names the directory with the project's `.egg-info`.
  void read_egg_link(const std::string& entry) {
    const auto text = source_.read(entry);
    const std::string project = text ? leading_line(*text) : std::string();
    std::string egg_info;
    std::string_view wanted = entry;
    take_ending(wanted, ".egg-link");
    for (const std::string& name :
         project.empty() ? std::vector<std::string>() : source_.list(project)) {
      std::string_view stem = name;
      if (!take_ending(stem, ".egg-info")) continue;
      const bool is_its_own = normalized_name(stem) == normalized_name(wanted);
      if (egg_info.empty() || is_its_own) egg_info = name;
      if (is_its_own) break;
    }
    if (egg_info.empty())
      return note_damage(add(entry),
                         "names no directory with an .egg-info: '" + printable(project) + "'");
    read_egg_info(project + '/' + egg_info, egg_info, entry);
    found_.back().project = project;
    found_.back().is_editable = true;
  }

  static void describe(Distribution& distribution, Metadata metadata) {
    if (metadata.name.empty()) note_damage(distribution, "has no Name in its metadata");
    else if (!is_project_name(metadata.name))
      note_damage(distribution, "has a Name that is none: '" + printable(metadata.name) + "'");
    if (metadata.version.empty()) note_damage(distribution, "has no Version in its metadata");
    else if (!parse_package_version(metadata.version))
      note_damage(distribution,
                  "has a Version that is none: '" + printable(metadata.version) + "'");
    distribution.normalized_name = normalized_name(metadata.name);
    distribution.name = std::move(metadata.name);
    distribution.version = std::move(metadata.version);
    distribution.requires_python = std::move(metadata.requires_python);
    distribution.extras = std::move(metadata.extras);
    distribution.requirements = std::move(metadata.requirements);
    for (const std::string& text : distribution.requirements) {
      try {
        parse_requirement(text);
      } catch (const Error& error) {
        note_damage(distribution, error.what());
      }
    }
  }
  /// Whether `name-version` is how the directory is called, in whatever spelling.
  static bool is_spelled(const Distribution& distribution, std::string_view stem) {
    const std::size_t dash = stem.rfind('-');
    if (dash == stem.npos || !distribution.damage.empty()) return true; // not known
    const auto of_name = parse_package_version(stem.substr(dash + 1));
    return normalized_name(stem.substr(0, dash)) == distribution.normalized_name &&
           of_name == parse_package_version(distribution.version);
  }
  void read_direct_url(Distribution& distribution, const std::string& file) const {
    const auto text = source_.read(file);
    if (!text) return;
    auto direct = parse_direct_url(*text);
    if (!direct) return note_damage(distribution, "has a direct_url.json that can't be read");
    distribution.is_editable = direct->editable;
    // Revision and subdirectory are written as pip writes them in a requirement.
    distribution.direct_url =
        direct->vcs.empty() ? direct->url : direct->vcs + '+' + direct->url + '@' + direct->commit;
    if (!direct->subdirectory.empty())
      distribution.direct_url += "#subdirectory=" + direct->subdirectory;
  }
  void read_record(Distribution& distribution, const std::string& file) const {
    const auto text = source_.read(file);
    if (!text) return; // nobody knows what belongs to it; that is no damage
    try {
      for (RecordRow& row : parse_record(*text)) {
        // What setuptools puts there for an editable installation, also where PEP 610 is not obeyed.
        if (row.path.compare(0, 12, "__editable__") == 0) distribution.is_editable = true;
        distribution.files.push_back(
            {std::move(row.path), std::move(row.hash), std::move(row.size)});
      }
      distribution.has_record = true;
    } catch (const Error& error) {
      distribution.files.clear();
      note_damage(distribution, error.what());
    }
  }
  /// The older form's list of files: relative to the metadata, without hashes.
  void read_installed_files(Distribution& distribution, const std::string& path) const {
    const auto text = source_.read(path + "/installed-files.txt");
    if (!text) return;
    distribution.has_record = true;
    for (std::string_view rest = *text; !rest.empty();) {
      const std::string_view line = strip(take_line(rest));
      if (line.empty()) continue;
      const bool is_outside = line.substr(0, 3) == "../";
      distribution.files.push_back(
          {is_outside ? std::string(line.substr(3)) : path + '/' + std::string(line), {}, {}});
    }
  }
  /// Of two that are one project only the first counts.
  void mark_doubles() {
    for (std::size_t i = 0; i < found_.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (found_[i].normalized_name == found_[j].normalized_name &&
            !found_[i].normalized_name.empty())
          note_damage(found_[i], "is there twice, as " + printable(found_[j].metadata) + ", too");
  }

  std::filesystem::path directory_;
  const PackagesSource& source_;
  std::vector<Distribution> found_{};
};

/// What is installed in `directory`, sorted by the names of what describes it: `.dist-info`,
/// `.egg-info` (directory and file), `.egg` directories, `.egg-link`. One that can't be read is told
/// as such, in its `damage`. Starts nothing, and throws only what `source` throws.
VENV_INLINE std::vector<Distribution> read_distributions(const std::filesystem::path& directory,
                                                         const PackagesSource& source) {
  return DistributionReader(directory, source).read();
}

VENV_DETAIL_END

// ---- src/package/missing.hpp --------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// What is asked for, and by whom.
struct Demand {
  std::string requirement; ///< PEP 508
  std::string by;          ///< empty: the caller
};

/// Compares what is asked for with what is installed.
class MissingFinder {
public:
  MissingFinder(const std::vector<Distribution>& installed, const MarkerValues& values)
      : values_(values) {
    for (const Distribution& distribution : installed)
      if (!distribution.normalized_name.empty() && parse_package_version(distribution.version))
        installed_.push_back({&distribution, installed_.size(), {}});
    // Python takes the first of a name on its path.
    sort_by(installed_, [](const Node& a, const Node& b) {
      const int order = a.name().compare(b.name());
      return order != 0 ? order < 0 : a.place < b.place;
    });
  }

  std::vector<Missing> find(const std::vector<Demand>& demands,
                            const std::vector<Demand>& constraints) {
    for (const Demand& constraint : constraints) read_constraint(constraint);
    for (const Demand& demand : demands) meet(demand, "", true);
    for (std::size_t i = 0; i < open_.size(); ++i) { // grows meanwhile
      const auto [distribution, extra] = open_[i];
      const std::string by = distribution->name + ' ' + distribution->version;
      for (const std::string& text : distribution->requirements) meet({text, by}, extra, false);
    }
    return std::move(missing_);
  }

private:
  /// A distribution and what of it is or was followed: "" for itself, and extras.
  struct Node {
    const Distribution* distribution;
    std::size_t place;
    std::vector<std::string> followed;

    const std::string& name() const { return distribution->normalized_name; }
  };
  struct Constraint {
    std::string name, by;
    Requirement requirement;
  };

  void read_constraint(const Demand& demand) {
    if (auto requirement = read(demand, ""))
      constraints_.push_back(
          {normalized_name(requirement->name), demand.by, std::move(*requirement)});
  }
  /// The requirement, if its marker holds. One that can't be read is missing.
  std::optional<Requirement> read(const Demand& demand, const std::string& extra) {
    try {
      Requirement requirement = parse_requirement(demand.requirement);
      if (!marker_allows(requirement.marker, values_, extra)) return std::nullopt;
      return requirement;
    } catch (const Error& error) {
      Missing missing;
      missing.reason = Missing::Reason::unreadable;
      missing.requirement = demand.requirement;
      missing.required_by = demand.by;
      missing.detail = error.what();
      add(std::move(missing));
      return std::nullopt;
    }
  }
  void meet(const Demand& demand, const std::string& extra, bool by_caller) {
    const auto requirement = read(demand, extra);
    if (!requirement) return;
    const std::string name = normalized_name(requirement->name);
    const auto found = std::lower_bound(
        installed_.begin(), installed_.end(), name,
        [](const Node& node, const std::string& wanted) { return node.name() < wanted; });
    if (found == installed_.end() || found->name() != name)
      return tell(Missing::Reason::absent, *requirement, demand.by, nullptr);
    const Distribution& there = *found->distribution;
    compare(*requirement, demand.by, there, by_caller);
    for (const Constraint& constraint : constraints_)
      if (constraint.name == name) compare(constraint.requirement, constraint.by, there, true);
    follow(*found, requirement->extras);
  }
  /// A URL is compared only when the caller gives it: what a distribution's own requirement says
  /// about the place, `pip check` doesn't look at either.
  void compare(const Requirement& requirement, const std::string& by, const Distribution& there,
               bool by_caller) {
    const auto version = parse_package_version(there.version);
    if (!version || !specifier_allows(requirement.specifier, *version))
      tell(Missing::Reason::other_version, requirement, by, &there);
    else if (by_caller && !requirement.url.empty() && requirement.url != there.direct_url)
      tell(Missing::Reason::other_source, requirement, by, &there);
  }
  /// What a distribution requires itself is looked at once, and once for each extra that it offers.
  void follow(Node& node, const std::vector<std::string>& extras) {
    follow_one(node, "");
    for (const std::string& offered : node.distribution->extras) {
      const std::string extra = normalized_name(offered);
      if (std::find(extras.begin(), extras.end(), extra) != extras.end()) follow_one(node, extra);
    }
  }
  void follow_one(Node& node, const std::string& extra) {
    std::vector<std::string>& followed = node.followed;
    if (std::find(followed.begin(), followed.end(), extra) != followed.end()) return;
    followed.push_back(extra);
    open_.push_back({node.distribution, extra});
  }
  void tell(Missing::Reason reason, const Requirement& requirement, const std::string& by,
            const Distribution* there) {
    Missing missing;
    missing.reason = reason;
    missing.requirement = requirement_text(requirement);
    missing.required_by = by;
    missing.name = normalized_name(requirement.name);
    if (there != nullptr) missing.installed = there->version;
    add(std::move(missing));
  }
  void add(Missing missing) {
    const auto is_same = [&missing](const Missing& other) {
      return other.requirement == missing.requirement && other.required_by == missing.required_by;
    };
    if (!std::any_of(missing_.begin(), missing_.end(), is_same))
      missing_.push_back(std::move(missing));
  }

  const MarkerValues& values_;
  std::vector<Node> installed_{}; ///< by name
  std::vector<Constraint> constraints_{};
  std::vector<std::pair<const Distribution*, std::string>> open_{};
  std::vector<Missing> missing_{};
};

/// What of `demands` is not there, followed through what the distributions require themselves to the
/// end, with extras and markers; empty: all is. `constraints` say which versions may be there of what
/// is needed. `installed` is in the order of `sys.path`. Never throws for what it reads.
VENV_INLINE std::vector<Missing> find_missing(const std::vector<Demand>& demands,
                                              const std::vector<Demand>& constraints,
                                              const std::vector<Distribution>& installed,
                                              const MarkerValues& values) {
  return MissingFinder(installed, values).find(demands, constraints);
}

VENV_DETAIL_END

// ---- src/scripts/embedded.hpp -------------------------------------------------------------------

VENV_DETAIL_BEGIN

struct EmbeddedScript {
  std::string_view folder, name, text;
};

// Not by length(): counting these at compile time costs every includer time.
template <std::size_t size> constexpr std::string_view script(const char (&text)[size]) {
  return {text, size - 1};
}

inline constexpr std::string_view script_compile = script(R"venv(# Compiles modules to bytecode as pip does when it installs them: timestamps checked, or hashes where
# SOURCE_DATE_EPOCH is set (PEP 552), no optimization, what doesn't compile left out. Run with -I -S by the interpreter that will import
# them. Arguments: the directory, modules to be imported afterwards as a trial (with commas between
# them, or ""), then the modules' paths in the directory.
import gc
import marshal
import os
import sys
from importlib.util import MAGIC_NUMBER, cache_from_source
try:
    from importlib.util import source_hash
except ImportError:  # before Python 3.7
    pass

def pack32(number):
    return (number & 0xFFFFFFFF).to_bytes(4, 'little')

def compile_module(root, name):
    path = os.path.join(root, name)
    status = os.stat(path)
    with open(path, 'rb') as file:
        source = file.read()
    try:
        code = compile(source, name, 'exec', dont_inherit=True)
    except (SyntaxError, UnicodeDecodeError, ValueError):
        return
    flags = pack32(0) if sys.version_info >= (3, 7) else b''
    if flags and os.environ.get('SOURCE_DATE_EPOCH'):
        header = MAGIC_NUMBER + pack32(3) + source_hash(source)
    else:
        header = MAGIC_NUMBER + flags + pack32(int(status.st_mtime)) + pack32(status.st_size)
    target = cache_from_source(path, optimization='')
    try:
        os.mkdir(os.path.dirname(target))
    except FileExistsError:
        pass
    with open(target + '.new', 'wb') as file:  # whole when another process imports it
        file.write(header + marshal.dumps(code))
    os.replace(target + '.new', target)

def try_to_import(root, names):
    sys.dont_write_bytecode = True  # other processes are still compiling
    sys.path.insert(0, root)
    try:
        for name in names.split(','):
            __import__(name)
    except Exception as error:
        sys.exit('it does not run there: %s: %s' % (type(error).__name__, error))

gc.disable()
try:
    for module in sys.argv[3:]:
        compile_module(sys.argv[1], module)
    if sys.argv[2]:
        try_to_import(sys.argv[1], sys.argv[2])
except OSError as error:  # a full disk, say: one line that whoever runs this can show
    sys.exit(': '.join(part for part in (error.filename, error.strerror) if part))
)venv");

inline constexpr std::string_view script_probe = script(R"venv(# Asks a Python what it is: run with -I -S, so nothing but the interpreter itself answers.
import sys

sys.dont_write_bytecode = True

def fields(system):
    version = sys.version_info
    yield 'version', '%d.%d.%d' % (version[0], version[1], version[2])
    if version[0] < 3:
        return
    import encodings

    info = sys.implementation
    yield 'prerelease', prerelease(version)
    yield 'implementation', info.name
    yield 'implementation_version', '%d.%d.%d' % info.version[:3] + prerelease(info.version)
    yield 'cache_tag', info.cache_tag or ''
    yield 'platform', sys.platform
    yield 'os_name', 'nt' if sys.platform == 'win32' else 'posix'
    yield 'machine', system.uname().machine if hasattr(system, 'uname') else ''
    yield 'executable', sys.executable or ''
    yield 'base_executable', getattr(sys, '_base_executable', None) or sys.executable or ''
    yield 'base_prefix', sys.base_prefix
    yield 'base_exec_prefix', sys.base_exec_prefix
    yield 'stdlib', list(encodings.__path__)[0].rpartition('\\' if sys.platform == 'win32' else '/')[0]
    yield 'platlibdir', getattr(sys, 'platlibdir', 'lib')
    yield 'filesystem_encoding', sys.getfilesystemencoding()
    yield 'wheel_pkg_dir', str(build_variables(info).get('WHEEL_PKG_DIR') or '')
    yield 'magic', bytecode_magic().hex()
    yield '64bit', truth(sys.maxsize > 2**32)
    yield 'free_threaded', truth('t' in getattr(sys, 'abiflags', ''))
    yield 'debug', truth(hasattr(sys, 'gettotalrefcount'))
    yield 'runs_itself', truth(runs_itself(system.stat))

def truth(value):
    return '1' if value else '0'

def prerelease(version):
    # Of sys.version_info and its like: 'a1', 'b2', 'rc1', and nothing for a final one.
    short = {'alpha': 'a', 'beta': 'b', 'candidate': 'rc'}.get(version[3])
    return '%s%d' % (short, version[4]) if short else ''

def build_variables(info):
    # What sysconfig reads, without importing sysconfig.
    if sys.platform == 'win32':
        return {}
    name = '_sysconfigdata_%s_%s_%s' % (getattr(sys, 'abiflags', ''), sys.platform,
                                        getattr(info, '_multiarch', ''))
    try:
        return __import__(name).build_time_vars
    except Exception:  # whatever is wrong with that file, the interpreter works
        return {}

def runs_itself(stat):
    # A wrapper can start Python under its own name (`exec -a`).
    try:
        running, named = stat('/proc/self/exe'), stat(sys.executable)
    except OSError:
        return True
    return (running.st_ino, running.st_dev) == (named.st_ino, named.st_dev)

def bytecode_magic():
    try:
        return sys.modules['_frozen_importlib_external'].MAGIC_NUMBER
    except (KeyError, AttributeError):
        import importlib.util
        return importlib.util.MAGIC_NUMBER

def operating_system():
    # What `os` is made of, and built in: to import that takes a seventh of the whole run.
    for name in ('posix', 'nt', 'os'):
        try:
            return __import__(name)
        except ImportError:
            pass

def encoded(text):
    # A path as the bytes that it has on the disk, whatever the locale.
    if sys.version_info[0] < 3:
        return text
    return text.encode(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())

def answer():
    system = operating_system()
    texts = ['venv.hpp probe 2'] + ['%s=%s' % field for field in fields(system)] + ['end']
    system.write(1, b'\0' + b'\0'.join(encoded(text) for text in texts) + b'\0')

answer()
)venv");

inline constexpr EmbeddedScript activation_scripts[] = {
    {"common", "Activate.ps1", script(R"venv(<#
.SYNOPSIS
Activates the Python environment that this script lies in, in PowerShell 7 and Windows PowerShell 5.1.
.DESCRIPTION
Run it by its path:  & .venv/bin/Activate.ps1  (on Windows: .venv\Scripts\Activate.ps1)

It sets VIRTUAL_ENV and VIRTUAL_ENV_PROMPT, puts the environment's commands first on PATH, unsets
PYTHONHOME, and shows the environment's name in front of the prompt, unless VIRTUAL_ENV_DISABLE_PROMPT
has a value. 'deactivate' puts back everything as it was.

-VenvDir DIRECTORY activates that environment instead.
-Prompt NAME shows that name, not pyvenv.cfg's or else the directory's.
-WhatIf only says what would be activated.
-Verbose says what was activated. -ErrorAction says what an error does, which is thrown otherwise.

If running scripts is disabled on your Windows, "Set-ExecutionPolicy -Scope CurrentUser RemoteSigned"
allows your own, "-Scope Process" in this session only. All environments have this text: it can be signed
once, or allowed by its hash.
#>

# A scope of its own: dot-sourced, this file touches no variable of the caller's.
& {
  [CmdletBinding()]
  param([string] $VenvDir, [string] $Prompt, [switch] $WhatIf)

  # One action, and silent, whatever the session asks to pretend, to confirm or to tell.
  $Verbose = $VerbosePreference
  $VerbosePreference = 'SilentlyContinue'
  $WhatIfPreference = $false
  $ConfirmPreference = 'None'
  Set-StrictMode -Off
  # In ConstrainedLanguage methods of .NET can't be called.
  $Free = $ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage'
  $Slash = [string] [IO.Path]::DirectorySeparatorChar
  $Separator = [string] [IO.Path]::PathSeparator

  # The environment asked for, else that which this script lies in, perhaps by links.
  $Problem = $null
  $Dir = ''
  $Bin = $PSScriptRoot
  if (-not $Bin) {
    $Problem = 'call this file by its path, & .../Activate.ps1'
  } elseif (-not $VenvDir) {
    $Dir = $Bin.Substring(0, $Bin.LastIndexOf($Slash))
  } elseif ($Free -and [IO.Path]::IsPathRooted($VenvDir) -and [IO.Directory]::Exists($VenvDir)) {
    $Dir = [IO.Path]::GetFullPath($VenvDir).TrimEnd($Slash)
  } else {
    $Found = Resolve-Path -LiteralPath $VenvDir -ErrorAction Ignore
    if ($Found -and $Found.Provider.Name -eq 'FileSystem') { $Dir = $Found.ProviderPath.TrimEnd($Slash) }
  }
  $File = $PSCommandPath
  while ($true) {
    $Config = $Dir + $Slash + 'pyvenv.cfg'
    $Known = if ($Free) { [IO.File]::Exists($Config) } else { Test-Path -LiteralPath $Config -PathType Leaf }
    if ($Known -or $VenvDir -or $Problem) { break }
    $Parent = { $args[0].Substring(0, $args[0].TrimEnd($Slash).LastIndexOf($Slash)) }
    $Target = {
      $Link = Get-Item -LiteralPath $args[0] -Force -ErrorAction Ignore
      if (-not $Link -or -not $Link.LinkType) { return }
      $To = [string] @($Link.Target)[0]
      if ($To -notmatch '^([/\\]|[A-Za-z]:)') { $To = (& $Parent $args[0]) + $Slash + $To }
      if ($Free) { [IO.Path]::GetFullPath($To) } else { $To }
    }
    $Next = & $Target $File
    if ($Next) { $Bin = & $Parent ($File = $Next) }
    elseif ($Next = & $Target $Bin) { $Bin = $Next }
    else { break }
    $Dir = & $Parent $Bin
  }

  # Nothing is set unless it works.
  $Bin = $Dir + $Slash + $Bin.TrimEnd($Slash).Split($Slash)[-1]
  if (-not $Problem) {
    $Python = $Bin + $Slash + $(if ($Slash -eq '\') { 'python.exe' } else { 'python' })
    $Gone = "the Python of '$Dir' is gone: '$Python' is not there."
    if (-not $Dir) { $Problem = "'$VenvDir' is no environment." }
    elseif (-not $Known) { $Problem = "'$Dir' is no environment: it has no pyvenv.cfg." }
    elseif ($Dir.Contains($Separator)) { $Problem = "'$Dir' can't be on PATH: it has a '$Separator' in it." }
    elseif ($Free) {
      # A link to nothing exists, but can't be opened.
      try { [IO.File]::Open($Python, 'Open', 'Read', 'ReadWrite').Dispose() }
      catch [IO.FileNotFoundException], [IO.DirectoryNotFoundException] { $Problem = $Gone }
      catch { }
    }
    elseif (-not (Test-Path -LiteralPath $Python)) { $Problem = $Gone }
  }
  if ($Problem) {
    $Problem = "Nothing is activated: $Problem"
    if ($PSBoundParameters.Keys -contains 'ErrorAction') { Write-Error $Problem; return }
    throw $Problem
  }

  # pyvenv.cfg has the name as Python writes a string, or as it is.
  $Shown = $Prompt
  if (-not $Shown) {
    $Text = if ($Free) { [IO.File]::ReadAllText($Config) }
    else { Get-Content -LiteralPath $Config -Encoding UTF8 -Raw -ErrorAction Stop }
    if ($Text -notmatch '(?m)^[ \t]*prompt[ \t]*=[ \t]*(.*?)[ \t\r]*$') {
      $Shown = $Dir.Split($Slash)[-1]
    } elseif ($Matches[1] -notmatch '^([''"])(.*)\1$') {
      $Shown = $Matches[1]
    } else {
      $Shown = $Matches[2]
      $Parts = foreach ($Part in $Shown -csplit '(\\(?:x..|u.{4}|U.{8}|.))') {
        if ($Part -cmatch '^\\[xuU](.+)') {
          $Code = [int] ('0x' + $Matches[1])
          if ($Code -gt 0xffff) { [char]::ConvertFromUtf32($Code) } else { [char] $Code }
        }
        elseif ($Part -cmatch '^\\[nrt]$') { @{ '\n' = "`n"; '\r' = "`r"; '\t' = "`t" }[$Part] }
        elseif ($Part -match '^\\(.)$') { $Matches[1] }
        else { $Part }
      }
      $Shown = -join $Parts
    }
  }
  if ($WhatIf) { Write-Host "What if: activating '$Dir' as '$Shown'."; return }

  # The prompt. The name is written, since the user's prompt may write, too; what that gives is passed
  # on, and it sees the last command's $?. If one of those before (newest first) calls this again, as a
  # wrapper does, it is the next one's turn.
  $Show = {
    $_OLD_VIRTUAL_OK = $?
    $_OLD_VIRTUAL_NOW = Get-Variable -Name _OLD_VIRTUAL_STATE -Scope Global -ValueOnly -ErrorAction Ignore
    $_OLD_VIRTUAL_NEXT = $null
    if ($_OLD_VIRTUAL_NOW -is [hashtable]) {
      if ($_OLD_VIRTUAL_NOW.Level -lt $_OLD_VIRTUAL_NOW.Prompts.Count) {
        $_OLD_VIRTUAL_NEXT = $_OLD_VIRTUAL_NOW.Prompts[$_OLD_VIRTUAL_NOW.Level]
      }
      if ($_OLD_VIRTUAL_NOW.Active -and $_OLD_VIRTUAL_NOW.Level -eq 0 -and $env:VIRTUAL_ENV_PROMPT) {
        Microsoft.PowerShell.Utility\Write-Host "($env:VIRTUAL_ENV_PROMPT) " -NoNewline -InformationAction Continue
      }
    }
    if (-not $_OLD_VIRTUAL_NEXT) {
      "PS $($ExecutionContext.SessionState.Path.CurrentLocation)$('>' * ($NestedPromptLevel + 1)) "
      return
    }
    try {
      $_OLD_VIRTUAL_NOW.Level++
      if ($_OLD_VIRTUAL_OK) { $null = 1 }
      else { Microsoft.PowerShell.Utility\Write-Error ' ' -ErrorAction Ignore }
      & $_OLD_VIRTUAL_NEXT
    } finally {
      $_OLD_VIRTUAL_NOW.Level--
    }
  }

  $Leave = {
    <#
    .SYNOPSIS
    Leaves the Python environment that is active, and puts back everything as it was.
    .DESCRIPTION
    A deactivate of your own comes back. A prompt changed meanwhile stays.
    .PARAMETER NonDestructive
    Keeps this function, for scripts that call it once more.
    #>
    param([switch] $NonDestructive)

    $VerbosePreference = 'SilentlyContinue'
    $WhatIfPreference = $false
    $ConfirmPreference = 'None'
    Set-StrictMode -Off
    $Now = $global:_OLD_VIRTUAL_STATE
    $Ours = "${Function:global:prompt}" -match '^\s*\$_OLD_VIRTUAL_OK = '
    if ($Now -isnot [hashtable]) {
      # Removed by force. What other makers' scripts would undo is known; this function stays.
      if ($env:VIRTUAL_ENV -and $env:_OLD_VIRTUAL_PATH) {
        $env:PATH = $env:_OLD_VIRTUAL_PATH
        if ($env:_OLD_VIRTUAL_PYTHONHOME) { $env:PYTHONHOME = $env:_OLD_VIRTUAL_PYTHONHOME }
        $env:VIRTUAL_ENV = $env:VIRTUAL_ENV_PROMPT = $env:_OLD_VIRTUAL_PATH = $env:_OLD_VIRTUAL_PYTHONHOME = $null
        if ($Ours -and ${Function:global:_OLD_VIRTUAL_PROMPT}) {
          Set-Item Function:global:prompt ${Function:global:_OLD_VIRTUAL_PROMPT} -ErrorAction Ignore
          Remove-Item Function:_OLD_VIRTUAL_PROMPT -ErrorAction Ignore
        }
      }
      return
    }
    $Old = $Now.Old
    if ($Now.Active) {
      $Now.Active = $false
      $Separator = [string] [IO.Path]::PathSeparator
      $Path = "$env:PATH"
      $Entries = @($Path -split $Separator, 0, 'SimpleMatch')

      # Only what is ours goes, if another runspace has activated over this environment or left the one
      # below, or another maker's script has undone it.
      $Mine = $Path -ceq $Now.Path -or $env:VIRTUAL_ENV -ceq $Now.Dir
      $Below = $Old.VIRTUAL_ENV + $Now.Bin.Substring($Now.Dir.Length)
      $Gone = $Old.VIRTUAL_ENV -and $Entries -cnotcontains $Below -and
        "$($Old.PATH)" -split $Separator, 0, 'SimpleMatch' -ccontains $Below
      $New = @{}
      if ($Mine -and -not $Gone) { $New = $Old }
      else {
        if ($Entries -ccontains $Now.Bin) {
          $Taken = $false
          $New.PATH = @(foreach ($Entry in $Entries) {
              if (-not $Taken -and $Entry -ceq $Now.Bin) { $Taken = $true } else { $Entry }
            }) -join $Separator
        }
        $Names = @(if ($null -eq $env:PYTHONHOME) { 'PYTHONHOME' })
        if (-not $Gone) {
          if ($null -eq $env:VIRTUAL_ENV) { $Names += 'VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT' }
          if ($env:_OLD_VIRTUAL_PATH -ceq $Old.PATH) { $Names += '_OLD_VIRTUAL_PATH', '_OLD_VIRTUAL_PYTHONHOME' }
        } elseif ($Mine) {
          foreach ($Name in $Old.Keys -like '*VIRTUAL*') { $New[$Name] = $null }
        }
        foreach ($Name in $Names) { $New[$Name] = $Old[$Name] }
      }
      & $Now.Set $New
      if ($null -eq $Now.Variable) { Remove-Variable _OLD_VIRTUAL_PATH -Scope Global -ErrorAction Ignore }
      else { New-Variable -Name _OLD_VIRTUAL_PATH -Value $Now.Variable -Scope Global -Force }

      # Our change of the prompt is undone, no other one.
      $Before, $Rest = $Now.Prompts
      if ($Now.Copied -and ${Function:global:_OLD_VIRTUAL_PROMPT} -eq $Before) {
        Remove-Item Function:_OLD_VIRTUAL_PROMPT -ErrorAction Ignore
      }
      if ($Ours -and $Before) { Set-Item Function:global:prompt $Before -ErrorAction Ignore }
      if ($Before -and ${Function:global:prompt} -eq $Before) { $Now.Prompts = @(if ($Rest) { $Rest }) }
    }
    if ($NonDestructive) { return }

    $Command = ${Function:global:deactivate}
    if ($null -eq $Command -or "$Command" -match '_OLD_VIRTUAL_STATE') {
      if ($Now.Function) {
        Set-Item Function:global:deactivate $Now.Function -Options $Now.Options -Force -ErrorAction Ignore
      }
      elseif ($Command -and $Function:deactivate -eq $Command) { Remove-Item Function:deactivate -Force }
    }
    if ($Now.Alias -and -not $Alias:deactivate) {
      Set-Alias deactivate $Now.Alias.Definition -Option $Now.Alias.Options -Scope Global `
        -Description $Now.Alias.Description
    }
    if ($Now.Prompts.Count) { $Now.Function = $Now.Alias = $null }
    elseif ($null -ne $Now.Kept) { New-Variable _OLD_VIRTUAL_STATE $Now.Kept -Scope Global -Force }
    else { Remove-Variable _OLD_VIRTUAL_STATE -Scope Global -Force -ErrorAction Ignore }
  }

  # By .NET, where that may be called: the drive Env: is slow.
  $Set = {
    $Free = $ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage'
    foreach ($Name in $args[0].Keys) {
      $Value = $args[0][$Name]
      if (-not $Free) { Set-Item "Env:$Name" $Value; continue }
      if ($null -eq $Value) { $Value = [NullString]::Value }
      [Environment]::SetEnvironmentVariable($Name, $Value)
    }
  }

  # A module that activates may be removed; these stay.
  if ($Free -and $Leave.Module) {
    $Show, $Leave, $Set = foreach ($Block in $Show, $Leave, $Set) { [scriptblock]::Create("$Block") }
  }

  # An environment that is active in this session goes first, whoever's script activated it.
  $Command = ${Function:global:deactivate}
  if ("$Command" -match '_OLD_VIRTUAL_(STATE|PATH)') {
    & $Command
    $Command = ${Function:global:deactivate}
  }
  $Kept = $global:_OLD_VIRTUAL_STATE
  if ($Kept.Level -is [int] -and ($Kept.Active -or $Kept.Function -or $Kept.Alias)) {
    & $Leave
    $Kept = $global:_OLD_VIRTUAL_STATE
    $Command = ${Function:global:deactivate}
  }
  $Before = ${Function:global:prompt}
  if ("$Before" -match '_OLD_VIRTUAL_PROMPT' -and ${Function:global:_OLD_VIRTUAL_PROMPT}) {
    # Another maker's, whose deactivate has been lost.
    foreach ($Given in $env:_OLD_VIRTUAL_PATH, $global:_OLD_VIRTUAL_PATH) { if ($Given) { $env:PATH = $Given } }
    if ($env:_OLD_VIRTUAL_PYTHONHOME) { $env:PYTHONHOME = $env:_OLD_VIRTUAL_PYTHONHOME }
    Set-Item Function:global:prompt ${Function:global:_OLD_VIRTUAL_PROMPT} -ErrorAction Ignore
    $Before = ${Function:global:prompt}
    Remove-Item Function:_OLD_VIRTUAL_PROMPT -ErrorAction Ignore
    Remove-Variable -Name _OLD_VIRTUAL_PATH, _PYTHON_VENV_PROMPT_PREFIX -Scope Global -Force -ErrorAction Ignore
    $env:_OLD_VIRTUAL_PATH = $env:_OLD_VIRTUAL_PYTHONHOME = $env:VIRTUAL_ENV = $env:VIRTUAL_ENV_PROMPT = $null
  }

  # What was. Only what is global comes back: a script's own function or alias stays its own.
  $Old = @{}
  foreach ($Name in 'PATH', 'PYTHONHOME', 'VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT', '_OLD_VIRTUAL_PATH',
    '_OLD_VIRTUAL_PYTHONHOME') {
    $Old[$Name] = if ($Free) { [Environment]::GetEnvironmentVariable($Name) }
    else { (Get-Item "Env:$Name" -ErrorAction Ignore).Value }
  }
  $New = @{
    PATH = if ($Old.PATH) { $Bin + $Separator + $Old.PATH } else { $Bin }
    VIRTUAL_ENV = $Dir
    VIRTUAL_ENV_PROMPT = $Shown
    _OLD_VIRTUAL_PATH = $Old.PATH
  }
  if ($Old._OLD_VIRTUAL_PYTHONHOME -or $Old.PYTHONHOME) { $New._OLD_VIRTUAL_PYTHONHOME = $Old.PYTHONHOME }
  if ($null -ne $Old.PYTHONHOME) { $New.PYTHONHOME = $null }
  $State = @{
    Active = $true
    Dir = $Dir
    Bin = $Bin
    Path = $New.PATH
    Old = $Old
    Set = $Set
    Variable = $global:_OLD_VIRTUAL_PATH
    Function = if ("$Command" -notmatch '_OLD_VIRTUAL_STATE') { $Command }
    Alias = if ($Alias:deactivate) { Get-Alias deactivate -Scope Global -ErrorAction Ignore }
    Prompts = @(if ($Kept.Level -is [int]) { $Kept.Prompts })
    Kept = if ($Kept.Level -is [int]) { $Kept.Kept } else { $Kept }
    Level = 0
    Options = 'None'
    Copied = $false
  }
  if ($State.Function) { $State.Options = (Get-Item Function:deactivate).Options }

  # First the way back: the function (a read-only one of the user's makes room; a constant one can't),
  # the state, and what the scripts of Python, virtualenv and uv look for to undo this one.
  if ($null -eq $Command) { ${Function:global:deactivate} = $Leave }
  else {
    Set-Item Function:global:deactivate $Leave -Force -ErrorAction Ignore
    if (${Function:global:deactivate} -ne $Leave) {
      throw "Nothing is activated: there is a constant function 'deactivate'."
    }
  }
  if ($Kept -or -not $Free) { New-Variable _OLD_VIRTUAL_STATE $State -Scope Global -Option ReadOnly -Force }
  else {
    $global:_OLD_VIRTUAL_STATE = $State
    $ExecutionContext.SessionState.PSVariable.Get('global:_OLD_VIRTUAL_STATE').Options = 'ReadOnly'
  }
  if ($State.Alias) {
    while (Test-Path Alias:deactivate) { Remove-Item Alias:deactivate -Force -ErrorAction Stop }
  }
  if ($null -eq $State.Variable) { $global:_OLD_VIRTUAL_PATH = $Old.PATH }
  else { New-Variable -Name _OLD_VIRTUAL_PATH -Value $Old.PATH -Scope Global -Force }
  & $Set $New

  # A read-only or AllScope prompt stays as it is. Ours is never what was before.
  if (-not $env:VIRTUAL_ENV_DISABLE_PROMPT -and $Before) {
    if (-not $Free) { Set-Item Function:global:prompt $Show -ErrorAction Ignore }
    elseif ($ExecutionContext.InvokeCommand.GetCommand('prompt', 'Function').Options -eq 'None') {
      ${Function:global:prompt} = $Show
    }
    if (${Function:global:prompt} -eq $Show -and "$Before" -notmatch '^\s*\$_OLD_VIRTUAL_OK = ') {
      $State.Prompts = @($Before) + $State.Prompts
      if (-not ${Function:global:_OLD_VIRTUAL_PROMPT}) {
        ${Function:global:_OLD_VIRTUAL_PROMPT} = $Before
        $State.Copied = $true
      }
    }
  }
  if ($Verbose -eq 'SilentlyContinue') { return }
  $VerbosePreference = $Verbose
  Write-Verbose "Activated '$Dir' as '$Shown'."
} @args
)venv")},
    {"common", "activate", script(R"venv(# Activates this environment in sh, dash, bash, zsh, ksh, mksh and busybox sh:
#
#   . bin/activate
#
# `deactivate` puts back everything as it was. Run instead of sourced, this file does nothing.

# Prints the commands that activate; with an argument, why that can't be. It runs in a subshell, whose
# variables are not the caller's.
_OLD_VIRTUAL_WRITE() {
  if [ -n "${ZSH_VERSION+set}" ]; then unsetopt warn_create_global warn_nested_var 2>/dev/null; fi
  case $- in *a*) finally='set -a' ;; *) finally=: ;; esac
  set +aeu # under `set -a` every assignment would export
  unset IFS
  dir=__VENV_DIR__
  label=__VENV_PROMPT__
  bin=__VENV_BIN_NAME__

  # MSYS and Cygwin: a Windows path would be split at its colon on PATH.
  case $dir in
    [A-Za-z]:[\\/]*) if command -v cygpath >/dev/null; then dir=$(cygpath -u "$dir"); fi ;;
  esac
  if [ $# -gt 0 ]; then
    if [ -e "$dir/pyvenv.cfg" ] && { [ -x "$dir/$bin/python" ] || [ -x "$dir/$bin/python.exe" ]; }; then return; fi
    echo 'activate: the environment was moved, or its Python is gone; nothing is activated'
    return
  fi

  case ${KSH_VERSION-} in
    *KSH*) say() { print -r -- "$*"; } ;; # mksh has no printf of its own
    *) say() { 'printf' '%s\n' "$*"; } ;;
  esac
  quote() {
    text=$1 quoted="'"
    while [ "$text" != "${text#*\'}" ]; do
      quoted=$quoted${text%%\'*}"'\\''"
      text=${text#*\'}
    done
    quoted="$quoted$text'"
  }
  # zsh: said so, a variable that a function makes is no mistake (`warn_create_global`).
  global=${ZSH_VERSION+typeset -g }

  # `undo` collects the commands by which deactivate puts back what was. A value given in a subshell
  # shows in what `export -p` says there only if the variable is an exported one.
  undo=
  for name in PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT \
    _OLD_VIRTUAL_PATH _OLD_VIRTUAL_PYTHONHOME _OLD_VIRTUAL_PS1; do
    undo="$undo unset $name;"
    if eval "[ -n \"\${$name+set}\" ]"; then
      eval "quote \"\$$name\""
      undo="$undo $global$name=$quoted;"
      case $(eval "$name=venv-is-exported"; export -p) in
        *venv-is-exported*) undo="$undo export $name;" ;;
      esac
    fi
  done
  if [ -n "${PATH+set}" ]; then
    quote "$PATH"
    undo="$undo ${global}PATH=$quoted;"
  else
    undo="$undo unset PATH;"
  fi

  # The prompt names the variable, not its value: shells expand what PS1 says whenever they draw it,
  # but not what comes out of that. zsh and ksh93 then have marks of their own, which are doubled.
  # (Where PS1 is read-only, the attempt to set it would end this script.)
  show=
  if [ -n "${PS1+set}" ] && [ -z "${VIRTUAL_ENV_DISABLE_PROMPT-}" ] &&
    (eval 'PS1=$PS1') 2>/dev/null; then
    shown="\${VIRTUAL_ENV_PROMPT-}"
    case ${ZSH_VERSION+zsh}${KSH_VERSION-} in
      zsh) # Without PROMPT_SUBST it has to be the value after all, with nothing in it to expand.
        case $label in *%*) shown="\${VIRTUAL_ENV_PROMPT//\\%/%%}" ;; esac
        if eval '[[ ! -o prompt_subst ]]'; then
          # Nor for a bash that is started from here, if PS1 is exported: it reads backslashes.
          eval 'shown=${label//\%/%%} shown=${shown//\\/"\\%{%}"}'
          eval 'shown=${shown//\$/"$%{%}"}'
          eval 'shown=${shown//\`/"'\''"}'
        fi ;;
      Version*) case $label in *!*) shown="\${VIRTUAL_ENV_PROMPT//!/!!}" ;; esac ;;
      "")
        if [ -n "${BASH_VERSION-}" ] && eval '! shopt -q promptvars'; then # The value, as in zsh.
          eval 'shown=${label//\\/\\\\} shown=${shown//\$/\$\\[\\]}'
          eval 'shown=${shown//\`/"'\''"} shown=${shown//!/\\041}'
        fi
        # busybox sh has no variable that says so; it reads backslashes in what comes out.
        if (eval '[ -z "${BASH_VERSION-}" ] && text=ab && [ "${text//a/b}" = bb ]') 2>/dev/null; then
          case $label in *\\*) shown="\${VIRTUAL_ENV_PROMPT//\\\\/\\\\\\\\}" ;; esac
        fi ;;
    esac
    quote "$PS1"
    undo="$undo ${global}PS1=$quoted;"
    quote "($shown) $PS1"
    show="${global}_OLD_VIRTUAL_PS1=\$PS1; ${global}PS1=$quoted"
  fi

  # A function or an alias of the user's that is called deactivate comes back in the end. Where a
  # shell can't print a function (dash, busybox), it stays in place, behind an alias of ours.
  name=deactivate
  back='unset -f deactivate'
  users_alias=$(alias deactivate 2>/dev/null) || users_alias=
  if [ -n "$users_alias" ]; then unalias deactivate && say 'unalias deactivate'; fi
  if [ "$(command -v deactivate)" = deactivate ]; then
    if function=$(eval 'typeset -f deactivate' 2>/dev/null); then
      quote "$function"
      back="eval $quoted"
    else
      name=_OLD_VIRTUAL_DEACTIVATE
      back='unalias deactivate; unset -f _OLD_VIRTUAL_DEACTIVATE'
      say 'alias deactivate=_OLD_VIRTUAL_DEACTIVATE'
    fi
  fi
  if [ -n "$users_alias" ]; then
    quote "alias ${users_alias#alias }"
    back="$back; eval $quoted"
  fi
  quote "$name() {
    case \$- in *a*) set +a; $name; set -a; return ;; esac
    $undo
    $back
    hash -r 2>/dev/null || :
  }"

  # These are what Python's own script looks for, too. Then the environment.
  say "set +a; eval $quoted"
  say "${global}_OLD_VIRTUAL_PATH=\${PATH-}"
  if [ -n "${PYTHONHOME+set}" ]; then say "${global}_OLD_VIRTUAL_PYTHONHOME=\$PYTHONHOME"; fi
  say 'unset PYTHONHOME'
  quote "$dir" && say "export VIRTUAL_ENV=$quoted"
  quote "$label" && say "export VIRTUAL_ENV_PROMPT=$quoted"
  quote "$dir/$bin${PATH:+:$PATH}" && say "${global}PATH=$quoted"
  if [ -n "$show" ]; then say "$show"; fi
  # The shell may remember where it found python, unless it is told not to remember.
  say "hash -r 2>/dev/null || :; unset -f _OLD_VIRTUAL_WRITE; $finally"
}

case $(_OLD_VIRTUAL_WRITE check) in
  "")
    # An environment that is active in this shell goes first.
    if [ -n "${_OLD_VIRTUAL_PATH+set}" ]; then
      case $(command -v deactivate) in
        deactivate) 'deactivate' ;; # a function; the quotes hide it from aliases
        *=*_OLD_VIRTUAL_DEACTIVATE*) _OLD_VIRTUAL_DEACTIVATE ;;
      esac
    fi
    eval "$(_OLD_VIRTUAL_WRITE)"
    ;;
  *)
    (_OLD_VIRTUAL_WRITE check >&2)
    unset -f _OLD_VIRTUAL_WRITE
    false
    ;;
esac
)venv")},
    {"common", "activate.elv", script(R"venv(# Activates this environment in elvish:
#
#   eval (slurp < bin/activate.elv)
#
# `deactivate` puts back everything as it was. A script can't be given that name from here; it says
#
#   var env = $nil
#   eval &on-end={|ns| set env = $ns} (slurp < bin/activate.elv)
#   $env[leave~]

use path
use str

var dir = __VENV_DIR__
var prompt = __VENV_PROMPT__
var bin = __VENV_BIN_NAME__

if (not (and (path:is-regular &follow-symlink=$true $dir/pyvenv.cfg) (path:is-regular &follow-symlink=$true $dir/$bin/python))) {
  fail 'the environment was moved, or its Python is gone; nothing is activated'
}

# What only some shells have (an editor, a command of the user's) may be named only in code that is
# compiled where it is there. `resolve` tells.
var code = 'put $nil'
if (eq (resolve _OLD_VIRTUAL_ENV-leave) '$_OLD_VIRTUAL_ENV-leave~') { set code = 'put $_OLD_VIRTUAL_ENV-leave~' }
var users-leave = (eval $code)
set code = 'put $nil'
if (eq (resolve deactivate) '$deactivate~') { set code = 'put $deactivate~' }
var users-deactivate = (eval $code)
if (and (not-eq $users-leave $nil) (has-value $users-leave[opt-names] _OLD_VIRTUAL_ENV)) {
  # An environment that is active in this shell goes first; the user's commands are what it kept.
  var leave = $users-leave
  set users-leave users-deactivate = (all $leave[opt-defaults][0])
  $leave
}
set code = 'put $nil'
if (eq (resolve edit:add-var) '$edit:add-var~') { set code = 'put $edit:prompt' }
var users-prompt = (eval $code)

fn keep {|name|
  if (has-env $name) {
    var value = (get-env $name)
    put { set-env $name $value }
  } else {
    put { unset-env $name }
  }
}
var undo = [(each $keep~ [PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT])]

# In a script, one that was activated before is known by its variable only.
var old-path = $E:PATH
if (eq $users-prompt $nil) { set old-path = (str:trim-prefix $old-path $E:VIRTUAL_ENV/$bin':') }
var new-path = $dir/$bin
if (not-eq $old-path '') { set new-path = $new-path':'$old-path }
set-env PATH $new-path
unset-env PYTHONHOME
set-env VIRTUAL_ENV $dir
set-env VIRTUAL_ENV_PROMPT $prompt

fn set-prompt {|new| eval &ns=(ns [&new=$new]) 'set edit:prompt = $new' }

# Under its own name `resolve` and `eval` above would find it, instead of the user's. Its option is
# what makes it known, and holds what was.
fn leave {|&_OLD_VIRTUAL_ENV=[$users-leave $users-deactivate]|
  each {|restore| $restore } $undo
  if (not-eq $users-prompt $nil) {
    set-prompt $users-prompt
    edit:del-vars [_OLD_VIRTUAL_ENV-leave~ deactivate~]
    if (not-eq $users-leave $nil) { edit:add-var _OLD_VIRTUAL_ENV-leave~ $users-leave }
    if (not-eq $users-deactivate $nil) { edit:add-var deactivate~ $users-deactivate }
  }
}

if (not-eq $users-prompt $nil) {
  if (eq $E:VIRTUAL_ENV_DISABLE_PROMPT '') {
    set-prompt { put '('$E:VIRTUAL_ENV_PROMPT') '; $users-prompt }
  }
  edit:add-vars [&_OLD_VIRTUAL_ENV-leave~=$leave~ &deactivate~=$leave~]
}
)venv")},
    {"common", "activate.fish", script(R"venv(# Activates this environment in fish:
#
#   source bin/activate.fish
#
# `deactivate` puts back everything as it was. (`builtin`: functions of the user's may have any name.)

begin
    # Local to this block: what the caller has under these names stays.
    builtin set -l _OLD_VIRTUAL_DIR __VENV_DIR__
    builtin set -l _OLD_VIRTUAL_SHOWN __VENV_PROMPT__
    builtin set -l _OLD_VIRTUAL_BIN __VENV_BIN_NAME__
    builtin set -l _OLD_VIRTUAL_NAME
    builtin set -l _OLD_VIRTUAL_VALUE
    builtin set -l _OLD_VIRTUAL_UNDO

    builtin set _OLD_VIRTUAL_BIN $_OLD_VIRTUAL_DIR/$_OLD_VIRTUAL_BIN
    if not builtin test -e $_OLD_VIRTUAL_DIR/pyvenv.cfg -a -x $_OLD_VIRTUAL_BIN/python
        builtin echo 'activate: the environment was moved, or its Python is gone; nothing is activated' >&2
        builtin test -n ''
    else
        # An environment that is active in this shell goes first.
        if builtin set -q _OLD_VIRTUAL_PATH; and builtin functions -q deactivate
            deactivate
        end

        # The commands by which deactivate puts the variables back. Python's own script looks for the
        # last two, which are set below.
        for _OLD_VIRTUAL_NAME in PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT _OLD_VIRTUAL_{PATH,PYTHONHOME}
            builtin set _OLD_VIRTUAL_VALUE (builtin string escape -- $$_OLD_VIRTUAL_NAME)
            if builtin set -qgx $_OLD_VIRTUAL_NAME
                builtin set -a _OLD_VIRTUAL_UNDO "builtin set -gx $_OLD_VIRTUAL_NAME $_OLD_VIRTUAL_VALUE"
            else if builtin set -qg $_OLD_VIRTUAL_NAME
                builtin set -a _OLD_VIRTUAL_UNDO "builtin set -gu $_OLD_VIRTUAL_NAME $_OLD_VIRTUAL_VALUE"
            else
                builtin set -a _OLD_VIRTUAL_UNDO "builtin set -e -g $_OLD_VIRTUAL_NAME"
            end
        end

        builtin set -g _OLD_VIRTUAL_PATH $PATH
        builtin set -q PYTHONHOME; and builtin set -g _OLD_VIRTUAL_PYTHONHOME $PYTHONHOME
        builtin set -e -g PYTHONHOME
        # An empty one hides a universal one; Python takes it for unset.
        builtin set -qUx PYTHONHOME; and builtin set -gx PYTHONHOME ""
        builtin set -gx VIRTUAL_ENV $_OLD_VIRTUAL_DIR
        builtin set -gx VIRTUAL_ENV_PROMPT $_OLD_VIRTUAL_SHOWN
        builtin set -g PATH $_OLD_VIRTUAL_BIN $PATH

        # The user's prompt runs first, while $status and $pipestatus are still the last command's.
        if builtin functions -q fish_prompt; and builtin test -z "$VIRTUAL_ENV_DISABLE_PROMPT"
            builtin functions -e _OLD_VIRTUAL_PROMPT
            builtin functions -c fish_prompt _OLD_VIRTUAL_PROMPT
            builtin functions -e fish_prompt
            builtin set -a _OLD_VIRTUAL_UNDO 'builtin functions -e fish_prompt' \
                'builtin functions -c _OLD_VIRTUAL_PROMPT fish_prompt' \
                'builtin functions -e _OLD_VIRTUAL_PROMPT'
            function fish_prompt
                builtin set -l _OLD_VIRTUAL_SHOWN (_OLD_VIRTUAL_PROMPT $argv)
                builtin printf '(%s) ' "$VIRTUAL_ENV_PROMPT"
                builtin string join -- \n $_OLD_VIRTUAL_SHOWN
            end
        end

        # A function of the user's that is called deactivate comes back in the end.
        builtin set -a _OLD_VIRTUAL_UNDO 'builtin functions -e deactivate'
        if builtin functions -q deactivate
            builtin functions -e _OLD_VIRTUAL_DEACTIVATE
            builtin functions -c deactivate _OLD_VIRTUAL_DEACTIVATE
            builtin functions -e deactivate
            builtin set -a _OLD_VIRTUAL_UNDO 'builtin functions -c _OLD_VIRTUAL_DEACTIVATE deactivate' \
                'builtin functions -e _OLD_VIRTUAL_DEACTIVATE'
        end
        builtin string join -- \n "function deactivate -d 'Deactivates the Python environment'" \
            $_OLD_VIRTUAL_UNDO end | builtin source
    end
end
)venv")},
    {"common", "activate.nu", script(R"venv(# Activates this environment in nushell:
#
#   overlay use bin/activate.nu
#
# `deactivate` puts back everything as it was: it takes the overlay away, and nushell does the rest.

export-env {
    let dir = __VENV_DIR__
    let prompt = __VENV_PROMPT__
    let bin = __VENV_BIN_NAME__

    let pythons = [python python.exe] | each {|python| [$dir $bin $python] | path join } | where {|python| $python | path exists }
    if not ([$dir pyvenv.cfg] | path join | path exists) or ($pythons | is-empty) {
        error make {msg: "the environment was moved, or its Python is gone; nothing is activated"}
    }

    # What was before. Over another environment, which this one replaces: what was before that.
    let name = if "Path" in $env { "Path" } else { "PATH" }
    let old = if ($env._OLD_VIRTUAL? | describe) =~ "^record<path: .*, prompt: " { $env._OLD_VIRTUAL } else {
        path: (if $name in $env { $env | get $name } else { [] })
        prompt: $env.PROMPT_COMMAND?
    }
    $env._OLD_VIRTUAL = $old
    let path = if ($old.path | describe) == "string" {
        $old.path | split row (char esep)
    } else {
        $old.path
    }

    load-env {$name: ($path | prepend ($dir | path join $bin))}
    $env.VIRTUAL_ENV = $dir
    $env.VIRTUAL_ENV_PROMPT = $prompt
    # Null is passed on to no program. (What hide-env hides here would never come back.)
    if "PYTHONHOME" in $env { $env.PYTHONHOME = null }

    if ($env.VIRTUAL_ENV_DISABLE_PROMPT? | is-empty) {
        $env.PROMPT_COMMAND = {||
            let shown = if ($old.prompt | describe) == "closure" { do $old.prompt } else { $old.prompt }
            "(" + $env.VIRTUAL_ENV_PROMPT + ") " + ($shown | default "")
        }
    } else {
        $env.PROMPT_COMMAND = $old.prompt
    }
}

# The directory that the user has gone to meanwhile stays. (nushell shows the next line if it fails.)
# Not an active overlay? This file was read by `use`, and `deactivate` needs `overlay use`.
export alias deactivate = overlay hide activate --keep-env [PWD]
)venv")},
    {"common", "activate.xsh", script(R"venv(# Activates this environment in xonsh:
#
#   source bin/activate.xsh
#
# `deactivate` puts back everything as it was.

# It gives back what the caller had under its name, if anything.
def _OLD_VIRTUAL_ACTIVATE(session, env, aliases, kept=[globals()[n] for n in ["_OLD_VIRTUAL_ACTIVATE"] if n in globals()]):
    import os
    import sys

    dir = __VENV_DIR__
    prompt = __VENV_PROMPT__
    bin = __VENV_BIN_NAME__

    python = os.path.join(dir, bin, "python")
    if not os.path.exists(os.path.join(dir, "pyvenv.cfg")) or not (os.path.exists(python) or os.path.exists(python + ".exe")):
        print("activate: the environment was moved, or its Python is gone; nothing is activated", file=sys.stderr)
        return kept

    # An environment that is active in this shell goes first.
    if hasattr(getattr(session, "_OLD_VIRTUAL_DEACTIVATE", None), "_OLD_VIRTUAL_ENV"):
        session._OLD_VIRTUAL_DEACTIVATE()
    before = vars(session).get("_OLD_VIRTUAL_DEACTIVATE")

    names = ["PATH", "PYTHONHOME", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT"]
    old = {name: env[name] for name in names if env.is_manually_set(name)}
    fields = env["PROMPT_FIELDS"]
    old_field = fields.get("env_name")
    old_alias = aliases["deactivate"] if "deactivate" in aliases else None

    class Plain(str):
        """A directory on PATH in which xonsh looks for no $variables."""

        def __contains__(self, part):
            return part != "$" and str.__contains__(self, part)

    env["PATH"] = [Plain(os.path.join(dir, bin))] + list(old.get("PATH", []))
    env["VIRTUAL_ENV"] = dir
    env["VIRTUAL_ENV_PROMPT"] = prompt
    env.pop("PYTHONHOME", None)

    # The prompt has a field for this. What it gives is looked through for {COLORS} once more.
    def env_name():
        if env.get("VIRTUAL_ENV_DISABLE_PROMPT"):
            return ""
        return "(" + prompt.replace("{", "{{").replace("}", "}}") + ") "

    fields["env_name"] = env_name

    def deactivate(args=None):
        for name in names:
            env.pop(name, None)
        env.update(old)
        if old_field is None:
            del fields["env_name"]
        else:
            fields["env_name"] = old_field
        if old_alias is None:
            del aliases["deactivate"]
        else:
            aliases["deactivate"] = old_alias
        if before is None:
            del session._OLD_VIRTUAL_DEACTIVATE
        else:
            session._OLD_VIRTUAL_DEACTIVATE = before

    deactivate._OLD_VIRTUAL_ENV = dir
    session._OLD_VIRTUAL_DEACTIVATE = deactivate
    aliases["deactivate"] = deactivate
    return kept

_OLD_VIRTUAL_ACTIVATE = _OLD_VIRTUAL_ACTIVATE(__xonsh__, ${...}, aliases)
if _OLD_VIRTUAL_ACTIVATE:
    _OLD_VIRTUAL_ACTIVATE = _OLD_VIRTUAL_ACTIVATE[0]
else:
    del _OLD_VIRTUAL_ACTIVATE
)venv")},
    {"common", "activate_this.py", script(R"venv("""Makes the running Python use this environment, for programs that embed Python:

    path = "/the/environment/bin/activate_this.py"
    exec(compile(open(path).read(), path, "exec"), {"__file__": path})

The Python that runs must be of the version that the environment was made with. There is no way
back; what is imported already stays as it is.
"""

import os
import site
import sys
import sysconfig

env_dir = __VENV_DIR__
prompt = __VENV_PROMPT__
bin_name = __VENV_BIN_NAME__

scheme = "venv" if "venv" in sysconfig.get_scheme_names() else None
if scheme is None:
    scheme = "nt" if os.name == "nt" else "posix_prefix"
base = {"base": env_dir, "platbase": env_dir}
libraries = [sysconfig.get_path(name, scheme, base) for name in ("purelib", "platlib")]
if not os.path.isdir(libraries[0]):
    raise RuntimeError(
        "the environment {!r} was made for another Python than {}: it has no {!r}".format(
            env_dir, sys.version.split()[0], libraries[0]
        )
    )

path = [os.path.join(env_dir, bin_name)]
if os.environ.get("PATH"):
    path.append(os.environ["PATH"])
os.environ["PATH"] = os.pathsep.join(path)
os.environ["VIRTUAL_ENV"] = env_dir
os.environ["VIRTUAL_ENV_PROMPT"] = prompt
os.environ.pop("PYTHONHOME", None)

# The environment's packages come before those of the base; their .pth files are read too.
before = list(sys.path)
for library in libraries:
    site.addsitedir(library)
sys.path[:] = [entry for entry in sys.path if entry not in before] + before
sys.prefix = sys.exec_prefix = env_dir
)venv")},
    {"nt", "activate.bat", script(R"venv(@rem Activates this environment in cmd.exe:  Scripts\activate.bat
@rem "deactivate" puts back everything as it was.
@rem Every line has its own "@": "echo off" would stay off in a batch file that calls this one.
@setlocal EnableExtensions DisableDelayedExpansion

@rem This file is UTF-8, so the code page is that while the names are read.
@set "_OLD_VIRTUAL_PAGE="
@set "_OLD_VIRTUAL_CHCP=%SystemRoot%\System32\chcp.com"
@for /f "tokens=2 delims=:." %%i in ('"%_OLD_VIRTUAL_CHCP%"') do @set "_OLD_VIRTUAL_PAGE=%%i"
@if defined _OLD_VIRTUAL_PAGE "%_OLD_VIRTUAL_CHCP%" 65001 >nul
@set "_OLD_VIRTUAL_DIR=__VENV_DIR__"
@set "_OLD_VIRTUAL_NAME=__VENV_PROMPT__"
@set "_OLD_VIRTUAL_BIN=__VENV_BIN_NAME__"
@if defined _OLD_VIRTUAL_PAGE "%_OLD_VIRTUAL_CHCP%" %_OLD_VIRTUAL_PAGE% >nul

@if exist "%_OLD_VIRTUAL_DIR%\pyvenv.cfg" if exist "%_OLD_VIRTUAL_DIR%\%_OLD_VIRTUAL_BIN%\python.exe" goto present
@echo activate: the environment was moved, or its Python is gone; nothing is activated>&2
@exit /b 1
:present

@rem What was; over an environment that is active already, what was before that one. Behind the mark "1|"
@rem stands what these names held themselves, for deactivate.bat to put back.
@set "_OLD_VIRTUAL_KEPT=%_OLD_VIRTUAL_ACTIVE%"
@if "%_OLD_VIRTUAL_KEPT:~0,2%"=="1|" goto kept
@set "_OLD_VIRTUAL_KEPT=1|.%_OLD_VIRTUAL_PATH%|.%_OLD_VIRTUAL_PROMPT%|.%_OLD_VIRTUAL_PYTHONHOME%|.%_OLD_VIRTUAL_ENV%|.%_OLD_VIRTUAL_ENV_PROMPT%|.%_OLD_VIRTUAL_ACTIVE%"
@set "_OLD_VIRTUAL_PATH=%PATH%"
@set "_OLD_VIRTUAL_PROMPT=%PROMPT%"
@set "_OLD_VIRTUAL_PYTHONHOME=%PYTHONHOME%"
@set "_OLD_VIRTUAL_ENV=%VIRTUAL_ENV%"
@set "_OLD_VIRTUAL_ENV_PROMPT=%VIRTUAL_ENV_PROMPT%"
:kept

@rem In PROMPT a "$" is doubled.
@set "_OLD_VIRTUAL_OLD=%_OLD_VIRTUAL_PROMPT%"
@if not defined _OLD_VIRTUAL_OLD set "_OLD_VIRTUAL_OLD=$P$G"
@set "_OLD_VIRTUAL_SHOWN=() "
@if defined _OLD_VIRTUAL_NAME set "_OLD_VIRTUAL_SHOWN=(%_OLD_VIRTUAL_NAME:$=$$%) "
@set "_OLD_VIRTUAL_SHOWN=%_OLD_VIRTUAL_SHOWN%%_OLD_VIRTUAL_OLD%"
@if defined VIRTUAL_ENV_DISABLE_PROMPT set "_OLD_VIRTUAL_SHOWN=%_OLD_VIRTUAL_PROMPT%"

@rem A line is expanded before its "endlocal" takes effect, which is how values get out of here. (If
@rem the caller has enabled delayed expansion, cmd then takes "!" out of them.)
@endlocal & set "VIRTUAL_ENV=%_OLD_VIRTUAL_DIR%" & set "VIRTUAL_ENV_PROMPT=%_OLD_VIRTUAL_NAME%" & set "PROMPT=%_OLD_VIRTUAL_SHOWN%" & set "PATH=%_OLD_VIRTUAL_DIR%\%_OLD_VIRTUAL_BIN%" & set "_OLD_VIRTUAL_PATH=%_OLD_VIRTUAL_PATH%" & set "_OLD_VIRTUAL_PROMPT=%_OLD_VIRTUAL_PROMPT%" & set "_OLD_VIRTUAL_PYTHONHOME=%_OLD_VIRTUAL_PYTHONHOME%" & set "_OLD_VIRTUAL_ENV=%_OLD_VIRTUAL_ENV%" & set "_OLD_VIRTUAL_ENV_PROMPT=%_OLD_VIRTUAL_ENV_PROMPT%" & set "_OLD_VIRTUAL_ACTIVE=%_OLD_VIRTUAL_KEPT%"
@set "PATH=%PATH%;%_OLD_VIRTUAL_PATH%"
@set "PYTHONHOME="
@exit /b 0
)venv")},
    {"nt", "deactivate.bat", script(R"venv(@rem Puts back what activate.bat changed. Does nothing where no environment is active.
@if not "%_OLD_VIRTUAL_ACTIVE:~0,2%"=="1|" exit /b 0
@set "PATH=%_OLD_VIRTUAL_PATH%"
@set "PROMPT=%_OLD_VIRTUAL_PROMPT%"
@set "PYTHONHOME=%_OLD_VIRTUAL_PYTHONHOME%"
@set "VIRTUAL_ENV=%_OLD_VIRTUAL_ENV%"
@set "VIRTUAL_ENV_PROMPT=%_OLD_VIRTUAL_ENV_PROMPT%"

@rem What these names held before stands behind a dot each.
@for /f "tokens=2 delims=|" %%a in ("%_OLD_VIRTUAL_ACTIVE%") do @set "_OLD_VIRTUAL_PATH=%%a"
@for /f "tokens=3 delims=|" %%a in ("%_OLD_VIRTUAL_ACTIVE%") do @set "_OLD_VIRTUAL_PROMPT=%%a"
@for /f "tokens=4 delims=|" %%a in ("%_OLD_VIRTUAL_ACTIVE%") do @set "_OLD_VIRTUAL_PYTHONHOME=%%a"
@for /f "tokens=5 delims=|" %%a in ("%_OLD_VIRTUAL_ACTIVE%") do @set "_OLD_VIRTUAL_ENV=%%a"
@for /f "tokens=6 delims=|" %%a in ("%_OLD_VIRTUAL_ACTIVE%") do @set "_OLD_VIRTUAL_ENV_PROMPT=%%a"
@for /f "tokens=6* delims=|" %%a in ("%_OLD_VIRTUAL_ACTIVE%") do @set "_OLD_VIRTUAL_ACTIVE=%%b"
@set "_OLD_VIRTUAL_PATH=%_OLD_VIRTUAL_PATH:~1%"
@set "_OLD_VIRTUAL_PROMPT=%_OLD_VIRTUAL_PROMPT:~1%"
@set "_OLD_VIRTUAL_PYTHONHOME=%_OLD_VIRTUAL_PYTHONHOME:~1%"
@set "_OLD_VIRTUAL_ENV=%_OLD_VIRTUAL_ENV:~1%"
@set "_OLD_VIRTUAL_ENV_PROMPT=%_OLD_VIRTUAL_ENV_PROMPT:~1%"
@set "_OLD_VIRTUAL_ACTIVE=%_OLD_VIRTUAL_ACTIVE:~1%"
@exit /b 0
)venv")},
    {"posix", "activate.csh", script(R"venv(# Activates this environment in csh and tcsh:
#
#   source bin/activate.csh
#
# `deactivate` puts back everything as it was.

# No name is free of what the caller may have under it. So each variable here is a list: ours comes
# first, then `set` and the caller's words, if it was set. What is needed for a moment only:
if ($?_OLD_VIRTUAL_NEW) then
  set _OLD_VIRTUAL_NEW = (. . . . set $_OLD_VIRTUAL_NEW:q)
else
  set _OLD_VIRTUAL_NEW = (. . . .)
endif
set _OLD_VIRTUAL_NEW[1] = __VENV_DIR__
set _OLD_VIRTUAL_NEW[2] = __VENV_PROMPT__
set _OLD_VIRTUAL_NEW[3] = __VENV_BIN_NAME__

if (! -e "$_OLD_VIRTUAL_NEW[1]/pyvenv.cfg" || ! -x "$_OLD_VIRTUAL_NEW[1]/$_OLD_VIRTUAL_NEW[3]/python") then
  /bin/sh -c 'echo "activate: the environment was moved, or its Python is gone; nothing is activated" >&2'
else
  # An environment that is active in this shell goes first.
  if ("x`alias deactivate`" =~ *_OLD_VIRTUAL_*) then
    deactivate
  endif

  # The commands by which deactivate puts back what was, and what that is. First, itself: an alias of
  # the user's that has the same name.
  if ($?_OLD_VIRTUAL_UNDO) then
    set _OLD_VIRTUAL_UNDO = ('unalias deactivate' . . . . set $_OLD_VIRTUAL_UNDO:q)
  else
    set _OLD_VIRTUAL_UNDO = ('unalias deactivate' . . . .)
  endif
  if ("x`alias deactivate`" != x) then
    set _OLD_VIRTUAL_UNDO[2] = "`alias deactivate`"
    set _OLD_VIRTUAL_UNDO[1] = 'alias deactivate $_OLD_VIRTUAL_UNDO[2]:q'
  endif
  set _OLD_VIRTUAL_UNDO[1] = "$_OLD_VIRTUAL_UNDO[1]; unsetenv PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT"
  if ($?PYTHONHOME) then
    set _OLD_VIRTUAL_UNDO[3] = "$PYTHONHOME"
    set _OLD_VIRTUAL_UNDO[1] = "$_OLD_VIRTUAL_UNDO[1]; "'setenv PYTHONHOME "$_OLD_VIRTUAL_UNDO[3]"'
  endif
  if ($?VIRTUAL_ENV) then
    set _OLD_VIRTUAL_UNDO[4] = "$VIRTUAL_ENV"
    set _OLD_VIRTUAL_UNDO[1] = "$_OLD_VIRTUAL_UNDO[1]; "'setenv VIRTUAL_ENV "$_OLD_VIRTUAL_UNDO[4]"'
  endif
  if ($?VIRTUAL_ENV_PROMPT) then
    set _OLD_VIRTUAL_UNDO[5] = "$VIRTUAL_ENV_PROMPT"
    set _OLD_VIRTUAL_UNDO[1] = "$_OLD_VIRTUAL_UNDO[1]; "'setenv VIRTUAL_ENV_PROMPT "$_OLD_VIRTUAL_UNDO[5]"'
  endif

  # Python's own script looks for this name, too. Without PATH the shell still looks in its own path.
  set _OLD_VIRTUAL_UNDO[1] = "$_OLD_VIRTUAL_UNDO[1]; "'setenv PATH "$_OLD_VIRTUAL_PATH[1]"; shift _OLD_VIRTUAL_PATH; if (! $#_OLD_VIRTUAL_PATH) unset _OLD_VIRTUAL_PATH; if ($?_OLD_VIRTUAL_PATH) shift _OLD_VIRTUAL_PATH'
  if (! $?PATH) then
    set path = ($path:q)
    set _OLD_VIRTUAL_UNDO[1] = "$_OLD_VIRTUAL_UNDO[1]; unsetenv PATH"
  endif
  if ($?_OLD_VIRTUAL_PATH) then
    set _OLD_VIRTUAL_PATH = ("$PATH" set $_OLD_VIRTUAL_PATH:q)
  else
    set _OLD_VIRTUAL_PATH = "$PATH"
  endif

  # As Python's own script has it.
  if ("x`alias pydoc`" == x) then
    alias pydoc 'python -m pydoc'
    set _OLD_VIRTUAL_UNDO[1] = "$_OLD_VIRTUAL_UNDO[1]; unalias pydoc"
  endif

  unsetenv PYTHONHOME
  setenv VIRTUAL_ENV "$_OLD_VIRTUAL_NEW[1]"
  setenv VIRTUAL_ENV_PROMPT "$_OLD_VIRTUAL_NEW[2]"

  # In the prompt `!` and, in tcsh, `%`, `^` and backslash are marks, which must be made plain. (csh
  # can't do that itself; 041 is its `!`.)
  if ($?prompt) then
    set _OLD_VIRTUAL_NEW[4] = shown
    if ($?VIRTUAL_ENV_DISABLE_PROMPT) then
      if ("$VIRTUAL_ENV_DISABLE_PROMPT" != "") set _OLD_VIRTUAL_NEW[4] = .
    endif
  endif
  if ("$_OLD_VIRTUAL_NEW[4]" == shown) then
    if ($?tcsh) then
      set _OLD_VIRTUAL_NEW[2] = $_OLD_VIRTUAL_NEW[2]:as,\\,\\\\,:q
      set _OLD_VIRTUAL_NEW[2] = "$_OLD_VIRTUAL_NEW[2]:as/\!/\\!/"
      set _OLD_VIRTUAL_NEW[2] = "$_OLD_VIRTUAL_NEW[2]:as/^/\^/"
      set _OLD_VIRTUAL_NEW[2] = "$_OLD_VIRTUAL_NEW[2]:as/%/%%/"
    else if ("$PATH" != "" && "$VIRTUAL_ENV_PROMPT" =~ *\!*) then
      set _OLD_VIRTUAL_NEW[2] = "`printenv VIRTUAL_ENV_PROMPT | awk -v r='\\\\&' '{ gsub(/\041/, r); print }'`"
    endif
    if ($?_OLD_VIRTUAL_PROMPT) then
      set _OLD_VIRTUAL_PROMPT = ("$prompt" set $_OLD_VIRTUAL_PROMPT:q)
    else
      set _OLD_VIRTUAL_PROMPT = $prompt:q
    endif
    set _OLD_VIRTUAL_UNDO[1] = "$_OLD_VIRTUAL_UNDO[1]; "'set prompt = "$_OLD_VIRTUAL_PROMPT[1]"; shift _OLD_VIRTUAL_PROMPT; if (! $#_OLD_VIRTUAL_PROMPT) unset _OLD_VIRTUAL_PROMPT; if ($?_OLD_VIRTUAL_PROMPT) shift _OLD_VIRTUAL_PROMPT'
    set prompt = "($_OLD_VIRTUAL_NEW[2]) "$prompt:q
  endif

  # PATH comes last: printenv and awk are the user's, whatever the environment installs.
  if ("$PATH" != "") then
    setenv PATH "${VIRTUAL_ENV}/${_OLD_VIRTUAL_NEW[3]}:${PATH}"
  else
    setenv PATH "${VIRTUAL_ENV}/${_OLD_VIRTUAL_NEW[3]}"
  endif
  alias deactivate 'eval "$_OLD_VIRTUAL_UNDO[1]"; set _OLD_VIRTUAL_UNDO = ($_OLD_VIRTUAL_UNDO[6-]:q); if (! $#_OLD_VIRTUAL_UNDO) unset _OLD_VIRTUAL_UNDO; if ($?_OLD_VIRTUAL_UNDO) shift _OLD_VIRTUAL_UNDO; rehash'
  rehash
endif

set _OLD_VIRTUAL_NEW = ($_OLD_VIRTUAL_NEW[5-]:q)
if (! $#_OLD_VIRTUAL_NEW) unset _OLD_VIRTUAL_NEW
if ($?_OLD_VIRTUAL_NEW) shift _OLD_VIRTUAL_NEW
)venv")},
};

VENV_DETAIL_END

// ---- src/system/path.hpp ------------------------------------------------------------------------

VENV_DETAIL_BEGIN

namespace fs = std::filesystem;

/// UTF-8 of a path's UTF-16; a lone surrogate, which a name may have, becomes U+FFFD. Not by
/// std::filesystem, whose narrow texts are in an encoding of the system's before C++20.
template <class Unit> std::string utf8_of_units(const std::basic_string<Unit>& units) {
  std::string text;
  for (std::size_t i = 0; i < units.size(); ++i) {
    auto c = static_cast<char32_t>(units[i]);
    const auto next = i + 1 < units.size() ? static_cast<char32_t>(units[i + 1]) : char32_t{0};
    if (c >= 0xD800 && c < 0xDC00 && next >= 0xDC00 && next < 0xE000) {
      c = 0x10000 + ((c - 0xD800) << 10) + (next - 0xDC00);
      ++i;
    }
    append_utf8(text, c >= 0xD800 && c < 0xE000 ? 0xFFFD : c);
  }
  return text;
}

/// The other way round; what is no UTF-8 becomes U+FFFD.
template <class Unit> std::basic_string<Unit> units_of_utf8(std::string_view text) {
  std::basic_string<Unit> units;
  while (!text.empty()) {
    char32_t c = decode(text);
    if (c == not_utf8) c = 0xFFFD;
    if (c >= 0x10000) units += static_cast<Unit>(0xD800 + ((c - 0x10000) >> 10));
    units += static_cast<Unit>(c >= 0x10000 ? 0xDC00 + (c & 0x3FF) : c);
  }
  return units;
}

/// A path as UTF-8 text, with the platform's own separators.
VENV_INLINE std::string text_of(const fs::path& path) {
  if constexpr (std::is_same_v<fs::path::value_type, char>) return path.string();
  else return utf8_of_units(path.native());
}

/// The path that UTF-8 `text` spells.
VENV_INLINE fs::path path_of(std::string_view text) {
  if constexpr (std::is_same_v<fs::path::value_type, char>) return fs::path(text);
  else return fs::path(units_of_utf8<fs::path::value_type>(text));
}

/// `'path'` for a message.
VENV_INLINE std::string quoted(const fs::path& path) {
  return "'" + printable(text_of(path)) + "'";
}

/// The error for a system call on `path` that failed with `code`: "cannot <doing> 'path': <why>".
VENV_INLINE Error io_error(const std::string& doing, const fs::path& path, std::error_code code) {
  Error error(ErrorCode::io, "cannot " + doing + ' ' + quoted(path) + ": " + code.message());
  error.at(doing).on(path).caused_by(code);
  return error;
}

/// `path` made absolute as the reference does (`os.path.abspath`): `.` and `..` folded by the letter,
/// links left alone, no separator at the end.
VENV_INLINE fs::path absolute_path(const fs::path& path) {
  std::error_code failed;
  fs::path result = path.is_absolute() ? path : fs::current_path(failed) / path;
  if (failed) throw io_error("find the working directory for", path, failed);
  result = result.lexically_normal().make_preferred();
  return result.has_filename() ? result : result.parent_path();
}

VENV_DETAIL_END

// ---- src/system/win32.hpp -----------------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of win32.windows.hpp: what the Windows files share. There is no other.

VENV_DETAIL_END

#if defined(_WIN32)
// Lean, and without the macros `min` and `max`. A file that needs more of it includes it first.
#if !defined(_WINDOWS_)
#if !defined(WIN32_LEAN_AND_MEAN)
#define WIN32_LEAN_AND_MEAN
#define VENV_BRINGS_LEAN
#endif
#if !defined(NOMINMAX)
#define NOMINMAX
#define VENV_BRINGS_NOMINMAX
#endif
#endif
#include <windows.h>

#include <winioctl.h>
#if defined(_MSC_VER)
#pragma comment(lib, "advapi32")
#endif

VENV_DETAIL_BEGIN

/// UTF-16 of UTF-8; what is no UTF-8 becomes U+FFFD.
VENV_INLINE std::wstring wide_of(std::string_view text) {
  if (text.empty()) return {};
  const int size = static_cast<int>(text.size());
  const int length = ::MultiByteToWideChar(CP_UTF8, 0, text.data(), size, nullptr, 0);
  std::wstring wide(static_cast<std::size_t>(length), L'\0');
  ::MultiByteToWideChar(CP_UTF8, 0, text.data(), size, wide.data(), length);
  return wide;
}

/// UTF-8 of UTF-16; a lone surrogate becomes U+FFFD.
VENV_INLINE std::string utf8_of(std::wstring_view wide) {
  if (wide.empty()) return {};
  const int size = static_cast<int>(wide.size());
  const int length =
      ::WideCharToMultiByte(CP_UTF8, 0, wide.data(), size, nullptr, 0, nullptr, nullptr);
  std::string text(static_cast<std::size_t>(length), '\0');
  ::WideCharToMultiByte(CP_UTF8, 0, wide.data(), size, text.data(), length, nullptr, nullptr);
  return text;
}

/// What a call that fills a buffer gives, which returns the size that it needs where that is too small.
VENV_INLINE std::wstring text_filled_by(FunctionRef<DWORD(wchar_t*, DWORD)> call) {
  std::wstring text(260, L'\0');
  for (int tries = 0; tries < 4; ++tries) {
    const DWORD size = call(text.data(), static_cast<DWORD>(text.size()));
    if (size < text.size()) {
      text.resize(size);
      return text;
    }
    text.resize(std::size_t{size} + 1);
  }
  return {};
}

/// Without the prefix that lifts the limit of paths' lengths.
VENV_INLINE std::wstring without_long_prefix(std::wstring text) {
  if (text.compare(0, 8, L"\\\\?\\UNC\\") == 0) return L"\\\\" + text.substr(8);
  if (text.compare(0, 4, L"\\\\?\\") == 0) return text.substr(4);
  return text;
}

/// A path as system calls take it: a long one in full behind `\\?\`, as they refuse it otherwise. A
/// directory's limit is lower than a file's by the length of a short name.
VENV_INLINE std::wstring native_of(const fs::path& path) {
  constexpr std::size_t longest = MAX_PATH - 14;
  std::wstring text = path.native();
  for (wchar_t& c : text)
    if (c == L'/') c = L'\\';
  if (text.size() < longest && path.is_absolute()) return text;
  const std::wstring full = text_filled_by([&text](wchar_t* buffer, DWORD size) {
    return ::GetFullPathNameW(text.c_str(), size, buffer, nullptr);
  });
  if (full.size() < longest || full.compare(0, 4, L"\\\\?\\") == 0) return text;
  if (full.compare(0, 2, L"\\\\") == 0) return L"\\\\?\\UNC\\" + full.substr(2);
  return L"\\\\?\\" + full;
}

/// The system's reason `error` as one that `std::errc` can be compared with, whatever library maps
/// the others.
VENV_INLINE std::error_code reason_of(DWORD error) {
  constexpr struct {
    DWORD error;
    std::errc reason;
  } known[] = {
      {ERROR_FILE_NOT_FOUND, std::errc::no_such_file_or_directory},
      {ERROR_PATH_NOT_FOUND, std::errc::no_such_file_or_directory},
      {ERROR_INVALID_NAME, std::errc::no_such_file_or_directory},
      {ERROR_BAD_PATHNAME, std::errc::no_such_file_or_directory},
      {ERROR_BAD_NETPATH, std::errc::no_such_file_or_directory},
      {ERROR_BAD_NET_NAME, std::errc::no_such_file_or_directory},
      {ERROR_DIRECTORY, std::errc::not_a_directory},
      {ERROR_ALREADY_EXISTS, std::errc::file_exists},
      {ERROR_FILE_EXISTS, std::errc::file_exists},
      {ERROR_ACCESS_DENIED, std::errc::permission_denied},
      {ERROR_PRIVILEGE_NOT_HELD, std::errc::operation_not_permitted},
      {ERROR_WRITE_PROTECT, std::errc::read_only_file_system},
      {ERROR_SHARING_VIOLATION, std::errc::device_or_resource_busy},
      {ERROR_LOCK_VIOLATION, std::errc::device_or_resource_busy},
      {ERROR_USER_MAPPED_FILE, std::errc::device_or_resource_busy},
      {ERROR_BUSY, std::errc::device_or_resource_busy},
      {ERROR_DIR_NOT_EMPTY, std::errc::directory_not_empty},
      {ERROR_NOT_SAME_DEVICE, std::errc::cross_device_link},
      {ERROR_DISK_FULL, std::errc::no_space_on_device},
      {ERROR_HANDLE_DISK_FULL, std::errc::no_space_on_device},
      {ERROR_FILENAME_EXCED_RANGE, std::errc::filename_too_long},
      {ERROR_TOO_MANY_OPEN_FILES, std::errc::too_many_files_open},
      {ERROR_NOT_ENOUGH_MEMORY, std::errc::not_enough_memory},
      {ERROR_OUTOFMEMORY, std::errc::not_enough_memory},
      {ERROR_NO_SYSTEM_RESOURCES, std::errc::resource_unavailable_try_again},
      {ERROR_NOT_ENOUGH_QUOTA, std::errc::resource_unavailable_try_again},
      {ERROR_COMMITMENT_LIMIT, std::errc::resource_unavailable_try_again},
      {ERROR_MAX_THRDS_REACHED, std::errc::resource_unavailable_try_again},
      {ERROR_NOT_SUPPORTED, std::errc::not_supported},
      {ERROR_INVALID_FUNCTION, std::errc::not_supported},
      {ERROR_INVALID_PARAMETER, std::errc::invalid_argument},
      {ERROR_BAD_EXE_FORMAT, std::errc::executable_format_error},
      {ERROR_EXE_MACHINE_TYPE_MISMATCH, std::errc::executable_format_error},
      {ERROR_BROKEN_PIPE, std::errc::broken_pipe},
      {ERROR_CANT_RESOLVE_FILENAME, std::errc::too_many_symbolic_link_levels},
  };
  for (const auto& [number, reason] : known)
    if (number == error) return std::make_error_code(reason);
  return {static_cast<int>(error), std::system_category()};
}

/// Why the last system call failed.
VENV_INLINE std::error_code last_error() { return reason_of(::GetLastError()); }

VENV_INLINE bool means_missing(DWORD error) {
  return reason_of(error) == std::errc::no_such_file_or_directory || error == ERROR_DIRECTORY;
}

/// As `io_error`, for the last system call; what is in use is said to be.
VENV_INLINE Error failed(const std::string& doing, const fs::path& path) {
  const std::error_code reason = last_error();
  Error error = io_error(doing, path, reason);
  if (reason == std::errc::device_or_resource_busy)
    error.advise("Another program uses it: end that program, and try again.");
  return error;
}

/// Calls `attempt` until it says true, for half a second as long as somebody (a virus scanner, an
/// indexer) keeps the file: then the reason stands in `GetLastError`.
VENV_INLINE bool patiently(FunctionRef<bool()> attempt) {
  for (DWORD pause = 1;; pause *= 2) {
    if (attempt()) return true;
    const DWORD reason = ::GetLastError();
    const bool may_pass = reason == ERROR_ACCESS_DENIED || reason == ERROR_SHARING_VIOLATION ||
                          reason == ERROR_LOCK_VIOLATION || reason == ERROR_USER_MAPPED_FILE;
    if (!may_pass || pause > 256) return ::SetLastError(reason), false;
    ::Sleep(pause);
  }
}

VENV_DETAIL_END
#endif

// ---- src/system/platform.hpp --------------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of platform.posix.hpp and platform.windows.hpp, which also define, as constants:
//
//   Os this_os                          the operating system that this is compiled for
//   char search_path_separator          between the folders of PATH
//   std::string_view executable_suffix  of programs' names, with its dot; may be empty
//   std::string_view scripts_folder     the name that `install_scripts` knows the platform by

/// The processors that this process may use (`taskset`, a container's cpuset), 0 when that can't be
/// told. C++ libraries answer with those that the machine has.
std::size_t allowed_processors();

/// What Python's `platform.system()`, `release()`, `version()` and `machine()` say.
struct SystemNames {
  std::string name{}, release{}, version{}, machine{};
};
SystemNames system_names();

VENV_DETAIL_END

#if defined(_WIN32)
VENV_DETAIL_BEGIN

inline constexpr Os this_os = Os::windows;
inline constexpr char search_path_separator = ';';
inline constexpr std::string_view executable_suffix = ".exe";
inline constexpr std::string_view scripts_folder = "nt";

/// Of the system itself, whatever it tells this program by the usual calls.
VENV_INLINE SystemNames system_names() {
  OSVERSIONINFOW version{};
  version.dwOSVersionInfoSize = sizeof version;
  using Ask = LONG(WINAPI*)(OSVERSIONINFOW*);
  const HMODULE library = ::GetModuleHandleW(L"ntdll.dll");
  const FARPROC found = library ? ::GetProcAddress(library, "RtlGetVersion") : nullptr;
  Ask ask = nullptr;
  static_assert(sizeof ask == sizeof found, "a function is a function");
  std::memcpy(&ask, &found, sizeof ask);
#if defined(_M_ARM64) || defined(__aarch64__)
  const char* const machine = "ARM64";
#else
  const char* const machine = sizeof(void*) == 8 ? "AMD64" : "x86";
#endif
  if (!ask || ask(&version) != 0) return {"Windows", {}, {}, machine};
  const std::string numbers = std::to_string(version.dwMajorVersion) + '.' +
                              std::to_string(version.dwMinorVersion) + '.' +
                              std::to_string(version.dwBuildNumber);
  const bool is_eleven = version.dwMajorVersion == 10 && version.dwBuildNumber >= 22000;
  return {"Windows", is_eleven ? "11" : std::to_string(version.dwMajorVersion), numbers, machine};
}

VENV_INLINE std::size_t allowed_processors() {
  DWORD_PTR allowed = 0, all = 0;
  if (::GetProcessAffinityMask(::GetCurrentProcess(), &allowed, &all) == 0) return 0;
  std::size_t count = 0;
  for (; allowed != 0; allowed &= allowed - 1) ++count;
  return count;
}

VENV_DETAIL_END
#else
#include <sys/utsname.h>
#if defined(__linux__)
#include <sched.h>
#endif

VENV_DETAIL_BEGIN

#if defined(__APPLE__)
inline constexpr Os this_os = Os::macos;
#else
inline constexpr Os this_os = Os::linux_or_other;
#endif
inline constexpr char search_path_separator = ':';
inline constexpr std::string_view executable_suffix;
inline constexpr std::string_view scripts_folder = "posix";

VENV_INLINE std::size_t allowed_processors() {
#if defined(__linux__)
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
    return static_cast<std::size_t>(CPU_COUNT(&allowed));
  }
#endif
  return 0;
}

VENV_INLINE SystemNames system_names() {
  utsname names{};
  if (::uname(&names) < 0) return {};
  return {names.sysname, names.release, names.version, names.machine};
}

VENV_DETAIL_END
#endif

// ---- src/system/stop.hpp ------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// How a call is asked to stop: by a function that says so. Without one nobody asks. It is asked between
/// steps and, at least every 50 ms, while something is waited for, on the thread that the request was
/// made on and no other; workers learn what it said last. Once it has said so, it isn't asked again.
class StopRequest {
public:
  StopRequest() = default;
  explicit StopRequest(std::function<bool()> is_made) {
    if (is_made) asked_ = std::make_shared<Asked>(std::move(is_made));
  }
  bool is_made() const {
    if (!asked_) return false;
    if (!asked_->answer && std::this_thread::get_id() == asked_->thread) try {
        asked_->answer = asked_->function();
      } catch (...) {
        asked_->answer = true; // for the workers
        throw;
      }
    return asked_->answer;
  }
  /// Throws Error (`interrupted`) when it is made.
  void throw_if_made() const {
    if (is_made()) throw Error(ErrorCode::interrupted, "interrupted");
  }

private:
  struct Asked {
    explicit Asked(std::function<bool()> is_made) : function(std::move(is_made)) {}
    std::function<bool()> function;
    std::thread::id thread = std::this_thread::get_id();
    std::atomic<bool> answer{false};
  };
  std::shared_ptr<Asked> asked_{};
};

VENV_DETAIL_END

// ---- src/system/handle.hpp ----------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Closes what the system knows by `value`.
void close_handle(std::intptr_t value) noexcept;

/// What the system knows an open file, directory or pipe by (a descriptor, or a HANDLE); closed at
/// the end. No child process inherits it.
class Handle {
public:
  Handle() = default;
  explicit Handle(std::intptr_t value) : value_(value) {}
  Handle(Handle&& other) noexcept : value_(other.release()) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Handle() { close(); }
  void close() noexcept {
    if (value_ != none) close_handle(release());
  }
  std::intptr_t get() const { return value_; }
  std::intptr_t release() noexcept { return std::exchange(value_, none); }
  explicit operator bool() const { return value_ != none; }

private:
  static constexpr std::intptr_t none = -1;
  std::intptr_t value_ = none;
};

VENV_DETAIL_END

#if defined(_WIN32)
VENV_DETAIL_BEGIN

VENV_INLINE HANDLE handle_of(std::intptr_t value) { return reinterpret_cast<HANDLE>(value); }

VENV_INLINE HANDLE handle_of(const Handle& handle) { return handle_of(handle.get()); }

/// What a system call gave; none when it failed, which some say by null.
VENV_INLINE Handle handle_from(HANDLE value) {
  return value ? Handle(reinterpret_cast<std::intptr_t>(value)) : Handle();
}

VENV_INLINE void close_handle(std::intptr_t value) noexcept { ::CloseHandle(handle_of(value)); }

/// Whoever opens a file so keeps nobody from reading, writing, renaming or deleting it.
inline constexpr DWORD share_all = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

/// Opens what there is, files and directories; with `FILE_FLAG_OPEN_REPARSE_POINT` no link is followed.
VENV_INLINE Handle open_existing(const fs::path& path, DWORD access, DWORD flags,
                                 DWORD share = share_all) {
  return handle_from(::CreateFileW(native_of(path).c_str(), access, share, nullptr, OPEN_EXISTING,
                                   FILE_FLAG_BACKUP_SEMANTICS | flags, nullptr));
}

VENV_DETAIL_END
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE void close_handle(std::intptr_t value) noexcept { ::close(number_as<int>(value)); }

/// The descriptor that a handle is.
VENV_INLINE int fd_of(const Handle& handle) { return number_as<int>(handle.get()); }

/// Why the last system call failed.
VENV_INLINE std::error_code last_error() { return {errno, std::generic_category()}; }

/// What a system call gives that is -1 when it fails; called again when a signal interrupted it, as
/// POSIX allows of these, and as file systems of a network or of a program do.
template <class Call> auto retried(Call call) {
  for (;;) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

/// Opens `path`, in `directory` when it is relative; no handle, and `errno` says why, when it can't be.
VENV_INLINE Handle opened_at(int directory, const fs::path& path, int flags, mode_t mode = 0) {
  return Handle(
      retried([&] { return ::openat(directory, path.c_str(), flags | O_CLOEXEC, mode); }));
}

VENV_INLINE Handle opened(const fs::path& path, int flags, mode_t mode = 0) {
  return opened_at(AT_FDCWD, path, flags, mode);
}

/// Whether the status of an open file could be read.
VENV_INLINE bool get_status(const Handle& file, struct stat& status) {
  return retried([&] { return ::fstat(fd_of(file), &status); }) == 0;
}

/// Whether that of a path, in `directory` when it is relative, could be read; `flags` are those of
/// `fstatat`.
VENV_INLINE bool get_status_at(int directory, const fs::path& path, int flags,
                               struct stat& status) {
  return retried([&] { return ::fstatat(directory, path.c_str(), &status, flags); }) == 0;
}

/// What the link at `path`, in `directory` when it is relative, leads to; nothing, and `errno` says why,
/// when it can't be read.
VENV_INLINE std::optional<std::string> link_text_at(int directory, const fs::path& path) {
  for (std::size_t size = 256;; size *= 2) {
    std::string text(size, '\0');
    const ssize_t got =
        retried([&] { return ::readlinkat(directory, path.c_str(), text.data(), size); });
    if (got < 0) return {};
    if (static_cast<std::size_t>(got) == size) continue; // it may be longer
    text.resize(static_cast<std::size_t>(got));
    return text;
  }
}

VENV_DETAIL_END
#endif

// ---- src/system/status.hpp ----------------------------------------------------------------------

VENV_DETAIL_BEGIN

enum class FileKind { missing, file, directory, link, other };

/// What the system knows of a directory entry. Times are nanoseconds since 1970. `device` and `inode`
/// together tell a file from every other one that exists now; `owner`, `group` and the bits of `mode`
/// beyond "may be written" say nothing on Windows.
struct FileStatus {
  FileKind kind = FileKind::missing;
  std::uint64_t size = 0, device = 0, inode = 0, links = 0;
  std::int64_t modified = 0, changed = 0;
  std::uint32_t mode = 0, owner = 0, group = 0;
};

// The contract of status.posix.hpp and status.windows.hpp: to look, and to change nothing.

/// Of the entry itself, links not followed; `missing` too when it can't be looked at.
FileStatus status_of(const fs::path& path);
/// Of what a link leads to; `missing` too when it can't be looked at.
FileStatus followed_status_of(const fs::path& path);
/// Of what a link leads to; `missing` when that is nothing, or nothing that this user may see. Throws
/// Error (`io`) when the system can't tell.
FileStatus known_followed_status_of(const fs::path& path);
/// Of the entry itself. `missing` is what is known not to be there: throws Error (`io`) when the
/// system can't tell. For whoever removes later what is not there now.
FileStatus known_status_of(const fs::path& path);

/// Whether this process may execute the file.
bool is_executable(const fs::path& path);
/// Whether this user may read what `status` was told of, and not only as one who may read anything.
bool is_readable(const fs::path& path, const FileStatus& status);
/// Whether this process may make and remove entries of the directory, as far as the system tells.
bool may_change_entries(const fs::path& directory);
/// Whether this process may see what the directory holds, as far as the system tells.
bool may_list(const fs::path& directory);
/// Whether the entry is marked so that not even root may remove it, as far as the system tells.
bool is_immutable(const fs::path& path);
/// Whether both lead to the same file or directory; false when one leads nowhere.
bool is_same_file(const fs::path& a, const fs::path& b);

/// Where a link leads to, as it is spelled; empty when `path` is no link, or may not be seen.
fs::path link_target(const fs::path& path);
/// The absolute path without links; nothing when it leads nowhere.
std::optional<fs::path> resolved(const fs::path& path);
/// The working directory; empty when it is gone.
fs::path working_directory();

VENV_DETAIL_END

#if defined(_WIN32)
VENV_DETAIL_BEGIN

// Not in every version of the headers.
inline constexpr DWORD tag_of_app_link = 0x8000001B; // the Store's: a program that is started by it
inline constexpr DWORD tag_stands_for_another = 0x20000000;

/// A file's attributes, and what kind of reparse point it is (0 when it is none).
VENV_INLINE FILE_ATTRIBUTE_TAG_INFO attributes_of(const Handle& file) {
  FILE_ATTRIBUTE_TAG_INFO info{};
  if (::GetFileInformationByHandleEx(handle_of(file), FileAttributeTagInfo, &info, sizeof info) ==
      0)
    info.FileAttributes = INVALID_FILE_ATTRIBUTES;
  if ((info.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0) info.ReparseTag = 0;
  return info;
}

/// Symbolic links and junctions are links; what the Store puts there is neither a file nor a link.
/// What stands for no other name (a file that is compressed, or kept in a cloud) is what it seems.
VENV_INLINE FileKind kind_of(const FILE_ATTRIBUTE_TAG_INFO& info) {
  if (info.ReparseTag == IO_REPARSE_TAG_SYMLINK || info.ReparseTag == IO_REPARSE_TAG_MOUNT_POINT)
    return FileKind::link;
  if (info.ReparseTag == tag_of_app_link || (info.ReparseTag & tag_stands_for_another) != 0)
    return FileKind::other;
  return (info.FileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0 ? FileKind::directory
                                                               : FileKind::file;
}

/// Nanoseconds since 1970 of a time in units of 100 ns since 1601.
VENV_INLINE std::int64_t nanoseconds_of(std::int64_t time) {
  return (time - 116444736000000000) * 100;
}

VENV_INLINE std::int64_t joined(DWORD high, DWORD low) {
  return static_cast<std::int64_t>(std::uint64_t{high} << 32 | low);
}

/// What tells a file from all others: the disk, and the 128 bits that it has there, folded into 64.
/// NTFS uses no more than those.
VENV_INLINE void add_identity(const Handle& file, const BY_HANDLE_FILE_INFORMATION& old,
                              FileStatus& status) {
  FILE_ID_INFO info{};
  if (::GetFileInformationByHandleEx(handle_of(file), FileIdInfo, &info, sizeof info) == 0) {
    status.device = old.dwVolumeSerialNumber;
    status.inode = static_cast<std::uint64_t>(joined(old.nFileIndexHigh, old.nFileIndexLow));
    return;
  }
  std::uint64_t halves[2] = {0, 0};
  std::memcpy(halves, &info.FileId, sizeof halves);
  status.device = info.VolumeSerialNumber;
  status.inode = halves[0] ^ (halves[1] * 0x9E3779B97F4A7C15u);
}

/// Whether the system starts a file of that name.
VENV_INLINE bool has_program_suffix(const fs::path& path) {
  const std::string suffix = folded(text_of(path.extension()));
  return suffix == ".exe" || suffix == ".com" || suffix == ".bat" || suffix == ".cmd";
}

/// `missing` when the system doesn't say.
VENV_INLINE FileStatus status_of_open(const Handle& file, const fs::path& path) {
  FileStatus status;
  BY_HANDLE_FILE_INFORMATION info{};
  FILE_BASIC_INFO times{};
  if (::GetFileInformationByHandle(handle_of(file), &info) == 0 ||
      ::GetFileInformationByHandleEx(handle_of(file), FileBasicInfo, &times, sizeof times) == 0)
    return status;
  const FILE_ATTRIBUTE_TAG_INFO attributes = attributes_of(file);
  status.kind = kind_of(attributes);
  status.size = static_cast<std::uint64_t>(joined(info.nFileSizeHigh, info.nFileSizeLow));
  status.links = info.nNumberOfLinks;
  status.modified = nanoseconds_of(times.LastWriteTime.QuadPart);
  status.changed = nanoseconds_of(times.ChangeTime.QuadPart);
  status.mode = (info.dwFileAttributes & FILE_ATTRIBUTE_READONLY) != 0 ? 0444 : 0666;
  if (status.kind == FileKind::directory || has_program_suffix(path)) status.mode |= 0111;
  add_identity(file, info, status);
  return status;
}

VENV_INLINE FileStatus status_of(const fs::path& path) {
  const Handle file = open_existing(path, FILE_READ_ATTRIBUTES, FILE_FLAG_OPEN_REPARSE_POINT);
  return file ? status_of_open(file, path) : FileStatus{};
}

VENV_INLINE FileStatus followed_status_of(const fs::path& path) {
  const Handle file = open_existing(path, FILE_READ_ATTRIBUTES, 0);
  return file ? status_of_open(file, path) : FileStatus{};
}

VENV_INLINE FileStatus known_followed_status_of(const fs::path& path) {
  const Handle file = open_existing(path, FILE_READ_ATTRIBUTES, 0);
  if (file) return status_of_open(file, path);
  const DWORD error = ::GetLastError();
  if (means_missing(error) || error == ERROR_ACCESS_DENIED || error == ERROR_CANT_RESOLVE_FILENAME)
    return {};
  throw failed("look at", path);
}

VENV_INLINE FileStatus known_status_of(const fs::path& path) {
  const Handle file = open_existing(path, FILE_READ_ATTRIBUTES, FILE_FLAG_OPEN_REPARSE_POINT);
  if (!file && means_missing(::GetLastError())) return {};
  const FileStatus status = file ? status_of_open(file, path) : FileStatus{};
  if (status.kind == FileKind::missing) throw failed("look at", path);
  return status;
}

VENV_INLINE bool is_immutable(const fs::path&) { return false; }

VENV_INLINE bool is_executable(const fs::path& path) {
  return has_program_suffix(path) && followed_status_of(path).kind == FileKind::file;
}

VENV_INLINE bool may_change_entries(const fs::path& directory) {
  constexpr DWORD access = FILE_ADD_FILE | FILE_ADD_SUBDIRECTORY | FILE_TRAVERSE;
  return static_cast<bool>(open_existing(directory, access, 0));
}

VENV_INLINE bool is_readable(const fs::path& path, const FileStatus&) {
  return static_cast<bool>(open_existing(path, GENERIC_READ, FILE_FLAG_OPEN_REPARSE_POINT));
}

VENV_INLINE bool may_list(const fs::path& directory) {
  return static_cast<bool>(open_existing(directory, FILE_LIST_DIRECTORY, 0));
}

VENV_INLINE bool is_same_file(const fs::path& a, const fs::path& b) {
  const FileStatus of_a = followed_status_of(a), of_b = followed_status_of(b);
  return of_a.kind != FileKind::missing && of_b.kind != FileKind::missing &&
         of_a.device == of_b.device && of_a.inode == of_b.inode;
}

/// What a symbolic link or a junction says, as [MS-FSCC] 2.1.2 has it; empty when it is neither.
VENV_INLINE std::wstring reparse_target(const Handle& link) {
  std::vector<char> bytes(MAXIMUM_REPARSE_DATA_BUFFER_SIZE);
  DWORD size = 0;
  if (::DeviceIoControl(handle_of(link), FSCTL_GET_REPARSE_POINT, nullptr, 0, bytes.data(),
                        static_cast<DWORD>(bytes.size()), &size, nullptr) == 0)
    return {};
  const auto number = [&bytes](std::size_t at) {
    std::uint16_t value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return std::size_t{value};
  };
  DWORD tag = 0;
  std::memcpy(&tag, bytes.data(), sizeof tag);
  if (tag != IO_REPARSE_TAG_SYMLINK && tag != IO_REPARSE_TAG_MOUNT_POINT) return {};
  const std::size_t names = tag == IO_REPARSE_TAG_SYMLINK ? 20 : 16; // the former has flags before
  const bool shown = number(14) > 0; // the name for people, else the system's own
  const std::size_t begin = names + number(shown ? 12 : 8), length = number(shown ? 14 : 10);
  if (begin + length > size) return {};
  std::wstring target(length / sizeof(wchar_t), L'\0');
  std::memcpy(target.data(), bytes.data() + begin, target.size() * sizeof(wchar_t));
  return target.compare(0, 4, L"\\??\\") == 0 ? target.substr(4) : target;
}

VENV_INLINE fs::path link_target(const fs::path& path) {
  const Handle link = open_existing(path, FILE_READ_ATTRIBUTES, FILE_FLAG_OPEN_REPARSE_POINT);
  return link && attributes_of(link).ReparseTag != 0 ? fs::path(reparse_target(link)) : fs::path();
}

VENV_INLINE std::optional<fs::path> resolved(const fs::path& path) {
  const Handle file = open_existing(path, FILE_READ_ATTRIBUTES, 0);
  if (!file) return std::nullopt;
  std::wstring real = text_filled_by([&file](wchar_t* buffer, DWORD size) {
    return ::GetFinalPathNameByHandleW(handle_of(file), buffer, size, FILE_NAME_NORMALIZED);
  });
  if (real.empty()) // a disk that has no name of its own
    real = text_filled_by([&path](wchar_t* buffer, DWORD size) {
      return ::GetFullPathNameW(path.c_str(), size, buffer, nullptr);
    });
  return fs::path(without_long_prefix(real));
}

VENV_INLINE fs::path working_directory() {
  std::error_code failed;
  return fs::current_path(failed);
}

VENV_DETAIL_END
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE FileKind kind_of(mode_t mode) {
  return S_ISREG(mode)   ? FileKind::file
         : S_ISDIR(mode) ? FileKind::directory
         : S_ISLNK(mode) ? FileKind::link
                         : FileKind::other;
}

VENV_INLINE FileStatus to_status(const struct stat& from) {
  FileStatus status;
#if defined(__APPLE__)
  const timespec modified = from.st_mtimespec, changed = from.st_ctimespec;
#else
  const timespec modified = from.st_mtim, changed = from.st_ctim;
#endif
  const auto nanoseconds = [](const timespec& time) {
    return std::int64_t{time.tv_sec} * 1000000000 + time.tv_nsec;
  };
  status.kind = kind_of(from.st_mode);
  status.modified = nanoseconds(modified);
  status.changed = nanoseconds(changed);
  status.size = static_cast<std::uint64_t>(from.st_size);
  status.device = static_cast<std::uint64_t>(from.st_dev);
  status.inode = static_cast<std::uint64_t>(from.st_ino);
  status.links = static_cast<std::uint64_t>(from.st_nlink);
  status.mode = from.st_mode & 07777u;
  status.owner = from.st_uid;
  status.group = from.st_gid;
  return status;
}

VENV_INLINE FileStatus status_of(const fs::path& path) {
  struct stat status{};
  const bool known = get_status_at(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, status);
  return known ? to_status(status) : FileStatus{};
}

VENV_INLINE FileStatus followed_status_of(const fs::path& path) {
  struct stat status{};
  return get_status_at(AT_FDCWD, path, 0, status) ? to_status(status) : FileStatus{};
}

VENV_INLINE FileStatus known_followed_status_of(const fs::path& path) {
  struct stat status{};
  if (get_status_at(AT_FDCWD, path, 0, status)) return to_status(status);
  if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EACCES) return {};
  throw io_error("look at", path, last_error());
}

VENV_INLINE FileStatus known_status_of(const fs::path& path) {
  struct stat status{};
  if (get_status_at(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, status)) return to_status(status);
  if (errno == ENOENT || errno == ENOTDIR) return {};
  throw io_error("look at", path, last_error());
}

VENV_INLINE bool is_executable(const fs::path& path) {
  return retried([&] { return ::access(path.c_str(), X_OK); }) == 0;
}

VENV_INLINE bool is_readable(const fs::path& path, const FileStatus& status) {
  const auto readers = status.mode & 0444;
  return readers == 0444 || (readers != 0 && ::access(path.c_str(), R_OK) == 0);
}

VENV_INLINE bool may_change_entries(const fs::path& directory) {
  return retried([&] { return ::access(directory.c_str(), W_OK | X_OK); }) == 0;
}

VENV_INLINE bool may_list(const fs::path& directory) {
  return retried([&] { return ::access(directory.c_str(), R_OK); }) == 0;
}

VENV_INLINE bool is_immutable(const fs::path& path) {
#if defined(__linux__) && defined(STATX_TYPE) && defined(STATX_ATTR_IMMUTABLE)
  struct statx status{};
  constexpr std::uint64_t marks = STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND;
  return ::statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, STATX_TYPE, &status) == 0 &&
         (status.stx_attributes & marks) != 0;
#else
  (void)path;
  return false;
#endif
}

VENV_INLINE bool is_same_file(const fs::path& a, const fs::path& b) {
  struct stat of_a{}, of_b{};
  return get_status_at(AT_FDCWD, a, 0, of_a) && get_status_at(AT_FDCWD, b, 0, of_b) &&
         of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

VENV_INLINE fs::path link_target(const fs::path& path) {
  const auto target = link_text_at(AT_FDCWD, path);
  if (target) return *target;
  for (const int seen : {EINVAL, EACCES, ENOENT, ENOTDIR})
    if (errno == seen) return {};
  throw io_error("read link", path, last_error());
}

VENV_INLINE std::optional<fs::path> resolved(const fs::path& path) {
  std::error_code failed;
  fs::path real = fs::canonical(path, failed);
  return failed ? std::nullopt : std::optional<fs::path>(std::move(real));
}

VENV_INLINE fs::path working_directory() {
  std::error_code failed;
  return fs::current_path(failed);
}

VENV_DETAIL_END
#endif

// ---- src/system/beside.hpp ----------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// In the names of files that are being written: one that no user chooses, as what killed runs left
/// is found by it and removed.
inline constexpr std::string_view left_over_mark = ".venv.hpp-";

/// Whether `name` is what `name_beside` makes: a file that a killed run was writing. Behind the mark
/// stand a process, what tells it from others of that number (not in older versions), and a number.
VENV_INLINE bool is_left_over(const std::string& name) {
  const std::size_t mark = name.rfind(left_over_mark);
  if (mark == name.npos) return false;
  const auto parts = split(std::string_view(name).substr(mark + left_over_mark.size()), '-');
  const auto has_only = [](std::string_view text, std::string_view digits) {
    return !text.empty() && text.find_first_not_of(digits) == text.npos;
  };
  return (parts.size() == 2 || parts.size() == 3) && has_only(parts.front(), "0123456789") &&
         has_only(parts[1], "0123456789abcdef") && has_only(parts.back(), "0123456789");
}

// The contract of beside.posix.hpp and beside.windows.hpp.

/// A name beside `path` that no other thread or process uses, this one started again included;
/// `is_left_over` knows it.
fs::path name_beside(const fs::path& path);

VENV_DETAIL_END

#if defined(_WIN32)
VENV_DETAIL_BEGIN

/// What tells this process from one that had its number before.
VENV_INLINE std::uint64_t process_mark() {
  FILETIME now{};
  ::GetSystemTimeAsFileTime(&now);
  return std::uint64_t{now.dwHighDateTime} << 32 | now.dwLowDateTime;
}

VENV_INLINE fs::path name_beside(const fs::path& path) {
  static std::atomic<unsigned> count{0};
  static const std::string mark = hexadecimal(process_mark());
  constexpr std::size_t longest_name = 255; // in units of UTF-16
  const std::wstring suffix =
      wide_of(std::string(left_over_mark) + std::to_string(::GetCurrentProcessId()) + '-' + mark +
              '-' + std::to_string(count++));
  const std::wstring name = path.filename().native();
  if (name.size() + suffix.size() <= longest_name) return path.native() + suffix;
  return path.parent_path() / (name.substr(0, longest_name - suffix.size()) + suffix);
}

VENV_DETAIL_END
#else
#include <unistd.h>

VENV_DETAIL_BEGIN

/// What tells this process from one that had its number before, as PID 1 of every container has.
VENV_INLINE std::uint64_t process_mark() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000000000u +
         static_cast<std::uint64_t>(now.tv_nsec);
}

VENV_INLINE fs::path name_beside(const fs::path& path) {
  static std::atomic<unsigned> count{0};
  static const std::string mark = hexadecimal(process_mark());
  constexpr std::size_t longest_name = 255; // in bytes, on every file system that matters
  const std::string suffix = std::string(left_over_mark) + std::to_string(::getpid()) + '-' + mark +
                             '-' + std::to_string(count++);
  const std::string name = path.filename().native();
  if (name.size() + suffix.size() <= longest_name) return path.native() + suffix;
  return path.parent_path() / (name.substr(0, longest_name - suffix.size()) + suffix);
}

VENV_DETAIL_END
#endif

// ---- src/system/file.hpp ------------------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of file.posix.hpp and file.windows.hpp: single files and links. Every function throws
// Error (`io`) with the path and the system's reason, unless it says otherwise.

/// All bytes of a regular file of at most `limit` bytes. What is no regular file is not waited for.
std::string read_file(const fs::path& path, std::uint64_t limit = 1u << 26);
/// The first bytes of a regular file, `size` or all that there are.
std::string read_start(const fs::path& path, std::size_t size);
/// Calls `take` with the bytes of a regular file, piece by piece.
void read_pieces(const fs::path& path, FunctionRef<void(std::string_view)> take);

/// Links `link` to `target`, in one step replacing what is there (but no directory). False when there
/// can be no links here: whatever failed, except that the disk is full, the name is too long or the
/// place is taken.
bool make_link(const fs::path& target, const fs::path& link);
/// Gives an existing file a further name, which must be free; false as for `make_link`, and when both
/// don't lie on one disk.
bool make_hard_link(const fs::path& file, const fs::path& name);

/// Renames, replacing a file or link in the way.
void rename_file(const fs::path& from, const fs::path& to);
/// Puts each of two entries in the other's place, in one step; false when the system can't.
bool exchange_files(const fs::path& a, const fs::path& b);
/// Removes a file or link; nothing there is fine.
void remove_file(const fs::path& path);
/// The same as far as the system lets it; whether nothing is left.
bool try_remove_file(const fs::path& path) noexcept;

/// Sets the mode of a file or directory; throws when `path` is a link. No error when the mode can't
/// be set but lets it be read and run as its owner is to.
void set_mode(const fs::path& path, std::uint32_t mode);
/// Lets all who may read the file execute it; no link is followed.
void make_executable(const fs::path& path);
/// Marks the file as used now, as far as the system lets it.
void touch(const fs::path& path) noexcept;

VENV_DETAIL_END

#if defined(_WIN32)
VENV_DETAIL_BEGIN

VENV_INLINE Error no_regular_file(const fs::path& path) {
  return Error(ErrorCode::io, "cannot read " + quoted(path) + ": it is no regular file")
      .at("read")
      .on(path);
}

/// Opens a file for reading, but no device or pipe, which might keep its reader waiting.
VENV_INLINE Handle open_to_read(const fs::path& path, DWORD flags = 0) {
  Handle file;
  const bool opened = patiently([&] {
    file = open_existing(path, GENERIC_READ, flags | FILE_FLAG_SEQUENTIAL_SCAN);
    return static_cast<bool>(file);
  });
  if (!opened) throw failed("open", path);
  if (::GetFileType(handle_of(file)) != FILE_TYPE_DISK) throw no_regular_file(path);
  const FileKind kind = kind_of(attributes_of(file));
  if (kind == FileKind::directory)
    throw io_error("read", path, std::make_error_code(std::errc::is_a_directory));
  if (kind != FileKind::file) throw no_regular_file(path);
  return file;
}

/// Reads at most `size` bytes; 0 at the end of the file.
VENV_INLINE std::size_t read_some(const Handle& file, char* bytes, std::size_t size,
                                  const fs::path& path) {
  DWORD got = 0;
  if (::ReadFile(handle_of(file), bytes, static_cast<DWORD>(size), &got, nullptr) == 0)
    throw failed("read", path);
  return got;
}

VENV_INLINE void read_pieces(const Handle& file, const fs::path& path,
                             FunctionRef<void(std::string_view)> take) {
  std::array<char, 16384 - 512> piece; // no frame is larger than 16 KiB
  while (const std::size_t size = read_some(file, piece.data(), piece.size(), path))
    take(std::string_view(piece.data(), size));
}

VENV_INLINE void read_pieces(const fs::path& path, FunctionRef<void(std::string_view)> take) {
  read_pieces(open_to_read(path), path, take);
}

VENV_INLINE std::string read_all(const Handle& file, const fs::path& path, std::uint64_t limit) {
  std::string bytes;
  read_pieces(file, path, [&](std::string_view piece) {
    if (bytes.size() + piece.size() > limit)
      throw io_error("read", path, std::make_error_code(std::errc::file_too_large));
    bytes += piece;
  });
  return bytes;
}

VENV_INLINE std::string read_file(const fs::path& path, std::uint64_t limit) {
  return read_all(open_to_read(path), path, limit);
}

VENV_INLINE std::string read_start(const fs::path& path, std::size_t size) {
  const Handle file = open_to_read(path);
  std::string bytes(size, '\0');
  std::size_t end = 0;
  while (end < size) {
    const std::size_t got = read_some(file, bytes.data() + end, size - end, path);
    if (got == 0) break;
    end += got;
  }
  bytes.resize(end);
  return bytes;
}

/// Deletes what is open, whatever it is: by its handle, so that it is no other. Its name is free at
/// once where the system has POSIX's rules for that, else when nobody has it open any more.
VENV_INLINE bool delete_open(const Handle& entry) {
  struct {
    DWORD flags; // FILE_DISPOSITION_INFO_EX: delete, by POSIX's rules, also what is read-only
  } posix{0x1 | 0x2 | 0x10};
  constexpr auto by_posix = static_cast<FILE_INFO_BY_HANDLE_CLASS>(21);
  if (::SetFileInformationByHandle(handle_of(entry), by_posix, &posix, sizeof posix) != 0)
    return true;
  const DWORD reason = ::GetLastError();
  if (reason == ERROR_DIR_NOT_EMPTY || reason == ERROR_SHARING_VIOLATION) return false;
  FILE_BASIC_INFO basic{}; // zeros: times stay
  basic.FileAttributes = FILE_ATTRIBUTE_NORMAL;
  if ((attributes_of(entry).FileAttributes & FILE_ATTRIBUTE_READONLY) != 0)
    ::SetFileInformationByHandle(handle_of(entry), FileBasicInfo, &basic, sizeof basic);
  FILE_DISPOSITION_INFO old{};
  old.DeleteFile = TRUE;
  return ::SetFileInformationByHandle(handle_of(entry), FileDispositionInfo, &old, sizeof old) != 0;
}

enum class Removed { file, directory };

/// Removes a file or link, or an empty directory, and no other kind; true too when it is not there.
/// No link is followed.
VENV_INLINE bool remove_entry(const fs::path& path, Removed wanted) {
  return patiently([&] {
    constexpr DWORD access = DELETE | FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES;
    const Handle entry = open_existing(path, access, FILE_FLAG_OPEN_REPARSE_POINT);
    if (!entry) return means_missing(::GetLastError());
    const bool is_directory = kind_of(attributes_of(entry)) == FileKind::directory;
    if (is_directory == (wanted == Removed::directory)) return delete_open(entry);
    ::SetLastError(is_directory ? ERROR_ACCESS_DENIED : ERROR_DIRECTORY);
    return false;
  });
}

VENV_INLINE bool is_missing(const fs::path& path) {
  return ::GetFileAttributesW(native_of(path).c_str()) == INVALID_FILE_ATTRIBUTES &&
         means_missing(::GetLastError());
}

/// Whether a link that couldn't be made means that there are none here.
VENV_INLINE bool means_no_links(DWORD reason) {
  const std::error_code code = reason_of(reason);
  return code != std::errc::no_space_on_device && code != std::errc::filename_too_long &&
         code != std::errc::file_exists;
}

/// Makes a link where nothing is, and looks whether it is there: there are systems that say so and
/// make none.
VENV_INLINE bool make_new_link(const fs::path& target, const fs::path& link) {
  const bool to_directory =
      followed_status_of(link.parent_path() / target).kind == FileKind::directory;
  const DWORD kind = to_directory ? 1 : 0; // SYMBOLIC_LINK_FLAG_DIRECTORY
  std::wstring text = target.native();
  for (wchar_t& c : text)
    if (c == L'/') c = L'\\';
  const std::wstring name = native_of(link);
  const bool made =
      ::CreateSymbolicLinkW(name.c_str(), text.c_str(), kind | 2) != 0 || // unprivileged
      (::GetLastError() == ERROR_INVALID_PARAMETER &&
       ::CreateSymbolicLinkW(name.c_str(), text.c_str(), kind) != 0); // Windows 8
  if (!made) return false;
  if (status_of(link).kind == FileKind::link) return true;
  ::SetLastError(is_missing(link) ? ERROR_NOT_SUPPORTED : ERROR_ALREADY_EXISTS);
  return false;
}

VENV_INLINE bool make_link(const fs::path& target, const fs::path& link) {
  if (make_new_link(target, link)) return true;
  if (last_error() == std::errc::file_exists) {
    const fs::path beside = name_beside(link);
    if (make_new_link(target, beside)) {
      try {
        rename_file(beside, link);
        return true;
      } catch (const Error&) {
        try_remove_file(beside);
        throw;
      }
    }
  }
  if (means_no_links(::GetLastError())) return false;
  throw failed("create link", link);
}

VENV_INLINE bool make_hard_link(const fs::path& file, const fs::path& name) {
  if (::CreateHardLinkW(native_of(name).c_str(), native_of(file).c_str(), nullptr) != 0)
    return true;
  if (means_no_links(::GetLastError())) return false;
  throw failed("create link", name);
}

/// Renames by POSIX's rules, which replace also what is open or runs; false where there are none.
VENV_INLINE bool rename_by_posix(const std::wstring& from, const std::wstring& to) {
  const std::wstring full = text_filled_by([&to](wchar_t* buffer, DWORD size) {
    return ::GetFullPathNameW(to.c_str(), size, buffer, nullptr);
  });
  const Handle entry = handle_from(
      ::CreateFileW(from.c_str(), DELETE | SYNCHRONIZE, share_all, nullptr, OPEN_EXISTING,
                    FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
  if (!entry || full.empty()) return false;
  const std::size_t bytes = full.size() * sizeof(wchar_t);
  std::string memory(sizeof(FILE_RENAME_INFO) + bytes + alignof(FILE_RENAME_INFO), '\0');
  void* place = memory.data();
  std::size_t room = memory.size();
  std::align(alignof(FILE_RENAME_INFO), sizeof(FILE_RENAME_INFO) + bytes, place, room);
  const DWORD flags = 0x1 | 0x2 | 0x40; // replace, by POSIX's rules, also what is read-only
  auto* const info = static_cast<FILE_RENAME_INFO*>(place);
  std::memcpy(place, &flags, sizeof flags);
  info->FileNameLength = static_cast<DWORD>(bytes);
  std::memcpy(static_cast<void*>(info->FileName), full.data(), bytes);
  constexpr auto by_posix = static_cast<FILE_INFO_BY_HANDLE_CLASS>(22);
  return ::SetFileInformationByHandle(handle_of(entry), by_posix, place,
                                      static_cast<DWORD>(sizeof(FILE_RENAME_INFO) + bytes)) != 0;
}

VENV_INLINE void rename_file(const fs::path& from, const fs::path& to) {
  const std::wstring old_name = native_of(from), new_name = native_of(to);
  const bool renamed = patiently([&] {
    if (rename_by_posix(old_name, new_name)) return true;
    const DWORD attributes = ::GetFileAttributesW(new_name.c_str());
    constexpr DWORD blocks = FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_DIRECTORY;
    if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & blocks) == FILE_ATTRIBUTE_READONLY)
      ::SetFileAttributesW(new_name.c_str(), attributes & ~DWORD{FILE_ATTRIBUTE_READONLY});
    return ::MoveFileExW(old_name.c_str(), new_name.c_str(), MOVEFILE_REPLACE_EXISTING) != 0;
  });
  if (!renamed) throw failed("replace", to);
}

VENV_INLINE bool exchange_files(const fs::path&, const fs::path&) { return false; }

VENV_INLINE void remove_file(const fs::path& path) {
  if (!remove_entry(path, Removed::file)) throw failed("remove", path);
}

VENV_INLINE bool try_remove_file(const fs::path& path) noexcept {
  try {
    return remove_entry(path, Removed::file);
  } catch (const std::exception&) {
    return false; // no memory
  }
}

/// Of a mode Windows keeps whether a file may be written; of a directory that means nothing.
VENV_INLINE void set_mode(const fs::path& path, std::uint32_t mode) {
  const FileStatus status = known_status_of(path);
  const std::wstring name = native_of(path);
  if (status.kind == FileKind::directory) return;
  const DWORD before = ::GetFileAttributesW(name.c_str());
  constexpr DWORD read_only = FILE_ATTRIBUTE_READONLY;
  const DWORD after = (mode & 0222) != 0 ? before & ~read_only : before | read_only;
  if (status.kind == FileKind::file && before == after) return;
  ::SetLastError(ERROR_CANT_RESOLVE_FILENAME); // a link, or nothing
  if (status.kind != FileKind::file || before == INVALID_FILE_ATTRIBUTES ||
      ::SetFileAttributesW(name.c_str(), after) == 0)
    throw failed("set the mode of", path);
}

VENV_INLINE void make_executable(const fs::path& path) {
  if (known_status_of(path).kind != FileKind::missing) return; // its name says so, if anything
  throw io_error("set the mode of", path,
                 std::make_error_code(std::errc::no_such_file_or_directory));
}

VENV_INLINE void touch(const fs::path& path) noexcept {
  try {
    const Handle file = open_existing(path, FILE_WRITE_ATTRIBUTES, 0);
    FILETIME now{};
    ::GetSystemTimeAsFileTime(&now);
    if (file) ::SetFileTime(handle_of(file), nullptr, &now, &now);
  } catch (const std::exception&) {
    return; // no memory
  }
}

VENV_DETAIL_END
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

/// Opens a file for reading, but none that might keep its reader waiting (a FIFO, say).
VENV_INLINE Handle open_to_read(const fs::path& path, int flags = 0) {
  Handle file = opened(path, O_RDONLY | O_NONBLOCK | flags);
  struct stat status{};
  if (!file || !get_status(file, status)) throw io_error("open", path, last_error());
  if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
    throw Error(ErrorCode::io, "cannot read " + quoted(path) + ": it is no regular file")
        .at("read")
        .on(path);
  return file;
}

/// Reads at most `size` bytes; 0 at the end of the file.
VENV_INLINE std::size_t read_some(const Handle& file, char* bytes, std::size_t size,
                                  const fs::path& path) {
  for (;;) {
    const ssize_t got = ::read(fd_of(file), bytes, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) throw io_error("read", path, last_error());
  }
}

VENV_INLINE void read_pieces(const Handle& file, const fs::path& path,
                             FunctionRef<void(std::string_view)> take) {
  std::array<char, 16384 - 512> piece; // no frame is larger than 16 KiB
  while (const std::size_t size = read_some(file, piece.data(), piece.size(), path))
    take(std::string_view(piece.data(), size));
}

VENV_INLINE void read_pieces(const fs::path& path, FunctionRef<void(std::string_view)> take) {
  read_pieces(open_to_read(path), path, take);
}

VENV_INLINE std::string read_all(const Handle& file, const fs::path& path, std::uint64_t limit) {
  std::string bytes;
  read_pieces(file, path, [&](std::string_view piece) {
    if (bytes.size() + piece.size() > limit)
      throw io_error("read", path, std::make_error_code(std::errc::file_too_large));
    bytes += piece;
  });
  return bytes;
}

VENV_INLINE std::string read_file(const fs::path& path, std::uint64_t limit) {
  return read_all(open_to_read(path), path, limit);
}

VENV_INLINE std::string read_start(const fs::path& path, std::size_t size) {
  const Handle file = open_to_read(path);
  std::string bytes(size, '\0');
  std::size_t end = 0;
  while (end < size) {
    const std::size_t got = read_some(file, bytes.data() + end, size - end, path);
    if (got == 0) break;
    end += got;
  }
  bytes.resize(end);
  return bytes;
}

/// Whether a link that couldn't be made means that there are none here. File systems without links
/// answer in many ways: EPERM, EPROTO, EROFS, ENODATA, EACCES, EINVAL, EIO …
VENV_INLINE bool means_no_links(int reason) {
  return reason != ENOSPC && reason != EDQUOT && reason != ENAMETOOLONG && reason != EEXIST;
}

VENV_INLINE bool make_link(const fs::path& target, const fs::path& link) {
  if (::symlink(target.c_str(), link.c_str()) == 0) return true;
  if (errno == EEXIST) {
    const fs::path beside = name_beside(link);
    if (::symlink(target.c_str(), beside.c_str()) == 0) {
      if (::rename(beside.c_str(), link.c_str()) == 0) return true;
      const std::error_code failed = last_error();
      ::unlink(beside.c_str());
      throw io_error("replace", link, failed);
    }
  }
  if (means_no_links(errno)) return false;
  throw io_error("create link", link, last_error());
}

VENV_INLINE bool make_hard_link(const fs::path& file, const fs::path& name) {
  if (::linkat(AT_FDCWD, file.c_str(), AT_FDCWD, name.c_str(), 0) == 0) return true;
  if (means_no_links(errno)) return false;
  throw io_error("create link", name, last_error());
}

VENV_INLINE void rename_file(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) throw io_error("replace", to, last_error());
}

VENV_INLINE bool exchange_files(const fs::path& a, const fs::path& b) {
#if defined(__linux__) && defined(RENAME_EXCHANGE)
  const int failed = ::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE);
#elif defined(__APPLE__) && defined(RENAME_SWAP)
  const int failed = ::renamex_np(a.c_str(), b.c_str(), RENAME_SWAP);
#else
  const int failed = -1;
  errno = ENOSYS;
#endif
  if (failed == 0) return true;
  if (errno == ENOSYS || errno == EINVAL || errno == EOPNOTSUPP) return false;
  throw io_error("replace", b, last_error());
}

VENV_INLINE void remove_file(const fs::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) throw io_error("remove", path, last_error());
}

VENV_INLINE bool try_remove_file(const fs::path& path) noexcept {
  return ::unlink(path.c_str()) == 0 || errno == ENOENT;
}

/// Sets the mode of an open file. No error when it can't be set but lets the file be read and run as
/// its owner is to, as on file systems that have one mode for all, or give it to others.
VENV_INLINE void set_mode_of(const Handle& file, mode_t mode, const fs::path& path) {
  if (retried([&] { return ::fchmod(fd_of(file), mode); }) == 0) return;
  const std::error_code failed = last_error();
  struct stat status{};
  if (get_status(file, status)) {
    const mode_t anybody = status.st_mode | status.st_mode << 3 | status.st_mode << 6;
    if ((~anybody & mode & (S_IRUSR | S_IXUSR)) == 0) return;
  }
  throw io_error("set the mode of", path, failed);
}

/// A descriptor that a mode can be set by; also of a file that its owner may only write.
VENV_INLINE Handle open_itself(const fs::path& path) {
  constexpr int flags = O_NONBLOCK | O_NOFOLLOW | O_NOCTTY;
  Handle file = opened(path, O_RDONLY | flags);
  if (!file && errno == EACCES) file = opened(path, O_WRONLY | flags);
  return file;
}

VENV_INLINE void set_mode(const fs::path& path, std::uint32_t mode) {
  if (const Handle file = open_itself(path)) return set_mode_of(file, mode, path);
  // Neither may be read nor written: by its name, but no link. (Linux needs /proc for it.)
  const auto by_name = [&] {
    return ::fchmodat(AT_FDCWD, path.c_str(), mode, AT_SYMLINK_NOFOLLOW);
  };
  if (errno != EACCES || retried(by_name) != 0)
    throw io_error("set the mode of", path, last_error());
}

VENV_INLINE void make_executable(const fs::path& path) {
  const FileStatus status = known_status_of(path);
  set_mode(path, status.mode | 0555u); // as distlib does
}

VENV_INLINE void touch(const fs::path& path) noexcept {
  ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
}

VENV_DETAIL_END
#endif

// ---- src/system/metadata.hpp --------------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of metadata.posix.hpp and metadata.windows.hpp: who may do what with a file, and what
// else is noted of it.

/// Gives `to` the owner, group, mode, ACL and extended attributes of `from`, as far as this user may;
/// set-user-ID and set-group-ID bits only along with the owner that they mean; from a link to a file, or
/// the other way round, owner and group alone. Of the entries themselves, links not followed. Throws Error (`io`) when `from` can't be looked at, and for whatever
/// else fails but that this user, or the file system, may not.
void copy_ownership(const fs::path& from, const fs::path& to);

/// The same, and the times of last access and modification.
void copy_metadata(const fs::path& from, const fs::path& to);

/// Gives `to` the times of last access and modification of `from`, as far as this user may.
void copy_times(const fs::path& from, const fs::path& to);

VENV_DETAIL_END

#if defined(_WIN32)
VENV_DETAIL_BEGIN

/// Gives on one part of what Windows notes of a file's security, as far as this user may.
VENV_INLINE void copy_security(const std::wstring& from, const std::wstring& to,
                               SECURITY_INFORMATION part) {
  DWORD size = 0;
  ::GetFileSecurityW(from.c_str(), part, nullptr, 0, &size);
  if (size == 0) return;
  std::vector<unsigned char> bytes(size);
  if (::GetFileSecurityW(from.c_str(), part, bytes.data(), size, &size) != 0)
    ::SetFileSecurityW(to.c_str(), part, bytes.data());
}

VENV_INLINE void copy_ownership(const fs::path& from, const fs::path& to) {
  const FileStatus status = known_status_of(from);
  if (status.kind == FileKind::missing)
    throw io_error("look at", from, std::make_error_code(std::errc::no_such_file_or_directory));
  if (status.kind != FileKind::file && status.kind != FileKind::directory) return;
  for (const SECURITY_INFORMATION part :
       {OWNER_SECURITY_INFORMATION, GROUP_SECURITY_INFORMATION, DACL_SECURITY_INFORMATION})
    copy_security(native_of(from), native_of(to), static_cast<SECURITY_INFORMATION>(part));
  set_mode(to, status.mode);
}

VENV_INLINE void copy_times(const fs::path& from, const fs::path& to) {
  const Handle source = open_existing(from, FILE_READ_ATTRIBUTES, FILE_FLAG_OPEN_REPARSE_POINT);
  if (!source) throw failed("look at", from);
  FILETIME accessed{}, modified{};
  const Handle target = open_existing(to, FILE_WRITE_ATTRIBUTES, FILE_FLAG_OPEN_REPARSE_POINT);
  if (target && ::GetFileTime(handle_of(source), nullptr, &accessed, &modified) != 0)
    ::SetFileTime(handle_of(target), nullptr, &accessed, &modified);
}

VENV_INLINE void copy_metadata(const fs::path& from, const fs::path& to) {
  copy_ownership(from, to);
  copy_times(from, to);
}

VENV_DETAIL_END
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/xattr.h>
#elif defined(__APPLE__)
#include <copyfile.h>
#endif

VENV_DETAIL_BEGIN

/// Whether a failure means that this user, or the file system, can't give on what was there: all
/// others are told.
VENV_INLINE bool is_refusal(int error) {
  for (const int refusal : {EPERM, EACCES, EINVAL, EOVERFLOW, ENOTSUP, EOPNOTSUPP, ENOSYS})
    if (error == refusal) return true;
  return false;
}

#if defined(__linux__)
/// What a system call that fills a buffer gives, which is first asked how large that must be; empty
/// where there are none. Throws Error (`io`) when it fails.
template <class Call> std::string filled_by(const char* path, Call call) {
  for (int tries = 0; tries < 4; ++tries) { // it may grow in between
    const ssize_t size = call(nullptr, std::size_t{0});
    if (size < 0 && !is_refusal(errno) && errno != ENODATA)
      throw io_error("read the attributes of", path, last_error());
    if (size <= 0) break;
    std::string bytes(static_cast<std::size_t>(size), '\0');
    const ssize_t got = call(bytes.data(), bytes.size());
    if (got < 0 && errno == ERANGE) continue;
    if (got < 0 && errno != ENODATA) throw io_error("read the attributes of", path, last_error());
    bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return bytes;
  }
  return {};
}

/// ACLs are among them.
VENV_INLINE void copy_attributes(const char* from, const char* to) {
  const std::string names = filled_by(
      from, [&](char* buffer, std::size_t size) { return ::llistxattr(from, buffer, size); });
  for (std::size_t start = 0; start < names.size();) {
    const std::string name = names.c_str() + start;
    start += name.size() + 1;
    const std::string value = filled_by(from, [&](char* buffer, std::size_t size) {
      return ::lgetxattr(from, name.c_str(), buffer, size);
    });
    if (::lsetxattr(to, name.c_str(), value.data(), value.size(), 0) != 0 && !is_refusal(errno))
      throw io_error("set the attributes of", to, last_error());
  }
}
#elif defined(__APPLE__)
VENV_INLINE void copy_attributes(const char* from, const char* to) {
  ::copyfile(from, to, nullptr, COPYFILE_ACL | COPYFILE_XATTR | COPYFILE_NOFOLLOW);
}
#else
VENV_INLINE void copy_attributes(const char*, const char*) {}
#endif

VENV_INLINE struct stat stat_of(const fs::path& path) {
  struct stat status{};
  if (!get_status_at(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, status))
    throw io_error("look at", path, last_error());
  return status;
}

VENV_INLINE void copy_ownership_of(const struct stat& status, const fs::path& from,
                                   const fs::path& to) {
  constexpr mode_t special = S_ISUID | S_ISGID;
  const bool owned =
      retried([&] { return ::lchown(to.c_str(), status.st_uid, status.st_gid); }) == 0;
  if (!owned && !is_refusal(errno)) throw io_error("set the owner of", to, last_error());
  if (S_ISLNK(status.st_mode) != S_ISLNK(stat_of(to).st_mode)) return;
  copy_attributes(from.c_str(), to.c_str());
  if (S_ISLNK(status.st_mode)) return; // a link's mode means nothing
  const mode_t mode = status.st_mode & (owned ? 07777 : 07777 & ~special);
  try {
    set_mode(to, mode);
  } catch (const Error& error) { // as far as this user may
    if (!is_refusal(error.system_error().value())) throw;
  }
}

VENV_INLINE void copy_ownership(const fs::path& from, const fs::path& to) {
  copy_ownership_of(stat_of(from), from, to);
}

VENV_INLINE void copy_times_of(const struct stat& status, const fs::path& to) {
#if defined(__APPLE__)
  const timespec times[] = {status.st_atimespec, status.st_mtimespec};
#else
  const timespec times[] = {status.st_atim, status.st_mtim};
#endif
  retried([&] { return ::utimensat(AT_FDCWD, to.c_str(), times, AT_SYMLINK_NOFOLLOW); });
}

VENV_INLINE void copy_metadata(const fs::path& from, const fs::path& to) {
  const struct stat status = stat_of(from);
  copy_ownership_of(status, from, to);
  copy_times_of(status, to);
}

VENV_INLINE void copy_times(const fs::path& from, const fs::path& to) {
  copy_times_of(stat_of(from), to);
}

VENV_DETAIL_END
#endif

// ---- src/system/new_file.hpp --------------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of new_file.posix.hpp and new_file.windows.hpp. Errors as in file.hpp.

/// A file that is written beside its place and then put there by one rename, so that nobody ever sees
/// half of it; gone again unless it is put there. A link in its place is replaced, not followed.
/// Messages name its place, not the name beside it.
class NewFile {
public:
  /// The file's mode is `mode` less the umask until `set_mode` says otherwise.
  NewFile(const fs::path& path, std::uint32_t mode);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  /// Appends all of `bytes`.
  void write(std::string_view bytes);
  /// Writes all of `bytes` at `offset`. Several threads may do so at once.
  void write_at(std::size_t offset, std::string_view bytes);
  /// Sets the exact mode, whatever the umask.
  void set_mode(std::uint32_t mode);
  /// Lets all who may read the file execute it.
  void make_executable();
  /// Takes over owner, group, mode, ACL and extended attributes of what lies in its place now, as far
  /// as this user may give them away; nothing there is fine.
  void inherit_metadata();
  /// Sees to it that the bytes reach the disk before the file's name does.
  void flush();
  /// Renames the file into its place, replacing a file or link there.
  void put_in_place();

private:
  fs::path place_, beside_;
  Handle file_{};
};

/// Writes beside `path` and renames into place (see NewFile). The mode is exact, whatever the umask.
void write_file(const fs::path& path, std::string_view bytes, std::uint32_t mode);
/// The same with the mode 0666 less the umask.
void write_file(const fs::path& path, std::string_view bytes);
/// The same, and all who may read the file may execute it.
void write_program(const fs::path& path, std::string_view bytes);
/// The same with the bytes of `source` and an exact mode.
void copy_file(const fs::path& source, const fs::path& path, std::uint32_t mode);

VENV_DETAIL_END

#if defined(_WIN32)
VENV_DETAIL_BEGIN

/// Most bytes for one call.
inline constexpr std::size_t largest_write = std::size_t{1} << 30;

VENV_INLINE void write_all(const Handle& file, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    DWORD written = 0;
    const auto size = static_cast<DWORD>((std::min)(bytes.size(), largest_write));
    if (::WriteFile(handle_of(file), bytes.data(), size, &written, nullptr) == 0)
      throw failed("write", path);
    bytes.remove_prefix(written);
  }
}

/// A file that was not there before.
VENV_INLINE Handle create_file(const fs::path& path, DWORD access) {
  const std::wstring name = native_of(path);
  Handle file;
  patiently([&] {
    file = handle_from(::CreateFileW(name.c_str(), access, FILE_SHARE_READ | FILE_SHARE_DELETE,
                                     nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr));
    return static_cast<bool>(file);
  });
  return file;
}

VENV_INLINE NewFile::NewFile(const fs::path& path, std::uint32_t)
    : place_(path), beside_(name_beside(path)) {
  file_ = create_file(beside_, GENERIC_WRITE);
  if (!file_) throw failed("create", place_);
}

VENV_INLINE NewFile::~NewFile() {
  if (!file_) return;
  file_.close();
  try_remove_file(beside_);
}

VENV_INLINE void NewFile::write(std::string_view bytes) { write_all(file_, bytes, place_); }

VENV_INLINE void NewFile::write_at(std::size_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    DWORD written = 0;
    OVERLAPPED at{};
    at.Offset = static_cast<DWORD>(offset & 0xFFFFFFFFu);
    at.OffsetHigh = static_cast<DWORD>(std::uint64_t{offset} >> 32);
    const auto size = static_cast<DWORD>((std::min)(bytes.size(), largest_write));
    if (::WriteFile(handle_of(file_), bytes.data(), size, &written, &at) == 0)
      throw failed("write", place_);
    bytes.remove_prefix(written);
    offset += written;
  }
}

VENV_INLINE void NewFile::set_mode(std::uint32_t mode) {
  if ((mode & 0222) == 0) detail::set_mode(beside_, mode); // else it may be written as it is
}

VENV_INLINE void NewFile::make_executable() {} // its name says so

VENV_INLINE void NewFile::inherit_metadata() {
  if (known_status_of(place_).kind == FileKind::file) copy_ownership(place_, beside_);
}

VENV_INLINE void NewFile::flush() {
  if (::FlushFileBuffers(handle_of(file_)) == 0) throw failed("flush", place_);
}

VENV_INLINE void NewFile::put_in_place() {
  file_.close(); // what is open can't be renamed everywhere
  try {
    rename_file(beside_, place_);
  } catch (const Error&) {
    try_remove_file(beside_);
    throw;
  }
}

VENV_INLINE void write_file(const fs::path& path, std::string_view bytes, std::uint32_t mode) {
  NewFile file(path, mode);
  file.write(bytes);
  file.set_mode(mode);
  file.put_in_place();
}

VENV_INLINE void write_file(const fs::path& path, std::string_view bytes) {
  write_file(path, bytes, 0666);
}

VENV_INLINE void write_program(const fs::path& path, std::string_view bytes) {
  write_file(path, bytes, 0777);
}

VENV_INLINE void copy_file(const fs::path& source, const fs::path& path, std::uint32_t mode) {
  NewFile file(path, mode);
  read_pieces(source, [&file](std::string_view piece) { file.write(piece); });
  file.set_mode(mode);
  file.put_in_place();
}

VENV_DETAIL_END
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE void write_all(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw io_error("write", path, last_error());
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

VENV_INLINE NewFile::NewFile(const fs::path& path, std::uint32_t mode)
    : place_(path), beside_(name_beside(path)) {
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  file_ = opened(beside_, flags, number_as<mode_t>(mode));
  if (!file_) throw io_error("create", place_, last_error());
}

VENV_INLINE NewFile::~NewFile() {
  if (file_) ::unlink(beside_.c_str());
}

VENV_INLINE void NewFile::write(std::string_view bytes) { write_all(fd_of(file_), bytes, place_); }

VENV_INLINE void NewFile::write_at(std::size_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto at = static_cast<off_t>(offset);
    const ssize_t written = ::pwrite(fd_of(file_), bytes.data(), bytes.size(), at);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw io_error("write", place_, last_error());
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::size_t>(written);
  }
}

VENV_INLINE void NewFile::set_mode(std::uint32_t mode) {
  set_mode_of(file_, number_as<mode_t>(mode), place_);
}

VENV_INLINE void NewFile::make_executable() {
  struct stat status{};
  if (!get_status(file_, status)) throw io_error("look at", place_, last_error());
  const mode_t mode = status.st_mode & 07777;
  if ((mode | 0555) != mode) set_mode_of(file_, mode | 0555, place_);
}

VENV_INLINE void NewFile::inherit_metadata() {
  if (known_status_of(place_).kind == FileKind::file) copy_ownership(place_, beside_);
}

VENV_INLINE void NewFile::flush() {
  if (retried([&] { return ::fsync(fd_of(file_)); }) != 0)
    throw io_error("flush", place_, last_error());
}

VENV_INLINE void NewFile::put_in_place() {
  rename_file(beside_, place_);
  file_.close();
}

VENV_INLINE void write_file(const fs::path& path, std::string_view bytes, std::uint32_t mode) {
  NewFile file(path, mode);
  file.write(bytes);
  file.set_mode(mode);
  file.put_in_place();
}

VENV_INLINE void write_file(const fs::path& path, std::string_view bytes) {
  NewFile file(path, 0666);
  file.write(bytes);
  file.put_in_place();
}

VENV_INLINE void write_program(const fs::path& path, std::string_view bytes) {
  NewFile file(path, 0777); // it can be run where no mode can be set afterwards
  file.write(bytes);
  file.make_executable();
  file.put_in_place();
}

VENV_INLINE void copy_file(const fs::path& source, const fs::path& path, std::uint32_t mode) {
  NewFile file(path, mode);
  read_pieces(source, [&file](std::string_view piece) { file.write(piece); });
  file.set_mode(mode);
  file.put_in_place();
}

VENV_DETAIL_END
#endif

// ---- src/system/appended_file.hpp ---------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of appended_file.posix.hpp and appended_file.windows.hpp. Errors as in file.hpp.

/// A file that grows at its end: a record that is written is there when the next thing happens.
class AppendedFile {
public:
  /// Makes the file, or goes on at the end of the one that is there. Readable for its owner alone.
  explicit AppendedFile(const fs::path& path);
  void append(std::string_view bytes);
  /// Sees to it that what was appended reaches the disk.
  void flush();

private:
  fs::path path_;
  Handle file_{};
};

VENV_DETAIL_END

#if defined(_WIN32)
VENV_DETAIL_BEGIN

/// Who may read it, the directory's own list says.
VENV_INLINE AppendedFile::AppendedFile(const fs::path& path) : path_(path) {
  const std::wstring name = native_of(path);
  const bool opened = patiently([&] {
    file_ = handle_from(::CreateFileW(name.c_str(), FILE_APPEND_DATA | SYNCHRONIZE, share_all,
                                      nullptr, OPEN_ALWAYS, FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
    return static_cast<bool>(file_);
  });
  if (!opened) throw failed("create", path_);
  if (kind_of(attributes_of(file_)) != FileKind::file)
    throw io_error("create", path_, std::make_error_code(std::errc::file_exists));
}

VENV_INLINE void AppendedFile::append(std::string_view bytes) { write_all(file_, bytes, path_); }

VENV_INLINE void AppendedFile::flush() {
  if (::FlushFileBuffers(handle_of(file_)) == 0) throw failed("flush", path_);
}

VENV_DETAIL_END
#else
#include <fcntl.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE AppendedFile::AppendedFile(const fs::path& path) : path_(path) {
  file_ = opened(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
  if (!file_) throw io_error("create", path_, last_error());
}

VENV_INLINE void AppendedFile::append(std::string_view bytes) {
  write_all(fd_of(file_), bytes, path_);
}

VENV_INLINE void AppendedFile::flush() {
  if (retried([&] { return ::fsync(fd_of(file_)); }) != 0)
    throw io_error("flush", path_, last_error());
}

VENV_DETAIL_END
#endif

// ---- src/system/folder.hpp ----------------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of folder.posix.hpp and folder.windows.hpp. Errors as in file.hpp.

/// A directory that is held: what is done through it happens in that very directory, whatever is put
/// in its place meanwhile. Every `name` is that of an entry, without a separator; links in its place
/// are not followed. Several threads may use one at once.
class Folder {
public:
  /// The directory that `path` leads to, by links too.
  explicit Folder(const fs::path& path);
  /// The directory `name` in this one; throws when that is a link.
  Folder open(const fs::path& name) const;
  /// The path that it was opened by, for messages.
  const fs::path& path() const { return path_; }
  const Handle& handle() const { return handle_; }

  /// Whether it is (still) the directory that `path` leads to.
  bool is_at(const fs::path& path) const;
  FileStatus status() const;
  /// `missing` is what is known not to be there; throws when the system can't tell.
  FileStatus status_of(const fs::path& name) const;
  /// The names of its entries, in the order of their bytes.
  std::vector<fs::path> names() const;
  bool is_empty() const;

  std::string read(const fs::path& name, std::uint64_t limit = 1u << 26) const;
  fs::path link_target(const fs::path& name) const;

  /// Makes a file that was not there before, of the pieces, one behind the other. The mode is less
  /// the umask; `modified` is in seconds since 1970, now when not given. Returns what the file says
  /// of that time when it was given: another one on file systems that don't take it.
  std::int64_t create(const fs::path& name, std::initializer_list<std::string_view> pieces,
                      std::uint32_t mode, std::optional<std::int64_t> modified = {}) const;
  /// Makes a directory; false when there is one already (a link to one is an error).
  bool make_directory(const fs::path& name) const;
  /// Makes a link that was not there before; false when there can be none here (see `make_link`).
  bool make_link(const fs::path& target, const fs::path& name) const;
  /// Renames an entry into another folder or this one, replacing a file or link there.
  void move(const fs::path& name, const Folder& to, const fs::path& new_name) const;
  /// Removes a file or link; nothing there is fine.
  void remove(const fs::path& name) const;
  /// Removes an empty directory; false when it is not empty.
  bool remove_directory(const fs::path& name) const;
  /// Sees to it that names made and removed in it reach the disk.
  void flush() const;

private:
  Folder(fs::path path, Handle handle) : path_(std::move(path)), handle_(std::move(handle)) {}
  fs::path path_;
  Handle handle_{};
};

VENV_DETAIL_END

#if defined(_WIN32)
VENV_DETAIL_BEGIN

// A directory that is open without the right to be deleted can't be renamed or removed, nor can one
// above it: as long as a folder is held, its path leads to it.

VENV_INLINE Handle hold_directory(const fs::path& path, DWORD flags) {
  Handle handle;
  const bool opened = patiently([&] {
    handle = open_existing(path, FILE_LIST_DIRECTORY | FILE_READ_ATTRIBUTES, flags,
                           FILE_SHARE_READ | FILE_SHARE_WRITE);
    return static_cast<bool>(handle);
  });
  if (!opened) throw failed("open directory", path);
  if (kind_of(attributes_of(handle)) != FileKind::directory)
    throw io_error("open directory", path, std::make_error_code(std::errc::not_a_directory));
  return handle;
}

VENV_INLINE Folder::Folder(const fs::path& path) : path_(path), handle_(hold_directory(path, 0)) {}

VENV_INLINE Folder Folder::open(const fs::path& name) const {
  return Folder(path_ / name, hold_directory(path_ / name, FILE_FLAG_OPEN_REPARSE_POINT));
}

VENV_INLINE FileStatus Folder::status() const {
  const FileStatus status = status_of_open(handle_, path_);
  if (status.kind == FileKind::missing) throw failed("look at", path_);
  return status;
}

VENV_INLINE bool Folder::is_at(const fs::path& path) const {
  const FileStatus mine = status(), there = followed_status_of(path);
  return there.kind == FileKind::directory && mine.inode == there.inode &&
         mine.device == there.device;
}

VENV_INLINE FileStatus Folder::status_of(const fs::path& name) const {
  return known_status_of(path_ / name);
}

/// The entries of a directory, in no order; false when it can't be read. Calls `take` until that says
/// false.
VENV_INLINE bool list_entries(const fs::path& directory, FunctionRef<bool(std::wstring&&)> take) {
  WIN32_FIND_DATAW entry{};
  const HANDLE search =
      ::FindFirstFileExW(native_of(directory / "*").c_str(), FindExInfoBasic, &entry,
                         FindExSearchNameMatch, nullptr, FIND_FIRST_EX_LARGE_FETCH);
  if (search == INVALID_HANDLE_VALUE) return ::GetLastError() == ERROR_FILE_NOT_FOUND;
  bool more = true;
  do {
    std::wstring name = entry.cFileName;
    if (name != L"." && name != L".." && !take(std::move(name))) {
      ::FindClose(search);
      return true;
    }
    more = ::FindNextFileW(search, &entry) != 0;
  } while (more);
  const DWORD reason = ::GetLastError();
  ::FindClose(search);
  ::SetLastError(reason);
  return reason == ERROR_NO_MORE_FILES;
}

VENV_INLINE std::vector<fs::path> Folder::names() const {
  std::vector<fs::path> found;
  const auto take = [&found](std::wstring&& name) {
    found.emplace_back(std::move(name));
    return true;
  };
  if (!list_entries(path_, take)) throw failed("list", path_);
  std::sort(found.begin(), found.end());
  return found;
}

VENV_INLINE bool Folder::is_empty() const {
  bool empty = true;
  const auto take = [&empty](std::wstring&&) { return empty = false; };
  if (!list_entries(path_, take)) throw failed("list", path_);
  return empty;
}

VENV_INLINE std::string Folder::read(const fs::path& name, std::uint64_t limit) const {
  return read_all(open_to_read(path_ / name, FILE_FLAG_OPEN_REPARSE_POINT), path_ / name, limit);
}

VENV_INLINE fs::path Folder::link_target(const fs::path& name) const {
  fs::path target = detail::link_target(path_ / name);
  if (target.empty())
    throw io_error("read link", path_ / name, std::make_error_code(std::errc::invalid_argument));
  return target;
}

VENV_INLINE std::int64_t Folder::create(const fs::path& name,
                                        std::initializer_list<std::string_view> pieces,
                                        std::uint32_t mode,
                                        std::optional<std::int64_t> modified) const {
  const fs::path path = path_ / name;
  const Handle file = create_file(path, GENERIC_WRITE | FILE_READ_ATTRIBUTES);
  if (!file) throw failed("create", path);
  for (const std::string_view piece : pieces) write_all(file, piece, path);
  if ((mode & 0222) == 0) set_mode(path, mode);
  if (!modified) return 0;
  const std::int64_t time = *modified * 10000000 + 116444736000000000;
  FILETIME value{};
  value.dwLowDateTime = static_cast<DWORD>(time & 0xFFFFFFFF);
  value.dwHighDateTime = static_cast<DWORD>(time >> 32);
  if (::SetFileTime(handle_of(file), nullptr, &value, &value) != 0) return *modified;
  return status_of_open(file, path).modified / 1000000000;
}

VENV_INLINE bool Folder::make_directory(const fs::path& name) const {
  const fs::path path = path_ / name;
  if (::CreateDirectoryW(native_of(path).c_str(), nullptr) != 0) return true;
  const std::error_code reason = last_error();
  if (reason == std::errc::file_exists && status_of(name).kind == FileKind::directory) return false;
  throw io_error("create directory", path, reason);
}

VENV_INLINE bool Folder::make_link(const fs::path& target, const fs::path& name) const {
  if (make_new_link(target, path_ / name)) return true;
  if (means_no_links(::GetLastError())) return false;
  throw failed("create link", path_ / name);
}

VENV_INLINE void Folder::move(const fs::path& name, const Folder& to,
                              const fs::path& new_name) const {
  rename_file(path_ / name, to.path_ / new_name);
}

VENV_INLINE void Folder::remove(const fs::path& name) const { remove_file(path_ / name); }

VENV_INLINE bool Folder::remove_directory(const fs::path& name) const {
  if (remove_entry(path_ / name, Removed::directory)) return true;
  if (::GetLastError() == ERROR_DIR_NOT_EMPTY) return false;
  throw failed("remove", path_ / name);
}

VENV_INLINE void Folder::flush() const {} // the file system keeps its names in a journal

VENV_DETAIL_END
#else
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE Folder::Folder(const fs::path& path) : path_(path) {
  handle_ = opened(path, O_RDONLY | O_DIRECTORY);
  if (!handle_) throw io_error("open directory", path, last_error());
}

VENV_INLINE Folder Folder::open(const fs::path& name) const {
  Handle handle = opened_at(fd_of(handle_), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!handle) throw io_error("open directory", path_ / name, last_error());
  return Folder(path_ / name, std::move(handle));
}

VENV_INLINE FileStatus Folder::status() const {
  struct stat status{};
  if (!get_status(handle_, status)) throw io_error("look at", path_, last_error());
  return to_status(status);
}

VENV_INLINE bool Folder::is_at(const fs::path& path) const {
  const FileStatus mine = status(), there = followed_status_of(path);
  return there.kind == FileKind::directory && mine.inode == there.inode &&
         mine.device == there.device;
}

VENV_INLINE FileStatus Folder::status_of(const fs::path& name) const {
  struct stat status{};
  if (get_status_at(fd_of(handle_), name, AT_SYMLINK_NOFOLLOW, status)) return to_status(status);
  if (errno == ENOENT) return {};
  throw io_error("look at", path_ / name, last_error());
}

/// An entry as a directory lists it: its name and what it is, where the file system tells.
struct ListedEntry {
  std::string name;
  FileKind kind = FileKind::missing; ///< `missing` when it doesn't tell
};

VENV_INLINE FileKind listed_kind_of(const dirent& entry) {
#if defined(DT_UNKNOWN)
  if (entry.d_type == DT_DIR) return FileKind::directory;
  if (entry.d_type == DT_REG) return FileKind::file;
  if (entry.d_type == DT_LNK) return FileKind::link;
  if (entry.d_type != DT_UNKNOWN) return FileKind::other;
#endif
  (void)entry;
  return FileKind::missing;
}

/// The entries of an open directory, in no order; ends the list and sets `failed` when it can't be
/// read. Calls `take` until that says false.
VENV_INLINE bool list_entries(int directory, FunctionRef<bool(ListedEntry&&)> take) {
  // Its own open file: reading moves the position, and other threads may use the folder.
  Handle own = opened_at(directory, ".", O_RDONLY | O_DIRECTORY);
  DIR* stream = nullptr;
  do stream = own ? ::fdopendir(fd_of(own)) : nullptr;
  while (!stream && errno == EINTR);
  if (!stream) {
    const int failed = errno;
    own.close();
    errno = failed;
    return false;
  }
  own.release();
  for (errno = 0;; errno = 0) {
    const dirent* entry = ::readdir(stream);
    if (!entry) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != ".." && !take({std::string(name), listed_kind_of(*entry)})) break;
  }
  const int failed = errno;
  ::closedir(stream);
  errno = failed;
  return failed == 0;
}

VENV_INLINE std::vector<fs::path> Folder::names() const {
  std::vector<std::string> found;
  const auto take = [&found](ListedEntry&& entry) {
    found.push_back(std::move(entry.name));
    return true;
  };
  if (!list_entries(fd_of(handle_), take)) throw io_error("list", path_, last_error());
  std::sort(found.begin(), found.end());
  return {found.begin(), found.end()};
}

VENV_INLINE bool Folder::is_empty() const {
  bool empty = true;
  const auto take = [&empty](ListedEntry&&) {
    errno = 0;
    empty = false;
    return false;
  };
  if (!list_entries(fd_of(handle_), take)) throw io_error("list", path_, last_error());
  return empty;
}

VENV_INLINE std::string Folder::read(const fs::path& name, std::uint64_t limit) const {
  const Handle file = opened_at(fd_of(handle_), name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  struct stat status{};
  if (!file || !get_status(file, status)) throw io_error("open", path_ / name, last_error());
  if (!S_ISREG(status.st_mode))
    throw io_error("read", path_ / name, std::make_error_code(std::errc::invalid_argument));
  return read_all(file, path_ / name, limit);
}

VENV_INLINE fs::path Folder::link_target(const fs::path& name) const {
  const auto target = link_text_at(fd_of(handle_), name);
  if (!target) throw io_error("read link", path_ / name, last_error());
  return *target;
}

/// Writes all pieces, if the system is willing by one call.
VENV_INLINE void write_pieces(const Handle& file, std::initializer_list<std::string_view> pieces,
                              const fs::path& path) {
  std::array<iovec, 4> parts{};
  std::size_t count = 0, total = 0;
  for (const std::string_view piece : pieces) {
    if (count == parts.size())
      throw io_error("write", path, std::make_error_code(std::errc::invalid_argument));
    parts[count++] = {const_cast<char*>(piece.data()), piece.size()};
    total += piece.size();
  }
  ssize_t got = 0;
  do got = ::writev(fd_of(file), parts.data(), static_cast<int>(count));
  while (got < 0 && errno == EINTR);
  if (got < 0) throw io_error("write", path, last_error());
  std::size_t written = static_cast<std::size_t>(got);
  if (written == total) return;
  for (const std::string_view piece : pieces) {
    const std::size_t done = (std::min)(written, piece.size());
    write_all(fd_of(file), piece.substr(done), path);
    written -= done;
  }
}

VENV_INLINE std::int64_t Folder::create(const fs::path& name,
                                        std::initializer_list<std::string_view> pieces,
                                        std::uint32_t mode,
                                        std::optional<std::int64_t> modified) const {
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  const Handle file = opened_at(fd_of(handle_), name, flags, number_as<mode_t>(mode));
  if (!file) throw io_error("create", path_ / name, last_error());
  write_pieces(file, pieces, path_ / name);
  if (!modified) return 0;
  timespec time{};
  time.tv_sec = number_as<time_t>(*modified);
  const timespec times[] = {time, time};
  if (retried([&] { return ::futimens(fd_of(file), times); }) == 0) return *modified;
  struct stat status{};
  if (!get_status(file, status)) throw io_error("look at", path_ / name, last_error());
  return std::int64_t{status.st_mtime};
}

VENV_INLINE bool Folder::make_directory(const fs::path& name) const {
  if (::mkdirat(fd_of(handle_), name.c_str(), 0777) == 0) return true;
  const std::error_code failed = last_error();
  if (failed == std::errc::file_exists && status_of(name).kind == FileKind::directory) return false;
  throw io_error("create directory", path_ / name, failed);
}

VENV_INLINE bool Folder::make_link(const fs::path& target, const fs::path& name) const {
  if (::symlinkat(target.c_str(), fd_of(handle_), name.c_str()) == 0) return true;
  if (means_no_links(errno)) return false;
  throw io_error("create link", path_ / name, last_error());
}

VENV_INLINE void Folder::move(const fs::path& name, const Folder& to,
                              const fs::path& new_name) const {
  if (::renameat(fd_of(handle_), name.c_str(), fd_of(to.handle_), new_name.c_str()) != 0)
    throw io_error("replace", to.path_ / new_name, last_error());
}

VENV_INLINE void Folder::remove(const fs::path& name) const {
  if (::unlinkat(fd_of(handle_), name.c_str(), 0) != 0 && errno != ENOENT)
    throw io_error("remove", path_ / name, last_error());
}

VENV_INLINE bool Folder::remove_directory(const fs::path& name) const {
  if (::unlinkat(fd_of(handle_), name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return true;
  if (errno == ENOTEMPTY || errno == EEXIST) return false;
  throw io_error("remove", path_ / name, last_error());
}

VENV_INLINE void Folder::flush() const {
  const int failed = retried([&] { return ::fsync(fd_of(handle_)); });
  if (failed != 0 && errno != EINVAL) throw io_error("flush", path_, last_error());
}

VENV_DETAIL_END
#endif

// ---- src/system/tree.hpp ------------------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of tree.posix.hpp and tree.windows.hpp: directories and what lies in them, at any
// depth. Errors as in file.hpp.

/// Makes one directory (mode 0777 less the umask); false when a directory, or a link to one, is there
/// already.
bool make_directory(const fs::path& path);
/// Where the link `path` leads to, also when nothing is there yet. Throws Error (`invalid_argument`) for
/// one that leads back to itself.
fs::path end_of_links(const fs::path& path);
/// Makes a directory and those above it that are missing, also what a link on the way leads to. The
/// ones that it made, the outermost first; none of them stays when one can't be made.
std::vector<fs::path> make_directories(const fs::path& path);

/// The names in a directory, in the order of their bytes. Throws when it can't be read.
std::vector<fs::path> names_in(const fs::path& directory);
/// The same; none when there is no directory, or this user may not list it. Throws when the system fails.
std::vector<fs::path> names_in_if_any(const fs::path& directory);
/// The same; none when the directory is missing or can't be read.
std::vector<fs::path> names_in_if_readable(const fs::path& directory);
/// Whether a directory is there, can be read and has no entry.
bool is_empty_directory(const fs::path& path);
/// The paths of all that lies below a directory, each one behind the directory that it lies in. No
/// link is followed. Throws when one can't be read.
std::vector<fs::path> paths_below(const fs::path& directory);

/// Whether what is removed may lie on another file system than the directory in which it lies.
enum class Mounts { cross, refuse };

/// Removes an entry and, of a directory, all that lies in it; nothing there is fine. Follows no link,
/// not even one that is put in a directory's place meanwhile. The error names the very entry that
/// can't be removed; those that come before it are gone then.
void remove_tree(const fs::path& path, Mounts mounts = Mounts::cross);
/// The same for an entry of a folder that is held.
void remove_tree(const Folder& folder, const fs::path& name, Mounts mounts = Mounts::cross);
/// The same as far as the system lets it; whether nothing is left.
bool try_remove_tree(const fs::path& path) noexcept;
/// Removes a directory if it is empty; whether it did.
bool remove_empty_directory(const fs::path& path) noexcept;

/// Where something is mounted below a directory (at the directory itself doesn't count), also from
/// the same file system; nothing when there is none or the system doesn't tell. To be asked before
/// anything is removed.
std::optional<fs::path> mount_point_below(const fs::path& directory);

// What is the same everywhere.

VENV_INLINE fs::path end_of_links(const fs::path& path) {
  if (const auto real = resolved(path)) return *real;
  fs::path end = path;
  for (int links = 0; links < 40; ++links) { // as many as Linux follows
    if (status_of(end).kind != FileKind::link) return end;
    end = (end.parent_path() / link_target(end)).lexically_normal();
  }
  throw Error(ErrorCode::invalid_argument, quoted(path) + " is a link that leads back to itself")
      .at("make the directory")
      .on(path);
}

VENV_INLINE std::vector<fs::path> make_directories(const fs::path& path) {
  std::vector<fs::path> made;
  if (path.empty() || followed_status_of(path).kind == FileKind::directory) return made;
  if (status_of(path).kind == FileKind::link) {
    const fs::path end = end_of_links(path);
    if (status_of(end).kind == FileKind::missing) return make_directories(end);
  }
  if (path.has_parent_path() && path.parent_path() != path)
    made = make_directories(path.parent_path());
  try {
    if (path.has_filename() && make_directory(path)) made.push_back(path);
  } catch (const Error&) {
    for (auto above = made.rbegin(); above != made.rend(); ++above) remove_empty_directory(*above);
    throw;
  }
  return made;
}

VENV_INLINE std::vector<fs::path> names_in(const fs::path& directory) {
  return Folder(directory).names();
}

VENV_INLINE std::vector<fs::path> names_in_if_readable(const fs::path& directory) {
  try {
    return names_in(directory);
  } catch (const Error&) {
    return {};
  }
}

VENV_INLINE std::vector<fs::path> names_in_if_any(const fs::path& directory) {
  try {
    return names_in(directory);
  } catch (const Error& error) {
    const std::error_code reason = error.system_error();
    if (reason == std::errc::no_such_file_or_directory || reason == std::errc::not_a_directory ||
        reason == std::errc::permission_denied ||
        reason == std::errc::too_many_symbolic_link_levels)
      return {};
    throw;
  }
}

VENV_INLINE bool is_empty_directory(const fs::path& path) {
  try {
    return Folder(path).is_empty();
  } catch (const Error&) {
    return false;
  }
}

VENV_INLINE void add_paths_below(const Folder& folder, std::vector<fs::path>& paths) {
  for (const fs::path& name : folder.names()) {
    paths.push_back(folder.path() / name);
    if (folder.status_of(name).kind == FileKind::directory)
      add_paths_below(folder.open(name), paths);
  }
}

VENV_INLINE std::vector<fs::path> paths_below(const fs::path& directory) {
  std::vector<fs::path> paths;
  add_paths_below(Folder(directory), paths);
  return paths;
}

VENV_DETAIL_END

#if defined(_WIN32)
VENV_DETAIL_BEGIN

VENV_INLINE bool make_directory(const fs::path& path) {
  const std::wstring name = native_of(path);
  std::error_code reason;
  const bool made = patiently([&] { // one of that name may be about to go
    if (::CreateDirectoryW(name.c_str(), nullptr) != 0) return true;
    reason = last_error();
    return followed_status_of(path).kind == FileKind::directory;
  });
  if (made) return !reason;
  throw io_error("create directory", path, reason);
}

/// Whether a disk is mounted at `path`; a junction names a directory instead.
VENV_INLINE bool is_mount_point(const fs::path& path) {
  return status_of(path).kind == FileKind::link &&
         link_target(path).native().find(L"Volume{") != std::wstring::npos;
}

/// Removes trees. A directory is held while its entries are removed, so that nothing is put in its
/// place; links and junctions go, and what they lead to stays.
class TreeRemover {
public:
  /// `gently`: what can't be removed is passed over.
  explicit TreeRemover(Mounts mounts, bool gently = false) : mounts_(mounts), gently_(gently) {}

  void remove(const fs::path& path) {
    if (mounts_ == Mounts::refuse && is_mount_point(path))
      return fail(path, std::make_error_code(std::errc::cross_device_link));
    const bool is_directory = status_of(path).kind == FileKind::directory;
    if (is_directory) remove_entries(path);
    if (!remove_entry(path, is_directory ? Removed::directory : Removed::file))
      fail(path, last_error());
  }

  /// Whether all is gone.
  bool is_complete() const { return complete_; }

private:
  void remove_entries(const fs::path& path) {
    try {
      const Folder folder(path_of_held(path));
      for (const fs::path& name : folder.names()) remove(path / name);
    } catch (const Error& error) {
      if (!gently_ && error.path() != path) throw; // one that can't be read may be empty
    }
  }

  /// Opens no link.
  static Folder path_of_held(const fs::path& path) {
    return Folder(path.parent_path()).open(path.filename());
  }

  void fail(const fs::path& path, std::error_code reason) {
    complete_ = false;
    if (gently_) return;
    Error error = io_error("remove", path, reason);
    if (reason == std::errc::device_or_resource_busy || reason == std::errc::permission_denied)
      error.advise("Another program may use it: end that program, and try again.");
    throw error;
  }

  Mounts mounts_;
  bool gently_, complete_ = true;
};

VENV_INLINE void remove_tree(const fs::path& path, Mounts mounts) {
  TreeRemover(mounts).remove(path);
}

VENV_INLINE void remove_tree(const Folder& folder, const fs::path& name, Mounts mounts) {
  TreeRemover(mounts).remove(folder.path() / name);
}

VENV_INLINE bool try_remove_tree(const fs::path& path) noexcept {
  try {
    TreeRemover remover(Mounts::cross, true);
    remover.remove(path);
    return remover.is_complete();
  } catch (const std::exception&) {
    return false; // no memory
  }
}

VENV_INLINE bool remove_empty_directory(const fs::path& path) noexcept {
  try {
    return ::RemoveDirectoryW(native_of(path).c_str()) != 0;
  } catch (const std::exception&) {
    return false; // no memory
  }
}

VENV_INLINE std::optional<fs::path> mount_point_below(const fs::path& directory) {
  try {
    for (const fs::path& path : paths_below(directory))
      if (is_mount_point(path)) return path;
  } catch (const Error&) {
    // Removing then says what it can't read.
  }
  return std::nullopt;
}

VENV_DETAIL_END
#else
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE bool make_directory(const fs::path& path) {
  if (::mkdir(path.c_str(), 0777) == 0) return true;
  const std::error_code failed = last_error();
  if (followed_status_of(path).kind == FileKind::directory) return false;
  throw io_error("create directory", path, failed);
}

/// Removes trees through the descriptors of the directories in which they lie.
class TreeRemover {
public:
  /// `gently`: what can't be removed is passed over.
  explicit TreeRemover(Mounts mounts, bool gently = false) : mounts_(mounts), gently_(gently) {}

  /// Of the entry `name` in `directory`; `path` is its path, for messages.
  void remove(int directory, const std::string& name, FileKind kind, const fs::path& path) {
    if (kind == FileKind::missing) { // the file system didn't tell
      struct stat status{};
      if (!get_status_at(directory, name, AT_SYMLINK_NOFOLLOW, status))
        return fail_unless_gone(path);
      kind = kind_of(status.st_mode);
    }
    if (kind == FileKind::directory) remove_directory(directory, name, path);
    else if (::unlinkat(directory, name.c_str(), 0) != 0) fail_unless_gone(path);
  }

  /// Whether all is gone.
  bool is_complete() const { return complete_; }

private:
  void remove_directory(int outer, const std::string& name, const fs::path& path) {
    const Handle inner = opened_at(outer, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    const std::error_code closed = inner ? std::error_code() : last_error();
    if (inner) {
      if (!is_allowed(outer, inner, path)) return;
      remove_entries(fd_of(inner), path);
    }
    // One that can't be read may be empty. What is a link meanwhile is not removed.
    if (::unlinkat(outer, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT)
      fail(path, closed ? closed : last_error());
  }

  void remove_entries(int directory, const fs::path& path) {
    std::vector<ListedEntry> entries;
    const auto take = [&entries](ListedEntry&& entry) {
      entries.push_back(std::move(entry));
      return true;
    };
    if (!list_entries(directory, take)) return fail(path, last_error());
    for (const ListedEntry& entry : entries)
      remove(directory, entry.name, entry.kind, path / entry.name);
  }

  bool is_allowed(int outer, const Handle& inner, const fs::path& path) {
    if (mounts_ == Mounts::cross || outer == AT_FDCWD) return true;
    struct stat around{}, within{};
    const bool known = get_status_at(outer, ".", 0, around) && get_status(inner, within);
    if (known && around.st_dev == within.st_dev) return true;
    fail(path, known ? std::make_error_code(std::errc::cross_device_link) : last_error());
    return false;
  }

  void fail_unless_gone(const fs::path& path) {
    if (errno != ENOENT) fail(path, last_error());
  }

  void fail(const fs::path& path, std::error_code reason) {
    complete_ = false;
    if (!gently_) throw io_error("remove", path, reason);
  }

  Mounts mounts_;
  bool gently_, complete_ = true;
};

VENV_INLINE void remove_tree(const fs::path& path, Mounts mounts) {
  TreeRemover(mounts).remove(AT_FDCWD, path.native(), FileKind::missing, path);
}

VENV_INLINE void remove_tree(const Folder& folder, const fs::path& name, Mounts mounts) {
  TreeRemover(mounts).remove(fd_of(folder.handle()), name.native(), FileKind::missing,
                             folder.path() / name);
}

VENV_INLINE bool try_remove_tree(const fs::path& path) noexcept {
  try {
    TreeRemover remover(Mounts::cross, true);
    remover.remove(AT_FDCWD, path.native(), FileKind::missing, path);
    return remover.is_complete();
  } catch (const std::exception&) {
    return false; // no memory
  }
}

VENV_INLINE bool remove_empty_directory(const fs::path& path) noexcept {
  return ::rmdir(path.c_str()) == 0;
}

/// A path as the kernel's table of mounts spells it, where `\040` stands for a space.
VENV_INLINE std::string without_octal(std::string_view text) {
  std::string result;
  const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && is_octal(text[i + 1]) && is_octal(text[i + 2]) &&
        is_octal(text[i + 3])) {
      result += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                  (text[i + 3] - '0'));
      i += 3;
    } else {
      result += text[i];
    }
  }
  return result;
}

VENV_INLINE std::optional<fs::path> mount_point_below(const fs::path& directory) {
  const std::optional<fs::path> real = resolved(directory);
  if (!real) return std::nullopt;
  const std::string above = real->native() == "/" ? "/" : real->native() + '/';
  try {
    const std::string table = read_file("/proc/self/mountinfo"); // Linux's; elsewhere none
    for (const std::string_view line : split(table, '\n')) {
      const auto fields = split(line, ' ');
      if (fields.size() < 5) continue;
      std::string point = without_octal(fields[4]);
      if (point.size() > above.size() && point.compare(0, above.size(), above) == 0) return point;
    }
  } catch (const Error&) {
    // Removing then refuses what lies on another device.
  }
  return std::nullopt;
}

VENV_DETAIL_END
#endif

// ---- src/system/durable.hpp ---------------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of durable.posix.hpp and durable.windows.hpp.

/// Sees to it that all that lies in a directory reaches the disk, names and bytes. Throws Error (`io`)
/// when the system says that it could not.
void flush_tree(const fs::path& directory);

VENV_DETAIL_END

#if defined(_WIN32)
VENV_DETAIL_BEGIN

/// Names are safe by the file system's own journal; bytes are flushed file by file.
VENV_INLINE void flush_tree(const fs::path& directory) {
  for (const fs::path& path : paths_below(directory)) {
    if (status_of(path).kind != FileKind::file) continue;
    const Handle file = open_existing(path, GENERIC_WRITE, FILE_FLAG_OPEN_REPARSE_POINT);
    if (file && ::FlushFileBuffers(handle_of(file)) == 0) throw failed("flush", path);
  }
}

VENV_DETAIL_END
#else
#include <fcntl.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE void flush_entry(const fs::path& path) {
  const FileKind kind = status_of(path).kind;
  if (kind != FileKind::file && kind != FileKind::directory) return;
  const Handle entry = opened(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (entry && retried([&] { return ::fsync(fd_of(entry)); }) != 0 && errno != EINVAL &&
      errno != EROFS)
    throw io_error("flush", path, last_error());
}

VENV_INLINE void flush_tree(const fs::path& directory) {
#if defined(__linux__)
  const Handle root = opened(directory, O_RDONLY | O_DIRECTORY);
  if (root && retried([&] { return ::syncfs(fd_of(root)); }) == 0)
    return; // one call, where it tells of errors
#endif
  for (const fs::path& path : paths_below(directory)) flush_entry(path);
  flush_entry(directory);
}

VENV_DETAIL_END
#endif

// ---- src/system/lock.hpp ------------------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of lock.posix.hpp and lock.windows.hpp.

/// How long a lock is waited for, and who is told.
struct LockWait {
  std::chrono::milliseconds limit{0};
  StopRequest stop{};
  /// Called once when somebody else holds the lock, with who that is ("process 123"), before waiting.
  std::function<void(const std::string& holder)> on_wait{};
};

/// Keeps others, threads of this process included, out of a directory for as long as it lives. It ends
/// with the process, however that ends. Where locks don't work it does nothing.
class DirectoryLock {
public:
  DirectoryLock() = default; ///< keeps nobody out
  /// Waits as long as `wait` says, then throws Error (`busy`), naming the holder when known; at once
  /// when this very thread holds it already. Error (`io`) when the directory can't be opened.
  DirectoryLock(const fs::path& directory, const LockWait& wait);
  DirectoryLock(const Folder& directory, const LockWait& wait);
  /// The same with `seconds` as the limit.
  DirectoryLock(const fs::path& directory, int seconds);
  ~DirectoryLock() { release(); }
  DirectoryLock(DirectoryLock&& other) noexcept = default;
  DirectoryLock& operator=(DirectoryLock&& other) noexcept = default;
  /// Whether the directory is still the one at that path (another process may have removed it).
  bool holds(const fs::path& directory) const;
  /// What holds it; none when it keeps nobody out.
  const Handle& handle() const { return handle_; }

private:
  void acquire(Handle opened, const fs::path& directory, const LockWait& wait);
  void release() noexcept;
  Handle handle_{};
  bool tried_ = false; ///< and the directory was there
};

VENV_DETAIL_END

#if defined(_WIN32)
VENV_DETAIL_BEGIN

// A directory can't be locked. A file beside it stands for it, which one process at a time may have open
// to be written; the system removes it when it is closed, and at the process's end.

/// The directories that this process has locked, and by which of its threads.
class HeldLocks {
public:
  void add(std::intptr_t lock, const FileStatus& directory) {
    const std::lock_guard<std::mutex> guard(mutex_);
    held_.push_back({lock, directory.device, directory.inode, std::this_thread::get_id()});
  }
  void remove(std::intptr_t lock) {
    const std::lock_guard<std::mutex> guard(mutex_);
    const auto is_it = [lock](const Held& held) { return held.lock == lock; };
    held_.erase(std::remove_if(held_.begin(), held_.end(), is_it), held_.end());
  }
  /// The thread that holds it; none when no thread of this process does.
  std::thread::id holder_of(const FileStatus& directory) {
    const std::lock_guard<std::mutex> guard(mutex_);
    for (const Held& held : held_)
      if (held.device == directory.device && held.inode == directory.inode) return held.thread;
    return {};
  }
  bool is_of(std::intptr_t lock, const FileStatus& directory) {
    const std::lock_guard<std::mutex> guard(mutex_);
    return std::any_of(held_.begin(), held_.end(), [&](const Held& held) {
      return held.lock == lock && held.device == directory.device && held.inode == directory.inode;
    });
  }

private:
  struct Held {
    std::intptr_t lock;
    std::uint64_t device, inode;
    std::thread::id thread;
  };
  std::mutex mutex_{};
  std::vector<Held> held_{};
};

VENV_INLINE HeldLocks& held_locks() {
  static HeldLocks locks;
  return locks;
}

/// The file that stands for a directory, whatever way it is spelled; empty when there can be none.
VENV_INLINE fs::path lock_file_of(const fs::path& directory) {
  const std::optional<fs::path> real = resolved(directory);
  if (!real || !real->has_filename()) return {};
  return real->parent_path() / (L"." + real->filename().native() + L".venv.hpp-lock");
}

VENV_INLINE Handle try_lock(const fs::path& file) {
  return handle_from(::CreateFileW(
      native_of(file).c_str(), GENERIC_WRITE | DELETE, FILE_SHARE_READ, nullptr, OPEN_ALWAYS,
      FILE_ATTRIBUTE_HIDDEN | FILE_FLAG_DELETE_ON_CLOSE | FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
}

VENV_INLINE std::string name_of_holder(const fs::path& file, const FileStatus& directory) {
  if (held_locks().holder_of(directory) != std::thread::id())
    return "another thread of this process";
  try {
    const std::string process = read_file(file, 32);
    if (!process.empty() && process.find_first_not_of("0123456789") == process.npos)
      return "process " + process;
  } catch (const Error&) {
    // It has just been given free.
  }
  return "another process";
}

VENV_INLINE Error busy_error(const fs::path& directory, const std::string& holder) {
  Error error(ErrorCode::busy, quoted(directory) + " is being made by " + holder);
  error.at("lock the directory").on(directory);
  error.advise("Wait for it, or end it, and try again.");
  return error;
}

/// `opened` is the directory, to know it by.
VENV_INLINE void DirectoryLock::acquire(Handle opened, const fs::path& directory,
                                        const LockWait& wait) {
  tried_ = true;
  const FileStatus status = status_of_open(opened, directory);
  opened.close();
  const fs::path file = lock_file_of(directory);
  if (file.empty()) return; // the root of a disk
  const auto end = std::chrono::steady_clock::now() + wait.limit;
  int refused = 0;
  for (bool told = false; !(handle_ = try_lock(file));) {
    const DWORD reason = ::GetLastError();
    // It is also refused for a moment while one that was given free goes.
    const bool is_held = reason == ERROR_SHARING_VIOLATION;
    if (!is_held && (reason != ERROR_ACCESS_DENIED || ++refused > 20)) return; // no locks here
    if (held_locks().holder_of(status) == std::this_thread::get_id())
      throw busy_error(directory, "this very thread");
    if (is_held && !std::exchange(told, true) && wait.on_wait)
      wait.on_wait(name_of_holder(file, status));
    wait.stop.throw_if_made();
    if (is_held && std::chrono::steady_clock::now() >= end)
      throw busy_error(directory, name_of_holder(file, status));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  held_locks().add(handle_.get(), status);
  const std::string process = std::to_string(::GetCurrentProcessId());
  DWORD written = 0;
  ::WriteFile(handle_of(handle_), process.data(), static_cast<DWORD>(process.size()), &written,
              nullptr);
}

VENV_INLINE DirectoryLock::DirectoryLock(const fs::path& directory, const LockWait& wait) {
  Handle opened = open_existing(directory, FILE_READ_ATTRIBUTES, 0);
  const DWORD reason = ::GetLastError();
  if (opened) acquire(std::move(opened), directory, wait);
  else if (reason == ERROR_ACCESS_DENIED) tried_ = true; // may be entered, not read
  else if (!means_missing(reason))                       // removed in between: see `holds`
    throw io_error("lock", directory, reason_of(reason));
}

VENV_INLINE DirectoryLock::DirectoryLock(const Folder& directory, const LockWait& wait)
    : DirectoryLock(directory.path(), wait) {}

VENV_INLINE DirectoryLock::DirectoryLock(const fs::path& directory, int seconds)
    : DirectoryLock(directory, LockWait{std::chrono::seconds(seconds), {}, {}}) {}

VENV_INLINE void DirectoryLock::release() noexcept {
  if (!handle_) return;
  held_locks().remove(handle_.get());
  handle_.close();
}

VENV_INLINE bool DirectoryLock::holds(const fs::path& directory) const {
  const FileStatus there = followed_status_of(directory);
  if (there.kind == FileKind::missing) return false;
  return handle_ ? held_locks().is_of(handle_.get(), there) : tried_;
}

VENV_DETAIL_END
#else
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

/// The directories that threads of this process have locked, as the system doesn't say which thread
/// holds a lock.
class HeldLocks {
public:
  void add(int fd, const struct stat& status) {
    const std::lock_guard<std::mutex> guard(mutex_);
    held_.push_back({fd, status.st_dev, status.st_ino, std::this_thread::get_id()});
  }
  void remove(int fd) {
    const std::lock_guard<std::mutex> guard(mutex_);
    const auto is_it = [fd](const Held& held) { return held.fd == fd; };
    held_.erase(std::remove_if(held_.begin(), held_.end(), is_it), held_.end());
  }
  /// The thread that holds it; none when no thread of this process does.
  std::thread::id holder_of(const struct stat& status) {
    const std::lock_guard<std::mutex> guard(mutex_);
    for (const Held& held : held_)
      if (held.device == status.st_dev && held.inode == status.st_ino) return held.thread;
    return {};
  }

private:
  struct Held {
    int fd;
    dev_t device;
    ino_t inode;
    std::thread::id thread;
  };
  std::mutex mutex_{};
  std::vector<Held> held_{};
};

VENV_INLINE HeldLocks& held_locks() {
  static HeldLocks locks;
  return locks;
}

/// The process that the kernel's table of locks names for the file; 0 when it names none, as for
/// one of another namespace.
VENV_INLINE long locking_process(const struct stat& status) {
  try {
    const std::string table = read_file("/proc/locks"); // Linux's; elsewhere none
    const std::string inode = ':' + std::to_string(status.st_ino);
    for (const std::string_view line : split(table, '\n')) {
      std::vector<std::string_view> words = split(line, ' ');
      words.erase(std::remove(words.begin(), words.end(), std::string_view()), words.end());
      // "1: FLOCK ADVISORY WRITE 123 08:02:456 0 EOF"
      if (words.size() < 6 || words[1] != "FLOCK" || words[5].size() <= inode.size()) continue;
      if (words[5].substr(words[5].size() - inode.size()) != inode) continue;
      if (const long process = std::strtol(std::string(words[4]).c_str(), nullptr, 10); process > 0)
        return process;
    }
  } catch (const Error&) {
    // Then nobody knows.
  }
  return 0;
}

VENV_INLINE std::string name_of_holder(const struct stat& status) {
  if (held_locks().holder_of(status) != std::thread::id()) return "another thread of this process";
  const long process = locking_process(status);
  return process ? "process " + std::to_string(process) : "another process";
}

VENV_INLINE Error busy_error(const fs::path& directory, const std::string& holder) {
  Error error(ErrorCode::busy, quoted(directory) + " is being made by " + holder);
  error.at("lock the directory").on(directory);
  error.advise("Wait for it, or end it, and try again.");
  return error;
}

VENV_INLINE void DirectoryLock::acquire(Handle opened, const fs::path& directory,
                                        const LockWait& wait) {
  tried_ = true;
  struct stat status{};
  if (!get_status(opened, status)) throw io_error("look at", directory, last_error());
  const auto end = std::chrono::steady_clock::now() + wait.limit;
  for (bool told = false; ::flock(fd_of(opened), LOCK_EX | LOCK_NB) != 0;) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return; // no locks here (NFS, say)
    if (held_locks().holder_of(status) == std::this_thread::get_id())
      throw busy_error(directory, "this very thread");
    if (!std::exchange(told, true) && wait.on_wait) wait.on_wait(name_of_holder(status));
    wait.stop.throw_if_made();
    if (std::chrono::steady_clock::now() >= end)
      throw busy_error(directory, name_of_holder(status));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  held_locks().add(fd_of(opened), status);
  handle_ = std::move(opened);
}

VENV_INLINE DirectoryLock::DirectoryLock(const fs::path& directory, const LockWait& wait) {
  Handle own = opened(directory, O_RDONLY | O_DIRECTORY);
  const std::error_code failed = last_error();
  if (own) acquire(std::move(own), directory, wait);
  else if (failed == std::errc::permission_denied) tried_ = true; // may be entered, not read
  else if (failed != std::errc::no_such_file_or_directory && failed != std::errc::not_a_directory)
    throw io_error("lock", directory, failed); // removed in between: see `holds`
}

VENV_INLINE DirectoryLock::DirectoryLock(const Folder& directory, const LockWait& wait) {
  // Its own open file: a lock belongs to that.
  Handle own = opened_at(fd_of(directory.handle()), ".", O_RDONLY | O_DIRECTORY);
  if (!own) throw io_error("lock", directory.path(), last_error());
  acquire(std::move(own), directory.path(), wait);
}

VENV_INLINE DirectoryLock::DirectoryLock(const fs::path& directory, int seconds)
    : DirectoryLock(directory, LockWait{std::chrono::seconds(seconds), {}, {}}) {}

VENV_INLINE void DirectoryLock::release() noexcept {
  if (!handle_) return;
  held_locks().remove(fd_of(handle_));
  handle_.close();
}

VENV_INLINE bool DirectoryLock::holds(const fs::path& directory) const {
  struct stat mine{}, there{};
  if (!get_status_at(AT_FDCWD, directory, 0, there)) return false;
  if (!handle_) return tried_;
  return get_status(handle_, mine) && mine.st_ino == there.st_ino && mine.st_dev == there.st_dev;
}

VENV_DETAIL_END
#endif

// ---- src/system/trust.hpp -----------------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of trust.posix.hpp and trust.windows.hpp: what nobody else can have written. None of
// them throws: what can't be found out is not trusted.

/// Whether a directory belongs to the effective user, and nobody but that user and root can write it
/// nor replace it, one above it or a link on the way.
bool is_private_directory(const fs::path& path);

/// Makes `directory` (mode 0700; an absolute path), and those above it, when missing and when only
/// the effective user and root can replace them; whether it then is private.
bool make_private_directory(const fs::path& directory);

VENV_DETAIL_END

#if defined(_WIN32)
#include <aclapi.h>

VENV_DETAIL_BEGIN

/// The users and groups that are trusted here as root is elsewhere, and the one that this runs for.
class TrustedOwners {
public:
  TrustedOwners() {
    HANDLE token = nullptr;
    if (::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &token) != 0) {
      const Handle opened = handle_from(token);
      DWORD size = 0;
      ::GetTokenInformation(token, TokenUser, nullptr, 0, &size);
      user_.resize(size);
      if (::GetTokenInformation(token, TokenUser, user_.data(), size, &size) == 0) user_.clear();
    }
    const WELL_KNOWN_SID_TYPE types[] = {WinLocalSystemSid, WinBuiltinAdministratorsSid,
                                         WinCreatorOwnerSid, WinCreatorOwnerRightsSid};
    for (std::size_t i = 0; i < system_.size(); ++i) {
      DWORD size = SECURITY_MAX_SID_SIZE;
      ::CreateWellKnownSid(types[i], nullptr, system_[i].data(), &size);
    }
  }
  /// The user whom this process runs for.
  bool is_user(PSID sid) const {
    return !user_.empty() &&
           ::EqualSid(sid, reinterpret_cast<const TOKEN_USER*>(user_.data())->User.Sid) != 0;
  }
  bool includes(PSID sid) {
    for (auto& known : system_)
      if (::EqualSid(sid, known.data()) != 0) return true;
    return is_user(sid) || is_installer(sid);
  }

private:
  /// NT SERVICE\TrustedInstaller, to which Windows' own directories belong.
  static bool is_installer(PSID sid) {
    constexpr DWORD parts[] = {80, 956008885, 3418522649, 1831038044, 1853292631, 2271478464};
    if (*::GetSidSubAuthorityCount(sid) != 6) return false;
    for (DWORD i = 0; i < 6; ++i)
      if (*::GetSidSubAuthority(sid, i) != parts[i]) return false;
    return true;
  }
  std::vector<unsigned char> user_{};
  std::array<std::array<unsigned char, SECURITY_MAX_SID_SIZE>, 4> system_{};
};

/// By which rights what lies in a directory, or it itself, can be replaced; and by which it is written.
inline constexpr DWORD rights_to_replace =
    DELETE | WRITE_DAC | WRITE_OWNER | GENERIC_ALL | FILE_DELETE_CHILD;
inline constexpr DWORD rights_to_write =
    rights_to_replace | GENERIC_WRITE | FILE_WRITE_DATA | FILE_APPEND_DATA;

/// Whether an open file or directory belongs to somebody who is trusted (`own`: to this user, or to
/// those who administer the machine when this user does), and nobody else has one of the `rights`.
VENV_INLINE bool is_closed_to_others(const Handle& file, DWORD rights, bool own) {
  PSID owner = nullptr;
  PACL list = nullptr;
  PSECURITY_DESCRIPTOR memory = nullptr;
  constexpr SECURITY_INFORMATION parts = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
  if (::GetSecurityInfo(handle_of(file), SE_FILE_OBJECT, parts, &owner, nullptr, &list, nullptr,
                        &memory) != ERROR_SUCCESS)
    return false;
  TrustedOwners trusted;
  // What an administrator makes belongs to the administrators.
  bool closed =
      list && owner && trusted.includes(owner) &&
      (!own || trusted.is_user(owner) || ::IsWellKnownSid(owner, WinBuiltinAdministratorsSid) != 0);
  for (DWORD i = 0; closed && i < list->AceCount; ++i) {
    void* entry = nullptr;
    if (::GetAce(list, i, &entry) == 0) closed = false;
    const auto* const header = static_cast<const ACE_HEADER*>(entry);
    if (!closed || (header->AceFlags & INHERIT_ONLY_ACE) != 0) continue;
    if (header->AceType == ACCESS_DENIED_ACE_TYPE) continue;
    auto* const allowed = static_cast<ACCESS_ALLOWED_ACE*>(entry);
    closed = header->AceType == ACCESS_ALLOWED_ACE_TYPE &&
             ((allowed->Mask & rights) == 0 || trusted.includes(&allowed->SidStart));
  }
  ::LocalFree(memory);
  return closed;
}

/// Whether an open file belongs to this user and nobody else can write it.
VENV_INLINE bool is_private_file(const Handle& file) {
  return is_closed_to_others(file, rights_to_write, true);
}

/// Whether nobody else can put another directory in the place of `directory` (without links) or of
/// one above it.
VENV_INLINE bool is_out_of_reach(const fs::path& directory) {
  for (fs::path above = directory;; above = above.parent_path()) {
    const Handle opened =
        open_existing(above, READ_CONTROL | FILE_READ_ATTRIBUTES, FILE_FLAG_OPEN_REPARSE_POINT);
    if (!opened || !is_closed_to_others(opened, rights_to_replace, false)) return false;
    if (above == above.parent_path()) return true;
  }
}

VENV_INLINE bool is_private_directory(const fs::path& path) {
  try {
    const auto real = resolved(path);
    if (!real) return false;
    const Handle opened =
        open_existing(*real, READ_CONTROL | FILE_READ_ATTRIBUTES, FILE_FLAG_OPEN_REPARSE_POINT);
    return opened && status_of_open(opened, *real).kind == FileKind::directory &&
           is_private_file(opened) && is_out_of_reach(*real) && is_out_of_reach(path.parent_path());
  } catch (const std::exception&) {
    return false;
  }
}

/// Makes the missing directories, but not where somebody else rules. Their list of rights is that of
/// the one above.
VENV_INLINE void make_private_directories(const fs::path& directory) {
  if (followed_status_of(directory).kind != FileKind::missing || !directory.has_relative_path())
    return;
  make_private_directories(directory.parent_path());
  const auto real = resolved(directory.parent_path());
  if (real && is_out_of_reach(*real)) ::CreateDirectoryW(native_of(directory).c_str(), nullptr);
}

VENV_INLINE bool make_private_directory(const fs::path& directory) {
  try {
    make_private_directories(directory);
  } catch (const std::exception&) {
    return false;
  }
  return is_private_directory(directory);
}

VENV_DETAIL_END
#else
#include <sys/stat.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

/// Whether only the effective user and root can replace what lies in `dir`, a path without links. In
/// a directory with the sticky bit others can't replace what isn't theirs.
VENV_INLINE bool is_out_of_reach(fs::path dir) {
  for (;; dir = dir.parent_path()) {
    const FileStatus status = status_of(dir);
    const bool ours = status.owner == ::geteuid() || status.owner == 0;
    const bool closed = (status.mode & 022) == 0 || (status.mode & 01000) != 0;
    if (status.kind != FileKind::directory || !ours || !closed) return false;
    if (dir == dir.root_path()) return true;
  }
}

/// Whether nobody but the effective user and root can change what `path` leads to, the links on the
/// way and what those lead through included. No more than `links` are followed, so that it ends
/// whatever changes meanwhile.
VENV_INLINE bool is_out_of_reach_through_links(const fs::path& path, int& links) {
  std::error_code failed;
  for (fs::path part = path; part.has_relative_path(); part = part.parent_path()) {
    const fs::path parent = fs::canonical(part.parent_path(), failed);
    if (failed || !is_out_of_reach(parent)) return false;
    const FileStatus status = status_of(part);
    if (status.kind != FileKind::link) continue;
    if ((status.owner != ::geteuid() && status.owner != 0) || links-- == 0) return false;
    const fs::path target = parent / fs::read_symlink(part, failed);
    if (failed || !is_out_of_reach_through_links(target, links)) return false;
  }
  return true;
}

VENV_INLINE bool is_private_directory(const fs::path& path) {
  std::error_code failed;
  const fs::path real = fs::canonical(path, failed);
  const FileStatus status = status_of(real);
  if (failed || status.owner != ::geteuid() || (status.mode & 022) != 0) return false;
  int links = 40; // as many as Linux follows
  return is_out_of_reach(real) && (real == path || is_out_of_reach_through_links(path, links));
}

/// Makes the missing directories, but not where somebody else rules.
VENV_INLINE void make_private_directories(const fs::path& directory) {
  if (followed_status_of(directory).kind != FileKind::missing || !directory.has_relative_path())
    return;
  make_private_directories(directory.parent_path());
  std::error_code failed;
  if (is_out_of_reach(fs::canonical(directory.parent_path(), failed)) && !failed)
    ::mkdir(directory.c_str(), 0700);
}

VENV_INLINE bool make_private_directory(const fs::path& directory) {
  make_private_directories(directory);
  return is_private_directory(directory);
}

VENV_DETAIL_END
#endif

// ---- src/system/mapped_file.hpp -----------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of mapped_file.posix.hpp and mapped_file.windows.hpp. Errors as in file.hpp.

/// Whose a file has to be.
enum class Trust {
  any,     ///< a regular file, links followed
  private_ ///< also: no link, belongs to the effective user, and nobody else can write it
};

/// A file that is read in pieces, at any place, by several threads at once. Its bytes are never
/// mapped: to look at mapped bytes of a file that has become shorter ends the process (SIGBUS), and
/// any file can be cut by who may write it. A piece that is read into a buffer that was used before
/// costs no more than the same bytes touched in a mapping.
class SourceFile {
public:
  explicit SourceFile(const fs::path& path, Trust trust = Trust::any);
  const fs::path& path() const { return path_; }
  /// How large it was when it was opened.
  std::uint64_t size() const { return status_.size; }
  const FileStatus& status() const { return status_; }
  /// Fills `buffer` with `size` bytes from `offset` on; throws when the file ends before.
  void read_at(std::uint64_t offset, char* buffer, std::size_t size) const;
  /// The same into a string, whose memory is used again.
  std::string_view read_at(std::uint64_t offset, std::size_t size, std::string& buffer) const;

private:
  fs::path path_;
  Handle file_{};
  FileStatus status_{};
};

/// All bytes of a file, in memory for as long as this lives. What happens to the file afterwards
/// doesn't change them.
class MappedFile {
public:
  explicit MappedFile(const fs::path& path, Trust trust = Trust::any);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  std::string_view bytes() const { return bytes_; }

private:
  std::string_view bytes_{};
};

VENV_DETAIL_END

#if defined(_WIN32)
VENV_DETAIL_BEGIN

VENV_INLINE SourceFile::SourceFile(const fs::path& path, Trust trust) : path_(path) {
  const DWORD follow = trust == Trust::private_ ? FILE_FLAG_OPEN_REPARSE_POINT : 0;
  file_ = open_existing(path, GENERIC_READ, follow);
  if (!file_) throw failed("open", path);
  status_ = status_of_open(file_, path);
  if (status_.kind != FileKind::file || (trust == Trust::private_ && !is_private_file(file_)))
    throw io_error("trust", path, std::make_error_code(std::errc::operation_not_permitted));
}

VENV_INLINE void SourceFile::read_at(std::uint64_t offset, char* buffer, std::size_t size) const {
  while (size > 0) {
    OVERLAPPED at{};
    at.Offset = static_cast<DWORD>(offset & 0xFFFFFFFFu);
    at.OffsetHigh = static_cast<DWORD>(offset >> 32);
    DWORD got = 0;
    const auto wanted = static_cast<DWORD>((std::min)(size, std::size_t{1} << 30));
    const bool read = ::ReadFile(handle_of(file_), buffer, wanted, &got, &at) != 0;
    if (!read && ::GetLastError() != ERROR_HANDLE_EOF) throw failed("read", path_);
    if (got == 0)
      throw Error(ErrorCode::io, "cannot read " + quoted(path_) + ": it has become shorter")
          .at("read")
          .on(path_);
    buffer += got;
    offset += got;
    size -= got;
  }
}

VENV_INLINE std::string_view SourceFile::read_at(std::uint64_t offset, std::size_t size,
                                                 std::string& buffer) const {
  if (buffer.size() < size) buffer.resize(size);
  read_at(offset, buffer.data(), size);
  return std::string_view(buffer).substr(0, size);
}

VENV_INLINE MappedFile::MappedFile(const fs::path& path, Trust trust) {
  const SourceFile file(path, trust);
  const auto size = static_cast<std::size_t>(file.size());
  if (size == 0) return;
  void* memory = ::VirtualAlloc(nullptr, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
  if (!memory) throw failed("read", path);
  bytes_ = {static_cast<const char*>(memory), size};
  try {
    file.read_at(0, static_cast<char*>(memory), size);
  } catch (...) {
    ::VirtualFree(memory, 0, MEM_RELEASE);
    throw;
  }
}

VENV_INLINE MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::VirtualFree(const_cast<char*>(bytes_.data()), 0, MEM_RELEASE);
}

VENV_DETAIL_END
#else
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE SourceFile::SourceFile(const fs::path& path, Trust trust) : path_(path) {
  const int follow = trust == Trust::private_ ? O_NOFOLLOW : 0;
  file_ = opened(path, O_RDONLY | O_NONBLOCK | follow);
  struct stat status{};
  if (!file_ || !get_status(file_, status)) throw io_error("open", path, last_error());
  status_ = to_status(status);
  const bool ours = status_.owner == ::geteuid() && (status_.mode & 022) == 0;
  if (status_.kind != FileKind::file || (trust == Trust::private_ && !ours))
    throw io_error("trust", path, std::make_error_code(std::errc::operation_not_permitted));
}

VENV_INLINE void SourceFile::read_at(std::uint64_t offset, char* buffer, std::size_t size) const {
  while (size > 0) {
    const ssize_t got = ::pread(fd_of(file_), buffer, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw io_error("read", path_, last_error());
    if (got == 0)
      throw Error(ErrorCode::io, "cannot read " + quoted(path_) + ": it has become shorter")
          .at("read")
          .on(path_);
    buffer += got;
    offset += static_cast<std::uint64_t>(got);
    size -= static_cast<std::size_t>(got);
  }
}

VENV_INLINE std::string_view SourceFile::read_at(std::uint64_t offset, std::size_t size,
                                                 std::string& buffer) const {
  if (buffer.size() < size) buffer.resize(size);
  read_at(offset, buffer.data(), size);
  return std::string_view(buffer).substr(0, size);
}

VENV_INLINE MappedFile::MappedFile(const fs::path& path, Trust trust) {
  const SourceFile file(path, trust);
  const auto size = number_as<std::size_t>(file.size());
  if (size == 0) return;
  constexpr int flags = MAP_PRIVATE | MAP_ANONYMOUS;
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (memory == MAP_FAILED) throw io_error("read", path, last_error());
  bytes_ = {static_cast<const char*>(memory), size};
#if defined(MADV_HUGEPAGE)
  ::madvise(memory, size, MADV_HUGEPAGE); // a page fault each 2 MiB instead of each 4 KiB
#endif
  try {
    file.read_at(0, static_cast<char*>(memory), size);
  } catch (...) {
    ::munmap(memory, size);
    throw;
  }
}

VENV_INLINE MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

VENV_DETAIL_END
#endif

// ---- src/system/registry.hpp --------------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of registry.posix.hpp and registry.windows.hpp: what programs note of themselves with
// Windows. Elsewhere there is nothing. A key is spelled with `\`.

/// Where a key is looked for: the user's own, the machine's, and the machine's for programs of 32 bits.
enum class RegistryRoot { user, machine, machine_32 };

/// The names of the keys below a key, in the system's order; none when it is missing.
std::vector<std::string> registry_keys(RegistryRoot root, const std::string& key);
/// A value that is text, with the variables in it put in where it is one that has them (`%NAME%`);
/// nothing when there is none. An empty name is the key's own value.
std::optional<std::string> registry_text(RegistryRoot root, const std::string& key,
                                         const std::string& name);

VENV_DETAIL_END

#if defined(_WIN32)
VENV_DETAIL_BEGIN

/// An open key, closed at the end.
class RegistryKey {
public:
  RegistryKey(RegistryRoot root, const std::string& key) {
    const HKEY top = root == RegistryRoot::user ? HKEY_CURRENT_USER : HKEY_LOCAL_MACHINE;
    const REGSAM view = root == RegistryRoot::machine_32 ? KEY_WOW64_32KEY : KEY_WOW64_64KEY;
    if (::RegOpenKeyExW(top, wide_of(key).c_str(), 0, KEY_READ | view, &key_) != ERROR_SUCCESS)
      key_ = nullptr;
  }
  ~RegistryKey() {
    if (key_) ::RegCloseKey(key_);
  }
  RegistryKey(const RegistryKey&) = delete;
  RegistryKey& operator=(const RegistryKey&) = delete;
  HKEY get() const { return key_; }

private:
  HKEY key_ = nullptr;
};

VENV_INLINE std::vector<std::string> registry_keys(RegistryRoot root, const std::string& key) {
  std::vector<std::string> names;
  const RegistryKey opened(root, key);
  for (DWORD i = 0; opened.get(); ++i) {
    std::wstring name(256, L'\0'); // none is longer
    DWORD size = static_cast<DWORD>(name.size());
    if (::RegEnumKeyExW(opened.get(), i, name.data(), &size, nullptr, nullptr, nullptr, nullptr) !=
        ERROR_SUCCESS)
      break;
    names.push_back(utf8_of(name.substr(0, size)));
  }
  return names;
}

VENV_INLINE std::optional<std::string> registry_text(RegistryRoot root, const std::string& key,
                                                     const std::string& name) {
  const RegistryKey opened(root, key);
  if (!opened.get()) return std::nullopt;
  const std::wstring value = wide_of(name);
  constexpr DWORD kinds = RRF_RT_REG_SZ; // a text with variables comes with them put in
  std::wstring text(256, L'\0');
  for (int tries = 0; tries < 4; ++tries) {
    auto size = static_cast<DWORD>(text.size() * sizeof(wchar_t));
    const LSTATUS failed =
        ::RegGetValueW(opened.get(), nullptr, value.c_str(), kinds, nullptr, text.data(), &size);
    if (failed == ERROR_SUCCESS) return utf8_of(text.substr(0, text.find(L'\0')));
    if (failed != ERROR_MORE_DATA) break;
    text.resize(size / sizeof(wchar_t) + 1);
  }
  return std::nullopt;
}

VENV_DETAIL_END
#else
VENV_DETAIL_BEGIN

VENV_INLINE std::vector<std::string> registry_keys(RegistryRoot, const std::string&) { return {}; }

VENV_INLINE std::optional<std::string> registry_text(RegistryRoot, const std::string&,
                                                     const std::string&) {
  return std::nullopt;
}

VENV_DETAIL_END
#endif

// ---- src/system/variables.hpp -------------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of variables.posix.hpp and variables.windows.hpp: what this process was given. Values
// are UTF-8 on Windows, the bytes that they are elsewhere.

/// The value of an environment variable, nothing when it is unset or empty.
std::optional<std::string> variable(const char* name);
/// The same, nothing only when it is unset.
std::optional<std::string> set_variable(const char* name);

/// The folders in which programs are looked for, as one text: `PATH`; what the system searches when
/// that is not set at all (`env -i`), as a shell does. An empty one stays empty.
std::string search_path();
/// What the system searches when `PATH` is not set.
std::string default_search_path();

/// All variables, in the order in which the system has them.
std::vector<std::pair<std::string, std::string>> all_variables();

/// The home directory that the system's list of accounts has for the effective user, whatever the
/// environment says; empty when it has none.
fs::path account_home();

VENV_DETAIL_END

#if defined(_WIN32)
#include <sddl.h>

VENV_DETAIL_BEGIN

VENV_INLINE std::optional<std::string> set_variable(const char* name) {
  const std::wstring wide = wide_of(name);
  ::SetLastError(ERROR_SUCCESS);
  const std::wstring value = text_filled_by([&wide](wchar_t* buffer, DWORD size) {
    return ::GetEnvironmentVariableW(wide.c_str(), buffer, size);
  });
  if (value.empty() && ::GetLastError() == ERROR_ENVVAR_NOT_FOUND) return std::nullopt;
  return utf8_of(value);
}

VENV_INLINE std::optional<std::string> variable(const char* name) {
  std::optional<std::string> value = set_variable(name);
  return value && !value->empty() ? value : std::nullopt;
}

VENV_INLINE std::string default_search_path() {
  return utf8_of(text_filled_by(
      [](wchar_t* buffer, DWORD size) { return ::GetSystemDirectoryW(buffer, size); }));
}

VENV_INLINE std::string search_path() {
  if (auto path = set_variable("PATH")) return *path;
  return default_search_path();
}

VENV_INLINE std::vector<std::pair<std::string, std::string>> all_variables() {
  std::vector<std::pair<std::string, std::string>> variables;
  wchar_t* const block = ::GetEnvironmentStringsW();
  for (const wchar_t* line = block; line && *line; line += std::wstring_view(line).size() + 1) {
    const std::string text = utf8_of(line);
    const std::size_t equals = text.find('=', 1); // "=C:=C:\folder": no variable
    if (text.front() == '=' || equals == text.npos) continue;
    variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  ::FreeEnvironmentStringsW(block);
  return variables;
}

/// By the system's list of profiles, which has them by the user's number.
VENV_INLINE fs::path account_home() {
  HANDLE token = nullptr;
  if (::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &token) == 0) return {};
  DWORD size = 0;
  ::GetTokenInformation(token, TokenUser, nullptr, 0, &size);
  std::vector<unsigned char> bytes(size);
  wchar_t* number = nullptr;
  const bool known = ::GetTokenInformation(token, TokenUser, bytes.data(), size, &size) != 0 &&
                     ::ConvertSidToStringSidW(
                         reinterpret_cast<const TOKEN_USER*>(bytes.data())->User.Sid, &number) != 0;
  ::CloseHandle(token);
  if (!known) return {};
  const std::string key =
      R"(SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList\)" + utf8_of(number);
  ::LocalFree(number);
  return path_of(registry_text(RegistryRoot::machine, key, "ProfileImagePath").value_or(""));
}

VENV_DETAIL_END
#else
#include <unistd.h>

extern char** environ;

VENV_DETAIL_BEGIN

VENV_INLINE std::optional<std::string> set_variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? std::optional<std::string>(value) : std::nullopt;
}

VENV_INLINE std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value && *value ? std::optional<std::string>(value) : std::nullopt;
}

VENV_INLINE std::string default_search_path() {
  std::string path(::confstr(_CS_PATH, nullptr, 0), '\0');
  if (path.empty()) return "/bin:/usr/bin";
  ::confstr(_CS_PATH, path.data(), path.size());
  path.resize(path.size() - 1); // its end is counted
  return path;
}

VENV_INLINE std::string search_path() {
  if (auto path = set_variable("PATH")) return *path;
  return default_search_path();
}

VENV_INLINE std::vector<std::pair<std::string, std::string>> all_variables() {
  std::vector<std::pair<std::string, std::string>> variables;
  for (char** line = environ; line && *line; ++line) {
    const std::string_view text = *line;
    const std::size_t equals = text.find('=');
    if (equals == text.npos) continue; // no variable
    variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

VENV_INLINE fs::path account_home() {
  // Not by getpwuid(): in a static program it loads the shared libraries of another libc.
  const std::string user = std::to_string(::geteuid());
  try {
    const std::string accounts = read_file("/etc/passwd");
    for (const std::string_view line : split(accounts, '\n')) {
      const auto fields = split(line, ':');
      if (fields.size() == 7 && fields[2] == user) return path_of(fields[5]);
    }
  } catch (const Error&) {
    // Without the list there is none.
  }
  return {};
}

VENV_DETAIL_END
#endif

// ---- src/system/own_arguments.hpp ---------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of own_arguments.posix.hpp and own_arguments.windows.hpp.

/// What `main` was given, in UTF-8 on Windows, where it gets what is left of the command line in an
/// older encoding; the bytes themselves elsewhere.
std::vector<std::string> own_arguments(int argc, const char* const* argv);

VENV_DETAIL_END

#if defined(_WIN32)
#include <shellapi.h>
#if defined(_MSC_VER)
#pragma comment(lib, "shell32")
#endif

VENV_DETAIL_BEGIN

VENV_INLINE std::wstring wide_of_older(std::string_view text) {
  const int size = static_cast<int>(text.size());
  const int length = ::MultiByteToWideChar(CP_ACP, 0, text.data(), size, nullptr, 0);
  std::wstring wide(static_cast<std::size_t>(length), L'\0');
  ::MultiByteToWideChar(CP_ACP, 0, text.data(), size, wide.data(), length);
  return wide;
}

/// `wide` as `main` gets it: other letters for those that the older encoding has not.
VENV_INLINE std::string older_of(const std::wstring& wide) {
  const int size = static_cast<int>(wide.size());
  const int length =
      ::WideCharToMultiByte(CP_ACP, 0, wide.data(), size, nullptr, 0, nullptr, nullptr);
  std::string text(static_cast<std::size_t>(length), '\0');
  ::WideCharToMultiByte(CP_ACP, 0, wide.data(), size, text.data(), length, nullptr, nullptr);
  return text;
}

/// The process's own command line when it is that which the caller has.
VENV_INLINE std::vector<std::string> own_arguments(int argc, const char* const* argv) {
  int count = 0;
  wchar_t** const words = ::CommandLineToArgvW(::GetCommandLineW(), &count);
  std::vector<std::string> arguments;
  bool is_own = words && count == argc;
  for (int i = 0; i < argc; ++i) {
    const std::wstring older = wide_of_older(argv[i]);
    const std::wstring wide = is_own ? std::wstring(words[i]) : older;
    is_own = is_own && (i == 0 || older_of(wide) == argv[i]);
    arguments.push_back(utf8_of(is_own ? wide : older));
  }
  ::LocalFree(words);
  return arguments;
}

VENV_DETAIL_END
#else
VENV_DETAIL_BEGIN

VENV_INLINE std::vector<std::string> own_arguments(int argc, const char* const* argv) {
  return {argv, argv + argc};
}

VENV_DETAIL_END
#endif

// ---- src/system/workers.hpp ---------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// How many workers are worth having: the processors that this process may use, at least 1.
VENV_INLINE std::size_t processors() {
  if (const std::size_t allowed = allowed_processors(); allowed != 0) return allowed;
  return (std::max<std::size_t>)(1, std::thread::hardware_concurrency());
}

/// How many children of this process are worth having at a time: the machine, or the user, may not
/// have room for more.
VENV_INLINE std::size_t child_workers() { return (std::min<std::size_t>)(processors(), 8); }

/// Calls `work` for 0 to `count - 1`, each once, from this thread and up to `workers - 1` others;
/// from this one alone where no thread can be started. The first exception is thrown again here,
/// once all have stopped. While the others are waited for, `stop` goes on being asked, which can be
/// done on this thread alone; it is `work` that heeds it.
VENV_INLINE void in_parallel(std::size_t count, std::size_t workers,
                             FunctionRef<void(std::size_t)> work, const StopRequest& stop = {}) {
  std::atomic<std::size_t> next{0}, working{0};
  std::exception_ptr failure;
  std::mutex mutex;
  std::condition_variable ended;
  const auto guarded = [&](FunctionRef<void()> part) {
    try {
      part();
    } catch (...) {
      next = count;
      const std::lock_guard<std::mutex> lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  const auto run = [&] {
    guarded([&] {
      for (std::size_t i; (i = next++) < count;) work(i);
    });
  };
  const auto run_beside = [&] {
    run();
    const std::lock_guard<std::mutex> lock(mutex);
    --working;
    ended.notify_one();
  };
  std::vector<std::thread> threads;
  try {
    for (std::size_t i = 1; i < (std::min)(workers, count); ++i) {
      ++working;
      threads.emplace_back(run_beside);
    }
  } catch (const std::system_error&) {
    --working; // fewer hands, the same work
  }
  run();
  std::unique_lock<std::mutex> lock(mutex);
  while (!ended.wait_for(lock, std::chrono::milliseconds(50), [&] { return working == 0; })) {
    lock.unlock();
    guarded([&] { (void)stop.is_made(); });
    lock.lock();
  }
  lock.unlock();
  for (std::thread& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
}

VENV_DETAIL_END

// ---- src/system/command.hpp ---------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Changes to a child's environment: a value, or nothing to take the variable out.
using Changes = std::vector<std::pair<std::string, std::optional<std::string>>>;

/// A child's output beyond this is not waited for, where nobody asked for all of it, in bytes.
inline constexpr std::uint64_t most_output = std::uint64_t{16} << 20;

/// What is to be run, and how.
struct Command {
  fs::path program{};
  std::vector<std::string> arguments{}; ///< without the program's own name
  Changes environment{};
  fs::path cwd{}; ///< this process's own when empty
  /// After this the child is asked to end; 0: never.
  std::chrono::milliseconds timeout{0};
  /// A child that has printed something by then, or works, has until this is over; 0: no longer.
  std::chrono::milliseconds busy_timeout{0};
  RunInput input = RunInput::empty;
  std::string input_text{};       ///< with `RunInput::text`
  std::vector<int> descriptors{}; ///< of this process, under the same numbers in the child
  std::uint64_t output_limit = most_output; ///< a child that prints more is ended; 0: none is
  /// How long a child that was asked to end has until it is killed with all that it started.
  std::chrono::milliseconds grace{1000};
  /// How long it is tried to start it, when the system has no room for another process.
  std::chrono::milliseconds patience{std::chrono::seconds(10)};
  StopRequest stop{}; ///< when made, the child is asked to end
};

/// How a child came to its end.
struct ExitStatus {
  int code = 0;                  ///< what it exited with; 128 + the signal that ended it
  int signal = 0;                ///< the signal that ended it, else 0
  bool is_known = true;          ///< false, and `code` is 255, when the system lost its status
  bool timed_out = false;        ///< it was ended after `timeout` or `busy_timeout`
  bool was_busy = false;         ///< with `timed_out`: after `busy_timeout`
  bool cancelled = false;        ///< it was ended because of `stop`
  bool printed_too_much = false; ///< it was ended because of `output_limit`
  bool succeeded() const {
    return is_known && code == 0 && !timed_out && !cancelled && !printed_too_much;
  }
};

VENV_DETAIL_END

// ---- src/system/pipe.hpp ------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// This process's ends of a child's pipes, and what tells of its end (-1: nothing does).
struct ChildEnds {
  const Handle* out;
  const Handle* err;
  const Handle* in;
  std::intptr_t end;
};

/// Which of them something can be done with.
struct Readiness {
  bool out = false, err = false, in = false;
};

/// Two ends of a pipe; what is written to one is read from the other.
struct Pipe {
  Handle read{}, write{};
};

// The contract of pipe.posix.hpp and pipe.windows.hpp. Functions throw Error (`io`).

/// A pipe that children don't inherit, its numbers not those of the standard files.
Pipe make_pipe();
/// A file that has no bytes and takes none: the null device, or an empty pipe when there is no usable
/// one, as while an image is built.
Handle open_empty();
/// The same file as a process has for its standard input; empty when it is closed.
Handle own_input();

/// Has reading from and writing to the handle return at once.
void make_nonblocking(const Handle& handle);
/// Reads what is there into `buffer`: its size; 0 at the end; nothing when there is nothing now.
std::optional<std::size_t> read_now(const Handle& handle, char* buffer, std::size_t size);
/// Writes what there is room for and returns its size; nothing when nobody reads any more. No signal
/// comes of that.
std::optional<std::size_t> write_now(const Handle& handle, std::string_view bytes);
/// Waits until there is something to read or to write, the child has ended, or the time is over.
Readiness wait_until_ready(const ChildEnds& ends, int milliseconds);

VENV_DETAIL_END

#if defined(_WIN32)
VENV_DETAIL_BEGIN

inline constexpr DWORD pipe_size = 65536;

VENV_INLINE Pipe make_pipe() {
  HANDLE read = nullptr, write = nullptr;
  if (::CreatePipe(&read, &write, nullptr, pipe_size) == 0)
    throw io_error("make a pipe for", "a child process", last_error());
  Pipe pipe;
  pipe.read = handle_from(read);
  pipe.write = handle_from(write);
  return pipe;
}

VENV_INLINE Handle open_empty() {
  Handle null = handle_from(::CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE, share_all, nullptr,
                                          OPEN_EXISTING, 0, nullptr));
  return null ? std::move(null) : make_pipe().read; // its other end is closed
}

VENV_INLINE Handle own_input() {
  const HANDLE self = ::GetCurrentProcess(), input = ::GetStdHandle(STD_INPUT_HANDLE);
  HANDLE copy = nullptr;
  if (!input || input == INVALID_HANDLE_VALUE ||
      ::DuplicateHandle(self, input, self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS) == 0)
    return open_empty();
  return handle_from(copy);
}

/// Reading never waits anyway: it is asked first what is there.
VENV_INLINE void make_nonblocking(const Handle& handle) {
  DWORD mode = PIPE_READMODE_BYTE | PIPE_NOWAIT;
  ::SetNamedPipeHandleState(handle_of(handle), &mode, nullptr, nullptr);
}

VENV_INLINE std::optional<std::size_t> read_now(const Handle& handle, char* buffer,
                                                std::size_t size) {
  DWORD there = 0, got = 0;
  if (::PeekNamedPipe(handle_of(handle), nullptr, 0, nullptr, &there, nullptr) == 0)
    return 0; // nothing more will come
  if (there == 0) return std::nullopt;
  const auto wanted = static_cast<DWORD>((std::min)(size, std::size_t{there}));
  return ::ReadFile(handle_of(handle), buffer, wanted, &got, nullptr) != 0 ? got : std::size_t{0};
}

VENV_INLINE std::optional<std::size_t> write_now(const Handle& handle, std::string_view bytes) {
  // What there is no room for is written in part by some systems, not at all by others.
  for (std::size_t size = (std::min)(bytes.size(), std::size_t{pipe_size} / 2);; size /= 2) {
    DWORD written = 0;
    if (::WriteFile(handle_of(handle), bytes.data(), static_cast<DWORD>(size), &written, nullptr) ==
        0)
      return std::nullopt;
    if (written > 0 || size <= 1) return written;
  }
}

VENV_INLINE Readiness wait_until_ready(const ChildEnds& ends, int milliseconds) {
  const ULONGLONG end = ::GetTickCount64() + static_cast<ULONGLONG>(milliseconds);
  const auto has_news = [](const Handle* pipe) {
    DWORD there = 0;
    return *pipe && (::PeekNamedPipe(handle_of(*pipe), nullptr, 0, nullptr, &there, nullptr) == 0 ||
                     there > 0);
  };
  for (DWORD pause = 1;; pause = (std::min)(2 * pause, DWORD{8})) {
    const Readiness ready{has_news(ends.out), has_news(ends.err), static_cast<bool>(*ends.in)};
    if (ready.out || ready.err) return ready;
    // Pipes can't be waited for; the child's end can.
    const bool ended = ::WaitForSingleObject(handle_of(ends.end), pause) == WAIT_OBJECT_0;
    if (ended || ready.in || ::GetTickCount64() >= end) return ready;
  }
}

VENV_DETAIL_END
#else
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

/// The same file under a number above those that a child's own are put on.
VENV_INLINE Handle above_standard(int fd) {
  Handle low(fd);
  if (fd < 0 || fd > 2) return low;
  Handle high(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!high) throw io_error("make a pipe for", "a child process", last_error());
  return high;
}

VENV_INLINE Pipe make_pipe() {
  int ends[2];
#if defined(__APPLE__) // no pipe2: a fork elsewhere in between may inherit them
  const bool made = ::pipe(ends) == 0;
  for (const int end : ends)
    if (made) ::fcntl(end, F_SETFD, FD_CLOEXEC);
#else
  const bool made = ::pipe2(ends, O_CLOEXEC) == 0;
#endif
  if (!made) throw io_error("make a pipe for", "a child process", last_error());
  Handle read(ends[0]), write(ends[1]); // both closed, whatever fails
  Pipe pipe;
  pipe.read = above_standard(number_as<int>(read.release()));
  pipe.write = above_standard(number_as<int>(write.release()));
  return pipe;
}

VENV_INLINE Handle open_empty() {
  Handle null = above_standard(::open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  struct stat status{};
  if (null && ::fstat(fd_of(null), &status) == 0 && S_ISCHR(status.st_mode)) return null;
  return make_pipe().read; // its other end is closed
}

VENV_INLINE Handle own_input() {
  Handle own(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
  return own ? std::move(own) : open_empty();
}

VENV_INLINE void make_nonblocking(const Handle& handle) {
  const int flags = ::fcntl(fd_of(handle), F_GETFL);
  if (flags < 0 || ::fcntl(fd_of(handle), F_SETFL, flags | O_NONBLOCK) < 0)
    throw io_error("make a pipe for", "a child process", last_error());
}

VENV_INLINE std::optional<std::size_t> read_now(const Handle& handle, char* buffer,
                                                std::size_t size) {
  for (;;) {
    const ssize_t got = ::read(fd_of(handle), buffer, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::nullopt;
    if (errno != EINTR) return 0; // nothing more will come
  }
}

/// SIGPIPE, which writing to a pipe that nobody reads brings about, doesn't reach this thread.
class PipeSignalGuard {
public:
  PipeSignalGuard() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t waiting;
    sigemptyset(&waiting);
    ::sigpending(&waiting);
    was_waiting_ = sigismember(&waiting, SIGPIPE) == 1;
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~PipeSignalGuard() {
    if (!was_waiting_) take_signal();
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  PipeSignalGuard(const PipeSignalGuard&) = delete;
  PipeSignalGuard& operator=(const PipeSignalGuard&) = delete;

private:
  void take_signal() {
#if defined(__APPLE__) // no sigtimedwait
    sigset_t waiting;
    sigemptyset(&waiting);
    int signal = 0;
    if (::sigpending(&waiting) == 0 && sigismember(&waiting, SIGPIPE) == 1)
      ::sigwait(&pipe_, &signal);
#else
    const timespec now{};
    while (::sigtimedwait(&pipe_, nullptr, &now) < 0 && errno == EINTR) {
    }
#endif
  }
  sigset_t pipe_{}, before_{};
  bool was_waiting_ = false;
};

VENV_INLINE std::optional<std::size_t> write_now(const Handle& handle, std::string_view bytes) {
  const PipeSignalGuard guard;
  for (;;) {
    const ssize_t written = ::write(fd_of(handle), bytes.data(), bytes.size());
    if (written >= 0) return static_cast<std::size_t>(written);
    if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
    if (errno != EINTR) return std::nullopt;
  }
}

VENV_INLINE Readiness wait_until_ready(const ChildEnds& ends, int milliseconds) {
  std::array<pollfd, 4> polled{{{fd_of(*ends.out), POLLIN, 0},
                                {fd_of(*ends.err), POLLIN, 0},
                                {fd_of(*ends.in), POLLOUT, 0},
                                {number_as<int>(ends.end), POLLIN, 0}}};
  if (::poll(polled.data(), polled.size(), milliseconds) <= 0) return {};
  return {polled[0].revents != 0, polled[1].revents != 0, polled[2].revents != 0};
}

VENV_DETAIL_END
#endif

// ---- src/system/child_start.hpp -----------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of child_start.posix.hpp. There is no other: elsewhere a process is started by one
// call.

VENV_DETAIL_END

#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

VENV_DETAIL_BEGIN

/// What the processes between this one and a child tell it.
enum class ChildEvent : int {
  started,
  exited,
  signaled,
  lost,
  no_process,
  no_files,
  no_cwd,
  no_program
};

struct ChildNews {
  ChildEvent event;
  int value; ///< the process, the exit code, the signal, or the system's reason
};

/// All that a child is started by, prepared before: between its start and its program it may share
/// this process's memory, where only calls that are safe in a signal handler are allowed.
struct ChildPlan {
  const char* program = nullptr;
  char** arguments = nullptr;
  char** environment = nullptr;
  const char* cwd = nullptr; ///< null: this process's own
  int files[3] = {-1, -1, -1};
  int news = -1;    ///< what happens is written to
  int release = -1; ///< a byte, or its end, says that the child may be forgotten
  const int* descriptors = nullptr;
  std::size_t descriptor_count = 0;
};

/// False when it could not be told.
VENV_INLINE bool tell(int news, ChildEvent event, int value) {
  const ChildNews item{event, value};
  for (;;) {
    const ssize_t written = ::write(news, &item, sizeof item);
    if (written >= 0 || errno != EINTR) return written >= 0;
  }
}

[[noreturn]] VENV_INLINE void tell_and_exit(int news, ChildEvent event, int value) {
  tell(news, event, value);
  ::_exit(127);
}

/// Has every descriptor from `first` on closed by `execve`, or now.
VENV_INLINE void shut_descriptors(unsigned first, bool now) {
#if defined(__linux__) && defined(SYS_close_range)
  constexpr unsigned on_exec = 4; // CLOSE_RANGE_CLOEXEC
  if (::syscall(SYS_close_range, first, ~0u, now ? 0u : on_exec) == 0) return;
#endif
  rlimit limit{}; // an older kernel, or another system
  const bool known = ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536;
  const int end = known ? static_cast<int>(limit.rlim_cur) : 65536;
  for (int fd = static_cast<int>(first); fd < end; ++fd) {
    if (now) ::close(fd);
    else ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  }
}

/// Handlers of the host must not run in the child, nor does it ignore what would make its own calls
/// fail. What the user had ignored (nohup) stays so.
VENV_INLINE void reset_signals() {
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction action{};
    if (::sigaction(signal, nullptr, &action) != 0) continue;
    const bool ignored = (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_IGN;
    const bool harmful = signal == SIGPIPE || signal == SIGXFSZ || signal == SIGCHLD;
    if (ignored && !harmful) continue;
    if ((action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_DFL) continue;
    action = {};
    action.sa_handler = SIG_DFL;
    ::sigaction(signal, &action, nullptr);
  }
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Makes this process, a copy of `parent` or one that shares its memory, the program.
[[noreturn]] VENV_INLINE void become_program(const ChildPlan& plan, pid_t parent) {
  ::setpgid(0, 0);
#if defined(__linux__)
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);
#else
  (void)parent;
#endif
  for (int fd = 0; fd < 3; ++fd) {
    const bool put = plan.files[fd] == fd ? ::fcntl(fd, F_SETFD, 0) >= 0 || errno == EBADF
                                          : ::dup2(plan.files[fd], fd) >= 0;
    if (!put) tell_and_exit(plan.news, ChildEvent::no_files, errno);
  }
  shut_descriptors(3, false);
  for (std::size_t i = 0; i < plan.descriptor_count; ++i) ::fcntl(plan.descriptors[i], F_SETFD, 0);
  if (plan.cwd && ::chdir(plan.cwd) != 0) tell_and_exit(plan.news, ChildEvent::no_cwd, errno);
  reset_signals();
  ::execve(plan.program, plan.arguments, plan.environment);
  tell_and_exit(plan.news, ChildEvent::no_program, errno);
}

/// Starts a child of the calling process; -1 as `fork` does. The memory is shared until the program
/// is there, so that it costs the same whatever the size of the host.
VENV_INLINE pid_t start_process(const ChildPlan& plan) {
  const pid_t parent = ::getpid();
#if defined(__linux__)
  const pid_t child = ::vfork(); // NOLINT: posix_spawn can't do what is done before
#else
  const pid_t child = ::fork();
#endif
  if (child == 0) become_program(plan, parent);
  return child;
}

VENV_INLINE ChildNews news_of(const siginfo_t& info) {
  return {info.si_code == CLD_EXITED ? ChildEvent::exited : ChildEvent::signaled, info.si_status};
}

#if defined(__linux__)
/// Waits until the child has ended. When the host is gone, the child is asked to end, with all that it
/// started: one that goes on alone writes into what the next run mends. All signals are blocked.
VENV_INLINE ChildNews end_of(pid_t child, pid_t host) {
  sigset_t awaited;
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGCHLD);
  sigaddset(&awaited, SIGTERM); // when the host has ended; or from somebody, and means nothing
  constexpr timespec grace{1, 0};
  bool is_alone = false;
  for (siginfo_t info{};; info = {}) {
    const bool told =
        ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT | WNOHANG) == 0;
    if (told && info.si_pid == child) {
      if (is_alone) ::kill(-child, SIGKILL);
      return news_of(info);
    }
    const int signal = ::sigtimedwait(&awaited, nullptr, is_alone ? &grace : nullptr);
    if (signal < 0 && errno == EAGAIN) ::kill(-child, SIGKILL);
    if (is_alone || ::getppid() == host) continue;
    is_alone = true;
    ::kill(-child, SIGTERM);
  }
}

/// What a watcher does, a process between this one and the child: it waits for the child, as only a
/// parent can, and tells how it ended. Whoever waits for all children of the host, or ignores SIGCHLD,
/// can take away the watcher's status but not the child's. The child stays in the system, so that its
/// number is nobody else's, until it is released.
[[noreturn]] VENV_INLINE void watch_child(const ChildPlan& plan, pid_t host) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != host) ::_exit(127);
  struct sigaction action{};
  action.sa_handler = SIG_DFL;
  ::sigaction(SIGCHLD, &action, nullptr);
  const pid_t child = start_process(plan);
  if (child < 0) tell_and_exit(plan.news, ChildEvent::no_process, errno);
  // It would keep the host's files open, and its locks.
  ::dup2(plan.news, 0);
  ::dup2(plan.release, 1);
  shut_descriptors(2, true);
  tell(0, ChildEvent::started, child);
  const ChildNews end = end_of(child, host);
  if (!tell(0, end.event, end.value)) ::_exit(127); // that it is lost is told then
  char byte = 0;
  while (::read(1, &byte, 1) < 0 && errno == EINTR) {
  }
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  ::_exit(0);
}

// AddressSanitizer keeps one place for the address that `vfork` returns to: within one there can be no
// other.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool can_nest_vfork = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr bool can_nest_vfork = false;
#else
inline constexpr bool can_nest_vfork = true;
#endif
#else
inline constexpr bool can_nest_vfork = true;
#endif

/// Starts a child and the process that watches it. Returns when both have ended: the thread that calls
/// it lends them its stack.
VENV_INLINE void start_watched(const ChildPlan& plan) {
  const pid_t host = ::getpid();
  const pid_t watcher = can_nest_vfork ? ::vfork() : ::fork(); // NOLINT: as above
  if (watcher == 0) watch_child(plan, host);
  if (watcher < 0) {
    tell(plan.news, ChildEvent::no_process, errno);
    return;
  }
  while (::waitpid(watcher, nullptr, 0) < 0 && errno == EINTR) { // or the host has done so
  }
  tell(plan.news, ChildEvent::lost, 0); // nobody reads it when the watcher has told the end
}
#endif

VENV_DETAIL_END
#endif

// ---- src/system/child.hpp -----------------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of child.posix.hpp and child.windows.hpp.

/// The ends of a child's pipes that it gets; closed here once it has them.
struct ChildFiles {
  Handle in{}, out{}, err{};
};

/// A process that was started and is waited for. At the end of its life here it is killed, with all
/// that it started, if it hasn't ended, and nothing of it is left in the system.
class Child {
public:
  /// Throws Error (`io`) that says what failed; its `system_error` is EAGAIN when the system has no
  /// room for a process now.
  Child(const Command& command, ChildFiles files);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Asks it and what it started to end.
  void ask_to_end() noexcept;
  /// Ends it and what it started.
  void kill() noexcept;
  /// How it ended; nothing while it runs.
  std::optional<ExitStatus> status();
  /// The processor time that the process itself has used; 0 where the system doesn't tell.
  std::chrono::nanoseconds processor_time() const;
  /// What becomes readable when it ends; -1 when there is nothing and it has to be asked for.
  std::intptr_t end_handle() const;

private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

VENV_DETAIL_END

#if defined(_WIN32)
VENV_DETAIL_BEGIN

/// One argument as `CommandLineToArgvW` and C's own start read it back.
VENV_INLINE std::wstring quoted_argument(std::wstring_view argument) {
  if (!argument.empty() && argument.find_first_of(L" \t\n\v\"") == argument.npos)
    return std::wstring(argument);
  std::wstring quoted = L"\"";
  std::size_t backslashes = 0;
  for (const wchar_t c : argument) {
    if (c == L'\\') {
      ++backslashes;
      continue;
    }
    // Before a quote each backslash stands for half of one, elsewhere for itself.
    quoted.append(c == L'"' ? 2 * backslashes + 1 : backslashes, L'\\');
    quoted += c;
    backslashes = 0;
  }
  quoted.append(2 * backslashes, L'\\');
  return quoted + L'"';
}

VENV_INLINE std::wstring command_line_of(const Command& command) {
  // The program's own name is read by another rule, where backslashes are themselves.
  std::wstring line = L'"' + command.program.native() + L'"';
  for (const std::string& argument : command.arguments)
    line += L' ' + quoted_argument(wide_of(argument));
  return line;
}

/// Whether two names of variables are one to the system, or which comes first.
VENV_INLINE int compare_names(std::wstring_view a, std::wstring_view b) {
  return ::CompareStringOrdinal(a.data(), static_cast<int>(a.size()), b.data(),
                                static_cast<int>(b.size()), TRUE) -
         CSTR_EQUAL;
}

VENV_INLINE std::wstring_view name_of_line(std::wstring_view line) {
  return line.substr(0, line.find(L'=', 1)); // "=C:": where a disk's working directory stands
}

/// This process's variables, changed, in the order and the form that the system wants.
VENV_INLINE std::wstring changed_environment(const Changes& changes) {
  std::vector<std::wstring> lines;
  const auto drop = [&lines](std::wstring_view name) {
    const auto same = [name](const std::wstring& line) {
      return compare_names(name_of_line(line), name) == 0;
    };
    lines.erase(std::remove_if(lines.begin(), lines.end(), same), lines.end());
  };
  wchar_t* const own = ::GetEnvironmentStringsW();
  for (const wchar_t* line = own; line && *line; line += lines.back().size() + 1)
    lines.emplace_back(line);
  ::FreeEnvironmentStringsW(own);
  for (const auto& [name, value] : changes) {
    drop(wide_of(name));
    if (value) lines.push_back(wide_of(name) + L'=' + wide_of(*value));
  }
  std::stable_sort(lines.begin(), lines.end(), [](std::wstring_view a, std::wstring_view b) {
    return compare_names(name_of_line(a), name_of_line(b)) < 0;
  });
  std::wstring block;
  for (const std::wstring& line : lines) block += line + L'\0';
  return block + (block.empty() ? std::wstring(2, L'\0') : std::wstring(1, L'\0'));
}

/// Copies of handles that children inherit, for as long as one is being started; and the list that
/// says that this child gets these and no other.
class InheritedHandles {
public:
  explicit InheritedHandles(const ChildFiles& files) {
    for (const Handle* file : {&files.in, &files.out, &files.err}) {
      const HANDLE self = ::GetCurrentProcess();
      HANDLE copy = nullptr;
      if (::DuplicateHandle(self, handle_of(*file), self, &copy, 0, TRUE, DUPLICATE_SAME_ACCESS) ==
          0)
        throw io_error("connect input and output of", "a child process", last_error());
      owned_.push_back(handle_from(copy));
      handles_.push_back(copy);
    }
    SIZE_T size = 0;
    ::InitializeProcThreadAttributeList(nullptr, 1, 0, &size);
    memory_.resize(size);
    constexpr DWORD_PTR handle_list = 0x20002; // PROC_THREAD_ATTRIBUTE_HANDLE_LIST
    if (::InitializeProcThreadAttributeList(list(), 1, 0, &size) == 0 ||
        ::UpdateProcThreadAttribute(list(), 0, handle_list, handles_.data(),
                                    handles_.size() * sizeof(HANDLE), nullptr, nullptr) == 0)
      throw io_error("connect input and output of", "a child process", last_error());
  }
  ~InheritedHandles() { ::DeleteProcThreadAttributeList(list()); }
  InheritedHandles(const InheritedHandles&) = delete;
  InheritedHandles& operator=(const InheritedHandles&) = delete;
  HANDLE operator[](std::size_t i) const { return handles_[i]; }
  LPPROC_THREAD_ATTRIBUTE_LIST list() {
    return reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(memory_.data());
  }

private:
  std::vector<Handle> owned_{};
  std::vector<HANDLE> handles_{};
  std::vector<unsigned char> memory_{};
};

/// Refuses what can't be started safely, or not in this way.
VENV_INLINE void refuse_unsafe(const Command& command) {
  const auto refuse = [&command](const std::string& what, const std::string& hint) {
    Error error(ErrorCode::invalid_argument, what);
    error.at("start a program").on(command.program).advise(hint);
    return error;
  };
  // cmd reads a batch file's arguments anew, whose quotes can't be made safe. The system ignores dots
  // and blanks at the end of a name.
  std::string name = folded(text_of(command.program.filename()));
  name.resize(name.find_last_not_of(". ") + 1);
  const std::string suffix = name.size() > 4 ? name.substr(name.size() - 4) : std::string();
  if (suffix == ".bat" || suffix == ".cmd")
    throw refuse(quoted(command.program) + " is a batch file: its arguments would be commands",
                 "Start cmd.exe, or the program that it stands for.");
  if (command.program.native().find(L'"') != std::wstring::npos)
    throw refuse(quoted(command.program) + " has a name that can't be started", "");
  if (!command.descriptors.empty())
    throw refuse("descriptors can't be handed to a child on Windows", "");
}

struct Child::Parts {
  explicit Parts(const Command& command) {
    job = handle_from(::CreateJobObjectW(nullptr, nullptr));
    set_job_limits(JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE);
    environment = changed_environment(command.environment);
    line = command_line_of(command);
    program = native_of(command.program);
    cwd = command.cwd.empty() ? std::wstring() : command.cwd.native();
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  ~Parts() {
    // What a child has left running lives on, as elsewhere.
    if (ended) set_job_limits(0);
    else end_all();
  }

  void set_job_limits(DWORD flags) const {
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
    limits.BasicLimitInformation.LimitFlags = flags;
    ::SetInformationJobObject(handle_of(job), JobObjectExtendedLimitInformation, &limits,
                              sizeof limits);
  }

  void start(const Command& command, const ChildFiles& files) {
    InheritedHandles inherited(files);
    STARTUPINFOEXW info{};
    info.StartupInfo.cb = sizeof info;
    info.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
    info.StartupInfo.hStdInput = inherited[0];
    info.StartupInfo.hStdOutput = inherited[1];
    info.StartupInfo.hStdError = inherited[2];
    info.lpAttributeList = inherited.list();
    DWORD flags = CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT |
                  CREATE_NEW_PROCESS_GROUP;
    if (!::GetConsoleWindow()) flags |= CREATE_NO_WINDOW; // a program of windows opens no console
    PROCESS_INFORMATION made{};
    if (::CreateProcessW(program.c_str(), line.data(), nullptr, nullptr, TRUE, flags,
                         environment.data(), cwd.empty() ? nullptr : cwd.c_str(), &info.StartupInfo,
                         &made) == 0)
      throw_start_error(command);
    process = handle_from(made.hProcess);
    number = made.dwProcessId;
    const Handle thread = handle_from(made.hThread);
    // One that is in a job which lets no other take it is ended alone.
    in_job = ::AssignProcessToJobObject(handle_of(job), made.hProcess) != 0;
    ::ResumeThread(made.hThread);
  }

  [[noreturn]] static void throw_start_error(const Command& command) {
    const std::error_code reason = last_error();
    if (!command.cwd.empty() && followed_status_of(command.cwd).kind != FileKind::directory)
      throw io_error("enter", command.cwd,
                     std::make_error_code(status_of(command.cwd).kind == FileKind::missing
                                              ? std::errc::no_such_file_or_directory
                                              : std::errc::not_a_directory));
    throw io_error("start", command.program, reason);
  }

  void end_all() const {
    constexpr UINT killed = 128 + 9; // as a shell says it elsewhere
    if (in_job) ::TerminateJobObject(handle_of(job), killed);
    else if (process) ::TerminateProcess(handle_of(process), killed);
  }

  void look() {
    DWORD code = 0;
    if (ended || ::WaitForSingleObject(handle_of(process), 0) != WAIT_OBJECT_0) return;
    ended = ExitStatus();
    ended->is_known = ::GetExitCodeProcess(handle_of(process), &code) != 0;
    ended->code = ended->is_known ? static_cast<int>(code) : 255;
  }

  Handle job{}, process{};
  std::wstring program{}, line{}, environment{}, cwd{};
  DWORD number = 0;
  bool in_job = false;
  std::optional<ExitStatus> ended{};
};

VENV_INLINE Child::Child(const Command& command, ChildFiles files) {
  refuse_unsafe(command);
  parts_ = std::make_unique<Parts>(command);
  parts_->start(command, files);
}

VENV_INLINE Child::~Child() = default;

/// By the console, whose programs hear Ctrl+Break; one without is killed when its grace is over.
VENV_INLINE void Child::ask_to_end() noexcept {
  ::GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, parts_->number);
}

VENV_INLINE void Child::kill() noexcept { parts_->end_all(); }

VENV_INLINE std::optional<ExitStatus> Child::status() {
  parts_->look();
  return parts_->ended;
}

VENV_INLINE std::chrono::nanoseconds Child::processor_time() const {
  FILETIME made{}, ended{}, in_kernel{}, in_program{};
  if (::GetProcessTimes(handle_of(parts_->process), &made, &ended, &in_kernel, &in_program) == 0)
    return {};
  return std::chrono::nanoseconds(100 *
                                  (joined(in_kernel.dwHighDateTime, in_kernel.dwLowDateTime) +
                                   joined(in_program.dwHighDateTime, in_program.dwLowDateTime)));
}

VENV_INLINE std::intptr_t Child::end_handle() const { return parts_->process.get(); }

VENV_DETAIL_END
#else
#include <poll.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif

VENV_DETAIL_BEGIN

/// `NAME=value` lines for a child: this process's own, changed.
VENV_INLINE std::vector<std::string> changed_environment(const Changes& changes) {
  std::vector<std::string> lines;
  for (const auto& own : all_variables()) {
    const auto same = [&own](const auto& change) { return change.first == own.first; };
    if (std::none_of(changes.begin(), changes.end(), same))
      lines.push_back(own.first + '=' + own.second);
  }
  for (auto change = changes.begin(); change != changes.end(); ++change) {
    const auto same = [&](const auto& later) { return later.first == change->first; };
    const bool last = std::none_of(change + 1, changes.end(), same);
    if (last && change->second) lines.push_back(change->first + '=' + *change->second);
  }
  return lines;
}

VENV_INLINE std::vector<char*> pointers_to(std::vector<std::string>& lines) {
  std::vector<char*> pointers;
  for (std::string& line : lines) pointers.push_back(line.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// No signal reaches this thread, and those that it starts, for as long as this lives.
class BlockedSignals {
public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

private:
  sigset_t before_{};
};

VENV_INLINE Error start_error(const Command& command, const ChildNews& news) {
  const std::error_code reason(news.value, std::generic_category());
  if (news.event == ChildEvent::no_cwd) return io_error("enter", command.cwd, reason);
  if (news.event == ChildEvent::no_files)
    return io_error("connect input and output of", command.program, reason);
  return io_error("start", command.program, reason);
}

struct Child::Parts {
  Parts(const Command& run, ChildFiles ends)
      : command(run), files(std::move(ends)), argument_texts(run.arguments),
        environment_texts(changed_environment(run.environment)) {
    argument_texts.insert(argument_texts.begin(), run.program.native());
    arguments = pointers_to(argument_texts);
    environment = pointers_to(environment_texts);
    plan.program = command.program.c_str();
    plan.arguments = arguments.data();
    plan.environment = environment.data();
    plan.cwd = command.cwd.empty() ? nullptr : command.cwd.c_str();
    plan.files[0] = fd_of(files.in);
    plan.files[1] = fd_of(files.out);
    plan.files[2] = fd_of(files.err);
    plan.news = fd_of(news.write);
    plan.release = fd_of(release.read);
    plan.descriptors = command.descriptors.data();
    plan.descriptor_count = command.descriptors.size();
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  ~Parts() {
    if (process > 0 && !ended) kill(SIGKILL);
    if (watching.joinable()) {
      release_child();
    } else if (process > 0) {
      while (::waitpid(process, nullptr, 0) < 0 && errno == EINTR) {
      }
    }
  }

  /// Lets the watcher forget the child, and go. The pipe's end says so too where no byte can be written;
  /// a byte does where a copy of this process, made by the host, holds the pipe.
  void release_child() {
    tell(fd_of(release.write), ChildEvent::exited, 0);
    release.write.close();
    watching.join();
  }

  /// False when there is no room for a thread and two processes.
  bool start_watching() {
#if defined(__linux__)
    try {
      const BlockedSignals blocked;
      watching = std::thread([this] { start_watched(plan); });
    } catch (const std::system_error&) {
      return false;
    }
    while (process == 0 && !ended) {
      ChildNews item{};
      if (::read(fd_of(news.read), &item, sizeof item) != sizeof item) continue;
      if (item.event == ChildEvent::no_process || item.event == ChildEvent::lost) {
        release_child();
        news = make_pipe(); // the last word of the watcher's thread may be in the old one
        plan.news = fd_of(news.write);
        return false;
      }
      take(item);
    }
    return true;
#else
    return false;
#endif
  }

  void start_directly() {
    {
      const BlockedSignals blocked;
      process = start_process(plan);
      if (process < 0) throw start_error(command, {ChildEvent::no_process, errno});
    }
    ::setpgid(process, process); // whoever is first, it or we
    news.write.close();
#if defined(__linux__)
    end = Handle(::syscall(SYS_pidfd_open, process, 0u));
    take_news();
#else
    ChildNews item{};
    if (::read(fd_of(news.read), &item, sizeof item) == sizeof item) take(item);
#endif
  }

  void take(const ChildNews& item) {
    switch (item.event) {
    case ChildEvent::started: process = item.value; return;
    case ChildEvent::exited: return finish(item.value, 0);
    case ChildEvent::signaled: return finish(128 + item.value, item.value);
    case ChildEvent::lost: return lose();
    default: throw start_error(command, item);
    }
  }

  /// All that is told by now.
  void take_news() {
    pollfd polled{fd_of(news.read), POLLIN, 0};
    ChildNews item{};
    while (!ended && ::poll(&polled, 1, 0) > 0 && (polled.revents & POLLIN) != 0 &&
           ::read(polled.fd, &item, sizeof item) == sizeof item)
      take(item);
  }

  void look() {
    take_news();
    if (ended || watching.joinable()) return;
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(process), &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
      if (errno == ECHILD) lose();
    } else if (info.si_pid == process) {
      take(news_of(info));
    }
  }

  void finish(int code, int signal) {
    if (ended) return;
    ended = ExitStatus();
    ended->code = code;
    ended->signal = signal;
  }
  void lose() {
    if (ended) return;
    finish(255, 0);
    ended->is_known = false;
  }
  void kill(int signal) const {
    // One whose status is lost may have given its number away.
    if (process > 0 && (!ended || ended->is_known)) ::kill(-process, signal);
  }

  const Command& command;
  ChildFiles files;
  std::vector<std::string> argument_texts, environment_texts;
  std::vector<char*> arguments{}, environment{};
  Pipe news = make_pipe(), release = make_pipe();
  ChildPlan plan{};
  std::thread watching{};
  pid_t process = 0;
  Handle end{}; ///< becomes readable at the end of a child that is not watched
  std::optional<ExitStatus> ended{};
};

VENV_INLINE Child::Child(const Command& command, ChildFiles files)
    : parts_(std::make_unique<Parts>(command, std::move(files))) {
  if (!parts_->start_watching()) parts_->start_directly();
  parts_->files = ChildFiles();
}

VENV_INLINE Child::~Child() = default;

VENV_INLINE void Child::ask_to_end() noexcept { parts_->kill(SIGTERM); }

VENV_INLINE void Child::kill() noexcept { parts_->kill(SIGKILL); }

VENV_INLINE std::optional<ExitStatus> Child::status() {
  parts_->look();
  return parts_->ended;
}

VENV_INLINE std::chrono::nanoseconds Child::processor_time() const {
  timespec time{};
#if defined(__linux__)
  clockid_t clock{};
  if (parts_->process > 0 && ::clock_getcpuclockid(parts_->process, &clock) == 0 &&
      ::clock_gettime(clock, &time) != 0)
    time = timespec();
#endif
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

VENV_INLINE std::intptr_t Child::end_handle() const {
  return parts_->watching.joinable() ? parts_->news.read.get() : parts_->end.get();
}

VENV_DETAIL_END
#endif

// ---- src/system/process.hpp ---------------------------------------------------------------------

VENV_DETAIL_BEGIN

using ProcessClock = std::chrono::steady_clock;

/// Refuses what would be cut at a NUL, and variables that no process can have.
VENV_INLINE void refuse_impossible(const Command& command) {
  const auto refuse = [&command](const std::string& what) {
    Error error(ErrorCode::invalid_argument, what);
    error.at("start a program").on(command.program);
    return error;
  };
  const auto has_nul = [](std::string_view text) { return text.find('\0') != text.npos; };
  for (const std::string& argument : command.arguments)
    if (has_nul(argument))
      throw refuse("the argument '" + printable(argument) + "' contains a NUL character");
  for (const auto& [name, value] : command.environment) {
    if (name.empty() || has_nul(name) || name.find('=') != name.npos)
      throw refuse("'" + printable(name) + "' is no name of an environment variable");
    if (value && has_nul(*value))
      throw refuse("the value of the variable '" + printable(name) + "' contains a NUL character");
  }
}

/// When a child that runs has to be asked to end, and when it is killed.
class ChildDeadline {
public:
  explicit ChildDeadline(const Command& command) : command_(command) {
    if (command.timeout.count() <= 0) return;
    const auto now = ProcessClock::now();
    end_ = now + command.timeout;
    last_end_ = now + command.busy_timeout;
  }

  /// Asks the child to end when `status` says why it has to.
  void enforce(Child& child, ExitStatus& status, std::uint64_t printed) {
    const auto now = ProcessClock::now();
    if (!asked_) {
      if (now >= end_ && end_ < last_end_) prolong(child, printed);
      status.timed_out = now >= end_;
      status.was_busy = status.timed_out && end_ == last_end_;
      status.cancelled = command_.stop.is_made();
      status.printed_too_much = command_.output_limit != 0 && printed > command_.output_limit;
      if (!status.timed_out && !status.cancelled && !status.printed_too_much) return;
      asked_ = true;
      child.ask_to_end();
      end_ = now + command_.grace;
    } else if (now >= end_) {
      child.kill();
    }
  }
  bool has_asked() const { return asked_; }

  /// How many milliseconds may pass until `enforce` is called again.
  int wait() const {
    using std::chrono::milliseconds;
    const auto left = std::chrono::ceil<milliseconds>(end_ - ProcessClock::now());
    return static_cast<int>(std::clamp<long long>(left.count(), 1, 50)); // whoever stops is heard
  }

private:
  /// Gives a child that has printed something all that is left, one that has worked since the last
  /// look a little more. What waits in vain uses less than a hundredth of its time.
  void prolong(const Child& child, std::uint64_t printed) {
    const auto used = child.processor_time();
    const auto slice = (std::min)(command_.timeout, std::chrono::milliseconds(1000));
    const bool works = used - used_ >= slice / 100;
    used_ = used;
    if (printed != 0) end_ = last_end_;
    else if (works) end_ = (std::min)(end_ + slice, last_end_);
  }

  const Command& command_;
  ProcessClock::time_point end_ = (ProcessClock::time_point::max)() - std::chrono::hours(1);
  ProcessClock::time_point last_end_{};
  std::chrono::nanoseconds used_{0};
  bool asked_ = false;
};

/// A child's three pipes, this process's ends: all that comes is passed on, what is to be read is
/// written, whatever the order in which the child does both.
class Conversation {
public:
  using Take = FunctionRef<void(Stream, std::string_view)>;
  Conversation(const Command& command, const Take& take)
      : take_(take),
        input_(command.input == RunInput::text ? command.input_text : std::string_view()),
        buffer_(new char[buffer_size]) {}

  /// Opens the pipes and returns the child's ends.
  ChildFiles open(const Command& command) {
    ChildFiles files;
    for (Handle* end : {&files.out, &files.err}) {
      Pipe pipe = make_pipe();
      make_nonblocking(pipe.read);
      (end == &files.out ? out_ : err_) = std::move(pipe.read);
      *end = std::move(pipe.write);
    }
    if (command.input == RunInput::text) {
      Pipe pipe = make_pipe();
      make_nonblocking(pipe.write);
      in_ = std::move(pipe.write);
      files.in = std::move(pipe.read);
    } else {
      files.in = command.input == RunInput::inherited ? own_input() : open_empty();
    }
    return files;
  }

  /// Waits until something can be done, or `wait` milliseconds, and does it.
  void proceed(std::intptr_t end, int wait) {
    const Readiness ready = wait_until_ready({&out_, &err_, &in_, end}, wait);
    if (ready.out) take_from(out_, Stream::out);
    if (ready.err) take_from(err_, Stream::err);
    if (ready.in) give();
  }

  /// Takes all that the child has left in its pipes.
  void drain() {
    while (out_ && take_from(out_, Stream::out)) {
    }
    while (err_ && take_from(err_, Stream::err)) {
    }
  }

  std::uint64_t printed() const { return printed_; }

private:
  static constexpr std::size_t buffer_size = 65536;

  /// Whether there was something.
  bool take_from(Handle& from, Stream stream) {
    const std::optional<std::size_t> size = read_now(from, buffer_.get(), buffer_size);
    if (size == std::size_t{0}) from.close();
    if (size.value_or(0) == 0) return false;
    printed_ += *size;
    take_(stream, {buffer_.get(), *size});
    return true;
  }

  void give() {
    const std::optional<std::size_t> size = write_now(in_, input_.substr(0, buffer_size));
    input_.remove_prefix(size.value_or(input_.size()));
    if (input_.empty()) in_.close();
  }

  Take take_;
  std::string_view input_;
  std::unique_ptr<char[]> buffer_;
  Handle in_{}, out_{}, err_{};
  std::uint64_t printed_ = 0;
};

/// A child that runs; counted, since the next one to end makes room for another.
class RunningChild {
public:
  RunningChild() { ++count(); }
  ~RunningChild() { --count(); }
  RunningChild(const RunningChild&) = delete;
  RunningChild& operator=(const RunningChild&) = delete;
  static std::atomic<int>& count() {
    static std::atomic<int> running{0};
    return running;
  }
};

/// Starts a child. When the system has no room for it now, it is tried again: as long as others of this
/// process run, and for `patience` more.
VENV_INLINE std::unique_ptr<Child> start_patiently(const Command& command,
                                                   Conversation& conversation) {
  using std::chrono::milliseconds;
  auto end = ProcessClock::now() + command.patience;
  for (milliseconds pause(10);; pause = (std::min)(2 * pause, milliseconds(500))) {
    try {
      return std::make_unique<Child>(command, conversation.open(command));
    } catch (const Error& error) {
      const bool full = error.system_error() == std::errc::resource_unavailable_try_again;
      if (RunningChild::count() > 0) end = ProcessClock::now() + command.patience;
      if (!full || ProcessClock::now() >= end) throw;
    }
    command.stop.throw_if_made();
    std::this_thread::sleep_for(pause);
  }
}

/// Runs a program to its end. `on_output` is called with pieces of output as they come, from this
/// thread; when it throws, the child is killed.
///
/// - The child inherits no descriptor but its three and those that `command` names. It leads a process
///   group of its own. When this process dies it is asked to end, where the system can do that.
/// - When its time is over (`busy_timeout`, if it has printed something or works: its processor time
///   grows, which Linux and Windows tell), when it is to stop or when it prints too much, it is asked to end
///   (SIGTERM), and after `grace` killed with all that it started.
/// - It is over when the child itself has ended, though others that it started keep its output open.
/// - Its status is right whatever this process does with SIGCHLD and whoever waits for its children.
/// - It costs the same in a process of any size. When the system has no room for a process now, it is
///   tried again: while others of this process run, and for `patience` more.
///
/// Throws Error (`io`), which says what failed, when the child can't be started, and Error
/// (`invalid_argument`) for an argument or variable that no process can be given.
VENV_INLINE ExitStatus run_command(const Command& command,
                                   FunctionRef<void(Stream, std::string_view)> on_output) {
  refuse_impossible(command);
  Conversation conversation(command, on_output);
  const std::unique_ptr<Child> child = start_patiently(command, conversation);
  const RunningChild running;
  ChildDeadline deadline(command);
  ExitStatus why;
  std::optional<ExitStatus> status;
  for (int pause = 1; !(status = child->status()); pause = (std::min)(2 * pause, 50)) {
    deadline.enforce(*child, why, conversation.printed());
    const bool told = child->end_handle() >= 0;
    conversation.proceed(child->end_handle(),
                         told ? deadline.wait() : (std::min)(pause, deadline.wait()));
  }
  if (deadline.has_asked()) child->kill(); // what it started may not have listened
  conversation.drain();
  status->timed_out = why.timed_out;
  status->was_busy = why.was_busy;
  status->cancelled = why.cancelled;
  status->printed_too_much = why.printed_too_much;
  return *status;
}

VENV_DETAIL_END

// ---- src/system/replace.hpp ---------------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of replace.posix.hpp and replace.windows.hpp. For the program only.

/// Makes this process the program that `command` names: same number, same descriptors, what was ignored
/// stays ignored. Where a process can't become another program (Windows), that runs as a child with this
/// one's standard files, and its exit code is returned. Throws Error (`io`) when it can't be started.
int replace_process(const RunCommand& command);

VENV_DETAIL_END

#if defined(_WIN32)
VENV_DETAIL_BEGIN

/// What the console says is for the program that runs: this process waits for its end.
VENV_INLINE BOOL WINAPI leave_to_child(DWORD) { return TRUE; }

/// What makes this process's variables those of `command`.
VENV_INLINE Changes changes_to(const RunCommand& command) {
  Changes changes;
  for (const auto& own : all_variables()) changes.push_back({own.first, std::nullopt});
  for (const auto& [name, value] : command.variables) changes.push_back({name, value});
  return changes;
}

VENV_INLINE int replace_process(const RunCommand& command) {
  Command child;
  child.program = command.program;
  child.arguments = command.arguments;
  child.cwd = command.cwd;
  refuse_unsafe(child);
  std::wstring line = command_line_of(child),
               environment = changed_environment(changes_to(command));
  const std::wstring cwd = child.cwd.native();
  // What this process is ended by ends the program too, but not what that leaves running.
  const Handle job = handle_from(::CreateJobObjectW(nullptr, nullptr));
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
  limits.BasicLimitInformation.LimitFlags =
      JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK;
  ::SetInformationJobObject(handle_of(job), JobObjectExtendedLimitInformation, &limits,
                            sizeof limits);
  ::SetConsoleCtrlHandler(leave_to_child, TRUE);
  STARTUPINFOW info{};
  info.cb = sizeof info;
  PROCESS_INFORMATION made{};
  if (::CreateProcessW(native_of(child.program).c_str(), line.data(), nullptr, nullptr, TRUE,
                       CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT, environment.data(),
                       cwd.empty() ? nullptr : cwd.c_str(), &info, &made) == 0)
    throw io_error("start", command.program, last_error());
  const Handle process = handle_from(made.hProcess), thread = handle_from(made.hThread);
  ::AssignProcessToJobObject(handle_of(job), made.hProcess);
  ::ResumeThread(made.hThread);
  ::WaitForSingleObject(made.hProcess, INFINITE);
  DWORD code = 255;
  ::GetExitCodeProcess(made.hProcess, &code);
  return static_cast<int>(code);
}

VENV_DETAIL_END
#else
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE int replace_process(const RunCommand& command) {
  std::vector<std::string> arguments = command.arguments;
  arguments.insert(arguments.begin(), command.program.native());
  std::vector<std::string> variables = command.variable_lines();
  if (!command.cwd.empty() && ::chdir(command.cwd.c_str()) != 0)
    throw io_error("enter", command.cwd, last_error());
  ::execve(command.program.c_str(), pointers_to(arguments).data(), pointers_to(variables).data());
  throw io_error("start", command.program, last_error());
}

VENV_DETAIL_END
#endif

// ---- src/system/terminal.hpp --------------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of terminal.posix.hpp and terminal.windows.hpp.

/// Whether what is written to standard error is read by a person.
bool stderr_is_terminal();

/// Writes UTF-8 text to what a person reads (standard error, else standard output), when that takes
/// other text than bytes; else does nothing and says false.
bool write_to_terminal(bool to_stderr, std::string_view text);

/// While it lives, SIGINT, SIGTERM and SIGHUP call a handler instead of ending the process at once; and
/// writing to a closed pipe (SIGPIPE) or beyond the largest size of files (SIGXFSZ) is an error like
/// others. Then what was set before holds again. For the program only.
class InterruptGuard {
public:
  explicit InterruptGuard(void (*on_interrupt)(int signal));
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  /// Ends this process by the signal, as if it had never been held back.
  [[noreturn]] static void die(int signal);

private:
  struct Handlers;
  std::unique_ptr<Handlers> before_;
};

VENV_DETAIL_END

#if defined(_WIN32)
VENV_DETAIL_BEGIN

VENV_INLINE bool stderr_is_terminal() {
  DWORD mode = 0;
  return ::GetConsoleMode(::GetStdHandle(STD_ERROR_HANDLE), &mode) != 0;
}

/// A console takes UTF-16, whatever its code page.
VENV_INLINE bool write_to_terminal(bool to_stderr, std::string_view text) {
  const HANDLE console = ::GetStdHandle(to_stderr ? STD_ERROR_HANDLE : STD_OUTPUT_HANDLE);
  DWORD mode = 0;
  if (::GetConsoleMode(console, &mode) == 0) return false;
  const std::wstring wide = wide_of(text);
  for (std::size_t at = 0; at < wide.size();) {
    constexpr std::size_t most = 8192; // older consoles take no more at a time
    DWORD written = 0;
    const auto size = static_cast<DWORD>((std::min)(most, wide.size() - at));
    if (::WriteConsoleW(console, wide.data() + at, size, &written, nullptr) == 0 || written == 0)
      return false;
    at += written;
  }
  return true;
}

struct InterruptGuard::Handlers {
  void (*on_interrupt)(int signal);
};

/// Who is told of what the console says; the system calls its handler in a thread of its own.
inline std::atomic<void (*)(int)> console_listener{nullptr};

VENV_INLINE BOOL WINAPI hear_console(DWORD event) {
  void (*const listener)(int) = console_listener;
  if (!listener) return FALSE;
  const bool by_key = event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT;
  listener(by_key ? SIGINT : SIGTERM);
  // A window that is closed ends the process as soon as this returns: what was begun is taken back
  // meanwhile, for as long as the system lets it.
  if (!by_key) ::Sleep(INFINITE);
  return TRUE;
}

VENV_INLINE InterruptGuard::InterruptGuard(void (*on_interrupt)(int signal))
    : before_(std::make_unique<Handlers>(Handlers{console_listener})) {
  console_listener = on_interrupt;
  ::SetConsoleCtrlHandler(hear_console, TRUE);
}

VENV_INLINE InterruptGuard::~InterruptGuard() {
  ::SetConsoleCtrlHandler(hear_console, FALSE);
  console_listener = before_->on_interrupt;
}

[[noreturn]] VENV_INLINE void InterruptGuard::die(int signal) {
  constexpr UINT ended_by_key = 0xC000013A; // STATUS_CONTROL_C_EXIT: what a shell looks for
  ::ExitProcess(signal == SIGINT ? ended_by_key : 128 + static_cast<UINT>(signal));
}

VENV_DETAIL_END
#else
#include <sys/types.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) != 0; }

VENV_INLINE bool write_to_terminal(bool, std::string_view) { return false; }

inline constexpr int guarded_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ};

struct InterruptGuard::Handlers {
  struct sigaction of[std::size(guarded_signals)];
};

VENV_INLINE InterruptGuard::InterruptGuard(void (*on_interrupt)(int signal))
    : before_(std::make_unique<Handlers>()) {
  for (std::size_t i = 0; i < std::size(guarded_signals); ++i) {
    const int signal = guarded_signals[i];
    struct sigaction& before = before_->of[i];
    struct sigaction now{};
    const bool failure = signal == SIGPIPE || signal == SIGXFSZ;
    now.sa_handler = failure ? SIG_IGN : on_interrupt;
    now.sa_flags = SA_RESTART;
    ::sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_IGN) ::sigaction(signal, &now, nullptr); // nohup's stays ignored
  }
}

VENV_INLINE InterruptGuard::~InterruptGuard() {
  for (std::size_t i = 0; i < std::size(guarded_signals); ++i)
    ::sigaction(guarded_signals[i], &before_->of[i], nullptr);
}

[[noreturn]] VENV_INLINE void InterruptGuard::die(int signal) {
  std::signal(signal, SIG_DFL);
  std::raise(signal);
  std::_Exit(128 + signal);
}

VENV_DETAIL_END
#endif

// ---- src/system/ancestors.hpp -------------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of ancestors.posix.hpp and ancestors.windows.hpp.

/// The names of the programs that run above this process, its parent first. A program that Python
/// or .NET runs is named as its script or module is. Empty when the system doesn't say.
std::vector<std::string> ancestor_names();

VENV_DETAIL_END

#if defined(_WIN32)
#include <tlhelp32.h>

VENV_DETAIL_BEGIN

/// By the system's list of processes, without ".exe". A parent's number may be another process's by
/// now: what comes of that is a wrong hint.
VENV_INLINE std::vector<std::string> ancestor_names() {
  std::map<DWORD, std::pair<DWORD, std::string>> parents;
  const Handle list = handle_from(::CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0));
  PROCESSENTRY32W entry{};
  entry.dwSize = sizeof entry;
  for (BOOL more = list ? ::Process32FirstW(handle_of(list), &entry) : FALSE; more != FALSE;
       more = ::Process32NextW(handle_of(list), &entry)) {
    std::string name = folded(utf8_of(entry.szExeFile));
    if (name.size() > 4 && name.compare(name.size() - 4, 4, ".exe") == 0)
      name.resize(name.size() - 4);
    parents[entry.th32ProcessID] = {entry.th32ParentProcessID, std::move(name)};
  }
  std::vector<std::string> names;
  auto process = parents.find(::GetCurrentProcessId());
  for (int depth = 0; process != parents.end() && depth < 64; ++depth) {
    process = parents.find(process->second.first);
    if (process != parents.end()) names.push_back(process->second.second);
  }
  return names;
}

VENV_DETAIL_END
#else
#include <sys/types.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

/// The name of a script or a module that a Python (or .NET) runs, by its command line as /proc has it (words
/// that NUL ends). Empty when there is none.
VENV_INLINE std::string name_of_script(std::string_view words) {
  words.remove_prefix((std::min)(words.find('\0'), words.size()));
  while (!words.empty()) {
    words.remove_prefix(1);
    const std::string_view word = words.substr(0, words.find('\0'));
    words.remove_prefix(word.size());
    if (word.empty() || word == "-m" || word.front() == '-') continue;
    return std::string(word.substr(word.rfind('/') + 1));
  }
  return {};
}

/// By Linux's /proc. Elsewhere there is none, and the answer is empty.
VENV_INLINE std::vector<std::string> ancestor_names() {
  std::vector<std::string> names;
  long process = ::getppid();
  for (int depth = 0; process > 1 && depth < 64; ++depth) {
    const std::string folder = "/proc/" + std::to_string(process);
    std::string stat, words;
    try {
      stat = read_file(folder + "/stat"); // "PID (NAME) STATE PARENT …"; a name may hold ") "
      words = read_file(folder + "/cmdline");
    } catch (const Error&) {
      break;
    }
    const std::size_t start = stat.find('('), end = stat.rfind(')');
    if (start == stat.npos || end == stat.npos || end < start || stat.size() < end + 4) break;
    std::string name = stat.substr(start + 1, end - start - 1);
    if (name.compare(0, 6, "python") == 0 || name == "dotnet") name = name_of_script(words);
    names.push_back(name);
    process = std::strtol(stat.c_str() + end + 4, nullptr, 10);
  }
  return names;
}

VENV_DETAIL_END
#endif

// ---- src/cache/pack.hpp -------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// A file of a remembered installation.
struct PackFile {
  std::string name{}; ///< below site-packages, with `/`
  std::string hash{}; ///< as RECORD has it; empty for bytecode and signatures of RECORD
  std::uint32_t mode = 0;
  bool bytecode = false;            ///< compiled from the file that RECORD lists beside it
  std::size_t offset = 0, size = 0; ///< of its bytes in the pack
  std::uint64_t checksum = 0;
};

/// An installed distribution in one file, laid out so that it can be mapped and written out again:
/// a header, the files' bytes, the index, and at the end where the index is.
struct PackIndex {
  std::string key{}; ///< what it was made from; another key is another pack
  std::string distribution{}, version{};
  std::string script_template{}; ///< the text of its console scripts
  std::vector<EntryPoint> scripts{};
  std::vector<PackFile> files{};
};

inline constexpr std::string_view pack_magic = "venv.hpp pack 1\n"; // 16 bytes
inline constexpr std::size_t pack_footer_size = 40;

VENV_INLINE std::string format_pack_index(const PackIndex& index) {
  FieldWriter out;
  for (const std::string* text :
       {&index.key, &index.distribution, &index.version, &index.script_template})
    out.text(*text);
  out.number(index.scripts.size());
  for (const EntryPoint& script : index.scripts)
    for (const std::string* text : {&script.name, &script.module, &script.attribute})
      out.text(*text);
  out.number(index.files.size());
  for (const PackFile& file : index.files) {
    out.text(file.name);
    out.text(file.hash);
    for (const std::uint64_t value :
         {std::uint64_t{file.mode}, std::uint64_t{file.bytecode}, std::uint64_t{file.offset},
          std::uint64_t{file.size}, file.checksum})
      out.number(value);
  }
  return out.bytes();
}

/// What stands at a pack's very end.
VENV_INLINE std::string format_pack_footer(std::size_t index_offset, std::string_view index) {
  FieldWriter out;
  out.number(index_offset);
  out.number(index.size());
  out.number(checksum(index));
  out.number(checksum(out.bytes()));
  out.number(load_le64(as_bytes(pack_magic)));
  return out.bytes();
}

VENV_INLINE PackFile read_pack_file(FieldReader& in) {
  PackFile file;
  file.name = in.text();
  file.hash = in.text();
  file.mode = static_cast<std::uint32_t>(in.number() & 0777);
  file.bytecode = in.number() != 0;
  file.offset = number_as<std::size_t>(in.number());
  file.size = number_as<std::size_t>(in.number());
  file.checksum = in.number();
  return file;
}

/// The name of a distribution's directory of metadata.
VENV_INLINE std::string dist_info_of(const PackIndex& index) {
  return index.distribution + '-' + index.version + ".dist-info";
}

/// Whether all the files can lie beside each other, and beside those that are made anew at each
/// installation, on every file system.
VENV_INLINE bool has_distinct_names(const PackIndex& index) {
  const std::string dist_info = dist_info_of(index);
  const std::string made[] = {dist_info + "/RECORD", dist_info + "/INSTALLER",
                              dist_info + "/REQUESTED"};
  std::vector<std::string_view> names(std::begin(made), std::end(made));
  for (const PackFile& file : index.files) names.push_back(file.name);
  try {
    check_names(names);
    return true;
  } catch (const Error&) {
    return false;
  }
}

/// Whether every script has a name that is its own to have, and calls what can be called.
VENV_INLINE bool has_sound_scripts(const PackIndex& index) {
  return std::all_of(index.scripts.begin(), index.scripts.end(), [](const EntryPoint& script) {
    return script_name_fault(script.name) == nullptr && is_dotted_name(script.module) &&
           is_dotted_name(script.attribute);
  });
}

/// Whether the metadata is there, and lies where the distribution's name says.
VENV_INLINE bool has_metadata(const PackIndex& index) {
  const std::string dist_info = dist_info_of(index);
  if (name_fault(dist_info) != nullptr || dist_info.find('/') != dist_info.npos) return false;
  return std::any_of(
      index.files.begin(), index.files.end(),
      [wanted = dist_info + "/METADATA"](const PackFile& file) { return file.name == wanted; });
}

/// Whether the files lie one behind the other between the header and the index, under names that
/// stay below the directory that they are put in.
VENV_INLINE bool is_sound(const PackIndex& index, std::size_t index_offset) {
  if (!has_sound_scripts(index) || !has_metadata(index)) return false;
  std::size_t end = pack_magic.size();
  for (const PackFile& file : index.files) {
    if (name_fault(file.name) != nullptr || file.name.back() == '/' || file.offset != end ||
        file.size > index_offset - end)
      return false;
    end += file.size;
  }
  return end == index_offset && has_distinct_names(index);
}

/// Gives bytes of a pack: those from an offset on.
using ReadPack = FunctionRef<std::string_view(std::size_t offset, std::size_t size)>;

/// The index that stands between `offset` and the footer.
VENV_INLINE std::optional<PackIndex> parse_pack_index(std::string_view bytes, std::size_t offset) {
  FieldReader in(bytes);
  PackIndex index;
  for (std::string* text :
       {&index.key, &index.distribution, &index.version, &index.script_template})
    *text = in.text();
  index.scripts.resize(in.count(24));
  for (EntryPoint& script : index.scripts)
    for (std::string* text : {&script.name, &script.module, &script.attribute}) *text = in.text();
  index.files.resize(in.count(56));
  for (PackFile& file : index.files) file = read_pack_file(in);
  if (in.failed() || !in.at_end() || !is_sound(index, offset)) return std::nullopt;
  return index;
}

/// The index of a pack of `size` bytes, or nothing where it is none, of another version, cut or
/// damaged. The files' own bytes are only checked as they are used, by `pack_bytes`.
VENV_INLINE std::optional<PackIndex> parse_pack(std::size_t size, const ReadPack& read) {
  const std::size_t least = pack_magic.size() + pack_footer_size;
  if (size < least || read(0, pack_magic.size()) != pack_magic) return std::nullopt;
  const std::size_t footer = size - pack_footer_size;
  const std::string tail(read(footer, pack_footer_size));
  FieldReader ends(tail);
  const std::uint64_t offset = ends.number(), index_size = ends.number();
  if (offset < pack_magic.size() || offset > footer || index_size != footer - offset)
    return std::nullopt;
  const auto index_offset = static_cast<std::size_t>(offset);
  const std::string_view index = read(index_offset, footer - index_offset);
  if (tail != format_pack_footer(index_offset, index)) return std::nullopt;
  return parse_pack_index(index, index_offset);
}

/// The same of a pack that is in memory.
VENV_INLINE std::optional<PackIndex> parse_pack(std::string_view bytes) {
  return parse_pack(bytes.size(), [bytes](std::size_t offset, std::size_t size) {
    return bytes.substr(offset, size);
  });
}

/// Whether these are the bytes of a pack's file.
VENV_INLINE bool is_undamaged(const PackFile& file, std::string_view bytes) {
  return bytes.size() == file.size && checksum(bytes) == file.checksum;
}

/// The bytes of one file of a pack, or nothing where they are damaged.
VENV_INLINE std::optional<std::string_view> pack_bytes(std::string_view pack,
                                                       const PackFile& file) {
  const std::string_view bytes = pack.substr(file.offset, file.size);
  if (!is_undamaged(file, bytes)) return std::nullopt;
  return bytes;
}

VENV_DETAIL_END

// ---- src/cache/answer.hpp -----------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// What an interpreter said of itself, remembered.
struct Answer {
  std::string identity{}; ///< of the files that it depended on; another identity, another answer
  std::vector<std::string> fields{}; ///< `key=value` each
};

inline constexpr std::string_view answer_magic = "venv.hpp answer 2\n";

VENV_INLINE std::string format_answer(const Answer& answer) {
  FieldWriter out;
  out.text(answer.identity);
  out.number(answer.fields.size());
  for (const std::string& field : answer.fields) out.text(field);
  FieldWriter sum;
  sum.number(checksum(out.bytes()));
  return std::string(answer_magic) + sum.bytes() + out.bytes();
}

/// Nothing where `bytes` are no answer, of another version, cut or damaged.
VENV_INLINE std::optional<Answer> parse_answer(std::string_view bytes) {
  if (bytes.substr(0, answer_magic.size()) != answer_magic) return std::nullopt;
  FieldReader sum(bytes.substr(answer_magic.size()));
  const std::uint64_t expected = sum.number();
  if (sum.failed()) return std::nullopt;
  bytes.remove_prefix(answer_magic.size() + 8);
  if (checksum(bytes) != expected) return std::nullopt;
  FieldReader in(bytes);
  Answer answer;
  answer.identity = in.text();
  answer.fields.resize(in.count(8));
  for (std::string& field : answer.fields) field = in.text();
  if (in.failed() || !in.at_end()) return std::nullopt;
  return answer;
}

VENV_DETAIL_END

// ---- src/cache/cache.hpp ------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// More than this is not kept, in bytes: the packs of about twenty Pythons.
inline constexpr std::uint64_t cache_limit = std::uint64_t{256} << 20;

/// Where things are remembered by default; empty where the environment doesn't say (XDG Base
/// Directory Specification: relative paths don't count).
VENV_INLINE fs::path default_cache_dir() {
  const bool windows = this_os == Os::windows;
  if (const auto dir = variable(windows ? "LOCALAPPDATA" : "XDG_CACHE_HOME"))
    if (path_of(*dir).is_absolute()) return path_of(*dir) / "venv.hpp";
  const auto home = variable("HOME");
  if (windows || !home || !path_of(*home).is_absolute()) return {};
  if (followed_status_of(path_of(*home)).kind != FileKind::directory) return {}; // not ours to make
  return path_of(*home) / ".cache" / "venv.hpp";
}

/// What is remembered under `key`, with something for people to read in front.
VENV_INLINE std::string cache_name(const std::string& readable, const std::string& key) {
  return readable + '-' + hexadecimal(checksum(key));
}

/// What tells a file from another one at the same path. The device's number is no part of it: a file
/// system that is mounted again (an overlay, by each container) may get another one.
VENV_INLINE std::string identity_of(const FileStatus& status) {
  std::string text;
  for (const std::uint64_t value :
       {status.inode, status.size, static_cast<std::uint64_t>(status.modified),
        static_cast<std::uint64_t>(status.changed), static_cast<std::uint64_t>(status.kind)})
    text += hexadecimal(value) + ' ';
  return text;
}

/// The user's folder of remembered things. It never fails: what can't be read is not there, what
/// can't be written is not remembered, and a folder that others could have written is not looked at.
class Cache {
public:
  /// No cache at all.
  Cache() = default;
  explicit Cache(const Options& options, std::uint64_t limit = cache_limit) : limit_(limit) {
    if (!options.cache) return;
    fs::path dir =
        options.cache_dir.empty() ? default_cache_dir() : absolute_path(options.cache_dir);
    if (dir.empty()) why_off_ = "no directory for what is remembered is known";
    else if (make_private_directory(dir)) dir_ = std::move(dir);
    else
      why_off_ = "nothing is remembered in " + quoted(dir) +
                 ": others could write there, or it can't be made";
  }

  /// Why it is off although it was asked for; empty when it is on.
  const std::string& why_off() const { return why_off_; }

  /// Keeps other processes from making what is remembered under `name`, for as long as that lives: they
  /// wait for it, at most a minute, and find it then. Nothing where that can't be.
  DirectoryLock lock(const std::string& name) const {
    if (dir_.empty()) return {};
    const fs::path place = dir_ / (name + ".lock");
    try {
      make_directory(place);
      LockWait wait;
      wait.limit = std::chrono::minutes(1);
      return DirectoryLock(place, wait);
    } catch (const Error&) {
      return {};
    }
  }
  /// Takes the lock's place away, once what it was for is remembered.
  void unlock(const std::string& name, DirectoryLock& held) const {
    if (!dir_.empty()) remove_empty_directory(dir_ / (name + ".lock"));
    held = DirectoryLock();
  }

  /// The bytes remembered under `name`, or null.
  std::unique_ptr<MappedFile> find(const std::string& name) const {
    if (dir_.empty() || status_of(dir_ / name).kind != FileKind::file) return nullptr;
    try {
      auto file = std::make_unique<MappedFile>(dir_ / name, Trust::private_);
      touch(dir_ / name);
      return file;
    } catch (const Error&) {
      return nullptr;
    }
  }

  /// The file remembered under `name`, to be read in pieces, or null.
  std::unique_ptr<SourceFile> open(const std::string& name) const {
    if (dir_.empty() || status_of(dir_ / name).kind != FileKind::file) return nullptr;
    try {
      auto file = std::make_unique<SourceFile>(dir_ / name, Trust::private_);
      touch(dir_ / name);
      return file;
    } catch (const Error&) {
      return nullptr;
    }
  }

  /// Remembers what `write` puts into the file under `name`, and forgets the oldest for it.
  void remember(const std::string& name, FunctionRef<void(NewFile&)> write) const {
    if (dir_.empty()) return;
    try {
      if (status_of(dir_ / name).kind == FileKind::directory) remove_tree(dir_ / name);
      NewFile file(dir_ / name, 0600);
      write(file);
      file.set_mode(0600);
      file.put_in_place();
      forget_oldest();
    } catch (const Error&) {
      // A full disk, say: then the next environment takes longer.
    }
  }

  void forget(const std::string& name) const {
    if (!dir_.empty()) try_remove_file(dir_ / name);
  }

private:
  void forget_oldest() const {
    std::vector<std::pair<FileStatus, fs::path>> files;
    std::uint64_t total = 0;
    for (const fs::path& entry : names_in(dir_)) {
      const std::string name = text_of(entry);
      const fs::path path = dir_ / entry;
      const FileStatus status = status_of(path);
      if (status.kind != FileKind::file) continue;
      if (is_left_over(name)) {
        if (is_old(status) && is_ours(name.substr(0, name.rfind(left_over_mark))))
          remove_file(path);
      } else if (is_ours(name)) {
        files.push_back({status, path});
        total += status.size;
      }
    }
    sort_by(files,
            [](const auto& a, const auto& b) { return a.first.modified < b.first.modified; });
    for (const auto& [status, path] : files) {
      if (total <= limit_) return;
      remove_file(path);
      total -= status.size;
    }
  }

  /// Whether `name` is one that things are remembered under (see `cache_name`). What else lies in the
  /// folder is somebody's own.
  static bool is_ours(const std::string& name) {
    const std::size_t mark = name.size() < 17 ? 0 : name.size() - 17;
    return mark > 0 && name[mark] == '-' &&
           name.find_first_not_of("0123456789abcdef", mark + 1) == name.npos;
  }

  /// Whether nobody can still be writing it.
  static bool is_old(const FileStatus& status) {
    using namespace std::chrono;
    const auto now = duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count();
    return now - status.modified > nanoseconds(hours(1)).count();
  }

  fs::path dir_{};
  std::string why_off_{};
  std::uint64_t limit_ = cache_limit;
};

VENV_DETAIL_END

// ---- src/python/probe_answer.hpp ----------------------------------------------------------------

VENV_DETAIL_BEGIN

/// What a Python said of itself: named values, as scripts/probe.py writes them.
class ProbeAnswer {
public:
  /// The value under `key`; empty where there is none.
  [[nodiscard]] std::string value(std::string_view key) const {
    for (const auto& [name, value] : values_)
      if (name == key) return value;
    return {};
  }
  [[nodiscard]] bool has(std::string_view key) const {
    for (const auto& entry : values_)
      if (entry.first == key) return true;
    return false;
  }
  [[nodiscard]] bool is_true(std::string_view key) const { return value(key) == "1"; }
  [[nodiscard]] fs::path path(std::string_view key) const { return path_of(value(key)); }

  void set(const std::string& key, std::string value) {
    for (auto& entry : values_)
      if (entry.first == key) return void(entry.second = std::move(value));
    values_.push_back({key, std::move(value)});
  }

  /// One `key=value` each, for remembering.
  [[nodiscard]] std::vector<std::string> format() const {
    std::vector<std::string> fields;
    for (const auto& [key, value] : values_) fields.push_back(key + '=' + value);
    return fields;
  }
  /// What `format` gave; fields without an equals sign are passed over.
  static ProbeAnswer parse(const std::vector<std::string>& fields) {
    ProbeAnswer answer;
    for (const std::string& field : fields)
      if (const std::size_t equals = field.find('='); equals != field.npos)
        answer.set(field.substr(0, equals), field.substr(equals + 1));
    return answer;
  }

private:
  std::vector<std::pair<std::string, std::string>> values_{};
};

/// The answer in what a Python printed, whatever a wrapper may have printed around it; nothing where
/// there is no whole one.
VENV_INLINE std::optional<ProbeAnswer> find_answer(std::string_view output) {
  constexpr std::string_view begin("\0venv.hpp probe 2\0", 18), end("\0end\0", 5);
  const std::size_t from = output.find(begin), to = output.rfind(end);
  if (from == output.npos || to == output.npos) return std::nullopt;
  const std::size_t first = from + begin.size();
  if (to < first) return std::nullopt;
  const auto parts = split(output.substr(first, to - first), '\0');
  return ProbeAnswer::parse({parts.begin(), parts.end()});
}

/// The three numbers under `version`; zeros where they can't be read.
VENV_INLINE Version version_in(const ProbeAnswer& answer) {
  const std::string text = answer.value("version");
  const auto name = parse_release_name(text);
  return name && name->parts == 3 ? name->release : Version();
}

/// Whether all is there that an environment is made by.
VENV_INLINE bool is_whole(const ProbeAnswer& answer) {
  for (const char* key :
       {"implementation", "executable", "base_executable", "base_prefix", "stdlib"})
    if (answer.value(key).empty()) return false;
  for (const char* key :
       {"64bit", "free_threaded", "debug", "runs_itself", "platlibdir", "prerelease"})
    if (!answer.has(key)) return false;
  const std::string magic = answer.value("magic");
  return magic.size() == 8 && from_hex(magic).size() == 4;
}

VENV_INLINE Interpreter to_interpreter(const ProbeAnswer& answer) {
  Interpreter python;
  python.version = version_in(answer);
  python.prerelease = answer.value("prerelease");
  python.implementation = answer.value("implementation");
  python.implementation_version = answer.value("implementation_version");
  python.cache_tag = answer.value("cache_tag");
  python.platform = answer.value("platform");
  python.os_name = answer.value("os_name");
  python.machine = answer.value("machine");
  python.executable = answer.path("executable");
  python.base_executable = answer.path("base_executable");
  python.real_executable = answer.path("real_executable");
  python.base_prefix = answer.path("base_prefix");
  python.stdlib = answer.path("stdlib");
  python.platlibdir = answer.value("platlibdir");
  python.filesystem_encoding = answer.value("filesystem_encoding");
  python.wheel_pkg_dir = answer.path("wheel_pkg_dir");
  python.magic = from_hex(answer.value("magic"));
  python.is_64bit = answer.is_true("64bit");
  python.free_threaded = answer.is_true("free_threaded");
  python.debug = answer.is_true("debug");
  return python;
}

VENV_DETAIL_END

// ---- src/python/probe.hpp -----------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// How an interpreter is run to be asked something.
struct ProbeOptions {
  std::chrono::milliseconds timeout{std::chrono::seconds(10)}; ///< 0: it may take any time
  std::chrono::milliseconds busy_timeout{std::chrono::seconds(60)};
  StopRequest stop{};
  Changes variables{}; ///< a caller's own, after what is taken out for all
  std::chrono::milliseconds patience{std::chrono::seconds(10)}; ///< see `Command`
};

VENV_INLINE ProbeOptions probe_options(const Options& options, StopRequest stop) {
  ProbeOptions asking;
  asking.timeout = options.python_timeout;
  asking.busy_timeout = options.python_busy_timeout;
  asking.stop = std::move(stop);
  asking.variables = options.child_variables;
  return asking;
}

VENV_INLINE Error unusable(const fs::path& python, const std::string& why) {
  Error error(ErrorCode::python_unusable, quoted(python) + ' ' + why);
  error.at("ask the interpreter").on(python);
  return error;
}

/// The last line of what a child printed, where a traceback says why, short enough for a message.
VENV_INLINE std::string last_line(std::string_view output) {
  const std::string_view text = strip(output);
  return printable(text.substr(text.rfind('\n') + 1).substr(0, 200));
}

/// The first line of what a child printed, short enough for a message.
VENV_INLINE std::string first_line(std::string_view output) {
  const std::string_view text = strip(output);
  return printable(text.substr(0, (std::min<std::size_t>)(text.find('\n'), 200)));
}

/// Settings that would make a Python answer for another one. Python 3.11 and newer heed
/// PYTHONEXECUTABLE even when isolated (-I).
VENV_INLINE Changes without_steering() {
  return {{"PYTHONHOME", {}},
          {"PYTHONPATH", {}},
          {"PYTHONEXECUTABLE", {}},
          {"__PYVENV_LAUNCHER__", {}}};
}

VENV_INLINE Error too_old(const fs::path& python, const std::string& version) {
  Error error(ErrorCode::python_unsupported,
              quoted(python) + " is Python " + version +
                  "; environments can be made of Python 3.6 and newer");
  error.at("ask the interpreter").on(python).advise("Ask for a newer one.");
  return error;
}

/// More of a child's output than this is not kept.
inline constexpr std::size_t kept_output = 1u << 20;

/// Runs a Python to its end. Throws Error (`interrupted`) when it was stopped.
VENV_INLINE ExitStatus run_python(const fs::path& python, std::vector<std::string> arguments,
                                  const ProbeOptions& options,
                                  FunctionRef<void(Stream, std::string_view)> on_output) {
  Command command{python, std::move(arguments), without_steering(), {}, options.timeout};
  command.environment.insert(command.environment.end(), options.variables.begin(),
                             options.variables.end());
  command.busy_timeout = options.busy_timeout;
  command.stop = options.stop;
  command.patience = options.patience;
  const ExitStatus exit = run_command(command, on_output);
  options.stop.throw_if_made();
  return exit;
}

/// What a Python says to `-V`, which every version knows.
VENV_INLINE std::string version_line(const fs::path& python, const ProbeOptions& options) {
  std::string output;
  run_python(python, {"-V"}, options, [&output](Stream, std::string_view piece) {
    output += piece.substr(0, kept_output - (std::min)(kept_output, output.size()));
  });
  return first_line(output);
}

/// What came of running the probe.
struct ProbeRun {
  ExitStatus exit{};
  std::string output{}, errors{};
};

/// `10 s`, `1500 ms`.
VENV_INLINE std::string duration_text(std::chrono::milliseconds time) {
  const auto count = time.count();
  return count % 1000 ? std::to_string(count) + " ms" : std::to_string(count / 1000) + " s";
}

[[noreturn]] VENV_INLINE void reject_answer(const fs::path& python, const ProbeRun& run,
                                            const ProbeOptions& options) {
  const auto& [exit, output, errors] = run;
  if (exit.timed_out)
    throw unusable(python,
                   "did not answer within " +
                       duration_text(exit.was_busy ? options.busy_timeout : options.timeout));
  if (errors.find("Unknown option: -I") != errors.npos) {
    std::string version = version_line(python, options);
    if (version.substr(0, 7) == "Python ") throw too_old(python, version.substr(7));
  }
  if (exit.signal) throw unusable(python, "was ended by signal " + std::to_string(exit.signal));
  const std::string said = first_line(errors.empty() ? output : errors);
  const std::string detail = said.empty() ? "" : ": " + said;
  if (exit.code) throw unusable(python, "exits with " + std::to_string(exit.code) + detail);
  throw unusable(python, "does not answer as Python does" + detail);
}

VENV_INLINE Error gone(const fs::path& python) {
  Error error(ErrorCode::python_gone, quoted(python) + " is a link to nothing: " +
                                          quoted(link_target(python)) + " is gone");
  error.at("ask the interpreter").on(python);
  return error;
}

VENV_INLINE void refuse_unrunnable(const fs::path& python) {
  const FileStatus status = followed_status_of(python);
  if (status.kind == FileKind::missing && status_of(python).kind == FileKind::link)
    throw gone(python);
  if (status.kind == FileKind::missing)
    throw Error(ErrorCode::python_not_found, quoted(python) + " does not exist").on(python);
  if (status.kind == FileKind::directory)
    throw unusable(python, "is a directory, not an interpreter");
  if (!is_executable(python)) throw unusable(python, "is not executable");
}

VENV_INLINE ProbeRun run_probe(const fs::path& python, const ProbeOptions& options) {
  ProbeRun run;
  try {
    run.exit = run_python(python, {"-I", "-S", "-c", std::string(script_probe)}, options,
                          [&run](Stream stream, std::string_view piece) {
                            std::string& kept = stream == Stream::out ? run.output : run.errors;
                            if (kept.size() < kept_output) kept += piece;
                          });
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted) throw;
    throw unusable(python, "cannot be run: " + std::string(error.what()));
  }
  return run;
}

/// Runs `python` once and returns its answer, with the real path of the executable added. Errors: see
/// `find_interpreter`.
VENV_INLINE ProbeAnswer ask(const fs::path& python, const ProbeOptions& options = {}) {
  refuse_unrunnable(python);
  const ProbeRun run = run_probe(python, options);
  auto answer = find_answer(run.output);
  if (!answer) reject_answer(python, run, options);
  if (version_in(*answer) < Version(3, 6)) throw too_old(python, answer->value("version"));
  if (answer->value("executable").empty()) throw unusable(python, "does not know its own path");
  if (!is_whole(*answer)) reject_answer(python, run, options);
  const fs::path executable = answer->path("executable");
  const auto real = resolved(executable);
  if (!real)
    throw unusable(python, "says that it is " + quoted(executable) + ", which leads nowhere");
  answer->set("real_executable", text_of(*real));
  return *answer;
}

VENV_DETAIL_END

// ---- src/python/links.hpp -----------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// As many links in a row as Linux follows.
inline constexpr int most_links = 40;

/// Whether there is a program at `path` that may be run.
VENV_INLINE bool is_program(const fs::path& path) {
  return followed_status_of(path).kind == FileKind::file && is_executable(path);
}

/// Where one link leads to, as an absolute path; other links on the way stay. Empty where `path` is
/// no link or its directory can't be entered.
VENV_INLINE fs::path one_hop(const fs::path& path) {
  const fs::path target = link_target(path);
  if (target.empty() || target.is_absolute()) return target.lexically_normal();
  for (const fs::path& part : target)
    if (part == "..") { // by the letter this were wrong where the directory is a link itself
      const auto folder = resolved(path.parent_path());
      return folder ? (*folder / target).lexically_normal() : fs::path();
    }
  return (path.parent_path() / target).lexically_normal();
}

/// Whether `folder` (without links) is `dir` or lies in it.
VENV_INLINE bool is_within(const fs::path& folder, const fs::path& dir) {
  const fs::path way = folder.lexically_relative(dir);
  return !way.empty() && *way.begin() != "..";
}

/// The first path on the way from `program` to its file from which on nothing lies in `dir`: the
/// program itself where no link leads through `dir`, nothing where the file lies in it.
VENV_INLINE std::optional<fs::path> outside_of(const fs::path& dir, const fs::path& program) {
  const auto real = resolved(dir);
  if (!real) return program;
  std::optional<fs::path> outside;
  fs::path path = program;
  for (int links = 0; links < most_links && !path.empty(); ++links, path = one_hop(path)) {
    const auto folder = resolved(path.parent_path());
    if (!folder) break;
    if (is_within(*folder, *real)) outside.reset();
    else if (!outside) outside = path;
  }
  return outside;
}

VENV_DETAIL_END

// ---- src/python/version_in_file.hpp -------------------------------------------------------------

VENV_DETAIL_BEGIN

// Which version a Python is, without running it.

/// A release with its pre-release part, as it stands in a program between two NULs.
VENV_INLINE std::optional<std::string> embedded_version(std::string_view bytes,
                                                        const Version& minor) {
  const std::string begin = '\0' + minor.minor_text() + '.';
  for (std::size_t at = bytes.find(begin); at != bytes.npos; at = bytes.find(begin, at + 1)) {
    const std::string_view text = bytes.substr(at + 1, 16);
    const std::size_t end = text.find('\0');
    if (end == text.npos || end < begin.size()) continue;
    const std::string_view version = text.substr(0, end);
    if (version.find_first_not_of("0123456789.abrc+") == version.npos)
      return std::string(version.substr(0, version.find('+')));
  }
  return std::nullopt;
}

/// The same of a file; nothing when it can't be read.
VENV_INLINE std::optional<std::string> version_in_program(const fs::path& path,
                                                          const Version& minor) {
  constexpr std::uint64_t largest = std::uint64_t{1} << 28;
  const FileStatus status = followed_status_of(path);
  if (status.kind != FileKind::file || status.size > largest) return std::nullopt;
  try {
    const MappedFile file(path);
    return embedded_version(file.bytes(), minor);
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// What Python's header `patchlevel.h` says; nothing when there is none.
VENV_INLINE std::optional<std::string> version_in_header(const fs::path& header) {
  constexpr std::string_view mark = "#define PY_VERSION";
  try {
    const std::string text = read_file(header, 1u << 16);
    const std::size_t open = text.find('"', text.find(mark));
    const std::size_t close = text.find('"', open + 1);
    if (text.find(mark) == text.npos || close == text.npos) return std::nullopt;
    const std::string version = text.substr(open + 1, close - open - 1);
    return version.substr(0, version.find('+'));
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// The whole version of the CPython whose file is `real` and whose minor version is known: what its
/// headers, its program or its shared library say; nothing when none of them does.
VENV_INLINE std::optional<std::string> version_of_file(const fs::path& real, const Version& minor) {
  const fs::path prefix = real.parent_path().parent_path();
  const std::string name = "python" + minor.minor_text();
  for (const char* build : {"", "t", "d", "td"})
    if (auto version =
            version_in_header(prefix / "include" / path_of(name + build) / "patchlevel.h"))
      return version;
  if (auto version = version_in_program(real, minor)) return version;
  for (const fs::path& library : names_in_if_readable(prefix / "lib"))
    if (text_of(library).compare(0, 3 + name.size(), "lib" + name) == 0)
      if (auto version = version_in_program(prefix / "lib" / library, minor)) return version;
  return std::nullopt;
}

/// The minor version of the Python whose file is `real`: what its name tells, else the only standard
/// library beside it; zeros when neither tells.
VENV_INLINE Version minor_of_file(const fs::path& real) {
  const auto named = parse_command_name(text_of(real.filename()));
  if (named && named->release.parts == 2) return named->release.release;
  Version minor;
  for (const char* lib : {"lib", "lib64"}) {
    const fs::path folder = real.parent_path().parent_path() / lib;
    for (const fs::path& name : names_in_if_readable(folder)) {
      const auto library = parse_command_name(text_of(name));
      if (!library || library->release.parts != 2) continue;
      if (followed_status_of(folder / name / "os.py").kind != FileKind::file) continue;
      if (minor[0] != 0 && minor != library->release.release) return {};
      minor = library->release.release;
    }
  }
  return minor;
}

VENV_DETAIL_END

// ---- src/python/home.hpp ------------------------------------------------------------------------

VENV_DETAIL_BEGIN

// An environment's Python looks for the standard library from `home` upwards, link unresolved, and
// then at the place that it was built for. A Python started outside of an environment resolves its
// own link first. The same link can therefore find two libraries. Source: Modules/getpath.py.

/// What is found first from a directory upwards.
enum class LibraryFound { own, another, none };

/// What is called `name` in the nearest directory from `from` upwards, but for the root, in which
/// Python doesn't look; empty where none has it.
VENV_INLINE fs::path nearest_with(fs::path from, const fs::path& name) {
  for (; from.has_relative_path(); from = from.parent_path())
    if (followed_status_of(from / name).kind != FileKind::missing) return from / name;
  return {};
}

/// Which library Python finds with that `home`. Its extension modules are looked for by themselves.
VENV_INLINE LibraryFound library_from(const fs::path& home, const fs::path& stdlib) {
  const fs::path name = stdlib.parent_path().filename() / stdlib.filename();
  const fs::path landmark = nearest_with(home, name / "os.py");
  if (landmark.empty()) return LibraryFound::none;
  if (!is_same_file(landmark.parent_path(), stdlib)) return LibraryFound::another;
  if (followed_status_of(stdlib / "lib-dynload").kind != FileKind::directory)
    return LibraryFound::own;
  const fs::path modules = nearest_with(home, name / "lib-dynload");
  return is_same_file(modules, stdlib / "lib-dynload") ? LibraryFound::own : LibraryFound::another;
}

/// A directory of this user's alone, for as long as this lives; `path` is empty where none can be had.
class TrialDirectory {
public:
  TrialDirectory() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    const auto here = reinterpret_cast<std::uintptr_t>(this);
    const fs::path dir = path_of(variable("TMPDIR").value_or("/tmp")) /
                         ("venv.hpp-trial-" + hexadecimal(static_cast<std::uint64_t>(now) ^ here));
    if (dir.is_absolute() && make_private_directory(dir)) path = dir;
  }
  ~TrialDirectory() {
    if (!path.empty()) try_remove_tree(path);
  }
  TrialDirectory(const TrialDirectory&) = delete;
  TrialDirectory& operator=(const TrialDirectory&) = delete;
  fs::path path{};
};

/// Where a Python has its library.
struct LibraryPlaces {
  fs::path stdlib{}, exec_prefix{};
};

/// How an environment's Python comes to be. A link leads Python to the file, and so to the library
/// beside that; a copy has `home` alone.
enum class LinkOrCopy { link, copy };

/// Whether a link to `python`, or a copy of it, finds that library: tried, in an environment that has
/// nothing else but its configuration.
VENV_INLINE bool finds_library(const fs::path& python, const LibraryPlaces& library, LinkOrCopy how,
                               const ProbeOptions& options) {
  const std::string home = text_of(python.parent_path());
  if (!is_utf8(home) || has_control_character(home)) return false;
  const TrialDirectory trial;
  if (trial.path.empty()) return false;
  try {
    make_directory(trial.path / "bin");
    const fs::path tried = trial.path / "bin" / python.filename();
    if (how == LinkOrCopy::copy) copy_file(python, tried, 0700);
    else if (!make_link(python, tried)) return false;
    write_file(trial.path / "pyvenv.cfg", format_pyvenv_cfg({{"home", home}}));
    const auto said = find_answer(run_probe(tried, options).output);
    return said && is_same_file(said->path("stdlib"), library.stdlib) &&
           is_same_file(said->path("base_exec_prefix"), library.exec_prefix);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted) throw;
    return false;
  }
}

/// `executable`, or the first hop of its link from whose directory an environment finds the library.
VENV_INLINE fs::path hop_with_library(const fs::path& executable, const LibraryPlaces& library,
                                      LinkOrCopy how, const ProbeOptions& options) {
  fs::path python = executable;
  for (int links = 0; links < most_links && status_of(python).kind == FileKind::link; ++links) {
    const LibraryFound found = library_from(python.parent_path(), library.stdlib);
    if (found == LibraryFound::own) return python;
    if (found == LibraryFound::none && finds_library(python, library, how, options)) return python;
    fs::path next = one_hop(python);
    if (next.empty()) return executable;
    python = std::move(next);
  }
  return python;
}

/// What environments are to link to for the base Python of `answer`: its executable as it names it,
/// or what that leads to.
VENV_INLINE fs::path linkable_executable(const ProbeAnswer& answer, const ProbeOptions& options) {
  fs::path executable = absolute_path(answer.path("executable"));
  if (this_os == Os::windows || answer.value("implementation") != "cpython") return executable;
  return hop_with_library(executable, {answer.path("stdlib"), answer.path("base_exec_prefix")},
                          LinkOrCopy::link, options);
}

/// The same for what they are to copy.
VENV_INLINE fs::path copyable_executable(const Interpreter& python, const ProbeOptions& options) {
  if (this_os == Os::windows || python.implementation != "cpython") return python.base_executable;
  return hop_with_library(python.base_executable, {python.stdlib, python.base_prefix},
                          LinkOrCopy::copy, options);
}

VENV_DETAIL_END

// ---- src/python/base.hpp ------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Asks an interpreter; where that is remembered, without running it.
using Probe = FunctionRef<Interpreter(const fs::path&)>;

/// The configuration that an interpreter lies under: beside it or one directory above (PEP 405).
VENV_INLINE std::optional<PyvenvCfg> configuration_above(const fs::path& python) {
  const fs::path dir = python.parent_path();
  for (const fs::path& cfg : {dir / "pyvenv.cfg", dir.parent_path() / "pyvenv.cfg"})
    if (followed_status_of(cfg).kind == FileKind::file) return parse_pyvenv_cfg(read_file(cfg));
  return std::nullopt;
}

/// The executable in `home` that an environment's Python is based on: the same file where there is
/// one, else the first under a name that it could have; empty where there is none.
VENV_INLINE fs::path executable_in(const fs::path& home, const Interpreter& python) {
  fs::path first;
  for (const fs::path& name : {python.base_executable.filename(), python.executable.filename(),
                               fs::path("python" + python.version.minor_text()),
                               fs::path("python3"), fs::path("python")}) {
    const fs::path program = home / name;
    if (!is_program(program)) continue;
    if (is_same_file(program, python.real_executable)) return program;
    if (first.empty()) first = program;
  }
  return first;
}

/// A base that an environment's files name.
struct NamedBase {
  fs::path executable{};
  bool is_known =
      false; ///< whether it needs not be asked: the same file, under a `home` that works
};

/// The base of an environment's Python by its configuration: in its `home` while the executable there
/// is the same file, else what Python says, else what lies in `home`. Without a `home` the link is
/// followed. Nothing where `python` lies in no environment.
VENV_INLINE std::optional<NamedBase> base_by_configuration(const Interpreter& python) {
  NamedBase base{python.executable, true};
  for (int depth = 0; depth < 16; ++depth) {
    const auto cfg = configuration_above(base.executable);
    if (!cfg) break;
    const fs::path home = path_of(home_of(*cfg).value_or(""));
    fs::path next = home.is_absolute() ? executable_in(home, python) : one_hop(base.executable);
    if (next.empty() || next == base.executable) break;
    const bool said = python.base_executable != python.executable;
    if (home.is_absolute() && !is_same_file(next, python.real_executable)) {
      return NamedBase{said && is_program(python.base_executable) ? python.base_executable : next,
                       false};
    }
    base.is_known = base.is_known && home.is_absolute();
    base.executable = std::move(next);
  }
  if (base.executable == python.executable) return std::nullopt;
  return base;
}

/// What `python` is, with the base that it is the environment of, however deep. A file that only
/// starts another one (a wrapper) has that one for its base, which must start by itself then.
VENV_INLINE Interpreter interpreter_at(const fs::path& python, const Probe& probe) {
  fs::path asked = absolute_path(python);
  Interpreter answer = probe(asked);
  const fs::path started = answer.executable;
  for (int depth = 0; depth < 16; ++depth) {
    const auto named = base_by_configuration(answer);
    fs::path base = named ? named->executable : answer.base_executable;
    if (!is_program(base)) base = answer.executable; // Python can be wrong, or not know
    base = absolute_path(base);
    answer.base_executable = base;
    if (base == asked) break;
    const bool is_same =
        resolved(asked) == answer.real_executable && resolved(base) == answer.real_executable;
    if (is_same && (!named || named->is_known)) break;
    try {
      answer = probe(base);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::interrupted) throw;
      throw unusable(python, "stands for an interpreter that does not start by itself: " +
                                 std::string(error.what()));
    }
    asked = std::move(base);
  }
  answer.executable = started;
  return answer;
}

/// The same for an environment in `env_dir`, in which no base may lie: a link out of there is
/// followed. Where the base's own prefix is `env_dir` it is given back all the same; the caller
/// refuses it.
VENV_INLINE Interpreter interpreter_outside(const fs::path& env_dir, const fs::path& python,
                                            const Probe& probe) {
  const fs::path path = absolute_path(python);
  const auto outside = env_dir.empty() ? path : outside_of(env_dir, path);
  Interpreter answer = interpreter_at(outside.value_or(path), probe);
  if (env_dir.empty()) return answer;
  const auto base = outside_of(env_dir, answer.base_executable);
  if (base == answer.base_executable || is_same_file(answer.base_prefix, env_dir)) return answer;
  if (base) return interpreter_at(*base, probe);
  throw unusable(path, "lies in the directory that the environment is made in");
}

VENV_DETAIL_END

// ---- src/python/remembered_probe.hpp ------------------------------------------------------------

VENV_DETAIL_BEGIN

/// What an interpreter's answer depends on: its file, what environments link to, a `pyvenv.cfg` beside
/// or above it (PEP 405), and the standard library, which an upgrade in place changes.
VENV_INLINE std::string identity_of(const fs::path& python, const ProbeAnswer& answer) {
  const fs::path dir = python.parent_path();
  return text_of(python) + '\n' + identity_of(followed_status_of(python)) +
         identity_of(followed_status_of(answer.path("base_executable"))) +
         identity_of(followed_status_of(dir / "pyvenv.cfg")) +
         identity_of(followed_status_of(dir.parent_path() / "pyvenv.cfg")) +
         identity_of(followed_status_of(answer.path("stdlib")));
}

/// The variables that an answer depends on: those that choose shared libraries, and the locale, which
/// chooses the file system's encoding.
VENV_INLINE std::string steering_variables(const Changes& changes) {
  const auto value_of_child = [&changes](const char* name) {
    auto value = variable(name);
    for (const auto& [changed, to] : changes)
      if (changed == name) value = to;
    return value;
  };
  std::string text;
  for (const char* name :
       {"LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "DYLD_FRAMEWORK_PATH",
        "DYLD_INSERT_LIBRARIES", "DYLD_FALLBACK_LIBRARY_PATH", "DYLD_FALLBACK_FRAMEWORK_PATH"})
    if (const auto value = value_of_child(name)) text += '\n' + std::string(name) + '=' + *value;
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (const auto value = value_of_child(name)) return text + "\nlocale=" + *value;
  return text;
}

/// Whether the kernel would run it by another program.
VENV_INLINE bool is_script(const fs::path& program) {
  try {
    return read_start(program, 2) == "#!";
  } catch (const Error&) {
    return true; // it may be executed, but not read
  }
}

/// Whether the file that was asked is the interpreter that answered. A shim or a wrapper may answer
/// otherwise next time.
VENV_INLINE bool answers_for_itself(const fs::path& python, const ProbeAnswer& answer) {
  const auto real = resolved(python);
  return real && *real == answer.path("real_executable") && answer.is_true("runs_itself") &&
         !is_script(python);
}

/// Asks interpreters, once each as long as they stay the same.
class RememberedProbe {
public:
  RememberedProbe(const Cache& cache, ProbeOptions options)
      : cache_(cache), options_(std::move(options)),
        variables_(steering_variables(options_.variables)) {}

  /// The answer of `python`, an absolute path: remembered if it can be, else asked for and remembered.
  Interpreter operator()(const fs::path& python) const {
    const std::string name = cache_name("python", text_of(python) + variables_);
    if (const auto answer = recall(name, python)) return to_interpreter(*answer);
    ProbeAnswer answer = ask(python, options_);
    const bool is_itself = answers_for_itself(python, answer);
    if (answer.value("base_executable") == answer.value("executable") &&
        !configuration_above(answer.path("executable")))
      answer.set("base_executable", text_of(linkable_executable(answer, options_)));
    if (is_itself)
      cache_.remember(name, [&](NewFile& file) {
        file.write(format_answer({identity_of(python, answer), answer.format()}));
      });
    return to_interpreter(answer);
  }

private:
  std::optional<ProbeAnswer> recall(const std::string& name, const fs::path& python) const {
    const auto file = cache_.find(name);
    const auto remembered = file ? parse_answer(file->bytes()) : std::nullopt;
    if (!remembered) return std::nullopt;
    ProbeAnswer answer = ProbeAnswer::parse(remembered->fields);
    if (!is_whole(answer) || remembered->identity != identity_of(python, answer))
      return std::nullopt;
    return answer;
  }

  const Cache& cache_;
  ProbeOptions options_;
  std::string variables_;
};

VENV_DETAIL_END

// ---- src/python/request.hpp ---------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Which Python is meant. One of: any, a path, a command's name, a version or range. A version that
/// is spelled as a command too (`python3.12`) is looked for under that name first.
struct PythonRequest {
  enum class Kind { any, path, name, version };
  Kind kind = Kind::any;
  std::string text{};                        ///< as it was given
  Implementation implementation = "cpython"; ///< of a version
  std::string specifier{};                   ///< PEP 440: `==3.12.*`; empty: each version fits
  std::optional<Version> minor{};            ///< `3.12` where only that minor version can fit
  bool free_threaded = false, debug = false; ///< what a version asks for (`t`, `d`)
  int bits = 0;                              ///< 32 or 64 where asked for
  bool is_range = false;                     ///< several minor versions fit: the newest is meant
};

/// How well a Python fits. `second_choice`: it is taken where nothing better is found (a pre-release
/// or a debug build that nobody asked for).
enum class Fit { no, second_choice, yes };

VENV_INLINE bool is_path(const std::string& request) {
  if (request == "." || request == ".." || request == "~") return true;
  return request.find('/') != request.npos ||
         (this_os == Os::windows && request.find('\\') != request.npos);
}

/// Whether all clauses of a version specifier can be read (PEP 440, "Version specifiers").
VENV_INLINE bool is_specifier(std::string_view text) {
  for (const std::string_view part : split(text, ',')) {
    const std::string_view clause = strip(part);
    const std::size_t size = (std::min)(clause.find_first_not_of("<>=!~"), clause.size());
    const std::string_view op = clause.substr(0, size);
    std::string_view operand = strip(clause.substr(size));
    constexpr std::string_view operators[] = {"==", "===", "!=", "<=", ">=", "<", ">", "~="};
    if (std::find(std::begin(operators), std::end(operators), op) == std::end(operators))
      return false;
    if (operand.size() > 2 && operand.substr(operand.size() - 2) == ".*") {
      if (op != "==" && op != "!=") return false;
      operand.remove_suffix(2);
    }
    if (!parse_package_version(operand)) return false;
    if (op == "~=" && operand.find('.') == operand.npos) return false;
  }
  return true;
}

/// The minor version that a specifier's first clause pins: `==3.12.*`, `==3.12.1`, `~=3.12.1`.
VENV_INLINE std::optional<Version> pinned_minor(std::string_view specifier) {
  std::string_view text = strip(specifier.substr(0, specifier.find(',')));
  const bool compatible = take_prefix(text, "~=");
  if (!compatible && !take_prefix(text, "==")) return std::nullopt;
  take_prefix(text, "=");
  text = strip(text);
  const auto release = take_release_name(text);
  if (!release || release->parts < (compatible ? 3u : 2u)) return std::nullopt;
  return Version(release->release[0], release->release[1]);
}

/// Takes `-32`, `-64` off the end, as Windows' launcher spells an architecture.
VENV_INLINE int take_bits(std::string_view& text) {
  for (const auto& [suffix, bits] : {std::pair("-64", 64), std::pair("-32", 32)}) {
    if (text.size() < 3 || text.substr(text.size() - 3) != suffix) continue;
    text.remove_suffix(3);
    return bits;
  }
  return 0;
}

/// Reads what stands behind the implementation: a range, or a release with its letters.
VENV_INLINE bool read_version(std::string_view text, PythonRequest& request) {
  if (text.find_first_of("<>=!~") != text.npos) {
    if (!is_specifier(text)) return false;
    request.specifier = text;
    request.minor = pinned_minor(text);
    request.is_range = !request.minor;
    return true;
  }
  const std::string_view whole = text;
  if (const auto name = parse_release_name(text)) {
    std::string numbers = std::to_string(name->release[0]);
    for (std::size_t i = 1; i < name->parts; ++i) numbers += '.' + std::to_string(name->release[i]);
    request.specifier = "==" + numbers + ".*";
    request.free_threaded = name->free_threaded;
    request.debug = name->debug;
    request.is_range = name->parts == 1;
    if (name->parts > 1) request.minor = Version(name->release[0], name->release[1]);
    return true;
  }
  const auto exact = parse_package_version(whole); // 3.15.0b1
  const bool is_python = exact && exact->epoch == 0 && exact->post == 0 && exact->local.empty() &&
                         exact->release.size() <= 3 && whole.find_first_of("+- _v") == whole.npos;
  if (!is_python || exact->phase == Phase::final_release) return false;
  request.specifier = "==" + std::string(whole);
  request.minor = pinned_minor(request.specifier);
  return true;
}

/// The version or range that `text` spells, nothing where it spells none.
VENV_INLINE std::optional<PythonRequest> parse_version(const std::string& text) {
  PythonRequest request;
  request.kind = PythonRequest::Kind::version;
  request.text = text;
  const std::string lower = folded(text);
  std::string_view rest = strip(lower);
  const std::string_view whole = rest;
  const auto implementation = take_implementation(rest);
  if (implementation) request.implementation = *implementation;
  if (implementation && !rest.empty()) {
    if (!take_prefix(rest, "@")) take_prefix(rest, "-");
    if (rest.empty()) return std::nullopt;
  }
  if (rest.empty()) {
    request.is_range = true;
    if (!implementation || whole == "python") return std::nullopt; // a command's name, no more
    return request;
  }
  request.bits = take_bits(rest);
  rest = strip(rest);
  if (!read_version(rest, request)) return std::nullopt;
  return request;
}

/// What `text` asks for; never fails, as any word may be a command's name.
VENV_INLINE PythonRequest parse_request(const std::string& text) {
  if (!strip(text).empty()) {
    PythonRequest request;
    request.text = text;
    request.kind = is_path(text) ? PythonRequest::Kind::path : PythonRequest::Kind::name;
    if (request.kind == PythonRequest::Kind::path) return request;
    if (const auto version = parse_version(text)) return *version;
    return request;
  }
  PythonRequest any;
  any.text = text;
  return any;
}

/// Whether a command could have that name: letters and digits, no blanks or operators.
VENV_INLINE bool is_command_name(std::string_view text) {
  return text.find_first_of(" \t<>=!~,*@\"'") == text.npos;
}

inline constexpr char requests_understood[] =
    "Understood are: a path (3.12's executable, its directory or an environment's), a command on "
    "PATH, a version (3, 3.12, 3.12.1, 3.13t, 3.14d, 3.12-64), a range (>=3.10,<3.13, ==3.12.*, "
    "~=3.11), an implementation (cpython, pypy, graalpy), or both (pypy3.10, cpython@3.12, cp313).";

/// A Python's version as PEP 440 compares it.
VENV_INLINE PackageVersion package_version(const Interpreter& python) {
  const auto version = parse_package_version(python.version.text() + python.prerelease);
  return version ? *version : PackageVersion{};
}

VENV_INLINE Fit fit(const PythonRequest& request, const Interpreter& python) {
  if (request.kind != PythonRequest::Kind::version) return Fit::yes;
  if (python.implementation != request.implementation) return Fit::no;
  if (python.free_threaded != request.free_threaded) return Fit::no;
  if (request.debug && !python.debug) return Fit::no;
  if (request.bits && request.bits != (python.is_64bit ? 64 : 32)) return Fit::no;
  const bool names_prerelease = request.specifier.find_first_of("abcr") != request.specifier.npos;
  if (!request.specifier.empty() && !specifier_allows(request.specifier, package_version(python)))
    return Fit::no;
  const bool unasked =
      (python.debug && !request.debug) || (!python.prerelease.empty() && !names_prerelease);
  return unasked ? Fit::second_choice : Fit::yes;
}

/// Whether a Python of that name can fit. Names that tell nothing can.
VENV_INLINE bool can_fit(const PythonRequest& request, const PythonName& name) {
  if (request.kind != PythonRequest::Kind::version) return true;
  const bool known = !name.implementation.name().empty();
  if (known && name.implementation != request.implementation) return false;
  const ReleaseName& release = name.release;
  if (release.parts == 0) return true;
  if (release.parts > 1 && release.free_threaded != request.free_threaded) return false;
  if (request.minor && release.release[0] != (*request.minor)[0]) return false;
  if (request.minor && release.parts > 1 && release.release[1] != (*request.minor)[1]) return false;
  return true;
}

VENV_DETAIL_END

// ---- src/python/candidate.hpp -------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// What may be the Python that is looked for, before it is asked.
struct Candidate {
  fs::path executable{};
  PythonSource source = PythonSource::search_path;
  PythonName name{}; ///< what its name says
};

using Candidates = std::vector<Candidate>;

/// What candidates are ordered by: three numbers, one that isn't given counting as the newest.
VENV_INLINE std::array<int, 3> rank_of(const ReleaseName& name) {
  std::array<int, 3> rank{-1, -1, -1};
  if (name.parts == 0) return rank;
  for (std::size_t i = 0; i < 3; ++i) rank[i] = i < name.parts ? name.release[i] : INT_MAX;
  return rank;
}

/// The interpreter in a directory of programs, by the plainest of its names; empty where there is none.
VENV_INLINE fs::path plainest_python_in(const fs::path& folder, const PythonName& name) {
  std::vector<std::string> names{"python", "python3", "pypy", "pypy3", "graalpy"};
  if (name.release.parts > 1)
    names.push_back(
        (name.implementation.name().empty() ? "python" : name.implementation.command_name()) +
        name.release.release.minor_text() + (name.release.free_threaded ? "t" : ""));
  for (const std::string& each : names)
    if (fs::path program = folder / path_of(each + std::string(executable_suffix));
        is_program(program))
      return program;
  return {};
}

/// The interpreter of an installation, whose programs lie in `inside` of it; on Windows in itself.
VENV_INLINE fs::path plainest_python_below(const fs::path& prefix, const fs::path& inside,
                                           const PythonName& name) {
  fs::path python = plainest_python_in(prefix / inside, name);
  return python.empty() && this_os == Os::windows ? plainest_python_in(prefix, name) : python;
}

/// The installations below `folder`, one a directory, their programs lying in `inside` of it; the
/// newest first, those whose names tell no version last. Environments are passed over.
VENV_INLINE Candidates installations_in(const fs::path& folder, const fs::path& inside,
                                        PythonSource source) {
  Candidates found;
  if (!folder.is_absolute()) return found;
  for (const fs::path& entry : names_in_if_readable(folder)) {
    const std::string text = text_of(entry);
    if (text.front() == '.' ||
        followed_status_of(folder / entry / "pyvenv.cfg").kind == FileKind::file)
      continue;
    PythonName name = parse_installation_name(text);
    fs::path python = plainest_python_below(folder / entry, inside, name);
    if (!python.empty()) found.push_back({std::move(python), source, std::move(name)});
  }
  sort_by(found, [](const Candidate& a, const Candidate& b) {
    const auto first = rank_of(a.name.release), second = rank_of(b.name.release);
    return first != second ? first > second : a.executable < b.executable;
  });
  return found;
}

VENV_DETAIL_END

// ---- src/python/pyenv.hpp -----------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Where pyenv keeps its things: `$PYENV_ROOT`, else `~/.pyenv`; empty where neither is set.
VENV_INLINE fs::path pyenv_root() {
  if (const auto root = variable("PYENV_ROOT")) return path_of(*root);
  if (this_os == Os::windows) {
    if (const auto root = variable("PYENV")) return path_of(*root); // pyenv-win's
    const auto profile = variable("USERPROFILE");
    return profile ? path_of(*profile) / ".pyenv" / "pyenv-win" : fs::path();
  }
  if (const auto home = variable("HOME")) return path_of(*home) / ".pyenv";
  return {};
}

/// pyenv's versions, newest first; those whose names tell no version (`miniconda3-latest`) last.
VENV_INLINE Candidates pyenv_versions(const fs::path& root) {
  return installations_in(root / "versions", "bin", PythonSource::pyenv);
}

/// `PATH`; where it isn't set at all, what the system searches then, as `sh` and `shutil.which` do.
VENV_INLINE std::string search_path_text() {
  if (const auto path = set_variable("PATH")) return *path;
  return this_os == Os::windows ? ""
         : this_os == Os::macos ? "/usr/bin:/bin:/usr/sbin:/sbin"
                                : "/bin:/usr/bin";
}

/// Whether `program` is one of pyenv's shims: a script that lies in `shims` and hands over to pyenv.
VENV_INLINE bool is_pyenv_shim(const fs::path& program) {
  if (program.parent_path().filename() != "shims") return false;
  try {
    const std::string text = read_file(program, 1u << 14);
    return text.substr(0, 2) == "#!" && text.find("pyenv\" exec ") != text.npos;
  } catch (const Error&) {
    return false; // a binary is no shim
  }
}

/// The first word of each line that has one and is no comment: what pyenv reads in a version file.
VENV_INLINE std::vector<std::string> words_of_version_file(const fs::path& file) {
  std::vector<std::string> words;
  if (followed_status_of(file).kind != FileKind::file) return words;
  const std::string content = read_file(file, 1u << 16);
  for (const std::string_view line : split(content, '\n')) {
    const std::string_view text = strip(line);
    const std::string_view word = text.substr(0, text.find_first_of(" \t\r"));
    const bool outside = word == ".." || word.find('/') != word.npos;
    if (word.empty() || word.front() == '#' || outside) continue;
    for (const std::string_view name : split(word, ':')) words.emplace_back(name);
  }
  return words;
}

/// The versions that pyenv would try here, in order: `$PYENV_VERSION`, the nearest `.python-version`
/// upwards from `$PYENV_DIR` and the working directory, the global `version` file.
VENV_INLINE std::vector<std::string> pyenv_selection(const fs::path& root) {
  if (const auto chosen = variable("PYENV_VERSION")) {
    const auto names = split(*chosen, ':');
    return {names.begin(), names.end()};
  }
  std::vector<fs::path> starts;
  if (const auto dir = variable("PYENV_DIR")) starts.push_back(path_of(*dir));
  starts.push_back(working_directory());
  for (fs::path dir : starts)
    for (bool more = !dir.empty(); more; dir = dir.parent_path()) {
      const fs::path file = dir / ".python-version";
      if (followed_status_of(file).kind == FileKind::file) return words_of_version_file(file);
      more = dir != dir.parent_path();
    }
  return words_of_version_file(root / "version");
}

/// The directory of the version `name`, a prefix such as `3.12` meaning its newest release.
VENV_INLINE fs::path pyenv_prefix(const fs::path& root, std::string_view name) {
  for (std::string_view spelled = name;; spelled.remove_prefix(7)) {
    const fs::path exact = root / "versions" / path_of(spelled);
    if (followed_status_of(exact).kind == FileKind::directory) return exact;
    if (spelled.substr(0, 7) != "python-") {
      name = spelled;
      break;
    }
  }
  std::string_view rest = name;
  const Implementation wanted = take_implementation(rest).value_or("cpython");
  const auto release = parse_release_name(rest);
  if (!release) return {};
  for (const Candidate& candidate : pyenv_versions(root)) {
    const auto& [implementation, installed] = candidate.name;
    if (implementation != wanted || installed.parts < 2) continue;
    if (installed.free_threaded != release->free_threaded) continue;
    bool begins_alike = release->parts <= installed.parts;
    for (std::size_t i = 0; i < release->parts; ++i)
      begins_alike = begins_alike && installed.release[i] == release->release[i];
    if (begins_alike) return candidate.executable.parent_path().parent_path();
  }
  return {};
}

/// The first program on `PATH` called `name` that is no shim: what pyenv calls `system`.
VENV_INLINE fs::path program_behind_shims(const fs::path& name) {
  const std::string search_path = search_path_text();
  for (const std::string_view entry : split(search_path, search_path_separator)) {
    const fs::path program = path_of(entry) / name;
    if (program.is_absolute() && followed_status_of(program).kind == FileKind::file &&
        is_executable(program) && !is_pyenv_shim(program))
      return program;
  }
  return {};
}

/// The program that pyenv's shim stands for, found by reading what pyenv reads; the system's where
/// no version that is selected has it, empty where there is none either.
VENV_INLINE fs::path resolve_pyenv_shim(const fs::path& shim) {
  const fs::path root = shim.parent_path().parent_path();
  for (const std::string& name : pyenv_selection(root)) {
    const fs::path prefix = name == "system" ? fs::path() : pyenv_prefix(root, name);
    fs::path program = prefix.empty() ? fs::path() : prefix / "bin" / shim.filename();
    if (!program.empty() && is_executable(program)) return program;
    if (name != "system") continue;
    if (const fs::path system = program_behind_shims(shim.filename()); !system.empty())
      return system;
  }
  return program_behind_shims(shim.filename());
}

VENV_DETAIL_END

// ---- src/python/search_path.hpp -----------------------------------------------------------------

VENV_DETAIL_BEGIN

/// The directories on `PATH`, in its order, each once. Entries that are no absolute path are passed
/// over: what lies in the working directory is not meant to be run.
VENV_INLINE std::vector<fs::path> search_path_folders() {
  std::vector<fs::path> folders;
  const std::string search_path = search_path_text();
  for (const std::string_view entry : split(search_path, search_path_separator)) {
    fs::path folder = path_of(entry);
    if (!folder.is_absolute()) continue;
    if (std::find(folders.begin(), folders.end(), folder) == folders.end())
      folders.push_back(std::move(folder));
  }
  return folders;
}

/// The program, or what a shim of pyenv there stands for; empty where there is none.
VENV_INLINE fs::path program_or_shimmed(const fs::path& program) {
  if (!is_program(program)) return {};
  return is_pyenv_shim(program) ? resolve_pyenv_shim(program) : program;
}

VENV_INLINE Candidate named_candidate(fs::path program, const std::string& name,
                                      PythonSource source) {
  // What is behind a shim needs not be what the shim is called.
  const bool is_same = program.filename() == path_of(name + std::string(executable_suffix));
  const auto said = parse_command_name(name);
  return {std::move(program), source, is_same && said ? *said : PythonName{}};
}

/// The programs called `spelled` on `PATH`, in its order; on Windows with its suffix or without.
VENV_INLINE Candidates on_search_path(const std::string& spelled) {
  Candidates found;
  std::string name = spelled;
  const std::size_t suffix = executable_suffix.size();
  if (suffix != 0 && name.size() > suffix &&
      folded(name.substr(name.size() - suffix)) == executable_suffix)
    name.resize(name.size() - suffix);
  for (const fs::path& folder : search_path_folders()) {
    fs::path program = program_or_shimmed(folder / path_of(name + std::string(executable_suffix)));
    if (!program.empty())
      found.push_back(named_candidate(std::move(program), name, PythonSource::search_path));
  }
  return found;
}

/// The interpreters in a directory of programs: `python`, `python3`, `python3.N`, `python3.Nt`,
/// `pypy…`, `graalpy…`; the newest first, those whose names tell no minor version last.
VENV_INLINE Candidates pythons_in(const fs::path& folder, PythonSource source) {
  Candidates found;
  for (const fs::path& entry : names_in_if_readable(folder)) {
    std::string name = text_of(entry);
    if (name.empty() || (name[0] != 'p' && name[0] != 'g')) continue;
    if (name.size() > executable_suffix.size() &&
        name.substr(name.size() - executable_suffix.size()) == executable_suffix)
      name.resize(name.size() - executable_suffix.size());
    if (!parse_command_name(name)) continue;
    if (fs::path program = program_or_shimmed(folder / entry); !program.empty())
      found.push_back(named_candidate(std::move(program), name, source));
  }
  sort_by(found, [](const Candidate& a, const Candidate& b) {
    const auto minor = [](const Candidate& c) {
      return c.name.release.parts > 1 ? rank_of(c.name.release) : std::array<int, 3>{-1, -1, -1};
    };
    if (minor(a) != minor(b)) return minor(a) > minor(b);
    const auto plain = [](const Candidate& c) { // python3 before python before pypy
      return std::pair(c.name.implementation != "cpython", c.name.release.parts == 0);
    };
    return plain(a) != plain(b) ? plain(a) < plain(b) : a.executable < b.executable;
  });
  return found;
}

VENV_DETAIL_END

// ---- src/python/registered.hpp ------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// The Pythons that are noted with Windows (PEP 514): the user's own before the machine's; of one place
/// python.org's before others', the newest first.
VENV_INLINE Candidates registered_pythons() {
  Candidates all;
  for (const RegistryRoot root :
       {RegistryRoot::user, RegistryRoot::machine, RegistryRoot::machine_32}) {
    Candidates found;
    const std::string top = "Software\\Python";
    for (const std::string& company : registry_keys(root, top)) {
      if (folded(company) == "pylauncher") continue; // a reserved name
      for (const std::string& tag : registry_keys(root, top + '\\' + company)) {
        const std::string key = top + '\\' + company + '\\' + tag + "\\InstallPath";
        fs::path program = path_of(registry_text(root, key, "ExecutablePath").value_or(""));
        if (program.empty())
          if (const auto folder = registry_text(root, key, ""))
            program = path_of(*folder) / "python.exe";
        const bool is_core = folded(company) == "pythoncore";
        PythonName name = is_core ? parse_installation_name(tag) : PythonName{};
        if (is_program(program))
          found.push_back({std::move(program), PythonSource::registry, std::move(name)});
      }
    }
    sort_by(found, [](const Candidate& a, const Candidate& b) {
      return rank_of(a.name.release) > rank_of(b.name.release);
    });
    for (Candidate& each : found) all.push_back(std::move(each));
  }
  return all;
}

VENV_DETAIL_END

// ---- src/python/installations.hpp ---------------------------------------------------------------

VENV_DETAIL_BEGIN

// Where tools keep the Pythons that they install: one function a source. docs/pythons.md lists them.

/// The places that no variable names; a test has others.
struct Surroundings {
  fs::path root = "/";
  Os os = this_os;
};

VENV_INLINE fs::path user_home() {
  const auto home = variable(this_os == Os::windows ? "USERPROFILE" : "HOME");
  return home ? path_of(*home) : fs::path();
}

/// The directory that a variable names, else one below the home directory; empty without either.
VENV_INLINE fs::path folder_of(const char* name, const fs::path& below_home) {
  if (const auto folder = variable(name)) return path_of(*folder);
  const fs::path home = user_home();
  return home.empty() ? home : home / below_home;
}

/// Where programs keep data (XDG Base Directory Specification).
VENV_INLINE fs::path data_home() {
  if (this_os == Os::windows) return folder_of("APPDATA", fs::path("AppData") / "Roaming");
  return folder_of("XDG_DATA_HOME", fs::path(".local") / "share");
}

VENV_INLINE fs::path folder_or_data(const char* name, const fs::path& below_data) {
  if (const auto folder = variable(name)) return path_of(*folder);
  const fs::path data = data_home();
  return data.empty() ? data : data / below_data;
}

VENV_INLINE Candidates uv_pythons() {
  const fs::path folder = folder_or_data("UV_PYTHON_INSTALL_DIR", fs::path("uv") / "python");
  return installations_in(folder, "bin", PythonSource::uv);
}

VENV_INLINE Candidates asdf_pythons() {
  const fs::path folder = folder_of("ASDF_DATA_DIR", ".asdf");
  return installations_in(folder / "installs" / "python", "bin", PythonSource::asdf);
}

VENV_INLINE Candidates mise_pythons() {
  const fs::path folder = folder_or_data("MISE_DATA_DIR", "mise");
  return installations_in(folder / "installs" / "python", "bin", PythonSource::mise);
}

VENV_INLINE Candidates rye_pythons() {
  const fs::path folder = folder_of("RYE_HOME", ".rye") / "py";
  Candidates found = installations_in(folder, "bin", PythonSource::rye);
  Candidates older = installations_in(folder, fs::path("install") / "bin", PythonSource::rye);
  found.insert(found.end(), older.begin(), older.end());
  return found;
}

VENV_INLINE Candidates hatch_pythons(const Surroundings& where) {
  const fs::path folder = where.os == Os::macos
                              ? folder_of("HATCH_DATA_DIR", "Library/Application Support/hatch")
                              : folder_or_data("HATCH_DATA_DIR", "hatch");
  return installations_in(folder / "pythons", fs::path("python") / "bin", PythonSource::hatch);
}

/// Where conda, mamba and micromamba were installed to, as far as variables and habit tell.
VENV_INLINE std::vector<fs::path> conda_roots(const Surroundings& where) {
  std::vector<fs::path> roots;
  if (const auto conda = variable("CONDA_EXE")) // <root>/bin/conda
    roots.push_back(path_of(*conda).parent_path().parent_path());
  for (const char* name : {"CONDA_ROOT", "MAMBA_ROOT_PREFIX"})
    if (const auto root = variable(name)) roots.push_back(path_of(*root));
  for (const char* name :
       {"miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba", ".local/share/mamba"})
    if (const fs::path home = user_home(); !home.empty()) roots.push_back(home / name);
  for (const char* name : {"opt/conda", "opt/miniconda3", "opt/anaconda3", "opt/miniforge3"})
    roots.push_back(where.root / name);
  return roots;
}

/// The active environment, those in conda's own list, the roots and the environments below them.
VENV_INLINE Candidates conda_pythons(const Surroundings& where) {
  Candidates found;
  const auto add = [&found](const fs::path& prefix) {
    fs::path python = plainest_python_below(prefix, "bin", {});
    if (prefix.is_absolute() && !python.empty())
      found.push_back({std::move(python), PythonSource::conda, {}});
  };
  if (const auto active = variable("CONDA_PREFIX")) add(path_of(*active));
  const fs::path list = user_home() / ".conda" / "environments.txt";
  if (followed_status_of(list).kind == FileKind::file) {
    const std::string text = read_file(list, 1u << 20);
    for (const std::string_view line : split(text, '\n')) add(path_of(strip(line)));
  }
  std::vector<fs::path> folders{user_home() / ".conda" / "envs"};
  for (const fs::path& root : conda_roots(where)) {
    add(root);
    folders.push_back(root / "envs");
  }
  for (const fs::path& folder : folders)
    for (const fs::path& name : names_in_if_readable(folder)) add(folder / name);
  return found;
}

VENV_INLINE Candidates opt_pythons(const Surroundings& where) {
  return installations_in(where.root / "opt" / "python", "bin", PythonSource::opt_python);
}

/// Formulae below `opt`, whose links stay when Homebrew upgrades what they lead to.
VENV_INLINE Candidates homebrew_pythons(const Surroundings& where) {
  std::vector<fs::path> prefixes;
  if (const auto prefix = variable("HOMEBREW_PREFIX")) prefixes.push_back(path_of(*prefix));
  for (const char* prefix : {"opt/homebrew", "usr/local", "home/linuxbrew/.linuxbrew"})
    prefixes.push_back(where.root / prefix);
  Candidates found;
  for (const fs::path& prefix : prefixes)
    for (const fs::path& name : names_in_if_readable(prefix / "opt")) {
      const std::string spelled = text_of(name);
      std::string_view text = spelled;
      if (!take_prefix(text, "python@") && !take_prefix(text, "pypy") &&
          !take_prefix(text, "graalpy"))
        continue;
      const PythonName said = parse_installation_name(spelled);
      fs::path python = plainest_python_in(prefix / "opt" / name / "bin", said);
      if (!python.empty()) found.push_back({std::move(python), PythonSource::homebrew, said});
    }
  sort_by(found, [](const Candidate& a, const Candidate& b) {
    return rank_of(a.name.release) > rank_of(b.name.release);
  });
  return found;
}

/// python.org's frameworks, and those of Apple's tools.
inline constexpr const char* framework_folders[] = {
    "Library/Frameworks/Python.framework/Versions",
    "Library/Frameworks/PythonT.framework/Versions",
    "Applications/Xcode.app/Contents/Developer/Library/Frameworks/Python3.framework/Versions",
    "Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions",
};

VENV_INLINE Candidates framework_pythons(const Surroundings& where) {
  Candidates found;
  if (where.os != Os::macos) return found;
  for (const char* folder : framework_folders)
    for (Candidate& each : installations_in(where.root / folder, "bin", PythonSource::framework))
      found.push_back(std::move(each));
  return found;
}

/// The candidates of one source that is no `PATH`, in the order in which they are tried.
VENV_INLINE Candidates pythons_of(PythonSource source, const Surroundings& where) {
  switch (source) {
  case PythonSource::pyenv: return pyenv_versions(pyenv_root());
  case PythonSource::uv: return uv_pythons();
  case PythonSource::asdf: return asdf_pythons();
  case PythonSource::mise: return mise_pythons();
  case PythonSource::rye: return rye_pythons();
  case PythonSource::hatch: return hatch_pythons(where);
  case PythonSource::conda: return conda_pythons(where);
  case PythonSource::opt_python: return opt_pythons(where);
  case PythonSource::homebrew: return homebrew_pythons(where);
  case PythonSource::framework: return framework_pythons(where);
  case PythonSource::registry: return registered_pythons();
  case PythonSource::given:
  case PythonSource::search_path:
  default: return {}; // they are no lists
  }
}

/// The order of the search behind `PATH`.
inline constexpr PythonSource sources_in_order[] = {
    PythonSource::pyenv,     PythonSource::uv,         PythonSource::asdf,
    PythonSource::mise,      PythonSource::rye,        PythonSource::hatch,
    PythonSource::conda,     PythonSource::opt_python, PythonSource::homebrew,
    PythonSource::framework, PythonSource::registry};

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE std::string name_of(PythonSource source) {
  switch (source) {
  case PythonSource::given: return "the request";
  case PythonSource::search_path: return "PATH";
  case PythonSource::pyenv: return "pyenv";
  case PythonSource::uv: return "uv";
  case PythonSource::asdf: return "asdf";
  case PythonSource::mise: return "mise";
  case PythonSource::rye: return "rye";
  case PythonSource::hatch: return "hatch";
  case PythonSource::conda: return "conda";
  case PythonSource::opt_python: return "/opt/python";
  case PythonSource::homebrew: return "Homebrew";
  case PythonSource::framework: return "framework";
  case PythonSource::registry: return "registry";
  default: return {};
  }
}

VENV_END

// ---- src/python/rejections.hpp ------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// `3.13.0t`, for people and lists.
VENV_INLINE std::string version_of(const Interpreter& python) {
  return python.version.text() + python.prerelease + (python.free_threaded ? "t" : "");
}

/// "CPython 3.13.0", for people.
VENV_INLINE std::string describe(const Interpreter& python) {
  return python.implementation.display_name() + ' ' + version_of(python) +
         (python.debug ? ", a debug build" : "");
}

/// What is said of a candidate that was not asked, as its name says enough.
VENV_INLINE std::string describe(const PythonName& name) {
  const std::string implementation =
      name.implementation.name().empty() ? "Python" : name.implementation.display_name();
  std::string text = "is " + implementation;
  for (std::size_t i = 0; i < name.release.parts; ++i)
    text += (i ? "." : " ") + std::to_string(name.release.release[i]);
  return text + (name.release.free_threaded ? "t" : "") + " by its name";
}

/// Why candidates were rejected, for the hint of the error at the end.
class Rejections {
public:
  void add(const Candidate& candidate, const std::string& why) {
    lines_.push_back(quoted(candidate.executable) + " (" + name_of(candidate.source) + ") " + why);
  }
  [[nodiscard]] bool empty() const { return lines_.empty(); }
  /// One line each; with the two headlines of the error that it is the hint of at most twenty. The
  /// last one says how many are left out.
  [[nodiscard]] std::string text() const {
    constexpr std::size_t most = 18;
    if (lines_.empty()) return "No Python was found on PATH or anywhere else that is searched.";
    std::string text = "Tried:";
    const std::size_t shown = lines_.size() <= most ? lines_.size() : most - 1;
    for (std::size_t i = 0; i < shown; ++i) text += "\n  " + lines_[i];
    if (shown < lines_.size()) text += "\n  and " + std::to_string(lines_.size() - shown) + " more";
    return text;
  }

private:
  std::vector<std::string> lines_{};
};

/// Why an interpreter can't be used, without its name, which stands before it.
VENV_INLINE std::string reason_in(const Error& error, const fs::path& python) {
  const std::string why = error.what(), name = quoted(python) + ' ';
  return why.substr(0, name.size()) == name ? why.substr(name.size()) : why;
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE std::string full_version(const Interpreter& python) {
  return detail::version_of(python);
}

VENV_END

// ---- src/python/search.hpp ----------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// At most so many Pythons are started at a time.
inline constexpr std::size_t most_asked_at_once = 8;

/// What came of asking a candidate.
struct Outcome {
  std::optional<Interpreter> interpreter{};
  std::string why{}; ///< it can't be used
};

/// Goes through candidates, group by group, until one fits; gathers why others don't.
class Search {
public:
  Search(const PythonRequest& request, const fs::path& env_dir, const Probe& probe,
         const StopRequest& stop)
      : request_(request), env_dir_(env_dir), probe_(probe), stop_(stop) {}

  /// The first of these that fits, or the newest where the request means a range. What only fits
  /// badly is remembered for `second_choice`.
  std::optional<Interpreter> first_fitting(Candidates group) {
    group = those_that_can_fit(std::move(group));
    if (request_.is_range) put_newest_first(group);
    for (std::size_t i = 0, asked = 0; i < group.size(); ++i) {
      if (i == asked) { // one first; if that isn't it, several, and then many
        const std::size_t count = asked == 0   ? 1
                                  : asked == 1 ? most_asked_at_once
                                               : 4 * most_asked_at_once;
        asked = (std::min)(group.size(), i + count);
        ask_all(group, i, asked);
      }
      if (auto python = judge(group[i])) return python;
    }
    return std::nullopt;
  }

  /// The first that fits badly, where one did.
  [[nodiscard]] const std::optional<Interpreter>& second_choice() const { return second_choice_; }
  [[nodiscard]] const Rejections& rejections() const { return rejections_; }

  /// Asks those that were not asked yet, several at a time.
  void ask_all(const Candidates& group, std::size_t begin, std::size_t end) {
    std::vector<const Candidate*> open;
    for (std::size_t i = begin; i < end; ++i)
      if (!outcomes_.count(group[i].executable)) open.push_back(&group[i]);
    std::vector<Outcome> outcomes(open.size());
    in_parallel(
        open.size(), (std::min)(open.size(), most_asked_at_once),
        [&](std::size_t i) { outcomes[i] = ask_one(*open[i]); }, stop_);
    for (std::size_t i = 0; i < open.size(); ++i)
      outcomes_[open[i]->executable] = std::move(outcomes[i]);
  }
  const Outcome& outcome_of(const Candidate& candidate) {
    ask_all({candidate}, 0, 1);
    return outcomes_[candidate.executable];
  }

private:
  Outcome ask_one(const Candidate& candidate) const {
    try {
      Outcome outcome{interpreter_outside(env_dir_, candidate.executable, probe_), {}};
      outcome.interpreter->source = candidate.source;
      return outcome;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::interrupted) throw;
      return {{}, reason_in(error, candidate.executable)};
    }
  }

  Candidates those_that_can_fit(Candidates group) {
    Candidates kept;
    for (Candidate& candidate : group) {
      if (!seen_.insert({candidate.executable, true}).second) continue;
      if (can_fit(request_, candidate.name)) kept.push_back(std::move(candidate));
      else rejections_.add(candidate, describe(candidate.name));
    }
    return kept;
  }

  /// Candidates whose names don't tell their version must be asked for that.
  void put_newest_first(Candidates& group) {
    const auto is_vague = [](const Candidate& c) { return c.name.release.parts < 2; };
    Candidates vague;
    std::copy_if(group.begin(), group.end(), std::back_inserter(vague), is_vague);
    if (vague.size() == group.size() && group.size() == 1) return;
    ask_all(vague, 0, vague.size());
    using Rank = std::pair<std::array<int, 3>, std::size_t>; // the second keeps the order of equals
    std::vector<std::pair<Rank, Candidate>> ranked;
    for (Candidate& candidate : group) {
      auto rank = rank_of(candidate.name.release);
      const auto outcome = outcomes_.find(candidate.executable);
      if (outcome != outcomes_.end() && outcome->second.interpreter)
        rank = outcome->second.interpreter->version.numbers;
      if (rank[1] >= 0) rank[2] = 0; // one minor version: in the order in which they stand
      ranked.push_back({{rank, group.size() - ranked.size()}, candidate});
    }
    sort_by(ranked, [](const auto& a, const auto& b) { return a.first > b.first; });
    for (std::size_t i = 0; i < group.size(); ++i) group[i] = std::move(ranked[i].second);
  }

  std::optional<Interpreter> judge(const Candidate& candidate) {
    const Outcome& outcome = outcome_of(candidate);
    if (!outcome.interpreter) return rejections_.add(candidate, outcome.why), std::nullopt;
    const Fit how = fit(request_, *outcome.interpreter);
    if (how == Fit::yes) return outcome.interpreter;
    if (how == Fit::second_choice && !second_choice_) second_choice_ = outcome.interpreter;
    // Another name of what was rejected already needs no line of its own.
    if (rejected_.insert({outcome.interpreter->real_executable, true}).second)
      rejections_.add(candidate, "is " + describe(*outcome.interpreter));
    return std::nullopt;
  }

  const PythonRequest& request_;
  const fs::path& env_dir_;
  const Probe& probe_;
  const StopRequest& stop_;
  std::map<fs::path, Outcome> outcomes_{};
  std::map<fs::path, bool> seen_{}, rejected_{};
  std::optional<Interpreter> second_choice_{};
  Rejections rejections_{};
};

VENV_DETAIL_END

// ---- src/python/discovery.hpp -------------------------------------------------------------------

VENV_DETAIL_BEGIN

// The order of the search, as docs/pythons.md has it:
//
//  1. what the request names: a path, or a directory that an interpreter lies in;
//  2. the command of that name on PATH (without a request `python3`, then `python`);
//  3. each interpreter on PATH, directory by directory;
//  4. what tools have installed, tool by tool (`sources_in_order`).
//
// A version may fit at each step; within one directory, and within one tool's, a range takes the
// newest. What fits badly (`Fit::second_choice`) is taken when nothing else was found.

/// Which Python is wanted, for what, and who may stop the search.
struct Wanted {
  std::string request{};
  fs::path env_dir{};   ///< the environment's directory, in which no base may lie; may be empty
  std::string origin{}; ///< what the request came from, for messages; may be empty
  StopRequest stop{};
};

/// The same error, saying also what the request came from.
VENV_INLINE Error with_origin(const Error& error, const std::string& origin) {
  if (origin.empty()) return error;
  Error told(error.code(), std::string(error.what()) + " (asked for by " + printable(origin) + ')');
  told.at(error.step()).on(error.path()).advise(error.hint()).printed(error.output());
  return told;
}

/// The interpreters in a directory that a request names: an installation's or an environment's, or
/// the directory of programs itself; the plainest names first.
VENV_INLINE Candidates pythons_below(const fs::path& directory) {
  Candidates found;
  for (const fs::path& folder : {directory / "bin", directory / "Scripts", directory}) {
    const fs::path plain = plainest_python_in(folder, {});
    if (!plain.empty()) found.push_back({plain, PythonSource::given, {}});
    for (Candidate& each : pythons_in(folder, PythonSource::given))
      found.push_back(std::move(each));
    if (!found.empty()) break;
  }
  return found;
}

/// 1. A path: a file is asked, a directory's interpreter is looked for.
VENV_INLINE Interpreter python_at(const fs::path& path, const fs::path& env_dir,
                                  const Probe& probe) {
  fs::path python = absolute_path(path);
  if (followed_status_of(python).kind == FileKind::directory) {
    const Candidates found = pythons_below(python);
    if (found.empty()) throw unusable(python, "is a directory, and no interpreter lies in it");
    python = found.front().executable;
  } else if (is_pyenv_shim(python)) {
    if (fs::path real = resolve_pyenv_shim(python); !real.empty()) python = std::move(real);
  }
  Interpreter answer = interpreter_outside(env_dir, python, probe);
  answer.source = PythonSource::given;
  return answer;
}

/// 2. What is found on `PATH` under the request's own name.
VENV_INLINE Candidates named_candidates(const PythonRequest& request) {
  if (request.kind != PythonRequest::Kind::any) return on_search_path(request.text);
  Candidates found = on_search_path("python3");
  for (Candidate& each : on_search_path("python")) found.push_back(std::move(each));
  return found;
}

/// 3. The candidates in one directory of `PATH`. Where one minor version is meant only its names are
/// looked for, not all that lies there.
VENV_INLINE Candidates candidates_in(const fs::path& folder, const PythonRequest& request) {
  if (!request.minor) return pythons_in(folder, PythonSource::search_path);
  const std::string command = request.implementation.command_name();
  const std::string letters =
      std::string(request.free_threaded ? "t" : "") + (request.debug ? "d" : "");
  Candidates found;
  for (const std::string& name : {command + request.minor->minor_text() + letters,
                                  command + request.minor->minor_text(), command + '3', command}) {
    fs::path program = program_or_shimmed(folder / path_of(name + std::string(executable_suffix)));
    if (!program.empty())
      found.push_back(named_candidate(std::move(program), name, PythonSource::search_path));
  }
  return found;
}

/// 2. to 4., until one fits.
VENV_INLINE std::optional<Interpreter> search_for(const PythonRequest& request, Search& search,
                                                  const Surroundings& where) {
  const bool is_named =
      request.kind != PythonRequest::Kind::version || parse_command_name(request.text).has_value();
  if (is_named)
    for (Candidate& candidate : named_candidates(request)) // each by itself: PATH's order counts
      if (auto python = search.first_fitting({std::move(candidate)})) return python;
  if (request.kind == PythonRequest::Kind::name) return std::nullopt;
  for (const fs::path& folder : search_path_folders())
    if (auto python = search.first_fitting(candidates_in(folder, request))) return python;
  for (const PythonSource source : sources_in_order)
    if (auto python = search.first_fitting(pythons_of(source, where))) return python;
  return search.second_choice();
}

VENV_INLINE Error nothing_found(const PythonRequest& request, const Rejections& rejections) {
  const std::string shown = "'" + printable(request.text) + "'";
  const bool is_name = request.kind == PythonRequest::Kind::name;
  if (is_name && !is_command_name(request.text))
    return Error(ErrorCode::invalid_argument, shown + " is no request for a Python")
        .at("find the interpreter")
        .advise(requests_understood);
  Error error(ErrorCode::python_not_found,
              request.kind == PythonRequest::Kind::any ? "no Python found for an environment"
              : is_name && rejections.empty()
                  ? "no Python found for " + shown + ": it is no command on PATH and no version"
                  : "no Python found for " + shown);
  error.at("find the interpreter");
  return error.advise(is_name && rejections.empty() ? requests_understood : rejections.text());
}

/// The Python that is wanted. Errors: see `find_interpreter`.
VENV_INLINE Interpreter discover(const Wanted& wanted, const Probe& probe,
                                 const Surroundings& where = {}) try {
  const PythonRequest request = parse_request(wanted.request);
  const fs::path env_dir = resolved(wanted.env_dir).value_or(fs::path()); // else nothing lies in it
  if (request.kind == PythonRequest::Kind::path)
    return python_at(path_of(request.text), env_dir, probe);
  Search search(request, env_dir, probe, wanted.stop);
  if (auto python = search_for(request, search, where)) return *python;
  if (request.kind == PythonRequest::Kind::name && search.rejections().empty() &&
      followed_status_of(path_of(request.text)).kind == FileKind::directory)
    return python_at(path_of(request.text), env_dir, probe);
  throw nothing_found(request, search.rejections());
} catch (const Error& error) {
  throw with_origin(error, wanted.origin);
}

/// All candidates there are, in the order of the search.
VENV_INLINE Candidates all_candidates(const Surroundings& where) {
  Candidates all;
  const auto add = [&all](Candidates some) {
    for (Candidate& each : some) all.push_back(std::move(each));
  };
  add(named_candidates({}));
  for (const fs::path& folder : search_path_folders())
    add(pythons_in(folder, PythonSource::search_path));
  for (const PythonSource source : sources_in_order) add(pythons_of(source, where));
  return all;
}

/// `find_interpreters`, asking by `probe`.
VENV_INLINE std::vector<FoundPython> discover_all(const Wanted& wanted, const Probe& probe,
                                                  const Surroundings& where = {}) {
  const std::string& text = wanted.request;
  const PythonRequest request = parse_request(text);
  Candidates candidates;
  if (request.kind == PythonRequest::Kind::path)
    candidates.push_back({absolute_path(path_of(text)), PythonSource::given, {}});
  else if (request.kind == PythonRequest::Kind::name) candidates = on_search_path(text);
  else candidates = all_candidates(where);
  Search search(request, wanted.env_dir, probe, wanted.stop);
  search.ask_all(candidates, 0, candidates.size());
  std::vector<FoundPython> found;
  std::map<fs::path, bool> seen;
  for (const Candidate& candidate : candidates) {
    const Outcome& outcome = search.outcome_of(candidate);
    const auto& python = outcome.interpreter;
    const fs::path same = python ? python->base_executable : candidate.executable;
    if (!seen.insert({resolved(same).value_or(same), true}).second) continue;
    FoundPython entry{candidate.executable, candidate.source, python, outcome.why};
    if (python && fit(request, *python) == Fit::no) entry.rejected = "is " + describe(*python);
    found.push_back(std::move(entry));
  }
  return found;
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE Interpreter find_interpreter(const std::string& request, const Options& options) {
  const detail::Cache cache(options);
  const detail::ProbeOptions asking =
      detail::probe_options(options, detail::StopRequest(options.is_cancelled));
  return detail::discover({request, {}, options.python_origin, asking.stop},
                          detail::RememberedProbe(cache, asking));
}

VENV_INLINE std::vector<FoundPython> find_interpreters(const std::string& request,
                                                       const Options& options) {
  const detail::Cache cache(options);
  const detail::ProbeOptions asking =
      detail::probe_options(options, detail::StopRequest(options.is_cancelled));
  return detail::discover_all({request, {}, {}, asking.stop},
                              detail::RememberedProbe(cache, asking));
}

VENV_END

// ---- src/python/version_file.hpp ----------------------------------------------------------------

VENV_DETAIL_BEGIN

/// What a project's file asks for: `.python-version` (pyenv's, uv's) or `.python-versions`.
struct VersionFile {
  fs::path path{};
  std::vector<std::string> requests{}; ///< the first that is found is meant
};

/// A word of such a file as a request: pyenv's versions may have names of their own.
VENV_INLINE std::string request_of_word(const std::string& word, const fs::path& pyenv) {
  if (parse_request(word).kind == PythonRequest::Kind::version) return word;
  if (const fs::path prefix = pyenv.empty() ? pyenv : pyenv_prefix(pyenv, word); !prefix.empty())
    return text_of(prefix / "bin");
  const PythonName name = parse_installation_name(word); // pypy3.11-7.3.20, 3.14-dev
  if (name.release.parts < 2) return word;
  return name.implementation.command_name() + name.release.release.minor_text() +
         (name.release.free_threaded ? "t" : "");
}

/// The nearest of these files from `start` upwards; nothing where there is none, or nothing in it.
VENV_INLINE std::optional<VersionFile> nearest_version_file(const fs::path& start) {
  for (fs::path dir = start; !dir.empty(); dir = dir.parent_path()) {
    for (const char* name : {".python-version", ".python-versions"}) {
      VersionFile file{dir / name, {}};
      if (followed_status_of(file.path).kind != FileKind::file) continue;
      for (const std::string& word : words_of_version_file(file.path))
        if (word != "system") file.requests.push_back(request_of_word(word, pyenv_root()));
        else break; // what follows is only for when the system has none
      if (file.requests.empty()) return std::nullopt;
      return file;
    }
    if (dir == dir.parent_path()) break;
  }
  return std::nullopt;
}

VENV_DETAIL_END

// ---- src/python/redirect.hpp --------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Where `path` redirects to, where it is a file `.venv` with the path of an environment in it (PEP 832,
/// a draft): its first line, relative to the file's directory. Nothing for another name, what is no
/// file, or one without such a line.
/// The file itself is never written: what it names is the environment.
VENV_INLINE std::optional<fs::path> redirected_environment(const fs::path& path) {
  if (path.filename() != ".venv") return std::nullopt;
  const FileStatus status = followed_status_of(path);
  constexpr std::uint64_t longest = 1u << 14;
  if (status.kind != FileKind::file || status.size > longest) return std::nullopt;
  const std::string text = read_file(path, longest);
  const std::string_view whole = text;
  const std::string_view line = strip(whole.substr(0, whole.find_first_of("\r\n")));
  const bool is_path = !line.empty() && is_utf8(line) && !has_control_character(line);
  const bool is_alone =
      strip(whole.substr((std::min)(whole.find_first_of("\r\n"), whole.size()))).empty();
  if (!is_path || !is_alone) return std::nullopt;
  return absolute_path(path.parent_path() / path_of(line));
}

/// The environment's directory that `path` means: itself, or what it redirects to, once; a file that
/// redirects to another file is refused, as is one that redirects nowhere.
VENV_INLINE fs::path environment_meant(const fs::path& path) {
  const auto target = redirected_environment(path);
  if (!target) return path;
  if (followed_status_of(*target).kind == FileKind::file)
    throw Error(ErrorCode::invalid_argument,
                quoted(path) + " redirects to " + quoted(*target) + ", which is a file itself")
        .at("follow a redirection")
        .on(path);
  return *target;
}

VENV_DETAIL_END

// ---- src/python/marker_values.hpp ---------------------------------------------------------------

VENV_DETAIL_BEGIN

/// What environment markers ask of a Python, on this system (PEP 508, "Environment Markers").
VENV_INLINE MarkerValues marker_values(const Interpreter& python) {
  const SystemNames system = system_names();
  MarkerValues values;
  values.implementation_name = python.implementation.name();
  values.implementation_version = python.implementation_version;
  values.os_name = python.os_name;
  values.platform_machine = python.machine;
  values.platform_python_implementation = python.implementation.display_name();
  values.platform_release = system.release;
  values.platform_system = system.name;
  values.platform_version = system.version;
  values.python_full_version = python.version.text() + python.prerelease;
  values.python_version = python.version.minor_text();
  values.sys_platform = python.platform;
  return values;
}

VENV_DETAIL_END

// ---- src/create/journal.hpp ---------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// The directory inside an environment in which a run keeps what it replaces, and the log that says
/// what lay where. It is gone when the run has ended; one that is found belongs to a killed run.
inline constexpr char journal_name[] = ".venv.hpp-journal";
inline constexpr char journal_log[] = "log";

/// What a run did, or was about to do, to one entry of the directory.
enum class ChangeKind : std::uint64_t {
  begun = 1,      ///< the directory was new or empty: all that lies in it is the run's
  made_directory, ///< a directory was made in place
  made,           ///< `inode` was put where nothing was
  replaced,       ///< `inode` was put there, and what was there is `kept`
  removed,        ///< what was there is `kept`
  copied,         ///< `kept` is a copy of what others are about to change in place
  cleared,        ///< all that was there is kept: from here on the directory counts as empty
  committed,      ///< the run has succeeded: only what is kept is left to be deleted
  lent,           ///< others make entries there: all are theirs but the names in `kept`
};

/// One line of the log. Paths are relative to the environment.
struct Change {
  ChangeKind kind = ChangeKind::begun;
  std::string path{}, kept{};
  std::uint64_t inode = 0;
};

/// A record that tells by its checksum whether it was written whole.
VENV_INLINE std::string format_change(const Change& change) {
  FieldWriter fields;
  fields.number(static_cast<std::uint64_t>(change.kind));
  fields.text(change.path);
  fields.text(change.kept);
  fields.number(change.inode);
  FieldWriter record;
  record.text(fields.bytes());
  record.number(checksum(fields.bytes()));
  return record.bytes();
}

/// Whether a path of the log stays inside the environment: who can write there could have made it up.
VENV_INLINE bool is_inner_path(const std::string& text) {
  const fs::path path = path_of(text);
  if (text.empty() || path.is_absolute() || path.has_root_name()) return false;
  for (const fs::path& part : path)
    if (part == ".." || part == ".") return false;
  return true;
}

/// The changes of a log as far as it was written; a record that is cut or damaged ends it.
VENV_INLINE std::vector<Change> parse_changes(std::string_view log) {
  std::vector<Change> changes;
  FieldReader records(log);
  while (!records.at_end()) {
    const std::string record = records.text();
    if (records.number() != checksum(record) || records.failed()) break;
    FieldReader fields(record);
    Change change;
    change.kind = static_cast<ChangeKind>(fields.number());
    change.path = fields.text();
    change.kept = fields.text();
    change.inode = fields.number();
    const bool has_path = change.kind != ChangeKind::begun && change.kind != ChangeKind::cleared &&
                          change.kind != ChangeKind::committed;
    const bool has_kept = change.kind == ChangeKind::replaced ||
                          change.kind == ChangeKind::removed || change.kind == ChangeKind::copied;
    if (fields.failed() || (has_path && !is_inner_path(change.path)) ||
        (has_kept && !is_inner_path(change.kept)))
      break;
    changes.push_back(std::move(change));
  }
  return changes;
}

/// Whether both are files with the same bytes.
VENV_INLINE bool has_same_bytes(const fs::path& a, const fs::path& b) {
  const FileStatus left = status_of(a), right = status_of(b);
  if (left.kind != FileKind::file || right.kind != FileKind::file) return false;
  return left.size == right.size && read_file(a) == read_file(b);
}

/// Takes one change back, in `root`. Only what the run itself put there is removed: a file that
/// somebody made since then stays, and so does what lies in a directory.
VENV_INLINE void take_back(const fs::path& root, const Change& change) {
  const fs::path path = root / path_of(change.path), kept = root / path_of(change.kept);
  const auto is_ours = [&change](const FileStatus& status) {
    return status.kind != FileKind::missing && status.inode == change.inode;
  };
  switch (change.kind) {
  case ChangeKind::made_directory: remove_empty_directory(path); return;
  case ChangeKind::made:
    if (is_ours(known_status_of(path))) remove_tree(path);
    return;
  case ChangeKind::replaced:
  case ChangeKind::removed: {
    const FileStatus old = known_status_of(kept), now = known_status_of(path);
    const bool still_new = change.kind == ChangeKind::replaced && is_ours(old);
    if (old.kind == FileKind::missing || still_new) return; // it never came to that
    if (change.kind == ChangeKind::replaced && is_ours(now)) {
      if (now.kind == FileKind::directory) remove_tree(path);
    } else if (now.kind != FileKind::missing) {
      return;
    }
    make_directories(path.parent_path());
    rename_file(kept, path);
    return;
  }
  case ChangeKind::copied:
    if (known_status_of(kept).kind == FileKind::file && !has_same_bytes(path, kept))
      rename_file(kept, path);
    return;
  case ChangeKind::lent: {
    const std::vector<std::string_view> names = split(change.kept, '/');
    for (const fs::path& name : names_in_if_any(path))
      if (std::find(names.begin(), names.end(), text_of(name)) == names.end())
        remove_tree(path / name);
    return;
  }
  default: return;
  }
}

/// Takes all changes back that were not committed, the last first. Goes on where one can't be; whether
/// all could.
VENV_INLINE bool take_back_all(const fs::path& root, const std::vector<Change>& changes) {
  bool whole = true;
  for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
    try {
      take_back(root, *change);
    } catch (const Error&) {
      whole = false;
    }
  }
  return whole;
}

/// A directory in which others make entries during a run.
struct Watched {
  fs::path directory{};
  std::vector<fs::path> names{}; ///< that were in it
  bool is_whole = false; ///< since before the run's first change: nothing else belongs there
};

VENV_INLINE std::vector<fs::path> new_entries(const Watched& watched) {
  std::vector<fs::path> paths;
  for (const fs::path& name : names_in_if_readable(watched.directory))
    if (name != journal_name &&
        !std::binary_search(watched.names.begin(), watched.names.end(), name))
      paths.push_back(watched.directory / name);
  return paths;
}

/// The log of a run, on disk from its first record on.
class Journal {
public:
  explicit Journal(fs::path root) : root_(std::move(root)) {}
  bool is_begun() const { return log_.has_value(); }

  /// A place in the journal for what is replaced, relative to the environment.
  std::string next_kept() { return std::string(journal_name) + '/' + std::to_string(++count_); }
  /// Makes the directory. Error (`io`) when it can't be made.
  void begin() {
    if (is_begun()) return;
    make_directory(root_ / journal_name);
    try {
      log_.emplace(root_ / journal_name / journal_log);
    } catch (const Error&) {
      remove_empty_directory(root_ / journal_name);
      throw;
    }
  }
  /// Writes a change down, before it is made.
  void add(const Change& change) {
    begin();
    log_->append(format_change(change));
  }
  /// Deletes it with all that is kept. The first entry that could not be deleted, or nothing.
  std::optional<Error> end() noexcept {
    if (!is_begun()) return std::nullopt;
    log_.reset();
    try {
      remove_tree(root_ / journal_name);
      return std::nullopt;
    } catch (const Error& error) {
      return error;
    }
  }

private:
  fs::path root_;
  std::optional<AppendedFile> log_{};
  unsigned long count_ = 0;
};

/// Marks what lies in `root`, all of it a killed run's, as an environment that is not finished: its
/// configuration goes, and whatever hooks have put there, it may be filled and cleared.
VENV_INLINE void mark_unfinished(const fs::path& root, const char* marker) {
  if (status_of(root / "pyvenv.cfg").kind == FileKind::file)
    return rename_file(root / "pyvenv.cfg", root / marker);
  const auto counts = [](const fs::path& name) {
    return name != journal_name && name != "lost+found";
  };
  const std::vector<fs::path> names = names_in_if_readable(root);
  if (std::any_of(names.begin(), names.end(), counts) &&
      status_of(root / marker).kind == FileKind::missing)
    write_file(root / marker, "");
}

/// Takes back or finishes what a killed run left in `root`, which this run has locked. Afterwards it
/// is what it was before that run, or a half-made environment that may be filled.
VENV_INLINE void recover(const fs::path& root, const char* marker) {
  const fs::path journal = root / journal_name;
  if (known_status_of(journal).kind != FileKind::directory) return;
  std::vector<Change> changes; // none: killed before its first change
  if (known_status_of(journal / journal_log).kind != FileKind::missing)
    changes = parse_changes(read_file(journal / journal_log));
  bool committed = false;
  auto first = changes.begin(); // of those that are taken back
  for (auto change = first; change != changes.end(); ++change) {
    committed = committed || change->kind == ChangeKind::committed;
    if (change->kind == ChangeKind::begun || change->kind == ChangeKind::cleared) first = change;
  }
  if (!committed && first != changes.end() &&
      (first->kind == ChangeKind::begun || first->kind == ChangeKind::cleared))
    mark_unfinished(root, marker);
  if (!committed && !take_back_all(root, {first, changes.end()}))
    throw Error(ErrorCode::io,
                "cannot take back what an interrupted run left in " + quoted(journal))
        .at("take back an interrupted run")
        .on(root);
  remove_tree(journal);
}

VENV_DETAIL_END

// ---- src/create/state.hpp -----------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// The configuration that is being written: until it becomes `pyvenv.cfg`, the directory is a
/// half-made environment. In a directory that was made for it, it is the only mark of that.
inline constexpr char staged_cfg[] = "pyvenv.cfg.new";

/// A name in the scripts' directory.
struct ScriptsEntry {
  std::string name{};
  FileKind kind = FileKind::missing;     ///< of the entry itself
  FileKind leads_to = FileKind::missing; ///< of what a link leads to
  std::string target{};                  ///< of a link, as it is spelled
  bool is_script = false; ///< a file that begins with `#!`, if it has an interpreter's name
};

/// A library directory of some Python: `lib/python3.12`.
struct LibraryDirectory {
  std::string name;                    ///< `python3.12`
  fs::path site_packages;              ///< absolute
  std::vector<std::string> dist_infos; ///< names of its `.dist-info` directories
};

/// What lies in a directory, read once: all that `create` decides by. Reading starts nothing and
/// changes nothing.
struct State {
  FileKind kind = FileKind::missing;   ///< of the directory, links followed
  bool is_link = false;                ///< the directory is reached by a link
  bool is_empty = true;                ///< nothing lies in it (a volume's `lost+found` aside)
  bool is_environment = false;         ///< `pyvenv.cfg` is there
  bool is_half_made = false;           ///< a killed run left it, or it lost its configuration
  bool has_journal = false;            ///< a killed run's changes are to be taken back or finished
  PyvenvCfg cfg{};                     ///< empty where there is none that can be read
  std::vector<ScriptsEntry> scripts{}; ///< what has an interpreter's or a script's name
  std::vector<LibraryDirectory> libraries{};
  fs::path own_python{}; ///< an interpreter that is no environment's; empty: none

  /// Whether an environment was here, whole or not, so that its parts are ours to replace.
  bool was_environment() const { return is_environment || is_half_made; }
};

/// Whether nothing lies in `dir` but what an environment that was never finished consists of: empty
/// directories and ignore files.
VENV_INLINE bool holds_only_beginnings(const fs::path& dir, int depth = 0) {
  if (depth > 6) return false; // deeper than any layout
  for (const fs::path& name : names_in_if_any(dir)) {
    const std::string text = text_of(name);
    const bool ours = depth == 0 && (text == ".gitignore" || text == "CACHEDIR.TAG" ||
                                     text == "lib64" || text == "lost+found");
    if (ours || is_left_over(text)) continue;
    if (status_of(dir / name).kind != FileKind::directory ||
        !holds_only_beginnings(dir / name, depth + 1))
      return false;
  }
  return true;
}

/// Whether a file begins with `#!`. One that can't be read does not.
VENV_INLINE bool begins_with_shebang(const fs::path& path) {
  try {
    return read_start(path, 2) == "#!";
  } catch (const Error&) {
    return false;
  }
}

VENV_INLINE std::vector<ScriptsEntry> read_scripts(const fs::path& bin) {
  std::vector<ScriptsEntry> entries;
  for (const fs::path& name : names_in_if_any(bin)) {
    ScriptsEntry entry;
    entry.name = text_of(name);
    entry.kind = known_status_of(bin / name).kind;
    entry.leads_to = entry.kind;
    if (entry.kind == FileKind::link) {
      entry.leads_to = known_followed_status_of(bin / name).kind;
      entry.target = text_of(link_target(bin / name));
    }
    if (entry.kind == FileKind::file && is_interpreter_name(entry.name))
      entry.is_script = begins_with_shebang(bin / name);
    entries.push_back(std::move(entry));
  }
  return entries;
}

/// The library directories of every Python that has one here, on any platform.
VENV_INLINE std::vector<LibraryDirectory> read_libraries(const fs::path& env_dir) {
  std::vector<LibraryDirectory> libraries;
  const auto add = [&](const std::string& name, const fs::path& site_packages) {
    if (known_followed_status_of(site_packages).kind != FileKind::directory) return;
    LibraryDirectory library{name, site_packages, {}};
    for (const fs::path& entry : names_in_if_any(site_packages))
      if (entry.extension() == ".dist-info") library.dist_infos.push_back(text_of(entry));
    libraries.push_back(std::move(library));
  };
  for (const fs::path& name : names_in_if_any(env_dir / "lib"))
    if (is_interpreter_name(text_of(name)))
      add(text_of(name), env_dir / "lib" / name / "site-packages");
  if (this_os == Os::windows) add("Lib", env_dir / "Lib" / "site-packages");
  return libraries;
}

/// The standard library of a Python that is installed in `env_dir`: its `os.py`, a file or a link.
/// Empty where there is none.
VENV_INLINE fs::path find_own_library(const fs::path& env_dir) {
  for (const fs::path& name : names_in_if_any(env_dir / "lib")) {
    const fs::path landmark = env_dir / "lib" / name / "os.py";
    if (is_interpreter_name(text_of(name)) && status_of(landmark).kind != FileKind::missing)
      return landmark;
  }
  return {};
}

/// Whether an environment lost its configuration: its activation script is there, and an interpreter
/// that isn't installed here. Old virtualenvs have links to a library.
VENV_INLINE bool has_lost_configuration(const fs::path& env_dir,
                                        const std::vector<ScriptsEntry>& scripts) {
  bool has_script = false, has_link = false, has_copy = false;
  for (const ScriptsEntry& entry : scripts) {
    const bool is_interpreter = is_interpreter_name(entry.name);
    has_script = has_script || (entry.name == "activate" && entry.kind == FileKind::file);
    has_link = has_link || (is_interpreter && entry.kind == FileKind::link);
    has_copy = has_copy || (is_interpreter && entry.kind == FileKind::file && !entry.is_script);
  }
  if (!has_script || !(has_link || has_copy)) return false;
  const fs::path library = find_own_library(env_dir);
  return library.empty() || (has_link && status_of(library).kind == FileKind::link);
}

/// An interpreter of the directory's own: it is the prefix of a Python, no environment.
VENV_INLINE fs::path find_own_python(const fs::path& env_dir, const State& state) {
  if (state.was_environment()) return {};
  for (const ScriptsEntry& entry : state.scripts)
    if (entry.kind == FileKind::file && !entry.is_script && is_interpreter_name(entry.name))
      return env_dir / bin_of(this_os) / path_of(entry.name);
  for (const fs::path& landmark : {env_dir / "python.exe", env_dir / "Lib" / "os.py"})
    if (this_os == Os::windows && status_of(landmark).kind == FileKind::file) return landmark;
  const fs::path library = find_own_library(env_dir);
  return status_of(library).kind == FileKind::file ? library : fs::path();
}

/// Whether nothing lies in a directory. One that this user may not list counts as full.
VENV_INLINE bool is_known_empty(const fs::path& dir) {
  try {
    const std::vector<fs::path> names = names_in(dir);
    return std::all_of(names.begin(), names.end(),
                       [](const fs::path& name) { return name == "lost+found"; });
  } catch (const Error& error) {
    if (error.system_error() == std::errc::permission_denied) return false;
    throw;
  }
}

/// What `pyvenv.cfg` says. One that this user may not read, or is none, names nothing.
VENV_INLINE PyvenvCfg read_configuration(const fs::path& cfg) {
  try {
    return parse_pyvenv_cfg(read_file(cfg));
  } catch (const Error& error) {
    const std::error_code reason = error.system_error();
    if (reason && reason != std::errc::permission_denied && reason != std::errc::file_too_large)
      throw;
    return {};
  }
}

/// Reads what lies in `env_dir` (absolute). Throws Error (`io`) when the system fails: who takes that
/// for nothing there would overwrite or delete what is.
VENV_INLINE State read_state(const fs::path& env_dir) {
  State state;
  const FileKind itself = known_status_of(env_dir).kind;
  state.is_link = itself == FileKind::link;
  state.kind = state.is_link ? known_followed_status_of(env_dir).kind : itself;
  if (state.kind != FileKind::directory) return state;
  state.is_empty = is_known_empty(env_dir);
  if (state.is_empty) return state;
  state.is_environment = known_followed_status_of(env_dir / "pyvenv.cfg").kind == FileKind::file;
  state.has_journal = known_status_of(env_dir / journal_name).kind == FileKind::directory;
  state.scripts = read_scripts(env_dir / bin_of(this_os));
  state.is_half_made = state.has_journal ||
                       (!state.is_environment && has_lost_configuration(env_dir, state.scripts)) ||
                       known_status_of(env_dir / staged_cfg).kind == FileKind::file ||
                       (!state.is_environment && holds_only_beginnings(env_dir));
  if (state.is_environment) state.cfg = read_configuration(env_dir / "pyvenv.cfg");
  state.libraries = read_libraries(env_dir);
  state.own_python = find_own_python(env_dir, state);
  return state;
}

VENV_DETAIL_END

// ---- src/create/entry.hpp -----------------------------------------------------------------------

VENV_DETAIL_BEGIN

// What lies at one path.

VENV_INLINE bool has_bytes(const fs::path& path, const FileStatus& status, std::string_view bytes) {
  if (status.kind != FileKind::file || status.size != bytes.size()) return false;
  try {
    return read_file(path) == bytes;
  } catch (const Error&) {
    return false;
  }
}

VENV_INLINE void refuse_directory(const fs::path& path, const FileStatus& status) {
  if (status.kind == FileKind::directory)
    throw io_error("replace", path, std::make_error_code(std::errc::is_a_directory));
}

VENV_DETAIL_END

// ---- src/create/transaction.hpp -----------------------------------------------------------------

VENV_DETAIL_BEGIN

/// All that one run changes in one directory: under a lock, and taken back at the end of its life
/// unless it was committed. What is replaced is moved aside, never overwritten, so that it comes back
/// as it was; where a directory was there before, each change is first written into a journal for it.
class Transaction {
public:
  /// Of a directory (absolute) that nothing is done to before `open`.
  explicit Transaction(fs::path env_dir)
      : env_dir_(std::move(env_dir)), root_(env_dir_), journal_(env_dir_) {}
  ~Transaction() {
    if (!committed_) roll_back();
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// Makes the directory if it isn't there, locks it, and takes back or finishes what a killed run
  /// left. Errors: `busy` when another run holds it for too long, `io`.
  void open(const LockWait& wait);
  bool is_open() const { return is_open_; }
  const fs::path& env_dir() const { return env_dir_; }
  /// What lay in the directory when it was locked.
  const State& state() const { return state_; }
  /// Whether the directory was new or empty, or has been cleared.
  bool is_fresh() const { return is_fresh_; }
  /// Whether nothing of before can lie at `path`.
  bool is_fresh(const fs::path& path) const;

  /// Moves what lies in the directory aside, to come back if the run fails; deletes what this run made.
  void clear();
  /// Writes down, in a fresh directory, that the run has begun: one that shows it before its end.
  void show_early() {
    if (is_fresh_ && !journal_.is_begun()) note(ChangeKind::begun, {}, {}, 0);
  }

  /// Makes a directory and those above it, inside the environment. Throws when a link is in the way.
  void make_directories(const fs::path& path);
  /// Writes a file, with an exact mode or 0666 less the umask. One that is there with these bytes
  /// stays; one that is replaced hands on its owner, mode, ACL and attributes.
  void write(const fs::path& path, std::string_view bytes, std::optional<std::uint32_t> mode = {});
  /// The same, and all who may read it may run it.
  void write_program(const fs::path& path, std::string_view bytes);
  /// Links `path` to `target`, with the owner of what is replaced; false where there can be no links.
  bool link(const fs::path& target, const fs::path& path);
  /// Copies a file, with an exact mode or, as above, that of the one that is replaced.
  void copy(const fs::path& source, const fs::path& path, std::uint32_t mode);
  /// Takes a file, a link or a directory away.
  void remove(const fs::path& path);
  /// Moves what was put together elsewhere on the same disk to `path`.
  void place(const fs::path& from, const fs::path& path);
  /// Lets all read and run a file.
  void let_run(const fs::path& path);

  /// Others are about to make entries in `directory`: what is new there goes if the run fails.
  void watch(const fs::path& directory);
  /// The same, and also if this run is killed.
  void lend(const fs::path& directory);
  /// The same for all directories that hooks write to, and protects `pyvenv.cfg`.
  void watch_all();
  /// What lies in the directory is this run's, unless it is an environment: that is another run's.
  void adopt();
  /// Others are about to change `file` in place: it gets its bytes back if the run fails.
  void protect(const fs::path& file);

  /// A directory for what others write meanwhile and needs not last: it goes with the journal, also when
  /// this run and theirs are killed.
  fs::path make_scratch();
  /// What holds the lock, for a child that is to hold it too; none where there are no locks.
  const Handle& lock() const { return lock_.handle(); }

  /// Sees to it that all that was written so far reaches the disk.
  void flush() { flush_tree(root_); }
  /// The run has succeeded. What could not be deleted is said to `warn`; then others may come, unless
  /// somebody has taken the lock.
  DirectoryLock take_lock() { return std::move(lock_); }
  void commit(const std::function<void(const std::string&)>& warn = {});
  /// Takes everything back. False when something could not be put back: the journal then keeps it, and
  /// the next run takes it back.
  bool roll_back() noexcept;

private:
  void claim(const LockWait& wait);
  void write_by(const fs::path& path, std::string_view bytes,
                FunctionRef<void(const fs::path&)> write_to);
  fs::path at(const fs::path& path) const;
  std::string inner(const fs::path& path) const { return text_of(path.lexically_relative(root_)); }
  void hand_on(const fs::path& path, const fs::path& staged) const;
  void note(ChangeKind kind, const fs::path& path, const std::string& kept, std::uint64_t inode);
  void tell_of(const fs::path& path, FunctionRef<void()> work) const;
  fs::path stage(const fs::path& path, std::string& kept, FunctionRef<void(const fs::path&)> make);
  void put(const fs::path& staged, const std::string& kept, const fs::path& path);
  void remove_fresh_entries() noexcept; ///< all that this run made in what was, or is now, empty
  void note_new_entries();              // count as made by this run
  void remove_new_entries();            // that were moved aside by this run, and came back

  fs::path env_dir_, root_; ///< as it was named, and without the link that it may be
  Journal journal_;
  DirectoryLock lock_{};
  State state_{};
  std::vector<fs::path> made_above_{}; ///< directories above it: they go if they are empty then
  std::vector<fs::path> fresh_{};      ///< directories in it that this run made
  std::vector<Change> changes_{};
  std::vector<Watched> watched_{};
  bool is_open_ = false, is_ours_ = false, is_fresh_ = false, committed_ = false;
};

/// Makes the directory and locks it; again when another process, failing, removed it in between.
VENV_INLINE void Transaction::claim(const LockWait& wait) {
  do {
    lock_ = DirectoryLock();
    const bool is_link = known_status_of(env_dir_).kind == FileKind::link;
    const fs::path real = is_link ? end_of_links(env_dir_) : env_dir_;
    std::vector<fs::path> made = detail::make_directories(real);
    is_ours_ = !made.empty() && made.back() == real;
    if (is_ours_) made.pop_back();
    made_above_.insert(made_above_.end(), made.begin(), made.end());
    root_ = real;
    lock_ = DirectoryLock(root_, wait);
  } while (!lock_.holds(root_));
}

VENV_INLINE void Transaction::open(const LockWait& wait) {
  if (is_open_) return;
  claim(wait);
  is_open_ = true;
  journal_ = Journal(root_);
  if (!is_ours_) recover(root_, staged_cfg);
  state_ = read_state(root_);
  is_fresh_ = state_.is_empty;
  is_ours_ = is_ours_ && is_fresh_; // another process may have been faster to fill it
}

/// A path of the environment by the directory that is locked, whatever link lies in its place now.
VENV_INLINE fs::path Transaction::at(const fs::path& path) const {
  if (root_ == env_dir_) return path;
  const fs::path inner = path.lexically_relative(env_dir_);
  return inner.empty() || *inner.begin() == ".." ? path : inner == "." ? root_ : root_ / inner;
}

VENV_INLINE bool Transaction::is_fresh(const fs::path& path) const {
  if (is_fresh_) return true;
  const auto holds = [path = at(path)](const fs::path& made) {
    return std::mismatch(made.begin(), made.end(), path.begin(), path.end()).first == made.end();
  };
  return std::any_of(fresh_.begin(), fresh_.end(), holds);
}

/// Writes a change down before it is made. The message of a failure names the user's file.
VENV_INLINE void Transaction::note(ChangeKind kind, const fs::path& path, const std::string& kept,
                                   std::uint64_t inode) {
  Change change{kind, path.empty() ? "" : inner(path), kept, inode};
  tell_of(path.empty() ? root_ : path, [&] { journal_.add(change); });
  changes_.push_back(std::move(change));
}

VENV_INLINE void Transaction::clear() {
  if (is_fresh_) return remove_fresh_entries();
  std::vector<fs::path> names = names_in(root_);
  const auto first = std::find(names.begin(), names.end(), fs::path("pyvenv.cfg"));
  if (first != names.end())
    std::rotate(names.begin(), first, first + 1); // then it is none any more
  for (const fs::path& name : names)
    if (name != journal_name && name != "lost+found") remove(root_ / name);
  note(ChangeKind::cleared, {}, {}, 0);
  is_fresh_ = true;
  state_ = State();
  state_.kind = FileKind::directory;
}

VENV_INLINE void Transaction::commit(const std::function<void(const std::string&)>& warn) {
  if (journal_.is_begun()) note(ChangeKind::committed, {}, {}, 0);
  committed_ = true;
  const std::optional<Error> left = journal_.end();
  lock_ = DirectoryLock();
  if (left && warn) warn(std::string("what was replaced is still there: ") + left->what());
}

VENV_INLINE void Transaction::watch(const fs::path& directory) {
  const fs::path real = at(directory);
  const auto is_known = [&real](const Watched& watched) { return watched.directory == real; };
  if (is_fresh(directory) || std::any_of(watched_.begin(), watched_.end(), is_known)) return;
  watched_.push_back({real, names_in_if_readable(real), changes_.empty()});
}

VENV_INLINE void Transaction::lend(const fs::path& directory) {
  watch(directory);
  std::string names;
  for (const fs::path& name : names_in_if_readable(at(directory))) names += text_of(name) + '/';
  note(ChangeKind::lent, at(directory), names, 0);
}

VENV_INLINE void Transaction::watch_all() {
  if (is_fresh_) return;
  watch(env_dir_);
  for (const char* name : {"bin", "Scripts"})
    if (status_of(root_ / name).kind == FileKind::directory) watch(env_dir_ / name);
  for (const LibraryDirectory& library : state_.libraries) watch(library.site_packages);
  protect(env_dir_ / "pyvenv.cfg");
}

VENV_INLINE void Transaction::adopt() {
  is_ours_ = is_fresh_ = !state_.is_environment;
  show_early();
}

VENV_INLINE void Transaction::protect(const fs::path& file) {
  const fs::path real = at(file);
  if (is_fresh(real) || status_of(real).kind != FileKind::file) return;
  for (const Change& change : changes_)
    if (change.path == inner(real)) return; // it is kept already
  std::string kept;
  stage(real, kept, [&](const fs::path& copy) {
    copy_file(real, copy, status_of(real).mode);
    copy_metadata(real, copy);
  });
  note(ChangeKind::copied, real, kept, 0);
}

VENV_INLINE void Transaction::remove_fresh_entries() noexcept {
  for (const fs::path& name : names_in_if_readable(root_))
    if (name != journal_name && name != "lost+found") try_remove_tree(root_ / name);
}

VENV_INLINE void Transaction::note_new_entries() {
  for (const Watched& watched : watched_)
    for (const fs::path& path : new_entries(watched))
      changes_.insert(changes_.begin(), {ChangeKind::made, inner(path), {}, status_of(path).inode});
}

VENV_INLINE void Transaction::remove_new_entries() {
  for (const Watched& watched : watched_)
    if (watched.is_whole)
      for (const fs::path& path : new_entries(watched)) try_remove_tree(path);
}

VENV_INLINE bool Transaction::roll_back() noexcept {
  if (std::exchange(committed_, true)) return true;
  bool whole = false;
  try {
    note_new_entries();
    if (is_fresh_) remove_fresh_entries();
    whole = take_back_all(root_, changes_);
    remove_new_entries();
  } catch (const std::exception&) {
    // The failure that led here is the one to report.
  }
  if (whole || is_ours_) journal_.end(); // else the next run finds what is to be taken back
  if (is_ours_) is_open_ ? try_remove_tree(root_) : remove_empty_directory(root_); // or others' too
  for (auto above = made_above_.rbegin(); above != made_above_.rend(); ++above)
    remove_empty_directory(*above);
  lock_ = DirectoryLock();
  return whole || is_ours_;
}

VENV_DETAIL_END

// ---- src/create/changes.hpp ---------------------------------------------------------------------

VENV_DETAIL_BEGIN

// The changes that a transaction makes, each so that it can be taken back.

/// Does what may fail at an entry of the journal; the message names the user's file then.
VENV_INLINE void Transaction::tell_of(const fs::path& path, FunctionRef<void()> work) const {
  try {
    work();
  } catch (const Error& error) {
    const std::string journal = text_of(root_ / journal_name);
    if (text_of(error.path()).compare(0, journal.size(), journal) != 0) throw;
    throw io_error("replace", path, error.system_error());
  }
}

/// Where `make` has put a new file for `path` together, in the journal, and its name there.
VENV_INLINE fs::path Transaction::stage(const fs::path& path, std::string& kept,
                                        FunctionRef<void(const fs::path&)> make) {
  fs::path staged;
  tell_of(path, [&] {
    journal_.begin();
    kept = journal_.next_kept();
    staged = root_ / path_of(kept);
    make(staged);
  });
  return staged;
}

VENV_INLINE fs::path Transaction::make_scratch() {
  std::string name;
  return stage(root_, name, [](const fs::path& scratch) { make_directory(scratch); });
}

/// Puts what lies at `staged` (the place `kept` in the journal) in the place of what is at `path`,
/// which lies at `kept` afterwards.
VENV_INLINE void Transaction::put(const fs::path& staged, const std::string& kept,
                                  const fs::path& path) {
  const FileStatus now = known_status_of(path);
  const std::uint64_t inode = status_of(staged).inode;
  if (now.kind == FileKind::missing) {
    note(ChangeKind::made, path, {}, inode);
    return rename_file(staged, path);
  }
  note(ChangeKind::replaced, path, kept, inode);
  const fs::path aside = root_ / path_of(kept);
  if (staged == aside && exchange_files(staged, path)) return;
  const fs::path beside = name_beside(aside);
  if (staged == aside) tell_of(path, [&] { rename_file(staged, beside); });
  tell_of(path, [&] { rename_file(path, aside); });
  rename_file(staged == aside ? beside : staged, path);
}

VENV_INLINE void Transaction::make_directories(const fs::path& path) {
  const fs::path real = at(path);
  if (is_fresh(real)) return void(detail::make_directories(real));
  fs::path dir = root_;
  for (const fs::path& part : real.lexically_relative(root_)) {
    dir /= part;
    const FileKind kind = known_status_of(dir).kind;
    if (kind == FileKind::link)
      throw Error(ErrorCode::io, "cannot create directory " + quoted(path) + ": " +
                                     (dir == real ? "it" : quoted(dir)) + " is a link")
          .at("create directories")
          .on(dir);
    if (kind == FileKind::directory) continue;
    const bool is_noted = kind == FileKind::missing && !is_fresh(dir);
    if (is_noted) note(ChangeKind::made_directory, dir, {}, 0);
    if (!detail::make_directory(dir)) continue;
    if (is_noted) note(ChangeKind::made, dir, {}, status_of(dir).inode); // with all that comes in
    fresh_.push_back(dir);
  }
}

VENV_INLINE void Transaction::write(const fs::path& path, std::string_view bytes,
                                    std::optional<std::uint32_t> mode) {
  write_by(path, bytes, [&](const fs::path& place) {
    mode ? write_file(place, bytes, *mode) : write_file(place, bytes);
  });
}

/// Puts a file with `bytes` at `path`, written there or in the journal by `write_to`.
VENV_INLINE void Transaction::write_by(const fs::path& path, std::string_view bytes,
                                       FunctionRef<void(const fs::path&)> write_to) {
  const fs::path real = at(path);
  if (is_fresh(real)) return write_to(real);
  const FileStatus now = known_status_of(real);
  refuse_directory(path, now);
  if (has_bytes(real, now, bytes)) return;
  std::string kept;
  const fs::path staged = stage(real, kept, [&](const fs::path& place) {
    write_to(place);
    hand_on(real, place);
  });
  put(staged, kept, real);
}

VENV_INLINE void Transaction::write_program(const fs::path& path, std::string_view bytes) {
  write_by(path, bytes, [&](const fs::path& place) { detail::write_program(place, bytes); });
  if (!is_fresh(at(path))) let_run(path); // what was there may not have been one that can be run
}

VENV_INLINE void Transaction::let_run(const fs::path& path) {
  const fs::path real = at(path);
  if ((status_of(real).mode & 0555) != 0555) make_executable(real);
}

/// Gives what is to lie at `path` the owner, mode and attributes of what lies there, or lay there until
/// this run took it away.
VENV_INLINE void Transaction::hand_on(const fs::path& path, const fs::path& staged) const {
  fs::path old = path;
  for (const Change& change : changes_)
    if (change.kind == ChangeKind::removed && change.path == inner(path))
      old = root_ / path_of(change.kept);
  const FileKind kind = status_of(old).kind;
  if (kind == FileKind::file || kind == FileKind::link) copy_ownership(old, staged);
}

VENV_INLINE bool Transaction::link(const fs::path& target, const fs::path& path) {
  const fs::path real = at(path);
  if (is_fresh(real)) return make_link(target, real);
  const FileStatus now = known_status_of(real);
  refuse_directory(path, now);
  if (now.kind == FileKind::link && link_target(real) == target) return true;
  std::string kept;
  bool is_made = false;
  const fs::path staged = stage(real, kept, [&](const fs::path& place) {
    is_made = make_link(target, place);
    if (is_made) hand_on(real, place);
  });
  if (is_made) put(staged, kept, real);
  return is_made;
}

VENV_INLINE void Transaction::copy(const fs::path& source, const fs::path& path,
                                   std::uint32_t mode) {
  const fs::path real = at(path);
  if (is_fresh(real)) return copy_file(source, real, mode);
  refuse_directory(path, known_status_of(real));
  std::string kept;
  const fs::path staged = stage(real, kept, [&](const fs::path& place) {
    copy_file(source, place, mode);
    hand_on(real, place);
    if ((mode & 0111) != 0) let_run(place);
  });
  put(staged, kept, real);
}

VENV_INLINE void Transaction::remove(const fs::path& path) {
  const fs::path real = at(path);
  if (known_status_of(real).kind == FileKind::missing) return;
  if (is_fresh(real)) return remove_tree(real);
  std::string kept;
  const fs::path aside = stage(real, kept, [](const fs::path&) {});
  note(ChangeKind::removed, real, kept, 0);
  tell_of(real, [&] { rename_file(real, aside); });
}

VENV_INLINE void Transaction::place(const fs::path& from, const fs::path& path) {
  const fs::path real = at(path);
  if (is_fresh(real)) return rename_file(from, real);
  std::string kept;
  stage(real, kept, [](const fs::path&) {});
  put(from, kept, real);
}

VENV_DETAIL_END

// ---- src/create/session.hpp ---------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// How long another process that makes the same environment is waited for, in seconds.
inline constexpr int lock_timeout = 300;

/// What travels together while a builder works on one directory: its options for this time, the
/// transaction, the cache, the messages. The one of `create` lives as long as that call; a step that is
/// called alone has one of its own. Steps find it by the thread that they run on and the directory
/// that they are given, so that a `Context` holds nothing but attributes.
class Session {
public:
  /// The session of `builder` in `env_dir` on this thread. Another one that works on the same directory
  /// further out shares its transaction.
  Session(const EnvBuilder* builder, fs::path env_dir, Options chosen, bool shows_early)
      : options(std::move(chosen)), stop(options.is_cancelled), cache(options), builder_(builder),
        outer_(innermost()), shows_early_(shows_early) {
    if (Session* same = find(nullptr, env_dir)) transaction_ = same->transaction_;
    owns_ = !transaction_;
    if (owns_) transaction_ = std::make_shared<Transaction>(std::move(env_dir));
    innermost() = this;
  }
  ~Session() {
    innermost() = outer_;
    if (owns_ && !transaction_->roll_back()) warn_of_rest();
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// The innermost session on this thread in `env_dir`: of `builder`, or of any where that is null.
  static Session* find(const EnvBuilder* builder, const fs::path& env_dir) {
    for (Session* session = innermost(); session; session = session->outer_)
      if ((!builder || session->builder_ == builder) &&
          (env_dir.empty() || session->transaction_->env_dir() == env_dir))
        return session;
    return nullptr;
  }

  Transaction& transaction() { return *transaction_; }
  /// Whether the environment is there before it is finished, as hooks of a subclass are promised.
  bool shows_early() const { return shows_early_; }
  /// Whether this is the run that is to be committed, and not one inside another.
  bool owns_transaction() const { return owns_; }

  void say(Report kind, const std::string& line) const {
    if (options.report) options.report(kind, line);
  }
  void warn(const std::string& line) const { say(Report::warning, line); }
  /// Says, once, that what would be a link is something else.
  void warn_of_no_links() {
    if (!std::exchange(said_no_links_, true))
      warn("no links in " + quoted(transaction_->env_dir()) + ": what would be one is a copy");
  }
  /// How a child runs that installs something.
  RunOptions child_options() const {
    RunOptions child;
    child.cwd = transaction_->env_dir(); // as the reference
    child.installs = true;
    child.output = RunOutput::none; // an error has its end all the same
    child.is_cancelled = options.is_cancelled;
    child.variables = options.child_variables;
    return child;
  }
  void throw_if_stopped() const { stop.throw_if_made(); }

  /// Makes and locks the directory, if that is still to be done.
  void open() {
    if (transaction_->is_open()) return;
    LockWait wait;
    wait.limit = std::chrono::seconds(lock_timeout);
    wait.stop = stop;
    wait.on_wait = [this](const std::string& holder) {
      say(Report::progress,
          "waiting for " + holder + ", which makes " + quoted(transaction_->env_dir()));
    };
    transaction_->open(wait);
  }

  /// Calls `ensure_directories`, an override of which may make the directory itself, and opens it then.
  /// For a subclass, what was there before is known before any code of it runs: it is what the
  /// directory is again when a hook throws.
  template <class Ensure> Context ensure(Ensure ensure_directories) {
    if (!shows_early_) return ensure_directories();
    const fs::path dir = transaction_->env_dir();
    const bool was_missing = known_status_of(dir).kind == FileKind::missing;
    if (known_followed_status_of(dir).kind == FileKind::directory) {
      open();
      transaction_->watch_all();
    }
    try {
      Context context = ensure_directories();
      adopt(was_missing);
      return context;
    } catch (...) {
      if (status_of(dir).kind == FileKind::directory) adopt(was_missing);
      throw;
    }
  }

  /// Takes the text of `pyvenv.cfg`. It lies in its place at once, if it is to be shown early; else as a
  /// staged one, and in a directory that is an environment only in memory.
  void write_configuration(const Context& context, const std::string& text) {
    cfg_ = text;
    if (shows_early_) return show(context);
    if (transaction_->is_fresh()) transaction_->write(context.env_dir / staged_cfg, text);
  }
  /// Puts the configuration in its place, if there is one that is not there yet.
  void show(const Context& context) {
    const fs::path staged = context.env_dir / staged_cfg, place = context.env_dir / "pyvenv.cfg";
    if (!cfg_) return transaction_->remove(staged); // a killed run's
    if (options.durable) transaction_->flush();
    const bool is_staged =
        !shows_early_ && transaction_->is_fresh() && status_of(staged).kind == FileKind::file;
    if (is_staged) {
      transaction_->place(staged, place);
    } else {
      transaction_->write(place, *cfg_);
      transaction_->remove(staged); // a killed run's
    }
    cfg_.reset();
  }
  /// The call has succeeded; its changes stay, unless they are part of another call's.
  void commit() {
    if (owns_) transaction_->commit([this](const std::string& line) { warn(line); });
  }

  /// The options for this time: hooks may change them for the steps that follow.
  Options options;
  StopRequest stop;
  Cache cache;

private:
  /// Says where that is which could not be put back, while an error is on its way.
  void warn_of_rest() const noexcept {
    try {
      warn("what was there before could not all be put back: it is kept in " +
           quoted(transaction_->env_dir() / journal_name) + " and comes back with the next run");
    } catch (...) { // of the two errors, the one on its way is told
    }
  }

  /// Opens a directory that an override has made by itself. One that was missing is this run's, unless
  /// another run has filled it meanwhile.
  void adopt(bool was_missing) {
    open();
    if (was_missing && owns_) transaction_->adopt();
  }
  static Session*& innermost() {
    static thread_local Session* session = nullptr;
    return session;
  }
  const EnvBuilder* builder_;
  Session* outer_;
  std::optional<std::string> cfg_{}; ///< that is not in its place yet
  std::shared_ptr<Transaction> transaction_{};
  bool owns_ = true, shows_early_, said_no_links_ = false;
};

VENV_DETAIL_END

// ---- src/create/plan.hpp ------------------------------------------------------------------------

VENV_DETAIL_BEGIN

enum class RowKind { link, copy, remove, keep };

/// One thing to do in the scripts' directory. Paths of the environment are relative to it, with `/`.
struct Row {
  RowKind kind = RowKind::link;
  std::string to;        ///< what is made, removed, or (`keep`) left as the user's own
  std::string from;      ///< `link`, `copy`: the base's path, or a name beside `to`
  bool is_alias = false; ///< `from` is a name beside `to`

  friend bool operator==(const Row& a, const Row& b) {
    return a.kind == b.kind && a.to == b.to && a.from == b.from && a.is_alias == b.is_alias;
  }
};

/// What decides how an interpreter gets into an environment.
struct InterpreterChoice {
  Layout layout;
  std::string executable; ///< the base's, absolute
  bool symlinks = false;
};

/// All names of the interpreter, its own first, none twice.
VENV_INLINE std::vector<std::string> names_of(const Layout& layout) {
  std::vector<std::string> names{layout.executable};
  for (const std::string& alias : layout.aliases)
    if (std::find(names.begin(), names.end(), alias) == names.end()) names.push_back(alias);
  return names;
}

/// The names of another Python that are to go: links, and copies of an interpreter, and only where an
/// environment was. A script under such a name is the user's own.
VENV_INLINE std::vector<Row> plan_stale_names(const State& state, const Layout& layout) {
  std::vector<Row> rows;
  const std::vector<std::string> names = names_of(layout);
  for (const ScriptsEntry& entry : state.scripts) {
    if (!state.was_environment() || !is_interpreter_name(entry.name) || entry.is_script) continue;
    if (entry.kind != FileKind::link && entry.kind != FileKind::file) continue;
    if (std::find(names.begin(), names.end(), entry.name) != names.end()) continue;
    rows.push_back({RowKind::remove, layout.bin + '/' + entry.name, {}, false});
  }
  return rows;
}

/// How the interpreter gets its names, in this order: its own name is the base's, linked by its absolute
/// path or copied; the others are links to that name, or copies too. Then what another Python left.
/// Source: reference, `EnvBuilder.setup_python`.
VENV_INLINE std::vector<Row> plan_interpreter(const State& state, const InterpreterChoice& choice) {
  std::vector<Row> rows;
  const Layout& layout = choice.layout;
  for (const std::string& name : names_of(layout)) {
    const auto there = std::find_if(state.scripts.begin(), state.scripts.end(),
                                    [&](const ScriptsEntry& entry) { return entry.name == name; });
    const std::string to = layout.bin + '/' + name;
    const bool is_alias = name != layout.executable;
    if (there != state.scripts.end() && there->is_script)
      rows.push_back({RowKind::keep, to, {}, false});
    else if (!choice.symlinks) rows.push_back({RowKind::copy, to, choice.executable, false});
    else
      rows.push_back(
          {RowKind::link, to, is_alias ? layout.executable : choice.executable, is_alias});
  }
  const std::vector<Row> stale = plan_stale_names(state, layout);
  rows.insert(rows.end(), stale.begin(), stale.end());
  return rows;
}

VENV_DETAIL_END

// ---- src/create/plan_windows.hpp ----------------------------------------------------------------

VENV_DETAIL_BEGIN

/// What a base on Windows has: its files, and those of the folder that is meant for launchers, small
/// programs that start the Python which `pyvenv.cfg` names.
struct WindowsBase {
  std::string home{};                       ///< the folder of the executable
  std::vector<std::string> files{};         ///< the names in it
  std::string scripts{};                    ///< `Lib\venv\scripts\nt`
  std::vector<std::string> scripts_files{}; ///< the names in it
};

VENV_INLINE bool has_name(const std::vector<std::string>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [name](const std::string& each) { return folded(each) == folded(name); });
}

/// A name of the interpreter in an environment on Windows, and what it is made of.
struct WindowsName {
  std::string name;     ///< `pythonw.exe`
  std::string program;  ///< the base's own: `pythonw.exe`, `pythonw3.13t.exe`, `pythonw_d.exe`
  std::string launcher; ///< since 3.13: `venvwlauncher.exe`
};

/// The names that the base's own `venv` gives. Before 3.13 they are those that the base itself has.
/// Source: `EnvBuilder.setup_python`.
VENV_INLINE std::vector<WindowsName> windows_names(const LayoutKey& key, const WindowsBase& base) {
  std::vector<WindowsName> names;
  const std::string debug = key.debug ? "_d" : "";
  const bool threaded = key.free_threaded && is_since(key.version, 13);
  const std::string tag = threaded ? key.version.minor_text() + "t" : "";
  for (const std::string window : {"", "w"}) {
    const std::string stem = "python" + window;
    const std::string launcher = "venv" + window + "launcher" + (threaded ? "t" : "");
    const auto add = [&](const std::string& name, const std::string& program,
                         const std::string& suffix) {
      const auto same = [&name](const WindowsName& each) { return each.name == name; };
      if (std::none_of(names.begin(), names.end(), same))
        names.push_back({name, program, launcher + suffix + ".exe"});
    };
    if (is_since(key.version, 13)) {
      for (const std::string& middle : {std::string(), debug, tag, tag + debug})
        add(stem + middle + ".exe", stem + tag + debug + ".exe", debug);
    } else {
      for (const std::string suffix : {"", "_d"})
        if (const std::string name = stem + suffix + ".exe"; has_name(base.files, name))
          add(name, name, suffix);
    }
  }
  return names;
}

/// The libraries that a Python needs beside it.
VENV_INLINE std::vector<Row> windows_libraries(RowKind kind, const WindowsBase& base,
                                               const std::string& bin) {
  std::vector<Row> rows;
  for (const std::string& file : base.files) {
    const std::string name = folded(file);
    const bool is_library = name.size() > 4 && name.compare(name.size() - 4, 4, ".dll") == 0;
    if (is_library && (name.rfind("python", 0) == 0 || name.rfind("vcruntime", 0) == 0))
      rows.push_back({kind, bin + '/' + file, base.home + '\\' + file, false});
  }
  return rows;
}

/// With links: the base's programs under the names, and its libraries beside them.
VENV_INLINE std::vector<Row> plan_windows_links(const LayoutKey& key, const WindowsBase& base) {
  const std::string bin = layout_of(key).bin;
  std::vector<Row> rows;
  for (const WindowsName& name : windows_names(key, base))
    if (has_name(base.files, name.program))
      rows.push_back(
          {RowKind::link, bin + '/' + name.name, base.home + '\\' + name.program, false});
  for (Row& row : windows_libraries(RowKind::link, base, bin)) rows.push_back(std::move(row));
  return rows;
}

/// A launcher for a name: 1. the one that the base's own `venv` takes, under its name since 3.13 or
/// that of before; 2. one beside the executable. Empty when there is none.
VENV_INLINE std::string windows_launcher(const WindowsName& name, const WindowsBase& base) {
  for (const std::string& file : {name.launcher, name.name})
    if (has_name(base.scripts_files, file)) return base.scripts + '\\' + file;
  return has_name(base.files, name.launcher) ? base.home + '\\' + name.launcher : std::string();
}

/// How a Python on Windows gets its names.
struct WindowsCopies {
  std::vector<Row> rows{};
  bool are_launchers = true; ///< else it is the base's program with its libraries
};

/// Without links: launchers, else 3. the base's programs and libraries themselves.
VENV_INLINE WindowsCopies plan_windows_copies(const LayoutKey& key, const WindowsBase& base) {
  const std::string bin = layout_of(key).bin;
  const std::vector<WindowsName> names = windows_names(key, base);
  WindowsCopies copies;
  copies.are_launchers = !names.empty() && !windows_launcher(names.front(), base).empty();
  for (const WindowsName& name : names) {
    const bool is_there = has_name(base.files, name.program);
    const std::string from = copies.are_launchers ? windows_launcher(name, base)
                             : is_there           ? base.home + '\\' + name.program
                                                  : std::string();
    if (!from.empty()) copies.rows.push_back({RowKind::copy, bin + '/' + name.name, from, false});
  }
  if (!copies.are_launchers)
    for (Row& row : windows_libraries(RowKind::copy, base, bin))
      copies.rows.push_back(std::move(row));
  return copies;
}

/// The programs that another Python left there.
VENV_INLINE std::vector<Row> plan_windows_stale(const State& state, const std::string& bin,
                                                const std::vector<Row>& rows) {
  std::vector<Row> stale;
  for (const ScriptsEntry& entry : state.scripts) {
    const std::string path = bin + '/' + entry.name;
    const auto is_it = [&path](const Row& row) { return folded(row.to) == folded(path); };
    const bool is_ours = entry.kind == FileKind::link || entry.kind == FileKind::file;
    if (state.was_environment() && is_ours && is_interpreter_name(entry.name) &&
        folded(entry.name).rfind(".exe") != std::string::npos &&
        std::none_of(rows.begin(), rows.end(), is_it))
      stale.push_back({RowKind::remove, path, {}, false});
  }
  return stale;
}

VENV_DETAIL_END

// ---- src/create/directories.hpp -----------------------------------------------------------------

VENV_DETAIL_BEGIN

/// A newline would add keys to the configuration.
VENV_INLINE void refuse_bad_prompt(const std::string& prompt) {
  const bool lines = prompt.find_first_of(std::string_view("\n\r\0", 3)) != prompt.npos;
  if (lines || !is_utf8(prompt))
    throw Error(ErrorCode::invalid_argument,
                "the prompt '" + printable(prompt) + "' " +
                    (lines ? "contains a line break" : "is not valid UTF-8"));
}

VENV_INLINE Error refused(const fs::path& env_dir, const std::string& why) {
  Error error(ErrorCode::invalid_argument, "'" + printable(text_of(env_dir)) + "' " + why);
  error.at("check the directory's name").on(env_dir);
  return error;
}

/// Refuses names that no environment can have, before anything is touched.
VENV_INLINE void refuse_bad_name(const fs::path& env_dir) {
  const std::string text = text_of(env_dir);
  if (text.empty()) throw refused(env_dir, "is no directory: the name is empty");
  if (!is_utf8(text)) throw refused(env_dir, "is not valid UTF-8");
  if (has_control_character(text)) throw refused(env_dir, "contains a control character");
}

/// The same for the absolute path: the scripts' directory goes on `PATH`.
VENV_INLINE void refuse_bad_path(const fs::path& env_dir) {
  refuse_bad_name(env_dir);
  const char separator = search_path_separator;
  if (text_of(env_dir.relative_path()).find(separator) != std::string::npos)
    throw refused(env_dir, std::string("contains the PATH separator '") + separator + "'");
}

/// Refuses what is no directory.
VENV_INLINE void refuse_bad_directory(const fs::path& env_dir, const State& state) {
  if (state.kind != FileKind::missing && state.kind != FileKind::directory)
    throw refused(env_dir, "is not a directory");
}

/// Refuses the prefix of a Python, which is no environment.
VENV_INLINE void refuse_prefix(const fs::path& env_dir, const State& state) {
  if (!state.own_python.empty())
    throw refused(env_dir, "is where a Python is installed: it holds " + quoted(state.own_python));
}

/// Whether `inner` lies below `outer`; both resolved.
VENV_INLINE bool lies_below(const fs::path& inner, const fs::path& outer) {
  const fs::path way = inner.lexically_relative(outer);
  return !way.empty() && way != "." && *way.begin() != "..";
}

/// What is refused when what lies in a directory is to go.
enum class Emptying { clear, remove };

VENV_INLINE Error refused_to_empty(const fs::path& env_dir, const std::string& why, Emptying how) {
  const std::string verb = how == Emptying::clear ? "clear" : "remove";
  Error error(ErrorCode::not_an_environment,
              "refusing to " + verb + ' ' + quoted(env_dir) + ": " + why);
  error.at(verb + " the directory").on(env_dir);
  return error;
}

/// Refuses to clear what is never to be cleared. Whether another directory is an environment is only
/// known once it is locked: another run may be making one.
VENV_INLINE void refuse_dangerous_clear(const fs::path& env_dir, Emptying how = Emptying::clear) {
  const auto real = resolved(env_dir);
  if (!real) throw io_error("resolve", env_dir, std::make_error_code(std::errc::io_error));
  if (*real == real->root_path())
    throw refused_to_empty(env_dir, "it is the root of the file system", how);
  for (const fs::path& home : {path_of(variable("HOME").value_or("")),
                               path_of(variable("USERPROFILE").value_or("")), account_home()}) {
    const auto real_home = home.empty() ? std::nullopt : resolved(home);
    if (!real_home || *real_home == real_home->root_path()) continue;
    if (is_same_file(*real_home, *real))
      throw refused_to_empty(env_dir, "it is the home directory", how);
    if (lies_below(*real_home, *real))
      throw refused_to_empty(env_dir, "the home directory lies in it", how);
  }
}

/// The same, and without `force` what is no environment.
VENV_INLINE void refuse_unsafe_clear(const fs::path& env_dir, const State& state, bool force,
                                     Emptying how) {
  refuse_dangerous_clear(env_dir, how);
  if (force) return;
  const std::string hint =
      how == Emptying::clear ? "Options::force clears it all the same." : std::string();
  const auto real = resolved(env_dir);
  if (real && lies_below(working_directory(), *real))
    throw refused_to_empty(env_dir, "the working directory lies in it", how).advise(hint);
  if (!state.was_environment())
    throw refused_to_empty(env_dir, "it is not empty and no environment", how).advise(hint);
}

/// Refuses to clear what can't be emptied whole: before anything is touched, by the name of the first
/// entry that this user can't remove.
VENV_INLINE void refuse_half_clear(const fs::path& env_dir, const fs::path& directory,
                                   Emptying how) {
  const auto names = [&] {
    try {
      return names_in(directory);
    } catch (const Error& error) {
      throw refused_to_empty(env_dir, error.what(), how).caused_by(error.system_error());
    }
  }();
  if (!names.empty() && !may_change_entries(directory))
    throw refused_to_empty(
        env_dir, quoted(directory / names.front()) + " can't be removed: Permission denied", how);
  const bool is_top = directory == env_dir;
  for (const fs::path& name : names) {
    const fs::path entry = directory / name;
    if (is_top && name == "lost+found") continue;
    if (is_immutable(entry))
      throw refused_to_empty(env_dir, quoted(entry) + " can't be removed: it is immutable", how);
    if (status_of(entry).kind != FileKind::directory) continue;
    if (is_top && !may_change_entries(entry)) // it is to be moved
      throw refused_to_empty(env_dir, quoted(entry) + " can't be moved: Permission denied", how);
    refuse_half_clear(env_dir, entry, how);
  }
}

/// All that is refused before a directory is cleared, or removed.
VENV_INLINE void refuse_clear(const fs::path& env_dir, const State& state, bool force,
                              Emptying how = Emptying::clear) {
  refuse_unsafe_clear(env_dir, state, force, how);
  if (const auto mount = mount_point_below(env_dir))
    throw refused_to_empty(env_dir, "something is mounted at " + quoted(*mount), how);
  refuse_half_clear(env_dir, env_dir, how);
}

VENV_INLINE LayoutKey layout_key(const Interpreter& python) {
  LayoutKey key;
  key.os = this_os;
  key.implementation = python.implementation;
  key.version = python.version;
  key.is_64bit = python.is_64bit;
  key.free_threaded = python.free_threaded;
  key.debug = python.debug;
  key.platlibdir = python.platlibdir;
  key.utf8_names = python.filesystem_encoding == "utf-8";
  key.executable_name = text_of(python.base_executable.filename());
  return key;
}

/// Whether `program`, or a link on the way from it to its file, lies in `dir`; with `below` also in a
/// directory inside it.
VENV_INLINE bool leads_through(fs::path program, const fs::path& dir, bool below) {
  const auto real = resolved(dir);
  for (int links = 0; links < 40 && real; ++links) { // as many as Linux follows
    const auto folder = resolved(program.parent_path());
    if (!folder) return false;
    if (is_same_file(*folder, *real) || (below && lies_below(*folder, *real))) return true;
    if (status_of(program).kind != FileKind::link) return false;
    program = *folder / link_target(program);
  }
  return false;
}

/// Refuses to make an environment where the base Python itself lies: it would be replaced by a link
/// to itself, or cleared.
VENV_INLINE void refuse_base_prefix(const fs::path& env_dir, const Interpreter& python,
                                    bool clear) {
  const fs::path bin = env_dir / layout_of(layout_key(python)).bin;
  if (leads_through(python.base_executable, clear ? env_dir : bin, clear))
    throw refused(env_dir, "holds the base Python " + quoted(python.base_executable) + " itself");
}

/// The context of an environment in `env_dir` (absolute); nothing on disk is looked at.
VENV_INLINE Context context_for(const fs::path& env_dir, const Interpreter& python,
                                const std::optional<std::string>& prompt) {
  const Layout layout = layout_of(layout_key(python));
  Context context;
  context.env_dir = env_dir;
  context.env_name = text_of(env_dir.filename());
  context.prompt = prompt.value_or(context.env_name);
  context.executable = python.base_executable;
  context.python_dir = python.base_executable.parent_path();
  context.python_exe = layout.executable;
  context.inc_path = (env_dir / path_of(layout.include)).make_preferred();
  context.lib_path = (env_dir / path_of(layout.purelib)).make_preferred();
  context.platlib_path = (env_dir / path_of(layout.platlib)).make_preferred();
  context.bin_path = env_dir / layout.bin;
  context.bin_name = layout.bin;
  context.env_exe = context.bin_path / path_of(layout.executable);
  context.env_exec_cmd = context.env_exe;
  context.cfg_path = env_dir / "pyvenv.cfg";
  context.python = python;
  return context;
}

VENV_DETAIL_END

// ---- src/create/configuration.hpp ---------------------------------------------------------------

VENV_DETAIL_BEGIN

/// The `python -m venv …` that would do the same. For people: nothing is escaped, as in the
/// reference's own.
VENV_INLINE std::string equivalent_command(const Context& context, const Options& options) {
  std::string command = text_of(context.python.executable) + " -m venv";
  const auto add = [&command](bool given, const std::string& argument) {
    if (given) command += ' ' + argument;
  };
  const bool windows = this_os == Os::windows;
  add(windows && options.symlinks, "--symlinks");
  add(!windows && !options.symlinks, "--copies");
  add(!options.with_pip, "--without-pip");
  add(options.system_site_packages, "--system-site-packages");
  add(options.clear, "--clear");
  add(options.upgrade, "--upgrade");
  add(options.upgrade_deps, "--upgrade-deps");
  add(options.prompt.has_value(), "--prompt=\"" + options.prompt.value_or("") + '"');
  add(options.scm_ignore_files.empty(), "--without-scm-ignore-files");
  add(true, text_of(context.env_dir));
  return command;
}

/// The keys of CPython 3.13 in its order, whatever the base's version (PEP 405).
VENV_INLINE PyvenvCfg configuration_of(const Context& context, const Options& options,
                                       const std::optional<std::string>& prompt) {
  PyvenvCfg cfg;
  cfg.push_back({"home", text_of(context.python_dir)});
  cfg.push_back({"include-system-site-packages", options.system_site_packages ? "true" : "false"});
  cfg.push_back({"version", dotted(context.python.version)});
  if (prompt) cfg.push_back({"prompt", repr(*prompt)});
  cfg.push_back({"executable", text_of(context.python.real_executable)});
  cfg.push_back({"command", equivalent_command(context, options)});
  return cfg;
}

/// Whether a key says what the configuration says anew, or what another tool stated of the Python that
/// was there before (virtualenv's and uv's): what others go by must not outlive it.
VENV_INLINE bool states_a_fact(std::string_view key) {
  for (const char* known : {"home", "include-system-site-packages", "version", "prompt",
                            "executable", "command", "version_info", "version-info",
                            "implementation", "base-prefix", "base-exec-prefix", "base-executable"})
    if (key == known) return true;
  return false;
}

/// The lines of an older configuration that are the user's own. One that is no UTF-8 goes, as Python
/// can't start with it.
VENV_INLINE PyvenvCfg own_keys(const PyvenvCfg& old) {
  PyvenvCfg own;
  for (const auto& line : old)
    if (!states_a_fact(line.first) && is_utf8(line.first) && is_utf8(line.second))
      own.push_back(line);
  return own;
}

VENV_DETAIL_END

// ---- src/create/base.hpp ------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Whether a script in an environment has that name, on a disk that may fold cases.
VENV_INLINE bool is_script_name(const std::string& name) {
  const std::string text = folded(name);
  for (const EmbeddedScript& script : activation_scripts)
    if (text == folded(script.name)) return true;
  return is_pip_name(name);
}

/// Refuses a Python that `pyvenv.cfg` cannot name, as it has one line a key, in UTF-8, and one whose
/// name in the environment is a script's.
VENV_INLINE void refuse_bad_python(const Interpreter& python) {
  if (is_script_name(text_of(python.base_executable.filename())))
    throw unusable(python.base_executable, "has the name of a script in the environment");
  for (const fs::path& path : {python.base_executable, python.executable, python.real_executable}) {
    const std::string text = text_of(path);
    if (!is_utf8(text)) throw unusable(path, "has a path that is not valid UTF-8");
    if (has_control_character(text)) throw unusable(path, "has a path with a control character");
  }
}

VENV_INLINE Interpreter find_base(const std::string& request, const fs::path& env_dir,
                                  const Session& session) {
  return discover({request, env_dir, session.options.python_origin, session.stop},
                  RememberedProbe(session.cache, probe_options(session.options, session.stop)));
}

/// The base that an environment names, for `upgrade` without a request ("upgraded in place"). Error
/// (`python_not_found`) where that is gone.
VENV_INLINE Interpreter base_of_environment(const fs::path& env_dir, const State& state,
                                            const Session& session) {
  const auto home = home_of(state.cfg);
  const auto version = value_of(state.cfg, "version");
  const std::string minor =
      version ? "python" + version->substr(0, version->find('.', version->find('.') + 1))
              : "python3";
  if (home)
    for (const std::string& name : {minor, std::string("python3"), std::string("python")}) {
      const fs::path program = path_of(*home) / path_of(name + std::string(executable_suffix));
      if (is_executable(program)) return find_base(text_of(program), env_dir, session);
    }
  throw Error(ErrorCode::python_not_found,
              "the base Python of " + quoted(env_dir) + " is gone" +
                  (home ? ": nothing in " + quoted(path_of(*home)) : ""))
      .at("find the base interpreter")
      .on(env_dir)
      .advise("Say which Python to use instead (Options::python).");
}

/// The base Python for a directory: what was asked for, else for `upgrade` the environment's own, else
/// the first that is found.
VENV_INLINE Interpreter choose_base(const fs::path& env_dir, const State& state,
                                    const Session& session) {
  const bool in_place =
      session.options.upgrade && session.options.python.empty() && state.is_environment;
  Interpreter python = in_place && home_of(state.cfg)
                           ? base_of_environment(env_dir, state, session)
                           : find_base(session.options.python, env_dir, session);
  refuse_bad_python(python);
  const bool links = session.options.symlinks;
  if (!links)
    python.base_executable =
        copyable_executable(python, probe_options(session.options, session.stop));
  if (python.base_executable != python.executable && !configuration_above(python.executable))
    session.say(Report::progress,
                (links ? "linking to " : "copying ") + quoted(python.base_executable) + ": from " +
                    quoted(python.executable.parent_path()) + " its library isn't found");
  if (state.kind == FileKind::directory) refuse_base_prefix(env_dir, python, session.options.clear);
  refuse_prefix(env_dir, state);
  return python;
}

/// Asks the base interpreter of a context that a program filled itself, and fills in what it left out:
/// the reference's manual doesn't name all attributes that its code sets.
VENV_INLINE void complete(Context& context, const Session& session) {
  if (context.python.base_executable.empty())
    context.python = find_base(text_of(context.executable), context.env_dir, session);
  if (!context.cfg_path.empty()) return;
  const Context whole = context_for(context.env_dir, context.python, std::nullopt);
  const auto fill = [](auto& mine, const auto& known) {
    if (mine.empty()) mine = known;
  };
  fill(context.env_name, whole.env_name);
  fill(context.executable, whole.executable);
  fill(context.python_dir, whole.python_dir);
  fill(context.python_exe, whole.python_exe);
  fill(context.inc_path, whole.inc_path);
  fill(context.lib_path, whole.lib_path);
  fill(context.platlib_path, whole.platlib_path);
  fill(context.bin_path, whole.bin_path);
  fill(context.bin_name, whole.bin_name);
  fill(context.env_exe, whole.env_exe);
  fill(context.env_exec_cmd, context.env_exe);
  fill(context.cfg_path, whole.cfg_path);
}

/// Says that an upgrade changes the minor version, which is more than a base upgraded in place: what is
/// installed belongs to the other one.
VENV_INLINE void tell_other_minor(const Interpreter& python, const State& before,
                                  const Session& session) {
  if (!session.options.upgrade || !before.is_environment) return;
  const std::string was = value_of(before.cfg, "version").value_or("");
  const std::string minor = was.substr(0, was.find('.', was.find('.') + 1));
  const std::string now = python.version.minor_text();
  if (!minor.empty() && minor != now)
    session.warn("upgraded from Python " + printable(minor) + " to " + now +
                 ": what is installed for the one is not seen by the other");
}

/// Why a Python will not last, seen from an environment elsewhere; empty where nothing tells that. `temp`
/// is where temporary files go.
VENV_INLINE std::string why_fleeting(const fs::path& python, const fs::path& env_dir,
                                     const fs::path& temp) {
  std::vector<std::string> parts;
  for (const fs::path& part : python) parts.push_back(text_of(part));
  const auto is_appimage = [](const std::string& part) { return part.rfind(".mount_", 0) == 0; };
  if (std::any_of(parts.begin(), parts.end(), is_appimage))
    return "lies in an AppImage that is mounted while it runs";
  if (parts.size() > 4 && parts[1] == "snap" &&
      parts[3].find_first_not_of("x0123456789") == std::string::npos)
    return "lies in a revision of the Snap '" + printable(parts[2]) +
           "', which updates remove: /snap/" + printable(parts[2]) + "/current stays";
  for (const fs::path& folder : {temp, fs::path("/tmp"), fs::path("/var/tmp")})
    if (is_within(python, folder) && !is_within(env_dir, folder))
      return "lies in " + quoted(folder) + ", where files are temporary";
  return {};
}

/// Says that the base is likely to go before the environment does.
VENV_INLINE void tell_fleeting(const Interpreter& python, const fs::path& env_dir,
                               const Session& session) {
  const fs::path temp = path_of(variable("TMPDIR").value_or("/tmp"));
  const std::string why = why_fleeting(python.real_executable, env_dir, temp);
  if (!why.empty())
    session.warn("the base Python " + quoted(python.real_executable) + ' ' + why +
                 "; without it the environment doesn't work");
}

/// Says that a Python is older than those whose environments are compared with the reference's.
VENV_INLINE void tell_old(const Interpreter& python, const Session& session) {
  if (python.version < std::array<int, 3>{3, 8, 0})
    session.warn(quoted(python.base_executable) + " is Python " + dotted(python.version) +
                 ": environments of Python before 3.8 work as far as they can");
}

VENV_DETAIL_END

// ---- src/create/run.hpp -------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Cuts what comes in pieces into lines.
class LineSplitter {
public:
  using Take = FunctionRef<void(std::string_view)>;
  void add(std::string_view piece, const Take& take) {
    rest_ += piece;
    std::size_t start = 0;
    for (std::size_t end; (end = rest_.find('\n', start)) != rest_.npos; start = end + 1)
      take(without_return(std::string_view(rest_).substr(start, end - start)));
    rest_.erase(0, start);
  }
  void finish(const Take& take) {
    if (!rest_.empty()) take(without_return(rest_));
    rest_.clear();
  }

private:
  static std::string_view without_return(std::string_view line) {
    return line.substr(0, line.size() - (!line.empty() && line.back() == '\r'));
  }
  std::string rest_{};
};

/// The variables that every child in the environment gets, and those that it doesn't. `path`: the
/// folders in which programs are looked for elsewhere.
VENV_INLINE Changes environment_changes(const Context& context, const std::string& path) {
  Changes changes{
      {"VIRTUAL_ENV", text_of(context.env_dir)},
      {"VIRTUAL_ENV_PROMPT", context.prompt.empty() ? context.env_name : context.prompt},
      {"PIP_USER", "0"}, // `user = true` in a pip.conf
      {"PATH", text_of(context.bin_path) + (path.empty() ? "" : search_path_separator + path)}};
  for (const char* name : {"PYTHONHOME", "PYTHONPATH", "PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__",
                           "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON"})
    changes.push_back({name, std::nullopt});
  return changes;
}

/// Those of one child. A later change of a variable is the one that counts.
VENV_INLINE Changes variables_of(const Context& context, const RunOptions& options) {
  Changes changes = environment_changes(context, search_path());
  if (options.on_line || options.on_output)
    for (const auto& [name, value] :
         {std::pair("PYTHONUNBUFFERED", "1"), std::pair("PYTHONIOENCODING", "utf-8")})
      if (!variable(name)) changes.push_back({name, value});
  if (options.installs)
    for (const char* name : {"PYTHONNOUSERSITE", "PIP_NO_INPUT", "PIP_DISABLE_PIP_VERSION_CHECK"})
      changes.push_back({name, "1"});
  changes.insert(changes.end(), options.variables.begin(), options.variables.end());
  return changes;
}

/// Refuses a Python that would not be the environment's: without `pyvenv.cfg` it is the base Python.
VENV_INLINE void refuse_base_python(const Context& context) {
  const auto [end, rest] = std::mismatch(context.env_dir.begin(), context.env_dir.end(),
                                         context.env_exec_cmd.begin(), context.env_exec_cmd.end());
  const fs::path cfg = context.env_dir / "pyvenv.cfg";
  if (context.env_dir.empty() || end != context.env_dir.end() ||
      followed_status_of(cfg).kind == FileKind::file)
    return;
  Error error(ErrorCode::not_an_environment,
              quoted(context.env_dir) + " has no pyvenv.cfg: its Python would be the base Python");
  error.at("run the environment's Python").on(cfg);
  throw error;
}

/// The program that `name` means in the environment.
VENV_INLINE fs::path program_in(const Context& context, const std::string& name) {
  fs::path program = path_of(name);
  if (name == "python" && !context.env_exec_cmd.empty()) return context.env_exec_cmd;
  if (program.has_parent_path() || program.empty()) return program;
  fs::path own = context.bin_path / path_of(name + std::string(executable_suffix));
  if (is_executable(own)) return own;
  const std::string path = search_path();
  for (const std::string_view folder : split(path, search_path_separator)) {
    const fs::path found = path_of(folder) / path_of(name + std::string(executable_suffix));
    if (found.is_absolute() && followed_status_of(found).kind == FileKind::file &&
        is_executable(found))
      return found;
  }
  Error error(ErrorCode::io, "cannot start '" + printable(name) +
                                 "': there is no such program in " + quoted(context.bin_path) +
                                 " or on PATH");
  error.at("start").on(own);
  throw error;
}

/// What a child prints, as far as it is kept.
class KeptOutput {
public:
  explicit KeptOutput(RunOutput kind) : kind_(kind) {}
  void add(Stream stream, std::string_view piece) {
    std::string& text = kind_ == RunOutput::apart && stream == Stream::err ? err_ : out_;
    text += piece;
    if (kind_ == RunOutput::none && text.size() > 2 * least) text.erase(0, text.size() - least);
  }
  void give(RunResult& result) {
    if (kind_ == RunOutput::none) return;
    result.out = std::move(out_);
    result.err = std::move(err_);
  }
  std::string all() const { return out_ + err_; }

private:
  static constexpr std::size_t least = 1u << 20; ///< for an error, when it isn't given back
  RunOutput kind_;
  std::string out_{}, err_{};
};

VENV_INLINE std::string how_it_ended(const RunResult& result, const RunOptions& options) {
  if (result.timed_out)
    return "took longer than " + std::to_string(options.timeout.count()) + " ms";
  if (result.cancelled) return "was cancelled";
  if (!result.is_status_known)
    return "ended, and the system does not tell how: this process gave its status away";
  if (result.signal) return "was ended by signal " + std::to_string(result.signal);
  return "exited with " + std::to_string(result.exit_code);
}

VENV_INLINE Error failed_run(const Command& command, const RunResult& result,
                             const RunOptions& options, std::string output) {
  std::string shown = text_of(command.program);
  for (const std::string& argument : command.arguments) shown += ' ' + argument;
  const ErrorCode code = result.cancelled ? ErrorCode::interrupted : ErrorCode::command_failed;
  Error error(code, printable(shown) + ' ' + how_it_ended(result, options));
  error.at("run a program in the environment").on(command.program).printed(std::move(output));
  if (result.is_status_known && !result.signal && !result.timed_out && !result.cancelled)
    error.exited_with(result.exit_code);
  return error;
}

VENV_INLINE Command command_in(const Context& context, const std::string& program,
                               const std::vector<std::string>& arguments,
                               const RunOptions& options) {
  Command command;
  command.program = program_in(context, program);
  command.arguments = arguments;
  command.environment = variables_of(context, options);
  command.cwd = options.cwd;
  command.timeout = options.timeout;
  command.grace = options.grace;
  command.input = options.reads;
  command.input_text = options.input;
  command.descriptors = options.descriptors;
  command.output_limit = 0;
  command.stop = StopRequest(options.is_cancelled);
  return command;
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE RunResult run_program(const Context& context, const std::string& program,
                                  const std::vector<std::string>& arguments,
                                  const RunOptions& options) {
  using namespace detail;
  refuse_base_python(context);
  const Command command = command_in(context, program, arguments, options);
  KeptOutput kept(options.output);
  std::array<LineSplitter, 2> lines;
  const auto take_line = [&options](Stream stream) {
    return [&options, stream](std::string_view line) {
      if (options.on_line) options.on_line(stream, line);
    };
  };
  const ExitStatus status = run_command(command, [&](Stream stream, std::string_view piece) {
    kept.add(stream, piece);
    if (options.on_output) options.on_output(stream, piece);
    if (options.on_line) lines[stream == Stream::err].add(piece, take_line(stream));
  });
  lines[0].finish(take_line(Stream::out));
  lines[1].finish(take_line(Stream::err));
  RunResult result;
  result.exit_code = status.code;
  result.signal = status.signal;
  result.is_status_known = status.is_known;
  result.timed_out = status.timed_out;
  result.cancelled = status.cancelled;
  if (!result.succeeded() && options.throws) throw failed_run(command, result, options, kept.all());
  kept.give(result);
  return result;
}

VENV_INLINE std::string run(const Context& context, const std::vector<std::string>& arguments,
                            const RunOptions& options) {
  return run_program(context, "python", arguments, options).out;
}

VENV_END

// ---- src/create/interpreter.hpp -----------------------------------------------------------------

VENV_DETAIL_BEGIN

/// A configuration that speaks of another Python is taken away before the interpreter changes, so
/// that at no moment it lies.
VENV_INLINE void retire_configuration(const Context& context, Transaction& transaction) {
  const State& state = transaction.state();
  const bool same = home_of(state.cfg) == text_of(context.python_dir) &&
                    value_of(state.cfg, "version") == dotted(context.python.version);
  const fs::path cfg = context.env_dir / "pyvenv.cfg";
  refuse_directory(cfg, status_of(cfg));
  if (!same) transaction.remove(cfg);
}

/// Why a program does not start, or nothing: `-V` wants nothing but the loader.
VENV_INLINE std::optional<std::string> start_fault(const fs::path& python,
                                                   const ProbeOptions& options) {
  std::string output;
  try {
    const ExitStatus exit =
        run_python(python, {"-V"}, options, [&output](Stream, std::string_view piece) {
          if (output.size() < 4096) output += piece;
        });
    if (exit.code == 0 && !exit.timed_out) return std::nullopt;
    return output.empty() ? "it ends with " + std::to_string(exit.code) : first_line(output);
  } catch (const Error& error) {
    // Any other reason of the system's says nothing of the program.
    const std::error_code reason = error.system_error();
    const bool is_the_program_s = !reason || reason == std::errc::permission_denied ||
                                  reason == std::errc::executable_format_error ||
                                  reason == std::errc::no_such_file_or_directory;
    if (error.code() == ErrorCode::interrupted || !is_the_program_s) throw;
    return error.what();
  }
}

/// Copies the shared libraries that a program looks for relative to where it lies.
VENV_INLINE void copy_libraries(const Context& context, Transaction& transaction) {
  constexpr std::uint64_t largest_program = std::uint64_t{1} << 30;
  const std::string program = read_file(context.env_exe, largest_program);
  const fs::path base = context.python.real_executable.parent_path().parent_path();
  for (const fs::path& entry : names_in_if_readable(base / "lib")) {
    const std::string name = text_of(entry);
    const bool needed = program.find('/' + name + '\0') != program.npos ||
                        program.find(std::string(1, '\0') + name + '\0') != program.npos;
    if (!needed || followed_status_of(base / "lib" / entry).kind != FileKind::file) continue;
    transaction.copy(base / "lib" / entry, context.env_dir / "lib" / entry, 0755);
  }
}

/// A copied interpreter is tried. One whose own library isn't found from its new place gets a copy of
/// that too.
VENV_INLINE void make_copy_start(const Context& context, Session& session) {
  const ProbeOptions asking = probe_options(session.options, session.stop);
  if (!start_fault(context.env_exe, asking)) return;
  copy_libraries(context, session.transaction());
  if (const auto fault = start_fault(context.env_exe, asking))
    throw Error(ErrorCode::python_unusable,
                quoted(context.executable) + " does not start when copied: " + *fault)
        .at("copy the interpreter")
        .on(context.env_exe)
        .advise("Link it instead (Options::symlinks).");
}

/// Scripts whose first line names a Python that has gone run by this one: packages that belong to
/// another version are missing then, but none fails for a file that is not there.
VENV_INLINE void mend_shebangs(const Context& context, const std::vector<std::string>& gone,
                               Transaction& transaction) {
  constexpr std::uint64_t largest_script = 1u << 16;
  for (const ScriptsEntry& entry : transaction.state().scripts) {
    const fs::path path = context.bin_path / path_of(entry.name);
    const FileStatus status = status_of(path);
    if (is_reserved_name(entry.name) || status.kind != FileKind::file) continue;
    if (status.size > largest_script) continue;
    const std::string text = read_file(path, largest_script);
    for (const std::string& name : gone) {
      const std::string old = shebang_for(text_of(context.bin_path / path_of(name)));
      if (text.compare(0, old.size(), old) == 0)
        transaction.write(path, shebang_for(text_of(context.env_exe)) + text.substr(old.size()));
    }
  }
}

/// Adds the scripts that a hook has put under an interpreter's name since the directory was read: they
/// are the user's own.
VENV_INLINE void add_new_scripts(State& state, const fs::path& bin) {
  for (ScriptsEntry& entry : read_scripts(bin)) {
    if (!entry.is_script) continue;
    const auto known =
        std::find_if(state.scripts.begin(), state.scripts.end(),
                     [&entry](const ScriptsEntry& old) { return old.name == entry.name; });
    if (known == state.scripts.end()) state.scripts.push_back(std::move(entry));
    else *known = std::move(entry);
  }
}

VENV_INLINE bool is_link_to(const fs::path& path, const fs::path& target) {
  return known_status_of(path).kind == FileKind::link && link_target(path) == target;
}

/// Gives the interpreter its names, as the plan says.
VENV_INLINE void set_up_python(Context& context, Session& session, EnvBuilder& builder) {
  Transaction& transaction = session.transaction();
  State state = transaction.state();
  if (session.shows_early()) add_new_scripts(state, context.bin_path);
  if (!session.shows_early() && !transaction.is_fresh()) retire_configuration(context, transaction);
  InterpreterChoice choice{layout_of(layout_key(context.python)), text_of(context.executable),
                           session.options.symlinks};
  std::vector<std::string> gone;
  bool is_copy = false;
  for (const Row& row : plan_interpreter(state, choice)) {
    const fs::path path = context.env_dir / path_of(row.to);
    const fs::path source =
        row.is_alias ? path.parent_path() / path_of(row.from) : path_of(row.from);
    if (row.is_alias && row.kind == RowKind::link && is_link_to(path, source.filename())) continue;
    switch (row.kind) {
    case RowKind::link:
    case RowKind::copy: builder.symlink_or_copy(source, path, row.is_alias); break;
    case RowKind::remove:
      transaction.remove(path);
      gone.push_back(text_of(path.filename()));
      break;
    case RowKind::keep:
    default: session.warn("kept " + quoted(path) + ": it is no interpreter"); continue;
    }
    is_copy = is_copy || (path == context.env_exe && status_of(path).kind == FileKind::file);
  }
  if (is_copy) make_copy_start(context, session);
  if (!gone.empty()) mend_shebangs(context, gone, transaction);
}

VENV_DETAIL_END

// ---- src/create/interpreter_windows.hpp ---------------------------------------------------------

VENV_DETAIL_BEGIN

VENV_INLINE std::vector<std::string> texts_of_names_in(const fs::path& folder) {
  std::vector<std::string> texts;
  for (const fs::path& name : names_in_if_readable(folder)) texts.push_back(text_of(name));
  return texts;
}

VENV_INLINE WindowsBase windows_base_of(const Context& context) {
  const fs::path scripts = context.python.stdlib / "venv" / "scripts" / "nt";
  return {text_of(context.python_dir), texts_of_names_in(context.python_dir), text_of(scripts),
          texts_of_names_in(scripts)};
}

/// Makes all links; none of them stays when one can't be made.
VENV_INLINE bool link_windows_python(const Context& context, const std::vector<Row>& rows,
                                     Transaction& transaction) {
  std::vector<fs::path> made;
  for (const Row& row : rows) {
    const fs::path path = (context.env_dir / path_of(row.to)).make_preferred();
    if (!transaction.link(path_of(row.from), path)) {
      for (const fs::path& link : made) transaction.remove(link);
      return false;
    }
    made.push_back(path);
  }
  return !rows.empty();
}

/// The base's own program that was copied with its libraries is tried. Source: `EnvBuilder.setup_python`.
VENV_INLINE void set_up_windows_python(const Context& context, Session& session) {
  Transaction& transaction = session.transaction();
  if (!session.shows_early() && !transaction.is_fresh()) retire_configuration(context, transaction);
  const LayoutKey key = layout_key(context.python);
  const WindowsBase base = windows_base_of(context);
  std::vector<Row> rows = plan_windows_links(key, base);
  bool is_linked = false;
  if (session.options.symlinks) {
    is_linked = link_windows_python(context, rows, transaction);
    if (!is_linked) session.warn_of_no_links();
  }
  if (!is_linked) {
    WindowsCopies copies = plan_windows_copies(key, base);
    rows = std::move(copies.rows);
    for (const Row& row : rows)
      transaction.copy(path_of(row.from), (context.env_dir / path_of(row.to)).make_preferred(),
                       0777);
    if (!copies.are_launchers)
      if (const auto fault =
              start_fault(context.env_exe, probe_options(session.options, session.stop)))
        throw Error(ErrorCode::python_unusable,
                    quoted(context.executable) + " does not start when copied: " + *fault)
            .at("copy the interpreter")
            .on(context.env_exe);
  }
  if (status_of(context.env_exe).kind == FileKind::missing)
    throw Error(ErrorCode::python_unusable, quoted(context.executable) + " has no program called " +
                                                quoted(context.env_exe.filename()))
        .at("set up the interpreter")
        .on(context.env_exe);
  for (const Row& row : plan_windows_stale(transaction.state(), layout_of(key).bin, rows))
    transaction.remove((context.env_dir / path_of(row.to)).make_preferred());
}

VENV_DETAIL_END

// ---- src/create/scripts.hpp ---------------------------------------------------------------------

VENV_DETAIL_BEGIN

VENV_INLINE ScriptVariables variables_of(const Context& context) {
  return {text_of(context.env_dir), context.env_name, context.prompt, context.bin_name,
          text_of(context.env_exe)};
}

/// cmd reads batch files with CRLF only.
VENV_INLINE std::string with_crlf(std::string_view text) {
  std::string result;
  for (const char c : text) result += c == '\n' ? "\r\n" : std::string(1, c);
  return result;
}

/// The activation scripts that this header carries for this platform.
VENV_INLINE ScriptSet default_scripts() {
  ScriptSet set;
  for (const EmbeddedScript& script : activation_scripts) {
    if (script.folder != "common" && script.folder != scripts_folder) continue;
    set.scripts.push_back({std::string(script.name), std::string(script.text)});
  }
  return set;
}

/// Gives scripts the modes that a Python's own of the same names have: conda's may be changed by the
/// group, nix's by nobody.
VENV_INLINE void take_modes_of(const fs::path& stdlib, ScriptSet& set) {
  if (stdlib.empty()) return;
  const fs::path theirs = stdlib / "venv" / "scripts";
  for (Script& script : set.scripts)
    for (const fs::path& folder : {theirs / "common", theirs / scripts_folder})
      if (const FileStatus status = followed_status_of(folder / path_of(script.name));
          status.kind == FileKind::file)
        script.mode = status.mode & 0777u;
}

/// Takes away the activation scripts of another maker (uv's `activate.ps1`, `activate.bat`) from what
/// was an environment: they would activate what is no longer there.
VENV_INLINE void remove_foreign_scripts(const Context& context, Session& session) {
  const State& state = session.transaction().state();
  if (!state.was_environment()) return;
  const ScriptSet ours = default_scripts();
  for (const ScriptsEntry& entry : state.scripts)
    if (is_activation_name(entry.name) && !ours.find(entry.name) &&
        (entry.kind == FileKind::file || entry.kind == FileKind::link))
      session.transaction().remove(context.bin_path / path_of(entry.name));
}

/// Installs one script.
VENV_INLINE void install_script(Context& context, const Script& script, Session& session,
                                EnvBuilder& builder) {
  Transaction& transaction = session.transaction();
  const fs::path path = context.bin_path / path_of(script.name);
  if (path.parent_path() != context.bin_path) transaction.make_directories(path.parent_path());
  std::optional<std::string> text = script.text;
  if (script.is_text)
    text = builder.replace_variables(script.text, text_of(path.filename()), context);
  if (!text) return transaction.remove(path); // an old one would say something else
  const bool is_unchanged = *text == script.text;
  const bool is_batch = path.extension() == ".bat" && script.source.empty();
  transaction.write(path, is_batch ? with_crlf(*text) : *text, script.mode);
  if (is_unchanged && !script.source.empty()) copy_times(script.source, path);
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE ScriptSet::ScriptSet(const std::filesystem::path& folder) {
  using namespace detail;
  for (const fs::path& part : {folder / "common", folder / scripts_folder}) {
    if (followed_status_of(part).kind != FileKind::directory) continue;
    for (const fs::path& source : paths_below(part)) {
      const FileStatus status = followed_status_of(source);
      if (status.kind == FileKind::directory) continue;
      Script script;
      script.name = text_of(source.lexically_relative(part));
      script.text = read_file(source);
      script.mode = status.mode;
      script.source = source;
      const fs::path suffix = source.extension();
      script.is_text = suffix != ".exe" && suffix != ".pdb";
      if (script.is_text && !is_utf8(script.text)) left_out.push_back(source);
      else scripts.push_back(std::move(script));
    }
  }
}

VENV_END

// ---- src/create/wheels.hpp ----------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Where a Python has the wheels that it bundles.
VENV_INLINE fs::path bundled_directory(const Interpreter& python) {
  return python.stdlib / "ensurepip" / "_bundled";
}

/// Whether a wheel is for this Python by its `Requires-Python`. One that can't be read is taken:
/// what installs it says what is wrong.
VENV_INLINE bool is_for(const Interpreter& python, const fs::path& wheel) {
  const PackageVersion version = package_version(python);
  try {
    const MappedFile bytes(wheel);
    return specifier_allows(Wheel(bytes.bytes(), text_of(wheel.filename())).requires_python(),
                            version);
  } catch (const Error&) {
    return true;
  }
}

/// A wheel that lies in a directory.
struct FoundWheel {
  WheelName name;
  fs::path path;

  /// The order in which wheels are tried; the file's name decides between equals.
  bool is_before(const FoundWheel& other) const {
    if (other.name.parsed_version < name.parsed_version) return true;
    if (name.parsed_version < other.name.parsed_version) return false;
    if (is_earlier_build(other.name.build, name.build)) return true;
    return !is_earlier_build(name.build, other.name.build) && path < other.path;
  }
};

/// The newest wheel of `project` in `directory` that is for this Python. What the Python itself
/// bundles is not opened: it is for it.
VENV_INLINE std::optional<fs::path>
newest_wheel(const fs::path& directory, const std::string& project, const Interpreter& python) {
  std::vector<FoundWheel> found;
  for (const fs::path& entry : names_in_if_readable(directory)) {
    auto name = parse_wheel_name(text_of(entry));
    if (!name || normalized_name(name->distribution) != project || !name->is_universal()) continue;
    if (followed_status_of(directory / entry).kind != FileKind::file) continue;
    found.push_back({std::move(*name), directory / entry});
  }
  sort_by(found, [](const FoundWheel& a, const FoundWheel& b) { return a.is_before(b); });
  const bool own = directory == bundled_directory(python);
  for (const FoundWheel& wheel : found)
    if (own || is_for(python, wheel.path)) return wheel.path;
  return std::nullopt;
}

/// What `ensurepip` would install: pip, and below Python 3.12 setuptools.
VENV_INLINE std::vector<std::string> bundled_projects(const Interpreter& python) {
  if (python.version < std::array<int, 3>{3, 12, 0}) return {"setuptools", "pip"};
  return {"pip"};
}

/// The wheels to install, one of each project, or none where not all were found; and where they were
/// looked for, in this order.
struct WheelSearch {
  std::vector<fs::path> directories{}, wheels{};
};

/// Where wheels are looked for, in this order: where the caller says; what the Python bundles; where it
/// was built to take them from (Fedora, Debian); Debian's folder for Debian's own Python, which older
/// ones don't say. Another Python never gets that: its pip need not run there.
VENV_INLINE std::vector<fs::path> wheel_directories(const Interpreter& python,
                                                    const Options& options) {
  std::vector<fs::path> directories;
  if (!options.pip_wheel_dir.empty()) directories.push_back(absolute_path(options.pip_wheel_dir));
  directories.push_back(bundled_directory(python));
  if (!python.wheel_pkg_dir.empty()) directories.push_back(python.wheel_pkg_dir);
  const fs::path debian = "/usr/share/python-wheels";
  if (python.base_prefix == "/usr" && python.wheel_pkg_dir.empty()) directories.push_back(debian);
  return directories;
}

/// The first directory that has a wheel of a project for this Python decides; each project is looked
/// for by itself.
VENV_INLINE WheelSearch find_wheels(const Interpreter& python, const Options& options) {
  WheelSearch search;
  search.directories = wheel_directories(python, options);
  for (const std::string& project : bundled_projects(python)) {
    std::optional<fs::path> wheel;
    for (std::size_t i = 0; !wheel && i < search.directories.size(); ++i)
      wheel = newest_wheel(search.directories[i], project, python);
    if (!wheel) {
      search.wheels.clear();
      return search;
    }
    search.wheels.push_back(*wheel);
  }
  return search;
}

VENV_DETAIL_END

// ---- src/create/staging.hpp ---------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// A directory beside the one that a distribution goes to, where it is put together; gone at the end.
class Staging {
public:
  explicit Staging(const fs::path& site_packages) : path_(name_beside(site_packages / "pip")) {
    try {
      make_directory(path_);
    } catch (const Error& error) { // the user's name, not this one's
      throw io_error("create", site_packages / "pip", error.system_error());
    }
  }
  ~Staging() { try_remove_tree(path_); }
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  const fs::path& path() const { return path_; }

  /// When its modules were modified, in seconds since 1970, if bytecode is to say so.
  std::int64_t time() const { return time_; }

private:
  static std::int64_t now() {
    using namespace std::chrono;
    return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
  }
  fs::path path_;
  std::int64_t time_ = now();
};

/// Files of one directory that one worker makes.
struct Batch {
  std::string directory;
  std::vector<std::size_t> files;
};

/// Cuts a list of files into batches: of one directory each, none so large that others wait for it.
VENV_INLINE std::vector<Batch> batches_of(const std::vector<PackFile>& files, bool with_bytecode) {
  constexpr std::size_t most_files = 24, most_bytes = std::size_t{512} << 10;
  const auto directory_of = [&files](std::size_t i) {
    const std::string_view name = files[i].name;
    const std::size_t slash = name.rfind('/');
    return name.substr(0, slash == name.npos ? 0 : slash);
  };
  std::vector<Batch> batches;
  std::size_t bytes = 0;
  for (const std::size_t i : order_of(files.size(), [&](std::size_t a, std::size_t b) {
         return directory_of(a) < directory_of(b);
       })) {
    if (files[i].bytecode && !with_bytecode) continue;
    if (batches.empty() || batches.back().directory != directory_of(i) || bytes >= most_bytes ||
        batches.back().files.size() >= most_files) {
      batches.push_back({std::string(directory_of(i)), {}});
      bytes = 0;
    }
    batches.back().files.push_back(i);
    bytes += files[i].size;
  }
  return batches;
}

/// Makes the directories of the batches, those above first.
VENV_INLINE void make_staged_directories(const fs::path& root, const std::vector<Batch>& batches) {
  std::string last;
  for (const Batch& batch : batches) { // sorted: what they have in common is made already
    const std::string& path = batch.directory;
    for (std::size_t end = 0; path != last && end != path.npos;) {
      end = path.find('/', end + 1);
      const std::string upper = path.substr(0, end);
      if ((last + '/').compare(0, upper.size() + 1, upper + '/') != 0) make_directory(root / upper);
    }
    last = path;
  }
}

/// Writes one of the files into its folder; `buffer` is the worker's own, for bytes that are read.
using WriteStaged = FunctionRef<void(const Folder& folder, const std::string& name,
                                     std::size_t file, std::string& buffer)>;

/// Makes each file, several workers at once, by `write`.
VENV_INLINE void stage_files(const Staging& staging, const std::vector<PackFile>& files,
                             bool with_bytecode, const WriteStaged& write) {
  const std::vector<Batch> batches = batches_of(files, with_bytecode);
  make_staged_directories(staging.path(), batches);
  in_parallel(batches.size(), processors(), [&](std::size_t i) {
    const Folder folder(staging.path() / batches[i].directory);
    std::string buffer;
    for (const std::size_t file : batches[i].files) {
      const std::string& name = files[file].name;
      write(folder, name.substr(name.rfind('/') + 1), file, buffer); // npos + 1 is 0
    }
  });
}

/// The mode that a file of a wheel gets, less the umask: only whether it may be run counts.
VENV_INLINE std::uint32_t unpacked_mode(std::uint32_t zip_mode) {
  return (zip_mode & 0111) != 0 ? 0777u : 0666u; // as pip: readable for all, less the umask
}

/// The distribution that a wheel is, its files not laid out yet.
VENV_INLINE PackIndex index_of(const Wheel& wheel) {
  PackIndex index;
  const std::string& stem = wheel.dist_info(); // its own spelling; the file's name may have another
  index.distribution = stem.substr(0, stem.find('-'));
  index.version = stem.substr(stem.find('-') + 1, stem.rfind('.') - stem.find('-') - 1);
  index.scripts = wheel.scripts().console;
  const std::vector<EntryPoint>& gui = wheel.scripts().gui;
  index.scripts.insert(index.scripts.end(), gui.begin(), gui.end());
  for (const WheelFile& file : wheel.files()) {
    const std::string_view name = file.entry.name;
    if (name == stem + "/RECORD" || name == stem + "/INSTALLER" || name == stem + "/REQUESTED")
      continue; // made anew
    PackFile packed;
    packed.name = std::string(name);
    packed.hash = file.hash;
    packed.mode = unpacked_mode(file.entry.mode);
    packed.size = file.entry.size;
    index.files.push_back(std::move(packed));
  }
  if (!has_distinct_names(index)) bad_wheel("has a file in the place of what installers write");
  return index;
}

/// Unpacks the files of a wheel, each verified against RECORD before it is written.
VENV_INLINE void unpack_wheel(const Wheel& wheel, const PackIndex& index, const Staging& staging) {
  stage_files(staging, index.files, false,
              [&](const Folder& folder, const std::string& name, std::size_t i, std::string&) {
                const std::string bytes = read_verified(*wheel.find(index.files[i].name));
                folder.create(name, {bytes}, index.files[i].mode);
              });
}

/// Where the bytecode of a module lies: `a/b.py` -> `a/__pycache__/b.cpython-313.pyc` (PEP 3147).
VENV_INLINE std::string bytecode_name(const std::string& module, const std::string& cache_tag) {
  const std::size_t stem = module.rfind('/') + 1;
  return module.substr(0, stem) + "__pycache__/" + module.substr(stem, module.size() - stem - 3) +
         '.' + cache_tag + ".pyc";
}

/// The module of such bytecode.
VENV_INLINE std::string source_name(const std::string& bytecode) {
  const std::size_t folder = bytecode.rfind('/');
  const std::string above = bytecode.substr(0, bytecode.rfind("__pycache__", folder));
  const std::string file = bytecode.substr(folder + 1);
  return above + file.substr(0, file.find('.')) + ".py";
}

VENV_INLINE bool is_module(const std::string& name) {
  return name.size() > 3 && name.compare(name.size() - 3, 3, ".py") == 0;
}

/// The modules, dealt out so that each of `count` hands gets about as many bytes.
VENV_INLINE std::vector<std::vector<std::string>> deal_modules(const std::vector<PackFile>& files,
                                                               std::size_t count) {
  std::vector<const PackFile*> modules;
  for (const PackFile& file : files)
    if (is_module(file.name)) modules.push_back(&file);
  sort_by(modules, [](const PackFile* a, const PackFile* b) { return a->size > b->size; });
  std::vector<std::vector<std::string>> hands((std::min)(count, modules.size()));
  std::vector<std::size_t> bytes(hands.size());
  for (const PackFile* module : modules) {
    const auto least = std::min_element(bytes.begin(), bytes.end());
    *least += module->size + 2000; // a small module costs something too
    hands[static_cast<std::size_t>(least - bytes.begin())].push_back(module->name);
  }
  return hands;
}

/// The modules whose import shows that a distribution runs on a Python, with commas between them: what
/// its own script calls, and what pip imports only when it lists what is installed. Empty where none are
/// known.
VENV_INLINE std::string trial_modules(const PackIndex& index) {
  std::string modules = index.distribution == "setuptools" ? index.distribution : std::string();
  for (const EntryPoint& script : index.scripts)
    if (script.name == index.distribution) modules = script.module;
  for (const PackFile& file : index.files)
    if (file.name == "pip/_vendor/pkg_resources/__init__.py" && !modules.empty())
      modules += ",pip._vendor.pkg_resources";
  return modules;
}

/// Compiles the modules of several hands by the base interpreter, each in a process of its own. Those
/// that the system has no room for are compiled one after the other, once this process has no other
/// threads, which count as processes.
VENV_INLINE void compile_hands(std::size_t count, const ProbeOptions& options,
                               FunctionRef<void(std::size_t, const ProbeOptions&)> compile) {
  std::mutex mutex;
  std::vector<std::size_t> refused;
  ProbeOptions hurried = options;
  hurried.patience = std::chrono::seconds(1);
  const auto compile_or_leave = [&](std::size_t i) {
    try {
      compile(i, hurried);
    } catch (const Error& error) {
      if (error.system_error() != std::errc::resource_unavailable_try_again) throw;
      const std::lock_guard<std::mutex> lock(mutex);
      refused.push_back(i);
    }
  };
  in_parallel(count, count, compile_or_leave, options.stop);
  for (const std::size_t i : refused) compile(i, options);
}

/// Compiles the staged modules by the base interpreter, in as many processes as there are
/// processors, and adds what came of it to the index. One of them imports what it is about: what does
/// not run on this Python is not installed.
VENV_INLINE void compile_modules(const Interpreter& python, PackIndex& index,
                                 const Staging& staging, const ProbeOptions& options) {
  if (python.cache_tag.empty()) return;
  const auto hands = deal_modules(index.files, child_workers());
  const auto compile = [&](std::size_t i, const ProbeOptions& how) {
    std::vector<std::string> arguments{"-I",
                                       "-S",
                                       "-W",
                                       "ignore",
                                       "-c",
                                       std::string(script_compile),
                                       text_of(staging.path()),
                                       i == 0 ? trial_modules(index) : std::string()};
    arguments.insert(arguments.end(), hands[i].begin(), hands[i].end());
    std::string output;
    const auto keep = [&output](Stream, std::string_view piece) { output += piece; };
    if (run_python(python.base_executable, std::move(arguments), how, keep).code != 0)
      throw Error(ErrorCode::command_failed, quoted(python.base_executable) + " cannot compile " +
                                                 index.distribution + ": " + last_line(output))
          .at("compile " + index.distribution)
          .on(staging.path());
  };
  compile_hands(hands.size(), options, compile);
  for (std::size_t i = 0, count = index.files.size(); i < count; ++i) {
    if (!is_module(index.files[i].name)) continue;
    PackFile compiled;
    compiled.name = bytecode_name(index.files[i].name, python.cache_tag);
    const FileStatus status = status_of(staging.path() / compiled.name);
    if (status.kind != FileKind::file) continue; // what doesn't compile is left out
    compiled.mode = 0666;
    compiled.bytecode = true;
    compiled.size = static_cast<std::size_t>(status.size);
    index.files.push_back(std::move(compiled));
  }
}

/// Writes the staged files and their index as a pack, several workers at once.
VENV_INLINE void write_pack(PackIndex index, const Staging& staging, NewFile& file) {
  file.write(pack_magic);
  std::size_t offset = pack_magic.size();
  for (PackFile& packed : index.files) {
    packed.offset = offset;
    offset += packed.size;
  }
  in_parallel(index.files.size(), processors(), [&](std::size_t i) {
    PackFile& packed = index.files[i];
    const std::string bytes = read_file(staging.path() / packed.name, packed.size);
    packed.checksum = checksum(bytes);
    file.write_at(packed.offset, bytes);
  });
  const std::string index_bytes = format_pack_index(index);
  file.write_at(offset, index_bytes + format_pack_footer(offset, index_bytes));
}

/// Whether bytecode has the hash of its source, not the time, so that environments are equal byte by
/// byte: as `py_compile` does where SOURCE_DATE_EPOCH is set.
VENV_INLINE bool hashes_bytecode(const Interpreter& python) {
  return python.version >= std::array<int, 3>{3, 7, 0} &&
         !variable("SOURCE_DATE_EPOCH").value_or(std::string()).empty();
}

/// How long the header of bytecode is: magic number, flags (since Python 3.7), time and size of the
/// source or its hash (PEP 552).
VENV_INLINE std::size_t bytecode_header_size(const Interpreter& python) {
  return python.version < std::array<int, 3>{3, 7, 0} ? 12 : 16;
}

/// That header with the time of the source set; one with the source's hash stays as it is.
VENV_INLINE std::string timestamped(std::string_view header, std::int64_t modified) {
  std::string result(header);
  if (header.size() == 16 && header[4] != 0) return result;
  const std::size_t at = header.size() - 8;
  for (std::size_t i = 0; i < 4; ++i)
    result[at + i] = static_cast<char>(static_cast<std::uint64_t>(modified) >> (8 * i) & 0xFF);
  return result;
}

/// How bytecode is laid out: whether it is, how long its header is, and what time that says.
struct BytecodeForm {
  bool is_wanted;
  std::size_t header_size;
  std::int64_t time;
};

/// Writes one remembered file. Bytecode says when its source was written, and that is set; false where
/// it can't be.
VENV_INLINE bool write_packed(const Folder& folder, const std::string& name, const PackFile& file,
                              std::string_view bytes, const BytecodeForm& form) {
  if (file.bytecode) {
    const std::string header = timestamped(bytes.substr(0, form.header_size), form.time);
    folder.create(name, {header, bytes.substr(form.header_size)}, file.mode);
  } else if (form.is_wanted && is_module(file.name)) {
    return folder.create(name, {bytes}, file.mode, form.time) == form.time;
  } else {
    folder.create(name, {bytes}, file.mode);
  }
  return true;
}

/// Writes bytecode anew with the times that its sources have, which could not be set.
VENV_INLINE void take_own_times(const PackIndex& index, std::size_t header_size,
                                const Staging& staging) {
  constexpr std::int64_t second = 1'000'000'000;
  for (const PackFile& file : index.files) {
    if (!file.bytecode) continue;
    const fs::path path = staging.path() / file.name;
    const std::int64_t modified =
        known_status_of(staging.path() / source_name(file.name)).modified / second;
    const std::string bytes = read_file(path, file.size);
    remove_file(path);
    Folder(path.parent_path())
        .create(path.filename(),
                {timestamped(bytes.substr(0, header_size), modified), bytes.substr(header_size)},
                file.mode);
  }
}

/// The bytes of one remembered file, or nothing where they are damaged or can't be read.
VENV_INLINE std::optional<std::string_view> read_packed(const SourceFile& pack,
                                                        const PackFile& file,
                                                        std::size_t header_size,
                                                        std::string& buffer) {
  try {
    const std::string_view bytes = pack.read_at(file.offset, file.size, buffer);
    if (is_undamaged(file, bytes) && (!file.bytecode || bytes.size() >= header_size)) return bytes;
  } catch (const Error&) {
    // As if it weren't there.
  }
  return std::nullopt;
}

/// Lays out a remembered distribution; false, and only part of it is there, where the pack is
/// damaged or can't be read.
VENV_INLINE bool unpack_pack(const SourceFile& pack, const PackIndex& index,
                             std::size_t header_size, bool with_bytecode, const Staging& staging) {
  std::atomic<bool> damaged{false}, has_times{true};
  const BytecodeForm form{with_bytecode, header_size, staging.time()};
  stage_files(
      staging, index.files, with_bytecode,
      [&](const Folder& folder, const std::string& name, std::size_t i, std::string& buffer) {
        const PackFile& file = index.files[i];
        if (damaged) return;
        const auto bytes = read_packed(pack, file, header_size, buffer);
        if (!bytes) damaged = true;
        else if (!write_packed(folder, name, file, *bytes, form)) has_times = false;
      });
  if (!damaged && !has_times && with_bytecode) take_own_times(index, header_size, staging);
  return !damaged;
}

VENV_DETAIL_END

// ---- src/create/installed.hpp -------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// A distribution that lies in a site-packages directory ("Recording installed projects").
struct Installed {
  fs::path dist_info;
  PackageVersion version;
  std::vector<RecordRow> record; ///< empty where there is none, or one that can't be read
};

/// Throws Error (`io`) when a directory of RECORD is there but can't be listed: no Python imports from it.
VENV_INLINE void refuse_unreadable(const fs::path& site_packages,
                                   const std::vector<RecordRow>& record) {
  std::string_view last;
  for (const RecordRow& row : record) { // sorted: those of one directory follow each other
    const std::size_t slash = row.path.rfind('/');
    if (slash == row.path.npos || row.path.compare(0, 2, "..") == 0 || row.path.front() == '/')
      continue;
    const std::string_view directory = std::string_view(row.path).substr(0, slash);
    if (directory == std::exchange(last, directory)) continue;
    const fs::path path = site_packages / path_of(directory);
    if (!may_list(path) && status_of(path).kind == FileKind::directory)
      throw io_error("list", path, std::make_error_code(std::errc::permission_denied));
  }
}

/// Every installed version of `project`; more than one only after an accident. Throws Error (`io`) when
/// the directory or one of the project's is there but can't be listed.
VENV_INLINE std::vector<Installed> find_installed(const fs::path& site_packages,
                                                  const std::string& project) {
  std::vector<Installed> found;
  constexpr std::string_view suffix = ".dist-info";
  if (known_status_of(site_packages).kind == FileKind::missing) return found;
  for (const fs::path& entry : names_in(site_packages)) {
    std::string name = text_of(entry);
    const std::size_t dash = name.find('-');
    if (dash == name.npos || normalized_name(name.substr(0, dash)) != project) continue;
    if (name.size() < suffix.size() || name.substr(name.size() - suffix.size()) != suffix) continue;
    name.resize(name.size() - suffix.size());
    const auto version = parse_package_version(name.substr(dash + 1));
    Installed installed{site_packages / entry, version.value_or(PackageVersion{}), {}};
    try {
      installed.record = parse_record(read_file(site_packages / entry / "RECORD"));
    } catch (const Error&) {
      // Without RECORD nobody knows what belongs to it.
    }
    refuse_unreadable(site_packages, installed.record);
    found.push_back(std::move(installed));
  }
  return found;
}

/// Whether a file can be read and has the size that RECORD says; one without a size has only to be there.
VENV_INLINE bool has_recorded_size(const fs::path& site_packages, const RecordRow& row) {
  const fs::path path = site_packages / path_of(row.path);
  const FileStatus status = followed_status_of(path);
  return status.kind == FileKind::file && is_readable(path, status) &&
         (row.size.empty() || row.size == std::to_string(status.size));
}

/// Whether every file of it is there and has its size, which takes a RECORD. `code_only`: whether none
/// is missing, as far as that is known, but for scripts, which can be written anew, and bytecode (of
/// which virtualenv's RECORD lists some that never was).
VENV_INLINE bool is_complete(const Installed& installed, bool code_only = false) {
  const fs::path site_packages = installed.dist_info.parent_path();
  const auto counts = [code_only](const std::string& path) {
    return !code_only || (path.compare(0, 3, "../") != 0 && path_of(path).extension() != ".pyc" &&
                          path_of(path).filename() != "__pycache__");
  };
  const auto is_whole = [&](const RecordRow& row) {
    if (!counts(row.path)) return true;
    if (code_only && path_of(row.path).filename() == "__pycache__") return true;
    return has_recorded_size(site_packages, row);
  };
  return (code_only || !installed.record.empty()) &&
         std::all_of(installed.record.begin(), installed.record.end(), is_whole);
}

/// Removes the files that RECORD lists, and directories that are empty then. What RECORD says is not
/// trusted: only what really lies in the environment goes, through no link out of it.
VENV_INLINE void remove_installed(const Installed& installed, Transaction& transaction) {
  const fs::path site_packages = installed.dist_info.parent_path();
  const auto real_env = resolved(transaction.env_dir());
  std::vector<std::string> directories{text_of(installed.dist_info)};
  fs::path checked;
  for (const RecordRow& row : installed.record) {
    const fs::path path = (site_packages / path_of(row.path)).lexically_normal();
    const fs::path parent = path.parent_path();
    if (parent != checked) {
      const auto real = resolved(parent);
      if (!real || !real_env || !lies_below(*real, *real_env)) continue;
      if (lies_below(parent, site_packages)) directories.push_back(text_of(parent));
      checked = parent;
    }
    const FileKind kind = status_of(path).kind;
    if ((kind == FileKind::file || kind == FileKind::link) &&
        !is_interpreter_name(text_of(path.filename())))
      transaction.remove(path);
  }
  std::sort(directories.begin(), directories.end());
  for (auto dir = directories.rbegin(); dir != directories.rend(); ++dir)
    for (fs::path path = path_of(*dir);
         lies_below(path, site_packages) &&
         (status_of(path).kind == FileKind::link || is_empty_directory(path));
         path = path.parent_path())
      transaction.remove(path); // a link, not what it leads to
}

VENV_DETAIL_END

// ---- src/create/distribution.hpp ----------------------------------------------------------------

VENV_DETAIL_BEGIN

/// The names under which pip makes a script for this Python.
VENV_INLINE std::vector<std::string> script_names(const Interpreter& python,
                                                  const std::string& name) {
  const std::string major = std::to_string(python.version[0]);
  const std::string minor = major + '.' + std::to_string(python.version[1]);
  if (name == "pip") return {name, name + major, name + minor};
  if (name == "easy_install") return {name, name + '-' + minor};
  return {name};
}

/// The scripts of a distribution for this Python. Those that are named after a version are made for
/// the version at hand, whatever the wheel says: `pip`, `pip3`, `pip3.13`.
VENV_INLINE std::vector<EntryPoint> scripts_for(const Interpreter& python,
                                                const std::vector<EntryPoint>& wanted) {
  std::vector<EntryPoint> scripts;
  for (const EntryPoint& entry : wanted) {
    const std::string stem = entry.name.substr(0, entry.name.find_last_not_of("0123456789.-") + 1);
    const bool made_anew =
        stem != entry.name && script_names(python, stem).size() > 1 &&
        std::any_of(wanted.begin(), wanted.end(),
                    [&stem](const EntryPoint& other) { return other.name == stem; });
    if (made_anew) continue;
    for (const std::string& name : script_names(python, entry.name))
      scripts.push_back({name, entry.module, entry.attribute});
  }
  return scripts;
}

/// By what console scripts are made.
struct ScriptMaker {
  std::string text_template{};
  std::string launcher{}; ///< on Windows
};

/// The bytes of a console script, as the pip that is being installed would write it.
VENV_INLINE std::string script_text(const Context& context, const ScriptMaker& maker,
                                    const EntryPoint& entry) {
  const std::string import_name = entry.attribute.substr(0, entry.attribute.find('.'));
  const std::string text = fill_template(
      maker.text_template,
      {{"module", entry.module}, {"import_name", import_name}, {"func", entry.attribute}});
  const std::string interpreter = text_of(context.env_exe);
  return this_os == Os::windows ? script_program(maker.launcher, interpreter, text)
                                : shebang_for(interpreter) + text;
}

/// The name of a script's file.
VENV_INLINE std::string script_file(const EntryPoint& entry) {
  return entry.name + std::string(executable_suffix);
}

/// distlib's launcher for the environment's Python, as a pip in `site_packages` has it; none elsewhere
/// than on Windows.
VENV_INLINE std::string launcher_in(const fs::path& site_packages, const Interpreter& python) {
  if (this_os != Os::windows) return {};
  constexpr std::size_t header = 4096;
  const std::uint32_t machine = machine_of_program(read_start(python.real_executable, header));
  const fs::path path =
      site_packages / "pip" / "_vendor" / "distlib" / path_of(launcher_name(machine));
  if (followed_status_of(path).kind == FileKind::file) return read_file(path);
  throw Error(ErrorCode::bad_archive, "pip has no launcher " + quoted(path)).on(path);
}

/// What is installed of one distribution, and how.
struct Installation {
  PackIndex index{};
  std::string dist_info{};                                    ///< its directory's name
  std::vector<std::pair<std::string, std::string>> scripts{}; ///< names and texts
  bool with_bytecode = true;
};

VENV_INLINE Installation installation_of(const Context& context, PackIndex index,
                                         const std::string& launcher, bool with_bytecode) {
  Installation installation;
  for (const EntryPoint& entry : scripts_for(context.python, index.scripts))
    installation.scripts.push_back(
        {script_file(entry), script_text(context, {index.script_template, launcher}, entry)});
  installation.dist_info = dist_info_of(index);
  installation.index = std::move(index);
  installation.with_bytecode = with_bytecode;
  return installation;
}

VENV_INLINE std::string record_row(const std::string& path, std::string_view bytes) {
  return format_record_row({path, record_hash(bytes), std::to_string(bytes.size())});
}

/// RECORD of all that is installed: hashes as the wheel has them, none for bytecode.
VENV_INLINE std::string record_of(const Installation& installation, const Context& context) {
  const fs::path scripts_path = context.bin_path.lexically_relative(context.lib_path);
  const std::string scripts = scripts_path.generic_string();
  std::vector<std::string> rows;
  for (const auto& [name, text] : installation.scripts)
    rows.push_back(record_row(scripts + '/' + name, text));
  for (const PackFile& file : installation.index.files) {
    if (file.bytecode) {
      if (installation.with_bytecode) rows.push_back(format_csv_field(file.name) + ",,");
    } else if (file.hash.empty()) { // a signature of the wheel's own RECORD
      rows.push_back(format_csv_field(file.name) + ",,");
    } else {
      rows.push_back(format_record_row({file.name, file.hash, std::to_string(file.size)}));
    }
  }
  rows.push_back(record_row(installation.dist_info + "/INSTALLER", "pip\n"));
  rows.push_back(record_row(installation.dist_info + "/REQUESTED", ""));
  rows.push_back(installation.dist_info + "/RECORD,,");
  std::sort(rows.begin(), rows.end());
  std::string record;
  for (const std::string& row : rows) record += row + "\r\n"; // RFC 4180's line ends, as pip's
  return record;
}

/// Moves `from` to `to`; into it, file by file, where both are directories.
VENV_INLINE void merge_into(const fs::path& from, const fs::path& to, Transaction& transaction) {
  if (status_of(from).kind != FileKind::directory || status_of(to).kind != FileKind::directory)
    return transaction.place(from, to);
  for (const fs::path& name : names_in(from)) merge_into(from / name, to / name, transaction);
}

/// Puts the staged files and the scripts in place, the metadata last: until then no tool takes the
/// distribution for installed.
VENV_INLINE void put_in_place(const Installation& installation, const Context& context,
                              const Staging& staging, Transaction& transaction) {
  {
    const Folder metadata(staging.path() / installation.dist_info); // held, it couldn't be moved
    metadata.create("INSTALLER", {"pip\n"}, 0666);
    metadata.create("REQUESTED", {}, 0666);
    metadata.create("RECORD", {record_of(installation, context)}, 0666);
  }
  for (const fs::path& name : names_in(staging.path()))
    if (name != installation.dist_info)
      merge_into(staging.path() / name, context.lib_path / name, transaction);
  for (const auto& [name, text] : installation.scripts)
    transaction.write_program(context.bin_path / name, text);
  merge_into(staging.path() / installation.dist_info, context.lib_path / installation.dist_info,
             transaction);
}

VENV_DETAIL_END

// ---- src/create/pip.hpp -------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// The SHA-256 of a wheel, by which what came of it is remembered: an image's or a CI's restored cache
/// fits a wheel of the same bytes, wherever it lies. It is itself remembered by the file's identity.
VENV_INLINE std::string wheel_digest(const fs::path& wheel, const Cache& cache) {
  const std::string identity = text_of(wheel) + '\n' + identity_of(followed_status_of(wheel));
  const std::string name = cache_name("wheel", identity);
  if (const auto file = cache.find(name)) {
    const auto known = parse_answer(file->bytes());
    if (known && known->identity == identity && known->fields.size() == 1) return known->fields[0];
  }
  const MappedFile bytes(wheel);
  const std::string digest = record_hash(bytes.bytes());
  cache.remember(name, [&](NewFile& file) { file.write(format_answer({identity, {digest}})); });
  return digest;
}

/// What an installed wheel is remembered by: its content, and whose bytecode it is compiled to.
VENV_INLINE std::string pack_key(const std::string& digest, const Interpreter& python) {
  std::string magic;
  for (const char byte : python.magic)
    magic += hexadecimal(static_cast<unsigned char>(byte)).substr(14);
  return digest + '\n' + magic + ' ' + python.cache_tag +
         (hashes_bytecode(python) ? " hashed" : "");
}

/// How this pip writes console scripts, by its sources; another pip's way where they don't say.
VENV_INLINE std::string template_by(FunctionRef<std::string(const char*)> source) {
  if (auto text = script_template(source("pip/_internal/operations/install/wheel.py"),
                                  source("pip/_vendor/distlib/scripts.py")))
    return *text;
  return "import sys\n"
         "from %(module)s import %(import_name)s\n"
         "\n"
         "if __name__ == '__main__':\n"
         "    sys.exit(%(func)s())\n";
}

/// Whether a console script can be run and is run by this environment's Python, under any of its names.
VENV_INLINE bool runs_here(const fs::path& script, const Context& context) {
  const FileStatus status = followed_status_of(script);
  if (status.kind != FileKind::file || !is_readable(script, status) || !is_executable(script))
    return false;
  const std::string text = read_file(script), own = shebang_for(text_of(context.env_exe));
  if (this_os == Os::windows) return is_script_program_of(text, text_of(context.env_exe));
  if (text.compare(0, own.size(), own) == 0) return true;
  std::string_view interpreter = std::string_view(text).substr(0, text.find('\n'));
  return take_prefix(interpreter, "#!") && path_of(interpreter).parent_path() == context.bin_path &&
         followed_status_of(path_of(interpreter)).kind == FileKind::file;
}

/// Installs wheels as `pip install --upgrade` would, without running pip.
class WheelInstaller {
public:
  WheelInstaller(const Context& context, Session& session)
      : context_(context), session_(session), transaction_(session.transaction()) {}

  /// Installs one wheel, unless the same or a newer version is there and works.
  void install(const fs::path& wheel);

private:
  const Installed* newer_one() const;
  std::vector<EntryPoint> scripts_of(const Installed& installed) const;
  std::string source(const std::string& name) const;
  void restore_scripts(const Installed& installed);
  bool is_up_to_date() const;
  std::optional<PackIndex> stage_remembered(const Staging& staging);
  PackIndex stage_wheel(const fs::path& path, const Staging& staging);
  void remove_unclaimed(const Staging& staging, const std::string& dist_info);
  bool put_remembered();
  void put(PackIndex index, const Staging& staging);

  const Context& context_;
  Session& session_;
  Transaction& transaction_;
  WheelName name_{};
  std::vector<Installed> installed_{};
  std::string key_{}, pack_{};
};

/// The one that is newer than the wheel and stays, as nothing is downgraded; null where there is
/// none, or none that works: without METADATA nothing takes it for installed.
VENV_INLINE const Installed* WheelInstaller::newer_one() const {
  for (const Installed& one : installed_)
    if (name_.parsed_version < one.version && is_complete(one, true) &&
        followed_status_of(one.dist_info / "METADATA").kind == FileKind::file)
      return &one;
  return nullptr;
}

/// Writes the console scripts that are missing, can't be run or run elsewhere, as this pip itself
/// would: an upgrade that was killed late left none.
VENV_INLINE void WheelInstaller::restore_scripts(const Installed& installed) {
  for (const EntryPoint& entry : scripts_of(installed)) {
    const fs::path script = context_.bin_path / script_file(entry);
    if (runs_here(script, context_)) continue;
    const ScriptMaker maker{template_by([this](const char* name) { return source(name); }),
                            launcher_in(context_.lib_path, context_.python)};
    transaction_.write_program(script, script_text(context_, maker, entry));
  }
}

/// The text of a file in site-packages; empty where there is none.
VENV_INLINE std::string WheelInstaller::source(const std::string& name) const {
  const fs::path path = context_.lib_path / path_of(name);
  return followed_status_of(path).kind == FileKind::file ? read_file(path) : std::string();
}

/// The console scripts that an installed distribution has for this Python.
VENV_INLINE std::vector<EntryPoint> WheelInstaller::scripts_of(const Installed& installed) const {
  const std::string name = text_of(installed.dist_info.filename()) + "/entry_points.txt";
  return scripts_for(context_.python, parse_entry_points(source(name)).console);
}

/// Whether what is installed is the wheel's version, whole, and its scripts run here.
VENV_INLINE bool WheelInstaller::is_up_to_date() const {
  if (installed_.size() != 1 || installed_[0].version < name_.parsed_version) return false;
  if (!is_complete(installed_[0])) return false;
  const std::vector<EntryPoint> scripts = scripts_of(installed_[0]);
  return std::all_of(scripts.begin(), scripts.end(), [this](const EntryPoint& entry) {
    return runs_here(context_.bin_path / script_file(entry), context_);
  });
}

/// The index of a pack, or nothing where it can't be read.
VENV_INLINE std::optional<PackIndex> read_index(const SourceFile& pack) {
  std::string buffer;
  const auto read = [&](std::size_t offset, std::size_t size) {
    return pack.read_at(offset, size, buffer);
  };
  try {
    return parse_pack(number_as<std::size_t>(pack.size()), read);
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// Stages a remembered distribution, or nothing where there is none, or none that is whole.
VENV_INLINE std::optional<PackIndex> WheelInstaller::stage_remembered(const Staging& staging) {
  const Interpreter& python = context_.python;
  const bool with_bytecode = session_.options.compile_bytecode;
  const auto pack = session_.cache.open(pack_);
  if (!pack) return std::nullopt;
  auto index = read_index(*pack);
  if (!index || index->key != key_) return std::nullopt;
  const bool compiled = std::any_of(index->files.begin(), index->files.end(),
                                    [](const PackFile& file) { return file.bytecode; });
  if (with_bytecode && !compiled && !python.cache_tag.empty()) return std::nullopt;
  if (unpack_pack(*pack, *index, bytecode_header_size(python), with_bytecode, staging))
    return index;
  session_.cache.forget(pack_);
  return std::nullopt;
}

/// Stages a wheel and remembers it.
VENV_INLINE PackIndex WheelInstaller::stage_wheel(const fs::path& path, const Staging& staging) {
  const MappedFile bytes(path);
  const Wheel wheel(bytes.bytes(), text_of(path.filename()));
  PackIndex index = index_of(wheel);
  index.key = key_;
  index.script_template = template_by([&wheel](const char* source) {
    const WheelFile* file = wheel.find(source);
    return file ? read_verified(*file) : std::string();
  });
  unpack_wheel(wheel, index, staging);
  if (session_.options.compile_bytecode) {
    session_.say(Report::progress, "compiling " + index.distribution);
    ProbeOptions compiling = probe_options(session_.options, session_.stop);
    compiling.timeout = {};
    compiling.variables.push_back({"SOURCE_DATE_EPOCH", variable("SOURCE_DATE_EPOCH")});
    compile_modules(context_.python, index, staging, compiling);
  }
  session_.cache.remember(pack_, [&](NewFile& file) { write_pack(index, staging, file); });
  return index;
}

/// Takes away directories in the place of the wheel's own that no installed distribution claims: what
/// an installation that was killed left behind.
VENV_INLINE void WheelInstaller::remove_unclaimed(const Staging& staging,
                                                  const std::string& dist_info) {
  if (transaction_.is_fresh(context_.lib_path) || !installed_.empty()) return;
  std::string claims;
  bool is_read = false;
  for (const fs::path& name : names_in(staging.path())) {
    const fs::path there = context_.lib_path / name;
    if (name == dist_info || status_of(there).kind != FileKind::directory) continue;
    for (const fs::path& other : names_in_if_readable(context_.lib_path)) {
      const fs::path record = context_.lib_path / other / "RECORD";
      if (!is_read && status_of(record).kind == FileKind::file) claims += '\n' + read_file(record);
    }
    is_read = true;
    if (claims.find('\n' + text_of(name) + '/') == claims.npos) transaction_.remove(there);
  }
}

VENV_INLINE void WheelInstaller::put(PackIndex index, const Staging& staging) {
  for (const Installed& old : installed_) remove_installed(old, transaction_);
  const bool compile = session_.options.compile_bytecode;
  const bool is_pip = normalized_name(index.distribution) == "pip";
  const std::string launcher =
      index.scripts.empty()
          ? std::string()
          : launcher_in(is_pip ? staging.path() : context_.lib_path, context_.python);
  const Installation installation = installation_of(context_, std::move(index), launcher, compile);
  remove_unclaimed(staging, installation.dist_info);
  put_in_place(installation, context_, staging, transaction_);
}

/// An error about what is put together elsewhere, told of the place where it is to go.
VENV_INLINE Error told_in_place(const Error& error, const fs::path& site_packages) {
  const fs::path inner = error.path().lexically_relative(site_packages);
  if (inner.empty() || !is_left_over(text_of(*inner.begin())) || !error.system_error())
    return error;
  fs::path place = site_packages;
  for (auto part = std::next(inner.begin()); part != inner.end(); ++part) place /= *part;
  return io_error(error.step(), place, error.system_error());
}

VENV_INLINE void WheelInstaller::install(const fs::path& wheel) try {
  name_ = *parse_wheel_name(text_of(wheel.filename())); // not null: it was found by its name
  installed_ = find_installed(context_.lib_path, normalized_name(name_.distribution));
  if (const Installed* newer = newer_one()) return restore_scripts(*newer);
  if (is_up_to_date()) return;
  key_ = pack_key(wheel_digest(wheel, session_.cache), context_.python);
  pack_ = cache_name(name_.distribution + '-' + name_.version, key_);
  if (put_remembered()) return;
  DirectoryLock making = session_.cache.lock(pack_); // one compiles, the others wait for its pack
  if (!put_remembered()) {
    const Staging staging(context_.lib_path);
    PackIndex index = stage_wheel(wheel, staging);
    session_.cache.unlock(pack_, making);
    put(std::move(index), staging);
  }
} catch (const Error& error) {
  throw told_in_place(error, context_.lib_path);
}

/// Puts what is remembered in place; whether there was something.
VENV_INLINE bool WheelInstaller::put_remembered() {
  const Staging staging(context_.lib_path);
  auto index = stage_remembered(staging);
  if (index) put(std::move(*index), staging);
  return index.has_value();
}

/// Whether the base Python's own ensurepip can be run.
VENV_INLINE bool has_ensurepip(const Interpreter& python) {
  return followed_status_of(python.stdlib / "ensurepip" / "__init__.py").kind == FileKind::file;
}

VENV_INLINE Error no_pip(const Interpreter& python, const WheelSearch& search) {
  std::string places;
  for (const fs::path& place : search.directories)
    places += (places.empty() ? "" : ", ") + quoted(place);
  Error error(ErrorCode::pip_unavailable, "no pip for " + quoted(python.base_executable) +
                                              ": no wheel in " + places + ", and no ensurepip");
  error.at("install pip").on(python.stdlib / "ensurepip");
  error.advise("Say where pip's wheel lies (Options::pip_wheel_dir), or leave pip out "
               "(Options::with_pip = false).");
  return error;
}

/// Installs pip with the environment's own ensurepip. A pip that is whole stays: what ensurepip would
/// bring is not known before it has run.
VENV_INLINE void run_ensurepip(const Context& context, Session& session) {
  const std::vector<Installed> installed = find_installed(context.lib_path, "pip");
  if (installed.size() == 1 && is_complete(installed[0]) &&
      runs_here(context.bin_path / ("pip" + std::string(executable_suffix)), context))
    return;
  Transaction& transaction = session.transaction();
  for (const Installed& old : installed) remove_installed(old, transaction);
  transaction.show_early();
  for (const fs::path& directory : {context.lib_path, context.bin_path})
    transaction.lend(directory);
  // When all are killed, its temporary files go with the journal, and nobody else begins before it ends.
  RunOptions options = session.child_options();
  options.variables.insert(options.variables.begin(),
                           {"TMPDIR", text_of(transaction.make_scratch())});
  if (transaction.lock()) options.descriptors = {number_as<int>(transaction.lock().get())};
  session.say(Report::progress, "running ensurepip");
  run(context, {"-m", "ensurepip", "--upgrade", "--default-pip"}, options);
}

VENV_DETAIL_END

// ---- src/create/unreachable.hpp -----------------------------------------------------------------

VENV_DETAIL_BEGIN

/// `flask==3.0.2` for `flask-3.0.2.dist-info`.
VENV_INLINE std::string pinned(const std::string& dist_info) {
  const std::size_t dash = dist_info.find('-');
  return dist_info.substr(0, dash) +
         "==" + dist_info.substr(dash + 1, dist_info.rfind('.') - dash - 1);
}

/// Says what packages another Python's library still holds, which this one doesn't import, and how to
/// get them back.
VENV_INLINE void tell_unreachable(const Context& context, Session& session) {
  const Transaction& transaction = session.transaction();
  if (transaction.is_fresh()) return;
  constexpr std::size_t most_named = 10;
  for (const LibraryDirectory& library : transaction.state().libraries) {
    if (path_of(library.name) == context.lib_path.parent_path().filename()) continue;
    std::vector<std::string> packages;
    for (const std::string& dist_info : library.dist_infos) {
      const std::string project = folded(dist_info.substr(0, dist_info.find('-')));
      if (project != "pip" && project != "setuptools" && project != "wheel")
        packages.push_back(pinned(dist_info));
    }
    if (packages.empty()) continue;
    std::string names;
    for (std::size_t i = 0; i < packages.size() && i < most_named; ++i) names += ' ' + packages[i];
    if (packages.size() > most_named)
      names += " and " + std::to_string(packages.size() - most_named) + " more";
    session.warn("what is installed in " + quoted(context.env_dir / "lib" / library.name) +
                 " is for another Python; install it again with: " + quoted(context.env_exec_cmd) +
                 " -m pip install" + names);
  }
}

VENV_DETAIL_END

// ---- src/create/step.hpp ------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Whether code of the caller's may run between the steps: then the environment is shown early.
VENV_INLINE bool is_subclass(const EnvBuilder& builder) {
#if defined(__cpp_rtti) || defined(_CPPRTTI)
  return typeid(builder) != typeid(EnvBuilder);
#else
  (void)builder;
  return true;
#endif
}

/// One step of a builder: in the `create` that is running, or complete in itself when it is called
/// alone.
class Step {
public:
  Step(const EnvBuilder* builder, const fs::path& env_dir, const Options& options)
      : session_(Session::find(builder, env_dir)) {
    if (!session_) session_ = &alone_.emplace(builder, env_dir, options, true);
  }
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;
  Session* operator->() const { return session_; }
  Session& operator*() const { return *session_; }
  /// The step has succeeded.
  void finish() {
    if (alone_) alone_->commit();
  }

private:
  std::optional<Session> alone_{};
  Session* session_;
};

/// Whether what speaks of a whole directory may lie in it: in one that is new, empty or an environment,
/// never beside what somebody else keeps there.
VENV_INLINE bool may_mark(Session& session) {
  return session.transaction().is_fresh() || session.transaction().state().was_environment();
}

inline constexpr std::string_view cachedir_tag =
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This directory is a Python virtual environment: it can be made again.\n"
    "# See https://bford.info/cachedir/\n";

VENV_INLINE void write_cachedir_tag(const Context& context, Session& session) {
  const fs::path path = context.env_dir / "CACHEDIR.TAG";
  if (session.options.scm_ignore_files.empty() || !may_mark(session)) return;
  if (status_of(path).kind == FileKind::missing) session.transaction().write(path, cachedir_tag);
}

/// Calls the hook for each source control manager once, in lower case.
VENV_INLINE void create_ignore_files(EnvBuilder& builder, Context& context, Session& session) {
  std::vector<std::string> names;
  for (const std::string& scm : session.options.scm_ignore_files)
    if (std::find(names.begin(), names.end(), folded(scm)) == names.end())
      names.push_back(folded(scm));
  if (!names.empty() && !may_mark(session))
    return session.say(Report::progress, "no ignore files in " + quoted(context.env_dir) +
                                             ": it holds something else than an environment");
  for (const std::string& scm : names) builder.create_scm_ignore_file(scm, context);
}

/// `lib64` beside `lib`, where it is not there yet (bpo-21197). Without links there is none.
VENV_INLINE void link_lib64(const Context& context, Session& session) {
  const fs::path link = context.env_dir / "lib64";
  if (followed_status_of(link).kind != FileKind::missing) return;
  if (!session.transaction().link("lib", link)) session.warn_of_no_links(); // nothing misses it
}

/// Hooks may write into the directories themselves, also into those that this run did not make and
/// that were not looked at before: what is new there goes if the run fails.
VENV_INLINE void watch_for_hooks(const Context& context, Session& session) {
  if (!session.shows_early()) return;
  for (const fs::path& directory : {context.bin_path, context.lib_path, context.inc_path})
    session.transaction().watch(directory);
}

/// Whether pip can't be laid out natively, by what is there.
VENV_INLINE bool needs_ensurepip(const Context& context, Session& session) {
  return find_wheels(context.python, session.options).wheels.empty();
}

/// Removes what killed runs left in `directory`.
VENV_INLINE void sweep(const fs::path& directory) {
  for (const fs::path& name : names_in_if_readable(directory))
    if (is_left_over(text_of(name))) try_remove_tree(directory / name);
}

VENV_DETAIL_END

// ---- src/create/env_builder.hpp -----------------------------------------------------------------

VENV_BEGIN

VENV_INLINE EnvBuilder::EnvBuilder(Options options)
    : options_(std::move(options)), prompt_(options_.prompt) {
  if (options_.upgrade && options_.clear)
    throw Error(ErrorCode::invalid_argument, "upgrade and clear exclude each other");
  if (prompt_) detail::refuse_bad_prompt(*prompt_);
  if (prompt_ == ".") prompt_ = detail::text_of(detail::absolute_path(".").filename()); // bpo-38901
}

VENV_INLINE void EnvBuilder::report(Report kind, const std::string& line) const {
  if (options_.report) options_.report(kind, line);
}

VENV_INLINE Options& EnvBuilder::current_options() {
  detail::Session* session = detail::Session::find(this, {});
  return session ? session->options : options_;
}

VENV_INLINE Context EnvBuilder::create(const std::filesystem::path& env_dir) try {
  using namespace detail;
  refuse_bad_name(env_dir);
  const bool shows_early = is_subclass(*this);
  const fs::path dir = environment_meant(absolute_path(env_dir));
  Session session(this, dir, options_, shows_early);
  if (!session.cache.why_off().empty()) session.say(Report::progress, session.cache.why_off());
  Context context = session.ensure([&] { return ensure_directories(dir); });
  watch_for_hooks(context, session);
  const bool site = std::exchange(session.options.system_site_packages, false); // bpo-24875
  create_ignore_files(*this, context, session);
  create_configuration(context);
  setup_python(context);
  session.throw_if_stopped();
  const bool pip_last =
      !shows_early && session.options.with_pip && needs_ensurepip(context, session);
  if (session.options.with_pip && !pip_last) setup_pip(context);
  if (!session.options.upgrade) setup_scripts(context);
  session.throw_if_stopped();
  if (pip_last) setup_pip(context);
  if (!session.options.upgrade) post_setup(context);
  if (site) {
    session.options.system_site_packages = true;
    create_configuration(context);
  }
  session.show(context);
  if (session.options.upgrade_deps) upgrade_dependencies(context);
  tell_unreachable(context, session);
  session.commit();
  return context;
} catch (const std::filesystem::filesystem_error& error) {
  const std::filesystem::path& path = error.path1();
  throw detail::io_error("use", path.empty() ? env_dir : path, error.code());
}

VENV_INLINE Context EnvBuilder::ensure_directories(const std::filesystem::path& env_dir) {
  using namespace detail;
  const fs::path dir = environment_meant(absolute_path(env_dir));
  refuse_bad_path(dir);
  Step step(this, dir, options_);
  const State before = read_state(dir);
  refuse_bad_directory(dir, before);
  if (step->options.clear && !before.is_empty) refuse_dangerous_clear(dir);
  const Interpreter python = choose_base(dir, before, *step);
  Context context = context_for(dir, python, prompt_);
  tell_old(python, *step);
  tell_fleeting(python, dir, *step);
  tell_other_minor(python, before, *step);
  step->open();
  Transaction& transaction = step->transaction();
  const bool was_there = before.kind == FileKind::directory || !transaction.is_fresh();
  if (step->options.clear && was_there) clear_directory(dir);
  if (step->shows_early()) transaction.show_early();
  if (!transaction.is_fresh())
    for (const fs::path& swept : {dir, context.bin_path, context.lib_path}) sweep(swept);
  for (const fs::path& inner : {context.inc_path, context.lib_path, context.bin_path})
    transaction.make_directories(inner);
  if (layout_of(layout_key(python)).lib64) link_lib64(context, *step);
  else transaction.make_directories(context.platlib_path);
  write_cachedir_tag(context, *step);
  step.finish();
  return context;
}

VENV_INLINE void EnvBuilder::create_configuration(Context& context) {
  using namespace detail;
  Step step(this, context.env_dir, options_);
  complete(context, *step);
  PyvenvCfg cfg = configuration_of(context, step->options, prompt_);
  step->open();
  if (step->options.upgrade)
    for (auto& line : own_keys(step->transaction().state().cfg)) cfg.push_back(std::move(line));
  step->write_configuration(context, format_pyvenv_cfg(cfg));
  step.finish();
}

VENV_INLINE void EnvBuilder::setup_python(Context& context) {
  detail::Step step(this, context.env_dir, options_);
  detail::complete(context, *step);
  step->open();
  if (detail::this_os == detail::Os::windows) detail::set_up_windows_python(context, *step);
  else detail::set_up_python(context, *step, *this);
  step.finish();
}

VENV_INLINE void EnvBuilder::symlink_or_copy(const std::filesystem::path& src,
                                             const std::filesystem::path& dst,
                                             bool relative_symlinks_ok) {
  using namespace detail;
  const bool beside = relative_symlinks_ok && src.parent_path() == dst.parent_path();
  const fs::path target = beside ? src.filename() : src;
  Session* session = Session::find(this, {});
  if (session && !lies_below(absolute_path(dst), session->transaction().env_dir()))
    session = nullptr;
  const bool links = session ? session->options.symlinks : options_.symlinks;
  if (links && (session ? session->transaction().link(target, dst) : make_link(target, dst)))
    return;
  if (session) {
    if (links) session->warn_of_no_links();
    return session->transaction().copy(src, dst, 0755);
  }
  if (links) report(Report::warning, "no links here: " + quoted(dst) + " is a copy");
  copy_file(src, dst, 0755);
}

VENV_INLINE void EnvBuilder::clear_directory(const std::filesystem::path& path) {
  using namespace detail;
  const fs::path dir = absolute_path(path);
  if (known_followed_status_of(dir).kind != FileKind::directory) return;
  Step step(this, dir, options_);
  step->open();
  Transaction& transaction = step->transaction();
  if (!transaction.is_fresh()) refuse_clear(dir, transaction.state(), step->options.force);
  transaction.clear();
  step.finish();
}

VENV_INLINE void EnvBuilder::setup_pip(Context& context) {
  using namespace detail;
  Step step(this, context.env_dir, options_);
  complete(context, *step);
  step->open();
  const WheelSearch search = find_wheels(context.python, step->options);
  try {
    WheelInstaller installer(context, *step);
    for (const fs::path& wheel : search.wheels) installer.install(wheel);
    if (!search.wheels.empty()) return step.finish();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::bad_archive || !has_ensurepip(context.python)) throw;
    step->warn(std::string(error.what()) + "; running ensurepip instead");
  }
  if (!has_ensurepip(context.python)) throw no_pip(context.python, search);
  step->transaction().show_early();
  step->show(context); // ensurepip runs the environment's Python, which needs it
  run_ensurepip(context, *step);
  step.finish();
}

VENV_INLINE void EnvBuilder::setup_scripts(Context& context) {
  detail::Step step(this, context.env_dir, options_);
  step->open();
  detail::remove_foreign_scripts(context, *step);
  ScriptSet scripts = detail::default_scripts();
  detail::take_modes_of(context.python.stdlib, scripts);
  install_scripts(context, scripts);
  step.finish();
}

VENV_INLINE void EnvBuilder::post_setup(Context&) {}

VENV_INLINE std::vector<std::string> EnvBuilder::core_venv_deps(const Context& context) {
  if (context.python.version < std::array<int, 3>{3, 12, 0}) return {"pip", "setuptools"};
  return {"pip"};
}

VENV_INLINE void EnvBuilder::upgrade_dependencies(Context& context) {
  using namespace detail;
  Step step(this, context.env_dir, options_);
  complete(context, *step);
  step->open();
  const std::vector<std::string> names = core_venv_deps(context);
  std::vector<std::string> arguments{"-m", "pip", "install", "--upgrade"};
  arguments.insert(arguments.end(), names.begin(), names.end());
  step->say(Report::progress, "upgrading pip");
  for (const fs::path& changed : {context.lib_path, context.bin_path})
    step->transaction().watch(changed);
  run(context, arguments, step->child_options());
  step.finish();
}

VENV_INLINE void EnvBuilder::install_scripts(Context& context, const ScriptSet& scripts) {
  using namespace detail;
  Step step(this, context.env_dir, options_);
  step->open();
  for (const fs::path& source : scripts.left_out)
    step->warn("left out " + quoted(source) + ": it is no UTF-8 text");
  for (const Script& script : scripts.scripts) install_script(context, script, *step, *this);
  step.finish();
}

VENV_INLINE std::optional<std::string> EnvBuilder::replace_variables(const std::string& text,
                                                                     const std::string& file_name,
                                                                     const Context& context) {
  using namespace detail;
  auto replaced = detail::replace_variables(text, variables_of(context), shell_of(file_name, text));
  if (!replaced)
    report(Report::warning, "left out '" + printable(file_name) +
                                "': its language cannot express the directory or prompt");
  return replaced;
}

VENV_INLINE void EnvBuilder::create_scm_ignore_file(const std::string& scm, Context& context) {
  if (scm == "git") return create_git_ignore_file(context);
  throw Error(ErrorCode::invalid_argument,
              "no ignore file is known for '" + detail::printable(scm) + "'")
      .at("create an ignore file")
      .advise("Override EnvBuilder::create_scm_ignore_file for it.");
}

VENV_INLINE void EnvBuilder::create_git_ignore_file(Context& context) {
  using namespace detail;
  Step step(this, context.env_dir, options_);
  step->open();
  const fs::path path = context.env_dir / ".gitignore";
  if (status_of(path).kind == FileKind::missing)
    step->transaction().write(
        path, "# Created by venv; see https://docs.python.org/3/library/venv.html\n*\n");
  step.finish();
}

VENV_INLINE Context create(const std::filesystem::path& env_dir, const Options& options) {
  return EnvBuilder(options).create(env_dir);
}

VENV_INLINE std::optional<Context> create(const std::filesystem::path& env_dir,
                                          const Options& options, std::optional<Error>& error) {
  error.reset();
  try {
    return create(env_dir, options);
  } catch (const Error& thrown) {
    error = thrown;
    return std::nullopt;
  }
}

VENV_END

// ---- src/use/environment.hpp --------------------------------------------------------------------

VENV_BEGIN

/// What was read when it was opened. `context.python` says what the environment's files tell of its
/// base: version and implementation.
struct Environment::Detail {
  Context context{};
  bool system_site_packages = false;
};

VENV_END

VENV_DETAIL_BEGIN

VENV_INLINE bool has_configuration(const fs::path& dir) {
  return followed_status_of(dir / "pyvenv.cfg").kind == FileKind::file;
}

/// The directory of the environment that `place` (absolute) means.
VENV_INLINE fs::path environment_at(const fs::path& place) {
  const fs::path dir = environment_meant(place);
  for (const fs::path& found : {dir, dir.parent_path(), dir.parent_path().parent_path()}) {
    if (!has_configuration(found)) continue;
    const fs::path way = dir.lexically_relative(found);
    const fs::path bin = *way.begin();
    if (found != dir && bin != "bin" && bin != "Scripts") break;
    const bool is_program = way.has_parent_path();
    if (is_program && !is_interpreter_name(text_of(way.filename()))) break;
    return found;
  }
  Error error(ErrorCode::not_an_environment,
              quoted(place) + " is no environment: there is no pyvenv.cfg");
  error.at("open the environment").on(place);
  throw error;
}

/// What a text such as `3.12.1`, `3.12` or `3.12.1.final.0` begins with; zeros when it is none.
VENV_INLINE Version leading_version(std::string_view text) {
  const auto name = take_release_name(text);
  return name && name->parts > 1 ? name->release : Version();
}

/// A library directory of an environment, and the Python that its name tells.
struct NamedLibrary {
  std::string name{};
  PythonName python{};
};

VENV_INLINE std::vector<NamedLibrary> named_libraries(const fs::path& env_dir) {
  std::vector<NamedLibrary> libraries;
  for (const fs::path& name : names_in_if_readable(env_dir / "lib"))
    if (const auto python = parse_command_name(text_of(name)))
      if (python->release.parts == 2) libraries.push_back({text_of(name), *python});
  return libraries;
}

/// The one that its Python uses: of the version that the configuration names; of two builds of that
/// (`python3.13`, `python3.13t`) the one that has an interpreter of its name.
VENV_INLINE NamedLibrary library_in_use(const fs::path& env_dir, const fs::path& bin,
                                        const Version& version) {
  NamedLibrary best;
  int best_score = -1;
  for (NamedLibrary& library : named_libraries(env_dir)) {
    const Version& named = library.python.release.release;
    const bool fits = version[0] == 0 || (named[0] == version[0] && named[1] == version[1]);
    const bool has_program = status_of(bin / path_of(library.name)).kind != FileKind::missing;
    const int score = 2 * fits + has_program;
    if (score > best_score) {
      best_score = score;
      best = std::move(library);
    }
  }
  if (best_score >= 2) return best;
  const std::string name = "python" + version.minor_text(); // the one that should be there
  if (version[0] != 0) return {name, parse_command_name(name).value_or(PythonName())};
  return best;
}

/// What `pyvenv.cfg` says under `prompt`: a text as Python spells it, or plain, as older ones wrote it.
VENV_INLINE std::string prompt_in(const PyvenvCfg& cfg, const fs::path& env_dir) {
  const std::string text = value_of(cfg, "prompt").value_or("");
  const bool is_spelled = text.size() > 1 && (text.front() == '\'' || text.front() == '"') &&
                          text.back() == text.front();
  if (is_spelled)
    if (auto plain = python_string(std::string_view(text).substr(1, text.size() - 2)))
      return *plain;
  return text.empty() ? text_of(env_dir.filename()) : text;
}

/// The interpreter in a folder of scripts.
VENV_INLINE fs::path interpreter_in(const fs::path& bin) {
  for (const char* name : {"python", "python3", "pypy3"}) {
    fs::path python = bin / (name + std::string(executable_suffix));
    if (status_of(python).kind != FileKind::missing) return python;
  }
  return bin / ("python" + std::string(executable_suffix));
}

/// Where compiled packages go: in `lib64`, if that is no link to `lib`.
VENV_INLINE fs::path platlib_in(const fs::path& env_dir, const fs::path& purelib) {
  const fs::path own = env_dir / "lib64" / purelib.lexically_relative(env_dir / "lib");
  const bool is_own = status_of(env_dir / "lib64").kind == FileKind::directory &&
                      followed_status_of(own).kind == FileKind::directory;
  return is_own ? own : purelib;
}

/// The context of an environment that exists, as far as its files tell it.
VENV_INLINE Context context_of(const fs::path& env_dir, const PyvenvCfg& cfg) {
  Context context;
  context.env_dir = env_dir;
  context.env_name = text_of(env_dir.filename());
  context.prompt = prompt_in(cfg, env_dir);
  context.cfg_path = env_dir / "pyvenv.cfg";
  context.bin_name = this_os == Os::windows ? "Scripts" : "bin";
  context.bin_path = env_dir / context.bin_name;
  context.env_exe = context.env_exec_cmd = interpreter_in(context.bin_path);
  context.python_dir = path_of(home_of(cfg).value_or(""));
  const auto version = value_of(cfg, "version"), more = value_of(cfg, "version_info");
  context.python.version = leading_version(version ? *version : more.value_or(""));
  const NamedLibrary library = library_in_use(env_dir, context.bin_path, context.python.version);
  if (context.python.version[0] == 0) context.python.version = library.python.release.release;
  const std::string named = folded(value_of(cfg, "implementation").value_or(""));
  context.python.implementation =
      named.empty() ? library.python.implementation : Implementation(named);
  if (context.python.implementation.name().empty()) context.python.implementation = "cpython";
  context.python.free_threaded = library.python.release.free_threaded;
  const fs::path lib = env_dir / (this_os == Os::windows ? "Lib" : "lib");
  context.lib_path = lib / path_of(this_os == Os::windows ? "" : library.name) / "site-packages";
  context.platlib_path = platlib_in(env_dir, context.lib_path);
  return context;
}

/// All of this process's variables.
VENV_INLINE std::map<std::string, std::string> own_variables() {
  std::map<std::string, std::string> variables;
  for (auto& [name, value] : all_variables()) variables.emplace(std::move(name), std::move(value));
  return variables;
}

/// Where a variable is: on Windows, where a name's case means nothing, by any spelling.
VENV_INLINE std::map<std::string, std::string>::const_iterator
find_variable(const std::map<std::string, std::string>& variables, const std::string& name) {
  auto found = variables.find(name);
  if (this_os == Os::windows)
    for (found = variables.begin(); found != variables.end(); ++found)
      if (folded(found->first) == folded(name)) break;
  return found;
}

VENV_INLINE void change(std::map<std::string, std::string>& variables, const Changes& changes) {
  for (const auto& [name, value] : changes) {
    const auto found = find_variable(variables, name);
    if (found != variables.end()) variables.erase(found);
    if (value) variables[name] = *value;
  }
}

VENV_INLINE RunCommand data_of(const Command& command) {
  RunCommand data;
  data.program = command.program;
  data.arguments = command.arguments;
  data.variables = own_variables();
  change(data.variables, command.environment);
  data.cwd = command.cwd;
  return data;
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE std::vector<std::string> RunCommand::variable_lines() const {
  std::vector<std::string> lines;
  for (const auto& [name, value] : variables) lines.push_back(name + '=' + value);
  return lines;
}

VENV_INLINE Environment Environment::open(const std::filesystem::path& place) {
  using namespace detail;
  const fs::path dir = environment_at(absolute_path(place));
  const PyvenvCfg cfg = parse_pyvenv_cfg(read_file(dir / "pyvenv.cfg"));
  auto detail = std::make_shared<Detail>();
  detail->context = context_of(dir, cfg);
  detail->system_site_packages = // where nothing is said, site.py takes it for true
      folded(value_of(cfg, "include-system-site-packages").value_or("true")) == "true";
  return Environment(std::move(detail));
}

VENV_INLINE std::optional<Environment> Environment::open(const std::filesystem::path& place,
                                                         std::optional<Error>& error) {
  error.reset();
  try {
    return open(place);
  } catch (const Error& thrown) {
    error = thrown;
    return std::nullopt;
  }
}

VENV_INLINE Environment Environment::active() {
  const auto named = detail::variable("VIRTUAL_ENV");
  if (!named)
    throw Error(ErrorCode::not_an_environment, "no environment is active: VIRTUAL_ENV is not set");
  return open(detail::path_of(*named));
}

VENV_INLINE const std::filesystem::path& Environment::directory() const noexcept {
  return detail_->context.env_dir;
}
VENV_INLINE const std::filesystem::path& Environment::python() const noexcept {
  return detail_->context.env_exec_cmd;
}
VENV_INLINE const Version& Environment::version() const noexcept {
  return detail_->context.python.version;
}
VENV_INLINE const Implementation& Environment::implementation() const noexcept {
  return detail_->context.python.implementation;
}
VENV_INLINE const std::filesystem::path& Environment::scripts() const noexcept {
  return detail_->context.bin_path;
}
VENV_INLINE const std::filesystem::path& Environment::site_packages() const noexcept {
  return detail_->context.lib_path;
}
VENV_INLINE const std::filesystem::path& Environment::platlib() const noexcept {
  return detail_->context.platlib_path;
}
VENV_INLINE const std::string& Environment::prompt() const noexcept {
  return detail_->context.prompt;
}
VENV_INLINE bool Environment::has_system_site_packages() const noexcept {
  return detail_->system_site_packages;
}

VENV_INLINE std::optional<std::filesystem::path>
Environment::program(const std::string& name) const {
  using namespace detail;
  const fs::path wanted = path_of(name);
  if (wanted.empty() || wanted.has_parent_path()) return std::nullopt;
  fs::path program = scripts() / path_of(name + std::string(executable_suffix));
  if (followed_status_of(program).kind != FileKind::file || !is_executable(program))
    return std::nullopt;
  return program;
}

VENV_INLINE std::map<std::string, std::string> Environment::variables() const {
  return variables(detail::own_variables());
}

VENV_INLINE std::map<std::string, std::string>
Environment::variables(const std::map<std::string, std::string>& others) const {
  std::map<std::string, std::string> result = others;
  const auto path = detail::find_variable(others, "PATH");
  detail::change(result, detail::environment_changes(
                             detail_->context,
                             path == others.end() ? detail::default_search_path() : path->second));
  return result;
}

VENV_INLINE RunResult Environment::run(const std::string& program,
                                       const std::vector<std::string>& arguments,
                                       const RunOptions& options) const {
  return run_program(detail_->context, program, arguments, options);
}

VENV_INLINE std::optional<RunResult> Environment::run(const std::string& program,
                                                      const std::vector<std::string>& arguments,
                                                      const RunOptions& options,
                                                      std::optional<Error>& error) const {
  error.reset();
  try {
    return run(program, arguments, options);
  } catch (const Error& thrown) {
    error = thrown;
    return std::nullopt;
  }
}

VENV_INLINE RunCommand Environment::command(const std::string& program,
                                            const std::vector<std::string>& arguments,
                                            const RunOptions& options) const {
  using namespace detail;
  refuse_base_python(detail_->context);
  const Command command = command_in(detail_->context, program, arguments, options);
  refuse_impossible(command);
  return data_of(command);
}

VENV_INLINE std::uint64_t Environment::size() const {
  using namespace detail;
  std::uint64_t total = 0;
  std::vector<FileStatus> shared; // files that have several names
  for (const fs::path& path : paths_below(directory())) {
    const FileStatus status = status_of(path);
    if (status.kind != FileKind::file) continue;
    if (status.links > 1) shared.push_back(status);
    else total += status.size;
  }
  const auto file = [](const FileStatus& status) { return std::pair(status.device, status.inode); };
  sort_by(shared, [&file](const auto& a, const auto& b) { return file(a) < file(b); });
  for (std::size_t i = 0; i < shared.size(); ++i)
    if (i == 0 || file(shared[i - 1]) < file(shared[i])) total += shared[i].size;
  return total;
}

VENV_INLINE void Environment::remove() const { remove_environment(directory()); }

VENV_END

// ---- src/use/install.hpp ------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// A file that pip is to read: by its absolute path, unless it is a URL.
VENV_INLINE std::string pip_path(const fs::path& path) {
  const std::string text = text_of(path);
  return text.find("://") != text.npos ? text : text_of(absolute_path(path));
}

/// The arguments of the Python that runs pip.
VENV_INLINE std::vector<std::string> pip_arguments(const Requirements& wanted) {
  std::vector<std::string> arguments{"-m", "pip", "install"};
  const auto add = [&arguments](const char* option, const std::string& value) {
    arguments.push_back(option);
    arguments.push_back(value);
  };
  for (const fs::path& file : wanted.files) add("--requirement", pip_path(file));
  for (const fs::path& file : wanted.constraints) add("--constraint", pip_path(file));
  for (const fs::path& folder : wanted.wheel_dirs) add("--find-links", pip_path(folder));
  if (!wanted.index.empty()) add("--index-url", wanted.index);
  if (wanted.offline) arguments.push_back("--no-index");
  if (wanted.require_hashes) arguments.push_back("--require-hashes");
  if (wanted.only_binary) add("--only-binary", ":all:");
  arguments.insert(arguments.end(), wanted.pip_arguments.begin(), wanted.pip_arguments.end());
  for (const std::string& package : wanted.packages) {
    if (strip(package).empty() || package.front() == '-')
      throw Error(ErrorCode::invalid_argument,
                  "'" + printable(package) + "' is no package that can be installed")
          .at("install packages")
          .advise("Requirements::pip_arguments takes options.");
    arguments.push_back(package);
  }
  return arguments;
}

VENV_INLINE bool is_empty(const Requirements& wanted) {
  return wanted.files.empty() && wanted.packages.empty() && wanted.pip_arguments.empty();
}

VENV_INLINE void refuse_without_pip(const Context& context, bool sees_base) {
  const fs::path pip = context.lib_path / "pip" / "__main__.py";
  if (sees_base || followed_status_of(pip).kind == FileKind::file) return;
  Error error(ErrorCode::pip_unavailable, quoted(context.env_dir) + " has no pip");
  error.at("install packages").on(pip);
  throw error.advise("Make it with pip (Options::with_pip), or install one.");
}

VENV_INLINE RunOptions installing(RunOptions options) {
  options.installs = true;
  return options;
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE RunResult Environment::install(const Requirements& requirements,
                                           const RunOptions& options) const {
  using namespace detail;
  const Context& context = detail_->context;
  refuse_without_pip(context, has_system_site_packages());
  const std::vector<std::string> arguments = pip_arguments(requirements);
  if (is_empty(requirements)) return {};
  DirectoryLock lock;
  if (!Session::find(nullptr, context.env_dir)) { // else a hook calls: this thread holds it
    LockWait wait;
    wait.limit = std::chrono::seconds(lock_timeout);
    wait.stop = StopRequest(options.is_cancelled);
    lock = DirectoryLock(context.env_dir, wait);
  }
  return run_program(context, "python", arguments, installing(options));
}

VENV_INLINE RunCommand Environment::install_command(const Requirements& requirements,
                                                    const RunOptions& options) const {
  detail::refuse_without_pip(detail_->context, has_system_site_packages());
  return command("python", detail::pip_arguments(requirements), detail::installing(options));
}

VENV_END

// ---- src/use/pip_failure.hpp --------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// What stands in `text` behind `before`, up to the first of `ends` or the end of the line; empty where
/// `before` is not there.
VENV_INLINE std::string word_behind(std::string_view text, std::string_view before,
                                    std::string_view ends) {
  const std::size_t at = text.find(before);
  if (at == text.npos) return {};
  const std::string_view rest = text.substr(at + before.size());
  return std::string(rest.substr(0, rest.find_first_of(ends)));
}

/// The name that a requirement begins with: `demo` of `demo[extra]>=1 (from x)`.
VENV_INLINE std::string required_name(std::string_view text, std::string_view before) {
  return word_behind(text, before, " \t\r\n<>=!~;[(@,");
}

/// The name in the list that follows a line about hashes.
VENV_INLINE std::string first_listed(std::string_view text, std::string_view before) {
  const std::size_t at = text.find('\n', text.find(before));
  if (at == text.npos) return {};
  const std::size_t name = text.find_first_not_of(" \t\r\n", at);
  return name == text.npos ? std::string() : required_name(text.substr(name), "");
}

inline constexpr std::string_view no_match = "No matching distribution found for ";

/// Of a build from sources that failed.
VENV_INLINE PipReport build_failure(std::string_view text) {
  constexpr std::string_view none[] = {"unable to execute '", "is required. Get it with",
                                       "error: Unable to find vcvarsall.bat"};
  PipReport report;
  for (const char* before : {"Failed building wheel for ", "Failed to build "})
    if (report.package.empty()) report.package = required_name(text, before);
  const bool is_build = !report.package.empty() ||
                        text.find("did not run successfully") != text.npos ||
                        text.find("egg_info\" failed with error code") != text.npos;
  if (!is_build) return {};
  report.failure = PipFailure::not_built;
  const std::size_t command = text.find("error: command '");
  if (command != text.npos &&
      text.substr(command, text.find('\n', command) - command).find("No such file") != text.npos)
    report.failure = PipFailure::no_compiler;
  for (const std::string_view words : none)
    if (text.find(words) != text.npos) report.failure = PipFailure::no_compiler;
  return report;
}

/// Of a package that wasn't found.
VENV_INLINE PipReport search_failure(std::string_view text) {
  PipReport report;
  const std::size_t at = text.find(no_match);
  if (at == text.npos) return report;
  report.package = required_name(text, no_match);
  report.failure =
      text.find("(from versions: none)") != text.npos || text.find("(from versions: )") != text.npos
          ? PipFailure::not_found
          : PipFailure::no_such_version;
  if (text.find("require a different python version") != text.npos)
    report.failure = PipFailure::other_python;
  for (const std::string_view words : {"after connection broken by", "Could not fetch URL",
                                       "There was a problem confirming the ssl"})
    if (text.find(words) != text.npos && report.failure == PipFailure::not_found)
      report.failure = PipFailure::unreachable;
  return report;
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE PipReport pip_failure(std::string_view text) {
  using namespace detail;
  const auto has = [text](std::string_view words) { return text.find(words) != text.npos; };
  constexpr std::string_view other_hash = "DO NOT MATCH THE HASHES",
                             no_hash = "Hashes are required in ",
                             not_pinned = "In --require-hashes mode, all requirements must",
                             conflict = "Cannot install ",
                             other_python = " requires a different Python",
                             old_python = " requires Python '";
  if (has("No space left on device") || has("Disk quota exceeded"))
    return {PipFailure::no_space, {}};
  if (has(other_hash)) return {PipFailure::hash, first_listed(text, other_hash)};
  for (const std::string_view words : {no_hash, not_pinned})
    if (has(words)) return {PipFailure::hash, first_listed(text, words)};
  if (has("ResolutionImpossible") || has("because these package versions have conflicting"))
    return {PipFailure::conflict,
            word_behind(text.substr(0, text.find(" because these")), conflict, "\n")};
  if (has(other_python) || (has(old_python) && has("but the running Python is")))
    return {PipFailure::other_python, word_behind(text, "Package '", "'\n")};
  if (PipReport report = build_failure(text); report.failure != PipFailure::unknown) return report;
  if (PipReport report = search_failure(text); report.failure != PipFailure::unknown) return report;
  if (has("[Errno 13]") || has("[Errno 30]") || has("[WinError 5]"))
    return {PipFailure::denied, {}};
  return {};
}

VENV_INLINE PipReport pip_failure(const Error& error) {
  return error.code() == ErrorCode::command_failed ? pip_failure(error.output()) : PipReport();
}

VENV_INLINE std::string name_of(PipFailure failure) {
  constexpr const char* names[] = {"unknown",     "not-found", "no-such-version", "other-python",
                                   "unreachable", "hash",      "conflict",        "no-compiler",
                                   "not-built",   "no-space",  "denied"};
  return names[static_cast<std::size_t>(failure)];
}

VENV_END

// ---- src/use/distributions.hpp ------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// The prefix of the base Python, by where `home` and the file of its interpreter lie: the first that
/// has a library of that name.
VENV_INLINE fs::path base_prefix_of(const Context& context, const fs::path& library) {
  const fs::path home = context.python_dir;
  fs::path real;
  if (const auto python = resolved(context.env_exec_cmd)) real = python->parent_path();
  for (const fs::path& folder : {home, real})
    if (folder.has_parent_path() &&
        followed_status_of(folder.parent_path() / "lib" / library).kind == FileKind::directory)
      return folder.parent_path();
  return home.parent_path();
}

/// Where the base Python's packages lie, Debian's Python's in places of its own, in the order of
/// `sys.path`. The user's own are left out: what installs doesn't count them.
VENV_INLINE std::vector<fs::path> base_package_directories(const Context& context) {
  const fs::path library = context.lib_path.parent_path().filename();
  const fs::path prefix = base_prefix_of(context, library);
  std::vector<fs::path> directories;
  for (const fs::path& directory :
       {prefix / "local/lib" / library / "dist-packages", prefix / "lib/python3/dist-packages",
        prefix / "lib" / library / "dist-packages", prefix / "lib" / library / "site-packages",
        prefix / "lib64" / library / "site-packages"}) {
    bool is_new = followed_status_of(directory).kind == FileKind::directory;
    for (const fs::path& known : directories) is_new = is_new && !is_same_file(known, directory);
    if (is_new) directories.push_back(directory);
  }
  return directories;
}

/// Where what is installed for an environment lies, in the order of `sys.path`.
VENV_INLINE std::vector<fs::path> package_directories(const Context& context, bool with_base) {
  std::vector<fs::path> directories{context.lib_path};
  if (context.platlib_path != context.lib_path) directories.push_back(context.platlib_path);
  if (with_base)
    for (fs::path& directory : base_package_directories(context))
      directories.push_back(std::move(directory));
  return directories;
}

VENV_INLINE std::vector<Distribution> distributions_in(const fs::path& directory, bool with_files) {
  const auto list = [&directory](const std::string& folder) {
    std::vector<std::string> names;
    for (const fs::path& name : names_in_if_readable(directory / path_of(folder)))
      names.push_back(text_of(name));
    return names;
  };
  const auto read = [&directory](const std::string& file) -> std::optional<std::string> {
    try {
      return read_file(directory / path_of(file));
    } catch (const Error&) {
      return std::nullopt; // it is told as what lacks it
    }
  };
  return read_distributions(directory, {list, read, with_files});
}

VENV_INLINE std::vector<Distribution> distributions_of(const Context& context, bool with_base,
                                                       bool with_files) {
  std::vector<Distribution> all;
  for (const fs::path& directory : package_directories(context, with_base)) {
    std::vector<Distribution> found = distributions_in(directory, with_files);
    all.insert(all.end(), std::make_move_iterator(found.begin()),
               std::make_move_iterator(found.end()));
  }
  return all;
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE std::vector<Distribution> Environment::distributions() const {
  return detail::distributions_of(detail_->context, has_system_site_packages(), true);
}

VENV_END

// ---- src/use/missing.hpp ------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// All that is asked for, nested files included.
struct Demands {
  std::vector<Demand> required{}, constraints{};
  std::vector<RequiredLine> places{}; ///< required by a path or a URL without a name
  std::vector<fs::path> files{};      ///< all that were read, in their order
  bool has_variables = false;         ///< a file names variables of this process
};

VENV_INLINE RequirementsFile read_requirements_at(const fs::path& path, bool is_constraint,
                                                  bool& has_variables) {
  const auto read = [](const std::string& file) {
    if (is_url_reference(file))
      throw Error(ErrorCode::invalid_argument,
                  "'" + printable(file) + "' can't be read here: it is not a file on this machine")
          .at("read requirements");
    return read_file(path_of(file));
  };
  const auto value = [&has_variables](const std::string& name) {
    has_variables = true;
    return variable(name.c_str()).value_or("");
  };
  return read_requirements(text_of(absolute_path(path)), {read, value, this_os}, is_constraint);
}

VENV_INLINE void add_demands(const fs::path& path, bool is_constraint, Demands& demands) {
  RequirementsFile file = read_requirements_at(path, is_constraint, demands.has_variables);
  for (RequiredLine& line : file.lines) {
    const RequiredKind kind = kind_of(line, this_os);
    if (kind != RequiredKind::named) {
      if (!line.is_constraint) demands.places.push_back(std::move(line));
      continue;
    }
    std::vector<Demand>& list = line.is_constraint ? demands.constraints : demands.required;
    list.push_back({line.text, place_text(line.place)});
  }
  for (const std::string& name : file.files) demands.files.push_back(path_of(name));
}

/// Throws what reading the files throws.
VENV_INLINE Demands read_demands(const Requirements& wanted) {
  Demands demands;
  for (const fs::path& path : wanted.files) add_demands(path, false, demands);
  for (const fs::path& path : wanted.constraints) add_demands(path, true, demands);
  for (const std::string& package : wanted.packages) {
    RequiredLine line;
    line.text = package;
    if (kind_of(line, this_os) == RequiredKind::named) demands.required.push_back({package, ""});
    else demands.places.push_back(std::move(line));
  }
  return demands;
}

/// What pip writes as the URL of a path (PEP 610).
VENV_INLINE std::string file_url(const fs::path& path) {
  constexpr std::string_view digits = "0123456789ABCDEF", plain = "_.-~/";
  std::string url = "file://";
  for (const char c : text_of(absolute_path(path))) {
    const char lower = fold_case(c);
    const bool is_plain =
        (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || plain.find(c) != plain.npos;
    const auto byte = static_cast<unsigned char>(c);
    if (is_plain) url += c;
    else ((url += '%') += digits[byte >> 4]) += digits[byte & 15];
  }
  return url;
}

/// From where a path or a URL is installed, and the extras that stand behind it.
VENV_INLINE std::pair<std::string, std::string> origin_of(const RequiredLine& line) {
  const std::string_view text = strip(std::string_view(line.text).substr(0, line.text.find(" ;")));
  if (kind_of(line, this_os) == RequiredKind::url) {
    const std::size_t fragment = text.find("#egg=");
    return {std::string(text.substr(0, fragment)), ""};
  }
  const std::size_t bracket = !text.empty() && text.back() == ']' ? text.rfind('[') : text.npos;
  const std::string extras(bracket == text.npos ? "" : text.substr(bracket));
  return {file_url(path_of(text.substr(0, bracket))), extras};
}

/// Turns what is required by a place into a requirement by name, if it is installed from there; else
/// it is missing.
VENV_INLINE void name_places(Demands& demands, const std::vector<Distribution>& installed,
                             std::vector<Missing>& missing) {
  for (const RequiredLine& line : demands.places) {
    const auto [url, extras] = origin_of(line);
    const std::string by = line.place.file.empty() ? "" : place_text(line.place);
    const auto found = std::find_if(
        installed.begin(), installed.end(), [&origin = url, &line](const Distribution& one) {
          return one.direct_url == origin && (one.is_editable || !line.is_editable);
        });
    if (found != installed.end()) {
      demands.required.push_back({found->name + extras, by});
      continue;
    }
    Missing absent;
    absent.requirement = line.text;
    absent.required_by = by;
    missing.push_back(std::move(absent));
  }
}

/// Where the base Python may lie: what the environment's links lead to, and in `home` under the names
/// that it could have.
VENV_INLINE std::vector<fs::path> base_candidates(const Context& context) {
  std::vector<fs::path> candidates;
  const auto outside = outside_of(context.env_dir, context.env_exec_cmd);
  if (outside && *outside != context.env_exec_cmd) candidates.push_back(*outside);
  const std::string command = context.python.implementation.command_name();
  for (const std::string& name :
       {command + context.python.version.minor_text(), command + '3', std::string("python3")})
    if (!context.python_dir.empty())
      candidates.push_back(context.python_dir / path_of(name + std::string(executable_suffix)));
  return candidates;
}

/// The interpreter that the environment is based on, as it says itself: the first candidate of the
/// same version, else what the environment's own Python says.
VENV_INLINE Interpreter base_as_it_says(const Context& context, const Options& options) {
  const Cache cache(options);
  const RememberedProbe probe(cache, probe_options(options, StopRequest(options.is_cancelled)));
  for (const fs::path& program : base_candidates(context)) {
    if (!is_program(program)) continue;
    Interpreter python = probe(program);
    if (python.version.minor_text() == context.python.version.minor_text() &&
        python.implementation == context.python.implementation)
      return python;
  }
  return probe(context.env_exec_cmd);
}

VENV_INLINE std::vector<Missing> missing_of(Demands demands,
                                            const std::vector<Distribution>& installed,
                                            const MarkerValues& values) {
  std::vector<Missing> missing;
  name_places(demands, installed, missing);
  std::vector<Missing> named =
      find_missing(demands.required, demands.constraints, installed, values);
  missing.insert(missing.end(), std::make_move_iterator(named.begin()),
                 std::make_move_iterator(named.end()));
  return missing;
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE std::vector<Missing> Environment::missing(const Requirements& requirements,
                                                      const Options& options) const {
  using namespace detail;
  const Context& context = detail_->context;
  Demands demands = read_demands(requirements);
  return missing_of(std::move(demands),
                    distributions_of(context, has_system_site_packages(), false),
                    marker_values(base_as_it_says(context, options)));
}

VENV_INLINE std::vector<Missing> Environment::missing(const std::vector<std::string>& packages,
                                                      const Options& options) const {
  Requirements requirements;
  requirements.packages = packages;
  return missing(requirements, options);
}

VENV_END

// ---- src/use/stamp.hpp --------------------------------------------------------------------------

VENV_DETAIL_BEGIN

// What an environment was when it was as it should be: what was asked for, and the identity of each file
// that this depends on.

inline constexpr char stamp_name[] = ".venv.hpp-ensured";

/// All that is asked for, as one text. Paths are absolute: who calls from elsewhere asks for the same.
VENV_INLINE std::string key_of(const EnsureOptions& options) {
  FieldWriter key;
  for (const bool flag :
       {options.with_pip, options.system_site_packages, options.requirements.offline,
        options.requirements.require_hashes, options.requirements.only_binary,
        options.when_changed == RequirementsChange::recreate, options.prompt.has_value()})
    key.number(flag);
  key.text(options.prompt.value_or(""));
  key.text(options.python);
  key.text(options.requirements.index);
  const auto add = [&key](const std::vector<std::string>& texts) {
    key.number(texts.size());
    for (const std::string& text : texts) key.text(text);
  };
  add(options.requirements.packages);
  add(options.requirements.pip_arguments);
  for (const auto* paths : {&options.requirements.files, &options.requirements.constraints,
                            &options.requirements.wheel_dirs}) {
    key.number(paths->size());
    for (const fs::path& path : *paths) key.text(text_of(absolute_path(path)));
  }
  return key.bytes();
}

/// What tells whether what lies at a path, and what a link there leads to, is what it was.
VENV_INLINE std::string identity_at(const fs::path& path) {
  const FileStatus status = status_of(path);
  const std::string identity = identity_of(status);
  return status.kind == FileKind::link ? identity + identity_of(followed_status_of(path))
                                       : identity;
}

/// The paths that say whether an environment is still what it was.
VENV_INLINE std::vector<fs::path> watched_paths(const Context& context, bool with_base,
                                                const Demands& demands) {
  std::vector<fs::path> paths{context.cfg_path, context.env_dir / "lib64", context.python_dir};
  std::vector<fs::path> directories{context.bin_path, context.lib_path};
  if (context.platlib_path != context.lib_path) directories.push_back(context.platlib_path);
  for (const fs::path& directory : directories) {
    paths.push_back(directory);
    for (const fs::path& name : names_in_if_readable(directory)) paths.push_back(directory / name);
  }
  if (with_base)
    for (const fs::path& directory : base_package_directories(context)) paths.push_back(directory);
  const fs::path library = fs::path("lib") / context.lib_path.parent_path().filename() / "os.py";
  const fs::path landmark = nearest_with(context.python_dir, library);
  if (!landmark.empty()) paths.push_back(landmark);
  for (const fs::path& file : demands.files) paths.push_back(file);
  return paths;
}

/// The requirements themselves, whatever file they stand in.
VENV_INLINE std::string digest_of(const Demands& demands) {
  FieldWriter text;
  for (const auto* list : {&demands.required, &demands.constraints}) {
    text.number(list->size());
    for (const Demand& demand : *list) text.text(demand.requirement);
  }
  for (const RequiredLine& line : demands.places) text.text(line.text);
  return record_hash(text.bytes());
}

/// What is known of an environment that was as it should be: the key, then the digest of what was
/// required, then paths, each with its identity. Nothing when there is none.
VENV_INLINE std::optional<Answer> stamp_in(const fs::path& env_dir) {
  try {
    auto stamp = parse_answer(read_file(env_dir / stamp_name));
    if (stamp && stamp->fields.size() % 2 == 1) return stamp;
  } catch (const Error&) {
    // There is none.
  }
  return std::nullopt;
}

/// Whether the environment is what it was when `key` was asked for and it was so.
VENV_INLINE bool is_as_stamped(const fs::path& env_dir, const std::string& key) {
  const auto stamp = stamp_in(env_dir);
  if (!stamp || stamp->identity != key) return false;
  for (std::size_t i = 1; i + 1 < stamp->fields.size(); i += 2)
    if (identity_at(path_of(stamp->fields[i])) != stamp->fields[i + 1]) return false;
  return true;
}

/// Notes that it is as it should be. One that can't be written is none: it is looked at again.
VENV_INLINE void write_stamp(const Context& context, bool with_base, const EnsureOptions& options,
                             const Demands& demands) {
  const fs::path place = context.env_dir / stamp_name;
  if (demands.has_variables) return void(try_remove_file(place)); // nobody watches their values
  Answer answer{key_of(options), {digest_of(demands)}};
  for (const fs::path& path : watched_paths(context, with_base, demands)) {
    answer.fields.push_back(text_of(path));
    answer.fields.push_back(identity_at(path));
  }
  try {
    write_file(place, format_answer(answer));
  } catch (const Error&) {
    try_remove_file(place);
  }
}

VENV_DETAIL_END

// ---- src/use/problems.hpp -----------------------------------------------------------------------

VENV_DETAIL_BEGIN

inline constexpr char makes_again[] =
    "venv::ensure, or venv::create in the same directory, mends it";

/// An environment that is looked at, and what was found.
class Checkup {
public:
  Checkup(fs::path dir, const EnsureOptions& asked)
      : options(asked), env_dir(std::move(dir)), state(read_state(env_dir)),
        context(context_of(env_dir, state.cfg)) {}

  /// Notes a problem, and returns it for more to be said.
  Problem& add(ProblemCode code, ProblemLevel level, const fs::path& path, std::string what) {
    Problem problem;
    problem.code = code;
    problem.level = level;
    problem.path = path;
    problem.what = std::move(what);
    problem.remedy = makes_again;
    found_.push_back(std::move(problem));
    return found_.back();
  }
  bool has(ProblemCode code) const {
    for (const Problem& problem : found_)
      if (problem.code == code) return true;
    return false;
  }
  /// What was found, the worst first.
  std::vector<Problem> take() {
    sort_by(found_, [](const Problem& a, const Problem& b) { return a.level > b.level; });
    return std::move(found_);
  }

  const EnsureOptions& options;
  fs::path env_dir;
  State state;
  Context context;
  fs::path real_python{}; ///< the file that runs as its Python; empty: none is known
  std::optional<std::string> real_version{}; ///< which that says it is, if it says so

private:
  std::vector<Problem> found_{};
};

VENV_DETAIL_END

// ---- src/use/check_python.hpp -------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// The names that an environment's Python always has.
VENV_INLINE std::vector<std::string> needed_names(const Context& context) {
  if (this_os == Os::windows) return {"python.exe"};
  std::vector<std::string> names{"python", "python3"};
  const Version& version = context.python.version;
  if (context.python.implementation == "cpython" && version >= Version(3, 9))
    names.push_back("python" + version.minor_text());
  if (context.python.implementation == "pypy") names.push_back("pypy3");
  return names;
}

/// Whether a file begins as a program does that the system can run.
VENV_INLINE bool begins_as_program(const fs::path& path) {
  try {
    const std::string start = read_start(path, 4);
    for (const std::string_view magic : {"\x7F"
                                         "ELF",
                                         "\xCF\xFA\xED\xFE", "\xCA\xFE\xBA\xBE", "MZ"})
      if (start.substr(0, magic.size()) == magic) return true;
    return start.substr(0, 2) == "#!";
  } catch (const Error&) {
    return false;
  }
}

/// Looks at one name of the interpreter; the file that it leads to, or empty when that can't be run.
VENV_INLINE fs::path check_name(Checkup& checkup, const fs::path& path) {
  const FileKind kind = status_of(path).kind, end = followed_status_of(path).kind;
  const auto broken = [&](ProblemCode code, const std::string& what) {
    checkup.add(code, ProblemLevel::broken, path, what);
    return fs::path();
  };
  if (kind == FileKind::missing)
    return broken(ProblemCode::interpreter_missing, quoted(path) + " is missing");
  if (kind == FileKind::link && end == FileKind::missing)
    return broken(ProblemCode::interpreter_gone, quoted(path) + " is a link to nothing: " +
                                                     quoted(link_target(path)) + " is gone");
  if (end != FileKind::file)
    return broken(ProblemCode::interpreter_damaged, quoted(path) + " is no program");
  if (!is_executable(path))
    return broken(ProblemCode::interpreter_damaged, quoted(path) + " can't be executed");
  if (!begins_as_program(path))
    return broken(ProblemCode::interpreter_damaged, quoted(path) + " is no program");
  return resolved(path).value_or(path);
}

VENV_INLINE bool has_equal_bytes(const fs::path& a, const fs::path& b) {
  try {
    return MappedFile(a).bytes() == MappedFile(b).bytes();
  } catch (const Error&) {
    return false;
  }
}

/// Compares a copied interpreter with the file that it is a copy of, if that is known and is of the
/// same release.
VENV_INLINE void check_copy(Checkup& checkup, const fs::path& path, const fs::path& original) {
  if (this_os == Os::windows) return; // it is a launcher
  if (original.empty() || followed_status_of(original).kind != FileKind::file) return;
  if (has_equal_bytes(path, original)) return;
  const Version& minor = checkup.context.python.version;
  const auto copied = version_in_program(path, minor), now = version_in_program(original, minor);
  if (copied && now && *copied != *now)
    checkup.add(ProblemCode::base_upgraded, ProblemLevel::broken, path,
                quoted(path) + " is a copy of Python " + *copied + ", and its base is " + *now +
                    " now");
  else
    checkup.add(ProblemCode::interpreter_damaged, ProblemLevel::broken, path,
                quoted(path) + " is not the same as " + quoted(original) +
                    ", of which it is a copy");
}

/// The program that the configuration names as the base; empty when it names none that is there.
VENV_INLINE fs::path named_base(const Checkup& checkup) {
  const auto named = value_of(checkup.state.cfg, "executable");
  if (named && followed_status_of(path_of(*named)).kind == FileKind::file) return path_of(*named);
  for (const std::string& name : needed_names(checkup.context)) {
    const fs::path program = checkup.context.python_dir / path_of(name);
    if (is_program(program)) return program;
  }
  return {};
}

/// Looks at the interpreter under all its names: they have to lead to one file, or be copies of one.
VENV_INLINE void check_names(Checkup& checkup) {
  const fs::path bin = checkup.context.bin_path;
  const fs::path original = named_base(checkup);
  fs::path first;
  for (const std::string& name : needed_names(checkup.context)) {
    const fs::path path = bin / path_of(name);
    const fs::path real = check_name(checkup, path);
    if (real.empty() || begins_with_shebang(real)) continue; // a wrapper is the user's own
    const auto real_env = resolved(checkup.env_dir);
    const bool is_copy = real_env && is_within(real, *real_env);
    if (is_copy) check_copy(checkup, path, original);
    if (first.empty()) {
      first = real;
      checkup.real_python = is_copy ? resolved(original).value_or(real) : real;
    } else if (!is_copy && !is_same_file(first, real) &&
               !is_within(first, real_env.value_or(checkup.env_dir))) {
      checkup.add(ProblemCode::other_version, ProblemLevel::broken, path,
                  quoted(path) + " leads to " + quoted(real) + ", and python to " + quoted(first));
    }
  }
  if (!checkup.real_python.empty())
    checkup.real_version = version_of_file(checkup.real_python, checkup.context.python.version);
  const std::vector<std::string> needed = needed_names(checkup.context);
  for (const ScriptsEntry& entry : checkup.state.scripts)
    if (entry.kind == FileKind::link && entry.leads_to == FileKind::missing &&
        is_interpreter_name(entry.name) &&
        std::find(needed.begin(), needed.end(), entry.name) == needed.end())
      checkup.add(ProblemCode::interpreter_gone, ProblemLevel::change, bin / path_of(entry.name),
                  quoted(bin / path_of(entry.name)) + " is a link to nothing: '" +
                      printable(entry.target) + "' is gone");
}

/// Looks at `home`: Python looks for its standard library from there.
VENV_INLINE void check_home(Checkup& checkup) {
  const fs::path cfg = checkup.context.cfg_path;
  const auto wrong = [&](ProblemLevel level, const std::string& what) {
    checkup.add(ProblemCode::configuration_wrong, level, cfg, quoted(cfg) + ' ' + what);
  };
  const auto home = home_of(checkup.state.cfg);
  if (!home || home->empty()) return wrong(ProblemLevel::broken, "names no home");
  const fs::path folder = path_of(*home);
  if (!folder.is_absolute()) return wrong(ProblemLevel::broken, "has a home that is no whole path");
  if (followed_status_of(folder).kind != FileKind::directory) {
    checkup.add(ProblemCode::interpreter_gone, ProblemLevel::broken, folder,
                "the base Python is gone: there is no " + quoted(folder));
    return;
  }
  if (checkup.real_python.empty()) return;
  for (const fs::path& name : names_in_if_readable(folder))
    if (is_interpreter_name(text_of(name)) && is_same_file(folder / name, checkup.real_python))
      return;
  wrong(ProblemLevel::broken, "names the home " + quoted(folder) + ", where " +
                                  quoted(checkup.real_python) + ", which runs, is not");
}

/// Looks for the base's standard library, which can go without its program.
VENV_INLINE void check_library_of_base(Checkup& checkup) {
  if (checkup.real_python.empty() || checkup.context.python.implementation != "cpython") return;
  if (checkup.has(ProblemCode::other_version)) return; // then it is the other one's
  const Version& version = checkup.context.python.version;
  const std::string name = "python" + version.minor_text();
  if (this_os == Os::windows && !nearest_with(checkup.context.python_dir, "Lib/os.py").empty())
    return;
  const std::string zip = "python" + std::to_string(version[0]) + std::to_string(version[1]);
  for (const fs::path& from : {checkup.context.python_dir, checkup.real_python.parent_path()})
    for (const char* lib : {"lib", "lib64", "Lib"})
      for (const fs::path& landmark :
           {path_of(name) / "os.py", path_of(name + 't') / "os.py", path_of(zip + ".zip")})
        if (!nearest_with(from, lib / landmark).empty()) return;
  checkup.add(ProblemCode::interpreter_gone, ProblemLevel::broken, checkup.real_python,
              "the standard library of " + quoted(checkup.real_python) + " is gone");
}

/// Compares what the configuration says with what the Python's file tells of its version.
VENV_INLINE void check_version(Checkup& checkup) {
  if (checkup.real_python.empty() || checkup.context.python.implementation != "cpython") return;
  const Version& said = checkup.context.python.version;
  const Version minor = minor_of_file(checkup.real_python);
  const fs::path cfg = checkup.context.cfg_path;
  if (minor[0] != 0 && said.minor_text() != minor.minor_text()) {
    checkup
        .add(ProblemCode::other_version, ProblemLevel::broken, checkup.real_python,
             "made for Python " + said.minor_text() + ", and " + quoted(checkup.real_python) +
                 " is Python " + minor.minor_text())
        .is_mended_in_place = false;
    return;
  }
  const auto named = value_of(checkup.state.cfg, "version");
  const auto& now = checkup.real_version;
  if (!named || !now) return;
  const Version is = leading_version(*now), was = leading_version(*named);
  if (was == said && is[0] != 0 && is != was)
    checkup.add(ProblemCode::base_upgraded, ProblemLevel::change, cfg,
                "made for Python " + was.text() + ", and its base is " + *now + " now");
}

/// Looks at the configuration itself.
VENV_INLINE void check_configuration(Checkup& checkup) {
  const fs::path cfg = checkup.context.cfg_path;
  std::string text;
  try {
    text = read_file(cfg);
  } catch (const Error& error) {
    checkup.add(ProblemCode::configuration_wrong, ProblemLevel::broken, cfg, error.what());
    return;
  }
  if (!is_utf8(text))
    checkup.add(ProblemCode::configuration_wrong, ProblemLevel::broken, cfg,
                quoted(cfg) + " is not UTF-8");
  if (checkup.context.python.version[0] == 0)
    checkup.add(ProblemCode::configuration_wrong, ProblemLevel::broken, cfg,
                quoted(cfg) + " names no version, and there is no library directory");
}

/// The Python that the environment's files tell of, for comparing it with a request.
VENV_INLINE Interpreter told_python(const Checkup& checkup) {
  Interpreter python = checkup.context.python;
  if (const auto& now = checkup.real_version) {
    const Version is = leading_version(*now);
    if (is[0] != 0) python.version = is;
    const std::size_t letters = now->find_first_of("abr");
    if (letters != now->npos) python.prerelease = now->substr(letters);
  }
  return python;
}

/// The program that a request by path or name means, as far as that is seen without starting it.
VENV_INLINE fs::path program_meant(const PythonRequest& request) {
  if (request.kind == PythonRequest::Kind::path) {
    fs::path path = absolute_path(path_of(request.text));
    if (followed_status_of(path).kind != FileKind::directory) return path;
    for (const char* name : {"bin/python3", "bin/python", "python3", "python"})
      if (is_program(path / name)) return path / name;
    return {};
  }
  const std::string folders = search_path();
  for (const std::string_view folder : split(folders, search_path_separator))
    if (const fs::path program = path_of(folder) / path_of(request.text);
        program.is_absolute() && is_program(program))
      return program;
  return {};
}

/// Compares the environment's Python with the one that is asked for. A shim, which may start any, is
/// not judged.
VENV_INLINE void check_request(Checkup& checkup) {
  const PythonRequest request = parse_request(checkup.options.python);
  const Version& own = checkup.context.python.version;
  const auto differs = [&](const std::string& why, const Version& wanted) {
    checkup
        .add(ProblemCode::other_python, ProblemLevel::change, checkup.real_python,
             "Python '" + printable(request.text) + "' is asked for, and " + why)
        .is_mended_in_place = wanted.minor_text() == own.minor_text();
  };
  if (request.kind == PythonRequest::Kind::any || checkup.real_python.empty()) return;
  if (request.kind == PythonRequest::Kind::version) {
    const Interpreter python = told_python(checkup);
    if (fit(request, python) == Fit::no)
      differs("it is " + describe(python), request.minor.value_or(Version()));
    return;
  }
  const fs::path program = program_meant(request);
  const auto real =
      program.empty() || begins_with_shebang(program) ? std::nullopt : resolved(program);
  if (real && !is_same_file(*real, checkup.real_python))
    differs(quoted(checkup.real_python) + " runs", minor_of_file(*real));
}

VENV_DETAIL_END

// ---- src/use/check_scripts.hpp ------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// A program in the scripts' directory that runs by an interpreter.
struct RunByPython {
  fs::path path{};
  fs::path interpreter{};
};

/// Those that a Python runs, by its name.
VENV_INLINE std::vector<RunByPython> scripts_run_by_python(const State& state,
                                                           const fs::path& bin) {
  std::vector<RunByPython> scripts;
  for (const ScriptsEntry& entry : state.scripts) {
    if (entry.kind != FileKind::file || is_reserved_name(entry.name)) continue;
    const fs::path path = bin / path_of(entry.name);
    try {
      const auto head = script_head(read_start(path, 4096));
      if (!head) continue;
      const fs::path interpreter = path_of(head->interpreter);
      if (interpreter.is_absolute() && is_interpreter_name(text_of(interpreter.filename())))
        scripts.push_back({path, interpreter});
    } catch (const Error&) {
      // One that can't be read is told with its package.
    }
  }
  return scripts;
}

/// Whether a folder is that of an environment's scripts, as far as its path tells.
VENV_INLINE bool is_scripts_folder(const fs::path& folder) {
  return folder.filename() == "bin" &&
         followed_status_of(folder.parent_path() / "pyvenv.cfg").kind == FileKind::file;
}

/// The directories for which an environment was made, as its programs and `pyvenv.cfg` tell.
VENV_INLINE std::vector<fs::path> directories_named(const State& state, const Context& context) {
  std::vector<fs::path> directories;
  for (const RunByPython& script : scripts_run_by_python(state, context.bin_path)) {
    const fs::path folder = script.interpreter.parent_path();
    const bool is_gone = followed_status_of(script.interpreter).kind == FileKind::missing;
    if (folder.filename() == context.bin_name && (is_gone || is_scripts_folder(folder)))
      directories.push_back(folder.parent_path());
  }
  // Nothing is escaped there: a path may hold anything, the end of one that is known is looked for.
  const std::string command = value_of(state.cfg, "command").value_or("");
  const std::string own = text_of(context.env_dir);
  if (command.size() > own.size() &&
      command.compare(command.size() - own.size(), own.size(), own) == 0)
    directories.push_back(context.env_dir);
  else
    for (std::size_t at = command.find(" /"); at != command.npos; at = command.find(" /", at + 1)) {
      const fs::path dir = path_of(command.substr(at + 1));
      if (is_same_file(dir, context.env_dir)) return {dir};
      if (command.find(" /", at + 1) == command.npos) directories.push_back(dir);
    }
  return directories;
}

/// The directory for which an environment was made that has been moved; empty when it wasn't.
VENV_INLINE fs::path former_directory(const State& state, const Context& context) {
  for (const fs::path& dir : directories_named(state, context))
    if (dir != context.env_dir && !is_same_file(dir, context.env_dir)) return dir;
  return {};
}

/// The context of the environment by the path that it was made by, which a link may lead to.
VENV_INLINE Context context_as_made(const State& state, const Context& context) {
  for (const fs::path& dir : directories_named(state, context))
    if (dir == context.env_dir || is_same_file(dir, context.env_dir))
      return context_of(dir, state.cfg);
  return context;
}

/// Looks at the programs that a Python runs: it has to be the environment's.
VENV_INLINE void check_programs(Checkup& checkup) {
  const Context& context = checkup.context;
  const fs::path former = former_directory(checkup.state, context);
  if (!former.empty())
    checkup.add(ProblemCode::moved, ProblemLevel::broken, context.env_dir,
                "made for " + quoted(former) + ", and lies in " + quoted(context.env_dir));
  for (const RunByPython& script : scripts_run_by_python(checkup.state, context.bin_path)) {
    const fs::path folder = script.interpreter.parent_path();
    const bool is_own = folder == context.bin_path || is_same_file(folder, context.bin_path);
    const bool is_there = followed_status_of(script.interpreter).kind == FileKind::file;
    if ((is_own && is_there) || folder == former / context.bin_name) continue;
    if (is_there && !is_scripts_folder(folder)) continue; // somebody's choice
    checkup.add(ProblemCode::script_elsewhere, ProblemLevel::broken, script.path,
                quoted(script.path) + " runs by " + quoted(script.interpreter) +
                    (is_there ? ", of another environment" : ", which is gone"));
  }
}

/// Whether the activation scripts are this header's: no other maker has these two.
VENV_INLINE bool has_our_scripts(const State& state) {
  return std::any_of(state.scripts.begin(), state.scripts.end(), [](const ScriptsEntry& entry) {
    return entry.name == "activate.elv" || entry.name == "activate.xsh";
  });
}

/// The names that the interpreter may have that an activation script names.
VENV_INLINE std::vector<std::string> interpreter_names(const State& state) {
  std::vector<std::string> names;
  for (const ScriptsEntry& entry : state.scripts)
    if (is_interpreter_name(entry.name)) names.push_back(entry.name);
  return names;
}

/// The text of a file; nothing when it can't be read.
VENV_INLINE std::optional<std::string> text_at(const fs::path& path) {
  try {
    return read_file(path);
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// Whether a script is as this header writes it here.
VENV_INLINE bool is_as_written(Context context, const State& state, const Script& script,
                               const std::string& text) {
  for (const std::string& name : interpreter_names(state)) {
    context.env_exe = context.bin_path / path_of(name);
    auto expected =
        replace_variables(script.text, variables_of(context), shell_of(script.name, script.text));
    if (!expected) return true; // nothing is written then
    if (path_of(script.name).extension() == ".bat") expected = with_crlf(*expected);
    if (*expected == text) return true;
  }
  return false;
}

/// Looks at the activation scripts; at those of other makers only whether the one for `sh` is there.
VENV_INLINE void check_activation(Checkup& checkup) {
  const fs::path bin = checkup.context.bin_path;
  const bool ours = has_our_scripts(checkup.state);
  const Context made = context_as_made(checkup.state, checkup.context);
  for (const Script& script : default_scripts().scripts) {
    if (!ours && script.name != "activate") continue;
    const fs::path path = bin / path_of(script.name);
    const auto text = text_at(path);
    if (!text)
      checkup.add(ProblemCode::script_missing, ProblemLevel::broken, path,
                  quoted(path) + (followed_status_of(path).kind == FileKind::missing
                                      ? " is missing"
                                      : " can't be read"));
    else if (ours && !checkup.has(ProblemCode::moved) &&
             !is_as_written(made, checkup.state, script, *text))
      checkup.add(ProblemCode::script_changed, ProblemLevel::change, path,
                  quoted(path) + " is not as it would be written");
  }
}

VENV_DETAIL_END

// ---- src/use/check_packages.hpp -----------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Looks for the directories of packages, and for what other versions left.
VENV_INLINE void check_libraries(Checkup& checkup) {
  const Context& context = checkup.context;
  const auto missing = [&checkup](ProblemLevel level, const fs::path& path) {
    const bool is_link = status_of(path).kind == FileKind::link;
    checkup.add(ProblemCode::library_missing, level, path,
                quoted(path) + (is_link ? " is a link to nothing" : " is missing"));
  };
  if (followed_status_of(context.lib_path).kind != FileKind::directory)
    missing(ProblemLevel::broken, context.lib_path);
  const fs::path lib64 = checkup.env_dir / "lib64";
  if (status_of(lib64).kind != FileKind::missing &&
      followed_status_of(lib64).kind != FileKind::directory)
    missing(ProblemLevel::change, lib64);
  for (const LibraryDirectory& library : checkup.state.libraries) {
    if (library.site_packages == context.lib_path || library.dist_infos.empty()) continue;
    Problem& problem =
        checkup.add(ProblemCode::other_library, ProblemLevel::note, library.site_packages,
                    "packages in " + quoted(library.site_packages) + " are for another Python");
    problem.remedy = "install them again, and delete the directory";
  }
}

/// What of a file isn't as RECORD has it; empty: nothing. `whole`: its bytes are read, too.
VENV_INLINE std::string fault_of(const fs::path& path, const RecordRow& row, bool whole) {
  const FileStatus status = followed_status_of(path);
  if (status.kind == FileKind::missing) return "is missing";
  if (status.kind != FileKind::file) return "is no file";
  if (!row.size.empty() && row.size != std::to_string(status.size)) return "has another size";
  if (!whole || row.hash.compare(0, 7, "sha256=") != 0) return {};
  try {
    return record_hash(MappedFile(path).bytes()) == row.hash ? "" : "has other bytes";
  } catch (const Error&) {
    return "can't be read";
  }
}

/// The files of an installed distribution that are not as its RECORD has them, with what is wrong.
/// Bytecode that is missing is none: Python makes it.
VENV_INLINE std::vector<std::pair<fs::path, std::string>>
faults_of(const fs::path& site_packages, const std::vector<RecordRow>& record, bool whole) {
  std::vector<std::pair<fs::path, std::string>> faults;
  for (const RecordRow& row : record) {
    const fs::path path = (site_packages / path_of(row.path)).lexically_normal();
    std::string fault = fault_of(path, row, whole);
    if (fault == "is missing" && path.extension() == ".pyc") continue;
    if (!fault.empty()) faults.push_back({path, std::move(fault)});
  }
  return faults;
}

/// Looks at pip's programs: each that the installed one has is there and can be run. By what, is told
/// with the other programs.
VENV_INLINE void check_pip_programs(Checkup& checkup, const Installed& pip) {
  const auto points = text_at(pip.dist_info / "entry_points.txt");
  for (const EntryPoint& entry :
       scripts_for(checkup.context.python, parse_entry_points(points.value_or("")).console)) {
    const fs::path program = checkup.context.bin_path / path_of(entry.name);
    if (followed_status_of(program).kind == FileKind::missing)
      checkup.add(ProblemCode::pip_damaged, ProblemLevel::broken, program,
                  quoted(program) + " is missing");
    else if (!is_executable(program))
      checkup.add(ProblemCode::pip_damaged, ProblemLevel::broken, program,
                  quoted(program) + " can't be executed");
  }
}

/// Whether a file of pip's is one of its programs, whose first line may name another Python rightly.
VENV_INLINE bool is_program_of(const Context& context, const fs::path& path) {
  return path.parent_path() == context.bin_path;
}

/// The installed versions of a project; none when there is no directory for packages.
VENV_INLINE std::vector<Installed> installed_in(const fs::path& site_packages,
                                                const std::string& project) {
  if (followed_status_of(site_packages).kind != FileKind::directory) return {};
  return find_installed(site_packages, project);
}

VENV_INLINE void check_pip(Checkup& checkup) {
  const Context& context = checkup.context;
  const std::vector<Installed> found = installed_in(context.lib_path, "pip");
  const fs::path package = context.lib_path / "pip";
  const bool has_remains = status_of(package).kind != FileKind::missing ||
                           status_of(context.bin_path / "pip").kind != FileKind::missing;
  const auto damaged = [&](const fs::path& path, const std::string& what) {
    checkup.add(ProblemCode::pip_damaged, ProblemLevel::broken, path, what);
  };
  if (found.empty() && (has_remains || checkup.options.with_pip))
    return (void)checkup.add(has_remains ? ProblemCode::pip_damaged : ProblemCode::pip_missing,
                             has_remains ? ProblemLevel::broken : ProblemLevel::change, package,
                             has_remains ? "pip is there, and not what describes it: no .dist-info"
                                         : "there is no pip in " + quoted(context.lib_path));
  if (found.empty()) return;
  const Installed& pip = found.front();
  if (found.size() > 1) damaged(pip.dist_info, "pip is installed more than once");
  if (pip.record.empty())
    return damaged(pip.dist_info / "RECORD", "pip has no RECORD that can be read");
  const auto lists = [&pip](const std::string& name) {
    return std::any_of(pip.record.begin(), pip.record.end(),
                       [&name](const RecordRow& row) { return row.path == name; });
  };
  if (!lists("pip/__main__.py")) damaged(pip.dist_info / "RECORD", "pip's RECORD is cut");
  const bool was_moved = checkup.has(ProblemCode::moved);
  for (const auto& [path, fault] : faults_of(context.lib_path, pip.record, true))
    if (!was_moved || !is_program_of(context, path)) damaged(path, quoted(path) + ' ' + fault);
  check_pip_programs(checkup, pip);
}

/// Whether a package is one that the base Python brings, so that it is laid out again. What describes
/// it may be what is damaged: it goes by that one's name.
VENV_INLINE bool is_bundled(const Checkup& checkup, const Distribution& one) {
  const std::vector<std::string> projects = bundled_projects(checkup.context.python);
  const std::string name = normalized_name(one.metadata.substr(0, one.metadata.find('-')));
  return checkup.options.with_pip &&
         std::find(projects.begin(), projects.end(), name) != projects.end();
}

/// Looks at the other packages, by their RECORD: what is missing there, only who installs it again
/// can bring back, unless the base Python brings it.
VENV_INLINE void check_other_packages(Checkup& checkup) {
  for (const Distribution& one : distributions_of(checkup.context, false, true)) {
    if (one.normalized_name == "pip") continue;
    const fs::path metadata = one.directory / path_of(one.metadata);
    std::string what = one.damage.empty() ? "" : quoted(metadata) + ' ' + one.damage;
    if (what.empty() && one.has_record) {
      std::vector<RecordRow> rows;
      for (const DistributionFile& file : one.files)
        rows.push_back({file.path, file.hash, file.size});
      auto faults = faults_of(one.directory, rows, false);
      const auto is_program = [&checkup](const auto& fault) {
        return is_program_of(checkup.context, fault.first) && fault.second == "has another size";
      };
      faults.erase(std::remove_if(faults.begin(), faults.end(), is_program), faults.end());
      if (!faults.empty()) what = quoted(faults[0].first) + ' ' + faults[0].second;
    }
    if (what.empty()) continue;
    Problem& problem =
        checkup.add(ProblemCode::package_damaged, ProblemLevel::note, metadata, what);
    if (is_bundled(checkup, one)) problem.level = ProblemLevel::broken;
    else
      problem.remedy = "install it again: pip install --force-reinstall --no-deps " +
                       (one.name.empty() ? std::string("NAME") : printable(one.name));
  }
}

/// What markers are answered by when no Python is asked: what the environment's files tell.
VENV_INLINE MarkerValues told_markers(const Interpreter& told) {
  Interpreter python = told;
  const SystemNames system = system_names();
  python.machine = system.machine;
  python.os_name = this_os == Os::windows ? "nt" : "posix";
  python.platform = this_os == Os::linux_or_other ? "linux"
                    : this_os == Os::macos        ? "darwin"
                                                  : "win32";
  if (python.implementation_version.empty())
    python.implementation_version = python.version.text() + python.prerelease;
  return marker_values(python);
}

VENV_INLINE std::string text_of(const Missing& missing) {
  const std::string by = missing.required_by.empty() ? "" : " (" + missing.required_by + ')';
  const std::string name = "'" + printable(missing.requirement) + "'" + printable(by);
  switch (missing.reason) {
  case Missing::Reason::other_version:
    return name + " is required, and " + printable(missing.installed) + " is installed";
  case Missing::Reason::other_source:
    return name + " is required, and " + printable(missing.installed) +
           " is installed from elsewhere";
  case Missing::Reason::unreadable: return name + " can't be read: " + missing.detail;
  case Missing::Reason::absent:
  default: return name + " is required, and not installed";
  }
}

VENV_INLINE bool is_empty(const Demands& demands) {
  return demands.required.empty() && demands.places.empty();
}

/// Compares what is required with what is installed, and, where it is to be made anew when that
/// changes, with what was required last.
VENV_INLINE void check_requirements(Checkup& checkup, Demands demands, const Interpreter& told) {
  const auto last = stamp_in(checkup.env_dir);
  if (checkup.options.when_changed == RequirementsChange::recreate && last &&
      last->fields[0] != digest_of(demands))
    checkup.add(ProblemCode::requirements_changed, ProblemLevel::change, checkup.env_dir,
                "what is required has changed");
  if (is_empty(demands)) return;
  const bool with_base = checkup.options.system_site_packages;
  for (const Missing& missing :
       missing_of(std::move(demands), distributions_of(checkup.context, with_base, false),
                  told_markers(told)))
    checkup.add(ProblemCode::requirement_missing, ProblemLevel::change, checkup.context.lib_path,
                text_of(missing));
}

VENV_DETAIL_END

// ---- src/use/check.hpp --------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// The directory that is meant: of an environment that is there, else the one that it would be made in.
VENV_INLINE fs::path directory_meant(const fs::path& place) {
  refuse_bad_name(place);
  const fs::path path = absolute_path(place);
  try {
    return environment_at(path);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_an_environment) throw;
    return environment_meant(path);
  }
}

/// Whether there is an environment at all; notes it when there is none that can be looked at further.
VENV_INLINE bool check_presence(Checkup& checkup) {
  const State& state = checkup.state;
  const auto none = [&](ProblemCode code, const std::string& what) {
    checkup.add(code, ProblemLevel::broken, checkup.env_dir, quoted(checkup.env_dir) + ' ' + what);
    return false;
  };
  if (state.kind == FileKind::missing) {
    const bool is_link = status_of(checkup.env_dir).kind == FileKind::link;
    return none(ProblemCode::no_environment, is_link ? "is a link to nothing" : "doesn't exist");
  }
  if (state.kind != FileKind::directory)
    return none(ProblemCode::no_environment, "is no directory");
  if (state.is_half_made)
    return none(ProblemCode::half_made, state.has_journal
                                            ? "was left by a run that was killed"
                                            : "is an environment that was never finished, or "
                                              "lost its pyvenv.cfg");
  if (!state.is_environment)
    return none(ProblemCode::no_environment,
                state.is_empty ? "is an empty directory" : "has no pyvenv.cfg");
  return true;
}

/// Compares how it was made with what is asked for.
VENV_INLINE void check_options(Checkup& checkup) {
  const auto differs = [&checkup](const std::string& what) {
    checkup.add(ProblemCode::other_options, ProblemLevel::change, checkup.context.cfg_path, what);
  };
  const Options& options = checkup.options;
  const bool sees =
      folded(value_of(checkup.state.cfg, "include-system-site-packages").value_or("true")) ==
      "true";
  if (sees != options.system_site_packages)
    differs(sees ? "it sees the base Python's packages"
                 : "it doesn't see the base Python's packages");
  if (!options.prompt || options.prompt == checkup.context.prompt) return;
  const std::string here = text_of(absolute_path(".").filename());
  if (options.prompt != "." || here != checkup.context.prompt)
    differs("its prompt is '" + printable(checkup.context.prompt) + "'");
}

/// All that is wrong with the environment in `dir` (absolute).
VENV_INLINE std::vector<Problem> problems_of(const fs::path& dir, const EnsureOptions& options) {
  Demands demands = read_demands(options.requirements);
  Checkup checkup(dir, options);
  if (!check_presence(checkup)) return checkup.take();
  check_configuration(checkup);
  check_names(checkup);
  check_home(checkup);
  check_version(checkup);
  check_library_of_base(checkup);
  check_libraries(checkup);
  check_programs(checkup);
  check_activation(checkup);
  check_pip(checkup);
  check_other_packages(checkup);
  check_options(checkup);
  check_request(checkup);
  check_requirements(checkup, std::move(demands), told_python(checkup));
  return checkup.take();
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE std::string name_of(ProblemCode code) {
  constexpr const char* names[] = {"no-environment",
                                   "half-made",
                                   "configuration-wrong",
                                   "interpreter-missing",
                                   "interpreter-gone",
                                   "interpreter-damaged",
                                   "other-version",
                                   "base-upgraded",
                                   "library-missing",
                                   "other-library",
                                   "moved",
                                   "script-missing",
                                   "script-changed",
                                   "script-elsewhere",
                                   "pip-missing",
                                   "pip-damaged",
                                   "package-damaged",
                                   "other-python",
                                   "other-options",
                                   "requirement-missing",
                                   "requirements-changed"};
  return names[static_cast<std::size_t>(code) - 1];
}

VENV_INLINE std::vector<Problem> check(const std::filesystem::path& dir,
                                       const EnsureOptions& options) {
  return detail::problems_of(detail::directory_meant(dir), options);
}

VENV_INLINE std::vector<Problem> check(const std::filesystem::path& dir) {
  EnsureOptions options;
  std::optional<Error> none;
  if (const auto environment = Environment::open(dir, none))
    options.system_site_packages = environment->has_system_site_packages();
  return check(dir, options);
}

VENV_END

// ---- src/use/mend.hpp ---------------------------------------------------------------------------

VENV_DETAIL_BEGIN

VENV_INLINE bool has_code(const std::vector<Problem>& problems, ProblemCode code) {
  return std::any_of(problems.begin(), problems.end(),
                     [code](const Problem& problem) { return problem.code == code; });
}

/// The request for the Python that an environment has, while nothing else is asked for: its base, else
/// one of its minor version; empty when there is none.
VENV_INLINE std::string request_that_keeps(const Context& context, const Options& options) {
  for (const fs::path& program : base_candidates(context))
    if (is_program(program)) return text_of(program);
  std::string minor = context.python.version.minor_text();
  try {
    if (context.python.version[0] == 0) return {};
    (void)find_interpreter(minor, options);
    return minor;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted) throw;
    return {};
  }
}

/// The options by which an environment is made again as it was, except for what is asked for.
VENV_INLINE EnsureOptions options_that_keep(const State& state, const Context& context,
                                            EnsureOptions options) {
  if (!state.is_environment || options.clear) return options;
  const bool has_interpreter =
      std::any_of(state.scripts.begin(), state.scripts.end(),
                  [](const ScriptsEntry& entry) { return is_interpreter_name(entry.name); });
  const auto is_linked = [](const ScriptsEntry& entry) {
    return is_interpreter_name(entry.name) && path_of(entry.target).is_absolute();
  };
  const auto is_own = [](const ScriptsEntry& entry) { // a copy, or a wrapper
    return is_interpreter_name(entry.name) && entry.kind == FileKind::file;
  };
  if (has_interpreter) // of links to a link that is gone, the others are left
    options.symlinks = std::any_of(state.scripts.begin(), state.scripts.end(), is_linked) ||
                       std::none_of(state.scripts.begin(), state.scripts.end(), is_own);
  if (options.python.empty()) options.python = request_that_keeps(context, options);
  if (!options.prompt && value_of(state.cfg, "prompt")) options.prompt = context.prompt;
  const fs::path pip = context.lib_path / "pip";
  options.with_pip = options.with_pip || status_of(pip).kind != FileKind::missing ||
                     !installed_in(context.lib_path, "pip").empty();
  return options;
}

/// Takes away what the base Python brings and is damaged, so that it is laid out anew.
VENV_INLINE void remove_damaged(const Context& context, const std::vector<Problem>& problems,
                                Transaction& transaction) {
  if (!has_code(problems, ProblemCode::pip_damaged) &&
      !has_code(problems, ProblemCode::package_damaged))
    return;
  for (const std::string& project : bundled_projects(context.python))
    for (const Installed& installed : installed_in(context.lib_path, project)) {
      remove_installed(installed, transaction);
      transaction.remove(installed.dist_info);
    }
}

/// Gives programs that ran by a Python of this environment that is gone, or by that of the directory
/// from which it was moved, the first line for the Python that is there now.
VENV_INLINE void mend_programs(const Context& context, const fs::path& former,
                               Transaction& transaction) {
  for (const RunByPython& script :
       scripts_run_by_python(read_state(context.env_dir), context.bin_path)) {
    const fs::path folder = script.interpreter.parent_path();
    const bool is_gone = followed_status_of(script.interpreter).kind == FileKind::missing;
    const bool was_here = !former.empty() && folder == former / context.bin_name;
    if (!was_here && !(is_gone && folder == context.bin_path)) continue;
    fs::path own = context.bin_path / script.interpreter.filename();
    if (followed_status_of(own).kind != FileKind::file) own = context.env_exe;
    const std::string text = read_file(script.path);
    if (const auto head = script_head(text))
      transaction.write(script.path, shebang_for(text_of(own)) + text.substr(head->size));
  }
}

VENV_DETAIL_END

// ---- src/use/ensure.hpp -------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// One call of `ensure`, once the environment is locked.
class Ensuring {
public:
  Ensuring(const fs::path& dir, const EnsureOptions& options)
      : dir_(dir), options_(options), session_(nullptr, dir, options, false) {}

  EnsureResult run() {
    open();
    const bool may_be_stamped = !options_.thorough && !options_.clear;
    if (may_be_stamped && is_as_stamped(dir_, key_of(options_))) // another process was faster
      return {Environment::open(dir_)};
    std::vector<Problem> reasons = find_reasons();
    const bool needs_only_packages =
        std::all_of(reasons.begin(), reasons.end(), [](const Problem& problem) {
          return problem.code == ProblemCode::requirement_missing;
        });
    const bool makes = !needs_only_packages || options_.clear;
    if (makes) make(reasons);
    const DirectoryLock lock = session_.transaction().take_lock(); // until the last file is there
    session_.commit();
    EnsureResult result{Environment::open(dir_), makes, std::move(reasons)};
    install(result);
    write_stamp(context_now(), options_.system_site_packages, options_,
                read_demands(options_.requirements));
    return result;
  }

private:
  void open() {
    LockWait wait;
    wait.limit = options_.lock_timeout;
    wait.stop = session_.stop;
    wait.on_wait = [this](const std::string& holder) {
      session_.say(Report::progress, "waiting for " + holder + ", which makes " + quoted(dir_));
    };
    session_.transaction().open(wait);
  }

  std::vector<Problem> find_reasons() const {
    std::vector<Problem> problems = problems_of(dir_, options_);
    problems.erase(
        std::remove_if(problems.begin(), problems.end(),
                       [](const Problem& problem) { return problem.level == ProblemLevel::note; }),
        problems.end());
    return problems;
  }

  Context context_now() const { return context_of(dir_, read_state(dir_).cfg); }

  /// Creates, completes or repairs it, by what `create` does for a directory that is there.
  void make(const std::vector<Problem>& reasons) {
    for (const Problem& reason : reasons) session_.say(Report::progress, reason.what);
    const State state = read_state(dir_);
    const Context before = context_of(dir_, state.cfg);
    EnsureOptions options = options_that_keep(state, before, options_);
    options.clear = options.clear || has_code(reasons, ProblemCode::requirements_changed);
    options.with_pip = options.with_pip || !is_empty(options.requirements);
    const fs::path former =
        has_code(reasons, ProblemCode::moved) ? former_directory(state, before) : fs::path();
    if (state.is_environment && !options.clear)
      remove_damaged(before, reasons, session_.transaction());
    const Context made = EnvBuilder(options).create(dir_);
    mend_programs(made, former, session_.transaction());
  }

  void install(EnsureResult& result) {
    const Requirements& wanted = options_.requirements;
    if (is_empty(wanted)) return;
    const std::vector<Missing> missing = result.environment.missing(wanted, options_);
    if (missing.empty()) return;
    for (const Missing& one : missing) session_.say(Report::progress, text_of(one));
    const Context context = context_now();
    refuse_without_pip(context, options_.system_site_packages);
    RunOptions run = installing({});
    run.is_cancelled = options_.is_cancelled;
    run.variables = options_.child_variables;
    run.on_line = [this](Stream, std::string_view line) {
      session_.say(Report::progress, std::string(line));
    };
    result.output = run_program(context, "python", pip_arguments(wanted), run).out;
    result.changed = true;
  }

  fs::path dir_;
  const EnsureOptions& options_;
  Session session_;
};

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE EnsureResult ensure(const std::filesystem::path& dir, const EnsureOptions& options) {
  using namespace detail;
  if (options.upgrade)
    throw Error(ErrorCode::invalid_argument,
                "ensure takes no Options::upgrade: it finds out itself");
  const fs::path place = directory_meant(dir);
  refuse_bad_path(place);
  if (!options.thorough && !options.clear && is_as_stamped(place, key_of(options)))
    return {Environment::open(place)};
  return Ensuring(place, options).run();
}

VENV_INLINE std::optional<EnsureResult> ensure(const std::filesystem::path& dir,
                                               const EnsureOptions& options,
                                               std::optional<Error>& error) {
  error.reset();
  try {
    return ensure(dir, options);
  } catch (const Error& thrown) {
    error = thrown;
    return std::nullopt;
  }
}

VENV_END

// ---- src/use/remove.hpp -------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Refuses what is not to be removed; `env_dir` is locked.
VENV_INLINE void refuse_removal(const fs::path& env_dir) {
  const State state = read_state(env_dir);
  refuse_bad_directory(env_dir, state);
  if (!state.own_python.empty()) refuse_prefix(env_dir, state);
  refuse_clear(env_dir, state, false, Emptying::remove);
}

/// Deletes what was moved aside.
VENV_INLINE void delete_aside(const fs::path& env_dir, const fs::path& aside) {
  try {
    remove_tree(aside, Mounts::refuse);
  } catch (const Error& error) {
    Error left(error.code(), std::string(error.what()) + "; what is left of " + quoted(env_dir) +
                                 " lies in " + quoted(aside));
    left.at("remove the environment").on(error.path()).caused_by(error.system_error());
    throw left.advise("Delete it once the reason is gone.");
  }
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE void remove_environment(const std::filesystem::path& env_dir,
                                    std::chrono::milliseconds wait) {
  using namespace detail;
  refuse_bad_name(env_dir);
  const fs::path dir = environment_meant(absolute_path(env_dir));
  const FileKind kind = known_status_of(dir).kind;
  if (kind == FileKind::link)
    throw refused_to_empty(dir, "it is a link to " + quoted(link_target(dir)), Emptying::remove)
        .advise("Remove that, then the link.");
  if (kind == FileKind::missing) throw refused_to_empty(dir, "it isn't there", Emptying::remove);
  LockWait waiting;
  waiting.limit = wait;
  const DirectoryLock lock(dir, waiting);
  if (!lock.holds(dir)) throw refused_to_empty(dir, "it isn't there", Emptying::remove);
  refuse_removal(dir);
  const fs::path aside = name_beside(dir);
  rename_file(dir, aside);
  delete_aside(dir, aside);
}

VENV_INLINE bool remove_environment(const std::filesystem::path& env_dir,
                                    std::optional<Error>& error, std::chrono::milliseconds wait) {
  error.reset();
  try {
    remove_environment(env_dir, wait);
    return true;
  } catch (const Error& thrown) {
    error = thrown;
    return false;
  }
}

VENV_END

// ---- src/program/interruption.hpp ---------------------------------------------------------------

VENV_DETAIL_BEGIN

/// The signal that asked this process to end, 0 while there was none. Only an atomic: a signal handler
/// writes it. Below the program nobody reads it: there it is a `StopRequest`.
struct Interruption {
  std::atomic<int> signal{0};
};

inline Interruption interruption;

VENV_INLINE void note_interruption(int signal) { interruption.signal = signal; }

VENV_DETAIL_END

// ---- src/program/options.hpp --------------------------------------------------------------------

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
    {"--ensure", "", "do nothing when ENV_DIR is what is asked for; else make or mend it",
     [](CommandLine& c, const std::string&) { c.action = Action::ensure; },
     for_ensure | mark_action},
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
    {"--list-pythons", "", "print which Pythons are found (that --python asks for), and end",
     [](CommandLine& c, const std::string&) { c.action = Action::list_pythons; },
     for_listing | mark_action},
    {"--json", "", "with --check, --info or --list-pythons: as JSON",
     [](CommandLine& c, const std::string&) { c.json = true; },
     set_of(Action::check) | set_of(Action::info) | for_listing},
    {"--force", "", "with --clear: also a directory that is no environment",
     [](CommandLine& c, const std::string&) { c.options.force = true; }, for_make},
    {"--durable", "", "all reaches the disk before the environment is one",
     [](CommandLine& c, const std::string&) { c.options.durable = true; }, for_making},
    {"--no-compile-bytecode", "", "leave pip uncompiled",
     [](CommandLine& c, const std::string&) { c.options.compile_bytecode = false; }, for_making},
    {"--pip-wheel-dir", "DIR", "where pip's wheel (and setuptools') is looked for first",
     [](CommandLine& c, const std::string& value) { c.options.pip_wheel_dir = path_of(value); },
     for_making},
    {"--no-cache", "", "remember nothing, and use nothing remembered",
     [](CommandLine& c, const std::string&) { c.options.cache = false; }, for_all},
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

// ---- src/program/activation_hint.hpp ------------------------------------------------------------

VENV_DETAIL_BEGIN

/// How a shell activates an environment: the words around the quoted path of its script.
struct ActivationForm {
  std::string_view names; ///< the programs, each between spaces
  Shell shell;
  std::string_view before, script, after;
};

inline constexpr ActivationForm activation_forms[] = {
    {" bash zsh ksh ", Shell::posix, "source ", "activate", ""},
    {" sh dash ash mksh lksh busybox ", Shell::posix, ". ", "activate", ""},
    {" fish ", Shell::fish, "source ", "activate.fish", ""},
    {" csh tcsh bsd-csh ", Shell::csh, "source ", "activate.csh", ""},
    {" pwsh pwsh-preview powershell ", Shell::powershell, "& ", "Activate.ps1", ""},
    {" cmd ", Shell::cmd, "\"", "activate.bat", "\""},
    {" nu ", Shell::nushell, "overlay use ", "activate.nu", ""},
    {" xonsh ", Shell::xonsh, "source @(", "activate.xsh",
     ")"}, // else it looks for $variables in it
    {" elvish ", Shell::elvish, "eval (slurp < ", "activate.elv", ")"},
};

/// The form of the shell that `program` is, by its name (`/bin/ksh93`, `-bash`, `pwsh.exe`); null if
/// it is none that there is a script for.
VENV_INLINE const ActivationForm* activation_form_of(std::string_view program) {
  program.remove_prefix(program.find_last_of("/\\") + 1);
  if (program.substr(0, 1) == "-") program.remove_prefix(1); // a login shell
  const std::string word =
      ' ' + std::string(program.substr(0, program.find_first_of("0123456789."))) + ' ';
  for (const ActivationForm& form : activation_forms)
    if (word.size() > 2 && form.names.find(word) != std::string_view::npos) return &form;
  return nullptr;
}

/// The form of the first of the programs `above` that there is one for, else of `usual`, else of the
/// system's own shell.
VENV_INLINE const ActivationForm& form_in_use(Os os, const std::vector<std::string>& above,
                                              std::string_view usual) {
  const ActivationForm* form = nullptr;
  for (const std::string& name : above)
    if (!form) form = activation_form_of(name);
  if (!form) form = activation_form_of(usual);
  return form ? *form : *activation_form_of(os == Os::windows ? "cmd" : "sh");
}

/// That of the shell that this process was started from, else of the one that `$SHELL` names.
VENV_INLINE const ActivationForm& form_in_use() {
  return form_in_use(this_os, ancestor_names(), variable("SHELL").value_or(std::string()));
}

/// The command that runs an activation script in its shell, quoted by that shell's rule; nothing when
/// the shell has no way to write its path.
VENV_INLINE std::optional<std::string> activation_command(const ActivationForm& form,
                                                          const std::string& script) {
  const auto literal = quote(form.shell, script);
  if (!literal) return std::nullopt;
  // cmd's rule is that of batch files: what is typed has no doubled %, only double quotes around it.
  const bool typed_as_is = form.shell == Shell::cmd;
  return std::string(form.before) + (typed_as_is ? script : *literal) + std::string(form.after);
}

/// The command that activates the environment whose scripts are in `bin`, in the shell that the user is
/// in. One that can't be written is shown as it would be.
VENV_INLINE std::string activation_command(const std::string& bin, Os os,
                                           const std::vector<std::string>& above,
                                           std::string_view usual) {
  const ActivationForm& form = form_in_use(os, above, usual);
  const std::string script = bin + (os == Os::windows ? '\\' : '/') + std::string(form.script);
  return activation_command(form, script)
      .value_or(std::string(form.before) + script + std::string(form.after));
}

/// The same for this process.
VENV_INLINE std::string activation_command(const fs::path& bin) {
  return activation_command(text_of(bin), this_os, ancestor_names(),
                            variable("SHELL").value_or(std::string()));
}

VENV_DETAIL_END

// ---- src/program/arguments.hpp ------------------------------------------------------------------

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
  if (wanted.files.empty()) wanted = {}; // how nothing is installed means nothing
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

// ---- src/program/help.hpp -----------------------------------------------------------------------

VENV_DETAIL_BEGIN

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

/// How an option is spelled: `--requirement, -r FILE`.
VENV_INLINE std::string spelling_of(const ProgramOption& option) {
  std::string text(option.name);
  if (option.letter) (text += ", -") += option.letter;
  if (!option.value.empty()) (text += ' ') += option.value;
  return text;
}

VENV_INLINE std::string help_text(const Program& program) {
  std::string text =
      usage_text(program.name) + "       " + program.name +
      " --run ENV_DIR -- PROGRAM [ARGUMENT ...]\n"
      "\nMakes Python virtual environments in one or more directories, and uses them.\n\n"
      "arguments:\n" +
      help_entry("ENV_DIR", "a directory, a new one or one that is there; what lies in it "
                            "stays\nunless --clear is given") +
      "\noptions:\n";
  for (const ProgramOption& option : known_options(program.options))
    text += help_entry(spelling_of(option), std::string(option.help));
  return text +
         "\nAn environment is then activated, in sh, bash or zsh by\n\n"
         "    . ENV_DIR/bin/activate\n\n"
         "and in other shells by activate.fish, activate.csh, Activate.ps1, activate.bat,\n"
         "activate.nu, activate.xsh or activate.elv beside it; on a terminal this program\n"
         "prints the command for the shell in use. An option may be shortened to what begins\n"
         "no other one, or no other of python -m venv's. Exit code: 0; 1 on failure; 2 for a\n"
         "wrong command line; with --run the program's, 127 when there is none, 126 when it\n"
         "can't be started.\n";
}

VENV_DETAIL_END

// ---- src/program/output.hpp ---------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Writes all of it, or says that it could not (a full disk, a closed pipe).
VENV_INLINE bool print(std::FILE* stream, const std::string& text) {
  if (write_to_terminal(stream == stderr, text)) return true;
  return std::fwrite(text.data(), 1, text.size(), stream) == text.size() &&
         std::fflush(stream) == 0;
}

VENV_INLINE int print_result(const std::string& text) {
  if (print(stdout, text)) return 0;
  print(stderr, "Error: cannot write to standard output\n");
  return 1;
}

/// What the library says of its own calls and fields, in the words of the program's user.
VENV_INLINE std::string in_options(std::string text) {
  constexpr std::pair<std::string_view, std::string_view> words[] = {
      {"venv::ensure, or venv::create in the same directory, mends it", "--ensure mends it"},
      {"Options::with_pip = false", "--without-pip"},
      {"Make it with pip (Options::with_pip)", "Make it with pip"},
      {"Options::pip_wheel_dir", "--pip-wheel-dir"},
      {"Options::symlinks", "--symlinks"},
      {"Options::python", "--python"},
      {"Options::force", "--force"},
  };
  for (const auto& [library, program] : words)
    if (const std::size_t at = text.find(library); at != std::string::npos)
      text.replace(at, library.size(), program);
  return text;
}

/// What helps when pip failed; empty where that is not known.
VENV_INLINE std::string pip_hint(const PipReport& report) {
  const std::string name = report.package.empty() ? "it" : "'" + printable(report.package) + "'";
  switch (report.failure) {
  case PipFailure::not_found:
    return "There is no " + name + " where pip looked, or none for this platform and Python.";
  case PipFailure::no_such_version: return "There are other versions of " + name + ".";
  case PipFailure::other_python: return name + " is for other versions of Python: --python.";
  case PipFailure::unreachable:
    return "The package index can't be reached. With --offline and --wheel-dir none is asked.";
  case PipFailure::hash:
    return "The hash of " + name + " is missing in the requirements, or the file has another.";
  case PipFailure::conflict: return "These exclude each other: " + printable(report.package) + '.';
  case PipFailure::no_compiler:
    return name + " has to be compiled, and there is no C compiler. --only-binary :all: takes what "
                  "needs none.";
  case PipFailure::not_built: return name + " can't be built from its sources.";
  case PipFailure::no_space: return "The disk is full.";
  case PipFailure::denied: return "A file may not be written or read by this user.";
  case PipFailure::unknown:
  default: return {};
  }
}

VENV_INLINE std::string hint_of(const Error& error) {
  if (const std::string hint = pip_hint(pip_failure(error)); !hint.empty()) return hint;
  const std::string hint = in_options(error.hint());
  const bool of_system = text_of(error.path()).rfind("/usr/lib/python3", 0) == 0;
  if (error.code() == ErrorCode::pip_unavailable && of_system)
    return "On Debian and Ubuntu: apt install python3-venv. " + hint;
  return hint;
}

VENV_INLINE int print_error(const Error& error) {
  std::string text = error.output();
  if (!text.empty() && text.back() != '\n') text += '\n';
  text += "Error: " + std::string(error.what()) + '\n';
  if (const std::string hint = hint_of(error); !hint.empty()) text += "Hint: " + hint + '\n';
  print(stderr, text);
  return 1;
}

VENV_DETAIL_END

// ---- src/program/json.hpp -----------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// `text` as a JSON string. A byte that is no UTF-8 becomes the surrogate that Python has for it.
VENV_INLINE std::string json_string(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string json = "\"";
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.front());
    std::size_t size = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    const bool whole = size <= text.size() && is_utf8(text.substr(0, size));
    if (!whole) size = 1;
    if (byte == '"' || byte == '\\') (json += '\\') += text.front();
    else if (byte < 0x20 || !whole)
      ((json += whole ? "\\u00" : "\\udc") += digits[byte >> 4]) += digits[byte & 15];
    else json += text.substr(0, size);
    text.remove_prefix(size);
  }
  return json + '"';
}

VENV_INLINE std::string json_bool(bool value) { return value ? "true" : "false"; }

/// `text`, or null when there is none.
VENV_INLINE std::string json_string_or_null(std::string_view text) {
  return text.empty() ? "null" : json_string(text);
}

/// One JSON object in one line, built member by member; `value` is JSON.
class JsonObject {
public:
  JsonObject& add(std::string_view key, const std::string& value) {
    text_ += (text_.size() > 1 ? ", " : "") + json_string(key) + ": " + value;
    return *this;
  }
  std::string text() const { return text_ + '}'; }

private:
  std::string text_ = "{";
};

/// A list of JSON values, each in a line of its own.
VENV_INLINE std::string json_list(const std::vector<std::string>& values) {
  std::string json = "[";
  for (const std::string& value : values) json += (json.size() > 1 ? ",\n " : "\n ") + value;
  return json + (values.empty() ? "]" : "\n]");
}

VENV_DETAIL_END

// ---- src/program/choose_python.hpp --------------------------------------------------------------

VENV_DETAIL_BEGIN

/// The first request of a project's file for which there is a Python; the last one's error where there
/// is none for any.
VENV_INLINE std::string first_found(const VersionFile& file, const Options& options) {
  for (std::size_t i = 0; i + 1 < file.requests.size(); ++i) try {
      (void)find_interpreter(file.requests[i], options);
      return file.requests[i];
    } catch (const Error& error) {
      if (error.code() == ErrorCode::interrupted) throw;
    }
  return file.requests.back();
}

/// Which Python the program is to take, in this order: `--python`, `$VENV_HPP_PYTHON`, the nearest
/// `.python-version`; and what said so.
VENV_INLINE void choose_python(Options& options, bool reads_version_file) {
  if (variable("VENV_HPP_NO_CACHE").value_or("0") != "0") options.cache = false;
  if (!options.python.empty()) {
    options.python_origin = "--python";
  } else if (const auto value = variable("VENV_HPP_PYTHON")) {
    options.python = *value;
    options.python_origin = "$VENV_HPP_PYTHON";
  } else if (reads_version_file) {
    const auto file = nearest_version_file(working_directory());
    if (!file) return;
    options.python = first_found(*file, options);
    options.python_origin = quoted(file->path);
  }
}

VENV_DETAIL_END

// ---- src/program/list_pythons.hpp ---------------------------------------------------------------

VENV_DETAIL_BEGIN

/// One Python as a JSON object; what isn't known of it is null.
VENV_INLINE std::string json_of(const FoundPython& found) {
  JsonObject object;
  object.add("executable", json_string(text_of(found.executable)))
      .add("source", json_string(name_of(found.source)))
      .add("rejected", json_string_or_null(found.rejected));
  const auto& python = found.interpreter;
  const auto add = [&](const char* key, const std::string& value) {
    object.add(key, python ? value : "null");
  };
  const Interpreter known = python.value_or(Interpreter{});
  add("base_executable", json_string(text_of(known.base_executable)));
  add("implementation", json_string(known.implementation.name()));
  add("version", json_string(known.version.text() + known.prerelease));
  add("architecture", json_string(known.machine));
  add("bits", known.is_64bit ? "64" : "32");
  add("free_threaded", json_bool(known.free_threaded));
  add("debug", json_bool(known.debug));
  return object.text();
}

VENV_INLINE std::string json_of(const std::vector<FoundPython>& pythons) {
  std::vector<std::string> objects;
  for (const FoundPython& found : pythons) objects.push_back(json_of(found));
  return json_list(objects) + '\n';
}

/// A table for people: what it is, where it comes from, its path; then what was rejected, and why.
VENV_INLINE std::string text_list(const std::vector<FoundPython>& pythons) {
  std::string fitting, rejected;
  const auto padded = [](std::string text, std::size_t size) {
    text.resize((std::max)(size, text.size()), ' ');
    return text + ' ';
  };
  for (const FoundPython& found : pythons) {
    const std::string path = printable(text_of(found.executable));
    if (!found.rejected.empty())
      rejected += "  " + path + " (" + name_of(found.source) + ") " + found.rejected + '\n';
    else if (found.interpreter)
      fitting += padded(describe(*found.interpreter), 22) + padded(found.interpreter->machine, 8) +
                 padded(name_of(found.source), 11) + path + '\n';
  }
  return fitting + (rejected.empty() ? "" : "Rejected:\n" + rejected);
}

/// What `--list-pythons` prints, and whether any of them fits.
VENV_INLINE std::pair<std::string, bool> list_pythons(const Options& options, bool json) {
  const std::vector<FoundPython> pythons = find_interpreters(options.python, options);
  const bool any = std::any_of(pythons.begin(), pythons.end(),
                               [](const FoundPython& found) { return found.rejected.empty(); });
  return {json ? json_of(pythons) : text_list(pythons), any};
}

VENV_DETAIL_END

// ---- src/program/stamping.hpp -------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Refuses what would be lost if it became a stamp.
VENV_INLINE void refuse_as_stamp(const fs::path& path) {
  const FileStatus status = followed_status_of(path);
  if (status.kind == FileKind::missing || (status.kind == FileKind::file && status.size == 0))
    return;
  throw Error(ErrorCode::invalid_argument, quoted(path) + " is no stamp: it is not an empty file")
      .at("write the stamp")
      .on(path);
}

/// A path as make and Ninja read it in a list of what a file depends on. Backslashes stand for themselves,
/// unless what follows is a space. Ninja has no way to read a quote, nor one of `*?&|<>^`: it takes such a
/// path for others, which aren't there, and asks again each time.
VENV_INLINE std::string name_in_depfile(const std::string& path) {
  std::string text;
  std::size_t backslashes = 0;
  for (const char c : path) {
    if (has_control_character({&c, 1}) || c == ';')
      throw Error(ErrorCode::invalid_argument,
                  quoted(path_of(path)) + " can't be named in a file for make or Ninja")
          .at("write the depfile")
          .on(path_of(path));
    const bool is_of_drive = c == ':' && this_os == Os::windows && text.size() == 1;
    if (c == ' ') text.append(backslashes + 1, '\\');
    else if (c == '#' || c == '|' || (c == ':' && !is_of_drive)) text += '\\';
    else if (c == '$') text += '$';
    text += c;
    backslashes = c == '\\' ? backslashes + 1 : 0;
  }
  return text;
}

/// `stamp: a b`, and a rule without a recipe for each of these, so that make goes on when one is gone.
VENV_INLINE std::string depfile_text(const std::string& stamp,
                                     const std::vector<std::string>& paths) {
  std::string text = name_in_depfile(stamp) + ':', rules;
  for (const std::string& path : paths) {
    text += " \\\n  " + name_in_depfile(path);
    rules += name_in_depfile(path) + ":\n";
  }
  return text + '\n' + rules;
}

/// What the environments depend on: for each the file that runs as its Python, and its `pyvenv.cfg`, so
/// that one that was deleted is made again; and each requirements file. make would take a first name with
/// an equals sign for a variable: an interpreter's has seldom one.
VENV_INLINE std::vector<std::string> dependencies_of(const CommandLine& line) {
  std::vector<std::string> paths;
  const auto add = [&paths](const fs::path& path) {
    const std::string text = text_of(path);
    if (std::find(paths.begin(), paths.end(), text) == paths.end()) paths.push_back(text);
  };
  for (const std::string& env_dir : line.env_dirs) {
    const Environment environment = Environment::open(path_of(env_dir));
    if (const auto python = resolved(environment.python())) add(*python);
    add(environment.directory() / "pyvenv.cfg");
  }
  for (const fs::path& file : read_demands(line.options.requirements).files) add(file);
  return paths;
}

/// Writes what build tools look at: the stamp when something changed or it is missing, the depfile when it
/// would say something else.
VENV_INLINE void write_stamps(const CommandLine& line, bool changed) {
  if (!line.depfile.empty()) {
    const fs::path depfile = path_of(line.depfile);
    const std::string text = depfile_text(line.stamp, dependencies_of(line));
    const bool is_there = followed_status_of(depfile).kind == FileKind::file;
    if (!is_there || read_file(depfile) != text) write_file(depfile, text);
  }
  const fs::path stamp = path_of(line.stamp);
  if (line.stamp.empty()) return;
  if (changed || followed_status_of(stamp).kind == FileKind::missing) write_file(stamp, "");
}

VENV_DETAIL_END

// ---- src/program/making.hpp ---------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Whether somebody wants to read what was done.
VENV_INLINE bool is_talkative(const CommandLine& line) {
  return !line.quiet && (line.verbose || stderr_is_terminal());
}

VENV_INLINE std::unique_ptr<EnvBuilder> builder_of(const Program& program, const Options& options) {
  std::unique_ptr<EnvBuilder> own = program.make_builder ? program.make_builder(options) : nullptr;
  return own ? std::move(own) : std::make_unique<EnvBuilder>(options);
}

/// Has steps and warnings said; `end` stands behind a step.
VENV_INLINE void report_to_stderr(CommandLine& line, const char* end) {
  if (line.quiet) return;
  const bool steps = is_talkative(line);
  line.options.report = [steps, end](Report kind, const std::string& said) {
    if (kind == Report::warning) print(stderr, "Warning: " + said + '\n');
    else if (steps) print(stderr, said + end);
  };
}

/// Has the environment's pip install what is asked for.
VENV_INLINE void install_requirements(const fs::path& env_dir, const EnsureOptions& options) {
  if (is_empty(options.requirements)) return;
  RunOptions run;
  run.is_cancelled = options.is_cancelled;
  run.variables = options.child_variables;
  run.on_line = [&options](Stream, std::string_view said) {
    if (options.report) options.report(Report::progress, std::string(said));
  };
  Environment::open(env_dir).install(options.requirements, run);
}

VENV_INLINE int make_environments(CommandLine& line, const Program& program) {
  EnsureOptions& options = line.options;
  if (options.upgrade && options.clear)
    throw Error(ErrorCode::invalid_argument, "--upgrade and --clear exclude each other");
  report_to_stderr(line, is_empty(options.requirements) ? "...\n" : "\n");
  const std::unique_ptr<EnvBuilder> builder = builder_of(program, options);
  for (const std::string& env_dir : line.env_dirs) {
    const Context context = builder->create(path_of(env_dir));
    install_requirements(context.env_dir, options);
    if (is_talkative(line))
      print(stderr, "Made " + quoted(context.env_dir) + " with " + describe(context.python) + " (" +
                        text_of(context.executable) +
                        (options.python_origin.empty() ? "" : ", by " + options.python_origin) +
                        ")\nActivate it: " + activation_command(context.bin_path) + '\n');
  }
  return 0;
}

VENV_INLINE int ensure_environments(CommandLine& line) {
  report_to_stderr(line, "\n");
  if (!line.stamp.empty()) refuse_as_stamp(path_of(line.stamp));
  bool changed = false;
  for (const std::string& env_dir : line.env_dirs) {
    const EnsureResult result = ensure(path_of(env_dir), line.options);
    changed = changed || result.changed;
    const Environment& environment = result.environment;
    if (is_talkative(line))
      print(stderr, (result.changed ? "Made " : "Nothing to do for ") +
                        quoted(environment.directory()) + ", which has Python " +
                        environment.version().text() +
                        "\nActivate it: " + activation_command(environment.scripts()) + '\n');
  }
  write_stamps(line, changed);
  return 0;
}

VENV_DETAIL_END

// ---- src/program/checking.hpp -------------------------------------------------------------------

VENV_DETAIL_BEGIN

VENV_INLINE std::string name_of(ProblemLevel level) {
  switch (level) {
  case ProblemLevel::note: return "note";
  case ProblemLevel::change: return "change";
  case ProblemLevel::broken:
  default: return "broken";
  }
}

VENV_INLINE std::string json_of(const std::string& env_dir, const Problem& problem) {
  return JsonObject()
      .add("env_dir", json_string(env_dir))
      .add("level", json_string(name_of(problem.level)))
      .add("code", json_string(name_of(problem.code)))
      .add("path", json_string(text_of(problem.path)))
      .add("what", json_string(problem.what))
      .add("remedy", json_string(in_options(problem.remedy)))
      .add("mended_in_place", json_bool(problem.is_mended_in_place))
      .text();
}

/// `broken: interpreter-gone: what; remedy`
VENV_INLINE std::string line_of(const Problem& problem) {
  return name_of(problem.level) + ": " + name_of(problem.code) + ": " + problem.what + "; " +
         in_options(problem.remedy) + '\n';
}

/// Prints what is wrong, one line for each; 0 when nothing has to be done, 3 when something would be
/// changed, 4 when something is broken.
VENV_INLINE int check_environments(const CommandLine& line) {
  ProblemLevel worst = ProblemLevel::note;
  std::string text;
  std::vector<std::string> objects;
  for (const std::string& env_dir : line.env_dirs)
    for (const Problem& problem : check(path_of(env_dir), line.options)) {
      worst = (std::max)(worst, problem.level);
      if (line.json) objects.push_back(json_of(env_dir, problem));
      else text += (line.env_dirs.size() > 1 ? printable(env_dir) + ": " : "") + line_of(problem);
    }
  if (const int failed = print_result(line.json ? json_list(objects) + '\n' : text)) return failed;
  return worst == ProblemLevel::note ? 0 : worst == ProblemLevel::change ? 3 : 4;
}

VENV_DETAIL_END

// ---- src/program/describing.hpp -----------------------------------------------------------------

VENV_DETAIL_BEGIN

/// An environment as its files tell it, and where its base Python is; empty where that is gone.
struct Described {
  Environment environment;
  Context context{};
  fs::path base{};
  std::vector<Distribution> distributions{};
};

VENV_INLINE Described describe(const fs::path& place) {
  Described described{Environment::open(place)};
  const Environment& environment = described.environment;
  described.context = context_of(environment.directory(), read_state(environment.directory()).cfg);
  for (const fs::path& program : base_candidates(described.context))
    if (described.base.empty() && is_program(program)) described.base = program;
  described.distributions =
      distributions_of(described.context, environment.has_system_site_packages(), false);
  return described;
}

VENV_INLINE std::string json_of(const Distribution& one) {
  return JsonObject()
      .add("name", json_string_or_null(one.name))
      .add("version", json_string_or_null(one.version))
      .add("directory", json_string(text_of(one.directory)))
      .add("installer", json_string_or_null(one.installer))
      .add("requested", json_bool(one.is_requested))
      .add("editable", json_bool(one.is_editable))
      .add("direct_url", json_string_or_null(one.direct_url))
      .add("damage", json_string_or_null(one.damage))
      .text();
}

VENV_INLINE std::string json_of(const Described& described) {
  const Environment& environment = described.environment;
  std::vector<std::string> distributions;
  for (const Distribution& one : described.distributions) distributions.push_back(json_of(one));
  return JsonObject()
             .add("directory", json_string(text_of(environment.directory())))
             .add("python", json_string(text_of(environment.python())))
             .add("version", json_string(environment.version().text()))
             .add("implementation", json_string(environment.implementation().name()))
             .add("scripts", json_string(text_of(environment.scripts())))
             .add("site_packages", json_string(text_of(environment.site_packages())))
             .add("platlib", json_string(text_of(environment.platlib())))
             .add("prompt", json_string(environment.prompt()))
             .add("system_site_packages", json_bool(environment.has_system_site_packages()))
             .add("home", json_string(text_of(described.context.python_dir)))
             .add("base", json_string_or_null(text_of(described.base)))
             .add("size", std::to_string(environment.size()))
             .add("distributions", json_list(distributions))
             .text() +
         '\n';
}

VENV_INLINE std::string text_of(const Described& described) {
  const Environment& environment = described.environment;
  std::string text;
  const auto add = [&text](std::string name, const std::string& value) {
    name.resize(15, ' ');
    text += name + printable(value) + '\n';
  };
  add("directory", text_of(environment.directory()));
  add("python", text_of(environment.python()));
  add("version", environment.version().text() + " (" + environment.implementation().name() + ')');
  add("scripts", text_of(environment.scripts()));
  add("site-packages", text_of(environment.site_packages()));
  if (environment.platlib() != environment.site_packages())
    add("platlib", text_of(environment.platlib()));
  add("prompt", environment.prompt());
  if (environment.has_system_site_packages()) add("sees", "the packages of its base");
  const std::string home = text_of(described.context.python_dir);
  add("base", described.base.empty() ? "gone from " + home : text_of(described.base));
  const std::uint64_t size = environment.size();
  add("size", std::to_string(size) + " bytes");
  for (const Distribution& one : described.distributions)
    add("installed", one.damage.empty()
                         ? one.name + ' ' + one.version
                         : text_of(one.directory / path_of(one.metadata)) + ' ' + one.damage);
  return text;
}

VENV_INLINE int describe_environment(const CommandLine& line) {
  const Described described = describe(path_of(line.env_dirs.front()));
  return print_result(line.json ? json_of(described) : text_of(described));
}

VENV_DETAIL_END

// ---- src/program/using.hpp ----------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Becomes the program, with the exit codes of `env` and shells where it can't: 127 when there is none, 126
/// when it can't be started.
VENV_INLINE int run_in_environment(const CommandLine& line) {
  const Environment environment = Environment::open(path_of(line.env_dirs.front()));
  const std::string& name = line.command.front();
  RunCommand command;
  try {
    command = environment.command(name, {line.command.begin() + 1, line.command.end()});
  } catch (const Error& error) {
    print_error(error);
    return error.step() == "start" ? 127 : 1;
  }
  try {
    return replace_process(command);
  } catch (const Error& error) {
    print_error(error);
    return followed_status_of(command.program).kind == FileKind::missing ? 127 : 126;
  }
}

/// Prints the command that activates the environment in the shell that is named.
VENV_INLINE int print_activation(const CommandLine& line) {
  const Environment environment = Environment::open(path_of(line.env_dirs.front()));
  const bool is_found = line.shell.empty() || line.shell == "auto";
  const ActivationForm& form =
      is_found ? form_in_use() : *activation_form_of(line.shell); // it was looked at when read
  const fs::path script = environment.scripts() / path_of(form.script);
  if (followed_status_of(script).kind != FileKind::file)
    throw Error(ErrorCode::io, quoted(environment.directory()) + " has no script for this shell: " +
                                   quoted(script) + " is missing")
        .at("activate")
        .on(script);
  const auto command = activation_command(form, text_of(script));
  if (!command)
    throw Error(ErrorCode::invalid_argument,
                quoted(script) + " can't be written in the language of this shell")
        .at("activate")
        .on(script);
  return print_result(*command + '\n');
}

/// Waits in short pieces, as a signal is to end it.
VENV_INLINE void remove_patiently(const fs::path& env_dir, std::chrono::milliseconds limit) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds piece(200);
  const auto end = Clock::now() + limit;
  for (;;) try {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
      return remove_environment(env_dir, std::clamp(left, std::chrono::milliseconds(0), piece));
    } catch (const Error& error) {
      if (interruption.signal != 0) throw Error(ErrorCode::interrupted, "interrupted");
      if (error.code() != ErrorCode::busy || Clock::now() >= end) throw;
    }
}

VENV_INLINE int remove_environments(const CommandLine& line) {
  for (const std::string& env_dir : line.env_dirs) {
    const fs::path dir = absolute_path(path_of(env_dir));
    if (interruption.signal != 0) throw Error(ErrorCode::interrupted, "interrupted");
    remove_patiently(path_of(env_dir), line.options.lock_timeout);
    if (is_talkative(line)) print(stderr, "Removed " + quoted(dir) + '\n');
  }
  return 0;
}

VENV_DETAIL_END

// ---- src/program/command_line.hpp ---------------------------------------------------------------

VENV_DETAIL_BEGIN

VENV_INLINE std::string version_text() {
  return dotted({VENV_VERSION_MAJOR, VENV_VERSION_MINOR, VENV_VERSION_PATCH});
}

/// Does what the line asks for. Only what needs a base Python chooses one.
VENV_INLINE int act(CommandLine& line, const Program& program) {
  switch (line.action) {
  case Action::info: return describe_environment(line);
  case Action::activate: return print_activation(line);
  case Action::remove: return remove_environments(line);
  default: break;
  }
  choose_python(line.options, line.version_file && line.action != Action::list_pythons);
  switch (line.action) {
  case Action::ensure: return ensure_environments(line);
  case Action::check: return check_environments(line);
  case Action::list_pythons: {
    const auto [text, any] = list_pythons(line.options, line.json);
    return print_result(text) || !any;
  }
  case Action::make:
  default: return make_environments(line, program);
  }
}

VENV_INLINE int run_program(const std::vector<std::string>& words, const Program& program) {
  try {
    std::string error;
    std::optional<CommandLine> line = parse_arguments(words, error, program.options);
    if (line && line->action == Action::ensure && program.make_builder) {
      error = "--ensure doesn't do what " + program.name + " does besides";
      line.reset();
    }
    if (!line) {
      print(stderr, usage_text(program.name) + program.name + ": error: " + error + '\n');
      return 2;
    }
    if (line->action == Action::print_help) return print_result(help_text(program));
    if (line->action == Action::print_version)
      return print_result("venv.hpp " + version_text() + '\n');
    if (line->action == Action::run) return run_in_environment(*line); // which hears signals itself
    const InterruptGuard guard(note_interruption);
    line->options.is_cancelled = [] { return interruption.signal != 0; };
    return act(*line, program);
  } catch (const Error& error) {
    const int signal = interruption.signal;
    if (error.code() == ErrorCode::interrupted && signal) InterruptGuard::die(signal);
    return print_error(error);
  } catch (const std::exception& error) {
    return print_error(Error(ErrorCode::io, error.what()));
  }
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE int main(int argc, const char* const* argv) { return main(argc, argv, Program()); }

VENV_INLINE int main(int argc, const char* const* argv, const Program& program) {
  std::vector<std::string> words = detail::own_arguments(argc, argv);
  if (!words.empty()) words.erase(words.begin());
  return detail::run_program(words, program);
}

VENV_END

#endif // the implementation

// ---- src/undef.hpp ------------------------------------------------------------------------------

// The macros that hold the parts together are nobody else's business.
#undef VENV_INLINE
#undef VENV_HIDDEN
#undef VENV_REFUSED
#undef VENV_ABI
#undef VENV_BEGIN
#undef VENV_END
#undef VENV_DETAIL_BEGIN
#undef VENV_DETAIL_END

// How <windows.h> was asked to come. Its own macros stay: the system's other headers are made of them.
#if defined(VENV_BRINGS_LEAN)
#undef WIN32_LEAN_AND_MEAN
#undef VENV_BRINGS_LEAN
#endif
#if defined(VENV_BRINGS_NOMINMAX)
#undef NOMINMAX
#undef VENV_BRINGS_NOMINMAX
#endif

// =================================================================================================
// MIT License
//
// Copyright (c) 2026 the venv.hpp authors
//
// Permission is hereby granted, free of charge, to any person obtaining a copy
// of this software and associated documentation files (the "Software"), to deal
// in the Software without restriction, including without limitation the rights
// to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
// copies of the Software, and to permit persons to whom the Software is
// furnished to do so, subject to the following conditions:
//
// The above copyright notice and this permission notice shall be included in all
// copies or substantial portions of the Software.
//
// THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
// IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
// FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
// AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
// LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
// OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
// SOFTWARE.
// =================================================================================================
