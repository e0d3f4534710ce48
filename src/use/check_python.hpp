#pragma once

#include "../create/interpreter_windows.hpp"
#include "../create/journal.hpp"
#include "../package/specifier.hpp"
#include "../python/home.hpp"
#include "../python/rejections.hpp"
#include "../python/request.hpp"
#include "../python/version_in_file.hpp"
#include "../system/file.hpp"
#include "../system/variables.hpp"
#include "../text/utf8.hpp"
#include "problems.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

VENV_DETAIL_BEGIN

/// The names that an environment's Python always has.
VENV_INLINE std::vector<std::string> needed_names(const Context& context) {
  if (this_os == Os::windows) return {"python.exe"};
  std::vector<std::string> names{"python", "python3"};
  const Version& version = context.python.version;
  if (context.python.implementation == "cpython" && version >= Version(3, 9))
    names.push_back("python" + version.minor_text());
  if (context.python.implementation == "pypy") names.push_back("pypy3");
  return names;
}

/// Whether a file begins as a program does that the system can run.
VENV_INLINE bool begins_as_program(const fs::path& path) {
  try {
    const std::string start = read_start(path, 4);
    for (const std::string_view magic : {"\x7F"
                                         "ELF",
                                         "\xCF\xFA\xED\xFE", "\xCA\xFE\xBA\xBE", "MZ"})
      if (start.substr(0, magic.size()) == magic) return true;
    return start.substr(0, 2) == "#!";
  } catch (const Error&) {
    return false;
  }
}

/// Looks at one name of the interpreter; the file that it leads to, or empty when that can't be run.
VENV_INLINE fs::path check_name(Checkup& checkup, const fs::path& path) {
  const FileKind kind = status_of(path).kind, end = followed_status_of(path).kind;
  const auto broken = [&](ProblemCode code, const std::string& what) {
    checkup.add(code, ProblemLevel::broken, path, what);
    return fs::path();
  };
  if (kind == FileKind::missing)
    return broken(ProblemCode::interpreter_missing, quoted(path) + " is missing");
  if (kind == FileKind::link && end == FileKind::missing)
    return broken(ProblemCode::interpreter_gone, quoted(path) + " is a link to nothing: " +
                                                     quoted(link_target(path)) + " is gone");
  if (end != FileKind::file)
    return broken(ProblemCode::interpreter_damaged, quoted(path) + " is no program");
  if (!is_executable(path))
    return broken(ProblemCode::interpreter_damaged, quoted(path) + " can't be executed");
  if (!begins_as_program(path))
    return broken(ProblemCode::interpreter_damaged, quoted(path) + " is no program");
  return resolved(path).value_or(path);
}

VENV_INLINE bool has_equal_bytes(const fs::path& a, const fs::path& b) {
  try {
    return MappedFile(a).bytes() == MappedFile(b).bytes();
  } catch (const Error&) {
    return false;
  }
}

/// Compares a copied interpreter with the file that it is a copy of, if that is known and is of the
/// same release.
VENV_INLINE void check_copy(Checkup& checkup, const fs::path& path, const fs::path& original) {
  if (this_os == Os::windows) return; // see check_windows_copies
  if (original.empty() || followed_status_of(original).kind != FileKind::file) return;
  if (has_equal_bytes(path, original)) return;
  const Version& minor = checkup.context.python.version;
  const auto copied = version_in_program(path, minor), now = version_in_program(original, minor);
  if (copied && now && *copied != *now)
    checkup.add(ProblemCode::base_upgraded, ProblemLevel::broken, path,
                quoted(path) + " is a copy of Python " + *copied + ", and its base is " + *now +
                    " now");
  else
    checkup.add(ProblemCode::interpreter_damaged, ProblemLevel::broken, path,
                quoted(path) + " is not the same as " + quoted(original) +
                    ", of which it is a copy");
}

/// The program that the configuration names as the base; empty when it names none that is there.
VENV_INLINE fs::path named_base(const Checkup& checkup) {
  const auto named = value_of(checkup.state.cfg, "executable");
  if (named && followed_status_of(path_of(*named)).kind == FileKind::file) return path_of(*named);
  for (const std::string& name : needed_names(checkup.context)) {
    const fs::path program = checkup.context.python_dir / path_of(name);
    if (is_program(program)) return program;
  }
  return {};
}

/// Looks at the interpreter under all its names: they have to lead to one file, or be copies of one.
VENV_INLINE void check_names(Checkup& checkup) {
  const fs::path bin = checkup.context.bin_path;
  const fs::path original = named_base(checkup);
  fs::path first;
  for (const std::string& name : needed_names(checkup.context)) {
    const fs::path path = bin / path_of(name);
    const fs::path real = check_name(checkup, path);
    if (real.empty() || begins_with_shebang(real)) continue; // a wrapper is the user's own
    const auto real_env = resolved(checkup.env_dir);
    const bool is_copy = real_env && is_within(real, *real_env);
    if (is_copy) check_copy(checkup, path, original);
    if (first.empty()) {
      first = real;
      checkup.real_python = is_copy ? resolved(original).value_or(real) : real;
    } else if (!is_copy && !is_same_file(first, real) &&
               !is_within(first, real_env.value_or(checkup.env_dir))) {
      checkup.add(ProblemCode::other_version, ProblemLevel::broken, path,
                  quoted(path) + " leads to " + quoted(real) + ", and python to " + quoted(first));
    }
  }
  if (!checkup.real_python.empty())
    checkup.real_version = version_of_file(checkup.real_python, checkup.context.python.version);
  const std::vector<std::string> needed = needed_names(checkup.context);
  for (const ScriptsEntry& entry : checkup.state.scripts)
    if (entry.kind == FileKind::link && entry.leads_to == FileKind::missing &&
        is_interpreter_name(entry.name) &&
        std::find(needed.begin(), needed.end(), entry.name) == needed.end())
      checkup.add(ProblemCode::interpreter_gone, ProblemLevel::change, bin / path_of(entry.name),
                  quoted(bin / path_of(entry.name)) + " is a link to nothing: '" +
                      printable(entry.target) + "' is gone");
}

/// Compares the base's own program, where that was copied with its libraries, with the base. A launcher,
/// and a link, need nothing beside them.
VENV_INLINE void check_windows_copies(Checkup& checkup) {
  const Context& context = checkup.context;
  const LayoutKey key = layout_key(context.python);
  const WindowsBase base = windows_base_of(context);
  const WindowsCopies copies = plan_windows_copies(key, base);
  // Packages bring libraries of Microsoft's too: only one of Python's own says that it was copied.
  const auto is_copied = [&](const Row& row) {
    const fs::path path = context.env_dir / path_of(row.to);
    return folded(text_of(path.filename())).rfind("python", 0) == 0 &&
           status_of(path).kind == FileKind::file;
  };
  const std::vector<Row> libraries = windows_libraries(RowKind::copy, base, layout_of(key).bin);
  if (copies.are_launchers || std::none_of(libraries.begin(), libraries.end(), is_copied)) return;
  for (const Row& row : copies.rows) {
    const fs::path path = (context.env_dir / path_of(row.to)).make_preferred();
    const FileKind kind = status_of(path).kind;
    if (kind == FileKind::missing && path.filename() != context.env_exe.filename())
      checkup.add(ProblemCode::interpreter_missing, ProblemLevel::broken, path,
                  quoted(path) + " is missing");
    else if (kind == FileKind::file && !has_equal_bytes(path, path_of(row.from)))
      checkup.add(ProblemCode::interpreter_damaged, ProblemLevel::broken, path,
                  quoted(path) + " is not the same as " + quoted(path_of(row.from)) +
                      ", of which it is a copy");
  }
}

/// Looks at `home`: Python looks for its standard library from there.
VENV_INLINE void check_home(Checkup& checkup) {
  const fs::path cfg = checkup.context.cfg_path;
  const auto wrong = [&](ProblemLevel level, const std::string& what) {
    checkup.add(ProblemCode::configuration_wrong, level, cfg, quoted(cfg) + ' ' + what);
  };
  const auto home = home_of(checkup.state.cfg);
  if (!home || home->empty()) return wrong(ProblemLevel::broken, "names no home");
  const fs::path folder = path_of(*home);
  if (!is_whole(folder)) return wrong(ProblemLevel::broken, "has a home that is no whole path");
  if (followed_status_of(folder).kind != FileKind::directory) {
    checkup.add(ProblemCode::interpreter_gone, ProblemLevel::broken, folder,
                "the base Python is gone: there is no " + quoted(folder));
    return;
  }
  if (checkup.real_python.empty()) return;
  for (const fs::path& name : names_in_if_readable(folder))
    if (is_interpreter_name(text_of(name)) && is_same_file(folder / name, checkup.real_python))
      return;
  wrong(ProblemLevel::broken, "names the home " + quoted(folder) + ", where " +
                                  quoted(checkup.real_python) + ", which runs, is not");
}

/// Looks for the base's standard library, which can go without its program.
VENV_INLINE void check_library_of_base(Checkup& checkup) {
  if (checkup.real_python.empty() || checkup.context.python.implementation != "cpython") return;
  if (checkup.has(ProblemCode::other_version)) return; // then it is the other one's
  const Version& version = checkup.context.python.version;
  const std::string name = "python" + version.minor_text();
  const std::string zip = "python" + std::to_string(version[0]) + std::to_string(version[1]);
  if (this_os == Os::windows &&
      (!nearest_with(checkup.context.python_dir, "Lib/os.py").empty() ||
       followed_status_of(checkup.context.python_dir / (zip + ".zip")).kind == FileKind::file))
    return;
  for (const fs::path& from : {checkup.context.python_dir, checkup.real_python.parent_path()})
    for (const char* lib : {"lib", "lib64", "Lib"})
      for (const fs::path& landmark :
           {path_of(name) / "os.py", path_of(name + 't') / "os.py", path_of(zip + ".zip")})
        if (!nearest_with(from, lib / landmark).empty()) return;
  checkup.add(ProblemCode::interpreter_gone, ProblemLevel::broken, checkup.real_python,
              "the standard library of " + quoted(checkup.real_python) + " is gone");
}

/// Compares what the configuration says with what the Python's file tells of its version.
VENV_INLINE void check_version(Checkup& checkup) {
  if (checkup.real_python.empty() || checkup.context.python.implementation != "cpython") return;
  const Version& said = checkup.context.python.version;
  const Version minor = minor_of_file(checkup.real_python);
  const fs::path cfg = checkup.context.cfg_path;
  if (minor[0] != 0 && said.minor_text() != minor.minor_text()) {
    checkup
        .add(ProblemCode::other_version, ProblemLevel::broken, checkup.real_python,
             "made for Python " + said.minor_text() + ", and " + quoted(checkup.real_python) +
                 " is Python " + minor.minor_text())
        .is_mended_in_place = false;
    return;
  }
  const auto named = value_of(checkup.state.cfg, "version");
  const auto& now = checkup.real_version;
  if (!named || !now) return;
  const Version is = leading_version(*now), was = leading_version(*named);
  if (was == said && is[0] != 0 && is != was)
    checkup.add(ProblemCode::base_upgraded, ProblemLevel::change, cfg,
                "made for Python " + was.text() + ", and its base is " + *now + " now");
}

/// Looks at the configuration itself.
VENV_INLINE void check_configuration(Checkup& checkup) {
  const fs::path cfg = checkup.context.cfg_path;
  std::string text;
  try {
    text = read_file(cfg);
  } catch (const Error& error) {
    checkup.add(ProblemCode::configuration_wrong, ProblemLevel::broken, cfg, error.what());
    return;
  }
  if (!is_utf8(text))
    checkup.add(ProblemCode::configuration_wrong, ProblemLevel::broken, cfg,
                quoted(cfg) + " is not UTF-8");
  if (checkup.context.python.version[0] == 0)
    checkup.add(ProblemCode::configuration_wrong, ProblemLevel::broken, cfg,
                quoted(cfg) + " names no version, and there is no library directory");
}

/// The Python that the environment's files tell of, for comparing it with a request.
VENV_INLINE Interpreter told_python(const Checkup& checkup) {
  Interpreter python = checkup.context.python;
  if (const auto& now = checkup.real_version) {
    const Version is = leading_version(*now);
    if (is[0] != 0) python.version = is;
    const std::size_t letters = now->find_first_of("abr");
    if (letters != now->npos) python.prerelease = now->substr(letters);
  }
  return python;
}

/// The program that a request by path or name means, as far as that is seen without starting it.
VENV_INLINE fs::path program_meant(const PythonRequest& request) {
  if (request.kind == PythonRequest::Kind::path) {
    fs::path path = absolute_path(path_of(request.text));
    if (followed_status_of(path).kind != FileKind::directory) return path;
    for (const char* name : {"bin/python3", "bin/python", "python3", "python", "Scripts/python"})
      if (fs::path program = path / (name + std::string(executable_suffix)); is_program(program))
        return program;
    return {};
  }
  const std::string folders = search_path();
  for (const std::string_view folder : split(folders, search_path_separator))
    for (const std::string_view suffix : {std::string_view(), executable_suffix})
      if (const fs::path program = path_of(folder) / path_of(request.text + std::string(suffix));
          is_whole(program) && is_program(program))
        return program;
  return {};
}

/// Compares the environment's Python with the one that is asked for. A shim, which may start any, is
/// not judged.
VENV_INLINE void check_request(Checkup& checkup) {
  const PythonRequest request = parse_request(checkup.options.python);
  const Version& own = checkup.context.python.version;
  const auto differs = [&](const std::string& why, const Version& wanted) {
    checkup
        .add(ProblemCode::other_python, ProblemLevel::change, checkup.real_python,
             "Python '" + printable(request.text) + "' is asked for, and " + why)
        .is_mended_in_place = wanted.minor_text() == own.minor_text();
  };
  if (request.kind == PythonRequest::Kind::any || checkup.real_python.empty()) return;
  if (request.kind == PythonRequest::Kind::version) {
    const Interpreter python = told_python(checkup);
    if (fit(request, python) == Fit::no)
      differs("it is " + describe(python), request.minor.value_or(Version()));
    return;
  }
  const fs::path program = program_meant(request);
  const auto real =
      program.empty() || begins_with_shebang(program) ? std::nullopt : resolved(program);
  if (real && !is_same_file(*real, checkup.real_python))
    differs(quoted(checkup.real_python) + " runs", minor_of_file(*real));
}

VENV_DETAIL_END
