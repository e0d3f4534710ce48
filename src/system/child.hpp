#pragma once

#include "command.hpp"
#include "handle.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

VENV_DETAIL_BEGIN

// The contract of child.posix.hpp and child.windows.hpp.

/// The ends of a child's pipes that it gets; closed here once it has them.
struct ChildFiles {
  Handle in{}, out{}, err{};
};

/// A process that was started and is waited for. At the end of its life here it is killed, with all
/// that it started, if it hasn't ended, and nothing of it is left in the system.
class Child {
public:
  /// Throws Error (`io`) that says what failed; its `system_error` is EAGAIN when the system has no
  /// room for a process now.
  Child(const Command& command, ChildFiles files);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Asks it and what it started to end.
  void ask_to_end() noexcept;
  /// Ends it and what it started.
  void kill() noexcept;
  /// How it ended; nothing while it runs.
  std::optional<ExitStatus> status();
  /// The processor time that the process itself has used; 0 where the system doesn't tell.
  std::chrono::nanoseconds processor_time() const;
  /// Whether it runs or waits for a processor alone, at this moment; false where the system doesn't tell.
  bool is_ready_to_run() const;
  /// What becomes readable when it ends; -1 when there is nothing and it has to be asked for.
  std::intptr_t end_handle() const;

private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

VENV_DETAIL_END

#if defined(_WIN32)
#include "child.windows.hpp"
#else
#include "child.posix.hpp"
#endif
