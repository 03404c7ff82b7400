// SPDX-License-Identifier: Apache-2.0
#include "dp/ebpf/bucket_table.h"

#include <atomic>
#include <cerrno>

#include "sys/bpf_object.h"

namespace weft::dp {
namespace {

constexpr uint32_t buckets_min = 512;
constexpr uint32_t buckets_limit = 1u << 24;
/// Fuller than this (of 8 slots in a bucket), lookups go on to other buckets too often.
constexpr size_t slots_per_bucket_max = 4;

uint64_t slot_of(uint32_t entry, uint64_t hash) {
    return hash >> 32 << 32 | (entry + uint64_t{weft_slot_first});
}

std::atomic_ref<uint64_t> shared(__u64& word) {
    static_assert(sizeof(__u64) == sizeof(uint64_t));
    return std::atomic_ref(reinterpret_cast<uint64_t&>(word));
}

}  // namespace

Result<BucketTable> BucketTable::make(int outer, uint32_t* bucket_mask, HashOf hash_of) {
    BucketTable table(outer, bucket_mask, std::move(hash_of));
    Memory memory = TRY(allocate(buckets_min));
    TRY(table.publish(std::move(memory), 0));
    return table;
}

Result<BucketTable::Memory> BucketTable::allocate(uint32_t buckets) {
    Memory memory;
    memory.fd = TRY(sys::make_inner_array("buckets", sizeof(weft_bucket), buckets));
    memory.map =
        TRY(sys::Mapping::of(memory.fd.get(), size_t{buckets} * sizeof(weft_bucket), 0, "the flow table"));
    memory.mask = buckets - 1;
    return memory;
}

bool BucketTable::place(const Memory& memory, uint32_t entry, uint64_t hash, bool& was_free) {
    for (uint32_t k = 0; k < weft_bucket_probes; ++k)
        for (__u64& slot : memory.bucket(uint32_t(hash) + uint64_t{k}).slot) {
            const uint64_t now = shared(slot).load(std::memory_order_relaxed);
            if (uint32_t(now) >= weft_slot_first) continue;
            was_free = now == weft_slot_free;
            shared(slot).store(slot_of(entry, hash), std::memory_order_release);
            return true;
        }
    return false;
}

Result<void> BucketTable::insert(uint32_t entry, uint64_t hash) {
    bool was_free = false;
    if (used_ >= size_t{memory_.mask + 1} * slots_per_bucket_max || !place(memory_, entry, hash, was_free)) {
        TRY(grow());
        if (!place(memory_, entry, hash, was_free))
            return fail("a flow finds no room in its buckets", ENOSPC);
    }
    ++size_;
    used_ += was_free;
    return {};
}

uint64_t* BucketTable::find(uint32_t entry, uint64_t hash) const {
    for (uint32_t k = 0; k < weft_bucket_probes; ++k)
        for (__u64& slot : memory_.bucket(uint32_t(hash) + uint64_t{k}).slot)
            if (slot == slot_of(entry, hash)) return reinterpret_cast<uint64_t*>(&slot);
    return nullptr;
}

void BucketTable::replace(uint32_t old, uint32_t entry, uint64_t hash) {
    uint64_t* slot = find(old, hash);
    CHECK(slot);
    std::atomic_ref(*slot).store(slot_of(entry, hash), std::memory_order_release);
}

void BucketTable::erase(uint32_t entry, uint64_t hash) {
    uint64_t* slot = find(entry, hash);
    CHECK(slot);
    std::atomic_ref(*slot).store(weft_slot_removed, std::memory_order_release);
    --size_;
}

void BucketTable::clear() {
    auto fresh = allocate(buckets_min);
    if (fresh && publish(std::move(*fresh), 0)) return;
    for (uint32_t i = 0; i <= memory_.mask; ++i)
        for (__u64& slot : memory_.bucket(i).slot)
            if (uint32_t(slot) >= weft_slot_first)
                shared(slot).store(weft_slot_removed, std::memory_order_release);
    size_ = 0;
}

Result<void> BucketTable::publish(Memory memory, size_t used) {
    // Until both are there, a lookup may miss: its packet goes up.
    TRY(sys::set_descriptor(outer_, 0, memory.fd.get(), "replace the flow table"));
    std::atomic_ref(*bucket_mask_).store(memory.mask, std::memory_order_release);
    memory_ = std::move(memory);
    size_ = used_ = used;
    return {};
}

void BucketTable::for_each(const std::function<void(uint32_t)>& visit) const {
    for (uint32_t i = 0; i <= memory_.mask; ++i)
        for (const __u64 slot : memory_.bucket(i).slot)
            if (uint32_t(slot) >= weft_slot_first) visit(uint32_t(slot) - weft_slot_first);
}

Result<void> BucketTable::grow() {
    uint32_t buckets = buckets_min;
    while (size_t{buckets} * slots_per_bucket_max / 2 < size_ + 1) buckets *= 2;
    for (; buckets <= buckets_limit; buckets *= 2) {
        Memory next = TRY(allocate(buckets));
        bool fits = true, was_free = false;
        for_each([&](uint32_t entry) { fits = fits && place(next, entry, hash_of_(entry), was_free); });
        if (fits) return publish(std::move(next), size_);
    }
    return fail("the flow table cannot grow", ENOSPC);
}

}  // namespace weft::dp
