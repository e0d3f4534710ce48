#include "cache/cache.hpp"

#include "support_files.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

using namespace venv::detail;
using support::TemporaryDirectory;
using support::Variable;

namespace {

venv::Options in(const fs::path& dir) {
  venv::Options options;
  options.cache_dir = dir;
  return options;
}

void remember(const Cache& cache, const std::string& name, const std::string& bytes) {
  cache.remember(name, [&](NewFile& file) { file.write(bytes); });
}

/// The bytes remembered under `name`, or "nothing".
std::string found(const Cache& cache, const std::string& name) {
  return cache.find(name).value_or("nothing");
}

std::vector<std::string> listed_names(const fs::path& dir) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(dir))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

void set_age(const fs::path& path, int hours) {
  fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::hours(hours));
}

} // namespace

TEST_CASE("cache: finds what was remembered, in a folder and files for this user alone") {
  const TemporaryDirectory tmp;
  const std::string name = cache_name("thing-1.0", "key");
  const Cache cache(in(tmp / "a" / "b"));
  CHECK(found(cache, name) == "nothing");
  const mode_t umask_before = ::umask(0);
  remember(cache, name, "bytes");
  ::umask(umask_before);
  CHECK(found(cache, name) == "bytes");
  CHECK(found(Cache(in(tmp / "a" / "b")), name) == "bytes");
  CHECK(status_of(tmp / "a" / "b").mode == 0700);
  CHECK(status_of(tmp / "a" / "b" / name).mode == 0600);
  remember(cache, name, "other bytes");
  CHECK(found(cache, name) == "other bytes");
  CHECK(listed_names(tmp / "a" / "b") == std::vector<std::string>{name});
  cache.forget(name);
  CHECK(found(cache, name) == "nothing");
}

TEST_CASE("cache: none where it is switched off") {
  const TemporaryDirectory tmp;
  venv::Options options = in(tmp / "cache");
  options.cache = false;
  remember(Cache(options), cache_name("thing", ""), "bytes");
  remember(Cache(), cache_name("thing", ""), "bytes");
  CHECK(fs::is_empty(tmp.path()));
}

TEST_CASE("cache: lies where the environment says") {
  const TemporaryDirectory tmp;
  const std::string home = tmp.path().string(), xdg = (tmp / "xdg").string(),
                    none = (tmp / "none").string();
  const struct {
    const char *xdg, *home;
    fs::path expected;
  } rows[] = {
      {nullptr, home.c_str(), tmp / ".cache" / "venv.hpp"},
      {"", home.c_str(), tmp / ".cache" / "venv.hpp"},
      {xdg.c_str(), home.c_str(), tmp / "xdg" / "venv.hpp"},
      {xdg.c_str(), nullptr, tmp / "xdg" / "venv.hpp"},
      {"relative", home.c_str(), tmp / ".cache" / "venv.hpp"},
      {"../relative", nullptr, {}},
      {nullptr, nullptr, {}},
      {nullptr, "", {}},
      {nullptr, "relative", {}},
      {nullptr, none.c_str(), {}}, // a home directory that isn't there is not made
  };
  for (const auto& row : rows) {
    const Variable first("XDG_CACHE_HOME", row.xdg), second("HOME", row.home);
    CAPTURE(row.expected);
    CHECK(default_cache_dir() == row.expected);
  }
}

TEST_CASE("cache: what others could have written is not looked at") {
  const std::string name = cache_name("thing", "key");
  const TemporaryDirectory tmp;
  const fs::path dir = tmp / "one" / "two" / "cache", file = dir / name;
  const auto opened = [&] { return Cache(in(dir)); };
  remember(opened(), name, "bytes");
  REQUIRE(found(opened(), name) == "bytes");
  for (const fs::path& level : {file, dir, tmp / "one" / "two", tmp / "one", tmp.path()})
    for (const mode_t writable : {0020u, 0002u, 0022u}) {
      CAPTURE(level);
      CAPTURE(writable);
      const std::uint32_t mode = status_of(level).mode;
      REQUIRE(::chmod(level.c_str(), mode | writable) == 0);
      CHECK(found(opened(), name) == "nothing");
      REQUIRE(::chmod(level.c_str(), mode) == 0);
      CHECK(found(opened(), name) == "bytes");
    }
  if (support::have_root())
    for (const fs::path& level : {file, dir, tmp / "one" / "two", tmp / "one", tmp.path()}) {
      CAPTURE(level);
      REQUIRE(::chown(level.c_str(), 65534, 65534) == 0);
      CHECK(found(opened(), name) == "nothing");
      REQUIRE(::chown(level.c_str(), 0, 0) == 0);
      CHECK(found(opened(), name) == "bytes");
    }
}

TEST_CASE("cache: a folder above that others may write, but not each other's things in, is fine") {
  const std::string name = cache_name("thing", "key");
  const TemporaryDirectory tmp;
  REQUIRE(::chmod(tmp.path().c_str(), 01777) == 0);
  remember(Cache(in(tmp / "cache")), name, "bytes");
  CHECK(found(Cache(in(tmp / "cache")), name) == "bytes");
  REQUIRE(::chmod((tmp / "cache").c_str(), 01777) == 0); // but not the folder itself
  CHECK(found(Cache(in(tmp / "cache")), name) == "nothing");
}

TEST_CASE("cache: what is no file is never read, and replaced") {
  const std::string name = cache_name("thing", "key");
  const TemporaryDirectory tmp;
  const Cache cache(in(tmp / "cache"));
  support::put(tmp / "elsewhere", "bytes");
  ::chmod((tmp / "elsewhere").c_str(), 0600);
  const fs::path file = tmp / "cache" / name;
  const std::pair<const char*, std::function<void()>> rows[] = {
      {"a link", [&] { fs::create_symlink(tmp / "elsewhere", file); }},
      {"a link to nothing", [&] { fs::create_symlink(tmp / "nothing", file); }},
      {"a folder", [&] { support::put(file / "in" / "it", "x"); }},
      {"a FIFO", [&] { REQUIRE(::mkfifo(file.c_str(), 0600) == 0); }},
  };
  for (const auto& row : rows) {
    const char* const what = row.first;
    CAPTURE(what);
    fs::remove_all(file);
    row.second();
    CHECK(found(cache, name) == "nothing");
    remember(cache, name, "new");
    CHECK(found(cache, name) == "new");
    CHECK(fs::is_regular_file(fs::symlink_status(file)));
  }
  CHECK(support::get(tmp / "elsewhere") == "bytes");
  CHECK_FALSE(fs::exists(tmp / "nothing"));
}

TEST_CASE("cache: a folder that is something else is no folder") {
  const std::string name = cache_name("thing", "key");
  const TemporaryDirectory tmp;
  support::put(tmp / "file", "bytes");
  remember(Cache(in(tmp / "file")), name, "x");
  CHECK(support::get(tmp / "file") == "bytes");
  fs::create_symlink(tmp / "nothing", tmp / "dangling");
  remember(Cache(in(tmp / "dangling")), name, "x");
  CHECK_FALSE(fs::exists(tmp / "nothing"));
  fs::create_directory_symlink("loop", tmp / "loop");
  remember(Cache(in(tmp / "loop")), name, "x");
}

TEST_CASE("cache: a link to a folder counts if only this user can change it") {
  if (!support::have_root()) return;
  const std::string name = cache_name("thing", "key");
  const TemporaryDirectory tmp;
  fs::create_directories(tmp / "real");
  fs::create_directory_symlink(tmp / "real", tmp / "link");
  remember(Cache(in(tmp / "link")), name, "bytes");
  CHECK(found(Cache(in(tmp / "link")), name) == "bytes");
  CHECK(found(Cache(in(tmp / "real")), name) == "bytes");
  // What another one may lead elsewhere tomorrow is not followed today.
  REQUIRE(::lchown((tmp / "link").c_str(), 65534, 65534) == 0);
  CHECK(found(Cache(in(tmp / "link")), name) == "nothing");
  fs::create_directories(tmp / "others");
  fs::create_directory_symlink(tmp / "real", tmp / "others" / "link");
  CHECK(found(Cache(in(tmp / "others" / "link")), name) == "bytes");
  REQUIRE(::chown((tmp / "others").c_str(), 65534, 65534) == 0);
  CHECK(found(Cache(in(tmp / "others" / "link")), name) == "nothing");
}

TEST_CASE("cache: nothing is made in another user's directory") {
  if (!support::have_root()) return;
  const TemporaryDirectory tmp;
  fs::create_directories(tmp / "home");
  REQUIRE(::chown((tmp / "home").c_str(), 65534, 65534) == 0);
  remember(Cache(in(tmp / "home" / ".cache" / "venv.hpp")), cache_name("thing", "key"), "bytes");
  CHECK(fs::is_empty(tmp / "home"));
}

TEST_CASE("cache: the oldest leave when it grows beyond its limit") {
  const TemporaryDirectory tmp;
  const Cache cache(in(tmp / "cache"), 1000);
  const auto name = [](int i) { return cache_name("thing", std::to_string(i)); };
  for (int i = 0; i < 4; ++i) {
    remember(cache, name(i), std::string(250, 'x'));
    set_age(tmp / "cache" / name(i), 10 - i);
  }
  CHECK(listed_names(tmp / "cache").size() == 4);
  CHECK(found(cache, name(0)) != "nothing"); // used just now: no longer the oldest
  remember(cache, name(4), std::string(300, 'x'));
  CHECK(found(cache, name(1)) == "nothing");
  CHECK(found(cache, name(2)) == "nothing");
  for (const int i : {0, 3, 4}) CHECK(found(cache, name(i)) != "nothing");
  // A file's own time comes from a coarser clock than that of its use: set both apart.
  for (const int i : {0, 3, 4}) set_age(tmp / "cache" / name(i), 10);
  remember(cache, name(5), std::string(1001, 'x')); // more than there is room for
  CHECK(listed_names(tmp / "cache").empty());
}

TEST_CASE("cache: a use is noted at most once an hour") {
  const TemporaryDirectory tmp;
  const Cache cache(in(tmp / "cache"));
  const std::string name = cache_name("thing", "key");
  remember(cache, name, "bytes");
  const auto written = fs::last_write_time(tmp / "cache" / name) - std::chrono::minutes(50);
  fs::last_write_time(tmp / "cache" / name, written);
  CHECK(found(cache, name) == "bytes");
  CHECK(fs::last_write_time(tmp / "cache" / name) == written);
  set_age(tmp / "cache" / name, 2);
  CHECK(found(cache, name) == "bytes");
  CHECK(fs::last_write_time(tmp / "cache" / name) > written);
}

TEST_CASE("cache: what is too large for an answer is none") {
  const TemporaryDirectory tmp;
  const Cache cache(in(tmp / "cache"));
  const std::string name = cache_name("thing", "key");
  remember(cache, name, std::string(largest_in_memory, 'x'));
  CHECK(found(cache, name).size() == largest_in_memory);
  remember(cache, name, std::string(largest_in_memory + 1, 'x'));
  CHECK(found(cache, name) == "nothing");
}

TEST_CASE("cache: a directory is filled once, and is there whole or not at all") {
  const TemporaryDirectory tmp;
  const Cache cache(in(tmp / "cache"));
  const std::string name = cache_name("thing-files", "key");
  int filled = 0;
  const auto fill = [&filled](const fs::path& directory) {
    ++filled;
    write_file(directory / "one", "bytes");
  };
  const auto refuse = [&](const fs::path& directory) {
    fill(directory);
    throw venv::Error(venv::ErrorCode::io, "no");
  };
  CHECK(cache.directory(name, refuse).path.empty());
  CHECK(fs::is_empty(tmp / "cache"));
  for (int i = 0; i < 2; ++i) {
    const RememberedDirectory found = cache.directory(name, fill);
    CHECK(found.path == tmp / "cache" / name);
    CHECK_FALSE(found.is_rested);
    CHECK(read_file(found.path / "one") == "bytes");
  }
  CHECK(filled == 2);
  set_age(tmp / "cache" / name, 2);
  CHECK(cache.directory(name, refuse).is_rested);
  CHECK_FALSE(cache.directory(name, refuse).is_rested);
  venv::Options off;
  off.cache = false;
  CHECK(Cache(off).directory(name, fill).path.empty());
}

TEST_CASE("cache: directories count, and the oldest leave, but for those that are kept") {
  const TemporaryDirectory tmp;
  const Cache cache(in(tmp / "cache"), 9000); // a directory itself has some bytes, too
  const auto fill = [](const fs::path& directory) {
    write_file(directory / "one", std::string(3000, 'x'));
  };
  const std::string old = cache_name("old-files", "key"), kept = cache_name("old", "key") + ".kept";
  const std::string left = cache_name("left", "key") + ".venv.hpp-1-2-3";
  cache.directory(old, fill);
  cache.directory(kept, fill);
  fs::create_directories(tmp / "cache" / left / "inner");
  for (const std::string& name : {old, kept, left}) set_age(tmp / "cache" / name, 10);
  remember(cache, cache_name("thing", "1"), "bytes");
  CHECK(listed_names(tmp / "cache") ==
        std::vector<std::string>{kept, old, cache_name("thing", "1")});
  remember(cache, cache_name("thing", "2"), std::string(8000, 'x'));
  CHECK(listed_names(tmp / "cache") ==
        std::vector<std::string>{kept, cache_name("thing", "1"), cache_name("thing", "2")});
}

TEST_CASE("cache: somebody's own files in its folder are neither counted nor removed") {
  const TemporaryDirectory tmp;
  const std::vector<std::string> own = {"README",
                                        "big-file",
                                        "notes-0123",
                                        "thing-0123456789abcdeX",
                                        "-0123456789abcdef",
                                        "0123456789abcdef",
                                        "mine.venv.hpp-1-1"};
  for (const std::string& name : own) {
    support::put(tmp / "cache" / name, std::string(5000, 'x'));
    set_age(tmp / "cache" / name, 1000);
  }
  const Cache cache(in(tmp / "cache"), 1000);
  remember(cache, cache_name("thing", "key"), std::string(900, 'x'));
  CHECK(found(cache, cache_name("thing", "key")) != "nothing");
  for (const std::string& name : own) CHECK(fs::exists(tmp / "cache" / name));
}

TEST_CASE("cache: what a killed process was writing goes, once nobody can be writing it") {
  const TemporaryDirectory tmp;
  const std::string name = cache_name("thing", "key");
  const Cache cache(in(tmp / "cache"));
  const fs::path old = support::put(tmp / "cache" / (name + ".venv.hpp-123-0"), "half");
  const fs::path fresh = support::put(tmp / "cache" / (name + ".venv.hpp-124-7"), "half");
  set_age(old, 2);
  remember(cache, name, "whole");
  CHECK_FALSE(fs::exists(old));
  CHECK(fs::exists(fresh));
  CHECK(found(cache, name) == "whole");
}

TEST_CASE("cache: a writer that fails leaves what was there, and nothing else") {
  const TemporaryDirectory tmp;
  const std::string name = cache_name("thing", "key");
  const Cache cache(in(tmp / "cache"));
  remember(cache, name, "before");
  cache.remember(name, [](NewFile& file) {
    file.write("half");
    throw venv::Error(venv::ErrorCode::io, "a full disk");
  });
  CHECK(found(cache, name) == "before");
  CHECK(listed_names(tmp / "cache") == std::vector<std::string>{name});
}

TEST_CASE("cache: a file's identity changes with its time, its size and its place") {
  const TemporaryDirectory tmp;
  const fs::path file = support::put(tmp / "file", "bytes");
  const auto identity = [&] { return identity_of(followed_status_of(file)); };
  const std::string before = identity();
  CHECK(identity() == before);
  set_age(file, 1);
  const std::string older = identity();
  CHECK(older != before);
  support::put(file, "more bytes");
  const std::string longer = identity();
  CHECK(longer != older);
  fs::copy_file(file, tmp / "copy");
  fs::last_write_time(tmp / "copy", fs::last_write_time(file));
  fs::rename(tmp / "copy", file);
  CHECK(identity() != longer);
  fs::remove(file);
  CHECK(identity() == identity_of(FileStatus{}));
}
