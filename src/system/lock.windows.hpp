#pragma once

#include "file.hpp"
#include "folder.hpp"
#include "lock.hpp"
#include "new_file.hpp"
#include "win32.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

// A directory can't be locked. A file beside it stands for it, which one process at a time may have open
// to be written; the system removes it when it is closed, and at the process's end.

/// The directories that this process has locked, and by which of its threads.
class HeldLocks {
public:
  void add(std::intptr_t lock, const FileStatus& directory) {
    const std::lock_guard<std::mutex> guard(mutex_);
    held_.push_back({lock, directory.device, directory.inode, std::this_thread::get_id()});
  }
  void remove(std::intptr_t lock) {
    const std::lock_guard<std::mutex> guard(mutex_);
    const auto is_it = [lock](const Held& held) { return held.lock == lock; };
    held_.erase(std::remove_if(held_.begin(), held_.end(), is_it), held_.end());
  }
  /// The thread that holds it; none when no thread of this process does.
  std::thread::id holder_of(const FileStatus& directory) {
    const std::lock_guard<std::mutex> guard(mutex_);
    for (const Held& held : held_)
      if (held.device == directory.device && held.inode == directory.inode) return held.thread;
    return {};
  }
  bool is_of(std::intptr_t lock, const FileStatus& directory) {
    const std::lock_guard<std::mutex> guard(mutex_);
    return std::any_of(held_.begin(), held_.end(), [&](const Held& held) {
      return held.lock == lock && held.device == directory.device && held.inode == directory.inode;
    });
  }

private:
  struct Held {
    std::intptr_t lock;
    std::uint64_t device, inode;
    std::thread::id thread;
  };
  std::mutex mutex_{};
  std::vector<Held> held_{};
};

VENV_INLINE HeldLocks& held_locks() {
  static HeldLocks locks;
  return locks;
}

/// The file that stands for a directory, whatever way it is spelled; empty when there can be none.
VENV_INLINE fs::path lock_file_of(const fs::path& directory) {
  const std::optional<fs::path> real = resolved(directory);
  if (!real || !real->has_filename()) return {};
  return real->parent_path() / (L"." + real->filename().native() + L".venv.hpp-lock");
}

VENV_INLINE Handle try_lock(const fs::path& file) {
  return handle_from(::CreateFileW(
      native_of(file).c_str(), GENERIC_WRITE | DELETE, FILE_SHARE_READ, nullptr, OPEN_ALWAYS,
      FILE_ATTRIBUTE_HIDDEN | FILE_FLAG_DELETE_ON_CLOSE | FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
}

VENV_INLINE std::string name_of_holder(const fs::path& file, const FileStatus& directory) {
  if (held_locks().holder_of(directory) != std::thread::id())
    return "another thread of this process";
  try {
    const std::string process = read_file(file, 32);
    if (!process.empty() && process.find_first_not_of("0123456789") == process.npos)
      return "process " + process;
  } catch (const Error&) {
    // It has just been given free.
  }
  return "another process";
}

VENV_INLINE Error busy_error(const fs::path& directory, const std::string& holder) {
  Error error(ErrorCode::busy, quoted(directory) + " is being made by " + holder);
  error.at("lock the directory").on(directory);
  error.advise("Wait for it, or end it, and try again.");
  return error;
}

/// `opened` is the directory, to know it by.
VENV_INLINE void DirectoryLock::acquire(Handle opened, const fs::path& directory,
                                        const LockWait& wait) {
  tried_ = true;
  const FileStatus status = status_of_open(opened, directory);
  opened.close();
  const fs::path file = lock_file_of(directory);
  if (file.empty()) return; // the root of a disk
  const auto end = std::chrono::steady_clock::now() + wait.limit;
  int refused = 0;
  for (bool told = false; !(handle_ = try_lock(file));) {
    const DWORD reason = ::GetLastError();
    // It is also refused for a moment while one that was given free goes.
    const bool is_held = reason == ERROR_SHARING_VIOLATION;
    if (!is_held && (reason != ERROR_ACCESS_DENIED || ++refused > 20)) return; // no locks here
    if (held_locks().holder_of(status) == std::this_thread::get_id())
      throw busy_error(directory, "this very thread");
    if (is_held && !std::exchange(told, true) && wait.on_wait)
      wait.on_wait(name_of_holder(file, status));
    wait.stop.throw_if_made();
    if (is_held && std::chrono::steady_clock::now() >= end)
      throw busy_error(directory, name_of_holder(file, status));
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  held_locks().add(handle_.get(), status);
  const std::string process = std::to_string(::GetCurrentProcessId());
  DWORD written = 0;
  ::WriteFile(handle_of(handle_), process.data(), static_cast<DWORD>(process.size()), &written,
              nullptr);
}

VENV_INLINE DirectoryLock::DirectoryLock(const fs::path& directory, const LockWait& wait) {
  Handle opened = open_existing(directory, FILE_READ_ATTRIBUTES, 0);
  const DWORD reason = ::GetLastError();
  if (opened) acquire(std::move(opened), directory, wait);
  else if (reason == ERROR_ACCESS_DENIED) tried_ = true; // may be entered, not read
  else if (!means_missing(reason))                       // removed in between: see `holds`
    throw io_error("lock", directory, reason_of(reason));
}

VENV_INLINE DirectoryLock::DirectoryLock(const Folder& directory, const LockWait& wait)
    : DirectoryLock(directory.path(), wait) {}

VENV_INLINE DirectoryLock::DirectoryLock(const fs::path& directory, int seconds)
    : DirectoryLock(directory, LockWait{std::chrono::seconds(seconds), {}, {}}) {}

VENV_INLINE void DirectoryLock::release() noexcept {
  if (!handle_) return;
  held_locks().remove(handle_.get());
  handle_.close();
}

VENV_INLINE bool DirectoryLock::holds(const fs::path& directory) const {
  const FileStatus there = followed_status_of(directory);
  if (there.kind == FileKind::missing) return false;
  return handle_ ? held_locks().is_of(handle_.get(), there) : tried_;
}

VENV_DETAIL_END
