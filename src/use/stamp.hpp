#pragma once

#include "../api/check.hpp"
#include "../archive/sha256.hpp"
#include "../base/fields.hpp"
#include "../cache/answer.hpp"
#include "../cache/cache.hpp"
#include "../create/step.hpp"
#include "../system/file.hpp"
#include "../system/new_file.hpp"
#include "../system/status.hpp"
#include "../system/tree.hpp"
#include "distributions.hpp"
#include "missing.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

VENV_DETAIL_BEGIN

// What an environment was when it was as it should be: what was asked for, and the identity of each file
// that this depends on.

inline constexpr char stamp_name[] = ".venv.hpp-ensured";

/// All that is asked for, as one text. Paths are absolute: who calls from elsewhere asks for the same.
VENV_INLINE std::string key_of(const EnsureOptions& options) {
  FieldWriter key;
  for (const bool flag :
       {options.with_pip, options.system_site_packages, options.requirements.offline,
        options.requirements.require_hashes, options.requirements.only_binary,
        options.when_changed == RequirementsChange::recreate, options.reinstall,
        options.relocatable, options.prompt.has_value()})
    key.number(flag);
  key.text(options.prompt.value_or(""));
  key.text(options.owner);
  key.text(options.python);
  key.text(options.requirements.index);
  const auto add = [&key](const std::vector<std::string>& texts) {
    key.number(texts.size());
    for (const std::string& text : texts) key.text(text);
  };
  add(options.requirements.packages);
  add(options.requirements.pip_arguments);
  for (const auto* paths : {&options.requirements.files, &options.requirements.constraints,
                            &options.requirements.wheel_dirs}) {
    key.number(paths->size());
    for (const fs::path& path : *paths) key.text(text_of(absolute_path(path)));
  }
  return key.bytes();
}

/// What tells whether what lies at a path, and what a link there leads to, is what it was.
VENV_INLINE std::string identity_at(const fs::path& path) {
  const FileStatus status = status_of(path);
  const std::string identity = identity_of(status);
  return status.kind == FileKind::link ? identity + identity_of(followed_status_of(path))
                                       : identity;
}

/// The paths that say whether an environment is still what it was.
VENV_INLINE std::vector<fs::path> watched_paths(const Context& context, bool with_base,
                                                const Demands& demands) {
  std::vector<fs::path> paths{context.cfg_path, context.env_dir / "lib64", context.python_dir};
  std::vector<fs::path> directories{context.bin_path, context.lib_path};
  if (context.platlib_path != context.lib_path) directories.push_back(context.platlib_path);
  for (const fs::path& directory : directories) {
    paths.push_back(directory);
    for (const fs::path& name : names_in_if_readable(directory)) paths.push_back(directory / name);
  }
  if (with_base)
    for (const fs::path& directory : base_package_directories(context)) paths.push_back(directory);
  const fs::path library = fs::path("lib") / context.lib_path.parent_path().filename() / "os.py";
  const fs::path landmark = nearest_with(context.python_dir, library);
  if (!landmark.empty()) paths.push_back(landmark);
  for (const fs::path& file : demands.files) paths.push_back(file);
  return paths;
}

/// The requirements themselves, whatever file they stand in.
VENV_INLINE std::string digest_of(const Demands& demands) {
  FieldWriter text;
  for (const auto* list : {&demands.required, &demands.constraints}) {
    text.number(list->size());
    for (const Demand& demand : *list) text.text(demand.requirement);
  }
  for (const RequiredLine& line : demands.places) text.text(line.text);
  return record_hash(text.bytes());
}

/// What is known of an environment that was as it should be: the key, then the digest of what was
/// required, then paths, each with its identity. Nothing when there is none.
VENV_INLINE std::optional<Answer> stamp_in(const fs::path& env_dir) {
  const auto text = try_read_file(env_dir / stamp_name);
  auto stamp = text ? parse_answer(*text) : std::nullopt;
  if (stamp && stamp->fields.size() % 2 != 1) stamp.reset();
  return stamp;
}

/// Whether the environment is what it was when `key` was asked for and it was so.
VENV_INLINE bool is_as_stamped(const fs::path& env_dir, const std::string& key) {
  const auto stamp = stamp_in(env_dir);
  if (!stamp || stamp->identity != key) return false;
  const bool is_copied = // then the paths are the other one's
      stamp->fields.size() < 3 || identity_at(env_dir / "pyvenv.cfg") != stamp->fields[2];
  if (is_copied) return false;
  for (std::size_t i = 1; i + 1 < stamp->fields.size(); i += 2)
    if (identity_at(path_of(stamp->fields[i])) != stamp->fields[i + 1]) return false;
  return true;
}

/// Notes that it is as it should be; of one that changes with what nobody watches, or that is not finished
/// (what was replaced is still there), nothing.
VENV_INLINE void write_stamp(const Context& context, bool with_base, const EnsureOptions& options,
                             const Demands& demands) {
  const fs::path place = context.env_dir / stamp_name;
  const bool is_unfinished = status_of(context.env_dir / journal_name).kind != FileKind::missing;
  if (demands.has_variables || is_unfinished) return void(try_remove_file(place));
  Answer answer{key_of(options), {digest_of(demands)}};
  for (const fs::path& path : watched_paths(context, with_base, demands)) {
    answer.fields.push_back(text_of(path));
    answer.fields.push_back(identity_at(path));
  }
  sweep(context.env_dir); // of one that was killed here
  write_file(place, format_answer(answer));
}

VENV_DETAIL_END
