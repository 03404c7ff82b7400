// SPDX-License-Identifier: Apache-2.0
// Meters: rates that packets may not exceed (OpenFlow 1.5.1 section 5.11).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "action/meter_spec.h"
#include "base/result.h"
#include "base/time.h"
#include "loop/epoch.h"

namespace weft::dp {

/// What packets change of a meter, and what that takes: numbers only, so that it may lie in memory shared
/// with programs in the kernel that meter too (bpf/meter.h). Changed atomically, but for what the meter is.
struct MeterCell {
    static constexpr unsigned bands_max = 8, unit_shift = 22;
    struct Band {
        uint64_t full_at = 0;  ///< when it will be full: nanoseconds of the clock that callers have
        uint64_t packets = 0, bytes = 0;
        uint64_t unit = 0;         ///< of time, to earn one byte, or one packet: ns << unit_shift
        uint64_t capacity_ns = 0;  ///< to fill it from empty
        uint64_t rate = 0;
    };
    uint64_t packets = 0, bytes = 0;
    uint32_t n_bands = 0, by_bytes = 0, in_use = 0, pad = 0;
    Band bands[bands_max];
};

/// Resource type; admit() from any thread, without locks. Each band is a bucket that fills at the band's
/// rate: what is kept of it is when it will be full.
class Meter {
  public:
    /// A cell may be that of a meter which is being replaced: what still
    /// comes by that one may then leave a band as empty as can be, no more.
    Meter(action::MeterSpec spec, Time now, std::shared_ptr<MeterCell> cell = std::make_shared<MeterCell>());
    /// Who shares the cell finds no meter there.
    void retire();

    /// Counts the packet; false if a band drops it.
    bool admit(uint64_t bytes, Time now);
    action::MeterCounts counts() const;
    const action::MeterSpec& spec() const { return spec_; }

  private:
    const action::MeterSpec spec_;
    const std::shared_ptr<MeterCell> shared_;
    MeterCell& cell_;
};

/// The meters of a datapath. Resource type; changes and counts from the control thread, find() from threads
/// that hold a pin.
class Meters {
  public:
    static constexpr uint32_t ids_max = 1 << 18;  ///< numbers are below
    static constexpr size_t bands_max = MeterCell::bands_max;

    explicit Meters(loop::EpochDomain& domain) : by_id_(domain, std::make_unique<const ById>()) {}

    /// Where the meters to come lie, by number.
    using Cells = std::function<Result<std::shared_ptr<MeterCell>>(uint32_t id)>;
    void set_cells(Cells cells) { cells_ = std::move(cells); }

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
    Cells cells_;
};

}  // namespace weft::dp
