#pragma once

#include "../config.hpp"
#include "../base/bytes.hpp"
#include "huffman.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

VENV_DETAIL_BEGIN

/// Masks of the lowest n bits. Looked up, since shifting by a variable costs more on processors
/// that keep the amount in one certain register.
constexpr std::array<std::uint32_t, 32> make_low_bits() {
  std::array<std::uint32_t, 32> masks{};
  for (std::size_t n = 1; n < 32; ++n) masks[n] = masks[n - 1] << 1 | 1;
  return masks;
}

inline constexpr auto low_bits = make_low_bits();

/// The input as a stream of bits, lowest first (RFC 1951, 3.1.1). `buffer` holds the next `left`
/// bits; those above are either zero or what follows in the input, so that filling up again writes
/// the same over them.
struct BitReader {
  const unsigned char* in;
  const unsigned char* end;
  std::uint64_t buffer = 0;
  unsigned left = 0; ///< after `skip_fast`, only its lowest six bits count

  /// At least 56 bits; eight bytes of input must be there.
  void refill_fast() {
    buffer |= load_le64(in) << (left & 63);
    in += (63 - left) >> 3 & 7;
    left |= 56;
  }
  /// At least 56 bits, or all that there are.
  void refill() {
    if (end - in >= 8) return refill_fast();
    for (; left < 56 && in < end; left += 8) buffer |= std::uint64_t{*in++} << left;
  }
  void skip(unsigned bits) {
    buffer >>= bits;
    left -= bits;
  }
  /// Skips the bits of an entry, without a mask to keep the rest of it out of `left`.
  void skip_fast(HuffmanEntry entry) {
    buffer >>= entry & 63;
    left -= entry;
  }
  /// What an entry stands for: its value plus the extra bits after its code word.
  std::uint32_t value(HuffmanEntry entry) const {
    const std::uint32_t all = static_cast<std::uint32_t>(buffer) & low_bits[entry & 31];
    return huffman_value(entry) + (all >> huffman_code_bits(entry));
  }
  /// The entry for the next bits, given what the first table has for them.
  HuffmanEntry look_further(const HuffmanEntry* entries, HuffmanEntry entry) const {
    const std::uint64_t rest = buffer >> huffman_total_bits(entry);
    return entries[huffman_value(entry) + (rest & low_bits[huffman_code_bits(entry)])];
  }
  template <class Table> HuffmanEntry look_up(const Table& table) const {
    const HuffmanEntry entry = table.entries[buffer & low_bits[table.bits]];
    const bool subtable = (entry & huffman_subtable) == huffman_subtable;
    return subtable ? look_further(table.entries, entry) : entry;
  }
};

VENV_DETAIL_END
