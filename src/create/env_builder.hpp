#pragma once

#include "../api/env_builder.hpp"
#include "base.hpp"
#include "configuration.hpp"
#include "directories.hpp"
#include "ensurepip.hpp"
#include "interpreter.hpp"
#include "interpreter_windows.hpp"
#include "relocatable.hpp"
#include "pip.hpp"
#include "run.hpp"
#include "scripts.hpp"
#include "session.hpp"
#include "step.hpp"
#include "unreachable.hpp"
#include "../python/redirect.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

VENV_BEGIN

VENV_INLINE EnvBuilder::EnvBuilder(Options options)
    : options_(std::move(options)), prompt_(options_.prompt) {
  if (options_.upgrade && options_.clear)
    throw Error(ErrorCode::invalid_argument, "upgrade and clear exclude each other");
  if (prompt_) detail::refuse_bad_prompt(*prompt_);
  detail::refuse_bad_owner(options_.owner);
  if (prompt_ == ".") prompt_ = detail::text_of(detail::absolute_path(".").filename()); // bpo-38901
}

VENV_INLINE void EnvBuilder::report(Report kind, const std::string& line) const {
  detail::teller_of(*this)->tell(detail::line_event(kind, line));
}

VENV_INLINE Options& EnvBuilder::current_options() {
  detail::Session* session = detail::Session::find(this, {});
  return session ? session->options : options_;
}

VENV_INLINE Context EnvBuilder::create(const std::filesystem::path& env_dir) try {
  using namespace detail;
  refuse_bad_name(env_dir);
  const bool shows_early = is_subclass(*this);
  const fs::path dir = environment_meant(absolute_path(env_dir));
  Session session(this, dir, options_, shows_early);
  if (!session.cache.why_off().empty()) session.say(Report::progress, session.cache.why_off());
  Context context = session.ensure([&] { return ensure_directories(dir); });
  watch_for_hooks(context, session);
  const bool site = std::exchange(session.options.system_site_packages, false); // bpo-24875
  create_ignore_files(*this, context, session);
  create_configuration(context);
  setup_python(context);
  session.throw_if_stopped();
  const bool pip_last =
      !shows_early && session.options.with_pip && needs_ensurepip(context, session);
  if (session.options.with_pip && !pip_last) setup_pip(context);
  if (!session.options.upgrade) setup_scripts(context);
  session.throw_if_stopped();
  if (pip_last) setup_pip(context);
  if (!session.options.upgrade) post_setup(context);
  if (site) {
    session.options.system_site_packages = true;
    create_configuration(context);
  }
  session.show(context);
  if (session.options.upgrade_deps) upgrade_dependencies(context);
  show_path_files(context);
  tell_unreachable(context, session);
  session.commit();
  return context;
} catch (const std::filesystem::filesystem_error& error) {
  const std::filesystem::path& path = error.path1();
  throw detail::io_error("use", path.empty() ? env_dir : path, error.code());
}

VENV_INLINE Context EnvBuilder::ensure_directories(const std::filesystem::path& env_dir) {
  using namespace detail;
  const fs::path dir = environment_meant(absolute_path(env_dir));
  refuse_bad_path(dir);
  Step step(this, dir, options_);
  const State before = read_state(dir);
  refuse_bad_directory(dir, before);
  if (step->options.upgrade) refuse_unread(dir, before);
  if (step->options.clear && !before.is_empty) refuse_dangerous_clear(dir);
  step->teller->begin(Phase::python);
  const Interpreter python = choose_base(dir, before, *step);
  Context context = context_for(dir, python, prompt_);
  tell_old(python, *step);
  tell_fleeting(python, dir, *step);
  tell_other_minor(python, before, *step);
  step->teller->begin(Phase::directories);
  step->open();
  Transaction& transaction = step->transaction();
  refuse_prefix(dir, transaction.state()); // not before: another run may have been making one
  const bool was_there = before.kind == FileKind::directory || !transaction.is_fresh();
  if (step->options.clear && was_there) clear_directory(dir);
  if (step->shows_early()) transaction.show_early();
  if (!transaction.is_fresh())
    for (const fs::path& swept : {dir, context.bin_path, context.lib_path}) sweep(swept);
  for (const fs::path& inner : {context.inc_path, context.lib_path, context.bin_path})
    transaction.make_directories(inner);
  if (layout_of(layout_key(python)).lib64) link_lib64(context, *step);
  else transaction.make_directories(context.platlib_path);
  write_cachedir_tag(context, *step);
  step.finish();
  return context;
}

VENV_INLINE void EnvBuilder::create_configuration(Context& context) {
  using namespace detail;
  Step step(this, context.env_dir, options_);
  complete(context, *step);
  PyvenvCfg cfg = configuration_of(context, step->options, prompt_);
  step->open();
  if (step->options.upgrade) {
    const State& before = step->transaction().state();
    refuse_unread(context.env_dir, before);
    for (auto& line : own_keys(before.cfg))
      if (line.first != owner_key || step->options.owner.empty()) cfg.push_back(std::move(line));
  }
  step->write_configuration(context, format_pyvenv_cfg(cfg));
  step.finish();
}

VENV_INLINE void EnvBuilder::setup_python(Context& context) {
  detail::Step step(this, context.env_dir, options_);
  step->teller->begin(Phase::interpreter);
  detail::complete(context, *step);
  step->open();
  if (detail::this_os == detail::Os::windows) {
    detail::set_up_windows_python(context, *step);
    detail::follow_redirection(context, *step);
  } else {
    detail::set_up_python(context, *step, *this);
  }
  detail::set_up_pip_programs(context, *step);
  step.finish();
}

VENV_INLINE void EnvBuilder::symlink_or_copy(const std::filesystem::path& src,
                                             const std::filesystem::path& dst,
                                             bool relative_symlinks_ok) {
  using namespace detail;
  const bool beside = relative_symlinks_ok && src.parent_path() == dst.parent_path();
  const fs::path target = beside ? src.filename() : src;
  Session* session = Session::find(this, {});
  if (session && !lies_below(absolute_path(dst), session->transaction().env_dir()))
    session = nullptr;
  const bool links = session ? session->options.symlinks : options_.symlinks;
  if (links && (session ? session->transaction().link(target, dst) : make_link(target, dst)))
    return;
  if (session) {
    if (links) session->warn_of_no_links();
    return session->transaction().copy(src, dst, 0755);
  }
  if (links)
    teller_of(*this)->tell(
        warning_event(WarningCode::no_links, "no links here: " + quoted(dst) + " is a copy"));
  copy_file(src, dst, 0755);
}

VENV_INLINE void EnvBuilder::clear_directory(const std::filesystem::path& path) {
  using namespace detail;
  const fs::path dir = absolute_path(path);
  if (known_followed_status_of(dir).kind != FileKind::directory) return;
  Step step(this, dir, options_);
  step->open();
  Transaction& transaction = step->transaction();
  if (!transaction.is_fresh()) refuse_clear(dir, transaction.state(), step->options.force);
  transaction.clear();
  step.finish();
}

VENV_INLINE void EnvBuilder::setup_pip(Context& context) {
  using namespace detail;
  Step step(this, context.env_dir, options_);
  step->teller->begin(Phase::pip);
  complete(context, *step);
  step->open();
  const WheelSearch search = find_wheels(context.python, step->options);
  try {
    WheelInstaller installer(context, *step);
    std::size_t number = 0;
    for (const fs::path& wheel : search.wheels) {
      const auto name = *parse_wheel_name(text_of(wheel.filename())); // it was found by its name
      step->teller->tell(
          package_event(name.distribution + ' ' + name.version, ++number, search.wheels.size()));
      installer.install(wheel);
    }
    if (!search.wheels.empty()) return step.finish();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::bad_archive || !has_ensurepip(context.python)) throw;
    step->warn(WarningCode::pip_wheel_bad,
               std::string(error.what()) + "; running ensurepip instead");
  }
  if (!has_ensurepip(context.python)) throw no_pip(context.python, search);
  step->transaction().show_early();
  step->show(context); // ensurepip runs the environment's Python, which needs it
  run_ensurepip(context, *step);
  step.finish();
}

VENV_INLINE void EnvBuilder::setup_scripts(Context& context) {
  detail::Step step(this, context.env_dir, options_);
  step->teller->begin(Phase::scripts);
  step->open();
  detail::remove_foreign_scripts(context, *step);
  ScriptSet scripts = detail::default_scripts();
  if (step->options.relocatable) detail::make_relocatable(scripts, prompt_.has_value());
  detail::take_modes_of(context.python.stdlib, scripts);
  install_scripts(context, scripts);
  step.finish();
}

VENV_INLINE void EnvBuilder::post_setup(Context&) {}

VENV_INLINE std::vector<std::string> EnvBuilder::core_venv_deps(const Context& context) {
  if (context.python.version < std::array<int, 3>{3, 12, 0}) return {"pip", "setuptools"};
  return {"pip"};
}

VENV_INLINE void EnvBuilder::upgrade_dependencies(Context& context) {
  using namespace detail;
  Step step(this, context.env_dir, options_);
  complete(context, *step);
  step->open();
  const std::vector<std::string> names = core_venv_deps(context);
  std::vector<std::string> arguments{"-m", "pip", "install", "--upgrade"};
  arguments.insert(arguments.end(), names.begin(), names.end());
  step->teller->begin(Phase::upgrade);
  step->say(Report::progress, "upgrading pip");
  for (const fs::path& changed : {context.lib_path, context.bin_path})
    step->transaction().watch(changed);
  run(context, arguments, step->child_options());
  step.finish();
}

VENV_INLINE void EnvBuilder::install_scripts(Context& context, const ScriptSet& scripts) {
  using namespace detail;
  Step step(this, context.env_dir, options_);
  step->open();
  for (const fs::path& source : scripts.left_out)
    step->warn(WarningCode::script_left_out,
               "left out " + quoted(source) + ": it is no UTF-8 text");
  for (const Script& script : scripts.scripts) install_script(context, script, *step, *this);
  step.finish();
}

VENV_INLINE std::optional<std::string> EnvBuilder::replace_variables(const std::string& text,
                                                                     const std::string& file_name,
                                                                     const Context& context) {
  using namespace detail;
  auto replaced = detail::replace_variables(text, variables_of(context), shell_of(file_name, text));
  if (!replaced)
    teller_of(*this)->tell(
        warning_event(WarningCode::script_left_out,
                      "left out '" + printable(file_name) +
                          "': its language cannot express the directory or prompt"));
  return replaced;
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
  Step step(this, context.env_dir, options_);
  step->open();
  const fs::path path = context.env_dir / ".gitignore";
  if (status_of(path).kind == FileKind::missing)
    step->transaction().write(
        path, "# Created by venv; see https://docs.python.org/3/library/venv.html\n*\n");
  step.finish();
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
    return std::nullopt;
  }
}

VENV_END
