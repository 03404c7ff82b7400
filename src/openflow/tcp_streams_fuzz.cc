// SPDX-License-Identifier: Apache-2.0
// Any segments in any order: what is handed over are whole messages, and segments of one stream that come in
// any order, twice and overlapping give the messages that were sent. Input: 0, then frames with two bytes of
// length before each; or another number, then a stream of messages, cut and shuffled by that number.
#include <algorithm>

#include "base/prng.h"
#include "flow/extract.h"
#include "openflow/message.h"
#include "openflow/tcp_streams.h"

using namespace weft;
using namespace weft::openflow;

namespace {

constexpr size_t ethernet = 14, ip4 = 20, tcp = 20;

Bytes frame_of(uint32_t sequence, ByteSpan data) {
    ByteWriter out;
    out.zeros(12);
    out.u16(0x0800);
    out.u16(0x4500);
    out.u16(static_cast<uint16_t>(ip4 + tcp + data.size()));
    out.zeros(4);
    out.u16(0x4006);
    out.zeros(2);
    out.u32(0x0a000001);
    out.u32(0x0a000002);
    out.u16(6653);
    out.u16(40000);
    out.u32(sequence);
    out.u32(0);
    out.u16(0x5010);
    out.zeros(6);
    out.bytes(data);
    return out.take();
}

void expect_whole(ByteSpan message) {
    CHECK(message.size() >= header_size);
    CHECK(read_header(message).length == message.size());
}

void feed_frames(ByteSpan in) {
    TcpStreams streams({6653}, [](const auto&, ByteSpan message) { expect_whole(message); });
    while (in.size() >= 2) {
        const size_t length = std::min<size_t>(in[0] << 8 | in[1], in.size() - 2);
        streams.add(in.subspan(2, length));
        in = in.subspan(2 + length);
    }
}

/// The bytes as a stream of messages with right headers.
Bytes stream_of(ByteSpan in) {
    Bytes out;
    while (in.size() >= header_size) {
        const size_t length = std::min<size_t>(in.size(), header_size + in[2]);
        Bytes m(in.begin(), in.begin() + static_cast<ptrdiff_t>(length));
        m[0] = static_cast<uint8_t>(1 + m[0] % 6);
        m[2] = static_cast<uint8_t>(length >> 8);
        m[3] = static_cast<uint8_t>(length);
        out.insert(out.end(), m.begin(), m.end());
        in = in.subspan(length);
    }
    return out;
}

void feed_shuffled(uint64_t seed, ByteSpan in) {
    Prng prng(seed);
    const Bytes stream = stream_of(in);
    const auto first = static_cast<uint32_t>(prng.next());
    std::vector<std::pair<size_t, size_t>> cuts;
    for (size_t at = 0; at < stream.size();) {
        const size_t n = std::min<size_t>(1 + prng.next() % 40, stream.size() - at);
        cuts.emplace_back(at, n);
        if (prng.next() % 4 == 0) cuts.emplace_back(at, std::min(n + prng.next() % 9, stream.size() - at));
        at += n;
    }
    for (size_t i = cuts.size(); i > 1; --i) std::swap(cuts[i - 1], cuts[prng.next() % i]);
    Bytes got;
    TcpStreams streams({6653}, [&](const auto&, ByteSpan message) {
        expect_whole(message);
        got.insert(got.end(), message.begin(), message.end());
    });
    Bytes syn = frame_of(first - 1, {});
    syn[ethernet + ip4 + 13] = 2;
    streams.add(syn);
    for (const auto& [at, n] : cuts)
        streams.add(frame_of(first + static_cast<uint32_t>(at), ByteSpan(stream).subspan(at, n)));
    CHECK(got == stream);
    CHECK(streams.counters().gaps == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 1) return 0;
    const ByteSpan in(data + 1, size - 1);
    if (data[0] == 0)
        feed_frames(in);
    else
        feed_shuffled(data[0], in);
    return 0;
}
