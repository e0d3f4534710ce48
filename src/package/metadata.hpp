#pragma once

#include "../config.hpp"
#include "../base/ascii.hpp"
#include "../base/function_ref.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// Takes the first line off `text`, whatever ends it, without its end.
VENV_INLINE std::string_view take_line(std::string_view& text) {
  const std::size_t end = (std::min)(text.find_first_of("\r\n"), text.size());
  const std::string_view line = text.substr(0, end);
  const bool both = text.substr(end, 2) == "\r\n";
  text.remove_prefix((std::min)(end + (both ? 2 : 1), text.size()));
  return line;
}

/// The length of the header's name at the beginning of a line, or npos when it is no header. One
/// without a name is passed over.
VENV_INLINE std::size_t header_name_length(std::string_view line) {
  const std::size_t colon = line.find(':');
  for (std::size_t i = 0; colon != line.npos && i < colon; ++i)
    if (line[i] <= ' ' || line[i] == '\x7F' || static_cast<unsigned char>(line[i]) >= 0x80)
      return line.npos;
  return colon;
}

/// Calls `each` with the name and value of every header (METADATA, PKG-INFO, WHEEL) before the body,
/// as Python's email module reads them. A line that begins with a blank continues the one before;
/// the two are one line then.
VENV_INLINE void for_each_header(std::string_view text,
                                 FunctionRef<void(std::string_view, const std::string&)> each) {
  take_prefix(text, "\xEF\xBB\xBF");
  std::string_view name;
  std::string value;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (!line.empty() && (line[0] == ' ' || line[0] == '\t')) {
      const std::string_view more = strip(line);
      value.append(value.empty() || more.empty() ? "" : " ").append(more);
      continue;
    }
    const std::size_t length = header_name_length(line);
    if (length == line.npos) break; // an empty line, or one of the body without it
    if (!name.empty()) each(name, value);
    name = line.substr(0, length);
    value = strip(line.substr(length + 1));
  }
  if (!name.empty()) each(name, value);
}

/// The value of the first header of that name, of any case, or nothing.
VENV_INLINE std::string header_value(std::string_view text, std::string_view name) {
  std::string found;
  bool is_found = false;
  for_each_header(text, [&](std::string_view header, const std::string& value) {
    if (is_found || folded(header) != folded(name)) return;
    found = value;
    is_found = true;
  });
  return found;
}

/// What a distribution says of itself ("Core metadata specifications"), as far as it is needed.
struct Metadata {
  std::string name{}, version{}, requires_python{};
  std::vector<std::string> requirements{}; ///< `Requires-Dist`
  std::vector<std::string> extras{};       ///< `Provides-Extra`, as written
};

VENV_INLINE Metadata parse_metadata(std::string_view text) {
  Metadata metadata;
  // Of a header that is there twice the first counts, also when it is empty.
  struct Field {
    std::string_view name;
    std::string& value;
    bool is_known = false;
  };
  Field fields[] = {{"name", metadata.name},
                    {"version", metadata.version},
                    {"requires-python", metadata.requires_python}};
  for_each_header(text, [&](std::string_view header, const std::string& value) {
    const std::string name = folded(header);
    for (Field& field : fields)
      if (name == field.name && !std::exchange(field.is_known, true)) field.value = value;
    if (name == "requires-dist") metadata.requirements.push_back(value);
    else if (name == "provides-extra") metadata.extras.push_back(value);
  });
  return metadata;
}

/// The marker for a section of `requires.txt`, `extra:condition`, either of which may be missing.
VENV_INLINE std::string section_marker(std::string_view section) {
  const std::size_t colon = (std::min)(section.find(':'), section.size());
  const std::string_view extra = strip(section.substr(0, colon));
  std::string condition(strip(section.substr((std::min)(colon + 1, section.size()))));
  if (extra.empty()) return condition;
  const std::string of_extra = "extra == \"" + std::string(extra) + '"';
  return condition.empty() ? of_extra : '(' + condition + ") and " + of_extra;
}

/// Adds what setuptools' `requires.txt` of an `.egg-info` directory says, as `Requires-Dist` and
/// `Provides-Extra` would say it.
VENV_INLINE void add_egg_requirements(std::string_view text, Metadata& metadata) {
  std::string marker;
  while (!text.empty()) {
    const std::string_view line = strip(take_line(text));
    if (line.empty() || line[0] == '#') continue;
    if (line.front() == '[' && line.back() == ']') {
      const std::string_view section = line.substr(1, line.size() - 2);
      const std::string extra(strip(section.substr(0, section.find(':'))));
      if (!extra.empty() &&
          std::find(metadata.extras.begin(), metadata.extras.end(), extra) == metadata.extras.end())
        metadata.extras.push_back(extra);
      marker = section_marker(section);
      continue;
    }
    std::string requirement(line);
    if (!marker.empty()) requirement += (line.find('@') == line.npos ? "; " : " ; ") + marker;
    metadata.requirements.push_back(std::move(requirement));
  }
}

VENV_DETAIL_END
