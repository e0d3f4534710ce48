#pragma once

#include "../config.hpp"

VENV_BEGIN

/// The whole command-line program: `int main(int argc, char** argv) { return venv::main(argc, argv); }`
///
/// The reference's options and their defaults for the platform, and those that `--help` names
/// besides. Returns 0, 1 (with `Error: …` and perhaps `Hint: …` on stderr), or 2 for a command line
/// that cannot be understood. The only function here that prints or reads `VENV_HPP_PYTHON`,
/// `VENV_HPP_NO_CACHE` and `.python-version`.
VENV_API int main(int argc, const char* const* argv);

VENV_END
