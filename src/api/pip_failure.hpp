#pragma once

#include "error.hpp"

#include <string>
#include <string_view>

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
  PipFailure failure = PipFailure::unknown; ///< why
  std::string package{};                    ///< which package
};

/// Reads what a failed pip printed (`text`): `Error::output()` of a `command_failed`, or what a RunResult has of
/// it.
/// Knows the words of pip 23 and 24, in English, which is all that it speaks.
[[nodiscard]] VENV_API PipReport pip_failure(std::string_view text);
/// The same of an error; `unknown` for one of another kind.
[[nodiscard]] VENV_API PipReport pip_failure(const Error& error);

/// The failure as a word: `not-found`, `no-such-version` …
[[nodiscard]] VENV_API std::string name_of(PipFailure failure);

VENV_END
