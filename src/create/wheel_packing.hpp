#pragma once

#include "../api/interpreter.hpp"
#include "../archive/sha256.hpp"
#include "../base/checksum.hpp"
#include "../base/hex.hpp"
#include "../cache/answer.hpp"
#include "../cache/cache.hpp"
#include "../cache/pack.hpp"
#include "../package/wheel.hpp"
#include "../package/wheel_name.hpp"
#include "../python/bytecode.hpp"
#include "../system/file.hpp"
#include "../system/mapped_file.hpp"
#include "../system/new_file.hpp"
#include "../system/platform.hpp"
#include "../system/status.hpp"
#include "../system/tree.hpp"
#include "../system/workers.hpp"
#include "compile.hpp"
#include "staging.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// A wheel on its way into the cache: a pack of its files, each verified against RECORD, then of its
/// modules' bytecode. An environment is laid out from it as from one that was remembered. The wheel may be
/// begun before anybody knows whether it is needed, while an interpreter is asked.
class WheelPacking {
public:
  /// Packs `wheel` into `file`; nothing is read yet.
  WheelPacking(fs::path wheel, std::unique_ptr<NewFile> file)
      : wheel_(std::move(wheel)), identity_(identity_of(followed_status_of(wheel_))),
        file_(std::move(file)) {}
  ~WheelPacking() {
    is_stopped_ = true;
    if (thread_.joinable()) thread_.join();
  }
  WheelPacking(const WheelPacking&) = delete;
  WheelPacking& operator=(const WheelPacking&) = delete;

  /// Begins on a thread of its own, if one can be started.
  void begin();
  /// Packs what is not packed yet, by all hands. Throws what went wrong, in the thread as well.
  void finish();
  /// Whether it packs that file, and that is still the one that it was.
  bool is_of(const fs::path& wheel) const {
    return wheel == wheel_ && identity_ == identity_of(followed_status_of(wheel));
  }

  // Once it is finished:

  /// The SHA-256 of the wheel.
  std::string digest() const { return record_hash(bytes_->bytes()); }
  PackIndex& index() { return index_; }
  const SourceFile& pack() const { return *pack_; }
  /// The text of a file of the wheel; empty when there is none.
  std::string source(std::string_view name) const {
    const WheelFile* file = parsed_->find(name);
    return file ? read_verified(*file) : std::string();
  }
  /// Adds the bytecode that the base Python's own installation has of the same modules: what is compiled
  /// already need not be compiled again.
  void take_bytecode(const Interpreter& python);
  /// Makes it what `name` is remembered by, if that can be, with the files of the index that are only in
  /// `staging`: what was compiled there.
  void keep(const std::string& name, const StagedTree& staging, const Cache& cache);

private:
  void prepare();
  void pack_files();
  void take_compiled(const StagedTree& staging);
  bool is_begun() const { return thread_.joinable(); }

  fs::path wheel_;
  std::string identity_;
  std::unique_ptr<NewFile> file_;
  std::unique_ptr<MappedFile> bytes_{};
  std::optional<Wheel> parsed_{};
  PackIndex index_{};
  std::unique_ptr<SourceFile> pack_{}; ///< the same file, to be read
  std::size_t end_ = 0;                ///< of what is packed
  std::atomic<std::size_t> next_{0};   ///< of the files
  std::atomic<bool> is_prepared_{false}, is_stopped_{false};
  std::exception_ptr failure_{}; ///< of the thread
  std::thread thread_{};
};

VENV_INLINE void WheelPacking::begin() {
  try {
    thread_ = std::thread([this] {
      try {
        prepare();
        pack_files();
      } catch (...) {
        failure_ = std::current_exception();
      }
    });
  } catch (const std::system_error&) {
    // It is done when it is needed.
  }
}

VENV_INLINE void WheelPacking::finish() {
  if (!is_begun()) {
    if (!is_prepared_) prepare();
    if (next_ >= index_.files.size()) return;
    return share_out(index_.files.size(), processors(), [this](NextWork) { pack_files(); });
  }
  if (is_prepared_) pack_files();
  thread_.join();
  if (failure_) std::rethrow_exception(failure_);
}

/// Reads what the wheel has, and gives each file its place: those of one directory one behind the other.
VENV_INLINE void WheelPacking::prepare() {
  bytes_ = std::make_unique<MappedFile>(wheel_);
  parsed_.emplace(bytes_->bytes(), text_of(wheel_.filename()));
  PackIndex index = index_of(*parsed_);
  std::vector<PackFile> sorted;
  end_ = pack_magic.size();
  for (const std::size_t i : order_by_directory(directories_of(index.files))) {
    sorted.push_back(std::move(index.files[i]));
    sorted.back().offset = end_;
    end_ += sorted.back().size;
  }
  index.files = std::move(sorted);
  index_ = std::move(index);
  file_->write(pack_magic);
  pack_ = std::make_unique<SourceFile>(file_->beside());
  is_prepared_ = true;
}

/// Packs one file after the other, as others do at the same time.
VENV_INLINE void WheelPacking::pack_files() {
  for (std::size_t i; !is_stopped_ && (i = next_++) < index_.files.size();) {
    PackFile& packed = index_.files[i];
    const WheelFile* const file = parsed_->find(packed.name);
    if (file == nullptr) bad_wheel("lacks " + printable_name(packed.name)); // it was listed
    const std::string bytes = read_verified(*file);
    packed.checksum = checksum(bytes);
    file_->write_at(packed.offset, bytes);
  }
}

/// What the bytecode of a module begins with that was made of `source` (PEP 552).
VENV_INLINE std::string bytecode_header(const FileStatus& source, const Interpreter& python) {
  constexpr std::int64_t second = 1'000'000'000;
  const std::size_t size = bytecode_header_size(python);
  std::string header = python.magic + std::string(size - python.magic.size(), '\0');
  header = timestamped(header, source.modified / second);
  for (std::size_t i = 0; i < 4; ++i)
    header[size - 4 + i] = static_cast<char>(source.size >> (8 * i) & 0xFF);
  return header;
}

/// The bytecode that an installation has of a module; empty when that is another module than `text`, or the
/// bytecode isn't valid for it.
VENV_INLINE std::string bytecode_in(const fs::path& installed, const PackFile& module,
                                    std::string_view text, const Interpreter& python) {
  const fs::path source = installed / path_of(module.name);
  const FileStatus status = followed_status_of(source);
  const fs::path place = installed / path_of(bytecode_name(module.name, python.cache_tag));
  if (status.kind != FileKind::file || status.size != text.size() ||
      followed_status_of(place).kind != FileKind::file)
    return {};
  try {
    std::string bytes = read_file(place);
    const std::string header = bytecode_header(status, python);
    if (bytes.size() <= header.size() || bytes.compare(0, header.size(), header) != 0 ||
        read_file(source) != text)
      return {};
    return bytes;
  } catch (const Error&) {
    return {}; // this user may not read it
  }
}

/// The modules of which the base Python's own installation may have bytecode.
VENV_INLINE std::vector<PackFile> modules_installed(const Interpreter& python,
                                                    const PackIndex& index) {
  const fs::path installed = python.stdlib / "site-packages" / path_of(dist_info_of(index));
  std::vector<PackFile> modules;
  if (hashes_bytecode(python) || python.magic.size() != 4 ||
      followed_status_of(installed).kind != FileKind::directory)
    return modules;
  for (const PackFile& file : index.files)
    if (is_module(file.name)) modules.push_back(file);
  return modules;
}

VENV_INLINE void WheelPacking::take_bytecode(const Interpreter& python) {
  const fs::path installed = python.stdlib / "site-packages";
  const std::vector<PackFile> modules = modules_installed(python, index_);
  const std::vector<Batch> batches = batches_of(modules, true);
  std::mutex mutex;
  share_out(batches.size(), processors(), [&](NextWork next) {
    std::string text;
    for (std::size_t i; (i = next()) < batches.size();) {
      std::string bytes; // of all that is found in one directory
      std::vector<PackFile> found;
      for (const std::size_t module : batches[i].files) {
        const PackFile& file = modules[module];
        const std::string code =
            bytecode_in(installed, file, pack_->read_at(file.offset, file.size, text), python);
        if (code.empty()) continue;
        found.push_back(bytecode_of(file, python));
        found.back().offset = bytes.size();
        found.back().size = code.size();
        found.back().checksum = checksum(code);
        bytes += code;
      }
      std::size_t begin = 0;
      {
        const std::lock_guard<std::mutex> lock(mutex);
        begin = end_;
        end_ += bytes.size();
        for (PackFile& file : found) {
          file.offset += begin;
          index_.files.push_back(std::move(file));
        }
      }
      file_->write_at(begin, bytes);
    }
  });
}

/// The same of modules that are staged, beside them.
VENV_INLINE void take_bytecode(const Interpreter& python, PackIndex& index,
                               const Staging& staging) {
  constexpr std::int64_t second = 1'000'000'000;
  const fs::path installed = python.stdlib / "site-packages";
  const std::vector<PackFile> modules = modules_installed(python, index);
  std::vector<PackFile> compiled;
  for (const PackFile& module : modules) compiled.push_back(bytecode_of(module, python));
  stage_files(staging.path(), compiled, true,
              [&](const Folder& folder, const std::string& name, std::size_t i, std::string&) {
                const fs::path own = staging.path() / path_of(modules[i].name);
                std::string code = bytecode_in(installed, modules[i], read_file(own), python);
                if (code.empty()) return;
                const std::size_t header = bytecode_header_size(python);
                const std::int64_t time = known_status_of(own).modified / second;
                code.replace(0, header, timestamped(code.substr(0, header), time));
                folder.create(name, {code}, compiled[i].mode);
                compiled[i].size = code.size();
              });
  for (PackFile& file : compiled)
    if (file.size != 0) index.files.push_back(std::move(file));
}

VENV_INLINE void WheelPacking::take_compiled(const StagedTree& staging) {
  std::vector<PackFile*> added;
  for (PackFile& file : index_.files)
    if (file.offset == 0) {
      added.push_back(&file);
      file.offset = end_;
      end_ += file.size;
    }
  in_parallel(added.size(), processors(), [&](std::size_t i) {
    const std::string bytes = read_file(staging.path() / path_of(added[i]->name), added[i]->size);
    added[i]->checksum = checksum(bytes);
    file_->write_at(added[i]->offset, bytes);
  });
}

VENV_INLINE void WheelPacking::keep(const std::string& name, const StagedTree& staging,
                                    const Cache& cache) {
  if (!cache.is_written()) return;
  try {
    take_compiled(staging);
    const std::string index = format_pack_index(index_);
    file_->write_at(end_, index + format_pack_footer(end_, index));
  } catch (const Error&) {
    return; // a full disk, say
  }
  pack_.reset(); // on Windows what is open can't be renamed
  cache.keep(name, *file_);
}

/// The SHA-256 of a wheel, by which what came of it is remembered: an image's or a CI's restored cache
/// fits a wheel of the same bytes, wherever it lies. It is itself remembered by the file's identity. Empty
/// where nothing is remembered. `packing`: the wheel's own, or null.
VENV_INLINE std::string wheel_digest(const fs::path& wheel, const WheelPacking* packing,
                                     const Cache& cache) {
  if (!cache.is_on()) return {};
  const std::string identity = text_of(wheel) + '\n' + identity_of(followed_status_of(wheel));
  const std::string name = cache_name("wheel", identity);
  if (const auto remembered = cache.find(name)) {
    const auto known = parse_answer(*remembered);
    if (known && known->identity == identity && known->fields.size() == 1) return known->fields[0];
  }
  const std::string digest = packing ? packing->digest() : record_hash(MappedFile(wheel).bytes());
  cache.remember(name, [&](NewFile& file) { file.write(format_answer({identity, {digest}})); });
  return digest;
}

/// What an installed wheel is remembered by: its content, and whose bytecode it is compiled to.
VENV_INLINE std::string pack_key(const std::string& digest, const Interpreter& python) {
  std::string magic;
  for (const char byte : python.magic)
    magic += hexadecimal(static_cast<unsigned char>(byte)).substr(14);
  return digest + '\n' + magic + ' ' + python.cache_tag +
         (hashes_bytecode(python) ? " hashed" : "");
}

/// The wheel of pip that a Python at `python` bundles, as far as its place tells; empty when it doesn't, or
/// there are several.
VENV_INLINE fs::path likely_wheel(const fs::path& python) {
  const auto real = resolved(python);
  if (!real) return {};
  const fs::path bin = real->parent_path();
  const fs::path stdlib =
      this_os == Os::windows ? bin / "Lib" : bin.parent_path() / "lib" / real->filename();
  const fs::path bundled = stdlib / "ensurepip" / "_bundled";
  fs::path wheel;
  for (const fs::path& name : names_in_if_readable(bundled)) {
    const auto parsed = parse_wheel_name(text_of(name));
    if (!parsed || normalized_name(parsed->distribution) != "pip") continue;
    if (!wheel.empty()) return {};
    wheel = bundled / name;
  }
  return wheel;
}

VENV_DETAIL_END
