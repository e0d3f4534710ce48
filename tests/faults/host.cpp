// A program that uses the header in ways that are its own business, for the tests beside it:
//
//     faults_host MODE PYTHON ENV_DIR [NAME=VALUE ...]
//
// Exit code 0: made; 1: an error, which is printed; 2: a wrong command line.

#include <venv.hpp>

#include <sys/wait.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

namespace {

void reap(int) {
  while (waitpid(-1, nullptr, WNOHANG) > 0) {
  }
}

int make(const std::string& python, const std::string& env_dir, bool upgrade) {
  venv::Options options;
  options.with_pip = true;
  options.python = python;
  options.upgrade_deps = upgrade;
  options.report = [](venv::Report, const std::string& line) {
    std::fprintf(stderr, "%s\n", line.c_str());
  };
  try {
    venv::create(env_dir, options);
  } catch (const venv::Error& error) {
    std::fprintf(stderr, "Error: %s\nHint: %s\n", error.what(), error.hint().c_str());
    return 1;
  }
  return 0;
}

int make_while_another_thread_reaps(const std::string& python, const std::string& env_dir) {
  std::atomic<bool> done{false};
  std::thread reaper([&done] {
    while (!done) {
      reap(0);
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  });
  const int code = make(python, env_dir, true);
  done = true;
  reaper.join();
  return code;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const std::string mode = argv[1];
  if (mode == "reap-in-thread") return make_while_another_thread_reaps(argv[2], argv[3]);
  if (mode == "reap-in-handler") std::signal(SIGCHLD, reap);
  if (mode == "ignore") std::signal(SIGCHLD, SIG_IGN);
  return make(argv[2], argv[3], mode != "plain");
}
