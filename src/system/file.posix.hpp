#pragma once

#include "../base/number.hpp"
#include "beside.hpp"
#include "file.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <sys/clonefile.h>
#elif defined(__linux__)
#include <sys/syscall.h>
#endif

VENV_DETAIL_BEGIN

/// Opens a file for reading, but none that might keep its reader waiting (a FIFO, say).
VENV_INLINE Handle open_to_read(const fs::path& path, int flags = 0) {
  Handle file = opened(path, O_RDONLY | O_NONBLOCK | flags);
  struct stat status{};
  if (!file || !get_status(file, status)) throw io_error("open", path, last_error());
  if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
    throw Error(ErrorCode::io, "cannot read " + quoted(path) + ": it is no regular file")
        .at("read")
        .on(path);
  return file;
}

/// Reads at most `size` bytes; 0 at the end of the file.
VENV_INLINE std::size_t read_some(const Handle& file, char* bytes, std::size_t size,
                                  const fs::path& path) {
  for (;;) {
    const ssize_t got = ::read(fd_of(file), bytes, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) throw io_error("read", path, last_error());
  }
}

VENV_INLINE void read_pieces(const Handle& file, const fs::path& path,
                             FunctionRef<void(std::string_view)> take) {
  std::array<char, 16384 - 512> piece; // no frame is larger than 16 KiB
  while (const std::size_t size = read_some(file, piece.data(), piece.size(), path))
    take(std::string_view(piece.data(), size));
}

VENV_INLINE void read_pieces(const fs::path& path, FunctionRef<void(std::string_view)> take) {
  read_pieces(open_to_read(path), path, take);
}

VENV_INLINE std::string read_all(const Handle& file, const fs::path& path, std::uint64_t limit) {
  std::string bytes;
  read_pieces(file, path, [&](std::string_view piece) {
    if (bytes.size() + piece.size() > limit)
      throw io_error("read", path, std::make_error_code(std::errc::file_too_large));
    bytes += piece;
  });
  return bytes;
}

VENV_INLINE std::string read_file(const fs::path& path, std::uint64_t limit) {
  return read_all(open_to_read(path), path, limit);
}

VENV_INLINE std::string read_start(const fs::path& path, std::size_t size) {
  const Handle file = open_to_read(path);
  std::string bytes(size, '\0');
  std::size_t end = 0;
  while (end < size) {
    const std::size_t got = read_some(file, bytes.data() + end, size - end, path);
    if (got == 0) break;
    end += got;
  }
  bytes.resize(end);
  return bytes;
}

/// Whether a link that couldn't be made means that there are none here. File systems without links
/// answer in many ways: EPERM, EPROTO, EROFS, ENODATA, EACCES, EINVAL, EIO …
VENV_INLINE bool means_no_links(int reason) {
  return reason != ENOSPC && reason != EDQUOT && reason != ENAMETOOLONG && reason != EEXIST;
}

VENV_INLINE bool make_link(const fs::path& target, const fs::path& link) {
  if (::symlink(target.c_str(), link.c_str()) == 0) return true;
  if (errno == EEXIST) {
    const fs::path beside = name_beside(link);
    if (::symlink(target.c_str(), beside.c_str()) == 0) {
      if (::rename(beside.c_str(), link.c_str()) == 0) return true;
      const std::error_code failed = last_error();
      ::unlink(beside.c_str());
      throw io_error("replace", link, failed);
    }
  }
  if (means_no_links(errno)) return false;
  throw io_error("create link", link, last_error());
}

VENV_INLINE bool make_hard_link(const fs::path& file, const fs::path& name) {
  if (::linkat(AT_FDCWD, file.c_str(), AT_FDCWD, name.c_str(), 0) == 0) return true;
  if (means_no_links(errno)) return false;
  throw io_error("create link", name, last_error());
}

#if defined(UF_HIDDEN)
VENV_INLINE void show_file(const fs::path& path) noexcept {
  struct stat status{};
  if (::lstat(path.c_str(), &status) == 0 && (status.st_flags & UF_HIDDEN) != 0)
    ::lchflags(path.c_str(), status.st_flags & ~static_cast<decltype(status.st_flags)>(UF_HIDDEN));
}
#else
VENV_INLINE void show_file(const fs::path&) noexcept {} // no file system here has such a mark
#endif

#if defined(__linux__)
/// Gives a new file the bytes of another one, as clones; an error of the system's, or 0.
VENV_INLINE int share_bytes(const Handle& from, const Handle& to) {
#if defined(FICLONE)
  constexpr unsigned long request = FICLONE;
#else
  constexpr unsigned long request = 0x40049409; // _IOW(0x94, 9, int)
#endif
  return ::ioctl(fd_of(to), request, fd_of(from)) == 0 ? 0 : errno;
}

VENV_INLINE bool clone_file(const fs::path& file, const fs::path& name) {
  const Handle from = open_to_read(file, O_NOFOLLOW);
  struct stat status{};
  if (!get_status(from, status)) throw io_error("look at", file, last_error());
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  const Handle to = opened(name, flags, status.st_mode & 0777);
  if (!to) throw io_error("create", name, last_error());
  const timespec times[] = {status.st_mtim, status.st_mtim};
  int reason = share_bytes(from, to);
  if (reason == 0 && retried([&] { return ::futimens(fd_of(to), times); }) != 0) reason = errno;
  if (reason == 0) return true;
  ::unlink(name.c_str());
  if (reason == ENOSPC || reason == EDQUOT)
    throw io_error("write", name, std::error_code(reason, std::generic_category()));
  return false;
}
#elif defined(__APPLE__)
VENV_INLINE bool clone_file(const fs::path& file, const fs::path& name) {
  if (::clonefile(file.c_str(), name.c_str(), CLONE_NOFOLLOW) == 0) {
    show_file(name); // the mark is cloned too
    return true;
  }
  if (errno == EEXIST || errno == ENOSPC || errno == EDQUOT)
    throw io_error("write", name, last_error());
  return false;
}
#else
VENV_INLINE bool clone_file(const fs::path&, const fs::path&) { return false; }
#endif

VENV_INLINE void rename_file(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) throw io_error("replace", to, last_error());
}

VENV_INLINE bool exchange_files(const fs::path& a, const fs::path& b) {
#if defined(__linux__) && defined(SYS_renameat2)
  constexpr unsigned exchange = 2; // RENAME_EXCHANGE: not every C library has a name for it
  const long failed = ::syscall(SYS_renameat2, AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), exchange);
#elif defined(__APPLE__) && defined(RENAME_SWAP)
  const int failed = ::renamex_np(a.c_str(), b.c_str(), RENAME_SWAP);
#else
  const int failed = -1;
  (void)a;
  errno = ENOSYS;
#endif
  if (failed == 0) return true;
  if (errno == ENOSYS || errno == EINVAL || errno == EOPNOTSUPP) return false;
  throw io_error("replace", b, last_error());
}

VENV_INLINE void remove_file(const fs::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) throw io_error("remove", path, last_error());
}

VENV_INLINE bool try_remove_file(const fs::path& path) noexcept {
  return ::unlink(path.c_str()) == 0 || errno == ENOENT;
}

/// Sets the mode of an open file. No error when it can't be set but lets the file be read and run as
/// its owner is to, as on file systems that have one mode for all, or give it to others.
VENV_INLINE void set_mode_of(const Handle& file, mode_t mode, const fs::path& path) {
  if (retried([&] { return ::fchmod(fd_of(file), mode); }) == 0) return;
  const std::error_code failed = last_error();
  struct stat status{};
  if (get_status(file, status)) {
    const std::uint32_t owner = status.st_mode; // of more bits than macOS's own type
    const std::uint32_t anybody = owner | owner << 3 | owner << 6;
    if ((~anybody & mode & (S_IRUSR | S_IXUSR)) == 0) return;
  }
  throw io_error("set the mode of", path, failed);
}

/// A descriptor that a mode can be set by; also of a file that its owner may only write.
VENV_INLINE Handle open_itself(const fs::path& path) {
  constexpr int flags = O_NONBLOCK | O_NOFOLLOW | O_NOCTTY;
  Handle file = opened(path, O_RDONLY | flags);
  if (!file && errno == EACCES) file = opened(path, O_WRONLY | flags);
  return file;
}

VENV_INLINE void set_mode(const fs::path& path, std::uint32_t mode) {
  if (const Handle file = open_itself(path))
    return set_mode_of(file, number_as<mode_t>(mode), path);
  // Neither may be read nor written: by its name, but no link. (Linux needs /proc for it.)
  const auto by_name = [&] {
    return ::fchmodat(AT_FDCWD, path.c_str(), number_as<mode_t>(mode), AT_SYMLINK_NOFOLLOW);
  };
  if (errno != EACCES || retried(by_name) != 0)
    throw io_error("set the mode of", path, last_error());
}

VENV_INLINE void make_executable(const fs::path& path) {
  const FileStatus status = known_status_of(path);
  set_mode(path, status.mode | 0555u); // as distlib does
}

VENV_INLINE void touch(const fs::path& path) noexcept {
  ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
}

VENV_DETAIL_END
