#pragma once

#include "../system/file.hpp"
#include "../system/tree.hpp"

#include <optional>

VENV_DETAIL_BEGIN

/// As many links in a row as Linux follows.
inline constexpr int most_links = 40;

/// Whether there is a program at `path` that may be run.
VENV_INLINE bool is_program(const fs::path& path) {
  return followed_status_of(path).kind == FileKind::file && is_executable(path);
}

/// Where one link leads to, as an absolute path; other links on the way stay. Empty where `path` is
/// no link or its directory can't be entered.
VENV_INLINE fs::path one_hop(const fs::path& path) {
  const fs::path target = link_target(path);
  if (target.empty() || target.is_absolute()) return target.lexically_normal();
  for (const fs::path& part : target)
    if (part == "..") { // by the letter this were wrong where the directory is a link itself
      const auto folder = resolved(path.parent_path());
      return folder ? (*folder / target).lexically_normal() : fs::path();
    }
  return (path.parent_path() / target).lexically_normal();
}

/// Whether `folder` (without links) is `dir` or lies in it.
VENV_INLINE bool is_within(const fs::path& folder, const fs::path& dir) {
  const fs::path way = folder.lexically_relative(dir);
  return !way.empty() && *way.begin() != "..";
}

/// The first path on the way from `program` to its file from which on nothing lies in `dir`: the
/// program itself where no link leads through `dir`, nothing where the file lies in it.
VENV_INLINE std::optional<fs::path> outside_of(const fs::path& dir, const fs::path& program) {
  const auto real = resolved(dir);
  if (!real) return program;
  std::optional<fs::path> outside;
  fs::path path = program;
  for (int links = 0; links < most_links && !path.empty(); ++links, path = one_hop(path)) {
    const auto folder = resolved(path.parent_path());
    if (!folder) break;
    if (is_within(*folder, *real)) outside.reset();
    else if (!outside) outside = path;
  }
  return outside;
}

VENV_DETAIL_END
