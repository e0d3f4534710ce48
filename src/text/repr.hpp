#pragma once

#include "unprintable.hpp"
#include "utf8.hpp"

#include <cstddef>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

/// Whether Python's `str.isprintable()` is true for the character.
VENV_INLINE bool is_printable(char32_t c) {
  if (c < 0x7F) return c >= 0x20;
  if (c < 0xA0) return false;
  char32_t end = 0;
  for (std::size_t i = 0; i < sizeof unprintable_runs / sizeof *unprintable_runs; i += 2) {
    const char32_t start = end + unprintable_runs[i];
    if (c < start) return true;
    end = start + unprintable_runs[i + 1];
    if (c < end) return false;
  }
  return true;
}

VENV_INLINE void append_escape(std::string& text, char32_t c) {
  const int digits = c <= 0xFF ? 2 : c <= 0xFFFF ? 4 : 8;
  text += digits == 2 ? "\\x" : digits == 4 ? "\\u" : "\\U";
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
    text += "0123456789abcdef"[c >> shift & 15];
}

/// Python's `repr()` of a string, as CPython 3.13 writes it: single quotes unless only they occur
/// inside; escapes for what `isprintable()` denies. Bytes that are no UTF-8 appear as the lone
/// surrogates that `os.fsdecode` makes of them (PEP 383).
VENV_INLINE std::string repr(std::string_view text) {
  const bool single = text.find('\'') == text.npos || text.find('"') != text.npos;
  const char32_t quote = single ? '\'' : '"';
  std::string result(1, static_cast<char>(quote));
  while (!text.empty()) {
    const std::string_view before = text;
    char32_t c = decode(text);
    if (c == not_utf8) c = 0xDC00 + static_cast<unsigned char>(before.front());
    if (c == quote || c == '\\') (result += '\\') += static_cast<char>(c);
    else if (c == '\n') result += "\\n";
    else if (c == '\r') result += "\\r";
    else if (c == '\t') result += "\\t";
    else if (is_printable(c)) result += before.substr(0, before.size() - text.size());
    else append_escape(result, c);
  }
  return result += static_cast<char>(quote);
}

VENV_DETAIL_END
