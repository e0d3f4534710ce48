#pragma once

#include "../api/interpreter.hpp"
#include "../cache/pack.hpp"
#include "../package/wheel.hpp"
#include "../system/folder.hpp"
#include "../system/mapped_file.hpp"
#include "../system/new_file.hpp"
#include "../system/tree.hpp"
#include "../system/variables.hpp"
#include "../system/workers.hpp"
#include "../text/launcher.hpp"
#include "../base/function_ref.hpp"
#include "../base/order.hpp"

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
  std::string directory;
  std::vector<std::size_t> files;
};

/// Cuts a list of files into batches: of one directory each, none so large that others wait for it.
VENV_INLINE std::vector<Batch> batches_of(const std::vector<PackFile>& files, bool with_bytecode) {
  constexpr std::size_t most_files = 24, most_bytes = std::size_t{512} << 10;
  const auto directory_of = [&files](std::size_t i) {
    const std::string_view name = files[i].name;
    const std::size_t slash = name.rfind('/');
    return name.substr(0, slash == name.npos ? 0 : slash);
  };
  std::vector<Batch> batches;
  std::size_t bytes = 0;
  for (const std::size_t i : order_of(files.size(), [&](std::size_t a, std::size_t b) {
         return directory_of(a) < directory_of(b);
       })) {
    if (files[i].bytecode && !with_bytecode) continue;
    if (batches.empty() || batches.back().directory != directory_of(i) || bytes >= most_bytes ||
        batches.back().files.size() >= most_files) {
      batches.push_back({std::string(directory_of(i)), {}});
      bytes = 0;
    }
    batches.back().files.push_back(i);
    bytes += files[i].size;
  }
  return batches;
}

/// Makes the directories of the batches, those above first.
VENV_INLINE void make_staged_directories(const fs::path& root, const std::vector<Batch>& batches) {
  std::string last;
  for (const Batch& batch : batches) { // sorted: what they have in common is made already
    const std::string& path = batch.directory;
    for (std::size_t end = 0; path != last && end != path.npos;) {
      end = path.find('/', end + 1);
      const std::string upper = path.substr(0, end);
      if ((last + '/').compare(0, upper.size() + 1, upper + '/') != 0)
        make_directory(root / path_of(upper));
    }
    last = path;
  }
}

/// Writes one of the files into its folder; `buffer` is the worker's own, for bytes that are read.
using WriteStaged = FunctionRef<void(const Folder& folder, const std::string& name,
                                     std::size_t file, std::string& buffer)>;

/// Lets everybody run a file that is to be run, whatever the umask, as pip does.
VENV_INLINE void let_all_run(const fs::path& program) {
  const FileStatus status = known_status_of(program);
  if (status.kind == FileKind::file && (status.mode & 0111u) != 0111u)
    set_mode(program, status.mode | 0111u);
}

/// Makes each file, several workers at once, by `write`.
VENV_INLINE void stage_files(const fs::path& root, const std::vector<PackFile>& files,
                             bool with_bytecode, const WriteStaged& write) {
  const std::vector<Batch> batches = batches_of(files, with_bytecode);
  make_staged_directories(root, batches);
  in_parallel(batches.size(), processors(), [&](std::size_t i) {
    const Folder folder(root / path_of(batches[i].directory));
    std::string buffer;
    for (const std::size_t file : batches[i].files) {
      const std::string& name = files[file].name;
      const std::string own_name = name.substr(name.rfind('/') + 1); // npos + 1 is 0
      write(folder, own_name, file, buffer);
      if ((files[file].mode & 0111u) != 0) let_all_run(folder.path() / path_of(own_name));
    }
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
                const std::string bytes = read_verified(*wheel.find(index.files[i].name));
                folder.create(name, {bytes}, index.files[i].mode);
              });
}

/// Where the bytecode of a module lies: `a/b.py` -> `a/__pycache__/b.cpython-313.pyc` (PEP 3147).
VENV_INLINE std::string bytecode_name(const std::string& module, const std::string& cache_tag) {
  const std::size_t stem = module.rfind('/') + 1;
  return module.substr(0, stem) + "__pycache__/" + module.substr(stem, module.size() - stem - 3) +
         '.' + cache_tag + ".pyc";
}

/// The module of such bytecode.
VENV_INLINE std::string source_name(const std::string& bytecode) {
  const std::size_t folder = bytecode.rfind('/');
  const std::string above = bytecode.substr(0, bytecode.rfind("__pycache__", folder));
  const std::string file = bytecode.substr(folder + 1, bytecode.rfind('.') - folder - 1);
  return above + file.substr(0, file.rfind('.')) + ".py"; // without the tag
}

VENV_INLINE bool is_module(const std::string& name) {
  return name.size() > 3 && name.compare(name.size() - 3, 3, ".py") == 0;
}

/// Gives the bytes of a file that is to be remembered.
using ReadStaged = FunctionRef<std::string(const PackFile&)>;

/// Writes files that `read` gives, and their index, as a pack, several workers at once.
VENV_INLINE void write_pack(PackIndex index, const ReadStaged& read, NewFile& file) {
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

/// Whether bytecode has the hash of its source, not the time, so that environments are equal byte by
/// byte: as `py_compile` does where SOURCE_DATE_EPOCH is set.
VENV_INLINE bool hashes_bytecode(const Interpreter& python) {
  return python.version >= std::array<int, 3>{3, 7, 0} &&
         !variable("SOURCE_DATE_EPOCH").value_or(std::string()).empty();
}

/// How long the header of bytecode is: magic number, flags (since Python 3.7), time and size of the
/// source or its hash (PEP 552).
VENV_INLINE std::size_t bytecode_header_size(const Interpreter& python) {
  return python.version < std::array<int, 3>{3, 7, 0} ? 12 : 16;
}

/// That header with the time of the source set; one with the source's hash stays as it is.
VENV_INLINE std::string timestamped(std::string_view header, std::int64_t modified) {
  std::string result(header);
  constexpr unsigned has_hash = 1; // the lowest bit of the flags
  if (header.size() == 16 && (static_cast<unsigned char>(header[4]) & has_hash) != 0) return result;
  const std::size_t at = header.size() - 8;
  for (std::size_t i = 0; i < 4; ++i)
    result[at + i] = static_cast<char>(static_cast<std::uint64_t>(modified) >> (8 * i) & 0xFF);
  return result;
}

/// How bytecode is laid out: whether it is, how long its header is, and what time that says.
struct BytecodeForm {
  bool is_wanted;
  std::size_t header_size;
  std::int64_t time;
};

/// Writes one remembered file. Bytecode says when its source was written, and that is set; false where
/// it can't be.
VENV_INLINE bool write_packed(const Folder& folder, const std::string& name, const PackFile& file,
                              std::string_view bytes, const BytecodeForm& form) {
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

/// The bytes of one remembered file, or nothing where they are damaged or can't be read.
VENV_INLINE std::optional<std::string_view> read_packed(const SourceFile& pack,
                                                        const PackFile& file,
                                                        std::size_t header_size,
                                                        std::string& buffer) {
  try {
    const std::string_view bytes = pack.read_at(file.offset, file.size, buffer);
    if (is_undamaged(file, bytes) && (!file.bytecode || bytes.size() >= header_size)) return bytes;
  } catch (const Error&) {
    // As if it weren't there.
  }
  return std::nullopt;
}

/// Lays out a remembered distribution; false, and only part of it is there, where the pack is
/// damaged or can't be read.
VENV_INLINE bool unpack_pack(const SourceFile& pack, const PackIndex& index,
                             std::size_t header_size, bool with_bytecode,
                             const StagedTree& staging) {
  std::atomic<bool> damaged{false}, has_times{true};
  const BytecodeForm form{with_bytecode, header_size, staging.time()};
  stage_files(
      staging.path(), index.files, with_bytecode,
      [&](const Folder& folder, const std::string& name, std::size_t i, std::string& buffer) {
        const PackFile& file = index.files[i];
        if (damaged) return;
        const auto bytes = read_packed(pack, file, header_size, buffer);
        if (!bytes) damaged = true;
        else if (!write_packed(folder, name, file, *bytes, form)) has_times = false;
      });
  if (!damaged && !has_times && with_bytecode) take_own_times(index, header_size, staging);
  return !damaged;
}

VENV_DETAIL_END
