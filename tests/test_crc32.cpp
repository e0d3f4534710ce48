#include "archive/crc32.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <cstdint>
#include <string>

namespace {
std::uint32_t zlib_crc(const std::string& text) {
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
}

std::string noise(std::size_t size) {
  std::string text;
  std::uint32_t state = 1;
  while (text.size() < size) {
    state = state * 1664525 + 1013904223;
    text += static_cast<char>(state >> 24);
  }
  return text;
}
} // namespace

TEST_CASE("crc32: gives the published check value") {
  CHECK(venv::detail::crc32("123456789") == 0xCBF43926u);
  CHECK(venv::detail::crc32("") == 0);
}

TEST_CASE("crc32: agrees with zlib for every length and alignment") {
  const std::string text = noise(600);
  for (std::size_t offset = 0; offset < 9; ++offset)
    for (std::size_t size = 0; size <= 300; ++size) {
      CAPTURE(offset);
      CAPTURE(size);
      const std::string piece = text.substr(offset, size);
      REQUIRE(venv::detail::crc32(std::string_view(text).substr(offset, size)) == zlib_crc(piece));
    }
}

TEST_CASE("crc32: is the same by the processor's instructions and by tables") {
  if (!venv::detail::processor_features().clmul) {
    MESSAGE("skipped: this processor has none");
    return;
  }
  const std::string text = noise(5000);
  for (std::size_t size = 0; size <= text.size(); size += size < 1000 ? 1 : 61) {
    CAPTURE(size);
    const std::string_view piece = std::string_view(text).substr(size % 7, size);
    for (const std::uint32_t before : {0u, 0xFFFFFFFFu, 0x12345678u})
      REQUIRE(venv::detail::crc32(piece, before, true) ==
              venv::detail::crc32(piece, before, false));
  }
}

TEST_CASE("crc32: goes on where it stopped") {
  const std::string text = noise(100);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const std::string_view all = text;
    const std::uint32_t first = venv::detail::crc32(all.substr(0, cut));
    REQUIRE(venv::detail::crc32(all.substr(cut), first) == zlib_crc(text));
  }
}
