// SPDX-License-Identifier: Apache-2.0
// Text of learn(...).
#include <array>

#include "action/codec.h"
#include "action/text_codec.h"
#include "flow/field_text.h"
#include "flow/key_value.h"

namespace weft::action {
namespace {

using flow::FieldValue;
using flow::Subfield;
using Spec = Learn::Spec;

constexpr uint16_t default_priority = 0x8000;

Result<uint16_t> parse_u16(const flow::KeyValue& kv) {
    return static_cast<uint16_t>(TRY(parse_number(kv.value, kv.key, 0xffff)));
}

/// load:VALUE->SUBFIELD or load:SUBFIELD->SUBFIELD
Result<Spec> parse_load_spec(const flow::KeyValue& kv) {
    const std::string text(kv.value);
    const Arrow arrow = TRY(split_arrow(kv.value));
    Spec s{.dst_kind = Spec::Dst::load, .dst = TRY(flow::parse_subfield(arrow.after))};
    s.n_bits = s.dst.n_bits;
    if (const auto value = flow::parse_integer(arrow.before)) {
        if (!(*value & ~FieldValue::ones(s.n_bits)).is_zero())
            return fail(text + ": value does not fit into " + std::to_string(s.n_bits) + " bits");
        s.immediate = true;
        s.value = *value;
        return s;
    }
    s.src = TRY(flow::parse_subfield(arrow.before));
    if (s.src.n_bits != s.n_bits)
        return fail(text + ": source field is " + std::to_string(s.src.n_bits) +
                    " bits wide but destination is " + std::to_string(s.n_bits) + " bits wide");
    return s;
}

Result<Spec> parse_output_spec(const flow::KeyValue& kv) {
    Spec s{.dst_kind = Spec::Dst::output, .src = TRY(flow::parse_subfield(kv.value))};
    s.n_bits = s.src.n_bits;
    return s;
}

/// The constant that a match is compared with: in the field's own syntax where it is matched whole.
Result<FieldValue> parse_immediate(const Subfield& dst, std::string_view text, const Names& names) {
    const flow::Field& f = flow::field(dst.field);
    if (dst.ofs == 0 && dst.n_bits >= f.subfield_bits())
        return TRY(flow::parse_value(f, text, names.ports)).value;
    const auto value = flow::parse_integer(text);
    if (!value) return fail(std::string(text) + ": cannot parse integer value");
    if (!(*value & ~FieldValue::ones(dst.n_bits)).is_zero())
        return fail(std::string(text) + ": value does not fit into " + std::to_string(dst.n_bits) + " bits");
    return *value;
}

/// SUBFIELD, SUBFIELD=SUBFIELD or SUBFIELD=VALUE
Result<Spec> parse_match_spec(const flow::KeyValue& kv, const TextArgs& a) {
    TRY(flow::check_header(kv.key));
    const auto dst = flow::parse_subfield(kv.key);
    if (!dst) return fail(std::string(a.args) + ": unknown keyword " + std::string(kv.key));
    Spec s{.dst_kind = Spec::Dst::match, .src = *dst, .dst = *dst, .n_bits = dst->n_bits};
    if (kv.value.empty()) return s;
    if (const auto src = flow::parse_subfield(kv.value)) {
        if (src->n_bits != dst->n_bits)
            return fail(std::string(a.args) + ": bit widths of " + std::string(kv.key) + " (" +
                        std::to_string(src->n_bits) + ") and " + std::string(kv.value) + " (" +
                        std::to_string(dst->n_bits) + ") differ");
        s.src = *src;
        return s;
    } else {
        const auto value = parse_immediate(*dst, kv.value, a.names);
        if (!value)
            return fail(std::string(a.args) + ": " + std::string(kv.key) + " value " + std::string(kv.value) +
                        " cannot be parsed as a subfield (" + src.error().message +
                        ") or an immediate value (" + value.error().message + ")");
        s.src = {};
        s.immediate = true;
        s.value = *value;
    }
    return s;
}

Result<> parse_table_option(const flow::KeyValue& kv, const TextArgs& a, Learn& learn) {
    learn.table = TRY(parse_table(kv.value, a.names));
    if (learn.table == 255) return fail(std::string(a.args) + ": table id 255 not valid for `learn' action");
    return {};
}

Result<> parse_result(const flow::KeyValue& kv, Learn& learn) {
    learn.result = TRY(flow::parse_subfield(kv.value));
    learn.flags |= learn_flag::write_result;
    if (learn.result.n_bits != 1) return fail("result_dst in 'learn' action must be a single bit");
    return {};
}

/// An option of the action; false if it is a spec.
Result<bool> parse_option(const flow::KeyValue& kv, const TextArgs& a, Learn& learn) {
    if (kv.key == "table")
        TRY(parse_table_option(kv, a, learn));
    else if (kv.key == "priority")
        learn.priority = TRY(parse_u16(kv));
    else if (kv.key == "idle_timeout")
        learn.idle_timeout = TRY(parse_u16(kv));
    else if (kv.key == "hard_timeout")
        learn.hard_timeout = TRY(parse_u16(kv));
    else if (kv.key == "fin_idle_timeout")
        learn.fin_idle = TRY(parse_u16(kv));
    else if (kv.key == "fin_hard_timeout")
        learn.fin_hard = TRY(parse_u16(kv));
    else if (kv.key == "cookie")
        learn.cookie = TRY(parse_number(kv.value, ~uint64_t{0}));
    else if (kv.key == "send_flow_rem")
        learn.flags |= learn_flag::send_flow_rem;
    else if (kv.key == "delete_learned")
        learn.flags |= learn_flag::delete_learned;
    else if (kv.key == "limit")
        learn.limit = static_cast<uint32_t>(TRY(parse_number(kv.value, 0xffffffff)));
    else if (kv.key == "result_dst")
        TRY(parse_result(kv, learn));
    else
        return false;
    return true;
}

Result<> parse_learn(const TextArgs& a, Actions& out) {
    Learn learn;
    for (std::string_view items = a.args; const auto kv = flow::next_key_value(items);) {
        if (TRY(parse_option(*kv, a, learn))) continue;
        if (kv->key == "load")
            learn.specs.push_back(TRY(parse_load_spec(*kv)));
        else if (kv->key == "output")
            learn.specs.push_back(TRY(parse_output_spec(*kv)));
        else
            learn.specs.push_back(TRY(parse_match_spec(*kv, a)));
    }
    out.emplace_back(std::move(learn));
    return {};
}

constexpr std::array names_of_learn{TextForm{"learn", parse_learn}};

bool is_whole(Subfield sf) { return sf.ofs == 0 && sf.n_bits == flow::field(sf.field).n_bits; }

void print_spec(const Spec& s, Printer& p) {
    switch (s.dst_kind) {
        case Spec::Dst::match:
            if (s.immediate && is_whole(s.dst)) {
                const flow::Field& f = flow::field(s.dst.field);
                p.put(f.name);
                p.put("=" + flow::format_value(f, s.value, flow::legal_bits(f.id), p.names.ports));
            } else {
                p.put(flow::format_subfield(s.dst));
                if (s.immediate)
                    p.put("=" + flow::format_hex_value(s.value));
                else if (s.src != s.dst)
                    p.put("=" + flow::format_subfield(s.src));
            }
            return;
        case Spec::Dst::load:
            p.put("load:" + (s.immediate ? flow::format_hex_value(s.value) : flow::format_subfield(s.src)));
            return p.put("->" + flow::format_subfield(s.dst));
        case Spec::Dst::output:
            return p.put("output:" + flow::format_subfield(s.src));
    }
}

}  // namespace

texts::Rows texts::learn() { return names_of_learn; }

void print(const Learn& a, Printer& p) {
    p.put("learn(table=");
    p.table(a.table);
    const auto number = [&](std::string_view name, uint64_t v, uint64_t usual = 0) {
        if (v == usual) return;
        p.put(name);
        p.number(v);
    };
    number(",idle_timeout=", a.idle_timeout);
    number(",hard_timeout=", a.hard_timeout);
    number(",fin_idle_timeout=", a.fin_idle);
    number(",fin_hard_timeout=", a.fin_hard);
    number(",priority=", a.priority, default_priority);
    if (a.flags & learn_flag::send_flow_rem) p.put(",send_flow_rem");
    if (a.flags & learn_flag::delete_learned) p.put(",delete_learned");
    if (a.cookie) {
        p.put(",cookie=");
        p.hex(a.cookie);
    }
    number(",limit=", a.limit);
    if (a.flags & learn_flag::write_result) p.put(",result_dst=" + flow::format_subfield(a.result));
    for (const Spec& s : a.specs) {
        p.put(",");
        print_spec(s, p);
    }
    p.put(")");
}

}  // namespace weft::action
