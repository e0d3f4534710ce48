#pragma once

#include "../api/context.hpp"
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
      if (const auto fault = start_fault(context, probe_options(session.options, session.stop)))
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
  for (const Row& row : plan_windows_stale(transaction.state(), layout_of(key).bin, rows))
    transaction.remove((context.env_dir / path_of(row.to)).make_preferred());
}

VENV_DETAIL_END
