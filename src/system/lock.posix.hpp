#pragma once

#include "../base/ascii.hpp"
#include "file.hpp"
#include "lock.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

/// The directories that threads of this process have locked, as the system doesn't say which thread
/// holds a lock.
class HeldLocks {
public:
  void add(int fd, const struct stat& status) {
    const std::lock_guard<std::mutex> guard(mutex_);
    held_.push_back({fd, status.st_dev, status.st_ino, std::this_thread::get_id()});
  }
  void remove(int fd) {
    const std::lock_guard<std::mutex> guard(mutex_);
    const auto is_it = [fd](const Held& held) { return held.fd == fd; };
    held_.erase(std::remove_if(held_.begin(), held_.end(), is_it), held_.end());
  }
  /// The thread that holds it; none when no thread of this process does.
  std::thread::id holder_of(const struct stat& status) {
    const std::lock_guard<std::mutex> guard(mutex_);
    for (const Held& held : held_)
      if (held.device == status.st_dev && held.inode == status.st_ino) return held.thread;
    return {};
  }

private:
  struct Held {
    int fd;
    dev_t device;
    ino_t inode;
    std::thread::id thread;
  };
  std::mutex mutex_{};
  std::vector<Held> held_{};
};

VENV_INLINE HeldLocks& held_locks() {
  static HeldLocks locks;
  return locks;
}

/// The process that the kernel's table of locks names for the file; 0 when it names none, as for
/// one of another namespace.
VENV_INLINE long locking_process(const struct stat& status) {
  try {
    const std::string table = read_file("/proc/locks"); // Linux's; elsewhere none
    const std::string inode = ':' + std::to_string(status.st_ino);
    for (const std::string_view line : split(table, '\n')) {
      std::vector<std::string_view> words = split(line, ' ');
      words.erase(std::remove(words.begin(), words.end(), std::string_view()), words.end());
      // "1: FLOCK ADVISORY WRITE 123 08:02:456 0 EOF"
      if (words.size() < 6 || words[1] != "FLOCK" || words[5].size() <= inode.size()) continue;
      if (words[5].substr(words[5].size() - inode.size()) != inode) continue;
      if (const long process = std::strtol(std::string(words[4]).c_str(), nullptr, 10); process > 0)
        return process;
    }
  } catch (const Error&) {
    // Then nobody knows.
  }
  return 0;
}

VENV_INLINE std::string name_of_holder(const struct stat& status) {
  if (held_locks().holder_of(status) != std::thread::id()) return "another thread of this process";
  const long process = locking_process(status);
  return process ? "process " + std::to_string(process) : "another process";
}

VENV_INLINE Error busy_error(const fs::path& directory, const std::string& holder) {
  Error error(ErrorCode::busy, quoted(directory) + " is being made by " + holder);
  error.at("lock the directory").on(directory);
  error.advise("Wait for it, or end it, and try again.");
  return error;
}

VENV_INLINE void DirectoryLock::acquire(Handle opened, const fs::path& directory,
                                        const LockWait& wait) {
  tried_ = true;
  struct stat status{};
  if (!get_status(opened, status)) throw io_error("look at", directory, last_error());
  const auto end = std::chrono::steady_clock::now() + wait.limit;
  for (bool told = false; ::flock(fd_of(opened), LOCK_EX | LOCK_NB) != 0;) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return; // no locks here (NFS, say)
    if (held_locks().holder_of(status) == std::this_thread::get_id())
      throw busy_error(directory, "this very thread");
    if (!std::exchange(told, true) && wait.on_wait) wait.on_wait(name_of_holder(status));
    wait.stop.throw_if_made();
    if (std::chrono::steady_clock::now() >= end)
      throw busy_error(directory, name_of_holder(status));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  held_locks().add(fd_of(opened), status);
  handle_ = std::move(opened);
}

VENV_INLINE DirectoryLock::DirectoryLock(const fs::path& directory, const LockWait& wait) {
  Handle own = opened(directory, O_RDONLY | O_DIRECTORY);
  const std::error_code failed = last_error();
  if (own) acquire(std::move(own), directory, wait);
  else if (failed == std::errc::permission_denied) tried_ = true; // may be entered, not read
  else if (failed != std::errc::no_such_file_or_directory && failed != std::errc::not_a_directory)
    throw io_error("lock", directory, failed); // removed in between: see `holds`
}

VENV_INLINE DirectoryLock::DirectoryLock(const Folder& directory, const LockWait& wait) {
  // Its own open file: a lock belongs to that.
  Handle own = opened_at(fd_of(directory.handle()), ".", O_RDONLY | O_DIRECTORY);
  if (!own) throw io_error("lock", directory.path(), last_error());
  acquire(std::move(own), directory.path(), wait);
}

VENV_INLINE DirectoryLock::DirectoryLock(const fs::path& directory, int seconds)
    : DirectoryLock(directory, LockWait{std::chrono::seconds(seconds), {}, {}}) {}

VENV_INLINE void DirectoryLock::release() noexcept {
  if (!handle_) return;
  held_locks().remove(fd_of(handle_));
  handle_.close();
}

VENV_INLINE bool DirectoryLock::holds(const fs::path& directory) const {
  struct stat mine{}, there{};
  if (!get_status_at(AT_FDCWD, directory, 0, there)) return false;
  if (!handle_) return tried_;
  return get_status(handle_, mine) && mine.st_ino == there.st_ino && mine.st_dev == there.st_dev;
}

VENV_DETAIL_END
