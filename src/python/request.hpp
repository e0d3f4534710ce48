#pragma once

#include "../base/error.hpp"
#include "../api/interpreter.hpp"
#include "../base/ascii.hpp"
#include "../package/specifier.hpp"
#include "../system/path.hpp"
#include "../system/platform.hpp"
#include "../text/python_name.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

/// Which Python is meant. One of: any, a path, a command's name, a version or range. A version that
/// is spelled as a command too (`python3.12`) is looked for under that name first.
struct PythonRequest {
  enum class Kind { any, path, name, version };
  Kind kind = Kind::any;
  std::string text{};                        ///< as it was given
  Implementation implementation = "cpython"; ///< of a version
  std::string specifier{};                   ///< PEP 440: `==3.12.*`; empty: each version fits
  std::optional<Version> minor{};            ///< `3.12` where only that minor version can fit
  bool free_threaded = false, debug = false; ///< what a version asks for (`t`, `d`)
  int bits = 0;                              ///< 32 or 64 where asked for
  bool is_range = false;                     ///< several minor versions fit: the newest is meant
};

/// How well a Python fits. `second_choice`: it is taken where nothing better is found (a pre-release
/// or a debug build that nobody asked for).
enum class Fit { no, second_choice, yes };

VENV_INLINE bool is_path(const std::string& request) {
  if (request == "." || request == ".." || request == "~") return true;
  return request.find('/') != request.npos ||
         (this_os == Os::windows && request.find('\\') != request.npos);
}

/// Whether all clauses of a version specifier can be read (PEP 440, "Version specifiers").
VENV_INLINE bool is_specifier(std::string_view text) {
  for (const std::string_view part : split(text, ',')) {
    const std::string_view clause = strip(part);
    const std::size_t size = (std::min)(clause.find_first_not_of("<>=!~"), clause.size());
    const std::string_view op = clause.substr(0, size);
    std::string_view operand = strip(clause.substr(size));
    constexpr std::string_view operators[] = {"==", "===", "!=", "<=", ">=", "<", ">", "~="};
    if (std::find(std::begin(operators), std::end(operators), op) == std::end(operators))
      return false;
    if (operand.size() > 2 && operand.substr(operand.size() - 2) == ".*") {
      if (op != "==" && op != "!=") return false;
      operand.remove_suffix(2);
    }
    if (!parse_package_version(operand)) return false;
    if (op == "~=" && operand.find('.') == operand.npos) return false;
  }
  return true;
}

/// The minor version that a specifier's first clause pins: `==3.12.*`, `==3.12.1`, `~=3.12.1`.
VENV_INLINE std::optional<Version> pinned_minor(std::string_view specifier) {
  std::string_view text = strip(specifier.substr(0, specifier.find(',')));
  const bool compatible = take_prefix(text, "~=");
  if (!compatible && !take_prefix(text, "==")) return std::nullopt;
  take_prefix(text, "=");
  text = strip(text);
  const auto release = take_release_name(text);
  if (!release || release->parts < (compatible ? 3u : 2u)) return std::nullopt;
  return Version(release->release[0], release->release[1]);
}

/// Takes `-32`, `-64` off the end, as Windows' launcher spells an architecture.
VENV_INLINE int take_bits(std::string_view& text) {
  for (const auto& [suffix, bits] : {std::pair("-64", 64), std::pair("-32", 32)}) {
    if (text.size() < 3 || text.substr(text.size() - 3) != suffix) continue;
    text.remove_suffix(3);
    return bits;
  }
  return 0;
}

/// Reads what stands behind the implementation: a range, or a release with its letters.
VENV_INLINE bool read_version(std::string_view text, PythonRequest& request) {
  if (text.find_first_of("<>=!~") != text.npos) {
    if (!is_specifier(text)) return false;
    request.specifier = text;
    request.minor = pinned_minor(text);
    request.is_range = !request.minor;
    return true;
  }
  const std::string_view whole = text;
  if (const auto name = parse_release_name(text)) {
    std::string numbers = std::to_string(name->release[0]);
    for (std::size_t i = 1; i < name->parts; ++i) numbers += '.' + std::to_string(name->release[i]);
    request.specifier = "==" + numbers + ".*";
    request.free_threaded = name->free_threaded;
    request.debug = name->debug;
    request.is_range = name->parts == 1;
    if (name->parts > 1) request.minor = Version(name->release[0], name->release[1]);
    return true;
  }
  const auto exact = parse_package_version(whole); // 3.15.0b1
  const bool is_python = exact && exact->epoch == 0 && exact->post == 0 && exact->local.empty() &&
                         exact->release.size() <= 3 && whole.find_first_of("+- _v") == whole.npos;
  if (!is_python || exact->phase == ReleasePhase::final_release) return false;
  request.specifier = "==" + std::string(whole);
  request.minor = pinned_minor(request.specifier);
  return true;
}

/// The version or range that `text` spells, nothing where it spells none.
VENV_INLINE std::optional<PythonRequest> parse_version(const std::string& text) {
  PythonRequest request;
  request.kind = PythonRequest::Kind::version;
  request.text = text;
  const std::string lower = folded(text);
  std::string_view rest = strip(lower);
  const std::string_view whole = rest;
  const auto implementation = take_implementation(rest);
  if (implementation) request.implementation = *implementation;
  if (implementation && !rest.empty()) {
    if (!take_prefix(rest, "@")) take_prefix(rest, "-");
    if (rest.empty()) return std::nullopt;
  }
  if (rest.empty()) {
    request.is_range = true;
    if (!implementation || whole == "python") return std::nullopt; // a command's name, no more
    return request;
  }
  request.bits = take_bits(rest);
  rest = strip(rest);
  if (!read_version(rest, request)) return std::nullopt;
  return request;
}

/// What `text` asks for; never fails, as any word may be a command's name.
VENV_INLINE PythonRequest parse_request(const std::string& text) {
  if (!strip(text).empty()) {
    PythonRequest request;
    request.text = text;
    request.kind = is_path(text) ? PythonRequest::Kind::path : PythonRequest::Kind::name;
    if (request.kind == PythonRequest::Kind::path) return request;
    if (const auto version = parse_version(text)) return *version;
    return request;
  }
  PythonRequest any;
  any.text = text;
  return any;
}

/// Whether a command could have that name: letters and digits, no blanks or operators.
VENV_INLINE bool is_command_name(std::string_view text) {
  return text.find_first_of(" \t<>=!~,*@\"'") == text.npos;
}

inline constexpr char requests_understood[] =
    "Understood are: a path (3.12's executable, its directory or an environment's), a command on "
    "PATH, a version (3, 3.12, 3.12.1, 3.13t, 3.14d, 3.12-64), a range (>=3.10,<3.13, ==3.12.*, "
    "~=3.11), an implementation (cpython, pypy, graalpy), or both (pypy3.10, cpython@3.12, cp313).";

/// A Python's version as PEP 440 compares it.
VENV_INLINE PackageVersion package_version(const Interpreter& python) {
  const auto version = parse_package_version(python.version.text() + python.prerelease);
  return version ? *version : PackageVersion{};
}

VENV_INLINE Fit fit(const PythonRequest& request, const Interpreter& python) {
  if (request.kind != PythonRequest::Kind::version) return Fit::yes;
  if (python.implementation != request.implementation) return Fit::no;
  if (python.free_threaded != request.free_threaded) return Fit::no;
  if (request.debug && !python.debug) return Fit::no;
  if (request.bits && request.bits != (python.is_64bit ? 64 : 32)) return Fit::no;
  const bool names_prerelease = request.specifier.find_first_of("abcr") != request.specifier.npos;
  if (!request.specifier.empty() && !specifier_allows(request.specifier, package_version(python)))
    return Fit::no;
  const bool unasked =
      (python.debug && !request.debug) || (!python.prerelease.empty() && !names_prerelease);
  return unasked ? Fit::second_choice : Fit::yes;
}

/// Whether a Python of that name can fit. Names that tell nothing can.
VENV_INLINE bool can_fit(const PythonRequest& request, const PythonName& name) {
  if (request.kind != PythonRequest::Kind::version) return true;
  const bool known = !name.implementation.name().empty();
  if (known && name.implementation != request.implementation) return false;
  const ReleaseName& release = name.release;
  if (release.parts == 0) return true;
  if (release.parts > 1 && release.free_threaded != request.free_threaded) return false;
  if (request.minor && release.release[0] != (*request.minor)[0]) return false;
  if (request.minor && release.parts > 1 && release.release[1] != (*request.minor)[1]) return false;
  return true;
}

VENV_DETAIL_END
