#pragma once

#include "../base/error.hpp"
#include "../api/interpreter.hpp"
#include "../system/path.hpp"
#include "candidate.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

VENV_DETAIL_BEGIN

/// `3.13.0t`, for people and lists.
VENV_INLINE std::string version_of(const Interpreter& python) {
  return python.version.text() + python.prerelease + (python.free_threaded ? "t" : "");
}

/// "CPython 3.13.0", for people.
VENV_INLINE std::string describe(const Interpreter& python) {
  return python.implementation.display_name() + ' ' + version_of(python) +
         (python.debug ? ", a debug build" : "");
}

/// What is said of a candidate that was not asked, as its name says enough.
VENV_INLINE std::string describe(const PythonName& name) {
  const std::string implementation =
      name.implementation.name().empty() ? "Python" : name.implementation.display_name();
  std::string text = "is " + implementation;
  for (std::size_t i = 0; i < name.release.parts; ++i)
    text += (i ? "." : " ") + std::to_string(name.release.release[i]);
  return text + (name.release.free_threaded ? "t" : "") + " by its name";
}

/// Why candidates were rejected, for the hint of the error at the end.
class Rejections {
public:
  void add(const Candidate& candidate, const std::string& why) {
    lines_.push_back(quoted(candidate.executable) + " (" + name_of(candidate.source) + ") " + why);
  }
  [[nodiscard]] bool empty() const { return lines_.empty(); }
  /// One line each; with the two headlines of the error that it is the hint of at most twenty. The
  /// last one says how many are left out.
  [[nodiscard]] std::string text() const {
    constexpr std::size_t most = 18;
    if (lines_.empty()) return "No Python was found on PATH or anywhere else that is searched.";
    std::string text = "Tried:";
    const std::size_t shown = lines_.size() <= most ? lines_.size() : most - 1;
    for (std::size_t i = 0; i < shown; ++i) text += "\n  " + lines_[i];
    if (shown < lines_.size()) text += "\n  and " + std::to_string(lines_.size() - shown) + " more";
    return text;
  }

private:
  std::vector<std::string> lines_{};
};

/// Why an interpreter can't be used, without its name, which stands before it.
VENV_INLINE std::string reason_in(const Error& error, const fs::path& python) {
  const std::string why = error.what(), name = quoted(python) + ' ';
  return why.substr(0, name.size()) == name ? why.substr(name.size()) : why;
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE std::string full_version(const Interpreter& python) {
  return detail::version_of(python);
}

VENV_END
