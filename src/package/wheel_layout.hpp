#pragma once

#include "../base/error.hpp"
#include "../config.hpp"
#include "../base/order.hpp"
#include "../text/names.hpp"
#include "entry_points.hpp"
#include "record.hpp"
#include "wheel.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// Where the files of a wheel go, below the environment's directory, with `/`; "" is that itself.
struct WheelPlaces {
  std::string purelib{}, platlib{}, scripts{}, headers{}, data{};
};

/// A file of a wheel and its place below the environment's directory.
struct PlacedFile {
  const WheelFile* file = nullptr;
  std::string place{};
  bool is_script = false; ///< of the scheme `scripts`
};

/// Which file of a wheel goes where ("Binary distribution format", "Installing a wheel").
struct WheelLayout {
  std::string library{}; ///< the place of what lies at the wheel's root
  std::vector<PlacedFile> files{};
};

/// Whether pip would write the script anew: setuptools left one of an entry point's name, or what it
/// makes of that on Windows.
VENV_INLINE bool is_wrapper(std::string_view file_name, const Scripts& scripts) {
  std::string_view name = file_name;
  for (const std::string_view suffix : {".exe", "-script.py", ".pya"})
    if (file_name.size() >= suffix.size() &&
        folded(file_name.substr(file_name.size() - suffix.size())) == suffix) {
      name = file_name.substr(0, file_name.size() - suffix.size());
      break;
    }
  const auto has = [name](const std::vector<EntryPoint>& entries) {
    return std::any_of(entries.begin(), entries.end(),
                       [name](const EntryPoint& entry) { return entry.name == name; });
  };
  return has(scripts.console) || has(scripts.gui);
}

/// Why nothing of a wheel may go to this place, or null.
VENV_INLINE const char* place_fault(const std::string& place, const WheelPlaces& places) {
  constexpr const char* own = "would replace a file of the environment's own";
  const std::string name = folded(place);
  if (name == "pyvenv.cfg" || name.compare(0, 10, ".venv.hpp-") == 0 || name == "pyvenv.cfg.new")
    return own;
  const std::string scripts = folded(places.scripts) + '/';
  if (name.compare(0, scripts.size(), scripts) != 0) return nullptr;
  const std::string program = name.substr(scripts.size());
  return is_reserved_name(program.substr(0, program.find('/'))) ? own : nullptr;
}

/// Where a scheme's files go. Throws Error (`bad_archive`) for one that is not known.
VENV_INLINE const std::string& place_of_scheme(std::string_view scheme, const WheelPlaces& places) {
  if (scheme == "purelib") return places.purelib;
  if (scheme == "platlib") return places.platlib;
  if (scheme == "scripts") return places.scripts;
  if (scheme == "headers") return places.headers;
  if (scheme == "data") return places.data;
  bad_wheel("has files for a place that is not known: " + printable_name(scheme));
}

/// Where a file of the `.data` directory goes.
VENV_INLINE PlacedFile place_data(const WheelFile& file, std::size_t prefix,
                                  const WheelPlaces& places) {
  const std::string_view name = file.entry.name.substr(prefix);
  const std::size_t slash = name.find('/');
  if (slash == name.npos)
    bad_wheel("has a file " + printable_name(file.entry.name) + " for no place at all");
  const std::string& directory = place_of_scheme(name.substr(0, slash), places);
  PlacedFile placed{&file, directory, name.substr(0, slash) == "scripts"};
  placed.place += (directory.empty() ? "" : "/") + std::string(name.substr(slash + 1));
  return placed;
}

/// The layout of a wheel. Throws Error (`bad_archive`) for files that would go to an unknown place, to
/// one of the environment's own files, or two to the same place.
VENV_INLINE WheelLayout layout_of(const Wheel& wheel, const WheelPlaces& places) {
  WheelLayout layout;
  layout.library = wheel.root_is_purelib() ? places.purelib : places.platlib;
  const std::string data = wheel.data_dir() + '/', dist_info = wheel.dist_info() + '/';
  for (const WheelFile& file : wheel.files()) {
    const std::string_view name = file.entry.name;
    const bool is_data = !wheel.data_dir().empty() && name.substr(0, data.size()) == data;
    if (name == dist_info + "RECORD") continue; // made anew
    if (name == dist_info + "INSTALLER" || name == dist_info + "REQUESTED" ||
        name == dist_info + "direct_url.json")
      bad_wheel("has a file in the place of what installers write: " + printable_name(name));
    PlacedFile placed = is_data ? place_data(file, data.size(), places)
                                : PlacedFile{&file, layout.library + '/' + std::string(name)};
    if (const char* fault = place_fault(placed.place, places))
      bad_wheel("file " + printable_name(name) + ' ' + fault);
    const std::size_t slash = placed.place.rfind('/');
    if (placed.is_script && is_wrapper(placed.place.substr(slash + 1), wheel.scripts())) continue;
    layout.files.push_back(std::move(placed));
  }
  std::vector<std::string_view> all;
  for (const PlacedFile& placed : layout.files) all.push_back(placed.place);
  std::sort(all.begin(), all.end());
  check_names(all, ZipNames::local);
  return layout;
}

/// The path of `place` from the directory `library`, both below the environment: as RECORD has it.
VENV_INLINE std::string record_path(std::string_view place, std::string_view library) {
  std::size_t common = 0; // up to and with a separator
  const std::string from = std::string(library) + '/';
  for (std::size_t i = 0; i < (std::min)(place.size(), from.size()) && place[i] == from[i]; ++i)
    if (place[i] == '/') common = i + 1;
  std::string path;
  for (std::size_t i = common; i < from.size(); ++i)
    if (from[i] == '/') path += "../";
  return path.append(place.substr(common));
}

/// Whether pip would have Python read the script by the environment's own interpreter: a first line
/// that begins so.
VENV_INLINE bool names_no_interpreter(std::string_view script) {
  return script.substr(0, 8) == "#!python";
}

/// Such a script with the environment's own interpreter.
VENV_INLINE std::string with_interpreter(std::string_view script, std::string_view interpreter,
                                         std::string_view line_end) {
  const std::size_t end = script.find('\n');
  std::string text = "#!";
  text.append(interpreter).append(line_end);
  return text.append(end == script.npos ? std::string_view() : script.substr(end + 1));
}

/// RECORD as pip writes it: sorted by path, hash and size.
VENV_INLINE std::string format_record(std::vector<RecordRow> rows) {
  sort_by(rows, [](const RecordRow& a, const RecordRow& b) {
    if (const int order = a.path.compare(b.path)) return order < 0;
    if (const int order = a.hash.compare(b.hash)) return order < 0;
    return a.size < b.size;
  });
  std::string record;
  for (const RecordRow& row : rows) record += format_record_row(row) + "\r\n";
  return record;
}

/// The rows of RECORD for the files of a wheel: those of the wheel's own, each with the path of where
/// the file lies now. What is left out of the layout keeps its row, as with pip. `changed` has the paths
/// of scripts, and what is true of those.
VENV_INLINE std::vector<RecordRow> installed_rows(const Wheel& wheel, const WheelLayout& layout,
                                                  const std::vector<RecordRow>& changed) {
  std::vector<std::pair<std::string_view, const PlacedFile*>> places;
  for (const PlacedFile& placed : layout.files)
    places.push_back({placed.file->entry.name, &placed});
  std::sort(places.begin(), places.end());
  const std::string own = wheel.dist_info() + "/RECORD";
  std::vector<RecordRow> rows;
  for (RecordRow row : wheel.record()) {
    if (row.path == own) continue;
    const auto found = std::lower_bound(
        places.begin(), places.end(), row.path,
        [](const auto& place, const std::string& path) { return place.first < path; });
    if (found != places.end() && found->first == row.path)
      row.path = record_path(found->second->place, layout.library);
    for (const RecordRow& other : changed)
      if (other.path == row.path) row = other;
    rows.push_back(std::move(row));
  }
  for (const PlacedFile& placed : layout.files) { // signatures, which RECORD need not have
    const bool is_listed =
        !placed.file->hash.empty() ||
        std::any_of(wheel.record().begin(), wheel.record().end(), [&placed](const RecordRow& row) {
          return row.path == placed.file->entry.name;
        });
    if (!is_listed) rows.push_back({record_path(placed.place, layout.library), "", ""});
  }
  rows.push_back({own, "", ""});
  return rows;
}

VENV_DETAIL_END
