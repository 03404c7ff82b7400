// SPDX-License-Identifier: Apache-2.0
#include "openflow/connmgr.h"

#include <algorithm>

namespace weft::openflow {

void Connmgr::leave(Connection& connection) { std::erase(connections_, &connection); }

Delivery Connmgr::send_packet_in(const PacketInTo& packet, Time now) {
    auto best = Delivery::nobody;
    for (Connection* c : connections_) best = std::max(best, c->send_packet_in(packet, now));
    return best;
}

void Connmgr::send_port_status(const PortStatus& status, const PortDesc* before) {
    for (Connection* c : connections_) c->send_port_status(status, before);
}

void Connmgr::send_flow_removed(const FlowRemoved& removed) {
    for (Connection* c : connections_) c->send_flow_removed(removed);
}

void Connmgr::send_flow_events(std::span<const FlowEvent> events, const Requester& from, Time now) {
    for (Connection* c : connections_) c->send_flow_events(events, from, now);
}

void Connmgr::send_table_status(const TableStatus& status) {
    for (Connection* c : connections_) c->send_table_status(status);
}

bool Connmgr::wants_requests(ForwardReason reason, const Connection& from) const {
    return std::ranges::any_of(connections_,
                               [&](const Connection* c) { return c != &from && c->wants_requests(reason); });
}

bool Connmgr::has_monitors() const {
    return std::ranges::any_of(connections_, [](const Connection* c) { return c->has_monitors(); });
}

bool Connmgr::wants_misses() const {
    return std::ranges::any_of(connections_, [](const Connection* c) {
        const auto v = c->version();
        return v && *v < Version::v13 && c->hears_of_events();
    });
}

bool Connmgr::accept_generation(uint64_t generation_id) {
    // The distance is signed, so that the counter may wrap.
    if (generation_ && static_cast<int64_t>(generation_id - *generation_) < 0) return false;
    generation_ = generation_id;
    return true;
}

void Connmgr::became_primary(const Connection& connection) {
    for (Connection* c : connections_) {
        if (c != &connection && c->role() == Role::primary) c->demote(generation_.value_or(~uint64_t{0}));
    }
}

}  // namespace weft::openflow
