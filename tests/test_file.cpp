#include "system/file.hpp"
#include "system/path.hpp"

#include "support_files.hpp"

#include <doctest/doctest.h>

#include <string>

#include <sys/stat.h>
#include <unistd.h>

using namespace venv;
using namespace venv::detail;

TEST_CASE("file: what is no regular file is not read, and nobody waits for it") {
  const support::TemporaryDirectory tmp;
  REQUIRE(::mkfifo((tmp / "fifo\n").c_str(), 0600) == 0);
  for (const fs::path& path : {tmp / "fifo\n", fs::path("/dev/zero"), tmp.path(), tmp / "none"}) {
    CAPTURE(path);
    CHECK_THROWS_AS(read_file(path), Error);
  }
  const std::string shown = "cannot read '" + tmp.path().string() + "/fifo\\x0a': ";
  CHECK_THROWS_WITH_AS(read_file(tmp / "fifo\n"), (shown + "it is no regular file").c_str(), Error);
}

TEST_CASE("path: what another machine shares is no part of the way") {
  const struct {
    const wchar_t* path;
    std::size_t end;
  } rows[] = {{L"\\\\server\\share\\a", 14},
              {L"//server/share/a", 14},
              {L"\\\\server\\share", 14},
              {L"\\\\server\\\\share\\a", 15},
              {L"\\\\server\\", 9},
              {L"\\\\server", 8},
              {L"\\\\.\\C:\\a", 6},
              {L"\\server\\share", 0},
              {L"C:\\\\a\\b", 0},
              {L"\\\\", 0},
              {L"\\\\\\a", 0},
              {L"", 0}};
  for (const auto& row : rows) {
    CAPTURE(std::string(row.path, row.path + std::wstring_view(row.path).size()));
    CHECK(end_of_share(std::wstring_view(row.path)) == row.end);
  }
  CHECK(end_of_share(std::string_view("//server/share")) == 0);
  CHECK(without_long_prefix(std::wstring(L"\\\\?\\UNC\\server\\share")) == L"\\\\server\\share");
  CHECK(without_long_prefix(std::wstring(L"\\\\?\\C:\\a")) == L"C:\\a");
  CHECK(without_long_prefix(std::wstring(L"\\\\?\\Volume{1}\\a")) == L"\\\\?\\Volume{1}\\a");
}

TEST_CASE("path: made absolute as os.path.abspath makes it") {
  const struct {
    const char *path, *expected;
  } rows[] = {{"/", "/"},
              {"/a", "/a"},
              {"/a/", "/a"},
              {"/a//b", "/a/b"},
              {"/a/./b", "/a/b"},
              {"/a/.", "/a"},
              {"/a/../b", "/b"},
              {"/a/b/..", "/a"},
              {"/..", "/"},
              {"/.a/..b/c./...", "/.a/..b/c./..."},
              {"/a b/\xC3\xBC\n", "/a b/\xC3\xBC\n"}};
  for (const auto& row : rows) {
    CAPTURE(row.path);
    CHECK(absolute_path(row.path).native() == row.expected);
  }
  CHECK(absolute_path("a/../b").native() == (fs::current_path() / "b").native());
}
