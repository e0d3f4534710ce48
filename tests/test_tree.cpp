#include "system/tree.hpp"

#include "support_files.hpp"
#include "system/file.hpp"
#include "system/metadata.hpp"
#include "system/new_file.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#if defined(__linux__)
#include <sched.h>
#include <sys/xattr.h>
#endif

using namespace venv;
using namespace venv::detail;
using support::get;
using support::put;
using support::TemporaryDirectory;

namespace {

std::string message_of(const std::function<void()>& work) {
  try {
    work();
    return "no error";
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::io);
    return error.what();
  }
}

int in_own_process(const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

TEST_CASE("tree: it is removed whole, links in it are not followed, nothing there is fine") {
  const TemporaryDirectory tmp;
  put(tmp / "other/kept", "kept");
  put(tmp / "tree/a/b c/\xff\n", "x");
  fs::create_directory_symlink(tmp / "other", tmp / "tree/link");
  fs::create_symlink("nowhere", tmp / "tree/a/dangling");
  REQUIRE(::mkfifo((tmp / "tree/fifo").c_str(), 0600) == 0);
  remove_tree(tmp / "tree");
  CHECK(status_of(tmp / "tree").kind == FileKind::missing);
  CHECK(get(tmp / "other/kept") == "kept");
  remove_tree(tmp / "tree");
  fs::create_directory_symlink(tmp / "other", tmp / "link");
  remove_tree(tmp / "link"); // the link itself
  CHECK(get(tmp / "other/kept") == "kept");
  put(tmp / "file", "");
  remove_tree(Folder(tmp.path()), "file");
  CHECK(names_in(tmp.path()) == std::vector<fs::path>{"other"});
}

namespace {

/// A tree of many files: broad, deep, with a directory of many and links out of it.
void fill(const fs::path& tree, const fs::path& other) {
  fs::path deep = tree;
  for (int i = 0; i < 150; ++i) {
    const fs::path directory = tree / ("d" + std::to_string(i % 12)) / ("e" + std::to_string(i));
    put(directory / "one", "1");
    put(directory / "two", "2");
    fs::create_directory_symlink(other, directory / "link");
    put(tree / "many" / std::to_string(i), "x");
    if (i < 40) deep /= "deep";
  }
  put(deep / "end", "x");
}

} // namespace

TEST_CASE("tree: one of many directories is removed whole, with many open files or few") {
  const TemporaryDirectory tmp;
  put(tmp / "other/kept", "kept");
  for (const rlim_t limit : {rlim_t{1024}, rlim_t{64}, rlim_t{58}}) {
    CAPTURE(limit);
    fill(tmp / "tree", tmp / "other");
    // In a process of its own, without what this one has open.
    CHECK(in_own_process([&] {
            for (int fd = 3; fd < 1024; ++fd) ::close(fd);
            const rlimit files{limit, limit};
            if (::setrlimit(RLIMIT_NOFILE, &files) != 0) return 1;
            if (message_of([&] { remove_tree(tmp / "tree"); }) != "no error") return 2;
            return 0;
          }) == 0);
    CHECK(status_of(tmp / "tree").kind == FileKind::missing);
    CHECK(get(tmp / "other/kept") == "kept");
  }
}

TEST_CASE("tree: gently, all but what can't be removed goes, by several workers too") {
  if (!support::have_root()) return;
  const TemporaryDirectory tmp;
  put(tmp / "other/kept", "kept");
  fill(tmp / "tree", tmp / "other");
  const fs::path held = put(tmp / "tree/d3/held/file", "x");
  REQUIRE(::chmod(tmp.path().c_str(), 0777) == 0);
  for (const fs::path& path : paths_below(tmp.path()))
    if (path != held.parent_path()) REQUIRE(::lchown(path.c_str(), 65534, 65534) == 0);
  CHECK(in_own_process([&] {
          if (::setgid(65534) != 0 || ::setuid(65534) != 0) return 1;
          return try_remove_tree(tmp / "tree") ? 2 : 0;
        }) == 0);
  CHECK(paths_below(tmp / "tree") ==
        std::vector<fs::path>{tmp / "tree/d3", held.parent_path(), held});
  CHECK(get(tmp / "other/kept") == "kept");
}

TEST_CASE("tree: a link that is swapped in for a directory meanwhile is not followed") {
  const TemporaryDirectory tmp;
  put(tmp / "other/kept", "kept");
  for (int i = 0; i < 300; ++i) {
    remove_tree(tmp / "link");
    fs::create_directory_symlink(tmp / "other", tmp / "link");
    put(tmp / "tree/victim/file", "x");
    std::atomic<bool> done{false};
    std::thread attack([&] { // the link and the directory change places while it is removed
      while (!done) try {
          exchange_files(tmp / "tree/victim", tmp / "link");
        } catch (const Error&) {
          // One of them is gone.
        }
    });
    try_remove_tree(tmp / "tree");
    done = true;
    attack.join();
    try_remove_tree(tmp / "tree");
    REQUIRE(get(tmp / "other/kept") == "kept");
  }
}

TEST_CASE("tree: the very entry that can't be removed is named") {
  if (!support::have_root()) return;
  const TemporaryDirectory tmp;
  const fs::path file = put(tmp / "tree/a/b/held", "x");
  REQUIRE(::chmod(tmp.path().c_str(), 0755) == 0);
  REQUIRE(::chmod((tmp / "tree").c_str(), 0777) == 0);
  REQUIRE(::chmod((tmp / "tree/a").c_str(), 0777) == 0);
  CHECK(in_own_process([&] { // nobody may write in b
          if (::setgid(65534) != 0 || ::setuid(65534) != 0) return 1;
          const std::string expected = "cannot remove " + quoted(file) + ": Permission denied";
          if (message_of([&] { remove_tree(tmp / "tree"); }) != expected) return 2;
          return try_remove_tree(tmp / "tree") ? 3 : 0;
        }) == 0);
  CHECK(get(file) == "x");
}

TEST_CASE("tree: what is mounted in it is found before, and not entered when that is asked for") {
  if (!support::have_root()) return;
  const TemporaryDirectory tmp;
  put(tmp / "tree/mounted here/under", "x");
  put(tmp / "source/kept", "kept");
  CHECK_FALSE(mount_point_below(tmp / "tree"));
  const int code = in_own_process([&] {
    if (::unshare(CLONE_NEWNS) != 0) return 77;
    ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    const fs::path point = tmp / "tree/mounted here";
    if (::mount((tmp / "source").c_str(), point.c_str(), nullptr, MS_BIND, nullptr) != 0) return 1;
    if (mount_point_below(tmp / "tree") != point) return 2; // the same file system, bound
    ::umount(point.c_str());
    if (::mount("none", point.c_str(), "tmpfs", 0, nullptr) != 0) return 3;
    put(point / "kept", "kept");
    const std::string why = message_of([&] { remove_tree(tmp / "tree", Mounts::refuse); });
    if (why.find(point.string()) == why.npos || get(point / "kept") != "kept") return 4;
    return mount_point_below(point) ? 5 : 0; // a mount as the directory itself is fine
  });
  if (code == 77) MESSAGE("SKIPPED: no mount namespaces here");
  else CHECK(code == 0);
}

TEST_CASE("tree: directories and those above them are made; the new ones are told") {
  const TemporaryDirectory tmp;
  CHECK(make_directories(tmp / "a/b") == std::vector<fs::path>{tmp / "a", tmp / "a/b"});
  CHECK(make_directories(tmp / "a/b/c/") == std::vector<fs::path>{tmp / "a/b/c"});
  CHECK(make_directories(tmp / "a/b").empty());
  put(tmp / "file", "");
  CHECK_THROWS_AS(make_directories(tmp / "file/x"), Error);
  CHECK(is_empty_directory(tmp / "a/b/c"));
  CHECK_FALSE(is_empty_directory(tmp / "a"));
  CHECK_FALSE(is_empty_directory(tmp / "none"));
  fs::create_directory_symlink("..", tmp / "a/b/up");
  CHECK(paths_below(tmp / "a") ==
        std::vector<fs::path>{tmp / "a/b", tmp / "a/b/c", tmp / "a/b/up"});
}

TEST_CASE("folder: what is done through it happens there, whatever takes its place") {
  const TemporaryDirectory tmp;
  fs::create_directories(tmp / "env/lib");
  fs::create_directory(tmp / "other");
  const Folder held(tmp / "env");
  CHECK(held.is_at(tmp / "env"));
  fs::rename(tmp / "env", tmp / "moved");
  fs::create_directory_symlink(tmp / "other", tmp / "env");
  CHECK_FALSE(held.is_at(tmp / "env"));
  const Folder lib = held.open("lib");
  lib.create("a", {"one", "", "two"}, 0666);
  held.move("lib", held, "lib2");
  CHECK(held.make_directory("new"));
  CHECK_FALSE(held.make_directory("new"));
  CHECK(held.make_link("lib2", "lib"));
  CHECK(get(tmp / "moved/lib2/a") == "onetwo");
  CHECK(lib.read("a") == "onetwo");
  CHECK(held.link_target("lib") == "lib2");
  CHECK(held.names() == std::vector<fs::path>{"lib", "lib2", "new"});
  CHECK(fs::is_empty(tmp / "other"));
  CHECK_THROWS_AS(held.open("lib"), Error);           // a link
  CHECK_THROWS_AS(held.make_directory("lib"), Error); // a link to a directory, too
  CHECK_THROWS_AS(lib.create("a", {"x"}, 0666), Error);
  CHECK_FALSE(held.remove_directory("lib2"));
  CHECK(held.remove_directory("new"));
  held.remove("lib");
  held.remove("lib");
  CHECK(held.names() == std::vector<fs::path>{"lib2"});
}

TEST_CASE("folder: the time that was asked for, or the one that the file has") {
  const TemporaryDirectory tmp;
  CHECK(Folder(tmp.path()).create("a", {"x"}, 0600, 1234567890) == 1234567890);
  CHECK(status_of(tmp / "a").modified == std::int64_t{1234567890} * 1000000000);
  CHECK(status_of(tmp / "a").mode == 0600);
}

TEST_CASE(
    "file: a mode is set by descriptor, through no link; a file nobody may read has one too") {
  const TemporaryDirectory tmp;
  put(tmp / "secret", "x");
  ::chmod((tmp / "secret").c_str(), 0600);
  fs::create_symlink("secret", tmp / "link");
  CHECK_THROWS_AS(set_mode(tmp / "link", 0755), Error);
  CHECK_THROWS_AS(make_executable(tmp / "link"), Error);
  CHECK(status_of(tmp / "secret").mode == 0600);
  for (const std::uint32_t mode : {0000u, 0200u, 0644u}) {
    set_mode(tmp / "secret", mode);
    CHECK(status_of(tmp / "secret").mode == mode);
  }
  make_executable(tmp / "secret");
  CHECK(status_of(tmp / "secret").mode == 0755);
  write_program(tmp / "link", "#!");
  CHECK(status_of(tmp / "link").kind == FileKind::file); // replaced, not followed
  CHECK((status_of(tmp / "link").mode & 0555) == 0555);
  CHECK(get(tmp / "secret") == "x");
}

TEST_CASE("file: two entries change places in one step") {
  const TemporaryDirectory tmp;
  put(tmp / "a/file", "a");
  put(tmp / "b", "b");
  if (!exchange_files(tmp / "a", tmp / "b")) {
    MESSAGE("SKIPPED: no exchange here");
    return;
  }
  CHECK(get(tmp / "a") == "b");
  CHECK(get(tmp / "b/file") == "a");
  CHECK_THROWS_AS(exchange_files(tmp / "a", tmp / "none"), Error);
}

TEST_CASE("file: links, hard links, and what is in their place") {
  const TemporaryDirectory tmp;
  put(tmp / "a", "a");
  CHECK(make_link("a", tmp / "link"));
  CHECK(make_link("b", tmp / "link"));
  CHECK(link_target(tmp / "link") == "b");
  fs::create_directory(tmp / "directory");
  CHECK_THROWS_AS(make_link("a", tmp / "directory"), Error);
  CHECK_THROWS_AS(make_link("a", tmp / std::string(300, 'n')), Error);
  CHECK_FALSE(make_link("a", tmp / "none/link")); // whatever it is that fails
  CHECK(make_hard_link(tmp / "a", tmp / "hard"));
  CHECK(is_same_file(tmp / "a", tmp / "hard"));
  CHECK(status_of(tmp / "a").links == 2);
  CHECK_THROWS_AS(make_hard_link(tmp / "a", tmp / "hard"), Error);
  CHECK_FALSE(make_hard_link(tmp / "a", "/proc/none"));
  CHECK(read_start(tmp / "a", 100) == "a");
  CHECK(read_start("/proc/self/status", 5) == "Name:");
}

TEST_CASE("file: what is not known not to be there is no missing file") {
  if (!support::have_root()) return;
  const TemporaryDirectory tmp;
  put(tmp / "closed/file", "");
  ::chmod((tmp / "closed").c_str(), 0700);
  CHECK(known_status_of(tmp / "none").kind == FileKind::missing);
  CHECK(in_own_process([&] {
          if (::setuid(65534) != 0) return 1;
          if (status_of(tmp / "closed/file").kind != FileKind::missing) return 2;
          return message_of([&] { known_status_of(tmp / "closed/file"); }) == "no error" ? 3 : 0;
        }) == 0);
}

#if defined(__linux__)
TEST_CASE("metadata: owner, group, mode, attributes and times are handed on; a link's too") {
  if (!support::have_root()) return;
  const TemporaryDirectory tmp;
  const fs::path from = put(tmp / "from", "old"), to = put(tmp / "to", "new");
  REQUIRE(::chown(from.c_str(), 1234, 5678) == 0);
  REQUIRE(::chmod(from.c_str(), 04664) == 0);
  const bool attributes = ::setxattr(from.c_str(), "user.note", "text", 4, 0) == 0;
  if (!attributes) MESSAGE("SKIPPED: no extended attributes here");
  const timespec times[] = {{1000, 5}, {2000, 7}};
  ::utimensat(AT_FDCWD, from.c_str(), times, 0);
  copy_metadata(from, to);
  const FileStatus status = status_of(to);
  CHECK(status.owner == 1234);
  CHECK(status.group == 5678);
  CHECK(status.mode == 04664);
  CHECK(status.modified == std::int64_t{2000} * 1000000000 + 7);
  char text[8] = {};
  CHECK((!attributes || ::getxattr(to.c_str(), "user.note", text, sizeof text) == 4));
  CHECK(get(to) == "new");

  NewFile file(from, 0600);
  file.write("newer");
  file.inherit_metadata();
  file.put_in_place();
  CHECK(get(from) == "newer");
  CHECK(status_of(from).owner == 1234);
  CHECK(status_of(from).mode == 04664);

  fs::create_symlink("from", tmp / "link");
  ::lchown((tmp / "link").c_str(), 4321, 4321);
  fs::create_symlink("to", tmp / "link2");
  copy_metadata(tmp / "link", tmp / "link2");
  CHECK(status_of(tmp / "link2").owner == 4321);
  CHECK(status_of(to).owner == 1234); // not followed
}
#endif

TEST_CASE("beside: names of killed runs are known, nobody else's are") {
  const fs::path beside = name_beside("dir/a file");
  CHECK(is_left_over(beside.filename().string()));
  CHECK(beside != name_beside("dir/a file"));
  CHECK(is_left_over("aside.venv.hpp-29362-6"));
  for (const char* name : {"a", "a.venv.hpp-", "a.venv.hpp-1", "a.venv.hpp-x-1", "a.venv.hpp-1-x",
                           "a.venv.hpp-1-2-3-4", "a.venv.hpp-1-g-3", "a.venv.hpp-1-2.txt"})
    CHECK_FALSE(is_left_over(name));
}
