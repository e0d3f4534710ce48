#pragma once

#include "../base/function_ref.hpp"
#include "../text/pyvenv_cfg.hpp"
#include "links.hpp"
#include "probe.hpp"

#include <optional>
#include <string>
#include <utility>

VENV_DETAIL_BEGIN

/// Asks an interpreter; where that is remembered, without running it.
using Probe = FunctionRef<Interpreter(const fs::path&)>;

/// The configuration that an interpreter lies under: beside it or one directory above (PEP 405).
VENV_INLINE std::optional<PyvenvCfg> configuration_above(const fs::path& python) {
  const fs::path dir = python.parent_path();
  for (const fs::path& cfg : {dir / "pyvenv.cfg", dir.parent_path() / "pyvenv.cfg"})
    if (followed_status_of(cfg).kind == FileKind::file) return parse_pyvenv_cfg(read_file(cfg));
  return std::nullopt;
}

/// What a Python's own name has behind its version: `t` where it is free-threaded, `d` for a debug build.
VENV_INLINE std::string letters_of(const Interpreter& python) {
  return std::string(python.free_threaded ? "t" : "") + (python.debug ? "d" : "");
}

/// The executable in `home` that an environment's Python is based on: the same file where there is
/// one, else the first under a name that it could have; empty where there is none.
VENV_INLINE fs::path executable_in(const fs::path& home, const Interpreter& python) {
  fs::path first;
  const std::string plain = "python" + python.version.minor_text();
  const std::string own = plain + letters_of(python); // python3.14d: the plain one is another build
  for (const fs::path& name :
       {own == plain ? fs::path() : fs::path(own), python.base_executable.filename(),
        python.executable.filename(), fs::path(plain), fs::path("python3"), fs::path("python")}) {
    const fs::path program = home / name;
    if (name.empty() || !is_program(program)) continue;
    if (is_same_file(program, python.real_executable)) return program;
    if (first.empty()) first = program;
  }
  return first;
}

/// A base that an environment's files name.
struct NamedBase {
  fs::path executable{};
  bool is_known =
      false; ///< whether it needs not be asked: the same file, under a `home` that works
};

/// The base of an environment's Python by its configuration: in its `home` while the executable there
/// is the same file, else what Python says, else what lies in `home`. Without a `home` the link is
/// followed. Nothing where `python` lies in no environment.
VENV_INLINE std::optional<NamedBase> base_by_configuration(const Interpreter& python) {
  NamedBase base{python.executable, true};
  for (int depth = 0; depth < 16; ++depth) {
    const auto cfg = configuration_above(base.executable);
    if (!cfg) break;
    const fs::path home = path_of(home_of(*cfg).value_or(""));
    fs::path next = is_whole(home) ? executable_in(home, python) : one_hop(base.executable);
    if (next.empty() || next == base.executable) break;
    // Python itself looks for plain names alone when it is a copy.
    const bool said = python.base_executable != python.executable && letters_of(python).empty();
    if (is_whole(home) && !is_same_file(next, python.real_executable)) {
      return NamedBase{said && is_program(python.base_executable) ? python.base_executable : next,
                       false};
    }
    base.is_known = base.is_known && is_whole(home);
    base.executable = std::move(next);
  }
  if (base.executable == python.executable) return std::nullopt;
  return base;
}

/// What `python` is, with the base that it is the environment of, however deep. A file that only
/// starts another one (a wrapper) has that one for its base, which must start by itself then.
VENV_INLINE Interpreter interpreter_at(const fs::path& python, const Probe& probe) {
  fs::path asked = absolute_path(python);
  Interpreter answer = probe(asked);
  const fs::path started = answer.executable;
  for (int depth = 0; depth < 16; ++depth) {
    const auto named = base_by_configuration(answer);
    fs::path base = named ? named->executable : answer.base_executable;
    if (base != asked && !is_program(base))
      base = answer.executable; // it can be wrong, or not know
    base = absolute_path(base);
    answer.base_executable = base;
    if (base == asked) break;
    const bool is_same =
        resolved(asked) == answer.real_executable && resolved(base) == answer.real_executable;
    if (is_same && (!named || named->is_known)) break;
    try {
      answer = probe(base);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::interrupted) throw;
      throw unusable(python, "stands for an interpreter that does not start by itself: " +
                                 std::string(error.what()));
    }
    asked = std::move(base);
  }
  answer.executable = started;
  return answer;
}

/// The same for an environment in `env_dir`, in which no base may lie: a link out of there is
/// followed. Where the base's own prefix is `env_dir` it is given back all the same; the caller
/// refuses it.
VENV_INLINE Interpreter interpreter_outside(const fs::path& env_dir, const fs::path& python,
                                            const Probe& probe) {
  const fs::path path = absolute_path(python);
  const auto outside = env_dir.empty() ? path : outside_of(env_dir, path);
  Interpreter answer = interpreter_at(outside.value_or(path), probe);
  if (env_dir.empty()) return answer;
  const auto base = outside_of(env_dir, answer.base_executable);
  if (base == answer.base_executable || is_same_file(answer.base_prefix, env_dir)) return answer;
  if (base) return interpreter_at(*base, probe);
  throw unusable(path, "lies in the directory that the environment is made in");
}

VENV_DETAIL_END
