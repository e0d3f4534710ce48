#pragma once

#include "../archive/stored_zip.hpp"
#include "../base/ascii.hpp"
#include "../base/bytes.hpp"
#include "../config.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

// Scripts on Windows are programs: a launcher that distlib brings, a line that names the interpreter,
// and a zip file with the script. The launcher finds the other two behind itself.

/// What a program of Windows is for, by its beginning (PE format, "COFF File Header"); 0 when it is none.
VENV_INLINE std::uint32_t machine_of_program(std::string_view bytes) {
  constexpr std::size_t place_of_header = 0x3C;
  if (bytes.size() < place_of_header + 4 || bytes.substr(0, 2) != "MZ") return 0;
  const std::size_t header = load_le32(as_bytes(bytes) + place_of_header);
  if (header > bytes.size() || bytes.size() - header < 6) return 0;
  if (bytes.substr(header, 4) != std::string_view("PE\0\0", 4)) return 0;
  return load_le16(as_bytes(bytes) + header + 4);
}

/// The name of distlib's launcher on such a machine, for a console program: `t64.exe`; or for one with
/// windows: `w64.exe`.
VENV_INLINE std::string launcher_name(std::uint32_t machine, bool is_gui = false) {
  constexpr std::uint32_t arm64 = 0xAA64, i386 = 0x14C;
  const std::string kind = machine == arm64 ? "64-arm.exe" : machine == i386 ? "32.exe" : "64.exe";
  return (is_gui ? 'w' : 't') + kind;
}

/// The interpreter that runs programs with windows: `pythonw.exe` beside `python.exe`.
VENV_INLINE std::string gui_interpreter(std::string interpreter) {
  const std::size_t name = interpreter.find_last_of("/\\") + 1; // npos + 1 is 0
  if (const std::size_t at = interpreter.find("python", name); at != interpreter.npos)
    interpreter.insert(at + 6, "w");
  return interpreter;
}

/// The line by which a launcher finds the interpreter.
VENV_INLINE std::string launcher_shebang(const std::string& interpreter) {
  const bool plain = interpreter.find(' ') == interpreter.npos;
  return plain ? "#!" + interpreter + '\n' : "#!\"" + interpreter + "\"\n";
}

/// A console script as a program. `text` is the script's without a shebang.
VENV_INLINE std::string script_program(std::string_view launcher, const std::string& interpreter,
                                       std::string_view text) {
  return std::string(launcher) + launcher_shebang(interpreter) + stored_zip("__main__.py", text);
}

/// The line that names the interpreter in a script that is a program.
struct InterpreterLine {
  std::string interpreter{};
  std::size_t begin = 0, end = 0; ///< where it lies, its end included
};

/// Nothing when `program` is no script.
VENV_INLINE std::optional<InterpreterLine> interpreter_line(std::string_view program) {
  const std::size_t end = program.find("\nPK\3\4"); // the zip file behind it
  if (program.substr(0, 2) != "MZ" || end == program.npos) return std::nullopt;
  const std::size_t begin = program.rfind("#!", end);
  if (begin == program.npos) return std::nullopt;
  std::string_view name = strip(program.substr(begin + 2, end - begin - 2));
  if (name.substr(0, 1) == "\"") {
    name.remove_prefix(1);
    name = name.substr(0, name.find('"'));
  }
  return InterpreterLine{std::string(name), begin, end + 1};
}

/// Whether `program` is a script that runs by `interpreter`.
VENV_INLINE bool is_script_program_of(std::string_view program, const std::string& interpreter) {
  const std::string line = launcher_shebang(interpreter) + "PK\3\4";
  return program.substr(0, 2) == "MZ" && program.rfind(line) != program.npos;
}

VENV_DETAIL_END
