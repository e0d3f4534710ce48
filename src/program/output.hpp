#pragma once

#include "../api/error.hpp"
#include "../api/options.hpp"
#include "../api/pip_failure.hpp"
#include "../system/path.hpp"
#include "../system/terminal.hpp"
#include "../text/utf8.hpp"
#include "../use/pip_failure.hpp"
#include "color.hpp"

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

VENV_DETAIL_BEGIN

/// Writes all of it, or says that it could not (a full disk, a closed pipe). What is said of errors and
/// warnings is in colours where they are wanted.
VENV_INLINE bool print(std::FILE* stream, std::string text) {
  if (stream == stderr && wants_colors(true)) text = in_colors(text);
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
      {"Environment::distributions", "--info"},
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
  if (std::string hint = pip_hint(pip_failure(error)); !hint.empty()) return hint;
  std::string hint = in_options(error.hint());
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
