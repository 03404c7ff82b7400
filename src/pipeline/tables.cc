// SPDX-License-Identifier: Apache-2.0
#include "pipeline/tables.h"

#include <algorithm>

#include "action/outputs_to.h"
#include "base/result.h"
#include "pipeline/effects.h"
#include "pipeline/tables_impl.h"

namespace weft::pipeline {

// ---- RuleList
// ------------------------------------------------------------------------------------------------------

void RuleList::add(MutableRulePtr rule) {
    const std::lock_guard hold(mutex_);
    while (!free_.empty()) {
        const uint32_t place = free_.back();
        free_.pop_back();
        if (place >= places_.size() || places_[place]) continue;
        rule->place_ = place;
        places_[place] = std::move(rule);
        return;
    }
    rule->place_ = static_cast<uint32_t>(places_.size());
    places_.push_back(std::move(rule));
}

void RuleList::free(uint32_t place) {
    free_.push_back(place);
    while (!places_.empty() && !places_.back()) places_.pop_back();
    if (places_.empty()) std::vector<uint32_t>().swap(free_);
}

void RuleList::replace(Rule& old, MutableRulePtr rule) {
    const std::lock_guard hold(mutex_);
    rule->place_ = old.place_;
    rule->older_ = std::move(places_[old.place_]);
    places_[rule->place_] = std::move(rule);
}

void RuleList::undo(Rule& rule) {
    const std::lock_guard hold(mutex_);
    auto& place = places_[rule.place_];
    CHECK(place.get() == &rule);
    const uint32_t number = rule.place_;
    place = std::move(rule.older_);
    if (!place) free(number);
}

MutableRulePtr RuleList::drop(Rule& rule) {
    const std::lock_guard hold(mutex_);
    MutableRulePtr* link = &places_[rule.place_];
    while (link->get() != &rule) link = &(*link)->older_;
    MutableRulePtr dropped = std::move(*link);
    *link = std::move(dropped->older_);
    if (!places_[rule.place_]) free(rule.place_);
    return dropped;
}

bool RuleList::take(Version version, uint32_t& place, size_t limit, std::vector<RulePtr>& out) const {
    const std::lock_guard hold(mutex_);
    const size_t end = std::min(places_.size(), place + limit);
    for (; place < end; ++place) {
        const Rule* r = places_[place].get();
        while (r && !r->visible(version)) r = r->older_.get();
        if (r) out.emplace_back(r);
    }
    return place < places_.size();
}

// ---- Impl
// ----------------------------------------------------------------------------------------------------------

Tables::Impl::Impl(const Tables& of, Versions& v, Time now)
    : self(of), versions(v), next_deadline(never.time_since_epoch().count()) {
    for (size_t i = 0; i < n_tables; ++i)
        tables.emplace_back([this](std::shared_ptr<const void> thing) {
            garbage.put(versions.current() + 1, std::move(thing));
        });
    // The registers tell these rules apart for people who dump them; nothing looks them up.
    const auto reg0 = [](uint64_t n) {
        return flow::Match{}.with(flow::FieldId::reg0, flow::FieldValue::from_u64(n));
    };
    add_internal(2, flow::Match{}.with(flow::FieldId::recirc_id, {}), {}, now);
    action::Controller to_controllers;
    to_controllers.reason = static_cast<uint8_t>(Reason::implicit_miss);
    miss_rule = add_internal(0, reg0(1), {to_controllers}, now);
    no_packet_in_rule = add_internal(0, reg0(2), {}, now);
    drop_fragments_rule = add_internal(0, reg0(3), {}, now);
}

MutableRulePtr Tables::Impl::add_internal(int32_t priority, const flow::Match& match, action::Actions actions,
                                          Time now) {
    RuleSpec spec{.flags = rule_flag::hidden,
                  .actions = std::make_shared<const action::Actions>(std::move(actions))};
    MutableRulePtr rule =
        Rule::make(internal_table, flow::SparseMatch(match), priority, std::move(spec), now);
    rule->set_added(0);
    tables[internal_table].index.insert(*rule);
    tables[internal_table].list.add(rule);
    return rule;
}

bool Tables::Impl::means(const RuleFilter& filter, const Rule& rule) {
    if (rule.hidden() && !filter.hidden) return false;
    if ((rule.cookie() ^ filter.cookie) & filter.cookie_mask) return false;
    if (filter.out_port != ofpp::none && !outputs_to(rule.actions(), filter.out_port)) return false;
    return filter.out_group == any_group || uses_group(rule.actions(), filter.out_group);
}

void Tables::Impl::reclaim() {
    if (removed.empty() && garbage.empty() && dropped.empty() && !groups.has_garbage()) return;
    const Version oldest = versions.oldest_reader();
    bool unlinked = false;
    while (!removed.empty() && removed.front().first <= oldest) {
        Rule& rule = *removed.front().second;
        removed.pop_front();
        Table& table = tables[rule.table()];
        table.index.remove(rule);
        dropped.put(versions.current() + 1, table.list.drop(rule));
        unlinked = true;
    }
    if (unlinked) versions.publish();  // readers from here on cannot come across what was unlinked
    const Version oldest_now = versions.oldest_reader();
    groups.reclaim(oldest_now);
    garbage.collect(oldest_now);
    dropped.collect(oldest_now);
}

void Tables::Impl::note_deadline(Time deadline) {
    const int64_t t = deadline.time_since_epoch().count();
    if (t < next_deadline.load(std::memory_order_relaxed)) next_deadline.store(t, std::memory_order_relaxed);
}

void Tables::Impl::find_deadline() {
    Time next = never;
    for (const Table& t : tables) next = std::min(next, t.expiry.next());
    next_deadline.store(next.time_since_epoch().count(), std::memory_order_relaxed);
}

// ---- Tables
// --------------------------------------------------------------------------------------------------------

Tables::Tables(Versions& versions, Time now) : impl_(std::make_unique<Impl>(*this, versions, now)) {}
Tables::~Tables() = default;

Versions& Tables::versions() const { return impl_->versions; }

const Groups& Tables::groups() const { return impl_->groups; }

size_t Tables::group_users(uint32_t group) const {
    const std::lock_guard hold(impl_->versions.writer());
    return impl_->users.count(Users::Kind::group, group);
}

size_t Tables::meter_users(uint32_t meter) const {
    const std::lock_guard hold(impl_->versions.writer());
    return impl_->users.count(Users::Kind::meter, meter);
}

Lookup Tables::lookup(uint8_t table, Version version, flow::FlowView& view, flow::LookupPlant plant) const {
    const auto found = impl_->tables[table].index.lookup(view, version, plant);
    return {RulePtr(found.rule), found.floor};
}

void Tables::visit(const RuleFilter& filter, Version version, const RuleVisitor& visit) const {
    const flow::SparseMatch criteria(filter.match);
    const auto consider = [&](const Rule& rule) {
        if (Impl::means(filter, rule)) visit(RulePtr(&rule));
        return true;
    };
    impl_->for_each_table(filter.table, filter.hidden, [&](uint8_t number) {
        if (!filter.strict) {
            impl_->tables[number].index.for_each(criteria, version, consider);
            return;
        }
        RulePtr rule;
        {
            const std::lock_guard hold(impl_->versions.writer());
            const Rule* r = impl_->tables[number].index.find_exact(criteria, filter.priority, version);
            rule = r;
        }
        if (rule) consider(*rule);
    });
}

RulePtr Tables::find(const RuleFilter& filter) const {
    const std::lock_guard hold(impl_->versions.writer());
    const Rule* rule = impl_->tables[filter.table].index.find_exact(
        flow::SparseMatch(filter.match), filter.priority, impl_->versions.current());
    return RulePtr(rule);
}

bool Tables::walk(const RuleFilter& filter, Version version, WalkPosition& position, size_t limit,
                  const RuleVisitor& visit) const {
    const flow::SparseMatch criteria(filter.match);
    const bool one = filter.table != all_tables;
    const size_t end = one ? filter.table + 1u : filter.hidden ? n_tables : internal_table;
    if (one && position.table < filter.table) position = {filter.table, 0};
    std::vector<RulePtr> rules;
    while (position.table < end) {
        const uint32_t before = position.place;
        const bool more = impl_->tables[position.table].list.take(version, position.place, limit, rules);
        limit -= std::min<size_t>(limit, std::max<uint32_t>(position.place - before, 1));
        if (!more) position = {static_cast<uint8_t>(position.table + 1), 0};
        if (limit == 0) break;
    }
    for (const RulePtr& rule : rules)
        if (criteria.covers(rule->match()) && Impl::means(filter, *rule)) visit(rule);
    return position.table < end;
}

size_t Tables::size(uint8_t table) const {
    return impl_->tables[table].n_rules.load(std::memory_order_relaxed);
}

size_t Tables::size() const {
    size_t n = 0;
    for (const Table& t : impl_->tables) n += t.n_rules.load(std::memory_order_relaxed);
    return n;
}

TableConfig Tables::config(uint8_t table) const {
    const std::lock_guard hold(impl_->config_mutex);
    return impl_->tables[table].config;
}

bool RuleIndex::is_other(const flow::SparseMatch& m) {
    constexpr size_t word = (offsetof(flow::FlowKey, packet) + offsetof(flow::PacketBlock, packet_type)) / 8;
    bool other = false;
    m.for_each_word([&](size_t index, uint64_t mask, uint64_t) {
        if (index != word) return;
        flow::FlowKey bits{};
        flow::words(bits)[word] = mask;
        other = static_cast<bool>(bits.packet.packet_type);
    });
    return other;
}

std::shared_ptr<const flow::TlvLayout> Tables::option_layout() const {
    const std::lock_guard hold(impl_->config_mutex);
    return impl_->option_layout;
}

void Tables::set_option_layout(const flow::TlvLayout& layout) {
    const std::lock_guard hold(impl_->config_mutex);
    impl_->option_layout = std::make_shared<const flow::TlvLayout>(layout);
}

flow::Match Tables::told(const flow::SparseMatch& match) const {
    flow::Match out = match.expand();
    if (out.mask.tunnel.metadata_present) option_layout()->tell(out);
    return out;
}

/// Without eviction nobody asks for them.
static std::vector<flow::Subfield> eviction_groups(const TableConfig& config) {
    return config.evict ? config.groups : std::vector<flow::Subfield>{};
}

void Tables::set_config(uint8_t table, const TableConfig& config) {
    Table& t = impl_->tables[table];
    bool new_prefixes, new_miss, new_groups;
    const std::lock_guard writer(impl_->versions.writer());
    {
        const std::lock_guard hold(impl_->config_mutex);
        new_prefixes = t.config.prefixes != config.prefixes;
        new_miss = t.config.miss != config.miss;
        new_groups = eviction_groups(t.config) != eviction_groups(config);
        t.config = config;
        t.miss.store(config.miss, std::memory_order_relaxed);
    }
    if (new_groups) t.expiry.set_groups(eviction_groups(config));
    if (new_prefixes) t.index.set_prefix_fields(config.prefixes);
    if (new_miss) {
        TableChange change{.version = impl_->versions.current() + 1,
                           .tables = this,
                           .table = table,
                           .rule = {},
                           .group = {}};
        impl_->versions.log().add({std::move(change)});
    }
    // Readers from here on cannot come across the old index, and translations of the old answer are not up to
    // date.
    if (new_prefixes || new_miss) impl_->versions.publish();
}

Miss Tables::miss(uint8_t table) const { return impl_->tables[table].miss.load(std::memory_order_relaxed); }
TableCounters& Tables::counters(uint8_t table) const { return impl_->tables[table].counters; }
const RulePtr& Tables::miss_rule() const { return impl_->miss_rule; }
const RulePtr& Tables::no_packet_in_rule() const { return impl_->no_packet_in_rule; }
const RulePtr& Tables::drop_fragments_rule() const { return impl_->drop_fragments_rule; }

Time Tables::next_deadline() const {
    return Time(Duration(impl_->next_deadline.load(std::memory_order_relaxed)));
}

void Tables::expire(Time now, std::vector<RuleEvent>& out) {
    if (next_deadline() > now) {
        const std::lock_guard hold(impl_->versions.writer());
        return impl_->reclaim();
    }
    TablesEdit edit(*this, now);
    for (Table& t : impl_->tables)
        while (const Rule* rule = t.expiry.due(now))
            edit.remove(RulePtr(rule),
                        rule->hard_deadline() <= now ? Removal::hard_timeout : Removal::idle_timeout);
    impl_->find_deadline();
    for (RuleEvent& e : edit.publish()) out.push_back(std::move(e));
}

void Tables::learn(const FlowChange& change, Time used, std::vector<RuleEvent>& events) {
    // Nearly always the rule is there and only gets younger.
    if (const RulePtr rule = find(change.filter)) {
        if (rule->cookie() == change.rule.cookie && rule->actions() == *change.rule.actions)
            return rule->renew(used);
        const Version version = impl_->versions.current();
        if (change.learn_limit && count_cookie(change.filter.table, change.rule.cookie, version,
                                               change.learn_limit) >= change.learn_limit)
            return;
    }
    TablesEdit edit(*this, used);
    if (edit.apply(change))
        for (RuleEvent& e : edit.publish()) events.push_back(std::move(e));
}

void Tables::reduce_timeouts(const RulePtr& rule, uint16_t idle_s, uint16_t hard_s) {
    if (!rule->reduce_timeouts(idle_s, hard_s)) return;
    const std::lock_guard hold(impl_->versions.writer());
    if (rule->removed() != version_never) return;
    impl_->tables[rule->table()].expiry.update(const_cast<Rule&>(*rule));
    impl_->note_deadline(rule->deadline());
}

size_t Tables::count_cookie(uint8_t table, uint64_t cookie, Version version, size_t limit) const {
    size_t n = 0;
    impl_->tables[table].index.for_each({}, version, [&](const Rule& rule) {
        n += rule.cookie() == cookie && !rule.hidden();
        return n < limit;
    });
    return n;
}

}  // namespace weft::pipeline
