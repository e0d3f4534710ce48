#pragma once

#include "../api/interpreter.hpp"
#include "../base/ascii.hpp"
#include "../base/hex.hpp"
#include "../system/path.hpp"
#include "../text/version.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// What a Python said of itself: named values, as scripts/probe.py writes them.
class ProbeAnswer {
public:
  /// The value under `key`; empty where there is none.
  [[nodiscard]] std::string value(std::string_view key) const {
    const std::string* const found = find(key);
    return found ? *found : std::string();
  }
  /// The same where it lies; null where there is none.
  [[nodiscard]] const std::string* find(std::string_view key) const {
    for (const auto& [name, value] : values_)
      if (name == key) return &value;
    return nullptr;
  }
  [[nodiscard]] bool is_true(std::string_view key) const { return value(key) == "1"; }
  [[nodiscard]] fs::path path(std::string_view key) const { return path_of(value(key)); }

  void set(const std::string& key, std::string value) {
    for (auto& entry : values_)
      if (entry.first == key) return void(entry.second = std::move(value));
    values_.push_back({key, std::move(value)});
  }

  /// One `key=value` each, for remembering.
  [[nodiscard]] std::vector<std::string> format() const {
    std::vector<std::string> fields;
    for (const auto& [key, value] : values_) fields.push_back(key + '=' + value);
    return fields;
  }
  /// What `format` gave; fields without an equals sign are passed over.
  static ProbeAnswer parse(const std::vector<std::string>& fields) {
    ProbeAnswer answer;
    answer.values_.reserve(fields.size());
    for (const std::string& field : fields)
      if (const std::size_t equals = field.find('='); equals != field.npos)
        answer.set(field.substr(0, equals), field.substr(equals + 1));
    return answer;
  }

private:
  std::vector<std::pair<std::string, std::string>> values_{};
};

/// What begins an answer. Another form has another number, which what is remembered has, too.
inline constexpr std::string_view answer_begin("\0venv.hpp probe 3\0", 18);

/// The answer in what a Python printed, whatever a wrapper may have printed around it; nothing where
/// there is no whole one.
VENV_INLINE std::optional<ProbeAnswer> find_answer(std::string_view output) {
  constexpr std::string_view end("\0end\0", 5);
  const std::size_t from = output.find(answer_begin), to = output.rfind(end);
  if (from == output.npos || to == output.npos) return std::nullopt;
  const std::size_t first = from + answer_begin.size();
  if (to < first) return std::nullopt;
  const auto parts = split(output.substr(first, to - first), '\0');
  return ProbeAnswer::parse({parts.begin(), parts.end()});
}

/// The three numbers under `version`; zeros where they can't be read.
VENV_INLINE Version version_in(const ProbeAnswer& answer) {
  const std::string text = answer.value("version");
  const auto name = parse_release_name(text);
  return name && name->parts == 3 ? name->release : Version();
}

/// Whether all is there that an environment is made by.
VENV_INLINE bool is_whole(const ProbeAnswer& answer) {
  for (const char* key :
       {"implementation", "executable", "base_executable", "base_prefix", "stdlib"})
    if (const std::string* const value = answer.find(key); !value || value->empty()) return false;
  for (const char* key :
       {"64bit", "free_threaded", "debug", "runs_itself", "platlibdir", "prerelease"})
    if (!answer.find(key)) return false;
  const std::string magic = answer.value("magic");
  return magic.size() == 8 && from_hex(magic).size() == 4;
}

VENV_INLINE Interpreter to_interpreter(const ProbeAnswer& answer) {
  Interpreter python;
  python.version = version_in(answer);
  python.prerelease = answer.value("prerelease");
  python.implementation = answer.value("implementation");
  python.implementation_version = answer.value("implementation_version");
  python.cache_tag = answer.value("cache_tag");
  python.platform = answer.value("platform");
  python.os_name = answer.value("os_name");
  python.machine = answer.value("machine");
  python.executable = answer.path("executable");
  python.base_executable = answer.path("base_executable");
  python.real_executable = answer.path("real_executable");
  python.base_prefix = answer.path("base_prefix");
  python.stdlib = answer.path("stdlib");
  python.platlibdir = answer.value("platlibdir");
  python.filesystem_encoding = answer.value("filesystem_encoding");
  python.wheel_pkg_dir = answer.path("wheel_pkg_dir");
  python.abi_flags = answer.value("abi_flags");
  python.extension_suffix = answer.value("extension_suffix");
  python.include_dir = answer.path("include_dir");
  python.library = answer.path("library");
  python.magic = from_hex(answer.value("magic"));
  python.is_64bit = answer.is_true("64bit");
  python.free_threaded = answer.is_true("free_threaded");
  python.debug = answer.is_true("debug");
  return python;
}

VENV_DETAIL_END
