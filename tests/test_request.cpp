#include "python/request.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace venv::detail;
using Kind = PythonRequest::Kind;

namespace {

/// `cpython 3.13.0t`, `pypy 3.10.14`, `cpython 3.15.0b1`, `cpython 3.14.0d`, `cpython 3.12.1 32`.
venv::Interpreter python(const char* implementation, venv::Version version,
                         const char* flags = "") {
  venv::Interpreter python;
  python.implementation = implementation;
  python.version = version;
  const std::string text = flags;
  python.free_threaded = text == "t" || text == "td";
  python.debug = text == "d" || text == "td";
  python.is_64bit = text != "32";
  if (text.size() > 1 && text != "td" && text != "32") python.prerelease = text;
  return python;
}

} // namespace

TEST_CASE("request: what kind it is") {
  const struct {
    const char* text;
    Kind kind;
  } rows[] = {
      {"", Kind::any},
      {"  ", Kind::any},
      {"/usr/bin/python3", Kind::path},
      {"./python3", Kind::path},
      {"..", Kind::path},
      {"env/", Kind::path},
      {"3", Kind::version},
      {"3.12", Kind::version},
      {"3.12.1", Kind::version},
      {"313", Kind::version},
      {"3.13t", Kind::version},
      {"3.14d", Kind::version},
      {"3.14td", Kind::version},
      {"3.12-64", Kind::version},
      {"3.15.0b1", Kind::version},
      {"3.15rc2", Kind::version},
      {">=3.10", Kind::version},
      {"> 3.10", Kind::version},
      {">=3.10,<3.13", Kind::version},
      {" >= 3.10 , < 3.13 ", Kind::version},
      {"==3.12.*", Kind::version},
      {"===3.12.1", Kind::version},
      {"!=3.12.*", Kind::version},
      {"~=3.11", Kind::version},
      {"<3.12", Kind::version},
      {"cpython", Kind::version},
      {"CPython", Kind::version},
      {"cpython@3.12", Kind::version},
      {"cpython-3.13", Kind::version},
      {"cpython3.12", Kind::version},
      {"CPython>=3.12", Kind::version},
      {"cp313", Kind::version},
      {"cp313t", Kind::version},
      {"python3.12", Kind::version},
      {"python3", Kind::version},
      {"pypy", Kind::version},
      {"pypy3", Kind::version},
      {"pypy3.10", Kind::version},
      {"pypy@3.10", Kind::version},
      {"pp310", Kind::version},
      {"pypy>=3.10", Kind::version},
      {"graalpy", Kind::version},
      {"graalpy3.11", Kind::version},
      {"python", Kind::name},
      {"python3-dbg", Kind::name},
      {"my-python", Kind::name},
      {".venv", Kind::name},
      {"~=3", Kind::name},
      {">=3.x", Kind::name},
      {">=3.12.*", Kind::name},
      {"=3.12", Kind::name},
      {">=3.10;<3.13", Kind::name},
      {"3.12 or so", Kind::name},
      {"3.12.1.1", Kind::name},
      {"3.12.dev1", Kind::name},
      {"1!3.12", Kind::name},
      {"cpython-", Kind::name},
      {"3.12-128", Kind::name},
      {"99999", Kind::name},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(parse_request(row.text).kind == row.kind);
    CHECK(parse_request(row.text).text == row.text);
  }
}

TEST_CASE("request: what fits it") {
  const struct {
    const char* request;
    venv::Interpreter python;
    Fit expected;
  } rows[] = {
      {"", python("pypy", {3, 10}), Fit::yes},
      {"3", python("cpython", {3, 8, 1}), Fit::yes},
      {"3", python("cpython", {2, 7, 18}), Fit::no},
      {"3.12", python("cpython", {3, 12, 9}), Fit::yes},
      {"312", python("cpython", {3, 12, 9}), Fit::yes},
      {"3.1", python("cpython", {3, 12, 9}), Fit::no},
      {"3.12.1", python("cpython", {3, 12, 1}), Fit::yes},
      {"3.12.1", python("cpython", {3, 12, 10}), Fit::no},
      {"3.12.0", python("cpython", {3, 12, 0}), Fit::yes},
      {"3.12", python("pypy", {3, 12, 0}), Fit::no},
      {"3.12", python("graalpy", {3, 12, 0}), Fit::no},
      {"python3.12", python("cpython", {3, 12, 1}), Fit::yes},
      {"cpython@3.12", python("cpython", {3, 12, 1}), Fit::yes},
      {"cpython-3.13", python("cpython", {3, 13, 1}), Fit::yes},
      {"cp313", python("cpython", {3, 13, 1}), Fit::yes},
      {"cp39", python("cpython", {3, 9, 1}), Fit::yes},
      {"cp39", python("cpython", {3, 10, 1}), Fit::no},
      {"cpython", python("cpython", {3, 6, 0}), Fit::yes},
      {"cpython", python("pypy", {3, 10, 0}), Fit::no},
      {"pypy", python("pypy", {3, 10, 0}), Fit::yes},
      {"pypy3", python("pypy", {3, 10, 0}), Fit::yes},
      {"pypy3.10", python("pypy", {3, 10, 12}), Fit::yes},
      {"pypy3.10", python("cpython", {3, 10, 12}), Fit::no},
      {"pypy3.10", python("pypy", {3, 11, 12}), Fit::no},
      {"PyPy>=3.10", python("pypy", {3, 11, 12}), Fit::yes},
      {"graalpy", python("graalpy", {3, 11, 7}), Fit::yes},
      {">=3.10", python("cpython", {3, 13, 0}), Fit::yes},
      {">=3.10", python("cpython", {3, 9, 20}), Fit::no},
      {">3.10", python("cpython", {3, 10, 1}), Fit::yes},
      {"<3.12", python("cpython", {3, 11, 9}), Fit::yes},
      {"<3.12", python("cpython", {3, 12, 0}), Fit::no},
      {"<=3.12", python("cpython", {3, 12, 1}), Fit::no},
      {">=3.10,<3.13", python("cpython", {3, 12, 9}), Fit::yes},
      {">=3.10,<3.13", python("cpython", {3, 13, 0}), Fit::no},
      {" >= 3.10 , < 3.13 ", python("cpython", {3, 10, 0}), Fit::yes},
      {"!=3.11.*,>=3.10", python("cpython", {3, 11, 5}), Fit::no},
      {"!=3.11.*,>=3.10", python("cpython", {3, 12, 5}), Fit::yes},
      {"==3.12.*", python("cpython", {3, 12, 9}), Fit::yes},
      {"==3.12", python("cpython", {3, 12, 0}), Fit::yes},
      {"==3.12", python("cpython", {3, 12, 1}), Fit::no},
      {"===3.12.1", python("cpython", {3, 12, 1}), Fit::yes},
      {"~=3.11", python("cpython", {3, 14, 0}), Fit::yes},
      {"~=3.11", python("cpython", {3, 10, 0}), Fit::no},
      {"~=3.11.2", python("cpython", {3, 11, 9}), Fit::yes},
      {"~=3.11.2", python("cpython", {3, 12, 0}), Fit::no},
      {"3.13", python("cpython", {3, 13, 0}, "t"), Fit::no},
      {"3.13t", python("cpython", {3, 13, 0}, "t"), Fit::yes},
      {"3.13t", python("cpython", {3, 13, 0}), Fit::no},
      {">=3.13", python("cpython", {3, 13, 0}, "t"), Fit::no},
      {"3.14d", python("cpython", {3, 14, 0}, "d"), Fit::yes},
      {"3.14d", python("cpython", {3, 14, 0}), Fit::no},
      {"3.14", python("cpython", {3, 14, 0}, "d"), Fit::second_choice},
      {"3.14td", python("cpython", {3, 14, 0}, "td"), Fit::yes},
      {"3.12-64", python("cpython", {3, 12, 0}), Fit::yes},
      {"3.12-64", python("cpython", {3, 12, 0}, "32"), Fit::no},
      {"3.12-32", python("cpython", {3, 12, 0}, "32"), Fit::yes},
      {"3.15", python("cpython", {3, 15, 0}, "b1"), Fit::second_choice},
      {">=3.14", python("cpython", {3, 15, 0}, "b1"), Fit::second_choice},
      {">=3.15", python("cpython", {3, 15, 0}, "b1"), Fit::no},
      {">=3.15.0a1", python("cpython", {3, 15, 0}, "b1"), Fit::yes},
      {"3.15.0b1", python("cpython", {3, 15, 0}, "b1"), Fit::yes},
      {"3.15.0b1", python("cpython", {3, 15, 0}, "b2"), Fit::no},
      {"3.15rc2", python("cpython", {3, 15, 0}, "rc2"), Fit::yes},
  };
  for (const auto& row : rows) {
    CAPTURE(row.request);
    CAPTURE(row.python.version.text());
    CHECK(fit(parse_request(row.request), row.python) == row.expected);
  }
}

TEST_CASE("request: what a name rules out, and what it can't") {
  const struct {
    const char *request, *name;
    bool can;
  } rows[] = {
      {"3.12", "3.12.1", true},          {"3.12", "3.11.9", false},
      {"3.12", "3.12-dev", true},        {"3.12", "miniconda3", true},
      {"3.12", "pypy3.12-7", false},     {"3.13", "3.13t-dev", false},
      {"3.13t", "3.13t-dev", true},      {"3.12", "2.7.18", false},
      {"pypy", "pypy3.11-7.3.20", true}, {"pypy", "3.12.1", false},
      {">=3.10", "3.9.1", true},         {"", "3.9.1", true},
      {"==3.12.*", "3.11.9", false},     {"~=3.11", "3.12.1", true},
      {"~=3.11.2", "3.12.1", false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.request);
    CAPTURE(row.name);
    CHECK(can_fit(parse_request(row.request), parse_installation_name(row.name)) == row.can);
  }
}
