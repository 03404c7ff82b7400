// SPDX-License-Identifier: Apache-2.0
// A rule: what it matches, what it does, how long it lives, what it counted.
#pragma once

#include <atomic>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstdint>
#include <memory>

#include "action/action.h"
#include "base/time.h"
#include "flow/classifier_rule.h"
#include "flow/match.h"
#include "pipeline/ids.h"

namespace weft::pipeline {

/// Counters and last use, outside the version: a modified rule goes on counting in the same cell. Resource
/// type; any thread may add or read at any time.
class RuleCell {
  public:
    explicit RuleCell(Time now) : used_(now.time_since_epoch().count()) {}

    void count(uint64_t packets, uint64_t bytes, Time used) {
        packets_.fetch_add(packets, std::memory_order_relaxed);
        bytes_.fetch_add(bytes, std::memory_order_relaxed);
        touch(used);
    }
    /// Moves the last use forward, never back.
    void touch(Time used) {
        const int64_t t = used.time_since_epoch().count();
        int64_t seen = used_.load(std::memory_order_relaxed);
        while (seen < t && !used_.compare_exchange_weak(seen, t, std::memory_order_relaxed)) {
        }
    }
    uint64_t packets() const { return packets_.load(std::memory_order_relaxed); }
    uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
    /// The time of creation until a packet came.
    Time used() const { return Time(Duration(used_.load(std::memory_order_relaxed))); }

  private:
    std::atomic<uint64_t> packets_{0}, bytes_{0};
    std::atomic<int64_t> used_;
};

/// Bits of RuleSpec::flags.
namespace rule_flag {
inline constexpr uint16_t send_removed = 1, check_overlap = 2, reset_counts = 4, no_packet_counts = 8,
                          no_byte_counts = 16;  ///< numbers of OpenFlow 1.3's ofp_flow_mod_flags
/// Not shown to controllers nor changed by them (internal rules, in-band control, fail-open).
inline constexpr uint16_t hidden = 0x8000;
}  // namespace rule_flag

/// Controllers have priorities 0..65535; rules of our own lie above.
inline constexpr int32_t in_band_priority = 180000, fail_open_priority = 0xf0f0f0;

/// What a rule is, apart from match and priority. Value type.
struct RuleSpec {
    uint64_t cookie = 0;
    uint16_t idle_timeout_s = 0, hard_timeout_s = 0;  ///< 0: none
    uint16_t importance = 0;
    uint16_t flags = 0;
    std::shared_ptr<const action::Actions> actions;  ///< null: none, which drops
};

class Rule;
/// Count in the rule itself, which there may be millions of.
using RulePtr = boost::intrusive_ptr<const Rule>;
using MutableRulePtr = boost::intrusive_ptr<Rule>;

/// One version of a rule. Immutable but for its version bounds, timeouts and cell. Readers hold it by
/// RulePtr, so it outlives its removal for as long as statistics may come in for it.
class Rule : public flow::ClassifierRule, public boost::intrusive_ref_counter<Rule> {
  public:
    Rule(uint8_t table, flow::SparseMatch match, int32_t priority, RuleSpec spec, Time now);
    /// The same in one piece of memory with what it matches.
    static MutableRulePtr make(uint8_t table, flow::SparseMatch match, int32_t priority, RuleSpec spec,
                               Time now);
    static void operator delete(void* place) { ::operator delete(place); }
    /// The next version of `old`: same match, priority, creation time and, unless `reset_counts`, cell.
    static MutableRulePtr next_version(const Rule& old, RuleSpec spec, bool reset_counts, Time now);
    /// Goes on counting where `old` is. Before the rule is visible.
    void share_counts(const Rule& old) { counts_in_ = old.counts_in_ ? old.counts_in_ : RulePtr(&old); }

    uint8_t table() const { return table_; }
    uint64_t cookie() const { return spec_.cookie; }
    uint16_t importance() const { return spec_.importance; }
    uint16_t flags() const { return spec_.flags; }
    const action::Actions& actions() const { return *spec_.actions; }
    const RuleSpec& spec() const { return spec_; }
    bool hidden() const { return priority() > 0xffff || (spec_.flags & rule_flag::hidden); }

    Time created() const { return created_; }
    /// The hard timeout counts from here; learning the rule again moves it.
    Time modified() const { return Time(Duration(modified_.load(std::memory_order_relaxed))); }
    void renew(Time now) const { modified_.store(now.time_since_epoch().count(), std::memory_order_relaxed); }
    /// Counts and last use; shared by the versions of a rule.
    RuleCell& cell() const { return counts_in_ ? counts_in_->cell_ : cell_; }

    /// Seconds, as now in force: fin_timeout shortens them.
    uint16_t idle_timeout() const { return idle_timeout_.load(std::memory_order_relaxed); }
    uint16_t hard_timeout() const { return hard_timeout_.load(std::memory_order_relaxed); }
    /// Lowers timeouts that are longer or absent; 0 leaves one alone. True if something changed.
    bool reduce_timeouts(uint16_t idle, uint16_t hard) const;
    bool has_timeout() const { return idle_timeout() || hard_timeout(); }
    /// When it is due if no packet comes any more; `never` without timeouts.
    Time deadline() const;
    Time hard_deadline() const;

  private:
    friend class RuleList;
    friend class Expiry;

    uint8_t table_;
    mutable std::atomic<uint16_t> idle_timeout_, hard_timeout_;
    uint32_t place_ = 0;  ///< the writer's: in its table's list
    RuleSpec spec_;
    Time created_;
    mutable std::atomic<int64_t> modified_;
    mutable RuleCell cell_;
    RulePtr counts_in_;  ///< its first version, which counts for it; null: it counts itself
    // The writer's.
    MutableRulePtr older_;  ///< the version this one replaced, until it is reclaimed
    Time listed_ = never;   ///< deadline as of its place in Expiry
};

}  // namespace weft::pipeline
