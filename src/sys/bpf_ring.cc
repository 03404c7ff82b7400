// SPDX-License-Identifier: Apache-2.0
#include "sys/bpf_ring.h"

#include <linux/bpf.h>
#include <unistd.h>

#include <atomic>

namespace weft::sys {
namespace {

// The layout of a ring buffer in memory: Documentation/bpf/ringbuf.rst.
constexpr size_t header_size = BPF_RINGBUF_HDR_SZ;

std::atomic_ref<uint64_t> position_of(const Mapping& page) {
    return std::atomic_ref(*reinterpret_cast<uint64_t*>(page.at(0)));
}

size_t page_size() { return static_cast<size_t>(::sysconf(_SC_PAGESIZE)); }

}  // namespace

Result<std::unique_ptr<BpfRing>> BpfRing::open(int map, uint32_t size, uint32_t record_max) {
    const size_t page = page_size();
    Mapping consumer = TRY(Mapping::of(map, page, 0, "a ring's reader"));
    Mapping producer =
        TRY(Mapping::readable(map, page + size + record_max, static_cast<int64_t>(page), "a ring"));
    std::unique_ptr<BpfRing> ring(new BpfRing(map, size, std::move(consumer), std::move(producer)));
    ring->known_ = ring->position_ = ring->consumed();  // another process may have read before us
    return ring;
}

ByteSpan BpfRing::next() {
    for (;;) {
        // Writers change their position all the time: it is looked at only when what was known is used up.
        if (position_ >= known_) known_ = position_of(producer_).load(std::memory_order_acquire);
        if (position_ >= known_) return {};
        const uint8_t* record = producer_.at(page_size() + (position_ & (size_ - 1)));
        auto* length_word = reinterpret_cast<uint32_t*>(const_cast<uint8_t*>(record));
        const uint32_t word = std::atomic_ref(*length_word).load(std::memory_order_acquire);
        if (word & BPF_RINGBUF_BUSY_BIT) return {};
        const uint32_t length = word & ~BPF_RINGBUF_DISCARD_BIT;
        position_ += (length + header_size + 7) & ~uint64_t{7};
        if (!(word & BPF_RINGBUF_DISCARD_BIT)) return {record + header_size, length};
    }
}

void BpfRing::release() { position_of(consumer_).store(position_, std::memory_order_seq_cst); }

uint64_t BpfRing::consumed() const { return position_of(consumer_).load(std::memory_order_seq_cst); }

uint64_t BpfRing::produced() const { return position_of(producer_).load(std::memory_order_seq_cst); }

}  // namespace weft::sys
