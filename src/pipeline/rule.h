// SPDX-License-Identifier: Apache-2.0
// A rule: what it matches, what it does, how long it lives, what it counted.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "action/action.h"
#include "base/time.h"
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
inline constexpr uint16_t send_removed = 1, no_packet_counts = 2, no_byte_counts = 4;
/// Not shown to controllers nor changed by them (internal rules, in-band control, fail-open).
inline constexpr uint16_t hidden = 8;
/// As in the flow_mod, for dumps only.
inline constexpr uint16_t check_overlap = 16, reset_counts = 32;
}  // namespace rule_flag

/// Controllers have priorities 0..65535; rules of our own lie above.
inline constexpr int32_t in_band_priority = 180000, fail_open_priority = 0xf0f0f0;

/// What a rule is, apart from its match. Value type.
struct RuleSpec {
    int32_t priority = 0x8000;
    uint64_t cookie = 0;
    uint16_t idle_timeout_s = 0, hard_timeout_s = 0;  ///< 0: none
    uint16_t importance = 0;
    uint16_t flags = 0;
    std::shared_ptr<const action::Actions> actions;  ///< null: drop
};

/// One version of a rule. Immutable but for its version bounds, its timeouts and the cell. Readers hold it by
/// shared_ptr, so it outlives its removal for as long as statistics may come in for it.
class Rule {
  public:
    /// `now` is the time of creation; a modified rule keeps the creation time and cell of the old one.
    Rule(uint8_t table, const flow::Match& match, RuleSpec spec, Time now);
    Rule(const Rule& old, RuleSpec spec, Time now);
    ~Rule();

    uint8_t table() const { return table_; }
    int32_t priority() const { return spec_.priority; }
    uint64_t cookie() const { return spec_.cookie; }
    uint16_t importance() const { return spec_.importance; }
    uint16_t flags() const { return spec_.flags; }
    const action::Actions& actions() const { return *spec_.actions; }
    const RuleSpec& spec() const { return spec_; }
    flow::Match match() const;
    bool hidden() const { return spec_.priority > 0xffff || (spec_.flags & rule_flag::hidden); }

    Time created() const { return created_; }
    Time modified() const { return modified_; }
    RuleCell& cell() const { return *cell_; }
    /// Seconds, as now in force: fin_timeout shortens them.
    uint16_t idle_timeout() const { return idle_timeout_.load(std::memory_order_relaxed); }
    uint16_t hard_timeout() const { return hard_timeout_.load(std::memory_order_relaxed); }
    /// Lowers timeouts that are longer or absent; 0 leaves one alone.
    void reduce_timeouts(uint16_t idle, uint16_t hard) const;
    /// When it is due if no packet comes any more; `never` without timeouts.
    Time deadline() const;

    bool visible_in(Version v) const {
        return added_.load(std::memory_order_relaxed) <= v && v < removed_.load(std::memory_order_acquire);
    }

  private:
    friend class Tables;
    friend class TablesEdit;

    const uint8_t table_;
    const RuleSpec spec_;
    const Time created_, modified_;
    const std::shared_ptr<RuleCell> cell_;
    const std::unique_ptr<const flow::Match> match_;
    mutable std::atomic<uint16_t> idle_timeout_, hard_timeout_;
    mutable std::atomic<Version> added_{version_never}, removed_{version_never};
};

}  // namespace weft::pipeline
