#pragma once

#include "../base/ascii.hpp"
#include "../system/process.hpp"
#include "candidate.hpp"
#include "registered.hpp"
#include "search_path.hpp"

#include <iterator>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

// Where tools keep the Pythons that they install: one function a source. docs/pythons.md lists them.

/// The places that no variable names; a test has others.
struct Surroundings {
  fs::path root = "/";
  Os os = this_os;
};

VENV_INLINE fs::path user_home() {
  const auto home = variable(this_os == Os::windows ? "USERPROFILE" : "HOME");
  return home ? path_of(*home) : fs::path();
}

/// The directory that a variable names, else one below the home directory; empty without either.
VENV_INLINE fs::path folder_of(const char* name, const fs::path& below_home) {
  if (const auto folder = variable(name)) return path_of(*folder);
  const fs::path home = user_home();
  return home.empty() ? home : home / below_home;
}

/// Where programs keep data (XDG Base Directory Specification).
VENV_INLINE fs::path data_home() {
  if (this_os == Os::windows) return folder_of("APPDATA", fs::path("AppData") / "Roaming");
  return folder_of("XDG_DATA_HOME", fs::path(".local") / "share");
}

VENV_INLINE fs::path folder_or_data(const char* name, const fs::path& below_data) {
  if (const auto folder = variable(name)) return path_of(*folder);
  const fs::path data = data_home();
  return data.empty() ? data : data / below_data;
}

VENV_INLINE Candidates uv_pythons() {
  const fs::path folder = folder_or_data("UV_PYTHON_INSTALL_DIR", fs::path("uv") / "python");
  return installations_in(folder, "bin", PythonSource::uv);
}

VENV_INLINE Candidates asdf_pythons() {
  const fs::path folder = folder_of("ASDF_DATA_DIR", ".asdf");
  return installations_in(folder / "installs" / "python", "bin", PythonSource::asdf);
}

VENV_INLINE Candidates mise_pythons() {
  const fs::path folder = folder_or_data("MISE_DATA_DIR", "mise");
  return installations_in(folder / "installs" / "python", "bin", PythonSource::mise);
}

VENV_INLINE Candidates rye_pythons() {
  const fs::path folder = folder_of("RYE_HOME", ".rye") / "py";
  Candidates found = installations_in(folder, "bin", PythonSource::rye);
  Candidates older = installations_in(folder, fs::path("install") / "bin", PythonSource::rye);
  found.insert(found.end(), older.begin(), older.end());
  return found;
}

VENV_INLINE Candidates hatch_pythons(const Surroundings& where) {
  const fs::path folder = where.os == Os::macos
                              ? folder_of("HATCH_DATA_DIR", "Library/Application Support/hatch")
                              : folder_or_data("HATCH_DATA_DIR", "hatch");
  return installations_in(folder / "pythons", fs::path("python") / "bin", PythonSource::hatch);
}

/// Where conda, mamba and micromamba were installed to, as far as variables and habit tell.
VENV_INLINE std::vector<fs::path> conda_roots(const Surroundings& where) {
  std::vector<fs::path> roots;
  if (const auto conda = variable("CONDA_EXE")) // <root>/bin/conda
    roots.push_back(path_of(*conda).parent_path().parent_path());
  for (const char* name : {"CONDA_ROOT", "MAMBA_ROOT_PREFIX"})
    if (const auto root = variable(name)) roots.push_back(path_of(*root));
  for (const char* name :
       {"miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba", ".local/share/mamba"})
    if (const fs::path home = user_home(); !home.empty()) roots.push_back(home / name);
  for (const char* name : {"opt/conda", "opt/miniconda3", "opt/anaconda3", "opt/miniforge3"})
    roots.push_back(where.root / name);
  return roots;
}

/// The active environment, those in conda's own list, the roots and the environments below them.
VENV_INLINE Candidates conda_pythons(const Surroundings& where) {
  Candidates found;
  const auto add = [&found](const fs::path& prefix) {
    fs::path python = plainest_python_below(prefix, "bin", {});
    if (is_whole(prefix) && !python.empty())
      found.push_back({std::move(python), PythonSource::conda, {}});
  };
  if (const auto active = variable("CONDA_PREFIX")) add(path_of(*active));
  const fs::path list = user_home() / ".conda" / "environments.txt";
  if (followed_status_of(list).kind == FileKind::file) {
    const std::string text = read_file(list, 1u << 20);
    for (const std::string_view line : split(text, '\n')) add(path_of(strip(line)));
  }
  std::vector<fs::path> folders{user_home() / ".conda" / "envs"};
  for (const fs::path& root : conda_roots(where)) {
    add(root);
    folders.push_back(root / "envs");
  }
  for (const fs::path& folder : folders)
    for (const fs::path& name : names_in_if_readable(folder)) add(folder / name);
  return found;
}

VENV_INLINE Candidates opt_pythons(const Surroundings& where) {
  return installations_in(where.root / "opt" / "python", "bin", PythonSource::opt_python);
}

/// Formulae below `opt`, whose links stay when Homebrew upgrades what they lead to.
VENV_INLINE Candidates homebrew_pythons(const Surroundings& where) {
  std::vector<fs::path> prefixes;
  if (const auto prefix = variable("HOMEBREW_PREFIX")) prefixes.push_back(path_of(*prefix));
  for (const char* prefix : {"opt/homebrew", "usr/local", "home/linuxbrew/.linuxbrew"})
    prefixes.push_back(where.root / prefix);
  Candidates found;
  for (const fs::path& prefix : prefixes)
    for (const fs::path& name : names_in_if_readable(prefix / "opt")) {
      const std::string spelled = text_of(name);
      std::string_view text = spelled;
      if (!take_prefix(text, "python@") && !take_prefix(text, "pypy") &&
          !take_prefix(text, "graalpy"))
        continue;
      const PythonName said = parse_installation_name(spelled);
      fs::path python = plainest_python_in(prefix / "opt" / name / "bin", said);
      if (!python.empty()) found.push_back({std::move(python), PythonSource::homebrew, said});
    }
  sort_by(found, [](const Candidate& a, const Candidate& b) {
    return rank_of(a.name.release) > rank_of(b.name.release);
  });
  return found;
}

/// python.org's frameworks, and those of Apple's tools.
inline constexpr const char* framework_folders[] = {
    "Library/Frameworks/Python.framework/Versions",
    "Library/Frameworks/PythonT.framework/Versions",
    "Applications/Xcode.app/Contents/Developer/Library/Frameworks/Python3.framework/Versions",
    "Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions",
};

VENV_INLINE Candidates framework_pythons(const Surroundings& where) {
  Candidates found;
  if (where.os != Os::macos) return found;
  for (const char* folder : framework_folders)
    for (Candidate& each : installations_in(where.root / folder, "bin", PythonSource::framework))
      found.push_back(std::move(each));
  return found;
}

/// The candidates of one source that is no `PATH`, in the order in which they are tried.
VENV_INLINE Candidates pythons_of(PythonSource source, const Surroundings& where) {
  switch (source) {
  case PythonSource::pyenv: return pyenv_versions(pyenv_root());
  case PythonSource::uv: return uv_pythons();
  case PythonSource::asdf: return asdf_pythons();
  case PythonSource::mise: return mise_pythons();
  case PythonSource::rye: return rye_pythons();
  case PythonSource::hatch: return hatch_pythons(where);
  case PythonSource::conda: return conda_pythons(where);
  case PythonSource::opt_python: return opt_pythons(where);
  case PythonSource::homebrew: return homebrew_pythons(where);
  case PythonSource::framework: return framework_pythons(where);
  case PythonSource::registry: return registered_pythons();
  case PythonSource::given:
  case PythonSource::search_path:
  default: return {}; // they are no lists
  }
}

/// The order of the search behind `PATH`.
inline constexpr PythonSource sources_in_order[] = {
    PythonSource::pyenv,     PythonSource::uv,         PythonSource::asdf,
    PythonSource::mise,      PythonSource::rye,        PythonSource::hatch,
    PythonSource::conda,     PythonSource::opt_python, PythonSource::homebrew,
    PythonSource::framework, PythonSource::registry};

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE std::string name_of(PythonSource source) {
  switch (source) {
  case PythonSource::given: return "the request";
  case PythonSource::search_path: return "PATH";
  case PythonSource::pyenv: return "pyenv";
  case PythonSource::uv: return "uv";
  case PythonSource::asdf: return "asdf";
  case PythonSource::mise: return "mise";
  case PythonSource::rye: return "rye";
  case PythonSource::hatch: return "hatch";
  case PythonSource::conda: return "conda";
  case PythonSource::opt_python: return "/opt/python";
  case PythonSource::homebrew: return "Homebrew";
  case PythonSource::framework: return "framework";
  case PythonSource::registry: return "registry";
  default: return {};
  }
}

VENV_END
