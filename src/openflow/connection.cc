// SPDX-License-Identifier: Apache-2.0
#include "openflow/connection.h"

#include <algorithm>
#include <utility>

#include "openflow/connmgr.h"
#include "openflow/flow_mod_run.h"
#include "openflow/requests.h"

namespace weft::openflow {
namespace {

constexpr size_t work_per_run = 256;          // flow_mods and bundle_adds: then others get their turn
constexpr size_t work_of_request = 5;         // of another kind
constexpr size_t flows_per_run = 500;         // of a dump
constexpr size_t backlog_to_wait = 1 << 18;   // bytes: a peer that does not read is not served
constexpr size_t backlog_to_pause = 1 << 17;  // bytes: beyond, flow monitors wait until all is read
constexpr size_t backlog_to_drop = 1 << 20;   // bytes: beyond, packets for it are dropped
constexpr size_t backlog_to_close = 64 << 20;
constexpr size_t input_to_wait = 1 << 18;  // bytes: requests not served yet

constexpr size_t length_at = 2, multipart_flags_at = header_size + 2;  // in a message

constexpr uint32_t all_reasons = 0x3f, removed_reasons = 0x3f, removed_reasons_13 = 0xf, port_reasons = 7;
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
      monitors_(of_switch),
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

void Connection::send(const Message& message) {
    const size_t start = out_.size();
    encode(message, dialect_, out_);
    tell_snoop(start);
}

void Connection::tell_snoop(size_t start) const {
    if (manager_.snoop && !options_.service) manager_.snoop(out_.span().subspan(start));
}

void Connection::reconfigure(const Options& options) {
    if (options.packet_ins != options_.packet_ins) packet_ins_ = PacketInQueue(options.packet_ins);
    options_.probe = options.probe;
    options_.packet_ins = options.packet_ins;
    options_.bundle_idle = options.bundle_idle;
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

bool Connection::can_serve() const {
    const ByteSpan rest = ByteSpan(in_).subspan(consumed_);
    return state_ != State::closed && !is_busy() && backlog_ + out_.size() < backlog_to_wait &&
           rest.size() >= header_size && rest.size() >= read_header(rest).length;
}

bool Connection::run(Time now, size_t backlog) {
    backlog_ = backlog;
    if (backlog_ + out_.size() > backlog_to_close) close("the peer does not read what it is sent");
    if (dump_ && backlog < backlog_to_wait) continue_dump(now);
    if (state_ == State::open && backlog < backlog_to_wait) run_monitors(now);
    size_t budget = work_per_run;
    while (state_ != State::closed && !is_busy() && backlog + out_.size() < backlog_to_wait && budget > 0) {
        const ByteSpan rest = ByteSpan(in_).subspan(consumed_);
        if (rest.size() < header_size) break;
        const size_t length = read_header(rest).length;
        if (length < header_size) {
            close("received a message of length " + std::to_string(length) + ", less than its header");
            break;
        }
        if (rest.size() < length) break;
        budget -= std::min(budget, handle_next(rest, length, now));
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
    for (size_t n = bundles_.expire(now, options_.bundle_idle).size(); n > 0; --n)
        send_unasked(report(OfError::bfc_timeout, {}));
    for (const Bytes& part : parts_.expire(now))
        send(read_header(part).xid, report(OfError::brc_multipart_request_timeout, part));
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
    return state_ != State::closed && backlog < backlog_to_wait && (is_busy() || budget == 0);
}

Time Connection::next_deadline() const {
    if (state_ == State::closed) return never;
    const Time probe = options_.probe > 0s ? heard_ + options_.probe : never;
    return std::min({probe, packet_ins_.limited() ? packet_ins_.next_deadline() : never,
                     bundles_.next_deadline(options_.bundle_idle), parts_.next_deadline()});
}

void Connection::handle(ByteSpan bytes, Time now) {
    const Header header = read_header(bytes);
    if (state_ == State::hello) return handle_hello(bytes);
    const bool is_hello = header.type == 0;
    if (header.version != action::wire(dialect_.version) && !is_hello)
        return send(header.xid, report(OfError::brc_bad_version, bytes));
    if (parts_.concerns(bytes, dialect_.version)) return handle_part(bytes, now);
    perform(decode(bytes, dialect_), bytes, now);
}

size_t Connection::handle_next(ByteSpan rest, size_t length, Time now) {
    if (const size_t n = handle_flow_mods(rest, length, now)) return n;
    const ByteSpan message = rest.first(length);
    if (manager_.snoop && !options_.service) manager_.snoop(message);
    consumed_ += length;
    if (handle_bundle_add(message, now)) return 1;
    handle(message, now);
    return work_of_request;
}

bool Connection::handle_bundle_add(ByteSpan message, Time now) {
    const Header header = read_header(message);
    if (state_ != State::open || header.version != action::wire(dialect_.version)) return false;
    const auto staged = view_bundle_add(message, dialect_);
    if (!staged) return false;
    RequestHandler handler{*this, header.xid, now};
    const auto done = *staged ? handler.stage(**staged) : refuse(staged->error());
    if (!done) send(header.xid, report(done.error(), message));
    return true;
}

/// Monitors hear of each change on its own, by the request that made it, and so does who asked for vacancy
/// events.
bool Connection::may_join_flow_mods() const {
    return state_ == State::open && role_ != Role::secondary && !manager_.has_monitors() &&
           !switch_.tells_of_room();
}

size_t Connection::handle_flow_mods(ByteSpan rest, size_t length, Time now) {
    if (!may_join_flow_mods() || !flow_mod_command(rest.first(length), dialect_.version)) return 0;
    const bool snoops = manager_.snoop && !options_.service;
    FlowModRun run(rest, dialect_, flow_mods_, snoops ? manager_.snoop : nullptr);
    const Requester from{options_.id, dialect_.version, controller_id_, read_header(rest).xid};
    const auto done = switch_.change_tables(run, from, now);
    CHECK(run.messages_taken() > 0);
    if (!done) send(read_header(run.current()).xid, report(done.error(), run.current()));
    consumed_ += run.bytes_taken();
    return run.messages_taken();
}

void Connection::perform(const OfResult<Message>& request, ByteSpan quoted, Time now) {
    const uint32_t xid = read_header(quoted).xid;
    if (!request) return send(xid, report(request.error(), quoted));
    RequestHandler handler{*this, xid, now, request->nicira};
    if (const auto done = handler.run(request->body); !done) send(xid, report(done.error(), quoted));
}

void Connection::handle_part(ByteSpan bytes, Time now) {
    const auto whole = parts_.add(bytes, dialect_.version, now);
    if (!whole) return send(read_header(bytes).xid, report(whole.error(), bytes));
    if (!*whole) return;
    const ByteSpan joined = (*whole)->bytes;
    perform(decode_joined(joined, dialect_), joined.first((*whole)->first_part), now);
}

void Connection::handle_hello(ByteSpan bytes) {
    const Header header = read_header(bytes);
    const auto message = decode(bytes, dialect_);
    const Hello* hello = message ? std::get_if<Hello>(&message->body) : nullptr;
    if (header.version == 0) return close("received a hello of version 0");
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
    if (dialect_.version < Version::v14) async_.mask(AsyncKind::flow_removed, false) &= removed_reasons_13;
}

void Connection::continue_dump(Time now) {
    FlowStatsReply reply;
    const bool more = dump_->cursor->next(flows_per_run, now, reply.flows);
    for (FlowStats& flow : reply.flows) switch_.tell_options(flow.match);
    const Bytes part = encode(
        {.xid = dump_->xid, .body = std::move(reply), .more = true, .nicira = dump_->nicira}, dialect_);
    for (ByteSpan rest = part; !rest.empty(); rest = rest.subspan(read_header(rest).length))
        pack(rest.first(read_header(rest).length));
    if (more) return;
    dump_->piece.patch_u16(multipart_flags_at, 0);
    send_piece();
    dump_.reset();
}

void Connection::pack(ByteSpan message) {
    const size_t head = dialect_.version > Version::v10 ? 16 : dump_->nicira ? 24 : 12;
    ByteWriter& piece = dump_->piece;
    if (piece.size() == 0) piece.bytes(message.first(head));
    for (ByteSpan rest = message.subspan(head); !rest.empty();) {
        const ByteSpan entry = rest.first(ByteReader(rest).u16());  // each begins with its length
        rest = rest.subspan(entry.size());
        if (piece.size() + entry.size() > max_message) {
            send_piece();
            piece.bytes(message.first(head));
        }
        piece.bytes(entry);
    }
}

void Connection::send_piece() {
    dump_->piece.patch_u16(length_at, static_cast<uint16_t>(dump_->piece.size()));
    const size_t start = out_.size();
    out_.bytes(dump_->piece.take());
    dump_->piece = {};
    tell_snoop(start);
}

void Connection::run_monitors(Time now) {
    if (monitors_.empty() && !monitors_.busy()) return;
    MonitorFeed::Piece piece = monitors_.run(now, backlog_ + out_.size() == 0);
    if (!piece.updates.empty() || piece.xid)
        send(Message{.xid = piece.xid.value_or(0),
                     .body = FlowMonitorReply{std::move(piece.updates)},
                     .more = piece.more});
    if (piece.resumed) send_unasked(FlowMonitorReply{{{.event = FlowUpdate::Event::resumed}}});
}

void Connection::send_flow_events(std::span<const FlowEvent> events, const Requester& from, Time now) {
    if (state_ != State::open || monitors_.empty()) return;
    FlowMonitorReply reply{monitors_.take(events, from, from.connection == options_.id)};
    if (!reply.updates.empty()) send_unasked(std::move(reply));
    if (backlog_ + out_.size() <= backlog_to_pause) return;
    if (auto pause = monitors_.pause(now)) send_unasked(FlowMonitorReply{{*std::move(pause)}});
}

bool Connection::wants(AsyncKind kind, unsigned reason) const {
    return hears_of_events() && async_.wants(kind, reason, role_ == Role::secondary);
}

Delivery Connection::send_packet_in(const PacketInTo& packet, Time now) {
    const PacketIn& m = packet.message;
    if (packet.controller_id != controller_id_) return Delivery::nobody;
    const auto reason = told_reason(m.reason, dialect_.version);
    if (!reason || !wants(AsyncKind::packet_in, *reason)) return Delivery::nobody;
    if (backlog_ + out_.size() > backlog_to_drop) return Delivery::full;
    const uint64_t dropped = packet_ins_.dropped();
    if (!packet_ins_.limited() || packet_ins_.admit(m, now)) send_unasked(m);
    return packet_ins_.dropped() > dropped ? Delivery::full : Delivery::taken;
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

void Connection::send_table_status(const TableStatus& status) {
    if (dialect_.version >= Version::v14 &&
        wants(AsyncKind::table_status, static_cast<unsigned>(status.reason)))
        send_unasked(status);
}

bool Connection::wants_requests(ForwardReason reason) const {
    return dialect_.version >= Version::v14 &&
           wants(AsyncKind::request_forward, static_cast<unsigned>(reason));
}

void Connection::forward_request(const Message& request) {
    send_unasked(RequestForward{encode(request, dialect_)});
}

void Connection::demote(uint64_t generation_id) {
    role_ = Role::secondary;
    // Whatever the masks say, as Open vSwitch: it is about this connection alone.
    if (state_ == State::open && dialect_.version >= Version::v13)
        send_unasked(RoleStatus{
            .role = Role::secondary, .reason = RoleChange::primary_request, .generation_id = generation_id});
}

}  // namespace weft::openflow
