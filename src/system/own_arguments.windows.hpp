#pragma once

#include "own_arguments.hpp"
#include "win32.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <shellapi.h>
#if defined(_MSC_VER)
#pragma comment(lib, "shell32")
#endif

VENV_DETAIL_BEGIN

VENV_INLINE std::wstring wide_of_older(std::string_view text) {
  const int size = static_cast<int>(text.size());
  const int length = ::MultiByteToWideChar(CP_ACP, 0, text.data(), size, nullptr, 0);
  std::wstring wide(static_cast<std::size_t>(length), L'\0');
  ::MultiByteToWideChar(CP_ACP, 0, text.data(), size, wide.data(), length);
  return wide;
}

/// `wide` as `main` gets it: other letters for those that the older encoding has not.
VENV_INLINE std::string older_of(const std::wstring& wide) {
  const int size = static_cast<int>(wide.size());
  const int length =
      ::WideCharToMultiByte(CP_ACP, 0, wide.data(), size, nullptr, 0, nullptr, nullptr);
  std::string text(static_cast<std::size_t>(length), '\0');
  ::WideCharToMultiByte(CP_ACP, 0, wide.data(), size, text.data(), length, nullptr, nullptr);
  return text;
}

/// The process's own command line when it is that which the caller has.
VENV_INLINE std::vector<std::string> own_arguments(int argc, const char* const* argv) {
  int count = 0;
  wchar_t** const words = ::CommandLineToArgvW(::GetCommandLineW(), &count);
  std::vector<std::string> arguments;
  bool is_own = words && count == argc;
  for (int i = 0; i < argc; ++i) {
    const std::wstring older = wide_of_older(argv[i]);
    const std::wstring wide = is_own ? std::wstring(words[i]) : older;
    is_own = is_own && (i == 0 || older_of(wide) == argv[i]);
    arguments.push_back(utf8_of(is_own ? wide : older));
  }
  ::LocalFree(words);
  return arguments;
}

VENV_DETAIL_END
