#pragma once

#include "../system/file.hpp"
#include "../system/tree.hpp"

#include <iterator>
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
  if (target.empty() || is_whole(target)) return normal_path(target);
  for (const fs::path& part : target)
    if (part == "..") { // by the letter this were wrong where the directory is a link itself
      const auto folder = resolved(path.parent_path());
      return folder ? normal_path(*folder / target) : fs::path();
    }
  return normal_path(path.parent_path() / target);
}

/// Whether `folder` (without links) is `dir` (without links) or lies in it, also where a disk takes
/// several spellings for one name: in capitals, or composed of other characters.
VENV_INLINE bool is_within(const fs::path& folder, const fs::path& dir) {
  const fs::path way = folder.lexically_relative(dir);
  if (!way.empty() && *way.begin() != "..") return true;
  const auto depth = std::distance(dir.begin(), dir.end());
  if (std::distance(folder.begin(), folder.end()) < depth) return false;
  fs::path above;
  for (auto part = folder.begin(); std::distance(folder.begin(), part) < depth; ++part)
    above /= *part;
  return is_same_file(above, dir);
}

/// The name that lasts of what Homebrew has installed: `prefix/Cellar/python@3.13/3.13.1/bin/python3` goes
/// with the next upgrade, and `prefix/opt/python@3.13/bin/python3` leads to the newest of that minor
/// version. `path` itself where it is nothing of Homebrew's.
VENV_INLINE fs::path lasting_name(const fs::path& path) {
  fs::path lasting;
  for (auto part = path.begin(); part != path.end(); lasting /= *part++) {
    if (*part != "Cellar" || std::distance(part, path.end()) < 4) continue;
    lasting = lasting / "opt" / *++part;
    for (std::advance(part, 2); part != path.end(); ++part) lasting /= *part;
    return is_same_file(lasting, path) ? lasting : path;
  }
  return path;
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
