#include "create/plan.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace venv::detail;

namespace {

LayoutKey key_for(Os os, std::array<int, 3> version, const std::string& executable) {
  LayoutKey key;
  key.os = os;
  key.version = version;
  key.executable_name = executable;
  return key;
}

ScriptsEntry entry(const std::string& name, FileKind kind, bool is_script = false) {
  ScriptsEntry entry;
  entry.name = name;
  entry.kind = entry.leads_to = kind;
  entry.is_script = is_script;
  return entry;
}

std::string told(const std::vector<Row>& rows) {
  std::string text;
  for (const Row& row : rows) {
    const char* kinds[] = {"link", "copy", "remove", "keep"};
    text += std::string(kinds[static_cast<int>(row.kind)]) + ' ' + row.to +
            (row.from.empty() ? "" : " <- " + row.from) + (row.is_alias ? " (alias)" : "") + '\n';
  }
  return text;
}

} // namespace

TEST_CASE("plan: the interpreter's own name leads to the base, the others to that name") {
  const InterpreterChoice choice{layout_of(key_for(Os::linux_or_other, {3, 13, 0}, "python3.13")),
                                 "/opt/bin/python3.13", true};
  CHECK(told(plan_interpreter({}, choice)) == "link bin/python3.13 <- /opt/bin/python3.13\n"
                                              "link bin/python <- python3.13 (alias)\n"
                                              "link bin/python3 <- python3.13 (alias)\n");
}

TEST_CASE("plan: without links every name is a copy of the base") {
  const InterpreterChoice choice{layout_of(key_for(Os::macos, {3, 12, 1}, "python3")),
                                 "/opt/bin/python3", false};
  CHECK(told(plan_interpreter({}, choice)) == "copy bin/python3 <- /opt/bin/python3\n"
                                              "copy bin/python <- /opt/bin/python3\n"
                                              "copy bin/python3.12 <- /opt/bin/python3\n");
}

TEST_CASE("plan: names of another Python go where an environment was, and a wrapper stays") {
  State state;
  state.is_environment = true;
  state.scripts = {entry("python3.12", FileKind::link),
                   entry("python3.11", FileKind::file),
                   entry("python3.10", FileKind::file, true),
                   entry("python3", FileKind::file, true),
                   entry("pip", FileKind::file),
                   entry("pypy3", FileKind::directory)};
  const InterpreterChoice choice{layout_of(key_for(Os::linux_or_other, {3, 13, 0}, "python3.13")),
                                 "/b/python3.13", true};
  CHECK(told(plan_interpreter(state, choice)) == "link bin/python3.13 <- /b/python3.13\n"
                                                 "link bin/python <- python3.13 (alias)\n"
                                                 "keep bin/python3\n"
                                                 "remove bin/python3.12\n"
                                                 "remove bin/python3.11\n");
  state.is_environment = false;
  CHECK(told(plan_stale_names(state, choice.layout)).empty());
}
