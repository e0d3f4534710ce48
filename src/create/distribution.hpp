#pragma once

#include "../api/context.hpp"
#include "../package/record.hpp"
#include "../package/script_program.hpp"
#include "../system/platform.hpp"
#include "../archive/sha256.hpp"
#include "../text/launcher.hpp"
#include "../cache/cache.hpp"
#include "installed.hpp"
#include "relocatable.hpp"
#include "staging.hpp"
#include "transaction.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// The names under which pip makes a script for this Python.
VENV_INLINE std::vector<std::string> script_names(const Interpreter& python,
                                                  const std::string& name) {
  const std::string major = std::to_string(python.version[0]);
  const std::string minor = major + '.' + std::to_string(python.version[1]);
  if (name == "pip") return {name, name + major, name + minor};
  if (name == "easy_install") return {name, name + '-' + minor};
  return {name};
}

/// The scripts of a distribution for this Python. Those that are named after a version are made for
/// the version at hand, whatever the wheel says: `pip`, `pip3`, `pip3.13`.
VENV_INLINE std::vector<EntryPoint> scripts_for(const Interpreter& python,
                                                const std::vector<EntryPoint>& wanted) {
  std::vector<EntryPoint> scripts;
  for (const EntryPoint& entry : wanted) {
    const std::string stem = entry.name.substr(0, entry.name.find_last_not_of("0123456789.-") + 1);
    const bool made_anew =
        stem != entry.name && script_names(python, stem).size() > 1 &&
        std::any_of(wanted.begin(), wanted.end(),
                    [&stem](const EntryPoint& other) { return other.name == stem; });
    if (made_anew) continue;
    for (const std::string& name : script_names(python, entry.name))
      scripts.push_back({name, entry.module, entry.attribute});
  }
  return scripts;
}

/// By what console scripts are made.
struct ScriptMaker {
  std::string text_template{};
  std::string launcher{}; ///< on Windows
  bool is_relocatable = false;
};

/// The bytes of a script, as the pip that is being installed would write it. One with windows
/// (`is_gui`) is another on Windows only.
VENV_INLINE std::string script_text(const Context& context, const ScriptMaker& maker,
                                    const EntryPoint& entry, bool is_gui = false) {
  const std::string import_name = entry.attribute.substr(0, entry.attribute.find('.'));
  const std::string text = fill_template(
      maker.text_template,
      {{"module", entry.module}, {"import_name", import_name}, {"func", entry.attribute}});
  if (this_os != Os::windows && maker.is_relocatable) return relocatable_program(text);
  if (this_os != Os::windows) return shebang_for(text_of(context.env_exe)) + text;
  const std::string interpreter = maker.is_relocatable
                                      ? relative_interpreter(maker.launcher, context.env_exe)
                                      : text_of(context.env_exe);
  return script_program(maker.launcher, is_gui ? gui_interpreter(interpreter) : interpreter, text);
}

/// The name of a script's file.
VENV_INLINE std::string script_file(const EntryPoint& entry) {
  return entry.name + std::string(executable_suffix);
}

/// distlib's launcher for the environment's Python, as a pip in `site_packages` has it; none elsewhere
/// than on Windows.
VENV_INLINE std::string launcher_in(const fs::path& site_packages, const Interpreter& python,
                                    bool is_gui = false) {
  if (this_os != Os::windows) return {};
  constexpr std::size_t header = 4096;
  const std::uint32_t machine = machine_of_program(read_start(python.real_executable, header));
  const fs::path path =
      site_packages / "pip" / "_vendor" / "distlib" / path_of(launcher_name(machine, is_gui));
  if (followed_status_of(path).kind == FileKind::file) return read_file(path);
  throw Error(ErrorCode::bad_archive, "pip has no launcher " + quoted(path)).on(path);
}

/// What is installed of one distribution, and how.
struct Installation {
  PackIndex index{};
  std::string dist_info{};                                    ///< its directory's name
  std::vector<std::pair<std::string, std::string>> scripts{}; ///< names and texts
  bool with_bytecode = true;
};

VENV_INLINE Installation installation_of(const Context& context, PackIndex index,
                                         const ScriptMaker& maker, bool with_bytecode) {
  Installation installation;
  for (const EntryPoint& entry : scripts_for(context.python, index.scripts))
    installation.scripts.push_back({script_file(entry), script_text(context, maker, entry)});
  installation.dist_info = dist_info_of(index);
  installation.index = std::move(index);
  installation.with_bytecode = with_bytecode;
  return installation;
}

VENV_INLINE std::string record_row(const std::string& path, std::string_view bytes) {
  return format_record_row({path, record_hash(bytes), std::to_string(bytes.size())});
}

/// RECORD of all that is installed: hashes as the wheel has them, none for bytecode.
VENV_INLINE std::string record_of(const Installation& installation, const Context& context) {
  const fs::path scripts_path = context.bin_path.lexically_relative(context.lib_path);
  const std::string scripts = scripts_path.generic_string();
  std::vector<std::string> rows;
  for (const auto& [name, text] : installation.scripts)
    rows.push_back(record_row(scripts + '/' + name, text));
  for (const PackFile& file : installation.index.files) {
    if (file.bytecode) {
      if (installation.with_bytecode) rows.push_back(format_csv_field(file.name) + ",,");
    } else if (file.hash.empty()) { // a signature of the wheel's own RECORD
      rows.push_back(format_csv_field(file.name) + ",,");
    } else {
      rows.push_back(format_record_row({file.name, file.hash, std::to_string(file.size)}));
    }
  }
  rows.push_back(record_row(installation.dist_info + "/INSTALLER", "pip\n"));
  rows.push_back(record_row(installation.dist_info + "/REQUESTED", ""));
  rows.push_back(installation.dist_info + "/RECORD,,");
  std::sort(rows.begin(), rows.end());
  std::string record;
  for (const std::string& row : rows) record += row + "\r\n"; // RFC 4180's line ends, as pip's
  return record;
}

/// Moves `from` to `to`; into it, file by file, where both are directories.
VENV_INLINE void merge_into(const fs::path& from, const fs::path& to, Transaction& transaction) {
  if (status_of(from).kind != FileKind::directory || status_of(to).kind != FileKind::directory)
    return transaction.place(from, to);
  for (const fs::path& name : names_in(from)) merge_into(from / name, to / name, transaction);
}

/// Puts the staged files and the scripts in place, the metadata last: until then no tool takes the
/// distribution for installed.
VENV_INLINE void put_in_place(const Installation& installation, const Context& context,
                              const Staging& staging, Transaction& transaction) {
  {
    const Folder metadata(staging.path() / installation.dist_info); // held, it couldn't be moved
    metadata.create("INSTALLER", {"pip\n"}, 0666);
    metadata.create("REQUESTED", {}, 0666);
    metadata.create("RECORD", {record_of(installation, context)}, 0666);
  }
  for (const fs::path& name : names_in(staging.path()))
    if (name != installation.dist_info)
      merge_into(staging.path() / name, context.lib_path / name, transaction);
  for (const auto& [name, text] : installation.scripts)
    transaction.write_program(context.bin_path / name, text);
  merge_into(staging.path() / installation.dist_info, context.lib_path / installation.dist_info,
             transaction);
}

VENV_DETAIL_END
