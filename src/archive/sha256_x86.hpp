#pragma once

#include "../config.hpp"
#include "../base/bytes.hpp"

#include <cstddef>
#include <cstdint>

// SHA-256 by the instructions that x86 has for it (SHA extensions): several times as fast. Written by the
// compilers' own vectors, as <immintrin.h> would cost everybody who includes this header its time.

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

#if defined(__x86_64__) && (defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 12))

/// Whether this processor has them.
VENV_INLINE bool has_sha256_instructions() {
  const auto ask = [](unsigned leaf, unsigned& ebx) {
    unsigned eax = leaf, ecx = 0, edx = 0;
    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    return eax;
  };
  unsigned features = 0;
  constexpr unsigned leaf = 7, sha = 1u << 29;
  if (ask(0, features) < leaf) return false;
  ask(leaf, features);
  return (features & sha) != 0; // what has them has SSE4.1 too
}

typedef std::uint32_t Sha256Words __attribute__((vector_size(16)));
typedef int Sha256Operand __attribute__((vector_size(16))); // as the instructions are declared

/// Two rounds; what was one of the two vectors of words becomes the other.
__attribute__((target("sha,sse4.1"))) VENV_INLINE Sha256Words two_sha256_rounds(Sha256Words a,
                                                                                Sha256Words b,
                                                                                Sha256Words sum) {
  return reinterpret_cast<Sha256Words>(__builtin_ia32_sha256rnds2(
      reinterpret_cast<Sha256Operand>(a), reinterpret_cast<Sha256Operand>(b),
      reinterpret_cast<Sha256Operand>(sum)));
}

/// The message schedule's four words behind those sixteen.
__attribute__((target("sha,sse4.1"))) VENV_INLINE Sha256Words
next_sha256_words(const Sha256Words* w) {
  const auto first = reinterpret_cast<Sha256Words>(__builtin_ia32_sha256msg1(
      reinterpret_cast<Sha256Operand>(w[0]), reinterpret_cast<Sha256Operand>(w[1])));
  const Sha256Words sum = first + __builtin_shufflevector(w[2], w[3], 1, 2, 3, 4);
  return reinterpret_cast<Sha256Words>(__builtin_ia32_sha256msg2(
      reinterpret_cast<Sha256Operand>(sum), reinterpret_cast<Sha256Operand>(w[3])));
}

/// FIPS 180-4, 6.2.2, for blocks one behind the other. The words are those of Intel's manual: a vector for
/// A, B, E, F and one for C, D, G, H, the last in front.
__attribute__((target("sha,sse4.1"))) VENV_INLINE void
sha256_blocks_x86(std::uint32_t* state, const unsigned char* bytes, std::size_t count) {
  Sha256Words abef = {state[5], state[4], state[1], state[0]};
  Sha256Words cdgh = {state[7], state[6], state[3], state[2]};
  for (; count > 0; --count, bytes += 64) {
    const Sha256Words abef_before = abef, cdgh_before = cdgh;
    Sha256Words w[4];
    for (int i = 0; i < 16; ++i) w[i / 4][i % 4] = load_be32(bytes + 4 * i);
    for (const std::uint32_t* k = sha256_constants; k != sha256_constants + 64; k += 4) {
      const Sha256Words sum = w[0] + Sha256Words{k[0], k[1], k[2], k[3]};
      cdgh = two_sha256_rounds(cdgh, abef, sum);
      abef = two_sha256_rounds(abef, cdgh, __builtin_shufflevector(sum, sum, 2, 3, 2, 3));
      const Sha256Words next = next_sha256_words(w);
      w[0] = w[1];
      w[1] = w[2];
      w[2] = w[3];
      w[3] = next;
    }
    abef += abef_before;
    cdgh += cdgh_before;
  }
  const std::uint32_t result[8] = {abef[3], abef[2], cdgh[3], cdgh[2],
                                   abef[1], abef[0], cdgh[1], cdgh[0]};
  for (int i = 0; i < 8; ++i) state[i] = result[i];
}

#else

constexpr bool has_sha256_instructions() { return false; }
constexpr void sha256_blocks_x86(std::uint32_t*, const unsigned char*, std::size_t) {}

#endif

VENV_DETAIL_END
