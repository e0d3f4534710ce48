#pragma once

#include "../base/hex.hpp"
#include "../system/platform.hpp"
#include "../system/mapped_file.hpp"
#include "../system/new_file.hpp"
#include "../system/trust.hpp"
#include "../text/pyvenv_cfg.hpp"
#include "links.hpp"
#include "probe.hpp"

#include <chrono>
#include <string>

VENV_DETAIL_BEGIN

// An environment's Python looks for the standard library from `home` upwards, link unresolved, and
// then at the place that it was built for. A Python started outside of an environment resolves its
// own link first. The same link can therefore find two libraries. Source: Modules/getpath.py.

/// What is found first from a directory upwards.
enum class LibraryFound { own, another, none };

/// What is called `name` in the nearest directory from `from` upwards, but for the root, in which
/// Python doesn't look; empty where none has it, as `look` tells.
VENV_INLINE fs::path nearest_with(fs::path from, const fs::path& name,
                                  FileStatus (*look)(const fs::path&) = followed_status_of) {
  for (; from.has_relative_path(); from = from.parent_path())
    if (look(from / name).kind != FileKind::missing) return from / name;
  return {};
}

/// Which library Python finds with that `home`; `none` also where the system can't tell. Its extension
/// modules are looked for by themselves.
VENV_INLINE LibraryFound library_from(const fs::path& home, const fs::path& stdlib) try {
  const fs::path name = stdlib.parent_path().filename() / stdlib.filename();
  const fs::path landmark = nearest_with(home, name / "os.py", known_followed_status_of);
  if (landmark.empty()) return LibraryFound::none;
  if (!is_same_file(landmark.parent_path(), stdlib, known_followed_status_of))
    return LibraryFound::another;
  if (known_followed_status_of(stdlib / "lib-dynload").kind != FileKind::directory)
    return LibraryFound::own;
  const fs::path modules = nearest_with(home, name / "lib-dynload", known_followed_status_of);
  return is_same_file(modules, stdlib / "lib-dynload", known_followed_status_of)
             ? LibraryFound::own
             : LibraryFound::another;
} catch (const Error&) {
  return LibraryFound::none; // which is tried
}

/// A directory of this user's alone, for as long as this lives; `path` is empty where none can be had.
class TrialDirectory {
public:
  TrialDirectory() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    const auto here = reinterpret_cast<std::uintptr_t>(this);
    const fs::path dir = path_of(variable("TMPDIR").value_or("/tmp")) /
                         ("venv.hpp-trial-" + hexadecimal(static_cast<std::uint64_t>(now) ^ here));
    if (is_whole(dir) && make_private_directory(dir)) path = dir;
  }
  ~TrialDirectory() {
    if (!path.empty()) try_remove_tree(path);
  }
  TrialDirectory(const TrialDirectory&) = delete;
  TrialDirectory& operator=(const TrialDirectory&) = delete;
  fs::path path{};
};

/// Where a Python has its library.
struct LibraryPlaces {
  fs::path stdlib{}, exec_prefix{};
};

/// How an environment's Python comes to be. A link leads Python to the file, and so to the library
/// beside that; a copy has `home` alone.
enum class LinkOrCopy { link, copy };

/// Whether a link to `python`, or a copy of it, finds that library: tried, in an environment that has
/// nothing else but its configuration.
VENV_INLINE bool finds_library(const fs::path& python, const LibraryPlaces& library, LinkOrCopy how,
                               const ProbeOptions& options) {
  const std::string home = text_of(python.parent_path());
  if (!is_utf8(home) || has_control_character(home)) return false;
  const TrialDirectory trial;
  if (trial.path.empty()) return false;
  try {
    make_directory(trial.path / "bin");
    const fs::path tried = trial.path / "bin" / python.filename();
    if (how == LinkOrCopy::copy) copy_file(python, tried, 0700);
    else if (!make_link(python, tried)) return false;
    write_file(trial.path / "pyvenv.cfg", format_pyvenv_cfg({{"home", home}}));
    const auto said = find_answer(run_probe(tried, options).output);
    return said && is_same_file(said->path("stdlib"), library.stdlib) &&
           is_same_file(said->path("base_exec_prefix"), library.exec_prefix);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted) throw;
    return false;
  }
}

/// `executable`, or the first hop of its link from whose directory an environment finds the library.
VENV_INLINE fs::path hop_with_library(const fs::path& executable, const LibraryPlaces& library,
                                      LinkOrCopy how, const ProbeOptions& options) {
  fs::path python = executable;
  for (int links = 0; links < most_links && status_of(python).kind == FileKind::link; ++links) {
    const LibraryFound found = library_from(python.parent_path(), library.stdlib);
    if (found == LibraryFound::own) return python;
    if (found == LibraryFound::none && finds_library(python, library, how, options)) return python;
    fs::path next = one_hop(python);
    if (next.empty()) return executable;
    python = std::move(next);
  }
  return python;
}

/// What environments are to link to for the base Python of `answer`: its executable as it names it,
/// or what that leads to.
VENV_INLINE fs::path linkable_executable(const ProbeAnswer& answer, const ProbeOptions& options) {
  fs::path executable = absolute_path(answer.path("executable"));
  if (this_os == Os::windows || answer.value("implementation") != "cpython")
    return lasting_name(executable);
  return lasting_name(hop_with_library(executable,
                                       {answer.path("stdlib"), answer.path("base_exec_prefix")},
                                       LinkOrCopy::link, options));
}

/// The same for what they are to copy.
VENV_INLINE fs::path copyable_executable(const Interpreter& python, const ProbeOptions& options) {
  if (this_os == Os::windows || python.implementation != "cpython") return python.base_executable;
  return lasting_name(hop_with_library(python.base_executable, {python.stdlib, python.base_prefix},
                                       LinkOrCopy::copy, options));
}

VENV_DETAIL_END
