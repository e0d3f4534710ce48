#pragma once

#include "../base/ascii.hpp"
#include "../base/number.hpp"
#include "file.hpp"
#include "folder.hpp"
#include "tree.hpp"
#include "workers.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
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

  /// Of the entry `name` in `directory`, by several workers where it holds much; `path` is its path, for
  /// messages.
  void remove(int directory, const std::string& name, const fs::path& path) {
    ListedEntry entry{name, FileKind::missing};
    if (!hold(directory, entry, path)) return remove_entry(directory, entry, path);
    for (std::size_t i = 0; i < held_.size() && !is_full_; ++i) // it grows meanwhile
      hold_inner(i);
    std::size_t entries = 0;
    for (const Held& held : held_) entries += held.entries.size();
    const std::size_t workers = entries < worth_sharing ? 1 : processors();
    in_parallel(held_.size(), workers, [&](std::size_t i) { remove_entries(held_[i]); });
    for (auto last = held_.rbegin(); last != held_.rend(); ++last)
      remove_emptied(last->outer, last->name, last->path, {});
  }

  /// Whether all is gone.
  bool is_complete() const { return complete_; }

private:
  /// A directory that is open, and what lies in it; `entry` is its own in `outer`, without its name there as
  /// long as it is held.
  struct Held {
    Handle handle;
    int outer;
    std::string name;
    ListedEntry* entry;
    fs::path path;
    std::vector<ListedEntry> entries;
  };
  static constexpr std::size_t worth_sharing = 128;
  const std::size_t most_held_ = most_open();

  /// An eighth of what a process may have open: others need some, too.
  static std::size_t most_open() {
    rlimit limit{};
    constexpr std::uint64_t enough = 64;
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return enough;
    const auto most = number_as<std::uint64_t>(limit.rlim_cur); // BSD's type has a sign
    return number_as<std::size_t>((std::min)(most / 8, enough));
  }

  /// Opens a directory and reads it, so that a worker can empty it; false where that can't be.
  bool hold(int outer, ListedEntry& entry, const fs::path& path) {
    if (is_full_ || held_.size() >= most_held_) return false;
    held_.reserve(most_held_); // references stay
    Handle handle = opened_at(outer, entry.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (!handle) return leave_room(errno), false;
    if (!is_allowed(outer, handle, path)) return true;
    std::vector<ListedEntry> entries;
    const auto take = [&entries](ListedEntry&& inner) {
      entries.push_back(std::move(inner));
      return true;
    };
    if (!list_entries(fd_of(handle), take)) return leave_room(errno), false;
    held_.push_back({std::move(handle), outer, std::exchange(entry.name, {}), &entry, path,
                     std::move(entries)});
    return true;
  }

  /// Holds the directories in one that is held, as many as there may be.
  void hold_inner(std::size_t i) {
    for (ListedEntry& inner : held_[i].entries) {
      if (inner.kind == FileKind::directory)
        hold(fd_of(held_[i].handle), inner, held_[i].path / inner.name);
      if (is_full_) return; // this one itself may be closed
    }
  }

  /// Closes all but the first when a process may open no more: those that are emptied one after the
  /// other need theirs.
  void leave_room(int reason) {
    if (reason != EMFILE && reason != ENFILE) return;
    for (is_full_ = true; held_.size() > 1; held_.pop_back())
      held_.back().entry->name = held_.back().name;
  }

  void remove_entries(const Held& held) {
    for (const ListedEntry& entry : held.entries)
      if (!entry.name.empty()) remove_entry(fd_of(held.handle), entry, held.path / entry.name);
  }

  void remove_entry(int directory, const ListedEntry& entry, const fs::path& path) {
    FileKind kind = entry.kind;
    if (kind == FileKind::missing) { // the file system didn't tell
      struct stat status{};
      if (!get_status_at(directory, entry.name, AT_SYMLINK_NOFOLLOW, status))
        return fail_unless_gone(path);
      kind = kind_of(status.st_mode);
    }
    if (kind == FileKind::directory) remove_directory(directory, entry.name, path);
    else if (::unlinkat(directory, entry.name.c_str(), 0) != 0) fail_unless_gone(path);
  }

  void remove_directory(int outer, const std::string& name, const fs::path& path) {
    const Handle inner = opened_at(outer, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    const std::error_code closed = inner ? std::error_code() : last_error();
    if (inner) {
      if (!is_allowed(outer, inner, path)) return;
      remove_entries(fd_of(inner), path);
    }
    remove_emptied(outer, name, path, closed);
  }

  /// One that can't be read may be empty. What is a link meanwhile is not removed.
  void remove_emptied(int outer, const std::string& name, const fs::path& path,
                      std::error_code closed) {
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
    for (const ListedEntry& entry : entries) remove_entry(directory, entry, path / entry.name);
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
  bool gently_, is_full_ = false;
  std::atomic<bool> complete_{true};
  std::vector<Held> held_{};
};

VENV_INLINE void remove_tree(const fs::path& path, Mounts mounts) {
  TreeRemover(mounts).remove(AT_FDCWD, path.native(), path);
}

VENV_INLINE void remove_tree(const Folder& folder, const fs::path& name, Mounts mounts) {
  TreeRemover(mounts).remove(fd_of(folder.handle()), name.native(), folder.path() / name);
}

VENV_INLINE bool try_remove_tree(const fs::path& path) noexcept {
  try {
    TreeRemover remover(Mounts::cross, true);
    remover.remove(AT_FDCWD, path.native(), path);
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
