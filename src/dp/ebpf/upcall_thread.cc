// SPDX-License-Identifier: Apache-2.0
#include "dp/ebpf/upcall_thread.h"

#include <cstring>
#include <utility>

#include "dp/ebpf/abi.h"
#include "dp/ebpf/upcall_offload.h"
#include "obs/log.h"
#include "sys/thread.h"
#include "sys/vnet_header.h"

namespace weft::dp {
namespace {

constexpr uint64_t wake_token = 0, ring_token = 1;
constexpr auto idle_wait = 1000ms;
constexpr const char* thread_name = "upcall0";

/// What goes up because it must; what misses or waits goes up once only.
bool needs_help(uint8_t cause) {
    return cause == weft_action || cause == weft_odd_packet || cause == weft_no_port || cause == weft_part;
}

}  // namespace

Result<std::unique_ptr<UpcallThread>> UpcallThread::start(Shared& shared, const loop::Clock& clock,
                                                          KernelProgram& program,
                                                          std::span<sys::BpfRing* const> before) {
    auto poll = TRY(sys::PollSet::open());
    auto event = TRY(sys::Event::open());
    TRY(poll.add(event.fd(), wake_token));
    TRY(poll.add(program.ring().fd(), ring_token));
    std::unique_ptr<UpcallThread> out(
        new UpcallThread(shared, clock, program, std::move(poll), std::move(event)));
    std::promise<void> done;
    out->thread_ = std::thread([p = out.get(), before, &done] { p->run(before, done); });
    done.get_future().wait();
    return out;
}

UpcallThread::UpcallThread(Shared& shared, const loop::Clock& clock, KernelProgram& program,
                           sys::PollSet poll, sys::Event event)
    : clock_(clock),
      latency_(shared.upcall_latency),
      program_(program),
      ring_(program.ring()),
      poll_(std::move(poll)),
      wake_up_(std::move(event)),
      reader_(shared.domain),
      engine_(shared) {}

UpcallThread::~UpcallThread() {
    stop_.store(true, std::memory_order_relaxed);
    wake_up_.notify();
    if (thread_.joinable()) thread_.join();
}

/// The earlier rings by the same thread: what two threads send may meet in another order on the other side.
void UpcallThread::run(std::span<sys::BpfRing* const> before, std::promise<void>& done) {
    sys::set_thread_name(thread_name);
    obs::set_thread_name(thread_name);
    for (sys::BpfRing* earlier : before)
        while (forward(*earlier)) {
        }
    done.set_value();
    while (!stop_.load(std::memory_order_relaxed)) {
        while (forward(ring_) && !stop_.load(std::memory_order_relaxed)) {
        }
        sleep();
    }
}

/// Programs wake nobody who is awake: that is dear for them.
void UpcallThread::sleep() {
    std::atomic_ref awake(reinterpret_cast<uint32_t&>(program_.state().awake));
    awake.store(0, std::memory_order_seq_cst);
    // With a record that is being written, its program may have seen us awake.
    if (ring_.is_empty())
        for (const uint64_t token : poll_.wait(idle_wait))
            if (token == wake_token) wake_up_.drain();
    awake.store(1, std::memory_order_relaxed);
}

bool UpcallThread::forward(sys::BpfRing& ring) {
    ByteSpan record = ring.next();
    if (record.empty()) return false;
    {
        const auto pin = reader_.pin();
        now_ = clock_.now();
        engine_.begin(pin, now_);
        for (;; record = ring.next()) {
            if (record.empty()) break;
            weft_upcall up;
            std::memcpy(&up, record.data(), sizeof up);
            if (&ring == &ring_) note_taken(up, record.size());
            if (receive(up, record) && batch_.full()) break;
        }
        give_back();
        engine_.process(batch_.packets(), std::span(from_).first(batch_.size()));
        engine_.flush();
    }
    if (const Time sent = clock_.now(); !batch_.empty())
        for (const Time arrived : std::span(arrived_).first(batch_.size())) latency_.observe(sent - arrived);
    batch_.clear();
    ring.release();
    return true;
}

void UpcallThread::note_taken(const weft_upcall& up, size_t bytes) {
    waits_.observe(now_ - Time(Duration(static_cast<int64_t>(up.sent_ns))));
    if (up.in_port != taken_from_) give_back();
    taken_from_ = up.in_port;
    taken_ += bytes;
}

/// Once for packets of one port that came together: programs write beside it.
void UpcallThread::give_back() {
    const uint64_t bytes = std::exchange(taken_, 0);
    if (bytes == 0 || taken_from_ >= weft_ports_max) return;
    std::atomic_ref done(reinterpret_cast<uint64_t&>(program_.state().shares[taken_from_].done));
    done.store(done.load(std::memory_order_relaxed) + bytes, std::memory_order_relaxed);
}

packet::Packet UpcallThread::packet_of(ByteSpan frame) {
    constexpr uint32_t headroom = packet::Packet::default_headroom;
    if (headroom + frame.size() > place_size) return packet::Packet::copy_of(frame);
    uint8_t* const place = places_.get() + size_t{batch_.size()} * place_size;
    std::memcpy(place + headroom, frame.data(), frame.size());
    return packet::Packet::borrow(place, place_size, headroom, static_cast<uint32_t>(frame.size()));
}

bool UpcallThread::receive(const weft_upcall& up, ByteSpan record) {
    if (up.size == 0 || up.size > record.size() - sizeof up) return false;
    packet::Packet p = packet_of(record.subspan(sizeof up, up.size));
    if (!set_offload(p, up)) {
        EngineCounters::add(unknown_segmentation_);
        return false;
    }
    if (up.vlan_tpid) sys::insert_vlan_tag(p, Be16::from_raw(up.vlan_tpid).host(), up.vlan_tci);
    arrived_[batch_.size()] = Time(Duration(static_cast<int64_t>(up.sent_ns)));
    from_[batch_.size()] = {.in_port = DpPort{up.in_port},
                            .recirc_id = up.recirc_id,
                            .dp_hash = up.dp_hash,
                            .mark = up.mark,
                            .priority = up.priority,
                            .needs_help = needs_help(up.cause),
                            .part = up.part};
    return batch_.push(std::move(p));
}

}  // namespace weft::dp
