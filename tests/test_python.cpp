#include "api/env_builder.hpp"
#include "create/env_builder.hpp"
#include "create/interpreter.hpp"
#include "support_files.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

using namespace venv::detail;

namespace {

/// A prefix whose interpreter finds its shared library from where it lies; false, visibly, where
/// there is no patchelf or no interpreter with a shared library to make one of.
bool make_relative_prefix(const fs::path& prefix) {
  fs::create_directories(prefix / "bin");
  fs::create_directories(prefix / "lib");
  const char* home = std::getenv("HOME");
  const fs::path versions = fs::path(home ? home : "") / ".pyenv/versions";
  std::error_code failed;
  for (const auto& version : fs::directory_iterator(versions, failed))
    for (const auto& library : fs::directory_iterator(version.path() / "lib", failed)) {
      const std::string name = library.path().filename().string();
      if (name.rfind("libpython3.", 0) != 0 || name.find(".so.1") == name.npos) continue;
      const std::string release = "python" + name.substr(9, name.find(".so") - 9);
      fs::copy_file(version.path() / "bin" / release, prefix / "bin" / release, failed);
      fs::copy_file(library.path(), prefix / "lib" / name, failed);
      fs::create_symlink(version.path() / "lib" / release, prefix / "lib" / release, failed);
      fs::create_symlink(release, prefix / "bin" / "python", failed);
      const std::string command =
          "patchelf --set-rpath '$ORIGIN/../lib' \"$PREFIX/bin/" + release + "\" 2>/dev/null";
      const support::Variable variable("PREFIX", prefix.c_str());
      if (!failed && std::system(command.c_str()) == 0) return true;
    }
  CHECK_FALSE((std::getenv("CI") && fs::exists(versions)));
  MESSAGE("skipped: no patchelf, or no Python with a shared library under ~/.pyenv/versions");
  return false;
}

} // namespace

TEST_CASE("python: a copy gets the library that its original finds beside itself") {
  const support::TemporaryDirectory tmp;
  if (!make_relative_prefix(tmp / "base")) return;
  venv::Options options; // copies, as the reference's default
  options.cache = false;
  options.python = (tmp / "base" / "bin" / "python").string();
  const venv::Context made = venv::create(tmp / "env", options);
  CHECK(venv::run(made, {"-c", "print('runs')"}) == "runs\n");
  std::size_t libraries = 0;
  for (const auto& entry : fs::directory_iterator(tmp / "env" / "lib"))
    libraries += entry.path().filename().string().rfind("libpython", 0) == 0;
  CHECK(libraries == 1);
}
