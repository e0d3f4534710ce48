#include "package/tags.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using namespace venv::detail;

TagFacts linux_facts() {
  TagFacts facts;
  facts.version = {3, 12};
  facts.platform = "linux-x86_64";
  facts.glibc = {2, 36};
  return facts;
}

WheelName wheel(const std::string& name) { return parse_wheel_name(name).value(); }

bool has(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

} // namespace

TEST_CASE("tags: the fittest come first") {
  const std::vector<Tag> tags = supported_tags(linux_facts());
  CHECK(tag_text(tags.front()) == "cp312-cp312-linux_x86_64");
  CHECK(tag_text(tags[1]) == "cp312-cp312-manylinux_2_36_x86_64");
  CHECK(tag_text(tags.back()) == "py30-none-any");
  const auto rank = [&tags](const std::string& name) { return tag_rank(wheel(name), tags); };
  const char* const ordered[] = {
      "a-1-cp312-cp312-linux_x86_64.whl",
      "a-1-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
      "a-1-cp312-cp312-manylinux1_x86_64.whl",
      "a-1-cp312-abi3-manylinux1_x86_64.whl",
      "a-1-cp312-none-manylinux1_x86_64.whl",
      "a-1-cp37-abi3-manylinux1_x86_64.whl",
      "a-1-py3-none-manylinux1_x86_64.whl",
      "a-1-cp312-none-any.whl",
      "a-1-py2.py3-none-any.whl",
      "a-1-py38-none-any.whl",
  };
  for (std::size_t i = 0; i < std::size(ordered); ++i) {
    CAPTURE(ordered[i]);
    REQUIRE(rank(ordered[i]));
    if (i > 0) CHECK(*rank(ordered[i - 1]) < *rank(ordered[i]));
  }
  for (const char* other :
       {"a-1-cp313-cp313-linux_x86_64.whl", "a-1-cp312-cp312-win_amd64.whl", "a-1-py2-none-any.whl",
        "a-1-cp312-cp312-manylinux_2_37_x86_64.whl", "a-1-cp312-cp312-musllinux_1_1_x86_64.whl",
        "a-1-cp313-abi3-linux_x86_64.whl", "a-1-cp312-cp312t-linux_x86_64.whl"}) {
    CAPTURE(other);
    CHECK_FALSE(rank(other));
  }
}

TEST_CASE("tags: a free-threaded Python takes no abi3") {
  TagFacts facts = linux_facts();
  facts.version = {3, 14};
  facts.free_threaded = true;
  const std::vector<Tag> tags = supported_tags(facts);
  CHECK(tag_rank(wheel("a-1-cp314-cp314t-linux_x86_64.whl"), tags));
  CHECK(tag_rank(wheel("a-1-cp313-abi3t-linux_x86_64.whl"), tags));
  CHECK_FALSE(tag_rank(wheel("a-1-cp314-cp314-linux_x86_64.whl"), tags));
  CHECK_FALSE(tag_rank(wheel("a-1-cp313-abi3-linux_x86_64.whl"), tags));
}

TEST_CASE("tags: platforms of other systems") {
  TagFacts facts;
  facts.platform = "macosx-11.0-arm64";
  facts.mac = {14, 2};
  facts.mac_machine = "arm64";
  const std::vector<std::string> mac = platforms_of(facts);
  CHECK(mac.front() == "macosx_14_0_arm64");
  CHECK(has(mac, "macosx_11_0_universal2"));
  CHECK(has(mac, "macosx_10_9_universal2"));
  CHECK_FALSE(has(mac, "macosx_10_9_x86_64"));
  facts.platform = "win-amd64";
  CHECK(platforms_of(facts) == std::vector<std::string>{"win_amd64"});
  facts.platform = "linux-aarch64";
  facts.musl = {1, 2};
  CHECK(platforms_of(facts) == std::vector<std::string>{"linux_aarch64", "musllinux_1_2_aarch64",
                                                        "musllinux_1_1_aarch64",
                                                        "musllinux_1_0_aarch64"});
}

TEST_CASE("tags: the newer version, then the fitter tag, then the later build is better") {
  const auto better = [](const char* a, std::size_t rank_of_a, const char* b,
                         std::size_t rank_of_b) {
    return is_better_wheel(wheel(a), rank_of_a, wheel(b), rank_of_b);
  };
  CHECK(better("a-1.1-py3-none-any.whl", 9, "a-1.0-cp312-cp312-linux_x86_64.whl", 0));
  CHECK(better("a-1.0-cp312-cp312-linux_x86_64.whl", 0, "a-1.0.0-py3-none-any.whl", 9));
  CHECK(better("a-1.0-2-py3-none-any.whl", 9, "a-1.0-1-py3-none-any.whl", 9));
  CHECK_FALSE(better("a-1.0-py3-none-any.whl", 9, "a-1.0-py3-none-any.whl", 9));
}

TEST_CASE("wheel names: have tags that are tags") {
  for (const char* name :
       {"a-1.0-py3.-none-any.whl", "a-1.0-.py3-none-any.whl", "a-1.0-3-none-any.whl",
        "a-1.0-py3-none.-any.whl", "a-1.0-py3-none-any..x.whl", "a__b-1.0-py3-none-any.whl"}) {
    CAPTURE(name);
    CHECK_FALSE(parse_wheel_name(name));
  }
}
