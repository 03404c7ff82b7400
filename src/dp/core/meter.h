// SPDX-License-Identifier: Apache-2.0
// Meters: rates that packets may not exceed (OpenFlow 1.5.1 section 5.11).
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "action/meter_spec.h"
#include "base/result.h"
#include "base/time.h"
#include "loop/epoch.h"

namespace weft::dp {

/// Resource type; admit() from any thread, without locks. Each band is a bucket that fills at the band's
/// rate: what is kept of it is when it will be full.
class Meter {
  public:
    Meter(action::MeterSpec spec, Time now);

    /// Counts the packet; false if a band drops it.
    bool admit(uint64_t bytes, Time now);
    action::MeterCounts counts() const;
    const action::MeterSpec& spec() const { return spec_; }

  private:
    struct Band {
        std::atomic<int64_t> full_at{0};
        std::atomic<uint64_t> packets{0}, bytes{0};
        double unit_ns = 0;       ///< to earn one bit, or one packet
        int64_t capacity_ns = 0;  ///< to fill it from empty
    };
    bool take(Band& band, uint64_t units, int64_t now) const;

    action::MeterSpec spec_;
    std::vector<Band> bands_;
    std::atomic<uint64_t> packets_{0}, bytes_{0};
};

/// The meters of a datapath. Resource type; changes and counts from the control thread, find() from threads
/// that hold a pin.
class Meters {
  public:
    static constexpr uint32_t ids_max = 1 << 18;  ///< numbers are below
    static constexpr size_t bands_max = 8;

    explicit Meters(loop::EpochDomain& domain) : by_id_(domain, std::make_unique<const ById>()) {}

    /// A meter of that number that is there already is replaced, and its counts begin anew; without a number
    /// it gets the lowest that is free.
    Result<uint32_t> set(std::optional<uint32_t> id, const action::MeterSpec& spec, Time now);
    void remove(uint32_t id);
    std::optional<action::MeterCounts> counts(uint32_t id) const;

    using ById = std::vector<std::shared_ptr<Meter>>;
    const ById& read(const loop::EpochReader::Pin& pin) const { return by_id_.read(pin); }

  private:
    void publish(uint32_t id, std::shared_ptr<Meter> meter);
    loop::Published<ById> by_id_;
};

}  // namespace weft::dp
