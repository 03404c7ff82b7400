// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/mpls.cc: the label stack. The key holds three labels; what lies below the last popped one
// is not known until the packet is parsed again.
#include "pipeline/commit.h"
#include "pipeline/translator.h"

namespace weft::pipeline {

using flow::PacketBlock;

namespace {

constexpr int tc_shift = 9, label_shift = 12;

bool is_mpls_type(uint16_t type) { return type == 0x8847 || type == 0x8848; }

void write_labels(Translator& t, Be32 top, Be32 second, Be32 third) {
    const Be32 stack[3] = {top, second, third};
    t.key().write_array(&PacketBlock::mpls, stack);
}

/// The label of a packet that had none (ovs-actions(7), push_mpls).
uint32_t first_label(Translator& t) {
    const uint16_t type = t.read(&PacketBlock::eth_type).host();
    if (type != 0x0800 && type != 0x86dd) return 64 | mpls_bos;
    const uint32_t label = type == 0x86dd ? 2 : 0;
    const auto dscp = static_cast<uint32_t>(t.read_field(flow::whole(flow::FieldId::ip_dscp)).to_u64());
    const uint8_t ttl = t.read(&PacketBlock::nw_ttl);
    return label << label_shift | (dscp & 7) << tc_shift | mpls_bos | (ttl ? ttl : 64u);
}

/// Without an Ethernet header, the packet's type says the same.
void write_type(Translator& t, uint16_t type) {
    t.key().write(&PacketBlock::eth_type, Be16(type));
    if (!t.is_ethernet()) t.key().write(&PacketBlock::packet_type, Be32(1u << 16 | type));
}

/// The headers behind the labels are out of sight.
void clear_inner(Translator& t) {
    const PacketBlock fresh{};
    const auto clear = [&](auto... member) { (t.key().write(member, fresh.*member), ...); };
    clear(&PacketBlock::nw_src, &PacketBlock::nw_dst, &PacketBlock::nw_proto, &PacketBlock::nw_tos);
    clear(&PacketBlock::nw_ttl, &PacketBlock::nw_frag, &PacketBlock::tcp_flags, &PacketBlock::igmp_group);
    clear(&PacketBlock::ipv6_src, &PacketBlock::ipv6_dst, &PacketBlock::ipv6_label, &PacketBlock::nd_target);
    clear(&PacketBlock::arp_sha, &PacketBlock::arp_tha, &PacketBlock::nd_reserved,
          &PacketBlock::nd_options_type);
    clear(&PacketBlock::tp_src, &PacketBlock::tp_dst);
}

/// Sets the field of the outer label, if there is one.
void set(Translator& t, flow::FieldId field, uint32_t value) {
    t.write_field(flow::whole(field), flow::FieldValue::from_u64(value));
}

}  // namespace

int count_labels(Translator& t) {
    t.read(&PacketBlock::eth_type);
    const PacketBlock& now = t.key().key_for_lookup().packet;
    if (!is_mpls(now)) return 0;
    const int n = mpls_labels(now);
    // The bottom of the stack tells, or that no label has it and whether there is any at all.
    const bool all = n == 0 || more_mpls_labels(now);
    flow::FlowMask looked_at{};
    for (int i = 0; i < 3; ++i)
        if (all || i < n) looked_at.packet.mpls[i] = all ? be_max<Be32> : Be32(mpls_bos);
    t.key().observe(looked_at);
    return n;
}

void apply(const action::PushMpls& a, Translator& t) {
    if (!t.inner_known()) return;
    const int n = count_labels(t);
    if (n == 3)
        return t.fail(
            Drop::too_many_mpls_labels,
            "dropping packet on which an MPLS push action can't be performed as it would have more MPLS LSEs "
            "than the 3 supported.");
    if (n == 0) {
        t.commit();  // while the inner headers are in sight
        const Be32 label(first_label(t));
        clear_inner(t);
        write_labels(t, label, Be32(), Be32());
    } else {
        const Be32 top = t.key().read_element(&PacketBlock::mpls, 0);
        const Be32 second = n > 1 ? t.key().read_element(&PacketBlock::mpls, 1) : Be32();
        write_labels(t, Be32(top.host() & ~mpls_bos), top, second);
    }
    write_type(t, a.eth_type);
}

void apply(const action::PopMpls& a, Translator& t) {
    const int n = count_labels(t);
    if (n == 0) return;
    if (more_mpls_labels(t.key().key_for_lookup().packet))
        return t.fail(Drop::too_many_mpls_labels,
                      "dropping packet on which an MPLS pop action can't be performed as it has more MPLS "
                      "LSEs than the "
                      "3 supported.");
    if (is_mpls_type(a.eth_type)) {
        const Be32 second = n > 1 ? t.key().read_element(&PacketBlock::mpls, 1) : Be32();
        const Be32 third = n > 2 ? t.key().read_element(&PacketBlock::mpls, 2) : Be32();
        write_labels(t, second, third, Be32());
    } else {
        write_labels(t, Be32(), Be32(), Be32());
        t.hide_inner();
    }
    write_type(t, a.eth_type);
}

void apply(const action::SetMplsLabel& a, Translator& t) { set(t, flow::FieldId::mpls_label, a.label); }
void apply(const action::SetMplsTc& a, Translator& t) { set(t, flow::FieldId::mpls_tc, a.tc); }
void apply(const action::SetMplsTtl& a, Translator& t) { set(t, flow::FieldId::mpls_ttl, a.ttl); }

void apply(const action::DecMplsTtl&, Translator& t) {
    if (!t.holds(flow::Prereq::mpls)) return;
    const auto ttl = static_cast<uint32_t>(t.read_field(flow::whole(flow::FieldId::mpls_ttl)).to_u64());
    if (ttl > 1) return set(t, flow::FieldId::mpls_ttl, ttl - 1);
    t.warn("MPLS decrement TTL exception");
    t.to_controller({.reason = Reason::invalid_ttl});
    t.end_list();
}

}  // namespace weft::pipeline
