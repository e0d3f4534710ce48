#pragma once

#include "../api/command_line.hpp"
#include "../api/listing.hpp"
#include "../system/path.hpp"
#include "../text/utf8.hpp"
#include "../use/listing.hpp"
#include "checking.hpp"
#include "json.hpp"
#include "output.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

VENV_DETAIL_BEGIN

/// The worst that is wrong with it; `ready` when nothing has to be done.
VENV_INLINE std::string level_of(const ListedEnvironment& one) {
  ProblemLevel worst = ProblemLevel::note;
  for (const Problem& problem : one.problems) worst = (std::max)(worst, problem.level);
  return worst == ProblemLevel::note ? "ready" : name_of(worst);
}

VENV_INLINE std::string json_of(const ListedEnvironment& one) {
  using namespace std::chrono;
  std::string codes;
  for (const Problem& problem : one.problems)
    codes += (codes.empty() ? "" : ", ") + json_string(name_of(problem.code));
  const auto used = duration_cast<seconds>(one.last_used.time_since_epoch()).count();
  return JsonObject()
      .add("directory", json_string(text_of(one.directory)))
      .add("owner", json_string_or_null(one.owner))
      .add("implementation", json_string_or_null(one.implementation.name()))
      .add("version", one.version[0] == 0 ? "null" : json_string(one.version.text()))
      .add("base", json_string_or_null(text_of(one.base)))
      .add("last_used", std::to_string(used))
      .add("size", std::to_string(one.size))
      .add("level", json_string(level_of(one)))
      .add("problems", '[' + codes + ']')
      .text();
}

VENV_INLINE std::string text_of(const ListedEnvironment& one) {
  using namespace std::chrono;
  const auto days = duration_cast<hours>(system_clock::now() - one.last_used).count() / 24;
  std::string text = printable(text_of(one.directory)) + ": ";
  text += one.version[0] == 0 ? "no Python" : "Python " + one.version.text();
  if (!one.owner.empty()) text += ", of " + printable(one.owner);
  text += ", used " +
          (days == 0 ? "today" : std::to_string(days) + (days == 1 ? " day ago" : " days ago"));
  text += ", " + std::to_string((one.size + 500000) / 1000000) + " MB, " + level_of(one);
  for (const Problem& problem : one.problems)
    if (problem.level != ProblemLevel::note) text += ' ' + name_of(problem.code);
  return text + '\n';
}

/// Prints which environments lie in folders.
VENV_INLINE int list_environments(const CommandLine& line) {
  std::string text;
  std::vector<std::string> objects;
  for (const std::string& folder : line.env_dirs)
    for (const ListedEnvironment& one : environments_in(path_of(folder))) {
      if (line.json) objects.push_back(json_of(one));
      else text += text_of(one);
    }
  return print_result(line.json ? json_list(objects) + '\n' : text);
}

VENV_DETAIL_END
