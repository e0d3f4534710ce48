// Loads plugins as a program does whose plugins may use each other's symbols, and says what each
// says. With "catch" before it, a plugin's error is caught by the host's own type.
#include "venv.hpp"

#include <cstdio>
#include <cstring>
#include <dlfcn.h>

namespace {

template <class Function> Function find(const char* plugin, const char* name) {
  void* const library = ::dlopen(plugin, RTLD_NOW | RTLD_GLOBAL);
  void* const found = library ? ::dlsym(library, name) : nullptr;
  if (!found) std::printf("%s\n", ::dlerror());
  return found ? reinterpret_cast<Function>(found) : nullptr;
}

bool catch_error(const char* plugin) {
  const auto plugin_throw = find<void (*)()>(plugin, "plugin_throw");
  if (!plugin_throw) return false;
  try {
    plugin_throw();
  } catch (const venv::Error& error) {
    std::printf("caught %s %s\n", error.what(), error.hint().c_str());
    return true;
  }
  return false;
}

} // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "catch") == 0) {
      if (++i == argc || !catch_error(argv[i])) return 1;
      continue;
    }
    const auto plugin_step = find<const char* (*)()>(argv[i], "plugin_step");
    if (!plugin_step) return 1;
    std::printf("%s\n", plugin_step());
  }
}
