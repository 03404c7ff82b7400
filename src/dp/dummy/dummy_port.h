// SPDX-License-Identifier: Apache-2.0
// A port without a device, for tests and simulations: frames are put in by hand, and what is sent is written
// to capture files or told to a listener.
#pragma once

#include <deque>
#include <functional>

#include "dp/core/port.h"
#include "loop/clock.h"
#include "sys/pcap.h"
#include "sys/poll_set.h"

namespace weft::dp {

/// Resource type. inject() from any thread. Options of the Interface row: pcap (both directions), rxq_pcap,
/// tx_pcap, ifindex; stream and pstream are for the owner, who listens to and injects frames.
class DummyPort : public Port {
  public:
    static Result<std::unique_ptr<Port>> open(const loop::Clock& clock, DpPort number, const PortSpec& spec);
    /// Whether this port of a PortMap is one.
    static DummyPort* from(Port* port) { return dynamic_cast<DummyPort*>(port); }

    /// A frame arrives on the port.
    void inject(packet::Packet&& frame);
    /// Called with each frame that is sent by the port, on the thread that sends it.
    using Listener = std::function<void(ByteSpan frame)>;
    void listen(Listener listener) {
        const std::lock_guard lock(mutex_);
        listener_ = std::make_shared<const Listener>(std::move(listener));
    }
    /// True if its state was changed since the last call.
    bool take_change() { return changed_.exchange(false); }
    void set_mac(const Mac& mac) { mac_ = mac; }

    void receive(packet::Batch& out, uint32_t limit) override;
    int wait_fd() const override { return arrived_.fd(); }
    bool takes_offload() const override { return false; }
    PortState state() const override;
    /// With the custom counters of Open vSwitch's dummy, which has one queue each way.
    PortStats stats() const override;
    Result<void> set_options(const PortSpec& spec) override;
    Result<void> set_up(bool up) override {
        up_.store(up);
        changed_.store(true);
        return {};
    }

  private:
    DummyPort(const loop::Clock& clock, DpPort number, const PortSpec& spec, sys::Event arrived)
        : Port(number, spec), clock_(clock), arrived_(std::move(arrived)) {}
    Sent send(std::span<const packet::Packet* const> packets) override;
    void capture(const std::shared_ptr<sys::PcapWriter>& file, const packet::Packet& frame);

    static constexpr size_t queue_max = 1000;
    const loop::Clock& clock_;
    sys::Event arrived_;
    std::atomic<bool> up_{true}, changed_{false};
    Mac mac_;
    int ifindex_ = 0, mtu_ = 1500;
    std::map<std::string, std::string> files_;  ///< options that name capture files, as opened
    mutable std::mutex mutex_;                  ///< guards all below
    std::shared_ptr<const Listener> listener_ = std::make_shared<const Listener>();
    std::deque<packet::Packet> queue_;
    std::shared_ptr<sys::PcapWriter> received_, sent_;
};

}  // namespace weft::dp
