// The project's own quoting and templates, for the tests of this directory that run real shells.
//
//   quote_tool quote SHELL               strings from stdin, each ended by NUL, come back quoted
//   quote_tool render SCRIPT FILE_NAME DIR NAME PROMPT BIN_NAME PYTHON
//                                        the script as it would be installed, on stdout
//
// A quoted string begins with "+"; "-" alone: the language has none. render exits with 3 then.

#include "text/quote.hpp"
#include "text/template.hpp"

#include <cstdio>
#include <string>

namespace {

using venv::detail::Shell;

std::string read_all(std::FILE* file) {
  std::string text;
  for (int c = 0; (c = std::getc(file)) != EOF;) text += static_cast<char>(c);
  return text;
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

int quote_lines(const std::string& program) {
  const auto shell = venv::detail::shell_of_program(program);
  if (!shell) return 2;
  const std::string text = read_all(stdin);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\0', at);
    // One byte says whether the language has the string.
    const auto quoted = venv::detail::quote(*shell, text.substr(at, end - at));
    print(quoted ? '+' + *quoted : "-");
    print(std::string(1, '\0'));
    at = end + 1;
  }
  return 0;
}

int render(char** words) {
  std::FILE* file = std::fopen(words[0], "rb");
  if (!file) return 2;
  const std::string text = read_all(file);
  std::fclose(file);
  const venv::detail::ScriptVariables variables{words[2], words[3], words[4], words[5], words[6]};
  const auto rendered =
      venv::detail::replace_variables(text, variables, venv::detail::shell_of(words[1], text));
  if (!rendered) return 3;
  print(*rendered);
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "quote" && argc == 3) return quote_lines(argv[2]);
  if (mode == "render" && argc == 9) return render(argv + 2);
  std::fputs("usage: quote_tool quote SHELL | render SCRIPT FILE_NAME DIR NAME PROMPT BIN PYTHON\n",
             stderr);
  return 2;
}
