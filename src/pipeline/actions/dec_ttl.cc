// SPDX-License-Identifier: Apache-2.0
// pipeline/actions/dec_ttl.cc: decrements IP TTL or hop limit; a packet at 0 or 1 goes to the controllers
// instead.
#include "pipeline/translator.h"

namespace weft::pipeline {

using flow::PacketBlock;

void apply(const action::DecTtl& a, Translator& t) {
    if (!t.holds(flow::Prereq::ip_any)) return;
    const uint8_t ttl =
        t.planted(Plant::ttl_forgets) ? t.key().key_for_lookup().packet.nw_ttl : t.read(&PacketBlock::nw_ttl);
    if (ttl > 1) return t.key().write(&PacketBlock::nw_ttl, static_cast<uint8_t>(ttl - 1));
    const bool ipv4 = t.read(&PacketBlock::eth_type).host() == 0x0800;
    t.refuse(Drop::ttl_expired, ipv4 ? "IPv4 decrement TTL exception" : "IPv6 decrement TTL exception");
    for (const uint16_t id : a.controllers)
        t.to_controller({.reason = Reason::invalid_ttl, .controller_id = id});
    t.end_list();
}

}  // namespace weft::pipeline
