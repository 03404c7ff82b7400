// SPDX-License-Identifier: Apache-2.0
// What a connection does with bundles.
#include <utility>

#include "openflow/connmgr.h"
#include "openflow/requests.h"

namespace weft::openflow {
namespace {

OfResult<Bundles::Kind> kind_of(const Body& body) {
    if (std::holds_alternative<GroupMod>(body)) return Bundles::Kind::removal;
    if (std::holds_alternative<PortMod>(body) || std::holds_alternative<PacketOut>(body))
        return Bundles::Kind::other;
    return refuse(OfError::bfc_msg_unsup);
}

/// Takes what it is given.
class StagedMods final : public ChangeSource {
  public:
    StagedMods(Bundles::Changes& changes, const Dialect& dialect, FlowModReader& reader)
        : messages_(changes.tables), dialect_(dialect), reader_(reader), removes_(changes.removes) {}
    bool removes() const override { return removes_; }
    size_t at_most() const override { return messages_.size(); }
    OfResult<std::optional<TableChange>> next() override {
        if (messages_.empty()) return std::nullopt;
        current_ = messages_.take();
        if (flow_mod_command(current_, dialect_.version)) {
            TRY(reader_.read(current_, dialect_));
            if (reader_.mod().buffer_id != no_buffer) return refuse(OfError::brc_buffer_unknown);
            return TableChange(&reader_.mod());
        }
        group_ = TRY(decode(current_, dialect_));
        groups_.add(current_);
        return TableChange(&std::get<GroupMod>(group_.body));
    }
    uint32_t kind() const override { return reader_.kind(); }
    /// The latest one, which an error quotes.
    ByteSpan current() const { return current_; }
    /// Those among them that change groups.
    StagedMessages& groups() { return groups_; }

  private:
    StagedMessages& messages_;
    const Dialect& dialect_;
    FlowModReader& reader_;
    const bool removes_;
    ByteSpan current_;
    Message group_;
    StagedMessages groups_;
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

OfResult<> RequestHandler::commit(const BundleControl& m) { return apply(TRY(c.bundles_.commit(m))); }

void RequestHandler::forward_groups(StagedMessages& groups) {
    while (!groups.empty() && c.manager_.wants_requests(ForwardReason::group_mod, c))
        if (const auto message = decode(groups.take(), c.dialect_))
            forward(std::get<GroupMod>(message->body), message->xid);
}

/// Flows and groups change all or not at all; ports and packets, which cannot be taken back, follow if they
/// did.
OfResult<> RequestHandler::apply(Bundles::Changes changes) {
    const auto failed = [&](ByteSpan message, OfError error) {
        c.send(xid, report(error, message));
        return refuse(OfError::bfc_msg_failed);
    };
    if (!changes.tables.empty()) {
        StagedMods mods(changes, c.dialect_, c.flow_mods_);
        const auto done = c.switch_.change_tables(mods, requester(), now);
        if (!done) return failed(mods.current(), done.error());
        forward_groups(mods.groups());
    }
    while (!changes.others.empty()) {
        const ByteSpan bytes = changes.others.take();
        const Message message = TRY(decode(bytes, c.dialect_));
        OfResult<> result;
        if (const auto* port = std::get_if<PortMod>(&message.body)) result = c.switch_.port_mod(*port);
        if (const auto* out = std::get_if<PacketOut>(&message.body))
            result = c.switch_.packet_out(*out, requester(), now);
        if (!result) return failed(bytes, result.error());
    }
    return {};
}

}  // namespace weft::openflow
