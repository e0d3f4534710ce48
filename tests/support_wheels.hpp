#pragma once

// The real wheels of pip and setuptools that this machine has: those that Pythons bundle, and
// Debian's (packages python3-pip-whl and python3-setuptools-whl).

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

namespace support {

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void add_wheels(std::vector<std::filesystem::path>& wheels,
                       const std::filesystem::path& directory) {
  std::error_code error;
  for (const auto& item : std::filesystem::directory_iterator(directory, error))
    if (item.path().extension() == ".whl") wheels.push_back(item.path());
}

inline std::vector<std::filesystem::path> bundled_wheels() {
  namespace fs = std::filesystem;
  std::vector<fs::path> wheels;
  const char* root = std::getenv("PYENV_ROOT");
  const char* home = std::getenv("HOME");
  const fs::path pyenv = root != nullptr ? fs::path(root) : fs::path(home ? home : "") / ".pyenv";
  std::error_code error;
  for (const auto& version : fs::directory_iterator(pyenv / "versions", error)) {
    std::error_code inner;
    for (const auto& lib : fs::directory_iterator(version.path() / "lib", inner))
      add_wheels(wheels, lib.path() / "ensurepip" / "_bundled");
  }
  add_wheels(wheels, "/usr/share/python-wheels");
#if defined(_WIN32)
  add_wheels(wheels,
             "W:\\base\\lib\\ensurepip\\_bundled"); // as checks/test_windows.py puts it there
#endif
  std::sort(wheels.begin(), wheels.end());
  return wheels;
}

} // namespace support
