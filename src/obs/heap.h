// SPDX-License-Identifier: Apache-2.0
// Where the memory of a program is: allocations are sampled, and each sample knows what it was for.
//
// A program that wants to know links operators new and delete that call heap_allocate() and heap_free()
// (apps/heap_operators.cc); elsewhere nothing is measured. About one allocation in `heap_sample_bytes`
// allocated is looked at until it is freed, and stands for the others: of 100 MiB the error is about 4 %. The
// cost of the rest is a subtraction, and a look into a table of 128 KiB when it is freed. This is state of
// the whole process because the heap is.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weft::obs {

enum class HeapUse : uint8_t { other, rules, megaflows, macs, drop_records, openflow, database };
inline constexpr std::array<std::string_view, 7> heap_use_names{
    "other", "rules", "megaflows", "macs", "drop_records", "openflow", "database"};

/// While it lives, what this thread allocates is for this. Scopes nest.
class HeapScope {
  public:
    explicit HeapScope(HeapUse use);
    ~HeapScope();
    HeapScope(const HeapScope&) = delete;
    HeapScope& operator=(const HeapScope&) = delete;

  private:
    const HeapUse before_;
};

inline constexpr size_t heap_sample_bytes = 128 << 10;

/// Bytes in use by what they are for, as sampled; `other` is what is left of all that malloc() gave out, that
/// of C libraries included. All zero if nothing is measured.
using HeapBytes = std::array<uint64_t, heap_use_names.size()>;
HeapBytes heap_bytes();

/// malloc() and aligned_alloc(), measured; null if there is no memory.
void* heap_allocate(size_t size, size_t alignment = 0);
void heap_free(void* p) noexcept;

}  // namespace weft::obs
