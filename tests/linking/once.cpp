// Every function of the one header, compiled once for all files of test_single.
#include "venv.hpp"
