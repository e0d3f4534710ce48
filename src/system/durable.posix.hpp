#pragma once

#include "durable.hpp"
#include "handle.hpp"
#include "status.hpp"
#include "tree.hpp"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE void flush_entry(const fs::path& path) {
  const FileKind kind = status_of(path).kind;
  if (kind != FileKind::file && kind != FileKind::directory) return;
  const Handle entry = opened(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (entry && retried([&] { return ::fsync(fd_of(entry)); }) != 0 && errno != EINVAL &&
      errno != EROFS)
    throw io_error("flush", path, last_error());
}

VENV_INLINE void flush_tree(const fs::path& directory) {
#if defined(__linux__)
  const Handle root = opened(directory, O_RDONLY | O_DIRECTORY);
  if (root && retried([&] { return ::syncfs(fd_of(root)); }) == 0)
    return; // one call, where it tells of errors
#endif
  for (const fs::path& path : paths_below(directory)) flush_entry(path);
  flush_entry(directory);
}

VENV_DETAIL_END
