// Requirements files on any bytes: pieces with 0 between them are files called a, b, c ...

#include "package/requirements_file.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace venv::detail;

void read_all(std::string_view text) {
  const std::vector<std::string_view> pieces = split(text, '\0');
  std::size_t reads = 0;
  const auto read = [&](const std::string& file) {
    // A few files that name one another twice are exponentially many; pip reads them all, too.
    if (++reads > 1000) throw venv::Error(venv::ErrorCode::io, "too many");
    const std::size_t i =
        file.size() == 1 ? static_cast<std::size_t>(file[0] - 'a') : pieces.size();
    if (i >= pieces.size()) throw venv::Error(venv::ErrorCode::io, "no such file");
    return std::string(pieces[i]);
  };
  const auto variable = [](const std::string& name) {
    return name == "A" ? std::string("-r ${A}") : std::string();
  };
  const RequirementsFile found = read_requirements("a", {read, variable});
  for (const RequiredLine& line : found.lines) {
    if (line.place.number == 0 || !is_utf8(line.text)) std::abort();
    kind_of(line, Os::linux_or_other);
    kind_of(line, Os::windows);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::unique_ptr<char[]> copy(new char[size]);
  std::copy(data, data + size, copy.get());
  try {
    read_all({copy.get(), size});
  } catch (const venv::Error& error) {
    if (error.code() != venv::ErrorCode::invalid_argument && error.code() != venv::ErrorCode::io)
      std::abort();
  }
  return 0;
}
