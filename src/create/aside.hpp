#pragma once

#include "../base/error.hpp"
#include "../system/beside.hpp"
#include "../system/folder.hpp"
#include "../system/lock.hpp"
#include "../system/tree.hpp"
#include "state.hpp"

#include <exception>
#include <string>

VENV_DETAIL_BEGIN

// An environment that is removed is marked as none, renamed in one step, and then deleted. Its new name is
// always the same one, so that the next run finds what a killed one left; the mark goes last, so that
// nothing else of that name is deleted.

VENV_INLINE fs::path aside_of(const fs::path& env_dir) {
  return with_suffix(env_dir, std::string(left_over_mark) + "removed");
}

/// Deletes what was moved aside; what is gone already, as another run deletes it, is fine. Errors: `busy`,
/// `io`.
VENV_INLINE void delete_aside(const fs::path& aside, const LockWait& wait) {
  try {
    DirectoryLock lock;
    {
      const Folder folder(aside);
      if (folder.status().inode != status_of(aside).inode) return; // a link, or another one by now
      lock = DirectoryLock(folder, wait);
      for (const fs::path& name : folder.names())
        if (name != staged_cfg) remove_tree(folder, name, Mounts::refuse);
    }
    remove_tree(aside, Mounts::refuse);
  } catch (const Error&) {
    if (status_of(aside).kind != FileKind::missing) throw;
  }
}

/// Deletes what a killed run, which was to remove `env_dir`, has moved aside; whether there was something.
VENV_INLINE bool finish_removal(const fs::path& env_dir, const LockWait& wait) {
  const fs::path aside = aside_of(env_dir);
  if (status_of(aside).kind != FileKind::directory) return false;
  if (status_of(aside / staged_cfg).kind != FileKind::file && !is_empty_directory(aside))
    return false;
  delete_aside(aside, wait);
  return true;
}

/// The same as far as that can be, unless another run is at it.
VENV_INLINE void try_finish_removal(const fs::path& env_dir) noexcept {
  try {
    finish_removal(env_dir, {});
  } catch (const std::exception&) {
    // That is no reason to make none.
  }
}

VENV_DETAIL_END
