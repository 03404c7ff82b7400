// SPDX-License-Identifier: Apache-2.0
#include "sys/pcap.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <bit>

#include "sys/capture_link.h"
#include "sys/pcapng.h"

namespace weft::sys {
namespace {

struct FileHeader {
    uint32_t magic = 0xa1b2c3d4;
    uint16_t major = 2, minor = 4;
    uint32_t reserved[2] = {0, 0}, snap_length = 0x40000, link_type = 1;
};
constexpr uint32_t nanoseconds_magic = 0xa1b23c4d;
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
    if (is_pcapng(all)) return parse_pcapng(all, path);
    ByteReader r(all);
    const auto header = r.read<FileHeader>();
    const auto is_magic = [](uint32_t v) { return v == FileHeader{}.magic || v == nanoseconds_magic; };
    const bool swapped = is_magic(std::byteswap(header.magic));
    const auto host = [&](uint32_t v) { return swapped ? std::byteswap(v) : v; };
    if (!r.ok() || !is_magic(host(header.magic))) return fail(path + " is not a pcap file");
    const auto type = static_cast<uint16_t>(host(header.link_type));  // the rest tells of checksums
    if (!reads_link(type))
        return fail(path + " has frames of link type " + std::to_string(type) +
                    ": Ethernet, Linux cooked captures and IP are read");
    std::vector<Bytes> frames;
    while (!r.empty()) {
        const auto frame = r.read<FrameHeader>();
        const ByteSpan bytes = r.take(host(frame.captured));
        if (!r.ok()) return fail(path + " is cut off");
        if (auto ethernet = as_ethernet(type, bytes)) frames.push_back(*std::move(ethernet));
    }
    return frames;
}

Result<std::vector<Bytes>> read_pcap(const std::string& path) {
    return parse_pcap(TRY(read_all(path)), path);
}

}  // namespace weft::sys
