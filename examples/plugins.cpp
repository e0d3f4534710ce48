// A plugin manager: one environment a plugin, so that none disturbs another. Ctrl-C cancels what is being
// added; a plugin that is whole stays whole.
//
// Usage: plugins add NAME REQUIREMENTS | run NAME [ARGUMENT ...] | remove NAME | list
#include "venv.hpp"

#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

namespace fs = std::filesystem;
volatile std::sig_atomic_t is_stopped = 0;

void add(const std::string& name, const fs::path& requirements) {
  venv::EnsureOptions options;
  options.symlinks = true;
  options.requirements.files = {requirements};
  options.is_cancelled = [] { return is_stopped != 0; };
  options.report = [&name](venv::Report, const std::string& what) {
    std::printf("%s: %s\n", name.c_str(), what.c_str());
  };
  venv::ensure(fs::path("plugins") / name, options);
}

int run(const std::string& name, const std::vector<std::string>& arguments) {
  venv::RunOptions options;
  options.output = venv::RunOutput::none;
  options.throws = false; // the plugin's exit code is ours
  options.on_output = [](venv::Stream stream, std::string_view piece) {
    std::fwrite(piece.data(), 1, piece.size(), stream == venv::Stream::out ? stdout : stderr);
  };
  return venv::Environment::open(fs::path("plugins") / name)
      .run(name, arguments, options)
      .exit_code;
}

void list() {
  std::error_code none; // no plugin was ever added
  for (const auto& entry : fs::directory_iterator("plugins", none))
    std::printf("%s %s\n", entry.path().filename().string().c_str(),
                venv::check(entry.path()).empty() ? "works" : "needs add");
}

int main(int argc, char** argv) {
  std::signal(SIGINT, [](int) { is_stopped = 1; });
  const std::vector<std::string> words(argv + 1, argv + argc);
  const std::string what = words.empty() ? "" : words[0];
  try {
    if (what == "add" && words.size() == 3) add(words[1], words[2]);
    else if (what == "run" && words.size() > 1)
      return run(words[1], {words.begin() + 2, words.end()});
    else if (what == "remove" && words.size() == 2) venv::remove_environment("plugins/" + words[1]);
    else if (what == "list") list();
    else return std::fputs("usage: plugins add|run|remove|list [NAME ...]\n", stderr), 2;
  } catch (const venv::Error& error) {
    return std::fprintf(stderr, "%s%s\n", error.output().c_str(), error.what()), 1;
  }
}
