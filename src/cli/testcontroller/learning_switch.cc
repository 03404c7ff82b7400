// SPDX-License-Identifier: Apache-2.0
#include "cli/testcontroller/learning_switch.h"

#include <algorithm>

#include "flow/extract.h"
#include "flow/ofp_match.h"

namespace weft::cli::testcontroller {
namespace {

using flow::FieldId;
using openflow::Version;

constexpr Duration station_lifetime = 300s;
constexpr size_t max_stations = 8192;
constexpr uint16_t miss_send_len = 128;

/// OpenFlow 1.0's wildcard bits (1.0.1 section 5.2.3).
struct WildcardBit {
    uint32_t bit;
    FieldId field;
};
constexpr WildcardBit bits[] = {
    {1 << 0, FieldId::in_port},  {1 << 2, FieldId::eth_src},  {1 << 3, FieldId::eth_dst},
    {1 << 4, FieldId::eth_type}, {1 << 5, FieldId::nw_proto}, {1 << 21, FieldId::nw_tos},
};
constexpr uint32_t vlan_bit = 1 << 1, pcp_bit = 1 << 20, source_port_bit = 1 << 6,
                   destination_port_bit = 1 << 7;
constexpr unsigned source_shift = 8, destination_shift = 14;

/// IEEE 802.1D's addresses, which bridges do not forward.
bool is_reserved(const Mac& mac) { return (mac.to_u64() & 0xfffffffffff0) == 0x0180c2000000; }

/// How many low bits of an address are not matched.
unsigned ignored_bits(uint32_t wildcards, unsigned shift) { return std::min(wildcards >> shift & 0x3f, 32u); }

void add_address(flow::Match& m, const flow::FlowKey& key, FieldId id, unsigned ignored) {
    if (ignored == 32) return;
    const uint64_t mask = 0xffffffffu << ignored & 0xffffffffu;
    m.with(id, flow::get_field(key, id), flow::FieldValue::from_u64(mask));
}

}  // namespace

flow::Match match_of(const flow::FlowKey& key, uint32_t wildcards) {
    flow::Match m;
    for (const WildcardBit& b : bits) {
        if (!(wildcards & b.bit) && flow::prereq_holds(flow::field(b.field).prereq, key))
            m.with(b.field, flow::get_field(key, b.field));
    }
    const bool tagged = key.packet.vlan[0].tci.host() & 0x1000;
    if (!(wildcards & vlan_bit)) {
        if (tagged)
            m.with(FieldId::dl_vlan, flow::get_field(key, FieldId::dl_vlan));
        else
            m.with(FieldId::dl_vlan, flow::FieldValue::from_u64(0xffff));
    }
    if (tagged && !(wildcards & pcp_bit))
        m.with(FieldId::dl_vlan_pcp, flow::get_field(key, FieldId::dl_vlan_pcp));
    const bool is_arp = flow::prereq_holds(flow::Prereq::arp, key),
               is_ip = flow::prereq_holds(flow::Prereq::ipv4, key);
    if (is_arp || is_ip) {
        add_address(m, key, is_arp ? FieldId::arp_spa : FieldId::ip_src,
                    ignored_bits(wildcards, source_shift));
        add_address(m, key, is_arp ? FieldId::arp_tpa : FieldId::ip_dst,
                    ignored_bits(wildcards, destination_shift));
    }
    if (is_ip) {
        if (const auto ports = flow::port_fields(key)) {
            if (!(wildcards & source_port_bit)) m.with(ports->src, flow::get_field(key, ports->src));
            if (!(wildcards & destination_port_bit)) m.with(ports->dst, flow::get_field(key, ports->dst));
        }
    }
    m.drop_inapplicable();
    return m;
}

LearningSwitch::Bodies LearningSwitch::greet() const {
    Bodies out;
    out.emplace_back(openflow::FeaturesRequest{});
    out.emplace_back(openflow::SetConfig{{.miss_send_len = miss_send_len}});
    if (version_ >= Version::v13 && !options_.port_queues.empty())
        out.emplace_back(openflow::PortDescRequest{});
    for (const openflow::FlowMod& m : options_.flows) out.emplace_back(m);
    // Since 1.3 what matches no flow is dropped.
    if (version_ >= Version::v13 && options_.flows.empty()) {
        openflow::FlowMod miss{
            .command = openflow::FlowModCommand::add, .table = 0, .priority = 0, .new_cookie = 0};
        miss.actions.emplace_back(action::Output{ofpp::controller, miss_send_len});
        out.emplace_back(std::move(miss));
    }
    return out;
}

LearningSwitch::Bodies LearningSwitch::receive(const openflow::Body& body, Time now) {
    if (const auto* m = std::get_if<openflow::FeaturesReply>(&body)) name_ports(m->ports);
    if (const auto* m = std::get_if<openflow::PortDescReply>(&body)) name_ports(m->ports);
    if (const auto* m = std::get_if<openflow::PortStatus>(&body)) name_ports({m->desc});
    if (const auto* m = std::get_if<openflow::PacketIn>(&body)) return handle(*m, now);
    return {};
}

void LearningSwitch::name_ports(const std::vector<openflow::PortDesc>& ports) {
    for (const openflow::PortDesc& p : ports) {
        const auto queue = options_.port_queues.find(p.name);
        if (queue != options_.port_queues.end()) queues_[p.number.value] = queue->second;
    }
}

void LearningSwitch::learn(const flow::FlowKey& key, Time now) {
    const Mac source = key.packet.eth_src;
    if (!options_.learns || source.is_multicast()) return;
    if (stations_.size() >= max_stations)
        std::erase_if(stations_, [&](const auto& s) { return now - s.second.seen > station_lifetime; });
    if (stations_.size() < max_stations || stations_.contains(source.to_u64()))
        stations_[source.to_u64()] = {key.of_in_port(), now};
}

OfPort LearningSwitch::destination(const flow::FlowKey& key, Time now) const {
    if (is_reserved(key.packet.eth_dst)) return ofpp::none;
    if (!options_.learns) return ofpp::flood;
    const auto station = stations_.find(key.packet.eth_dst.to_u64());
    if (station == stations_.end() || now - station->second.seen > station_lifetime) return ofpp::flood;
    if (station->second.port == key.of_in_port()) return ofpp::none;
    return options_.normal ? ofpp::normal : station->second.port;
}

action::Actions LearningSwitch::actions(OfPort in, OfPort out) const {
    if (out == ofpp::none) return {};
    const auto own = queues_.find(in.value);
    const auto queue = own != queues_.end() ? std::optional(own->second) : options_.queue;
    if (!queue || out.value >= ofpp::max.value) return {action::Output{out, 0}};
    if (version_ == Version::v10) return {action::Enqueue{out, *queue}};
    return {action::SetQueue{*queue}, action::Output{out, 0}, action::PopQueue{}};
}

openflow::FlowMod LearningSwitch::flow_for(const flow::FlowKey& key, uint32_t buffer) const {
    openflow::FlowMod m{.command = openflow::FlowModCommand::add, .table = 0};
    m.match = match_of(key, options_.wildcards);
    // An exact match of 1.0 has the highest priority whatever is asked for.
    m.priority = version_ == Version::v10 && options_.wildcards == 0 ? 0xffff : 1;
    m.new_cookie = 0;
    m.idle_timeout = options_.max_idle.value_or(0);
    m.buffer_id = buffer;
    return m;
}

LearningSwitch::Bodies LearningSwitch::handle(const openflow::PacketIn& packet, Time now) {
    flow::FlowKey key{};
    flow::extract(packet.packet, key.packet, flow::max_vlan_tags);
    const OfPort in = packet.metadata.key.of_in_port();
    flow::set_field(key, FieldId::in_port, flow::FieldValue::from_u64(in.value));
    learn(key, now);
    const OfPort out = destination(key, now);
    const bool buffered = packet.buffer_id != openflow::no_buffer;
    Bodies bodies;
    const bool lasting = !options_.learns || out != ofpp::flood;
    if (options_.sets_up_flows && lasting) {
        auto flow = flow_for(key, packet.buffer_id);
        flow.actions = actions(in, out);
        bodies.emplace_back(std::move(flow));
        if (buffered || out == ofpp::none) return bodies;
    }
    if (out == ofpp::none && !buffered) return bodies;
    openflow::PacketOut send{.buffer_id = packet.buffer_id, .actions = actions(in, out)};
    send.metadata.with(FieldId::in_port, flow::FieldValue::from_u64(in.value));
    if (!buffered) send.packet = packet.packet;
    bodies.emplace_back(std::move(send));
    return bodies;
}

}  // namespace weft::cli::testcontroller
