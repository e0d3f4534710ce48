#include "python/pyenv.hpp"

#include "support_files.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

using namespace venv::detail;
using support::TemporaryDirectory;
using support::Variable;

namespace {

using Words = std::vector<std::string>;

/// A pyenv with these versions, each with a python3 and one with an only_here.
struct Pyenv {
  TemporaryDirectory tmp;
  fs::path root = tmp / "pyenv", shims = root / "shims";

  Pyenv() {
    for (const char* version :
         {"3.9.18", "3.12.1", "3.12.10", "3.12.9", "3.13.0t", "pypy3.10-7.3.12"})
      program(root / "versions" / version / "bin/python3", "");
    program(root / "versions/3.9.18/bin/only_here", "");
    for (const char* name : {"python3", "only_here", "system_too"})
      program(shims / name, "#!/usr/bin/env bash\nexec \"/pyenv\" exec \"$program\" \"$@\"\n");
    program(tmp / "usr/bin/python3", "");
    program(tmp / "usr/bin/system_too", "");
    fs::create_directories(tmp / "work");
  }
  static void program(const fs::path& path, const char* text) {
    support::put(path, text);
    make_executable(path);
  }
  std::string search_path() const {
    return shims.string() + ":relative::" + (tmp / "usr/bin").string();
  }
};

} // namespace

TEST_CASE("pyenv: the first word of each line of a version file, colons between several") {
  const struct {
    const char* text;
    Words words;
  } rows[] = {
      {"3.12.1\n", {"3.12.1"}},
      {"3.12.1", {"3.12.1"}},
      {"\n\n  3.12.1 \t# why\r\n", {"3.12.1"}},
      {"# a long comment that is longer than any small string could be\n3.12.1\n# x\n3.9.18\n",
       {"3.12.1", "3.9.18"}},
      {"3.12.1 3.9.18\n", {"3.12.1"}},
      {"3.12.1:3.9.18\nsystem\n", {"3.12.1", "3.9.18", "system"}},
      {"..\n../../etc\n/etc\n3.9.18\n", {"3.9.18"}},
      {"", {}},
      {"#\n\r\n", {}},
  };
  const TemporaryDirectory tmp;
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(words_of_version_file(support::put(tmp / "version", row.text)) == row.words);
  }
  CHECK(words_of_version_file(tmp / "missing").empty());
  CHECK(words_of_version_file(tmp.path()).empty());
}

TEST_CASE("pyenv: a version is its directory, or a prefix's newest release") {
  const Pyenv pyenv;
  const struct {
    const char *name, *expected;
  } rows[] = {
      {"3.12.1", "3.12.1"},
      {"3.12", "3.12.10"},
      {"python-3.12", "3.12.10"},
      {"python-3.12.9", "3.12.9"},
      {"3", "3.12.10"},
      {"3.13t", "3.13.0t"},
      {"3.13", ""},
      {"pypy3.10-7.3.12", "pypy3.10-7.3.12"},
      {"9.9", ""},
      {"system", ""},
      {"3.12.", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const fs::path expected = *row.expected ? pyenv.root / "versions" / row.expected : fs::path();
    CHECK(pyenv_prefix(pyenv.root, row.name) == expected);
  }
}

TEST_CASE("pyenv: what is selected, and where that is said") {
  const Pyenv pyenv;
  const fs::path start = fs::current_path();
  const Variable first("PYENV_VERSION", nullptr), second("PYENV_DIR", (pyenv.tmp / "work").c_str());
  const Variable third("PATH", pyenv.search_path().c_str());
  const auto resolved = [&](const char* name) { return resolve_pyenv_shim(pyenv.shims / name); };
  const auto version = [&](const char* name) {
    return pyenv.root / "versions" / name / "bin/python3";
  };
  const fs::path system = pyenv.tmp / "usr/bin/python3";

  support::put(pyenv.root / "version", "3.9.18\n");
  CHECK(resolved("python3") == version("3.9.18"));
  support::put(pyenv.tmp / ".python-version", "3.12\n");
  CHECK(resolved("python3") == version("3.12.10"));
  support::put(pyenv.tmp / "work/.python-version", "3.12.1\n");
  CHECK(resolved("python3") == version("3.12.1"));
  support::put(pyenv.tmp / "work/.python-version",
               "# nothing\n"); // the nearest counts all the same
  CHECK(resolved("python3") == system);
  {
    const Variable chosen("PYENV_VERSION", "9.9.9:3.12.9:3.9.18");
    CHECK(resolved("python3") == version("3.12.9"));
    CHECK(resolved("only_here") == pyenv.root / "versions/3.9.18/bin/only_here");
    CHECK(resolved("system_too") == pyenv.tmp / "usr/bin/system_too");
    CHECK(resolved("nowhere").empty());
  }
  {
    const Variable chosen("PYENV_VERSION", "system:3.9.18");
    CHECK(resolved("python3") == system);
    CHECK(resolved("only_here") == pyenv.root / "versions/3.9.18/bin/only_here");
  }
  CHECK(fs::current_path() == start);
}

TEST_CASE("pyenv: what a shim is, by its place and its text") {
  const TemporaryDirectory tmp;
  const std::string text =
      "#!/usr/bin/env bash\nexec \"/x/libexec/pyenv\" exec \"$program\" \"$@\"\n";
  CHECK(is_pyenv_shim(support::put(tmp / "shims/python3", text)));
  CHECK_FALSE(is_pyenv_shim(support::put(tmp / "bin/python3", text)));
  CHECK_FALSE(is_pyenv_shim(support::put(tmp / "shims/other", "#!/bin/sh\nexec python3\n")));
  CHECK_FALSE(is_pyenv_shim(support::put(tmp / "shims/binary", std::string(1 << 20, '\x7f'))));
  CHECK_FALSE(is_pyenv_shim(tmp / "shims/missing"));
  CHECK_FALSE(is_pyenv_shim(tmp / "shims"));
}
