// Hostile wheels of any kind: what their archive would hold, their RECORD and their entry points, on any
// bytes. Where a file is laid out it lies below the environment, each at a place of its own, and nothing
// takes the place of the environment's own files. The same wheel comes back from what is remembered of it.
//
// The input is files with 0 between them, each a name, a line feed and its text. METADATA and WHEEL are
// there unless the input has them; RECORD lists all unless the input has one.

#include "archive/crc32.hpp"
#include "cache/pack.hpp"
#include "package/wheel.hpp"
#include "package/wheel_layout.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace venv::detail;

void require(bool holds) {
  if (!holds) std::abort();
}

const std::string info = "demo-1.0.dist-info/";

std::map<std::string, std::string> files_in(std::string_view input) {
  std::map<std::string, std::string> files{
      {info + "METADATA", "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"},
      {info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"}};
  for (const std::string_view piece : split(input, '\0')) {
    const std::size_t end = piece.find('\n');
    if (end != piece.npos) files[std::string(piece.substr(0, end))] = piece.substr(end + 1);
  }
  if (files.count(info + "RECORD") != 0) return files;
  std::string record;
  for (const auto& [name, text] : files)
    record += format_record_row({name, record_hash(text), std::to_string(text.size())}) + '\n';
  files[info + "RECORD"] = record + info + "RECORD,,\n";
  return files;
}

/// The entries of an archive with these files, checked as an archive's are.
std::vector<ZipEntry> entries_of(const std::map<std::string, std::string>& files) {
  std::vector<ZipEntry> entries;
  std::vector<std::string_view> names;
  for (const auto& [name, text] : files) {
    check_name(name, ZipNames::local);
    names.push_back(name);
    entries.push_back({name, text, zip_stored, crc32(text), text.size(), 0100644});
  }
  check_names(names, ZipNames::local);
  return entries;
}

void check_places(const WheelLayout& layout) {
  std::set<std::string> places;
  for (const PlacedFile& placed : layout.files) {
    const std::string& place = placed.place;
    // Where it is laid out, it may be longer than an archive's name is.
    const std::size_t start = place.size() > 1024 ? place.find('/', place.size() - 1024) + 1 : 0;
    require(local_name_fault(place.substr(start)) == nullptr && place.back() != '/');
    require(places.insert(place).second);
    const std::string name = folded(place);
    require(name != "pyvenv.cfg" && name.compare(0, 10, ".venv.hpp-") != 0);
    require(name != "bin/python" && name != "bin/python3" && name != "bin/activate");
    require(name.compare(0, 4, "bin/") != 0 ||
            !is_reserved_name(name.substr(4, name.find('/', 4) - 4)));
  }
  for (const std::string& place : places) // none is a directory of another one
    for (std::size_t slash = place.find('/'); slash != place.npos;
         slash = place.find('/', slash + 1))
      require(places.count(place.substr(0, slash)) == 0);
}

void check(const std::map<std::string, std::string>& files) {
  const std::vector<ZipEntry> entries = entries_of(files);
  const Wheel wheel(entries, "demo-1.0-py3-none-any.whl", WheelKind::any);
  const WheelPlaces places{"lib/python3.13/site-packages", "lib/python3.13/site-packages", "bin",
                           "include/site/python3.13/demo", ""};
  const WheelLayout layout = layout_of(wheel, places);
  check_places(layout);
  const std::string record = format_record(installed_rows(wheel, layout, {}));
  require(parse_record(record).size() >= layout.files.size());
  PackIndex index;
  index.key = "key";
  index.is_wheel = true;
  index.distribution = "demo";
  index.version = "1.0";
  std::string bytes(pack_magic);
  for (const WheelFile& file : wheel.files()) {
    PackFile packed;
    packed.name = std::string(file.entry.name);
    packed.mode = 0644;
    packed.offset = bytes.size();
    packed.size = file.entry.size;
    packed.checksum = checksum(file.entry.data);
    bytes += file.entry.data;
    index.files.push_back(packed);
  }
  const std::string text = format_pack_index(index);
  const auto parsed = parse_pack(bytes + text + format_pack_footer(bytes.size(), text));
  require(parsed.has_value() == (wheel.dist_info() + '/' == info));
  if (parsed) require(parsed->files.size() == wheel.files().size());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    check(files_in({reinterpret_cast<const char*>(data), size}));
  } catch (const venv::Error& error) {
    require(error.code() == venv::ErrorCode::bad_archive);
  }
  return 0;
}
