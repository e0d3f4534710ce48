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
//      89  config.hpp
//     203  api/error.hpp
//     270  api/interpreter.hpp
//     302  api/options.hpp
//     353  api/context.hpp
//     388  api/run.hpp
//     419  api/env_builder.hpp
//     500  api/command_line.hpp
//     541  base/error.hpp
//     606  base/ascii.hpp
//     644  base/function_ref.hpp
//     672  base/order.hpp
//     698  base/bytes.hpp
//     733  base/checksum.hpp
//     761  base/fields.hpp
//     818  base/hex.hpp
//     843  base/number.hpp
//     855  text/utf8.hpp
//     929  text/unprintable.hpp
//    1027  text/repr.hpp
//    1075  text/version.hpp
//    1136  text/pyvenv_cfg.hpp
//    1182  text/layout.hpp
//    1247  text/quote.hpp
//    1415  text/template.hpp
//    1566  text/launcher.hpp
//    1661  archive/crc32.hpp
//    1703  archive/sha256.hpp
//    1834  archive/huffman.hpp
//    2020  archive/bit_reader.hpp
//    2082  archive/inflate.hpp
//    2425  archive/zip_names.hpp
//    2519  archive/zip.hpp
//    2739  package/pep440.hpp
//    2925  package/wheel_name.hpp
//    2992  package/entry_points.hpp
//    3104  package/record.hpp
//    3174  package/wheel.hpp
//    3363  scripts/embedded.hpp
//    4084  system/path.hpp
//    4134  system/platform.hpp
//    4185  system/interruption.hpp
//    4215  system/file.hpp
//    4566  system/tree.hpp
//    4665  system/storage.hpp
//    4825  system/workers.hpp
//    4865  system/process.hpp
//    5133  system/terminal.hpp
//    5212  cache/pack.hpp
//    5371  cache/answer.hpp
//    5412  cache/cache.hpp
//    5538  python/probe.hpp
//    5687  python/pyenv.hpp
//    5804  python/discovery.hpp
//    5964  python/remembered_probe.hpp
//    6010  create/undo.hpp
//    6140  create/directories.hpp
//    6326  create/configuration.hpp
//    6379  create/interpreter.hpp
//    6491  create/scripts.hpp
//    6563  create/run.hpp
//    6646  create/wheels.hpp
//    6760  create/staging.hpp
//    7010  create/installed.hpp
//    7093  create/distribution.hpp
//    7219  create/pip.hpp
//    7384  create/env_builder.hpp
//    7645  program/arguments.hpp
//    7806  program/command_line.hpp
//    7908  undef.hpp

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

#if VENV_HEADER_ONLY
#define VENV_INLINE inline
#else
#define VENV_INLINE
#endif

#if defined(_MSVC_LANG) ? _MSVC_LANG < 201703L : __cplusplus < 201703L
#error "venv.hpp needs C++17: compile with -std=c++17 (or /std:c++17) or newer"
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
#include <filesystem>   // paths
#include <functional>   // callbacks
#include <memory>       // what copies of an error share
#include <optional>     // a prompt that may not be given
#include <stdexcept>    // the base of Error
#include <string>       // text
#include <string_view>  // lines of output
#include <system_error> // the system's reasons
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
  interrupted,          ///< a signal asked the program to end (only in `venv::main`)
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

// ---- src/api/interpreter.hpp --------------------------------------------------------------------

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
  /// Source control managers that are to ignore the environment; "git" is the one known.
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
  /// Called with one line of text at a time, without a newline. Nothing is ever printed otherwise.
  std::function<void(Report, const std::string&)> report{};
};

VENV_END

// ---- src/api/context.hpp ------------------------------------------------------------------------

VENV_BEGIN

namespace detail {
class Undo;
}

/// The paths and names of the environment being made, for hooks. All attributes of the reference's
/// context object, with the same meaning; paths are absolute.
struct VENV_API Context {
  std::filesystem::path env_dir{};      ///< the environment
  std::string env_name{};               ///< its last path segment
  std::string prompt{};                 ///< what activation scripts show, without parentheses
  std::filesystem::path executable{};   ///< the base interpreter, outside of any environment
  std::filesystem::path python_dir{};   ///< its directory
  std::string python_exe{};             ///< its name in `bin_path`
  std::filesystem::path inc_path{};     ///< where C headers belong
  std::filesystem::path lib_path{};     ///< purelib: `lib/python3.13/site-packages`
  std::filesystem::path platlib_path{}; ///< platlib: the same directory in every known layout
  std::filesystem::path bin_path{};     ///< the scripts' directory
  std::string bin_name{};               ///< `bin`, or `Scripts` on Windows
  std::filesystem::path env_exe{};      ///< the environment's interpreter
  std::filesystem::path env_exec_cmd{}; ///< what to run it by, file-system redirections considered
  /// Where `create_configuration` writes: `pyvenv.cfg.new` until everything that the configuration
  /// promises is there, then (before `post_setup`) it becomes `pyvenv.cfg`.
  std::filesystem::path cfg_path{};
  bool system_site_packages = false; ///< what the configuration says now (see bpo-24875)
  Interpreter python{};              ///< what the base interpreter says of itself

  std::shared_ptr<detail::Undo> undo{}; ///< takes away again what this run made, if it fails
};

VENV_END

// ---- src/api/run.hpp ----------------------------------------------------------------------------

VENV_BEGIN

/// Which of a child's two outputs.
enum class VENV_API Stream { out, err };

/// How a child runs. Its standard input is always empty.
struct VENV_API RunOptions {
  /// Called for each line as it comes, without its newline, from the calling thread.
  std::function<void(Stream, std::string_view)> on_line;
  /// Working directory; the environment's own where empty.
  std::filesystem::path cwd;
  /// After this the child and what it started are killed; 0: no limit.
  std::chrono::milliseconds timeout{0};
};

/// Runs the environment's Python: `run(context, {"-m", "pip", "--version"})`. Returns what it
/// printed, both outputs in the order in which they came.
///
/// Arguments are passed as they are, no shell is involved. The child gets this process's environment
/// with `VIRTUAL_ENV` set and without what would steer it elsewhere: `PYTHONHOME`, `PYTHONPATH`,
/// `PYTHONEXECUTABLE`, `__PYVENV_LAUNCHER__`, `PIP_TARGET`, `PIP_PREFIX`, `PIP_ROOT`, `PIP_USER`,
/// `PIP_PYTHON`. Errors: `command_failed` (with the output) where it exits with another code than 0,
/// is killed, or takes too long; `io` where it cannot be started or its working directory cannot be
/// entered; `invalid_argument` where an argument holds a NUL character, at which it would be cut.
VENV_API std::string run(const Context& context, const std::vector<std::string>& arguments,
                         const RunOptions& options = {});

VENV_END

// ---- src/api/env_builder.hpp --------------------------------------------------------------------

VENV_BEGIN

/// Makes environments; a base class whose steps can be overridden, as in the reference. One builder
/// can make any number of environments, from several threads at once if overrides allow it.
///
/// (`VENV_INLINE` stands for `inline`, or for nothing: see `VENV_HEADER_ONLY`. Without it every file
/// that includes this header would compile all of it into its virtual table.)
class VENV_API EnvBuilder {
public:
  explicit EnvBuilder(Options options = {});
  virtual ~EnvBuilder() = default;

  /// Makes an environment in `env_dir` (absolute, or relative to the working directory), an existing
  /// directory being re-used, and returns its context.
  ///
  /// Calls, in this order: `ensure_directories`, `create_scm_ignore_file`, `create_configuration`,
  /// `setup_python`, `setup_pip` (`with_pip`), `setup_scripts` and `post_setup` (not for `upgrade`),
  /// `create_configuration` again (`system_site_packages`), `upgrade_dependencies` (`upgrade_deps`).
  ///
  /// Throws `Error`; then what this call made is gone again and what it replaced is back (but for
  /// what `clear` deleted). Killed at any moment it leaves a directory without `pyvenv.cfg`, or a
  /// working environment. Another process making the same one is waited for.
  VENV_INLINE virtual Context create(const std::filesystem::path& env_dir);

  /// Creates the directory and those inside it that don't exist, after clearing it for `clear`, and
  /// returns the context that the other steps are given.
  VENV_INLINE virtual Context ensure_directories(const std::filesystem::path& env_dir);
  /// Writes the configuration (PEP 405) to `context.cfg_path`. Only `create` puts it in its place
  /// then: whoever calls the steps one by one is left with `pyvenv.cfg.new`, to be renamed.
  VENV_INLINE virtual void create_configuration(Context& context);
  /// Links or copies the interpreter, under all its names.
  VENV_INLINE virtual void setup_python(Context& context);
  /// Installs pip, as `ensurepip --upgrade --default-pip` does.
  VENV_INLINE virtual void setup_pip(Context& context);
  /// Installs the activation scripts.
  VENV_INLINE virtual void setup_scripts(Context& context);
  /// Does nothing; for overriding. The environment is complete and its Python can be run.
  VENV_INLINE virtual void post_setup(Context& context);
  /// Upgrades pip (and setuptools below Python 3.12) from the package index, by running pip.
  VENV_INLINE virtual void upgrade_dependencies(Context& context);

  /// Copies `path/common` and `path/posix` (`path/nt` on Windows), folders inside them included, to
  /// `context.bin_path`, with the placeholders replaced (see `replace_variables`); modes are kept.
  /// A file that is no UTF-8 is left out with a warning. Source: reference, "install_scripts".
  VENV_INLINE virtual void install_scripts(Context& context, const std::filesystem::path& path);
  /// `text` of the script `file_name` with `__VENV_DIR__`, `__VENV_NAME__`, `__VENV_PROMPT__`,
  /// `__VENV_BIN_NAME__` and `__VENV_PYTHON__` replaced in one pass, each quoted as the script's
  /// language wants it (by the file's name). Nothing where that language cannot express a value.
  [[nodiscard]] VENV_INLINE virtual std::optional<std::string>
  replace_variables(const std::string& text, const std::string& file_name, const Context& context);
  /// Calls `create_git_ignore_file` for "git". Override it for other SCMs; it is called for each name
  /// in `Options::scm_ignore_files`, in lower case, and refuses one that it doesn't know.
  VENV_INLINE virtual void create_scm_ignore_file(const std::string& scm, Context& context);
  /// Writes `.gitignore` so that Git ignores all of the environment; one that is there is kept.
  VENV_INLINE virtual void create_git_ignore_file(Context& context);

  [[nodiscard]] const Options& options() const noexcept { return options_; }

protected:
  /// Passes a line to `Options::report`.
  void report(Report kind, const std::string& line) const;

private:
  void build(Context& context);
  void commit(Context& context);

  Options options_;
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

/// The whole command-line program: `int main(int argc, char** argv) { return venv::main(argc, argv); }`
///
/// The reference's options and their defaults for the platform, and those that `--help` names
/// besides. Returns 0, 1 (with `Error: …` and perhaps `Hint: …` on stderr), or 2 for a command line
/// that cannot be understood. The only function here that prints or reads `VENV_PYTHON`.
VENV_API int main(int argc, const char* const* argv);

VENV_END

#endif // VENV_HPP

// =================================================================================================
// The implementation: nothing below is for users.
// =================================================================================================

#if (VENV_HEADER_ONLY || defined(VENV_IMPLEMENTATION)) && !defined(VENV_HPP_IMPLEMENTED) && \
    !defined(VENV_REFUSED)
#define VENV_HPP_IMPLEMENTED

#include <algorithm>        // searching and sorting
#include <atomic>           // names that no two threads use
#include <cerrno>           // why a system call failed
#include <csignal>          // ending a child
#include <cstddef>          // std::size_t
#include <cstdint>          // sizes on disk
#include <cstdio>           // what the program prints
#include <cstdlib>          // environment variables
#include <cstring>          // memcpy
#include <exception>        // handing errors between workers
#include <initializer_list> // pieces of a file
#include <iterator>         // ends of arrays
#include <mutex>            // one error at a time
#include <thread>           // workers, and waiting for a lock
#include <tuple>            // what is compared by several things
#include <type_traits>      // what may be called
#include <utility>          // std::move

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

/// The numbers 0 to `count - 1` in the order that `before` says.
VENV_INLINE std::vector<std::size_t> order_of(std::size_t count,
                                              FunctionRef<bool(std::size_t, std::size_t)> before) {
  std::vector<std::size_t> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = i;
  std::sort(order.begin(), order.end(), before);
  return order;
}

/// Sorts by `before`. `std::sort` itself, compiled for each type anew, is a large part of what it
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

/// A request such as `3`, `3.12`, `3.12.1`, `3.13t`, `>=3.10` or `pypy3.10`.
struct VersionRequest {
  std::string implementation{}; ///< as in `sys.implementation.name`; empty: CPython
  bool at_least = false;        ///< `>=`
  std::array<int, 3> release{};
  std::size_t parts = 0; ///< how many numbers of `release` were given
  bool free_threaded = false;
};

/// `3.12.1`.
VENV_INLINE std::string dotted(const std::array<int, 3>& version) {
  return std::to_string(version[0]) + '.' + std::to_string(version[1]) + '.' +
         std::to_string(version[2]);
}

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

/// The request that `text` spells, or nothing where it is none (a command's name, say). `python3.12`
/// and `cpython3.12` mean 3.12.
VENV_INLINE std::optional<VersionRequest> parse_version_request(std::string_view text) {
  VersionRequest request;
  if (take_prefix(text, "pypy")) request.implementation = "pypy";
  else if (!take_prefix(text, "cpython")) take_prefix(text, "python");
  request.at_least = take_prefix(text, ">=");
  do {
    const auto number = take_number(text);
    if (!number || request.parts == 3) return std::nullopt;
    request.release[request.parts++] = *number;
  } while (take_prefix(text, "."));
  request.free_threaded = take_prefix(text, "t");
  return text.empty() ? std::optional(request) : std::nullopt;
}

VENV_INLINE bool fits(const VersionRequest& request, std::string_view implementation,
                      const std::array<int, 3>& release, bool free_threaded) {
  const std::string_view asked = request.implementation;
  const std::string_view wanted = asked.empty() ? "cpython" : asked;
  if (implementation != wanted || free_threaded != request.free_threaded) return false;
  if (request.at_least) return release >= request.release;
  for (std::size_t i = 0; i < request.parts; ++i)
    if (release[i] != request.release[i]) return false;
  return true;
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
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
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
/// A file of unknown language is quoted as for sh, as Python does. nullopt where a placeholder
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
      text.substr(0, 2) == "#!" ? std::min(text.find('\n'), text.size()) : 0;
  std::string out;
  std::size_t line = 0; // where the current line starts in `out`
  const std::size_t size = text.size();
  while (!text.empty()) {
    const std::size_t position = size - text.size();
    const auto* found = std::find_if(std::begin(known), std::end(known), [&](const auto& row) {
      return text.substr(0, row.name.size()) == row.name;
    });
    if (found == std::end(known)) {
      out += text.front();
      if (text.front() == '\n') line = out.size();
      text.remove_prefix(1);
      continue;
    }
    text.remove_prefix(found->name.size());
    if (position < interpreter_line) {
      out += found->value;
      continue;
    }
    std::string before = out.substr(line);
    const auto value = replacement(shell.value_or(Shell::posix), found->value, before, text);
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
  const std::size_t open = std::min(source.find("'''"), source.find("\"\"\""));
  if (open == source.npos || open > 200) return std::nullopt;
  const std::string_view quotes = source.substr(open, 3);
  const std::size_t close = source.find(quotes, open + 3);
  if (close == source.npos) return std::nullopt;
  return source.substr(open + 3, close - open - 3);
}

/// What `textwrap.dedent` makes of a text whose first line is its least indented one.
VENV_INLINE std::string dedented(std::string_view text) {
  if (text.substr(0, 2) == "\\\n") text.remove_prefix(2);
  const std::size_t margin = std::min(text.find_first_not_of(' '), text.size());
  std::string result;
  const std::vector<std::string_view> lines = split(text, '\n');
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool blank = lines[i].find_first_not_of(' ') == std::string_view::npos;
    result += blank ? std::string_view() : lines[i].substr(std::min(margin, lines[i].size()));
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
    const std::size_t end = std::min(name.find('/', begin), name.size());
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

// ---- src/package/pep440.hpp ---------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// A distribution's version (PEP 440), as what it is compared by.
struct PackageVersion {
  std::uint64_t epoch = 0;
  std::vector<std::uint64_t> release{}; ///< without zeros at the end
  int phase = 4;                        ///< 0 only `dev`, 1 `a`, 2 `b`, 3 `rc`, 4 none of these
  std::uint64_t phase_number = 0;
  std::uint64_t post = 0;         ///< 0: none, else one more than its number
  std::uint64_t dev = UINT64_MAX; ///< that: none
  std::string local{};            ///< the label's segments, written so that they compare as text

  friend bool operator==(const PackageVersion& a, const PackageVersion& b) {
    return !(a < b) && !(b < a);
  }
  friend bool operator<(const PackageVersion& a, const PackageVersion& b) {
    if (a.epoch != b.epoch) return a.epoch < b.epoch;
    if (a.release != b.release) return a.release < b.release;
    if (a.phase != b.phase) return a.phase < b.phase;
    if (a.phase_number != b.phase_number) return a.phase_number < b.phase_number;
    if (a.post != b.post) return a.post < b.post;
    if (a.dev != b.dev) return a.dev < b.dev;
    return a.local < b.local;
  }
};

/// Reads a version in any of the spellings of PEP 440, appendix B, from lower-case text.
class PackageVersionParser {
public:
  explicit PackageVersionParser(std::string_view text) : rest_(text) {}

  std::optional<PackageVersion> parse() {
    take("v");
    const bool well = release() && phase() && post() && dev() && local() && rest_.empty();
    if (!well) return std::nullopt;
    if (version_.phase == 4 && version_.post == 0 && version_.dev != UINT64_MAX) version_.phase = 0;
    return version_;
  }

private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static bool is_separator(char c) { return c == '.' || c == '-' || c == '_'; }
  bool at_digit() const { return !rest_.empty() && is_digit(rest_.front()); }
  bool take(std::string_view word) {
    if (rest_.substr(0, word.size()) != word) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  bool number(std::uint64_t& value) {
    std::size_t digits = 0;
    for (value = 0; at_digit(); rest_.remove_prefix(1), ++digits)
      value = value * 10 + static_cast<std::uint64_t>(rest_.front() - '0');
    return digits > 0 && digits <= 18;
  }
  /// `[-_.]?(word|...)[-_.]?[0-9]*`: which word; none (and nothing taken) is the list's size.
  std::size_t label(const std::vector<std::string_view>& words, std::uint64_t& value, bool& well) {
    const std::string_view before = rest_;
    if (!rest_.empty() && is_separator(rest_.front())) rest_.remove_prefix(1);
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (!take(words[i])) continue;
      if (rest_.size() > 1 && is_separator(rest_[0]) && is_digit(rest_[1])) rest_.remove_prefix(1);
      value = 0;
      well = !at_digit() || number(value);
      return i;
    }
    rest_ = before;
    return words.size();
  }

  bool release() {
    std::uint64_t value = 0;
    if (!number(value)) return false;
    if (take("!")) {
      version_.epoch = value;
      if (!number(value)) return false;
    }
    version_.release.push_back(value);
    while (rest_.size() > 1 && rest_[0] == '.' && is_digit(rest_[1])) {
      rest_.remove_prefix(1);
      if (!number(value)) return false;
      version_.release.push_back(value);
    }
    while (!version_.release.empty() && version_.release.back() == 0) version_.release.pop_back();
    return true;
  }
  bool phase() {
    constexpr int phases[] = {1, 1, 2, 2, 3, 3, 3, 3, 4};
    bool well = true;
    version_.phase = phases[label({"alpha", "a", "beta", "b", "preview", "pre", "rc", "c"},
                                  version_.phase_number, well)];
    return well;
  }
  bool post() {
    bool well = true;
    std::uint64_t value = 0;
    if (rest_.size() > 1 && rest_[0] == '-' && is_digit(rest_[1])) {
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
  bool local() {
    if (!take("+")) return true;
    do {
      std::size_t n = 0;
      while (n < rest_.size() && (is_digit(rest_[n]) || (rest_[n] >= 'a' && rest_[n] <= 'z'))) ++n;
      const std::string_view segment = rest_.substr(0, n);
      if (n == 0) return false;
      std::uint64_t value = 0;
      if (std::all_of(segment.begin(), segment.end(), is_digit)) {
        if (!number(value)) return false;
        // Numbers come after words, and by their value.
        const std::string digits = std::to_string(value);
        version_.local += '~' + std::string(18 - digits.size(), '0') + digits;
      } else {
        rest_.remove_prefix(n);
        version_.local += segment;
      }
      version_.local += '\0';
    } while (take(".") || take("-") || take("_"));
    return true;
  }

  std::string_view rest_;
  PackageVersion version_{};
};

/// The version that `text` says, or nothing where PEP 440 has no such version.
VENV_INLINE std::optional<PackageVersion> parse_package_version(std::string_view text) {
  return PackageVersionParser(folded(strip(text))).parse();
}

/// One clause of a version specifier (PEP 440, "Version specifiers") against a final release.
VENV_INLINE bool clause_allows(std::string_view clause, const PackageVersion& version) {
  const std::size_t operator_size = std::min(clause.find_first_not_of("<>=!~"), clause.size());
  const std::string_view op = clause.substr(0, operator_size);
  std::string_view operand = strip(clause.substr(operator_size));
  const bool prefix = operand.size() > 2 && operand.substr(operand.size() - 2) == ".*";
  if (prefix) operand.remove_suffix(2);
  const auto wanted = parse_package_version(operand);
  if (!wanted || (prefix && op != "==" && op != "!=")) return false;
  const auto begins_alike = [&](std::size_t numbers) {
    const auto at = [](const PackageVersion& v, std::size_t i) {
      return i < v.release.size() ? v.release[i] : 0;
    };
    for (std::size_t i = 0; i < numbers; ++i)
      if (at(version, i) != at(*wanted, i)) return false;
    return version.epoch == wanted->epoch;
  };
  const auto numbers =
      static_cast<std::size_t>(std::count(operand.begin(), operand.end(), '.')) + 1;
  const bool same = prefix ? begins_alike(numbers) : version == *wanted;
  if (op == "==" || op == "===") return same;
  if (op == "!=") return !same;
  if (op == ">=") return !(version < *wanted);
  if (op == "<=") return !(*wanted < version);
  if (op == "<") return version < *wanted;
  if (op == ">") return *wanted < version;
  return op == "~=" && numbers > 1 && !(version < *wanted) && begins_alike(numbers - 1);
}

/// Whether a specifier such as `>=3.8, !=3.9.*` (as in `Requires-Python`) allows a version. A
/// clause that can't be read allows none.
VENV_INLINE bool specifier_allows(std::string_view specifier, const PackageVersion& version) {
  for (std::size_t begin = 0; begin <= specifier.size();) {
    const std::size_t end = std::min(specifier.find(',', begin), specifier.size());
    const std::string_view clause = strip(specifier.substr(begin, end - begin));
    if (!clause.empty() && !clause_allows(clause, version)) return false;
    begin = end + 1;
  }
  return true;
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

/// A project's name as two spellings of it are compared: lower case, and each run of `-`, `_`,
/// `.` one dash ("Names and normalization").
VENV_INLINE std::string normalized_name(std::string_view name) {
  std::string text;
  for (const char c : name) {
    const bool separator = c == '-' || c == '_' || c == '.';
    if (!separator) text += fold_case(c);
    else if (text.empty() || text.back() != '-') text += '-';
  }
  return text;
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
    const std::size_t end = std::min(tag.find_first_not_of("0123456789"), tag.size());
    std::string_view number = tag.substr(0, end);
    number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
    return std::make_tuple(!tag.empty(), number.size(), number, tag.substr(end));
  };
  return key(a) < key(b);
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

/// Whether a script of that name would take the place of what makes the environment one: the
/// interpreter under any of its names (`python`, `python3.13t`, `pythonw`, `pypy3`), or the
/// activation scripts.
VENV_INLINE bool is_reserved_script(std::string_view name) {
  std::string text = folded(name);
  for (const std::string_view suffix : {".exe", ".bat", ".cmd", ".com", ".ps1"})
    if (text.size() > suffix.size() && text.compare(text.size() - 4, 4, suffix) == 0)
      text.resize(text.size() - 4);
  const std::string stem = text.substr(0, text.find_first_of("._"));
  if (stem == "activate" || stem == "deactivate" || text == "pyvenv.cfg") return true;
  if (text == "py" || text == "pyw") return true;
  for (const std::string_view interpreter : {"python", "pypy"}) {
    if (text.compare(0, interpreter.size(), interpreter) != 0) continue;
    // A version and the letters of a build (t: free-threaded, d: debug, m, u; w: no console).
    if (text.find_first_not_of("0123456789.-_tdmuw", interpreter.size()) == text.npos) return true;
  }
  return false;
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
  return is_reserved_script(name) ? "would replace a file of the environment's own" : nullptr;
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
    object = strip(object.substr(0, std::min(object.find('['), object.size())));
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
    const std::size_t end = std::min(text.find('\n', begin), text.size());
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
    const std::size_t end = std::min(text.find_first_of(",\r\n", at), text.size());
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

/// The value of the first header of that name, of any case, in a file of headers (WHEEL, METADATA),
/// or nothing. Lines that continue the one before (RFC 822) are not looked at.
VENV_INLINE std::string header_value(std::string_view text, std::string_view name) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    if (strip(line).empty()) break; // the body follows
    if (line.size() > name.size() && line[name.size()] == ':' &&
        folded(line.substr(0, name.size())) == folded(name))
      return std::string(strip(line.substr(name.size() + 1)));
    begin = end + 1;
  }
  return {};
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

// ---- src/scripts/embedded.hpp -------------------------------------------------------------------

VENV_DETAIL_BEGIN

struct EmbeddedScript {
  std::string_view folder, name, text;
};

// Not by length(): counting these at compile time costs every includer time.
template <std::size_t size> constexpr std::string_view script(const char (&text)[size]) {
  return {text, size - 1};
}

inline constexpr std::string_view script_compile = script(R"venv(# Compiles modules to bytecode as pip does when it installs them: timestamps checked (PEP 552), no
# optimization, what doesn't compile left out. Run with -I -S by the interpreter that will import
# them. Arguments: the directory, then the modules' paths in it.
import gc
import marshal
import os
import sys
from importlib.util import MAGIC_NUMBER, cache_from_source

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
    header = MAGIC_NUMBER + flags + pack32(int(status.st_mtime)) + pack32(status.st_size)
    target = cache_from_source(path, optimization='')
    try:
        os.mkdir(os.path.dirname(target))
    except FileExistsError:
        pass
    with open(target, 'wb') as file:
        file.write(header + marshal.dumps(code))

gc.disable()
try:
    for module in sys.argv[2:]:
        compile_module(sys.argv[1], module)
except OSError as error:  # a full disk, say: one line that whoever runs this can show
    sys.exit(': '.join(part for part in (error.filename, error.strerror) if part))
)venv");

inline constexpr std::string_view script_probe = script(R"venv(# Asks a Python what it is: run with -I -S, so nothing but the interpreter itself answers.
import sys

def fields(system):
    import encodings

    version = sys.version_info
    yield 'venv.hpp probe 1'
    yield '%d.%d.%d' % (version[0], version[1], version[2])
    if version[0] >= 3:
        yield sys.implementation.name
        yield sys.implementation.cache_tag or ''
        yield sys.platform
        yield sys.executable or ''
        yield getattr(sys, '_base_executable', None) or sys.executable or ''
        yield sys.base_prefix
        yield list(encodings.__path__)[0].rpartition('\\' if sys.platform == 'win32' else '/')[0]
        yield bytecode_magic().hex()
        yield '1' if sys.maxsize > 2**32 else '0'
        yield '1' if 't' in getattr(sys, 'abiflags', '') else '0'
        yield '1' if hasattr(sys, 'gettotalrefcount') else '0'
        yield '1' if runs_itself(system.stat) else '0'
    yield 'end'

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

def answer():
    system = operating_system()
    encoded = [field.encode('utf-8', 'surrogateescape') for field in fields(system)]
    system.write(1, b'\0' + b'\0'.join(encoded) + b'\0')

answer()
)venv");

inline constexpr EmbeddedScript activation_scripts[] = {
    {"common", "Activate.ps1", script(R"venv(<#
.SYNOPSIS
Activates this environment in PowerShell 7 and Windows PowerShell 5.1:  bin/Activate.ps1
.DESCRIPTION
'deactivate' puts back everything as it was.
.PARAMETER VenvDir
The environment's directory, if not the one that this script was made for.
.PARAMETER Prompt
What the prompt shows between parentheses, if not what the environment was made with.
#>
param([string] $VenvDir, [string] $Prompt)

# A scope of its own: the variables in it stay in it where this file is dot-sourced, too.
& {
  # Each placeholder is written as a literal here.
  $Dir = __VENV_DIR__
  $Shown = __VENV_PROMPT__
  $Bin = __VENV_BIN_NAME__
  $Slash = [IO.Path]::DirectorySeparatorChar
  if ($VenvDir) {
    $Dir = (Convert-Path -LiteralPath $VenvDir -ErrorAction Stop).TrimEnd($Slash)
  }
  if ($Prompt) { $Shown = $Prompt }

  # An environment that is active in this session goes first, by this script or by Python's own.
  if ("$Function:deactivate" -match '_VenvUndo|_OLD_VIRTUAL_PATH') { & $Function:deactivate }

  # What was: variables by name (null: not set), the prompt if it is changed, and a function and an
  # alias of the user's. No methods of .NET: where policies restrict scripts, they can't be called.
  $Undo = @{ Env = @{}; Prompt = $null; Function = $Function:deactivate; Alias = $null }
  foreach ($Name in 'PATH', 'PYTHONHOME', 'VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT') {
    $Undo.Env[$Name] = if (Test-Path "Env:$Name") { (Get-Item "Env:$Name").Value }
  }
  if (Test-Path Alias:deactivate) {
    $Undo.Alias = (Get-Item Alias:deactivate).Definition
    Remove-Item Alias:deactivate -Force
  }
  $global:_VenvUndo = $Undo

  $Path = $Dir + $Slash + $Bin
  if ($env:PATH) { $Path = $Path + [IO.Path]::PathSeparator + $env:PATH }
  $env:PATH = $Path
  $env:VIRTUAL_ENV = $Dir
  $env:VIRTUAL_ENV_PROMPT = $Shown
  if (Test-Path Env:PYTHONHOME) { Remove-Item Env:PYTHONHOME }

  # The user's prompt runs first, while $? is still that of the last command. As PowerShell does,
  # ours takes the first thing that comes out of it. What a prompt gives is not evaluated.
  if (-not $env:VIRTUAL_ENV_DISABLE_PROMPT -and $Function:prompt) {
    $Undo.Prompt = $Function:prompt
    function global:prompt {
      $Given = & $global:_VenvUndo.Prompt
      '(' + $env:VIRTUAL_ENV_PROMPT + ') ' + @($Given; '')[0]
    }
  }

  function global:deactivate {
    $Undo = $global:_VenvUndo
    foreach ($Name in 'PATH', 'PYTHONHOME', 'VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT') {
      if ($null -ne $Undo.Env[$Name]) {
        Set-Item "Env:$Name" $Undo.Env[$Name]
      } elseif (Test-Path "Env:$Name") {
        Remove-Item "Env:$Name"
      }
    }
    if ($Undo.Prompt) { Set-Item Function:global:prompt $Undo.Prompt }
    if ($Undo.Function) {
      Set-Item Function:global:deactivate $Undo.Function
    } else {
      Remove-Item Function:deactivate
    }
    if ($Undo.Alias) { Set-Alias deactivate $Undo.Alias -Scope Global }
    Remove-Variable _VenvUndo -Scope Global
  }
}
)venv")},
    {"common", "activate", script(R"venv(# Activates this environment in sh, dash, bash, zsh, ksh, mksh and busybox sh:
#
#   . bin/activate
#
# `deactivate` puts back everything as it was. Run instead of sourced, this file does nothing.

# Under `set -a` every assignment would export.
case $- in *a*) _venv_finally='set -a' ;; *) _venv_finally=: ;; esac
set +a

# An environment that is active in this shell goes first.
if [ -n "${_OLD_VIRTUAL_PATH+set}" ]; then
  case $(command -v deactivate) in
    deactivate) 'deactivate' ;; # a function; the quotes hide it from aliases
    *=*_venv_deactivate*) _venv_deactivate ;;
  esac
fi

# _VENV_UNDO collects the commands by which deactivate puts the variables back. A value given in a
# subshell shows in what `export -p` says there only if the variable is an exported one.
_VENV_UNDO=
for _venv in PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT; do
  _VENV_UNDO="$_VENV_UNDO unset $_venv;"
  if eval "[ -n \"\${$_venv+set}\" ]"; then
    eval "_OLD_VIRTUAL_$_venv=\$$_venv"
    _VENV_UNDO="$_VENV_UNDO $_venv=\$_OLD_VIRTUAL_$_venv; unset _OLD_VIRTUAL_$_venv;"
    case $(eval "$_venv=venv-is-exported"; export -p) in
      *venv-is-exported*) _VENV_UNDO="$_VENV_UNDO export $_venv;" ;;
    esac
  fi
done
_OLD_VIRTUAL_PATH=${PATH-}
if [ -n "${PATH+set}" ]; then
  _VENV_UNDO="$_VENV_UNDO PATH=\$_OLD_VIRTUAL_PATH; unset _OLD_VIRTUAL_PATH;"
else
  _VENV_UNDO="$_VENV_UNDO unset PATH _OLD_VIRTUAL_PATH;"
fi

unset PYTHONHOME
VIRTUAL_ENV=__VENV_DIR__
VIRTUAL_ENV_PROMPT=__VENV_PROMPT__
_venv=__VENV_BIN_NAME__

# MSYS and Cygwin: a Windows path would be split at its colon on PATH.
case $VIRTUAL_ENV in
  [A-Za-z]:[\\/]*)
    if command -v cygpath >/dev/null; then VIRTUAL_ENV=$(cygpath -u "$VIRTUAL_ENV"); fi
    ;;
esac
export VIRTUAL_ENV VIRTUAL_ENV_PROMPT
_venv=$VIRTUAL_ENV/$_venv
PATH=$_venv${PATH:+:$PATH}

# The prompt names the variable, not its value: shells expand what PS1 says whenever they draw it,
# but not what comes out of that. zsh and ksh93 then have marks of their own, which are doubled.
# (Where PS1 is read-only, the attempt to set it would end this script.)
if [ -n "${PS1+set}" ] && [ -z "${VIRTUAL_ENV_DISABLE_PROMPT-}" ] &&
  (eval 'PS1=$PS1') 2>/dev/null; then
  _OLD_VIRTUAL_PS1=$PS1
  _VENV_UNDO="$_VENV_UNDO PS1=\$_OLD_VIRTUAL_PS1; unset _OLD_VIRTUAL_PS1;"
  _venv="\${VIRTUAL_ENV_PROMPT-}"
  case ${ZSH_VERSION+zsh}${KSH_VERSION-} in
    zsh) # Without PROMPT_SUBST it has to be the value after all, with nothing in it to expand.
      case $VIRTUAL_ENV_PROMPT in *%*) _venv="\${VIRTUAL_ENV_PROMPT//\\%/%%}" ;; esac
      if eval '[[ ! -o prompt_subst ]]'; then
        # Nor for a bash that is started from here, if PS1 is exported: it reads backslashes.
        eval '_venv=${VIRTUAL_ENV_PROMPT//\%/%%} _venv=${_venv//\\/"\\%{%}"}'
        eval '_venv=${_venv//\$/"$%{%}"}'
        eval '_venv=${_venv//\`/"'\''"}'
      fi ;;
    Version*) case $VIRTUAL_ENV_PROMPT in *!*) _venv="\${VIRTUAL_ENV_PROMPT//!/!!}" ;; esac ;;
    "")
      if [ -n "${BASH_VERSION-}" ] && eval '! shopt -q promptvars'; then # The value, as in zsh.
        eval '_venv=${VIRTUAL_ENV_PROMPT//\\/\\\\} _venv=${_venv//\$/\$\\[\\]}'
        eval '_venv=${_venv//\`/"'\''"} _venv=${_venv//!/\\041}'
      fi
      # busybox sh has no variable that says so; it reads backslashes in what comes out.
      if (eval '[ -z "${BASH_VERSION-}" ] && _venv=ab && [ "${_venv//a/b}" = bb ]') 2>/dev/null; then
        case $VIRTUAL_ENV_PROMPT in
          *\\*) _venv="\${VIRTUAL_ENV_PROMPT//\\\\/\\\\\\\\}" ;;
        esac
      fi ;;
  esac
  PS1="($_venv) $PS1"
fi

# A function or an alias of the user's that is called deactivate comes back in the end. Where a
# shell can't print a function (dash, busybox), it stays in place, behind an alias of ours.
_OLD_VIRTUAL_ALIAS=$(alias deactivate 2>/dev/null) || _OLD_VIRTUAL_ALIAS=
if [ -n "$_OLD_VIRTUAL_ALIAS" ]; then unalias deactivate; fi
_OLD_VIRTUAL_FUNCTION=
_venv="eval 'deactivate() { _venv_deactivate; }'"
if [ "$(command -v deactivate)" = deactivate ]; then
  _OLD_VIRTUAL_FUNCTION=$(eval 'typeset -f deactivate' 2>/dev/null) ||
    _venv='alias deactivate=_venv_deactivate'
fi
eval "$_venv"

_venv_deactivate() {
  case $- in *a*) _venv='set -a' ;; *) _venv=: ;; esac
  set +a
  eval "$_VENV_UNDO"
  case $(command -v deactivate) in
    deactivate) eval "${_OLD_VIRTUAL_FUNCTION:-unset -f deactivate}" ;;
    *=*_venv_deactivate*) unalias deactivate ;;
  esac
  if [ -n "$_OLD_VIRTUAL_ALIAS" ]; then eval "alias ${_OLD_VIRTUAL_ALIAS#alias }"; fi
  unset -f _venv_deactivate
  unset _VENV_UNDO _OLD_VIRTUAL_FUNCTION _OLD_VIRTUAL_ALIAS
  hash -r 2>/dev/null || :
  eval "unset _venv; $_venv"
}

# The shell may remember where it found python, unless it is told not to remember.
hash -r 2>/dev/null || :
eval "unset _venv _venv_finally; $_venv_finally"
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

# What only some shells have (an editor, a command of the user's) may be named only in code that is
# compiled where it is there. `resolve` tells.
var code = 'put $nil'
if (eq (resolve _venv-deactivate) '$_venv-deactivate~') {
  # An environment that is active in this shell goes first; the user's command is what it kept.
  set code = 'put $_venv-users-deactivate; _venv-deactivate'
} elif (eq (resolve deactivate) '$deactivate~') {
  set code = 'put $deactivate~'
}
var users-deactivate = (eval $code)

set code = 'put $nil'
if (eq (resolve edit:add-var) '$edit:add-var~') { set code = 'put $edit:prompt' }
var users-prompt = (eval $code)

var dir = __VENV_DIR__
var prompt = __VENV_PROMPT__
var bin = __VENV_BIN_NAME__

fn keep {|name|
  if (has-env $name) {
    var value = (get-env $name)
    put { set-env $name $value }
  } else {
    put { unset-env $name }
  }
}
var undo = [(each $keep~ [PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT])]

var path = $dir/$bin
if (and (has-env PATH) (not-eq $E:PATH '')) { set path = $path':'$E:PATH }
set-env PATH $path
unset-env PYTHONHOME
set-env VIRTUAL_ENV $dir
set-env VIRTUAL_ENV_PROMPT $prompt

fn set-prompt {|new| eval &ns=(ns [&new=$new]) 'set edit:prompt = $new' }

# Under its own name `resolve` and `eval` above would find it, instead of the user's.
fn leave {
  each {|restore| $restore } $undo
  if (not-eq $users-prompt $nil) {
    set-prompt $users-prompt
    edit:del-vars [_venv-deactivate~ _venv-users-deactivate deactivate~]
    if (not-eq $users-deactivate $nil) { edit:add-var deactivate~ $users-deactivate }
  }
}

if (not-eq $users-prompt $nil) {
  if (eq $E:VIRTUAL_ENV_DISABLE_PROMPT '') {
    set-prompt { put '('$E:VIRTUAL_ENV_PROMPT') '; $users-prompt }
  }
  edit:add-vars [
    &_venv-deactivate~=$leave~
    &_venv-users-deactivate=$users-deactivate
    &deactivate~=$leave~
  ]
}
)venv")},
    {"common", "activate.fish", script(R"venv(# Activates this environment in fish:
#
#   source bin/activate.fish
#
# `deactivate` puts back everything as it was.

# An environment that is active in this shell goes first.
if set -q _OLD_VIRTUAL_PATH; and functions -q deactivate
    deactivate
end

# _VENV_UNDO collects the commands by which deactivate puts the variables back.
set -g _VENV_UNDO
for _venv in PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT
    set -g _OLD_VIRTUAL_$_venv $$_venv
    if set -qgx $_venv
        set -a _VENV_UNDO "set -gx $_venv \$_OLD_VIRTUAL_$_venv"
    else if set -qg $_venv
        set -a _VENV_UNDO "set -gu $_venv \$_OLD_VIRTUAL_$_venv"
    else
        set -a _VENV_UNDO "set -e -g $_venv"
    end
    set -a _VENV_UNDO "set -e -g _OLD_VIRTUAL_$_venv"
end

set -e -g PYTHONHOME
set -qUx PYTHONHOME; and set -gx PYTHONHOME "" # hides a universal one; Python takes it for unset
set -gx VIRTUAL_ENV __VENV_DIR__
set -gx VIRTUAL_ENV_PROMPT __VENV_PROMPT__
set _venv __VENV_BIN_NAME__
set -g PATH $VIRTUAL_ENV/$_venv $PATH
set -e _venv

# Gives function $argv[1] the name $argv[2], which no other function keeps.
function _venv_rename
    functions -e $argv[2]
    if functions -q $argv[1]
        functions -c $argv[1] $argv[2]
        functions -e $argv[1]
    end
end

# The user's prompt runs first, while $status and $pipestatus are still those of the last command.
if functions -q fish_prompt; and test -z "$VIRTUAL_ENV_DISABLE_PROMPT"
    _venv_rename fish_prompt _old_virtual_prompt
    set -a _VENV_UNDO '_venv_rename _old_virtual_prompt fish_prompt'
    function fish_prompt
        set -l prompt (_old_virtual_prompt $argv)
        printf '(%s) ' "$VIRTUAL_ENV_PROMPT"
        string join -- \n $prompt
    end
end

# A function of the user's that is called deactivate comes back in the end.
_venv_rename deactivate _old_virtual_deactivate
function deactivate -d 'Deactivates the Python environment'
    for command in $_VENV_UNDO
        eval $command
    end
    _venv_rename _old_virtual_deactivate deactivate
    functions -e _venv_rename
    set -e -g _VENV_UNDO
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

    # What was before. Over another environment, which this one replaces: what was before that.
    let name = if "Path" in $env { "Path" } else { "PATH" }
    let old = $env._OLD_VIRTUAL? | default {
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

# The directory that the user has gone to meanwhile stays.
export alias deactivate = overlay hide activate --keep-env [PWD]
)venv")},
    {"common", "activate.xsh", script(R"venv(# Activates this environment in xonsh:
#
#   source bin/activate.xsh
#
# `deactivate` puts back everything as it was.

def _venv_activate(session, env, aliases):
    import os

    dir = __VENV_DIR__
    prompt = __VENV_PROMPT__
    bin = __VENV_BIN_NAME__

    # An environment that is active in this shell goes first.
    active = getattr(session, "_venv_deactivate", None)
    if active:
        active()

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
        del session._venv_deactivate

    session._venv_deactivate = deactivate
    aliases["deactivate"] = deactivate

_venv_activate(__xonsh__, ${...}, aliases)
del _venv_activate
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
@set "_venv_page="
@set "_venv_chcp=%SystemRoot%\System32\chcp.com"
@for /f "tokens=2 delims=:." %%i in ('"%_venv_chcp%"') do @set "_venv_page=%%i"
@if defined _venv_page "%_venv_chcp%" 65001 >nul
@set "_venv_dir=__VENV_DIR__"
@set "_venv_name=__VENV_PROMPT__"
@set "_venv_bin=__VENV_BIN_NAME__"
@if defined _venv_page "%_venv_chcp%" %_venv_page% >nul

@rem What was; over an environment that is active already, what was before that one.
@if not defined _VENV_ACTIVE set "_OLD_VIRTUAL_PATH=%PATH%"
@if not defined _VENV_ACTIVE set "_OLD_VIRTUAL_PROMPT=%PROMPT%"
@if not defined _VENV_ACTIVE set "_OLD_VIRTUAL_PYTHONHOME=%PYTHONHOME%"
@if not defined _VENV_ACTIVE set "_OLD_VIRTUAL_ENV=%VIRTUAL_ENV%"
@if not defined _VENV_ACTIVE set "_OLD_VIRTUAL_ENV_PROMPT=%VIRTUAL_ENV_PROMPT%"

@rem In PROMPT a "$" is doubled.
@set "_venv_old=%_OLD_VIRTUAL_PROMPT%"
@if not defined _venv_old set "_venv_old=$P$G"
@set "_venv_shown=() "
@if defined _venv_name set "_venv_shown=(%_venv_name:$=$$%) "
@set "_venv_shown=%_venv_shown%%_venv_old%"
@if defined VIRTUAL_ENV_DISABLE_PROMPT set "_venv_shown=%_OLD_VIRTUAL_PROMPT%"

@rem A line is expanded before its "endlocal" takes effect, which is how values get out of here. (If
@rem the caller has enabled delayed expansion, cmd then takes "!" out of them.)
@endlocal & set "VIRTUAL_ENV=%_venv_dir%" & set "VIRTUAL_ENV_PROMPT=%_venv_name%" & set "PROMPT=%_venv_shown%" & set "_venv_bin=%_venv_dir%\%_venv_bin%" & set "_OLD_VIRTUAL_PATH=%_OLD_VIRTUAL_PATH%" & set "_OLD_VIRTUAL_PROMPT=%_OLD_VIRTUAL_PROMPT%" & set "_OLD_VIRTUAL_PYTHONHOME=%_OLD_VIRTUAL_PYTHONHOME%" & set "_OLD_VIRTUAL_ENV=%_OLD_VIRTUAL_ENV%" & set "_OLD_VIRTUAL_ENV_PROMPT=%_OLD_VIRTUAL_ENV_PROMPT%"
@set "PATH=%_venv_bin%;%_OLD_VIRTUAL_PATH%"
@set "PYTHONHOME="
@set "_venv_bin="
@set "_VENV_ACTIVE=1"
@exit /b 0
)venv")},
    {"nt", "deactivate.bat", script(R"venv(@rem Puts back what activate.bat changed. Does nothing where no environment is active.
@if not defined _VENV_ACTIVE exit /b 0
@set "PATH=%_OLD_VIRTUAL_PATH%"
@set "PROMPT=%_OLD_VIRTUAL_PROMPT%"
@set "PYTHONHOME=%_OLD_VIRTUAL_PYTHONHOME%"
@set "VIRTUAL_ENV=%_OLD_VIRTUAL_ENV%"
@set "VIRTUAL_ENV_PROMPT=%_OLD_VIRTUAL_ENV_PROMPT%"
@set "_OLD_VIRTUAL_PATH="
@set "_OLD_VIRTUAL_PROMPT="
@set "_OLD_VIRTUAL_PYTHONHOME="
@set "_OLD_VIRTUAL_ENV="
@set "_OLD_VIRTUAL_ENV_PROMPT="
@set "_VENV_ACTIVE="
@exit /b 0
)venv")},
    {"posix", "activate.csh", script(R"venv(# Activates this environment in csh and tcsh:
#
#   source bin/activate.csh
#
# `deactivate` puts back everything as it was.

# An environment that is active in this shell goes first.
set _venv = "`alias deactivate`"
if (($?_venv_undo || $?_OLD_VIRTUAL_PATH) && "$_venv" != "") then
  deactivate
  set _venv = "`alias deactivate`"
endif

# _venv_undo collects the commands by which deactivate puts back what was. First, itself: an alias
# of the user's that has the same name.
if ("$_venv" != "") then
  set _OLD_VIRTUAL_ALIAS = $_venv:q
  set _venv_undo = 'alias deactivate $_OLD_VIRTUAL_ALIAS:q; unset _OLD_VIRTUAL_ALIAS'
else
  set _venv_undo = 'unalias deactivate'
endif
foreach _venv (PATH PYTHONHOME VIRTUAL_ENV VIRTUAL_ENV_PROMPT)
  set _venv_undo = "$_venv_undo; unsetenv $_venv"
  set _venv_old = _OLD_VIRTUAL_$_venv
  if ($_venv == VIRTUAL_ENV_PROMPT) set _venv_old = _OLD_VIRTUAL_ENV_PROMPT # 30 letters at most
  eval 'set _venv_set = $?'$_venv
  if ($_venv_set) then
    eval "set $_venv_old = "'$'"${_venv}:q"
    set _venv_undo = "$_venv_undo; setenv $_venv "'"$'"$_venv_old"'"'"; unset $_venv_old"
  endif
end

# Without PATH the shell still looks in its own path.
if (! $?PATH) then
  set _OLD_VIRTUAL_PATH = ($path:q)
  set _venv_undo = "$_venv_undo; "'set path = ($_OLD_VIRTUAL_PATH:q); unsetenv PATH; unset _OLD_VIRTUAL_PATH'
  set path = ($path:q)
endif

unsetenv PYTHONHOME
setenv VIRTUAL_ENV __VENV_DIR__
setenv VIRTUAL_ENV_PROMPT __VENV_PROMPT__
set _venv = __VENV_BIN_NAME__

# In the prompt `!` and, in tcsh, `%`, `^` and backslash are marks, which must be made plain. (csh
# can't do that itself; 041 is its `!`.)
set _venv_shown = ""
if ($?prompt) then
  set _venv_shown = yes
  if ($?VIRTUAL_ENV_DISABLE_PROMPT) then
    if ("$VIRTUAL_ENV_DISABLE_PROMPT" != "") set _venv_shown = ""
  endif
endif
if ("$_venv_shown" != "") then
  set _venv_shown = $VIRTUAL_ENV_PROMPT:q
  if ($?tcsh) then
    set _venv_shown = $_venv_shown:as,\\,\\\\,:q
    set _venv_shown = "$_venv_shown:as/\!/\\!/"
    set _venv_shown = "$_venv_shown:as/^/\^/"
    set _venv_shown = "$_venv_shown:as/%/%%/"
  else if ("$PATH" != "" && "$_venv_shown" =~ *\!*) then
    set _venv_shown = "`printenv VIRTUAL_ENV_PROMPT | awk -v r='\\\\&' '{ gsub(/\041/, r); print }'`"
  endif
  set _OLD_VIRTUAL_PROMPT = $prompt:q
  set _venv_undo = "$_venv_undo; "'set prompt = $_OLD_VIRTUAL_PROMPT:q; unset _OLD_VIRTUAL_PROMPT'
  set prompt = "($_venv_shown) "$prompt:q
endif

# PATH comes last: printenv and awk are the user's, whatever the environment installs.
if ("$PATH" != "") then
  setenv PATH "${VIRTUAL_ENV}/${_venv}:${PATH}"
else
  setenv PATH "${VIRTUAL_ENV}/${_venv}"
endif
alias deactivate 'eval "$_venv_undo; unset _venv_undo; rehash"'
rehash
unset _venv _venv_old _venv_set _venv_shown
)venv")},
};

VENV_DETAIL_END

// ---- src/system/path.hpp ------------------------------------------------------------------------

VENV_DETAIL_BEGIN

namespace fs = std::filesystem;

/// A path as UTF-8 text, with the platform's own separators.
VENV_INLINE std::string text_of(const fs::path& path) {
  if constexpr (std::is_same_v<fs::path::value_type, char>) {
    return path.string();
  } else {
    const auto text = path.u8string(); // std::u8string since C++20
    return std::string(text.begin(), text.end());
  }
}

/// The path that UTF-8 `text` spells.
VENV_INLINE fs::path path_of(std::string_view text) {
  if constexpr (std::is_same_v<fs::path::value_type, char>) {
    return fs::path(text);
  } else {
    using Unit = decltype(fs::path().u8string())::value_type;
    return fs::path(std::basic_string<Unit>(text.begin(), text.end()));
  }
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
  result = result.lexically_normal();
  return result.has_filename() ? result : result.parent_path();
}

VENV_DETAIL_END

// ---- src/system/platform.hpp --------------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of platform.posix.hpp and platform.windows.hpp: `this_os`, `search_path_separator`,
// `executable_suffix`, `scripts_folder` (the name that `install_scripts` knows the platform by), `allowed_processors()`.

VENV_DETAIL_END

#if defined(_WIN32)
VENV_DETAIL_BEGIN

inline constexpr Os this_os = Os::windows;
inline constexpr char search_path_separator = ';';
inline constexpr std::string_view executable_suffix = ".exe";
inline constexpr std::string_view scripts_folder = "nt";

VENV_INLINE std::size_t allowed_processors() { return 0; }

VENV_DETAIL_END
#else
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

/// The processors that this process may use (`taskset`, a container's cpuset), 0 where that can't
/// be told. C++ libraries answer with those that the machine has.
VENV_INLINE std::size_t allowed_processors() {
#if defined(__linux__)
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) == 0) {
    return static_cast<std::size_t>(CPU_COUNT(&allowed));
  }
#endif
  return 0;
}

VENV_DETAIL_END
#endif

// ---- src/system/interruption.hpp ----------------------------------------------------------------

VENV_DETAIL_BEGIN

/// The signal that asked this process to end, 0 while there was none, and the children to end with
/// it. Only atomics: a signal handler reads it.
struct Interruption {
  std::atomic<int> signal{0};
  std::array<std::atomic<long>, 64> children{};
};

inline Interruption interruption;

/// To be called between steps: whoever interrupts is not kept waiting.
VENV_INLINE void throw_if_interrupted() {
  if (const int signal = interruption.signal)
    throw Error(ErrorCode::interrupted, "interrupted by signal " + std::to_string(signal));
}

/// Replaces one child by another in the list; 0 is a free place. Without one, an interruption
/// reaches the child only when this process has ended.
VENV_INLINE void replace_child(long old, long now) {
  for (std::atomic<long>& child : interruption.children) {
    long expected = old;
    if (child.compare_exchange_strong(expected, now)) return;
  }
}

VENV_DETAIL_END

// ---- src/system/file.hpp ------------------------------------------------------------------------

VENV_DETAIL_BEGIN

enum class FileKind { missing, file, directory, link, other };

/// What the system knows of a directory entry. Times are nanoseconds since 1970.
struct Status {
  FileKind kind = FileKind::missing;
  std::uint64_t size = 0, device = 0, inode = 0;
  std::int64_t modified = 0, changed = 0;
  std::uint32_t mode = 0, owner = 0;
};

/// In the names of files that are being written: one that no user chooses, as what killed runs left
/// is found by it and removed.
inline constexpr std::string_view left_over_mark = ".venv.hpp-";

/// Whether `name` is what `name_beside` makes: a file that a killed run was writing.
VENV_INLINE bool is_left_over(const std::string& name) {
  const std::size_t mark = name.rfind(left_over_mark);
  if (mark == name.npos) return false;
  std::string_view rest = std::string_view(name).substr(mark + left_over_mark.size());
  rest.remove_prefix(std::min(rest.find_first_not_of("0123456789"), rest.size()));
  return take_prefix(rest, "-") && !rest.empty() &&
         rest.find_first_not_of("0123456789") == rest.npos;
}

// The contract of file.posix.hpp and file.windows.hpp. Every function throws Error (`io`) with the
// path and the system's reason, unless it says otherwise.

/// Of the entry itself, links not followed; `missing` too where it can't be looked at.
Status status_of(const fs::path& path);
/// Of what a link leads to.
Status followed_status_of(const fs::path& path);

/// Makes one directory (mode 0777 less the umask); false where a directory, or a link to one, is
/// there already.
bool make_directory(const fs::path& path);

/// Links `link` to `target`, in one step replacing what is there (but no directory); false where the
/// file system or the user may have no links.
bool make_link(const fs::path& target, const fs::path& link);

/// Writes beside `path` and renames into place, so that nobody ever sees half of it and a link in
/// its place is replaced, not followed. The mode is exact, whatever the umask.
void write_file(const fs::path& path, std::string_view bytes, std::uint32_t mode);
/// The same with the mode 0666 less the umask.
void write_file(const fs::path& path, std::string_view bytes);
/// The same with the bytes of `source`.
void copy_file(const fs::path& source, const fs::path& path, std::uint32_t mode);

/// All bytes of a regular file of at most `limit` bytes.
std::string read_file(const fs::path& path, std::uint64_t limit = 1u << 26);

/// Renames, replacing a file or link in the way.
void rename_file(const fs::path& from, const fs::path& to);
/// Removes a file or link; nothing there is fine.
void remove_file(const fs::path& path);

/// Lets all who may read the file execute it.
void make_executable(const fs::path& path);

/// Whether this process may execute the file.
bool is_executable(const fs::path& path);

// class NewFile(path, mode): a file that is written beside its place by `write(bytes)` and
// `write_at(offset, bytes)` (by several threads, if need be), given its exact mode by `set_mode(mode)` and put there by `put_in_place()`; else it is gone again.

/// Keeps others out of a directory for as long as it lives. Where locks don't work it does nothing.
class DirectoryLock {
public:
  DirectoryLock() = default; ///< keeps nobody out
  /// Waits at most `seconds`, then throws Error (`busy`), naming the holder where known.
  DirectoryLock(const fs::path& directory, int seconds);
  ~DirectoryLock();
  DirectoryLock(DirectoryLock&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}
  DirectoryLock& operator=(DirectoryLock&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  /// Whether the directory is still the one at that path (another process may have removed it).
  bool holds(const fs::path& directory) const;

private:
  std::intptr_t handle_ = -1;
};

VENV_DETAIL_END

#if defined(_WIN32)
#error "venv.hpp does not run on Windows yet"
#else
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE std::error_code last_error() { return {errno, std::generic_category()}; }

/// A file descriptor that closes itself.
class Descriptor {
public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { close(); }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

private:
  int fd_;
};

VENV_INLINE Status to_status(const struct stat& from) {
  Status status;
  status.kind = S_ISREG(from.st_mode)   ? FileKind::file
                : S_ISDIR(from.st_mode) ? FileKind::directory
                : S_ISLNK(from.st_mode) ? FileKind::link
                                        : FileKind::other;
#if defined(__APPLE__)
  const timespec modified = from.st_mtimespec, changed = from.st_ctimespec;
#else
  const timespec modified = from.st_mtim, changed = from.st_ctim;
#endif
  const auto nanoseconds = [](const timespec& time) {
    return std::int64_t{time.tv_sec} * 1000000000 + time.tv_nsec;
  };
  status.modified = nanoseconds(modified);
  status.changed = nanoseconds(changed);
  status.size = static_cast<std::uint64_t>(from.st_size);
  status.device = static_cast<std::uint64_t>(from.st_dev);
  status.inode = static_cast<std::uint64_t>(from.st_ino);
  status.mode = from.st_mode & 07777u;
  status.owner = from.st_uid;
  return status;
}

VENV_INLINE Status status_of(const fs::path& path) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) == 0 ? to_status(status) : Status{};
}

VENV_INLINE Status followed_status_of(const fs::path& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? to_status(status) : Status{};
}

VENV_INLINE bool make_directory(const fs::path& path) {
  if (::mkdir(path.c_str(), 0777) == 0) return true;
  const std::error_code failed = last_error();
  if (followed_status_of(path).kind == FileKind::directory) return false;
  throw io_error("create directory", path, failed);
}

/// A name beside `path` that no other thread or process uses; `is_left_over` knows it.
VENV_INLINE fs::path name_beside(const fs::path& path) {
  static std::atomic<unsigned> count{0};
  return path.native() + std::string(left_over_mark) + std::to_string(::getpid()) + '-' +
         std::to_string(count++);
}

VENV_INLINE void rename_file(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) throw io_error("replace", to, last_error());
}

VENV_INLINE void remove_file(const fs::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) throw io_error("remove", path, last_error());
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
  if (errno == EPERM || errno == ENOTSUP || errno == EOPNOTSUPP || errno == ENOSYS) return false;
  throw io_error("create link", link, last_error());
}

VENV_INLINE void write_all(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw io_error("write", path, last_error());
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// A file being written beside its place; gone again unless it is put there.
class NewFile {
public:
  NewFile(const fs::path& path, mode_t mode) : place_(path), beside_(name_beside(path)) {
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    file_ = Descriptor(::open(beside_.c_str(), flags, mode));
    if (!file_) throw io_error("create", place_, last_error());
  }
  ~NewFile() {
    if (file_) ::unlink(beside_.c_str());
  }
  void write(std::string_view bytes) { write_all(file_.get(), bytes, place_); }
  void write_at(std::size_t offset, std::string_view bytes) {
    while (!bytes.empty()) {
      const auto at = static_cast<off_t>(offset);
      const ssize_t written = ::pwrite(file_.get(), bytes.data(), bytes.size(), at);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw io_error("write", place_, last_error());
      bytes.remove_prefix(static_cast<std::size_t>(written));
      offset += static_cast<std::size_t>(written);
    }
  }
  void set_mode(mode_t mode) {
    if (::fchmod(file_.get(), mode) != 0) throw io_error("set the mode of", place_, last_error());
  }
  void put_in_place() {
    rename_file(beside_, place_);
    file_.close();
  }

private:
  fs::path place_, beside_;
  Descriptor file_{};
};

VENV_INLINE void write_file(const fs::path& path, std::string_view bytes, std::uint32_t mode) {
  NewFile file(path, number_as<mode_t>(mode));
  file.write(bytes);
  file.set_mode(number_as<mode_t>(mode));
  file.put_in_place();
}

VENV_INLINE void write_file(const fs::path& path, std::string_view bytes) {
  NewFile file(path, 0666);
  file.write(bytes);
  file.put_in_place();
}

/// Opens a file for reading, but none that might keep its reader waiting (a FIFO, say).
VENV_INLINE Descriptor open_to_read(const fs::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (!file || ::fstat(file.get(), &status) != 0) throw io_error("open", path, last_error());
  if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
    throw Error(ErrorCode::io, "cannot read " + quoted(path) + ": it is no regular file")
        .at("read")
        .on(path);
  return file;
}

/// Calls `take` with the file's bytes, piece by piece.
template <class Take> void for_each_piece(const fs::path& path, Take take) {
  const Descriptor file = open_to_read(path);
  constexpr std::size_t size_of_piece = 65536;
  const std::unique_ptr<char[]> piece(new char[size_of_piece]); // the stack may be a small one
  for (;;) {
    const ssize_t size = ::read(file.get(), piece.get(), size_of_piece);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) throw io_error("read", path, last_error());
    if (size == 0) return;
    take(std::string_view(piece.get(), static_cast<std::size_t>(size)));
  }
}

VENV_INLINE void copy_file(const fs::path& source, const fs::path& path, std::uint32_t mode) {
  NewFile file(path, number_as<mode_t>(mode));
  for_each_piece(source, [&file](std::string_view piece) { file.write(piece); });
  file.set_mode(number_as<mode_t>(mode));
  file.put_in_place();
}

VENV_INLINE std::string read_file(const fs::path& path, std::uint64_t limit) {
  std::string bytes;
  for_each_piece(path, [&](std::string_view piece) {
    if (bytes.size() + piece.size() > limit)
      throw io_error("read", path, std::make_error_code(std::errc::file_too_large));
    bytes += piece;
  });
  return bytes;
}

VENV_INLINE void make_executable(const fs::path& path) {
  const mode_t mode = number_as<mode_t>(status_of(path).mode) | 0555u; // as distlib does
  if (::chmod(path.c_str(), mode) != 0) throw io_error("set the mode of", path, last_error());
}

VENV_INLINE bool is_executable(const fs::path& path) { return ::access(path.c_str(), X_OK) == 0; }

/// "process 123", found in the kernel's table of locks; "another process" where there is none.
VENV_INLINE std::string lock_holder(int fd) {
  struct stat status{};
  std::FILE* locks = ::fstat(fd, &status) == 0 ? std::fopen("/proc/locks", "re") : nullptr;
  std::string holder = "another process";
  char line[256];
  while (locks && std::fgets(line, sizeof line, locks)) {
    long process = 0;
    unsigned long inode = 0;
    if (std::sscanf(line, "%*s FLOCK %*s %*s %ld %*x:%*x:%lu", &process, &inode) == 2 &&
        inode == status.st_ino && process > 0) // one of another namespace has no number
      holder = "process " + std::to_string(process);
  }
  if (locks) std::fclose(locks);
  return holder;
}

VENV_INLINE DirectoryLock::DirectoryLock(const fs::path& directory, int seconds) {
  Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened) return;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (::flock(opened.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return; // no locks here (NFS, say)
    throw_if_interrupted();
    if (std::chrono::steady_clock::now() > end)
      throw Error(ErrorCode::busy,
                  quoted(directory) + " is being made by " + lock_holder(opened.get()))
          .at("lock the directory")
          .on(directory)
          .advise("Wait for it, or end it, and try again.");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  handle_ = opened.release();
}

VENV_INLINE DirectoryLock::~DirectoryLock() {
  if (handle_ >= 0) ::close(number_as<int>(handle_));
}

VENV_INLINE bool DirectoryLock::holds(const fs::path& directory) const {
  struct stat mine{}, there{};
  if (handle_ < 0) return true;
  return ::fstat(number_as<int>(handle_), &mine) == 0 && ::stat(directory.c_str(), &there) == 0 &&
         mine.st_ino == there.st_ino && mine.st_dev == there.st_dev;
}

VENV_DETAIL_END
#endif

// ---- src/system/tree.hpp ------------------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of tree.posix.hpp and tree.windows.hpp: directories and what lies in them. Errors as
// in file.hpp.

/// The names in a directory, in the order of their bytes. Throws where it can't be read.
std::vector<fs::path> names_in(const fs::path& directory);
/// The same; none where the directory is missing or can't be read.
std::vector<fs::path> names_in_if_readable(const fs::path& directory);

/// Removes an entry and, of a directory, all that lies in it; nothing there is fine. Follows no link.
void remove_tree(const fs::path& path);
/// The same as far as the system lets it; whether nothing is left.
bool try_remove_tree(const fs::path& path) noexcept;
/// Removes a directory if it is empty; whether it did.
bool remove_empty_directory(const fs::path& path) noexcept;

/// Where a link leads to, as it is spelled; empty where `path` is no link.
fs::path link_target(const fs::path& path);
/// The absolute path without links; nothing where it leads nowhere.
std::optional<fs::path> resolved(const fs::path& path);
/// Whether both lead to the same file or directory.
bool is_same_file(const fs::path& a, const fs::path& b);
/// The working directory; empty where it is gone.
fs::path working_directory();

VENV_DETAIL_END

#if defined(_WIN32)
#error "venv.hpp does not run on Windows yet"
#else
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE std::vector<fs::path> list_names(const fs::path& directory, std::error_code& failed) {
  std::vector<fs::path> names;
  fs::directory_iterator entry(directory, failed);
  for (const fs::directory_iterator end; !failed && entry != end; entry.increment(failed))
    names.push_back(entry->path().filename());
  std::sort(names.begin(), names.end(),
            [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
  return names;
}

VENV_INLINE std::vector<fs::path> names_in(const fs::path& directory) {
  std::error_code failed;
  std::vector<fs::path> names = list_names(directory, failed);
  if (failed) throw io_error("list", directory, failed);
  return names;
}

VENV_INLINE std::vector<fs::path> names_in_if_readable(const fs::path& directory) {
  std::error_code failed;
  return list_names(directory, failed);
}

VENV_INLINE void remove_tree(const fs::path& path) {
  std::error_code failed;
  fs::remove_all(path, failed);
  if (failed) throw io_error("remove", path, failed);
}

VENV_INLINE bool try_remove_tree(const fs::path& path) noexcept {
  std::error_code failed;
  fs::remove_all(path, failed);
  return !failed;
}

VENV_INLINE bool remove_empty_directory(const fs::path& path) noexcept {
  return ::rmdir(path.c_str()) == 0;
}

VENV_INLINE fs::path link_target(const fs::path& path) {
  std::error_code failed;
  return fs::read_symlink(path, failed);
}

VENV_INLINE std::optional<fs::path> resolved(const fs::path& path) {
  std::error_code failed;
  fs::path real = fs::canonical(path, failed);
  return failed ? std::nullopt : std::optional<fs::path>(std::move(real));
}

VENV_INLINE bool is_same_file(const fs::path& a, const fs::path& b) {
  std::error_code failed;
  return fs::equivalent(a, b, failed) && !failed;
}

VENV_INLINE fs::path working_directory() {
  std::error_code failed;
  return fs::current_path(failed);
}

VENV_DETAIL_END
#endif

// ---- src/system/storage.hpp ---------------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of storage.posix.hpp and storage.windows.hpp: many files at once, and files that
// are trusted. Errors as in file.hpp.

/// A directory in which files are made that were not there before.
class Folder {
public:
  explicit Folder(const fs::path& path);
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  /// Makes a file of the pieces, one behind the other. The mode is less the umask; `modified` is in
  /// seconds since 1970, now where not given.
  void create(const std::string& name, std::initializer_list<std::string_view> pieces,
              std::uint32_t mode, std::optional<std::int64_t> modified = {}) const;

private:
  fs::path path_;
  std::intptr_t handle_ = -1;
};

/// A file's bytes, mapped, for as long as this lives.
class MappedFile {
public:
  /// Throws where the file can't be mapped. `trusted`: also where it is not a regular file that
  /// belongs to the effective user and that nobody else can write, or is a link.
  explicit MappedFile(const fs::path& path, bool trusted = false);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  std::string_view bytes() const { return bytes_; }

private:
  std::string_view bytes_{};
};

/// Makes `directory` (mode 0700; an absolute path), and those above it, where missing and where only
/// the effective user and root can replace them. Whether it then belongs to the effective user and
/// nobody else can write it, nor replace it, one above it or a link on the way.
bool make_private_directory(const fs::path& directory);

/// Marks the file as used now.
void touch(const fs::path& path);

VENV_DETAIL_END

#if defined(_WIN32)
#error "venv.hpp does not run on Windows yet"
#else
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE Folder::Folder(const fs::path& path) : path_(path) {
  handle_ = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle_ < 0) throw io_error("open directory", path, last_error());
}

VENV_INLINE Folder::~Folder() { ::close(number_as<int>(handle_)); }

VENV_INLINE void Folder::create(const std::string& name,
                                std::initializer_list<std::string_view> pieces, std::uint32_t mode,
                                std::optional<std::int64_t> modified) const {
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
  const int folder = number_as<int>(handle_);
  const Descriptor file(::openat(folder, name.c_str(), flags, number_as<mode_t>(mode)));
  if (!file) throw io_error("create", path_ / name, last_error());
  for (const std::string_view piece : pieces) write_all(file.get(), piece, path_ / name);
  if (!modified) return;
  timespec time{};
  time.tv_sec = number_as<time_t>(*modified);
  const timespec times[] = {time, time};
  if (::futimens(file.get(), times) != 0)
    throw io_error("set the time of", path_ / name, last_error());
}

VENV_INLINE MappedFile::MappedFile(const fs::path& path, bool trusted) {
  const int follow = trusted ? O_NOFOLLOW : 0;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | follow));
  struct stat status{};
  if (!file || ::fstat(file.get(), &status) != 0) throw io_error("open", path, last_error());
  const bool ours = status.st_uid == ::geteuid() && (status.st_mode & 022) == 0;
  if (!S_ISREG(status.st_mode) || (trusted && !ours))
    throw io_error("trust", path, std::make_error_code(std::errc::operation_not_permitted));
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return;
  void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (mapped == MAP_FAILED) throw io_error("map", path, last_error());
  bytes_ = {static_cast<const char*>(mapped), size};
}

VENV_INLINE MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

/// Whether only the effective user and root can replace what lies in `dir`, a path without links. In
/// a directory with the sticky bit others can't replace what isn't theirs.
VENV_INLINE bool is_out_of_reach(fs::path dir) {
  for (;; dir = dir.parent_path()) {
    const Status status = status_of(dir);
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
    const Status status = status_of(part);
    if (status.kind != FileKind::link) continue;
    if ((status.owner != ::geteuid() && status.owner != 0) || links-- == 0) return false;
    const fs::path target = parent / fs::read_symlink(part, failed);
    if (failed || !is_out_of_reach_through_links(target, links)) return false;
  }
  return true;
}

VENV_INLINE bool is_private(const fs::path& path) {
  std::error_code failed;
  const fs::path real = fs::canonical(path, failed);
  const Status status = status_of(real);
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
  return is_private(directory);
}

VENV_INLINE void touch(const fs::path& path) { ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0); }

VENV_DETAIL_END
#endif

// ---- src/system/workers.hpp ---------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// How many workers are worth having: the processors that this process may use, at least 1.
VENV_INLINE std::size_t processors() {
  if (const std::size_t allowed = allowed_processors(); allowed != 0) return allowed;
  return std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

/// Calls `work` for 0 to `count - 1`, each once, from this thread and up to `workers - 1` others;
/// from this one alone where no thread can be started. The first exception is thrown again here,
/// once all have stopped.
VENV_INLINE void in_parallel(std::size_t count, std::size_t workers,
                             FunctionRef<void(std::size_t)> work) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex failing;
  const auto run = [&] {
    try {
      for (std::size_t i; (i = next++) < count;) work(i);
    } catch (...) {
      next = count;
      const std::lock_guard<std::mutex> lock(failing);
      if (!failure) failure = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  try {
    for (std::size_t i = 1; i < std::min(workers, count); ++i) threads.emplace_back(run);
  } catch (const std::system_error&) {
    // Fewer hands, the same work.
  }
  run();
  for (std::thread& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
}

VENV_DETAIL_END

// ---- src/system/process.hpp ---------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Changes to a child's environment: a value, or nothing to take the variable out.
using Changes = std::vector<std::pair<std::string, std::optional<std::string>>>;

struct Command {
  fs::path program;
  std::vector<std::string> arguments; ///< without the program's own name
  Changes environment;
  fs::path cwd; ///< this process's own where empty
  std::chrono::milliseconds timeout{0};
};

struct ExitStatus {
  int code = 0;           ///< what it exited with; 128 + the signal that ended it
  int signal = 0;         ///< the signal that ended it, else 0
  bool timed_out = false; ///< killed after `timeout`
};

/// Runs a program to its end, its standard input empty. Throws Error (`io`) where it can't be
/// started. It leads a process group of its own; the group is killed when the time is over, and
/// (where the system can tell) the program is asked to end when this process dies. `on_output` is
/// called with pieces of output as they come.
ExitStatus run_command(const Command& command, FunctionRef<void(Stream, std::string_view)> on_output);

/// The value of an environment variable, nothing where it is unset or empty.
std::optional<std::string> variable(const char* name);

/// The home directory that the system's list of accounts has for the effective user, whatever the
/// environment says; empty where it has none.
fs::path account_home();

VENV_DETAIL_END

#if defined(_WIN32)
#error "venv.hpp does not run on Windows yet"
#else
#include <fcntl.h>
#include <poll.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

extern char** environ;

VENV_DETAIL_BEGIN

VENV_INLINE std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value && *value ? std::optional<std::string>(value) : std::nullopt;
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

/// `NAME=value` lines for a child: this process's own, changed.
VENV_INLINE std::vector<std::string> changed_environment(const Changes& changes) {
  std::vector<std::string> lines;
  for (char** line = environ; line && *line; ++line) {
    const std::string_view text = *line;
    const std::string_view name = text.substr(0, text.find('='));
    const auto same = [&](const auto& change) { return change.first == name; };
    if (std::none_of(changes.begin(), changes.end(), same)) lines.emplace_back(text);
  }
  for (const auto& [name, value] : changes)
    if (value) lines.push_back(name + '=' + *value);
  return lines;
}

VENV_INLINE std::vector<char*> pointers_to(std::vector<std::string>& lines) {
  std::vector<char*> pointers;
  for (std::string& line : lines) pointers.push_back(line.data());
  pointers.push_back(nullptr);
  return pointers;
}

struct Pipe {
  Descriptor read, write;
};

/// The same file under a number above those that a child's own are put on.
VENV_INLINE Descriptor above_standard(int fd) {
  Descriptor low(fd);
  if (fd < 0 || fd > 2) return low;
  return Descriptor(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

VENV_INLINE Pipe make_pipe() {
  int ends[2];
  // Not O_CLOEXEC at once, as macOS has no pipe2: a fork elsewhere in between may inherit them.
#if defined(__linux__)
  const bool made = ::pipe2(ends, O_CLOEXEC) == 0;
#else
  const bool made = ::pipe(ends) == 0;
#endif
  if (!made) throw io_error("make a pipe for", "a child process", last_error());
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  return {above_standard(ends[0]), above_standard(ends[1])};
}

/// What the child does between fork and exec: only async-signal-safe calls.
[[noreturn]] VENV_INLINE void become(const char* program, char** arguments, char** environment,
                                     const char* cwd, const std::array<int, 4>& fds, pid_t parent) {
  ::setpgid(0, 0);
#if defined(__linux__)
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);
#else
  (void)parent;
#endif
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int signal : {SIGPIPE, SIGXFSZ}) ::signal(signal, SIG_DFL);
  int failed[2] = {0, 0}; // the system's reason, and whether it is of the working directory
  if (::dup2(fds[0], 0) >= 0 && ::dup2(fds[1], 1) >= 0 && ::dup2(fds[2], 2) >= 0) {
    failed[1] = cwd && ::chdir(cwd) != 0;
    if (!failed[1]) ::execve(program, arguments, environment);
  }
  failed[0] = errno;
  const auto told = ::write(fds[3], failed, sizeof failed);
  ::_exit(told > 0 ? 127 : 126);
}

/// When a child's time is over: after its timeout, or a second after this process was asked to end,
/// which its children are told (some don't listen).
class Deadline {
public:
  explicit Deadline(std::chrono::milliseconds timeout)
      : end_(timeout.count() > 0 ? Clock::now() + timeout : Clock::time_point::max()) {}
  /// How many milliseconds to wait before asking again; 0 when the time is over.
  int left() {
    const auto now = Clock::now();
    if (interruption.signal && !std::exchange(interrupted_, true))
      end_ = std::min(end_, now + std::chrono::seconds(1));
    if (now >= end_) return 0;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - now);
    return static_cast<int>(std::min<long long>(left.count() + 1, 500));
  }

private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point end_;
  bool interrupted_ = false;
};

/// Passes on what comes from both pipes until both end or the time is over; false for the latter.
VENV_INLINE bool drain(Deadline& deadline, FunctionRef<void(Stream, std::string_view)> on_output,
                       Descriptor& out, Descriptor& err) {
  constexpr std::size_t size_of_piece = 65536;
  const std::unique_ptr<char[]> piece(new char[size_of_piece]); // the stack may be a small one
  while (out || err) {
    const int wait = deadline.left();
    if (wait == 0) return false;
    std::array<pollfd, 2> polled{{{out.get(), POLLIN, 0}, {err.get(), POLLIN, 0}}};
    if (::poll(polled.data(), polled.size(), wait) < 0 && errno != EINTR) return true;
    for (Descriptor* from : {&out, &err}) {
      const pollfd& ready = polled[from == &out ? 0 : 1];
      if (!*from || ready.revents == 0) continue;
      const ssize_t size = ::read(from->get(), piece.get(), size_of_piece);
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) from->close();
      else
        on_output(from == &out ? Stream::out : Stream::err,
                  {piece.get(), static_cast<std::size_t>(size)});
    }
  }
  return true;
}

/// Whether a child, which may have closed its outputs long before, ends in time.
VENV_INLINE bool ends(pid_t child, Deadline& deadline) {
  using std::chrono::microseconds; // it mostly ends at once: a millisecond would be felt
  for (microseconds pause(50);; pause = std::min(2 * pause, microseconds(50000))) {
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        info.si_pid == child)
      return true;
    if (deadline.left() == 0) return false;
    std::this_thread::sleep_for(pause);
  }
}

VENV_INLINE int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return 0;
  return status;
}

/// Kills the group of a child that is still to be waited for, however this scope is left.
class ChildGroup {
public:
  explicit ChildGroup(pid_t leader) : leader_(leader) {
    ::setpgid(leader, leader);
    replace_child(0, leader);
  }
  ~ChildGroup() {
    if (leader_ <= 0) return;
    ::kill(-leader_, SIGKILL);
    wait();
  }
  void kill() { ::kill(-leader_, SIGKILL); }
  int wait() {
    const pid_t leader = std::exchange(leader_, 0);
    const int status = wait_for(leader);
    replace_child(leader, 0);
    return status;
  }

private:
  pid_t leader_;
};

VENV_INLINE ExitStatus run_command(const Command& command,
                                   FunctionRef<void(Stream, std::string_view)> on_output) {
  std::vector<std::string> argument_texts{command.program.native()};
  argument_texts.insert(argument_texts.end(), command.arguments.begin(), command.arguments.end());
  std::vector<std::string> environment_texts = changed_environment(command.environment);
  std::vector<char*> arguments = pointers_to(argument_texts);
  std::vector<char*> environment = pointers_to(environment_texts);
  Descriptor empty = above_standard(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  Pipe out = make_pipe(), err = make_pipe(), failure = make_pipe();
  const char* cwd = command.cwd.empty() ? nullptr : command.cwd.c_str();
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) throw io_error("start", command.program, last_error());
  if (child == 0)
    become(command.program.c_str(), arguments.data(), environment.data(), cwd,
           {empty.get(), out.write.get(), err.write.get(), failure.write.get()}, parent);
  ChildGroup group(child);
  for (Pipe* pipe : {&out, &err, &failure}) pipe->write.close();
  int failed[2] = {0, 0};
  if (::read(failure.read.get(), failed, sizeof failed) == sizeof failed)
    throw io_error(failed[1] ? "enter" : "start", failed[1] ? command.cwd : command.program,
                   {failed[0], std::generic_category()});
  throw_if_interrupted();
  ExitStatus exit;
  Deadline deadline(command.timeout);
  exit.timed_out = !drain(deadline, on_output, out.read, err.read) || !ends(child, deadline);
  if (exit.timed_out) group.kill();
  const int status = group.wait();
  throw_if_interrupted();
  exit.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  exit.code = exit.signal ? 128 + exit.signal : WEXITSTATUS(status);
  return exit;
}

VENV_DETAIL_END
#endif

// ---- src/system/terminal.hpp --------------------------------------------------------------------

VENV_DETAIL_BEGIN

// The contract of terminal.posix.hpp and terminal.windows.hpp.

/// Whether what is written to standard error is read by a person.
bool stderr_is_terminal();

/// While it lives, SIGINT, SIGTERM and SIGHUP end the child that is running and make
/// `interruption()` tell, instead of ending the process at once; and writing to a closed pipe
/// (SIGPIPE) or beyond the largest size of files (SIGXFSZ) is an error like others. Then what was set
/// before holds again. For the program only.
class InterruptGuard {
public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  /// Ends this process by the signal that came, as if it had never been held back.
  [[noreturn]] static void die();

private:
  struct Handlers;
  std::unique_ptr<Handlers> before_;
};

VENV_DETAIL_END

#if defined(_WIN32)
#error "venv.hpp does not run on Windows yet"
#else
#include <sys/types.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) != 0; }

extern "C" inline void venv_on_interrupt(int signal) {
  interruption.signal = signal;
  for (const std::atomic<long>& place : interruption.children)
    if (const long child = place) ::kill(static_cast<pid_t>(-child), SIGTERM);
}

inline constexpr int guarded_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ};

struct InterruptGuard::Handlers {
  struct sigaction of[std::size(guarded_signals)];
};

VENV_INLINE InterruptGuard::InterruptGuard() : before_(std::make_unique<Handlers>()) {
  for (std::size_t i = 0; i < std::size(guarded_signals); ++i) {
    const int signal = guarded_signals[i];
    struct sigaction& before = before_->of[i];
    struct sigaction now{};
    const bool failure = signal == SIGPIPE || signal == SIGXFSZ;
    now.sa_handler = failure ? SIG_IGN : venv_on_interrupt;
    now.sa_flags = SA_RESTART;
    ::sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_IGN) ::sigaction(signal, &now, nullptr); // nohup's stays ignored
  }
}

VENV_INLINE InterruptGuard::~InterruptGuard() {
  for (std::size_t i = 0; i < std::size(guarded_signals); ++i)
    ::sigaction(guarded_signals[i], &before_->of[i], nullptr);
}

[[noreturn]] VENV_INLINE void InterruptGuard::die() {
  const int signal = interruption.signal;
  std::signal(signal, SIG_DFL);
  std::raise(signal);
  std::_Exit(128 + signal);
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

/// The index of a pack, or nothing where `bytes` are not one, of another version, cut or damaged.
/// The files' own bytes are only checked as they are used, by `pack_bytes`.
VENV_INLINE std::optional<PackIndex> parse_pack(std::string_view bytes) {
  const std::size_t least = pack_magic.size() + pack_footer_size;
  if (bytes.size() < least || bytes.substr(0, pack_magic.size()) != pack_magic) return std::nullopt;
  const std::size_t footer = bytes.size() - pack_footer_size;
  FieldReader tail(bytes.substr(footer));
  const std::uint64_t offset = tail.number(), size = tail.number();
  if (offset < pack_magic.size() || offset > footer || size != footer - offset) return std::nullopt;
  const std::size_t index_offset = static_cast<std::size_t>(offset);
  const std::string_view index_bytes = bytes.substr(index_offset, footer - index_offset);
  if (bytes.substr(footer) != format_pack_footer(index_offset, index_bytes)) return std::nullopt;
  FieldReader in(index_bytes);
  PackIndex index;
  for (std::string* text :
       {&index.key, &index.distribution, &index.version, &index.script_template})
    *text = in.text();
  index.scripts.resize(in.count(24));
  for (EntryPoint& script : index.scripts)
    for (std::string* text : {&script.name, &script.module, &script.attribute}) *text = in.text();
  index.files.resize(in.count(56));
  for (PackFile& file : index.files) file = read_pack_file(in);
  if (in.failed() || !in.at_end() || !is_sound(index, index_offset)) return std::nullopt;
  return index;
}

/// The bytes of one file of a pack, or nothing where they are damaged.
VENV_INLINE std::optional<std::string_view> pack_bytes(std::string_view pack,
                                                       const PackFile& file) {
  const std::string_view bytes = pack.substr(file.offset, file.size);
  if (bytes.size() != file.size || checksum(bytes) != file.checksum) return std::nullopt;
  return bytes;
}

VENV_DETAIL_END

// ---- src/cache/answer.hpp -----------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// What an interpreter said of itself, remembered.
struct Answer {
  std::string identity{}; ///< of the files that it depended on; another identity, another answer
  std::vector<std::string> fields{};
};

inline constexpr std::string_view answer_magic = "venv.hpp answer 1\n";

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

/// What tells a file from another one at the same path.
VENV_INLINE std::string identity_of(const Status& status) {
  std::string text;
  for (const std::uint64_t value :
       {status.device, status.inode, status.size, static_cast<std::uint64_t>(status.modified),
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
    if (!dir.empty() && make_private_directory(dir)) dir_ = std::move(dir);
  }

  /// The bytes remembered under `name`, or null.
  std::unique_ptr<MappedFile> find(const std::string& name) const {
    if (dir_.empty() || status_of(dir_ / name).kind != FileKind::file) return nullptr;
    try {
      auto file = std::make_unique<MappedFile>(dir_ / name, true);
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
      if (status_of(dir_ / name).kind == FileKind::directory) fs::remove_all(dir_ / name);
      NewFile file(dir_ / name, 0600);
      write(file);
      file.set_mode(0600);
      file.put_in_place();
      forget_oldest();
    } catch (const Error&) {
      // A full disk, say: then the next environment takes longer.
    } catch (const fs::filesystem_error&) {
    }
  }

  void forget(const std::string& name) const {
    std::error_code ignored;
    if (!dir_.empty()) fs::remove(dir_ / name, ignored);
  }

private:
  void forget_oldest() const {
    std::vector<std::pair<Status, fs::path>> files;
    std::uint64_t total = 0;
    for (const auto& entry : fs::directory_iterator(dir_)) {
      const std::string name = text_of(entry.path().filename());
      const Status status = status_of(entry.path());
      if (status.kind != FileKind::file) continue;
      if (is_left_over(name)) {
        if (is_old(status) && is_ours(name.substr(0, name.rfind(left_over_mark))))
          remove_file(entry.path());
      } else if (is_ours(name)) {
        files.push_back({status, entry.path()});
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
  static bool is_old(const Status& status) {
    using namespace std::chrono;
    const auto now = duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count();
    return now - status.modified > nanoseconds(hours(1)).count();
  }

  fs::path dir_{};
  std::uint64_t limit_ = cache_limit;
};

VENV_DETAIL_END

// ---- src/python/probe.hpp -----------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// How long an interpreter may take to say what it is.
inline constexpr std::chrono::seconds probe_timeout{10};

VENV_INLINE Error unusable(const fs::path& python, const std::string& why) {
  Error error(ErrorCode::python_unusable, quoted(python) + ' ' + why);
  error.at("ask the interpreter").on(python);
  return error;
}

/// The first line of what a child printed, short enough for a message.
VENV_INLINE std::string first_line(std::string_view output) {
  const std::string_view text = strip(output);
  return printable(text.substr(0, std::min<std::size_t>(text.find('\n'), 200)));
}

VENV_INLINE std::array<int, 3> release_of(std::string_view text) {
  const auto request = parse_version_request(text);
  return request && request->parts == 3 ? request->release : std::array<int, 3>{};
}

/// The fields of the answer, whatever a wrapper may have printed around them; empty where there is
/// no whole answer.
VENV_INLINE std::vector<std::string> fields_of_answer(const std::string& output) {
  constexpr std::string_view begin("\0venv.hpp probe 1\0", 18), end("\0end\0", 5);
  const std::size_t from = output.find(begin), to = output.rfind(end);
  if (from == output.npos || to == output.npos || to < from + begin.size() - 1) return {};
  const std::size_t first = from + begin.size();
  const auto parts = split(std::string_view(output).substr(first, to - first), '\0');
  return {parts.begin(), parts.end()};
}

/// How many fields an answer has: those of the script, and the real path of the executable.
inline constexpr std::size_t probe_fields = 14;

/// The field that says where the standard library lies.
VENV_INLINE fs::path stdlib_field(const std::vector<std::string>& fields) {
  return path_of(fields[7]);
}

/// Whether the file that was run is the interpreter, and not a wrapper that uses its own name for it.
VENV_INLINE bool runs_itself(const std::vector<std::string>& fields) { return fields[12] == "1"; }

VENV_INLINE Interpreter to_interpreter(const std::vector<std::string>& fields) {
  auto field = fields.begin();
  Interpreter python;
  python.version = release_of(*field++);
  python.implementation = *field++;
  python.cache_tag = *field++;
  python.platform = *field++;
  python.executable = path_of(*field++);
  python.base_executable = path_of(*field++);
  python.base_prefix = path_of(*field++);
  python.stdlib = path_of(*field++);
  python.magic = from_hex(*field++);
  python.is_64bit = *field++ == "1";
  python.free_threaded = *field++ == "1";
  python.debug = *field++ == "1";
  python.real_executable = path_of(fields.back());
  return python;
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
  error.at("ask the interpreter").on(python).advise("Name a newer one with --python.");
  return error;
}

/// What a Python says to `-V`, which every version knows.
VENV_INLINE std::string version_line(const fs::path& python) {
  std::string output;
  run_command({python, {"-V"}, without_steering(), {}, probe_timeout},
              [&output](Stream, std::string_view piece) { output += piece; });
  return first_line(output);
}

[[noreturn]] VENV_INLINE void reject_answer(const fs::path& python, const ExitStatus& exit,
                                            const std::string& output, const std::string& errors) {
  if (exit.timed_out)
    throw unusable(python, "did not answer within " + std::to_string(probe_timeout.count()) + " s");
  if (errors.find("Unknown option: -I") != errors.npos) {
    std::string version = version_line(python);
    if (version.substr(0, 7) == "Python ") throw too_old(python, version.substr(7));
  }
  if (exit.signal) throw unusable(python, "was ended by signal " + std::to_string(exit.signal));
  const std::string said = first_line(errors.empty() ? output : errors);
  const std::string detail = said.empty() ? "" : ": " + said;
  if (exit.code)
    throw unusable(python, "exits with " + std::to_string(exit.code) + detail)
        .exited_with(exit.code);
  throw unusable(python, "does not answer as Python does" + detail);
}

VENV_INLINE void refuse_unrunnable(const fs::path& python) {
  const Status status = followed_status_of(python);
  if (status.kind == FileKind::missing && status_of(python).kind == FileKind::link)
    throw unusable(python, "is a link to nothing");
  if (status.kind == FileKind::missing)
    throw Error(ErrorCode::python_not_found, quoted(python) + " does not exist").on(python);
  if (status.kind == FileKind::directory)
    throw unusable(python, "is a directory, not an interpreter");
  if (!is_executable(python)) throw unusable(python, "is not executable");
}

/// Runs `python` once and returns the fields of its answer. Errors: see `find_interpreter`.
VENV_INLINE std::vector<std::string> ask(const fs::path& python) {
  refuse_unrunnable(python);
  std::string output, errors;
  const Command command{
      python, {"-I", "-S", "-c", std::string(script_probe)}, without_steering(), {}, probe_timeout};
  const auto keep = [&](Stream stream, std::string_view piece) {
    std::string& kept = stream == Stream::out ? output : errors;
    if (kept.size() < 1u << 20) kept += piece;
  };
  ExitStatus exit;
  try {
    exit = run_command(command, keep);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted) throw;
    throw unusable(python, "cannot be run: " + std::string(error.what()))
        .caused_by(error.system_error());
  }
  std::vector<std::string> fields = fields_of_answer(output);
  if (fields.size() == 1) throw too_old(python, fields[0]);
  if (fields.size() != probe_fields - 1) reject_answer(python, exit, output, errors);
  if (release_of(fields[0]) < std::array<int, 3>{3, 6, 0}) throw too_old(python, fields[0]);
  if (fields[4].empty()) throw unusable(python, "does not know its own path");
  std::error_code failed;
  fields.push_back(text_of(fs::canonical(path_of(fields[4]), failed)));
  if (failed) throw io_error("resolve", path_of(fields[4]), failed);
  return fields;
}

VENV_DETAIL_END

// ---- src/python/pyenv.hpp -----------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Where pyenv keeps its things: `$PYENV_ROOT`, else `~/.pyenv`; empty where neither is set.
VENV_INLINE fs::path pyenv_root() {
  if (const auto root = variable("PYENV_ROOT")) return path_of(*root);
  if (const auto home = variable("HOME")) return path_of(*home) / ".pyenv";
  return {};
}

/// The versions that pyenv has installed and whose names are releases, newest first.
VENV_INLINE std::vector<std::pair<VersionRequest, fs::path>> pyenv_versions(const fs::path& root) {
  std::vector<std::pair<VersionRequest, fs::path>> versions;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(root / "versions", failed)) {
    const auto version = parse_version_request(text_of(entry.path().filename()));
    if (version && version->parts >= 2) versions.push_back({*version, entry.path()});
  }
  sort_by(versions, [](const auto& a, const auto& b) { return a.first.release > b.first.release; });
  return versions;
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
  std::error_code failed;
  std::vector<fs::path> starts;
  if (const auto dir = variable("PYENV_DIR")) starts.push_back(path_of(*dir));
  starts.push_back(fs::current_path(failed));
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
  const auto wanted = parse_version_request(name);
  if (!wanted) return {};
  for (const auto& [version, prefix] : pyenv_versions(root)) {
    const std::string_view implementation = version.implementation.empty() ? "cpython" : "pypy";
    if (fits(*wanted, implementation, version.release, version.free_threaded)) return prefix;
  }
  return {};
}

/// The first program on `PATH` called `name` that is no shim: what pyenv calls `system`.
VENV_INLINE fs::path program_behind_shims(const fs::path& name) {
  const std::string search_path = variable("PATH").value_or("");
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

// ---- src/python/discovery.hpp -------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Asks an interpreter; where that is remembered, without running it.
using Probe = FunctionRef<Interpreter(const fs::path&)>;

/// The executables called `name` on `PATH`, in its order. Entries that are no absolute path are
/// passed over: what lies in the working directory is not meant to be run.
VENV_INLINE std::vector<fs::path> on_search_path(const std::string& name) {
  std::vector<fs::path> found;
  const std::string search_path = variable("PATH").value_or("");
  for (const std::string_view entry : split(search_path, search_path_separator)) {
    const fs::path program = path_of(entry) / path_of(name + std::string(executable_suffix));
    if (!program.is_absolute() || followed_status_of(program).kind != FileKind::file) continue;
    if (!is_executable(program)) continue;
    if (!is_pyenv_shim(program)) found.push_back(program);
    else if (const fs::path real = resolve_pyenv_shim(program); !real.empty())
      found.push_back(real);
  }
  return found;
}

/// Below Python 3.11 an environment's interpreter names itself as its base on POSIX. The
/// `pyvenv.cfg` that it lies under says where the real one is.
VENV_INLINE std::optional<fs::path> base_by_configuration(const Interpreter& python) {
  const fs::path dir = python.executable.parent_path();
  for (const fs::path& cfg : {dir / "pyvenv.cfg", dir.parent_path() / "pyvenv.cfg"}) {
    if (followed_status_of(cfg).kind != FileKind::file) continue;
    const auto home = home_of(parse_pyvenv_cfg(read_file(cfg)));
    if (!home) continue;
    const std::string release =
        "python" + std::to_string(python.version[0]) + '.' + std::to_string(python.version[1]);
    for (const fs::path& name :
         {python.executable.filename(), fs::path(release), fs::path("python3")})
      if (is_executable(path_of(*home) / name)) return path_of(*home) / name;
  }
  return std::nullopt;
}

/// What `python` is, with the base that it is the environment of, however deep.
VENV_INLINE Interpreter interpreter_at(const fs::path& python, const Probe& probe) {
  Interpreter answer = probe(absolute_path(python));
  const fs::path started = answer.executable;
  for (int depth = 0; depth < 16 && answer.base_executable == answer.executable; ++depth) {
    const auto base = base_by_configuration(answer);
    if (!base || *base == answer.executable) break;
    answer = probe(*base);
  }
  answer.executable = started;
  answer.base_executable = absolute_path(answer.base_executable);
  return answer;
}

/// Candidates for a version, in the order in which they are tried: its own name on `PATH`, the plain
/// names there, then pyenv's versions, newest first.
VENV_INLINE std::vector<fs::path> candidates_for(const VersionRequest& request) {
  const std::string name = request.implementation.empty() ? "python" : request.implementation;
  std::vector<std::string> names;
  std::string numbered = name;
  for (std::size_t i = 0; i < std::min<std::size_t>(request.parts, 2) && !request.at_least; ++i)
    numbered += (i ? "." : "") + std::to_string(request.release[i]);
  for (const std::string& candidate :
       {numbered + (request.free_threaded ? "t" : ""), name + '3', name})
    if (std::find(names.begin(), names.end(), candidate) == names.end()) names.push_back(candidate);
  std::vector<fs::path> candidates;
  for (const std::string& candidate : names)
    for (const fs::path& program : on_search_path(candidate)) candidates.push_back(program);
  for (const auto& [version, prefix] : pyenv_versions(pyenv_root())) {
    const std::string_view implementation = version.implementation.empty() ? "cpython" : "pypy";
    if (fits(request, implementation, version.release, version.free_threaded))
      candidates.push_back(prefix / "bin" / name);
  }
  return candidates;
}

/// "CPython 3.13.0", for people.
VENV_INLINE std::string describe(const Interpreter& python) {
  const std::string& name = python.implementation;
  return (name == "cpython" ? "CPython"
          : name == "pypy"  ? "PyPy"
                            : name) +
         ' ' + dotted(python.version) + (python.free_threaded ? "t" : "");
}

/// Gathers why candidates were rejected, for the hint of the error at the end.
class Rejections {
public:
  void add(const fs::path& python, const std::string& why) {
    lines_ += (lines_.empty() ? "" : "; ") + quoted(python) + ' ' + why;
  }
  Error error(const std::string& request) const {
    Error error(ErrorCode::python_not_found, "no Python found for '" + printable(request) + "'");
    error.at("find the interpreter");
    error.advise(lines_.empty() ? "Nothing on PATH or in pyenv's versions has that name."
                                : "Tried: " + lines_ + '.');
    return error;
  }

private:
  std::string lines_{};
};

VENV_INLINE std::optional<Interpreter> first_fitting(const std::vector<fs::path>& candidates,
                                                     const std::optional<VersionRequest>& request,
                                                     const Probe& probe, Rejections& rejections) {
  for (auto candidate = candidates.begin(); candidate != candidates.end(); ++candidate) {
    if (std::find(candidates.begin(), candidate, *candidate) != candidate) continue;
    try {
      Interpreter python = interpreter_at(*candidate, probe);
      if (!request || fits(*request, python.implementation, python.version, python.free_threaded))
        return python;
      rejections.add(*candidate, "is " + describe(python));
    } catch (const Error& error) {
      const std::string why = error.what(), name = quoted(*candidate) + ' ';
      rejections.add(*candidate,
                     why.substr(0, name.size()) == name ? why.substr(name.size()) : why);
    }
  }
  return std::nullopt;
}

VENV_INLINE bool is_path(const std::string& request) {
  return request.find('/') != request.npos ||
         (search_path_separator == ';' && request.find('\\') != request.npos);
}

/// `find_interpreter`, asking by `probe`.
VENV_INLINE Interpreter discover(const std::string& request, const Probe& probe) {
  if (is_path(request)) {
    const fs::path path = absolute_path(path_of(request));
    const fs::path real = is_pyenv_shim(path) ? resolve_pyenv_shim(path) : fs::path();
    return interpreter_at(real.empty() ? path : real, probe);
  }
  Rejections rejections;
  std::vector<fs::path> named;
  const std::vector<std::string> names =
      request.empty() ? std::vector<std::string>{"python3", "python"} : std::vector{request};
  for (const std::string& name : names)
    for (const fs::path& program : on_search_path(name)) named.push_back(program);
  const auto version = parse_version_request(request);
  if (auto python = first_fitting(named, version, probe, rejections)) return *python;
  if (version)
    if (auto python = first_fitting(candidates_for(*version), version, probe, rejections))
      return *python;
  throw rejections.error(request.empty() ? "python3" : request);
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE Interpreter find_interpreter(const std::string& request) {
  return detail::discover(request, [](const std::filesystem::path& python) {
    return detail::to_interpreter(detail::ask(python));
  });
}

VENV_END

// ---- src/python/remembered_probe.hpp ------------------------------------------------------------

VENV_DETAIL_BEGIN

/// What an interpreter's answer depends on: its file, a `pyvenv.cfg` beside or above it (PEP 405),
/// and the standard library, which an upgrade in place changes.
VENV_INLINE std::string identity_of(const fs::path& python, const fs::path& stdlib) {
  const fs::path dir = python.parent_path();
  return text_of(python) + '\n' + identity_of(followed_status_of(python)) +
         identity_of(followed_status_of(dir / "pyvenv.cfg")) +
         identity_of(followed_status_of(dir.parent_path() / "pyvenv.cfg")) +
         identity_of(followed_status_of(stdlib));
}

/// Whether the kernel would run it by another program.
VENV_INLINE bool is_script(const fs::path& program) {
  try {
    return MappedFile(program).bytes().substr(0, 2) == "#!";
  } catch (const Error&) {
    return true; // it may be executed, but not read
  }
}

/// The answer of `python`, remembered if it can be, else asked for and remembered, unless the file
/// is not itself the interpreter: a shim or a wrapper may answer otherwise next time.
VENV_INLINE Interpreter remembered_probe(const fs::path& python, const Cache& cache) {
  const std::string name = cache_name("python", text_of(python));
  if (const auto file = cache.find(name)) {
    const auto answer = parse_answer(file->bytes());
    if (answer && answer->fields.size() == probe_fields &&
        answer->identity == identity_of(python, stdlib_field(answer->fields)))
      return to_interpreter(answer->fields);
  }
  const std::vector<std::string> fields = ask(python);
  const Interpreter interpreter = to_interpreter(fields);
  std::error_code failed;
  if (fs::canonical(python, failed) == interpreter.real_executable && !failed &&
      runs_itself(fields) && !is_script(python))
    cache.remember(name, [&](NewFile& file) {
      file.write(format_answer({identity_of(python, interpreter.stdlib), fields}));
    });
  return interpreter;
}

VENV_DETAIL_END

// ---- src/create/undo.hpp ------------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// A replaced file is kept in memory: the largest is a copied interpreter.
inline constexpr std::uint64_t largest_replaced = std::uint64_t{1} << 30;

/// Remembers what a run makes and replaces, so that a failed one can be taken back.
class Undo {
public:
  /// `path` was just made by this run: it goes, with all that is in it.
  void made(const fs::path& path) { made_.push_back(path); }

  /// A directory above what is made: it goes if it is empty then, as others may have used it too.
  void made_above(const fs::path& path) { above_.push_back(path); }

  /// `path` is about to be made or replaced.
  void before(const fs::path& path) {
    const Status status = status_of(path);
    if (status.kind == FileKind::missing) return made(path);
    if (is_ours(path)) return;
    if (status.kind == FileKind::link)
      replaced_.push_back({path, status, text_of(fs::read_symlink(path))});
    if (status.kind == FileKind::file)
      replaced_.push_back({path, status, read_file(path, largest_replaced)});
  }

  /// Moves a file of the environment away, until it is known whether it can go.
  void set_aside(const fs::path& path, const fs::path& env_dir) {
    if (aside_.empty()) {
      aside_ = name_beside(env_dir / "aside");
      make_directory(aside_);
    }
    const fs::path kept = aside_ / std::to_string(set_aside_.size());
    rename_file(path, kept);
    set_aside_.push_back({path, kept});
  }

  /// Others are about to make entries in `directory`.
  void before_entries_of(const fs::path& directory) {
    if (is_ours(directory)) return;
    watched_.push_back(directory);
    for (const fs::path& entry : entries_of(directory)) known_.push_back(entry);
  }

  /// Takes everything back, as far as the system lets it.
  void roll_back() noexcept {
    try {
      for (const fs::path& directory : watched_)
        for (const fs::path& entry : entries_of(directory))
          if (std::find(known_.begin(), known_.end(), entry) == known_.end()) made(entry);
      std::error_code ignored;
      for (auto path = made_.rbegin(); path != made_.rend(); ++path) fs::remove_all(*path, ignored);
      for (auto path = above_.rbegin(); path != above_.rend(); ++path) fs::remove(*path, ignored);
      for (const auto& [path, kept] : set_aside_) {
        fs::create_directories(path.parent_path(), ignored);
        fs::rename(kept, path, ignored);
      }
      for (const Replaced& was : replaced_) restore(was);
    } catch (const std::exception&) {
      // The failure that led here is the one to report.
    }
    keep();
  }

  /// The run succeeded.
  void keep() noexcept {
    std::error_code ignored;
    if (!aside_.empty()) fs::remove_all(aside_, ignored);
    aside_.clear();
    set_aside_.clear();
    made_.clear();
    above_.clear();
    replaced_.clear();
    watched_.clear();
    known_.clear();
  }

  /// Whether `path` lies in something that this run made, so that nothing of before can be there.
  bool is_ours(const fs::path& path) const {
    const auto holds = [&path](const fs::path& made) {
      const auto [end, rest] = std::mismatch(made.begin(), made.end(), path.begin(), path.end());
      return end == made.end();
    };
    return std::any_of(made_.begin(), made_.end(), holds);
  }

  /// Keeps other processes out of the environment while this run works on it.
  DirectoryLock lock{};

private:
  struct Replaced {
    fs::path path;
    Status status;
    std::string content; ///< the bytes, or a link's target
  };

  static std::vector<fs::path> entries_of(const fs::path& directory) {
    std::vector<fs::path> entries;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(directory, failed))
      entries.push_back(entry.path());
    return entries;
  }

  static void restore(const Replaced& was) {
    try {
      if (was.status.kind == FileKind::link) make_link(path_of(was.content), was.path);
      else write_file(was.path, was.content, was.status.mode);
    } catch (const Error&) {
      // On to the next.
    }
  }

  std::vector<fs::path> made_{}, above_{};
  std::vector<Replaced> replaced_{};
  fs::path aside_{}; ///< the directory of what is set aside; swept like any left-over
  std::vector<std::pair<fs::path, fs::path>> set_aside_{}; ///< where it lay, and where it lies
  std::vector<fs::path> watched_{}, known_{};              ///< directories, and what was in them
};

/// Removes what killed runs left in `directory`.
VENV_INLINE void sweep(const fs::path& directory) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(directory, failed))
    if (is_left_over(text_of(entry.path().filename()))) fs::remove_all(entry.path(), failed);
}

VENV_DETAIL_END

// ---- src/create/directories.hpp -----------------------------------------------------------------

VENV_DETAIL_BEGIN

inline constexpr char staged_cfg[] = "pyvenv.cfg.new";

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

/// Whether `dir` is left of an environment that was never finished: nothing lies in it but empty
/// directories, ignore files, and perhaps a configuration that did not become valid.
VENV_INLINE bool is_half_made(const fs::path& dir) {
  if (status_of(dir / staged_cfg).kind == FileKind::file) return true;
  std::error_code failed;
  for (fs::recursive_directory_iterator entry(dir, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const std::string name = text_of(entry->path().lexically_relative(dir));
    const bool empty_so_far = status_of(entry->path()).kind == FileKind::directory;
    const bool ours = name == ".gitignore" || name == "CACHEDIR.TAG" || name == "lib64";
    if (!empty_so_far && !ours && !is_left_over(name)) return false;
  }
  return !failed;
}

VENV_INLINE bool is_environment(const fs::path& dir) {
  return followed_status_of(dir / "pyvenv.cfg").kind == FileKind::file;
}

/// Whether `inner` lies below `outer`; both resolved.
VENV_INLINE bool lies_below(const fs::path& inner, const fs::path& outer) {
  const fs::path way = inner.lexically_relative(outer);
  return !way.empty() && way != "." && *way.begin() != "..";
}

VENV_INLINE void refuse_unsafe_clear(const fs::path& env_dir, bool force) {
  std::error_code failed;
  const fs::path real = fs::canonical(env_dir, failed);
  const auto refuse = [&](const std::string& why) {
    Error error(ErrorCode::not_an_environment, "refusing to clear " + quoted(env_dir) + ": " + why);
    error.at("clear the directory").on(env_dir);
    return error;
  };
  if (failed) throw io_error("resolve", env_dir, failed);
  if (real == real.root_path()) throw refuse("it is the root of the file system");
  for (const fs::path& home : {path_of(variable("HOME").value_or("")),
                               path_of(variable("USERPROFILE").value_or("")), account_home()}) {
    const fs::path real_home = fs::canonical(home, failed);
    if (failed || real_home == real_home.root_path()) continue;
    if (fs::equivalent(real_home, real, failed)) throw refuse("it is the home directory");
    if (lies_below(real_home, real)) throw refuse("the home directory lies in it");
  }
  if (force) return;
  const std::string how = "--force (Options::force) clears it all the same.";
  const fs::path cwd = fs::current_path(failed);
  if (lies_below(cwd, real)) throw refuse("the working directory lies in it").advise(how);
  if (!is_environment(env_dir) && !is_half_made(env_dir))
    throw refuse("it is not empty and no environment").advise(how);
}

/// Removes all entries of a directory, not the directory: it may be a mount, or a link's target.
/// `pyvenv.cfg` becomes the staged one first, which goes last: what is left at any moment is no
/// environment, but a half-made one, which the next run may clear.
VENV_INLINE void clear_directory(const fs::path& env_dir, bool force) {
  refuse_unsafe_clear(env_dir, force);
  std::error_code failed;
  const fs::path cfg = env_dir / "pyvenv.cfg", staged = env_dir / staged_cfg;
  if (status_of(cfg).kind == FileKind::file)
    fs::rename(cfg, staged, failed); // else it goes like the rest
  failed.clear();
  std::vector<fs::path> entries{cfg};
  for (const auto& entry : fs::directory_iterator(env_dir, failed))
    if (entry.path() != staged) entries.push_back(entry.path());
  entries.push_back(staged);
  for (auto entry = entries.begin(); entry != entries.end() && !failed; ++entry) {
    fs::remove_all(*entry, failed);
    if (failed) throw io_error("remove", *entry, failed);
  }
  if (failed) throw io_error("list", env_dir, failed);
}

VENV_INLINE LayoutKey layout_key(const Interpreter& python) {
  LayoutKey key;
  key.os = this_os;
  key.implementation = python.implementation;
  key.version = python.version;
  key.is_64bit = python.is_64bit;
  key.free_threaded = python.free_threaded;
  key.debug = python.debug;
  key.executable_name = text_of(python.base_executable.filename());
  return key;
}

/// Whether `program`, or a link on the way from it to its file, lies in `dir`; with `below` also in a
/// directory inside it.
VENV_INLINE bool leads_through(fs::path program, const fs::path& dir, bool below) {
  std::error_code failed;
  const fs::path real = fs::canonical(dir, failed);
  for (int links = 0; links < 40 && !failed; ++links) { // as many as Linux follows
    const fs::path folder = fs::canonical(program.parent_path(), failed);
    if (failed) return false;
    if (fs::equivalent(folder, real, failed) || (below && lies_below(folder, real))) return true;
    if (status_of(program).kind != FileKind::link) return false;
    program = folder / fs::read_symlink(program, failed);
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

/// Makes the directories above `dir` that are missing.
VENV_INLINE void make_parents(const fs::path& dir, Undo& undo) {
  std::vector<fs::path> missing;
  for (fs::path path = dir.parent_path();
       status_of(path).kind == FileKind::missing && path.has_relative_path(); path = path.parent_path())
    missing.push_back(path);
  for (auto path = missing.rbegin(); path != missing.rend(); ++path)
    if (make_directory(*path)) undo.made_above(*path);
}

/// Makes `dir` and the directories above it that are missing.
VENV_INLINE void make_directories(const fs::path& dir, Undo& undo) {
  make_parents(dir, undo);
  if (make_directory(dir)) undo.made(dir);
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
  context.platlib_path = context.lib_path;
  context.bin_path = env_dir / layout.bin;
  context.bin_name = layout.bin;
  context.env_exe = context.bin_path / path_of(layout.executable);
  context.env_exec_cmd = context.env_exe;
  context.cfg_path = env_dir / staged_cfg;
  context.python = python;
  context.undo = std::make_shared<Undo>();
  return context;
}

VENV_DETAIL_END

// ---- src/create/configuration.hpp ---------------------------------------------------------------

VENV_DETAIL_BEGIN

/// What shells are to show: nothing where the directory's name is meant. "." is the working
/// directory's name (bpo-38901).
VENV_INLINE std::optional<std::string> chosen_prompt(const Options& options) {
  if (options.prompt != ".") return options.prompt;
  return text_of(absolute_path(".").filename());
}

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
  add(context.system_site_packages, "--system-site-packages");
  add(options.clear, "--clear");
  add(options.upgrade, "--upgrade");
  add(options.upgrade_deps, "--upgrade-deps");
  add(options.prompt.has_value(), "--prompt=\"" + options.prompt.value_or("") + '"');
  add(options.scm_ignore_files.empty(), "--without-scm-ignore-files");
  add(true, text_of(context.env_dir));
  return command;
}

/// The keys of CPython 3.13 in its order, whatever the base's version (PEP 405).
VENV_INLINE PyvenvCfg configuration_of(const Context& context, const Options& options) {
  PyvenvCfg cfg;
  cfg.push_back({"home", text_of(context.python_dir)});
  cfg.push_back({"include-system-site-packages", context.system_site_packages ? "true" : "false"});
  cfg.push_back({"version", dotted(context.python.version)});
  if (const auto prompt = chosen_prompt(options)) cfg.push_back({"prompt", repr(*prompt)});
  cfg.push_back({"executable", text_of(context.python.real_executable)});
  cfg.push_back({"command", equivalent_command(context, options)});
  return cfg;
}

VENV_INLINE bool is_known_key(std::string_view key) {
  for (const char* known :
       {"home", "include-system-site-packages", "version", "prompt", "executable", "command"})
    if (key == known) return true;
  return false;
}

VENV_DETAIL_END

// ---- src/create/interpreter.hpp -----------------------------------------------------------------

VENV_DETAIL_BEGIN

using Warn = FunctionRef<void(const std::string&)>;

/// Whether `name` is one that some Python's environment gives its interpreter: `python`, `python3`,
/// `python3.12`, `python3.13t`, the same with `pypy`.
VENV_INLINE bool is_interpreter_name(std::string_view name) {
  if (!take_prefix(name, "python") && !take_prefix(name, "pypy")) return false;
  if (name.empty()) return true;
  const auto version = parse_version_request(name);
  return version && !version->at_least && version->parts <= 2;
}

/// Removes names of another Python from the scripts' directory.
VENV_INLINE void remove_stale_names(const Context& context, const std::vector<std::string>& names) {
  std::error_code failed;
  std::vector<fs::path> stale;
  for (const auto& entry : fs::directory_iterator(context.bin_path, failed)) {
    const std::string name = text_of(entry.path().filename());
    if (is_interpreter_name(name) && std::find(names.begin(), names.end(), name) == names.end())
      stale.push_back(entry.path());
  }
  for (const fs::path& path : stale) {
    context.undo->before(path);
    remove_file(path);
  }
}

/// A configuration that speaks of another Python is taken away before the interpreter changes, so
/// that at no moment it lies.
VENV_INLINE void retire_configuration(const Context& context) {
  const fs::path path = context.env_dir / "pyvenv.cfg";
  if (status_of(path).kind == FileKind::missing) return;
  context.undo->before(path);
  if (is_environment(context.env_dir)) {
    const PyvenvCfg cfg = parse_pyvenv_cfg(read_file(path));
    if (home_of(cfg) == text_of(context.python_dir) &&
        value_of(cfg, "version") == dotted(context.python.version))
      return;
  }
  remove_file(path);
}

/// Whether a program, of these bytes, finds its shared libraries from where it lies itself.
VENV_INLINE bool has_relative_libraries(const std::string& bytes) {
  for (const char* origin : {"$ORIGIN", "${ORIGIN}", "@executable_path", "@loader_path"})
    if (bytes.find(origin) != bytes.npos) return true;
  return false;
}

/// Whether the loader finds all that the interpreter needs: `-V` wants nothing else.
VENV_INLINE bool starts(const fs::path& python) {
  const ExitStatus exit = run_command({python, {"-V"}, without_steering(), {}, probe_timeout},
                                [](Stream, std::string_view) {});
  return exit.code == 0 && !exit.timed_out;
}

/// A copied interpreter whose own library isn't found from its new place gets a copy of that too.
VENV_INLINE void make_copy_start(const Context& context) {
  const std::string program = read_file(context.env_exe);
  if (!has_relative_libraries(program) || starts(context.env_exe)) return;
  std::error_code failed;
  const fs::path base = context.python.real_executable.parent_path().parent_path();
  for (const auto& entry : fs::directory_iterator(base / "lib", failed)) {
    const std::string name = text_of(entry.path().filename());
    const bool needed = program.find('/' + name + '\0') != program.npos ||
                        program.find(std::string(1, '\0') + name + '\0') != program.npos;
    if (!needed || followed_status_of(entry.path()).kind != FileKind::file) continue;
    context.undo->before(context.env_dir / "lib" / name);
    copy_file(entry.path(), context.env_dir / "lib" / name, 0755);
  }
  if (starts(context.env_exe)) return;
  throw Error(ErrorCode::python_unusable,
              quoted(context.executable) +
                  " does not start when copied: it needs libraries beside it")
      .at("copy the interpreter")
      .on(context.env_exe)
      .advise("Link it instead: --symlinks (Options::symlinks).");
}

/// Links the environment's interpreter to the base's absolute path and the other names to it; where
/// links are not wanted or not to be had, all are copies.
VENV_INLINE void place_interpreter(const Context& context, const std::vector<std::string>& aliases,
                                   bool symlinks, const Warn& warn) {
  bool copied = false;
  const auto place = [&](const fs::path& target, const fs::path& path) {
    context.undo->before(path);
    if (symlinks && make_link(target, path)) return;
    if (symlinks) warn("no links here: " + quoted(path) + " is a copy");
    copy_file(context.executable, path, 0755);
    copied = true;
  };
  place(context.executable, context.env_exe);
  for (const std::string& alias : aliases)
    if (alias != context.python_exe)
      place(context.env_exe.filename(), context.bin_path / path_of(alias));
  if (copied) make_copy_start(context);
}

VENV_INLINE void install_python(const Context& context, bool symlinks, const Warn& warn) {
  std::vector<std::string> names = layout_of(layout_key(context.python)).aliases;
  const bool reused = !context.undo->is_ours(context.bin_path);
  if (reused) retire_configuration(context);
  place_interpreter(context, names, symlinks, warn);
  names.push_back(context.python_exe);
  if (reused) remove_stale_names(context, names);
}

VENV_DETAIL_END

// ---- src/create/scripts.hpp ---------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// `EnvBuilder::replace_variables`, as a function: the text and the file's name to the script.
using Render = FunctionRef<std::optional<std::string>(const std::string&, const std::string&)>;

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

/// Installs the activation scripts that this header carries.
VENV_INLINE void install_activation_scripts(const Context& context, const Render& render,
                                            const Warn& warn) {
  for (const EmbeddedScript& script : activation_scripts) {
    if (script.folder != "common" && script.folder != scripts_folder) continue;
    const std::string name(script.name);
    const fs::path path = context.bin_path / name;
    auto text = render(std::string(script.text), name);
    context.undo->before(path);
    if (!text) {
      warn("left out " + quoted(path) + ": its language cannot express the directory or prompt");
      remove_file(path);
      continue;
    }
    const bool batch = fs::path(name).extension() == ".bat";
    write_file(path, batch ? with_crlf(*text) : *text, 0644);
  }
}

/// Installs one script of a user's own.
VENV_INLINE void install_script(const Context& context, const fs::path& source,
                                const fs::path& path, const Render& render, const Warn& warn) {
  const std::string text = read_file(source);
  const bool binary = !is_utf8(text) || text.find('\0') != text.npos;
  const auto rendered = binary ? std::nullopt : render(text, text_of(source.filename()));
  if (!rendered)
    return warn("left out " + quoted(source) +
                (binary ? ": it is no UTF-8 text" : ": it cannot express the directory or prompt"));
  context.undo->before(path);
  write_file(path, *rendered, followed_status_of(source).mode);
}

/// Installs `folder/common` and the platform's own, in the order of their names.
VENV_INLINE void install_script_folders(const Context& context, const fs::path& folder,
                                        const Render& render, const Warn& warn) {
  for (const fs::path& part : {folder / "common", folder / scripts_folder}) {
    if (followed_status_of(part).kind != FileKind::directory) continue;
    std::vector<fs::path> sources;
    for (const auto& entry : fs::recursive_directory_iterator(part))
      sources.push_back(entry.path());
    sort_by(sources, [](const fs::path& a, const fs::path& b) { return a < b; });
    for (const fs::path& source : sources) {
      const fs::path path = context.bin_path / source.lexically_relative(part);
      if (followed_status_of(source).kind == FileKind::file) {
        make_directories(path.parent_path(), *context.undo);
        install_script(context, source, path, render, warn);
      }
    }
  }
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

VENV_INLINE Changes environment_changes(const Context& context) {
  Changes changes{{"VIRTUAL_ENV", text_of(context.env_dir)}};
  for (const char* name : {"PYTHONHOME", "PYTHONPATH", "PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__",
                           "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_PYTHON"})
    changes.push_back({name, std::nullopt});
  return changes;
}

VENV_INLINE void refuse_cut_arguments(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments)
    if (argument.find('\0') != argument.npos)
      throw Error(ErrorCode::invalid_argument,
                  "the argument '" + printable(argument) + "' contains a NUL character")
          .at("run the environment's Python");
}

VENV_INLINE std::string how_it_ended(const ExitStatus& exit, const RunOptions& options) {
  if (exit.timed_out) return "took longer than " + std::to_string(options.timeout.count()) + " ms";
  if (exit.signal) return "was ended by signal " + std::to_string(exit.signal);
  return "exited with " + std::to_string(exit.code);
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE std::string run(const Context& context, const std::vector<std::string>& arguments,
                            const RunOptions& options) {
  using namespace detail;
  refuse_cut_arguments(arguments);
  std::string output;
  std::array<LineSplitter, 2> lines;
  const Command command{context.env_exec_cmd, arguments, environment_changes(context),
                        options.cwd.empty() ? context.env_dir : options.cwd, options.timeout};
  const auto take_line = [&options](Stream stream) {
    return [&options, stream](std::string_view line) {
      if (options.on_line) options.on_line(stream, line);
    };
  };
  const ExitStatus exit = run_command(command, [&](Stream stream, std::string_view piece) {
    output += piece;
    lines[stream == Stream::err].add(piece, take_line(stream));
  });
  lines[0].finish(take_line(Stream::out));
  lines[1].finish(take_line(Stream::err));
  if (exit.code == 0 && !exit.timed_out) return output;
  std::string shown = text_of(context.env_exe);
  for (const std::string& argument : arguments) shown += ' ' + argument;
  Error error(ErrorCode::command_failed, printable(shown) + ' ' + how_it_ended(exit, options));
  error.at("run the environment's Python").on(context.env_exec_cmd).printed(std::move(output));
  if (!exit.signal && !exit.timed_out) error.exited_with(exit.code);
  throw error;
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
  PackageVersion version;
  for (const int number : python.version)
    version.release.push_back(static_cast<std::uint64_t>(number));
  while (!version.release.empty() && version.release.back() == 0) version.release.pop_back();
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
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(directory, failed)) {
    auto name = parse_wheel_name(text_of(entry.path().filename()));
    if (!name || normalized_name(name->distribution) != project || !name->is_universal()) continue;
    if (followed_status_of(entry.path()).kind != FileKind::file) continue;
    found.push_back({std::move(*name), entry.path()});
  }
  sort_by(found, [](const FoundWheel& a, const FoundWheel& b) { return a.is_before(b); });
  const bool own = directory == bundled_directory(python);
  for (const FoundWheel& wheel : found)
    if (own || is_for(python, wheel.path)) return wheel.path;
  return std::nullopt;
}

/// The directory that this Python was configured to take wheels from (Fedora), which only it knows.
VENV_INLINE fs::path wheel_package_directory(const Interpreter& python) {
  const Command command{
      python.base_executable,
      {"-I", "-S", "-c",
       "import os, sysconfig\n"
       "os.write(1, os.fsencode(sysconfig.get_config_var('WHEEL_PKG_DIR') or ''))"},
      without_steering(),
      {},
      probe_timeout};
  std::string output;
  const auto keep = [&output](Stream stream, std::string_view piece) {
    if (stream == Stream::out) output += piece;
  };
  return run_command(command, keep).code == 0 ? path_of(output) : fs::path();
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

/// The first directory that has a wheel of a project for this Python decides; each project is looked
/// for by itself. The directory that the Python was configured with comes last: asking for it takes a
/// Python start, and where it is set (Fedora, Debian) it is `/usr/share/python-wheels`.
VENV_INLINE WheelSearch find_wheels(const Interpreter& python, const Options& options) {
  WheelSearch search;
  if (!options.pip_wheel_dir.empty())
    search.directories.push_back(absolute_path(options.pip_wheel_dir));
  search.directories.push_back(bundled_directory(python));
  search.directories.push_back("/usr/share/python-wheels");
  bool asked = false;
  for (const std::string& project : bundled_projects(python)) {
    std::optional<fs::path> wheel;
    for (std::size_t i = 0; !wheel && i < search.directories.size(); ++i) {
      wheel = newest_wheel(search.directories[i], project, python);
      const bool last = i + 1 == search.directories.size();
      if (wheel || !last || std::exchange(asked, true)) continue;
      if (const fs::path own = wheel_package_directory(python); !own.empty())
        search.directories.push_back(own);
    }
    if (!wheel) return search.wheels.clear(), search;
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
    make_directory(path_);
  }
  ~Staging() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
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

/// Makes each file, several workers at once, of what `write` is to write into its folder.
VENV_INLINE void
stage_files(const Staging& staging, const std::vector<PackFile>& files, bool with_bytecode,
            FunctionRef<void(const Folder&, const std::string&, std::size_t)> write) {
  const std::vector<Batch> batches = batches_of(files, with_bytecode);
  make_staged_directories(staging.path(), batches);
  in_parallel(batches.size(), processors(), [&](std::size_t i) {
    const Folder folder(staging.path() / batches[i].directory);
    for (const std::size_t file : batches[i].files) {
      const std::string& name = files[file].name;
      write(folder, name.substr(name.rfind('/') + 1), file); // npos + 1 is 0
    }
  });
}

/// What a file of a wheel is worth remembering by.
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
              [&](const Folder& folder, const std::string& name, std::size_t i) {
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
  std::vector<std::vector<std::string>> hands(std::min(count, modules.size()));
  std::vector<std::size_t> bytes(hands.size());
  for (const PackFile* module : modules) {
    const auto least = std::min_element(bytes.begin(), bytes.end());
    *least += module->size + 2000; // a small module costs something too
    hands[static_cast<std::size_t>(least - bytes.begin())].push_back(module->name);
  }
  return hands;
}

/// Compiles the staged modules by the base interpreter, in as many processes as there are
/// processors, and adds what came of it to the index.
VENV_INLINE void compile_modules(const Interpreter& python, PackIndex& index,
                                 const Staging& staging) {
  if (python.cache_tag.empty()) return;
  const auto hands = deal_modules(index.files, processors());
  in_parallel(hands.size(), hands.size(), [&](std::size_t i) {
    Command command{
        python.base_executable,
        {"-I", "-S", "-W", "ignore", "-c", std::string(script_compile), text_of(staging.path())},
        without_steering(),
        {},
        {}};
    command.arguments.insert(command.arguments.end(), hands[i].begin(), hands[i].end());
    std::string output;
    const auto keep = [&output](Stream, std::string_view piece) { output += piece; };
    if (run_command(command, keep).code != 0)
      throw Error(ErrorCode::command_failed,
                  quoted(python.base_executable) + " cannot compile pip: " + first_line(output))
          .at("compile pip")
          .on(staging.path());
  });
  for (std::size_t i = 0, count = index.files.size(); i < count; ++i) {
    if (!is_module(index.files[i].name)) continue;
    PackFile compiled;
    compiled.name = bytecode_name(index.files[i].name, python.cache_tag);
    const Status status = status_of(staging.path() / compiled.name);
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

/// How long the header of bytecode is: magic number, flags (since Python 3.7), time and size of the
/// source (PEP 552).
VENV_INLINE std::size_t bytecode_header_size(const Interpreter& python) {
  return python.version < std::array<int, 3>{3, 7, 0} ? 12 : 16;
}

/// That header with the time of the source set.
VENV_INLINE std::string timestamped(std::string_view header, std::int64_t modified) {
  std::string result(header);
  const std::size_t at = header.size() - 8;
  for (std::size_t i = 0; i < 4; ++i)
    result[at + i] = static_cast<char>(static_cast<std::uint64_t>(modified) >> (8 * i) & 0xFF);
  return result;
}

/// Lays out a remembered distribution; false, and only part of it is there, where the pack is
/// damaged.
VENV_INLINE bool unpack_pack(std::string_view pack, const PackIndex& index, std::size_t header_size,
                             bool with_bytecode, const Staging& staging) {
  std::atomic<bool> damaged{false};
  const std::int64_t time = staging.time();
  stage_files(staging, index.files, with_bytecode,
              [&](const Folder& folder, const std::string& name, std::size_t i) {
                const PackFile& file = index.files[i];
                const auto bytes = damaged ? std::nullopt : pack_bytes(pack, file);
                if (!bytes || (file.bytecode && bytes->size() < header_size)) {
                  damaged = true;
                } else if (file.bytecode) {
                  const std::string header = timestamped(bytes->substr(0, header_size), time);
                  folder.create(name, {header, bytes->substr(header_size)}, file.mode);
                } else if (with_bytecode && is_module(file.name)) {
                  folder.create(name, {*bytes}, file.mode, time); // as its bytecode says
                } else {
                  folder.create(name, {*bytes}, file.mode);
                }
              });
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

/// Every installed version of `project`; more than one only after an accident.
VENV_INLINE std::vector<Installed> find_installed(const fs::path& site_packages,
                                                  const std::string& project) {
  std::vector<Installed> found;
  constexpr std::string_view suffix = ".dist-info";
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(site_packages, failed)) {
    std::string name = text_of(entry.path().filename());
    const std::size_t dash = name.find('-');
    if (dash == name.npos || normalized_name(name.substr(0, dash)) != project) continue;
    if (name.size() < suffix.size() || name.substr(name.size() - suffix.size()) != suffix) continue;
    name.resize(name.size() - suffix.size());
    const auto version = parse_package_version(name.substr(dash + 1));
    Installed installed{entry.path(), version.value_or(PackageVersion{}), {}};
    try {
      installed.record = parse_record(read_file(entry.path() / "RECORD"));
    } catch (const Error&) {
      // Without RECORD nobody knows what belongs to it.
    }
    found.push_back(std::move(installed));
  }
  return found;
}

/// Whether every file of it is there, which takes a RECORD. `code_only`: whether none is missing, as
/// far as that is known, but for scripts, which can be written anew, and bytecode (of which
/// virtualenv's RECORD lists some that never was).
VENV_INLINE bool is_complete(const Installed& installed, bool code_only = false) {
  const fs::path site_packages = installed.dist_info.parent_path();
  const auto counts = [code_only](const std::string& path) {
    return !code_only || (path.compare(0, 3, "../") != 0 && path_of(path).extension() != ".pyc" &&
                          path_of(path).filename() != "__pycache__");
  };
  const auto is_there = [&](const RecordRow& row) {
    return !counts(row.path) ||
           followed_status_of(site_packages / path_of(row.path)).kind == FileKind::file;
  };
  return (code_only || !installed.record.empty()) &&
         std::all_of(installed.record.begin(), installed.record.end(), is_there);
}

/// Removes the files that RECORD lists, until `undo` keeps what was done, and directories that are
/// empty then. What RECORD says is not trusted: only what really lies in the environment goes,
/// through no link out of it.
VENV_INLINE void remove_installed(const Installed& installed, const fs::path& env_dir, Undo& undo) {
  const fs::path site_packages = installed.dist_info.parent_path();
  std::error_code failed;
  const fs::path real_env = fs::canonical(env_dir, failed);
  std::vector<std::string> directories{text_of(installed.dist_info)};
  fs::path checked;
  for (const RecordRow& row : installed.record) {
    const fs::path path = (site_packages / path_of(row.path)).lexically_normal();
    const fs::path parent = path.parent_path();
    if (parent != checked) {
      if (!lies_below(fs::canonical(parent, failed), real_env)) continue;
      if (lies_below(parent, site_packages)) directories.push_back(text_of(parent));
      checked = parent;
    }
    const FileKind kind = status_of(path).kind;
    if ((kind == FileKind::file || kind == FileKind::link) &&
        !is_interpreter_name(text_of(path.filename())))
      undo.set_aside(path, env_dir);
  }
  std::sort(directories.begin(), directories.end());
  for (auto dir = directories.rbegin(); dir != directories.rend(); ++dir)
    for (fs::path path = path_of(*dir);
         lies_below(path, site_packages) && fs::remove(path, failed);)
      path = path.parent_path();
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

/// The text of a console script, as the pip that is being installed would write it.
VENV_INLINE std::string script_text(const Context& context, const std::string& text_template,
                                    const EntryPoint& entry) {
  const std::string import_name = entry.attribute.substr(0, entry.attribute.find('.'));
  return shebang_for(text_of(context.env_exe)) +
         fill_template(
             text_template,
             {{"module", entry.module}, {"import_name", import_name}, {"func", entry.attribute}});
}

/// What is installed of one distribution, and how.
struct Installation {
  PackIndex index{};
  std::string dist_info{};                                    ///< its directory's name
  std::vector<std::pair<std::string, std::string>> scripts{}; ///< names and texts
  bool with_bytecode = true;
};

VENV_INLINE Installation installation_of(const Context& context, PackIndex index,
                                         bool with_bytecode) {
  Installation installation;
  for (const EntryPoint& entry : scripts_for(context.python, index.scripts))
    installation.scripts.push_back(
        {entry.name, script_text(context, index.script_template, entry)});
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
VENV_INLINE void merge_into(const fs::path& from, const fs::path& to, Undo& undo) {
  if (status_of(from).kind != FileKind::directory || status_of(to).kind != FileKind::directory) {
    undo.before(to);
    return rename_file(from, to);
  }
  std::vector<fs::path> names;
  for (const auto& entry : fs::directory_iterator(from)) names.push_back(entry.path().filename());
  for (const fs::path& name : names) merge_into(from / name, to / name, undo);
}

/// Puts the staged files and the scripts in place, the metadata last: until then no tool takes the
/// distribution for installed.
VENV_INLINE void put_in_place(const Installation& installation, const Context& context,
                              const Staging& staging) {
  const Folder metadata(staging.path() / installation.dist_info);
  metadata.create("INSTALLER", {"pip\n"}, 0666);
  metadata.create("REQUESTED", {}, 0666);
  metadata.create("RECORD", {record_of(installation, context)}, 0666);
  std::vector<fs::path> names;
  for (const auto& entry : fs::directory_iterator(staging.path()))
    if (entry.path().filename() != installation.dist_info) names.push_back(entry.path().filename());
  for (const fs::path& name : names)
    merge_into(staging.path() / name, context.lib_path / name, *context.undo);
  for (const auto& [name, text] : installation.scripts) {
    context.undo->before(context.bin_path / name);
    write_file(context.bin_path / name, text);
    make_executable(context.bin_path / name);
  }
  merge_into(staging.path() / installation.dist_info, context.lib_path / installation.dist_info,
             *context.undo);
}

VENV_DETAIL_END

// ---- src/create/pip.hpp -------------------------------------------------------------------------

VENV_DETAIL_BEGIN

using Say = FunctionRef<void(Report, const std::string&)>;

/// What an installed wheel is remembered by: the file, and whose bytecode it is compiled to.
VENV_INLINE std::string pack_key(const fs::path& wheel, const Interpreter& python) {
  std::string magic;
  for (const char byte : python.magic)
    magic += hexadecimal(static_cast<unsigned char>(byte)).substr(14);
  return text_of(wheel) + '\n' + identity_of(followed_status_of(wheel)) + magic + ' ' +
         python.cache_tag;
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

/// Stages a remembered distribution, or nothing where there is none, or none that is whole.
VENV_INLINE std::optional<PackIndex> stage_remembered(const Cache& cache, const std::string& name,
                                                      const std::string& key,
                                                      const Interpreter& python, bool with_bytecode,
                                                      const Staging& staging) {
  const auto pack = cache.find(name);
  if (!pack) return std::nullopt;
  auto index = parse_pack(pack->bytes());
  if (!index || index->key != key) return std::nullopt;
  const bool compiled = std::any_of(index->files.begin(), index->files.end(),
                                    [](const PackFile& file) { return file.bytecode; });
  if (with_bytecode && !compiled && !python.cache_tag.empty()) return std::nullopt;
  if (unpack_pack(pack->bytes(), *index, bytecode_header_size(python), with_bytecode, staging))
    return index;
  cache.forget(name);
  return std::nullopt;
}

/// Stages a wheel and remembers it.
VENV_INLINE PackIndex stage_wheel(const Wheel& wheel, const Cache& cache, const std::string& name,
                                  const std::string& key, const Interpreter& python,
                                  bool with_bytecode, const Staging& staging, const Say& say) {
  PackIndex index = index_of(wheel);
  index.key = key;
  index.script_template = template_by([&wheel](const char* path) {
    const WheelFile* file = wheel.find(path);
    return file ? read_verified(*file) : std::string();
  });
  unpack_wheel(wheel, index, staging);
  if (with_bytecode) {
    say(Report::progress, "compiling " + index.distribution);
    compile_modules(python, index, staging);
  }
  cache.remember(name, [&](NewFile& file) { write_pack(index, staging, file); });
  return index;
}

/// Whether a console script is there and run by this environment's Python, under any of its names.
VENV_INLINE bool runs_here(const fs::path& script, const Context& context) {
  if (followed_status_of(script).kind != FileKind::file) return false;
  const std::string text = read_file(script), own = shebang_for(text_of(context.env_exe));
  if (text.compare(0, own.size(), own) == 0) return true;
  std::string_view interpreter = std::string_view(text).substr(0, text.find('\n'));
  return take_prefix(interpreter, "#!") && path_of(interpreter).parent_path() == context.bin_path &&
         followed_status_of(path_of(interpreter)).kind == FileKind::file;
}

/// The one that is newer than the wheel and stays, as nothing is downgraded; null where there is
/// none, or none that works: without METADATA nothing takes it for installed.
VENV_INLINE const Installed* newer_one(const std::vector<Installed>& installed,
                                       const WheelName& wheel) {
  for (const Installed& one : installed)
    if (wheel.parsed_version < one.version && is_complete(one, true) &&
        followed_status_of(one.dist_info / "METADATA").kind == FileKind::file)
      return &one;
  return nullptr;
}

/// Writes the console scripts that are missing or run elsewhere, as this pip itself would: an upgrade
/// that was killed late left none.
VENV_INLINE void restore_scripts(const Installed& installed, const Context& context) {
  const auto source = [&](const char* name) {
    const fs::path path = context.lib_path / name;
    return followed_status_of(path).kind == FileKind::file ? read_file(path) : std::string();
  };
  const std::string entry_points = text_of(installed.dist_info.filename()) + "/entry_points.txt";
  const std::vector<EntryPoint> wanted = parse_entry_points(source(entry_points.c_str())).console;
  for (const EntryPoint& entry : scripts_for(context.python, wanted)) {
    const fs::path script = context.bin_path / entry.name;
    if (runs_here(script, context)) continue;
    context.undo->before(script);
    write_file(script, script_text(context, template_by(source), entry));
    make_executable(script);
  }
}

/// Whether what is installed is the wheel's version, whole, and its scripts run here.
VENV_INLINE bool is_up_to_date(const std::vector<Installed>& installed, const WheelName& wheel,
                               const Context& context) {
  if (installed.size() != 1 || installed[0].version < wheel.parsed_version) return false;
  if (!is_complete(installed[0])) return false;
  return normalized_name(wheel.distribution) != "pip" ||
         runs_here(context.bin_path / "pip", context);
}

/// Installs one wheel as `pip install --upgrade` would, without running it.
VENV_INLINE void install_wheel(const Context& context, const fs::path& path, const Options& options,
                               const Cache& cache, const Say& say) {
  const std::string file_name = text_of(path.filename());
  const auto name = parse_wheel_name(file_name); // not null: it was found by its name
  const std::vector<Installed> installed =
      find_installed(context.lib_path, normalized_name(name->distribution));
  if (const Installed* newer = newer_one(installed, *name)) return restore_scripts(*newer, context);
  if (is_up_to_date(installed, *name, context)) return;
  const std::string key = pack_key(path, context.python);
  const std::string pack = cache_name(name->distribution + '-' + name->version, key);
  const bool compile = options.compile_bytecode;
  const auto install = [&](PackIndex&& index, const Staging& staging) {
    for (const Installed& old : installed) remove_installed(old, context.env_dir, *context.undo);
    put_in_place(installation_of(context, std::move(index), compile), context, staging);
  };
  {
    const Staging staging(context.lib_path);
    auto index = stage_remembered(cache, pack, key, context.python, compile, staging);
    if (index) return install(std::move(*index), staging);
  }
  const Staging staging(context.lib_path);
  const MappedFile bytes(path);
  const Wheel wheel(bytes.bytes(), file_name);
  install(stage_wheel(wheel, cache, pack, key, context.python, compile, staging, say), staging);
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
  error.advise("On Debian and Ubuntu: apt install python3-venv. Or say where pip's wheel lies "
               "(--pip-wheel-dir), or leave pip out (--without-pip).");
  return error;
}

/// Installs pip with the environment's own ensurepip.
VENV_INLINE void run_ensurepip(const Context& context) {
  context.undo->before_entries_of(context.lib_path);
  context.undo->before_entries_of(context.bin_path);
  run(context, {"-m", "ensurepip", "--upgrade", "--default-pip"});
}

VENV_DETAIL_END

// ---- src/create/env_builder.hpp -----------------------------------------------------------------

VENV_DETAIL_BEGIN

/// How long another process that makes the same environment is waited for, in seconds.
inline constexpr int lock_timeout = 300;

/// Makes the directory if it isn't there and locks it; again if another process, failing, removed it
/// in between. It is this run's only if no other was faster to lock the new directory and fill it.
VENV_INLINE void claim_directory(const fs::path& env_dir, Undo& undo) {
  bool made = false;
  do {
    undo.lock = DirectoryLock();
    make_parents(env_dir, undo);
    made = make_directory(env_dir);
    undo.lock = DirectoryLock(env_dir, lock_timeout);
  } while (!undo.lock.holds(env_dir));
  std::error_code failed;
  const bool filled = !fs::is_empty(env_dir, failed) && !failed;
  if (made && !filled) undo.made(env_dir);
}

/// Whether a script in an environment has that name, on a disk that may fold cases.
VENV_INLINE bool is_script_name(const std::string& name) {
  const std::string text = folded(name);
  for (const EmbeddedScript& script : activation_scripts)
    if (text == folded(script.name)) return true;
  std::string_view rest = text;
  return (take_prefix(rest, "pip") || take_prefix(rest, "easy_install")) &&
         rest.find_first_not_of("0123456789.-") == rest.npos;
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

/// The directories inside an environment. A link in the place of one is refused, as the reference
/// does: what it leads to is not ours to fill.
VENV_INLINE void make_inner_directories(const Context& context) {
  for (const fs::path& dir : {context.inc_path, context.lib_path, context.bin_path}) {
    if (status_of(dir).kind == FileKind::link)
      throw Error(ErrorCode::io, "cannot create directory " + quoted(dir) + ": it is a link")
          .at("create directories")
          .on(dir);
    make_directories(dir, *context.undo);
  }
}

/// `lib64` beside `lib`, where it is not there yet (bpo-21197).
VENV_INLINE void link_lib64(const Context& context) {
  const fs::path link = context.env_dir / "lib64";
  if (followed_status_of(link).kind != FileKind::missing) return;
  context.undo->before(link);
  make_link("lib", link); // without links there is none, and nothing misses it
}

inline constexpr std::string_view cachedir_tag =
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This directory is a Python virtual environment: it can be made again.\n"
    "# See https://bford.info/cachedir/\n";

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE EnvBuilder::EnvBuilder(Options options) : options_(std::move(options)) {
  if (options_.upgrade && options_.clear)
    throw Error(ErrorCode::invalid_argument, "upgrade and clear exclude each other");
  if (options_.prompt) detail::refuse_bad_prompt(*options_.prompt);
}

VENV_INLINE void EnvBuilder::report(Report kind, const std::string& line) const {
  if (options_.report) options_.report(kind, line);
}

VENV_INLINE Context EnvBuilder::create(const std::filesystem::path& env_dir) try {
  detail::refuse_bad_name(env_dir);
  Context context = ensure_directories(detail::absolute_path(env_dir));
  if (!context.undo) context.undo = std::make_shared<detail::Undo>();
  try {
    build(context);
  } catch (...) {
    context.undo->roll_back();
    throw;
  }
  context.undo->keep();
  context.undo->lock = detail::DirectoryLock();
  return context;
} catch (const std::filesystem::filesystem_error& error) {
  const std::filesystem::path& path = error.path1();
  throw detail::io_error("use", path.empty() ? env_dir : path, error.code());
}

VENV_INLINE void EnvBuilder::build(Context& context) {
  for (const std::string& scm : options_.scm_ignore_files)
    create_scm_ignore_file(detail::folded(scm), context);
  create_configuration(context);
  setup_python(context);
  detail::throw_if_interrupted();
  if (options_.with_pip) setup_pip(context);
  if (!options_.upgrade) setup_scripts(context);
  detail::throw_if_interrupted();
  commit(context);
  if (!options_.upgrade) post_setup(context);
  if (options_.system_site_packages) {
    context.system_site_packages = true;
    create_configuration(context);
  }
  if (options_.upgrade_deps) upgrade_dependencies(context);
}

VENV_INLINE Context EnvBuilder::ensure_directories(const std::filesystem::path& env_dir) {
  using namespace detail;
  const fs::path dir = absolute_path(env_dir);
  refuse_bad_path(dir);
  const FileKind kind = followed_status_of(dir).kind;
  if (kind != FileKind::missing && kind != FileKind::directory) throw refused(dir, "is not a directory");
  const Cache cache(options_);
  const Interpreter python = discover(options_.python, [&cache](const fs::path& executable) {
    return remembered_probe(executable, cache);
  });
  refuse_bad_python(python);
  if (kind == FileKind::directory) refuse_base_prefix(dir, python, options_.clear);
  Context context = context_for(dir, python, chosen_prompt(options_));
  try {
    claim_directory(dir, *context.undo);
    if (!context.undo->is_ours(dir)) {
      if (options_.clear) clear_directory(dir, options_.force);
      else
        for (const fs::path& swept : {dir, context.bin_path, context.lib_path}) sweep(swept);
    }
    make_inner_directories(context);
    if (layout_of(layout_key(python)).lib64) link_lib64(context);
    context.undo->before(dir / "CACHEDIR.TAG");
    write_file(dir / "CACHEDIR.TAG", cachedir_tag);
  } catch (...) {
    context.undo->roll_back();
    throw;
  }
  return context;
}

VENV_INLINE void EnvBuilder::create_configuration(Context& context) {
  using namespace detail;
  PyvenvCfg cfg = configuration_of(context, options_);
  const fs::path old = context.env_dir / "pyvenv.cfg";
  if (options_.upgrade && is_environment(context.env_dir))
    for (auto& line : parse_pyvenv_cfg(read_file(old)))
      if (!is_known_key(line.first) && is_utf8(line.first) && is_utf8(line.second))
        cfg.push_back(std::move(line)); // Python cannot start with one that is no UTF-8
  context.undo->before(context.cfg_path);
  write_file(context.cfg_path, format_pyvenv_cfg(cfg));
}

VENV_INLINE void EnvBuilder::commit(Context& context) {
  using namespace detail;
  const fs::path cfg = context.env_dir / "pyvenv.cfg";
  if (context.cfg_path == cfg) return;
  context.undo->before(cfg);
  rename_file(context.cfg_path, cfg);
  context.cfg_path = cfg;
}

VENV_INLINE void EnvBuilder::setup_python(Context& context) {
  detail::install_python(context, options_.symlinks,
                         [this](const std::string& line) { report(Report::warning, line); });
}

VENV_INLINE void EnvBuilder::setup_pip(Context& context) {
  using namespace detail;
  const WheelSearch search = find_wheels(context.python, options_);
  const Cache cache(options_);
  const auto say = [this](Report kind, const std::string& line) { report(kind, line); };
  try {
    for (const fs::path& wheel : search.wheels) install_wheel(context, wheel, options_, cache, say);
    if (!search.wheels.empty()) return;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::bad_archive || !has_ensurepip(context.python)) throw;
    report(Report::warning, std::string(error.what()) + "; running ensurepip instead");
  }
  if (!has_ensurepip(context.python)) throw no_pip(context.python, search);
  commit(context); // ensurepip runs the environment's Python, which needs it
  report(Report::progress, "running ensurepip");
  run_ensurepip(context);
}

VENV_INLINE void EnvBuilder::setup_scripts(Context& context) {
  detail::install_activation_scripts(
      context,
      [&](const std::string& text, const std::string& name) {
        return replace_variables(text, name, context);
      },
      [this](const std::string& line) { report(Report::warning, line); });
}

VENV_INLINE void EnvBuilder::post_setup(Context&) {}

VENV_INLINE void EnvBuilder::upgrade_dependencies(Context& context) {
  report(Report::progress, "upgrading pip");
  std::vector<std::string> arguments{"-m", "pip", "install", "--upgrade", "pip"};
  if (context.python.version < std::array<int, 3>{3, 12, 0}) arguments.push_back("setuptools");
  run(context, arguments);
}

VENV_INLINE void EnvBuilder::install_scripts(Context& context, const std::filesystem::path& path) {
  detail::install_script_folders(
      context, path,
      [&](const std::string& text, const std::string& name) {
        return replace_variables(text, name, context);
      },
      [this](const std::string& line) { report(Report::warning, line); });
}

VENV_INLINE std::optional<std::string> EnvBuilder::replace_variables(const std::string& text,
                                                                     const std::string& file_name,
                                                                     const Context& context) {
  return detail::replace_variables(text, detail::variables_of(context),
                                   detail::shell_of(file_name));
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
  const fs::path path = context.env_dir / ".gitignore";
  if (status_of(path).kind != FileKind::missing) return;
  context.undo->before(path);
  write_file(path, "# Created by venv; see https://docs.python.org/3/library/venv.html\n*\n");
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
  }
  return std::nullopt;
}

VENV_END

// ---- src/program/arguments.hpp ------------------------------------------------------------------

VENV_DETAIL_BEGIN

/// What a command line asks for.
struct Arguments {
  Options options{};
  std::vector<std::string> env_dirs{};
  bool help = false, version = false, quiet = false, verbose = false;
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
     "3.13t, pypy3.10 (else $VENV_PYTHON, else the first on PATH)",
     [](Arguments& a, const std::string& value) { a.options.python = value; }},
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
  if (arguments.help || arguments.version) return arguments;
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
    line.resize(std::max(column, line.size() + 1), ' ');
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

// ---- src/program/command_line.hpp ---------------------------------------------------------------

VENV_DETAIL_BEGIN

/// Writes all of it, or says that it could not (a full disk, a closed pipe).
VENV_INLINE bool print(std::FILE* stream, const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stream) == text.size() &&
         std::fflush(stream) == 0;
}

VENV_INLINE int print_result(const std::string& text) {
  if (print(stdout, text)) return 0;
  print(stderr, "Error: cannot write to standard output\n");
  return 1;
}

VENV_INLINE int print_error(const Error& error) {
  std::string text = error.output();
  if (!text.empty() && text.back() != '\n') text += '\n';
  text += "Error: " + std::string(error.what()) + '\n';
  if (!error.hint().empty()) text += "Hint: " + error.hint() + '\n';
  print(stderr, text);
  return 1;
}

/// The command that activates the environment in the shell that `$SHELL` names.
VENV_INLINE std::string activation_command(const Context& context) {
  const std::string dir = text_of(context.bin_path);
  if (this_os == Os::windows) return dir + "\\activate";
  const std::string shell = text_of(path_of(variable("SHELL").value_or("sh")).filename());
  const auto sourced = [&](Shell kind, const std::string& verb, const std::string& file) {
    return verb + ' ' + quote(kind, dir + '/' + file).value_or(dir + '/' + file);
  };
  if (shell == "fish") return sourced(Shell::fish, "source", "activate.fish");
  if (shell == "csh" || shell == "tcsh") return sourced(Shell::csh, "source", "activate.csh");
  if (shell == "pwsh") return sourced(Shell::powershell, "&", "Activate.ps1");
  if (shell == "nu") return sourced(Shell::nushell, "overlay use", "activate.nu");
  if (shell == "xonsh") return sourced(Shell::xonsh, "source", "activate.xsh");
  if (shell == "elvish")
    return "eval (slurp < " + sourced(Shell::elvish, "", "activate.elv").substr(1) + ')';
  return sourced(Shell::posix, shell == "bash" || shell == "zsh" ? "source" : ".", "activate");
}

VENV_INLINE void print_summary(const Context& context) {
  print(stderr, "Made " + quoted(context.env_dir) + " with " + describe(context.python) + " (" +
                    text_of(context.executable) + ")\n" +
                    "Activate it: " + activation_command(context) + '\n');
}

VENV_INLINE std::string version_text() {
  return dotted({VENV_VERSION_MAJOR, VENV_VERSION_MINOR, VENV_VERSION_PATCH});
}

VENV_INLINE int make_environments(Arguments& arguments) {
  const bool terminal = stderr_is_terminal();
  arguments.options.report = [&arguments, terminal](Report kind, const std::string& line) {
    if (arguments.quiet) return;
    if (kind == Report::warning) print(stderr, "Warning: " + line + '\n');
    else if (terminal || arguments.verbose) print(stderr, line + "...\n");
  };
  const EnvBuilder builder(arguments.options);
  for (const std::string& env_dir : arguments.env_dirs) {
    const Context context = EnvBuilder(builder).create(path_of(env_dir));
    if ((terminal || arguments.verbose) && !arguments.quiet) print_summary(context);
  }
  return 0;
}

VENV_INLINE int run_program(const std::vector<std::string>& words) {
  try {
    Arguments arguments = parse_arguments(words);
    if (arguments.help) return print_result(help_text());
    if (arguments.version) return print_result("venv.hpp " + version_text() + '\n');
    if (arguments.options.python.empty())
      arguments.options.python = variable("VENV_PYTHON").value_or("");
    const InterruptGuard guard;
    return make_environments(arguments);
  } catch (const UsageError& error) {
    print(stderr, usage_text() + "venv: error: " + error.what() + '\n');
    return 2;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted) InterruptGuard::die();
    return print_error(error);
  } catch (const std::exception& error) {
    return print_error(Error(ErrorCode::io, error.what()));
  }
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE int main(int argc, const char* const* argv) {
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) words.emplace_back(argv[i]);
  return detail::run_program(words);
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
