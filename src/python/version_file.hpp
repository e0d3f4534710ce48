#pragma once

#include "pyenv.hpp"
#include "request.hpp"

#include <optional>
#include <string>
#include <vector>

VENV_DETAIL_BEGIN

/// What a project's file asks for: `.python-version` (pyenv's, uv's) or `.python-versions`.
struct VersionFile {
  fs::path path{};
  std::vector<std::string> requests{}; ///< the first that is found is meant
};

/// A word of such a file as a request: pyenv's versions may have names of their own.
VENV_INLINE std::string request_of_word(const std::string& word, const fs::path& pyenv) {
  if (parse_request(word).kind == PythonRequest::Kind::version) return word;
  if (const fs::path prefix = pyenv.empty() ? pyenv : pyenv_prefix(pyenv, word); !prefix.empty())
    return text_of(prefix / "bin");
  const PythonName name = parse_installation_name(word); // pypy3.11-7.3.20, 3.14-dev
  if (name.release.parts < 2) return word;
  return name.implementation.command_name() + name.release.release.minor_text() +
         (name.release.free_threaded ? "t" : "");
}

/// The nearest of these files from `start` upwards; nothing where there is none, or nothing in it.
VENV_INLINE std::optional<VersionFile> nearest_version_file(const fs::path& start) {
  for (fs::path dir = start; !dir.empty(); dir = dir.parent_path()) {
    for (const char* name : {".python-version", ".python-versions"}) {
      VersionFile file{dir / name, {}};
      if (followed_status_of(file.path).kind != FileKind::file) continue;
      for (const std::string& word : words_of_version_file(file.path))
        if (word != "system") file.requests.push_back(request_of_word(word, pyenv_root()));
        else break; // what follows is only for when the system has none
      if (file.requests.empty()) return std::nullopt;
      return file;
    }
    if (dir == dir.parent_path()) break;
  }
  return std::nullopt;
}

VENV_DETAIL_END
