// The logging builder in C++: logger PYTHON OBSERVER LOG ENV_DIR OPTION ...
//
// What logger.py does, which says what the words mean; PYTHON is the base.

#include "venv.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace {

using venv::Context;

std::vector<std::string> observer;

void note(const std::string& hook, const std::string& when, const Context& context) {
  std::vector<std::string> words = observer;
  for (const std::string& word : {hook, when}) words.push_back(word);
  const std::vector<std::pair<const char*, std::string>> attributes = {
      {"env_dir", context.env_dir},       {"env_name", context.env_name},
      {"prompt", context.prompt},         {"executable", context.executable},
      {"python_dir", context.python_dir}, {"python_exe", context.python_exe},
      {"inc_path", context.inc_path},     {"lib_path", context.lib_path},
      {"bin_path", context.bin_path},     {"bin_name", context.bin_name},
      {"env_exe", context.env_exe},       {"env_exec_cmd", context.env_exec_cmd},
      {"cfg_path", context.cfg_path},     {"platlib_path", context.platlib_path}};
  for (const auto& [name, value] : attributes)
    if (!value.empty()) words.push_back(name + ('=' + value));
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child || status != 0) std::abort();
}

class Logging : public venv::EnvBuilder {
public:
  using EnvBuilder::EnvBuilder;

  Context ensure_directories(const std::filesystem::path& env_dir) override {
    context_ = Context();
    context_.env_dir = env_dir;
    note("ensure_directories", "before", context_);
    context_ = EnvBuilder::ensure_directories(env_dir);
    note("ensure_directories", "after", context_);
    return context_;
  }
  void clear_directory(const std::filesystem::path& path) override {
    around("clear_directory", context_, [&] { EnvBuilder::clear_directory(path); });
  }
  void create_git_ignore_file(Context& context) override {
    around("create_git_ignore_file", context, [&] { EnvBuilder::create_git_ignore_file(context); });
  }
  void create_configuration(Context& context) override {
    around("create_configuration", context, [&] { EnvBuilder::create_configuration(context); });
  }
  void setup_python(Context& context) override {
    around("setup_python", context, [&] { EnvBuilder::setup_python(context); });
  }
  void symlink_or_copy(const std::filesystem::path& src, const std::filesystem::path& dst,
                       bool relative_symlinks_ok) override {
    around("symlink_or_copy", context_,
           [&] { EnvBuilder::symlink_or_copy(src, dst, relative_symlinks_ok); });
  }
  void setup_pip(Context& context) override {
    around("setup_pip", context, [&] { EnvBuilder::setup_pip(context); });
  }
  void setup_scripts(Context& context) override {
    around("setup_scripts", context, [&] { EnvBuilder::setup_scripts(context); });
  }
  void install_scripts(Context& context, const venv::ScriptSet& scripts) override {
    replaced_ = false;
    around("install_scripts", context, [&] { EnvBuilder::install_scripts(context, scripts); });
  }
  std::optional<std::string> replace_variables(const std::string& text, const std::string& name,
                                               const Context& context) override {
    if (!std::exchange(replaced_, true)) note("replace_variables", "before", context);
    return EnvBuilder::replace_variables(text, name, context);
  }
  void post_setup(Context& context) override {
    around("post_setup", context, [&] { EnvBuilder::post_setup(context); });
  }
  void upgrade_dependencies(Context& context) override {
    note("upgrade_dependencies", "before", context);
  }

private:
  static void around(const char* hook, const Context& context, const std::function<void()>& base) {
    note(hook, "before", context);
    base();
    note(hook, "after", context);
  }

  Context context_{};
  bool replaced_ = false;
};

} // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv, argv + argc);
  if (words.size() < 5) return 2;
  venv::Options options;
  options.python = words[1];
  for (std::size_t start = 0, end = 0; end != std::string::npos; start = end + 1) {
    end = words[2].find('\n', start);
    observer.push_back(words[2].substr(start, end - start));
  }
  observer.push_back(words[3]);
  const std::vector<std::pair<std::string, bool*>> flags = {
      {"--clear", &options.clear},
      {"--symlinks", &options.symlinks},
      {"--upgrade", &options.upgrade},
      {"--with-pip", &options.with_pip},
      {"--upgrade-deps", &options.upgrade_deps},
      {"--system-site-packages", &options.system_site_packages}};
  for (std::size_t i = 5; i < words.size(); ++i) {
    if (words[i] == "--git") options.scm_ignore_files = {"git"};
    for (const auto& [name, flag] : flags)
      if (words[i] == name) *flag = true;
  }
  try {
    Logging(options).create(words[4]);
  } catch (const venv::Error& error) {
    std::fprintf(stderr, "Error: %s\n", error.what());
    return 1;
  }
}
