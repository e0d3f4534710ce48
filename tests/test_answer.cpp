#include "cache/answer.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace venv::detail;

TEST_CASE("answer: reads what was written") {
  for (const Answer& answer : {Answer{}, Answer{"identity", {"3.13.0", "", std::string("a\0b", 3)}},
                               Answer{"", {std::string(100000, 'x')}}}) {
    const auto again = parse_answer(format_answer(answer));
    REQUIRE(again);
    CHECK(again->identity == answer.identity);
    CHECK(again->fields == answer.fields);
  }
}

TEST_CASE("answer: none that is changed in any byte, cut or longer") {
  const std::string bytes =
      format_answer({"/usr/bin/python3\n01 02", {"3.13.0", "cpython", "", "/usr/lib"}});
  REQUIRE(parse_answer(bytes));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    CAPTURE(i);
    for (const int flip : {0x01, 0x80, 0xFF}) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      CHECK_FALSE(parse_answer(damaged));
    }
    CHECK_FALSE(parse_answer(std::string_view(bytes).substr(0, i)));
    CHECK_FALSE(parse_answer(std::string_view(bytes).substr(i + 1)));
    CHECK_FALSE(parse_answer(std::string(bytes).erase(i, 1)));
    CHECK_FALSE(parse_answer(std::string(bytes).insert(i, 1, '\0')));
  }
  CHECK_FALSE(parse_answer(bytes + '\0'));
  CHECK_FALSE(parse_answer({}));
}

TEST_CASE("answer: a well-made one whose counts lie is refused") {
  for (const std::uint64_t count : {std::uint64_t{1}, std::uint64_t{1} << 40, UINT64_MAX}) {
    FieldWriter body, sum;
    body.text("identity");
    body.number(count);
    sum.number(checksum(body.bytes()));
    CAPTURE(count);
    CHECK_FALSE(parse_answer(std::string(answer_magic) + sum.bytes() + body.bytes()));
  }
}
