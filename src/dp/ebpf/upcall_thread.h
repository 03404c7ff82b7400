// SPDX-License-Identifier: Apache-2.0
// The slow path of dp/ebpf: takes what the programs in the kernel sent up, and forwards it.
#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <thread>

#include "dp/core/engine.h"
#include "dp/ebpf/program.h"
#include "loop/clock.h"
#include "obs/metrics.h"
#include "sys/poll_set.h"

namespace weft::dp {

/// Resource type: the thread runs as long as the object lives. Packets leave in the order in which they went
/// up, and the ring's position moves on only when they have left: on that rests the order of a flow whose
/// later packets the kernel forwards itself.
class UpcallThread {
  public:
    /// What is in the rings `before` is forwarded first, before this returns.
    static Result<std::unique_ptr<UpcallThread>> start(Shared& shared, const loop::Clock& clock,
                                                       KernelProgram& program,
                                                       std::span<sys::BpfRing* const> before = {});
    ~UpcallThread();

    const EngineCounters& counters() const { return engine_.counters(); }
    /// How long packets were in the ring.
    const obs::Histogram& waits() const { return waits_; }
    /// Packets whose way of segmentation has no name outside the kernel.
    uint64_t unknown_segmentation() const { return unknown_segmentation_.load(std::memory_order_relaxed); }

  private:
    UpcallThread(Shared& shared, const loop::Clock& clock, KernelProgram& program, sys::PollSet poll,
                 sys::Event event);
    void run(std::span<sys::BpfRing* const> before, std::promise<void>& done);
    void sleep();
    /// False: there was nothing.
    bool forward(sys::BpfRing& ring);
    bool receive(const weft_upcall& up, ByteSpan record);
    packet::Packet packet_of(ByteSpan frame);
    void note_taken(const weft_upcall& up, size_t bytes);
    void give_back();

    const loop::Clock& clock_;
    obs::Histogram& latency_;
    KernelProgram& program_;
    sys::BpfRing& ring_;
    Time now_{};
    uint32_t taken_from_ = 0;  ///< the port of the last record
    uint64_t taken_ = 0;       ///< bytes of its records, not given back yet
    sys::PollSet poll_;
    sys::Event wake_up_;
    loop::EpochReader reader_;
    Engine engine_;
    packet::Batch batch_;
    /// Where its packets lie, but for long ones.
    static constexpr uint32_t place_size = 2048;
    std::unique_ptr<uint8_t[]> places_ =
        std::make_unique_for_overwrite<uint8_t[]>(size_t{packet::Batch::capacity} * place_size);
    std::array<Engine::Metadata, packet::Batch::capacity> from_;
    std::array<Time, packet::Batch::capacity> arrived_;
    obs::Histogram waits_;
    std::atomic<uint64_t> unknown_segmentation_{0};
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

}  // namespace weft::dp
