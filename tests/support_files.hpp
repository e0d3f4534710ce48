#pragma once

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>

#include <cstdlib>
#include <unistd.h>

namespace support {

namespace fs = std::filesystem;

/// A directory with a name that is not a harmless one, gone at the end.
class TemporaryDirectory {
public:
  TemporaryDirectory() {
    std::string name =
        (fs::canonical(fs::temp_directory_path()) / "it's \"ünüsual\" $HOME-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary directory");
    path_ = name;
  }
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
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* was = std::getenv(name)) had_ = true, was_ = was;
    set(value);
  }
  ~Variable() { set(had_ ? was_.c_str() : nullptr); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

private:
  void set(const char* value) { value ? ::setenv(name_, value, 1) : ::unsetenv(name_); }
  const char* name_;
  bool had_ = false;
  std::string was_;
};

/// Whether this test may change owners. Without, it is skipped, visibly; where CI=true it fails.
inline bool have_root() {
  if (::geteuid() == 0) return true;
  const char* ci = std::getenv("CI");
  if (ci && std::string_view(ci) == "true") throw std::runtime_error("missing: root");
  std::fputs("SKIPPED: missing: root\n", stderr);
  return false;
}

} // namespace support
