// SPDX-License-Identifier: Apache-2.0
// NXT_TLV_TABLE_MOD, _REQUEST, _REPLY.
#include "openflow/tlv_table.h"

#include "openflow/codec.h"

namespace weft::openflow {
namespace {

std::vector<TlvMap> read_maps(ByteReader& in) {
    std::vector<TlvMap> maps;
    while (!in.empty()) {
        TlvMap m;
        m.option_class = in.u16();
        m.option_type = in.u8();
        m.length = in.u8();
        m.index = in.u16();
        in.skip(2);
        if (in.ok()) maps.push_back(m);
    }
    return maps;
}

void write_maps(ByteWriter& out, const std::vector<TlvMap>& maps) {
    for (const TlvMap& m : maps) {
        out.u16(m.option_class);
        out.u8(m.option_type);
        out.u8(m.length);
        out.u16(m.index);
        out.zeros(2);
    }
}

/// An option's value is whole words, and the fields are tun_metadata0 to 63.
OfResult<> check(const TlvTableMod& m) {
    constexpr uint8_t max_length = 124;
    constexpr uint16_t n_fields = 64;
    for (const TlvMap& map : m.maps) {
        if (map.length > max_length || map.length % 4) return refuse(OfError::nxttmfc_bad_opt_len);
        if (map.index >= n_fields) return refuse(OfError::nxttmfc_bad_field_idx);
    }
    return {};
}

}  // namespace

OfResult<Body> decode_tlv_table_mod(Input& i) {
    TlvTableMod m;
    const uint16_t command = i.in.u16();
    i.in.skip(6);
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    if (command > static_cast<uint16_t>(TlvCommand::clear)) return refuse(OfError::nxttmfc_bad_command);
    m.command = static_cast<TlvCommand>(command);
    m.maps = read_maps(i.in);
    TRY(check(m));
    return m;
}

void encode(const TlvTableMod& m, Output& o) {
    const auto open = o.open_nicira(nxt::tlv_table_mod);
    o.out.u16(static_cast<uint16_t>(m.command));
    o.out.zeros(6);
    write_maps(o.out, m.maps);
}

void encode(const TlvTableRequest&, Output& o) { const auto open = o.open_nicira(nxt::tlv_table_request); }

OfResult<Body> decode_tlv_table_reply(Input& i) {
    TlvTableReply r;
    r.max_space = i.in.u32();
    r.max_fields = i.in.u16();
    i.in.skip(10);
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    r.maps = read_maps(i.in);
    return r;
}

void encode(const TlvTableReply& m, Output& o) {
    const auto open = o.open_nicira(nxt::tlv_table_reply);
    o.out.u32(m.max_space);
    o.out.u16(m.max_fields);
    o.out.zeros(10);
    write_maps(o.out, m.maps);
}

}  // namespace weft::openflow
