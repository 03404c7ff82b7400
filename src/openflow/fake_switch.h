// SPDX-License-Identifier: Apache-2.0
// For tests and fuzzing of connections: a switch that notes what it is asked, and has as many flows as it is
// told.
#pragma once

#include <memory>
#include <vector>

#include "openflow/switch.h"

namespace weft::openflow {

class ListCursor final : public FlowCursor {
  public:
    /// What is asked for meets each `every`-th of n flows.
    explicit ListCursor(size_t n, size_t every = 1) : n_(n), every_(every) {}
    bool next(size_t limit, Time, std::vector<FlowStats>& out) override {
        for (size_t i = 0; i < limit && at_ < n_; ++i, ++at_) {
            if ((at_ + 1) % every_ != 0) continue;
            FlowStats s;
            s.cookie = at_;
            out.push_back(std::move(s));
        }
        return at_ < n_;
    }

  private:
    size_t n_, every_, at_ = 0;
};

/// A switch that notes what it is asked.
class FakeSwitch final : public Switch {
  public:
    SwitchFeatures features() const override { return {.datapath_id = 0x42}; }
    SwitchDesc desc() const override { return {.manufacturer = "Nicira, Inc."}; }
    Fragments fragments() const override { return fragments_; }
    OfResult<> set_fragments(Fragments f) override {
        fragments_ = f;
        return {};
    }
    std::vector<PortDesc> ports() const override { return {{.number = OfPort{1}, .name = "p1"}}; }
    OfResult<> port_mod(const PortMod& m) override {
        if (m.number != OfPort{1}) return refuse(OfError::pmfc_bad_port);
        return {};
    }
    OfResult<std::vector<PortStats>> port_stats(OfPort, Time) const override {
        return refuse(OfError::brc_bad_port);
    }
    std::vector<TableInfo> tables() const override { return std::vector<TableInfo>(254); }
    OfResult<> table_mod(const TableMod&) override { return {}; }
    OfResult<> set_table_features(const std::vector<TableFeatures>& wanted) override {
        features_wanted = wanted.size();
        return {};
    }
    bool tells_of_room() const override { return vacancy_events; }
    OfResult<> change_tables(ChangeSource& source, const Requester&, Time) override {
        std::vector<FlowMod> taken;
        const auto done = take(source, taken);
        if (done || source.one_by_one()) mods.insert(mods.end(), taken.begin(), taken.end());
        ++n_changes;
        return done;
    }
    OfResult<> take(ChangeSource& source, std::vector<FlowMod>& taken) {
        while (const auto change = TRY(source.next())) {
            if (const auto* const* group = std::get_if<const GroupMod*>(&*change)) {
                groups.push_back(**group);
                continue;
            }
            const FlowMod& m = *std::get<const FlowMod*>(*change);
            if (m.priority == 13) return refuse(OfError::fmfc_overlap);
            taken.push_back(m);
        }
        return {};
    }
    std::vector<GroupStats> group_stats(uint32_t, Time) const override { return {{.id = 1}}; }
    std::vector<GroupDesc> group_descs(uint32_t) const override { return {{.id = 1}}; }
    OfResult<> meter_mod(const MeterMod& m, const Requester&, Time) override {
        meters.push_back(m);
        return {};
    }
    OfResult<std::vector<MeterStats>> meter_stats(uint32_t, Time) const override {
        return refuse(OfError::mmfc_unknown_meter);
    }
    OfResult<std::vector<MeterConfig>> meter_configs(uint32_t) const override {
        return std::vector<MeterConfig>{};
    }
    MeterFeatures meter_features() const override { return {.max_meters = 9}; }
    OfResult<std::unique_ptr<FlowCursor>> flows(const FlowQuery&) const override {
        return std::make_unique<ListCursor>(n_flows, every);
    }
    TableMoment moment(Time now) const override { return {version, now}; }
    std::unique_ptr<FlowCursor> flows_since(uint64_t) const override {
        return std::make_unique<ListCursor>(n_changed);
    }
    OfResult<AggregateStats> aggregate(const FlowQuery&) const override { return AggregateStats{1, 2, 3}; }
    TlvTableReply tlv_table() const override { return {.max_space = 256, .max_fields = 64, .maps = {}}; }
    OfResult<> tlv_table_mod(const TlvTableMod&) override { return {}; }
    OfResult<> flush_connections(const CtFlush&) override { return {}; }
    OfResult<> resume(const PacketIn&, Time) override { return refuse(OfError::nxr_stale); }
    OfResult<> packet_out(const PacketOut& p, const Requester&, Time) override {
        packets.push_back(p);
        return {};
    }

    std::vector<FlowMod> mods;
    std::vector<GroupMod> groups;
    std::vector<MeterMod> meters;
    std::vector<PacketOut> packets;
    size_t n_flows = 5, every = 1, n_changed = 0, features_wanted = 0, n_changes = 0;
    uint64_t version = 1;
    bool vacancy_events = false;

  private:
    Fragments fragments_{};
};

}  // namespace weft::openflow
