// SPDX-License-Identifier: Apache-2.0
#include "bridge/identity.h"

#include <fmt/core.h>

#include <charconv>

namespace weft::bridge {

namespace {

bool is_universal(Mac mac) { return !mac.is_multicast() && !mac.is_zero() && !(mac.b[0] & 2); }

/// The first six bytes of the uuid as Open vSwitch orders them, made a local unicast address.
Mac mac_of_uuid(const Uuid& uuid) {
    Mac mac;
    mac.b = {uuid.b[3], uuid.b[2], uuid.b[1], uuid.b[0], uuid.b[7], uuid.b[6]};
    mac.b[0] = static_cast<uint8_t>((mac.b[0] & ~1) | 2);
    return mac;
}

std::optional<uint64_t> parse_datapath_id(std::string_view text) {
    const bool prefixed = text.starts_with("0x");
    if (prefixed) text.remove_prefix(2);
    if (text.empty() || text.size() > 16 || (!prefixed && text.size() != 16)) return std::nullopt;
    uint64_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id, 16);
    if (error != std::errc() || end != text.data() + text.size() || id == 0) return std::nullopt;
    return id;
}

}  // namespace

Mac choose_mac(const BridgeConfig& bridge, std::span<const Mac> members) {
    const auto wanted = Mac::parse(get(bridge.other_config, "hwaddr"));
    if (wanted && !wanted->is_multicast() && !wanted->is_zero()) return *wanted;
    std::optional<Mac> lowest;
    for (const Mac& mac : members)
        if (is_universal(mac) && (!lowest || mac < *lowest)) lowest = mac;
    return lowest ? *lowest : mac_of_uuid(bridge.row);
}

uint64_t choose_datapath_id(const BridgeConfig& bridge, Mac mac) {
    const auto wanted = parse_datapath_id(get(bridge.other_config, "datapath-id"));
    return wanted ? *wanted : mac.to_u64();
}

std::string format_datapath_id(uint64_t id) { return fmt::format("{:016x}", id); }

}  // namespace weft::bridge
