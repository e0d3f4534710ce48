// The reader of pyvenv.cfg on any bytes: what it read and writes again is what it reads then, and
// its answers are those of its lines.

#include "text/pyvenv_cfg.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace venv::detail;
  const std::unique_ptr<char[]> copy(new char[size]);
  std::copy(data, data + size, copy.get());
  const std::string_view text(copy.get(), size);

  const PyvenvCfg cfg = parse_pyvenv_cfg(text);
  const auto lines = std::count_if(text.begin(), text.end(), [](char c) { return c == '='; });
  if (cfg.size() > static_cast<std::size_t>(lines)) std::abort();
  for (const auto& [key, value] : cfg) {
    for (const std::string* part : {&key, &value})
      if (*part != strip(*part) || part->find_first_of("\r\n") != part->npos) std::abort();
    if (key.find('=') != key.npos || key != folded(key)) std::abort();
    if (!value_of(cfg, key)) std::abort();
  }
  if (!cfg.empty() && value_of(cfg, cfg.back().first) != cfg.back().second) std::abort();
  if (value_of(cfg, "=")) std::abort();
  const std::string formatted = format_pyvenv_cfg(cfg);
  const PyvenvCfg again = parse_pyvenv_cfg(formatted);
  if (again != cfg || format_pyvenv_cfg(again) != formatted) std::abort();
  return 0;
}
