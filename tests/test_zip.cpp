#include "archive/zip.hpp"

#include "support_wheels.hpp"
#include "support_zip.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using support::make_zip;
using support::ZipFile;
using venv::detail::ZipArchive;
using venv::detail::ZipLimits;

/// Reads all of an archive, from a buffer on the heap of exactly its size; empty where it is well,
/// else the message.
std::string fault(const std::string& bytes, const ZipLimits& limits = {}) {
  const std::unique_ptr<char[]> copy(new char[bytes.size()]);
  std::copy(bytes.begin(), bytes.end(), copy.get());
  try {
    const ZipArchive archive({copy.get(), bytes.size()}, limits);
    for (const auto& entry : archive.entries()) read_entry(entry);
    return {};
  } catch (const venv::Error& error) {
    CHECK(error.code() == venv::ErrorCode::bad_archive);
    const std::string message = error.what();
    CHECK(std::all_of(message.begin(), message.end(), [](char c) { return c >= ' ' && c <= '~'; }));
    CHECK_FALSE(message.empty());
    return message;
  }
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

ZipFile named(const std::string& name) { return {name, "content of " + name}; }

} // namespace

TEST_CASE("zip: reads stored and deflated files, empty ones and directories") {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "line " + std::to_string(i) + '\n';
  ZipFile stored{"a/stored.txt", "as it is", false};
  ZipFile script{"a/script", "#!/bin/sh\n"};
  script.mode = 0100755;
  ZipFile directory{"a/", "", false, 040755};
  const std::string bytes = make_zip({directory, stored, script, {"b.txt", many}, {"empty", ""}});
  const ZipArchive archive(bytes);
  REQUIRE(archive.entries().size() == 5);
  CHECK(archive.entries()[0].is_directory());
  CHECK(read_entry(*archive.find("a/stored.txt")) == "as it is");
  CHECK(read_entry(*archive.find("a/script")) == "#!/bin/sh\n");
  CHECK(archive.find("a/script")->mode == 0100755);
  CHECK(read_entry(*archive.find("b.txt")) == many);
  CHECK(read_entry(*archive.find("empty")).empty());
  CHECK(archive.find("a") == nullptr);
}

TEST_CASE("zip: reads data descriptors, comments, and an archive without entries") {
  ZipFile late = named("late.txt");
  late.descriptor = true;
  support::ZipEnd end;
  end.comment = "a comment";
  const std::string bytes = make_zip({late, named("after.txt")}, end);
  const ZipArchive archive(bytes);
  CHECK(read_entry(*archive.find("late.txt")) == "content of late.txt");
  CHECK(read_entry(*archive.find("after.txt")) == "content of after.txt");
  CHECK(ZipArchive(make_zip({})).entries().empty());
}

TEST_CASE("zip: reads all bundled wheels") {
  const auto wheels = support::bundled_wheels();
  if (wheels.empty()) MESSAGE("skipped: no bundled wheel found");
  CHECK_FALSE((wheels.empty() && std::getenv("CI") != nullptr));
  for (const auto& path : wheels) {
    CAPTURE(path.string());
    CHECK(fault(support::read_file(path)) == "");
  }
}

TEST_CASE("zip: refuses names that lead elsewhere or are not the same everywhere") {
  struct Row {
    std::string name, message;
  };
  const Row rows[] = {
      {"../evil", ". or .."},
      {"a/../../evil", ". or .."},
      {"a/..", ". or .."},
      {"./a", ". or .."},
      {"/etc/passwd", "absolute"},
      {"//server/share", "absolute"},
      {"C:/windows", "drive letter"},
      {"C:evil", "drive letter"},
      {"file.txt:stream", "colon"},
      {"a\\b", "backslash"},
      {"..\\evil", "backslash"},
      {std::string("a\0b", 3), "control"},
      {"a\nb", "control"},
      {"a\x7f", "control"},
      {"caf\xc3\xa9", "non-ASCII"},
      {"bad\xff", "non-ASCII"},
      {"a//b", "empty component"},
      {"a/b//", "empty component"},
      {"", "no name"},
      {"trailing.", "dot or a space"},
      {"trailing /x", "dot or a space"},
      {"nul", "device"},
      {"a/Con.txt", "device"},
      {"AUX.tar.gz", "device"},
      {"com1", "device"},
      {"lpt9.log/x", "device"},
      {"what?", "Windows"},
      {"star*", "Windows"},
      {"pipe|", "Windows"},
      {std::string(300, 'x'), "255"},
      {std::string(1100, 'x'), "too long"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(contains(fault(make_zip({named(row.name)})), row.message));
  }
  for (const char* name : {"...a", ".hidden", "a..b", "a b", "console", "com", "com10", "nully",
                           "aux_", "a/b/c/d", "~", "-rf", "@(x)!#$%&'+,;=[]^`{}"}) {
    CAPTURE(name);
    CHECK(fault(make_zip({named(name)})) == "");
  }
}

TEST_CASE("zip: refuses names that would be one path") {
  struct Row {
    std::vector<std::string> names;
    bool same;
  };
  const Row rows[] = {
      {{"a", "a"}, true},
      {{"a", "b", "a"}, true},
      {{"dir/File", "dir/file"}, true},
      {{"DIR/a", "dir/b"}, true},
      {{"a", "a/b"}, true},
      {{"a/b", "a"}, true},
      {{"a/b", "x", "A"}, true},
      {{"a/b/c", "a/B"}, true},
      {{"a", "a/"}, true},
      {{"a/", "A/b"}, true},
      {{"a/b", "a/c", "a/d/e", "a/d/f"}, false},
      {{"a/", "a/b"}, false},
      {{"a/b", "ab", "a-b", "a.b/c"}, false},
      {{"a/b/c", "b/c", "c"}, false},
  };
  for (const Row& row : rows) {
    std::vector<ZipFile> files;
    for (const std::string& name : row.names) {
      files.push_back(named(name));
      if (name.back() == '/') files.back() = {name, "", false, 040755};
    }
    CAPTURE(row.names.front());
    CAPTURE(row.names.back());
    CHECK(contains(fault(make_zip(files)), "same path") == row.same);
  }
}

TEST_CASE("zip: refuses links, special files, and directories with data") {
  for (const std::uint32_t mode : {0120777u, 0060644u, 0020644u, 0010644u, 0140644u, 0040755u}) {
    ZipFile file = named("a");
    file.mode = mode;
    CAPTURE(mode);
    CHECK(contains(fault(make_zip({file})), "link or a special file"));
  }
  ZipFile directory{"a/", "data", false, 040755};
  CHECK(contains(fault(make_zip({directory})), "directory with data"));
  directory.mode = 0100644;
  CHECK(contains(fault(make_zip({directory})), "special file"));
  ZipFile plain = named("a");
  for (const std::uint32_t mode : {0u, 0664u, 0100755u}) {
    plain.mode = mode;
    CHECK(fault(make_zip({plain})) == "");
  }
}

TEST_CASE("zip: refuses encrypted entries and unknown methods") {
  for (const std::uint32_t flags : {0x1u, 0x41u, 0x20u, 0x2000u}) {
    ZipFile file = named("a");
    file.flags = flags;
    CAPTURE(flags);
    CHECK(contains(fault(make_zip({file})), "encrypted"));
  }
  for (const std::uint32_t method : {1u, 9u, 12u, 14u, 93u, 99u}) {
    ZipFile file = named("a");
    file.central.method = file.local.method = method;
    CAPTURE(method);
    CHECK(contains(fault(make_zip({file})), "method " + std::to_string(method)));
  }
}

TEST_CASE("zip: refuses zip64 and archives in parts") {
  support::ZipEnd end;
  end.count = 0xFFFF;
  CHECK(contains(fault(make_zip({named("a")}, end)), "zip64"));
  end = {};
  end.offset = 0xFFFFFFFF;
  CHECK(contains(fault(make_zip({named("a")}, end)), "zip64"));
  end = {};
  end.between = std::string("PK\6\7", 4) + std::string(16, '\0'); // the locator alone
  CHECK(contains(fault(make_zip({named("a")}, end)), "zip64"));
  for (int field = 0; field < 3; ++field) {
    ZipFile file = named("a");
    if (field == 0) file.central.size = 0xFFFFFFFF;
    if (field == 1) file.central.compressed_size = 0xFFFFFFFF;
    if (field == 2) file.offset = 0xFFFFFFFF;
    CAPTURE(field);
    CHECK(contains(fault(make_zip({file})), "zip64"));
  }
  end = {};
  end.disk = 1;
  CHECK(contains(fault(make_zip({named("a")}, end)), "several parts"));
  end = {};
  end.count_here = 0;
  CHECK(contains(fault(make_zip({named("a")}, end)), "several parts"));
}

TEST_CASE("zip: refuses a central directory that disagrees with the local headers") {
  const auto changed = [](void (*change)(ZipFile&)) {
    ZipFile file = named("name");
    change(file);
    return fault(make_zip({file}));
  };
  CHECK(contains(changed([](ZipFile& f) { f.local.name = "Name"; }), "disagrees"));
  CHECK(contains(changed([](ZipFile& f) { f.local.name = "../x"; }), "disagrees"));
  CHECK(contains(changed([](ZipFile& f) { f.central.name = "x"; }), "disagrees"));
  CHECK(contains(changed([](ZipFile& f) { f.local.flags = 1; }), "disagrees"));
  CHECK(contains(changed([](ZipFile& f) { f.local.flags = 8; }), "disagrees"));
  CHECK(contains(changed([](ZipFile& f) { f.local.method = 0; }), "disagrees"));
  CHECK(contains(changed([](ZipFile& f) { f.local.crc = 1; }), "disagrees"));
  CHECK(contains(changed([](ZipFile& f) { f.local.crc = 0; }), "disagrees"));
  CHECK(contains(changed([](ZipFile& f) { f.local.size = 1; }), "disagrees"));
  CHECK(contains(changed([](ZipFile& f) { f.local.compressed_size = 1; }), "disagrees"));
  CHECK(contains(changed([](ZipFile& f) { f.descriptor = true, f.local.size = 1; }), "disagrees"));
  CHECK(changed([](ZipFile& f) { f.descriptor = true, f.local.size = 15; }) == "");
}

TEST_CASE("zip: refuses wrong sizes and checksums") {
  const auto changed = [](void (*change)(ZipFile&), bool compress = true) {
    ZipFile file = named("name");
    file.compress = compress;
    change(file);
    return fault(make_zip({file}));
  };
  CHECK(contains(changed([](ZipFile& f) { f.central.crc = f.local.crc = 1; }), "CRC"));
  CHECK(contains(changed([](ZipFile& f) { f.central.crc = f.local.crc = 1; }, false), "CRC"));
  CHECK(contains(changed([](ZipFile& f) { f.central.size = f.local.size = 14; }), "longer"));
  CHECK(contains(changed([](ZipFile& f) { f.central.size = f.local.size = 16; }), "shorter"));
  CHECK(contains(changed([](ZipFile& f) { f.central.size = f.local.size = 14; }, false),
                 "two different sizes"));
  CHECK(contains(changed([](ZipFile& f) { f.data = "\xff\xff\xff"; }), "block"));
  CHECK(contains(changed([](ZipFile& f) { *(f.data = support::deflated(f.content)) += 'x'; }),
                 "after its end"));
  CHECK(contains(
      changed([](ZipFile& f) { f.central.compressed_size = f.local.compressed_size = 1000; }),
      "beyond the end"));
}

TEST_CASE("zip: refuses offsets out of range and overlapping entries") {
  for (const std::uint32_t offset : {1u, 30u, 10000u, 0x7FFFFFFFu, 0xFFFFFFFEu}) {
    ZipFile file = named("a");
    file.offset = offset;
    CAPTURE(offset);
    CHECK(contains(fault(make_zip({file})), "not where"));
  }
  // Two entries of one local header; and one whose data holds another entry.
  ZipFile second = named("a");
  second.offset = 0;
  CHECK(contains(fault(make_zip({named("a"), second})), "overlapping"));
  const std::string inner = make_zip({named("inner")});
  const std::string local = inner.substr(0, inner.find("PK\1\2"));
  ZipFile outer{"outer", local, false};
  ZipFile nested = named("inner");
  nested.offset = 30 + 5; // where the outer one's data begins
  CHECK(contains(fault(make_zip({outer, nested})), "overlapping"));
}

TEST_CASE("zip: refuses bombs before anything is inflated") {
  ZipFile bomb{"bomb", std::string(4 << 20, '\0')};
  CHECK(contains(fault(make_zip({bomb})), "beyond reason"));
  ZipFile big{"big", "x"};
  big.central.size = big.local.size = 17 << 20;
  CHECK(contains(fault(make_zip({big})), "too big"));
  ZipLimits limits;
  limits.total_size = 100;
  const ZipFile half{"half", std::string(51, 'x')}, other{"other", std::string(50, 'x')};
  CHECK(contains(fault(make_zip({half, other}), limits), "too big when unpacked"));
  limits.total_size = 101;
  CHECK(fault(make_zip({half, other}), limits) == "");
  limits.entries = 1;
  CHECK(contains(fault(make_zip({half, other}), limits), "too many"));
}

TEST_CASE("zip: refuses what is cut off, prepended, appended or hidden") {
  support::ZipEnd end;
  end.comment = "comment";
  const std::string bytes = make_zip({named("a"), named("b/c")}, end);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    CHECK(fault(bytes.substr(0, size)) != "");
  }
  CHECK(contains(fault("x" + bytes), "not where"));
  CHECK(contains(fault(bytes + "x"), "appended"));
  // A second end record in the comment: which one counts depends on the reader.
  end.comment = make_zip({named("other")});
  CHECK(fault(make_zip({named("a")}, end)) != "");
  end = {};
  end.count = 1;
  CHECK(contains(fault(make_zip({named("a"), named("b")}, end)), "longer than its entries"));
  end.count = 3;
  CHECK(contains(fault(make_zip({named("a"), named("b")}, end)), "damaged"));
  end.count = 1;
  end.between = "PK\1\2"; // a header without room for one
  end.size = 4;
  CHECK(contains(fault(make_zip({}, end)), "damaged"));
  end = {};
  end.between = "hidden";
  CHECK(contains(fault(make_zip({named("a")}, end)), "not where"));
}

TEST_CASE("zip: survives every byte of an archive being another") {
  ZipFile stored = named("dir/stored");
  stored.compress = false;
  const std::string bytes = make_zip({stored, named("dir/deflated")});
  std::size_t refused = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at)
    for (const int change : {1, 0x80, 0xFF}) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ change);
      refused += !fault(damaged).empty();
    }
  CHECK(refused > bytes.size()); // what is left are times, versions and attributes
}
