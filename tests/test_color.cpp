#include "program/color.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace venv::detail;

TEST_CASE("in_colors: marks the word that says what a line is, and nothing else") {
  struct Row {
    std::string text, marked;
  };
  const Row rows[] = {
      {"", ""},
      {"\n\n", "\n\n"},
      {"no more\nError: it failed\nHint: mend it\n",
       "no more\n\033[1;31mError:\033[0m it failed\n\033[1;36mHint:\033[0m mend it\n"},
      {"Warning: old", "\033[1;33mWarning:\033[0m old"},
      {"an Error: inside", "an Error: inside"},
      {"ERROR: pip's own", "ERROR: pip's own"},
      {"usage: venv\nvenv: error: what is error: this\n",
       "\033[1musage:\033[0m venv\n\033[1;31mvenv: error:\033[0m what is error: this\n"},
      {"it says: error: no", "it says: error: no"},
      {"options:\n  --force  do it -- all\n  --a-name-alone\n",
       "\033[1moptions:\033[0m\n  \033[1;36m--force\033[0m  do it -- all\n"
       "  \033[1;36m--a-name-alone\033[0m\n"},
      {"  ENV_DIR    a directory", "  \033[1;36mENV_DIR\033[0m    a directory"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(in_colors(row.text) == row.marked);
  }
}
