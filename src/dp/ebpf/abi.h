// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What the programs in the kernel (src/bpf) and user space (dp/ebpf) share: C on one side, C++ on the other.
// All memory here is written by one side only, as each struct says.
#pragma once

#include <linux/types.h>

enum {
    weft_key_words = 23,
    weft_masks_max = 256,  ///< a hint is a byte
    weft_hint_masks = 2,   ///< with more masks hints may pay
    weft_hints = 1 << 18,
    weft_ports_max = 4096,    ///< numbers from here on are not forwarded by the kernel
    weft_port_slots = 16384,  ///< of the table from device to port
    weft_port_probes = 16,
    weft_bucket_slots = 8,   ///< a cache line
    weft_bucket_probes = 4,  ///< buckets from a key's home on that may hold it
    weft_entry_words = 29,   ///< of key and code together
    weft_piece_shift = 10,   ///< flows of an inner map, as a power of two
    weft_pieces_max = 4096,
    weft_piece_buckets_shift = 9,
    weft_bucket_pieces_max = 2048,  ///< of each of the two tables
    weft_ring_size = 2 << 20,       ///< of what waits for user space, in bytes
    weft_table_shift = 31,
    weft_stripes_max = 8,  ///< copies of each counter, so that cores do not share them
    weft_recirculations_max = 8,
    weft_meters_chunk = 64,        ///< meters of an inner map, made when one of their numbers is used
    weft_meter_chunks_max = 4096,  ///< so many meters there may be at most
    weft_bands_max = 8,
    weft_meter_shift = 22,  ///< weft_meter_band::unit is in parts of 2^22 of a nanosecond
};

/// flow::PacketBlock, word for word; network byte order.
struct weft_key {
    __u32 in_port, recirc_id, dp_hash, pkt_mark, skb_priority, packet_type;
    __u8 eth_dst[6], eth_src[6];
    __u16 eth_type, pad_l2;
    struct {
        __u16 tpid, tci;
    } vlan[2];
    __u32 mpls[3], pad_mpls;
    __u32 nw_src, nw_dst, ipv6_label;
    __u8 nw_proto, nw_tos, nw_ttl, nw_frag;
    __u64 ipv6_src[2], ipv6_dst[2], nd_target[2];
    __u8 arp_sha[6], arp_tha[6];
    __u16 tcp_flags, pad_l3;
    __u32 nd_reserved;
    __u8 nd_options_type, nsh[7];
    __u32 nsh_spi, nsh_context[4];
    __u16 tp_src, tp_dst;
    __u32 igmp_group;
};

/// Blocks of a key. All programs have that of the packet (weft_key), with the second tag and all labels:
/// words that no mask in use names cost a lookup nothing. The others are reserved, word for word
/// flow::CtBlock and flow::TunnelBlock, whose options begin with what tells which are there: programs do not
/// have them yet. A mask numbers the words of all blocks in this order; one that names a word that a program
/// does not have matches nothing there, so that its flows' packets go up.
enum weft_block {
    weft_block_packet = 1,
    weft_block_ct = 2,
    weft_block_tunnel = 4,
    weft_block_tunnel_options = 8,
    weft_blocks_here = weft_block_packet,  ///< of this version's programs
};
struct weft_ct_key {
    __u32 state, mark;
    __u16 zone;
    __u8 nw_proto, pad;
    __u32 nw_src, nw_dst;
    __u16 tp_src, tp_dst;
    __u8 label[16];
    __u64 ipv6_src[2], ipv6_dst[2];
};
struct weft_tunnel_key {
    __u64 id;
    __u32 src, dst;
    __u64 ipv6_src[2], ipv6_dst[2];
    __u16 flags;
    __u8 tos, ttl;
    __u16 tp_src, tp_dst, gbp_id;
    __u8 gbp_flags, erspan_ver;
    __u32 erspan_idx;
    __u8 erspan_dir, erspan_hwid, gtpu_flags, gtpu_msgtype;
    __u32 pad;
};
struct weft_tunnel_options {
    __u64 present;
    __u8 value[256];
};
enum {
    weft_ct_words = sizeof(struct weft_ct_key) / 8,
    weft_tunnel_words = sizeof(struct weft_tunnel_key) / 8,
    weft_tunnel_options_words = sizeof(struct weft_tunnel_options) / 8,
    weft_ct_at = weft_key_words,  ///< numbers of the blocks' first words
    weft_tunnel_at = weft_ct_at + weft_ct_words,
    weft_tunnel_options_at = weft_tunnel_at + weft_tunnel_words,
    weft_all_words = weft_tunnel_options_at + weft_tunnel_options_words,
};

/// Fixed before the programs are loaded.
struct weft_config {
    __u32 hash_key[2 * weft_key_words];  ///< random: nobody outside can make keys that collide
    __u32 stripes;                       ///< a power of two
    __u32 one_core_per_stripe;           ///< then counters need no atomic operation
};

/// One mask: the words of the key that it looks at, and the blocks that they are of. User space writes it
/// while no flow has it, and `words`, which is 0 before, last: a hint may name any mask.
struct weft_mask {
    __u64 seed;
    __u32 words;
    __u8 index[weft_key_words + 1];
    __u32 blocks;
    __u64 bits[weft_key_words];
};

/// Where frames go. User space writes it.
struct weft_out_port {
    __u32 ifindex;    ///< 0: not by the kernel
    __u32 frame_max;  ///< without VLAN tags
    __u32 flags;      ///< of bpf_redirect: BPF_F_INGRESS for the host's own devices
    __u32 xdp;        ///< weft_xdp_flags
    /// Frames to this address go straight to the device's other end: its address, as a frame begins with it;
    /// 0: none do.
    __u64 straight_to;
};
enum weft_xdp_flags {
    weft_xdp_takes = 1,            ///< the device takes frames from XDP
    weft_xdp_takes_fragments = 4,  ///< frames longer than a page too
    weft_xdp_veth = 2,             ///< what arrives on it may have been left unfinished by its sender
};
struct weft_in_port {
    __u32 ifindex, port;
};

/// Why a packet went up or was dropped; counted in weft_counters.
enum weft_cause {
    weft_miss,        ///< no flow
    weft_held,        ///< its flow's earlier packets are still on their way through user space
    weft_action,      ///< its flow has actions that only user space can do
    weft_odd_packet,  ///< the program cannot tell its key, or where the headers to rewrite are
    weft_no_port,     ///< to a port that the kernel does not send by
    weft_sample,      ///< it is to be dropped, and some of those are shown
    weft_tapped,      ///< somebody wants to see all packets
    weft_part,        ///< a copy, for one of its flow's actions; all others are done here
    weft_n_causes,
};
enum weft_loss {
    weft_ring_full,
    weft_too_long,    ///< for a frame to user space
    weft_beyond_mtu,  ///< of the port it should leave by
    weft_too_deep,    ///< recirculated too often
    weft_dropped,     ///< its flow has no actions
    weft_drop_action,
    weft_invalid_port,  ///< the port is gone
    weft_edit_failed,   ///< no memory to rewrite it
    weft_overrun,       ///< of a flow on its way into the kernel: see weft_hold_closed
    weft_share_used,    ///< enough of its port's packets wait for user space
    weft_over_rate,     ///< a meter
    weft_n_losses,
};
struct weft_counters {
    __u64 hit, masks_tried, up[weft_n_causes], lost[weft_n_losses];
    __u64 tick, tick_ns;  ///< the monotonic clock when a packet came first in this tick of the kernel's
    __u64 pad;
};
struct weft_port_counters {
    __u64 packets, bytes;
};
/// Of the ring, by port. A port may have half as much there as is free: so one alone may fill a third of it,
/// and whatever others send, the next finds room.
struct weft_share {
    __u64 sent;       ///< bytes ever put into the ring; the programs'
    __u64 done;       ///< of those, taken out; user space's
    __u64 lost;       ///< packets that found no room; the programs'
    __u64 over_rate;  ///< packets that a meter has dropped; the programs'
};

/// The programs' .bss. `counters`, `sent` and `drop_samples` are the programs' too, `shares` says itself, the
/// rest is user space's.
struct weft_state {
    __u32 vlan_tags;  ///< that keys show
    __u32 table;      ///< of the flows: buckets less one, and in the top bit which of the two maps
    __u32 n_masks;
    __u32 all_up;                 ///< not 0: every packet goes up
    __u32 drop_samples;           ///< so many that are to be dropped may go up; programs count it down
    __u32 awake;                  ///< user space looks into the ring before it sleeps, and need not be woken
    __u32 stripes;                ///< as in weft_config: for the process that takes over
    __u32 hints;                  ///< not 0: they tell which mask is tried first
    __u64 straight_until;         ///< of the monotonic clock: later nobody has looked who watches devices
    __u32 order[weft_masks_max];  ///< masks in use, in the order in which they are tried
    struct weft_mask masks[weft_masks_max];
    struct weft_in_port in_ports[weft_port_slots];
    struct weft_out_port out_ports[weft_ports_max];
    struct weft_share shares[weft_ports_max];
    struct weft_counters counters[weft_stripes_max];
    /// To the host's own devices and straight to the other ends of others, which do not count that. The last,
    /// because user space maps those in use only.
    struct weft_port_counters sent[weft_stripes_max][weft_ports_max];
};

/// dp::MeterCell, word for word: user space and the programs draw on the same meter. User space says what it
/// is; both change full_at, by compare and swap, and add to the counts.
struct weft_meter_band {
    __u64 full_at;         ///< when the bucket will be full, on the monotonic clock
    __u64 packets, bytes;  ///< dropped
    __u64 unit;            ///< of time, to earn one byte, or one packet
    __u64 capacity_ns;     ///< to fill it from empty
    __u64 rate;
};
struct weft_meter {
    __u64 packets, bytes;
    __u32 bands;
    __u32 by_bytes;
    __u32 in_use;  ///< 0: there is no such meter, and nothing is limited
    __u32 pad;
    struct weft_meter_band band[weft_bands_max];
};

/// Slots: 0 was never used, 1 held a flow once, else tag << 32 | (entry reference + 2).
struct weft_bucket {
    __u64 slot[weft_bucket_slots];
};
enum { weft_slot_free = 0, weft_slot_removed = 1, weft_slot_first = 2 };

/// A flow. User space writes all but `hold` before any program can see it.
struct weft_entry {
    /// Packets of the flow go up as long as the ring's consumer has not come this far; weft_hold_open: user
    /// space has yet to say how far. Both sides change it, by compare and swap.
    __u64 hold;
    __u32 mask;
    __u32 stats;  ///< reference, as that of an entry
    __u16 key_words, code_words, flags;
    __u16 held;                     ///< packets that went up because of `hold`; the programs'
    __u64 words[weft_entry_words];  ///< the masked key, the code, its data
};
static const __u64 weft_hold_open = 1ull << 63;
/// Packets are dropped until user space has come that far: they come faster than it forwards, so that the
/// ring would never be empty of them.
static const __u64 weft_hold_closed = 1ull << 62;
enum { weft_held_max = 1024 };  ///< packets until then
enum weft_entry_flags {
    weft_edits = 1,           ///< needs to know where the headers are
    weft_recirculates = 2,    ///< the last word does
    weft_drops = 4,           ///< and nothing else
    weft_cuts = 8,            ///< the last word but one does
    weft_edits_nd = 16,       ///< only packets that have it
    weft_for_xdp = 32,        ///< edits and meters, then one output
    weft_moves_headers = 64,  ///< only of frames without tags, and not of segments to be
};

struct weft_flow_stats {
    __u64 packets, bytes, used_ns;
    __u64 tcp_flags;
};

/// Code: words with the operation in the low byte; from bit weft_data_shift on where the data begins, in
/// words behind the key.
enum { weft_data_shift = 48 };
enum weft_op {
    weft_op_output = 1,  ///< bits 8..15: how many ports, then up to three of 16 bits
    weft_op_set,         ///< data: two words of value, two of mask
    weft_op_push_vlan,   ///< bits 16..31 TPID, 32..47 TCI, host order
    weft_op_pop_vlan,
    weft_op_mark,      ///< data: mask << 32 | value
    weft_op_priority,  ///< bits 32..63
    weft_op_drop,
    weft_op_hash,       ///< bits 8..15: symmetric, 16..23: headers changed before; 32..63: basis
    weft_op_recirc,     ///< bits 32..63: the id. The last
    weft_op_push_mpls,  ///< bits 16..31: Ethertype, host order; 32..63: the label stack entry, network order
    weft_op_pop_mpls,   ///< bits 16..31: Ethertype of what remains, host order
    weft_op_meter,      ///< bits 8..23: weft_upcall::part of what it drops, 0: not shown; 32..63: the number
    weft_op_cut,        ///< bits 32..63: bytes of the frame that remain. Only the last output follows
    weft_op_part,       ///< bits 8..23: weft_upcall::part; 32..63: how likely it goes up, of 2^32 - 1
    weft_op_sample,  ///< bits 8..23: words behind it that are left out, but 32..63: how likely not, of 2^32 -
                     ///< 1
    weft_op_punt,    ///< to user space, which does all of the flow's actions. The only one
};
/// Bits of weft_op_set: 8..15 weft_layer, 16..23 offset in it, 24..31 bytes (1 to 16), 32..39
/// weft_csum, 40..47 the protocol that weft_l4 must have.
enum weft_layer {
    weft_l2,
    weft_l3_ip4,
    weft_l3_ip6,
    weft_l3_arp,
    weft_l3_mpls,
    weft_l4,
    weft_nd_source,  ///< the option of neighbor discovery that has the sender's link-layer address
    weft_nd_target,
};
enum weft_csum {
    weft_csum_none,
    weft_csum_ip,        ///< of the IPv4 header
    weft_csum_address4,  ///< and of the pseudo header
    weft_csum_address6,
    weft_csum_payload,  ///< of the transport header
    weft_csum_sctp,     ///< its CRC; only of the first four bytes of the header
};

/// What the program of extract_test tells of a frame; verdict 0: the key is known.
struct weft_extracted {
    __u32 vlan_tags, verdict, odd, pad;
    struct weft_key key;
};

/// What goes up by the ring, followed by `size` bytes of frame.
struct weft_upcall {
    __u32 size;  ///< 0: the frame could not be read
    __u32 in_port, recirc_id, mark, priority, dp_hash;
    __u16 vlan_tpid, vlan_tci;  ///< the tag that the kernel keeps beside the frame; tpid 0: none
    __u32 gso_size, gso_type;   ///< the kernel's SKB_GSO_ bits
    __u8 csum;                  ///< the kernel's CHECKSUM_ numbers
    __u8 cause;                 ///< weft_cause
    __u16 csum_start, csum_offset;
    __u16 part;  ///< not 0: of its flow's actions this one only, counted from 1
    __u32 pad3;
    __u64 sent_ns;  ///< of the monotonic clock
};
