#pragma once

#include "../base/error.hpp"
#include "../config.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// A line of RECORD ("Recording installed projects"): hash and size may be empty.
struct RecordRow {
  std::string path{}, hash{}, size{};
};

/// A field of a line of comma-separated values, from `at` on, which is left at what ends it.
/// Quotes are as Python's csv module writes them: around the whole field, doubled within.
VENV_INLINE std::string csv_field(std::string_view text, std::size_t& at) {
  std::string field;
  if (at == text.size() || text[at] != '"') {
    const std::size_t end = (std::min)(text.find_first_of(",\r\n", at), text.size());
    field = text.substr(at, end - at);
    at = end;
    return field;
  }
  for (++at;;) {
    const std::size_t quote = text.find('"', at);
    if (quote == text.npos) throw Error(ErrorCode::bad_archive, "RECORD has an unclosed quote");
    field += text.substr(at, quote - at);
    at = quote + 1;
    if (at == text.size() || text[at] != '"') return field;
    field += '"';
    ++at;
  }
}

/// The rows of a RECORD. Throws `ErrorCode::bad_archive` for what is not three fields a line.
VENV_INLINE std::vector<RecordRow> parse_record(std::string_view text) {
  std::vector<RecordRow> rows;
  const auto expect = [text](std::size_t& at, char c) {
    if (at == text.size() || text[at] != c)
      throw Error(ErrorCode::bad_archive, "RECORD has a line that is not path, hash and size");
    ++at;
  };
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\n' || text[at] == '\r') {
      ++at; // an empty line, or the second half of a line end
      continue;
    }
    RecordRow row;
    row.path = csv_field(text, at);
    expect(at, ',');
    row.hash = csv_field(text, at);
    expect(at, ',');
    row.size = csv_field(text, at);
    if (at < text.size() && text[at] != '\r') expect(at, '\n');
    rows.push_back(std::move(row));
  }
  return rows;
}

VENV_INLINE std::string format_csv_field(std::string_view field) {
  if (field.find_first_of(",\"\r\n") == field.npos) return std::string(field);
  std::string quoted = "\"";
  for (const char c : field) quoted.append(c == '"' ? 2 : 1, c);
  return quoted += '"';
}

/// The line for a row, without a line end, as Python's csv module writes it.
VENV_INLINE std::string format_record_row(const RecordRow& row) {
  return format_csv_field(row.path) + ',' + format_csv_field(row.hash) + ',' +
         format_csv_field(row.size);
}

VENV_DETAIL_END
