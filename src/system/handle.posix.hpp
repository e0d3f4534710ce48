#pragma once

#include "../base/number.hpp"
#include "handle.hpp"
#include "path.hpp"

#include <cerrno>
#include <cstdint>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE void close_handle(std::intptr_t value) noexcept { ::close(number_as<int>(value)); }

/// The descriptor that a handle is.
VENV_INLINE int fd_of(const Handle& handle) { return number_as<int>(handle.get()); }

/// Why the last system call failed.
VENV_INLINE std::error_code last_error() { return {errno, std::generic_category()}; }

/// What a system call gives that is -1 when it fails; called again when a signal interrupted it, as
/// POSIX allows of these, and as file systems of a network or of a program do.
template <class Call> auto retried(Call call) {
  for (;;) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

/// Opens `path`, in `directory` when it is relative; no handle, and `errno` says why, when it can't be.
VENV_INLINE Handle opened_at(int directory, const fs::path& path, int flags, mode_t mode = 0) {
  return Handle(
      retried([&] { return ::openat(directory, path.c_str(), flags | O_CLOEXEC, mode); }));
}

VENV_INLINE Handle opened(const fs::path& path, int flags, mode_t mode = 0) {
  return opened_at(AT_FDCWD, path, flags, mode);
}

/// Whether the status of an open file could be read.
VENV_INLINE bool get_status(const Handle& file, struct stat& status) {
  return retried([&] { return ::fstat(fd_of(file), &status); }) == 0;
}

/// Whether that of a path, in `directory` when it is relative, could be read; `flags` are those of
/// `fstatat`.
VENV_INLINE bool get_status_at(int directory, const fs::path& path, int flags,
                               struct stat& status) {
  return retried([&] { return ::fstatat(directory, path.c_str(), &status, flags); }) == 0;
}

VENV_DETAIL_END
