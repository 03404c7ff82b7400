// SPDX-License-Identifier: Apache-2.0
// One OpenFlow connection on the switch's side: bytes and the time in, bytes out. Pure.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/time.h"
#include "openflow/bundles.h"
#include "openflow/flow_mod_reader.h"
#include "openflow/message.h"
#include "openflow/monitor_feed.h"
#include "openflow/packet_in_queue.h"
#include "openflow/partial_requests.h"
#include "openflow/switch.h"

namespace weft::openflow {

class Connmgr;

/// Resource type; belongs to the OpenFlow thread. It answers requests strictly in order; a long dump is
/// spread over calls of run(), and while one is under way, or the peer does not read, requests wait.
class Connection {
  public:
    struct Options {
        uint64_t id = 0;  ///< unique among the bridge's connections, never used twice
        std::string name = {};
        VersionSet versions = VersionSet::all();
        /// Came by punix: or ptcp:, like ovs-ofctl's: gets no asynchronous messages unless it sets
        /// miss_send_len.
        bool service = false;
        bool enable_async = true;
        Duration probe = 5s;  ///< zero: no probes
        PacketInQueue::Options packet_ins = {};
        Duration bundle_idle = 10s;  ///< a bundle that nobody touches for so long ends
    };
    enum class State : uint8_t { hello, open, closed };

    Connection(Options options, Connmgr& manager, Switch& of_switch, Time now);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void receive(ByteSpan bytes, Time now);
    /// Does what is due. `backlog`: bytes that the peer has not taken yet. True if there is more to do at
    /// once.
    bool run(Time now, size_t backlog);
    Time next_deadline() const;
    /// False: the peer had better not send more until it has read, or its requests are served.
    bool wants_input() const;
    /// A whole request is there that run() would serve now.
    bool can_serve() const;
    void set_backlog(size_t bytes) { backlog_ = bytes; }
    /// Bytes for the peer since the last call.
    Bytes take_output() { return out_.take(); }
    bool has_output() const { return out_.size() > 0; }

    State state() const { return state_; }
    const std::string& close_reason() const { return close_reason_; }
    const std::string& name() const { return options_.name; }
    bool is_service() const { return options_.service; }
    /// Takes what may change while it is connected. Packets that wait are dropped if the limits are others.
    void reconfigure(const Options& options);
    /// It was asked for a sign of life and has not given one.
    bool is_probing() const { return probing_; }
    Role role() const { return role_; }
    std::optional<Version> version() const;
    /// It is told of packets, ports and flows as far as its masks say so.
    bool hears_of_events() const;
    const PacketInQueue& packet_ins() const { return packet_ins_; }

    // Called by Connmgr.
    Delivery send_packet_in(const PacketInTo& packet, Time now);
    void send_port_status(const PortStatus& status, const PortDesc* before);
    void send_flow_removed(const FlowRemoved& removed);
    /// For the flow monitors. All of one change.
    void send_flow_events(std::span<const FlowEvent> events, const Requester& from, Time now);
    bool has_monitors() const { return !monitors_.empty(); }
    void send_table_status(const TableStatus& status);
    /// A group_mod or meter_mod that another connection made; asked for since 1.4 only.
    void forward_request(const Message& request);
    bool wants_requests(ForwardReason reason) const;
    /// Another connection became primary.
    void demote(uint64_t generation_id);

  private:
    friend struct RequestHandler;
    void handle(ByteSpan message, Time now);
    /// Does the first message of `rest`, which is of this length, or the flow_mods that it begins with. How
    /// much work that was.
    size_t handle_next(ByteSpan rest, size_t length, Time now);
    size_t handle_flow_mods(ByteSpan rest, size_t length, Time now);  ///< how many
    bool handle_bundle_add(ByteSpan message, Time now);
    bool may_join_flow_mods() const;
    void handle_part(ByteSpan message, Time now);
    /// Does what is asked; the answer to what is refused quotes `quoted`.
    void perform(const OfResult<Message>& request, ByteSpan quoted, Time now);
    void handle_hello(ByteSpan message);
    void send(const Message& message);
    void send(uint32_t xid, Body body) { send(Message{.xid = xid, .body = std::move(body)}); }
    /// What is no answer has transaction id 0.
    void send_unasked(Body body) { send(0, std::move(body)); }
    void close(std::string reason);
    void continue_dump(Time now);
    /// Adds the entries of a message to the dump's last one; what is full goes out.
    void pack(ByteSpan message);
    void send_piece();
    void tell_snoop(size_t start) const;  ///< of what out_ has from there on
    void run_monitors(Time now);
    bool is_busy() const { return dump_ || monitors_.busy(); }
    bool wants(AsyncKind kind, unsigned reason) const;

    Options options_;
    Connmgr& manager_;
    Switch& switch_;
    State state_ = State::hello;
    std::string close_reason_;
    Dialect dialect_;
    Bytes in_;
    size_t consumed_ = 0;  ///< bytes of in_ that are done
    ByteWriter out_;
    size_t backlog_ = 0;  ///< bytes sent that the peer has not taken

    Role role_ = Role::equal;
    AsyncConfig async_;
    SwitchConfig config_;
    uint16_t controller_id_ = 0;
    PacketInQueue packet_ins_;
    FlowModReader flow_mods_;
    Bundles bundles_;
    MonitorFeed monitors_;
    PartialRequests parts_;

    struct Dump {
        uint32_t xid = 0;
        bool nicira = false;
        std::unique_ptr<FlowCursor> cursor;
        ByteWriter piece{};  ///< the last message so far, which has room yet; empty: none was begun
    };
    std::optional<Dump> dump_;
    Time heard_;  ///< when the last bytes came
    bool probing_ = false;
};

}  // namespace weft::openflow
