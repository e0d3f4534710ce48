// The program with a builder of its own: its hooks write into the environment, and change pyvenv.cfg in
// place.

#include "venv.hpp"

#include <fstream>
#include <iterator>
#include <memory>
#include <string>

namespace {

struct Builder : venv::EnvBuilder {
  using EnvBuilder::EnvBuilder;

  static void write(const std::filesystem::path& path) { std::ofstream(path) << "by a hook\n"; }
  venv::Context ensure_directories(const std::filesystem::path& env_dir) override {
    venv::Context context = EnvBuilder::ensure_directories(env_dir);
    write(context.env_dir / "by ensure_directories");
    return context;
  }
  void create_configuration(venv::Context& context) override {
    EnvBuilder::create_configuration(context);
    std::ifstream cfg(context.cfg_path);
    const std::string text{std::istreambuf_iterator<char>(cfg), {}};
    if (text.find("by = ") == std::string::npos) // --upgrade keeps it
      std::ofstream(context.cfg_path, std::ios::app) << "by = a hook\n";
  }
  void setup_python(venv::Context& context) override {
    EnvBuilder::setup_python(context);
    write(context.bin_path / "by setup_python");
  }
  void setup_scripts(venv::Context& context) override {
    EnvBuilder::setup_scripts(context);
    write(context.lib_path / "by setup_scripts.pth.txt");
  }
  void post_setup(venv::Context& context) override {
    std::filesystem::create_directories(context.env_dir / "own/folder");
    write(context.env_dir / "own/folder/by post_setup");
  }
};

} // namespace

int main(int argc, char** argv) {
  venv::Program program;
  program.make_builder = [](const venv::Options& options) {
    return std::make_unique<Builder>(options);
  };
  return venv::main(argc, argv, program);
}
