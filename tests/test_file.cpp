#include "system/file.hpp"

#include "support_files.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>

using namespace venv;
using namespace venv::detail;

TEST_CASE("file: a directory is locked by one at a time; the other hears by whom") {
  const support::TemporaryDirectory tmp;
  {
    const DirectoryLock first(tmp.path(), 0);
    CHECK(first.holds(tmp.path()));
    try {
      const DirectoryLock second(tmp.path(), 0);
      FAIL("two hold it");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::busy);
      CHECK(error.path() == tmp.path());
      CHECK(std::string(error.what()) ==
            quoted(tmp.path()) + " is being made by process " + std::to_string(::getpid()));
      CHECK(!error.hint().empty());
    }
  }
  CHECK(DirectoryLock(tmp.path(), 0).holds(tmp.path()));
}

TEST_CASE("file: a lock is waited for") {
  const support::TemporaryDirectory tmp;
  DirectoryLock first(tmp.path(), 0);
  std::thread other([&first] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    first = DirectoryLock();
  });
  CHECK(DirectoryLock(tmp.path(), 60).holds(tmp.path()));
  other.join();
}

TEST_CASE("file: a lock on a directory that was replaced holds it no more") {
  const support::TemporaryDirectory tmp;
  support::fs::create_directory(tmp / "env");
  const DirectoryLock lock(tmp / "env", 0);
  support::fs::rename(tmp / "env", tmp / "old"); // so that its number is not given again
  CHECK_FALSE(lock.holds(tmp / "env"));
  support::fs::create_directory(tmp / "env");
  CHECK_FALSE(lock.holds(tmp / "env"));
}
