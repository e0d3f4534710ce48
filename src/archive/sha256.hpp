#pragma once

#include "../config.hpp"
#include "../base/bytes.hpp"
#include "../base/hex.hpp"
#include "processor.hpp"
#include "sha256_x86.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

/// FIPS 180-4, 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first
/// 64 primes.
inline constexpr std::uint32_t sha256_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

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
  /// `by_instructions`: by the processor's own, which it has to have.
  explicit Sha256(bool by_instructions = processor_features().sha)
      : by_instructions_(by_instructions) {}
  /// Adds `bytes` to the message.
  void update(std::string_view bytes);
  /// The digest of all that was added; the object is used up.
  std::array<std::uint8_t, 32> finish();

private:
  void block(const unsigned char* bytes);
  void blocks(const unsigned char* bytes, std::size_t count);

  bool by_instructions_;
  std::uint32_t state_[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                             0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}; // 5.3.3
  std::uint64_t size_ = 0;
  unsigned char pending_[64] = {};
};

/// FIPS 180-4, 6.2.2, for one block of 64 bytes.
VENV_INLINE void Sha256::block(const unsigned char* bytes) {
  std::uint32_t w[16];
  for (std::size_t i = 0; i < 16; ++i) w[i] = load_be32(bytes + 4 * i);
  std::uint32_t a = state_[0], b = state_[1], c = state_[2], d = state_[3];
  std::uint32_t e = state_[4], f = state_[5], g = state_[6], h = state_[7];
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
  for (std::size_t i = 0; i < 8; ++i) state_[i] += out[i];
}

VENV_INLINE void Sha256::blocks(const unsigned char* bytes, std::size_t count) {
  if (by_instructions_) return sha256_blocks(state_, bytes, count, sha256_constants);
  for (; count > 0; --count, bytes += 64) block(bytes);
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
  blocks(p, n / 64);
  if (n % 64 > 0) std::memcpy(pending_, p + n / 64 * 64, n % 64);
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
