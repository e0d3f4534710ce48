// Ways in which programs subclass venv::EnvBuilder: ways PYTHON NAME ENV_DIR. ways.py says what each
// is, by the same names; without a name, prints the names.

#include "venv.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace fs = std::filesystem;
using venv::Context;
using venv::EnvBuilder;
using venv::Options;

std::string python;

Options linked() {
  Options options;
  options.python = python;
  options.symlinks = true;
  return options;
}

void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

std::string output_of(const Context& context, const std::vector<std::string>& arguments) {
  std::string said = venv::run(context, arguments);
  while (!said.empty() && said.back() == '\n') said.pop_back();
  return said;
}

std::string prefix_of(const Context& context) {
  return output_of(context, {"-c", "import sys; print(sys.prefix)"});
}

void print(const std::string& line) { std::printf("%s\n", line.c_str()); }

struct Builder : EnvBuilder {
  Builder() : EnvBuilder(linked()) {}
  explicit Builder(Options options) : EnvBuilder(std::move(options)) {}
};

void post_setup_adds_paths(const fs::path& env_dir) {
  struct Own : Builder {
    void post_setup(Context& context) override {
      write(fs::path(output_of(context, {"-c", "import site; print(site.getsitepackages()[0])"})) /
                "own.pth",
            "/usr\n");
    }
  };
  Own().create(env_dir);
}

void post_setup_runs_python(const fs::path& env_dir) {
  struct Own : Builder {
    void post_setup(Context& context) override { print(prefix_of(context)); }
  };
  Own().create(env_dir);
}

void context_is_kept(const fs::path& env_dir) {
  struct Own : Builder {
    Context kept;
    void post_setup(Context& context) override { kept = context; }
  } builder;
  builder.create(env_dir);
  print(builder.kept.env_exe.string() + ' ' + prefix_of(builder.kept));
}

void ensure_directories_keeps_the_context(const fs::path& env_dir) {
  struct Own : Builder {
    Context kept;
    Context ensure_directories(const fs::path& dir) override {
      return kept = EnvBuilder::ensure_directories(dir);
    }
  } builder;
  builder.create(env_dir);
  print(builder.kept.bin_path.string());
}

void setup_python_then_another_name(const fs::path& env_dir) {
  struct Own : Builder {
    void setup_python(Context& context) override {
      EnvBuilder::setup_python(context);
      const fs::path name = context.bin_path / "build-python";
      if (!fs::is_symlink(name)) fs::create_symlink(context.python_exe, name);
      print(prefix_of(context));
    }
  };
  Own().create(env_dir);
}

void setup_python_after_a_wrapper(const fs::path& env_dir) {
  struct Own : Builder {
    void setup_python(Context& context) override {
      const fs::path name = context.bin_path / "python3";
      fs::remove(name);
      write(name, "#!/bin/sh\nexec \"$(dirname \"$0\")/python\" \"$@\"\n");
      fs::permissions(name, static_cast<fs::perms>(0755));
      EnvBuilder::setup_python(context);
    }
  };
  Own().create(env_dir);
}

void setup_python_by_oneself(const fs::path& env_dir) {
  struct Own : Builder {
    void setup_python(Context& context) override {
      for (const fs::path& name : {context.env_exe, context.bin_path / "python"})
        if (!fs::is_symlink(name)) fs::create_symlink(context.executable, name);
    }
  };
  Own().create(env_dir);
}

void create_configuration_then_a_line(const fs::path& env_dir) {
  struct Own : Builder {
    void create_configuration(Context& context) override {
      EnvBuilder::create_configuration(context);
      std::ofstream(context.cfg_path, std::ios::app) << "own = yes\n";
    }
  };
  Own().create(env_dir);
}

void create_configuration_by_oneself(const fs::path& env_dir) {
  struct Own : Builder {
    void create_configuration(Context& context) override {
      write(context.env_dir / "pyvenv.cfg", "home = " + context.python_dir.string() + '\n');
    }
  };
  Own().create(env_dir);
}

void create_configuration_with_another_option(const fs::path& env_dir) {
  struct Own : Builder {
    void create_configuration(Context& context) override {
      current_options().system_site_packages = true;
      EnvBuilder::create_configuration(context);
    }
  };
  Own().create(env_dir);
}

void ensure_directories_then_another_prompt(const fs::path& env_dir) {
  struct Own : Builder {
    Context ensure_directories(const fs::path& dir) override {
      Context context = EnvBuilder::ensure_directories(dir);
      context.prompt = "another";
      return context;
    }
  };
  Own().create(env_dir);
}

void ensure_directories_refuses(const fs::path& env_dir) {
  struct Own : Builder {
    Context ensure_directories(const fs::path&) override { throw std::runtime_error("refused"); }
  };
  try {
    Own().create(env_dir);
  } catch (const std::runtime_error& error) {
    print(error.what());
  }
}

void ensure_directories_by_oneself(const fs::path& env_dir) {
  struct Own : Builder {
    Context ensure_directories(const fs::path& dir) override {
      const venv::Interpreter base = venv::find_interpreter(python);
      Context context;
      context.env_dir = dir;
      context.env_name = context.prompt = dir.filename().string();
      context.executable = base.base_executable;
      context.python_dir = context.executable.parent_path();
      context.python_exe = context.executable.filename().string();
      context.bin_name = "bin";
      context.bin_path = dir / "bin";
      context.inc_path = dir / "include";
      context.lib_path = dir / "lib" / ("python" + base.version.minor_text()) / "site-packages";
      context.env_exe = context.env_exec_cmd = context.bin_path / context.python_exe;
      for (const fs::path& path : {context.bin_path, context.inc_path, context.lib_path})
        fs::create_directories(path);
      return context;
    }
  };
  Own().create(env_dir);
}

void setup_scripts_not_at_all(const fs::path& env_dir) {
  struct Own : Builder {
    void setup_scripts(Context&) override {}
  };
  Own().create(env_dir);
}

venv::ScriptSet own_script(const std::string& text) {
  venv::Script script;
  script.name = "own.txt";
  script.text = text;
  venv::ScriptSet set;
  set.scripts = {script};
  return set;
}

void setup_scripts_then_own_ones(const fs::path& env_dir) {
  struct Own : Builder {
    void setup_scripts(Context& context) override {
      EnvBuilder::setup_scripts(context);
      install_scripts(context, own_script("in __VENV_BIN_NAME__\n"));
    }
  };
  Own().create(env_dir);
}

void setup_scripts_after_another_prompt(const fs::path& env_dir) {
  struct Own : Builder {
    void setup_scripts(Context& context) override {
      context.prompt = "another";
      EnvBuilder::setup_scripts(context);
    }
  };
  Own().create(env_dir);
}

void install_scripts_without_one(const fs::path& env_dir) {
  struct Own : Builder {
    void install_scripts(Context& context, const venv::ScriptSet& given) override {
      venv::ScriptSet set;
      for (const venv::Script& script : given.scripts)
        if (script.name != "activate.csh") set.scripts.push_back(script);
      EnvBuilder::install_scripts(context, set);
    }
  };
  Own().create(env_dir);
}

void replace_variables_with_one_more(const fs::path& env_dir) {
  struct Own : Builder {
    void setup_scripts(Context& context) override {
      install_scripts(context, own_script("__OWN__ __VENV_BIN_NAME__\n"));
    }
    std::optional<std::string> replace_variables(const std::string& text, const std::string& name,
                                                 const Context& context) override {
      std::string own = text;
      if (const std::size_t at = own.find("__OWN__"); at != own.npos) own.replace(at, 7, "mine");
      return EnvBuilder::replace_variables(own, name, context);
    }
  };
  Own().create(env_dir);
}

void symlink_or_copy_refuses_copies(const fs::path& env_dir) {
  struct Own : Builder {
    using Builder::Builder;
    void symlink_or_copy(const fs::path& src, const fs::path& dst, bool relative) override {
      if (!current_options().symlinks) throw std::runtime_error("no copies");
      EnvBuilder::symlink_or_copy(src, dst, relative);
    }
  };
  for (const bool symlinks : {true, false}) try {
      Options options = linked();
      options.symlinks = symlinks;
      Own(options).create(env_dir.string() + (symlinks ? "" : " of copies"));
    } catch (const std::runtime_error& error) {
      print(error.what());
    }
}

Options with_pip() {
  Options options = linked();
  options.with_pip = true;
  return options;
}

void setup_pip_by_oneself(const fs::path& env_dir) {
  struct Own : Builder {
    using Builder::Builder;
    void setup_pip(Context& context) override {
      print(prefix_of(context));
      write(context.env_dir / "no pip", "");
    }
  };
  Own(with_pip()).create(env_dir);
}

void setup_pip_then_pip(const fs::path& env_dir) {
  struct Own : Builder {
    using Builder::Builder;
    void setup_pip(Context& context) override {
      EnvBuilder::setup_pip(context);
      std::istringstream words(output_of(context, {"-m", "pip", "list"}));
      print(std::vector<std::string>(std::istream_iterator<std::string>(words), {}).at(4));
    }
  };
  Own(with_pip()).create(env_dir);
}

void with_pip_decided_by_a_hook(const fs::path& env_dir) {
  struct Own : Builder {
    using Builder::Builder;
    Context ensure_directories(const fs::path& dir) override {
      current_options().with_pip = false;
      return EnvBuilder::ensure_directories(dir);
    }
  };
  Own(with_pip()).create(env_dir);
}

void upgrade_dependencies_by_oneself(const fs::path& env_dir) {
  struct Own : Builder {
    using Builder::Builder;
    void upgrade_dependencies(Context& context) override { print(prefix_of(context)); }
  };
  Options options = linked();
  options.upgrade_deps = true;
  Own(options).create(env_dir);
}

void clear_directory_keeps_something(const fs::path& env_dir) {
  struct Own : Builder {
    using Builder::Builder;
    void clear_directory(const fs::path& path) override {
      EnvBuilder::clear_directory(path);
      write(path / "kept", "");
    }
  };
  Options options = linked();
  options.clear = true;
  Own(options).create(env_dir);
}

void create_as_the_manual_has_it(const fs::path& env_dir) {
  struct Own : Builder {
    Context create(const fs::path& dir) override {
      Context context = ensure_directories(fs::absolute(dir));
      create_configuration(context);
      setup_python(context);
      setup_scripts(context);
      post_setup(context);
      return context;
    }
    void post_setup(Context& context) override { print(prefix_of(context)); }
  };
  Own().create(env_dir);
}

void create_then_something(const fs::path& env_dir) {
  struct Own : Builder {
    Context create(const fs::path& dir) override {
      Context context = EnvBuilder::create(dir);
      write(dir / "done", "");
      return context;
    }
  };
  Own().create(env_dir);
}

void three_steps(const fs::path& env_dir) {
  Builder builder;
  Context context = builder.ensure_directories(env_dir);
  builder.create_configuration(context);
  builder.setup_python(context);
  print(prefix_of(context));
}

void one_builder_for_three(const fs::path& env_dir) {
  struct Own : Builder {
    void post_setup(Context& context) override {
      print(context.env_name + ' ' + prefix_of(context));
    }
  } builder;
  for (const char* name : {"", "/inner", "/another"}) builder.create(env_dir.string() + name);
}

void one_builder_for_threads(const fs::path& env_dir) {
  struct Own : Builder {
    void post_setup(Context& context) override {
      write(context.env_dir / "prefix", prefix_of(context));
    }
  } builder;
  builder.create(env_dir);
  std::vector<std::thread> threads;
  for (const char* name : {"a", "b", "c"})
    threads.emplace_back([&, name] { builder.create(env_dir / name); });
  for (std::thread& thread : threads) thread.join();
}

void create_git_ignore_file_then_a_line(const fs::path& env_dir) {
  struct Own : Builder {
    using Builder::Builder;
    void create_git_ignore_file(Context& context) override {
      EnvBuilder::create_git_ignore_file(context);
      write(context.env_dir / ".gitignore", "*\n");
    }
  };
  Options options = linked();
  options.scm_ignore_files = {"git"};
  Own(options).create(env_dir);
}

void create_hg_ignore_file(const fs::path& env_dir) {
  struct Own : Builder {
    using Builder::Builder;
    void create_scm_ignore_file(const std::string& scm, Context& context) override {
      if (scm != "hg") return EnvBuilder::create_scm_ignore_file(scm, context);
      write(context.env_dir / ".hgignore", "syntax: glob\n*\n");
    }
  };
  Options options = linked();
  options.scm_ignore_files = {"Hg"};
  Own(options).create(env_dir);
}

struct Way {
  const char* name;
  void (*take)(const fs::path& env_dir);
};

#define WAY(name) {#name, name}
constexpr Way ways[] = {WAY(post_setup_adds_paths),
                        WAY(post_setup_runs_python),
                        WAY(context_is_kept),
                        WAY(ensure_directories_keeps_the_context),
                        WAY(setup_python_then_another_name),
                        WAY(setup_python_after_a_wrapper),
                        WAY(setup_python_by_oneself),
                        WAY(create_configuration_then_a_line),
                        WAY(create_configuration_by_oneself),
                        WAY(create_configuration_with_another_option),
                        WAY(ensure_directories_then_another_prompt),
                        WAY(ensure_directories_refuses),
                        WAY(ensure_directories_by_oneself),
                        WAY(setup_scripts_not_at_all),
                        WAY(setup_scripts_then_own_ones),
                        WAY(setup_scripts_after_another_prompt),
                        WAY(install_scripts_without_one),
                        WAY(replace_variables_with_one_more),
                        WAY(symlink_or_copy_refuses_copies),
                        WAY(setup_pip_by_oneself),
                        WAY(setup_pip_then_pip),
                        WAY(with_pip_decided_by_a_hook),
                        WAY(upgrade_dependencies_by_oneself),
                        WAY(clear_directory_keeps_something),
                        WAY(create_as_the_manual_has_it),
                        WAY(create_then_something),
                        WAY(three_steps),
                        WAY(one_builder_for_three),
                        WAY(one_builder_for_threads),
                        WAY(create_git_ignore_file_then_a_line),
                        WAY(create_hg_ignore_file)};

} // namespace

int main(int argc, char** argv) {
  if (argc == 1)
    for (const Way& way : ways) print(way.name);
  if (argc != 4) return argc != 1;
  python = argv[1];
  for (const Way& way : ways)
    if (argv[2] == std::string(way.name)) try {
        way.take(argv[3]);
        return 0;
      } catch (const std::exception& error) {
        std::fprintf(stderr, "Error: %s\n", error.what());
        return 1;
      }
  return 2;
}
