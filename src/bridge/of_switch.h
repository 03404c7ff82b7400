// SPDX-License-Identifier: Apache-2.0
// A bridge as its OpenFlow connections see it.
#pragma once

#include <functional>

#include "bridge/backer.h"
#include "openflow/switch.h"

namespace weft::bridge {

/// Resource type, one for each bridge, on the control thread.
class OfSwitch final : public openflow::Switch {
  public:
    struct Calls {
        /// Rules came or went at a controller's will.
        std::function<void(std::vector<pipeline::RuleEvent>, Time)> rules_changed;
        /// Ports or bridge settings changed: publish, and tell the controllers.
        std::function<void()> bridge_changed;
        /// A device was turned on or off: look what became of it.
        std::function<void()> device_changed;
    };
    OfSwitch(Backer& backer, Bridge& bridge, Calls calls)
        : backer_(backer), bridge_(bridge), calls_(std::move(calls)) {}

    openflow::SwitchFeatures features() const override;
    openflow::SwitchDesc desc() const override;
    openflow::Fragments fragments() const override;
    openflow::OfResult<> set_fragments(openflow::Fragments handling) override;

    std::vector<openflow::PortDesc> ports() const override;
    openflow::OfResult<> port_mod(const openflow::PortMod& mod) override;
    openflow::OfResult<std::vector<openflow::PortStats>> port_stats(OfPort port, Time now) const override;

    std::vector<openflow::TableInfo> tables() const override;
    openflow::OfResult<> table_mod(const openflow::TableMod& mod) override;

    openflow::OfResult<> change_tables(openflow::ChangeSource& changes, const openflow::Requester& from,
                                       Time now) override;
    openflow::OfResult<std::unique_ptr<openflow::FlowCursor>> flows(
        const openflow::FlowQuery& query) const override;
    openflow::OfResult<openflow::AggregateStats> aggregate(const openflow::FlowQuery& query) const override;

    std::vector<openflow::GroupStats> group_stats(uint32_t id, Time now) const override;
    std::vector<openflow::GroupDesc> group_descs(uint32_t id) const override;
    openflow::OfResult<> meter_mod(const openflow::MeterMod& mod, Time now) override;
    openflow::OfResult<std::vector<openflow::MeterStats>> meter_stats(uint32_t id, Time now) const override;
    openflow::OfResult<std::vector<openflow::MeterConfig>> meter_configs(uint32_t id) const override;
    openflow::MeterFeatures meter_features() const override;

    openflow::OfResult<> packet_out(const openflow::PacketOut& out, const openflow::Requester& from,
                                    Time now) override;

    openflow::OfResult<> resume(const openflow::PacketIn& packet, Time now) override;

    /// Rules and counters as of now, statistics of megaflows included if there are not too many.
    void settle_statistics() const;

  private:
    openflow::OfResult<> apply(const openflow::TableChange& change, pipeline::TablesEdit& edit) const;
    openflow::OfResult<> check_meters(const action::Actions& actions) const;
    openflow::OfResult<> check_uses(const action::Actions& actions) const;
    std::vector<pipeline::GroupPtr> groups_of(uint32_t id) const;
    /// Translates and does it, at once.
    openflow::OfResult<> inject(const pipeline::Request& request, packet::Packet packet, Time now);
    Backer& backer_;
    Bridge& bridge_;
    Calls calls_;
};

}  // namespace weft::bridge
