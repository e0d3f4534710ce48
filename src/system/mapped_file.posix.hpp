#pragma once

#include "../base/number.hpp"
#include "file.hpp"
#include "mapped_file.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE SourceFile::SourceFile(const fs::path& path, Trust trust) : path_(path) {
  const int follow = trust != Trust::any ? O_NOFOLLOW : 0;
  file_ = opened(path, O_RDONLY | O_NONBLOCK | follow);
  struct stat status{};
  if (!file_ || !get_status(file_, status)) throw io_error("open", path, last_error());
  status_ = to_status(status);
  const bool ours =
      (status_.owner == ::geteuid() || (trust == Trust::trusted && status_.owner == 0)) &&
      (status_.mode & 022) == 0;
  if (status_.kind != FileKind::file || (trust != Trust::any && !ours))
    throw io_error("trust", path, std::make_error_code(std::errc::operation_not_permitted));
}

VENV_INLINE void SourceFile::read_at(std::uint64_t offset, char* buffer, std::size_t size) const {
  while (size > 0) {
    const ssize_t got = ::pread(fd_of(file_), buffer, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw io_error("read", path_, last_error());
    if (got == 0)
      throw Error(ErrorCode::io, "cannot read " + quoted(path_) + ": it has become shorter")
          .at("read")
          .on(path_);
    buffer += got;
    offset += static_cast<std::uint64_t>(got);
    size -= static_cast<std::size_t>(got);
  }
}

VENV_INLINE std::string_view SourceFile::read_at(std::uint64_t offset, std::size_t size,
                                                 std::string& buffer) const {
  if (buffer.size() < size) buffer.assign(size, '\0'); // what it held need not be kept
  read_at(offset, buffer.data(), size);
  return std::string_view(buffer).substr(0, size);
}

VENV_INLINE MappedFile::MappedFile(const fs::path& path, Trust trust) {
  const SourceFile file(path, trust);
  const auto size = number_as<std::size_t>(file.size());
  if (size == 0) return;
  constexpr int flags = MAP_PRIVATE | MAP_ANONYMOUS;
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (memory == MAP_FAILED) throw io_error("read", path, last_error());
  bytes_ = {static_cast<const char*>(memory), size};
#if defined(MADV_HUGEPAGE)
  ::madvise(memory, size, MADV_HUGEPAGE); // a page fault each 2 MiB instead of each 4 KiB
#endif
  try {
    file.read_at(0, static_cast<char*>(memory), size);
  } catch (...) {
    ::munmap(memory, size);
    throw;
  }
}

VENV_INLINE MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

VENV_DETAIL_END
