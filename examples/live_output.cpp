// What pip prints, as it comes: each line with the time since the start.
//
// Usage: live_output ENV_DIR PACKAGE ...
#include "venv.hpp"

#include <chrono>
#include <cstdio>

int main(int argc, char** argv) {
  if (argc < 3) return std::fputs("usage: live_output ENV_DIR PACKAGE ...\n", stderr), 2;
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  venv::RunOptions run;
  run.on_line = [start](venv::Stream stream, std::string_view line) {
    const std::chrono::duration<double> passed = Clock::now() - start;
    std::printf("%6.2f %s %.*s\n", passed.count(), stream == venv::Stream::err ? "!" : " ",
                static_cast<int>(line.size()), line.data());
    std::fflush(stdout);
  };
  // A progress bar comes in pieces without a newline: `on_output` gets them.

  venv::Requirements wanted;
  wanted.packages = {argv + 2, argv + argc};
  try {
    venv::Environment::open(argv[1]).install(wanted, run);
  } catch (const venv::Error& error) {
    const venv::PipReport report = venv::pip_failure(error);
    std::fprintf(stderr, "%s: %s %s\n", error.what(), venv::name_of(report.failure).c_str(),
                 report.package.c_str());
    return 1;
  }
}
