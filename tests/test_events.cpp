#include "api/ensure.hpp"
#include "api/event.hpp"
#include "create/env_builder.hpp"
#include "create/teller.hpp"
#include "use/ensure.hpp"
#include "use/environment.hpp"
#include "use/install.hpp"

#include "support_files.hpp"
#include "support_packages.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace fs = std::filesystem;
using support::TemporaryDirectory;
using venv::EnsureOptions;
using venv::Event;
using venv::EventKind;
using venv::Phase;
using Clock = std::chrono::steady_clock;

EnsureOptions options_for(const TemporaryDirectory& dir) {
  EnsureOptions options;
  options.python = "/usr/bin/python3"; // any real one
  options.symlinks = true;
  options.cache_dir = dir / "cache";
  options.pip_wheel_dir = dir / "wheels";
  options.requirements.wheel_dirs = {dir / "wheels"};
  options.requirements.offline = true;
  return options;
}

/// A Python that says nothing for some seconds.
fs::path slow_python(const TemporaryDirectory& dir, const std::string& seconds) {
  support::put(dir / "python3", "#!/bin/sh\nsleep " + seconds + "\nexec /usr/bin/python3 \"$@\"\n");
  fs::permissions(dir / "python3", fs::perms::owner_all);
  return dir / "python3";
}

const Event* find(const std::vector<Event>& events, EventKind kind) {
  const auto found = std::find_if(events.begin(), events.end(),
                                  [kind](const Event& event) { return event.kind == kind; });
  return found == events.end() ? nullptr : &*found;
}

std::vector<Phase> phases(const std::vector<Event>& events) {
  std::vector<Phase> found;
  for (const Event& event : events)
    if (event.kind == EventKind::phase) found.push_back(event.phase);
  return found;
}

} // namespace

TEST_CASE("events: phases, commands and packages, each in its phase and on the calling thread") {
  const TemporaryDirectory tmp;
  support::put_wheel(tmp / "wheels", {"one", "1.0", {{"one.py", "\n"}}, "Requires-Dist: two\n"});
  support::put_wheel(tmp / "wheels", {"two", "2.0", {{"two.py", "\n"}}});
  EnsureOptions options = options_for(tmp);
  options.requirements.packages = {"one"};
  std::vector<Event> events;
  std::vector<std::string> lines;
  std::set<std::thread::id> threads;
  options.on_event = [&](const Event& event) {
    events.push_back(event);
    threads.insert(std::this_thread::get_id());
  };
  options.report = [&](venv::Report, const std::string& line) { lines.push_back(line); };
  venv::ensure(tmp / "env", options);

  CHECK(threads == std::set<std::thread::id>{std::this_thread::get_id()});
  CHECK(phases(events) == std::vector<Phase>{Phase::looking, Phase::python, Phase::directories,
                                             Phase::interpreter, Phase::scripts, Phase::packages});
  std::vector<std::string> told, packages;
  for (const Event& event : events) {
    CHECK_FALSE(event.text.empty());
    if (event.kind == EventKind::note) told.push_back(event.text);
    if (event.kind == EventKind::package)
      packages.push_back(event.package + ' ' + std::to_string(event.number) + '/' +
                         std::to_string(event.count));
    if (event.kind == EventKind::package) CHECK(event.phase == Phase::packages);
  }
  CHECK(lines == told); // nothing twice, though one call is made of others
  std::sort(packages.begin(), packages.end());
  REQUIRE(packages.size() == 2);
  CHECK(packages[0].substr(0, 4) == "one ");
  CHECK(packages[1].substr(0, 4) == "two ");
  CHECK(packages[0].substr(8) != packages[1].substr(8)); // 1/2 and 2/2
  const Event* asked = find(events, EventKind::command);
  REQUIRE(asked != nullptr);
  CHECK(asked->phase == Phase::python);
  CHECK(asked->arguments.at(0) == "/usr/bin/python3");
  CHECK(asked->arguments.at(1) == "-I");

  events.clear();
  venv::ensure(tmp / "env", options);
  CHECK(events.empty()); // nothing to do
}

TEST_CASE("events: one comes each second while something is waited for") {
  const TemporaryDirectory tmp;
  EnsureOptions options = options_for(tmp);
  options.python = slow_python(tmp, "2.5");
  std::vector<Event> events;
  auto last = Clock::now();
  std::chrono::milliseconds longest{0};
  options.on_event = [&](const Event& event) {
    events.push_back(event);
    longest = (std::max)(
        longest, std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - last));
    last = Clock::now();
  };
  SUBCASE("a Python that is asked") { venv::create(tmp / "env", options); }
  SUBCASE("a program that is run") {
    options.python = "/usr/bin/python3";
    venv::create(tmp / "env", options_for(tmp));
    last = Clock::now();
    venv::RunOptions run;
    run.on_event = options.on_event;
    venv::Environment::open(tmp / "env").run("python", {"-c", "import time; time.sleep(2.5)"}, run);
    REQUIRE_FALSE(events.empty());
    CHECK(events[0].kind == EventKind::command);
    CHECK(events[0].arguments.size() == 3);
  }
  const auto ticks = std::count_if(events.begin(), events.end(), [](const Event& event) {
    return event.kind == EventKind::running;
  });
  CHECK(ticks >= 2);
  CHECK(longest < std::chrono::milliseconds(1500)); // a second, on a machine that is busy
  CHECK(find(events, EventKind::running)->elapsed >= std::chrono::milliseconds(900));
}

TEST_CASE("events: who holds the environment is told, and again each second") {
  const TemporaryDirectory tmp;
  EnsureOptions options = options_for(tmp);
  venv::create(tmp / "env", options);
  options.lock_timeout = std::chrono::milliseconds(2300);
  options.prompt = "other";
  std::vector<Event> waits;
  std::vector<std::string> lines;
  options.on_event = [&](const Event& event) {
    if (event.kind == EventKind::waiting) waits.push_back(event);
  };
  options.report = [&](venv::Report, const std::string& line) { lines.push_back(line); };
  std::optional<venv::Error> error;
  {
    const venv::detail::DirectoryLock held(tmp / "env", 0);
    std::thread([&] { CHECK_FALSE(venv::ensure(tmp / "env", options, error)); }).join();
  }
  REQUIRE(error);
  CHECK(error->code() == venv::ErrorCode::busy);
  CHECK(lines.size() == 1);
  REQUIRE(waits.size() >= 3);
  CHECK(waits[0].holder == "another thread of this process");
  CHECK(waits[0].path == tmp / "env");
  CHECK(waits[0].elapsed.count() == 0);
  CHECK(waits[1].elapsed < waits[2].elapsed);
}

TEST_CASE("events: what a callback throws ends the call, and what was made is gone") {
  const TemporaryDirectory tmp;
  EnsureOptions options = options_for(tmp);
  options.cache = false;
  options.with_pip = true;
  support::put_wheel(tmp / "wheels", {"one", "1.0", {{"one.py", "\n"}}});
  support::put_wheel(tmp / "wheels", {"pip", "99.0", {{"pip/__main__.py", "\n"}}});
  support::put_wheel(tmp / "wheels", {"setuptools", "99.0", {{"setuptools.py", "\n"}}});
  options.requirements.packages = {"one"};
  std::vector<bool> in_packages; // of each event
  options.on_event = [&](const Event& event) {
    in_packages.push_back(event.phase == Phase::packages);
  };
  const auto everything = [&] { venv::ensure(tmp / "all", options); };
  everything();
  REQUIRE(in_packages.size() > 10);
  for (std::size_t stop = 0; stop < in_packages.size(); ++stop) {
    CAPTURE(stop);
    std::size_t number = 0;
    options.on_event = [&](const Event&) {
      if (number++ == stop) throw std::runtime_error("enough");
    };
    CHECK_THROWS_WITH_AS(venv::ensure(tmp / "env", options), "enough", std::runtime_error);
    CHECK(fs::exists(tmp / "env") == in_packages[stop]); // then it is finished, but for packages
    if (in_packages[stop])
      CHECK_FALSE(fs::exists(venv::Environment::open(tmp / "env").site_packages() / "one.py"));
    fs::remove_all(tmp / "env");
  }
}

TEST_CASE("events: another thread stops a call that waits") {
  const TemporaryDirectory tmp;
  EnsureOptions options = options_for(tmp);
  options.python = slow_python(tmp, "20");
  std::atomic<bool> stop{false};
  options.is_cancelled = [&stop] { return stop.load(); };
  SUBCASE("at any time") {}
  SUBCASE("because of an event") {
    options.on_event = [&stop](const Event& event) {
      if (event.kind == EventKind::running) stop = true;
    };
  }
  std::atomic<bool> done{false};
  std::thread other([&] {
    for (int i = 0; i < (options.on_event ? 1000 : 30) && !done; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    stop = true;
  });
  const auto start = Clock::now();
  std::optional<venv::Error> error;
  CHECK_FALSE(venv::create(tmp / "env", options, error));
  const auto spent = Clock::now() - start;
  done = true;
  other.join();
  REQUIRE(error);
  CHECK(error->code() == venv::ErrorCode::interrupted);
  CHECK(spent < std::chrono::seconds(5));
  CHECK_FALSE(fs::exists(tmp / "env"));
}

TEST_CASE("events: warnings have codes") {
  const TemporaryDirectory tmp;
  EnsureOptions options = options_for(tmp);
  support::put(tmp / "scripts/common/bad", "\xff\xfe");
  std::vector<venv::WarningCode> codes;
  options.on_event = [&](const Event& event) {
    if (event.kind == EventKind::warning) codes.push_back(event.warning);
  };
  venv::EnvBuilder builder(options);
  venv::Context context = builder.create(tmp / "env");
  CHECK(codes.empty());
  builder.install_scripts(context, tmp / "scripts");
  CHECK(codes == std::vector<venv::WarningCode>{venv::WarningCode::script_left_out});
}

TEST_CASE("events: what pip says of packages") {
  for (const auto& row : std::vector<std::pair<std::string, std::string>>{
           {"Collecting flask>=3 (from -r a b.txt (line 1))", "flask>=3"},
           {"Collecting flask", "flask"},
           {"Processing /a b/one-2.0-py3-none-any.whl (from one)", "one 2.0"},
           {"Processing ./its/project", "./its/project"},
           {"  Downloading flask-3.0.0-py3-none-any.whl (99 kB)", ""},
           {"", ""}}) {
    CAPTURE(row.first);
    CHECK(venv::detail::package_in(row.first) == row.second);
  }
}

TEST_CASE("events: each name is another one") {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(EventKind::running); ++i)
    names.insert(venv::name_of(static_cast<EventKind>(i)));
  CHECK(names.size() == 8);
  names.clear();
  for (int i = 0; i <= static_cast<int>(Phase::packages); ++i)
    names.insert(venv::name_of(static_cast<Phase>(i)));
  CHECK(names.size() == 9);
  names.clear();
  for (int i = 0; i <= static_cast<int>(venv::WarningCode::redirected); ++i)
    names.insert(venv::name_of(static_cast<venv::WarningCode>(i)));
  CHECK(names.size() == 13);
}
