// Our inflate against zlib's on any input: the same streams are well, with the same output. The
// first two bytes are the announced size; or, where they are 0xFFFF, it is what zlib makes of it.

#include "archive/inflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t announced = data[0] | static_cast<std::size_t>(data[1]) << 8;
  const bool measured = announced == 0xFFFF;
  data += 2, size -= 2;

  static unsigned char expected[std::size_t{1} << 18];
  z_stream z{};
  if (inflateInit2(&z, -15) != Z_OK) std::abort();
  z.next_in = const_cast<Bytef*>(data);
  z.avail_in = static_cast<uInt>(size);
  z.next_out = expected;
  z.avail_out = static_cast<uInt>(measured ? sizeof expected : announced);
  const int status = inflate(&z, Z_FINISH);
  const std::size_t out_size = measured ? z.total_out : announced;
  const bool well = status == Z_STREAM_END && z.total_in == size && z.total_out == out_size;
  inflateEnd(&z);

  // Exactly as big as announced, so that the address sanitizer sees every step beyond.
  const std::unique_ptr<char[]> in(new char[size]), out(new char[out_size]);
  std::copy(data, data + size, in.get());
  const auto ours = venv::detail::inflate({in.get(), size}, out.get(), out_size);
  if ((ours == venv::detail::InflateStatus::ok) != well) std::abort();
  if (well && out_size > 0 && std::memcmp(out.get(), expected, out_size) != 0) std::abort();
  return 0;
}
