#pragma once

#include "../base/ascii.hpp"
#include "../base/order.hpp"
#include "../system/registry.hpp"
#include "candidate.hpp"

#include <string>
#include <utility>

VENV_DETAIL_BEGIN

/// The Pythons that are noted with Windows (PEP 514): the user's own before the machine's; of one place
/// python.org's before others', the newest first.
VENV_INLINE Candidates registered_pythons() {
  Candidates all;
  for (const RegistryRoot root :
       {RegistryRoot::user, RegistryRoot::machine, RegistryRoot::machine_32}) {
    Candidates found;
    const std::string top = "Software\\Python";
    for (const std::string& company : registry_keys(root, top)) {
      if (folded(company) == "pylauncher") continue; // a reserved name
      for (const std::string& tag : registry_keys(root, top + '\\' + company)) {
        const std::string key = top + '\\' + company + '\\' + tag + "\\InstallPath";
        fs::path program = path_of(registry_text(root, key, "ExecutablePath").value_or(""));
        if (program.empty())
          if (const auto folder = registry_text(root, key, ""))
            program = path_of(*folder) / "python.exe";
        const bool is_core = folded(company) == "pythoncore";
        PythonName name = is_core ? parse_installation_name(tag) : PythonName{};
        if (is_program(program))
          found.push_back({std::move(program), PythonSource::registry, std::move(name)});
      }
    }
    sort_by(found, [](const Candidate& a, const Candidate& b) {
      return rank_of(a.name.release) > rank_of(b.name.release);
    });
    for (Candidate& each : found) all.push_back(std::move(each));
  }
  return all;
}

VENV_DETAIL_END
