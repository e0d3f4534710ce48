// A plugin that vendored the header: it knows it alone, and hands out an error or two.
#include "venv.hpp"

#include <string>

#define PLUGIN extern "C" __attribute__((visibility("default")))

/// What the header's code in this plugin makes of a step.
PLUGIN const char* plugin_step() {
  static const std::string step = venv::Error(venv::ErrorCode::io, "no").at("step").step();
  return step.c_str();
}

PLUGIN void plugin_throw() { throw venv::Error(venv::ErrorCode::busy, "too many").advise("Wait."); }
