#pragma once

#include "../api/context.hpp"
#include "../api/options.hpp"
#include "../system/path.hpp"
#include "../system/platform.hpp"
#include "../text/pyvenv_cfg.hpp"
#include "../text/repr.hpp"
#include "../text/version.hpp"

#include <array>
#include <string>
#include <utility>

VENV_DETAIL_BEGIN

/// What shells are to show: nothing where the directory's name is meant. "." is the working
/// directory's name (bpo-38901).
VENV_INLINE std::optional<std::string> chosen_prompt(const Options& options) {
  if (options.prompt != ".") return options.prompt;
  return text_of(absolute_path(".").filename());
}

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
  add(context.system_site_packages, "--system-site-packages");
  add(options.clear, "--clear");
  add(options.upgrade, "--upgrade");
  add(options.upgrade_deps, "--upgrade-deps");
  add(options.prompt.has_value(), "--prompt=\"" + options.prompt.value_or("") + '"');
  add(options.scm_ignore_files.empty(), "--without-scm-ignore-files");
  add(true, text_of(context.env_dir));
  return command;
}

/// The keys of CPython 3.13 in its order, whatever the base's version (PEP 405).
VENV_INLINE PyvenvCfg configuration_of(const Context& context, const Options& options) {
  PyvenvCfg cfg;
  cfg.push_back({"home", text_of(context.python_dir)});
  cfg.push_back({"include-system-site-packages", context.system_site_packages ? "true" : "false"});
  cfg.push_back({"version", dotted(context.python.version)});
  if (const auto prompt = chosen_prompt(options)) cfg.push_back({"prompt", repr(*prompt)});
  cfg.push_back({"executable", text_of(context.python.real_executable)});
  cfg.push_back({"command", equivalent_command(context, options)});
  return cfg;
}

VENV_INLINE bool is_known_key(std::string_view key) {
  for (const char* known :
       {"home", "include-system-site-packages", "version", "prompt", "executable", "command"})
    if (key == known) return true;
  return false;
}

VENV_DETAIL_END
