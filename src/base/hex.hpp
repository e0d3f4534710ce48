#pragma once

#include "../config.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

/// All 16 digits of a number, lower case.
VENV_INLINE std::string hexadecimal(std::uint64_t value) {
  std::string text(16, '0');
  for (std::size_t i = 16; value != 0; value >>= 4) text[--i] = "0123456789abcdef"[value & 15];
  return text;
}

/// The bytes that `text` spells in hexadecimal digits; nothing where it spells none.
VENV_INLINE std::string from_hex(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    const std::size_t high = digits.find(text[i]), low = digits.find(text[i + 1]);
    if (high == digits.npos || low == digits.npos) return {};
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

VENV_DETAIL_END
