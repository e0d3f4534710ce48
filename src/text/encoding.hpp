#pragma once

#include "../config.hpp"
#include "../base/ascii.hpp"
#include "utf8.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

/// Whether it is a character's number: no surrogate, and none beyond the last.
constexpr bool is_scalar(char32_t c) { return c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF); }

VENV_INLINE void append_utf8(std::string& text, char32_t c) {
  const auto add = [&text](char32_t byte) { text += static_cast<char>(byte); };
  if (c < 0x80) return add(c);
  if (c < 0x800) {
    add(0xC0 | c >> 6);
  } else if (c < 0x10000) {
    add(0xE0 | c >> 12);
    add(0x80 | (c >> 6 & 0x3F));
  } else {
    add(0xF0 | c >> 18);
    add(0x80 | (c >> 12 & 0x3F));
    add(0x80 | (c >> 6 & 0x3F));
  }
  add(0x80 | (c & 0x3F));
}

enum class Encoding { utf8, ascii, latin1, windows1252, utf16_le, utf16_be, utf32_le, utf32_be };

/// The encoding that Python knows under that name, of any case; nothing when it is none of ours.
VENV_INLINE std::optional<Encoding> encoding_named(std::string_view name) {
  std::string key = folded(name);
  for (char& c : key)
    if (c == '_' || c == ' ') c = '-';
  struct Row {
    std::string_view name;
    Encoding encoding;
  };
  constexpr Row rows[] = {
      {"utf-8", Encoding::utf8},
      {"utf8", Encoding::utf8},
      {"u8", Encoding::utf8},
      {"utf-8-sig", Encoding::utf8},
      {"ascii", Encoding::ascii},
      {"us-ascii", Encoding::ascii},
      {"latin-1", Encoding::latin1},
      {"latin1", Encoding::latin1},
      {"l1", Encoding::latin1},
      {"iso-8859-1", Encoding::latin1},
      {"iso8859-1", Encoding::latin1},
      {"8859", Encoding::latin1},
      {"cp1252", Encoding::windows1252},
      {"windows-1252", Encoding::windows1252},
      {"1252", Encoding::windows1252},
      {"utf-16-le", Encoding::utf16_le},
      {"utf-16-be", Encoding::utf16_be},
      {"utf-32-le", Encoding::utf32_le},
      {"utf-32-be", Encoding::utf32_be},
  };
  for (const Row& row : rows)
    if (key == row.name) return row.encoding;
  return std::nullopt;
}

/// Units of `size` bytes as characters, with UTF-16's pairs put together; nothing when there is half
/// a unit, half a pair or no character.
VENV_INLINE std::optional<std::string> from_wide(std::string_view bytes, std::size_t size,
                                                 bool little_endian) {
  if (bytes.size() % size != 0) return std::nullopt;
  const auto take_unit = [&] {
    char32_t unit = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const auto byte = static_cast<unsigned char>(bytes[little_endian ? size - 1 - i : i]);
      unit = unit << 8 | byte;
    }
    bytes.remove_prefix(size);
    return unit;
  };
  std::string text;
  while (!bytes.empty()) {
    char32_t c = take_unit();
    if (size == 2 && c >= 0xD800 && c < 0xDC00 && !bytes.empty()) {
      const char32_t low = take_unit();
      if (low < 0xDC00 || low > 0xDFFF) return std::nullopt;
      c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    }
    if (!is_scalar(c)) return std::nullopt;
    append_utf8(text, c);
  }
  return text;
}

/// Windows-1252 is Latin-1 except for these; 0: none.
inline constexpr char16_t windows1252_controls[] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

VENV_INLINE std::optional<std::string> from_single_bytes(std::string_view bytes,
                                                         Encoding encoding) {
  std::string text;
  for (const char byte : bytes) {
    char32_t c = static_cast<unsigned char>(byte);
    if (encoding == Encoding::ascii && c >= 0x80) return std::nullopt;
    if (encoding == Encoding::windows1252 && c >= 0x80 && c < 0xA0) {
      c = windows1252_controls[c - 0x80];
      if (c == 0) return std::nullopt;
    }
    append_utf8(text, c);
  }
  return text;
}

/// The bytes as UTF-8, or nothing when they are not of that encoding.
VENV_INLINE std::optional<std::string> to_utf8(std::string_view bytes, Encoding encoding) {
  switch (encoding) {
  case Encoding::utf8: return is_utf8(bytes) ? std::optional(std::string(bytes)) : std::nullopt;
  case Encoding::utf16_le: return from_wide(bytes, 2, true);
  case Encoding::utf16_be: return from_wide(bytes, 2, false);
  case Encoding::utf32_le: return from_wide(bytes, 4, true);
  case Encoding::utf32_be: return from_wide(bytes, 4, false);
  default: return from_single_bytes(bytes, encoding);
  }
}

/// Takes the mark off that says in which Unicode form the bytes are.
VENV_INLINE std::optional<Encoding> take_byte_order_mark(std::string_view& bytes) {
  using namespace std::string_view_literals;
  if (take_prefix(bytes, "\xEF\xBB\xBF"sv)) return Encoding::utf8;
  if (take_prefix(bytes, "\xFF\xFE\0\0"sv)) return Encoding::utf32_le; // before UTF-16's FF FE
  if (take_prefix(bytes, "\0\0\xFE\xFF"sv)) return Encoding::utf32_be;
  if (take_prefix(bytes, "\xFF\xFE"sv)) return Encoding::utf16_le;
  if (take_prefix(bytes, "\xFE\xFF"sv)) return Encoding::utf16_be;
  return std::nullopt;
}

VENV_DETAIL_END
