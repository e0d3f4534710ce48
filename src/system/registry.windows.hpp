#pragma once

#include "registry.hpp"
#include "win32.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

VENV_DETAIL_BEGIN

/// An open key, closed at the end.
class RegistryKey {
public:
  RegistryKey(RegistryRoot root, const std::string& key) {
    const HKEY top = root == RegistryRoot::user ? HKEY_CURRENT_USER : HKEY_LOCAL_MACHINE;
    const REGSAM view = root == RegistryRoot::machine_32 ? KEY_WOW64_32KEY : KEY_WOW64_64KEY;
    if (::RegOpenKeyExW(top, wide_of(key).c_str(), 0, KEY_READ | view, &key_) != ERROR_SUCCESS)
      key_ = nullptr;
  }
  ~RegistryKey() {
    if (key_) ::RegCloseKey(key_);
  }
  RegistryKey(const RegistryKey&) = delete;
  RegistryKey& operator=(const RegistryKey&) = delete;
  HKEY get() const { return key_; }

private:
  HKEY key_ = nullptr;
};

VENV_INLINE std::vector<std::string> registry_keys(RegistryRoot root, const std::string& key) {
  std::vector<std::string> names;
  const RegistryKey opened(root, key);
  for (DWORD i = 0; opened.get(); ++i) {
    std::wstring name(256, L'\0'); // none is longer
    DWORD size = static_cast<DWORD>(name.size());
    if (::RegEnumKeyExW(opened.get(), i, name.data(), &size, nullptr, nullptr, nullptr, nullptr) !=
        ERROR_SUCCESS)
      break;
    names.push_back(utf8_of(name.substr(0, size)));
  }
  return names;
}

VENV_INLINE std::optional<std::string> registry_text(RegistryRoot root, const std::string& key,
                                                     const std::string& name) {
  const RegistryKey opened(root, key);
  if (!opened.get()) return std::nullopt;
  const std::wstring value = wide_of(name);
  constexpr DWORD kinds = RRF_RT_REG_SZ; // a text with variables comes with them put in
  std::wstring text(256, L'\0');
  for (int tries = 0; tries < 4; ++tries) {
    auto size = static_cast<DWORD>(text.size() * sizeof(wchar_t));
    const LSTATUS failed =
        ::RegGetValueW(opened.get(), nullptr, value.c_str(), kinds, nullptr, text.data(), &size);
    if (failed == ERROR_SUCCESS) return utf8_of(text.substr(0, text.find(L'\0')));
    if (failed != ERROR_MORE_DATA) break;
    text.resize(size / sizeof(wchar_t) + 1);
  }
  return std::nullopt;
}

VENV_DETAIL_END
