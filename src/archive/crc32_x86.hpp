#pragma once

#include "../config.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

VENV_DETAIL_BEGIN

// CRC-32 by carry-less multiplication (Gopal and others, "Fast CRC Computation for Generic Polynomials
// Using PCLMULQDQ Instruction", Intel 2009), by GCC's and Clang's names for it.

#if defined(__GNUC__) && defined(__x86_64__)

/// 16 bytes of the message, or what they are multiplied by.
using CrcWords = long long __attribute__((vector_size(16)));

/// x to the power `n` modulo the polynomial, with its bits reversed, for a multiplication of reversed
/// operands.
constexpr long long crc32_power(unsigned n) {
  std::uint32_t remainder = 0x80000000u; // the polynomial 1
  for (unsigned i = 0; i < n; ++i)
    remainder = remainder >> 1 ^ ((remainder & 1) != 0 ? 0xEDB88320u : 0u);
  const long long reversed = remainder;
  return reversed * 2;
}

/// By what 16 bytes are multiplied to be moved `bits` onwards.
constexpr CrcWords crc32_fold(unsigned bits) {
  return CrcWords{crc32_power(bits + 32), crc32_power(bits - 32)};
}

VENV_INLINE CrcWords load_crc_words(const unsigned char* bytes) {
  CrcWords words;
  std::memcpy(&words, bytes, sizeof words);
  return words;
}

/// What the same remainder has as `words` and all up to `next` behind them.
__attribute__((target("pclmul"))) VENV_INLINE CrcWords folded_crc(const CrcWords& words,
                                                                  const CrcWords& factors,
                                                                  const CrcWords& next) {
  return __builtin_ia32_pclmulqdq128(words, factors, 0x00) ^
         __builtin_ia32_pclmulqdq128(words, factors, 0x11) ^ next;
}

/// Takes as many bytes as are a multiple of 16 (at least 64) from the front of a message and gives 16
/// bytes that have the same remainder; `crc` is the one so far.
__attribute__((target("pclmul"))) VENV_INLINE void fold_crc32(const unsigned char* bytes,
                                                              std::size_t size, std::uint32_t crc,
                                                              unsigned char (&folded)[16]) {
  constexpr CrcWords by_64 = crc32_fold(512), by_16 = crc32_fold(128);
  CrcWords lanes[4];
  for (std::size_t i = 0; i < 4; ++i) lanes[i] = load_crc_words(bytes + 16 * i);
  lanes[0] ^= CrcWords{static_cast<long long>(crc), 0};
  bytes += 64;
  size -= 64;
  for (; size >= 64; size -= 64, bytes += 64)
    for (std::size_t i = 0; i < 4; ++i)
      lanes[i] = folded_crc(lanes[i], by_64, load_crc_words(bytes + 16 * i));
  CrcWords words = lanes[0];
  for (std::size_t i = 1; i < 4; ++i) words = folded_crc(words, by_16, lanes[i]);
  for (; size >= 16; size -= 16, bytes += 16)
    words = folded_crc(words, by_16, load_crc_words(bytes));
  std::memcpy(folded, &words, sizeof words);
}

#else

constexpr void fold_crc32(const unsigned char*, std::size_t, std::uint32_t, unsigned char (&)[16]) {
}

#endif

VENV_DETAIL_END
