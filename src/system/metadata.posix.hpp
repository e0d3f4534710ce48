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

#if defined(__linux__)
/// What a system call that fills a buffer gives, which is first asked how large that must be; empty
/// when it fails.
template <class Call> std::string filled_by(Call call) {
  for (int tries = 0; tries < 4; ++tries) { // it may grow in between
    const ssize_t size = call(nullptr, std::size_t{0});
    if (size <= 0) break;
    std::string bytes(static_cast<std::size_t>(size), '\0');
    const ssize_t got = call(bytes.data(), bytes.size());
    if (got < 0 && errno == ERANGE) continue;
    bytes.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return bytes;
  }
  return {};
}

/// ACLs are among them.
VENV_INLINE void copy_attributes(const char* from, const char* to) {
  const std::string names =
      filled_by([&](char* buffer, std::size_t size) { return ::llistxattr(from, buffer, size); });
  for (std::size_t start = 0; start < names.size();) {
    const std::string name = names.c_str() + start;
    start += name.size() + 1;
    const std::string value = filled_by([&](char* buffer, std::size_t size) {
      return ::lgetxattr(from, name.c_str(), buffer, size);
    });
    ::lsetxattr(to, name.c_str(), value.data(), value.size(), 0); // not all may be given on
  }
}
#elif defined(__APPLE__)
VENV_INLINE void copy_attributes(const char* from, const char* to) {
  ::copyfile(from, to, nullptr, COPYFILE_ACL | COPYFILE_XATTR | COPYFILE_NOFOLLOW);
}
#else
VENV_INLINE void copy_attributes(const char*, const char*) {}
#endif

VENV_INLINE void copy_ownership_of(const struct stat& status, const fs::path& from,
                                   const fs::path& to) {
  constexpr mode_t special = S_ISUID | S_ISGID;
  const bool owned = ::lchown(to.c_str(), status.st_uid, status.st_gid) == 0;
  copy_attributes(from.c_str(), to.c_str());
  if (S_ISLNK(status.st_mode)) return; // a link's mode means nothing
  const mode_t mode = status.st_mode & (owned ? 07777 : 07777 & ~special);
  try {
    set_mode(to, mode);
  } catch (const Error&) {
    // As far as this user may.
  }
}

VENV_INLINE struct stat stat_of(const fs::path& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) throw io_error("look at", path, last_error());
  return status;
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
  ::utimensat(AT_FDCWD, to.c_str(), times, AT_SYMLINK_NOFOLLOW);
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
