// The table of contents: the parts in their order, and the standard headers with what they are for.
// tools/amalgamate.py makes the one-file venv.hpp from it; tests include this one too.
#pragma once

#include "config.hpp"

// For the public API.
#include <array>       // a release's three numbers
#include <chrono>      // timeouts
#include <filesystem>  // paths
#include <functional>  // callbacks
#include <memory>      // what a context shares
#include <optional>    // a prompt that may not be given
#include <stdexcept>   // the base of Error
#include <string>      // text
#include <string_view> // lines of output
#include <utility>     // std::move
#include <vector>      // arguments

#include "api/error.hpp"
#include "api/interpreter.hpp"
#include "api/options.hpp"
#include "api/context.hpp"
#include "api/run.hpp"
#include "api/env_builder.hpp"
#include "api/command_line.hpp"

#if VENV_HEADER_ONLY || defined(VENV_IMPLEMENTATION)

// For the implementation.
#include <algorithm>        // searching and sorting
#include <atomic>           // names that no two threads use
#include <cerrno>           // why a system call failed
#include <csignal>          // ending a child
#include <cstddef>          // std::size_t
#include <cstdint>          // sizes on disk
#include <cstdio>           // what the program prints
#include <cstdlib>          // environment variables
#include <exception>        // handing errors between workers
#include <initializer_list> // pieces of a file
#include <iterator>         // ends of arrays
#include <mutex>            // one error at a time
#include <system_error>     // the system's reasons
#include <cstring>          // memcpy
#include <type_traits>      // what may be called
#include <thread>           // workers, and waiting for a lock
#include <tuple>            // what is compared by several things

#include "text/utf8.hpp"
#include "text/lines.hpp"
#include "text/function_ref.hpp"
#include "text/order.hpp"
#include "text/unprintable.hpp"
#include "text/repr.hpp"
#include "text/version.hpp"
#include "text/pyvenv_cfg.hpp"
#include "text/layout.hpp"
#include "text/quote.hpp"
#include "text/template.hpp"
#include "text/console_script.hpp"
#include "archive/bytes.hpp"
#include "archive/crc32.hpp"
#include "archive/sha256.hpp"
#include "archive/huffman.hpp"
#include "archive/bit_reader.hpp"
#include "archive/inflate.hpp"
#include "archive/zip_names.hpp"
#include "archive/zip.hpp"
#include "archive/pep440.hpp"
#include "archive/wheel_name.hpp"
#include "archive/entry_points.hpp"
#include "archive/record.hpp"
#include "archive/wheel.hpp"
#include "archive/pack.hpp"
#include "archive/answer.hpp"
#include "scripts/embedded.hpp"
#include "system/path.hpp"
#include "system/platform.hpp"
#include "system/interruption.hpp"
#include "system/file.hpp"
#include "system/storage.hpp"
#include "system/workers.hpp"
#include "system/process.hpp"
#include "system/terminal.hpp"
#include "build/probe.hpp"
#include "build/pyenv.hpp"
#include "build/discovery.hpp"
#include "build/undo.hpp"
#include "build/cache.hpp"
#include "build/remembered_probe.hpp"
#include "build/directories.hpp"
#include "build/configuration.hpp"
#include "build/python.hpp"
#include "build/scripts.hpp"
#include "build/run.hpp"
#include "build/wheels.hpp"
#include "build/staging.hpp"
#include "build/installed.hpp"
#include "build/distribution.hpp"
#include "build/pip.hpp"
#include "build/env_builder.hpp"
#include "build/arguments.hpp"
#include "build/command_line.hpp"

#endif

#include "undef.hpp"
