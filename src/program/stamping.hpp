#pragma once

#include "../api/command_line.hpp"
#include "../api/environment.hpp"
#include "../system/file.hpp"
#include "../system/new_file.hpp"
#include "../system/path.hpp"
#include "../system/platform.hpp"
#include "../system/status.hpp"
#include "../text/utf8.hpp"
#include "../use/missing.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

VENV_DETAIL_BEGIN

/// Refuses what would be lost if it became a stamp.
VENV_INLINE void refuse_as_stamp(const fs::path& path) {
  const FileStatus status = followed_status_of(path);
  if (status.kind == FileKind::missing || (status.kind == FileKind::file && status.size == 0))
    return;
  throw Error(ErrorCode::invalid_argument, quoted(path) + " is no stamp: it is not an empty file")
      .at("write the stamp")
      .on(path);
}

/// A path as make and Ninja read it in a list of what a file depends on. Backslashes stand for themselves,
/// unless what follows is a space. Ninja has no way to read a quote, nor one of `*?&|<>^`: it takes such a
/// path for others, which aren't there, and asks again each time.
VENV_INLINE std::string name_in_depfile(const std::string& path) {
  std::string text;
  std::size_t backslashes = 0;
  for (const char c : path) {
    if (has_control_character({&c, 1}) || c == ';')
      throw Error(ErrorCode::invalid_argument,
                  quoted(path_of(path)) + " can't be named in a file for make or Ninja")
          .at("write the depfile")
          .on(path_of(path));
    const bool is_of_drive = c == ':' && this_os == Os::windows && text.size() == 1;
    if (c == ' ') text.append(backslashes + 1, '\\');
    else if (c == '#' || c == '|' || (c == ':' && !is_of_drive)) text += '\\';
    else if (c == '$') text += '$';
    text += c;
    backslashes = c == '\\' ? backslashes + 1 : 0;
  }
  return text;
}

/// `stamp: a b`, and a rule without a recipe for each of these, so that make goes on when one is gone.
VENV_INLINE std::string depfile_text(const std::string& stamp,
                                     const std::vector<std::string>& paths) {
  std::string text = name_in_depfile(stamp) + ':', rules;
  for (const std::string& path : paths) {
    text += " \\\n  " + name_in_depfile(path);
    rules += name_in_depfile(path) + ":\n";
  }
  return text + '\n' + rules;
}

/// What the environments depend on: for each the file that runs as its Python, and its `pyvenv.cfg`, so
/// that one that was deleted is made again; and each requirements file. make would take a first name with
/// an equals sign for a variable: an interpreter's has seldom one.
VENV_INLINE std::vector<std::string> dependencies_of(const CommandLine& line) {
  std::vector<std::string> paths;
  const auto add = [&paths](const fs::path& path) {
    const std::string text = text_of(path);
    if (std::find(paths.begin(), paths.end(), text) == paths.end()) paths.push_back(text);
  };
  for (const std::string& env_dir : line.env_dirs) {
    const Environment environment = Environment::open(path_of(env_dir));
    if (const auto python = resolved(environment.python())) add(*python);
    add(environment.directory() / "pyvenv.cfg");
  }
  for (const fs::path& file : read_demands(line.options.requirements).files) add(file);
  return paths;
}

/// Writes what build tools look at: the stamp when something changed or it is missing, the depfile when it
/// would say something else.
VENV_INLINE void write_stamps(const CommandLine& line, bool changed) {
  if (!line.depfile.empty()) {
    const fs::path depfile = path_of(line.depfile);
    const std::string text = depfile_text(line.stamp, dependencies_of(line));
    const bool is_there = followed_status_of(depfile).kind == FileKind::file;
    if (!is_there || read_file(depfile) != text) write_file(depfile, text);
  }
  const fs::path stamp = path_of(line.stamp);
  if (line.stamp.empty()) return;
  if (changed || followed_status_of(stamp).kind == FileKind::missing) write_file(stamp, "");
}

VENV_DETAIL_END
