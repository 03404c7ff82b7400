// SPDX-License-Identifier: Apache-2.0
#include "openflow/requests.h"

#include <algorithm>

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

OfResult<> RequestHandler::check_port(OfPort port, OfError unknown) const {
    if (port == ofpp::none || port == ofpp::all) return {};
    const auto ports = c.switch_.ports();
    if (std::ranges::none_of(ports, [&](const PortDesc& p) { return p.number == port; }))
        return refuse(unknown);
    return {};
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
    return c.switch_.packet_out(m, c.requester(), now);
}

OfResult<> RequestHandler::operator()(const FlowMod& m) {
    TRY(check_may_change());
    if (m.buffer_id != no_buffer) return refuse(OfError::brc_buffer_unknown);
    const auto done = c.switch_.flow_mods(std::span(&m, 1), c.requester(), now);
    if (!done) return std::unexpected(done.error().error);
    return {};
}

OfResult<> RequestHandler::operator()(const PortMod& m) {
    TRY(check_may_change());
    return c.switch_.port_mod(m);
}

OfResult<> RequestHandler::operator()(const TableMod& m) {
    TRY(check_may_change());
    return c.switch_.table_mod(m);
}

OfResult<> RequestHandler::operator()(const QueueConfigRequest& m) {
    TRY(check_port(m.port, OfError::qofc_bad_port));
    return reply(QueueConfigReply{m.port, {}});
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

OfResult<> RequestHandler::operator()(const BundleControl& m) {
    TRY(check_may_change());
    const auto answer = [&](BundleStep step) { return reply(BundleControl{.id = m.id, .step = step}); };
    switch (m.step) {
        case BundleStep::open:
            TRY(c.bundles_.open(m, now));
            return answer(BundleStep::open_reply);
        case BundleStep::close:
            TRY(c.bundles_.close(m, now));
            return answer(BundleStep::close_reply);
        case BundleStep::commit:
            TRY(commit(m));
            return answer(BundleStep::commit_reply);
        case BundleStep::discard:
            TRY(c.bundles_.discard(m));
            return answer(BundleStep::discard_reply);
        default:
            return refuse(OfError::bfc_bad_type);
    }
}

OfResult<> RequestHandler::operator()(const BundleAdd& m) {
    TRY(check_may_change());
    const Header inner = read_header(m.message);
    if (inner.xid != xid) return refuse(OfError::bfc_msg_bad_xid);
    if (inner.version != action::wire(c.dialect_.version)) return refuse(OfError::bfc_bad_version);
    Message message = TRY(decode(m.message, c.dialect_));
    const bool can_be_staged = std::holds_alternative<FlowMod>(message.body) ||
                               std::holds_alternative<PortMod>(message.body) ||
                               std::holds_alternative<PacketOut>(message.body);
    if (!can_be_staged) return refuse(OfError::bfc_msg_unsup);
    return c.bundles_.add(m, std::move(message.body), now);
}

OfResult<> RequestHandler::commit(const BundleControl& m) {
    const Bundles::Changes changes = TRY(c.bundles_.commit(m));
    return apply(changes);
}

/// Flows change all or not at all; ports and packets, which cannot be taken back, follow if they did.
OfResult<> RequestHandler::apply(const Bundles::Changes& changes) {
    const auto failed = [&](const Bundles::Staged& one, OfError error) {
        c.send(xid, report(error, one.message));
        return refuse(OfError::bfc_msg_failed);
    };
    std::vector<FlowMod> mods;
    std::vector<const Bundles::Staged*> from;
    for (const Bundles::Staged& one : changes) {
        const auto* mod = std::get_if<FlowMod>(&one.body);
        if (!mod) continue;
        if (mod->buffer_id != no_buffer) return failed(one, OfError::brc_buffer_unknown);
        mods.push_back(*mod);
        from.push_back(&one);
    }
    if (!mods.empty()) {
        const auto done = c.switch_.flow_mods(mods, c.requester(), now);
        if (!done) return failed(*from[done.error().index], done.error().error);
    }
    for (const Bundles::Staged& one : changes) {
        OfResult<> result;
        if (const auto* port = std::get_if<PortMod>(&one.body)) result = c.switch_.port_mod(*port);
        if (const auto* out = std::get_if<PacketOut>(&one.body))
            result = c.switch_.packet_out(*out, c.requester(), now);
        if (!result) return failed(one, result.error());
    }
    return {};
}

OfResult<> RequestHandler::operator()(const FlowQuery& m) {
    if (m.aggregate) return reply(AggregateReply{TRY(c.switch_.aggregate(m))});
    c.dump_ = Connection::Dump{xid, TRY(c.switch_.flows(m))};
    c.continue_dump(now);
    return {};
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
    TRY(check_port(m.port, OfError::qofc_bad_port));
    if (m.queue != all_queues) return refuse(OfError::qofc_bad_queue);  // no port has queues yet
    return reply(QueueStatsReply{});
}

OfResult<> RequestHandler::operator()(const QueueDescRequest& m) {
    TRY(check_port(m.port, OfError::qofc_bad_port));
    if (m.queue != all_queues) return refuse(OfError::qofc_bad_queue);
    return reply(QueueDescReply{});
}

}  // namespace weft::openflow
