// SPDX-License-Identifier: Apache-2.0
// A bridge's flow tables, in versions.
#pragma once

#include <atomic>
#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/time.h"
#include "flow/flow_view.h"
#include "pipeline/flow_change.h"
#include "pipeline/rule.h"
#include "pipeline/versions.h"

namespace weft::pipeline {

/// Counters of one table, outside the version.
struct TableCounters {
    std::atomic<uint64_t> lookups{0}, matched{0};
};

using RulePtr = std::shared_ptr<const Rule>;
using RuleVisitor = std::function<void(const RulePtr&)>;

/// Resource type. Lookups and visits run on any thread at any time, given the version of a reader that is
/// entered; changes go through TablesEdit, one at a time. Invariant: in any one version no two rules of a
/// table agree in match and priority.
class Tables {
  public:
    /// `versions` outlives the tables and is shared by all bridges of a datapath.
    Tables(Versions& versions, Time now);
    ~Tables();
    Tables(const Tables&) = delete;
    Tables& operator=(const Tables&) = delete;

    /// The rule of highest priority for the packet; null if none. Un-wildcards in `view` all that the answer
    /// depended on, so that a miss is explained too.
    RulePtr lookup(uint8_t table, Version version, flow::FlowView& view) const;

    /// Visits the rules that the filter means, tables in order; within a table in order of decreasing
    /// priority is not promised.
    void visit(const RuleFilter& filter, Version version, const RuleVisitor& visit) const;
    size_t size(uint8_t table) const;

    TableConfig config(uint8_t table) const;
    /// Control thread; may be called while packets are looked up. Rules above a new limit stay.
    void set_config(uint8_t table, const TableConfig& config);
    Miss miss(uint8_t table) const;
    TableCounters& counters(uint8_t table) const;

    /// The internal rules that count packets without a rule of their own.
    const RulePtr& miss_rule() const;          ///< sent to the controllers
    const RulePtr& no_packet_in_rule() const;  ///< dropped
    const RulePtr& drop_fragments_rule() const;

    /// Removes rules that are due; their events in `out`. Costs by rules due, not by rules.
    void expire(Time now, std::vector<RuleEvent>& out);
    /// When expire() may next find something; `never` if no rule has a timeout.
    Time next_deadline() const;
    /// Called when a packet's effects shorten a rule's timeouts (fin_timeout), so that expire() looks
    /// earlier.
    void reschedule(const RulePtr& rule);

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

    /// On error this change did nothing; those before it stand.
    std::expected<void, ChangeError> apply(const FlowChange& change);
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
