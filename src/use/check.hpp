#pragma once

#include "../api/check.hpp"
#include "../create/directories.hpp"
#include "../python/redirect.hpp"
#include "check_packages.hpp"
#include "check_python.hpp"
#include "check_scripts.hpp"
#include "problems.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// The directory that is meant: of an environment that is there, else the one that it would be made in.
VENV_INLINE fs::path directory_meant(const fs::path& place) {
  refuse_bad_name(place);
  const fs::path path = absolute_path(place);
  fs::path found = find_environment(path);
  return found.empty() ? environment_meant(path) : found;
}

/// Whether there is an environment at all; notes it when there is none that can be looked at further.
VENV_INLINE bool check_presence(Checkup& checkup) {
  const State& state = checkup.state;
  const auto none = [&](ProblemCode code, const std::string& what) {
    checkup.add(code, ProblemLevel::broken, checkup.env_dir, quoted(checkup.env_dir) + ' ' + what);
    return false;
  };
  if (state.kind == FileKind::missing) {
    const bool is_link = status_of(checkup.env_dir).kind == FileKind::link;
    return none(ProblemCode::no_environment, is_link ? "is a link to nothing" : "doesn't exist");
  }
  if (state.kind != FileKind::directory)
    return none(ProblemCode::no_environment, "is no directory");
  if (state.is_half_made)
    return none(ProblemCode::half_made, state.has_journal
                                            ? "was left by a run that was killed"
                                            : "is an environment that was never finished, or "
                                              "lost its pyvenv.cfg");
  if (!state.is_environment)
    return none(ProblemCode::no_environment,
                state.is_empty ? "is an empty directory" : "has no pyvenv.cfg");
  return true;
}

/// Compares how it was made with what is asked for.
VENV_INLINE void check_options(Checkup& checkup) {
  const auto differs = [&checkup](const std::string& what) {
    checkup.add(ProblemCode::other_options, ProblemLevel::change, checkup.context.cfg_path, what);
  };
  const Options& options = checkup.options;
  const bool sees =
      folded(value_of(checkup.state.cfg, "include-system-site-packages").value_or("true")) ==
      "true";
  if (sees != options.system_site_packages)
    differs(sees ? "it sees the base Python's packages"
                 : "it doesn't see the base Python's packages");
  if (says_relocatable(checkup.state.cfg) != options.relocatable)
    differs(options.relocatable ? "it is not relocatable" : "it is relocatable");
  const std::string owner = value_of(checkup.state.cfg, owner_key).value_or("");
  if (!options.owner.empty() && options.owner != owner)
    differs(owner.empty() ? "it is nobody's" : "it belongs to '" + printable(owner) + "'");
  if (!options.prompt || options.prompt == checkup.context.prompt) return;
  const std::string here = text_of(absolute_path(".").filename());
  if (options.prompt != "." || here != checkup.context.prompt)
    differs("its prompt is '" + printable(checkup.context.prompt) + "'");
}

/// All that is wrong with the environment in `dir` (absolute).
VENV_INLINE std::vector<Problem> problems_of(const fs::path& dir, const EnsureOptions& options) {
  Demands demands = read_demands(options.requirements);
  Checkup checkup(dir, options);
  if (!check_presence(checkup)) return checkup.take();
  check_configuration(checkup);
  check_names(checkup);
  if (this_os == Os::windows) check_windows_copies(checkup);
  check_home(checkup);
  check_version(checkup);
  check_library_of_base(checkup);
  check_libraries(checkup);
  check_programs(checkup);
  check_activation(checkup);
  check_pip_hook(checkup);
  check_pip(checkup);
  check_other_packages(checkup);
  check_options(checkup);
  check_request(checkup);
  check_requirements(checkup, std::move(demands), told_python(checkup));
  return checkup.take();
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE std::string name_of(ProblemCode code) {
  constexpr const char* names[] = {"no-environment",
                                   "half-made",
                                   "configuration-wrong",
                                   "interpreter-missing",
                                   "interpreter-gone",
                                   "interpreter-damaged",
                                   "other-version",
                                   "base-upgraded",
                                   "library-missing",
                                   "other-library",
                                   "moved",
                                   "script-missing",
                                   "script-changed",
                                   "script-elsewhere",
                                   "pip-missing",
                                   "pip-damaged",
                                   "package-damaged",
                                   "other-python",
                                   "other-options",
                                   "requirement-missing",
                                   "requirements-changed"};
  return names[static_cast<std::size_t>(code) - 1];
}

VENV_INLINE std::vector<Problem> check(const std::filesystem::path& dir,
                                       const EnsureOptions& options) {
  return detail::problems_of(detail::directory_meant(dir), options);
}

VENV_INLINE std::vector<Problem> check(const std::filesystem::path& dir) {
  EnsureOptions options;
  std::optional<Error> none;
  if (const auto environment = Environment::open(dir, none)) {
    options.system_site_packages = environment->has_system_site_packages();
    options.relocatable = environment->is_relocatable();
  }
  return check(dir, options);
}

VENV_END
