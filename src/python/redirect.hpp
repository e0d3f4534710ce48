#pragma once

#include "../base/error.hpp"
#include "../base/ascii.hpp"
#include "../system/file.hpp"
#include "../text/utf8.hpp"

#include <optional>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

/// Where `path` redirects to, where it is a file `.venv` with the path of an environment in it (PEP 832,
/// a draft): its first line, relative to the file's directory. Nothing for another name, what is no
/// file, or one without such a line.
/// The file itself is never written: what it names is the environment.
VENV_INLINE std::optional<fs::path> redirected_environment(const fs::path& path) {
  if (path.filename() != ".venv") return std::nullopt;
  const FileStatus status = followed_status_of(path);
  constexpr std::uint64_t longest = 1u << 14;
  if (status.kind != FileKind::file || status.size > longest) return std::nullopt;
  const std::string text = read_file(path, longest);
  const std::string_view whole = text;
  const std::string_view line = strip(whole.substr(0, whole.find_first_of("\r\n")));
  const bool is_path = !line.empty() && is_utf8(line) && !has_control_character(line);
  const bool is_alone =
      strip(whole.substr((std::min)(whole.find_first_of("\r\n"), whole.size()))).empty();
  if (!is_path || !is_alone) return std::nullopt;
  return absolute_path(path.parent_path() / path_of(line));
}

/// The environment's directory that `path` means: itself, or what it redirects to, once; a file that
/// redirects to another file is refused, as is one that redirects nowhere.
VENV_INLINE fs::path environment_meant(const fs::path& path) {
  const auto target = redirected_environment(path);
  if (!target) return path;
  if (followed_status_of(*target).kind == FileKind::file)
    throw Error(ErrorCode::invalid_argument,
                quoted(path) + " redirects to " + quoted(*target) + ", which is a file itself")
        .at("follow a redirection")
        .on(path);
  return *target;
}

VENV_DETAIL_END
