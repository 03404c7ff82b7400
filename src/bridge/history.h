// SPDX-License-Identifier: Apache-2.0
// What happened to a bridge's flows, groups and meters lately: the way back to an earlier version.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "openflow/meter.h"
#include "pipeline/flow_change.h"
#include "pipeline/tables.h"

namespace weft::bridge {

/// A group or a meter then and now; empty: there was, or is, none.
template <class What>
struct NumberedDifference {
    uint32_t id = 0;
    What then{}, now{};
};
using GroupDifference = NumberedDifference<pipeline::GroupPtr>;
using MeterDifference = NumberedDifference<std::optional<openflow::MeterSpec>>;

/// The rules, groups and meters that a step took away and put there. Value type.
struct HistoryStep {
    pipeline::Version version = 0;  ///< of the tables after it
    Time when{};
    enum class Source : uint8_t { controller, learned, expired, switch_itself, revert } source{};
    std::vector<pipeline::RuleEvent> events{};
    std::vector<GroupDifference> groups{};
    std::vector<MeterDifference> meters{};

    bool empty() const { return events.empty() && groups.empty() && meters.empty(); }
};
std::string_view name_of(HistoryStep::Source source);

/// Resource type; belongs to the control thread. Keeps steps within a budget of memory; the oldest go first.
class History {
  public:
    static constexpr size_t default_budget = 16u << 20;

    void set_budget(size_t bytes) { budget_ = bytes; }
    void add(HistoryStep step);
    const std::deque<HistoryStep>& steps() const { return steps_; }
    size_t bytes() const { return bytes_; }

    /// The version that the tables had then; none: the history does not reach back that far.
    std::optional<pipeline::Version> version_at(Time when) const;
    /// The oldest version there is a way back to.
    pipeline::Version oldest() const { return oldest_; }
    pipeline::Version newest() const { return steps_.empty() ? oldest_ : steps_.back().version; }

    /// One rule then and now; null: there was, or is, none.
    struct Difference {
        pipeline::RulePtr then, now;
    };
    struct Differences {
        std::vector<Difference> rules;        ///< in order of table, priority and match
        std::vector<GroupDifference> groups;  ///< in order of id, as are meters
        std::vector<MeterDifference> meters;
        size_t size() const { return rules.size() + groups.size() + meters.size(); }
    };
    /// What differs from how it was at `version`. Fails if that is too long ago, or still to come.
    Result<Differences> since(pipeline::Version version) const;

  private:
    std::deque<HistoryStep> steps_;
    size_t budget_ = default_budget, bytes_ = 0;
    pipeline::Version oldest_ = 0;
    Time begun_{};
};

using Change = std::variant<pipeline::FlowChange, pipeline::GroupChange>;
/// The changes that lead from `now` back to `then`, all of them, in an order in which none is refused.
std::vector<Change> way_back(const History::Differences& differences);
/// What makes the meter what it was.
openflow::MeterMod way_back(const MeterDifference& difference);

}  // namespace weft::bridge
