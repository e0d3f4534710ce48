#pragma once

#include "../config.hpp"

VENV_DETAIL_BEGIN

/// Instructions that this processor has beside those that every one of its kind has.
struct ProcessorFeatures {
  bool sha = false;   ///< x86's SHA extensions
  bool clmul = false; ///< x86's carry-less multiplication
};

/// Asks it (Intel 64 manual, volume 2: CPUID); none where the compiler has no names for them.
VENV_INLINE ProcessorFeatures ask_processor() {
  ProcessorFeatures features;
#if defined(__GNUC__) && defined(__x86_64__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  const auto ask = [&](unsigned leaf) {
    __asm__("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "0"(leaf), "2"(0u));
  };
  ask(0);
  const unsigned last = a;
  ask(1);
  constexpr unsigned clmul = 1u << 1, ssse3_and_sse41 = 1u << 9 | 1u << 19, sha = 1u << 29;
  features.clmul = (c & clmul) != 0;
  const bool may_have_sha = last >= 7 && (c & ssse3_and_sse41) == ssse3_and_sse41;
  if (may_have_sha) ask(7);
  features.sha = may_have_sha && (b & sha) != 0;
#endif
  return features;
}

VENV_INLINE const ProcessorFeatures& processor_features() {
  static const ProcessorFeatures features = ask_processor();
  return features;
}

VENV_DETAIL_END
