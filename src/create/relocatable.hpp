#pragma once

#include "../api/context.hpp"
#include "../api/script_set.hpp"
#include "../base/ascii.hpp"
#include "../system/path.hpp"
#include "../system/platform.hpp"
#include "../text/pyvenv_cfg.hpp"
#include "../text/quote.hpp"
#include "scripts/embedded.hpp"
#include "session.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

// An environment that finds itself from where it lies: its activation scripts, its programs, and the
// programs that its pip installs.

/// Whether an environment that is there is one.
VENV_INLINE bool is_relocatable(const Context& context) {
  return says_relocatable(read_configuration(context.cfg_path));
}

/// Whether the one that is being made is to be. `Options::upgrade` leaves it as it is.
VENV_INLINE bool is_relocatable(Session& session) {
  if (!session.options.upgrade) return session.options.relocatable;
  return says_relocatable(session.transaction().state().cfg);
}

/// Whether a program finds the Python beside itself.
VENV_INLINE bool is_relocatable_program(std::string_view text) {
  constexpr std::string_view first = "#!/bin/sh\n", launcher = script_launcher;
  if (!take_prefix(text, first)) return false;
  if (text.substr(0, 1) == "#")
    text.remove_prefix((std::min)(text.find('\n'), text.size() - 1) + 1);
  return take_prefix(text, launcher.substr(first.size()));
}

/// Whether a text below its first line can be one: only one docstring may stand before that import.
VENV_INLINE bool can_be_relocatable(std::string_view text) {
  return text.find("from __future__ import") == text.npos;
}

/// A script, without the line that names its interpreter, as one. A line that says in which other
/// encoding it is has to stay among the first two (PEP 263).
VENV_INLINE std::string relocatable_program(std::string_view text) {
  std::string program(script_launcher);
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  const bool is_coded = line.substr(0, 1) == "#" && line.find("coding") != line.npos &&
                        folded(line).find("utf-8") == std::string::npos;
  if (is_coded && end != text.npos)
    program.insert(program.find('\n') + 1, std::string(line) + '\n');
  return program.append(text);
}

/// What distlib's launchers for Windows take for the directory that they lie in; older ones don't.
inline constexpr std::string_view launcher_directory = "<launcher_dir>\\";

/// The interpreter that a program of Windows names: by a relative path where its launcher knows that.
VENV_INLINE std::string relative_interpreter(std::string_view launcher, const fs::path& python) {
  std::string known; // UTF-16, as Windows has text
  for (const char c : launcher_directory) (known += c) += '\0';
  if (launcher.find(known) == launcher.npos) return text_of(python);
  return std::string(launcher_directory) + text_of(python.filename());
}

/// The lines of an activation script that say where the environment lies, and what its prompt is, in one
/// that finds it. The prompt is that directory's name unless `has_prompt`.
VENV_INLINE void make_relocatable(Script& script, bool has_prompt) {
  for (const EmbeddedScript& part : relocatable_parts) {
    if (part.name != script.name) continue;
    std::string& text = script.text;
    const std::size_t begin = text.rfind('\n', text.find("__VENV_DIR__")) + 1;
    const std::size_t prompt = text.find('\n', begin) + 1; // the line of the prompt is the next
    const std::size_t end = has_prompt ? prompt : text.find('\n', prompt) + 1;
    std::string_view lines = part.text;
    if (has_prompt) lines = lines.substr(0, lines.rfind('\n', lines.size() - 2) + 1);
    text.replace(begin, end - begin, lines);
  }
}

VENV_INLINE void make_relocatable(ScriptSet& set, bool has_prompt) {
  for (Script& script : set.scripts) make_relocatable(script, has_prompt);
}

/// The file by which each start of the environment's Python makes ready for its pip, and the module that
/// changes how that writes programs.
inline constexpr char start_file[] = "_venv_relocatable.pth";
inline constexpr char start_module[] = "_venv_relocatable.py";

VENV_INLINE std::string start_module_text() {
  std::string text(script_relocatable);
  constexpr std::string_view mark = "'__VENV_LAUNCHER__'";
  return text.replace(text.find(mark), mark.size(), quote_python(script_launcher));
}

/// Sees to it that pip writes programs as the environment needs them; or as it always does, where the
/// environment was a relocatable one.
VENV_INLINE void set_up_pip_programs(const Context& context, Session& session) {
  Transaction& transaction = session.transaction();
  const fs::path& library = context.lib_path;
  if (is_relocatable(session)) {
    transaction.make_directories(library);
    transaction.write(library / start_module, start_module_text());
    transaction.write(library / start_file, script_at_start);
  } else if (transaction.state().was_environment()) {
    for (const char* name : {start_file, start_module}) transaction.remove(library / name);
  }
}

VENV_DETAIL_END
