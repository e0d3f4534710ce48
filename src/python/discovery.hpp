#pragma once

#include "../api/interpreter.hpp"
#include "../cache/cache.hpp"
#include "installations.hpp"
#include "remembered_probe.hpp"
#include "request.hpp"
#include "search.hpp"
#include "search_path.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

// The order of the search, as docs/pythons.md has it:
//
//  1. what the request names: a path, or a directory that an interpreter lies in;
//  2. the command of that name on PATH (without a request `python3`, then `python`);
//  3. each interpreter on PATH, directory by directory;
//  4. what tools have installed, tool by tool (`sources_in_order`).
//
// A version may fit at each step; within one directory, and within one tool's, a range takes the
// newest. What fits badly (`Fit::second_choice`) is taken when nothing else was found.

/// Which Python is wanted, for what, and who may stop the search.
struct Wanted {
  std::string request{};
  fs::path env_dir{};   ///< the environment's directory, in which no base may lie; may be empty
  std::string origin{}; ///< what the request came from, for messages; may be empty
  StopRequest stop{};
};

/// The same error, saying also what the request came from.
VENV_INLINE Error with_origin(const Error& error, const std::string& origin) {
  if (origin.empty()) return error;
  Error told(error.code(), std::string(error.what()) + " (asked for by " + printable(origin) + ')');
  told.at(error.step()).on(error.path()).advise(error.hint()).printed(error.output());
  return told;
}

/// The interpreters in a directory that a request names: an installation's or an environment's, or
/// the directory of programs itself; the plainest names first.
VENV_INLINE Candidates pythons_below(const fs::path& directory) {
  Candidates found;
  for (const fs::path& folder : {directory / "bin", directory / "Scripts", directory}) {
    const fs::path plain = plainest_python_in(folder, {});
    if (!plain.empty()) found.push_back({plain, PythonSource::given, {}});
    for (Candidate& each : pythons_in(folder, PythonSource::given))
      found.push_back(std::move(each));
    if (!found.empty()) break;
  }
  return found;
}

/// 1. A path: a file is asked, a directory's interpreter is looked for.
VENV_INLINE Interpreter python_at(const fs::path& path, const fs::path& env_dir,
                                  const Probe& probe) {
  fs::path python = absolute_path(path);
  if (followed_status_of(python).kind == FileKind::directory) {
    const Candidates found = pythons_below(python);
    if (found.empty()) throw unusable(python, "is a directory, and no interpreter lies in it");
    python = found.front().executable;
  } else if (is_pyenv_shim(python)) {
    if (fs::path real = resolve_pyenv_shim(python); !real.empty()) python = std::move(real);
  }
  Interpreter answer = interpreter_outside(env_dir, python, probe);
  answer.source = PythonSource::given;
  return answer;
}

/// 2. What is found on `PATH` under the request's own name.
VENV_INLINE Candidates named_candidates(const PythonRequest& request) {
  if (request.kind != PythonRequest::Kind::any) return on_search_path(request.text);
  Candidates found = on_search_path("python3");
  for (Candidate& each : on_search_path("python")) found.push_back(std::move(each));
  return found;
}

/// 3. The candidates in one directory of `PATH`. Where one minor version is meant only its names are
/// looked for, not all that lies there.
VENV_INLINE Candidates candidates_in(const fs::path& folder, const PythonRequest& request) {
  if (!request.minor) return pythons_in(folder, PythonSource::search_path);
  const std::string command = request.implementation.command_name();
  const std::string letters =
      std::string(request.free_threaded ? "t" : "") + (request.debug ? "d" : "");
  Candidates found;
  for (const std::string& name : {command + request.minor->minor_text() + letters,
                                  command + request.minor->minor_text(), command + '3', command}) {
    fs::path program = program_or_shimmed(folder / path_of(name + std::string(executable_suffix)));
    if (!program.empty())
      found.push_back(named_candidate(std::move(program), name, PythonSource::search_path));
  }
  return found;
}

/// 2. to 4., until one fits.
VENV_INLINE std::optional<Interpreter> search_for(const PythonRequest& request, Search& search,
                                                  const Surroundings& where) {
  const bool is_named =
      request.kind != PythonRequest::Kind::version || parse_command_name(request.text).has_value();
  if (is_named)
    for (Candidate& candidate : named_candidates(request)) // each by itself: PATH's order counts
      if (auto python = search.first_fitting({std::move(candidate)})) return python;
  if (request.kind == PythonRequest::Kind::name) return std::nullopt;
  for (const fs::path& folder : search_path_folders())
    if (auto python = search.first_fitting(candidates_in(folder, request))) return python;
  for (const PythonSource source : sources_in_order)
    if (auto python = search.first_fitting(pythons_of(source, where))) return python;
  return search.second_choice();
}

VENV_INLINE Error nothing_found(const PythonRequest& request, const Rejections& rejections) {
  const std::string shown = "'" + printable(request.text) + "'";
  const bool is_name = request.kind == PythonRequest::Kind::name;
  if (is_name && !is_command_name(request.text))
    return Error(ErrorCode::invalid_argument, shown + " is no request for a Python")
        .at("find the interpreter")
        .advise(requests_understood);
  Error error(ErrorCode::python_not_found,
              request.kind == PythonRequest::Kind::any ? "no Python found for an environment"
              : is_name && rejections.empty()
                  ? "no Python found for " + shown + ": it is no command on PATH and no version"
                  : "no Python found for " + shown);
  error.at("find the interpreter");
  return error.advise(is_name && rejections.empty() ? requests_understood : rejections.text());
}

/// The Python that is wanted. Errors: see `find_interpreter`.
VENV_INLINE Interpreter discover(const Wanted& wanted, const Asking& asking,
                                 const Surroundings& where = {}) try {
  const PythonRequest request = parse_request(wanted.request);
  const fs::path env_dir = resolved(wanted.env_dir).value_or(fs::path()); // else nothing lies in it
  if (request.kind == PythonRequest::Kind::path)
    return python_at(path_of(request.text), env_dir, asking.probe);
  Search search(request, env_dir, asking, wanted.stop);
  if (auto python = search_for(request, search, where)) return *python;
  if (request.kind == PythonRequest::Kind::name && search.rejections().empty() &&
      followed_status_of(path_of(request.text)).kind == FileKind::directory)
    return python_at(path_of(request.text), env_dir, asking.probe);
  throw nothing_found(request, search.rejections());
} catch (const Error& error) {
  throw with_origin(error, wanted.origin);
}

/// All candidates there are, in the order of the search.
VENV_INLINE Candidates all_candidates(const Surroundings& where) {
  Candidates all;
  const auto add = [&all](Candidates some) {
    for (Candidate& each : some) all.push_back(std::move(each));
  };
  add(named_candidates({}));
  for (const fs::path& folder : search_path_folders())
    add(pythons_in(folder, PythonSource::search_path));
  for (const PythonSource source : sources_in_order) add(pythons_of(source, where));
  return all;
}

/// `find_interpreters`, asking so.
VENV_INLINE std::vector<FoundPython> discover_all(const Wanted& wanted, const Asking& asking,
                                                  const Surroundings& where = {}) {
  const std::string& text = wanted.request;
  const PythonRequest request = parse_request(text);
  Candidates candidates;
  if (request.kind == PythonRequest::Kind::path)
    candidates.push_back({absolute_path(path_of(text)), PythonSource::given, {}});
  else if (request.kind == PythonRequest::Kind::name) candidates = on_search_path(text);
  else candidates = all_candidates(where);
  Search search(request, wanted.env_dir, asking, wanted.stop);
  search.ask_all(candidates, 0, candidates.size());
  std::vector<FoundPython> found;
  std::map<fs::path, bool> seen;
  for (const Candidate& candidate : candidates) {
    const Outcome& outcome = search.outcome_of(candidate);
    const auto& python = outcome.interpreter;
    const fs::path same = python ? python->base_executable : candidate.executable;
    if (!seen.insert({resolved(same).value_or(same), true}).second) continue;
    FoundPython entry{candidate.executable, candidate.source, python, outcome.why};
    if (python && fit(request, *python) == Fit::no) entry.rejected = "is " + describe(*python);
    found.push_back(std::move(entry));
  }
  return found;
}

VENV_DETAIL_END

VENV_BEGIN

VENV_INLINE Interpreter find_interpreter(const std::string& request, const Options& options) {
  const detail::Cache cache(options);
  const detail::ProbeOptions asking =
      detail::probe_options(options, detail::StopRequest(options.is_cancelled));
  return detail::discover({request, {}, options.python_origin, asking.stop},
                          detail::RememberedProbe(cache, asking));
}

VENV_INLINE std::vector<FoundPython> find_interpreters(const std::string& request,
                                                       const Options& options) {
  const detail::Cache cache(options);
  const detail::ProbeOptions asking =
      detail::probe_options(options, detail::StopRequest(options.is_cancelled));
  return detail::discover_all({request, {}, {}, asking.stop},
                              detail::RememberedProbe(cache, asking));
}

VENV_END
