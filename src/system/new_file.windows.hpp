#pragma once

#include "file.hpp"
#include "metadata.hpp"
#include "new_file.hpp"
#include "win32.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

VENV_DETAIL_BEGIN

/// Most bytes for one call.
inline constexpr std::size_t largest_write = std::size_t{1} << 30;

VENV_INLINE void write_all(const Handle& file, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    DWORD written = 0;
    const auto size = static_cast<DWORD>((std::min)(bytes.size(), largest_write));
    if (::WriteFile(handle_of(file), bytes.data(), size, &written, nullptr) == 0)
      throw failed("write", path);
    bytes.remove_prefix(written);
  }
}

/// A file that was not there before.
VENV_INLINE Handle create_file(const fs::path& path, DWORD access) {
  const std::wstring name = native_of(path);
  Handle file;
  patiently([&] {
    file = handle_from(::CreateFileW(name.c_str(), access, FILE_SHARE_READ | FILE_SHARE_DELETE,
                                     nullptr, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr));
    return static_cast<bool>(file);
  });
  return file;
}

VENV_INLINE NewFile::NewFile(const fs::path& path, std::uint32_t)
    : place_(path), beside_(name_beside(path)) {
  file_ = create_file(beside_, GENERIC_WRITE);
  if (!file_) throw failed("create", place_);
}

VENV_INLINE NewFile::~NewFile() {
  if (!file_) return;
  file_.close();
  try_remove_file(beside_);
}

VENV_INLINE void NewFile::write(std::string_view bytes) { write_all(file_, bytes, place_); }

VENV_INLINE void NewFile::write_at(std::size_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    DWORD written = 0;
    OVERLAPPED at{};
    at.Offset = static_cast<DWORD>(offset & 0xFFFFFFFFu);
    at.OffsetHigh = static_cast<DWORD>(std::uint64_t{offset} >> 32);
    const auto size = static_cast<DWORD>((std::min)(bytes.size(), largest_write));
    if (::WriteFile(handle_of(file_), bytes.data(), size, &written, &at) == 0)
      throw failed("write", place_);
    bytes.remove_prefix(written);
    offset += written;
  }
}

VENV_INLINE void NewFile::set_mode(std::uint32_t mode) {
  if ((mode & 0222) == 0) detail::set_mode(beside_, mode); // else it may be written as it is
}

VENV_INLINE void NewFile::make_executable() {} // its name says so

VENV_INLINE void NewFile::inherit_metadata() {
  if (known_status_of(place_).kind == FileKind::file) copy_ownership(place_, beside_);
}

VENV_INLINE void NewFile::flush() {
  if (::FlushFileBuffers(handle_of(file_)) == 0) throw failed("flush", place_);
}

VENV_INLINE void NewFile::put_in_place() { put_in_place(place_); }

VENV_INLINE void NewFile::put_in_place(const fs::path& place) {
  file_.close(); // what is open can't be renamed everywhere
  try {
    rename_file(beside_, place);
  } catch (const Error&) {
    try_remove_file(beside_);
    throw;
  }
}

VENV_INLINE void write_file(const fs::path& path, std::string_view bytes, std::uint32_t mode) {
  NewFile file(path, mode);
  file.write(bytes);
  file.set_mode(mode);
  file.put_in_place();
}

VENV_INLINE void write_file(const fs::path& path, std::string_view bytes) {
  write_file(path, bytes, 0666);
}

VENV_INLINE void write_program(const fs::path& path, std::string_view bytes) {
  write_file(path, bytes, 0777);
}

VENV_INLINE void copy_file(const fs::path& source, const fs::path& path, std::uint32_t mode) {
  NewFile file(path, mode);
  read_pieces(source, [&file](std::string_view piece) { file.write(piece); });
  file.set_mode(mode);
  file.put_in_place();
}

VENV_DETAIL_END
