// SPDX-License-Identifier: Apache-2.0
#include "dp/ebpf/key_blocks.h"

#include <algorithm>

namespace weft::dp {
namespace {

// The kernel's key is ours, word for word.
static_assert(sizeof(weft_key) == sizeof(flow::PacketBlock) && sizeof(weft_key) == weft_key_words * 8);
static_assert(offsetof(weft_key, in_port) == offsetof(flow::PacketBlock, in_port) &&
              offsetof(weft_key, recirc_id) == offsetof(flow::PacketBlock, recirc_id) &&
              offsetof(weft_key, dp_hash) == offsetof(flow::PacketBlock, dp_hash) &&
              offsetof(weft_key, pkt_mark) == offsetof(flow::PacketBlock, pkt_mark) &&
              offsetof(weft_key, skb_priority) == offsetof(flow::PacketBlock, skb_priority) &&
              offsetof(weft_key, packet_type) == offsetof(flow::PacketBlock, packet_type) &&
              offsetof(weft_key, eth_dst) == offsetof(flow::PacketBlock, eth_dst) &&
              offsetof(weft_key, eth_src) == offsetof(flow::PacketBlock, eth_src) &&
              offsetof(weft_key, eth_type) == offsetof(flow::PacketBlock, eth_type) &&
              offsetof(weft_key, vlan) == offsetof(flow::PacketBlock, vlan) &&
              offsetof(weft_key, mpls) == offsetof(flow::PacketBlock, mpls) &&
              offsetof(weft_key, nw_src) == offsetof(flow::PacketBlock, nw_src) &&
              offsetof(weft_key, nw_dst) == offsetof(flow::PacketBlock, nw_dst) &&
              offsetof(weft_key, ipv6_label) == offsetof(flow::PacketBlock, ipv6_label) &&
              offsetof(weft_key, nw_proto) == offsetof(flow::PacketBlock, nw_proto) &&
              offsetof(weft_key, nw_tos) == offsetof(flow::PacketBlock, nw_tos) &&
              offsetof(weft_key, nw_ttl) == offsetof(flow::PacketBlock, nw_ttl) &&
              offsetof(weft_key, nw_frag) == offsetof(flow::PacketBlock, nw_frag) &&
              offsetof(weft_key, ipv6_src) == offsetof(flow::PacketBlock, ipv6_src) &&
              offsetof(weft_key, ipv6_dst) == offsetof(flow::PacketBlock, ipv6_dst) &&
              offsetof(weft_key, nd_target) == offsetof(flow::PacketBlock, nd_target) &&
              offsetof(weft_key, arp_sha) == offsetof(flow::PacketBlock, arp_sha) &&
              offsetof(weft_key, arp_tha) == offsetof(flow::PacketBlock, arp_tha) &&
              offsetof(weft_key, tcp_flags) == offsetof(flow::PacketBlock, tcp_flags) &&
              offsetof(weft_key, nd_reserved) == offsetof(flow::PacketBlock, nd_reserved) &&
              offsetof(weft_key, nd_options_type) == offsetof(flow::PacketBlock, nd_options_type) &&
              offsetof(weft_key, nsh_spi) == offsetof(flow::PacketBlock, nsh_spi) &&
              offsetof(weft_key, nsh_context) == offsetof(flow::PacketBlock, nsh_context) &&
              offsetof(weft_key, tp_src) == offsetof(flow::PacketBlock, tp_src) &&
              offsetof(weft_key, tp_dst) == offsetof(flow::PacketBlock, tp_dst) &&
              offsetof(weft_key, igmp_group) == offsetof(flow::PacketBlock, igmp_group));
static_assert(sizeof(weft_ct_key) == sizeof(flow::CtBlock) && sizeof(weft_ct_key) == 72);
static_assert(offsetof(weft_ct_key, state) == offsetof(flow::CtBlock, state) &&
              offsetof(weft_ct_key, mark) == offsetof(flow::CtBlock, mark) &&
              offsetof(weft_ct_key, zone) == offsetof(flow::CtBlock, zone) &&
              offsetof(weft_ct_key, nw_proto) == offsetof(flow::CtBlock, nw_proto) &&
              offsetof(weft_ct_key, nw_src) == offsetof(flow::CtBlock, nw_src) &&
              offsetof(weft_ct_key, nw_dst) == offsetof(flow::CtBlock, nw_dst) &&
              offsetof(weft_ct_key, tp_src) == offsetof(flow::CtBlock, tp_src) &&
              offsetof(weft_ct_key, tp_dst) == offsetof(flow::CtBlock, tp_dst) &&
              offsetof(weft_ct_key, label) == offsetof(flow::CtBlock, label) &&
              offsetof(weft_ct_key, ipv6_src) == offsetof(flow::CtBlock, ipv6_src) &&
              offsetof(weft_ct_key, ipv6_dst) == offsetof(flow::CtBlock, ipv6_dst));
static_assert(sizeof(weft_tunnel_key) == offsetof(flow::TunnelBlock, metadata_present) &&
              sizeof(weft_tunnel_key) == 72);
static_assert(offsetof(weft_tunnel_key, id) == offsetof(flow::TunnelBlock, id) &&
              offsetof(weft_tunnel_key, src) == offsetof(flow::TunnelBlock, src) &&
              offsetof(weft_tunnel_key, dst) == offsetof(flow::TunnelBlock, dst) &&
              offsetof(weft_tunnel_key, ipv6_src) == offsetof(flow::TunnelBlock, ipv6_src) &&
              offsetof(weft_tunnel_key, ipv6_dst) == offsetof(flow::TunnelBlock, ipv6_dst) &&
              offsetof(weft_tunnel_key, flags) == offsetof(flow::TunnelBlock, flags) &&
              offsetof(weft_tunnel_key, tos) == offsetof(flow::TunnelBlock, tos) &&
              offsetof(weft_tunnel_key, ttl) == offsetof(flow::TunnelBlock, ttl) &&
              offsetof(weft_tunnel_key, tp_src) == offsetof(flow::TunnelBlock, tp_src) &&
              offsetof(weft_tunnel_key, tp_dst) == offsetof(flow::TunnelBlock, tp_dst) &&
              offsetof(weft_tunnel_key, gbp_id) == offsetof(flow::TunnelBlock, gbp_id) &&
              offsetof(weft_tunnel_key, gbp_flags) == offsetof(flow::TunnelBlock, gbp_flags) &&
              offsetof(weft_tunnel_key, erspan_ver) == offsetof(flow::TunnelBlock, erspan_ver) &&
              offsetof(weft_tunnel_key, erspan_idx) == offsetof(flow::TunnelBlock, erspan_idx) &&
              offsetof(weft_tunnel_key, erspan_dir) == offsetof(flow::TunnelBlock, erspan_dir) &&
              offsetof(weft_tunnel_key, erspan_hwid) == offsetof(flow::TunnelBlock, erspan_hwid) &&
              offsetof(weft_tunnel_key, gtpu_flags) == offsetof(flow::TunnelBlock, gtpu_flags) &&
              offsetof(weft_tunnel_key, gtpu_msgtype) == offsetof(flow::TunnelBlock, gtpu_msgtype));
static_assert(sizeof(weft_tunnel_options) == sizeof(flow::TunnelBlock) - sizeof(weft_tunnel_key) &&
              sizeof(weft_tunnel_options) == 264 &&
              offsetof(weft_tunnel_options, value) ==
                  offsetof(flow::TunnelBlock, metadata) - sizeof(weft_tunnel_key));
static_assert(weft_all_words <= 256);  // a mask numbers them by bytes

constexpr KeyBlock blocks[] = {
    {weft_block_packet, flow::packet_word, 0, weft_key_words},
    {weft_block_ct, flow::ct_word, weft_ct_at, weft_ct_words},
    {weft_block_tunnel, flow::tunnel_word, weft_tunnel_at, weft_tunnel_words},
    {weft_block_tunnel_options, flow::tunnel_word + weft_tunnel_words, weft_tunnel_options_at,
     weft_tunnel_options_words},
};

}  // namespace

const KeyBlock* block_of(size_t word) {
    const auto* const it =
        std::ranges::find_if(blocks, [&](const KeyBlock& b) { return word - b.first < b.words; });
    return it == std::end(blocks) ? nullptr : it;
}

}  // namespace weft::dp
