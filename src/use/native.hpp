#pragma once

#include "../api/environment.hpp"
#include "../create/put_wheels.hpp"
#include "../create/removal.hpp"
#include "../create/teller.hpp"
#include "../create/transaction.hpp"
#include "at_hand.hpp"
#include "distributions.hpp"
#include "environment.hpp"
#include "missing.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// What came of installing without pip.
struct NativeResult {
  bool is_done = false;
  std::string obstacle{};               ///< why pip is needed, one plain line
  std::vector<std::string> installed{}; ///< names and versions
};

/// What is installed of a project in the environment itself, in any form.
VENV_INLINE std::vector<const Distribution*>
installed_here(const Context& context, const std::vector<Distribution>& installed,
               const std::string& project) {
  std::vector<const Distribution*> found;
  for (const Distribution& one : installed)
    if (one.normalized_name == project &&
        (one.directory == context.lib_path || one.directory == context.platlib_path))
      found.push_back(&one);
  return found;
}

/// How a distribution is removed; nothing when it has no RECORD that can be read.
VENV_INLINE std::optional<Removal> removal_of(const Distribution& one) {
  Removal removal;
  removal.dist_info = one.directory / path_of(one.metadata);
  removal.title = one.name + ' ' + one.version;
  try {
    if (removal.dist_info.extension() == ".dist-info")
      removal.record = parse_record(read_file(removal.dist_info / "RECORD"));
  } catch (const Error&) {
    // Without RECORD nobody knows what belongs to it.
  }
  return removal.record.empty() ? std::nullopt : std::optional(std::move(removal));
}

/// Installs requirements from directories of wheels, without pip, inside a transaction.
class NativeInstaller {
public:
  NativeInstaller(const Context& context, bool sees_base, Transaction& transaction,
                  const Options& options)
      : context_(context), sees_base_(sees_base), transaction_(transaction), options_(options),
        stop_(options.is_cancelled, tell_started(options.on_event)) {}

  /// Nothing is changed when there is an obstacle. Errors are those of `Environment::install`.
  NativeResult install(const Requirements& wanted, const Demands& demands) try {
    const std::vector<Distribution> installed = distributions_of(context_, sees_base_, false);
    if (is_there(wanted, demands, installed)) return {true, {}, {}};
    if (std::string obstacle = obstacle_in(wanted, demands); !obstacle.empty())
      return {false, std::move(obstacle), {}};
    know_python();
    const Cache cache(options_);
    const AtHand at_hand =
        look_at_hand(wanted, context_.python, cache, probe_options(options_, stop_));
    const Choice choice = choose_at_hand(at_hand, wanted, demands, installed, context_.python);
    if (!choice.obstacle.empty()) return {false, choice.obstacle, {}};
    std::vector<Removal> removals;
    for (const Chosen& one : choice.wheels)
      for (const Distribution* old : installed_here(context_, installed, one.project)) {
        auto removal = removal_of(*old);
        if (!removal)
          return {false, old->name + ' ' + old->version + " is installed without a RECORD", {}};
        removals.push_back(std::move(*removal));
      }
    NativeResult result;
    result.is_done = true;
    lay_out(choice, removals, result);
    refuse_if_missing(demands);
    return result;
  } catch (const UnverifiableWheel& error) { // told when it is chosen: nothing is changed yet
    return {false, error.what(), {}};
  }

private:
  void know_python() {
    if (context_.python.base_executable.empty())
      context_.python = base_as_it_says(context_, options_);
  }
  /// Whether pip would find that everything is installed. What lies at a path may have changed.
  bool is_there(const Requirements& wanted, const Demands& demands,
                const std::vector<Distribution>& installed) {
    if (wanted.only_pip || !wanted.pip_arguments.empty() || !demands.places.empty()) return false;
    know_python();
    return missing_of(demands, installed, marker_values(context_.python)).empty();
  }
  void lay_out(const Choice& choice, const std::vector<Removal>& removals, NativeResult& result) {
    std::vector<ChosenWheel> wheels;
    for (const Chosen& one : choice.wheels) {
      ChosenWheel wheel;
      wheel.path = path_of(one.wheel->path);
      wheel.asked_name = one.asked_name;
      wheel.is_requested = one.is_requested;
      wheel.sha256 = one.sha256;
      wheels.push_back(std::move(wheel));
      result.installed.push_back(one.wheel->name.distribution + ' ' + one.wheel->name.version);
    }
    if (wheels.empty()) return;
    install_wheels(wheels, removals, {context_, transaction_, options_, stop_});
  }
  /// A wheel's file may have become another one since it was looked at.
  void refuse_if_missing(const Demands& demands) const {
    const std::vector<Missing> missing = missing_of(
        demands, distributions_of(context_, sees_base_, false), marker_values(context_.python));
    if (missing.empty()) return;
    throw Error(ErrorCode::bad_archive,
                "what was installed in " + quoted(context_.env_dir) +
                    " doesn't meet what is required: " + text_of(missing[0]))
        .at("install packages")
        .on(context_.lib_path);
  }

  Context context_;
  bool sees_base_;
  Transaction& transaction_;
  const Options& options_;
  StopRequest stop_;
};

VENV_DETAIL_END
