// SPDX-License-Identifier: Apache-2.0
// Numbers for frozen states: the datapath keeps a number and gives it back with the packet.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "pipeline/frozen.h"

namespace weft::pipeline {

/// A state and its number. Immutable; whoever holds it keeps the number in use.
struct Recirculation {
    uint32_t id = 0;
    Frozen state;
};
using RecircPtr = std::shared_ptr<const Recirculation>;

/// Resource type, one for a datapath; any thread. Equal states have equal numbers.
class RecircTable {
  public:
    /// How long a number that nobody holds is kept, for packets under way.
    static constexpr Duration grace = 5s;

    RecircPtr intern(const Frozen& state);
    /// A number that an earlier process gave away; false if it, or the state, has another.
    bool restore(uint32_t id, const Frozen& state);
    /// New numbers are beyond `last`, which an earlier process may have given away unknown to us.
    void skip(uint32_t last);
    /// All that is in use, and a number that tells whether that has changed.
    std::vector<RecircPtr> all() const;
    uint64_t changes() const;
    /// Null if the number is not in use.
    RecircPtr find(uint32_t id) const;
    /// Frees numbers that nobody has held for `grace`; call it every few seconds.
    void sweep(Time now);
    size_t size() const;

  private:
    struct Entry {
        RecircPtr state;
        Bytes key;
        Time unused = never;  ///< since when, as far as a sweep saw
    };
    mutable std::mutex mutex_;
    std::map<Bytes, uint32_t> by_state_;
    std::unordered_map<uint32_t, Entry> by_id_;
    uint32_t last_ = 0;
};

}  // namespace weft::pipeline
