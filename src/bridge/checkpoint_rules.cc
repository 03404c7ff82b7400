// SPDX-License-Identifier: Apache-2.0
// Rules in a checkpoint: there may be a million, so each is a record that is written and read in one go.
#include <algorithm>

#include "action/wire.h"
#include "bridge/checkpoint.h"
#include "flow/oxm.h"

namespace weft::bridge {

namespace {

/// Of OpenFlow: it has a form for each field and each action.
constexpr auto of_version = action::Version::v15;

struct Record {  // on the wire, before match and actions
    Be64 cookie, created, modified, used, packets, bytes;
    Be32 match_size, actions_size;
    Be16 priority, idle_timeout, hard_timeout, importance, flags;
    uint8_t table, pad;
};
static_assert(sizeof(Record) == 72);

Be64 ns(Time t) { return Be64(static_cast<uint64_t>(t.time_since_epoch().count())); }
Time time(Be64 ns) { return Time(Duration(static_cast<int64_t>(ns.host()))); }

std::unexpected<Error> bad(size_t n, const char* what) {
    return fail("rule " + std::to_string(n + 1) + " of a checkpoint: " + what);
}

}  // namespace

const Bytes& RuleWriter::wire_of(const action::Actions& actions) {
    if (last_ == &actions) return last_wire_;
    ByteWriter wire;
    action::encode_instructions(actions, of_version, wire);
    last_ = &actions;
    last_wire_ = wire.take();
    return last_wire_;
}

void RuleWriter::put(const pipeline::Rule& rule) {
    const Bytes& actions = wire_of(rule.actions());
    const size_t start = out_.size();
    Record r{};
    r.cookie = Be64(rule.cookie());
    r.created = ns(rule.created());
    r.modified = ns(rule.modified());
    r.used = ns(rule.cell().used());
    r.packets = Be64(rule.cell().packets());
    r.bytes = Be64(rule.cell().bytes());
    r.actions_size = Be32(static_cast<uint32_t>(actions.size()));
    r.priority = Be16(static_cast<uint16_t>(rule.priority()));
    r.idle_timeout = Be16(rule.idle_timeout());
    r.hard_timeout = Be16(rule.hard_timeout());
    r.importance = Be16(rule.importance());
    r.flags = Be16(rule.flags());
    r.table = rule.table();
    out_.write(r);
    flow::Match match = rule.match().expand();
    if (layout_) layout_->tell(match);
    flow::encode_oxm(match, static_cast<uint8_t>(of_version), out_);
    out_.patch_u32(start + offsetof(Record, match_size),
                   static_cast<uint32_t>(out_.size() - start - sizeof r));
    out_.bytes(actions);
}

Result<> read_rules(ByteSpan bytes, const std::function<void(EarlierRule&&)>& take) {
    ByteReader in(bytes);
    ByteSpan last;
    std::shared_ptr<const action::Actions> actions;
    for (size_t n = 0; !in.empty(); ++n) {
        const auto r = in.read<Record>();
        const ByteSpan match = in.take(r.match_size.host());
        const ByteSpan wire = in.take(r.actions_size.host());
        if (!in.ok()) return bad(n, "too short");
        auto matched = flow::decode_oxm(match);
        if (!matched) return bad(n, "bad match");
        if (!actions || !std::ranges::equal(wire, last)) {
            auto decoded = action::decode_instructions(wire, of_version);
            if (!decoded) return bad(n, "bad actions");
            actions = std::make_shared<const action::Actions>(*std::move(decoded));
            last = wire;
        }
        EarlierRule rule;
        pipeline::FlowChange& change = rule.change;
        change.command = pipeline::FlowChange::Command::add;
        change.filter.table = r.table;
        change.filter.match = *std::move(matched);
        change.filter.strict = true;
        change.filter.priority = r.priority.host();
        change.rule = {.cookie = r.cookie.host(),
                       .idle_timeout_s = r.idle_timeout.host(),
                       .hard_timeout_s = r.hard_timeout.host(),
                       .importance = r.importance.host(),
                       .flags = r.flags.host(),
                       .actions = actions};
        rule.created = time(r.created);
        rule.modified = time(r.modified);
        rule.used = time(r.used);
        rule.packets = r.packets.host();
        rule.bytes = r.bytes.host();
        take(std::move(rule));
    }
    return {};
}

}  // namespace weft::bridge
