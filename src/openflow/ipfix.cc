// SPDX-License-Identifier: Apache-2.0
// NXST_IPFIX_BRIDGE, NXST_IPFIX_FLOW.
#include "openflow/ipfix.h"

#include <array>

#include "openflow/codec.h"

namespace weft::openflow {
namespace {

uint32_t subtype(bool of_flows) { return of_flows ? nxst::ipfix_flow : nxst::ipfix_bridge; }

/// In the order of the wire.
constexpr std::array counters = {&IpfixStats::flows,           &IpfixStats::current_flows,
                                 &IpfixStats::sampled_packets, &IpfixStats::ip4_packets,
                                 &IpfixStats::ip6_packets,     &IpfixStats::packet_errors,
                                 &IpfixStats::ip4_errors,      &IpfixStats::ip6_errors,
                                 &IpfixStats::tx_packets,      &IpfixStats::tx_errors};

IpfixStats read_stats(ByteReader& in) {
    IpfixStats s;
    for (const auto counter : counters) s.*counter = in.u64();
    s.collector_set = in.u32();
    in.skip(4);
    return s;
}

void write_stats(const IpfixStats& s, Output& o) {
    for (const auto counter : counters) o.out.u64(s.*counter);
    o.out.u32(s.collector_set);
    o.out.zeros(4);
}

}  // namespace

OfResult<Body> decode_ipfix_reply(Input& i, bool of_flows) {
    IpfixReply r{.of_flows = of_flows};
    while (!i.in.empty()) {
        r.exporters.push_back(read_stats(i.in));
        if (!i.in.ok()) return refuse(OfError::brc_bad_len);
    }
    if (!of_flows && r.exporters.size() != 1) return refuse(OfError::brc_bad_len);
    return r;
}

void encode(const IpfixRequest& m, Output& o) {
    const auto open = o.open_nicira_stats(MessageType::stats_request, subtype(m.of_flows), o.more);
}

void encode(const IpfixReply& m, Output& o) {
    o.nicira_list(subtype(m.of_flows), m.exporters.size(), [&](size_t n) { write_stats(m.exporters[n], o); });
}

}  // namespace weft::openflow
