#pragma once

#include "../api/interpreter.hpp"
#include "../archive/crc32.hpp"
#include "../archive/sha256.hpp"
#include "../cache/answer.hpp"
#include "../cache/cache.hpp"
#include "../cache/pack.hpp"
#include "../package/wheel.hpp"
#include "../system/mapped_file.hpp"
#include "../system/platform.hpp"
#include "../system/status.hpp"
#include "pip.hpp"
#include "staging.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// The SHA-256 of a file, in digits.
VENV_INLINE std::string sha256_of(const fs::path& path) {
  Sha256 sum;
  read_pieces(path, [&sum](std::string_view piece) { sum.update(piece); });
  return digits_of(sum.finish());
}

/// What is remembered of a wheel's file.
struct WheelFacts {
  std::string digest{};   ///< of all that it holds
  std::string metadata{}; ///< the text of METADATA
};

/// What tells a wheel's content from another one's: the names, modes, checksums and hashes of its files,
/// and the bytes of those without a hash, RECORD among them.
VENV_INLINE std::string content_digest(const Wheel& wheel) {
  Sha256 sum;
  for (const WheelFile& file : wheel.files()) {
    FieldWriter fields;
    fields.text(file.entry.name);
    fields.number(unpacked_mode(file.entry.mode));
    fields.number(file.entry.crc);
    fields.text(file.hash.empty() ? read_verified(file) : file.hash);
    sum.update(fields.bytes());
  }
  return digits_of(sum.finish());
}

VENV_INLINE WheelFacts read_facts(const fs::path& path) {
  const MappedFile bytes(path);
  const Wheel wheel(bytes.bytes(), text_of(path.filename()),
                    wheel_limits(this_os != Os::linux_or_other), WheelKind::any);
  return {content_digest(wheel), read_verified(*wheel.find(wheel.dist_info() + "/METADATA"))};
}

/// The facts of a wheel, read once as long as its file stays the same. Errors are those of Wheel.
VENV_INLINE WheelFacts facts_of(const fs::path& path, const Cache& cache) {
  const FileStatus status = followed_status_of(path);
  if (!cache.has_room_for(status.size)) return read_facts(path);
  const std::string identity = text_of(path) + '\n' + identity_of(status);
  const std::string name = cache_name("metadata", identity);
  if (const auto remembered = cache.find(name)) {
    const auto known = parse_answer(*remembered);
    if (known && known->identity == identity && known->fields.size() == 2)
      return {known->fields[0], known->fields[1]};
  }
  WheelFacts facts = read_facts(path);
  cache.remember(name, [&](NewFile& file) {
    file.write(format_answer({identity, {facts.digest, facts.metadata}}));
  });
  return facts;
}

/// A file of a wheel, by a name that it has here.
VENV_INLINE PackFile packed_as(std::string name, const WheelFile& file) {
  PackFile packed;
  packed.name = std::move(name);
  packed.size = file.entry.size;
  packed.mode = unpacked_mode(file.entry.mode);
  return packed;
}

/// What a wheel is remembered by; empty where it isn't.
struct WheelPackName {
  std::string name{}, key{};
};

VENV_INLINE WheelPackName pack_name_of(const fs::path& wheel, const Interpreter& python,
                                       const Cache& cache) {
  if (!cache.has_room_for(followed_status_of(wheel).size)) return {};
  try {
    WheelPackName pack;
    pack.key = pack_key(facts_of(wheel, cache).digest, python) + "\nwheel";
    const std::string stem = text_of(wheel.stem());
    pack.name = cache_name(stem.substr(0, stem.find('-', stem.find('-') + 1)), pack.key);
    return pack;
  } catch (const Error&) {
    return {}; // who unpacks it says what is wrong
  }
}

/// What is to be remembered of a wheel: all its files.
VENV_INLINE PackIndex wheel_index(const Wheel& wheel, const std::string& key) {
  PackIndex index;
  const std::string& stem = wheel.dist_info();
  index.key = key;
  index.is_wheel = true;
  index.distribution = stem.substr(0, stem.find('-'));
  index.version = stem.substr(stem.find('-') + 1, stem.rfind('.') - stem.find('-') - 1);
  for (const WheelFile& file : wheel.files())
    index.files.push_back(packed_as(std::string(file.entry.name), file));
  return index;
}

/// A wheel as it is remembered, read as the wheel itself is.
class PackedWheel {
public:
  /// Throws Error when the pack doesn't hold the wheel that the file's name says.
  PackedWheel(std::unique_ptr<SourceFile> pack, PackIndex index, const std::string& file_name)
      : pack_(std::move(pack)), index_(std::move(index)),
        wheel_(entries(), file_name, WheelKind::any) {
    for (const PackFile& file : index_.files) by_name_.push_back(&file);
    sort_by(by_name_, [](const PackFile* a, const PackFile* b) { return a->name < b->name; });
  }
  PackedWheel(const PackedWheel&) = delete;
  PackedWheel& operator=(const PackedWheel&) = delete;

  const SourceFile& pack() const { return *pack_; }
  const std::string& key() const { return index_.key; }
  const Wheel& wheel() const { return wheel_; }
  /// The file of that name, which has to be there.
  const PackFile& at(std::string_view name) const {
    if (const PackFile* const file = find(name)) return *file;
    throw Error(ErrorCode::bad_archive, "no file " + printable_name(name) + " is remembered");
  }
  /// The file of that name, or null.
  const PackFile* find(std::string_view name) const {
    const auto found = std::lower_bound(
        by_name_.begin(), by_name_.end(), name,
        [](const PackFile* file, std::string_view wanted) { return file->name < wanted; });
    return found != by_name_.end() && (*found)->name == name ? *found : nullptr;
  }

private:
  /// Only what a wheel says of itself is read here.
  std::vector<ZipEntry> entries() {
    const std::string dist_info = dist_info_of(index_) + '/';
    std::vector<ZipEntry> entries;
    for (const PackFile& file : index_.files) {
      if (file.bytecode) continue;
      ZipEntry entry;
      entry.name = file.name;
      entry.size = file.size;
      entry.mode = 0100000u | file.mode;
      constexpr const char* names[] = {"METADATA", "RECORD", "WHEEL", "entry_points.txt"};
      for (std::size_t i = 0; i < std::size(names); ++i) {
        if (file.name != dist_info + names[i]) continue;
        const auto bytes = read_packed(*pack_, file, 0, texts_[i]);
        if (!bytes) bad_wheel("is not whole in " + quoted(pack_->path()));
        entry.data = *bytes;
        entry.crc = crc32(entry.data);
      }
      entries.push_back(entry);
    }
    return entries;
  }

  std::unique_ptr<SourceFile> pack_;
  PackIndex index_;
  std::string texts_[4]{}; ///< of the metadata
  Wheel wheel_;
  std::vector<const PackFile*> by_name_{};
};

/// The wheel that is remembered so, or null. Who `compiles` needs its bytecode.
VENV_INLINE std::unique_ptr<PackedWheel>
find_packed(const WheelPackName& wanted, const fs::path& wheel, bool compiles, const Cache& cache) {
  if (wanted.name.empty()) return nullptr;
  auto pack = cache.open(wanted.name);
  if (!pack) return nullptr;
  try {
    auto index = read_index(*pack);
    if (!index || index->key != wanted.key || !index->is_wheel) return nullptr;
    if (compiles && !index->is_compiled) return nullptr;
    return std::make_unique<PackedWheel>(std::move(pack), std::move(*index),
                                         text_of(wheel.filename()));
  } catch (const Error&) {
    return nullptr;
  }
}

VENV_DETAIL_END
