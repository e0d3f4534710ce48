#include "text/utf8.hpp"

#include <doctest/doctest.h>

using namespace venv::detail;

TEST_CASE("utf8: what is well formed (RFC 3629)") {
  for (const char* text : {"", "plain", "h\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x90\x8D",
                           "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF", "\xEE\x80\x80"}) {
    CAPTURE(text);
    CHECK(is_utf8(text));
  }
  for (const char* text :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xE2\x82", "\xE0\x80\x80", "\xED\xA0\x80",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "a\xC3z"}) {
    CAPTURE(text);
    CHECK_FALSE(is_utf8(text));
  }
}

TEST_CASE("utf8: control characters") {
  for (const char* text : {"\n", "a\tb", "\x1b[31m", "\x7f", "\xC2\x85", "\xC2\x9F"})
    CHECK(has_control_character(text));
  for (const char* text : {"", " ", "~", "\xC2\xA0", "\xE2\x80\x8B", "\xC3\xA9"})
    CHECK_FALSE(has_control_character(text));
}

TEST_CASE("utf8: a message shows what it can't print as escapes") {
  CHECK(printable("a\nb\xFF\xC3\xA9\xC2\x85") == "a\\x0ab\\xff\xC3\xA9\\xc2\\x85");
}
