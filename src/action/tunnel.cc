// SPDX-License-Identifier: Apache-2.0
// set_tunnel and set_tunnel64: the tunnel key, before tun_id could be set as a field.
#include <array>

#include "action/codec.h"
#include "action/text_codec.h"

namespace weft::action {
namespace {

using enum Version;

OfResult<Action> decode_32(Body& b) {
    b.in.skip(2);
    return SetTunnelId{b.in.u32(), false};
}

OfResult<Action> decode_64(Body& b) {
    b.in.skip(6);
    return SetTunnelId{b.in.u64(), true};
}

constexpr std::array rows{
    WireForm{nicira_vendor, 2, v10, v15, 16, false, decode_32},
    WireForm{nicira_vendor, 9, v10, v15, 24, false, decode_64},
};

}  // namespace

forms::Rows forms::tunnel() { return rows; }

void encode(const SetTunnelId& a, Encoder& e) {
    if (e.version() > v11) {
        encode(set_whole(flow::FieldId::tun_id, a.id), e);
    } else if (a.wide || a.id > 0xffffffff) {
        const auto open = e.nicira(9);
        e.out().zeros(6);
        e.out().u64(a.id);
    } else {
        const auto open = e.nicira(2);
        e.out().zeros(2);
        e.out().u32(static_cast<uint32_t>(a.id));
    }
}

// Text.

namespace {

template <bool wide>
Result<> parse_tunnel(const TextArgs& a, Actions& out) {
    const uint64_t id = TRY(parse_number(a.args, ~uint64_t{0}));
    out.emplace_back(SetTunnelId{id, wide || id > 0xffffffff});
    return {};
}

constexpr std::array names_of_tunnel{TextForm{"set_tunnel", parse_tunnel<false>},
                                     TextForm{"set_tunnel64", parse_tunnel<true>}};

}  // namespace

texts::Rows texts::tunnel() { return names_of_tunnel; }

void print(const SetTunnelId& a, Printer& p) {
    p.put(a.wide || a.id > 0xffffffff ? "set_tunnel64:" : "set_tunnel:");
    p.hex(a.id);
}

}  // namespace weft::action
