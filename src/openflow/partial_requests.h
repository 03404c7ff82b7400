// SPDX-License-Identifier: Apache-2.0
// Statistics requests that come in several messages (the multipart flag MORE), until they are whole.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "openflow/version.h"

namespace weft::openflow {

/// Belongs to one connection. Parts of several requests may alternate; they belong together by transaction
/// id.
class PartialRequests {
  public:
    static constexpr size_t max_bytes = 4 << 20;  ///< of all parts that wait
    static constexpr Duration patience = 1s;      ///< between two parts

    /// A request as it is now: its bytes (the header of the first part, whose length does not count, and the
    /// bodies of all), and how many of them an error quotes.
    struct Whole {
        Bytes bytes;
        size_t first_part = 0;
    };
    /// The message is a part, or ends a request that began with parts.
    bool concerns(ByteSpan message, Version v) const;
    /// None: more parts come. An error concerns this message.
    OfResult<std::optional<Whole>> add(ByteSpan message, Version v, Time now);
    /// Gives up those whose next part did not come in time; their first parts.
    std::vector<Bytes> expire(Time now);
    Time next_deadline() const;

  private:
    struct Waiting {
        Whole whole;
        Time deadline;
    };
    std::map<uint32_t, Waiting> waiting_;  ///< by transaction id
    size_t bytes_ = 0;
};

}  // namespace weft::openflow
