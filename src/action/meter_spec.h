// SPDX-License-Identifier: Apache-2.0
// What a meter is (OpenFlow 1.5.1 section 5.11): shared by messages, text and the datapath that enforces it.
#pragma once

#include <cstdint>
#include <vector>

namespace weft::action {

inline constexpr uint32_t meter_max = 0xffff0000, meter_slow_path = 0xfffffffd, meter_controller = 0xfffffffe,
                          meter_all = 0xffffffff;

/// Bits of MeterSpec::flags, OpenFlow's.
namespace meter_flag {
inline constexpr uint16_t kbps = 1, pktps = 2, burst = 4, stats = 8, all = 15;
}

struct MeterBand {
    enum class Type : uint16_t { drop = 1, dscp_remark = 2 } type = Type::drop;
    uint32_t rate = 0, burst = 0;  ///< kbit/s or packets/s; kbit or packets
    uint8_t prec_level = 0;        ///< dscp_remark only
    bool operator==(const MeterBand&) const = default;
};

/// Value type.
struct MeterSpec {
    uint16_t flags = 0;
    std::vector<MeterBand> bands{};
    bool operator==(const MeterSpec&) const = default;
};

/// What a meter counted; `bands` in the order of its specification.
struct MeterCounts {
    uint64_t packets = 0, bytes = 0;
    struct Band {
        uint64_t packets = 0, bytes = 0;
        bool operator==(const Band&) const = default;
    };
    std::vector<Band> bands{};
    bool operator==(const MeterCounts&) const = default;
};

}  // namespace weft::action
