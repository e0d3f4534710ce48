#pragma once

#include "../api/context.hpp"
#include "../api/options.hpp"
#include "../system/path.hpp"
#include "../system/platform.hpp"
#include "../text/pyvenv_cfg.hpp"
#include "../text/repr.hpp"
#include "../text/utf8.hpp"
#include "../text/version.hpp"

#include <optional>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

/// The `python -m venv …` that would do the same. For people: nothing is escaped, as in the
/// reference's own.
VENV_INLINE std::string equivalent_command(const Context& context, const Options& options) {
  std::string command = text_of(context.python.executable) + " -m venv";
  const auto add = [&command](bool given, const std::string& argument) {
    if (given) command += ' ' + argument;
  };
  const bool windows = this_os == Os::windows;
  add(windows && options.symlinks, "--symlinks");
  add(!windows && !options.symlinks, "--copies");
  add(!options.with_pip, "--without-pip");
  add(options.system_site_packages, "--system-site-packages");
  add(options.clear, "--clear");
  add(options.upgrade, "--upgrade");
  add(options.upgrade_deps, "--upgrade-deps");
  add(options.prompt.has_value(), "--prompt=\"" + options.prompt.value_or("") + '"');
  add(options.scm_ignore_files.empty(), "--without-scm-ignore-files");
  add(true, text_of(context.env_dir));
  return command;
}

/// Whose an environment is.
inline constexpr char owner_key[] = "owner";

/// The keys of CPython 3.13 in its order, whatever the base's version (PEP 405); then those of our own.
VENV_INLINE PyvenvCfg configuration_of(const Context& context, const Options& options,
                                       const std::optional<std::string>& prompt) {
  PyvenvCfg cfg;
  cfg.push_back({"home", text_of(context.python_dir)});
  cfg.push_back({"include-system-site-packages", options.system_site_packages ? "true" : "false"});
  cfg.push_back({"version", dotted(context.python.version)});
  if (prompt) cfg.push_back({"prompt", repr(*prompt)});
  cfg.push_back({"executable", text_of(context.python.real_executable)});
  cfg.push_back({"command", equivalent_command(context, options)});
  if (!options.owner.empty()) cfg.push_back({owner_key, options.owner});
  if (options.relocatable && !options.upgrade) cfg.push_back({relocatable_key, "true"});
  return cfg;
}

/// Whether a key says what the configuration says anew, or what another tool stated of the Python that
/// was there before (virtualenv's and uv's): what others go by must not outlive it.
VENV_INLINE bool states_a_fact(std::string_view key) {
  for (const char* known : {"home", "include-system-site-packages", "version", "prompt",
                            "executable", "command", "version_info", "version-info",
                            "implementation", "base-prefix", "base-exec-prefix", "base-executable"})
    if (key == known) return true;
  return false;
}

/// The lines of an older configuration that are the user's own. One that is no UTF-8 goes, as Python
/// can't start with it.
VENV_INLINE PyvenvCfg own_keys(const PyvenvCfg& old) {
  PyvenvCfg own;
  for (const auto& line : old)
    if (!states_a_fact(line.first) && is_utf8(line.first) && is_utf8(line.second))
      own.push_back(line);
  return own;
}

VENV_DETAIL_END
