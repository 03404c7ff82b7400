// SPDX-License-Identifier: Apache-2.0
// A port of a userspace datapath: where frames come from and go to.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "dp/datapath.h"
#include "packet/batch.h"

namespace weft::sys {
struct Link;
}

namespace weft::dp {

struct Sent {
    uint32_t packets = 0, dropped = 0;
    uint64_t bytes = 0;
};

/// Resource type. receive() and release() belong to the one thread that polls the port; transmit() to any;
/// the rest to the control thread.
class Port {
  public:
    Port(DpPort number, const PortSpec& spec) : number_(number), name_(spec.name), type_(spec.type) {}
    virtual ~Port() = default;
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;

    DpPort number() const { return number_; }
    const std::string& name() const { return name_; }
    const std::string& type() const { return type_; }

    /// Adds waiting frames to the empty batch, at most `limit`; they may be lent until release().
    virtual void receive(packet::Batch& out, uint32_t limit) = 0;
    virtual void release() {}
    /// Readable when frames wait; -1: nothing ever does.
    virtual int wait_fd() const { return -1; }
    /// The number of the kernel's device that frames pass; 0: there is none.
    virtual int device() const { return 0; }
    /// There was an event, but no frame: takes the error that would be told of for ever.
    virtual void clear_error() {}
    /// True if frames may be sent whose checksum or segmentation is left to do.
    virtual bool takes_offload() const = 0;

    virtual PortState state() const = 0;
    virtual PortStats stats() const = 0;
    virtual Result<void> set_options(const PortSpec& spec) = 0;
    virtual Result<void> set_up(bool up) = 0;
    /// Called by the control thread now and then.
    virtual void housekeep(Time /*now*/) {}
    /// News of some device; true if it is the port's own.
    virtual bool link_changed(const sys::Link&) { return false; }
    /// The port is about to be deleted, not just closed: what should not outlive it goes.
    virtual void retire() {}

    Sent transmit(std::span<const packet::Packet* const> packets);
    void count_received(uint64_t packets, uint64_t bytes);
    /// Packets that it brought and the datapath dropped; for tx and mtu, that it did not take. Any thread.
    void count_drop(Drop reason, uint64_t packets = 1) {
        drops_[static_cast<size_t>(reason)].fetch_add(packets, std::memory_order_relaxed);
    }
    DropCounts drops() const;
    /// Frames lost because nobody took them from the device in time.
    virtual uint64_t overflow() const { return 0; }

    /// See Datapath::set_slow_path_meter().
    void set_slow_path_meter(std::optional<uint32_t> meter) {
        slow_path_meter_.store(meter.value_or(no_meter), std::memory_order_relaxed);
    }
    std::optional<uint32_t> slow_path_meter() const {
        const uint32_t meter = slow_path_meter_.load(std::memory_order_relaxed);
        return meter == no_meter ? std::nullopt : std::optional(meter);
    }

    /// Longest frame without VLAN tags that may be sent, but for super-packets.
    uint32_t frame_max() const { return frame_max_.load(std::memory_order_relaxed); }

  protected:
    /// Runs `change` while nobody sends.
    template <class F>
    void between_sends(const F& change) {
        const std::lock_guard lock(send_mutex_);
        change();
    }
    virtual Sent send(std::span<const packet::Packet* const> packets) = 0;
    void set_mtu(int mtu) { frame_max_.store(static_cast<uint32_t>(mtu) + 14, std::memory_order_relaxed); }
    /// What the switch itself has counted: rx is what it received from the port. No errors.
    PortStats counted() const;
    uint64_t tx_dropped() const { return tx_dropped_.load(std::memory_order_relaxed); }

  private:
    const DpPort number_;
    const std::string name_, type_;
    static constexpr uint32_t no_meter = ~uint32_t{0};
    std::atomic<uint32_t> frame_max_{1514}, slow_path_meter_{no_meter};
    std::mutex send_mutex_;  ///< taken once for a batch
    std::atomic<uint64_t> rx_packets_{0}, rx_bytes_{0}, tx_packets_{0}, tx_bytes_{0}, tx_dropped_{0};
    std::array<std::atomic<uint64_t>, n_drops> drops_{};
};

/// The ports of a datapath by number. Immutable once published.
struct PortMap {
    std::vector<std::shared_ptr<Port>> by_number;

    Port* find(DpPort n) const { return n.value < by_number.size() ? by_number[n.value].get() : nullptr; }
};

}  // namespace weft::dp
