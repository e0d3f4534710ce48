#pragma once

#include "check.hpp"
#include "error.hpp"
#include "version.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

VENV_BEGIN

/// An environment of a folder, as its files tell it.
struct VENV_API ListedEnvironment {
  std::filesystem::path directory{};
  std::string owner{}; ///< `Options::owner` when it was made; empty: nobody's
  Implementation implementation{};
  Version version{};            ///< zeros for one that is half made
  std::filesystem::path base{}; ///< the program of its base Python; empty when that is gone
  /// When it was made, or last used as far as this header has seen: by `ensure`, and in those that it made, or
  /// that have an owner, by `Environment::run`, `command` and `install`. Noted once an hour.
  std::chrono::system_clock::time_point last_used{};
  std::uint64_t size = 0;          ///< in bytes, as `Environment::size`
  std::vector<Problem> problems{}; ///< what `check` says of it
};

/// The environments that lie in a folder, half-made ones included, in the order of their names: to take away
/// with `remove_environment` what nobody uses. Nothing is started or changed; links are not followed. Error
/// (`io`) when the folder can't be listed.
[[nodiscard]] VENV_API std::vector<ListedEnvironment>
environments_in(const std::filesystem::path& folder);
/// The same without throwing: nothing, and `error` set, when it fails.
[[nodiscard]] VENV_API std::optional<std::vector<ListedEnvironment>>
environments_in(const std::filesystem::path& folder, std::optional<Error>& error);

VENV_END
