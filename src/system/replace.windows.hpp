#pragma once

#include "child.hpp"
#include "replace.hpp"
#include "variables.hpp"
#include "win32.hpp"

#include <string>

VENV_DETAIL_BEGIN

/// What the console says is for the program that runs: this process waits for its end.
VENV_INLINE BOOL WINAPI leave_to_child(DWORD) { return TRUE; }

/// What makes this process's variables those of `command`.
VENV_INLINE Changes changes_to(const RunCommand& command) {
  Changes changes;
  for (const auto& own : all_variables()) changes.push_back({own.first, std::nullopt});
  for (const auto& [name, value] : command.variables) changes.push_back({name, value});
  return changes;
}

VENV_INLINE int replace_process(const RunCommand& command) {
  Command child;
  child.program = command.program;
  child.arguments = command.arguments;
  child.cwd = command.cwd;
  refuse_unsafe(child);
  std::wstring line = command_line_of(child),
               environment = changed_environment(changes_to(command));
  const std::wstring cwd = child.cwd.native();
  // What this process is ended by ends the program too, but not what that leaves running.
  const Handle job = handle_from(::CreateJobObjectW(nullptr, nullptr));
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
  limits.BasicLimitInformation.LimitFlags =
      JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK;
  ::SetInformationJobObject(handle_of(job), JobObjectExtendedLimitInformation, &limits,
                            sizeof limits);
  ::SetConsoleCtrlHandler(leave_to_child, TRUE);
  STARTUPINFOW info{};
  info.cb = sizeof info;
  PROCESS_INFORMATION made{};
  if (::CreateProcessW(native_of(child.program).c_str(), line.data(), nullptr, nullptr, TRUE,
                       CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT, environment.data(),
                       cwd.empty() ? nullptr : cwd.c_str(), &info, &made) == 0)
    throw io_error("start", command.program, last_error());
  const Handle process = handle_from(made.hProcess), thread = handle_from(made.hThread);
  ::AssignProcessToJobObject(handle_of(job), made.hProcess);
  ::ResumeThread(made.hThread);
  ::WaitForSingleObject(made.hProcess, INFINITE);
  DWORD code = 255;
  ::GetExitCodeProcess(made.hProcess, &code);
  return static_cast<int>(code);
}

VENV_DETAIL_END
