#pragma once

#include "environment.hpp"
#include "version.hpp"

#include <filesystem>
#include <string>

VENV_BEGIN

/// What a program needs that embeds CPython and works in an environment.
struct VENV_API Embedding {
  std::filesystem::path executable{}; ///< the environment's Python, for `PyConfig::executable`
  Version version{}; ///< of its base; the library's has to have the same first two numbers
  std::filesystem::path library{};     ///< libpython, to link or to load; empty: its base has none
  bool is_shared = false;              ///< whether that is a shared one
  std::filesystem::path include_dir{}; ///< of `Python.h`; empty: its base has none
  std::string extension_suffix{};      ///< of extension modules: `.cpython-313-x86_64-linux-gnu.so`
  std::string abi_flags{};             ///< `sys.abiflags`: `t`, `d`
  bool free_threaded = false;          ///< built without the GIL (PEP 703)
};

VENV_END

// What follows is there when Python.h, of 3.8 or newer, was included before.
#if defined(Py_PYTHON_H)
#if PY_VERSION_HEX >= 0x03080000

VENV_DETAIL_BEGIN

inline PyStatus set_text(PyConfig& config, wchar_t** field, const char* text) {
  return PyConfig_SetBytesString(&config, field, text);
}
inline PyStatus set_text(PyConfig& config, wchar_t** field, const wchar_t* text) {
  return PyConfig_SetString(&config, field, text);
}
#if defined(Py_GIL_DISABLED)
inline constexpr bool embeds_free_threaded = true;
#else
inline constexpr bool embeds_free_threaded = false;
#endif

VENV_DETAIL_END

VENV_BEGIN

/// Has the interpreter that `config` initializes work in the environment: as when the environment's Python was
/// started, `sys.prefix` and `sys.executable` are its own, and its packages are imported. Sets
/// `PyConfig::executable` and nothing else; `home` has to be left alone, and the variable `PYTHONHOME` unset or
/// not heeded (`PyConfig_InitIsolatedConfig`). A failure, and nothing is set, when the library of this process
/// has another minor version than the environment, or only one of them has a GIL.
[[nodiscard]] inline PyStatus configure(PyConfig& config, const Embedding& embedding) {
  const std::string minor = embedding.version.minor_text() + '.';
  if (std::string(Py_GetVersion()).compare(0, minor.size(), minor) != 0)
    return PyStatus_Error("the environment is for another minor version of Python");
  if (embedding.free_threaded != detail::embeds_free_threaded)
    return PyStatus_Error(
        "the environment is for a Python with another ABI (free-threaded or not)");
  return detail::set_text(config, &config.executable, embedding.executable.c_str());
}

VENV_END

#endif
#endif
