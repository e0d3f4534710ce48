// The table of contents: the parts in their order, and the standard headers with what they are for.
// tools/amalgamate.py makes the one-file venv.hpp from it; tests include this one too.
#pragma once

#include "config.hpp"

// For the public API.
#include <array>        // a release's three numbers
#include <chrono>       // timeouts
#include <cstddef>      // std::size_t
#include <cstdint>      // numbers of a known size
#include <filesystem>   // paths
#include <functional>   // callbacks
#include <map>          // variables
#include <memory>       // what copies of an error share
#include <optional>     // a prompt that may not be given
#include <stdexcept>    // the base of Error
#include <string>       // text
#include <string_view>  // lines of output
#include <system_error> // the system's reasons
#include <type_traits>  // what may be converted
#include <utility>      // std::move
#include <vector>       // arguments

#include "api/error.hpp"
#include "api/version.hpp"
#include "api/distribution.hpp"
#include "api/event.hpp"
#include "api/options.hpp"
#include "api/interpreter.hpp"
#include "api/context.hpp"
#include "api/process.hpp"
#include "api/environment.hpp"
#include "api/embedding.hpp"
#include "api/pip_failure.hpp"
#include "api/check.hpp"
#include "api/ensure.hpp"
#include "api/listing.hpp"
#include "api/script_set.hpp"
#include "api/env_builder.hpp"
#include "api/command_line.hpp"

#if VENV_HEADER_ONLY || defined(VENV_IMPLEMENTATION)

// For the implementation.
#include <algorithm>          // searching and sorting
#include <atomic>             // names that no two threads use
#include <cerrno>             // why a system call failed
#include <climits>            // a number that was not given
#include <condition_variable> // waiting for workers
#include <csignal>            // ending a child
#include <cstdio>             // what the program prints
#include <cstdlib>            // environment variables
#include <ctime>              // what tells processes apart
#include <exception>          // handing errors between workers
#include <initializer_list>   // pieces of a file
#include <iterator>           // ends of arrays
#include <mutex>              // one error at a time
#include <cstring>            // memcpy
#include <thread>             // workers, and waiting for a lock
#include <tuple>              // what is compared by several things
#include <typeinfo>           // whether a builder is a subclass

#include "base/error.hpp"
#include "base/ascii.hpp"
#include "base/function_ref.hpp"
#include "base/order.hpp"
#include "base/bytes.hpp"
#include "base/checksum.hpp"
#include "base/fields.hpp"
#include "base/hex.hpp"
#include "base/number.hpp"
#include "text/utf8.hpp"
#include "text/encoding.hpp"
#include "text/unprintable.hpp"
#include "text/repr.hpp"
#include "text/version.hpp"
#include "text/python_name.hpp"
#include "text/pyvenv_cfg.hpp"
#include "text/layout.hpp"
#include "text/names.hpp"
#include "text/quote.hpp"
#include "text/template.hpp"
#include "text/launcher.hpp"
#include "text/script_head.hpp"
#include "archive/processor.hpp"
#include "archive/crc32_x86.hpp"
#include "archive/crc32.hpp"
#include "archive/stored_zip.hpp"
#include "archive/sha256_x86.hpp"
#include "archive/sha256.hpp"
#include "archive/huffman.hpp"
#include "archive/bit_reader.hpp"
#include "archive/inflate.hpp"
#include "archive/zip_names.hpp"
#include "archive/zip.hpp"
#include "package/version.hpp"
#include "package/specifier.hpp"
#include "package/project_name.hpp"
#include "package/python_string.hpp"
#include "package/marker.hpp"
#include "package/requirement.hpp"
#include "package/requirements_text.hpp"
#include "package/requirements_file.hpp"
#include "package/metadata.hpp"
#include "package/direct_url.hpp"
#include "package/wheel_name.hpp"
#include "package/tags.hpp"
#include "package/entry_points.hpp"
#include "package/record.hpp"
#include "package/script_program.hpp"
#include "package/wheel.hpp"
#include "package/wheel_layout.hpp"
#include "package/distributions.hpp"
#include "package/missing.hpp"
#include "package/choice.hpp"
#include "scripts/embedded.hpp"
#include "system/path.hpp"
#include "system/win32.hpp"
#include "system/platform.hpp"
#include "system/stop.hpp"
#include "system/handle.hpp"
#include "system/status.hpp"
#include "system/beside.hpp"
#include "system/file.hpp"
#include "system/metadata.hpp"
#include "system/new_file.hpp"
#include "system/appended_file.hpp"
#include "system/folder.hpp"
#include "system/workers.hpp"
#include "system/tree.hpp"
#include "system/durable.hpp"
#include "system/lock.hpp"
#include "system/trust.hpp"
#include "system/mapped_file.hpp"
#include "system/registry.hpp"
#include "system/variables.hpp"
#include "system/own_arguments.hpp"
#include "system/command.hpp"
#include "system/pipe.hpp"
#include "system/child_start.hpp"
#include "system/child.hpp"
#include "system/process.hpp"
#include "system/replace.hpp"
#include "system/terminal.hpp"
#include "system/ancestors.hpp"
#include "cache/pack.hpp"
#include "cache/answer.hpp"
#include "cache/cache.hpp"
#include "python/probe_answer.hpp"
#include "python/probe.hpp"
#include "python/links.hpp"
#include "python/version_in_file.hpp"
#include "python/home.hpp"
#include "python/base.hpp"
#include "python/remembered_probe.hpp"
#include "python/request.hpp"
#include "python/bytecode.hpp"
#include "python/candidate.hpp"
#include "python/pyenv.hpp"
#include "python/search_path.hpp"
#include "python/registered.hpp"
#include "python/installations.hpp"
#include "python/rejections.hpp"
#include "python/search.hpp"
#include "python/discovery.hpp"
#include "python/version_file.hpp"
#include "python/redirect.hpp"
#include "python/marker_values.hpp"
#include "python/wheel_tags.hpp"
#include "create/journal.hpp"
#include "create/state.hpp"
#include "create/entry.hpp"
#include "create/transaction.hpp"
#include "create/changes.hpp"
#include "create/teller.hpp"
#include "create/staging.hpp"
#include "create/compile.hpp"
#include "create/wheel_packing.hpp"
#include "create/session.hpp"
#include "create/plan.hpp"
#include "create/plan_windows.hpp"
#include "create/directories.hpp"
#include "create/configuration.hpp"
#include "create/base.hpp"
#include "create/run.hpp"
#include "create/interpreter.hpp"
#include "create/interpreter_windows.hpp"
#include "create/scripts.hpp"
#include "create/wheels.hpp"
#include "create/shared_files.hpp"
#include "create/installed.hpp"
#include "create/distribution.hpp"
#include "create/pip.hpp"
#include "create/packed_wheel.hpp"
#include "create/lay_out.hpp"
#include "create/removal.hpp"
#include "create/put_wheels.hpp"
#include "create/unreachable.hpp"
#include "create/step.hpp"
#include "create/env_builder.hpp"
#include "use/used.hpp"
#include "use/environment.hpp"
#include "use/distributions.hpp"
#include "use/missing.hpp"
#include "use/embed.hpp"
#include "use/at_hand.hpp"
#include "use/native.hpp"
#include "use/install.hpp"
#include "use/pip_failure.hpp"
#include "use/uninstall.hpp"
#include "use/stamp.hpp"
#include "use/reinstall.hpp"
#include "use/problems.hpp"
#include "use/check_python.hpp"
#include "use/check_scripts.hpp"
#include "use/check_packages.hpp"
#include "use/check.hpp"
#include "use/mend.hpp"
#include "use/ensure.hpp"
#include "use/remove.hpp"
#include "use/listing.hpp"
#include "program/interruption.hpp"
#include "program/options.hpp"
#include "program/activation_hint.hpp"
#include "program/arguments.hpp"
#include "program/help.hpp"
#include "program/color.hpp"
#include "program/output.hpp"
#include "program/json.hpp"
#include "program/choose_python.hpp"
#include "program/list_pythons.hpp"
#include "program/stamping.hpp"
#include "program/telling.hpp"
#include "program/making.hpp"
#include "program/checking.hpp"
#include "program/listing.hpp"
#include "program/describing.hpp"
#include "program/using.hpp"
#include "program/command_line.hpp"

#endif

#include "undef.hpp"
