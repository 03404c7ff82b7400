// SPDX-License-Identifier: Apache-2.0
// What a connection does with requests about groups and meters.
#include "openflow/requests.h"
#include "openflow/table.h"

namespace weft::openflow {

namespace {

constexpr uint32_t all_group_types = 0xf, select_weight = 1, select_liveness = 2, chaining = 4;

}  // namespace

OfResult<> RequestHandler::operator()(const GroupMod& m) {
    TRY(check_may_change());
    OneChange one(&m, true);  // flows go with their group
    return c.switch_.change_tables(one, c.requester(), now);
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
    return c.switch_.meter_mod(m, now);
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
