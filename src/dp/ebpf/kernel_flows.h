// SPDX-License-Identifier: Apache-2.0
// The copy of the flow table that the programs in the kernel read.
#pragma once

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "dp/core/flow.h"
#include "dp/core/flow_mirror.h"
#include "dp/ebpf/bucket_table.h"
#include "dp/ebpf/code.h"
#include "dp/ebpf/pool.h"
#include "dp/ebpf/program.h"

namespace weft::dp {

/// Resource type. A flow is written whole, then published by one store; what is taken out of programs' reach
/// is used again only when every program that may look at it has ended. A flow for which there is no room, or
/// whose mask looks at what the kernel's key has not, is left out: its packets miss and go up. Memory is made
/// ahead of need by a thread of its own, for the kernel waits long with each piece. Calls from FlowTable.
class KernelFlows : public FlowMirror {
  public:
    static Result<std::unique_ptr<KernelFlows>> make(KernelProgram& program,
                                                     std::function<bool(DpPort)> sends_by);
    ~KernelFlows() override;

    void put(Flow& flow) override;
    void remove(Flow& flow) override;
    void clear() override;
    void refresh(std::span<const Flow* const> flows) override;

    struct Counts {
        size_t flows = 0, masks = 0;
        uint64_t memory = 0;    ///< bytes in the kernel
        uint64_t left_out = 0;  ///< flows that were not written, since the start
        uint64_t no_mask = 0;   ///< of these, those for whose masks there was no room
        uint64_t no_block = 0;  ///< and those that match a block of the key that programs do not have
        std::array<uint64_t, n_not_in_kernel> not_in_kernel{};  ///< since the start
    };
    Counts counts() const;
    /// `sends_by` says something else now. Flows are put again by who says so.
    void ports_changed();
    /// Has programs try the masks first that matched most of late. Call it now and then.
    void put_busiest_first();

  private:
    /// What was taken out of reach together.
    struct Garbage {
        std::vector<uint32_t> entries, stats, masks;
        bool empty() const { return entries.empty() && stats.empty() && masks.empty(); }
    };
    struct Mask {
        SparseMask words;
        uint32_t flows = 0;
        bool in_use = false;
        uint64_t hits = 0;  ///< of late
    };
    /// What of the kernel's counts the flow has already.
    struct Seen {
        uint64_t packets = 0, bytes = 0;
    };
    KernelFlows(KernelProgram& program, std::function<bool(DpPort)> sends_by);

    using Lock = std::unique_lock<std::mutex>;
    Result<void> write(Flow& flow, Lock& lock);
    /// Of a Pool or the table, as often as it must wait for more room.
    template <class Step>
    auto with_room(Lock& lock, const Step& step) -> decltype(step()) {
        auto done = step();
        while (!done && done.error().code == EAGAIN) {
            TRY(wait_for_room(lock));
            done = step();
        }
        return done;
    }
    void ask_for_room();
    /// The error is that there is no more.
    Result<void> wait_for_room(Lock& lock);
    bool wait_for_masks(Lock& lock);
    void grow();
    Result<void> make_room(Lock& lock);
    Result<void> add_pieces(Pool& pool, Lock& lock);
    Result<void> grow_table(Lock& lock);
    bool runs_low() const { return entries_.runs_low() || stats_.runs_low() || table_->runs_low(); }
    Result<uint32_t> mask_for(const SparseMask& words, Lock& lock);
    void drop_mask(uint32_t number);
    void publish_order();
    /// Until it is asked again.
    const KernelCode& code_of(const Flow& flow, size_t room);
    Result<uint32_t> make_entry(const Flow& flow, uint32_t mask, Lock& lock);
    void open_hold(weft_entry& entry);
    void take_counts(const Flow& flow);
    void discard(Garbage&& more);
    Seen& seen(uint32_t stats);
    uint64_t hash_of(uint32_t entry) const;
    weft_entry& entry(uint32_t number) const { return *reinterpret_cast<weft_entry*>(entries_.at(number)); }
    void reclaim();

    KernelProgram& program_;
    const std::function<bool(DpPort)> sends_by_;
    mutable std::mutex mutex_;  ///< guards all below
    Pool entries_, stats_;
    std::unique_ptr<BucketTable> table_;
    std::array<Mask, weft_masks_max> masks_;
    std::vector<uint32_t> order_;
    std::vector<std::vector<Seen>> seen_;  ///< by piece and place of statistics
    Counts counts_;
    /// What the last flow does: most do the same as the one before.
    struct {
        bool is_known = false;
        action::dp::Actions actions;
        KernelCode code;
    } last_;
    Garbage garbage_;
    std::condition_variable wake_, reclaimed_, wake_grower_, grown_;
    bool stop_ = false, wants_room_ = false;
    Result<void> growth_;   ///< how the last attempt ended
    uint64_t growths_ = 0;  ///< attempts
    std::thread reclaimer_, grower_;
};

}  // namespace weft::dp
