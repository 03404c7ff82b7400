// SPDX-License-Identifier: Apache-2.0
#include "openflow/flow_mod_reader.h"

#include <algorithm>

#include "openflow/codec.h"

namespace weft::openflow {
namespace {

/// Where things are in a flow_mod.
struct Layout {
    size_t cookie, priority;
    size_t match;      ///< the structure of 1.0, or the first field
    size_t match_end;  ///< 0: the match is of a form whose values we do not look for
};

constexpr Layout layout_10{.cookie = 48, .priority = 62, .match = header_size, .match_end = 48};
constexpr size_t match_header = 4;

uint16_t u16_at(ByteSpan message, size_t at) {
    return static_cast<uint16_t>(message[at] << 8 | message[at + 1]);
}

Layout layout_of(ByteSpan message, const Dialect& d) {
    const bool standard = read_header(message).type == message_number(MessageType::flow_mod, d.version);
    if (!standard)  // struct nx_flow_mod: the match's length, padding, then its fields
        return {.cookie = 16, .priority = 30, .match = 48, .match_end = 48u + u16_at(message, 40)};
    if (d.version == Version::v10) return layout_10;
    constexpr size_t match_at = 48;
    const bool is_oxm = u16_at(message, match_at) == 1;
    return {.cookie = 8,
            .priority = 30,
            .match = match_at + match_header,
            .match_end = is_oxm ? match_at + u16_at(message, match_at + 2) : 0};
}

uint64_t word_at(const uint8_t* bytes) {
    uint64_t word;
    std::memcpy(&word, bytes, sizeof word);
    return word;
}

}  // namespace

bool FlowModReader::is_alike(ByteSpan message, const Dialect& d) const {
    if (message.size() != like_.size() || d.version != dialect_.version || d.table_id != dialect_.table_id)
        return false;
    uint64_t differs = 0;
    size_t i = 0;
    for (; i + 8 <= message.size(); i += 8)
        differs |= (word_at(&message[i]) ^ word_at(&like_[i])) & word_at(&fixed_[i]);
    for (; i < message.size(); ++i) differs |= (message[i] ^ like_[i]) & fixed_[i];
    return differs == 0;
}

bool FlowModReader::put_in(ByteSpan message) {
    FlowMod& mod = *mod_;
    mod.priority = u16_at(message, priority_at_);
    mod.new_cookie = ByteReader(message.subspan(cookie_at_)).u64();
    return flow::put_values(values_, message.subspan(match_at_), mod.match);
}

OfResult<> FlowModReader::read(ByteSpan message, const Dialect& dialect) {
    if (is_alike(message, dialect) && put_in(message)) return {};
    like_.clear();
    TRY(decode_flow_mod(message, dialect, mod_.emplace()));
    learn(message, dialect);
    return {};
}

void FlowModReader::let_differ(size_t at, size_t size) {
    std::fill_n(fixed_.begin() + static_cast<ptrdiff_t>(at), size, uint8_t{0});
}

void FlowModReader::learn(ByteSpan message, const Dialect& dialect) {
    const Layout at = layout_of(message, dialect);
    // Without wildcards 1.0 has a priority of its own.
    const bool is_10 = at.match == header_size;
    if (mod_->command != FlowModCommand::add || (is_10 && !flow::has_wildcards10(message.subspan(at.match))))
        return;
    ++kind_;
    like_.assign(message.begin(), message.end());
    fixed_.assign(message.size(), 0xff);
    dialect_ = dialect;
    cookie_at_ = at.cookie;
    priority_at_ = at.priority;
    match_at_ = at.match;
    let_differ(4, sizeof(uint32_t));  // the transaction's id
    let_differ(at.cookie, sizeof(uint64_t));
    let_differ(at.priority, sizeof(uint16_t));
    values_.clear();
    if (at.match_end == 0) return;
    values_ = is_10 ? flow::match10_value_places(mod_->match)
                    : flow::oxm_value_places(message.subspan(at.match, at.match_end - at.match), mod_->match);
    for (const flow::ValuePlace& p : values_) let_differ(at.match + p.at, p.size);
}

}  // namespace weft::openflow
