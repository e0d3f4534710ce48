#include "create/wheel_packing.hpp"

#include "support_files.hpp"
#include "support_packages.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace venv::detail;
using support::TemporaryDirectory;
using support::TestWheel;

namespace {

/// A cache, and a wheel outside of it.
struct Place {
  Place() {
    options.cache_dir = tmp / "cache";
    TestWheel demo{"demo", "1.0"};
    for (int i = 0; i < 40; ++i)
      demo.files.push_back({"demo/part" + std::to_string(i) + ".py", std::string(999, 'x')});
    wheel = support::put_wheel(tmp / "wheels", demo);
  }
  Cache cache() const { return Cache(options); }
  std::unique_ptr<WheelPacking> packing() const {
    return std::make_unique<WheelPacking>(wheel, cache().begin("demo"));
  }
  std::size_t cached() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(tmp / "cache"), {}));
  }

  TemporaryDirectory tmp;
  venv::Options options;
  fs::path wheel;
};

} // namespace

TEST_CASE("wheel packing: begun early or not, the same is remembered") {
  const Place place;
  std::string packs[2];
  for (const bool is_early : {false, true}) {
    const auto packing = place.packing();
    if (is_early) packing->begin();
    packing->finish();
    packing->finish(); // again: nothing is left to do
    CHECK(packing->digest() == record_hash(support::get(place.wheel)));
    CHECK(packing->source("demo/part7.py") == std::string(999, 'x'));
    CHECK(packing->source("demo/none.py").empty());
    const Staging staging(place.tmp.path());
    REQUIRE(unpack_pack(packing->pack(), packing->index(), 16, false, staging));
    CHECK(support::get(staging.path() / "demo/part39.py") == std::string(999, 'x'));
    packing->keep(cache_name("demo", "key"), staging, place.cache());
    packs[is_early ? 1 : 0] = support::get(place.tmp / "cache" / cache_name("demo", "key"));
    CHECK(place.cached() == 1);
  }
  CHECK(packs[0] == packs[1]);
  CHECK(parse_pack(packs[0]));
}

TEST_CASE("wheel packing: what was compiled in its place is remembered with the rest") {
  const Place place;
  const auto packing = place.packing();
  packing->finish();
  const Staging staging(place.tmp.path());
  REQUIRE(unpack_pack(packing->pack(), packing->index(), 16, true, staging));
  const std::string code = "0123456789abcdef code";
  venv::Interpreter python;
  python.cache_tag = "x";
  PackFile compiled = bytecode_of(packing->index().files.back(), python);
  compiled.size = code.size();
  support::put(staging.path() / path_of(compiled.name), code);
  packing->index().files.push_back(compiled);
  packing->keep(cache_name("demo", "key"), staging, place.cache());
  const std::string pack = support::get(place.tmp / "cache" / cache_name("demo", "key"));
  const auto index = parse_pack(pack);
  REQUIRE(index);
  CHECK(pack_bytes(pack, index->files.back()) == code);
}

TEST_CASE("wheel packing: one that is not needed leaves nothing, at whatever moment") {
  const Place place;
  for (int i = 0; i < 20; ++i) {
    const auto packing = place.packing();
    packing->begin();
  }
  CHECK(place.cached() == 0);
}

TEST_CASE("wheel packing: a file that was replaced is another one") {
  const Place place;
  const auto packing = place.packing();
  CHECK(packing->is_of(place.wheel));
  CHECK_FALSE(packing->is_of(place.tmp / "wheels"));
  const std::string bytes = support::get(place.wheel);
  fs::remove(place.wheel);
  support::put(place.wheel, bytes + ' ');
  CHECK_FALSE(packing->is_of(place.wheel));
}

TEST_CASE("wheel packing: what is wrong in the thread is told when it is needed") {
  Place place;
  TestWheel other{"demo", "1.0", {{"demo/part.py", "x = 1\n"}}};
  other.change = [](std::string&, std::vector<support::ZipFile>& entries) {
    entries[0].content = "x = 2\n"; // not as RECORD says
  };
  place.wheel = support::put_wheel(place.tmp / "others", other);
  for (const bool is_early : {false, true}) {
    const auto packing = place.packing();
    if (is_early) packing->begin();
    try {
      packing->finish();
      FAIL("a damaged file was packed");
    } catch (const venv::Error& error) {
      CHECK(error.code() == venv::ErrorCode::bad_archive);
    }
  }
  CHECK(place.cached() == 0);
}

TEST_CASE("wheel packing: the wheel that a Python bundles is known by its place") {
  const TemporaryDirectory tmp;
  const fs::path bin = tmp / "bin", bundled = tmp / "lib/python3.13/ensurepip/_bundled";
  const fs::path python = support::put(bin / "python3.13", "");
  fs::create_symlink("python3.13", bin / "python3");
  CHECK(likely_wheel(tmp / "none").empty());
  CHECK(likely_wheel(bin / "python3").empty());
  const fs::path wheel = support::put(bundled / "pip-24.2-py3-none-any.whl", "");
  support::put(bundled / "setuptools-65.5.0-py3-none-any.whl", "");
  support::put(bundled / "__init__.py", "");
  CHECK(likely_wheel(bin / "python3") ==
        resolved(tmp.path())->append("lib/python3.13/ensurepip/_bundled") / wheel.filename());
  support::put(bundled / "pip-23.2-py3-none-any.whl", "");
  CHECK(likely_wheel(bin / "python3").empty()); // of several, another rule chooses
}

TEST_CASE("wheel packing: whether a version is remembered for any Python") {
  const Place place;
  const Cache cache = place.cache();
  CHECK_FALSE(cache.has_some("pip-24.2"));
  cache.remember(cache_name("pip-24.2", "a key"), [](NewFile& file) { file.write("x"); });
  CHECK(cache.has_some("pip-24.2"));
  CHECK_FALSE(cache.has_some("pip-24"));
  CHECK_FALSE(cache.has_some("pip-24.2.1"));
  venv::Options reader;
  reader.cache_dir = place.tmp / "own";
  reader.read_only_caches = {place.tmp / "cache"};
  CHECK(Cache(reader).has_some("pip-24.2"));
}
