#include "package/script_program.hpp"

#include "archive/zip.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace venv::detail;

namespace {

/// The beginning of a program for a machine, as the PE format has it.
std::string program_for(const std::string& machine) {
  std::string bytes = "MZ" + std::string(58, '\0') + std::string("\x40\0\0\0", 4);
  return bytes + std::string("PE\0\0", 4) + machine + std::string(32, '\0');
}

} // namespace

TEST_CASE("script program: the launcher fits the machine that the interpreter is for") {
  const struct {
    std::string machine, launcher;
  } rows[] = {{std::string("\x64\x86", 2), "t64.exe"},
              {std::string("\x64\xAA", 2), "t64-arm.exe"},
              {std::string("\x4C\x01", 2), "t32.exe"}};
  for (const auto& row : rows) {
    const auto& launcher = row.launcher;
    CAPTURE(launcher);
    CHECK(launcher_name(machine_of_program(program_for(row.machine))) == launcher);
  }
  for (const std::string& none :
       {std::string(), std::string("MZ"), std::string("#!/bin/sh\n"),
        program_for("\x64\x86").substr(0, 66), "MZ" + std::string(58, '\0') + "\xFF\xFF\xFF\xFF"})
    CHECK(machine_of_program(none) == 0);
}

TEST_CASE("script program: launcher, line and archive, which is whole") {
  const std::string launcher = "MZ the launcher", text = "import sys\nsys.exit(0)\n";
  const std::string program = script_program(launcher, "C:\\a b\\python.exe", text);
  const std::string line = "#!\"C:\\a b\\python.exe\"\n";
  REQUIRE(program.compare(0, launcher.size() + line.size(), launcher + line) == 0);
  const std::string zip = program.substr(launcher.size() + line.size());
  const ZipArchive archive(zip);
  REQUIRE(archive.entries().size() == 1);
  CHECK(archive.entries()[0].name == "__main__.py");
  CHECK(archive.entries()[0].data == text);
  CHECK(archive.entries()[0].mode == 0600);
}

TEST_CASE("script program: one with windows has another launcher and interpreter") {
  const struct {
    std::string machine, launcher;
  } rows[] = {{std::string("\x64\x86", 2), "w64.exe"},
              {std::string("\x64\xAA", 2), "w64-arm.exe"},
              {std::string("\x4C\x01", 2), "w32.exe"}};
  for (const auto& row : rows)
    CHECK(launcher_name(machine_of_program(program_for(row.machine)), true) == row.launcher);
  CHECK(gui_interpreter("C:\\python env\\Scripts\\python.exe") ==
        "C:\\python env\\Scripts\\pythonw.exe");
  CHECK(gui_interpreter("C:/e/python_d.exe") == "C:/e/pythonw_d.exe");
  CHECK(gui_interpreter("python.exe") == "pythonw.exe");
  CHECK(gui_interpreter("C:\\python\\pypy3.exe") == "C:\\python\\pypy3.exe");
}

TEST_CASE("script program: which interpreter it runs by") {
  const std::string program = script_program("MZ...", "C:\\env\\Scripts\\python.exe", "pass\n");
  CHECK(is_script_program_of(program, "C:\\env\\Scripts\\python.exe"));
  CHECK_FALSE(is_script_program_of(program, "C:\\env2\\Scripts\\python.exe"));
  CHECK_FALSE(
      is_script_program_of("#!C:\\env\\Scripts\\python.exe\n", "C:\\env\\Scripts\\python.exe"));
  CHECK_FALSE(is_script_program_of("", "C:\\env\\Scripts\\python.exe"));
}

TEST_CASE("script program: the line that names its interpreter is found") {
  const std::string launcher("MZ launcher #!no\nPK no\0", 23);
  const struct {
    const char *interpreter, *line;
  } rows[] = {{"C:\\env\\Scripts\\python.exe", "#!C:\\env\\Scripts\\python.exe\n"},
              {"C:\\a b\\python.exe", "#!\"C:\\a b\\python.exe\"\n"}};
  for (const auto& row : rows) {
    CAPTURE(row.interpreter);
    const std::string program =
        venv::detail::script_program(launcher, row.interpreter, "#!python\nprint()\n");
    const auto found = venv::detail::interpreter_line(program);
    REQUIRE(found);
    CHECK(found->interpreter == row.interpreter);
    CHECK(program.substr(found->begin, found->end - found->begin) == row.line);
    CHECK(program.compare(found->end, 4, "PK\3\4") == 0);
  }
  for (const std::string& text : {std::string("#!/bin/sh\nPK\3\4"), launcher, std::string("MZ"),
                                  std::string("MZ no line\nPK\3\4"), std::string()})
    CHECK_FALSE(venv::detail::interpreter_line(text));
}
