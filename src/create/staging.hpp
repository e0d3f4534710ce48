#pragma once

#include "../api/interpreter.hpp"
#include "../cache/pack.hpp"
#include "../package/wheel.hpp"
#include "../system/folder.hpp"
#include "../system/mapped_file.hpp"
#include "../system/new_file.hpp"
#include "../system/tree.hpp"
#include "../system/workers.hpp"
#include "../text/launcher.hpp"
#include "../base/function_ref.hpp"
#include "../base/order.hpp"
#include "../python/bytecode.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// A directory where a distribution is put together.
class StagedTree {
public:
  explicit StagedTree(fs::path path) : path_(std::move(path)) {}
  const fs::path& path() const { return path_; }

  /// When its modules were modified, in seconds since 1970, if bytecode is to say so.
  std::int64_t time() const { return time_; }

private:
  static std::int64_t now() {
    using namespace std::chrono;
    return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
  }
  fs::path path_;
  std::int64_t time_ = now();
};

/// One beside the directory that a distribution goes to; gone at the end.
class Staging : public StagedTree {
public:
  explicit Staging(const fs::path& site_packages) : StagedTree(name_beside(site_packages / "pip")) {
    try {
      make_directory(path());
    } catch (const Error& error) { // the user's name, not this one's
      throw io_error("create", site_packages / "pip", error.system_error());
    }
  }
  ~Staging() { try_remove_tree(path()); }
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
};

/// Files of one directory that one worker makes.
struct Batch {
  std::string_view directory;
  std::vector<std::size_t> files{};
};

/// The directory in which each file lies.
VENV_INLINE std::vector<std::string_view> directories_of(const std::vector<PackFile>& files) {
  std::vector<std::string_view> directories;
  directories.reserve(files.size());
  for (const PackFile& file : files) {
    const std::string_view name = file.name;
    const std::size_t slash = name.rfind('/');
    directories.push_back(name.substr(0, slash == name.npos ? 0 : slash));
  }
  return directories;
}

/// The order of files in which those of one directory are beside each other.
VENV_INLINE std::vector<std::size_t>
order_by_directory(const std::vector<std::string_view>& directories) {
  const bool in_order = std::is_sorted(directories.begin(), directories.end());
  return order_of(directories.size(), [&](std::size_t a, std::size_t b) {
    return in_order ? a < b : directories[a] < directories[b];
  });
}

/// Cuts a list of files into batches: of one directory each, none so large that others wait for it.
VENV_INLINE std::vector<Batch> batches_of(const std::vector<PackFile>& files, bool with_bytecode) {
  constexpr std::size_t most_files = 24, most_bytes = std::size_t{128} << 10;
  const std::vector<std::string_view> directories = directories_of(files);
  std::vector<Batch> batches;
  std::size_t bytes = 0;
  for (const std::size_t i : order_by_directory(directories)) {
    if (files[i].bytecode && !with_bytecode) continue;
    if (batches.empty() || batches.back().directory != directories[i] || bytes >= most_bytes ||
        batches.back().files.size() >= most_files) {
      batches.push_back({directories[i]});
      bytes = 0;
    }
    batches.back().files.push_back(i);
    bytes += files[i].size;
  }
  return batches;
}

/// Makes the directories of the batches, those above first.
VENV_INLINE void make_staged_directories(const fs::path& root, const std::vector<Batch>& batches) {
  std::string_view last;
  for (const Batch& batch : batches) { // sorted: what they have in common is made already
    const std::string_view path = batch.directory;
    const auto differ = std::mismatch(path.begin(), path.end(), last.begin(), last.end());
    std::size_t end = static_cast<std::size_t>(differ.first - path.begin());
    if (end == last.size() && end != 0 && path.substr(end, 1) == "/") ++end; // `a`, then `a/b`
    while (path != last && end < path.size()) {
      end = (std::min)(path.find('/', end), path.size());
      make_directory(root / path_of(path.substr(0, end++)));
    }
    last = path;
  }
}

/// Makes the files of a batch in their folder; `buffer` is the worker's own, for bytes that are read.
using StageBatch = FunctionRef<void(const Folder& folder, const Batch& batch, std::string& buffer)>;

/// The name of a file in its directory.
VENV_INLINE std::string own_name(const PackFile& file) {
  return file.name.substr(file.name.rfind('/') + 1); // npos + 1 is 0
}

/// Lets everybody run a file that is to be run, whatever the umask, as pip does.
VENV_INLINE void let_all_run(const fs::path& program) {
  const FileStatus status = known_status_of(program);
  if (status.kind == FileKind::file && (status.mode & 0111u) != 0111u)
    set_mode(program, status.mode | 0111u);
}

/// Makes all the files, several workers at once, by `stage`.
VENV_INLINE void stage_batches(const fs::path& root, const std::vector<PackFile>& files,
                               bool with_bytecode, const StageBatch& stage) {
  const std::vector<Batch> batches = batches_of(files, with_bytecode);
  make_staged_directories(root, batches);
  constexpr std::size_t few = 8; // to start a thread takes as long
  const std::size_t workers = (std::min)(processors(), 1 + batches.size() / few);
  share_out(batches.size(), workers, [&](NextWork next) {
    std::string buffer;
    for (std::size_t n; (n = next()) < batches.size();) {
      // In turn from either end: two workers in one directory would wait for each other.
      const std::size_t i = n % 2 == 0 ? n / 2 : batches.size() - 1 - n / 2;
      const Folder folder(root / path_of(batches[i].directory));
      stage(folder, batches[i], buffer);
      for (const std::size_t file : batches[i].files)
        if ((files[file].mode & 0111u) != 0)
          let_all_run(folder.path() / path_of(own_name(files[file])));
    }
  });
}

/// Writes one of the files into its folder.
using WriteStaged = FunctionRef<void(const Folder& folder, const std::string& name,
                                     std::size_t file, std::string& buffer)>;

/// The same, file by file.
VENV_INLINE void stage_files(const fs::path& root, const std::vector<PackFile>& files,
                             bool with_bytecode, const WriteStaged& write) {
  stage_batches(root, files, with_bytecode,
                [&](const Folder& folder, const Batch& batch, std::string& buffer) {
                  for (const std::size_t i : batch.files)
                    write(folder, own_name(files[i]), i, buffer);
                });
}

/// The mode that a file of a wheel gets, less the umask: only whether it may be run counts, as with pip.
VENV_INLINE std::uint32_t unpacked_mode(std::uint32_t zip_mode) {
  const bool is_regular = (zip_mode & 0170000) == 0100000;
  return is_regular && (zip_mode & 0111) != 0 ? 0777u : 0666u;
}

/// The distribution that a wheel is, its files not laid out yet.
VENV_INLINE PackIndex index_of(const Wheel& wheel) {
  PackIndex index;
  const std::string& stem = wheel.dist_info(); // its own spelling; the file's name may have another
  index.distribution = stem.substr(0, stem.find('-'));
  index.version = stem.substr(stem.find('-') + 1, stem.rfind('.') - stem.find('-') - 1);
  index.scripts = wheel.scripts().console;
  const std::vector<EntryPoint>& gui = wheel.scripts().gui;
  index.scripts.insert(index.scripts.end(), gui.begin(), gui.end());
  for (const WheelFile& file : wheel.files()) {
    const std::string_view name = file.entry.name;
    if (name == stem + "/RECORD" || name == stem + "/INSTALLER" || name == stem + "/REQUESTED")
      continue; // made anew
    PackFile packed;
    packed.name = std::string(name);
    packed.hash = file.hash;
    packed.mode = unpacked_mode(file.entry.mode);
    packed.size = file.entry.size;
    index.files.push_back(std::move(packed));
  }
  if (!has_distinct_names(index)) bad_wheel("has a file in the place of what installers write");
  return index;
}

/// Unpacks the files of a wheel, each verified against RECORD before it is written.
VENV_INLINE void unpack_wheel(const Wheel& wheel, const PackIndex& index, const Staging& staging) {
  stage_files(staging.path(), index.files, false,
              [&](const Folder& folder, const std::string& name, std::size_t i, std::string&) {
                const WheelFile* const file = wheel.find(index.files[i].name);
                if (file == nullptr) bad_wheel("lacks " + printable_name(name)); // it was listed
                folder.create(name, {read_verified(*file)}, index.files[i].mode);
              });
}

/// Gives the bytes of a file that is to be remembered.
using ReadStaged = FunctionRef<std::string(const PackFile&)>;

/// Writes files that `read` gives, and their index, as a pack, several workers at once: those of one
/// directory one behind the other, so that they are read at once.
VENV_INLINE void write_pack(PackIndex index, const ReadStaged& read, NewFile& file) {
  std::vector<PackFile> sorted;
  for (const std::size_t i : order_by_directory(directories_of(index.files)))
    sorted.push_back(index.files[i]);
  index.files = std::move(sorted);
  file.write(pack_magic);
  std::size_t offset = pack_magic.size();
  for (PackFile& packed : index.files) {
    packed.offset = offset;
    offset += packed.size;
  }
  in_parallel(index.files.size(), processors(), [&](std::size_t i) {
    PackFile& packed = index.files[i];
    const std::string bytes = read(packed);
    packed.checksum = checksum(bytes);
    file.write_at(packed.offset, bytes);
  });
  const std::string index_bytes = format_pack_index(index);
  file.write_at(offset, index_bytes + format_pack_footer(offset, index_bytes));
}

/// How bytecode is laid out: whether it is, how long its header is, and what time that says.
struct BytecodeForm {
  bool is_wanted;
  std::size_t header_size;
  std::int64_t time;
};

/// Writes one remembered file. Bytecode says when its source was written, and that is set; false where
/// it can't be.
VENV_INLINE bool write_packed(const Folder& folder, const PackFile& file, std::string_view bytes,
                              const BytecodeForm& form) {
  const std::string name = own_name(file);
  if (file.bytecode) {
    const std::string header = timestamped(bytes.substr(0, form.header_size), form.time);
    folder.create(name, {header, bytes.substr(form.header_size)}, file.mode);
  } else if (form.is_wanted && is_module(file.name)) {
    return folder.create(name, {bytes}, file.mode, form.time) == form.time;
  } else {
    folder.create(name, {bytes}, file.mode);
  }
  return true;
}

/// Writes bytecode anew with the times that its sources have, which could not be set.
VENV_INLINE void take_own_times(const PackIndex& index, std::size_t header_size,
                                const StagedTree& staging) {
  constexpr std::int64_t second = 1'000'000'000;
  for (const PackFile& file : index.files) {
    if (!file.bytecode) continue;
    const fs::path path = staging.path() / file.name;
    const std::int64_t modified =
        known_status_of(staging.path() / source_name(file.name)).modified / second;
    const std::string bytes = read_file(path, file.size);
    remove_file(path);
    Folder(path.parent_path())
        .create(path.filename(),
                {timestamped(bytes.substr(0, header_size), modified), bytes.substr(header_size)},
                file.mode);
  }
}

/// Bytes of a pack, or nothing where they can't be read.
VENV_INLINE std::optional<std::string_view> try_read(const SourceFile& pack, std::size_t offset,
                                                     std::size_t size, std::string& buffer) {
  try {
    return pack.read_at(offset, size, buffer);
  } catch (const Error&) {
    return std::nullopt; // as if it weren't there
  }
}

/// The bytes of one remembered file, or nothing where they are damaged or can't be read; of bytecode at
/// least its header.
VENV_INLINE std::optional<std::string_view> read_packed(const SourceFile& pack,
                                                        const PackFile& file,
                                                        std::size_t header_size,
                                                        std::string& buffer) {
  auto bytes = try_read(pack, file.offset, file.size, buffer);
  if (bytes && (!is_undamaged(file, *bytes) || (file.bytecode && bytes->size() < header_size)))
    bytes.reset();
  return bytes;
}

/// Calls `take` with each remembered file of a batch and its bytes, or nothing where they are damaged or
/// can't be read. Those that lie one behind the other are read at once.
VENV_INLINE void
read_batch(const SourceFile& pack, const PackIndex& index, const Batch& batch, std::string& buffer,
           FunctionRef<void(const PackFile&, std::optional<std::string_view>)> take) {
  const auto file_at = [&](std::size_t i) -> const PackFile& {
    return index.files[batch.files[i]];
  };
  for (std::size_t i = 0; i < batch.files.size();) {
    const std::size_t first = i, begin = file_at(first).offset;
    std::size_t end = begin;
    for (; i < batch.files.size() && file_at(i).offset == end; ++i) end += file_at(i).size;
    const auto bytes = try_read(pack, begin, end - begin, buffer);
    for (std::size_t k = first; k < i; ++k) {
      std::optional<std::string_view> own;
      if (bytes) own = bytes->substr(file_at(k).offset - begin, file_at(k).size);
      if (own && !is_undamaged(file_at(k), *own)) own.reset();
      take(file_at(k), own);
    }
  }
}

/// Lays out a remembered distribution; false, and only part of it is there, where the pack is
/// damaged or can't be read.
VENV_INLINE bool unpack_pack(const SourceFile& pack, const PackIndex& index,
                             std::size_t header_size, bool with_bytecode,
                             const StagedTree& staging) {
  std::atomic<bool> damaged{false}, has_times{true};
  const BytecodeForm form{with_bytecode, header_size, staging.time()};
  stage_batches(staging.path(), index.files, with_bytecode,
                [&](const Folder& folder, const Batch& batch, std::string& buffer) {
                  const auto write = [&](const PackFile& file,
                                         std::optional<std::string_view> bytes) {
                    if (!bytes || (file.bytecode && bytes->size() < header_size)) damaged = true;
                    else if (!write_packed(folder, file, *bytes, form)) has_times = false;
                  };
                  if (!damaged) read_batch(pack, index, batch, buffer, write);
                });
  if (!damaged && !has_times && with_bytecode) take_own_times(index, header_size, staging);
  return !damaged;
}

VENV_DETAIL_END
