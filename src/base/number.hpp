#pragma once

#include "../config.hpp"

VENV_DETAIL_BEGIN

/// `value`, which the caller knows to fit, as a number of another type. A plain cast is useless on
/// the platforms where both types are the same, and compilers warn of it there.
template <class To, class From> constexpr To number_as(From value) {
  return static_cast<To>(value);
}

VENV_DETAIL_END
