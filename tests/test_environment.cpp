#include "api/environment.hpp"
#include "create/env_builder.hpp"
#include "use/environment.hpp"
#include "use/install.hpp"
#include "use/remove.hpp"

#include "support_files.hpp"
#include "support_packages.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <sys/stat.h>

namespace {

namespace fs = std::filesystem;
using support::TemporaryDirectory;
using venv::Environment;
using venv::Error;
using venv::ErrorCode;

venv::Options options_for(const TemporaryDirectory& dir) {
  venv::Options options;
  options.python = "/usr/bin/python3"; // any real one
  options.symlinks = true;
  options.cache_dir = dir / "cache";
  return options;
}

std::optional<ErrorCode> code_of(const std::optional<Error>& error) {
  return error ? std::optional(error->code()) : std::nullopt;
}

/// What a Python of the environment prints for an expression.
std::string said(const Environment& environment, const std::string& expression) {
  return environment
      .run("python", {"-c", "import sys, sysconfig; print(" + expression + ", end='')"})
      .out;
}

} // namespace

TEST_CASE("Environment: says what its own Python says") {
  const TemporaryDirectory tmp;
  venv::Options options = options_for(tmp);
  options.prompt = "it's \"a\" \\ prompt";
  options.system_site_packages = true;
  const venv::Context made = venv::create(tmp / "env", options);
  const Environment environment = Environment::open(tmp / "env");
  CHECK(environment.directory() == tmp / "env");
  CHECK(environment.python() == tmp / "env/bin/python");
  CHECK(environment.version() == made.python.version);
  CHECK(environment.implementation() == "cpython");
  CHECK(environment.prompt() == *options.prompt);
  CHECK(environment.has_system_site_packages());
  CHECK(said(environment, "sys.prefix") == environment.directory());
  CHECK(said(environment, "sysconfig.get_path('purelib')") == environment.site_packages());
  CHECK(said(environment, "sysconfig.get_path('platlib')") == environment.platlib());
  CHECK(said(environment, "sysconfig.get_path('scripts')") == environment.scripts());
  const Environment copy = environment;
  CHECK(&copy.directory() == &environment.directory());
}

TEST_CASE("Environment: is opened by its directory, its scripts, an interpreter, VIRTUAL_ENV") {
  const TemporaryDirectory tmp;
  venv::create(tmp / "env", options_for(tmp));
  support::put(tmp / ".venv", "env\n");
  support::put(tmp / "env/bin/tool", "");
  for (const char* place :
       {"env", "env/", "env/bin", "env/bin/python", "env/bin/python3", ".venv"}) {
    CAPTURE(place);
    CHECK(Environment::open(tmp / place).directory() == tmp / "env");
  }
  for (const char* place : {"", "other", "env/lib", "env/bin/tool", "env/lib/python3", "cache"}) {
    CAPTURE(place);
    std::optional<Error> error;
    CHECK_FALSE(Environment::open(tmp / place, error));
    CHECK(code_of(error) == ErrorCode::not_an_environment);
  }
  {
    const support::Variable none("VIRTUAL_ENV", nullptr);
    CHECK_THROWS_AS((void)Environment::active(), Error);
  }
  const support::Variable set("VIRTUAL_ENV", (tmp / "env").c_str());
  CHECK(Environment::active().directory() == tmp / "env");
}

TEST_CASE("Environment: which library and Python by what its files say") {
  struct Row {
    std::string cfg;
    std::vector<std::string> files;
    venv::Version version;
    std::string implementation, library;
  };
  const std::vector<Row> rows{
      {"version = 3.12.4\n",
       {"lib/python3.12/site-packages/x"},
       {3, 12, 4},
       "cpython",
       "python3.12"},
      {"version = 3.12.4\n", {}, {3, 12, 4}, "cpython", "python3.12"},
      {"version_info = 3.11.2.final.0\nimplementation = CPython\n", // virtualenv
       {"lib/python3.11/site-packages/x"},
       {3, 11, 2},
       "cpython",
       "python3.11"},
      {"implementation = PyPy\nversion_info = 3.10.14\n", // uv
       {"lib/pypy3.10/site-packages/x"},
       {3, 10, 14},
       "pypy",
       "pypy3.10"},
      {"version = 3.10.14\n", {"lib/pypy3.10/site-packages/x"}, {3, 10, 14}, "pypy", "pypy3.10"},
      {"home = /usr/bin\n", {"lib/python3.9/site-packages/x"}, {3, 9, 0}, "cpython", "python3.9"},
      {"version = 3.13.1\n", // another minor's and another build's beside it
       {"lib/python3.12/site-packages/x", "lib/python3.13/site-packages/x",
        "lib/python3.13t/site-packages/x", "bin/python3.13t", "bin/python3.12"},
       {3, 13, 1},
       "cpython",
       "python3.13t"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.cfg);
    const TemporaryDirectory tmp;
    support::put(tmp / "env/pyvenv.cfg", row.cfg);
    for (const std::string& file : row.files) support::put(tmp / "env" / file, "");
    const Environment environment = Environment::open(tmp / "env");
    CHECK(environment.version() == row.version);
    CHECK(environment.implementation() == venv::Implementation(row.implementation));
    CHECK(environment.site_packages() == tmp / "env/lib" / row.library / "site-packages");
  }
}

TEST_CASE("Environment: the prompt, as it is spelled by venv, old and new, and by others") {
  const std::vector<std::pair<std::string, std::string>> rows{
      {"", "env"},          {"plain", "plain"}, {"'spelled \\'so\\''", "spelled 'so'"},
      {"\"it's\"", "it's"}, {"'half", "'half"}, {"'bad \\x'", "'bad \\x'"}};
  for (const auto& row : rows) {
    const std::string text = row.first, prompt = row.second;
    CAPTURE(text);
    const TemporaryDirectory tmp;
    support::put(tmp / "env/pyvenv.cfg", text.empty() ? "x = y\n" : "prompt = " + text + '\n');
    CHECK(Environment::open(tmp / "env").prompt() == prompt);
  }
}

TEST_CASE("Environment: a tool of its own by name, or nothing") {
  const TemporaryDirectory tmp;
  venv::create(tmp / "env", options_for(tmp));
  support::put(tmp / "env/bin/tool", "#!/bin/sh\n");
  const Environment environment = Environment::open(tmp / "env");
  CHECK_FALSE(environment.program("tool")); // it can't be run
  ::chmod((tmp / "env/bin/tool").c_str(), 0755);
  CHECK(environment.program("tool") == tmp / "env/bin/tool");
  CHECK(environment.program("python3") == tmp / "env/bin/python3");
  for (const char* name : {"", "true", "../bin/tool", "activate", "."}) {
    CAPTURE(name);
    CHECK_FALSE(environment.program(name));
  }
}

TEST_CASE("Environment: the variables of a child, as data and as it sees them") {
  const TemporaryDirectory tmp;
  const support::Variable home("PYTHONHOME", "/nonexistent"), own("OWN", "a\nb");
  venv::create(tmp / "env", options_for(tmp));
  const Environment environment = Environment::open(tmp / "env");
  const auto variables = environment.variables();
  const std::string bin = (tmp / "env/bin").string();
  CHECK(variables.at("PATH").substr(0, bin.size() + 1) == bin + ':');
  CHECK(variables.at("VIRTUAL_ENV") == tmp / "env");
  CHECK(variables.at("VIRTUAL_ENV_PROMPT") == "env");
  CHECK(variables.at("OWN") == "a\nb");
  CHECK(variables.count("PYTHONHOME") == 0);
  venv::RunOptions options;
  options.variables = {{"OWN", {}}, {"MORE", "="}};
  options.cwd = tmp.path();
  const venv::RunCommand command = environment.command("env", {"-0"}, options);
  CHECK(command.arguments == std::vector<std::string>{"-0"});
  CHECK(command.program.filename() == "env");
  CHECK(command.cwd == tmp.path());
  std::vector<std::string> expected = command.variable_lines();
  const std::string printed = environment.run("env", {"-0"}, options).out;
  std::vector<std::string> seen;
  for (std::size_t at = 0, end; (end = printed.find('\0', at)) != printed.npos; at = end + 1)
    seen.push_back(printed.substr(at, end - at));
  std::sort(seen.begin(), seen.end());
  std::sort(expected.begin(), expected.end());
  CHECK(seen == expected);
  CHECK(std::count(seen.begin(), seen.end(), "MORE==") == 1);
}

TEST_CASE("Environment: variables made of others") {
  const TemporaryDirectory tmp;
  support::put(tmp / "env/pyvenv.cfg", "version = 3.12.0\n");
  const Environment environment = Environment::open(tmp / "env");
  const auto few = environment.variables({{"PATH", "/a:/b"}, {"PYTHONHOME", "/x"}, {"A", "1"}});
  CHECK(few.at("PATH") == (tmp / "env/bin").string() + ":/a:/b");
  CHECK(few.at("A") == "1");
  CHECK(few.count("PYTHONHOME") == 0);
  CHECK(few.count("HOME") == 0);
  CHECK(environment.variables({}).at("PATH").size() > (tmp / "env/bin").string().size() + 1);
  CHECK(environment.variables({{"PATH", ""}}).at("PATH") == tmp / "env/bin");
}

TEST_CASE("Environment: run and command without throwing") {
  const TemporaryDirectory tmp;
  venv::create(tmp / "env", options_for(tmp));
  const Environment environment = Environment::open(tmp / "env");
  std::optional<Error> error;
  CHECK(environment.run("python", {"-c", "print(1)"}, {}, error)->out == "1\n");
  CHECK_FALSE(error);
  CHECK_FALSE(environment.run("python", {"-c", "raise SystemExit(3)"}, {}, error));
  CHECK(error->exit_code() == 3);
  CHECK_FALSE(environment.run("no such program", {}, {}, error));
  CHECK(code_of(error) == ErrorCode::io);
  CHECK_THROWS_AS((void)environment.command("no such program", {}), Error);
  CHECK_THROWS_AS((void)environment.command("python", {std::string("\0", 1)}), Error);
  fs::remove(tmp / "env/pyvenv.cfg");
  CHECK_THROWS_AS((void)environment.command("python", {}), Error);
}

TEST_CASE(
    "Environment: installs what a directory of wheels holds, whatever pip is configured for") {
  const TemporaryDirectory tmp;
  support::TestWheel demo{"demo", "1.0", {{"demo.py", "def main(): print('demo runs')\n"}}};
  demo.entry_points = "[console_scripts]\ndemo = demo:main\n";
  support::put_wheel(tmp / "wheels", demo);
  support::put(tmp / "req/base.txt", "demo>=1\n");
  support::put(tmp / "req/all.txt", "-r base.txt\n");
  support::put(tmp / "pip.conf", "[global]\nuser = true\n");
  const support::Variable configured("PIP_CONFIG_FILE", (tmp / "pip.conf").c_str());
  venv::Options options = options_for(tmp);
  venv::create(tmp / "env", options);
  const Environment environment = Environment::open(tmp / "env");
  venv::Requirements wanted;
  wanted.files = {tmp / "req/all.txt"};
  wanted.wheel_dirs = {tmp / "wheels"};
  wanted.offline = true;
  wanted.only_pip = true;
  try {
    environment.install(wanted);
    FAIL("there is no pip");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::pip_unavailable);
  }
  options.with_pip = true;
  venv::create(tmp / "env", options);
  const venv::RunCommand command = environment.install_command(wanted);
  CHECK(command.program == environment.python());
  CHECK(command.variables.at("PIP_NO_INPUT") == "1");
  CHECK(command.arguments.back() == "--no-index");
  environment.install(wanted);
  CHECK(environment.run("python", {environment.program("demo")->string()}).out == "demo runs\n");
  wanted.packages = {"--target=/tmp"};
  CHECK_THROWS_AS(environment.install(wanted), Error);
  wanted.packages = {"not-there"};
  CHECK_THROWS_AS(environment.install(wanted), Error);
  CHECK(environment.install({}).succeeded()); // nothing is wanted, and nothing is run
}

TEST_CASE("Environment: size counts a file with two names once, and no link") {
  const TemporaryDirectory tmp;
  support::put(tmp / "env/pyvenv.cfg", std::string(100, ' '));
  support::put(tmp / "env/a/file", std::string(1000, ' '));
  fs::create_hard_link(tmp / "env/a/file", tmp / "env/other");
  support::put(tmp / "large", std::string(100000, ' '));
  fs::create_symlink(tmp / "large", tmp / "env/link");
  CHECK(Environment::open(tmp / "env").size() == 1100);
}

TEST_CASE("remove: an environment goes whole, what its links lead to stays") {
  const TemporaryDirectory tmp;
  support::put(tmp / "kept/file", "");
  venv::create(tmp / "env", options_for(tmp));
  fs::create_directory_symlink(tmp / "kept", tmp / "env/link");
  Environment::open(tmp / "env").remove();
  CHECK_FALSE(fs::exists(tmp / "env"));
  CHECK(fs::exists(tmp / "kept/file"));
  support::put(tmp / "half/pyvenv.cfg.new", ""); // a killed run's
  venv::remove_environment(tmp / "half");
  CHECK_FALSE(fs::exists(tmp / "half"));
  CHECK(std::distance(fs::directory_iterator(tmp.path()), {}) == 2); // kept, cache: nothing aside
}

TEST_CASE("remove: refused, and nothing is touched") {
  const TemporaryDirectory tmp;
  venv::create(tmp / "env", options_for(tmp));
  fs::create_directory_symlink(tmp / "env", tmp / "link");
  support::put(tmp / "other/file", "");
  support::put(tmp / "file", "");
  const auto refused = [](const fs::path& path) {
    std::optional<Error> error;
    CHECK_FALSE(venv::remove_environment(path, error));
    REQUIRE(error);
    const bool is_bad = error->code() == ErrorCode::not_an_environment ||
                        error->code() == ErrorCode::invalid_argument;
    CHECK_MESSAGE(is_bad, error->what());
    return std::string(error->what());
  };
  CHECK(refused(tmp / "link").find("it is a link to") != std::string::npos);
  CHECK(refused(tmp / "missing").find("it isn't there") != std::string::npos);
  CHECK(refused(tmp / "other").find("not empty and no environment") != std::string::npos);
  fs::create_directory(tmp / "empty");
  CHECK(refused(tmp / "empty").find("it is no environment") != std::string::npos);
  CHECK(fs::is_directory(tmp / "empty"));
  refused(tmp / "file");
  refused("/");
  refused("");
  {
    const support::Variable home("HOME", (tmp / "env/lib").c_str());
    CHECK(refused(tmp / "env").find("the home directory lies in it") != std::string::npos);
  }
  const fs::path before = fs::current_path();
  fs::current_path(tmp / "env/bin");
  CHECK(refused(tmp / "env").find("the working directory lies in it") != std::string::npos);
  fs::current_path(before);
  CHECK(Environment::open(tmp / "env").run("python", {"-c", ""}).succeeded());
}

TEST_CASE("remove: waits for who makes it, and says who") {
  const TemporaryDirectory tmp;
  venv::create(tmp / "env", options_for(tmp));
  std::optional<Error> error;
  {
    const venv::detail::DirectoryLock held(tmp / "env", 0);
    std::thread([&] {
      CHECK_FALSE(venv::remove_environment(tmp / "env", error, std::chrono::milliseconds(50)));
    }).join();
  }
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::busy);
  CHECK(fs::exists(tmp / "env/bin/python"));
  venv::remove_environment(tmp / "env");
}
