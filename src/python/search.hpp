#pragma once

#include "../base/order.hpp"
#include "../system/workers.hpp"
#include "base.hpp"
#include "candidate.hpp"
#include "rejections.hpp"
#include "remembered_probe.hpp"
#include "request.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// At most so many Pythons are started at a time.
inline constexpr std::size_t most_asked_at_once = 8;

/// How a search asks. What is remembered is recalled on the thread that searches; threads are started
/// for Pythons alone that have to be run, as each costs more than ten answers that are read.
struct Asking {
  template <class Ask> Asking(const Ask& ask) : probe(ask) {}
  Asking(const RememberedProbe& ask) : probe(ask), remembered(&ask) {}
  Probe probe;
  const RememberedProbe* remembered = nullptr;
};

/// What came of asking a candidate.
struct Outcome {
  std::optional<Interpreter> interpreter{};
  std::string why{}; ///< it can't be used
};

/// Goes through candidates, group by group, until one fits; gathers why others don't.
class Search {
public:
  Search(const PythonRequest& request, const fs::path& env_dir, const Asking& asking,
         const StopRequest& stop)
      : request_(request), env_dir_(env_dir), asking_(asking), stop_(stop) {}

  /// The first of these that fits, or the newest where the request means a range. What only fits
  /// badly is remembered for `second_choice`.
  std::optional<Interpreter> first_fitting(Candidates group) {
    group = those_that_can_fit(std::move(group));
    if (request_.is_range) put_newest_first(group);
    for (std::size_t i = 0, asked = 0; i < group.size(); ++i) {
      if (i == asked) { // one first; if that isn't it, several, and then many
        const std::size_t count = asked == 0   ? 1
                                  : asked == 1 ? most_asked_at_once
                                               : 4 * most_asked_at_once;
        asked = (std::min)(group.size(), i + count);
        ask_all(group, i, asked);
      }
      if (auto python = judge(group[i])) return python;
    }
    return std::nullopt;
  }

  /// The first that fits badly, where one did.
  [[nodiscard]] const std::optional<Interpreter>& second_choice() const { return second_choice_; }
  [[nodiscard]] const Rejections& rejections() const { return rejections_; }

  /// Asks those that were not asked yet, several at a time.
  void ask_all(const Candidates& group, std::size_t begin, std::size_t end) {
    std::vector<const Candidate*> open;
    for (std::size_t i = begin; i < end; ++i)
      if (!outcomes_.count(group[i].executable.native()) && !recall(group[i]))
        open.push_back(&group[i]);
    if (open.empty()) return;
    std::vector<Outcome> outcomes(open.size());
    in_parallel(
        open.size(), (std::min)(open.size(), most_asked_at_once),
        [&](std::size_t i) { outcomes[i] = ask_one(*open[i], asking_.probe); }, stop_);
    for (std::size_t i = 0; i < open.size(); ++i)
      outcomes_[open[i]->executable.native()] = std::move(outcomes[i]);
  }
  const Outcome& outcome_of(const Candidate& candidate) {
    const auto known = outcomes_.find(candidate.executable.native());
    if (known != outcomes_.end()) return known->second;
    ask_all({candidate}, 0, 1);
    return outcomes_[candidate.executable.native()];
  }

private:
  /// Whether what is remembered was enough.
  bool recall(const Candidate& candidate) {
    if (!asking_.remembered) return false;
    try {
      outcomes_[candidate.executable.native()] = ask_one(
          candidate, [this](const fs::path& path) { return asking_.remembered->recalled(path); });
      return true;
    } catch (const NotRemembered&) {
      return false;
    }
  }

  Outcome ask_one(const Candidate& candidate, const Probe& probe) const {
    try {
      Outcome outcome{interpreter_outside(env_dir_, candidate.executable, probe), {}};
      outcome.interpreter->source = candidate.source;
      return outcome;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::interrupted) throw;
      return {{}, reason_in(error, candidate.executable)};
    }
  }

  Candidates those_that_can_fit(Candidates group) {
    Candidates kept;
    for (Candidate& candidate : group) {
      if (!seen_.insert({candidate.executable.native(), true}).second) continue;
      if (can_fit(request_, candidate.name)) kept.push_back(std::move(candidate));
      else rejections_.add(candidate, describe(candidate.name));
    }
    return kept;
  }

  /// Candidates whose names don't tell their version must be asked for that.
  void put_newest_first(Candidates& group) {
    const auto is_vague = [](const Candidate& c) { return c.name.release.parts < 2; };
    Candidates vague;
    std::copy_if(group.begin(), group.end(), std::back_inserter(vague), is_vague);
    if (vague.size() == group.size() && group.size() == 1) return;
    ask_all(vague, 0, vague.size());
    using Rank = std::pair<std::array<int, 3>, std::size_t>; // the second keeps the order of equals
    std::vector<std::pair<Rank, Candidate>> ranked;
    for (Candidate& candidate : group) {
      auto rank = rank_of(candidate.name.release);
      const auto outcome = outcomes_.find(candidate.executable.native());
      if (outcome != outcomes_.end() && outcome->second.interpreter)
        rank = outcome->second.interpreter->version.numbers;
      if (rank[1] >= 0) rank[2] = 0; // one minor version: in the order in which they stand
      ranked.push_back({{rank, group.size() - ranked.size()}, candidate});
    }
    sort_by(ranked, [](const auto& a, const auto& b) { return a.first > b.first; });
    for (std::size_t i = 0; i < group.size(); ++i) group[i] = std::move(ranked[i].second);
  }

  std::optional<Interpreter> judge(const Candidate& candidate) {
    const Outcome& outcome = outcome_of(candidate);
    if (!outcome.interpreter) return rejections_.add(candidate, outcome.why), std::nullopt;
    const Fit how = fit(request_, *outcome.interpreter);
    if (how == Fit::yes) return outcome.interpreter;
    if (how == Fit::second_choice && !second_choice_) second_choice_ = outcome.interpreter;
    // Another name of what was rejected already needs no line of its own.
    if (rejected_.insert({outcome.interpreter->real_executable.native(), true}).second)
      rejections_.add(candidate, "is " + describe(*outcome.interpreter));
    return std::nullopt;
  }

  const PythonRequest& request_;
  const fs::path& env_dir_;
  const Asking& asking_;
  const StopRequest& stop_;
  std::map<fs::path::string_type, Outcome> outcomes_{}; // paths themselves compare part by part
  std::map<fs::path::string_type, bool> seen_{}, rejected_{};
  std::optional<Interpreter> second_choice_{};
  Rejections rejections_{};
};

VENV_DETAIL_END
