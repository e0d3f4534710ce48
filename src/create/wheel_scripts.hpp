#pragma once

#include "../api/context.hpp"
#include "../package/record.hpp"
#include "../package/script_program.hpp"
#include "../package/wheel.hpp"
#include "../system/file.hpp"
#include "../system/folder.hpp"
#include "../system/mapped_file.hpp"
#include "../system/platform.hpp"
#include "distribution.hpp"
#include "ensurepip.hpp"
#include "lay_out.hpp"
#include "pip.hpp"
#include "wheels.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// distlib's launcher for programs of that machine, from a wheel of pip. Throws Error (`bad_archive`) when
/// it has none.
VENV_INLINE std::string launcher_of_wheel(const fs::path& path, std::uint32_t machine,
                                          bool is_gui) {
  const MappedFile bytes(path);
  const Wheel wheel(bytes.bytes(), text_of(path.filename()));
  const std::string name = "pip/_vendor/distlib/" + launcher_name(machine, is_gui);
  if (const WheelFile* file = wheel.find(name)) return read_verified(*file);
  throw Error(ErrorCode::bad_archive, quoted(path) + " has no launcher '" + name + '\'').on(path);
}

/// The launcher that scripts are made from on Windows: the environment's pip has it; where there is none,
/// the wheel that it would be made from.
VENV_INLINE std::string launcher_for(const LayOutTools& tools, bool is_gui) {
  if (this_os != Os::windows) return {};
  const Interpreter& python = tools.context.python;
  const fs::path distlib = tools.context.lib_path / "pip" / "_vendor" / "distlib";
  if (followed_status_of(distlib).kind == FileKind::directory)
    return launcher_in(tools.context.lib_path, python, is_gui);
  const WheelSearch search = find_wheels(python, tools.options);
  if (search.wheels.empty()) throw no_pip(python, search);
  constexpr std::size_t header = 4096;
  const std::uint32_t machine = machine_of_program(read_start(python.real_executable, header));
  return launcher_of_wheel(search.wheels.back(), machine, is_gui); // pip's is the last
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
                                                                        const LayOutTools& tools) {
  const Context& context = tools.context;
  std::vector<std::pair<std::string, std::string>> scripts;
  const auto add = [&](const std::vector<EntryPoint>& entries, bool is_gui) {
    if (entries.empty()) return;
    const ScriptMaker maker{template_of_pip_in(context.lib_path), launcher_for(tools, is_gui),
                            is_relocatable(context)};
    for (const EntryPoint& entry : entries)
      scripts.push_back({script_file(entry), script_text(context, maker, entry, is_gui)});
  };
  add(scripts_for(context.python, wheel.scripts.console), false);
  add(wheel.scripts.gui, true);
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
