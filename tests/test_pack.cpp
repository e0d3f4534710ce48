#include "cache/pack.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace venv::detail;

PackIndex small_index() {
  PackIndex index;
  index.key = "/a/wheel.whl\n0123 cpython-313";
  index.distribution = "demo";
  index.version = "1.0";
  index.script_template = "from %(module)s import %(import_name)s\n%(func)s()\n";
  index.scripts = {{"demo", "demo.main", "run"}};
  return index;
}

using Contents = std::vector<std::pair<std::string, std::string>>;

const Contents small_contents = {
    {"demo/__init__.py", "value = 1\n"},
    {"demo/__pycache__/__init__.cpython-313.pyc", std::string("\0\r\n\1code", 8)},
    {"demo/empty.py", ""},
    {"demo-1.0.dist-info/METADATA", "Name: demo\n"}};

/// The bytes of a pack as write_pack writes them; `change` may spoil the index before.
std::string pack_of(const Contents& contents, const std::function<void(PackIndex&)>& change = {}) {
  PackIndex index = small_index();
  std::string bytes(pack_magic);
  for (const auto& [name, content] : contents) {
    PackFile file;
    file.name = name;
    file.bytecode = name.find(".pyc") != name.npos;
    file.hash = file.bytecode ? "" : "sha256=x";
    file.mode = 0644;
    file.offset = bytes.size();
    file.size = content.size();
    file.checksum = checksum(content);
    index.files.push_back(file);
    bytes += content;
  }
  if (change) change(index);
  const std::string index_bytes = format_pack_index(index);
  return bytes + index_bytes + format_pack_footer(bytes.size(), index_bytes);
}

/// Whether all of it can be read, and is what was written.
bool reads_back(const std::string& bytes, const Contents& contents) {
  const auto index = parse_pack(bytes);
  if (!index || index->files.size() != contents.size()) return false;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    const auto content = pack_bytes(bytes, index->files[i]);
    if (!content || index->files[i].name != contents[i].first || *content != contents[i].second)
      return false;
  }
  return true;
}

} // namespace

TEST_CASE("pack: reads what was written") {
  const std::string bytes = pack_of(small_contents);
  CHECK(reads_back(bytes, small_contents));
  const auto index = parse_pack(bytes);
  REQUIRE(index);
  const PackIndex expected = small_index();
  CHECK(index->key == expected.key);
  CHECK(index->distribution == expected.distribution);
  CHECK(index->version == expected.version);
  CHECK(index->script_template == expected.script_template);
  REQUIRE(index->scripts.size() == 1);
  CHECK(index->scripts[0].name == "demo");
  CHECK(index->scripts[0].module == "demo.main");
  CHECK(index->scripts[0].attribute == "run");
  CHECK(index->files[0].mode == 0644);
  CHECK(index->files[0].hash == "sha256=x");
  CHECK_FALSE(index->files[0].bytecode);
  CHECK(index->files[1].bytecode);
}

TEST_CASE("pack: every byte matters, whatever it is changed to") {
  const std::string bytes = pack_of(small_contents);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (const int flip : {0x01, 0x80, 0xFF}) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ flip);
      CAPTURE(i);
      CAPTURE(flip);
      CHECK_FALSE(reads_back(damaged, small_contents));
    }
}

TEST_CASE("pack: none that is cut, at either end, or longer") {
  const std::string bytes = pack_of(small_contents);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(parse_pack(std::string_view(bytes).substr(0, size)));
    CHECK_FALSE(parse_pack(std::string_view(bytes).substr(bytes.size() - size)));
  }
  CHECK_FALSE(parse_pack(bytes + '\0'));
  CHECK_FALSE(parse_pack(bytes + bytes));
  CHECK_FALSE(parse_pack('\0' + bytes));
}

TEST_CASE("pack: bytes cut out or swapped are found") {
  const std::string bytes = pack_of(small_contents);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    CAPTURE(i);
    CHECK_FALSE(reads_back(std::string(bytes).erase(i, 1), small_contents));
    CHECK_FALSE(reads_back(std::string(bytes).insert(i, 1, 'x'), small_contents));
    if (i + 8 < bytes.size() && bytes[i] != bytes[i + 8]) {
      std::string swapped = bytes;
      std::swap(swapped[i], swapped[i + 8]);
      CHECK_FALSE(reads_back(swapped, small_contents));
    }
  }
}

TEST_CASE("pack: a well-made one that lies is refused") {
  const struct {
    const char* what;
    std::function<void(PackIndex&)> change;
  } rows[] = {
      {"a file above the directory", [](PackIndex& i) { i.files[0].name = "../demo.py"; }},
      {"a file above, further in", [](PackIndex& i) { i.files[0].name = "demo/../../demo.py"; }},
      {"an absolute path", [](PackIndex& i) { i.files[0].name = "/etc/passwd"; }},
      {"no name", [](PackIndex& i) { i.files[0].name = ""; }},
      {"a NUL in a name", [](PackIndex& i) { i.files[0].name = std::string("a\0b", 3); }},
      {"a name twice", [](PackIndex& i) { i.files[0].name = i.files[2].name; }},
      {"its own RECORD", [](PackIndex& i) { i.files[0].name = "demo-1.0.dist-info/RECORD"; }},
      {"its own INSTALLER", [](PackIndex& i) { i.files[0].name = "demo-1.0.dist-info/INSTALLER"; }},
      {"its own REQUESTED", [](PackIndex& i) { i.files[0].name = "demo-1.0.dist-info/REQUESTED"; }},
      {"its own RECORD in another case",
       [](PackIndex& i) { i.files[0].name = "demo-1.0.dist-info/record"; }},
      {"its own INSTALLER as a directory",
       [](PackIndex& i) { i.files[0].name = "demo-1.0.dist-info/INSTALLER/x"; }},
      {"a name in another case", [](PackIndex& i) { i.files[0].name = "Demo/Empty.py"; }},
      {"a directory in another case", [](PackIndex& i) { i.files[0].name = "Demo/other.py"; }},
      {"a directory", [](PackIndex& i) { i.files[0].name = "demo/other/"; }},
      {"a file that is a directory", [](PackIndex& i) { i.files[0].name = "demo"; }},
      {"a directory that is a file", [](PackIndex& i) { i.files[0].name = "demo/empty.py/x"; }},
      {"the metadata as a file", [](PackIndex& i) { i.files[0].name = "demo-1.0.dist-info"; }},
      {"no metadata", [](PackIndex& i) { i.files[3].name = "demo/METADATA"; }},
      {"metadata of another version", [](PackIndex& i) { i.version = "2.0"; }},
      {"no files", [](PackIndex& i) { i.files.clear(); }},
      {"a file behind the end", [](PackIndex& i) { i.files.back().size += 1; }},
      {"a size near the largest number", [](PackIndex& i) { i.files.back().size = SIZE_MAX - 4; }},
      {"an offset in the header", [](PackIndex& i) { i.files[0].offset = 0; }},
      {"an offset near the largest number", [](PackIndex& i) { i.files[3].offset = SIZE_MAX - 4; }},
      {"two files on the same bytes", [](PackIndex& i) { i.files[3].offset = i.files[0].offset; }},
      {"bytes of no file", [](PackIndex& i) { i.files.pop_back(); }},
      {"a script above the directory", [](PackIndex& i) { i.scripts[0].name = "../../evil"; }},
      {"a script named like the interpreter", [](PackIndex& i) { i.scripts[0].name = "python3"; }},
      {"a script without a name", [](PackIndex& i) { i.scripts[0].name = ""; }},
      {"a script with code for a module",
       [](PackIndex& i) { i.scripts[0].module = "os\nprint(1)"; }},
      {"a script without a module", [](PackIndex& i) { i.scripts[0].module = ""; }},
      {"a script with code for a function", [](PackIndex& i) { i.scripts[0].attribute = "f();g"; }},
      {"a distribution above the directory",
       [](PackIndex& i) { i.distribution = "../../../evil"; }},
      {"a version above the directory", [](PackIndex& i) { i.version = "1/../../../../evil"; }},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    CHECK_FALSE(parse_pack(pack_of(small_contents, row.change)));
  }
  CHECK(parse_pack(pack_of(small_contents, [](PackIndex&) {})));
}

TEST_CASE("pack: modes are permissions and nothing else") {
  const auto index =
      parse_pack(pack_of(small_contents, [](PackIndex& i) { i.files[0].mode = 07777; }));
  if (index) CHECK(index->files[0].mode == 0777);
}

TEST_CASE("pack: counts that cannot be are refused without making room for them") {
  // The count of scripts, then that of files, as large as numbers get.
  for (const bool of_scripts : {true, false}) {
    PackIndex index = small_index();
    index.scripts.clear();
    std::string bytes = format_pack_index(index);
    const std::size_t at = bytes.size() - (of_scripts ? 16 : 8);
    for (const std::uint64_t count :
         {std::uint64_t{1}, std::uint64_t{1} << 32, UINT64_MAX / 24, UINT64_MAX}) {
      for (int i = 0; i < 8; ++i)
        bytes[at + static_cast<std::size_t>(i)] = static_cast<char>(count >> 8 * i & 0xFF);
      CAPTURE(count);
      CHECK_FALSE(parse_pack(std::string(pack_magic) + bytes +
                             format_pack_footer(pack_magic.size(), bytes)));
    }
  }
}

TEST_CASE("checksum: differs for what differs a little") {
  std::set<std::uint64_t> sums;
  std::size_t count = 0;
  const auto add = [&](const std::string& bytes) {
    sums.insert(checksum(bytes));
    ++count;
  };
  for (std::size_t size = 0; size < 200; ++size) add(std::string(size, '\0')); // lengths of nothing
  for (std::size_t size : {1u, 31u, 32u, 33u, 64u, 100u})
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
      std::string bytes(size, 'a');
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
      add(bytes);
    }
  CHECK(sums.size() == count);
}
