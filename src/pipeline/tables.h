// SPDX-License-Identifier: Apache-2.0
// A bridge's flow tables, in versions.
#pragma once

#include <atomic>
#include <expected>
#include <functional>
#include <memory>
#include <vector>

#include "base/time.h"
#include "flow/flow_view.h"
#include "flow/lookup.h"
#include "flow/tlv_layout.h"
#include "pipeline/flow_change.h"
#include "pipeline/group.h"
#include "pipeline/rule.h"
#include "pipeline/versions.h"

namespace weft::pipeline {

/// Counters of one table, outside the version.
struct TableCounters {
    std::atomic<uint64_t> lookups{0}, matched{0};
};

/// What a lookup found.
struct Lookup {
    RulePtr rule;        ///< null: none
    int32_t floor = -1;  ///< no change to rules of a lower priority can change that
};

using RuleVisitor = std::function<void(const RulePtr&)>;

/// Where a walk over the rules stands. Value type.
struct WalkPosition {
    uint8_t table = 0;
    uint32_t place = 0;
};

/// Resource type. Lookups and visits run on any thread at any time, given the version of a reader that is
/// inside (Snapshot); they never wait for the writer. Changes go through TablesEdit, one at a time.
/// Invariant: in any one version no two rules of a table agree in match and priority.
class Tables {
  public:
    /// `versions` outlives the tables and is shared by all bridges of a datapath.
    Tables(Versions& versions, Time now);
    ~Tables();
    Tables(const Tables&) = delete;
    Tables& operator=(const Tables&) = delete;

    /// The rule of highest priority for the packet, by way of conjunctions too. Un-wildcards in `view` all
    /// that the answer depended on, so that a miss is explained too.
    Lookup lookup(uint8_t table, Version version, flow::FlowView& view, flow::LookupPlant plant = {}) const;

    /// The rule of exactly this table, match and priority in the newest version. Any thread, but not under an
    /// edit.
    RulePtr find(const RuleFilter& filter) const;
    /// Visits the rules that the filter means, table by table, in no particular order. A strict filter waits
    /// for an edit that is under way.
    void visit(const RuleFilter& filter, Version version, const RuleVisitor& visit) const;
    /// The same in pieces, for a dump that must not hold up others: looks at about `limit` rules from
    /// `position` on and moves it; false at the end. Rules that come or go between two calls may be seen or
    /// missed; none is seen twice.
    bool walk(const RuleFilter& filter, Version version, WalkPosition& position, size_t limit,
              const RuleVisitor& visit) const;
    /// The bridge's groups, in the same versions. Any reader.
    const Groups& groups() const;
    /// Rules of the newest version that use the group, or the meter.
    size_t group_users(uint32_t group) const;
    size_t meter_users(uint32_t meter) const;

    /// Rules of the newest version that controllers see.
    size_t size(uint8_t table) const;
    size_t size() const;

    TableConfig config(uint8_t table) const;
    /// May be called while packets are looked up. Rules above a new limit stay.
    void set_config(uint8_t table, const TableConfig& config);
    Miss miss(uint8_t table) const;
    TableCounters& counters(uint8_t table) const;

    /// Where the bridge's rules have the options of tunnels. Any thread.
    std::shared_ptr<const flow::TlvLayout> option_layout() const;
    void set_option_layout(const flow::TlvLayout& layout);
    /// A rule's match for those who print or send it.
    flow::Match told(const flow::SparseMatch& match) const;

    /// The internal rules that count packets without a rule of their own.
    const RulePtr& miss_rule() const;          ///< sent to the controllers
    const RulePtr& no_packet_in_rule() const;  ///< dropped
    const RulePtr& drop_fragments_rule() const;

    /// Removes rules that are due; their events in `out`. Costs by rules due, not by rules. Also frees what
    /// no reader can see any more, so call it now and then though nothing is due.
    void expire(Time now, std::vector<RuleEvent>& out);
    /// When expire() may next find something; `never` if no rule has a timeout. Any thread.
    Time next_deadline() const;
    /// The learn action: adds the rule, or renews the one there is; nothing changes for others if it is the
    /// same. Any thread.
    void learn(const FlowChange& change, Time used, std::vector<RuleEvent>& events);
    /// fin_timeout. Any thread.
    void reduce_timeouts(const RulePtr& rule, uint16_t idle_s, uint16_t hard_s);
    /// Rules of a table with this cookie in the newest version, counted no further than `limit`. Any reader.
    size_t count_cookie(uint8_t table, uint64_t cookie, Version version, size_t limit) const;

    Versions& versions() const;

  private:
    friend class TablesEdit;
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// A change under construction: flow_mods are applied one after another to a version nobody sees yet, each
/// seeing those before it. publish() makes all of them visible by one store; destruction without it undoes
/// them all. Resource type; holds the datapath's writer lock, so keep it short. Cost of a change: that of the
/// rules it touches.
class TablesEdit {
  public:
    TablesEdit(Tables& tables, Time now);
    ~TablesEdit();
    TablesEdit(const TablesEdit&) = delete;
    TablesEdit& operator=(const TablesEdit&) = delete;

    /// So many changes are to come.
    void reserve(size_t changes);
    /// On error this change did nothing; those before it stand.
    std::expected<void, ChangeError> apply(const FlowChange& change);
    std::expected<void, ChangeError> add(Addition addition);
    /// Rules that use a group that goes are removed with it.
    std::expected<void, ChangeError> apply(const GroupChange& change);
    /// Removes the rules that use a meter that goes.
    void forget_meter(uint32_t meter);
    /// Removes one rule for a reason of its own (timeout, eviction, group deletion); false if it is gone
    /// already.
    bool remove(const RulePtr& rule, Removal reason);

    /// What happened, in order. The edit is over.
    std::vector<RuleEvent> publish();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace weft::pipeline
