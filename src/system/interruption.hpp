#pragma once

#include "../api/error.hpp"

#include <atomic>

VENV_DETAIL_BEGIN

/// The signal that asked this process to end, 0 while there was none; and the child to end with it.
struct Interruption {
  std::atomic<int> signal{0};
  std::atomic<long> child{0};
};

inline Interruption interruption;

/// To be called between steps: whoever interrupts is not kept waiting.
VENV_INLINE void throw_if_interrupted() {
  if (const int signal = interruption.signal)
    throw Error(ErrorCode::interrupted, "interrupted by signal " + std::to_string(signal));
}

VENV_DETAIL_END
