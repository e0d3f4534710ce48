#include "venv.hpp"

// Included a second time, and after the declarations: nothing is defined twice.
#include "venv.hpp"

int number_of_options() {
  venv::Options options;
  options.with_pip = true;
  return static_cast<int>(venv::EnvBuilder(options).options().with_pip);
}
