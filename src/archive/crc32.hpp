#pragma once

#include "../config.hpp"
#include "../base/bytes.hpp"
#include "../base/number.hpp"
#include "crc32_x86.hpp"
#include "processor.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

VENV_DETAIL_BEGIN

using Crc32Tables = std::array<std::array<std::uint32_t, 256>, 8>;

/// Table 0 is the classic one, a byte's effect on the remainder; table k is that of the same byte
/// with k zero bytes after it, so that eight bytes can be looked up independently of each other.
VENV_INLINE Crc32Tables make_crc32_tables() {
  Crc32Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320u : 0u);
    tables[0][byte] = crc;
  }
  for (std::size_t k = 1; k < 8; ++k)
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 0xFF];
    }
  return tables;
}

/// The remainder so far, with the bits of `crc` as they are while it is computed.
VENV_INLINE std::uint32_t crc32_by_tables(const unsigned char* p, std::size_t n,
                                          std::uint32_t crc) {
  static const Crc32Tables t = make_crc32_tables(); // as a constant it costs every includer time
  for (; n >= 8; n -= 8, p += 8) {
    const std::uint64_t word = load_le64(p) ^ crc;
    crc = t[7][word & 0xFF] ^ t[6][word >> 8 & 0xFF] ^ t[5][word >> 16 & 0xFF] ^
          t[4][word >> 24 & 0xFF] ^ t[3][word >> 32 & 0xFF] ^ t[2][word >> 40 & 0xFF] ^
          t[1][word >> 48 & 0xFF] ^ t[0][number_as<std::size_t>(word >> 56)];
  }
  for (; n > 0; --n, ++p) crc = (crc >> 8) ^ t[0][(crc ^ *p) & 0xFF];
  return crc;
}

/// The CRC-32 of zip files (ISO 3309, ITU-T V.42; APPNOTE 4.4.7). Pass the previous result as
/// `crc` to go on with the next piece. `by_instructions`: by the processor's own, which it has to have.
VENV_INLINE std::uint32_t crc32(std::string_view bytes, std::uint32_t crc = 0,
                                bool by_instructions = processor_features().clmul) {
  const auto* p = as_bytes(bytes);
  const std::size_t n = bytes.size();
  if (!by_instructions || n < 64) return ~crc32_by_tables(p, n, ~crc);
  unsigned char folded[16] =
      {}; // where there are no instructions, compilers see that nothing fills it
  fold_crc32(p, n, ~crc, folded);
  const std::uint32_t remainder = crc32_by_tables(folded, sizeof folded, 0);
  return ~crc32_by_tables(p + n / 16 * 16, n % 16, remainder);
}

VENV_DETAIL_END
