#pragma once

#include "../package/version.hpp"
#include "../package/record.hpp"
#include "../package/wheel_name.hpp"
#include "../system/file.hpp"
#include "../text/names.hpp"
#include "directories.hpp"
#include "transaction.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// A distribution that lies in a site-packages directory ("Recording installed projects").
struct Installed {
  fs::path dist_info;
  PackageVersion version;
  std::vector<RecordRow> record; ///< empty where there is none, or one that can't be read
};

/// Throws Error (`io`) when a directory of RECORD is there but can't be listed: no Python imports from it.
VENV_INLINE void refuse_unreadable(const fs::path& site_packages,
                                   const std::vector<RecordRow>& record) {
  std::string_view last;
  for (const RecordRow& row : record) { // sorted: those of one directory follow each other
    const std::size_t slash = row.path.rfind('/');
    if (slash == row.path.npos || row.path.compare(0, 2, "..") == 0 || row.path.front() == '/')
      continue;
    const std::string_view directory = std::string_view(row.path).substr(0, slash);
    if (directory == std::exchange(last, directory)) continue;
    const fs::path path = site_packages / path_of(directory);
    if (!may_list(path) && status_of(path).kind == FileKind::directory)
      throw io_error("list", path, std::make_error_code(std::errc::permission_denied));
  }
}

inline constexpr std::string_view dist_info_suffix = ".dist-info";

/// Whether an entry of a site-packages directory is the metadata of an installed distribution: no name
/// begins with a `~`, or with the `-` of older ones, by which pip renames what it is about to delete.
VENV_INLINE bool is_dist_info(std::string_view name) {
  constexpr std::string_view suffix = dist_info_suffix;
  return name.size() > suffix.size() && name.front() != '~' && name.front() != '-' &&
         name.substr(name.size() - suffix.size()) == suffix;
}

/// Every installed version of `project`; more than one only after an accident. Throws Error (`io`) when
/// the directory or one of the project's is there but can't be listed.
VENV_INLINE std::vector<Installed> find_installed(const fs::path& site_packages,
                                                  const std::string& project) {
  std::vector<Installed> found;
  if (known_status_of(site_packages).kind == FileKind::missing) return found;
  for (const fs::path& entry : names_in(site_packages)) {
    std::string name = text_of(entry);
    const std::size_t dash = name.find('-');
    if (dash == name.npos || normalized_name(name.substr(0, dash)) != project) continue;
    if (!is_dist_info(name)) continue;
    name.resize(name.size() - dist_info_suffix.size());
    const auto version = parse_package_version(name.substr(dash + 1));
    Installed installed{site_packages / entry, version.value_or(PackageVersion{}), {}};
    try {
      installed.record = parse_record(read_file(site_packages / entry / "RECORD"));
    } catch (const Error&) {
      // Without RECORD nobody knows what belongs to it.
    }
    refuse_unreadable(site_packages, installed.record);
    found.push_back(std::move(installed));
  }
  return found;
}

/// Whether a file can be read and has the size that RECORD says; one without a size has only to be there.
VENV_INLINE bool has_recorded_size(const fs::path& site_packages, const RecordRow& row) {
  const fs::path path = site_packages / path_of(row.path);
  const FileStatus status = followed_status_of(path);
  return status.kind == FileKind::file && is_readable(path, status) &&
         (row.size.empty() || row.size == std::to_string(status.size));
}

/// Whether every file of it is there and has its size, which takes a RECORD. `code_only`: whether none
/// is missing, as far as that is known, but for scripts, which can be written anew, and bytecode (of
/// which virtualenv's RECORD lists some that never was).
VENV_INLINE bool is_complete(const Installed& installed, bool code_only = false) {
  const fs::path site_packages = installed.dist_info.parent_path();
  const auto counts = [code_only](const std::string& path) {
    return !code_only || (path.compare(0, 3, "../") != 0 && path_of(path).extension() != ".pyc" &&
                          path_of(path).filename() != "__pycache__");
  };
  const auto is_whole = [&](const RecordRow& row) {
    if (!counts(row.path)) return true;
    if (code_only && path_of(row.path).filename() == "__pycache__") return true;
    return has_recorded_size(site_packages, row);
  };
  return (code_only || !installed.record.empty()) &&
         std::all_of(installed.record.begin(), installed.record.end(), is_whole);
}

/// Removes the files that RECORD lists, and directories that are empty then. What RECORD says is not
/// trusted: only what really lies in the environment goes, through no link out of it.
VENV_INLINE void remove_installed(const Installed& installed, Transaction& transaction) {
  const fs::path site_packages = installed.dist_info.parent_path();
  const auto real_env = resolved(transaction.env_dir());
  std::vector<std::string> directories{text_of(installed.dist_info)};
  fs::path checked;
  for (const RecordRow& row : installed.record) {
    const fs::path path = normal_path(site_packages / path_of(row.path));
    const fs::path parent = path.parent_path();
    if (parent != checked) {
      const auto real = resolved(parent);
      if (!real && known_status_of(parent).kind != FileKind::missing)
        throw io_error("resolve", parent, std::make_error_code(std::errc::io_error));
      if (!real || !real_env || !lies_below(*real, *real_env)) continue;
      if (lies_below(parent, site_packages)) directories.push_back(text_of(parent));
      checked = parent;
    }
    const FileKind kind = known_status_of(path).kind;
    if ((kind == FileKind::file || kind == FileKind::link) &&
        !is_interpreter_name(text_of(path.filename())))
      transaction.remove(path);
  }
  std::sort(directories.begin(), directories.end());
  for (auto dir = directories.rbegin(); dir != directories.rend(); ++dir)
    for (fs::path path = path_of(*dir); lies_below(path, site_packages);
         path = path.parent_path()) {
      const FileKind kind = known_status_of(path).kind;
      const bool is_empty = kind == FileKind::directory && names_in(path).empty();
      if (kind != FileKind::link && !is_empty) break;
      transaction.remove(path); // a link, not what it leads to
    }
}

/// Takes away directories of these names that no installed distribution claims: what an installation, or
/// a removal, that was killed left behind.
VENV_INLINE void remove_unclaimed(const fs::path& site_packages, const std::vector<fs::path>& names,
                                  Transaction& transaction) {
  if (transaction.is_fresh(site_packages)) return;
  std::string claims;
  bool is_read = false;
  for (const fs::path& name : names) {
    const fs::path there = site_packages / name;
    if (is_dist_info(text_of(name)) || status_of(there).kind != FileKind::directory) continue;
    if (!std::exchange(is_read, true))
      for (const fs::path& other : names_in_if_readable(site_packages)) {
        const fs::path record = site_packages / other / "RECORD";
        if (is_dist_info(text_of(other)) && status_of(record).kind == FileKind::file)
          claims += '\n' + read_file(record);
      }
    if (claims.find('\n' + text_of(name) + '/') == claims.npos) transaction.remove(there);
  }
}

VENV_DETAIL_END
