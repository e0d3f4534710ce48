#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>

#if defined(_WIN32)
#include <process.h>
#else
#include <unistd.h>
#endif

int main(int argc, char** argv) {
  // What tests remember is no user's, and not the tests' of another run.
  const std::string cache =
      (std::filesystem::temp_directory_path() / ("venv-tests-cache-" + std::to_string(::getpid())))
          .string();
#if defined(_WIN32)
  ::_putenv_s("XDG_CACHE_HOME", cache.c_str());
#else
  ::setenv("XDG_CACHE_HOME", cache.c_str(), 1);
  std::signal(SIGHUP, SIG_DFL); // under nohup it is ignored, by children too, and the tests send it
#endif
  const int failed = doctest::Context(argc, argv).run();
  std::filesystem::remove_all(cache);
  return failed;
}
