#pragma once

#include "../base/function_ref.hpp"
#include "platform.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

VENV_DETAIL_BEGIN

/// How many workers are worth having: the processors that this process may use, at least 1.
VENV_INLINE std::size_t processors() {
  if (const std::size_t allowed = allowed_processors(); allowed != 0) return allowed;
  return (std::max<std::size_t>)(1, std::thread::hardware_concurrency());
}

/// How many children of this process are worth having at a time: the machine, or the user, may not
/// have room for more.
VENV_INLINE std::size_t child_workers() { return (std::min<std::size_t>)(processors(), 8); }

/// Calls `work` for 0 to `count - 1`, each once, from this thread and up to `workers - 1` others;
/// from this one alone where no thread can be started. The first exception is thrown again here,
/// once all have stopped.
VENV_INLINE void in_parallel(std::size_t count, std::size_t workers,
                             FunctionRef<void(std::size_t)> work) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex failing;
  const auto run = [&] {
    try {
      for (std::size_t i; (i = next++) < count;) work(i);
    } catch (...) {
      next = count;
      const std::lock_guard<std::mutex> lock(failing);
      if (!failure) failure = std::current_exception();
    }
  };
  std::vector<std::thread> threads;
  try {
    for (std::size_t i = 1; i < (std::min)(workers, count); ++i) threads.emplace_back(run);
  } catch (const std::system_error&) {
    // Fewer hands, the same work.
  }
  run();
  for (std::thread& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
}

VENV_DETAIL_END
