// SPDX-License-Identifier: Apache-2.0
// Memory for KernelFlows. To put a map into a map of maps waits for all programs that may use it, some
// milliseconds: misses must not wait for that.
#include <algorithm>

#include "dp/ebpf/kernel_flows.h"
#include "sys/thread.h"

namespace weft::dp {

void KernelFlows::ask_for_room() {
    if (std::exchange(wants_room_, true)) return;
    wake_grower_.notify_one();
}

Result<void> KernelFlows::wait_for_room(Lock& lock) {
    ask_for_room();
    grown_.wait(lock, [this, before = growths_] { return growths_ != before; });
    return growth_;
}

/// False: those that no flow has will not come free, for there are none.
bool KernelFlows::wait_for_masks(Lock& lock) {
    if (std::ranges::none_of(masks_, [](const Mask& m) { return m.in_use && m.flows == 0; })) return false;
    wake_.notify_one();
    reclaimed_.wait(lock);
    return true;
}

void KernelFlows::grow() {
    sys::set_thread_name("ebpf-grow");
    Lock lock(mutex_);
    for (;;) {
        wake_grower_.wait(lock, [this] { return stop_ || wants_room_; });
        if (stop_) return;
        wants_room_ = false;
        growth_ = make_room(lock);
        ++growths_;
        grown_.notify_all();
    }
}

Result<void> KernelFlows::make_room(Lock& lock) {
    if (!runs_low()) return {};
    const sys::CoreTour tour;
    Result<void> outcome;
    const auto note = [&](Result<void> done) {
        if (!done && outcome) outcome = std::move(done);
    };
    if (entries_.runs_low()) note(add_pieces(entries_, lock));
    if (stats_.runs_low()) note(add_pieces(stats_, lock));
    if (table_->runs_low()) note(grow_table(lock));
    return outcome;
}

Result<void> KernelFlows::add_pieces(Pool& pool, Lock& lock) {
    const uint32_t before = pool.pieces(), wanted = pool.wanted_pieces();
    lock.unlock();
    auto memory = pool.make_pieces(before, wanted);
    lock.lock();
    if (!memory) return std::unexpected(memory.error());
    pool.add(std::move(*memory));
    return {};
}

Result<void> KernelFlows::grow_table(Lock& lock) {
    BucketTable::Copied copied{};
    do {
        const uint32_t buckets = TRY(table_->wanted_buckets());
        lock.unlock();
        auto memory = table_->make_memory(buckets);
        lock.lock();
        if (!memory) return std::unexpected(memory.error());
        table_->begin(std::move(*memory));
        while ((copied = table_->copy_some()) == BucketTable::Copied::some) {
            lock.unlock();
            std::this_thread::yield();
            lock.lock();
        }
    } while (copied == BucketTable::Copied::too_small);
    lock.unlock();
    auto dropped = table_->drop_former();
    lock.lock();
    return dropped;
}

}  // namespace weft::dp
