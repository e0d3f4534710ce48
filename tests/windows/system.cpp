// What src/system promises, tried on Windows (tests/checks/test_windows.py runs it by wine). Started
// with a word it is the child of its own tests.

#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "venv.hpp"

#include <shellapi.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace venv::detail;
using venv::Error;
using venv::ErrorCode;
using venv::RunInput;
using venv::Stream;

namespace {

fs::path own_program() {
  return fs::path(
      text_filled_by([](wchar_t* b, DWORD n) { return ::GetModuleFileNameW(nullptr, b, n); }));
}

/// A directory with a name that is not a harmless one, gone at the end.
struct Scratch {
  Scratch() {
    path = name_beside(fs::current_path() / path_of("it's $HOME & %PATH% \xC3\xBC \xE6\xBC\xA2"));
    make_directories(path);
  }
  ~Scratch() { try_remove_tree(path); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  fs::path operator/(const fs::path& name) const { return path / name; }
  fs::path path{};
};

struct Ran {
  ExitStatus status{};
  std::string out{};
};

Ran run_self(Command command) {
  Ran ran;
  command.program = own_program();
  ran.status = run_command(command, [&](Stream, std::string_view piece) { ran.out += piece; });
  return ran;
}

Ran run_self(std::vector<std::string> arguments) {
  Command command;
  command.arguments = std::move(arguments);
  return run_self(command);
}

ErrorCode code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code();
  }
  return {};
}

void print_bytes(const std::string& text) {
  DWORD written = 0;
  for (std::size_t at = 0; at < text.size(); at += written)
    if (::WriteFile(::GetStdHandle(STD_OUTPUT_HANDLE), text.data() + at,
                    static_cast<DWORD>(text.size() - at), &written, nullptr) == 0)
      std::exit(9);
}

/// What a child does; nothing: it is no child.
std::optional<int> be_child(const std::vector<std::string>& words) {
  const std::string what = words.size() > 1 ? words[1] : "";
  if (what == "echo") {
    int count = 0;
    wchar_t** const all = ::CommandLineToArgvW(::GetCommandLineW(), &count);
    for (int i = 2; i < count; ++i) print_bytes(utf8_of(all[i]) + '\0');
  } else if (what == "variables") {
    const wchar_t* const block = ::GetEnvironmentStringsW();
    for (const wchar_t* line = block; *line; line += std::wstring_view(line).size() + 1)
      print_bytes(utf8_of(line) + '\n');
  } else if (what == "copy") {
    char buffer[5000];
    DWORD got = 0;
    while (::ReadFile(::GetStdHandle(STD_INPUT_HANDLE), buffer, sizeof buffer, &got, nullptr) !=
               0 &&
           got != 0)
      print_bytes(std::string(buffer, got));
  } else if (what == "sleep") {
    ::Sleep(30000);
  } else if (what == "start") { // a child of the child, which outlives it
    Command command;
    command.arguments = {"mark", words[2]};
    run_self(command);
  } else if (what == "mark") {
    ::Sleep(1500);
    write_file(path_of(words[2]), "still here");
  } else if (what == "handle") {
    DWORD flags = 0;
    const auto value = static_cast<std::intptr_t>(std::stoll(words[2]));
    return ::GetHandleInformation(handle_of(value), &flags) != 0 ? 1 : 0;
  } else if (what == "exit") {
    return std::stoi(words[2]);
  } else if (what == "become") {
    venv::RunCommand command;
    command.program = own_program();
    command.arguments.assign(words.begin() + 2, words.end());
    command.variables = {{"SystemRoot", variable("SystemRoot").value_or("")}, {"ONLY", "\xC3\xBC"}};
    return replace_process(command);
  } else if (what == "lock") {
    const DirectoryLock lock(path_of(words[2]), 0);
    write_file(path_of(words[2]) / "locked", "");
    ::Sleep(30000);
  } else {
    return std::nullopt;
  }
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  const auto result = be_child(own_arguments(argc, argv));
  return result ? *result : doctest::Context(argc, argv).run();
}

TEST_CASE("child: arguments arrive as they are") {
  const std::vector<std::string> awkward{
      "",           " ",         "a b",
      "\"",         "\\",        "\\\"",
      "a\\\\b",     "a b\\",     "a b\\\\",
      "\\\\\"",     "C:\\x y\\", "%PATH%",
      "^&|<>()!",   "'",         "a\tb",
      "a\nb",       "*",         "\xC3\xBC \xE6\xBC\xA2 \xF0\x9F\x90\x8D",
      "-x=\"a b\"", "/c",        "@echo"};
  std::vector<std::string> arguments = awkward;
  arguments.insert(arguments.begin(), "echo");
  std::string expected;
  for (const std::string& each : awkward) expected += each + '\0';
  const Ran ran = run_self(arguments);
  CHECK(ran.status.succeeded());
  CHECK(ran.out == expected);
}

TEST_CASE("child: its exit code, every bit of it") {
  for (const int code : {0, 1, 255, 256, 1000000, -1}) {
    CAPTURE(code);
    CHECK(run_self({"exit", std::to_string(code)}).status.code == code);
  }
}

TEST_CASE("replace: another program runs in this one's place, with its files and exit code") {
  for (const int code : {0, 7, 1000000}) {
    CAPTURE(code);
    CHECK(run_self({"become", "exit", std::to_string(code)}).status.code == code);
  }
  CHECK(run_self({"become", "echo", "a b", "\"", "\xC3\xBC\\"}).out ==
        std::string("a b\0\"\0\xC3\xBC\\\0", 10));
  const std::string variables = run_self({"become", "variables"}).out;
  CHECK(variables.find("ONLY=\xC3\xBC\n") != std::string::npos);
  CHECK(folded(variables).find("\npath=") == std::string::npos);
  Command copy;
  copy.arguments = {"become", "copy"};
  copy.input = RunInput::text;
  copy.input_text = std::string(100000, 'x');
  CHECK(run_self(copy).out == copy.input_text);
  venv::RunCommand gone;
  gone.program = own_program().parent_path() / "gone.exe";
  CHECK(code_of([&] { replace_process(gone); }) == ErrorCode::io);
  gone.program = "x.bat";
  CHECK(code_of([&] { replace_process(gone); }) == ErrorCode::invalid_argument);
}

TEST_CASE("child: batch files are refused") {
  const Scratch scratch;
  for (const char* name : {"a.bat", "a.CMD", "a.bat.", "a.bat ", "a.cmd. ."}) {
    CAPTURE(name);
    Command command;
    command.program = scratch / name;
    command.arguments = {"\"&calc.exe"};
    CHECK(code_of([&] { run_command(command, [](Stream, std::string_view) {}); }) ==
          ErrorCode::invalid_argument);
  }
}

TEST_CASE("child: variables are changed whatever their case, and stand in the system's order") {
  ::SetEnvironmentVariableW(L"Venv_Test_B", L"old");
  ::SetEnvironmentVariableW(L"Venv_Test_Gone", L"old");
  Command command;
  command.arguments = {"variables"};
  command.environment = {{"VENV_TEST_B", "new"},
                         {"venv_test_gone", std::nullopt},
                         {"venv_test_a", "\xC3\xBC=\xE6\xBC\xA2"},
                         {"Venv_Test_C", ""}};
  const Ran ran = run_self(command);
  const std::size_t a = ran.out.find("venv_test_a=\xC3\xBC=\xE6\xBC\xA2\n"),
                    b = ran.out.find("VENV_TEST_B=new\n"), c = ran.out.find("Venv_Test_C=\n");
  CHECK(a < b);
  CHECK(b < c);
  CHECK(c != std::string::npos);
  CHECK(ran.out.find("Venv_Test_B=") == std::string::npos);
  CHECK(folded(ran.out).find("venv_test_gone") == std::string::npos);
}

TEST_CASE("child: input and output of any size at once") {
  Command command;
  command.arguments = {"copy"};
  command.input = RunInput::text;
  for (int i = 0; command.input_text.size() < 1000000; ++i)
    command.input_text += std::to_string(i) + '\n';
  const Ran ran = run_self(command);
  CHECK(ran.status.succeeded());
  CHECK(ran.out == command.input_text);
}

TEST_CASE("child: its time is over, and it ends with what it started") {
  const Scratch scratch;
  Command command;
  command.arguments = {"start", text_of(scratch / "mark")};
  command.timeout = std::chrono::milliseconds(600);
  command.grace = std::chrono::milliseconds(200);
  const Ran ran = run_self(command);
  CHECK(ran.status.timed_out);
  std::this_thread::sleep_for(std::chrono::milliseconds(3000));
  CHECK(status_of(scratch / "mark").kind == FileKind::missing);
}

TEST_CASE("child: it inherits no handle of the host's") {
  SECURITY_ATTRIBUTES inheritable{sizeof inheritable, nullptr, TRUE};
  const Handle file = handle_from(
      ::CreateFileW(L"NUL", GENERIC_READ, share_all, &inheritable, OPEN_EXISTING, 0, nullptr));
  REQUIRE(file);
  CHECK(run_self({"handle", std::to_string(file.get())}).status.code == 0);
}

TEST_CASE("child: a program or a directory that is not there is named") {
  const Scratch scratch;
  Command command;
  command.program = scratch / "none.exe";
  try {
    run_command(command, [](Stream, std::string_view) {});
    FAIL("it started");
  } catch (const Error& error) {
    CHECK(error.path() == command.program);
    CHECK(error.system_error() == std::errc::no_such_file_or_directory);
  }
  command.program = own_program();
  command.cwd = scratch / "nowhere";
  try {
    run_command(command, [](Stream, std::string_view) {});
    FAIL("it started");
  } catch (const Error& error) {
    CHECK(error.path() == command.cwd);
  }
}

TEST_CASE("status: what is a file, which one, and who may run it") {
  const Scratch scratch;
  write_file(scratch / "a.exe", "12345");
  write_file(scratch / "b.txt", "");
  const FileStatus a = status_of(scratch / "a.exe"), b = status_of(scratch / "b.txt");
  CHECK(a.kind == FileKind::file);
  CHECK(a.size == 5);
  CHECK((a.device == b.device && a.inode != b.inode));
  CHECK(make_hard_link(scratch / "a.exe", scratch / "c.exe"));
  CHECK(is_same_file(scratch / "a.exe", scratch / "c.exe"));
  CHECK_FALSE(is_same_file(scratch / "a.exe", scratch / "b.txt"));
  CHECK(is_executable(scratch / "a.exe"));
  CHECK_FALSE(is_executable(scratch / "b.txt"));
  CHECK_FALSE(is_executable(scratch.path));
  CHECK(known_status_of(scratch / "none").kind == FileKind::missing);
  CHECK(known_status_of(scratch / "b.txt" / "none").kind == FileKind::missing);
  CHECK(resolved(scratch / "A.EXE") == scratch / "a.exe");
  const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  CHECK(a.modified > now - std::int64_t{120} * 1000000000);
  CHECK(a.modified < now + std::int64_t{120} * 1000000000);
}

TEST_CASE("file: one is replaced whole, also one that may not be written") {
  const Scratch scratch;
  write_file(scratch / "a", "one", 0444);
  CHECK(status_of(scratch / "a").mode == 0444);
  write_file(scratch / "a", "two");
  CHECK(read_file(scratch / "a") == "two");
  CHECK(status_of(scratch / "a").mode == 0666);
  CHECK(names_in(scratch.path).size() == 1);
}

TEST_CASE("file: a hidden .pth file is shown, and keeps what else is said of it") {
  const Scratch scratch;
  const auto marks = [&](const char* name) {
    return ::GetFileAttributesW(native_of(scratch / name).c_str());
  };
  constexpr DWORD hidden = FILE_ATTRIBUTE_HIDDEN, fixed = FILE_ATTRIBUTE_READONLY;
  for (const char* name : {"a.pth", "b.py"}) {
    write_file(scratch / name, "one");
    REQUIRE(::SetFileAttributesW(native_of(scratch / name).c_str(), hidden | fixed) != 0);
    REQUIRE((marks(name) & hidden) != 0);
  }
  venv::Context context;
  context.lib_path = scratch.path;
  show_path_files(context);
  CHECK((marks("a.pth") & (hidden | fixed)) == fixed);
  CHECK((marks("b.py") & hidden) != 0);
  show_file(scratch / "not there");
}

TEST_CASE("file: what another keeps is waited for, a bounded time, and then named") {
  const Scratch scratch;
  write_file(scratch / "a", "one");
  Handle kept = open_existing(scratch / "a", GENERIC_READ, 0, FILE_SHARE_READ);
  REQUIRE(kept);
  const auto begin = std::chrono::steady_clock::now();
  try {
    write_file(scratch / "a", "two");
    FAIL("it was replaced");
  } catch (const Error& error) {
    CHECK(error.path() == scratch / "a");
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
  CHECK(read_file(scratch / "a") == "one");
  CHECK(names_in(scratch.path).size() == 1);
  std::thread releasing([&kept] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    kept.close();
  });
  write_file(scratch / "a", "two");
  releasing.join();
  CHECK(read_file(scratch / "a") == "two");
}

TEST_CASE("file: a link is one, or there is none") {
  const Scratch scratch;
  write_file(scratch / "a", "one");
  const bool made = make_link("a", scratch / "link");
  CHECK(status_of(scratch / "link").kind == (made ? FileKind::link : FileKind::missing));
  if (made) CHECK(link_target(scratch / "link") == "a");
}

TEST_CASE("file: a directory is not removed as a file, nor a file as a directory") {
  const Scratch scratch;
  make_directory(scratch / "d");
  write_file(scratch / "f", "");
  CHECK(code_of([&] { remove_file(scratch / "d"); }) == ErrorCode::io);
  CHECK_FALSE(remove_empty_directory(scratch / "f"));
  CHECK(names_in(scratch.path).size() == 2);
  remove_file(scratch / "f");
  remove_file(scratch / "f");
  CHECK(remove_empty_directory(scratch / "d"));
}

TEST_CASE("tree: paths beyond 260 letters") {
  const Scratch scratch;
  fs::path deep = scratch / "deep";
  for (int i = 0; i < 8; ++i) deep /= std::string(60, 'x');
  CHECK(make_directories(deep).size() == 9);
  write_file(deep / "f", "bytes");
  CHECK(read_file(deep / "f") == "bytes");
  CHECK(paths_below(scratch / "deep").size() == 9);
  set_mode(deep / "f", 0444);
  remove_tree(scratch / "deep");
  CHECK(status_of(scratch / "deep").kind == FileKind::missing);
}

TEST_CASE("folder: it stays where it is while it is held") {
  const Scratch scratch;
  make_directory(scratch / "d");
  {
    const Folder folder(scratch / "d");
    CHECK(folder.create("f", {"one", "two"}, 0666, 1000000000) == 1000000000);
    CHECK(folder.read("f") == "onetwo");
    CHECK(folder.status_of("f").modified == std::int64_t{1000000000} * 1000000000);
    CHECK(code_of([&] { folder.create("f", {}, 0666); }) == ErrorCode::io);
    CHECK(folder.make_directory("e"));
    CHECK_FALSE(folder.make_directory("e"));
    CHECK(code_of([&] { rename_file(scratch / "d", scratch / "away"); }) == ErrorCode::io);
    CHECK(folder.names() == std::vector<fs::path>{"e", "f"});
  }
  rename_file(scratch / "d", scratch / "away");
  CHECK(status_of(scratch / "away" / "f").kind == FileKind::file);
}

TEST_CASE("lock: it keeps out threads and processes, says who holds it, and ends with its holder") {
  const Scratch scratch;
  {
    const DirectoryLock lock(scratch.path, 0);
    CHECK(lock.holds(scratch.path));
    CHECK(code_of([&] { DirectoryLock(scratch.path, 0); }) == ErrorCode::busy);
  }
  std::atomic<bool> stop{false};
  Command command;
  command.program = own_program();
  command.arguments = {"lock", text_of(scratch.path)};
  command.grace = std::chrono::milliseconds(1);
  std::thread other([&] {
    command.stop = StopRequest([&stop] { return stop.load(); });
    run_command(command, [](Stream, std::string_view) {});
  });
  for (int i = 0; i < 1000 && status_of(scratch / "locked").kind == FileKind::missing; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  try {
    DirectoryLock(scratch.path, 0);
    FAIL("it was locked");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::busy);
    CHECK(std::string(error.what()).find("process ") != std::string::npos);
  }
  stop = true; // kills it
  other.join();
  const DirectoryLock lock(scratch.path, 5);
  CHECK(lock.holds(scratch.path));
}

TEST_CASE("path: text and back, whatever letters it has") {
  const std::string text = "C:\\\xC3\xBC\\\xE6\xBC\xA2\\\xF0\x9F\x90\x8D";
  CHECK(text_of(path_of(text)) == text);
  CHECK(path_of(text).native() == L"C:\\\x00FC\\\x6F22\\\xD83D\xDC0D");
  CHECK(text_of(fs::path(L"a\xD83D!")) == "a\xEF\xBF\xBD!");
  CHECK(absolute_path(path_of("C:/a/../\xC3\xBC/")) == path_of("C:\\\xC3\xBC"));
}

TEST_CASE("path: on another machine, and with the prefix that lifts the limit of lengths") {
  const struct {
    const wchar_t *path, *whole;
  } rows[] = {{L"\\\\server\\share\\a\\..\\b\\", L"\\\\server\\share\\b"},
              {L"//server/share/./a", L"\\\\server\\share\\a"},
              {L"\\\\server\\share\\..\\..\\a", L"\\\\server\\share\\a"},
              {L"\\\\server\\share\\", L"\\\\server\\share"},
              {L"\\\\?\\UNC\\server\\share\\a", L"\\\\server\\share\\a"},
              {L"\\\\?\\C:\\a\\b", L"C:\\a\\b"},
              {L"\\\\?\\C:/a/../b", L"C:\\b"}};
  for (const auto& row : rows) {
    CAPTURE(utf8_of(row.path));
    CHECK(utf8_of(absolute_path(row.path).native()) == utf8_of(row.whole));
  }
  CHECK(native_of(L"//server/share/a") == L"\\\\server\\share\\a");
  const std::wstring name(250, L'x');
  CHECK(native_of(L"\\\\server\\share\\" + name) == L"\\\\?\\UNC\\server\\share\\" + name);
  CHECK(native_of(L"C:\\" + name) == L"\\\\?\\C:\\" + name);
  CHECK(is_whole(L"\\\\server\\share\\a"));
  CHECK_FALSE(is_whole(L"server\\share"));
  CHECK(is_root(L"\\\\server\\share\\"));
  CHECK(is_root(L"C:\\"));
  CHECK_FALSE(is_root(L"\\\\server\\share\\a"));
  CHECK_FALSE(is_inner_path("\\a"));
}

TEST_CASE("variables: UTF-8, and unset is not empty") {
  ::SetEnvironmentVariableW(L"VENV_TEST_X", L"\x00FC\x6F22");
  CHECK(variable("VENV_TEST_X") == "\xC3\xBC\xE6\xBC\xA2");
  ::SetEnvironmentVariableW(L"VENV_TEST_X", nullptr);
  CHECK_FALSE(set_variable("VENV_TEST_X"));
}

TEST_CASE("registry: PEP 514's Pythons") {
  const Scratch scratch;
  write_file(scratch / "python.exe", "");
  const auto note = [](const std::string& tag, const wchar_t* name, const fs::path& value) {
    const std::wstring key = wide_of("Software\\Python\\PythonCore\\" + tag + "\\InstallPath");
    const std::wstring text = value.native();
    CHECK(::RegSetKeyValueW(HKEY_CURRENT_USER, key.c_str(), name, REG_SZ, text.c_str(),
                            static_cast<DWORD>((text.size() + 1) * sizeof(wchar_t))) == 0);
  };
  note("3.9", L"ExecutablePath", scratch / "python.exe");
  note("3.13t", nullptr, scratch.path); // the folder alone
  note("3.14", L"ExecutablePath", scratch / "gone.exe");
  const Candidates found = registered_pythons();
  ::RegDeleteTreeW(HKEY_CURRENT_USER, L"Software\\Python");
  REQUIRE(found.size() == 2);
  CHECK(found[0].name.release.free_threaded);
  CHECK(found[1].name.release.release.minor_text() == "3.9");
  CHECK(found[1].executable == scratch / "python.exe");
}

TEST_CASE("trust: a directory of this user's own, made where it may be") {
  const fs::path home = path_of(variable("LOCALAPPDATA").value_or(""));
  const fs::path made = home / "venv.hpp-trial";
  const bool is_private = make_private_directory(made);
  CHECK(is_private == is_private_directory(made));
  CHECK(status_of(made).kind == FileKind::directory);
  write_file(made / "f", "bytes");
  CHECK(MappedFile(made / "f").bytes() == "bytes");
  remove_tree(made);
  CHECK_FALSE(is_private_directory(made));
}
