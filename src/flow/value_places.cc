// SPDX-License-Identifier: Apache-2.0
#include "flow/value_places.h"

#include <algorithm>

namespace weft::flow {
namespace {

bool is_between(FieldId id, FieldId first, FieldId last) { return first <= id && id <= last; }

/// Neither a prerequisite of other fields nor of an action, and any value will do.
bool is_only_compared(FieldId id) {
    using enum FieldId;
    switch (id) {
        case tun_id:
        case tun_src:
        case tun_dst:
        case pkt_mark:
        case metadata:
        case eth_src:
        case eth_dst:
        case ip_src:
        case ip_dst:
        case ipv6_src:
        case ipv6_dst:
        case arp_spa:
        case arp_tpa:
        case arp_sha:
        case arp_tha:
        case tcp_src:
        case tcp_dst:
        case udp_src:
        case udp_dst:
        case sctp_src:
        case sctp_dst:
        case nd_target:
            return true;
        default:
            return is_between(id, reg0, reg_last) || is_between(id, xreg0, xreg_last) ||
                   is_between(id, xxreg0, xxreg_last);
    }
}

bool is_whole_bytes(const Field& f) { return f.bit_offset % 8 == 0 && f.n_bits == f.n_bytes * 8; }

}  // namespace

std::vector<ValuePlace> oxm_value_places(ByteSpan tlvs, const Match& m) {
    std::vector<ValuePlace> out;
    if (!m.options.empty()) return out;
    ByteReader in(tlvs);
    while (!in.empty()) {
        const bool has_mask = in.size() > 2 && in.rest()[2] & 1;
        const auto id = decode_field_header(in);
        if (!id) break;  // of no field: what is behind it stays as it is
        const Field& f = field(*id);
        const auto at = static_cast<uint16_t>(tlvs.size() - in.size());
        in.skip(f.n_bytes);
        const ByteSpan bits = in.take(has_mask ? f.n_bytes : 0);
        if (!in.ok() || !is_only_compared(*id) || !is_whole_bytes(f)) continue;
        // Registers lie in one another: another field may have given this one its mask.
        const auto to = static_cast<uint16_t>(f.bit_offset / 8);
        const ByteSpan mask{reinterpret_cast<const uint8_t*>(&m.mask) + to, f.n_bytes};
        if (has_mask && !std::ranges::equal(bits, mask)) continue;
        out.push_back({at, to, f.n_bytes, true});
    }
    return out;
}

}  // namespace weft::flow
