#include "api/process.hpp"
#include "create/run.hpp"

#include "support_files.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include <sys/stat.h>

using support::TemporaryDirectory;
using venv::Error;
using venv::ErrorCode;
using venv::RunOptions;
using venv::RunResult;
using venv::Stream;

namespace {

namespace fs = std::filesystem;

fs::path program(const fs::path& path, const std::string& text) {
  support::put(path, "#!/bin/sh\n" + text);
  ::chmod(path.c_str(), 0755);
  return path;
}

/// An environment as far as running programs in it goes.
venv::Context environment(const fs::path& dir) {
  venv::Context context;
  context.env_dir = dir;
  context.bin_path = dir / "bin";
  context.env_exec_cmd = program(dir / "bin/python", "echo python \"$@\"");
  support::put(dir / "pyvenv.cfg", "home = /usr/bin\n");
  return context;
}

} // namespace

TEST_CASE("run: a program by its name: the environment's, then one on PATH, else an error") {
  const TemporaryDirectory tmp;
  const venv::Context context = environment(tmp / "env");
  program(tmp / "env/bin/tool", "echo tool \"$@\"; command -v tool");
  CHECK(venv::run(context, {"-c", "x y"}) == "python -c x y\n");
  CHECK(venv::run_program(context, "tool", {"a b"}).out ==
        "tool a b\n" + (tmp / "env/bin/tool").string() + '\n');
  CHECK(venv::run_program(context, "true", {}).succeeded());
  CHECK(venv::run_program(context, (tmp / "env/bin/tool").string(), {}).succeeded());
  CHECK_THROWS_AS(venv::run_program(context, "no such program", {}), Error);
}

TEST_CASE("run: refused when the environment's Python would be the base Python") {
  const TemporaryDirectory tmp;
  const venv::Context context = environment(tmp / "env");
  fs::remove(tmp / "env/pyvenv.cfg");
  try {
    venv::run(context, {"-m", "pip", "install", "x"});
    FAIL("it ran");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::not_an_environment);
    CHECK(std::string(error.what()).find("would be the base Python") != std::string::npos);
  }
}

TEST_CASE("run: outputs together, apart, or not kept; pieces and lines") {
  const TemporaryDirectory tmp;
  const venv::Context context = environment(tmp / "env");
  program(tmp / "env/bin/tool",
          "printf 'one\\rtwo'; sleep .1; echo err >&2; sleep .1; printf '\\nend'");
  std::string pieces;
  std::vector<std::string> lines;
  RunOptions options;
  options.on_output = [&](Stream, std::string_view piece) {
    pieces += '[' + std::string(piece) + ']';
  };
  options.on_line = [&](Stream stream, std::string_view line) {
    lines.push_back((stream == Stream::out ? "out " : "err ") + std::string(line));
  };
  CHECK(venv::run_program(context, "tool", {}, options).out == "one\rtwoerr\n\nend");
  CHECK(pieces == "[one\rtwo][err\n][\nend]");
  CHECK(lines == std::vector<std::string>{"err err", "out one\rtwo", "out end"});
  options.output = venv::RunOutput::apart;
  const RunResult apart = venv::run_program(context, "tool", {}, options);
  CHECK(apart.out == "one\rtwo\nend");
  CHECK(apart.err == "err\n");
  options.output = venv::RunOutput::none;
  CHECK(venv::run_program(context, "tool", {}, options).out.empty());
}

TEST_CASE(
    "run: how it ended, as data or as an error; the output of one that isn't kept is bounded") {
  const TemporaryDirectory tmp;
  const venv::Context context = environment(tmp / "env");
  program(tmp / "env/bin/tool", "head -c 9000000 /dev/zero; echo last; exit 3");
  RunOptions options;
  options.output = venv::RunOutput::none;
  try {
    venv::run_program(context, "tool", {}, options);
    FAIL("it succeeded");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::command_failed);
    CHECK(error.exit_code() == 3);
    CHECK(error.output().size() < (3u << 20));
    CHECK(error.output().substr(error.output().size() - 5) == "last\n");
  }
  options.throws = false;
  CHECK(venv::run_program(context, "tool", {}, options).exit_code == 3);
  program(tmp / "env/bin/tool", "exec sleep 60");
  options.timeout = std::chrono::milliseconds(100);
  const RunResult late = venv::run_program(context, "tool", {}, options);
  CHECK((late.timed_out && !late.cancelled && !late.succeeded()));
  options.is_cancelled = [] { return true; };
  options.timeout = {};
  const RunResult stopped = venv::run_program(context, "tool", {}, options);
  CHECK((stopped.cancelled && !stopped.timed_out && !stopped.succeeded()));
  options.throws = true;
  CHECK_THROWS_AS(venv::run_program(context, "tool", {}, options), Error);
}

TEST_CASE(
    "run: variables: the environment's, those of listened-to children, of installing ones, own") {
  const TemporaryDirectory tmp;
  const venv::Context context = environment(tmp / "env");
  const support::Variable unbuffered("PYTHONUNBUFFERED", nullptr),
      encoding("PYTHONIOENCODING", "latin-1"), user("PIP_USER", "1"),
      home("PYTHONHOME", "/nonexistent"), site("PYTHONNOUSERSITE", nullptr),
      input("PIP_NO_INPUT", nullptr);
  program(tmp / "env/bin/tool",
          "echo ${PYTHONUNBUFFERED-no} $PYTHONIOENCODING $PIP_USER ${PYTHONHOME-no} "
          "${PYTHONNOUSERSITE-no} ${PIP_NO_INPUT-no} ${OWN-no}; test \"$PWD\" = \"$1\"");
  const std::vector<std::string> here{fs::current_path().string()};
  RunOptions options;
  CHECK(venv::run_program(context, "tool", here, options).out == "no latin-1 0 no no no no\n");
  options.on_line = [](Stream, std::string_view) {};
  options.installs = true;
  CHECK(venv::run_program(context, "tool", here, options).out == "1 latin-1 0 no 1 1 no\n");
  options.variables = {{"PYTHONUNBUFFERED", {}}, {"OWN", "1"}};
  options.cwd = tmp.path();
  CHECK(venv::run_program(context, "tool", {fs::canonical(tmp.path()).string()}, options).out ==
        "no latin-1 0 no 1 1 1\n");
}

TEST_CASE("run: without PATH the system's own is searched") {
  const TemporaryDirectory tmp;
  const venv::Context context = environment(tmp / "env");
  {
    const support::Variable path("PATH", nullptr);
    CHECK(venv::run_program(context, "true", {}).succeeded());
  }
  const support::Variable path("PATH", "");
  CHECK_THROWS_AS(venv::run_program(context, "true", {}), Error);
}
