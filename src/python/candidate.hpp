#pragma once

#include "../api/interpreter.hpp"
#include "../base/order.hpp"
#include "../system/file.hpp"
#include "../system/platform.hpp"
#include "../system/tree.hpp"
#include "../text/python_name.hpp"
#include "links.hpp"

#include <array>
#include <climits>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// What may be the Python that is looked for, before it is asked.
struct Candidate {
  fs::path executable{};
  PythonSource source = PythonSource::search_path;
  PythonName name{}; ///< what its name says
};

using Candidates = std::vector<Candidate>;

/// What candidates are ordered by: three numbers, one that isn't given counting as the newest.
VENV_INLINE std::array<int, 3> rank_of(const ReleaseName& name) {
  std::array<int, 3> rank{-1, -1, -1};
  if (name.parts == 0) return rank;
  for (std::size_t i = 0; i < 3; ++i) rank[i] = i < name.parts ? name.release[i] : INT_MAX;
  return rank;
}

/// The interpreter in a directory of programs, by the plainest of its names; empty where there is none.
VENV_INLINE fs::path plainest_python_in(const fs::path& folder, const PythonName& name) {
  std::vector<std::string> names{"python", "python3", "pypy", "pypy3", "graalpy"};
  if (name.release.parts > 1)
    names.push_back(
        (name.implementation.name().empty() ? "python" : name.implementation.command_name()) +
        name.release.release.minor_text() + (name.release.free_threaded ? "t" : ""));
  for (const std::string& each : names)
    if (fs::path program = folder / path_of(each + std::string(executable_suffix));
        is_program(program))
      return program;
  return {};
}

/// The interpreter of an installation, whose programs lie in `inside` of it; on Windows in itself.
VENV_INLINE fs::path plainest_python_below(const fs::path& prefix, const fs::path& inside,
                                           const PythonName& name) {
  fs::path python = plainest_python_in(prefix / inside, name);
  return python.empty() && this_os == Os::windows ? plainest_python_in(prefix, name) : python;
}

/// The installations below `folder`, one a directory, their programs lying in `inside` of it; the
/// newest first, those whose names tell no version last. Environments are passed over.
VENV_INLINE Candidates installations_in(const fs::path& folder, const fs::path& inside,
                                        PythonSource source) {
  Candidates found;
  if (!is_whole(folder)) return found;
  for (const fs::path& entry : names_in_if_readable(folder)) {
    const std::string text = text_of(entry);
    if (text.front() == '.' ||
        followed_status_of(folder / entry / "pyvenv.cfg").kind == FileKind::file)
      continue;
    PythonName name = parse_installation_name(text);
    fs::path python = plainest_python_below(folder / entry, inside, name);
    if (!python.empty()) found.push_back({std::move(python), source, std::move(name)});
  }
  sort_by(found, [](const Candidate& a, const Candidate& b) {
    const auto first = rank_of(a.name.release), second = rank_of(b.name.release);
    return first != second ? first > second : a.executable < b.executable;
  });
  return found;
}

VENV_DETAIL_END
