#include "text/pyvenv_cfg.hpp"

#include <doctest/doctest.h>

using namespace venv::detail;

TEST_CASE("pyvenv.cfg: is read as site.py reads it") {
  struct Row {
    const char *text, *key;
    std::optional<std::string> value;
  };
  const Row rows[] = {
      {"home = /usr/bin\n", "home", "/usr/bin"},
      {"home=/usr/bin", "home", "/usr/bin"},
      {"  HOME\t=  /usr/bin  \n", "home", "/usr/bin"},
      {"home = /a\r\nversion = 3\r\n", "home", "/a"},
      {"home = /a\rversion = 3\r", "version", "3"},
      {"command = x --prompt=\"a=b\" y\n", "command", "x --prompt=\"a=b\" y"},
      {"home = /first\nhome = /last\n", "home", "/last"},
      {"home =\n", "home", ""},
      {"home /usr/bin\n", "home", std::nullopt},
      {"", "home", std::nullopt},
      {"\n\n= nothing\n", "", "nothing"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(value_of(parse_pyvenv_cfg(row.text), row.key) == row.value);
  }
}

TEST_CASE("pyvenv.cfg: keeps an equals sign inside a value") {
  const PyvenvCfg cfg{{"home", "/usr/bin"}, {"prompt", "'a = b'"}};
  CHECK(format_pyvenv_cfg(cfg) == "home = /usr/bin\nprompt = 'a = b'\n");
  CHECK(parse_pyvenv_cfg(format_pyvenv_cfg(cfg)) == cfg);
}

TEST_CASE("pyvenv.cfg: of a key's lines the last counts, but of home's the first, as in Python") {
  const PyvenvCfg cfg = parse_pyvenv_cfg("home = a\nprompt = b\nhome = c\nprompt = d\n");
  CHECK(home_of(cfg) == "a");
  CHECK(value_of(cfg, "prompt") == "d");
  CHECK(!home_of({{"prompt", "b"}}));
}
