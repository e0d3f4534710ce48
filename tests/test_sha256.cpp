#include "archive/sha256.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <string>
#include <string_view>

namespace {
std::string hex(std::string_view bytes) {
  std::string text;
  for (const std::uint8_t byte : venv::detail::sha256(bytes)) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(byte));
    text += digits;
  }
  return text;
}
} // namespace

TEST_CASE("sha256: gives the digests of NIST's examples") {
  // FIPS 180-4's examples and NIST's long message; the empty one from its short-message vectors.
  CHECK(hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(hex(std::string(1000000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("sha256: is the same however the message is cut") {
  std::string message;
  for (int i = 0; i < 300; ++i) message += static_cast<char>(i * 7);
  const auto whole = venv::detail::sha256(message);
  for (std::size_t piece = 1; piece <= message.size(); ++piece) {
    venv::detail::Sha256 hash;
    for (std::size_t at = 0; at < message.size(); at += piece)
      hash.update(std::string_view(message).substr(at, piece));
    CAPTURE(piece);
    REQUIRE(hash.finish() == whole);
  }
}

TEST_CASE("sha256: agrees with Python's hashlib around every block boundary") {
  // Each length once as one message whose digests are hashed together; the result is what hashlib
  // gives for the same construction.
  std::string digests;
  for (std::size_t size = 0; size < 260; ++size) digests += hex(std::string(size, 'x'));
  CHECK(hex(digests) == "eabbaebf909c41dec1145f50e48d51219e9aaacedfb450c3e71338c3920f0ec7");
}

TEST_CASE("record_hash: is URL-safe base64 without padding") {
  CHECK(venv::detail::record_hash("") == "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
  CHECK(venv::detail::record_hash("abc") == "sha256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
}

TEST_CASE("sha256: is the same by the processor's instructions and by plain C++") {
  if (!venv::detail::processor_features().sha) {
    MESSAGE("skipped: this processor has none");
    return;
  }
  std::string message;
  std::uint32_t random = 1;
  for (std::size_t size = 0; size < 700; ++size) {
    venv::detail::Sha256 plain(false), fast(true);
    for (std::size_t half : {size / 3, size - size / 3}) {
      const std::string_view part = std::string_view(message).substr(0, half);
      plain.update(part);
      fast.update(part);
    }
    CAPTURE(size);
    REQUIRE(plain.finish() == fast.finish());
    random = random * 1664525u + 1013904223u;
    message += static_cast<char>(random >> 24);
  }
}
