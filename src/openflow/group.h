// SPDX-License-Identifier: Apache-2.0
// Groups in messages. Values, free of wire versions.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "action/group_spec.h"

namespace weft::openflow {

using action::Bucket;
using action::GroupSelection;
using action::GroupSpec;
using action::GroupType;

enum class GroupCommand : uint16_t {
    add = 0,
    modify = 1,
    remove = 2,
    insert_bucket = 3,
    remove_bucket = 5,
    add_or_modify = 0x8000,
};

struct GroupMod {
    GroupCommand command{};
    uint32_t id = 0;                               ///< remove: group_all for all of them
    uint32_t command_bucket = action::bucket_all;  ///< where to insert, which to remove
    GroupSpec spec{};
    bool operator==(const GroupMod&) const = default;
};

struct GroupStats {
    uint32_t id = 0, n_flows = 0;
    uint64_t packets = 0, bytes = 0;
    uint32_t duration_s = 0, duration_ns = 0;  ///< since 1.3
    struct Counts {
        uint64_t packets = 0, bytes = 0;
        bool operator==(const Counts&) const = default;
    };
    std::vector<Counts> buckets{};
    bool operator==(const GroupStats&) const = default;
};

struct GroupDesc {
    uint32_t id = 0;
    GroupSpec spec{};
    bool operator==(const GroupDesc&) const = default;
};

struct GroupStatsRequest {
    uint32_t id = action::group_all;
    bool operator==(const GroupStatsRequest&) const = default;
};
/// Versions before 1.5 always ask for all.
struct GroupDescRequest {
    uint32_t id = action::group_all;
    bool operator==(const GroupDescRequest&) const = default;
};
struct GroupFeaturesRequest {
    bool operator==(const GroupFeaturesRequest&) const = default;
};
struct GroupStatsReply {
    std::vector<GroupStats> groups{};
    bool operator==(const GroupStatsReply&) const = default;
};
struct GroupDescReply {
    std::vector<GroupDesc> groups{};
    bool operator==(const GroupDescReply&) const = default;
};
/// What every version's bitmaps of Weft say; arrays by GroupType.
struct GroupFeaturesReply {
    uint32_t types = 0, capabilities = 0;
    std::array<uint32_t, 4> max_groups{}, actions{};
    bool operator==(const GroupFeaturesReply&) const = default;
};

}  // namespace weft::openflow
