// SPDX-License-Identifier: Apache-2.0
// All OpenFlow connections of one bridge: who is primary, and who is told what.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "openflow/connection.h"

namespace weft::openflow {

/// Resource type; belongs to the OpenFlow thread. Connections enter and leave it by their constructor and
/// destructor.
class Connmgr {
  public:
    Connmgr() = default;
    Connmgr(const Connmgr&) = delete;
    Connmgr& operator=(const Connmgr&) = delete;

    Delivery send_packet_in(const PacketInTo& packet, Time now);
    /// `before`: what is modified; connections whose version shows no difference are not told.
    void send_port_status(const PortStatus& status, const PortDesc* before = nullptr);
    void send_flow_removed(const FlowRemoved& removed);
    /// All events of one change. Not needed while nobody has_monitors().
    void send_flow_events(std::span<const FlowEvent> events, const Requester& from, Time now);
    bool has_monitors() const;
    void send_table_status(const TableStatus& status);
    /// Somebody but `from` is told of such requests.
    bool wants_requests(ForwardReason reason, const Connection& from) const;
    /// A request that `from` made and that was done; `make(version)` says it as those of a version hear it.
    template <class Make>
    void forward_request(ForwardReason reason, uint32_t xid, const Connection& from, Make make) {
        for (Connection* c : connections_)
            if (c != &from && c->wants_requests(reason))
                c->forward_request({.xid = xid, .body = make(*c->version())});
    }

    /// Called with every message to or from a connection that is no service; for snooping. None by default.
    std::function<void(ByteSpan)> snoop;
    /// The number of the next connection.
    uint64_t next_id() { return next_id_++; }
    /// Somebody connected speaks OpenFlow 1.0 to 1.2, where packets without a rule go to the controller, and
    /// hears of events.
    bool wants_misses() const;

    // Called by Connection.
    void enter(Connection& connection) { connections_.push_back(&connection); }
    void leave(Connection& connection);
    /// False: the generation id is older than one seen (OpenFlow 1.2 6.3.4).
    bool accept_generation(uint64_t generation_id);
    std::optional<uint64_t> generation() const { return generation_; }
    void became_primary(const Connection& connection);

  private:
    std::vector<Connection*> connections_;
    std::optional<uint64_t> generation_;
    uint64_t next_id_ = 1;
};

}  // namespace weft::openflow
