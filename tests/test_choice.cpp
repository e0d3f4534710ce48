#include "package/choice.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace venv::detail;

namespace {

/// What lies at hand and what is installed, and what is chosen of it.
struct Table {
  /// `requires_dist` with `|` between requirements.
  void wheel(const std::string& file, const std::string& requires_dist = {}, std::size_t rank = 0) {
    CandidateWheel candidate;
    candidate.name = parse_wheel_name(file).value();
    candidate.path = file;
    candidate.rank = rank;
    wheels.push_back(candidate);
    Metadata metadata;
    for (const std::string_view one : split(requires_dist, '|'))
      if (!one.empty()) metadata.requirements.emplace_back(one);
    metadata.extras = {"Extra_One"};
    all[file] = metadata;
  }
  void pure(const std::string& name, const std::string& version,
            const std::string& requires_dist = {}) {
    wheel(name + '-' + version + "-py3-none-any.whl", requires_dist);
  }
  void there(const std::string& name, const std::string& version,
             const std::vector<std::string>& requirements = {}) {
    venv::Distribution one;
    one.name = name;
    one.normalized_name = normalized_name(name);
    one.version = version;
    one.requirements = requirements;
    installed.push_back(one);
  }
  /// Names and versions with blanks between them, `*` behind those asked for; or `!` and the obstacle.
  std::string choose(const std::vector<std::string>& wanted,
                     const std::vector<std::string>& constraints = {}) const {
    MarkerValues values;
    values.python_version = "3.12";
    values.python_full_version = "3.12.1";
    const auto metadata = [this](const CandidateWheel& one) { return all.at(one.path); };
    const auto sha256 = [](const CandidateWheel& one) { return "of-" + one.name.version; };
    const ChoiceSource source{
        wheels, sources,         installed,   values,   parse_package_version("3.12.1").value(),
        hashes, !hashes.empty(), only_binary, metadata, sha256};
    std::vector<Demand> demands, limits;
    for (const std::string& text : wanted) demands.push_back({text, ""});
    for (const std::string& text : constraints) limits.push_back({text, "c.txt:1"});
    const Choice choice = choose_wheels(source, demands, limits);
    if (!choice.obstacle.empty()) return "! " + choice.obstacle;
    std::string text;
    for (const Chosen& one : choice.wheels)
      text += (text.empty() ? "" : " ") + one.asked_name + ' ' + one.wheel->name.version +
              (one.wheel->name.build.empty() ? "" : '-' + one.wheel->name.build) +
              (one.is_requested ? "*" : "");
    return text;
  }

  std::vector<CandidateWheel> wheels{};
  std::vector<FoundSource> sources{};
  std::vector<venv::Distribution> installed{};
  std::vector<HashList> hashes{};
  std::map<std::string, Metadata> all{};
  bool only_binary = false;
};

} // namespace

TEST_CASE("choice: the newest that is allowed, pre-releases only when asked for or alone") {
  Table table;
  for (const char* version : {"1.0", "2.0", "1.10", "3.0rc1"}) table.pure("de_mo", version);
  table.pure("early", "1.0b1");
  CHECK(table.choose({"De.Mo"}) == "De.Mo 2.0*");
  CHECK(table.choose({"de-mo<2"}) == "de-mo 1.10*");
  CHECK(table.choose({"de-mo>=3.0rc1"}) == "de-mo 3.0rc1*");
  CHECK(table.choose({"de-mo>2.5"}) == "de-mo 3.0rc1*"); // there is nothing else
  CHECK(table.choose({"early"}) == "early 1.0b1*");
  CHECK(table.choose({"de-mo", "de-mo!=2.0"}) == "de-mo 1.10*");
  CHECK(table.choose({"de-mo"}, {"DE_MO<1.5", "absent==1"}) == "de-mo 1.0*");
  CHECK(table.choose({"de-mo; python_version < '3'"}) == "");
  CHECK(table.choose({"de-mo>9"}) == "! there is no wheel for de-mo>9 at hand");
  CHECK(table.choose({"de-mo @ file:///x.whl"}) ==
        "! de-mo @ file:///x.whl is required from a URL");
  CHECK(table.choose({"de mo"}).substr(0, 2) == "! ");
}

TEST_CASE("choice: the fittest tag, then the latest build") {
  Table table;
  table.wheel("a-1.0-py3-none-any.whl", "", 9);
  table.wheel("a-1.0-2-cp312-cp312-linux_x86_64.whl", "", 1);
  table.wheel("a-1.0-10-cp312-cp312-linux_x86_64.whl", "", 1);
  CHECK(table.choose({"a"}) == "a 1.0-10*");
}

TEST_CASE("choice: what wheels require, with extras, markers and cycles") {
  Table table;
  table.pure("top", "1.0", "mid[extra-one]>=1|other; python_version < '3'");
  table.pure("mid", "1.0", "leaf; extra == 'Extra.One'|never; extra == 'two'|top");
  table.pure("leaf", "1.0");
  CHECK(table.choose({"top"}) == "leaf 1.0 mid 1.0 top 1.0*");
  CHECK(table.choose({"mid"}) == "top 1.0 leaf 1.0 mid 1.0*"); // top asks for the extra
  CHECK(table.choose({"leaf", "top"}) == "leaf 1.0* mid 1.0 top 1.0*");
  table.pure("lacks", "1.0", "absent>1");
  CHECK(table.choose({"lacks"}) == "! there is no wheel for absent>1 at hand");
}

TEST_CASE("choice: what is installed stays while it satisfies") {
  Table table;
  table.pure("a", "1.0");
  table.pure("a", "2.0");
  table.pure("b", "1.0", "a>=2");
  table.there("A", "1.0");
  CHECK(table.choose({"a"}) == "");
  CHECK(table.choose({"a>1"}) == "a 2.0*");
  CHECK(table.choose({"a", "b"}) == "a 2.0* b 1.0*");
  table.there("needs", "1.0", {"more"});
  CHECK(table.choose({"needs"}) == "! there is no wheel for more at hand");
  table.pure("more", "1.0");
  CHECK(table.choose({"needs"}) == "more 1.0");
}

TEST_CASE("choice: a late contradiction is met from the beginning, or is an obstacle") {
  Table table;
  table.pure("a", "1.0", "c");
  table.pure("b", "1.0", "c<2");
  table.pure("c", "1.0");
  table.pure("c", "2.0", "d");
  table.pure("d", "1.0");
  CHECK(table.choose({"a", "b"}) == "c 1.0 a 1.0* b 1.0*");
  table.pure("e", "1.0", "c>=2");
  CHECK(table.choose({"e", "b"}).substr(0, 2) == "! ");
  // The newest y asks for an x below 2, which brings no y: what is known of x has no ground any more.
  Table odd;
  odd.pure("start", "1.0", "x");
  odd.pure("x", "2.0", "y");
  odd.pure("x", "1.0");
  odd.pure("y", "1.0", "x<2");
  CHECK(odd.choose({"start"}) == "! what is required of x needs a resolver");
}

TEST_CASE("choice: Requires-Python, sources, hashes") {
  Table table;
  table.pure("a", "1.0");
  table.pure("a", "2.0");
  table.all["a-2.0-py3-none-any.whl"].requires_python = ">=3.13";
  CHECK(table.choose({"a"}) == "a 1.0*");
  table.sources.push_back({"a", parse_package_version("1.0").value()});
  CHECK(table.choose({"a"}) == "a 1.0*");
  table.sources.push_back({"a", parse_package_version("1.5").value()});
  CHECK(table.choose({"a"}) == "! a source distribution of a 1.5 is newer than its wheels");
  CHECK(table.choose({"a<1.5"}) == "a 1.0*");
  table.only_binary = true;
  CHECK(table.choose({"a"}) == "a 1.0*");
  table.hashes = {{"a", {"sha256:of-1.0", "sha512:x"}}};
  CHECK(table.choose({"a==1.0"}) == "a 1.0*");
  CHECK(table.choose({"a>=1.0"}) == "! a>=1.0 has no hash, or not one version");
  CHECK(table.choose({"a==1.*"}) == "! a==1.* has no hash, or not one version");
  table.hashes.push_back({"a", {"sha256:of-2.0"}});
  CHECK(table.choose({"a==1.0"}) == "! no wheel for a==1.0 at hand has its hash");
}
