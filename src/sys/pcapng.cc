// SPDX-License-Identifier: Apache-2.0
#include "sys/pcapng.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "sys/capture_link.h"

namespace weft::sys {
namespace {

// Types of blocks (section 11.1).
constexpr uint32_t section_header = 0x0a0d0d0a, interface_description = 1, packet_block = 2,
                   simple_packet = 3, enhanced_packet = 6;
constexpr uint32_t byte_order = 0x1a2b3c4d;
constexpr size_t block_overhead = 12, alignment = 4;

struct Interface {
    uint16_t link_type = 0;
    uint32_t snap_length = 0;
};

class Reader {
  public:
    Reader(ByteSpan contents, const std::string& path) : rest_(contents), path_(path) {}

    Result<std::vector<Bytes>> read() {
        while (!rest_.empty()) TRY(read_block());
        if (frames_.empty() && strange_)
            return fail(path_ + " has only frames of link type " + std::to_string(*strange_) +
                        ": Ethernet, Linux cooked captures and IP are read");
        return std::move(frames_);
    }

  private:
    uint32_t u32(ByteReader& r) const {
        const auto v = r.read<uint32_t>();
        return swapped_ ? std::byteswap(v) : v;
    }
    uint16_t u16(ByteReader& r) const {
        const auto v = r.read<uint16_t>();
        return swapped_ ? std::byteswap(v) : v;
    }

    /// The first block of a section says its byte order.
    Result<void> begin_section() {
        ByteReader r(rest_);
        r.skip(8);
        const auto magic = r.read<uint32_t>();
        if (!r.ok()) return fail(path_ + " is cut off");
        swapped_ = magic == std::byteswap(byte_order);
        if (!swapped_ && magic != byte_order) return damaged("a section has no byte order");
        interfaces_.clear();
        return {};
    }

    Result<void> read_block() {
        if (is_pcapng(rest_)) TRY(begin_section());
        ByteReader r(rest_);
        const uint32_t type = u32(r), length = u32(r);
        if (!r.ok()) return fail(path_ + " is cut off");
        if (length < block_overhead || length % alignment)
            return damaged("a block of " + std::to_string(length) + " bytes");
        if (length > rest_.size()) return fail(path_ + " is cut off");
        ByteReader end(rest_.subspan(length - 4));
        if (u32(end) != length) return damaged("a block's lengths differ");
        const ByteSpan body = rest_.subspan(8, length - block_overhead);
        rest_ = rest_.subspan(length);
        return read_body(type, body);
    }

    Result<void> read_body(uint32_t type, ByteSpan body) {
        ByteReader r(body);
        switch (type) {
            case interface_description: {
                const uint16_t link_type = u16(r);
                r.skip(2);
                interfaces_.push_back({link_type, u32(r)});
                break;
            }
            case enhanced_packet: {
                const uint32_t interface = u32(r);
                r.skip(8);  // time
                return add_frame(interface, r);
            }
            case packet_block: {
                const uint32_t interface = u16(r);
                r.skip(2 + 8);  // drops, time
                return add_frame(interface, r);
            }
            case simple_packet: {
                const uint32_t length = u32(r);
                if (interfaces_.empty()) return damaged("a packet of no interface");
                const uint32_t snap = interfaces_[0].snap_length;
                return add(0, r.take(snap ? std::min(length, snap) : length), r);
            }
            default:
                return {};  // names, statistics, what others made up
        }
        return r.ok() ? Result<void>() : damaged("a block is too short");
    }

    /// From the captured length on.
    Result<void> add_frame(uint32_t interface, ByteReader& r) {
        const uint32_t captured = u32(r);
        r.skip(4);  // as it was on the wire
        return add(interface, r.take(captured), r);
    }

    Result<void> add(uint32_t interface, ByteSpan frame, const ByteReader& r) {
        if (!r.ok()) return damaged("a packet is longer than its block");
        if (interface >= interfaces_.size()) return damaged("a packet of no interface");
        const uint16_t type = interfaces_[interface].link_type;
        if (auto ethernet = as_ethernet(type, frame))
            frames_.push_back(*std::move(ethernet));
        else if (!reads_link(type))
            strange_ = type;
        return {};
    }

    std::unexpected<Error> damaged(const std::string& how) const {
        return fail(path_ + " is damaged: " + how);
    }

    ByteSpan rest_;
    const std::string& path_;
    bool swapped_ = false;
    std::vector<Interface> interfaces_;
    std::optional<uint16_t> strange_;
    std::vector<Bytes> frames_;
};

}  // namespace

bool is_pcapng(ByteSpan contents) {
    ByteReader r(contents);
    return r.u32() == section_header && r.ok();  // reads the same either way
}

Result<std::vector<Bytes>> parse_pcapng(ByteSpan contents, const std::string& path) {
    return Reader(contents, path).read();
}

}  // namespace weft::sys
