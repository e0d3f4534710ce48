#pragma once

#include "../api/interpreter.hpp"
#include "../base/hex.hpp"
#include "../python/rejections.hpp"
#include "../system/path.hpp"
#include "../text/utf8.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
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

/// One Python as a JSON object; what isn't known of it is null.
VENV_INLINE std::string json_of(const FoundPython& found) {
  using Members = std::vector<std::pair<const char*, std::string>>;
  const auto truth = [](bool value) { return std::string(value ? "true" : "false"); };
  const std::string none = "null";
  Members members{{"executable", json_string(text_of(found.executable))},
                  {"source", json_string(name_of(found.source))},
                  {"rejected", found.rejected.empty() ? none : json_string(found.rejected)}};
  const auto& python = found.interpreter;
  const auto add = [&](const char* key, const std::string& value) {
    members.push_back({key, python ? value : none});
  };
  const Interpreter known = python.value_or(Interpreter{});
  add("base_executable", json_string(text_of(known.base_executable)));
  add("implementation", json_string(known.implementation.name()));
  add("version", json_string(known.version.text() + known.prerelease));
  add("architecture", json_string(known.machine));
  add("bits", known.is_64bit ? "64" : "32");
  add("free_threaded", truth(known.free_threaded));
  add("debug", truth(known.debug));
  std::string json = "{";
  for (const auto& [key, value] : members)
    json += (json.size() > 1 ? ", " : "") + json_string(key) + ": " + value;
  return json + '}';
}

VENV_INLINE std::string json_list(const std::vector<FoundPython>& pythons) {
  std::string json = "[";
  for (const FoundPython& found : pythons)
    json += (json.size() > 1 ? ",\n " : "\n ") + json_of(found);
  return json + (pythons.empty() ? "]\n" : "\n]\n");
}

/// A table for people: what it is, where it comes from, its path; then what was rejected, and why.
VENV_INLINE std::string text_list(const std::vector<FoundPython>& pythons) {
  std::string fitting, rejected;
  const auto padded = [](std::string text, std::size_t size) {
    text.resize((std::max)(size, text.size()), ' ');
    return text + ' ';
  };
  for (const FoundPython& found : pythons) {
    const std::string path = printable(text_of(found.executable));
    if (!found.rejected.empty())
      rejected += "  " + path + " (" + name_of(found.source) + ") " + found.rejected + '\n';
    else if (found.interpreter)
      fitting += padded(describe(*found.interpreter), 22) + padded(found.interpreter->machine, 8) +
                 padded(name_of(found.source), 11) + path + '\n';
  }
  return fitting + (rejected.empty() ? "" : "Rejected:\n" + rejected);
}

/// What `--list-pythons` prints, and whether any of them fits.
VENV_INLINE std::pair<std::string, bool> list_pythons(const Options& options, bool json) {
  const std::vector<FoundPython> pythons = find_interpreters(options.python, options);
  const bool any = std::any_of(pythons.begin(), pythons.end(),
                               [](const FoundPython& found) { return found.rejected.empty(); });
  return {json ? json_list(pythons) : text_list(pythons), any};
}

VENV_DETAIL_END
