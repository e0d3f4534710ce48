#pragma once

#include "../config.hpp"

#include <optional>
#include <string>
#include <vector>

VENV_DETAIL_BEGIN

// The contract of registry.posix.hpp and registry.windows.hpp: what programs note of themselves with
// Windows. Elsewhere there is nothing. A key is spelled with `\`.

/// Where a key is looked for: the user's own, the machine's, and the machine's for programs of 32 bits.
enum class RegistryRoot { user, machine, machine_32 };

/// The names of the keys below a key, in the system's order; none when it is missing.
std::vector<std::string> registry_keys(RegistryRoot root, const std::string& key);
/// A value that is text, with the variables in it put in where it is one that has them (`%NAME%`);
/// nothing when there is none. An empty name is the key's own value.
std::optional<std::string> registry_text(RegistryRoot root, const std::string& key,
                                         const std::string& name);

VENV_DETAIL_END

#if defined(_WIN32)
#include "registry.windows.hpp"
#else
#include "registry.posix.hpp"
#endif
