// SPDX-License-Identifier: Apache-2.0
#include "openflow/staged_messages.h"

#include <algorithm>

#include "openflow/message.h"

namespace weft::openflow {

void StagedMessages::add(ByteSpan message) {
    if (pieces_.empty() || pieces_.back().capacity() - pieces_.back().size() < message.size()) {
        // A bundle of few messages takes no more than it needs.
        pieces_.emplace_back().reserve(std::clamp(bytes_, message.size(), piece_size));
    }
    pieces_.back().insert(pieces_.back().end(), message.begin(), message.end());
    ++n_;
    bytes_ += message.size();
}

size_t StagedMessages::memory() const {
    size_t out = 0;
    for (const Bytes& piece : pieces_) out += piece.capacity();
    return out;
}

ByteSpan StagedMessages::take() {
    CHECK(n_ > 0);
    if (taken_ == pieces_.front().size()) {
        pieces_.pop_front();
        taken_ = 0;
    }
    const ByteSpan rest = ByteSpan(pieces_.front()).subspan(taken_);
    const ByteSpan message = rest.first(read_header(rest).length);
    taken_ += message.size();
    --n_;
    bytes_ -= message.size();
    return message;
}

}  // namespace weft::openflow
