// SPDX-License-Identifier: Apache-2.0
#include "dp/ebpf/bucket_table.h"

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "dp/ebpf/pool.h"

namespace weft::dp {
namespace {

constexpr uint32_t piece_buckets = 1u << weft_piece_buckets_shift;
constexpr uint32_t buckets_min = piece_buckets;
constexpr uint32_t buckets_limit = piece_buckets * weft_bucket_pieces_max;
/// Fuller than this (of 8 slots in a bucket), lookups go on to other buckets too often.
constexpr size_t slots_per_bucket_max = 4;
constexpr size_t copied_at_once = 256;

uint64_t slot_of(uint32_t entry, uint64_t hash) {
    return hash >> 32 << 32 | (entry + uint64_t{weft_slot_first});
}

std::atomic_ref<uint64_t> shared(__u64& word) {
    static_assert(sizeof(__u64) == sizeof(uint64_t));
    return std::atomic_ref(reinterpret_cast<uint64_t&>(word));
}

}  // namespace

Result<BucketTable> BucketTable::make(int outer, uint32_t* word) {
    BucketTable table(outer, word);
    table.begin(TRY(table.make_memory(buckets_min)));
    table.publish();
    return table;
}

Result<BucketTable::Memory> BucketTable::make_memory(uint32_t buckets) const {
    Memory memory;
    memory.map = TRY(sys::add_inner_arrays(pieces(1 - which_, buckets)));
    memory.mask = buckets - 1;
    memory.low = std::make_unique_for_overwrite<uint32_t[]>(size_t{buckets} * weft_bucket_slots);
    return memory;
}

sys::InnerArrays BucketTable::pieces(uint32_t which, size_t buckets) const {
    return {.name = "buckets",
            .outer = outer_,
            .value_size = sizeof(weft_bucket),
            .length = piece_buckets,
            .first = which * weft_bucket_pieces_max,
            .step = 1,
            .count = static_cast<uint32_t>(buckets / piece_buckets)};
}

std::optional<BucketTable::Place> BucketTable::place(const Memory& memory, uint32_t entry, uint64_t hash) {
    for (uint32_t k = 0; k < weft_bucket_probes; ++k) {
        const size_t bucket = (uint32_t(hash) + size_t{k}) & memory.mask;
        for (size_t i = 0; i < weft_bucket_slots; ++i) {
            __u64& slot = memory.bucket(bucket).slot[i];
            const uint64_t now = shared(slot).load(std::memory_order_relaxed);
            if (uint32_t(now) >= weft_slot_first) continue;
            memory.low[bucket * weft_bucket_slots + i] = static_cast<uint32_t>(hash);
            shared(slot).store(slot_of(entry, hash), std::memory_order_release);
            return Place{bucket, now == weft_slot_free};
        }
    }
    return std::nullopt;
}

Result<void> BucketTable::insert(uint32_t entry, uint64_t hash) {
    const auto placed = place(memory_, entry, hash);
    is_full_ = !placed;
    if (!placed) return fail("a flow finds no room in its buckets", EAGAIN);
    ++size_;
    used_ += placed->was_free;
    if (placed->bucket < copied_) place_next(entry, hash);
    return {};
}

void BucketTable::place_next(uint32_t entry, uint64_t hash) {
    const auto placed = place(next_, entry, hash);
    if (!placed) next_is_full_ = true;
    next_used_ += placed && placed->was_free;
}

__u64* BucketTable::find(const Memory& memory, uint32_t entry, uint64_t hash) {
    for (uint32_t k = 0; k < weft_bucket_probes; ++k)
        for (__u64& slot : memory.bucket(uint32_t(hash) + uint64_t{k}).slot)
            if (slot == slot_of(entry, hash)) return &slot;
    return nullptr;
}

void BucketTable::change(uint32_t entry, uint64_t hash, uint64_t slot) {
    __u64* const at = find(memory_, entry, hash);
    CHECK(at);
    shared(*at).store(slot, std::memory_order_release);
    if (copied_ == 0) return;
    __u64* const next = find(next_, entry, hash);
    if (next) shared(*next).store(slot, std::memory_order_release);
}

void BucketTable::replace(uint32_t old, uint32_t entry, uint64_t hash) {
    change(old, hash, slot_of(entry, hash));
}

void BucketTable::erase(uint32_t entry, uint64_t hash) {
    change(entry, hash, weft_slot_removed);
    --size_;
}

void BucketTable::clear() {
    for (const Memory* memory : {&memory_, &next_})
        for (size_t i = 0; i < memory->buckets(); ++i)
            for (__u64& slot : memory->bucket(i).slot)
                if (uint32_t(slot) >= weft_slot_first)
                    shared(slot).store(weft_slot_removed, std::memory_order_release);
    size_ = 0;
}

bool BucketTable::runs_low() const { return is_full_ || used_ >= memory_.buckets() * slots_per_bucket_max; }

Result<uint32_t> BucketTable::wanted_buckets() const {
    size_t buckets = is_full_ ? memory_.buckets() * 2 : size_t{buckets_min};
    // A storm of new flows comes faster than memory: while it takes little, make more of it.
    const size_t slots = size_ < Pool::few ? 1 : slots_per_bucket_max / 2;
    while (buckets * slots < size_ + 1) buckets *= 2;
    if (next_is_full_) buckets = std::max(buckets, next_.buckets() * 2);
    if (buckets > buckets_limit) return fail("the flow table cannot grow", ENOSPC);
    return static_cast<uint32_t>(buckets);
}

void BucketTable::begin(Memory next) {
    next_ = std::move(next);
    copied_ = next_used_ = 0;
    next_is_full_ = false;
}

BucketTable::Copied BucketTable::copy_some() {
    const size_t end = std::min(copied_ + copied_at_once, memory_.buckets());
    for (; copied_ < end && !next_is_full_; ++copied_)
        for (size_t i = 0; i < weft_bucket_slots; ++i) {
            const uint64_t slot = memory_.bucket(copied_).slot[i];
            if (uint32_t(slot) < weft_slot_first) continue;
            place_next(uint32_t(slot) - weft_slot_first,
                       slot >> 32 << 32 | memory_.low[copied_ * weft_bucket_slots + i]);
        }
    if (next_is_full_) {
        copied_ = 0;
        return Copied::too_small;
    }
    if (copied_ < memory_.buckets()) return Copied::some;
    publish();
    return Copied::all;
}

void BucketTable::publish() {
    which_ = 1 - which_;
    std::atomic_ref(*word_).store(next_.mask | which_ << weft_table_shift, std::memory_order_release);
    former_ = std::exchange(memory_, std::exchange(next_, {}));
    used_ = next_used_;
    copied_ = 0;
    is_full_ = false;
}

/// To take maps out waits for programs once for each; to replace them all, once.
Result<void> BucketTable::drop_former() {
    const sys::InnerArrays gone = pieces(1 - which_, former_.buckets());
    former_ = {};
    if (gone.count == 0) return {};
    if (!nothing_.valid()) nothing_ = TRY(sys::make_inner_array(gone));
    return sys::replace_inner_arrays(gone, nothing_);
}

void BucketTable::for_each(const std::function<void(uint32_t)>& visit) const {
    for (size_t i = 0; i < memory_.buckets(); ++i)
        for (const __u64 slot : memory_.bucket(i).slot)
            if (uint32_t(slot) >= weft_slot_first) visit(uint32_t(slot) - weft_slot_first);
}

}  // namespace weft::dp
