#pragma once

#include "../api/error.hpp"
#include "../api/pip_failure.hpp"
#include "../config.hpp"

#include <cstddef>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

/// What stands in `text` behind `before`, up to the first of `ends` or the end of the line; empty where
/// `before` is not there.
VENV_INLINE std::string word_behind(std::string_view text, std::string_view before,
                                    std::string_view ends) {
  const std::size_t at = text.find(before);
  if (at == text.npos) return {};
  const std::string_view rest = text.substr(at + before.size());
  return std::string(rest.substr(0, rest.find_first_of(ends)));
}

/// The name that a requirement begins with: `demo` of `demo[extra]>=1 (from x)`.
VENV_INLINE std::string required_name(std::string_view text, std::string_view before) {
  return word_behind(text, before, " \t\r\n<>=!~;[(@,");
}

/// The name in the list that follows a line about hashes.
VENV_INLINE std::string first_listed(std::string_view text, std::string_view before) {
  const std::size_t at = text.find('\n', text.find(before));
  if (at == text.npos) return {};
  const std::size_t name = text.find_first_not_of(" \t\r\n", at);
  return name == text.npos ? std::string() : required_name(text.substr(name), "");
}

inline constexpr std::string_view no_match = "No matching distribution found for ";

/// Of a build from sources that failed.
VENV_INLINE PipReport build_failure(std::string_view text) {
  constexpr std::string_view none[] = {"unable to execute '", "is required. Get it with"};
  PipReport report;
  for (const char* before : {"Failed building wheel for ", "Failed to build "})
    if (report.package.empty()) report.package = required_name(text, before);
  const bool is_build =
      !report.package.empty() || text.find("did not run successfully") != text.npos;
  if (!is_build) return {};
  report.failure = PipFailure::not_built;
  const std::size_t command = text.find("error: command '");
  if (command != text.npos &&
      text.substr(command, text.find('\n', command) - command).find("No such file") != text.npos)
    report.failure = PipFailure::no_compiler;
  for (const std::string_view words : none)
    if (text.find(words) != text.npos) report.failure = PipFailure::no_compiler;
  return report;
}

/// Of a package that wasn't found.
VENV_INLINE PipReport search_failure(std::string_view text) {
  PipReport report;
  const std::size_t at = text.find(no_match);
  if (at == text.npos) return report;
  report.package = required_name(text, no_match);
  report.failure = text.find("(from versions: none)") != text.npos ? PipFailure::not_found
                                                                   : PipFailure::no_such_version;
  if (text.find("require a different python version") != text.npos)
    report.failure = PipFailure::other_python;
  for (const std::string_view words : {"after connection broken by", "Could not fetch URL",
                                       "There was a problem confirming the ssl"})
    if (text.find(words) != text.npos && report.failure == PipFailure::not_found)
      report.failure = PipFailure::unreachable;
  return report;
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE PipReport pip_failure(std::string_view text) {
  using namespace detail;
  const auto has = [text](std::string_view words) { return text.find(words) != text.npos; };
  constexpr std::string_view other_hash = "DO NOT MATCH THE HASHES",
                             no_hash = "Hashes are required in ",
                             not_pinned = "In --require-hashes mode, all requirements must",
                             conflict = "Cannot install ",
                             other_python = " requires a different Python";
  if (has("No space left on device") || has("Disk quota exceeded"))
    return {PipFailure::no_space, {}};
  if (has(other_hash)) return {PipFailure::hash, first_listed(text, other_hash)};
  for (const std::string_view words : {no_hash, not_pinned})
    if (has(words)) return {PipFailure::hash, first_listed(text, words)};
  if (has("ResolutionImpossible") || has("because these package versions have conflicting"))
    return {PipFailure::conflict,
            word_behind(text.substr(0, text.find(" because these")), conflict, "\n")};
  if (has(other_python)) return {PipFailure::other_python, word_behind(text, "Package '", "'\n")};
  if (PipReport report = build_failure(text); report.failure != PipFailure::unknown) return report;
  if (PipReport report = search_failure(text); report.failure != PipFailure::unknown) return report;
  if (has("[Errno 13]") || has("[Errno 30]") || has("[WinError 5]"))
    return {PipFailure::denied, {}};
  return {};
}

VENV_INLINE PipReport pip_failure(const Error& error) {
  return error.code() == ErrorCode::command_failed ? pip_failure(error.output()) : PipReport();
}

VENV_INLINE std::string name_of(PipFailure failure) {
  constexpr const char* names[] = {"unknown",     "not-found", "no-such-version", "other-python",
                                   "unreachable", "hash",      "conflict",        "no-compiler",
                                   "not-built",   "no-space",  "denied"};
  return names[static_cast<std::size_t>(failure)];
}

VENV_END
