// SPDX-License-Identifier: Apache-2.0
#include "openflow/connection.h"

#include <algorithm>
#include <utility>

#include "openflow/connmgr.h"
#include "openflow/requests.h"

namespace weft::openflow {
namespace {

constexpr size_t requests_per_run = 50;      // then the other connections get their turn
constexpr size_t flows_per_run = 500;        // of a dump
constexpr size_t backlog_to_wait = 1 << 18;  // bytes: a peer that does not read is not served
constexpr size_t backlog_to_drop = 1 << 20;  // bytes: beyond, packets for it are dropped
constexpr size_t backlog_to_close = 64 << 20;
constexpr size_t input_to_wait = 1 << 18;  // bytes: requests not served yet

constexpr uint32_t all_reasons = 0x3f, removed_reasons = 0x3f, port_reasons = 7;
constexpr uint32_t invalid_ttl_bit = 1u << static_cast<unsigned>(PacketInReason::invalid_ttl);

/// What a connection is told until it asks for something else; the oracle's, which tells less
/// than 1.4 7.3.10.
AsyncConfig default_async() {
    AsyncConfig c;
    c.mask(AsyncKind::packet_in, false) = all_reasons & ~invalid_ttl_bit;
    c.mask(AsyncKind::flow_removed, false) = removed_reasons;
    c.mask(AsyncKind::port_status, false) = port_reasons;
    c.mask(AsyncKind::port_status, true) = port_reasons;
    return c;
}

}  // namespace

Connection::Connection(Options options, Connmgr& manager, Switch& of_switch, Time now)
    : options_(std::move(options)),
      manager_(manager),
      switch_(of_switch),
      packet_ins_(options_.packet_ins),
      heard_(now) {
    if (options_.enable_async) async_ = default_async();
    if (options_.service) config_.miss_send_len = 0;
    dialect_.version = options_.versions.highest().value_or(Version::v10);
    manager_.enter(*this);
    send_unasked(Hello{options_.versions});
}

Connection::~Connection() { manager_.leave(*this); }

std::optional<Version> Connection::version() const {
    return state_ == State::open ? std::optional(dialect_.version) : std::nullopt;
}

Requester Connection::requester() const { return {options_.id, dialect_.version, controller_id_}; }

void Connection::send(const Message& message) {
    const size_t start = out_.size();
    encode(message, dialect_, out_);
    if (manager_.snoop && !options_.service) manager_.snoop(out_.span().subspan(start));
}

void Connection::close(std::string reason) {
    if (state_ == State::closed) return;
    state_ = State::closed;
    close_reason_ = std::move(reason);
    dump_.reset();
    packet_ins_.clear();
}

void Connection::receive(ByteSpan bytes, Time now) {
    if (state_ == State::closed) return;
    heard_ = now;
    probing_ = false;
    in_.insert(in_.end(), bytes.begin(), bytes.end());
}

bool Connection::hears_of_events() const {
    return state_ == State::open && (!options_.service || config_.miss_send_len > 0);
}

bool Connection::wants_input() const {
    return state_ != State::closed && backlog_ + out_.size() < backlog_to_wait &&
           in_.size() - consumed_ < input_to_wait;
}

bool Connection::run(Time now, size_t backlog) {
    backlog_ = backlog;
    if (backlog_ + out_.size() > backlog_to_close) close("the peer does not read what it is sent");
    if (dump_ && backlog < backlog_to_wait) continue_dump(now);
    size_t budget = requests_per_run;
    while (state_ != State::closed && !dump_ && backlog + out_.size() < backlog_to_wait && budget > 0) {
        const ByteSpan rest = ByteSpan(in_).subspan(consumed_);
        if (rest.size() < header_size) break;
        const size_t length = read_header(rest).length;
        if (length < header_size) {
            close("received a message of length " + std::to_string(length) + ", less than its header");
            break;
        }
        if (rest.size() < length) break;
        if (manager_.snoop && !options_.service) manager_.snoop(rest.first(length));
        handle(rest.first(length), now);
        consumed_ += length;
        --budget;
    }
    if (consumed_ == in_.size() || consumed_ > max_message) {
        in_.erase(in_.begin(), in_.begin() + static_cast<ptrdiff_t>(consumed_));
        consumed_ = 0;
    }
    while (state_ == State::open && packet_ins_.limited()) {
        auto packet = packet_ins_.take(now);
        if (!packet) break;
        send_unasked(*std::move(packet));
    }
    for (size_t n = bundles_.expire(now).size(); n > 0; --n) send_unasked(report(OfError::bfc_timeout, {}));
    if (options_.probe > 0s && state_ != State::closed && now - heard_ >= options_.probe) {
        if (probing_ || state_ == State::hello) {
            close("no response to inactivity probe after " + std::to_string(to_ms(options_.probe) / 1000) +
                  " seconds, disconnecting");
        } else {
            probing_ = true;
            heard_ = now;
            send_unasked(EchoRequest{});
        }
    }
    return state_ != State::closed && backlog < backlog_to_wait && (dump_ || budget == 0);
}

Time Connection::next_deadline() const {
    if (state_ == State::closed) return never;
    const Time probe = options_.probe > 0s ? heard_ + options_.probe : never;
    return std::min(
        {probe, packet_ins_.limited() ? packet_ins_.next_deadline() : never, bundles_.next_deadline()});
}

void Connection::handle(ByteSpan bytes, Time now) {
    const Header header = read_header(bytes);
    if (state_ == State::hello) return handle_hello(bytes);
    const bool is_hello = header.type == 0;
    if (header.version != action::wire(dialect_.version) && !is_hello)
        return send(header.xid, report(OfError::brc_bad_version, bytes));
    const auto message = decode(bytes, dialect_);
    if (!message) return send(header.xid, report(message.error(), bytes));
    RequestHandler handler{*this, header.xid, now};
    if (const auto done = handler.run(message->body); !done) send(header.xid, report(done.error(), bytes));
}

void Connection::handle_hello(ByteSpan bytes) {
    const Header header = read_header(bytes);
    const auto message = decode(bytes, dialect_);
    const Hello* hello = message ? std::get_if<Hello>(&message->body) : nullptr;
    if (!hello)
        return close("received a message of type " + std::to_string(header.type) + " instead of a hello");
    const auto common = (hello->versions & options_.versions).highest();
    if (!common) {
        const std::string text = "We support " + options_.versions.to_string() + ", you support " +
                                 hello->versions.to_string() + ", no versions in common.";
        const ByteSpan data = as_bytes(text);
        send(header.xid,
             ErrorReport{
                 .error = OfError::hfc_incompatible, .numbers = {}, .data = Bytes(data.begin(), data.end())});
        return close("version negotiation failed: " + text);
    }
    dialect_.version = *common;
    state_ = State::open;
}

void Connection::continue_dump(Time now) {
    FlowStatsReply reply;
    const bool more = dump_->cursor->next(flows_per_run, now, reply.flows);
    send(Message{.xid = dump_->xid, .body = std::move(reply), .more = more});
    if (!more) dump_.reset();
}

bool Connection::wants(AsyncKind kind, unsigned reason) const {
    return hears_of_events() && async_.wants(kind, reason, role_ == Role::secondary);
}

void Connection::send_packet_in(const PacketInTo& packet, Time now) {
    const PacketIn& m = packet.message;
    if (packet.controller_id != controller_id_) return;
    const auto reason = told_reason(m.reason, dialect_.version);
    if (!reason || !wants(AsyncKind::packet_in, *reason)) return;
    if (backlog_ + out_.size() > backlog_to_drop) return;
    if (!packet_ins_.limited() || packet_ins_.admit(m, now)) send_unasked(m);
}

void Connection::send_port_status(const PortStatus& status, const PortDesc* before) {
    if (!wants(AsyncKind::port_status, static_cast<unsigned>(status.reason))) return;
    const auto shown = [&](const PortDesc& desc) {
        return encode({0, PortStatus{status.reason, desc}}, dialect_);
    };
    if (before && shown(*before) == shown(status.desc)) return;
    send_unasked(status);
}

void Connection::send_flow_removed(const FlowRemoved& removed) {
    if (wants(AsyncKind::flow_removed, static_cast<unsigned>(removed.reason))) send_unasked(removed);
}

void Connection::demote(uint64_t generation_id) {
    role_ = Role::secondary;
    const auto reason = RoleChange::primary_request;
    if (dialect_.version >= Version::v14 && wants(AsyncKind::role_status, static_cast<unsigned>(reason)))
        send_unasked(RoleStatus{.role = Role::secondary, .reason = reason, .generation_id = generation_id});
}

}  // namespace weft::openflow
