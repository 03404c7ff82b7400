// SPDX-License-Identifier: Apache-2.0
#include "openflow/print/field_names.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace weft::openflow {
namespace {

using enum flow::FieldId;

/// Fields of metadata that Open vSwitch lists in another order than ovs-fields(7) introduces them in.
constexpr flow::FieldId first_fields[] = {
    dp_hash,        recirc_id,      packet_type,    conj_id,         tun_id,         tun_src,
    tun_dst,        tun_ipv6_src,   tun_ipv6_dst,   tun_flags,       tun_gbp_id,     tun_gbp_flags,
    tun_erspan_idx, tun_erspan_ver, tun_erspan_dir, tun_erspan_hwid, tun_gtpu_flags, tun_gtpu_msgtype};
constexpr flow::FieldId after_tunnel[] = {metadata,    in_port,   in_port_oxm, actset_output, skb_priority,
                                          pkt_mark,    ct_state,  ct_zone,     ct_mark,       ct_label,
                                          ct_nw_proto, ct_nw_src, ct_nw_dst,   ct_ipv6_src,   ct_ipv6_dst,
                                          ct_tp_src,   ct_tp_dst};
/// The others, where the order differs.
constexpr flow::FieldId late_fields[] = {
    tcp_src,     tcp_dst,         tcp_flags,   udp_src,     udp_dst,   sctp_src, sctp_dst,
    icmp_type,   icmp_code,       icmpv6_type, icmpv6_code, nd_target, nd_sll,   nd_tll,
    nd_reserved, nd_options_type, nsh_flags,   nsh_mdtype,  nsh_np,    nsh_spi,  nsh_si,
    nsh_c1,      nsh_c2,          nsh_c3,      nsh_c4,      nsh_ttl};

std::vector<flow::FieldId> listing_order() {
    std::vector<flow::FieldId> out(std::begin(first_fields), std::end(first_fields));
    const auto add_range = [&](flow::FieldId first, flow::FieldId last) {
        for (auto i = static_cast<size_t>(first); i <= static_cast<size_t>(last); ++i)
            out.push_back(static_cast<flow::FieldId>(i));
    };
    add_range(tun_metadata0, tun_metadata_last);
    out.insert(out.end(), std::begin(after_tunnel), std::end(after_tunnel));
    add_range(reg0, xxreg_last);
    out.insert(out.end(), {eth_src, eth_dst, eth_type, vlan_tci, dl_vlan, vlan_vid, dl_vlan_pcp, vlan_pcp});
    add_range(mpls_label, mpls_ttl);
    add_range(ip_src, ipv6_label);
    out.insert(out.end(), {nw_proto, nw_tos, ip_dscp, nw_ecn, nw_ttl, ip_frag});
    add_range(arp_op, arp_tha);
    out.insert(out.end(), std::begin(late_fields), std::end(late_fields));
    return out;
}

struct Numbered {
    std::string_view stem;
    unsigned number = 0;
};
/// `reg15`: a name that ends with a number.
std::optional<Numbered> numbered(std::string_view name) {
    const size_t last = name.find_last_not_of("0123456789");
    if (last == name.npos || last + 1 == name.size()) return std::nullopt;
    Numbered out{name.substr(0, last + 1)};
    std::from_chars(name.data() + last + 1, name.data() + name.size(), out.number);
    return out;
}

/// How many names from `at` on count up.
size_t run_length(const std::vector<std::string_view>& names, size_t at) {
    const auto first = numbered(names[at]);
    if (!first) return 1;
    size_t n = 1;
    for (; at + n < names.size(); ++n) {
        const auto next = numbered(names[at + n]);
        if (!next || next->stem != first->stem || next->number != first->number + n) break;
    }
    return n;
}

}  // namespace

std::string folded_names(const std::vector<std::string_view>& names, std::string_view separator) {
    std::string out;
    for (size_t i = 0; i < names.size();) {
        if (i > 0) out += separator;
        constexpr size_t worth_cutting = 3;
        if (const size_t n = run_length(names, i); n >= worth_cutting) {
            out += std::string(names[i]) + "..." + std::string(names[i + n - 1]);
            i += n;
            continue;
        }
        const size_t underscore = names[i].find('_');
        const std::string_view head = names[i].substr(0, underscore == names[i].npos ? 0 : underscore + 1);
        std::vector<std::string_view> tails;
        size_t end = i;
        for (; !head.empty() && end < names.size() && names[end].starts_with(head); ++end)
            tails.push_back(names[end].substr(head.size()));
        if (tails.size() > 1) {
            out += std::string(head) + "{" + folded_names(tails, ",") + "}";
            i = end;
        } else {
            out += names[i++];
        }
    }
    return out;
}

std::string field_names(const FieldSet& set) {
    std::vector<std::string_view> names;
    for (const flow::FieldId id : listing_order()) {
        if (set.test(static_cast<size_t>(id))) names.push_back(flow::field(id).name);
    }
    return folded_names(names, " ");
}

}  // namespace weft::openflow
