// SPDX-License-Identifier: Apache-2.0
#include "net/frame_stream.h"

#include <gtest/gtest.h>

#include "net/memory_transport.h"

namespace weft::net {
namespace {

struct FrameStreams : testing::Test {
    loop::Clock clock{loop::Clock::Kind::simulated};
    loop::Loop loop{clock};
    MemoryTransport transport{loop, 1ms};
    struct End {
        std::vector<Bytes> got;
        std::unique_ptr<FrameStream> link;
    };
    End a, b, c;
    void SetUp() override {
        for (End* e : {&a, &b, &c})
            e->link = std::make_unique<FrameStream>(
                loop, transport, [e](ByteSpan f) { e->got.emplace_back(f.begin(), f.end()); });
    }
    void TearDown() override {
        for (End* e : {&a, &b, &c}) e->link.reset();
    }
};

TEST_F(FrameStreams, frames_arrive_whole_and_in_order_at_all_who_are_connected) {
    a.link->configure({{"pstream", "punix:x"}, {"tx_pcap", "ignored"}}).value();
    b.link->configure({{"stream", "unix:x"}}).value();
    c.link->configure({{"stream", "unix:x"}}).value();
    EXPECT_EQ(b.link->state(), "disconnected");
    loop.run_for(10ms);
    EXPECT_EQ(b.link->state(), "connected");
    EXPECT_EQ(a.link->state(), "unknown");
    const std::vector<Bytes> frames{Bytes(60, 1), Bytes(0), Bytes(65535, 2), Bytes(14, 3)};
    for (const Bytes& f : frames) a.link->send(f);
    b.link->send(Bytes(99, 9));
    loop.run_for(10ms);
    EXPECT_EQ(b.got, frames);
    EXPECT_EQ(c.got, frames);
    EXPECT_EQ(a.got, std::vector<Bytes>{Bytes(99, 9)});
}

TEST_F(FrameStreams, the_connecting_end_goes_on_trying) {
    b.link->configure({{"stream", "unix:x"}}).value();
    loop.run_for(5s);
    a.link->configure({{"pstream", "punix:x"}}).value();
    loop.run_for(2s);
    EXPECT_EQ(b.link->state(), "connected");
    a.link->configure({}).value();
    loop.run_for(10ms);
    EXPECT_EQ(b.link->state(), "disconnected");
    a.link->configure({{"pstream", "punix:x"}}).value();
    loop.run_for(2s);
    a.link->send(Bytes(60, 1));
    loop.run_for(10ms);
    EXPECT_EQ(b.got.size(), 1u);
}

TEST_F(FrameStreams, a_frame_in_pieces_is_put_together) {
    a.link->configure({{"pstream", "punix:x"}}).value();
    auto raw = transport.connect(*ConnectionName::parse("unix:x", 0)).value();
    raw->start({});
    for (const char byte : std::string("\x00\x03"
                                       "abc\x00\x01z\x00",
                                       9)) {
        raw->send(std::string_view(&byte, 1));
        loop.run_for(3ms);
    }
    EXPECT_EQ(a.got, (std::vector<Bytes>{{'a', 'b', 'c'}, {'z'}}));
}

TEST_F(FrameStreams, nonsense_is_refused) {
    EXPECT_FALSE(a.link->configure({{"stream", "foo:x"}}).has_value());
    EXPECT_FALSE(a.link->configure({{"stream", "unix:x"}, {"pstream", "punix:x"}}).has_value());
}

}  // namespace
}  // namespace weft::net
