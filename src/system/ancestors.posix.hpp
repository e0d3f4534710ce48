#pragma once

#include "ancestors.hpp"
#include "file.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>
#include <unistd.h>

VENV_DETAIL_BEGIN

/// The name of a script or a module that a Python (or .NET) runs, by its command line as /proc has it (words
/// that NUL ends). Empty when there is none.
VENV_INLINE std::string name_of_script(std::string_view words) {
  words.remove_prefix((std::min)(words.find('\0'), words.size()));
  while (!words.empty()) {
    words.remove_prefix(1);
    const std::string_view word = words.substr(0, words.find('\0'));
    words.remove_prefix(word.size());
    if (word.empty() || word == "-m" || word.front() == '-') continue;
    return std::string(word.substr(word.rfind('/') + 1));
  }
  return {};
}

/// By Linux's /proc. Elsewhere there is none, and the answer is empty.
VENV_INLINE std::vector<std::string> ancestor_names() {
  std::vector<std::string> names;
  long process = ::getppid();
  for (int depth = 0; process > 1 && depth < 64; ++depth) {
    const std::string folder = "/proc/" + std::to_string(process);
    std::string stat, words;
    try {
      stat = read_file(folder + "/stat"); // "PID (NAME) STATE PARENT …"; a name may hold ") "
      words = read_file(folder + "/cmdline");
    } catch (const Error&) {
      break;
    }
    const std::size_t start = stat.find('('), end = stat.rfind(')');
    if (start == stat.npos || end == stat.npos || end < start || stat.size() < end + 4) break;
    std::string name = stat.substr(start + 1, end - start - 1);
    if (name.compare(0, 6, "python") == 0 || name == "dotnet") name = name_of_script(words);
    names.push_back(name);
    process = std::strtol(stat.c_str() + end + 4, nullptr, 10);
  }
  return names;
}

VENV_DETAIL_END
