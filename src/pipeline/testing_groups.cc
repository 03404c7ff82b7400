// SPDX-License-Identifier: Apache-2.0
// World's groups, from text.
#include "action/text.h"
#include "base/result.h"
#include "flow/field_text.h"
#include "flow/key_value.h"
#include "pipeline/testing.h"

namespace weft::pipeline::testing {

namespace {

using action::Bucket;
using action::GroupType;

uint32_t number(std::string_view text) {
    uint32_t v = 0;
    for (const char c : text) v = v * 10 + static_cast<uint32_t>(c - '0');
    return v;
}

GroupType type_of(std::string_view text) {
    if (text == "select") return GroupType::select;
    if (text == "ff") return GroupType::fast_failover;
    return text == "indirect" ? GroupType::indirect : GroupType::all;
}

uint32_t place_of(std::string_view text) {
    if (text == "first") return action::bucket_first;
    if (text == "last") return action::bucket_last;
    return text == "all" ? action::bucket_all : number(text);
}

Result<Bucket> parse_bucket(std::string_view text, bool select) {
    Bucket b{.weight = static_cast<uint16_t>(select ? 1 : 0), .actions = {}};
    for (;;) {
        std::string_view rest = text;
        const auto word = flow::next_key_value(rest);
        if (!word) break;
        if (word->key == "weight")
            b.weight = static_cast<uint16_t>(number(word->value));
        else if (word->key == "watch_port")
            b.watch_port = OfPort{static_cast<uint16_t>(number(word->value))};
        else if (word->key == "watch_group")
            b.watch_group = number(word->value);
        else if (word->key == "bucket_id")
            b.id = number(word->value);
        else
            break;
        text = rest;
    }
    while (text.starts_with(',')) text.remove_prefix(1);
    b.actions = TRY(action::parse_actions(text));
    return b;
}

Result<void> parse_word(const flow::KeyValue& word, GroupChange& change) {
    if (word.key == "type") {
        change.spec.type = type_of(word.value);
    } else if (word.key == "at") {
        change.bucket = place_of(word.value);
    } else if (word.key == "hash" || word.key == "dp_hash") {
        change.spec.selection.method = word.key;
    } else if (const flow::Field* f = flow::find_field(word.key)) {
        change.spec.selection.fields.push_back({f->id, flow::FieldValue::ones(f->n_bits)});
    } else {
        return fail("unknown word " + std::string(word.text));
    }
    return {};
}

}  // namespace

Result<GroupChange> parse_group(std::string_view text, GroupChange::Command command) {
    GroupChange change;
    change.command = command;
    constexpr std::string_view mark = "bucket=";
    size_t at = text.find(mark);
    std::string_view head = text.substr(0, at);
    change.id = number(head.substr(0, head.find(',')));
    head.remove_prefix(std::min(head.size(), head.find(',')));
    while (const auto word = flow::next_key_value(head)) TRY(parse_word(*word, change));
    while (at != text.npos) {
        const size_t next = text.find(",bucket=", at + mark.size());
        const std::string_view one =
            text.substr(at + mark.size(), next == text.npos ? next : next - at - mark.size());
        change.spec.buckets.push_back(TRY(parse_bucket(one, change.spec.type == GroupType::select)));
        at = next == text.npos ? next : next + 1;
    }
    return change;
}

Result<void> World::try_group(const std::string& name, std::string_view group, GroupChange::Command command) {
    const GroupChange change = TRY(parse_group(group, command));
    TablesEdit edit(*bridge(name).bridge.tables, now_);
    if (const auto done = edit.apply(change); !done) return fail(done.error().message);
    edit.publish();
    return {};
}

void World::change_group(const std::string& name, std::string_view group, GroupChange::Command command) {
    CHECK(try_group(name, group, command));
}

}  // namespace weft::pipeline::testing
