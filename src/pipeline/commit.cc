// SPDX-License-Identifier: Apache-2.0
#include "pipeline/commit.h"

#include <algorithm>
#include <cstring>

namespace weft::pipeline {

namespace dp = action::dp;
using flow::FlowKey;
using flow::FlowMask;
using flow::PacketBlock;

bool is_mpls(const PacketBlock& p) { return p.eth_type.host() == 0x8847 || p.eth_type.host() == 0x8848; }

int mpls_labels(const PacketBlock& p) {
    if (!is_mpls(p)) return 0;
    // Below a label that was popped though it was the last there is nothing.
    if (!p.mpls[0] && !p.mpls[1] && !p.mpls[2]) return 0;
    for (int i = 0; i < 3; ++i)
        if (p.mpls[i].host() & mpls_bos) return i + 1;
    return 3;
}

bool more_mpls_labels(const PacketBlock& p) { return mpls_labels(p) == 3 && !(p.mpls[2].host() & mpls_bos); }

namespace {

class Committer {
  public:
    Committer(flow::FlowView& view, FlowKey& base, NewHeaders& headers, dp::Actions& out,
              CommitOptions options)
        : view_(view), base_(base.packet), headers_(headers), out_(out), options_(options) {}

    void run() {
        if (headers_.pending != NewHeaders::Pending::none) new_header();
        ethernet();
        // What is under labels cannot be set: they are popped before, and pushed after.
        const bool uncover = is_mpls(base_) && !is_mpls(now());
        if (uncover) mpls();
        if (!options_.inner_unknown) inner();
        if (!uncover) mpls();
        vlan();
        priority();
        mark();
        base_.packet_type = now().packet_type;
        base_.in_port = now().in_port;
    }

  private:
    using Pending = NewHeaders::Pending;

    /// All that was to be done to what is inside was committed before.
    void new_header() {
        switch (headers_.pending) {
            case Pending::push_eth:
                out_.push_back(dp::PushEth{now().eth_src, now().eth_dst});
                break;
            case Pending::pop_eth:
                out_.push_back(dp::PopEth{});
                break;
            case Pending::push_nsh:
                out_.push_back(push_nsh());
                break;
            case Pending::add_mpls:
                out_.push_back(dp::AddMpls{now().mpls[0], now().eth_type});
                break;
            case Pending::none:
                break;
        }
        const bool whole = headers_.pending == Pending::push_nsh || headers_.pending == Pending::add_mpls;
        base_.eth_src = now().eth_src;
        base_.eth_dst = now().eth_dst;
        base_.packet_type = now().packet_type;
        if (whole) base_ = now();
        headers_.pending = Pending::none;
        ++headers_.n_committed;
    }

    dp::PushNsh push_nsh() const {
        dp::PushNsh out{.flags = now().nsh_flags,
                        .ttl = now().nsh_ttl,
                        .mdtype = now().nsh_mdtype,
                        .np = now().nsh_np,
                        .si = now().nsh_si,
                        .spi = now().nsh_spi,
                        .context = {},
                        .md2 = headers_.md2};
        std::copy(now().nsh_context, now().nsh_context + 4, out.context);
        return out;
    }

    const PacketBlock& now() const { return view_.key_for_lookup().packet; }
    const PacketBlock& written() const { return view_.written().packet; }

    template <class T>
    static bool any(const T& bits) {
        const auto* b = reinterpret_cast<const uint8_t*>(&bits);
        return std::any_of(b, b + sizeof bits, [](uint8_t x) { return x != 0; });
    }

    /// Un-wildcards bits of a member of the packet as it arrived.
    template <class T>
    void observe(T PacketBlock::* member, const T& bits) {
        view_.observe_original(member, bits);
    }

    /// What rules wrote of the packet's own bits.
    template <class T>
    T own(T PacketBlock::* member) const {
        T out = written().*member;
        auto* to = reinterpret_cast<uint8_t*>(&out);
        const auto* made = reinterpret_cast<const uint8_t*>(&(headers_.made.*member));
        for (size_t i = 0; i < sizeof(T); ++i) to[i] &= static_cast<uint8_t>(~made[i]);
        return out;
    }

    /// True if the field needs to change; then its new value and the bits to change. The choice depends on
    /// the packet's own bits where rules wrote: where they did not, both images agree, or an earlier commit
    /// looked already.
    template <class T>
    bool differs(T PacketBlock::* member, T& value, T& mask) {
        const T set = own(member);
        const bool same = now().*member == base_.*member;
        if (same && (!any(set) || options_.plant == Plant::noop_set_forgets)) return false;
        observe(member, set);
        if (same) return false;
        const auto* wanted = reinterpret_cast<const uint8_t*>(&(now().*member));
        const auto* looked = reinterpret_cast<const uint8_t*>(&(view_.mask().packet.*member));
        auto* v = reinterpret_cast<uint8_t*>(&value);
        const auto* made = reinterpret_cast<const uint8_t*>(&(headers_.made.*member));
        auto* m = reinterpret_cast<uint8_t*>(&mask);
        for (size_t i = 0; i < sizeof(T); ++i) {
            m[i] = looked[i] | made[i];
            v[i] = wanted[i] & m[i];
        }
        base_.*member = now().*member;
        return true;
    }

    /// Whether differs() would have anything to say: asked before looking at what decides whether the header
    /// exists.
    template <class... T>
    bool touched(T PacketBlock::*... members) const {
        return ((now().*members != base_.*members || any(written().*members)) || ...);
    }

    void inner() {
        const uint16_t type = base_.eth_type.host();
        if (type != now().eth_type.host()) return;
        if (type == 0x0800) ipv4();
        if (type == 0x86dd) ipv6();
        if (type == 0x0806 || type == 0x8035) arp();
        if (type == 0x0800 || type == 0x86dd) l4();
        if (type == 0x894f) nsh();
    }

    void ethernet() {
        dp::Set<dp::EthHeader> set;
        bool change = differs(&PacketBlock::eth_src, set.value.src, set.mask.src);
        change |= differs(&PacketBlock::eth_dst, set.value.dst, set.mask.dst);
        if (change) out_.push_back(set);
    }

    /// Protocol 0 stands for a header that was not parsed, as behind a popped MPLS label.
    bool has_l3() { return view_.read(&PacketBlock::nw_proto) != 0; }

    void ipv4() {
        if (!touched(&PacketBlock::nw_src, &PacketBlock::nw_dst, &PacketBlock::nw_tos, &PacketBlock::nw_ttl))
            return;
        if (!has_l3()) return;
        dp::Set<dp::Ipv4Header> set;
        bool change = differs(&PacketBlock::nw_src, set.value.src, set.mask.src);
        change |= differs(&PacketBlock::nw_dst, set.value.dst, set.mask.dst);
        change |= differs(&PacketBlock::nw_tos, set.value.tos, set.mask.tos);
        change |= differs(&PacketBlock::nw_ttl, set.value.ttl, set.mask.ttl);
        if (change) out_.push_back(set);
    }

    void ipv6() {
        if (!touched(&PacketBlock::ipv6_src, &PacketBlock::ipv6_dst) &&
            !touched(&PacketBlock::ipv6_label, &PacketBlock::nw_tos, &PacketBlock::nw_ttl))
            return;
        if (!has_l3()) return;
        dp::Set<dp::Ipv6Header> set;
        bool change = differs(&PacketBlock::ipv6_src, set.value.src, set.mask.src);
        change |= differs(&PacketBlock::ipv6_dst, set.value.dst, set.mask.dst);
        change |= differs(&PacketBlock::ipv6_label, set.value.label, set.mask.label);
        change |= differs(&PacketBlock::nw_tos, set.value.tclass, set.mask.tclass);
        change |= differs(&PacketBlock::nw_ttl, set.value.hlimit, set.mask.hlimit);
        if (change) out_.push_back(set);
    }

    void arp() {
        dp::Set<dp::ArpHeader> set;
        bool change = differs(&PacketBlock::nw_src, set.value.sip, set.mask.sip);
        change |= differs(&PacketBlock::nw_dst, set.value.tip, set.mask.tip);
        uint8_t op = 0, op_mask = 0;
        if (differs(&PacketBlock::nw_proto, op, op_mask)) {
            set.value.op = Be16(op);
            set.mask.op = Be16(op_mask == 0xff ? 0xffff : op_mask);
            change = true;
        }
        change |= differs(&PacketBlock::arp_sha, set.value.sha, set.mask.sha);
        change |= differs(&PacketBlock::arp_tha, set.value.tha, set.mask.tha);
        if (change) out_.push_back(set);
    }

    void l4() {
        if (!touched(&PacketBlock::tp_src, &PacketBlock::tp_dst) && !touched(&PacketBlock::nd_target) &&
            !touched(&PacketBlock::arp_sha, &PacketBlock::arp_tha))
            return;
        dp::SetL4 set;
        switch (view_.read(&PacketBlock::nw_proto)) {
            case 6:
                set.proto = dp::L4::tcp;
                break;
            case 17:
                set.proto = dp::L4::udp;
                break;
            case 132:
                set.proto = dp::L4::sctp;
                break;
            case 1:
                set.proto = dp::L4::icmp;
                break;
            case 58:
                set.proto = dp::L4::icmpv6;
                nd();
                break;
            default:
                return;
        }
        bool change = differs(&PacketBlock::tp_src, set.value.src, set.mask.src);
        change |= differs(&PacketBlock::tp_dst, set.value.dst, set.mask.dst);
        if (change) out_.push_back(set);
    }

    void nsh() {
        dp::Set<dp::NshHeader> set;
        bool change = differs(&PacketBlock::nsh_flags, set.value.flags, set.mask.flags);
        change |= differs(&PacketBlock::nsh_ttl, set.value.ttl, set.mask.ttl);
        change |= differs(&PacketBlock::nsh_spi, set.value.spi, set.mask.spi);
        change |= differs(&PacketBlock::nsh_si, set.value.si, set.mask.si);
        change |= nsh_context(set);
        if (change) out_.push_back(set);
    }

    /// Only metadata type 1 has it.
    bool nsh_context(dp::Set<dp::NshHeader>& set) {
        const auto& want = now().nsh_context;
        const auto& made = headers_.made.nsh_context;
        Be32 looked[4];
        for (size_t i = 0; i < 4; ++i) looked[i] = written().nsh_context[i] & ~made[i];
        auto& have = base_.nsh_context;
        const bool same = std::equal(want, want + 4, have);
        if (same && (!any(looked) || options_.plant == Plant::noop_set_forgets)) return false;
        if (view_.read(&PacketBlock::nsh_mdtype) != 1) return false;
        FlowMask m{};
        std::copy(looked, looked + 4, m.packet.nsh_context);
        view_.observe_original(m);
        if (same) return false;
        for (size_t i = 0; i < 4; ++i) {
            set.mask.context[i] = view_.mask().packet.nsh_context[i] | made[i];
            set.value.context[i] = want[i] & set.mask.context[i];
        }
        std::copy(want, want + 4, have);
        return true;
    }

    void nd() {
        dp::Set<dp::NdHeader> set;
        bool change = differs(&PacketBlock::nd_target, set.value.target, set.mask.target);
        change |= differs(&PacketBlock::arp_sha, set.value.sll, set.mask.sll);
        change |= differs(&PacketBlock::arp_tha, set.value.tll, set.mask.tll);
        if (change) out_.push_back(set);
    }

    void mpls() {
        const bool was = is_mpls(base_), is = is_mpls(now());
        if (!was && !is) return;
        if (base_.eth_type == now().eth_type && std::equal(base_.mpls, base_.mpls + 3, now().mpls)) {
            if (any(written().mpls) && options_.plant != Plant::noop_set_forgets)
                observe_mpls(written().mpls);
            return;
        }
        const bool below = any(written().mpls[1]) || any(written().mpls[2]) ||
                           base_.mpls[1] != now().mpls[1] || base_.mpls[2] != now().mpls[2];
        if (was && is && !below) {  // another top label on the same stack
            observe_mpls({be_max<Be32>, Be32(), Be32()});
            out_.push_back(dp::Set<dp::MplsHeader>{{now().mpls[0]}, {be_max<Be32>}});
            base_.mpls[0] = now().mpls[0];
            return;
        }
        // How deep the stacks agree decides what is popped and pushed.
        const Be32 all[3] = {be_max<Be32>, be_max<Be32>, be_max<Be32>};
        observe_mpls(all);
        int have = mpls_labels(base_);
        const int want = mpls_labels(now());
        int common = 0;
        while (common < have && common < want &&
               base_.mpls[have - 1 - common] == now().mpls[want - 1 - common])
            ++common;
        while (have > common + 1 || (have > common && have > want)) {
            --have;
            const bool more = have > want;  // labels that will be popped too
            out_.push_back(dp::PopMpls{more ? Be16(0x8847) : now().eth_type});
        }
        if (have > common) out_.push_back(dp::Set<dp::MplsHeader>{{now().mpls[want - have]}, {be_max<Be32>}});
        for (; have < want; ++have) out_.push_back(dp::PushMpls{now().mpls[want - 1 - have], now().eth_type});
        std::copy(now().mpls, now().mpls + 3, base_.mpls);
        base_.eth_type = now().eth_type;
    }
    void observe_mpls(const Be32 (&bits)[3]) {
        FlowMask m{};
        std::copy(bits, bits + 3, m.packet.mpls);
        view_.observe_original(m);
    }

    static bool tagged(const flow::VlanTag& tag) { return tag.tci.host() & flow::vlan_present; }
    static int tags(const flow::VlanTag (&stack)[2]) {
        return !tagged(stack[0]) ? 0 : !tagged(stack[1]) ? 1 : 2;
    }

    void vlan() {
        const auto &want = now().vlan, &have = base_.vlan, &made = headers_.made.vlan;
        flow::VlanTag set[2];
        for (size_t i = 0; i < 2; ++i)
            set[i] = {written().vlan[i].tpid & ~made[i].tpid, written().vlan[i].tci & ~made[i].tci};
        const bool outer = any(set[0]) || !(want[0] == have[0]), inner = any(set[1]) || !(want[1] == have[1]);
        if (!outer && !inner) return;
        const bool same = want[0] == have[0] && want[1] == have[1];
        FlowMask m{};
        if (same) {
            std::copy(set, set + 2, m.packet.vlan);
        } else {  // the whole tag is written anew
            m.packet.vlan[0] = {be_max<Be16>, be_max<Be16>};
            if (inner) m.packet.vlan[1] = {be_max<Be16>, be_max<Be16>};
        }
        if (!same || options_.plant != Plant::noop_set_forgets) view_.observe_original(m);
        if (same) return;
        // Tags that agree from the innermost outwards stay.
        int n_have = tags(have);
        const int n_want = tags(want);
        int common = 0;
        while (common < n_have && common < n_want && have[n_have - 1 - common] == want[n_want - 1 - common])
            ++common;
        for (; n_have > common; --n_have) out_.push_back(dp::PopVlan{});
        for (int i = n_want - common - 1; i >= 0; --i) {
            const Be16 tpid = want[i].tpid.host() ? want[i].tpid : Be16(0x8100);
            out_.push_back(dp::PushVlan{tpid, want[i].tci});
        }
        std::copy(want, want + 2, base_.vlan);
    }

    void priority() {
        Be32 value, mask;
        if (!differs(&PacketBlock::skb_priority, value, mask)) return;
        out_.push_back(dp::SetSkbPriority{now().skb_priority.host()});
    }
    void mark() {
        Be32 value, mask;
        if (differs(&PacketBlock::pkt_mark, value, mask))
            out_.push_back(dp::SetSkbMark{value.host(), mask.host()});
    }

    flow::FlowView& view_;
    PacketBlock& base_;
    NewHeaders& headers_;
    dp::Actions& out_;
    CommitOptions options_;
};

}  // namespace

void commit(flow::FlowView& view, FlowKey& base, NewHeaders& headers, dp::Actions& out,
            CommitOptions options) {
    Committer(view, base, headers, out, options).run();
}

}  // namespace weft::pipeline
