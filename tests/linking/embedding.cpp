// What an environment tells a program that embeds its Python, and what comes of a version that doesn't fit.
#if defined(EMBEDS)
#include <Python.h>
#endif

#include "venv.hpp"

#include <cstdio>

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const venv::Embedding embedding = venv::Environment::open(argv[1]).embed();
#if defined(EMBEDS)
  PyConfig config;
  PyConfig_InitIsolatedConfig(&config);
  const PyStatus status = venv::configure(config, embedding);
  if (PyStatus_Exception(status)) std::puts(status.err_msg);
  std::puts(config.executable == nullptr && config.home == nullptr ? "nothing set" : "set");
  PyConfig_Clear(&config);
#else
  std::printf("%s\n%s\n%s\n%s\n%s\n%d\n", embedding.executable.c_str(), embedding.library.c_str(),
              embedding.include_dir.c_str(), embedding.extension_suffix.c_str(),
              embedding.abi_flags.c_str(), embedding.is_shared);
#endif
}
