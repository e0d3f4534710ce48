// Says what `venv::pip_failure` makes of what a pip printed, which comes on standard input.
#include "venv.hpp"

#include <iostream>
#include <iterator>
#include <string>

int main() {
  const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  const venv::PipReport report = venv::pip_failure(text);
  std::cout << venv::name_of(report.failure) << ' ' << report.package << '\n';
}
