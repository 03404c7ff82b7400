// SPDX-License-Identifier: Apache-2.0
#include "openflow/tcp_streams.h"

#include "openflow/testing.h"

namespace weft::openflow {
namespace {

constexpr uint8_t syn = 2, ack = 16;

struct Wire {
    uint16_t from = 6653, to = 40000;
    uint32_t sequence = 0;
    uint8_t flags = ack;
    size_t padding = 0;
};
Bytes frame(const Wire& w, ByteSpan data) {
    ByteWriter out;
    out.zeros(12);
    out.u16(0x0800);
    out.u16(0x4500);
    out.u16(static_cast<uint16_t>(40 + data.size()));
    out.zeros(4);
    out.u16(0x4006);
    out.zeros(2);
    out.u32(0x0a000001);
    out.u32(0x0a000002);
    out.u16(w.from);
    out.u16(w.to);
    out.u32(w.sequence);
    out.u32(0);
    out.u8(0x50);
    out.u8(w.flags);
    out.zeros(6);
    out.bytes(data);
    out.zeros(w.padding);
    return out.take();
}

Bytes echo(uint32_t xid, size_t payload = 0) {
    return encode({.xid = xid, .body = EchoRequest{Bytes(payload, 7)}}, {.version = v13});
}

struct Streams {
    std::vector<uint32_t> xids;
    std::string last;
    TcpStreams streams{{6653}, [this](const TcpStreams::Direction& d, ByteSpan m) {
                           xids.push_back(read_header(m).xid);
                           last = d.to_string();
                       }};
    void add(const Wire& w, ByteSpan data) { streams.add(frame(w, data)); }
};

TEST(TcpStreams, messages_are_put_together_whatever_the_order_of_their_segments) {
    Streams s;
    Bytes both = echo(1, 100);
    const Bytes second = echo(2);
    both.insert(both.end(), second.begin(), second.end());
    s.add({.sequence = 99, .flags = syn}, {});
    s.add({.sequence = 150}, ByteSpan(both).subspan(50));
    s.add({.sequence = 150}, ByteSpan(both).subspan(50));
    EXPECT_TRUE(s.xids.empty());
    s.add({.sequence = 100}, ByteSpan(both).first(60));
    EXPECT_EQ(s.xids, (std::vector<uint32_t>{1, 2}));
    EXPECT_EQ(s.last, "10.0.0.1.6653 > 10.0.0.2.40000");
}

TEST(TcpStreams, both_directions_are_told_apart_and_other_ports_passed_over) {
    Streams s;
    s.add({.sequence = 5}, echo(1));
    s.add({.from = 40000, .to = 6653, .sequence = 900}, echo(2));
    s.add({.from = 40000, .to = 80, .sequence = 900}, echo(3));
    EXPECT_EQ(s.xids, (std::vector<uint32_t>{1, 2}));
}

TEST(TcpStreams, what_ethernet_pads_is_no_message) {
    Streams s;
    s.add({.sequence = 5, .padding = 6}, {});
    s.add({.sequence = 5}, echo(1));
    EXPECT_EQ(s.xids, std::vector<uint32_t>{1});
}

TEST(TcpStreams, sequence_numbers_may_pass_their_end) {
    Streams s;
    const Bytes m = echo(1, 30);
    s.add({.sequence = 0xfffffff0, .flags = syn}, {});
    s.add({.sequence = 10}, ByteSpan(m).subspan(25));
    s.add({.sequence = 0xfffffff1}, ByteSpan(m).first(25));
    EXPECT_EQ(s.xids, std::vector<uint32_t>{1});
}

TEST(TcpStreams, a_capture_that_begins_amid_a_message_goes_on_with_the_next) {
    Streams s;
    s.add({.sequence = 500}, Bytes(20, 0xee));
    s.add({.sequence = 520}, echo(7));
    EXPECT_EQ(s.xids, std::vector<uint32_t>{7});
    EXPECT_EQ(s.streams.counters().skipped_bytes, 20u);
}

TEST(TcpStreams, a_gap_is_given_up_when_much_waits_behind_it) {
    Streams s;
    s.add({.sequence = 0, .flags = syn}, {});
    const Bytes big = echo(1, 60000);
    uint32_t at = 1000;  // 1 to 999 never came
    while (s.streams.counters().gaps == 0 && at < 4 * TcpStreams::early_max) {
        for (size_t done = 0; done < big.size(); done += 1400, at += 1400)
            s.add({.sequence = at}, ByteSpan(big).subspan(done, std::min<size_t>(1400, big.size() - done)));
        at -= static_cast<uint32_t>(1400 - big.size() % 1400);
    }
    EXPECT_EQ(s.streams.counters().gaps, 1u);
    EXPECT_GT(s.xids.size(), 10u);
}

TEST(TcpStreams, a_new_connection_on_the_same_ports_starts_anew) {
    Streams s;
    s.add({.sequence = 5}, ByteSpan(echo(1, 50)).first(20));
    s.add({.sequence = 7000, .flags = syn}, {});
    s.add({.sequence = 7001}, echo(2));
    EXPECT_EQ(s.xids, std::vector<uint32_t>{2});
}

TEST(TcpStreams, directions_beyond_the_limit_are_forgotten) {
    Streams s;
    for (uint32_t port = 0; port < 3 * TcpStreams::directions_max / 2; ++port)
        s.add({.to = static_cast<uint16_t>(port), .sequence = 5}, echo(port));
    EXPECT_EQ(s.xids.size(), 3 * TcpStreams::directions_max / 2);
}

}  // namespace
}  // namespace weft::openflow
