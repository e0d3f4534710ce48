#include "venv.hpp"

int number_of_options(); // in two.cpp

int main() {
  // Little is called: where functions are inline, only these few are compiled.
  const bool works = venv::Error(venv::ErrorCode::io, "no").at("step").step() == "step";
  return works && number_of_options() == 1 ? 0 : 1;
}
