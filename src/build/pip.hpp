#pragma once

#include "../api/options.hpp"
#include "../api/run.hpp"
#include "../archive/wheel.hpp"
#include "../text/function_ref.hpp"
#include "cache.hpp"
#include "distribution.hpp"
#include "installed.hpp"
#include "staging.hpp"
#include "wheels.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

using Say = FunctionRef<void(Report, const std::string&)>;

/// What an installed wheel is remembered by: the file, and whose bytecode it is compiled to.
VENV_INLINE std::string pack_key(const fs::path& wheel, const Interpreter& python) {
  std::string magic;
  for (const char byte : python.magic)
    magic += hexadecimal(static_cast<unsigned char>(byte)).substr(14);
  return text_of(wheel) + '\n' + identity_of(followed_status_of(wheel)) + magic + ' ' +
         python.cache_tag;
}

/// How this pip writes console scripts; another pip's way where it doesn't say.
VENV_INLINE std::string template_in(const Wheel& wheel) {
  const auto source = [&wheel](std::string_view name) {
    const WheelFile* file = wheel.find(name);
    return file ? read_verified(*file) : std::string();
  };
  if (auto text = script_template(source("pip/_internal/operations/install/wheel.py"),
                                  source("pip/_vendor/distlib/scripts.py")))
    return *text;
  return "import sys\n"
         "from %(module)s import %(import_name)s\n"
         "\n"
         "if __name__ == '__main__':\n"
         "    sys.exit(%(func)s())\n";
}

/// Stages a remembered distribution, or nothing where there is none, or none that is whole.
VENV_INLINE std::optional<PackIndex> stage_remembered(const Cache& cache, const std::string& name,
                                                      const std::string& key,
                                                      const Interpreter& python, bool with_bytecode,
                                                      const Staging& staging) {
  const auto pack = cache.find(name);
  if (!pack) return std::nullopt;
  auto index = parse_pack(pack->bytes());
  if (!index || index->key != key) return std::nullopt;
  const bool compiled = std::any_of(index->files.begin(), index->files.end(),
                                    [](const PackFile& file) { return file.bytecode; });
  if (with_bytecode && !compiled && !python.cache_tag.empty()) return std::nullopt;
  if (unpack_pack(pack->bytes(), *index, bytecode_header_size(python), with_bytecode, staging))
    return index;
  cache.forget(name);
  return std::nullopt;
}

/// Stages a wheel and remembers it.
VENV_INLINE PackIndex stage_wheel(const Wheel& wheel, const Cache& cache, const std::string& name,
                                  const std::string& key, const Interpreter& python,
                                  bool with_bytecode, const Staging& staging, const Say& say) {
  PackIndex index = index_of(wheel);
  index.key = key;
  index.script_template = template_in(wheel);
  unpack_wheel(wheel, index, staging);
  if (with_bytecode) {
    say(Report::progress, "compiling " + index.distribution);
    compile_modules(python, index, staging);
  }
  cache.remember(name, [&](NewFile& file) { write_pack(index, staging, file); });
  return index;
}

/// Whether one that is newer than the wheel is installed, which stays as it is whatever its state:
/// nothing is downgraded. Without METADATA nothing takes it for installed.
VENV_INLINE bool has_newer(const std::vector<Installed>& installed, const WheelName& wheel) {
  return std::any_of(installed.begin(), installed.end(), [&wheel](const Installed& one) {
    return wheel.parsed_version < one.version &&
           followed_status_of(one.dist_info / "METADATA").kind == Kind::file;
  });
}

/// Whether what is installed is newer than the wheel, or as new, whole, and its scripts run here.
VENV_INLINE bool is_up_to_date(const std::vector<Installed>& installed, const WheelName& wheel,
                               const Context& context) {
  if (has_newer(installed, wheel)) return true;
  if (installed.size() != 1 || installed[0].version < wheel.parsed_version) return false;
  if (!is_complete(installed[0])) return false;
  const std::string interpreter = shebang_for(text_of(context.env_exe));
  const fs::path script = context.bin_path / "pip";
  if (normalized_name(wheel.distribution) != "pip") return true;
  return followed_status_of(script).kind == Kind::file &&
         read_file(script).substr(0, interpreter.size()) == interpreter;
}

/// Installs one wheel as `pip install --upgrade` would, without running it.
VENV_INLINE void install_wheel(const Context& context, const fs::path& path, const Options& options,
                               const Cache& cache, const Say& say) {
  const std::string file_name = text_of(path.filename());
  const auto name = parse_wheel_name(file_name); // not null: it was found by its name
  const std::vector<Installed> installed =
      find_installed(context.lib_path, normalized_name(name->distribution));
  if (is_up_to_date(installed, *name, context)) return;
  const std::string key = pack_key(path, context.python);
  const std::string pack = cache_name(name->distribution + '-' + name->version, key);
  const bool compile = options.compile_bytecode;
  const auto install = [&](PackIndex&& index, const Staging& staging) {
    for (const Installed& old : installed) remove_installed(old, context.env_dir, *context.undo);
    put_in_place(installation_of(context, std::move(index), compile), context, staging);
  };
  {
    const Staging staging(context.lib_path);
    auto index = stage_remembered(cache, pack, key, context.python, compile, staging);
    if (index) return install(std::move(*index), staging);
  }
  const Staging staging(context.lib_path);
  const MappedFile bytes(path);
  const Wheel wheel(bytes.bytes(), file_name);
  install(stage_wheel(wheel, cache, pack, key, context.python, compile, staging, say), staging);
}

/// Whether the base Python's own ensurepip can be run.
VENV_INLINE bool has_ensurepip(const Interpreter& python) {
  return followed_status_of(python.stdlib / "ensurepip" / "__init__.py").kind == Kind::file;
}

VENV_INLINE Error no_pip(const Interpreter& python, const WheelSearch& search) {
  std::string places;
  for (const fs::path& place : search.directories)
    places += (places.empty() ? "" : ", ") + quoted(place);
  Error error(ErrorCode::pip_unavailable, "no pip for " + quoted(python.base_executable) +
                                              ": no wheel in " + places + ", and no ensurepip");
  error.at("install pip").on(python.stdlib / "ensurepip");
  error.advise("On Debian and Ubuntu: apt install python3-venv. Or say where pip's wheel lies "
               "(--pip-wheel-dir), or leave pip out (--without-pip).");
  return error;
}

/// Installs pip with the environment's own ensurepip.
VENV_INLINE void run_ensurepip(const Context& context) {
  context.undo->before_entries_of(context.lib_path);
  context.undo->before_entries_of(context.bin_path);
  run(context, {"-m", "ensurepip", "--upgrade", "--default-pip"});
}

VENV_DETAIL_END
