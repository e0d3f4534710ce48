#pragma once

#include "status.hpp"
#include "trust.hpp"

#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

/// Whether only the effective user and root can replace what lies in `dir`, a path without links. In
/// a directory with the sticky bit others can't replace what isn't theirs.
VENV_INLINE bool is_out_of_reach(fs::path dir) {
  for (;; dir = dir.parent_path()) {
    const FileStatus status = status_of(dir);
    const bool ours = status.owner == ::geteuid() || status.owner == 0;
    const bool closed = (status.mode & 022) == 0 || (status.mode & 01000) != 0;
    if (status.kind != FileKind::directory || !ours || !closed) return false;
    if (dir == dir.root_path()) return true;
  }
}

/// Whether nobody but the effective user and root can change what `path` leads to, the links on the
/// way and what those lead through included. No more than `links` are followed, so that it ends
/// whatever changes meanwhile.
VENV_INLINE bool is_out_of_reach_through_links(const fs::path& path, int& links) {
  std::error_code failed;
  for (fs::path part = path; part.has_relative_path(); part = part.parent_path()) {
    const fs::path parent = fs::canonical(part.parent_path(), failed);
    if (failed || !is_out_of_reach(parent)) return false;
    const FileStatus status = status_of(part);
    if (status.kind != FileKind::link) continue;
    if ((status.owner != ::geteuid() && status.owner != 0) || links-- == 0) return false;
    const fs::path target = parent / fs::read_symlink(part, failed);
    if (failed || !is_out_of_reach_through_links(target, links)) return false;
  }
  return true;
}

/// Whether a directory is one that nobody but its owner and root can write or replace: the effective user or
/// root.
VENV_INLINE bool is_trusted_directory(const fs::path& path) {
  std::error_code failed;
  const fs::path real = fs::canonical(path, failed);
  if (failed || (status_of(real).mode & 022) != 0) return false;
  int links = 40; // as many as Linux follows
  return is_out_of_reach(real) && (real == path || is_out_of_reach_through_links(path, links));
}

VENV_INLINE bool is_private_directory(const fs::path& path) {
  return followed_status_of(path).owner == ::geteuid() && is_trusted_directory(path);
}

/// Makes the missing directories, but not where somebody else rules.
VENV_INLINE void make_private_directories(const fs::path& directory) {
  if (followed_status_of(directory).kind != FileKind::missing || !directory.has_relative_path())
    return;
  make_private_directories(directory.parent_path());
  std::error_code failed;
  if (is_out_of_reach(fs::canonical(directory.parent_path(), failed)) && !failed)
    ::mkdir(directory.c_str(), 0700);
}

VENV_INLINE bool make_private_directory(const fs::path& directory) {
  make_private_directories(directory);
  return is_private_directory(directory);
}

VENV_DETAIL_END
