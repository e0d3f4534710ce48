#include "python/redirect.hpp"
#include "python/version_file.hpp"

#include "support_files.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace venv::detail;
using support::TemporaryDirectory;

TEST_CASE("redirect: a file that names an environment (PEP 832)") {
  const TemporaryDirectory tmp;
  const auto meant = [&](const std::string& text) {
    return environment_meant(support::put(tmp / "project/.venv", text));
  };
  CHECK(meant("../elsewhere/env\n") == tmp / "elsewhere/env");
  CHECK(meant("../elsewhere/env") == tmp / "elsewhere/env");
  CHECK(meant("  env \r\n\r\n") == tmp / "project/env");
  CHECK(meant("/opt/ënv") == "/opt/ënv");
  CHECK(meant("/opt/env/") == "/opt/env");
}

TEST_CASE("redirect: what redirects nowhere is meant itself, and stays as it is") {
  const TemporaryDirectory tmp;
  for (const std::string& text :
       {std::string(), std::string("\n"), std::string("one\ntwo\n"), std::string("\xFF"),
        std::string("a\0b", 3), std::string("a\x1B[0m"), std::string(1 << 20, 'x')}) {
    CAPTURE(text.size());
    const fs::path file = support::put(tmp / ".venv", text);
    CHECK_FALSE(redirected_environment(file));
    CHECK(environment_meant(file) == file);
    CHECK(support::get(file) == text);
  }
  CHECK(environment_meant(tmp / "missing") == tmp / "missing");
  CHECK(environment_meant(tmp.path()) == tmp.path());
}

TEST_CASE("redirect: one step, no more") {
  const TemporaryDirectory tmp;
  support::put(tmp / "second/.venv", "/opt/env\n");
  CHECK_THROWS_AS(environment_meant(support::put(tmp / "first/.venv", "../second/.venv\n")),
                  venv::Error);
  CHECK_THROWS_AS(environment_meant(support::put(tmp / "itself/.venv", ".venv\n")), venv::Error);
}

TEST_CASE("redirect: a file of another name is the user's own text") {
  const TemporaryDirectory tmp;
  const fs::path file = support::put(tmp / "notes", "env\n");
  CHECK(environment_meant(file) == file);
}

TEST_CASE("version file: the nearest upwards, and what its words ask for") {
  const TemporaryDirectory tmp;
  const support::Variable root("PYENV_ROOT", (tmp / "pyenv").c_str());
  fs::create_directories(tmp / "a/b/c");
  fs::create_directories(tmp / "pyenv/versions/my project/bin");
  using Words = std::vector<std::string>;
  const auto words = [&](const std::string& text) {
    support::put(tmp / "a/.python-version", text);
    const auto file = nearest_version_file(tmp / "a/b/c");
    return file ? file->requests : Words{};
  };
  CHECK(words("3.12.1\n") == Words{"3.12.1"});
  CHECK(words("3.12\n3.11\n") == Words{"3.12", "3.11"});
  CHECK(words("# why\n>=3.10\n") == Words{">=3.10"});
  CHECK(words("pypy3.11-7.3.20\n3.14-dev\n3.13t-dev") ==
        Words{"pypy3.11", "python3.14", "python3.13t"});
  CHECK(words("cpython-3.12.4-linux-x86_64-gnu") == Words{"python3.12"});
  CHECK(words("nonsense\n") == Words{"nonsense"});
  CHECK(words("system\n3.9\n").empty());
  CHECK(words("3.9\nsystem\n") == Words{"3.9"});
  CHECK(words("").empty());
  support::put(tmp / "a/b/.python-versions", "3.8\n");
  CHECK(nearest_version_file(tmp / "a/b/c")->requests == Words{"3.8"});
  CHECK(nearest_version_file(tmp / "a/b/c")->path == tmp / "a/b/.python-versions");
  support::put(tmp / "a/b/.python-version", "3.7\n");
  CHECK(nearest_version_file(tmp / "a/b/c")->requests == Words{"3.7"});
}
