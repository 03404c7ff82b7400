// SPDX-License-Identifier: Apache-2.0
// What a connection does with bundles.
#include <utility>

#include "openflow/connmgr.h"
#include "openflow/requests.h"

namespace weft::openflow {
namespace {

/// The staged messages one by one.
class StagedMessages {
  public:
    explicit StagedMessages(ByteSpan messages) : rest_(messages) {}
    bool empty() const { return rest_.empty(); }
    ByteSpan next() {
        current_ = rest_.first(read_header(rest_).length);
        rest_ = rest_.subspan(current_.size());
        return current_;
    }
    /// The latest one, which an error quotes.
    ByteSpan current() const { return current_; }

  private:
    ByteSpan rest_, current_;
};

OfResult<Bundles::Kind> kind_of(const Body& body) {
    if (std::holds_alternative<GroupMod>(body)) return Bundles::Kind::removal;
    if (std::holds_alternative<PortMod>(body) || std::holds_alternative<PacketOut>(body))
        return Bundles::Kind::other;
    return refuse(OfError::bfc_msg_unsup);
}

class StagedMods final : public ChangeSource {
  public:
    StagedMods(const Bundles::Changes& changes, const Dialect& dialect, FlowModReader& reader)
        : messages_(changes.messages), dialect_(dialect), reader_(reader), removes_(changes.removes) {}
    bool removes() const override { return removes_; }
    OfResult<std::optional<TableChange>> next() override {
        while (!messages_.empty()) {
            const ByteSpan bytes = messages_.next();
            if (flow_mod_command(bytes, dialect_.version)) {
                TRY(reader_.read(bytes, dialect_));
                if (reader_.mod().buffer_id != no_buffer) return refuse(OfError::brc_buffer_unknown);
                return TableChange(&reader_.mod());
            }
            message_ = TRY(decode(bytes, dialect_));
            if (const auto* group = std::get_if<GroupMod>(&message_.body)) return TableChange(group);
        }
        return std::nullopt;
    }
    uint32_t kind() const override { return reader_.kind(); }
    ByteSpan current() const { return messages_.current(); }

  private:
    StagedMessages messages_;
    const Dialect& dialect_;
    FlowModReader& reader_;
    Message message_;
    const bool removes_;
};

}  // namespace

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

OfResult<> RequestHandler::stage(const BundleAddView& m) {
    TRY(check_may_change());
    const Header inner = read_header(m.message);
    if (inner.xid != xid) return refuse(OfError::bfc_msg_bad_xid);
    if (inner.version != action::wire(c.dialect_.version)) return refuse(OfError::bfc_bad_version);
    if (flow_mod_command(m.message, c.dialect_.version)) {
        TRY(c.flow_mods_.read(m.message, c.dialect_));
        return c.bundles_.add(
            m, c.flow_mods_.mod().is_remove() ? Bundles::Kind::removal : Bundles::Kind::table_change, now);
    }
    const Message message = TRY(decode(m.message, c.dialect_));
    return c.bundles_.add(m, TRY(kind_of(message.body)), now);
}

OfResult<> RequestHandler::commit(const BundleControl& m) {
    const Bundles::Changes changes = TRY(c.bundles_.commit(m));
    return apply(changes);
}

void RequestHandler::forward_groups(const Bundles::Changes& changes) {
    if (!changes.table_changes || !c.manager_.wants_requests(ForwardReason::group_mod, c)) return;
    StagedMessages messages(changes.messages);
    while (!messages.empty()) {
        const auto message = decode(messages.next(), c.dialect_);
        if (!message) continue;
        if (const auto* group = std::get_if<GroupMod>(&message->body)) forward(*group, message->xid);
    }
}

/// Flows and groups change all or not at all; ports and packets, which cannot be taken back, follow if they
/// did.
OfResult<> RequestHandler::apply(const Bundles::Changes& changes) {
    const auto failed = [&](ByteSpan message, OfError error) {
        c.send(xid, report(error, message));
        return refuse(OfError::bfc_msg_failed);
    };
    if (changes.table_changes) {
        StagedMods mods(changes, c.dialect_, c.flow_mods_);
        const auto done = c.switch_.change_tables(mods, requester(), now);
        if (!done) return failed(mods.current(), done.error());
    }
    forward_groups(changes);
    StagedMessages messages(changes.messages);
    while (changes.others && !messages.empty()) {
        const Message message = TRY(decode(messages.next(), c.dialect_));
        OfResult<> result;
        if (const auto* port = std::get_if<PortMod>(&message.body)) result = c.switch_.port_mod(*port);
        if (const auto* out = std::get_if<PacketOut>(&message.body))
            result = c.switch_.packet_out(*out, requester(), now);
        if (!result) return failed(messages.current(), result.error());
    }
    return {};
}

}  // namespace weft::openflow
