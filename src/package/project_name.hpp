#pragma once

#include "../config.hpp"
#include "../base/ascii.hpp"

#include <string>
#include <string_view>

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
