#include "archive/inflate.hpp"

#include "archive/zip.hpp"
#include "support_wheels.hpp"
#include "support_zip.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using venv::detail::InflateStatus;

struct Result {
  bool ok;
  std::string output;
};

/// Into buffers of exactly the size, on the heap, so that a sanitizer sees every step beyond.
Result ours(std::string_view stream, std::size_t size, InflateStatus* status = nullptr) {
  const std::unique_ptr<char[]> in(new char[stream.size()]), out(new char[size]);
  std::copy(stream.begin(), stream.end(), in.get());
  const InflateStatus got = venv::detail::inflate({in.get(), stream.size()}, out.get(), size);
  if (status != nullptr) *status = got;
  const bool ok = got == InflateStatus::ok;
  return {ok, ok ? std::string(out.get(), size) : std::string()};
}

/// The same, by zlib; well only if both the stream and the output end there.
Result zlibs(std::string_view stream, std::size_t size) {
  z_stream z{};
  REQUIRE(inflateInit2(&z, -15) == Z_OK);
  std::string out(size + 1, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(stream.data()));
  z.avail_in = static_cast<uInt>(stream.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(size);
  const bool ok =
      inflate(&z, Z_FINISH) == Z_STREAM_END && z.total_in == stream.size() && z.total_out == size;
  inflateEnd(&z);
  out.resize(size);
  return {ok, ok ? out : std::string()};
}

bool agree(std::string_view stream, std::size_t size) {
  const Result a = ours(stream, size), b = zlibs(stream, size);
  return a.ok == b.ok && a.output == b.output;
}

InflateStatus status(std::string_view stream, std::size_t size) {
  InflateStatus result;
  ours(stream, size, &result);
  CHECK(agree(stream, size));
  return result;
}

struct Random {
  std::uint64_t state;
  std::uint32_t operator()(std::uint32_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::uint32_t>(state >> 33) % below;
  }
};

/// Streams bit by bit (RFC 1951, 3.1.1).
struct BitWriter {
  std::string out;
  unsigned used = 8;

  BitWriter& bits(std::uint32_t value, unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      if (used == 8) out += '\0', used = 0;
      out.back() = static_cast<char>(out.back() | static_cast<int>(value >> i & 1) << used++);
    }
    return *this;
  }
  BitWriter& code(std::uint32_t word, unsigned count) {
    while (count > 0) bits(word >> --count & 1, 1);
    return *this;
  }
  BitWriter& stored(std::string_view text, bool final) {
    bits(final, 1).bits(0, 2);
    used = 8;
    bits(static_cast<std::uint32_t>(text.size()), 16);
    bits(static_cast<std::uint32_t>(text.size()) ^ 0xFFFF, 16);
    out += text;
    return *this;
  }
  /// A symbol of the fixed code (3.2.6).
  BitWriter& litlen(std::uint32_t symbol) {
    if (symbol < 144) return code(0x30 + symbol, 8);
    if (symbol < 256) return code(0x190 + symbol - 144, 9);
    return symbol < 280 ? code(symbol - 256, 7) : code(0xC0 + symbol - 280, 8);
  }
  /// A match in the fixed code, in the words of the table in 3.2.5.
  BitWriter& match(std::uint32_t length, std::uint32_t distance) {
    std::uint32_t symbol = 257, base = 3, extra = 0;
    for (; symbol < 284 && base + (1u << extra) <= length; ++symbol) {
      base += 1u << extra;
      extra = symbol + 1 < 265 ? 0 : (symbol + 1 - 261) / 4;
    }
    if (length == 258) symbol = 285, base = 258, extra = 0;
    litlen(symbol).bits(length - base, extra);
    for (symbol = 0, base = 1, extra = 0; base + (1u << extra) <= distance; ++symbol) {
      base += 1u << extra;
      extra = symbol + 1 < 4 ? 0 : (symbol + 1) / 2 - 1;
    }
    return code(symbol, 5).bits(distance - base, extra);
  }
  BitWriter& fixed(bool final) { return bits(final, 1).bits(1, 2); }

  /// A dynamic block's header with the code lengths written plainly, in a code of which all 19
  /// words have 4 or 5 bits.
  BitWriter& dynamic(const std::vector<unsigned>& litlens, const std::vector<unsigned>& distances) {
    bits(1, 1).bits(2, 2);
    bits(static_cast<std::uint32_t>(litlens.size()) - 257, 5);
    bits(static_cast<std::uint32_t>(distances.size()) - 1, 5);
    bits(15, 4);
    // Symbols 0 to 12 have 4 bits, 13 to 18 have 5: 13/16 + 6/32.
    for (const int symbol : {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15})
      bits(symbol < 13 ? 4 : 5, 3);
    for (const auto* lengths : {&litlens, &distances})
      for (const unsigned length : *lengths) length_symbol(length);
    return *this;
  }
  BitWriter& length_symbol(unsigned symbol) {
    return symbol < 13 ? code(symbol, 4) : code(26 + symbol - 13, 5);
  }
};

std::string text_like(Random& random, std::size_t size) {
  static const char* const words[] = {"import ", "return ", "self.", "    ",
                                      "\n",      "def ",    "(",     "):"};
  std::string text;
  while (text.size() < size)
    if (random(4) == 0) text += static_cast<char>(random(256));
    else text += words[random(8)];
  text.resize(size);
  return text;
}

void repeat(std::string& out, std::size_t length, std::size_t distance) {
  for (; length > 0; --length) out += out[out.size() - distance];
}

/// The ends of each distance code's range.
std::vector<std::uint32_t> boundary_distances() {
  std::vector<std::uint32_t> distances;
  for (std::uint32_t symbol = 0, base = 1; symbol < 30; ++symbol) {
    const std::uint32_t count = symbol < 4 ? 1 : 1u << (symbol / 2 - 1);
    distances.push_back(base);
    if (count > 1) distances.push_back(base + count - 1);
    base += count;
  }
  return distances;
}

} // namespace

TEST_CASE("inflate: unpacks every entry of the bundled wheels as zlib does") {
  const auto wheels = support::bundled_wheels();
  if (wheels.empty()) MESSAGE("skipped: no bundled wheel found");
  CHECK_FALSE((wheels.empty() && std::getenv("CI") != nullptr));
  for (const auto& path : wheels) {
    const std::string bytes = support::read_file(path);
    const venv::detail::ZipArchive archive(bytes);
    for (const auto& entry : archive.entries()) {
      if (entry.method != venv::detail::zip_deflated) continue;
      CAPTURE(path.string());
      CAPTURE(std::string(entry.name));
      REQUIRE(ours(entry.data, entry.size).ok);
      REQUIRE(agree(entry.data, entry.size));
    }
  }
}

TEST_CASE("inflate: unpacks what zlib packs, at every level and with every strategy") {
  Random random{1};
  for (const std::size_t size : {0u, 1u, 2u, 7u, 300u, 301u, 1000u, 65535u, 65536u, 300000u}) {
    for (int kind = 0; kind < 4; ++kind) {
      std::string text;
      if (kind == 0) text.assign(size, 'a');
      else if (kind == 1) text = text_like(random, size);
      else
        while (text.size() < size) text += static_cast<char>(random(kind == 2 ? 256 : 3));
      for (int level = 0; level <= 9; ++level)
        for (const int strategy :
             {Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED}) {
          if (size > 100000 && level % 3 != 0) continue;
          CAPTURE(size);
          CAPTURE(kind);
          CAPTURE(level);
          CAPTURE(strategy);
          const Result result = ours(support::deflated(text, level, strategy), size);
          REQUIRE(result.ok);
          REQUIRE(result.output == text);
        }
    }
  }
}

TEST_CASE("inflate: has all lengths at all distances' boundaries, in the middle and at the end") {
  Random random{2};
  std::string window;
  while (window.size() < 32768) window += static_cast<char>(random(256));
  const auto distances = boundary_distances();
  REQUIRE(distances.back() == 32768);
  for (const std::uint32_t distance : distances) {
    BitWriter middle;
    std::string expected = window;
    middle.stored(window, false).fixed(true);
    for (std::uint32_t length = 3; length <= 258; ++length) {
      middle.match(length, distance);
      repeat(expected, length, distance);

      BitWriter end;
      std::string short_expected = window.substr(0, distance);
      end.stored(short_expected, false).fixed(true).match(length, distance).litlen(256);
      repeat(short_expected, length, distance);
      const Result result = ours(end.out, short_expected.size());
      CAPTURE(length);
      CAPTURE(distance);
      REQUIRE(result.ok);
      REQUIRE(result.output == short_expected);
    }
    middle.litlen(256);
    CAPTURE(distance);
    REQUIRE(ours(middle.out, expected.size()).output == expected);
    REQUIRE(agree(middle.out, expected.size()));
  }
}

TEST_CASE("inflate: has every distance from 1 to 32768") {
  Random random{3};
  std::string expected;
  while (expected.size() < 32768) expected += static_cast<char>(random(256));
  BitWriter stream;
  stream.stored(expected, false).fixed(true);
  for (std::uint32_t distance = 1; distance <= 32768; ++distance) {
    const std::uint32_t length = 3 + random(40);
    stream.match(length, distance);
    repeat(expected, length, distance);
  }
  stream.litlen(256);
  const Result result = ours(stream.out, expected.size());
  REQUIRE(result.ok);
  CHECK((result.output == expected));
}

TEST_CASE("inflate: refuses a stream that is cut anywhere, or goes on") {
  Random random{4};
  const std::string text = text_like(random, 3000);
  for (const int strategy : {Z_DEFAULT_STRATEGY, Z_FIXED})
    for (const int level : {0, 9}) {
      const std::string stream = support::deflated(text, level, strategy);
      for (std::size_t size = 0; size < stream.size(); ++size) {
        CAPTURE(size);
        REQUIRE_FALSE(ours(std::string_view(stream).substr(0, size), text.size()).ok);
      }
      CHECK(status(stream, text.size()) == InflateStatus::ok);
      CHECK(status(stream.substr(0, stream.size() - 1), text.size()) == InflateStatus::truncated);
      CHECK(status(stream + '\0', text.size()) == InflateStatus::trailing);
    }
}

TEST_CASE("inflate: refuses output of another size than announced") {
  Random random{5};
  const std::string text = text_like(random, 2000);
  for (const int level : {0, 1, 9}) {
    const std::string stream = support::deflated(text, level);
    for (std::size_t size = 0; size < text.size() + 700; ++size) {
      if (size == text.size()) continue;
      InflateStatus result;
      ours(stream, size, &result);
      CAPTURE(size);
      REQUIRE(result == (size < text.size() ? InflateStatus::too_long : InflateStatus::too_short));
    }
  }
}

TEST_CASE("inflate: refuses bad blocks") {
  CHECK(status("", 0) == InflateStatus::truncated);
  CHECK(status(BitWriter().bits(1, 1).bits(3, 2).out, 0) == InflateStatus::bad_block);
  CHECK(status(BitWriter().stored("", true).out, 0) == InflateStatus::ok);
  CHECK(status(BitWriter().fixed(true).litlen(256).out, 0) == InflateStatus::ok);
  std::string complement = BitWriter().stored("abc", true).out;
  complement[3] ^= 1;
  CHECK(status(complement, 3) == InflateStatus::bad_block);
  // 287 literal/length codes, 31 distance codes.
  CHECK(status(BitWriter().bits(5, 3).bits(30, 5).bits(0, 9).out + std::string(300, '\0'), 1) ==
        InflateStatus::bad_block);
  CHECK(status(BitWriter().bits(5, 3).bits(0, 5).bits(30, 5).bits(0, 4).out + std::string(300, 'x'),
               1) == InflateStatus::bad_block);
}

TEST_CASE("inflate: refuses what is not in the fixed code, and distances before the start") {
  for (const std::uint32_t symbol : {286u, 287u}) {
    CHECK(status(BitWriter().fixed(true).litlen(symbol).litlen(256).out, 0) ==
          InflateStatus::bad_code);
    BitWriter far_from_the_end;
    far_from_the_end.fixed(true).litlen(symbol);
    far_from_the_end.out += std::string(100, '\0');
    CHECK(status(far_from_the_end.out, 1000) == InflateStatus::bad_code);
  }
  for (const std::uint32_t symbol : {30u, 31u})
    CHECK(status(BitWriter().fixed(true).litlen('a').litlen(257).code(symbol, 5).litlen(256).out,
                 4) == InflateStatus::bad_code);
  for (const std::uint32_t distance : {2u, 3u, 9u, 300u, 32768u})
    for (const std::size_t padding : {0u, 100u}) {
      CAPTURE(distance);
      std::string stream = BitWriter().fixed(true).litlen('a').match(3, distance).litlen(256).out;
      stream += std::string(padding, '\0');
      CHECK(status(stream, 4 + padding * 10) == InflateStatus::bad_distance);
    }
}

TEST_CASE("inflate: takes and refuses the same codes as zlib") {
  struct Row {
    const char* what;
    std::vector<std::pair<unsigned, unsigned>> litlens; // symbol, bits
    std::vector<unsigned> distances;
    std::uint32_t end; // the code word of the end of the block
    bool ok;
  };
  const Row rows[] = {
      {"two literals and the end", {{'a', 2}, {'b', 2}, {256, 1}}, {0}, 0, true},
      {"only the end, in one bit", {{256, 1}}, {0}, 0, true},
      {"only the end, in two bits", {{256, 2}}, {0}, 0, false},
      {"no end", {{'a', 1}, {'b', 1}}, {0}, 0, false},
      {"incomplete", {{'a', 2}, {256, 2}}, {0}, 0, false},
      {"over-subscribed", {{'a', 1}, {'b', 1}, {256, 1}}, {0}, 0, false},
      {"over-subscribed by its longest", {{'a', 1}, {'b', 2}, {'c', 2}, {256, 15}}, {0}, 0, false},
      {"one distance of one bit", {{'a', 1}, {256, 1}}, {1}, 1, true},
      {"one distance of two bits", {{'a', 1}, {256, 1}}, {2}, 1, false},
      {"two distances", {{'a', 1}, {256, 1}}, {1, 1}, 1, true},
      {"three distances of one bit", {{'a', 1}, {256, 1}}, {1, 1, 1}, 1, false},
      {"an incomplete set of distances", {{'a', 1}, {256, 1}}, {2, 2, 2}, 1, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    std::vector<unsigned> litlens(257);
    for (const auto& [symbol, bits] : row.litlens) litlens[symbol] = bits;
    for (std::uint32_t tail = 0; tail < 64; ++tail) {
      // The block's data: any six bits, so that some streams are well and some are not.
      const std::string stream = BitWriter().dynamic(litlens, row.distances).bits(tail, 6).out;
      for (const std::size_t size : {0u, 1u, 2u, 3u}) REQUIRE(agree(stream, size));
    }
    const std::string stream =
        BitWriter().dynamic(litlens, row.distances).code(row.end, litlens[256]).out;
    CHECK(ours(stream, 0).ok == row.ok);
  }
}

TEST_CASE("inflate: needs no more than its tables for codes of 15 bits") {
  // One symbol of each length and two of the longest make the deepest subtables; shifted through
  // the alphabet so that lengths, literals and the end of the block each are the longest once.
  for (unsigned shift = 0; shift < 286; ++shift) {
    std::vector<unsigned> litlens(286), distances(30);
    for (unsigned i = 0; i < 16; ++i) litlens[(shift + i) % 286] = std::min(i + 1, 15u);
    if (litlens[256] == 0) continue;
    for (unsigned i = 0; i < 16; ++i) distances[(shift + i) % 30] = std::min(i + 1, 15u);
    Random random{shift};
    for (int round = 0; round < 40; ++round) {
      BitWriter stream;
      stream.dynamic(litlens, distances);
      for (int i = 0; i < 30; ++i) stream.bits(random(256), 8);
      for (const std::size_t size : {0u, 5u, 600u}) REQUIRE(agree(stream.out, size));
    }
  }
}

TEST_CASE("inflate: keeps count of bits where all symbols are the longest") {
  // Words of 1, 2, ... 14, 15 and 15 bits: ones with a zero at the end, but for the last.
  std::vector<unsigned> litlens(285), distances(30);
  for (unsigned i = 0; i < 14; ++i) litlens[i] = distances[i] = i + 1;
  litlens[256] = litlens[284] = distances[14] = distances[29] = 15;
  const auto word = [](BitWriter& to, unsigned bits) {
    to.code(0x7FFE & ((1u << bits) - 1), bits);
  };
  Random random{7};
  for (int round = 0; round < 200; ++round) {
    std::string expected;
    while (expected.size() < 32768) expected += static_cast<char>(random(256));
    BitWriter dynamic, stream;
    stream.stored(expected, false);
    dynamic.dynamic(litlens, distances);
    for (int i = 0; i < 60; ++i) {
      for (std::uint32_t n = random(3); n > 0; --n) {
        const unsigned bits = random(2) == 0 ? 11 : 1 + random(14);
        word(dynamic, bits);
        expected += static_cast<char>(bits - 1);
      }
      const std::uint32_t length = random(31), distance = random(8192);
      dynamic.code(0x7FFF, 15).bits(length, 5).code(0x7FFF, 15).bits(distance, 13);
      repeat(expected, 227 + length, 24577 + distance);
    }
    word(dynamic, 15);
    stream.out += dynamic.out;
    REQUIRE(agree(stream.out, expected.size()));
    REQUIRE((ours(stream.out, expected.size()).output == expected));
  }
}

TEST_CASE("inflate: needs no room after the output, however much input follows") {
  for (const std::uint32_t length : {3u, 4u, 8u, 31u, 32u, 33u, 100u, 257u, 258u})
    for (const std::uint32_t distance : {1u, 2u, 3u, 5u, 7u, 8u, 9u, 40u})
      for (std::size_t before = 300; before < 304; ++before)
        for (std::size_t after = 0; after < 50; ++after) {
          BitWriter stream;
          std::string expected;
          const auto literals = [&](std::size_t count) {
            for (; count > 0; --count) {
              expected += static_cast<char>('a' + expected.size() % 26);
              stream.litlen(static_cast<unsigned char>(expected.back()));
            }
          };
          stream.fixed(false);
          literals(before);
          stream.match(length, distance);
          repeat(expected, length, distance);
          literals(after);
          stream.litlen(256);
          for (int i = 0; i < 20; ++i) stream.stored("", false);
          stream.stored("", true);
          CAPTURE(length);
          CAPTURE(distance);
          const Result result = ours(stream.out, expected.size());
          REQUIRE(result.ok);
          REQUIRE((result.output == expected));
        }
}

TEST_CASE("inflate: reads the code lengths' own code as zlib does") {
  const auto header = [](std::uint32_t lengths_of_lengths) {
    BitWriter stream;
    stream.bits(1, 1).bits(2, 2).bits(0, 5).bits(0, 5).bits(lengths_of_lengths, 4);
    return stream;
  };
  // A repetition first of all, and runs beyond the end.
  BitWriter first = header(15);
  for (const int symbol : {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15})
    first.bits(symbol < 13 ? 4 : 5, 3);
  BitWriter beyond = first;
  // Were it zeros that it repeats, only the end of the block would have a code word.
  first.length_symbol(16).bits(0, 2).length_symbol(18).bits(127, 7).length_symbol(18).bits(104, 7);
  first.length_symbol(1).length_symbol(0).bits(0, 1);
  CHECK(status(first.out, 0) == InflateStatus::bad_code);
  beyond.length_symbol(18).bits(127, 7).length_symbol(18).bits(127, 7);
  CHECK(status(beyond.out + std::string(200, '\0'), 0) == InflateStatus::bad_code);
  // Codes of the code lengths: none, one word, over-subscribed.
  for (const std::uint32_t bits : {0u, 1u, 2u, 7u})
    for (std::uint32_t count = 0; count < 16; ++count) {
      BitWriter stream = header(count);
      for (std::uint32_t i = 0; i < count + 4; ++i) stream.bits(i == 3 || bits == 2 ? bits : 0, 3);
      CAPTURE(bits);
      CAPTURE(count);
      CHECK(agree(stream.out + std::string(100, '\x55'), 10));
      CHECK_FALSE(ours(stream.out + std::string(100, '\x55'), 10).ok);
    }
}

TEST_CASE("inflate: agrees with zlib on damaged streams") {
  Random random{6};
  std::size_t well = 0;
  for (int round = 0; round < 300; ++round) {
    const std::string text = text_like(random, 1 + random(3000));
    const int strategies[] = {Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY};
    const std::string stream =
        support::deflated(text, static_cast<int>(random(10)), strategies[random(3)]);
    for (int damage = 0; damage < 60; ++damage) {
      std::string damaged = stream;
      for (std::uint32_t i = 0; i <= random(3); ++i) {
        // Half of the damage to the header, where most decisions are.
        const auto range = static_cast<std::uint32_t>(damaged.size());
        const std::uint32_t at = random(random(2) == 0 ? std::min(range, 80u) : range);
        damaged[at] = static_cast<char>(damaged[at] ^ 1 << random(8));
      }
      const Result result = ours(damaged, text.size());
      well += result.ok;
      REQUIRE(agree(damaged, text.size()));
    }
  }
  CHECK(well > 0); // else nothing but refusals was compared
}
