#pragma once

#include "appended_file.hpp"
#include "handle.hpp"
#include "new_file.hpp"

#include <fcntl.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE AppendedFile::AppendedFile(const fs::path& path) : path_(path) {
  file_ = opened(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
  if (!file_) throw io_error("create", path_, last_error());
}

VENV_INLINE void AppendedFile::append(std::string_view bytes) {
  write_all(fd_of(file_), bytes, path_);
}

VENV_INLINE void AppendedFile::flush() {
  if (retried([&] { return ::fsync(fd_of(file_)); }) != 0)
    throw io_error("flush", path_, last_error());
}

VENV_DETAIL_END
