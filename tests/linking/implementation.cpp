// As when another header of the program includes it first.
#include "venv.hpp"

#define VENV_IMPLEMENTATION
#include "venv.hpp"
