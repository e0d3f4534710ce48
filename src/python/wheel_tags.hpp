#pragma once

#include "../api/interpreter.hpp"
#include "../base/ascii.hpp"
#include "../cache/answer.hpp"
#include "../cache/cache.hpp"
#include "../package/tags.hpp"
#include "../system/status.hpp"
#include "probe.hpp"
#include "scripts/embedded.hpp"

#include <array>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

VENV_DETAIL_BEGIN

inline constexpr std::size_t tag_facts_count = 18;

/// The fields that scripts/tags.py prints, in its order.
VENV_INLINE TagFacts tag_facts_from(const std::vector<std::string>& fields) {
  const auto number = [&fields](std::size_t i) {
    return static_cast<int>(std::strtol(fields[i].c_str(), nullptr, 10));
  };
  const auto pair = [&number](std::size_t i) {
    return std::array<int, 2>{number(i), number(i + 1)};
  };
  TagFacts facts;
  facts.implementation = fields[0];
  facts.version = pair(1);
  facts.is_64bit = fields[3] == "1";
  facts.free_threaded = fields[4] == "1";
  facts.debug = fields[5] == "1";
  facts.pymalloc = fields[6] == "1";
  facts.extension_suffix = fields[7];
  facts.version_nodot = fields[8];
  facts.platform = fields[9];
  facts.glibc = pair(10);
  facts.musl = pair(12);
  facts.is_manylinux_abi = fields[14] == "1";
  facts.mac = pair(15);
  facts.mac_machine = fields[17];
  return facts;
}

/// The fields in what a Python printed; nothing when there are not as many as there should be.
VENV_INLINE std::optional<std::vector<std::string>> tag_fields_in(std::string_view output) {
  constexpr std::string_view begin("\0venv.hpp tags 1\0", 17), end("\0end\0", 5);
  const std::size_t from = output.find(begin), to = output.rfind(end);
  if (from == output.npos || to == output.npos || to < from + begin.size()) return std::nullopt;
  const auto parts = split(output.substr(from + begin.size(), to - from - begin.size()), '\0');
  if (parts.size() != tag_facts_count) return std::nullopt;
  return std::vector<std::string>(parts.begin(), parts.end());
}

/// Every tag that a Python takes, the fittest first: by what it says itself, once as long as it stays the
/// same. Errors: `python_unusable`, `interrupted`.
VENV_INLINE std::vector<Tag> tags_of(const Interpreter& python, const Cache& cache,
                                     const ProbeOptions& options) {
  const fs::path program = python.base_executable;
  const std::string identity = text_of(program) + '\n' + identity_of(followed_status_of(program)) +
                               identity_of(followed_status_of(python.stdlib));
  const std::string name = cache_name("tags", identity);
  if (const auto file = cache.find(name)) {
    const auto known = parse_answer(*file);
    if (known && known->identity == identity && known->fields.size() == tag_facts_count)
      return supported_tags(tag_facts_from(known->fields));
  }
  std::string output;
  const auto keep = [&output](Stream stream, std::string_view piece) {
    if (stream == Stream::out) output += piece;
  };
  const ExitStatus exit =
      run_python(program, {"-I", "-S", "-c", std::string(script_tags)}, options, keep);
  const auto fields = tag_fields_in(output);
  if (exit.code != 0 || !fields) throw unusable(program, "doesn't say which wheels it takes");
  cache.remember(name, [&](NewFile& file) { file.write(format_answer({identity, *fields})); });
  return supported_tags(tag_facts_from(*fields));
}

VENV_DETAIL_END
