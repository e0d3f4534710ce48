#pragma once

#include "../base/order.hpp"
#include "../cache/cache.hpp"
#include "../package/record.hpp"
#include "../system/file.hpp"
#include "../system/lock.hpp"
#include "../system/tree.hpp"
#include "../system/workers.hpp"
#include "installed.hpp"
#include "lay_out.hpp"
#include "removal.hpp"
#include "transaction.hpp"
#include "wheel_scripts.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// Puts wheels that are put together elsewhere in their places.
class WheelPlacer {
public:
  explicit WheelPlacer(const LayOutTools& tools) : tools_(tools) {}

  /// One wheel, the metadata last: until then no tool takes it for installed.
  void put(StagedWheel& wheel) {
    const auto scripts = scripts_of(wheel, tools_);
    add_metadata(wheel, scripts, tools_.context);
    title_ = wheel.title;
    claims_.clear();
    const fs::path env_dir = tools_.context.env_dir;
    tools_.transaction.make_directories(env_dir / path_of(wheel.library));
    metadata_ = wheel.root / path_of(wheel.metadata_place());
    for (const fs::path& name : names_in(wheel.root)) merge(wheel.root / name, env_dir / name);
    for (const auto& [name, text] : scripts) {
      const fs::path path = tools_.context.bin_path / path_of(name);
      if (known_status_of(path).kind != FileKind::missing) tell_of_collision(path);
      tools_.transaction.write_program(path, text);
    }
    merge(std::exchange(metadata_, {}), env_dir / path_of(wheel.metadata_place()));
  }

private:
  /// Moves `from` to `to`; into it, entry by entry, where both are directories.
  void merge(const fs::path& from, const fs::path& to) {
    if (from == metadata_) return;
    const FileKind kind = known_status_of(from).kind, there = known_status_of(to).kind;
    if (there == FileKind::missing) return tools_.transaction.place(from, to);
    if (kind == FileKind::directory) {
      refuse_no_directory(to, there);
      for (const fs::path& name : names_in(from)) merge(from / name, to / name);
      return;
    }
    refuse_directory(to, known_status_of(to));
    tell_of_collision(to);
    tools_.transaction.place(from, to);
  }
  /// A link to a directory of the environment is one: `lib64`.
  void refuse_no_directory(const fs::path& path, FileKind kind) const {
    if (kind == FileKind::directory) return;
    const auto real = resolved(path), env = resolved(tools_.context.env_dir);
    if (kind == FileKind::link && real && env && lies_below(*real, *env) &&
        known_status_of(*real).kind == FileKind::directory)
      return;
    throw Error(ErrorCode::io, "cannot install " + title_ + ": " + quoted(path) +
                                   (kind == FileKind::link ? " is a link out of the environment"
                                                           : " is no directory"))
        .at("install packages")
        .on(path);
  }
  /// As pip does, the later one has its way; who is asked for both should know.
  void tell_of_collision(const fs::path& path) {
    if (claims_.empty()) read_claims();
    const std::string wanted = text_of(path);
    const auto found = std::lower_bound(
        claims_.begin(), claims_.end(), wanted,
        [](const auto& claim, const std::string& text) { return claim.first < text; });
    if (found != claims_.end() && found->first == wanted)
      tools_.tell(warning_event(WarningCode::shared_file, title_ + " replaces " + quoted(path) +
                                                              ", which " + found->second +
                                                              " has installed, too"));
  }
  /// Whose the files in the environment are.
  void read_claims() {
    const fs::path library = tools_.context.lib_path;
    for (const fs::path& name : names_in_if_readable(library)) {
      if (!is_dist_info(text_of(name))) continue;
      try {
        for (const RecordRow& row : parse_record(read_file(library / name / "RECORD")))
          claims_.push_back(
              {text_of(normal_path(library / path_of(row.path))), text_of(name.stem())});
      } catch (const Error&) {
        // Nobody knows what belongs to it.
      }
    }
    sort_by(claims_, [](const auto& a, const auto& b) { return a.first < b.first; });
    if (claims_.empty()) claims_.push_back({});
  }

  const LayOutTools& tools_;
  std::string title_{};
  fs::path metadata_{}; ///< of the wheel that is put in place, while it is left for the end
  std::vector<std::pair<std::string, std::string>> claims_{}; ///< path and distribution, sorted
};

/// An error about what is put together in `scratch`, told of the place where it is to go.
VENV_INLINE Error told_of_place(const Error& error, const fs::path& scratch,
                                const fs::path& env_dir) {
  const fs::path inner = error.path().lexically_relative(scratch);
  if (inner.empty() || *inner.begin() == ".." || !error.system_error()) return error;
  fs::path place = env_dir;
  for (auto part = std::next(inner.begin()); part != inner.end(); ++part) place /= *part;
  return io_error(error.step(), place, error.system_error());
}

/// Puts wheels together, each in a directory of its own in `scratch`: from what is remembered of it, or
/// from its file.
class WheelStager {
public:
  WheelStager(const LayOutTools& tools, const fs::path& scratch)
      : tools_(tools), scratch_(scratch), cache_(tools.options) {}

  std::vector<StagedWheel> stage(const std::vector<ChosenWheel>& wheels) {
    std::vector<std::optional<StagedWheel>> staged(wheels.size());
    const std::vector<WheelPackName> packs = stage_all_remembered(wheels, staged);
    std::size_t number = 0;
    const auto tell = [&](std::size_t i) {
      const WheelName name = *parse_wheel_name(text_of(wheels[i].path.filename()));
      tools_.tell(package_event(name.distribution + ' ' + name.version, ++number, wheels.size()));
    };
    for (std::size_t i = 0; i < wheels.size(); ++i)
      if (staged[i]) tell(i);
    // All processes lock in the same order: none waits for one that waits for it.
    for (const std::size_t i : order_of(wheels.size(), [&packs](std::size_t a, std::size_t b) {
           return packs[a].name < packs[b].name;
         })) {
      tools_.stop.throw_if_made();
      if (staged[i]) continue;
      tell(i);
      if (!packs[i].name.empty()) {
        making_.push_back({packs[i].name, cache_.lock(packs[i].name, tools_.stop)});
        staged[i] = stage_remembered(wheels[i], packs[i], root_of(i)); // another process was faster
      }
      if (!staged[i]) staged[i] = stage_chosen(wheels[i], packs[i], root_of(i), tools_);
    }
    std::vector<StagedWheel> all;
    for (std::optional<StagedWheel>& wheel : staged) {
      if (!wheel->warning.empty())
        tools_.tell(warning_event(WarningCode::not_shared, wheel->warning));
      all.push_back(std::move(*wheel));
    }
    return all;
  }
  /// What was put together from wheels' files, now that it is compiled.
  void remember(const std::vector<StagedWheel>& wheels) {
    for (const StagedWheel& wheel : wheels) remember_wheel(wheel, cache_);
    for (auto& [name, lock] : making_) cache_.unlock(name, lock);
    making_.clear();
  }

private:
  fs::path root_of(std::size_t i) const { return scratch_ / std::to_string(i); }

  /// Puts together what is remembered, several wheels at once, large ones first; gives what each is
  /// remembered by.
  std::vector<WheelPackName>
  stage_all_remembered(const std::vector<ChosenWheel>& wheels,
                       std::vector<std::optional<StagedWheel>>& staged) const {
    std::vector<WheelPackName> packs(wheels.size());
    std::vector<std::uint64_t> sizes;
    for (const ChosenWheel& wheel : wheels) sizes.push_back(followed_status_of(wheel.path).size);
    const auto order = order_of(
        wheels.size(), [&sizes](std::size_t a, std::size_t b) { return sizes[a] > sizes[b]; });
    const auto stage_one = [&](std::size_t k) {
      const std::size_t i = order[k];
      if (tools_.stop.is_made()) return; // the caller throws
      packs[i] = pack_name_of(wheels[i].path, tools_.context.python, cache_);
      staged[i] = stage_remembered(wheels[i], packs[i], root_of(i));
    };
    in_parallel(wheels.size(), processors(), stage_one, tools_.stop);
    return packs;
  }
  std::optional<StagedWheel> stage_remembered(const ChosenWheel& wheel, const WheelPackName& pack,
                                              const fs::path& root) const {
    const auto packed = find_packed(pack, wheel.path, tools_.options.compile_bytecode, cache_);
    if (!packed) return std::nullopt;
    if (!wheel.sha256.empty() && sha256_of(wheel.path) != wheel.sha256) return std::nullopt;
    auto staged = stage_packed(wheel, *packed, root, cache_, tools_);
    if (staged) return staged;
    cache_.forget(pack.name);
    if (status_of(root).kind != FileKind::missing) remove_tree(root);
    return std::nullopt;
  }

  const LayOutTools& tools_;
  fs::path scratch_;
  Cache cache_;
  std::vector<std::pair<std::string, DirectoryLock>> making_{};
};

/// Installs wheels as `pip install --no-deps` would, without running it, after `removals`. All is put
/// together and compiled before the first change, and each change can be taken back.
VENV_INLINE void install_wheels(const std::vector<ChosenWheel>& wheels,
                                const std::vector<Removal>& removals, const LayOutTools& tools) {
  const fs::path scratch = tools.transaction.make_scratch();
  try {
    WheelStager stager(tools, scratch);
    std::vector<StagedWheel> staged = stager.stage(wheels);
    if (tools.options.compile_bytecode) compile_staged(staged, scratch, tools);
    stager.remember(staged);
    for (const Removal& removal : removals) remove_distribution(removal, tools.transaction);
    WheelPlacer placer(tools);
    for (StagedWheel& wheel : staged) placer.put(wheel);
  } catch (const Error& error) {
    throw told_of_place(error, scratch, tools.context.env_dir);
  }
}

VENV_DETAIL_END
