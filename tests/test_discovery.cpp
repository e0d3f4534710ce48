#include "python/discovery.hpp"

#include "support_files.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

using namespace venv::detail;
using support::TemporaryDirectory;
using support::Variable;

namespace {

fs::path program(const fs::path& path, const char* text = "") {
  support::put(path, text);
  make_executable(path);
  return path;
}

venv::Interpreter interpreter(const fs::path& path, std::array<int, 3> version) {
  venv::Interpreter python;
  python.executable = python.base_executable = python.real_executable = path;
  python.version = version;
  python.implementation = "cpython";
  return python;
}

} // namespace

TEST_CASE("discovery: PATH in its order, only absolute entries, only what can be run") {
  const TemporaryDirectory tmp;
  program(tmp / "one/python3");
  program(tmp / "three/python3");
  support::put(tmp / "two/python3", "not executable");
  fs::create_directories(tmp / "four/python3");
  program(tmp / "shims/python3", "#!/bin/sh\nexec \"/pyenv\" exec \"$program\"\n");
  const std::string path = "relative::.:" + (tmp / "four").string() + ':' + (tmp / "one").string() +
                           ':' + (tmp / "two").string() + ':' + (tmp / "three").string();
  const Variable variable("PATH", path.c_str());
  CHECK(on_search_path("python3") ==
        std::vector<fs::path>{tmp / "one/python3", tmp / "three/python3"});
  CHECK(on_search_path("python4").empty());
  const Variable none("PATH", nullptr);
  CHECK(on_search_path("python3").empty());
}

TEST_CASE("discovery: a shim stands for the program behind it, and is never run") {
  const TemporaryDirectory tmp;
  const fs::path shims = tmp / "pyenv/shims",
                 real = program(tmp / "pyenv/versions/3.12.1/bin/python3");
  const fs::path system = program(tmp / "bin/python3");
  program(shims / "python3", "#!/bin/sh\nexec \"/pyenv\" exec \"$program\"\n");
  const std::string path = shims.string() + ':' + (tmp / "bin").string();
  const Variable first("PATH", path.c_str()), second("PYENV_VERSION", "3.12.1"),
      third("PYENV_ROOT", (tmp / "pyenv").c_str());
  const auto probe = [&](const fs::path& asked) {
    CHECK(asked.parent_path() != shims);
    return interpreter(asked,
                       asked == real ? std::array<int, 3>{3, 12, 1} : std::array<int, 3>{3, 11, 0});
  };
  CHECK(discover("", probe).executable == real);
  CHECK(discover((shims / "python3").string(), probe).executable == real);
  CHECK(discover("3.12", probe).executable == real);
  CHECK(discover("3.11", probe).executable == system);
  const Variable chosen("PYENV_VERSION", "system");
  CHECK(discover("", probe).executable == system);
  CHECK(discover((shims / "python3").string(), probe).executable == system);
}

TEST_CASE("discovery: each candidate is asked once, and the error says why none fits") {
  const TemporaryDirectory tmp;
  program(tmp / "a/python3");
  program(tmp / "b/python3");
  const std::string path =
      (tmp / "a").string() + ':' + (tmp / "b").string() + ':' + (tmp / "a").string();
  const Variable first("PATH", path.c_str()), second("PYENV_ROOT", (tmp / "none").c_str());
  std::map<fs::path, int> asked;
  const auto probe = [&](const fs::path& python) -> venv::Interpreter {
    ++asked[python];
    if (python.parent_path().filename() == "a") throw unusable(python, "is broken");
    return interpreter(python, {3, 11, 4});
  };
  CHECK(discover("", probe).executable == tmp / "b/python3");
  CHECK(asked[tmp / "a/python3"] == 1);
  try {
    discover("3.13", probe);
    FAIL("found one");
  } catch (const venv::Error& error) {
    CHECK(error.code() == venv::ErrorCode::python_not_found);
    CHECK(error.hint().find("is broken") != std::string::npos);
    CHECK(error.hint().find("is CPython 3.11.4") != std::string::npos);
  }
}

TEST_CASE("discovery: an environment's configuration names its base, however deep") {
  const TemporaryDirectory tmp;
  const fs::path base = program(tmp / "base/bin/python3");
  for (const char* env : {"one", "two"}) program(tmp / env / "bin/python3");
  support::put(tmp / "one/pyvenv.cfg",
               "home = " + (tmp / "base/bin").string() + "\nhome = /nonexistent\n");
  support::put(tmp / "two/pyvenv.cfg", "HOME=" + (tmp / "one/bin").string() + "\r\n");
  const auto probe = [](const fs::path& python) { return interpreter(python, {3, 8, 1}); };
  const venv::Interpreter found = discover((tmp / "two/bin/python3").string(), probe);
  CHECK(found.executable == tmp / "two/bin/python3");
  CHECK(found.base_executable == base);
  support::put(tmp / "one/pyvenv.cfg",
               "home = " + (tmp / "two/bin").string() + "\n"); // in a circle
  discover((tmp / "two/bin/python3").string(), probe);
}
