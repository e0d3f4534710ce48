// Makes environments in several directories at once, a thread for each, two Pythons in turn:
//
//     threads PYTHON PYTHON ENV_DIR ...

#include <venv.hpp>

#include <atomic>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  std::atomic<int> code{0};
  std::vector<std::thread> threads;
  for (int i = 3; i < argc; ++i)
    threads.emplace_back([&code, argv, i] {
      venv::Options options;
      options.with_pip = i % 4 != 0;
      options.python = argv[1 + i % 2];
      try {
        venv::create(argv[i], options);
      } catch (const venv::Error& error) {
        std::fprintf(stderr, "Error: %s\n", error.what());
        code = 1;
      }
    });
  for (std::thread& thread : threads) thread.join();
  return code;
}
