#pragma once

#include "../config.hpp"
#include "bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

VENV_DETAIL_BEGIN

/// Fields behind one another, each with its length.
class FieldWriter {
public:
  void number(std::uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8) bytes_ += static_cast<char>(value >> shift & 0xFF);
  }
  void text(std::string_view value) {
    number(value.size());
    bytes_ += value;
  }
  const std::string& bytes() const { return bytes_; }

private:
  std::string bytes_{};
};

/// Reads what FieldWriter wrote; anything that is not there makes it fail for good.
class FieldReader {
public:
  explicit FieldReader(std::string_view bytes) : rest_(bytes) {}
  std::uint64_t number() {
    if (rest_.size() < 8) return fail(), 0;
    const std::uint64_t value = load_le64(as_bytes(rest_));
    rest_.remove_prefix(8);
    return value;
  }
  std::string text() {
    const std::uint64_t size = number();
    if (size > rest_.size()) return fail(), std::string();
    std::string value(rest_.substr(0, static_cast<std::size_t>(size)));
    rest_.remove_prefix(value.size());
    return value;
  }
  /// How many things of at least `size` bytes follow.
  std::size_t count(std::size_t size) {
    const std::uint64_t value = number();
    if (value > rest_.size() / size) return fail(), 0;
    return static_cast<std::size_t>(value);
  }
  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty(); }

private:
  void fail() {
    failed_ = true;
    rest_ = {};
  }
  std::string_view rest_;
  bool failed_ = false;
};

VENV_DETAIL_END
