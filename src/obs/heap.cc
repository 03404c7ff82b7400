// SPDX-License-Identifier: Apache-2.0
#include "obs/heap.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>
#include <mutex>
#include <new>
#include <unordered_map>

namespace weft::obs {
namespace {

/// For what the sampler itself keeps: it must not measure itself.
template <class T>
struct Unmeasured {
    using value_type = T;
    Unmeasured() = default;
    template <class U>
    Unmeasured(const Unmeasured<U>&) {}
    T* allocate(size_t n) {
        void* p = std::malloc(n * sizeof(T));
        if (!p) std::abort();
        return static_cast<T*>(p);
    }
    void deallocate(T* p, size_t) { std::free(p); }
    bool operator==(const Unmeasured&) const = default;
};

struct Sample {
    double stands_for = 0;  ///< bytes
    HeapUse use{};
};

/// Tables of many megabytes are looked into here and there: in huge pages that costs fewer faults, and fewer
/// misses of the processor's table of pages. The kernel may say no.
constexpr size_t huge_page = 2 << 20, large = 2 * huge_page;

/// The same for many small things: of a heap that has become large, what is to come lies in huge pages. It
/// grows by many pages at once then, since those that were touched before it was told stay small; what is not
/// touched is no memory.
class HugeHeap {
  public:
    /// Called every now and then, by one thread at a time.
    void look() {
        auto* const top = static_cast<char*>(::sbrk(0));
        const auto end = reinterpret_cast<uintptr_t>(top);
        if (begin_ == 0 || end < begin_) begin_ = end;
        const bool is_large = end - begin_ >= large_heap;
        done_ = is_large ? std::min(done_, end) : end;
        if (end - done_ < huge_page) return;
        const size_t step = std::max((end - begin_) / 8, least_ahead);
        if (step > 2 * step_) {
            step_ = step;
            ::mallopt(M_TOP_PAD, static_cast<int>(std::min(step, most_ahead)));
            ::mallopt(M_MMAP_THRESHOLD, large);
        }
        const uintptr_t from = (done_ + huge_page - 1) / huge_page * huge_page;
        ::madvise(top - (end - from), end / huge_page * huge_page - from, MADV_HUGEPAGE);
        done_ = end / huge_page * huge_page;
    }

  private:
    static constexpr size_t large_heap = 16 << 20, least_ahead = 16 << 20, most_ahead = 64 << 20;
    uintptr_t begin_ = 0, done_ = 0;  ///< of the heap; up to where it has been told
    size_t step_ = 0;
};

struct Samples {
    std::mutex mutex;
    std::unordered_map<void*, Sample, std::hash<void*>, std::equal_to<>,
                       Unmeasured<std::pair<void* const, Sample>>>
        by_address;
    std::array<double, heap_use_names.size()> sums{};
    bool any = false;
    HugeHeap pages;
};

/// Lives to the end: what is freed last comes after destructors of statics.
Samples& samples() {
    alignas(Samples) static std::byte place[sizeof(Samples)];
    static Samples* const made = new (place) Samples;
    return *made;
}

/// How many samples have an address that falls there; 255: so many that nobody counts any more.
constexpr size_t n_marks = size_t{1} << 17;
constinit std::array<std::atomic<uint8_t>, n_marks> marks{};
constexpr uint8_t many = std::numeric_limits<uint8_t>::max();

std::atomic<uint8_t>& mark_of(const void* p) {
    const auto address = reinterpret_cast<uintptr_t>(p) >> 4;  // of malloc's alignment
    return marks[(address * 0x9e3779b97f4a7c15) >> (64 - 17)];
}

struct ThreadState {
    int64_t left = 0;     ///< bytes until the next sample
    uint64_t random = 0;  ///< xorshift64; 0: not seeded
    HeapUse use = HeapUse::other;
};
constinit thread_local ThreadState thread;

/// Distances of a Poisson process, so that each byte is as likely to be sampled as any other.
int64_t draw_distance() {
    if (thread.random == 0) thread.random = reinterpret_cast<uintptr_t>(&thread) * 0x9e3779b97f4a7c15 | 1;
    thread.random ^= thread.random << 13;
    thread.random ^= thread.random >> 7;
    thread.random ^= thread.random << 17;
    const double uniform = (static_cast<double>(thread.random >> 11) + 1) * 0x1p-53;
    return static_cast<int64_t>(-std::log(uniform) * static_cast<double>(heap_sample_bytes)) + 1;
}

[[gnu::noinline]] void sample(void* p, size_t size) {
    if (thread.random == 0) {  // the first of this thread is no sample by itself
        thread.left += draw_distance();
        if (thread.left >= 0) return;
    }
    while (thread.left < 0) thread.left += draw_distance();
    const double n = static_cast<double>(size);
    const Sample s{n / -std::expm1(-n / static_cast<double>(heap_sample_bytes)), thread.use};
    Samples& all = samples();
    const std::lock_guard hold(all.mutex);
    all.any = true;
    all.pages.look();
    all.by_address[p] = s;
    all.sums[static_cast<size_t>(s.use)] += s.stands_for;
    auto& mark = mark_of(p);
    const uint8_t before = mark.load(std::memory_order_relaxed);
    if (before != many) mark.store(before + 1, std::memory_order_relaxed);
}

[[gnu::noinline]] void forget(void* p) noexcept {
    Samples& all = samples();
    const std::lock_guard hold(all.mutex);
    const auto it = all.by_address.find(p);
    if (it == all.by_address.end()) return;  // another one has that mark
    all.sums[static_cast<size_t>(it->second.use)] -= it->second.stands_for;
    all.by_address.erase(it);
    auto& mark = mark_of(p);
    const uint8_t before = mark.load(std::memory_order_relaxed);
    if (before != many) mark.store(before - 1, std::memory_order_relaxed);
}

void* allocate_large(size_t size) {
    void* p = std::aligned_alloc(huge_page, (size + huge_page - 1) / huge_page * huge_page);
    if (p) ::madvise(p, size / huge_page * huge_page, MADV_HUGEPAGE);
    return p;
}

uint64_t given_out() {
    const struct mallinfo2 all = ::mallinfo2();
    return all.uordblks + all.hblkhd;
}

}  // namespace

HeapScope::HeapScope(HeapUse use) : before_(thread.use) { thread.use = use; }
HeapScope::~HeapScope() { thread.use = before_; }

HeapBytes heap_bytes() {
    HeapBytes out{};
    {
        Samples& all = samples();
        const std::lock_guard hold(all.mutex);
        if (!all.any) return out;
        for (size_t i = 0; i < out.size(); ++i)
            out[i] = static_cast<uint64_t>(std::max(0.0, std::round(all.sums[i])));
    }
    const uint64_t total = given_out();
    uint64_t known = 0;
    for (size_t i = 1; i < out.size(); ++i) known += out[i];
    out[0] = total > known ? total - known : 0;
    return out;
}

void* heap_allocate(size_t size, size_t alignment) {
    if (size == 0) size = 1;
    const size_t whole = alignment ? (size + alignment - 1) / alignment * alignment : size;
    void* p = alignment       ? std::aligned_alloc(alignment, whole)
              : size >= large ? allocate_large(size)
                              : std::malloc(size);
    if (!p) return nullptr;
    thread.left -= static_cast<int64_t>(size);
    if (thread.left < 0) sample(p, size);
    return p;
}

void heap_free(void* p) noexcept {
    if (!p) return;
    if (mark_of(p).load(std::memory_order_relaxed) != 0) forget(p);
    std::free(p);
}

}  // namespace weft::obs
