#include <doctest/doctest.h>

#include "program/activation_hint.hpp"

#include <string>
#include <vector>

using venv::detail::activation_command;
using venv::detail::Os;

TEST_CASE("activation hint: names the nearest shell above that there is a script for") {
  const struct {
    std::vector<std::string> above;
    const char* usual;
    const char* command;
  } rows[] = {
      {{"bash"}, "/usr/bin/fish", "source '/e v/bin/activate'"},
      {{"make", "sudo", "fish", "bash"}, "/bin/bash", "source '/e v/bin/activate.fish'"},
      {{"sh", "fish"}, "", ". '/e v/bin/activate'"},
      {{"pwsh.dll", "bash"}, "/bin/bash", "& '/e v/bin/Activate.ps1'"},
      {{"tcsh"}, "", "source /e\\ v/bin/activate.csh"},
      {{"bsd-csh"}, "", "source /e\\ v/bin/activate.csh"},
      {{"nu"}, "", "overlay use \"/e v/bin/activate.nu\""},
      {{"xonsh"}, "", "source @('/e v/bin/activate.xsh')"},
      {{"elvish"}, "", "eval (slurp < '/e v/bin/activate.elv')"},
      {{"ksh93"}, "", "source '/e v/bin/activate'"},
      {{}, "/usr/local/bin/zsh", "source '/e v/bin/activate'"},
      {{"systemd", "ps", "bat", "python3", "init"}, "-zsh", "source '/e v/bin/activate'"},
      {{}, "", ". '/e v/bin/activate'"},
      {{"emacs"}, "/opt/strange", ". '/e v/bin/activate'"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.command);
    CAPTURE(row.usual);
    CHECK(activation_command("/e v/bin", Os::linux_or_other, row.above, row.usual) == row.command);
  }
}

TEST_CASE("activation hint: is quoted by the shell's rule on Windows, too") {
  const std::string bin = "C:\\it's (x)\\Scripts";
  CHECK(activation_command(bin, Os::windows, {}, "") == "\"C:\\it's (x)\\Scripts\\activate.bat\"");
  CHECK(activation_command(bin, Os::windows, {"pwsh.exe"}, "") ==
        "& 'C:\\it''s (x)\\Scripts\\Activate.ps1'");
  CHECK(activation_command(bin, Os::windows, {"powershell.exe", "cmd.exe"}, "") ==
        "& 'C:\\it''s (x)\\Scripts\\Activate.ps1'");
}

TEST_CASE("activation command: none when a shell can't write the path") {
  using venv::detail::activation_form_of;
  CHECK(activation_command(*activation_form_of("sh"), "/a\nb") == ". '/a\nb'");
  CHECK(!activation_command(*activation_form_of("csh"), "/a\nb"));
  CHECK(!activation_command(*activation_form_of("fish"), "/a\xFF"));
  CHECK(activation_form_of("") == nullptr);
}

TEST_CASE("ancestors: the name of what a Python runs is that of its script") {
  using venv::detail::name_of_script;
  const std::string nul(1, '\0');
  CHECK(name_of_script("python3" + nul + "-m" + nul + "xonsh" + nul + "--no-rc" + nul) == "xonsh");
  CHECK(name_of_script("/usr/bin/python3" + nul + "/usr/bin/xonsh" + nul) == "xonsh");
  CHECK(name_of_script("/opt/dotnet" + nul + "/opt/pwsh.dll" + nul + "-NoLogo" + nul) ==
        "pwsh.dll");
  CHECK(name_of_script("python3" + nul) == "");
  CHECK(name_of_script("") == "");
}

TEST_CASE("ancestors: are those of this process") {
  const auto names = venv::detail::ancestor_names();
#if defined(__linux__)
  CHECK_FALSE(names.empty());
#endif
  for (const std::string& name : names) CHECK(name.find('\n') == name.npos);
}
