#include "system/lock.hpp"

#include "support_files.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

using namespace venv;
using namespace venv::detail;

namespace {

/// Another process that holds the lock until this object goes.
class Holder {
public:
  explicit Holder(const fs::path& directory) {
    int ready[2] = {-1, -1};
    REQUIRE(::pipe(ready) == 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      const DirectoryLock lock(directory, 0);
      if (::write(ready[1], "!", 1) == 1)
        for (;;) ::pause();
      ::_exit(1);
    }
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    ::close(ready[0]);
    ::close(ready[1]);
  }
  ~Holder() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  pid_t pid() const { return pid_; }

private:
  pid_t pid_ = 0;
};

std::string refusal_of(const fs::path& directory) {
  try {
    const DirectoryLock second(directory, 0);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::busy);
    CHECK(error.path() == directory);
    CHECK(!error.hint().empty());
    return error.what();
  }
  return "two hold it";
}

} // namespace

TEST_CASE("lock: a directory is locked by one process at a time; the other hears by whom") {
  const support::TemporaryDirectory tmp;
  {
    const Holder first(tmp.path());
    CHECK(refusal_of(tmp.path()) ==
          quoted(tmp.path()) + " is being made by process " + std::to_string(first.pid()));
  }
  CHECK(DirectoryLock(tmp.path(), 0).holds(tmp.path())); // released by death
}

TEST_CASE(
    "lock: a thread hears at once that it waits for itself or for another one of its process") {
  const support::TemporaryDirectory tmp;
  const DirectoryLock first(tmp.path(), 0);
  try {
    const DirectoryLock second(tmp.path(), 60);
    FAIL("two hold it");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::busy);
    CHECK(std::string(error.what()).find("this very thread") != std::string::npos);
  }
  std::thread([&tmp] {
    std::string holder;
    LockWait wait;
    wait.limit = std::chrono::milliseconds(20);
    wait.on_wait = [&holder](const std::string& who) { holder = who; };
    CHECK_THROWS_AS(DirectoryLock(tmp.path(), wait), Error);
    CHECK(holder == "another thread of this process");
  }).join();
}

TEST_CASE("lock: it is waited for, until the caller wants to stop") {
  const support::TemporaryDirectory tmp;
  DirectoryLock first(tmp.path(), 0);
  std::thread([&tmp, &first] {
    LockWait wait;
    wait.limit = std::chrono::seconds(60);
    int asked = 0;
    wait.stop = StopRequest([&asked] { return ++asked == 3; });
    try {
      const DirectoryLock second(tmp.path(), wait);
      FAIL("two hold it");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::interrupted);
    }
    std::thread releasing([&first] {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      first = DirectoryLock();
    });
    CHECK(DirectoryLock(tmp.path(), 60).holds(tmp.path()));
    releasing.join();
  }).join();
}

TEST_CASE("lock: through a folder that is held it is the same lock") {
  const support::TemporaryDirectory tmp;
  const Folder folder(tmp.path());
  const DirectoryLock lock(folder, LockWait());
  CHECK(lock.holds(tmp.path()));
  std::thread([&tmp] { CHECK_THROWS_AS(DirectoryLock(tmp.path(), 0), Error); }).join();
}

TEST_CASE("lock: a lock on a directory that was replaced holds it no more") {
  const support::TemporaryDirectory tmp;
  support::fs::create_directory(tmp / "env");
  const DirectoryLock lock(tmp / "env", 0);
  support::fs::rename(tmp / "env", tmp / "old"); // so that its number is not given again
  CHECK_FALSE(lock.holds(tmp / "env"));
  support::fs::create_directory(tmp / "env");
  CHECK_FALSE(lock.holds(tmp / "env"));
}
