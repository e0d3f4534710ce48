#pragma once

#include "../base/ascii.hpp"
#include "../text/layout.hpp"
#include "plan.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

VENV_DETAIL_BEGIN

/// What a base on Windows has: its files, and those of the folder that is meant for launchers, small
/// programs that start the Python which `pyvenv.cfg` names.
struct WindowsBase {
  std::string home{};                       ///< the folder of the executable
  std::vector<std::string> files{};         ///< the names in it
  std::string scripts{};                    ///< `Lib\venv\scripts\nt`
  std::vector<std::string> scripts_files{}; ///< the names in it
};

VENV_INLINE bool has_name(const std::vector<std::string>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [name](const std::string& each) { return folded(each) == folded(name); });
}

/// A name of the interpreter in an environment on Windows, and what it is made of.
struct WindowsName {
  std::string name;     ///< `pythonw.exe`
  std::string program;  ///< the base's own: `pythonw.exe`, `pythonw3.13t.exe`, `pythonw_d.exe`
  std::string launcher; ///< since 3.13: `venvwlauncher.exe`
};

/// The names that the base's own `venv` gives. Before 3.13 they are those that the base itself has.
/// Source: `EnvBuilder.setup_python`.
VENV_INLINE std::vector<WindowsName> windows_names(const LayoutKey& key, const WindowsBase& base) {
  std::vector<WindowsName> names;
  const std::string debug = key.debug ? "_d" : "";
  const bool threaded = key.free_threaded && is_since(key.version, 13);
  const std::string tag = threaded ? key.version.minor_text() + "t" : "";
  for (const std::string window : {"", "w"}) {
    const std::string stem = "python" + window;
    const std::string launcher = "venv" + window + "launcher" + (threaded ? "t" : "");
    const auto add = [&](const std::string& name, const std::string& program,
                         const std::string& suffix) {
      const auto same = [&name](const WindowsName& each) { return each.name == name; };
      if (std::none_of(names.begin(), names.end(), same))
        names.push_back({name, program, launcher + suffix + ".exe"});
    };
    if (is_since(key.version, 13)) {
      for (const std::string& middle : {std::string(), debug, tag, tag + debug})
        add(stem + middle + ".exe", stem + tag + debug + ".exe", debug);
    } else {
      for (const std::string suffix : {"", "_d"})
        if (const std::string name = stem + suffix + ".exe"; has_name(base.files, name))
          add(name, name, suffix);
    }
  }
  return names;
}

/// Whether the base runs from the directory that it was built in, where its launchers lie beside it.
VENV_INLINE bool is_windows_build(const WindowsBase& base) {
  return has_name(base.files, "venvlauncher.exe") || has_name(base.files, "venvlauncher_d.exe");
}

/// Whether `name` is that of the standard library as embeddable Pythons have it: `python311.zip`. It is looked
/// for beside the library `python311.dll`. Source: CPython's `Modules/getpath.py`.
VENV_INLINE bool is_zipped_library(const std::string& name) {
  const std::size_t dot = name.rfind('.');
  return dot != name.npos && folded(name.substr(dot)) == ".zip" &&
         is_interpreter_name(name.substr(0, dot));
}

/// The base's files that go beside its program: the libraries that a Python needs; `all` programs and
/// libraries.
VENV_INLINE std::vector<Row> windows_libraries(RowKind kind, const WindowsBase& base,
                                               const std::string& bin, bool all = false) {
  std::vector<Row> rows;
  for (const std::string& file : base.files) {
    const std::string name = folded(file);
    const std::string suffix = name.size() > 4 ? name.substr(name.size() - 4) : std::string();
    const bool is_pythons = name.rfind("python", 0) == 0 || name.rfind("vcruntime", 0) == 0;
    if ((suffix == ".dll" && (all || is_pythons)) || (suffix == ".exe" && all) ||
        is_zipped_library(file))
      rows.push_back({kind, bin + '/' + file, base.home + '\\' + file, false});
  }
  return rows;
}

/// With links: the base's programs under the names, and its libraries beside them. Before 3.13 it is all
/// programs and libraries that lie there, under their own names. Source: `EnvBuilder.setup_python`.
VENV_INLINE std::vector<Row> plan_windows_links(const LayoutKey& key, const WindowsBase& base) {
  const std::string bin = layout_of(key).bin;
  const bool has_names = is_since(key.version, 13);
  if (!has_names && !is_windows_build(base))
    return windows_libraries(RowKind::link, base, bin, true);
  std::vector<Row> rows;
  for (const WindowsName& name : windows_names(key, base))
    if (has_name(base.files, name.program))
      rows.push_back(
          {RowKind::link, bin + '/' + name.name, base.home + '\\' + name.program, false});
  for (Row& row : windows_libraries(RowKind::link, base, bin)) rows.push_back(std::move(row));
  return rows;
}

/// A launcher for a name: 1. the one that the base's own `venv` takes, under its name since 3.13 or
/// that of before; 2. one beside the executable. Empty when there is none.
VENV_INLINE std::string windows_launcher(const WindowsName& name, const WindowsBase& base) {
  for (const std::string& file : {name.launcher, name.name})
    if (has_name(base.scripts_files, file)) return base.scripts + '\\' + file;
  return has_name(base.files, name.launcher) ? base.home + '\\' + name.launcher : std::string();
}

/// How a Python on Windows gets its names.
struct WindowsCopies {
  std::vector<Row> rows{};
  bool are_launchers = true; ///< else it is the base's program with its libraries
};

/// Without links: launchers, else 3. the base's programs and libraries themselves.
VENV_INLINE WindowsCopies plan_windows_copies(const LayoutKey& key, const WindowsBase& base) {
  const std::string bin = layout_of(key).bin;
  const std::vector<WindowsName> names = windows_names(key, base);
  WindowsCopies copies;
  const std::string own = layout_of(key).executable;
  copies.are_launchers = std::any_of(names.begin(), names.end(), [&](const WindowsName& name) {
    return name.name == own && !windows_launcher(name, base).empty();
  });
  for (const WindowsName& name : names) {
    const bool is_there = has_name(base.files, name.program);
    const std::string from = copies.are_launchers ? windows_launcher(name, base)
                             : is_there           ? base.home + '\\' + name.program
                                                  : std::string();
    if (!from.empty()) copies.rows.push_back({RowKind::copy, bin + '/' + name.name, from, false});
  }
  if (!copies.are_launchers)
    for (Row& row : windows_libraries(RowKind::copy, base, bin))
      copies.rows.push_back(std::move(row));
  return copies;
}

/// The programs that another Python left there, and the zipped library, by which the new one would start.
VENV_INLINE std::vector<Row> plan_windows_stale(const State& state, const std::string& bin,
                                                const std::vector<Row>& rows) {
  std::vector<Row> stale;
  for (const ScriptsEntry& entry : state.scripts) {
    const std::string path = bin + '/' + entry.name;
    const auto is_it = [&path](const Row& row) { return folded(row.to) == folded(path); };
    const bool is_ours = entry.kind == FileKind::link || entry.kind == FileKind::file;
    const bool is_program =
        is_interpreter_name(entry.name) && folded(entry.name).rfind(".exe") != std::string::npos;
    if (state.was_environment() && is_ours && (is_program || is_zipped_library(entry.name)) &&
        std::none_of(rows.begin(), rows.end(), is_it))
      stale.push_back({RowKind::remove, path, {}, false});
  }
  return stale;
}

VENV_DETAIL_END
