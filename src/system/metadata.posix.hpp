#pragma once

#include "file.hpp"
#include "handle.hpp"
#include "metadata.hpp"
#include "status.hpp"

#include <cerrno>
#include <cstddef>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/xattr.h>
#elif defined(__APPLE__)
#include <copyfile.h>
#endif

VENV_DETAIL_BEGIN

/// Whether a failure means that this user, or the file system, can't give on what was there: all
/// others are told.
VENV_INLINE bool is_refusal(int error) {
  for (const int refusal : {EPERM, EACCES, EINVAL, EOVERFLOW, ENOTSUP, EOPNOTSUPP, ENOSYS})
    if (error == refusal) return true;
  return false;
}

#if defined(__linux__)
/// What a system call that fills a buffer gives, which is first asked how large that must be; empty
/// where there are none. Throws Error (`io`) when it fails.
template <class Call> std::string filled_by(const char* path, Call call) {
  for (int tries = 0; tries < 4; ++tries) { // it may grow in between
    const ssize_t size = call(nullptr, std::size_t{0});
    if (size < 0 && !is_refusal(errno) && errno != ENODATA)
      throw io_error("read the attributes of", path, last_error());
    if (size <= 0) break;
    std::string bytes(static_cast<std::size_t>(size), '\0');
    const ssize_t got = call(bytes.data(), bytes.size());
    if (got < 0 && errno == ERANGE) continue;
    if (got < 0 && errno != ENODATA) throw io_error("read the attributes of", path, last_error());
    bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return bytes;
  }
  return {};
}

/// ACLs are among them.
VENV_INLINE void copy_attributes(const char* from, const char* to) {
  const std::string names = filled_by(
      from, [&](char* buffer, std::size_t size) { return ::llistxattr(from, buffer, size); });
  for (std::size_t start = 0; start < names.size();) {
    const std::string name = names.c_str() + start;
    start += name.size() + 1;
    const std::string value = filled_by(from, [&](char* buffer, std::size_t size) {
      return ::lgetxattr(from, name.c_str(), buffer, size);
    });
    if (::lsetxattr(to, name.c_str(), value.data(), value.size(), 0) != 0 && !is_refusal(errno))
      throw io_error("set the attributes of", to, last_error());
  }
}
#elif defined(__APPLE__)
VENV_INLINE void copy_attributes(const char* from, const char* to) {
  ::copyfile(from, to, nullptr, COPYFILE_ACL | COPYFILE_XATTR | COPYFILE_NOFOLLOW);
}
#else
VENV_INLINE void copy_attributes(const char*, const char*) {}
#endif

VENV_INLINE struct stat stat_of(const fs::path& path) {
  struct stat status{};
  if (!get_status_at(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, status))
    throw io_error("look at", path, last_error());
  return status;
}

VENV_INLINE void copy_ownership_of(const struct stat& status, const fs::path& from,
                                   const fs::path& to) {
  constexpr mode_t special = S_ISUID | S_ISGID;
  const bool owned =
      retried([&] { return ::lchown(to.c_str(), status.st_uid, status.st_gid); }) == 0;
  if (!owned && !is_refusal(errno)) throw io_error("set the owner of", to, last_error());
  if (S_ISLNK(status.st_mode) != S_ISLNK(stat_of(to).st_mode)) return;
  copy_attributes(from.c_str(), to.c_str());
  if (S_ISLNK(status.st_mode)) return; // a link's mode means nothing
  const mode_t mode = status.st_mode & (owned ? 07777 : 07777 & ~special);
  try {
    set_mode(to, mode);
  } catch (const Error& error) { // as far as this user may
    if (!is_refusal(error.system_error().value())) throw;
  }
}

VENV_INLINE void copy_ownership(const fs::path& from, const fs::path& to) {
  copy_ownership_of(stat_of(from), from, to);
}

VENV_INLINE void copy_times_of(const struct stat& status, const fs::path& to) {
#if defined(__APPLE__)
  const timespec times[] = {status.st_atimespec, status.st_mtimespec};
#else
  const timespec times[] = {status.st_atim, status.st_mtim};
#endif
  retried([&] { return ::utimensat(AT_FDCWD, to.c_str(), times, AT_SYMLINK_NOFOLLOW); });
}

VENV_INLINE void copy_metadata(const fs::path& from, const fs::path& to) {
  const struct stat status = stat_of(from);
  copy_ownership_of(status, from, to);
  copy_times_of(status, to);
}

VENV_INLINE void copy_times(const fs::path& from, const fs::path& to) {
  copy_times_of(stat_of(from), to);
}

VENV_DETAIL_END
