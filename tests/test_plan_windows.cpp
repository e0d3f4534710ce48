#include "create/plan_windows.hpp"

#include "scripts/embedded.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
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

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream words(line);
  return {std::istream_iterator<std::string>(words), {}};
}

/// What the reference makes of one base with one option (tests/windows/trees.txt).
struct Tree {
  std::string title; ///< `3.12.1 release --symlinks`
  WindowsBase base;
  std::string option;
  std::vector<std::string> rows, directories, files;
};

std::vector<Tree> recorded_trees() {
  std::ifstream file(VENV_SOURCE_DIR "/tests/windows/trees.txt");
  std::vector<Tree> trees;
  std::string line, title;
  WindowsBase base;
  while (std::getline(file, line)) {
    std::vector<std::string> words = words_of(line);
    const std::string kind = words.at(0);
    const std::string rest = line.substr(std::min(line.size(), kind.size() + 1));
    words.erase(words.begin());
    if (kind == "#") title = rest;
    else if (kind == "base") base = base_with(words, {});
    else if (kind == "nt") base.scripts_files = words;
    else if (kind == "=") trees.push_back({title + ' ' + rest, base, rest, {}, {}, {}});
    else if (kind == "dir") trees.back().directories = words;
    else if (kind == "file") trees.back().files = words;
    else trees.back().rows.push_back(line);
  }
  return trees;
}

LayoutKey key_of(const Tree& tree) {
  LayoutKey key = windows_key(std::stoi(tree.title.substr(2)));
  key.free_threaded = tree.title.find("threaded") != std::string::npos;
  key.debug = tree.title.find("debug") != std::string::npos;
  return key;
}

/// Rows as the record has them.
std::vector<std::string> recorded_form(const std::vector<Row>& rows, const WindowsBase& base) {
  std::vector<std::string> lines;
  for (const Row& row : rows) {
    std::string from = row.from.substr(base.home.size() + 1);
    std::replace(from.begin(), from.end(), '\\', '/');
    lines.push_back((row.kind == RowKind::link ? "link " : "copy ") + row.to + " <- " + from);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

} // namespace

TEST_CASE("plan on Windows: what the reference makes, for each version, kind of base and option") {
  const std::vector<Tree> trees = recorded_trees();
  REQUIRE(trees.size() > 100);
  std::map<std::string, int> compared;
  for (Tree tree : trees) {
    CAPTURE(tree.title);
    const LayoutKey key = key_of(tree);
    const bool has_links = tree.option == "--symlinks", is_refused = tree.option.size() > 11;
    // A Python that runs from its build directory gets `init.tcl`, which is no row of the plan's.
    const auto is_other = [&](const std::string& row) {
      const bool is_tcl = row.find("init.tcl") != std::string::npos;
      // Before 3.13 each file is tried as a link and then copied: libraries that no launcher needs.
      const bool is_no_python = row.find(".exe <-") == std::string::npos ||
                                row.compare(0, 19, "copy Scripts/python") != 0;
      return is_tcl || (is_refused && !is_since(key.version, 13) && is_no_python);
    };
    tree.rows.erase(std::remove_if(tree.rows.begin(), tree.rows.end(), is_other), tree.rows.end());
    const WindowsCopies copies = plan_windows_copies(key, tree.base);
    const bool has_launchers = tree.title.find("embeddable") == std::string::npos;
    CHECK(copies.are_launchers == has_launchers);
    if (has_links) CHECK(recorded_form(plan_windows_links(key, tree.base), tree.base) == tree.rows);
    else if (has_launchers) CHECK(recorded_form(copies.rows, tree.base) == tree.rows);
    else // the reference makes an environment without a Python, with a warning
      CHECK(tree.rows.empty());
    ++compared[tree.option];

    const Layout layout = layout_of(key);
    for (const std::string& directory : {layout.bin, layout.include, layout.purelib})
      CHECK(std::count(tree.directories.begin(), tree.directories.end(), directory) == 1);
    for (const std::string& file : tree.files) {
      CAPTURE(file);
      const auto is_it = [&file](const EmbeddedScript& script) {
        return file == "Scripts/" + std::string(script.name);
      };
      const bool is_ours =
          std::any_of(std::begin(activation_scripts), std::end(activation_scripts), is_it);
      CHECK((is_ours || file == "pyvenv.cfg" || file == ".gitignore"));
    }
  }
  CHECK(compared.size() == 5); // each option was there
}

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

TEST_CASE(
    "plan on Windows: an embeddable Python's library, which is zipped, lies beside its copy") {
  const WindowsBase base =
      base_with({"python.exe", "python311.dll", "Python311.zip", "python311._pth", "_ssl.pyd",
                 "libssl-3.dll", "python-docs.zip", "data.zip"},
                {});
  const WindowsCopies copies = plan_windows_copies(windows_key(11), base);
  CHECK_FALSE(copies.are_launchers);
  CHECK(told(copies.rows) == "copy Scripts/python.exe <- C:\\Py\\python.exe\n"
                             "copy Scripts/python311.dll <- C:\\Py\\python311.dll\n"
                             "copy Scripts/Python311.zip <- C:\\Py\\Python311.zip\n");
  CHECK(told(plan_windows_links(windows_key(13), base)) ==
        "link Scripts/python.exe <- C:\\Py\\python.exe\n"
        "link Scripts/python311.dll <- C:\\Py\\python311.dll\n"
        "link Scripts/Python311.zip <- C:\\Py\\Python311.zip\n");
}

TEST_CASE("plan on Windows: what another Python left goes, programs and a zipped library") {
  State state;
  state.is_environment = true;
  for (const char* name : {"Python.exe", "python_d.exe", "python3.12t.exe", "pip.exe", "python.bat",
                           "python311.zip", "data.zip"}) {
    ScriptsEntry entry;
    entry.name = name;
    entry.kind = entry.leads_to = FileKind::file;
    state.scripts.push_back(entry);
  }
  const std::vector<Row> rows{{RowKind::copy, "Scripts/python.exe", "x", false}};
  CHECK(told(plan_windows_stale(state, "Scripts", rows)) == "remove Scripts/python_d.exe\n"
                                                            "remove Scripts/python3.12t.exe\n"
                                                            "remove Scripts/python311.zip\n");
  state.is_environment = false;
  CHECK(plan_windows_stale(state, "Scripts", rows).empty());
}
