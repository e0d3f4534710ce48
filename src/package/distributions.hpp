#pragma once

#include "../api/distribution.hpp"
#include "../api/error.hpp"
#include "../config.hpp"
#include "../base/ascii.hpp"
#include "../base/function_ref.hpp"
#include "../text/utf8.hpp"
#include "direct_url.hpp"
#include "metadata.hpp"
#include "project_name.hpp"
#include "record.hpp"
#include "requirement.hpp"
#include "version.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// How a directory of packages is looked into. Paths are UTF-8, with `/`; a relative one begins at
/// that directory.
struct PackagesSource {
  /// The names in a directory, in any order; none when it can't be listed.
  FunctionRef<std::vector<std::string>(const std::string& directory)> list;
  /// A file's bytes; nothing when there is no such file.
  FunctionRef<std::optional<std::string>(const std::string& file)> read;
  bool with_files = true; ///< whether RECORD is read, too
};

/// Takes `ending` off `text`, if it ends so and is longer.
VENV_INLINE bool take_ending(std::string_view& text, std::string_view ending) {
  if (text.size() <= ending.size() || text.substr(text.size() - ending.size()) != ending)
    return false;
  text.remove_suffix(ending.size());
  return true;
}

VENV_INLINE std::string leading_line(std::string_view text) {
  return std::string(strip(take_line(text)));
}

/// Notes what is wrong, unless something is already.
VENV_INLINE void note_damage(Distribution& distribution, std::string what) {
  if (distribution.damage.empty()) distribution.damage = std::move(what);
}

/// Reads the distributions of one directory.
class DistributionReader {
public:
  DistributionReader(std::filesystem::path directory, const PackagesSource& source)
      : directory_(std::move(directory)), source_(source) {}

  std::vector<Distribution> read() {
    std::vector<std::string> names = source_.list("");
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) read_entry(name);
    mark_doubles();
    return std::move(found_);
  }

private:
  void read_entry(const std::string& name) {
    std::string_view stem = name;
    if (take_ending(stem, ".dist-info")) read_dist_info(name, stem);
    else if (take_ending(stem, ".egg-info")) read_egg_info(name, stem, name);
    else if (take_ending(stem, ".egg")) read_egg(name, stem);
    else if (take_ending(stem, ".egg-link")) read_egg_link(name);
  }
  Distribution& add(const std::string& entry) {
    found_.emplace_back();
    found_.back().directory = directory_;
    found_.back().metadata = entry;
    return found_.back();
  }

  void read_dist_info(const std::string& entry, std::string_view stem) {
    Distribution& distribution = add(entry);
    if (stem[0] == '~') // pip renames what it takes away so
      return note_damage(distribution, "is left over from an installation that was interrupted");
    const auto text = source_.read(entry + "/METADATA");
    if (!text) return note_damage(distribution, "has no METADATA");
    describe(distribution, parse_metadata(*text));
    if (!is_spelled(distribution, stem))
      note_damage(distribution, "lies under another name or version than METADATA says");
    if (const auto installer = source_.read(entry + "/INSTALLER"))
      distribution.installer = leading_line(*installer);
    distribution.is_requested = source_.read(entry + "/REQUESTED").has_value();
    read_direct_url(distribution, entry + "/direct_url.json");
    if (source_.with_files) read_record(distribution, entry + "/RECORD");
  }

  /// setuptools' and distutils' older form: a directory with PKG-INFO, or that file itself.
  void read_egg_info(const std::string& path, std::string_view stem, const std::string& entry) {
    Distribution& distribution = add(entry);
    if (stem[0] == '~')
      return note_damage(distribution, "is left over from an installation that was interrupted");
    const auto in_directory = source_.read(path + "/PKG-INFO");
    const auto text = in_directory ? in_directory : source_.read(path);
    if (!text) return note_damage(distribution, "has no PKG-INFO");
    Metadata metadata = parse_metadata(*text);
    if (const auto more = in_directory && metadata.requirements.empty()
                              ? source_.read(path + "/requires.txt")
                              : std::nullopt)
      add_egg_requirements(*more, metadata);
    describe(distribution, std::move(metadata));
    if (const auto installer = source_.read(path + "/INSTALLER"))
      distribution.installer = leading_line(*installer);
    if (source_.with_files) read_installed_files(distribution, path);
  }
  /// An egg that is a directory; a zipped one is only named.
  void read_egg(const std::string& entry, std::string_view stem) {
    if (!source_.read(entry + "/EGG-INFO/PKG-INFO"))
      return note_damage(add(entry), "has no EGG-INFO/PKG-INFO that can be read");
    read_egg_info(entry + "/EGG-INFO", stem, entry);
  }
  /// `setup.py develop`: the first line names the directory with the project's `.egg-info`.
  void read_egg_link(const std::string& entry) {
    const auto text = source_.read(entry);
    const std::string project = text ? leading_line(*text) : std::string();
    std::string egg_info;
    std::string_view wanted = entry;
    take_ending(wanted, ".egg-link");
    for (const std::string& name :
         project.empty() ? std::vector<std::string>() : source_.list(project)) {
      std::string_view stem = name;
      if (!take_ending(stem, ".egg-info")) continue;
      const bool is_its_own = normalized_name(stem) == normalized_name(wanted);
      if (egg_info.empty() || is_its_own) egg_info = name;
      if (is_its_own) break;
    }
    if (egg_info.empty())
      return note_damage(add(entry),
                         "names no directory with an .egg-info: '" + printable(project) + "'");
    read_egg_info(project + '/' + egg_info, egg_info, entry);
    found_.back().project = project;
    found_.back().is_editable = true;
  }

  static void describe(Distribution& distribution, Metadata metadata) {
    if (metadata.name.empty()) note_damage(distribution, "has no Name in its metadata");
    else if (!is_project_name(metadata.name))
      note_damage(distribution, "has a Name that is none: '" + printable(metadata.name) + "'");
    if (metadata.version.empty()) note_damage(distribution, "has no Version in its metadata");
    else if (!parse_package_version(metadata.version))
      note_damage(distribution,
                  "has a Version that is none: '" + printable(metadata.version) + "'");
    distribution.normalized_name = normalized_name(metadata.name);
    distribution.name = std::move(metadata.name);
    distribution.version = std::move(metadata.version);
    distribution.requires_python = std::move(metadata.requires_python);
    distribution.extras = std::move(metadata.extras);
    distribution.requirements = std::move(metadata.requirements);
    for (const std::string& text : distribution.requirements) {
      try {
        parse_requirement(text);
      } catch (const Error& error) {
        note_damage(distribution, error.what());
      }
    }
  }
  /// Whether `name-version` is how the directory is called, in whatever spelling.
  static bool is_spelled(const Distribution& distribution, std::string_view stem) {
    const std::size_t dash = stem.rfind('-');
    if (dash == stem.npos || !distribution.damage.empty()) return true; // not known
    const auto of_name = parse_package_version(stem.substr(dash + 1));
    return normalized_name(stem.substr(0, dash)) == distribution.normalized_name &&
           of_name == parse_package_version(distribution.version);
  }
  void read_direct_url(Distribution& distribution, const std::string& file) const {
    const auto text = source_.read(file);
    if (!text) return;
    auto direct = parse_direct_url(*text);
    if (!direct) return note_damage(distribution, "has a direct_url.json that can't be read");
    distribution.is_editable = direct->editable;
    // Revision and subdirectory are written as pip writes them in a requirement.
    distribution.direct_url =
        direct->vcs.empty() ? direct->url : direct->vcs + '+' + direct->url + '@' + direct->commit;
    if (!direct->subdirectory.empty())
      distribution.direct_url += "#subdirectory=" + direct->subdirectory;
  }
  void read_record(Distribution& distribution, const std::string& file) const {
    const auto text = source_.read(file);
    if (!text) return; // nobody knows what belongs to it; that is no damage
    try {
      for (RecordRow& row : parse_record(*text)) {
        // What setuptools puts there for an editable installation, also where PEP 610 is not obeyed.
        if (row.path.compare(0, 12, "__editable__") == 0) distribution.is_editable = true;
        distribution.files.push_back(
            {std::move(row.path), std::move(row.hash), std::move(row.size)});
      }
      distribution.has_record = true;
    } catch (const Error& error) {
      distribution.files.clear();
      note_damage(distribution, error.what());
    }
  }
  /// The older form's list of files: relative to the metadata, without hashes.
  void read_installed_files(Distribution& distribution, const std::string& path) const {
    const auto text = source_.read(path + "/installed-files.txt");
    if (!text) return;
    distribution.has_record = true;
    for (std::string_view rest = *text; !rest.empty();) {
      const std::string_view line = strip(take_line(rest));
      if (line.empty()) continue;
      const bool is_outside = line.substr(0, 3) == "../";
      distribution.files.push_back(
          {is_outside ? std::string(line.substr(3)) : path + '/' + std::string(line), {}, {}});
    }
  }
  /// Of two that are one project only the first counts.
  void mark_doubles() {
    for (std::size_t i = 0; i < found_.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (found_[i].normalized_name == found_[j].normalized_name &&
            !found_[i].normalized_name.empty())
          note_damage(found_[i], "is there twice, as " + printable(found_[j].metadata) + ", too");
  }

  std::filesystem::path directory_;
  const PackagesSource& source_;
  std::vector<Distribution> found_{};
};

/// What is installed in `directory`, sorted by the names of what describes it: `.dist-info`,
/// `.egg-info` (directory and file), `.egg` directories, `.egg-link`. One that can't be read is told
/// as such, in its `damage`. Starts nothing, and throws only what `source` throws.
VENV_INLINE std::vector<Distribution> read_distributions(const std::filesystem::path& directory,
                                                         const PackagesSource& source) {
  return DistributionReader(directory, source).read();
}

VENV_DETAIL_END
