// SPDX-License-Identifier: Apache-2.0
#include "obs/heap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>
#include <vector>

namespace weft::obs {
namespace {

uint64_t bytes_for(HeapUse use) { return heap_bytes()[static_cast<size_t>(use)]; }

std::vector<void*> allocate(HeapUse use, size_t count, size_t size) {
    const HeapScope scope(use);
    std::vector<void*> out;
    for (size_t i = 0; i < count; ++i) out.push_back(heap_allocate(size));
    return out;
}

/// Five times the deviation to be expected of so many samples.
uint64_t tolerance(uint64_t bytes) {
    return static_cast<uint64_t>(5 * std::sqrt(static_cast<double>(bytes) * heap_sample_bytes));
}

TEST(Heap, what_is_allocated_is_known_by_its_use_until_it_is_freed_anywhere) {
    constexpr uint64_t total = 16 << 20;
    std::vector<void*> rules;
    std::thread([&] { rules = allocate(HeapUse::rules, total / 256, 256); }).join();
    const auto macs = allocate(HeapUse::macs, total / 5000, 5000);
    EXPECT_NEAR(static_cast<double>(bytes_for(HeapUse::rules)), total, tolerance(total));
    EXPECT_NEAR(static_cast<double>(bytes_for(HeapUse::macs)), total, tolerance(total));
    for (void* p : rules) heap_free(p);
    EXPECT_EQ(bytes_for(HeapUse::rules), 0u);
    EXPECT_NEAR(static_cast<double>(bytes_for(HeapUse::macs)), total, tolerance(total));
    for (void* p : macs) heap_free(p);
    EXPECT_EQ(bytes_for(HeapUse::macs), 0u);
}

TEST(Heap, one_large_block_is_itself) {
    constexpr uint64_t size = 32 << 20;
    const auto large = allocate(HeapUse::database, 1, size);
    EXPECT_EQ(bytes_for(HeapUse::database), size);
    heap_free(large[0]);
    EXPECT_EQ(bytes_for(HeapUse::database), 0u);
}

TEST(Heap, scopes_nest_and_alignment_is_kept) {
    const HeapScope outer(HeapUse::openflow);
    {
        const HeapScope inner(HeapUse::megaflows);
        void* p = heap_allocate(16 << 20, 4096);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % 4096, 0u);
        EXPECT_EQ(bytes_for(HeapUse::megaflows), 16u << 20);
        heap_free(p);
    }
    void* p = heap_allocate(16 << 20);
    EXPECT_EQ(bytes_for(HeapUse::openflow), 16u << 20);
    EXPECT_EQ(bytes_for(HeapUse::megaflows), 0u);
    heap_free(p);
    heap_free(nullptr);
}

}  // namespace
}  // namespace weft::obs
