// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"
#include "pipeline/tables_impl.h"

namespace weft::pipeline {

namespace {

std::unexpected<ChangeError> refuse(ChangeError::Kind kind, std::string message) {
    return std::unexpected(ChangeError{kind, std::move(message)});
}

Addition addition_of(const FlowChange& change) {
    const RuleFilter& f = change.filter;
    return {.table = f.table == all_tables ? uint8_t{0} : f.table,
            .match = flow::SparseMatch(f.match),
            .priority = f.priority,
            .rule = change.rule,
            .hidden = f.hidden,
            .check_overlap = change.check_overlap,
            .reset_counts = change.reset_counts,
            .learn_limit = change.learn_limit};
}

std::string named(uint8_t table) { return "table " + std::to_string(table); }

}  // namespace

namespace {

/// The keys of all learn actions with delete_learned, also inside clone.
template <class Visit>
void for_each_learner(const action::Actions& actions, Visit&& visit) {
    for (const action::Action& a : actions) {
        if (const auto* learn = std::get_if<action::Learn>(&a.v)) {
            if (learn->flags & action::learn_flag::delete_learned)
                visit(Learners::Key{learn->table, learn->cookie});
        } else if (const auto* clone = std::get_if<action::Clone>(&a.v)) {
            for_each_learner(clone->actions, visit);
        }
    }
}

}  // namespace

void Learners::add(const action::Actions& actions) {
    for_each_learner(actions, [&](const Key& key) { ++counts_[key]; });
}

void Learners::remove(const action::Actions& actions, std::vector<Key>& gone) {
    for_each_learner(actions, [&](const Key& key) {
        const auto it = counts_.find(key);
        if (--it->second) return;
        counts_.erase(it);
        gone.push_back(key);
    });
}

struct TablesEdit::Impl {
    Impl(Tables::Impl& t, Time at)
        : in(t), hold(t.versions.writer()), now(at), next(t.versions.current() + 1) {
        in.reclaim();
        next = in.versions.current() + 1;
        groups.emplace(in.groups, next, now);
    }

    Table& table(uint8_t number) { return in.tables[number]; }

    void insert(MutableRulePtr rule, Rule* replaces) {
        Table& t = table(rule->table());
        rule->set_added(next);
        t.index.insert(*rule);
        t.expiry.add(*rule);
        in.learners.add(rule->actions());
        in.users.add(*rule);
        in.note_deadline(rule->deadline());
        Rule* const r = rule.get();
        if (replaces)
            t.list.replace(*replaces, std::move(rule));
        else
            t.list.add(std::move(rule));
        t.n_rules += !r->hidden();
        t.has_protected |= r->hidden() && r->priority() <= 0xffff;
    }
    void retire(Rule& rule) {
        Table& t = table(rule.table());
        rule.set_removed(next);
        t.expiry.remove(rule);
        in.learners.remove(rule.actions(), unlearn);
        in.users.remove(rule);
        t.n_rules -= !rule.hidden();
        gone.push_back(&rule);
    }
    /// What was learned by actions that are gone goes too, and what that had learned.
    void delete_learned() {
        while (!unlearn.empty()) {
            const Learners::Key key = unlearn.back();
            unlearn.pop_back();
            if (in.learners.has(key)) continue;  // it was only replaced
            RuleFilter filter;
            filter.table = key.first;
            filter.cookie = key.second;
            filter.cookie_mask = ~uint64_t{0};
            for (Rule* rule : meant(filter)) take(*rule, Removal::removed);
        }
    }
    void log_changes() {
        if (events.size() > TableLog::limit) return in.versions.log().forget(next);
        std::vector<TableChange> changes;
        changes.reserve(events.size());
        for (const RuleEvent& e : events)
            changes.push_back(
                {.version = next, .tables = &in.self, .table = e.rule->table(), .rule = e.rule, .group = {}});
        for (const uint32_t id : groups->touched())
            changes.push_back({.version = next, .tables = &in.self, .table = 0, .rule = {}, .group = id});
        in.versions.log().add(std::move(changes));
    }
    void put(MutableRulePtr rule, Rule* replaces, RuleEvent::Kind kind) {
        RuleEvent event{.kind = kind, .reason = {}, .rule = rule, .old = RulePtr(replaces), .when = now};
        if (replaces) retire(*replaces);
        insert(std::move(rule), replaces);
        events.push_back(std::move(event));
    }
    void take(Rule& rule, Removal reason) {
        retire(rule);
        events.push_back({.kind = RuleEvent::Kind::removed,
                          .reason = reason,
                          .rule = RulePtr(&rule),
                          .old = nullptr,
                          .when = now});
    }

    /// Rules that a modify or remove means, in the version being built.
    std::vector<Rule*> meant(const RuleFilter& filter) {
        const flow::SparseMatch criteria(filter.match);
        std::vector<Rule*> out;
        const auto consider = [&](Rule& rule) {
            if (Tables::Impl::means(filter, rule)) out.push_back(&rule);
            return true;
        };
        in.for_each_table(filter.table, filter.hidden, [&](uint8_t number) {
            Table& t = table(number);
            if (!filter.strict) {
                t.index.for_each(criteria, next, consider);
            } else if (Rule* r = t.index.find_exact(criteria, filter.priority, next)) {
                consider(*r);
            }
        });
        return out;
    }

    using Done = std::expected<void, ChangeError>;
    Done check(uint8_t table, bool hidden, const action::Actions* actions) const;
    Done add(Addition&& addition);
    bool can_fail(const Addition& a) const;
    void place(MutableRulePtr rule, bool reset_counts);
    /// Places rules that wait, the first ones first, until so many are left.
    void settle(size_t left = 0);
    Done make_room(Table& t, uint8_t number);
    Done modify(const FlowChange& change);
    void undo();

    Tables::Impl& in;
    std::unique_lock<std::mutex> hold;
    Time now;
    Version next;
    std::optional<GroupsEdit> groups;
    std::vector<RuleEvent> events;
    std::vector<Rule*> gone;             ///< removed in `next`
    std::vector<Learners::Key> unlearn;  ///< lost their last learn action, as far as is known
    /// Additions that cannot fail wait for a few others, until the memory that they need has been fetched:
    /// in a table of a million rules it is far away. Whatever else looks at the tables settles them first.
    struct Waiting {
        MutableRulePtr rule;
        bool reset_counts = false;
    };
    std::array<Waiting, 4> waiting;  ///< a ring
    size_t first_waiting = 0, end_waiting = 0;
    bool published = false;
};

TablesEdit::Impl::Done TablesEdit::Impl::make_room(Table& t, uint8_t number) {
    const uint32_t limit = t.config.max_rules;
    if (t.n_rules < limit) return {};
    if (t.config.evict) {
        if (Rule* victim = t.expiry.soonest()) {
            take(*victim, Removal::eviction);
            return {};
        }
    }
    return refuse(ChangeError::Kind::table_full, named(number) + " holds its limit of " +
                                                     std::to_string(limit) +
                                                     " flows; raise flow_limit or allow eviction");
}

bool TablesEdit::Impl::can_fail(const Addition& a) const {
    const Table& t = in.tables[a.table];
    return a.hidden || a.check_overlap || a.learn_limit || t.has_protected ||
           t.config.max_rules != no_rule_limit;
}

void TablesEdit::Impl::place(MutableRulePtr rule, bool reset_counts) {
    Rule* const old = table(rule->table()).index.find_exact(*rule, next);
    if (old && !reset_counts) rule->share_counts(*old);
    put(std::move(rule), old, RuleEvent::Kind::added);
}

void TablesEdit::Impl::settle(size_t left) {
    while (end_waiting - first_waiting > left) {
        Waiting& w = waiting[first_waiting++ % waiting.size()];
        place(std::move(w.rule), w.reset_counts);
        delete_learned();
    }
}

TablesEdit::Impl::Done TablesEdit::Impl::add(Addition&& a) {
    const uint8_t number = a.table;
    Table& t = table(number);
    if (!can_fail(a)) {
        settle(waiting.size() - 1);
        MutableRulePtr rule = Rule::make(number, std::move(a.match), a.priority, std::move(a.rule), now);
        t.index.prefetch(*rule);
        waiting[end_waiting++ % waiting.size()] = {std::move(rule), a.reset_counts};
        return {};
    }
    settle();
    Rule* const old = t.index.find_exact(a.match, a.priority, next);
    if (old && old->hidden() && !a.hidden)
        return refuse(ChangeError::Kind::not_allowed, "the switch's own flows cannot be changed");
    if (!old && a.check_overlap && t.index.find_overlap(a.match, a.priority, next))
        return refuse(ChangeError::Kind::overlap, "a flow of the same priority in " + named(number) +
                                                      " matches some of the same packets");
    if (!old && a.learn_limit) {
        size_t have = 0;
        t.index.for_each({}, next, [&](const Rule& r) {
            have += r.cookie() == a.rule.cookie && !r.hidden();
            return have < a.learn_limit;
        });
        if (have >= a.learn_limit)
            return refuse(ChangeError::Kind::learn_limit, "limit of learned flows reached");
    }
    if (!old && !a.hidden)  // the switch's own do not count
        if (const Done room = make_room(t, number); !room) return room;
    place(Rule::make(number, std::move(a.match), a.priority, std::move(a.rule), now), a.reset_counts);
    return {};
}

TablesEdit::Impl::Done TablesEdit::Impl::modify(const FlowChange& change) {
    const std::vector<Rule*> rules = meant(change.filter);
    if (rules.empty() && change.add_if_missing) return add(addition_of(change));
    for (Rule* old : rules) {
        RuleSpec spec = old->spec();
        spec.actions = change.rule.actions;
        if (change.set_cookie) spec.cookie = change.rule.cookie;
        if (change.set_flags) spec.flags = change.rule.flags;
        put(Rule::next_version(*old, std::move(spec), change.reset_counts, now), old,
            RuleEvent::Kind::modified);
    }
    return {};
}

/// Backwards, so that each step finds what it left.
void TablesEdit::Impl::undo() {
    for (auto e = events.rbegin(); e != events.rend(); ++e) {
        auto& rule = const_cast<Rule&>(*e->rule);
        Rule* restored = e->kind == RuleEvent::Kind::removed ? &rule : const_cast<Rule*>(e->old.get());
        if (e->kind != RuleEvent::Kind::removed) {
            Table& t = table(rule.table());
            t.n_rules -= !rule.hidden();
            t.expiry.remove(rule);
            in.learners.remove(rule.actions(), unlearn);
            in.users.remove(rule);
            t.index.remove(rule);
            t.list.undo(rule);
            in.dropped.put(next, e->rule);
        }
        if (restored) {
            restored->set_removed(version_never);
            table(restored->table()).n_rules += !restored->hidden();
            table(restored->table()).expiry.add(*restored);
            in.learners.add(restored->actions());
            in.users.add(*restored);
        }
    }
    groups->undo();
    if (!events.empty() || groups->changed())
        in.versions.publish();  // nothing to see, but readers of the old number may hold what is undone
}

TablesEdit::TablesEdit(Tables& tables, Time now) : impl_(std::make_unique<Impl>(*tables.impl_, now)) {}

TablesEdit::~TablesEdit() {
    if (!impl_->published) impl_->undo();
}

TablesEdit::Impl::Done TablesEdit::Impl::check(uint8_t number, bool hidden,
                                               const action::Actions* actions) const {
    if (number == internal_table && !hidden)
        return refuse(ChangeError::Kind::not_allowed, "table 254 belongs to the switch; use tables 0 to 253");
    if (const auto group = actions ? groups->missing(*actions) : std::nullopt)
        return refuse(ChangeError::Kind::bad_out_group,
                      "group " + std::to_string(*group) + " does not exist");
    return {};
}

void TablesEdit::reserve(size_t changes) { impl_->events.reserve(changes); }

std::expected<void, ChangeError> TablesEdit::add(Addition addition) {
    if (auto allowed = impl_->check(addition.table, addition.hidden, addition.rule.actions.get()); !allowed)
        return allowed;
    auto done = impl_->add(std::move(addition));
    impl_->delete_learned();
    return done;
}

std::expected<void, ChangeError> TablesEdit::apply(const FlowChange& change) {
    if (change.command == FlowChange::Command::add) return add(addition_of(change));
    impl_->settle();
    const bool removes = change.command == FlowChange::Command::remove;
    if (auto allowed = impl_->check(change.filter.table, change.filter.hidden,
                                    removes ? nullptr : change.rule.actions.get());
        !allowed)
        return allowed;
    Impl::Done done;
    switch (change.command) {
        case FlowChange::Command::add:
            break;
        case FlowChange::Command::modify:
            done = impl_->modify(change);
            break;
        case FlowChange::Command::remove:
            for (Rule* rule : impl_->meant(change.filter)) impl_->take(*rule, Removal::removed);
            break;
    }
    impl_->delete_learned();
    return done;
}

std::expected<void, ChangeError> TablesEdit::apply(const GroupChange& change) {
    impl_->settle();
    std::vector<uint32_t> gone;
    auto done = impl_->groups->apply(change, gone);
    for (const uint32_t id : gone)
        for (Rule* rule : impl_->in.users.of(Users::Kind::group, id))
            impl_->take(*rule, Removal::group_removed);
    impl_->delete_learned();
    return done;
}

void TablesEdit::forget_meter(uint32_t meter) {
    impl_->settle();
    for (Rule* rule : impl_->in.users.of(Users::Kind::meter, meter))
        impl_->take(*rule, Removal::meter_removed);
    impl_->delete_learned();
}

bool TablesEdit::remove(const RulePtr& rule, Removal reason) {
    impl_->settle();
    if (rule->removed() != version_never) return false;
    impl_->take(const_cast<Rule&>(*rule), reason);
    impl_->delete_learned();
    return true;
}

std::vector<RuleEvent> TablesEdit::publish() {
    CHECK(!impl_->published);
    impl_->settle();
    impl_->published = true;
    if (impl_->events.empty() && !impl_->groups->changed()) {
        impl_->hold.unlock();
        return {};
    }
    impl_->log_changes();
    for (Rule* rule : impl_->gone) impl_->in.removed.emplace_back(impl_->next, rule);
    impl_->in.versions.publish();
    impl_->in.reclaim();
    impl_->hold.unlock();
    return std::move(impl_->events);
}

}  // namespace weft::pipeline
