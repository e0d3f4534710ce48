#pragma once

#include "../api/interpreter.hpp"
#include "../base/error.hpp"
#include "../base/number.hpp"
#include "../system/platform.hpp"
#include "../system/status.hpp"
#include "installed.hpp"
#include "pip.hpp"
#include "run.hpp"
#include "session.hpp"
#include "wheels.hpp"

#include <string>
#include <vector>

VENV_DETAIL_BEGIN

/// Whether the base Python's own ensurepip can be run.
VENV_INLINE bool has_ensurepip(const Interpreter& python) {
  return followed_status_of(python.stdlib / "ensurepip" / "__init__.py").kind == FileKind::file;
}

VENV_INLINE Error no_pip(const Interpreter& python, const WheelSearch& search) {
  std::string places;
  for (const fs::path& place : search.directories)
    places += (places.empty() ? "" : ", ") + quoted(place);
  const std::string missing = search.missing.empty() ? "pip" : search.missing;
  Error error(ErrorCode::pip_unavailable, "no " + missing + " for " +
                                              quoted(python.base_executable) + ": no wheel in " +
                                              places + ", and no ensurepip");
  error.at("install pip").on(python.stdlib / "ensurepip");
  error.advise("Say where a wheel of " + missing +
               " lies (Options::pip_wheel_dir), or leave pip out (Options::with_pip = false).");
  return error;
}

/// Installs pip with the environment's own ensurepip. A pip that is whole stays: what ensurepip would
/// bring is not known before it has run.
VENV_INLINE void run_ensurepip(const Context& context, Session& session) {
  const std::vector<Installed> installed = find_installed(context.lib_path, "pip");
  if (installed.size() == 1 && is_complete(installed[0]) &&
      runs_here(context.bin_path / ("pip" + std::string(executable_suffix)), context,
                is_relocatable(session)))
    return;
  Transaction& transaction = session.transaction();
  for (const Installed& old : installed) remove_installed(old, transaction);
  if (installed.empty()) remove_unclaimed(context.lib_path, {"pip"}, transaction);
  transaction.show_early();
  for (const fs::path& directory : {context.lib_path, context.bin_path})
    transaction.lend(directory);
  // When all are killed, its temporary files go with the journal, and nobody else begins before it ends.
  RunOptions options = session.child_options();
  options.variables.insert(options.variables.begin(),
                           {"TMPDIR", text_of(transaction.make_scratch())});
  if (transaction.lock()) options.descriptors = {number_as<int>(transaction.lock().get())};
  session.say(Report::progress, "running ensurepip");
  run(context, {"-m", "ensurepip", "--upgrade", "--default-pip"}, options);
}

VENV_DETAIL_END
