#pragma once

#include "../system/file.hpp"
#include "../system/lock.hpp"
#include "../system/new_file.hpp"
#include "../system/tree.hpp"
#include "../text/version.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// A replaced file is kept in memory: the largest is a copied interpreter.
inline constexpr std::uint64_t largest_replaced = std::uint64_t{1} << 30;

/// Remembers what a run makes and replaces, so that a failed one can be taken back.
class Undo {
public:
  /// `path` was just made by this run: it goes, with all that is in it.
  void made(const fs::path& path) { made_.push_back(path); }

  /// A directory above what is made: it goes if it is empty then, as others may have used it too.
  void made_above(const fs::path& path) { above_.push_back(path); }

  /// `path` is about to be made or replaced.
  void before(const fs::path& path) {
    const Status status = status_of(path);
    if (status.kind == FileKind::missing) return made(path);
    if (is_ours(path)) return;
    if (status.kind == FileKind::link)
      replaced_.push_back({path, status, text_of(fs::read_symlink(path))});
    if (status.kind == FileKind::file)
      replaced_.push_back({path, status, read_file(path, largest_replaced)});
  }

  /// Moves a file of the environment away, until it is known whether it can go.
  void set_aside(const fs::path& path, const fs::path& env_dir) {
    if (aside_.empty()) {
      aside_ = name_beside(env_dir / "aside");
      make_directory(aside_);
    }
    const fs::path kept = aside_ / std::to_string(set_aside_.size());
    rename_file(path, kept);
    set_aside_.push_back({path, kept});
  }

  /// Others are about to make entries in `directory`.
  void before_entries_of(const fs::path& directory) {
    if (is_ours(directory)) return;
    watched_.push_back(directory);
    for (const fs::path& entry : entries_of(directory)) known_.push_back(entry);
  }

  /// Takes everything back, as far as the system lets it.
  void roll_back() noexcept {
    try {
      for (const fs::path& directory : watched_)
        for (const fs::path& entry : entries_of(directory))
          if (std::find(known_.begin(), known_.end(), entry) == known_.end()) made(entry);
      std::error_code ignored;
      for (auto path = made_.rbegin(); path != made_.rend(); ++path) fs::remove_all(*path, ignored);
      for (auto path = above_.rbegin(); path != above_.rend(); ++path) fs::remove(*path, ignored);
      for (const auto& [path, kept] : set_aside_) {
        fs::create_directories(path.parent_path(), ignored);
        fs::rename(kept, path, ignored);
      }
      for (const Replaced& was : replaced_) restore(was);
    } catch (const std::exception&) {
      // The failure that led here is the one to report.
    }
    keep();
  }

  /// The run succeeded.
  void keep() noexcept {
    std::error_code ignored;
    if (!aside_.empty()) fs::remove_all(aside_, ignored);
    aside_.clear();
    set_aside_.clear();
    made_.clear();
    above_.clear();
    replaced_.clear();
    watched_.clear();
    known_.clear();
  }

  /// Whether `path` lies in something that this run made, so that nothing of before can be there.
  bool is_ours(const fs::path& path) const {
    const auto holds = [&path](const fs::path& made) {
      const auto [end, rest] = std::mismatch(made.begin(), made.end(), path.begin(), path.end());
      return end == made.end();
    };
    return std::any_of(made_.begin(), made_.end(), holds);
  }

  /// Keeps other processes out of the environment while this run works on it.
  DirectoryLock lock{};

private:
  struct Replaced {
    fs::path path;
    Status status;
    std::string content; ///< the bytes, or a link's target
  };

  static std::vector<fs::path> entries_of(const fs::path& directory) {
    std::vector<fs::path> entries;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(directory, failed))
      entries.push_back(entry.path());
    return entries;
  }

  static void restore(const Replaced& was) {
    try {
      if (was.status.kind == FileKind::link) make_link(path_of(was.content), was.path);
      else write_file(was.path, was.content, was.status.mode);
    } catch (const Error&) {
      // On to the next.
    }
  }

  std::vector<fs::path> made_{}, above_{};
  std::vector<Replaced> replaced_{};
  fs::path aside_{}; ///< the directory of what is set aside; swept like any left-over
  std::vector<std::pair<fs::path, fs::path>> set_aside_{}; ///< where it lay, and where it lies
  std::vector<fs::path> watched_{}, known_{};              ///< directories, and what was in them
};

/// Removes what killed runs left in `directory`.
VENV_INLINE void sweep(const fs::path& directory) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(directory, failed))
    if (is_left_over(text_of(entry.path().filename()))) fs::remove_all(entry.path(), failed);
}

VENV_DETAIL_END
