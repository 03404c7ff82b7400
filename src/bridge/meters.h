// SPDX-License-Identifier: Apache-2.0
// The OpenFlow meters of a bridge, and the numbers under which the datapath enforces them.
#pragma once

#include <map>

#include "dp/datapath.h"
#include "openflow/meter.h"
#include "openflow/version.h"

namespace weft::bridge {

/// Resource type; belongs to the control thread.
class Meters {
  public:
    /// `now` counts for durations.
    openflow::OfResult<> apply(const openflow::MeterMod& mod, dp::Datapath& datapath, Time now);
    /// As an earlier process had it: goes on from its counts.
    openflow::OfResult<> restore(const openflow::MeterConfig& config, Time created,
                                 const action::MeterCounts& counts, dp::Datapath& datapath);
    /// meter_all: all of them, in order.
    openflow::OfResult<std::vector<uint32_t>> list(uint32_t id) const;
    openflow::MeterConfig config(uint32_t id) const { return {id, all_.at(id).spec}; }
    Time created(uint32_t id) const { return all_.at(id).created; }
    action::MeterCounts counts(uint32_t id, const dp::Datapath& datapath) const;
    openflow::MeterStats stats(uint32_t id, const dp::Datapath& datapath, Time now) const;
    /// OpenFlow number -> datapath number: what the pipeline sees.
    std::map<uint32_t, uint32_t> numbers() const;
    bool has(uint32_t id) const { return all_.contains(id); }
    void remove_all(dp::Datapath& datapath);

  private:
    struct Entry {
        openflow::MeterSpec spec;
        uint32_t dp_meter = 0;
        Time created;
        action::MeterCounts before{};  ///< the datapath started
    };
    openflow::OfResult<> check(const openflow::MeterMod& mod) const;

    std::map<uint32_t, Entry> all_;
};

}  // namespace weft::bridge
