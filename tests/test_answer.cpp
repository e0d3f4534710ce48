#include "cache/answer.hpp"
#include "python/probe_answer.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

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

namespace {

using Fields = std::vector<std::string>;

const Fields whole{"version=3.13.0",
                   "prerelease=",
                   "implementation=cpython",
                   "executable=/usr/bin/python3",
                   "base_executable=/usr/bin/python3",
                   "base_prefix=/usr",
                   "stdlib=/usr/lib/python3.13",
                   "platlibdir=lib",
                   "magic=f30d0d0a",
                   "64bit=1",
                   "free_threaded=0",
                   "debug=0",
                   "runs_itself=1"};

std::string printed(const Fields& fields) {
  std::string text("\0venv.hpp probe 3\0", 18);
  for (const std::string& field : fields) text += field + '\0';
  return text + "end" + '\0';
}

} // namespace

TEST_CASE("answer: named values, in any order, whatever stands around them") {
  Fields turned(whole.rbegin(), whole.rend());
  turned.push_back("key of tomorrow=x=y");
  for (const std::string around : {"", "a wrapper's words\n"}) {
    const auto answer = find_answer(around + printed(turned) + around);
    REQUIRE(answer);
    CHECK(is_whole(*answer));
    CHECK(answer->value("key of tomorrow") == "x=y");
    const venv::Interpreter python = to_interpreter(*answer);
    CHECK(python.version == venv::Version(3, 13));
    CHECK(python.implementation == "cpython");
    CHECK(python.stdlib == "/usr/lib/python3.13");
    CHECK(python.magic == "\xF3\r\r\n");
    CHECK(python.is_64bit);
    CHECK_FALSE(python.free_threaded);
    CHECK(ProbeAnswer::parse(answer->format()).format() == answer->format());
  }
}

TEST_CASE("answer: one that lacks a value, or has a wrong one, is not whole") {
  for (std::size_t i = 1; i < whole.size(); ++i) {
    Fields fields = whole;
    fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(i));
    CAPTURE(whole[i]);
    CHECK_FALSE(is_whole(ProbeAnswer::parse(fields)));
  }
  for (const char* magic : {"magic=", "magic=f3", "magic=f30d0d0a0a", "magic=g30d0d0a",
                            "magic=F30D0D0A", "magic=-1\x80\xff\x01\x01\x01\x01"}) {
    Fields fields = whole;
    fields[8] = magic;
    CAPTURE(magic);
    CHECK_FALSE(is_whole(ProbeAnswer::parse(fields)));
  }
}

TEST_CASE("answer: none where the marks are missing, of another version or the wrong way round") {
  const std::string text = printed(whole);
  CHECK_FALSE(find_answer(""));
  CHECK_FALSE(find_answer(text.substr(1)));
  CHECK_FALSE(find_answer(text.substr(0, text.size() - 1)));
  CHECK_FALSE(find_answer(std::string("\0venv.hpp probe 1\0version=3.13.0\0end\0", 38)));
  CHECK_FALSE(find_answer(std::string("\0end\0venv.hpp probe 3\0", 23)));
  CHECK_FALSE(find_answer(std::string("\0venv.hpp probe 3\0end\0", 22))); // the marks overlap
  const auto nothing = find_answer(std::string("\0venv.hpp probe 3\0\0end\0", 23));
  REQUIRE(nothing);
  CHECK(nothing->format().empty());
}
