#pragma once

#include "../text/layout.hpp"
#include "../text/names.hpp"
#include "state.hpp"

#include <algorithm>
#include <string>
#include <vector>

VENV_DETAIL_BEGIN

enum class RowKind { link, copy, remove, keep };

/// One thing to do in the scripts' directory. Paths of the environment are relative to it, with `/`.
struct Row {
  RowKind kind = RowKind::link;
  std::string to;        ///< what is made, removed, or (`keep`) left as the user's own
  std::string from;      ///< `link`, `copy`: the base's path, or a name beside `to`
  bool is_alias = false; ///< `from` is a name beside `to`

  friend bool operator==(const Row& a, const Row& b) {
    return a.kind == b.kind && a.to == b.to && a.from == b.from && a.is_alias == b.is_alias;
  }
};

/// What decides how an interpreter gets into an environment.
struct InterpreterChoice {
  Layout layout;
  std::string executable; ///< the base's, absolute
  bool symlinks = false;
};

/// All names of the interpreter, its own first, none twice.
VENV_INLINE std::vector<std::string> names_of(const Layout& layout) {
  std::vector<std::string> names{layout.executable};
  for (const std::string& alias : layout.aliases)
    if (std::find(names.begin(), names.end(), alias) == names.end()) names.push_back(alias);
  return names;
}

/// The names of another Python that are to go: links, and copies of an interpreter, and only where an
/// environment was. A script under such a name is the user's own.
VENV_INLINE std::vector<Row> plan_stale_names(const State& state, const Layout& layout) {
  std::vector<Row> rows;
  const std::vector<std::string> names = names_of(layout);
  for (const ScriptsEntry& entry : state.scripts) {
    if (!state.was_environment() || !is_interpreter_name(entry.name) || entry.is_script) continue;
    if (entry.kind != FileKind::link && entry.kind != FileKind::file) continue;
    if (std::find(names.begin(), names.end(), entry.name) != names.end()) continue;
    rows.push_back({RowKind::remove, layout.bin + '/' + entry.name, {}, false});
  }
  return rows;
}

/// How the interpreter gets its names, in this order: its own name is the base's, linked by its absolute
/// path or copied; the others are links to that name, or copies too. Then what another Python left.
/// Source: reference, `EnvBuilder.setup_python`.
VENV_INLINE std::vector<Row> plan_interpreter(const State& state, const InterpreterChoice& choice) {
  std::vector<Row> rows;
  const Layout& layout = choice.layout;
  for (const std::string& name : names_of(layout)) {
    const auto there = std::find_if(state.scripts.begin(), state.scripts.end(),
                                    [&](const ScriptsEntry& entry) { return entry.name == name; });
    const std::string to = layout.bin + '/' + name;
    const bool is_alias = name != layout.executable;
    if (there != state.scripts.end() && there->is_script)
      rows.push_back({RowKind::keep, to, {}, false});
    else if (!choice.symlinks) rows.push_back({RowKind::copy, to, choice.executable, false});
    else
      rows.push_back(
          {RowKind::link, to, is_alias ? layout.executable : choice.executable, is_alias});
  }
  const std::vector<Row> stale = plan_stale_names(state, layout);
  rows.insert(rows.end(), stale.begin(), stale.end());
  return rows;
}

VENV_DETAIL_END
