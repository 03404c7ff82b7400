// SPDX-License-Identifier: Apache-2.0
#include "openflow/flow_mod_reader.h"

#include <gtest/gtest.h>

#include "base/prng.h"
#include "openflow/flow_text.h"

namespace weft::openflow {
namespace {

using enum Version;

constexpr std::string_view adds[] = {
    "udp,nw_src=10.0.0.1,tp_src=7,actions=output:2",
    "cookie=5,priority=3,tcp,nw_dst=10.1.0.0/16,nw_src=10.2.3.0/24,tp_dst=80,actions=drop",
    "arp,arp_tpa=10.0.0.9,arp_op=1,actions=NORMAL",
    "dl_src=02:00:00:00:00:01,dl_dst=02:00:00:00:00:02,dl_vlan=7,actions=strip_vlan,output:3",
    "icmp,icmp_type=8,nw_src=10.0.0.1,actions=output:1",
    "in_port=1,dl_src=02:00:00:00:00:01,dl_dst=02:00:00:00:00:02,dl_vlan=7,dl_vlan_pcp=1,tcp,nw_tos=8,"
    "nw_src=10.0.0.1,nw_dst=10.0.0.2,tp_src=1,tp_dst=2,actions=drop",
    "reg0=1,reg1=2/0xff,metadata=9,xreg3=7,tcp6,ipv6_src=fe80::1,ipv6_dst=fe80::/64,tp_src=3,actions=drop",
    "table=3,icmp6,icmp_type=135,icmp_code=0,nd_target=fe80::1,actions=output:1",
    "tun_id=5,idle_timeout=3,ip,actions=conjunction(3,1/2)",
    "conj_id=3,ip,actions=resubmit(,2)",
};

Bytes encoded(std::string_view text, const Dialect& d) {
    const auto mod = parse_flow_mod(text, FlowModCommand::add);
    CHECK(mod.has_value());
    return encode({.xid = 7, .body = *mod}, d);
}

/// Changes a few bits, mostly in few bytes, but not the header's.
Bytes varied(Bytes message, Prng& prng) {
    for (uint64_t n = prng.below(4); n > 0; --n) {
        const size_t at = header_size - 4 + prng.below(message.size() - header_size + 4);
        message[at] = static_cast<uint8_t>(prng.below(2) ? prng.next() : message[at] ^ 1u << prng.below(8));
    }
    return message;
}

TEST(FlowModReader, what_it_reads_after_another_is_what_is_read_alone) {
    Prng prng(1);
    size_t alike = 0;
    for (const Version v : {v10, v11, v13, v15})
        for (const bool nxm : {false, true})
            for (const std::string_view text : adds) {
                const Dialect d{.version = v, .nxm = nxm, .table_id = nxm};
                const Bytes first = encoded(text, d);
                FlowModReader reader;
                for (int i = 0; i < 300; ++i) {
                    if (prng.below(8) == 0) ASSERT_TRUE(reader.read(first, d));
                    const Bytes message = varied(first, prng);
                    if (!flow_mod_command(message, v)) continue;
                    const uint32_t before = reader.kind();
                    FlowMod alone;
                    const auto wanted = decode_flow_mod(message, d, alone);
                    const auto got = reader.read(message, d);
                    ASSERT_EQ(got.has_value(), wanted.has_value()) << text << " " << format_hex(message);
                    if (!wanted) {
                        ASSERT_EQ(got.error(), wanted.error()) << text << " " << format_hex(message);
                        continue;
                    }
                    ASSERT_EQ(reader.mod(), alone) << text << " " << format_hex(message);
                    alike += before != 0 && reader.kind() == before;
                }
            }
    EXPECT_GT(alike, 1000u);
}

TEST(FlowModReader, adds_of_one_kind_have_the_same_masks_actions_and_settings) {
    const Dialect d{.version = v13};
    FlowModReader reader;
    const auto kind = [&](std::string_view text) {
        EXPECT_TRUE(reader.read(encoded(text, d), d));
        return reader.kind();
    };
    const uint32_t first = kind("udp,nw_src=10.0.0.1,tp_src=7,actions=output:2");
    EXPECT_NE(first, 0u);
    EXPECT_EQ(kind("cookie=9,priority=4,udp,nw_src=10.9.0.1,tp_src=70,actions=output:2"), first);
    for (const std::string_view other :
         {"udp,nw_src=10.0.0.1,tp_src=7,actions=output:3", "tcp,nw_src=10.0.0.1,tp_src=7,actions=output:3",
          "tcp,nw_src=10.0.0.0/24,tp_src=7,actions=output:3",
          "table=1,tcp,nw_src=10.0.0.0/24,tp_src=7,actions=output:3",
          "table=1,idle_timeout=5,tcp,nw_src=10.0.0.0/24,tp_src=7,actions=output:3"}) {
        const uint32_t before = reader.kind();
        EXPECT_NE(kind(other), before) << other;
    }
    auto remove = parse_flow_mod("udp", FlowModCommand::remove);
    ASSERT_TRUE(remove);
    ASSERT_TRUE(reader.read(encode({.xid = 7, .body = *remove}, d), d));
    EXPECT_EQ(reader.kind(), 0u);
}

}  // namespace
}  // namespace weft::openflow
