#pragma once

#include "../api/environment.hpp"
#include "../base/ascii.hpp"
#include "../base/order.hpp"
#include "../create/configuration.hpp"
#include "../create/run.hpp"
#include "../package/python_string.hpp"
#include "../python/redirect.hpp"
#include "../system/file.hpp"
#include "../system/platform.hpp"
#include "../system/status.hpp"
#include "../system/tree.hpp"
#include "../system/variables.hpp"
#include "../text/names.hpp"
#include "../text/python_name.hpp"
#include "../text/pyvenv_cfg.hpp"
#include "used.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_BEGIN

/// What was read when it was opened. `context.python` says what the environment's files tell of its
/// base: version and implementation.
struct Environment::Detail {
  Context context{};
  bool system_site_packages = false, relocatable = false;
  std::string owner{};
  /// Notes that it is used, if that is of interest.
  void note_use() const { detail::note_use(context.env_dir, !owner.empty()); }
};

VENV_END

VENV_DETAIL_BEGIN

VENV_INLINE bool has_configuration(const fs::path& dir) {
  return followed_status_of(dir / "pyvenv.cfg").kind == FileKind::file;
}

/// The directory of the environment that `place` (absolute) means; empty when there is none.
VENV_INLINE fs::path find_environment(const fs::path& place) {
  const fs::path dir = environment_meant(place);
  for (const fs::path& found : {dir, dir.parent_path(), dir.parent_path().parent_path()}) {
    if (!has_configuration(found)) continue;
    const fs::path way = dir.lexically_relative(found);
    const fs::path bin = *way.begin();
    if (found != dir && bin != "bin" && bin != "Scripts") break;
    const bool is_program = way.has_parent_path();
    if (is_program && !is_interpreter_name(text_of(way.filename()))) break;
    return found;
  }
  return {};
}

/// The same; an error when there is none.
VENV_INLINE fs::path environment_at(const fs::path& place) {
  fs::path dir = find_environment(place);
  if (!dir.empty()) return dir;
  Error error(ErrorCode::not_an_environment,
              quoted(place) + " is no environment: there is no pyvenv.cfg");
  error.at("open the environment").on(place);
  throw error;
}

/// What a text such as `3.12.1`, `3.12` or `3.12.1.final.0` begins with; zeros when it is none.
VENV_INLINE Version leading_version(std::string_view text) {
  const auto name = take_release_name(text);
  return name && name->parts > 1 ? name->release : Version();
}

/// A library directory of an environment, and the Python that its name tells.
struct NamedLibrary {
  std::string name{};
  PythonName python{};
};

VENV_INLINE std::vector<NamedLibrary> named_libraries(const fs::path& env_dir) {
  std::vector<NamedLibrary> libraries;
  for (const fs::path& name : names_in_if_readable(env_dir / "lib"))
    if (const auto python = parse_command_name(text_of(name)))
      if (python->release.parts == 2) libraries.push_back({text_of(name), *python});
  return libraries;
}

/// The one that its Python uses: of the version that the configuration names; of two builds of that
/// (`python3.13`, `python3.13t`) the one that has an interpreter of its name.
VENV_INLINE NamedLibrary library_in_use(const fs::path& env_dir, const fs::path& bin,
                                        const Version& version) {
  const auto is_there = [](const fs::path& path) {
    return status_of(path).kind != FileKind::missing;
  };
  const std::string usual = "python" + version.minor_text();
  NamedLibrary expected{usual, parse_command_name(usual).value_or(PythonName())};
  if (is_there(env_dir / "lib" / path_of(usual)) && is_there(bin / path_of(usual)))
    return expected; // without a list of what else is there
  NamedLibrary best;
  int best_score = -1;
  for (NamedLibrary& library : named_libraries(env_dir)) {
    const Version& named = library.python.release.release;
    const bool fits = version[0] == 0 || (named[0] == version[0] && named[1] == version[1]);
    const int score = 2 * fits + is_there(bin / path_of(library.name));
    if (score > best_score) {
      best_score = score;
      best = std::move(library);
    }
  }
  return best_score >= 2 || version[0] == 0 ? best : expected;
}

/// What `pyvenv.cfg` says under `prompt`: a text as Python spells it, or plain, as older ones wrote it.
VENV_INLINE std::string prompt_in(const PyvenvCfg& cfg, const fs::path& env_dir) {
  const std::string text = value_of(cfg, "prompt").value_or("");
  const bool is_spelled = text.size() > 1 && (text.front() == '\'' || text.front() == '"') &&
                          text.back() == text.front();
  if (is_spelled)
    if (auto plain = python_string(std::string_view(text).substr(1, text.size() - 2)))
      return *plain;
  return text.empty() ? text_of(env_dir.filename()) : text;
}

/// The interpreter in a folder of scripts.
VENV_INLINE fs::path interpreter_in(const fs::path& bin) {
  for (const char* name : {"python", "python3", "pypy3"}) {
    fs::path python = bin / (name + std::string(executable_suffix));
    if (status_of(python).kind != FileKind::missing) return python;
  }
  return bin / ("python" + std::string(executable_suffix));
}

/// Where compiled packages go: in `lib64`, if that is no link to `lib`.
VENV_INLINE fs::path platlib_in(const fs::path& env_dir, const fs::path& purelib) {
  const fs::path own = env_dir / "lib64" / purelib.lexically_relative(env_dir / "lib");
  const bool is_own = status_of(env_dir / "lib64").kind == FileKind::directory &&
                      followed_status_of(own).kind == FileKind::directory;
  return is_own ? own : purelib;
}

/// The context of an environment that exists, as far as its files tell it.
VENV_INLINE Context context_of(const fs::path& env_dir, const PyvenvCfg& cfg) {
  Context context;
  context.env_dir = env_dir;
  context.env_name = text_of(env_dir.filename());
  context.prompt = prompt_in(cfg, env_dir);
  context.cfg_path = env_dir / "pyvenv.cfg";
  context.bin_name = this_os == Os::windows ? "Scripts" : "bin";
  context.bin_path = env_dir / context.bin_name;
  context.env_exe = context.env_exec_cmd = interpreter_in(context.bin_path);
  context.python_dir = path_of(home_of(cfg).value_or(""));
  const auto version = value_of(cfg, "version"), more = value_of(cfg, "version_info");
  context.python.version = leading_version(version ? *version : more.value_or(""));
  const NamedLibrary library = library_in_use(env_dir, context.bin_path, context.python.version);
  if (context.python.version[0] == 0) context.python.version = library.python.release.release;
  const std::string named = folded(value_of(cfg, "implementation").value_or(""));
  context.python.implementation =
      named.empty() ? library.python.implementation : Implementation(named);
  if (context.python.implementation.name().empty()) context.python.implementation = "cpython";
  context.python.free_threaded = library.python.release.free_threaded;
  const fs::path lib = env_dir / (this_os == Os::windows ? "Lib" : "lib");
  context.lib_path = lib / path_of(this_os == Os::windows ? "" : library.name) / "site-packages";
  context.platlib_path = platlib_in(env_dir, context.lib_path);
  return context;
}

/// All of this process's variables.
VENV_INLINE std::map<std::string, std::string> own_variables() {
  std::map<std::string, std::string> variables;
  for (auto& [name, value] : all_variables()) variables.emplace(std::move(name), std::move(value));
  return variables;
}

/// Where a variable is: on Windows, where a name's case means nothing, by any spelling.
VENV_INLINE std::map<std::string, std::string>::const_iterator
find_variable(const std::map<std::string, std::string>& variables, const std::string& name) {
  auto found = variables.find(name);
  if (this_os == Os::windows)
    for (found = variables.begin(); found != variables.end(); ++found)
      if (folded(found->first) == folded(name)) break;
  return found;
}

VENV_INLINE void change(std::map<std::string, std::string>& variables, const Changes& changes) {
  for (const auto& [name, value] : changes) {
    const auto found = find_variable(variables, name);
    if (found != variables.end()) variables.erase(found);
    if (value) variables[name] = *value;
  }
}

/// What all files below take, in bytes; one that has several names counts once.
VENV_INLINE std::uint64_t size_below(const fs::path& dir) {
  std::uint64_t total = 0;
  std::vector<FileStatus> shared; // files that have several names
  for (const fs::path& path : paths_below(dir)) {
    const FileStatus status = status_of(path);
    if (status.kind != FileKind::file) continue;
    if (status.links > 1) shared.push_back(status);
    else total += status.size;
  }
  const auto file = [](const FileStatus& status) { return std::pair(status.device, status.inode); };
  sort_by(shared, [&file](const auto& a, const auto& b) { return file(a) < file(b); });
  for (std::size_t i = 0; i < shared.size(); ++i)
    if (i == 0 || file(shared[i - 1]) < file(shared[i])) total += shared[i].size;
  return total;
}

VENV_INLINE RunCommand data_of(const Command& command) {
  RunCommand data;
  data.program = command.program;
  data.arguments = command.arguments;
  data.variables = own_variables();
  change(data.variables, command.environment);
  data.cwd = command.cwd;
  return data;
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE std::vector<std::string> RunCommand::variable_lines() const {
  std::vector<std::string> lines;
  for (const auto& [name, value] : variables) lines.push_back(name + '=' + value);
  return lines;
}

VENV_INLINE Environment Environment::open(const std::filesystem::path& place) {
  using namespace detail;
  const fs::path dir = environment_at(absolute_path(place));
  const PyvenvCfg cfg = parse_pyvenv_cfg(read_file(dir / "pyvenv.cfg"));
  auto detail = std::make_shared<Detail>();
  detail->context = context_of(dir, cfg);
  detail->owner = value_of(cfg, owner_key).value_or("");
  detail->relocatable = says_relocatable(cfg);
  detail->system_site_packages = // where nothing is said, site.py takes it for true
      folded(value_of(cfg, "include-system-site-packages").value_or("true")) == "true";
  return Environment(std::move(detail));
}

VENV_INLINE std::optional<Environment> Environment::open(const std::filesystem::path& place,
                                                         std::optional<Error>& error) {
  error.reset();
  try {
    return open(place);
  } catch (const Error& thrown) {
    error = thrown;
    return std::nullopt;
  }
}

VENV_INLINE Environment Environment::active() {
  const auto named = detail::variable("VIRTUAL_ENV");
  if (!named)
    throw Error(ErrorCode::not_an_environment, "no environment is active: VIRTUAL_ENV is not set");
  return open(detail::path_of(*named));
}

VENV_INLINE const std::filesystem::path& Environment::directory() const noexcept {
  return detail_->context.env_dir;
}
VENV_INLINE const std::filesystem::path& Environment::python() const noexcept {
  return detail_->context.env_exec_cmd;
}
VENV_INLINE const Version& Environment::version() const noexcept {
  return detail_->context.python.version;
}
VENV_INLINE const Implementation& Environment::implementation() const noexcept {
  return detail_->context.python.implementation;
}
VENV_INLINE const std::filesystem::path& Environment::scripts() const noexcept {
  return detail_->context.bin_path;
}
VENV_INLINE const std::filesystem::path& Environment::site_packages() const noexcept {
  return detail_->context.lib_path;
}
VENV_INLINE const std::filesystem::path& Environment::platlib() const noexcept {
  return detail_->context.platlib_path;
}
VENV_INLINE const std::string& Environment::prompt() const noexcept {
  return detail_->context.prompt;
}
VENV_INLINE const std::string& Environment::owner() const noexcept { return detail_->owner; }
VENV_INLINE bool Environment::has_system_site_packages() const noexcept {
  return detail_->system_site_packages;
}
VENV_INLINE bool Environment::is_relocatable() const noexcept { return detail_->relocatable; }

VENV_INLINE std::optional<std::filesystem::path>
Environment::program(const std::string& name) const {
  using namespace detail;
  const fs::path wanted = path_of(name);
  if (wanted.empty() || wanted.has_parent_path()) return std::nullopt;
  fs::path program = scripts() / path_of(name + std::string(executable_suffix));
  if (followed_status_of(program).kind != FileKind::file || !is_executable(program))
    return std::nullopt;
  return program;
}

VENV_INLINE std::map<std::string, std::string> Environment::variables() const {
  return variables(detail::own_variables());
}

VENV_INLINE std::map<std::string, std::string>
Environment::variables(const std::map<std::string, std::string>& others) const {
  std::map<std::string, std::string> result = others;
  const auto path = detail::find_variable(others, "PATH");
  detail::change(result, detail::environment_changes(
                             detail_->context,
                             path == others.end() ? detail::default_search_path() : path->second));
  return result;
}

VENV_INLINE RunResult Environment::run(const std::string& program,
                                       const std::vector<std::string>& arguments,
                                       const RunOptions& options) const {
  detail_->note_use();
  return run_program(detail_->context, program, arguments, options);
}

VENV_INLINE std::optional<RunResult> Environment::run(const std::string& program,
                                                      const std::vector<std::string>& arguments,
                                                      const RunOptions& options,
                                                      std::optional<Error>& error) const {
  error.reset();
  try {
    return run(program, arguments, options);
  } catch (const Error& thrown) {
    error = thrown;
    return std::nullopt;
  }
}

VENV_INLINE RunCommand Environment::command(const std::string& program,
                                            const std::vector<std::string>& arguments,
                                            const RunOptions& options) const {
  using namespace detail;
  refuse_base_python(detail_->context);
  const Command command = command_in(detail_->context, program, arguments, options);
  refuse_impossible(command);
  detail_->note_use();
  return data_of(command);
}

VENV_INLINE std::uint64_t Environment::size() const { return detail::size_below(directory()); }

VENV_INLINE void Environment::remove() const { remove_environment(directory()); }

VENV_END
