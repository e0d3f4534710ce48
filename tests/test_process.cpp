#include "system/process.hpp"

#include "support_files.hpp"
#include "system/file.hpp"
#include "system/handle.hpp"
#include "system/variables.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sched.h>
#endif

using namespace venv;
using namespace venv::detail;
using std::chrono::milliseconds;

namespace {

struct Ran {
  ExitStatus status;
  std::string out, err;
};

Ran ran(const Command& command) {
  Ran result;
  result.status = run_command(command, [&result](Stream stream, std::string_view piece) {
    (stream == Stream::out ? result.out : result.err) += piece;
  });
  return result;
}

Command shell(const std::string& script, std::vector<std::string> arguments = {}) {
  Command command;
  command.program = "/bin/sh";
  command.arguments = {"-c", script, "sh"};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  return command;
}

double seconds_of(const std::function<void()>& work) {
  const auto begun = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

/// What `work` gives in a process of its own, whose state it may spoil: its exit code, 99 for an
/// exception.
int in_own_process(const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    int code = 99;
    try {
      code = work();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
    }
    std::fflush(stderr);
    ::_exit(code);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool is_running(const fs::path& pid_file) {
  const long pid = std::strtol(support::get(pid_file).c_str(), nullptr, 10);
  REQUIRE(pid > 1);
  const fs::path stat = "/proc/" + std::to_string(pid) + "/stat";
  for (int tries = 0; tries < 100; ++tries) { // an orphan's end is waited for by another process
    const std::string text = support::get(stat);
    if (text.empty() || text.find(") Z ") != text.npos) return false;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return true;
}

} // namespace

TEST_CASE("process: exit codes and signals are told as they are") {
  for (const int code : {0, 1, 2, 127, 128, 255}) {
    const Ran result = ran(shell("exit " + std::to_string(code)));
    CHECK(result.status.code == code);
    CHECK(result.status.signal == 0);
    CHECK(result.status.is_known);
    CHECK(result.status.succeeded() == (code == 0));
  }
  for (const int signal : {SIGKILL, SIGTERM, SIGSEGV, SIGHUP}) {
    const Ran result = ran(shell("kill -" + std::to_string(signal) + " $$; sleep 60"));
    CHECK(result.status.code == 128 + signal);
    CHECK(result.status.signal == signal);
  }
}

TEST_CASE("process: 100 MB on both streams at once arrive whole, and as much is read") {
  constexpr std::uint64_t size = 100u << 20;
  Command command = shell("head -c 104857600 /dev/zero & head -c 104857600 /dev/zero >&2 & "
                          "wait; exit 7");
  command.output_limit = 0;
  std::uint64_t out = 0, err = 0;
  const ExitStatus status = run_command(command, [&](Stream stream, std::string_view piece) {
    (stream == Stream::out ? out : err) += piece.size();
  });
  CHECK(status.code == 7);
  CHECK(out == size);
  CHECK(err == size);

  command = shell("cat; cat >&2"); // a child that writes while it reads
  command.output_limit = 0;
  command.input = RunInput::text;
  command.input_text = std::string(10u << 20, 'x');
  out = 0;
  run_command(command, [&](Stream, std::string_view piece) { out += piece.size(); });
  CHECK(out == command.input_text.size());
}

TEST_CASE("process: input is text, empty or inherited; one that nobody reads is no error") {
  Command command = shell("cat");
  CHECK(ran(command).out.empty());
  command.input = RunInput::text;
  command.input_text = std::string("a\0\xff\n", 4);
  CHECK(ran(command).out == command.input_text);
  command = shell("exec <&-; sleep .1; exit 3");
  command.input = RunInput::text;
  command.input_text = std::string(1u << 20, 'x');
  CHECK(ran(command).status.code == 3);

  CHECK(in_own_process([] {
          int ends[2];
          if (::pipe(ends) != 0 || ::write(ends[1], "given", 5) != 5) return 1;
          ::close(ends[1]);
          ::dup2(ends[0], 0);
          Command cat = shell("cat");
          if (!ran(cat).out.empty()) return 2;
          cat.input = RunInput::inherited;
          return ran(cat).out == "given" ? 0 : 3;
        }) == 0);
}

TEST_CASE("process: standard files that are closed in the host") {
  CHECK(in_own_process([] {
          for (const int fd : {0, 1, 2}) ::close(fd);
          for (const RunInput input : {RunInput::empty, RunInput::text, RunInput::inherited}) {
            Command command = shell("cat; echo out; echo err >&2; exit 5");
            command.input = input;
            command.input_text = "in\n";
            const Ran result = ran(command);
            if (result.status.code != 5 || result.err != "err\n") return 1;
            if (result.out != (input == RunInput::text ? "in\nout\n" : "out\n")) return 2;
          }
          return 0;
        }) == 0);
}

TEST_CASE("process: every byte but NUL in arguments and variables") {
  std::string bytes;
  for (int byte = 1; byte < 256; ++byte) bytes += static_cast<char>(byte);
  Command command = shell("printf %s \"$1\"; printf %s \"$VENV_TEST_BYTES\" >&2; "
                          "test $# = 4 && test -z \"$2\"",
                          {bytes, "", "*", "$HOME"});
  command.environment = {{"VENV_TEST_BYTES", bytes}};
  const Ran result = ran(command);
  CHECK(result.out == bytes);
  CHECK(result.err == bytes);
  CHECK(result.status.code == 0);

  const std::string nul("a\0b", 3);
  CHECK_THROWS_WITH_AS(ran(shell("exit", {nul})), "the argument 'a\\x00b' contains a NUL character",
                       Error);
  for (const auto& [name, value] : Changes{{nul, "x"}, {"A", nul}, {"", "x"}, {"A=B", "x"}}) {
    command.environment = {{name, value}};
    try {
      ran(command);
      FAIL("it was started");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::invalid_argument);
    }
  }
}

TEST_CASE("process: variables are added, replaced, taken out; the last change counts") {
  const support::Variable kept("VENV_TEST_KEPT", "kept"), gone("VENV_TEST_GONE", "here");
  Command command = shell("echo $VENV_TEST_KEPT ${VENV_TEST_GONE-none} $VENV_TEST_NEW");
  command.environment = {{"VENV_TEST_GONE", {}}, {"VENV_TEST_NEW", "1"}, {"VENV_TEST_NEW", "2"}};
  CHECK(ran(command).out == "kept none 2\n");
}

TEST_CASE("process: a failure to start says which part") {
  const support::TemporaryDirectory tmp;
  const auto failure = [](const Command& command) {
    try {
      ran(command);
      return std::string("started");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::io);
      return std::string(error.what());
    }
  };
  Command command = shell("exit");
  command.cwd = tmp / "none";
  CHECK(failure(command) == "cannot enter " + quoted(tmp / "none") + ": No such file or directory");
  command = Command();
  command.program = tmp / "none";
  CHECK(failure(command) == "cannot start " + quoted(tmp / "none") + ": No such file or directory");
  command.program = support::put(tmp / "text", "no program");
  CHECK(failure(command) == "cannot start " + quoted(tmp / "text") + ": Permission denied");
}

TEST_CASE("process: a pipe that can't be made is told with the program that it was for") {
  CHECK(in_own_process([] {
          const rlimit none{3, 3};
          ::setrlimit(RLIMIT_NOFILE, &none);
          try {
            ran(shell("exit"));
            return 1;
          } catch (const Error& error) {
            return error.what() == std::string(
                                       "cannot make a pipe for '/bin/sh': Too many open files") &&
                           error.path() == "/bin/sh"
                       ? 0
                       : 2;
          }
        }) == 0);
}

TEST_CASE("process: a program that is still open for writing elsewhere is waited for") {
  const support::TemporaryDirectory tmp;
  Command command;
  command.program = tmp / "copy";
  fs::copy_file("/bin/true", command.program);
  int file = ::open(command.program.c_str(), O_WRONLY | O_CLOEXEC);
  REQUIRE(file >= 0);
  command.patience = milliseconds(50);
  const std::string message = "cannot start " + quoted(command.program) + ": Text file busy";
  CHECK_THROWS_WITH_AS(ran(command), message.c_str(), Error);
  command.patience = milliseconds(10000);
  std::thread writer([file] {
    std::this_thread::sleep_for(milliseconds(200));
    ::close(file);
  });
  const double time = seconds_of([&] { CHECK(ran(command).status.code == 0); });
  writer.join();
  CHECK(time > 0.1);
  CHECK(time < 8);
}

TEST_CASE("process: a child that ignores SIGTERM is killed with all that it started") {
  const support::TemporaryDirectory tmp;
  Command command =
      shell("trap '' TERM; (trap '' TERM; echo $$ >/dev/null; sh -c 'echo $PPID' > \"$1\"; "
            "sleep 60; sleep 60) & echo begun; sleep 60; sleep 60",
            {(tmp / "pid").string()});
  command.timeout = milliseconds(500);
  command.grace = milliseconds(300);
  Ran result;
  const double took = seconds_of([&] { result = ran(command); });
  CHECK(result.status.timed_out);
  CHECK_FALSE(result.status.succeeded());
  CHECK(result.status.signal == SIGKILL);
  CHECK(result.out == "begun\n");
  CHECK(took > 0.75);
  CHECK(took < 20);
  CHECK_FALSE(is_running(tmp / "pid"));
}

TEST_CASE("process: one that listens ends by itself, in time, and its last words are kept") {
  Command command = shell("trap 'echo bye; exit 4' TERM; echo begun; while :; do sleep .05; done");
  command.timeout = milliseconds(300);
  command.grace = std::chrono::seconds(60);
  const Ran result = ran(command);
  CHECK(result.status.timed_out);
  CHECK(result.status.code == 4);
  CHECK(result.out == "begun\nbye\n");
}

#if defined(__linux__)
TEST_CASE("process: one that has printed something or works has longer, one that waits has not") {
  const std::string later = "trap 'exit 4' USR1; (sleep 1; kill -USR1 $$) & ";
  struct Row {
    std::string script;
    milliseconds busy_timeout;
    bool timed_out, was_busy;
  };
  for (const Row& row : {Row{"exec sleep 60", milliseconds(60000), true, false},
                         Row{"echo begun; sleep 1; exit 4", milliseconds(60000), false, false},
                         Row{"echo begun >&2; sleep 1; exit 4", milliseconds(60000), false, false},
                         Row{"echo begun; sleep 1; exit 4", milliseconds(0), true, false},
                         Row{"echo begun; exec sleep 60", milliseconds(800), true, true},
                         Row{later + "while :; do :; done", milliseconds(60000), false, false},
                         Row{later + "while :; do :; done", milliseconds(0), true, false},
                         Row{"while :; do :; done", milliseconds(800), true, true}}) {
    CAPTURE(row.script);
    CAPTURE(row.busy_timeout.count());
    Command command = shell(row.script);
    command.timeout = milliseconds(300);
    command.busy_timeout = row.busy_timeout;
    Ran result;
    CHECK(seconds_of([&] { result = ran(command); }) < 20);
    CHECK(result.status.timed_out == row.timed_out);
    CHECK(result.status.was_busy == row.was_busy);
    if (!row.timed_out) CHECK(result.status.code == 4);
  }
}
#endif

#if defined(__linux__)
TEST_CASE("process: one that is ready to work, but gets no processor, works") {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  REQUIRE(::sched_getaffinity(0, sizeof allowed, &allowed) == 0);
  int number = 0;
  while (!CPU_ISSET(number, &allowed)) ++number;
  std::atomic<bool> done{false};
  std::thread others(
      [&] { // has the processor; the child below is given what is left, next to nothing
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(number, &one);
        ::sched_setaffinity(0, sizeof one, &one);
        while (!done) {
        }
      });
  Command command =
      shell("exec taskset -c " + std::to_string(number) + " chrt -i 0 sh -c 'while :; do :; done'");
  command.timeout = milliseconds(1000);
  command.busy_timeout = milliseconds(4000);
  const Ran result = ran(command);
  done = true;
  others.join();
  CHECK(result.status.timed_out);
  CHECK(result.status.was_busy);
}
#endif

TEST_CASE("process: it is cancelled though it is silent") {
  std::atomic<bool> wanted{false};
  Command command = shell("exec sleep 60");
  command.stop = StopRequest([&wanted] { return wanted.load(); });
  std::thread other([&wanted] {
    std::this_thread::sleep_for(milliseconds(200));
    wanted = true;
  });
  Ran result;
  CHECK(seconds_of([&] { result = ran(command); }) < 20);
  other.join();
  CHECK(result.status.cancelled);
  CHECK(result.status.signal == SIGTERM);
  CHECK_FALSE(result.status.succeeded());
}

TEST_CASE("process: grandchildren that keep the pipes open are not waited for") {
  const support::TemporaryDirectory tmp;
  Command command =
      shell("sleep 60 & echo $! > \"$1\"; echo said; exit 6", {(tmp / "pid").string()});
  Ran result;
  CHECK(seconds_of([&] { result = ran(command); }) < 20);
  CHECK(result.status.code == 6);
  CHECK(result.out == "said\n");
  ::kill(static_cast<pid_t>(std::stol(support::get(tmp / "pid"))), SIGKILL);
}

TEST_CASE("process: one that prints without end is ended") {
  Command command = shell("exec cat /dev/zero");
  std::uint64_t size = 0;
  const ExitStatus status =
      run_command(command, [&](Stream, std::string_view piece) { size += piece.size(); });
  CHECK(status.printed_too_much);
  CHECK_FALSE(status.succeeded());
  CHECK(size < 4 * most_output);
}

TEST_CASE("process: an exception out of the callback ends the child") {
  const support::TemporaryDirectory tmp;
  const Command command = shell("echo $$ > \"$1\"; echo said; sleep 60", {(tmp / "pid").string()});
  CHECK_THROWS_AS(run_command(command, [](Stream, std::string_view) { throw 1; }), int);
  CHECK_FALSE(is_running(tmp / "pid"));
}

TEST_CASE("process: the status is right in a host that ignores SIGCHLD") {
  CHECK(in_own_process([] {
          for (const int flags : {0, SA_NOCLDWAIT}) {
            struct sigaction action{};
            action.sa_handler = flags == 0 ? SIG_IGN : SIG_DFL;
            action.sa_flags = flags;
            ::sigaction(SIGCHLD, &action, nullptr);
            for (const int code : {0, 1, 7}) {
              const ExitStatus status = ran(shell("exit " + std::to_string(code))).status;
              if (!status.is_known || status.code != code) return 1;
            }
            if (ran(shell("kill -9 $$")).status.signal != SIGKILL) return 2;
            // The child's own children can be waited for.
            if (ran(shell("sh -c 'exit 3' & wait $!")).status.code != 3) return 3;
          }
          return 0;
        }) == 0);
}

TEST_CASE("process: the status is right in a host that waits for all its children") {
  CHECK(in_own_process([] {
          std::atomic<bool> over{false};
          std::thread reaper([&over] {
            while (!over)
              if (::waitpid(-1, nullptr, 0) < 0) std::this_thread::yield();
          });
          int wrong = 0;
          for (int i = 0; i < 200; ++i)
            if (const ExitStatus status = ran(shell("exit 7")).status;
                !status.is_known || status.code != 7)
              ++wrong;
          over = true;
          reaper.join();
          return wrong;
        }) == 0);
}

TEST_CASE("process: nothing is left of a child: no process, no thread, no descriptor") {
  const auto count = [](const char* folder) {
    return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
  };
  ran(shell("exit"));
  const auto files = count("/proc/self/fd"), threads = count("/proc/self/task");
  for (int i = 0; i < 20; ++i) ran(shell("exit"));
  CHECK(count("/proc/self/fd") == files);
  CHECK(count("/proc/self/task") == threads);
  CHECK((::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD));
}

TEST_CASE("process: no descriptor of a host that has 1,000 is inherited but those asked for") {
  CHECK(in_own_process([] {
          rlimit limit{4096, 4096};
          ::getrlimit(RLIMIT_NOFILE, &limit);
          limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, 4096);
          ::setrlimit(RLIMIT_NOFILE, &limit);
          int last = -1;
          for (int i = 0; i < 1000; ++i) last = ::open("/dev/null", O_RDONLY); // no O_CLOEXEC
          if (last < 1000) return 1;
          Command command = shell("ls /proc/self/fd | tr '\\n' ' '");
          if (ran(command).out != "0 1 2 3 ") return 2; // the third is ls's own
          command.descriptors = {last};
          const std::string with = ran(command).out;
          return with.find(' ' + std::to_string(last) + ' ') != with.npos ? 0 : 3;
        }) == 0);
}

TEST_CASE("process: descriptors that are named and not open leave the time limit as it is") {
  Command command = shell("exec sleep 3");
  for (int fd = 3; fd < 200; ++fd)
    if (::fcntl(fd, F_GETFD) < 0) command.descriptors.push_back(fd);
  command.timeout = milliseconds(200);
  const double time = seconds_of([&] { CHECK(ran(command).status.timed_out); });
  CHECK(time < 2.5);
}

TEST_CASE(
    "process: handlers and the mask of the host are not the child's; what is ignored stays so") {
  CHECK(in_own_process([] {
          sigset_t all;
          sigfillset(&all);
          ::sigprocmask(SIG_SETMASK, &all, nullptr);
          for (const int signal : {SIGINT, SIGQUIT})
            std::signal(signal, SIG_DFL); // of a shell's `&`
          for (const int signal : {SIGHUP, SIGPIPE}) std::signal(signal, SIG_IGN);
          std::signal(SIGUSR1, [](int) {});
          const std::string text = ran(shell("exec cat /proc/self/status")).out;
          const auto field = [&text](const char* name) {
            return std::stoul(text.substr(text.find(name) + 7), nullptr, 16);
          };
          if (field("SigBlk") != 0) return 1;
          if (field("SigIgn") != 1u << (SIGHUP - 1)) return 2;
          return field("SigCgt") == 0 ? 0 : 3;
        }) == 0);
}

TEST_CASE("process: a host with 1 GB of memory starts a child as fast as a small one") {
  const auto best = [] {
    double least = 60;
    for (int i = 0; i < 10; ++i) least = std::min(least, seconds_of([] { ran(shell("exit")); }));
    return least;
  };
  const double small = best();
  const std::size_t size = std::size_t{1} << 30;
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  ::madvise(memory, size, MADV_NOHUGEPAGE); // as many pages as a heap has
  for (std::size_t i = 0; i < size; i += 4096) static_cast<volatile char*>(memory)[i] = 1;
  const double large = best();
  const double forked = seconds_of([] { in_own_process([] { return 0; }); });
  ::munmap(memory, size);
  MESSAGE("small host " << small * 1e3 << " ms, 1 GB " << large * 1e3 << " ms; fork alone "
                        << forked * 1e3 << " ms");
  // With AddressSanitizer the process that watches a child is a copy of the host.
  if (can_nest_vfork) CHECK(large - small < forked / 4); // as this file is compiled
}

#if defined(__linux__)
TEST_CASE("process: without a usable /dev/null the child has an empty input") {
  if (!support::have_root()) return;
  const support::TemporaryDirectory tmp;
  CHECK(in_own_process([&tmp] {
          if (::unshare(CLONE_NEWNS) != 0) return 0; // told below
          ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
          support::put(tmp / "null", "not empty");
          if (::mount((tmp / "null").c_str(), "/dev/null", nullptr, MS_BIND, nullptr) != 0)
            return 1;
          if (ran(shell("cat")).out != "") return 2;
          ::umount("/dev/null");
          if (::mount("none", "/dev", "tmpfs", 0, nullptr) != 0) return 3; // none at all
          const Ran result = ran(shell("cat; exit 5"));
          return result.out.empty() && result.status.code == 5 ? 0 : 4;
        }) == 0);
  if (in_own_process([] { return ::unshare(CLONE_NEWNS) == 0 ? 0 : 1; }) != 0)
    MESSAGE("SKIPPED: no mount namespaces here");
}

TEST_CASE(
    "process: when there is room for few processes, one more is enough; for none, it is waited") {
  if (!support::have_root()) return;
  CHECK(in_own_process([] {
          const auto allow = [](rlim_t now) {
            const rlimit limit{now, 3};
            return ::setrlimit(RLIMIT_NPROC, &limit) == 0;
          };
          if (!allow(2) || ::setgid(63211) != 0 || ::setuid(63211) != 0) return 1;
          if (ran(shell("exit 7")).status.code != 7) return 2; // no room for one that watches
          if (!allow(3)) return 3;
          const pid_t other = ::fork();
          if (other == 0) {
            ::usleep(400000);
            ::_exit(0);
          }
          std::thread waiting([other] { ::waitpid(other, nullptr, 0); });
          int code = 0;
          const double took = seconds_of([&code] { code = ran(shell("exit 8")).status.code; });
          waiting.join();
          return code == 8 && took > 0.3 ? 0 : 4;
        }) == 0);
}
#endif
