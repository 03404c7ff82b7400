// SPDX-License-Identifier: Apache-2.0
#include "openflow/requests.h"

#include <algorithm>
#include <utility>

#include "openflow/connmgr.h"

namespace weft::openflow {
namespace {

constexpr uint32_t invalid_ttl_bit = 1u << static_cast<unsigned>(PacketInReason::invalid_ttl);

}  // namespace

OfResult<> RequestHandler::run(const Body& body) { return std::visit(*this, body); }

OfResult<> RequestHandler::check_may_change() const {
    if (c.role_ != Role::secondary) return {};
    return refuse(c.dialect_.version < Version::v12 ? OfError::brc_eperm : OfError::brc_is_secondary);
}

Requester RequestHandler::requester() const {
    return {c.options_.id, c.dialect_.version, c.controller_id_, xid};
}

OfResult<std::vector<QueueDesc>> RequestHandler::queues(OfPort port, uint32_t queue) const {
    constexpr uint32_t default_queue = 0;
    const bool all_ports = port == ofpp::none || port == ofpp::all;
    std::vector<QueueDesc> out;
    for (const PortDesc& p : c.switch_.ports())
        if (all_ports || p.number == port) out.push_back({.port = p.number, .queue = default_queue});
    if (out.empty() && !all_ports) return refuse(OfError::qofc_bad_port);
    if (queue != all_queues && queue != default_queue) return refuse(OfError::qofc_bad_queue);
    return out;
}

OfResult<> RequestHandler::operator()(const FeaturesRequest&) {
    return reply(FeaturesReply{c.switch_.features(), c.switch_.ports()});
}

OfResult<> RequestHandler::operator()(const GetConfigRequest&) {
    SwitchConfig config = c.config_;
    config.fragments = c.switch_.fragments();
    config.invalid_ttl_to_controller = c.async_.mask(AsyncKind::packet_in, false) & invalid_ttl_bit;
    return reply(GetConfigReply{config});
}

OfResult<> RequestHandler::operator()(const SetConfig& m) {
    // A secondary may set what concerns its own connection only (OpenFlow 1.4 6.3.4).
    if (c.role_ != Role::secondary && m.config.fragments != c.switch_.fragments())
        TRY(c.switch_.set_fragments(m.config.fragments));
    c.config_ = m.config;
    if (c.dialect_.version >= Version::v13) return {};  // there, masks do the flag's work
    uint32_t& mask = c.async_.mask(AsyncKind::packet_in, false);
    mask = m.config.invalid_ttl_to_controller ? mask | invalid_ttl_bit : mask & ~invalid_ttl_bit;
    return {};
}

OfResult<> RequestHandler::operator()(const PacketOut& m) {
    TRY(check_may_change());
    if (m.buffer_id != no_buffer) return refuse(OfError::brc_buffer_unknown);  // we keep no packets
    return c.switch_.packet_out(m, requester(), now);
}

OfResult<> RequestHandler::operator()(const Resume& m) {
    TRY(check_may_change());
    return c.switch_.resume(m.packet, now);
}

OfResult<> RequestHandler::operator()(const FlowMod& m) {
    TRY(check_may_change());
    if (m.buffer_id != no_buffer) return refuse(OfError::brc_buffer_unknown);
    OneChange one(&m, m.is_remove());
    return c.switch_.change_tables(one, requester(), now);
}

OfResult<> RequestHandler::operator()(const PortMod& m) {
    TRY(check_may_change());
    return c.switch_.port_mod(m);
}

OfResult<> RequestHandler::operator()(const TableMod& m) {
    TRY(check_may_change());
    return c.switch_.table_mod(m);
}

OfResult<> RequestHandler::operator()(const TableFeaturesRequest& m) {
    if (!m.wanted.empty()) {
        TRY(check_may_change());
        TRY(c.switch_.set_table_features(m.wanted));
    }
    return reply(TableFeaturesReply{c.switch_.tables()});
}

OfResult<> RequestHandler::operator()(const QueueConfigRequest& m) {
    return reply(QueueConfigReply{m.port, TRY(queues(m.port, all_queues))});
}

OfResult<> RequestHandler::operator()(const RoleRequest& m) {
    if (m.role != Role::no_change) {
        if (m.generation_id && !c.manager_.accept_generation(*m.generation_id))
            return refuse(OfError::rrfc_stale);
        c.role_ = m.role;
        if (m.role == Role::primary) c.manager_.became_primary(c);
    }
    return reply(RoleReply{.role = c.role_, .generation_id = c.manager_.generation()});
}

OfResult<> RequestHandler::operator()(const AsyncChange& m) {
    for (const AsyncChange::Item& item : m.items) c.async_.mask(item.kind, item.secondary) = item.mask;
    return {};
}

OfResult<> RequestHandler::operator()(const SetFlowFormat& m) {
    c.dialect_.nxm = m.nxm;
    return {};
}

OfResult<> RequestHandler::operator()(const UseTableId& m) {
    c.dialect_.table_id = m.enable;
    return {};
}

OfResult<> RequestHandler::operator()(const SetPacketInFormat& m) {
    c.dialect_.packet_in = m.format;
    return {};
}

OfResult<> RequestHandler::operator()(const SetControllerId& m) {
    c.controller_id_ = m.id;
    return {};
}

OfResult<> RequestHandler::operator()(const FlowQuery& m) {
    if (m.aggregate) {
        c.send(Message{.xid = xid, .body = AggregateReply{TRY(c.switch_.aggregate(m))}, .nicira = nicira});
        return {};
    }
    c.dump_ = Connection::Dump{xid, nicira, TRY(c.switch_.flows(m))};
    c.continue_dump(now);
    return {};
}

OfResult<> RequestHandler::operator()(const FlowMonitorRequest& m) {
    TRY(c.monitors_.change(m, xid, now));
    if (!c.monitors_.busy()) return reply(FlowMonitorReply{});
    c.run_monitors(now);
    return {};
}

OfResult<> RequestHandler::operator()(const TlvTableMod& m) {
    TRY(check_may_change());
    return c.switch_.tlv_table_mod(m);
}

OfResult<> RequestHandler::operator()(const CtFlush& m) {
    TRY(check_may_change());
    return c.switch_.flush_connections(m);
}

OfResult<> RequestHandler::operator()(const PortStatsRequest& m) {
    auto stats = c.switch_.port_stats(m.port, now);
    // A port that does not exist has no statistics, which is no error.
    if (!stats && stats.error() != OfError::brc_bad_port) return refuse(stats.error());
    return reply(PortStatsReply{stats ? *std::move(stats) : std::vector<PortStats>{}});
}

OfResult<> RequestHandler::operator()(const PortDescRequest& m) {
    auto ports = c.switch_.ports();
    if (m.port != ofpp::none) std::erase_if(ports, [&](const PortDesc& p) { return p.number != m.port; });
    return reply(PortDescReply{std::move(ports)});
}

OfResult<> RequestHandler::operator()(const QueueStatsRequest& m) {
    QueueStatsReply out;
    for (const QueueDesc& q : TRY(queues(m.port, m.queue)))
        out.queues.push_back({.port = q.port,
                              .queue = q.queue,
                              .tx_bytes = not_counted,
                              .tx_packets = not_counted,
                              .tx_errors = not_counted});
    std::ranges::sort(out.queues, {}, [](const QueueStats& q) { return place_in_statistics(q.port); });
    return reply(std::move(out));
}

OfResult<> RequestHandler::operator()(const QueueDescRequest& m) {
    return reply(QueueDescReply{TRY(queues(m.port, m.queue))});
}

}  // namespace weft::openflow
