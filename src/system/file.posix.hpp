#pragma once

#include "../base/number.hpp"
#include "file.hpp"
#include "interruption.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE std::error_code last_error() { return {errno, std::generic_category()}; }

/// A file descriptor that closes itself.
class Descriptor {
public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { close(); }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

private:
  int fd_;
};

VENV_INLINE Status to_status(const struct stat& from) {
  Status status;
  status.kind = S_ISREG(from.st_mode)   ? FileKind::file
                : S_ISDIR(from.st_mode) ? FileKind::directory
                : S_ISLNK(from.st_mode) ? FileKind::link
                                        : FileKind::other;
#if defined(__APPLE__)
  const timespec modified = from.st_mtimespec, changed = from.st_ctimespec;
#else
  const timespec modified = from.st_mtim, changed = from.st_ctim;
#endif
  const auto nanoseconds = [](const timespec& time) {
    return std::int64_t{time.tv_sec} * 1000000000 + time.tv_nsec;
  };
  status.modified = nanoseconds(modified);
  status.changed = nanoseconds(changed);
  status.size = static_cast<std::uint64_t>(from.st_size);
  status.device = static_cast<std::uint64_t>(from.st_dev);
  status.inode = static_cast<std::uint64_t>(from.st_ino);
  status.mode = from.st_mode & 07777u;
  status.owner = from.st_uid;
  return status;
}

VENV_INLINE Status status_of(const fs::path& path) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) == 0 ? to_status(status) : Status{};
}

VENV_INLINE Status followed_status_of(const fs::path& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 ? to_status(status) : Status{};
}

VENV_INLINE bool make_directory(const fs::path& path) {
  if (::mkdir(path.c_str(), 0777) == 0) return true;
  const std::error_code failed = last_error();
  if (followed_status_of(path).kind == FileKind::directory) return false;
  throw io_error("create directory", path, failed);
}

/// A name beside `path` that no other thread or process uses; `is_left_over` knows it.
VENV_INLINE fs::path name_beside(const fs::path& path) {
  static std::atomic<unsigned> count{0};
  return path.native() + std::string(left_over_mark) + std::to_string(::getpid()) + '-' +
         std::to_string(count++);
}

VENV_INLINE void rename_file(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) throw io_error("replace", to, last_error());
}

VENV_INLINE void remove_file(const fs::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) throw io_error("remove", path, last_error());
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
  if (errno == EPERM || errno == ENOTSUP || errno == EOPNOTSUPP || errno == ENOSYS) return false;
  throw io_error("create link", link, last_error());
}

VENV_INLINE void write_all(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw io_error("write", path, last_error());
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// A file being written beside its place; gone again unless it is put there.
class NewFile {
public:
  NewFile(const fs::path& path, mode_t mode) : place_(path), beside_(name_beside(path)) {
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    file_ = Descriptor(::open(beside_.c_str(), flags, mode));
    if (!file_) throw io_error("create", place_, last_error());
  }
  ~NewFile() {
    if (file_) ::unlink(beside_.c_str());
  }
  void write(std::string_view bytes) { write_all(file_.get(), bytes, place_); }
  void write_at(std::size_t offset, std::string_view bytes) {
    while (!bytes.empty()) {
      const auto at = static_cast<off_t>(offset);
      const ssize_t written = ::pwrite(file_.get(), bytes.data(), bytes.size(), at);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw io_error("write", place_, last_error());
      bytes.remove_prefix(static_cast<std::size_t>(written));
      offset += static_cast<std::size_t>(written);
    }
  }
  void set_mode(mode_t mode) {
    if (::fchmod(file_.get(), mode) != 0) throw io_error("set the mode of", place_, last_error());
  }
  void put_in_place() {
    rename_file(beside_, place_);
    file_.close();
  }

private:
  fs::path place_, beside_;
  Descriptor file_{};
};

VENV_INLINE void write_file(const fs::path& path, std::string_view bytes, std::uint32_t mode) {
  NewFile file(path, number_as<mode_t>(mode));
  file.write(bytes);
  file.set_mode(number_as<mode_t>(mode));
  file.put_in_place();
}

VENV_INLINE void write_file(const fs::path& path, std::string_view bytes) {
  NewFile file(path, 0666);
  file.write(bytes);
  file.put_in_place();
}

/// Opens a file for reading, but none that might keep its reader waiting (a FIFO, say).
VENV_INLINE Descriptor open_to_read(const fs::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (!file || ::fstat(file.get(), &status) != 0) throw io_error("open", path, last_error());
  if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
    throw Error(ErrorCode::io, "cannot read " + quoted(path) + ": it is no regular file")
        .at("read")
        .on(path);
  return file;
}

/// Calls `take` with the file's bytes, piece by piece.
template <class Take> void for_each_piece(const fs::path& path, Take take) {
  const Descriptor file = open_to_read(path);
  constexpr std::size_t size_of_piece = 65536;
  const std::unique_ptr<char[]> piece(new char[size_of_piece]); // the stack may be a small one
  for (;;) {
    const ssize_t size = ::read(file.get(), piece.get(), size_of_piece);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) throw io_error("read", path, last_error());
    if (size == 0) return;
    take(std::string_view(piece.get(), static_cast<std::size_t>(size)));
  }
}

VENV_INLINE void copy_file(const fs::path& source, const fs::path& path, std::uint32_t mode) {
  NewFile file(path, number_as<mode_t>(mode));
  for_each_piece(source, [&file](std::string_view piece) { file.write(piece); });
  file.set_mode(number_as<mode_t>(mode));
  file.put_in_place();
}

VENV_INLINE std::string read_file(const fs::path& path, std::uint64_t limit) {
  std::string bytes;
  for_each_piece(path, [&](std::string_view piece) {
    if (bytes.size() + piece.size() > limit)
      throw io_error("read", path, std::make_error_code(std::errc::file_too_large));
    bytes += piece;
  });
  return bytes;
}

VENV_INLINE void make_executable(const fs::path& path) {
  const mode_t mode = number_as<mode_t>(status_of(path).mode) | 0555u; // as distlib does
  if (::chmod(path.c_str(), mode) != 0) throw io_error("set the mode of", path, last_error());
}

VENV_INLINE bool is_executable(const fs::path& path) { return ::access(path.c_str(), X_OK) == 0; }

/// "process 123", found in the kernel's table of locks; "another process" where there is none.
VENV_INLINE std::string lock_holder(int fd) {
  struct stat status{};
  std::FILE* locks = ::fstat(fd, &status) == 0 ? std::fopen("/proc/locks", "re") : nullptr;
  std::string holder = "another process";
  char line[256];
  while (locks && std::fgets(line, sizeof line, locks)) {
    long process = 0;
    unsigned long inode = 0;
    if (std::sscanf(line, "%*s FLOCK %*s %*s %ld %*x:%*x:%lu", &process, &inode) == 2 &&
        inode == status.st_ino && process > 0) // one of another namespace has no number
      holder = "process " + std::to_string(process);
  }
  if (locks) std::fclose(locks);
  return holder;
}

VENV_INLINE DirectoryLock::DirectoryLock(const fs::path& directory, int seconds) {
  Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened) return;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (::flock(opened.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return; // no locks here (NFS, say)
    throw_if_interrupted();
    if (std::chrono::steady_clock::now() > end)
      throw Error(ErrorCode::busy,
                  quoted(directory) + " is being made by " + lock_holder(opened.get()))
          .at("lock the directory")
          .on(directory)
          .advise("Wait for it, or end it, and try again.");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  handle_ = opened.release();
}

VENV_INLINE DirectoryLock::~DirectoryLock() {
  if (handle_ >= 0) ::close(number_as<int>(handle_));
}

VENV_INLINE bool DirectoryLock::holds(const fs::path& directory) const {
  struct stat mine{}, there{};
  if (handle_ < 0) return true;
  return ::fstat(number_as<int>(handle_), &mine) == 0 && ::stat(directory.c_str(), &there) == 0 &&
         mine.st_ino == there.st_ino && mine.st_dev == there.st_dev;
}

VENV_DETAIL_END
