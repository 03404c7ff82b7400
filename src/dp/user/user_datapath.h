// SPDX-License-Identifier: Apache-2.0
// The userspace datapath: network devices, taps and dummies, forwarded between by threads of its own.
#pragma once

#include "dp/core/engine.h"
#include "dp/core/port_list.h"
#include "dp/user/poll_thread.h"
#include "dp/user/system_port.h"
#include "sys/netlink.h"

namespace weft::dp {

class DummyPort;

/// Resource type. Calls from the control thread only; each is atomic as the poll threads see it.
class UserDatapath : public Datapath {
  public:
    struct Options {
        std::string type = "netdev", name = "ovs-netdev";
        /// One poll thread bound to each; none: one thread, not bound.
        std::vector<int> cores;
    };
    static Result<std::unique_ptr<UserDatapath>> open(const loop::Clock& clock, Options options);
    ~UserDatapath() override;

    std::string_view type() const override { return options_.type; }
    std::string_view name() const override { return options_.name; }

    void hold() override { held_ = true; }
    Result<void> go() override;
    Result<DpPort> add_port(const PortSpec& spec) override;
    Result<void> remove_port(DpPort port) override;
    Result<void> set_port_options(DpPort port, const PortSpec& spec) override;
    Result<void> set_port_up(DpPort port, bool up) override;
    std::vector<PortState> ports() const override;
    Result<PortState> port_state(DpPort port) const override;
    Result<PortStats> port_stats(DpPort port) const override;
    int news_fd() const override { return monitor_->fd(); }
    void note_news() override;
    DeviceNews take_news() override { return std::exchange(news_, {}); }

    Result<void> put_flow(FlowId id, const flow::Match& match, ActionsPtr actions, PutMode mode) override;
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
    /// When it returns, no thread calls the handler that was.
    void set_handler(UpcallHandler* handler) override;
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
    void set_slow_path_meter(DpPort port, std::optional<uint32_t> meter) override;
    DatapathStats stats() const override;
    obs::Histogram::Snapshot upcall_latency() const override { return shared_.upcall_latency.snapshot(); }
    DropCounts drops() const override;
    DropCounts port_drops(DpPort port) const override;
    std::vector<std::pair<DpPort, uint64_t>> overflows() const override;
    Time run(Time now) override;

    /// The dummy port of that name; null if there is none.
    DummyPort* dummy(std::string_view port) const;
    /// Other poll threads (other_config:pmd-cpu-mask); ports are shared out anew.
    Result<void> set_cores(std::vector<int> cores);
    /// At start, once it is known which internal ports are configured: removes what earlier processes left on
    /// the machine.
    Result<void> remove_leftovers(std::span<const std::string> internal_ports);

  protected:
    /// What of the kernel it works with.
    struct Devices {
        std::unique_ptr<Kernel> kernel;
        std::unique_ptr<sys::LinkMonitor> monitor;
        static Result<Devices> open();
    };
    UserDatapath(const loop::Clock& clock, Options options, Devices devices);
    Result<void> start_threads();
    bool is_held() const { return held_; }
    const DeviceNews& news() const { return news_; }
    virtual Result<std::unique_ptr<Port>> open_port(DpPort number, const PortSpec& spec);

    const loop::Clock& clock_;
    std::unique_ptr<Kernel> kernel_;
    mutable Shared shared_;

  private:
    PollThread& least_busy();
    void synchronize();

    Options options_;
    bool held_ = false;  ///< ports wait for go()
    std::unique_ptr<sys::LinkMonitor> monitor_;
    DeviceNews news_;
    loop::EpochReader control_reader_{shared_.domain};
    Engine control_engine_{shared_};
    DatapathStats retired_;  ///< of threads that ended
    DropCounts retired_drops_{};
    std::vector<std::unique_ptr<PollThread>> threads_;
};

}  // namespace weft::dp
