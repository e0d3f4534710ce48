#include "api/environment.hpp"
#include "create/env_builder.hpp"
#include "use/environment.hpp"
#include "use/install.hpp"
#include "use/missing.hpp"

#include "support_files.hpp"
#include "support_packages.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using support::TemporaryDirectory;
using venv::Environment;
using venv::Error;
using venv::Missing;

constexpr const char* python = support::any_python;

/// An environment with `app` 2.0, which requires `lib`, of the wheels beside it.
class Installed {
public:
  explicit Installed(const std::string& base = python) {
    support::TestWheel app{"app", "2.0", {{"app.py", ""}}};
    app.metadata = "Requires-Dist: lib>=1\nRequires-Dist: never; python_version < '3'\n"
                   "Provides-Extra: more\nRequires-Dist: absent; extra == 'more'\n";
    support::put_wheel(tmp / "wheels", app);
    support::put_wheel(tmp / "wheels", {"lib", "1.5", {{"lib.py", ""}}});
    options.python = base;
    options.symlinks = options.with_pip = true;
    options.cache_dir = tmp / "cache";
    venv::create(tmp / "env", options);
    wanted.wheel_dirs = {tmp / "wheels"};
    wanted.offline = true;
  }
  Environment open() const { return Environment::open(tmp / "env"); }
  Environment install(std::vector<std::string> packages) {
    venv::Requirements all = wanted;
    all.packages = std::move(packages);
    open().install(all);
    return open();
  }
  /// What is missing, as `name: by`.
  std::vector<std::string> missing(const venv::Requirements& requirements) const {
    std::vector<std::string> texts;
    for (const Missing& one : open().missing(requirements, options))
      texts.push_back(one.requirement + ": " + one.required_by);
    return texts;
  }
  TemporaryDirectory tmp{};
  venv::Options options{};
  venv::Requirements wanted{};
};

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("Environment: distributions are those that Python itself finds" *
          doctest::test_suite("long")) {
  for (const bool with_base : {false, true}) {
    CAPTURE(with_base);
    const TemporaryDirectory tmp;
    venv::Options options;
    options.python = python;
    options.symlinks = options.with_pip = true;
    options.system_site_packages = with_base;
    options.cache_dir = tmp / "cache";
    venv::create(tmp / "env", options);
    const Environment environment = Environment::open(tmp / "env");
    Texts found;
    std::string directories;
    for (const venv::Distribution& one : environment.distributions()) {
      const std::string place = one.directory.string();
      if (directories.find(place + '\n') == directories.npos) directories += place + '\n';
      found.push_back(place + '/' + one.metadata + ' ' + one.name + ' ' + one.version + '\n');
    }
    std::sort(found.begin(), found.end());
    std::string listed;
    for (const std::string& text : found) listed += text;
    const std::string script =
        "import importlib.metadata as m, sys\n"
        "seen, names = [], []\n"
        "for d in m.distributions():\n"
        "    seen.append(str(d._path.parent)) if str(d._path.parent) not in seen else None\n"
        "    names.append('%s %s %s\\n' % (d._path, d.metadata['Name'], d.version))\n"
        "print(*seen, sep='\\n')\n"
        "print()\n"
        "print(*sorted(names), sep='', end='')\n";
    const std::string said = environment.run("python", {"-s", "-c", script}).out;
    CHECK(said == directories + '\n' + listed);
  }
}

TEST_CASE("Environment: a damaged distribution is told") {
  Installed made;
  const Environment environment = made.install({"lib"});
  fs::remove(environment.site_packages() / "lib-1.5.dist-info/METADATA");
  bool told = false;
  for (const venv::Distribution& one : environment.distributions())
    told = told || (one.metadata == "lib-1.5.dist-info" && one.damage == "has no METADATA");
  CHECK(told);
}

TEST_CASE("missing: what is there, what isn't, and by whom it is required" *
          doctest::test_suite("long")) {
  Installed made;
  const Environment environment = made.install({"app"});
  CHECK(environment.missing({"app", "lib<2", "pip"}, made.options).empty());
  const auto missing = environment.missing({"app[more]", "lib>=2", "gone", "? bad"}, made.options);
  REQUIRE(missing.size() == 4);
  CHECK(missing[0].reason == Missing::Reason::other_version);
  CHECK(missing[0].installed == "1.5");
  CHECK(missing[1].reason == Missing::Reason::absent);
  CHECK(missing[1].name == "gone");
  CHECK(missing[2].reason == Missing::Reason::unreadable);
  CHECK(missing[3].required_by == "app 2.0");
  fs::remove_all(environment.site_packages() / "lib-1.5.dist-info"); // somebody takes it away
  CHECK(environment.missing({"app"}, made.options)[0].requirement == "lib>=1");
}

TEST_CASE("missing: files, those that they name, and constraints" * doctest::test_suite("long")) {
  Installed made;
  made.install({"app"});
  support::put(made.tmp / "req/base.txt", "lib>=1 # a comment\nnew; python_version < '3'\n");
  support::put(made.tmp / "req/all.txt", "-r base.txt\n-c limits.txt\napp\nother\n");
  support::put(made.tmp / "req/limits.txt", "lib<1.2\nunneeded==1\n");
  venv::Requirements wanted;
  wanted.files = {made.tmp / "req/all.txt"};
  const std::string folder = (made.tmp / "req").string() + '/';
  CHECK(made.missing(wanted) ==
        Texts{"lib<1.2: " + folder + "limits.txt:1", "other: " + folder + "all.txt:4"});
  support::put(made.tmp / "req/limits.txt", "");
  support::put(made.tmp / "req/all.txt", "-r base.txt\napp\n");
  CHECK(made.missing(wanted).empty());
  wanted.constraints = {made.tmp / "own limits.txt"};
  support::put(made.tmp / "own limits.txt", "app==1.0\n");
  CHECK(made.missing(wanted) ==
        Texts{"app==1.0: " + (made.tmp / "own limits.txt").string() + ":1"});
  support::put(made.tmp / "req/base.txt", "--no-such-option\n");
  try {
    made.missing(wanted);
    FAIL("it was read");
  } catch (const Error& error) {
    CHECK(error.code() == venv::ErrorCode::invalid_argument);
    CHECK(std::string(error.what()).find("base.txt:1") != std::string::npos);
  }
  wanted.files = {made.tmp / "not there.txt"};
  CHECK_THROWS_AS(made.missing(wanted), Error);
}

TEST_CASE("missing: a path is met by what was installed from it" * doctest::test_suite("long")) {
  Installed made;
  const std::string wheel = (made.tmp / "wheels/lib-1.5-py3-none-any.whl").string();
  venv::Requirements wanted;
  wanted.packages = {wheel};
  CHECK(made.missing(wanted) == Texts{wheel + ": "});
  made.install({"lib"}); // from an index, so to say
  CHECK(made.missing(wanted) == Texts{wheel + ": "});
  venv::Requirements again = made.wanted;
  again.packages = {wheel};
  again.pip_arguments = {"--force-reinstall"};
  made.open().install(again);
  CHECK(made.missing(wanted).empty());
  std::string word; // as a shell reads it
  for (const char c : wheel) {
    if (static_cast<unsigned char>(c) < 0x80) word += '\\';
    word += c;
  }
  support::put(made.tmp / "req.txt", "-e " + word + '\n');
  wanted.packages.clear();
  wanted.files = {made.tmp / "req.txt"}; // not as an editable
  CHECK(made.missing(wanted) == Texts{wheel + ": " + (made.tmp / "req.txt").string() + ":1"});
}

TEST_CASE("missing: markers are answered as this Python's packaging does" *
          doctest::test_suite("long")) {
  Installed made;
  const std::string script =
      "from pip._vendor.packaging.markers import default_environment as e\n"
      "print(''.join('%s == \\'%s\\'\\n' % i for i in sorted(e().items())), end='')";
  const std::string lines = made.open().run("python", {"-c", script}).out;
  int count = 0;
  for (const std::string_view line : venv::detail::split(lines, '\n')) {
    if (line.empty()) continue;
    const std::string text(line);
    CAPTURE(text);
    ++count;
    CHECK(made.open().missing({"gone; " + text}, made.options).size() == 1);
  }
  CHECK(count == 11);
}

TEST_CASE("missing: the base Python is asked once, and not at all when create has asked") {
  Installed made;
  int started = 0;
  made.options.is_cancelled = [&started] { return ++started, false; }; // asked while one runs
  CHECK(made.open().missing({"pip"}, made.options).empty());
  CHECK(started == 0);
  fs::remove_all(made.tmp / "cache");
  CHECK(made.open().missing({"pip"}, made.options).empty());
  CHECK(started > 0);
}
