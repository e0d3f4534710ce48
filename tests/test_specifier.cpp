#include "package/specifier.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using namespace venv::detail;

PackageVersion version(const std::string& text) { return parse_package_version(text).value(); }

} // namespace

TEST_CASE("package version: has a normal form") {
  const char* const rows[][2] = {
      {"1.0", "1.0"},
      {"1.0.0", "1.0.0"},
      {"V1", "1"},
      {"01.002", "1.2"},
      {"1.0-ALPHA_1", "1.0a1"},
      {"1.0c", "1.0rc0"},
      {"1.0a.", "1.0a0"},
      {"1.0a--1", "1.0a0.post1"},
      {"1.0-5", "1.0.post5"},
      {"1.0rev.2.DEV", "1.0.post2.dev0"},
      {"0!1.0", "1.0"},
      {"2!1.0", "2!1.0"},
      {"1.0+Ubuntu-01_b", "1.0+ubuntu.1.b"},
      {"1.0+123456789012345678901234567890", "1.0+123456789012345678901234567890"},
      {"1.000000000000000000000000001", "1.1"},
      {"999999999999999999", "999999999999999999"},
  };
  for (const auto& row : rows) {
    CAPTURE(row[0]);
    REQUIRE(parse_package_version(row[0]));
    CHECK(version_text(version(row[0])) == row[1]);
    CHECK((version(row[1]) == version(row[0])));
  }
  CHECK_FALSE(parse_package_version("1000000000000000000")); // 19 digits
}

TEST_CASE("package version: is a pre-release or is none") {
  for (const char* text : {"1.0a1", "1.0b1", "1.0rc1", "1.0.dev1", "1.0.post1.dev1"})
    CHECK(version(text).is_prerelease());
  for (const char* text : {"1.0", "1.0.post1", "1.0+dev1"})
    CHECK_FALSE(version(text).is_prerelease());
}

TEST_CASE("specifier: allows by the rules that packaging has") {
  struct Row {
    const char *specifier, *version;
    bool allowed;
  };
  const Row rows[] = {
      {">1.0", "1.0.post1", false},
      {">1.0", "1.0+local", false},
      {">1.0", "1.1.dev0", true},
      {">1.0.post1", "1.0.post2.dev0", true},
      {">1.0.post1", "1.0.post1+local", false},
      {">1.0a1", "1.0a1.post1", false},
      {">1.0a1", "1.0a2.dev0", true},
      {">1.0.dev1", "1.0.dev2", true},
      {"<1.0", "1.0a1", false},
      {"<1.0", "0.9+local", true},
      {"<1.0rc1", "1.0b1", true},
      {"<1.0.post1", "1.0", true},
      {"<1.0.post1", "1.0.post1.dev1", false},
      {"<=1.0", "1.0+local", true},
      {">=1.0", "1.0+local", true},
      {"==1.0", "1.0+local", true},
      {"==1.0+local", "1.0", false},
      {"==1.0+local.1", "1.0+LOCAL-01", true},
      {"!=1.0", "1.0+local", false},
      {"==1.0.*", "1.0a1", true},
      {"==1.0.*", "1", true},
      {"==1.0.*", "1.0.9.post1", true},
      {"==1.*", "1!1.0", false},
      {"==1!1.*", "1!1.5", true},
      {"!=1.0.*", "1.0.1", false},
      {"~=1.4.5", "1.4.9", true},
      {"~=1.4.5", "1.5", false},
      {"~=1.4.5a4", "1.4.5a4", true},
      {"~=1.4.5a4", "1.4.5a3", false},
      {"===1.0", "1.0", true},
      {"===1.0", "1.0.0", false},
      {"===1.0.POST1", "1.0.post1", true},
      {">=1,<2,!=1.5,", "1.4", true},
      {">=1,<2,!=1.5,", "1.5", false},
      {",", "1.0", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.specifier);
    CAPTURE(row.version);
    CHECK(specifier_allows(row.specifier, version(row.version)) == row.allowed);
  }
}

TEST_CASE("specifier: what is none is told apart") {
  for (const char* text : {"1.0",       "=1.0",     "=>1.0",       ">",          ">= banana",
                           ">=1.*",     "~=1",      "~=1.0+local", ">1.0+local", "==1.0a1.*",
                           "==1.0+l.*", "==1.0 .*", "==1.0.*.*",   "===",        "=== a b",
                           "===a;b",    ">=1 <2",   ">=1,banana",  "==1.0,,=",   "==.*"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_specifier(text));
  }
  CHECK(specifier_text(parse_specifier(" >= 1.0 ,  === any,thing ").value_or(VersionSpecifier{}))
            .empty()); // "thing" is no clause
  CHECK(specifier_text(parse_specifier(" >= 1.0 ,< 2.* , ").value_or(VersionSpecifier{})).empty());
  CHECK(specifier_text(*parse_specifier(" >= 1.0 ,!= 2.* , ")) == ">=1.0,!=2.*");
}

TEST_CASE("specifier: chooses pre-releases when it names one, or when there is nothing else") {
  struct Row {
    const char* specifier;
    std::vector<std::size_t> chosen;
  };
  const std::vector<PackageVersion> versions = {version("1.0"), version("2.0rc1"), version("1.1"),
                                                version("3.0.dev1")};
  const Row rows[] = {
      {"", {0, 2}},         {">=1.1", {2}}, {">1.1", {1, 3}}, {">=1.0rc1", {0, 1, 2, 3}},
      {"!=1.0rc1", {0, 2}}, {"==3.*", {3}}, {"<1", {}},       {"===2.0rc1", {1}},
      {"<2.0.dev1", {0, 2}}};
  for (const Row& row : rows) {
    CAPTURE(row.specifier);
    CHECK(choose_versions(*parse_specifier(row.specifier), versions) == row.chosen);
  }
}
