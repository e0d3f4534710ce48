#pragma once

#include "../base/number.hpp"
#include "file.hpp"
#include "metadata.hpp"
#include "new_file.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE void write_all(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw io_error("write", path, last_error());
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

VENV_INLINE NewFile::NewFile(const fs::path& path, std::uint32_t mode)
    : place_(path), beside_(name_beside(path)) {
  constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;
  file_ = opened(beside_, flags, number_as<mode_t>(mode));
  if (!file_) throw io_error("create", place_, last_error());
}

VENV_INLINE NewFile::~NewFile() {
  if (file_) ::unlink(beside_.c_str());
}

VENV_INLINE void NewFile::write(std::string_view bytes) { write_all(fd_of(file_), bytes, place_); }

VENV_INLINE void NewFile::write_at(std::size_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto at = static_cast<off_t>(offset);
    const ssize_t written = ::pwrite(fd_of(file_), bytes.data(), bytes.size(), at);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw io_error("write", place_, last_error());
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::size_t>(written);
  }
}

VENV_INLINE void NewFile::set_mode(std::uint32_t mode) {
  set_mode_of(file_, number_as<mode_t>(mode), place_);
}

VENV_INLINE void NewFile::make_executable() {
  struct stat status{};
  if (!get_status(file_, status)) throw io_error("look at", place_, last_error());
  const mode_t mode = status.st_mode & 07777;
  if ((mode | 0555) != mode) set_mode_of(file_, mode | 0555, place_);
}

VENV_INLINE void NewFile::inherit_metadata() {
  if (known_status_of(place_).kind == FileKind::file) copy_ownership(place_, beside_);
}

VENV_INLINE void NewFile::flush() {
  if (retried([&] { return ::fsync(fd_of(file_)); }) != 0)
    throw io_error("flush", place_, last_error());
}

VENV_INLINE void NewFile::put_in_place() { put_in_place(place_); }

VENV_INLINE void NewFile::put_in_place(const fs::path& place) {
  rename_file(beside_, place);
  file_.close();
}

VENV_INLINE void write_file(const fs::path& path, std::string_view bytes, std::uint32_t mode) {
  NewFile file(path, mode);
  file.write(bytes);
  file.set_mode(mode);
  file.put_in_place();
}

VENV_INLINE void write_file(const fs::path& path, std::string_view bytes) {
  NewFile file(path, 0666);
  file.write(bytes);
  file.put_in_place();
}

VENV_INLINE void write_program(const fs::path& path, std::string_view bytes) {
  NewFile file(path, 0777); // it can be run where no mode can be set afterwards
  file.write(bytes);
  file.make_executable();
  file.put_in_place();
}

VENV_INLINE void copy_file(const fs::path& source, const fs::path& path, std::uint32_t mode) {
  NewFile file(path, mode);
  read_pieces(source, [&file](std::string_view piece) { file.write(piece); });
  file.set_mode(mode);
  file.put_in_place();
}

VENV_DETAIL_END
