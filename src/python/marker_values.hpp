#pragma once

#include "../api/interpreter.hpp"
#include "../package/marker.hpp"
#include "../system/platform.hpp"

#include <string>

VENV_DETAIL_BEGIN

/// What environment markers ask of a Python, on this system (PEP 508, "Environment Markers").
VENV_INLINE MarkerValues marker_values(const Interpreter& python) {
  const SystemNames system = system_names();
  MarkerValues values;
  values.implementation_name = python.implementation.name();
  values.implementation_version = python.implementation_version;
  values.os_name = python.os_name;
  values.platform_machine = python.machine;
  values.platform_python_implementation = python.implementation.display_name();
  values.platform_release = system.release;
  values.platform_system = system.name;
  values.platform_version = system.version;
  values.python_full_version = python.version.text() + python.prerelease;
  values.python_version = python.version.minor_text();
  values.sys_platform = python.platform;
  return values;
}

VENV_DETAIL_END
