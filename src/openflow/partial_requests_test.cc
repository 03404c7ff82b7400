// SPDX-License-Identifier: Apache-2.0
// Requests in several messages, and messages that only some versions or vendors have.
#include "openflow/partial_requests.h"

#include "openflow/testing.h"

namespace weft::openflow {
namespace {

Bytes part(Body body, uint32_t xid, bool more, Version v = v13) {
    return encode({.xid = xid, .body = std::move(body), .more = more}, Dialect{.version = v});
}
TableFeaturesRequest features(uint8_t table) { return {{{.table = table, .name = "t", .max_entries = 5}}}; }

TEST(PartialRequests, parts_of_one_request_are_joined) {
    for (const Version v : {v13, v14, v15}) {
        PartialRequests parts;
        const Bytes first = part(features(1), 7, true, v), last = part(features(2), 7, false, v);
        EXPECT_TRUE(parts.concerns(first, v));
        EXPECT_FALSE(parts.concerns(last, v)) << "it does not belong to anything yet";
        EXPECT_FALSE(*parts.add(first, v, Time{}));
        const auto whole = parts.add(last, v, Time{});
        ASSERT_TRUE(whole && *whole);
        EXPECT_EQ((*whole)->first_part, first.size());
        const auto message = decode_joined((*whole)->bytes, Dialect{.version = v});
        ASSERT_TRUE(message);
        EXPECT_EQ(std::get<TableFeaturesRequest>(message->body).wanted.size(), 2u);
        EXPECT_FALSE(message->more);
    }
}

TEST(PartialRequests, requests_may_alternate) {
    PartialRequests parts;
    for (const uint32_t xid : {1u, 2u}) EXPECT_FALSE(*parts.add(part(features(1), xid, true), v13, Time{}));
    for (const uint32_t xid : {2u, 1u}) EXPECT_TRUE(*parts.add(part(features(2), xid, false), v13, Time{}));
    EXPECT_EQ(parts.next_deadline(), never);
}

TEST(PartialRequests, only_lists_come_in_parts) {
    PartialRequests parts;
    EXPECT_FALSE(*parts.add(part(FlowQuery{}, 1, true), v13, Time{}));
    EXPECT_EQ(parts.add(part(FlowQuery{}, 1, false), v13, Time{}).error(), OfError::brc_bad_stat);
    EXPECT_FALSE(*parts.add(part(features(1), 1, true), v13, Time{}));
    EXPECT_EQ(parts.add(part(DescRequest{}, 1, true), v13, Time{}).error(), OfError::brc_bad_stat);
}

TEST(PartialRequests, the_next_part_must_come_in_time) {
    PartialRequests parts;
    const Bytes first = part(features(1), 1, true);
    EXPECT_FALSE(*parts.add(first, v13, Time{}));
    EXPECT_TRUE(parts.expire(Time{} + 999ms).empty());
    EXPECT_EQ(parts.next_deadline(), Time{} + 1s);
    const auto late = parts.expire(Time{} + 1s);
    ASSERT_EQ(late.size(), 1u);
    EXPECT_EQ(late[0], first);
    EXPECT_FALSE(parts.concerns(part(features(1), 1, false), v13));
}

TEST(PartialRequests, what_waits_is_limited) {
    PartialRequests parts;
    TableFeaturesRequest much;
    for (int i = 0; i < 1000; ++i) much.wanted.push_back({.table = 1, .name = "t"});
    size_t taken = 0;
    for (uint32_t xid = 1; parts.add(part(much, xid, true, v15), v15, Time{}); ++xid) taken += 64'000;
    EXPECT_LE(taken, PartialRequests::max_bytes);
    EXPECT_GE(taken, PartialRequests::max_bytes / 2);
    EXPECT_FALSE(parts.expire(Time{} + 2s).empty());
    EXPECT_TRUE(parts.add(part(much, 1, true, v15), v15, Time{})) << "there is room again";
}

TEST(Message, table_status_and_requests_of_others_come_back) {
    TableInfo table;
    table.id = 3;
    table.eviction = table.vacancy_events = true;
    table.vacancy_down = 20;
    table.vacancy_up = 80;
    table.vacancy = 15;
    expect_same(TableStatus{TableReason::vacancy_up, table}, {v14, v15});
    expect_same(TableDescReply{{table}}, {v14, v15});
    expect_same(RequestForward{part(BarrierRequest{}, 9, false)}, {v13, v14, v15});
    expect_same(RoleStatus{Role::secondary, RoleChange::config, 5}, {v13, v14, v15});
    TableFeaturesRequest r = features(9);
    expect_same(r, {v13, v14, v15});
    r.wanted[0].command = TableFeatures::Command::modify;
    expect_same(r, {v15});
}

/// What a request says to that one table has these properties, all empty.
OfError refusal_of_properties(std::initializer_list<uint16_t> types, Version v) {
    ByteWriter out;
    out.u8(static_cast<uint8_t>(v));
    out.u8(18);
    out.u16(static_cast<uint16_t>(80 + 8 * types.size()));
    out.u32(1);
    out.u16(12);
    out.zeros(6);
    out.u16(static_cast<uint16_t>(64 + 8 * types.size()));
    out.zeros(62);
    for (const uint16_t type : types) {
        out.u16(type);
        out.u16(4);
        out.zeros(4);
    }
    const auto m = decode(out.span(), Dialect{.version = v});
    return m ? OfError::count : m.error();
}

TEST(Message, properties_of_tables_are_told_all_and_once) {
    for (const Version v : {v13, v14, v15}) {
        EXPECT_EQ(refusal_of_properties({0, 2, 4, 6, 8, 10, 12, 14}, v), OfError::count);
        EXPECT_EQ(refusal_of_properties({1, 0, 2, 4, 6, 8, 10, 12, 14, 15}, v), OfError::count);
        EXPECT_EQ(refusal_of_properties({0, 2, 4, 6, 8, 10, 12}, v), OfError::tffc_bad_features);
        EXPECT_EQ(refusal_of_properties({1}, v), OfError::tffc_bad_features);
        EXPECT_EQ(refusal_of_properties({0, 2, 4, 6, 8, 10, 12, 14, 15, 15}, v), OfError::tffc_bad_features);
        EXPECT_EQ(refusal_of_properties({0, 2, 4, 6, 8, 9, 10, 12, 14}, v), OfError::bpc_bad_type);
        EXPECT_EQ(refusal_of_properties({0x7777}, v), OfError::bpc_bad_type);
        EXPECT_EQ(refusal_of_properties({}, v), v == v15 ? OfError::count : OfError::tffc_bad_features);
    }
}

TEST(Message, options_of_tunnels_and_flushes_come_back) {
    const std::vector<TlvMap> maps{{0xffff, 1, 4, 0}, {2, 3, 124, 63}};
    expect_same_in_all(TlvTableMod{TlvCommand::remove, maps});
    expect_same_in_all(TlvTableRequest{});
    expect_same_in_all(TlvTableReply{256, 64, maps});
    expect_same_in_all(CtFlush{.zone = 5});
    expect_same_in_all(CtFlush{});
    CtTuple tuple{
        .src = *Ip6::parse("::ffff:10.0.0.1"), .dst = *Ip6::parse("::1"), .src_port = 1, .dst_port = 2};
    expect_same_in_all(CtFlush{.protocol = 6, .family = 2, .zone = 5, .original = tuple, .reply = CtTuple{}});
    tuple = {.icmp_id = 9, .icmp_type = 128, .icmp_code = 1};
    expect_same_in_all(CtFlush{.protocol = 58, .original = tuple});
}

TEST(Message, a_bad_option_of_tunnels_is_refused) {
    const auto refused = [](TlvMap map) { return sent(TlvTableMod{TlvCommand::add, {map}}, {}).error(); };
    EXPECT_EQ(refused({1, 1, 6, 0}), OfError::nxttmfc_bad_opt_len);
    EXPECT_EQ(refused({1, 1, 128, 0}), OfError::nxttmfc_bad_opt_len);
    EXPECT_EQ(refused({1, 1, 4, 64}), OfError::nxttmfc_bad_field_idx);
}

}  // namespace
}  // namespace weft::openflow
