#pragma once

#include "folder.hpp"
#include "stop.hpp"

#include <chrono>
#include <functional>
#include <string>

VENV_DETAIL_BEGIN

// The contract of lock.posix.hpp and lock.windows.hpp.

/// How long a lock is waited for, and who is told.
struct LockWait {
  std::chrono::milliseconds limit{0};
  StopRequest stop{};
  /// Called once when somebody else holds the lock, with who that is ("process 123"), before waiting.
  std::function<void(const std::string& holder)> on_wait{};
};

/// Keeps others, threads of this process included, out of a directory for as long as it lives. It ends
/// with the process, however that ends. Where locks don't work it does nothing.
class DirectoryLock {
public:
  DirectoryLock() = default; ///< keeps nobody out
  /// Waits as long as `wait` says, then throws Error (`busy`), naming the holder when known; at once
  /// when this very thread holds it already. Error (`io`) when the directory can't be opened.
  DirectoryLock(const fs::path& directory, const LockWait& wait);
  DirectoryLock(const Folder& directory, const LockWait& wait);
  /// The same with `seconds` as the limit.
  DirectoryLock(const fs::path& directory, int seconds);
  ~DirectoryLock() { release(); }
  DirectoryLock(DirectoryLock&& other) noexcept = default;
  DirectoryLock& operator=(DirectoryLock&& other) noexcept = default;
  /// Whether the directory is still the one at that path (another process may have removed it).
  bool holds(const fs::path& directory) const;
  /// What holds it; none when it keeps nobody out.
  const Handle& handle() const { return handle_; }

private:
  void acquire(Handle opened, const fs::path& directory, const LockWait& wait);
  void release() noexcept;
  Handle handle_{};
  bool tried_ = false; ///< and the directory was there
};

VENV_DETAIL_END

#if defined(_WIN32)
#include "lock.windows.hpp"
#else
#include "lock.posix.hpp"
#endif
