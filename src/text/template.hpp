#pragma once

#include "../config.hpp"
#include "quote.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

/// What the placeholders of a script stand for: `__VENV_DIR__`, `__VENV_NAME__`,
/// `__VENV_PROMPT__`, `__VENV_BIN_NAME__`, `__VENV_PYTHON__`. The prompt is the bare one, without
/// parentheses (as since Python 3.12).
struct ScriptVariables {
  std::string dir, name, prompt, bin_name, python;
};

/// The language that a program's name stands for: `bash`, `python3.12`.
VENV_INLINE std::optional<Shell> shell_of_program(std::string_view name) {
  const std::string_view plain = name.substr(0, name.find_first_of("0123456789."));
  const struct {
    std::string_view names;
    Shell shell;
  } known[] = {
      {" sh bash dash ash zsh ksh mksh busybox activate ", Shell::posix},
      {" fish ", Shell::fish},
      {" csh tcsh ", Shell::csh},
      {" ps powershell pwsh psm ", Shell::powershell},
      {" bat cmd ", Shell::cmd},
      {" nu ", Shell::nushell},
      {" xsh xonsh ", Shell::xonsh},
      {" elv elvish ", Shell::elvish},
      {" py pyw python pypy __VENV_PYTHON__ ", Shell::python},
  };
  const std::string word = ' ' + std::string(plain) + ' ';
  for (const auto& row : known)
    if (word.size() > 2 && row.names.find(word) != std::string_view::npos) return row.shell;
  return std::nullopt;
}

/// The language of a script: by its name's extension, by its name, else by the program that its
/// `#!` line names. nullopt where none of them says.
VENV_INLINE std::optional<Shell> shell_of(std::string_view file_name, std::string_view text = {}) {
  std::string extension(file_name.substr(file_name.rfind('.') + 1)); // the whole name if no dot
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (const auto shell = shell_of_program(extension)) return shell;
  if (text.substr(0, 2) != "#!") return std::nullopt;
  std::string_view line = text.substr(2, text.find_first_of("\r\n") - 2);
  while (!line.empty()) { // "#!/usr/bin/env -S python3 -I": the first word that names a language
    line.remove_prefix((std::min)(line.find_first_not_of(" \t"), line.size()));
    const std::string_view word = line.substr(0, line.find_first_of(" \t"));
    line.remove_prefix(word.size());
    if (const auto shell = shell_of_program(word.substr(word.rfind('/') + 1))) return shell;
  }
  return std::nullopt;
}

/// The quotation mark that is open at the end of `line`, the part of a line before a placeholder;
/// 0 where none is.
VENV_INLINE char open_quote(std::string_view line, Shell shell) {
  const bool escapes = shell != Shell::cmd && shell != Shell::powershell;
  const bool always = shell == Shell::fish || shell == Shell::python || shell == Shell::xonsh;
  const std::string_view marks = shell == Shell::cmd ? "\"" : "\"'";
  char open = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\\' && escapes && (open != '\'' || always)) {
      ++i;
    } else if (open ? c == open : marks.find(c) != std::string_view::npos) {
      open = open ? char{} : c;
    } else if (c == '#' && !open && shell != Shell::cmd && line.find_first_not_of(" \t") == i) {
      return 0; // a comment: an apostrophe in it opens nothing
    }
  }
  return open;
}

/// The value inside quotation marks of an unknown language, which stay: as it is, with a backslash
/// before what would end or change the text in most languages (JSON, TOML, C). nullopt for a line break.
VENV_INLINE std::optional<std::string> in_unknown_quotes(const std::string& value, char open) {
  std::string escaped;
  for (const char c : value) {
    if (c == '\n' || c == '\r' || c == '\0') return std::nullopt;
    if (c == '\\' || c == open) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

/// The value for a placeholder that stands between `before` (from the start of its line) and
/// `after`. Takes the quotation marks directly around it away, see replace_variables().
VENV_INLINE std::optional<std::string> replacement(Shell shell, const std::string& value,
                                                   std::string& before, std::string_view& after) {
  const char open = open_quote(before, shell);
  if (shell == Shell::cmd) {
    const bool runs = value.find_first_of("&|<>^()!\"%;,=") != std::string::npos;
    return open || !runs ? quote(shell, value) : std::nullopt;
  }
  const bool takes_bare_words = shell == Shell::posix || shell == Shell::fish ||
                                shell == Shell::csh || shell == Shell::elvish;
  const std::string_view plain_in_quotes = shell == Shell::powershell ? " =~\\()" : " =~";
  if (open ? is_plain_word(value, plain_in_quotes) : takes_bare_words && is_plain_word(value))
    return value;
  if (open) {
    if (before.back() != open || after.empty() || after.front() != open) return std::nullopt;
    before.pop_back();
    after.remove_prefix(1);
  }
  return quote(shell, value);
}

/// The value in a file of unknown language, inside the quotation marks `open` or outside of any (0).
VENV_INLINE std::optional<std::string> unknown_replacement(const std::string& value, char open) {
  if (open) return in_unknown_quotes(value, open);
  return is_plain_word(value) ? value : quote(Shell::posix, value);
}

/// `text` with its placeholders replaced, in a single pass (a value that looks like a placeholder
/// stays), each by a literal of the shell's language that reads back as the value:
///
/// 1. On a first line that begins with `#!` the value is inserted as it is.
/// 2. A value that needs no quoting (letters, digits, `_@+:,./-`; inside quotation marks also a
///    space, `=` and `~`, and in PowerShell backslashes and parentheses) is inserted bare where the
///    language takes a bare word: not in Python, xonsh, nushell, PowerShell outside of quotes.
/// 3. Else it is quoted, and quotation marks directly around the placeholder are taken away:
///    `DIR="__VENV_DIR__"` and `DIR=__VENV_DIR__` are the same.
/// 4. In a batch file it must stand between double quotes (`set "DIR=__VENV_DIR__"`) if it has a
///    character that means something there.
///
/// A file of unknown language (`a.json`) is quoted as for sh, as Python does, but for a placeholder
/// inside quotation marks: those stay, and the value between them is as it is, with a backslash before
/// a backslash and before such a mark. nullopt where a placeholder
/// that is used can't be represented: quote() can't, or it stands inside a longer quoted text
/// (`"__VENV_DIR__/x"`) and has a character that might mean something there.
VENV_INLINE std::optional<std::string> replace_variables(std::string_view text,
                                                         const ScriptVariables& variables,
                                                         std::optional<Shell> shell) {
  const struct {
    std::string_view name;
    const std::string& value;
  } known[] = {{"__VENV_DIR__", variables.dir},
               {"__VENV_NAME__", variables.name},
               {"__VENV_PROMPT__", variables.prompt},
               {"__VENV_BIN_NAME__", variables.bin_name},
               {"__VENV_PYTHON__", variables.python}};
  const std::size_t interpreter_line =
      text.substr(0, 2) == "#!" ? (std::min)(text.find('\n'), text.size()) : 0;
  std::string out;
  std::size_t line = 0; // where the current line starts in `out`
  const std::size_t size = text.size();
  while (!text.empty()) {
    const std::size_t next = (std::min)(text.find("__VENV_"), text.size());
    const std::size_t end = text.substr(0, next).rfind('\n');
    if (end != text.npos) line = out.size() + end + 1;
    out += text.substr(0, next);
    text.remove_prefix(next);
    if (text.empty()) break;
    const std::size_t position = size - text.size();
    const auto* found = std::find_if(std::begin(known), std::end(known), [&](const auto& row) {
      return text.substr(0, row.name.size()) == row.name;
    });
    if (found == std::end(known)) {
      out += text.front();
      text.remove_prefix(1);
      continue;
    }
    text.remove_prefix(found->name.size());
    if (position < interpreter_line) {
      out += found->value;
      continue;
    }
    std::string before = out.substr(line);
    const auto value = shell ? replacement(*shell, found->value, before, text)
                             : unknown_replacement(found->value, open_quote(before, Shell::python));
    if (!value) return std::nullopt;
    out.replace(line, std::string::npos, before + *value);
  }
  return out;
}

VENV_DETAIL_END
