#pragma once

#include "platform.hpp"
#include "win32.hpp"

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

inline constexpr Os this_os = Os::windows;
inline constexpr char search_path_separator = ';';
inline constexpr std::string_view executable_suffix = ".exe";
inline constexpr std::string_view scripts_folder = "nt";

/// Of the system itself, whatever it tells this program by the usual calls.
VENV_INLINE SystemNames system_names() {
  OSVERSIONINFOW version{};
  version.dwOSVersionInfoSize = sizeof version;
  using Ask = LONG(WINAPI*)(OSVERSIONINFOW*);
  const HMODULE library = ::GetModuleHandleW(L"ntdll.dll");
  const FARPROC found = library ? ::GetProcAddress(library, "RtlGetVersion") : nullptr;
  Ask ask = nullptr;
  static_assert(sizeof ask == sizeof found, "a function is a function");
  std::memcpy(&ask, &found, sizeof ask);
#if defined(_M_ARM64) || defined(__aarch64__)
  const char* const machine = "ARM64";
#else
  const char* const machine = sizeof(void*) == 8 ? "AMD64" : "x86";
#endif
  if (!ask || ask(&version) != 0) return {"Windows", {}, {}, machine};
  const std::string numbers = std::to_string(version.dwMajorVersion) + '.' +
                              std::to_string(version.dwMinorVersion) + '.' +
                              std::to_string(version.dwBuildNumber);
  const bool is_eleven = version.dwMajorVersion == 10 && version.dwBuildNumber >= 22000;
  return {"Windows", is_eleven ? "11" : std::to_string(version.dwMajorVersion), numbers, machine};
}

VENV_INLINE std::size_t allowed_processors() {
  DWORD_PTR allowed = 0, all = 0;
  if (::GetProcessAffinityMask(::GetCurrentProcess(), &allowed, &all) == 0) return 0;
  std::size_t count = 0;
  for (; allowed != 0; allowed &= allowed - 1) ++count;
  return count;
}

VENV_DETAIL_END
