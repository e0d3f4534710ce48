#pragma once

#include "../cache/answer.hpp"
#include "../cache/cache.hpp"
#include "base.hpp"
#include "home.hpp"
#include "probe.hpp"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// What an interpreter's answer depends on: the form of answers, its file, what environments link to, a `pyvenv.cfg` beside
/// or above it (PEP 405), and the standard library, which an upgrade in place changes.
VENV_INLINE std::string identity_of(const fs::path& python, const ProbeAnswer& answer) {
  const fs::path dir = python.parent_path(), base = answer.path("base_executable");
  const std::string own = identity_of(followed_status_of(python));
  return std::string(answer_begin) + text_of(python) + '\n' + own +
         (base == python ? own : identity_of(followed_status_of(base))) +
         identity_of(followed_status_of(dir / "pyvenv.cfg")) +
         identity_of(followed_status_of(dir.parent_path() / "pyvenv.cfg")) +
         identity_of(followed_status_of(answer.path("stdlib")));
}

/// The variables that an answer depends on: those that choose shared libraries, and the locale, which
/// chooses the file system's encoding.
VENV_INLINE std::string steering_variables(const Changes& changes) {
  const auto value_of_child = [&changes](const char* name) {
    auto value = variable(name);
    for (const auto& [changed, to] : changes)
      if (changed == name) value = to;
    return value;
  };
  std::string text;
  for (const char* name :
       {"LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "DYLD_FRAMEWORK_PATH",
        "DYLD_INSERT_LIBRARIES", "DYLD_FALLBACK_LIBRARY_PATH", "DYLD_FALLBACK_FRAMEWORK_PATH"})
    if (const auto value = value_of_child(name)) text += '\n' + std::string(name) + '=' + *value;
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (const auto value = value_of_child(name)) return text + "\nlocale=" + *value;
  return text;
}

/// Whether the kernel would run it by another program.
VENV_INLINE bool is_script(const fs::path& program) {
  try {
    return read_start(program, 2) == "#!";
  } catch (const Error&) {
    return true; // it may be executed, but not read
  }
}

/// Whether the file that was asked is the interpreter that answered. A shim or a wrapper may answer
/// otherwise next time.
VENV_INLINE bool answers_for_itself(const fs::path& python, const ProbeAnswer& answer) {
  const auto real = resolved(python);
  return real && *real == answer.path("real_executable") && answer.is_true("runs_itself") &&
         !is_script(python);
}

/// That an interpreter would have to be run.
struct NotRemembered {};

/// Asks interpreters, once each as long as they stay the same.
class RememberedProbe {
public:
  /// `on_asking` is called before an interpreter is run.
  RememberedProbe(const Cache& cache, ProbeOptions options,
                  std::function<void(const fs::path&)> on_asking = {})
      : cache_(cache), options_(std::move(options)), on_asking_(std::move(on_asking)),
        variables_(steering_variables(options_.variables)) {}

  /// The answer of `python`, an absolute path: remembered if it can be, else asked for and remembered.
  Interpreter operator()(const fs::path& python) const {
    const std::string name = cache_name("python", text_of(python) + variables_);
    if (const auto answer = recall(name, python)) return to_interpreter(*answer);
    if (on_asking_) on_asking_(python);
    ProbeAnswer answer = ask(python, options_);
    const bool is_itself = answers_for_itself(python, answer);
    if (answer.value("base_executable") == answer.value("executable") &&
        !configuration_above(answer.path("executable")))
      answer.set("base_executable", text_of(linkable_executable(answer, options_)));
    if (is_itself)
      cache_.remember(name, [&](NewFile& file) {
        file.write(format_answer({identity_of(python, answer), answer.format()}));
      });
    return to_interpreter(answer);
  }

  /// The same without running anything: throws NotRemembered instead.
  Interpreter recalled(const fs::path& python) const {
    const std::string name = cache_name("python", text_of(python) + variables_);
    if (const auto answer = recall(name, python)) return to_interpreter(*answer);
    throw NotRemembered();
  }

private:
  std::optional<ProbeAnswer> recall(const std::string& name, const fs::path& python) const {
    const auto bytes = cache_.find(name);
    const auto remembered = bytes ? parse_answer(*bytes) : std::nullopt;
    if (!remembered) return std::nullopt;
    ProbeAnswer answer = ProbeAnswer::parse(remembered->fields);
    if (!is_whole(answer) || remembered->identity != identity_of(python, answer))
      return std::nullopt;
    return answer;
  }

  const Cache& cache_;
  ProbeOptions options_;
  std::function<void(const fs::path&)> on_asking_;
  std::string variables_;
};

VENV_DETAIL_END
