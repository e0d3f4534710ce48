#pragma once

#include "../base/number.hpp"
#include "file.hpp"
#include "mapped_file.hpp"
#include "trust.hpp"
#include "win32.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

VENV_DETAIL_BEGIN

VENV_INLINE SourceFile::SourceFile(const fs::path& path, Trust trust) : path_(path) {
  const DWORD follow = trust != Trust::any ? FILE_FLAG_OPEN_REPARSE_POINT : 0;
  file_ = open_existing(path, GENERIC_READ, follow);
  if (!file_) throw failed("open", path);
  status_ = status_of_open(file_, path);
  const bool is_believed = trust == Trust::any       ? true
                           : trust == Trust::trusted ? is_trusted_file(file_)
                                                     : is_private_file(file_);
  if (status_.kind != FileKind::file || !is_believed)
    throw io_error("trust", path, std::make_error_code(std::errc::operation_not_permitted));
}

VENV_INLINE void SourceFile::read_at(std::uint64_t offset, char* buffer, std::size_t size) const {
  while (size > 0) {
    OVERLAPPED at{};
    at.Offset = static_cast<DWORD>(offset & 0xFFFFFFFFu);
    at.OffsetHigh = static_cast<DWORD>(offset >> 32);
    DWORD got = 0;
    const auto wanted = static_cast<DWORD>((std::min)(size, std::size_t{1} << 30));
    const bool read = ::ReadFile(handle_of(file_), buffer, wanted, &got, &at) != 0;
    if (!read && ::GetLastError() != ERROR_HANDLE_EOF) throw failed("read", path_);
    if (got == 0)
      throw Error(ErrorCode::io, "cannot read " + quoted(path_) + ": it has become shorter")
          .at("read")
          .on(path_);
    buffer += got;
    offset += got;
    size -= got;
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
  void* memory = ::VirtualAlloc(nullptr, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
  if (!memory) throw failed("read", path);
  bytes_ = {static_cast<const char*>(memory), size};
  try {
    file.read_at(0, static_cast<char*>(memory), size);
  } catch (...) {
    ::VirtualFree(memory, 0, MEM_RELEASE);
    throw;
  }
}

VENV_INLINE MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::VirtualFree(const_cast<char*>(bytes_.data()), 0, MEM_RELEASE);
}

VENV_DETAIL_END
