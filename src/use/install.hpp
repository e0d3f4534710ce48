#pragma once

#include "../api/environment.hpp"
#include "../create/installed.hpp"
#include "../create/run.hpp"
#include "../create/session.hpp"
#include "../create/teller.hpp"
#include "../create/transaction.hpp"
#include "../package/wheel_name.hpp"
#include "../system/lock.hpp"
#include "../system/path.hpp"
#include "environment.hpp"
#include "native.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// A file that pip is to read: by its absolute path, unless it is a URL.
VENV_INLINE std::string pip_path(const fs::path& path) {
  const std::string text = text_of(path);
  return text.find("://") != text.npos ? text : text_of(absolute_path(path));
}

/// The arguments of the Python that runs pip.
VENV_INLINE std::vector<std::string> pip_arguments(const Requirements& wanted) {
  std::vector<std::string> arguments{"-m", "pip", "install"};
  const auto add = [&arguments](const char* option, const std::string& value) {
    arguments.push_back(option);
    arguments.push_back(value);
  };
  for (const fs::path& file : wanted.files) add("--requirement", pip_path(file));
  for (const fs::path& file : wanted.constraints) add("--constraint", pip_path(file));
  for (const fs::path& folder : wanted.wheel_dirs) add("--find-links", pip_path(folder));
  if (!wanted.index.empty()) add("--index-url", wanted.index);
  if (wanted.offline) arguments.push_back("--no-index");
  if (wanted.require_hashes) arguments.push_back("--require-hashes");
  if (wanted.only_binary) add("--only-binary", ":all:");
  arguments.insert(arguments.end(), wanted.pip_arguments.begin(), wanted.pip_arguments.end());
  for (const std::string& package : wanted.packages) {
    if (strip(package).empty() || package.front() == '-')
      throw Error(ErrorCode::invalid_argument,
                  "'" + printable(package) + "' is no package that can be installed")
          .at("install packages")
          .advise("Requirements::pip_arguments takes options.");
    arguments.push_back(package);
  }
  return arguments;
}

VENV_INLINE bool is_empty(const Requirements& wanted) {
  return wanted.files.empty() && wanted.packages.empty() && wanted.pip_arguments.empty();
}

/// Whether there is a pip that could be run: in it, or perhaps in the base Python when that is seen.
VENV_INLINE bool may_have_pip(const Context& context, bool sees_base) {
  const fs::path pip = context.lib_path / "pip" / "__main__.py";
  return sees_base || followed_status_of(pip).kind == FileKind::file;
}

/// `why` says what pip is needed for; it may be empty.
VENV_INLINE void refuse_without_pip(const Context& context, bool sees_base,
                                    const std::string& why = {}) {
  if (may_have_pip(context, sees_base)) return;
  Error error(ErrorCode::pip_unavailable,
              quoted(context.env_dir) + " has no pip" + (why.empty() ? "" : ", and " + why));
  error.at("install packages").on(context.lib_path / "pip");
  throw error.advise("Make it with pip (Options::with_pip), or install one.");
}

VENV_INLINE RunOptions installing(RunOptions options) {
  options.installs = true;
  return options;
}

/// The package whose turn begins by a line of pip's, as far as the line tells; empty: by another line.
VENV_INLINE std::string package_in(std::string_view line) {
  line = strip(line);
  if (!take_prefix(line, "Collecting ") && !take_prefix(line, "Processing ")) return {};
  line = line.substr(0, line.find(" (from "));
  const auto wheel = parse_wheel_name(std::string(line.substr(line.find_last_of("/\\") + 1)));
  return wheel ? wheel->distribution + ' ' + wheel->version : std::string(line);
}

VENV_INLINE void tell_pip_line(Teller& teller, std::string_view line) {
  if (std::string package = package_in(line); !package.empty())
    teller.tell(package_event(std::move(package), 0, 0));
  teller.tell(output_event(line));
}

/// Begins to change an environment. What a call further out on this thread has begun goes on, and is its
/// own to commit.
class Changing {
public:
  /// `teller`: who is told of a wait; may be null.
  Changing(const fs::path& env_dir, Teller* teller) : own_(env_dir) {
    if (Session* outer = Session::find(nullptr, env_dir)) { // a hook calls
      outer_ = &outer->transaction();
      return;
    }
    const std::chrono::seconds limit(lock_timeout);
    own_.open(teller != nullptr ? teller->lock_wait(env_dir, limit, teller->stop_request())
                                : LockWait{limit, {}, {}});
    if (!own_.state().is_environment) // it was removed meanwhile
      throw Error(ErrorCode::not_an_environment, quoted(env_dir) + " is no environment any more")
          .at("change packages")
          .on(env_dir);
  }
  Changing(const Changing&) = delete;
  Changing& operator=(const Changing&) = delete;
  Transaction& transaction() { return outer_ != nullptr ? *outer_ : own_; }
  /// The changes stay; the lock is kept until the end of what is returned.
  DirectoryLock commit() {
    if (outer_ != nullptr) return {};
    DirectoryLock lock = own_.take_lock();
    own_.commit();
    return lock;
  }

private:
  Transaction own_;
  Transaction* outer_ = nullptr;
};

/// What `options` of a child say to those that lay out wheels.
VENV_INLINE Options laying_options(const RunOptions& options, const Options& laying) {
  Options how;
  how.cache = laying.cache;
  how.cache_dir = laying.cache_dir;
  how.read_only_caches = laying.read_only_caches;
  how.link_mode = laying.link_mode;
  how.compile_bytecode = laying.compile_bytecode;
  how.on_event = options.on_event;
  how.is_cancelled = options.is_cancelled;
  how.child_variables = options.variables;
  if (options.on_line)
    how.report = [&options](Report, const std::string& line) {
      options.on_line(Stream::err, line);
    };
  return how;
}

/// How pip runs; who listens to events is told its lines as such.
VENV_INLINE RunOptions installing(const RunOptions& options, Teller& teller) {
  RunOptions run = installing(options);
  if (!options.on_event) return run;
  run.on_event = teller.event_callback();
  run.on_line = [&options, &teller](Stream stream, std::string_view line) {
    if (options.on_line) options.on_line(stream, line);
    tell_pip_line(teller, line);
  };
  return run;
}

/// The same lines as `Environment::install` gives back.
VENV_INLINE std::string lines_of(const NativeResult& result) {
  std::string lines;
  for (const std::string& one : result.installed) lines += "installed " + one + '\n';
  return lines;
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE RunResult Environment::install(const Requirements& requirements,
                                           const RunOptions& options, const Options& laying) const {
  using namespace detail;
  const Context& context = detail_->context;
  const std::vector<std::string> arguments = pip_arguments(requirements);
  if (is_empty(requirements)) return {};
  detail_->note_use();
  const Options asked = laying_options(options, laying);
  const auto teller = std::make_shared<Teller>(asked);
  const Options how = teller->options_through(asked);
  Changing changing(context.env_dir, teller.get());
  teller->begin(Phase::packages);
  NativeInstaller installer(context, has_system_site_packages(), changing.transaction(), how);
  const NativeResult result = installer.install(requirements, read_demands(requirements));
  const DirectoryLock lock = changing.commit();
  if (result.is_done) {
    RunResult done;
    done.out = lines_of(result);
    return done;
  }
  refuse_without_pip(context, has_system_site_packages(), result.obstacle);
  teller->tell(line_event(Report::progress, "pip installs: " + result.obstacle));
  return run_program(context, "python", arguments, installing(options, *teller));
}

VENV_INLINE RunCommand Environment::install_command(const Requirements& requirements,
                                                    const RunOptions& options) const {
  detail::refuse_without_pip(detail_->context, has_system_site_packages());
  return command("python", detail::pip_arguments(requirements), detail::installing(options));
}

VENV_END
