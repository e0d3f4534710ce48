// Installs wheels and removes them by the library alone, so that what it makes can be compared with what
// pip makes:
//
//     native lay ENV WHEEL ...          these wheels, without what they require
//     native install ENV DIR NAME ...   projects, from a directory of wheels, without an index
//     native uninstall ENV NAME ...

#include "venv.hpp"

#include <cstdio>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

/// The wheels are asked for by the names of their files.
void lay(const fs::path& env_dir, const std::vector<std::string>& paths) {
  using namespace venv::detail;
  venv::Context context = context_of(env_dir, parse_pyvenv_cfg(read_file(env_dir / "pyvenv.cfg")));
  venv::Options options;
  options.report = [](venv::Report kind, const std::string& line) {
    if (kind == venv::Report::warning) std::fprintf(stderr, "%s\n", line.c_str());
  };
  context.python = base_as_it_says(context, options);
  std::vector<ChosenWheel> wheels;
  std::vector<Removal> removals;
  const auto installed = distributions_of(context, false, false);
  for (const std::string& path : paths) {
    ChosenWheel wheel;
    wheel.path = path;
    wheel.asked_name = parse_wheel_name(wheel.path.filename().string()).value().distribution;
    wheel.is_requested = true;
    for (const auto* old : installed_here(context, installed, normalized_name(wheel.asked_name)))
      removals.push_back(removal_of(*old).value());
    wheels.push_back(wheel);
  }
  Transaction transaction(env_dir);
  transaction.open({});
  const StopRequest stop;
  install_wheels(wheels, removals, {context, transaction, options, stop});
  transaction.commit();
}

void install(const fs::path& env_dir, const std::vector<std::string>& rest) {
  venv::Requirements wanted;
  wanted.wheel_dirs = {rest.at(0)};
  wanted.packages.assign(rest.begin() + 1, rest.end());
  wanted.offline = true;
  venv::RunOptions how;
  how.on_line = [](venv::Stream, std::string_view line) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
  };
  std::fputs(venv::Environment::open(env_dir).install(wanted, how).out.c_str(), stdout);
}

} // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const std::vector<std::string> rest(arguments.begin() + 2, arguments.end());
  const fs::path env_dir = fs::absolute(arguments.at(1));
  if (arguments.at(0) == "lay") lay(env_dir, rest);
  else if (arguments.at(0) == "install") install(env_dir, rest);
  else venv::Environment::open(env_dir).uninstall(rest);
} catch (const venv::Error& error) {
  std::fprintf(stderr, "Error: %s\n", error.what());
  return 1;
}
