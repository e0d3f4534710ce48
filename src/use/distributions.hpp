#pragma once

#include "../api/environment.hpp"
#include "../base/function_ref.hpp"
#include "../package/distributions.hpp"
#include "../system/file.hpp"
#include "../system/status.hpp"
#include "../system/tree.hpp"
#include "environment.hpp"

#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// The prefix of the base Python, by where `home` and the file of its interpreter lie: the first that
/// has a library of that name.
VENV_INLINE fs::path base_prefix_of(const Context& context, const fs::path& library) {
  const fs::path home = context.python_dir;
  fs::path real;
  if (const auto python = resolved(context.env_exec_cmd)) real = python->parent_path();
  for (const fs::path& folder : {home, real})
    if (folder.has_parent_path() &&
        followed_status_of(folder.parent_path() / "lib" / library).kind == FileKind::directory)
      return folder.parent_path();
  return home.parent_path();
}

/// Where the base Python's packages lie, Debian's Python's in places of its own, in the order of
/// `sys.path`. The user's own are left out: what installs doesn't count them.
VENV_INLINE std::vector<fs::path> base_package_directories(const Context& context) {
  const fs::path library = context.lib_path.parent_path().filename();
  const fs::path prefix = base_prefix_of(context, library);
  std::vector<fs::path> directories;
  for (const fs::path& directory :
       {prefix / "local/lib" / library / "dist-packages", prefix / "lib/python3/dist-packages",
        prefix / "lib" / library / "dist-packages", prefix / "lib" / library / "site-packages",
        prefix / "lib64" / library / "site-packages"}) {
    bool is_new = followed_status_of(directory).kind == FileKind::directory;
    for (const fs::path& known : directories) is_new = is_new && !is_same_file(known, directory);
    if (is_new) directories.push_back(directory);
  }
  return directories;
}

/// Where what is installed for an environment lies, in the order of `sys.path`.
VENV_INLINE std::vector<fs::path> package_directories(const Context& context, bool with_base) {
  std::vector<fs::path> directories{context.lib_path};
  if (context.platlib_path != context.lib_path) directories.push_back(context.platlib_path);
  if (with_base)
    for (fs::path& directory : base_package_directories(context))
      directories.push_back(std::move(directory));
  return directories;
}

VENV_INLINE std::vector<Distribution> distributions_in(const fs::path& directory, bool with_files) {
  const auto list = [&directory](const std::string& folder) {
    std::vector<std::string> names;
    for (const fs::path& name : names_in_if_readable(directory / path_of(folder)))
      names.push_back(text_of(name));
    return names;
  };
  const auto read = [&directory](const std::string& file) {
    return try_read_file(directory / path_of(file)); // what lacks it is told
  };
  return read_distributions(directory, {list, read, with_files});
}

VENV_INLINE std::vector<Distribution> distributions_of(const Context& context, bool with_base,
                                                       bool with_files) {
  std::vector<Distribution> all;
  for (const fs::path& directory : package_directories(context, with_base)) {
    std::vector<Distribution> found = distributions_in(directory, with_files);
    all.insert(all.end(), std::make_move_iterator(found.begin()),
               std::make_move_iterator(found.end()));
  }
  return all;
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE std::vector<Distribution> Environment::distributions() const {
  return detail::distributions_of(detail_->context, has_system_site_packages(), true);
}

VENV_END
