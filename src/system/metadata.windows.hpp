#pragma once

#include "file.hpp"
#include "handle.hpp"
#include "metadata.hpp"
#include "status.hpp"
#include "win32.hpp"

#include <vector>

VENV_DETAIL_BEGIN

/// Gives on one part of what Windows notes of a file's security, as far as this user may.
VENV_INLINE void copy_security(const std::wstring& from, const std::wstring& to,
                               SECURITY_INFORMATION part) {
  DWORD size = 0;
  ::GetFileSecurityW(from.c_str(), part, nullptr, 0, &size);
  if (size == 0) return;
  std::vector<unsigned char> bytes(size);
  if (::GetFileSecurityW(from.c_str(), part, bytes.data(), size, &size) != 0)
    ::SetFileSecurityW(to.c_str(), part, bytes.data());
}

VENV_INLINE void copy_ownership(const fs::path& from, const fs::path& to) {
  const FileStatus status = known_status_of(from);
  if (status.kind == FileKind::missing)
    throw io_error("look at", from, std::make_error_code(std::errc::no_such_file_or_directory));
  if (status.kind != FileKind::file && status.kind != FileKind::directory) return;
  for (const auto part :
       {OWNER_SECURITY_INFORMATION, GROUP_SECURITY_INFORMATION, DACL_SECURITY_INFORMATION})
    copy_security(native_of(from), native_of(to), static_cast<SECURITY_INFORMATION>(part));
  set_mode(to, status.mode);
}

VENV_INLINE void copy_times(const fs::path& from, const fs::path& to) {
  const Handle source = open_existing(from, FILE_READ_ATTRIBUTES, FILE_FLAG_OPEN_REPARSE_POINT);
  if (!source) throw failed("look at", from);
  FILETIME accessed{}, modified{};
  const Handle target = open_existing(to, FILE_WRITE_ATTRIBUTES, FILE_FLAG_OPEN_REPARSE_POINT);
  if (target && ::GetFileTime(handle_of(source), nullptr, &accessed, &modified) != 0)
    ::SetFileTime(handle_of(target), nullptr, &accessed, &modified);
}

VENV_INLINE void copy_metadata(const fs::path& from, const fs::path& to) {
  copy_ownership(from, to);
  copy_times(from, to);
}

VENV_DETAIL_END
