#pragma once

#include "registry.hpp"

#include <optional>
#include <string>
#include <vector>

VENV_DETAIL_BEGIN

VENV_INLINE std::vector<std::string> registry_keys(RegistryRoot, const std::string&) { return {}; }

VENV_INLINE std::optional<std::string> registry_text(RegistryRoot, const std::string&,
                                                     const std::string&) {
  return std::nullopt;
}

VENV_DETAIL_END
