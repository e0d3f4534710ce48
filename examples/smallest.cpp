// The smallest use: an environment with pip in .venv, for the first Python on PATH.
#include "venv.hpp"

#include <cstdio>

int main() {
  venv::Options options;   // EnvBuilder's keyword arguments, with its defaults
  options.with_pip = true; // pip, as the base Python bundles it
  options.symlinks = true; // a link to the interpreter, not a copy
  try {
    const venv::Context made = venv::create(".venv", options);
    std::printf("%s\n", venv::run(made, {"-m", "pip", "--version"}).c_str());
  } catch (const venv::Error& error) {
    std::fprintf(stderr, "%s\n%s\n", error.what(), error.hint().c_str());
    return 1;
  }
}
