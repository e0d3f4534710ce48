#pragma once

#include "../api/version.hpp"
#include "../base/ascii.hpp"
#include "version.hpp"

#include <optional>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

/// What a name says of a Python: as much as it tells, `parts` of the release being 0 where it tells
/// no version.
struct PythonName {
  Implementation implementation{};
  ReleaseName release{};
};

/// Takes the name of an implementation off lower-case `text`: the spellings that commands, folders,
/// tags and other tools use. Nothing (and nothing taken) where it begins with none.
VENV_INLINE std::optional<Implementation> take_implementation(std::string_view& text) {
  constexpr struct {
    std::string_view spelling;
    const char* name;
  } spellings[] = {
      {"cpython", "cpython"}, {"python", "cpython"}, {"pypy", "pypy"}, {"graalpython", "graalpy"},
      {"graalpy", "graalpy"}, {"cp", "cpython"},     {"pp", "pypy"}};
  for (const auto& [spelling, name] : spellings) {
    const bool is_tag = spelling.size() == 2; // one that a version must follow
    if (is_tag && !(text.size() > 2 && is_digit(text[2]))) continue;
    if (take_prefix(text, spelling)) return Implementation(name);
  }
  return std::nullopt;
}

/// What the name of a command says: `python`, `python3`, `python3.13t`, `pypy3.10`, `graalpy`. Nothing
/// where it is no interpreter's, or that of another Python than 3.
VENV_INLINE std::optional<PythonName> parse_command_name(std::string_view text) {
  PythonName name;
  const bool is_short = text.substr(0, 2) == "cp" || text.substr(0, 2) == "pp";
  const auto implementation = is_short ? std::nullopt : take_implementation(text);
  if (!implementation) return std::nullopt;
  name.implementation = *implementation;
  if (text.empty()) return name;
  const std::size_t digits = text.find_first_not_of("0123456789");
  const auto release = parse_release_name(text);
  if (!release || release->release[0] != 3 || release->parts > 2) return std::nullopt;
  if (release->parts == 2 && digits == text.npos) return std::nullopt; // python311
  name.release = *release;
  return name;
}

/// What the name of an installation's folder says: `3.12.1`, `3.14-dev`, `3.13t-dev`,
/// `pypy3.11-7.3.20`, `cpython-3.13.0+freethreaded-linux-x86_64-gnu`, `cp313-cp313t`. Names that tell
/// no version, or another product's (`miniconda3-4.7.12`, `graalpy-24.1.1`), give none.
VENV_INLINE PythonName parse_installation_name(std::string_view spelled) {
  const std::string lower = folded(spelled);
  std::string_view text = lower;
  PythonName name;
  const auto implementation = take_implementation(text);
  if (implementation) name.implementation = *implementation;
  if (implementation == Implementation("graalpy")) return name;
  while (take_prefix(text, "-") || take_prefix(text, "@")) continue;
  const auto release = take_release_name(text);
  if (!release || release->release[0] > 3) return name;
  constexpr std::string_view separators = "-+_.abr"; // the last three begin a pre-release
  if (!text.empty() && separators.find(text.front()) == separators.npos) return name;
  name.release = *release;
  name.release.free_threaded |=
      text.find("freethreaded") != text.npos ||
      (text.size() > 1 && text.back() == 't' && is_digit(text[text.size() - 2]));
  name.release.debug |= text.find("+debug") != text.npos;
  if (!implementation) name.implementation = "cpython";
  return name;
}

VENV_DETAIL_END
