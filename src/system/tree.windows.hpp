#pragma once

#include "file.hpp"
#include "folder.hpp"
#include "tree.hpp"
#include "win32.hpp"

#include <optional>
#include <system_error>
#include <vector>

VENV_DETAIL_BEGIN

/// What is made has its rights from the directory that it lies in.
VENV_INLINE void give_tree(const Folder&, const fs::path&, const FileStatus&) noexcept {}

VENV_INLINE bool make_directory(const fs::path& path) {
  const std::wstring name = native_of(path);
  std::error_code reason;
  const bool made = patiently([&] { // one of that name may be about to go
    if (::CreateDirectoryW(name.c_str(), nullptr) != 0) return true;
    reason = last_error();
    return followed_status_of(path).kind == FileKind::directory;
  });
  if (made) return !reason;
  throw io_error("create directory", path, reason);
}

/// Whether a disk is mounted at `path`; a junction names a directory instead.
VENV_INLINE bool is_mount_point(const fs::path& path) {
  return status_of(path).kind == FileKind::link &&
         link_target(path).native().find(L"Volume{") != std::wstring::npos;
}

/// Removes trees. A directory is held while its entries are removed, so that nothing is put in its
/// place; links and junctions go, and what they lead to stays.
class TreeRemover {
public:
  /// `gently`: what can't be removed is passed over.
  explicit TreeRemover(Mounts mounts, bool gently = false) : mounts_(mounts), gently_(gently) {}

  void remove(const fs::path& path) {
    if (mounts_ == Mounts::refuse && is_mount_point(path))
      return fail(path, std::make_error_code(std::errc::cross_device_link));
    const bool is_directory = status_of(path).kind == FileKind::directory;
    if (is_directory) remove_entries(path);
    if (!remove_entry(path, is_directory ? Removed::directory : Removed::file))
      fail(path, last_error());
  }

  /// Whether all is gone.
  bool is_complete() const { return complete_; }

private:
  void remove_entries(const fs::path& path) {
    try {
      const Folder folder(path_of_held(path));
      for (const fs::path& name : folder.names()) remove(path / name);
    } catch (const Error& error) {
      if (!gently_ && error.path() != path) throw; // one that can't be read may be empty
    }
  }

  /// Opens no link.
  static Folder path_of_held(const fs::path& path) {
    return Folder(path.parent_path()).open(path.filename());
  }

  void fail(const fs::path& path, std::error_code reason) {
    complete_ = false;
    if (gently_) return;
    Error error = io_error("remove", path, reason);
    if (reason == std::errc::device_or_resource_busy || reason == std::errc::permission_denied)
      error.advise("Another program may use it: end that program, and try again.");
    throw error;
  }

  Mounts mounts_;
  bool gently_, complete_ = true;
};

VENV_INLINE void remove_tree(const fs::path& path, Mounts mounts) {
  TreeRemover(mounts).remove(path);
}

VENV_INLINE void remove_tree(const Folder& folder, const fs::path& name, Mounts mounts) {
  TreeRemover(mounts).remove(folder.path() / name);
}

VENV_INLINE bool try_remove_tree(const fs::path& path) noexcept {
  try {
    TreeRemover remover(Mounts::cross, true);
    remover.remove(path);
    return remover.is_complete();
  } catch (const std::exception&) {
    return false; // no memory
  }
}

VENV_INLINE bool remove_empty_directory(const fs::path& path) noexcept {
  try {
    return ::RemoveDirectoryW(native_of(path).c_str()) != 0;
  } catch (const std::exception&) {
    return false; // no memory
  }
}

VENV_INLINE std::optional<fs::path> mount_point_below(const fs::path& directory) {
  try {
    for (const fs::path& path : paths_below(directory))
      if (is_mount_point(path)) return path;
  } catch (const Error&) {
    // Removing then says what it can't read.
  }
  return std::nullopt;
}

VENV_DETAIL_END
