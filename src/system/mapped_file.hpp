#pragma once

#include "handle.hpp"
#include "status.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

// The contract of mapped_file.posix.hpp and mapped_file.windows.hpp. Errors as in file.hpp.

/// Whose a file has to be.
enum class Trust {
  any,      ///< a regular file, links followed
  private_, ///< also: no link, belongs to the effective user, and nobody else can write it
  trusted   ///< the same, or it belongs to those who administer the machine (root)
};

/// A file that is read in pieces, at any place, by several threads at once. Its bytes are never
/// mapped: to look at mapped bytes of a file that has become shorter ends the process (SIGBUS), and
/// any file can be cut by who may write it. A piece that is read into a buffer that was used before
/// costs no more than the same bytes touched in a mapping.
class SourceFile {
public:
  explicit SourceFile(const fs::path& path, Trust trust = Trust::any);
  const fs::path& path() const { return path_; }
  /// How large it was when it was opened.
  std::uint64_t size() const { return status_.size; }
  const FileStatus& status() const { return status_; }
  /// Fills `buffer` with `size` bytes from `offset` on; throws when the file ends before.
  void read_at(std::uint64_t offset, char* buffer, std::size_t size) const;
  /// The same into a string, whose memory is used again.
  std::string_view read_at(std::uint64_t offset, std::size_t size, std::string& buffer) const;

private:
  fs::path path_;
  Handle file_{};
  FileStatus status_{};
};

/// All bytes of a file, in memory for as long as this lives. What happens to the file afterwards
/// doesn't change them.
class MappedFile {
public:
  explicit MappedFile(const fs::path& path, Trust trust = Trust::any);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  std::string_view bytes() const { return bytes_; }

private:
  std::string_view bytes_{};
};

VENV_DETAIL_END

#if defined(_WIN32)
#include "mapped_file.windows.hpp"
#else
#include "mapped_file.posix.hpp"
#endif
