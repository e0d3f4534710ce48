#pragma once

#include "../api/context.hpp"
#include "session.hpp"

#include <string>
#include <vector>

VENV_DETAIL_BEGIN

/// `flask==3.0.2` for `flask-3.0.2.dist-info`.
VENV_INLINE std::string pinned(const std::string& dist_info) {
  const std::size_t dash = dist_info.find('-');
  return dist_info.substr(0, dash) +
         "==" + dist_info.substr(dash + 1, dist_info.rfind('.') - dash - 1);
}

/// Says what packages another Python's library still holds, which this one doesn't import, and how to
/// get them back.
VENV_INLINE void tell_unreachable(const Context& context, Session& session) {
  const Transaction& transaction = session.transaction();
  if (transaction.is_fresh()) return;
  constexpr std::size_t most_named = 10;
  for (const LibraryDirectory& library : transaction.state().libraries) {
    if (path_of(library.name) == context.lib_path.parent_path().filename()) continue;
    std::vector<std::string> packages;
    for (const std::string& dist_info : library.dist_infos) {
      const std::string project = folded(dist_info.substr(0, dist_info.find('-')));
      if (project != "pip" && project != "setuptools" && project != "wheel")
        packages.push_back(pinned(dist_info));
    }
    if (packages.empty()) continue;
    std::string names;
    for (std::size_t i = 0; i < packages.size() && i < most_named; ++i) names += ' ' + packages[i];
    if (packages.size() > most_named)
      names += " and " + std::to_string(packages.size() - most_named) + " more";
    session.warn(WarningCode::other_minor,
                 "what is installed in " + quoted(context.env_dir / "lib" / library.name) +
                     " is for another Python; install it again with: " +
                     quoted(context.env_exec_cmd) + " -m pip install" + names);
  }
}

VENV_DETAIL_END
