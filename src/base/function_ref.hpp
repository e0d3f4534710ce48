#pragma once

#include "../config.hpp"

#include <type_traits>
#include <utility>

VENV_DETAIL_BEGIN

template <class Signature> class FunctionRef;

/// Something to call, as a parameter: it refers to what the caller has, so it must not be kept.
/// Where `std::function` would do too, this compiles in a fraction of the time.
template <class Result, class... Arguments> class FunctionRef<Result(Arguments...)> {
public:
  template <class Callable,
            class = std::enable_if_t<!std::is_same_v<std::decay_t<Callable>, FunctionRef>>>
  FunctionRef(const Callable& callable)
      : callable_(&callable), call_([](const void* object, Arguments... arguments) -> Result {
          return (*static_cast<const Callable*>(object))(std::forward<Arguments>(arguments)...);
        }) {}

  Result operator()(Arguments... arguments) const {
    return call_(callable_, std::forward<Arguments>(arguments)...);
  }

private:
  const void* callable_;
  Result (*call_)(const void*, Arguments...);
};

VENV_DETAIL_END
