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

#if VENV_HEADER_ONLY
#define VENV_INLINE inline
#else
#define VENV_INLINE
#endif

#if defined(_MSVC_LANG) ? _MSVC_LANG < 201703L : __cplusplus < 201703L
#error "venv.hpp needs C++17: compile with -std=c++17 (or /std:c++17) or newer"
#endif

// The inline namespace keeps two vendored versions apart in one program.
#define VENV_BEGIN                                                                                 \
  namespace venv {                                                                                 \
  inline namespace v0_1 {
#define VENV_END                                                                                   \
  }                                                                                                \
  }
#define VENV_DETAIL_BEGIN                                                                          \
  VENV_BEGIN                                                                                       \
  namespace detail {
#define VENV_DETAIL_END                                                                            \
  }                                                                                                \
  VENV_END
