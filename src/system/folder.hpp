#pragma once

#include "handle.hpp"
#include "status.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

// The contract of folder.posix.hpp and folder.windows.hpp. Errors as in file.hpp.

/// A directory that is held: what is done through it happens in that very directory, whatever is put
/// in its place meanwhile. Every `name` is that of an entry, without a separator; links in its place
/// are not followed. Several threads may use one at once.
class Folder {
public:
  /// The directory that `path` leads to, by links too.
  explicit Folder(const fs::path& path);
  /// The directory `name` in this one; throws when that is a link.
  Folder open(const fs::path& name) const;
  /// The path that it was opened by, for messages.
  const fs::path& path() const { return path_; }
  const Handle& handle() const { return handle_; }

  /// Whether it is (still) the directory that `path` leads to.
  bool is_at(const fs::path& path) const;
  FileStatus status() const;
  /// `missing` is what is known not to be there; throws when the system can't tell.
  FileStatus status_of(const fs::path& name) const;
  /// The names of its entries, in the order of their bytes.
  std::vector<fs::path> names() const;
  bool is_empty() const;

  std::string read(const fs::path& name, std::uint64_t limit = 1u << 26) const;
  fs::path link_target(const fs::path& name) const;

  /// Makes a file that was not there before, of the pieces, one behind the other. The mode is less
  /// the umask; `modified` is in seconds since 1970, now when not given. Returns what the file says
  /// of that time when it was given: another one on file systems that don't take it.
  std::int64_t create(const fs::path& name, std::initializer_list<std::string_view> pieces,
                      std::uint32_t mode, std::optional<std::int64_t> modified = {}) const;
  /// Makes a directory; false when there is one already (a link to one is an error).
  bool make_directory(const fs::path& name) const;
  /// Makes a link that was not there before; false when there can be none here (see `make_link`).
  bool make_link(const fs::path& target, const fs::path& name) const;
  /// Gives a file that lies in it the same name in another folder, where that must be free; false as
  /// for the free `make_hard_link`.
  bool make_hard_link(const fs::path& name, const Folder& to) const;
  /// Renames an entry into another folder or this one, replacing a file or link there.
  void move(const fs::path& name, const Folder& to, const fs::path& new_name) const;
  /// Removes a file or link; nothing there is fine.
  void remove(const fs::path& name) const;
  /// Removes an empty directory; false when it is not empty.
  bool remove_directory(const fs::path& name) const;
  /// Sees to it that names made and removed in it reach the disk.
  void flush() const;

private:
  Folder(fs::path path, Handle handle) : path_(std::move(path)), handle_(std::move(handle)) {}
  fs::path path_;
  Handle handle_{};
};

VENV_DETAIL_END

#if defined(_WIN32)
#include "folder.windows.hpp"
#else
#include "folder.posix.hpp"
#endif
