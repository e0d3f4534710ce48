#pragma once

#include "../api/context.hpp"
#include "../api/env_builder.hpp"
#include "../base/function_ref.hpp"
#include "../system/file.hpp"
#include "../system/process.hpp"
#include "../python/probe.hpp"
#include "../text/launcher.hpp"
#include "../text/version.hpp"
#include "directories.hpp"
#include "plan.hpp"
#include "session.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// A configuration that speaks of another Python is taken away before the interpreter changes, so
/// that at no moment it lies.
VENV_INLINE void retire_configuration(const Context& context, Transaction& transaction) {
  const State& state = transaction.state();
  const bool same = home_of(state.cfg) == text_of(context.python_dir) &&
                    value_of(state.cfg, "version") == dotted(context.python.version);
  const fs::path cfg = context.env_dir / "pyvenv.cfg";
  refuse_directory(cfg, status_of(cfg));
  if (!same) transaction.remove(cfg);
}

/// What is wrong with the version that a copy says it is: its library may be another one from its new
/// place, the system's of the same minor version. Nothing where it says none, or is no copy of the base.
VENV_INLINE std::optional<std::string> version_fault(const Context& context,
                                                     const std::string& line) {
  const std::string mark = "Python ", expected = context.python.version.text();
  if (line.compare(0, mark.size(), mark) != 0 ||
      !is_same_file(context.executable, context.python.real_executable))
    return std::nullopt;
  const std::string said = line.substr(mark.size());
  const bool is_same = said.compare(0, expected.size(), expected) == 0 &&
                       (said.size() == expected.size() || !is_digit(said[expected.size()]));
  if (is_same) return std::nullopt;
  return "it is Python " + said + " there, not " + expected;
}

/// Why the environment's copied interpreter does not start, or nothing. It is asked for its version: `-V`
/// wants nothing but the loader.
VENV_INLINE std::optional<std::string> start_fault(const Context& context,
                                                   const ProbeOptions& options,
                                                   std::vector<std::string> asked = {"-V"}) {
  const fs::path& python = context.env_exe;
  std::string output;
  try {
    const ExitStatus exit =
        run_python(python, std::move(asked), options, [&output](Stream, std::string_view piece) {
          if (output.size() < 4096) output += piece;
        });
    if (!exit.is_known)
      throw Error(ErrorCode::io, "cannot try " + quoted(python) + ": the system lost its status")
          .at("try")
          .on(python);
    if (exit.code == 0 && !exit.timed_out) return version_fault(context, first_line(output));
    return output.empty() ? "it ends with " + std::to_string(exit.code) : fault_line(output);
  } catch (const Error& error) {
    // Any other reason of the system's says nothing of the program.
    const std::error_code reason = error.system_error();
    const bool is_the_program_s =
        error.step() == "start" &&
        (reason == std::errc::permission_denied || reason == std::errc::executable_format_error ||
         reason == std::errc::no_such_file_or_directory);
    if (!is_the_program_s) throw;
    return error.what();
  }
}

/// Copies the shared libraries that a program looks for relative to where it lies.
VENV_INLINE void copy_libraries(const Context& context, Transaction& transaction) {
  constexpr std::uint64_t largest_program = std::uint64_t{1} << 30;
  const std::string program = read_file(context.env_exe, largest_program);
  const fs::path base = context.python.real_executable.parent_path().parent_path();
  for (const fs::path& entry : names_in_if_readable(base / "lib")) {
    const std::string name = text_of(entry);
    const bool needed = program.find('/' + name + '\0') != program.npos ||
                        program.find(std::string(1, '\0') + name + '\0') != program.npos;
    if (!needed || followed_status_of(base / "lib" / entry).kind != FileKind::file) continue;
    transaction.copy(base / "lib" / entry, context.env_dir / "lib" / entry, 0755);
  }
}

/// A copied interpreter is tried. One whose own library isn't found from its new place gets a copy of
/// that too.
VENV_INLINE void make_copy_start(const Context& context, Session& session) {
  const ProbeOptions asking = probe_options(session.options, session.stop);
  if (!start_fault(context, asking)) return;
  copy_libraries(context, session.transaction());
  if (const auto fault = start_fault(context, asking))
    throw Error(ErrorCode::python_unusable,
                quoted(context.executable) + " does not start when copied: " + *fault)
        .at("copy the interpreter")
        .on(context.env_exe)
        .advise("Link it instead (Options::symlinks).");
}

/// Scripts whose first line names a Python that has gone run by this one: packages that belong to
/// another version are missing then, but none fails for a file that is not there.
VENV_INLINE void mend_shebangs(const Context& context, const std::vector<std::string>& gone,
                               Transaction& transaction) {
  constexpr std::uint64_t largest_script = 1u << 16;
  for (const ScriptsEntry& entry : transaction.state().scripts) {
    const fs::path path = context.bin_path / path_of(entry.name);
    const FileStatus status = status_of(path);
    if (is_reserved_name(entry.name) || status.kind != FileKind::file) continue;
    if (status.size > largest_script) continue;
    const std::string text = read_file(path, largest_script);
    for (const std::string& name : gone) {
      const std::string old = shebang_for(text_of(context.bin_path / path_of(name)));
      if (text.compare(0, old.size(), old) == 0)
        transaction.write(path, shebang_for(text_of(context.env_exe)) + text.substr(old.size()));
    }
  }
}

/// Adds the scripts that a hook has put under an interpreter's name since the directory was read: they
/// are the user's own.
VENV_INLINE void add_new_scripts(State& state, const fs::path& bin) {
  for (ScriptsEntry& entry : read_scripts(bin)) {
    if (!entry.is_script) continue;
    const auto known =
        std::find_if(state.scripts.begin(), state.scripts.end(),
                     [&entry](const ScriptsEntry& old) { return old.name == entry.name; });
    if (known == state.scripts.end()) state.scripts.push_back(std::move(entry));
    else *known = std::move(entry);
  }
}

VENV_INLINE bool is_link_to(const fs::path& path, const fs::path& target) {
  return known_status_of(path).kind == FileKind::link && link_target(path) == target;
}

/// Gives the interpreter its names, as the plan says.
VENV_INLINE void set_up_python(Context& context, Session& session, EnvBuilder& builder) {
  Transaction& transaction = session.transaction();
  State state = transaction.state();
  if (session.shows_early()) add_new_scripts(state, context.bin_path);
  if (!session.shows_early() && !transaction.is_fresh()) retire_configuration(context, transaction);
  InterpreterChoice choice{layout_of(layout_key(context.python)), text_of(context.executable),
                           session.options.symlinks};
  std::vector<std::string> gone;
  bool is_copy = false;
  for (const Row& row : plan_interpreter(state, choice)) {
    const fs::path path = context.env_dir / path_of(row.to);
    const fs::path source =
        row.is_alias ? path.parent_path() / path_of(row.from) : path_of(row.from);
    if (row.is_alias && row.kind == RowKind::link && is_link_to(path, source.filename())) continue;
    switch (row.kind) {
    case RowKind::link:
    case RowKind::copy: builder.symlink_or_copy(source, path, row.is_alias); break;
    case RowKind::remove:
      transaction.remove(path);
      gone.push_back(text_of(path.filename()));
      break;
    case RowKind::keep:
    default:
      session.warn(WarningCode::kept_file, "kept " + quoted(path) + ": it is no interpreter");
      continue;
    }
    is_copy = is_copy || (path == context.env_exe && status_of(path).kind == FileKind::file);
  }
  if (is_copy) make_copy_start(context, session);
  if (!gone.empty()) mend_shebangs(context, gone, transaction);
}

VENV_DETAIL_END
