#pragma once

#include "../api/context.hpp"
#include "../api/env_builder.hpp"
#include "../system/file.hpp"
#include "../system/metadata.hpp"
#include "../system/platform.hpp"
#include "../text/quote.hpp"
#include "../text/template.hpp"
#include "../text/utf8.hpp"
#include "scripts/embedded.hpp"
#include "session.hpp"

#include <string>
#include <string_view>
#include <vector>

VENV_DETAIL_BEGIN

VENV_INLINE ScriptVariables variables_of(const Context& context) {
  return {text_of(context.env_dir), context.env_name, context.prompt, context.bin_name,
          text_of(context.env_exe)};
}

/// cmd reads batch files with CRLF only.
VENV_INLINE std::string with_crlf(std::string_view text) {
  std::string result;
  for (const char c : text) result += c == '\n' ? "\r\n" : std::string(1, c);
  return result;
}

/// The activation scripts that this header carries for this platform.
VENV_INLINE ScriptSet default_scripts() {
  ScriptSet set;
  for (const EmbeddedScript& script : activation_scripts) {
    if (script.folder != "common" && script.folder != scripts_folder) continue;
    set.scripts.push_back({std::string(script.name), std::string(script.text)});
  }
  return set;
}

/// Gives scripts the modes that a Python's own of the same names have: conda's may be changed by the
/// group, nix's by nobody.
VENV_INLINE void take_modes_of(const fs::path& stdlib, ScriptSet& set) {
  if (stdlib.empty()) return;
  const fs::path theirs = stdlib / "venv" / "scripts";
  for (Script& script : set.scripts)
    for (const fs::path& folder : {theirs / "common", theirs / scripts_folder})
      if (const FileStatus status = followed_status_of(folder / path_of(script.name));
          status.kind == FileKind::file)
        script.mode = status.mode & 0777u;
}

/// Takes away the activation scripts of another maker (uv's `activate.ps1`, `activate.bat`) from what
/// was an environment: they would activate what is no longer there.
VENV_INLINE void remove_foreign_scripts(const Context& context, Session& session) {
  const State& state = session.transaction().state();
  if (!state.was_environment()) return;
  const ScriptSet ours = default_scripts();
  for (const ScriptsEntry& entry : state.scripts)
    if (is_activation_name(entry.name) && !ours.find(entry.name) &&
        (entry.kind == FileKind::file || entry.kind == FileKind::link))
      session.transaction().remove(context.bin_path / path_of(entry.name));
}

/// Installs one script.
VENV_INLINE void install_script(Context& context, const Script& script, Session& session,
                                EnvBuilder& builder) {
  Transaction& transaction = session.transaction();
  const fs::path path = context.bin_path / path_of(script.name);
  if (path.parent_path() != context.bin_path) transaction.make_directories(path.parent_path());
  std::optional<std::string> text = script.text;
  if (script.is_text)
    text = builder.replace_variables(script.text, text_of(path.filename()), context);
  if (!text) return transaction.remove(path); // an old one would say something else
  const bool is_unchanged = *text == script.text;
  const bool is_batch = path.extension() == ".bat" && script.source.empty();
  transaction.write(path, is_batch ? with_crlf(*text) : *text, script.mode);
  if (is_unchanged && !script.source.empty()) copy_times(script.source, path);
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE ScriptSet::ScriptSet(const std::filesystem::path& folder) {
  using namespace detail;
  for (const fs::path& part : {folder / "common", folder / scripts_folder}) {
    if (followed_status_of(part).kind != FileKind::directory) continue;
    for (const fs::path& source : paths_below(part)) {
      const FileStatus status = followed_status_of(source);
      if (status.kind == FileKind::directory) continue;
      Script script;
      script.name = text_of(source.lexically_relative(part));
      script.text = read_file(source);
      script.mode = status.mode;
      script.source = source;
      const fs::path suffix = source.extension();
      script.is_text = suffix != ".exe" && suffix != ".pdb";
      if (script.is_text && !is_utf8(script.text)) left_out.push_back(source);
      else scripts.push_back(std::move(script));
    }
  }
}

VENV_END
