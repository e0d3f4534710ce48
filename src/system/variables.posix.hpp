#pragma once

#include "../base/ascii.hpp"
#include "file.hpp"
#include "variables.hpp"

#include <cstddef>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

extern char** environ;

VENV_DETAIL_BEGIN

VENV_INLINE std::optional<std::string> set_variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? std::optional<std::string>(value) : std::nullopt;
}

VENV_INLINE std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  return value && *value ? std::optional<std::string>(value) : std::nullopt;
}

VENV_INLINE std::string default_search_path() {
  std::string path(::confstr(_CS_PATH, nullptr, 0), '\0');
  if (path.empty()) return "/bin:/usr/bin";
  ::confstr(_CS_PATH, path.data(), path.size());
  path.resize(path.size() - 1); // its end is counted
  return path;
}

VENV_INLINE std::string search_path() {
  if (auto path = set_variable("PATH")) return *path;
  return default_search_path();
}

VENV_INLINE std::vector<std::pair<std::string, std::string>> all_variables() {
  std::vector<std::pair<std::string, std::string>> variables;
  for (char** line = environ; line && *line; ++line) {
    const std::string_view text = *line;
    const std::size_t equals = text.find('=');
    if (equals == text.npos) continue; // no variable
    variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

VENV_INLINE fs::path account_home() {
  // Not by getpwuid(): in a static program it loads the shared libraries of another libc.
  const std::string user = std::to_string(::geteuid());
  try {
    const std::string accounts = read_file("/etc/passwd");
    for (const std::string_view line : split(accounts, '\n')) {
      const auto fields = split(line, ':');
      if (fields.size() == 7 && fields[2] == user) return path_of(fields[5]);
    }
  } catch (const Error&) {
    // Without the list there is none.
  }
  return {};
}

VENV_DETAIL_END
