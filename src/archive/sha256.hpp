#pragma once

#include "../config.hpp"
#include "../base/bytes.hpp"
#include "../base/hex.hpp"
#include "sha256_x86.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

constexpr std::uint32_t rotate_right(std::uint32_t x, int n) { return x >> n | x << (32 - n); }

/// FIPS 180-4, 6.2.2, step 3, with the eight working variables named in turn by the caller
/// instead of moved; `k_plus_w` is the round's constant plus its word of the message schedule.
constexpr void sha256_round(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t& d,
                            std::uint32_t e, std::uint32_t f, std::uint32_t g, std::uint32_t& h,
                            std::uint32_t k_plus_w) {
  const std::uint32_t sum1 = rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25);
  const std::uint32_t sum0 = rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22);
  h += sum1 + (g ^ (e & (f ^ g))) + k_plus_w; // Ch
  d += h;
  h += sum0 + ((a & b) + (c & (a ^ b))); // Maj: no bit is set in both terms
}

/// SHA-256 (FIPS 180-4).
class Sha256 {
public:
  /// Adds `bytes` to the message.
  void update(std::string_view bytes);
  /// The digest of all that was added; the object is used up.
  std::array<std::uint8_t, 32> finish();

private:
  void blocks(const unsigned char* bytes, std::size_t count);

  std::uint32_t state_[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                             0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}; // 5.3.3
  std::uint64_t size_ = 0;
  unsigned char pending_[64] = {};
};

/// FIPS 180-4, 6.2.2, for one block of 64 bytes.
VENV_INLINE void sha256_block(std::uint32_t* state, const unsigned char* bytes) {
  std::uint32_t w[16];
  for (std::size_t i = 0; i < 16; ++i) w[i] = load_be32(bytes + 4 * i);
  std::uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
  std::uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
  for (std::size_t t = 0; t < 64; t += 16) {
    const std::uint32_t* k = sha256_constants + t;
    const auto word = [&w, t](std::size_t i) {
      if (t == 0) return w[i];
      const std::uint32_t w15 = w[(i + 1) & 15], w2 = w[(i + 14) & 15];
      const std::uint32_t sigma0 = rotate_right(w15, 7) ^ rotate_right(w15, 18) ^ w15 >> 3;
      const std::uint32_t sigma1 = rotate_right(w2, 17) ^ rotate_right(w2, 19) ^ w2 >> 10;
      return w[i] += sigma1 + w[(i + 9) & 15] + sigma0;
    };
    for (std::size_t i = 0; i < 16; i += 8) {
      sha256_round(a, b, c, d, e, f, g, h, k[i] + word(i));
      sha256_round(h, a, b, c, d, e, f, g, k[i + 1] + word(i + 1));
      sha256_round(g, h, a, b, c, d, e, f, k[i + 2] + word(i + 2));
      sha256_round(f, g, h, a, b, c, d, e, k[i + 3] + word(i + 3));
      sha256_round(e, f, g, h, a, b, c, d, k[i + 4] + word(i + 4));
      sha256_round(d, e, f, g, h, a, b, c, k[i + 5] + word(i + 5));
      sha256_round(c, d, e, f, g, h, a, b, k[i + 6] + word(i + 6));
      sha256_round(b, c, d, e, f, g, h, a, k[i + 7] + word(i + 7));
    }
  }
  const std::uint32_t out[8] = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < 8; ++i) state[i] += out[i];
}

VENV_INLINE void Sha256::blocks(const unsigned char* bytes, std::size_t count) {
  static const bool is_fast = has_sha256_instructions();
  if (is_fast) return sha256_blocks_x86(state_, bytes, count);
  for (; count > 0; --count, bytes += 64) sha256_block(state_, bytes);
}

VENV_INLINE void Sha256::update(std::string_view bytes) {
  const unsigned char* p = as_bytes(bytes);
  std::size_t n = bytes.size();
  const std::size_t filled = size_ % 64;
  size_ += n;
  if (filled > 0) {
    const std::size_t take = n < 64 - filled ? n : 64 - filled;
    if (take > 0) std::memcpy(pending_ + filled, p, take);
    if (filled + take < 64) return;
    blocks(pending_, 1);
    p += take;
    n -= take;
  }
  if (n >= 64) blocks(p, n / 64);
  p += n / 64 * 64;
  n %= 64;
  if (n > 0) std::memcpy(pending_, p, n);
}

VENV_INLINE std::array<std::uint8_t, 32> Sha256::finish() {
  // 5.1.1: a 1 bit, zeros, and the message's length in bits, up to a whole block.
  const std::uint64_t bits = size_ * 8;
  char padding[72] = {'\x80'};
  const std::size_t zeros = (55 - size_ % 64 + 64) % 64;
  for (std::size_t i = 0; i < 8; ++i)
    padding[1 + zeros + i] = static_cast<char>(bits >> (56 - 8 * i) & 0xFF);
  update({padding, 1 + zeros + 8});
  std::array<std::uint8_t, 32> digest{};
  for (std::size_t i = 0; i < 32; ++i)
    digest[i] = static_cast<std::uint8_t>(state_[i / 4] >> (24 - 8 * (i % 4)) & 0xFF);
  return digest;
}

VENV_INLINE std::array<std::uint8_t, 32> sha256(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

/// The way RECORD writes a file's hash: `sha256=` and the digest in URL-safe base64 without
/// padding (binary distribution format, "Signed wheel files"; RFC 4648, section 5).
VENV_INLINE std::string record_hash(std::string_view bytes) {
  constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const std::array<std::uint8_t, 32> digest = sha256(bytes);
  std::string text = "sha256=";
  unsigned buffer = 0, bits = 0;
  for (const std::uint8_t byte : digest) {
    buffer = (buffer << 8 | byte) & 0xFFFF;
    bits += 8;
    for (; bits >= 6; bits -= 6) text += alphabet[buffer >> (bits - 6) & 63];
  }
  return text += alphabet[buffer << (6 - bits) & 63];
}

/// A digest as requirements files have it: 64 hexadecimal digits.
VENV_INLINE std::string digits_of(const std::array<std::uint8_t, 32>& digest) {
  std::string digits;
  for (const std::uint8_t byte : digest) digits += hexadecimal(byte).substr(14);
  return digits;
}

VENV_DETAIL_END
