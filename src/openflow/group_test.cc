// SPDX-License-Identifier: Apache-2.0
// Groups and meters on the wire; bytes from the oracle.
#include "openflow/testing.h"

namespace weft::openflow {
namespace {

GroupSpec select_group() {
    GroupSpec g{.type = GroupType::select};
    g.buckets.push_back({.id = 0, .weight = 3, .watch_port = OfPort{2}, .actions = actions("output:1")});
    g.buckets.push_back({.id = 1, .weight = 1, .watch_group = 9, .actions = actions("dec_ttl,output:2")});
    return g;
}

TEST(Group, mods_come_back_in_every_version) {
    GroupMod m{.command = GroupCommand::add, .id = 7, .spec = select_group()};
    expect_same_in_all(m);
    m.command = GroupCommand::add_or_modify;
    expect_same_in_all(m);
    expect_same_in_all(GroupMod{.command = GroupCommand::remove, .id = action::group_all});
}

TEST(Group, buckets_are_named_and_fields_hashed_since_15_and_by_extension_in_10) {
    GroupMod m{.command = GroupCommand::modify, .id = 7, .spec = select_group()};
    m.spec.buckets[0].id = 40;
    m.spec.selection = {.method = "hash", .param = 5, .fields = {}};
    m.spec.selection.fields.push_back({flow::FieldId::ip_src, flow::FieldValue::ones(32)});
    m.spec.selection.fields.push_back({flow::FieldId::eth_dst, flow::FieldValue::from_u64(0xff)});
    expect_same(m, {v10, v15});
    m.command = GroupCommand::insert_bucket;
    m.command_bucket = action::bucket_first;
    expect_same(m, {v10, v15});
    GroupMod gone{.command = GroupCommand::remove_bucket, .id = 7, .command_bucket = 40};
    expect_same(gone, {v10, v15});
}

TEST(Group, the_oracles_description_reads_as_it_was_made) {
    // dump-groups of group_id=2,type=select,selection_method=hash,selection_method_param=5,fields(ip_src),
    // bucket=bucket_id:7,weight:3,watch_port:2,output:1
    const std::string_view v15_reply =
        "0613007800000002000700000000000000680100000000020028000000000000"
        "0028001000000007000000100000000100000000000000000000000800030000"
        "0001000800000002ffff00300000154d00000001000000006861736800000000"
        "0000000000000000000000000000000580001604ffffffff";
    const auto back = decode(bytes_of(v15_reply), Dialect{.version = v15});
    ASSERT_TRUE(back) << error_name(back.error());
    const GroupDesc& d = std::get<GroupDescReply>(back->body).groups.at(0);
    EXPECT_EQ(d.id, 2u);
    EXPECT_EQ(d.spec.selection.method, "hash");
    EXPECT_EQ(d.spec.selection.param, 5u);
    ASSERT_EQ(d.spec.selection.fields.size(), 1u);
    EXPECT_EQ(d.spec.selection.fields[0].field, flow::FieldId::ip_src);
    EXPECT_EQ(d.spec.buckets.at(0),
              (Bucket{.id = 7, .weight = 3, .watch_port = OfPort{2}, .actions = actions("output:1")}));
    EXPECT_EQ(format_hex(encode({.xid = 2, .body = back->body}, Dialect{.version = v15})), v15_reply);
}

OfError refused(const GroupMod& m, Version v) {
    const auto back = sent(m, Dialect{.version = v});
    return back ? OfError::count : back.error();
}

TEST(Group, impossible_ones_get_the_error_that_says_why) {
    GroupMod m{.command = GroupCommand::add, .id = 7, .spec = {.type = GroupType::indirect}};
    for (const Version v : all_versions) EXPECT_EQ(refused(m, v), OfError::gmfc_invalid_group);
    m.spec = select_group();
    m.spec.type = GroupType::all;  // which have no weights
    EXPECT_EQ(refused(m, v13), OfError::gmfc_invalid_group);
    m.spec = {.type = GroupType::fast_failover};
    m.spec.buckets.push_back({.id = 0, .actions = actions("output:1")});  // watches nothing
    EXPECT_EQ(refused(m, v13), OfError::gmfc_invalid_group);
    m.spec = select_group();
    m.id = action::group_max + 1;
    EXPECT_EQ(refused(m, v13), OfError::gmfc_invalid_group);
    m.id = 7;
    m.command = GroupCommand::insert_bucket;
    EXPECT_EQ(refused(m, v13), OfError::gmfc_bad_command);
    EXPECT_EQ(refused(m, v15), OfError::gmfc_bad_bucket);  // where?
    m.command = GroupCommand::add;
    m.spec.buckets[1].id = m.spec.buckets[0].id;
    EXPECT_EQ(refused(m, v15), OfError::gmfc_bad_bucket);
    m.spec = select_group();
    m.spec.selection.method = "random";
    EXPECT_EQ(refused(m, v15), OfError::bpc_bad_value);
}

TEST(Group, statistics_and_features_come_back) {
    expect_same_in_all(GroupStatsRequest{5});
    expect_same(GroupDescRequest{5}, {v10, v15});
    expect_same(GroupDescRequest{}, {v11, v12, v13, v14});
    GroupStatsReply stats{{{.id = 1, .n_flows = 2, .packets = 3, .bytes = 4, .buckets = {{5, 6}, {7, 8}}}}};
    expect_same_in_all(stats);
    stats.groups[0].duration_s = 9;
    stats.groups[0].duration_ns = 1000000;
    expect_same(stats, {v10, v13, v14, v15});
    expect_same_in_all(GroupFeaturesRequest{});
    expect_same_in_all(GroupFeaturesReply{0xf, 7, {1, 2, 3, 4}, {5, 6, 7, 8}});
    expect_same_in_all(GroupDescReply{{{1, select_group()}, {2, {.type = GroupType::all}}}});
}

TEST(Resume, comes_back_with_its_continuation) {
    Resume r;
    r.packet.packet = {1, 2, 3};
    r.packet.total_len = 3;
    r.packet.reason = PacketInReason::action;
    r.packet.metadata = match("in_port=3,reg2=5");
    r.packet.userdata = {9};
    r.packet.continuation = {7, 8};
    for (const Version v : {v10, v13, v15}) expect_same(r, Dialect{.version = v});
}

TEST(Meter, messages_come_back) {
    const MeterSpec spec{
        .flags = action::meter_flag::kbps | action::meter_flag::burst,
        .bands = {{.rate = 5, .burst = 6},
                  {.type = action::MeterBand::Type::dscp_remark, .rate = 9, .prec_level = 2}}};
    const auto newer = {v13, v14, v15};
    expect_same(MeterMod{MeterCommand::add, 7, spec}, newer);
    expect_same(MeterMod{MeterCommand::remove, action::meter_all, {}}, newer);
    expect_same(MeterStatsRequest{3}, newer);
    expect_same(MeterConfigRequest{}, newer);
    expect_same(MeterFeaturesRequest{}, newer);
    expect_same(MeterConfigReply{{{1, spec}, {2, {.flags = action::meter_flag::pktps}}}}, newer);
    expect_same(MeterStatsReply{{{.id = 1, .n_flows = 2, .counts = {3, 4, {{5, 6}}}, .duration_s = 7}}},
                newer);
    expect_same(MeterFeaturesReply{{262144, 2, 15, 8, 0}}, newer);
}

TEST(Meter, impossible_ones_get_the_error_that_says_why) {
    const auto refusal = [](std::string_view hex) {
        const auto m = decode(bytes_of(hex), Dialect{.version = v13});
        return m ? OfError::count : m.error();
    };
    // From the oracle: kbps and pktps at once.
    EXPECT_EQ(refusal("041d0020000000020000000300000001"
                      "00010010000000050000000000000000"),
              OfError::mmfc_bad_flags);
    EXPECT_EQ(refusal("041d0020000000020000000100000001"
                      "00070010000000050000000000000000"),
              OfError::mmfc_bad_band);
    EXPECT_EQ(refusal("041d0010000000020009000100000001"), OfError::mmfc_bad_command);
}

}  // namespace
}  // namespace weft::openflow
