#pragma once

#include "interpreter.hpp"

#include <filesystem>
#include <memory>
#include <string>

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
