// SPDX-License-Identifier: Apache-2.0
#include "dp/core/flow_hash.h"

#include "base/hash.h"

namespace weft::dp {

uint32_t flow_hash(const flow::PacketBlock& k, const action::dp::Hash& how) {
    constexpr uint32_t symmetric = 1;
    const auto pair = [&](uint64_t a, uint64_t b) {
        return how.algorithm == symmetric ? hash_mix(a + b, a ^ b) : hash_mix(a, b);
    };
    uint64_t h = hash_mix(how.basis, uint64_t{k.eth_type.host()} << 8 | k.nw_proto);
    if (how.algorithm == symmetric) h = hash_mix(h, pair(k.eth_src.to_u64(), k.eth_dst.to_u64()));
    h = hash_mix(h, pair(k.nw_src.host(), k.nw_dst.host()));
    h = hash_mix(h, pair(hash_bytes(k.ipv6_src.b), hash_bytes(k.ipv6_dst.b)));
    // Fragments behind the first have no ports: the others must not go by theirs.
    if (!k.nw_frag) h = hash_mix(h, pair(k.tp_src.host(), k.tp_dst.host()));
    const auto out = static_cast<uint32_t>(h ^ h >> 32);
    return out ? out : 1;
}

}  // namespace weft::dp
