#pragma once

#include "../config.hpp"
#include "bit_reader.hpp"
#include "../base/bytes.hpp"
#include "../base/number.hpp"
#include "huffman.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

VENV_DETAIL_BEGIN

/// How inflating ended.
enum class InflateStatus {
  ok,
  truncated,    ///< the input ends before the last block does
  trailing,     ///< the input goes on after the last block
  bad_block,    ///< a block type or header that RFC 1951 doesn't have
  bad_code,     ///< an impossible Huffman code, or a code word that it doesn't have
  bad_distance, ///< a match that begins before the output does
  too_long,     ///< more output than announced
  too_short,    ///< less output than announced
};

/// The status as the end of a sentence about the stream.
VENV_INLINE const char* inflate_message(InflateStatus status) {
  switch (status) {
  case InflateStatus::ok: return "is well";
  case InflateStatus::truncated: return "is cut off";
  case InflateStatus::trailing: return "has data after its end";
  case InflateStatus::bad_block: return "has a bad block header";
  case InflateStatus::bad_code: return "has a bad Huffman code";
  case InflateStatus::bad_distance: return "refers to data before its start";
  case InflateStatus::too_long: return "is longer than announced";
  case InflateStatus::too_short: return "is shorter than announced";
  default: return "is damaged";
  }
}

/// The bytes that `copy_match` may write after the match.
inline constexpr std::ptrdiff_t match_slack = 40;

VENV_INLINE void copy8(unsigned char* to, const unsigned char* from) {
  std::uint64_t word;
  std::memcpy(&word, from, 8);
  std::memcpy(to, &word, 8);
}

/// Repeats `length` bytes from `distance` back (RFC 1951, 3.2.3: the two may overlap), eight at a
/// time and 32 at least, since most matches are shorter and a loop would be mispredicted.
VENV_INLINE void copy_match(unsigned char* out, std::size_t distance, std::size_t length) {
  unsigned char* const end = out + length;
  const unsigned char* from = out - distance;
  if (distance < 8) {
    // Write the period until it is eight bytes or more, then copy from a multiple of it back.
    constexpr unsigned char multiples[8] = {0, 8, 8, 9, 8, 10, 12, 14};
    for (int i = 0; i < 8; ++i) out[i] = from[i];
    out += 8;
    from = out - multiples[distance];
  }
  copy8(out, from);
  copy8(out + 8, from + 8);
  copy8(out + 16, from + 16);
  copy8(out + 24, from + 24);
  for (out += 32, from += 32; out < end; out += 8, from += 8) copy8(out, from);
}

// Capacities: the most entries that any complete code of 288 (32) symbols can need with tables of
// 11 (8) bits, as zlib's examples/enough.c counts them.
using LitlenTable = HuffmanTable<11, 2342>;
using DistanceTable = HuffmanTable<8, 402>;

/// What the fast loop works on. It is copied into a local object whose address goes nowhere, so
/// that compilers can keep all of it in registers, whatever the output's bytes are written over.
struct FastState {
  BitReader bits;
  unsigned char* out;
  const HuffmanEntry* litlens;
  const HuffmanEntry* distances;
  std::uint64_t litlen_mask, distance_mask;

  HuffmanEntry next() const { return litlens[bits.buffer & litlen_mask]; }
  /// Writes the literal that `entry` is, if it is one, and looks up the next entry.
  bool literal(HuffmanEntry& entry) {
    if ((entry & huffman_literal) == 0) return false;
    bits.skip_fast(entry);
    *out++ = static_cast<unsigned char>(entry >> 16);
    entry = next();
    return true;
  }
};

/// RFC 1951, decompression of a whole stream into a buffer of a size that is known before.
class Inflater {
public:
  Inflater(std::string_view compressed, char* out, std::size_t out_size)
      : bits_{as_bytes(compressed), as_bytes(compressed) + compressed.size()},
        begin_(reinterpret_cast<unsigned char*>(out)), out_(begin_), end_(begin_ + out_size) {}

  InflateStatus run();

private:
  InflateStatus block(unsigned type);
  InflateStatus stored();
  void fixed_codes();
  InflateStatus dynamic_codes();
  InflateStatus code_lengths(std::uint8_t* lengths, std::size_t count);
  InflateStatus compressed();
  InflateStatus decode_fast();
  InflateStatus decode();
  InflateStatus decode_match(HuffmanEntry entry);

  // Room that a round of the fast loop can need: three refills; two literals and a match.
  static constexpr std::ptrdiff_t fast_input = 32;
  static constexpr std::ptrdiff_t fast_output = 2 + 258 + match_slack;

  BitReader bits_;
  unsigned char* begin_;
  unsigned char* out_;
  unsigned char* end_;
  LitlenTable litlen_{};
  DistanceTable distance_{};
  HuffmanTable<7, 128> lengths_{};
};

/// RFC 1951, 3.2.3: blocks until the one whose BFINAL is set.
VENV_INLINE InflateStatus Inflater::run() {
  for (bool final = false; !final;) {
    bits_.refill();
    if (bits_.left < 3) return InflateStatus::truncated;
    final = (bits_.buffer & 1) != 0;
    const unsigned type = static_cast<unsigned>(bits_.buffer >> 1 & 3);
    bits_.skip(3);
    const InflateStatus status = block(type);
    if (status != InflateStatus::ok) return status;
  }
  if (bits_.left / 8 > 0 || bits_.in < bits_.end) return InflateStatus::trailing;
  return out_ == end_ ? InflateStatus::ok : InflateStatus::too_short;
}

VENV_INLINE InflateStatus Inflater::block(unsigned type) {
  if (type == 0) return stored();
  if (type == 3) return InflateStatus::bad_block;
  if (type == 1) {
    fixed_codes();
    return compressed();
  }
  const InflateStatus status = dynamic_codes();
  return status == InflateStatus::ok ? compressed() : status;
}

/// RFC 1951, 3.2.4: LEN, its complement NLEN, and that many bytes, from the next byte on.
VENV_INLINE InflateStatus Inflater::stored() {
  bits_.in -= bits_.left / 8;
  bits_.buffer = 0;
  bits_.left = 0;
  if (bits_.end - bits_.in < 4) return InflateStatus::truncated;
  const std::size_t length = load_le16(bits_.in);
  if (length != (load_le16(bits_.in + 2) ^ 0xFFFF)) return InflateStatus::bad_block;
  bits_.in += 4;
  if (length > static_cast<std::size_t>(bits_.end - bits_.in)) return InflateStatus::truncated;
  if (length > static_cast<std::size_t>(end_ - out_)) return InflateStatus::too_long;
  if (length > 0) std::memcpy(out_, bits_.in, length);
  bits_.in += length;
  out_ += length;
  return InflateStatus::ok;
}

/// RFC 1951, 3.2.6.
VENV_INLINE void Inflater::fixed_codes() {
  std::uint8_t lengths[288];
  std::memset(lengths, 8, 144);
  std::memset(lengths + 144, 9, 112);
  std::memset(lengths + 256, 7, 24);
  std::memset(lengths + 280, 8, 8);
  build_table(litlen_, lengths, 288, litlen_symbols.data(), false);
  std::memset(lengths, 5, 32);
  build_table(distance_, lengths, 32, distance_symbols.data(), false);
}

/// RFC 1951, 3.2.7: how many code lengths there are, the code that they are written in, then
/// they.
VENV_INLINE InflateStatus Inflater::dynamic_codes() {
  constexpr unsigned char order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                       11, 4,  12, 3, 13, 2, 14, 1, 15};
  bits_.refill();
  if (bits_.left < 14) return InflateStatus::truncated;
  const std::size_t litlens = (bits_.buffer & 31) + 257;
  const std::size_t distances = (bits_.buffer >> 5 & 31) + 1;
  const std::size_t lengths_of_lengths = (bits_.buffer >> 10 & 15) + 4;
  if (litlens > 286 || distances > 30) return InflateStatus::bad_block;
  bits_.skip(14);

  std::uint8_t lengths[286 + 30];
  std::memset(lengths, 0, 19);
  for (std::size_t i = 0; i < lengths_of_lengths; ++i) {
    if (bits_.left < 3) bits_.refill();
    if (bits_.left < 3) return InflateStatus::truncated;
    lengths[order[i]] = static_cast<std::uint8_t>(bits_.buffer & 7);
    bits_.skip(3);
  }
  if (!build_table(lengths_, lengths, 19, length_symbols.data(), false))
    return InflateStatus::bad_code;
  const InflateStatus status = code_lengths(lengths, litlens + distances);
  if (status != InflateStatus::ok) return status;
  // A code without the end of the block needs no check: such a block ends in one of the errors.
  return build_table(litlen_, lengths, litlens, litlen_symbols.data(), true) &&
                 build_table(distance_, lengths + litlens, distances, distance_symbols.data(), true)
             ? InflateStatus::ok
             : InflateStatus::bad_code;
}

/// RFC 1951, 3.2.7: 0 to 15 are lengths, 16 repeats the one before 3 to 6 times, 17 and 18 are
/// runs of 3 to 10 and 11 to 138 zeros.
VENV_INLINE InflateStatus Inflater::code_lengths(std::uint8_t* lengths, std::size_t count) {
  for (std::size_t i = 0; i < count;) {
    if (bits_.left < 14) bits_.refill();
    const HuffmanEntry entry = bits_.look_up(lengths_);
    const std::uint32_t symbol = huffman_value(entry);
    const unsigned extra_bits = symbol < 16 ? 0 : symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
    if (huffman_total_bits(entry) + extra_bits > bits_.left) return InflateStatus::truncated;
    bits_.skip(huffman_total_bits(entry));
    if (symbol < 16) {
      lengths[i++] = static_cast<std::uint8_t>(symbol);
      continue;
    }
    if (symbol == 16 && i == 0) return InflateStatus::bad_code;
    const std::size_t run =
        number_as<std::size_t>(bits_.buffer & low_bits[extra_bits]) + (symbol == 18 ? 11u : 3u);
    bits_.skip(extra_bits);
    if (run > count - i) return InflateStatus::bad_code;
    std::memset(lengths + i, symbol == 16 ? lengths[i - 1] : 0, run);
    i += run;
  }
  return InflateStatus::ok;
}

/// RFC 1951, 3.2.3: the symbols of one block. The fast loop does most; what it leaves, the end of
/// the block included, is for the one that looks at every step.
VENV_INLINE InflateStatus Inflater::compressed() {
  if (end_ - out_ > fast_output && bits_.end - bits_.in > fast_input) {
    const InflateStatus status = decode_fast();
    if (status != InflateStatus::ok) return status;
  }
  return decode();
}

/// Symbols until a buffer is nearly at its end, or one comes that is neither literal nor length.
///
/// A round takes from the 56 bits of a refill two literals (2 * 11 bits), or one and a length
/// (11 + 15 + 5), then from at least 39 a distance (15 + 13), and leaves the 11 bits to look up the
/// next.
VENV_INLINE InflateStatus Inflater::decode_fast() {
  FastState s{bits_,
              out_,
              litlen_.entries,
              distance_.entries,
              low_bits[litlen_.bits],
              low_bits[distance_.bits]};
  const unsigned char* const begin = begin_;
  const unsigned char* const last_in = bits_.end - fast_input;
  const unsigned char* const last_out = end_ - fast_output;
  s.bits.refill_fast();
  HuffmanEntry entry = s.next();
  do {
    if (s.literal(entry) && s.literal(entry)) {
      s.bits.refill_fast();
      continue;
    }
    if ((entry & huffman_exception) != 0) {
      if ((entry & huffman_subtable) == huffman_subtable)
        entry = s.bits.look_further(s.litlens, entry);
      if (s.literal(entry)) {
        s.bits.refill_fast();
        continue;
      }
      if ((entry & huffman_exception) != 0) break;
    }
    const std::size_t length = s.bits.value(entry);
    s.bits.skip_fast(entry);
    if ((s.bits.left & 63) < 15 + 13 + 11) s.bits.refill_fast();
    entry = s.distances[s.bits.buffer & s.distance_mask];
    if ((entry & huffman_exception) != 0) {
      if ((entry & huffman_subtable) == huffman_subtable)
        entry = s.bits.look_further(s.distances, entry);
      if ((entry & huffman_exception) != 0) return InflateStatus::bad_code;
    }
    const std::size_t distance = s.bits.value(entry);
    s.bits.skip_fast(entry);
    if (distance > static_cast<std::size_t>(s.out - begin)) return InflateStatus::bad_distance;
    entry = s.next(); // before the copy, which needs not wait for it
    s.bits.refill_fast();
    copy_match(s.out, distance, length);
    s.out += length;
  } while (s.bits.in <= last_in && s.out <= last_out);
  bits_ = {s.bits.in, s.bits.end, s.bits.buffer, s.bits.left & 63};
  out_ = s.out;
  return InflateStatus::ok;
}

/// One symbol at a time, never beyond either buffer.
VENV_INLINE InflateStatus Inflater::decode() {
  for (;;) {
    bits_.refill();
    const HuffmanEntry entry = bits_.look_up(litlen_);
    if (huffman_total_bits(entry) > bits_.left) return InflateStatus::truncated;
    if ((entry & huffman_literal) != 0) {
      if (out_ == end_) return InflateStatus::too_long;
      *out_++ = static_cast<unsigned char>(entry >> 16);
      bits_.skip(huffman_total_bits(entry));
    } else if ((entry & huffman_exception) != 0) {
      bits_.skip(huffman_total_bits(entry));
      const bool ended = (entry & huffman_end_of_block) == huffman_end_of_block;
      return ended ? InflateStatus::ok : InflateStatus::bad_code;
    } else {
      const InflateStatus status = decode_match(entry);
      if (status != InflateStatus::ok) return status;
    }
  }
}

/// The match whose length `entry` begins with; its 48 bits at most are in the buffer if they are in
/// the input.
VENV_INLINE InflateStatus Inflater::decode_match(HuffmanEntry entry) {
  const std::size_t length = bits_.value(entry);
  bits_.skip(huffman_total_bits(entry));
  entry = bits_.look_up(distance_);
  if (huffman_total_bits(entry) > bits_.left) return InflateStatus::truncated;
  if ((entry & huffman_exception) != 0) return InflateStatus::bad_code;
  const std::size_t distance = bits_.value(entry);
  bits_.skip(huffman_total_bits(entry));
  if (distance > static_cast<std::size_t>(out_ - begin_)) return InflateStatus::bad_distance;
  if (length > static_cast<std::size_t>(end_ - out_)) return InflateStatus::too_long;
  if (static_cast<std::size_t>(end_ - out_) >= length + match_slack) {
    copy_match(out_, distance, length);
    out_ += length;
  } else {
    for (unsigned char* const stop = out_ + length; out_ < stop; ++out_) *out_ = *(out_ - distance);
  }
  return InflateStatus::ok;
}

/// Decompresses all of `compressed` (RFC 1951) into the `out_size` bytes at `out`; `ok` only
/// where both end exactly together. Nothing outside of the two is read or written. On failure the
/// output is undefined.
VENV_INLINE InflateStatus inflate(std::string_view compressed, char* out, std::size_t out_size) {
  return Inflater(compressed, out, out_size).run();
}

VENV_DETAIL_END
