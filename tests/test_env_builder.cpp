#include "api/env_builder.hpp"
#include "api/process.hpp"
#include "create/env_builder.hpp"
#include "support_files.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace fs = std::filesystem;
using support::TemporaryDirectory;

constexpr char python[] = "/usr/bin/python3"; // any real one

venv::Options options_for(const TemporaryDirectory& dir) {
  venv::Options options;
  options.python = python;
  options.symlinks = true;
  options.cache_dir = dir / "cache";
  return options;
}

TEST_CASE("create: a base that will not last is told") {
  using venv::detail::why_fleeting;
  const auto why = [](const char* base, const char* env) {
    return why_fleeting(base, env, "/run/user/1/tmp");
  };
  CHECK(why("/tmp/.mount_Kicad4X/usr/bin/python3.11", "/tmp/env").find("AppImage") !=
        std::string::npos);
  CHECK(why("/snap/code/123/usr/bin/python3", "/home/u/env").find("/snap/code/current") !=
        std::string::npos);
  CHECK(why("/snap/code/x1/usr/bin/python3", "/home/u/env").find("Snap") != std::string::npos);
  CHECK(why("/snap/code/current/usr/bin/python3", "/home/u/env").empty());
  for (const char* folder : {"/tmp", "/var/tmp", "/run/user/1/tmp"}) {
    CAPTURE(folder);
    const std::string base = folder + std::string("/p/bin/python3");
    CHECK(why(base.c_str(), "/home/u/env").find(folder) != std::string::npos);
    CHECK(why(base.c_str(), (folder + std::string("/env")).c_str()).empty());
  }
  CHECK(why("/tmporary/bin/python3", "/home/u/env").empty());
  CHECK(why("/usr/bin/python3", "/home/u/env").empty());
}

/// Notes each hook and what of the environment is there when it is called.
struct Noting : venv::EnvBuilder {
  using EnvBuilder::EnvBuilder;
  std::vector<std::string> calls;

  void note(const std::string& call, const venv::Context& context) {
    std::string seen = call + ':';
    for (const char* name : {"bin/activate", "pyvenv.cfg", "pyvenv.cfg.new"})
      if (fs::exists(context.env_dir / name)) seen += std::string(" ") + name;
    if (fs::is_directory(context.lib_path)) seen += " site-packages";
    if (fs::exists(context.env_exe)) seen += " python";
    calls.push_back(seen);
  }
  venv::Context ensure_directories(const fs::path& env_dir) override {
    calls.push_back("ensure_directories");
    return EnvBuilder::ensure_directories(env_dir);
  }
  void create_scm_ignore_file(const std::string& scm, venv::Context& context) override {
    note("create_scm_ignore_file " + scm, context);
    EnvBuilder::create_scm_ignore_file(scm, context);
  }
  void create_git_ignore_file(venv::Context& context) override {
    note("create_git_ignore_file", context);
    EnvBuilder::create_git_ignore_file(context);
  }
  void create_configuration(venv::Context& context) override {
    note(current_options().system_site_packages ? "create_configuration again"
                                                : "create_configuration",
         context);
    EnvBuilder::create_configuration(context);
  }
  void setup_python(venv::Context& context) override {
    note("setup_python", context);
    EnvBuilder::setup_python(context);
  }
  void setup_pip(venv::Context& context) override { note("setup_pip", context); }
  void setup_scripts(venv::Context& context) override {
    note("setup_scripts", context);
    EnvBuilder::setup_scripts(context);
  }
  void post_setup(venv::Context& context) override { note("post_setup", context); }
  void upgrade_dependencies(venv::Context& context) override {
    note("upgrade_dependencies", context);
  }
};

std::optional<venv::Error> failure_of(const fs::path& env_dir, const venv::Options& options) {
  std::optional<venv::Error> error;
  const std::optional<venv::Context> made = venv::create(env_dir, options, error);
  CHECK(made.has_value() == !error);
  if (made) CHECK(made->env_dir == env_dir);
  return error;
}

unsigned mode_of(const fs::path& path) {
  struct stat status{};
  CHECK(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777u;
}

} // namespace

TEST_CASE("EnvBuilder: calls every hook in the reference's order, each seeing what is promised") {
  const TemporaryDirectory dir;
  venv::Options options = options_for(dir);
  options.with_pip = options.system_site_packages = options.upgrade_deps = true;
  options.scm_ignore_files = {"git"};
  Noting builder(options);
  builder.create(dir / "env");
  CHECK(builder.calls ==
        std::vector<std::string>{
            "ensure_directories",
            "create_scm_ignore_file git: site-packages",
            "create_git_ignore_file: site-packages",
            "create_configuration: site-packages",
            "setup_python: pyvenv.cfg site-packages",
            "setup_pip: pyvenv.cfg site-packages python",
            "setup_scripts: pyvenv.cfg site-packages python",
            "post_setup: bin/activate pyvenv.cfg site-packages python",
            "create_configuration again: bin/activate pyvenv.cfg site-packages python",
            "upgrade_dependencies: bin/activate pyvenv.cfg site-packages python",
        });
}

TEST_CASE("EnvBuilder: upgrade leaves out scripts and post_setup") {
  const TemporaryDirectory dir;
  venv::Options options = options_for(dir);
  options.upgrade = true;
  Noting builder(options);
  builder.create(dir / "env");
  CHECK(builder.calls == std::vector<std::string>{"ensure_directories",
                                                  "create_configuration: site-packages",
                                                  "setup_python: pyvenv.cfg site-packages"});
  CHECK(fs::exists(dir / "env/pyvenv.cfg"));
  CHECK(!fs::exists(dir / "env/bin/activate"));
}

TEST_CASE("Context: has every attribute of the reference") {
  const TemporaryDirectory dir;
  venv::Options options = options_for(dir);
  options.prompt = "the prompt";
  const fs::path env = dir / "an env";
  const venv::Context made = venv::EnvBuilder(options).create(env / "." / "x" / ".." / "");
  const std::string release = "python" + std::to_string(made.python.version[0]) + '.' +
                              std::to_string(made.python.version[1]);
  CHECK(made.env_dir == env);
  CHECK(made.env_name == "an env");
  CHECK(made.prompt == "the prompt");
  CHECK(made.executable == python);
  CHECK(made.python_dir == "/usr/bin");
  CHECK(made.python_exe == "python3");
  CHECK(made.bin_name == "bin");
  CHECK(made.bin_path == env / "bin");
  CHECK(made.env_exe == env / "bin/python3");
  CHECK(made.env_exec_cmd == made.env_exe);
  CHECK(made.lib_path == env / "lib" / release / "site-packages");
  CHECK(made.platlib_path == made.lib_path);
  CHECK(fs::is_directory(made.inc_path));
  CHECK(made.inc_path.lexically_relative(env).begin()->string() == "include");
  CHECK(made.cfg_path == env / "pyvenv.cfg");
  CHECK(made.python.executable == python);
  CHECK(venv::create(env, options_for(dir)).prompt == "an env");
}

TEST_CASE(
    "create_scm_ignore_file: another SCM by overriding, an unknown one refused and taken back") {
  struct Mercurial : venv::EnvBuilder {
    using EnvBuilder::EnvBuilder;
    void create_scm_ignore_file(const std::string& scm, venv::Context& context) override {
      if (scm != "hg") return EnvBuilder::create_scm_ignore_file(scm, context);
      support::put(context.env_dir / ".hgignore", "syntax: glob\n*\n");
    }
  };
  const TemporaryDirectory dir;
  venv::Options options = options_for(dir);
  options.scm_ignore_files = {"GIT", "hg"};
  Mercurial(options).create(dir / "env");
  CHECK(fs::exists(dir / "env/.gitignore"));
  CHECK(support::get(dir / "env/.hgignore") == "syntax: glob\n*\n");

  const auto error = failure_of(dir / "other", options);
  REQUIRE(error);
  CHECK(error->code() == venv::ErrorCode::invalid_argument);
  CHECK(std::string(error->what()) == "no ignore file is known for 'hg'");
  CHECK(error->hint().find("create_scm_ignore_file") != std::string::npos);
  CHECK(!fs::exists(dir / "other"));
}

TEST_CASE("EnvBuilder: a file system's error is an Error, wherever it comes up") {
  struct Failing : venv::EnvBuilder {
    using EnvBuilder::EnvBuilder;
    venv::Context ensure_directories(const fs::path&) override {
      throw fs::filesystem_error("raw", std::make_error_code(std::errc::io_error));
    }
  };
  const TemporaryDirectory dir;
  try {
    Failing(options_for(dir)).create(dir / "env");
    FAIL("it succeeded");
  } catch (const venv::Error& error) {
    CHECK(error.code() == venv::ErrorCode::io);
    CHECK(error.path() == dir / "env");
  }
}

TEST_CASE("EnvBuilder: whatever a hook throws passes, and what was made is gone") {
  struct Failing : venv::EnvBuilder {
    using EnvBuilder::EnvBuilder;
    void post_setup(venv::Context& context) override {
      support::put(context.bin_path / "mine", "x");
      throw 42;
    }
  };
  const TemporaryDirectory dir;
  CHECK_THROWS_AS(Failing(options_for(dir)).create(dir / "new" / "env"), int);
  CHECK(!fs::exists(dir / "new"));

  venv::create(dir / "env", options_for(dir));
  support::put(dir / "env/bin/activate", "mine\n");
  CHECK_THROWS_AS(Failing(options_for(dir)).create(dir / "env"), int);
  CHECK(support::get(dir / "env/bin/activate") == "mine\n");
  CHECK(fs::exists(dir / "env/pyvenv.cfg"));
}

TEST_CASE("install_scripts: folders, placeholders, modes; no binary file, no other platform's") {
  struct Installing : venv::EnvBuilder {
    Installing(venv::Options options, fs::path scripts)
        : EnvBuilder(std::move(options)), scripts_(std::move(scripts)) {}
    void setup_scripts(venv::Context& context) override { install_scripts(context, scripts_); }
    fs::path scripts_;
  };
  const TemporaryDirectory dir;
  const fs::path folder = dir / "scripts";
  support::put(folder / "common/show.py",
               "for text in (__VENV_DIR__, __VENV_NAME__, __VENV_PROMPT__,\n"
               "             __VENV_BIN_NAME__, __VENV_PYTHON__): print(text)\n");
  support::put(folder / "common/both", "common\n");
  support::put(folder / "common/sub/folder/deep.sh", "echo __VENV_NAME__\n");
  support::put(folder / "posix/both", "posix\n");
  support::put(folder / "nt/other.bat", "rem\n");
  support::put(folder / "common/binary", "\x7f"
                                         "ELF\xff__VENV_DIR__");
  support::put(folder / "common/program.exe", "\xff__VENV_DIR__");
  support::put(folder / "common/nul", std::string("a\0b\n", 4));
  support::put(folder / "common/latin1.txt", "caf\xe9\n");
  support::put(folder / "elsewhere/ignored", "x\n");
  fs::permissions(folder / "common/show.py", fs::perms(0750));
  fs::permissions(folder / "posix/both", fs::perms(0444));
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(48);
  for (const char* name : {"common/show.py", "posix/both", "common/program.exe"})
    fs::last_write_time(folder / name, old);

  std::vector<std::string> warnings;
  venv::Options options = options_for(dir);
  options.prompt = "$(touch ran) 'p'";
  options.report = [&](venv::Report kind, const std::string& line) {
    if (kind == venv::Report::warning) warnings.push_back(line);
  };
  const fs::path env = dir / "env __VENV_NAME__";
  const venv::Context made = Installing(options, folder).create(env);

  CHECK(venv::run(made, {(made.bin_path / "show.py").string()}) ==
        env.string() + "\nenv __VENV_NAME__\n$(touch ran) 'p'\nbin\n" + made.env_exe.string() +
            '\n');
  CHECK(support::get(made.bin_path / "both") == "posix\n");
  CHECK(support::get(made.bin_path / "sub/folder/deep.sh") == "echo 'env __VENV_NAME__'\n");
  CHECK(mode_of(made.bin_path / "show.py") == 0750);
  CHECK(mode_of(made.bin_path / "both") == 0444);
  for (const char* name : {"both", "program.exe"}) // unchanged ones, as shutil.copy2 leaves them
    CHECK(fs::last_write_time(made.bin_path / name) == old);
  CHECK(fs::last_write_time(made.bin_path / "show.py") > old);
  CHECK(support::get(made.bin_path / "program.exe") == "\xff__VENV_DIR__");
  CHECK(support::get(made.bin_path / "nul") == std::string("a\0b\n", 4));
  for (const char* name : {"other.bat", "binary", "latin1.txt", "ignored", "activate"})
    CHECK(!fs::exists(made.bin_path / name));
  REQUIRE(warnings.size() == 2);
  CHECK(warnings[0].find("binary") != std::string::npos);
  CHECK(warnings[1].find("latin1.txt") != std::string::npos);
  // Again, over what is there, as when an environment is upgraded.
  Installing(options, folder).create(env);
  CHECK(support::get(made.bin_path / "both") == "posix\n");
}

TEST_CASE("install_scripts: replace_variables can be overridden, and leave a script out") {
  struct Own : venv::EnvBuilder {
    using EnvBuilder::EnvBuilder;
    std::optional<std::string> replace_variables(const std::string& text,
                                                 const std::string& file_name,
                                                 const venv::Context& context) override {
      if (file_name == "activate.csh") return std::nullopt;
      return "# " + context.env_name + '\n' + text;
    }
  };
  const TemporaryDirectory dir;
  std::vector<std::string> warnings;
  venv::Options options = options_for(dir);
  options.report = [&](venv::Report, const std::string& line) { warnings.push_back(line); };
  Own(options).create(dir / "env");
  CHECK(support::get(dir / "env/bin/activate").substr(0, 6) == "# env\n");
  CHECK(!fs::exists(dir / "env/bin/activate.csh"));
  CHECK(warnings.empty()); // it was meant
}

TEST_CASE("create: without throwing") {
  const TemporaryDirectory dir;
  CHECK(!failure_of(dir / "env", options_for(dir)));
  CHECK(fs::exists(dir / "env/pyvenv.cfg"));

  venv::Options options = options_for(dir);
  options.python = (dir / "missing").string();
  const auto missing = failure_of(dir / "other", options);
  REQUIRE(missing);
  CHECK(missing->code() == venv::ErrorCode::python_not_found);
  CHECK(missing->path() == dir / "missing");

  options = options_for(dir);
  options.upgrade = options.clear = true; // the constructor's refusal, too
  const auto both = failure_of(dir / "other", options);
  REQUIRE(both);
  CHECK(both->code() == venv::ErrorCode::invalid_argument);
  CHECK(failure_of("", options_for(dir))->code() == venv::ErrorCode::invalid_argument);
  CHECK(!fs::exists(dir / "other"));
}

TEST_CASE("run: output, lines, both streams, arguments as they are, the child's environment") {
  const TemporaryDirectory dir;
  const venv::Context made = venv::create(dir / "env", options_for(dir));
  CHECK(venv::run(made, {"-c", "import sys; print(sys.argv[1:])", "a b", "$HOME", "", "\"'"}) ==
        "['a b', '$HOME', '', '\"\\'']\n");

  std::vector<std::string> lines;
  venv::RunOptions options;
  options.cwd = dir.path();
  options.on_line = [&](venv::Stream stream, std::string_view line) {
    lines.push_back((stream == venv::Stream::out ? "out " : "err ") + std::string(line));
  };
  const std::string script =
      "import os, sys, time\n"
      "def say(stream, text): stream.write(text); stream.flush(); time.sleep(.05)\n"
      "say(sys.stdout, 'one\\r\\ntw')\n"
      "say(sys.stderr, 'error\\n')\n"
      "say(sys.stdout, 'o\\n\\nthree')\n";
  CHECK(venv::run(made, {"-c", script}, options) == "one\r\ntwerror\no\n\nthree");
  CHECK(lines == std::vector<std::string>{"out one", "err error", "out two", "out ", "out three"});

  const support::Variable home("PYTHONHOME", "/nonexistent"), path("PYTHONPATH", "/nonexistent"),
      executable("PYTHONEXECUTABLE", "/nonexistent"), target("PIP_TARGET", "/nonexistent"),
      kept("VENV_TEST_KEPT", "kept");
  CHECK(
      venv::run(made, {"-c", "import os, sys\n"
                             "print([os.environ.get(name) for name in ('PYTHONHOME', 'PYTHONPATH', "
                             "'PYTHONEXECUTABLE', 'PIP_TARGET', 'VENV_TEST_KEPT')], "
                             "os.environ['VIRTUAL_ENV'] == sys.prefix,"
                             " os.getcwd() == sys.prefix, sys.stdin.read() == '')"}) ==
      "[None, None, None, None, 'kept'] True False True\n"); // in this process's own directory
}

TEST_CASE("run: what cannot be started is named; no argument is cut") {
  const TemporaryDirectory dir;
  venv::Context made = venv::create(dir / "env", options_for(dir));
  const auto failure = [&](const std::vector<std::string>& arguments, const fs::path& cwd) {
    venv::RunOptions options;
    options.cwd = cwd;
    try {
      return venv::run(made, arguments, options);
    } catch (const venv::Error& error) {
      return std::string(error.what());
    }
  };
  const std::string reason = ": No such file or directory";
  CHECK(failure({"-V"}, dir / "none") ==
        "cannot enter '" + (dir / "none").string() + '\'' + reason);
  CHECK(failure({"-c", std::string("1\0002", 3)}, {}) ==
        "the argument '1\\x002' contains a NUL character");
  made.env_exec_cmd = dir / "missing";
  CHECK(failure({"-V"}, {}) == "cannot start '" + (dir / "missing").string() + '\'' + reason);
}

TEST_CASE("run: a child that fails, is killed or takes too long; its output is kept") {
  const TemporaryDirectory dir;
  const venv::Context made = venv::create(dir / "env", options_for(dir));
  const struct {
    const char *script, *output, *message;
  } rows[] = {
      {"print('said'); import sys; sys.exit(3)", "said\n", "exited with 3"},
      {"import sys; print('o', flush=True); sys.exit('reason')", "o\nreason\n", "exited with 1"},
      {"import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "", "was ended by signal 9"},
      {"import time; print('begun', flush=True); time.sleep(60)", "begun\n",
       "took longer than 400 ms"},
      {"import os, time; print('begun', flush=True); os.close(1); os.close(2); time.sleep(60)",
       "begun\n", "took longer than 400 ms"},
      {"import subprocess, sys; print('begun', flush=True)\n"
       "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).wait()",
       "begun\n", "took longer than 400 ms"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.script);
    venv::RunOptions options;
    if (std::string(row.message).find("400") != std::string::npos)
      options.timeout = std::chrono::milliseconds(400);
    const auto started = std::chrono::steady_clock::now();
    try {
      venv::run(made, {"-c", row.script}, options);
      FAIL("it succeeded");
    } catch (const venv::Error& error) {
      CHECK(error.code() == venv::ErrorCode::command_failed);
      CHECK(error.output() == row.output);
      CHECK(std::string(error.what()).find(row.message) != std::string::npos);
      CHECK(std::string(error.what()).find('\n') == std::string::npos); // whatever the arguments
      CHECK(error.path() == made.env_exec_cmd);
      const bool exited = std::string(row.message).find("exited") == 0;
      CHECK(error.exit_code().has_value() == exited);
      if (exited) CHECK(row.message == "exited with " + std::to_string(*error.exit_code()));
    }
    CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(20));
  }
}

TEST_CASE("EnvBuilder: several threads make different environments at once, with one builder") {
  const TemporaryDirectory dir;
  const venv::Options options = options_for(dir);
  venv::EnvBuilder shared(options);
  std::vector<std::thread> threads;
  std::vector<std::string> prefixes(8);
  for (std::size_t i = 0; i < prefixes.size(); ++i)
    threads.emplace_back([&, i] {
      const fs::path env = dir / ("env " + std::to_string(i));
      const venv::Context made = i % 2 ? shared.create(env) : venv::create(env, options);
      prefixes[i] = venv::run(made, {"-c", "import sys; print(sys.prefix, end='')"});
    });
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < prefixes.size(); ++i)
    CHECK(prefixes[i] == (dir / ("env " + std::to_string(i))).string());
}

TEST_CASE(
    "is_cancelled: heard while a Python hangs or pip is compiled, asked on one thread alone") {
  const TemporaryDirectory dir;
  const fs::path hanging = support::put(dir / "python", "#!/bin/sh\nexec sleep 60\n");
  fs::permissions(hanging, fs::perms::owner_all);
  for (const bool compiles : {false, true}) {
    CAPTURE(compiles);
    venv::Options options = options_for(dir);
    options.with_pip = true;
    if (!compiles) options.python = hanging.string();
    std::string said;
    options.report = [&said](venv::Report, const std::string& line) { said = line; };
    const std::thread::id here = std::this_thread::get_id();
    int elsewhere = 0;
    const auto started = std::chrono::steady_clock::now();
    options.is_cancelled = [&] {
      if (std::this_thread::get_id() != here) ++elsewhere;
      return compiles ? said.find("compiling") == 0
                      : std::chrono::steady_clock::now() - started > std::chrono::seconds(1);
    };
    std::optional<venv::Error> error;
    CHECK(!venv::create(dir / "env", options, error));
    REQUIRE(error);
    CHECK(error->code() == venv::ErrorCode::interrupted);
    CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(8)); // of 10
    CHECK(elsewhere == 0);
    CHECK(!fs::exists(dir / "env"));
  }
}

TEST_CASE("create: what another run is making is no installed Python, whatever it looks like yet") {
  using venv::detail::DirectoryLock;
  const TemporaryDirectory tmp;
  const fs::path env = tmp / "env";
  support::put(env / "bin" / "python3", "a copied interpreter");
  CHECK_THROWS_WITH_AS(venv::create(env, options_for(tmp)), doctest::Contains("is where a Python"),
                       venv::Error);
  CHECK(support::get(env / "bin" / "python3") == "a copied interpreter");
  std::optional<DirectoryLock> other(std::in_place, env, 0);
  std::optional<venv::Error> error;
  std::optional<venv::Context> made;
  std::thread waiting([&] { made = venv::create(env, options_for(tmp), error); });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  support::put(env / "pyvenv.cfg", "home = /usr/bin\n");
  other.reset();
  waiting.join();
  CHECK_MESSAGE(made, error->what());
  CHECK(fs::is_symlink(env / "bin" / "python3"));
}

TEST_CASE("create: what is to be cleared may be removed by another run meanwhile") {
  const TemporaryDirectory tmp;
  venv::detail::refuse_dangerous_clear(tmp / "missing"); // it has been there a moment before
  CHECK(venv::detail::is_known_empty(tmp / "missing"));
  CHECK(!fs::exists(tmp / "missing"));
  CHECK_THROWS_AS(venv::detail::refuse_dangerous_clear("/"), venv::Error);
}

TEST_CASE("child_variables: a host's own libraries need not mislead the children") {
  const TemporaryDirectory dir;
  support::put(dir / "libraries" / "libc.so.6", "no library");
  const support::Variable misled("LD_LIBRARY_PATH", (dir / "libraries").c_str());
  venv::Options options = options_for(dir);
  options.with_pip = true;
  options.symlinks = false; // a copy is started
  std::optional<venv::Error> error;
  CHECK(!venv::create(dir / "env", options, error));
  REQUIRE(error);
  CHECK(error->code() == venv::ErrorCode::python_unusable);
  CHECK(!fs::exists(dir / "env"));
  options.child_variables = {{"LD_LIBRARY_PATH", std::nullopt}};
  const venv::Context made = venv::create(dir / "env", options);
  CHECK(venv::find_interpreter(python, options).executable == made.python.executable);
  venv::RunOptions run;
  run.variables = options.child_variables;
  CHECK(venv::run(made, {"-m", "pip", "--version"}, run).find(made.env_dir.string()) !=
        std::string::npos);
}

TEST_CASE("create: a file .venv that redirects is followed, and stays as it is (PEP 832)") {
  const TemporaryDirectory dir;
  const venv::Options options = options_for(dir);
  const fs::path file = support::put(dir / "project" / ".venv", "../environments/project\n");
  for (int times = 0; times < 2; ++times) {
    const venv::Context made = venv::create(file, options);
    CHECK(made.env_dir == dir / "environments" / "project");
    CHECK(fs::exists(made.env_dir / "pyvenv.cfg"));
    CHECK(support::get(file) == "../environments/project\n");
  }
  support::put(file, "not\na redirection\n");
  CHECK_THROWS_AS(venv::create(file, options), venv::Error);
  CHECK(support::get(file) == "not\na redirection\n");
}
