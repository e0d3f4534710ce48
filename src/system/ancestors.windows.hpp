#pragma once

#include "../base/ascii.hpp"
#include "ancestors.hpp"
#include "handle.hpp"
#include "win32.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <tlhelp32.h>

VENV_DETAIL_BEGIN

/// By the system's list of processes, without ".exe". A parent's number may be another process's by
/// now: what comes of that is a wrong hint.
VENV_INLINE std::vector<std::string> ancestor_names() {
  std::map<DWORD, std::pair<DWORD, std::string>> parents;
  const Handle list = handle_from(::CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0));
  PROCESSENTRY32W entry{};
  entry.dwSize = sizeof entry;
  for (BOOL more = list ? ::Process32FirstW(handle_of(list), &entry) : FALSE; more != FALSE;
       more = ::Process32NextW(handle_of(list), &entry)) {
    std::string name = folded(utf8_of(entry.szExeFile));
    if (name.size() > 4 && name.compare(name.size() - 4, 4, ".exe") == 0)
      name.resize(name.size() - 4);
    parents[entry.th32ProcessID] = {entry.th32ParentProcessID, std::move(name)};
  }
  std::vector<std::string> names;
  auto process = parents.find(::GetCurrentProcessId());
  for (int depth = 0; process != parents.end() && depth < 64; ++depth) {
    process = parents.find(process->second.first);
    if (process != parents.end()) names.push_back(process->second.second);
  }
  return names;
}

VENV_DETAIL_END
