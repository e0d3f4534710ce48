#pragma once

#include "../base/ascii.hpp"
#include "path.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

VENV_DETAIL_BEGIN

enum class FileKind { missing, file, directory, link, other };

/// What the system knows of a directory entry. Times are nanoseconds since 1970.
struct Status {
  FileKind kind = FileKind::missing;
  std::uint64_t size = 0, device = 0, inode = 0;
  std::int64_t modified = 0, changed = 0;
  std::uint32_t mode = 0, owner = 0;
};

/// In the names of files that are being written: one that no user chooses, as what killed runs left
/// is found by it and removed.
inline constexpr std::string_view left_over_mark = ".venv.hpp-";

/// Whether `name` is what `name_beside` makes: a file that a killed run was writing.
VENV_INLINE bool is_left_over(const std::string& name) {
  const std::size_t mark = name.rfind(left_over_mark);
  if (mark == name.npos) return false;
  std::string_view rest = std::string_view(name).substr(mark + left_over_mark.size());
  rest.remove_prefix(std::min(rest.find_first_not_of("0123456789"), rest.size()));
  return take_prefix(rest, "-") && !rest.empty() &&
         rest.find_first_not_of("0123456789") == rest.npos;
}

// The contract of file.posix.hpp and file.windows.hpp. Every function throws Error (`io`) with the
// path and the system's reason, unless it says otherwise.

/// Of the entry itself, links not followed; `missing` too where it can't be looked at.
Status status_of(const fs::path& path);
/// Of what a link leads to.
Status followed_status_of(const fs::path& path);

/// Makes one directory (mode 0777 less the umask); false where a directory, or a link to one, is
/// there already.
bool make_directory(const fs::path& path);

/// Links `link` to `target`, in one step replacing what is there (but no directory); false where the
/// file system or the user may have no links.
bool make_link(const fs::path& target, const fs::path& link);

/// Writes beside `path` and renames into place, so that nobody ever sees half of it and a link in
/// its place is replaced, not followed. The mode is exact, whatever the umask.
void write_file(const fs::path& path, std::string_view bytes, std::uint32_t mode);
/// The same with the mode 0666 less the umask.
void write_file(const fs::path& path, std::string_view bytes);
/// The same with the bytes of `source`.
void copy_file(const fs::path& source, const fs::path& path, std::uint32_t mode);

/// All bytes of a regular file of at most `limit` bytes.
std::string read_file(const fs::path& path, std::uint64_t limit = 1u << 26);

/// Renames, replacing a file or link in the way.
void rename_file(const fs::path& from, const fs::path& to);
/// Removes a file or link; nothing there is fine.
void remove_file(const fs::path& path);

/// Lets all who may read the file execute it.
void make_executable(const fs::path& path);

/// Whether this process may execute the file.
bool is_executable(const fs::path& path);

// class NewFile(path, mode): a file that is written beside its place by `write(bytes)` and
// `write_at(offset, bytes)` (by several threads, if need be), given its exact mode by `set_mode(mode)` and put there by `put_in_place()`; else it is gone again.

/// Keeps others out of a directory for as long as it lives. Where locks don't work it does nothing.
class DirectoryLock {
public:
  DirectoryLock() = default; ///< keeps nobody out
  /// Waits at most `seconds`, then throws Error (`busy`), naming the holder where known.
  DirectoryLock(const fs::path& directory, int seconds);
  ~DirectoryLock();
  DirectoryLock(DirectoryLock&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}
  DirectoryLock& operator=(DirectoryLock&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  /// Whether the directory is still the one at that path (another process may have removed it).
  bool holds(const fs::path& directory) const;

private:
  std::intptr_t handle_ = -1;
};

VENV_DETAIL_END

#if defined(_WIN32)
#error "venv.hpp does not run on Windows yet"
#else
#include "file.posix.hpp"
#endif
