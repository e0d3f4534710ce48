#pragma once

#include "../api/interpreter.hpp"
#include "../python/rejections.hpp"
#include "../system/path.hpp"
#include "../text/utf8.hpp"
#include "json.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// One Python as a JSON object; what isn't known of it is null.
VENV_INLINE std::string json_of(const FoundPython& found) {
  JsonObject object;
  object.add("executable", json_string(text_of(found.executable)))
      .add("source", json_string(name_of(found.source)))
      .add("rejected", json_string_or_null(found.rejected));
  const auto& python = found.interpreter;
  const auto add = [&](const char* key, const std::string& value) {
    object.add(key, python ? value : "null");
  };
  const Interpreter known = python.value_or(Interpreter{});
  add("base_executable", json_string(text_of(known.base_executable)));
  add("implementation", json_string(known.implementation.name()));
  add("version", json_string(known.version.text() + known.prerelease));
  add("architecture", json_string(known.machine));
  add("bits", known.is_64bit ? "64" : "32");
  add("free_threaded", json_bool(known.free_threaded));
  add("debug", json_bool(known.debug));
  return object.text();
}

VENV_INLINE std::string json_of(const std::vector<FoundPython>& pythons) {
  std::vector<std::string> objects;
  for (const FoundPython& found : pythons) objects.push_back(json_of(found));
  return json_list(objects) + '\n';
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
  return {json ? json_of(pythons) : text_list(pythons), any};
}

VENV_DETAIL_END
