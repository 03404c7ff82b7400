// SPDX-License-Identifier: Apache-2.0
#include "openflow/tcp_streams.h"

#include <algorithm>
#include <optional>

#include "flow/extract.h"
#include "openflow/message.h"

namespace weft::openflow {
namespace {

constexpr uint8_t tcp_protocol = 6, syn_flag = 2;
constexpr size_t tcp_header = 20;

/// Of an IP packet, its payload's length without what Ethernet pads.
size_t tcp_length(ByteSpan frame, const flow::Extracted& at) {
    constexpr size_t ip4_header = 20, ip6_header = 40;
    const ByteSpan l3 = frame.subspan(at.l3);
    if (l3.size() < ip4_header) return 0;
    const size_t header = at.l4 - at.l3, there = frame.size() - at.l4;
    const bool is_ip4 = l3[0] >> 4 == 4;
    const auto length = static_cast<size_t>(is_ip4 ? l3[2] << 8 | l3[3] : l3[4] << 8 | l3[5]);
    if (length == 0) return there;  // of a frame that the card was to cut
    const size_t told = length + (is_ip4 ? 0 : ip6_header);
    return told > header ? std::min(told - header, there) : 0;
}

std::string address(const flow::FlowKey& key, bool source) {
    const auto& p = key.packet;
    constexpr uint16_t ipv4 = 0x0800;
    if (p.eth_type.host() == ipv4) return format_ip4(source ? p.nw_src : p.nw_dst);
    return (source ? p.ipv6_src : p.ipv6_dst).to_string();
}

bool looks_like_message(ByteSpan data) {
    constexpr uint8_t last_type = 35;
    if (data.size() < header_size) return false;
    const Header h = read_header(data);
    return h.version >= 1 && h.version <= 6 && h.type <= last_type && h.length >= header_size;
}

/// How far `a` is behind `b`, around the end of the numbers.
int32_t distance(uint32_t a, uint32_t b) { return static_cast<int32_t>(b - a); }

}  // namespace

std::string TcpStreams::Direction::to_string() const {
    return from.address + "." + std::to_string(from.port) + " > " + to.address + "." +
           std::to_string(to.port);
}

void TcpStreams::add(ByteSpan frame) {
    flow::FlowKey key{};
    const flow::Extracted at = flow::extract(frame, key.packet, flow::max_vlan_tags);
    if (at.l4 == flow::Extracted::none || key.packet.nw_proto != tcp_protocol) return;
    const ByteSpan tcp = frame.subspan(at.l4, tcp_length(frame, at));
    if (tcp.size() < tcp_header) return;
    ByteReader in(tcp);
    const uint16_t from = in.u16(), to = in.u16();
    if (std::ranges::none_of(ports_, [&](uint16_t p) { return p == from || p == to; })) return;
    Segment segment{.sequence = in.u32(), .syn = (tcp[13] & syn_flag) != 0, .data = {}};
    const size_t header = static_cast<size_t>(tcp[12] >> 4) * 4;
    if (header < tcp_header) return;
    segment.data = tcp.subspan(std::min(header, tcp.size()));
    ++counters_.segments;
    const Direction d{{address(key, true), from}, {address(key, false), to}};
    take_segment(d, state_of(d), segment);
}

TcpStreams::State& TcpStreams::state_of(const Direction& d) {
    const auto found = directions_.find(d);
    State& s = found != directions_.end() ? found->second : directions_[d];
    s.last_used = counters_.segments;
    if (directions_.size() > directions_max)
        directions_.erase(
            std::ranges::min_element(directions_, {}, [](const auto& one) { return one.second.last_used; }));
    return s;
}

void TcpStreams::take_segment(const Direction& d, State& s, const Segment& segment) {
    if (segment.syn || !s.started) {
        const uint64_t used = s.last_used;
        s = {};
        s.last_used = used;
        s.started = true;
        s.in_step = segment.syn;
        s.next = segment.sequence + segment.syn;
    }
    if (segment.data.empty()) return;
    const uint32_t sequence = segment.sequence + segment.syn;
    auto& waiting = s.early[sequence];
    if (waiting.size() < segment.data.size()) {
        s.early_bytes += segment.data.size() - waiting.size();
        waiting.assign(segment.data.begin(), segment.data.end());
    }
    take_early(d, s);
    if (s.early_bytes <= early_max) return;
    // What is missing will not come any more.
    lose(s);
    s.next = std::ranges::min_element(s.early, {}, [&](const auto& one) {
                 return distance(s.next, one.first);
             })->first;
    take_early(d, s);
}

void TcpStreams::take_early(const Direction& d, State& s) {
    for (bool found = true; found;) {
        found = false;
        for (auto it = s.early.begin(); it != s.early.end();) {
            const int32_t ahead = distance(s.next, it->first);
            if (ahead > 0) {
                ++it;
                continue;
            }
            const Bytes data = std::move(it->second);
            s.early_bytes -= data.size();
            it = s.early.erase(it);
            const size_t known = static_cast<size_t>(-static_cast<int64_t>(ahead));
            if (known >= data.size()) continue;
            s.next += static_cast<uint32_t>(data.size() - known);
            append(d, s, ByteSpan(data).subspan(known));
            found = true;
        }
    }
}

void TcpStreams::append(const Direction& d, State& s, ByteSpan data) {
    if (!s.in_step && looks_like_message(data)) s.in_step = true;
    if (!s.in_step) {
        counters_.skipped_bytes += data.size();
        return;
    }
    s.in.insert(s.in.end(), data.begin(), data.end());
    deliver(d, s);
}

void TcpStreams::deliver(const Direction& d, State& s) {
    ByteSpan rest(s.in);
    while (rest.size() >= header_size) {
        const size_t length = read_header(rest).length;
        if (length < header_size) {
            s.in_step = false;
            counters_.skipped_bytes += rest.size();
            return s.in.clear();
        }
        if (rest.size() < length) break;
        ++counters_.messages;
        take_(d, rest.first(length));
        rest = rest.subspan(length);
    }
    s.in.erase(s.in.begin(), s.in.end() - static_cast<ptrdiff_t>(rest.size()));
}

void TcpStreams::lose(State& s) {
    ++counters_.gaps;
    counters_.skipped_bytes += s.in.size();
    s.in.clear();
    s.in_step = false;
}

}  // namespace weft::openflow
