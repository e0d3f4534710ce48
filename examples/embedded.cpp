// A program with an interpreter of its own, which works in an environment. Built with the headers and the
// library of the Python that is embedded; docs/environments.md says how.
#include <Python.h> // first, as Python's manual asks, and before venv.hpp

#include "venv.hpp"

#include <clocale>
#include <cstdio>
#include <string>

namespace {

/// Runs code in an environment, which is made if it has to be.
int run_in(const char* env_dir, const char* code) {
  venv::EnsureOptions options;
  options.symlinks = true;
  options.python = std::to_string(PY_MAJOR_VERSION) + '.' + std::to_string(PY_MINOR_VERSION);
  const venv::Environment environment = venv::ensure(env_dir, options).environment;

  std::setlocale(LC_ALL, ""); // a path may have any letter, and this is Python's way to read it
  PyConfig config;
  PyConfig_InitIsolatedConfig(&config); // heeds no variables: PYTHONHOME would lead elsewhere
  PyStatus status = venv::configure(config, environment.embed());
  if (!PyStatus_Exception(status)) status = Py_InitializeFromConfig(&config);
  PyConfig_Clear(&config);
  if (PyStatus_Exception(status))
    return std::fprintf(stderr, "Python does not start: %s\n", status.err_msg), 1;

  const int failed = PyRun_SimpleString(code);
  return Py_FinalizeEx() < 0 || failed != 0 ? 1 : 0;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) return std::fputs("usage: embedded ENV_DIR [CODE]\n", stderr), 2;
  try {
    return run_in(argv[1], argc > 2 ? argv[2] : "import sys; print(sys.prefix)");
  } catch (const venv::Error& error) {
    return std::fprintf(stderr, "%s\n%s", error.what(), error.output().c_str()), 1;
  }
}
