#pragma once

#include "path.hpp"

VENV_DETAIL_BEGIN

// The contract of trust.posix.hpp and trust.windows.hpp: what nobody else can have written. None of
// them throws: what can't be found out is not trusted.

/// Whether a directory belongs to the effective user, and nobody but that user and root can write it
/// nor replace it, one above it or a link on the way.
bool is_private_directory(const fs::path& path);

/// The same for one that may also belong to those who administer the machine (root).
bool is_trusted_directory(const fs::path& path);

/// Makes `directory` (mode 0700; an absolute path), and those above it, when missing and when only
/// the effective user and root can replace them; whether it then is private.
bool make_private_directory(const fs::path& directory);

VENV_DETAIL_END

#if defined(_WIN32)
#include "trust.windows.hpp"
#else
#include "trust.posix.hpp"
#endif
