#pragma once

#include "function_ref.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

VENV_DETAIL_BEGIN

/// The numbers 0 to `count - 1` in the order that `before` says; equal ones in their own.
VENV_INLINE std::vector<std::size_t> order_of(std::size_t count,
                                              FunctionRef<bool(std::size_t, std::size_t)> before) {
  std::vector<std::size_t> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&before](std::size_t a, std::size_t b) {
    return before(a, b) || (a < b && !before(b, a));
  });
  return order;
}

/// Sorts by `before`; equal items keep their order. `std::sort` itself, compiled for each type anew, is a large part of what it
/// costs to include this header; here it is compiled once.
template <class T, class Before> void sort_by(std::vector<T>& items, Before before) {
  const std::vector<std::size_t> order = order_of(
      items.size(), [&](std::size_t a, std::size_t b) { return before(items[a], items[b]); });
  std::vector<T> sorted;
  sorted.reserve(items.size());
  for (const std::size_t i : order) sorted.push_back(std::move(items[i]));
  items = std::move(sorted);
}

VENV_DETAIL_END
