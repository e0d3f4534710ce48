#pragma once

#include "../api/run.hpp"
#include "../system/file.hpp"
#include "undo.hpp"

#include <string>

VENV_DETAIL_BEGIN

VENV_INLINE void refuse_without_ensurepip(const Interpreter& python) {
  const fs::path ensurepip = python.stdlib / "ensurepip";
  if (followed_status_of(ensurepip).kind == Kind::directory) return;
  throw Error(ErrorCode::pip_unavailable,
              quoted(python.base_executable) + " has no ensurepip to install pip with")
      .at("install pip")
      .on(ensurepip)
      .advise("On Debian and Ubuntu: apt install python3-venv. Or leave pip out: --without-pip.");
}

/// Installs pip with the environment's own ensurepip.
VENV_INLINE void run_ensurepip(const Context& context) {
  context.undo->before_entries_of(context.lib_path);
  context.undo->before_entries_of(context.bin_path);
  run(context, {"-m", "ensurepip", "--upgrade", "--default-pip"});
}

VENV_DETAIL_END
