#pragma once

#include "../api/ensure.hpp"
#include "../create/env_builder.hpp"
#include "../create/session.hpp"
#include "check.hpp"
#include "install.hpp"
#include "mend.hpp"
#include "missing.hpp"
#include "reinstall.hpp"
#include "stamp.hpp"
#include "used.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// One call of `ensure`, once the environment is locked.
class Ensuring {
public:
  Ensuring(const fs::path& dir, const EnsureOptions& options)
      : dir_(dir), options_(options),
        session_(std::make_unique<Session>(nullptr, dir, options, false)) {}

  EnsureResult run() {
    const bool was_missing = status_of(dir_).kind == FileKind::missing;
    session_->open(options_.lock_timeout);
    if (options_.reinstall) session_->announce_reinstalling();
    session_->teller->begin(Phase::looking);
    const bool may_be_stamped = !options_.thorough && !options_.clear;
    if (may_be_stamped && is_as_stamped(dir_, key_of(options_))) // another process was faster
      return {Environment::open(dir_)};
    std::vector<Problem> reasons = find_reasons();
    for (Problem& reason : reasons) // by now the directory is there: it was made to be locked
      if (was_missing && reason.code == ProblemCode::no_environment)
        reason.what = quoted(dir_) + " doesn't exist";
    const bool needs_only_packages =
        std::all_of(reasons.begin(), reasons.end(), [](const Problem& problem) {
          return problem.code == ProblemCode::requirement_missing;
        });
    const bool makes = !needs_only_packages || options_.clear;
    if (makes) make(reasons);
    lock_ = session_->transaction().take_lock(); // until the last file is there
    session_->commit();
    EnsureResult result{Environment::open(dir_), makes, std::move(reasons)};
    install(result);
    stamp();
    note_use(dir_, true);
    return result;
  }

private:
  std::vector<Problem> find_reasons() const {
    std::vector<Problem> problems = problems_of(dir_, options_);
    problems.erase(
        std::remove_if(problems.begin(), problems.end(),
                       [](const Problem& problem) { return problem.level == ProblemLevel::note; }),
        problems.end());
    return problems;
  }

  /// Notes that it is as it should be. Where that can't be, it is looked at again next time.
  void stamp() const {
    try {
      write_stamp(context_now(), options_.system_site_packages, options_,
                  read_demands(options_.requirements));
    } catch (const Error&) {
      try_remove_file(dir_ / stamp_name);
    }
  }
  /// For what has no session of its own.
  Options telling() const { return session_->teller->options_through(options_); }
  Context context_now() const { return context_of(dir_, read_state(dir_).cfg); }

  /// Creates, completes or repairs it, by what `create` does for a directory that is there.
  void make(const std::vector<Problem>& reasons) {
    for (const Problem& reason : reasons) session_->say(Report::progress, reason.what);
    const State state = read_state(dir_);
    const Context before = context_of(dir_, state.cfg);
    EnsureOptions options = options_that_keep(state, before, options_, telling());
    options.clear = options.clear || has_code(reasons, ProblemCode::requirements_changed);
    options.with_pip = options.with_pip || is_for_pip(options.requirements);
    const fs::path former =
        has_code(reasons, ProblemCode::moved) ? former_directory(state, before) : fs::path();
    if (state.is_environment && !options.clear)
      remove_damaged(before, reasons, session_->transaction());
    const Context made = EnvBuilder(options).create(dir_);
    mend_programs(made, former, *session_);
  }

  void install(EnsureResult& result) {
    const Requirements wanted = requirements_now();
    if (is_empty(wanted)) return;
    session_->teller->begin(Phase::packages);
    const std::vector<Missing> missing = result.environment.missing(wanted, telling());
    if (missing.empty()) return;
    for (const Missing& one : missing) session_->say(Report::progress, text_of(one));
    const Context context = context_now();
    result.changed = true;
    const NativeResult native = install_at_hand(context, wanted);
    result.output = lines_of(native);
    if (native.is_done) return;
    session_->say(Report::progress, "pip installs: " + native.obstacle);
    if (!may_have_pip(context, options_.system_site_packages)) bring_pip(context);
    RunOptions run = installing({});
    run.is_cancelled = options_.is_cancelled;
    run.variables = options_.child_variables;
    run.on_event = session_->teller->event_callback();
    run.on_line = [this](Stream, std::string_view line) { tell_pip_line(*session_->teller, line); };
    result.output = run_pip(context, wanted, run);
  }
  /// What is required, and what is to be installed again.
  Requirements requirements_now() const {
    Requirements wanted = options_.requirements;
    if (!options_.reinstall) return wanted;
    const State state = read_state(dir_);
    for (std::string& package : packages_to_reinstall(context_of(dir_, state.cfg).lib_path, state,
                                                      read_demands(options_.requirements).required))
      wanted.packages.push_back(std::move(package));
    return wanted;
  }
  /// What is installed again may be in the directories of wheels: then no index is asked.
  std::string run_pip(const Context& context, const Requirements& wanted, const RunOptions& run) {
    if (options_.reinstall && !wanted.offline && !wanted.wheel_dirs.empty()) try {
        Requirements here = wanted;
        here.offline = true;
        return run_program(context, "python", pip_arguments(here), run).out;
      } catch (const Error& error) {
        if (error.code() != ErrorCode::command_failed) throw;
        session_->say(Report::progress, "the package index is asked for what is not at hand");
      }
    return run_program(context, "python", pip_arguments(wanted), run).out;
  }
  /// Whether only pip can install it. What wheels at hand are enough for is seen later.
  static bool is_for_pip(const Requirements& wanted) {
    return !is_empty(wanted) &&
           (wanted.wheel_dirs.empty() || wanted.only_pip || !wanted.pip_arguments.empty());
  }
  /// Completes an environment that was made without pip.
  void bring_pip(const Context& context) {
    session_.reset(); // each knows the one further out
    session_ = std::make_unique<Session>(nullptr, dir_, options_, false);
    session_->transaction().open_locked(std::move(lock_));
    EnsureOptions options = options_that_keep(read_state(dir_), context, options_, telling());
    options.with_pip = true;
    options.clear = false;
    EnvBuilder(options).create(dir_);
    lock_ = session_->transaction().take_lock();
    session_->commit();
  }
  /// Without pip, if that can be. The lock is handed over and taken back.
  NativeResult install_at_hand(const Context& context, const Requirements& wanted) {
    const Options how = telling();
    Transaction transaction(dir_);
    transaction.open_locked(std::move(lock_));
    NativeResult native = NativeInstaller(context, options_.system_site_packages, transaction, how)
                              .install(wanted, read_demands(wanted));
    if (options_.durable && native.is_done) transaction.flush();
    lock_ = transaction.take_lock();
    transaction.commit(
        [this](const std::string& line) { session_->warn(WarningCode::left_over, line); });
    return native;
  }

  fs::path dir_;
  const EnsureOptions& options_;
  std::unique_ptr<Session> session_; ///< of what is made; another one brings pip
  DirectoryLock lock_{};             ///< from when the environment is finished to the last package
};

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE EnsureResult ensure(const std::filesystem::path& dir, const EnsureOptions& options) {
  using namespace detail;
  if (options.upgrade)
    throw Error(ErrorCode::invalid_argument,
                "ensure takes no Options::upgrade: it finds out itself");
  const fs::path place = directory_meant(dir);
  refuse_bad_path(place);
  if (!options.thorough && !options.clear && is_as_stamped(place, key_of(options))) {
    note_use(place, true);
    return {Environment::open(place)};
  }
  return Ensuring(place, options).run();
}

VENV_INLINE std::optional<EnsureResult> ensure(const std::filesystem::path& dir,
                                               const EnsureOptions& options,
                                               std::optional<Error>& error) {
  error.reset();
  try {
    return ensure(dir, options);
  } catch (const Error& thrown) {
    error = thrown;
    return std::nullopt;
  }
}

VENV_END
