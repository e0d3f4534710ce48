#pragma once

#include "probe.hpp"
#include "../system/platform.hpp"
#include "../system/variables.hpp"
#include "../base/function_ref.hpp"
#include "../text/pyvenv_cfg.hpp"
#include "pyenv.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

VENV_DETAIL_BEGIN

/// Asks an interpreter; where that is remembered, without running it.
using Probe = FunctionRef<Interpreter(const fs::path&)>;

/// The executables called `name` on `PATH`, in its order. Entries that are no absolute path are
/// passed over: what lies in the working directory is not meant to be run.
VENV_INLINE std::vector<fs::path> on_search_path(const std::string& name) {
  std::vector<fs::path> found;
  const std::string search_path = variable("PATH").value_or("");
  for (const std::string_view entry : split(search_path, search_path_separator)) {
    const fs::path program = path_of(entry) / path_of(name + std::string(executable_suffix));
    if (!program.is_absolute() || followed_status_of(program).kind != FileKind::file) continue;
    if (!is_executable(program)) continue;
    if (!is_pyenv_shim(program)) found.push_back(program);
    else if (const fs::path real = resolve_pyenv_shim(program); !real.empty())
      found.push_back(real);
  }
  return found;
}

/// Below Python 3.11 an environment's interpreter names itself as its base on POSIX. The
/// `pyvenv.cfg` that it lies under says where the real one is.
VENV_INLINE std::optional<fs::path> base_by_configuration(const Interpreter& python) {
  const fs::path dir = python.executable.parent_path();
  for (const fs::path& cfg : {dir / "pyvenv.cfg", dir.parent_path() / "pyvenv.cfg"}) {
    if (followed_status_of(cfg).kind != FileKind::file) continue;
    const auto home = home_of(parse_pyvenv_cfg(read_file(cfg)));
    if (!home) continue;
    const std::string release =
        "python" + std::to_string(python.version[0]) + '.' + std::to_string(python.version[1]);
    for (const fs::path& name :
         {python.executable.filename(), fs::path(release), fs::path("python3")})
      if (is_executable(path_of(*home) / name)) return path_of(*home) / name;
  }
  return std::nullopt;
}

/// What `python` is, with the base that it is the environment of, however deep.
VENV_INLINE Interpreter interpreter_at(const fs::path& python, const Probe& probe) {
  Interpreter answer = probe(absolute_path(python));
  const fs::path started = answer.executable;
  for (int depth = 0; depth < 16 && answer.base_executable == answer.executable; ++depth) {
    const auto base = base_by_configuration(answer);
    if (!base || *base == answer.executable) break;
    answer = probe(*base);
  }
  answer.executable = started;
  answer.base_executable = absolute_path(answer.base_executable);
  return answer;
}

/// Candidates for a version, in the order in which they are tried: its own name on `PATH`, the plain
/// names there, then pyenv's versions, newest first.
VENV_INLINE std::vector<fs::path> candidates_for(const VersionRequest& request) {
  const std::string name = request.implementation.empty() ? "python" : request.implementation;
  std::vector<std::string> names;
  std::string numbered = name;
  for (std::size_t i = 0; i < std::min<std::size_t>(request.parts, 2) && !request.at_least; ++i)
    numbered += (i ? "." : "") + std::to_string(request.release[i]);
  for (const std::string& candidate :
       {numbered + (request.free_threaded ? "t" : ""), name + '3', name})
    if (std::find(names.begin(), names.end(), candidate) == names.end()) names.push_back(candidate);
  std::vector<fs::path> candidates;
  for (const std::string& candidate : names)
    for (const fs::path& program : on_search_path(candidate)) candidates.push_back(program);
  for (const auto& [version, prefix] : pyenv_versions(pyenv_root())) {
    const std::string_view implementation = version.implementation.empty() ? "cpython" : "pypy";
    if (fits(request, implementation, version.release, version.free_threaded))
      candidates.push_back(prefix / "bin" / name);
  }
  return candidates;
}

/// "CPython 3.13.0", for people.
VENV_INLINE std::string describe(const Interpreter& python) {
  const std::string& name = python.implementation;
  return (name == "cpython" ? "CPython"
          : name == "pypy"  ? "PyPy"
                            : name) +
         ' ' + dotted(python.version) + (python.free_threaded ? "t" : "");
}

/// Gathers why candidates were rejected, for the hint of the error at the end.
class Rejections {
public:
  void add(const fs::path& python, const std::string& why) {
    lines_ += (lines_.empty() ? "" : "; ") + quoted(python) + ' ' + why;
  }
  Error error(const std::string& request) const {
    Error error(ErrorCode::python_not_found, "no Python found for '" + printable(request) + "'");
    error.at("find the interpreter");
    error.advise(lines_.empty() ? "Nothing on PATH or in pyenv's versions has that name."
                                : "Tried: " + lines_ + '.');
    return error;
  }

private:
  std::string lines_{};
};

VENV_INLINE std::optional<Interpreter> first_fitting(const std::vector<fs::path>& candidates,
                                                     const std::optional<VersionRequest>& request,
                                                     const Probe& probe, Rejections& rejections) {
  for (auto candidate = candidates.begin(); candidate != candidates.end(); ++candidate) {
    if (std::find(candidates.begin(), candidate, *candidate) != candidate) continue;
    try {
      Interpreter python = interpreter_at(*candidate, probe);
      if (!request || fits(*request, python.implementation, python.version, python.free_threaded))
        return python;
      rejections.add(*candidate, "is " + describe(python));
    } catch (const Error& error) {
      const std::string why = error.what(), name = quoted(*candidate) + ' ';
      rejections.add(*candidate,
                     why.substr(0, name.size()) == name ? why.substr(name.size()) : why);
    }
  }
  return std::nullopt;
}

VENV_INLINE bool is_path(const std::string& request) {
  return request.find('/') != request.npos ||
         (search_path_separator == ';' && request.find('\\') != request.npos);
}

/// `find_interpreter`, asking by `probe`.
VENV_INLINE Interpreter discover(const std::string& request, const Probe& probe) {
  if (is_path(request)) {
    const fs::path path = absolute_path(path_of(request));
    const fs::path real = is_pyenv_shim(path) ? resolve_pyenv_shim(path) : fs::path();
    return interpreter_at(real.empty() ? path : real, probe);
  }
  Rejections rejections;
  std::vector<fs::path> named;
  const std::vector<std::string> names =
      request.empty() ? std::vector<std::string>{"python3", "python"} : std::vector{request};
  for (const std::string& name : names)
    for (const fs::path& program : on_search_path(name)) named.push_back(program);
  const auto version = parse_version_request(request);
  if (auto python = first_fitting(named, version, probe, rejections)) return *python;
  if (version)
    if (auto python = first_fitting(candidates_for(*version), version, probe, rejections))
      return *python;
  throw rejections.error(request.empty() ? "python3" : request);
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE Interpreter find_interpreter(const std::string& request) {
  return detail::discover(request, [](const std::filesystem::path& python) {
    return detail::to_interpreter(detail::ask(python));
  });
}

VENV_END
