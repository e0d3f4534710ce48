// The manual's long example: a builder that installs setuptools and pip, reads line by line what their
// installation prints, and reports progress. Its options are the manual's; those of `venv` are there too.
//
// A script that installs one of them can be given by --setuptools-url and --pip-url (http:, https: or
// file:). Without, pip is the one that the base Python bundles, and setuptools comes from the index.
#include "venv.hpp"

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct Choice {
  bool no_setuptools = false, no_pip = false, verbose = false;
  std::string setuptools_url{}, pip_url{};
};

class ExtendedEnvBuilder : public venv::EnvBuilder {
public:
  ExtendedEnvBuilder(venv::Options options, Choice choice)
      : EnvBuilder(std::move(options)), choice_(std::move(choice)) {}

  void post_setup(venv::Context& context) override {
    if (choice_.no_setuptools) return; // as in the manual, then pip isn't installed either
    if (choice_.setuptools_url.empty())
      install(context, "setuptools", {"-m", "pip", "install", "--upgrade", "setuptools"});
    else install_setuptools(context);
    if (choice_.no_pip && choice_.setuptools_url.empty())
      venv::run(context, {"-m", "pip", "uninstall", "--yes", "pip"});
    if (!choice_.no_pip && !choice_.pip_url.empty())
      install_script(context, "pip", choice_.pip_url);
  }

private:
  // `source` says where a line comes from: "main", "stdout" or "stderr". A dot for a line of a child,
  // or with --verbose the line.
  void progress(std::string_view text, std::string_view source) const {
    if (choice_.verbose || source == "main")
      std::fprintf(stderr, "%.*s\n", static_cast<int>(text.size()), text.data());
    else std::fputc('.', stderr);
  }

  void install(const venv::Context& context, const std::string& name,
               const std::vector<std::string>& arguments) const {
    progress("Installing " + name + " ...", "main");
    venv::RunOptions options;
    options.cwd = context.bin_path;
    options.installs = true;
    options.on_line = [this](venv::Stream stream, std::string_view line) {
      progress(line, stream == venv::Stream::out ? "stdout" : "stderr");
    };
    venv::run(context, arguments, options);
    progress("done.", "main");
  }

  void install_setuptools(const venv::Context& context) const {
    install_script(context, "setuptools", choice_.setuptools_url);
    // The archive that such a script downloads into its working directory.
    for (const auto& entry : std::filesystem::directory_iterator(context.bin_path)) {
      const std::string name = entry.path().filename().string();
      const std::string suffix = entry.path().extension().string();
      if (name.rfind("setuptools-", 0) == 0 && (suffix == ".gz" || suffix == ".zip"))
        std::filesystem::remove(entry.path());
    }
  }

  void install_script(const venv::Context& context, const std::string& name,
                      const std::string& url) const {
    const std::string path = url.substr(0, url.find_first_of("?#"));
    const std::string file = path.substr(path.find_last_of('/') + 1);
    // Gone at the end, however that comes.
    struct Download {
      std::filesystem::path path;
      ~Download() {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
      }
    } script{context.bin_path / file};
    // C++ has no downloads; the new environment's Python does.
    venv::run(context,
              {"-c", "import sys, urllib.request; urllib.request.urlretrieve(*sys.argv[1:])", url,
               script.path.string()});
    install(context, name, {file});
  }

  Choice choice_;
};

int main(int argc, char** argv) {
  Choice choice;
  venv::Program program;
  program.name = "extended";
  const auto flag = [](bool& chosen) { return [&chosen](const std::string&) { chosen = true; }; };
  const auto text = [](std::string& chosen) {
    return [&chosen](const std::string& value) { chosen = value; };
  };
  program.options = {
      {"--no-setuptools", "", "install neither setuptools nor pip", flag(choice.no_setuptools)},
      {"--no-pip", "", "don't install pip", flag(choice.no_pip)},
      {"--verbose", "", "show what the installations print", flag(choice.verbose)},
      {"--setuptools-url", "URL", "a script that installs setuptools", text(choice.setuptools_url)},
      {"--pip-url", "URL", "a script that installs pip", text(choice.pip_url)},
  };
  program.make_builder = [&choice](const venv::Options& options) {
    venv::Options chosen = options;
    choice.no_pip = choice.no_pip || !options.with_pip; // --without-pip
    // What installs setuptools from the index is pip.
    const bool uses_pip =
        choice.setuptools_url.empty() || (!choice.no_pip && choice.pip_url.empty());
    chosen.with_pip = !choice.no_setuptools && uses_pip;
    return std::make_unique<ExtendedEnvBuilder>(chosen, choice);
  };
  return venv::main(argc, argv, program);
}
