#pragma once

#include "../api/interpreter.hpp"
#include "../system/variables.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

/// Where the bytecode of a module lies: `a/b.py` -> `a/__pycache__/b.cpython-313.pyc` (PEP 3147).
VENV_INLINE std::string bytecode_name(const std::string& module, const std::string& cache_tag) {
  const std::size_t stem = module.rfind('/') + 1;
  return module.substr(0, stem) + "__pycache__/" + module.substr(stem, module.size() - stem - 3) +
         '.' + cache_tag + ".pyc";
}

/// The module of such bytecode.
VENV_INLINE std::string source_name(const std::string& bytecode) {
  const std::size_t folder = bytecode.rfind('/');
  const std::string above = bytecode.substr(0, bytecode.rfind("__pycache__", folder));
  const std::string tagged = bytecode.substr(folder + 1, bytecode.rfind('.') - folder - 1);
  return above + tagged.substr(0, tagged.rfind('.')) + ".py";
}

VENV_INLINE bool is_module(const std::string& name) {
  return name.size() > 3 && name.compare(name.size() - 3, 3, ".py") == 0;
}

/// Whether bytecode has the hash of its source, not the time, so that environments are equal byte by
/// byte: as `py_compile` does where SOURCE_DATE_EPOCH is set.
VENV_INLINE bool hashes_bytecode(const Interpreter& python) {
  return python.version >= std::array<int, 3>{3, 7, 0} &&
         !variable("SOURCE_DATE_EPOCH").value_or(std::string()).empty();
}

/// How long the header of bytecode is: magic number, flags (since Python 3.7), time and size of the
/// source or its hash (PEP 552).
VENV_INLINE std::size_t bytecode_header_size(const Interpreter& python) {
  return python.version < std::array<int, 3>{3, 7, 0} ? 12 : 16;
}

/// Whether such a header has the source's hash, not its time.
VENV_INLINE bool has_source_hash(std::string_view header) {
  constexpr unsigned has_hash = 1; // the lowest bit of the flags
  return header.size() == 16 && (static_cast<unsigned char>(header[4]) & has_hash) != 0;
}

/// That header with the time of the source set; one with the source's hash stays as it is.
VENV_INLINE std::string timestamped(std::string_view header, std::int64_t modified) {
  std::string result(header);
  if (has_source_hash(header)) return result;
  const std::size_t at = header.size() - 8;
  for (std::size_t i = 0; i < 4; ++i)
    result[at + i] = static_cast<char>(static_cast<std::uint64_t>(modified) >> (8 * i) & 0xFF);
  return result;
}

VENV_DETAIL_END
