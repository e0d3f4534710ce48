#pragma once

#include "../api/interpreter.hpp"
#include "../python/version_file.hpp"
#include "../system/process.hpp"
#include "../system/tree.hpp"

#include <string>

VENV_DETAIL_BEGIN

/// The first request of a project's file for which there is a Python; the last one's error where there
/// is none for any.
VENV_INLINE std::string first_found(const VersionFile& file, const Options& options) {
  for (std::size_t i = 0; i + 1 < file.requests.size(); ++i) try {
      (void)find_interpreter(file.requests[i], options);
      return file.requests[i];
    } catch (const Error& error) {
      if (error.code() == ErrorCode::interrupted) throw;
    }
  return file.requests.back();
}

/// Which Python the program is to take, in this order: `--python`, `$VENV_HPP_PYTHON`, the nearest
/// `.python-version`; and what said so.
VENV_INLINE void choose_python(Options& options, bool reads_version_file) {
  if (variable("VENV_HPP_NO_CACHE").value_or("0") != "0") options.cache = false;
  if (!options.python.empty()) {
    options.python_origin = "--python";
  } else if (const auto value = variable("VENV_HPP_PYTHON")) {
    options.python = *value;
    options.python_origin = "$VENV_HPP_PYTHON";
  } else if (reads_version_file) {
    const auto file = nearest_version_file(working_directory());
    if (!file) return;
    options.python = first_found(*file, options);
    options.python_origin = quoted(file->path);
  }
}

VENV_DETAIL_END
