// SPDX-License-Identifier: Apache-2.0
// OXS: statistics of flows as type-length-value (OpenFlow 1.5.1 section 7.2.4).
#pragma once

#include "action/of_error.h"
#include "base/bytes.h"

namespace weft::openflow {

struct Oxs {
    bool has_duration = false, has_idle = false, has_counts = false, has_flows = false;
    uint32_t duration_s = 0, duration_ns = 0, idle_s = 0;
    uint64_t packets = 0, bytes = 0;
    uint32_t flows = 0;
};

/// struct ofp_stats: header, fields, padding to 8 bytes.
action::OfResult<Oxs> read_oxs(ByteReader& in);
void write_oxs(ByteWriter& out, const Oxs& stats);

}  // namespace weft::openflow
