#pragma once

#include "../api/environment.hpp"
#include "../archive/sha256.hpp"
#include "../cache/cache.hpp"
#include "../create/lay_out.hpp"
#include "../package/choice.hpp"
#include "../package/wheel.hpp"
#include "../python/marker_values.hpp"
#include "../python/request.hpp"
#include "../python/wheel_tags.hpp"
#include "../system/file.hpp"
#include "../system/mapped_file.hpp"
#include "../system/tree.hpp"
#include "missing.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// What lies in the directories of wheels, as far as this Python takes it.
struct AtHand {
  const Cache& cache;
  std::vector<CandidateWheel> wheels{};
  std::vector<FoundSource> sources{};
};

/// The source distributions that a file's name may stand for: `de-mo-1.0.tar.gz` could be `de` or `de-mo`.
VENV_INLINE void add_sources(std::string_view name, std::vector<FoundSource>& sources) {
  bool is_archive = false;
  for (const std::string_view ending : {".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz"})
    if (!is_archive && ends_with_any(name, {ending})) {
      name.remove_suffix(ending.size());
      is_archive = true;
    }
  for (std::size_t dash = name.find('-'); is_archive && dash != name.npos;
       dash = name.find('-', dash + 1))
    if (const auto version = parse_package_version(name.substr(dash + 1)))
      sources.push_back({normalized_name(name.substr(0, dash)), *version});
}

/// Looks into the directories. Only when a wheel there is not for every Python, that is asked what it
/// takes.
VENV_INLINE AtHand look_at_hand(const Requirements& wanted, const Interpreter& python,
                                const Cache& cache, const ProbeOptions& how) {
  AtHand found{cache};
  std::vector<std::pair<WheelName, fs::path>> special;
  for (const fs::path& given : wanted.wheel_dirs) {
    const fs::path directory = absolute_path(given);
    for (const fs::path& entry : names_in(directory)) {
      const std::string name = text_of(entry);
      if (followed_status_of(directory / entry).kind != FileKind::file) continue;
      if (auto wheel = parse_wheel_name(name))
        special.push_back({std::move(*wheel), directory / entry});
      else add_sources(name, found.sources);
    }
  }
  const bool is_simple = std::all_of(special.begin(), special.end(),
                                     [](const auto& wheel) { return wheel.first.is_universal(); });
  std::vector<Tag> tags{{"py3", "none", "any"}};
  if (!is_simple) tags = tags_of(python, cache, how);
  for (auto& [name, path] : special)
    if (const auto rank = tag_rank(name, tags))
      found.wheels.push_back({std::move(name), text_of(path), *rank});
  return found;
}

/// What a wheel says of itself. Throws UnverifiableWheel for one that is for pip alone.
VENV_INLINE Metadata metadata_of(const CandidateWheel& candidate, const Cache& cache) {
  const fs::path path = path_of(candidate.path);
  try {
    return parse_metadata(facts_of(path, cache).metadata);
  } catch (const UnverifiableWheel& error) {
    throw UnverifiableWheel(quoted(path) + ": " + error.what());
  } catch (const Error& error) {
    throw told_of_wheel(error, path);
  }
}

/// Why requirements are not for wheels at hand, whatever lies there; empty: they may be.
VENV_INLINE std::string obstacle_in(const Requirements& wanted, const Demands& demands) {
  if (wanted.only_pip) return "it is asked to (Requirements::only_pip)";
  if (!wanted.pip_arguments.empty()) return "there are further arguments for it";
  if (wanted.wheel_dirs.empty()) return "no directory of wheels is given";
  for (const fs::path& directory : wanted.wheel_dirs)
    if (followed_status_of(absolute_path(directory)).kind != FileKind::directory)
      return quoted(directory) + " is no directory";
  if (!demands.places.empty())
    return "'" + printable(demands.places[0].text) + "' is a path or a URL";
  for (const RequiredLine& line : demands.lines)
    if (!line.settings.empty()) return "'" + printable(line.text) + "' has settings for a build";
  for (const FileOption& option : demands.options) {
    const bool is_of_index = option.name == "--index-url" || option.name == "--extra-index-url" ||
                             option.name == "--no-index" || option.name == "--trusted-host";
    const bool is_known = option.name == "--require-hashes" ||
                          (option.name == "--only-binary" && option.value == ":all:");
    if (!is_of_index && !is_known)
      return "a requirements file says " + option.name + " (" + place_text(option.place) + ')';
  }
  return {};
}

VENV_INLINE bool has_option(const Demands& demands, std::string_view name) {
  return std::any_of(demands.options.begin(), demands.options.end(),
                     [name](const FileOption& option) { return option.name == name; });
}

/// The hashes that are given. A line that can't be read is told where it is required.
VENV_INLINE std::vector<HashList> hashes_in(const Demands& demands) {
  std::vector<HashList> hashes;
  for (const RequiredLine& line : demands.lines) {
    if (line.hashes.empty()) continue;
    try {
      hashes.push_back({normalized_name(parse_requirement(line.text).name), line.hashes});
    } catch (const Error&) {
      hashes.push_back({"", line.hashes});
    }
  }
  return hashes;
}

/// Chooses what meets the demands from what is at hand.
VENV_INLINE Choice choose_at_hand(const AtHand& at_hand, const Requirements& wanted,
                                  const Demands& demands,
                                  const std::vector<Distribution>& installed,
                                  const Interpreter& python) {
  const std::vector<HashList> hashes = hashes_in(demands);
  const MarkerValues values = marker_values(python);
  const auto metadata = [&at_hand](const CandidateWheel& wheel) {
    return metadata_of(wheel, at_hand.cache);
  };
  const auto digits = [](const CandidateWheel& wheel) { return sha256_of(path_of(wheel.path)); };
  const ChoiceSource source{at_hand.wheels,
                            at_hand.sources,
                            installed,
                            values,
                            package_version(python),
                            hashes,
                            wanted.require_hashes || has_option(demands, "--require-hashes") ||
                                !hashes.empty(),
                            wanted.only_binary || has_option(demands, "--only-binary"),
                            metadata,
                            digits};
  return choose_wheels(source, demands.required, demands.constraints);
}

VENV_DETAIL_END
