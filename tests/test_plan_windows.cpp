#include "create/plan_windows.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace venv::detail;

namespace {

LayoutKey windows_key(int minor, bool free_threaded = false, bool debug = false) {
  LayoutKey key;
  key.os = Os::windows;
  key.version = {3, minor, 0};
  key.free_threaded = free_threaded;
  key.debug = debug;
  return key;
}

WindowsBase base_with(std::vector<std::string> files, std::vector<std::string> launchers) {
  return {"C:\\Py", std::move(files), "C:\\Py\\Lib\\venv\\scripts\\nt", std::move(launchers)};
}

std::string told(const std::vector<Row>& rows) {
  std::string text;
  for (const Row& row : rows) {
    const char* kinds[] = {"link", "copy", "remove", "keep"};
    text += std::string(kinds[static_cast<int>(row.kind)]) + ' ' + row.to +
            (row.from.empty() ? "" : " <- " + row.from) + '\n';
  }
  return text;
}

} // namespace

TEST_CASE(
    "plan on Windows: before 3.13 the names that the base has, from launchers of those names") {
  const WindowsBase base =
      base_with({"python.exe", "Pythonw.exe", "python312.dll", "vcruntime140.dll", "LICENSE.txt"},
                {"activate.bat", "python.exe", "pythonw.exe"});
  const WindowsCopies copies = plan_windows_copies(windows_key(12), base);
  CHECK(copies.are_launchers);
  CHECK(told(copies.rows) ==
        "copy Scripts/python.exe <- C:\\Py\\Lib\\venv\\scripts\\nt\\python.exe\n"
        "copy Scripts/pythonw.exe <- C:\\Py\\Lib\\venv\\scripts\\nt\\pythonw.exe\n");
}

TEST_CASE("plan on Windows: from 3.13 on from venvlauncher.exe and its like") {
  const std::vector<std::string> launchers{"venvlauncher.exe",   "venvwlauncher.exe",
                                           "venvlauncher_d.exe", "venvwlauncher_d.exe",
                                           "venvlaunchert.exe",  "venvwlaunchert.exe"};
  const WindowsBase base = base_with({"python.exe", "pythonw.exe"}, launchers);
  const std::string nt = "C:\\Py\\Lib\\venv\\scripts\\nt\\";
  CHECK(told(plan_windows_copies(windows_key(13), base).rows) ==
        "copy Scripts/python.exe <- " + nt +
            "venvlauncher.exe\n" //
            "copy Scripts/pythonw.exe <- " +
            nt + "venvwlauncher.exe\n");
  CHECK(told(plan_windows_copies(windows_key(13, true), base).rows) ==
        "copy Scripts/python.exe <- " + nt +
            "venvlaunchert.exe\n" //
            "copy Scripts/python3.13t.exe <- " +
            nt +
            "venvlaunchert.exe\n" //
            "copy Scripts/pythonw.exe <- " +
            nt +
            "venvwlaunchert.exe\n" //
            "copy Scripts/pythonw3.13t.exe <- " +
            nt + "venvwlaunchert.exe\n");
  CHECK(told(plan_windows_copies(windows_key(14, false, true), base).rows) ==
        "copy Scripts/python.exe <- " + nt +
            "venvlauncher_d.exe\n" //
            "copy Scripts/python_d.exe <- " +
            nt +
            "venvlauncher_d.exe\n" //
            "copy Scripts/pythonw.exe <- " +
            nt +
            "venvwlauncher_d.exe\n" //
            "copy Scripts/pythonw_d.exe <- " +
            nt + "venvwlauncher_d.exe\n");
}

TEST_CASE(
    "plan on Windows: a launcher beside the executable, else the executable with its libraries") {
  WindowsBase base = base_with({"python.exe", "venvlauncher.exe", "python313.dll"}, {});
  CHECK(told(plan_windows_copies(windows_key(13), base).rows) ==
        "copy Scripts/python.exe <- C:\\Py\\venvlauncher.exe\n");
  base.files[1] = "VCRUNTIME140.dll";
  const WindowsCopies copies = plan_windows_copies(windows_key(13), base);
  CHECK_FALSE(copies.are_launchers);
  CHECK(told(copies.rows) == "copy Scripts/python.exe <- C:\\Py\\python.exe\n"
                             "copy Scripts/VCRUNTIME140.dll <- C:\\Py\\VCRUNTIME140.dll\n"
                             "copy Scripts/python313.dll <- C:\\Py\\python313.dll\n");
}

TEST_CASE("plan on Windows: links go to the base's programs, with its libraries beside them") {
  const WindowsBase base = base_with(
      {"python3.13t.exe", "pythonw3.13t.exe", "python313t.dll", "sqlite3.dll"}, {"python.exe"});
  CHECK(told(plan_windows_links(windows_key(13, true), base)) ==
        "link Scripts/python.exe <- C:\\Py\\python3.13t.exe\n"
        "link Scripts/python3.13t.exe <- C:\\Py\\python3.13t.exe\n"
        "link Scripts/pythonw.exe <- C:\\Py\\pythonw3.13t.exe\n"
        "link Scripts/pythonw3.13t.exe <- C:\\Py\\pythonw3.13t.exe\n"
        "link Scripts/python313t.dll <- C:\\Py\\python313t.dll\n");
}

TEST_CASE("plan on Windows: what another Python left goes, and only programs") {
  State state;
  state.is_environment = true;
  for (const char* name :
       {"Python.exe", "python_d.exe", "python3.12t.exe", "pip.exe", "python.bat"}) {
    ScriptsEntry entry;
    entry.name = name;
    entry.kind = entry.leads_to = FileKind::file;
    state.scripts.push_back(entry);
  }
  const std::vector<Row> rows{{RowKind::copy, "Scripts/python.exe", "x", false}};
  CHECK(told(plan_windows_stale(state, "Scripts", rows)) == "remove Scripts/python_d.exe\n"
                                                            "remove Scripts/python3.12t.exe\n");
  state.is_environment = false;
  CHECK(plan_windows_stale(state, "Scripts", rows).empty());
}
