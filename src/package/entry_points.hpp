#pragma once

#include "../base/error.hpp"
#include "../config.hpp"
#include "../base/ascii.hpp"
#include "../text/names.hpp"
#include "version.hpp"
#include "../archive/zip_names.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// A script to make: `name` calls `attribute` (which may have dots) of `module`.
struct EntryPoint {
  std::string name{}, module{}, attribute{};
};

/// What `entry_points.txt` wants in the scripts' directory.
struct Scripts {
  std::vector<EntryPoint> console{}, gui{};
};

/// Identifiers with dots between them: `pip._internal.cli.main`. Python has identifiers beyond
/// ASCII too; a script that is written into other files does without.
VENV_INLINE bool is_dotted_name(std::string_view text) {
  bool at_start = true;
  for (const char c : text) {
    const bool letter = (fold_case(c) >= 'a' && fold_case(c) <= 'z') || c == '_';
    const bool digit = c >= '0' && c <= '9';
    if (at_start ? !letter : !letter && !digit && c != '.') return false;
    at_start = c == '.';
  }
  return !at_start;
}

/// Why a script must not have this name, or null.
VENV_INLINE const char* script_name_fault(std::string_view name) {
  const auto allowed = [](char c) {
    return (fold_case(c) >= 'a' && fold_case(c) <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  if (name.empty() || !std::all_of(name.begin(), name.end(), allowed))
    return "is not letters, digits, dots, dashes and underscores";
  if (name.front() == '.' || name.front() == '-') return "begins with a dot or a dash";
  if (component_fault(name) != nullptr) return "is no file's name on every system";
  return is_reserved_name(name) ? "would replace a file of the environment's own" : nullptr;
}

/// `name = module:attribute [extras]` ("Entry points specification"); the extras are left out.
VENV_INLINE EntryPoint parse_entry_point(std::string_view line) {
  const std::size_t equals = line.find('=');
  const std::string_view name = strip(line.substr(0, equals));
  const auto bad = [name](const std::string& what) {
    return Error(ErrorCode::bad_archive, "entry point " + printable_name(name) + ' ' + what);
  };
  if (equals == line.npos) throw bad("has no '='");
  std::string_view object = strip(line.substr(equals + 1));
  if (!object.empty() && object.back() == ']')
    object = strip(object.substr(0, (std::min)(object.find('['), object.size())));
  const std::size_t colon = object.find(':');
  if (colon == object.npos) throw bad("names no function");
  EntryPoint entry{std::string(name), std::string(strip(object.substr(0, colon))),
                   std::string(strip(object.substr(colon + 1)))};
  if (const char* fault = script_name_fault(name)) throw bad(fault);
  if (!is_dotted_name(entry.module) || !is_dotted_name(entry.attribute))
    throw bad("doesn't name a module and a function");
  return entry;
}

/// The console and GUI scripts of an `entry_points.txt`, read as importlib.metadata reads it:
/// lines stripped, empty ones and those with `#` first skipped, sections in brackets; other
/// sections are not looked at. Throws `ErrorCode::bad_archive`.
VENV_INLINE Scripts parse_entry_points(std::string_view text) {
  Scripts scripts;
  std::vector<EntryPoint>* section = nullptr;
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = (std::min)(text.find('\n', begin), text.size());
    const std::string_view line = strip(text.substr(begin, end - begin));
    begin = end + 1;
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[' && line.back() == ']') {
      const std::string_view name = line.substr(1, line.size() - 2);
      section = name == "console_scripts" ? &scripts.console
                : name == "gui_scripts"   ? &scripts.gui
                                          : nullptr;
    } else if (section != nullptr) {
      section->push_back(parse_entry_point(line));
      names.push_back(folded(section->back().name));
    }
  }
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end())
    throw Error(ErrorCode::bad_archive,
                "entry point " + printable_name(*twice) + " is there twice");
  return scripts;
}

VENV_DETAIL_END
