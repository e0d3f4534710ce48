// How long venv::ensure takes in a process that calls it again and again, when nothing has to be done.
//
//   ensure ENV_DIR PYTHON CALLS [REQUIREMENTS WHEEL_DIR]    microseconds, one number a line: a call each
#include "venv.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 4 && argc != 6) return std::fputs("usage: see the source\n", stderr), 2;
  venv::EnsureOptions options;
  options.symlinks = true;
  options.python = argv[2];
  if (argc == 6) {
    options.requirements.files = {argv[4]};
    options.requirements.wheel_dirs = {argv[5]};
    options.requirements.offline = true;
  }
  using Clock = std::chrono::steady_clock;
  std::vector<double> took;
  try {
    venv::ensure(argv[1], options); // the first may have something to do
    for (int left = std::atoi(argv[3]); left > 0; --left) {
      const auto start = Clock::now();
      const bool changed = venv::ensure(argv[1], options).changed;
      took.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
      if (changed) return std::fputs("something was done\n", stderr), 1;
    }
  } catch (const venv::Error& error) {
    return std::fprintf(stderr, "%s\n", error.what()), 1;
  }
  for (const double microseconds : took) std::printf("%.2f\n", microseconds);
}
