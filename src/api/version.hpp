#pragma once

#include "../config.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <utility>

VENV_BEGIN

/// A release of Python: `3.13.0`. It compares with other ones, and with an array of three numbers.
struct Version {
  std::array<int, 3> numbers{}; ///< major, minor, and the patch release

  constexpr Version() = default;
  /// Of two or three numbers.
  constexpr Version(int first, int second, int third = 0) : numbers{first, second, third} {}
  /// Of an array of them.
  constexpr Version(const std::array<int, 3>& three) : numbers(three) {}

  /// The first, second or third number.
  constexpr int operator[](std::size_t index) const { return numbers[index]; }
  ///@{
  /// For a loop over the numbers.
  [[nodiscard]] constexpr const int* begin() const { return numbers.data(); }
  [[nodiscard]] constexpr const int* end() const { return numbers.data() + numbers.size(); }
  ///@}
  /// `3.13.0`.
  [[nodiscard]] std::string text() const { return minor_text() + '.' + std::to_string(numbers[2]); }
  /// `3.13`: what a library directory is named by.
  [[nodiscard]] std::string minor_text() const {
    return std::to_string(numbers[0]) + '.' + std::to_string(numbers[1]);
  }

  ///@{
  /// By the first number, then the second, then the third.
  friend bool operator==(const Version& a, const Version& b) { return a.numbers == b.numbers; }
  friend bool operator!=(const Version& a, const Version& b) { return a.numbers != b.numbers; }
  friend bool operator<(const Version& a, const Version& b) { return a.numbers < b.numbers; }
  friend bool operator>(const Version& a, const Version& b) { return a.numbers > b.numbers; }
  friend bool operator<=(const Version& a, const Version& b) { return a.numbers <= b.numbers; }
  friend bool operator>=(const Version& a, const Version& b) { return a.numbers >= b.numbers; }
  ///@}
};

/// An implementation of Python, by the name that it has in `sys.implementation.name`.
class Implementation {
public:
  Implementation() = default;
  ///@{
  /// By its name in small letters: `cpython`.
  Implementation(std::string name) : name_(std::move(name)) {}
  Implementation(const char* name) : name_(name) {}
  ///@}

  /// `cpython`, `pypy`, `graalpy` …; empty where it isn't known.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// The name as its makers write it: `CPython`, `PyPy`, `GraalPy`.
  [[nodiscard]] std::string display_name() const {
    return name_ == "cpython"   ? "CPython"
           : name_ == "pypy"    ? "PyPy"
           : name_ == "graalpy" ? "GraalPy"
                                : name_;
  }
  /// What its commands and folders begin with: `python`, `pypy`, `graalpy`.
  [[nodiscard]] std::string command_name() const { return name_ == "cpython" ? "python" : name_; }

  ///@{
  /// By the name.
  friend bool operator==(const Implementation& a, const Implementation& b) {
    return a.name_ == b.name_;
  }
  friend bool operator!=(const Implementation& a, const Implementation& b) { return !(a == b); }
  ///@}

private:
  std::string name_{};
};

VENV_END
