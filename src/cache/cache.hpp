#pragma once

#include "../api/options.hpp"
#include "../system/platform.hpp"
#include "../system/process.hpp"
#include "../system/lock.hpp"
#include "../system/mapped_file.hpp"
#include "../system/new_file.hpp"
#include "../system/tree.hpp"
#include "../system/trust.hpp"
#include "../system/variables.hpp"
#include "../base/function_ref.hpp"
#include "../base/checksum.hpp"
#include "../base/hex.hpp"
#include "../base/number.hpp"
#include "../base/order.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// More than this is not kept, in bytes: what an environment with large packages takes is far below.
inline constexpr std::uint64_t cache_limit = std::uint64_t{2} << 30;

/// What is read into memory as a whole, in bytes: an answer has about 1 KB.
inline constexpr std::uint64_t largest_in_memory = std::uint64_t{1} << 20;

/// Where things are remembered by default; empty where the environment doesn't say (XDG Base
/// Directory Specification: relative paths don't count).
VENV_INLINE fs::path default_cache_dir() {
  const bool windows = this_os == Os::windows;
  if (const auto dir = variable(windows ? "LOCALAPPDATA" : "XDG_CACHE_HOME"))
    if (is_whole(path_of(*dir))) return path_of(*dir) / "venv.hpp";
  const auto home = variable("HOME");
  if (windows || !home || !is_whole(path_of(*home))) return {};
  if (followed_status_of(path_of(*home)).kind != FileKind::directory) return {}; // not ours to make
  return path_of(*home) / ".cache" / "venv.hpp";
}

/// What is remembered under `key`, with something for people to read in front.
VENV_INLINE std::string cache_name(const std::string& readable, const std::string& key) {
  return readable + '-' + hexadecimal(checksum(key));
}

/// What tells a file from another one at the same path. The device's number is no part of it: a file
/// system that is mounted again (an overlay, by each container) may get another one.
VENV_INLINE std::string identity_of(const FileStatus& status) {
  std::string text;
  text.reserve(std::size_t{5} * 17);
  for (const std::uint64_t value :
       {status.inode, status.size, static_cast<std::uint64_t>(status.modified),
        static_cast<std::uint64_t>(status.changed), static_cast<std::uint64_t>(status.kind)})
    text += hexadecimal(value) + ' ';
  return text;
}

/// A directory that is remembered; `is_rested`: nobody used it for an hour.
struct RememberedDirectory {
  fs::path path{};
  bool is_rested = false;
};

/// The user's folder of remembered things. It never fails: what can't be read is not there, what
/// can't be written is not remembered, and a folder that others could have written is not looked at.
class Cache {
public:
  /// No cache at all.
  Cache() = default;
  explicit Cache(const Options& options, std::uint64_t limit = cache_limit) : limit_(limit) {
    if (!options.cache) return;
    for (const fs::path& other : options.read_only_caches)
      if (is_trusted_directory(absolute_path(other))) others_.push_back(absolute_path(other));
    fs::path dir =
        options.cache_dir.empty() ? default_cache_dir() : absolute_path(options.cache_dir);
    if (dir.empty()) why_off_ = "no directory for what is remembered is known";
    else if (make_private_directory(dir)) dir_ = std::move(dir);
    else
      why_off_ = "nothing is remembered in " + quoted(dir) +
                 ": others could write there, or it can't be made";
  }

  /// Whether anything is remembered, or was by others.
  bool is_on() const { return !dir_.empty() || !others_.empty(); }
  /// Whether something can be remembered.
  bool is_written() const { return !dir_.empty(); }
  /// Why it is off although it was asked for; empty when it is on.
  const std::string& why_off() const { return why_off_; }

  /// Keeps other processes from making what is remembered under `name`, for as long as that lives: they
  /// wait for it, at most a minute, and find it then. Nothing where that can't be.
  DirectoryLock lock(const std::string& name, const StopRequest& stop = {}) const {
    if (dir_.empty()) return {};
    const fs::path place = dir_ / (name + ".lock");
    try {
      make_directory(place);
      LockWait wait;
      wait.limit = std::chrono::minutes(1);
      wait.stop = stop;
      return DirectoryLock(place, wait);
    } catch (const Error&) {
      stop.throw_if_made();
      return {};
    }
  }
  /// Takes the lock's place away, once what it was for is remembered.
  void unlock(const std::string& name, DirectoryLock& held) const {
    if (!dir_.empty()) remove_empty_directory(dir_ / (name + ".lock"));
    held = DirectoryLock();
  }

  /// Whether anything is remembered with `readable` in its name (see `cache_name`).
  bool has_some(const std::string& readable) const {
    std::vector<fs::path> dirs = others_;
    if (!dir_.empty()) dirs.push_back(dir_);
    for (const fs::path& dir : dirs)
      for (const fs::path& name : names_in_if_readable(dir)) {
        const std::string text = text_of(name);
        if (is_ours(text) && text.compare(0, text.size() - 17, readable) == 0) return true;
      }
    return false;
  }

  /// The bytes remembered under `name`, where they are few; or nothing.
  std::optional<std::string> find(const std::string& name) const {
    const auto file = open(name);
    if (!file || file->size() > largest_in_memory) return std::nullopt;
    try {
      std::string bytes;
      file->read_at(0, number_as<std::size_t>(file->size()), bytes);
      return bytes;
    } catch (const Error&) {
      return std::nullopt;
    }
  }

  /// The file remembered under `name`, to be read in pieces, or null: this user's own, else the first that
  /// somebody has filled for others.
  std::unique_ptr<SourceFile> open(const std::string& name) const {
    if (!dir_.empty())
      if (auto file = open_in(dir_, name, Trust::private_)) {
        if (is_old(file->status())) touch(file->path());
        return file;
      }
    for (const fs::path& other : others_)
      if (auto file = open_in(other, name, Trust::trusted)) return file;
    return nullptr;
  }

  /// Remembers what `write` puts into the file under `name`, and forgets the oldest for it.
  void remember(const std::string& name, FunctionRef<void(NewFile&)> write) const {
    if (dir_.empty()) return;
    try {
      NewFile file(dir_ / name, 0600);
      write(file);
      keep(name, file);
    } catch (const Error&) {
      // A full disk, say: then the next environment takes longer.
    }
  }

  /// A file for what may be remembered later, with something for people to read in its name; null when
  /// that can't be.
  std::unique_ptr<NewFile> begin(const std::string& readable) const {
    if (dir_.empty()) return nullptr;
    try {
      return std::make_unique<NewFile>(dir_ / cache_name(readable, {}), 0600);
    } catch (const Error&) {
      return nullptr;
    }
  }
  /// Remembers such a file under `name`.
  void keep(const std::string& name, NewFile& file) const {
    if (dir_.empty()) return;
    try {
      if (status_of(dir_ / name).kind == FileKind::directory) remove_tree(dir_ / name);
      file.set_mode(0600);
      file.put_in_place(dir_ / name);
      forget_oldest();
    } catch (const Error&) {
      // As above.
    }
  }

  /// The directory remembered under `name`, filled by `fill` where there is none yet, by several
  /// processes at once if need be; empty where that can't be.
  RememberedDirectory directory(const std::string& name,
                                FunctionRef<void(const fs::path&)> fill) const {
    if (dir_.empty()) return {};
    const fs::path place = dir_ / name, beside = name_beside(place);
    try {
      const FileStatus status = status_of(place);
      const bool is_there = status.kind == FileKind::directory;
      if (is_there && is_old(status)) touch(place);
      if (is_there) return {place, is_old(status)};
      make_directory(beside);
      fill(beside);
      rename_file(beside, place);
      forget_oldest();
    } catch (const Error&) {
      // A full disk, say; or another process was faster.
    }
    try_remove_tree(beside);
    return {status_of(place).kind == FileKind::directory ? place : fs::path(), false};
  }

  /// Whether something is on that may hold so many bytes: one thing is not to drive out all others.
  bool has_room_for(std::uint64_t size) const { return !dir_.empty() && size <= limit_ / 2; }

  void forget(const std::string& name) const {
    if (!dir_.empty()) try_remove_tree(dir_ / name);
  }

private:
  static std::unique_ptr<SourceFile> open_in(const fs::path& dir, const std::string& name,
                                             Trust trust) {
    if (status_of(dir / name).kind == FileKind::missing)
      return nullptr; // a throw costs milliseconds
    try {
      return std::make_unique<SourceFile>(dir / name, trust);
    } catch (const Error&) {
      return nullptr;
    }
  }
  void forget_oldest() const {
    std::vector<Entry> entries;
    std::uint64_t total = 0;
    for (const fs::path& name : names_in(dir_)) {
      const fs::path path = dir_ / name;
      const FileStatus status = status_of(path);
      if (status.kind != FileKind::file && status.kind != FileKind::directory) continue;
      const std::string text = text_of(name);
      if (is_left_over(text)) {
        if (is_old(status) && is_ours(text.substr(0, text.rfind(left_over_mark))))
          remove_tree(path);
      } else if (is_ours(text)) {
        entries.push_back({status.modified, size_of(path, status), path});
        total += entries.back().size;
      }
    }
    sort_by(entries, [](const Entry& a, const Entry& b) { return a.used < b.used; });
    for (const Entry& entry : entries) {
      if (total <= limit_) return;
      remove_tree(entry.path);
      total -= entry.size;
    }
  }

  /// What is remembered: when it was used, and how many bytes it has.
  struct Entry {
    std::int64_t used;
    std::uint64_t size;
    fs::path path;
  };

  static std::uint64_t size_of(const fs::path& path, const FileStatus& status) {
    if (status.kind != FileKind::directory) return status.size;
    std::uint64_t size = 0;
    for (const fs::path& below : paths_below(path)) size += status_of(below).size;
    return size;
  }

  /// Whether `name` is one that things are remembered under (see `cache_name`). What else lies in the
  /// folder is somebody's own.
  static bool is_ours(const std::string& name) {
    const std::size_t mark = name.size() < 17 ? 0 : name.size() - 17;
    return mark > 0 && name[mark] == '-' &&
           name.find_first_not_of("0123456789abcdef", mark + 1) == name.npos;
  }

  /// Whether an hour has passed since it was written or used: nobody can still be writing it, and its
  /// next use has to be noted.
  static bool is_old(const FileStatus& status) {
    using namespace std::chrono;
    const auto now = duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count();
    return now - status.modified > nanoseconds(hours(1)).count();
  }

  fs::path dir_{};
  std::vector<fs::path> others_{}; ///< only read
  std::string why_off_{};
  std::uint64_t limit_ = cache_limit;
};

VENV_DETAIL_END
