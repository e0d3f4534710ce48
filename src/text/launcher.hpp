#pragma once

#include "../base/ascii.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// The longest first line that a kernel reads whole, "#!" and newline included (Linux before 5.1;
/// what distlib goes by).
inline constexpr std::size_t longest_shebang = 127;

/// A word of `sh` in double quotes that Python can also read inside `'''…'''`, where only `\"` and
/// `\\` are escapes that it knows and three quotes would end the string.
VENV_INLINE std::string quoted_for_both(std::string_view text) {
  std::string word = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') (word += '\\') += c;
    else if (c == '$' || c == '`') ((word += "\"'") += c) += "'\"";
    else if (c == '\'') word += "'\"\"";
    else word += c;
  }
  return word + '"';
}

/// The lines that make a script run by `interpreter`: a shebang, or where the kernel would split or
/// cut that, the form for `sh` that pip and distlib use.
VENV_INLINE std::string shebang_for(const std::string& interpreter) {
  const bool simple = interpreter.find_first_of(" \t") == interpreter.npos &&
                      interpreter.size() + 3 <= longest_shebang;
  if (simple) return "#!" + interpreter + '\n';
  const bool plain = interpreter.find_first_of(" \t\"'\\$`&;|<>()*?[]#~!{}") == interpreter.npos;
  return "#!/bin/sh\n'''exec' " + (plain ? interpreter : quoted_for_both(interpreter)) +
         " \"$0\" \"$@\"\n' '''\n";
}

/// The text between the first pair of triple quotes behind `marker` in Python source.
VENV_INLINE std::optional<std::string_view> triple_quoted(std::string_view source,
                                                          std::string_view marker) {
  const std::size_t begin = source.find(marker);
  if (begin == source.npos) return std::nullopt;
  source.remove_prefix(begin + marker.size());
  const std::size_t open = (std::min)(source.find("'''"), source.find("\"\"\""));
  if (open == source.npos || open > 200) return std::nullopt;
  const std::string_view quotes = source.substr(open, 3);
  const std::size_t close = source.find(quotes, open + 3);
  if (close == source.npos) return std::nullopt;
  return source.substr(open + 3, close - open - 3);
}

/// What `textwrap.dedent` makes of a text whose first line is its least indented one.
VENV_INLINE std::string dedented(std::string_view text) {
  if (text.substr(0, 2) == "\\\n") text.remove_prefix(2);
  const std::size_t margin = (std::min)(text.find_first_not_of(' '), text.size());
  std::string result;
  const std::vector<std::string_view> lines = split(text, '\n');
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool blank = lines[i].find_first_not_of(' ') == std::string_view::npos;
    result += blank ? std::string_view() : lines[i].substr((std::min)(margin, lines[i].size()));
    if (i + 1 < lines.size()) result += '\n';
  }
  return result;
}

/// The text of a console script below its shebang, with `%(module)s`, `%(import_name)s` and
/// `%(func)s`: what this pip itself would write, as its sources say (pip has one of its own since
/// 25.1, before it was distlib's). Nothing where they don't say it in a way that is known.
VENV_INLINE std::optional<std::string> script_template(std::string_view pip_wheel_source,
                                                       std::string_view distlib_scripts_source) {
  std::optional<std::string> text;
  if (const auto own = triple_quoted(pip_wheel_source, "script_template = textwrap.dedent("))
    text = dedented(*own);
  else if (const auto distlib = triple_quoted(distlib_scripts_source, "\nSCRIPT_TEMPLATE = "))
    text = std::string(*distlib);
  if (!text || text->find("%(func)s") == text->npos || text->find("%(module)s") == text->npos)
    return std::nullopt;
  return text;
}

/// `text % values` as Python has it: each `%(name)s` of `values` replaced, and `%%` by `%`.
VENV_INLINE std::string
fill_template(std::string text, const std::vector<std::pair<std::string, std::string>>& values) {
  for (std::size_t at = 0; (at = text.find('%', at)) != text.npos;) {
    std::size_t size = text.compare(at, 2, "%%") == 0 ? 2 : 1;
    std::string_view filled = "%"; // also a lone one: it stays
    for (const auto& [name, value] : values) {
      const std::string mark = "%(" + name + ")s";
      if (text.compare(at, mark.size(), mark) != 0) continue;
      size = mark.size();
      filled = value;
    }
    text.replace(at, size, filled);
    at += filled.size();
  }
  return text;
}

VENV_DETAIL_END
