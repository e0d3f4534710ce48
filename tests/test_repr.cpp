#include "text/repr.hpp"

#include <doctest/doctest.h>

using namespace venv::detail;

TEST_CASE("repr: as CPython 3.13 writes it") {
  struct Row {
    const char *text, *repr;
  };
  const Row rows[] = {
      {"", "''"},
      {"plain", "'plain'"},
      {"it's", "\"it's\""},
      {"\"", "'\"'"},
      {"'\"", "'\\'\"'"},
      {"\\", "'\\\\'"},
      {"\t\n\r", "'\\t\\n\\r'"},
      {"\x1b[0m\x7f", "'\\x1b[0m\\x7f'"},
      {"\xC2\xA0\xC2\xAD", "'\\xa0\\xad'"},
      {"\xE2\x80\x8B", "'\\u200b'"},
      {"\xEE\x80\x80", "'\\ue000'"},
      {"\xF0\x9F\x90\x8D", "'\xF0\x9F\x90\x8D'"},
      {"\xF3\xB0\x80\x80", "'\\U000f0000'"},
      {"h\xC3\xA9", "'h\xC3\xA9'"},
      {"\xFF", "'\\udcff'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.repr);
    CHECK(repr(row.text) == row.repr);
  }
}
