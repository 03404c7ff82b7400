// SPDX-License-Identifier: Apache-2.0
#include "openflow/partial_requests.h"

#include <algorithm>

#include "openflow/codec.h"

namespace weft::openflow {
namespace {

struct Part {
    uint32_t xid;
    uint16_t type;
    bool more;
    ByteSpan body;  ///< behind the multipart header
};

/// None: it is no statistics request, or not even a whole header of one.
std::optional<Part> part_of(ByteSpan message, Version v) {
    const Header h = read_header(message);
    if (message_type(h.type, v) != MessageType::stats_request) return std::nullopt;
    ByteReader in(message.subspan(header_size));
    const uint16_t type = in.u16(), flags = in.u16();
    if (v > Version::v10) in.skip(4);
    if (!in.ok()) return std::nullopt;
    return Part{h.xid, type, (flags & 1) != 0, in.rest()};
}

/// Only lists can come in parts.
bool is_list(uint16_t type) {
    return type == static_cast<uint16_t>(StatsType::table_features) ||
           type == static_cast<uint16_t>(StatsType::flow_monitor);
}

}  // namespace

bool PartialRequests::concerns(ByteSpan message, Version v) const {
    const auto part = part_of(message, v);
    return part && (part->more || (!waiting_.empty() && waiting_.contains(part->xid)));
}

OfResult<std::optional<PartialRequests::Whole>> PartialRequests::add(ByteSpan message, Version v, Time now) {
    const Part part = *part_of(message, v);
    auto it = waiting_.find(part.xid);
    const bool fits = bytes_ + message.size() <= max_bytes;
    if (it == waiting_.end()) {
        if (!fits) return refuse(OfError::brc_multipart_buffer_overflow);
        Whole first{Bytes(message.begin(), message.end()), message.size()};
        it = waiting_.emplace(part.xid, Waiting{std::move(first), now + patience}).first;
        bytes_ += message.size();
        return std::nullopt;
    }
    Bytes& bytes = it->second.whole.bytes;
    const Part first = *part_of(bytes, v);
    if (part.type != first.type) return refuse(OfError::brc_bad_stat);
    const bool joins = part.body.empty() || is_list(part.type);
    if (fits && joins) {
        bytes.insert(bytes.end(), part.body.begin(), part.body.end());
        bytes_ += part.body.size();
        it->second.deadline = now + patience;
        if (part.more) return std::nullopt;
    }
    bytes_ -= bytes.size();
    Whole whole = std::move(it->second.whole);
    waiting_.erase(it);
    if (!fits) return refuse(OfError::brc_multipart_buffer_overflow);
    if (!joins) return refuse(OfError::brc_bad_stat);
    // What is whole has no more parts: the flag of the first goes.
    whole.bytes[header_size + 3] &= 0xfe;
    return whole;
}

std::vector<Bytes> PartialRequests::expire(Time now) {
    std::vector<Bytes> out;
    for (auto it = waiting_.begin(); it != waiting_.end();) {
        const auto late = it++;
        if (late->second.deadline > now) continue;
        Bytes bytes = std::move(late->second.whole.bytes);
        bytes_ -= bytes.size();
        bytes.resize(late->second.whole.first_part);
        out.push_back(std::move(bytes));
        waiting_.erase(late);
    }
    return out;
}

Time PartialRequests::next_deadline() const {
    Time next = never;
    for (const auto& [xid, w] : waiting_) next = std::min(next, w.deadline);
    return next;
}

}  // namespace weft::openflow
