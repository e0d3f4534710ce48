#pragma once

#include "../base/error.hpp"
#include "../base/function_ref.hpp"
#include "../system/file.hpp"
#include "../system/metadata.hpp"
#include "../system/tree.hpp"
#include "entry.hpp"
#include "journal.hpp"
#include "transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

// The changes that a transaction makes, each so that it can be taken back.

/// Does what may fail at an entry of the journal; the message names the user's file then.
VENV_INLINE void Transaction::tell_of(const fs::path& path, FunctionRef<void()> work) const {
  try {
    work();
  } catch (const Error& error) {
    const std::string journal = text_of(root_ / journal_name);
    if (text_of(error.path()).compare(0, journal.size(), journal) != 0) throw;
    throw io_error("replace", path, error.system_error());
  }
}

/// Where `make` has put a new file for `path` together, in the journal, and its name there.
VENV_INLINE fs::path Transaction::stage(const fs::path& path, std::string& kept,
                                        FunctionRef<void(const fs::path&)> make) {
  fs::path staged;
  tell_of(path, [&] {
    journal_.begin();
    kept = journal_.next_kept();
    staged = root_ / path_of(kept);
    make(staged);
  });
  return staged;
}

VENV_INLINE fs::path Transaction::make_scratch() {
  std::string name;
  return stage(root_, name, [](const fs::path& scratch) { make_directory(scratch); });
}

/// Puts what lies at `staged` (the place `kept` in the journal) in the place of what is at `path`,
/// which lies at `kept` afterwards.
VENV_INLINE void Transaction::put(const fs::path& staged, const std::string& kept,
                                  const fs::path& path) {
  const FileStatus now = known_status_of(path);
  const std::uint64_t inode = status_of(staged).inode;
  if (now.kind == FileKind::missing) {
    note(ChangeKind::made, path, {}, inode);
    return rename_file(staged, path);
  }
  note(ChangeKind::replaced, path, kept, inode);
  const fs::path aside = root_ / path_of(kept);
  if (staged == aside && exchange_files(staged, path)) return;
  const fs::path beside = name_beside(aside);
  if (staged == aside) tell_of(path, [&] { rename_file(staged, beside); });
  tell_of(path, [&] { rename_file(path, aside); });
  rename_file(staged == aside ? beside : staged, path);
}

VENV_INLINE void Transaction::make_directories(const fs::path& path) {
  const fs::path real = at(path);
  if (is_fresh(real)) return void(detail::make_directories(real));
  fs::path dir = root_;
  for (const fs::path& part : real.lexically_relative(root_)) {
    dir /= part;
    const FileKind kind = known_status_of(dir).kind;
    if (kind == FileKind::link)
      throw Error(ErrorCode::io, "cannot create directory " + quoted(path) + ": " +
                                     (dir == real ? "it" : quoted(dir)) + " is a link")
          .at("create directories")
          .on(dir);
    if (kind == FileKind::directory) continue;
    const bool is_noted = kind == FileKind::missing && !is_fresh(dir);
    if (is_noted) note(ChangeKind::made_directory, dir, {}, 0);
    if (!detail::make_directory(dir)) continue;
    if (is_noted) note(ChangeKind::made, dir, {}, status_of(dir).inode); // with all that comes in
    fresh_.push_back(dir);
  }
}

VENV_INLINE void Transaction::write(const fs::path& path, std::string_view bytes,
                                    std::optional<std::uint32_t> mode) {
  write_by(path, bytes, [&](const fs::path& place) {
    mode ? write_file(place, bytes, *mode) : write_file(place, bytes);
  });
}

/// Puts a file with `bytes` at `path`, written there or in the journal by `write_to`.
VENV_INLINE void Transaction::write_by(const fs::path& path, std::string_view bytes,
                                       FunctionRef<void(const fs::path&)> write_to) {
  const fs::path real = at(path);
  if (is_fresh(real)) return write_to(real);
  const FileStatus now = known_status_of(real);
  refuse_directory(path, now);
  if (has_bytes(real, now, bytes)) return;
  std::string kept;
  const fs::path staged = stage(real, kept, [&](const fs::path& place) {
    write_to(place);
    hand_on(real, place);
  });
  put(staged, kept, real);
}

VENV_INLINE void Transaction::write_program(const fs::path& path, std::string_view bytes) {
  write_by(path, bytes, [&](const fs::path& place) { detail::write_program(place, bytes); });
  if (!is_fresh(at(path))) let_run(path); // what was there may not have been one that can be run
}

VENV_INLINE void Transaction::let_run(const fs::path& path) {
  const fs::path real = at(path);
  if ((status_of(real).mode & 0555) != 0555) make_executable(real);
}

/// Gives what is to lie at `path` the owner, mode and attributes of what lies there, or lay there until
/// this run took it away. Its owner may read it in any case: an environment whose `pyvenv.cfg` can't be
/// read doesn't start.
VENV_INLINE void Transaction::hand_on(const fs::path& path, const fs::path& staged) const {
  fs::path old = path;
  for (const Change& change : changes_)
    if (change.kind == ChangeKind::removed && change.path == inner(path))
      old = root_ / path_of(change.kept);
  const FileKind kind = known_status_of(old).kind;
  if (kind == FileKind::file || kind == FileKind::link) copy_ownership(old, staged);
  const FileStatus now = status_of(staged);
  if (now.kind == FileKind::file && (now.mode & 0400) == 0) set_mode(staged, now.mode | 0400u);
}

VENV_INLINE bool Transaction::link(const fs::path& target, const fs::path& path) {
  const fs::path real = at(path);
  if (is_fresh(real)) return make_link(target, real);
  const FileStatus now = known_status_of(real);
  refuse_directory(path, now);
  if (now.kind == FileKind::link && link_target(real) == target) return true;
  std::string kept;
  bool is_made = false;
  const fs::path staged = stage(real, kept, [&](const fs::path& place) {
    is_made = make_link(target, place);
    if (is_made) hand_on(real, place);
  });
  if (is_made) put(staged, kept, real);
  return is_made;
}

VENV_INLINE void Transaction::copy(const fs::path& source, const fs::path& path,
                                   std::uint32_t mode) {
  const fs::path real = at(path);
  if (is_fresh(real)) return copy_file(source, real, mode);
  refuse_directory(path, known_status_of(real));
  std::string kept;
  const fs::path staged = stage(real, kept, [&](const fs::path& place) {
    copy_file(source, place, mode);
    hand_on(real, place);
    if ((mode & 0111) != 0) let_run(place);
  });
  put(staged, kept, real);
}

VENV_INLINE void Transaction::remove(const fs::path& path) {
  const fs::path real = at(path);
  if (known_status_of(real).kind == FileKind::missing) return;
  if (is_fresh(real)) return remove_tree(real);
  std::string kept;
  const fs::path aside = stage(real, kept, [](const fs::path&) {});
  note(ChangeKind::removed, real, kept, 0);
  tell_of(real, [&] { rename_file(real, aside); });
}

VENV_INLINE void Transaction::place(const fs::path& from, const fs::path& path) {
  const fs::path real = at(path);
  if (is_fresh(real)) return rename_file(from, real);
  std::string kept;
  stage(real, kept, [](const fs::path&) {});
  put(from, kept, real);
}

VENV_DETAIL_END
