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

    openflow::OfResult<> flow_mods(openflow::FlowModSource& mods, const openflow::Requester& from,
                                   Time now) override;
    openflow::OfResult<std::unique_ptr<openflow::FlowCursor>> flows(
        const openflow::FlowQuery& query) const override;
    openflow::OfResult<openflow::AggregateStats> aggregate(const openflow::FlowQuery& query) const override;

    openflow::OfResult<> packet_out(const openflow::PacketOut& out, const openflow::Requester& from,
                                    Time now) override;

    /// Rules and counters as of now, statistics of megaflows included if there are not too many.
    void settle_statistics() const;

  private:
    Backer& backer_;
    Bridge& bridge_;
    Calls calls_;
};

}  // namespace weft::bridge
