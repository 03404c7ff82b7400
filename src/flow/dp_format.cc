// SPDX-License-Identifier: Apache-2.0
#include "flow/dp_fields.h"
#include "flow/dp_text.h"
#include "packet/headers.h"

namespace weft::flow {
namespace {

using namespace dp_text;
using packet::ethertype::arp, packet::ethertype::rarp;
namespace ethertype = packet::ethertype;
namespace ipproto = packet::ipproto;

std::string format_frag(const FieldValue& v) {
    const uint64_t frag = v.to_u64();
    return frag & frag_later ? "later" : frag & frag_any ? "first" : "no";
}

std::string hex4(const FieldValue& v) {
    const std::string digits = format_hex_value(FieldValue::from_u64(v.to_u64() | 0x10000));
    return "0x" + digits.substr(3);
}

class Writer {
  public:
    Writer(const FlowKey& key, const FlowMask& mask, const DpTextOptions& options)
        : key_(key), mask_(mask), options_(options) {}
    std::string take() && { return std::move(out_); }

    void write();

  private:
    void separate() {
        if (!out_.empty() && out_.back() != '(') out_ += ',';
    }
    void attribute(Attr a);
    void ethernet();
    void eth_type();
    void tags();
    bool tag(size_t i);
    void mpls();
    void l3();
    void l4();
    bool is_matched(const Attribute& a) const;
    std::string value(const Part& p, const FieldValue& v) const;
    std::string mask_text(const Part& p, const FieldValue& m) const;
    std::string part(const Part& p) const;

    const FlowKey& key_;
    const FlowMask& mask_;
    const DpTextOptions& options_;
    std::string out_;
};

bool Writer::is_matched(const Attribute& a) const {
    for (const Part& p : a.parts)
        if (!(load(mask_, p) & dp_text::legal_bits(p)).is_zero()) return true;
    return false;
}

std::string Writer::value(const Part& p, const FieldValue& v) const {
    switch (p.form) {
        case Form::decimal:
            return std::to_string(v.to_u64());
        case Form::hex:
        case Form::ct_state:
        case Form::tcp_flags:
            return format_hex_value(v);
        case Form::hex4:
            return hex4(v);
        case Form::mac:
            return Mac::from_u64(v.to_u64()).to_string();
        case Form::ip4:
            return format_ip4(Ip4(static_cast<uint32_t>(v.to_u64())));
        case Form::ip6:
            return Ip6{v.b}.to_string();
        case Form::frag:
            return format_frag(v);
        case Form::port: {
            const DpPort port{static_cast<uint32_t>(v.to_u64())};
            const auto name =
                options_.ports && options_.ports->name ? options_.ports->name(port) : std::nullopt;
            return name ? *name : std::to_string(port.value);
        }
    }
    return "";
}

std::string Writer::mask_text(const Part& p, const FieldValue& m) const {
    const bool address = p.form == Form::mac || p.form == Form::ip4 || p.form == Form::ip6;
    return address ? value(p, m) : format_hex_value(m);
}

/// Value and mask; empty if it is wildcarded and nobody wants to know.
std::string Writer::part(const Part& p) const {
    const FieldValue legal = dp_text::legal_bits(p), mask = load(mask_, p) & legal, v = load(key_, p) & legal;
    const bool exact = mask == legal;
    if (mask.is_zero() && !options_.verbose) return "";
    if (p.form == Form::frag) return value(p, v);
    if (p.form == Form::tcp_flags) {
        if (mask.is_zero()) return "0/0";
        return format_flags(FieldText::tcp_flags, static_cast<uint32_t>(v.to_u64()),
                            static_cast<uint32_t>(mask.to_u64()), exact);
    }
    if (p.form == Form::ct_state && !options_.verbose)
        return format_flags(FieldText::ct_state, static_cast<uint32_t>(v.to_u64()),
                            static_cast<uint32_t>(mask.to_u64()), false);
    return value(p, v) + (exact && p.form != Form::ct_state ? "" : "/" + mask_text(p, mask));
}

void Writer::attribute(Attr a) {
    const Attribute& row = dp_text::attribute(a);
    if (!options_.verbose && !is_matched(row)) return;
    separate();
    out_ += std::string(row.name) + "(";
    for (const Part& p : row.parts) {
        const std::string text = part(p);
        if (text.empty()) continue;
        separate();
        if (!p.name.empty()) out_ += std::string(p.name) + "=";
        out_ += text;
    }
    out_ += ")";
}

/// Also says that it is a frame, where no packet_type does.
void Writer::ethernet() {
    const bool said =
        options_.verbose || mask_.packet.packet_type || is_matched(dp_text::attribute(Attr::eth));
    if (said) return attribute(Attr::eth);
    separate();
    out_ += "eth()";
}

void Writer::eth_type() {
    // A frame without Ethertype is one whose Ethertype attribute is missing, and must be.
    if (key_.packet.eth_type.host() == eth_type_none && mask_.packet.eth_type == be_max<Be16>) {
        separate();
        out_ += "eth_type(0/0xffff)";
        return;
    }
    attribute(Attr::eth_type);
}

/// One VLAN tag and the begin of what it encapsulates.
bool Writer::tag(size_t i) {
    const VlanTag &k = key_.packet.vlan[i], &m = mask_.packet.vlan[i];
    const uint16_t tci = k.tci.host(), mask = m.tci.host();
    if (!(tci & vlan_present)) return false;
    separate();
    const uint16_t tpid = k.tpid ? k.tpid.host() : ethertype::vlan;
    out_ += "eth_type(" + hex4(FieldValue::from_u64(tpid)) + ")";
    if (mask || options_.verbose) {
        out_ += ",vlan(";
        for (const WordPart& p : {vlan_parts[0], vlan_parts[1]}) {
            const uint32_t value = (tci & p.bits()) >> p.shift, bits = (mask & p.bits()) >> p.shift;
            if (p.name == "pcp" && !value && !bits && !options_.verbose) continue;
            separate();
            out_ += std::string(p.name) + "=" + std::to_string(value);
            if (bits != p.bits() >> p.shift)
                out_ += "/" + (bits ? format_hex_value(FieldValue::from_u64(bits)) : "0x0");
        }
        out_ += ")";
    }
    out_ += ",encap(";
    return true;
}

void Writer::tags() {
    size_t n = 0;
    while (n < std::size(key_.packet.vlan) && tag(n)) ++n;
    eth_type();
    l3();
    out_.append(n, ')');
}

void Writer::mpls() {
    constexpr Be32 bottom(0x100);
    size_t n = 0;
    bool exact = true, any = false;
    while (n < std::size(key_.packet.mpls)) {
        const Be32 mask = mask_.packet.mpls[n];
        exact &= mask == be_max<Be32>;
        any |= static_cast<bool>(mask);
        if (key_.packet.mpls[n++] & bottom) break;
    }
    if (!any && !options_.verbose) return;
    separate();
    out_ += "mpls(";
    for (size_t i = 0; i < n; ++i) {
        const uint32_t lse = key_.packet.mpls[i].host(), mask = mask_.packet.mpls[i].host();
        for (const WordPart& p : mpls_parts) {
            const uint32_t bits = (mask & p.bits()) >> p.shift;
            separate();
            out_ += std::string(p.name) + "=" + std::to_string((lse & p.bits()) >> p.shift);
            if (exact) continue;
            const bool wide = p.n_bits > 3;
            out_ += "/" + (bits || !wide
                               ? (wide ? format_hex_value(FieldValue::from_u64(bits)) : std::to_string(bits))
                               : "0x0");
        }
    }
    out_ += ")";
}

void Writer::l4() {
    if (key_.packet.nw_frag & frag_later) return;
    const bool v6 = ether_type_of(key_.packet) == ethertype::ipv6;
    switch (key_.packet.nw_proto) {
        case ipproto::tcp:
            attribute(Attr::tcp);
            if (is_matched(dp_text::attribute(Attr::tcp_flags))) attribute(Attr::tcp_flags);
            return;
        case ipproto::udp:
            return attribute(Attr::udp);
        case ipproto::sctp:
            return attribute(Attr::sctp);
        case ipproto::icmp:
            if (!v6) attribute(Attr::icmp);
            return;
        case ipproto::icmpv6:
            if (!v6) return;
            attribute(Attr::icmpv6);
            if (!prereq_holds(Prereq::nd, key_)) return;
            attribute(Attr::nd);
            if (is_matched(dp_text::attribute(Attr::nd_ext))) attribute(Attr::nd_ext);
            return;
        default:
            return;
    }
}

void Writer::l3() {
    const uint16_t type = ether_type_of(key_.packet);
    if (packet::is_mpls_type(type)) return mpls();
    if (type == arp || type == rarp) return attribute(Attr::arp);
    if (type == ethertype::nsh) return attribute(Attr::nsh);
    if (type != ethertype::ipv4 && type != ethertype::ipv6) return;
    attribute(type == ethertype::ipv4 ? Attr::ipv4 : Attr::ipv6);
    l4();
}

void Writer::write() {
    for (const Attr a :
         {Attr::skb_priority, Attr::skb_mark, Attr::ct_state, Attr::ct_zone, Attr::ct_mark, Attr::ct_label})
        attribute(a);
    for (const Attr a : {Attr::ct_tuple4, Attr::ct_tuple6}) {
        // Protocol and ports are parts of both.
        const bool v6 = ether_type_of(key_.packet) == ethertype::ipv6;
        if (is_matched(dp_text::attribute(a)) && (a == Attr::ct_tuple6) == v6) attribute(a);
    }
    for (const Attr a : {Attr::recirc_id, Attr::dp_hash, Attr::in_port, Attr::packet_type}) attribute(a);
    if (!key_.packet.packet_type) ethernet();
    tags();
}

}  // namespace

std::string format_dp_flow(const FlowKey& key, const FlowMask& mask, const DpTextOptions& options) {
    Writer w(key, mask, options);
    w.write();
    return std::move(w).take();
}

}  // namespace weft::flow
