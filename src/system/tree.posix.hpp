#pragma once

#include "tree.hpp"

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE std::vector<fs::path> list_names(const fs::path& directory, std::error_code& failed) {
  std::vector<fs::path> names;
  fs::directory_iterator entry(directory, failed);
  for (const fs::directory_iterator end; !failed && entry != end; entry.increment(failed))
    names.push_back(entry->path().filename());
  std::sort(names.begin(), names.end(),
            [](const fs::path& a, const fs::path& b) { return a.native() < b.native(); });
  return names;
}

VENV_INLINE std::vector<fs::path> names_in(const fs::path& directory) {
  std::error_code failed;
  std::vector<fs::path> names = list_names(directory, failed);
  if (failed) throw io_error("list", directory, failed);
  return names;
}

VENV_INLINE std::vector<fs::path> names_in_if_readable(const fs::path& directory) {
  std::error_code failed;
  return list_names(directory, failed);
}

VENV_INLINE void remove_tree(const fs::path& path) {
  std::error_code failed;
  fs::remove_all(path, failed);
  if (failed) throw io_error("remove", path, failed);
}

VENV_INLINE bool try_remove_tree(const fs::path& path) noexcept {
  std::error_code failed;
  fs::remove_all(path, failed);
  return !failed;
}

VENV_INLINE bool remove_empty_directory(const fs::path& path) noexcept {
  return ::rmdir(path.c_str()) == 0;
}

VENV_INLINE fs::path link_target(const fs::path& path) {
  std::error_code failed;
  return fs::read_symlink(path, failed);
}

VENV_INLINE std::optional<fs::path> resolved(const fs::path& path) {
  std::error_code failed;
  fs::path real = fs::canonical(path, failed);
  return failed ? std::nullopt : std::optional<fs::path>(std::move(real));
}

VENV_INLINE bool is_same_file(const fs::path& a, const fs::path& b) {
  std::error_code failed;
  return fs::equivalent(a, b, failed) && !failed;
}

VENV_INLINE fs::path working_directory() {
  std::error_code failed;
  return fs::current_path(failed);
}

VENV_DETAIL_END
