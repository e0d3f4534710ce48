// A step of a build: a tool that runs in an environment with what a requirements file names. When nothing
// changed since the last build, the environment costs less than a millisecond.
//
// Usage: build_step ENV_DIR REQUIREMENTS TOOL [ARGUMENT ...]
#include "venv.hpp"

#include <chrono>
#include <cstdio>

int main(int argc, char** argv) {
  if (argc < 4)
    return std::fputs("usage: build_step ENV_DIR REQUIREMENTS TOOL [ARGUMENT ...]\n", stderr), 2;
  venv::EnsureOptions options;
  options.symlinks = true;
  options.requirements.files = {argv[2]};
  options.requirements.wheel_dirs = {
      "wheels"}; // laid out from there without pip, when all is there
  options.lock_timeout = std::chrono::minutes(10); // the same step of another build at work
  try {
    const venv::EnsureResult made = venv::ensure(argv[1], options);
    for (const venv::Problem& reason : made.reasons) std::printf("%s\n", reason.what.c_str());

    const venv::RunResult done = made.environment.run(argv[3], {argv + 4, argv + argc});
    std::printf("%s", done.out.c_str());
  } catch (const venv::Error& error) {
    std::fprintf(stderr, "%s%s\n%s\n", error.output().c_str(), error.what(), error.hint().c_str());
    return error.exit_code().value_or(1);
  }
}
