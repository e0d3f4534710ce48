// What an installed distribution says of itself, on any bytes: METADATA, requires.txt,
// direct_url.json, RECORD, and what is missing then. The first byte chooses.

#include "package/distributions.hpp"
#include "package/missing.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace venv::detail;

void metadata(std::string_view text) {
  const Metadata found = parse_metadata(text);
  if (found.name != header_value(text, "Name") && !found.name.empty() &&
      !header_value(text, "Name").empty())
    std::abort();
  for (const std::string& requirement : found.requirements)
    if (requirement.find('\n') != std::string::npos) std::abort();
}

/// A directory with three distributions, whose files are pieces of the input with 0 between them.
void directory(std::string_view text) {
  const std::vector<std::string_view> pieces = split(text, '\0');
  const char* const names[] = {"a-1.dist-info/METADATA",
                               "a-1.dist-info/RECORD",
                               "a-1.dist-info/direct_url.json",
                               "b.egg-info/PKG-INFO",
                               "b.egg-info/requires.txt",
                               "b.egg-info/installed-files.txt",
                               "c.egg-link",
                               "x/c.egg-info/PKG-INFO"};
  const auto list = [](const std::string& where) {
    return where.empty() ? std::vector<std::string>{"a-1.dist-info", "b.egg-info", "c.egg-link"}
                         : std::vector<std::string>{"c.egg-info"};
  };
  const auto read = [&](const std::string& file) {
    for (std::size_t i = 0; i < std::size(names) && i < pieces.size(); ++i)
      if (file == names[i]) return std::optional(std::string(pieces[i]));
    return std::optional<std::string>();
  };
  const std::vector<venv::Distribution> found = read_distributions("site", {list, read});
  if (found.size() != 3) std::abort();
  std::vector<Demand> demands;
  for (const venv::Distribution& one : found) demands.push_back({one.name + "[x]", ""});
  const MarkerValues values;
  for (const venv::Missing& one : find_missing(demands, {}, found, values))
    if (one.requirement.empty() && one.reason != venv::Missing::Reason::unreadable) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::unique_ptr<char[]> copy(new char[size - 1]);
  std::copy(data + 1, data + size, copy.get());
  const std::string_view text(copy.get(), size - 1);
  switch (data[0]) {
  case 'm': metadata(text); break;
  case 'j': parse_direct_url(text); break;
  case 'd': directory(text); break;
  default: break;
  }
  return 0;
}
