#pragma once

#include "registry.hpp"
#include "variables.hpp"
#include "win32.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sddl.h>

VENV_DETAIL_BEGIN

VENV_INLINE std::optional<std::string> set_variable(const char* name) {
  const std::wstring wide = wide_of(name);
  ::SetLastError(ERROR_SUCCESS);
  const std::wstring value = text_filled_by([&wide](wchar_t* buffer, DWORD size) {
    return ::GetEnvironmentVariableW(wide.c_str(), buffer, size);
  });
  if (value.empty() && ::GetLastError() == ERROR_ENVVAR_NOT_FOUND) return std::nullopt;
  return utf8_of(value);
}

VENV_INLINE std::optional<std::string> variable(const char* name) {
  std::optional<std::string> value = set_variable(name);
  return value && !value->empty() ? value : std::nullopt;
}

VENV_INLINE std::string default_search_path() {
  return utf8_of(text_filled_by(
      [](wchar_t* buffer, DWORD size) { return ::GetSystemDirectoryW(buffer, size); }));
}

VENV_INLINE std::string search_path() {
  if (auto path = set_variable("PATH")) return *path;
  return default_search_path();
}

VENV_INLINE std::vector<std::pair<std::string, std::string>> all_variables() {
  std::vector<std::pair<std::string, std::string>> variables;
  wchar_t* const block = ::GetEnvironmentStringsW();
  for (const wchar_t* line = block; line && *line; line += std::wstring_view(line).size() + 1) {
    const std::string text = utf8_of(line);
    const std::size_t equals = text.find('=', 1); // "=C:=C:\folder": no variable
    if (text.front() == '=' || equals == text.npos) continue;
    variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  ::FreeEnvironmentStringsW(block);
  return variables;
}

/// By the system's list of profiles, which has them by the user's number.
VENV_INLINE fs::path account_home() {
  HANDLE token = nullptr;
  if (::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, &token) == 0) return {};
  DWORD size = 0;
  ::GetTokenInformation(token, TokenUser, nullptr, 0, &size);
  std::vector<unsigned char> bytes(size);
  wchar_t* number = nullptr;
  const bool known = ::GetTokenInformation(token, TokenUser, bytes.data(), size, &size) != 0 &&
                     ::ConvertSidToStringSidW(
                         reinterpret_cast<const TOKEN_USER*>(bytes.data())->User.Sid, &number) != 0;
  ::CloseHandle(token);
  if (!known) return {};
  const std::string key =
      R"(SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList\)" + utf8_of(number);
  ::LocalFree(number);
  return path_of(registry_text(RegistryRoot::machine, key, "ProfileImagePath").value_or(""));
}

VENV_DETAIL_END
