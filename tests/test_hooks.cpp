#include "api/env_builder.hpp"
#include "api/process.hpp"
#include "create/env_builder.hpp"
#include "support_files.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

// What the manual promises a subclass, and the ways in which programs subclass.

namespace {

namespace fs = std::filesystem;
using support::TemporaryDirectory;
using venv::Context;
using venv::EnvBuilder;

constexpr char python[] = "/usr/bin/python3"; // any real one

venv::Options options_for(const TemporaryDirectory& dir) {
  venv::Options options;
  options.python = python;
  options.symlinks = true;
  options.cache_dir = dir / "cache";
  options.scm_ignore_files = {"git"};
  return options;
}

std::string prefix_of(const Context& context) {
  return venv::run(context, {"-c", "import sys; print(sys.prefix, end='')"});
}

/// Every path below `root` with its type, mode, and target or bytes.
std::map<std::string, std::string> tree_of(const fs::path& root) {
  std::map<std::string, std::string> tree;
  if (!fs::exists(fs::symlink_status(root))) return tree;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const fs::path& path = entry.path();
    struct stat status{};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    std::string seen = std::to_string(status.st_mode);
    if (entry.is_symlink()) seen += fs::read_symlink(path).string();
    else if (entry.is_regular_file()) seen += ' ' + support::get(path);
    tree[path.lexically_relative(root).string()] = seen;
  }
  return tree;
}

bool is_environment(const fs::path& env_dir) {
  Context context;
  context.env_dir = env_dir;
  context.bin_path = env_dir / "bin";
  context.env_exe = context.env_exec_cmd = env_dir / "bin/python";
  return prefix_of(context) == env_dir.string();
}

/// Calls a function in place of each hook, which calls the base's, or doesn't.
struct Hooked : EnvBuilder {
  using Base = std::function<void()>;
  std::map<std::string, std::function<void(Context&, const Base&)>> hooks;

  explicit Hooked(venv::Options options) : EnvBuilder(std::move(options)) {}
  using EnvBuilder::current_options;

  void call(const char* name, Context& context, const Base& base) {
    const auto hook = hooks.find(name);
    hook == hooks.end() ? base() : hook->second(context, base);
  }
  Context ensure_directories(const fs::path& env_dir) override {
    Context context;
    context.env_dir = env_dir;
    call("ensure_directories", context, [&] { context = EnvBuilder::ensure_directories(env_dir); });
    return context;
  }
  void create_scm_ignore_file(const std::string& scm, Context& context) override {
    call("create_scm_ignore_file", context,
         [&] { EnvBuilder::create_scm_ignore_file(scm, context); });
  }
  void create_git_ignore_file(Context& context) override {
    call("create_git_ignore_file", context, [&] { EnvBuilder::create_git_ignore_file(context); });
  }
  void create_configuration(Context& context) override {
    call("create_configuration", context, [&] { EnvBuilder::create_configuration(context); });
  }
  void setup_python(Context& context) override {
    call("setup_python", context, [&] { EnvBuilder::setup_python(context); });
  }
  void setup_pip(Context& context) override {
    call("setup_pip", context, [&] { EnvBuilder::setup_pip(context); });
  }
  void setup_scripts(Context& context) override {
    call("setup_scripts", context, [&] { EnvBuilder::setup_scripts(context); });
  }
  void install_scripts(Context& context, const venv::ScriptSet& scripts) override {
    call("install_scripts", context, [&] { EnvBuilder::install_scripts(context, scripts); });
  }
  void post_setup(Context& context) override {
    call("post_setup", context, [&] { EnvBuilder::post_setup(context); });
  }
};

constexpr const char* hook_names[] = {
    "ensure_directories",   "create_scm_ignore_file", "create_git_ignore_file",
    "create_configuration", "setup_python",           "setup_pip",
    "setup_scripts",        "install_scripts",        "post_setup"};

/// Makes the manual's attributes, and no other, with directories for them.
struct OwnDirectories : EnvBuilder {
  using EnvBuilder::EnvBuilder;
  Context ensure_directories(const fs::path& env_dir) override {
    Context context;
    context.env_dir = env_dir;
    context.env_name = context.prompt = env_dir.filename().string();
    context.executable = python;
    const std::string release = venv::find_interpreter(python, options()).version.minor_text();
    context.inc_path = env_dir / "include" / ("python" + release);
    context.lib_path = context.platlib_path =
        env_dir / "lib" / ("python" + release) / "site-packages";
    context.bin_name = "bin";
    context.bin_path = env_dir / "bin";
    context.env_exe = context.env_exec_cmd = context.bin_path / "python3";
    for (const fs::path& path : {context.inc_path, context.lib_path, context.bin_path})
      fs::create_directories(path);
    return context;
  }
};

} // namespace

TEST_CASE("hooks: in an override of each step, after the base's, the environment's Python runs") {
  const TemporaryDirectory dir;
  for (const bool again : {false, true}) {
    Hooked builder(options_for(dir));
    std::vector<std::string> seen;
    for (const char* name : {"setup_python", "setup_scripts", "post_setup"})
      builder.hooks[name] = [&seen](Context& context, const Hooked::Base& base) {
        base();
        seen.push_back(prefix_of(context));
      };
    CAPTURE(again);
    builder.create(dir / "env");
    CHECK(seen == std::vector<std::string>(3, (dir / "env").string()));
  }
}

TEST_CASE("hooks: what pip installs in a hook is in the environment and nowhere else") {
  const TemporaryDirectory dir;
  venv::Options options = options_for(dir);
  options.with_pip = true;
  Hooked builder(options);
  std::string where, pip;
  builder.hooks["setup_pip"] = [&](Context& context, const Hooked::Base& base) {
    base();
    where = venv::run(context, {"-c", "import pip; print(pip.__file__, end='')"});
    pip = venv::run(context, {"-m", "pip", "--version"});
  };
  for (const bool again : {false, true}) {
    CAPTURE(again);
    const Context made = builder.create(dir / "env");
    CHECK(where == (made.lib_path / "pip/__init__.py").string());
    CHECK(pip.find(made.lib_path.string()) != std::string::npos);
  }
}

TEST_CASE("run: refuses a Python that would be the base's") {
  const TemporaryDirectory dir;
  Hooked builder(options_for(dir));
  std::string refused;
  builder.hooks["create_configuration"] = [](Context&, const Hooked::Base&) {};
  builder.hooks["post_setup"] = [&](Context& context, const Hooked::Base&) {
    try {
      prefix_of(context);
    } catch (const venv::Error& error) {
      CHECK(error.code() == venv::ErrorCode::not_an_environment);
      refused = error.what();
    }
  };
  builder.create(dir / "env");
  CHECK(refused.find("its Python would be the base Python") != std::string::npos);
}

TEST_CASE("hooks: the manual's five lines, called one by one") {
  const TemporaryDirectory dir;
  EnvBuilder builder(options_for(dir));
  for (const bool again : {false, true}) {
    CAPTURE(again);
    Context context = builder.ensure_directories(dir / "env");
    builder.create_configuration(context);
    builder.setup_python(context);
    builder.setup_scripts(context);
    builder.post_setup(context);
    CHECK(prefix_of(context) == (dir / "env").string());
    CHECK(fs::exists(context.bin_path / "activate"));
  }
  CHECK(!fs::exists(dir / "env/pyvenv.cfg.new"));
  CHECK(!fs::exists(dir / "env/.venv.hpp-journal"));
}

TEST_CASE("hooks: the manual's five lines as an override of create") {
  struct Manual : EnvBuilder {
    using EnvBuilder::EnvBuilder;
    Context create(const fs::path& env_dir) override {
      Context context = ensure_directories(fs::absolute(env_dir));
      create_configuration(context);
      setup_python(context);
      setup_scripts(context);
      post_setup(context);
      return context;
    }
  };
  const TemporaryDirectory dir;
  CHECK(prefix_of(Manual(options_for(dir)).create(dir / "env")) == (dir / "env").string());
  // The plain builder takes over what it made, and the other way round.
  CHECK(prefix_of(EnvBuilder(options_for(dir)).create(dir / "env")) == (dir / "env").string());
  CHECK(prefix_of(Manual(options_for(dir)).create(dir / "env")) == (dir / "env").string());
}

TEST_CASE("hooks: three steps make an environment; one alone keeps another release's pyvenv.cfg") {
  const TemporaryDirectory dir;
  EnvBuilder builder(options_for(dir));
  Context context = builder.ensure_directories(dir / "env");
  builder.create_configuration(context);
  builder.setup_python(context);
  CHECK(is_environment(dir / "env"));

  const std::string other = "home = /elsewhere\nversion = 3.1.0\n";
  support::put(context.cfg_path, other);
  builder.setup_python(context);
  CHECK(support::get(context.cfg_path) == other);
}

TEST_CASE("Context: kept, nobody waits for it") {
  const TemporaryDirectory dir;
  EnvBuilder builder(options_for(dir)), other(options_for(dir));
  const auto started = std::chrono::steady_clock::now();
  const Context first = builder.ensure_directories(dir / "env");
  const Context kept = builder.create(dir / "env");
  const Context again = other.create(dir / "env");
  Context copy = first;
  builder.setup_python(copy);
  std::thread([&] { other.create(dir / "env"); }).join();
  CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(100)); // of 300
  CHECK(prefix_of(kept) == prefix_of(again));
}

TEST_CASE("hooks: a hook makes the same directory again") {
  const TemporaryDirectory dir;
  venv::EnvBuilder inner(options_for(dir));
  for (const bool same : {true, false}) {
    CAPTURE(same);
    Hooked builder(options_for(dir));
    int depth = 0;
    builder.hooks["post_setup"] = [&](Context& context, const Hooked::Base&) {
      if (depth++) return;
      CHECK(builder.ensure_directories(context.env_dir).env_exe == context.env_exe);
      same ? builder.create(context.env_dir) : inner.create(context.env_dir);
      CHECK(prefix_of(context) == context.env_dir.string());
    };
    CHECK(prefix_of(builder.create(dir / (same ? "one" : "two"))) ==
          (dir / (same ? "one" : "two")).string());
  }
}

TEST_CASE("hooks: who waits for another thread of this process says so at once") {
  const TemporaryDirectory dir;
  Hooked outer(options_for(dir));
  std::string said;
  outer.hooks["post_setup"] = [&](Context& context, const Hooked::Base&) {
    std::thread([&] {
      venv::Options options = options_for(dir);
      bool cancelled = false;
      options.report = [&](venv::Report, const std::string& line) {
        if (line.find("waiting for ") == 0) said = line, cancelled = true;
      };
      options.is_cancelled = [&] { return cancelled; };
      std::optional<venv::Error> error;
      CHECK(!venv::create(context.env_dir, options, error));
    }).join();
  };
  outer.create(dir / "env");
  CHECK(said.find("another thread of this process") != std::string::npos);
}

TEST_CASE("create_configuration: appended to, written by oneself, not written") {
  const TemporaryDirectory dir;
  const auto append = [](Context& context, const Hooked::Base& base) {
    CHECK(context.cfg_path == context.env_dir / "pyvenv.cfg");
    base();
    std::ofstream(context.env_dir / "pyvenv.cfg", std::ios::app) << "mine = yes\n";
  };
  const auto write = [](Context& context, const Hooked::Base&) {
    std::ofstream(context.env_dir / "pyvenv.cfg")
        << "home = " << context.python_dir.string() << "\nmine = yes\n";
  };
  const struct {
    const char* name;
    std::function<void(Context&, const Hooked::Base&)> hook;
    bool is_there;
  } rows[] = {{"appended", append, true},
              {"written", write, true},
              {"nothing", [](Context&, const Hooked::Base&) {}, false}};
  for (const auto& row : rows)
    for (const bool site : {false, true}) {
      CAPTURE(row.name);
      CAPTURE(site);
      venv::Options options = options_for(dir);
      options.system_site_packages = site; // the configuration is written again at the end
      Hooked builder(options);
      builder.hooks["create_configuration"] = row.hook;
      const fs::path env = dir / (std::string(row.name) + (site ? " site" : ""));
      for (int run = 0; run < 2; ++run) {
        CAPTURE(run);
        builder.create(env);
        CHECK(fs::exists(env / "pyvenv.cfg") == row.is_there);
        CHECK(!fs::exists(env / "pyvenv.cfg.new"));
        const std::string text = support::get(env / "pyvenv.cfg");
        CHECK((text.find("mine = yes\n") != std::string::npos) == row.is_there);
        CHECK((text.find("packages = true") != std::string::npos) ==
              (site && row.name == std::string("appended")));
        if (row.is_there) CHECK(is_environment(env));
      }
    }
}

TEST_CASE("ensure_directories: one's own, that fills the manual's attributes") {
  const TemporaryDirectory dir;
  venv::Options options = options_for(dir);
  options.with_pip = true;
  for (const bool again : {false, true}) {
    CAPTURE(again);
    const Context made = OwnDirectories(options).create(dir / "env");
    CHECK(prefix_of(made) == (dir / "env").string());
    CHECK(support::get(dir / "env/pyvenv.cfg").find("home = /usr/bin\n") == 0);
    CHECK(made.cfg_path == dir / "env/pyvenv.cfg");
    CHECK(made.python_dir == "/usr/bin");
    CHECK(venv::run(made, {"-m", "pip", "--version"}).find("pip ") == 0);
    CHECK(fs::exists(dir / "env/bin/activate"));
    CHECK(fs::exists(dir / "env/.gitignore"));
  }
}

TEST_CASE("setup_python: a user's wrapper stays, with a warning, from before or by a hook") {
  const TemporaryDirectory dir;
  const std::string wrapper = "#!/bin/sh\nexec /usr/bin/python3 \"$@\"\n";
  for (const bool by_hook : {false, true})
    for (const bool again : {false, true}) {
      CAPTURE(by_hook);
      CAPTURE(again);
      const fs::path env = dir / ("env" + std::to_string(by_hook) + std::to_string(again));
      venv::Options options = options_for(dir);
      if (again) venv::create(env, options);
      std::string warning;
      options.report = [&](venv::Report kind, const std::string& line) {
        if (kind == venv::Report::warning && line.find("kept ") == 0) warning = line;
      };
      const auto put = [&] {
        fs::remove(env / "bin/python");
        support::put(env / "bin/python", wrapper);
      };
      Hooked builder(options);
      if (by_hook)
        builder.hooks["setup_python"] = [&](Context&, const Hooked::Base& base) { put(), base(); };
      else put();
      builder.create(env);
      CHECK(support::get(env / "bin/python") == wrapper);
      CHECK(fs::is_symlink(env / "bin/python3"));
      CHECK(warning.find("bin/python'") != std::string::npos);
    }
}

TEST_CASE("upgrade: takes the base that the environment names, and says when it is gone") {
  const TemporaryDirectory dir;
  const fs::path home = dir / "home";
  fs::create_directories(home);
  const fs::path real = fs::canonical(python); // python3.11
  fs::create_symlink(real, home / real.filename());
  venv::Options options = options_for(dir);
  options.python = (home / real.filename()).string();
  venv::create(dir / "env", options);
  options.python.clear();
  options.upgrade = true;
  CHECK(venv::create(dir / "env", options).python_dir == home);
  fs::remove(home / real.filename());
  std::optional<venv::Error> error;
  CHECK(!venv::create(dir / "env", options, error));
  REQUIRE(error);
  CHECK(error->code() == venv::ErrorCode::python_not_found);
  CHECK(std::string(error->what()).find("is gone") != std::string::npos);
}

TEST_CASE("upgrade: another minor version is said") {
  const TemporaryDirectory dir;
  venv::Options options = options_for(dir);
  std::vector<std::string> warnings;
  options.report = [&](venv::Report kind, const std::string& line) {
    if (kind == venv::Report::warning) warnings.push_back(line);
  };
  venv::create(dir / "env", options);
  options.upgrade = true;
  venv::create(dir / "env", options);
  CHECK(warnings.empty());
  std::string cfg = support::get(dir / "env/pyvenv.cfg");
  const std::size_t version = cfg.find("version = ");
  REQUIRE(version != cfg.npos);
  cfg.replace(version, cfg.find('\n', version) - version, "version = 3.2.6");
  support::put(dir / "env/pyvenv.cfg", cfg);
  venv::create(dir / "env", options);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].find("upgraded from Python 3.2 to 3.") == 0);
}

TEST_CASE("install_scripts: overridden, it leaves one out, adds another, and warns of neither") {
  struct Choosing : EnvBuilder {
    using EnvBuilder::EnvBuilder;
    void install_scripts(Context& context, const venv::ScriptSet& given) override {
      venv::ScriptSet set;
      for (const venv::Script& script : given.scripts)
        if (script.name != "activate.csh") set.scripts.push_back(script);
      venv::Script own;
      own.name = "hello.py";
      own.text = "print(__VENV_NAME__)\n";
      set.scripts.push_back(own);
      EnvBuilder::install_scripts(context, set);
    }
  };
  const TemporaryDirectory dir;
  venv::Options options = options_for(dir);
  std::vector<std::string> warnings;
  options.report = [&](venv::Report, const std::string& line) { warnings.push_back(line); };
  Choosing(options).create(dir / "env");
  CHECK(fs::exists(dir / "env/bin/activate"));
  CHECK(!fs::exists(dir / "env/bin/activate.csh"));
  CHECK(support::get(dir / "env/bin/hello.py") == "print('env')\n");
  CHECK(warnings.empty());
}

TEST_CASE("install_scripts: a folder with a link to nothing is refused; JSON stays JSON") {
  const TemporaryDirectory dir;
  EnvBuilder builder(options_for(dir));
  Context made = builder.create(dir / "e(1)");
  support::put(dir / "scripts/common/a.json", "{\"dir\": \"__VENV_DIR__\"}\n");
  builder.install_scripts(made, dir / "scripts");
  CHECK(
      venv::run(made, {"-c", "import json, sys; print(json.load(open(sys.argv[1]))['dir'], end='')",
                       (made.bin_path / "a.json").string()}) == made.env_dir.string());
  fs::create_symlink("nothing", dir / "scripts/common/link");
  CHECK_THROWS_AS(builder.install_scripts(made, dir / "scripts"), venv::Error);
}

TEST_CASE("prompt: '.' is asked at construction, once") {
  const TemporaryDirectory dir;
  fs::create_directories(dir / "here");
  venv::Options options = options_for(dir);
  options.prompt = ".";
  const fs::path was = fs::current_path();
  fs::current_path(dir / "here");
  EnvBuilder builder(options);
  fs::current_path(was);
  CHECK(builder.create(dir / "env").prompt == "here");
}

TEST_CASE("scm_ignore_files: the same one under two spellings is called once") {
  const TemporaryDirectory dir;
  venv::Options options = options_for(dir);
  options.scm_ignore_files = {"git", "GIT"};
  Hooked builder(options);
  int calls = 0;
  builder.hooks["create_scm_ignore_file"] = [&](Context&, const Hooked::Base& base) {
    ++calls;
    base();
  };
  builder.create(dir / "env");
  CHECK(calls == 1);
}

TEST_CASE("current_options: changed for this create alone") {
  const TemporaryDirectory dir;
  Hooked builder(options_for(dir));
  std::string changed = "one";
  builder.hooks["ensure_directories"] = [&](Context& context, const Hooked::Base& base) {
    base();
    if (context.env_name != changed) return;
    builder.current_options().with_pip = builder.current_options().system_site_packages = true;
  };
  for (const char* name : {"one", "two"}) {
    const Context made = builder.create(dir / name);
    const bool is_changed = name == changed;
    CHECK(fs::exists(made.lib_path / "pip") == is_changed);
    CHECK((support::get(made.cfg_path).find("packages = true") != std::string::npos) == is_changed);
  }
  CHECK(!builder.options().with_pip);
}

TEST_CASE("symlink_or_copy: an override that refuses copies") {
  struct Linking : EnvBuilder {
    using EnvBuilder::EnvBuilder;
    int calls = 0;
    void symlink_or_copy(const fs::path& src, const fs::path& dst, bool relative) override {
      ++calls;
      if (!current_options().symlinks) throw std::runtime_error("no copies here");
      EnvBuilder::symlink_or_copy(src, dst, relative);
    }
  };
  const TemporaryDirectory dir;
  venv::Options options = options_for(dir);
  Linking linking(options);
  CHECK(prefix_of(linking.create(dir / "env")) == (dir / "env").string());
  CHECK(linking.calls >= 3);
  options.symlinks = false;
  CHECK_THROWS_AS(Linking(options).create(dir / "copies"), std::runtime_error);
  CHECK(!fs::exists(dir / "copies"));
}

TEST_CASE("symlink_or_copy, clear_directory: called alone") {
  const TemporaryDirectory dir;
  EnvBuilder linking(options_for(dir));
  venv::Options options = options_for(dir);
  options.symlinks = false;
  EnvBuilder copying(options);
  support::put(dir / "file", "bytes");
  linking.symlink_or_copy(dir / "file", dir / "link", true);
  CHECK(fs::read_symlink(dir / "link") == "file");
  copying.symlink_or_copy(dir / "file", dir / "copy");
  CHECK((!fs::is_symlink(dir / "copy") && support::get(dir / "copy") == "bytes"));

  venv::create(dir / "env", options_for(dir));
  linking.clear_directory(dir / "env");
  CHECK((fs::is_directory(dir / "env") && fs::is_empty(dir / "env")));
}

TEST_CASE("clear_directory: an override that keeps something") {
  struct Keeping : EnvBuilder {
    using EnvBuilder::EnvBuilder;
    void clear_directory(const fs::path& path) override {
      const std::string notes = support::get(path / "notes");
      EnvBuilder::clear_directory(path);
      support::put(path / "notes", notes);
    }
  };
  const TemporaryDirectory dir;
  venv::Options options = options_for(dir);
  venv::create(dir / "env", options);
  support::put(dir / "env/notes", "mine");
  support::put(dir / "env/old", "x");
  options.clear = true;
  Keeping(options).create(dir / "env");
  CHECK(support::get(dir / "env/notes") == "mine");
  CHECK(!fs::exists(dir / "env/old"));
  CHECK(is_environment(dir / "env"));
}

TEST_CASE("ensure_directories: with clear, each call empties the directory") {
  const TemporaryDirectory dir;
  venv::Options options = options_for(dir);
  venv::create(dir / "env", options);
  const auto was = tree_of(dir / "env");
  options.clear = true;
  EnvBuilder alone(options);
  for (int call = 0; call < 2; ++call) {
    support::put(dir / "env/bin/stale", "x");
    (void)alone.ensure_directories(dir / "env");
    CHECK(!fs::exists(dir / "env/bin/stale"));
    CHECK(!fs::exists(dir / "env/pyvenv.cfg"));
    if (call == 0) EnvBuilder(options_for(dir)).create(dir / "env"); // else it is no environment
  }
  fs::remove_all(dir / "env");
  venv::create(dir / "env", options_for(dir));
  for (const bool fails : {true, false}) {
    CAPTURE(fails);
    Hooked builder(options);
    std::vector<bool> seen;
    builder.hooks["setup_scripts"] = [&](Context& context, const Hooked::Base& base) {
      support::put(context.bin_path / "stale", "x");
      (void)builder.ensure_directories(context.env_dir);
      seen = {fs::exists(context.bin_path / "stale"), fs::exists(context.env_exe),
              fs::exists(context.bin_path)};
      if (fails) throw std::runtime_error("a hook");
      builder.create_configuration(context);
      builder.setup_python(context);
      base();
    };
    if (fails) {
      CHECK_THROWS_AS(builder.create(dir / "env"), std::runtime_error);
      CHECK(tree_of(dir / "env") == was);
    } else {
      builder.create(dir / "env");
      CHECK(is_environment(dir / "env"));
    }
    CHECK(seen == std::vector<bool>{false, false, true});
  }
  CHECK(!fs::exists(dir / "env/.venv.hpp-journal"));
}

TEST_CASE("core_venv_deps: what is upgraded can be chosen") {
  struct Choosing : EnvBuilder {
    using EnvBuilder::EnvBuilder;
    std::vector<std::string> names;
    std::vector<std::string> core_venv_deps(const Context& context) override {
      names = EnvBuilder::core_venv_deps(context);
      return {"--help"}; // pip prints it, and asks no index
    }
  };
  const TemporaryDirectory dir;
  venv::Options options = options_for(dir);
  options.with_pip = options.upgrade_deps = true;
  Choosing builder(options);
  const Context made = builder.create(dir / "env");
  REQUIRE(!builder.names.empty());
  CHECK(builder.names[0] == "pip");
  CHECK((builder.names.size() == 2) == (made.python.version < venv::Version(3, 12)));
}

TEST_CASE("Context: a derived one can't be cut off") {
  struct Derived : Context {
    int own = 0;
  };
  CHECK(!std::is_constructible_v<Context, Derived>);
  CHECK(!std::is_convertible_v<const Derived&, Context>);
  CHECK(std::is_constructible_v<Context, const Context&>);
}

TEST_CASE("hooks: one builder for several directories and threads") {
  const TemporaryDirectory dir;
  Hooked builder(options_for(dir));
  builder.hooks["post_setup"] = [](Context& context, const Hooked::Base&) {
    support::put(context.env_dir / "seen", prefix_of(context));
  };
  std::vector<std::thread> threads;
  for (const char* name : {"one", "two", "three", "one"})
    threads.emplace_back([&, name] { builder.create(dir / name); });
  for (std::thread& thread : threads) thread.join();
  for (const char* name : {"one", "two", "three"})
    CHECK(support::get(dir / name / "seen") == (dir / name).string());
}

TEST_CASE("hooks: each overridden to do nothing") {
  const TemporaryDirectory dir;
  for (const char* name : hook_names) {
    if (name == std::string("ensure_directories")) continue; // see above: it returns the context
    CAPTURE(name);
    Hooked builder(options_for(dir));
    builder.hooks[name] = [](Context&, const Hooked::Base&) {};
    const fs::path env = dir / name;
    builder.create(env);
    const std::string hook = name;
    CHECK(fs::exists(env / "pyvenv.cfg") == (hook != "create_configuration"));
    CHECK(fs::exists(env / "bin/python3") == (hook != "setup_python"));
    CHECK(fs::exists(env / "bin/activate") == (hook.find("scripts") == hook.npos));
    CHECK(fs::exists(env / ".gitignore") == (hook.find("ignore_file") == hook.npos));
    CHECK(!fs::exists(env / ".venv.hpp-journal"));
  }
}

TEST_CASE("hooks: whichever throws, before, after or without the base's, all is as it was") {
  const TemporaryDirectory dir;
  const venv::Options options = options_for(dir);
  venv::create(dir / "env", options);
  support::put(dir / "env/bin/mine", "#!/bin/sh\n");
  support::put(dir / "env/bin/activate", "mine\n");
  support::put(dir / "env/notes/deep", "x");
  fs::remove(dir / "env/bin/python");
  fs::create_directories(dir / "empty");
  for (const char* name : hook_names)
    for (const bool before : {false, true})
      for (const bool with_base : {false, true})
        for (const char* where : {"env", "empty", "new/env"})
          for (const bool clear : {false, true}) {
            CAPTURE(name);
            CAPTURE(before);
            CAPTURE(with_base);
            CAPTURE(where);
            CAPTURE(clear);
            if ((before && !with_base) || (clear && where != std::string("env"))) continue;
            if (clear && name != std::string("ensure_directories") &&
                name != std::string("post_setup"))
              continue;
            const auto was = tree_of(dir.path() / where);
            venv::Options chosen = options;
            chosen.clear = clear;
            chosen.with_pip = name == std::string("setup_pip"); // it takes most of the time
            chosen.prompt = "another";
            Hooked builder(chosen);
            bool called = false;
            builder.hooks[name] = [&](Context& context, const Hooked::Base& base) {
              if (with_base && !before) base();
              called = true;
              fs::create_directories(context.env_dir / "bin");
              support::put(context.env_dir / "by a hook", "x");
              support::put(context.env_dir / "bin/by a hook", "x");
              if (fs::exists(context.env_dir / "pyvenv.cfg"))
                std::ofstream(context.env_dir / "pyvenv.cfg", std::ios::app) << "mine = yes\n";
              if (with_base && before) base();
              throw std::runtime_error(name);
            };
            CHECK_THROWS_AS(builder.create(dir.path() / where), std::runtime_error);
            CHECK(called);
            CHECK(tree_of(dir.path() / where) == was);
            CHECK(!fs::exists(dir / "new/env"));
          }
}
