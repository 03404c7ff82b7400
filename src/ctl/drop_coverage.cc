// SPDX-License-Identifier: Apache-2.0
#include "ctl/drop_coverage.h"

namespace weft::ctl {

namespace {

/// Open vSwitch has one counter for whatever the rules decide.
std::string_view counter_of(pipeline::Drop d) {
    using enum pipeline::Drop;
    const bool by_rules =
        d == no_match || d == drop_rule || d == output_to_input || d == no_bucket || d == ttl_expired;
    return pipeline::coverage_name(by_rules ? of_pipeline : d);
}
std::string_view counter_of(dp::Drop d) { return dp::coverage_name(d); }
std::string_view counter_of(bridge::SwitchDrop) { return "drop_before_or_after_datapath"; }

std::string name_of(const bridge::DropReason& reason) {
    return std::string(std::visit([](auto d) { return counter_of(d); }, reason.v));
}

}  // namespace

DropCoverage::DropCoverage(obs::Coverage& coverage, bridge::Switch& sw) : coverage_(coverage), sw_(sw) {
    for (const bridge::DropReason& reason : bridge::all_drop_reasons()) coverage.counter(name_of(reason));
}

void DropCoverage::run(Time now) {
    if (now < next_) return;
    next_ = now + obs::Coverage::sample_interval / 2;
    std::map<std::string, uint64_t> totals;
    const auto add = [&](const bridge::DropReason& reason, uint64_t packets) {
        totals[name_of(reason)] += packets;
    };
    for (auto& [type, backer] : sw_.backers()) {
        for (const auto& c : backer->cache().drops().counts()) add(c.reason, c.packets);
        const dp::DropCounts counts = backer->datapath().drops();
        for (size_t i = 0; i < counts.size(); ++i) add(static_cast<dp::Drop>(i), counts[i]);
    }
    for (const auto& [name, total] : totals) {
        uint64_t& told = told_[name];
        if (total > told) coverage_.counter(name).add(total - told);
        told = total;  // less than before where a datapath was closed
    }
}

}  // namespace weft::ctl
