#pragma once

#include "own_arguments.hpp"

#include <string>
#include <vector>

VENV_DETAIL_BEGIN

VENV_INLINE std::vector<std::string> own_arguments(int argc, const char* const* argv) {
  return {argv, argv + argc};
}

VENV_DETAIL_END
