#pragma once

#include "../api/environment.hpp"
#include "../create/removal.hpp"
#include "../package/project_name.hpp"
#include "distributions.hpp"
#include "environment.hpp"
#include "install.hpp"
#include "native.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

[[noreturn]] VENV_INLINE void refuse_uninstall(const Context& context, const std::string& what,
                                               const char* hint) {
  Error error(ErrorCode::invalid_argument, what);
  error.at("remove packages").on(context.lib_path);
  throw error.advise(hint);
}

/// How the projects are removed, each in every version that is there.
VENV_INLINE std::vector<Removal> removals_of(const Context& context,
                                             const std::vector<std::string>& names) {
  const std::vector<Distribution> installed = distributions_of(context, false, false);
  std::vector<Removal> removals;
  std::vector<std::string> seen;
  for (const std::string& name : names) {
    const std::string project = normalized_name(name);
    if (std::find(seen.begin(), seen.end(), project) != seen.end()) continue;
    seen.push_back(project);
    const auto found = installed_here(context, installed, project);
    if (project.empty() || found.empty())
      refuse_uninstall(context,
                       "'" + printable(name) + "' is not installed in " + quoted(context.env_dir),
                       "Environment::distributions lists what is.");
    for (const Distribution* one : found) {
      auto removal = removal_of(*one);
      if (!removal)
        refuse_uninstall(context,
                         one->name + ' ' + one->version +
                             " was installed without a RECORD: nobody knows what belongs to it",
                         "Remove it by what installed it, or delete its files by hand.");
      removals.push_back(std::move(*removal));
    }
  }
  return removals;
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE void Environment::uninstall(const std::vector<std::string>& names,
                                        const RunOptions& options) const {
  using namespace detail;
  const Context& context = detail_->context;
  const auto teller = std::make_shared<Teller>(laying_options(options, {}));
  Changing changing(context.env_dir, teller.get());
  const std::vector<Removal> removals = removals_of(context, names);
  for (const Removal& removal : removals) // each is looked at before the first is removed
    (void)RemovalPlan(removal, context.env_dir);
  for (const Removal& removal : removals) remove_distribution(removal, changing.transaction());
  changing.commit();
}

VENV_END
