#include "create/env_builder.hpp"
#include "create/put_wheels.hpp"
#include "use/distributions.hpp"
#include "use/environment.hpp"

#include "support_files.hpp"
#include "support_packages.hpp"
#include "support_wheels.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/stat.h>

using namespace venv::detail;
using support::TemporaryDirectory;
using support::TestWheel;

namespace {

/// Lays wheels out in fresh environments, all at one path.
struct Maker {
  Maker() {
    options.python = support::any_python;
    options.cache_dir = tmp / "cache";
    venv::create(tmp / "env", options);
    fs::rename(tmp / "env", tmp / "seed");
  }
  /// What was said while it was laid out at `place`.
  std::string lay(const fs::path& wheel, const fs::path& place) const {
    fs::remove_all(place);
    fs::copy(tmp / "seed", place, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    venv::Options how = options;
    std::string said;
    how.report = [&said](venv::Report, const std::string& line) { said += line + '\n'; };
    venv::Context context = context_of(place, read_state(place).cfg);
    context.python = base_as_it_says(context, how);
    Transaction transaction(place);
    transaction.open({});
    const StopRequest stop;
    ChosenWheel chosen;
    chosen.path = wheel;
    chosen.asked_name = "demo";
    chosen.is_requested = true;
    chosen.sha256 = sha256;
    install_wheels({chosen}, {}, {context, transaction, how, stop});
    transaction.commit();
    return said;
  }
  std::string lay(const fs::path& wheel) const { return lay(wheel, tmp / "env"); }
  /// The packs of wheels that are remembered.
  std::vector<fs::path> packs() const {
    std::vector<fs::path> found;
    for (const auto& item : fs::directory_iterator(tmp / "cache"))
      if (item.path().filename().string().compare(0, 5, "demo-") == 0) found.push_back(item.path());
    return found;
  }

  TemporaryDirectory tmp{};
  venv::Options options{};
  std::string sha256{};
};

/// Every entry with its mode and bytes; of bytecode all but the time, which has to be the source's.
std::map<std::string, std::string> snapshot(const fs::path& dir) {
  std::map<std::string, std::string> files;
  for (const auto& item : fs::recursive_directory_iterator(dir)) {
    const fs::path& path = item.path();
    const FileStatus status = status_of(path);
    std::string what = std::to_string(status.mode);
    if (item.is_regular_file() && !item.is_symlink()) {
      std::string bytes = support::get(path);
      if (path.extension() == ".pyc") {
        const FileStatus source = status_of(source_name(path.string()));
        CAPTURE(path.string());
        CHECK(timestamped(bytes.substr(0, 16), source.modified / 1000000000) ==
              bytes.substr(0, 16));
        CHECK(load_le32(as_bytes(bytes) + 12) == source.size);
        bytes.replace(8, 4, 4, ' ');
      }
      what += ' ' + bytes;
    }
    files[path.lexically_relative(dir).string()] = what;
  }
  return files;
}

TestWheel everything() {
  TestWheel demo{"demo", "1.0", {{"demo/__init__.py", "def main(): print('demo')\n"}}};
  const std::string data = "demo-1.0.data/";
  demo.files.push_back({"demo/with.dots.py", "x = 1\n"});
  demo.files.push_back({"demo/wrong.py", "def (:\n"});
  demo.files.push_back({"demo/run.sh", "#!/bin/sh\n"});
  demo.files.push_back({"demo/a b,c.txt", ""});
  demo.files.push_back({data + "purelib/pure.py", "pure = 1\n"});
  demo.files.push_back({data + "platlib/plat.py", "plat = 1\n"});
  demo.files.push_back({data + "headers/demo.h", "// header\n"});
  demo.files.push_back({data + "data/share/demo/module.py", "x = 2\n"});
  demo.files.push_back({data + "scripts/old", "#!python -E\nprint('old')\n"});
  demo.files.push_back({data + "scripts/tool.py", "#!python\nprint('tool')\n"});
  demo.files.push_back({data + "scripts/plain.py", "print('plain')\n"});
  demo.files.push_back({data + "scripts/demo", "#!python\nprint('left by setuptools')\n"});
  demo.programs = {"demo/run.sh", data + "scripts/old", data + "scripts/tool.py"};
  demo.entry_points = "[console_scripts]\ndemo = demo:main\n[gui_scripts]\ndemo-gui = demo:main\n";
  return demo;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("packed wheel: laid out again it is the same, and nothing but its scripts is compiled") {
  Maker maker;
  TestWheel demo = everything();
  const fs::path wheel = support::put_wheel(maker.tmp / "wheels", demo);
  CHECK(contains(maker.lay(wheel), "compiling 1 package"));
  const auto cold = snapshot(maker.tmp / "env");
  REQUIRE(maker.packs().size() == 1);
  CHECK(contains(maker.lay(wheel), "compiling 1 package")); // bin/tool.py says where it lies
  CHECK(snapshot(maker.tmp / "env") == cold);
  // By its content: under another path, with what is told of that forgotten.
  const fs::path other = maker.tmp / "other" / wheel.filename();
  fs::create_directories(other.parent_path());
  fs::rename(wheel, other);
  maker.lay(other);
  CHECK(snapshot(maker.tmp / "env") == cold);
  CHECK(maker.packs().size() == 1);
  demo.files.erase(demo.files.begin() + 10); // tool.py
  demo.programs.pop_back();
  support::put_wheel(maker.tmp / "other", demo);
  CHECK(maker.lay(other) != "");
  CHECK(maker.packs().size() == 2);
  const auto without = snapshot(maker.tmp / "env");
  CHECK(maker.lay(other) == "");
  CHECK(snapshot(maker.tmp / "env") == without);
  CHECK(without.count("bin/tool.py") == 0);
  maker.lay(other, maker.tmp / "elsewhere");
  CHECK(contains(support::get(maker.tmp / "elsewhere/bin/old"),
                 "#!" + (maker.tmp / "elsewhere/bin/python").string()));
}

TEST_CASE("packed wheel: what is damaged, another's or not this user's is made anew" *
          doctest::test_suite("long")) {
  Maker maker;
  TestWheel demo = everything();
  demo.files.erase(demo.files.begin() + 10);
  demo.programs.pop_back();
  const fs::path wheel = support::put_wheel(maker.tmp / "wheels", demo);
  maker.lay(wheel);
  const auto expected = snapshot(maker.tmp / "env");
  REQUIRE(maker.packs().size() == 1);
  const fs::path pack = maker.packs()[0];
  const std::string whole = support::get(pack);
  const auto index = parse_pack(whole);
  REQUIRE(index);
  CHECK(index->is_wheel);
  std::vector<std::string> damaged{"", whole.substr(0, whole.size() - 1), whole + 'x',
                                   std::string(whole.size(), '\0')};
  // A third of the files, as each is found out in the same way.
  const bool is_each = std::getenv("VENV_PARTS_WHOLE") != nullptr;
  std::size_t number = 0;
  for (const PackFile& file : index->files)
    if (file.size > 0 && file.name != "demo-1.0.data/scripts/demo" && // that isn't laid out
        (number++ % 3 == 0 || is_each)) {
      damaged.push_back(whole);
      damaged.back()[file.offset + file.size / 2] ^= 1;
    }
  // Well made, and for a place that no wheel may have files for.
  for (const char* name : {"demo-1.0.data/data/pyvenv.cfg", "demo-1.0.data/nowhere/x",
                           "demo-1.0.data/scripts/python", "other-1.0.dist-info/METADATA"}) {
    PackIndex lie = *index;
    lie.files[0].name = name;
    const std::size_t end = lie.files.back().offset + lie.files.back().size;
    const std::string bytes = format_pack_index(lie);
    damaged.push_back(whole.substr(0, end) + bytes + format_pack_footer(end, bytes));
  }
  for (const std::string& bytes : damaged) {
    support::put(pack, bytes);
    CHECK(contains(maker.lay(wheel), "compiling"));
    CHECK(snapshot(maker.tmp / "env") == expected);
    CHECK(maker.lay(wheel) == "");
  }
  fs::permissions(pack, fs::perms::group_write, fs::perm_options::add);
  CHECK(contains(maker.lay(wheel), "compiling"));
  CHECK(maker.lay(wheel) == "");
}

TEST_CASE("packed wheel: a hash that is asked for is that of the file") {
  Maker maker;
  const fs::path wheel = support::put_wheel(maker.tmp / "wheels", everything());
  maker.lay(wheel);
  maker.sha256 = digits_of(sha256(support::get(wheel)));
  maker.lay(wheel);
  maker.sha256[0] = maker.sha256[0] == '0' ? '1' : '0';
  CHECK_THROWS_AS(maker.lay(wheel), venv::Error);
}

TEST_CASE("packed wheel: with and without bytecode, and without a cache") {
  Maker maker;
  const fs::path wheel = support::put_wheel(maker.tmp / "wheels", everything());
  maker.options.compile_bytecode = false;
  for (int i = 0; i < 2; ++i) {
    CHECK(maker.lay(wheel) == "");
    for (const auto& [name, what] : snapshot(maker.tmp / "env/lib"))
      if (!contains(name, "/pip")) CHECK_FALSE(contains(name, "demo.cpython"));
    CHECK(maker.packs().size() == 1);
    CHECK_FALSE(fs::exists(maker.tmp / "env/bin/__pycache__"));
  }
  maker.options.compile_bytecode = true;
  maker.lay(wheel);
  CHECK(fs::exists(maker.tmp / "env/share/demo/__pycache__"));
  CHECK(maker.packs().size() == 1);
  maker.options.compile_bytecode = false; // what has bytecode is enough for who wants none
  CHECK(maker.lay(wheel) == "");
  CHECK_FALSE(fs::exists(maker.tmp / "env/share/demo/__pycache__"));
  maker.options.compile_bytecode = true;
  maker.lay(wheel);
  CHECK(fs::exists(maker.tmp / "env/share/demo/__pycache__"));
  for (const fs::path& pack : maker.packs()) fs::remove(pack);
  maker.options.cache = false;
  CHECK(contains(maker.lay(wheel), "compiling"));
  CHECK(maker.packs().empty());
}

TEST_CASE(
    "packed wheel: a wheel that was replaced or spoiled is not taken for the remembered one") {
  Maker maker;
  TestWheel demo = everything();
  const fs::path wheel = support::put_wheel(maker.tmp / "wheels", demo);
  maker.lay(wheel);
  demo.files[0].second = "def main(): print('other')\n";
  support::put_wheel(maker.tmp / "wheels", demo);
  maker.lay(wheel);
  const auto env = venv::Environment::open(maker.tmp / "env");
  CHECK(support::get(env.site_packages() / "demo/__init__.py") == demo.files[0].second);
  demo.change = [](std::string&, std::vector<support::ZipFile>& entries) {
    entries[0].content = "def main(): print('evil!')\n";
  };
  support::put_wheel(maker.tmp / "wheels", demo); // the RECORD of the wheel before
  CHECK_THROWS_AS(maker.lay(wheel), venv::Error);
}

TEST_CASE("packed wheel: of several at once one compiles, and all have the same") {
  Maker maker;
  TestWheel demo = everything();
  demo.files.erase(demo.files.begin() + 10);
  demo.programs.pop_back();
  for (int i = 0; i < 60; ++i)
    demo.files.push_back({"demo/m" + std::to_string(i) + ".py", std::string(4000, '\n')});
  const fs::path wheel = support::put_wheel(maker.tmp / "wheels", demo);
  std::atomic<int> compiled{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i)
    threads.emplace_back([&, i] {
      if (contains(maker.lay(wheel, maker.tmp / ("env" + std::to_string(i))), "compiling"))
        ++compiled;
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(compiled == 1);
  for (int i = 0; i < 6; ++i) {
    const auto env = venv::Environment::open(maker.tmp / ("env" + std::to_string(i)));
    CHECK(support::get(env.site_packages() / "demo/m7.py") == std::string(4000, '\n'));
  }
}

TEST_CASE("packed wheel: nothing is remembered that would take more than half of the room") {
  const TemporaryDirectory tmp;
  venv::Options options;
  options.cache_dir = tmp / "cache";
  const Cache cache(options, 1000);
  CHECK(cache.has_room_for(500));
  CHECK_FALSE(cache.has_room_for(501));
  options.cache = false;
  CHECK_FALSE(Cache(options, 1000).has_room_for(1));
}

TEST_CASE("laying out: launchers for Windows' programs come from pip's own wheel") {
  std::size_t count = 0;
  for (const fs::path& wheel : support::bundled_wheels()) {
    if (wheel.filename().string().compare(0, 4, "pip-") != 0) continue;
    const bool is_debians = wheel.string().compare(0, 5, "/usr/") == 0; // without launchers
    constexpr std::uint32_t x64 = 0x8664, i386 = 0x14C;
    CAPTURE(wheel.string());
    if (is_debians) CHECK_THROWS_AS(launcher_of_wheel(wheel, x64, true), venv::Error);
    if (is_debians) continue;
    for (const bool is_gui : {false, true})
      for (const std::uint32_t machine : {x64, i386}) {
        const std::string launcher = launcher_of_wheel(wheel, machine, is_gui);
        CHECK(machine_of_program(launcher) == machine);
        const std::size_t header = load_le32(as_bytes(launcher) + 0x3C);
        const auto subsystem =
            load_le16(as_bytes(launcher) + header + 4 + 20 + 68); // of its windows
        CHECK(subsystem == (is_gui ? 2u : 3u));
        ++count;
      }
  }
  if (count == 0) MESSAGE("SKIPPED: missing: a Python that bundles pip's wheel");
}
