#pragma once

#include "../api/version.hpp"
#include "../base/ascii.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

/// `3.12.1`.
VENV_INLINE std::string dotted(const Version& version) { return version.text(); }

VENV_INLINE bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes a number of at most 4 digits off `text`.
VENV_INLINE std::optional<int> take_number(std::string_view& text) {
  int value = 0;
  std::size_t count = 0;
  while (count < text.size() && count < 5 && is_digit(text[count]))
    value = value * 10 + (text[count++] - '0');
  if (count == 0 || count > 4) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

/// The first one, two or three numbers of a release, and the letters that builds are told apart by:
/// `3`, `3.12`, `3.13.0t`, `3.14td`.
struct ReleaseName {
  Version release{};     ///< zeros where no number was given
  std::size_t parts = 0; ///< how many were
  bool free_threaded = false, debug = false;
};

/// Takes a release's name off the front of `text`; nothing (and nothing taken) where there is none.
/// One number of two or three digits means two, as in `cp313`.
VENV_INLINE std::optional<ReleaseName> take_release_name(std::string_view& text) {
  std::string_view rest = text;
  ReleaseName name;
  const std::size_t digits = (std::min)(rest.find_first_not_of("0123456789"), rest.size());
  const auto first = take_number(rest);
  if (!first) return std::nullopt;
  name.release.numbers[name.parts++] = *first;
  if (digits > 1 && digits < 4) {
    const int power = digits == 2 ? 10 : 100;
    name.release = {*first / power, *first % power};
    name.parts = 2;
  }
  while (name.parts < 3 && rest.size() > 1 && rest[0] == '.' && is_digit(rest[1])) {
    rest.remove_prefix(1);
    const auto number = take_number(rest);
    if (!number) return std::nullopt;
    name.release.numbers[name.parts++] = *number;
  }
  for (bool more = true; more;) {
    const bool threads = !name.free_threaded && take_prefix(rest, "t");
    const bool debug = !threads && !name.debug && take_prefix(rest, "d");
    name.free_threaded |= threads;
    name.debug |= debug;
    more = threads || debug;
  }
  text = rest;
  return name;
}

/// The release that all of `text` names.
VENV_INLINE std::optional<ReleaseName> parse_release_name(std::string_view text) {
  const auto name = take_release_name(text);
  return text.empty() ? name : std::nullopt;
}

VENV_DETAIL_END
