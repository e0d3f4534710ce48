#pragma once

#include "../config.hpp"
#include "bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

VENV_DETAIL_BEGIN

/// A checksum of 64 bits that runs as fast as memory is read: four lanes of 64-bit multiply and
/// rotate. It finds damage; whoever could forge it could write the file in the first place.
VENV_INLINE std::uint64_t checksum(std::string_view bytes) {
  constexpr std::uint64_t odd = 0x9E3779B97F4A7C15;
  std::uint64_t lanes[4] = {odd, odd * 3, odd * 5, odd * 7};
  const auto mix = [](std::uint64_t lane, std::uint64_t word) {
    lane ^= word * odd; // spread first: else one bit here would undo one of the word before
    return (lane << 29 | lane >> 35) * 0xD6E8FEB86659FD93;
  };
  const std::uint64_t size = bytes.size();
  for (; bytes.size() >= 32; bytes.remove_prefix(32))
    for (std::size_t i = 0; i < 4; ++i)
      lanes[i] = mix(lanes[i], load_le64(as_bytes(bytes) + 8 * i));
  char rest[32] = {};
  std::memcpy(rest, bytes.data(), bytes.size());
  for (std::size_t i = 0; i < 4; ++i)
    lanes[i] = mix(lanes[i], load_le64(as_bytes({rest, 32}) + 8 * i));
  std::uint64_t sum = size;
  for (const std::uint64_t lane : lanes) sum = mix(sum ^ (sum >> 32), lane);
  return sum ^ (sum >> 32);
}

VENV_DETAIL_END
