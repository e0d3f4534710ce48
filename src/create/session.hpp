#pragma once

#include "../api/context.hpp"
#include "../api/env_builder.hpp"
#include "../api/options.hpp"
#include "../api/process.hpp"
#include "../cache/cache.hpp"
#include "changes.hpp"
#include "teller.hpp"
#include "transaction.hpp"
#include "wheel_packing.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

VENV_DETAIL_BEGIN

/// How long another process that makes the same environment is waited for, in seconds.
inline constexpr int lock_timeout = 300;

/// What travels together while a builder works on one directory: its options for this time, the
/// transaction, the cache, the messages. The one of `create` lives as long as that call; a step that is
/// called alone has one of its own. Steps find it by the thread that they run on and the directory
/// that they are given, so that a `Context` holds nothing but attributes.
class Session {
public:
  /// The session of `builder` in `env_dir` on this thread. Another one that works on the same directory
  /// further out shares its transaction.
  Session(const EnvBuilder* builder, fs::path env_dir, Options chosen, bool shows_early)
      : options(std::move(chosen)), teller(std::make_shared<Teller>(options)),
        stop(teller->stop_request()), cache(options), builder_(builder), outer_(innermost()),
        shows_early_(shows_early) {
    if (Session* same = find(nullptr, env_dir)) transaction_ = same->transaction_;
    owns_ = !transaction_;
    if (owns_) transaction_ = std::make_shared<Transaction>(std::move(env_dir));
    innermost() = this;
  }
  ~Session() {
    innermost() = outer_;
    if (owns_ && !transaction_->roll_back()) warn_of_rest();
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// The innermost session on this thread in `env_dir`: of `builder`, or of any where that is null.
  static Session* find(const EnvBuilder* builder, const fs::path& env_dir) {
    for (Session* session = innermost(); session; session = session->outer_)
      if ((!builder || session->builder_ == builder) &&
          (env_dir.empty() || session->transaction_->env_dir() == env_dir))
        return session;
    return nullptr;
  }

  Transaction& transaction() { return *transaction_; }
  /// Whether the environment is there before it is finished, as hooks of a subclass are promised.
  bool shows_early() const { return shows_early_; }
  /// What another minor version had is installed again once the environment is made.
  void announce_reinstalling() { reinstalls_ = true; }
  bool is_followed_by_reinstalling() const {
    for (const Session* session = this; session; session = session->outer_)
      if (session->reinstalls_) return true;
    return false;
  }
  /// Whether this is the run that is to be committed, and not one inside another.
  bool owns_transaction() const { return owns_; }

  void say(Report kind, const std::string& line) const { teller->tell(line_event(kind, line)); }
  void warn(WarningCode code, const std::string& line) const {
    teller->tell(warning_event(code, line));
  }
  /// Says, once, that what would be a link is something else.
  void warn_of_no_links() {
    if (!std::exchange(said_no_links_, true))
      warn(WarningCode::no_links,
           "no links in " + quoted(transaction_->env_dir()) + ": what would be one is a copy");
  }
  /// How a child runs that installs something.
  RunOptions child_options() const {
    RunOptions child;
    child.cwd = transaction_->env_dir(); // as the reference
    child.installs = true;
    child.output = RunOutput::none; // an error has its end all the same
    child.is_cancelled = options.is_cancelled;
    child.on_event = teller->event_callback();
    child.variables = options.child_variables;
    return child;
  }
  void throw_if_stopped() const { stop.throw_if_made(); }

  /// Makes and locks the directory, if that is still to be done.
  void open() {
    if (transaction_->is_open()) return;
    open(std::chrono::seconds(lock_timeout));
  }
  /// The same, as long as others let it be done within `limit`.
  void open(std::chrono::milliseconds limit) {
    transaction_->open(teller->lock_wait(transaction_->env_dir(), limit, stop));
    teller->end_wait();
  }

  /// Calls `ensure_directories`, an override of which may make the directory itself, and opens it then.
  /// For a subclass, what was there before is known before any code of it runs: it is what the
  /// directory is again when a hook throws.
  template <class Ensure> Context ensure(Ensure ensure_directories) {
    if (!shows_early_) return ensure_directories();
    const fs::path dir = transaction_->env_dir();
    const bool was_missing = known_status_of(dir).kind == FileKind::missing;
    if (known_followed_status_of(dir).kind == FileKind::directory) {
      open();
      transaction_->watch_all();
    }
    try {
      Context context = ensure_directories();
      adopt(was_missing);
      return context;
    } catch (...) {
      if (status_of(dir).kind == FileKind::directory) adopt(was_missing);
      throw;
    }
  }

  /// Takes the text of `pyvenv.cfg`. It lies in its place at once, if it is to be shown early; else as a
  /// staged one, and in a directory that is an environment only in memory.
  void write_configuration(const Context& context, const std::string& text) {
    cfg_ = text;
    if (shows_early_) return show(context);
    if (transaction_->is_fresh()) transaction_->write(context.env_dir / staged_cfg, text);
  }
  /// Puts the configuration in its place, if there is one that is not there yet.
  void show(const Context& context) {
    const fs::path staged = context.env_dir / staged_cfg, place = context.env_dir / "pyvenv.cfg";
    if (!cfg_) return transaction_->remove(staged); // a killed run's
    if (options.durable) transaction_->flush();
    const bool is_staged =
        !shows_early_ && transaction_->is_fresh() && status_of(staged).kind == FileKind::file;
    if (is_staged) {
      transaction_->place(staged, place);
    } else {
      transaction_->write(place, *cfg_);
      transaction_->remove(staged); // a killed run's
    }
    cfg_.reset();
  }
  /// The call has succeeded; its changes stay, unless they are part of another call's.
  void commit() {
    if (owns_)
      transaction_->commit([this](const std::string& line) { warn(WarningCode::left_over, line); });
  }

  /// The options for this time: hooks may change them for the steps that follow.
  Options options;
  std::shared_ptr<Teller> teller;
  StopRequest stop;
  Cache cache;
  std::unique_ptr<WheelPacking> early{}; ///< pip's wheel, if it was begun while a Python was asked

private:
  /// Says where that is which could not be put back, while an error is on its way.
  void warn_of_rest() const noexcept {
    try {
      warn(WarningCode::not_put_back,
           "what was there before could not all be put back: it is kept in " +
               quoted(transaction_->env_dir() / journal_name) +
               " and comes back with the next run");
    } catch (...) { // of the two errors, the one on its way is told
    }
  }

  /// Opens a directory that an override has made by itself. One that was missing is this run's, unless
  /// another run has filled it meanwhile.
  void adopt(bool was_missing) {
    open();
    if (was_missing && owns_) transaction_->adopt();
  }
  static Session*& innermost() {
    static thread_local Session* session = nullptr;
    return session;
  }
  const EnvBuilder* builder_;
  Session* outer_;
  std::optional<std::string> cfg_{}; ///< that is not in its place yet
  std::shared_ptr<Transaction> transaction_{};
  bool owns_ = true, shows_early_, said_no_links_ = false, reinstalls_ = false;
};

/// What tells of the `create` of `builder` that is running on this thread; outside of one, of its own.
VENV_INLINE std::shared_ptr<Teller> teller_of(const EnvBuilder& builder) {
  const Session* session = Session::find(&builder, {});
  return session ? session->teller : std::make_shared<Teller>(builder.options());
}

VENV_DETAIL_END
