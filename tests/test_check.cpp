#include "api/check.hpp"
#include "create/env_builder.hpp"
#include "text/script_head.hpp"
#include "use/check.hpp"
#include "use/environment.hpp"
#include "use/install.hpp"

#include "support_files.hpp"
#include "support_packages.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/stat.h>

namespace {

namespace fs = std::filesystem;
using support::TemporaryDirectory;
using venv::Environment;
using venv::Problem;
using venv::ProblemCode;
using venv::ProblemLevel;

venv::EnsureOptions options_for(const TemporaryDirectory& dir,
                                const fs::path& python = "/usr/bin/python3") {
  venv::EnsureOptions options;
  options.python = python.string();
  options.symlinks = options.with_pip = true;
  options.cache_dir = dir / "cache";
  return options;
}

/// The codes of what is found, notes left out: `moved broken`.
std::vector<std::string> codes(const std::vector<Problem>& problems) {
  std::vector<std::string> texts;
  for (const Problem& problem : problems) {
    CHECK_FALSE(problem.what.empty());
    CHECK_FALSE(problem.remedy.empty());
    CHECK(problem.what.find('\n') == std::string::npos);
    if (problem.level != ProblemLevel::note) texts.push_back(venv::name_of(problem.code));
  }
  return texts;
}

std::string first_code(const fs::path& dir, const venv::EnsureOptions& options) {
  const std::vector<std::string> found = codes(venv::check(dir, options));
  return found.empty() ? "" : found.front();
}

/// Whether Python and pip run in it, from its own directory.
bool works(const fs::path& dir) {
  venv::RunOptions quiet;
  quiet.throws = false;
  quiet.output = venv::RunOutput::apart;
  try {
    const Environment environment = Environment::open(dir);
    const venv::RunResult prefix =
        environment.run("python", {"-c", "import sys; print(sys.prefix, end='')"}, quiet);
    if (!prefix.succeeded() || fs::path(prefix.out) != dir) return false;
    const auto pip = environment.program("pip");
    return pip && environment.run(pip->string(), {"--version"}, quiet).succeeded() &&
           environment.run("python3", {"-m", "pip", "--version"}, quiet).succeeded();
  } catch (const venv::Error&) {
    return false;
  }
}

/// A Python of pyenv's, or nothing, said visibly; with CI=true it is missed.
std::optional<fs::path> pyenv(const std::string& version) {
  const char* home = std::getenv("HOME");
  const fs::path prefix = fs::path(home ? home : "") / ".pyenv/versions" / version;
  if (fs::exists(prefix / "bin/python3")) return prefix;
  const char* ci = std::getenv("CI");
  if (ci && std::string_view(ci) == "true") throw std::runtime_error("missing: pyenv " + version);
  std::fprintf(stderr, "SKIPPED: missing: pyenv's Python %s\n", version.c_str());
  return std::nullopt;
}

/// Every path below `root`, itself left out; no link is followed.
std::vector<fs::path> paths_in(const fs::path& root) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(root)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

using Damage = std::function<void(const fs::path&)>;

/// What can befall a file or a link. The one that was there lies elsewhere meanwhile.
const std::map<std::string, Damage>& damages() {
  static const std::map<std::string, Damage> all{
      {"removed", [](const fs::path&) {}},
      {"replaced", [](const fs::path& path) { support::put(path, "something else\n"); }},
      {"emptied", [](const fs::path& path) { support::put(path, ""); }},
      {"a link to nothing", [](const fs::path& path) { fs::create_symlink("/nonexistent", path); }},
      {"a directory", [](const fs::path& path) { fs::create_directory(path); }},
  };
  return all;
}

} // namespace

TEST_CASE("check: a whole environment has no problem, by links and by copies") {
  for (const bool symlinks : {true, false}) {
    CAPTURE(symlinks);
    const TemporaryDirectory tmp;
    venv::EnsureOptions options = options_for(tmp);
    options.symlinks = symlinks;
    venv::create(tmp / "env", options);
    CHECK(venv::check(tmp / "env", options).empty());
    CHECK(venv::check(tmp / "env").empty());
    CHECK(venv::check(tmp / "env/bin/python").empty());
    fs::create_directory_symlink(tmp / "env", tmp / "by link");
    CHECK(venv::check(tmp / "by link", options).empty());
  }
}

TEST_CASE("check: what is no environment") {
  const TemporaryDirectory tmp;
  const venv::EnsureOptions options = options_for(tmp);
  fs::create_directory(tmp / "empty");
  support::put(tmp / "file", "");
  support::put(tmp / "other/file", "");
  fs::create_symlink("nowhere", tmp / "link");
  for (const char* name : {"missing", "empty", "file", "other", "link"}) {
    CAPTURE(name);
    CHECK(codes(venv::check(tmp / name, options)) == std::vector<std::string>{"no-environment"});
  }
  support::put(tmp / "half/pyvenv.cfg.new", "");
  fs::create_directories(tmp / "journal/.venv.hpp-journal");
  support::put(tmp / "journal/pyvenv.cfg", "home = /usr/bin\n");
  venv::create(tmp / "lost", options);
  fs::remove(tmp / "lost/pyvenv.cfg");
  for (const char* name : {"half", "journal", "lost"}) {
    CAPTURE(name);
    CHECK(codes(venv::check(tmp / name, options)) == std::vector<std::string>{"half-made"});
  }
}

TEST_CASE("check: changes nothing and starts nothing") {
  const TemporaryDirectory tmp;
  const venv::EnsureOptions options = options_for(tmp);
  venv::create(tmp / "env", options);
  fs::remove_all(tmp / "cache");
  const auto before = fs::last_write_time(tmp / "env/bin");
  venv::EnsureOptions asked = options;
  asked.is_cancelled = []() -> bool { throw std::logic_error("somebody waits for a child"); };
  asked.requirements.packages = {"pip; python_version >= '3'", "gone; sys_platform == 'linux'"};
  CHECK(codes(venv::check(tmp / "env", asked)) == std::vector<std::string>{"requirement-missing"});
  CHECK_FALSE(fs::exists(tmp / "cache"));
  CHECK(fs::last_write_time(tmp / "env/bin") == before);
}

TEST_CASE("check: no damage to a file goes unseen while Python or pip doesn't work" *
          doctest::test_suite("long")) {
  const TemporaryDirectory tmp;
  venv::EnsureOptions options = options_for(tmp);
  options.pip_wheel_dir = tmp / "wheels"; // a small pip: each of its files is tried
  support::TestWheel pip{"pip", "99.0", {}};
  pip.files = {
      {"pip/__init__.py", "version = '99'\n"},
      {"pip/__main__.py", "from pip._internal import main\nmain()\n"},
      {"pip/_internal/__init__.py", "import pip\ndef main():\n    print('pip', pip.version)\n"}};
  pip.entry_points = "[console_scripts]\npip = pip._internal:main\npip3 = pip._internal:main\n";
  support::put_wheel(tmp / "wheels", pip);
  support::put_wheel(tmp / "wheels", {"setuptools", "99.0", {{"setuptools.py", "\n"}}});
  venv::create(tmp / "env", options);
  const fs::path env = tmp / "env";
  REQUIRE(works(env));
  std::size_t cases = 0, unseen = 0;
  for (const fs::path& path : paths_in(env))
    for (const auto& [of_damage, damage] : damages()) {
      const std::string name = of_damage; // what is told in a failure can't be a structured binding
      // Python makes bytecode that is missing; what else befalls it: see docs/environments.md.
      if (path.extension() == ".pyc" && name != "removed") continue;
      CAPTURE(path.string());
      CAPTURE(name);
      fs::rename(path, tmp / "aside");
      damage(path);
      ++cases;
      if (codes(venv::check(env, options)).empty()) {
        ++unseen;
        CHECK_MESSAGE(works(env), "check says nothing, and it doesn't work");
      }
      fs::remove_all(path);
      fs::rename(tmp / "aside", path);
    }
  MESSAGE(cases << " cases, " << unseen << " of them without a problem");
  CHECK(cases > 150);
  CHECK(unseen < cases / 2);
  CHECK(venv::check(env, options).empty());
}

TEST_CASE("check: the code of each damage") {
  const TemporaryDirectory tmp;
  const venv::EnsureOptions options = options_for(tmp);
  venv::create(tmp / "env", options);
  const fs::path env = tmp / "env", library = Environment::open(env).site_packages();
  const std::string minor = "python" + Environment::open(env).version().minor_text();
  fs::path metadata;
  for (const auto& entry : fs::directory_iterator(library))
    if (entry.path().string().find("pip-") != std::string::npos) metadata = entry.path();
  struct Row {
    fs::path path;
    const char* damage;
    const char* code;
  };
  const std::vector<Row> rows{
      {"bin/python", "removed", "interpreter-missing"},
      {"bin/python", "a link to nothing", "interpreter-gone"},
      {"bin/python", "emptied", "interpreter-damaged"},
      {"bin/python", "a directory", "interpreter-damaged"},
      {"bin/python3", "a link to nothing", "interpreter-gone"},
      {fs::path("bin") / minor, "removed", "interpreter-missing"},
      {"bin", "removed", "half-made"},
      {"pyvenv.cfg", "removed", "half-made"},
      {"pyvenv.cfg", "emptied", "configuration-wrong"},
      {"pyvenv.cfg", "replaced", "configuration-wrong"},
      {"bin/activate", "removed", "script-missing"},
      {"bin/activate.fish", "emptied", "script-changed"},
      {"bin/activate.elv", "removed", "script-missing"},
      {"bin/pip", "removed", "pip-damaged"},
      {"bin/pip3", "replaced", "pip-damaged"},
      {library / "pip/__main__.py", "removed", "pip-damaged"},
      {library / "pip/_internal/cli/main.py", "replaced", "pip-damaged"},
      {library / "pip", "removed", "pip-damaged"},
      {metadata, "removed", "pip-damaged"},
      {metadata / "RECORD", "emptied", "pip-damaged"},
      {metadata / "METADATA", "removed", "pip-damaged"},
      {library, "removed", "library-missing"},
      {"lib", "removed", "library-missing"},
      {"lib64", "a link to nothing", "library-missing"},
  };
  for (const Row& row : rows) {
    const fs::path path = row.path.is_absolute() ? row.path : env / row.path;
    CAPTURE(path.string());
    CAPTURE(row.damage);
    fs::rename(path, tmp / "aside");
    damages().at(row.damage)(path);
    if (std::string(row.code) == "half-made" && row.path == "bin") {
      CHECK_FALSE(codes(venv::check(env, options)).empty());
    } else {
      CHECK(first_code(env, options) == row.code);
    }
    fs::remove_all(path);
    fs::rename(tmp / "aside", path);
  }
}

TEST_CASE("check: pyvenv.cfg that lies") {
  const TemporaryDirectory tmp;
  const venv::EnsureOptions options = options_for(tmp);
  venv::create(tmp / "env", options);
  const std::string text = support::get(tmp / "env/pyvenv.cfg");
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    const std::size_t at = changed.find(from);
    REQUIRE(at != std::string::npos);
    changed.replace(at, changed.find('\n', at) - at, to);
    support::put(tmp / "env/pyvenv.cfg", changed);
    return first_code(tmp / "env", options);
  };
  CHECK(with("home", "home = /etc") == "configuration-wrong");
  CHECK(with("home", "home = bin") == "configuration-wrong");
  CHECK(with("home", "house = /usr/bin") == "configuration-wrong");
  CHECK(with("home", "home = /nonexistent") == "interpreter-gone");
  CHECK(with("version", "version = 3.8.1") == "other-version");
  CHECK(with("version", "version = 3.11.0") == "base-upgraded");
  CHECK(with("executable", "x = \xFF") == "configuration-wrong");
  CHECK(with("include-system", "include-system-site-packages = true") == "other-options");
  CHECK(with("include-system", "x = y") == "other-options"); // site.py takes it for true
  CHECK(with("version", "x = y").empty());                   // as uv's has none
}

TEST_CASE("check: an environment that was moved, and programs that run elsewhere") {
  const TemporaryDirectory tmp;
  const venv::EnsureOptions options = options_for(tmp);
  venv::create(tmp / "env", options);
  fs::rename(tmp / "env", tmp / "new");
  const auto problems = venv::check(tmp / "new", options);
  CHECK(codes(problems) == std::vector<std::string>{"moved"});
  CHECK(problems[0].what.find((tmp / "env").string()) != std::string::npos);
  fs::rename(tmp / "new", tmp / "env");
  fs::copy(tmp / "env", tmp / "copy",
           fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  CHECK(first_code(tmp / "copy", options) == "moved"); // its pip is the other one's
  const auto program = [&](const std::string& interpreter) {
    support::put(tmp / "env/bin/tool", venv::detail::shebang_for(interpreter));
    return first_code(tmp / "env", options);
  };
  CHECK(program((tmp / "env/bin/python").string()).empty());
  CHECK(program("/usr/bin/python3").empty());
  CHECK(program("/bin/sh").empty());
  CHECK(program((tmp / "env/bin/python3.99").string()) == "script-elsewhere");
  CHECK(program("/nonexistent/python3") == "script-elsewhere");
  CHECK(program((tmp / "copy/bin/python3").string()) == "moved");
  CHECK(program("/nonexistent/python3") == "script-elsewhere");
  fs::resize_file(tmp / "env/bin/tool",
                  (std::uintmax_t{1} << 26) + 1); // an application in one file
  CHECK(first_code(tmp / "env", options) == "script-elsewhere");
}

TEST_CASE("check: options that are asked for") {
  const TemporaryDirectory tmp;
  venv::EnsureOptions options = options_for(tmp);
  options.with_pip = false;
  options.prompt = "p";
  venv::create(tmp / "env", options);
  CHECK(venv::check(tmp / "env", options).empty());
  venv::EnsureOptions other = options;
  other.with_pip = true;
  CHECK(first_code(tmp / "env", other) == "pip-missing");
  other = options;
  other.prompt = "q";
  CHECK(first_code(tmp / "env", other) == "other-options");
  other.prompt = std::nullopt;
  CHECK(venv::check(tmp / "env", other).empty());
  other.system_site_packages = true;
  CHECK(first_code(tmp / "env", other) == "other-options");
  CHECK(venv::check(tmp / "env").empty());
  other = options;
  const std::string minor = Environment::open(tmp / "env").version().minor_text();
  for (const std::string& fits : {std::string(), std::string("3"), minor, ">=" + minor,
                                  std::string("/usr/bin/python3"), std::string("python3")}) {
    CAPTURE(fits);
    other.python = fits;
    const support::Variable path("PATH", "/usr/bin:/bin");
    CHECK(venv::check(tmp / "env", other).empty());
  }
  for (const char* differs : {"3.99", "pypy3", ">=3.99", "/bin/cat"}) {
    CAPTURE(differs);
    other.python = differs;
    CHECK(first_code(tmp / "env", other) == "other-python");
  }
}

TEST_CASE("check: packages that are required, damaged, or another Python's" *
          doctest::test_suite("long")) {
  const TemporaryDirectory tmp;
  venv::EnsureOptions options = options_for(tmp);
  support::put_wheel(tmp / "wheels", {"demo", "1.0", {{"demo.py", "x = 1\n"}}});
  venv::create(tmp / "env", options);
  options.requirements.packages = {"demo>=1"};
  options.requirements.wheel_dirs = {tmp / "wheels"};
  options.requirements.offline = true;
  CHECK(first_code(tmp / "env", options) == "requirement-missing");
  const Environment environment = Environment::open(tmp / "env");
  environment.install(options.requirements);
  CHECK(venv::check(tmp / "env", options).empty());
  options.requirements.packages = {"demo>=2"};
  CHECK(first_code(tmp / "env", options) == "requirement-missing");
  options.requirements = {};
  support::put(environment.site_packages() / "demo.py", "x = 1234\n");
  support::put(tmp / "env/lib/python3.99/site-packages/x-1.dist-info/METADATA", "");
  const auto notes = venv::check(tmp / "env", options);
  REQUIRE(notes.size() == 2);
  CHECK(notes[0].code == ProblemCode::other_library);
  CHECK(notes[1].code == ProblemCode::package_damaged);
  CHECK(notes[1].remedy.find("demo") != std::string::npos);
  CHECK((notes[0].level == ProblemLevel::note && notes[1].level == ProblemLevel::note));
  options.requirements.files = {tmp / "not there.txt"};
  CHECK_THROWS_AS((void)venv::check(tmp / "env", options), venv::Error);
}

TEST_CASE("check: a base that is gone, upgraded in place, or of another minor version" *
          doctest::test_suite("long")) {
  const auto old = pyenv("3.11.7"), other = pyenv("3.12.1");
  if (!old || !other) return;
  for (const bool symlinks : {true, false}) {
    CAPTURE(symlinks);
    const TemporaryDirectory tmp;
    const fs::path base = tmp / "base";
    fs::create_directory_symlink(*old, base);
    venv::EnsureOptions options = options_for(tmp, base / "bin/python3");
    options.symlinks = symlinks;
    venv::create(tmp / "env", options);
    options.python.clear();
    CHECK(venv::check(tmp / "env", options).empty());
    const auto with_base = [&](const fs::path& prefix) {
      fs::remove(base);
      fs::create_directory_symlink(prefix, base);
      return first_code(tmp / "env", options);
    };
    CHECK(with_base("/nonexistent") == "interpreter-gone");
    if (symlinks) {
      CHECK_FALSE(works(tmp / "env"));
      CHECK(with_base(*other) == "other-version");
      if (fs::exists("/usr/bin/python3.11")) {
        CHECK(with_base("/usr") == "base-upgraded");
      }
    } else { // a copy: what it was copied from is known by its real path
      CHECK(with_base(*other) == "configuration-wrong");
    }
    CHECK(with_base(*old).empty());
  }
}

TEST_CASE("check: environments of python -m venv are judged alike" * doctest::test_suite("long")) {
  const TemporaryDirectory tmp;
  const auto base = pyenv("3.12.1");
  if (!base) return;
  const std::string command = "'" + (*base / "bin/python3").string() + "' -m venv '";
  const fs::path plain = fs::temp_directory_path() / "venv.hpp-check-test";
  fs::remove_all(plain);
  REQUIRE(std::system((command + plain.string() + "'").c_str()) == 0);
  CHECK(codes(venv::check(plain)).empty());
  fs::remove(plain / "bin/activate");
  CHECK(codes(venv::check(plain)) == std::vector<std::string>{"script-missing"});
  fs::remove_all(plain);
}

TEST_CASE("script head: what is written is read again") {
  for (const std::string& path :
       {std::string("/a/python"), std::string("/with blank/python3"),
        std::string("/it's \"a\" $HOME `x` \\/p"), '/' + std::string(200, 'x')}) {
    CAPTURE(path);
    const std::string lines = venv::detail::shebang_for(path);
    const auto head = venv::detail::script_head(lines + "import sys\n");
    REQUIRE(head);
    CHECK(head->interpreter == path);
    CHECK(head->size == lines.size());
  }
  for (const char* text :
       {"", "#!", "import sys\n", "\n#!/a\n",
        "#!/bin/sh\n'''exec' \"$(dirname -- \"$0\")\"/'python' \"$0\" \"$@\"\n' '''\n"}) {
    CAPTURE(text);
    CHECK_FALSE(venv::detail::script_head(text));
  }
  CHECK(venv::detail::script_head("#! /usr/bin/env  python3\nx")->interpreter == "/usr/bin/env");
}
