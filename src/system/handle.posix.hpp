#pragma once

#include "../base/number.hpp"
#include "handle.hpp"

#include <cerrno>
#include <cstdint>
#include <system_error>

#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE void close_handle(std::intptr_t value) noexcept { ::close(number_as<int>(value)); }

/// The descriptor that a handle is.
VENV_INLINE int fd_of(const Handle& handle) { return number_as<int>(handle.get()); }

/// Why the last system call failed.
VENV_INLINE std::error_code last_error() { return {errno, std::generic_category()}; }

VENV_DETAIL_END
