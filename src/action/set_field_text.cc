// SPDX-License-Identifier: Apache-2.0
// Text of set_field:VALUE[/MASK]->FIELD, load:VALUE->SUBFIELD and the mod_* actions.
#include <array>

#include "action/codec.h"
#include "action/field_bits.h"
#include "action/text_codec.h"
#include "flow/field_text.h"

namespace weft::action {
namespace {

using flow::FieldId;
using flow::FieldValue;

Result<> parse_set_field(const TextArgs& a, Actions& out) {
    const Arrow arrow = TRY(split_arrow(a.args));
    if (arrow.after.empty()) return fail(std::string(a.args) + ": missing field name following `->'");
    const flow::Field* f = flow::find_field_or_wire_name(arrow.after);
    if (!f) return fail(std::string(arrow.after) + " is not a valid OXM field name");
    if (!f->writable) return fail(std::string(arrow.after) + " is read-only");
    TRY(flow::check_header(*f));
    if (arrow.before.empty()) return fail(": bad syntax for " + std::string(f->name) + " value");
    const auto v = flow::parse_value(*f, arrow.before, a.names.ports);
    if (!v) return fail(v.error().message);
    const FieldValue legal = flow::legal_bits(f->id);
    if (!(v->value & ~legal).is_zero())
        return fail(std::string(a.args) + ": value " + std::string(arrow.before) + " does not fit into " +
                    std::string(f->name));
    if ((v->mask & legal).is_zero()) return {};  // sets nothing
    out.emplace_back(SetField{f->id, v->value & v->mask, v->mask & legal});
    return {};
}

Result<> parse_load(const TextArgs& a, Actions& out) {
    const Arrow arrow = TRY(split_arrow(a.args));
    const flow::Subfield dst = TRY(flow::parse_subfield(arrow.after));
    if (!fits_load(dst)) return fail(std::string(a.args) + ": only bits 0 to 127 of an option can be set");
    const auto value = flow::parse_integer(arrow.before);
    if (!value) return fail(std::string(a.args) + ": cannot parse integer value");
    if (!(*value & ~FieldValue::ones(dst.n_bits)).is_zero())
        return fail(std::string(a.args) + ": value " + flow::format_hex_value(*value) +
                    " does not fit into " + std::to_string(dst.n_bits) + " bits");
    out.emplace_back(load(*value, dst));
    return {};
}

constexpr std::array names_of_set_field{TextForm{"set_field", parse_set_field}, TextForm{"load", parse_load}};

void print_load(const FieldValue& value, flow::Subfield dst, Printer& p) {
    p.put("load:" + flow::format_hex_value(value) + "->" + flow::format_subfield(dst));
}

// mod_*

SetField legacy(FieldId id, const FieldValue& value) {
    return {id, value, FieldValue::ones(flow::field(id).n_bits), SetField::Form::legacy};
}

template <FieldId id>
Result<> parse_mac(const TextArgs& a, Actions& out) {
    const auto mac = Mac::parse(a.args);
    if (!mac) return fail("invalid mac address " + std::string(a.args));
    out.emplace_back(legacy(id, FieldValue::from(*mac)));
    return {};
}

template <FieldId id>
Result<> parse_ip(const TextArgs& a, Actions& out) {
    const auto ip = parse_ip4(a.args);
    if (!ip) return fail(std::string(a.args) + ": could not convert to IP address");
    out.emplace_back(legacy(id, FieldValue::from_u64(ip->host())));
    return {};
}

Result<> parse_tos(const TextArgs& a, Actions& out) {
    const uint64_t tos = TRY(parse_number(a.args, "TOS", 255));
    if (tos & 3) return fail(std::string(a.args) + ": not a valid TOS");
    out.emplace_back(legacy(FieldId::ip_dscp, FieldValue::from_u64(tos >> 2)));
    return {};
}

Result<> parse_ecn(const TextArgs& a, Actions& out) {
    const uint64_t ecn = TRY(parse_number(a.args, "ECN", 255));
    if (ecn > 3) return fail(std::string(a.args) + ": not a valid ECN");
    out.emplace_back(legacy(FieldId::nw_ecn, FieldValue::from_u64(ecn)));
    return {};
}

Result<> parse_ttl(const TextArgs& a, Actions& out) {
    out.emplace_back(legacy(FieldId::nw_ttl, FieldValue::from_u64(TRY(parse_number(a.args, "TTL", 255)))));
    return {};
}

template <SetTpPort::Side side>
Result<> parse_tp(const TextArgs& a, Actions& out) {
    const std::string_view what = side == SetTpPort::Side::src ? "source port" : "destination port";
    out.emplace_back(SetTpPort{side, static_cast<uint16_t>(TRY(parse_number(a.args, what, 0xffff)))});
    return {};
}

constexpr std::array names_of_legacy_set{
    TextForm{"mod_dl_src", parse_mac<FieldId::eth_src>},
    TextForm{"mod_dl_dst", parse_mac<FieldId::eth_dst>},
    TextForm{"mod_nw_src", parse_ip<FieldId::ip_src>},
    TextForm{"mod_nw_dst", parse_ip<FieldId::ip_dst>},
    TextForm{"mod_nw_tos", parse_tos},
    TextForm{"mod_nw_ecn", parse_ecn},
    TextForm{"mod_nw_ttl", parse_ttl},
    TextForm{"mod_tp_src", parse_tp<SetTpPort::Side::src>},
    TextForm{"mod_tp_dst", parse_tp<SetTpPort::Side::dst>},
};

std::string_view legacy_name(FieldId id) {
    switch (id) {
        case FieldId::eth_src:
            return "mod_dl_src";
        case FieldId::eth_dst:
            return "mod_dl_dst";
        case FieldId::ip_src:
            return "mod_nw_src";
        case FieldId::ip_dst:
            return "mod_nw_dst";
        case FieldId::ip_dscp:
            return "mod_nw_tos";
        case FieldId::nw_ecn:
            return "mod_nw_ecn";
        default:
            return "mod_nw_ttl";
    }
}

void print_legacy(const SetField& a, Printer& p) {
    p.put(legacy_name(a.field));
    p.put(":");
    if (a.field == FieldId::ip_dscp) return p.number(a.value.to_u64() << 2);
    p.put(flow::format_value(flow::field(a.field), a.value, a.mask));
}

}  // namespace

texts::Rows texts::set_field() { return names_of_set_field; }
texts::Rows texts::legacy_set() { return names_of_legacy_set; }

void print(const SetField& a, Printer& p) {
    const flow::Field& f = flow::field(a.field);
    switch (a.form) {
        case SetField::Form::set_field:
            p.put("set_field:" + flow::format_value(f, a.value, a.mask, p.names.ports) + "->");
            return p.put(f.name);
        case SetField::Form::load:
            return print_load(bits_at(a.value, a.load_dst.ofs, a.load_dst.n_bits), a.load_dst, p);
        case SetField::Form::legacy:
            return print_legacy(a, p);
    }
}

void print(const SetTpPort& a, Printer& p) {
    p.put(a.side == SetTpPort::Side::src ? "mod_tp_src:" : "mod_tp_dst:");
    p.number(a.port);
}

}  // namespace weft::action
