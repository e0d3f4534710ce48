#pragma once

#include "beside.hpp"
#include "file.hpp"
#include "win32.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

VENV_DETAIL_BEGIN

VENV_INLINE Error no_regular_file(const fs::path& path) {
  return Error(ErrorCode::io, "cannot read " + quoted(path) + ": it is no regular file")
      .at("read")
      .on(path);
}

/// Opens a file for reading, but no device or pipe, which might keep its reader waiting.
VENV_INLINE Handle open_to_read(const fs::path& path, DWORD flags = 0) {
  Handle file;
  const bool opened = patiently([&] {
    file = open_existing(path, GENERIC_READ, flags | FILE_FLAG_SEQUENTIAL_SCAN);
    return static_cast<bool>(file);
  });
  if (!opened) throw failed("open", path);
  if (::GetFileType(handle_of(file)) != FILE_TYPE_DISK) throw no_regular_file(path);
  const FileKind kind = kind_of(attributes_of(file));
  if (kind == FileKind::directory)
    throw io_error("read", path, std::make_error_code(std::errc::is_a_directory));
  if (kind != FileKind::file) throw no_regular_file(path);
  return file;
}

/// Reads at most `size` bytes; 0 at the end of the file.
VENV_INLINE std::size_t read_some(const Handle& file, char* bytes, std::size_t size,
                                  const fs::path& path) {
  DWORD got = 0;
  if (::ReadFile(handle_of(file), bytes, static_cast<DWORD>(size), &got, nullptr) == 0)
    throw failed("read", path);
  return got;
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

/// Deletes what is open, whatever it is: by its handle, so that it is no other. Its name is free at
/// once where the system has POSIX's rules for that, else when nobody has it open any more.
VENV_INLINE bool delete_open(const Handle& entry) {
  struct {
    DWORD flags; // FILE_DISPOSITION_INFO_EX: delete, by POSIX's rules, also what is read-only
  } posix{0x1 | 0x2 | 0x10};
  constexpr auto by_posix = static_cast<FILE_INFO_BY_HANDLE_CLASS>(21);
  if (::SetFileInformationByHandle(handle_of(entry), by_posix, &posix, sizeof posix) != 0)
    return true;
  const DWORD reason = ::GetLastError();
  if (reason == ERROR_DIR_NOT_EMPTY || reason == ERROR_SHARING_VIOLATION) return false;
  FILE_BASIC_INFO basic{}; // zeros: times stay
  basic.FileAttributes = FILE_ATTRIBUTE_NORMAL;
  if ((attributes_of(entry).FileAttributes & FILE_ATTRIBUTE_READONLY) != 0)
    ::SetFileInformationByHandle(handle_of(entry), FileBasicInfo, &basic, sizeof basic);
  FILE_DISPOSITION_INFO old{};
  old.DeleteFile = TRUE;
  return ::SetFileInformationByHandle(handle_of(entry), FileDispositionInfo, &old, sizeof old) != 0;
}

enum class Removed { file, directory };

/// Removes a file or link, or an empty directory, and no other kind; true too when it is not there.
/// No link is followed.
VENV_INLINE bool remove_entry(const fs::path& path, Removed wanted) {
  return patiently([&] {
    constexpr DWORD access = DELETE | FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES;
    const Handle entry = open_existing(path, access, FILE_FLAG_OPEN_REPARSE_POINT);
    if (!entry) return means_missing(::GetLastError());
    const bool is_directory = kind_of(attributes_of(entry)) == FileKind::directory;
    if (is_directory == (wanted == Removed::directory)) return delete_open(entry);
    ::SetLastError(is_directory ? ERROR_ACCESS_DENIED : ERROR_DIRECTORY);
    return false;
  });
}

VENV_INLINE bool is_missing(const fs::path& path) {
  return ::GetFileAttributesW(native_of(path).c_str()) == INVALID_FILE_ATTRIBUTES &&
         means_missing(::GetLastError());
}

/// Whether a link that couldn't be made means that there are none here.
VENV_INLINE bool means_no_links(DWORD reason) {
  const std::error_code code = reason_of(reason);
  return code != std::errc::no_space_on_device && code != std::errc::filename_too_long &&
         code != std::errc::file_exists;
}

/// Makes a link where nothing is, and looks whether it is there: there are systems that say so and
/// make none.
VENV_INLINE bool make_new_link(const fs::path& target, const fs::path& link) {
  const bool to_directory =
      followed_status_of(link.parent_path() / target).kind == FileKind::directory;
  const DWORD kind = to_directory ? 1 : 0; // SYMBOLIC_LINK_FLAG_DIRECTORY
  std::wstring text = target.native();
  for (wchar_t& c : text)
    if (c == L'/') c = L'\\';
  const std::wstring name = native_of(link);
  const bool made =
      ::CreateSymbolicLinkW(name.c_str(), text.c_str(), kind | 2) != 0 || // unprivileged
      (::GetLastError() == ERROR_INVALID_PARAMETER &&
       ::CreateSymbolicLinkW(name.c_str(), text.c_str(), kind) != 0); // Windows 8
  if (!made) return false;
  if (status_of(link).kind == FileKind::link) return true;
  ::SetLastError(is_missing(link) ? ERROR_NOT_SUPPORTED : ERROR_ALREADY_EXISTS);
  return false;
}

VENV_INLINE bool make_link(const fs::path& target, const fs::path& link) {
  if (make_new_link(target, link)) return true;
  if (last_error() == std::errc::file_exists) {
    const fs::path beside = name_beside(link);
    if (make_new_link(target, beside)) {
      try {
        rename_file(beside, link);
        return true;
      } catch (const Error&) {
        try_remove_file(beside);
        throw;
      }
    }
  }
  if (means_no_links(::GetLastError())) return false;
  throw failed("create link", link);
}

VENV_INLINE bool make_hard_link(const fs::path& file, const fs::path& name) {
  if (::CreateHardLinkW(native_of(name).c_str(), native_of(file).c_str(), nullptr) != 0)
    return true;
  if (means_no_links(::GetLastError())) return false;
  throw failed("create link", name);
}

VENV_INLINE bool clone_file(const fs::path&, const fs::path&) { return false; } // only ReFS could

/// Renames by POSIX's rules, which replace also what is open or runs; false where there are none.
VENV_INLINE bool rename_by_posix(const std::wstring& from, const std::wstring& to) {
  const std::wstring full = text_filled_by([&to](wchar_t* buffer, DWORD size) {
    return ::GetFullPathNameW(to.c_str(), size, buffer, nullptr);
  });
  const Handle entry = handle_from(
      ::CreateFileW(from.c_str(), DELETE | SYNCHRONIZE, share_all, nullptr, OPEN_EXISTING,
                    FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
  if (!entry || full.empty()) return false;
  const std::size_t bytes = full.size() * sizeof(wchar_t);
  std::string memory(sizeof(FILE_RENAME_INFO) + bytes + alignof(FILE_RENAME_INFO), '\0');
  void* place = memory.data();
  std::size_t room = memory.size();
  std::align(alignof(FILE_RENAME_INFO), sizeof(FILE_RENAME_INFO) + bytes, place, room);
  const DWORD flags = 0x1 | 0x2 | 0x40; // replace, by POSIX's rules, also what is read-only
  auto* const info = static_cast<FILE_RENAME_INFO*>(place);
  std::memcpy(place, &flags, sizeof flags);
  info->FileNameLength = static_cast<DWORD>(bytes);
  std::memcpy(static_cast<void*>(info->FileName), full.data(), bytes);
  constexpr auto by_posix = static_cast<FILE_INFO_BY_HANDLE_CLASS>(22);
  return ::SetFileInformationByHandle(handle_of(entry), by_posix, place,
                                      static_cast<DWORD>(sizeof(FILE_RENAME_INFO) + bytes)) != 0;
}

VENV_INLINE void rename_file(const fs::path& from, const fs::path& to) {
  const std::wstring old_name = native_of(from), new_name = native_of(to);
  const bool renamed = patiently([&] {
    if (rename_by_posix(old_name, new_name)) return true;
    const DWORD attributes = ::GetFileAttributesW(new_name.c_str());
    constexpr DWORD blocks = FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_DIRECTORY;
    if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & blocks) == FILE_ATTRIBUTE_READONLY)
      ::SetFileAttributesW(new_name.c_str(), attributes & ~DWORD{FILE_ATTRIBUTE_READONLY});
    return ::MoveFileExW(old_name.c_str(), new_name.c_str(), MOVEFILE_REPLACE_EXISTING) != 0;
  });
  if (!renamed) throw failed("replace", to);
}

VENV_INLINE bool exchange_files(const fs::path&, const fs::path&) { return false; }

VENV_INLINE void remove_file(const fs::path& path) {
  if (!remove_entry(path, Removed::file)) throw failed("remove", path);
}

VENV_INLINE bool try_remove_file(const fs::path& path) noexcept {
  try {
    return remove_entry(path, Removed::file);
  } catch (const std::exception&) {
    return false; // no memory
  }
}

/// Of a mode Windows keeps whether a file may be written; of a directory that means nothing.
VENV_INLINE void set_mode(const fs::path& path, std::uint32_t mode) {
  const FileStatus status = known_status_of(path);
  const std::wstring name = native_of(path);
  if (status.kind == FileKind::directory) return;
  const DWORD before = ::GetFileAttributesW(name.c_str());
  constexpr DWORD read_only = FILE_ATTRIBUTE_READONLY;
  const DWORD after = (mode & 0222) != 0 ? before & ~read_only : before | read_only;
  if (status.kind == FileKind::file && before == after) return;
  ::SetLastError(ERROR_CANT_RESOLVE_FILENAME); // a link, or nothing
  if (status.kind != FileKind::file || before == INVALID_FILE_ATTRIBUTES ||
      ::SetFileAttributesW(name.c_str(), after) == 0)
    throw failed("set the mode of", path);
}

VENV_INLINE void make_executable(const fs::path& path) {
  if (known_status_of(path).kind != FileKind::missing) return; // its name says so, if anything
  throw io_error("set the mode of", path,
                 std::make_error_code(std::errc::no_such_file_or_directory));
}

VENV_INLINE void show_file(const fs::path& path) noexcept {
  try {
    const std::wstring name = native_of(path);
    const DWORD attributes = ::GetFileAttributesW(name.c_str());
    if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_HIDDEN) != 0)
      ::SetFileAttributesW(name.c_str(), attributes & ~DWORD{FILE_ATTRIBUTE_HIDDEN});
  } catch (const std::exception&) {
    return; // no memory
  }
}

VENV_INLINE void touch(const fs::path& path) noexcept {
  try {
    const Handle file = open_existing(path, FILE_WRITE_ATTRIBUTES, 0);
    FILETIME now{};
    ::GetSystemTimeAsFileTime(&now);
    if (file) ::SetFileTime(handle_of(file), nullptr, &now, &now);
  } catch (const std::exception&) {
    return; // no memory
  }
}

VENV_DETAIL_END
