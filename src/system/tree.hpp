#pragma once

#include "../base/error.hpp"
#include "folder.hpp"
#include "status.hpp"

#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

VENV_DETAIL_BEGIN

// The contract of tree.posix.hpp and tree.windows.hpp: directories and what lies in them, at any
// depth. Errors as in file.hpp.

/// Makes one directory (mode 0777 less the umask); false when a directory, or a link to one, is there
/// already.
bool make_directory(const fs::path& path);
/// Where the link `path` leads to, also when nothing is there yet. Throws Error (`invalid_argument`) for
/// one that leads back to itself.
fs::path end_of_links(const fs::path& path);
/// Makes a directory and those above it that are missing, also what a link on the way leads to. The
/// ones that it made, the outermost first; none of them stays when one can't be made.
std::vector<fs::path> make_directories(const fs::path& path);

/// The names in a directory, in the order of their bytes. Throws when it can't be read.
std::vector<fs::path> names_in(const fs::path& directory);
/// The same; none when there is no directory. Throws when this user may not list it, or the system fails.
std::vector<fs::path> names_in_if_there(const fs::path& directory);
/// The same; none when there is no directory, or this user may not list it. Throws when the system fails.
std::vector<fs::path> names_in_if_any(const fs::path& directory);
/// The same; none when the directory is missing or can't be read.
std::vector<fs::path> names_in_if_readable(const fs::path& directory);
/// Whether a directory is there, can be read and has no entry.
bool is_empty_directory(const fs::path& path);
/// The paths of all that lies below a directory, each one behind the directory that it lies in. No
/// link is followed. Throws when one can't be read.
std::vector<fs::path> paths_below(const fs::path& directory);

/// Whether what is removed may lie on another file system than the directory in which it lies.
enum class Mounts { cross, refuse };

/// Removes an entry and, of a directory, all that lies in it; nothing there is fine. Follows no link,
/// not even one that is put in a directory's place meanwhile. The error names the very entry that
/// can't be removed; others may be gone then. What holds much is emptied by several workers.
void remove_tree(const fs::path& path, Mounts mounts = Mounts::cross);
/// The same for an entry of a folder that is held.
void remove_tree(const Folder& folder, const fs::path& name, Mounts mounts = Mounts::cross);
/// The same as far as the system lets it; whether nothing is left.
bool try_remove_tree(const fs::path& path) noexcept;
/// Gives an entry and, of a directory, all that lies in it, to the owner and group of `like`: as far as
/// this user may, what is this user's alone, and no file that has another name elsewhere. It never fails.
void give_tree(const Folder& folder, const fs::path& name, const FileStatus& like) noexcept;
/// Removes a directory if it is empty; whether it did.
bool remove_empty_directory(const fs::path& path) noexcept;

/// Where something is mounted below a directory (at the directory itself doesn't count), also from
/// the same file system; nothing when there is none or the system doesn't tell. To be asked before
/// anything is removed.
std::optional<fs::path> mount_point_below(const fs::path& directory);

// What is the same everywhere.

VENV_INLINE fs::path end_of_links(const fs::path& path) {
  if (const auto real = resolved(path)) return *real;
  fs::path end = path;
  for (int links = 0; links < 40; ++links) { // as many as Linux follows
    if (status_of(end).kind != FileKind::link) return end;
    end = normal_path(end.parent_path() / link_target(end));
  }
  throw Error(ErrorCode::invalid_argument, quoted(path) + " is a link that leads back to itself")
      .at("make the directory")
      .on(path);
}

VENV_INLINE std::vector<fs::path> make_directories(const fs::path& path) {
  std::vector<fs::path> made;
  if (path.empty() || followed_status_of(path).kind == FileKind::directory) return made;
  if (status_of(path).kind == FileKind::link) {
    const fs::path end = end_of_links(path);
    if (status_of(end).kind == FileKind::missing) return make_directories(end);
  }
  if (path.has_parent_path() && path.parent_path() != path)
    made = make_directories(path.parent_path());
  try {
    if (path.has_filename() && make_directory(path)) made.push_back(path);
  } catch (const Error&) {
    for (auto above = made.rbegin(); above != made.rend(); ++above) remove_empty_directory(*above);
    throw;
  }
  return made;
}

VENV_INLINE std::vector<fs::path> names_in(const fs::path& directory) {
  return Folder(directory).names();
}

VENV_INLINE std::vector<fs::path> names_in_if_readable(const fs::path& directory) {
  if (followed_status_of(directory).kind != FileKind::directory)
    return {}; // a process's first throw costs milliseconds
  try {
    return names_in(directory);
  } catch (const Error&) {
    return {};
  }
}

VENV_INLINE std::vector<fs::path> names_in_if_there(const fs::path& directory) {
  if (known_status_of(directory).kind == FileKind::missing) return {}; // as above
  try {
    return names_in(directory);
  } catch (const Error& error) {
    const std::error_code reason = error.system_error();
    if (reason == std::errc::no_such_file_or_directory || reason == std::errc::not_a_directory ||
        reason == std::errc::too_many_symbolic_link_levels)
      return {};
    throw;
  }
}

VENV_INLINE std::vector<fs::path> names_in_if_any(const fs::path& directory) {
  try {
    return names_in_if_there(directory);
  } catch (const Error& error) {
    if (error.system_error() == std::errc::permission_denied) return {};
    throw;
  }
}

VENV_INLINE bool is_empty_directory(const fs::path& path) {
  try {
    return Folder(path).is_empty();
  } catch (const Error&) {
    return false;
  }
}

VENV_INLINE void add_paths_below(const Folder& folder, std::vector<fs::path>& paths) {
  for (const fs::path& name : folder.names()) {
    paths.push_back(folder.path() / name);
    if (folder.status_of(name).kind == FileKind::directory)
      add_paths_below(folder.open(name), paths);
  }
}

VENV_INLINE std::vector<fs::path> paths_below(const fs::path& directory) {
  std::vector<fs::path> paths;
  add_paths_below(Folder(directory), paths);
  return paths;
}

VENV_DETAIL_END

#if defined(_WIN32)
#include "tree.windows.hpp"
#else
#include "tree.posix.hpp"
#endif
