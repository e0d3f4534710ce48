#pragma once

#include "../api/error.hpp"
#include "../base/error.hpp"
#include "../system/file.hpp"
#include "../system/path.hpp"
#include "../system/status.hpp"
#include "../system/tree.hpp"

#include <string_view>
#include <system_error>

VENV_DETAIL_BEGIN

// What lies at one path.

VENV_INLINE bool has_bytes(const fs::path& path, const FileStatus& status, std::string_view bytes) {
  if (status.kind != FileKind::file || status.size != bytes.size()) return false;
  try {
    return read_file(path) == bytes;
  } catch (const Error&) {
    return false;
  }
}

VENV_INLINE void refuse_directory(const fs::path& path, const FileStatus& status) {
  if (status.kind == FileKind::directory)
    throw io_error("replace", path, std::make_error_code(std::errc::is_a_directory));
}

VENV_DETAIL_END
