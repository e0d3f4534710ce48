#include "python/discovery.hpp"
#include "text/layout.hpp"

#include "support_interpreters.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace venv::detail;
using support::Fixture;

TEST_CASE("layouts of Pythons: what their own venv makes") {
  for (const Fixture& fixture : support::fixtures()) {
    CAPTURE(fixture.name);
    const Layout layout = layout_of(support::key_of(fixture));
    CHECK(layout.executable == fixture.executable);
    CHECK(layout.include == fixture.include);
    CHECK(layout.purelib == fixture.purelib);
    CHECK(layout.platlib == fixture.platlib);
    CHECK(layout.lib64 == fixture.lib64);
    CHECK(layout.aliases == fixture.aliases);
  }
}

TEST_CASE("layouts of Pythons: a stand-in's answer is read as what it stands for") {
  const support::TemporaryDirectory tmp;
  int number = 0;
  for (const Fixture& fixture : support::fixtures()) {
    CAPTURE(fixture.name);
    const fs::path path = tmp / std::to_string(++number) / fixture.executable;
    support::stand_in(path, fixture.python);
    const venv::Interpreter said = to_interpreter(ask(path));
    const venv::Interpreter& meant = fixture.python;
    CHECK(said.executable == path);
    CHECK(said.real_executable == path);
    CHECK(said.version == meant.version);
    CHECK(said.prerelease == meant.prerelease);
    CHECK(said.implementation == meant.implementation);
    CHECK(said.implementation_version == meant.implementation_version);
    CHECK(said.cache_tag == meant.cache_tag);
    CHECK(said.platform == meant.platform);
    CHECK(said.os_name == meant.os_name);
    CHECK(said.machine == meant.machine);
    CHECK(said.stdlib == meant.stdlib);
    CHECK(said.platlibdir == meant.platlibdir);
    CHECK(said.filesystem_encoding == meant.filesystem_encoding);
    CHECK(said.wheel_pkg_dir == meant.wheel_pkg_dir);
    CHECK(said.magic == meant.magic);
    CHECK(said.free_threaded == meant.free_threaded);
    CHECK(said.debug == meant.debug);
  }
}

TEST_CASE("layouts of Pythons: how each is described") {
  std::string all;
  for (const Fixture& fixture : support::fixtures()) all += describe(fixture.python) + '\n';
  for (const char* text :
       {"CPython 3.11.2\n", "CPython 3.15.0b1\n", "GraalPy 3.11.7\n", "PyPy 3.9.16\n",
        "CPython 3.13.1t\n", "CPython 3.12.8, a debug build\n"}) {
    CAPTURE(text);
    CHECK(all.find(text) != std::string::npos);
  }
}
