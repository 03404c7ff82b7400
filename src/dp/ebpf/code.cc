// SPDX-License-Identifier: Apache-2.0
#include "dp/ebpf/code.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "dp/ebpf/abi.h"
#include "flow/flow_key.h"
#include "packet/headers.h"

namespace weft::dp {
namespace {

namespace act = action::dp;

constexpr uint32_t ethernet_header = 14;

/// Sixteen bytes of a header from `offset` on, to be set under a mask.
struct Field {
    weft_layer layer;
    uint8_t offset, size;
    weft_csum csum = weft_csum_none;
    uint8_t protocol = 0;
};

bool only_sends(std::span<const act::Action> list) {
    return std::ranges::all_of(list,
                               [](const act::Action& a) { return std::holds_alternative<act::Output>(a.v); });
}

/// Appends the code of one action; an answer: it cannot be done.
class Compiler {
  public:
    using Answer = std::optional<NotInKernel>;
    Compiler(const std::function<bool(DpPort)>& sends_by, KernelCode& code)
        : sends_by_(sends_by), code_(code) {}
    bool ended() const { return ended_; }
    /// The next action's place in the flow's list; none: the list is another.
    void set_place(std::optional<size_t> place) { place_ = place; }
    /// Nothing follows.
    Answer end() const {
        const size_t n = code_.words.size();
        const bool cut_is_last = n >= 2 && (code_.words[n - 2] & 0xff) == weft_op_cut;
        if (cut_to_ || (code_.flags & weft_cuts && !cut_is_last)) return NotInKernel::truncate;
        if (looks_behind_) return NotInKernel::mpls;
        return !code_.words.empty() && std::ranges::all_of(code_.words, is_part)
                   ? Answer(NotInKernel::userspace)
                   : Answer();
    }

    Answer operator()(const act::Output& a) {
        if (!sends_by_(a.port)) return NotInKernel::port;
        if (code_.flags & weft_cuts) return NotInKernel::truncate;
        if (cut_to_) {
            code_.flags |= weft_cuts;
            add(weft_op_cut | uint64_t{*std::exchange(cut_to_, {})} << 32);
        }
        constexpr unsigned ports_max = 3;
        uint64_t* last = code_.words.empty() || !follows_output_ ? nullptr : &code_.words.back();
        const unsigned n = last ? *last >> 8 & 0xff : ports_max;
        if (n == ports_max) {
            code_.words.push_back(weft_op_output | 1 << 8 | uint64_t{a.port.value} << 16);
        } else {
            *last += 1 << 8;
            *last |= uint64_t{a.port.value} << (16 + 16 * n);
        }
        follows_output_ = true;
        return {};
    }
    Answer operator()(const act::Userspace& a) {
        return a.reason == act::PuntReason::slow_path || a.reason == act::PuntReason::miss
                   ? NotInKernel::userspace
                   : part(~uint32_t{0}, NotInKernel::userspace);
    }
    Answer operator()(const act::PushVlan& a) {
        const uint16_t tpid = a.tpid.host();
        if (!packet::is_vlan_type(tpid)) return NotInKernel::tag;
        const auto tci = static_cast<uint16_t>(a.tci.host() & ~flow::vlan_present);
        if (cut_to_) return NotInKernel::truncate;  // of what it was before
        headers_changed_ = tags_changed_ = true;
        return add(weft_op_push_vlan | uint64_t{tpid} << 16 | uint64_t{tci} << 32);
    }
    Answer operator()(const act::PopVlan&) {
        if (cut_to_) return NotInKernel::truncate;
        headers_changed_ = tags_changed_ = true;
        return add(weft_op_pop_vlan);
    }
    Answer operator()(const act::PushMpls& a) {
        return move_headers(
            weft_op_push_mpls | uint64_t{a.eth_type.host()} << 16 | uint64_t{a.lse.raw()} << 32, a.eth_type);
    }
    Answer operator()(const act::PopMpls& a) {
        const Answer answer = move_headers(weft_op_pop_mpls | uint64_t{a.eth_type.host()} << 16, a.eth_type);
        popped_ = true;
        return answer;
    }
    Answer operator()(const act::Set<act::MplsHeader>& a) {
        return set({weft_l3_mpls, 0, 4}, a.value.lse, a.mask.lse);
    }
    Answer operator()(const act::Set<act::NdHeader>& a) {
        if (a.mask != act::NdHeader{}) code_.flags |= weft_edits_nd;
        set({weft_l4, 8, 16, weft_csum_payload, packet::ipproto::icmpv6}, a.value.target, a.mask.target);
        set({weft_nd_source, 2, 6, weft_csum_payload}, a.value.sll, a.mask.sll);
        return set({weft_nd_target, 2, 6, weft_csum_payload}, a.value.tll, a.mask.tll);
    }
    Answer operator()(const act::Set<act::NshHeader>&) { return NotInKernel::nsh; }
    Answer operator()(const act::PushNsh&) { return NotInKernel::nsh; }
    Answer operator()(const act::PopNsh&) { return NotInKernel::nsh; }
    Answer operator()(const act::PushEth&) { return NotInKernel::encap; }
    Answer operator()(const act::PopEth&) { return NotInKernel::encap; }
    Answer operator()(const act::AddMpls&) { return NotInKernel::mpls; }

    Answer operator()(const act::Set<act::EthHeader>& a) {
        struct Wire {
            Mac dst, src;
        };
        return set({weft_l2, 0, 12}, Wire{a.value.dst, a.value.src}, Wire{a.mask.dst, a.mask.src});
    }
    Answer operator()(const act::Set<act::Ipv4Header>& a) {
        set({weft_l3_ip4, 0, 4, weft_csum_ip}, byte(1, a.value.tos), byte(1, a.mask.tos));
        set({weft_l3_ip4, 8, 4, weft_csum_ip}, byte(0, a.value.ttl), byte(0, a.mask.ttl));
        return set({weft_l3_ip4, 12, 8, weft_csum_address4}, std::array{a.value.src, a.value.dst},
                   std::array{a.mask.src, a.mask.dst});
    }
    Answer operator()(const act::Set<act::Ipv6Header>& a) {
        const auto first = [](const act::Ipv6Header& h) {
            return Be32((h.label.host() & 0xfffff) | uint32_t{h.tclass} << 20);
        };
        set({weft_l3_ip6, 0, 4}, first(a.value), first(a.mask));
        set({weft_l3_ip6, 7, 1}, a.value.hlimit, a.mask.hlimit);
        set({weft_l3_ip6, 8, 16, weft_csum_address6}, a.value.src, a.mask.src);
        return set({weft_l3_ip6, 24, 16, weft_csum_address6}, a.value.dst, a.mask.dst);
    }
    Answer operator()(const act::Set<act::ArpHeader>& a) {
        set({weft_l3_arp, 6, 2}, a.value.op, a.mask.op);
        set({weft_l3_arp, 8, 6}, a.value.sha, a.mask.sha);
        set({weft_l3_arp, 14, 4}, a.value.sip, a.mask.sip);
        set({weft_l3_arp, 18, 6}, a.value.tha, a.mask.tha);
        return set({weft_l3_arp, 24, 4}, a.value.tip, a.mask.tip);
    }
    Answer operator()(const act::SetL4& a) {
        using packet::ipproto::icmp, packet::ipproto::icmpv6, packet::ipproto::tcp, packet::ipproto::udp;
        switch (a.proto) {
            case act::L4::sctp:
                return set({weft_l4, 0, 4, weft_csum_sctp, packet::ipproto::sctp}, a.value, a.mask);
            case act::L4::tcp:
            case act::L4::udp:
                return set({weft_l4, 0, 4, weft_csum_payload, a.proto == act::L4::tcp ? tcp : udp}, a.value,
                           a.mask);
            case act::L4::icmp:
            case act::L4::icmpv6:
                break;
        }
        const auto type_code = [](const act::L4Header& h) {
            return std::array{static_cast<uint8_t>(h.src.host()), static_cast<uint8_t>(h.dst.host())};
        };
        return set({weft_l4, 0, 2, weft_csum_payload, a.proto == act::L4::icmp ? icmp : icmpv6},
                   type_code(a.value), type_code(a.mask));
    }

    Answer operator()(const act::SetSkbMark& a) {
        metadata_changed_ = true;
        return add_with(weft_op_mark, {uint64_t{a.mask} << 32 | (a.value & a.mask)});
    }
    Answer operator()(const act::SetSkbPriority& a) {
        metadata_changed_ = true;
        return add(weft_op_priority | uint64_t{a.value} << 32);
    }
    Answer operator()(const act::Trunc& a) {
        if (a.max_len < ethernet_header || (code_.flags & weft_cuts)) return NotInKernel::truncate;
        cut_to_ = a.max_len;
        return {};
    }
    Answer operator()(const act::Clone&) { return NotInKernel::nested; }
    Answer operator()(const act::Sample& a) {
        if (only_goes_up(*a.actions)) return part(a.probability, NotInKernel::nested);
        return only_sends(*a.actions) ? sometimes(a.probability, *a.actions) : NotInKernel::nested;
    }
    Answer operator()(const act::CheckPktLen&) { return NotInKernel::nested; }
    Answer operator()(const act::Ct&) { return NotInKernel::conntrack; }
    Answer operator()(const act::CtClear&) { return {}; }
    Answer operator()(const act::Hash& a) {
        looks_behind_ |= popped_;
        metadata_changed_ = true;
        return add(weft_op_hash | uint64_t{a.algorithm == 1} << 8 | uint64_t{headers_changed_} << 16 |
                   uint64_t{a.basis} << 32);
    }
    Answer operator()(const act::Meter& a) {
        return add(weft_op_meter | part_number() << 8 | uint64_t{a.id} << 32);
    }
    Answer operator()(const act::Recirc& a) {
        ended_ = true;
        code_.flags |= weft_recirculates;
        return add(weft_op_recirc | uint64_t{a.id} << 32);
    }
    Answer operator()(const act::Drop&) {
        ended_ = true;
        return add(weft_op_drop);
    }

  private:
    const std::function<bool(DpPort)>& sends_by_;
    KernelCode& code_;
    bool ended_ = false;
    bool follows_output_ = false;
    bool headers_changed_ = false, metadata_changed_ = false, tags_changed_ = false;
    bool popped_ = false;             ///< a label: the kernel does not know what is behind it
    bool looks_behind_ = false;       ///< of it all the same
    std::optional<uint32_t> cut_to_;  ///< the next output
    std::optional<size_t> place_;

    static bool is_part(uint64_t word) { return (word & 0xff) == weft_op_part; }
    /// Packets of such a list may leave user space later than those of the kernel: none of it is sent by a
    /// port.
    static bool only_goes_up(const act::Actions& list) {
        return std::ranges::all_of(list, [](const act::Action& a) {
            return std::holds_alternative<act::Userspace>(a.v) || std::holds_alternative<act::Meter>(a.v);
        });
    }
    /// The kernel knows where a label goes if there are no tags: so not behind those that it pushes or pops
    /// itself.
    Answer move_headers(uint64_t word, Be16 type) {
        if (tags_changed_ || packet::is_vlan_type(type.host())) return NotInKernel::mpls;
        if (cut_to_) return NotInKernel::truncate;
        headers_changed_ = true;
        code_.flags |= weft_edits | weft_moves_headers;
        return add(word);
    }
    /// weft_upcall::part of this action; 0: user space, which finds the flow by the packet's key, would not
    /// find it.
    uint64_t part_number() const {
        constexpr size_t places = 0xffff;
        const bool found = place_ && *place_ < places && !headers_changed_ && !metadata_changed_;
        return found ? *place_ + 1 : 0;
    }
    /// User space does this action on a copy.
    Answer part(uint32_t probability, NotInKernel else_why) {
        const uint64_t part = part_number();
        if (!part || cut_to_) return else_why;
        return add(weft_op_part | part << 8 | uint64_t{probability} << 32);
    }
    /// The kernel sends by those ports, or goes on behind them.
    Answer sometimes(uint32_t probability, const act::Actions& outputs) {
        if (cut_to_) return NotInKernel::truncate;
        const size_t at = code_.words.size();
        add(weft_op_sample | uint64_t{probability} << 32);
        for (const act::Action& a : outputs)
            if (const Answer answer = std::visit(*this, a.v)) return answer;
        code_.words[at] |= (code_.words.size() - at - 1) << 8;
        follows_output_ = false;
        return {};
    }

    Answer add(uint64_t word) {
        code_.words.push_back(word);
        follows_output_ = false;
        return {};
    }
    Answer add_with(uint64_t word, std::initializer_list<uint64_t> data) {
        const Answer answer = add(word | code_.data.size() << weft_data_shift);
        code_.data.insert(code_.data.end(), data);
        return answer;
    }
    static std::array<uint8_t, 4> byte(size_t at, uint8_t value) {
        std::array<uint8_t, 4> out{};
        out[at] = value;
        return out;
    }
    template <class T>
    Answer set(const Field& f, const T& value, const T& mask) {
        static_assert(sizeof value <= 16);
        std::array<uint64_t, 2> v{}, m{};
        std::memcpy(v.data(), &value, sizeof value);
        std::memcpy(m.data(), &mask, sizeof mask);
        if (!(m[0] | m[1])) return {};
        looks_behind_ |= popped_ && f.layer != weft_l2;
        code_.flags |= weft_edits;
        headers_changed_ = true;
        return add_with(weft_op_set | uint64_t{f.layer} << 8 | uint64_t{f.offset} << 16 |
                            uint64_t{f.size} << 24 | uint64_t{f.csum} << 32 | uint64_t{f.protocol} << 40,
                        {v[0] & m[0], v[1] & m[1], m[0], m[1]});
    }
};

bool is_cut(const act::Action& a) { return std::holds_alternative<act::Trunc>(a.v); }

/// A packet that was cut cannot be made whole again: that is done on a copy.
act::Actions cut_in_clones(const act::Actions& list) {
    act::Actions out;
    for (size_t i = 0; i < list.size(); ++i) {
        const bool sends =
            is_cut(list[i]) && i + 1 < list.size() && std::holds_alternative<act::Output>(list[i + 1].v);
        if (sends && i + 2 < list.size()) {
            out.emplace_back(
                act::Clone{std::make_shared<const act::Actions>(act::Actions{list[i], list[i + 1]})});
            ++i;
        } else {
            out.push_back(list[i]);
        }
    }
    return out;
}

/// What bpf/forward_xdp.bpf.c does.
bool is_for_xdp(std::span<const uint64_t> words) {
    constexpr uint64_t one_port = weft_op_output | 1 << 8, op_and_count = 0xffff;
    if (words.empty() || (words.back() & op_and_count) != one_port) return false;
    return std::ranges::all_of(words.first(words.size() - 1), [](uint64_t word) {
        const uint64_t op = word & 0xff;
        return op == weft_op_set || op == weft_op_push_vlan || op == weft_op_pop_vlan || op == weft_op_meter;
    });
}

bool is_clone(const act::Action& a) { return std::holds_alternative<act::Clone>(a.v); }

bool sends_by(std::span<const act::Action> list, DpPort port) {
    return std::ranges::any_of(list, [&](const act::Action& a) {
        const auto* output = std::get_if<act::Output>(&a.v);
        return output && output->port == port;
    });
}

bool share_a_port(std::span<const act::Action> a, std::span<const act::Action> b) {
    return std::ranges::any_of(a, [&](const act::Action& x) {
        const auto* output = std::get_if<act::Output>(&x.v);
        return output && sends_by(b, output->port);
    });
}

/// The same without copies, as far as that can be: a copy that is only sent needs none, nor does what is done
/// last; and what is sent behind a copy may be sent before it, if not by the same port.
act::Actions without_clones(std::span<const act::Action> list) {
    act::Actions out;
    while (!list.empty()) {
        const act::Action& first = list.front();
        list = list.subspan(1);
        const auto* clone = std::get_if<act::Clone>(&first.v);
        if (!clone) {
            out.push_back(first);
            continue;
        }
        act::Actions inside = without_clones(*clone->actions);
        if (!inside.empty() && std::holds_alternative<act::Drop>(inside.back().v)) inside.pop_back();
        const act::Actions rest = without_clones(list);
        if (!only_sends(inside) && (!only_sends(rest) || share_a_port(inside, rest))) {
            out.push_back(first);
            continue;
        }
        const bool is_last = !only_sends(inside);
        out.insert(out.end(), is_last ? rest.begin() : inside.begin(), is_last ? rest.end() : inside.end());
        out.insert(out.end(), is_last ? inside.begin() : rest.begin(), is_last ? inside.end() : rest.end());
        return out;
    }
    return out;
}

}  // namespace

const char* name_of(NotInKernel why) {
    static constexpr const char* names[] = {"userspace", "port",   "mpls", "truncate",  "nested",
                                            "tag",       "length", "nsh",  "conntrack", "encap"};
    static_assert(std::size(names) == n_not_in_kernel);
    return names[static_cast<size_t>(why)];
}

std::expected<KernelCode, NotInKernel> kernel_code(const act::Actions& actions,
                                                   const std::function<bool(DpPort)>& sends_by) {
    act::Actions flat;
    const bool cuts = std::ranges::any_of(actions, is_cut);
    const bool as_it_is = !cuts && std::ranges::none_of(actions, is_clone);
    if (!as_it_is) flat = without_clones(cuts ? cut_in_clones(actions) : actions);
    if (std::ranges::any_of(flat, is_clone))
        return std::unexpected(cuts ? NotInKernel::truncate : NotInKernel::nested);
    const act::Actions& list = as_it_is ? actions : flat;
    KernelCode code;
    Compiler compiler(sends_by, code);
    for (size_t i = 0; i < list.size() && !compiler.ended(); ++i) {
        compiler.set_place(as_it_is ? std::optional(i) : std::nullopt);
        if (const auto refused = std::visit(compiler, list[i].v)) return std::unexpected(*refused);
    }
    if (const auto refused = compiler.end()) return std::unexpected(*refused);
    if (is_for_xdp(code.words)) code.flags |= weft_for_xdp;
    if (code.words.empty() || (code.words.front() & 0xff) == weft_op_drop) code.flags |= weft_drops;
    return code;
}

}  // namespace weft::dp
