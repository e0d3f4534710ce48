#pragma once

// A zip writer that can lie: every field of both headers can be set apart from the truth.

#include <zlib.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace support {

/// Raw deflate by zlib.
inline std::string deflated(std::string_view data, int level = 6,
                            int strategy = Z_DEFAULT_STRATEGY) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, -15, 9, strategy) != Z_OK)
    throw std::runtime_error("deflateInit2");
  std::string out(deflateBound(&stream, static_cast<uLong>(data.size())) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("deflate");
  return out;
}

struct Header {
  std::optional<std::string> name;
  std::optional<std::uint32_t> flags, method, crc, compressed_size, size;
};

struct ZipFile {
  std::string name, content;
  bool compress = true;
  std::uint32_t mode = 0100644;
  std::uint32_t flags = 0;
  std::string extra = {};                   // of both headers
  std::optional<std::string> data = {};     // instead of the compressed content
  std::optional<std::uint32_t> offset = {}; // of the local header, as the central directory says
  Header central = {}, local = {};
  bool descriptor = false; // bit 3, zeros in the local header, the truth after the data
};

struct ZipEnd {
  std::string comment, between, after; // between the central directory and the end record
  std::optional<std::uint32_t> count, count_here, disk, size, offset;
};

inline void le(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
}

inline std::string make_zip(const std::vector<ZipFile>& files, const ZipEnd& end = {}) {
  std::string out, directory;
  for (const ZipFile& file : files) {
    const std::string data = file.data       ? *file.data
                             : file.compress ? deflated(file.content)
                                             : file.content;
    const auto crc =
        static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(file.content.data()),
                                         static_cast<uInt>(file.content.size())));
    const auto offset = static_cast<std::uint32_t>(out.size());
    const auto fields = [&](std::string& to, const Header& header, bool local) {
      const bool later = local && file.descriptor;
      const std::string name = header.name.value_or(file.name);
      le(to, header.flags.value_or(file.flags | (file.descriptor ? 8u : 0u)), 2);
      le(to, header.method.value_or(file.compress ? 8 : 0), 2);
      le(to, 0, 4); // time and date
      le(to, header.crc.value_or(later ? 0 : crc), 4);
      le(to, header.compressed_size.value_or(later ? 0 : static_cast<std::uint32_t>(data.size())),
         4);
      le(to, header.size.value_or(later ? 0 : static_cast<std::uint32_t>(file.content.size())), 4);
      le(to, name.size(), 2);
      le(to, file.extra.size(), 2);
      return name + file.extra;
    };
    out += "PK\3\4";
    le(out, 20, 2);
    const std::string local_tail = fields(out, file.local, true);
    out += local_tail + data;
    if (file.descriptor) {
      out += "PK\7\10";
      le(out, crc, 4);
      le(out, data.size(), 4);
      le(out, file.content.size(), 4);
    }
    directory += "PK\1\2";
    le(directory, 3 << 8 | 20, 2); // made on Unix
    le(directory, 20, 2);
    const std::string central_tail = fields(directory, file.central, false);
    le(directory, 0, 2); // comment
    le(directory, 0, 4); // disk, internal attributes
    le(directory, file.mode << 16, 4);
    le(directory, file.offset.value_or(offset), 4);
    directory += central_tail;
  }
  const std::size_t offset = out.size();
  out += directory + end.between + std::string("PK\5\6", 4);
  le(out, end.disk.value_or(0), 2);
  le(out, 0, 2);
  le(out, end.count_here.value_or(end.count.value_or(static_cast<std::uint32_t>(files.size()))), 2);
  le(out, end.count.value_or(static_cast<std::uint32_t>(files.size())), 2);
  le(out, end.size.value_or(static_cast<std::uint32_t>(directory.size())), 4);
  le(out, end.offset.value_or(static_cast<std::uint32_t>(offset)), 4);
  le(out, end.comment.size(), 2);
  return out + end.comment + end.after;
}

} // namespace support
