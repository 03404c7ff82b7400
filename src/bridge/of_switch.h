// SPDX-License-Identifier: Apache-2.0
// A bridge as its OpenFlow connections see it.
#pragma once

#include <functional>

#include "bridge/backer.h"
#include "bridge/shared_pool.h"
#include "openflow/switch.h"

namespace weft::bridge {

/// Resource type, one for each bridge, on the control thread.
class OfSwitch final : public openflow::Switch {
  public:
    struct Calls {
        /// Rules, groups or meters came or went; `from`: the controller that asked for it, if one did.
        std::function<void(HistoryStep, const openflow::Requester& from)> tables_changed;
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
    openflow::OfResult<> set_table_features(const std::vector<openflow::TableFeatures>& wanted) override;
    bool tells_of_room() const override { return !bridge_.vacancies.empty(); }

    openflow::OfResult<> change_tables(openflow::ChangeSource& changes, const openflow::Requester& from,
                                       Time now) override;
    openflow::OfResult<std::unique_ptr<openflow::FlowCursor>> flows(
        const openflow::FlowQuery& query) const override;
    openflow::TableMoment moment(Time now) const override;
    std::unique_ptr<openflow::FlowCursor> flows_since(uint64_t version) const override;
    openflow::OfResult<openflow::AggregateStats> aggregate(const openflow::FlowQuery& query) const override;

    std::vector<openflow::GroupStats> group_stats(uint32_t id, Time now) const override;
    std::vector<openflow::GroupDesc> group_descs(uint32_t id) const override;
    openflow::OfResult<> meter_mod(const openflow::MeterMod& mod, const openflow::Requester& from,
                                   Time now) override;
    openflow::OfResult<std::vector<openflow::MeterStats>> meter_stats(uint32_t id, Time now) const override;
    openflow::OfResult<std::vector<openflow::MeterConfig>> meter_configs(uint32_t id) const override;
    openflow::MeterFeatures meter_features() const override;

    openflow::OfResult<> packet_out(const openflow::PacketOut& out, const openflow::Requester& from,
                                    Time now) override;

    openflow::TlvTableReply tlv_table() const override;
    openflow::OfResult<> tlv_table_mod(const openflow::TlvTableMod& mod) override;
    openflow::OfResult<> place_options(flow::Match& match) const override;
    void tell_options(flow::Match& match) const override;
    openflow::OfResult<> flush_connections(const openflow::CtFlush& which) override;
    /// Tables whose room fell below or rose above what a controller asked to hear of.
    std::vector<openflow::TableStatus> table_news();

    openflow::OfResult<> resume(const openflow::PacketIn& packet, Time now) override;

    /// Back to what was then, all of it, or nothing and the reason; code EAGAIN if the tables are no more at
    /// the version `at` that the differences are from.
    Result<void> revert(const History::Differences& differences, pipeline::Version at, Time now);

    /// Rules and counters as of now, statistics of megaflows included if there are not too many.
    void settle_statistics() const;

  private:
    openflow::TableInfo table_info(uint8_t id) const;
    void modify_table(uint8_t id, const openflow::TableMod& mod);
    openflow::OfResult<> apply(const openflow::TableChange& change, uint32_t kind, pipeline::TablesEdit& edit,
                               Time now);
    openflow::OfResult<pipeline::Addition> addition_of(const openflow::FlowMod& flow, uint32_t kind);
    void note_refusal(const openflow::FlowMod& flow, const pipeline::ChangeError& error, Time now);
    uint64_t options_in_use() const;
    /// Gives the options of tunnels in match and actions their places.
    openflow::OfResult<> place_options(pipeline::FlowChange& change) const;
    openflow::OfResult<> place_options(pipeline::GroupChange& change) const;
    openflow::OfResult<> check_meters(const action::Actions& actions) const;
    openflow::OfResult<> check_uses(const action::Actions& actions) const;
    std::vector<pipeline::GroupPtr> groups_of(uint32_t id) const;
    using GroupsBefore = std::map<uint32_t, pipeline::GroupPtr>;
    /// The groups that `mod` is about, as they are before an edit that is under way.
    void note_groups(const openflow::GroupMod& mod, GroupsBefore& before) const;
    /// As long as none fails.
    openflow::OfResult<> apply_all(openflow::ChangeSource& changes, GroupsBefore& groups,
                                   pipeline::TablesEdit& edit, Time now);
    std::vector<GroupDifference> since(const GroupsBefore& before) const;
    /// A version of its own for a change that no table shows.
    void begin_version();
    Result<void> apply_meters(const std::vector<openflow::MeterMod>& mods, Time now);
    std::optional<openflow::MeterSpec> meter_spec(uint32_t id) const;
    /// Translates and does it, at once.
    openflow::OfResult<> inject(const pipeline::Request& request, packet::Packet packet, Time now);
    Backer& backer_;
    Bridge& bridge_;
    Calls calls_;
    /// The flow added last: the next one may have the same mask, and be of the same kind.
    struct Last {
        uint32_t kind = 0;  ///< ChangeSource::kind, in one change
        flow::SparseMatch match{};
        std::shared_ptr<const action::Actions> actions{};
    };
    Last last_;
    SharedPool<action::Actions> actions_;
};

}  // namespace weft::bridge
