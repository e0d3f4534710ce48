#pragma once

#include "interpreter.hpp"

#include <filesystem>
#include <string>
#include <type_traits>

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
  ///@{
  /// As of any struct.
  Context(const Context&) = default;
  Context(Context&&) = default;
  Context& operator=(const Context&) = default;
  Context& operator=(Context&&) = default;
  ///@}
  ~Context() = default;
  template <class Derived,
            class = std::enable_if_t<std::is_base_of_v<Context, std::decay_t<Derived>> &&
                                     !std::is_same_v<Context, std::decay_t<Derived>>>>
  Context(Derived&&) = delete;
};

VENV_END
