// SPDX-License-Identifier: Apache-2.0
// What a group is (OpenFlow 1.5.1 section 5.10): shared by the messages that describe it and the pipeline
// that runs it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "action/action.h"

namespace weft::action {

inline constexpr uint32_t group_max = 0xffffff00, group_all = 0xfffffffc, group_any = 0xffffffff;
inline constexpr uint32_t bucket_max = 0xffffff00, bucket_first = 0xfffffffd, bucket_last = 0xfffffffe,
                          bucket_all = 0xffffffff;

enum class GroupType : uint8_t { all, select, indirect, fast_failover };

struct Bucket {
    uint32_t id = bucket_all;  ///< bucket_all: not given, the switch chooses
    uint16_t weight = 0;       ///< of select groups
    OfPort watch_port = ofpp::none;
    uint32_t watch_group = group_any;
    Actions actions{};
    bool operator==(const Bucket&) const = default;
    bool watches() const { return watch_port != ofpp::none || watch_group != group_any; }
};

/// How a select group chooses (Netronome's extension to group mod).
struct GroupSelection {
    std::string method{};  ///< "", "hash" or "dp_hash"
    uint64_t param = 0;
    struct Field {
        flow::FieldId field{};
        flow::FieldValue mask;
        bool operator==(const Field&) const = default;
    };
    std::vector<Field> fields{};
    bool operator==(const GroupSelection&) const = default;
};

/// Value type.
struct GroupSpec {
    GroupType type = GroupType::all;
    GroupSelection selection{};
    std::vector<Bucket> buckets{};
    bool operator==(const GroupSpec&) const = default;
};

}  // namespace weft::action
