// SPDX-License-Identifier: Apache-2.0
// StagedMessages: the messages of a bundle, as they came.
#pragma once

#include <deque>

#include "base/bytes.h"

namespace weft::openflow {

/// A queue of whole messages. Value type. Memory comes in pieces, so that it is never moved, and each goes
/// when its messages have been taken: what they are made into can have it.
class StagedMessages {
  public:
    void add(ByteSpan message);
    bool empty() const { return n_ == 0; }
    size_t size() const { return n_; }
    size_t bytes() const { return bytes_; }
    size_t memory() const;
    /// Valid until the next call of take().
    ByteSpan take();

  private:
    static constexpr size_t piece_size =
        64 << 10;  // as the largest message; larger pieces would be mapped and unmapped each

    std::deque<Bytes> pieces_;
    size_t taken_ = 0;  // bytes of the first piece
    size_t n_ = 0, bytes_ = 0;
};

}  // namespace weft::openflow
