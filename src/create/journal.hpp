#pragma once

#include "../base/ascii.hpp"
#include "../base/checksum.hpp"
#include "../base/fields.hpp"
#include "../system/appended_file.hpp"
#include "../system/file.hpp"
#include "../system/path.hpp"
#include "../system/tree.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// The directory inside an environment in which a run keeps what it replaces, and the log that says
/// what lay where. It is gone when the run has ended; one that is found belongs to a killed run.
inline constexpr char journal_name[] = ".venv.hpp-journal";
inline constexpr char journal_log[] = "log";

/// What a run did, or was about to do, to one entry of the directory.
enum class ChangeKind : std::uint64_t {
  begun = 1,      ///< the directory was new or empty: all that lies in it is the run's
  made_directory, ///< a directory was made in place
  made,           ///< `inode` was put where nothing was
  replaced,       ///< `inode` was put there, and what was there is `kept`
  removed,        ///< what was there is `kept`
  copied,         ///< `kept` is a copy of what others are about to change in place
  cleared,        ///< all that was there is kept: from here on the directory counts as empty
  committed,      ///< the run has succeeded: only what is kept is left to be deleted
  lent,           ///< others make entries there: all are theirs but the names in `kept`
};

/// One line of the log. Paths are relative to the environment.
struct Change {
  ChangeKind kind = ChangeKind::begun;
  std::string path{}, kept{};
  std::uint64_t inode = 0;
};

/// A record that tells by its checksum whether it was written whole.
VENV_INLINE std::string format_change(const Change& change) {
  FieldWriter fields;
  fields.number(static_cast<std::uint64_t>(change.kind));
  fields.text(change.path);
  fields.text(change.kept);
  fields.number(change.inode);
  FieldWriter record;
  record.text(fields.bytes());
  record.number(checksum(fields.bytes()));
  return record.bytes();
}

/// Whether a path of the log stays inside the environment: who can write there could have made it up.
VENV_INLINE bool is_inner_path(const std::string& text) {
  const fs::path path = path_of(text);
  if (text.empty() || path.has_root_directory() || path.has_root_name()) return false;
  for (const fs::path& part : path)
    if (part == ".." || part == ".") return false;
  return true;
}

/// The changes of a log as far as it was written; a record that is cut or damaged ends it.
VENV_INLINE std::vector<Change> parse_changes(std::string_view log) {
  std::vector<Change> changes;
  FieldReader records(log);
  while (!records.at_end()) {
    const std::string record = records.text();
    if (records.number() != checksum(record) || records.failed()) break;
    FieldReader fields(record);
    Change change;
    change.kind = static_cast<ChangeKind>(fields.number());
    change.path = fields.text();
    change.kept = fields.text();
    change.inode = fields.number();
    const bool has_path = change.kind != ChangeKind::begun && change.kind != ChangeKind::cleared &&
                          change.kind != ChangeKind::committed;
    const bool has_kept = change.kind == ChangeKind::replaced ||
                          change.kind == ChangeKind::removed || change.kind == ChangeKind::copied;
    if (fields.failed() || (has_path && !is_inner_path(change.path)) ||
        (has_kept && !is_inner_path(change.kept)))
      break;
    changes.push_back(std::move(change));
  }
  return changes;
}

/// Whether both are files with the same bytes.
VENV_INLINE bool has_same_bytes(const fs::path& a, const fs::path& b) {
  const FileStatus left = status_of(a), right = status_of(b);
  if (left.kind != FileKind::file || right.kind != FileKind::file) return false;
  return left.size == right.size && read_file(a) == read_file(b);
}

/// Takes one change back, in `root`. Only what the run itself put there is removed: a file that
/// somebody made since then stays, and so does what lies in a directory.
VENV_INLINE void take_back(const fs::path& root, const Change& change) {
  const fs::path path = root / path_of(change.path), kept = root / path_of(change.kept);
  const auto is_ours = [&change](const FileStatus& status) {
    return status.kind != FileKind::missing && status.inode == change.inode;
  };
  switch (change.kind) {
  case ChangeKind::made_directory: remove_empty_directory(path); return;
  case ChangeKind::made:
    if (is_ours(known_status_of(path))) remove_tree(path);
    return;
  case ChangeKind::replaced:
  case ChangeKind::removed: {
    const FileStatus old = known_status_of(kept), now = known_status_of(path);
    const bool still_new = change.kind == ChangeKind::replaced && is_ours(old);
    if (old.kind == FileKind::missing || still_new) return; // it never came to that
    if (change.kind == ChangeKind::replaced && is_ours(now)) {
      if (now.kind == FileKind::directory) remove_tree(path);
    } else if (now.kind != FileKind::missing) {
      return;
    }
    make_directories(path.parent_path());
    rename_file(kept, path);
    return;
  }
  case ChangeKind::copied:
    if (known_status_of(kept).kind == FileKind::file && !has_same_bytes(path, kept))
      rename_file(kept, path);
    return;
  case ChangeKind::lent: {
    const std::vector<std::string_view> names = split(change.kept, '/');
    for (const fs::path& name : names_in_if_any(path))
      if (std::find(names.begin(), names.end(), text_of(name)) == names.end())
        remove_tree(path / name);
    return;
  }
  default: return;
  }
}

/// Takes all changes back that were not committed, the last first. Goes on where one can't be; whether
/// all could.
VENV_INLINE bool take_back_all(const fs::path& root, const std::vector<Change>& changes) {
  bool whole = true;
  for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
    try {
      take_back(root, *change);
    } catch (const Error&) {
      whole = false;
    }
  }
  return whole;
}

/// A directory in which others make entries during a run.
struct Watched {
  fs::path directory{};
  std::vector<fs::path> names{}; ///< that were in it
  bool is_whole = false; ///< since before the run's first change: nothing else belongs there
};

VENV_INLINE std::vector<fs::path> new_entries(const Watched& watched) {
  std::vector<fs::path> paths;
  for (const fs::path& name : names_in_if_readable(watched.directory))
    if (name != journal_name &&
        !std::binary_search(watched.names.begin(), watched.names.end(), name))
      paths.push_back(watched.directory / name);
  return paths;
}

/// The log of a run, on disk from its first record on.
class Journal {
public:
  explicit Journal(fs::path root) : root_(std::move(root)) {}
  bool is_begun() const { return log_.has_value(); }

  /// A place in the journal for what is replaced, relative to the environment.
  std::string next_kept() { return std::string(journal_name) + '/' + std::to_string(++count_); }
  /// Makes the directory. Error (`io`) when it can't be made.
  void begin() {
    if (is_begun()) return;
    make_directory(root_ / journal_name);
    try {
      log_.emplace(root_ / journal_name / journal_log);
    } catch (const Error&) {
      remove_empty_directory(root_ / journal_name);
      throw;
    }
  }
  /// Writes a change down, before it is made.
  void add(const Change& change) {
    begin();
    log_->append(format_change(change));
  }
  /// Deletes it with all that is kept. The first entry that could not be deleted, or nothing.
  std::optional<Error> end() noexcept {
    if (!is_begun()) return std::nullopt;
    log_.reset();
    try {
      remove_tree(root_ / journal_name);
      return std::nullopt;
    } catch (const Error& error) {
      return error;
    }
  }

private:
  fs::path root_;
  std::optional<AppendedFile> log_{};
  unsigned long count_ = 0;
};

/// Marks what lies in `root`, all of it a killed run's, as an environment that is not finished: its
/// configuration goes, and whatever hooks have put there, it may be filled and cleared.
VENV_INLINE void mark_unfinished(const fs::path& root, const char* marker) {
  if (status_of(root / "pyvenv.cfg").kind == FileKind::file)
    return rename_file(root / "pyvenv.cfg", root / marker);
  const auto counts = [](const fs::path& name) {
    return name != journal_name && name != "lost+found";
  };
  const std::vector<fs::path> names = names_in_if_readable(root);
  if (std::any_of(names.begin(), names.end(), counts) &&
      status_of(root / marker).kind == FileKind::missing)
    write_file(root / marker, "");
}

/// Takes back or finishes what a killed run left in `root`, which this run has locked. Afterwards it
/// is what it was before that run, or a half-made environment that may be filled.
VENV_INLINE void recover(const fs::path& root, const char* marker) {
  const fs::path journal = root / journal_name;
  if (known_status_of(journal).kind != FileKind::directory) return;
  std::vector<Change> changes; // none: killed before its first change
  if (known_status_of(journal / journal_log).kind != FileKind::missing)
    changes = parse_changes(read_file(journal / journal_log));
  bool committed = false;
  auto first = changes.begin(); // of those that are taken back
  for (auto change = first; change != changes.end(); ++change) {
    committed = committed || change->kind == ChangeKind::committed;
    if (change->kind == ChangeKind::begun || change->kind == ChangeKind::cleared) first = change;
  }
  if (!committed && first != changes.end() &&
      (first->kind == ChangeKind::begun || first->kind == ChangeKind::cleared))
    mark_unfinished(root, marker);
  if (!committed && !take_back_all(root, {first, changes.end()}))
    throw Error(ErrorCode::io,
                "cannot take back what an interrupted run left in " + quoted(journal))
        .at("take back an interrupted run")
        .on(root);
  remove_tree(journal);
}

VENV_DETAIL_END
