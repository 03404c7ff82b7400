// SPDX-License-Identifier: Apache-2.0
// The reading side of a BPF ring buffer, whose reader decides when the writers learn what it has read.
#pragma once

#include <functional>
#include <memory>

#include "base/bytes.h"
#include "sys/mapping.h"

namespace weft::sys {

/// Resource type. produced() and consumed() from any thread, the rest from one.
class BpfRing {
  public:
    /// `map` must outlive it; no record is longer than `record_max`.
    static Result<std::unique_ptr<BpfRing>> open(int map, uint32_t size, uint32_t record_max);

    /// Readable when there are records. After release(), not before.
    int fd() const { return map_; }
    /// The next record, or an empty span. Its memory is lent until release().
    ByteSpan next();
    /// There is none, not even one that is being written. Call it after release().
    bool is_empty() const { return produced() == position_; }
    /// Gives back all records that next() has returned: only now do writers see that they were read.
    void release();
    /// Bytes ever reserved by writers: records that are in the ring now end there at the latest.
    uint64_t produced() const;
    /// Bytes that release() has given back.
    uint64_t consumed() const;

  private:
    BpfRing(int map, uint32_t size, Mapping consumer, Mapping producer)
        : map_(map), size_(size), consumer_(std::move(consumer)), producer_(std::move(producer)) {}
    int map_;
    uint32_t size_;
    Mapping consumer_;  ///< the page with our position
    Mapping producer_;  ///< the page with the writers' position, then the data, and its beginning again, so
                        ///< that no record wraps
    uint64_t position_ = 0;
    uint64_t known_ = 0;  ///< writers were there already
};

}  // namespace weft::sys
