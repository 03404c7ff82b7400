// SPDX-License-Identifier: Apache-2.0
// Controller roles and the asynchronous messages that each role gets. Values, free of wire versions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace weft::openflow {

/// In the numbering of OpenFlow 1.2; equal is Nicira's "other".
enum class Role : uint8_t { no_change = 0, equal = 1, primary = 2, secondary = 3 };

struct RoleRequest {
    Role role{};
    std::optional<uint64_t>
        generation_id{};  ///< must be there to become primary or secondary (1.2 and newer)
    bool operator==(const RoleRequest&) const = default;
};
struct RoleReply {
    Role role{};
    std::optional<uint64_t> generation_id{};
    bool operator==(const RoleReply&) const = default;
};

enum class RoleChange : uint8_t { primary_request = 0, config = 1, experimenter = 2 };
struct RoleStatus {
    Role role{};
    RoleChange reason{};
    uint64_t generation_id = ~uint64_t{0};
    bool operator==(const RoleStatus&) const = default;
};

/// In the order of OpenFlow 1.4's properties.
enum class AsyncKind : uint8_t {
    packet_in,
    port_status,
    flow_removed,
    role_status,
    table_status,
    request_forward
};
inline constexpr size_t n_async_kinds = 6;

/// Requests that are told to other controllers.
enum class ForwardReason : uint8_t { group_mod = 0, meter_mod = 1 };

/// For each kind of message, a mask of the reasons that are told: bit i stands for reason i.
struct AsyncConfig {
    std::array<uint32_t, n_async_kinds> primary{}, secondary{};  ///< primary: also for role equal

    uint32_t& mask(AsyncKind kind, bool for_secondary) {
        return (for_secondary ? secondary : primary)[static_cast<size_t>(kind)];
    }
    bool wants(AsyncKind kind, unsigned reason, bool as_secondary) const {
        return (as_secondary ? secondary : primary)[static_cast<size_t>(kind)] >> reason & 1;
    }
    bool operator==(const AsyncConfig&) const = default;
};

/// A change of some masks.
struct AsyncChange {
    struct Item {
        AsyncKind kind{};
        bool secondary = false;
        uint32_t mask = 0;
        bool operator==(const Item&) const = default;
    };
    std::vector<Item> items{};
    bool operator==(const AsyncChange&) const = default;
};

}  // namespace weft::openflow
