// SPDX-License-Identifier: Apache-2.0
#include "sys/pcap.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <bit>

namespace weft::sys {
namespace {

struct FileHeader {
    uint32_t magic = 0xa1b2c3d4;
    uint16_t major = 2, minor = 4;
    uint32_t reserved[2] = {0, 0}, snap_length = 0x40000, link_type = 1;
};
struct FrameHeader {
    uint32_t seconds, microseconds, captured, length;
};

Result<Bytes> read_all(const std::string& path) {
    const Fd fd = TRY(fd_or_errno(::open(path.c_str(), O_RDONLY | O_CLOEXEC), path));
    Bytes out;
    std::array<uint8_t, 65536> part;
    for (;;) {
        const ssize_t n = ::read(fd.get(), part.data(), part.size());
        if (n < 0) return fail_errno(path);
        if (n == 0) return out;
        out.insert(out.end(), part.begin(), part.begin() + n);
    }
}

}  // namespace

Result<std::unique_ptr<PcapWriter>> PcapWriter::create(const std::string& path) {
    Fd fd = TRY(fd_or_errno(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), path));
    const FileHeader header;
    if (::write(fd.get(), &header, sizeof header) != sizeof header) return fail_errno(path);
    return std::unique_ptr<PcapWriter>(new PcapWriter(std::move(fd)));
}

void PcapWriter::write(ByteSpan frame, std::chrono::nanoseconds since_1970) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(since_1970).count();
    const auto size = static_cast<uint32_t>(frame.size());
    FrameHeader h{static_cast<uint32_t>(us / 1'000'000), static_cast<uint32_t>(us % 1'000'000), size, size};
    const std::array<iovec, 2> parts = {iovec{&h, sizeof h},
                                        iovec{const_cast<uint8_t*>(frame.data()), frame.size()}};
    [[maybe_unused]] const auto n = ::writev(fd_.get(), parts.data(), parts.size());
}

Result<std::vector<Bytes>> parse_pcap(ByteSpan all, const std::string& path) {
    ByteReader r(all);
    const auto header = r.read<FileHeader>();
    const bool swapped = header.magic == std::byteswap(FileHeader{}.magic);
    const auto host = [&](uint32_t v) { return swapped ? std::byteswap(v) : v; };
    if (!r.ok() || host(header.magic) != FileHeader{}.magic) return fail(path + " is not a pcap file");
    if (host(header.link_type) != FileHeader{}.link_type)
        return fail(path + " does not contain Ethernet frames");
    std::vector<Bytes> frames;
    while (!r.empty()) {
        const auto frame = r.read<FrameHeader>();
        const ByteSpan bytes = r.take(host(frame.captured));
        if (!r.ok()) return fail(path + " is cut off");
        frames.emplace_back(bytes.begin(), bytes.end());
    }
    return frames;
}

Result<std::vector<Bytes>> read_pcap(const std::string& path) {
    return parse_pcap(TRY(read_all(path)), path);
}

}  // namespace weft::sys
