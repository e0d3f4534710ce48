#pragma once

#include "../base/ascii.hpp"

#include <string>
#include <string_view>

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
