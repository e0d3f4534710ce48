#pragma once

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
