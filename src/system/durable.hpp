#pragma once

#include "path.hpp"

VENV_DETAIL_BEGIN

// The contract of durable.posix.hpp and durable.windows.hpp.

/// Sees to it that all that lies in a directory reaches the disk, names and bytes. Throws Error (`io`)
/// when the system says that it could not.
void flush_tree(const fs::path& directory);

VENV_DETAIL_END

#if defined(_WIN32)
#include "durable.windows.hpp"
#else
#include "durable.posix.hpp"
#endif
