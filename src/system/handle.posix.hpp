#pragma once

#include "handle.hpp"

#include <cerrno>
#include <cstdint>
#include <system_error>

#include <unistd.h>

VENV_DETAIL_BEGIN

VENV_INLINE void close_handle(std::intptr_t value) noexcept { ::close(static_cast<int>(value)); }

/// The descriptor that a handle is.
VENV_INLINE int fd_of(const Handle& handle) { return static_cast<int>(handle.get()); }

/// Why the last system call failed.
VENV_INLINE std::error_code last_error() { return {errno, std::generic_category()}; }

VENV_DETAIL_END
