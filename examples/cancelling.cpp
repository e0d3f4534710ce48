// A call that another thread cancels, as a button would: here the main thread, when something is typed or
// the input ends.
//
// Usage: cancelling ENV_DIR
#include "venv.hpp"

#include <atomic>
#include <cstdio>
#include <thread>

int main(int argc, char** argv) {
  if (argc != 2) return std::fputs("usage: cancelling ENV_DIR\n", stderr), 2;
  std::atomic<bool> is_cancelled{false};
  std::atomic<int> status{1};
  std::thread worker([&, env_dir = argv[1]] {
    venv::EnsureOptions options;
    options.symlinks = true;
    options.with_pip = true;
    options.is_cancelled = [&] { return is_cancelled.load(); }; // asked in this thread, often
    std::optional<venv::Error> error;
    const auto made = venv::ensure(env_dir, options, error);
    if (!made) { // what it had begun is taken back
      std::printf("%s\n", error->what());
      status = error->code() == venv::ErrorCode::interrupted ? 0 : 1;
      return;
    }
    std::printf("working\n");
    std::fflush(stdout);
    venv::RunOptions run;
    run.is_cancelled = options.is_cancelled;
    run.throws = false;
    const venv::RunResult done =
        made->environment.run("python", {"-c", "import time; time.sleep(3600)"}, run);
    std::printf("%s\n", done.cancelled ? "cancelled" : "ended by itself");
    status = done.cancelled ? 0 : 1;
  });
  std::getchar();
  is_cancelled = true;
  worker.join();
  return status;
}
