// SPDX-License-Identifier: Apache-2.0
#include "openflow/testing.h"

namespace weft::openflow {
namespace {

TEST(Message, packets_in_come_back_in_every_format) {
    PacketIn p{.packet = {1, 2, 3, 4, 5},
               .total_len = 5,
               .reason = PacketInReason::action,
               .metadata = match("in_port=3")};
    for (const Version v : all_versions) {
        expect_same(p, Dialect{.version = v});
        for (const PacketInFormat f : {PacketInFormat::nxt, PacketInFormat::nxt2})
            expect_same(p, Dialect{.version = v, .packet_in = f});
    }
    p.table = 5;
    p.cookie = 0x1234;
    p.metadata = match("in_port=3,reg0=5,metadata=7");
    expect_same(p, {v13, v14, v15});
    p.userdata = {9, 8};
    p.continuation = {7};
    p.total_len = 100;
    p.reason = PacketInReason::invalid_ttl;
    for (const Version v : all_versions)
        expect_same(p, Dialect{.version = v, .packet_in = PacketInFormat::nxt2});
}

TEST(Message, a_miss_is_told_in_the_words_of_each_version) {
    const auto told = [](PacketInReason r, Version v) {
        const PacketIn p{.packet = {1}, .total_len = 1, .reason = r, .metadata = match("in_port=1")};
        return std::get<PacketIn>(sent(p, Dialect{.version = v})->body).reason;
    };
    EXPECT_EQ(told(PacketInReason::explicit_miss, v10), PacketInReason::action);
    EXPECT_EQ(told(PacketInReason::explicit_miss, v13), PacketInReason::no_match);
    EXPECT_EQ(told(PacketInReason::implicit_miss, v10), PacketInReason::no_match);
    EXPECT_EQ(told(PacketInReason::packet_out, v13), PacketInReason::action);
    EXPECT_EQ(told(PacketInReason::packet_out, v14), PacketInReason::packet_out);
}

// Observed on the oracle.
TEST(Message, packets_in_are_written_as_the_oracle_writes_them) {
    PacketIn p{.packet = Bytes(64),
               .total_len = 64,
               .reason = PacketInReason::action,
               .metadata = match("in_port=1,reg0=5")};
    for (size_t i = 0; i < 64; ++i) p.packet[i] = static_cast<uint8_t>(i);
    const std::string data = format_hex(p.packet);
    const auto hex = [&](Dialect d) { return format_hex(encode({.xid = 0, .body = p}, d)); };
    EXPECT_EQ(hex({.version = v10}), "010a005200000000ffffffff004000010100" + data);
    EXPECT_EQ(hex({.version = v11}), "020a005800000000ffffffff000000010000000100400100" + data);
    EXPECT_EQ(hex({.version = v12}),
              "030a006a00000000ffffffff004001000001001480000004000000010001000400000005000000000000" + data);
    EXPECT_EQ(hex({.version = v13}),
              "040a007200000000ffffffff00400100ffffffffffffffff00010014800000040000000100010004"
              "00000005000000000000" +
                  data);
    EXPECT_EQ(hex({.version = v10, .packet_in = PacketInFormat::nxt}),
              "0104007a000000000000232000000011ffffffff00400100ffffffffffffffff000e000000000000"
              "000000020001000100040000000500000000" +
                  data);
    EXPECT_EQ(hex({.version = v13, .packet_in = PacketInFormat::nxt2}),
              "0404008000000000000023200000001e00000044" + data +
                  "00000000000300050000000000050005010000000006001480000004000000010001000400000005"
                  "00000000");
}

TEST(Message, packets_out_come_back) {
    for (const Version v : all_versions)
        expect_same(PacketOut{.packet = {1, 2, 3},
                              .metadata = match("in_port=LOCAL"),
                              .actions = actions("output:2,TABLE")},
                    Dialect{.version = v});
    const PacketOut bad{.packet = {}, .metadata = match("in_port=NORMAL"), .actions = {}};
    EXPECT_EQ(sent(bad, Dialect{.version = v13}).error(), OfError::brc_bad_port);
    expect_same(PacketOut{.packet = {}, .metadata = match("in_port=1,reg0=3"), .actions = {}}, {v15});
}

TEST(Message, roles_and_async_masks_come_back) {
    for (const Role r : {Role::no_change, Role::equal}) expect_same(RoleRequest{r, {}}, {v12, v13, v14, v15});
    expect_same(RoleRequest{Role::primary, 5}, {v12, v13, v14, v15});
    expect_same(RoleRequest{Role::secondary, {}}, {v10, v11});
    expect_same(RoleReply{Role::secondary, 9}, {v12, v13, v14, v15});
    expect_same(RoleReply{Role::equal, {}}, {v10, v11});
    expect_same(RoleStatus{Role::secondary, RoleChange::primary_request, 3}, {v14, v15});
    AsyncConfig c;
    c.primary = {1, 2, 3};
    c.secondary = {4, 5, 6};
    expect_same(GetAsyncReply{c}, {v13, v14, v15});
    c.primary[5] = 3;
    expect_same(GetAsyncReply{c}, {v14, v15});
    AsyncChange all;
    for (const AsyncKind k : {AsyncKind::packet_in, AsyncKind::port_status, AsyncKind::flow_removed}) {
        all.items.push_back({k, false, 1});
        all.items.push_back({k, true, 2});
    }
    expect_same_in_all(all);
    expect_same_in_all(AsyncChange{{{AsyncKind::table_status, true, 24}}});
}

}  // namespace
}  // namespace weft::openflow
