#pragma once

#include "../base/ascii.hpp"
#include "file.hpp"
#include "folder.hpp"
#include "tree.hpp"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE bool make_directory(const fs::path& path) {
  if (::mkdir(path.c_str(), 0777) == 0) return true;
  const std::error_code failed = last_error();
  if (followed_status_of(path).kind == FileKind::directory) return false;
  throw io_error("create directory", path, failed);
}

/// By its descriptor: what somebody puts in its place meanwhile is not given.
VENV_INLINE void give_entry(const Folder& folder, const fs::path& name, const FileStatus& like) {
#if defined(O_PATH)
  const Handle entry = opened_at(fd_of(folder.handle()), name, O_PATH | O_NOFOLLOW);
#else // links stay this user's
  const Handle entry = opened_at(fd_of(folder.handle()), name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
#endif
  struct stat status{};
  if (!entry || !get_status(entry, status) || status.st_uid != ::geteuid()) return;
  if (!S_ISDIR(status.st_mode) && status.st_nlink != 1) return;
  const auto owner = static_cast<uid_t>(like.owner);
  const auto group = static_cast<gid_t>(like.group);
#if defined(O_PATH)
  (void)retried([&] { return ::fchownat(fd_of(entry), "", owner, group, AT_EMPTY_PATH); });
#else
  (void)retried([&] { return ::fchown(fd_of(entry), owner, group); });
#endif
}

VENV_INLINE void give_tree(const Folder& folder, const fs::path& name,
                           const FileStatus& like) noexcept {
  try {
    if (folder.status_of(name).kind == FileKind::directory) {
      const Folder inner = folder.open(name);
      if (inner.status().owner != ::geteuid()) return;
      for (const fs::path& each : inner.names()) give_tree(inner, each, like);
    }
    give_entry(folder, name, like);
  } catch (const std::exception&) {
    // It works all the same, and can still be given by hand.
  }
}

/// Removes trees through the descriptors of the directories in which they lie.
class TreeRemover {
public:
  /// `gently`: what can't be removed is passed over.
  explicit TreeRemover(Mounts mounts, bool gently = false) : mounts_(mounts), gently_(gently) {}

  /// Of the entry `name` in `directory`; `path` is its path, for messages.
  void remove(int directory, const std::string& name, FileKind kind, const fs::path& path) {
    if (kind == FileKind::missing) { // the file system didn't tell
      struct stat status{};
      if (!get_status_at(directory, name, AT_SYMLINK_NOFOLLOW, status))
        return fail_unless_gone(path);
      kind = kind_of(status.st_mode);
    }
    if (kind == FileKind::directory) remove_directory(directory, name, path);
    else if (::unlinkat(directory, name.c_str(), 0) != 0) fail_unless_gone(path);
  }

  /// Whether all is gone.
  bool is_complete() const { return complete_; }

private:
  void remove_directory(int outer, const std::string& name, const fs::path& path) {
    const Handle inner = opened_at(outer, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    const std::error_code closed = inner ? std::error_code() : last_error();
    if (inner) {
      if (!is_allowed(outer, inner, path)) return;
      remove_entries(fd_of(inner), path);
    }
    // One that can't be read may be empty. What is a link meanwhile is not removed.
    if (::unlinkat(outer, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT)
      fail(path, closed ? closed : last_error());
  }

  void remove_entries(int directory, const fs::path& path) {
    std::vector<ListedEntry> entries;
    const auto take = [&entries](ListedEntry&& entry) {
      entries.push_back(std::move(entry));
      return true;
    };
    if (!list_entries(directory, take)) return fail(path, last_error());
    for (const ListedEntry& entry : entries)
      remove(directory, entry.name, entry.kind, path / entry.name);
  }

  bool is_allowed(int outer, const Handle& inner, const fs::path& path) {
    if (mounts_ == Mounts::cross || outer == AT_FDCWD) return true;
    struct stat around{}, within{};
    const bool known = get_status_at(outer, ".", 0, around) && get_status(inner, within);
    if (known && around.st_dev == within.st_dev) return true;
    fail(path, known ? std::make_error_code(std::errc::cross_device_link) : last_error());
    return false;
  }

  void fail_unless_gone(const fs::path& path) {
    if (errno != ENOENT) fail(path, last_error());
  }

  void fail(const fs::path& path, std::error_code reason) {
    complete_ = false;
    if (!gently_) throw io_error("remove", path, reason);
  }

  Mounts mounts_;
  bool gently_, complete_ = true;
};

VENV_INLINE void remove_tree(const fs::path& path, Mounts mounts) {
  TreeRemover(mounts).remove(AT_FDCWD, path.native(), FileKind::missing, path);
}

VENV_INLINE void remove_tree(const Folder& folder, const fs::path& name, Mounts mounts) {
  TreeRemover(mounts).remove(fd_of(folder.handle()), name.native(), FileKind::missing,
                             folder.path() / name);
}

VENV_INLINE bool try_remove_tree(const fs::path& path) noexcept {
  try {
    TreeRemover remover(Mounts::cross, true);
    remover.remove(AT_FDCWD, path.native(), FileKind::missing, path);
    return remover.is_complete();
  } catch (const std::exception&) {
    return false; // no memory
  }
}

VENV_INLINE bool remove_empty_directory(const fs::path& path) noexcept {
  return ::rmdir(path.c_str()) == 0;
}

/// A path as the kernel's table of mounts spells it, where `\040` stands for a space.
VENV_INLINE std::string without_octal(std::string_view text) {
  std::string result;
  const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && is_octal(text[i + 1]) && is_octal(text[i + 2]) &&
        is_octal(text[i + 3])) {
      result += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                  (text[i + 3] - '0'));
      i += 3;
    } else {
      result += text[i];
    }
  }
  return result;
}

VENV_INLINE std::optional<fs::path> mount_point_below(const fs::path& directory) {
  const std::optional<fs::path> real = resolved(directory);
  if (!real) return std::nullopt;
  const std::string above = real->native() == "/" ? "/" : real->native() + '/';
  try {
    const std::string table = read_file("/proc/self/mountinfo"); // Linux's; elsewhere none
    for (const std::string_view line : split(table, '\n')) {
      const auto fields = split(line, ' ');
      if (fields.size() < 5) continue;
      std::string point = without_octal(fields[4]);
      if (point.size() > above.size() && point.compare(0, above.size(), above) == 0) return point;
    }
  } catch (const Error&) {
    // Removing then refuses what lies on another device.
  }
  return std::nullopt;
}

VENV_DETAIL_END
