#pragma once

#include "../base/error.hpp"
#include "../config.hpp"
#include "../base/ascii.hpp"
#include "project_name.hpp"
#include "version.hpp"
#include "../archive/zip_names.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

VENV_DETAIL_BEGIN

/// The parts of a wheel's file name ("Binary distribution format", "File name convention").
struct WheelName {
  std::string distribution{}, version{}, build{}, python_tag{}, abi_tag{}, platform_tag{};
  PackageVersion parsed_version{};

  /// Whether any Python 3 on any system can use it: `py3-none-any`, also among others
  /// (`py2.py3`).
  bool is_universal() const {
    const std::string tags = '.' + python_tag + '.';
    return tags.find(".py3.") != tags.npos && abi_tag == "none" && platform_tag == "any";
  }
};

/// Whether a part of a file name is a tag, or several with dots between them ("Compressed tag sets").
VENV_INLINE bool is_tag_set(std::string_view text, bool are_identifiers) {
  for (const std::string_view tag : split(text, '.'))
    if (tag.empty() || (are_identifiers && tag[0] >= '0' && tag[0] <= '9')) return false;
  return true;
}

/// `{distribution}-{version}(-{build})?-{python}-{abi}-{platform}.whl`, or nothing where
/// `file_name` (without directories) isn't like that.
VENV_INLINE std::optional<WheelName> parse_wheel_name(std::string_view file_name) {
  constexpr std::string_view suffix = ".whl";
  const auto allowed = [](char c) {
    return (fold_case(c) >= 'a' && fold_case(c) <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || c == '+' || c == '!';
  };
  if (file_name.size() <= suffix.size() ||
      file_name.substr(file_name.size() - suffix.size()) != suffix ||
      !std::all_of(file_name.begin(), file_name.end(), allowed))
    return std::nullopt;
  file_name.remove_suffix(suffix.size());
  const std::vector<std::string_view> parts = split(file_name, '-');
  const std::size_t n = parts.size();
  if ((n != 5 && n != 6) || std::find(parts.begin(), parts.end(), "") != parts.end())
    return std::nullopt;
  if (parts[0].find("__") != file_name.npos || !is_tag_set(parts[n - 3], true) ||
      !is_tag_set(parts[n - 2], false) || !is_tag_set(parts[n - 1], false))
    return std::nullopt;
  const std::string build(n == 6 ? parts[2] : "");
  if (n == 6 && (build[0] < '0' || build[0] > '9')) return std::nullopt;
  const auto version = parse_package_version(parts[1]);
  if (!version) return std::nullopt;
  const auto part = [&parts](std::size_t i) { return std::string(parts[i]); };
  return WheelName{part(0), part(1), build, part(n - 3), part(n - 2), part(n - 1), *version};
}

/// Whether build tag `a` comes before `b`: none, then by the number in front, then by the rest.
VENV_INLINE bool is_earlier_build(std::string_view a, std::string_view b) {
  const auto key = [](std::string_view tag) {
    const std::size_t end = (std::min)(tag.find_first_not_of("0123456789"), tag.size());
    std::string_view number = tag.substr(0, end);
    number.remove_prefix((std::min)(number.find_first_not_of('0'), number.size()));
    return std::make_tuple(!tag.empty(), number.size(), number, tag.substr(end));
  };
  return key(a) < key(b);
}

VENV_DETAIL_END
