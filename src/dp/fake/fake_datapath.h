// SPDX-License-Identifier: Apache-2.0
// A datapath without threads, devices or waiting, on the same core as dp/user: a frame put into a port has
// been forwarded when receive() returns. For tests, simulations and --enable-dummy.
#pragma once

#include "dp/core/engine.h"
#include "dp/core/port_list.h"
#include "dp/dummy/dummy_port.h"

namespace weft::dp {

/// Resource type, used by one thread. Ports of all types are dummies.
class FakeDatapath : public Datapath {
  public:
    struct Options {
        std::string type = "dummy", name = "ovs-dummy";
        uint64_t seed = 1;  ///< of what is decided by chance (sample)
    };
    FakeDatapath(const loop::Clock& clock, Options options);
    ~FakeDatapath() override;

    /// A frame arrives on a port and is forwarded now. False: there is no such port. A frame that is sent in
    /// consequence may be put into another port of this datapath by a listener: it is forwarded afterwards.
    bool receive(DpPort port, packet::Packet&& frame);
    /// Null if there is none.
    DummyPort* port(DpPort number) const { return DummyPort::from(shared_.ports.current().find(number)); }
    DummyPort* port(std::string_view name) const;

    std::string_view type() const override { return options_.type; }
    std::string_view name() const override { return options_.name; }

    Result<DpPort> add_port(const PortSpec& spec) override;
    Result<void> remove_port(DpPort port) override;
    Result<void> set_port_options(DpPort port, const PortSpec& spec) override;
    Result<void> set_port_up(DpPort port, bool up) override;
    std::vector<PortState> ports() const override;
    Result<PortState> port_state(DpPort port) const override;
    Result<PortStats> port_stats(DpPort port) const override;
    DeviceNews take_news() override;

    Result<void> put_flow(FlowId id, const flow::Match& match, ActionsPtr actions, PutMode mode) override {
        return shared_.flows.put(id, match, std::move(actions), mode);
    }
    Result<FlowStats> remove_flow(FlowId id) override { return shared_.flows.remove(id); }
    std::optional<FlowInfo> flow(FlowId id) const override { return shared_.flows.info(id); }
    void for_each_flow(const std::function<void(const FlowInfo&)>& visit) const override {
        shared_.flows.for_each(visit);
    }
    void flow_stats(std::span<const FlowId> ids, std::span<std::optional<FlowStats>> out) const override {
        shared_.flows.stats(ids, out);
    }
    void flush_flows() override { shared_.flows.clear(); }

    void execute(packet::Packet&& packet, const flow::FlowKey& key, ActionsPtr actions) override;
    void set_handler(UpcallHandler* handler) override { shared_.handler.store(handler); }
    void set_vlan_limit(unsigned tags) override { shared_.vlan_tags.store(tags); }
    bool set_tap(const std::optional<flow::Match>& match) override {
        dp::set_tap(shared_, match);
        return true;
    }
    MeterFeatures meter_features() const override { return {Meters::ids_max, Meters::bands_max}; }
    Result<uint32_t> set_meter(std::optional<uint32_t> id, const action::MeterSpec& spec, Time now) override {
        return shared_.meters.set(id, spec, now);
    }
    void remove_meter(uint32_t id) override { shared_.meters.remove(id); }
    std::optional<action::MeterCounts> meter_counts(uint32_t id) const override {
        return shared_.meters.counts(id);
    }
    DatapathStats stats() const override;
    DropCounts drops() const override;
    DropCounts port_drops(DpPort port) const override;
    Time run(Time now) override;

  private:
    void forward_waiting();

    const loop::Clock& clock_;
    const Options options_;
    Shared shared_;
    loop::EpochReader reader_{shared_.domain};
    Engine engine_;
    DropCounts executed_drops_{};  ///< of the engines of execute()
    bool forwarding_ = false;
};

}  // namespace weft::dp
