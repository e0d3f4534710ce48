#pragma once

#include "../base/ascii.hpp"
#include "child.hpp"
#include "pipe.hpp"
#include "status.hpp"
#include "win32.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// One argument as `CommandLineToArgvW` and C's own start read it back.
VENV_INLINE std::wstring quoted_argument(std::wstring_view argument) {
  if (!argument.empty() && argument.find_first_of(L" \t\n\v\"") == argument.npos)
    return std::wstring(argument);
  std::wstring quoted = L"\"";
  std::size_t backslashes = 0;
  for (const wchar_t c : argument) {
    if (c == L'\\') {
      ++backslashes;
      continue;
    }
    // Before a quote each backslash stands for half of one, elsewhere for itself.
    quoted.append(c == L'"' ? 2 * backslashes + 1 : backslashes, L'\\');
    quoted += c;
    backslashes = 0;
  }
  quoted.append(2 * backslashes, L'\\');
  return quoted + L'"';
}

VENV_INLINE std::wstring command_line_of(const Command& command) {
  // The program's own name is read by another rule, where backslashes are themselves.
  std::wstring line = L'"' + command.program.native() + L'"';
  for (const std::string& argument : command.arguments)
    line += L' ' + quoted_argument(wide_of(argument));
  return line;
}

/// Whether two names of variables are one to the system, or which comes first.
VENV_INLINE int compare_names(std::wstring_view a, std::wstring_view b) {
  return ::CompareStringOrdinal(a.data(), static_cast<int>(a.size()), b.data(),
                                static_cast<int>(b.size()), TRUE) -
         CSTR_EQUAL;
}

VENV_INLINE std::wstring_view name_of_line(std::wstring_view line) {
  return line.substr(0, line.find(L'=', 1)); // "=C:": where a disk's working directory stands
}

/// This process's variables, changed, in the order and the form that the system wants.
VENV_INLINE std::wstring changed_environment(const Changes& changes) {
  std::vector<std::wstring> lines;
  const auto drop = [&lines](std::wstring_view name) {
    const auto same = [name](const std::wstring& line) {
      return compare_names(name_of_line(line), name) == 0;
    };
    lines.erase(std::remove_if(lines.begin(), lines.end(), same), lines.end());
  };
  wchar_t* const own = ::GetEnvironmentStringsW();
  for (const wchar_t* line = own; line && *line; line += lines.back().size() + 1)
    lines.emplace_back(line);
  ::FreeEnvironmentStringsW(own);
  for (const auto& [name, value] : changes) {
    drop(wide_of(name));
    if (value) lines.push_back(wide_of(name) + L'=' + wide_of(*value));
  }
  std::stable_sort(lines.begin(), lines.end(), [](std::wstring_view a, std::wstring_view b) {
    return compare_names(name_of_line(a), name_of_line(b)) < 0;
  });
  std::wstring block;
  for (const std::wstring& line : lines) block += line + L'\0';
  return block + (block.empty() ? std::wstring(2, L'\0') : std::wstring(1, L'\0'));
}

/// Copies of handles that children inherit, for as long as one is being started; and the list that
/// says that this child gets these and no other.
class InheritedHandles {
public:
  explicit InheritedHandles(const ChildFiles& files) {
    for (const Handle* file : {&files.in, &files.out, &files.err}) {
      const HANDLE self = ::GetCurrentProcess();
      HANDLE copy = nullptr;
      if (::DuplicateHandle(self, handle_of(*file), self, &copy, 0, TRUE, DUPLICATE_SAME_ACCESS) ==
          0)
        throw io_error("connect input and output of", "a child process", last_error());
      owned_.push_back(handle_from(copy));
      handles_.push_back(copy);
    }
    SIZE_T size = 0;
    ::InitializeProcThreadAttributeList(nullptr, 1, 0, &size);
    memory_.resize(size);
    constexpr DWORD_PTR handle_list = 0x20002; // PROC_THREAD_ATTRIBUTE_HANDLE_LIST
    if (::InitializeProcThreadAttributeList(list(), 1, 0, &size) == 0 ||
        ::UpdateProcThreadAttribute(list(), 0, handle_list, handles_.data(),
                                    handles_.size() * sizeof(HANDLE), nullptr, nullptr) == 0)
      throw io_error("connect input and output of", "a child process", last_error());
  }
  ~InheritedHandles() { ::DeleteProcThreadAttributeList(list()); }
  InheritedHandles(const InheritedHandles&) = delete;
  InheritedHandles& operator=(const InheritedHandles&) = delete;
  HANDLE operator[](std::size_t i) const { return handles_[i]; }
  LPPROC_THREAD_ATTRIBUTE_LIST list() {
    return reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(memory_.data());
  }

private:
  std::vector<Handle> owned_{};
  std::vector<HANDLE> handles_{};
  std::vector<unsigned char> memory_{};
};

/// Refuses what can't be started safely, or not in this way.
VENV_INLINE void refuse_unsafe(const Command& command) {
  const auto refuse = [&command](const std::string& what, const std::string& hint) {
    Error error(ErrorCode::invalid_argument, what);
    error.at("start a program").on(command.program).advise(hint);
    return error;
  };
  // cmd reads a batch file's arguments anew, whose quotes can't be made safe. The system ignores dots
  // and blanks at the end of a name.
  std::string name = folded(text_of(command.program.filename()));
  name.resize(name.find_last_not_of(". ") + 1);
  const std::string suffix = name.size() > 4 ? name.substr(name.size() - 4) : std::string();
  if (suffix == ".bat" || suffix == ".cmd")
    throw refuse(quoted(command.program) + " is a batch file: its arguments would be commands",
                 "Start cmd.exe, or the program that it stands for.");
  if (command.program.native().find(L'"') != std::wstring::npos)
    throw refuse(quoted(command.program) + " has a name that can't be started", "");
  if (!command.descriptors.empty())
    throw refuse("descriptors can't be handed to a child on Windows", "");
}

struct Child::Parts {
  explicit Parts(const Command& command) {
    job = handle_from(::CreateJobObjectW(nullptr, nullptr));
    set_job_limits(JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE);
    environment = changed_environment(command.environment);
    line = command_line_of(command);
    program = native_of(command.program);
    cwd = command.cwd.empty() ? std::wstring() : command.cwd.native();
  }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  ~Parts() {
    // What a child has left running lives on, as elsewhere.
    if (ended) set_job_limits(0);
    else end_all();
  }

  void set_job_limits(DWORD flags) const {
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
    limits.BasicLimitInformation.LimitFlags = flags;
    ::SetInformationJobObject(handle_of(job), JobObjectExtendedLimitInformation, &limits,
                              sizeof limits);
  }

  void start(const Command& command, const ChildFiles& files) {
    InheritedHandles inherited(files);
    STARTUPINFOEXW info{};
    info.StartupInfo.cb = sizeof info;
    info.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
    info.StartupInfo.hStdInput = inherited[0];
    info.StartupInfo.hStdOutput = inherited[1];
    info.StartupInfo.hStdError = inherited[2];
    info.lpAttributeList = inherited.list();
    DWORD flags = CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT |
                  CREATE_NEW_PROCESS_GROUP;
    if (!::GetConsoleWindow()) flags |= CREATE_NO_WINDOW; // a program of windows opens no console
    PROCESS_INFORMATION made{};
    if (::CreateProcessW(program.c_str(), line.data(), nullptr, nullptr, TRUE, flags,
                         environment.data(), cwd.empty() ? nullptr : cwd.c_str(), &info.StartupInfo,
                         &made) == 0)
      throw_start_error(command);
    process = handle_from(made.hProcess);
    number = made.dwProcessId;
    const Handle thread = handle_from(made.hThread);
    // One that is in a job which lets no other take it is ended alone.
    in_job = ::AssignProcessToJobObject(handle_of(job), made.hProcess) != 0;
    ::ResumeThread(made.hThread);
  }

  [[noreturn]] static void throw_start_error(const Command& command) {
    const std::error_code reason = last_error();
    if (!command.cwd.empty() && followed_status_of(command.cwd).kind != FileKind::directory)
      throw io_error("enter", command.cwd,
                     std::make_error_code(status_of(command.cwd).kind == FileKind::missing
                                              ? std::errc::no_such_file_or_directory
                                              : std::errc::not_a_directory));
    throw io_error("start", command.program, reason);
  }

  void end_all() const {
    constexpr UINT killed = 128 + 9; // as a shell says it elsewhere
    if (in_job) ::TerminateJobObject(handle_of(job), killed);
    else if (process) ::TerminateProcess(handle_of(process), killed);
  }

  void look() {
    DWORD code = 0;
    if (ended || ::WaitForSingleObject(handle_of(process), 0) != WAIT_OBJECT_0) return;
    ended = ExitStatus();
    ended->is_known = ::GetExitCodeProcess(handle_of(process), &code) != 0;
    ended->code = ended->is_known ? static_cast<int>(code) : 255;
  }

  Handle job{}, process{};
  std::wstring program{}, line{}, environment{}, cwd{};
  DWORD number = 0;
  bool in_job = false;
  std::optional<ExitStatus> ended{};
};

VENV_INLINE Child::Child(const Command& command, ChildFiles files) {
  refuse_unsafe(command);
  parts_ = std::make_unique<Parts>(command);
  parts_->start(command, files);
}

VENV_INLINE Child::~Child() = default;

/// By the console, whose programs hear Ctrl+Break; one without is killed when its grace is over.
VENV_INLINE void Child::ask_to_end() noexcept {
  ::GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, parts_->number);
}

VENV_INLINE void Child::kill() noexcept { parts_->end_all(); }

VENV_INLINE std::optional<ExitStatus> Child::status() {
  parts_->look();
  return parts_->ended;
}

VENV_INLINE std::chrono::nanoseconds Child::processor_time() const {
  FILETIME made{}, ended{}, in_kernel{}, in_program{};
  if (::GetProcessTimes(handle_of(parts_->process), &made, &ended, &in_kernel, &in_program) == 0)
    return {};
  return std::chrono::nanoseconds(100 *
                                  (joined(in_kernel.dwHighDateTime, in_kernel.dwLowDateTime) +
                                   joined(in_program.dwHighDateTime, in_program.dwLowDateTime)));
}

VENV_INLINE bool Child::is_ready_to_run() const { return false; }

VENV_INLINE std::intptr_t Child::end_handle() const { return parts_->process.get(); }

VENV_DETAIL_END
