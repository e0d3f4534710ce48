#pragma once

#include "../config.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

VENV_DETAIL_BEGIN

/// `text` without blanks around it.
VENV_INLINE std::string_view strip(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

constexpr char fold_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// `text` with the letters A to Z as a to z.
VENV_INLINE std::string folded(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = fold_case(c);
  return result;
}

constexpr bool is_ascii(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  return true;
}

/// The parts of `text` between separators; one more than there are of these.
VENV_INLINE std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t end; (end = text.find(separator)) != text.npos; text.remove_prefix(end + 1))
    parts.push_back(text.substr(0, end));
  parts.push_back(text);
  return parts;
}

VENV_INLINE bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  return true;
}

VENV_DETAIL_END
