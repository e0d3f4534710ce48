#include "create/installed.hpp"

#include "support_files.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

using namespace venv::detail;
using support::TemporaryDirectory;

namespace {

/// An environment with `demo` 1.0 in it, whose RECORD is `record`.
struct Place {
  TemporaryDirectory tmp;
  fs::path env = tmp / "env", site_packages = env / "lib/python3.13/site-packages";
  fs::path info = site_packages / "demo-1.0.dist-info";

  explicit Place(const std::string& record) {
    support::put(info / "RECORD", record);
    support::put(site_packages / "demo/__init__.py", "");
    support::put(site_packages / "demo/sub/module.py", "");
    support::put(env / "bin/demo", "");
    support::put(env / "bin/python3", "");
    support::put(tmp / "victim", "mine");
    support::put(tmp / "outside/victim", "mine");
  }
  void remove(bool keep = true) {
    Transaction transaction(env);
    transaction.open({});
    for (const Installed& installed : find_installed(site_packages, "demo"))
      remove_installed(installed, transaction);
    if (keep) transaction.commit();
  }
  bool has(const fs::path& path) const { return fs::exists(fs::symlink_status(tmp / path)); }
};

const std::string record =
    "../../../bin/demo,,\ndemo/__init__.py,sha256=x,0\ndemo/sub/module.py,,\n"
    "demo-1.0.dist-info/RECORD,,\n";

} // namespace

TEST_CASE("installed: distributions are found under every spelling of their name") {
  const TemporaryDirectory tmp;
  for (const char* name : {"demo-1.0.dist-info", "Demo-2.0.dist-info", "demo_x-3.0.dist-info",
                           "demo.dist-info", "demo-1.0.egg-info", "demo", "-1.0.dist-info"})
    fs::create_directories(tmp / name);
  CHECK(find_installed(tmp.path(), "demo").size() == 2);
  CHECK(find_installed(tmp.path(), "demo-x").size() == 1);
  CHECK(find_installed(tmp / "none", "demo").empty());
}

TEST_CASE("installed: whole if every file that RECORD lists is there") {
  Place place(record);
  CHECK(is_complete(find_installed(place.site_packages, "demo").at(0)));
  fs::remove(place.env / "bin/demo");
  CHECK_FALSE(is_complete(find_installed(place.site_packages, "demo").at(0)));
  Place none("");
  CHECK_FALSE(is_complete(find_installed(none.site_packages, "demo").at(0)));
  Place bad("\"unclosed");
  CHECK_FALSE(is_complete(find_installed(bad.site_packages, "demo").at(0)));
}

TEST_CASE("installed: a file of another size than RECORD says is not whole") {
  Place place(record);
  support::put(place.site_packages / "demo/__init__.py", "cut or grown");
  CHECK_FALSE(is_complete(find_installed(place.site_packages, "demo").at(0)));
  CHECK_FALSE(is_complete(find_installed(place.site_packages, "demo").at(0), true));
}

TEST_CASE("installed: its code is whole without scripts and bytecode") {
  Place place(record + "demo/gone.cpython-313.pyc,,\ndemo/sub/__pycache__,,\n");
  fs::remove(place.env / "bin/demo");
  CHECK(is_complete(find_installed(place.site_packages, "demo").at(0), true));
  CHECK_FALSE(is_complete(find_installed(place.site_packages, "demo").at(0)));
  fs::remove(place.site_packages / "demo/sub/module.py");
  CHECK_FALSE(is_complete(find_installed(place.site_packages, "demo").at(0), true));
  Place none("");
  CHECK(is_complete(find_installed(none.site_packages, "demo").at(0), true));
}

TEST_CASE("installed: all that RECORD lists is removed, and what is empty then") {
  Place place(record);
  place.remove();
  CHECK_FALSE(fs::exists(place.site_packages / "demo"));
  CHECK_FALSE(fs::exists(place.info));
  CHECK_FALSE(fs::exists(place.env / "bin/demo"));
  CHECK(fs::is_empty(place.site_packages));
  CHECK(place.has("env/bin/python3"));
  for (const auto& entry : fs::recursive_directory_iterator(place.env))
    CHECK_FALSE(is_left_over(entry.path().filename().string()));
}

TEST_CASE("installed: the user's own files among them stay") {
  Place place(record);
  support::put(place.site_packages / "demo/sub/mine", "mine");
  support::put(place.info / "mine", "mine");
  place.remove();
  CHECK(support::get(place.site_packages / "demo/sub/mine") == "mine");
  CHECK(support::get(place.info / "mine") == "mine");
  CHECK_FALSE(fs::exists(place.site_packages / "demo/__init__.py"));
}

TEST_CASE("installed: a run that fails puts all of it back, times and all") {
  Place place(record);
  const fs::path module = place.site_packages / "demo/sub/module.py";
  support::put(module, "before");
  const auto inode = status_of(module).inode;
  const auto modified = status_of(module).modified;
  place.remove(false);
  CHECK(support::get(module) == "before");
  CHECK(status_of(module).inode == inode);
  CHECK(status_of(module).modified == modified);
  CHECK(place.has("env/bin/demo"));
  CHECK(is_complete(find_installed(place.site_packages, "demo").at(0)));
}

TEST_CASE("installed: nothing outside of the environment is touched") {
  const std::string rows[] = {
      "../../../../victim,,\n",
      "demo/../../../../../victim,,\n",
      "demo/sub/../../../../../../victim,,\n",
      "linked/victim,,\n",
      "linked/../victim,,\n",
      "../../../linked/victim,,\n",
      "nowhere/../../../../../victim,,\n",
      "linked,,\n",
      "/,,\n",
      ".,,\n",
      "..,,\n",
      ",,\n",
      "../../../..,,\n",
  };
  for (const std::string& row : rows) {
    CAPTURE(row);
    Place place(row + record);
    fs::create_directory_symlink(place.tmp / "outside", place.site_packages / "linked");
    fs::create_directory_symlink(place.tmp / "outside", place.env / "linked");
    place.remove();
    CHECK(place.has("victim"));
    CHECK(place.has("outside/victim"));
    CHECK(place.has("env/bin/python3"));
    CHECK_FALSE(fs::exists(place.site_packages / "demo/__init__.py"));
  }
  Place absolute("");
  support::put(absolute.info / "RECORD", (absolute.tmp / "victim").string() + ",,\n" + record);
  absolute.remove();
  CHECK(absolute.has("victim"));
}

TEST_CASE("installed: a package or its metadata that is a link is not emptied through it") {
  for (const char* name : {"demo", "demo-1.0.dist-info"}) {
    CAPTURE(name);
    Place place(record);
    fs::rename(place.site_packages / name, place.tmp / "elsewhere");
    fs::create_directory_symlink(place.tmp / "elsewhere", place.site_packages / name);
    std::size_t before = 0, after = 0;
    for (const auto& entry : fs::recursive_directory_iterator(place.tmp / "elsewhere"))
      before += entry.exists();
    place.remove();
    for (const auto& entry : fs::recursive_directory_iterator(place.tmp / "elsewhere"))
      after += entry.exists();
    CHECK(after == before);
  }
}

TEST_CASE("installed: the interpreter is never removed, whatever RECORD says") {
  Place place("../../../bin/python3,,\n../../../bin/python,,\n" + record);
  fs::create_symlink("python3", place.env / "bin/python");
  place.remove();
  CHECK(place.has("env/bin/python3"));
  CHECK(place.has("env/bin/python"));
}
