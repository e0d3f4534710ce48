#include "venv.hpp"

int number_of_options(); // in two.cpp

int main() {
  const char* const arguments[] = {"venv", "--version"};
  return venv::main(2, arguments) + (number_of_options() == 1 ? 0 : 1);
}
