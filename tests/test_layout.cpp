#include "text/layout.hpp"

#include <doctest/doctest.h>

using namespace venv::detail;
using Names = std::vector<std::string>;

namespace {

LayoutKey cpython(int minor, Os os = Os::linux_or_other) {
  LayoutKey key;
  key.os = os;
  key.version = {3, minor, 0};
  key.executable_name = "python3." + std::to_string(minor);
  return key;
}

} // namespace

TEST_CASE("layout: CPython by version and platform") {
  struct Row {
    int minor;
    Os os;
    const char *bin, *include, *purelib, *executable;
    bool lib64;
    Names aliases;
  };
  const Row rows[] = {
      {8,
       Os::linux_or_other,
       "bin",
       "include",
       "lib/python3.8/site-packages",
       "python3.8",
       true,
       {"python", "python3"}},
      {10,
       Os::linux_or_other,
       "bin",
       "include",
       "lib/python3.10/site-packages",
       "python3.10",
       true,
       {"python", "python3", "python3.10"}},
      {13,
       Os::linux_or_other,
       "bin",
       "include/python3.13",
       "lib/python3.13/site-packages",
       "python3.13",
       true,
       {"python", "python3", "python3.13"}},
      {13,
       Os::macos,
       "bin",
       "include/python3.13",
       "lib/python3.13/site-packages",
       "python3.13",
       false,
       {"python", "python3", "python3.13"}},
      {14,
       Os::macos,
       "bin",
       "include",
       "lib/python3.14/site-packages",
       "python3.14",
       false,
       {"python", "python3", "python3.14", "\xF0\x9D\x9C\x8Bthon"}},
      {14,
       Os::linux_or_other,
       "bin",
       "include",
       "lib/python3.14/site-packages",
       "python3.14",
       true,
       {"python", "python3", "python3.14", "\xF0\x9D\x9C\x8Bthon"}},
      {15,
       Os::linux_or_other,
       "bin",
       "include",
       "lib/python3.15/site-packages",
       "python3.15",
       false,
       {"python", "python3", "python3.15"}},
      {16,
       Os::linux_or_other,
       "bin",
       "include",
       "lib/python3.16/site-packages",
       "python3.16",
       false,
       {"python", "python3", "python3.16"}},
      {13, Os::windows, "Scripts", "Include", "Lib/site-packages", "python.exe", false, {}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.minor);
    CAPTURE(row.bin);
    const Layout layout = layout_of(cpython(row.minor, row.os));
    CHECK(layout.bin == row.bin);
    CHECK(layout.include == row.include);
    CHECK(layout.purelib == row.purelib);
    CHECK(layout.platlib == row.purelib);
    CHECK(layout.executable == row.executable);
    CHECK(layout.lib64 == row.lib64);
    CHECK(layout.aliases == row.aliases);
  }
}

TEST_CASE("layout: free-threaded and debug builds") {
  LayoutKey key = cpython(13);
  key.free_threaded = true;
  CHECK(layout_of(key).purelib == "lib/python3.13t/site-packages");
  CHECK(layout_of(key).include == "include/python3.13t");
  key.debug = true;
  CHECK(layout_of(key).include == "include/python3.13td");
  key.os = Os::windows;
  CHECK(layout_of(key).executable == "python_d.exe");
}

TEST_CASE("layout: 32 bits have no lib64") {
  LayoutKey key = cpython(12);
  key.is_64bit = false;
  CHECK_FALSE(layout_of(key).lib64);
}

TEST_CASE("layout: a platlib of its own, where the Python was built for one") {
  LayoutKey key = cpython(12);
  key.platlibdir = "lib64";
  CHECK(layout_of(key).purelib == "lib/python3.12/site-packages");
  CHECK(layout_of(key).platlib == "lib64/python3.12/site-packages");
  CHECK(layout_of(key).lib64); // there it is the same directory, by the link
  key = cpython(15);
  key.platlibdir = "lib64";
  CHECK(layout_of(key).platlib == "lib64/python3.15/site-packages");
  CHECK_FALSE(layout_of(key).lib64);
  key.free_threaded = true;
  CHECK(layout_of(key).platlib == "lib64/python3.15t/site-packages");
}

TEST_CASE("layout: a name outside ASCII only where names are UTF-8") {
  LayoutKey key = cpython(14);
  key.utf8_names = false;
  CHECK(layout_of(key).aliases == Names{"python", "python3", "python3.14"});
}

TEST_CASE("layout: PyPy, the names that its own venv makes") {
  LayoutKey key = cpython(9);
  key.implementation = "pypy";
  key.executable_name = "pypy3";
  CHECK(layout_of(key).purelib == "lib/pypy3.9/site-packages");
  CHECK(layout_of(key).include == "include");
  CHECK(layout_of(key).aliases == Names{"python", "python3", "python3.9", "pypy", "pypy3"});
  key.version = {3, 11, 0};
  CHECK(layout_of(key).include == "include/pypy3.11");
  CHECK(layout_of(key).aliases == Names{"python", "python3", "python3.11", "pypy", "pypy3"});
}

TEST_CASE("layout: GraalPy's are CPython's") {
  LayoutKey key = cpython(11);
  key.implementation = "graalpy";
  key.executable_name = "graalpy";
  CHECK(layout_of(key).purelib == "lib/python3.11/site-packages");
  CHECK(layout_of(key).aliases == Names{"python", "python3", "python3.11"});
}
