#pragma once

#include "../api/context.hpp"
#include "../api/options.hpp"
#include "../cache/cache.hpp"
#include "../cache/pack.hpp"
#include "../package/wheel.hpp"
#include "../package/wheel_layout.hpp"
#include "../system/file.hpp"
#include "../system/folder.hpp"
#include "../system/mapped_file.hpp"
#include "../system/platform.hpp"
#include "../system/tree.hpp"
#include "../system/variables.hpp"
#include "compile.hpp"
#include "distribution.hpp"
#include "packed_wheel.hpp"
#include "pip.hpp"
#include "shared_files.hpp"
#include "staging.hpp"
#include "teller.hpp"
#include "transaction.hpp"
#include "wheels.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
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
  /// Where somebody listens to events, `options.report` leads there as well.
  void tell(const Event& event) const {
    if (options.on_event) options.on_event(event);
    else if (event.kind == EventKind::warning) say(Report::warning, event.text);
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
  std::vector<PackFile> modules{}; ///< that are to be compiled, by their names in the wheel
  std::vector<RecordRow> rows{};   ///< of RECORD
  std::map<std::string, std::string> places{};    ///< of the wheel's files, below the environment
  std::map<std::string, std::string> originals{}; ///< of files that don't lie there as they are
  PackIndex pack{}; ///< what is to be remembered; without a key where nothing is
  std::string pack_name{};
  std::string warning{}; ///< of what came of it, which the caller is to be told

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

/// Whether a file of the wheel is another one in an environment.
VENV_INLINE bool is_fitted(const PlacedFile& placed, std::string_view text) {
  return placed.is_script && names_no_interpreter(text);
}

VENV_INLINE std::string fitted_script(const std::string& text, const Context& context) {
  if (this_os == Os::windows) return with_interpreter(text, text_of(context.env_exe), "\r\n");
  if (can_be_relocatable(text) && is_relocatable(context))
    return relocatable_program(with_interpreter(text, "", "\n").substr(3));
  return with_interpreter(text, text_of(context.env_exe), "\n");
}

/// Writes scripts that name no interpreter with the environment's own; gives what is true of them.
VENV_INLINE std::vector<RecordRow> write_fitted(const StagedWheel& staged,
                                                const std::vector<const PlacedFile*>& scripts,
                                                const Context& context) {
  std::vector<RecordRow> rows;
  for (const PlacedFile* script : scripts) {
    const std::string text =
        fitted_script(staged.originals.at(std::string(script->file->entry.name)), context);
    const fs::path path = staged.root / path_of(script->place);
    const std::uint32_t mode = unpacked_mode(script->file->entry.mode);
    make_directories(path.parent_path());
    Folder(path.parent_path()).create(path.filename(), {text}, mode);
    if ((mode & 0111u) != 0) let_all_run(path);
    rows.push_back({record_path(script->place, staged.library), record_hash(text),
                    std::to_string(text.size())});
  }
  return rows;
}

/// The wheel, none of its files laid out yet.
VENV_INLINE StagedWheel staged_from(const Wheel& wheel, const WheelLayout& layout,
                                    const ChosenWheel& chosen, const fs::path& root) {
  StagedWheel staged;
  staged.root = root;
  staged.title = wheel.name().distribution + ' ' + wheel.name().version;
  staged.project = normalized_name(wheel.name().distribution);
  staged.dist_info = wheel.dist_info();
  staged.library = layout.library;
  staged.is_requested = chosen.is_requested;
  staged.scripts = wheel.scripts();
  for (const PlacedFile& placed : layout.files)
    staged.places[std::string(placed.file->entry.name)] = placed.place;
  make_directory(root);
  return staged;
}

/// Unpacks a wheel into `root`, each file verified before it is written.
VENV_INLINE StagedWheel stage_chosen(const ChosenWheel& chosen, const WheelPackName& pack,
                                     const fs::path& root, const LayOutTools& tools) try {
  const MappedFile bytes(chosen.path);
  if (!chosen.sha256.empty() && digits_of(sha256(bytes.bytes())) != chosen.sha256)
    bad_wheel("has another SHA-256 than when it was chosen");
  const Wheel wheel(bytes.bytes(), text_of(chosen.path.filename()),
                    wheel_limits(this_os != Os::linux_or_other), WheelKind::any);
  const WheelLayout layout = layout_of(wheel, places_in(tools.context, chosen.asked_name));
  StagedWheel staged = staged_from(wheel, layout, chosen, root);
  staged.pack_name = pack.name;
  staged.pack = wheel_index(wheel, pack.key);
  staged.pack.is_compiled = tools.options.compile_bytecode;
  std::vector<PackFile> files;
  for (const PlacedFile& placed : layout.files)
    files.push_back(packed_as(placed.place, *placed.file));
  for (const WheelFile& file : wheel.files()) {
    const std::string name(file.entry.name);
    if (staged.places.count(name) == 0) staged.originals[name] = read_verified(file);
    else if (is_module(name)) staged.modules.push_back(packed_as(name, file));
  }
  std::mutex mutex;
  std::vector<const PlacedFile*> fitted;
  stage_files(root, files, false,
              [&](const Folder& folder, const std::string& name, std::size_t i, std::string& text) {
                const PlacedFile& placed = layout.files[i];
                text = read_verified(*placed.file);
                if (!is_fitted(placed, text))
                  return static_cast<void>(folder.create(name, {text}, files[i].mode));
                const std::lock_guard<std::mutex> lock(mutex);
                staged.originals[std::string(placed.file->entry.name)] = text;
                fitted.push_back(&placed);
              });
  staged.rows = installed_rows(wheel, layout, write_fitted(staged, fitted, tools.context));
  return staged;
} catch (const Error& error) {
  throw told_of_wheel(error, chosen.path);
}

/// What is laid out from a pack as it is: files by their places, each module's bytecode behind it.
VENV_INLINE void add_packed(PackIndex& index, StagedWheel& staged, const PackedWheel& packed,
                            const PlacedFile& placed, const std::string& cache_tag) {
  const std::string name(placed.file->entry.name);
  index.files.push_back(packed.at(name));
  index.files.back().name = placed.place;
  const bool has_bytecode = !cache_tag.empty() && is_module(name);
  const PackFile* compiled = has_bytecode ? packed.find(bytecode_name(name, cache_tag)) : nullptr;
  if (compiled == nullptr || !compiled->bytecode) return;
  index.files.push_back(*compiled);
  index.files.back().name = bytecode_name(placed.place, cache_tag);
  staged.rows.push_back({record_path(index.files.back().name, staged.library), "", ""});
}

/// Lays out what `index` has of a remembered wheel, shared or as copies; false when it is damaged.
VENV_INLINE bool lay_out_packed(const PackedWheel& packed, PackIndex& index, StagedWheel& staged,
                                const Cache& cache, const LayOutTools& tools) {
  const Options& options = tools.options;
  const fs::path& root = staged.root;
  const std::size_t header_size = bytecode_header_size(tools.context.python);
  if (options.link_mode != LinkMode::copy) {
    index.distribution = packed.wheel().name().distribution;
    index.version = packed.wheel().name().version;
    std::string key = packed.key();
    for (const PackFile& file : index.files) key += '\n' + file.name;
    const SharePlan plan{tools.context.env_dir, key, options.link_mode, options.compile_bytecode,
                         header_size};
    if (share_pack(cache, packed.pack(), index, plan, root)) return true;
    staged.warning = copies_instead(index);
    remove_tree(root);
    make_directory(root);
  }
  return unpack_pack(packed.pack(), index, header_size, options.compile_bytecode, StagedTree(root));
}

/// Lays out a remembered wheel in `root`; nothing when it is damaged. Tells nobody: it may be called by any
/// thread.
VENV_INLINE std::optional<StagedWheel> stage_packed(const ChosenWheel& chosen,
                                                    const PackedWheel& packed, const fs::path& root,
                                                    const Cache& cache,
                                                    const LayOutTools& tools) try {
  const std::string cache_tag =
      tools.options.compile_bytecode ? tools.context.python.cache_tag : std::string();
  const WheelLayout layout = layout_of(packed.wheel(), places_in(tools.context, chosen.asked_name));
  StagedWheel staged = staged_from(packed.wheel(), layout, chosen, root);
  PackIndex index;
  std::vector<const PlacedFile*> fitted;
  std::string buffer;
  for (const PlacedFile& placed : layout.files) {
    const PackFile& file = packed.at(placed.file->entry.name);
    const auto text = placed.is_script ? read_packed(packed.pack(), file, 0, buffer) : std::nullopt;
    if (placed.is_script && !text) return std::nullopt;
    if (!text || !is_fitted(placed, *text)) {
      add_packed(index, staged, packed, placed, cache_tag);
      continue;
    }
    fitted.push_back(&placed);
    staged.originals[file.name] = *text;
    if (is_module(file.name) && tools.options.compile_bytecode) staged.modules.push_back(file);
  }
  if (!lay_out_packed(packed, index, staged, cache, tools)) return std::nullopt;
  const std::vector<RecordRow> rows =
      installed_rows(packed.wheel(), layout, write_fitted(staged, fitted, tools.context));
  staged.rows.insert(staged.rows.end(), rows.begin(), rows.end());
  return staged;
} catch (const Error& error) {
  if (error.code() != ErrorCode::bad_archive) throw;
  return std::nullopt; // no wheel that would have been remembered
}

/// Notes what came of compiling a wheel's modules. Of a script that was changed it isn't remembered: it
/// says how large that is here.
VENV_INLINE void take_compiled(StagedWheel& wheel, const Interpreter& python) {
  for (const PackFile& module : wheel.modules) {
    const std::string place = bytecode_name(wheel.places.at(module.name), python.cache_tag);
    const FileStatus status = status_of(wheel.root / path_of(place));
    if (status.kind != FileKind::file) continue;
    wheel.rows.push_back({record_path(place, wheel.library), "", ""});
    if (wheel.originals.count(module.name) != 0) continue;
    PackFile compiled = bytecode_of(module, python);
    compiled.size = static_cast<std::size_t>(status.size);
    wheel.places[compiled.name] = place;
    wheel.pack.files.push_back(std::move(compiled));
  }
}

/// Remembers a wheel that is put together and compiled, if it can be found again.
VENV_INLINE void remember_wheel(const StagedWheel& wheel, const Cache& cache) {
  std::uint64_t size = 0;
  for (const PackFile& file : wheel.pack.files) size += file.size;
  if (wheel.pack_name.empty() || !cache.has_room_for(size) || !has_metadata(wheel.pack) ||
      !has_distinct_names(wheel.pack))
    return;
  const auto read = [&wheel](const PackFile& file) {
    const auto original = wheel.originals.find(file.name);
    if (original != wheel.originals.end()) return original->second;
    return read_file(wheel.root / path_of(wheel.places.at(file.name)), file.size);
  };
  cache.remember(wheel.pack_name, [&](NewFile& file) { write_pack(wheel.pack, read, file); });
}

/// Compiles the modules of all wheels at once; `root` holds each wheel's own directory. What doesn't
/// compile is left out, as with pip. What comes of it is the same in every environment.
VENV_INLINE void compile_staged(std::vector<StagedWheel>& wheels, const fs::path& root,
                                const LayOutTools& tools) {
  const Interpreter& python = tools.context.python;
  if (python.cache_tag.empty()) return;
  std::vector<PackFile> modules;            // by their paths in `root`
  std::map<std::string, std::string> names; // of those in the wheels, which tracebacks show
  std::size_t count = 0;
  for (const StagedWheel& wheel : wheels) {
    if (!wheel.modules.empty()) ++count;
    for (const PackFile& file : wheel.modules) {
      modules.push_back(file);
      modules.back().name = text_of(wheel.root.filename()) + '/' + wheel.places.at(file.name);
      names[modules.back().name] = file.name;
    }
  }
  if (count == 0) return;
  tools.say(Report::progress,
            "compiling " + std::to_string(count) + (count == 1 ? " package" : " packages"));
  const auto hands = deal_modules(modules, child_workers());
  const auto compile = [&](std::size_t i, const ProbeOptions& how) {
    std::string list;
    for (const std::string& name : hands[i])
      list.append(name).append(1, '\0').append(names.at(name)).append(1, '\0');
    const fs::path file = root / ("modules" + std::to_string(i));
    write_file(file, list);
    run_compiler(python, root, {"", "--from", text_of(file)}, "packages", how);
  };
  ProbeOptions how = probe_options(tools.options, tools.stop);
  how.timeout = {};
  how.variables.push_back(
      {"SOURCE_DATE_EPOCH", variable("SOURCE_DATE_EPOCH")}); // as packs' keys say
  compile_hands(hands.size(), how, compile);
  for (StagedWheel& wheel : wheels) take_compiled(wheel, python);
}

VENV_DETAIL_END
