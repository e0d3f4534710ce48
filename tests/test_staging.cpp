#include "create/distribution.hpp"
#include "create/compile.hpp"
#include "create/staging.hpp"

#include "support_files.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

using namespace venv::detail;
using support::TemporaryDirectory;

namespace {

PackFile file_of(const std::string& name, std::size_t size = 1, bool bytecode = false) {
  PackFile file;
  file.name = name;
  file.size = size;
  file.bytecode = bytecode;
  return file;
}

} // namespace

TEST_CASE("staging: batches have each file once, of one directory each, none too large") {
  std::vector<PackFile> files;
  for (int i = 0; i < 100; ++i) files.push_back(file_of("many/" + std::to_string(i)));
  for (int i = 0; i < 5; ++i)
    files.push_back(file_of("big/" + std::to_string(i), std::size_t{300} << 10));
  files.push_back(file_of("big/huge", std::size_t{50} << 20));
  files.push_back(file_of("top"));
  files.push_back(file_of("many/__pycache__/0.pyc", 1, true));
  for (const bool with_bytecode : {true, false}) {
    CAPTURE(with_bytecode);
    std::multiset<std::size_t> seen;
    std::set<std::string> directories;
    for (const Batch& batch : batches_of(files, with_bytecode)) {
      REQUIRE_FALSE(batch.files.empty());
      CHECK(batch.files.size() <= 24);
      directories.insert(std::string(batch.directory));
      std::size_t before_the_last = 0;
      for (const std::size_t i : batch.files) {
        seen.insert(i);
        const std::string& name = files[i].name;
        CHECK(batch.directory ==
              name.substr(0, name.rfind('/') == name.npos ? 0 : name.rfind('/')));
        if (i != batch.files.back()) before_the_last += files[i].size;
      }
      CHECK(before_the_last < std::size_t{128} << 10);
    }
    CHECK(seen.size() == files.size() - !with_bytecode);
    CHECK(std::set<std::size_t>(seen.begin(), seen.end()).size() == seen.size());
    CHECK(directories.count("many/__pycache__") == with_bytecode);
  }
  CHECK(batches_of({}, true).empty());
}

TEST_CASE("staging: makes directories of any depth, those above first") {
  const TemporaryDirectory tmp;
  make_staged_directories(tmp.path(),
                          {{"a/b/c", {}}, {"", {}}, {"a", {}}, {"a/x", {}}, {"ab/c", {}}});
  for (const char* directory : {"a/b/c", "a/x", "ab/c"}) CHECK(fs::is_directory(tmp / directory));
  const TemporaryDirectory names; // that begin as the one before
  make_staged_directories(names.path(),
                          {{"part1"}, {"part10"}, {"part10/x"}, {"part10/xy/z"}, {"part2"}});
  for (const char* directory : {"part1", "part10/x", "part10/xy/z", "part2"})
    CHECK(fs::is_directory(names / directory));
}

TEST_CASE("staging: modules are dealt out evenly, each once") {
  std::vector<PackFile> files = {file_of("data.txt", 1000000), file_of("x.pyc", 100),
                                 file_of(".py", 5)};
  std::size_t total = 0;
  for (std::size_t i = 0; i < 200; ++i) {
    files.push_back(file_of("m" + std::to_string(i) + ".py", i * 97 % 50000));
    total += files.back().size;
  }
  for (const std::size_t count : {1u, 2u, 4u, 7u}) {
    CAPTURE(count);
    const auto hands = deal_modules(files, count);
    REQUIRE(hands.size() == count);
    std::set<std::string> seen;
    std::size_t names = 0;
    for (const auto& hand : hands) {
      std::size_t bytes = 0;
      for (const std::string& name : hand) {
        seen.insert(name);
        ++names;
        bytes += std::find_if(files.begin(), files.end(), [&](const PackFile& f) {
                   return f.name == name;
                 })->size;
      }
      CHECK(bytes < total / count + total / 10);
    }
    CHECK(names == 200);
    CHECK(seen.size() == 200);
  }
  CHECK(deal_modules({file_of("a.py"), file_of("b.py")}, 8).size() == 2);
  CHECK(deal_modules({file_of("a.txt")}, 8).empty());
  CHECK(deal_modules({}, 8).empty());
}

TEST_CASE("staging: bytecode lies where PEP 3147 says") {
  CHECK(bytecode_name("a/b.py", "cpython-313") == "a/__pycache__/b.cpython-313.pyc");
  CHECK(bytecode_name("b.py", "cpython-38") == "__pycache__/b.cpython-38.pyc");
  CHECK(bytecode_name("a/b.c.py", "pypy39") == "a/__pycache__/b.c.pypy39.pyc");
}

TEST_CASE("staging: a header of bytecode gets the source's time, and nothing else changes") {
  for (const std::size_t size : {12u, 16u}) {
    std::string header;
    for (std::size_t i = 0; i < size; ++i) header += static_cast<char>(2 * i + 2);
    std::string expected = header;
    expected.replace(size - 8, 4, std::string("\x78\x56\x34\x92", 4));
    CHECK(timestamped(header, 0x92345678) == expected);
    // Only the low 32 bits are kept (PEP 552), also after 2106 and before 1970.
    CHECK(timestamped(header, 0x192345678) == expected);
    CHECK(timestamped(header, -1).substr(size - 8, 4) == "\xFF\xFF\xFF\xFF");
    header[4] |= 1; // since Python 3.7, in the flags: the hash of the source is there instead
    CHECK((timestamped(header, 7) == header) == (size == 16));
  }
}

TEST_CASE("staging: what is packed comes out again, with the times of the new place") {
  const TemporaryDirectory tmp;
  PackIndex index;
  index.distribution = "demo";
  index.version = "1.0";
  const std::string header = std::string("\xF3\r\r\n\0\0\0\0", 8) + "TIMESIZE";
  const std::pair<std::string, std::string> contents[] = {
      {"demo/a.py", "a = 1\n"},
      {"demo/sub/empty.py", ""},
      {"demo/sub/run", "#!/bin/sh\n"},
      {"demo/__pycache__/a.x.pyc", header + "code"},
      {"demo-1.0.dist-info/METADATA", "Name: demo\n"}};
  const Staging from(tmp.path());
  for (const auto& [name, content] : contents) {
    PackFile file = file_of(name, content.size(), name.find("pyc") != name.npos);
    file.mode = name == "demo/sub/run" ? 0777 : 0666;
    index.files.push_back(file);
    support::put(from.path() / name, content);
  }
  const fs::path path = tmp / "pack";
  {
    NewFile file(path, 0600);
    const auto read = [&from](const PackFile& packed) {
      return read_file(from.path() / packed.name);
    };
    write_pack(index, read, file);
    file.put_in_place();
  }
  const std::string pack = support::get(path);
  const auto parsed = parse_pack(pack);
  REQUIRE(parsed);
  for (const bool with_bytecode : {true, false}) {
    const Staging to(tmp.path());
    REQUIRE(unpack_pack(SourceFile(path), *parsed, 16, with_bytecode, to));
    CHECK(support::get(to.path() / "demo/a.py") == "a = 1\n");
    CHECK(fs::exists(to.path() / "demo/sub/empty.py"));
    const fs::path compiled = to.path() / "demo/__pycache__/a.x.pyc";
    CHECK(fs::exists(compiled) == with_bytecode);
    if (!with_bytecode) continue;
    CHECK(support::get(compiled) == timestamped(header, to.time()) + "code");
    CHECK(status_of(to.path() / "demo/a.py").modified / 1000000000 == to.time()); // as that says
  }
  for (const mode_t umask :
       {0022u, 0027u, 0077u}) { // what is to be run may be run by all, as pip has it
    CAPTURE(umask);
    const Staging to(tmp.path());
    const mode_t before = ::umask(umask);
    const bool is_whole = unpack_pack(SourceFile(path), *parsed, 16, true, to);
    ::umask(before);
    CHECK(is_whole);
    CHECK((status_of(to.path() / "demo/sub/run").mode & 0777u) == ((0777u & ~umask) | 0111u));
    CHECK((status_of(to.path() / "demo/a.py").mode & 0777u) == (0666u & ~umask));
  }
  // Damage in any file's bytes is told, wherever it is.
  for (const PackFile& file : parsed->files) {
    if (file.size == 0) continue;
    std::string damaged = pack;
    damaged[file.offset] = static_cast<char>(damaged[file.offset] ^ 1);
    const Staging to(tmp.path());
    support::put(tmp / "damaged", damaged);
    CHECK_FALSE(unpack_pack(SourceFile(tmp / "damaged"), *parsed, 16, true, to));
  }
  const Staging to(tmp.path()); // bytecode shorter than its header
  CHECK_FALSE(unpack_pack(SourceFile(path), *parsed, 1000, true, to));
}

TEST_CASE("staging: the directory is gone at the end, whatever is in it") {
  const TemporaryDirectory tmp;
  {
    const Staging staging(tmp.path());
    support::put(staging.path() / "a" / "b", "x");
  }
  CHECK(fs::is_empty(tmp.path()));
}

TEST_CASE("distribution: scripts named after a version are made for the one at hand") {
  const struct {
    std::vector<std::string> wanted, made;
  } rows[] = {
      {{"pip", "pip3", "pip3.9"}, {"pip", "pip3", "pip3.13"}},
      {{"pip3.99", "pip"}, {"pip", "pip3", "pip3.13"}},
      {{"easy_install", "easy_install-3.8"}, {"easy_install", "easy_install-3.13"}},
      {{"pip3.9", "easy_install-3.8"}, {"pip3.9", "easy_install-3.8"}}, // as pip leaves them
      {{"pipx", "pip-tool", "tool", "tool-3.8"}, {"pipx", "pip-tool", "tool", "tool-3.8"}},
      {{}, {}},
  };
  venv::Interpreter python;
  python.version = {3, 13, 0};
  for (const auto& row : rows) {
    std::vector<EntryPoint> wanted;
    for (const std::string& name : row.wanted) wanted.push_back({name, "module", "function"});
    std::vector<std::string> made;
    for (const EntryPoint& entry : scripts_for(python, wanted)) made.push_back(entry.name);
    CHECK(made == row.made);
  }
}
