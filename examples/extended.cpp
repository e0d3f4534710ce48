// The reference's long example: a builder that installs packages by scripts which it downloads,
// reads what they print line by line, and reports progress.
//
// Usage: extended [options] ENV_DIR...
//   --setuptools-url URL   a script that installs setuptools (http:, https: or file:)
//   --pip-url URL          a script that installs pip
//   --system-site-packages, --copies, --clear, --upgrade, --verbose
#include "venv.hpp"

#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Called with a piece of progress and where it comes from: "main", "stdout" or "stderr".
using Progress = std::function<void(std::string_view text, std::string_view source)>;

class ExtendedEnvBuilder : public venv::EnvBuilder {
public:
  // Name and URL of each script, in the order in which they run.
  using Scripts = std::vector<std::pair<std::string, std::string>>;

  ExtendedEnvBuilder(venv::Options options, Scripts scripts, Progress progress)
      : EnvBuilder(std::move(options)), scripts_(std::move(scripts)),
        progress_(std::move(progress)) {}

  void post_setup(venv::Context& context) override {
    for (const auto& [name, url] : scripts_) install_script(context, name, url);
  }

private:
  void install_script(const venv::Context& context, const std::string& name,
                      const std::string& url) {
    const std::string file = url.substr(url.find_last_of('/') + 1);
    const std::filesystem::path script = context.bin_path / file;
    progress_("Installing " + name + " ...", "main");
    // C++ has no downloads; the new environment's Python does.
    venv::run(context,
              {"-c", "import sys, urllib.request; urllib.request.urlretrieve(*sys.argv[1:])", url,
               script.string()});
    venv::RunOptions options;
    options.cwd = context.bin_path;
    options.on_line = [this](venv::Stream stream, std::string_view line) {
      progress_(line, stream == venv::Stream::out ? "stdout" : "stderr");
    };
    try {
      venv::run(context, {file}, options);
    } catch (...) {
      std::filesystem::remove(script);
      throw;
    }
    std::filesystem::remove(script); // no longer needed
    progress_("done.", "main");
  }

  Scripts scripts_;
  Progress progress_;
};

int usage() {
  std::fputs("usage: extended [--setuptools-url URL] [--pip-url URL] [--system-site-packages] "
             "[--copies] [--clear] [--upgrade] [--verbose] ENV_DIR...\n",
             stderr);
  return 2;
}

int main(int argc, char** argv) {
  venv::Options options;
  options.symlinks = true;
  ExtendedEnvBuilder::Scripts scripts;
  std::vector<std::string> dirs;
  bool verbose = false;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--system-site-packages") options.system_site_packages = true;
    else if (argument == "--copies") options.symlinks = false;
    else if (argument == "--clear") options.clear = true;
    else if (argument == "--upgrade") options.upgrade = true;
    else if (argument == "--verbose") verbose = true;
    else if (argument == "--setuptools-url" && i + 1 < argc)
      scripts.emplace_back("setuptools", argv[++i]);
    else if (argument == "--pip-url" && i + 1 < argc) scripts.emplace_back("pip", argv[++i]);
    else if (argument.rfind("--", 0) == 0) return usage();
    else dirs.push_back(argument);
  }
  if (dirs.empty()) return usage();
  // A dot for a line, or with --verbose the line.
  const Progress progress = [verbose](std::string_view text, std::string_view source) {
    if (verbose || source == "main")
      std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
    else std::fputc('.', stderr);
  };
  try {
    ExtendedEnvBuilder builder(options, scripts, progress);
    for (const std::string& dir : dirs) builder.create(dir);
  } catch (const venv::Error& error) {
    std::fprintf(stderr, "%sError: %s\n", error.output().c_str(), error.what());
    return 1;
  }
}
