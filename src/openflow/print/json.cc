// SPDX-License-Identifier: Apache-2.0
#include "openflow/print/json.h"

#include "action/text.h"
#include "codec/json_counter.h"
#include "flow/match_text.h"
#include "flow/port_text.h"
#include "openflow/meter_text.h"
#include "openflow/print/print.h"
#include "openflow/print/text.h"

namespace weft::openflow {
namespace {

using codec::counter;
using codec::Json;
using codec::JsonArray;
using codec::JsonObject;
using codec::number;

Json port_json(OfPort p) {
    if (p.value < ofpp::max.value) return Json(p.value);
    return Json(flow::format_port(p));
}

Json seconds(uint32_t s, uint32_t ns) {
    return s == ~0u ? Json() : Json(static_cast<double>(s) + static_cast<double>(ns) / 1e9);
}
template <class T>
Json maybe(const std::optional<T>& v) {
    return v ? Json(*v) : Json();
}
JsonArray names_of(uint32_t bits, std::span<const BitName> names) {
    JsonArray out;
    for (const BitName& n : names) {
        if (bits & n.bit) out.emplace_back(n.name);
    }
    return out;
}

constexpr BitName flag_names[] = {{flow_flag::send_flow_rem, "send_flow_rem"},
                                  {flow_flag::check_overlap, "check_overlap"},
                                  {flow_flag::reset_counts, "reset_counts"},
                                  {flow_flag::no_packet_counts, "no_packet_counts"},
                                  {flow_flag::no_byte_counts, "no_byte_counts"}};
constexpr BitName config_names[] = {
    {port_config::port_down, "down"},           {port_config::no_stp, "no-stp"},
    {port_config::no_recv, "no-receive"},       {port_config::no_recv_stp, "no-receive-stp"},
    {port_config::no_flood, "no-flood"},        {port_config::no_fwd, "no-forward"},
    {port_config::no_packet_in, "no-packet-in"}};
constexpr BitName state_names[] = {
    {port_state::link_down, "link-down"}, {port_state::blocked, "blocked"}, {port_state::live, "live"}};
constexpr BitName meter_flag_names[] = {{action::meter_flag::kbps, "kbps"},
                                        {action::meter_flag::pktps, "pktps"},
                                        {action::meter_flag::burst, "burst"},
                                        {action::meter_flag::stats, "stats"}};

Json bucket_json(const Bucket& b) {
    return Json::object({{"bucket_id", b.id <= action::bucket_max ? Json(b.id) : Json()},
                         {"weight", b.weight},
                         {"watch_port", b.watch_port == ofpp::none ? Json() : port_json(b.watch_port)},
                         {"watch_group", b.watch_group == action::group_any ? Json() : Json(b.watch_group)},
                         {"actions", action::to_text(b.actions)}});
}

Json to_json(const TableInfo& t) {
    return Json::object({{"table", t.id},
                         {"name", t.name},
                         {"active", t.active},
                         {"lookups", number(t.lookups)},
                         {"matches", number(t.matches)},
                         {"max_entries", t.max_entries},
                         {"eviction", t.eviction}});
}

Json to_json(const QueueStats& q) {
    return Json::object({{"port", port_json(q.port)},
                         {"queue", q.queue},
                         {"tx_bytes", counter(q.tx_bytes)},
                         {"tx_packets", counter(q.tx_packets)},
                         {"tx_errors", counter(q.tx_errors)},
                         {"duration", seconds(q.duration_s, q.duration_ns)}});
}

Json to_json(const QueueDesc& q) {
    constexpr uint16_t most = 1000;
    const auto percent = [](uint16_t v) { return v > most ? Json() : Json(static_cast<double>(v) / 10); };
    return Json::object({{"port", port_json(q.port)},
                         {"queue", q.queue},
                         {"min_rate_percent", percent(q.min_rate)},
                         {"max_rate_percent", percent(q.max_rate)}});
}

Json to_json(const GroupStats& g) {
    JsonArray buckets;
    for (const auto& b : g.buckets)
        buckets.push_back(Json::object({{"packets", counter(b.packets)}, {"bytes", counter(b.bytes)}}));
    return Json::object({{"group_id", g.id},
                         {"flows", g.n_flows},
                         {"packets", counter(g.packets)},
                         {"bytes", counter(g.bytes)},
                         {"duration", seconds(g.duration_s, g.duration_ns)},
                         {"buckets", std::move(buckets)}});
}

Json to_json(const MeterStats& m) {
    JsonArray bands;
    for (const auto& b : m.counts.bands)
        bands.push_back(Json::object({{"packets", number(b.packets)}, {"bytes", number(b.bytes)}}));
    return Json::object({{"meter", format_meter_id(m.id)},
                         {"flows", m.n_flows},
                         {"packets", number(m.counts.packets)},
                         {"bytes", number(m.counts.bytes)},
                         {"duration", seconds(m.duration_s, m.duration_ns)},
                         {"bands", std::move(bands)}});
}

Json to_json(const TlvMap& m) {
    return Json::object({{"class", m.option_class},
                         {"type", m.option_type},
                         {"length", m.length},
                         {"field", "tun_metadata" + std::to_string(m.index)}});
}

Json to_json(const IpfixStats& s, bool of_flows) {
    return Json::object({{"collector_set", of_flows ? Json(s.collector_set) : Json()},
                         {"flows", number(s.flows)},
                         {"current_flows", number(s.current_flows)},
                         {"sampled_packets", number(s.sampled_packets)},
                         {"ipv4_packets", number(s.ip4_packets)},
                         {"ipv6_packets", number(s.ip6_packets)},
                         {"tx_packets", number(s.tx_packets)},
                         {"packet_errors", number(s.packet_errors)},
                         {"ipv4_errors", number(s.ip4_errors)},
                         {"ipv6_errors", number(s.ip6_errors)},
                         {"tx_errors", number(s.tx_errors)}});
}

/// Adds the entries of one kind of answer.
struct Adder {
    JsonArray& out;
    Version version;

    template <class List>
    void each(const List& list) {
        for (const auto& one : list) out.push_back(to_json(one));
    }
    void operator()(const FlowStatsReply& m) { each(m.flows); }
    void operator()(const PortStatsReply& m) { each(m.ports); }
    void operator()(const QueueStatsReply& m) { each(m.queues); }
    void operator()(const QueueDescReply& m) { each(m.queues); }
    void operator()(const QueueConfigReply& m) { each(m.queues); }
    void operator()(const GroupStatsReply& m) { each(m.groups); }
    void operator()(const GroupDescReply& m) { each(m.groups); }
    void operator()(const MeterStatsReply& m) { each(m.meters); }
    void operator()(const MeterConfigReply& m) { each(m.meters); }
    void operator()(const TableStatsReply& m) { each(m.tables); }
    void operator()(const TableDescReply& m) { each(m.tables); }
    void operator()(const TableFeaturesReply& m) { each(m.tables); }
    void operator()(const PortDescReply& m) {
        for (const PortDesc& p : m.ports) out.push_back(openflow::to_json(p, version));
    }
    void operator()(const AggregateReply& m) {
        out.push_back(Json::object({{"packets", counter(m.stats.packets)},
                                    {"bytes", counter(m.stats.bytes)},
                                    {"flows", m.stats.flows}}));
    }
    void operator()(const DescReply& m) {
        out.push_back(Json::object({{"manufacturer", m.desc.manufacturer},
                                    {"hardware", m.desc.hardware},
                                    {"software", m.desc.software},
                                    {"serial", m.desc.serial},
                                    {"datapath", m.desc.datapath}}));
    }
    void operator()(const TlvTableReply& m) { each(m.maps); }
    void operator()(const IpfixReply& m) {
        for (const IpfixStats& s : m.exporters) out.push_back(to_json(s, m.of_flows));
    }
    void operator()(const FeaturesReply& m) {
        std::string dpid = hex(m.features.datapath_id).substr(2);
        dpid.insert(0, 16 - dpid.size(), '0');
        out.push_back(Json::object({{"datapath_id", dpid},
                                    {"n_tables", m.features.n_tables},
                                    {"n_buffers", m.features.n_buffers},
                                    {"capabilities", m.features.capabilities}}));
    }
    void operator()(const GroupFeaturesReply& m) {
        constexpr std::string_view types[] = {"all", "select", "indirect", "fast_failover"};
        for (size_t i = 0; i < std::size(types); ++i) {
            if (m.types >> i & 1)
                out.push_back(Json::object(
                    {{"type", types[i]}, {"max_groups", m.max_groups[i]}, {"actions", m.actions[i]}}));
        }
    }
    void operator()(const MeterFeaturesReply& m) {
        out.push_back(Json::object({{"max_meters", m.features.max_meters},
                                    {"max_bands", m.features.max_bands},
                                    {"max_color", m.features.max_color},
                                    {"capabilities", names_of(m.features.capabilities, meter_flag_names)}}));
    }
    template <class T>
    void operator()(const T&) {}
};

}  // namespace

Json message_json(ByteSpan bytes) {
    CHECK(bytes.size() >= header_size);
    const Header h = read_header(bytes);
    const auto version = static_cast<Version>(h.version);
    const bool known = h.version >= action::wire(Version::v10) && h.version <= action::wire(Version::v15);
    JsonList entries;
    if (known) entries.add(bytes, {.version = version, .table_id = true});
    return Json::object({{"version", known ? Json(version_name(version)) : Json()},
                         {"type", message_name(bytes)},
                         {"xid", h.xid},
                         {"length", h.length},
                         {"entries", std::move(entries).take()},
                         {"text", print_message(bytes, {.verbosity = 1})}});
}

Json to_json(const FlowStats& f) {
    return Json::object({{"table", f.table},
                         {"priority", f.priority},
                         {"match", flow::format_match(f.match)},
                         {"actions", action::to_text(f.actions)},
                         {"cookie", hex(f.cookie)},
                         {"duration", seconds(f.duration_s, f.duration_ns)},
                         {"packets", counter(f.packets)},
                         {"bytes", counter(f.bytes)},
                         {"idle_timeout", f.idle_timeout},
                         {"hard_timeout", f.hard_timeout},
                         {"importance", f.importance},
                         {"flags", names_of(f.flags, flag_names)},
                         {"idle_age", maybe(f.idle_age)},
                         {"hard_age", maybe(f.hard_age)}});
}

Json to_json(const PortDesc& p, Version version) {
    const bool has_speed = version > Version::v10;
    return Json::object({{"port", port_json(p.number)},
                         {"name", p.name},
                         {"address", p.hw_addr.to_string()},
                         {"config", names_of(p.config, config_names)},
                         {"state", names_of(p.state, state_names)},
                         {"speed_kbps", has_speed ? Json(p.curr_speed_kbps) : Json()},
                         {"max_speed_kbps", has_speed ? Json(p.max_speed_kbps) : Json()}});
}

Json to_json(const PortStats& s) {
    JsonObject custom;
    for (const auto& c : s.custom) custom.set(c.name, counter(c.value));
    return Json::object({{"port", port_json(s.number)},
                         {"rx_packets", counter(s.rx_packets)},
                         {"rx_bytes", counter(s.rx_bytes)},
                         {"rx_dropped", counter(s.rx_dropped)},
                         {"rx_errors", counter(s.rx_errors)},
                         {"rx_frame_errors", counter(s.rx_frame_errors)},
                         {"rx_over_errors", counter(s.rx_over_errors)},
                         {"rx_crc_errors", counter(s.rx_crc_errors)},
                         {"tx_packets", counter(s.tx_packets)},
                         {"tx_bytes", counter(s.tx_bytes)},
                         {"tx_dropped", counter(s.tx_dropped)},
                         {"tx_errors", counter(s.tx_errors)},
                         {"collisions", counter(s.collisions)},
                         {"duration", seconds(s.duration_s, s.duration_ns)},
                         {"custom", std::move(custom)}});
}

Json to_json(const GroupDesc& g) {
    constexpr std::string_view types[] = {"all", "select", "indirect", "fast_failover"};
    JsonArray buckets;
    for (const Bucket& b : g.spec.buckets) buckets.push_back(bucket_json(b));
    return Json::object({{"group_id", g.id},
                         {"type", types[static_cast<size_t>(g.spec.type)]},
                         {"selection_method", g.spec.selection.method},
                         {"selection_method_param", number(g.spec.selection.param)},
                         {"buckets", std::move(buckets)}});
}

Json to_json(const MeterConfig& m) {
    JsonArray bands;
    for (const auto& b : m.spec.bands) {
        const bool drops = b.type == action::MeterBand::Type::drop;
        bands.push_back(Json::object({{"type", drops ? "drop" : "dscp_remark"},
                                      {"rate", b.rate},
                                      {"burst_size", b.burst},
                                      {"prec_level", drops ? Json() : Json(b.prec_level)}}));
    }
    return Json::object({{"meter", format_meter_id(m.id)},
                         {"flags", names_of(m.spec.flags, meter_flag_names)},
                         {"bands", std::move(bands)}});
}

void JsonList::add(ByteSpan bytes, const Dialect& dialect) {
    const auto message = decode(bytes, dialect);
    if (message) std::visit(Adder{items_, dialect.version}, message->body);
}

}  // namespace weft::openflow
