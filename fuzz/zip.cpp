// The zip reader on any bytes: it reads them or throws venv::Error, and what it hands out keeps the
// promises of zip_names.hpp and of the limits.

#include "archive/zip.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::unique_ptr<char[]> copy(new char[size]);
  std::copy(data, data + size, copy.get());
  venv::detail::ZipLimits limits;
  limits.total_size = std::size_t{1} << 20;
  limits.entry_size = std::size_t{1} << 18;
  try {
    const venv::detail::ZipArchive archive({copy.get(), size}, limits);
    std::size_t total = 0;
    for (const venv::detail::ZipEntry& entry : archive.entries()) {
      if (venv::detail::name_fault(entry.name) != nullptr) std::abort();
      if (entry.name.find("..") == 0 || entry.name.find('\\') != entry.name.npos) std::abort();
      if (entry.data.data() < copy.get() ||
          entry.data.data() + entry.data.size() > copy.get() + size)
        std::abort();
      total += entry.size;
      if (total > limits.total_size) std::abort();
      try {
        if (read_entry(entry).size() != entry.size) std::abort();
      } catch (const venv::Error&) {
      }
    }
  } catch (const venv::Error& error) {
    if (error.code() != venv::ErrorCode::bad_archive) std::abort();
  }
  return 0;
}
