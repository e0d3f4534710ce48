#pragma once

#include "../base/number.hpp"
#include "file.hpp"
#include "folder.hpp"
#include "new_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE Folder::Folder(const fs::path& path) : path_(path) {
  handle_ = opened(path, O_RDONLY | O_DIRECTORY);
  if (!handle_) throw io_error("open directory", path, last_error());
}

VENV_INLINE Folder Folder::open(const fs::path& name) const {
  Handle handle = opened_at(fd_of(handle_), name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!handle) throw io_error("open directory", path_ / name, last_error());
  return Folder(path_ / name, std::move(handle));
}

VENV_INLINE FileStatus Folder::status() const {
  struct stat status{};
  if (!get_status(handle_, status)) throw io_error("look at", path_, last_error());
  return to_status(status);
}

VENV_INLINE bool Folder::is_at(const fs::path& path) const {
  const FileStatus mine = status(), there = followed_status_of(path);
  return there.kind == FileKind::directory && mine.inode == there.inode &&
         mine.device == there.device;
}

VENV_INLINE FileStatus Folder::status_of(const fs::path& name) const {
  struct stat status{};
  if (get_status_at(fd_of(handle_), name, AT_SYMLINK_NOFOLLOW, status)) return to_status(status);
  if (errno == ENOENT) return {};
  throw io_error("look at", path_ / name, last_error());
}

/// An entry as a directory lists it: its name and what it is, where the file system tells.
struct ListedEntry {
  std::string name;
  FileKind kind = FileKind::missing; ///< `missing` when it doesn't tell
};

VENV_INLINE FileKind listed_kind_of(const dirent& entry) {
#if defined(DT_UNKNOWN)
  if (entry.d_type == DT_DIR) return FileKind::directory;
  if (entry.d_type == DT_REG) return FileKind::file;
  if (entry.d_type == DT_LNK) return FileKind::link;
  if (entry.d_type != DT_UNKNOWN) return FileKind::other;
#endif
  (void)entry;
  return FileKind::missing;
}

/// The entries of an open directory, in no order; ends the list and sets `failed` when it can't be
/// read. Calls `take` until that says false.
VENV_INLINE bool list_entries(int directory, FunctionRef<bool(ListedEntry&&)> take) {
  // Its own open file: reading moves the position, and other threads may use the folder.
  Handle own = opened_at(directory, ".", O_RDONLY | O_DIRECTORY);
  DIR* stream = nullptr;
  do stream = own ? ::fdopendir(fd_of(own)) : nullptr;
  while (!stream && errno == EINTR);
  if (!stream) {
    const int failed = errno;
    own.close();
    errno = failed;
    return false;
  }
  own.release();
  for (errno = 0;; errno = 0) {
    const dirent* entry = ::readdir(stream);
    if (!entry && errno == EINTR) continue;
    if (!entry) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != ".." && !take({std::string(name), listed_kind_of(*entry)})) break;
  }
  const int failed = errno;
  ::closedir(stream);
  errno = failed;
  return failed == 0;
}

VENV_INLINE std::vector<fs::path> Folder::names() const {
  std::vector<std::string> found;
  const auto take = [&found](ListedEntry&& entry) {
    found.push_back(std::move(entry.name));
    return true;
  };
  if (!list_entries(fd_of(handle_), take)) throw io_error("list", path_, last_error());
  std::sort(found.begin(), found.end());
  return {found.begin(), found.end()};
}

VENV_INLINE bool Folder::is_empty() const {
  bool empty = true;
  const auto take = [&empty](ListedEntry&&) {
    errno = 0;
    empty = false;
    return false;
  };
  if (!list_entries(fd_of(handle_), take)) throw io_error("list", path_, last_error());
  return empty;
}

VENV_INLINE std::string Folder::read(const fs::path& name, std::uint64_t limit) const {
  const Handle file = opened_at(fd_of(handle_), name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  struct stat status{};
  if (!file || !get_status(file, status)) throw io_error("open", path_ / name, last_error());
  if (!S_ISREG(status.st_mode))
    throw io_error("read", path_ / name, std::make_error_code(std::errc::invalid_argument));
  return read_all(file, path_ / name, limit);
}

VENV_INLINE fs::path Folder::link_target(const fs::path& name) const {
  const auto target = link_text_at(fd_of(handle_), name);
  if (!target) throw io_error("read link", path_ / name, last_error());
  return *target;
}

/// Writes all pieces, if the system is willing by one call.
VENV_INLINE void write_pieces(const Handle& file, std::initializer_list<std::string_view> pieces,
                              const fs::path& path) {
  std::array<iovec, 4> parts{};
  std::size_t count = 0, total = 0;
  for (const std::string_view piece : pieces) {
    if (count == parts.size())
      throw io_error("write", path, std::make_error_code(std::errc::invalid_argument));
    parts[count++] = {const_cast<char*>(piece.data()), piece.size()};
    total += piece.size();
  }
  ssize_t got = 0;
  do got = ::writev(fd_of(file), parts.data(), static_cast<int>(count));
  while (got < 0 && errno == EINTR);
  if (got < 0) throw io_error("write", path, last_error());
  std::size_t written = static_cast<std::size_t>(got);
  if (written == total) return;
  for (const std::string_view piece : pieces) {
    const std::size_t done = (std::min)(written, piece.size());
    write_all(fd_of(file), piece.substr(done), path);
    written -= done;
  }
}

VENV_INLINE std::int64_t Folder::create(const fs::path& name,
                                        std::initializer_list<std::string_view> pieces,
                                        std::uint32_t mode,
                                        std::optional<std::int64_t> modified) const {
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  const Handle file = opened_at(fd_of(handle_), name, flags, number_as<mode_t>(mode));
  if (!file) throw io_error("create", path_ / name, last_error());
  write_pieces(file, pieces, path_ / name);
  if (!modified) return 0;
  timespec time{};
  time.tv_sec = number_as<time_t>(*modified);
  const timespec times[] = {time, time};
  struct stat status{};
  if (!get_status(file, status)) throw io_error("look at", path_ / name, last_error());
  if (status.st_mtime == time.tv_sec) return *modified; // it was written just then
  if (retried([&] { return ::futimens(fd_of(file), times); }) == 0) return *modified;
  return std::int64_t{status.st_mtime};
}

VENV_INLINE bool Folder::make_directory(const fs::path& name) const {
  if (::mkdirat(fd_of(handle_), name.c_str(), 0777) == 0) return true;
  const std::error_code failed = last_error();
  if (failed == std::errc::file_exists && status_of(name).kind == FileKind::directory) return false;
  throw io_error("create directory", path_ / name, failed);
}

VENV_INLINE bool Folder::make_link(const fs::path& target, const fs::path& name) const {
  if (::symlinkat(target.c_str(), fd_of(handle_), name.c_str()) == 0) return true;
  if (means_no_links(errno)) return false;
  throw io_error("create link", path_ / name, last_error());
}

VENV_INLINE bool Folder::make_hard_link(const fs::path& name, const Folder& to) const {
  if (::linkat(fd_of(handle_), name.c_str(), fd_of(to.handle_), name.c_str(), 0) == 0) return true;
  if (means_no_links(errno)) return false;
  throw io_error("create link", to.path_ / name, last_error());
}

VENV_INLINE void Folder::move(const fs::path& name, const Folder& to,
                              const fs::path& new_name) const {
  if (::renameat(fd_of(handle_), name.c_str(), fd_of(to.handle_), new_name.c_str()) != 0)
    throw io_error("replace", to.path_ / new_name, last_error());
}

VENV_INLINE void Folder::remove(const fs::path& name) const {
  if (::unlinkat(fd_of(handle_), name.c_str(), 0) != 0 && errno != ENOENT)
    throw io_error("remove", path_ / name, last_error());
}

VENV_INLINE bool Folder::remove_directory(const fs::path& name) const {
  if (::unlinkat(fd_of(handle_), name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return true;
  if (errno == ENOTEMPTY || errno == EEXIST) return false;
  throw io_error("remove", path_ / name, last_error());
}

VENV_INLINE void Folder::flush() const {
  const int failed = retried([&] { return ::fsync(fd_of(handle_)); });
  if (failed != 0 && errno != EINVAL) throw io_error("flush", path_, last_error());
}

VENV_DETAIL_END
