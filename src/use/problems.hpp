#pragma once

#include "../api/check.hpp"
#include "../base/order.hpp"
#include "../create/state.hpp"
#include "environment.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

inline constexpr char makes_again[] =
    "venv::ensure, or venv::create in the same directory, mends it";

/// An environment that is looked at, and what was found.
class Checkup {
public:
  Checkup(fs::path dir, const EnsureOptions& asked)
      : options(asked), env_dir(std::move(dir)), state(read_state(env_dir)),
        context(context_of(env_dir, state.cfg)) {}

  /// Notes a problem, and returns it for more to be said.
  Problem& add(ProblemCode code, ProblemLevel level, const fs::path& path, std::string what) {
    Problem problem;
    problem.code = code;
    problem.level = level;
    problem.path = path;
    problem.what = std::move(what);
    problem.remedy = makes_again;
    found_.push_back(std::move(problem));
    return found_.back();
  }
  bool has(ProblemCode code) const {
    for (const Problem& problem : found_)
      if (problem.code == code) return true;
    return false;
  }
  /// What was found, the worst first.
  std::vector<Problem> take() {
    sort_by(found_, [](const Problem& a, const Problem& b) { return a.level > b.level; });
    return std::move(found_);
  }

  const EnsureOptions& options;
  fs::path env_dir;
  State state;
  Context context;
  fs::path real_python{}; ///< the file that runs as its Python; empty: none is known
  std::optional<std::string> real_version{}; ///< which that says it is, if it says so

private:
  std::vector<Problem> found_{};
};

VENV_DETAIL_END
