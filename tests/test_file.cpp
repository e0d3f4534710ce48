#include "system/file.hpp"

#include "support_files.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

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
      // In a chroot without /proc nobody can say which process.
      const std::string who = ::access("/proc/locks", R_OK) == 0
                                  ? "process " + std::to_string(::getpid())
                                  : "another process";
      CHECK(std::string(error.what()) == quoted(tmp.path()) + " is being made by " + who);
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

TEST_CASE("file: what is no regular file is not read, and nobody waits for it") {
  const support::TemporaryDirectory tmp;
  REQUIRE(::mkfifo((tmp / "fifo\n").c_str(), 0600) == 0);
  for (const fs::path& path : {tmp / "fifo\n", fs::path("/dev/zero"), tmp.path(), tmp / "none"}) {
    CAPTURE(path);
    CHECK_THROWS_AS(read_file(path), Error);
  }
  const std::string shown = "cannot read '" + tmp.path().string() + "/fifo\\x0a': ";
  CHECK_THROWS_WITH_AS(read_file(tmp / "fifo\n"), (shown + "it is no regular file").c_str(), Error);
}
