#include "python/base.hpp"
#include "python/home.hpp"

#include "support_pythons.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace venv::detail;
using support::Machine;

namespace {

std::string cfg_of(const fs::path& home) { return "home = " + home.string() + '\n'; }

/// A copied interpreter, as `--copies` makes it: it names itself as its base below 3.11.
fs::path copy(Machine& m, const fs::path& path, venv::Version version) {
  const fs::path program = m.add(path, version);
  m.answers[program].base_prefix = "/somewhere";
  return program;
}

} // namespace

TEST_CASE("base: one hop of a link, others on the way stay") {
  Machine m;
  const fs::path real = m.add("real/bin/python3.12", {3, 12});
  m.link(m.tmp / "real", "opt");
  CHECK(one_hop(m.link("python3.12", "real/bin/python3")) == real);
  CHECK(one_hop(m.link(m.tmp / "opt/bin/python3.12", "bin/python3")) ==
        m.tmp / "opt/bin/python3.12");
  CHECK(one_hop(m.link("../opt/bin/python3.12", "bin/python")) == m.tmp / "opt/bin/python3.12");
  m.link(m.tmp / "bin", "elsewhere/deep/link to bin");
  CHECK(one_hop(m.tmp / "elsewhere/deep/link to bin/python") == m.tmp / "opt/bin/python3.12");
  CHECK(one_hop(real).empty());
}

TEST_CASE("base: the way out of a directory") {
  Machine m;
  const fs::path real = m.add("real/bin/python3", {3, 12});
  const fs::path env = m.tmp / "e";
  m.link(real, "e/bin/python3");
  m.link("python3", "e/bin/python");
  m.link(env / "bin/python", "bin/python");
  CHECK(outside_of(env, real) == real);
  CHECK(outside_of(env, env / "bin/python") == real);
  CHECK(outside_of(env, m.tmp / "bin/python") == real);
  const fs::path copied = m.add("e/bin/copy", {3, 12});
  CHECK_FALSE(outside_of(env, copied));
  CHECK_FALSE(outside_of(env, m.link(copied, "bin/copy")));
  CHECK(outside_of(m.tmp / "not there", real) == real);
  CHECK(outside_of(m.tmp / "e/bi", env / "bin/python") == env / "bin/python");
}

TEST_CASE("base: a directory is the same under any name that the disk takes for it") {
  Machine m;
  fs::create_directories(m.tmp / "Env" / "bin");
  fs::create_directories(m.tmp / "other");
  m.link("Env", "env"); // as if the disk took both for one
  CHECK(is_within(m.tmp / "env" / "bin", m.tmp / "Env"));
  CHECK(is_within(m.tmp / "env", m.tmp / "Env"));
  CHECK_FALSE(is_within(m.tmp / "other", m.tmp / "Env"));
  CHECK_FALSE(is_within(m.tmp.path(), m.tmp / "Env"));
  CHECK_FALSE(is_within(m.tmp / "missing" / "bin", m.tmp / "Env"));
}

TEST_CASE("base: what Homebrew keeps under one name over all upgrades") {
  Machine m;
  const fs::path cellar = "brew/Cellar/python@3.12/3.12.1", opt = m.tmp / "brew/opt/python@3.12";
  const fs::path inner = "Frameworks/Python.framework/Versions/3.12/bin/python3.12"; // on macOS
  const fs::path real = m.add(cellar / "bin/python3.12", {3, 12, 1});
  const fs::path framework = m.add(cellar / inner, {3, 12, 1});
  const fs::path old = m.add("brew/Cellar/python@3.12/3.12.0/bin/python3.12", {3, 12, 0});
  CHECK(lasting_name(real) == real); // nothing leads there yet
  m.link("../Cellar/python@3.12/3.12.1", "brew/opt/python@3.12");
  CHECK(lasting_name(real) == opt / "bin/python3.12");
  CHECK(lasting_name(framework) == opt / inner);
  CHECK(lasting_name(old) == old); // another file
  for (const fs::path& path :
       {opt / "bin/python3.12",
        m.link("../" + real.lexically_relative(m.tmp / "brew").string(), "brew/bin/python3.12"),
        m.tmp / "brew/Cellar", m.tmp / "brew/Cellar/python@3.12", m.add("x/bin/python3", {3, 12})})
    CHECK(lasting_name(path) == path);
}

TEST_CASE("base: an environment's configuration names it, however deep") {
  Machine m;
  const fs::path base = m.add("base/bin/python3", {3, 8, 1});
  copy(m, "one/bin/python3", {3, 8, 1});
  copy(m, "two/bin/python3", {3, 8, 1});
  support::put(m.tmp / "one/pyvenv.cfg", cfg_of(m.tmp / "base/bin") + "home = /nonexistent\n");
  support::put(m.tmp / "two/pyvenv.cfg", "HOME=" + (m.tmp / "one/bin").string() + "\r\n");
  const venv::Interpreter found = m.find((m.tmp / "two/bin/python3").string());
  CHECK(found.executable == m.tmp / "two/bin/python3");
  CHECK(found.base_executable == base);
  support::put(m.tmp / "one/pyvenv.cfg", cfg_of(m.tmp / "two/bin")); // in a circle
  m.find((m.tmp / "two/bin/python3").string());
}

TEST_CASE("base: home while the executable there is the same file, else what Python says") {
  Machine m;
  const fs::path cellar = m.add("Cellar/python@3.12/3.12.1/bin/python3.12", {3, 12, 1});
  m.link("../Cellar/python@3.12/3.12.1", "opt/python@3.12");
  const fs::path stable = m.tmp / "opt/python@3.12/bin/python3.12";
  const fs::path env = m.link(stable, "env/bin/python3.12");
  support::put(m.tmp / "env/pyvenv.cfg", cfg_of(stable.parent_path()));
  m.answers[env] = m.answers[cellar];
  m.answers[env].executable = env;
  m.answers[env].base_executable = cellar; // as 3.11 and newer say
  CHECK(m.base(env.string()) == stable);
  CHECK(m.asked.size() == 1);

  m.add("Cellar/python@3.12/3.12.2/bin/python3.12", {3, 12, 2});
  fs::remove(m.tmp / "opt/python@3.12");
  m.link("../Cellar/python@3.12/3.12.2", "opt/python@3.12");
  CHECK(m.base(env.string()) == cellar); // this environment's Python is still the old one
  fs::remove(m.tmp / "opt/python@3.12");
  CHECK(m.base(env.string()) == cellar);
}

TEST_CASE("base: an environment without home is followed to the real one") {
  Machine m;
  const fs::path base = m.add("base/bin/python3.12", {3, 12});
  m.link(base, "runfiles/env/bin/python3");
  m.link("python3", "runfiles/env/bin/python");
  for (const char* text : {"", "include-system-site-packages = false\n", "home =\n"}) {
    CAPTURE(text);
    support::put(m.tmp / "runfiles/env/pyvenv.cfg", text);
    CHECK(m.base((m.tmp / "runfiles/env/bin/python").string()) == base);
  }
}

TEST_CASE(
    "base: an environment's own interpreter is a link through ENV_DIR, never recorded itself") {
  Machine m;
  const fs::path base = m.add("base/bin/python3.12", {3, 12});
  const fs::path other = m.add("usr/bin/python3", {3, 11});
  const fs::path env = m.tmp / "e";
  m.link(base, "e/bin/python3.12");
  m.link("python3.12", "e/bin/python3");
  m.put_on_path({env / "bin", m.tmp / "usr/bin"});
  for (const char* cfg : {"", "home =\n", "home = /gone\n"}) {
    CAPTURE(cfg);
    support::put(env / "pyvenv.cfg", cfg);
    CHECK(m.base("", env) == base);
    CHECK(m.base((env / "bin/python3").string(), env) == base);
  }
  fs::remove(env / "pyvenv.cfg");
  CHECK(m.base("", env) == base);
  CHECK(m.base("3.12", env) == base);
  CHECK(m.base(m.link(env / "bin/python3", "linked/py").string(), env) == base);

  fs::remove(env / "bin/python3.12"); // the copy of an environment that lost its configuration
  copy(m, "e/bin/python3.12", {3, 12});
  CHECK(m.base("", env) == other);
  const venv::Error error = m.error((env / "bin/python3").string(), env);
  CHECK(std::string(error.what()).find("lies in the directory that the environment is made in") !=
        std::string::npos);

  m.answers[env / "bin/python3.12"].base_prefix = env; // a real Python: the caller refuses it
  CHECK(m.base("", env) == env / "bin/python3");
}

TEST_CASE("base: what only a wrapper can start is refused, each time") {
  Machine m;
  const fs::path real = m.add("opt/bin/python3.12", {3, 12});
  const fs::path wrapper = m.add("bin/python3", {3, 12});
  m.answers[wrapper] = m.answers[real]; // it starts the other one
  CHECK(m.base(wrapper.string()) == real);
  CHECK(std::count(m.asked.begin(), m.asked.end(), real) == 1);
  m.answers.erase(real);
  for (int i = 0; i < 2; ++i) {
    const venv::Error error = m.error(wrapper.string());
    CHECK(error.code() == venv::ErrorCode::python_unusable);
    CHECK(std::string(error.what()).find("does not start by itself") != std::string::npos);
  }
}

TEST_CASE("base: Python's own word is not taken where nothing lies there") {
  Machine m;
  const fs::path python = m.add("bin/python3", {3, 12});
  m.answers[python].base_executable = "/nowhere/python3";
  CHECK(m.base(python.string()) == python);
  m.answers[python].base_executable = "";
  CHECK(m.base(python.string()) == python);
}

TEST_CASE("home: which library is found from a directory upwards") {
  Machine m;
  const fs::path stdlib = m.tmp / "opt/py/lib/python3.11";
  support::put(stdlib / "os.py", "");
  fs::create_directories(stdlib / "lib-dynload");
  fs::create_directories(m.tmp / "opt/py/bin");
  fs::create_directories(m.tmp / "x/usr/local/bin");
  CHECK(library_from(m.tmp / "opt/py/bin", stdlib) == LibraryFound::own);
  CHECK(library_from(m.tmp / "x/usr/local/bin", stdlib) == LibraryFound::none);
  support::put(m.tmp / "x/usr/lib/python3.11/os.py", "");
  CHECK(library_from(m.tmp / "x/usr/local/bin", stdlib) == LibraryFound::another);
  fs::remove_all(m.tmp / "x/usr/lib");
  fs::create_directory_symlink(m.tmp / "opt/py/lib", m.tmp / "x/usr/lib");
  CHECK(library_from(m.tmp / "x/usr/local/bin", stdlib) == LibraryFound::own);
  fs::create_directories(m.tmp /
                         "x/usr/local/lib/python3.11/lib-dynload"); // extension modules alone
  CHECK(library_from(m.tmp / "x/usr/local/bin", stdlib) == LibraryFound::another);
  if (this_os == Os::windows) return;
  const fs::path unseen =
      m.tmp / std::string(300, 'x') / "lib/python3.11"; // an error for the system
  CHECK(library_from(m.tmp / "opt/py/bin", unseen) == LibraryFound::none);
}
