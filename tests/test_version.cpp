#include "text/version.hpp"
#include "text/python_name.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace venv::detail;
using venv::Version;

TEST_CASE("version: compares number by number, with arrays too") {
  CHECK(Version(3, 9, 20) < Version(3, 10));
  CHECK(Version(3, 10) > Version(3, 9, 20));
  CHECK(Version(3, 12) == std::array<int, 3>{3, 12, 0});
  CHECK(Version(3, 12, 1) >= Version(3, 12, 1));
  CHECK(Version(3, 12, 1) <= Version(3, 12, 1));
  CHECK(Version(3, 12, 1) != Version(3, 12));
  CHECK(Version(3, 13, 4).text() == "3.13.4");
  CHECK(Version(3, 13, 4).minor_text() == "3.13");
  CHECK(dotted({3, 6, 0}) == "3.6.0");
}

TEST_CASE("version: an implementation's names") {
  CHECK(venv::Implementation("cpython").display_name() == "CPython");
  CHECK(venv::Implementation("pypy").display_name() == "PyPy");
  CHECK(venv::Implementation("graalpy").display_name() == "GraalPy");
  CHECK(venv::Implementation("other").display_name() == "other");
  CHECK(venv::Implementation("cpython").command_name() == "python");
  CHECK(venv::Implementation("pypy").command_name() == "pypy");
}

TEST_CASE("version: a release's name") {
  struct Row {
    const char* text;
    Version release;
    std::size_t parts;
    bool free_threaded, debug;
  };
  for (const Row& row :
       {Row{"3", {3, 0}, 1, false, false}, Row{"3.12", {3, 12}, 2, false, false},
        Row{"3.12.1", {3, 12, 1}, 3, false, false}, Row{"3.13t", {3, 13}, 2, true, false},
        Row{"3.14d", {3, 14}, 2, false, true}, Row{"3.14.2td", {3, 14, 2}, 3, true, true},
        Row{"3.14dt", {3, 14}, 2, true, true}, Row{"313", {3, 13}, 2, false, false},
        Row{"39", {3, 9}, 2, false, false}, Row{"313t", {3, 13}, 2, true, false}}) {
    CAPTURE(row.text);
    const auto name = parse_release_name(row.text);
    REQUIRE(name);
    CHECK(name->release == row.release);
    CHECK(name->parts == row.parts);
    CHECK(name->free_threaded == row.free_threaded);
    CHECK(name->debug == row.debug);
  }
  for (const char* text :
       {"", "t", ".3", "3.", "3..1", "3.12.1.1", "3.13tt", "3.x", "-3", "99999", "3 "}) {
    CAPTURE(text);
    CHECK_FALSE(parse_release_name(text));
  }
}

TEST_CASE("version: the name of a command") {
  struct Row {
    const char *text, *implementation;
    std::size_t parts;
    int minor;
    bool free_threaded;
  };
  for (const Row& row :
       {Row{"python", "cpython", 0, 0, false}, Row{"python3", "cpython", 1, 0, false},
        Row{"python3.14", "cpython", 2, 14, false}, Row{"python3.13t", "cpython", 2, 13, true},
        Row{"pypy", "pypy", 0, 0, false}, Row{"pypy3", "pypy", 1, 0, false},
        Row{"pypy3.10", "pypy", 2, 10, false}, Row{"graalpy", "graalpy", 0, 0, false}}) {
    CAPTURE(row.text);
    const auto name = parse_command_name(row.text);
    REQUIRE(name);
    CHECK(name->implementation == row.implementation);
    CHECK(name->release.parts == row.parts);
    CHECK(name->release.release[1] == row.minor);
    CHECK(name->release.free_threaded == row.free_threaded);
  }
  for (const char* text :
       {"python2", "python2.7", "python3-config", "python3.12-config", "pythonw3x", "pip3",
        "pygmentize", "cp313", "pp", "python3.11.2", "python311", ""}) {
    CAPTURE(text);
    CHECK_FALSE(parse_command_name(text));
  }
}

TEST_CASE("version: the name of an installation's folder") {
  struct Row {
    const char *text, *implementation;
    std::size_t parts;
    Version release;
    bool free_threaded, debug;
  };
  const Row rows[] = {
      {"3.12.1", "cpython", 3, {3, 12, 1}, false, false},
      {"3.14-dev", "cpython", 2, {3, 14}, false, false},
      {"3.13t-dev", "cpython", 2, {3, 13}, true, false},
      {"3.13.0t", "cpython", 3, {3, 13, 0}, true, false},
      {"3.15.0a1", "cpython", 3, {3, 15, 0}, false, false},
      {"3.15.0a1t", "cpython", 3, {3, 15, 0}, true, false},
      {"3.12.1-debug", "cpython", 3, {3, 12, 1}, false, false},
      {"pypy3.11-7.3.20", "pypy", 2, {3, 11}, false, false},
      {"pypy3.10", "pypy", 2, {3, 10}, false, false},
      {"cpython-3.13.0-linux-x86_64-gnu", "cpython", 3, {3, 13, 0}, false, false},
      {"cpython-3.13.0+freethreaded-linux-x86_64-gnu", "cpython", 3, {3, 13, 0}, true, false},
      {"cpython-3.14.0+debug-linux-x86_64-gnu", "cpython", 3, {3, 14, 0}, false, true},
      {"cpython@3.12.1", "cpython", 3, {3, 12, 1}, false, false},
      {"pypy-3.10.14-linux-x86_64-gnu", "pypy", 3, {3, 10, 14}, false, false},
      {"cp313-cp313t", "cpython", 2, {3, 13}, true, false},
      {"cp312-cp312", "cpython", 2, {3, 12}, false, false},
      {"pp310-pypy310_pp73", "pypy", 2, {3, 10}, false, false},
      {"python@3.12", "cpython", 2, {3, 12}, false, false},
      {"graalpy-24.1.1", "graalpy", 0, {}, false, false},
      {"miniconda3-4.7.12", "", 0, {}, false, false},
      {"anaconda3-2023.09-0", "", 0, {}, false, false},
      {"2.7.18", "cpython", 3, {2, 7, 18}, false, false},
      {"my project", "", 0, {}, false, false},
      {"3.12x", "", 0, {}, false, false},
      {"jython-2.7.2", "", 0, {}, false, false},
      {"", "", 0, {}, false, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const PythonName name = parse_installation_name(row.text);
    CHECK(name.implementation == row.implementation);
    CHECK(name.release.parts == row.parts);
    CHECK(name.release.release == row.release);
    CHECK(name.release.free_threaded == row.free_threaded);
    CHECK(name.release.debug == row.debug);
  }
}
