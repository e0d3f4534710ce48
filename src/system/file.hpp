#pragma once

#include "../base/error.hpp"
#include "../base/function_ref.hpp"
#include "handle.hpp"
#include "path.hpp"
#include "status.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

// The contract of file.posix.hpp and file.windows.hpp: single files and links. Every function throws
// Error (`io`) with the path and the system's reason, unless it says otherwise.

/// All bytes of a regular file of at most `limit` bytes. What is no regular file is not waited for.
std::string read_file(const fs::path& path, std::uint64_t limit = 1u << 26);
/// The same, or nothing when it isn't there or can't be read. What isn't there costs no throw, the first of
/// which takes milliseconds.
std::optional<std::string> try_read_file(const fs::path& path);
/// The first bytes of a regular file, `size` or all that there are.
std::string read_start(const fs::path& path, std::size_t size);
/// Calls `take` with the bytes of a regular file, piece by piece.
void read_pieces(const fs::path& path, FunctionRef<void(std::string_view)> take);

/// Links `link` to `target`, in one step replacing what is there (but no directory). False when there
/// can be no links here: whatever failed, except that the disk is full, the name is too long or the
/// place is taken.
bool make_link(const fs::path& target, const fs::path& link);
/// Gives an existing file a further name, which must be free; false as for `make_link`, and when both
/// don't lie on one disk.
bool make_hard_link(const fs::path& file, const fs::path& name);

/// Makes `name`, which must be free, a file with the bytes, mode and time of `file`, that shares their
/// place on the disk until one of them is written; false where the file systems can't.
bool clone_file(const fs::path& file, const fs::path& name);

/// Renames, replacing a file or link in the way.
void rename_file(const fs::path& from, const fs::path& to);
/// Puts each of two entries in the other's place, in one step; false when the system can't.
bool exchange_files(const fs::path& a, const fs::path& b);
/// Removes a file or link; nothing there is fine.
void remove_file(const fs::path& path);
/// The same as far as the system lets it; whether nothing is left.
bool try_remove_file(const fs::path& path) noexcept;

/// Sets the mode of a file or directory; throws when `path` is a link. No error when the mode can't
/// be set but lets it be read and run as its owner is to.
void set_mode(const fs::path& path, std::uint32_t mode);
/// Lets all who may read the file execute it; no link is followed.
void make_executable(const fs::path& path);
/// Takes the mark off a file that hides it from its user, as far as the system lets it: Python takes no
/// notice of a `.pth` file that has it.
void show_file(const fs::path& path) noexcept;
/// Marks the file as used now, as far as the system lets it.
void touch(const fs::path& path) noexcept;

VENV_INLINE std::optional<std::string> try_read_file(const fs::path& path) {
  if (followed_status_of(path).kind != FileKind::file) return std::nullopt;
  try {
    return read_file(path);
  } catch (const Error&) {
    return std::nullopt;
  }
}

VENV_DETAIL_END

#if defined(_WIN32)
#include "file.windows.hpp"
#else
#include "file.posix.hpp"
#endif
