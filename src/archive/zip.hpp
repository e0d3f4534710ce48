#pragma once

#include "../base/error.hpp"
#include "../config.hpp"
#include "../base/order.hpp"
#include "../base/bytes.hpp"
#include "crc32.hpp"
#include "inflate.hpp"
#include "zip_names.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

// Section numbers are those of PKWARE's APPNOTE.TXT 6.3.

inline constexpr unsigned zip_stored = 0;
inline constexpr unsigned zip_deflated = 8;

/// A file or directory of an archive, checked. `name` and `data` point into the archive's bytes.
struct ZipEntry {
  std::string_view name{}; ///< with `/`; a directory's ends in one
  std::string_view data{}; ///< as it lies in the archive, compressed or not
  unsigned method = zip_stored;
  std::uint32_t crc = 0;
  std::size_t size = 0;   ///< uncompressed
  std::uint32_t mode = 0; ///< st_mode where the archive has it (the upper half of 4.4.15), or 0

  bool is_directory() const { return name.back() == '/'; }
};

/// What an archive may ask for. The defaults are many times what the wheels of pip and setuptools
/// need (532 entries, 7.3 MB, 0.3 MB, 17 to 1).
struct ZipLimits {
  std::size_t entries = 20000;
  std::size_t total_size = std::size_t{256} << 20;
  std::size_t entry_size = std::size_t{16} << 20;
  std::size_t ratio = 200; ///< for entries over `ratio_free_size`
  std::size_t ratio_free_size = std::size_t{64} << 10;
  ZipNames names = ZipNames::portable;
};

/// A zip file that is wholly in memory, or mapped. Everything that can be checked without
/// inflating is checked before the constructor returns, and nothing is guessed: an archive that
/// two readers could understand differently is refused. All functions throw
/// `ErrorCode::bad_archive`. The const ones may be called by several threads at once.
class ZipArchive {
public:
  explicit ZipArchive(std::string_view bytes, const ZipLimits& limits = {});

  const std::vector<ZipEntry>& entries() const { return entries_; }
  /// The entry of that name, or null.
  const ZipEntry* find(std::string_view name) const;

private:
  struct Directory {
    std::size_t offset, size, count;
  };
  Directory find_directory() const;
  std::size_t read_header(std::size_t offset, std::size_t end);
  void check_sizes(const ZipEntry& entry);
  void check_local_header(ZipEntry& entry, std::size_t offset, std::size_t compressed_size,
                          unsigned flags);
  void check_overlaps();

  const unsigned char* at(std::size_t offset) const { return as_bytes(bytes_) + offset; }

  std::string_view bytes_;
  ZipLimits limits_;
  std::vector<ZipEntry> entries_{};
  std::vector<std::pair<std::size_t, std::size_t>> ranges_{}; ///< of local headers with their data
  std::size_t total_size_ = 0;
  std::size_t directory_offset_ = 0;
};

[[noreturn]] VENV_INLINE void bad_zip(const std::string& message) {
  throw Error(ErrorCode::bad_archive, message);
}

[[noreturn]] VENV_INLINE void bad_zip_entry(std::string_view name, const std::string& message) {
  bad_zip("zip entry " + printable_name(name) + ' ' + message);
}

VENV_INLINE ZipArchive::ZipArchive(std::string_view bytes, const ZipLimits& limits)
    : bytes_(bytes), limits_(limits) {
  const Directory directory = find_directory();
  if (directory.count > limits_.entries) bad_zip("zip file has too many entries");
  directory_offset_ = directory.offset;
  entries_.reserve(directory.count);
  std::size_t offset = directory.offset;
  const std::size_t end = directory.offset + directory.size;
  for (std::size_t i = 0; i < directory.count; ++i) offset = read_header(offset, end);
  if (offset != end) bad_zip("zip file's central directory is longer than its entries");
  check_overlaps();
  std::vector<std::string_view> names;
  for (const ZipEntry& entry : entries_) names.push_back(entry.name);
  check_names(names, limits_.names);
}

/// 4.3.16: the end record, which must be the last thing of the file, with the central directory
/// directly before it.
VENV_INLINE ZipArchive::Directory ZipArchive::find_directory() const {
  constexpr std::size_t fixed = 22, longest_comment = 0xFFFF;
  if (bytes_.size() < fixed) bad_zip("not a zip file: too short");
  const std::size_t end = bytes_.rfind(std::string_view("PK\5\6", 4), bytes_.size() - fixed);
  if (end == std::string_view::npos || bytes_.size() - end > fixed + longest_comment)
    bad_zip("not a zip file, or one that is cut off: no end record");
  const unsigned char* record = at(end);
  if (end + fixed + load_le16(record + 20) != bytes_.size())
    bad_zip("zip file is cut off, or something is appended to it");
  const Directory directory{load_le32(record + 16), load_le32(record + 12), load_le16(record + 10)};
  if ((end >= 20 && bytes_.substr(end - 20, 4) == std::string_view("PK\6\7", 4)) ||
      directory.count == 0xFFFF || directory.offset == 0xFFFFFFFF || directory.size == 0xFFFFFFFF)
    bad_zip("zip64 files are not supported");
  if (load_le16(record + 4) != 0 || load_le16(record + 6) != 0 ||
      load_le16(record + 8) != directory.count)
    bad_zip("zip files of several parts are not supported");
  if (directory.size > end || directory.offset != end - directory.size)
    bad_zip("zip file's central directory is not where its end record says");
  return directory;
}

/// 4.3.12: the central directory's header at `offset`; gives the offset of the next.
VENV_INLINE std::size_t ZipArchive::read_header(std::size_t offset, std::size_t end) {
  constexpr std::size_t fixed = 46;
  const unsigned char* header = at(offset);
  if (end - offset < fixed || load_le32(header) != 0x02014b50)
    bad_zip("zip file's central directory is damaged");
  const std::size_t name_size = load_le16(header + 28), extra_size = load_le16(header + 30);
  const std::size_t size = fixed + name_size + extra_size + load_le16(header + 32);
  if (end - offset < size) bad_zip("zip file's central directory is damaged");
  ZipEntry entry;
  entry.name = bytes_.substr(offset + fixed, name_size);
  check_name(entry.name, limits_.names);
  const unsigned flags = load_le16(header + 8);
  const bool is_utf8_name = (flags & 0x800) != 0; // 4.4.4: else in code page 437
  if (!is_utf8_name && std::any_of(entry.name.begin(), entry.name.end(),
                                   [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
    bad_zip_entry(entry.name, "has a name that is not marked as UTF-8");
  entry.method = load_le16(header + 10);
  entry.crc = load_le32(header + 16);
  entry.size = load_le32(header + 24);
  entry.mode = load_le32(header + 38) >> 16;
  const std::size_t compressed_size = load_le32(header + 20), local = load_le32(header + 42);
  // 4.4.4: encrypted (0), patch data (5), strong encryption (6), masked headers (13).
  if ((flags & 0x2061) != 0) bad_zip_entry(entry.name, "is encrypted or a patch");
  if (entry.method != zip_stored && entry.method != zip_deflated)
    bad_zip_entry(entry.name, "has compression method " + std::to_string(entry.method) +
                                  ", which is not supported");
  if (compressed_size == 0xFFFFFFFF || entry.size == 0xFFFFFFFF || local == 0xFFFFFFFF)
    bad_zip_entry(entry.name, "needs zip64, which is not supported");
  if (load_le16(header + 34) != 0) bad_zip_entry(entry.name, "is in another part");
  check_local_header(entry, local, compressed_size, flags);
  check_sizes(entry);
  entries_.push_back(entry);
  return offset + size;
}

/// 4.3.7: the local header must say the same as the central directory's, apart from the sizes and
/// the CRC where bit 3 puts them after the data.
VENV_INLINE void ZipArchive::check_local_header(ZipEntry& entry, std::size_t offset,
                                                std::size_t compressed_size, unsigned flags) {
  constexpr std::size_t fixed = 30;
  if (offset > directory_offset_ || directory_offset_ - offset < fixed ||
      load_le32(at(offset)) != 0x04034b50)
    bad_zip_entry(entry.name, "is not where the central directory says");
  const unsigned char* header = at(offset);
  const std::size_t name_size = load_le16(header + 26);
  const std::size_t before_data = fixed + name_size + load_le16(header + 28);
  const bool later = (flags & 8) != 0;
  const auto agrees = [later](std::uint32_t local, std::size_t central) {
    return local == central || (later && local == 0);
  };
  if (load_le16(header + 6) != flags || load_le16(header + 8) != entry.method ||
      !agrees(load_le32(header + 14), entry.crc) ||
      !agrees(load_le32(header + 18), compressed_size) ||
      !agrees(load_le32(header + 22), entry.size) ||
      bytes_.substr(offset + fixed, name_size) != entry.name)
    bad_zip_entry(entry.name, "has a header that disagrees with the central directory");
  const std::size_t room = directory_offset_ - offset;
  if (room < before_data || room - before_data < compressed_size)
    bad_zip_entry(entry.name, "goes beyond the end of the data");
  entry.data = bytes_.substr(offset + before_data, compressed_size);
  ranges_.emplace_back(offset, offset + before_data + compressed_size);
}

/// Kinds and sizes that are refused before anything is inflated.
VENV_INLINE void ZipArchive::check_sizes(const ZipEntry& entry) {
  constexpr std::uint32_t format = 0170000, regular = 0100000, directory = 0040000;
  const std::uint32_t kind = entry.mode & format;
  if (kind != 0 && kind != (entry.is_directory() ? directory : regular))
    bad_zip_entry(entry.name, "is a link or a special file");
  if (entry.is_directory() && entry.size != 0)
    bad_zip_entry(entry.name, "is a directory with data");
  if (entry.method == zip_stored && entry.size != entry.data.size())
    bad_zip_entry(entry.name, "is stored with two different sizes");
  if (entry.size > limits_.entry_size) bad_zip_entry(entry.name, "is too big");
  if (entry.size > limits_.ratio_free_size && entry.size / limits_.ratio > entry.data.size())
    bad_zip_entry(entry.name, "is compressed beyond reason");
  total_size_ += entry.size;
  if (total_size_ > limits_.total_size) bad_zip("zip file is too big when unpacked");
}

VENV_INLINE void ZipArchive::check_overlaps() {
  sort_by(ranges_, [](const auto& a, const auto& b) { return a < b; });
  for (std::size_t i = 1; i < ranges_.size(); ++i)
    if (ranges_[i].first < ranges_[i - 1].second) bad_zip("zip file has overlapping entries");
}

VENV_INLINE const ZipEntry* ZipArchive::find(std::string_view name) const {
  for (const ZipEntry& entry : entries_)
    if (entry.name == name) return &entry;
  return nullptr;
}

/// Unpacks `entry` into the `entry.size` bytes at `out` and verifies its CRC.
VENV_INLINE void read_entry(const ZipEntry& entry, char* out) {
  if (entry.method == zip_stored) {
    std::copy(entry.data.begin(), entry.data.end(), out);
  } else {
    const InflateStatus status = inflate(entry.data, out, entry.size);
    if (status != InflateStatus::ok) bad_zip_entry(entry.name, inflate_message(status));
  }
  if (crc32({out, entry.size}) != entry.crc)
    bad_zip_entry(entry.name, "has a wrong checksum (CRC-32)");
}

VENV_INLINE std::string read_entry(const ZipEntry& entry) {
  std::string text(entry.size, '\0');
  read_entry(entry, text.data());
  return text;
}

VENV_DETAIL_END
