#pragma once

#include "../config.hpp"
#include "crc32.hpp"

#include <cstdint>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

/// The lowest `bytes` bytes of a number, the last first.
VENV_INLINE std::string little_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (; bytes > 0; --bytes, value >>= 8) text += static_cast<char>(value & 0xFF);
  return text;
}

/// A zip file of one file, stored as it is, whose time is the earliest that there can be. The numbers
/// are those of PKWARE's APPNOTE.TXT 6.3; as Python's `zipfile` writes it on Windows.
VENV_INLINE std::string stored_zip(std::string_view name, std::string_view bytes) {
  const auto size = little_endian(bytes.size(), 4);
  // 4.4.3 to 4.4.11: version 2.0, no flags, stored, 1980-01-01, CRC, sizes, lengths
  const std::string fields = little_endian(20, 2) + little_endian(0, 4) + little_endian(0, 2) +
                             little_endian(0x21, 2) + little_endian(crc32(bytes), 4) + size + size +
                             little_endian(name.size(), 2) + little_endian(0, 2);
  const std::string local = "PK\3\4" + fields + std::string(name) + std::string(bytes);
  // 4.3.12: made by version 2.0 for FAT; no comment, disk or internal attributes; mode 0600; at 0
  const std::string central = "PK\1\2" + little_endian(20, 2) + fields + little_endian(0, 6) +
                              little_endian(0600u << 16, 4) + little_endian(0, 4) +
                              std::string(name);
  // 4.3.16
  return local + central + "PK\5\6" + little_endian(0, 4) + little_endian(1, 2) +
         little_endian(1, 2) + little_endian(central.size(), 4) + little_endian(local.size(), 4) +
         little_endian(0, 2);
}

VENV_DETAIL_END
