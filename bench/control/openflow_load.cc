// SPDX-License-Identifier: Apache-2.0
// openflow_load SOCKET COUNT single|stream: adds COUNT flows in OpenFlow 1.0, each with a barrier to wait for
// (single), or as one stream with a barrier at its end (stream); prints JSON: flow_mods per second. The
// messages are encoded beforehand.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "client.h"

namespace {

constexpr uint8_t ofp10 = 1, hello = 0, error = 1, echo_request = 2, echo_reply = 3, flow_mod = 14,
                  barrier_request = 18, barrier_reply = 19;

void header(weft::ByteWriter& w, uint8_t type, uint16_t length, uint32_t xid) {
    w.u8(ofp10);
    w.u8(type);
    w.u16(length);
    w.u32(xid);
}

/// priority=1000,udp,nw_src=10.x.y.z,tp_src=p actions=output:2 (OpenFlow 1.0.1 5.3.3).
void add_flow(weft::ByteWriter& w, uint32_t i) {
    header(w, flow_mod, 80, i + 100);
    w.u32(0x3fffff & ~(0x10u | 0x20u | 0x40u | 0x3f00u));  // all wild but dl_type, nw_proto, tp_src, nw_src
    w.zeros(18);                                           // in_port, dl_src, dl_dst, dl_vlan, pcp, pad
    w.u16(0x0800);
    w.u8(0);
    w.u8(17);
    w.zeros(2);
    w.u32(0x0a000000 + i);
    w.u32(0);
    w.u16(static_cast<uint16_t>(i % 60000 + 1));
    w.u16(0);
    w.u64(i);     // cookie
    w.u16(0);     // add
    w.zeros(4);   // timeouts
    w.u16(1000);  // priority
    w.u32(0xffffffff);
    w.u16(0xffff);
    w.u16(0);
    w.u16(0);  // output
    w.u16(8);
    w.u16(2);
    w.u16(0);
}

/// Reads messages until the reply to the barrier `xid`.
void wait_barrier(weft::bench::Client& client, uint32_t xid) {
    for (;;) {
        const std::string head = client.read_exactly(8);
        weft::ByteReader r(weft::as_bytes(head));
        r.u8();
        const uint8_t type = r.u8();
        const uint16_t length = r.u16();
        const uint32_t got = r.u32();
        const std::string body = client.read_exactly(length - 8);
        if (type == echo_request) {
            weft::ByteWriter w;
            header(w, echo_reply, length, got);
            client.send(std::string(weft::as_chars(w.span())) + body);
        }
        if (type == error) {
            std::fprintf(stderr, "openflow_load: error for xid %u: %s\n", got,
                         weft::format_hex(weft::as_bytes(body)).c_str());
            std::exit(1);
        }
        if (type == barrier_reply && got == xid) return;
    }
}

std::string encode(uint32_t first, uint32_t n, bool each) {
    weft::ByteWriter w;
    for (uint32_t i = first; i < first + n; ++i) {
        add_flow(w, i);
        if (each || i + 1 == first + n) header(w, barrier_request, 8, i);
    }
    return std::string(weft::as_chars(w.span()));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: openflow_load SOCKET COUNT single|stream\n");
        return 2;
    }
    const auto count = static_cast<uint32_t>(std::strtoul(argv[2], nullptr, 10));
    const bool single = std::string_view(argv[3]) == "single";
    weft::bench::Client client(argv[1]);
    weft::ByteWriter w;
    header(w, hello, 8, 1);
    client.send(weft::as_chars(w.span()));

    const std::string all = encode(1, count, single);
    constexpr size_t step = 88;  // a flow_mod and its barrier
    const double start = weft::bench::now_s();
    if (single) {
        for (uint32_t i = 0; i < count; ++i) {
            client.send(std::string_view(all).substr(i * step, step));
            wait_barrier(client, i + 1);
        }
    } else {
        client.send(all);
        wait_barrier(client, count);
    }
    std::printf("{\"per_second\": %.0f}\n", count / (weft::bench::now_s() - start));
    return 0;
}
