// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/learn.cc: a packet makes a rule. Translation only describes it; playing the effects adds
// it.
#include <algorithm>

#include "pipeline/describe.h"
#include "pipeline/translator.h"

namespace weft::pipeline {

namespace {

using Spec = action::Learn::Spec;

flow::FieldValue value_of(const Spec& spec, Translator& t) {
    if (spec.immediate) return spec.value;
    if (t.planted(Plant::learn_forgets_source)) return flow::get_bits(t.key().key_for_lookup(), spec.src);
    return t.read_field(spec.src);
}

/// `value` shifted to where the subfield lies in its field.
action::SetField load(flow::Subfield dst, const flow::FieldValue& value) {
    flow::FlowKey bits{}, mask{};
    flow::set_bits(bits, dst, value);
    flow::set_bits(mask, dst, flow::FieldValue::ones(dst.n_bits));
    flow::Subfield all = flow::whole(dst.field);
    const bool option = flow::field(dst.field).is_tun_metadata();
    if (option) all = {dst.field, 0, std::min<uint16_t>(flow::subfield_bits(dst), 128), dst.place};
    return {.field = dst.field,
            .value = flow::get_bits(bits, all),
            .mask = flow::get_bits(mask, all),
            .form = option ? action::SetField::Form::set_field : action::SetField::Form::load,
            .load_dst = dst};
}

FlowChange change_for(const action::Learn& a, Translator& t) {
    FlowChange change;
    change.command = FlowChange::Command::modify;
    change.add_if_missing = true;
    change.filter.table = a.table;
    change.filter.strict = true;
    change.filter.priority = a.priority;
    action::Actions actions;
    if (a.fin_idle || a.fin_hard) actions.push_back(action::FinTimeout{a.fin_idle, a.fin_hard});
    for (const Spec& spec : a.specs) {
        const flow::FieldValue value = value_of(spec, t);
        switch (spec.dst_kind) {
            case Spec::Dst::match:
                change.filter.match.with_bits(spec.dst, value);
                break;
            case Spec::Dst::load:
                actions.push_back(load(spec.dst, value));
                break;
            case Spec::Dst::output:
                actions.push_back(action::Output{OfPort{static_cast<uint16_t>(value.to_u64())}});
                break;
        }
    }
    change.rule = {.cookie = a.cookie,
                   .idle_timeout_s = a.idle_timeout,
                   .hard_timeout_s = a.hard_timeout,
                   .importance = 0,
                   .flags = static_cast<uint16_t>(a.flags & rule_flag::send_removed),
                   .actions = std::make_shared<const action::Actions>(std::move(actions))};
    change.set_cookie = true;
    change.learn_limit = a.limit;
    return change;
}

/// Whether there is room for one more rule with the cookie. Where there is none, a rule that is the same in
/// all may still be renewed.
bool within_limit(const FlowChange& change, Translator& t) {
    if (!change.learn_limit) return true;
    const Tables& tables = *t.bridge().tables;
    const Version version = t.snapshot().version();
    const RulePtr same = tables.find(change.filter);
    t.did_read(ReadTable{t.bridge().id, change.filter.table});
    const bool renewed =
        same && same->cookie() == change.rule.cookie && same->actions() == *change.rule.actions;
    return renewed || tables.count_cookie(change.filter.table, change.rule.cookie, version,
                                          change.learn_limit) < change.learn_limit;
}

}  // namespace

void apply(const action::Learn& a, Translator& t) {
    auto change = std::make_shared<FlowChange>(change_for(a, t));
    if (t.stopped()) return;
    if (!t.request().with_packet) return t.warn("suppressing side effects, so learn action ignored");
    const bool room = within_limit(*change, t);
    t.tell(obs::TraceKind::detail, [&] { return describe_learned(*change, *t.bridge().tables); });
    if (a.result.n_bits) {
        t.write_field(a.result, flow::FieldValue::from_u64(room));
        t.tell(obs::TraceKind::detail, [&] { return describe_write(a.result, t.key().key_for_lookup()); });
    }
    if (!room) return t.detail("Limit exceeded, learn failed");
    t.effect(LearnFlow{t.bridge().tables, std::move(change)});
}

}  // namespace weft::pipeline
