// SPDX-License-Identifier: Apache-2.0
// The order of fields and their forms are those of ovs-ofctl dump-flows, which scripts parse.
#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "flow/extract.h"
#include "flow/match_text.h"
#include "packet/headers.h"

namespace weft::flow {
namespace {

using namespace packet;

std::string hex_digits(uint64_t v, size_t n) {
    const std::string all = format_hex(FieldValue::from_u64(v).b);
    return "0x" + all.substr(all.size() - n);
}

/// Of bytes without leading zeros: 0x12, or 0.
std::string hex_number(const std::vector<uint8_t>& bytes) {
    const std::string digits = format_hex(bytes);
    const size_t first = digits.find_first_not_of('0');
    return first == std::string::npos ? "0" : "0x" + digits.substr(first);
}

template <class Block>
bool is_zero(const Block& block) {
    static constexpr Block zero{};
    return std::memcmp(&block, &zero, sizeof block) == 0;
}

/// Writes one match, field after field.
class Writer {
  public:
    Writer(const Match& m, const PortNames* names) : m_(m), names_(names) {}

    std::string take() && { return std::move(out_); }
    void word(std::string_view w) {
        if (!out_.empty()) out_ += ',';
        out_ += w;
    }
    void pair(std::string_view name, std::string_view value) {
        word(name);
        out_ += '=';
        out_ += value;
    }

    /// In the way of the field's kind, under another name perhaps, if it is matched at all.
    void field(FieldId id, std::string_view name = {}) {
        const Field& f = flow::field(id);
        if (!may_be_set(m_.mask, f)) return;
        const FieldValue mask = get_field(m_.mask, id);
        if (mask.is_zero()) return;
        const FieldValue value = get_field(m_.key, id);
        if (name.empty()) name = f.name;
        // A partly matched number is in hex, with 0x for zero too.
        if (f.text == FieldText::decimal && mask != legal_bits(id)) {
            const std::string hex = value.is_zero() ? "0x0" : format_hex_value(value);
            return pair(name, hex + "/" + format_hex_value(mask));
        }
        const FieldText text = f.text;
        if (text == FieldText::tun_flags) return pair(name, format_flags(text, low(value), low(mask), false));
        pair(name, format_value(f, value, mask, names_));
    }
    /// Hex with a fixed number of digits.
    void digits(FieldId id, std::string_view name, size_t n) {
        const uint64_t mask = get_field(m_.mask, id).to_u64();
        if (!mask) return;
        std::string text = hex_digits(get_field(m_.key, id).to_u64(), n);
        if (mask != legal_bits(id).to_u64()) text += "/" + hex_digits(mask, n);
        pair(name, text);
    }

    void metadata();
    void conntrack();
    void protocol();
    void registers();
    void tunnel();
    void vlan(size_t i);
    void l2();
    void mpls();
    void nsh();
    void l3();
    void l4();
    void icmp_number(FieldId id);

  private:
    static uint32_t low(const FieldValue& v) { return static_cast<uint32_t>(v.to_u64()); }

    const Match& m_;
    const PortNames* names_;
    std::string out_;
    bool type_told_ = false, proto_told_ = false;  // by a shorthand
};

void Writer::metadata() {
    field(FieldId::pkt_mark);
    field(FieldId::recirc_id);
    field(FieldId::dp_hash);
    field(FieldId::conj_id);
    field(FieldId::skb_priority);
    field(FieldId::actset_output);
}

void Writer::conntrack() {
    if (is_zero(m_.mask.ct)) return;
    field(FieldId::ct_state);
    if (is_exact(m_, FieldId::ct_zone))
        pair("ct_zone", std::to_string(m_.key.ct.zone.host()));
    else
        field(FieldId::ct_zone);
    field(FieldId::ct_mark);
    field(FieldId::ct_label);
    field(FieldId::ct_nw_src);
    field(FieldId::ct_nw_dst);
    field(FieldId::ct_ipv6_src);
    field(FieldId::ct_ipv6_dst);
    field(FieldId::ct_nw_proto);
    field(FieldId::ct_tp_src);
    field(FieldId::ct_tp_dst);
}

std::string_view proto_word(uint16_t type, uint8_t proto) {
    const bool v6 = type == ethertype::ipv6;
    switch (proto) {
        case ipproto::icmp:
            return v6 ? "" : "icmp";
        case ipproto::icmpv6:
            return v6 ? "icmp6" : "";
        case ipproto::tcp:
            return v6 ? "tcp6" : "tcp";
        case ipproto::udp:
            return v6 ? "udp6" : "udp";
        case ipproto::sctp:
            return v6 ? "sctp6" : "sctp";
        default:
            return "";
    }
}
std::string_view type_word(uint16_t type) {
    switch (type) {
        case ethertype::ipv4:
            return "ip";
        case ethertype::ipv6:
            return "ipv6";
        case ethertype::arp:
            return "arp";
        case ethertype::rarp:
            return "rarp";
        case ethertype::mpls:
            return "mpls";
        case ethertype::mpls_multicast:
            return "mplsm";
        default:
            return "";
    }
}

void Writer::protocol() {
    if (m_.mask.packet.packet_type && m_.key.packet.packet_type) {
        field(FieldId::packet_type);
        return;
    }
    const PacketBlock& mask = m_.mask.packet;
    const bool of_frames =
        mask.eth_type || !mask.eth_src.is_zero() || !mask.eth_dst.is_zero() || mask.vlan[0].tci;
    if (mask.recirc_id && of_frames) word("eth");
    if (!is_exact(m_, FieldId::eth_type)) return;
    const uint16_t type = m_.key.packet.eth_type.host();
    const bool ip = type == ethertype::ipv4 || type == ethertype::ipv6;
    std::string_view w;
    if (ip && is_exact(m_, FieldId::nw_proto)) w = proto_word(type, m_.key.packet.nw_proto);
    proto_told_ = !w.empty();
    if (w.empty()) w = type_word(type);
    if (w.empty()) return;
    type_told_ = true;
    word(w);
}

void Writer::registers() {
    if (is_zero(m_.mask.pipe.regs)) return;
    for (size_t i = 0; i < 32; ++i) field(field_at(FieldId::reg0, i));
}

void Writer::tunnel() {
    if (is_zero(m_.mask.tunnel) && m_.options.empty()) return;
    for (const FieldId id :
         {FieldId::tun_id, FieldId::tun_src, FieldId::tun_dst, FieldId::tun_ipv6_src, FieldId::tun_ipv6_dst,
          FieldId::tun_gbp_id, FieldId::tun_gbp_flags, FieldId::tun_erspan_ver, FieldId::tun_erspan_idx,
          FieldId::tun_erspan_dir, FieldId::tun_erspan_hwid})
        field(id);
    field(FieldId::tun_gtpu_flags, "gtpu_flags");
    field(FieldId::tun_gtpu_msgtype, "gtpu_msgtype");
    field(FieldId::tun_flags);
    for (const TunOption& o : m_.options) {
        const std::string_view name = flow::field(field_at(FieldId::tun_metadata0, o.index)).name;
        if (!o.exact && o.mask.empty())
            word(name);
        else
            pair(name, hex_number(o.value) + (o.exact ? "" : "/" + hex_number(o.mask)));
    }
}

void Writer::vlan(size_t i) {
    const uint16_t mask = m_.mask.packet.vlan[i].tci.host(), key = m_.key.packet.vlan[i].tci.host();
    if (!mask) return;
    const std::string suffix = i ? std::to_string(i) : "";
    const uint16_t vid = mask & vlan_vid_mask, pcp = mask & vlan_pcp_mask;
    const bool tag = mask & key & vlan_present;
    const bool whole = (vid == 0 || vid == vlan_vid_mask) && (pcp == 0 || pcp == vlan_pcp_mask);
    if (tag && whole && (vid || pcp)) {
        if (vid) pair("dl_vlan" + suffix, std::to_string(key & vlan_vid_mask));
        if (pcp) pair("dl_vlan_pcp" + suffix, std::to_string(key >> vlan_pcp_shift));
        return;
    }
    std::string text = hex_digits(key, 4);
    if (mask != 0xffff) text += "/" + hex_digits(mask, 4);
    pair("vlan_tci" + suffix, text);
}

void Writer::l2() {
    field(FieldId::metadata);
    field(FieldId::in_port);
    vlan(0);
    vlan(1);
    field(FieldId::eth_src, "dl_src");
    field(FieldId::eth_dst, "dl_dst");
    if (!type_told_) digits(FieldId::eth_type, "dl_type", 4);
}

void Writer::mpls() {
    field(FieldId::mpls_label);
    field(FieldId::mpls_tc);
    field(FieldId::mpls_ttl);
    field(FieldId::mpls_bos);
    for (size_t i = 1; i < 3; ++i) {
        const uint32_t mask = m_.mask.packet.mpls[i].host(), key = m_.key.packet.mpls[i].host();
        if (!mask) continue;
        std::string text = std::to_string(key);
        if (mask != ~uint32_t{0})
            text = format_hex_value(FieldValue::from_u64(key)) + "/" +
                   format_hex_value(FieldValue::from_u64(mask));
        pair("mpls_lse" + std::to_string(i), text);
    }
}

void Writer::nsh() {
    for (FieldId id = FieldId::nsh_flags; id <= FieldId::nsh_c4; id = field_at(id, 1)) {
        const Field& f = flow::field(id);
        const FieldValue mask = get_field(m_.mask, id);
        if (f.text == FieldText::hex && !mask.is_zero() && get_field(m_.key, id).is_zero())
            pair(f.name, is_exact(m_, id) ? "0x0" : "0x0/" + format_hex_value(mask));
        else if (id == FieldId::nsh_flags && !is_exact(m_, id))
            digits(id, f.name, 2);
        else
            field(id);
    }
}

void Writer::l3() {
    const uint16_t type = ether_type_of(m_.key.packet);
    if (type == ethertype::mpls || type == ethertype::mpls_multicast) return mpls();
    if (type == ethertype::arp || type == ethertype::rarp) {
        field(FieldId::arp_spa);
        field(FieldId::arp_tpa);
        field(FieldId::arp_op);
        field(FieldId::arp_sha);
        field(FieldId::arp_tha);
        return;
    }
    if (type == ethertype::nsh) nsh();
    if (type == ethertype::ipv6) {
        field(FieldId::ipv6_src);
        field(FieldId::ipv6_dst);
        digits(FieldId::ipv6_label, "ipv6_label", 5);
    } else {
        field(FieldId::ip_src, "nw_src");
        field(FieldId::ip_dst, "nw_dst");
    }
    if (!proto_told_) field(FieldId::nw_proto);
    field(FieldId::nw_tos);
    field(FieldId::nw_ecn);
    field(FieldId::nw_ttl);
    field(FieldId::ip_frag, "nw_frag");
}

/// Megaflows show the 8 bits as a part of the port they share: `icmp_type=0x87/0xff`.
void Writer::icmp_number(FieldId id) {
    if (!m_.mask.packet.recirc_id) return field(id);
    const FieldValue mask = get_field(m_.mask, id);
    if (!mask.is_zero())
        pair(flow::field(id).name, format_hex_value(get_field(m_.key, id)) + "/" + format_hex_value(mask));
}

void Writer::l4() {
    const uint16_t type = ether_type_of(m_.key.packet);
    if (type == ethertype::arp || type == ethertype::rarp) return;
    const bool icmp = prereq_holds(Prereq::icmpv4, m_), icmp6 = prereq_holds(Prereq::icmpv6, m_);
    if (!icmp && !icmp6) {
        field(FieldId::tcp_src, "tp_src");
        field(FieldId::tcp_dst, "tp_dst");
        if (prereq_holds(Prereq::tcp, m_)) field(FieldId::tcp_flags);
        return;
    }
    icmp_number(FieldId::icmp_type);
    icmp_number(FieldId::icmp_code);
    if (!icmp6) return;
    field(FieldId::nd_target);
    field(FieldId::nd_sll);
    field(FieldId::nd_tll);
    field(FieldId::nd_reserved);
    field(FieldId::nd_options_type);
}

/// Metadata that is not zero; a conntrack tuple only with a state.
void match_metadata(const FlowKey& key, Match& m) {
    for (const Field& f : fields()) {
        if (!may_be_set(key, f)) continue;
        const bool packet = f.id >= FieldId::eth_src && f.id < FieldId::count;
        const bool pair = f.id >= FieldId::xreg0 && f.id <= FieldId::xxreg_last;  // told as registers
        if (packet || pair || f.is_tun_metadata() || f.id == FieldId::in_port_oxm) continue;
        const FieldValue v = get_field(key, f.id);
        if (!v.is_zero() && prereq_holds(f.prereq, key)) m.with(f.id, v);
    }
}

/// The packet's headers as far as it has them.
void match_headers(const FlowKey& key, Match& m) {
    for (const Field& f : fields()) {
        if (f.id < FieldId::eth_src || f.id == FieldId::dl_vlan || f.id == FieldId::dl_vlan_pcp ||
            f.id == FieldId::vlan_vid || f.id == FieldId::vlan_pcp)
            continue;
        const bool rarely = f.id == FieldId::nd_reserved || f.id == FieldId::nd_options_type;
        if (prereq_holds(f.prereq, key) && !rarely) m.with(f.id, get_field(key, f.id));
    }
}

}  // namespace

std::string format_match(const Match& match, const PortNames* names) {
    Writer w(match, names);
    w.metadata();
    w.conntrack();
    w.protocol();
    w.registers();
    w.tunnel();
    w.l2();
    w.l3();
    w.l4();
    return std::move(w).take();
}

std::string format_key(const FlowKey& key, const PortNames* names) {
    Match m;
    match_metadata(key, m);
    match_headers(key, m);
    if (key.packet.vlan[0].tci) {
        m.mask.packet.vlan[1].tci = be_max<Be16>;
        m.key.packet.vlan[1].tci = key.packet.vlan[1].tci;
    }
    if (prereq_holds(Prereq::mpls, key)) {
        constexpr Be32 bottom(0x100);
        for (size_t i = 1; i < 3 && !(key.packet.mpls[i - 1] & bottom); ++i) {
            m.mask.packet.mpls[i] = be_max<Be32>;
            m.key.packet.mpls[i] = key.packet.mpls[i];
        }
    }
    if (prereq_holds(Prereq::nd, key)) {  // either kind may have both options
        m.with(FieldId::arp_sha, get_field(key, FieldId::arp_sha));
        m.with(FieldId::arp_tha, get_field(key, FieldId::arp_tha));
    }
    if (key.packet.eth_type.host() == ethertype::nsh)  // what is inside is not looked at, but shown
        for (const FieldId id :
             {FieldId::nw_proto, FieldId::nw_tos, FieldId::nw_ecn, FieldId::nw_ttl, FieldId::ip_frag})
            m.with(id, get_field(key, id));
    if (key.packet.nsh_mdtype != 1)
        for (Be32& mask : m.mask.packet.nsh_context) mask = {};
    // Neither ports nor type and code of other protocols are fields, but they were extracted.
    const bool later = key.packet.nw_frag & frag_later;
    if (key.packet.nw_proto == ipproto::igmp && !later && prereq_holds(Prereq::ipv4, key)) {
        m.with(FieldId::tcp_src, get_field(key, FieldId::tcp_src));
        m.with(FieldId::tcp_dst, get_field(key, FieldId::tcp_dst));
    }
    return format_match(m, names);
}

std::string format_packet(ByteSpan frame) {
    FlowKey key{};
    const Extracted at = extract(frame, key.packet, max_vlan_tags);
    std::string out = format_key(key);
    if (at.l4 == Extracted::none) return out;
    const ByteSpan l4 = frame.subspan(at.l4);
    const auto csum = [&](const char* name, size_t offset, size_t size) {
        if (l4.size() < offset + size) return;
        const uint32_t v = size == 2 ? load<Be16>(&l4[offset]).host() : load<Be32>(&l4[offset]).host();
        const std::string hex = format_hex_value(FieldValue::from_u64(v));
        out += std::string(" ") + name + "_csum:" + (v ? hex.substr(2) : "0");
    };
    if (prereq_holds(Prereq::tcp, key)) csum("tcp", offsetof(TcpHeader, csum), 2);
    if (prereq_holds(Prereq::udp, key)) csum("udp", offsetof(UdpHeader, csum), 2);
    if (prereq_holds(Prereq::sctp, key)) csum("sctp", offsetof(SctpHeader, csum), 4);
    if (prereq_holds(Prereq::icmpv4, key)) csum("icmp", offsetof(IcmpHeader, csum), 2);
    if (prereq_holds(Prereq::icmpv6, key)) csum("icmp6", offsetof(IcmpHeader, csum), 2);
    return out;
}

}  // namespace weft::flow
