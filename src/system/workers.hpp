#pragma once

#include "../base/function_ref.hpp"
#include "platform.hpp"
#include "stop.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
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

/// Gives the next number to work on, or one that is no longer below the count.
using NextWork = FunctionRef<std::size_t()>;

/// Shares the numbers from 0 to `count - 1` out among this thread and up to `workers - 1` others, in
/// each of which `worker` runs once; in this one alone where no thread can be started. The first
/// exception is thrown again here, once all have stopped. While the others are waited for, `stop` goes
/// on being asked, which can be done on this thread alone; it is `worker` that heeds it.
VENV_INLINE void share_out(std::size_t count, std::size_t workers,
                           FunctionRef<void(NextWork next)> worker, const StopRequest& stop = {}) {
  std::atomic<std::size_t> next{0}, working{0};
  std::exception_ptr failure;
  std::mutex mutex;
  std::condition_variable ended;
  const auto guarded = [&](FunctionRef<void()> part) {
    try {
      part();
    } catch (...) {
      next = count;
      const std::lock_guard<std::mutex> lock(mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  const auto run = [&] { guarded([&] { worker([&next] { return next++; }); }); };
  const auto run_beside = [&] {
    run();
    const std::lock_guard<std::mutex> lock(mutex);
    --working;
    ended.notify_one();
  };
  std::vector<std::thread> threads;
  try {
    for (std::size_t i = 1; i < (std::min)(workers, count); ++i) {
      ++working;
      threads.emplace_back(run_beside);
    }
  } catch (const std::system_error&) {
    --working; // fewer hands, the same work
  }
  run();
  std::unique_lock<std::mutex> lock(mutex);
  while (!ended.wait_for(lock, std::chrono::milliseconds(50), [&] { return working == 0; })) {
    lock.unlock();
    guarded([&] { (void)stop.is_made(); });
    lock.lock();
  }
  lock.unlock();
  for (std::thread& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
}

/// Calls `work` for 0 to `count - 1`, each once, by as many workers (see `share_out`).
VENV_INLINE void in_parallel(std::size_t count, std::size_t workers,
                             FunctionRef<void(std::size_t)> work, const StopRequest& stop = {}) {
  const auto worker = [&](NextWork next) {
    for (std::size_t i; (i = next()) < count;) work(i);
  };
  share_out(count, workers, worker, stop);
}

VENV_DETAIL_END
