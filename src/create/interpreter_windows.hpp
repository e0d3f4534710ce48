#pragma once

#include "../api/context.hpp"
#include "../base/ascii.hpp"
#include "../system/status.hpp"
#include "../system/path.hpp"
#include "../system/tree.hpp"
#include "interpreter.hpp"
#include "plan_windows.hpp"
#include "session.hpp"

#include <string>
#include <vector>

VENV_DETAIL_BEGIN

VENV_INLINE std::vector<std::string> texts_of_names_in(const fs::path& folder) {
  std::vector<std::string> texts;
  for (const fs::path& name : names_in_if_readable(folder)) texts.push_back(text_of(name));
  return texts;
}

VENV_INLINE WindowsBase windows_base_of(const Context& context) {
  const fs::path scripts = context.python.stdlib / "venv" / "scripts" / "nt";
  return {text_of(context.python_dir), texts_of_names_in(context.python_dir), text_of(scripts),
          texts_of_names_in(scripts)};
}

/// Makes all links; none of them stays when one can't be made.
VENV_INLINE bool link_windows_python(const Context& context, const std::vector<Row>& rows,
                                     Transaction& transaction) {
  std::vector<fs::path> made;
  for (const Row& row : rows) {
    const fs::path path = (context.env_dir / path_of(row.to)).make_preferred();
    if (!transaction.link(path_of(row.from), path)) {
      for (const fs::path& link : made) transaction.remove(link);
      return false;
    }
    made.push_back(path);
  }
  return !rows.empty();
}

/// Gives the environment of a Python that runs from its build directory the file by which Tcl starts, as
/// far as it lies below there: elsewhere the installation has it. Source: `EnvBuilder.setup_python`.
VENV_INLINE void copy_init_tcl(const Context& context, Transaction& transaction) {
  for (const fs::path& path : paths_below(context.python_dir)) {
    if (path.filename() != "init.tcl") continue;
    const fs::path folder = context.env_dir / "Lib" / path.parent_path().filename();
    transaction.make_directories(folder);
    return transaction.copy(path, folder / path.filename(), 0666);
  }
}

/// A redirection of the system's (the Store's Python has its own place for what it writes below AppData),
/// a link or a junction puts the environment elsewhere: programs are started there. Source: bpo-45337.
VENV_INLINE void follow_redirection(Context& context, Session& session) {
  const auto real = resolved(context.bin_path);
  if (!real || folded(text_of(*real)) == folded(text_of(context.bin_path))) return;
  context.env_exec_cmd = *real / context.env_exe.filename();
  const bool has_short_name = text_of(context.bin_path).find('~') != std::string::npos;
  if (!has_short_name) // which is another way to write the same
    session.warn(WarningCode::redirected,
                 quoted(context.env_dir) + " lies in " + quoted(real->parent_path()) +
                     " in fact: a link, a junction or the system leads there");
}

/// Why the base's own program, copied with its libraries, does not run there, or nothing: it must find the
/// standard library too. A configuration beside it says where the base is, as long as the environment has
/// none. Source: PEP 405.
VENV_INLINE std::optional<std::string> run_fault(const Context& context, Session& session) {
  const fs::path cfg = context.bin_path / "pyvenv.cfg";
  session.transaction().write(cfg, format_pyvenv_cfg({{"home", text_of(context.python_dir)}}));
  std::optional<std::string> fault =
      start_fault(context, probe_options(session.options, session.stop),
                  {"-I", "-c", "import sys; print('Python', sys.version.split()[0])"});
  session.transaction().remove(cfg);
  return fault;
}

/// The base's own program that was copied with its libraries is tried. Source: `EnvBuilder.setup_python`.
VENV_INLINE void set_up_windows_python(const Context& context, Session& session) {
  Transaction& transaction = session.transaction();
  if (!session.shows_early() && !transaction.is_fresh()) retire_configuration(context, transaction);
  const LayoutKey key = layout_key(context.python);
  const WindowsBase base = windows_base_of(context);
  std::vector<Row> rows = plan_windows_links(key, base);
  bool is_linked = false;
  if (session.options.symlinks) {
    is_linked = link_windows_python(context, rows, transaction);
    if (!is_linked) session.warn_of_no_links();
  }
  if (!is_linked) {
    WindowsCopies copies = plan_windows_copies(key, base);
    rows = std::move(copies.rows);
    for (const Row& row : rows)
      transaction.copy(path_of(row.from), (context.env_dir / path_of(row.to)).make_preferred(),
                       0777);
    if (!copies.are_launchers)
      if (const auto fault = run_fault(context, session))
        throw Error(ErrorCode::python_unusable,
                    quoted(context.executable) + " does not start when copied: " + *fault)
            .at("copy the interpreter")
            .on(context.env_exe);
  }
  if (status_of(context.env_exe).kind == FileKind::missing)
    throw Error(ErrorCode::python_unusable, quoted(context.executable) + " has no program called " +
                                                quoted(context.env_exe.filename()))
        .at("set up the interpreter")
        .on(context.env_exe);
  if (is_windows_build(base)) copy_init_tcl(context, transaction);
  for (const Row& row : plan_windows_stale(transaction.state(), layout_of(key).bin, rows))
    transaction.remove((context.env_dir / path_of(row.to)).make_preferred());
}

VENV_DETAIL_END
