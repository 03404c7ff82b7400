// SPDX-License-Identifier: Apache-2.0
#include "cli/ofctl/flow_format.h"

#include <algorithm>

#include "action/check.h"
#include "flow/key_value.h"
#include "flow/ofp_match.h"
#include "openflow/number_text.h"

namespace weft::cli::ofctl {
namespace {

using openflow::Version;
using F = FlowFormats;

struct Name {
    unsigned bits;
    std::string_view name;
};
/// Abbreviations first: they are preferred when a set is told.
constexpr Name names[] = {
    {F::any, "any"},
    {F::of10 | F::of10_table, "OpenFlow10"},
    {F::any_nxm, "NXM"},
    {F::oxm, "OXM"},
    {F::of10, "OpenFlow10-table_id"},
    {F::of10_table, "OpenFlow10+table_id"},
    {F::nxm, "NXM-table_id"},
    {F::nxm_table, "NXM+table_id"},
    {F::of11, "OpenFlow11"},
    {F::oxm12, "OXM-OpenFlow12"},
    {F::oxm13, "OXM-OpenFlow13"},
    {F::oxm14, "OXM-OpenFlow14"},
    {F::oxm15, "OXM-OpenFlow15"},
};

constexpr Version versions[] = {Version::v10, Version::v11, Version::v12,
                                Version::v13, Version::v14, Version::v15};

unsigned bits_of(Version v) {
    if (v == Version::v10) return F::v10;
    return F::of11 << (static_cast<unsigned>(v) - static_cast<unsigned>(Version::v11));
}

constexpr unsigned with_of11 = F::any_nxm | F::v11_up, extended = F::any_nxm | F::oxm;

/// The formats that know the field, whether a match or set_field names it.
unsigned formats_of(flow::FieldId id) {
    using enum flow::FieldId;
    switch (id) {
        case in_port:
        case eth_src:
        case eth_dst:
        case eth_type:
        case dl_vlan:
        case dl_vlan_pcp:
        case vlan_vid:
        case vlan_pcp:
        case vlan_tci:
        case ip_src:
        case ip_dst:
        case nw_proto:
        case nw_tos:
        case ip_dscp:
        case arp_op:
        case arp_spa:
        case arp_tpa:
        case tcp_src:
        case tcp_dst:
        case udp_src:
        case udp_dst:
        case icmp_type:
        case icmp_code:
            return F::any;
        case in_port_oxm:
        case metadata:
        case mpls_label:
        case mpls_tc:
        case nw_ecn:
        case sctp_src:
        case sctp_dst:
            return with_of11;
        default:
            return extended;
    }
}

/// What the match structures of 1.0 and 1.1 know of IPv6 is its type alone.
bool looks_into_ipv6(const flow::Match& m) {
    const flow::PacketBlock& mask = m.mask.packet;
    return flow::prereq_holds(flow::Prereq::ipv6, m.key) &&
           (mask.nw_proto || mask.nw_tos || mask.tp_src || mask.tp_dst);
}

FlowFormats formats_of_match(const flow::Match& m) {
    unsigned bits = extended;
    if (looks_into_ipv6(m)) return bits;
    if (flow::fits_match10(m)) bits |= F::of10 | F::of10_table;
    if (flow::fits_match11(m)) bits |= F::of11;
    return bits;
}

unsigned formats_of(const action::Actions& actions);

/// What an action cannot do without.
struct ActionFormats {
    unsigned operator()(const action::Meter&) const { return F::v13_up; }
    unsigned operator()(const action::PushVlan&) const { return F::v11_up; }
    unsigned operator()(const action::WriteMetadata&) const { return with_of11; }
    unsigned operator()(const action::Encap&) const { return F::v13_up; }
    unsigned operator()(const action::SetField& a) const {
        return a.form == action::SetField::Form::set_field ? formats_of(a.field) : F::any;
    }
    unsigned operator()(const action::Clone& a) const { return formats_of(a.actions); }
    unsigned operator()(const action::WriteActions& a) const { return formats_of(a.actions); }
    unsigned operator()(const action::Ct& a) const { return formats_of(a.actions); }
    template <class T>
    unsigned operator()(const T&) const {
        return F::any;
    }
};

unsigned formats_of(const action::Actions& actions) {
    unsigned out = F::any;
    for (const action::Action& a : actions) out &= std::visit(ActionFormats{}, a.v);
    return out;
}

unsigned formats_of_word(const flow::KeyValue& kv) {
    const flow::Field* f = flow::find_field(kv.key);
    if (!f) return F::any;
    if (f->id == flow::FieldId::in_port_oxm || f->id == flow::FieldId::packet_type ||
        (kv.key.starts_with("sctp_")))
        return formats_of(f->id);
    using enum flow::FieldId;
    const bool has_16_bits = f->id == vlan_tci || f->id == vlan_vid || f->id == tcp_src || f->id == tcp_dst;
    const size_t slash = kv.value.find('/');
    if (!has_16_bits || slash == kv.value.npos) return F::any;
    const auto mask = openflow::parse_u32(kv.value.substr(slash + 1));
    return mask && *mask != 0 && *mask != 0xffff ? extended : F::any;
}

}  // namespace

FlowFormats FlowFormats::of(Version version) { return bits_of(version); }

FlowFormats FlowFormats::of(openflow::VersionSet set) {
    unsigned bits = 0;
    for (const Version v : ofctl::versions) {
        if (set.contains(v)) bits |= bits_of(v);
    }
    return bits;
}

openflow::VersionSet FlowFormats::versions() const {
    openflow::VersionSet out;
    for (const Version v : ofctl::versions) {
        if (bits_ & bits_of(v)) out.insert(v);
    }
    return out;
}

Result<FlowFormats> FlowFormats::parse(std::string_view text) {
    unsigned bits = 0;
    while (!text.empty()) {
        const size_t comma = std::min(text.find(','), text.size());
        const std::string_view word = text.substr(0, comma);
        text.remove_prefix(std::min(comma + 1, text.size()));
        const auto found = std::ranges::find(names, word, &Name::name);
        if (found == std::end(names)) return fail(std::string(word) + ": unknown flow protocol");
        bits |= found->bits;
    }
    return FlowFormats(bits);
}

std::string FlowFormats::to_string() const {
    if (empty()) return "none";
    std::string out;
    unsigned left = bits_;
    for (const Name& n : names) {
        if ((left & n.bits) != n.bits) continue;
        out += (out.empty() ? "" : ",") + std::string(n.name);
        left &= ~n.bits;
        if (!left) break;
    }
    return out;
}

std::optional<FlowFormats::Bit> FlowFormats::pick(Version version, Wanted wanted) const {
    const unsigned usable = bits_ & bits_of(version);
    if (!usable) return std::nullopt;
    constexpr Bit simplest_first[] = {of10, of10_table, nxm, nxm_table};
    constexpr Bit richest_first[] = {nxm_table, nxm, of10_table, of10};
    for (const Bit b : wanted == Wanted::simplest ? simplest_first : richest_first) {
        if (usable & b) return b;
    }
    return static_cast<Bit>(usable);
}

openflow::Dialect dialect_of(FlowFormats::Bit format) {
    openflow::Dialect d;
    if (format & F::v10) {
        d.nxm = format & F::any_nxm;
        d.table_id = format & (F::of10_table | F::nxm_table);
        return d;
    }
    for (const Version v : versions) {
        if (bits_of(v) == static_cast<unsigned>(format)) d.version = v;
    }
    return d;
}

FlowFormats usable_formats(const openflow::FlowMod& mod, bool has_table) {
    FlowFormats usable = formats_of_match(mod.match);
    if (has_table) usable &= F::with_table;
    if (mod.cookie_mask) usable &= F::any_nxm | F::v11_up;
    if (mod.out_group != openflow::any_group) usable &= F::v11_up;
    if (mod.flags & openflow::flow_flag::reset_counts) usable &= F::oxm;
    constexpr uint16_t without_counts =
        openflow::flow_flag::no_packet_counts | openflow::flow_flag::no_byte_counts;
    if (mod.flags & without_counts) usable &= F::v13_up;
    usable &= formats_of(mod.actions);
    if (!lack_of(mod).empty()) usable &= F::v10;
    return usable;
}

FlowFormats usable_formats_of_words(std::string_view flow) {
    unsigned usable = F::any;
    flow = flow.substr(0, flow.find("action"));
    while (const auto kv = flow::next_key_value(flow)) usable &= formats_of_word(*kv);
    return usable;
}

std::string lack_of(const openflow::FlowMod& mod) {
    std::string lack;
    action::Actions actions = mod.actions;
    const auto fits = action::check(actions, {.match = mod.match, .table = mod.table, .lack = &lack});
    return fits && *fits ? std::string() : lack;
}

FlowFormats usable_formats(const openflow::FlowQuery& query) {
    FlowFormats usable = formats_of_match(query.match);
    if (query.cookie_mask) usable &= F::any_nxm | F::v11_up;
    if (query.out_group != openflow::any_group) usable &= F::v11_up;
    return usable;
}

}  // namespace weft::cli::ofctl
