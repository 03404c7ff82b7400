// SPDX-License-Identifier: Apache-2.0
// ct, nat and ct_clear: wire forms. Text is in ct_text.cc and nat_text.cc.
#include <algorithm>
#include <array>

#include "action/codec.h"

namespace weft::action {
namespace {

using enum Version;

constexpr bool sets_connection(flow::FieldId id) {
    return id == flow::FieldId::ct_mark || id == flow::FieldId::ct_label;
}

OfResult<> check_inside(const Action& a, const Ct& ct) {
    const bool commits = ct.flags & ct_flag::commit;
    if (const auto* nat = std::get_if<Nat>(&a.v)) {
        // Without commit, it only does what the connection already has.
        if (nat->flags && !commits) return refuse(OfError::bac_bad_argument);
        return {};
    }
    const auto written = field_written(a);
    if (!written || !sets_connection(*written) || !commits) return refuse(OfError::bac_bad_argument);
    return {};
}

OfResult<Action> decode_ct(Body& b) {
    Ct a;
    a.flags = b.in.u16();
    if (a.flags & ct_flag::force && !(a.flags & ct_flag::commit)) return refuse(OfError::bac_bad_argument);
    ByteReader zone_src(b.in.take(4));
    const uint16_t zone = b.in.u16();
    if (ByteReader peek = zone_src; peek.u32()) {
        a.zone_src = from_ofs_nbits(TRY(read_field_header(zone_src, OfError::bac_bad_set_type)), zone);
        TRY(check_source(a.zone_src));
        if (a.zone_src.n_bits != 16) return refuse(OfError::bac_bad_set_len);
    } else {
        a.zone = zone;
    }
    a.table = b.in.u8();
    b.in.skip(3);
    a.alg = b.in.u16();
    a.actions = TRY(decode_inside_ct(b));
    for (const Action& inside : a.actions) TRY(check_inside(inside, a));
    return a;
}

// Which ends of which ranges follow.
constexpr uint16_t ip4_min = 1, ip4_max = 2, ip6_min = 4, ip6_max = 8, port_min = 16, port_max = 32;

Ip6 read_ip4(ByteReader& in) {
    Ip6 out;
    const ByteSpan bytes = in.take(4);
    std::copy(bytes.begin(), bytes.end(), out.b.end() - static_cast<ptrdiff_t>(bytes.size()));
    return out;
}

OfResult<Action> decode_nat(Body& b) {
    b.in.skip(2);
    Nat a;
    a.flags = b.in.u16();
    const uint16_t present = b.in.u16();
    constexpr uint16_t both_ends = nat_flag::src | nat_flag::dst,
                       both_ways = nat_flag::hash | nat_flag::random;
    if ((a.flags & both_ends) == both_ends || (a.flags & both_ways) == both_ways)
        return refuse(OfError::bac_bad_argument);
    const bool ip4 = present & ip4_min, ip6 = present & ip6_min;
    if ((ip4 && ip6) || (present & ip4_max && !ip4) || (present & ip6_max && !ip6) ||
        (present & port_min && !ip4 && !ip6) || (present & port_max && !(present & port_min)))
        return refuse(OfError::bac_bad_argument);
    if (ip4) {
        a.family = Nat::Family::ipv4;
        a.first = read_ip4(b.in);
        if (present & ip4_max) a.last = read_ip4(b.in);
    } else if (ip6) {
        a.family = Nat::Family::ipv6;
        a.first = b.in.read<Ip6>();
        if (present & ip6_max) a.last = b.in.read<Ip6>();
    }
    if (present & port_min) a.first_port = b.in.u16();
    if (present & port_max) a.last_port = b.in.u16();
    return a;
}

OfResult<Action> decode_clear(Body&) { return CtClear{}; }

constexpr std::array rows{
    WireForm{nicira_vendor, 35, v10, v15, 24, true, decode_ct},
    WireForm{nicira_vendor, 36, v10, v15, 16, true, decode_nat},
    WireForm{nicira_vendor, 43, v10, v15, 16, false, decode_clear},
};

}  // namespace

forms::Rows forms::ct() { return rows; }

std::optional<flow::FieldId> field_written(const Action& a) {
    if (const auto* set = std::get_if<SetField>(&a.v)) return set->field;
    if (const auto* move = std::get_if<Move>(&a.v)) return move->dst.field;
    return std::nullopt;
}

const Action* ct_only(const Actions& actions) {
    const auto found = std::ranges::find_if(actions, [](const Action& a) {
        const auto written = field_written(a);
        return std::holds_alternative<Nat>(a.v) || (written && sets_connection(*written));
    });
    return found == actions.end() ? nullptr : &*found;
}

void encode(const Ct& a, Encoder& e) {
    const auto open = e.nicira(35);
    e.out().u16(a.flags);
    if (a.zone_src.n_bits) {
        write_field_header(e.out(), a.zone_src.field, v10);
        e.out().u16(ofs_nbits(a.zone_src));
    } else {
        e.out().u32(0);
        e.out().u16(a.zone);
    }
    e.out().u8(a.table);
    e.out().zeros(3);
    e.out().u16(a.alg);
    e.list(a.actions);
}

void encode(const Nat& a, Encoder& e) {
    const auto open = e.nicira(36);
    const bool ip4 = a.family == Nat::Family::ipv4, range = !a.last.is_zero();
    const uint16_t addresses = a.family == Nat::Family::none ? 0
                               : ip4                         ? ip4_min | (range ? ip4_max : 0)
                                                             : ip6_min | (range ? ip6_max : 0);
    e.out().zeros(2);
    e.out().u16(a.flags);
    e.out().u16(
        static_cast<uint16_t>(addresses | (a.first_port ? port_min : 0) | (a.last_port ? port_max : 0)));
    const auto address = [&](const Ip6& v) { e.out().bytes(ByteSpan(v.b).last(ip4 ? 4 : 16)); };
    if (addresses) address(a.first);
    if (addresses && range) address(a.last);
    if (a.first_port) e.out().u16(a.first_port);
    if (a.last_port) e.out().u16(a.last_port);
}

void encode(const CtClear&, Encoder& e) {
    const auto open = e.nicira(43);
    e.out().zeros(6);
}

}  // namespace weft::action
