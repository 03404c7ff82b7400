// SPDX-License-Identifier: Apache-2.0
// Meters in messages (1.3 and newer). Values, free of wire versions.
#pragma once

#include <cstdint>
#include <vector>

#include "action/meter_spec.h"

namespace weft::openflow {

using action::MeterSpec;

enum class MeterCommand : uint16_t { add = 0, modify = 1, remove = 2 };

struct MeterMod {
    MeterCommand command{};
    uint32_t id = 0;  ///< remove: meter_all for all of them
    MeterSpec spec{};
    bool operator==(const MeterMod&) const = default;
};

struct MeterStats {
    uint32_t id = 0, n_flows = 0;
    action::MeterCounts counts{};
    uint32_t duration_s = 0, duration_ns = 0;
    bool operator==(const MeterStats&) const = default;
};
struct MeterConfig {
    uint32_t id = 0;
    MeterSpec spec{};
    bool operator==(const MeterConfig&) const = default;
};
struct MeterFeatures {
    uint32_t max_meters = 0, band_types = 0, capabilities = 0;  ///< bitmaps
    uint8_t max_bands = 0, max_color = 0;
    bool operator==(const MeterFeatures&) const = default;
};

struct MeterStatsRequest {
    uint32_t id = action::meter_all;
    bool operator==(const MeterStatsRequest&) const = default;
};
struct MeterConfigRequest {
    uint32_t id = action::meter_all;
    bool operator==(const MeterConfigRequest&) const = default;
};
struct MeterFeaturesRequest {
    bool operator==(const MeterFeaturesRequest&) const = default;
};
struct MeterStatsReply {
    std::vector<MeterStats> meters{};
    bool operator==(const MeterStatsReply&) const = default;
};
struct MeterConfigReply {
    std::vector<MeterConfig> meters{};
    bool operator==(const MeterConfigReply&) const = default;
};
struct MeterFeaturesReply {
    MeterFeatures features{};
    bool operator==(const MeterFeaturesReply&) const = default;
};

}  // namespace weft::openflow
