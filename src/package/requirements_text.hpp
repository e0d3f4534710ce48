#pragma once

#include "../base/error.hpp"
#include "../config.hpp"
#include "../base/ascii.hpp"
#include "../base/function_ref.hpp"
#include "../text/encoding.hpp"
#include "../text/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// The encoding that a comment in the first two lines names (PEP 263), or nothing. Throws when it
/// isn't known.
VENV_INLINE std::optional<Encoding> declared_encoding(std::string_view bytes,
                                                      const std::string& file) {
  for (int line_number = 0; line_number < 2 && !bytes.empty(); ++line_number) {
    const std::size_t end = (std::min)(bytes.find('\n'), bytes.size());
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix((std::min)(end + 1, bytes.size()));
    if (line.empty() || line[0] != '#') continue;
    for (std::size_t at = line.find("coding"); at != line.npos; at = line.find("coding", at + 1)) {
      std::string_view rest = line.substr(at + 6);
      if (rest.empty() || (rest[0] != ':' && rest[0] != '=')) continue;
      rest = strip(rest.substr(1));
      std::size_t n = 0;
      while (n < rest.size() && ((fold_case(rest[n]) >= 'a' && fold_case(rest[n]) <= 'z') ||
                                 std::string_view("0123456789-_.").find(rest[n]) != rest.npos))
        ++n;
      if (n == 0) continue;
      if (const auto encoding = encoding_named(rest.substr(0, n))) return encoding;
      throw Error(ErrorCode::invalid_argument,
                  "requirements file '" + printable(file) + "' says that its encoding is '" +
                      printable(rest.substr(0, n)) + "', which can't be read here")
          .advise("Write it in UTF-8.");
    }
  }
  return std::nullopt;
}

/// A requirements file's bytes as UTF-8: by its byte order mark, by its PEP 263 comment, else as it
/// is. Throws `ErrorCode::invalid_argument` when that is not what the bytes are.
VENV_INLINE std::string decode_requirements(std::string_view bytes, const std::string& file) {
  std::optional<Encoding> encoding = take_byte_order_mark(bytes);
  if (!encoding) encoding = declared_encoding(bytes, file);
  auto text = to_utf8(bytes, encoding.value_or(Encoding::utf8));
  if (!text)
    throw Error(ErrorCode::invalid_argument,
                "requirements file '" + printable(file) + "' is not " +
                    (encoding ? "in the encoding that it says" : "UTF-8"))
        .advise(
            "Write it in UTF-8, or name its encoding in the first line: # -*- coding: latin-1 -*-");
  return std::move(*text);
}

/// A line of a requirements file, those that continue it included, without comments.
struct LogicalLine {
  std::size_t number = 0; ///< of its first line, from 1 on
  std::string text;
};

/// The length of the line end at the beginning of `text`, as Python's `str.splitlines` has them; 0
/// when there is none.
VENV_INLINE std::size_t line_end_length(std::string_view text) {
  if (text.substr(0, 2) == "\r\n") return 2;
  const char c = text[0];
  if ((c >= '\n' && c <= '\r') || (c >= '\x1C' && c <= '\x1E')) return 1;
  if (text.substr(0, 2) == "\xC2\x85") return 2;
  return text.substr(0, 3) == "\xE2\x80\xA8" || text.substr(0, 3) == "\xE2\x80\xA9" ? 3 : 0;
}

VENV_INLINE std::vector<std::string_view> physical_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = line_end_length(text.substr(i));
    i += (std::max<std::size_t>)(length, 1);
    if (length == 0) continue;
    lines.push_back(text.substr(begin, i - length - begin));
    begin = i;
  }
  if (begin < text.size()) lines.push_back(text.substr(begin));
  return lines;
}

/// The line up to a `#` at its beginning or behind a blank.
VENV_INLINE std::string_view without_comment(std::string_view line) {
  for (std::size_t at = line.find('#'); at != line.npos; at = line.find('#', at + 1))
    if (at == 0 || strip(line.substr(at - 1, 1)).empty()) return line.substr(0, at);
  return line;
}

/// `${NAME}` replaced by the variable's value; what isn't set stays.
VENV_INLINE std::string with_variables(std::string_view line,
                                       FunctionRef<std::string(const std::string&)> variable) {
  std::string result;
  for (std::size_t at; (at = line.find("${")) != line.npos;) {
    std::size_t end = at + 2;
    while (end < line.size() && ((line[end] >= 'A' && line[end] <= 'Z') ||
                                 (line[end] >= '0' && line[end] <= '9') || line[end] == '_'))
      ++end;
    const bool is_name = end > at + 2 && end < line.size() && line[end] == '}';
    const std::string value =
        is_name ? variable(std::string(line.substr(at + 2, end - at - 2))) : "";
    const std::size_t taken = is_name ? end + 1 : at + 2;
    result += line.substr(0, at);
    result += value.empty() ? line.substr(at, taken - at) : std::string_view(value);
    line.remove_prefix(taken);
  }
  return result.append(line);
}

/// The lines as pip sees them: a `\` at a line's end continues it, except that a line of nothing but
/// a comment ends what it continues.
VENV_INLINE std::vector<LogicalLine>
logical_lines(std::string_view text, FunctionRef<std::string(const std::string&)> variable) {
  std::vector<LogicalLine> lines;
  std::string joined;
  std::size_t number = 0, first = 0;
  const auto finish = [&] {
    const std::string_view content = strip(without_comment(joined));
    if (!content.empty()) lines.push_back({first, with_variables(content, variable)});
    joined.clear();
    first = 0;
  };
  for (const std::string_view line : physical_lines(text)) {
    ++number;
    if (first == 0) first = number;
    const bool is_comment = !strip(line).empty() && strip(line)[0] == '#';
    if (is_comment) joined += ' '; // so that it is one for the joined line too
    const bool continues = !is_comment && !line.empty() && line.back() == '\\';
    if (continues) {
      const std::size_t begin = (std::min)(line.find_first_not_of('\\'), line.size());
      const std::size_t end = line.find_last_not_of('\\') + 1;
      joined += line.substr(begin, (std::max)(begin, end) - begin);
    } else {
      joined += line;
      finish();
    }
  }
  finish();
  return lines;
}

VENV_DETAIL_END
