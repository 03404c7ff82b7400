// SPDX-License-Identifier: Apache-2.0
// Statistics: the header of multipart messages, dispatch by type, and the requests that have no body.
#include "openflow/codec.h"

namespace weft::openflow {
namespace {

using enum Version;

struct StatsHeader {
    StatsType type;
    std::optional<uint32_t> nicira_subtype;
};

/// Types each version has; Open vSwitch gives port descriptions in 1.0-1.2 too.
bool has_type(uint16_t type, Version v) {
    const auto since = [](StatsType t) {
        switch (t) {
            case StatsType::group:
            case StatsType::group_desc:
                return v11;
            case StatsType::group_features:
                return v12;
            case StatsType::meter:
            case StatsType::meter_config:
            case StatsType::meter_features:
            case StatsType::table_features:
                return v13;
            case StatsType::table_desc:
            case StatsType::queue_desc:
            case StatsType::flow_monitor:
                return v14;
            default:
                return v10;
        }
    };
    if (type > static_cast<uint16_t>(StatsType::flow_monitor)) return false;
    return v >= since(static_cast<StatsType>(type));
}

OfResult<StatsHeader> read_stats_header(Input& i) {
    const uint16_t type = i.in.u16(), flags = i.in.u16();
    if (i.version > v10) i.in.skip(4);
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    i.more = flags & 1;
    if (type != static_cast<uint16_t>(StatsType::experimenter)) {
        if (!has_type(type, i.version)) return refuse(OfError::brc_bad_stat);
        return StatsHeader{static_cast<StatsType>(type), std::nullopt};
    }
    const uint32_t vendor = i.in.u32(), subtype = i.in.u32();
    if (i.version == v10) i.in.skip(4);
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    if (vendor != nicira_vendor) return refuse(OfError::brc_bad_vendor);
    return StatsHeader{StatsType::experimenter, subtype};
}

OfResult<Body> decode_nicira_request(Input& i, uint32_t subtype) {
    switch (subtype) {
        case nxst::flow:
            return decode_nx_flow_query(i, false);
        case nxst::aggregate:
            return decode_nx_flow_query(i, true);
        default:
            return refuse(OfError::brc_bad_subtype);
    }
}

std::optional<Absent> absent(StatsType type) {
    switch (type) {
        case StatsType::group:
            return Absent::group_stats;
        case StatsType::group_desc:
            return Absent::group_desc;
        case StatsType::group_features:
            return Absent::group_features;
        case StatsType::meter:
            return Absent::meter_stats;
        case StatsType::meter_config:
            return Absent::meter_config;
        case StatsType::meter_features:
            return Absent::meter_features;
        case StatsType::flow_monitor:
            return Absent::flow_monitor;
        default:
            return std::nullopt;
    }
}

StatsType type_of(Absent a) {
    constexpr StatsType types[] = {StatsType::group,       StatsType::group_desc,   StatsType::group_features,
                                   StatsType::meter,       StatsType::meter_config, StatsType::meter_features,
                                   StatsType::flow_monitor};
    return types[static_cast<size_t>(a)];
}

/// Which group or meter is asked for does not matter while there are none.
OfResult<Body> decode_absent_request(Input& i, Absent what) {
    const bool names_one = what == Absent::group_stats || what == Absent::meter_stats ||
                           what == Absent::meter_config || (what == Absent::group_desc && i.version >= v15);
    if (names_one) i.in.skip(8);
    if (what == Absent::flow_monitor) return refuse(OfError::brc_bad_stat);  // monitors are not done yet
    return AbsentRequest{what};
}

constexpr size_t group_features_size = 40, meter_features_size = 16;

OfResult<Body> decode_absent_reply(Input& i, Absent what) {
    if (what == Absent::group_features) i.in.skip(group_features_size);
    if (what == Absent::meter_features) i.in.skip(meter_features_size);
    return AbsentReply{what};
}

}  // namespace

OfResult<Body> decode_stats_request(Input& i) {
    const StatsHeader h = TRY(read_stats_header(i));
    if (h.nicira_subtype) return decode_nicira_request(i, *h.nicira_subtype);
    if (const auto what = absent(h.type)) return decode_absent_request(i, *what);
    switch (h.type) {
        case StatsType::desc:
            return DescRequest{};
        case StatsType::flow:
            return decode_flow_query(i, false);
        case StatsType::aggregate:
            return decode_flow_query(i, true);
        case StatsType::table:
            return TableStatsRequest{};
        case StatsType::port:
            return decode_port_stats_request(i);
        case StatsType::queue:
            return decode_queue_stats_request(i);
        case StatsType::table_features:
            // A body would ask to change what our tables can do.
            if (!i.in.empty()) return refuse(OfError::tffc_eperm);
            return TableFeaturesRequest{};
        case StatsType::port_desc:
            return decode_port_desc_request(i);
        case StatsType::table_desc:
            return TableDescRequest{};
        case StatsType::queue_desc:
            return decode_queue_desc_request(i);
        default:
            return refuse(OfError::brc_bad_stat);
    }
}

OfResult<Body> decode_stats_reply(Input& i) {
    const StatsHeader h = TRY(read_stats_header(i));
    if (h.nicira_subtype == nxst::flow) return decode_nx_flow_stats(i);
    if (h.nicira_subtype == nxst::aggregate) return decode_aggregate(i);
    if (h.nicira_subtype) return refuse(OfError::brc_bad_subtype);
    if (const auto what = absent(h.type)) return decode_absent_reply(i, *what);
    switch (h.type) {
        case StatsType::desc:
            return decode_desc(i);
        case StatsType::flow:
            return decode_flow_stats(i);
        case StatsType::aggregate:
            return decode_aggregate(i);
        case StatsType::table:
            return decode_table_stats(i);
        case StatsType::port:
            return decode_port_stats(i);
        case StatsType::queue:
            return decode_queue_stats(i);
        case StatsType::table_features:
            return decode_table_features(i);
        case StatsType::port_desc:
            return decode_port_desc(i);
        case StatsType::table_desc:
            return decode_table_desc(i);
        case StatsType::queue_desc:
            return decode_queue_desc(i);
        default:
            return refuse(OfError::brc_bad_stat);
    }
}

namespace {

void encode_bare(StatsType type, Output& o) {
    const auto open = o.open_stats(MessageType::stats_request, type, o.more);
}

}  // namespace

void encode(const DescRequest&, Output& o) { encode_bare(StatsType::desc, o); }
void encode(const TableStatsRequest&, Output& o) { encode_bare(StatsType::table, o); }
void encode(const TableDescRequest&, Output& o) { encode_bare(StatsType::table_desc, o); }
void encode(const TableFeaturesRequest&, Output& o) { encode_bare(StatsType::table_features, o); }

void encode(const AbsentRequest& m, Output& o) {
    const auto open = o.open_stats(MessageType::stats_request, type_of(m.what), o.more);
    if (m.what == Absent::group_stats || m.what == Absent::meter_stats || m.what == Absent::meter_config ||
        (m.what == Absent::group_desc && o.version() >= v15))
        o.out.u64(0xffffffff'00000000);  // all
}

void encode(const AbsentReply& m, Output& o) {
    const auto open = o.open_stats(MessageType::stats_reply, type_of(m.what), o.more);
    // Features that say: none of this kind, no more than none.
    if (m.what == Absent::group_features) o.out.zeros(group_features_size);
    if (m.what == Absent::meter_features) o.out.zeros(meter_features_size);
}

}  // namespace weft::openflow
