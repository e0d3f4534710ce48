#include "api/error.hpp"
#include "base/error.hpp"
#include "system/path.hpp"

#include <doctest/doctest.h>

#include <system_error>
#include <thread>
#include <type_traits>
#include <utility>

using venv::Error;
using venv::ErrorCode;

TEST_CASE("Error: says nothing that nobody told it") {
  const Error error(ErrorCode::busy, "too many");
  CHECK(error.code() == ErrorCode::busy);
  CHECK(error.what() == std::string("too many"));
  CHECK((error.step().empty() && error.path().empty() && error.hint().empty()));
  CHECK(error.output().empty());
  CHECK(!error.system_error());
  CHECK(!error.exit_code());
}

TEST_CASE("Error: a copy shares the detail, and stays as it is when the other is given more") {
  static_assert(std::is_nothrow_copy_constructible_v<Error> &&
                std::is_nothrow_copy_assignable_v<Error>);
  static_assert(std::is_nothrow_move_constructible_v<Error> &&
                std::is_nothrow_move_assignable_v<Error>);
  static_assert(sizeof(Error) <= sizeof(std::runtime_error) + 3 * sizeof(void*));
  Error error(ErrorCode::io, "no");
  error.at("write 'a b'").on("ä").advise("Try again.").printed("one\ntwo").exited_with(3);
  const Error copy = error;
  CHECK(&copy.output() == &error.output());
  error.at("read").caused_by(std::make_error_code(std::errc::no_space_on_device));
  CHECK(copy.step() == "write 'a b'");
  CHECK(!copy.system_error());
  CHECK(error.step() == "read");
  CHECK(error.system_error() == std::errc::no_space_on_device);
  for (const Error& each : {error, copy}) {
    CHECK(each.path() == "ä");
    CHECK(each.hint() == "Try again.");
    CHECK(each.output() == "one\ntwo");
    CHECK(each.exit_code() == 3);
  }
}

TEST_CASE("Error: what was moved from can still be asked") {
  Error error(ErrorCode::io, "no");
  error.advise("Try again.");
  const Error moved = std::move(error);
  CHECK(error.hint() == "Try again."); // NOLINT(bugprone-use-after-move): that is the point
  CHECK(moved.hint() == "Try again.");
}

TEST_CASE("Error: is copied and extended by two threads at once") {
  const Error error = Error(ErrorCode::io, "no").at("begin");
  const auto extend = [&error](const char* step) {
    for (int i = 0; i < 1000; ++i) {
      Error mine = error;
      mine.at(step);
      if (mine.step() != step) throw mine;
    }
  };
  std::thread other(extend, "one");
  extend("two");
  other.join();
  CHECK(error.step() == "begin");
}

TEST_CASE("Error: a system call's carries the system's reason") {
  const Error error =
      venv::detail::io_error("open", "it's", std::make_error_code(std::errc::permission_denied));
  CHECK(error.system_error() == std::errc::permission_denied);
  CHECK(error.step() == "open");
  CHECK(error.path() == "it's");
  CHECK(!error.exit_code());
}
