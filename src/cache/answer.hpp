#pragma once

#include "../config.hpp"
#include "../base/checksum.hpp"
#include "../base/fields.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

VENV_DETAIL_BEGIN

/// What an interpreter said of itself, remembered.
struct Answer {
  std::string identity{}; ///< of the files that it depended on; another identity, another answer
  std::vector<std::string> fields{}; ///< `key=value` each
};

inline constexpr std::string_view answer_magic = "venv.hpp answer 2\n";

VENV_INLINE std::string format_answer(const Answer& answer) {
  FieldWriter out;
  out.text(answer.identity);
  out.number(answer.fields.size());
  for (const std::string& field : answer.fields) out.text(field);
  FieldWriter sum;
  sum.number(checksum(out.bytes()));
  return std::string(answer_magic) + sum.bytes() + out.bytes();
}

/// Nothing where `bytes` are no answer, of another version, cut or damaged.
VENV_INLINE std::optional<Answer> parse_answer(std::string_view bytes) {
  if (bytes.substr(0, answer_magic.size()) != answer_magic) return std::nullopt;
  FieldReader sum(bytes.substr(answer_magic.size()));
  const std::uint64_t expected = sum.number();
  if (sum.failed()) return std::nullopt;
  bytes.remove_prefix(answer_magic.size() + 8);
  if (checksum(bytes) != expected) return std::nullopt;
  FieldReader in(bytes);
  Answer answer;
  answer.identity = in.text();
  answer.fields.resize(in.count(8));
  for (std::string& field : answer.fields) field = in.text();
  if (in.failed() || !in.at_end()) return std::nullopt;
  return answer;
}

VENV_DETAIL_END
