#pragma once

#include "check.hpp"
#include "environment.hpp"
#include "error.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

VENV_BEGIN

/// What came of `ensure`.
struct VENV_API EnsureResult {
  Environment environment;        ///< as it is now
  bool changed = false;           ///< whether anything was done
  std::vector<Problem> reasons{}; ///< why: what was wrong before, notes left out
  std::string output{};           ///< what pip printed when it ran
};

/// Makes the environment in `dir` what `options` ask for, and returns it: at once when it is so already,
/// else it is created, completed, repaired or updated, under one lock from the first look to the last
/// installed file. Any number of processes may call it for the same directory.
///
/// What `check` finds is mended without losing a package: links, `pyvenv.cfg`, scripts, programs that
/// ran by a Python that is gone, after a move too, and a damaged pip. An environment keeps its own base
/// Python, its prompt, and links or copies, unless something else is asked for; when its base is gone,
/// another one of the same minor version is looked for first. Packages for another minor version stay
/// where they are, unseen, and `Options::report` is told their names.
///
/// What it knows of an environment that is as it should be lies in a file there: nothing to do is known
/// by the times of files then. What only bytes would tell (a file of pip that was changed) is seen with
/// `EnsureOptions::thorough`.
///
/// Requirements are installed as by `Environment::install` when one is missing; the environment gets pip
/// when that takes one. When it fails, the environment stays, and the next call tries again. Errors: as
/// `create`, `check` and `Environment::install`; `busy` after `EnsureOptions::lock_timeout`.
/// `Options::clear` makes it anew each time, `Options::upgrade` is refused.
VENV_API EnsureResult ensure(const std::filesystem::path& dir, const EnsureOptions& options = {});
/// The same without throwing: nothing, and `error` set, when it fails.
[[nodiscard]] VENV_API std::optional<EnsureResult>
ensure(const std::filesystem::path& dir, const EnsureOptions& options, std::optional<Error>& error);

VENV_END
