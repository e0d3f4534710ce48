#pragma once

#include "../api/env_builder.hpp"
#include "../cache/cache.hpp"
#include "configuration.hpp"
#include "directories.hpp"
#include "../system/interruption.hpp"
#include "../python/discovery.hpp"
#include "pip.hpp"
#include "interpreter.hpp"
#include "../python/remembered_probe.hpp"
#include "run.hpp"
#include "scripts.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// How long another process that makes the same environment is waited for, in seconds.
inline constexpr int lock_timeout = 300;

/// Makes the directory if it isn't there and locks it; again if another process, failing, removed it
/// in between. It is this run's only if no other was faster to lock the new directory and fill it.
VENV_INLINE void claim_directory(const fs::path& env_dir, Undo& undo) {
  bool made = false;
  do {
    undo.lock = DirectoryLock();
    make_parents(env_dir, undo);
    made = make_directory(env_dir);
    undo.lock = DirectoryLock(env_dir, lock_timeout);
  } while (!undo.lock.holds(env_dir));
  std::error_code failed;
  const bool filled = !fs::is_empty(env_dir, failed) && !failed;
  if (made && !filled) undo.made(env_dir);
}

/// Whether a script in an environment has that name, on a disk that may fold cases.
VENV_INLINE bool is_script_name(const std::string& name) {
  const std::string text = folded(name);
  for (const EmbeddedScript& script : activation_scripts)
    if (text == folded(script.name)) return true;
  std::string_view rest = text;
  return (take_prefix(rest, "pip") || take_prefix(rest, "easy_install")) &&
         rest.find_first_not_of("0123456789.-") == rest.npos;
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

/// The directories inside an environment. A link in the place of one is refused, as the reference
/// does: what it leads to is not ours to fill.
VENV_INLINE void make_inner_directories(const Context& context) {
  for (const fs::path& dir : {context.inc_path, context.lib_path, context.bin_path}) {
    if (status_of(dir).kind == FileKind::link)
      throw Error(ErrorCode::io, "cannot create directory " + quoted(dir) + ": it is a link")
          .at("create directories")
          .on(dir);
    make_directories(dir, *context.undo);
  }
}

/// `lib64` beside `lib`, where it is not there yet (bpo-21197).
VENV_INLINE void link_lib64(const Context& context) {
  const fs::path link = context.env_dir / "lib64";
  if (followed_status_of(link).kind != FileKind::missing) return;
  context.undo->before(link);
  make_link("lib", link); // without links there is none, and nothing misses it
}

inline constexpr std::string_view cachedir_tag =
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This directory is a Python virtual environment: it can be made again.\n"
    "# See https://bford.info/cachedir/\n";

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE EnvBuilder::EnvBuilder(Options options) : options_(std::move(options)) {
  if (options_.upgrade && options_.clear)
    throw Error(ErrorCode::invalid_argument, "upgrade and clear exclude each other");
  if (options_.prompt) detail::refuse_bad_prompt(*options_.prompt);
}

VENV_INLINE void EnvBuilder::report(Report kind, const std::string& line) const {
  if (options_.report) options_.report(kind, line);
}

VENV_INLINE Context EnvBuilder::create(const std::filesystem::path& env_dir) try {
  detail::refuse_bad_name(env_dir);
  Context context = ensure_directories(detail::absolute_path(env_dir));
  if (!context.undo) context.undo = std::make_shared<detail::Undo>();
  try {
    build(context);
  } catch (...) {
    context.undo->roll_back();
    throw;
  }
  context.undo->keep();
  context.undo->lock = detail::DirectoryLock();
  return context;
} catch (const std::filesystem::filesystem_error& error) {
  const std::filesystem::path& path = error.path1();
  throw detail::io_error("use", path.empty() ? env_dir : path, error.code());
}

VENV_INLINE void EnvBuilder::build(Context& context) {
  for (const std::string& scm : options_.scm_ignore_files)
    create_scm_ignore_file(detail::folded(scm), context);
  create_configuration(context);
  setup_python(context);
  detail::throw_if_interrupted();
  if (options_.with_pip) setup_pip(context);
  if (!options_.upgrade) setup_scripts(context);
  detail::throw_if_interrupted();
  commit(context);
  if (!options_.upgrade) post_setup(context);
  if (options_.system_site_packages) {
    context.system_site_packages = true;
    create_configuration(context);
  }
  if (options_.upgrade_deps) upgrade_dependencies(context);
}

VENV_INLINE Context EnvBuilder::ensure_directories(const std::filesystem::path& env_dir) {
  using namespace detail;
  const fs::path dir = absolute_path(env_dir);
  refuse_bad_path(dir);
  const FileKind kind = followed_status_of(dir).kind;
  if (kind != FileKind::missing && kind != FileKind::directory) throw refused(dir, "is not a directory");
  const Cache cache(options_);
  const Interpreter python = discover({options_.python, dir, options_.python_origin},
                                      RememberedProbe(cache, options_.python_timeout));
  refuse_bad_python(python);
  if (kind == FileKind::directory) refuse_base_prefix(dir, python, options_.clear);
  Context context = context_for(dir, python, chosen_prompt(options_));
  try {
    claim_directory(dir, *context.undo);
    if (!context.undo->is_ours(dir)) {
      if (options_.clear) clear_directory(dir, options_.force);
      else
        for (const fs::path& swept : {dir, context.bin_path, context.lib_path}) sweep(swept);
    }
    make_inner_directories(context);
    if (layout_of(layout_key(python)).lib64) link_lib64(context);
    else make_directories(context.platlib_path, *context.undo);
    context.undo->before(dir / "CACHEDIR.TAG");
    write_file(dir / "CACHEDIR.TAG", cachedir_tag);
  } catch (...) {
    context.undo->roll_back();
    throw;
  }
  return context;
}

VENV_INLINE void EnvBuilder::create_configuration(Context& context) {
  using namespace detail;
  PyvenvCfg cfg = configuration_of(context, options_);
  const fs::path old = context.env_dir / "pyvenv.cfg";
  if (options_.upgrade && is_environment(context.env_dir))
    for (auto& line : parse_pyvenv_cfg(read_file(old)))
      if (!is_known_key(line.first) && is_utf8(line.first) && is_utf8(line.second))
        cfg.push_back(std::move(line)); // Python cannot start with one that is no UTF-8
  context.undo->before(context.cfg_path);
  write_file(context.cfg_path, format_pyvenv_cfg(cfg));
}

VENV_INLINE void EnvBuilder::commit(Context& context) {
  using namespace detail;
  const fs::path cfg = context.env_dir / "pyvenv.cfg";
  if (context.cfg_path == cfg) return;
  context.undo->before(cfg);
  rename_file(context.cfg_path, cfg);
  context.cfg_path = cfg;
}

VENV_INLINE void EnvBuilder::setup_python(Context& context) {
  detail::install_python(context, options_.symlinks,
                         [this](const std::string& line) { report(Report::warning, line); });
}

VENV_INLINE void EnvBuilder::setup_pip(Context& context) {
  using namespace detail;
  const WheelSearch search = find_wheels(context.python, options_);
  const Cache cache(options_);
  const auto say = [this](Report kind, const std::string& line) { report(kind, line); };
  try {
    for (const fs::path& wheel : search.wheels) install_wheel(context, wheel, options_, cache, say);
    if (!search.wheels.empty()) return;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::bad_archive || !has_ensurepip(context.python)) throw;
    report(Report::warning, std::string(error.what()) + "; running ensurepip instead");
  }
  if (!has_ensurepip(context.python)) throw no_pip(context.python, search);
  commit(context); // ensurepip runs the environment's Python, which needs it
  report(Report::progress, "running ensurepip");
  run_ensurepip(context);
}

VENV_INLINE void EnvBuilder::setup_scripts(Context& context) {
  detail::install_activation_scripts(
      context,
      [&](const std::string& text, const std::string& name) {
        return replace_variables(text, name, context);
      },
      [this](const std::string& line) { report(Report::warning, line); });
}

VENV_INLINE void EnvBuilder::post_setup(Context&) {}

VENV_INLINE void EnvBuilder::upgrade_dependencies(Context& context) {
  report(Report::progress, "upgrading pip");
  std::vector<std::string> arguments{"-m", "pip", "install", "--upgrade", "pip"};
  if (context.python.version < std::array<int, 3>{3, 12, 0}) arguments.push_back("setuptools");
  RunOptions options;
  options.cwd = context.env_dir; // as the reference
  options.installs = true;
  run(context, arguments, options);
}

VENV_INLINE void EnvBuilder::install_scripts(Context& context, const std::filesystem::path& path) {
  detail::install_script_folders(
      context, path,
      [&](const std::string& text, const std::string& name) {
        return replace_variables(text, name, context);
      },
      [this](const std::string& line) { report(Report::warning, line); });
}

VENV_INLINE std::optional<std::string> EnvBuilder::replace_variables(const std::string& text,
                                                                     const std::string& file_name,
                                                                     const Context& context) {
  return detail::replace_variables(text, detail::variables_of(context),
                                   detail::shell_of(file_name));
}

VENV_INLINE void EnvBuilder::create_scm_ignore_file(const std::string& scm, Context& context) {
  if (scm == "git") return create_git_ignore_file(context);
  throw Error(ErrorCode::invalid_argument,
              "no ignore file is known for '" + detail::printable(scm) + "'")
      .at("create an ignore file")
      .advise("Override EnvBuilder::create_scm_ignore_file for it.");
}

VENV_INLINE void EnvBuilder::create_git_ignore_file(Context& context) {
  using namespace detail;
  const fs::path path = context.env_dir / ".gitignore";
  if (status_of(path).kind != FileKind::missing) return;
  context.undo->before(path);
  write_file(path, "# Created by venv; see https://docs.python.org/3/library/venv.html\n*\n");
}

VENV_INLINE Context create(const std::filesystem::path& env_dir, const Options& options) {
  return EnvBuilder(options).create(env_dir);
}

VENV_INLINE std::optional<Context> create(const std::filesystem::path& env_dir,
                                          const Options& options, std::optional<Error>& error) {
  error.reset();
  try {
    return create(env_dir, options);
  } catch (const Error& thrown) {
    error = thrown;
  }
  return std::nullopt;
}

VENV_END
