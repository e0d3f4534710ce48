#include <doctest/doctest.h>

#include "text/quote.hpp"

#include <string>

using venv::detail::quote;
using venv::detail::Shell;

namespace {

constexpr Shell every_shell[] = {Shell::posix,      Shell::fish,   Shell::csh,
                                 Shell::powershell, Shell::cmd,    Shell::nushell,
                                 Shell::xonsh,      Shell::elvish, Shell::python};

} // namespace

TEST_CASE("quote: writes each shell's literal") {
  const struct {
    Shell shell;
    const char* text;
    const char* quoted;
  } rows[] = {
      {Shell::posix, "", "''"},
      {Shell::posix, "/a b", "'/a b'"},
      {Shell::posix, "it's", "'it'\\''s'"},
      {Shell::posix, "''", "''\\'''\\'''"},
      {Shell::posix, "$(x)`y`\"\\!%\n", "'$(x)`y`\"\\!%\n'"},
      {Shell::fish, "it's a \\", "'it\\'s a \\\\'"},
      {Shell::fish, "$x(y)", "'$x(y)'"},
      {Shell::csh, "", "''"},
      {Shell::csh, "/plain/word", "/plain/word"},
      {Shell::csh, "a b!c'd\\e", "a\\ b\\!c\\'d\\\\e"},
      {Shell::csh, "/voilà/é b", "/voil'à'/'é'\\ b"},
      {Shell::csh, "a\nb", nullptr},
      {Shell::powershell, "", "''"},
      {Shell::powershell, "it's $x `y", "'it''s $x `y'"},
      {Shell::powershell, "é", "(''+[char]0x00E9+'')"},
      {Shell::powershell, "a’b", "('a'+[char]0x2019+'b')"},
      {Shell::powershell, "😀", "(''+[char]0xD83D+''+[char]0xDE00+'')"},
      {Shell::powershell, "a\nb", "('a'+[char]0x000A+'b')"},
      {Shell::cmd, "C:\\a b & (c) ^!", "C:\\a b & (c) ^!"},
      {Shell::cmd, "100%", "100%%"},
      {Shell::cmd, "a\"b", nullptr},
      {Shell::cmd, "a\rb", nullptr},
      {Shell::nushell, "a\"b\\c $x", "\"a\\u{22}b\\\\c $x\""},
      {Shell::elvish, "it's \\ $x", "'it''s \\ $x'"},
      {Shell::python, "it's \\ {x}\n\x7f é", "'it\\'s \\\\ {x}\\x0a\\x7f é'"},
      {Shell::xonsh, "it's $x", "'it\\'s $x'"},
  };
  for (const auto& row : rows) {
    CAPTURE(static_cast<int>(row.shell));
    CAPTURE(row.text);
    const auto quoted = quote(row.shell, row.text);
    REQUIRE(quoted.has_value() == (row.quoted != nullptr));
    if (quoted) CHECK(*quoted == row.quoted);
  }
}

TEST_CASE("quote: refuses NUL and what is not UTF-8 in every shell") {
  for (const Shell shell : every_shell) {
    CAPTURE(static_cast<int>(shell));
    CHECK_FALSE(quote(shell, std::string("a\0b", 3)));
    for (const char* bad :
         {"\xff", "a\x80", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"})
      CHECK_FALSE(quote(shell, bad));
    CHECK(quote(shell, "naïve 漢字 😀"));
  }
}
