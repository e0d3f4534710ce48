#pragma once

#include "../api/command_line.hpp"
#include "../api/embedding.hpp"
#include "../api/environment.hpp"
#include "../create/state.hpp"
#include "../system/path.hpp"
#include "../text/utf8.hpp"
#include "../use/distributions.hpp"
#include "../use/embed.hpp"
#include "../use/environment.hpp"
#include "../use/missing.hpp"
#include "json.hpp"
#include "output.hpp"

#include <cstdint>
#include <string>
#include <vector>

VENV_DETAIL_BEGIN

/// An environment as its files tell it, and where its base Python is; empty where that is gone.
struct Described {
  Environment environment;
  Context context{};
  fs::path base{};
  Embedding embedding{}; ///< empty where the base can't be asked
  std::vector<Distribution> distributions{};
};

VENV_INLINE Described describe(const fs::path& place, const Options& options) {
  Described described{Environment::open(place)};
  const Environment& environment = described.environment;
  described.context = context_of(environment.directory(), read_state(environment.directory()).cfg);
  for (const fs::path& program : base_candidates(described.context))
    if (described.base.empty() && is_program(program)) described.base = program;
  try {
    described.embedding = environment.embed(options);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::interrupted) throw;
  }
  described.distributions =
      distributions_of(described.context, environment.has_system_site_packages(), false);
  return described;
}

VENV_INLINE std::string json_of(const Distribution& one) {
  return JsonObject()
      .add("name", json_string_or_null(one.name))
      .add("version", json_string_or_null(one.version))
      .add("directory", json_string(text_of(one.directory)))
      .add("installer", json_string_or_null(one.installer))
      .add("requested", json_bool(one.is_requested))
      .add("editable", json_bool(one.is_editable))
      .add("direct_url", json_string_or_null(one.direct_url))
      .add("damage", json_string_or_null(one.damage))
      .text();
}

VENV_INLINE std::string json_of(const Described& described) {
  const Environment& environment = described.environment;
  std::vector<std::string> distributions;
  for (const Distribution& one : described.distributions) distributions.push_back(json_of(one));
  return JsonObject()
             .add("directory", json_string(text_of(environment.directory())))
             .add("python", json_string(text_of(environment.python())))
             .add("version", json_string(environment.version().text()))
             .add("implementation", json_string(environment.implementation().name()))
             .add("scripts", json_string(text_of(environment.scripts())))
             .add("site_packages", json_string(text_of(environment.site_packages())))
             .add("platlib", json_string(text_of(environment.platlib())))
             .add("prompt", json_string(environment.prompt()))
             .add("owner", json_string_or_null(environment.owner()))
             .add("system_site_packages", json_bool(environment.has_system_site_packages()))
             .add("relocatable", json_bool(environment.is_relocatable()))
             .add("home", json_string(text_of(described.context.python_dir)))
             .add("base", json_string_or_null(text_of(described.base)))
             .add("libpython", json_string_or_null(text_of(described.embedding.library)))
             .add("include", json_string_or_null(text_of(described.embedding.include_dir)))
             .add("extension_suffix", json_string_or_null(described.embedding.extension_suffix))
             .add("size", std::to_string(environment.size()))
             .add("distributions", json_list(distributions))
             .text() +
         '\n';
}

VENV_INLINE std::string text_of(const Described& described) {
  const Environment& environment = described.environment;
  std::string text;
  const auto add = [&text](std::string name, const std::string& value) {
    name.resize(15, ' ');
    text += name + printable(value) + '\n';
  };
  add("directory", text_of(environment.directory()));
  add("python", text_of(environment.python()));
  add("version", environment.version().text() + " (" + environment.implementation().name() + ')');
  add("scripts", text_of(environment.scripts()));
  add("site-packages", text_of(environment.site_packages()));
  if (environment.platlib() != environment.site_packages())
    add("platlib", text_of(environment.platlib()));
  add("prompt", environment.prompt());
  if (!environment.owner().empty()) add("owner", environment.owner());
  if (environment.has_system_site_packages()) add("sees", "the packages of its base");
  if (environment.is_relocatable()) add("relocatable", "it can be moved");
  const std::string home = text_of(described.context.python_dir);
  add("base", described.base.empty() ? "gone from " + home : text_of(described.base));
  const Embedding& embedding = described.embedding;
  if (!embedding.library.empty()) add("libpython", text_of(embedding.library));
  if (!embedding.include_dir.empty()) add("include", text_of(embedding.include_dir));
  const std::uint64_t size = environment.size();
  add("size", std::to_string(size) + " bytes");
  for (const Distribution& one : described.distributions)
    add("installed", one.damage.empty()
                         ? one.name + ' ' + one.version
                         : text_of(one.directory / path_of(one.metadata)) + ' ' + one.damage);
  return text;
}

VENV_INLINE int describe_environment(const CommandLine& line) {
  const Described described = describe(path_of(line.env_dirs.front()), line.options);
  return print_result(line.json ? json_of(described) : text_of(described));
}

VENV_DETAIL_END
