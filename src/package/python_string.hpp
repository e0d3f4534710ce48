#pragma once

#include "../config.hpp"
#include "../text/encoding.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

/// Takes at most `most` digits of that base off `text`.
VENV_INLINE std::size_t take_digits(std::string_view& text, char32_t base, std::size_t most,
                                    char32_t& value) {
  std::size_t n = 0;
  for (value = 0; n < most && n < text.size(); ++n) {
    const char c = text[n];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : 16;
    if (static_cast<char32_t>(digit) >= base) break;
    value = value * base + static_cast<char32_t>(digit);
  }
  text.remove_prefix(n);
  return n;
}

/// Takes one escape (behind its backslash) off `text` and adds what it means.
VENV_INLINE bool take_escape(std::string_view& text, std::string& out) {
  constexpr std::string_view letters = "\\'\"abfnrtv", means = "\\'\"\a\b\f\n\r\t\v";
  if (text.empty()) return false;
  const char c = text[0];
  char32_t value = 0;
  if (c >= '0' && c <= '7') {
    take_digits(text, 8, 3, value);
    append_utf8(out, value);
    return true;
  }
  if (const std::size_t at = letters.find(c); at != letters.npos) {
    text.remove_prefix(1);
    out += means[at];
    return true;
  }
  if (c == '\n') return text.remove_prefix(1), true; // the line goes on
  const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  if (digits == 0) { // it stands for itself, except \N, which names a character
    out += '\\';
    return c != 'N';
  }
  text.remove_prefix(1);
  if (take_digits(text, 16, digits, value) != digits || !is_scalar(value)) return false;
  append_utf8(out, value);
  return true;
}

/// What Python reads between two quotes; nothing when it reads none: a line end, a bad escape.
VENV_INLINE std::optional<std::string> python_string(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const char c = text[0];
    if (c == '\n' || c == '\r' || c == '\0') return std::nullopt;
    text.remove_prefix(1);
    if (c != '\\') out += c;
    else if (!take_escape(text, out)) return std::nullopt;
  }
  return out;
}

VENV_DETAIL_END
