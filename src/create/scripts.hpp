#pragma once

#include "../api/context.hpp"
#include "../system/file.hpp"
#include "../system/new_file.hpp"
#include "../system/platform.hpp"
#include "../base/function_ref.hpp"
#include "../base/order.hpp"
#include "../text/quote.hpp"
#include "../text/template.hpp"
#include "../text/utf8.hpp"
#include "interpreter.hpp"
#include "scripts/embedded.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

VENV_DETAIL_BEGIN

/// `EnvBuilder::replace_variables`, as a function: the text and the file's name to the script.
using Render = FunctionRef<std::optional<std::string>(const std::string&, const std::string&)>;

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

/// Installs the activation scripts that this header carries.
VENV_INLINE void install_activation_scripts(const Context& context, const Render& render,
                                            const Warn& warn) {
  for (const EmbeddedScript& script : activation_scripts) {
    if (script.folder != "common" && script.folder != scripts_folder) continue;
    const std::string name(script.name);
    const fs::path path = context.bin_path / name;
    auto text = render(std::string(script.text), name);
    context.undo->before(path);
    if (!text) {
      warn("left out " + quoted(path) + ": its language cannot express the directory or prompt");
      remove_file(path);
      continue;
    }
    const bool batch = fs::path(name).extension() == ".bat";
    write_file(path, batch ? with_crlf(*text) : *text, 0644);
  }
}

/// Installs one script of a user's own.
VENV_INLINE void install_script(const Context& context, const fs::path& source,
                                const fs::path& path, const Render& render, const Warn& warn) {
  const std::string text = read_file(source);
  const bool binary = !is_utf8(text) || text.find('\0') != text.npos;
  const auto rendered = binary ? std::nullopt : render(text, text_of(source.filename()));
  if (!rendered)
    return warn("left out " + quoted(source) +
                (binary ? ": it is no UTF-8 text" : ": it cannot express the directory or prompt"));
  context.undo->before(path);
  write_file(path, *rendered, followed_status_of(source).mode);
}

/// Installs `folder/common` and the platform's own, in the order of their names.
VENV_INLINE void install_script_folders(const Context& context, const fs::path& folder,
                                        const Render& render, const Warn& warn) {
  for (const fs::path& part : {folder / "common", folder / scripts_folder}) {
    if (followed_status_of(part).kind != FileKind::directory) continue;
    std::vector<fs::path> sources;
    for (const auto& entry : fs::recursive_directory_iterator(part))
      sources.push_back(entry.path());
    sort_by(sources, [](const fs::path& a, const fs::path& b) { return a < b; });
    for (const fs::path& source : sources) {
      const fs::path path = context.bin_path / source.lexically_relative(part);
      if (followed_status_of(source).kind == FileKind::file) {
        make_directories(path.parent_path(), *context.undo);
        install_script(context, source, path, render, warn);
      }
    }
  }
}

VENV_DETAIL_END
