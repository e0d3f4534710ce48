#pragma once

#include "handle.hpp"
#include "path.hpp"

#include <string_view>

VENV_DETAIL_BEGIN

// The contract of appended_file.posix.hpp and appended_file.windows.hpp. Errors as in file.hpp.

/// A file that grows at its end: a record that is written is there when the next thing happens.
class AppendedFile {
public:
  /// Makes the file, or goes on at the end of the one that is there. Readable for its owner alone.
  explicit AppendedFile(const fs::path& path);
  void append(std::string_view bytes);
  /// Sees to it that what was appended reaches the disk.
  void flush();

private:
  fs::path path_;
  Handle file_{};
};

VENV_DETAIL_END

#if defined(_WIN32)
#include "appended_file.windows.hpp"
#else
#include "appended_file.posix.hpp"
#endif
