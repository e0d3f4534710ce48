#pragma once

#include "../api/distribution.hpp"
#include "../api/error.hpp"
#include "../config.hpp"
#include "../base/function_ref.hpp"
#include "../text/utf8.hpp"
#include "marker.hpp"
#include "metadata.hpp"
#include "missing.hpp"
#include "project_name.hpp"
#include "requirement.hpp"
#include "specifier.hpp"
#include "tags.hpp"
#include "version.hpp"
#include "wheel_name.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// A wheel that could be installed.
struct CandidateWheel {
  WheelName name{};
  std::string path{};   ///< UTF-8
  std::size_t rank = 0; ///< of its best tag: see `tag_rank`
};

/// A source distribution that lies among the wheels.
struct FoundSource {
  std::string project{}; ///< in its normal form
  PackageVersion version{};
};

/// Hashes that a line of a requirements file gives: `sha256:...`.
struct HashList {
  std::string project{}; ///< in its normal form
  std::vector<std::string> hashes{};
};

/// What a choice is made from.
struct ChoiceSource {
  const std::vector<CandidateWheel>& wheels; ///< that this Python takes
  const std::vector<FoundSource>& sources;
  const std::vector<Distribution>& installed; ///< in the order of `sys.path`
  const MarkerValues& values;
  PackageVersion python; ///< for `Requires-Python`
  const std::vector<HashList>& hashes;
  bool requires_hashes;
  bool only_binary;
  /// What a wheel says of itself; throws what the caller of `choose_wheels` is to get.
  FunctionRef<Metadata(const CandidateWheel&)> metadata;
  /// Its SHA-256 in hexadecimal digits.
  FunctionRef<std::string(const CandidateWheel&)> sha256;
};

/// A wheel that was chosen.
struct Chosen {
  const CandidateWheel* wheel = nullptr;
  std::string project{};    ///< in its normal form
  std::string asked_name{}; ///< as the requirement that was met first spells it
  bool is_requested = false;
  std::string sha256{}; ///< of the file that was looked at, when hashes count
};

/// What came of it: wheels in the order in which they are installed, or why there is no choice.
struct Choice {
  std::vector<Chosen> wheels{};
  std::string obstacle{}; ///< one plain line; empty: none
};

/// Chooses wheels by the simplest rule: of each project the newest that satisfies every requirement met
/// so far; what is installed stays while it does. A requirement that is met later and contradicts is
/// taken into account from the beginning then; when that doesn't lead to an end, there is an obstacle.
class WheelChooser {
public:
  WheelChooser(const ChoiceSource& source, const std::vector<Demand>& demands,
               const std::vector<Demand>& constraints)
      : source_(source), demands_(demands), constraints_(constraints) {}

  Choice choose() {
    for (int tries = 0; tries < 30; ++tries) {
      projects_.clear();
      order_.clear();
      is_contradicted_ = false;
      run();
      if (!choice_.obstacle.empty()) return std::move(choice_);
      if (is_contradicted_) continue;
      if (const auto odd = unfounded(); !odd.empty())
        return {{}, "what is required of " + odd + " needs a resolver"};
      return ordered();
    }
    return {{}, "what is required contradicts itself, or needs a resolver"};
  }

private:
  struct Want {
    std::string text, by;
    Requirement requirement;
    bool is_met = true; ///< in this try, and not only in one before
  };
  struct Project {
    std::string asked_name{};
    bool is_requested = false, is_decided = false;
    std::vector<Want> wants{};
    const CandidateWheel* wheel = nullptr;
    PackageVersion version{};
    Metadata metadata{};
    std::vector<std::string> extras{}, followed{}; ///< wanted, and "" and extras that were followed
    std::vector<std::string> needs{};              ///< projects
  };

  void stop(std::string why) {
    if (choice_.obstacle.empty()) choice_.obstacle = std::move(why);
  }
  bool is_stopped() const { return is_contradicted_ || !choice_.obstacle.empty(); }

  void run() {
    for (const Demand& demand : demands_) want(demand, "", nullptr);
    for (std::size_t i = 0; i < order_.size() && !is_stopped(); ++i) {
      const std::string name = order_[i]; // grows meanwhile
      decide(name);
      follow(name);
    }
  }

  std::optional<Requirement> read(const Demand& demand, const std::string& extra) {
    try {
      Requirement requirement = parse_requirement(demand.requirement);
      if (marker_allows(requirement.marker, source_.values, extra)) return requirement;
    } catch (const Error& error) {
      stop(error.what());
    }
    return std::nullopt;
  }

  /// Notes a requirement of the caller's, or of `from`.
  void want(const Demand& demand, const std::string& extra, Project* from) {
    auto requirement = read(demand, extra);
    if (!requirement) return;
    const std::string name = normalized_name(requirement->name);
    if (!requirement->url.empty()) stop(requirement_text(*requirement) + " is required from a URL");
    if (from != nullptr) from->needs.push_back(name);
    const auto [place, is_new] = projects_.try_emplace(name);
    Project& project = place->second;
    if (is_new) begin(name, project, requirement->name);
    project.is_requested = project.is_requested || from == nullptr;
    project.extras.insert(project.extras.end(), requirement->extras.begin(),
                          requirement->extras.end());
    Want one{demand.requirement, demand.by, std::move(*requirement)};
    for (Want& known : project.wants)
      if (known.text == one.text && known.by == one.by) {
        known.is_met = true;
        if (project.is_decided) follow(name);
        return;
      }
    if (project.is_decided && !specifier_allows(one.requirement.specifier, project.version)) {
      learned_[name].push_back(one);
      is_contradicted_ = true;
    }
    project.wants.push_back(std::move(one));
    if (project.is_decided && !is_stopped()) follow(name);
  }
  /// A project that is met for the first time: constraints, and what was learned in tries before.
  void begin(const std::string& name, Project& project, const std::string& asked_name) {
    order_.push_back(name);
    project.asked_name = asked_name;
    for (const Demand& constraint : constraints_) {
      auto requirement = read(constraint, "");
      if (!requirement || normalized_name(requirement->name) != name) continue;
      if (!requirement->url.empty()) stop(requirement_text(*requirement) + " is a URL");
      project.wants.push_back({constraint.requirement, constraint.by, std::move(*requirement)});
    }
    for (Want one : learned_[name]) {
      one.is_met = false;
      project.wants.push_back(std::move(one));
    }
  }

  /// All that is required of a project's version.
  static VersionSpecifier specifier_of(const Project& project) {
    VersionSpecifier all;
    for (const Want& one : project.wants)
      all.clauses.insert(all.clauses.end(), one.requirement.specifier.clauses.begin(),
                         one.requirement.specifier.clauses.end());
    return all;
  }
  static std::string wanted_text(const Project& project) {
    return project.asked_name + specifier_text(specifier_of(project));
  }

  void decide(const std::string& name) {
    Project& project = projects_.at(name);
    project.is_decided = true;
    if (keep_installed(name, project)) return;
    const VersionSpecifier wanted = specifier_of(project);
    std::vector<const CandidateWheel*> found = candidates(name, wanted);
    if (found.empty()) return stop("there is no wheel for " + wanted_text(project) + " at hand");
    if (source_.requires_hashes && !filter_by_hash(name, project, found)) return;
    for (const CandidateWheel* wheel : found) {
      project.metadata = source_.metadata(*wheel);
      if (!specifier_allows(project.metadata.requires_python, source_.python)) continue;
      project.wheel = wheel;
      project.version = wheel->name.parsed_version;
      return refuse_newer_source(name, project, wanted);
    }
    stop("no wheel for " + wanted_text(project) + " at hand is for this Python");
  }
  bool keep_installed(const std::string& name, Project& project) {
    for (const Distribution& one : source_.installed) {
      if (one.normalized_name != name) continue;
      const auto version = parse_package_version(one.version);
      if (!version) continue;
      if (!specifier_allows(specifier_of(project), *version)) return false;
      project.version = *version;
      project.metadata.requirements = one.requirements;
      project.metadata.extras = one.extras;
      return true;
    }
    return false;
  }
  /// The wheels that a specifier allows, the best first.
  std::vector<const CandidateWheel*> candidates(const std::string& name,
                                                const VersionSpecifier& wanted) const {
    std::vector<const CandidateWheel*> all, allowed;
    std::vector<PackageVersion> versions;
    for (const CandidateWheel& wheel : source_.wheels)
      if (normalized_name(wheel.name.distribution) == name) {
        all.push_back(&wheel);
        versions.push_back(wheel.name.parsed_version);
      }
    for (const std::size_t i : choose_versions(wanted, versions)) allowed.push_back(all[i]);
    sort_by(allowed, [](const CandidateWheel* a, const CandidateWheel* b) {
      return is_better_wheel(a->name, a->rank, b->name, b->rank);
    });
    return allowed;
  }
  /// Leaves only wheels with a hash that is allowed, and only when one version is asked for.
  bool filter_by_hash(const std::string& name, const Project& project,
                      std::vector<const CandidateWheel*>& found) {
    const bool is_pinned =
        std::any_of(project.wants.begin(), project.wants.end(), [](const Want& one) {
          const auto& clauses = one.requirement.specifier.clauses;
          return clauses.size() == 1 && !clauses[0].is_prefix &&
                 (clauses[0].op == VersionOperator::equal ||
                  clauses[0].op == VersionOperator::identical);
        });
    const auto is_of_project = [&name](const HashList& list) { return list.project == name; };
    if (!is_pinned || std::none_of(source_.hashes.begin(), source_.hashes.end(), is_of_project)) {
      stop(wanted_text(project) + " has no hash, or not one version");
      return false;
    }
    const auto is_refused = [&](const CandidateWheel* wheel) {
      const std::string hash = "sha256:" + digest_of(wheel);
      return std::any_of(source_.hashes.begin(), source_.hashes.end(), [&](const HashList& list) {
        return list.project == name &&
               std::find(list.hashes.begin(), list.hashes.end(), hash) == list.hashes.end();
      });
    };
    found.erase(std::remove_if(found.begin(), found.end(), is_refused), found.end());
    if (found.empty()) stop("no wheel for " + wanted_text(project) + " at hand has its hash");
    return !found.empty();
  }
  const std::string& digest_of(const CandidateWheel* wheel) {
    std::string& digest = digests_[wheel];
    if (digest.empty()) digest = source_.sha256(*wheel);
    return digest;
  }
  /// pip would build a newer version.
  void refuse_newer_source(const std::string& name, const Project& project,
                           const VersionSpecifier& wanted) {
    if (source_.only_binary) return;
    for (const FoundSource& one : source_.sources)
      if (one.project == name && project.version < one.version &&
          !choose_versions(wanted, {project.version, one.version}).empty() &&
          choose_versions(wanted, {project.version, one.version}).back() == 1)
        return stop("a source distribution of " + project.asked_name + ' ' +
                    version_text(one.version) + " is newer than its wheels");
  }

  /// Notes what a project requires itself: once, and once for each extra that it offers.
  void follow(const std::string& name) {
    Project& project = projects_.at(name);
    std::vector<std::string> extras{""};
    for (const std::string& offered : project.metadata.extras)
      if (const std::string extra = normalized_name(offered);
          std::find(project.extras.begin(), project.extras.end(), extra) != project.extras.end())
        extras.push_back(extra);
    for (const std::string& extra : extras) {
      if (std::find(project.followed.begin(), project.followed.end(), extra) !=
          project.followed.end())
        continue;
      project.followed.push_back(extra);
      const std::string by = project.asked_name + ' ' + version_text(project.version);
      for (const std::string& text : project.metadata.requirements)
        if (!is_stopped()) want({text, by}, extra, &project);
    }
  }

  /// A project of which something is taken into account that nobody requires in the end; empty: none.
  std::string unfounded() const {
    for (const auto& [name, project] : projects_)
      for (const Want& one : project.wants)
        if (!one.is_met) return project.asked_name;
    return {};
  }
  /// What others need comes before them.
  Choice ordered() {
    std::vector<std::string> seen;
    for (const std::string& name : order_) add_ordered(name, seen);
    return std::move(choice_);
  }
  void add_ordered(const std::string& name, std::vector<std::string>& seen) {
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) return;
    seen.push_back(name);
    const Project& project = projects_.at(name);
    for (const std::string& needed : project.needs) add_ordered(needed, seen);
    if (project.wheel == nullptr) return;
    const auto digest = digests_.find(project.wheel);
    choice_.wheels.push_back({project.wheel, name, project.asked_name, project.is_requested,
                              digest == digests_.end() ? "" : digest->second});
  }

  const ChoiceSource& source_;
  const std::vector<Demand>&demands_, &constraints_;
  std::map<std::string, Project> projects_{};
  std::vector<std::string> order_{}; ///< in which they were met
  std::map<std::string, std::vector<Want>> learned_{};
  std::map<const CandidateWheel*, std::string> digests_{};
  bool is_contradicted_ = false;
  Choice choice_{};
};

/// Which wheels meet `demands`, followed through what they require themselves to the end, with extras,
/// markers and constraints. Changes nothing.
VENV_INLINE Choice choose_wheels(const ChoiceSource& source, const std::vector<Demand>& demands,
                                 const std::vector<Demand>& constraints) {
  return WheelChooser(source, demands, constraints).choose();
}

VENV_DETAIL_END
