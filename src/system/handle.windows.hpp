#pragma once

#include "handle.hpp"
#include "win32.hpp"

#include <cstdint>

VENV_DETAIL_BEGIN

VENV_INLINE HANDLE handle_of(std::intptr_t value) { return reinterpret_cast<HANDLE>(value); }

VENV_INLINE HANDLE handle_of(const Handle& handle) { return handle_of(handle.get()); }

/// What a system call gave; none when it failed, which some say by null.
VENV_INLINE Handle handle_from(HANDLE value) {
  return value ? Handle(reinterpret_cast<std::intptr_t>(value)) : Handle();
}

VENV_INLINE void close_handle(std::intptr_t value) noexcept { ::CloseHandle(handle_of(value)); }

/// Whoever opens a file so keeps nobody from reading, writing, renaming or deleting it.
inline constexpr DWORD share_all = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

/// Opens what there is, files and directories; with `FILE_FLAG_OPEN_REPARSE_POINT` no link is followed.
VENV_INLINE Handle open_existing(const fs::path& path, DWORD access, DWORD flags,
                                 DWORD share = share_all) {
  return handle_from(::CreateFileW(native_of(path).c_str(), access, share, nullptr, OPEN_EXISTING,
                                   FILE_FLAG_BACKUP_SEMANTICS | flags, nullptr));
}

VENV_DETAIL_END
