#include "python/discovery.hpp"

#include "support_interpreters.hpp"
#include "support_pythons.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <string>
#include <vector>

using namespace venv::detail;
using support::Machine;
using support::TemporaryDirectory;
using Paths = std::vector<fs::path>;

namespace {

Paths paths(const Candidates& candidates) {
  Paths result;
  for (const Candidate& candidate : candidates) result.push_back(candidate.executable);
  return result;
}

fs::path program(const fs::path& path, const char* text = "") {
  support::put(path, text);
  make_executable(path);
  return path;
}

const char shim_text[] = "#!/bin/sh\nexec \"/pyenv\" exec \"$program\"\n";

} // namespace

TEST_CASE("discovery: PATH in its order, only absolute entries, only what can be run") {
  Machine m;
  program(m.tmp / "one/python3");
  program(m.tmp / "three/python3");
  support::put(m.tmp / "two/python3", "not executable");
  fs::create_directories(m.tmp / "four/python3");
  program(m.tmp / "shims/python3", shim_text);
  m.put_on_path({"relative", "", ".", m.tmp / "four", m.tmp / "one", m.tmp / "two", m.tmp / "three",
                 m.tmp / "one"});
  CHECK(paths(on_search_path("python3")) == Paths{m.tmp / "one/python3", m.tmp / "three/python3"});
  CHECK(on_search_path("python4").empty());
}

TEST_CASE("discovery: no PATH at all is the system's default, an empty one is empty") {
  Machine m;
  CHECK(on_search_path("sh").empty());
  m.set("PATH", nullptr);
  CHECK(on_search_path("sh").size() >= 1);
}

TEST_CASE("discovery: a shim stands for the program behind it, and is never run") {
  Machine m;
  const fs::path shims = m.tmp / "pyenv/shims";
  const fs::path real = m.add("pyenv/versions/3.12.1/bin/python3", {3, 12, 1});
  const fs::path system = m.add("bin/python3", {3, 11});
  program(shims / "python3", shim_text);
  m.put_on_path({shims, m.tmp / "bin"});
  m.set("PYENV_VERSION", "3.12.1");
  m.set("PYENV_ROOT", m.tmp / "pyenv");
  CHECK(m.found("") == real);
  CHECK(m.found((shims / "python3").string()) == real);
  CHECK(m.found("3.12") == real);
  CHECK(m.found("3.11") == system);
  m.set("PYENV_VERSION", "system");
  CHECK(m.found("") == system);
  CHECK(m.found((shims / "python3").string()) == system);
  for (const fs::path& asked : m.asked) CHECK(asked.parent_path() != shims);
}

TEST_CASE("discovery: each candidate is asked once, and the error says why none fits") {
  Machine m;
  program(m.tmp / "a/python3");
  m.add("b/python3", {3, 11, 4});
  m.put_on_path({m.tmp / "a", m.tmp / "b", m.tmp / "a"});
  CHECK(m.found("") == m.tmp / "b/python3");
  CHECK(std::count(m.asked.begin(), m.asked.end(), m.tmp / "a/python3") == 1);
  const venv::Error error = m.error("3.13");
  CHECK(error.code() == venv::ErrorCode::python_not_found);
  CHECK(error.hint().find("(PATH) does not answer as Python does") != std::string::npos);
  CHECK(error.hint().find("is CPython 3.11.4") != std::string::npos);
}

TEST_CASE(
    "discovery: without a request python3, then python, then any, the newest of a directory") {
  Machine m;
  m.add("one/python", {3, 9});
  m.add("two/python3.14", {3, 14, 3});
  m.add("two/python3.13", {3, 13, 1});
  m.add("two/pypy3", {3, 10}, "pypy");
  m.put_on_path({m.tmp / "two"});
  CHECK(m.found("") == m.tmp / "two/python3.14");
  CHECK(m.found("3") == m.tmp / "two/python3.14");
  CHECK(m.found(">=3.10") == m.tmp / "two/python3.14");
  CHECK(m.found("<3.14") == m.tmp / "two/python3.13");
  CHECK(m.found("pypy") == m.tmp / "two/pypy3");
  m.put_on_path({m.tmp / "two", m.tmp / "one"});
  CHECK(m.found("") == m.tmp / "one/python");
  m.add("three/python3", {3, 8});
  m.put_on_path({m.tmp / "one", m.tmp / "two", m.tmp / "three"});
  CHECK(m.found("") == m.tmp / "three/python3");
  CHECK(m.found(">=3.8") == m.tmp / "one/python");
}

TEST_CASE("discovery: a range takes the newest of a directory, whatever names it has") {
  Machine m;
  m.add("bin/python3", {3, 14, 1});
  m.add("bin/python3.12", {3, 12, 1});
  m.add("bin/python3.13t", {3, 13, 1});
  m.answers[m.tmp / "bin/python3.13t"].free_threaded = true;
  m.put_on_path({m.tmp / "bin"});
  CHECK(m.found(">=3.10") == m.tmp / "bin/python3");
  CHECK(m.found(">=3.10,<3.14") == m.tmp / "bin/python3.12");
  CHECK(m.found("3.13t") == m.tmp / "bin/python3.13t");
  CHECK_THROWS_AS(m.find("3.13"), venv::Error);
}

TEST_CASE(
    "discovery: a version's own name, the plain ones, and what is named as another is not asked") {
  Machine m;
  m.add("bin/python3", {3, 12, 4});
  m.add("bin/python3.11", {3, 11, 9});
  m.add("bin/python3.10", {3, 10, 9});
  m.put_on_path({m.tmp / "bin"});
  CHECK(m.found("3.12") == m.tmp / "bin/python3");
  CHECK(m.asked == Paths{m.tmp / "bin/python3"});
  CHECK(m.found("3.11") == m.tmp / "bin/python3.11");
  CHECK(m.found("python3.11") == m.tmp / "bin/python3.11");
  CHECK(m.found("cp311") == m.tmp / "bin/python3.11");
  CHECK(m.found("3.11.9") == m.tmp / "bin/python3.11");
  CHECK_THROWS_AS(m.find("3.11.8"), venv::Error);
}

TEST_CASE("discovery: a pre-release or a debug build nobody asked for is the last resort") {
  Machine m;
  m.add("a/python3.15", {3, 15});
  m.answers[m.tmp / "a/python3.15"].prerelease = "a3";
  m.add("b/python3.14", {3, 14});
  m.put_on_path({m.tmp / "a", m.tmp / "b"});
  CHECK(m.found(">=3.14") == m.tmp / "b/python3.14");
  CHECK(m.found("3.15") == m.tmp / "a/python3.15");
  m.answers[m.tmp / "b/python3.14"].debug = true;
  CHECK(m.found("3.14") == m.tmp / "b/python3.14");
  CHECK(m.found("3.14d") == m.tmp / "b/python3.14");
}

TEST_CASE("discovery: what tools installed, in the order of the search") {
  Machine m;
  const fs::path share = m.home / ".local/share";
  struct Row {
    const char* version;
    fs::path program;
    venv::PythonSource source;
  };
  using venv::PythonSource;
  const Row rows[] = {
      {"3.6", m.home / ".pyenv/versions/3.6.15/bin/python", PythonSource::pyenv},
      {"3.7", share / "uv/python/cpython-3.7.9-linux-x86_64-gnu/bin/python3", PythonSource::uv},
      {"3.8", m.home / ".asdf/installs/python/3.8.20/bin/python", PythonSource::asdf},
      {"3.9", share / "mise/installs/python/3.9.21/bin/python", PythonSource::mise},
      {"3.10", m.home / ".rye/py/cpython@3.10.16/bin/python3", PythonSource::rye},
      {"3.11", share / "hatch/pythons/3.11/python/bin/python3", PythonSource::hatch},
      {"3.12", m.home / "miniconda3/envs/data science/bin/python", PythonSource::conda},
      {"3.13", m.where.root / "opt/python/cp313-cp313/bin/python", PythonSource::opt_python},
      {"3.14", m.where.root / "opt/homebrew/opt/python@3.14/bin/python3.14",
       PythonSource::homebrew},
  };
  for (const Row& row : rows) {
    CAPTURE(row.version);
    const auto version = parse_release_name(row.version);
    m.add(row.program, version->release);
    // One of each older source too, of a version that nobody asks for.
  }
  for (const Row& row : rows) {
    CAPTURE(row.version);
    const venv::Interpreter python = m.find(row.version);
    CHECK(python.executable == row.program);
    CHECK(python.source == row.source);
  }
  CHECK(m.found(">=3.6") == rows[0].program); // the first source decides
  CHECK(m.all().size() == std::size(rows));
}

TEST_CASE("discovery: the variables that move what tools install") {
  Machine m;
  const fs::path uv = m.add("uv here/cpython-3.7.9-linux/bin/python3", {3, 7, 9});
  const fs::path conda = m.add("conda here/bin/python", {3, 8, 2});
  const fs::path named = m.add("listed/bin/python", {3, 9, 2});
  const fs::path mamba = m.add("mamba/envs/x/bin/python", {3, 10, 2});
  m.set("UV_PYTHON_INSTALL_DIR", m.tmp / "uv here");
  m.set("CONDA_PREFIX", m.tmp / "conda here");
  m.set("MAMBA_ROOT_PREFIX", m.tmp / "mamba");
  support::put(m.home / ".conda/environments.txt",
               "/nowhere\n" + (m.tmp / "listed").string() + "\r\n");
  CHECK(m.found("3.7") == uv);
  CHECK(m.found("3.8") == conda);
  CHECK(m.found("3.9") == named);
  CHECK(m.found("3.10") == mamba);
}

TEST_CASE("discovery: frameworks on macOS alone") {
  Machine m;
  const fs::path python = m.add(
      m.where.root / "Library/Frameworks/Python.framework/Versions/3.12/bin/python3.12", {3, 12});
  CHECK_THROWS_AS(m.find("3.12"), venv::Error);
  m.where.os = Os::macos;
  CHECK(m.found("3.12") == python);
}

TEST_CASE("discovery: pyenv's odd names") {
  Machine m;
  const fs::path versions = m.home / ".pyenv/versions";
  const fs::path pypy = m.add(versions / "pypy3.11-7.3.20/bin/pypy3", {3, 11, 13}, "pypy");
  const fs::path dev = m.add(versions / "3.14-dev/bin/python", {3, 14});
  const fs::path threads = m.add(versions / "3.13t-dev/bin/python3", {3, 13});
  m.answers[threads].free_threaded = true;
  const fs::path conda = m.add(versions / "miniconda3-4.7.12/bin/python", {3, 7, 4});
  const fs::path graal = m.add(versions / "graalpy-24.1.1/bin/graalpy", {3, 11, 7}, "graalpy");
  CHECK(m.found("pypy") == pypy);
  CHECK(m.found("pypy3") == pypy);
  CHECK(m.found("pypy3.11") == pypy);
  CHECK(m.found("3.14") == dev);
  CHECK(m.found("3.13t") == threads);
  CHECK(m.found("3.7") == conda);
  CHECK(m.found("graalpy") == graal);
  support::put(versions / "3.7.4/pyvenv.cfg", ""); // pyenv-virtualenv's
  m.add(versions / "3.7.4/bin/python", {3, 7, 4});
  CHECK(m.found("3.7") == conda);
}

TEST_CASE("discovery: a directory, of an installation, of an environment, of programs") {
  Machine m;
  const fs::path base = m.add("inst/bin/python3", {3, 12});
  CHECK(m.found((m.tmp / "inst").string()) == base);
  CHECK(m.found((m.tmp / "inst/").string()) == base);
  CHECK(m.found((m.tmp / "inst/bin").string()) == base);
  const fs::path numbered = m.add("num/bin/python3.12", {3, 12});
  m.add("num/bin/python3.9", {3, 9});
  CHECK(m.found((m.tmp / "num").string()) == numbered);
  m.link(base, "env/bin/python");
  support::put(m.tmp / "env/pyvenv.cfg", "home = " + base.parent_path().string() + '\n');
  CHECK(m.base((m.tmp / "env").string()) == base);
  fs::create_directories(m.tmp / "empty");
  CHECK(std::string(m.error((m.tmp / "empty").string()).what()).find("no interpreter lies in it") !=
        std::string::npos);
}

TEST_CASE("discovery: what is no request and no command says so, and what is understood") {
  Machine m;
  for (const char* request : {">=3.x", "3.12 or so", "==3.12,", "~=3"}) {
    CAPTURE(request);
    const venv::Error error = m.error(request);
    CHECK(error.code() == venv::ErrorCode::invalid_argument);
    CHECK(std::string(error.what()).find("is no request for a Python") != std::string::npos);
    CHECK(error.hint().find(">=3.10,<3.13") != std::string::npos);
  }
  const venv::Error error = m.error("pythom3");
  CHECK(error.code() == venv::ErrorCode::python_not_found);
  CHECK(std::string(error.what()).find("no command on PATH and no version") != std::string::npos);
  CHECK(error.hint().find("cpython@3.12") != std::string::npos);
}

TEST_CASE("discovery: messages say what the request came from") {
  Machine m;
  CHECK(std::string(m.error("3.12", {}, "$VENV_HPP_PYTHON").what()) ==
        "no Python found for '3.12' (asked for by $VENV_HPP_PYTHON)");
  const venv::Error missing = m.error((m.tmp / "x").string(), {}, "--python");
  CHECK(missing.code() == venv::ErrorCode::python_not_found);
  CHECK(std::string(missing.what()).find("does not exist (asked for by --python)") !=
        std::string::npos);
}

TEST_CASE("discovery: a link to nothing has a code of its own") {
  Machine m;
  const fs::path link = m.link("/nowhere/bin/python3", "bin/python3");
  const venv::Error error = m.error(link.string());
  CHECK(error.code() == venv::ErrorCode::python_gone);
  CHECK(std::string(error.what()).find("'/nowhere/bin/python3' is gone") != std::string::npos);
}

TEST_CASE("discovery: the error is at most twenty lines long") {
  Machine m;
  std::vector<fs::path> folders;
  for (int i = 0; i < 50; ++i) {
    m.add("p" + std::to_string(i) + "/python3", {3, 8, i});
    folders.push_back(m.tmp / ("p" + std::to_string(i)));
  }
  m.put_on_path(folders);
  const std::string hint = m.error("3.13").hint();
  CHECK(std::count(hint.begin(), hint.end(), '\n') == 18); // and one line above
  CHECK(hint.find("and 33 more") != std::string::npos);
  CHECK(hint.find("CPython 3.8.16") != std::string::npos);
}

TEST_CASE("discovery: everything, each once, with what was rejected and why") {
  Machine m;
  const fs::path one = m.add("bin/python3.12", {3, 12, 1});
  m.link("python3.12", "bin/python3");
  m.link(one, "other/python3");
  program(m.tmp / "bin/python3.9");
  const fs::path conda = m.add(m.home / "miniconda3/bin/python", {3, 11, 2});
  m.put_on_path({m.tmp / "bin", m.tmp / "other"});
  const auto found = m.all();
  REQUIRE(found.size() == 3);
  CHECK(found[0].executable == m.tmp / "bin/python3");
  CHECK(found[0].rejected.empty());
  CHECK(found[1].executable == m.tmp / "bin/python3.9");
  CHECK_FALSE(found[1].interpreter);
  CHECK(found[1].rejected == "does not answer as Python does");
  CHECK(found[2].executable == conda);
  CHECK(found[2].source == venv::PythonSource::conda);
  const auto fitting = m.all("3.11");
  REQUIRE(fitting.size() == 3);
  CHECK(fitting[0].rejected == "is CPython 3.12.1");
  CHECK(fitting[2].rejected.empty());
}

TEST_CASE("discovery: a Python that answers slowly has the time that the caller gives") {
  const TemporaryDirectory tmp;
  const fs::path python = tmp / "bin/graalpy";
  venv::Options options;
  options.cache = false;
  options.python_timeout = std::chrono::milliseconds(300);
  const auto outcome = [&](const char* before, int busy_timeout) -> std::string {
    for (const support::Fixture& fixture : support::fixtures())
      if (std::string(fixture.name) == "GraalPy") support::stand_in(python, fixture.python, before);
    options.python_busy_timeout = std::chrono::milliseconds(busy_timeout);
    try {
      return describe(venv::find_interpreter(python.string(), options));
    } catch (const venv::Error& error) {
      return reason_in(error, python);
    }
  };
  CHECK(outcome("echo starting >&2; sleep 1", 60000) == "GraalPy 3.11.7");
  CHECK(outcome("sleep 60", 60000) == "did not answer within 300 ms");
  CHECK(outcome("echo starting; sleep 60", 900) == "did not answer within 900 ms");
  CHECK(outcome("echo starting; sleep 1", 0) == "did not answer within 300 ms");
}

TEST_CASE("discovery: a hundred remembered Pythons of which none fits end in one error") {
  if (!fs::exists("/usr/bin/python3")) return;
  Machine m;
  for (int i = 0; i < 100; ++i)
    m.link("/usr/bin/python3",
           m.home / (".pyenv/versions/3.99." + std::to_string(i) + "/bin/python"));
  venv::Options options;
  options.cache_dir = m.tmp / "cache";
  fs::create_directories(m.tmp / "cache");
  fs::permissions(m.tmp / "cache", fs::perms::owner_all);
  // None is what its name says, so each has to be asked.
  const auto search = [&](const char* request) {
    const std::clock_t before = std::clock();
    CHECK_THROWS_AS((void)venv::find_interpreter(request, options), venv::Error);
    return 1000.0 * static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  };
  double best = search("3.99.200"); // fills the memory
  best = 1000;
  for (int i = 0; i < 10; ++i) best = std::min(best, search("3.99.200"));
  MESSAGE("one search: " << best << " ms of processor time, without optimization");
}
