#include "text/version.hpp"

#include <doctest/doctest.h>

using namespace venv::detail;

TEST_CASE("version: requests and what fits them") {
  struct Row {
    const char *request, *implementation;
    std::array<int, 3> release;
    bool free_threaded, fits;
  };
  const Row rows[] = {
      {"3", "cpython", {3, 8, 1}, false, true},
      {"3.12", "cpython", {3, 12, 9}, false, true},
      {"3.1", "cpython", {3, 12, 9}, false, false},
      {"3.12.1", "cpython", {3, 12, 1}, false, true},
      {"3.12.1", "cpython", {3, 12, 2}, false, false},
      {">=3.10", "cpython", {3, 13, 0}, false, true},
      {">=3.10", "cpython", {3, 9, 20}, false, false},
      {"3.13", "cpython", {3, 13, 0}, true, false},
      {"3.13t", "cpython", {3, 13, 0}, true, true},
      {"3.13t", "cpython", {3, 13, 0}, false, false},
      {"python3.12", "cpython", {3, 12, 1}, false, true},
      {"pypy3.10", "pypy", {3, 10, 12}, false, true},
      {"pypy3.10", "cpython", {3, 10, 12}, false, false},
      {"3.10", "pypy", {3, 10, 12}, false, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.request);
    const auto request = parse_version_request(row.request);
    REQUIRE(request);
    CHECK(fits(*request, row.implementation, row.release, row.free_threaded) == row.fits);
  }
}

TEST_CASE("version: what is no request") {
  for (const char* text : {"", "python", "pypy", "3.", ".3", "3.x", "3.12.1.1", "3.12 ", "=3",
                           "<3.10", "3.13tt", "t", "99999", "python3-config", "-3"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_version_request(text));
  }
}
