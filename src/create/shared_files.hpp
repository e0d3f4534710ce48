#pragma once

#include "../api/options.hpp"
#include "../cache/cache.hpp"
#include "../cache/pack.hpp"
#include "../system/file.hpp"
#include "../system/folder.hpp"
#include "../system/mapped_file.hpp"
#include "../system/platform.hpp"
#include "../system/beside.hpp"
#include "../system/tree.hpp"
#include "../python/bytecode.hpp"
#include "staging.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

VENV_DETAIL_BEGIN

/// How files are shared: by what, whether bytecode is among them, and whether their bytes are compared
/// first, not only their sizes and times.
struct Sharing {
  LinkMode mode;
  bool with_bytecode, thorough;
};

/// The files of a pack, one by one in the cache, for environments that share them by links or clones. All
/// have the time at which they were made; one that has another or another size was edited in one of the
/// environments and is made anew; those that have it keep theirs.
class SharedFiles {
public:
  SharedFiles(const SourceFile& pack, const PackIndex& index, std::size_t header_size)
      : pack_(pack), index_(index), header_size_(header_size) {}

  /// Whether `root` is such a directory.
  static bool is_made(const fs::path& root) {
    return status_of(root / mark).kind == FileKind::file;
  }

  /// Makes all of them in an empty directory. Throws where the pack is damaged, or the file system
  /// doesn't take a file's time.
  void make_in(const fs::path& root) const {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const std::int64_t time = std::chrono::duration_cast<std::chrono::seconds>(now).count();
    Folder(root).create(mark, {}, 0666, time);
    make_directory(root / files);
    stage_files(root / files, index_.files, true,
                [&](const Folder& folder, const std::string& name, std::size_t i,
                    std::string& buffer) { make(folder, path_of(name), {i, time}, buffer); });
  }

  /// Shares those in `root` with `directory`, which is empty; false, and only a part is there, where
  /// that can't be done.
  bool lay_out(const fs::path& root, const Sharing& sharing, const fs::path& directory) const {
    const FileStatus made = known_status_of(root / mark);
    std::atomic<bool> refused{false}, shared{false};
    const auto stage = [&](const Folder& to, const Batch& batch, std::string& buffer) {
      const fs::path place = root / files / path_of(batch.directory);
      make_directories(place);
      const Folder from(place);
      for (const std::size_t i : batch.files) {
        if (refused) return;
        if (!is_whole(from, i, made, sharing.thorough, buffer)) make_anew(from, i, made, buffer);
        const fs::path name = path_of(own_name(index_.files[i]));
        bool done = share(sharing.mode, from, name, to);
        if (!done && shared) { // a file has so many names, and no more
          make_anew(from, i, made, buffer);
          done = share(sharing.mode, from, name, to);
        }
        (done ? shared : refused) = true;
      }
    };
    stage_batches(directory, index_.files, sharing.with_bytecode, stage);
    return !refused;
  }

private:
  static constexpr const char *mark = "made", *files = "files";
  static constexpr std::int64_t second = 1'000'000'000;

  /// A file to be made, and when it is to say that it was.
  struct Wanted {
    std::size_t i;
    std::int64_t time;
  };

  static bool share(LinkMode mode, const Folder& from, const fs::path& name, const Folder& to) {
    if (mode == LinkMode::hardlink) return from.make_hard_link(name, to);
    if (mode == LinkMode::symlink) return to.make_link(from.path() / name, name);
    return clone_file(from.path() / name, to.path() / name);
  }

  /// Calls `take` with the bytes that a file is to have, in two pieces. Throws where the pack is damaged.
  void give(const Wanted& wanted, std::string& buffer,
            FunctionRef<void(std::string_view, std::string_view)> take) const {
    const PackFile& file = index_.files[wanted.i];
    const auto bytes = read_packed(pack_, file, header_size_, buffer);
    if (!bytes) throw io_error("read", pack_.path(), std::make_error_code(std::errc::io_error));
    const std::size_t header = file.bytecode ? header_size_ : 0;
    take(header == 0 ? std::string() : timestamped(bytes->substr(0, header), wanted.time),
         bytes->substr(header));
  }

  bool is_whole(const Folder& folder, std::size_t i, const FileStatus& made, bool thorough,
                std::string& buffer) const {
    const fs::path name = path_of(own_name(index_.files[i]));
    const FileStatus status = folder.status_of(name);
    const std::uint32_t mode = made.mode | (index_.files[i].mode & 0111u);
    if (status.kind != FileKind::file || status.size != index_.files[i].size ||
        status.modified / second != made.modified / second || status.mode != mode)
      return false;
    bool equal = true;
    const auto compare = [&](std::string_view header, std::string_view rest) {
      const std::string bytes = folder.read(name, status.size);
      equal = std::string_view(bytes).substr(0, header.size()) == header &&
              std::string_view(bytes).substr(header.size()) == rest;
    };
    if (thorough) give({i, made.modified / second}, buffer, compare);
    return equal;
  }

  void make(const Folder& folder, const fs::path& name, const Wanted& wanted,
            std::string& buffer) const {
    const auto create = [&](std::string_view header, std::string_view rest) {
      const std::uint32_t mode = index_.files[wanted.i].mode;
      if (folder.create(name, {header, rest}, mode, wanted.time) != wanted.time)
        throw io_error("set the time of", folder.path() / name,
                       std::make_error_code(std::errc::not_supported));
    };
    give(wanted, buffer, create);
  }

  /// Makes a file beside its place, and puts it there.
  void make_anew(const Folder& folder, std::size_t i, const FileStatus& made,
                 std::string& buffer) const {
    const fs::path path = folder.path() / path_of(own_name(index_.files[i]));
    const fs::path beside = name_beside(path);
    make(folder, beside.filename(), {i, made.modified / second}, buffer);
    if ((index_.files[i].mode & 0111u) != 0) let_all_run(beside);
    if (status_of(path).kind == FileKind::directory) remove_tree(path);
    rename_file(beside, path);
  }

  const SourceFile& pack_;
  const PackIndex& index_;
  std::size_t header_size_;
};

/// What is said where files that were to be shared are not.
VENV_INLINE std::string copies_instead(const PackIndex& index) {
  return "the files of " + index.distribution + " are copies: they can't be shared here";
}

/// What files are remembered by one by one, besides their pack, and how they are shared.
struct SharePlan {
  fs::path env_dir; ///< for which it is
  std::string key;
  LinkMode mode;
  bool with_bytecode;
  std::size_t header_size; ///< of bytecode
};

/// Shares the files of a pack with `directory`, which is empty, by links or clones; false, and part of
/// it may be there, where that can't be done. They have the mode that this process gives files now.
VENV_INLINE bool share_pack(const Cache& cache, const SourceFile& pack, const PackIndex& index,
                            const SharePlan& plan, const fs::path& directory) {
  const FileStatus own = known_status_of(directory);
  const std::uint32_t access = own.mode & 0777;
  // Whoever may write it there would write it in all; and what another user gets is that user's.
  const bool is_open = this_os != Os::windows && (access & 022) != 0;
  if (plan.mode == LinkMode::hardlink &&
      (is_open || own.owner != known_followed_status_of(plan.env_dir).owner))
    return false;
  if (plan.mode == LinkMode::clone) { // before anything is made for it
    const fs::path trial = directory / "clone";
    if (!clone_file(pack.path(), trial)) return false;
    remove_file(trial);
  }
  std::string name = cache_name(index.distribution + '-' + index.version + "-files",
                                plan.key + ' ' + std::to_string(access));
  if (plan.mode == LinkMode::symlink)
    name += ".kept"; // environments need it: it is never forgotten
  const SharedFiles files(pack, index, plan.header_size);
  const auto fill = [&files](const fs::path& root) { files.make_in(root); };
  auto found = cache.directory(name, fill);
  if (!found.path.empty() && !SharedFiles::is_made(found.path)) { // somebody tidied up in there
    cache.forget(name);
    found = cache.directory(name, fill);
  }
  if (found.path.empty()) return false;
  try {
    return files.lay_out(found.path, {plan.mode, plan.with_bytecode, found.is_rested}, directory);
  } catch (const Error&) { // it can't be mended there; what is wrong here is said by who copies
    if (plan.mode != LinkMode::symlink) cache.forget(name);
    return false;
  }
}

VENV_DETAIL_END
