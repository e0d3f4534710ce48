// Requirements, markers, versions and specifiers on any bytes. What is read is read again from its own
// normal form, and must be the same.

#include "package/requirement.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace {

using namespace venv::detail;

void require(bool holds) {
  if (!holds) std::abort();
}

const MarkerValues& values() {
  static const MarkerValues values{"cpython", "3.11.4",   "posix",   "x86_64", "CPython", "6.1.0",
                                   "Linux",   "#1 SMP 6", "3.11.4+", "3.11",   "linux"};
  return values;
}

/// Works the marker out; the answer for an extra doesn't depend on how often it is asked.
void evaluate(const Marker& marker) {
  for (const char* extra : {"", "x"})
    require(marker_allows(marker, values(), extra) == marker_allows(marker, values(), extra));
}

void requirement(std::string_view text) {
  const Requirement found = parse_requirement(text);
  require(!found.name.empty() && std::is_sorted(found.extras.begin(), found.extras.end()));
  const Requirement again = parse_requirement(requirement_text(found));
  require(again.name == found.name && again.extras == found.extras && again.url == found.url);
  require(requirement_text(again) == requirement_text(found));
  evaluate(found.marker);
}

void version(std::string_view text) {
  const auto found = parse_package_version(text);
  if (!found) return;
  const std::string normal = version_text(*found);
  const auto again = parse_package_version(normal);
  require(again && *again == *found && version_text(*again) == normal);
  require(specifier_allows("===" + normal, *found) && specifier_allows("==" + normal, *found));
}

void specifier(std::string_view text) {
  const std::size_t cut = std::min(text.find('\n'), text.size());
  const auto found = parse_specifier(text.substr(0, cut));
  const auto one = parse_package_version(text.substr(cut));
  if (!found) return;
  const auto again = parse_specifier(specifier_text(*found));
  require(again && specifier_text(*again) == specifier_text(*found));
  if (one) require(specifier_allows(*found, *one) == specifier_allows(*again, *one));
  asks_for_prereleases(*found);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::unique_ptr<char[]> copy(new char[size - 1]);
  std::copy(data + 1, data + size, copy.get());
  const std::string_view text(copy.get(), size - 1);
  try {
    switch (data[0]) {
    case 'r': requirement(text); break;
    case 'm': evaluate(parse_marker(text)); break;
    case 'v': version(text); break;
    case 's': specifier(text); break;
    default: break;
    }
  } catch (const venv::Error& error) {
    if (error.code() != venv::ErrorCode::invalid_argument) std::abort();
  }
  return 0;
}
