// Throughput of our inflate against zlib's and libdeflate's, on the entries of a wheel, one thread.
//
//   g++ -O2 -std=c++17 -I src bench/inflate.cpp -o inflate -lz -ldeflate
//   ./inflate WHEEL [SECONDS]
//
// All three are measured in turn, pass by pass, so that what else the machine does meets each of
// them; the figures are medians of the passes, in MB (10^6 bytes) of output a second.

#include "archive/crc32.hpp"
#include "archive/inflate.hpp"
#include "archive/sha256.hpp"
#include "archive/zip.hpp"

#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

using venv::detail::ZipEntry;

template <class F> double seconds(F&& run) {
  const auto start = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

[[noreturn]] void fail(const char* who) {
  std::fprintf(stderr, "%s: wrong output\n", who);
  std::exit(1);
}

struct Candidate {
  const char* name;
  void (*inflate)(std::string_view data, std::string& out);
  std::vector<double> passes;
};

libdeflate_decompressor* shared_decompressor = libdeflate_alloc_decompressor();
z_stream shared_stream;

void ours(std::string_view data, std::string& out) {
  if (venv::detail::inflate(data, out.data(), out.size()) != venv::detail::InflateStatus::ok)
    fail("venv.hpp");
}

void libdeflate(std::string_view data, std::string& out) {
  if (libdeflate_deflate_decompress(shared_decompressor, data.data(), data.size(), out.data(),
                                    out.size(), nullptr) != LIBDEFLATE_SUCCESS)
    fail("libdeflate");
}

void zlib(std::string_view data, std::string& out) {
  inflateReset(&shared_stream);
  shared_stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  shared_stream.avail_in = static_cast<uInt>(data.size());
  shared_stream.next_out = reinterpret_cast<Bytef*>(out.data());
  shared_stream.avail_out = static_cast<uInt>(out.size());
  if (inflate(&shared_stream, Z_FINISH) != Z_STREAM_END) fail("zlib");
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: %s WHEEL [SECONDS]\n", argv[0]), 2;
  const double budget = argc > 2 ? std::atof(argv[2]) : 3.0;
  std::ifstream file(argv[1], std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const venv::detail::ZipArchive archive(bytes);
  inflateInit2(&shared_stream, -15);

  std::vector<const ZipEntry*> entries;
  std::vector<std::string> buffers;
  double total = 0, compressed = 0;
  for (const ZipEntry& entry : archive.entries())
    if (entry.method == venv::detail::zip_deflated) {
      entries.push_back(&entry);
      buffers.emplace_back(entry.size, '\0');
      total += static_cast<double>(entry.size);
      compressed += static_cast<double>(entry.data.size());
    }

  Candidate candidates[] = {
      {"venv.hpp", ours, {}}, {"zlib", zlib, {}}, {"libdeflate", libdeflate, {}}};
  const auto start = std::chrono::steady_clock::now();
  const auto elapsed = [start] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  while (elapsed() < budget || candidates[0].passes.size() < 5)
    for (Candidate& candidate : candidates)
      candidate.passes.push_back(seconds([&] {
        for (std::size_t i = 0; i < entries.size(); ++i)
          candidate.inflate(entries[i]->data, buffers[i]);
      }));

  std::printf("%zu entries, %.2f MB from %.2f MB, %zu passes\n", entries.size(), total / 1e6,
              compressed / 1e6, candidates[0].passes.size());
  const double our_time = median(candidates[0].passes);
  for (const Candidate& candidate : candidates)
    std::printf("%-12s %8.0f MB/s   venv.hpp / this: %.2f\n", candidate.name,
                total / median(candidate.passes) / 1e6, median(candidate.passes) / our_time);

  std::vector<double> crc, sha;
  volatile unsigned sink = 0;
  for (int pass = 0; pass < 9; ++pass) {
    crc.push_back(seconds([&] {
      for (const std::string& buffer : buffers) sink = sink ^ venv::detail::crc32(buffer);
    }));
    sha.push_back(seconds([&] {
      for (const std::string& buffer : buffers) sink = sink ^ venv::detail::sha256(buffer)[0];
    }));
  }
  std::printf("%-12s %8.0f MB/s\n%-12s %8.0f MB/s\n", "crc32", total / median(crc) / 1e6, "sha256",
              total / median(sha) / 1e6);
}
