#include "api/listing.hpp"
#include "create/env_builder.hpp"
#include "use/ensure.hpp"
#include "use/environment.hpp"
#include "use/install.hpp"
#include "use/listing.hpp"
#include "use/remove.hpp"

#include "support_files.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using support::TemporaryDirectory;
using venv::ListedEnvironment;

venv::EnsureOptions options_for(const TemporaryDirectory& dir) {
  venv::EnsureOptions options;
  options.python = support::any_python;
  options.symlinks = true;
  options.cache_dir = dir / "cache";
  return options;
}

void make_old(const fs::path& file) {
  fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(24 * 30));
}

long days_since(const ListedEnvironment& one) {
  using namespace std::chrono;
  return static_cast<long>(duration_cast<hours>(system_clock::now() - one.last_used).count() / 24);
}

} // namespace

TEST_CASE("environments_in: whose, which Python, when used, how large, what is wrong") {
  const TemporaryDirectory tmp;
  venv::EnsureOptions options = options_for(tmp);
  options.owner = "its \"owner\" ü";
  venv::ensure(tmp / "all/whole", options);
  options.owner.clear();
  venv::create(tmp / "all/broken", options);
  fs::remove(tmp / "all/broken/bin/python");
  venv::create(tmp / "all/lost", options);
  fs::remove(tmp / "all/lost/pyvenv.cfg");
  fs::create_directories(tmp / "all/empty/lib");
  support::put(tmp / "all/other/file", "text");
  support::put(tmp / "all/file", "text");
  fs::create_directory_symlink(tmp / "all/whole", tmp / "all/link");

  const std::vector<ListedEnvironment> found = venv::environments_in(tmp / "all");
  REQUIRE(found.size() == 3);
  CHECK(found[0].directory == tmp / "all/broken");
  CHECK(found[0].owner.empty());
  REQUIRE_FALSE(found[0].problems.empty());
  CHECK(found[0].problems[0].code == venv::ProblemCode::interpreter_missing);
  CHECK(found[1].directory == tmp / "all/lost");
  CHECK(found[1].version == venv::Version());
  CHECK(found[1].problems[0].code == venv::ProblemCode::half_made);
  CHECK(found[2].directory == tmp / "all/whole");
  CHECK(found[2].owner == "its \"owner\" ü");
  CHECK(found[2].problems.empty());
  CHECK(found[2].size == venv::Environment::open(tmp / "all/whole").size());
  CHECK(found[2].version == venv::Environment::open(tmp / "all/whole").version());
  CHECK(fs::canonical(found[2].base) == fs::canonical(support::any_python));
  CHECK(days_since(found[2]) == 0);

  std::optional<venv::Error> error;
  CHECK_FALSE(venv::environments_in(tmp / "none", error));
  REQUIRE(error);
  CHECK(error->code() == venv::ErrorCode::io);
}

TEST_CASE("environments_in: a use is noted once an hour, by those who use it") {
  const TemporaryDirectory tmp;
  venv::EnsureOptions options = options_for(tmp);
  const fs::path dir = tmp / "all/env", mark = dir / ".venv.hpp-used";
  venv::create(dir, options);
  const auto environment = [&dir] { return venv::Environment::open(dir); };
  environment().run("python", {"-c", "pass"});
  CHECK_FALSE(fs::exists(mark)); // nobody asked for that
  make_old(dir / "pyvenv.cfg");
  CHECK(days_since(venv::environments_in(tmp / "all").at(0)) == 30);

  venv::ensure(dir, options);
  REQUIRE(fs::exists(mark));
  const auto uses =
      std::vector<std::function<void()>>{[&] { CHECK_FALSE(venv::ensure(dir, options).changed); },
                                         [&] { environment().run("python", {"-c", "pass"}); },
                                         [&] { (void)environment().command("python", {}); }};
  for (const auto& use : uses) {
    make_old(mark);
    CHECK(days_since(venv::environments_in(tmp / "all").at(0)) == 30); // to look is no use
    use();
    CHECK(days_since(venv::environments_in(tmp / "all").at(0)) == 0);
    const auto noted = fs::last_write_time(mark);
    use();
    CHECK(fs::last_write_time(mark) == noted);
  }
  options.owner = "somebody";
  venv::create(tmp / "all/owned", options);
  venv::Environment::open(tmp / "all/owned").run("python", {"-c", "pass"});
  CHECK(fs::exists(tmp / "all/owned/.venv.hpp-used"));
}

TEST_CASE("owner: stands in pyvenv.cfg, is kept, and compared") {
  const TemporaryDirectory tmp;
  venv::EnsureOptions options = options_for(tmp);
  options.owner = "one";
  venv::ensure(tmp / "env", options);
  const std::string cfg = support::get(tmp / "env/pyvenv.cfg");
  CHECK(cfg.substr(cfg.size() - 12) == "owner = one\n");
  CHECK(venv::check(tmp / "env", options).empty());

  options.owner.clear();
  options.prompt = "other";
  CHECK(venv::ensure(tmp / "env", options).changed);
  CHECK(venv::Environment::open(tmp / "env").owner() == "one");

  options.owner = "two";
  const auto problems = venv::check(tmp / "env", options);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].code == venv::ProblemCode::other_options);
  CHECK(venv::ensure(tmp / "env", options).changed);
  CHECK(venv::Environment::open(tmp / "env").owner() == "two");
  venv::Options upgrade = options_for(tmp);
  upgrade.upgrade = true;
  venv::create(tmp / "env", upgrade);
  CHECK(venv::Environment::open(tmp / "env").owner() == "two");
  upgrade.owner = "three";
  venv::create(tmp / "env", upgrade);
  CHECK(venv::Environment::open(tmp / "env").owner() == "three");

  for (const char* bad : {"a\nb", " a", "a ", "\xff", "a\tb"}) {
    options.owner = bad;
    CHECK_THROWS_AS(venv::EnvBuilder{options}, venv::Error);
  }
}
