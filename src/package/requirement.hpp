#pragma once

#include "../base/error.hpp"
#include "../config.hpp"
#include "../base/ascii.hpp"
#include "../text/utf8.hpp"
#include "marker.hpp"
#include "project_name.hpp"
#include "specifier.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// What is required (PEP 508): `name[extra]>=1; python_version < "3.9"`, `name @ https://...`.
struct Requirement {
  std::string name{};                ///< as written
  std::vector<std::string> extras{}; ///< in their normal form, sorted, each once
  VersionSpecifier specifier{};
  std::string url{}; ///< empty: none
  Marker marker{};
};

/// Reads a requirement.
class RequirementParser {
public:
  explicit RequirementParser(std::string_view text) : whole_(text), rest_(text) {}

  Requirement parse() {
    skip_blanks();
    requirement_.name = identifier();
    if (requirement_.name.empty()) fail("doesn't begin with a project's name");
    skip_blanks();
    if (take_prefix(rest_, "[")) extras();
    if (take_prefix(rest_, "@")) url();
    else specifier();
    skip_blanks();
    if (take_prefix(rest_, ";")) requirement_.marker = MarkerParser(whole_, rest_).parse();
    else if (!rest_.empty()) fail("has something that can't be read: '" + printable(rest_) + "'");
    return std::move(requirement_);
  }

private:
  [[noreturn]] void fail(const std::string& message) const { bad_requirement(whole_, message); }
  static std::string_view strip_blanks(std::string_view text) {
    const std::size_t first = (std::min)(text.find_first_not_of(" \t"), text.size());
    return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
  }
  void skip_blanks() {
    rest_.remove_prefix((std::min)(rest_.find_first_not_of(" \t"), rest_.size()));
  }
  std::string identifier() {
    std::size_t n = 0;
    while (n < rest_.size() && (is_letter_or_digit(rest_[n]) ||
                                (n > 0 && (rest_[n] == '.' || rest_[n] == '-' || rest_[n] == '_'))))
      ++n;
    while (n > 0 && (rest_[n - 1] == '.' || rest_[n - 1] == '-')) --n;
    std::string text(rest_.substr(0, n));
    rest_.remove_prefix(n);
    return text;
  }
  void extras() {
    std::vector<std::string>& extras = requirement_.extras;
    skip_blanks();
    while (!take_prefix(rest_, "]")) {
      if (!extras.empty() && !take_prefix(rest_, ",")) fail("has extras without commas or a ']'");
      skip_blanks();
      extras.push_back(normalized_name(identifier()));
      if (extras.back().empty()) fail("has an extra without a name");
      skip_blanks();
    }
    std::sort(extras.begin(), extras.end());
    extras.erase(std::unique(extras.begin(), extras.end()), extras.end());
    skip_blanks();
  }
  void url() {
    skip_blanks();
    const std::size_t end = (std::min)(rest_.find_first_of(" \t\r\n\v\f"), rest_.size());
    requirement_.url = rest_.substr(0, end);
    if (requirement_.url.empty()) fail("has no URL behind its '@'");
    rest_.remove_prefix(end);
  }
  void specifier() {
    const bool in_parentheses = take_prefix(rest_, "(");
    const std::size_t end = (std::min)(rest_.find_first_of(";)"), rest_.size());
    const std::string_view text = strip_blanks(rest_.substr(0, end));
    rest_.remove_prefix(end);
    if (in_parentheses && !take_prefix(rest_, ")")) fail("has a parenthesis that isn't closed");
    if (text.empty()) return;
    const std::vector<std::string_view> parts = split(text, ',');
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const std::string_view part = strip_blanks(parts[i]);
      if (part.empty() && i > 0 && i + 1 == parts.size()) break; // a comma at the end
      auto clause = parse_clause(part);
      if (!clause) fail("has a version specifier that can't be read: '" + printable(part) + "'");
      requirement_.specifier.clauses.push_back(std::move(*clause));
    }
  }

  std::string_view whole_, rest_;
  Requirement requirement_{};
};

/// Throws `ErrorCode::invalid_argument` with the text and what is wrong with it.
VENV_INLINE Requirement parse_requirement(std::string_view text) {
  return RequirementParser(text).parse();
}

/// `name[extras]specifier` or `name[extras] @ URL`, without the marker: what a message shows.
VENV_INLINE std::string requirement_text(const Requirement& requirement) {
  std::string text = requirement.name;
  for (std::size_t i = 0; i < requirement.extras.size(); ++i)
    text += (i == 0 ? "[" : ",") + requirement.extras[i];
  if (!requirement.extras.empty()) text += ']';
  if (!requirement.url.empty()) return text + " @ " + requirement.url;
  return text + specifier_text(requirement.specifier);
}

VENV_DETAIL_END
