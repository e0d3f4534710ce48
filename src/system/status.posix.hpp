#pragma once

#include "handle.hpp"
#include "status.hpp"

#include <cerrno>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE FileKind kind_of(mode_t mode) {
  return S_ISREG(mode)   ? FileKind::file
         : S_ISDIR(mode) ? FileKind::directory
         : S_ISLNK(mode) ? FileKind::link
                         : FileKind::other;
}

VENV_INLINE FileStatus to_status(const struct stat& from) {
  FileStatus status;
#if defined(__APPLE__)
  const timespec modified = from.st_mtimespec, changed = from.st_ctimespec;
#else
  const timespec modified = from.st_mtim, changed = from.st_ctim;
#endif
  const auto nanoseconds = [](const timespec& time) {
    return std::int64_t{time.tv_sec} * 1000000000 + time.tv_nsec;
  };
  status.kind = kind_of(from.st_mode);
  status.modified = nanoseconds(modified);
  status.changed = nanoseconds(changed);
  status.size = static_cast<std::uint64_t>(from.st_size);
  status.device = static_cast<std::uint64_t>(from.st_dev);
  status.inode = static_cast<std::uint64_t>(from.st_ino);
  status.links = static_cast<std::uint64_t>(from.st_nlink);
  status.mode = from.st_mode & 07777u;
  status.owner = from.st_uid;
  status.group = from.st_gid;
  return status;
}

VENV_INLINE FileStatus status_of(const fs::path& path) {
  struct stat status{};
  const bool known = get_status_at(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, status);
  return known ? to_status(status) : FileStatus{};
}

VENV_INLINE FileStatus followed_status_of(const fs::path& path) {
  struct stat status{};
  return get_status_at(AT_FDCWD, path, 0, status) ? to_status(status) : FileStatus{};
}

VENV_INLINE FileStatus known_followed_status_of(const fs::path& path) {
  struct stat status{};
  if (get_status_at(AT_FDCWD, path, 0, status)) return to_status(status);
  if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP || errno == EACCES) return {};
  throw io_error("look at", path, last_error());
}

VENV_INLINE FileStatus known_status_of(const fs::path& path) {
  struct stat status{};
  if (get_status_at(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, status)) return to_status(status);
  if (errno == ENOENT || errno == ENOTDIR) return {};
  throw io_error("look at", path, last_error());
}

VENV_INLINE bool is_executable(const fs::path& path) {
  return retried([&] { return ::access(path.c_str(), X_OK); }) == 0;
}

VENV_INLINE bool is_readable(const fs::path& path, const FileStatus& status) {
  const auto readers = status.mode & 0444;
  return readers == 0444 || (readers != 0 && ::access(path.c_str(), R_OK) == 0);
}

VENV_INLINE bool may_change_entries(const fs::path& directory) {
  return retried([&] { return ::access(directory.c_str(), W_OK | X_OK); }) == 0;
}

VENV_INLINE bool may_list(const fs::path& directory) {
  return retried([&] { return ::access(directory.c_str(), R_OK); }) == 0;
}

VENV_INLINE EntryMarks marks_of(const fs::path& path) {
#if defined(__linux__) && defined(STATX_TYPE) && defined(STATX_ATTR_IMMUTABLE)
  struct statx status{};
  constexpr std::uint64_t marks = STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND;
  if (::statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, STATX_TYPE, &status) == 0)
    return {kind_of(status.stx_mode), (status.stx_attributes & marks) != 0};
#endif
  return {status_of(path).kind, false};
}

VENV_INLINE fs::path link_target(const fs::path& path) {
  const auto target = link_text_at(AT_FDCWD, path);
  if (target) return *target;
  for (const int seen : {EINVAL, EACCES, ENOENT, ENOTDIR})
    if (errno == seen) return {};
  throw io_error("read link", path, last_error());
}

VENV_INLINE std::optional<fs::path> resolved(const fs::path& path) {
  std::error_code failed;
  fs::path real = fs::canonical(path, failed);
  return failed ? std::nullopt : std::optional<fs::path>(std::move(real));
}

VENV_INLINE fs::path working_directory() {
  std::error_code failed;
  return fs::current_path(failed);
}

VENV_DETAIL_END
