#pragma once

#include "../base/error.hpp"

#include <array>
#include <atomic>
#include <string>

VENV_DETAIL_BEGIN

/// The signal that asked this process to end, 0 while there was none, and the children to end with
/// it. Only atomics: a signal handler reads it.
struct Interruption {
  std::atomic<int> signal{0};
  std::array<std::atomic<long>, 64> children{};
};

inline Interruption interruption;

/// To be called between steps: whoever interrupts is not kept waiting.
VENV_INLINE void throw_if_interrupted() {
  if (const int signal = interruption.signal)
    throw Error(ErrorCode::interrupted, "interrupted by signal " + std::to_string(signal));
}

/// Replaces one child by another in the list; 0 is a free place. Without one, an interruption
/// reaches the child only when this process has ended.
VENV_INLINE void replace_child(long old, long now) {
  for (std::atomic<long>& child : interruption.children) {
    long expected = old;
    if (child.compare_exchange_strong(expected, now)) return;
  }
}

VENV_DETAIL_END
