#pragma once

#include "../api/interpreter.hpp"
#include "../base/order.hpp"
#include "../cache/pack.hpp"
#include "../python/bytecode.hpp"
#include "../python/probe.hpp"
#include "../system/file.hpp"
#include "../system/folder.hpp"
#include "../system/status.hpp"
#include "../system/process.hpp"
#include "../system/workers.hpp"
#include "staging.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// The modules, dealt out so that each of `count` hands gets about as many bytes.
VENV_INLINE std::vector<std::vector<std::string>> deal_modules(const std::vector<PackFile>& files,
                                                               std::size_t count) {
  std::vector<const PackFile*> modules;
  for (const PackFile& file : files)
    if (is_module(file.name)) modules.push_back(&file);
  sort_by(modules, [](const PackFile* a, const PackFile* b) { return a->size > b->size; });
  std::vector<std::vector<std::string>> hands((std::min)(count, modules.size()));
  std::vector<std::size_t> bytes(hands.size());
  for (const PackFile* module : modules) {
    const auto least = std::min_element(bytes.begin(), bytes.end());
    *least += module->size + 2000; // a small module costs something too
    hands[static_cast<std::size_t>(least - bytes.begin())].push_back(module->name);
  }
  return hands;
}

/// The modules whose import shows that a distribution runs on a Python, with commas between them: what
/// its own script calls, and what pip imports only when it lists what is installed. Empty where none are
/// known.
VENV_INLINE std::string trial_modules(const PackIndex& index) {
  std::string modules = index.distribution == "setuptools" ? index.distribution : std::string();
  for (const EntryPoint& script : index.scripts)
    if (script.name == index.distribution) modules = script.module;
  for (const PackFile& file : index.files)
    if (file.name == "pip/_vendor/pkg_resources/__init__.py" && !modules.empty())
      modules += ",pip._vendor.pkg_resources";
  return modules;
}

/// Compiles the modules of several hands by the base interpreter, each in a process of its own. Those
/// that the system has no room for are compiled one after the other, once this process has no other
/// threads, which count as processes.
VENV_INLINE void compile_hands(std::size_t count, const ProbeOptions& options,
                               FunctionRef<void(std::size_t, const ProbeOptions&)> compile) {
  std::mutex mutex;
  std::vector<std::size_t> refused;
  ProbeOptions hurried = options;
  hurried.patience = std::chrono::seconds(1);
  const auto compile_or_leave = [&](std::size_t i) {
    try {
      compile(i, hurried);
    } catch (const Error& error) {
      if (error.system_error() != std::errc::resource_unavailable_try_again) throw;
      const std::lock_guard<std::mutex> lock(mutex);
      refused.push_back(i);
    }
  };
  in_parallel(count, count, compile_or_leave, options.stop);
  for (const std::size_t i : refused) compile(i, options);
}

/// Runs scripts/compile.py on modules in `root` with its further arguments; `what` they are, for
/// messages.
VENV_INLINE void run_compiler(const Interpreter& python, const fs::path& root,
                              const std::vector<std::string>& more, const std::string& what,
                              const ProbeOptions& how) {
  std::vector<std::string> arguments{
      "-I", "-S", "-W", "ignore", "-c", std::string(script_compile), text_of(root)};
  arguments.insert(arguments.end(), more.begin(), more.end());
  std::string output;
  const auto keep = [&output](Stream, std::string_view piece) { output += piece; };
  if (run_python(python.base_executable, std::move(arguments), how, keep).code != 0)
    throw Error(ErrorCode::command_failed, quoted(python.base_executable) + " cannot compile " +
                                               what + ": " + last_line(output))
        .at("compile " + what)
        .on(python.base_executable);
}

/// The entry of a module's bytecode.
VENV_INLINE PackFile bytecode_of(const PackFile& module, const Interpreter& python) {
  PackFile compiled;
  compiled.name = bytecode_name(module.name, python.cache_tag);
  compiled.mode = 0666;
  compiled.bytecode = true;
  return compiled;
}

/// The staged modules that have no bytecode yet.
VENV_INLINE std::vector<PackFile> modules_to_compile(const PackIndex& index,
                                                     const Interpreter& python) {
  std::vector<std::string> compiled;
  for (const PackFile& file : index.files)
    if (file.bytecode) compiled.push_back(file.name);
  std::sort(compiled.begin(), compiled.end());
  std::vector<PackFile> modules;
  for (const PackFile& file : index.files)
    if (is_module(file.name) && !std::binary_search(compiled.begin(), compiled.end(),
                                                    bytecode_name(file.name, python.cache_tag)))
      modules.push_back(file);
  return modules;
}

/// Compiles staged modules by the base interpreter, in as many processes as there are processors, and
/// adds what came of it to the index. Unless that has bytecode already, one of them imports what it is
/// about: what does not run on this Python is not installed.
VENV_INLINE void compile_modules(const std::vector<PackFile>& modules, const Interpreter& python,
                                 PackIndex& index, const Staging& staging,
                                 const ProbeOptions& options) {
  const bool runs = std::any_of(index.files.begin(), index.files.end(),
                                [](const PackFile& file) { return file.bytecode; });
  const auto hands = deal_modules(modules, child_workers());
  const auto compile = [&](std::size_t i, const ProbeOptions& how) {
    std::vector<std::string> more{i == 0 && !runs ? trial_modules(index) : std::string()};
    more.insert(more.end(), hands[i].begin(), hands[i].end());
    run_compiler(python, staging.path(), more, index.distribution, how);
  };
  compile_hands(hands.size(), options, compile);
  for (const PackFile& module : modules) {
    PackFile compiled = bytecode_of(module, python);
    const FileStatus status = status_of(staging.path() / compiled.name);
    if (status.kind != FileKind::file) continue; // what doesn't compile is left out
    compiled.size = static_cast<std::size_t>(status.size);
    index.files.push_back(std::move(compiled));
  }
}

VENV_DETAIL_END
