// SPDX-License-Identifier: Apache-2.0
// The megaflows of one mask.
#pragma once

#include <atomic>
#include <memory>

#include "dp/core/flow.h"

namespace weft::dp {

/// Open addressing in one array of words, each a flow's address and 16 bits of its hash, so that a miss
/// seldom touches a flow. Resource type: find() from any thread that is pinned, changes under FlowTable's
/// lock.
class Subtable {
  public:
    explicit Subtable(SparseMask mask) : mask_(std::move(mask)), slots_(new Slots(slots_min)) {}
    Subtable(const Subtable&) = delete;
    Subtable& operator=(const Subtable&) = delete;
    ~Subtable() { delete slots_.load(); }

    const SparseMask& mask() const { return mask_; }
    size_t size() const { return size_; }
    uint64_t hash(const uint64_t* key) const;
    uint64_t hash(const Flow& flow) const;
    Flow* find(const uint64_t* key, uint64_t hash) const;
    void prefetch_slot(uint64_t hash) const;
    /// The flow that find() will most likely look at.
    void prefetch_flow(uint64_t hash) const;

    struct Slots {
        explicit Slots(size_t n) : mask(n - 1), words(std::make_unique<std::atomic<uint64_t>[]>(n)) {}
        size_t mask;
        std::unique_ptr<std::atomic<uint64_t>[]> words;
    };
    /// The array that a larger one replaced, to be retired; null if there was room.
    [[nodiscard]] std::unique_ptr<Slots> insert(const Flow* flow, uint64_t hash);
    void erase(const Flow* flow);

    std::atomic<uint64_t> hits{0};  ///< decides the order of lookup; roughly counted

  private:
    static constexpr size_t slots_min = 16;
    static constexpr uint64_t empty = 0, removed = 1;

    static void place(Slots& slots, uint64_t word, uint64_t hash);
    std::unique_ptr<Slots> grown(const Slots& now) const;

    const SparseMask mask_;
    std::atomic<Slots*> slots_;
    size_t size_ = 0;  ///< flows
    size_t used_ = 0;  ///< at least the words that are not empty: flows, and places of removed ones
};

}  // namespace weft::dp
