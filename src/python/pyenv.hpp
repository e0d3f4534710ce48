#pragma once

#include "../system/file.hpp"
#include "../system/platform.hpp"
#include "../system/process.hpp"
#include "../system/variables.hpp"
#include "../base/ascii.hpp"
#include "../system/tree.hpp"
#include "candidate.hpp"

#include <string>
#include <string_view>
#include <vector>

VENV_DETAIL_BEGIN

/// Where pyenv keeps its things: `$PYENV_ROOT`, else `~/.pyenv`; empty where neither is set.
VENV_INLINE fs::path pyenv_root() {
  if (const auto root = variable("PYENV_ROOT")) return path_of(*root);
  if (this_os == Os::windows) {
    if (const auto root = variable("PYENV")) return path_of(*root); // pyenv-win's
    const auto profile = variable("USERPROFILE");
    return profile ? path_of(*profile) / ".pyenv" / "pyenv-win" : fs::path();
  }
  if (const auto home = variable("HOME")) return path_of(*home) / ".pyenv";
  return {};
}

/// pyenv's versions, newest first; those whose names tell no version (`miniconda3-latest`) last.
VENV_INLINE Candidates pyenv_versions(const fs::path& root) {
  return installations_in(root / "versions", "bin", PythonSource::pyenv);
}

/// `PATH`; where it isn't set at all, what the system searches then, as `sh` and `shutil.which` do.
VENV_INLINE std::string search_path_text() {
  if (const auto path = set_variable("PATH")) return *path;
  return this_os == Os::windows ? ""
         : this_os == Os::macos ? "/usr/bin:/bin:/usr/sbin:/sbin"
                                : "/bin:/usr/bin";
}

/// Whether `program` is one of pyenv's shims: a script that lies in `shims` and hands over to pyenv.
VENV_INLINE bool is_pyenv_shim(const fs::path& program) {
  if (program.parent_path().filename() != "shims") return false;
  try {
    const std::string text = read_file(program, 1u << 14);
    return text.substr(0, 2) == "#!" && text.find("pyenv\" exec ") != text.npos;
  } catch (const Error&) {
    return false; // a binary is no shim
  }
}

/// The first word of each line that has one and is no comment: what pyenv reads in a version file.
VENV_INLINE std::vector<std::string> words_of_version_file(const fs::path& file) {
  std::vector<std::string> words;
  if (followed_status_of(file).kind != FileKind::file) return words;
  const std::string content = read_file(file, 1u << 16);
  for (const std::string_view line : split(content, '\n')) {
    const std::string_view text = strip(line);
    const std::string_view word = text.substr(0, text.find_first_of(" \t\r"));
    const bool outside = word == ".." || word.find('/') != word.npos;
    if (word.empty() || word.front() == '#' || outside) continue;
    for (const std::string_view name : split(word, ':')) words.emplace_back(name);
  }
  return words;
}

/// The versions that pyenv would try here, in order: `$PYENV_VERSION`, the nearest `.python-version`
/// upwards from `$PYENV_DIR` and the working directory, the global `version` file.
VENV_INLINE std::vector<std::string> pyenv_selection(const fs::path& root) {
  if (const auto chosen = variable("PYENV_VERSION")) {
    const auto names = split(*chosen, ':');
    return {names.begin(), names.end()};
  }
  std::vector<fs::path> starts;
  if (const auto dir = variable("PYENV_DIR")) starts.push_back(path_of(*dir));
  starts.push_back(working_directory());
  for (fs::path dir : starts)
    for (bool more = !dir.empty(); more; dir = dir.parent_path()) {
      const fs::path file = dir / ".python-version";
      if (followed_status_of(file).kind == FileKind::file) return words_of_version_file(file);
      more = dir != dir.parent_path();
    }
  return words_of_version_file(root / "version");
}

/// The directory of the version `name`, a prefix such as `3.12` meaning its newest release.
VENV_INLINE fs::path pyenv_prefix(const fs::path& root, std::string_view name) {
  for (std::string_view spelled = name;; spelled.remove_prefix(7)) {
    const fs::path exact = root / "versions" / path_of(spelled);
    if (followed_status_of(exact).kind == FileKind::directory) return exact;
    if (spelled.substr(0, 7) != "python-") {
      name = spelled;
      break;
    }
  }
  std::string_view rest = name;
  const Implementation wanted = take_implementation(rest).value_or("cpython");
  const auto release = parse_release_name(rest);
  if (!release) return {};
  for (const Candidate& candidate : pyenv_versions(root)) {
    const auto& [implementation, installed] = candidate.name;
    if (implementation != wanted || installed.parts < 2) continue;
    if (installed.free_threaded != release->free_threaded) continue;
    bool begins_alike = release->parts <= installed.parts;
    for (std::size_t i = 0; i < release->parts; ++i)
      begins_alike = begins_alike && installed.release[i] == release->release[i];
    if (begins_alike) return candidate.executable.parent_path().parent_path();
  }
  return {};
}

/// The first program on `PATH` called `name` that is no shim: what pyenv calls `system`.
VENV_INLINE fs::path program_behind_shims(const fs::path& name) {
  const std::string search_path = search_path_text();
  for (const std::string_view entry : split(search_path, search_path_separator)) {
    const fs::path program = path_of(entry) / name;
    if (is_whole(program) && followed_status_of(program).kind == FileKind::file &&
        is_executable(program) && !is_pyenv_shim(program))
      return program;
  }
  return {};
}

/// The program that pyenv's shim stands for, found by reading what pyenv reads; the system's where
/// no version that is selected has it, empty where there is none either.
VENV_INLINE fs::path resolve_pyenv_shim(const fs::path& shim) {
  const fs::path root = shim.parent_path().parent_path();
  for (const std::string& name : pyenv_selection(root)) {
    const fs::path prefix = name == "system" ? fs::path() : pyenv_prefix(root, name);
    fs::path program = prefix.empty() ? fs::path() : prefix / "bin" / shim.filename();
    if (!program.empty() && is_executable(program)) return program;
    if (name != "system") continue;
    if (const fs::path system = program_behind_shims(shim.filename()); !system.empty())
      return system;
  }
  return program_behind_shims(shim.filename());
}

VENV_DETAIL_END
