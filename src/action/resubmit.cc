// SPDX-License-Identifier: Apache-2.0
// resubmit: another lookup now, with another in_port, in another table, or by the original conntrack tuple.
#include <array>

#include "action/codec.h"
#include "action/text_codec.h"

namespace weft::action {
namespace {

using enum Version;

OfResult<Action> decode_port(Body& b) { return Resubmit{.in_port = OfPort{b.in.u16()}}; }

OfResult<Action> decode_table(Body& b) {
    const Resubmit a{.in_port = OfPort{b.in.u16()}, .table = b.in.u8(), .with_table = true};
    TRY(expect_zeros(b.in, OfError::bac_bad_argument));
    return a;
}

OfResult<Action> decode_ct(Body& b) {
    Action a = TRY(decode_table(b));
    std::get<Resubmit>(a.v).ct_orig = true;
    return a;
}

constexpr std::array rows{
    WireForm{nicira_vendor, 14, v10, v15, 16, false, decode_table},
    WireForm{nicira_vendor, 1, v10, v15, 16, false, decode_port},
    WireForm{nicira_vendor, 44, v10, v15, 16, false, decode_ct},
};

}  // namespace

forms::Rows forms::resubmit() { return rows; }

void encode(const Resubmit& a, Encoder& e) {
    const bool port_only = !a.with_table && !a.ct_orig && a.table == 255;
    const auto open = e.nicira(a.ct_orig ? 44 : port_only ? 1 : 14);
    e.out().u16(a.in_port.value);
    e.out().u8(port_only ? 0 : a.table);
    e.out().zeros(3);
}

// Text.

namespace {

/// resubmit(PORT,TABLE,ct): each may be left out, not all.
Result<> parse_resubmit(const TextArgs& a, Actions& out) {
    Resubmit r{.with_table = true};
    const size_t comma = a.args.find(',');
    const std::string_view port = a.args.substr(0, comma);
    std::string_view rest = comma == std::string_view::npos ? "" : a.args.substr(comma + 1);
    const std::string_view table = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(table.size() + 1, rest.size()));
    if (!port.empty()) {
        const auto p = flow::parse_port(port, a.names.ports);
        if (!p) return fail(std::string(port) + ": resubmit to unknown port");
        r.in_port = *p;
    }
    if (!table.empty()) {
        const auto t = parse_table(table, a.names);
        if (!t) return fail(std::string(table) + ": resubmit to unknown table");
        r.table = *t;
    }
    if (!rest.empty() && rest != "ct") return fail(std::string(rest) + ": unknown parameter");
    r.ct_orig = !rest.empty();
    if (r.in_port == ofpp::in_port && r.table == 255)
        return fail("at least one \"in_port\" or \"table\" must be specified on resubmit");
    out.emplace_back(r);
    return {};
}

constexpr std::array names_of_resubmit{TextForm{"resubmit", parse_resubmit}};

}  // namespace

texts::Rows texts::resubmit() { return names_of_resubmit; }

void print(const Resubmit& a, Printer& p) {
    if (a.in_port != ofpp::in_port && a.table == 255 && !a.ct_orig) {
        p.put("resubmit:");
        return p.port(a.in_port);
    }
    p.put("resubmit(");
    if (a.in_port != ofpp::in_port) p.port(a.in_port);
    p.put(",");
    if (a.table != 255) p.table(a.table);
    p.put(a.ct_orig ? ",ct)" : ")");
}

}  // namespace weft::action
