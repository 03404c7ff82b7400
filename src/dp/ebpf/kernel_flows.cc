// SPDX-License-Identifier: Apache-2.0
#include "dp/ebpf/kernel_flows.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>

#include "dp/ebpf/key_blocks.h"
#include "sys/thread.h"

namespace weft::dp {
namespace {

/// NH over the masked words, as bpf/lookup.h computes it.
template <class Word>
uint64_t hash_words(const weft_mask& mask, const Word* words, const weft_config& config) {
    uint64_t h = mask.seed;
    for (uint32_t i = 0; i < mask.words; ++i) {
        const auto low = static_cast<uint32_t>(words[i]) + config.hash_key[2 * i];
        const auto high = static_cast<uint32_t>(words[i] >> 32) + config.hash_key[2 * i + 1];
        h += uint64_t{low} * high;
    }
    h ^= h >> 29;
    h *= 0x9e3779b97f4a7c15u;
    return h ^ h >> 32;
}

constexpr int too_many_masks = EUSERS;

KernelCode punt(weft_cause cause) { return {.words = {weft_op_punt | uint64_t{cause} << 8}, .data = {}}; }

bool has_data(uint64_t word) {
    const uint64_t op = word & 0xff;
    return op == weft_op_set || op == weft_op_mark;
}

}  // namespace

Result<std::unique_ptr<KernelFlows>> KernelFlows::make(KernelProgram& program,
                                                       std::function<bool(DpPort)> sends_by) {
    std::unique_ptr<KernelFlows> out(new KernelFlows(program, std::move(sends_by)));
    out->table_ =
        std::make_unique<BucketTable>(TRY(BucketTable::make(program.buckets(), &program.state().table)));
    out->reclaimer_ = std::thread([flows = out.get()] { flows->reclaim(); });
    out->wants_room_ = true;
    out->grower_ = std::thread([flows = out.get()] { flows->grow(); });
    return out;
}

KernelFlows::KernelFlows(KernelProgram& program, std::function<bool(DpPort)> sends_by)
    : program_(program),
      sends_by_(std::move(sends_by)),
      entries_({.name = "entries", .outer = program.entries(), .size = sizeof(weft_entry)}),
      stats_({.name = "statistics",
              .outer = program.statistics(),
              .size = sizeof(weft_flow_stats),
              .copies = program.config().stripes}) {}

KernelFlows::~KernelFlows() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wake_.notify_all();
    wake_grower_.notify_all();
    if (grower_.joinable()) grower_.join();
    if (reclaimer_.joinable()) reclaimer_.join();
}

void KernelFlows::reclaim() {
    sys::set_thread_name("ebpf-reclaim");
    std::unique_lock lock(mutex_);
    for (;;) {
        wake_.wait(lock, [&] { return stop_ || !garbage_.empty(); });
        if (stop_) return;
        const Garbage gone = std::exchange(garbage_, {});
        lock.unlock();
        sys::wait_for_programs();
        lock.lock();
        for (const uint32_t e : gone.entries) entries_.release(e);
        for (const uint32_t s : gone.stats) stats_.release(s);
        for (const uint32_t m : gone.masks) masks_[m] = {};
        reclaimed_.notify_all();
    }
}

uint64_t KernelFlows::hash_of(uint32_t number) const {
    const weft_entry& e = entry(number);
    return hash_words(program_.state().masks[e.mask], e.words, program_.config());
}

void KernelFlows::put(Flow& flow) {
    Lock lock(mutex_);
    if (const auto written = write(flow, lock); !written) {
        ++counts_.left_out;
        counts_.no_mask += written.error().code == too_many_masks;
        counts_.no_block += written.error().code == ENOTSUP;
    }
    if (growth_ && runs_low()) ask_for_room();
}

Result<void> KernelFlows::write(Flow& flow, Lock& lock) {
    if (flow.mirrored != Flow::not_mirrored) {  // other actions: its key and its counts stay
        const uint32_t old = flow.mirrored;
        const uint32_t fresh = TRY(make_entry(flow, entry(old).mask, lock));
        entry(fresh).stats = entry(old).stats;
        table_->replace(old, fresh, hash_of(fresh));
        flow.mirrored = fresh;
        open_hold(entry(fresh));
        discard({.entries = {old}, .stats = {}, .masks = {}});
        return {};
    }
    const uint32_t mask = TRY(mask_for(flow.mask(), lock));
    const uint64_t hash = hash_words(program_.state().masks[mask], flow.values(), program_.config());
    table_->prefetch(hash);
    const auto made = make_entry(flow, mask, lock);
    const auto stats = made ? with_room(lock, [this] { return stats_.allocate(); }) : made;
    if (!stats) {
        if (made) entries_.release(*made);
        drop_mask(mask);
        return std::unexpected(stats.error());
    }
    entry(*made).stats = *stats;
    const auto insert = [&] { return table_->insert(*made, hash); };
    if (const auto inserted = with_room(lock, insert); !inserted) {
        entries_.release(*made);
        stats_.release(*stats);
        drop_mask(mask);
        return inserted;
    }
    flow.mirrored = *made;
    open_hold(entry(*made));
    return {};
}

const KernelCode& KernelFlows::code_of(const Flow& flow, size_t room) {
    if (last_.is_known && last_.code.size() <= room && flow.actions() == last_.actions) return last_.code;
    auto code = kernel_code(flow.actions(), sends_by_);
    if (code && code->size() > room) code = std::unexpected(NotInKernel::length);
    if (code) {
        last_ = {.is_known = true, .actions = flow.actions(), .code = std::move(*code)};
    } else {
        last_.is_known = false;
        ++counts_.not_in_kernel[static_cast<size_t>(code.error())];
        last_.code = punt(code.error() == NotInKernel::port ? weft_no_port : weft_action);
    }
    return last_.code;
}

void KernelFlows::ports_changed() {
    const std::lock_guard lock(mutex_);
    last_ = {};
}

Result<uint32_t> KernelFlows::make_entry(const Flow& flow, uint32_t mask, Lock& lock) {
    const uint32_t number = TRY(with_room(lock, [this] { return entries_.allocate(); }));
    const size_t n = flow.mask().size();
    const KernelCode& code = code_of(flow, weft_entry_words - n);
    weft_entry& e = entry(number);
    e.hold = weft_hold_open;
    e.mask = mask;
    e.key_words = static_cast<uint16_t>(n);
    e.code_words = static_cast<uint16_t>(code.words.size());
    e.flags = code.flags;
    std::memcpy(e.words, flow.values(), n * sizeof e.words[0]);
    // Programs count data from the end of the key.
    for (size_t i = 0; i < code.words.size(); ++i)
        e.words[n + i] = code.words[i] + (has_data(code.words[i]) ? code.words.size() << weft_data_shift : 0);
    std::ranges::copy(code.data, e.words + n + code.words.size());
    return number;
}

/// What went up before the flow was there is in the ring; what comes later knows that it is behind that.
void KernelFlows::open_hold(weft_entry& e) {
    std::atomic_thread_fence(
        std::memory_order_seq_cst);  // a program that missed finds the flow, or we its packet
    const uint64_t position = program_.ring().produced();
    std::atomic_ref hold(reinterpret_cast<uint64_t&>(e.hold));
    uint64_t now = hold.load();
    while (!hold.compare_exchange_weak(now, std::max(now & ~uint64_t{weft_hold_open}, position))) {
    }
}

void KernelFlows::remove(Flow& flow) {
    const std::lock_guard lock(mutex_);
    if (flow.mirrored == Flow::not_mirrored) return;
    take_counts(flow);
    const uint32_t number = std::exchange(flow.mirrored, Flow::not_mirrored);
    table_->erase(number, hash_of(number));
    drop_mask(entry(number).mask);
    discard({.entries = {number}, .stats = {entry(number).stats}, .masks = {}});
}

/// Wakes the reclaimer for the first piece only: it takes all that there is.
void KernelFlows::discard(Garbage&& more) {
    const bool first = garbage_.entries.empty();
    garbage_.entries.insert(garbage_.entries.end(), more.entries.begin(), more.entries.end());
    garbage_.stats.insert(garbage_.stats.end(), more.stats.begin(), more.stats.end());
    for (const uint32_t number : more.stats) seen(number) = {};
    if (first) wake_.notify_one();
}

KernelFlows::Seen& KernelFlows::seen(uint32_t number) {
    constexpr uint32_t length = 1 << weft_piece_shift;
    const size_t piece = number / length;
    if (seen_.size() <= piece) seen_.resize(piece + 1);
    if (seen_[piece].empty()) seen_[piece].resize(length);
    return seen_[piece][number % length];
}

void KernelFlows::clear() {
    // FlowTable forgets all flows at once: here they go one by one, out of the table's memory.
    const std::lock_guard lock(mutex_);
    Garbage all;
    table_->for_each([&](uint32_t number) {
        all.entries.push_back(number);
        all.stats.push_back(entry(number).stats);
        drop_mask(entry(number).mask);
    });
    table_->clear();
    if (!all.empty()) discard(std::move(all));
}

/// With many flows this waits for memory, so that of all of them is fetched at once, step by step.
void KernelFlows::refresh(std::span<const Flow* const> flows) {
    const std::lock_guard lock(mutex_);
    const auto for_each = [&](const auto& visit) {
        for (const Flow* flow : flows)
            if (flow->mirrored != Flow::not_mirrored) visit(*flow);
    };
    for_each([&](const Flow& f) { __builtin_prefetch(&entry(f.mirrored)); });
    for_each([&](const Flow& f) {
        const uint32_t stats = entry(f.mirrored).stats;
        __builtin_prefetch(&seen(stats));
        for (uint32_t copy = 0; copy < stats_.copies(); ++copy) __builtin_prefetch(stats_.at(stats, copy));
    });
    for_each([&](const Flow& f) { take_counts(f); });
}

void KernelFlows::take_counts(const Flow& flow) {
    const uint32_t number = entry(flow.mirrored).stats;
    FlowStats sum;
    int64_t used = 0;
    for (uint32_t copy = 0; copy < stats_.copies(); ++copy) {
        auto& cell = *reinterpret_cast<weft_flow_stats*>(stats_.at(number, copy));
        const auto read = [](__u64& word) {
            return std::atomic_ref(reinterpret_cast<uint64_t&>(word)).load(std::memory_order_relaxed);
        };
        sum.packets += read(cell.packets);
        sum.bytes += read(cell.bytes);
        sum.tcp_flags |= static_cast<uint16_t>(read(cell.tcp_flags));
        used = std::max(used, static_cast<int64_t>(read(cell.used_ns)));
    }
    if (used == 0) return;
    const Seen before = std::exchange(seen(number), {sum.packets, sum.bytes});
    sum.packets -= before.packets;
    sum.bytes -= before.bytes;
    sum.used = Time(Duration(used));
    if (!sum.packets) return;
    masks_[entry(flow.mirrored).mask].hits += sum.packets;
    flow.add(sum);
}

void KernelFlows::put_busiest_first() {
    const std::lock_guard lock(mutex_);
    const auto hits = [this](uint32_t number) { return masks_[number].hits; };
    const bool sorted = std::ranges::is_sorted(order_, std::greater<>(), hits);
    if (!sorted) {
        std::ranges::sort(order_, std::greater<>(), hits);
        publish_order();
    }
    for (const uint32_t number : order_) masks_[number].hits /= 2;  // old fame fades
}

Result<uint32_t> KernelFlows::mask_for(const SparseMask& words, Lock& lock) {
    for (const uint32_t number : order_)
        if (masks_[number].words == words) {
            ++masks_[number].flows;
            return number;
        }
    weft_mask next{};
    for (size_t i = 0; i < words.size(); ++i) {
        const KeyBlock* block = block_of(words[i].index);
        if (!block || block->block & ~weft_blocks_here)
            return fail("a flow matches what the kernel's key has not", ENOTSUP);
        next.blocks |= block->block;
        next.index[i] = static_cast<uint8_t>(words[i].index - block->first + block->number);
        next.bits[i] = words[i].bits;
    }
    const auto find_free = [this] { return std::ranges::find(masks_, false, &Mask::in_use); };
    auto free = find_free();
    while (free == masks_.end() && wait_for_masks(lock)) free = find_free();
    if (free == masks_.end()) return fail("the kernel's flows have too many masks", too_many_masks);
    const auto number = static_cast<uint32_t>(free - masks_.begin());
    weft_mask& m = program_.state().masks[number];
    next.seed = (uint64_t{number} + 1) * 0xd6e8feb86659fd93u;
    m = next;
    std::atomic_ref(m.words).store(static_cast<uint32_t>(words.size()), std::memory_order_release);
    *free = {.words = words, .flows = 1, .in_use = true, .hits = 0};
    order_.push_back(number);
    publish_order();
    return number;
}

void KernelFlows::drop_mask(uint32_t number) {
    if (--masks_[number].flows > 0) return;
    std::erase(order_, number);
    publish_order();
    std::atomic_ref(program_.state().masks[number].words).store(0, std::memory_order_relaxed);
    garbage_.masks.push_back(number);
}

void KernelFlows::publish_order() {
    // A reader that sees some of the change tries a mask twice, or misses: then its packet goes up.
    weft_state& state = program_.state();
    for (size_t i = 0; i < order_.size(); ++i)
        std::atomic_ref(state.order[i]).store(order_[i], std::memory_order_relaxed);
    std::atomic_ref(state.n_masks).store(static_cast<uint32_t>(order_.size()), std::memory_order_release);
}

KernelFlows::Counts KernelFlows::counts() const {
    const std::lock_guard lock(mutex_);
    Counts out = counts_;
    out.flows = table_->size();
    out.masks = order_.size();
    out.memory = entries_.memory() + stats_.memory() + table_->memory();
    return out;
}

}  // namespace weft::dp
