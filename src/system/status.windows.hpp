#pragma once

#include "../base/ascii.hpp"
#include "handle.hpp"
#include "status.hpp"

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

VENV_DETAIL_BEGIN

// Not in every version of the headers.
inline constexpr DWORD tag_of_app_link = 0x8000001B; // the Store's: a program that is started by it
inline constexpr DWORD tag_stands_for_another = 0x20000000;

/// A file's attributes, and what kind of reparse point it is (0 when it is none).
VENV_INLINE FILE_ATTRIBUTE_TAG_INFO attributes_of(const Handle& file) {
  FILE_ATTRIBUTE_TAG_INFO info{};
  if (::GetFileInformationByHandleEx(handle_of(file), FileAttributeTagInfo, &info, sizeof info) ==
      0)
    info.FileAttributes = INVALID_FILE_ATTRIBUTES;
  if ((info.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0) info.ReparseTag = 0;
  return info;
}

/// Symbolic links and junctions are links; what the Store puts there is neither a file nor a link.
/// What stands for no other name (a file that is compressed, or kept in a cloud) is what it seems.
VENV_INLINE FileKind kind_of(const FILE_ATTRIBUTE_TAG_INFO& info) {
  if (info.ReparseTag == IO_REPARSE_TAG_SYMLINK || info.ReparseTag == IO_REPARSE_TAG_MOUNT_POINT)
    return FileKind::link;
  if (info.ReparseTag == tag_of_app_link || (info.ReparseTag & tag_stands_for_another) != 0)
    return FileKind::other;
  return (info.FileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0 ? FileKind::directory
                                                               : FileKind::file;
}

/// Nanoseconds since 1970 of a time in units of 100 ns since 1601.
VENV_INLINE std::int64_t nanoseconds_of(std::int64_t time) {
  return (time - 116444736000000000) * 100;
}

VENV_INLINE std::int64_t joined(DWORD high, DWORD low) {
  return static_cast<std::int64_t>(std::uint64_t{high} << 32 | low);
}

/// What tells a file from all others: the disk, and the 128 bits that it has there, folded into 64.
/// NTFS uses no more than those.
VENV_INLINE void add_identity(const Handle& file, const BY_HANDLE_FILE_INFORMATION& old,
                              FileStatus& status) {
  FILE_ID_INFO info{};
  if (::GetFileInformationByHandleEx(handle_of(file), FileIdInfo, &info, sizeof info) == 0) {
    status.device = old.dwVolumeSerialNumber;
    status.inode = static_cast<std::uint64_t>(joined(old.nFileIndexHigh, old.nFileIndexLow));
    return;
  }
  std::uint64_t halves[2] = {0, 0};
  std::memcpy(halves, &info.FileId, sizeof halves);
  status.device = info.VolumeSerialNumber;
  status.inode = halves[0] ^ (halves[1] * 0x9E3779B97F4A7C15u);
}

/// Whether the system starts a file of that name.
VENV_INLINE bool has_program_suffix(const fs::path& path) {
  const std::string suffix = folded(text_of(path.extension()));
  return suffix == ".exe" || suffix == ".com" || suffix == ".bat" || suffix == ".cmd";
}

/// `missing` when the system doesn't say.
VENV_INLINE FileStatus status_of_open(const Handle& file, const fs::path& path) {
  FileStatus status;
  BY_HANDLE_FILE_INFORMATION info{};
  FILE_BASIC_INFO times{};
  if (::GetFileInformationByHandle(handle_of(file), &info) == 0 ||
      ::GetFileInformationByHandleEx(handle_of(file), FileBasicInfo, &times, sizeof times) == 0)
    return status;
  const FILE_ATTRIBUTE_TAG_INFO attributes = attributes_of(file);
  status.kind = kind_of(attributes);
  status.size = static_cast<std::uint64_t>(joined(info.nFileSizeHigh, info.nFileSizeLow));
  status.links = info.nNumberOfLinks;
  status.modified = nanoseconds_of(times.LastWriteTime.QuadPart);
  status.changed = nanoseconds_of(times.ChangeTime.QuadPart);
  status.mode = (info.dwFileAttributes & FILE_ATTRIBUTE_READONLY) != 0 ? 0444 : 0666;
  if (status.kind == FileKind::directory || has_program_suffix(path)) status.mode |= 0111;
  add_identity(file, info, status);
  return status;
}

VENV_INLINE FileStatus status_of(const fs::path& path) {
  const Handle file = open_existing(path, FILE_READ_ATTRIBUTES, FILE_FLAG_OPEN_REPARSE_POINT);
  return file ? status_of_open(file, path) : FileStatus{};
}

VENV_INLINE FileStatus followed_status_of(const fs::path& path) {
  const Handle file = open_existing(path, FILE_READ_ATTRIBUTES, 0);
  return file ? status_of_open(file, path) : FileStatus{};
}

VENV_INLINE FileStatus known_followed_status_of(const fs::path& path) {
  const Handle file = open_existing(path, FILE_READ_ATTRIBUTES, 0);
  if (file) return status_of_open(file, path);
  const DWORD error = ::GetLastError();
  if (means_missing(error) || error == ERROR_ACCESS_DENIED || error == ERROR_CANT_RESOLVE_FILENAME)
    return {};
  throw failed("look at", path);
}

VENV_INLINE FileStatus known_status_of(const fs::path& path) {
  const Handle file = open_existing(path, FILE_READ_ATTRIBUTES, FILE_FLAG_OPEN_REPARSE_POINT);
  if (!file && means_missing(::GetLastError())) return {};
  const FileStatus status = file ? status_of_open(file, path) : FileStatus{};
  if (status.kind == FileKind::missing) throw failed("look at", path);
  return status;
}

VENV_INLINE EntryMarks marks_of(const fs::path& path) { return {status_of(path).kind, false}; }

VENV_INLINE bool is_executable(const fs::path& path) {
  return has_program_suffix(path) && followed_status_of(path).kind == FileKind::file;
}

VENV_INLINE bool may_change_entries(const fs::path& directory) {
  constexpr DWORD access = FILE_ADD_FILE | FILE_ADD_SUBDIRECTORY | FILE_TRAVERSE;
  return static_cast<bool>(open_existing(directory, access, 0));
}

VENV_INLINE bool is_readable(const fs::path& path, const FileStatus&) {
  return static_cast<bool>(open_existing(path, GENERIC_READ, FILE_FLAG_OPEN_REPARSE_POINT));
}

VENV_INLINE bool may_list(const fs::path& directory) {
  return static_cast<bool>(open_existing(directory, FILE_LIST_DIRECTORY, 0));
}

/// What a symbolic link or a junction says, as [MS-FSCC] 2.1.2 has it; empty when it is neither.
VENV_INLINE std::wstring reparse_target(const Handle& link) {
  std::vector<char> bytes(MAXIMUM_REPARSE_DATA_BUFFER_SIZE);
  DWORD size = 0;
  if (::DeviceIoControl(handle_of(link), FSCTL_GET_REPARSE_POINT, nullptr, 0, bytes.data(),
                        static_cast<DWORD>(bytes.size()), &size, nullptr) == 0)
    return {};
  const auto number = [&bytes](std::size_t at) {
    std::uint16_t value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return std::size_t{value};
  };
  DWORD tag = 0;
  std::memcpy(&tag, bytes.data(), sizeof tag);
  if (tag != IO_REPARSE_TAG_SYMLINK && tag != IO_REPARSE_TAG_MOUNT_POINT) return {};
  const std::size_t names = tag == IO_REPARSE_TAG_SYMLINK ? 20 : 16; // the former has flags before
  const bool shown = number(14) > 0; // the name for people, else the system's own
  const std::size_t begin = names + number(shown ? 12 : 8), length = number(shown ? 14 : 10);
  if (begin + length > size) return {};
  std::wstring target(length / sizeof(wchar_t), L'\0');
  std::memcpy(target.data(), bytes.data() + begin, target.size() * sizeof(wchar_t));
  return target.compare(0, 4, L"\\??\\") == 0 ? target.substr(4) : target;
}

VENV_INLINE fs::path link_target(const fs::path& path) {
  const Handle link = open_existing(path, FILE_READ_ATTRIBUTES, FILE_FLAG_OPEN_REPARSE_POINT);
  return link && attributes_of(link).ReparseTag != 0 ? fs::path(reparse_target(link)) : fs::path();
}

VENV_INLINE std::optional<fs::path> resolved(const fs::path& path) {
  const Handle file = open_existing(path, FILE_READ_ATTRIBUTES, 0);
  if (!file) return std::nullopt;
  std::wstring real = text_filled_by([&file](wchar_t* buffer, DWORD size) {
    return ::GetFinalPathNameByHandleW(handle_of(file), buffer, size, FILE_NAME_NORMALIZED);
  });
  if (real.empty()) // a disk that has no name of its own
    real = text_filled_by([&path](wchar_t* buffer, DWORD size) {
      return ::GetFullPathNameW(path.c_str(), size, buffer, nullptr);
    });
  return fs::path(without_long_prefix(real));
}

VENV_INLINE fs::path working_directory() {
  std::error_code failed;
  return fs::current_path(failed);
}

VENV_DETAIL_END
