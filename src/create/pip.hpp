#pragma once

#include "../api/options.hpp"
#include "../base/number.hpp"
#include "../cache/cache.hpp"
#include "../package/wheel.hpp"
#include "compile.hpp"
#include "distribution.hpp"
#include "installed.hpp"
#include "recorded.hpp"
#include "relocatable.hpp"
#include "session.hpp"
#include "shared_files.hpp"
#include "staging.hpp"
#include "wheel_packing.hpp"
#include "wheels.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// How this pip writes console scripts, by its sources; another pip's way where they don't say.
VENV_INLINE std::string template_by(FunctionRef<std::string(const char*)> source) {
  if (auto text = script_template(source("pip/_internal/operations/install/wheel.py"),
                                  source("pip/_vendor/distlib/scripts.py")))
    return *text;
  return "import sys\n"
         "from %(module)s import %(import_name)s\n"
         "\n"
         "if __name__ == '__main__':\n"
         "    sys.exit(%(func)s())\n";
}

/// Whether a console script can be run and is run by this environment's Python, under any of its names;
/// in a relocatable one, by the one that lies beside it.
VENV_INLINE bool runs_here(const fs::path& script, const Context& context, bool relocatable) {
  const FileStatus status = followed_status_of(script);
  if (status.kind != FileKind::file || !is_readable(script, status) || !is_executable(script))
    return false;
  const std::string text = read_file(script), own = shebang_for(text_of(context.env_exe));
  if (this_os == Os::windows)
    return is_script_program_of(text, relocatable ? relative_interpreter(text, context.env_exe)
                                                  : text_of(context.env_exe));
  if (relocatable) return is_relocatable_program(text);
  if (text.compare(0, own.size(), own) == 0) return true;
  std::string_view interpreter = std::string_view(text).substr(0, text.find('\n'));
  return take_prefix(interpreter, "#!") && path_of(interpreter).parent_path() == context.bin_path &&
         followed_status_of(path_of(interpreter)).kind == FileKind::file;
}

/// Installs wheels as `pip install --upgrade` would, without running pip.
class WheelInstaller {
public:
  WheelInstaller(const Context& context, Session& session)
      : context_(context), session_(session), transaction_(session.transaction()),
        is_relocatable_(is_relocatable(session)) {}

  /// Installs one wheel, unless the same or a newer version is there and works.
  void install(const fs::path& wheel);

private:
  const Installed* newer_one() const;
  std::vector<EntryPoint> scripts_of(const Installed& installed) const;
  std::string source(const std::string& name) const;
  void restore_scripts(const Installed& installed);
  bool is_up_to_date() const;
  std::optional<PackIndex> open_remembered(std::unique_ptr<SourceFile>& pack) const;
  std::optional<PackIndex> stage_remembered(const Staging& staging) const;
  bool share(const SourceFile& pack, const PackIndex& index, const Staging& staging) const;
  void warn_of_copies(const PackIndex& index) const;
  bool compiles() const;
  void take_early(const fs::path& wheel);
  std::unique_ptr<WheelPacking> packed(const fs::path& wheel);
  PackIndex stage_wheel(const fs::path& path, const Staging& staging);
  PackIndex stage_unpacked(const fs::path& path, const Staging& staging) const;
  void compile(PackIndex& index, const Staging& staging) const;
  bool put_remembered();
  void put(PackIndex index, const Staging& staging);

  const Context& context_;
  Session& session_;
  Transaction& transaction_;
  bool is_relocatable_;
  WheelName name_{};
  std::vector<Installed> installed_{};
  std::string key_{}, pack_{};
  std::unique_ptr<WheelPacking> packing_{}; ///< the wheel's own, finished; null before it is needed
};

/// The one that is newer than the wheel and stays, as nothing is downgraded; null where there is
/// none, or none that works: without METADATA nothing takes it for installed.
VENV_INLINE const Installed* WheelInstaller::newer_one() const {
  for (const Installed& one : installed_)
    if (name_.parsed_version < one.version && is_complete(one, true) &&
        followed_status_of(one.dist_info / "METADATA").kind == FileKind::file)
      return &one;
  return nullptr;
}

/// Writes the console scripts that are missing, can't be run or run elsewhere, as this pip itself
/// would: an upgrade that was killed late left none.
VENV_INLINE void WheelInstaller::restore_scripts(const Installed& installed) {
  Rewritten rewritten;
  for (const EntryPoint& entry : scripts_of(installed)) {
    const fs::path script = context_.bin_path / script_file(entry);
    if (runs_here(script, context_, is_relocatable_)) continue;
    const ScriptMaker maker{template_by([this](const char* name) { return source(name); }),
                            launcher_in(context_.lib_path, context_.python), is_relocatable_};
    rewritten[script] = script_text(context_, maker, entry);
    transaction_.write_program(script, rewritten[script]);
  }
  correct_records(context_.lib_path, rewritten, transaction_);
}

/// The text of a file in site-packages; empty where there is none.
VENV_INLINE std::string WheelInstaller::source(const std::string& name) const {
  const fs::path path = context_.lib_path / path_of(name);
  return followed_status_of(path).kind == FileKind::file ? read_file(path) : std::string();
}

/// The console scripts that an installed distribution has for this Python.
VENV_INLINE std::vector<EntryPoint> WheelInstaller::scripts_of(const Installed& installed) const {
  const std::string name = text_of(installed.dist_info.filename()) + "/entry_points.txt";
  return scripts_for(context_.python, parse_entry_points(source(name)).console);
}

/// Whether what is installed is the wheel's version, whole, and its scripts run here.
VENV_INLINE bool WheelInstaller::is_up_to_date() const {
  if (installed_.size() != 1 || installed_[0].version < name_.parsed_version) return false;
  if (!is_complete(installed_[0])) return false;
  const std::vector<EntryPoint> scripts = scripts_of(installed_[0]);
  return std::all_of(scripts.begin(), scripts.end(), [this](const EntryPoint& entry) {
    return runs_here(context_.bin_path / script_file(entry), context_, is_relocatable_);
  });
}

/// The index of a pack, or nothing where it can't be read.
VENV_INLINE std::optional<PackIndex> read_index(const SourceFile& pack) {
  std::string buffer;
  const auto read = [&](std::size_t offset, std::size_t size) {
    return pack.read_at(offset, size, buffer);
  };
  try {
    return parse_pack(number_as<std::size_t>(pack.size()), read);
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// Opens what is remembered of the distribution; nothing where there is none, or none with all that is
/// asked for.
VENV_INLINE std::optional<PackIndex>
WheelInstaller::open_remembered(std::unique_ptr<SourceFile>& pack) const {
  pack = session_.cache.open(pack_);
  auto index = pack ? read_index(*pack) : std::nullopt;
  if (!index || index->key != key_) return std::nullopt;
  const bool compiled = std::any_of(index->files.begin(), index->files.end(),
                                    [](const PackFile& file) { return file.bytecode; });
  if (session_.options.compile_bytecode && !compiled && !context_.python.cache_tag.empty())
    return std::nullopt;
  return index;
}

/// Stages a remembered distribution, or nothing where there is none, or none that is whole.
VENV_INLINE std::optional<PackIndex>
WheelInstaller::stage_remembered(const Staging& staging) const {
  std::unique_ptr<SourceFile> pack;
  auto index = open_remembered(pack);
  if (!index) return std::nullopt;
  const std::size_t header_size = bytecode_header_size(context_.python);
  if (unpack_pack(*pack, *index, header_size, session_.options.compile_bytecode, staging))
    return index;
  session_.cache.forget(pack_);
  return std::nullopt;
}

/// Stages a remembered distribution by links or clones (see `share_pack`).
VENV_INLINE bool WheelInstaller::share(const SourceFile& pack, const PackIndex& index,
                                       const Staging& staging) const {
  const SharePlan plan{context_.env_dir, key_, session_.options.link_mode,
                       session_.options.compile_bytecode, bytecode_header_size(context_.python)};
  return share_pack(session_.cache, pack, index, plan, staging.path());
}

VENV_INLINE void WheelInstaller::warn_of_copies(const PackIndex& index) const {
  session_.warn(WarningCode::not_shared, copies_instead(index));
}

VENV_INLINE bool WheelInstaller::compiles() const {
  return session_.options.compile_bytecode && !context_.python.cache_tag.empty();
}

/// Takes over what was begun of this wheel while the interpreter was asked.
VENV_INLINE void WheelInstaller::take_early(const fs::path& wheel) {
  packing_.reset();
  if (!session_.early || !session_.early->is_of(wheel)) return;
  std::unique_ptr<WheelPacking> early = std::move(session_.early);
  try {
    early->finish();
    packing_ = std::move(early);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::bad_archive) throw;
  }
}

/// The wheel, packed, with the bytecode that the base Python has of it; null when nothing can be written to
/// the cache.
VENV_INLINE std::unique_ptr<WheelPacking> WheelInstaller::packed(const fs::path& wheel) {
  std::unique_ptr<WheelPacking> packing = std::move(packing_);
  if (!packing)
    if (auto file = session_.cache.begin(name_.distribution))
      packing = std::make_unique<WheelPacking>(wheel, std::move(file));
  if (!packing) return nullptr;
  try {
    packing->finish();
    if (compiles()) packing->take_bytecode(context_.python);
    return packing;
  } catch (const Error& error) {
    if (error.code() == ErrorCode::bad_archive) throw;
    return nullptr; // a full disk, say
  }
}

/// Stages a wheel and remembers it.
VENV_INLINE PackIndex WheelInstaller::stage_wheel(const fs::path& path, const Staging& staging) {
  const std::unique_ptr<WheelPacking> packing = packed(path);
  if (!packing) return stage_unpacked(path, staging);
  PackIndex& index = packing->index();
  index.key = key_;
  index.script_template = template_by([&](const char* source) { return packing->source(source); });
  const std::size_t header_size = bytecode_header_size(context_.python);
  if (!unpack_pack(packing->pack(), index, header_size, compiles(), staging))
    throw Error(ErrorCode::io, "what was packed of " + quoted(path) + " has changed").on(path);
  if (compiles()) compile(index, staging);
  packing->keep(pack_, staging, session_.cache);
  return std::move(index);
}

/// Stages a wheel that can't be remembered.
VENV_INLINE PackIndex WheelInstaller::stage_unpacked(const fs::path& path,
                                                     const Staging& staging) const {
  const MappedFile bytes(path);
  const Wheel wheel(bytes.bytes(), text_of(path.filename()));
  PackIndex index = index_of(wheel);
  index.script_template = template_by([&wheel](const char* source) {
    const WheelFile* file = wheel.find(source);
    return file ? read_verified(*file) : std::string();
  });
  unpack_wheel(wheel, index, staging);
  if (!compiles()) return index;
  take_bytecode(context_.python, index, staging);
  compile(index, staging);
  return index;
}

/// Compiles the staged modules of which the base Python has no bytecode.
VENV_INLINE void WheelInstaller::compile(PackIndex& index, const Staging& staging) const {
  const std::vector<PackFile> modules = modules_to_compile(index, context_.python);
  if (modules.empty()) return;
  session_.say(Report::progress, "compiling " + index.distribution);
  ProbeOptions compiling = probe_options(session_.options, session_.stop);
  compiling.timeout = {};
  // The pack's key was made by this process's own, whatever variables a caller has for children.
  compiling.variables.push_back({"SOURCE_DATE_EPOCH", variable("SOURCE_DATE_EPOCH")});
  compile_modules(modules, context_.python, index, staging, compiling);
}

VENV_INLINE void WheelInstaller::put(PackIndex index, const Staging& staging) {
  for (const Installed& old : installed_) remove_installed(old, transaction_);
  const bool compile = session_.options.compile_bytecode;
  const bool is_pip = normalized_name(index.distribution) == "pip";
  const std::string launcher =
      index.scripts.empty()
          ? std::string()
          : launcher_in(is_pip ? staging.path() : context_.lib_path, context_.python);
  const ScriptMaker maker{index.script_template, launcher, is_relocatable_};
  const Installation installation = installation_of(context_, std::move(index), maker, compile);
  if (installed_.empty())
    remove_unclaimed(context_.lib_path, names_in(staging.path()), transaction_);
  put_in_place(installation, context_, staging, transaction_);
}

/// An error about what is put together elsewhere, told of the place where it is to go.
VENV_INLINE Error told_in_place(const Error& error, const fs::path& site_packages) {
  const fs::path inner = error.path().lexically_relative(site_packages);
  if (inner.empty() || !is_left_over(text_of(*inner.begin())) || !error.system_error())
    return error;
  fs::path place = site_packages;
  for (auto part = std::next(inner.begin()); part != inner.end(); ++part) place /= *part;
  return io_error(error.step(), place, error.system_error());
}

VENV_INLINE void WheelInstaller::install(const fs::path& wheel) try {
  name_ = *parse_wheel_name(text_of(wheel.filename())); // not null: it was found by its name
  installed_ = find_installed(context_.lib_path, normalized_name(name_.distribution));
  if (const Installed* newer = newer_one()) return restore_scripts(*newer);
  if (is_up_to_date()) return;
  take_early(wheel);
  key_ = pack_key(wheel_digest(wheel, packing_.get(), session_.cache), context_.python);
  pack_ = cache_name(name_.distribution + '-' + name_.version, key_);
  if (put_remembered()) return;
  DirectoryLock making =
      session_.cache.lock(pack_, session_.stop); // one compiles, the others wait for its pack
  if (!put_remembered()) {
    const Staging staging(context_.lib_path);
    PackIndex index = stage_wheel(wheel, staging);
    session_.cache.unlock(pack_, making);
    const bool shares = session_.options.link_mode != LinkMode::copy;
    if (shares && put_remembered()) return;
    if (shares) warn_of_copies(index);
    put(std::move(index), staging);
  }
} catch (const Error& error) {
  throw told_in_place(error, context_.lib_path);
}

/// Puts what is remembered in place; whether there was something.
VENV_INLINE bool WheelInstaller::put_remembered() {
  if (session_.options.link_mode != LinkMode::copy) {
    const Staging staging(context_.lib_path);
    std::unique_ptr<SourceFile> pack;
    auto index = open_remembered(pack);
    if (!index) return false;
    if (share(*pack, *index, staging)) {
      put(std::move(*index), staging);
      return true;
    }
    warn_of_copies(*index);
  }
  const Staging staging(context_.lib_path);
  auto index = stage_remembered(staging);
  if (index) put(std::move(*index), staging);
  return index.has_value();
}

VENV_DETAIL_END
