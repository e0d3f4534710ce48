// Runs a command and lets one of its system calls end badly, counted over all threads and children:
//
//     inject OUT ours|all N kill|ERROR COMMAND [ARGUMENT ...]
//
// N-th call (from 1) of those that touch a file system or make a process; 0 only counts. `ours` are
// the command's own calls, until a child of it runs another program; `all` are its children's too.
// `kill` ends the command itself (with `all` every process of it) before that call; ERROR is a number
// that the call then returns. OUT gets one line: how many calls there were, the name of the N-th
// call, and its path, if it has one. The exit code is the command's, 128 + the number of a signal,
// 125 for a fault of this program.
//
// A filter stops the command at those calls alone, so that it runs nearly as fast as without.

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>
#include <vector>

namespace {

struct Call {
  long number;
  const char* name;
  int path; // which argument is one; -1: none
};

// clang-format off
constexpr Call calls[] = {
    {SYS_open, "open", 0}, {SYS_openat, "openat", 1}, {SYS_creat, "creat", 0},
    {SYS_read, "read", -1}, {SYS_pread64, "pread64", -1}, {SYS_write, "write", -1},
    {SYS_pwrite64, "pwrite64", -1}, {SYS_writev, "writev", -1}, {SYS_pwritev, "pwritev", -1},
    {SYS_close, "close", -1}, {SYS_stat, "stat", 0}, {SYS_lstat, "lstat", 0},
    {SYS_fstat, "fstat", -1}, {SYS_newfstatat, "newfstatat", 1}, {SYS_statx, "statx", 1},
    {SYS_access, "access", 0}, {SYS_faccessat, "faccessat", 1}, {SYS_faccessat2, "faccessat2", 1},
    {SYS_readlink, "readlink", 0}, {SYS_readlinkat, "readlinkat", 1},
    {SYS_getdents64, "getdents64", -1}, {SYS_lseek, "lseek", -1}, {SYS_mmap, "mmap", -1},
    {SYS_mkdir, "mkdir", 0}, {SYS_mkdirat, "mkdirat", 1}, {SYS_rmdir, "rmdir", 0},
    {SYS_unlink, "unlink", 0}, {SYS_unlinkat, "unlinkat", 1}, {SYS_rename, "rename", 1},
    {SYS_renameat, "renameat", 3}, {SYS_renameat2, "renameat2", 3}, {SYS_link, "link", 1},
    {SYS_linkat, "linkat", 3}, {SYS_symlink, "symlink", 1}, {SYS_symlinkat, "symlinkat", 2},
    {SYS_chmod, "chmod", 0}, {SYS_fchmod, "fchmod", -1}, {SYS_fchmodat, "fchmodat", 1},
    {SYS_chown, "chown", 0}, {SYS_fchown, "fchown", -1}, {SYS_lchown, "lchown", 0},
    {SYS_fchownat, "fchownat", 1}, {SYS_utimensat, "utimensat", 1}, {SYS_truncate, "truncate", 0},
    {SYS_ftruncate, "ftruncate", -1}, {SYS_fallocate, "fallocate", -1},
    {SYS_fsync, "fsync", -1}, {SYS_fdatasync, "fdatasync", -1}, {SYS_syncfs, "syncfs", -1},
    {SYS_flock, "flock", -1}, {SYS_fcntl, "fcntl", -1}, {SYS_copy_file_range, "copy_file_range", -1},
    {SYS_sendfile, "sendfile", -1}, {SYS_ioctl, "ioctl", -1},
    {SYS_setxattr, "setxattr", 0}, {SYS_lsetxattr, "lsetxattr", 0}, {SYS_fsetxattr, "fsetxattr", -1},
    {SYS_getxattr, "getxattr", 0}, {SYS_lgetxattr, "lgetxattr", 0}, {SYS_fgetxattr, "fgetxattr", -1},
    {SYS_listxattr, "listxattr", 0}, {SYS_llistxattr, "llistxattr", 0},
    {SYS_flistxattr, "flistxattr", -1}, {SYS_getcwd, "getcwd", -1}, {SYS_chdir, "chdir", 0},
    {SYS_fchdir, "fchdir", -1}, {SYS_pipe2, "pipe2", -1}, {SYS_vfork, "vfork", -1},
    {SYS_fork, "fork", -1}, {SYS_execve, "execve", 0}, {SYS_dup, "dup", -1}, {SYS_dup2, "dup2", -1},
    {SYS_dup3, "dup3", -1}, {SYS_statfs, "statfs", 0}, {SYS_fstatfs, "fstatfs", -1},
    {SYS_memfd_create, "memfd_create", -1}, {SYS_pidfd_open, "pidfd_open", -1},
};
// clang-format on

// What nobody can be told to fail: a failing close has closed, and a reader's mapping is memory.
bool is_spared(long number, bool kill) {
  return !kill && (number == SYS_mmap || number == SYS_close);
}

const Call* call_of(long number) {
  for (const Call& call : calls)
    if (call.number == number) return &call;
  return nullptr;
}

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "inject: %s: %s\n", what, std::strerror(errno));
  std::_Exit(125);
}

void filter_calls() {
  std::vector<sock_filter> program;
  program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  const std::size_t count = sizeof calls / sizeof *calls;
  for (std::size_t i = 0; i < count; ++i)
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<__u32>(calls[i].number),
                               static_cast<__u8>(count - i), 0));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
  sock_fprog whole{static_cast<unsigned short>(program.size()), program.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail("no new privileges");
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &whole) != 0) fail("filter");
}

std::string text_at(pid_t pid, unsigned long long address) {
  std::string text;
  while (text.size() < 4096) {
    errno = 0;
    const long word = ptrace(PTRACE_PEEKDATA, pid, address + text.size(), 0);
    if (errno != 0) break;
    char bytes[sizeof word];
    std::memcpy(bytes, &word, sizeof word);
    const std::size_t length = strnlen(bytes, sizeof bytes);
    text.append(bytes, length);
    if (length < sizeof bytes) break;
  }
  return text;
}

/// The process that a thread belongs to.
pid_t group_of(pid_t thread) {
  const std::string path = "/proc/" + std::to_string(thread) + "/status";
  long group = thread;
  if (std::FILE* file = std::fopen(path.c_str(), "r")) {
    char line[256];
    while (std::fgets(line, sizeof line, file) && std::sscanf(line, "Tgid: %ld", &group) != 1) {
    }
    std::fclose(file);
  }
  return static_cast<pid_t>(group);
}

class Injector {
public:
  Injector(pid_t first, bool ours, long at, int error)
      : first_(first), ours_(ours), at_(at), error_(error) {
    alive_.insert(first);
  }

  /// The exit code of the command.
  int run() {
    while (!alive_.empty()) {
      int status = 0;
      const pid_t pid = waitpid(-1, &status, __WALL);
      if (pid < 0) break;
      if (WIFEXITED(status) || WIFSIGNALED(status)) {
        alive_.erase(pid);
        if (pid == first_) code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        continue;
      }
      alive_.insert(pid);
      if (WIFSTOPPED(status)) go_on(pid, status);
    }
    return code_;
  }

  void report(const char* path) const {
    if (std::FILE* out = std::fopen(path, "w")) {
      std::fprintf(out, "%ld %s %s\n", seen_, name_, text_.c_str());
      std::fclose(out);
    }
  }

private:
  void go_on(pid_t pid, int status) {
    const int event = status >> 16;
    int signal = 0;
    if (event == PTRACE_EVENT_SECCOMP) {
      at_call(pid);
    } else if (event == PTRACE_EVENT_EXEC) {
      if (pid != first_) others_.insert(pid);
    } else if (event == 0) {
      signal = WSTOPSIG(status);
      if (signal == SIGSTOP && fresh_.insert(pid).second && pid != first_) signal = 0;
    }
    ptrace(PTRACE_CONT, pid, 0, signal);
  }

  void at_call(pid_t pid) {
    user_regs_struct registers{};
    if (ptrace(PTRACE_GETREGS, pid, 0, &registers) != 0) return;
    const long number = static_cast<long>(registers.orig_rax);
    const Call* call = call_of(number);
    if (!call || is_spared(number, error_ == 0)) return;
    if (!started_) { // the command itself
      started_ = true;
      return;
    }
    if (ours_ && !others_.empty() && others_.count(group_of(pid)) != 0) return;
    if (++seen_ != at_) return;
    name_ = call->name;
    const unsigned long long arguments[] = {registers.rdi, registers.rsi, registers.rdx,
                                            registers.r10};
    if (call->path >= 0) text_ = text_at(pid, arguments[call->path]);
    if (error_ == 0) {
      ::kill(first_, SIGKILL);
      for (const pid_t one : alive_)
        if (!ours_) ::kill(one, SIGKILL);
      return;
    }
    registers.orig_rax = static_cast<unsigned long long>(-1);
    registers.rax = static_cast<unsigned long long>(-error_);
    ptrace(PTRACE_SETREGS, pid, 0, &registers);
  }

  pid_t first_;
  bool ours_;
  long at_, seen_ = 0;
  int error_, code_ = 125;
  bool started_ = false;
  const char* name_ = "-";
  std::string text_;
  std::set<pid_t> alive_, fresh_, others_;
};

} // namespace

int main(int argc, char** argv) {
  if (argc < 6) return 125;
  const long at = std::strtol(argv[3], nullptr, 10);
  const int error = std::strcmp(argv[4], "kill") == 0 ? 0 : std::atoi(argv[4]);
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    if (ptrace(PTRACE_TRACEME, 0, 0, 0) != 0) fail("trace");
    raise(SIGSTOP);
    filter_calls();
    execvp(argv[5], argv + 5);
    fail(argv[5]);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) fail("start");
  constexpr long options = PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK |
                           PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
  if (ptrace(PTRACE_SETOPTIONS, child, 0, options) != 0) fail("options");
  ptrace(PTRACE_CONT, child, 0, 0);
  Injector injector(child, std::strcmp(argv[2], "ours") == 0, at, error);
  const int code = injector.run();
  injector.report(argv[1]);
  return code;
}
