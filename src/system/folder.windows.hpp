#pragma once

#include "file.hpp"
#include "folder.hpp"
#include "new_file.hpp"
#include "win32.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

// A directory that is open without the right to be deleted can't be renamed or removed, nor can one
// above it: as long as a folder is held, its path leads to it.

VENV_INLINE Handle hold_directory(const fs::path& path, DWORD flags) {
  Handle handle;
  const bool opened = patiently([&] {
    handle = open_existing(path, FILE_LIST_DIRECTORY | FILE_READ_ATTRIBUTES, flags,
                           FILE_SHARE_READ | FILE_SHARE_WRITE);
    return static_cast<bool>(handle);
  });
  if (!opened) throw failed("open directory", path);
  if (kind_of(attributes_of(handle)) != FileKind::directory)
    throw io_error("open directory", path, std::make_error_code(std::errc::not_a_directory));
  return handle;
}

VENV_INLINE Folder::Folder(const fs::path& path) : path_(path), handle_(hold_directory(path, 0)) {}

VENV_INLINE Folder Folder::open(const fs::path& name) const {
  return Folder(path_ / name, hold_directory(path_ / name, FILE_FLAG_OPEN_REPARSE_POINT));
}

VENV_INLINE FileStatus Folder::status() const {
  const FileStatus status = status_of_open(handle_, path_);
  if (status.kind == FileKind::missing) throw failed("look at", path_);
  return status;
}

VENV_INLINE bool Folder::is_at(const fs::path& path) const {
  const FileStatus mine = status(), there = followed_status_of(path);
  return there.kind == FileKind::directory && mine.inode == there.inode &&
         mine.device == there.device;
}

VENV_INLINE FileStatus Folder::status_of(const fs::path& name) const {
  return known_status_of(path_ / name);
}

/// The entries of a directory, in no order; false when it can't be read. Calls `take` until that says
/// false.
VENV_INLINE bool list_entries(const fs::path& directory, FunctionRef<bool(std::wstring&&)> take) {
  WIN32_FIND_DATAW entry{};
  const HANDLE search =
      ::FindFirstFileExW(native_of(directory / "*").c_str(), FindExInfoBasic, &entry,
                         FindExSearchNameMatch, nullptr, FIND_FIRST_EX_LARGE_FETCH);
  if (search == INVALID_HANDLE_VALUE) return ::GetLastError() == ERROR_FILE_NOT_FOUND;
  bool more = true;
  do {
    std::wstring name = entry.cFileName;
    if (name != L"." && name != L".." && !take(std::move(name))) {
      ::FindClose(search);
      return true;
    }
    more = ::FindNextFileW(search, &entry) != 0;
  } while (more);
  const DWORD reason = ::GetLastError();
  ::FindClose(search);
  ::SetLastError(reason);
  return reason == ERROR_NO_MORE_FILES;
}

VENV_INLINE std::vector<fs::path> Folder::names() const {
  std::vector<fs::path> found;
  const auto take = [&found](std::wstring&& name) {
    found.emplace_back(std::move(name));
    return true;
  };
  if (!list_entries(path_, take)) throw failed("list", path_);
  std::sort(found.begin(), found.end());
  return found;
}

VENV_INLINE bool Folder::is_empty() const {
  bool empty = true;
  const auto take = [&empty](std::wstring&&) { return empty = false; };
  if (!list_entries(path_, take)) throw failed("list", path_);
  return empty;
}

VENV_INLINE std::string Folder::read(const fs::path& name, std::uint64_t limit) const {
  return read_all(open_to_read(path_ / name, FILE_FLAG_OPEN_REPARSE_POINT), path_ / name, limit);
}

VENV_INLINE fs::path Folder::link_target(const fs::path& name) const {
  fs::path target = detail::link_target(path_ / name);
  if (target.empty())
    throw io_error("read link", path_ / name, std::make_error_code(std::errc::invalid_argument));
  return target;
}

VENV_INLINE std::int64_t Folder::create(const fs::path& name,
                                        std::initializer_list<std::string_view> pieces,
                                        std::uint32_t mode,
                                        std::optional<std::int64_t> modified) const {
  const fs::path path = path_ / name;
  const Handle file = create_file(path, GENERIC_WRITE | FILE_READ_ATTRIBUTES);
  if (!file) throw failed("create", path);
  for (const std::string_view piece : pieces) write_all(file, piece, path);
  if ((mode & 0222) == 0) set_mode(path, mode);
  if (!modified) return 0;
  const std::int64_t time = *modified * 10000000 + 116444736000000000;
  FILETIME value{};
  value.dwLowDateTime = static_cast<DWORD>(time & 0xFFFFFFFF);
  value.dwHighDateTime = static_cast<DWORD>(time >> 32);
  if (::SetFileTime(handle_of(file), nullptr, &value, &value) != 0) return *modified;
  return status_of_open(file, path).modified / 1000000000;
}

VENV_INLINE bool Folder::make_directory(const fs::path& name) const {
  const fs::path path = path_ / name;
  if (::CreateDirectoryW(native_of(path).c_str(), nullptr) != 0) return true;
  const std::error_code reason = last_error();
  if (reason == std::errc::file_exists && status_of(name).kind == FileKind::directory) return false;
  throw io_error("create directory", path, reason);
}

VENV_INLINE bool Folder::make_link(const fs::path& target, const fs::path& name) const {
  if (make_new_link(target, path_ / name)) return true;
  if (means_no_links(::GetLastError())) return false;
  throw failed("create link", path_ / name);
}

VENV_INLINE bool Folder::make_hard_link(const fs::path& name, const Folder& to) const {
  return detail::make_hard_link(path_ / name, to.path_ / name);
}

VENV_INLINE void Folder::move(const fs::path& name, const Folder& to,
                              const fs::path& new_name) const {
  rename_file(path_ / name, to.path_ / new_name);
}

VENV_INLINE void Folder::remove(const fs::path& name) const { remove_file(path_ / name); }

VENV_INLINE bool Folder::remove_directory(const fs::path& name) const {
  if (remove_entry(path_ / name, Removed::directory)) return true;
  if (::GetLastError() == ERROR_DIR_NOT_EMPTY) return false;
  throw failed("remove", path_ / name);
}

VENV_INLINE void Folder::flush() const {} // the file system keeps its names in a journal

VENV_DETAIL_END
