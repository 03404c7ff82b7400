// SPDX-License-Identifier: Apache-2.0
#include "bridge/history.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "flow/match_text.h"

namespace weft::bridge {

namespace {

/// About what a rule keeps that lives only because of us.
constexpr size_t rule_bytes = 700, step_bytes = 144, group_bytes = 400, bucket_bytes = 200, meter_bytes = 120;

size_t size_of(const pipeline::GroupPtr& group) {
    return group ? group_bytes + group->spec().buckets.size() * bucket_bytes : 0;
}

size_t size_of(const HistoryStep& step) {
    size_t out = step_bytes + step.events.size() * rule_bytes + step.meters.size() * meter_bytes;
    for (const GroupDifference& g : step.groups) out += size_of(g.then) + size_of(g.now);
    return out;
}

using Place = std::tuple<uint8_t, int32_t, std::string>;

/// The text leaves out options of tunnels, whose names only the bridge knows.
Place place_of(const pipeline::Rule& rule) {
    const flow::Match match = rule.match().expand();
    std::string text = flow::format_match(match);
    if (match.mask.tunnel.metadata_present)
        for (const flow::TunnelBlock& block : {match.key.tunnel, match.mask.tunnel})
            text += " " + format_hex({block.metadata, sizeof block.metadata}) + " " +
                    std::to_string(block.metadata_present.host());
    return {rule.table(), -rule.priority(), std::move(text)};
}

bool same(const pipeline::RulePtr& a, const pipeline::RulePtr& b) {
    if (!a || !b) return a == b;
    const pipeline::RuleSpec &x = a->spec(), &y = b->spec();
    return a == b || (a->actions() == b->actions() && x.cookie == y.cookie && x.flags == y.flags &&
                      x.importance == y.importance && x.idle_timeout_s == y.idle_timeout_s &&
                      x.hard_timeout_s == y.hard_timeout_s);
}

bool same(const pipeline::GroupPtr& a, const pipeline::GroupPtr& b) {
    return a == b || (a && b && a->spec() == b->spec());
}

bool same(const std::optional<openflow::MeterSpec>& a, const std::optional<openflow::MeterSpec>& b) {
    return a == b;
}

/// Of each place the first `then` and the last `now`.
template <class Place, class Difference>
void note(std::map<Place, Difference>& places, Place place, const Difference& d) {
    const auto [it, is_new] = places.try_emplace(std::move(place), d);
    if (!is_new) it->second.now = d.now;
}

template <class Place, class Difference>
std::vector<Difference> real_ones(std::map<Place, Difference>&& places) {
    std::vector<Difference> out;
    for (auto& [place, d] : places)
        if (!same(d.then, d.now)) out.push_back(std::move(d));
    return out;
}

/// What the event replaced, and what it left.
History::Difference difference_of(const pipeline::RuleEvent& e) {
    using Kind = pipeline::RuleEvent::Kind;
    if (e.kind == Kind::removed) return {e.rule, nullptr};
    return {e.old, e.rule};
}

pipeline::FlowChange change_for(const pipeline::Rule& rule, pipeline::FlowChange::Command command) {
    pipeline::FlowChange out;
    out.command = command;
    out.filter.table = rule.table();
    out.filter.match = rule.match().expand();
    out.filter.strict = true;
    out.filter.priority = rule.priority();
    out.rule = rule.spec();
    return out;
}

/// `spec` none: the group goes.
pipeline::GroupChange change_for(uint32_t group, const action::GroupSpec* spec) {
    pipeline::GroupChange out;
    out.command =
        spec ? pipeline::GroupChange::Command::add_or_modify : pipeline::GroupChange::Command::remove;
    out.id = group;
    if (spec) out.spec = *spec;
    return out;
}

}  // namespace

std::string_view name_of(HistoryStep::Source source) {
    constexpr std::string_view names[] = {"controller", "learned", "expired", "switch", "revert"};
    return names[static_cast<size_t>(source)];
}

/// Lets go of what nobody else may have any more: rules are all over the memory, so that those to come are
/// fetched meanwhile.
static void let_go(std::vector<pipeline::RuleEvent>& events) {
    constexpr size_t ahead = 8, cache_line = 64;
    for (size_t i = 0; i < events.size(); ++i) {
        if (i + ahead < events.size()) {
            const auto* const rule = reinterpret_cast<const char*>(events[i + ahead].rule.get());
            for (size_t at = 0; at < sizeof(pipeline::Rule); at += cache_line) __builtin_prefetch(rule + at);
        }
        events[i] = {};
    }
}

void History::add(HistoryStep step) {
    // Rules that controllers do not see are no part of it.
    std::erase_if(step.events, [](const pipeline::RuleEvent& e) { return e.rule->hidden(); });
    if (step.empty()) return;
    bytes_ += size_of(step);
    steps_.push_back(std::move(step));
    while (bytes_ > budget_ && !steps_.empty()) {
        oldest_ = steps_.front().version;
        begun_ = steps_.front().when;
        bytes_ -= size_of(steps_.front());
        let_go(steps_.front().events);
        steps_.pop_front();
    }
}

std::optional<pipeline::Version> History::version_at(Time when) const {
    if (when < begun_) return std::nullopt;
    pipeline::Version version = oldest_;
    for (const HistoryStep& step : steps_)
        if (step.when <= when) version = step.version;
    return version;
}

Result<History::Differences> History::since(pipeline::Version version) const {
    if (version < oldest_)
        return fail("version " + std::to_string(version) + " is too long ago: the oldest that is kept is " +
                    std::to_string(oldest_));
    if (version > newest())
        return fail("version " + std::to_string(version) + " is still to come: the newest is " +
                    std::to_string(newest()));
    std::map<Place, Difference> rules;
    std::map<uint32_t, GroupDifference> groups;
    std::map<uint32_t, MeterDifference> meters;
    for (const HistoryStep& step : steps_) {
        if (step.version <= version) continue;
        for (const pipeline::RuleEvent& e : step.events) {
            const Difference d = difference_of(e);
            note(rules, place_of(d.then ? *d.then : *d.now), d);
        }
        for (const GroupDifference& d : step.groups) note(groups, d.id, d);
        for (const MeterDifference& d : step.meters) note(meters, d.id, d);
    }
    return Differences{real_ones(std::move(rules)), real_ones(std::move(groups)),
                       real_ones(std::move(meters))};
}

std::vector<Change> way_back(const History::Differences& differences) {
    using Command = pipeline::FlowChange::Command;
    std::vector<Change> out;
    // Groups lead to groups: without buckets none leads to itself on the way.
    for (const auto& d : differences.groups)
        if (d.now) {
            const action::GroupSpec empty{.type = d.now->spec().type};
            out.emplace_back(change_for(d.id, &empty));
        }
    for (const auto& d : differences.groups)
        if (d.then) out.emplace_back(change_for(d.id, &d.then->spec()));
    // First what is too much, so that a full table has room.
    for (const auto& d : differences.rules)
        if (d.now && !d.then) out.emplace_back(change_for(*d.now, Command::remove));
    for (const auto& d : differences.rules)
        if (d.then) out.emplace_back(change_for(*d.then, Command::add));
    // Rules that still use them would go with them.
    for (const auto& d : differences.groups)
        if (!d.then) out.emplace_back(change_for(d.id, nullptr));
    return out;
}

openflow::MeterMod way_back(const MeterDifference& d) {
    using Command = openflow::MeterCommand;
    if (!d.then) return {Command::remove, d.id};
    return {d.now ? Command::modify : Command::add, d.id, *d.then};
}

}  // namespace weft::bridge
