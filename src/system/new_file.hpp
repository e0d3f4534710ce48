#pragma once

#include "handle.hpp"
#include "status.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

VENV_DETAIL_BEGIN

// The contract of new_file.posix.hpp and new_file.windows.hpp. Errors as in file.hpp.

/// A file that is written beside its place and then put there by one rename, so that nobody ever sees
/// half of it; gone again unless it is put there. A link in its place is replaced, not followed.
/// Messages name its place, not the name beside it.
class NewFile {
public:
  /// The file's mode is `mode` less the umask until `set_mode` says otherwise.
  NewFile(const fs::path& path, std::uint32_t mode);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  /// Appends all of `bytes`.
  void write(std::string_view bytes);
  /// Writes all of `bytes` at `offset`. Several threads may do so at once.
  void write_at(std::size_t offset, std::string_view bytes);
  /// Sets the exact mode, whatever the umask.
  void set_mode(std::uint32_t mode);
  /// Lets all who may read the file execute it.
  void make_executable();
  /// Takes over owner, group, mode, ACL and extended attributes of what lies in its place now, as far
  /// as this user may give them away; nothing there is fine.
  void inherit_metadata();
  /// Sees to it that the bytes reach the disk before the file's name does.
  void flush();
  /// Renames the file into its place, replacing a file or link there.
  void put_in_place();
  /// The same into another place in the same directory.
  void put_in_place(const fs::path& place);
  /// Where its bytes lie until then.
  const fs::path& beside() const { return beside_; }

private:
  fs::path place_, beside_;
  Handle file_{};
};

/// Writes beside `path` and renames into place (see NewFile). The mode is exact, whatever the umask.
void write_file(const fs::path& path, std::string_view bytes, std::uint32_t mode);
/// The same with the mode 0666 less the umask.
void write_file(const fs::path& path, std::string_view bytes);
/// The same, and all who may read the file may execute it.
void write_program(const fs::path& path, std::string_view bytes);
/// The same with the bytes of `source` and an exact mode.
void copy_file(const fs::path& source, const fs::path& path, std::uint32_t mode);

VENV_DETAIL_END

#if defined(_WIN32)
#include "new_file.windows.hpp"
#else
#include "new_file.posix.hpp"
#endif
