#include "api/ensure.hpp"
#include "api/environment.hpp"
#include "create/env_builder.hpp"
#include "use/ensure.hpp"
#include "use/install.hpp"
#include "use/uninstall.hpp"

#include "support_files.hpp"
#include "support_packages.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/stat.h>

namespace {

namespace fs = std::filesystem;
using support::TemporaryDirectory;
using support::TestWheel;
using support::ZipFile;
using venv::Environment;
using venv::Error;
using venv::ErrorCode;
using venv::Requirements;

/// An environment without pip, and a directory of wheels beside it.
struct Place {
  Place() {
    options.python = "/usr/bin/python3"; // any real one
    options.symlinks = true;
    options.cache_dir = tmp / "cache";
    venv::create(tmp / "env", options);
    wanted.wheel_dirs = {tmp / "wheels"};
    wanted.offline = true;
  }
  Environment environment() const { return Environment::open(tmp / "env"); }
  fs::path site(const std::string& name = {}) const { return environment().site_packages() / name; }
  venv::RunResult install(const std::vector<std::string>& packages) {
    wanted.packages = packages;
    lines.clear();
    venv::RunOptions how;
    how.on_line = [this](venv::Stream, std::string_view line) {
      lines += std::string(line) + '\n';
    };
    return environment().install(wanted, how, options);
  }
  /// What is wrong, or "" when it succeeds.
  std::string fault(const std::vector<std::string>& packages, ErrorCode code) {
    try {
      install(packages);
      return {};
    } catch (const Error& error) {
      CHECK(error.code() == code);
      return error.what();
    }
  }
  void put(const TestWheel& wheel) const { support::put_wheel(tmp / "wheels", wheel); }

  TemporaryDirectory tmp{};
  venv::Options options{};
  Requirements wanted{};
  std::string lines{};
};

/// Every file with its mode, bytes and inode, so that what was replaced is seen.
std::map<std::string, std::string> snapshot(const fs::path& dir) {
  std::map<std::string, std::string> files;
  for (const auto& item : fs::recursive_directory_iterator(dir)) {
    struct stat status{};
    ::lstat(item.path().c_str(), &status);
    std::string what = std::to_string(status.st_mode);
    if (item.is_regular_file() && !item.is_symlink()) what += ' ' + support::get(item.path());
    files[item.path().lexically_relative(dir).string()] = what;
  }
  return files;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TestWheel simple(const std::string& name, const std::string& version,
                 const std::string& requires_dist = {}) {
  TestWheel wheel{name, version, {{name + ".py", "version = '" + version + "'\n"}}};
  if (!requires_dist.empty()) wheel.metadata = "Requires-Dist: " + requires_dist + '\n';
  return wheel;
}

std::vector<std::string> installed_in(const Environment& environment) {
  std::vector<std::string> all;
  for (const venv::Distribution& one : environment.distributions())
    all.push_back(one.name + ' ' + one.version + (one.is_requested ? " requested" : ""));
  return all;
}

} // namespace

TEST_CASE("native: every place of a wheel, modes, scripts, RECORD") {
  Place place;
  TestWheel demo{"demo", "1.0", {{"demo/__init__.py", "def main(): print('demo')\n"}}};
  const std::string data = "demo-1.0.data/";
  demo.files.push_back({"demo/run.sh", "#!/bin/sh\n"});
  demo.files.push_back({data + "purelib/pure.py", "pure = 1\n"});
  demo.files.push_back({data + "platlib/plat.py", "plat = 1\n"});
  demo.files.push_back({data + "headers/demo.h", "// header\n"});
  demo.files.push_back({data + "data/share/demo/a,b.txt", "data\n"});
  demo.files.push_back({data + "scripts/old", "#!python -E\nprint('old')\n"});
  demo.files.push_back({data + "scripts/plain.sh", "#!/bin/sh\necho plain\n"});
  demo.files.push_back({data + "scripts/demo", "#!python\nprint('left by setuptools')\n"});
  demo.programs = {"demo/run.sh", data + "scripts/old"};
  demo.entry_points = "[console_scripts]\ndemo = demo:main\n[gui_scripts]\ndemo-gui = demo:main\n";
  place.put(demo);
  CHECK(place.install({"demo"}).out == "installed demo 1.0\n");
  const fs::path env = place.tmp / "env";
  const std::string python = place.environment().python().string();
  CHECK(support::get(place.site("pure.py")) == "pure = 1\n");
  CHECK(support::get(place.site("plat.py")) == "plat = 1\n");
  const std::string minor = place.environment().version().minor_text();
  CHECK(support::get(env / ("include/site/python" + minor) / "demo/demo.h") == "// header\n");
  CHECK(support::get(env / "share/demo/a,b.txt") == "data\n");
  CHECK(support::get(env / "bin/old") == "#!" + python + "\nprint('old')\n");
  CHECK(support::get(env / "bin/plain.sh") == "#!/bin/sh\necho plain\n");
  const auto mode = [](const fs::path& path) {
    return static_cast<unsigned>(fs::status(path).permissions());
  };
  CHECK((mode(place.site("demo/run.sh")) & 0111) == 0111);
  CHECK((mode(env / "bin/old") & 0111) == 0111);
  CHECK((mode(env / "bin/plain.sh") & 0111) == 0); // as the archive has it
  CHECK((mode(place.site("pure.py")) & 0111) == 0);
  for (const char* name : {"demo", "demo-gui"})
    CHECK(place.environment().run("python", {(env / "bin" / name).string()}).out == "demo\n");
  const auto found = place.environment().distributions();
  REQUIRE(found.size() == 1);
  CHECK(found[0].is_requested);
  CHECK(found[0].installer == "pip");
  CHECK(found[0].damage == "");
  std::vector<std::string> paths;
  for (const venv::DistributionFile& file : found[0].files) {
    CAPTURE(file.path);
    paths.push_back(file.path);
    const fs::path path = (place.site() / file.path).lexically_normal();
    const bool is_left_out = file.path == data + "scripts/demo"; // pip keeps its row, too
    CHECK(fs::exists(path) == !is_left_out);
    if (!file.hash.empty() && !is_left_out)
      CHECK(file.hash == venv::detail::record_hash(support::get(path)));
  }
  CHECK(std::is_sorted(paths.begin(), paths.end()));
  CHECK(std::count(paths.begin(), paths.end(), "../../../bin/old") == 1);
  CHECK(std::count(paths.begin(), paths.end(), "../../../share/demo/a,b.txt") == 1);
  CHECK(contains(support::get(place.site("demo-1.0.dist-info/RECORD")), "a,b.txt\",sha256="));
  CHECK(std::count_if(paths.begin(), paths.end(),
                      [](const std::string& path) { return contains(path, "__pycache__"); }) == 3);
  CHECK_FALSE(fs::exists(env / ".venv.hpp-journal"));
}

TEST_CASE("native: follows requirements, keeps what is there, changes versions, says what it did") {
  Place place;
  place.put(simple("top", "1.0", "middle>=1,<3"));
  place.put(simple("middle", "1.0", "leaf"));
  place.put(simple("middle", "2.0", "leaf<2; python_version >= '3'"));
  place.put(simple("middle", "3.0"));
  place.put(simple("leaf", "1.5"));
  place.put(simple("leaf", "2.0"));
  place.put(simple("leaf", "1.6b1"));
  CHECK(place.install({"top"}).out ==
        "installed leaf 1.5\ninstalled middle 2.0\ninstalled top 1.0\n");
  CHECK(installed_in(place.environment()) ==
        std::vector<std::string>{"leaf 1.5", "middle 2.0", "top 1.0 requested"});
  CHECK(place.install({"top", "leaf"}).out == ""); // all is there
  CHECK(place.install({"middle<2", "leaf"}).out == "installed middle 1.0\n");
  CHECK_FALSE(fs::exists(place.site("middle-2.0.dist-info")));
  CHECK(support::get(place.site("middle.py")) == "version = '1.0'\n");
  CHECK(place.install({"leaf>=1.6b1,<2", "top"}).out == "installed leaf 1.6b1\n");
  CHECK(place.install({"middle==3.*"}).out == "installed middle 3.0\n");
  std::size_t bytecode = 0;
  for (const auto& item : fs::directory_iterator(place.site("__pycache__")))
    bytecode += item.path().filename().string().compare(0, 7, "middle.") == 0;
  CHECK(bytecode == 1);
}

TEST_CASE("native: a later requirement is taken into account from the beginning") {
  Place place;
  place.put(simple("a", "1.0", "common"));
  place.put(simple("b", "1.0", "common<2"));
  place.put(simple("common", "1.0"));
  place.put(simple("common", "2.0"));
  CHECK(place.install({"a", "b"}).out ==
        "installed common 1.0\ninstalled a 1.0\ninstalled b 1.0\n");
  Place contrary;
  contrary.put(simple("a", "1.0", "common>=2"));
  contrary.put(simple("b", "1.0", "common<2"));
  contrary.put(simple("common", "1.0"));
  contrary.put(simple("common", "2.0"));
  const auto before = snapshot(contrary.tmp / "env");
  CHECK(contains(contrary.fault({"a", "b"}, ErrorCode::pip_unavailable), "common"));
  CHECK(snapshot(contrary.tmp / "env") == before);
}

TEST_CASE("native: says why pip is needed, and which package, when there is none") {
  Place place;
  place.put(simple("demo", "1.0", "absent>=2"));
  place.put(simple("url", "1.0", "other @ https://example.com/other.whl"));
  place.put(simple("old", "1.0"));
  TestWheel newer = simple("newer", "1.0");
  newer.metadata = "Requires-Python: <3\n";
  place.put(newer);
  TestWheel foreign = simple("foreign", "1.0");
  foreign.tag = "cp27-none-win32";
  place.put(foreign);
  support::put(place.tmp / "wheels/old-2.0.tar.gz", "");
  support::put(place.tmp / "req.txt", "--pre\nold\n");
  const auto fault = [&place](const std::string& package) {
    return place.fault({package}, ErrorCode::pip_unavailable);
  };
  const auto before = snapshot(place.tmp / "env");
  CHECK(contains(fault("demo"), "absent>=2"));
  CHECK(contains(fault("nothing"), "nothing"));
  CHECK(contains(fault("url"), "example.com"));
  CHECK(contains(fault("newer"), "newer"));
  CHECK(contains(fault("foreign"), "foreign"));
  CHECK(contains(fault("old"), "source distribution of old 2.0"));
  CHECK(contains(fault("./wheels/old-1.0-py3-none-any.whl"), "is a path or a URL"));
  place.wanted.files = {place.tmp / "req.txt"};
  CHECK(contains(place.fault({}, ErrorCode::pip_unavailable), "--pre"));
  place.wanted.files.clear();
  place.wanted.wheel_dirs = {place.tmp / "nowhere"};
  CHECK(contains(fault("old"), "nowhere"));
  place.wanted.wheel_dirs.clear();
  CHECK(contains(fault("old"), "no directory of wheels"));
  CHECK(snapshot(place.tmp / "env") == before);
  place.wanted.wheel_dirs = {place.tmp / "wheels"};
  place.wanted.only_binary = true;
  CHECK(fault("old") == "");
}

TEST_CASE("native: hashes and constraints") {
  Place place;
  place.put(simple("demo", "1.0", "leaf"));
  place.put(simple("leaf", "1.0"));
  place.put(simple("leaf", "2.0"));
  const auto digits = [&place](const std::string& name) {
    std::string text;
    const std::string bytes = support::get(place.tmp / "wheels" / (name + "-py3-none-any.whl"));
    for (const unsigned char byte : venv::detail::sha256(bytes))
      text += venv::detail::hexadecimal(byte).substr(14);
    return text;
  };
  const auto install = [&place](const std::string& text) {
    place.wanted.files = {support::put(place.tmp / "req.txt", text)};
    return place.fault({}, ErrorCode::pip_unavailable);
  };
  const std::string demo = "demo==1.0 --hash=sha256:" + digits("demo-1.0") + '\n';
  CHECK(contains(install(demo), "leaf has no hash"));
  CHECK(contains(install(demo + "leaf==2.0 --hash=sha256:" + std::string(64, '0')), "leaf==2.0"));
  CHECK(contains(install(demo + "leaf<2 --hash=sha256:" + digits("leaf-1.0")), "not one version"));
  CHECK(install(demo + "leaf==1.0 --hash=sha256:" + digits("leaf-1.0")) == "");
  CHECK(installed_in(place.environment()) ==
        std::vector<std::string>{"demo 1.0 requested", "leaf 1.0 requested"});
  Place other;
  other.put(simple("demo", "1.0", "leaf"));
  other.put(simple("leaf", "1.0"));
  other.put(simple("leaf", "2.0"));
  other.wanted.constraints = {support::put(other.tmp / "constraints.txt", "leaf<2\nunused==9\n")};
  CHECK(other.install({"demo"}).out == "installed leaf 1.0\ninstalled demo 1.0\n");
  Place strict;
  strict.put(simple("demo", "1.0"));
  strict.wanted.require_hashes = true;
  CHECK(contains(strict.fault({"demo==1.0"}, ErrorCode::pip_unavailable), "demo==1.0 has no hash"));
}

TEST_CASE("native: a hostile wheel is one clear error, and nothing is changed") {
  struct Row {
    const char* what;
    std::function<void(TestWheel&)> change;
    const char* message;
  };
  const auto add = [](const char* name) {
    return [name](TestWheel& wheel) { wheel.files.push_back({name, "x = 1\n"}); };
  };
  const std::vector<Row> rows{
      {"path", add("../evil.py"), ".."},
      {"absolute", add("/tmp/evil.py"), "absolute"},
      {"data path", add("demo-1.0.data/data/../../evil"), ".."},
      {"scheme", add("demo-1.0.data/elsewhere/evil"), "'elsewhere'"},
      {"no place", add("demo-1.0.data/evil"), "no place"},
      {"another's data", add("other-1.0.data/data/evil"), "not supported"},
      {"configuration", add("demo-1.0.data/data/pyvenv.cfg"), "environment's own"},
      {"journal", add("demo-1.0.data/data/.venv.hpp-journal/log"), "environment's own"},
      {"interpreter", add("demo-1.0.data/scripts/python3"), "environment's own"},
      {"interpreter as data", add("demo-1.0.data/data/bin/python"), "environment's own"},
      {"same place", add("demo-1.0.data/purelib/demo.py"), "same path"},
      {"installer's file", add("demo-1.0.dist-info/INSTALLER"), "installers write"},
      {"script",
       [](TestWheel& wheel) { wheel.entry_points = "[console_scripts]\n../x = demo:main\n"; },
       "entry point"},
      {"link",
       [](TestWheel& wheel) {
         wheel.change = [](std::string&, std::vector<ZipFile>& entries) {
           entries[0].mode = 0120777;
         };
       },
       "link"},
      {"hash",
       [](TestWheel& wheel) {
         wheel.change = [](std::string&, std::vector<ZipFile>& entries) {
           entries[0].content = "version = 'lie'\n";
         };
       },
       "RECORD"},
      {"bomb",
       [](TestWheel& wheel) {
         wheel.files.push_back({"bomb", std::string(std::size_t{8} << 20, '\0')});
       },
       "beyond reason"},
      {"other version",
       [](TestWheel& wheel) {
         wheel.change = [](std::string&, std::vector<ZipFile>& entries) {
           for (ZipFile& entry : entries)
             if (entry.name == "demo-1.0.dist-info/WHEEL") entry.content = "Wheel-Version: 2.0\n";
         };
       },
       ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Place place;
    place.put(simple("leaf", "1.0"));
    place.put(simple("demo", "0.5"));
    place.install({"demo"});
    const auto before = snapshot(place.tmp / "env");
    TestWheel hostile = simple("demo", "1.0", "leaf");
    row.change(hostile);
    place.put(hostile);
    const std::string fault = place.fault({"demo>=1"}, ErrorCode::bad_archive);
    CHECK(fault != "");
    CHECK(contains(fault, row.message));
    CHECK(contains(fault, "demo-1.0-py3-none-any.whl"));
    CHECK(snapshot(place.tmp / "env") == before);
  }
}

TEST_CASE("native: a wheel of which RECORD leaves something out is pip's") {
  struct Row {
    std::string message;
    std::function<void(std::string&, std::vector<ZipFile>&)> change;
  };
  const std::vector<Row> rows{
      {"has no SHA-256 in RECORD",
       [](std::string& record, std::vector<ZipFile>&) {
         std::string bare; // each row's path alone
         for (std::size_t at = 0; at < record.size(); at = record.find('\n', at) + 1)
           bare += record.substr(at, record.find(',', at) - at) + ",,\n";
         record = bare;
       }},
      {"is not in RECORD",
       [](std::string&, std::vector<ZipFile>& entries) {
         entries.push_back({"extra.py", "x = 1\n"});
       }},
      {"no file 'absent.py'",
       [](std::string& record, std::vector<ZipFile>&) { record += "absent.py,sha256=x,1\n"; }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.message);
    Place place;
    TestWheel demo = simple("demo", "1.0");
    demo.change = row.change;
    place.put(demo);
    const auto before = snapshot(place.tmp / "env");
    CHECK(contains(place.fault({"demo"}, ErrorCode::pip_unavailable), row.message));
    CHECK(snapshot(place.tmp / "env") == before);
  }
}

TEST_CASE("native: what can't be put in place leaves all as it was") {
  Place place;
  place.put(simple("leaf", "1.0"));
  TestWheel demo = simple("demo", "1.0", "leaf");
  demo.files.push_back({"taken/x.py", ""});
  place.put(demo);
  support::put(place.site("taken"), "a file in the place of a directory");
  const auto before = snapshot(place.tmp / "env");
  CHECK(contains(place.fault({"demo"}, ErrorCode::io), "is no directory"));
  CHECK(snapshot(place.tmp / "env") == before);
  fs::remove(place.site("taken"));
  fs::create_directory(place.tmp / "outside");
  fs::create_directory_symlink(place.tmp / "outside", place.site("taken"));
  CHECK(contains(place.fault({"demo"}, ErrorCode::io), "link out of the environment"));
  CHECK(fs::is_empty(place.tmp / "outside"));
  CHECK_FALSE(fs::exists(place.site("leaf.py")));
}

TEST_CASE("native: a file of another distribution is replaced, as by pip, and said") {
  Place place;
  TestWheel one = simple("one", "1.0"), two = simple("two", "1.0");
  one.files.push_back({"shared/__init__.py", "by = 'one'\n"});
  one.files.push_back({"shared/one.py", ""});
  two.files.push_back({"shared/__init__.py", "by = 'two'\n"});
  place.put(one);
  place.put(two);
  place.install({"one"});
  CHECK(place.lines == "compiling 1 package\n");
  place.install({"two"});
  CHECK(contains(place.lines, "shared/__init__.py', which one-1.0 has installed, too"));
  CHECK(support::get(place.site("shared/__init__.py")) == "by = 'two'\n");
  CHECK(fs::exists(place.site("shared/one.py")));
}

TEST_CASE("native: uninstalls by RECORD, all or nothing") {
  Place place;
  TestWheel demo{"De.Mo", "1.0", {{"demo/__init__.py", ""}, {"demo/sub/x.py", ""}}};
  demo.name = "De_Mo";
  demo.files.push_back({"De_Mo-1.0.data/headers/demo.h", ""});
  demo.files.push_back({"De_Mo-1.0.data/data/share/demo/x", ""});
  demo.entry_points = "[console_scripts]\ndemo = demo:main\n";
  place.put(demo);
  place.put(simple("other", "1.0"));
  const auto empty = snapshot(place.tmp / "env");
  place.install({"de-mo"});
  support::put(place.site("demo/__pycache__/__init__.cpython-399.opt-1.pyc"), "another Python's");
  place.environment().uninstall({"DE.MO"});
  CHECK(snapshot(place.tmp / "env") == empty);
  place.install({"de-mo", "other"});
  support::put(place.site("demo/own.txt"), "the user's");
  const auto before = snapshot(place.tmp / "env");
  const auto refused = [&place](const std::vector<std::string>& names) {
    try {
      place.environment().uninstall(names);
      return std::string();
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  CHECK(contains(refused({"de-mo", "absent"}), "'absent' is not installed"));
  support::put(place.site("bare-1.0.dist-info/METADATA"), "Name: bare\nVersion: 1.0\n");
  CHECK(contains(refused({"de-mo", "bare"}), "without a RECORD"));
  support::put(place.tmp / "precious", "x");
  for (const char* path : {"../../../../precious", "/etc/passwd", "../../../pyvenv.cfg",
                           "../../../bin/python3", "../../../bin/activate"}) {
    CAPTURE(path);
    support::put(place.site("bare-1.0.dist-info/RECORD"), std::string(path) + ",,\n");
    CHECK(contains(refused({"de-mo", "bare"}), "RECORD of bare 1.0 names"));
  }
  fs::remove_all(place.site("bare-1.0.dist-info"));
  CHECK(snapshot(place.tmp / "env") == before);
  CHECK(refused({"de-mo", "other", "de_mo"}) == "");
  CHECK(support::get(place.site("demo/own.txt")) == "the user's");
  CHECK_FALSE(fs::exists(place.site("demo/__init__.py")));
  CHECK_FALSE(fs::exists(place.tmp / "env/bin/demo"));
  CHECK(installed_in(place.environment()).empty());
}

TEST_CASE("native: ensure installs from wheels at hand, and then finds that it is so") {
  Place place;
  place.put(simple("top", "1.0", "leaf"));
  place.put(simple("leaf", "1.0"));
  venv::EnsureOptions options(place.options);
  options.requirements = place.wanted;
  options.requirements.packages = {"top"};
  std::string said;
  options.report = [&said](venv::Report, const std::string& line) { said += line + '\n'; };
  const venv::EnsureResult made = venv::ensure(place.tmp / "other", options);
  CHECK(made.changed);
  CHECK(made.output == "installed leaf 1.0\ninstalled top 1.0\n");
  CHECK_FALSE(contains(said, "pip installs"));
  CHECK_FALSE(fs::exists(made.environment.site_packages() / "pip")); // it wasn't needed
  CHECK_FALSE(venv::ensure(place.tmp / "other", options).changed);
  options.requirements.packages = {"top", "absent"};
  CHECK_THROWS_AS(venv::ensure(place.tmp / "other", options), Error);
  CHECK(contains(said, "pip installs: there is no wheel for absent at hand"));
  CHECK(fs::exists(made.environment.site_packages() / "pip")); // it was tried
  place.environment().uninstall({});
  made.environment.uninstall({"leaf"});
  options.requirements.packages = {"top"};
  CHECK(venv::ensure(place.tmp / "other", options).output == "installed leaf 1.0\n");
}

namespace {

/// Installs in a hook.
struct Installing : venv::EnvBuilder {
  Installing(const venv::Options& chosen, Requirements asked)
      : EnvBuilder(chosen), wanted(std::move(asked)) {}
  void post_setup(venv::Context& context) override {
    said = Environment::open(context.env_dir).install(wanted).out;
    if (fails) throw Error(ErrorCode::invalid_argument, "the hook's own");
  }
  Requirements wanted;
  std::string said{};
  bool fails = false;
};

} // namespace

TEST_CASE("native: in a hook it is part of the run") {
  Place place;
  place.put(simple("demo", "1.0"));
  place.wanted.packages = {"demo"};
  Installing builder(place.options, place.wanted);
  builder.create(place.tmp / "hooked");
  CHECK(builder.said == "installed demo 1.0\n");
  CHECK(installed_in(Environment::open(place.tmp / "hooked")).size() == 1);
  CHECK_FALSE(fs::exists(place.tmp / "hooked/.venv.hpp-journal"));
  builder.fails = true;
  CHECK_THROWS_AS(builder.create(place.tmp / "failed"), Error);
  CHECK_FALSE(fs::exists(place.tmp / "failed"));
  const auto before = snapshot(place.tmp / "env");
  CHECK_THROWS_AS(builder.create(place.tmp / "env"), Error); // one that was there
  CHECK(snapshot(place.tmp / "env") == before);
}

TEST_CASE("native: a wheel that became another one since it was chosen is refused") {
  using namespace venv::detail;
  Place place;
  place.put(simple("demo", "1.0"));
  const auto before = snapshot(place.tmp / "env");
  ChosenWheel wheel;
  wheel.path = place.tmp / "wheels/demo-1.0-py3-none-any.whl";
  wheel.asked_name = "demo";
  wheel.sha256 = std::string(64, '0');
  const venv::Context context = context_of(place.tmp / "env", read_state(place.tmp / "env").cfg);
  {
    Transaction transaction(place.tmp / "env");
    transaction.open({});
    const StopRequest stop;
    const LayOutTools tools{context, transaction, place.options, stop};
    CHECK_THROWS_AS(install_wheels({wheel}, {}, tools), Error);
  }
  CHECK(snapshot(place.tmp / "env") == before);
}
