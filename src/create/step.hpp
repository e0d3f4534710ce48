#pragma once

#include "../api/env_builder.hpp"
#include "pip.hpp"
#include "session.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// Whether code of the caller's may run between the steps: then the environment is shown early.
VENV_INLINE bool is_subclass(const EnvBuilder& builder) {
#if defined(__cpp_rtti) || defined(_CPPRTTI)
  return typeid(builder) != typeid(EnvBuilder);
#else
  (void)builder;
  return true;
#endif
}

/// One step of a builder: in the `create` that is running, or complete in itself when it is called
/// alone.
class Step {
public:
  Step(const EnvBuilder* builder, const fs::path& env_dir, const Options& options)
      : session_(Session::find(builder, env_dir)) {
    if (!session_) session_ = &alone_.emplace(builder, env_dir, options, true);
  }
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;
  Session* operator->() const { return session_; }
  Session& operator*() const { return *session_; }
  /// The step has succeeded.
  void finish() {
    if (alone_) alone_->commit();
  }

private:
  std::optional<Session> alone_{};
  Session* session_;
};

/// Whether what speaks of a whole directory may lie in it: in one that is new, empty or an environment,
/// never beside what somebody else keeps there.
VENV_INLINE bool may_mark(Session& session) {
  return session.transaction().is_fresh() || session.transaction().state().was_environment();
}

inline constexpr std::string_view cachedir_tag =
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This directory is a Python virtual environment: it can be made again.\n"
    "# See https://bford.info/cachedir/\n";

VENV_INLINE void write_cachedir_tag(const Context& context, Session& session) {
  const fs::path path = context.env_dir / "CACHEDIR.TAG";
  if (session.options.scm_ignore_files.empty() || !may_mark(session)) return;
  if (status_of(path).kind == FileKind::missing) session.transaction().write(path, cachedir_tag);
}

/// Calls the hook for each source control manager once, in lower case.
VENV_INLINE void create_ignore_files(EnvBuilder& builder, Context& context, Session& session) {
  std::vector<std::string> names;
  for (const std::string& scm : session.options.scm_ignore_files)
    if (std::find(names.begin(), names.end(), folded(scm)) == names.end())
      names.push_back(folded(scm));
  if (!names.empty() && !may_mark(session))
    return session.say(Report::progress, "no ignore files in " + quoted(context.env_dir) +
                                             ": it holds something else than an environment");
  for (const std::string& scm : names) builder.create_scm_ignore_file(scm, context);
}

/// `lib64` beside `lib`, where it is not there yet (bpo-21197). Without links there is none.
VENV_INLINE void link_lib64(const Context& context, Session& session) {
  const fs::path link = context.env_dir / "lib64";
  if (followed_status_of(link).kind != FileKind::missing) return;
  if (!session.transaction().link("lib", link)) session.warn_of_no_links(); // nothing misses it
}

/// Hooks may write into the directories themselves, also into those that this run did not make and
/// that were not looked at before: what is new there goes if the run fails.
VENV_INLINE void watch_for_hooks(const Context& context, Session& session) {
  if (!session.shows_early()) return;
  for (const fs::path& directory : {context.bin_path, context.lib_path, context.inc_path})
    session.transaction().watch(directory);
}

/// Whether pip can't be laid out natively, by what is there.
VENV_INLINE bool needs_ensurepip(const Context& context, Session& session) {
  return find_wheels(context.python, session.options).wheels.empty();
}

/// Removes what killed runs left in `directory`.
VENV_INLINE void sweep(const fs::path& directory) {
  for (const fs::path& name : names_in_if_readable(directory))
    if (is_left_over(text_of(name))) try_remove_tree(directory / name);
}

VENV_DETAIL_END
