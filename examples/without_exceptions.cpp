// Errors as values: each call has a form that throws nothing, and an error says in a code what a program
// can do about it.
//
// Usage: without_exceptions ENV_DIR PYTHON [PACKAGE ...]
#include "venv.hpp"

#include <cstdio>

int main(int argc, char** argv) {
  if (argc < 3)
    return std::fputs("usage: without_exceptions ENV_DIR PYTHON [PACKAGE ...]\n", stderr), 2;
  venv::EnsureOptions options;
  options.symlinks = true;
  options.python = argv[2];
  options.requirements.packages = {argv + 3, argv + argc};
  std::optional<venv::Error> error;
  const auto made = venv::ensure(argv[1], options, error);
  if (!made) {
    switch (error->code()) {
    case venv::ErrorCode::python_not_found:
    case venv::ErrorCode::python_unusable:
    case venv::ErrorCode::python_unsupported: std::printf("ask for another Python\n"); break;
    case venv::ErrorCode::command_failed: {
      const venv::PipReport report = venv::pip_failure(*error);
      std::printf("pip: %s %s\n", venv::name_of(report.failure).c_str(), report.package.c_str());
      break;
    }
    case venv::ErrorCode::busy: std::printf("try again later\n"); break;
    case venv::ErrorCode::io:
      std::printf("%s: %s\n", error->path().string().c_str(),
                  error->system_error().message().c_str());
      break;
    default: std::printf("%s\n", error->what());
    }
    return 1;
  }
  venv::RunOptions run;
  run.throws = false; // a failure of the child is a value too
  const auto done = made->environment.run("python", {"-c", "import sys; sys.exit(3)"}, run, error);
  std::printf("%d\n", done ? done->exit_code : -1);
}
