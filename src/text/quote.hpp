#pragma once

#include "../config.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

/// The languages that activation scripts are written in.
enum class Shell {
  posix, ///< sh, dash, bash, zsh, ksh, mksh, busybox: one rule that all of them read alike
  fish,
  csh, ///< csh and tcsh
  powershell,
  cmd,
  nushell,
  xonsh,
  elvish,
  python
};

/// Whether a shell takes these characters as they are, in every place where a word may stand.
/// `=`, `%` and `~` are not among them: zsh, fish and cmd give them a meaning. `more` are further
/// characters to allow.
VENV_INLINE bool is_plain_word(std::string_view text, std::string_view more = {}) {
  const auto plain = [more](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_@+:,./-").find(c) != std::string_view::npos ||
           more.find(c) != std::string_view::npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), plain);
}

/// The text between two `mark`s, with `before` in front of each of the `special` characters.
VENV_INLINE std::string enclose(std::string_view text, char mark, std::string_view special,
                                char before) {
  std::string out(1, mark);
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += before;
    out += c;
  }
  return out += mark;
}

/// 'single quotes', in which nothing has a meaning but their end; a quote is `'\''`.
VENV_INLINE std::string quote_posix(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += "'\\'";
    out += c;
  }
  return out += '\'';
}

/// 'single quotes', in which fish reads `\'` and `\\`, and nothing else.
VENV_INLINE std::string quote_fish(std::string_view text) {
  return enclose(text, '\'', "'\\", '\\');
}

/// A backslash before each special character, not quotation marks: inside them csh still looks for
/// history (`!`, or what $histchars says), and tcsh's $backslash_quote changes the rules. Only what
/// is not ASCII is put in 'single quotes': bare, csh takes the last byte of "à" for a space. A
/// newline has no form that both shells read.
VENV_INLINE std::optional<std::string> quote_csh(std::string_view text) {
  if (text.empty()) return "''";
  std::string out;
  bool quoted = false;
  for (const char c : text) {
    if (c == '\n') return std::nullopt;
    const bool ascii = static_cast<unsigned char>(c) < 0x80;
    if (ascii == quoted) out += '\'';
    quoted = !ascii;
    if (ascii && !is_plain_word({&c, 1})) out += '\\';
    out += c;
  }
  return quoted ? out + '\'' : out;
}

/// 'single quotes', in which a quote is doubled. What is not ASCII is joined by number, in
/// parentheses: Windows PowerShell 5.1 reads a file without a byte order mark in the machine's old
/// code page, and PowerShell takes typographic quotes for quotes.
VENV_INLINE std::string quote_powershell(std::string_view text) {
  std::string out = "'";
  const auto add_unit = [&](char32_t unit) {
    out += "'+[char]0x";
    for (int shift = 12; shift >= 0; shift -= 4) out += "0123456789ABCDEF"[unit >> shift & 15U];
    out += "+'";
  };
  bool joined = false;
  while (!text.empty()) {
    const char32_t c = decode(text);
    if (c >= 0x20 && c < 0x7f) {
      out += c == U'\'' ? "''" : std::string(1, static_cast<char>(c));
      continue;
    }
    joined = true;
    if (c >= 0x10000) add_unit(0xd800 + ((c - 0x10000) >> 10));
    add_unit(c >= 0x10000 ? 0xdc00 + ((c - 0x10000) & 0x3ffU) : c);
  }
  out += '\'';
  return joined ? '(' + out + ')' : out;
}

/// The text as it stands between the double quotes of `set "NAME=text"` in a batch file: `%` is
/// doubled. A double quote can't be written there (nor be part of a Windows path), nor can a
/// control character. Delayed expansion, which gives `!` a meaning, must be off.
VENV_INLINE std::optional<std::string> quote_cmd(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || static_cast<unsigned char>(c) < 0x20) return std::nullopt;
    if (c == '%') out += c;
    out += c;
  }
  return out;
}

/// "double quotes", in which nushell reads backslash escapes but no variables. A quote goes by its
/// number: nushell takes `"a\"=b"` for a variable and its value.
VENV_INLINE std::string quote_nushell(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\\') out += c;
    if (c == '"') out += "\\u{22}";
    else out += c;
  }
  return out += '"';
}

/// 'single quotes', in which elvish gives a meaning to nothing but a quote, which is doubled.
VENV_INLINE std::string quote_elvish(std::string_view text) {
  return enclose(text, '\'', "'", '\'');
}

/// A string literal of Python, which is xonsh's too where Python is expected (after `=`, in a
/// call; in a command's arguments xonsh would expand `$` in it).
VENV_INLINE std::string quote_python(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out += "\\x";
      out += "0123456789abcdef"[byte >> 4];
      out += "0123456789abcdef"[byte & 15U];
      continue;
    }
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out += '\'';
}

/// The text as a literal of the shell's language, which reads back as exactly this text wherever
/// the language takes a string; nothing in it is expanded or run. nullopt: the language can't
/// represent it; nor can any represent NUL or what is not UTF-8.
VENV_INLINE std::optional<std::string> quote(Shell shell, std::string_view text) {
  if (!is_utf8(text) || text.find('\0') != std::string_view::npos) return std::nullopt;
  switch (shell) {
  case Shell::posix: return quote_posix(text);
  case Shell::fish: return quote_fish(text);
  case Shell::csh: return quote_csh(text);
  case Shell::powershell: return quote_powershell(text);
  case Shell::cmd: return quote_cmd(text);
  case Shell::nushell: return quote_nushell(text);
  case Shell::elvish: return quote_elvish(text);
  case Shell::xonsh:
  case Shell::python: return quote_python(text);
  default: return std::nullopt;
  }
}

VENV_DETAIL_END
