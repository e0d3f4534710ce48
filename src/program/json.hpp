#pragma once

#include "../text/utf8.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

VENV_DETAIL_BEGIN

/// `text` as a JSON string. A byte that is no UTF-8 becomes the surrogate that Python has for it.
VENV_INLINE std::string json_string(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string json = "\"";
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.front());
    std::size_t size = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    const bool whole = size <= text.size() && is_utf8(text.substr(0, size));
    if (!whole) size = 1;
    if (byte == '"' || byte == '\\') (json += '\\') += text.front();
    else if (byte < 0x20 || !whole)
      ((json += whole ? "\\u00" : "\\udc") += digits[byte >> 4]) += digits[byte & 15];
    else json += text.substr(0, size);
    text.remove_prefix(size);
  }
  return json + '"';
}

VENV_INLINE std::string json_bool(bool value) { return value ? "true" : "false"; }

/// `text`, or null when there is none.
VENV_INLINE std::string json_string_or_null(std::string_view text) {
  return text.empty() ? "null" : json_string(text);
}

/// One JSON object in one line, built member by member; `value` is JSON.
class JsonObject {
public:
  JsonObject& add(std::string_view key, const std::string& value) {
    text_ += (text_.size() > 1 ? ", " : "") + json_string(key) + ": " + value;
    return *this;
  }
  std::string text() const { return text_ + '}'; }

private:
  std::string text_ = "{";
};

/// A list of JSON values, each in a line of its own.
VENV_INLINE std::string json_list(const std::vector<std::string>& values) {
  std::string json = "[";
  for (const std::string& value : values) json += (json.size() > 1 ? ",\n " : "\n ") + value;
  return json + (values.empty() ? "]" : "\n]");
}

VENV_DETAIL_END
