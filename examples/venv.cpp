// The command-line program: `python -m venv`, and what `--help` names besides.
#include "venv.hpp"

int main(int argc, char** argv) { return venv::main(argc, argv); }
