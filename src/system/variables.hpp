#pragma once

#include "path.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

// The contract of variables.posix.hpp and variables.windows.hpp: what this process was given. Values
// are UTF-8 on Windows, the bytes that they are elsewhere.

/// The value of an environment variable, nothing when it is unset or empty.
std::optional<std::string> variable(const char* name);
/// The same, nothing only when it is unset.
std::optional<std::string> set_variable(const char* name);

/// The folders in which programs are looked for, as one text: `PATH`; what the system searches when
/// that is not set at all (`env -i`), as a shell does. An empty one stays empty.
std::string search_path();
/// What the system searches when `PATH` is not set.
std::string default_search_path();

/// All variables, in the order in which the system has them.
std::vector<std::pair<std::string, std::string>> all_variables();

/// The home directory that the system's list of accounts has for the effective user, whatever the
/// environment says; empty when it has none.
fs::path account_home();

VENV_DETAIL_END

#if defined(_WIN32)
#include "variables.windows.hpp"
#else
#include "variables.posix.hpp"
#endif
