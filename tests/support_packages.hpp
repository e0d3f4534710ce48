#pragma once

#include "archive/sha256.hpp"
#include "package/record.hpp"
#include "support_files.hpp"
#include "support_zip.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace support {

/// A wheel of a test's own, for any Python if it says no other tag.
struct TestWheel {
  std::string name{}, version{};
  std::vector<std::pair<std::string, std::string>> files{}; ///< names and texts
  std::string metadata{};                                   ///< further lines of METADATA
  std::string entry_points{};
  std::string tag = "py3-none-any";
  bool is_purelib = true;
  std::vector<std::string> programs{}; ///< files that can be run
  std::function<void(std::string& record, std::vector<ZipFile>& entries)> change{}; ///< at the end
};

/// Puts it into a directory, under its own name.
inline fs::path put_wheel(const fs::path& directory, const TestWheel& wheel) {
  const std::string stem = wheel.name + '-' + wheel.version;
  auto files = wheel.files;
  files.push_back({stem + ".dist-info/METADATA", "Metadata-Version: 2.1\nName: " + wheel.name +
                                                     "\nVersion: " + wheel.version + '\n' +
                                                     wheel.metadata});
  files.push_back({stem + ".dist-info/WHEEL", std::string("Wheel-Version: 1.0\nRoot-Is-Purelib: ") +
                                                  (wheel.is_purelib ? "true" : "false") +
                                                  "\nTag: " + wheel.tag + '\n'});
  if (!wheel.entry_points.empty())
    files.push_back({stem + ".dist-info/entry_points.txt", wheel.entry_points});
  std::string record;
  std::vector<ZipFile> entries;
  for (const auto& [name, text] : files) {
    record += venv::detail::format_csv_field(name) + ',' + venv::detail::record_hash(text) + ',' +
              std::to_string(text.size()) + '\n';
    entries.push_back({name, text});
    for (const std::string& program : wheel.programs)
      if (program == name) entries.back().mode = 0100755;
  }
  record += stem + ".dist-info/RECORD,,\n";
  if (wheel.change) wheel.change(record, entries);
  entries.push_back({stem + ".dist-info/RECORD", record});
  return put(directory / (stem + '-' + wheel.tag + ".whl"), make_zip(entries));
}

} // namespace support
