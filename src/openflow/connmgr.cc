// SPDX-License-Identifier: Apache-2.0
#include "openflow/connmgr.h"

#include <algorithm>

namespace weft::openflow {

void Connmgr::leave(Connection& connection) { std::erase(connections_, &connection); }

void Connmgr::send_packet_in(const PacketInTo& packet, Time now) {
    for (Connection* c : connections_) c->send_packet_in(packet, now);
}

void Connmgr::send_port_status(const PortStatus& status, const PortDesc* before) {
    for (Connection* c : connections_) c->send_port_status(status, before);
}

void Connmgr::send_flow_removed(const FlowRemoved& removed) {
    for (Connection* c : connections_) c->send_flow_removed(removed);
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
