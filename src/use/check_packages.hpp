#pragma once

#include "../create/distribution.hpp"
#include "../create/installed.hpp"
#include "../create/wheels.hpp"
#include "../package/entry_points.hpp"
#include "../package/wheel.hpp"
#include "../system/file.hpp"
#include "../system/platform.hpp"
#include "check_scripts.hpp"
#include "distributions.hpp"
#include "missing.hpp"
#include "problems.hpp"
#include "reinstall.hpp"
#include "stamp.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// Looks for the directories of packages, and for what other versions left.
VENV_INLINE void check_libraries(Checkup& checkup) {
  const Context& context = checkup.context;
  const auto missing = [&checkup](ProblemLevel level, const fs::path& path) {
    const bool is_link = status_of(path).kind == FileKind::link;
    checkup.add(ProblemCode::library_missing, level, path,
                quoted(path) + (is_link ? " is a link to nothing" : " is missing"));
  };
  if (followed_status_of(context.lib_path).kind != FileKind::directory)
    missing(ProblemLevel::broken, context.lib_path);
  const fs::path lib64 = checkup.env_dir / "lib64";
  if (status_of(lib64).kind != FileKind::missing &&
      followed_status_of(lib64).kind != FileKind::directory)
    missing(ProblemLevel::change, lib64);
  for (const LibraryDirectory& library : checkup.state.libraries) {
    if (library.site_packages == context.lib_path || library.dist_infos.empty()) continue;
    Problem& problem =
        checkup.add(ProblemCode::other_library, ProblemLevel::note, library.site_packages,
                    "packages in " + quoted(library.site_packages) + " are for another Python");
    problem.remedy = "install them again, and delete the directory";
  }
}

/// What of a file isn't as RECORD has it; empty: nothing. `whole`: its bytes are read, too.
VENV_INLINE std::string fault_of(const fs::path& path, const RecordRow& row, bool whole) {
  const FileStatus status = followed_status_of(path);
  if (status.kind == FileKind::missing)
    return status_of(path).kind == FileKind::link
               ? "is a link to " + quoted(link_target(path)) + ", which is gone"
               : "is missing";
  if (status.kind != FileKind::file) return "is no file";
  if (!row.size.empty() && row.size != std::to_string(status.size)) return "has another size";
  if (!whole || row.hash.compare(0, 7, "sha256=") != 0) return {};
  try {
    return record_hash(MappedFile(path).bytes()) == row.hash ? "" : "has other bytes";
  } catch (const Error&) {
    return "can't be read";
  }
}

/// The files of an installed distribution that are not as its RECORD has them, with what is wrong.
/// Bytecode that is missing is none: Python makes it.
VENV_INLINE std::vector<std::pair<fs::path, std::string>>
faults_of(const fs::path& site_packages, const std::vector<RecordRow>& record, bool whole) {
  std::vector<std::pair<fs::path, std::string>> faults;
  for (const RecordRow& row : record) {
    const fs::path path = normal_path(site_packages / path_of(row.path));
    std::string fault = fault_of(path, row, whole);
    if (fault == "is missing" && path.extension() == ".pyc") continue;
    if (!fault.empty()) faults.push_back({path, std::move(fault)});
  }
  return faults;
}

/// Looks at pip's programs: each that the installed one has is there and can be run. By what, is told
/// with the other programs.
VENV_INLINE void check_pip_programs(Checkup& checkup, const Installed& pip) {
  const auto points = try_read_file(pip.dist_info / "entry_points.txt");
  for (const EntryPoint& entry :
       scripts_for(checkup.context.python, parse_entry_points(points.value_or("")).console)) {
    const fs::path program = checkup.context.bin_path / path_of(script_file(entry));
    if (followed_status_of(program).kind == FileKind::missing)
      checkup.add(ProblemCode::pip_damaged, ProblemLevel::broken, program,
                  quoted(program) + " is missing");
    else if (!is_executable(program))
      checkup.add(ProblemCode::pip_damaged, ProblemLevel::broken, program,
                  quoted(program) + " can't be executed");
  }
}

/// Whether a file of pip's is one of its programs, whose first line may name another Python rightly.
VENV_INLINE bool is_program_of(const Context& context, const fs::path& path) {
  return path.parent_path() == context.bin_path;
}

/// The installed versions of a project; none when there is no directory for packages.
VENV_INLINE std::vector<Installed> installed_in(const fs::path& site_packages,
                                                const std::string& project) {
  if (followed_status_of(site_packages).kind != FileKind::directory) return {};
  return find_installed(site_packages, project);
}

VENV_INLINE void check_pip(Checkup& checkup) {
  const Context& context = checkup.context;
  const std::vector<Installed> found = installed_in(context.lib_path, "pip");
  const fs::path package = context.lib_path / "pip";
  const bool has_remains =
      status_of(package).kind != FileKind::missing ||
      status_of(context.bin_path / path_of(script_file({"pip", "", ""}))).kind != FileKind::missing;
  const auto damaged = [&](const fs::path& path, const std::string& what) {
    checkup.add(ProblemCode::pip_damaged, ProblemLevel::broken, path, what);
  };
  if (found.empty() && (has_remains || checkup.options.with_pip))
    return (void)checkup.add(has_remains ? ProblemCode::pip_damaged : ProblemCode::pip_missing,
                             has_remains ? ProblemLevel::broken : ProblemLevel::change, package,
                             has_remains ? "pip is there, and not what describes it: no .dist-info"
                                         : "there is no pip in " + quoted(context.lib_path));
  if (found.empty()) return;
  const Installed& pip = found.front();
  if (found.size() > 1) damaged(pip.dist_info, "pip is installed more than once");
  if (pip.record.empty())
    return damaged(pip.dist_info / "RECORD", "pip has no RECORD that can be read");
  const auto lists = [&pip](const std::string& name) {
    return std::any_of(pip.record.begin(), pip.record.end(),
                       [&name](const RecordRow& row) { return row.path == name; });
  };
  if (!lists("pip/__main__.py")) damaged(pip.dist_info / "RECORD", "pip's RECORD is cut");
  const bool was_moved = checkup.has(ProblemCode::moved);
  for (const auto& [path, fault] : faults_of(context.lib_path, pip.record, true))
    if (!was_moved || !is_program_of(context, path)) damaged(path, quoted(path) + ' ' + fault);
  check_pip_programs(checkup, pip);
}

/// Whether a package is one that the base Python brings, so that it is laid out again. What describes
/// it may be what is damaged: it goes by that one's name.
VENV_INLINE bool is_bundled(const Checkup& checkup, const Distribution& one) {
  const std::vector<std::string> projects = bundled_projects(checkup.context.python);
  const std::string name = normalized_name(one.metadata.substr(0, one.metadata.find('-')));
  return checkup.options.with_pip &&
         std::find(projects.begin(), projects.end(), name) != projects.end();
}

/// Looks at the other packages, by their RECORD: what is missing there, only who installs it again
/// can bring back, unless the base Python brings it.
VENV_INLINE void check_other_packages(Checkup& checkup) {
  for (const Distribution& one : distributions_of(checkup.context, false, true)) {
    if (one.normalized_name == "pip") continue;
    const fs::path metadata = one.directory / path_of(one.metadata);
    std::string what = one.damage.empty() ? "" : quoted(metadata) + ' ' + one.damage;
    if (what.empty() && one.has_record) {
      std::vector<RecordRow> rows;
      for (const DistributionFile& file : one.files)
        rows.push_back({file.path, file.hash, file.size});
      auto faults = faults_of(one.directory, rows, false);
      const auto is_program = [&checkup](const auto& fault) {
        return is_program_of(checkup.context, fault.first) && fault.second == "has another size";
      };
      faults.erase(std::remove_if(faults.begin(), faults.end(), is_program), faults.end());
      if (!faults.empty()) what = quoted(faults[0].first) + ' ' + faults[0].second;
    }
    if (what.empty()) continue;
    Problem& problem =
        checkup.add(ProblemCode::package_damaged, ProblemLevel::note, metadata, what);
    if (is_bundled(checkup, one)) problem.level = ProblemLevel::broken;
    else if (one.metadata[0] == '~') // pip has renamed it, and installs nothing in its place
      problem.remedy = "delete it";
    else
      problem.remedy = "install it again: pip install --force-reinstall --no-deps " +
                       (one.name.empty() ? std::string("NAME") : printable(one.name));
  }
}

/// What markers are answered by when no Python is asked: what the environment's files tell.
VENV_INLINE MarkerValues told_markers(const Interpreter& told) {
  Interpreter python = told;
  const SystemNames system = system_names();
  python.machine = system.machine;
  python.os_name = this_os == Os::windows ? "nt" : "posix";
  python.platform = this_os == Os::linux_or_other ? "linux"
                    : this_os == Os::macos        ? "darwin"
                                                  : "win32";
  if (python.implementation_version.empty())
    python.implementation_version = python.version.text() + python.prerelease;
  return marker_values(python);
}

VENV_INLINE bool is_empty(const Demands& demands) {
  return demands.required.empty() && demands.places.empty();
}

/// Compares what is required with what is installed, and, where it is to be made anew when that
/// changes, with what was required last.
VENV_INLINE void check_requirements(Checkup& checkup, Demands demands, const Interpreter& told) {
  const auto last = stamp_in(checkup.env_dir);
  if (checkup.options.when_changed == RequirementsChange::recreate && last &&
      last->fields[0] != digest_of(demands))
    checkup.add(ProblemCode::requirements_changed, ProblemLevel::change, checkup.env_dir,
                "what is required has changed");
  if (checkup.options.reinstall)
    for (std::string& package :
         packages_to_reinstall(checkup.context.lib_path, checkup.state, demands.required))
      demands.required.push_back({std::move(package), {}});
  if (is_empty(demands)) return;
  const bool with_base = checkup.options.system_site_packages;
  for (const Missing& missing :
       missing_of(std::move(demands), distributions_of(checkup.context, with_base, false),
                  told_markers(told)))
    checkup.add(ProblemCode::requirement_missing, ProblemLevel::change, checkup.context.lib_path,
                text_of(missing));
}

VENV_DETAIL_END
