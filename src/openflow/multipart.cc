// SPDX-License-Identifier: Apache-2.0
// Statistics: the header of multipart messages, dispatch by type, and the requests that have no body.
#include "openflow/codec.h"

namespace weft::openflow {
namespace {

using enum Version;

struct StatsHeader {
    StatsType type;
    std::optional<ExperimenterType> experimenter{};
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
        return StatsHeader{static_cast<StatsType>(type)};
    }
    const uint32_t vendor = i.in.u32(), subtype = i.in.u32();
    if (i.version == v10) i.in.skip(4);
    if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    if (vendor != nicira_vendor && vendor != onf_vendor) return refuse(OfError::brc_bad_vendor);
    return StatsHeader{StatsType::experimenter, ExperimenterType{vendor, subtype}};
}

/// Up to 1.2 flow monitors are Nicira's, in 1.3 ONF's.
bool is_flow_monitor(ExperimenterType type, Version v) {
    return type == (v == v13 ? ExperimenterType{onf_vendor, onf::flow_monitor}
                             : ExperimenterType{nicira_vendor, nxst::flow_monitor}) &&
           v < v14;
}

OfResult<Body> decode_experimenter_request(Input& i, ExperimenterType type) {
    if (is_flow_monitor(type, i.version)) return decode_flow_monitor_request(i);
    if (type.vendor != nicira_vendor) return refuse(OfError::brc_bad_subtype);
    const uint32_t subtype = type.subtype;
    if (subtype == nxst::ipfix_bridge || subtype == nxst::ipfix_flow)
        return IpfixRequest{subtype == nxst::ipfix_flow};
    // The standard's own are younger than Open vSwitch's in 1.0, and features are since 1.2.
    const Version last = subtype == nxst::group_features ? v11 : v10;
    if (i.version > last) return refuse(OfError::brc_bad_subtype);
    switch (subtype) {
        case nxst::flow:
            return decode_nx_flow_query(i, false);
        case nxst::aggregate:
            return decode_nx_flow_query(i, true);
        case nxst::group:
            return decode_group_stats_request(i);
        case nxst::group_desc:
            return decode_group_desc_request(i);
        case nxst::group_features:
            return decode_group_features_request(i);
        default:
            return refuse(OfError::brc_bad_subtype);
    }
}

}  // namespace

OfResult<Body> decode_stats_request(Input& i) {
    const StatsHeader h = TRY(read_stats_header(i));
    if (h.experimenter) return decode_experimenter_request(i, *h.experimenter);
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
            return decode_table_features_request(i);
        case StatsType::port_desc:
            return decode_port_desc_request(i);
        case StatsType::table_desc:
            return TableDescRequest{};
        case StatsType::queue_desc:
            return decode_queue_desc_request(i);
        case StatsType::group:
            return decode_group_stats_request(i);
        case StatsType::group_desc:
            return decode_group_desc_request(i);
        case StatsType::group_features:
            return decode_group_features_request(i);
        case StatsType::meter:
            return decode_meter_stats_request(i);
        case StatsType::meter_config:
            return decode_meter_config_request(i);
        case StatsType::meter_features:
            return decode_meter_features_request(i);
        case StatsType::flow_monitor:
            return decode_flow_monitor_request(i);
        default:
            return refuse(OfError::brc_bad_stat);
    }
}

namespace {

OfResult<Body> decode_experimenter_reply(Input& i, ExperimenterType type) {
    if (is_flow_monitor(type, i.version)) return decode_flow_monitor_reply(i);
    if (type.vendor != nicira_vendor) return refuse(OfError::brc_bad_subtype);
    switch (type.subtype) {
        case nxst::flow:
            return decode_nx_flow_stats(i);
        case nxst::aggregate:
            i.nicira = true;
            return decode_aggregate(i);
        case nxst::ipfix_bridge:
            return decode_ipfix_reply(i, false);
        case nxst::ipfix_flow:
            return decode_ipfix_reply(i, true);
        case nxst::group:
            return decode_group_stats(i);
        case nxst::group_desc:
            return decode_group_desc(i);
        case nxst::group_features:
            return decode_group_features(i);
        default:
            return refuse(OfError::brc_bad_subtype);
    }
}

}  // namespace

OfResult<Body> decode_stats_reply(Input& i) {
    const StatsHeader h = TRY(read_stats_header(i));
    if (h.experimenter) return decode_experimenter_reply(i, *h.experimenter);
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
        case StatsType::group:
            return decode_group_stats(i);
        case StatsType::group_desc:
            return decode_group_desc(i);
        case StatsType::group_features:
            return decode_group_features(i);
        case StatsType::meter:
            return decode_meter_stats(i);
        case StatsType::meter_config:
            return decode_meter_config(i);
        case StatsType::meter_features:
            return decode_meter_features(i);
        case StatsType::flow_monitor:
            return decode_flow_monitor_reply(i);
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

}  // namespace weft::openflow
