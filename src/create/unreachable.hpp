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

/// Whether a distribution came from a place of its own (PEP 610), so that its version alone brings it back
/// no more.
VENV_INLINE bool has_own_place(const LibraryDirectory& library, const std::string& dist_info) {
  return status_of(library.site_packages / path_of(dist_info) / "direct_url.json").kind !=
         FileKind::missing;
}

/// The first few of them, each after a blank.
VENV_INLINE std::string first_of(const std::vector<std::string>& packages) {
  constexpr std::size_t most_named = 10;
  std::string names;
  for (std::size_t i = 0; i < packages.size() && i < most_named; ++i) names += ' ' + packages[i];
  if (packages.size() > most_named)
    names += " and " + std::to_string(packages.size() - most_named) + " more";
  return names;
}

/// Says what packages another Python's library still holds, which this one doesn't import, and how to
/// get them back, or that they are installed again.
VENV_INLINE void tell_unreachable(const Context& context, Session& session) {
  const Transaction& transaction = session.transaction();
  if (transaction.is_fresh()) return;
  const bool reinstalls = session.is_followed_by_reinstalling();
  for (const LibraryDirectory& library : transaction.state().libraries) {
    if (path_of(library.name) == context.lib_path.parent_path().filename()) continue;
    std::vector<std::string> again, by_hand;
    for (const std::string& dist_info : library.dist_infos) {
      const std::string project = folded(dist_info.substr(0, dist_info.find('-')));
      if (project == "pip" || project == "setuptools" || project == "wheel") continue;
      const bool is_done = reinstalls && !has_own_place(library, dist_info);
      (is_done ? again : by_hand).push_back(pinned(dist_info));
    }
    std::string what = "what is installed in " + quoted(context.env_dir / "lib" / library.name) +
                       " is for another Python";
    if (!again.empty())
      what += "; it is installed again, unless something else is required:" + first_of(again);
    if (!by_hand.empty())
      what += std::string(again.empty() ? "; install it" : "; install the rest") +
              " again with: " + quoted(context.env_exec_cmd) + " -m pip install" +
              first_of(by_hand);
    if (!again.empty() || !by_hand.empty()) session.warn(WarningCode::other_minor, what);
  }
}

VENV_DETAIL_END
