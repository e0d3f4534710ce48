#pragma once

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

#include <cstdlib>
#if defined(_WIN32)
#include "system/variables.hpp"
#include "system/win32.hpp"

#include <chrono>
#include <cstddef>
#else
#include <unistd.h>
#endif

namespace support {

namespace fs = std::filesystem;

/// Any real Python.
#if defined(_WIN32)
constexpr char any_python[] = "W:\\base\\python.exe"; // as checks/test_windows.py puts it there
#else
constexpr char any_python[] = "/usr/bin/python3";
#endif

/// A directory with a name that is not a harmless one, gone at the end.
class TemporaryDirectory {
public:
#if defined(_WIN32)
  TemporaryDirectory() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
    for (int i = 0; path_.empty(); ++i) {
      const fs::path path =
          fs::temp_directory_path() / (L"it's \x00FCn\x00FCsual $HOME-" + std::to_wstring(now + i));
      if (fs::create_directory(path)) path_ = path;
    }
  }
#else
  TemporaryDirectory() {
    std::string name =
        (fs::canonical(fs::temp_directory_path()) / "it's \"ünüsual\" $HOME-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary directory");
    path_ = name;
  }
#endif
  ~TemporaryDirectory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const fs::path& path() const { return path_; }
  fs::path operator/(const fs::path& name) const { return path_ / name; }

private:
  fs::path path_;
};

inline fs::path put(const fs::path& path, std::string_view bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

inline std::string get(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// An environment variable with another value (unset where null) for as long as this lives.
class Variable {
public:
#if defined(_WIN32) // values are UTF-8, or a path's letters
  Variable(const char* name, const char* value) : name_(name) {
    const auto was = venv::detail::set_variable(name);
    had_ = was.has_value();
    was_ = was.value_or("");
    set(value);
  }
  Variable(const char* name, const wchar_t* value)
      : Variable(name, venv::detail::utf8_of(value).c_str()) {}
  Variable(const char* name, std::nullptr_t) : Variable(name, static_cast<const char*>(nullptr)) {}
#else
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* was = std::getenv(name)) had_ = true, was_ = was;
    set(value);
  }
#endif
  ~Variable() { set(had_ ? was_.c_str() : nullptr); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

private:
#if defined(_WIN32)
  void set(const char* value) {
    const std::wstring name = venv::detail::wide_of(name_);
    ::SetEnvironmentVariableW(name.c_str(), value ? venv::detail::wide_of(value).c_str() : nullptr);
  }
#else
  void set(const char* value) { value ? ::setenv(name_, value, 1) : ::unsetenv(name_); }
#endif
  const char* name_;
  bool had_ = false;
  std::string was_;
};

/// Whether this test may change owners. Without, it is skipped, visibly; where CI=true it fails.
inline bool have_root() {
#if !defined(_WIN32)
  if (::geteuid() == 0) return true;
  const char* ci = std::getenv("CI");
  if (ci && std::string_view(ci) == "true") throw std::runtime_error("missing: root");
#endif
  std::fputs("SKIPPED: missing: root\n", stderr);
  return false;
}

} // namespace support
