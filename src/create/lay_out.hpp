#pragma once

#include "../api/context.hpp"
#include "../api/options.hpp"
#include "../package/wheel.hpp"
#include "../package/wheel_layout.hpp"
#include "../system/file.hpp"
#include "../system/folder.hpp"
#include "../system/mapped_file.hpp"
#include "../system/platform.hpp"
#include "../system/tree.hpp"
#include "compile.hpp"
#include "distribution.hpp"
#include "pip.hpp"
#include "staging.hpp"
#include "transaction.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// A wheel that is to be installed, and how it was asked for.
struct ChosenWheel {
  fs::path path{};
  std::string asked_name{};  ///< the project as the requirement spells it, for its headers
  bool is_requested = false; ///< by the caller, not by another distribution
  std::string sha256{};      ///< that its file has to have, in digits; empty: any
};

/// By what wheels are laid out. `context.python` is what the base interpreter says of itself.
struct LayOutTools {
  const Context& context;
  Transaction& transaction;
  const Options& options;
  const StopRequest& stop;

  void say(Report kind, const std::string& line) const {
    if (options.report) options.report(kind, line);
  }
};

/// A wheel whose files lie in a directory that mirrors the environment.
struct StagedWheel {
  fs::path root{};
  std::string title{};   ///< name and version, for messages
  std::string project{}; ///< in its normal form
  std::string dist_info{}, library{};
  bool is_requested = false;
  Scripts scripts{};
  std::vector<PackFile> files{}; ///< by their places below the environment
  std::vector<RecordRow> rows{}; ///< of RECORD

  std::string metadata_place() const { return library + '/' + dist_info; }
};

/// `path` in an environment, with `/`; "" is the environment itself.
VENV_INLINE std::string place_in(const Context& context, const fs::path& path) {
  std::string place = text_of(path.lexically_relative(context.env_dir));
  if (this_os == Os::windows) std::replace(place.begin(), place.end(), '\\', '/');
  return place == "." ? std::string() : place;
}

/// Where files go, as pip has it: headers in a place of its own in environments.
VENV_INLINE WheelPlaces places_in(const Context& context, const std::string& asked_name) {
  WheelPlaces places;
  places.purelib = place_in(context, context.lib_path);
  places.platlib = place_in(context, context.platlib_path);
  places.scripts = place_in(context, context.bin_path);
  places.headers = "include/site/python" + context.python.version.minor_text() + '/' + asked_name;
  return places;
}

/// What is wrong with a wheel, told with its name.
VENV_INLINE Error told_of_wheel(const Error& error, const fs::path& wheel) {
  if (error.code() != ErrorCode::bad_archive) return error;
  return Error(ErrorCode::bad_archive, quoted(wheel) + ": " + error.what())
      .at("install packages")
      .on(wheel);
}

/// Writes one file of a wheel where it is put together. Gives its bytes back when they are others than
/// the wheel's.
VENV_INLINE bool write_placed(const Folder& folder, const std::string& name,
                              const PlacedFile& placed, const Context& context, std::string& text) {
  text = read_verified(*placed.file);
  const bool is_changed = placed.is_script && names_no_interpreter(text);
  if (is_changed)
    text = with_interpreter(text, text_of(context.env_exe), this_os == Os::windows ? "\r\n" : "\n");
  folder.create(name, {text}, unpacked_mode(placed.file->entry.mode));
  return is_changed;
}

/// Unpacks a wheel into `root`, each file verified before it is written.
VENV_INLINE StagedWheel stage_chosen(const ChosenWheel& chosen, const fs::path& root,
                                     const LayOutTools& tools) try {
  const MappedFile bytes(chosen.path);
  if (!chosen.sha256.empty() && digits_of(sha256(bytes.bytes())) != chosen.sha256)
    bad_wheel("has another SHA-256 than when it was chosen");
  const Wheel wheel(bytes.bytes(), text_of(chosen.path.filename()),
                    wheel_limits(this_os != Os::linux_or_other), WheelKind::any);
  const WheelLayout layout = layout_of(wheel, places_in(tools.context, chosen.asked_name));
  StagedWheel staged;
  staged.root = root;
  staged.title = wheel.name().distribution + ' ' + wheel.name().version;
  staged.project = normalized_name(wheel.name().distribution);
  staged.dist_info = wheel.dist_info();
  staged.library = layout.library;
  staged.is_requested = chosen.is_requested;
  staged.scripts = wheel.scripts();
  for (const PlacedFile& placed : layout.files) {
    PackFile file;
    file.name = placed.place;
    file.size = placed.file->entry.size;
    file.mode = unpacked_mode(placed.file->entry.mode);
    staged.files.push_back(std::move(file));
  }
  make_directory(root);
  std::mutex mutex;
  std::vector<RecordRow> changed;
  stage_files(root, staged.files, false,
              [&](const Folder& folder, const std::string& name, std::size_t i, std::string& text) {
                const PlacedFile& placed = layout.files[i];
                if (!write_placed(folder, name, placed, tools.context, text)) return;
                const std::lock_guard<std::mutex> lock(mutex);
                changed.push_back({record_path(placed.place, layout.library), record_hash(text),
                                   std::to_string(text.size())});
              });
  staged.rows = installed_rows(wheel, layout, changed);
  return staged;
} catch (const Error& error) {
  throw told_of_wheel(error, chosen.path);
}

/// Compiles the modules of all wheels at once; `root` holds each wheel's own directory. What doesn't
/// compile is left out, as with pip.
VENV_INLINE void compile_staged(std::vector<StagedWheel>& wheels, const fs::path& root,
                                const LayOutTools& tools) {
  const Interpreter& python = tools.context.python;
  if (python.cache_tag.empty()) return;
  std::vector<PackFile> modules; // by their paths in `root`
  for (const StagedWheel& wheel : wheels)
    for (const PackFile& file : wheel.files)
      if (is_module(file.name)) {
        modules.push_back(file);
        modules.back().name = text_of(wheel.root.filename()) + '/' + file.name;
      }
  const auto hands = deal_modules(modules, child_workers());
  const auto compile = [&](std::size_t i, const ProbeOptions& how) {
    std::string list;
    for (const std::string& name : hands[i]) {
      const fs::path shown = tools.context.env_dir / path_of(name.substr(name.find('/') + 1));
      list.append(name).append(1, '\0').append(text_of(shown)).append(1, '\0');
    }
    const fs::path file = root / ("modules" + std::to_string(i));
    write_file(file, list);
    run_compiler(python, root, {"", "--from", text_of(file)}, "packages", how);
  };
  ProbeOptions how = probe_options(tools.options, tools.stop);
  how.timeout = {};
  compile_hands(hands.size(), how, compile);
  for (StagedWheel& wheel : wheels)
    for (const PackFile& file : wheel.files) {
      if (!is_module(file.name)) continue;
      const std::string name = bytecode_name(file.name, python.cache_tag);
      if (status_of(wheel.root / path_of(name)).kind == FileKind::file)
        wheel.rows.push_back({record_path(name, wheel.library), "", ""});
    }
}

/// Where an environment's pip comes from decides how it writes scripts.
VENV_INLINE std::string template_of_pip_in(const fs::path& site_packages) {
  return template_by([&site_packages](const char* name) {
    const fs::path path = site_packages / path_of(name);
    return followed_status_of(path).kind == FileKind::file ? read_file(path) : std::string();
  });
}

/// The scripts of a wheel: names of files and their bytes.
VENV_INLINE std::vector<std::pair<std::string, std::string>> scripts_of(const StagedWheel& wheel,
                                                                        const Context& context) {
  std::vector<std::pair<std::string, std::string>> scripts;
  if (wheel.scripts.console.empty() && wheel.scripts.gui.empty()) return scripts;
  ScriptMaker maker{template_of_pip_in(context.lib_path),
                    launcher_in(context.lib_path, context.python)};
  for (const EntryPoint& entry : scripts_for(context.python, wheel.scripts.console))
    scripts.push_back({script_file(entry), script_text(context, maker, entry)});
  if (wheel.scripts.gui.empty()) return scripts;
  maker.launcher = launcher_in(context.lib_path, context.python, true);
  for (const EntryPoint& entry : wheel.scripts.gui)
    scripts.push_back({script_file(entry), script_text(context, maker, entry, true)});
  return scripts;
}

/// Writes what installers add to the metadata, RECORD among it.
VENV_INLINE void add_metadata(StagedWheel& wheel,
                              const std::vector<std::pair<std::string, std::string>>& scripts,
                              const Context& context) {
  const Folder metadata(wheel.root / path_of(wheel.metadata_place()));
  const auto add = [&](const char* name, const std::string& text) {
    metadata.create(name, {text}, 0666);
    wheel.rows.push_back(
        {wheel.dist_info + '/' + name, record_hash(text), std::to_string(text.size())});
  };
  add("INSTALLER", "pip\n");
  if (wheel.is_requested) add("REQUESTED", "");
  for (const auto& [name, text] : scripts)
    wheel.rows.push_back(
        {record_path(place_in(context, context.bin_path) + '/' + name, wheel.library),
         record_hash(text), std::to_string(text.size())});
  metadata.create("RECORD", {format_record(wheel.rows)}, 0666);
}

VENV_DETAIL_END
