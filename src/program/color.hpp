#pragma once

#include "../system/terminal.hpp"
#include "../system/variables.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

VENV_DETAIL_BEGIN

/// Whether colours are to be used: on a terminal that shows them, unless NO_COLOR has a value.
VENV_INLINE bool wants_colors(bool to_stderr) {
  return !variable("NO_COLOR") && shows_colors(to_stderr);
}

/// The part of a line that stands out, and in which way (SGR parameters of ECMA-48).
struct Emphasis {
  std::size_t from = 0, size = 0;
  std::string_view way{};
};

/// The word that says what kind of line it is; a heading or an option's spelling in the help.
VENV_INLINE Emphasis emphasis_of(std::string_view line) {
  constexpr std::string_view bold = "1", red = "1;31", yellow = "1;33", cyan = "1;36";
  constexpr std::pair<std::string_view, std::string_view> words[] = {
      {"Error:", red}, {"Warning:", yellow}, {"Hint:", cyan}, {"usage:", bold}};
  for (const auto& [word, way] : words)
    if (line.substr(0, word.size()) == word) return {0, word.size(), way};
  if (const std::size_t at = line.find(": error: "); at < line.find(' ')) return {0, at + 8, red};
  if (line == "arguments:" || line == "options:") return {0, line.size(), bold};
  if (line.substr(0, 4) == "  --" || line.substr(0, 9) == "  ENV_DIR")
    return {2, (std::min)(line.size(), line.find("  ", 2)) - 2, cyan};
  return {};
}

/// Text with what stands out in each line marked for a terminal.
VENV_INLINE std::string in_colors(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const Emphasis part = emphasis_of(line);
    result += line.substr(0, part.from);
    if (part.size != 0)
      ((((result += "\033[") += part.way) += 'm') += line.substr(part.from, part.size)) +=
          "\033[0m";
    result += line.substr(part.from + part.size);
    text.remove_prefix(line.size());
    if (!text.empty()) result += '\n', text.remove_prefix(1);
  }
  return result;
}

VENV_DETAIL_END
