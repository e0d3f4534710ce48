#pragma once

#include "../base/number.hpp"
#include "file.hpp"
#include "storage.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE Folder::Folder(const fs::path& path) : path_(path) {
  handle_ = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle_ < 0) throw io_error("open directory", path, last_error());
}

VENV_INLINE Folder::~Folder() { ::close(number_as<int>(handle_)); }

VENV_INLINE void Folder::create(const std::string& name,
                                std::initializer_list<std::string_view> pieces, std::uint32_t mode,
                                std::optional<std::int64_t> modified) const {
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
  const int folder = number_as<int>(handle_);
  const Descriptor file(::openat(folder, name.c_str(), flags, number_as<mode_t>(mode)));
  if (!file) throw io_error("create", path_ / name, last_error());
  for (const std::string_view piece : pieces) write_all(file.get(), piece, path_ / name);
  if (!modified) return;
  timespec time{};
  time.tv_sec = number_as<time_t>(*modified);
  const timespec times[] = {time, time};
  if (::futimens(file.get(), times) != 0)
    throw io_error("set the time of", path_ / name, last_error());
}

VENV_INLINE MappedFile::MappedFile(const fs::path& path, bool trusted) {
  const int follow = trusted ? O_NOFOLLOW : 0;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | follow));
  struct stat status{};
  if (!file || ::fstat(file.get(), &status) != 0) throw io_error("open", path, last_error());
  const bool ours = status.st_uid == ::geteuid() && (status.st_mode & 022) == 0;
  if (!S_ISREG(status.st_mode) || (trusted && !ours))
    throw io_error("trust", path, std::make_error_code(std::errc::operation_not_permitted));
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return;
  void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (mapped == MAP_FAILED) throw io_error("map", path, last_error());
  bytes_ = {static_cast<const char*>(mapped), size};
}

VENV_INLINE MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

/// Whether only the effective user and root can replace what lies in `dir`, a path without links. In
/// a directory with the sticky bit others can't replace what isn't theirs.
VENV_INLINE bool is_out_of_reach(fs::path dir) {
  for (;; dir = dir.parent_path()) {
    const Status status = status_of(dir);
    const bool ours = status.owner == ::geteuid() || status.owner == 0;
    const bool closed = (status.mode & 022) == 0 || (status.mode & 01000) != 0;
    if (status.kind != FileKind::directory || !ours || !closed) return false;
    if (dir == dir.root_path()) return true;
  }
}

/// Whether nobody but the effective user and root can change what `path` leads to, the links on the
/// way and what those lead through included. No more than `links` are followed, so that it ends
/// whatever changes meanwhile.
VENV_INLINE bool is_out_of_reach_through_links(const fs::path& path, int& links) {
  std::error_code failed;
  for (fs::path part = path; part.has_relative_path(); part = part.parent_path()) {
    const fs::path parent = fs::canonical(part.parent_path(), failed);
    if (failed || !is_out_of_reach(parent)) return false;
    const Status status = status_of(part);
    if (status.kind != FileKind::link) continue;
    if ((status.owner != ::geteuid() && status.owner != 0) || links-- == 0) return false;
    const fs::path target = parent / fs::read_symlink(part, failed);
    if (failed || !is_out_of_reach_through_links(target, links)) return false;
  }
  return true;
}

VENV_INLINE bool is_private(const fs::path& path) {
  std::error_code failed;
  const fs::path real = fs::canonical(path, failed);
  const Status status = status_of(real);
  if (failed || status.owner != ::geteuid() || (status.mode & 022) != 0) return false;
  int links = 40; // as many as Linux follows
  return is_out_of_reach(real) && (real == path || is_out_of_reach_through_links(path, links));
}

/// Makes the missing directories, but not where somebody else rules.
VENV_INLINE void make_private_directories(const fs::path& directory) {
  if (followed_status_of(directory).kind != FileKind::missing || !directory.has_relative_path())
    return;
  make_private_directories(directory.parent_path());
  std::error_code failed;
  if (is_out_of_reach(fs::canonical(directory.parent_path(), failed)) && !failed)
    ::mkdir(directory.c_str(), 0700);
}

VENV_INLINE bool make_private_directory(const fs::path& directory) {
  make_private_directories(directory);
  return is_private(directory);
}

VENV_INLINE void touch(const fs::path& path) { ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0); }

VENV_DETAIL_END
