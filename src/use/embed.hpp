#pragma once

#include "../api/embedding.hpp"
#include "../api/environment.hpp"
#include "../python/base.hpp"
#include "../system/status.hpp"
#include "environment.hpp"
#include "missing.hpp"

#include <filesystem>
#include <initializer_list>

VENV_DETAIL_BEGIN

/// The first of these that is a file; empty when none is. A Python that was moved, or unpacked elsewhere than
/// it was built for, doesn't say where it is now.
VENV_INLINE fs::path first_file(std::initializer_list<fs::path> paths) {
  for (const fs::path& path : paths)
    if (followed_status_of(path).kind == FileKind::file) return path;
  return {};
}

VENV_INLINE Embedding embedding_of(const Interpreter& python) {
  Embedding embedding;
  embedding.version = python.version;
  embedding.extension_suffix = python.extension_suffix;
  embedding.abi_flags = python.abi_flags;
  embedding.free_threaded = python.free_threaded;
  const fs::path& prefix = python.base_prefix;
  const fs::path name = python.library.filename();
  if (!name.empty())
    embedding.library =
        first_file({python.library, prefix / "lib" / name, prefix / name, python.stdlib / name});
  embedding.is_shared = !embedding.library.empty() && embedding.library.extension() != ".a";
  const fs::path headers = "python" + python.version.minor_text() + python.abi_flags;
  embedding.include_dir =
      first_file({python.include_dir / "Python.h", prefix / "include" / headers / "Python.h",
                  prefix / "include" / "Python.h", prefix / "Include" / "Python.h"})
          .parent_path();
  return embedding;
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE Embedding Environment::embed(const Options& options) const {
  using namespace detail;
  Embedding embedding = embedding_of(base_as_it_says(detail_->context, options));
  embedding.executable = python();
  return embedding;
}

VENV_END
