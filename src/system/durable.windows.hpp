#pragma once

#include "durable.hpp"
#include "handle.hpp"
#include "status.hpp"
#include "tree.hpp"

VENV_DETAIL_BEGIN

/// Names are safe by the file system's own journal; bytes are flushed file by file.
VENV_INLINE void flush_tree(const fs::path& directory) {
  for (const fs::path& path : paths_below(directory)) {
    if (status_of(path).kind != FileKind::file) continue;
    const Handle file = open_existing(path, GENERIC_WRITE, FILE_FLAG_OPEN_REPARSE_POINT);
    if (file && ::FlushFileBuffers(handle_of(file)) == 0) throw failed("flush", path);
  }
}

VENV_DETAIL_END
