#pragma once

#include "../base/number.hpp"
#include "../config.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

VENV_DETAIL_BEGIN

/// What a decode table says about the next bits of the input, packed so that the common cases
/// take one test and no further look-up:
///
///     bit  31      a literal
///     bits 16..30  its byte; or the base of a length or distance; or where a subtable begins
///     bit  15      none of those is meant: a subtable, the end of the block, or an invalid code
///     bits 13, 14  which of the latter: the end of the block, a subtable
///     bits 8..11   bits of the code word
///     bits 0..5    bits to take from the input: the code word and the extra bits after it
///
/// Of a subtable, bits 8..11 are how many bits index it, and bits 0..5 how many come before those.
using HuffmanEntry = std::uint32_t;

inline constexpr HuffmanEntry huffman_literal = 1u << 31;
inline constexpr HuffmanEntry huffman_exception = 1u << 15;
inline constexpr HuffmanEntry huffman_subtable = huffman_exception | 1u << 14;
inline constexpr HuffmanEntry huffman_end_of_block = huffman_exception | 1u << 13;
inline constexpr HuffmanEntry huffman_invalid = huffman_exception;

constexpr std::uint32_t huffman_value(HuffmanEntry entry) { return entry >> 16 & 0x7FFF; }
constexpr unsigned huffman_total_bits(HuffmanEntry entry) { return entry & 63; }
constexpr unsigned huffman_code_bits(HuffmanEntry entry) { return entry >> 8 & 15; }

/// RFC 1951, 3.2.5: the literal/length alphabet, as entries without their code words. 286 and 287
/// "will never actually occur in the compressed data".
constexpr std::array<HuffmanEntry, 288> make_litlen_symbols() {
  std::array<HuffmanEntry, 288> symbols{};
  for (std::uint32_t i = 0; i < 256; ++i) symbols[i] = huffman_literal | i << 16;
  symbols[256] = huffman_end_of_block;
  std::uint32_t length = 3;
  for (std::uint32_t i = 0; i < 28; ++i) {
    const std::uint32_t extra_bits = i < 8 ? 0 : i / 4 - 1;
    symbols[257 + i] = length << 16 | extra_bits;
    length += 1u << extra_bits;
  }
  symbols[285] = 258u << 16;
  symbols[286] = symbols[287] = huffman_invalid;
  return symbols;
}

/// RFC 1951, 3.2.5: the distance alphabet, likewise.
constexpr std::array<HuffmanEntry, 32> make_distance_symbols() {
  std::array<HuffmanEntry, 32> symbols{};
  std::uint32_t distance = 1;
  for (std::uint32_t i = 0; i < 30; ++i) {
    const std::uint32_t extra_bits = i < 4 ? 0 : i / 2 - 1;
    symbols[i] = distance << 16 | extra_bits;
    distance += 1u << extra_bits;
  }
  symbols[30] = symbols[31] = huffman_invalid;
  return symbols;
}

/// RFC 1951, 3.2.7: the alphabet of code lengths; 16, 17, 18 are followed by 2, 3, 7 bits, which
/// whoever reads them takes.
constexpr std::array<HuffmanEntry, 19> make_length_symbols() {
  std::array<HuffmanEntry, 19> symbols{};
  for (std::uint32_t i = 0; i < 19; ++i) symbols[i] = i << 16;
  return symbols;
}

/// A byte's bits in the opposite order.
constexpr std::array<std::uint8_t, 256> make_reversed_bytes() {
  std::array<std::uint8_t, 256> reversed{};
  for (unsigned i = 0; i < 256; ++i)
    for (unsigned bit = 0; bit < 8; ++bit)
      if ((i >> bit & 1) != 0) reversed[i] = static_cast<std::uint8_t>(reversed[i] | 0x80 >> bit);
  return reversed;
}

inline constexpr auto litlen_symbols = make_litlen_symbols();
inline constexpr auto distance_symbols = make_distance_symbols();
inline constexpr auto length_symbols = make_length_symbols();
inline constexpr auto reversed_bytes = make_reversed_bytes();

/// 16 bits in the opposite order: a code word that is written from the top bit down (3.1.1)
/// becomes an index into a table that is looked up by the lowest bits of the input.
constexpr std::size_t reverse16(std::uint32_t bits) {
  return static_cast<std::size_t>(reversed_bytes[bits & 0xFF] << 8 |
                                  reversed_bytes[bits >> 8 & 0xFF]);
}

/// A decode table: 2^bits entries that are indexed by the next bits of the input, then the
/// subtables for longer code words. `Capacity` is for the worst code of the alphabet.
template <unsigned MaxBits, std::size_t Capacity> struct HuffmanTable {
  static constexpr unsigned max_bits = MaxBits;
  static constexpr std::size_t capacity = Capacity;
  unsigned bits;
  HuffmanEntry entries[Capacity];

  /// Leaves the entries alone, which a defaulted constructor sets to zero when it is called by `{}`:
  /// building fills what decoding can reach.
  HuffmanTable() : bits(0) {}
};

/// How many code words there are of each length, and the symbols in the order of their code
/// words.
struct HuffmanCode {
  std::uint16_t counts[16] = {};
  std::uint16_t symbols[320];
  unsigned longest = 0;
  std::int32_t unused = 1; ///< code space left over, in code words of the longest length
};

/// RFC 1951, 3.2.2, steps 1 and 2. `unused` is negative where lengths ask for more than there is.
VENV_INLINE void sort_code(HuffmanCode& code, const std::uint8_t* lengths, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) ++code.counts[lengths[i]];
  std::uint16_t offsets[16];
  unsigned next = 0;
  for (unsigned length = 0; length < 16; ++length) {
    offsets[length] = static_cast<std::uint16_t>(next);
    next += code.counts[length];
    if (length > 0 && code.counts[length] > 0) code.longest = length;
  }
  for (unsigned length = 1; length <= code.longest && code.unused >= 0; ++length)
    code.unused = code.unused * 2 - code.counts[length];
  for (std::size_t i = 0; i < count; ++i)
    code.symbols[offsets[lengths[i]]++] = static_cast<std::uint16_t>(i);
}

/// Fills the entries for the code words longer than `bits`, from `code_word` (left-aligned in 16
/// bits) on. False where the table is too small, which no complete code of the alphabet needs.
VENV_INLINE bool fill_subtables(HuffmanEntry* entries, unsigned bits, std::size_t capacity,
                                const HuffmanCode& code, const std::uint16_t* sorted,
                                std::uint32_t code_word, const HuffmanEntry* symbols) {
  const std::size_t mask = (std::size_t{1} << bits) - 1;
  std::size_t prefix = mask + 1, start = 0, next = mask + 1, size = 0;
  for (unsigned length = bits + 1; length <= code.longest; ++length)
    for (unsigned left = code.counts[length]; left > 0; --left, code_word += 0x10000u >> length) {
      const std::size_t reversed = reverse16(code_word);
      if ((reversed & mask) != prefix) {
        prefix = reversed & mask;
        unsigned subtable_bits = length - bits;
        for (std::uint32_t used = left; used < 1u << subtable_bits;)
          used = used * 2 + code.counts[bits + ++subtable_bits];
        size = std::size_t{1} << subtable_bits;
        start = next;
        next += size;
        if (next > capacity) return false;
        entries[prefix] =
            number_as<HuffmanEntry>(start) << 16 | huffman_subtable | subtable_bits << 8 | bits;
      }
      const HuffmanEntry entry = symbols[*sorted++] + length * 0x101;
      for (std::size_t i = reversed >> bits; i < size; i += std::size_t{1} << (length - bits))
        entries[start + i] = entry;
    }
  return true;
}

/// Builds the table for the code whose code words have `lengths` (0: none). False for an
/// over-subscribed code, and for an incomplete one unless `single` allows a code of one code word
/// of one bit, or of none: RFC 1951, 3.2.7, has that for distances, and zlib takes it elsewhere
/// too.
template <unsigned MaxBits, std::size_t Capacity>
bool build_table(HuffmanTable<MaxBits, Capacity>& table, const std::uint8_t* lengths,
                 std::size_t count, const HuffmanEntry* symbols, bool single) {
  HuffmanCode code;
  sort_code(code, lengths, count);
  const std::uint16_t* sorted = code.symbols + code.counts[0];
  HuffmanEntry* entries = table.entries;
  if (code.unused != 0) {
    if (code.unused < 0 || !single || code.longest > 1) return false;
    table.bits = 1;
    entries[0] = entries[1] = huffman_invalid | 0x101;
    if (code.longest == 1) entries[0] = symbols[*sorted] + 0x101;
    return true;
  }
  table.bits = code.longest < MaxBits ? code.longest : MaxBits;
  // The first 2^n entries are right for all code words of up to n bits; two copies of them are
  // the start for n + 1.
  std::uint32_t code_word = 0;
  for (unsigned length = 1; length <= table.bits; ++length) {
    const std::size_t half = std::size_t{1} << (length - 1);
    if (code_word > 0) std::memcpy(entries + half, entries, half * sizeof *entries);
    for (unsigned left = code.counts[length]; left > 0; --left, code_word += 0x10000u >> length)
      entries[reverse16(code_word)] = symbols[*sorted++] + length * 0x101;
  }
  return fill_subtables(entries, table.bits, Capacity, code, sorted, code_word, symbols);
}

VENV_DETAIL_END
