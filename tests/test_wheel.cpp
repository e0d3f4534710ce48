#include "package/specifier.hpp"
#include "package/wheel.hpp"

#include "support_wheels.hpp"
#include "support_zip.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace venv::detail;
using support::ZipFile;

/// A small wheel, whose parts a test can change before it is written.
struct Draft {
  std::string file_name = "demo-1.0-py3-none-any.whl";
  std::string dist_info = "demo-1.0.dist-info";
  std::vector<ZipFile> files = {
      {"demo/__init__.py", "print('hello')\n"},
      {"demo-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: Demo\nVersion: "
                                      "1.0\nRequires-Python: >=3.8\n\nVersion: body\n"},
      {"demo-1.0.dist-info/WHEEL",
       "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"},
      {"demo-1.0.dist-info/entry_points.txt", "[console_scripts]\ndemo = demo:main\n"},
  };
  std::function<void(std::vector<RecordRow>&)> change_record = [](std::vector<RecordRow>&) {};
  bool with_record = true;

  ZipFile& file(const std::string& end) {
    for (ZipFile& f : files)
      if (f.name.size() >= end.size() && f.name.substr(f.name.size() - end.size()) == end) return f;
    throw std::logic_error(end);
  }
  std::string bytes() const {
    std::vector<RecordRow> rows;
    for (const ZipFile& f : files)
      if (f.name.back() != '/')
        rows.push_back({f.name, record_hash(f.content), std::to_string(f.content.size())});
    rows.push_back({dist_info + "/RECORD", "", ""});
    change_record(rows);
    std::string record;
    for (const RecordRow& row : rows) record += format_record_row(row) + "\n";
    std::vector<ZipFile> all = files;
    if (with_record) all.push_back({dist_info + "/RECORD", record});
    return support::make_zip(all);
  }
};

/// Opens and reads all of it; empty where it is well, else the message.
std::string fault(const std::string& bytes, const std::string& file_name) {
  const std::unique_ptr<char[]> copy(new char[bytes.size()]);
  std::copy(bytes.begin(), bytes.end(), copy.get());
  try {
    const Wheel wheel({copy.get(), bytes.size()}, file_name);
    for (const WheelFile& file : wheel.files()) read_verified(file);
    return {};
  } catch (const venv::Error& error) {
    CHECK(error.code() == venv::ErrorCode::bad_archive);
    return error.what();
  }
}

std::string fault(const Draft& draft) { return fault(draft.bytes(), draft.file_name); }

std::string fault(const std::function<void(Draft&)>& change) {
  Draft draft;
  change(draft);
  return fault(draft);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string entry_points_fault(const std::string& text) {
  try {
    parse_entry_points(text);
    return {};
  } catch (const venv::Error& error) {
    return error.what();
  }
}

} // namespace

TEST_CASE("wheel: says what it holds") {
  Draft draft;
  draft.files.push_back({"demo/sub/", "", false, 040755});
  const std::string bytes = draft.bytes();
  const Wheel wheel(bytes, draft.file_name);
  CHECK(wheel.name().distribution == "demo");
  CHECK(wheel.name().version == "1.0");
  CHECK(wheel.dist_info() == "demo-1.0.dist-info");
  CHECK(wheel.root_is_purelib());
  CHECK(wheel.requires_python() == ">=3.8");
  REQUIRE(wheel.scripts().console.size() == 1);
  CHECK(wheel.scripts().console[0].name == "demo");
  CHECK(wheel.scripts().console[0].module == "demo");
  CHECK(wheel.scripts().console[0].attribute == "main");
  CHECK(wheel.files().size() == 5); // no directory
  CHECK(std::is_sorted(
      wheel.files().begin(), wheel.files().end(),
      [](const WheelFile& a, const WheelFile& b) { return a.entry.name < b.entry.name; }));
  const WheelFile* init = wheel.find("demo/__init__.py");
  REQUIRE(init != nullptr);
  CHECK(read_verified(*init) == "print('hello')\n");
  CHECK(init->hash == record_hash("print('hello')\n"));
  CHECK(wheel.find("demo-1.0.dist-info/RECORD")->hash.empty());
  CHECK(wheel.find("demo") == nullptr);
}

TEST_CASE("wheel: reads all bundled wheels, by several threads too") {
  const auto wheels = support::bundled_wheels();
  if (wheels.empty()) MESSAGE("skipped: no bundled wheel found");
  CHECK_FALSE((wheels.empty() && std::getenv("CI") != nullptr));
  for (const auto& path : wheels) {
    CAPTURE(path.string());
    const std::string bytes = support::read_file(path);
    const std::string file_name = path.filename().string();
    CHECK(fault(bytes, file_name) == "");
    const Wheel wheel(bytes, file_name);
    const bool is_pip = wheel.name().distribution == "pip";
    CHECK((is_pip || wheel.name().distribution == "setuptools"));
    if (is_pip) {
      REQUIRE(wheel.scripts().console.size() >= 2);
      CHECK(wheel.scripts().console[0].name == "pip");
      CHECK(wheel.scripts().console[0].attribute == "main");
    }
    std::vector<std::thread> threads;
    std::vector<int> well(4);
    for (std::size_t t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        std::string buffer;
        for (std::size_t i = t; i < wheel.files().size(); i += 4) {
          buffer.resize(wheel.files()[i].entry.size);
          read_verified(wheel.files()[i], buffer.data());
        }
        well[t] = 1;
      });
    for (std::thread& thread : threads) thread.join();
    CHECK(std::count(well.begin(), well.end(), 1) == 4);
  }
}

TEST_CASE("wheel: refuses a RECORD that disagrees") {
  const auto record = [](std::function<void(std::vector<RecordRow>&)> change) {
    return fault([&](Draft& d) { d.change_record = change; });
  };
  CHECK(fault(Draft()) == "");
  CHECK(contains(record([](auto& rows) { rows.erase(rows.begin()); }), "not in RECORD"));
  CHECK(contains(record([](auto& rows) { rows.push_back({"demo/more.py", rows[0].hash, "3"}); }),
                 "RECORD has it"));
  CHECK(contains(record([](auto& rows) { rows.push_back(rows[0]); }), "RECORD has it"));
  CHECK(contains(record([](auto& rows) { rows.push_back({"../evil", rows[0].hash, "3"}); }),
                 "RECORD has it"));
  CHECK(contains(record([](auto& rows) { rows.push_back({"zzz", "", ""}); }), "RECORD has it"));
  CHECK(contains(record([](auto& rows) { rows[0].hash = record_hash("other"); }), "SHA-256"));
  CHECK(contains(record([](auto& rows) { rows[0].hash += '='; }), "SHA-256"));
  CHECK(contains(record([](auto& rows) { rows[0].hash.clear(); }), "no SHA-256"));
  CHECK(contains(record([](auto& rows) { rows[0].hash = "md5=abc"; }), "no SHA-256"));
  CHECK(contains(record([](auto& rows) { rows[0].size = "16"; }), "another size"));
  CHECK(contains(record([](auto& rows) { rows[0].size = "015"; }), "another size"));
  CHECK(record([](auto& rows) { rows[0].size.clear(); }) == "");
  CHECK(record([](auto& rows) { rows.pop_back(); }) == ""); // RECORD itself
  CHECK(record([](auto& rows) { std::reverse(rows.begin(), rows.end()); }) == "");
  CHECK(contains(fault([](Draft& d) { d.with_record = false; }), "no RECORD"));
  // The metadata is verified before it is believed.
  CHECK(contains(record([](auto& rows) { rows[1].hash = record_hash("other"); }), "METADATA"));
}

TEST_CASE("wheel: leaves signatures out of RECORD") {
  CHECK(fault([](Draft& d) {
          d.files.push_back({"demo-1.0.dist-info/RECORD.jws", "{}"});
          d.files.push_back({"demo-1.0.dist-info/RECORD.p7s", "signature"});
          d.change_record = [](std::vector<RecordRow>& rows) {
            rows.erase(rows.end() - 3, rows.end() - 1);
          };
        }) == "");
  CHECK(contains(fault([](Draft& d) {
                   d.files.push_back({"demo/RECORD.jws", "{}"});
                   d.change_record = [](std::vector<RecordRow>& rows) {
                     rows.erase(rows.end() - 2);
                   };
                 }),
                 "not in RECORD"));
}

TEST_CASE("wheel: refuses metadata that disagrees with the file's name") {
  struct Row {
    const char *file, *from, *to, *message;
  };
  const Row rows[] = {
      {"METADATA", "Name: Demo", "Name: other", "METADATA"},
      {"METADATA", "Version: 1.0", "Version: 1.1", "METADATA"},
      {"METADATA", "Name: Demo", "X: y", "METADATA"},
      {"METADATA", "Version: 1.0", "Version: 1.0.0", ""},
      {"METADATA", "Name: Demo", "nAmE:DEMO", ""},
      {"METADATA", "Name: Demo", "X: y\n Version: 2\n\tName: z\nName: Demo", ""},
      {"METADATA", "Name: Demo", "X: y\n\nName: Demo", "METADATA"},
      {"METADATA", "Name: Demo", "X: y\r\nName: Demo\r", ""},
      {"WHEEL", "Wheel-Version: 1.0", "Wheel-Version: 2.0", "Wheel-Version"},
      {"WHEEL", "Wheel-Version: 1.0", "Wheel-Version: 10.0", "Wheel-Version"},
      {"WHEEL", "Wheel-Version: 1.0", "X: y", "Wheel-Version"},
      {"WHEEL", "Wheel-Version: 1.0", "Wheel-Version: 1.9", ""},
      {"WHEEL", "Purelib: true", "Purelib: perhaps", "Root-Is-Purelib"},
      {"WHEEL", "Purelib: true", "Purelib: false", ""},
      {"entry_points.txt", "demo = demo:main", "demo = demo", "entry point"},
      {"entry_points.txt", "demo = demo:main", "python = demo:main", "environment's own"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.to);
    const std::string message = fault([&](Draft& d) {
      std::string& content = d.file(row.file).content;
      content.replace(content.find(row.from), std::string(row.from).size(), row.to);
    });
    if (*row.message == '\0') CHECK(message == "");
    else CHECK(contains(message, row.message));
  }
}

TEST_CASE("wheel: refuses missing, foreign and second .dist-info directories, and .data") {
  const auto rename = [](Draft& d, const std::string& to) {
    for (ZipFile& f : d.files)
      if (f.name.compare(0, d.dist_info.size(), d.dist_info) == 0)
        f.name = to + f.name.substr(d.dist_info.size());
    d.dist_info = to;
  };
  CHECK(contains(fault([&](Draft& d) { rename(d, "other-1.0.dist-info"); }), "isn't its own"));
  CHECK(contains(fault([&](Draft& d) { rename(d, "demo-2.0.dist-info"); }), "isn't its own"));
  CHECK(contains(fault([&](Draft& d) { rename(d, "demo.dist-info"); }), "isn't its own"));
  CHECK(contains(fault([&](Draft& d) { rename(d, "x/demo-1.0.dist-info"); }), "no .dist-info"));
  CHECK(fault([&](Draft& d) { rename(d, "Demo-1.0.0.dist-info"); }) == "");
  for (const char* name : {"other-1.0.dist-info/METADATA", "x-1.DIST-INFO/y"})
    CHECK(contains(fault([&](Draft& d) { d.files.push_back({name, "x"}); }), "more than one"));
  for (const char* name : {"demo-1.0.data/scripts/x", "other-1.DATA/purelib/y"})
    CHECK(contains(fault([&](Draft& d) { d.files.push_back({name, "x"}); }), "not supported"));
  for (const char* gone : {"METADATA", "WHEEL"})
    CHECK(contains(fault([&](Draft& d) { d.file(gone).name = "demo/" + std::string(gone); }),
                   std::string("no ") + gone));
  CHECK(fault([](Draft& d) { d.file("entry_points.txt").name = "demo/e.txt"; }) == "");
}

TEST_CASE("wheel: takes only file names of wheels for every Python 3") {
  const std::string bytes = Draft().bytes();
  for (const char* name : {"demo-1.0-py2.py3-none-any.whl", "demo-1.0-1-py3-none-any.whl",
                           "Demo-1.0.0-py3-none-any.whl"})
    CHECK(fault(bytes, name) == "");
  for (const char* name :
       {"", ".whl", "demo.whl", "demo-1.0.whl", "demo-1.0-py3-none-any.zip",
        "demo-1.0-py3-none.whl", "demo-1.0-x-py3-none-any.whl", "demo--py3-none-any.whl",
        "demo-one-py3-none-any.whl", "-1.0-py3-none-any.whl", "dir/demo-1.0-py3-none-any.whl",
        "a-b-1.0-1-py3-none-any.whl", "demo-1.0-py3-none-any.WHL"})
    CHECK(contains(fault(bytes, name), "file name"));
  for (const char* name : {"demo-1.0-py2-none-any.whl", "demo-1.0-cp313-cp313-linux_x86_64.whl",
                           "demo-1.0-py3-none-win32.whl", "demo-1.0-py33-none-any.whl"})
    CHECK(contains(fault(bytes, name), "every Python 3"));
  CHECK(contains(fault(bytes, "demo-1.1-py3-none-any.whl"), "isn't its own"));
  CHECK(contains(fault(bytes, "other-1.0-py3-none-any.whl"), "isn't its own"));
}

TEST_CASE("wheel name: has its parts") {
  const auto name = parse_wheel_name("my_pkg-1!2.0rc1+local.1-2a-py2.py3-none-any.whl");
  REQUIRE(name);
  CHECK(name->distribution == "my_pkg");
  CHECK(name->version == "1!2.0rc1+local.1");
  CHECK(name->build == "2a");
  CHECK(name->python_tag == "py2.py3");
  CHECK(name->abi_tag == "none");
  CHECK(name->platform_tag == "any");
  CHECK(normalized_name("My_.-Pkg--x.") == "my-pkg-x-");
}

TEST_CASE("record: reads and writes what Python's csv module does") {
  struct Row {
    std::string text;
    std::vector<std::vector<std::string>> rows;
  };
  const Row rows[] = {
      {"", {}},
      {"a,b,c\n", {{"a", "b", "c"}}},
      {"a,b,c", {{"a", "b", "c"}}},
      {"a,,\r\nb,h,1\r\n", {{"a", "", ""}, {"b", "h", "1"}}},
      {"\n\na,,\n\nb,,\n", {{"a", "", ""}, {"b", "", ""}}},
      {"\"a,b\",\"c\"\"d\",\"\"\n", {{"a,b", "c\"d", ""}}},
      {"\"a\nb\",,\n", {{"a\nb", "", ""}}},
      {"a\"b,,\n", {{"a\"b", "", ""}}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    std::vector<std::vector<std::string>> got;
    for (const RecordRow& r : parse_record(row.text)) got.push_back({r.path, r.hash, r.size});
    CHECK((got == row.rows));
  }
  for (const char* text :
       {"a\n", "a,b\n", "a,b,c,d\n", "\"a,b,c\n", "\"a\"b,c,d\n", "a,b,\"c\"d"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_record(text), venv::Error);
  }
  CHECK(format_record_row({"a b/c.py", "sha256=x", "1"}) == "a b/c.py,sha256=x,1");
  CHECK(format_record_row({"a,b", "c\"d", ""}) == "\"a,b\",\"c\"\"d\",");
}

TEST_CASE("entry points: are read as importlib.metadata reads them") {
  const Scripts scripts = parse_entry_points("# comment\n"
                                             "[other]\n"
                                             "what = ever it is\n"
                                             "[console_scripts]\r\n"
                                             "  pip=pip._internal.cli.main:main\r\n"
                                             "\n"
                                             "pip3.12 = pip.x : Class.method\n"
                                             "with-extra = mod:func [extra, more]\n"
                                             "[gui_scripts]\n"
                                             "window = mod:func");
  const auto flat = [](const std::vector<EntryPoint>& entries) {
    std::string text;
    for (const EntryPoint& e : entries) text += e.name + '|' + e.module + '|' + e.attribute + '\n';
    return text;
  };
  CHECK(flat(scripts.console) == "pip|pip._internal.cli.main|main\n"
                                 "pip3.12|pip.x|Class.method\n"
                                 "with-extra|mod|func\n");
  CHECK(flat(scripts.gui) == "window|mod|func\n");
}

TEST_CASE("entry points: refuses names that would replace the environment's own files") {
  for (const char* name : {"python",
                           "Python",
                           "python3",
                           "python3.13",
                           "python3.13t",
                           "python3.13d",
                           "python313",
                           "pythonw",
                           "python.exe",
                           "pythonw3.13",
                           "python_d",
                           "PYTHON3.EXE",
                           "pypy",
                           "pypy3",
                           "pypy3.10",
                           "py",
                           "pyw",
                           "activate",
                           "activate.fish",
                           "Activate.ps1",
                           "activate_this.py",
                           "activate_this",
                           "deactivate",
                           "deactivate.bat",
                           "pyvenv.cfg"}) {
    CAPTURE(name);
    CHECK(contains(entry_points_fault("[console_scripts]\n" + std::string(name) + " = a:b\n"),
                   "environment's own"));
    CHECK(contains(entry_points_fault("[gui_scripts]\n" + std::string(name) + " = a:b\n"),
                   "environment's own"));
  }
  for (const char* name : {"pip", "pip3", "pip3.13", "easy_install", "easy_install-3.6", "pytest",
                           "python-config", "ipython", "pylint", "pyt", "reactivate", "a", "_x"}) {
    CAPTURE(name);
    CHECK(entry_points_fault("[console_scripts]\n" + std::string(name) + " = a:b\n") == "");
  }
}

TEST_CASE("entry points: refuses what is no file's name or no function") {
  for (const char* line : {"../x = a:b",
                           "a/b = a:b",
                           "a\\b = a:b",
                           "= a:b",
                           ".hidden = a:b",
                           "-x = a:b",
                           "a b = a:b",
                           "nul = a:b",
                           "con.txt = a:b",
                           "x. = a:b",
                           "caf\xc3\xa9 = a:b",
                           "x$(id) = a:b",
                           "x = a",
                           "x = a:",
                           "x = :b",
                           "x = a.:b",
                           "x = a..c:b",
                           "x = .a:b",
                           "x = a:b.",
                           "x = 1a:b",
                           "x = a:b()",
                           "x = a:b;import os",
                           "x = a b:c",
                           "x = a:b:c",
                           "x = a-b:c",
                           "x",
                           "x : a:b",
                           "x = a:b\"",
                           "x = a:'b",
                           "x = ]"}) {
    CAPTURE(line);
    CHECK(contains(entry_points_fault("[console_scripts]\n" + std::string(line) + '\n'),
                   "entry point"));
  }
  CHECK(contains(entry_points_fault("[console_scripts]\na = x:y\n[gui_scripts]\nA = x:y\n"),
                 "twice"));
}

TEST_CASE("package versions: are ordered as PEP 440 says") {
  const char* const ordered[] = {"1.dev0",
                                 "1.0.dev456",
                                 "1.0a1",
                                 "1.0a2.dev456",
                                 "1.0a12.dev456",
                                 "1.0a12",
                                 "1.0b1.dev456",
                                 "1.0b2",
                                 "1.0b2.post345.dev456",
                                 "1.0b2.post345",
                                 "1.0rc1.dev456",
                                 "1.0rc1",
                                 "1.0",
                                 "1.0+abc.5",
                                 "1.0+abc.7",
                                 "1.0+5",
                                 "1.0.post456.dev34",
                                 "1.0.post456",
                                 "1.0.15",
                                 "1.1.dev1",
                                 "9.0.3",
                                 "10.0",
                                 "18.1",
                                 "20.3.4",
                                 "22.0.4",
                                 "23.0.1",
                                 "23.2.1",
                                 "24.2",
                                 "2013.10",
                                 "1!0.1"};
  constexpr std::size_t n = sizeof ordered / sizeof *ordered;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      CAPTURE(ordered[i]);
      CAPTURE(ordered[j]);
      const auto a = parse_package_version(ordered[i]), b = parse_package_version(ordered[j]);
      REQUIRE(a);
      REQUIRE(b);
      CHECK((*a < *b) == (i < j));
      CHECK((*a == *b) == (i == j));
    }
}

TEST_CASE("package versions: have many spellings, and not any") {
  const char* const same[][2] = {{"1.0", "1"},
                                 {"1.0", " v1.0.0\n"},
                                 {"1.0a1", "1.0-ALPHA.1"},
                                 {"1.0a0", "1.0a"},
                                 {"1.0rc1", "1.0c1"},
                                 {"1.0rc1", "1.0_pre1"},
                                 {"1.0rc2", "1.0.preview-2"},
                                 {"1.0.post1", "1.0-1"},
                                 {"1.0.post1", "1.0r1"},
                                 {"1.0.post0", "1.0-rev"},
                                 {"1.0.dev1", "1.0dev1"},
                                 {"1.0.dev0", "1.0-dev"},
                                 {"1.0+a.1", "1.0+A_01"},
                                 {"1.0", "0!1.0"}};
  for (const auto& pair : same) {
    const char *const a = pair[0], *const b = pair[1];
    CAPTURE(a);
    CAPTURE(b);
    REQUIRE(parse_package_version(a));
    REQUIRE(parse_package_version(b));
    CHECK((*parse_package_version(a) == *parse_package_version(b)));
  }
  for (const char* text :
       {"", "x", "1.", "1..0", ".1", "1.0 0", "1.0+", "1.0+a..b", "1.0x", "1.0a1b1", "1!",
        "1.0.dev1.post1", "-1", "1,0", "99999999999999999999999"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_package_version(text));
  }
}

TEST_CASE("Requires-Python: allows what it says") {
  struct Row {
    const char *specifier, *version;
    bool allowed;
  };
  const Row rows[] = {
      {"", "3.13.0", true},
      {">=3.8", "3.13.0", true},
      {">=3.8", "3.8.0", true},
      {">=3.8", "3.7.16", false},
      {">=2.7,!=3.0.*,!=3.1.*", "3.1.5", false},
      {">=2.7,!=3.0.*,!=3.1.*", "3.10.5", true},
      {">= 3.7 , < 3.13", "3.12.9", true},
      {">= 3.7 , < 3.13", "3.13.0", false},
      {"~=3.8", "3.13.0", true},
      {"~=3.8", "4.0", false},
      {"~=3.8.2", "3.8.18", true},
      {"~=3.8.2", "3.9.0", false},
      {"~=3", "3.9.0", false},
      {"==3.*", "3.9.18", true},
      {"==3.9", "3.9.0", true},
      {"==3.9", "3.9.18", false},
      {"!=3.9.18", "3.9.18", false},
      {"<=3.9", "3.9.1", false},
      {">3.9", "3.9.0", false},
      {">3.9", "3.9.1", true},
      {">=3.*", "3.9.1", false},
      {"3.9", "3.9.0", false},
      {"=>3.9", "3.9.0", false},
      {">=banana", "3.9.0", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.specifier);
    CAPTURE(row.version);
    CHECK(specifier_allows(row.specifier, *parse_package_version(row.version)) == row.allowed);
  }
}

TEST_CASE("wheel: build tags, from the earliest to the latest") {
  const std::string_view tags[] = {
      "", "0", "0a", "1", "1_x", "1a", "01b", "2", "10", "010a", "99999999999999999999"};
  for (std::size_t i = 0; i < std::size(tags); ++i)
    for (std::size_t j = 0; j < std::size(tags); ++j) {
      CAPTURE(tags[i]);
      CAPTURE(tags[j]);
      CHECK(is_earlier_build(tags[i], tags[j]) == (i < j));
    }
}
