// SPDX-License-Identifier: Apache-2.0
// Random rules and packets.
#include <algorithm>
#include <ranges>

#include "pipeline/testing.h"

namespace weft::pipeline::testing {

using flow::FlowKey;
using flow::PacketBlock;

namespace {

constexpr uint64_t ports[] = {1, 2, 3, 4, 5, 6, 7, 8};
constexpr uint64_t vlans[] = {0, 5, 10, 20};
constexpr uint64_t ttls[] = {0, 1, 2, 64, 255};
constexpr uint64_t l4_ports[] = {0, 1, 80, 443, 0x8050};
constexpr uint64_t toses[] = {0, 4, 8, 0xb8, 3};
constexpr uint64_t macs[] = {0x02'0000'0000'01, 0x02'0000'0000'02, 0x02'0000'0000'03, 0x02'0000'0100'01};
constexpr uint64_t group_macs[] = {0xffff'ffff'ffff, 0x0100'5e00'0001, 0x0180'c200'0000};
constexpr uint64_t ips[] = {0x0a000001, 0x0a000002, 0x0a000102, 0x0a010101, 0xc0a80001};
constexpr uint64_t labels[] = {0, 5, 6, 1000};

std::string dec(uint64_t v) { return std::to_string(v); }
std::string mac(uint64_t v) { return Mac::from_u64(v).to_string(); }
std::string ip4(uint64_t v) { return format_ip4(Be32(static_cast<uint32_t>(v))); }
std::string ip6(uint64_t v) { return "2001:db8::" + dec(v & 0xff); }

Ip6 ip6_of(uint64_t v) { return *Ip6::parse(ip6(v)); }

}  // namespace

template <size_t n>
uint64_t Generator::one_of(const uint64_t (&values)[n]) {
    return values[prng_.below(n)];
}

void Generator::fill(World& world, size_t n_rules, std::vector<std::pair<std::string, std::string>>* added) {
    auto& br0 = world.add_bridge("br0");
    auto& br1 = world.add_bridge("br1");
    for (uint16_t i = 1; i <= 8; ++i) {
        Bundle& b = br0.add_port(world, i);
        b.mode = static_cast<VlanMode>(prng_.below(5));
        b.vlan = static_cast<uint16_t>(one_of(vlans));
        if (prng_.one_in(3)) b.trunks = VlanSet().set(10).set(one_of(vlans));
        if (prng_.one_in(3)) b.cvlans = VlanSet().set(5).set(0);
        b.priority_tags = static_cast<PriorityTags>(prng_.below(3));
        b.is_protected = prng_.one_in(4);
        if (prng_.one_in(8)) br0.port(i).config = 1u << (2 + prng_.below(5));
    }
    for (uint16_t i = 1; i <= 3; ++i) br1.add_port(world, i);
    world.add_patch("br0", 9, "br1", 9);
    if (prng_.one_in(4)) br0.bridge.flood_vlans.set(20);
    br0.bridge.forward_bpdu = prng_.one_in(2);
    br0.bridge.fragments = static_cast<Fragments>(prng_.below(3));
    br0.bridge.miss_to_controller = prng_.one_in(2);
    world.publish();
    for (auto* b : {&br0, &br1})
        for (const uint64_t m : macs)
            if (prng_.one_in(2)) {
                const auto& at = b->bridge.bundles[prng_.below(b->bridge.bundles.size())];
                b->bridge.macs->learn(static_cast<uint16_t>(one_of(vlans)), Mac::from_u64(m), at.id,
                                      world.now());
            }
    for (const char* name : {"br0", "br1"})
        for (uint32_t id = 1; id <= n_groups; ++id) world.add_group(name, group(id));
    // Most packets shall go somewhere.
    for (const char* name : {"br0", "br1"})
        if (!prng_.one_in(3)) world.add_flow(name, "priority=0,actions=normal");
    set_prefixes(*br0.bridge.tables);
    const auto add = [&](const std::string& bridge, const std::string& flow) {
        // Some combinations are refused, as they would be from a controller.
        if (world.try_flow(bridge, flow) && added) added->emplace_back(bridge, flow);
    };
    for (size_t i = 0; i < n_rules; ++i) add(prng_.one_in(4) ? "br1" : "br0", rule());
    for (uint64_t i = 0, n = prng_.below(4); i < n; ++i)
        for (const std::string& flow : conjunction()) add("br0", flow);
    if (prng_.one_in(2))
        for (const std::string& flow : by_length()) add("br0", flow);
}

std::string Generator::rule() {
    const uint64_t table = prng_.one_in(2) ? 0 : prng_.below(n_tables_used);
    std::string text =
        "table=" + dec(table) + ",priority=" + dec(prng_.below(4)) + "," + match(kind_of_rule());
    std::string list;
    for (uint64_t i = 0, n = 1 + prng_.below(4); i < n; ++i) list += (i ? "," : "") + action(2);
    if (prng_.one_in(5) && table + 1 < n_tables_used)
        list += ",goto_table:" + dec(table + 1 + prng_.below(n_tables_used - table - 1));
    return text + "actions=" + list;
}

Generator::Kind Generator::kind_of_rule() {
    kind_ = static_cast<Kind>(prng_.below(static_cast<uint64_t>(Kind::count)));
    return kind_;
}

std::string Generator::match(Kind kind) {
    std::string m;
    const auto maybe = [&](const std::string& text) {
        if (prng_.one_in(4)) m += text + ",";
    };
    maybe("in_port=" + dec(one_of(ports)));
    maybe("dl_src=" + mac(one_of(macs)));
    maybe("dl_dst=" + mac(prng_.one_in(3) ? one_of(group_macs) : one_of(macs)));
    if (prng_.one_in(6)) m += "dl_dst=01:00:00:00:00:00/01:00:00:00:00:00,";
    if (prng_.one_in(3)) {
        const uint64_t form = prng_.below(3);
        if (form == 0) m += "vlan_tci=0x0000/0x1fff,";
        if (form == 1) m += "dl_vlan=" + dec(one_of(vlans)) + ",";
        if (form == 2) m += "vlan_tci=0x1000/0x1000,";
    }
    maybe("reg" + dec(prng_.below(3)) + "=" + dec(prng_.below(3)));
    maybe("metadata=" + dec(prng_.below(3)) + "/0x3");
    switch (kind) {
        case Kind::any:
        case Kind::count:
            break;
        case Kind::mpls:
            m += "mpls,";
            maybe("mpls_label=" + dec(one_of(labels)));
            maybe("mpls_bos=" + dec(prng_.below(2)));
            break;
        case Kind::nsh:
            m += "dl_type=0x894f,";
            maybe("nsh_ttl=" + dec(prng_.below(3)));
            maybe("nsh_spi=" + dec(prng_.below(3)));
            maybe("nsh_mdtype=" + dec(1 + prng_.below(2)));
            break;
        case Kind::arp:
            m += "arp,";
            maybe("arp_op=" + dec(1 + prng_.below(2)));
            maybe("arp_tpa=" + ip4(one_of(ips)) + "/" + dec(16 + prng_.below(17)));
            break;
        case Kind::ip:
            m += "ip,";
            maybe("nw_src=" + ip4(one_of(ips)) + "/" + dec(8 + prng_.below(25)));
            maybe("nw_dst=" + ip4(one_of(ips)) + "/" + dec(8 + prng_.below(25)));
            maybe("nw_ttl=" + dec(one_of(ttls)));
            maybe(prng_.one_in(2) ? "ip_frag=no" : "ip_frag=yes");
            break;
        case Kind::ipv6:
            m += "ipv6,";
            maybe("ipv6_dst=" + ip6(one_of(ips)));
            maybe("ipv6_src=" + ip6(one_of(ips)) + "/" + dec(118 + prng_.below(11)));
            maybe("nw_ecn=" + dec(prng_.below(4)));
            break;
        case Kind::tcp:
            m += "tcp,";
            maybe("nw_dst=" + ip4(one_of(ips)) + "/" + dec(8 + prng_.below(25)));
            maybe("tp_src=" + dec(one_of(l4_ports)));
            maybe("tp_dst=" + dec(one_of(l4_ports)));
            maybe("tp_dst=0x50/0xff");
            maybe("tp_dst=0x8000/0x" + std::string(prng_.one_in(2) ? "8000" : "ff00"));
            break;
        case Kind::udp:
            m += "udp,";
            maybe("tp_dst=" + dec(one_of(l4_ports)));
            break;
        case Kind::icmp:
            m += "icmp,";
            maybe("icmp_type=" + dec(prng_.below(2) * 8));
            break;
    }
    return m;
}

std::string Generator::any_action(int depth) {
    switch (prng_.below(31)) {
        case 0:
            return "output:" + dec(one_of(ports));
        case 1:
            return "output:9";
        case 2:
            return "in_port";
        case 3:
            return prng_.one_in(2) ? "flood" : "all";
        case 4:
            return "local";
        case 5:
        case 6:
            return "normal";
        case 7:
            return "controller(max_len=" + dec(64 * prng_.below(3)) + ",id=" + dec(prng_.below(2)) + ")";
        case 8:
            return "resubmit(," + dec(prng_.below(n_tables_used)) + ")";
        case 9:
            return "resubmit(" + dec(one_of(ports)) + "," + dec(prng_.below(n_tables_used)) + ")";
        case 10:
            return "load:" + dec(prng_.below(3)) + "->NXM_NX_REG" + dec(prng_.below(3)) + "[]";
        case 11:
            return "mod_dl_" + std::string(prng_.one_in(2) ? "src:" : "dst:") + mac(one_of(macs));
        case 12:
            return "mod_vlan_vid:" + dec(one_of(vlans));
        case 13:
            return "mod_vlan_pcp:" + dec(prng_.below(8));
        case 14:
            return "strip_vlan";
        case 15:
            return prng_.one_in(2) ? "push_vlan:0x8100" : "push_vlan:0x88a8";
        case 16:
            return "move:NXM_OF_ETH_SRC[0..15]->NXM_NX_REG" + dec(prng_.below(3)) + "[0..15]";
        case 17:
            return "move:NXM_OF_VLAN_TCI[0..11]->NXM_NX_REG" + dec(prng_.below(3)) + "[4..15]";
        case 18:
            return "push:NXM_OF_ETH_DST[0..7],pop:NXM_NX_REG" + dec(prng_.below(3)) + "[0..7]";
        case 19:
            return prng_.one_in(2) ? "output:NXM_OF_ETH_DST[0..3]"
                                   : "output:NXM_NX_REG" + dec(prng_.below(3)) + "[0..3]";
        case 20:
            return "learn(table=" + dec(prng_.below(n_tables_used)) +
                   ",NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],NXM_OF_VLAN_TCI[0..11],output:NXM_OF_IN_PORT[])";
        case 21:
            return "load:" + dec(prng_.below(16)) + "->NXM_OF_ETH_DST[4..7]";
        case 22:
            return depth ? "clone(" + action(depth - 1) + "," + action(depth - 1) + ")" : "note:00";
        case 23:
            return "set_queue:" + dec(prng_.below(3));
        case 24:
            return "load:" + dec(prng_.below(9)) + "->NXM_OF_IN_PORT[]";
        case 25:
        case 26:
            return "group:" + dec(prng_.one_in(2) ? 4 : 1 + prng_.below(n_groups));
        case 27:
        case 28:
            return choice_action();
        case 29:
            return "check_pkt_larger(" + dec(prng_.below(200)) + ")->NXM_NX_REG" + dec(prng_.below(3)) +
                   "[0],resubmit(," + dec(prng_.below(n_tables_used)) + ")";
        default:
            return "none";
    }
}

/// Longer packets meet other rules than shorter ones.
std::vector<std::string> Generator::by_length() {
    const std::string last = "table=" + dec(n_tables_used - 1) + ",priority=";
    std::vector<std::string> out{"priority=5," + match(Kind::any) + "actions=check_pkt_larger(" +
                                 dec(prng_.below(200)) + ")->NXM_NX_REG3[5],resubmit(," +
                                 dec(n_tables_used - 1) + ")"};
    for (const char* longer : {"0x20", "0"})
        out.push_back(last + dec(4 + prng_.below(4)) + ",reg3=" + longer + "/0x20," + match(kind_of_rule()) +
                      "actions=output:" + dec(one_of(ports)));
    return out;
}

/// multipath, bundle or bundle_load.
std::string Generator::choice_action() {
    constexpr const char* fields[] = {"eth_src",      "symmetric_l4", "symmetric_l3l4", "symmetric_l3l4+udp",
                                      "symmetric_l3", "nw_src",       "nw_src",         "nw_dst",
                                      "nw_dst"};
    constexpr const char* algorithms[] = {"modulo_n", "hash_threshold", "hrw", "iter_hash"};
    const std::string start = std::string(fields[prng_.below(std::size(fields))]) + "," + dec(prng_.below(3));
    const std::string reg = "NXM_NX_REG" + dec(prng_.below(3));
    if (prng_.one_in(3))
        return "multipath(" + start + "," + algorithms[prng_.below(4)] + ",8,9," + reg + "[]),output:" + reg +
               "[0..3]";
    const std::string members = "members:" + dec(one_of(ports)) + "," + dec(one_of(ports)) + ",77)";
    const std::string how = start + (prng_.one_in(2) ? ",hrw" : ",active_backup") + ",ofport,";
    return prng_.one_in(2) ? "bundle(" + how + members : "bundle_load(" + how + reg + "[]," + members;
}

std::string Generator::group(uint32_t id) {
    const auto out = [&] { return "output:" + dec(one_of(ports)); };
    const auto weight = [&] { return "weight:" + dec(1 + prng_.below(3)) + ","; };
    const auto watch = [&] { return "watch_port:" + dec(one_of(ports)) + ","; };
    const std::string n = dec(id) + ",type=";
    switch (id) {
        case 1:
            return n + "all,bucket=" + out() + ",bucket=mod_dl_dst:" + mac(one_of(macs)) + "," + out();
        case 2:
            return n + "select,hash,ip_src,tcp_dst,bucket=" + weight() + out() + ",bucket=" + weight() +
                   out();
        case 3:
            return n + "select,hash,bucket=" + watch() + out() + ",bucket=" + watch() + out();
        case 4:
            return n + "select,bucket=" + weight() + out() + ",bucket=" + weight() + watch() + out();
        case 5:
            return n + "ff,bucket=" + watch() + out() + ",bucket=watch_group:3," + out();
        default:
            return n + "indirect,bucket=group:" + dec(1 + prng_.below(5));
    }
}

/// Actions that need the packet to be of the rule's kind.
std::string Generator::kind_action() {
    const bool l4 = kind_ == Kind::tcp || kind_ == Kind::udp;
    if (kind_ == Kind::mpls) {
        switch (prng_.below(5)) {
            case 0:
                return "push_mpls:0x8847";
            case 1:
                return prng_.one_in(2) ? "pop_mpls:0x8847" : "pop_mpls:0x0800";
            case 2:
                return "set_mpls_ttl:" + dec(one_of(ttls));
            case 3:
                return "load:" + dec(one_of(labels)) + "->OXM_OF_MPLS_LABEL[]";
            default:
                return "dec_mpls_ttl";
        }
    }
    if (kind_ == Kind::nsh) {
        switch (prng_.below(5)) {
            case 0:
            case 1:
                return "dec_nsh_ttl";
            case 2:
                return "load:" + dec(prng_.below(3)) + "->NXOXM_NSH_SI[]";
            case 3:
                return "load:" + dec(prng_.below(3)) + "->nsh_c" + dec(1 + prng_.below(4)) + "[0..15]";
            default:
                return "move:nsh_spi[0..15]->NXM_NX_REG" + dec(prng_.below(3)) + "[0..15]";
        }
    }
    if (kind_ == Kind::arp)
        return prng_.one_in(2) ? "move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[]" : "load:2->NXM_OF_ARP_OP[]";
    if (kind_ == Kind::ipv6)
        return prng_.one_in(2) ? "dec_ttl" : "load:" + dec(prng_.below(4)) + "->NXM_NX_IP_ECN[]";
    if (kind_ == Kind::any) return "none";
    switch (prng_.below(l4 ? 8 : 6)) {
        case 0:
            return "dec_ttl";
        case 1:
            return "mod_nw_src:" + ip4(one_of(ips));
        case 2:
            return "mod_nw_tos:" + dec(one_of(toses) & 0xfc);
        case 3:
            return "move:NXM_OF_IP_SRC[0..7]->NXM_OF_IP_DST[8..15]";
        case 4:
            return "push_mpls:0x8847";
        case 5:
            return "load:" + dec(one_of(ttls)) + "->NXM_NX_IP_TTL[]";
        case 6:
            return "mod_tp_dst:" + dec(one_of(l4_ports));
        default:
            return "mod_tp_src:" + dec(one_of(l4_ports));
    }
}

std::string Generator::action(int depth) {
    // push_mpls and pop_mpls change what later actions may touch; those rules would be refused.
    std::string text = prng_.one_in(3) ? kind_action() : any_action(depth);
    if (text == "none") text = "output:" + dec(one_of(ports));
    if (text.starts_with("push_mpls")) kind_ = Kind::mpls;
    if (text.starts_with("pop_mpls:0x0800")) kind_ = Kind::any;
    return text;
}

FlowKey Generator::packet() {
    FlowKey key{};
    PacketBlock& p = key.packet;
    p.in_port = Be32(static_cast<uint32_t>(one_of(ports)));
    p.eth_src = Mac::from_u64(one_of(macs));
    p.eth_dst = Mac::from_u64(prng_.one_in(5) ? one_of(group_macs) : one_of(macs));
    p.skb_priority = Be32(static_cast<uint32_t>(prng_.below(2)));
    for (auto& tag : p.vlan) {
        if (prng_.one_in(2)) break;
        tag.tpid = Be16(prng_.one_in(3) ? 0x88a8 : 0x8100);
        tag.tci = Be16(static_cast<uint16_t>(flow::vlan_present | one_of(vlans) |
                                             prng_.below(8) << flow::vlan_pcp_shift));
    }
    constexpr uint16_t types[] = {0x0800, 0x0800, 0x0800, 0x0800, 0x86dd,
                                  0x0806, 0x8847, 0x894f, 0x894f, 0x1234};
    p.eth_type = Be16(types[prng_.below(std::size(types))]);
    for (Be32& lse : p.mpls)
        lse = Be32(static_cast<uint32_t>(one_of(labels) << 12 | prng_.below(8) << 9 | prng_.below(2) << 8 |
                                         one_of(ttls)));
    p.nsh_ttl = static_cast<uint8_t>(prng_.below(4));
    p.nsh_mdtype = static_cast<uint8_t>(1 + prng_.below(2));
    p.nsh_np = 3;
    p.nsh_spi = Be32(static_cast<uint32_t>(prng_.below(3)));
    p.nsh_si = static_cast<uint8_t>(prng_.below(3));
    for (Be32& word : p.nsh_context) word = Be32(static_cast<uint32_t>(prng_.below(3)));
    p.nw_src = Be32(static_cast<uint32_t>(one_of(ips)));
    p.nw_dst = Be32(static_cast<uint32_t>(one_of(ips)));
    p.ipv6_src = ip6_of(one_of(ips));
    p.ipv6_dst = ip6_of(one_of(ips));
    constexpr uint8_t protos[] = {6, 6, 6, 17, 17, 1, 58, 0, 132};
    p.nw_proto = p.eth_type.host() == 0x0806 ? static_cast<uint8_t>(1 + prng_.below(2))
                                             : protos[prng_.below(std::size(protos))];
    if (p.nw_proto == 1 && p.eth_type.host() == 0x86dd) p.nw_proto = 58;
    if (p.nw_proto == 58 && p.eth_type.host() == 0x0800) p.nw_proto = 1;
    p.nw_tos = static_cast<uint8_t>(one_of(toses));
    p.nw_ttl = static_cast<uint8_t>(one_of(ttls));
    p.nw_frag = prng_.one_in(4) ? (prng_.one_in(2) ? flow::frag_any : flow::frag_any | flow::frag_later) : 0;
    p.arp_sha = Mac::from_u64(one_of(macs));
    p.arp_tha = Mac::from_u64(one_of(macs));
    p.tp_src = Be16(static_cast<uint16_t>(one_of(l4_ports)));
    p.tp_dst = Be16(static_cast<uint16_t>(one_of(l4_ports)));
    p.tcp_flags = Be16(static_cast<uint16_t>(prng_.below(64)));
    p.dp_hash = Be32(static_cast<uint32_t>(1 + prng_.below(255)));
    make_consistent(key);
    return key;
}

void Generator::make_consistent(FlowKey& key) {
    PacketBlock& p = key.packet;
    for (size_t i = 0; i < 2; ++i) {
        const bool there = (p.vlan[i].tci.host() & flow::vlan_present) && (i == 0 || p.vlan[0].tpid.host());
        if (!there)
            p.vlan[i] = {};
        else if (!p.vlan[i].tpid.host())
            p.vlan[i].tpid = Be16(0x8100);
    }
    const uint16_t type = p.eth_type.host();
    const bool ip4 = type == 0x0800, ip6 = type == 0x86dd, arp = type == 0x0806, mpls = type == 0x8847;
    if (mpls) {
        const bool bos = p.mpls[0].host() & 0x100, bos1 = p.mpls[1].host() & 0x100;
        if (bos) p.mpls[1] = {};
        if (bos || bos1) p.mpls[2] = {};
    } else {
        std::fill(p.mpls, p.mpls + 3, Be32());
    }
    if (type != 0x894f) {
        p.nsh_flags = p.nsh_ttl = p.nsh_mdtype = p.nsh_np = p.nsh_si = 0;
        p.nsh_spi = {};
    }
    p.nsh_flags &= 3;
    p.nsh_ttl &= 0x3f;
    p.nsh_spi &= Be32(0xffffff);
    if (p.nsh_mdtype != 1) std::fill(p.nsh_context, p.nsh_context + 4, Be32());
    if (!ip4 && !arp) p.nw_src = p.nw_dst = {};
    if (!ip6) p.ipv6_src = p.ipv6_dst = {}, p.ipv6_label = {};
    if (!ip4 && !ip6) p.nw_tos = p.nw_ttl = p.nw_frag = 0;
    if (!(p.nw_frag & flow::frag_any)) p.nw_frag = 0;
    if (!ip4 && !ip6 && !arp) p.nw_proto = 0;
    if (!arp) p.arp_sha = p.arp_tha = {};
    const bool tcp = (ip4 || ip6) && p.nw_proto == 6, udp = (ip4 || ip6) && p.nw_proto == 17;
    const bool sctp = (ip4 || ip6) && p.nw_proto == 132;
    const bool icmp = (ip4 && p.nw_proto == 1) || (ip6 && p.nw_proto == 58);
    if (!(tcp || udp || sctp || icmp) || (p.nw_frag & flow::frag_later)) p.tp_src = p.tp_dst = {};
    if (icmp) {
        p.tp_src &= Be16(0xff);
        p.tp_dst &= Be16(0xff);
    }
    if (!tcp || (p.nw_frag & flow::frag_later)) p.tcp_flags = {};
    p.tcp_flags &= Be16(0xfff);
    p.nd_target = {};
    p.ipv6_label &= Be32(0xfffff);
}

FlowKey Generator::variation(const FlowKey& packet, const flow::FlowMask& mask) {
    for (int attempt = 0; attempt < 4; ++attempt) {
        const FlowKey other = this->packet();
        FlowKey key = packet;
        const auto k = flow::words(key);
        const auto m = flow::words(mask), o = flow::words(other);
        // Whole fields of another packet meet other rules; single bits find forgotten ones.
        const bool single = prng_.one_in(2);
        const uint64_t odds = 1 + prng_.below(4);
        for (size_t i = flow::packet_word; i < flow::key_words; ++i) {
            if (!prng_.one_in(odds)) continue;
            const uint64_t x = single ? o[i] ^ (uint64_t{1} << prng_.below(64)) : o[i];
            k[i] = (k[i] & m[i]) | (x & ~m[i]);
        }
        make_consistent(key);
        const auto p = flow::words(packet);
        const bool agrees = std::ranges::all_of(std::views::iota(size_t{0}, flow::key_words),
                                                [&](size_t i) { return ((k[i] ^ p[i]) & m[i]) == 0; });
        if (agrees) return key;
    }
    return packet;
}

}  // namespace weft::pipeline::testing
