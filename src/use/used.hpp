#pragma once

#include "../system/file.hpp"
#include "../system/folder.hpp"
#include "../system/status.hpp"

#include <chrono>
#include <cstdint>

VENV_DETAIL_BEGIN

// When an environment was last used: the time of an empty file. No file that anything depends on changes.

inline constexpr char used_name[] = ".venv.hpp-used";

/// Notes that an environment is used, once an hour. `marks`: makes the file when it isn't there. One that
/// can't be written is none.
VENV_INLINE void note_use(const fs::path& env_dir, bool marks) {
  using namespace std::chrono;
  const fs::path mark = env_dir / used_name;
  const FileStatus status = status_of(mark);
  const auto now = duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count();
  if (status.kind == FileKind::file) {
    if (now - status.modified > nanoseconds(hours(1)).count()) touch(mark);
  } else if (marks && status.kind == FileKind::missing) {
    try {
      Folder(env_dir).create(used_name, {}, 0666);
    } catch (const Error&) {
      // Then nobody knows.
    }
  }
}

/// When it was last used, or made; 0 when neither is known.
VENV_INLINE std::int64_t last_use(const fs::path& env_dir) {
  for (const fs::path& file : {env_dir / used_name, env_dir / "pyvenv.cfg", env_dir})
    if (const FileStatus status = status_of(file); status.kind != FileKind::missing)
      return status.modified;
  return 0;
}

VENV_DETAIL_END
