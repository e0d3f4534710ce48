// The cache's two formats on any bytes: what is no pack or answer is refused, and what is taken for
// one keeps its promises. The first byte's bits choose: which format; whether its checksums are made
// right first, so that what lies behind them is reached.

#include "cache/answer.hpp"
#include "cache/pack.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace {

using namespace venv::detail;

void replace(std::string& bytes, std::size_t at, std::string_view with) {
  std::copy(with.begin(), with.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
}

/// The index is what stands between the offset that the footer has (folded into the range) and the
/// footer; all else that can be computed is.
void mend_pack(std::string& bytes) {
  if (bytes.size() < pack_magic.size() + pack_footer_size) return;
  replace(bytes, 0, pack_magic);
  const std::size_t footer = bytes.size() - pack_footer_size;
  const std::uint64_t wanted = load_le64(as_bytes(bytes) + footer);
  const std::size_t room = footer - pack_magic.size() + 1;
  const std::size_t offset = pack_magic.size() + static_cast<std::size_t>(wanted % room);
  replace(bytes, footer,
          format_pack_footer(offset, std::string_view(bytes).substr(offset, footer - offset)));
}

void mend_answer(std::string& bytes) {
  const std::size_t head = answer_magic.size() + 8;
  if (bytes.size() < head) return;
  FieldWriter sum;
  sum.number(checksum(std::string_view(bytes).substr(head)));
  replace(bytes, 0, answer_magic);
  replace(bytes, answer_magic.size(), sum.bytes());
}

void check_pack(std::string_view bytes) {
  const auto index = parse_pack(bytes);
  if (!index) return;
  std::size_t end = pack_magic.size();
  for (const PackFile& file : index->files) {
    const bool is_local = names_of(*index) == ZipNames::local;
    if ((is_local ? local_name_fault(file.name) : name_fault(file.name)) != nullptr ||
        file.name.back() == '/' || (file.mode & ~0777u) != 0)
      std::abort();
    if (file.offset != end || file.size > bytes.size() - end) std::abort();
    end += file.size;
    const auto content = pack_bytes(bytes, file);
    if (content && (content->data() != bytes.data() + file.offset || content->size() != file.size))
      std::abort();
  }
  for (const EntryPoint& script : index->scripts)
    if (script_name_fault(script.name) != nullptr || !is_dotted_name(script.module)) std::abort();
  if (dist_info_of(*index).find('/') != std::string::npos) std::abort();
  // Its own format says it again.
  const std::string again = format_pack_index(*index);
  const auto reparsed =
      parse_pack(std::string(bytes.substr(0, end)) + again + format_pack_footer(end, again));
  if (!reparsed || format_pack_index(*reparsed) != again) std::abort();
}

void check_answer(std::string_view bytes) {
  const auto answer = parse_answer(bytes);
  if (answer && format_answer(*answer) != bytes) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool is_pack = (data[0] & 1) == 0, mended = (data[0] & 2) == 0;
  if (mended) is_pack ? mend_pack(bytes) : mend_answer(bytes);
  // Exactly as big, so that the address sanitizer sees every step beyond.
  const std::unique_ptr<char[]> copy(new char[bytes.size()]);
  std::copy(bytes.begin(), bytes.end(), copy.get());
  is_pack ? check_pack({copy.get(), bytes.size()}) : check_answer({copy.get(), bytes.size()});
  return 0;
}
