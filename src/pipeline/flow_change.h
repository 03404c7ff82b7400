// SPDX-License-Identifier: Apache-2.0
// What is asked of the tables: changes, filters, and the answers. Free of OpenFlow versions; bridge/
// converts.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "action/group_spec.h"
#include "flow/lookup.h"
#include "flow/match.h"
#include "flow/sparse.h"
#include "pipeline/rule.h"

namespace weft::pipeline {

inline constexpr uint32_t any_group = 0xffffffff;

/// Which rules a request means. Value type.
struct RuleFilter {
    uint8_t table = all_tables;
    flow::Match match;  ///< loose: rules at least as specific; strict: rules with exactly this match
    bool strict = false;
    int32_t priority = 0x8000;             ///< strict only
    uint64_t cookie = 0, cookie_mask = 0;  ///< rules whose cookie agrees on the mask
    OfPort out_port = ofpp::none;          ///< rules that output there; none: all
    uint32_t out_group = any_group;        ///< rules that use the group
    bool hidden = false;                   ///< also rules that controllers must not see
};

/// One flow_mod. Value type.
struct FlowChange {
    enum class Command : uint8_t { add, modify, remove } command{};
    /// Which rules; for add the new rule's table (all_tables: 0), match and priority.
    RuleFilter filter;
    /// add: all of the new rule. modify: actions; cookie if set_cookie; flags if set_flags.
    RuleSpec rule;
    bool set_cookie = false, set_flags = false;
    bool check_overlap = false;   ///< not when the rule only replaces one, as in Open vSwitch
    bool reset_counts = false;    ///< also for replacing adds of 1.0 and 1.1, by their standards
    bool add_if_missing = false;  ///< modify of 1.0, and of 1.1 without a cookie filter
    uint32_t learn_limit =
        0;  ///< add only: no more than so many rules with this cookie in this table; 0: no limit
};

/// A rule to be added, or to replace the one of equal match and priority: what an add comes down to. Value
/// type.
struct Addition {
    uint8_t table = 0;
    flow::SparseMatch match{};
    int32_t priority = 0x8000;
    RuleSpec rule{};
    bool hidden = false;         ///< may replace rules that controllers must not see
    bool check_overlap = false;  ///< the others as in FlowChange
    bool reset_counts = false;
    uint32_t learn_limit = 0;
};

/// One group_mod. Value type.
struct GroupChange {
    enum class Command : uint8_t {
        add,
        modify,
        add_or_modify,
        remove,  ///< group_all: all of them
        insert_buckets,
        remove_buckets,
    } command{};
    uint32_t id = 0;
    uint32_t bucket = action::bucket_all;  ///< insert: behind which, or first or last; remove: which
    action::GroupSpec spec{};
};

/// Why a change was refused.
struct ChangeError {
    enum class Kind : uint8_t {
        bad_table,
        overlap,
        table_full,
        not_allowed,
        learn_limit,
        bad_out_group,  ///< a flow uses a group that does not exist
        group_exists,
        unknown_group,
        group_loop,
        unknown_bucket,
        bucket_exists,
    } kind{};
    std::string message;
    bool operator==(const ChangeError&) const = default;
};

/// Why a rule is no more.
enum class Removal : uint8_t { idle_timeout, hard_timeout, removed, group_removed, meter_removed, eviction };

/// What happened to a rule, in order: for flow-removed messages and flow monitors.
struct RuleEvent {
    enum class Kind : uint8_t { added, modified, removed } kind{};
    Removal reason{};  ///< removed
    RulePtr rule;      ///< added and modified: the new one
    RulePtr old;       ///< modified, or the rule that an add replaced
    Time when;
};

/// A table's answer to a packet that no rule matches (OpenFlow 1.1 table_mod; `as_connected` unless told).
enum class Miss : uint8_t {
    as_connected,  ///< to the controllers if one speaks OpenFlow 1.0-1.2, else drop (1.3's rule)
    controller,
    next_table,
    drop,
};

inline constexpr uint32_t no_rule_limit = 0xffffffff;

/// Settings of one table. Value type.
struct TableConfig {
    std::string name;
    Miss miss = Miss::as_connected;
    uint32_t max_rules = no_rule_limit;
    bool evict = false;  ///< when full: the rule of least importance, then shortest life, gives way
    /// Divide the rules for eviction: one of the largest group gives way.
    std::vector<flow::Subfield> groups{};
    /// Fields whose prefixes lookups track, for wider megaflows.
    std::vector<flow::FieldId> prefixes{flow::default_prefix_fields().begin(),
                                        flow::default_prefix_fields().end()};
    bool operator==(const TableConfig&) const = default;
};

}  // namespace weft::pipeline
