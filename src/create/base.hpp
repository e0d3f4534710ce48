#pragma once

#include "../api/context.hpp"
#include "../python/base.hpp"
#include "../python/discovery.hpp"
#include "../python/remembered_probe.hpp"
#include "../system/path.hpp"
#include "../system/tree.hpp"
#include "../system/variables.hpp"
#include "../text/names.hpp"
#include "directories.hpp"
#include "scripts/embedded.hpp"
#include "session.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

VENV_DETAIL_BEGIN

/// Whether a script in an environment has that name, on a disk that may fold cases.
VENV_INLINE bool is_script_name(const std::string& name) {
  const std::string text = folded(name);
  for (const EmbeddedScript& script : activation_scripts)
    if (text == folded(script.name)) return true;
  return is_pip_name(name);
}

/// Refuses a Python that `pyvenv.cfg` cannot name, as it has one line a key, in UTF-8, and one whose
/// name in the environment is a script's.
VENV_INLINE void refuse_bad_python(const Interpreter& python) {
  if (is_script_name(text_of(python.base_executable.filename())))
    throw unusable(python.base_executable, "has the name of a script in the environment");
  for (const fs::path& path : {python.base_executable, python.executable, python.real_executable}) {
    const std::string text = text_of(path);
    if (!is_utf8(text)) throw unusable(path, "has a path that is not valid UTF-8");
    if (has_control_character(text)) throw unusable(path, "has a path with a control character");
  }
}

/// Begins to pack the wheel that an interpreter bundles, while that is asked: another processor's work.
/// Nothing of a wheel that was packed before for any Python.
VENV_INLINE void begin_early(const fs::path& python, Session& session) {
  const Options& options = session.options;
  if (session.early || !options.with_pip || options.upgrade || !options.pip_wheel_dir.empty() ||
      processors() < 2)
    return;
  const fs::path wheel = likely_wheel(python);
  if (wheel.empty()) return;
  const WheelName name = *parse_wheel_name(text_of(wheel.filename())); // it was found by its name
  if (session.cache.has_some(name.distribution + '-' + name.version)) return;
  auto file = session.cache.begin(name.distribution);
  if (!file) return;
  session.early = std::make_unique<WheelPacking>(wheel, std::move(file));
  session.early->begin();
}

VENV_INLINE Interpreter find_base(const std::string& request, const fs::path& env_dir,
                                  Session& session) {
  std::mutex beginning; // several may be asked at a time
  const auto begin = [&](const fs::path& python) {
    const std::lock_guard<std::mutex> lock(beginning);
    begin_early(python, session);
  };
  return discover(
      {request, env_dir, session.options.python_origin, session.stop},
      RememberedProbe(session.cache, probe_options(session.options, session.stop), begin));
}

/// The base that an environment names, for `upgrade` without a request ("upgraded in place"). Error
/// (`python_not_found`) where that is gone.
VENV_INLINE Interpreter base_of_environment(const fs::path& env_dir, const State& state,
                                            Session& session) {
  const auto home = home_of(state.cfg);
  const auto version = value_of(state.cfg, "version");
  const std::string minor =
      version ? "python" + version->substr(0, version->find('.', version->find('.') + 1))
              : "python3";
  if (home)
    for (const std::string& name : {minor, std::string("python3"), std::string("python")}) {
      const fs::path program = path_of(*home) / path_of(name + std::string(executable_suffix));
      if (is_executable(program)) return find_base(text_of(program), env_dir, session);
    }
  throw Error(ErrorCode::python_not_found,
              "the base Python of " + quoted(env_dir) + " is gone" +
                  (home ? ": nothing in " + quoted(path_of(*home)) : ""))
      .at("find the base interpreter")
      .on(env_dir)
      .advise("Say which Python to use instead (Options::python).");
}

/// Why environments are not made of an executable itself.
VENV_INLINE std::string why_not_itself(const Interpreter& python) {
  if (lasting_name(python.executable) == python.base_executable)
    return quoted(python.executable) + " goes with Homebrew's next upgrade";
  return "from " + quoted(python.executable.parent_path()) + " its library isn't found";
}

/// The base Python for a directory: what was asked for, else for `upgrade` the environment's own, else
/// the first that is found.
VENV_INLINE Interpreter choose_base(const fs::path& env_dir, const State& state, Session& session) {
  const bool in_place =
      session.options.upgrade && session.options.python.empty() && state.is_environment;
  Interpreter python = in_place && home_of(state.cfg)
                           ? base_of_environment(env_dir, state, session)
                           : find_base(session.options.python, env_dir, session);
  refuse_bad_python(python);
  const bool links = session.options.symlinks;
  if (!links)
    python.base_executable =
        copyable_executable(python, probe_options(session.options, session.stop));
  if (python.base_executable != python.executable && !configuration_above(python.executable))
    session.say(Report::progress, (links ? "linking to " : "copying ") +
                                      quoted(python.base_executable) + ": " +
                                      why_not_itself(python));
  if (state.kind == FileKind::directory) refuse_base_prefix(env_dir, python, session.options.clear);
  return python;
}

/// Asks the base interpreter of a context that a program filled itself, and fills in what it left out:
/// the reference's manual doesn't name all attributes that its code sets.
VENV_INLINE void complete(Context& context, Session& session) {
  if (context.python.base_executable.empty())
    context.python = find_base(text_of(context.executable), context.env_dir, session);
  if (!context.cfg_path.empty()) return;
  const Context whole = context_for(context.env_dir, context.python, std::nullopt);
  const auto fill = [](auto& mine, const auto& known) {
    if (mine.empty()) mine = known;
  };
  fill(context.env_name, whole.env_name);
  fill(context.executable, whole.executable);
  fill(context.python_dir, whole.python_dir);
  fill(context.python_exe, whole.python_exe);
  fill(context.inc_path, whole.inc_path);
  fill(context.lib_path, whole.lib_path);
  fill(context.platlib_path, whole.platlib_path);
  fill(context.bin_path, whole.bin_path);
  fill(context.bin_name, whole.bin_name);
  fill(context.env_exe, whole.env_exe);
  fill(context.env_exec_cmd, context.env_exe);
  fill(context.cfg_path, whole.cfg_path);
}

/// Says that an upgrade changes the minor version, which is more than a base upgraded in place: what is
/// installed belongs to the other one.
VENV_INLINE void tell_other_minor(const Interpreter& python, const State& before,
                                  const Session& session) {
  if (!session.options.upgrade || !before.is_environment) return;
  const std::string was = value_of(before.cfg, "version").value_or("");
  const std::string minor = was.substr(0, was.find('.', was.find('.') + 1));
  const std::string now = python.version.minor_text();
  if (!minor.empty() && minor != now)
    session.warn(WarningCode::other_minor,
                 "upgraded from Python " + printable(minor) + " to " + now +
                     ": what is installed for the one is not seen by the other");
}

/// Why a Python will not last, seen from an environment elsewhere; empty where nothing tells that. `temp`
/// is where temporary files go.
VENV_INLINE std::string why_fleeting(const fs::path& python, const fs::path& env_dir,
                                     const fs::path& temp) {
  std::vector<std::string> parts;
  for (const fs::path& part : python) parts.push_back(text_of(part));
  const auto is_appimage = [](const std::string& part) { return part.rfind(".mount_", 0) == 0; };
  if (std::any_of(parts.begin(), parts.end(), is_appimage))
    return "lies in an AppImage that is mounted while it runs";
  if (parts.size() > 4 && parts[1] == "snap" &&
      parts[3].find_first_not_of("x0123456789") == std::string::npos)
    return "lies in a revision of the Snap '" + printable(parts[2]) +
           "', which updates remove: /snap/" + printable(parts[2]) + "/current stays";
  for (const fs::path& folder : {temp, fs::path("/tmp"), fs::path("/var/tmp")})
    if (is_within(python, folder) && !is_within(env_dir, folder))
      return "lies in " + quoted(folder) + ", where files are temporary";
  return {};
}

/// Says that the base is likely to go before the environment does.
VENV_INLINE void tell_fleeting(const Interpreter& python, const fs::path& env_dir,
                               const Session& session) {
  const fs::path temp = path_of(variable("TMPDIR").value_or("/tmp"));
  const std::string why = why_fleeting(python.real_executable, env_dir, temp);
  if (!why.empty())
    session.warn(WarningCode::fleeting_base, "the base Python " + quoted(python.real_executable) +
                                                 ' ' + why +
                                                 "; without it the environment doesn't work");
}

/// Says that a Python is older than those whose environments are compared with the reference's.
VENV_INLINE void tell_old(const Interpreter& python, const Session& session) {
  if (python.version < std::array<int, 3>{3, 8, 0})
    session.warn(WarningCode::old_python,
                 quoted(python.base_executable) + " is Python " + dotted(python.version) +
                     ": environments of Python before 3.8 work as far as they can");
}

VENV_DETAIL_END
