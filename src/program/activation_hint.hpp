#pragma once

#include "../create/state.hpp"
#include "../system/ancestors.hpp"
#include "../system/path.hpp"
#include "../system/platform.hpp"
#include "../system/status.hpp"
#include "../system/variables.hpp"
#include "../text/pyvenv_cfg.hpp"
#include "../text/quote.hpp"

#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

VENV_DETAIL_BEGIN

/// How a shell activates an environment: the words around the quoted path of its script.
struct ActivationForm {
  std::string_view names; ///< the programs, each between spaces
  Shell shell;
  std::string_view before, script, after;
  std::string_view
      tells{}; ///< the words that tell the environment, where the script may not know it
};

inline constexpr ActivationForm activation_forms[] = {
    {" bash zsh ksh ", Shell::posix, "source ", "activate", ""},
    {" sh dash ash mksh lksh busybox ", Shell::posix, ". ", "activate", "", "VIRTUAL_ENV_DIR="},
    {" fish ", Shell::fish, "source ", "activate.fish", ""},
    {" csh tcsh bsd-csh ", Shell::csh, "source ", "activate.csh", "", "set VIRTUAL_ENV_DIR="},
    {" pwsh pwsh-preview powershell ", Shell::powershell, "& ", "Activate.ps1", ""},
    {" cmd ", Shell::cmd, "\"", "activate.bat", "\""},
    {" nu ", Shell::nushell, "overlay use ", "activate.nu", ""},
    {" xonsh ", Shell::xonsh, "source @(", "activate.xsh",
     ")"}, // else it looks for $variables in it
    {" elvish ", Shell::elvish, "eval (slurp < ", "activate.elv", ")", "set-env VIRTUAL_ENV_DIR "},
};

/// The form of the shell that `program` is, by its name (`/bin/ksh93`, `-bash`, `pwsh.exe`); null if
/// it is none that there is a script for.
VENV_INLINE const ActivationForm* activation_form_of(std::string_view program) {
  program.remove_prefix(program.find_last_of("/\\") + 1);
  if (program.substr(0, 1) == "-") program.remove_prefix(1); // a login shell
  const std::string word =
      ' ' + std::string(program.substr(0, program.find_first_of("0123456789."))) + ' ';
  for (const ActivationForm& form : activation_forms)
    if (word.size() > 2 && form.names.find(word) != std::string_view::npos) return &form;
  return nullptr;
}

/// The form of the first of the programs `above` that there is one for, else of `usual`, else of the
/// system's own shell.
VENV_INLINE const ActivationForm& form_in_use(Os os, const std::vector<std::string>& above,
                                              std::string_view usual) {
  const ActivationForm* form = nullptr;
  for (const std::string& name : above)
    if (!form) form = activation_form_of(name);
  if (!form) form = activation_form_of(usual);
  return form ? *form : *activation_form_of(os == Os::windows ? "cmd" : "sh");
}

/// That of the shell that this process was started from, else of the one that `$SHELL` names.
VENV_INLINE const ActivationForm& form_in_use() {
  return form_in_use(this_os, ancestor_names(), variable("SHELL").value_or(std::string()));
}

/// The command that runs an activation script in its shell, quoted by that shell's rule; nothing when
/// the shell has no way to write its path.
VENV_INLINE std::optional<std::string> activation_command(const ActivationForm& form,
                                                          const std::string& script) {
  const auto literal = quote(form.shell, script);
  if (!literal) return std::nullopt;
  // cmd's rule is that of batch files: what is typed has no doubled %, only double quotes around it.
  const bool typed_as_is = form.shell == Shell::cmd;
  return std::string(form.before) + (typed_as_is ? script : *literal) + std::string(form.after);
}

/// The command that activates the environment whose scripts are in `bin`, in the shell that the user is
/// in. One that can't be written is shown as it would be.
VENV_INLINE std::string activation_command(const std::string& bin, Os os,
                                           const std::vector<std::string>& above,
                                           std::string_view usual) {
  const ActivationForm& form = form_in_use(os, above, usual);
  const std::string script = bin + (os == Os::windows ? '\\' : '/') + std::string(form.script);
  return activation_command(form, script)
      .value_or(std::string(form.before) + script + std::string(form.after));
}

/// What stands before the command where the script of a relocatable environment can't find it: elvish
/// never says from where it reads one, others where there is no `/proc`.
VENV_INLINE std::string directory_told(const ActivationForm& form, const fs::path& env_dir) {
  if (form.tells.empty() || !says_relocatable(read_configuration(env_dir / "pyvenv.cfg")))
    return {};
  const bool may_know = form.shell != Shell::elvish;
  if (may_know && followed_status_of("/proc/self/fd").kind == FileKind::directory) return {};
  const auto literal = quote(form.shell, text_of(env_dir));
  return literal ? std::string(form.tells) + *literal + "; " : std::string();
}

/// The same for this process.
VENV_INLINE std::string activation_command(const fs::path& bin) {
  return directory_told(form_in_use(), bin.parent_path()) +
         activation_command(text_of(bin), this_os, ancestor_names(),
                            variable("SHELL").value_or(std::string()));
}

VENV_DETAIL_END
