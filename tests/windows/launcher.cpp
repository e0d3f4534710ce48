// Stands in for the launcher that CPython's `venv` copies into an environment: starts the Python that
// `pyvenv.cfg` names with the same arguments, and tells it from where it is started.

#include <windows.h>

#include <cstdio>
#include <string>

namespace {

std::wstring own_path() {
  wchar_t path[MAX_PATH] = {};
  ::GetModuleFileNameW(nullptr, path, MAX_PATH);
  return path;
}

std::wstring parent_of(const std::wstring& path) { return path.substr(0, path.rfind(L'\\')); }

/// The value of `home`, which comes first in what this project writes.
std::wstring home_in(const std::wstring& cfg) {
  char line[4096] = {};
  if (std::FILE* file = ::_wfopen(cfg.c_str(), L"rb")) {
    if (!std::fgets(line, sizeof line, file)) line[0] = '\0';
    std::fclose(file);
  }
  const std::string text = line;
  const std::string value = text.substr(text.find("= ") + 2);
  wchar_t home[4096] = {};
  ::MultiByteToWideChar(CP_UTF8, 0, value.data(), static_cast<int>(value.find_first_of("\r\n")),
                        home, 4095);
  return home;
}

/// The command line behind the program's name.
std::wstring arguments() {
  const std::wstring line = ::GetCommandLineW();
  const std::size_t end = line.find(line[0] == L'"' ? L'"' : L' ', 1);
  return end == line.npos ? std::wstring() : line.substr(end + (line[0] == L'"' ? 1 : 0));
}

} // namespace

int main() {
  const std::wstring self = own_path();
  const std::wstring python =
      home_in(parent_of(parent_of(self)) + L"\\pyvenv.cfg") + L"\\python.exe";
  std::wstring line = L'"' + python + L'"' + arguments();
  ::SetEnvironmentVariableW(L"__PYVENV_LAUNCHER__", self.c_str());
  STARTUPINFOW info{};
  info.cb = sizeof info;
  ::GetStartupInfoW(&info);
  PROCESS_INFORMATION child{};
  if (!::CreateProcessW(python.c_str(), line.data(), nullptr, nullptr, TRUE, 0, nullptr, nullptr,
                        &info, &child))
    return 101;
  ::WaitForSingleObject(child.hProcess, INFINITE);
  DWORD code = 0;
  ::GetExitCodeProcess(child.hProcess, &code);
  return static_cast<int>(code);
}
