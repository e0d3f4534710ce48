#pragma once

#include "../config.hpp"
#include "../base/ascii.hpp"
#include "../archive/zip_names.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

VENV_DETAIL_BEGIN

/// A distribution's version (PEP 440), as what it is compared by.
struct PackageVersion {
  std::uint64_t epoch = 0;
  std::vector<std::uint64_t> release{}; ///< without zeros at the end
  int phase = 4;                        ///< 0 only `dev`, 1 `a`, 2 `b`, 3 `rc`, 4 none of these
  std::uint64_t phase_number = 0;
  std::uint64_t post = 0;         ///< 0: none, else one more than its number
  std::uint64_t dev = UINT64_MAX; ///< that: none
  std::string local{};            ///< the label's segments, written so that they compare as text

  friend bool operator==(const PackageVersion& a, const PackageVersion& b) {
    return !(a < b) && !(b < a);
  }
  friend bool operator<(const PackageVersion& a, const PackageVersion& b) {
    if (a.epoch != b.epoch) return a.epoch < b.epoch;
    if (a.release != b.release) return a.release < b.release;
    if (a.phase != b.phase) return a.phase < b.phase;
    if (a.phase_number != b.phase_number) return a.phase_number < b.phase_number;
    if (a.post != b.post) return a.post < b.post;
    if (a.dev != b.dev) return a.dev < b.dev;
    return a.local < b.local;
  }
};

/// Reads a version in any of the spellings of PEP 440, appendix B, from lower-case text.
class PackageVersionParser {
public:
  explicit PackageVersionParser(std::string_view text) : rest_(text) {}

  std::optional<PackageVersion> parse() {
    take("v");
    const bool well = release() && phase() && post() && dev() && local() && rest_.empty();
    if (!well) return std::nullopt;
    if (version_.phase == 4 && version_.post == 0 && version_.dev != UINT64_MAX) version_.phase = 0;
    return version_;
  }

private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static bool is_separator(char c) { return c == '.' || c == '-' || c == '_'; }
  bool at_digit() const { return !rest_.empty() && is_digit(rest_.front()); }
  bool take(std::string_view word) {
    if (rest_.substr(0, word.size()) != word) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  bool number(std::uint64_t& value) {
    std::size_t digits = 0;
    for (value = 0; at_digit(); rest_.remove_prefix(1), ++digits)
      value = value * 10 + static_cast<std::uint64_t>(rest_.front() - '0');
    return digits > 0 && digits <= 18;
  }
  /// `[-_.]?(word|...)[-_.]?[0-9]*`: which word; none (and nothing taken) is the list's size.
  std::size_t label(const std::vector<std::string_view>& words, std::uint64_t& value, bool& well) {
    const std::string_view before = rest_;
    if (!rest_.empty() && is_separator(rest_.front())) rest_.remove_prefix(1);
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (!take(words[i])) continue;
      if (rest_.size() > 1 && is_separator(rest_[0]) && is_digit(rest_[1])) rest_.remove_prefix(1);
      value = 0;
      well = !at_digit() || number(value);
      return i;
    }
    rest_ = before;
    return words.size();
  }

  bool release() {
    std::uint64_t value = 0;
    if (!number(value)) return false;
    if (take("!")) {
      version_.epoch = value;
      if (!number(value)) return false;
    }
    version_.release.push_back(value);
    while (rest_.size() > 1 && rest_[0] == '.' && is_digit(rest_[1])) {
      rest_.remove_prefix(1);
      if (!number(value)) return false;
      version_.release.push_back(value);
    }
    while (!version_.release.empty() && version_.release.back() == 0) version_.release.pop_back();
    return true;
  }
  bool phase() {
    constexpr int phases[] = {1, 1, 2, 2, 3, 3, 3, 3, 4};
    bool well = true;
    version_.phase = phases[label({"alpha", "a", "beta", "b", "preview", "pre", "rc", "c"},
                                  version_.phase_number, well)];
    return well;
  }
  bool post() {
    bool well = true;
    std::uint64_t value = 0;
    if (rest_.size() > 1 && rest_[0] == '-' && is_digit(rest_[1])) {
      rest_.remove_prefix(1);
      well = number(value);
      version_.post = value + 1;
    } else if (label({"post", "rev", "r"}, value, well) < 3) {
      version_.post = value + 1;
    }
    return well;
  }
  bool dev() {
    bool well = true;
    std::uint64_t value = 0;
    if (label({"dev"}, value, well) == 0) version_.dev = value;
    return well;
  }
  bool local() {
    if (!take("+")) return true;
    do {
      std::size_t n = 0;
      while (n < rest_.size() && (is_digit(rest_[n]) || (rest_[n] >= 'a' && rest_[n] <= 'z'))) ++n;
      const std::string_view segment = rest_.substr(0, n);
      if (n == 0) return false;
      std::uint64_t value = 0;
      if (std::all_of(segment.begin(), segment.end(), is_digit)) {
        if (!number(value)) return false;
        // Numbers come after words, and by their value.
        const std::string digits = std::to_string(value);
        version_.local += '~' + std::string(18 - digits.size(), '0') + digits;
      } else {
        rest_.remove_prefix(n);
        version_.local += segment;
      }
      version_.local += '\0';
    } while (take(".") || take("-") || take("_"));
    return true;
  }

  std::string_view rest_;
  PackageVersion version_{};
};

/// The version that `text` says, or nothing where PEP 440 has no such version.
VENV_INLINE std::optional<PackageVersion> parse_package_version(std::string_view text) {
  return PackageVersionParser(folded(strip(text))).parse();
}

/// One clause of a version specifier (PEP 440, "Version specifiers") against a final release.
VENV_INLINE bool clause_allows(std::string_view clause, const PackageVersion& version) {
  const std::size_t operator_size = std::min(clause.find_first_not_of("<>=!~"), clause.size());
  const std::string_view op = clause.substr(0, operator_size);
  std::string_view operand = strip(clause.substr(operator_size));
  const bool prefix = operand.size() > 2 && operand.substr(operand.size() - 2) == ".*";
  if (prefix) operand.remove_suffix(2);
  const auto wanted = parse_package_version(operand);
  if (!wanted || (prefix && op != "==" && op != "!=")) return false;
  const auto begins_alike = [&](std::size_t numbers) {
    const auto at = [](const PackageVersion& v, std::size_t i) {
      return i < v.release.size() ? v.release[i] : 0;
    };
    for (std::size_t i = 0; i < numbers; ++i)
      if (at(version, i) != at(*wanted, i)) return false;
    return version.epoch == wanted->epoch;
  };
  const auto numbers =
      static_cast<std::size_t>(std::count(operand.begin(), operand.end(), '.')) + 1;
  const bool same = prefix ? begins_alike(numbers) : version == *wanted;
  if (op == "==" || op == "===") return same;
  if (op == "!=") return !same;
  if (op == ">=") return !(version < *wanted);
  if (op == "<=") return !(*wanted < version);
  if (op == "<") return version < *wanted;
  if (op == ">") return *wanted < version;
  return op == "~=" && numbers > 1 && !(version < *wanted) && begins_alike(numbers - 1);
}

/// Whether a specifier such as `>=3.8, !=3.9.*` (as in `Requires-Python`) allows a version. A
/// clause that can't be read allows none.
VENV_INLINE bool specifier_allows(std::string_view specifier, const PackageVersion& version) {
  for (std::size_t begin = 0; begin <= specifier.size();) {
    const std::size_t end = std::min(specifier.find(',', begin), specifier.size());
    const std::string_view clause = strip(specifier.substr(begin, end - begin));
    if (!clause.empty() && !clause_allows(clause, version)) return false;
    begin = end + 1;
  }
  return true;
}

VENV_DETAIL_END
