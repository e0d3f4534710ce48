#pragma once

#include "../api/options.hpp"
#include "../api/process.hpp"
#include "../package/wheel.hpp"
#include "../base/function_ref.hpp"
#include "../cache/cache.hpp"
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

/// How this pip writes console scripts, by its sources; another pip's way where they don't say.
VENV_INLINE std::string template_by(FunctionRef<std::string(const char*)> source) {
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
  index.script_template = template_by([&wheel](const char* path) {
    const WheelFile* file = wheel.find(path);
    return file ? read_verified(*file) : std::string();
  });
  unpack_wheel(wheel, index, staging);
  if (with_bytecode) {
    say(Report::progress, "compiling " + index.distribution);
    compile_modules(python, index, staging);
  }
  cache.remember(name, [&](NewFile& file) { write_pack(index, staging, file); });
  return index;
}

/// Whether a console script is there and run by this environment's Python, under any of its names.
VENV_INLINE bool runs_here(const fs::path& script, const Context& context) {
  if (followed_status_of(script).kind != FileKind::file) return false;
  const std::string text = read_file(script), own = shebang_for(text_of(context.env_exe));
  if (text.compare(0, own.size(), own) == 0) return true;
  std::string_view interpreter = std::string_view(text).substr(0, text.find('\n'));
  return take_prefix(interpreter, "#!") && path_of(interpreter).parent_path() == context.bin_path &&
         followed_status_of(path_of(interpreter)).kind == FileKind::file;
}

/// The one that is newer than the wheel and stays, as nothing is downgraded; null where there is
/// none, or none that works: without METADATA nothing takes it for installed.
VENV_INLINE const Installed* newer_one(const std::vector<Installed>& installed,
                                       const WheelName& wheel) {
  for (const Installed& one : installed)
    if (wheel.parsed_version < one.version && is_complete(one, true) &&
        followed_status_of(one.dist_info / "METADATA").kind == FileKind::file)
      return &one;
  return nullptr;
}

/// Writes the console scripts that are missing or run elsewhere, as this pip itself would: an upgrade
/// that was killed late left none.
VENV_INLINE void restore_scripts(const Installed& installed, const Context& context) {
  const auto source = [&](const char* name) {
    const fs::path path = context.lib_path / name;
    return followed_status_of(path).kind == FileKind::file ? read_file(path) : std::string();
  };
  const std::string entry_points = text_of(installed.dist_info.filename()) + "/entry_points.txt";
  const std::vector<EntryPoint> wanted = parse_entry_points(source(entry_points.c_str())).console;
  for (const EntryPoint& entry : scripts_for(context.python, wanted)) {
    const fs::path script = context.bin_path / entry.name;
    if (runs_here(script, context)) continue;
    context.undo->before(script);
    write_file(script, script_text(context, template_by(source), entry));
    make_executable(script);
  }
}

/// Whether what is installed is the wheel's version, whole, and its scripts run here.
VENV_INLINE bool is_up_to_date(const std::vector<Installed>& installed, const WheelName& wheel,
                               const Context& context) {
  if (installed.size() != 1 || installed[0].version < wheel.parsed_version) return false;
  if (!is_complete(installed[0])) return false;
  return normalized_name(wheel.distribution) != "pip" ||
         runs_here(context.bin_path / "pip", context);
}

/// Installs one wheel as `pip install --upgrade` would, without running it.
VENV_INLINE void install_wheel(const Context& context, const fs::path& path, const Options& options,
                               const Cache& cache, const Say& say) {
  const std::string file_name = text_of(path.filename());
  const auto name = parse_wheel_name(file_name); // not null: it was found by its name
  const std::vector<Installed> installed =
      find_installed(context.lib_path, normalized_name(name->distribution));
  if (const Installed* newer = newer_one(installed, *name)) return restore_scripts(*newer, context);
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
  return followed_status_of(python.stdlib / "ensurepip" / "__init__.py").kind == FileKind::file;
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
  RunOptions options;
  options.cwd = context.env_dir; // as the reference
  options.installs = true;
  run(context, {"-m", "ensurepip", "--upgrade", "--default-pip"}, options);
}

VENV_DETAIL_END
