// Answers questions about Python packaging, so that other programs' answers can be compared: a
// question a line, an answer a line, fields with tabs between them. In fields %XX is a byte.

#include "package/distributions.hpp"
#include "package/missing.hpp"
#include "package/requirements_file.hpp"
#include "package/tags.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace venv::detail;
using Fields = std::vector<std::string>;

std::string decoded(std::string_view field) {
  std::string text;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '%') {
      text += field[i];
      continue;
    }
    text += static_cast<char>(std::stoi(std::string(field.substr(i + 1, 2)), nullptr, 16));
    i += 2;
  }
  return text;
}

std::string encoded(std::string_view text) {
  std::string field;
  for (const char c : text) {
    char bytes[4] = {c, 0, 0, 0};
    if (c == '%' || c == '\t' || c == '\n' || c == '\r')
      std::snprintf(bytes, sizeof bytes, "%%%02X", static_cast<unsigned>(c));
    field += bytes[0] == 0 ? std::string("%00") : std::string(bytes);
  }
  return field;
}

std::string joined(const Fields& fields) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) line += (i == 0 ? "" : "\t") + encoded(fields[i]);
  return line;
}

std::string with_commas(const Fields& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ",") + text;
  return all;
}

std::string truth(bool value) { return value ? "1" : "0"; }

/// A version's normal form and whether it is a pre-release.
Fields version(const Fields& asked) {
  const auto found = parse_package_version(asked[1]);
  if (!found) return {"-"};
  return {version_text(*found), truth(found->is_prerelease())};
}

Fields compare(const Fields& asked) {
  const auto a = parse_package_version(asked[1]), b = parse_package_version(asked[2]);
  if (!a || !b) return {"-"};
  const int order = compare_versions(*a, *b);
  return {order < 0 ? "<" : order > 0 ? ">" : "="};
}

Fields specifier(const Fields& asked) {
  const auto found = parse_specifier(asked[1]);
  if (!found) return {"-"};
  return {specifier_text(*found), truth(asks_for_prereleases(*found))};
}

Fields allows(const Fields& asked) {
  const auto clauses = parse_specifier(asked[1]);
  const auto found = parse_package_version(asked[2]);
  if (!clauses || !found) return {"-"};
  return {truth(specifier_allows(*clauses, *found))};
}

/// Which of the versions may be chosen.
Fields choose(const Fields& asked) {
  const auto clauses = parse_specifier(asked[1]);
  if (!clauses) return {"-"};
  std::vector<PackageVersion> versions;
  for (std::size_t i = 2; i < asked.size(); ++i)
    versions.push_back(parse_package_version(asked[i]).value());
  Fields chosen;
  for (const std::size_t i : choose_versions(*clauses, versions)) chosen.push_back(asked[i + 2]);
  return {with_commas(chosen)};
}

Fields requirement(const Fields& asked) {
  try {
    const Requirement found = parse_requirement(asked[1]);
    Fields clauses;
    for (const SpecifierClause& clause : found.specifier.clauses)
      clauses.push_back(clause_text(clause));
    std::sort(clauses.begin(), clauses.end());
    return {found.name, with_commas(found.extras), with_commas(clauses), found.url,
            truth(!found.marker.steps.empty())};
  } catch (const venv::Error&) {
    return {"-"};
  }
}

MarkerValues values_from(const Fields& asked, std::size_t begin) {
  MarkerValues values;
  for (std::size_t i = 0; i < std::size(marker_names); ++i)
    values.*marker_names[i].value = asked.at(begin + i);
  return values;
}

/// A marker's truth (or that of a requirement's marker); `?` when it can't be told.
Fields marker(const Fields& asked) {
  Marker found;
  try {
    found = asked[0] == "marker" ? parse_marker(asked[1]) : parse_requirement(asked[1]).marker;
  } catch (const venv::Error&) {
    return {"-"};
  }
  try {
    return {truth(marker_allows(found, values_from(asked, 3), asked[2]))};
  } catch (const venv::Error&) {
    return {"?"};
  }
}

Fields wheel(const Fields& asked) {
  const auto name = parse_wheel_name(asked[1]);
  if (!name) return {"-"};
  Fields tags;
  for (const std::string_view python : split(name->python_tag, '.'))
    for (const std::string_view abi : split(name->abi_tag, '.'))
      for (const std::string_view platform : split(name->platform_tag, '.'))
        tags.push_back(folded(python) + '-' + folded(abi) + '-' + folded(platform));
  std::sort(tags.begin(), tags.end());
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return {normalized_name(name->distribution), version_text(name->parsed_version), name->build,
          with_commas(tags)};
}

TagFacts facts_from(const Fields& asked) {
  TagFacts facts;
  const auto number = [&asked](std::size_t i) { return std::atoi(asked.at(i).c_str()); };
  const auto pair = [&](std::size_t i) { return std::array<int, 2>{number(i), number(i + 1)}; };
  facts.implementation = asked.at(1);
  facts.version = pair(2);
  facts.is_64bit = number(4) != 0;
  facts.free_threaded = number(5) != 0;
  facts.debug = number(6) != 0;
  facts.pymalloc = number(7) != 0;
  facts.extension_suffix = asked.at(8);
  facts.version_nodot = asked.at(9);
  facts.platform = asked.at(10);
  facts.glibc = pair(11);
  facts.musl = pair(13);
  facts.is_manylinux_abi = number(15) != 0;
  facts.mac = pair(16);
  facts.mac_machine = asked.at(18);
  return facts;
}

Fields tags(const Fields& asked) {
  Fields all;
  for (const Tag& tag : supported_tags(facts_from(asked))) all.push_back(tag_text(tag));
  return {with_commas(all)};
}

Fields platforms(const Fields& asked) { return {with_commas(platforms_of(facts_from(asked)))}; }

/// Of wheels (from field 19 on) those that fit, the one to be taken first.
Fields wheels(const Fields& asked) {
  const std::vector<Tag> supported = supported_tags(facts_from(asked));
  std::vector<std::pair<WheelName, std::size_t>> found;
  std::vector<std::pair<std::size_t, std::string>> order;
  for (std::size_t i = 19; i < asked.size(); ++i) {
    auto name = parse_wheel_name(asked[i]);
    const auto rank = name ? tag_rank(*name, supported) : std::nullopt;
    if (!rank) continue;
    order.push_back({found.size(), asked[i]});
    found.push_back({std::move(*name), *rank});
  }
  std::stable_sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
    return is_better_wheel(found[a.first].first, found[a.first].second, found[b.first].first,
                           found[b.first].second);
  });
  Fields names;
  for (const auto& [place, name] : order) names.push_back(name);
  return {with_commas(names)};
}

Fields metadata(const Fields& asked) {
  const Metadata found = parse_metadata(asked[1]);
  Fields fields{found.name, found.version, found.requires_python,
                std::to_string(found.requirements.size())};
  fields.insert(fields.end(), found.requirements.begin(), found.requirements.end());
  fields.insert(fields.end(), found.extras.begin(), found.extras.end());
  return fields;
}

Fields egg(const Fields& asked) {
  Metadata found;
  add_egg_requirements(asked[1], found);
  Fields fields{std::to_string(found.requirements.size())};
  fields.insert(fields.end(), found.requirements.begin(), found.requirements.end());
  fields.insert(fields.end(), found.extras.begin(), found.extras.end());
  return fields;
}

std::optional<std::string> read_whole(const std::string& path) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

RequirementsFile file_at(const std::string& path) {
  const auto read = [](const std::string& file) {
    auto text = read_whole(file);
    if (!text) throw venv::Error(venv::ErrorCode::io, "no file " + file);
    return *text;
  };
  const auto variable = [](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return std::string(value == nullptr ? "" : value);
  };
  return read_requirements(path, {read, variable});
}

/// The lines of a requirements file: kind, text, hashes, file and line.
Fields file(const Fields& asked) {
  try {
    const RequirementsFile found = file_at(asked[1]);
    Fields fields;
    for (const RequiredLine& line : found.lines)
      fields.push_back(joined({line.is_editable ? "editable" : "plain",
                               line.is_constraint ? "constraint" : "requirement", line.text,
                               with_commas(line.hashes), place_text(line.place)}));
    for (const FileOption& option : found.options)
      fields.push_back(joined({"option", option.name, option.value}));
    return fields;
  } catch (const venv::Error& error) {
    return {"-", error.what()};
  }
}

std::vector<venv::Distribution> distributions_in(const std::string& directory) {
  const auto full = [&directory](const std::string& path) {
    return !path.empty() && path[0] == '/' ? path : directory + '/' + path;
  };
  const auto list = [&](const std::string& path) {
    Fields names;
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(full(path), failed))
      names.push_back(entry.path().filename().string());
    return names;
  };
  const auto read = [&](const std::string& path) { return read_whole(full(path)); };
  return read_distributions(directory, {list, read});
}

/// Every distribution of a directory.
Fields distributions(const Fields& asked) {
  Fields fields;
  for (const venv::Distribution& one : distributions_in(asked[1]))
    fields.push_back(
        joined({one.metadata, one.name, one.version, one.installer, truth(one.is_requested),
                truth(one.is_editable), one.direct_url, std::to_string(one.files.size()),
                with_commas(one.extras), one.damage}));
  return fields;
}

/// What is missing of a requirements file (or, without one, of all that is installed).
Fields missing(const Fields& asked) {
  const MarkerValues values = values_from(asked, 3);
  const std::vector<venv::Distribution> installed = distributions_in(asked[1]);
  std::vector<Demand> demands, constraints;
  if (asked[2].empty()) {
    for (const venv::Distribution& one : installed) demands.push_back({one.name, "all"});
  } else {
    for (const RequiredLine& line : file_at(asked[2]).lines)
      (line.is_constraint ? constraints : demands).push_back({line.text, place_text(line.place)});
  }
  constexpr const char* reasons[] = {"absent", "version", "source", "unreadable"};
  Fields fields;
  for (const venv::Missing& one : find_missing(demands, constraints, installed, values))
    fields.push_back(joined({reasons[static_cast<int>(one.reason)], one.requirement,
                             one.required_by, one.name, one.installed}));
  return fields;
}

} // namespace

int main() {
  const std::map<std::string, std::function<Fields(const Fields&)>> answers = {
      {"version", version},
      {"compare", compare},
      {"specifier", specifier},
      {"allows", allows},
      {"choose", choose},
      {"requirement", requirement},
      {"marker", marker},
      {"of", marker},
      {"wheel", wheel},
      {"tags", tags},
      {"platforms", platforms},
      {"wheels", wheels},
      {"metadata", metadata},
      {"egg", egg},
      {"file", file},
      {"missing", missing},
      {"distributions", distributions}};
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) {
    Fields asked;
    for (const std::string_view field : split(line, '\t')) asked.push_back(decoded(field));
    std::cout << joined(answers.at(asked[0])(asked)) << '\n';
  }
}
