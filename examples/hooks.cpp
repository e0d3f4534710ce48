// A builder of one's own: what EnvBuilder does, and then some.
//
// Usage: hooks ENV_DIR [SCRIPTS_DIR]
#include "venv.hpp"

#include <cstdio>
#include <string>

// Says what it does, has Mercurial ignore the environment too, installs scripts of its own, and
// leaves a note of what pip finds in the environment.
class ProjectEnvBuilder : public venv::EnvBuilder {
public:
  ProjectEnvBuilder(venv::Options options, std::filesystem::path scripts)
      : EnvBuilder(std::move(options)), scripts_(std::move(scripts)) {}

  void create_scm_ignore_file(const std::string& scm, venv::Context& context) override {
    if (scm != "hg") return EnvBuilder::create_scm_ignore_file(scm, context);
    write(context.env_dir / ".hgignore", "syntax: glob\n*\n");
  }

  void setup_python(venv::Context& context) override {
    std::printf("based on %s\n", context.executable.string().c_str());
    EnvBuilder::setup_python(context);
  }

  void setup_scripts(venv::Context& context) override {
    EnvBuilder::setup_scripts(context);
    if (!scripts_.empty()) install_scripts(context, scripts_);
  }

  void post_setup(venv::Context& context) override {
    write(context.env_dir / "packages.txt", venv::run(context, {"-m", "pip", "list"}));
  }

private:
  static void write(const std::filesystem::path& path, const std::string& text) {
    if (std::FILE* file = std::fopen(path.string().c_str(), "w")) {
      std::fputs(text.c_str(), file);
      std::fclose(file);
    }
  }

  std::filesystem::path scripts_;
};

int main(int argc, char** argv) {
  if (argc < 2) return std::fputs("usage: hooks ENV_DIR [SCRIPTS_DIR]\n", stderr), 2;
  venv::Options options;
  options.with_pip = true;
  options.symlinks = true;
  options.scm_ignore_files = {"git", "hg"};
  try {
    ProjectEnvBuilder(options, argc > 2 ? argv[2] : "").create(argv[1]);
  } catch (const venv::Error& error) {
    std::fprintf(stderr, "Error: %s\n", error.what());
    return 1;
  }
}
