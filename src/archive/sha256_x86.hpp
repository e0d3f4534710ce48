#pragma once

#include "../config.hpp"
#include "../base/bytes.hpp"

#include <cstddef>
#include <cstdint>

VENV_DETAIL_BEGIN

// SHA-256 by the processor's own instructions (Intel 64 manual, volume 2: SHA256RNDS2, SHA256MSG1,
// SHA256MSG2), by GCC's and Clang's names for them.

#if defined(__GNUC__) && defined(__x86_64__)

/// Four words of the message or of the state, the first one lowest.
using ShaWords = std::uint32_t __attribute__((vector_size(16)));
/// The same as the instructions are declared.
using ShaOperand = int __attribute__((vector_size(16)));

VENV_INLINE ShaOperand operand_of(const ShaWords& words) {
  return reinterpret_cast<const ShaOperand&>(words);
}

/// Four words from memory, in the order in which SHA-256 has their bytes.
VENV_INLINE ShaWords load_sha_words(const unsigned char* bytes) {
  const auto word = [bytes](std::size_t i) { return load_be32(bytes + 4 * i); };
  return ShaWords{word(0), word(1), word(2), word(3)};
}

/// The next four words of the message schedule (FIPS 180-4, 6.2.2, step 1), in the place of the
/// first of the sixteen before them.
__attribute__((target("sha,sse4.1"))) VENV_INLINE void next_sha_words(ShaWords& first,
                                                                      const ShaWords& second,
                                                                      const ShaWords& third,
                                                                      const ShaWords& fourth) {
  const ShaWords seven_before{third[1], third[2], third[3], fourth[0]};
  const ShaOperand sum = __builtin_ia32_sha256msg1(operand_of(first), operand_of(second));
  const ShaWords all = reinterpret_cast<const ShaWords&>(sum) + seven_before;
  first =
      reinterpret_cast<ShaWords>(__builtin_ia32_sha256msg2(operand_of(all), operand_of(fourth)));
}

/// Four rounds. The words of the state are F, E, B, A and H, G, D, C.
__attribute__((target("sha,sse4.1"))) VENV_INLINE void
sha_rounds(ShaWords& feba, ShaWords& hgdc, const ShaWords& words, const std::uint32_t* constants) {
  const ShaWords sum = words + ShaWords{constants[0], constants[1], constants[2], constants[3]};
  const ShaWords last_two{sum[2], sum[3], 0, 0};
  hgdc = reinterpret_cast<ShaWords>(
      __builtin_ia32_sha256rnds2(operand_of(hgdc), operand_of(feba), operand_of(sum)));
  feba = reinterpret_cast<ShaWords>(
      __builtin_ia32_sha256rnds2(operand_of(feba), operand_of(hgdc), operand_of(last_two)));
}

/// All rounds of `count` blocks of 64 bytes.
__attribute__((target("sha,sse4.1"))) VENV_INLINE void
sha256_blocks(std::uint32_t* state, const unsigned char* bytes, std::size_t count,
              const std::uint32_t* constants) {
  ShaWords feba{state[5], state[4], state[1], state[0]};
  ShaWords hgdc{state[7], state[6], state[3], state[2]};
  for (; count > 0; --count, bytes += 64) {
    const ShaWords feba_before = feba, hgdc_before = hgdc;
    ShaWords a = load_sha_words(bytes), b = load_sha_words(bytes + 16);
    ShaWords c = load_sha_words(bytes + 32), d = load_sha_words(bytes + 48);
    for (std::size_t t = 0; t < 64; t += 16) {
      if (t > 0) next_sha_words(a, b, c, d);
      sha_rounds(feba, hgdc, a, constants + t);
      if (t > 0) next_sha_words(b, c, d, a);
      sha_rounds(feba, hgdc, b, constants + t + 4);
      if (t > 0) next_sha_words(c, d, a, b);
      sha_rounds(feba, hgdc, c, constants + t + 8);
      if (t > 0) next_sha_words(d, a, b, c);
      sha_rounds(feba, hgdc, d, constants + t + 12);
    }
    feba += feba_before;
    hgdc += hgdc_before;
  }
  const std::uint32_t words[8] = {feba[3], feba[2], hgdc[3], hgdc[2],
                                  feba[1], feba[0], hgdc[1], hgdc[0]};
  for (std::size_t i = 0; i < 8; ++i) state[i] = words[i];
}

#else

constexpr void sha256_blocks(std::uint32_t*, const unsigned char*, std::size_t,
                             const std::uint32_t*) {}

#endif

VENV_DETAIL_END
