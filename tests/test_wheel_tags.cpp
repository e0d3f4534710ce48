#include "python/remembered_probe.hpp"
#include "python/wheel_tags.hpp"

#include "support_files.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

using namespace venv::detail;

TEST_CASE("wheel tags: what a Python says is asked once and remembered") {
  const support::TemporaryDirectory tmp;
  venv::Options options;
  options.cache_dir = tmp / "cache";
  const Cache cache(options);
  const ProbeOptions asking = probe_options(options, StopRequest());
  const venv::Interpreter python = RememberedProbe(cache, asking)(support::any_python);
  const std::vector<Tag> tags = tags_of(python, cache, asking);
  const std::string cp =
      "cp" + std::to_string(python.version[0]) + std::to_string(python.version[1]);
  REQUIRE(tags.size() > 100);
  CHECK(tags[0].python == cp);
  CHECK(tags[0].abi.compare(0, cp.size(), cp) == 0);
  CHECK(std::count(tags.begin(), tags.end(), Tag{"py3", "none", "any"}) == 1);
  ProbeOptions hurried = asking;
  hurried.stop = StopRequest([] { return true; }); // a second run would be stopped
  CHECK(tags_of(python, cache, hurried) == tags);
  venv::Interpreter other = python;
  other.base_executable = "/bin/false";
  CHECK_THROWS_AS((void)tags_of(other, cache, asking), venv::Error);
}

TEST_CASE("wheel tags: an answer that isn't whole is none") {
  const std::string begin("\0venv.hpp tags 1\0", 17), end("\0end\0", 5);
  std::string fields = "cpython";
  for (std::size_t i = 1; i < tag_facts_count; ++i) fields += '\0';
  CHECK(tag_fields_in("noise" + begin + fields + end + "noise").has_value());
  CHECK_FALSE(tag_fields_in(begin + fields).has_value());
  CHECK_FALSE(tag_fields_in(begin + fields + '\0' + end).has_value());
  CHECK_FALSE(tag_fields_in(begin + "x" + end).has_value());
  CHECK_FALSE(tag_fields_in(end + begin).has_value());
  CHECK_FALSE(tag_fields_in("").has_value());
}
