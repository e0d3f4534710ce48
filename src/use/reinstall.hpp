#pragma once

#include "../create/state.hpp"
#include "../create/unreachable.hpp"
#include "../package/missing.hpp"
#include "../package/project_name.hpp"
#include "../package/requirement.hpp"
#include "../system/status.hpp"

#include <algorithm>
#include <string>
#include <vector>

VENV_DETAIL_BEGIN

/// What was installed for another minor version of Python and is missing for the environment's own, in the
/// versions that it had. Left out is what `required` asks for itself, and what came from a place of its own
/// (PEP 610).
VENV_INLINE std::vector<std::string> packages_to_reinstall(const fs::path& library,
                                                           const State& state,
                                                           const std::vector<Demand>& required) {
  const auto project_of = [](const std::string& dist_info) {
    return normalized_name(dist_info.substr(0, dist_info.find('-')));
  };
  std::vector<std::string> known{"pip", "setuptools", "wheel"};
  for (const Demand& demand : required)
    known.push_back(normalized_name(parse_requirement(demand.requirement).name));
  const auto is_own = [&library](const LibraryDirectory& one) {
    return path_of(one.name) == library.parent_path().filename();
  };
  for (const LibraryDirectory& one : state.libraries)
    for (const std::string& dist_info : one.dist_infos)
      if (is_own(one)) known.push_back(project_of(dist_info));
  std::vector<std::string> packages;
  for (const LibraryDirectory& one : state.libraries)
    for (const std::string& dist_info : one.dist_infos) {
      const std::string project = project_of(dist_info);
      if (is_own(one) || std::find(known.begin(), known.end(), project) != known.end() ||
          has_own_place(one, dist_info))
        continue;
      known.push_back(project);
      packages.push_back(pinned(dist_info));
    }
  return packages;
}

VENV_DETAIL_END
