#pragma once

#include "../api/listing.hpp"
#include "../base/order.hpp"
#include "../create/state.hpp"
#include "../system/path.hpp"
#include "../system/tree.hpp"
#include "check.hpp"
#include "environment.hpp"
#include "missing.hpp"
#include "used.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// The environment in `dir`; nothing when there is none.
VENV_INLINE std::optional<ListedEnvironment> listed_in(const fs::path& dir) {
  using namespace std::chrono;
  if (status_of(dir).kind != FileKind::directory) return std::nullopt; // also a link to one
  const State state = read_state(dir);
  const bool is_rest = !state.is_environment && !state.has_journal && holds_only_beginnings(dir);
  if (!state.was_environment() || is_rest)
    return std::nullopt; // empty directories may be anybody's
  ListedEnvironment one;
  one.directory = dir;
  if (state.is_environment) {
    const Context context = context_of(dir, state.cfg);
    one.owner = value_of(state.cfg, owner_key).value_or("");
    one.implementation = context.python.implementation;
    one.version = context.python.version;
    for (const fs::path& program : base_candidates(context))
      if (one.base.empty() && is_program(program)) one.base = program;
  }
  one.last_used =
      system_clock::time_point(duration_cast<system_clock::duration>(nanoseconds(last_use(dir))));
  one.size = size_below(dir);
  one.problems = check(dir);
  return one;
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE std::vector<ListedEnvironment> environments_in(const std::filesystem::path& folder) {
  using namespace detail;
  const fs::path place = absolute_path(folder);
  std::vector<fs::path> names = names_in(place);
  sort_by(names, [](const fs::path& a, const fs::path& b) { return a < b; });
  std::vector<ListedEnvironment> environments;
  for (const fs::path& name : names) {
    const fs::path dir = place / name;
    try {
      if (auto one = listed_in(dir)) environments.push_back(std::move(*one));
    } catch (const Error& error) { // it can't be looked at: the others can
      ListedEnvironment one;
      one.directory = dir;
      Problem problem;
      problem.code = ProblemCode::configuration_wrong;
      problem.path = error.path();
      problem.what = error.what();
      problem.remedy = "nothing here mends it";
      problem.is_mended_in_place = false;
      one.problems.push_back(std::move(problem));
      environments.push_back(std::move(one));
    }
  }
  return environments;
}

VENV_INLINE std::optional<std::vector<ListedEnvironment>>
environments_in(const std::filesystem::path& folder, std::optional<Error>& error) {
  error.reset();
  try {
    return environments_in(folder);
  } catch (const Error& thrown) {
    error = thrown;
    return std::nullopt;
  }
}

VENV_END
