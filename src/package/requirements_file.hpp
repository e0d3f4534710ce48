#pragma once

#include "../api/error.hpp"
#include "../config.hpp"
#include "../base/ascii.hpp"
#include "../base/function_ref.hpp"
#include "../text/layout.hpp"
#include "../text/utf8.hpp"
#include "requirements_text.hpp"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// Where a line of a requirements file stands.
struct LinePlace {
  std::string file{};
  std::size_t number = 0;
};

VENV_INLINE std::string place_text(const LinePlace& place) {
  return place.file + ':' + std::to_string(place.number);
}

/// What one line requires.
struct RequiredLine {
  std::string text{}; ///< a requirement (PEP 508), a path or a URL, as written
  bool is_editable = false;
  bool is_constraint = false;          ///< it comes from a file that `-c` named
  std::vector<std::string> hashes{};   ///< `sha256:...`
  std::vector<std::string> settings{}; ///< `--config-settings`
  LinePlace place{};
};

/// An option on a line of its own.
struct FileOption {
  std::string name; ///< the long one: `--index-url`
  std::string value;
  LinePlace place;
};

/// What a requirements file says, those that it names included.
struct RequirementsFile {
  std::vector<RequiredLine> lines{};
  std::vector<FileOption> options{};
  std::vector<std::string> files{}; ///< all that were read, in their order, each once
};

/// From where a requirements file's text comes.
struct RequirementsSource {
  /// The bytes of a file; throws what the caller of `read_requirements` is to get.
  FunctionRef<std::string(const std::string& file)> read;
  /// An environment variable's value; empty when it isn't set.
  FunctionRef<std::string(const std::string& name)> variable;
  Os os = Os::linux_or_other; ///< on Windows `\` separates the parts of a path, too
};

/// An option that may stand in a requirements file.
struct KnownOption {
  std::string_view name;
  char letter; ///< 0: none
  bool has_value;
};

inline constexpr KnownOption requirements_options[] = {
    {"--index-url", 'i', true},
    {"--pypi-url", 0, true},
    {"--extra-index-url", 0, true},
    {"--no-index", 0, false},
    {"--constraint", 'c', true},
    {"--requirement", 'r', true},
    {"--editable", 'e', true},
    {"--find-links", 'f', true},
    {"--no-binary", 0, true},
    {"--only-binary", 0, true},
    {"--prefer-binary", 0, false},
    {"--require-hashes", 0, false},
    {"--no-require-hashes", 0, false},
    {"--pre", 0, false},
    {"--all-releases", 0, true},
    {"--only-final", 0, true},
    {"--trusted-host", 0, true},
    {"--use-feature", 0, true},
    {"--hash", 0, true},
    {"--config-settings", 'C', true},
    {"--global-option", 0, true}, // of older pips
};

/// The words of a line, split as a POSIX shell would. Nothing when a quote isn't closed.
VENV_INLINE std::optional<std::vector<std::string>> shell_words(std::string_view text) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == 0 && (c == ' ' || c == '\t' || c == '\r' || c == '\n')) {
      in_word = false;
      continue;
    }
    if (!in_word) words.emplace_back();
    in_word = true;
    if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (quote != 0 && c == quote) {
      quote = 0;
    } else if (c == '\\' && quote != '\'') {
      if (++i == text.size()) return std::nullopt;
      const bool escapes = quote == 0 || text[i] == '"' || text[i] == '\\';
      if (!escapes) words.back() += c;
      words.back() += text[i];
    } else {
      words.back() += c;
    }
  }
  return quote == 0 ? std::optional(std::move(words)) : std::nullopt;
}

VENV_INLINE bool is_url_reference(std::string_view text) {
  for (const std::string_view scheme : {"http:", "https:", "file:"})
    if (text.substr(0, scheme.size()) == scheme) return true;
  return false;
}

/// `name`, which a file names, as a path from where that file's own path starts; `.` and `..` folded
/// by the letter, so that a file has one name.
VENV_INLINE std::string beside(const std::string& file, std::string_view name, Os os) {
  if (is_url_reference(name)) return std::string(name);
  const std::string_view separators = os == Os::windows ? "/\\" : "/";
  const auto is_separator = [separators](char c) { return separators.find(c) != separators.npos; };
  const bool has_drive = os == Os::windows && name.size() > 1 && name[1] == ':';
  const std::size_t slash = file.find_last_of(separators);
  std::string path(name);
  if (!name.empty() && !is_separator(name[0]) && !has_drive && slash != file.npos)
    path = file.substr(0, slash + 1) + path;
  if (is_url_reference(path)) return path;
  std::string result(path.substr(0, !path.empty() && is_separator(path[0]) ? 1 : 0));
  std::vector<std::string> parts;
  for (std::size_t begin = result.size(); begin < path.size();) {
    const std::size_t end = (std::min)(path.find_first_of(separators, begin), path.size());
    std::string part = path.substr(begin, end - begin);
    begin = end + 1;
    if (part.empty() || part == ".") continue;
    const bool goes_up = part == "..";
    if (goes_up && parts.empty() && !result.empty()) continue; // the root is its own parent
    if (goes_up && !parts.empty() && parts.back() != "..") parts.pop_back();
    else parts.push_back(std::move(part));
  }
  for (std::size_t i = 0; i < parts.size(); ++i) result += (i == 0 ? "" : "/") + parts[i];
  return result;
}

/// Reads a requirements file and those that it names.
class RequirementsReader {
public:
  explicit RequirementsReader(const RequirementsSource& source) : source_(source) {}

  RequirementsFile read(const std::string& file, bool is_constraint) {
    read_file(file, is_constraint);
    return std::move(result_);
  }

private:
  [[noreturn]] static void fail(const LinePlace& place, const std::string& message) {
    throw Error(ErrorCode::invalid_argument, printable(place_text(place)) + ": " + message);
  }
  void read_file(const std::string& file, bool is_constraint) {
    if (++reads_ > 10000)
      throw Error(ErrorCode::invalid_argument,
                  "requirements files name one another too often, last '" + printable(file) + "'");
    open_.push_back(beside({}, file, source_.os));
    const std::string text = decode_requirements(source_.read(file), file);
    if (std::find(result_.files.begin(), result_.files.end(), file) == result_.files.end())
      result_.files.push_back(file);
    for (const LogicalLine& line : logical_lines(text, source_.variable))
      read_line(line.text, {file, line.number}, is_constraint);
    open_.pop_back();
  }
  /// What is required stands first; the first word with a dash begins the options.
  void read_line(std::string_view line, const LinePlace& place, bool is_constraint) {
    std::size_t begin = 0;
    while (begin < line.size() && line[begin] != '-')
      begin = (std::min)(line.find(' ', begin), line.size() - 1) + 1;
    const std::string_view required = strip(line.substr(0, begin));
    std::vector<FileOption> options = read_options(line.substr(begin), place);
    const auto editable =
        std::find_if(options.begin(), options.end(),
                     [](const FileOption& option) { return option.name == "--editable"; });
    if (!required.empty() || editable != options.end()) {
      add_required(required.empty() ? editable->value : std::string(required), options,
                   {{}, editable != options.end(), is_constraint, {}, {}, place});
    } else if (!read_nested(options, place)) {
      for (FileOption& option : options)
        if (option.name != "--hash" && option.name != "--config-settings")
          result_.options.push_back(std::move(option));
    }
  }
  void add_required(std::string text, const std::vector<FileOption>& options, RequiredLine line) {
    line.text = std::move(text);
    for (const FileOption& option : options) {
      if (option.name == "--hash" && !line.is_editable) line.hashes.push_back(option.value);
      if (option.name == "--config-settings") line.settings.push_back(option.value);
    }
    result_.lines.push_back(std::move(line));
  }
  /// Reads the file that `-r` or else `-c` names, if one does.
  bool read_nested(const std::vector<FileOption>& options, const LinePlace& place) {
    for (const std::string_view name : {"--requirement", "--constraint"})
      for (const FileOption& option : options) {
        if (option.name != name) continue;
        const std::string file = beside(place.file, option.value, source_.os);
        if (std::find(open_.begin(), open_.end(), file) != open_.end())
          fail(place, "'" + printable(file) + "' names itself, directly or through others");
        if (open_.size() > 100) fail(place, "too many files that name one another");
        read_file(file, name == "--constraint");
        return true;
      }
    return false;
  }

  std::vector<FileOption> read_options(std::string_view text, const LinePlace& place) const {
    const auto words = shell_words(text);
    if (!words) fail(place, "a quote isn't closed: '" + printable(text) + "'");
    std::vector<FileOption> options;
    for (auto word = words->begin(); word != words->end(); ++word) {
      if (*word == "--") break;
      if (word->size() < 2 || word->front() != '-') continue; // pip takes no notice of it either
      const bool is_long = word->compare(0, 2, "--") == 0;
      const std::size_t equals = is_long ? word->find('=') : word->npos;
      const std::string spelled = word->substr(0, is_long ? equals : 2);
      const KnownOption& known = find_option(spelled, place);
      std::optional<std::string> value;
      if (equals != word->npos) value = word->substr(equals + 1);
      if (!is_long && word->size() > 2) value = word->substr(2);
      if (!known.has_value && value) fail(place, std::string(known.name) + " takes no value");
      if (known.has_value && !value) {
        if (++word == words->end()) fail(place, std::string(known.name) + " needs a value");
        value = *word;
      }
      const std::string_view name = known.name == "--pypi-url" ? "--index-url" : known.name;
      options.push_back({std::string(name), value.value_or(""), place});
      check_value(options.back());
    }
    return options;
  }
  /// The option of that name, or the only one that begins with it.
  static const KnownOption& find_option(const std::string& name, const LinePlace& place) {
    const KnownOption* found = nullptr;
    for (const KnownOption& option : requirements_options) {
      const bool is_letter = option.letter != 0 && name == std::string("-") + option.letter;
      if (is_letter || option.name == name) return option;
      if (name.size() < 3 || option.name.substr(0, name.size()) != name) continue;
      if (found != nullptr) fail(place, "option '" + printable(name) + "' is ambiguous");
      found = &option;
    }
    if (found == nullptr) fail(place, "no option '" + printable(name) + "' in requirements files");
    return *found;
  }
  static void check_value(const FileOption& option) {
    const std::string& value = option.value;
    for (const std::string_view list :
         {"--no-binary", "--only-binary", "--all-releases", "--only-final"})
      if (option.name == list && value.substr(0, 1) == "-")
        fail(option.place, option.name + " needs a value");
    if (option.name != "--hash") return;
    const std::string algorithm = value.substr(0, value.find(':'));
    if (algorithm.size() == value.size())
      fail(option.place, "--hash takes an algorithm and a hash: sha256:...");
    if (algorithm != "sha256" && algorithm != "sha384" && algorithm != "sha512")
      fail(option.place,
           "--hash takes sha256, sha384 or sha512, not '" + printable(algorithm) + "'");
  }

  const RequirementsSource& source_;
  RequirementsFile result_{};
  std::size_t reads_ = 0;           ///< two files that name one another's are soon very many
  std::vector<std::string> open_{}; ///< the files that are being read, the outermost first
};

/// What pip would read in `file` and in the files that it names with `-r` and `-c`, which lie beside
/// it. Throws `ErrorCode::invalid_argument` with file and line, also for a file that names itself.
VENV_INLINE RequirementsFile read_requirements(const std::string& file,
                                               const RequirementsSource& source,
                                               bool is_constraint = false) {
  return RequirementsReader(source).read(file, is_constraint);
}

/// What the text of a line is.
enum class RequiredKind {
  named, ///< a requirement by PEP 508, also `name @ URL`
  url,
  path,
};

VENV_INLINE bool ends_with_any(std::string_view text,
                               std::initializer_list<std::string_view> endings) {
  for (const std::string_view ending : endings)
    if (text.size() >= ending.size() && text.substr(text.size() - ending.size()) == ending)
      return true;
  return false;
}

/// As pip tells them apart when the files that are named exist.
VENV_INLINE RequiredKind kind_of(const RequiredLine& line, Os os) {
  const std::size_t colon = (std::min)(line.text.find(':'), line.text.size());
  const std::string scheme = folded(std::string_view(line.text).substr(0, colon));
  for (const std::string_view known : {"http", "https", "file", "ftp"})
    if (colon < line.text.size() && scheme == known) return RequiredKind::url;
  for (const std::string_view vcs : {"git", "hg", "svn", "bzr"})
    if (colon < line.text.size() && scheme.size() > vcs.size() + 1 &&
        scheme.compare(0, vcs.size(), vcs) == 0 && scheme[vcs.size()] == '+')
      return RequiredKind::url;
  const std::string_view text = strip(std::string_view(line.text).substr(0, line.text.find(';')));
  const auto looks_like_path = [os](std::string_view part) {
    return part.substr(0, 1) == "." ||
           part.find_first_of(os == Os::windows ? "/\\" : "/") != part.npos;
  };
  const std::size_t at = text.find('@');
  if (at != text.npos && !looks_like_path(text.substr(0, at))) return RequiredKind::named;
  const bool has_extras = !text.empty() && text.back() == ']';
  const std::string_view bare = text.substr(0, has_extras ? text.rfind('[') : text.npos);
  const bool is_archive =
      ends_with_any(folded(bare), {".zip", ".whl", ".tar.bz2", ".tbz", ".tar.gz", ".tgz", ".tar",
                                   ".tar.xz", ".txz", ".tlz", ".tar.lz", ".tar.lzma"});
  return line.is_editable || looks_like_path(text) || is_archive ? RequiredKind::path
                                                                 : RequiredKind::named;
}

VENV_DETAIL_END
