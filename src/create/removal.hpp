#pragma once

#include "../base/ascii.hpp"
#include "../base/error.hpp"
#include "../base/order.hpp"
#include "../package/record.hpp"
#include "../system/file.hpp"
#include "../system/tree.hpp"
#include "../text/names.hpp"
#include "directories.hpp"
#include "transaction.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

VENV_DETAIL_BEGIN

/// A distribution that is to be removed: its directory of metadata and what its RECORD lists.
struct Removal {
  fs::path dist_info{};
  std::string title{}; ///< name and version, for messages
  std::vector<RecordRow> record{};
};

[[noreturn]] VENV_INLINE void refuse_removal_of(const Removal& removal, const std::string& path,
                                                const std::string& why) {
  Error error(ErrorCode::bad_archive,
              "RECORD of " + removal.title + " names '" + printable(path) + "', " + why);
  error.at("remove packages").on(removal.dist_info / "RECORD");
  throw error.advise("Delete by hand what belongs to it.");
}

/// A path without links; nothing where nothing is there. Throws Error (`io`) where that can't be known.
VENV_INLINE std::optional<fs::path> known_resolved(const fs::path& path) {
  std::optional<fs::path> real = resolved(path);
  if (real) return real;
  if (known_kind_behind(path) == FileKind::missing) return real;
  throw io_error("resolve", path, std::make_error_code(std::errc::io_error));
}

VENV_INLINE bool is_emptied(const fs::path& path) {
  return known_status_of(path).kind == FileKind::directory && names_in(path).empty();
}

/// What RECORD names, looked at before anything is changed: only what lies in the environment may go, by
/// no link out of it, and nothing that makes it one.
class RemovalPlan {
public:
  RemovalPlan(const Removal& removal, const fs::path& env_dir)
      : removal_(removal), env_dir_(env_dir), real_env_(known_resolved(env_dir).value_or(env_dir)) {
    const fs::path site_packages = removal.dist_info.parent_path();
    for (const RecordRow& row : removal.record)
      add(row.path, normal_path(site_packages / path_of(row.path)));
    for (const fs::path& name : names_in_if_there(removal.dist_info))
      files_.push_back(removal.dist_info / name); // what others have added to it
    std::sort(files_.begin(), files_.end());
    files_.erase(std::unique(files_.begin(), files_.end()), files_.end());
  }

  /// The files that are there, each once.
  const std::vector<fs::path>& files() const { return files_; }

private:
  void add(const std::string& name, const fs::path& path) {
    if (!lies_below(path, env_dir_)) refuse_removal_of(removal_, name, outside());
    const fs::path parent = path.parent_path();
    if (parent != checked_) {
      const auto real = known_resolved(parent);
      if (!real) return; // nothing is there
      if (*real != real_env_ && !lies_below(*real, real_env_))
        refuse_removal_of(removal_, name, outside());
      checked_ = parent;
    }
    if (is_own(path))
      refuse_removal_of(removal_, name, "which is one of the environment's own files");
    const FileKind kind = known_status_of(path).kind;
    if (kind == FileKind::file || kind == FileKind::link) files_.push_back(path);
    if (path.extension() == ".py") add_bytecode(path);
  }
  std::string outside() const { return "which is outside of " + quoted(env_dir_); }
  /// Whether it makes the environment one, as far as that is no program of a package.
  bool is_own(const fs::path& path) const {
    const fs::path way = path.lexically_relative(env_dir_);
    const std::string first = folded(text_of(*way.begin())), name = text_of(path.filename());
    const bool is_program = first == "bin" || first == "scripts";
    return first == "pyvenv.cfg" || first.compare(0, 10, ".venv.hpp-") == 0 ||
           (is_program && (is_interpreter_name(name) || is_activation_name(name)));
  }
  /// What Python made of a module since.
  void add_bytecode(const fs::path& module) {
    const fs::path folder = module.parent_path() / "__pycache__";
    if (folder != listed_) {
      listed_ = folder;
      compiled_ = known_status_of(folder).kind == FileKind::directory ? names_in_if_there(folder)
                                                                      : std::vector<fs::path>();
    }
    const std::string stem = text_of(module.stem()) + '.';
    for (const fs::path& name : compiled_) {
      const std::string text = text_of(name);
      if (name.extension() != ".pyc") continue;
      if (text.compare(0, stem.size(), stem) == 0 &&
          text.find('.', stem.size()) != std::string::npos)
        files_.push_back(folder / name);
      else if (!is_ascii(stem)) // a disk may list letters in another form than RECORD has them
        add_if_file(folder / path_of(stem + text.substr(text.find('.') + 1)));
    }
  }
  void add_if_file(const fs::path& path) {
    if (known_status_of(path).kind == FileKind::file) files_.push_back(path);
  }

  const Removal& removal_;
  const fs::path& env_dir_;
  fs::path real_env_;
  fs::path checked_{}, listed_{};
  std::vector<fs::path> compiled_{}; ///< the names in `listed_`
  std::vector<fs::path> files_{};
};

/// Directories of an environment that stay when they are empty.
VENV_INLINE bool stays_when_empty(const fs::path& directory, const Removal& removal,
                                  const fs::path& env_dir) {
  if (!lies_below(directory, env_dir)) return true;
  const fs::path site_packages = removal.dist_info.parent_path();
  if (directory == site_packages || lies_below(site_packages, directory)) return true;
  const fs::path way = directory.lexically_relative(env_dir);
  const bool is_first = !way.has_parent_path();
  const std::string name = folded(text_of(way));
  return is_first && (name == "bin" || name == "scripts" || name == "include" || name == "lib64");
}

/// Removes a distribution by its RECORD: the files that it lists, the bytecode of its modules, its
/// metadata, and directories that are empty then. Throws Error (`bad_archive`), before anything is
/// changed, when RECORD names what lies outside of the environment or makes it one.
VENV_INLINE void remove_distribution(const Removal& removal, Transaction& transaction) {
  const RemovalPlan plan(removal, transaction.env_dir());
  std::vector<fs::path> directories;
  for (const fs::path& path : plan.files()) {
    transaction.remove(path);
    if (directories.empty() || directories.back() != path.parent_path())
      directories.push_back(path.parent_path());
  }
  directories.push_back(removal.dist_info);
  std::sort(directories.begin(), directories.end());
  for (auto directory = directories.rbegin(); directory != directories.rend(); ++directory)
    for (fs::path path = *directory;
         !stays_when_empty(path, removal, transaction.env_dir()) && is_emptied(path);
         path = path.parent_path())
      transaction.remove(path);
}

VENV_DETAIL_END
