#pragma once

#include "../base/ascii.hpp"
#include "candidate.hpp"
#include "pyenv.hpp"

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// The directories on `PATH`, in its order, each once. Entries that are no absolute path are passed
/// over: what lies in the working directory is not meant to be run.
VENV_INLINE std::vector<fs::path> search_path_folders() {
  std::vector<fs::path> folders;
  const std::string search_path = search_path_text();
  for (const std::string_view entry : split(search_path, search_path_separator)) {
    fs::path folder = path_of(entry);
    if (!is_whole(folder)) continue;
    if (std::find(folders.begin(), folders.end(), folder) == folders.end())
      folders.push_back(std::move(folder));
  }
  return folders;
}

/// The program, or what a shim of pyenv there stands for; also a link to nothing, so that it is told of
/// when nothing fits; empty where there is none of these.
VENV_INLINE fs::path program_or_shimmed(const fs::path& program) {
  if (is_program(program)) return is_pyenv_shim(program) ? resolve_pyenv_shim(program) : program;
  const bool leads_nowhere = status_of(program).kind == FileKind::link &&
                             followed_status_of(program).kind == FileKind::missing;
  return leads_nowhere ? program : fs::path();
}

VENV_INLINE Candidate named_candidate(fs::path program, const std::string& name,
                                      PythonSource source) {
  // What is behind a shim needs not be what the shim is called.
  const bool is_same = program.filename() == path_of(name + std::string(executable_suffix));
  const auto said = parse_command_name(name);
  return {std::move(program), source, is_same && said ? *said : PythonName{}};
}

/// The programs called `spelled` on `PATH`, in its order; on Windows with its suffix or without.
VENV_INLINE Candidates on_search_path(const std::string& spelled) {
  Candidates found;
  std::string name = spelled;
  const std::size_t suffix = executable_suffix.size();
  if (suffix != 0 && name.size() > suffix &&
      folded(name.substr(name.size() - suffix)) == executable_suffix)
    name.resize(name.size() - suffix);
  for (const fs::path& folder : search_path_folders()) {
    fs::path program = program_or_shimmed(folder / path_of(name + std::string(executable_suffix)));
    if (!program.empty())
      found.push_back(named_candidate(std::move(program), name, PythonSource::search_path));
  }
  return found;
}

/// The interpreters in a directory of programs: `python`, `python3`, `python3.N`, `python3.Nt`,
/// `pypy…`, `graalpy…`; the newest first, those whose names tell no minor version last.
VENV_INLINE Candidates pythons_in(const fs::path& folder, PythonSource source) {
  Candidates found;
  for (const fs::path& entry : names_in_if_readable(folder)) {
    std::string name = text_of(entry);
    if (name.empty() || (name[0] != 'p' && name[0] != 'g')) continue;
    if (name.size() > executable_suffix.size() &&
        name.substr(name.size() - executable_suffix.size()) == executable_suffix)
      name.resize(name.size() - executable_suffix.size());
    if (!parse_command_name(name)) continue;
    if (fs::path program = program_or_shimmed(folder / entry); !program.empty())
      found.push_back(named_candidate(std::move(program), name, source));
  }
  sort_by(found, [](const Candidate& a, const Candidate& b) {
    const auto release = [](const Candidate& c) { // `minor` is a macro where BSD is
      return c.name.release.parts > 1 ? rank_of(c.name.release) : std::array<int, 3>{-1, -1, -1};
    };
    if (release(a) != release(b)) return release(a) > release(b);
    const auto plain = [](const Candidate& c) { // python3 before python before pypy
      return std::pair(c.name.implementation != "cpython", c.name.release.parts == 0);
    };
    return plain(a) != plain(b) ? plain(a) < plain(b) : a.executable < b.executable;
  });
  return found;
}

VENV_DETAIL_END
