#pragma once

#include "../config.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

VENV_BEGIN

/// A script to be installed in an environment's scripts' directory.
struct VENV_API Script {
  std::string name{};        ///< below the scripts' directory, with `/`
  std::string text{};        ///< with its placeholders; see `EnvBuilder::replace_variables`
  std::uint32_t mode = 0644; ///< permissions, on POSIX
  /// The file that it comes from, whose times it keeps when no placeholder is in it; empty: none.
  std::filesystem::path source{};
  bool is_text = true; ///< false: copied as it is (`.exe` and `.pdb`, as in the reference)
};

/// Scripts to be installed: those that this header carries, or those of a folder.
struct VENV_API ScriptSet {
  std::vector<Script> scripts{};                 ///< in the order of their names
  std::vector<std::filesystem::path> left_out{}; ///< files of the folder that are no UTF-8 text

  ScriptSet() = default;
  /// The files of `folder/common` and `folder/posix` (`folder/nt` on Windows), folders inside them
  /// included, in the order of their names. Error (`io`) where one can't be read, such as a link to
  /// nothing. Source: reference, "install_scripts".
  VENV_INLINE ScriptSet(const std::filesystem::path& folder);

  /// The script of that name, or null.
  [[nodiscard]] const Script* find(const std::string& name) const {
    for (const Script& script : scripts)
      if (script.name == name) return &script;
    return nullptr;
  }
};

VENV_END
