#pragma once

#include "../api/distribution.hpp"
#include "../api/error.hpp"
#include "../config.hpp"
#include "../base/order.hpp"
#include "../text/utf8.hpp"
#include "marker.hpp"
#include "project_name.hpp"
#include "requirement.hpp"
#include "specifier.hpp"
#include "version.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// What is asked for, and by whom.
struct Demand {
  std::string requirement; ///< PEP 508
  std::string by;          ///< empty: the caller
};

/// Compares what is asked for with what is installed.
class MissingFinder {
public:
  MissingFinder(const std::vector<Distribution>& installed, const MarkerValues& values)
      : values_(values) {
    for (const Distribution& distribution : installed)
      if (!distribution.normalized_name.empty() && parse_package_version(distribution.version))
        installed_.push_back({&distribution, installed_.size(), {}});
    // Python takes the first of a name on its path.
    sort_by(installed_, [](const Node& a, const Node& b) {
      const int order = a.name().compare(b.name());
      return order != 0 ? order < 0 : a.place < b.place;
    });
  }

  std::vector<Missing> find(const std::vector<Demand>& demands,
                            const std::vector<Demand>& constraints) {
    for (const Demand& constraint : constraints) read_constraint(constraint);
    for (const Demand& demand : demands) meet(demand, "", true);
    for (std::size_t i = 0; i < open_.size(); ++i) { // grows meanwhile
      const auto [distribution, extra] = open_[i];
      const std::string by = distribution->name + ' ' + distribution->version;
      for (const std::string& text : distribution->requirements) meet({text, by}, extra, false);
    }
    return std::move(missing_);
  }

private:
  /// A distribution and what of it is or was followed: "" for itself, and extras.
  struct Node {
    const Distribution* distribution;
    std::size_t place;
    std::vector<std::string> followed;

    const std::string& name() const { return distribution->normalized_name; }
  };
  struct Constraint {
    std::string name, by;
    Requirement requirement;
  };

  void read_constraint(const Demand& demand) {
    if (auto requirement = read(demand, ""))
      constraints_.push_back(
          {normalized_name(requirement->name), demand.by, std::move(*requirement)});
  }
  /// The requirement, if its marker holds. One that can't be read is missing.
  std::optional<Requirement> read(const Demand& demand, const std::string& extra) {
    try {
      Requirement requirement = parse_requirement(demand.requirement);
      if (!marker_allows(requirement.marker, values_, extra)) return std::nullopt;
      return requirement;
    } catch (const Error& error) {
      Missing missing;
      missing.reason = Missing::Reason::unreadable;
      missing.requirement = demand.requirement;
      missing.required_by = demand.by;
      missing.detail = error.what();
      add(std::move(missing));
      return std::nullopt;
    }
  }
  void meet(const Demand& demand, const std::string& extra, bool by_caller) {
    const auto requirement = read(demand, extra);
    if (!requirement) return;
    const std::string name = normalized_name(requirement->name);
    const auto found = std::lower_bound(
        installed_.begin(), installed_.end(), name,
        [](const Node& node, const std::string& wanted) { return node.name() < wanted; });
    if (found == installed_.end() || found->name() != name)
      return tell(Missing::Reason::absent, *requirement, demand.by, nullptr);
    const Distribution& there = *found->distribution;
    compare(*requirement, demand.by, there, by_caller);
    for (const Constraint& constraint : constraints_)
      if (constraint.name == name) compare(constraint.requirement, constraint.by, there, true);
    follow(*found, requirement->extras);
  }
  /// A URL is compared only when the caller gives it: what a distribution's own requirement says
  /// about the place, `pip check` doesn't look at either.
  void compare(const Requirement& requirement, const std::string& by, const Distribution& there,
               bool by_caller) {
    const auto version = parse_package_version(there.version);
    if (!version || !specifier_allows(requirement.specifier, *version))
      tell(Missing::Reason::other_version, requirement, by, &there);
    else if (by_caller && !requirement.url.empty() && requirement.url != there.direct_url)
      tell(Missing::Reason::other_source, requirement, by, &there);
  }
  /// What a distribution requires itself is looked at once, and once for each extra that it offers.
  void follow(Node& node, const std::vector<std::string>& extras) {
    follow_one(node, "");
    for (const std::string& offered : node.distribution->extras) {
      const std::string extra = normalized_name(offered);
      if (std::find(extras.begin(), extras.end(), extra) != extras.end()) follow_one(node, extra);
    }
  }
  void follow_one(Node& node, const std::string& extra) {
    std::vector<std::string>& followed = node.followed;
    if (std::find(followed.begin(), followed.end(), extra) != followed.end()) return;
    followed.push_back(extra);
    open_.push_back({node.distribution, extra});
  }
  void tell(Missing::Reason reason, const Requirement& requirement, const std::string& by,
            const Distribution* there) {
    Missing missing;
    missing.reason = reason;
    missing.requirement = requirement_text(requirement);
    missing.required_by = by;
    missing.name = normalized_name(requirement.name);
    if (there != nullptr) missing.installed = there->version;
    add(std::move(missing));
  }
  void add(Missing missing) {
    const auto is_same = [&missing](const Missing& other) {
      return other.requirement == missing.requirement && other.required_by == missing.required_by;
    };
    if (!std::any_of(missing_.begin(), missing_.end(), is_same))
      missing_.push_back(std::move(missing));
  }

  const MarkerValues& values_;
  std::vector<Node> installed_{}; ///< by name
  std::vector<Constraint> constraints_{};
  std::vector<std::pair<const Distribution*, std::string>> open_{};
  std::vector<Missing> missing_{};
};

/// What of `demands` is not there, followed through what the distributions require themselves to the
/// end, with extras and markers; empty: all is. `constraints` say which versions may be there of what
/// is needed. `installed` is in the order of `sys.path`. Never throws for what it reads.
VENV_INLINE std::vector<Missing> find_missing(const std::vector<Demand>& demands,
                                              const std::vector<Demand>& constraints,
                                              const std::vector<Distribution>& installed,
                                              const MarkerValues& values) {
  return MissingFinder(installed, values).find(demands, constraints);
}

VENV_DETAIL_END
