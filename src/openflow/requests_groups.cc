// SPDX-License-Identifier: Apache-2.0
// What a connection does with requests about groups and meters.
#include "openflow/connmgr.h"
#include "openflow/requests.h"
#include "openflow/table.h"

namespace weft::openflow {

namespace {

constexpr uint32_t all_group_types = 0xf, select_weight = 1, select_liveness = 2, chaining = 4;

}  // namespace

OfResult<> RequestHandler::operator()(const GroupMod& m) {
    TRY(check_may_change());
    OneChange one(&m, true);  // flows go with their group
    TRY(c.switch_.change_tables(one, requester(), now));
    forward(m, xid);
    return {};
}

/// Versions before 1.5 cannot change single buckets: they are told what the group has become.
void RequestHandler::forward(const GroupMod& m, uint32_t its_xid) {
    if (!c.manager_.wants_requests(ForwardReason::group_mod, c)) return;
    GroupMod told = m, whole = m;
    const bool of_buckets =
        m.command == GroupCommand::insert_bucket || m.command == GroupCommand::remove_bucket;
    const auto now_there = of_buckets ? c.switch_.group_descs(m.id) : std::vector<GroupDesc>{};
    if (!now_there.empty()) {
        told.spec.type = now_there.front().spec.type;
        whole = {.command = GroupCommand::modify, .id = m.id, .spec = now_there.front().spec};
    }
    c.manager_.forward_request(ForwardReason::group_mod, its_xid, c,
                               [&](Version v) { return v < Version::v15 ? whole : told; });
}

OfResult<> RequestHandler::operator()(const GroupStatsRequest& m) {
    return reply(GroupStatsReply{c.switch_.group_stats(m.id, now)});
}

OfResult<> RequestHandler::operator()(const GroupDescRequest& m) {
    return reply(GroupDescReply{c.switch_.group_descs(m.id)});
}

OfResult<> RequestHandler::operator()(const GroupFeaturesRequest&) {
    GroupFeaturesReply r{.types = all_group_types,
                         .capabilities = select_weight | select_liveness | chaining};
    r.max_groups.fill(action::group_max);
    r.actions.fill(supported_actions(c.dialect_.version));
    return reply(r);
}

OfResult<> RequestHandler::operator()(const MeterMod& m) {
    TRY(check_may_change());
    TRY(c.switch_.meter_mod(m, requester(), now));
    c.manager_.forward_request(ForwardReason::meter_mod, xid, c, [&](Version) { return m; });
    return {};
}

OfResult<> RequestHandler::operator()(const MeterStatsRequest& m) {
    return reply(MeterStatsReply{TRY(c.switch_.meter_stats(m.id, now))});
}

OfResult<> RequestHandler::operator()(const MeterConfigRequest& m) {
    return reply(MeterConfigReply{TRY(c.switch_.meter_configs(m.id))});
}

OfResult<> RequestHandler::operator()(const MeterFeaturesRequest&) {
    return reply(MeterFeaturesReply{c.switch_.meter_features()});
}

}  // namespace weft::openflow
