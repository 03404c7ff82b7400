// SPDX-License-Identifier: Apache-2.0
// For tests: frames of all kinds that the programs know, and what random changes make of them.
#pragma once

#include <algorithm>
#include <vector>

#include "base/prng.h"
#include "packet/builder.h"

namespace weft::dp::testing {

inline std::vector<Bytes> usual_frames() {
    using packet::PacketBuilder;
    const Mac a = Mac::from_u64(0x02000000000a), b = Mac::from_u64(0x02000000000b);
    const Be32 h1(0x0a000001), h2(0x0a000002);
    const Ip6 v6a = Ip6::parse("2001:db8::1").value(), v6b = Ip6::parse("2001:db8::2").value();
    const auto eth = [&] { return PacketBuilder().eth(a, b); };
    return {
        eth().ip4(h1, h2).udp(1, 2).payload(30).bytes(),
        eth().ip4(h1, h2).tcp(1, 2, 0x12).payload(5).bytes(),
        eth().ip4(h1, h2).sctp(1, 2).payload(9).bytes(),
        eth().ip4(h1, h2).icmp(8, 0, 7).payload(20).bytes(),
        eth().ip4(h1, h2).igmp(0x16, 0, h2).payload(20).bytes(),
        eth().ip4(h1, h2, {.frag = 0x2000}).udp(1, 2).payload(30).bytes(),
        eth().ip4(h1, h2, {.frag = 0x2001}).udp(1, 2).payload(30).bytes(),
        eth().vlan(0x6005).ip4(h1, h2).udp(1, 2).payload(30).bytes(),
        eth().vlan(5, 0x88a8).vlan(6).ip4(h1, h2).tcp(1, 2).bytes(),
        eth().arp({.sha = a, .tha = {}, .spa = h1, .tpa = h2}).bytes(),
        eth().ip6(v6a, v6b).udp(1, 2).payload(3).bytes(),
        eth().ip6(v6a, v6b).tcp(1, 2, 0x18).payload(3).bytes(),
        eth().ip6(v6a, v6b).icmp(128, 0, 1).payload(3).bytes(),
        eth().ip6(v6a, v6b).icmp(135, 0).nd_target(v6b).nd_option(1, a).bytes(),
        eth().ip6(v6a, v6b).icmp(136, 0).nd_target(v6b).nd_option(2, a).bytes(),
        eth().mpls(0x00064040).mpls(0x00065140).payload(40).bytes(),
        eth().vlan(5).mpls(0x00064140).payload(40).bytes(),
        PacketBuilder().eth(a, b, 0x88cc).payload(46).bytes(),
    };
}

/// One of them with a few bytes changed, perhaps of another length.
inline Bytes random_frame(Prng& random, const std::vector<Bytes>& frames) {
    constexpr uint8_t likely[] = {0,  1,    2,    6,    17,   43,   44,   51,   58,
                                  60, 0x45, 0x46, 0x60, 0x81, 0x88, 0xa8, 0xdd, 0xff};
    constexpr size_t headers = 100, frame_min = 15;  // the kernel's test harness takes nothing shorter
    Bytes f = frames[random.below(frames.size())];
    for (uint64_t n = random.below(5); n > 0; --n)
        f[random.below(std::min(f.size(), headers))] =
            random.one_in(2) ? likely[random.below(std::size(likely))] : static_cast<uint8_t>(random.next());
    if (random.one_in(4)) f.resize(frame_min + random.below(f.size()));
    return f;
}

}  // namespace weft::dp::testing
