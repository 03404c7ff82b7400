// SPDX-License-Identifier: Apache-2.0
// The options of tunnels that a bridge names tun_metadata0 to 63 (NXT_TLV_TABLE_*). Values.
#pragma once

#include <cstdint>
#include <vector>

namespace weft::openflow {

struct TlvMap {
    uint16_t option_class = 0;
    uint8_t option_type = 0;
    uint8_t length = 0;  ///< bytes of the option's value
    uint16_t index = 0;  ///< of tun_metadata
    bool operator==(const TlvMap&) const = default;
};
enum class TlvCommand : uint16_t { add = 0, remove = 1, clear = 2 };

struct TlvTableMod {
    TlvCommand command{};
    std::vector<TlvMap> maps{};
    bool operator==(const TlvTableMod&) const = default;
};
struct TlvTableRequest {
    bool operator==(const TlvTableRequest&) const = default;
};
struct TlvTableReply {
    uint32_t max_space = 0;   ///< bytes that all values may take
    uint16_t max_fields = 0;  ///< how many options
    std::vector<TlvMap> maps{};
    bool operator==(const TlvTableReply&) const = default;
};

}  // namespace weft::openflow
