// The wheel reader on any bytes, and its text formats on their own: RECORD, entry points, versions,
// specifiers, file names. The first byte chooses which.

#include "package/specifier.hpp"
#include "package/wheel.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

namespace {

using namespace venv::detail;

void wheel(std::string_view bytes) {
  const Wheel wheel(bytes, "demo-1.0-py3-none-any.whl");
  for (const WheelFile& file : wheel.files())
    if (read_verified(file).size() != file.entry.size) std::abort();
}

void record(std::string_view text) {
  std::string again;
  const auto rows = parse_record(text);
  for (const RecordRow& row : rows) again += format_record_row(row) + '\n';
  const auto rows_again = parse_record(again);
  if (rows_again.size() != rows.size()) std::abort();
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i].path != rows_again[i].path || rows[i].hash != rows_again[i].hash ||
        rows[i].size != rows_again[i].size)
      std::abort();
}

void entry_points(std::string_view text) {
  const Scripts scripts = parse_entry_points(text);
  for (const auto* entries : {&scripts.console, &scripts.gui})
    for (const EntryPoint& entry : *entries)
      if (script_name_fault(entry.name) != nullptr || entry.name.find('/') != std::string::npos ||
          !is_dotted_name(entry.module) || !is_dotted_name(entry.attribute))
        std::abort();
}

void versions(std::string_view text) {
  const std::size_t cut = text.find('\n');
  const auto a = parse_package_version(text.substr(0, cut));
  const auto b = parse_package_version(cut == text.npos ? "" : text.substr(cut));
  if (!a) return;
  if (!(*a == *a) || *a < *a) std::abort();
  if (b && (*a < *b) + (*b < *a) + (*a == *b) != 1) std::abort();
  specifier_allows(cut == text.npos ? "" : text.substr(cut), *a);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::unique_ptr<char[]> copy(new char[size - 1]);
  std::copy(data + 1, data + size, copy.get());
  const std::string_view text(copy.get(), size - 1);
  try {
    switch (data[0]) {
    case 'r': record(text); break;
    case 'e': entry_points(text); break;
    case 'v': versions(text); break;
    case 'n': parse_wheel_name(text); break;
    case 'w': wheel(text); break;
    default: break;
    }
  } catch (const venv::Error& error) {
    if (error.code() != venv::ErrorCode::bad_archive) std::abort();
  }
  return 0;
}
