#pragma once

#include "../config.hpp"
#include "../base/ascii.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

VENV_DETAIL_BEGIN

/// What a release is before it is final, in the order in which they come.
enum class ReleasePhase { alpha = 1, beta, candidate, final_release };

/// A distribution's version (PEP 440). Two spellings of one version are equal.
struct PackageVersion {
  std::uint64_t epoch = 0;
  std::vector<std::uint64_t> release{}; ///< as written; zeros at the end don't count in comparisons
  ReleasePhase phase = ReleasePhase::final_release;
  std::uint64_t phase_number = 0;
  std::uint64_t post = 0;         ///< 0: none, else one more than its number
  std::uint64_t dev = UINT64_MAX; ///< that: none
  std::string local{};            ///< the label in its normal form; empty: none

  bool has_dev() const { return dev != UINT64_MAX; }
  /// Whether it is none that is installed without being asked for (`a`, `b`, `rc`, `dev`).
  bool is_prerelease() const { return has_dev() || phase != ReleasePhase::final_release; }
  /// The number at that place of the release; 0 behind its end.
  std::uint64_t number(std::size_t place) const {
    return place < release.size() ? release[place] : 0;
  }
};

constexpr int order_of_numbers(std::uint64_t a, std::uint64_t b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/// Below 0, 0 or above 0, as the first `places` numbers of `a`'s release come before `b`'s, are the
/// same, or come after.
VENV_INLINE int compare_releases(const PackageVersion& a, const PackageVersion& b,
                                 std::size_t places) {
  for (std::size_t i = 0; i < places; ++i)
    if (a.number(i) != b.number(i)) return order_of_numbers(a.number(i), b.number(i));
  return 0;
}

/// The order of two local labels: segment by segment, words before numbers, none before any.
VENV_INLINE int compare_locals(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return static_cast<int>(b.empty()) - static_cast<int>(a.empty());
  const auto is_number = [](std::string_view text) {
    return text.find_first_not_of("0123456789") == text.npos;
  };
  const std::vector<std::string_view> left = split(a, '.'), right = split(b, '.');
  for (std::size_t i = 0; i < (std::min)(left.size(), right.size()); ++i) {
    const bool numbers = is_number(left[i]);
    if (numbers != is_number(right[i])) return numbers ? 1 : -1;
    // A number in its normal form is greater when it is longer.
    if (numbers && left[i].size() != right[i].size())
      return left[i].size() < right[i].size() ? -1 : 1;
    if (const int order = left[i].compare(right[i])) return order;
  }
  return order_of_numbers(left.size(), right.size());
}

/// The order of two versions without their local labels.
VENV_INLINE int compare_public(const PackageVersion& a, const PackageVersion& b) {
  // `1.0.dev1` comes before `1.0a1`, which comes before `1.0a1.post1.dev1`.
  const auto rank = [](const PackageVersion& version) {
    const bool only_dev =
        version.phase == ReleasePhase::final_release && version.post == 0 && version.has_dev();
    return only_dev ? 0U : static_cast<unsigned>(version.phase);
  };
  if (const int order = order_of_numbers(a.epoch, b.epoch)) return order;
  if (const int order = compare_releases(a, b, (std::max)(a.release.size(), b.release.size())))
    return order;
  if (const int order = order_of_numbers(rank(a), rank(b))) return order;
  if (const int order = order_of_numbers(a.phase_number, b.phase_number)) return order;
  if (const int order = order_of_numbers(a.post, b.post)) return order;
  return order_of_numbers(a.dev, b.dev);
}

VENV_INLINE int compare_versions(const PackageVersion& a, const PackageVersion& b) {
  const int order = compare_public(a, b);
  return order != 0 ? order : compare_locals(a.local, b.local);
}

VENV_INLINE bool operator==(const PackageVersion& a, const PackageVersion& b) {
  return compare_versions(a, b) == 0;
}
VENV_INLINE bool operator<(const PackageVersion& a, const PackageVersion& b) {
  return compare_versions(a, b) < 0;
}

/// The normal form, as tools write it: `1!2.0rc1.post2.dev3+ubuntu.1`.
VENV_INLINE std::string version_text(const PackageVersion& version) {
  std::string text = version.epoch == 0 ? "" : std::to_string(version.epoch) + '!';
  for (std::size_t i = 0; i < version.release.size(); ++i)
    text += (i == 0 ? "" : ".") + std::to_string(version.release[i]);
  constexpr const char* phases[] = {"", "a", "b", "rc"};
  if (version.phase != ReleasePhase::final_release)
    text += phases[static_cast<int>(version.phase)] + std::to_string(version.phase_number);
  if (version.post != 0) text += ".post" + std::to_string(version.post - 1);
  if (version.has_dev()) text += ".dev" + std::to_string(version.dev);
  return version.local.empty() ? text : text + '+' + version.local;
}

/// Reads a version in any of the spellings of PEP 440, appendix B, from lower-case text.
class PackageVersionParser {
public:
  explicit PackageVersionParser(std::string_view text) : rest_(text) {}

  std::optional<PackageVersion> parse() {
    take_prefix(rest_, "v");
    const bool well = release() && phase() && post() && dev() && local() && rest_.empty();
    return well ? std::optional(version_) : std::nullopt;
  }

private:
  static bool is_number(char c) { return c >= '0' && c <= '9'; }
  bool at_number(std::size_t place = 0) const {
    return rest_.size() > place && is_number(rest_[place]);
  }
  void take_separator() {
    if (!rest_.empty() && (rest_[0] == '.' || rest_[0] == '-' || rest_[0] == '_'))
      rest_.remove_prefix(1);
  }
  /// A number of at most 18 digits behind its leading zeros: what nobody writes is no version here.
  bool number(std::uint64_t& value) {
    std::size_t digits = 0;
    const bool well = at_number();
    for (value = 0; at_number() && digits < 19; rest_.remove_prefix(1)) {
      value = value * 10 + static_cast<std::uint64_t>(rest_[0] - '0');
      digits += value != 0;
    }
    return well && digits < 19;
  }
  /// `[-_.]?(word|...)[-_.]?[0-9]*`: which word; none (and nothing taken) is the list's size.
  std::size_t label(std::initializer_list<std::string_view> words, std::uint64_t& value,
                    bool& well) {
    const std::string_view before = rest_;
    take_separator();
    std::size_t which = 0;
    for (const std::string_view word : words) {
      if (take_prefix(rest_, word)) {
        take_separator();
        value = 0;
        well = !at_number() || number(value);
        return which;
      }
      ++which;
    }
    rest_ = before;
    return which;
  }

  bool release() {
    std::uint64_t value = 0;
    if (!number(value)) return false;
    if (take_prefix(rest_, "!")) {
      version_.epoch = value;
      if (!number(value)) return false;
    }
    version_.release.push_back(value);
    while (!rest_.empty() && rest_[0] == '.' && at_number(1)) {
      rest_.remove_prefix(1);
      if (!number(value)) return false;
      version_.release.push_back(value);
    }
    return true;
  }
  bool phase() {
    constexpr ReleasePhase phases[] = {
        ReleasePhase::alpha,     ReleasePhase::alpha,     ReleasePhase::beta,
        ReleasePhase::beta,      ReleasePhase::candidate, ReleasePhase::candidate,
        ReleasePhase::candidate, ReleasePhase::candidate, ReleasePhase::final_release};
    bool well = true;
    version_.phase = phases[label({"alpha", "a", "beta", "b", "preview", "pre", "rc", "c"},
                                  version_.phase_number, well)];
    return well;
  }
  bool post() {
    bool well = true;
    std::uint64_t value = 0;
    if (!rest_.empty() && rest_[0] == '-' && at_number(1)) {
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
  /// Segments of letters and digits; a hash may be a number of any length.
  bool local() {
    if (!take_prefix(rest_, "+")) return true;
    do {
      std::size_t n = 0;
      while (n < rest_.size() && (is_number(rest_[n]) || (rest_[n] >= 'a' && rest_[n] <= 'z'))) ++n;
      std::string_view segment = rest_.substr(0, n);
      if (n == 0) return false;
      rest_.remove_prefix(n);
      if (std::all_of(segment.begin(), segment.end(), is_number))
        segment.remove_prefix((std::min)(segment.find_first_not_of('0'), segment.size() - 1));
      version_.local += (version_.local.empty() ? "" : ".") + std::string(segment);
    } while (take_prefix(rest_, ".") || take_prefix(rest_, "-") || take_prefix(rest_, "_"));
    return true;
  }

  std::string_view rest_;
  PackageVersion version_{};
};

/// The version that `text` says, or nothing when PEP 440 has no such version.
VENV_INLINE std::optional<PackageVersion> parse_package_version(std::string_view text) {
  return PackageVersionParser(folded(strip(text))).parse();
}

VENV_DETAIL_END
