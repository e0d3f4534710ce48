#pragma once

#include "../base/error.hpp"
#include "../config.hpp"
#include "../base/ascii.hpp"
#include "../base/order.hpp"
#include "../text/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

VENV_DETAIL_BEGIN

/// An untrusted name for a message: in quotes, cut to a length that can be read, and with
/// anything but printable ASCII shown as `?`.
VENV_INLINE std::string printable_name(std::string_view name) {
  std::string text = "'";
  for (const char c : name.substr(0, 200)) text += c >= ' ' && c <= '~' ? c : '?';
  return text += name.size() > 200 ? "...'" : "'";
}

/// Whether Windows takes this component of a path for a device, whatever its extension: CON, PRN,
/// AUX, NUL, COM0 to COM9, LPT0 to LPT9 ("Naming Files, Paths, and Namespaces").
VENV_INLINE bool is_device_name(std::string_view component) {
  const std::string stem = folded(component.substr(0, component.find('.')));
  if (stem == "con" || stem == "prn" || stem == "aux" || stem == "nul") return true;
  return stem.size() == 4 && (stem.compare(0, 3, "com") == 0 || stem.compare(0, 3, "lpt") == 0) &&
         stem[3] >= '0' && stem[3] <= '9';
}

/// Why a component can't be a file's name on every system alike, or null.
VENV_INLINE const char* component_fault(std::string_view component) {
  if (component.empty()) return "has an empty component";
  if (component == "." || component == "..") return "has a . or .. in it";
  if (component.back() == '.' || component.back() == ' ')
    return "has a component that ends in a dot or a space";
  if (component.size() > 255) return "has a component of more than 255 bytes";
  return is_device_name(component) ? "has the name of a Windows device in it" : nullptr;
}

/// Why an entry must not have this name, or null. Names that are not plain ASCII are refused:
/// whether two of those are the same file depends on the file system's own case and normal forms,
/// and no wheel that this header installs has any.
VENV_INLINE const char* name_fault(std::string_view name) {
  if (name.empty()) return "has no name";
  if (name.front() == '/') return "is an absolute path";
  for (const char c : name) {
    if (c < ' ' || c > '~') return "has a control or non-ASCII character in its name";
    if (c == '\\') return "has a backslash in its name";
    if (c == ':') return "has a colon (a drive letter) in its name";
    if (c == '<' || c == '>' || c == '"' || c == '|' || c == '?' || c == '*')
      return "has a character in its name that Windows doesn't allow";
  }
  if (name.size() > 1024) return "has too long a name";
  if (name.back() == '/') name.remove_suffix(1);
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = (std::min)(name.find('/', begin), name.size());
    if (const char* fault = component_fault(name.substr(begin, end - begin))) return fault;
    begin = end + 1;
  }
  return nullptr;
}

/// Which names an archive's entries may have.
enum class ZipNames {
  portable, ///< those that are one and the same file on every system
  local,    ///< also others that Linux takes, with which two names are two files when they differ
};

/// Why an entry must not have this name where only Linux is asked, or null.
VENV_INLINE const char* local_name_fault(std::string_view name) {
  if (name.empty()) return "has no name";
  if (name.front() == '/') return "is an absolute path";
  if (!is_utf8(name)) return "has a name that is no UTF-8";
  for (const char c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == '\x7F' || c == '\\')
      return "has a control character or a backslash in its name";
  if (name.size() > 1024) return "has too long a name";
  if (name.back() == '/') name.remove_suffix(1);
  for (const std::string_view component : split(name, '/')) {
    if (component.empty()) return "has an empty component";
    if (component == "." || component == "..") return "has a . or .. in it";
    if (component.size() > 255) return "has a component of more than 255 bytes";
  }
  return nullptr;
}

VENV_INLINE void check_name(std::string_view name, ZipNames allowed = ZipNames::portable) {
  if (const char* fault = allowed == ZipNames::local ? local_name_fault(name) : name_fault(name))
    throw Error(ErrorCode::bad_archive, "zip entry " + printable_name(name) + ' ' + fault);
}

/// A file, or a directory that is named or implied by what lies in it.
struct ZipPath {
  std::string folded;
  std::string_view name;
  bool is_directory;
};

/// Refuses names of which two would be one file (portable ones: on a file system that ignores case), or
/// one both a file and a directory.
VENV_INLINE void check_names(const std::vector<std::string_view>& names,
                             ZipNames allowed = ZipNames::portable) {
  const auto spelled = [allowed](std::string_view name) {
    return allowed == ZipNames::local ? std::string(name) : folded(name);
  };
  std::vector<ZipPath> paths;
  std::string_view previous;
  for (const std::string_view name : names) {
    // Directories shared with the entry before are already there.
    const auto differ = std::mismatch(name.begin(), name.end(), previous.begin(), previous.end());
    std::size_t from = static_cast<std::size_t>(differ.first - name.begin());
    for (std::size_t slash = name.find('/', from); slash != name.npos;
         slash = name.find('/', from)) {
      paths.push_back({spelled(name.substr(0, slash)), name.substr(0, slash), true});
      from = slash + 1;
    }
    if (name.back() != '/') paths.push_back({spelled(name), name, false});
    previous = name;
  }
  sort_by(paths, [](const ZipPath& a, const ZipPath& b) { return a.folded < b.folded; });
  for (std::size_t i = 1; i < paths.size(); ++i) {
    const ZipPath &a = paths[i - 1], &b = paths[i];
    if (a.folded == b.folded && !(a.is_directory && b.is_directory && a.name == b.name))
      throw Error(ErrorCode::bad_archive, "zip entries " + printable_name(a.name) + " and " +
                                              printable_name(b.name) + " are the same path");
  }
}

VENV_DETAIL_END
