#include "package/distributions.hpp"
#include "package/missing.hpp"

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace venv::detail;
using Files = std::map<std::string, std::string>;

/// Distributions of a directory that is only imagined.
std::vector<venv::Distribution> read(const Files& files) {
  const auto list = [&files](const std::string& directory) {
    const std::string start = directory.empty() ? "" : directory + '/';
    std::set<std::string> names;
    for (const auto& [path, text] : files)
      if (path.compare(0, start.size(), start) == 0 && (!start.empty() || path[0] != '/'))
        names.insert(path.substr(start.size(), path.find('/', start.size()) - start.size()));
    return std::vector<std::string>(names.begin(), names.end());
  };
  const auto text = [&files](const std::string& path) {
    const auto found = files.find(path);
    return found == files.end() ? std::nullopt : std::optional(found->second);
  };
  return read_distributions("site", {list, text});
}

venv::Distribution installed(const std::string& name, const std::string& version,
                             const std::vector<std::string>& requirements = {},
                             const std::vector<std::string>& extras = {}) {
  venv::Distribution one;
  one.name = name;
  one.normalized_name = normalized_name(name);
  one.version = version;
  one.requirements = requirements;
  one.extras = extras;
  return one;
}

} // namespace

TEST_CASE("metadata: joins lines, and ends where the body begins") {
  const Metadata found =
      parse_metadata("\xEF\xBB\xBFMetadata-Version: 2.1\r\nNAME: Foo\r\n"
                     "Requires-Dist: a\r\n   >=1\r\nVersion:1\r\nProvides-Extra: X\r\n"
                     ": nothing\r\nRequires-Python: >=3\r\n\r\nRequires-Dist: body\r\n");
  CHECK(found.name == "Foo");
  CHECK(found.version == "1");
  CHECK(found.requires_python == ">=3");
  CHECK(found.requirements == std::vector<std::string>{"a >=1"});
  CHECK(found.extras == std::vector<std::string>{"X"});
  CHECK(header_value("A: 1\nB: 2\n", "b") == "2");
  CHECK(header_value("A: 1\nbody\nB: 2\n", "b").empty());
}

TEST_CASE("metadata: requires.txt is said as Requires-Dist would say it") {
  Metadata metadata;
  add_egg_requirements(
      "a>=1\n# no\n\n[x]\nb\nc @ https://h/c\n[y:os_name=='nt' or os_name=='z']\nd\n"
      "[:python_version<'3']\ne\n",
      metadata);
  CHECK(metadata.requirements ==
        std::vector<std::string>{"a>=1", "b; extra == \"x\"", "c @ https://h/c ; extra == \"x\"",
                                 "d; (os_name=='nt' or os_name=='z') and extra == \"y\"",
                                 "e; python_version<'3'"});
  CHECK(metadata.extras == std::vector<std::string>{"x", "y"});
}

TEST_CASE("direct_url.json: is read, and what is none is refused") {
  const auto found = parse_direct_url(
      R"( {"url": "https:\/\/x\u00e9\ud83d\udc0d", "vcs_info": {"vcs": "git", "commit_id": "a1",
          "n": [1, -2.5e3, null, {"deep": "x"}]}, "subdirectory": "s"} )");
  REQUIRE(found);
  CHECK(found->url == "https://x\u00e9\U0001F40D");
  CHECK(found->vcs == "git");
  CHECK(found->commit == "a1");
  CHECK(found->subdirectory == "s");
  CHECK_FALSE(found->editable);
  CHECK(parse_direct_url(R"({"url": "x", "dir_info": {"editable": true}})")->editable);
  CHECK_FALSE(parse_direct_url(R"({"url": "x", "dir_info": {"editable": "true"}})")->editable);
  for (const std::string& text :
       {std::string(), std::string("{}"), std::string(R"({"url": 1})"),
        std::string(R"({"url": "x")"), std::string(R"({"url": "x"} y)"),
        std::string(R"({"url": "x",})"), std::string("{\"url\": \"x\n\"}"),
        std::string(R"({"url": "\ud83d"})"), std::string(R"({"url": "\x"})"),
        std::string(R"({"url": "x", "a": yes})"), std::string(100000, '[')}) {
    CAPTURE(text.substr(0, 40));
    CHECK_FALSE(parse_direct_url(text));
  }
}

TEST_CASE("distributions: every kind is found, sorted, with what is known of it") {
  const std::vector<venv::Distribution> found = read(
      {{"A-1.0.dist-info/METADATA", "Name: A\nVersion: 1.0\nRequires-Dist: b\nProvides-Extra: x\n"},
       {"A-1.0.dist-info/RECORD", "a.py,sha256=x,12\r\n\"b,c.py\",,\r\n"},
       {"A-1.0.dist-info/INSTALLER", "uv\n"},
       {"A-1.0.dist-info/REQUESTED", ""},
       {"b.egg-info", "Name: b\nVersion: 2\n"},
       {"c-3.egg-info/PKG-INFO", "Name: c\nVersion: 3\n"},
       {"c-3.egg-info/requires.txt", "d\n[x]\ne\n"},
       {"c-3.egg-info/installed-files.txt", "../c.py\nPKG-INFO\n"},
       {"d.egg-link", "/src/d d\n../\n"},
       {"/src/d d/other.egg-info/PKG-INFO", "Name: other\nVersion: 1\n"},
       {"/src/d d/d.egg-info/PKG-INFO", "Name: d\nVersion: 4\n"},
       {"e.py", ""}});
  REQUIRE(found.size() == 4);
  for (const venv::Distribution& one : found) CHECK(one.damage.empty());
  CHECK(found[0].normalized_name == "a");
  CHECK(found[0].directory == "site");
  CHECK(found[0].metadata == "A-1.0.dist-info");
  CHECK(found[0].installer == "uv");
  CHECK(found[0].is_requested);
  CHECK(found[0].has_record);
  REQUIRE(found[0].files.size() == 2);
  CHECK(found[0].files[0].hash == "sha256=x");
  CHECK(found[0].files[1].path == "b,c.py");
  CHECK_FALSE(found[1].has_record);
  CHECK(found[2].requirements == std::vector<std::string>{"d", "e; extra == \"x\""});
  REQUIRE(found[2].files.size() == 2);
  CHECK(found[2].files[0].path == "c.py");
  CHECK(found[2].files[1].path == "c-3.egg-info/PKG-INFO");
  CHECK(found[3].version == "4");
  CHECK(found[3].project == "/src/d d");
  CHECK(found[3].is_editable);
}

TEST_CASE("distributions: one that is damaged is told, and one that can't be named doesn't count") {
  const std::vector<venv::Distribution> found =
      read({{"a-1.dist-info/RECORD", ""},
            {"b-x.dist-info/METADATA", "Name: b\nVersion: x\n"},
            {"c-1.dist-info/METADATA", "Name: c\nVersion: 1\nRequires-Dist: ;\n"}});
  REQUIRE(found.size() == 3);
  CHECK(found[0].damage == "has no METADATA");
  CHECK(found[1].damage == "has a Version that is none: 'x'");
  CHECK(found[2].damage == "requirement ';' doesn't begin with a project's name");
  const MarkerValues values;
  CHECK(find_missing({{"b", ""}}, {}, found, values).size() == 1);
  const auto missing = find_missing({{"c", ""}}, {}, found, values);
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].reason == venv::Missing::Reason::unreadable);
  CHECK(missing[0].required_by == "c 1");
}

TEST_CASE("missing: is followed to the end, with extras, markers and constraints") {
  const std::vector<venv::Distribution> there = {
      installed("App", "1.0", {"lib[Fast]>=2", "gone; os_name == 'nt'", "tool; extra == 'dev'"},
                {"dev"}),
      installed("lib", "2.5", {"app[dev]; extra == 'fast'", "lib[fast]; extra == 'fast'"},
                {"fast"}),
      installed("lib", "1.0"), // behind the other on the path: it doesn't count
  };
  MarkerValues values;
  values.os_name = "posix";
  const auto missing = find_missing({{"app", "r.txt:1"}},
                                    {{"lib<2.5", "c.txt:1"}, {"far==1", "c.txt:2"}}, there, values);
  REQUIRE(missing.size() == 2);
  CHECK(missing[0].reason == venv::Missing::Reason::other_version);
  CHECK(missing[0].requirement == "lib<2.5");
  CHECK(missing[0].required_by == "c.txt:1");
  CHECK(missing[0].installed == "2.5");
  CHECK(missing[1].reason == venv::Missing::Reason::absent);
  CHECK(missing[1].name == "tool");
  CHECK(missing[1].required_by == "App 1.0");
  CHECK(find_missing({{"lib; os_name == 'nt'", ""}, {"lib==2.*", ""}}, {}, {there[1]}, values)
            .empty());
}

TEST_CASE("missing: a URL is met by what was installed from it") {
  venv::Distribution there = installed("a", "1.0", {"a @ https://other"});
  there.direct_url = "https://x/a.whl";
  const MarkerValues values;
  CHECK(find_missing({{"a @ https://x/a.whl", ""}}, {}, {there}, values).empty());
  const auto missing = find_missing({{"a @ https://x/b.whl", ""}}, {}, {there}, values);
  REQUIRE(missing.size() == 1);
  CHECK(missing[0].reason == venv::Missing::Reason::other_source);
}
