// SPDX-License-Identifier: Apache-2.0
// What a connection does with bundles.
#include "openflow/requests.h"

namespace weft::openflow {
namespace {

/// The staged messages one by one, decoded again.
class StagedMessages {
  public:
    StagedMessages(ByteSpan messages, const Dialect& dialect) : rest_(messages), dialect_(dialect) {}
    bool empty() const { return rest_.empty(); }
    OfResult<Message> next() {
        current_ = rest_.first(read_header(rest_).length);
        rest_ = rest_.subspan(current_.size());
        return decode(current_, dialect_);
    }
    /// The latest one, which an error quotes.
    ByteSpan current() const { return current_; }

  private:
    ByteSpan rest_, current_;
    const Dialect& dialect_;
};

class StagedMods final : public ChangeSource {
  public:
    StagedMods(const Bundles::Changes& changes, const Dialect& dialect)
        : messages_(changes.messages, dialect), removes_(changes.removes) {}
    bool removes() const override { return removes_; }
    OfResult<std::optional<TableChange>> next() override {
        while (!messages_.empty()) {
            message_ = TRY(messages_.next());
            const auto* mod = std::get_if<FlowMod>(&message_.body);
            if (mod && mod->buffer_id != no_buffer) return refuse(OfError::brc_buffer_unknown);
            if (mod) return TableChange(mod);
            if (const auto* group = std::get_if<GroupMod>(&message_.body)) return TableChange(group);
        }
        return std::nullopt;
    }
    ByteSpan current() const { return messages_.current(); }

  private:
    StagedMessages messages_;
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

OfResult<> RequestHandler::operator()(const BundleAdd& m) {
    TRY(check_may_change());
    const Header inner = read_header(m.message);
    if (inner.xid != xid) return refuse(OfError::bfc_msg_bad_xid);
    if (inner.version != action::wire(c.dialect_.version)) return refuse(OfError::bfc_bad_version);
    const Message message = TRY(decode(m.message, c.dialect_));
    const bool can_be_staged =
        std::holds_alternative<FlowMod>(message.body) || std::holds_alternative<GroupMod>(message.body) ||
        std::holds_alternative<PortMod>(message.body) || std::holds_alternative<PacketOut>(message.body);
    if (!can_be_staged) return refuse(OfError::bfc_msg_unsup);
    return c.bundles_.add(m, message.body, now);
}

OfResult<> RequestHandler::commit(const BundleControl& m) {
    const Bundles::Changes changes = TRY(c.bundles_.commit(m));
    return apply(changes);
}

/// Flows and groups change all or not at all; ports and packets, which cannot be taken back, follow if they
/// did.
OfResult<> RequestHandler::apply(const Bundles::Changes& changes) {
    const auto failed = [&](ByteSpan message, OfError error) {
        c.send(xid, report(error, message));
        return refuse(OfError::bfc_msg_failed);
    };
    if (changes.table_changes) {
        StagedMods mods(changes, c.dialect_);
        const auto done = c.switch_.change_tables(mods, c.requester(), now);
        if (!done) return failed(mods.current(), done.error());
    }
    StagedMessages messages(changes.messages, c.dialect_);
    while (changes.others && !messages.empty()) {
        const Message message = TRY(messages.next());
        OfResult<> result;
        if (const auto* port = std::get_if<PortMod>(&message.body)) result = c.switch_.port_mod(*port);
        if (const auto* out = std::get_if<PacketOut>(&message.body))
            result = c.switch_.packet_out(*out, c.requester(), now);
        if (!result) return failed(messages.current(), result.error());
    }
    return {};
}

}  // namespace weft::openflow
