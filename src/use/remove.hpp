#pragma once

#include "../api/environment.hpp"
#include "../create/aside.hpp"
#include "../create/directories.hpp"
#include "../create/journal.hpp"
#include "../python/redirect.hpp"
#include "../system/beside.hpp"
#include "../system/file.hpp"
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
  refuse_prefix(env_dir, state);
  refuse_clear(env_dir, state, false, Emptying::remove);
}

/// Moves an environment aside in one step; as it was where that can't be. Where it lies then.
VENV_INLINE fs::path move_aside(const fs::path& env_dir) {
  try_finish_removal(env_dir);
  fs::path aside = aside_of(env_dir);
  if (status_of(aside).kind != FileKind::missing) aside = name_beside(env_dir);
  const fs::path cfg = env_dir / "pyvenv.cfg", mark = env_dir / staged_cfg;
  const bool had_cfg = status_of(cfg).kind == FileKind::file;
  const bool had_mark = status_of(mark).kind != FileKind::missing;
  bool is_marked = false;
  try {
    mark_unfinished(env_dir, staged_cfg);
    is_marked = true;
  } catch (const Error&) {
    // A full disk: only a run that is killed in what follows leaves something then.
  }
  try {
    rename_file(env_dir, aside);
  } catch (const Error&) {
    if (is_marked && had_cfg) rename_file(mark, cfg);
    else if (is_marked && !had_mark) remove_file(mark);
    throw;
  }
  return aside;
}

VENV_INLINE void delete_moved(const fs::path& env_dir, const fs::path& aside,
                              const LockWait& wait) {
  try {
    delete_aside(aside, wait);
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
  LockWait waiting;
  waiting.limit = wait;
  const FileKind kind = known_status_of(dir).kind;
  if (kind == FileKind::missing && finish_removal(dir, waiting)) return;
  if (kind == FileKind::link)
    throw refused_to_empty(dir, "it is a link to " + quoted(link_target(dir)), Emptying::remove)
        .advise("Remove that, then the link.");
  if (kind == FileKind::missing) throw refused_to_empty(dir, "it isn't there", Emptying::remove);
  DirectoryLock lock(dir, waiting);
  if (!lock.holds(dir)) throw refused_to_empty(dir, "it isn't there", Emptying::remove);
  recover(dir, staged_cfg);
  refuse_removal(dir);
  const fs::path aside = move_aside(dir);
  lock = DirectoryLock(); // whoever comes next may delete it, too
  delete_moved(dir, aside, waiting);
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
