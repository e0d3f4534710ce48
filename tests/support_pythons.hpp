#pragma once

#include "python/discovery.hpp"
#include "support_files.hpp"

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace support {

/// A machine of stand-ins: files that can be run, and what each would answer. Nothing of the real
/// machine is seen: home, `PATH` and all variables of tools are its own.
class Machine {
public:
  Machine() {
    for (const char* name :
         {"PYENV_ROOT", "PYENV_VERSION", "PYENV_DIR", "UV_PYTHON_INSTALL_DIR", "XDG_DATA_HOME",
          "ASDF_DATA_DIR", "MISE_DATA_DIR", "RYE_HOME", "HATCH_DATA_DIR", "CONDA_PREFIX",
          "CONDA_EXE", "CONDA_ROOT", "MAMBA_ROOT_PREFIX", "HOMEBREW_PREFIX"})
      set(name, nullptr);
    fs::create_directories(home);
    set("HOME", home.c_str());
    set("PATH", "");
    where.root = tmp / "root";
  }

  ~Machine() {
    while (!variables_.empty()) variables_.pop_back(); // the last first: one may be set twice
  }
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  void set(const char* name, const char* value) {
    variables_.push_back(std::make_unique<Variable>(name, value));
  }
  void set(const char* name, const fs::path& value) {
    set(name, venv::detail::text_of(value).c_str());
  }
  void put_on_path(const std::vector<fs::path>& folders) {
    std::string text;
    for (const fs::path& folder : folders) text += (text.empty() ? "" : ":") + folder.string();
    set("PATH", text.c_str());
  }

  /// Makes an interpreter at `path` (below the machine's directory where relative).
  fs::path add(const fs::path& path, venv::Version version,
               const std::string& implementation = "cpython") {
    const fs::path program = path.is_absolute() ? path : tmp / path;
    put(program, "");
    venv::detail::make_executable(program);
    venv::Interpreter& python = answers[program];
    python.executable = python.base_executable = python.real_executable = program;
    python.base_prefix = program.parent_path().parent_path();
    python.stdlib = python.base_prefix / "lib" / ("python" + version.minor_text());
    python.version = version;
    python.implementation = implementation;
    return program;
  }
  fs::path link(const fs::path& target, const fs::path& path) {
    const fs::path place = path.is_absolute() ? path : tmp / path;
    fs::create_directories(place.parent_path());
    fs::create_symlink(target, place);
    return place;
  }

  /// What the file would answer: by its own entry, else by that of what its links lead to, under the
  /// name that it was started by, as Python does.
  venv::Interpreter probe(const fs::path& path) {
    const std::lock_guard<std::mutex> lock(mutex_);
    asked.push_back(path);
    auto answer = answers.find(path);
    if (answer != answers.end()) return answer->second;
    venv::detail::refuse_unrunnable(path);
    answer = answers.find(fs::canonical(path));
    if (answer == answers.end())
      throw venv::detail::unusable(path, "does not answer as Python does");
    venv::Interpreter python = answer->second;
    python.executable = python.base_executable = path;
    return python;
  }

  venv::Interpreter find(const std::string& request, const fs::path& env_dir = {},
                         const std::string& origin = {}) {
    return venv::detail::discover(
        {request, env_dir, origin}, [this](const fs::path& path) { return probe(path); }, where);
  }
  fs::path found(const std::string& request, const fs::path& env_dir = {}) {
    return find(request, env_dir).executable;
  }
  fs::path base(const std::string& request, const fs::path& env_dir = {}) {
    return find(request, env_dir).base_executable;
  }
  /// The error of a search that must find nothing.
  venv::Error error(const std::string& request, const fs::path& env_dir = {},
                    const std::string& origin = {}) {
    try {
      find(request, env_dir, origin);
    } catch (const venv::Error& error) {
      return error;
    }
    throw std::runtime_error("a Python was found for '" + request + "'");
  }
  std::vector<venv::FoundPython> all(const std::string& request = {}) {
    return venv::detail::discover_all(
        {request}, [this](const fs::path& path) { return probe(path); }, where);
  }

  TemporaryDirectory tmp{};
  fs::path home = tmp / "home";
  venv::detail::Surroundings where{};
  std::map<fs::path, venv::Interpreter> answers{};
  std::vector<fs::path> asked{};

private:
  std::vector<std::unique_ptr<Variable>> variables_{};
  std::mutex mutex_{};
};

} // namespace support
