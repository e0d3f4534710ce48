#pragma once

#include "../config.hpp"

#include <cstdint>
#include <utility>

VENV_DETAIL_BEGIN

/// Closes what the system knows by `value`.
void close_handle(std::intptr_t value) noexcept;

/// What the system knows an open file, directory or pipe by (a descriptor, or a HANDLE); closed at
/// the end. No child process inherits it.
class Handle {
public:
  Handle() = default;
  explicit Handle(std::intptr_t value) : value_(value) {}
  Handle(Handle&& other) noexcept : value_(other.release()) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Handle() { close(); }
  void close() noexcept {
    if (value_ != none) close_handle(release());
  }
  std::intptr_t get() const { return value_; }
  std::intptr_t release() noexcept { return std::exchange(value_, none); }
  explicit operator bool() const { return value_ != none; }

private:
  static constexpr std::intptr_t none = -1;
  std::intptr_t value_ = none;
};

VENV_DETAIL_END

#if defined(_WIN32)
#include "handle.windows.hpp"
#else
#include "handle.posix.hpp"
#endif
