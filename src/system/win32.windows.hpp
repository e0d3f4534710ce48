#pragma once

#include "../base/function_ref.hpp"
#include "win32.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

// Lean, and without the macros `min` and `max`. A file that needs more of it includes it first.
#if !defined(_WINDOWS_)
#if !defined(WIN32_LEAN_AND_MEAN)
#define WIN32_LEAN_AND_MEAN
#define VENV_BRINGS_LEAN
#endif
#if !defined(NOMINMAX)
#define NOMINMAX
#define VENV_BRINGS_NOMINMAX
#endif
#endif
#include <windows.h>

#include <winioctl.h>
#if defined(_MSC_VER)
#pragma comment(lib, "advapi32")
#endif

VENV_DETAIL_BEGIN

/// UTF-16 of UTF-8; what is no UTF-8 becomes U+FFFD.
VENV_INLINE std::wstring wide_of(std::string_view text) {
  if (text.empty()) return {};
  const int size = static_cast<int>(text.size());
  const int length = ::MultiByteToWideChar(CP_UTF8, 0, text.data(), size, nullptr, 0);
  std::wstring wide(static_cast<std::size_t>(length), L'\0');
  ::MultiByteToWideChar(CP_UTF8, 0, text.data(), size, wide.data(), length);
  return wide;
}

/// UTF-8 of UTF-16; a lone surrogate becomes U+FFFD.
VENV_INLINE std::string utf8_of(std::wstring_view wide) {
  if (wide.empty()) return {};
  const int size = static_cast<int>(wide.size());
  const int length =
      ::WideCharToMultiByte(CP_UTF8, 0, wide.data(), size, nullptr, 0, nullptr, nullptr);
  std::string text(static_cast<std::size_t>(length), '\0');
  ::WideCharToMultiByte(CP_UTF8, 0, wide.data(), size, text.data(), length, nullptr, nullptr);
  return text;
}

/// What a call that fills a buffer gives, which returns the size that it needs where that is too small.
VENV_INLINE std::wstring text_filled_by(FunctionRef<DWORD(wchar_t*, DWORD)> call) {
  std::wstring text(260, L'\0');
  for (int tries = 0; tries < 4; ++tries) {
    const DWORD size = call(text.data(), static_cast<DWORD>(text.size()));
    if (size < text.size()) {
      text.resize(size);
      return text;
    }
    text.resize(std::size_t{size} + 1);
  }
  return {};
}

/// A path as system calls take it: a long one in full behind `\\?\`, as they refuse it otherwise. A
/// directory's limit is lower than a file's by the length of a short name.
VENV_INLINE std::wstring native_of(const fs::path& path) {
  constexpr std::size_t longest = MAX_PATH - 14;
  std::wstring text = path.native();
  for (wchar_t& c : text)
    if (c == L'/') c = L'\\';
  if (text.size() < longest && is_whole(path)) return text;
  const std::wstring full = text_filled_by([&text](wchar_t* buffer, DWORD size) {
    return ::GetFullPathNameW(text.c_str(), size, buffer, nullptr);
  });
  if (full.size() < longest || full.compare(0, 4, L"\\\\?\\") == 0 ||
      full.compare(0, 4, L"\\\\.\\") == 0)
    return text;
  if (full.compare(0, 2, L"\\\\") == 0) return L"\\\\?\\UNC\\" + full.substr(2);
  return L"\\\\?\\" + full;
}

/// The system's reason `error` as one that `std::errc` can be compared with, whatever library maps
/// the others.
VENV_INLINE std::error_code reason_of(DWORD error) {
  constexpr struct {
    DWORD error;
    std::errc reason;
  } known[] = {
      {ERROR_FILE_NOT_FOUND, std::errc::no_such_file_or_directory},
      {ERROR_PATH_NOT_FOUND, std::errc::no_such_file_or_directory},
      {ERROR_INVALID_NAME, std::errc::no_such_file_or_directory},
      {ERROR_BAD_PATHNAME, std::errc::no_such_file_or_directory},
      {ERROR_BAD_NETPATH, std::errc::no_such_file_or_directory},
      {ERROR_BAD_NET_NAME, std::errc::no_such_file_or_directory},
      {ERROR_DIRECTORY, std::errc::not_a_directory},
      {ERROR_ALREADY_EXISTS, std::errc::file_exists},
      {ERROR_FILE_EXISTS, std::errc::file_exists},
      {ERROR_ACCESS_DENIED, std::errc::permission_denied},
      {ERROR_PRIVILEGE_NOT_HELD, std::errc::operation_not_permitted},
      {ERROR_WRITE_PROTECT, std::errc::read_only_file_system},
      {ERROR_SHARING_VIOLATION, std::errc::device_or_resource_busy},
      {ERROR_LOCK_VIOLATION, std::errc::device_or_resource_busy},
      {ERROR_USER_MAPPED_FILE, std::errc::device_or_resource_busy},
      {ERROR_BUSY, std::errc::device_or_resource_busy},
      {ERROR_DIR_NOT_EMPTY, std::errc::directory_not_empty},
      {ERROR_NOT_SAME_DEVICE, std::errc::cross_device_link},
      {ERROR_DISK_FULL, std::errc::no_space_on_device},
      {ERROR_HANDLE_DISK_FULL, std::errc::no_space_on_device},
      {ERROR_FILENAME_EXCED_RANGE, std::errc::filename_too_long},
      {ERROR_TOO_MANY_OPEN_FILES, std::errc::too_many_files_open},
      {ERROR_NOT_ENOUGH_MEMORY, std::errc::not_enough_memory},
      {ERROR_OUTOFMEMORY, std::errc::not_enough_memory},
      {ERROR_NO_SYSTEM_RESOURCES, std::errc::resource_unavailable_try_again},
      {ERROR_NOT_ENOUGH_QUOTA, std::errc::resource_unavailable_try_again},
      {ERROR_COMMITMENT_LIMIT, std::errc::resource_unavailable_try_again},
      {ERROR_MAX_THRDS_REACHED, std::errc::resource_unavailable_try_again},
      {ERROR_NOT_SUPPORTED, std::errc::not_supported},
      {ERROR_INVALID_FUNCTION, std::errc::not_supported},
      {ERROR_INVALID_PARAMETER, std::errc::invalid_argument},
      {ERROR_BAD_EXE_FORMAT, std::errc::executable_format_error},
      {ERROR_EXE_MACHINE_TYPE_MISMATCH, std::errc::executable_format_error},
      {ERROR_BROKEN_PIPE, std::errc::broken_pipe},
      {ERROR_CANT_RESOLVE_FILENAME, std::errc::too_many_symbolic_link_levels},
  };
  for (const auto& [number, reason] : known)
    if (number == error) return std::make_error_code(reason);
  return {static_cast<int>(error), std::system_category()};
}

/// Why the last system call failed.
VENV_INLINE std::error_code last_error() { return reason_of(::GetLastError()); }

VENV_INLINE bool means_missing(DWORD error) {
  return reason_of(error) == std::errc::no_such_file_or_directory || error == ERROR_DIRECTORY;
}

/// As `io_error`, for the last system call; what is in use is said to be.
VENV_INLINE Error failed(const std::string& doing, const fs::path& path) {
  const std::error_code reason = last_error();
  Error error = io_error(doing, path, reason);
  if (reason == std::errc::device_or_resource_busy)
    error.advise("Another program uses it: end that program, and try again.");
  return error;
}

/// Calls `attempt` until it says true, for half a second as long as somebody (a virus scanner, an
/// indexer) keeps the file: then the reason stands in `GetLastError`.
VENV_INLINE bool patiently(FunctionRef<bool()> attempt) {
  for (DWORD pause = 1;; pause *= 2) {
    if (attempt()) return true;
    const DWORD reason = ::GetLastError();
    const bool may_pass = reason == ERROR_ACCESS_DENIED || reason == ERROR_SHARING_VIOLATION ||
                          reason == ERROR_LOCK_VIOLATION || reason == ERROR_USER_MAPPED_FILE;
    if (!may_pass || pause > 256) return ::SetLastError(reason), false;
    ::Sleep(pause);
  }
}

VENV_DETAIL_END
