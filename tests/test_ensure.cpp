#include "api/ensure.hpp"
#include "create/env_builder.hpp"
#include "use/check.hpp"
#include "use/ensure.hpp"
#include "use/environment.hpp"

#include "support_files.hpp"
#include "support_packages.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;
using support::TemporaryDirectory;
using venv::EnsureOptions;
using venv::EnsureResult;
using venv::Environment;
using venv::Error;
using venv::ErrorCode;
using venv::ProblemCode;

EnsureOptions options_for(const TemporaryDirectory& dir) {
  EnsureOptions options;
  options.python = "/usr/bin/python3"; // any real one
  options.symlinks = options.with_pip = true;
  options.cache_dir = dir / "cache";
  options.requirements.wheel_dirs = {dir / "wheels"};
  options.requirements.offline = true;
  return options;
}

/// A pip that does nothing but say so, and as little of a setuptools: quick to lay out and to look at.
void put_small_pip(const fs::path& wheels) {
  support::TestWheel pip{"pip", "99.0", {}};
  pip.files = {{"pip/__init__.py", "def main():\n    print('pip 99')\n"},
               {"pip/__main__.py", "from pip import main\nmain()\n"}};
  pip.entry_points = "[console_scripts]\npip = pip:main\npip3 = pip:main\n";
  support::put_wheel(wheels, pip);
  support::put_wheel(wheels, {"setuptools", "99.0", {{"setuptools.py", "\n"}}});
}

/// What Python prints for an expression in the environment.
std::string said(const Environment& environment, const std::string& expression) {
  venv::RunOptions apart;
  apart.output = venv::RunOutput::apart;
  return environment.run("python", {"-c", "import sys; print(" + expression + ", end='')"}, apart)
      .out;
}

bool works(const fs::path& dir) {
  const Environment environment = Environment::open(dir);
  return said(environment, "sys.prefix") == dir &&
         environment.run("python", {environment.program("pip")->string()}).out == "pip 99\n";
}

std::vector<std::string> reasons(const EnsureResult& result) {
  std::vector<std::string> codes;
  for (const venv::Problem& problem : result.reasons) codes.push_back(venv::name_of(problem.code));
  return codes;
}

std::size_t open_descriptors() {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator("/proc/self/fd"), {}));
}

} // namespace

TEST_CASE("ensure: makes what isn't there, and then has nothing to do") {
  const TemporaryDirectory tmp;
  put_small_pip(tmp / "wheels");
  EnsureOptions options = options_for(tmp);
  options.pip_wheel_dir = tmp / "wheels";
  const EnsureResult made = venv::ensure(tmp / "env", options);
  CHECK(made.changed);
  CHECK(reasons(made) == std::vector<std::string>{"no-environment"});
  CHECK(works(tmp / "env"));
  const auto before = fs::last_write_time(tmp / "env/bin");
  options.is_cancelled = []() -> bool { throw std::logic_error("somebody waits for something"); };
  const std::size_t descriptors = open_descriptors();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) {
    const EnsureResult again = venv::ensure(tmp / "env", options);
    if (again.changed || !again.reasons.empty()) FAIL("something was done");
  }
  const std::chrono::duration<double, std::micro> spent = std::chrono::steady_clock::now() - start;
  MESSAGE("nothing to do: " << spent.count() / 1000 << " us, compiled with -O0");
  CHECK(open_descriptors() == descriptors);
  CHECK(fs::last_write_time(tmp / "env/bin") == before);
  CHECK_FALSE(fs::exists(tmp / "env/.venv.hpp-journal"));
  options.is_cancelled = nullptr;
  options.thorough = true;
  CHECK_FALSE(venv::ensure(tmp / "env", options).changed);
  options.upgrade = true;
  std::optional<Error> error;
  CHECK_FALSE(venv::ensure(tmp / "env", options, error));
  CHECK(error->code() == ErrorCode::invalid_argument);
}

TEST_CASE("ensure: what check finds is mended, and packages are there afterwards" *
          doctest::test_suite("long")) {
  const TemporaryDirectory tmp;
  put_small_pip(tmp / "wheels");
  EnsureOptions options = options_for(tmp);
  options.pip_wheel_dir = tmp / "wheels";
  options.prompt = "mine";
  const Environment made = venv::ensure(tmp / "env", options).environment;
  options.prompt.reset(); // what it has is kept
  options.python.clear();
  options.symlinks = false;
  support::put(made.site_packages() / "demo.py", "x = 1\n");
  const std::map<std::string, std::function<void(const fs::path&)>> damages{
      {"removed", [](const fs::path&) {}},
      {"replaced", [](const fs::path& path) { support::put(path, "something else\n"); }},
      {"a link to nothing", [](const fs::path& path) { fs::create_symlink("/nonexistent", path); }},
  };
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(tmp / "env"))
    if (entry.path().extension() != ".pyc") paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  int cases = 0, mended = 0, refused = 0;
  for (const fs::path& path : paths)
    for (const auto& [of_damage, damage] : damages) {
      const std::string name = of_damage; // what is told in a failure can't be a structured binding
      if (!fs::exists(fs::symlink_status(path))) continue; // it came in and went with pip
      const bool holds_demo = path == tmp / "env/lib" || path == made.site_packages() ||
                              path == made.site_packages().parent_path() ||
                              path.filename() == "demo.py";
      if (holds_demo) continue;
      CAPTURE(path.string());
      CAPTURE(name);
      fs::remove_all(tmp / "aside");
      fs::rename(path, tmp / "aside");
      damage(path);
      ++cases;
      std::optional<Error> error;
      const bool was_well = venv::check(tmp / "env", options).empty();
      if (const auto result = venv::ensure(tmp / "env", options, error)) {
        mended += result->changed;
        CHECK(result->changed == !was_well);
        CHECK(venv::check(tmp / "env", options).empty());
        CHECK(fs::exists(made.site_packages() / "demo.py"));
        if (result->changed) CHECK(works(tmp / "env"));
        const bool knows_prompt = path.filename() != "pyvenv.cfg"; // which alone has it
        if (knows_prompt) CHECK(Environment::open(tmp / "env").prompt() == "mine");
        else options.prompt = "mine", venv::ensure(tmp / "env", options), options.prompt.reset();
      } else {
        ++refused;
        CHECK_MESSAGE(std::string(error->what()).size() > 10, error->what());
        fs::remove_all(path);
        fs::rename(tmp / "aside", path);
      }
    }
  MESSAGE(cases << " cases, " << mended << " mended, " << refused << " refused with the reason");
  CHECK(mended > 50);
  CHECK(refused < 12);
}

TEST_CASE("ensure: bytes of pip that were changed are seen by a thorough one") {
  const TemporaryDirectory tmp;
  put_small_pip(tmp / "wheels");
  EnsureOptions options = options_for(tmp);
  options.pip_wheel_dir = tmp / "wheels";
  const fs::path file =
      venv::ensure(tmp / "env", options).environment.site_packages() / "pip/__main__.py";
  support::put(file, "from pip import gone\ngone()\n");
  CHECK_FALSE(venv::ensure(tmp / "env", options).changed);
  options.thorough = true;
  CHECK(reasons(venv::ensure(tmp / "env", options)) == std::vector<std::string>{"pip-damaged"});
  CHECK(works(tmp / "env"));
}

TEST_CASE("ensure: an environment that was moved runs again, other packages' programs too") {
  const TemporaryDirectory tmp;
  put_small_pip(tmp / "wheels");
  EnsureOptions options = options_for(tmp);
  options.pip_wheel_dir = tmp / "wheels";
  venv::ensure(tmp / "old", options);
  const std::string text = venv::detail::shebang_for((tmp / "old/bin/python3").string()) +
                           "import sys\nprint('tool', sys.prefix)\n";
  support::put(tmp / "old/bin/tool", text);
  fs::permissions(tmp / "old/bin/tool", fs::perms::owner_all);
  support::put(tmp / "old/bin/own", "#!/usr/bin/python3\n");
  fs::rename(tmp / "old", tmp / "new");
  const EnsureResult result = venv::ensure(tmp / "new", options);
  CHECK(reasons(result) == std::vector<std::string>{"moved"});
  CHECK(result.environment.run("tool", {}).out == "tool " + (tmp / "new").string() + '\n');
  CHECK(support::get(tmp / "new/bin/own") == "#!/usr/bin/python3\n");
  CHECK(works(tmp / "new"));
  CHECK(venv::check(tmp / "new", options).empty());
}

TEST_CASE("ensure: requirements, nested, changed, taken away by somebody, and made anew" *
          doctest::test_suite("long")) {
  const TemporaryDirectory tmp;
  for (const char* name : {"one", "two", "three"})
    support::put_wheel(tmp / "wheels", {name, "1.0", {{std::string(name) + ".py", "x = 1\n"}}});
  EnsureOptions options = options_for(tmp);
  options.with_pip = false; // it comes with what is required
  options.requirements.files = {tmp / "all.txt"};
  support::put(tmp / "all.txt", "-r nested/base.txt\n");
  support::put(tmp / "nested/base.txt", "one\n");
  const EnsureResult made = venv::ensure(tmp / "env", options);
  CHECK(made.changed);
  CHECK(said(made.environment, "__import__('one').x") == "1");
  CHECK_FALSE(venv::ensure(tmp / "env", options).changed);
  support::put(tmp / "nested/base.txt", "one  # a comment\n");
  CHECK_FALSE(venv::ensure(tmp / "env", options).changed);
  support::put(tmp / "nested/base.txt", "two\n");
  const EnsureResult changed = venv::ensure(tmp / "env", options);
  CHECK(reasons(changed) == std::vector<std::string>{"requirement-missing"});
  CHECK(changed.output.find("two") != std::string::npos);
  CHECK(said(changed.environment, "__import__('one').x + __import__('two').x") == "2");
  fs::remove_all(changed.environment.site_packages() / "two-1.0.dist-info");
  fs::remove(changed.environment.site_packages() / "two.py");
  CHECK(venv::ensure(tmp / "env", options).changed);
  CHECK(said(changed.environment, "__import__('two').x") == "1");
  options.when_changed = venv::RequirementsChange::recreate;
  CHECK_FALSE(venv::ensure(tmp / "env", options).changed);
  support::put(tmp / "nested/base.txt", "three\n");
  CHECK(reasons(venv::ensure(tmp / "env", options)) ==
        std::vector<std::string>{"requirements-changed", "requirement-missing"});
  CHECK(fs::exists(changed.environment.site_packages() / "three.py"));
  CHECK_FALSE(fs::exists(changed.environment.site_packages() / "one.py"));
  support::put(tmp / "nested/base.txt", "gone\n");
  options.when_changed = venv::RequirementsChange::install;
  std::optional<Error> error;
  CHECK_FALSE(venv::ensure(tmp / "env", options, error));
  CHECK(error->code() == ErrorCode::command_failed);
  CHECK(error->output().find("gone") != std::string::npos);
  CHECK(fs::exists(tmp / "env/bin/python"));
}

TEST_CASE("ensure: processes at once with different requirements all get what they ask for" *
          doctest::test_suite("long")) {
  const TemporaryDirectory tmp;
  for (const char* name : {"one", "two"})
    support::put_wheel(tmp / "wheels", {name, "1.0", {{std::string(name) + ".py", ""}}});
  EnsureOptions options = options_for(tmp);
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      options.requirements.packages = {i % 2 == 0 ? "one" : "two"};
      std::optional<Error> error;
      const auto result = venv::ensure(tmp / "env", options, error);
      if (!result) std::fprintf(stderr, "%s\n%s\n", error->what(), error->output().c_str());
      const bool is_there =
          result && result->environment.missing(options.requirements, options).empty();
      ::_exit(is_there ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    CHECK(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  options.requirements.packages = {"one", "two"};
  CHECK(venv::check(tmp / "env", options).empty());
}

TEST_CASE("ensure: waits for others as long as it is told") {
  const TemporaryDirectory tmp;
  EnsureOptions options = options_for(tmp);
  options.with_pip = false;
  venv::create(tmp / "env", options);
  options.lock_timeout = std::chrono::milliseconds(50);
  std::string told;
  options.report = [&told](venv::Report, const std::string& line) { told = line; };
  std::optional<Error> error;
  {
    const venv::detail::DirectoryLock held(tmp / "env", 0);
    std::thread([&] { CHECK_FALSE(venv::ensure(tmp / "env", options, error)); }).join();
  }
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::busy);
  CHECK(told.find("waiting for") != std::string::npos);
  CHECK_FALSE(venv::ensure(tmp / "env", options).changed);
}
