#pragma once

#include "../config.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

/// What `decode` gives for bytes that are no UTF-8.
inline constexpr char32_t not_utf8 = 0xFFFFFFFF;

/// The number of bytes that `lead` announces, 0 where it cannot begin a character.
constexpr std::size_t utf8_length(unsigned char lead) {
  return lead < 0x80   ? 1
         : lead < 0xC2 ? 0
         : lead < 0xE0 ? 2
         : lead < 0xF0 ? 3
         : lead < 0xF5 ? 4
                       : 0;
}

/// Takes the first character off `text`; `not_utf8` (and one byte taken) where it is ill-formed:
/// overlong, a surrogate, beyond U+10FFFF or cut (RFC 3629).
VENV_INLINE char32_t decode(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = utf8_length(lead);
  auto bad = [&text] { return text.remove_prefix(1), not_utf8; };
  if (length == 0 || length > text.size()) return bad();
  char32_t value = length == 1 ? lead : lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return bad();
    value = value << 6 | (next & 0x3Fu);
  }
  constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < smallest[length] || value > 0x10FFFF || surrogate) return bad();
  text.remove_prefix(length);
  return value;
}

VENV_INLINE bool is_utf8(std::string_view text) {
  while (!text.empty())
    if (decode(text) == not_utf8) return false;
  return true;
}

/// Whether a C0 or C1 control character or DEL is in `text`.
VENV_INLINE bool has_control_character(std::string_view text) {
  while (!text.empty()) {
    const char32_t c = decode(text);
    if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return true;
  }
  return false;
}

/// `text` as a message may show it: control characters and bad bytes as `\xNN`.
VENV_INLINE std::string printable(std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string shown;
  while (!text.empty()) {
    const std::string_view before = text;
    const char32_t c = decode(text);
    const std::string_view bytes = before.substr(0, before.size() - text.size());
    if (c != not_utf8 && c >= 0x20 && !(c >= 0x7F && c < 0xA0)) {
      shown += bytes;
      continue;
    }
    for (const char byte : bytes) {
      const auto value = static_cast<unsigned char>(byte);
      shown += {'\\', 'x', digits[value >> 4], digits[value & 15]};
    }
  }
  return shown;
}

VENV_DETAIL_END
