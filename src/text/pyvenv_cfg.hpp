#pragma once

#include "../base/ascii.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// `pyvenv.cfg` (PEP 405): keys and values in the order in which they stand.
using PyvenvCfg = std::vector<std::pair<std::string, std::string>>;

/// Reads as `site.py` does: a line counts if it has an equals sign; the key is what stands before
/// the first one, in lower case; blanks around both are dropped; everything else is passed over.
VENV_INLINE PyvenvCfg parse_pyvenv_cfg(std::string_view text) {
  PyvenvCfg cfg;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of("\r\n");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    const std::size_t equals = line.find('=');
    if (equals == line.npos) continue;
    cfg.push_back(
        {folded(strip(line.substr(0, equals))), std::string(strip(line.substr(equals + 1)))});
  }
  return cfg;
}

/// The value of `key`, of its last line where it stands more than once (the one `site.py` obeys).
VENV_INLINE std::optional<std::string> value_of(const PyvenvCfg& cfg, std::string_view key) {
  for (auto line = cfg.rbegin(); line != cfg.rend(); ++line)
    if (line->first == key) return line->second;
  return std::nullopt;
}

/// `home`, which the interpreter itself reads: of its first line.
VENV_INLINE std::optional<std::string> home_of(const PyvenvCfg& cfg) {
  for (const auto& [key, value] : cfg)
    if (key == "home") return value;
  return std::nullopt;
}

/// The key that says whether the environment can be moved; uv knows it as well.
inline constexpr char relocatable_key[] = "relocatable";

VENV_INLINE bool says_relocatable(const PyvenvCfg& cfg) {
  return folded(value_of(cfg, relocatable_key).value_or("")) == "true";
}

/// One `key = value` line each, LF at every end, on every platform.
VENV_INLINE std::string format_pyvenv_cfg(const PyvenvCfg& cfg) {
  std::string text;
  for (const auto& [key, value] : cfg) text += key + " = " + value + '\n';
  return text;
}

VENV_DETAIL_END
