#pragma once

#include "path.hpp"

VENV_DETAIL_BEGIN

// The contract of metadata.posix.hpp and metadata.windows.hpp: who may do what with a file, and what
// else is noted of it.

/// Gives `to` the owner, group, mode, ACL and extended attributes of `from`, as far as this user may;
/// set-user-ID and set-group-ID bits only along with the owner that they mean; from a link to a file, or
/// the other way round, owner and group alone. Of the entries themselves, links not followed. Throws Error (`io`) when `from` can't be looked at, and for whatever
/// else fails but that this user, or the file system, may not.
void copy_ownership(const fs::path& from, const fs::path& to);

/// The same, and the times of last access and modification.
void copy_metadata(const fs::path& from, const fs::path& to);

/// Gives `to` the times of last access and modification of `from`, as far as this user may.
void copy_times(const fs::path& from, const fs::path& to);

VENV_DETAIL_END

#if defined(_WIN32)
#include "metadata.windows.hpp"
#else
#include "metadata.posix.hpp"
#endif
