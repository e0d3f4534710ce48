#include <doctest/doctest.h>

#include "text/template.hpp"

#include <optional>
#include <string>

using venv::detail::replace_variables;
using venv::detail::ScriptVariables;
using venv::detail::Shell;
using venv::detail::shell_of;

namespace {

ScriptVariables in(const std::string& dir) {
  return {dir, "name", "prompt", "bin", dir + "/bin/python"};
}

} // namespace

TEST_CASE("template: knows a script's language by its name") {
  const struct {
    const char* name;
    const char* text;
    std::optional<Shell> shell;
  } rows[] = {
      {"activate", "", Shell::posix},
      {"setup.sh", "", Shell::posix},
      {"setup.bash", "", Shell::posix},
      {"activate.fish", "", Shell::fish},
      {"activate.csh", "", Shell::csh},
      {"x.tcsh", "", Shell::csh},
      {"Activate.ps1", "", Shell::powershell},
      {"Activate.PS1", "", Shell::powershell},
      {"activate.bat", "", Shell::cmd},
      {"run.cmd", "", Shell::cmd},
      {"activate.nu", "", Shell::nushell},
      {"activate.xsh", "", Shell::xonsh},
      {"activate.elv", "", Shell::elvish},
      {"activate_this.py", "", Shell::python},
      {"tool", "#!/bin/sh\n", Shell::posix},
      {"tool", "#! /usr/bin/env -S python3.12 -I\r\n", Shell::python},
      {"tool", "#!__VENV_PYTHON__\n", Shell::python},
      {"tool", "#!/usr/bin/env fish", Shell::fish},
      {"tool.sh", "#!/usr/bin/env fish\n", Shell::posix},
      {"tool", "", std::nullopt},
      {"tool", "#!", std::nullopt},
      {"tool", "#!/usr/bin/perl\n", std::nullopt},
      {"settings.json", "", std::nullopt},
      {"7z", "", std::nullopt},
      {"", "", std::nullopt},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    CAPTURE(row.text);
    CHECK(shell_of(row.name, row.text) == row.shell);
  }
}

TEST_CASE("template: replaces every placeholder") {
  const ScriptVariables variables{"/d/n", "n", "p q", "bin", "/d/n/bin/python3.13"};
  CHECK(replace_variables("__VENV_DIR__ __VENV_NAME__ __VENV_PROMPT__ __VENV_BIN_NAME__ "
                          "__VENV_PYTHON__ __VENV_OTHER__ __VENV_DIR_",
                          variables, Shell::posix) ==
        "/d/n n 'p q' bin /d/n/bin/python3.13 __VENV_OTHER__ __VENV_DIR_");
}

TEST_CASE("template: replaces in a single pass") {
  CHECK(replace_variables("a=__VENV_DIR__ b=__VENV_NAME__", {"/__VENV_NAME__", "x", "", "", ""},
                          Shell::posix) == "a=/__VENV_NAME__ b=x");
  CHECK(replace_variables("__VENV___VENV_NAME__DIR__", {"/d", "x", "", "", ""}, Shell::posix) ==
        "__VENV_xDIR__");
}

TEST_CASE("template: keeps everything else byte for byte") {
  const std::string text("a\r\n\0\xff\xfe b\n", 10);
  CHECK(replace_variables(text, in("/d"), Shell::posix) == text);
  CHECK(replace_variables("", in("/d"), std::nullopt) == "");
}

TEST_CASE("template: inserts the value as it is on a #! line, and only there") {
  CHECK(replace_variables("#!__VENV_PYTHON__ -I\n# __VENV_PYTHON__\n", in("/a b"), Shell::posix) ==
        "#!/a b/bin/python -I\n# '/a b/bin/python'\n");
  CHECK(replace_variables("\n#!__VENV_PYTHON__", in("/a b"), Shell::posix) ==
        "\n#!'/a b/bin/python'");
}

TEST_CASE("template: what is written in quotation marks means the same as what is bare") {
  const struct {
    Shell shell;
    const char* text;
    const char* dir;
    const char* result; // nullptr: can't be represented
  } rows[] = {
      {Shell::posix, "D=__VENV_DIR__", "/a", "D=/a"},
      {Shell::posix, "D=\"__VENV_DIR__\"", "/a", "D=\"/a\""},
      {Shell::posix, "D=\"__VENV_DIR__/lib\"", "/a", "D=\"/a/lib\""},
      {Shell::posix, "D=\"__VENV_DIR__/lib\"", "/a b", "D=\"/a b/lib\""},
      {Shell::posix, "D=\"__VENV_DIR__\"", "/a;b", "D='/a;b'"},
      {Shell::posix, "D='__VENV_DIR__'", "/a;b", "D='/a;b'"},
      {Shell::posix, "D=\"__VENV_DIR__\"/lib", "/$(x)", "D='/$(x)'/lib"},
      {Shell::posix, "D=\"__VENV_DIR__/lib\"", "/$(x)", nullptr},
      {Shell::posix, "D=\"in __VENV_DIR__\"", "/$(x)", nullptr},
      {Shell::posix, "echo \"in \"__VENV_DIR__\" now\"", "/$(x)", "echo \"in \"'/$(x)'\" now\""},
      {Shell::posix, "echo \\\"__VENV_DIR__\\\"", "/a b", "echo \\\"'/a b'\\\""},
      {Shell::posix, "a=__VENV_DIR__ b=\"__VENV_DIR__\"", "/it's", "a='/it'\\''s' b='/it'\\''s'"},
      {Shell::posix, "# don't: __VENV_DIR__", "/a b", "# don't: '/a b'"},
      {Shell::posix, "x='it\n__VENV_DIR__", "/a b", "x='it\n'/a b'"},
      {Shell::fish, "set D 'it\\'s' __VENV_DIR__", "/a b", "set D 'it\\'s' '/a b'"},
      {Shell::csh, "set d = \"__VENV_DIR__\"", "/a;b", "set d = /a\\;b"},
      {Shell::elvish, "var d = __VENV_DIR__", "/a", "var d = /a"},
      {Shell::python, "D = __VENV_DIR__", "/a", "D = '/a'"},
      {Shell::python, "D = \"__VENV_DIR__\"", "/a", "D = \"/a\""},
      {Shell::python, "D = \"__VENV_DIR__\"", "/a\\b", "D = '/a\\\\b'"},
      {Shell::python, "D = \"__VENV_DIR__/lib\"", "/a", "D = \"/a/lib\""},
      {Shell::xonsh, "D = __VENV_DIR__", "/a", "D = '/a'"},
      {Shell::nushell, "let d = __VENV_DIR__", "/a", "let d = \"/a\""},
      {Shell::powershell, "$d = __VENV_DIR__", "/a", "$d = '/a'"},
      {Shell::powershell, "$d = \"__VENV_DIR__\"", "/$a", "$d = '/$a'"},
      {Shell::powershell, "$d = \"__VENV_DIR__\\lib\"", "C:\\a (b)", "$d = \"C:\\a (b)\\lib\""},
      {Shell::powershell, "$d = \"__VENV_DIR__\\lib\"", "C:\\a$b", nullptr},
      {Shell::cmd, "@set \"D=__VENV_DIR__\"", "C:\\a & b\\100%", "@set \"D=C:\\a & b\\100%%\""},
      {Shell::cmd, "@set D=__VENV_DIR__", "C:\\a b", "@set D=C:\\a b"},
      {Shell::cmd, "@set D=__VENV_DIR__", "C:\\a & b", nullptr},
      {Shell::cmd, "@set \"D=__VENV_DIR__\"", "C:\\a\"b", nullptr},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CAPTURE(row.dir);
    const auto result = replace_variables(row.text, in(row.dir), row.shell);
    REQUIRE(result.has_value() == (row.result != nullptr));
    if (result) CHECK(*result == row.result);
  }
}

TEST_CASE("template: only a placeholder that is used must be representable") {
  CHECK(replace_variables("set d = x", in("/a\nb"), Shell::csh) == "set d = x");
  CHECK_FALSE(replace_variables("set d = __VENV_DIR__", in("/a\nb"), Shell::csh));
}

TEST_CASE("template: a file of unknown language is quoted as for sh") {
  CHECK(replace_variables("__VENV_DIR__", in("/a"), std::nullopt) == "/a");
  CHECK(replace_variables("__VENV_DIR__", in("/a b"), std::nullopt) == "'/a b'");
}

TEST_CASE("template: the quotation marks of an unknown language stay") {
  const struct {
    const char *text, *dir, *result;
  } rows[] = {
      {"{\"dir\": \"__VENV_DIR__\"}", "/e(1)", "{\"dir\": \"/e(1)\"}"},
      {"{\"dir\": \"__VENV_DIR__/lib\"}", "/it's $HOME", "{\"dir\": \"/it's $HOME/lib\"}"},
      {"dir = \"in __VENV_DIR__\"", "/a\"b\\c", "dir = \"in /a\\\"b\\\\c\""},
      {"dir = '__VENV_DIR__'", "/it's", "dir = '/it\\'s'"},
      {"dir = 'it\\'s' __VENV_DIR__", "/a b", "dir = 'it\\'s' '/a b'"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(replace_variables(row.text, in(row.dir), std::nullopt) == row.result);
  }
  CHECK_FALSE(replace_variables("\"__VENV_DIR__\"", in("/a\nb"), std::nullopt));
}
