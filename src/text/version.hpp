#pragma once

#include "../base/ascii.hpp"
#include "../config.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

/// A request such as `3`, `3.12`, `3.12.1`, `3.13t`, `>=3.10` or `pypy3.10`.
struct VersionRequest {
  std::string implementation{}; ///< as in `sys.implementation.name`; empty: CPython
  bool at_least = false;        ///< `>=`
  std::array<int, 3> release{};
  std::size_t parts = 0; ///< how many numbers of `release` were given
  bool free_threaded = false;
};

/// `3.12.1`.
VENV_INLINE std::string dotted(const std::array<int, 3>& version) {
  return std::to_string(version[0]) + '.' + std::to_string(version[1]) + '.' +
         std::to_string(version[2]);
}

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

/// The request that `text` spells, or nothing where it is none (a command's name, say). `python3.12`
/// and `cpython3.12` mean 3.12.
VENV_INLINE std::optional<VersionRequest> parse_version_request(std::string_view text) {
  VersionRequest request;
  if (take_prefix(text, "pypy")) request.implementation = "pypy";
  else if (!take_prefix(text, "cpython")) take_prefix(text, "python");
  request.at_least = take_prefix(text, ">=");
  do {
    const auto number = take_number(text);
    if (!number || request.parts == 3) return std::nullopt;
    request.release[request.parts++] = *number;
  } while (take_prefix(text, "."));
  request.free_threaded = take_prefix(text, "t");
  return text.empty() ? std::optional(request) : std::nullopt;
}

VENV_INLINE bool fits(const VersionRequest& request, std::string_view implementation,
                      const std::array<int, 3>& release, bool free_threaded) {
  const std::string_view asked = request.implementation;
  const std::string_view wanted = asked.empty() ? "cpython" : asked;
  if (implementation != wanted || free_threaded != request.free_threaded) return false;
  if (request.at_least) return release >= request.release;
  for (std::size_t i = 0; i < request.parts; ++i)
    if (release[i] != request.release[i]) return false;
  return true;
}

VENV_DETAIL_END
