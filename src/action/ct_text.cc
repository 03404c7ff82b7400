// SPDX-License-Identifier: Apache-2.0
// Text of ct(...) and ct_clear.
#include <algorithm>
#include <array>

#include "action/codec.h"
#include "action/text_codec.h"
#include "flow/key_value.h"

namespace weft::action {
namespace {

struct Helper {
    std::string_view name;
    uint16_t port;
};
constexpr Helper helpers[] = {{"ftp", 21}, {"tftp", 69}};

Result<uint16_t> parse_helper(std::string_view text) {
    for (const Helper& h : helpers)
        if (h.name == text) return h.port;
    return fail("invalid conntrack helper \"" + std::string(text) + "\"");
}

Result<> parse_zone(std::string_view text, Ct& ct) {
    if (const auto zone = parse_number(text, "zone", 0xffff)) {
        ct.zone = static_cast<uint16_t>(*zone);
        ct.zone_src = {};
        return {};
    }
    ct.zone_src = TRY(flow::parse_subfield(text));
    return {};
}

Result<> parse_recirc_table(std::string_view text, const Names& names, Ct& ct) {
    const auto table = parse_table(text, names);
    if (!table) return fail("unknown table " + std::string(text));
    if (*table == no_recirc_table) return fail("invalid table 0xff");
    ct.table = *table;
    return {};
}

/// What sets ct_mark and ct_label.
Result<> parse_exec(const TextArgs& a, Actions& out) {
    for (std::string_view items = a.args; const auto kv = flow::next_key_value(items);) {
        if (kv->key == "drop") continue;
        Actions one = TRY(parse_inside_ct({kv->key, kv->value, a.names, a.depth}));
        for (Action& inside : one) {
            const bool nat = std::holds_alternative<Nat>(inside.v);
            const auto written = field_written(inside);
            if (!nat && !written)
                return fail("ct action doesn't support nested action " + std::string(kv->key));
            if (written && !ct_only({inside}))
                return fail("ct action doesn't support nested modification of " +
                            std::string(flow::field(*written).name));
            out.push_back(std::move(inside));
        }
    }
    return {};
}

Result<> parse_option(const flow::KeyValue& kv, const TextArgs& a, Ct& ct) {
    if (kv.key == "commit") {
        ct.flags |= ct_flag::commit;
    } else if (kv.key == "force") {
        ct.flags |= ct_flag::force;
    } else if (kv.key == "table") {
        return parse_recirc_table(kv.value, a.names, ct);
    } else if (kv.key == "zone") {
        return parse_zone(kv.value, ct);
    } else if (kv.key == "alg") {
        ct.alg = TRY(parse_helper(kv.value));
    } else if (kv.key == "nat") {
        ct.actions.emplace_back(TRY(parse_nat(kv.value)));
    } else if (kv.key == "exec") {
        return parse_exec({kv.key, kv.value, a.names, a.depth + 1}, ct.actions);
    } else {
        return fail("invalid argument to \"ct\" action: `" + std::string(kv.key) + "'");
    }
    return {};
}

Result<> parse_ct(const TextArgs& a, Actions& out) {
    Ct ct;
    for (std::string_view items = a.args; const auto kv = flow::next_key_value(items);)
        TRY(parse_option(*kv, a, ct));
    if (ct.flags & ct_flag::force && !(ct.flags & ct_flag::commit))
        return fail("\"force\" flag requires \"commit\" flag.");
    out.emplace_back(std::move(ct));
    return {};
}

Result<> parse_clear(const TextArgs&, Actions& out) {
    out.emplace_back(CtClear{});
    return {};
}

Result<> parse_nat_alone(const TextArgs& a, Actions& out) {
    out.emplace_back(TRY(parse_nat(a.args)));
    return {};
}

constexpr std::array names_of_ct{TextForm{"ct", parse_ct}, TextForm{"ct_clear", parse_clear},
                                 TextForm{"nat", parse_nat_alone}};

}  // namespace

texts::Rows texts::ct() { return names_of_ct; }

Result<> check_outside_ct(const Actions& actions) {
    const Action* found = ct_only(actions);
    if (!found) return {};
    return fail(std::holds_alternative<Nat>(found->v) ? "Cannot have NAT action outside of \"ct\" action"
                                                      : "cannot set CT fields outside of ct action");
}

void print(const Ct& a, Printer& p) {
    std::string_view separator;
    const auto put = [&](std::string_view text) {
        p.put(separator);
        p.put(text);
        separator = ",";
    };
    p.put("ct(");
    if (a.flags & ct_flag::commit) put("commit");
    if (a.flags & ct_flag::force) put("force");
    if (a.table != no_recirc_table) put("table=" + flow::format_table(a.table, p.names.tables));
    if (a.zone_src.n_bits)
        put("zone=" + flow::format_subfield(a.zone_src));
    else if (a.zone)
        put("zone=" + std::to_string(a.zone));
    // A nat that stands first stands by itself.
    auto rest = std::span<const Action>(a.actions);
    if (!rest.empty() && std::holds_alternative<Nat>(rest.front().v)) {
        put("");
        print(std::get<Nat>(rest.front().v), p);
        rest = rest.subspan(1);
    }
    if (!rest.empty()) {
        put("exec(");
        p.list(Actions(rest.begin(), rest.end()));
        p.put(")");
    }
    const auto helper = std::ranges::find(helpers, a.alg, &Helper::port);
    if (helper != std::end(helpers))
        put("alg=" + std::string(helper->name));
    else if (a.alg)
        put("alg=" + std::to_string(a.alg));
    p.put(")");
}

void print(const CtClear&, Printer& p) { p.put("ct_clear"); }

}  // namespace weft::action
