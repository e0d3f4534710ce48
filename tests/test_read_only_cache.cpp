#include "cache/cache.hpp"
#include "create/env_builder.hpp"
#include "use/distributions.hpp"
#include "use/environment.hpp"

#include "support_files.hpp"
#include "support_packages.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace venv::detail;
using support::TemporaryDirectory;

namespace {

const std::string name = cache_name("thing", "key");

/// What a cache that has nothing of its own finds in `others`.
std::string found_in(const std::vector<fs::path>& others, const fs::path& own) {
  venv::Options options;
  options.cache_dir = own;
  options.read_only_caches = others;
  return Cache(options).find(name).value_or("nothing");
}

/// The same in a process of another user, who has no cache.
std::string found_by(uid_t user, const fs::path& other) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setgid(user) != 0 || ::setuid(user) != 0) ::_exit(1);
    const std::string found = found_in({other}, "/proc/none");
    ::_exit(::write(ends[1], found.data(), found.size()) < 0 ? 1 : 0);
  }
  ::close(ends[1]);
  std::string said(64, '\0');
  const ssize_t size = ::read(ends[0], said.data(), said.size());
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  said.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return said;
}

} // namespace

TEST_CASE("read-only cache: is looked in after the user's own, and never written") {
  const TemporaryDirectory tmp;
  support::put(tmp / "first" / name, "one");
  support::put(tmp / "second" / name, "two");
  fs::last_write_time(tmp / "first" / name,
                      fs::file_time_type::clock::now() - std::chrono::hours(9));
  const auto before = fs::last_write_time(tmp / "first" / name);
  CHECK(found_in({tmp / "none", tmp / "first", tmp / "second"}, tmp / "own") == "one");
  CHECK(fs::last_write_time(tmp / "first" / name) == before);
  CHECK(fs::is_empty(tmp / "own"));
  support::put(tmp / "own" / name, "own");
  fs::permissions(tmp / "own" / name, fs::perms::owner_read | fs::perms::owner_write);
  CHECK(found_in({tmp / "first"}, tmp / "own") == "own");
  CHECK(found_in({tmp / "second"}, {}) == "two");
  venv::Options none;
  none.cache = false;
  none.read_only_caches = {tmp / "first"};
  CHECK_FALSE(Cache(none).find(name));
}

TEST_CASE("read-only cache: what anybody else could have written isn't believed") {
  const TemporaryDirectory tmp;
  const fs::path dir = tmp / "others", file = dir / name;
  support::put(file, "bytes");
  const auto found = [&] { return found_in({dir}, tmp / "own"); };
  const auto mode = [](const fs::path& path, mode_t bits) {
    REQUIRE(::chmod(path.c_str(), bits) == 0);
  };
  mode(dir, 0755), mode(file, 0644);
  CHECK(found() == "bytes");
  mode(file, 0664);
  CHECK(found() == "nothing");
  mode(file, 0644), mode(dir, 0777);
  CHECK(found() == "nothing");
  mode(dir, 0755);
  fs::rename(file, tmp / "elsewhere");
  fs::create_symlink(tmp / "elsewhere", file);
  CHECK(found() == "nothing");
  fs::remove(file);
  fs::rename(tmp / "elsewhere", file);
  mode(tmp.path(), 0777); // somebody could put another folder in its place
  CHECK(found() == "nothing");
  mode(tmp.path(), 0755);
  CHECK(found() == "bytes");

  if (::geteuid() != 0) return; // the rest needs other users
  constexpr uid_t user = 54321, stranger = 54322;
  CHECK(found_by(user, dir) == "bytes"); // root's
  REQUIRE(::chown(file.c_str(), user, user) == 0);
  CHECK(found_by(user, dir) == "bytes"); // one's own, in root's
  CHECK(found_by(stranger, dir) == "nothing");
  CHECK(found() == "nothing"); // root doesn't believe users
  REQUIRE(::chown(file.c_str(), 0, 0) == 0);
  REQUIRE(::chown(dir.c_str(), stranger, stranger) == 0);
  CHECK(found_by(user, dir) == "nothing");
  REQUIRE(::chown(dir.c_str(), user, user) == 0);
  CHECK(found_by(user, dir) == "bytes");
}

TEST_CASE("read-only cache: an environment is made of it without starting anything") {
  const TemporaryDirectory tmp;
  support::put_wheel(tmp / "wheels", {"pip", "99.0", {{"pip/__init__.py", "pass\n"}}});
  support::put_wheel(tmp / "wheels", {"setuptools", "99.0", {{"setuptools.py", "pass\n"}}});
  venv::Options options;
  options.python = fs::canonical("/usr/bin/python3").string();
  options.symlinks = options.with_pip = true;
  options.pip_wheel_dir = tmp / "wheels";
  options.cache_dir = tmp / "image";
  int started = 0;
  options.on_event = [&started](const venv::Event& event) {
    started += event.kind == venv::EventKind::command;
  };
  venv::create(tmp / "first", options);
  CHECK(started > 0);
  started = 0;
  options.cache_dir = tmp / "own";
  options.read_only_caches = {tmp / "image"};
  venv::create(tmp / "second", options);
  CHECK(started == 0);
  CHECK(fs::is_empty(tmp / "own"));
  CHECK(venv::Environment::open(tmp / "second").distributions().size() ==
        venv::Environment::open(tmp / "first").distributions().size());
}
