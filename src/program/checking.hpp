#pragma once

#include "../api/check.hpp"
#include "../api/command_line.hpp"
#include "../system/path.hpp"
#include "../text/utf8.hpp"
#include "../use/check.hpp"
#include "json.hpp"
#include "output.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

VENV_INLINE std::string name_of(ProblemLevel level) {
  switch (level) {
  case ProblemLevel::note: return "note";
  case ProblemLevel::change: return "change";
  case ProblemLevel::broken:
  default: return "broken";
  }
}

VENV_INLINE std::string json_of(const std::string& env_dir, const Problem& problem) {
  return JsonObject()
      .add("env_dir", json_string(env_dir))
      .add("level", json_string(name_of(problem.level)))
      .add("code", json_string(name_of(problem.code)))
      .add("path", json_string(text_of(problem.path)))
      .add("what", json_string(problem.what))
      .add("remedy", json_string(in_options(problem.remedy)))
      .add("mended_in_place", json_bool(problem.is_mended_in_place))
      .text();
}

/// `broken: interpreter-gone: what; remedy`
VENV_INLINE std::string line_of(const Problem& problem) {
  return name_of(problem.level) + ": " + name_of(problem.code) + ": " + problem.what + "; " +
         in_options(problem.remedy) + '\n';
}

/// What is wrong with one environment, line by line; of each kind of problem at most ten.
VENV_INLINE std::string lines_of(const std::vector<Problem>& problems, const std::string& start) {
  constexpr std::size_t most = 10;
  std::string text;
  std::size_t same = 0;
  for (std::size_t i = 0; i < problems.size(); ++i) {
    same = i > 0 && problems[i].code == problems[i - 1].code ? same + 1 : 0;
    if (same < most) text += start + line_of(problems[i]);
    const bool is_last = i + 1 == problems.size() || problems[i + 1].code != problems[i].code;
    if (is_last && same >= most)
      text += start + name_of(problems[i].level) + ": " + name_of(problems[i].code) + ": " +
              std::to_string(same + 1 - most) + " more of this kind\n";
  }
  return text;
}

/// Prints what is wrong, one line for each; 0 when nothing has to be done, 3 when something would be
/// changed, 4 when something is broken.
VENV_INLINE int check_environments(const CommandLine& line) {
  ProblemLevel worst = ProblemLevel::note;
  std::string text;
  std::vector<std::string> objects;
  for (const std::string& env_dir : line.env_dirs) {
    const std::vector<Problem> problems = check(path_of(env_dir), line.options);
    for (const Problem& problem : problems) {
      worst = (std::max)(worst, problem.level);
      if (line.json) objects.push_back(json_of(env_dir, problem));
    }
    text += lines_of(problems, line.env_dirs.size() > 1 ? printable(env_dir) + ": " : "");
  }
  if (const int failed = print_result(line.json ? json_list(objects) + '\n' : text)) return failed;
  return worst == ProblemLevel::note ? 0 : worst == ProblemLevel::change ? 3 : 4;
}

VENV_DETAIL_END
