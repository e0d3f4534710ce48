#pragma once

#include "../base/error.hpp"
#include "../config.hpp"
#include "../base/bytes.hpp"
#include "../base/checksum.hpp"
#include "../base/fields.hpp"
#include "../base/function_ref.hpp"
#include "../base/number.hpp"
#include "../package/entry_points.hpp"
#include "../archive/zip_names.hpp"
#include "../system/platform.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// A file of a remembered installation.
struct PackFile {
  std::string name{}; ///< below site-packages (of a wheel: in the wheel), with `/`
  std::string hash{}; ///< as RECORD has it; empty for bytecode and signatures of RECORD
  std::uint32_t mode = 0;
  bool bytecode = false;            ///< compiled from the file that RECORD lists beside it
  std::size_t offset = 0, size = 0; ///< of its bytes in the pack
  std::uint64_t checksum = 0;
};

/// An installed distribution in one file, laid out so that it can be mapped and written out again:
/// a header, the files' bytes, the index, and at the end where the index is.
struct PackIndex {
  std::string key{}; ///< what it was made from; another key is another pack
  bool is_wheel =
      false; ///< it holds all files of a wheel under their names there, RECORD among them
  bool is_compiled = false; ///< of a wheel: the bytecode of its modules is there, if they have any
  std::string distribution{}, version{};
  std::string script_template{}; ///< the text of its console scripts
  std::vector<EntryPoint> scripts{};
  std::vector<PackFile> files{};
};

inline constexpr std::string_view pack_magic = "venv.hpp pack 2\n"; // 16 bytes
inline constexpr std::size_t pack_footer_size = 40;

VENV_INLINE std::string format_pack_index(const PackIndex& index) {
  FieldWriter out;
  for (const std::string* text :
       {&index.key, &index.distribution, &index.version, &index.script_template})
    out.text(*text);
  out.number(std::uint64_t{index.is_wheel});
  out.number(std::uint64_t{index.is_compiled});
  out.number(index.scripts.size());
  for (const EntryPoint& script : index.scripts)
    for (const std::string* text : {&script.name, &script.module, &script.attribute})
      out.text(*text);
  out.number(index.files.size());
  for (const PackFile& file : index.files) {
    out.text(file.name);
    out.text(file.hash);
    for (const std::uint64_t value :
         {std::uint64_t{file.mode}, std::uint64_t{file.bytecode}, std::uint64_t{file.offset},
          std::uint64_t{file.size}, file.checksum})
      out.number(value);
  }
  return out.bytes();
}

/// What stands at a pack's very end.
VENV_INLINE std::string format_pack_footer(std::size_t index_offset, std::string_view index) {
  FieldWriter out;
  out.number(index_offset);
  out.number(index.size());
  out.number(checksum(index));
  out.number(checksum(out.bytes()));
  out.number(load_le64(as_bytes(pack_magic)));
  return out.bytes();
}

VENV_INLINE PackFile read_pack_file(FieldReader& in) {
  PackFile file;
  file.name = in.text();
  file.hash = in.text();
  file.mode = static_cast<std::uint32_t>(in.number() & 0777);
  file.bytecode = in.number() != 0;
  file.offset = number_as<std::size_t>(in.number());
  file.size = number_as<std::size_t>(in.number());
  file.checksum = in.number();
  return file;
}

/// The name of a distribution's directory of metadata.
VENV_INLINE std::string dist_info_of(const PackIndex& index) {
  return index.distribution + '-' + index.version + ".dist-info";
}

/// Which names the files of a pack may have: those of a wheel were ones that it may have here.
VENV_INLINE ZipNames names_of(const PackIndex& index) {
  return index.is_wheel && this_os == Os::linux_or_other ? ZipNames::local : ZipNames::portable;
}

/// Whether all the files can lie beside each other, and beside those that are made anew at each
/// installation, on every file system that is meant.
VENV_INLINE bool has_distinct_names(const PackIndex& index) {
  const std::string dist_info = dist_info_of(index);
  const std::string made[] = {dist_info + "/RECORD", dist_info + "/INSTALLER",
                              dist_info + "/REQUESTED"};
  std::vector<std::string_view> names;
  if (!index.is_wheel) names.assign(std::begin(made), std::end(made));
  for (const PackFile& file : index.files) names.push_back(file.name);
  try {
    for (const std::string_view name : names) check_name(name, names_of(index));
    check_names(names, names_of(index));
    return true;
  } catch (const Error&) {
    return false;
  }
}

/// Whether every script has a name that is its own to have, and calls what can be called.
VENV_INLINE bool has_sound_scripts(const PackIndex& index) {
  return std::all_of(index.scripts.begin(), index.scripts.end(), [](const EntryPoint& script) {
    return script_name_fault(script.name) == nullptr && is_dotted_name(script.module) &&
           is_dotted_name(script.attribute);
  });
}

/// Whether the metadata is there, and lies where the distribution's name says.
VENV_INLINE bool has_metadata(const PackIndex& index) {
  const std::string dist_info = dist_info_of(index);
  if (name_fault(dist_info) != nullptr || dist_info.find('/') != dist_info.npos) return false;
  return std::any_of(
      index.files.begin(), index.files.end(),
      [wanted = dist_info + "/METADATA"](const PackFile& file) { return file.name == wanted; });
}

/// Whether the files lie one behind the other between the header and the index, under names that
/// stay below the directory that they are put in.
VENV_INLINE bool is_sound(const PackIndex& index, std::size_t index_offset) {
  if (!has_sound_scripts(index) || !has_metadata(index)) return false;
  std::size_t end = pack_magic.size();
  for (const PackFile& file : index.files) {
    if (file.name.empty() || file.name.back() == '/' || file.offset != end ||
        file.size > index_offset - end)
      return false;
    end += file.size;
  }
  return end == index_offset && has_distinct_names(index);
}

/// Gives bytes of a pack: those from an offset on.
using ReadPack = FunctionRef<std::string_view(std::size_t offset, std::size_t size)>;

/// The index that stands between `offset` and the footer.
VENV_INLINE std::optional<PackIndex> parse_pack_index(std::string_view bytes, std::size_t offset) {
  FieldReader in(bytes);
  PackIndex index;
  for (std::string* text :
       {&index.key, &index.distribution, &index.version, &index.script_template})
    *text = in.text();
  index.is_wheel = in.number() != 0;
  index.is_compiled = in.number() != 0;
  index.scripts.resize(in.count(24));
  for (EntryPoint& script : index.scripts)
    for (std::string* text : {&script.name, &script.module, &script.attribute}) *text = in.text();
  index.files.resize(in.count(56));
  for (PackFile& file : index.files) file = read_pack_file(in);
  if (in.failed() || !in.at_end() || !is_sound(index, offset)) return std::nullopt;
  return index;
}

/// The index of a pack of `size` bytes, or nothing where it is none, of another version, cut or
/// damaged. The files' own bytes are only checked as they are used, by `pack_bytes`.
VENV_INLINE std::optional<PackIndex> parse_pack(std::size_t size, const ReadPack& read) {
  const std::size_t least = pack_magic.size() + pack_footer_size;
  if (size < least || read(0, pack_magic.size()) != pack_magic) return std::nullopt;
  const std::size_t footer = size - pack_footer_size;
  const std::string tail(read(footer, pack_footer_size));
  FieldReader ends(tail);
  const std::uint64_t offset = ends.number(), index_size = ends.number();
  if (offset < pack_magic.size() || offset > footer || index_size != footer - offset)
    return std::nullopt;
  const auto index_offset = static_cast<std::size_t>(offset);
  const std::string_view index = read(index_offset, footer - index_offset);
  if (tail != format_pack_footer(index_offset, index)) return std::nullopt;
  return parse_pack_index(index, index_offset);
}

/// The same of a pack that is in memory.
VENV_INLINE std::optional<PackIndex> parse_pack(std::string_view bytes) {
  return parse_pack(bytes.size(), [bytes](std::size_t offset, std::size_t size) {
    return bytes.substr(offset, size);
  });
}

/// Whether these are the bytes of a pack's file.
VENV_INLINE bool is_undamaged(const PackFile& file, std::string_view bytes) {
  return bytes.size() == file.size && checksum(bytes) == file.checksum;
}

/// The bytes of one file of a pack, or nothing where they are damaged.
VENV_INLINE std::optional<std::string_view> pack_bytes(std::string_view pack,
                                                       const PackFile& file) {
  const std::string_view bytes = pack.substr(file.offset, file.size);
  if (!is_undamaged(file, bytes)) return std::nullopt;
  return bytes;
}

VENV_DETAIL_END
