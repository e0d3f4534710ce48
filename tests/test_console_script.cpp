#include "text/launcher.hpp"

#include "support_files.hpp"
#include "system/process.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

using namespace venv::detail;

TEST_CASE("console scripts: the shebang is short and simple, or sh's") {
  const std::string longest(longest_shebang - 3, 'x'); // with #! and newline as long as may be
  const struct {
    std::string interpreter, expected;
  } rows[] = {
      {"/env/bin/python", "#!/env/bin/python\n"},
      {"/dollar$HOME/\"quote\"/python", "#!/dollar$HOME/\"quote\"/python\n"},
      {"/ünüsual/bin/python", "#!/ünüsual/bin/python\n"},
      {longest, "#!" + longest + "\n"},
      {longest + 'x', "#!/bin/sh\n'''exec' " + longest + "x \"$0\" \"$@\"\n' '''\n"},
      {"/a b/python", "#!/bin/sh\n'''exec' \"/a b/python\" \"$0\" \"$@\"\n' '''\n"},
      {"/a\tb/python", "#!/bin/sh\n'''exec' \"/a\tb/python\" \"$0\" \"$@\"\n' '''\n"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.interpreter);
    CHECK(shebang_for(row.interpreter) == row.expected);
  }
}

namespace {

/// What `program arguments…` prints; a failing one prints what it ends with.
std::string output_of(const std::filesystem::path& program, std::vector<std::string> arguments) {
  std::string output;
  const ExitStatus exit =
      run_command({program, std::move(arguments), {}, {}, {}},
                  [&output](venv::Stream, std::string_view piece) { output += piece; });
  return exit.code == 0 ? output : output + "exit code " + std::to_string(exit.code);
}

} // namespace

TEST_CASE("console scripts: run from every directory, as a program and by Python itself") {
  const support::TemporaryDirectory tmp;
  const std::string body = "import sys\nprint('ran', sys.argv[1:])\n";
  const std::string directories[] = {"plain",
                                     "a space",
                                     "it's",
                                     "don't say '''so'''",
                                     "three'''",
                                     "'",
                                     "\"quoted\"",
                                     "back\\slash",
                                     "ends in \\",
                                     "\\n\\x41\\",
                                     "$HOME and ${HOME}",
                                     "$(touch gone)",
                                     "`touch gone`",
                                     "a;b & c | d",
                                     "* ? [a]",
                                     "# hash",
                                     "~",
                                     "!bang",
                                     "{a,b}",
                                     "<in >out",
                                     "ünüsual 日本 😀",
                                     "tab\there",
                                     "\"\"\"",
                                     "'\"'\"'",
                                     "\\\"",
                                     "\\'''",
                                     "$'''`\"",
                                     std::string(150, 'l'),
                                     std::string(150, 'l') + " '\"$`\\",
                                     std::string(150, '\''),
                                     std::string(150, '$')};
  for (const std::string& name : directories) {
    CAPTURE(name);
    const fs::path dir = tmp / path_of(name);
    fs::create_directories(dir);
    const fs::path python = dir / "python";
    fs::create_symlink("/usr/bin/python3", python);
    const fs::path script = support::put(dir / "script", shebang_for(text_of(python)) + body);
    make_executable(script);
    const std::string expected = "ran ['an argument', '']\n";
    CHECK(output_of(script, {"an argument", ""}) == expected);
    CHECK(output_of("/usr/bin/python3", {text_of(script), "an argument", ""}) == expected);
    // What Python makes of the line is no warning either.
    CHECK(output_of("/usr/bin/python3", {"-W", "error", text_of(script), "an argument", ""}) ==
          expected);
    CHECK_FALSE(fs::exists("gone"));
  }
}

TEST_CASE("console scripts: the text is the one that the pip at hand writes") {
  const std::string own = "x = 1\n"
                          "def f():\n"
                          "    script_template = textwrap.dedent(\n"
                          "        \"\"\"\\\n"
                          "        import sys\n"
                          "        from %(module)s import %(import_name)s\n"
                          "        if __name__ == '__main__':\n"
                          "            sys.argv[0] = sys.argv[0].removesuffix(\".exe\")\n"
                          "\n"
                          "            sys.exit(%(func)s())\n"
                          "        \"\"\"\n"
                          "    )\n";
  const std::string own_text = "import sys\n"
                               "from %(module)s import %(import_name)s\n"
                               "if __name__ == '__main__':\n"
                               "    sys.argv[0] = sys.argv[0].removesuffix(\".exe\")\n"
                               "\n"
                               "    sys.exit(%(func)s())\n";
  const std::string distlib = "X = '''no'''\nSCRIPT_TEMPLATE = r'''# -*- coding: utf-8 -*-\n"
                              "from %(module)s import %(import_name)s\n"
                              "    sys.exit(%(func)s())\n'''\nY = '''no'''\n";
  const std::string distlib_text =
      "# -*- coding: utf-8 -*-\nfrom %(module)s import %(import_name)s\n"
      "    sys.exit(%(func)s())\n";
  CHECK(script_template(own, distlib) == own_text);
  CHECK(script_template("", distlib) == distlib_text);
  CHECK(script_template("script_template = other(", distlib) == distlib_text);
}

TEST_CASE("console scripts: a pip that says it otherwise is not guessed at") {
  for (const std::string source :
       {"", "SCRIPT_TEMPLATE = ''", "\nSCRIPT_TEMPLATE = '''", "\nSCRIPT_TEMPLATE = '''no names'''",
        "\nSCRIPT_TEMPLATE = load('template')\nother = 1\n", "\nSCRIPT_TEMPLATE = '''%(module)s'''",
        "\nSCRIPT_TEMPLATE = '''%(func)s'''", "\nSCRIPT_TEMPLATE = \"\"\"%(func)s%(module)s'''"}) {
    CAPTURE(source);
    CHECK_FALSE(script_template("", source));
  }
}

TEST_CASE("console scripts: names are filled in wherever they stand") {
  CHECK(fill_template("%(a)s-%(b)s-%(a)s-%(c)s %(a", {{"a", "A"}, {"b", "B"}}) ==
        "A-B-A-%(c)s %(a");
  CHECK(fill_template("x%(a)sx", {{"a", "%(a)s"}}) == "x%(a)sx");
  CHECK(fill_template("", {{"a", "b"}}).empty());
  CHECK(fill_template("'%%s' %% e, %%%(a)s, %%(a)s %", {{"a", "%%"}}) == "'%s' % e, %%%, %(a)s %");
}
