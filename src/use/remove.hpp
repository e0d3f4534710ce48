#pragma once

#include "../api/environment.hpp"
#include "../create/directories.hpp"
#include "../python/redirect.hpp"
#include "../system/beside.hpp"
#include "../system/lock.hpp"
#include "../system/tree.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

VENV_DETAIL_BEGIN

/// Refuses what is not to be removed; `env_dir` is locked.
VENV_INLINE void refuse_removal(const fs::path& env_dir) {
  const State state = read_state(env_dir);
  refuse_bad_directory(env_dir, state);
  if (!state.own_python.empty()) refuse_prefix(env_dir, state);
  refuse_clear(env_dir, state, false, Emptying::remove);
}

/// Deletes what was moved aside.
VENV_INLINE void delete_aside(const fs::path& env_dir, const fs::path& aside) {
  try {
    remove_tree(aside, Mounts::refuse);
  } catch (const Error& error) {
    Error left(error.code(), std::string(error.what()) + "; what is left of " + quoted(env_dir) +
                                 " lies in " + quoted(aside));
    left.at("remove the environment").on(error.path()).caused_by(error.system_error());
    throw left.advise("Delete it once the reason is gone.");
  }
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE void remove_environment(const std::filesystem::path& env_dir,
                                    std::chrono::milliseconds wait) {
  using namespace detail;
  refuse_bad_name(env_dir);
  const fs::path dir = environment_meant(absolute_path(env_dir));
  const FileKind kind = known_status_of(dir).kind;
  if (kind == FileKind::link)
    throw refused_to_empty(dir, "it is a link to " + quoted(link_target(dir)), Emptying::remove)
        .advise("Remove that, then the link.");
  if (kind == FileKind::missing) throw refused_to_empty(dir, "it isn't there", Emptying::remove);
  LockWait waiting;
  waiting.limit = wait;
  const DirectoryLock lock(dir, waiting);
  if (!lock.holds(dir)) throw refused_to_empty(dir, "it isn't there", Emptying::remove);
  refuse_removal(dir);
  const fs::path aside = name_beside(dir);
  rename_file(dir, aside);
  delete_aside(dir, aside);
}

VENV_INLINE bool remove_environment(const std::filesystem::path& env_dir,
                                    std::optional<Error>& error, std::chrono::milliseconds wait) {
  error.reset();
  try {
    remove_environment(env_dir, wait);
    return true;
  } catch (const Error& thrown) {
    error = thrown;
    return false;
  }
}

VENV_END
