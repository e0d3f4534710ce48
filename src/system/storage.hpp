#pragma once

#include "file.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

// The contract of storage.posix.hpp and storage.windows.hpp: many files at once, and files that
// are trusted. Errors as in file.hpp.

/// A directory in which files are made that were not there before.
class Folder {
public:
  explicit Folder(const fs::path& path);
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  /// Makes a file of the pieces, one behind the other. The mode is less the umask; `modified` is in
  /// seconds since 1970, now where not given.
  void create(const std::string& name, std::initializer_list<std::string_view> pieces,
              std::uint32_t mode, std::optional<std::int64_t> modified = {}) const;

private:
  fs::path path_;
  std::intptr_t handle_ = -1;
};

/// A file's bytes, mapped, for as long as this lives.
class MappedFile {
public:
  /// Throws where the file can't be mapped. `trusted`: also where it is not a regular file that
  /// belongs to the effective user and that nobody else can write, or is a link.
  explicit MappedFile(const fs::path& path, bool trusted = false);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  std::string_view bytes() const { return bytes_; }

private:
  std::string_view bytes_{};
};

/// Makes `directory` (mode 0700; an absolute path), and those above it, where missing and where only
/// the effective user and root can replace them. Whether it then belongs to the effective user and
/// nobody else can write it, nor replace it, one above it or a link on the way.
bool make_private_directory(const fs::path& directory);

/// Marks the file as used now.
void touch(const fs::path& path);

VENV_DETAIL_END

#if defined(_WIN32)
#error "venv.hpp does not run on Windows yet"
#else
#include "storage.posix.hpp"
#endif
