#include "package/requirements_file.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

namespace {

using namespace venv::detail;
using Files = std::map<std::string, std::string>;

RequirementsFile read(const std::string& root, const Files& files, Os os = Os::linux_or_other) {
  const auto bytes = [&files](const std::string& name) {
    const auto found = files.find(name);
    if (found == files.end()) throw venv::Error(venv::ErrorCode::io, "no file " + name);
    return found->second;
  };
  const auto variable = [](const std::string& name) {
    return name == "HOST" ? std::string("example.com") : std::string();
  };
  return read_requirements(root, {bytes, variable, os});
}

std::string fault(const Files& files) {
  try {
    read("r.txt", files);
    return {};
  } catch (const venv::Error& error) {
    CHECK(error.code() == venv::ErrorCode::invalid_argument);
    return error.what();
  }
}

} // namespace

TEST_CASE("requirements file: has lines, hashes, options and other files") {
  const RequirementsFile found =
      read("dir/r.txt", {{"dir/r.txt", "# comment\n"
                                       "-i https://${HOST}/${NONE}\n"
                                       "flask >= 3 ; os_name == 'posix' \\\n"
                                       "  --hash=sha256:aa \\\n"
                                       "  --hash sha512:bb # why\n"
                                       "-r sub/more.txt\n"
                                       "-c ../limits.txt\n"
                                       "-e ./project\n"},
                         {"dir/sub/more.txt", "more\n"},
                         {"limits.txt", "limited<2\n-r dir/again.txt\n"},
                         {"dir/again.txt", "again\n"}});
  REQUIRE(found.lines.size() == 5);
  CHECK(found.lines[0].text == "flask >= 3 ; os_name == 'posix'");
  CHECK(found.lines[0].hashes == std::vector<std::string>{"sha256:aa", "sha512:bb"});
  CHECK(place_text(found.lines[0].place) == "dir/r.txt:3");
  CHECK(place_text(found.lines[1].place) == "dir/sub/more.txt:1");
  CHECK(found.lines[2].is_constraint);
  CHECK(found.lines[3].text == "again");
  CHECK_FALSE(found.lines[3].is_constraint); // as for pip, -r begins anew
  CHECK(found.lines[4].is_editable);
  REQUIRE(found.options.size() == 1);
  CHECK(found.options[0].name == "--index-url");
  CHECK(found.options[0].value == "https://example.com/${NONE}");
  CHECK(found.files ==
        std::vector<std::string>{"dir/r.txt", "dir/sub/more.txt", "limits.txt", "dir/again.txt"});
}

TEST_CASE("requirements file: says where it is wrong") {
  const char* const rows[][2] = {
      {"a\n--nothing\n", "r.txt:2: no option '--nothing' in requirements files"},
      {"-r\n", "r.txt:1: --requirement needs a value"},
      {"--pre=1\n", "r.txt:1: --pre takes no value"},
      {"--no\n", "r.txt:1: option '--no' is ambiguous"},
      {"a --hash=md5:x\n", "r.txt:1: --hash takes sha256, sha384 or sha512, not 'md5'"},
      {"a --hash=x\n", "r.txt:1: --hash takes an algorithm and a hash: sha256:..."},
      {"-i 'x\n", "r.txt:1: a quote isn't closed: '-i 'x'"},
      {"\n-r ./x/../r.txt\n", "r.txt:2: 'r.txt' names itself, directly or through others"},
      {"\xE9\n", "requirements file 'r.txt' is not UTF-8"},
      {"# coding: utf-8\n\xE9\n", "requirements file 'r.txt' is not in the encoding that it says"},
      {"# coding: koi8-r\n",
       "requirements file 'r.txt' says that its encoding is 'koi8-r', which can't be read here"},
  };
  for (const auto& row : rows) {
    CAPTURE(row[0]);
    CHECK(fault({{"r.txt", row[0]}}) == row[1]);
  }
  Files chain;
  for (int i = 0; i < 200; ++i)
    chain["f" + std::to_string(i)] = "-r f" + std::to_string(i + 1) + "\n";
  chain["r.txt"] = "-r f0\n";
  CHECK(fault(chain) == "f99:1: too many files that name one another");
  Files tree; // each is read twice by the one before
  for (int i = 0; i < 50; ++i) {
    const std::string next = "f" + std::to_string(i + 1);
    tree["f" + std::to_string(i)] = "-r " + next + "\n-r " + next + "\n";
  }
  tree["f50"] = "a\n";
  tree["r.txt"] = "-r f0\n";
  CHECK(fault(tree) == "requirements files name one another too often, last 'f50'");
}

TEST_CASE("requirements file: is beside the one that names it") {
  const auto unix_path = [](const char* file, const char* name) {
    return beside(file, name, Os::linux_or_other);
  };
  CHECK(unix_path("r.txt", "a.txt") == "a.txt");
  CHECK(unix_path("/x y/r.txt", "../a.txt") == "/a.txt");
  CHECK(unix_path("/r.txt", "../../a.txt") == "/a.txt");
  CHECK(unix_path("../r.txt", "../a.txt") == "../../a.txt");
  CHECK(unix_path("x/r.txt", "/a//b/./c.txt") == "/a/b/c.txt");
  CHECK(unix_path("x/r.txt", "https://h/a.txt") == "https://h/a.txt");
  CHECK(unix_path("x/r.txt", "a\\b.txt") == "x/a\\b.txt");
  CHECK(beside("C:\\x\\r.txt", "a\\b.txt", Os::windows) == "C:/x/a/b.txt");
  CHECK(beside("C:\\x\\r.txt", "D:\\a.txt", Os::windows) == "D:/a.txt");
}

TEST_CASE("requirements file: tells names, URLs and paths apart") {
  struct Row {
    const char* text;
    RequiredKind kind;
  };
  const Row rows[] = {
      {"flask", RequiredKind::named},
      {"flask[async]>=3; os_name == 'nt/x'", RequiredKind::named},
      {"flask @ https://x/y.whl", RequiredKind::named},
      {"flask@file:///x", RequiredKind::named},
      {"https://x/y.whl", RequiredKind::url},
      {"FILE:///x", RequiredKind::url},
      {"git+https://x/y@main", RequiredKind::url},
      {"./x", RequiredKind::path},
      {".", RequiredKind::path},
      {"x/y@1", RequiredKind::path},
      {"y.whl", RequiredKind::path},
      {"y-1.0.TAR.GZ[extra]", RequiredKind::path},
      {"", RequiredKind::named},
      {";x", RequiredKind::named},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    RequiredLine line;
    line.text = row.text;
    CHECK(kind_of(line, Os::linux_or_other) == row.kind);
  }
  RequiredLine line;
  line.text = "x\\y";
  CHECK(kind_of(line, Os::linux_or_other) == RequiredKind::named);
  CHECK(kind_of(line, Os::windows) == RequiredKind::path);
  line.text = "x";
  line.is_editable = true;
  CHECK(kind_of(line, Os::linux_or_other) == RequiredKind::path);
}

TEST_CASE("encoding: bytes become UTF-8, or they don't") {
  using namespace std::string_literals;
  CHECK(to_utf8("\xE9\x80"s, Encoding::latin1) == "\u00e9\u0080"s);
  CHECK(to_utf8("\x80"s, Encoding::windows1252) == "\u20ac"s);
  CHECK_FALSE(to_utf8("\x81"s, Encoding::windows1252));
  CHECK_FALSE(to_utf8("\x80"s, Encoding::ascii));
  CHECK(to_utf8("\x3D\xD8\x0D\xDC"s, Encoding::utf16_le) == "\U0001F40D"s);
  CHECK(to_utf8("\0\0\0a"s, Encoding::utf32_be) == "a"s);
  for (const std::string& bytes : {"a"s, "\x3D\xD8"s, "\x0D\xDC"s, "\x3D\xD8"s + "a\0"s}) {
    CAPTURE(bytes);
    CHECK_FALSE(to_utf8(bytes, Encoding::utf16_le));
  }
  CHECK_FALSE(to_utf8("\0\0\x11\0"s, Encoding::utf32_le));
}
