// Runs one command and says on standard output what it took: a small process, so that starting and
// waiting cost little and nothing of its own memory shows in the child's.
//
//   measure COMMAND [ARGUMENT ...]             milliseconds from before fork to after wait4, status
//   measure --memory COMMAND [ARGUMENT ...]    then also its peak memory in KiB: anonymous, all
//
// The peaks are those of the command's own process, without its children, and are sampled as fast
// as the kernel gives them; time is not to be taken from such a run. The command's standard output
// is thrown away.

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

/// The figure behind `name` in a file of /proc, in KiB; 0 where there is none.
long figure(const std::string& file, const char* name) {
  char text[8192];
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const ssize_t size = read(fd, text, sizeof text - 1);
  close(fd);
  text[size > 0 ? size : 0] = '\0';
  const char* found = std::strstr(text, name);
  return found ? std::atol(found + std::strlen(name)) : 0;
}

struct Peak {
  long anonymous = 0, all = 0;

  void sample(const std::string& proc) {
    anonymous = std::max(anonymous, figure(proc + "/smaps_rollup", "\nAnonymous:"));
    all = std::max(all, figure(proc + "/status", "\nVmHWM:"));
  }
};

[[noreturn]] void run(char** command) {
  const int null = open("/dev/null", O_WRONLY);
  dup2(null, STDOUT_FILENO);
  execv(command[0], command);
  std::perror(command[0]);
  _exit(127);
}

} // namespace

int main(int argc, char** argv) {
  const bool memory = argc > 1 && std::strcmp(argv[1], "--memory") == 0;
  char** command = argv + 1 + memory;
  if (argc < 2 + memory) return std::fputs("usage: measure [--memory] COMMAND ...\n", stderr), 2;

  const auto start = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child < 0) return std::perror("fork"), 2;
  if (child == 0) run(command);
  int status = 0;
  rusage usage{};
  Peak peak;
  const std::string proc = "/proc/" + std::to_string(child);
  while (wait4(child, &status, memory ? WNOHANG : 0, &usage) == 0) peak.sample(proc);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;

  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  std::printf("%.4f %d", took.count(), code);
  if (memory) std::printf(" %ld %ld", peak.anonymous, peak.all);
  std::printf("\n");
}
