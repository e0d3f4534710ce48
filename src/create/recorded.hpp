#pragma once

#include "../archive/sha256.hpp"
#include "../package/record.hpp"
#include "../system/file.hpp"
#include "../system/tree.hpp"
#include "transaction.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

/// Programs that were written anew: where they lie, and their bytes.
using Rewritten = std::map<fs::path, std::string>;

/// The RECORD with the sizes and hashes of what was written anew; nothing when it lists none of that.
VENV_INLINE std::optional<std::string> corrected_record(std::string_view record,
                                                        const fs::path& site_packages,
                                                        const Rewritten& rewritten) {
  std::string text;
  bool is_changed = false;
  const bool has_crlf = record.find("\r\n") != record.npos;
  for (RecordRow& row : parse_record(record)) {
    const auto found = rewritten.find(normal_path(site_packages / path_of(row.path)));
    if (found != rewritten.end() && !row.hash.empty()) {
      row.hash = record_hash(found->second);
      row.size = std::to_string(found->second.size());
      is_changed = true;
    }
    text += format_record_row(row) + (has_crlf ? "\r\n" : "\n");
  }
  return is_changed ? std::optional(text) : std::nullopt;
}

/// Has each RECORD in a directory of packages say what is true of programs that were written anew. One
/// that can't be read stays as it is.
VENV_INLINE void correct_records(const fs::path& site_packages, const Rewritten& rewritten,
                                 Transaction& transaction) {
  if (rewritten.empty()) return;
  for (const fs::path& name : names_in_if_readable(site_packages)) {
    if (name.extension() != ".dist-info") continue;
    const fs::path record = site_packages / name / "RECORD";
    std::optional<std::string> text;
    try {
      if (followed_status_of(record).kind == FileKind::file)
        text = corrected_record(read_file(record), site_packages, rewritten);
    } catch (const Error&) {
      continue;
    }
    if (text) transaction.write(record, *text);
  }
}

VENV_DETAIL_END
