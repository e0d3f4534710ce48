#include "package/requirement.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace venv::detail;

MarkerValues debian() {
  MarkerValues values;
  values.implementation_name = "cpython";
  values.implementation_version = "3.11.2";
  values.os_name = "posix";
  values.platform_machine = "x86_64";
  values.platform_python_implementation = "CPython";
  values.platform_release = "6.1.0-13-amd64";
  values.platform_system = "Linux";
  values.platform_version = "#1 SMP Debian 6.1.55-1";
  values.python_full_version = "3.11.2+";
  values.python_version = "3.11";
  values.sys_platform = "linux";
  return values;
}

/// What is wrong with a requirement; empty: nothing.
std::string fault(const std::string& text) {
  try {
    parse_requirement(text);
    return {};
  } catch (const venv::Error& error) {
    CHECK(error.code() == venv::ErrorCode::invalid_argument);
    return error.what();
  }
}

} // namespace

TEST_CASE("requirement: says what it holds") {
  const Requirement found = parse_requirement(
      " Foo.Bar [ Sec_Urity , tests,tests ] ( >= 1.0 , < 2 ) ; os_name == 'posix' ");
  CHECK(found.name == "Foo.Bar");
  CHECK(found.extras == std::vector<std::string>{"sec-urity", "tests"});
  CHECK(specifier_text(found.specifier) == ">=1.0,<2");
  CHECK(found.url.empty());
  CHECK(found.marker.steps.size() == 1);
  CHECK(requirement_text(found) == "Foo.Bar[sec-urity,tests]>=1.0,<2");
}

TEST_CASE("requirement: takes a URL up to the next blank") {
  const Requirement found = parse_requirement("a[x]@ https://x/y;z#egg=a ; os_name == 'nt'");
  CHECK(found.url == "https://x/y;z#egg=a");
  CHECK(found.marker.steps.size() == 1);
  CHECK(requirement_text(found) == "a[x] @ https://x/y;z#egg=a");
}

TEST_CASE("requirement: is refused with what is wrong") {
  const char* const rows[][2] = {
      {"", "doesn't begin with a project's name"},
      {"-a", "doesn't begin with a project's name"},
      {"a b", "has a version specifier that can't be read: 'b'"},
      {"a[x", "has extras without commas or a ']'"},
      {"a[x y]", "has extras without commas or a ']'"},
      {"a[,]", "has an extra without a name"},
      {"a @", "has no URL behind its '@'"},
      {"a (>=1", "has a parenthesis that isn't closed"},
      {"a>=1,,<2", "has a version specifier that can't be read: ''"},
      {"a=>1", "has a version specifier that can't be read: '=>1'"},
      {"a>=1)", "has something that can't be read: ')'"},
      {"a;", "has a marker with neither a name nor a quoted text at ''"},
      {"a; os_name", "has a marker that compares by none of <= < != == >= > ~= === in 'not in'"},
      {"a; os_name == 'x", "has a marker whose quote isn't closed"},
      {"a; os_name == '\\x'", "has a text in its marker that Python can't read"},
      {"a; (os_name == 'x'", "has a marker whose parenthesis isn't closed"},
      {"a; os_name not 'x'", "has 'not' without 'in' in its marker"},
      {"a; os_name == 'x' os_name", "has something behind its marker: 'os_name'"},
      {"a; osname == 'x'", "has a marker with neither a name nor a quoted text at 'osname == 'x''"},
  };
  for (const auto& row : rows) {
    CAPTURE(row[0]);
    CHECK(fault(row[0]) == "requirement '" + std::string(row[0]) + "' " + row[1]);
  }
  CHECK(fault("a>=\x01") == "requirement 'a>=\\x01' has a version specifier that can't be read: "
                            "'>=\\x01'");
}

TEST_CASE("marker: holds or doesn't") {
  struct Row {
    const char *marker, *extra;
    bool holds;
  };
  const Row rows[] = {
      {"python_version >= '3.9'", "", true}, // as versions, not as texts
      {"python_version < '3.9'", "", false},
      {"python_version in '3.9 3.11'", "", true},
      {"python_version not in '3.9, 3.10'", "", true},
      {"'3.9' <= python_version", "", true},
      {"python_version == '3.*'", "", true},
      {"python_version ~= '3.9'", "", true},
      {"python_version === '3.11'", "", true},
      {"python_full_version == '3.11.2'", "", true}, // 3.11.2+local
      {"platform_release >= '6'", "", false},        // 6.1.0-13-amd64 is no version
      {"platform_release == '6.1.0-13-amd64'", "", true},
      {"platform_version >= '#1'", "", false},
      {"'Debian' in platform_version", "", true},
      {"os_name < 'z'", "", false},
      {"os_name <= 'posix'", "", true},
      {"os.name=='posix'and sys.platform=='linux'", "", true},
      {"python_implementation == 'CPython'", "", true},
      {"extra == 'Foo_Bar'", "foo-bar", true},
      {"extra == 'x'", "", false},
      {"extra != 'x'", "", true},
      {"os_name == 'x' or os_name == 'posix' and os_name == 'y'", "", false},
      {"os_name == 'posix' or os_name == 'x' and os_name == 'y'", "", true},
      {"(os_name == 'posix' or os_name == 'x') and os_name == 'y'", "", false},
      {"os_name == 'p\\x6fsix'", "", true},
      {"'posix' == os_name", "", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.marker);
    CAPTURE(row.extra);
    CHECK(marker_allows(parse_marker(row.marker), debian(), row.extra) == row.holds);
  }
  CHECK(marker_allows(Marker{}, debian(), ""));
}

TEST_CASE("marker: what has no meaning is an error, also when the rest would decide") {
  for (const char* text : {"os_name ~= 'x'", "os_name === 'x'", "'a' == 'b'", "extras == 'x'",
                           "os_name == 'posix' or os_name ~= 'x'"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(marker_allows(parse_marker(text), debian(), ""), venv::Error);
  }
}

TEST_CASE("python string: is read with its escapes") {
  const char* const rows[][2] = {{"plain", "plain"},
                                 {"a\\\\b\\'c\\\"", "a\\b'c\""},
                                 {"\\101\\x41\\u00e9\\U0001F40D", "AA\u00e9\U0001F40D"},
                                 {"\\q", "\\q"},
                                 {"\\t\\n", "\t\n"}};
  for (const auto& row : rows) {
    CAPTURE(row[0]);
    CHECK(python_string(row[0]) == std::string(row[1]));
  }
  for (const char* text : {"\\", "a\nb", "\\x4", "\\u12", "\\ud800", "\\U00110000", "\\N{DASH}"}) {
    CAPTURE(text);
    CHECK_FALSE(python_string(text));
  }
}
