#include <doctest/doctest.h>

#include "create/recorded.hpp"
#include "create/relocatable.hpp"
#include "create/scripts.hpp"
#include "package/record.hpp"
#include "program/activation_hint.hpp"
#include "support_files.hpp"
#include "text/script_head.hpp"
#include "text/template.hpp"

#include <string>
#include <string_view>

using namespace venv::detail;

TEST_CASE("relocatable: a program is known by its first lines, and names no interpreter") {
  const std::string program = relocatable_program("import x\n");
  CHECK(program.substr(program.size() - 9) == "import x\n");
  CHECK(is_relocatable_program(program));
  CHECK(script_head(program)->interpreter == "/bin/sh"); // no Python's name
  CHECK(!is_relocatable_program("#!/bin/sh\nexit\n"));
  CHECK(!is_relocatable_program("#!/bin/sh\n#"));
  CHECK(!is_relocatable_program("#!/bin/sh\n"));
  CHECK(!is_relocatable_program(""));
  CHECK(!is_relocatable_program("#!/e/bin/python\nimport x\n"));
  CHECK(!is_relocatable_program(std::string_view(program).substr(0, 100)));
}

TEST_CASE("relocatable: the encoding of a program stays among its first two lines") {
  const struct {
    const char* text;
    const char* second; ///< line of the program
  } rows[] = {
      {"# -*- coding: latin-1 -*-\nx\n", "# -*- coding: latin-1 -*-\n"},
      {"# vim: set fileencoding=cp1252 :\nx\n", "# vim: set fileencoding=cp1252 :\n"},
      {"# -*- coding: UTF-8 -*-\nx\n", "''':'"},
      {"# another comment\nx\n", "''':'"},
      {"coding = 1\n", "''':'"},
      {"# coding: latin-1", "''':'"}, // no line: nothing follows
      {"", "''':'"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const std::string program = relocatable_program(row.text);
    const std::string_view below = std::string_view(program).substr(program.find('\n') + 1);
    CHECK(below.substr(0, std::string_view(row.second).size()) == row.second);
    CHECK(is_relocatable_program(program));
    CHECK(program.find(row.text) != program.npos);
  }
}

TEST_CASE("relocatable: what a future statement is in can't be one") {
  CHECK(can_be_relocatable("import x\n"));
  CHECK(!can_be_relocatable("'''doc'''\nfrom __future__ import annotations\n"));
}

TEST_CASE("relocatable: a launcher for Windows that knows its directory is told a relative path") {
  std::string launcher = "MZ";
  for (const char c : std::string_view("<launcher_dir>\\")) (launcher += c) += '\0';
  CHECK(relative_interpreter(launcher, "/e/Scripts/python.exe") == "<launcher_dir>\\python.exe");
  CHECK(relative_interpreter("MZ<launcher_dir>\\", "/e/Scripts/python.exe") ==
        "/e/Scripts/python.exe");
}

TEST_CASE("relocatable: no activation script of any platform says where the environment lies") {
  std::size_t changed = 0;
  for (const EmbeddedScript& embedded : activation_scripts)
    for (const bool has_prompt : {false, true}) {
      venv::Script script;
      script.name = embedded.name;
      script.text = embedded.text;
      make_relocatable(script, has_prompt);
      CAPTURE(script.name);
      CHECK(script.text.find("__VENV_DIR__") == std::string::npos);
      const bool has_place = embedded.text.find("__VENV_PROMPT__") != std::string_view::npos;
      CHECK((script.text.find("__VENV_PROMPT__") != std::string::npos) ==
            (has_prompt && has_place));
      CHECK((script.text != embedded.text) == has_place);
      changed += has_place ? 1 : 0;
      const ScriptVariables variables{"/the/place", "name", "its 'prompt'", "bin", "python"};
      const auto text =
          replace_variables(script.text, variables, shell_of(script.name, script.text));
      REQUIRE(text);
      CHECK(text->find("/the/place") == std::string::npos);
    }
  CHECK(changed == 16); // eight scripts: all but Activate.ps1 and deactivate.bat
}

TEST_CASE("relocatable: pip's module has the launcher as one line of Python") {
  const std::string text = start_module_text();
  CHECK(text.find("__VENV_") == std::string::npos);
  CHECK(text.find("LAUNCHER = '#!/bin/sh\\x0a\\'\\'\\':\\'") != std::string::npos);
}

TEST_CASE("relocatable: pyvenv.cfg says so by one key") {
  CHECK(says_relocatable(parse_pyvenv_cfg("relocatable = True\n")));
  CHECK(!says_relocatable(parse_pyvenv_cfg("relocatable = false\n")));
  CHECK(!says_relocatable(parse_pyvenv_cfg("home = /\n")));
}

TEST_CASE("relocatable: the hint tells elvish the directory, and no shell that knows it") {
  const support::TemporaryDirectory tmp;
  const auto env_dir = tmp.path() / "it's";
  make_directories(env_dir);
  const ActivationForm& elvish = *activation_form_of("elvish");
  write_file(env_dir / "pyvenv.cfg", "home = /\n");
  CHECK(directory_told(elvish, env_dir).empty());
  write_file(env_dir / "pyvenv.cfg", "relocatable = true\n");
  const std::string dir = text_of(env_dir);
  CHECK(directory_told(elvish, env_dir) == "set-env VIRTUAL_ENV_DIR " + quote_elvish(dir) + "; ");
  CHECK(directory_told(*activation_form_of("bash"), env_dir).empty());
  CHECK(directory_told(*activation_form_of("fish"), env_dir).empty());
}

TEST_CASE("RECORD: says what is true of a program that was written anew") {
  const fs::path library = "/e/lib/python3.12/site-packages";
  const std::string record = "../../../bin/x,sha256=old,3\r\nx.py,sha256=same,1\r\n"
                             "x-1.dist-info/RECORD,,\r\n";
  const std::string expected = "../../../bin/x," + record_hash("new text") +
                               ",8\r\nx.py,sha256=same,1\r\n"
                               "x-1.dist-info/RECORD,,\r\n";
  CHECK(corrected_record(record, library, {{"/e/bin/x", "new text"}}) == expected);
  CHECK(!corrected_record(record, library, {{"/e/bin/y", "new text"}}));
  CHECK(!corrected_record("../../../bin/x,,\n", library, {{"/e/bin/x", "new text"}}));
  CHECK(corrected_record("../../../bin/x,sha256=a,1\n", library, {{"/e/bin/x", ""}}) ==
        "../../../bin/x," + record_hash("") + ",0\n");
}
