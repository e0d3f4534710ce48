#pragma once

#include "../config.hpp"
#include "../base/ascii.hpp"
#include "version.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// How a clause compares: `===` `==` `!=` `<=` `>=` `~=` `<` `>`.
enum class VersionOperator {
  identical,
  equal,
  not_equal,
  at_most,
  at_least,
  compatible,
  less,
  greater,
};

/// The operators as they are written, in that order: none begins with one behind it.
inline constexpr std::string_view version_operators[] = {
    "===", "==", "!=", "<=", ">=", "~=", "<", ">"};

/// One clause of a version specifier: `>=3.8`, `==1.*`.
struct SpecifierClause {
  VersionOperator op = VersionOperator::equal;
  std::string operand{};    ///< as written, `.*` included
  PackageVersion version{}; ///< what it says; of no meaning for `===`
  bool is_prefix = false;   ///< it ends in `.*`
};

/// A version specifier (PEP 440, "Version specifiers"); without a clause it allows everything.
struct VersionSpecifier {
  std::vector<SpecifierClause> clauses{};
};

/// The clause that `text` spells, or nothing when it is none.
VENV_INLINE std::optional<SpecifierClause> parse_clause(std::string_view text) {
  SpecifierClause clause;
  const auto* const op = std::find_if(
      std::begin(version_operators), std::end(version_operators),
      [text](std::string_view candidate) { return text.substr(0, candidate.size()) == candidate; });
  if (op == std::end(version_operators)) return std::nullopt;
  clause.op = static_cast<VersionOperator>(op - std::begin(version_operators));
  text.remove_prefix(op->size());
  const std::string_view operand = strip(text);
  const bool ends_with_blank = operand.data() + operand.size() != text.data() + text.size();
  if (operand.empty() || ends_with_blank || operand.find_first_of(" \t\r\n\v\f;)") != operand.npos)
    return std::nullopt;
  clause.operand = operand;
  if (clause.op == VersionOperator::identical) return clause;
  const bool exact = clause.op == VersionOperator::equal || clause.op == VersionOperator::not_equal;
  clause.is_prefix = operand.size() > 2 && operand.substr(operand.size() - 2) == ".*";
  auto version =
      parse_package_version(operand.substr(0, operand.size() - (clause.is_prefix ? 2 : 0)));
  if (!version || (!exact && (clause.is_prefix || !version->local.empty()))) return std::nullopt;
  const bool only_release =
      !version->is_prerelease() && version->post == 0 && version->local.empty();
  if (clause.is_prefix && !only_release) return std::nullopt;
  if (clause.op == VersionOperator::compatible && version->release.size() < 2) return std::nullopt;
  clause.version = std::move(*version);
  return clause;
}

/// The specifier that `text` spells, clauses with commas between them; nothing when it is none.
VENV_INLINE std::optional<VersionSpecifier> parse_specifier(std::string_view text) {
  VersionSpecifier specifier;
  for (const std::string_view part : split(text, ',')) {
    if (strip(part).empty()) continue;
    auto clause = parse_clause(strip(part));
    if (!clause) return std::nullopt;
    specifier.clauses.push_back(std::move(*clause));
  }
  return specifier;
}

VENV_INLINE std::string clause_text(const SpecifierClause& clause) {
  return std::string(version_operators[static_cast<int>(clause.op)]) + clause.operand;
}

/// The clauses in their order, with commas and no blanks.
VENV_INLINE std::string specifier_text(const VersionSpecifier& specifier) {
  std::string text;
  for (const SpecifierClause& clause : specifier.clauses)
    text += (text.empty() ? "" : ",") + clause_text(clause);
  return text;
}

/// Whether `version` is one of the release that `wanted` begins, `places` numbers long.
VENV_INLINE bool begins_alike(const PackageVersion& version, const PackageVersion& wanted,
                              std::size_t places) {
  return version.epoch == wanted.epoch && compare_releases(version, wanted, places) == 0;
}

/// `>`: later, and neither a local variant nor, when `wanted` is no post-release itself, a
/// post-release of what is named.
VENV_INLINE bool is_above(const PackageVersion& version, const PackageVersion& wanted) {
  if (compare_public(version, wanted) <= 0) return false;
  if (wanted.has_dev() || wanted.post != 0) return true;
  const std::size_t places = (std::max)(version.release.size(), wanted.release.size());
  return version.post == 0 || !begins_alike(version, wanted, places) ||
         version.phase != wanted.phase || version.phase_number != wanted.phase_number;
}

/// `<`: earlier, and no pre-release of what is named, except when that is one itself.
VENV_INLINE bool is_below(const PackageVersion& version, PackageVersion wanted) {
  if (!wanted.is_prerelease()) wanted.dev = 0;
  return version < wanted;
}

VENV_INLINE bool is_equal(const PackageVersion& version, const SpecifierClause& clause) {
  const PackageVersion& wanted = clause.version;
  if (clause.is_prefix) return begins_alike(version, wanted, wanted.release.size());
  return wanted.local.empty() ? compare_public(version, wanted) == 0 : version == wanted;
}

/// Whether a clause allows a version, pre-releases included. `text` is what `===` compares: the
/// version as whoever calls has it.
VENV_INLINE bool clause_allows(const SpecifierClause& clause, const PackageVersion& version,
                               std::string_view text) {
  const PackageVersion& wanted = clause.version;
  switch (clause.op) {
  case VersionOperator::identical: return folded(text) == folded(clause.operand);
  case VersionOperator::equal: return is_equal(version, clause);
  case VersionOperator::not_equal: return !is_equal(version, clause);
  case VersionOperator::at_most: return compare_public(version, wanted) <= 0;
  case VersionOperator::at_least: return !(version < wanted);
  case VersionOperator::compatible:
    return !(version < wanted) && begins_alike(version, wanted, wanted.release.size() - 1);
  case VersionOperator::less: return is_below(version, wanted);
  case VersionOperator::greater: return is_above(version, wanted);
  default: return false;
  }
}

/// Whether every clause allows a version. Pre-releases are allowed: one that is there was asked for.
VENV_INLINE bool specifier_allows(const VersionSpecifier& specifier,
                                  const PackageVersion& version) {
  const std::string text = version_text(version);
  return std::all_of(
      specifier.clauses.begin(), specifier.clauses.end(),
      [&](const SpecifierClause& clause) { return clause_allows(clause, version, text); });
}

/// The same for a specifier that is still text, such as `Requires-Python`; one that can't be read
/// allows none.
VENV_INLINE bool specifier_allows(std::string_view specifier, const PackageVersion& version) {
  const auto parsed = parse_specifier(specifier);
  return parsed && specifier_allows(*parsed, version);
}

/// Whether a specifier asks for pre-releases by naming one ("Handling of pre-releases").
VENV_INLINE bool asks_for_prereleases(const VersionSpecifier& specifier) {
  return std::any_of(specifier.clauses.begin(), specifier.clauses.end(),
                     [](const SpecifierClause& clause) {
                       if (clause.op == VersionOperator::not_equal) return false;
                       if (clause.op != VersionOperator::identical)
                         return clause.version.is_prerelease();
                       const auto version = parse_package_version(clause.operand);
                       return version && version->is_prerelease();
                     });
}

/// Of `versions` the indices of those that may be chosen: what the specifier allows, and pre-releases
/// only when it asks for them or when there is nothing else.
VENV_INLINE std::vector<std::size_t> choose_versions(const VersionSpecifier& specifier,
                                                     const std::vector<PackageVersion>& versions) {
  std::vector<std::size_t> releases, all;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    if (!specifier_allows(specifier, versions[i])) continue;
    all.push_back(i);
    if (!versions[i].is_prerelease()) releases.push_back(i);
  }
  return releases.empty() || asks_for_prereleases(specifier) ? all : releases;
}

VENV_DETAIL_END
