#pragma once

#include "../base/error.hpp"
#include "../config.hpp"
#include "../base/ascii.hpp"
#include "../base/order.hpp"
#include "entry_points.hpp"
#include "metadata.hpp"
#include "version.hpp"
#include "record.hpp"
#include "../archive/sha256.hpp"
#include "wheel_name.hpp"
#include "../archive/zip.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// A file of a wheel and what RECORD says of it.
struct WheelFile {
  ZipEntry entry;
  std::string hash; ///< `sha256=...`; empty for RECORD itself and its signatures
};

[[noreturn]] VENV_INLINE void bad_wheel(const std::string& message) {
  throw Error(ErrorCode::bad_archive, "wheel " + message);
}

/// Unpacks `file` into the `file.entry.size` bytes at `out`, and verifies its CRC and the hash
/// that RECORD has of it. May be called by several threads at once.
VENV_INLINE void read_verified(const WheelFile& file, char* out) {
  read_entry(file.entry, out);
  if (!file.hash.empty() && record_hash({out, file.entry.size}) != file.hash)
    bad_wheel("file " + printable_name(file.entry.name) + " is not what RECORD says (SHA-256)");
}

VENV_INLINE std::string read_verified(const WheelFile& file) {
  std::string text(file.entry.size, '\0');
  read_verified(file, text.data());
  return text;
}

/// Which wheels are taken.
enum class WheelKind {
  plain, ///< for every Python 3 and system, without a `.data` directory: what a Python bundles
  any,
};

/// What a wheel of any kind may ask for: one entry of half a GiB is inflated in memory.
VENV_INLINE ZipLimits wheel_limits(bool only_portable_names) {
  ZipLimits limits;
  limits.entries = 60000; // more takes zip64
  limits.total_size = std::size_t{3} << 30;
  limits.entry_size = std::size_t{1} << 30;
  limits.ratio_free_size = std::size_t{4} << 20;
  limits.names = only_portable_names ? ZipNames::portable : ZipNames::local;
  return limits;
}

/// A wheel that can't be verified, as its RECORD leaves a file or a hash out, or has a file that isn't
/// there. pip, which reads no RECORD, takes it.
class UnverifiableWheel : public Error {
public:
  explicit UnverifiableWheel(const std::string& message) : Error(ErrorCode::bad_archive, message) {}
};

/// A wheel ("Binary distribution format"), all of it untrusted: when the constructor returns, the
/// archive, the metadata and RECORD agree with each other and with the file's name; the contents
/// of the other files are verified as they are read, by `read_verified`. Throws
/// `ErrorCode::bad_archive`. Refers to `bytes`, which must outlive it.
class Wheel {
public:
  Wheel(std::string_view bytes, std::string_view file_name, const ZipLimits& limits = {},
        WheelKind kind = WheelKind::plain)
      : Wheel(ZipArchive(bytes, limits).entries(), file_name, kind) {}
  /// The same of entries that were checked as those of an archive are.
  Wheel(const std::vector<ZipEntry>& entries, std::string_view file_name, WheelKind kind);

  const WheelName& name() const { return name_; }
  /// The directory `{name}-{version}.dist-info`, without a slash.
  const std::string& dist_info() const { return dist_info_; }
  /// Whether the files belong into purelib rather than platlib.
  bool root_is_purelib() const { return root_is_purelib_; }
  /// The specifier of the Pythons that it is for (see `specifier_allows`), or empty: all.
  const std::string& requires_python() const { return requires_python_; }
  const Scripts& scripts() const { return scripts_; }
  /// The directory `{name}-{version}.data`, without a slash; empty: none.
  const std::string& data_dir() const { return data_dir_; }
  /// The rows of RECORD, as they stand there.
  const std::vector<RecordRow>& record() const { return record_; }
  /// All files, RECORD among them, sorted by name.
  const std::vector<WheelFile>& files() const { return files_; }
  /// The file of that name, or null.
  const WheelFile* find(std::string_view name) const;

private:
  void find_dist_info(const std::vector<ZipEntry>& entries, WheelKind kind);
  void take_data_dir(std::string_view name, WheelKind kind);
  void match_record();
  void read_wheel_file();
  void read_metadata();
  std::string metadata(std::string_view name) const;

  WheelName name_{};
  std::string dist_info_{}, data_dir_{};
  std::vector<RecordRow> record_{};
  bool root_is_purelib_ = true;
  std::string requires_python_{};
  Scripts scripts_{};
  std::vector<WheelFile> files_{};
};

VENV_INLINE Wheel::Wheel(const std::vector<ZipEntry>& entries, std::string_view file_name,
                         WheelKind kind) {
  auto name = parse_wheel_name(file_name);
  if (!name) bad_wheel("has a file name that is none of a wheel: " + printable_name(file_name));
  name_ = std::move(*name);
  if (kind == WheelKind::plain && !name_.is_universal())
    bad_wheel("is not for every Python 3 (py3-none-any)");
  find_dist_info(entries, kind);
  for (const ZipEntry& entry : entries)
    if (!entry.is_directory()) files_.push_back({entry, {}});
  sort_by(files_,
          [](const WheelFile& a, const WheelFile& b) { return a.entry.name < b.entry.name; });
  match_record();
  read_wheel_file();
  read_metadata();
  if (find(dist_info_ + "/entry_points.txt") != nullptr)
    scripts_ = parse_entry_points(metadata("entry_points.txt"));
}

VENV_INLINE const WheelFile* Wheel::find(std::string_view name) const {
  const auto found = std::lower_bound(
      files_.begin(), files_.end(), name,
      [](const WheelFile& file, std::string_view wanted) { return file.entry.name < wanted; });
  return found != files_.end() && found->entry.name == name ? &*found : nullptr;
}

/// A file of the `.dist-info` directory, which must be there.
VENV_INLINE std::string Wheel::metadata(std::string_view name) const {
  const WheelFile* file = find(dist_info_ + '/' + std::string(name));
  if (file == nullptr) bad_wheel("has no " + std::string(name));
  return read_verified(*file);
}

/// Whether `name-version` is this wheel's, in whatever spelling.
VENV_INLINE bool is_same_release(const WheelName& wheel, std::string_view name,
                                 std::string_view version) {
  return normalized_name(name) == normalized_name(wheel.distribution) &&
         parse_package_version(version) == wheel.parsed_version;
}

/// The one directory of that kind, which must be the wheel's own.
VENV_INLINE void Wheel::take_data_dir(std::string_view name, WheelKind kind) {
  constexpr std::string_view suffix = ".data";
  if (name == data_dir_) return;
  const std::string_view stem = name.substr(0, name.size() - suffix.size());
  const std::size_t dash = (std::min)(stem.find('-'), stem.size());
  const bool is_own = dash != stem.size() &&
                      is_same_release(name_, stem.substr(0, dash), stem.substr(dash + 1)) &&
                      name.substr(stem.size()) == suffix && data_dir_.empty();
  if (kind == WheelKind::plain || !is_own)
    bad_wheel("has a directory " + printable_name(name) + ", which is not supported");
  data_dir_ = name;
}

VENV_INLINE void Wheel::find_dist_info(const std::vector<ZipEntry>& entries, WheelKind kind) {
  constexpr std::string_view suffix = ".dist-info", data_suffix = ".data";
  const auto ends_with = [](std::string_view text, std::string_view end) {
    return text.size() > end.size() && folded(text.substr(text.size() - end.size())) == end;
  };
  for (const ZipEntry& entry : entries) {
    const std::size_t slash = entry.name.find('/');
    if (slash == entry.name.npos) continue;
    const std::string_view top = entry.name.substr(0, slash);
    if (ends_with(top, data_suffix)) take_data_dir(top, kind);
    if (!ends_with(top, suffix) || top == dist_info_) continue;
    if (!dist_info_.empty()) bad_wheel("has more than one .dist-info directory");
    dist_info_ = top;
  }
  if (dist_info_.empty()) bad_wheel("has no .dist-info directory");
  const std::string_view stem =
      std::string_view(dist_info_).substr(0, dist_info_.size() - suffix.size());
  const std::size_t dash = stem.find('-');
  if (dash == stem.npos || !is_same_release(name_, stem.substr(0, dash), stem.substr(dash + 1)))
    bad_wheel("has a directory " + printable_name(dist_info_) + " that isn't its own");
}

/// RECORD must have each file once with its hash and size, and no other; but not its own hash,
/// nor its signatures.
VENV_INLINE void Wheel::match_record() {
  const std::string record_path = dist_info_ + "/RECORD";
  std::vector<RecordRow> rows = record_ = parse_record(metadata("RECORD"));
  sort_by(rows, [](const RecordRow& a, const RecordRow& b) { return a.path < b.path; });
  auto row = rows.begin();
  for (WheelFile& file : files_) {
    const std::string_view name = file.entry.name;
    const bool is_signature = name == record_path + ".jws" || name == record_path + ".p7s";
    if (row != rows.end() && row->path < name) break; // a row without a file
    if (row == rows.end() || row->path != name) {
      if (is_signature || name == record_path) continue;
      throw UnverifiableWheel("wheel file " + printable_name(name) + " is not in RECORD");
    }
    if (!is_signature && name != record_path) {
      if (row->hash.empty())
        throw UnverifiableWheel("wheel file " + printable_name(name) + " has no SHA-256 in RECORD");
      if (row->hash.compare(0, 7, "sha256=") != 0)
        bad_wheel("file " + printable_name(name) + " has no SHA-256 in RECORD");
      if (!row->size.empty() && row->size != std::to_string(file.entry.size))
        bad_wheel("file " + printable_name(name) + " has another size than in RECORD");
      file.hash = std::move(row->hash);
    }
    ++row;
  }
  if (row != rows.end())
    throw UnverifiableWheel("wheel has no file " + printable_name(row->path) +
                            ", or has it once, but RECORD has it");
}

VENV_INLINE void Wheel::read_wheel_file() {
  const std::string text = metadata("WHEEL");
  const std::string version = header_value(text, "Wheel-Version");
  if (version.substr(0, version.find('.')) != "1")
    bad_wheel("has a format that is not supported: Wheel-Version " + printable_name(version));
  const std::string purelib = folded(header_value(text, "Root-Is-Purelib"));
  if (purelib != "true" && purelib != "false") bad_wheel("doesn't say whether Root-Is-Purelib");
  root_is_purelib_ = purelib == "true";
}

VENV_INLINE void Wheel::read_metadata() {
  const std::string text = metadata("METADATA");
  if (!is_same_release(name_, header_value(text, "Name"), header_value(text, "Version")))
    bad_wheel("has a name or version in METADATA that its file name doesn't");
  requires_python_ = header_value(text, "Requires-Python");
}

VENV_DETAIL_END
