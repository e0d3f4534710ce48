#pragma once

#include "../base/error.hpp"
#include "../base/function_ref.hpp"
#include "../system/durable.hpp"
#include "../system/file.hpp"
#include "../system/lock.hpp"
#include "../system/metadata.hpp"
#include "../system/tree.hpp"
#include "aside.hpp"
#include "entry.hpp"
#include "journal.hpp"
#include "state.hpp"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// All that one run changes in one directory: under a lock, and taken back at the end of its life
/// unless it was committed. What is replaced is moved aside, never overwritten, so that it comes back
/// as it was; where a directory was there before, each change is first written into a journal for it.
class Transaction {
public:
  /// Of a directory (absolute) that nothing is done to before `open`.
  explicit Transaction(fs::path env_dir)
      : env_dir_(std::move(env_dir)), root_(env_dir_), journal_(env_dir_) {}
  ~Transaction() {
    if (!committed_) roll_back();
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  /// Makes the directory if it isn't there, locks it, and takes back or finishes what a killed run
  /// left in it, or beside it. Errors: `busy` when another run holds it for too long, `io`.
  void open(const LockWait& wait);
  /// The same in a directory that is there and that the caller has locked; `lock` is used up.
  void open_locked(DirectoryLock lock);
  bool is_open() const { return is_open_; }
  const fs::path& env_dir() const { return env_dir_; }
  /// What lay in the directory when it was locked.
  const State& state() const { return state_; }
  /// Whether the directory was new or empty, or has been cleared.
  bool is_fresh() const { return is_fresh_; }
  /// Whether nothing of before can lie at `path`.
  bool is_fresh(const fs::path& path) const;

  /// Moves what lies in the directory aside, to come back if the run fails; deletes what this run made.
  void clear();
  /// Writes down, in a fresh directory, that the run has begun: one that shows it before its end.
  void show_early() {
    if (is_fresh_ && !journal_.is_begun()) note(ChangeKind::begun, {}, {}, 0);
  }

  /// Makes a directory and those above it, inside the environment. Throws when a link is in the way.
  void make_directories(const fs::path& path);
  /// Writes a file, with an exact mode or 0666 less the umask. One that is there with these bytes
  /// stays; one that is replaced hands on its owner, mode, ACL and attributes.
  void write(const fs::path& path, std::string_view bytes, std::optional<std::uint32_t> mode = {});
  /// The same, and all who may read it may run it.
  void write_program(const fs::path& path, std::string_view bytes);
  /// Links `path` to `target`, with the owner of what is replaced; false where there can be no links.
  bool link(const fs::path& target, const fs::path& path);
  /// Copies a file, with an exact mode or, as above, that of the one that is replaced.
  void copy(const fs::path& source, const fs::path& path, std::uint32_t mode);
  /// Takes a file, a link or a directory away.
  void remove(const fs::path& path);
  /// Moves what was put together elsewhere on the same disk to `path`.
  void place(const fs::path& from, const fs::path& path);
  /// Lets all read and run a file.
  void let_run(const fs::path& path);

  /// Others are about to make entries in `directory`: what is new there goes if the run fails.
  void watch(const fs::path& directory);
  /// The same, and also if this run is killed.
  void lend(const fs::path& directory);
  /// The same for all directories that hooks write to, and protects `pyvenv.cfg`.
  void watch_all();
  /// What lies in the directory is this run's, unless it is an environment: that is another run's.
  void adopt();
  /// Others are about to change `file` in place: it gets its bytes back if the run fails.
  void protect(const fs::path& file);

  /// A directory for what others write meanwhile and needs not last: it goes with the journal, also when
  /// this run and theirs are killed.
  fs::path make_scratch();
  /// What holds the lock, for a child that is to hold it too; none where there are no locks.
  const Handle& lock() const { return lock_.handle(); }

  /// Sees to it that all that was written so far reaches the disk.
  void flush() { flush_tree(root_); }
  /// The run has succeeded. What could not be deleted is said to `warn`; then others may come, unless
  /// somebody has taken the lock.
  DirectoryLock take_lock() { return std::move(lock_); }
  void commit(const std::function<void(const std::string&)>& warn = {});
  /// Takes everything back. False when something could not be put back: the journal then keeps it, and
  /// the next run takes it back.
  bool roll_back() noexcept;

private:
  void claim(const LockWait& wait);
  void write_by(const fs::path& path, std::string_view bytes,
                FunctionRef<void(const fs::path&)> write_to);
  fs::path at(const fs::path& path) const;
  std::string inner(const fs::path& path) const { return text_of(path.lexically_relative(root_)); }
  void hand_on(const fs::path& path, const fs::path& staged) const;
  void note(ChangeKind kind, const fs::path& path, const std::string& kept, std::uint64_t inode);
  void tell_of(const fs::path& path, FunctionRef<void()> work) const;
  fs::path stage(const fs::path& path, std::string& kept, FunctionRef<void(const fs::path&)> make);
  void put(const fs::path& staged, const std::string& kept, const fs::path& path);
  void give_new_entries() const;        ///< to whom the directory belongs
  void remove_fresh_entries() noexcept; ///< all that this run made in what was, or is now, empty
  void note_new_entries();              // count as made by this run
  void remove_new_entries();            // that were moved aside by this run, and came back

  fs::path env_dir_, root_; ///< as it was named, and without the link that it may be
  Journal journal_;
  DirectoryLock lock_{};
  State state_{};
  std::vector<fs::path> made_above_{}; ///< directories above it: they go if they are empty then
  std::vector<fs::path> fresh_{};      ///< directories in it that this run made
  std::vector<Change> changes_{};
  std::vector<Watched> watched_{};
  bool is_open_ = false, is_ours_ = false, is_fresh_ = false, committed_ = false;
};

/// Makes the directory and locks it; again when another process, failing, removed it in between.
VENV_INLINE void Transaction::claim(const LockWait& wait) {
  do {
    lock_ = DirectoryLock();
    const bool is_link = known_status_of(env_dir_).kind == FileKind::link;
    const fs::path real = is_link ? end_of_links(env_dir_) : env_dir_;
    std::vector<fs::path> made = detail::make_directories(real);
    is_ours_ = !made.empty() && made.back() == real;
    if (is_ours_) made.pop_back();
    made_above_.insert(made_above_.end(), made.begin(), made.end());
    root_ = real;
    lock_ = DirectoryLock(root_, wait);
  } while (!lock_.holds(root_));
}

VENV_INLINE void Transaction::open(const LockWait& wait) {
  if (is_open_) return;
  claim(wait);
  is_open_ = true;
  journal_ = Journal(root_);
  if (!is_ours_) recover(root_, staged_cfg);
  try_finish_removal(root_);
  state_ = read_state(root_);
  is_fresh_ = state_.is_empty;
  is_ours_ = is_ours_ && is_fresh_; // another process may have been faster to fill it
}

VENV_INLINE void Transaction::open_locked(DirectoryLock lock) {
  const bool is_link = known_status_of(env_dir_).kind == FileKind::link;
  root_ = is_link ? end_of_links(env_dir_) : env_dir_;
  lock_ = std::move(lock);
  is_open_ = true;
  journal_ = Journal(root_);
  state_ = read_state(root_);
  is_fresh_ = state_.is_empty;
}

/// A path of the environment by the directory that is locked, whatever link lies in its place now.
VENV_INLINE fs::path Transaction::at(const fs::path& path) const {
  if (root_ == env_dir_) return path;
  const fs::path inner = path.lexically_relative(env_dir_);
  return inner.empty() || *inner.begin() == ".." ? path : inner == "." ? root_ : root_ / inner;
}

VENV_INLINE bool Transaction::is_fresh(const fs::path& path) const {
  if (is_fresh_) return true;
  const auto holds = [path = at(path)](const fs::path& made) {
    return std::mismatch(made.begin(), made.end(), path.begin(), path.end()).first == made.end();
  };
  return std::any_of(fresh_.begin(), fresh_.end(), holds);
}

/// Writes a change down before it is made. The message of a failure names the user's file.
VENV_INLINE void Transaction::note(ChangeKind kind, const fs::path& path, const std::string& kept,
                                   std::uint64_t inode) {
  Change change{kind, path.empty() ? "" : inner(path), kept, inode};
  tell_of(path.empty() ? root_ : path, [&] { journal_.add(change); });
  changes_.push_back(std::move(change));
}

VENV_INLINE void Transaction::clear() {
  if (is_fresh_) return remove_fresh_entries();
  std::vector<fs::path> names = names_in(root_);
  const auto first = std::find(names.begin(), names.end(), fs::path("pyvenv.cfg"));
  if (first != names.end())
    std::rotate(names.begin(), first, first + 1); // then it is none any more
  for (const fs::path& name : names)
    if (name != journal_name && name != "lost+found") remove(root_ / name);
  note(ChangeKind::cleared, {}, {}, 0);
  is_fresh_ = true;
  state_ = State();
  state_.kind = FileKind::directory;
}

/// What is new in another user's environment is that user's, as the rest is, and what was replaced is whose
/// it was. A new environment, or one that was cleared, belongs to who made it.
VENV_INLINE void Transaction::give_new_entries() const {
  const FileStatus root = status_of(root_), own = status_of(root_ / journal_name);
  if (is_fresh_ || root.owner == own.owner || own.kind == FileKind::missing) return;
  std::vector<std::pair<fs::path, FileStatus>> given;
  for (const Change& change : changes_) {
    if (change.path.empty() || change.kind == ChangeKind::lent) continue;
    const FileStatus old = change.kept.empty() ? root : status_of(root_ / path_of(change.kept));
    given.push_back({root_ / path_of(change.path), old.kind == FileKind::missing ? root : old});
  }
  for (const Watched& watched : watched_)
    for (const fs::path& path : new_entries(watched)) given.push_back({path, root});
  for (const auto& [path, like] : given) try {
      give_tree(Folder(path.parent_path()), path.filename(), like);
    } catch (const Error&) {
      // It is gone again.
    }
}

VENV_INLINE void Transaction::commit(const std::function<void(const std::string&)>& warn) {
  give_new_entries();
  if (journal_.is_begun()) note(ChangeKind::committed, {}, {}, 0);
  committed_ = true;
  const std::optional<Error> left = journal_.end();
  lock_ = DirectoryLock();
  if (left && warn) warn(std::string("what was replaced is still there: ") + left->what());
}

VENV_INLINE void Transaction::watch(const fs::path& directory) {
  const fs::path real = at(directory);
  const auto is_known = [&real](const Watched& watched) { return watched.directory == real; };
  if (is_fresh(directory) || std::any_of(watched_.begin(), watched_.end(), is_known)) return;
  watched_.push_back({real, names_in_if_readable(real), changes_.empty()});
}

VENV_INLINE void Transaction::lend(const fs::path& directory) {
  watch(directory);
  std::string names;
  for (const fs::path& name : names_in_if_readable(at(directory))) names += text_of(name) + '/';
  note(ChangeKind::lent, at(directory), names, 0);
}

VENV_INLINE void Transaction::watch_all() {
  if (is_fresh_) return;
  watch(env_dir_);
  for (const char* name : {"bin", "Scripts"})
    if (status_of(root_ / name).kind == FileKind::directory) watch(env_dir_ / name);
  for (const LibraryDirectory& library : state_.libraries) watch(library.site_packages);
  protect(env_dir_ / "pyvenv.cfg");
}

VENV_INLINE void Transaction::adopt() {
  is_ours_ = is_fresh_ = !state_.is_environment;
  show_early();
}

VENV_INLINE void Transaction::protect(const fs::path& file) {
  const fs::path real = at(file);
  if (is_fresh(real) || status_of(real).kind != FileKind::file) return;
  for (const Change& change : changes_)
    if (change.path == inner(real)) return; // it is kept already
  std::string kept;
  stage(real, kept, [&](const fs::path& copy) {
    copy_file(real, copy, status_of(real).mode);
    copy_metadata(real, copy);
  });
  note(ChangeKind::copied, real, kept, 0);
}

VENV_INLINE void Transaction::remove_fresh_entries() noexcept {
  for (const fs::path& name : names_in_if_readable(root_))
    if (name != journal_name && name != "lost+found") try_remove_tree(root_ / name);
}

VENV_INLINE void Transaction::note_new_entries() {
  for (const Watched& watched : watched_)
    for (const fs::path& path : new_entries(watched))
      changes_.insert(changes_.begin(), {ChangeKind::made, inner(path), {}, status_of(path).inode});
}

VENV_INLINE void Transaction::remove_new_entries() {
  for (const Watched& watched : watched_)
    if (watched.is_whole)
      for (const fs::path& path : new_entries(watched)) try_remove_tree(path);
}

VENV_INLINE bool Transaction::roll_back() noexcept {
  if (std::exchange(committed_, true)) return true;
  bool whole = false;
  try {
    note_new_entries();
    if (is_fresh_) remove_fresh_entries();
    whole = take_back_all(root_, changes_);
    remove_new_entries();
  } catch (const std::exception&) {
    // The failure that led here is the one to report.
  }
  if (whole || is_ours_) journal_.end(); // else the next run finds what is to be taken back
  if (is_ours_) is_open_ ? try_remove_tree(root_) : remove_empty_directory(root_); // or others' too
  for (auto above = made_above_.rbegin(); above != made_above_.rend(); ++above)
    remove_empty_directory(*above);
  lock_ = DirectoryLock();
  return whole || is_ours_;
}

VENV_DETAIL_END
