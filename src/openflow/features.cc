// SPDX-License-Identifier: Apache-2.0
// Features, configuration and description of the switch.
#include "openflow/codec.h"
#include "openflow/port_codec.h"

namespace weft::openflow {
namespace {

using enum Version;

// Capabilities alike in all versions; STP and ARP matching are 1.0's, the others came later.
constexpr uint32_t common = capability::flow_stats | capability::table_stats | capability::port_stats |
                            capability::ip_reasm | capability::queue_stats;
constexpr uint32_t stp_10 = 1 << 3;

uint32_t known_capabilities(Version v) {
    switch (v) {
        case v10:
            return common | capability::arp_match_ip;
        case v11:
            return common | capability::group_stats | capability::arp_match_ip;
        case v12:
        case v13:
            return common | capability::group_stats | capability::port_blocked;
        case v14:
        case v15:
            return common | capability::group_stats | capability::port_blocked | capability::bundles |
                   capability::flow_monitoring;
    }
    return 0;
}

constexpr size_t desc_size = 256, serial_size = 32;
constexpr uint16_t frag_mask = 3, invalid_ttl = 4;

SwitchConfig read_config(Input& i) {
    const uint16_t flags = i.in.u16();
    return {.fragments = static_cast<Fragments>(flags & frag_mask),
            .invalid_ttl_to_controller = i.version < v13 && (flags & invalid_ttl),
            .miss_send_len = i.in.u16()};
}

/// OpenFlow 1.3 took the flag away: async configuration does its work.
void write_config(const SwitchConfig& c, Output& o) {
    const bool flag = c.invalid_ttl_to_controller && o.version() < v13;
    o.out.u16(static_cast<uint16_t>(static_cast<uint16_t>(c.fragments) | (flag ? invalid_ttl : 0)));
    o.out.u16(c.miss_send_len);
}

}  // namespace

OfResult<Body> decode_features_reply(Input& i) {
    FeaturesReply r;
    SwitchFeatures& f = r.features;
    f.datapath_id = i.in.u64();
    f.n_buffers = i.in.u32();
    f.n_tables = i.in.u8();
    f.auxiliary_id = i.in.u8();
    i.in.skip(2);
    const uint32_t capabilities = i.in.u32();
    f.capabilities = capabilities & known_capabilities(i.version);
    if (i.version == v10 && capabilities & stp_10) f.capabilities |= capability::stp;
    const uint32_t actions = i.in.u32();
    if (i.version == v10) f.actions_10 = actions;
    if (i.version < v13) f.auxiliary_id = 0;
    if (i.version < v13) {
        while (!i.in.empty()) r.ports.push_back(TRY(read_port_desc(i)));
    }
    return r;
}

void encode(const FeaturesReply& m, Output& o) {
    const auto open = o.open(MessageType::features_reply);
    const SwitchFeatures& f = m.features;
    o.out.u64(f.datapath_id);
    o.out.u32(f.n_buffers);
    o.out.u8(f.n_tables);
    o.out.u8(o.version() < v13 ? 0 : f.auxiliary_id);
    o.out.zeros(2);
    uint32_t capabilities = f.capabilities & known_capabilities(o.version());
    if (o.version() == v10 && f.capabilities & capability::stp) capabilities |= stp_10;
    o.out.u32(capabilities);
    o.out.u32(o.version() == v10 ? f.actions_10 : 0);
    if (o.version() >= v13) return;
    // What does not fit is told by the port description request.
    for (const PortDesc& p : m.ports) {
        const size_t before = o.out.size();
        write_port_desc(p, o);
        if (o.out.size() - open.start() > max_message) return o.out.truncate(before);
    }
}

OfResult<Body> decode_get_config_reply(Input& i) { return GetConfigReply{read_config(i)}; }
OfResult<Body> decode_set_config(Input& i) {
    const uint16_t known = frag_mask | (i.version < v13 ? invalid_ttl : 0);
    ByteReader start = i.in;
    if (start.u16() & ~known) return refuse(OfError::scfc_bad_flags);
    return SetConfig{read_config(i)};
}

void encode(const GetConfigReply& m, Output& o) {
    const auto open = o.open(MessageType::get_config_reply);
    write_config(m.config, o);
}

void encode(const SetConfig& m, Output& o) {
    const auto open = o.open(MessageType::set_config);
    write_config(m.config, o);
}

OfResult<Body> decode_desc(Input& i) {
    SwitchDesc d;
    d.manufacturer = read_text(i.in, desc_size);
    d.hardware = read_text(i.in, desc_size);
    d.software = read_text(i.in, desc_size);
    d.serial = read_text(i.in, serial_size);
    d.datapath = read_text(i.in, desc_size);
    return DescReply{std::move(d)};
}

void encode(const DescReply& m, Output& o) {
    const auto open = o.open_stats(MessageType::stats_reply, StatsType::desc, o.more);
    write_text(o.out, m.desc.manufacturer, desc_size);
    write_text(o.out, m.desc.hardware, desc_size);
    write_text(o.out, m.desc.software, desc_size);
    write_text(o.out, m.desc.serial, serial_size);
    write_text(o.out, m.desc.datapath, desc_size);
}

}  // namespace weft::openflow
