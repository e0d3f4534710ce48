#include "program/command_line.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace {

std::string error_of(const std::vector<std::string>& words) {
  std::string error;
  CHECK(!venv::parse_arguments(words, error));
  return error;
}

venv::CommandLine line_of(const std::vector<std::string>& words) {
  std::string error;
  const std::optional<venv::CommandLine> line = venv::parse_arguments(words, error);
  CAPTURE(error);
  REQUIRE(line);
  return *line;
}

} // namespace

TEST_CASE("parse_arguments: gives options and directories, with the program's defaults") {
  const venv::CommandLine line =
      line_of({"one", "--clear", "--prompt", "p", "--python=3.12", "--durable", "two"});
  CHECK(line.env_dirs == std::vector<std::string>{"one", "two"});
  CHECK(line.options.clear);
  CHECK(line.options.durable);
  CHECK(line.options.with_pip);
  CHECK(line.options.prompt == "p");
  CHECK(line.options.python == "3.12");
  CHECK(line.options.scm_ignore_files == std::vector<std::string>{"git"});
}

TEST_CASE(
    "parse_arguments: what is shortened means the reference's option, if one alone begins so") {
  CHECK(line_of({"--p", "x", "e"}).options.prompt == "x");
  CHECK(!line_of({"--co", "e"}).options.symlinks);
  CHECK(line_of({"--py", "3.9", "e"}).options.python == "3.9");
  CHECK(error_of({"--s", "e"}) ==
        "ambiguous option --s: it could be --system-site-packages, --symlinks, --stamp");
  CHECK(error_of({"--requi", "e"}) ==
        "ambiguous option --requi: it could be --requirement, --require-hashes");
  CHECK(!line_of({"--co", "e"}).options.symlinks); // not --constraint
  CHECK(error_of({"--ver", "e"}) == "ambiguous option --ver: it could be --verbose, --version");
}

TEST_CASE("parse_arguments: errors are values that name options as they are typed") {
  CHECK(error_of({}) == "ENV_DIR is missing");
  CHECK(error_of({"--python", "", "e"}) == "--python needs a request, and it is empty");
  CHECK(error_of({"--symlinks", "--copies", "e"}) == "--symlinks and --copies exclude each other");
  CHECK(error_of({"--clear=1", "e"}) == "--clear takes no value");
  CHECK(error_of({"--remove", "--json", "e"}) == "--remove and --json exclude each other");
  CHECK(error_of({"--read-only-cache", "", "e"}) ==
        "--read-only-cache needs a value, and it is empty");
  CHECK(line_of({"--read-only-cache", "a", "e", "--read-only-cache=b"}).options.read_only_caches ==
        std::vector<std::filesystem::path>{"a", "b"});
  CHECK(error_of({"--check", "--clear", "e"}) == "--check and --clear exclude each other");
  CHECK(error_of({"--ensure", "--check", "e"}) == "--check and --ensure exclude each other");
  CHECK(error_of({"--ensure", "--lock-timeout", "1e3", "e"}) ==
        "--lock-timeout needs a whole number of seconds");
  CHECK(error_of({"e", "--prompt"}) == "--prompt needs a value: PROMPT");
}

TEST_CASE("parse_arguments: options with a letter, and such that add up") {
  const venv::CommandLine line = line_of({"-r", "a", "-rb c", "--requirement=d", "-r=-", "-cx",
                                          "--only-binary", ":all:", "--only-binary=y", "e"});
  const venv::Requirements& wanted = line.options.requirements;
  CHECK(wanted.files == std::vector<std::filesystem::path>{"a", "b c", "d", "-"});
  CHECK(wanted.constraints == std::vector<std::filesystem::path>{"x"});
  CHECK(wanted.only_binary);
  CHECK(wanted.pip_arguments == std::vector<std::string>{"--only-binary=y"});
  CHECK(line.env_dirs == std::vector<std::string>{"e"});
  CHECK(line_of({"-h", "--version"}).action == venv::Action::print_help);
}

TEST_CASE("parse_arguments: --uninstall names packages, not directories") {
  const venv::CommandLine line = line_of({"--uninstall", "a", "e", "--uninstall=b", "f"});
  CHECK(line.action == venv::Action::uninstall);
  CHECK(line.names == std::vector<std::string>{"a", "b"});
  CHECK(line.env_dirs == std::vector<std::string>{"e", "f"});
  CHECK(line_of({"--only-pip", "-rx", "e"}).options.requirements.only_pip);
}

TEST_CASE("parse_arguments: behind -- is what --run runs") {
  const venv::CommandLine line = line_of({"--run", "e", "--", "a", "--", "-h", "--clear"});
  CHECK(line.action == venv::Action::run);
  CHECK(line.env_dirs == std::vector<std::string>{"e"});
  CHECK(line.command == std::vector<std::string>{"a", "--", "-h", "--clear"});
  CHECK(line_of({"e", "--", "--clear"}).env_dirs == std::vector<std::string>{"e", "--clear"});
  CHECK(error_of({"--run", "e"}) ==
        "--run needs a program: --run ENV_DIR -- PROGRAM [ARGUMENT ...]");
  CHECK(error_of({"--info", "e", "f"}) == "--info takes one ENV_DIR");
}

TEST_CASE("parse_arguments: how to install means nothing when nothing is installed") {
  CHECK(line_of({"--offline", "-cx", "--only-binary=y", "e"}).options.requirements.pip_arguments ==
        std::vector<std::string>{});
}

TEST_CASE("parse_arguments: of --quiet and --verbose the last counts") {
  CHECK(line_of({"--quiet", "--verbose", "e"}).verbose);
  CHECK(!line_of({"--quiet", "--verbose", "e"}).quiet);
  CHECK(line_of({"--verbose", "--quiet", "e"}).quiet);
  CHECK(!line_of({"--verbose", "--quiet", "e"}).verbose);
}

TEST_CASE("parse_arguments: a program's own options, also in the place of ours") {
  std::vector<std::string> seen;
  const auto note = [&seen](const std::string& value) { seen.push_back(value); };
  const std::vector<venv::OwnOption> own{{"--verbose", "", "mine", note},
                                         {"--url", "URL", "mine", note}};
  std::string error;
  const auto line = venv::parse_arguments({"--verbose", "--url", "u", "--url=v", "e"}, error, own);
  REQUIRE(line);
  CHECK(seen == std::vector<std::string>{"", "u", "v"});
  CHECK(!line->verbose);
  CHECK(line->env_dirs == std::vector<std::string>{"e"});
}

TEST_CASE("main: --ensure and a builder of a program's own don't go together") {
  venv::Program program;
  program.make_builder = [](const venv::Options&) -> std::unique_ptr<venv::EnvBuilder> {
    FAIL("nothing is made");
    return nullptr;
  };
  const char* const words[] = {"mine", "--ensure", "/nonexistent/env"};
  CHECK(venv::main(3, words, program) == 2);
}

TEST_CASE("depfile: names paths as make and Ninja read them") {
  using venv::detail::name_in_depfile;
  const struct {
    const char *path, *name;
  } rows[] = {{"/a/b.txt", "/a/b.txt"}, {"a b", "a\\ b"},       {"a#b$c", "a\\#b$$c"},
              {"a\\b", "a\\b"},         {"a\\ b", "a\\\\\\ b"}, {"a:b|c", "a\\:b\\|c"}};
  for (const auto& row : rows) {
    CAPTURE(row.path);
    CHECK(name_in_depfile(row.path) == row.name);
  }
  for (const char* path : {"a\nb", "a;b", "a\tb"})
    CHECK_THROWS_AS((void)name_in_depfile(path), venv::Error);
  CHECK(venv::detail::depfile_text("s t", {"a", "b c"}) ==
        "s\\ t: \\\n  a \\\n  b\\ c\na:\nb\\ c:\n");
}

TEST_CASE("hint_of: names options where the library names fields") {
  venv::Error error(venv::ErrorCode::pip_unavailable, "no pip");
  error.advise(
      "Name a wheel (Options::pip_wheel_dir) or leave pip out (Options::with_pip = false).");
  const std::string hint = "Name a wheel (--pip-wheel-dir) or leave pip out (--without-pip).";
  CHECK(venv::detail::hint_of(error) == hint);
  error.on("/usr/lib/python3.11/ensurepip");
  CHECK(venv::detail::hint_of(error) == "On Debian and Ubuntu: apt install python3-venv. " + hint);
}
