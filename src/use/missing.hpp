#pragma once

#include "../api/environment.hpp"
#include "../base/error.hpp"
#include "../package/missing.hpp"
#include "../package/requirements_file.hpp"
#include "../python/links.hpp"
#include "../python/marker_values.hpp"
#include "../python/remembered_probe.hpp"
#include "../system/file.hpp"
#include "../system/platform.hpp"
#include "../system/variables.hpp"
#include "distributions.hpp"
#include "environment.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// All that is asked for, nested files included.
struct Demands {
  std::vector<Demand> required{}, constraints{};
  std::vector<RequiredLine> places{}; ///< required by a path or a URL without a name
  std::vector<fs::path> files{};      ///< all that were read, in their order
  std::vector<RequiredLine> lines{};  ///< of files, those that name projects
  std::vector<FileOption> options{};  ///< on lines of their own
  bool has_variables = false;         ///< a file names variables of this process
};

VENV_INLINE RequirementsFile read_requirements_at(const fs::path& path, bool is_constraint,
                                                  bool& has_variables) {
  const auto read = [](const std::string& file) {
    if (is_url_reference(file))
      throw Error(ErrorCode::invalid_argument,
                  "'" + printable(file) + "' can't be read here: it is not a file on this machine")
          .at("read requirements");
    return read_file(path_of(file));
  };
  const auto value = [&has_variables](const std::string& name) {
    has_variables = true;
    return variable(name.c_str()).value_or("");
  };
  return read_requirements(text_of(absolute_path(path)), {read, value, this_os}, is_constraint);
}

VENV_INLINE void add_demands(const fs::path& path, bool is_constraint, Demands& demands) {
  RequirementsFile file = read_requirements_at(path, is_constraint, demands.has_variables);
  for (RequiredLine& line : file.lines) {
    const RequiredKind kind = kind_of(line, this_os);
    if (kind != RequiredKind::named) {
      if (!line.is_constraint) demands.places.push_back(std::move(line));
      continue;
    }
    std::vector<Demand>& list = line.is_constraint ? demands.constraints : demands.required;
    list.push_back({line.text, place_text(line.place)});
    demands.lines.push_back(std::move(line));
  }
  for (FileOption& option : file.options) demands.options.push_back(std::move(option));
  for (const std::string& name : file.files) demands.files.push_back(path_of(name));
}

/// Throws what reading the files throws.
VENV_INLINE Demands read_demands(const Requirements& wanted) {
  Demands demands;
  for (const fs::path& path : wanted.files) add_demands(path, false, demands);
  for (const fs::path& path : wanted.constraints) add_demands(path, true, demands);
  for (const std::string& package : wanted.packages) {
    RequiredLine line;
    line.text = package;
    if (kind_of(line, this_os) == RequiredKind::named) demands.required.push_back({package, ""});
    else demands.places.push_back(std::move(line));
  }
  return demands;
}

/// What pip writes as the URL of a path (PEP 610).
VENV_INLINE std::string file_url(const fs::path& path) {
  constexpr std::string_view digits = "0123456789ABCDEF", plain = "_.-~/";
  std::string url = "file://";
  for (const char c : text_of(absolute_path(path))) {
    const char lower = fold_case(c);
    const bool is_plain =
        (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || plain.find(c) != plain.npos;
    const auto byte = static_cast<unsigned char>(c);
    if (is_plain) url += c;
    else ((url += '%') += digits[byte >> 4]) += digits[byte & 15];
  }
  return url;
}

/// From where a path or a URL is installed, and the extras that stand behind it.
VENV_INLINE std::pair<std::string, std::string> origin_of(const RequiredLine& line) {
  const std::string_view text = strip(std::string_view(line.text).substr(0, line.text.find(" ;")));
  if (kind_of(line, this_os) == RequiredKind::url) {
    const std::size_t fragment = text.find("#egg=");
    return {std::string(text.substr(0, fragment)), ""};
  }
  const std::size_t bracket = !text.empty() && text.back() == ']' ? text.rfind('[') : text.npos;
  const std::string extras(bracket == text.npos ? "" : text.substr(bracket));
  return {file_url(path_of(text.substr(0, bracket))), extras};
}

/// Turns what is required by a place into a requirement by name, if it is installed from there; else
/// it is missing.
VENV_INLINE void name_places(Demands& demands, const std::vector<Distribution>& installed,
                             std::vector<Missing>& missing) {
  for (const RequiredLine& line : demands.places) {
    const auto [url, extras] = origin_of(line);
    const std::string by = line.place.file.empty() ? "" : place_text(line.place);
    const auto found = std::find_if(
        installed.begin(), installed.end(), [&origin = url, &line](const Distribution& one) {
          return one.direct_url == origin && (one.is_editable || !line.is_editable);
        });
    if (found != installed.end()) {
      demands.required.push_back({found->name + extras, by});
      continue;
    }
    Missing absent;
    absent.requirement = line.text;
    absent.required_by = by;
    missing.push_back(std::move(absent));
  }
}

/// Where the base Python may lie: what the environment's links lead to, and in `home` under the names
/// that it could have.
VENV_INLINE std::vector<fs::path> base_candidates(const Context& context) {
  std::vector<fs::path> candidates;
  const auto outside = outside_of(context.env_dir, context.env_exec_cmd);
  if (outside && *outside != context.env_exec_cmd) candidates.push_back(*outside);
  const std::string command = context.python.implementation.command_name();
  std::vector<std::string> names{command + context.python.version.minor_text(), command + '3',
                                 "python3"};
  if (this_os == Os::windows) names.push_back("python"); // there it has no other name
  for (const std::string& name : names)
    if (!context.python_dir.empty())
      candidates.push_back(context.python_dir / path_of(name + std::string(executable_suffix)));
  return candidates;
}

VENV_INLINE std::string text_of(const Missing& missing) {
  const std::string by = missing.required_by.empty() ? "" : " (" + missing.required_by + ')';
  const std::string name = "'" + printable(missing.requirement) + "'" + printable(by);
  switch (missing.reason) {
  case Missing::Reason::other_version:
    return name + " is required, and " + printable(missing.installed) + " is installed";
  case Missing::Reason::other_source:
    return name + " is required, and " + printable(missing.installed) +
           " is installed from elsewhere";
  case Missing::Reason::unreadable: return name + " can't be read: " + missing.detail;
  case Missing::Reason::absent:
  default: return name + " is required, and not installed";
  }
}

/// The interpreter that the environment is based on, as it says itself: the first candidate of the
/// same version, else what the environment's own Python says.
VENV_INLINE Interpreter base_as_it_says(const Context& context, const Options& options) {
  const Cache cache(options);
  const StopRequest stop(options.is_cancelled, tell_started(options.on_event));
  const RememberedProbe probe(cache, probe_options(options, stop));
  for (const fs::path& program : base_candidates(context)) {
    if (!is_program(program)) continue;
    Interpreter python = probe(program);
    if (python.version.minor_text() == context.python.version.minor_text() &&
        python.implementation == context.python.implementation)
      return python;
  }
  return probe(context.env_exec_cmd);
}

VENV_INLINE std::vector<Missing> missing_of(Demands demands,
                                            const std::vector<Distribution>& installed,
                                            const MarkerValues& values) {
  std::vector<Missing> missing;
  name_places(demands, installed, missing);
  std::vector<Missing> named =
      find_missing(demands.required, demands.constraints, installed, values);
  missing.insert(missing.end(), std::make_move_iterator(named.begin()),
                 std::make_move_iterator(named.end()));
  return missing;
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE std::vector<Missing> Environment::missing(const Requirements& requirements,
                                                      const Options& options) const {
  using namespace detail;
  const Context& context = detail_->context;
  Demands demands = read_demands(requirements);
  return missing_of(std::move(demands),
                    distributions_of(context, has_system_site_packages(), false),
                    marker_values(base_as_it_says(context, options)));
}

VENV_INLINE std::vector<Missing> Environment::missing(const std::vector<std::string>& packages,
                                                      const Options& options) const {
  Requirements requirements;
  requirements.packages = packages;
  return missing(requirements, options);
}

VENV_END
