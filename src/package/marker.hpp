#pragma once

#include "../base/error.hpp"
#include "../config.hpp"
#include "../base/ascii.hpp"
#include "../text/utf8.hpp"
#include "project_name.hpp"
#include "python_string.hpp"
#include "specifier.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// What environment markers ask of a Python and its system (PEP 508, "Environment Markers").
struct MarkerValues {
  std::string implementation_name{}, implementation_version{}, os_name{}, platform_machine{},
      platform_python_implementation{}, platform_release{}, platform_system{}, platform_version{},
      python_full_version{}, python_version{}, sys_platform{};
};

/// A name of these, and where its value is.
struct MarkerName {
  std::string_view name;
  std::string MarkerValues::* value;
  bool is_version; ///< compared by PEP 440 when what it is compared with is a version
};

inline constexpr MarkerName marker_names[] = {
    {"implementation_name", &MarkerValues::implementation_name, false},
    {"implementation_version", &MarkerValues::implementation_version, true},
    {"os_name", &MarkerValues::os_name, false},
    {"platform_machine", &MarkerValues::platform_machine, false},
    {"platform_python_implementation", &MarkerValues::platform_python_implementation, false},
    {"platform_release", &MarkerValues::platform_release, true},
    {"platform_system", &MarkerValues::platform_system, false},
    {"platform_version", &MarkerValues::platform_version, false},
    {"python_full_version", &MarkerValues::python_full_version, true},
    {"python_version", &MarkerValues::python_version, true},
    {"sys_platform", &MarkerValues::sys_platform, false},
};

/// One side of a comparison: a name, in its usual spelling, or a text.
struct MarkerOperand {
  std::string text{};
  bool is_name = false;
};

/// A step of a marker in the order in which it is worked out: a comparison gives a truth, `and` and
/// `or` make one of the last two.
struct MarkerStep {
  enum class Kind { compare, both, either } kind = Kind::compare;
  std::string op{};
  MarkerOperand left{}, right{};
};

/// An environment marker; without a step it is true everywhere.
struct Marker {
  std::vector<MarkerStep> steps{};
};

[[noreturn]] VENV_INLINE void bad_requirement(std::string_view text, const std::string& message) {
  throw Error(ErrorCode::invalid_argument, "requirement '" + printable(text) + "' " + message);
}

/// Reads markers. `rest` is what is left to read of `whole`, which messages show.
class MarkerParser {
public:
  MarkerParser(std::string_view whole, std::string_view rest) : whole_(whole), rest_(rest) {}

  Marker parse() {
    either(0);
    if (!rest_.empty()) fail("has something behind its marker: '" + printable(rest_) + "'");
    return std::move(marker_);
  }

private:
  [[noreturn]] void fail(const std::string& message) const { bad_requirement(whole_, message); }
  void skip_blanks() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t')) rest_.remove_prefix(1);
  }
  static bool is_word(char c) {
    return is_letter_or_digit(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
  }
  /// The word that follows, dots among it.
  std::string_view word() const {
    std::size_t n = 0;
    while (n < rest_.size() && (is_word(rest_[n]) || rest_[n] == '.')) ++n;
    while (n > 0 && rest_[n - 1] == '.') --n;
    return rest_.substr(0, n);
  }
  bool take_word(std::string_view wanted) {
    if (rest_.substr(0, wanted.size()) != wanted) return false;
    if (rest_.size() > wanted.size() && is_word(rest_[wanted.size()])) return false;
    rest_.remove_prefix(wanted.size());
    return true;
  }
  void add(MarkerStep::Kind kind) {
    marker_.steps.emplace_back();
    marker_.steps.back().kind = kind;
  }

  void either(int depth) {
    both(depth);
    while (take_word("or")) {
      both(depth);
      add(MarkerStep::Kind::either);
    }
  }
  void both(int depth) {
    one(depth);
    while (take_word("and")) {
      one(depth);
      add(MarkerStep::Kind::both);
    }
  }
  void one(int depth) {
    skip_blanks();
    if (take_prefix(rest_, "(")) {
      if (depth == 200) fail("has a marker with too many parentheses");
      either(depth + 1);
      if (!take_prefix(rest_, ")")) fail("has a marker whose parenthesis isn't closed");
    } else {
      comparison();
    }
    skip_blanks();
  }
  void comparison() {
    MarkerStep step;
    step.left = operand();
    skip_blanks();
    step.op = op();
    skip_blanks();
    step.right = operand();
    const auto normalize = [](const MarkerOperand& name, MarkerOperand& text) {
      if (name.is_name && name.text == "extra" && !text.is_name)
        text.text = normalized_name(text.text);
    };
    normalize(step.left, step.right);
    normalize(step.right, step.left);
    marker_.steps.push_back(std::move(step));
  }
  std::string op() {
    if (take_word("in")) return "in";
    if (take_word("not")) {
      const std::size_t before = rest_.size();
      skip_blanks();
      if (rest_.size() == before || !take_word("in")) fail("has 'not' without 'in' in its marker");
      return "not in";
    }
    for (const std::string_view candidate : version_operators)
      if (take_prefix(rest_, candidate)) return std::string(candidate);
    fail("has a marker that compares by none of <= < != == >= > ~= === in 'not in'");
  }
  MarkerOperand operand() {
    if (!rest_.empty() && (rest_[0] == '"' || rest_[0] == '\'')) {
      const std::size_t end = rest_.find(rest_[0], 1);
      if (end == rest_.npos) fail("has a marker whose quote isn't closed");
      auto text = python_string(rest_.substr(1, end - 1));
      if (!text) fail("has a text in its marker that Python can't read");
      rest_.remove_prefix(end + 1);
      return {std::move(*text), false};
    }
    const std::string_view name = word();
    MarkerOperand operand{usual_name(name), true};
    rest_.remove_prefix(name.size());
    return operand;
  }
  /// PEP 345 wrote `os.name`; the names of lock files (PEP 751) are names too.
  std::string usual_name(std::string_view name) const {
    if (name == "python_implementation" || name == "platform.python_implementation")
      return "platform_python_implementation";
    for (const std::string_view dotted :
         {"os.name", "sys.platform", "platform.version", "platform.machine"})
      if (name == dotted) return std::string(name).replace(name.find('.'), 1, "_");
    for (const MarkerName& known : marker_names)
      if (name == known.name) return std::string(name);
    for (const std::string_view other : {"extra", "extras", "dependency_groups"})
      if (name == other) return std::string(name);
    fail("has a marker with neither a name nor a quoted text at '" +
         printable(rest_.substr(0, 20)) + "'");
  }

  std::string_view whole_, rest_;
  Marker marker_{};
};

/// Throws `ErrorCode::invalid_argument`.
VENV_INLINE Marker parse_marker(std::string_view text) { return MarkerParser(text, text).parse(); }

/// A comparison of two texts. Throws when PEP 508 gives it no meaning.
VENV_INLINE bool compare_marker_texts(const std::string& left, const std::string& op,
                                      const std::string& right) {
  if (op == "in") return right.find(left) != right.npos;
  if (op == "not in") return right.find(left) == right.npos;
  if (op == "==" || op == "<=" || op == ">=") return left == right;
  if (op == "!=") return left != right;
  if (op == "<" || op == ">") return false;
  throw Error(ErrorCode::invalid_argument, "marker compares '" + printable(left) + "' with '" +
                                               printable(right) + "' by " + op +
                                               ", which takes versions");
}

/// The value of a name, and whether it is compared as a version.
VENV_INLINE std::pair<std::string, bool>
marker_value(std::string_view name, const MarkerValues& values, const std::string& extra) {
  if (name == "extra") return {extra, false};
  for (const MarkerName& known : marker_names) {
    if (name != known.name) continue;
    std::string value = values.*known.value;
    // A Python built from between two tags calls itself `3.14.0+`.
    if (name == "python_full_version" && !value.empty() && value.back() == '+') value += "local";
    return {std::move(value), known.is_version};
  }
  throw Error(ErrorCode::invalid_argument,
              "marker asks for '" + printable(name) + "', which has no value here");
}

VENV_INLINE bool compare_by_marker(const MarkerStep& step, const MarkerValues& values,
                                   const std::string& extra) {
  const MarkerOperand& name = step.left.is_name ? step.left : step.right;
  auto [value, is_version] = marker_value(name.text, values, extra);
  const std::string& left = step.left.is_name ? value : step.left.text;
  const std::string& right = step.left.is_name ? step.right.text : value;
  if (is_version) {
    if (const auto clause = parse_clause(strip(step.op + right))) {
      if (clause->op == VersionOperator::identical) return folded(left) == folded(clause->operand);
      const auto version = parse_package_version(left);
      return version && clause_allows(*clause, *version, left);
    }
  }
  return compare_marker_texts(left, step.op, right);
}

/// Whether a marker holds for these values and one extra, in its normal form (empty: none is asked
/// for). Throws `ErrorCode::invalid_argument` when it compares what can't be compared.
VENV_INLINE bool marker_allows(const Marker& marker, const MarkerValues& values,
                               const std::string& extra) {
  std::vector<char> truths;
  for (const MarkerStep& step : marker.steps) {
    if (step.kind == MarkerStep::Kind::compare) {
      truths.push_back(compare_by_marker(step, values, extra) ? 1 : 0);
      continue;
    }
    const bool last = truths.back() != 0;
    truths.pop_back();
    const bool before = truths.back() != 0;
    truths.back() = (step.kind == MarkerStep::Kind::both ? before && last : before || last) ? 1 : 0;
  }
  return truths.empty() || truths.back() != 0;
}

VENV_DETAIL_END
