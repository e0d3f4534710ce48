#pragma once

#include "path.hpp"

#include <cstdint>
#include <optional>

VENV_DETAIL_BEGIN

enum class FileKind { missing, file, directory, link, other };

/// What the system knows of a directory entry. Times are nanoseconds since 1970. `device` and `inode`
/// together tell a file from every other one that exists now; `owner`, `group` and the bits of `mode`
/// beyond "may be written" say nothing on Windows.
struct FileStatus {
  FileKind kind = FileKind::missing;
  std::uint64_t size = 0, device = 0, inode = 0, links = 0;
  std::int64_t modified = 0, changed = 0;
  std::uint32_t mode = 0, owner = 0, group = 0;
};

// The contract of status.posix.hpp and status.windows.hpp: to look, and to change nothing.

/// Of the entry itself, links not followed; `missing` too when it can't be looked at.
FileStatus status_of(const fs::path& path);
/// Of what a link leads to; `missing` too when it can't be looked at.
FileStatus followed_status_of(const fs::path& path);
/// Of what a link leads to; `missing` when that is nothing, or nothing that this user may see. Throws
/// Error (`io`) when the system can't tell.
FileStatus known_followed_status_of(const fs::path& path);
/// Of the entry itself. `missing` is what is known not to be there: throws Error (`io`) when the
/// system can't tell. For whoever removes later what is not there now.
FileStatus known_status_of(const fs::path& path);

/// What an entry is or leads to, where `missing` is known. Throws as `known_status_of` when the entry itself
/// can't be looked at.
FileKind known_kind_behind(const fs::path& path);

/// Whether this process may execute the file.
bool is_executable(const fs::path& path);
/// Whether this user may read what `status` was told of, and not only as one who may read anything.
bool is_readable(const fs::path& path, const FileStatus& status);
/// Whether this process may make and remove entries of the directory, as far as the system tells.
bool may_change_entries(const fs::path& directory);
/// Whether this process may see what the directory holds, as far as the system tells.
bool may_list(const fs::path& directory);
/// What an entry is, and whether it is marked so that not even root may remove it, as far as the system
/// tells.
struct EntryMarks {
  FileKind kind = FileKind::missing;
  bool is_immutable = false;
};
EntryMarks marks_of(const fs::path& path);

/// Where a link leads to, as it is spelled; empty when `path` is no link, or may not be seen.
fs::path link_target(const fs::path& path);
/// The absolute path without links; nothing when it leads nowhere.
std::optional<fs::path> resolved(const fs::path& path);
/// The working directory; empty when it is gone.
fs::path working_directory();

// What is the same everywhere.

VENV_INLINE FileKind known_kind_behind(const fs::path& path) {
  const FileKind kind = known_status_of(path).kind;
  return kind == FileKind::link ? known_followed_status_of(path).kind : kind;
}

/// Whether both lead to the same file or directory; false when one leads nowhere, as `look` tells.
VENV_INLINE bool is_same_file(const fs::path& a, const fs::path& b,
                              FileStatus (*look)(const fs::path&) = followed_status_of) {
  const FileStatus of_a = look(a), of_b = look(b);
  return of_a.kind != FileKind::missing && of_b.kind != FileKind::missing &&
         of_a.device == of_b.device && of_a.inode == of_b.inode;
}

VENV_DETAIL_END

#if defined(_WIN32)
#include "status.windows.hpp"
#else
#include "status.posix.hpp"
#endif
