#pragma once

#include "../text/layout.hpp"

#include <cstddef>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

// The contract of platform.posix.hpp and platform.windows.hpp, which also define, as constants:
//
//   Os this_os                          the operating system that this is compiled for
//   char search_path_separator          between the folders of PATH
//   std::string_view executable_suffix  of programs' names, with its dot; may be empty
//   std::string_view scripts_folder     the name that `install_scripts` knows the platform by

/// The processors that this process may use (`taskset`, a container's cpuset), 0 when that can't be
/// told. C++ libraries answer with those that the machine has.
std::size_t allowed_processors();

/// What Python's `platform.system()`, `release()`, `version()` and `machine()` say.
struct SystemNames {
  std::string name{}, release{}, version{}, machine{};
};
SystemNames system_names();

VENV_DETAIL_END

#if defined(_WIN32)
#include "platform.windows.hpp"
#else
#include "platform.posix.hpp"
#endif
