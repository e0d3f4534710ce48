#pragma once

#include "../cache/answer.hpp"
#include "../cache/cache.hpp"
#include "probe.hpp"

#include <optional>
#include <string>
#include <vector>

VENV_DETAIL_BEGIN

/// What an interpreter's answer depends on: its file, a `pyvenv.cfg` beside or above it (PEP 405),
/// and the standard library, which an upgrade in place changes.
VENV_INLINE std::string identity_of(const fs::path& python, const fs::path& stdlib) {
  const fs::path dir = python.parent_path();
  return text_of(python) + '\n' + identity_of(followed_status_of(python)) +
         identity_of(followed_status_of(dir / "pyvenv.cfg")) +
         identity_of(followed_status_of(dir.parent_path() / "pyvenv.cfg")) +
         identity_of(followed_status_of(stdlib));
}

/// Whether the kernel would run it by another program.
VENV_INLINE bool is_script(const fs::path& program) {
  try {
    return read_start(program, 2) == "#!";
  } catch (const Error&) {
    return true; // it may be executed, but not read
  }
}

/// The answer of `python`, remembered if it can be, else asked for and remembered, unless the file
/// is not itself the interpreter: a shim or a wrapper may answer otherwise next time.
VENV_INLINE Interpreter remembered_probe(const fs::path& python, const Cache& cache) {
  const std::string name = cache_name("python", text_of(python));
  if (const auto file = cache.find(name)) {
    const auto answer = parse_answer(file->bytes());
    if (answer && answer->fields.size() == probe_fields &&
        answer->identity == identity_of(python, stdlib_field(answer->fields)))
      return to_interpreter(answer->fields);
  }
  const std::vector<std::string> fields = ask(python);
  const Interpreter interpreter = to_interpreter(fields);
  std::error_code failed;
  if (fs::canonical(python, failed) == interpreter.real_executable && !failed &&
      runs_itself(fields) && !is_script(python))
    cache.remember(name, [&](NewFile& file) {
      file.write(format_answer({identity_of(python, interpreter.stdlib), fields}));
    });
  return interpreter;
}

VENV_DETAIL_END
