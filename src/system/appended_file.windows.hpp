#pragma once

#include "appended_file.hpp"
#include "handle.hpp"
#include "new_file.hpp"
#include "win32.hpp"

VENV_DETAIL_BEGIN

/// Who may read it, the directory's own list says.
VENV_INLINE AppendedFile::AppendedFile(const fs::path& path) : path_(path) {
  const std::wstring name = native_of(path);
  const bool opened = patiently([&] {
    file_ = handle_from(::CreateFileW(name.c_str(), FILE_APPEND_DATA | SYNCHRONIZE, share_all,
                                      nullptr, OPEN_ALWAYS, FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
    return static_cast<bool>(file_);
  });
  if (!opened) throw failed("create", path_);
  if (kind_of(attributes_of(file_)) != FileKind::file)
    throw io_error("create", path_, std::make_error_code(std::errc::file_exists));
}

VENV_INLINE void AppendedFile::append(std::string_view bytes) { write_all(file_, bytes, path_); }

VENV_INLINE void AppendedFile::flush() {
  if (::FlushFileBuffers(handle_of(file_)) == 0) throw failed("flush", path_);
}

VENV_DETAIL_END
