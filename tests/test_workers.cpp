#include "system/workers.hpp"
#include "system/stop.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace venv::detail;

TEST_CASE("workers: each piece of work is done once, whatever their number") {
  for (const std::size_t workers : {0u, 1u, 2u, 4u, 100u})
    for (const std::size_t count : {0u, 1u, 3u, 1000u}) {
      CAPTURE(workers);
      CAPTURE(count);
      std::vector<std::atomic<int>> done(count);
      in_parallel(count, workers, [&](std::size_t i) { ++done.at(i); });
      for (const auto& times : done) CHECK(times == 1);
    }
}

TEST_CASE("workers: one works in this thread and in order") {
  std::vector<std::size_t> order;
  std::set<std::thread::id> threads;
  in_parallel(5, 1, [&](std::size_t i) {
    order.push_back(i);
    threads.insert(std::this_thread::get_id());
  });
  CHECK(order == std::vector<std::size_t>{0, 1, 2, 3, 4});
  CHECK(threads == std::set<std::thread::id>{std::this_thread::get_id()});
}

TEST_CASE("workers: several really work at once") {
  // Each waits for the other: alone, neither would come to an end.
  std::atomic<int> here{0};
  in_parallel(2, 2, [&](std::size_t) {
    ++here;
    while (here < 2) std::this_thread::yield();
  });
  CHECK(here == 2);
}

TEST_CASE("workers: an exception ends the work and is thrown again, one of them where there are "
          "several") {
  for (const std::size_t workers : {1u, 4u}) {
    CAPTURE(workers);
    std::atomic<std::size_t> started{0};
    CHECK_THROWS_WITH_AS(in_parallel(100000, workers,
                                     [&](std::size_t i) {
                                       ++started;
                                       if (i >= 3) throw std::runtime_error("bad");
                                     }),
                         "bad", std::runtime_error);
    CHECK(started < 100000);
  }
}

TEST_CASE("workers: there is at least one processor") { CHECK(processors() >= 1); }

#if defined(__linux__)
TEST_CASE("workers: only the processors that the process may use are counted") {
  cpu_set_t all, one;
  REQUIRE(sched_getaffinity(0, sizeof(all), &all) == 0);
  CHECK(processors() == static_cast<std::size_t>(CPU_COUNT(&all)));
  int first = 0;
  while (!CPU_ISSET(first, &all)) ++first;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  REQUIRE(sched_setaffinity(0, sizeof(one), &one) == 0);
  CHECK(processors() == 1);
  CHECK(sched_setaffinity(0, sizeof(all), &all) == 0);
}
#endif

TEST_CASE("workers: a request to stop is asked on this thread alone, and heard by the others") {
  // The others never end by themselves, and this one has nothing left to do.
  const std::thread::id here = std::this_thread::get_id();
  std::atomic<int> started{0}, asked{0}, elsewhere{0};
  const StopRequest stop([&] {
    if (std::this_thread::get_id() != here) ++elsewhere;
    return ++asked > 1;
  });
  CHECK_THROWS_AS(in_parallel(
                      3, 3,
                      [&](std::size_t) {
                        const bool is_here = std::this_thread::get_id() == here;
                        started += !is_here;
                        while (!is_here || started < 2) {
                          if (!is_here) stop.throw_if_made();
                          std::this_thread::yield();
                        }
                      },
                      stop),
                  venv::Error);
  CHECK(elsewhere == 0);
  const int before = asked;
  CHECK(stop.is_made()); // it isn't asked again
  CHECK(asked == before);
}
