#pragma once

#include "file.hpp"

#include <optional>
#include <vector>

VENV_DETAIL_BEGIN

// The contract of tree.posix.hpp and tree.windows.hpp: directories and what lies in them. Errors as
// in file.hpp.

/// The names in a directory, in the order of their bytes. Throws where it can't be read.
std::vector<fs::path> names_in(const fs::path& directory);
/// The same; none where the directory is missing or can't be read.
std::vector<fs::path> names_in_if_readable(const fs::path& directory);

/// Removes an entry and, of a directory, all that lies in it; nothing there is fine. Follows no link.
void remove_tree(const fs::path& path);
/// The same as far as the system lets it; whether nothing is left.
bool try_remove_tree(const fs::path& path) noexcept;
/// Removes a directory if it is empty; whether it did.
bool remove_empty_directory(const fs::path& path) noexcept;

/// Where a link leads to, as it is spelled; empty where `path` is no link.
fs::path link_target(const fs::path& path);
/// The absolute path without links; nothing where it leads nowhere.
std::optional<fs::path> resolved(const fs::path& path);
/// Whether both lead to the same file or directory.
bool is_same_file(const fs::path& a, const fs::path& b);
/// The working directory; empty where it is gone.
fs::path working_directory();

VENV_DETAIL_END

#if defined(_WIN32)
#error "venv.hpp does not run on Windows yet"
#else
#include "tree.posix.hpp"
#endif
