#pragma once

#include "../config.hpp"
#include "../base/ascii.hpp"
#include "wheel_name.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// What a Python says of itself, as far as it decides which wheels it can use (PEP 425).
struct TagFacts {
  std::string implementation = "cpython"; ///< `sys.implementation.name`
  std::array<int, 2> version{};           ///< `sys.version_info[:2]`
  bool is_64bit = true;
  bool free_threaded = false;     ///< `Py_GIL_DISABLED`
  bool debug = false;             ///< `Py_DEBUG`
  bool pymalloc = true;           ///< `WITH_PYMALLOC`, which is in the tag below Python 3.8
  std::string extension_suffix{}; ///< `EXT_SUFFIX`, such as `.pypy310-pp73-x86_64-linux-gnu.so`
  std::string version_nodot{};    ///< `py_version_nodot`, when it isn't the version's two numbers
  std::string platform{};         ///< `sysconfig.get_platform()`, such as `linux-x86_64`
  std::array<int, 2> glibc{};     ///< 0.0: none
  std::array<int, 2> musl{};      ///< 0.0: none
  bool is_manylinux_abi = true; ///< on 32 bits: the executable's ABI is i686's, or hard-float ARM's
  std::array<int, 2> mac{};     ///< macOS's own version
  std::string mac_machine{};    ///< `platform.machine()` there: `arm64`, `x86_64`
};

/// A tag that a Python takes.
struct Tag {
  std::string python, abi, platform;
};

VENV_INLINE bool operator==(const Tag& a, const Tag& b) {
  return a.python == b.python && a.abi == b.abi && a.platform == b.platform;
}

VENV_INLINE std::string tag_text(const Tag& tag) {
  return tag.python + '-' + tag.abi + '-' + tag.platform;
}

/// Text as it can stand in a tag.
VENV_INLINE std::string tag_spelling(std::string_view text) {
  std::string result = folded(text);
  for (char& c : result)
    if (c == '.' || c == '-' || c == ' ') c = '_';
  return result;
}

/// The binary formats that a macOS of that version runs on that machine, the machine's own first.
VENV_INLINE std::vector<std::string> mac_formats(std::array<int, 2> version,
                                                 const std::string& machine) {
  using Version = std::array<int, 2>;
  std::vector<std::string> formats{machine};
  const auto add = [&formats](std::initializer_list<const char*> more) {
    formats.insert(formats.end(), more.begin(), more.end());
  };
  if (machine == "x86_64" || machine == "i386") {
    if (version < Version{10, 4}) return {};
    if (machine == "x86_64") add({"intel", "fat64", "fat3"});
    else add({"intel", "fat3", "fat"});
  } else if (machine == "ppc64") {
    if (version > Version{10, 5} || version < Version{10, 4}) return {};
    add({"fat64"});
  } else if (machine == "ppc") {
    if (version > Version{10, 6}) return {};
    add({"fat3", "fat"});
  }
  if (machine == "arm64" || machine == "x86_64") add({"universal2"});
  for (const char* known : {"x86_64", "i386", "ppc64", "ppc", "intel"})
    if (machine == known) add({"universal"});
  return formats;
}

/// macOS's platforms, newest first. Its yearly release was the second number up to 10.16, since then
/// it is the first.
VENV_INLINE std::vector<std::string> mac_platforms(const TagFacts& facts) {
  std::string machine = facts.mac_machine;
  if (!facts.is_64bit) machine = machine.substr(0, 3) == "ppc" ? "ppc" : "i386";
  std::vector<std::string> platforms;
  const auto add = [&](int major, int minor, const std::vector<std::string>& formats) {
    for (const std::string& format : formats)
      platforms.push_back("macosx_" + std::to_string(major) + '_' + std::to_string(minor) + '_' +
                          format);
  };
  const bool is_ten = facts.mac[0] == 10;
  for (int major = facts.mac[0]; major > 10; --major)
    add(major, 0, mac_formats({major, 0}, machine));
  for (int minor = is_ten ? facts.mac[1] : 16; minor >= (is_ten ? 0 : 4); --minor) {
    // No processor but x86_64 had a macOS 10 in common with 11; `universal2` holds both.
    const bool all = is_ten || machine == "x86_64";
    add(10, minor,
        all ? mac_formats({10, minor}, machine) : std::vector<std::string>{"universal2"});
  }
  return facts.mac[0] < 10 ? std::vector<std::string>() : platforms;
}

/// The last minor version of glibc that a Linux of that kind was made for, down to which wheels are
/// taken (PEP 513, 599, 600), and the names that three of them had before PEP 600.
VENV_INLINE void add_manylinux(const TagFacts& facts, const std::string& machine,
                               bool has_old_glibc, std::vector<std::string>& platforms) {
  for (int major = facts.glibc[0]; major >= 2; --major) {
    const int oldest = major > 2 ? 0 : has_old_glibc ? 5 : 17;
    const int newest = major == facts.glibc[0] ? facts.glibc[1] : 50; // as if there were a glibc 3
    for (int minor = newest; minor >= oldest; --minor) {
      platforms.push_back("manylinux_" + std::to_string(major) + '_' + std::to_string(minor) + '_' +
                          machine);
      const char* const old_name = major != 2    ? nullptr
                                   : minor == 17 ? "manylinux2014_"
                                   : minor == 12 ? "manylinux2010_"
                                   : minor == 5  ? "manylinux1_"
                                                 : nullptr;
      if (old_name != nullptr) platforms.push_back(old_name + machine);
    }
  }
}

VENV_INLINE std::vector<std::string> linux_platforms(const TagFacts& facts) {
  std::string platform = tag_spelling(facts.platform);
  if (!facts.is_64bit && platform == "linux_x86_64") platform = "linux_i686";
  if (!facts.is_64bit && platform == "linux_aarch64") platform = "linux_armv8l";
  const std::string machine = platform.substr(std::string_view("linux_").size());
  std::vector<std::string> machines{machine}, platforms;
  if (machine == "armv8l") machines.push_back("armv7l");
  for (const std::string& one : machines) platforms.push_back("linux_" + one);
  bool has_abi = machines.back() == "armv7l" || machine == "i686";
  if (has_abi) has_abi = facts.is_manylinux_abi;
  for (const char* known :
       {"x86_64", "aarch64", "ppc64", "ppc64le", "s390x", "loongarch64", "riscv64"})
    has_abi = has_abi || machine == known;
  if (has_abi && facts.glibc[0] >= 2)
    for (const std::string& one : machines)
      add_manylinux(facts, one, machine == "x86_64" || machine == "i686", platforms);
  if (facts.musl[0] > 0)
    for (const std::string& one : machines)
      for (int minor = facts.musl[1]; minor >= 0; --minor)
        platforms.push_back("musllinux_" + std::to_string(facts.musl[0]) + '_' +
                            std::to_string(minor) + '_' + one);
  return platforms;
}

/// The platforms whose wheels a Python takes, the fittest first.
VENV_INLINE std::vector<std::string> platforms_of(const TagFacts& facts) {
  const std::string platform = tag_spelling(facts.platform);
  if (platform.substr(0, 7) == "macosx_") return mac_platforms(facts);
  if (platform.substr(0, 6) == "linux_") return linux_platforms(facts);
  return {platform};
}

/// CPython's ABIs, its own first. A debug build takes a usual build's extensions since 3.8.
VENV_INLINE std::vector<std::string> cpython_abis(const TagFacts& facts,
                                                  const std::string& python) {
  const std::string threads =
      facts.free_threaded && facts.version >= std::array<int, 2>{3, 13} ? "t" : "";
  const bool is_old = facts.version < std::array<int, 2>{3, 8};
  const std::string debug = facts.debug ? "d" : "", pymalloc = is_old && facts.pymalloc ? "m" : "";
  std::vector<std::string> abis{python + threads + debug + pymalloc};
  if (!is_old && facts.debug) abis.push_back(python + threads);
  return abis;
}

/// Another implementation's ABI, which the suffix of its extensions names; empty when it names none.
VENV_INLINE std::string generic_abi(const std::string& extension_suffix) {
  const std::vector<std::string_view> parts = split(extension_suffix, '.');
  if (parts.size() < 3 || !parts[0].empty()) return {};
  const std::vector<std::string_view> words = split(parts[1], '-');
  const auto begins = [&](std::string_view start) {
    return parts[1].substr(0, start.size()) == start;
  };
  if (begins("cpython")) return words.size() < 2 ? std::string() : "cp" + tag_spelling(words[1]);
  if (begins("cp")) return tag_spelling(words[0]);
  const std::size_t kept = begins("pypy") ? 2 : begins("graalpy") ? 3 : words.size();
  std::string abi;
  for (std::size_t i = 0; i < (std::min)(kept, words.size()); ++i)
    abi += (i == 0 ? "" : "_") + tag_spelling(words[i]);
  return abi;
}

/// Collects tags in the order in which a Python prefers them.
class TagList {
public:
  explicit TagList(const TagFacts& facts) : facts_(facts), platforms_(platforms_of(facts)) {}

  std::vector<Tag> list() {
    const std::string short_name = facts_.implementation == "cpython" ? "cp"
                                   : facts_.implementation == "pypy"  ? "pp"
                                                                      : facts_.implementation;
    const std::string digits =
        facts_.version_nodot.empty() ? nodot(facts_.version[1]) : facts_.version_nodot;
    if (short_name == "cp") add_cpython();
    else add_generic(short_name + digits);
    add_any(short_name == "cp" ? "cp" + digits : short_name == "pp" ? "pp3" : std::string());
    return std::move(tags_);
  }

private:
  std::string nodot(int minor) const {
    return std::to_string(facts_.version[0]) + std::to_string(minor);
  }
  void add(const std::string& python, const std::string& abi) {
    for (const std::string& platform : platforms_) tags_.push_back({python, abi, platform});
  }
  void add_cpython() {
    const std::string python = "cp" + nodot(facts_.version[1]);
    const std::vector<std::string> abis = cpython_abis(facts_, python);
    const bool threads = abis[0].find('t') != abis[0].npos;
    const std::string stable_abi = threads ? "abi3t" : "abi3"; // PEP 384, PEP 803
    for (const std::string& abi : abis) add(python, abi);
    add(python, stable_abi);
    add(python, "none");
    for (int minor = facts_.version[1] - 1; minor >= 2; --minor)
      add("cp" + nodot(minor), stable_abi);
  }
  void add_generic(const std::string& python) {
    if (const std::string abi = generic_abi(facts_.extension_suffix); !abi.empty())
      add(python, abi);
    add(python, "none");
  }
  void add_any(const std::string& python) {
    std::vector<std::string> pythons{"py" + nodot(facts_.version[1]),
                                     "py" + std::to_string(facts_.version[0])};
    for (int minor = facts_.version[1] - 1; minor >= 0; --minor)
      pythons.push_back("py" + nodot(minor));
    for (const std::string& one : pythons) add(one, "none");
    if (!python.empty()) tags_.push_back({python, "none", "any"});
    for (const std::string& one : pythons) tags_.push_back({one, "none", "any"});
  }

  const TagFacts& facts_;
  std::vector<std::string> platforms_;
  std::vector<Tag> tags_{};
};

/// Every tag that a Python takes, the fittest first.
VENV_INLINE std::vector<Tag> supported_tags(const TagFacts& facts) { return TagList(facts).list(); }

/// Whether `tag` is among the tags of a compressed set: `py2.py3`.
VENV_INLINE bool tag_set_has(std::string_view set, std::string_view tag) {
  for (const std::string_view one : split(set, '.'))
    if (one.size() == tag.size() && folded(one) == tag) return true;
  return false;
}

/// At which place of a Python's list a wheel's best tag is; nothing when it is for others.
VENV_INLINE std::optional<std::size_t> tag_rank(const WheelName& wheel,
                                                const std::vector<Tag>& supported) {
  for (std::size_t i = 0; i < supported.size(); ++i)
    if (tag_set_has(wheel.python_tag, supported[i].python) &&
        tag_set_has(wheel.abi_tag, supported[i].abi) &&
        tag_set_has(wheel.platform_tag, supported[i].platform))
      return i;
  return std::nullopt;
}

/// Whether wheel `a` is to be taken rather than `b` of the same project: the newer version, then the
/// fitter tag, then the later build. Ranks are those of `tag_rank`.
VENV_INLINE bool is_better_wheel(const WheelName& a, std::size_t rank_of_a, const WheelName& b,
                                 std::size_t rank_of_b) {
  if (const int order = compare_versions(a.parsed_version, b.parsed_version)) return order > 0;
  if (rank_of_a != rank_of_b) return rank_of_a < rank_of_b;
  return is_earlier_build(b.build, a.build);
}

VENV_DETAIL_END
