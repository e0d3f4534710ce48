#pragma once

#include "../config.hpp"
#include "../base/ascii.hpp"
#include "../text/encoding.hpp"
#include "python_string.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// A value of a JSON document: the keys on the way to it with dots between them, and its text.
struct JsonField {
  std::string path, value;
  bool is_text = false; ///< else a number, `true`, `false` or `null`
};

/// Reads a JSON document (RFC 8259) into its scalar values.
class JsonReader {
public:
  explicit JsonReader(std::string_view text) : rest_(text) {}

  /// Nothing when the text is no JSON, or is nested deeper than 32.
  std::optional<std::vector<JsonField>> read() {
    take_prefix(rest_, "\xEF\xBB\xBF");
    if (!value({}, 0)) return std::nullopt;
    skip_blanks();
    return rest_.empty() ? std::optional(std::move(fields_)) : std::nullopt;
  }

private:
  void skip_blanks() {
    while (!rest_.empty() && std::string_view(" \t\r\n").find(rest_[0]) != std::string_view::npos)
      rest_.remove_prefix(1);
  }
  bool take(std::string_view token) {
    skip_blanks();
    return take_prefix(rest_, token);
  }
  bool value(const std::string& path, int depth) {
    if (depth > 32) return false;
    if (take("{")) return members(path, depth);
    if (take("[")) return elements(path, depth);
    if (take("\"")) {
      auto found = text();
      if (found) fields_.push_back({path, std::move(*found), true});
      return found.has_value();
    }
    std::size_t n = 0;
    while (n < rest_.size() && (is_word(rest_[n]))) ++n;
    fields_.push_back({path, std::string(rest_.substr(0, n)), false});
    rest_.remove_prefix(n);
    return is_scalar_text(fields_.back().value);
  }
  static bool is_word(char c) {
    return (fold_case(c) >= 'a' && fold_case(c) <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '+' || c == '.';
  }
  static bool is_scalar_text(const std::string& text) {
    if (text == "true" || text == "false" || text == "null") return true;
    const std::size_t first = text.find_first_of("0123456789");
    return first <= 1 && (first == 0 || text[0] == '-') &&
           text.find_first_not_of("0123456789+-.eE") == text.npos;
  }
  bool members(const std::string& path, int depth) {
    if (take("}")) return true;
    do {
      if (!take("\"")) return false;
      const auto key = text();
      if (!key || !take(":")) return false;
      if (!value(path.empty() ? *key : path + '.' + *key, depth + 1)) return false;
    } while (take(","));
    return take("}");
  }
  bool elements(const std::string& path, int depth) {
    if (take("]")) return true;
    do {
      if (!value(path, depth + 1)) return false;
    } while (take(","));
    return take("]");
  }
  /// What follows a quote, up to the next, which is taken.
  std::optional<std::string> text() {
    std::string out;
    while (!rest_.empty()) {
      const char c = rest_[0];
      if (static_cast<unsigned char>(c) < 0x20) return std::nullopt;
      rest_.remove_prefix(1);
      if (c == '"') return out;
      if (c != '\\') out += c;
      else if (!escape(out)) return std::nullopt;
    }
    return std::nullopt;
  }
  bool escape(std::string& out) {
    constexpr std::string_view letters = "\"\\/bfnrt", means = "\"\\/\b\f\n\r\t";
    if (rest_.empty()) return false;
    const char c = rest_[0];
    rest_.remove_prefix(1);
    if (const std::size_t at = letters.find(c); at != letters.npos) {
      out += means[at];
      return true;
    }
    char32_t high = 0, low = 0;
    if (c != 'u' || take_digits(rest_, 16, 4, high) != 4) return false;
    if (high >= 0xD800 && high < 0xDC00) { // a pair of surrogates is one character
      if (!take_prefix(rest_, "\\u") || take_digits(rest_, 16, 4, low) != 4) return false;
      if (low < 0xDC00 || low > 0xDFFF) return false;
      high = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    }
    if (!is_scalar(high)) return false;
    append_utf8(out, high);
    return true;
  }

  std::string_view rest_;
  std::vector<JsonField> fields_{};
};

/// From where a distribution was installed ("Direct URL data structure").
struct DirectUrl {
  std::string url{}, vcs{}, commit{}, subdirectory{};
  bool editable = false;
};

/// Nothing when it can't be read or names no URL.
VENV_INLINE std::optional<DirectUrl> parse_direct_url(std::string_view text) {
  const auto fields = JsonReader(text).read();
  if (!fields) return std::nullopt;
  DirectUrl direct;
  for (const JsonField& field : *fields) {
    if (field.path == "dir_info.editable")
      direct.editable = !field.is_text && field.value == "true";
    if (!field.is_text) continue;
    if (field.path == "url") direct.url = field.value;
    if (field.path == "subdirectory") direct.subdirectory = field.value;
    if (field.path == "vcs_info.vcs") direct.vcs = field.value;
    if (field.path == "vcs_info.commit_id") direct.commit = field.value;
  }
  return direct.url.empty() ? std::nullopt : std::optional(std::move(direct));
}

VENV_DETAIL_END
