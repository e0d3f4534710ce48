#pragma once

#include "../base/ascii.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

/// The first word of `text`, as `sh` reads it: quotes of both kinds, backslashes; nothing when it
/// has to be worked out (`$`, a backtick) or a quote isn't closed.
VENV_INLINE std::optional<std::string> first_sh_word(std::string_view text) {
  std::string word;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\'') {
      if (c == '\'') quote = 0;
      else word += c;
    } else if (c == '$' || c == '`') {
      return std::nullopt;
    } else if (c == '\\') {
      if (++i == text.size()) return std::nullopt;
      const bool escapes = quote == 0 || std::string_view("\"\\$`").find(text[i]) != text.npos;
      if (!escapes) word += c;
      word += text[i];
    } else if (c == '"' || (c == '\'' && quote == 0)) {
      quote = quote == 0 ? c : '\0';
    } else if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      return word;
    } else {
      word += c;
    }
  }
  return quote == 0 ? std::optional(word) : std::nullopt;
}

/// The lines of a script that say by which interpreter it runs.
struct ScriptHead {
  std::string interpreter{}; ///< as it is spelled
  std::size_t size = 0;      ///< of the lines, their ends included
};

/// Reads what `shebang_for` writes: a `#!` line, or the form for `sh`. Nothing when a text begins with
/// neither, or finds its interpreter itself (a relocatable script).
VENV_INLINE std::optional<ScriptHead> script_head(std::string_view text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  if (!take_prefix(line, "#!") || end == text.npos) return std::nullopt;
  constexpr std::string_view exec = "'''exec' ";
  if (strip(line) != "/bin/sh" || text.substr(end + 1, exec.size()) != exec) {
    const std::string_view program = strip(line);
    return ScriptHead{std::string(program.substr(0, program.find_first_of(" \t"))), end + 1};
  }
  constexpr std::string_view close = "\n' '''\n";
  const std::size_t closed = text.find(close, end);
  auto word = first_sh_word(text.substr(end + 1 + exec.size()));
  if (closed == text.npos || !word) return std::nullopt;
  return ScriptHead{std::move(*word), closed + close.size()};
}

VENV_DETAIL_END
